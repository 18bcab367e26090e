//! Tries a format that is being written on lines of a source: what it would read, and samples for it.

use analysis::format::Trial;
use analysis::read::Context;
use model::entry::SourceId;
use model::format::{Draft, FormatPreview, Tried};
use model::protocol::{Answer, Failure};

use super::excerpts::Excerpts;
use super::format_text::text_to_edit;
use super::formats::shipped_title;
use super::{Job, Step};
use crate::store::Store;

pub struct PreviewJob {
    source: SourceId,
    tried: Tried,
    excerpts: Excerpts,
}

impl PreviewJob {
    pub fn new(source: SourceId, tried: Tried) -> Self {
        Self { source, tried, excerpts: Excerpts::of(source) }
    }
}

impl Job for PreviewJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let Some(excerpts) = self.excerpts.step(store)? else { return Ok(looking()) };
        let text = match &self.tried {
            Tried::Text(text) => text.clone(),
            Tried::Known(name) => text_to_edit(store, &Draft::CopyOf(name.clone()))?,
        };
        let preview = match Trial::new(&text) {
            Err(problem) => FormatPreview { problems: vec![problem], ..FormatPreview::default() },
            Ok(trial) => {
                let problems = trial.failing_sample(&text).into_iter().collect();
                let is_written = matches!(self.tried, Tried::Text(_));
                let in_place_of = is_written.then(|| shipped_title(trial.name())).flatten();
                FormatPreview { problems, in_place_of, ..trial.preview(excerpts, &context(store, self.source)?) }
            }
        };
        Ok(Step::Finished(Answer::FormatPreview(Box::new(preview))))
    }
}

pub struct SampleJob {
    source: SourceId,
    text: String,
    excerpts: Excerpts,
}

impl SampleJob {
    pub fn new(source: SourceId, text: String) -> Self {
        Self { source, text, excerpts: Excerpts::of(source) }
    }
}

impl Job for SampleJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let Some(excerpts) = self.excerpts.step(store)? else { return Ok(looking()) };
        let text = analysis::format::without_samples(&self.text);
        let trial = Trial::new(&text).map_err(super::formats::refused)?;
        let samples = trial.samples(excerpts, &context(store, self.source)?);
        Ok(Step::Finished(Answer::FormatText(text + &samples)))
    }
}

fn looking() -> Step {
    Step::More { done: 0, total: 1, so_far: None }
}

fn context(store: &Store, source: SourceId) -> Result<Context, Failure> {
    store.context(source).ok_or(Failure::Gone)
}
