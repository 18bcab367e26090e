//! Writes the entries of a filter for a file, part by part.

use analysis::disguise::Disguiser;
use analysis::search::Highlighter;
use model::entry::RowKey;
use model::protocol::{Answer, ExportAsk, Failure};
use model::query::{Expr, variable_place};
use model::written::{Form, csv_columns, csv_head, entry_as_csv, entry_as_json_line, entry_as_markdown, field_of};

use super::chosen::{n_chosen, next_ranks, ranks};
use super::{Job, STEP_BYTES, Step, row};
use crate::store::{Blocks, Found, Result, Store};

/// Entries of one step.
const STEP_ENTRIES: u64 = 200;
/// A part is sent when it is this long: few messages, none of them large.
const PART_BYTES: usize = 256 << 10;

pub struct ExportJob {
    ask: ExportAsk,
    /// The last entry that was written. Ranks move while files are read; what follows an entry does not.
    last: Option<RowKey>,
    part: Vec<u8>,
    /// Of the store; there from the first step on.
    disguiser: Option<Disguiser>,
}

impl ExportJob {
    pub fn new(ask: ExportAsk) -> Self {
        let ask = ExportAsk { columns: csv_columns(&ask.columns), ..ask };
        let part = if ask.form == Form::Csv { csv_head(&ask.columns).into_bytes() } else { Vec::new() };
        Self { ask, last: None, part, disguiser: None }
    }
}

impl Job for ExportJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        if self.ask.disguise.is_some() && !store.take_up_pseudonyms()? {
            return Ok(Step::More { done: 0, total: 2, so_far: None });
        }
        if let Some(disguise) = self.ask.disguise.as_ref().filter(|_| self.disguiser.is_none()) {
            self.disguiser = Some(store.disguiser(disguise.clone()));
        }
        let blocks = &mut store.blocks;
        let order = self.ask.filter.order;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        search.advance(blocks, order, STEP_BYTES)?;
        if !search.is_complete() {
            let (done, total) = search.progress();
            return Ok(Step::More { done, total, so_far: None });
        }
        let first = match self.last {
            Some(last) => search.rank(blocks, order, last)? + 1,
            None => 0,
        };
        let ranges = match &self.ask.chosen {
            Some(chosen) => ranks(search, blocks, order, chosen)?,
            None => std::iter::once(0..search.n_hits()).collect(),
        };
        let next = next_ranks(&ranges, first, STEP_ENTRIES).unwrap_or(first..first);
        let found = search.page(blocks, order, next.clone())?;
        for &found in &found {
            write(blocks, found, &self.ask, self.disguiser.as_mut(), &mut self.part)?;
            self.last = Some(found.key);
        }
        let n_left: u64 = ranges.iter().map(|range| range.end.saturating_sub(range.start.max(next.end))).sum();
        let total = n_chosen(&ranges);
        let done = total - n_left;
        if n_left == 0 {
            return Ok(Step::Finished(Answer::Exported(std::mem::take(&mut self.part))));
        }
        let is_due = self.part.len() >= PART_BYTES;
        let so_far = is_due.then(|| Answer::Exported(std::mem::take(&mut self.part)));
        Ok(Step::More { done, total, so_far })
    }
}

fn write(
    blocks: &mut Blocks,
    found: Found,
    ask: &ExportAsk,
    mut disguiser: Option<&mut Disguiser>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let (slot, place) = (found.slot, found.entry as usize);
    if ask.form == Form::Text {
        let text = row::text_of(blocks, slot, place, usize::MAX)?;
        let text = text.trim_end_matches(['\n', '\r']);
        match disguiser {
            Some(disguiser) => {
                let columns = blocks.columns(slot)?;
                let shape = columns.shape(place);
                let stamp = shape.stamp.start as usize..shape.stamp.end as usize;
                let fields = blocks.formats().parse(shape.format, text).fields;
                out.extend_from_slice(disguiser.line(text, &fields, stamp).0.as_bytes());
            }
            None => out.extend_from_slice(text.as_bytes()),
        }
        out.push(b'\n');
        return Ok(());
    }
    let mut entry = row::entry(blocks, slot, place, &Highlighter::new(&Expr::All))?;
    let mut path = blocks.origin(entry.key.source).path.clone();
    if let Some(disguiser) = &mut disguiser {
        disguiser.entry(&mut entry);
        path = disguiser.text(&path);
    }
    let mut values = Vec::with_capacity(ask.columns.len());
    for name in &ask.columns {
        values.push(if is_template(name) {
            blocks.template_of(slot, place)?.to_string().into()
        } else if let Some(in_template) = variable_place(name) {
            let value = row::value_in_template(blocks, slot, place, in_template)?.unwrap_or_default();
            disguiser.as_mut().map_or(value.clone(), |disguiser| disguiser.part(&value)).into()
        } else if let Some(meaning) = blocks.meanings().named(name) {
            row::meant(meaning, &entry.fields).unwrap_or_default().into()
        } else {
            field_of(&entry, name)
        });
    }
    let written = match ask.form {
        Form::Csv => entry_as_csv(&entry, &path, &values),
        Form::Markdown => entry_as_markdown(&entry, &path) + "\n",
        Form::Text | Form::JsonLines => entry_as_json_line(&entry, &path),
    };
    out.extend_from_slice(written.as_bytes());
    Ok(())
}

fn is_template(name: &str) -> bool {
    name.eq_ignore_ascii_case("template")
}
