//! Keeps a format of the user's or takes one away, and has what it has read read again.

use std::collections::BTreeSet;

use analysis::format::{Formats, RAW, Trial};
use model::entry::SourceId;
use model::format::FormatProblem;
use model::protocol::{Answer, Failure};

use super::{Job, ReadAsJob, Step};
use crate::store::{FORMATS, FormatChange, Slot, Store};

/// Blocks looked at in one step.
const STEP_BLOCKS: usize = 16;

/// Once begun it goes to its end; after a crash it is gone on with, or was not begun.
pub struct FormatsJob {
    change: FormatChange,
    stage: Stage,
}

enum Stage {
    Begin,
    /// Which sources have entries that the format read, or may come to have them.
    Look {
        name: String,
        generation: u64,
        next: Slot,
        readers: BTreeSet<SourceId>,
    },
    Reread {
        name: String,
        n_readers: u64,
        jobs: Vec<ReadAsJob>,
    },
}

impl FormatsJob {
    pub fn new(change: FormatChange) -> Self {
        Self { change, stage: Stage::Begin }
    }

    /// The name of the format, if the change can be made.
    fn checked(&self) -> Result<String, Failure> {
        let text = match &self.change {
            FormatChange::Delete { name } => return Ok(name.clone()),
            FormatChange::Keep { text } => text,
        };
        let trial = Trial::new(text).map_err(refused)?;
        Formats::with(text)
            .map_err(|problem| refused(FormatProblem { line: problem.line(text), message: problem.message }))?;
        Ok(trial.name().to_owned())
    }
}

impl Job for FormatsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        match &mut self.stage {
            Stage::Begin => {
                let (name, generation) = (self.checked()?, store.generation());
                self.stage = Stage::Look { name, generation, next: 0, readers: BTreeSet::new() };
            }
            Stage::Look { name, generation, next, readers } => {
                if *generation != store.generation() {
                    (*generation, *next, *readers) = (store.generation(), 0, BTreeSet::new());
                }
                let n_blocks = store.blocks.directory().blocks().len();
                // A format that was not known has read nothing.
                let end = if store.blocks.formats().id(name) == RAW { *next } else { n_blocks };
                for slot in *next..end.min(*next + STEP_BLOCKS) {
                    let source = store.blocks.info(slot).source;
                    if !readers.contains(&source) && store.is_read_by(slot, name)? {
                        readers.insert(source);
                    }
                }
                *next = end.min(*next + STEP_BLOCKS);
                if *next < end {
                    return Ok(Step::More { done: *next as u64, total: n_blocks as u64, so_far: None });
                }
                let asked = |source: &model::source::Source| source.read_as.format.as_deref() == Some(name);
                readers.extend(store.sources().iter().filter(|source| asked(source)).map(|source| source.id));
                // What there is of a new reading was made by the formats before, and is not looked at.
                readers.extend(store.being_reread());
                let readers: Vec<SourceId> = readers.iter().copied().collect();
                store.change_formats(name, &self.change, &readers)?;
                let jobs = readers.iter().map(|&source| ReadAsJob::resumed(source, store)).collect();
                self.stage = Stage::Reread { name: std::mem::take(name), n_readers: readers.len() as u64, jobs };
            }
            Stage::Reread { name, n_readers, jobs } => {
                let Some(job) = jobs.last_mut() else {
                    let in_place_of = match &self.change {
                        FormatChange::Keep { .. } => shipped_title(name),
                        FormatChange::Delete { .. } => None,
                    };
                    let kept = Answer::FormatKept { name: std::mem::take(name), n_reread: *n_readers, in_place_of };
                    return Ok(Step::Finished(kept));
                };
                match job.step(store) {
                    Ok(Step::More { done, total, .. }) => return Ok(Step::More { done, total, so_far: None }),
                    // A source that is gone needs no reading.
                    Ok(Step::Finished(_)) | Err(Failure::Gone) => _ = jobs.pop(),
                    Err(failure) => return Err(failure),
                }
            }
        }
        Ok(Step::More { done: 0, total: 1, so_far: None })
    }

    fn may_rest(&self) -> bool {
        matches!(self.stage, Stage::Reread { .. })
    }
}

/// What the shipped format of this name is called, if there is one.
pub fn shipped_title(name: &str) -> Option<String> {
    let id = FORMATS.id(name);
    (id != RAW).then(|| FORMATS.title(id).to_owned())
}

/// Why a format is not kept.
pub fn refused(problem: FormatProblem) -> Failure {
    let message = match problem.line {
        Some(line) => format!("Line {line} of the format: {}.", problem.message),
        None => format!("The format cannot be used: {}.", problem.message),
    };
    Failure::Format { message }
}
