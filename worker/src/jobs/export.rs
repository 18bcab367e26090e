//! Writes the entries of a filter for a file, part by part.

use analysis::disguise::Disguiser;
use analysis::search::Highlighter;
use model::entry::RowKey;
use model::protocol::{Answer, ExportAsk, Failure};
use model::query::{Expr, variable_place};
use model::written::{
    Form, cells, column_names, columns_of_their_own, csv_row, entry_as_json_line, entry_as_markdown, field_of,
};

use super::chosen::{n_chosen, next_ranks, ranks};
use super::parquet::EntriesFile;
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
    out: Out,
    /// Of the store; there from the first step on.
    disguiser: Option<Disguiser>,
}

impl ExportJob {
    pub fn new(ask: ExportAsk) -> Self {
        let ask = ExportAsk { columns: columns_of_their_own(&ask.columns), ..ask };
        let out = match ask.form {
            Form::Parquet => Out::Parquet(Box::new(EntriesFile::new(&column_names(&ask.columns)))),
            Form::Csv => Out::Text(csv_row(column_names(&ask.columns)).into_bytes()),
            Form::Text | Form::JsonLines | Form::Markdown => Out::Text(Vec::new()),
        };
        Self { ask, last: None, out, disguiser: None }
    }
}

/// What is written and not yet sent.
enum Out {
    Text(Vec<u8>),
    Parquet(Box<EntriesFile>),
}

impl Out {
    /// The next part, where there is enough for one.
    fn part(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => (text.len() >= PART_BYTES).then(|| std::mem::take(text)),
            Self::Parquet(file) => file.part(),
        }
    }

    fn last_part(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text,
            Self::Parquet(file) => file.last_part(),
        }
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
            write(blocks, found, &self.ask, self.disguiser.as_mut(), &mut self.out)?;
            self.last = Some(found.key);
        }
        let n_left: u64 = ranges.iter().map(|range| range.end.saturating_sub(range.start.max(next.end))).sum();
        let total = n_chosen(&ranges);
        let done = total - n_left;
        if n_left == 0 {
            let out = std::mem::replace(&mut self.out, Out::Text(Vec::new()));
            return Ok(Step::Finished(Answer::Exported(out.last_part())));
        }
        Ok(Step::More { done, total, so_far: self.out.part().map(Answer::Exported) })
    }
}

fn write(
    blocks: &mut Blocks,
    found: Found,
    ask: &ExportAsk,
    mut disguiser: Option<&mut Disguiser>,
    out: &mut Out,
) -> Result<()> {
    let (slot, place) = (found.slot, found.entry as usize);
    if let (Form::Text, Out::Text(out)) = (ask.form, &mut *out) {
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
    match out {
        Out::Parquet(file) => file.add(&entry, &path, &values),
        Out::Text(out) => {
            let written = match ask.form {
                Form::Csv => csv_row(cells(&entry, &path, &values)),
                Form::Markdown => entry_as_markdown(&entry, &path) + "\n",
                _ => entry_as_json_line(&entry, &path),
            };
            out.extend_from_slice(written.as_bytes());
        }
    }
    Ok(())
}

fn is_template(name: &str) -> bool {
    name.eq_ignore_ascii_case("template")
}
