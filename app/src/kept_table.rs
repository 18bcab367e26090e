//! A table that the workspace keeps: asked for once for all that shows it, and put in place as a whole.

use std::sync::Arc;

use leptos::prelude::*;
use model::protocol::{Ask, Revision};
use model::say;

use crate::answer::{Question, use_answer};
use crate::port::{Port, Reply};
use crate::scope::Shared;

/// Handles only.
pub struct KeptTable<T: Send + Sync + 'static> {
    pub now: Memo<Arc<T>>,
    /// That is the table as it is kept: another one may be put in its place.
    is_known: Memo<bool>,
    /// The table before the last change: it can be put back.
    pub before: RwSignal<Option<Arc<T>>>,
}

impl<T: Send + Sync + 'static> Clone for KeptTable<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for KeptTable<T> {}

impl<T: Default + PartialEq + Send + Sync + 'static> KeptTable<T> {
    pub fn new<Q: Question<Answer = Arc<T>>>(
        port: StoredValue<Port, LocalStorage>,
        revision: RwSignal<Revision>,
        question: Q,
    ) -> Self {
        let answer = use_answer(port, revision, move || Some(question.clone()));
        let now = Memo::new(move |_| answer.with(|answer| answer.answer.clone().unwrap_or_default()));
        let is_known = Memo::new(move |_| answer.with(|answer| answer.answer.is_some() && !answer.is_stale()));
        Self { now, is_known, before: RwSignal::new(None) }
    }

    /// Has another one put in its place; `words` are said of it when it is kept.
    pub fn put(self, shared: Shared, ask: Ask, words: String) {
        // What is made from an older table would take away what was put in since.
        if !self.is_known.get_untracked() {
            shared.said.set(say!("That is being read. Try again in a moment.").to_owned());
            return;
        }
        let before = self.now.get_untracked();
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(_)) => {
                self.before.set(Some(before.clone()));
                shared.said.set(words.clone());
            }
            reply => shared.show_failure(reply),
        };
        shared.port.with_value(|port| port.ask(ask, on_reply).forget());
    }
}
