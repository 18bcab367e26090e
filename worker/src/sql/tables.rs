//! The tables beside `entries`: made when a statement first reads them, from the same answers that the views show. `spans` and
//! `metrics` are entries with other names.

use std::collections::BTreeSet;

use model::facet::{Distinct, FieldKind};
use model::protocol::{Answer, Ask, FacetsAsk, Failure, TemplatesAsk};
use model::scope::Filter;
use model::severity::Band;
use rusqlite::{Connection, params};

use crate::jobs::{Step, job_for};
use crate::store::{Error, Store};

/// Numbers have no type of their own, which tells them from numbers that are names (a line).
const MAKE: &str = "
CREATE TEMP TABLE templates (template TEXT, text TEXT, n_entries, n_errors, first_time TIME INTEGER, last_time TIME INTEGER);
CREATE TEMP TABLE fields (name TEXT, kind TEXT, n_entries, n_values, is_exact, min, p50, p95, max);
CREATE TEMP TABLE sources (source TEXT, format TEXT, n_entries, n_lines, text_bytes, first_time TIME INTEGER, last_time TIME INTEGER);
CREATE TEMP TABLE bookmarks (source TEXT, line INTEGER, time TIME INTEGER, text TEXT, note TEXT);
CREATE TEMP VIEW spans AS
SELECT trace_id, span_id, fields->>'parent_span_id' AS parent_span_id, service, message AS name, fields->>'span.kind' AS kind,
       time AS start_time, fields->>'span.duration_ms' AS duration_ms, fields->>'span.status' AS status, entry
FROM entries WHERE query = 'format:span';
CREATE TEMP VIEW metrics AS
SELECT time, service, message AS name, fields->>'metric.kind' AS kind, fields->>'metric.unit' AS unit, fields->>'metric.value' AS value,
       fields->>'metric.count' AS count, fields->>'metric.sum' AS sum, raw->'attributes' AS labels, entry
FROM entries WHERE query = 'format:metric';
";
const PUT_TEMPLATE: &str = "INSERT INTO temp.templates VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const PUT_FIELD: &str = "INSERT INTO temp.fields VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const PUT_SOURCE: &str = "INSERT INTO temp.sources VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const PUT_BOOKMARK: &str = "INSERT INTO temp.bookmarks VALUES (?1, ?2, ?3, ?4, ?5)";
/// Those that tell of a filter's entries.
const OF_SCOPE: [&str; 2] = ["templates", "fields"];

pub struct Tables {
    filled: BTreeSet<&'static str>,
}

impl Tables {
    pub fn make(connection: &Connection) -> rusqlite::Result<Self> {
        connection.execute_batch(MAKE)?;
        Ok(Self { filled: BTreeSet::new() })
    }

    /// They are to tell of other entries.
    pub fn are_outdated(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for name in OF_SCOPE {
            if self.filled.remove(name) {
                connection.execute_batch(&format!("DELETE FROM temp.{name}"))?;
            }
        }
        Ok(())
    }

    /// Fills those that are read.
    pub fn fill(
        &mut self,
        connection: &Connection,
        store: &mut Store,
        scope: &Filter,
        read: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        type Fill = fn(&Connection, &mut Store, &Filter) -> Result<(), Failure>;
        let fills: [(&str, Fill); 4] = [
            ("templates", fill_templates),
            ("fields", fill_fields),
            ("sources", |connection, store, _| fill_sources(connection, store)),
            ("bookmarks", |connection, store, _| fill_bookmarks(connection, store)),
        ];
        for (name, fill) in fills {
            if !read.contains(name) || self.filled.contains(name) {
                continue;
            }
            // All rows or, after a failure, none: the next statement fills it.
            let filling = connection.unchecked_transaction().map_err(Error::from)?;
            fill(connection, store, scope)?;
            filling.commit().map_err(Error::from)?;
            self.filled.insert(name);
        }
        Ok(())
    }
}

/// The whole answer to an ask.
fn answer(store: &mut Store, ask: Ask) -> Result<Answer, Failure> {
    let Ok((_, mut job)) = job_for(ask) else { return Err(Failure::Gone) };
    loop {
        if let Step::Finished(answer) = job.step(store)? {
            return Ok(answer);
        }
    }
}

fn fill_templates(connection: &Connection, store: &mut Store, scope: &Filter) -> Result<(), Failure> {
    let ask = Ask::Templates(TemplatesAsk { filter: scope.clone(), n_spans: 1 });
    let Answer::Templates(list) = answer(store, ask)? else { return Ok(()) };
    let mut put = connection.prepare(PUT_TEMPLATE).map_err(Error::from)?;
    for template in &list.templates {
        let n_errors: u64 = template.bands[Band::Error as usize..].iter().sum();
        let (first, last) = (template.first.map(|time| time.0), template.last.map(|time| time.0));
        let (n_entries, n_errors) = (template.n_entries as i64, n_errors as i64);
        put.execute(params![template.id.to_string(), template.text, n_entries, n_errors, first, last])
            .map_err(Error::from)?;
    }
    Ok(())
}

fn fill_fields(connection: &Connection, store: &mut Store, scope: &Filter) -> Result<(), Failure> {
    let Answer::Facets(facets) =
        answer(store, Ask::Facets(FacetsAsk { filter: scope.clone(), n_values: 0, field: None }))?
    else {
        return Ok(());
    };
    let mut put = connection.prepare(PUT_FIELD).map_err(Error::from)?;
    for field in &facets.fields {
        let kind = match field.kind {
            FieldKind::Text => "text",
            FieldKind::Number => "number",
            FieldKind::Bool => "bool",
            FieldKind::Mixed => "mixed",
        };
        let (Distinct::Exactly(n_values) | Distinct::MoreThan(n_values) | Distinct::About(n_values)) = field.distinct;
        let spread = field.numbers.as_ref();
        put.execute(params![
            field.name,
            kind,
            field.n_present as i64,
            n_values as i64,
            matches!(field.distinct, Distinct::Exactly(_)),
            spread.map(|spread| spread.min),
            spread.map(|spread| spread.p50),
            spread.map(|spread| spread.p95),
            spread.map(|spread| spread.max),
        ])
        .map_err(Error::from)?;
    }
    Ok(())
}

fn fill_sources(connection: &Connection, store: &mut Store) -> Result<(), Failure> {
    let sources = store.sources();
    let mut put = connection.prepare(PUT_SOURCE).map_err(Error::from)?;
    for source in sources {
        let (first, last) = (source.range.map(|range| range.start.0), source.range.map(|range| range.end.0 - 1));
        let (n_entries, n_lines) = (source.n_entries as i64, source.n_lines as i64);
        put.execute(params![
            source.path,
            source.formats.first(),
            n_entries,
            n_lines,
            source.text_bytes as i64,
            first,
            last
        ])
        .map_err(Error::from)?;
    }
    Ok(())
}

fn fill_bookmarks(connection: &Connection, store: &mut Store) -> Result<(), Failure> {
    let Answer::Marks(marks) = answer(store, Ask::Marks)? else { return Ok(()) };
    let mut put = connection.prepare(PUT_BOOKMARK).map_err(Error::from)?;
    for mark in marks {
        put.execute(params![mark.anchor.path, mark.anchor.line as i64 + 1, mark.time.0, mark.text, mark.note])
            .map_err(Error::from)?;
    }
    Ok(())
}
