//! The trace of one entry, from the whole workspace.

use std::collections::BTreeSet;

use analysis::ids::{as_half, byte_by_byte, header_names, ids_of, spellings_by_half};
use analysis::search::ids_beside_text;
use analysis::topology::TraceBuilder;
use model::entry::RowKey;
use model::protocol::{Answer, Failure};
use model::scope::Filter;
use model::time::Nanos;
use model::trace::{Trace, TraceAsk};

use super::walk::Walk;
use super::{Job, STEP_BYTES, Step, row};
use crate::store::{self, BlockHits, BlockId, Blocks, Candidates, Store};

/// More entries are no request that anybody reads.
const MOST_ENTRIES: u64 = 50_000;
/// Entries that an id was given to at other times are counted up to here.
const MOST_OF_OTHER_TIMES: u64 = 10 * MOST_ENTRIES;
/// Opening an entry costs about as much as scanning so many times its text.
const READING_TIMES: u64 = 16;

pub struct TraceJob {
    ask: TraceAsk,
    progress: Option<Progress>,
}

struct Progress {
    walk: Walk,
    /// Finds the entries that have the id in their text.
    filter: Filter,
    beside_text: BesideText,
    trace: Trace,
    builder: TraceBuilder,
}

impl TraceJob {
    pub fn new(ask: TraceAsk) -> Self {
        Self { ask, progress: None }
    }

    /// What the entry's ids say; nothing to look for without one.
    fn begin(&self, store: &mut Store) -> Result<Option<Progress>, Failure> {
        let key = self.ask.key;
        let slot = store.blocks.directory().find_entry(key.source, key.entry).ok_or(Failure::Gone)?;
        let entry = (key.entry - store.blocks.info(slot).first_entry) as usize;
        let columns = store.blocks.columns(slot)?;
        let text = row::text_of(&mut store.blocks, slot, entry, row::MAX_PARSED_BYTES)?;
        let parsed = store.blocks.formats().parse(columns.shape(entry).format, &text);
        let (ids, _) = ids_of(&parsed);
        let (Some(id), Some(rule)) = (ids.trace, ids.rule) else { return Ok(None) };
        let filter = Filter { query: entries_with(id), ..Filter::default() };
        let trace = Trace { id: id.to_owned(), rule: rule.name().to_owned(), ..Trace::default() };
        let walk = Walk::oldest_first(store.generation(), &mut store.blocks);
        let beside_text = BesideText::of(id, &store.blocks)?;
        let builder = TraceBuilder::new(id, store.blocks.naming());
        Ok(Some(Progress { walk, filter, beside_text, builder, trace }))
    }
}

/// Where the id may stand beside text of other letters without a space, so that no query for its text finds it.
struct BesideText {
    /// `None`: in any.
    blocks: Option<BTreeSet<BlockId>>,
    /// In small letters.
    spellings: Vec<String>,
}

impl BesideText {
    fn of(id: &str, blocks: &Blocks) -> store::Result<Self> {
        let spellings = spellings_by_half(id).iter().map(|id| id.to_ascii_lowercase()).collect();
        let blocks = match blocks.candidates(&ids_beside_text(id))? {
            Candidates::All => None,
            Candidates::Only(blocks) => Some(blocks.into_iter().collect()),
        };
        Ok(Self { blocks, spellings })
    }

    fn may_be_in(&self, block: BlockId) -> bool {
        self.blocks.as_ref().is_none_or(|blocks| blocks.contains(&block))
    }

    fn is_in(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        self.spellings.iter().any(|id| text.contains(id))
    }
}

/// What finds the entries that may have the id, its lower half, or one that it is the lower half of: in their text, in any of its
/// spellings, or as bytes of a header one by one.
fn entries_with(id: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', " "));
    let any_of = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" OR ");
    let spellings = spellings_by_half(id);
    let of_bytes: Vec<String> = spellings.iter().filter_map(|id| byte_by_byte(id)).flatten().collect();
    let mut query = any_of(&spellings);
    if as_half(id).is_some() {
        query += &format!(" OR trace:{}", quoted(id));
    }
    if !of_bytes.is_empty() {
        let names = header_names().map(quoted).collect::<Vec<_>>().join(" OR ");
        // Numbers are in many blocks, these names in few.
        query += &format!(" OR (({names}) AND ({}))", any_of(&of_bytes));
    }
    query
}

