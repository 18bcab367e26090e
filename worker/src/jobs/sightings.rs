//! The entries of a block, opened one by one for those who look at what they say of requests and services.

use analysis::format::FormatId;
use analysis::topology::Sighting;
use model::entry::RowKey;

use super::row;
use crate::store::{BlockHits, Blocks, Result, Slot};

/// Opening an entry and reading its ids costs about as much as scanning so many times its text.
pub const READING_TIMES: u64 = 16;

/// Returns what it took, in bytes of text that could have been scanned.
pub fn each_sighting(
    blocks: &mut Blocks,
    slot: Slot,
    hits: &BlockHits,
    take: &mut dyn FnMut(Sighting<'_>),
) -> Result<u64> {
    each_of(blocks, slot, hits, &|_| true, take)
}

/// The same of data points of metrics; others are not opened.
pub fn each_point(
    blocks: &mut Blocks,
    slot: Slot,
    hits: &BlockHits,
    take: &mut dyn FnMut(Sighting<'_>),
) -> Result<u64> {
    let metric = blocks.formats().id("metric");
    each_of(blocks, slot, hits, &|format| format == metric, take)
}

fn each_of(
    blocks: &mut Blocks,
    slot: Slot,
    hits: &BlockHits,
    is_wanted: &dyn Fn(FormatId) -> bool,
    take: &mut dyn FnMut(Sighting<'_>),
) -> Result<u64> {
    if matches!(hits, BlockHits::None) {
        return Ok(0);
    }
    let (columns, text) = (blocks.columns(slot)?, blocks.text(slot)?);
    let (source, first_entry) = (blocks.info(slot).source, blocks.info(slot).first_entry);
    let origin = blocks.origin(source);
    let mut n_bytes = 0;
    for at in (0..columns.len()).filter(|&at| hits.has(at) && is_wanted(columns.shape(at).format)) {
        let range = columns.text_range(at);
        n_bytes += range.len() as u64;
        let written = &text[range.start..range.end.min(range.start + row::MAX_PARSED_BYTES)];
        let parsed = blocks.formats().parse(columns.shape(at).format, &row::text_in(written));
        let named = Some(columns.service(at)).filter(|name| !name.is_empty());
        take(Sighting {
            key: RowKey { time: columns.times[at], source, entry: first_entry + at as u64 },
            service: named.or(parsed.service.as_deref()).unwrap_or(&origin.service),
            severity: columns.severity(at),
            parsed: &parsed,
        });
    }
    Ok(n_bytes * READING_TIMES)
}
