//! Collects lines of a source, spread over all of it: what a format that is being written is tried on.

use analysis::format::Excerpt;
use model::entry::SourceId;
use model::protocol::Failure;

use crate::store::{Slot, Store};

/// Blocks that are looked at, at most.
const N_BLOCKS: usize = 16;
/// Lines of all of them together, and the bytes of each block, at most.
const N_LINES: usize = 640;
const MOST_BYTES: usize = 32 << 10;

pub struct Excerpts {
    source: SourceId,
    generation: Option<u64>,
    slots: Vec<Slot>,
    found: Vec<Excerpt>,
}

impl Excerpts {
    pub fn of(source: SourceId) -> Self {
        Self { source, generation: None, slots: Vec::new(), found: Vec::new() }
    }

    /// One step: looks at the next block. The lines, when there is none left.
    pub fn step(&mut self, store: &mut Store) -> Result<Option<&[Excerpt]>, Failure> {
        store.source(self.source).ok_or(Failure::Gone)?;
        let generation = store.generation();
        if self.generation != Some(generation) {
            let slots = store.blocks.directory().slots_of(self.source);
            let step = slots.len().div_ceil(N_BLOCKS).max(1);
            self.slots = slots.into_iter().step_by(step).collect();
            self.generation = Some(generation);
            self.found.clear();
        }
        if let Some(&slot) = self.slots.get(self.found.len()) {
            self.found.push(excerpt(store, slot, N_LINES / self.slots.len())?);
        }
        Ok((self.found.len() == self.slots.len()).then_some(&*self.found))
    }
}

/// The first entries of a block.
fn excerpt(store: &mut Store, slot: Slot, n_lines: usize) -> Result<Excerpt, Failure> {
    let (columns, text) = (store.blocks.columns(slot)?, store.blocks.text(slot)?);
    let (mut n_taken, mut end) = (0, 0);
    for entry in 0..columns.len() {
        let range = columns.text_range(entry);
        if n_taken >= n_lines || entry > 0 && range.end > MOST_BYTES {
            break;
        }
        n_taken += columns.shape(entry).n_lines as usize;
        end = range.end.min(MOST_BYTES);
    }
    let text = text.get(..end).unwrap_or_default().to_vec();
    Ok(Excerpt { line: store.blocks.info(slot).first_line, text })
}