impl Job for TraceJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        let progress = match self.progress.take().filter(|progress| progress.walk.generation == generation) {
            Some(progress) => Some(progress),
            None => self.begin(store)?,
        };
        let Some(mut progress) = progress else { return Ok(Step::Finished(Answer::Trace(Box::default()))) };
        let Progress { walk, filter, beside_text, trace, builder } = &mut progress;
        let blocks = &mut store.blocks;
        let search = store.searches.get(filter, blocks)?;
        let mut work = 0;
        while work < STEP_BYTES
            && !trace.is_cut
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at;
            let is_beside_text = beside_text.may_be_in(blocks.info(slot).id);
            if matches!(hits, BlockHits::None) && !is_beside_text {
                continue;
            }
            let (columns, written) = (blocks.columns(slot)?, blocks.text(slot)?);
            let (source, first_entry) = (blocks.info(slot).source, blocks.info(slot).first_entry);
            let origin = blocks.origin(source);
            for at in (0..columns.len()).filter(|&at| is_beside_text || hits.has(at)) {
                let bytes = written.get(columns.text_range(at)).ok_or(store::Error::Garbled("block"))?;
                let text = row::beginning_of(bytes, row::MAX_PARSED_BYTES);
                work += text.len() as u64;
                if !hits.has(at) && !beside_text.is_in(&text) {
                    continue;
                }
                work += text.len() as u64 * READING_TIMES;
                let parsed = blocks.formats().parse(columns.shape(at).format, &text);
                let named = Some(columns.service(at)).filter(|name| !name.is_empty());
                let service = named.or(parsed.service.as_deref()).unwrap_or(&origin.service);
                let key = RowKey { time: columns.times[at], source, entry: first_entry + at as u64 };
                builder.push(key, service, columns.severity(at), &parsed);
            }
            if builder.n_spans() + builder.n_entries() >= MOST_ENTRIES {
                let next = walk.slots.get(walk.n_done).map(|&next| blocks.info(next).min_time);
                builder.drop_other_times(self.ask.key, next.unwrap_or(Nanos(i64::MAX)));
            }
            trace.is_cut =
                builder.n_spans() + builder.n_entries() >= MOST_ENTRIES || builder.n_dropped() >= MOST_OF_OTHER_TIMES;
        }
        if walk.is_done() || trace.is_cut {
            let Progress { trace, mut builder, .. } = progress;
            let id = builder.whole_id().unwrap_or(trace.id);
            let n_other_times = builder.only_around(self.ask.key);
            let (n_spans, n_entries, n_points) = (builder.n_spans(), builder.n_entries(), builder.n_points());
            let trace = Trace { id, n_other_times, n_spans, n_entries, n_points, bars: builder.bars(), ..trace };
            return Ok(Step::Finished(Answer::Trace(Box::new(trace))));
        }
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        self.progress = Some(progress);
        Ok(Step::More { done, total, so_far: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_any_header_is_looked_for_byte_by_byte() {
        assert_eq!(
            entries_with("1-ab"),
            "\"1-ab\" OR ((\"b3\" OR \"traceparent\" OR \"uber-trace-id\" OR \"x-amzn-trace-id\") \
             AND (\"49, 45, 97, 98\" OR \"49,45,97,98\"))"
        );
        assert_eq!(entries_with("bestellung-süd"), "\"bestellung-süd\"");
        let short = entries_with("5af7183fb1d4cf5f");
        let spellings = "\"5af7183fb1d4cf5f\" OR \"00000000000000005af7183fb1d4cf5f\" OR \"6554734444506566495\" OR \
                         \"1-00000000-000000005af7183fb1d4cf5f\" OR ";
        assert!(short.starts_with(&format!("{spellings}trace:\"5af7183fb1d4cf5f\" OR ((")), "{short}");
        assert!(!entries_with("4bf92f3577b34da65af7183fb1d4cf5f").contains("trace:"));
    }
}
