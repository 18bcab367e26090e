//! A table that the workspace keeps: asked for once for all that shows it, and put in place as a whole.

use std::sync::Arc;

use leptos::prelude::*;
use model::protocol::{Ask, Revision};
use model::say;

use crate::answer::{Question, use_answer};
use crate::port::{Port, Reply};
use crate::scope::Shared;
use crate::steps::Steps;

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
    /// The table before each change: it can be put back.
    steps: RwSignal<Steps<T>>,
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
        Self { now, latest, sent, n_under_way, is_known, steps: RwSignal::new(Steps::default()) }
    }

    /// The table before the last change, as the workspace has it: it can be put back after the page was loaded anew as well.
    pub fn begin_with<Q: Question<Answer = Arc<T>>>(
        self,
        port: StoredValue<Port, LocalStorage>,
        revision: RwSignal<Revision>,
        question: Q,
    ) {
        let is_wanted = Memo::new(move |_| self.steps.with(Steps::is_empty));
        let kept = use_answer(port, revision, move || is_wanted.get().then(|| question.clone()));
        Effect::new(move || {
            let before = kept.with(|kept| kept.answer.clone());
            if let Some(before) = before.filter(|before| self.is_known.get() && *before != self.now.get())
                && is_wanted.get()
            {
                self.steps.update(|steps| steps.leave(before));
            }
        });
    }

    pub fn can_take_back(self) -> bool {
        let latest = self.latest.get();
        self.steps.with(|steps| steps.can_go_back(&latest))
    }

    pub fn can_make_again(self) -> bool {
        let latest = self.latest.get();
        self.steps.with(|steps| steps.can_go_on(&latest))
    }

    /// The table is of another workspace now: what it was before is no business of this one.
    pub fn forget_steps(self) {
        self.steps.set(Steps::default());
    }

    /// Has another one put in its place; `words` are said of it when it is kept.
    pub fn put(self, shared: Shared, table: T, ask: impl FnOnce(T) -> Ask, words: String) {
        let (latest, mut steps) = (self.latest.get_untracked(), self.steps.get_untracked());
        if *latest != table {
            steps.leave(latest);
        }
        self.send(shared, Arc::new(table), steps, ask, words);
    }

    /// Takes back the last change that was not taken back yet, if there is one.
    pub fn take_back(self, shared: Shared, ask: impl FnOnce(T) -> Ask, words: String) {
        let mut steps = self.steps.get_untracked();
        if let Some(before) = steps.go_back(self.latest.get_untracked()) {
            self.send(shared, before, steps, ask, words);
        }
    }

    /// Makes the change again that was taken back last, if there is one.
    pub fn make_again(self, shared: Shared, ask: impl FnOnce(T) -> Ask, words: String) {
        let mut steps = self.steps.get_untracked();
        if let Some(table) = steps.go_on(self.latest.get_untracked()) {
            self.send(shared, table, steps, ask, words);
        }
    }

    /// The steps are these from now on, until it is refused: another one may be taken before this one is kept.
    fn send(self, shared: Shared, table: Arc<T>, steps: Steps<T>, ask: impl FnOnce(T) -> Ask, words: String) {
        // What is made from an older table would take away what was put in since.
        if !self.is_known.get_untracked() {
            shared.said.set(say!("That is being read. Try again in a moment.").to_owned());
            return;
        }
        let steps_before = self.steps.get_untracked();
        self.steps.set(steps);
        self.sent.set(Some(table.clone()));
        self.n_under_way.update_value(|n| *n += 1);
        let on_reply = move |reply: Reply| {
            if matches!(reply, Reply::Done(_)) {
                self.n_under_way.update_value(|n| *n -= 1);
            }
            match reply {
                Reply::Done(Ok(_)) => shared.said.set(words.clone()),
                reply => {
                    if matches!(reply, Reply::Done(_)) {
                        self.steps.set(steps_before.clone());
                    }
                    if self.n_under_way.get_value() == 0 {
                        self.sent.set(None);
                    }
                    shared.show_failure(reply);
                }
            }
        };
        shared.port.with_value(|port| port.ask(ask(T::clone(&table)), on_reply).forget());
    }
}
