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
    /// The table with all that was changed, kept already or not: what another change is made from.
    pub latest: Memo<Arc<T>>,
    /// The table that was sent last, until an answer has come that knows of it.
    sent: RwSignal<Option<Arc<T>>>,
    /// Changes that are not kept yet: until then answers may be older than they.
    n_under_way: StoredValue<u32>,
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

impl<T: Clone + Default + PartialEq + Send + Sync + 'static> KeptTable<T> {
    pub fn new<Q: Question<Answer = Arc<T>>>(
        port: StoredValue<Port, LocalStorage>,
        revision: RwSignal<Revision>,
        question: Q,
    ) -> Self {
        let answer = use_answer(port, revision, move || Some(question.clone()));
        let now = Memo::new(move |_| answer.with(|answer| answer.answer.clone().unwrap_or_default()));
        let is_known = Memo::new(move |_| answer.with(|answer| answer.answer.is_some() && !answer.is_stale()));
        let (sent, n_under_way) = (RwSignal::new(None::<Arc<T>>), StoredValue::new(0));
        let latest = Memo::new(move |_| sent.get().unwrap_or_else(|| now.get()));
        Effect::new(move || {
            answer.track();
            if n_under_way.get_value() == 0 {
                sent.set(None);
            }
        });
        Self { now, latest, sent, n_under_way, is_known, before: RwSignal::new(None) }
    }

    /// The table before the last change, as the workspace has it: it can be put back after the page was loaded anew as well.
    pub fn begin_with<Q: Question<Answer = Arc<T>>>(
        self,
        port: StoredValue<Port, LocalStorage>,
        revision: RwSignal<Revision>,
        question: Q,
    ) {
        let is_wanted = Memo::new(move |_| self.before.with(Option::is_none));
        let kept = use_answer(port, revision, move || is_wanted.get().then(|| question.clone()));
        Effect::new(move || {
            let before = kept.with(|kept| kept.answer.clone());
            if let Some(before) = before.filter(|before| self.is_known.get() && *before != self.now.get())
                && is_wanted.get()
            {
                self.before.set(Some(before));
            }
        });
    }

    /// Has another one put in its place; `words` are said of it when it is kept.
    pub fn put(self, shared: Shared, table: T, ask: impl FnOnce(T) -> Ask, words: String) {
        // What is made from an older table would take away what was put in since.
        if !self.is_known.get_untracked() {
            shared.said.set(say!("That is being read. Try again in a moment.").to_owned());
            return;
        }
        let before = self.latest.get_untracked();
        self.sent.set(Some(Arc::new(table.clone())));
        self.n_under_way.update_value(|n| *n += 1);
        let on_reply = move |reply: Reply| {
            if matches!(reply, Reply::Done(_)) {
                self.n_under_way.update_value(|n| *n -= 1);
            }
            match reply {
                Reply::Done(Ok(_)) => {
                    self.before.set(Some(before.clone()));
                    shared.said.set(words.clone());
                }
                reply => {
                    if self.n_under_way.get_value() == 0 {
                        self.sent.set(None);
                    }
                    shared.show_failure(reply);
                }
            }
        };
        shared.port.with_value(|port| port.ask(ask(table), on_reply).forget());
    }
}
