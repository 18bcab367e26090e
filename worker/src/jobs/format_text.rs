//! Texts of formats: those the user has, and what a new one begins with.

use analysis::format::{RAW, copy_of, from_nothing, title_of};
use model::format::{Draft, OwnFormat};
use model::protocol::{Answer, Failure};

use super::{Job, Step};
use crate::store::Store;

pub struct OwnFormatsJob;

impl Job for OwnFormatsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::OwnFormats(own_formats(store)?)))
    }
}

pub struct DraftJob {
    pub draft: Draft,
}

impl Job for DraftJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::FormatText(text_to_edit(store, &self.draft)?)))
    }
}

/// What a format begins with, under a name that is free; of the user's own its text.
pub fn text_to_edit(store: &Store, draft: &Draft) -> Result<String, Failure> {
    let own = own_formats(store)?;
    let formats = store.blocks.formats();
    let is_free = |name: &String| formats.id(name) == RAW;
    let free_name = |stem: &str| {
        let names = std::iter::once(stem.to_owned()).chain((2..).map(|n| format!("{stem}-{n}")));
        names.into_iter().find(is_free).unwrap_or_default()
    };
    Ok(match draft {
        Draft::FromNothing => from_nothing(&free_name("my-format")),
        Draft::CopyOf(name) => match own.into_iter().find(|own| own.name == *name) {
            Some(own) => own.text,
            None => copy_of(name, &free_name(&format!("{name}-own"))).ok_or(Failure::Gone)?,
        },
    })
}

/// One that cannot be used any more (another version of Dendro wrote it) keeps its name, so that it can be mended.
fn own_formats(store: &Store) -> Result<Vec<OwnFormat>, Failure> {
    let own = |(name, text): (String, String)| {
        let title = title_of(&text).unwrap_or_else(|| name.clone());
        OwnFormat { name, title, text }
    };
    Ok(store.own_formats_by_name()?.into_iter().map(own).collect())
}
