//! How many of a source's lines each format reads.

use analysis::format;
use model::entry::SourceId;
use model::protocol::{Answer, Failure};
use model::source::{Fits, FormatFit};

use super::{Job, Rhythm, Step};
use crate::store::{Slot, Store};

/// Blocks that are looked at, spread over the source, and lines of each: the first ones.
const N_BLOCKS: usize = 64;
const N_LINES: usize = 64;

pub struct FitsJob {
    source: SourceId,
    generation: Option<u64>,
    /// Those to look at.
    slots: Vec<Slot>,
    n_passed: usize,
    fits: Option<format::Fits<'static>>,
    rhythm: Rhythm,
}

impl FitsJob {
    pub fn new(source: SourceId) -> Self {
        Self { source, generation: None, slots: Vec::new(), n_passed: 0, fits: None, rhythm: Rhythm::default() }
    }
}

impl Job for FitsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        store.source(self.source).ok_or(Failure::Gone)?;
        let formats = store.blocks.formats();
        let generation = store.generation();
        if self.generation != Some(generation) {
            *self = Self { generation: Some(generation), ..Self::new(self.source) };
            self.slots = spread(store.blocks.directory().slots_of(self.source));
        }
        let fits = self.fits.get_or_insert_with(|| format::Fits::new(formats));
        if let Some(&slot) = self.slots.get(self.n_passed) {
            let text = store.blocks.text(slot)?;
            text.split(|&byte| byte == b'\n').take(N_LINES).for_each(|line| fits.add_line(line));
            self.n_passed += 1;
        }
        let answer = || {
            let fit = |(id, n_read)| FormatFit {
                name: formats.name(id).to_owned(),
                title: formats.title(id).to_owned(),
                n_read,
                is_own: formats.is_own(id),
            };
            Answer::Fits(Fits { n_lines: fits.n_lines(), formats: fits.by_number().into_iter().map(fit).collect() })
        };
        if self.n_passed == self.slots.len() {
            return Ok(Step::Finished(answer()));
        }
        let so_far = self.rhythm.is_due().then(answer);
        Ok(Step::More { done: self.n_passed as u64, total: self.slots.len() as u64, so_far })
    }
}

/// At most [`N_BLOCKS`] of them, the first one included.
fn spread(slots: Vec<Slot>) -> Vec<Slot> {
    let step = slots.len().div_ceil(N_BLOCKS).max(1);
    slots.into_iter().step_by(step).collect()
}
