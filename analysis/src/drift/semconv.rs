//! Names of attributes and metrics that OpenTelemetry's semantic conventions have replaced, by service.
//!
//! Old and new names in one system split every query and every chart in two. The names are data: `semconv.tsv`, `semconv_metrics.tsv`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::drift::{Drift, DriftKind, Mend};
use model::meaning::{Meaning, Meanings};

use super::side::Examples;
use super::status::Signal;
use super::{Gatherer, Known, side};
use crate::format::Parsed;

/// Old name → what is said today.
type Table = BTreeMap<&'static str, &'static str>;

/// Of attributes, and of metrics. No name is of both.
static REPLACED: LazyLock<Table> = LazyLock::new(|| table(include_str!("semconv.tsv")));
static METRICS: LazyLock<Table> = LazyLock::new(|| table(include_str!("semconv_metrics.tsv")));

fn table(written: &'static str) -> Table {
    let lines = written.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
}

fn name_of_today(old: &str) -> &'static str {
    REPLACED.get(old).or_else(|| METRICS.get(old)).copied().unwrap_or_default()
}

/// Names that are told; the others are only counted.
const MOST_TOLD: usize = 4;

/// Old names that entries of a service have.
#[derive(Default)]
pub struct Replaced {
    n: u64,
    names: BTreeMap<&'static str, u64>,
    /// The same with what stands before them, by signal.
    fields: BTreeMap<(Signal, String), &'static str>,
    shown: Examples,
}

impl Replaced {
    fn add(&mut self, other: &Self) {
        self.n += other.n;
        for (name, n) in &other.names {
            *self.names.entry(name).or_default() += n;
        }
        self.fields.extend(other.fields.iter().map(|(field, name)| (field.clone(), *name)));
        other.shown.keys().iter().for_each(|&key| self.shown.show(key));
    }

    fn has_field(&self, signal: Signal, name: &str) -> bool {
        self.fields.keys().any(|(by, known)| *by == signal && known == name)
    }

    pub fn take(&mut self, parsed: &Parsed, signal: Signal, key: model::entry::RowKey) {
        let before = self.names.len();
        let metric = if signal == Signal::Metric { METRICS.get_key_value(&*parsed.message) } else { None };
        let mut has_some = metric.is_some();
        if let Some((name, _)) = metric {
            *self.names.entry(name).or_default() += 1;
        }
        for field in &parsed.fields {
            if let Some((name, _)) = REPLACED.get_key_value(split(&field.name).1) {
                *self.names.entry(name).or_default() += 1;
                has_some = true;
                if !self.has_field(signal, &field.name) {
                    self.fields.insert((signal, field.name.clone()), name);
                }
            }
        }
        self.n += u64::from(has_some);
        if has_some || self.names.len() > before {
            self.shown.show(key);
        }
    }
}

/// What stands before the name of an attribute, and the name.
fn split(field: &str) -> (&str, &str) {
    let part = ["attributes.", "resource."].into_iter().find(|part| field.starts_with(part)).unwrap_or_default();
    field.split_at(part.len())
}

/// A row of a mapping table for each: the old name and that of today, which stands in the same place.
fn mends(fields: &BTreeMap<(Signal, String), &'static str>) -> Vec<Mend> {
    let mut meanings = Meanings::default();
    for ((signal, field), old) in fields {
        let today = REPLACED[*old];
        // What became two has no one name.
        if today.contains(' ') {
            continue;
        }
        let mut meaning = Meaning { name: today.to_owned(), ..Meaning::default() };
        let names = match signal {
            Signal::Log => &mut meaning.logs,
            Signal::Span => &mut meaning.spans,
            Signal::Metric => &mut meaning.metrics,
        };
        let now = format!("{}{today}", split(field).0);
        names.extend([now, field.clone()].into_iter().filter(|name| name != today));
        meanings.add(meaning);
    }
    meanings.rows.into_iter().map(|meaning| Mend { meaning, words: Vec::new() }).collect()
}

/// One for each service, under whatever names it is known.
pub fn find(gatherer: &Gatherer, known: &Known) -> Vec<Drift> {
    let mut groups: BTreeMap<u32, Replaced> = BTreeMap::new();
    for (at, service) in gatherer.services.iter().enumerate().filter(|(_, service)| service.replaced.n > 0) {
        groups.entry(known.group_of[at]).or_default().add(&service.replaced);
    }
    groups
        .iter()
        .map(|(&group, Replaced { n, names, fields, shown })| {
            let name = known.name(group);
            let mut often: Vec<(&&str, &u64)> = names.iter().collect();
            often.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
            let told: Vec<String> =
                often.iter().take(MOST_TOLD).map(|(old, _)| format!("{old} is {} today", name_of_today(old))).collect();
            let n_more = often.len().saturating_sub(MOST_TOLD);
            let more = if n_more > 0 { format!(", and {n_more} more") } else { String::new() };
            Drift {
                services: vec![name.to_owned()],
                what: format!("{name} uses names that have been replaced: {}{more}.", told.join(", ")),
                fix: format!(
                    "Update the instrumentation of {name}, or set OTEL_SEMCONV_STABILITY_OPT_IN while both are needed."
                ),
                n: *n,
                of: known.n_entries[group as usize],
                sides: vec![side(format!("{name}, with old names"), shown)],
                mends: mends(fields),
                ..Drift::of(DriftKind::OldNames)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_replaces_a_name_by_another() {
        assert!(REPLACED.len() > 40);
        assert_eq!(REPLACED["http.method"], "http.request.method");
        assert_eq!(REPLACED["messaging.operation"], "messaging.operation.type");
        assert_eq!(REPLACED["rpc.grpc.status_code"], "rpc.response.status_code");
        assert_eq!(METRICS["http.server.duration"], "http.server.request.duration");
        for table in [&*REPLACED, &*METRICS] {
            for (old, new) in table {
                assert!(old.contains('.') && new.contains('.') && old != new, "{old}");
                // What is said today is not replaced itself.
                assert!(new.split(" and ").all(|name| !table.contains_key(name)), "{new}");
            }
        }
        assert!(METRICS.keys().all(|name| !REPLACED.contains_key(name)));
    }
}
