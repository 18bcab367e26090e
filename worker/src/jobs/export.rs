//! Writes the entries of a filter for a file, part by part.

use analysis::search::Highlighter;
use model::entry::RowKey;
use model::protocol::{Answer, ExportAsk, Failure};
use model::query::Expr;
use model::written::{CSV_HEAD, Form, entry_as_csv, entry_as_json_line};

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
}

impl ExportJob {
    pub fn new(ask: ExportAsk) -> Self {
        let part = if ask.form == Form::Csv { CSV_HEAD.into() } else { Vec::new() };
        Self { ask, last: None, part }
    }
}

impl Job for ExportJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
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
        let total = search.n_hits();
        let found = search.page(blocks, order, first..first + STEP_ENTRIES)?;
        for &found in &found {
            write(blocks, found, self.ask.form, &mut self.part)?;
            self.last = Some(found.key);
        }
        let done = (first + found.len() as u64).min(total);
        if done == total {
            return Ok(Step::Finished(Answer::Exported(std::mem::take(&mut self.part))));
        }
        let is_due = self.part.len() >= PART_BYTES;
        let so_far = is_due.then(|| Answer::Exported(std::mem::take(&mut self.part)));
        Ok(Step::More { done, total, so_far })
    }
}

fn write(blocks: &mut Blocks, found: Found, form: Form, out: &mut Vec<u8>) -> Result<()> {
    let (slot, place) = (found.slot, found.entry as usize);
    if form == Form::Text {
        out.extend_from_slice(row::text_of(blocks, slot, place, usize::MAX)?.trim_end_matches(['\n', '\r']).as_bytes());
        out.push(b'\n');
        return Ok(());
    }
    let entry = row::entry(blocks, slot, place, &Highlighter::new(&Expr::All))?;
    let path = &blocks.origin(entry.key.source).path;
    let written = match form {
        Form::Csv => entry_as_csv(&entry, path),
        Form::Text | Form::JsonLines => entry_as_json_line(&entry, path),
    };
    out.extend_from_slice(written.as_bytes());
    Ok(())
}
