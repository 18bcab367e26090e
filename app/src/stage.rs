//! What the window is for at the moment: a welcome, the workbench, or what lies between.

use leptos::prelude::*;
use model::source::Source;

use crate::answer::Remote;
use crate::{kept, unreadable};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There was something last time: it comes in a moment.
    Opening,
    Empty,
    /// There is something that cannot be opened.
    Unreadable,
    Workbench,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::Workbench => "workbench",
        }
    }
}

/// A first visitor sees the welcome at once; who has logs sees no flash of it while they are opened.
pub fn stage(sources: Signal<Remote<Vec<Source>>>) -> Memo<Stage> {
    let had_logs = kept::read("logs").is_some();
    let stage = Memo::new(move |_| {
        let has_sources = sources.with(|sources| sources.answer.as_ref().map(|sources| !sources.is_empty()));
        match has_sources {
            Some(true) => Stage::Workbench,
            Some(false) => Stage::Empty,
            None if sources.with(|sources| unreadable::why(sources).is_some()) => Stage::Unreadable,
            None if had_logs => Stage::Opening,
            None => Stage::Empty,
        }
    });
    Effect::new(move || match stage.get() {
        Stage::Workbench => kept::write("logs", "here"),
        Stage::Empty => kept::forget("logs"),
        Stage::Opening | Stage::Unreadable => {}
    });
    stage
}
