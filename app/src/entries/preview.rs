//! A look ahead while a query is typed: rows in sight that it takes away are dimmed in their places before they vanish.
//!
//! The rows that come next are held back until the typing pauses for a moment, so that nothing jumps under the eye with
//! every letter. Where all rows in sight stay, or all go, there is nothing to see, and nothing is held back; nor is it where
//! less motion is wished for.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::{Answer, Ask, KeepsAsk};
use model::scope::Filter;

use crate::address;
use crate::motion::is_calm;
use crate::port::{Pending, Reply};
use crate::scope::Shared;

/// After a letter, rows are held back for so long: long enough to be seen, short enough not to be waited for.
const HOLD_MILLIS: f64 = 100.0;
/// What is dimmed late stays so for as long as it takes to be seen: the style sheet dims within 50 ms.
const LEAST_SEEN_MILLIS: f64 = 60.0;
/// Who types on and on sees what is found by then.
const MOST_MILLIS: f64 = 600.0;

type Next = Box<dyn FnOnce()>;

/// Handles only.
#[derive(Clone, Copy)]
pub struct Preview {
    shared: Shared,
    /// Rows are held back, or awaited with those dimmed that go.
    pub is_on: RwSignal<bool>,
    /// Those that are awaited have been held back long enough.
    is_over: StoredValue<bool>,
    going: RwSignal<BTreeSet<RowKey>>,
    /// The query that was asked last, as it was typed, shown or not.
    asked: StoredValue<String>,
    /// When the typing began whose rows are held back.
    since: StoredValue<Option<f64>>,
    next: StoredValue<Option<Next>, LocalStorage>,
    looking: StoredValue<Option<Pending>, LocalStorage>,
    waiting: StoredValue<Option<TimeoutHandle>, LocalStorage>,
}

impl Preview {
    pub fn new(shared: Shared) -> Self {
        Self {
            shared,
            is_on: RwSignal::new(false),
            is_over: StoredValue::new(false),
            going: RwSignal::new(BTreeSet::new()),
            asked: StoredValue::new(String::new()),
            since: StoredValue::new(None),
            next: StoredValue::new_local(None),
            looking: StoredValue::new_local(None),
            waiting: StoredValue::new_local(None),
        }
    }

    /// Whether the entry is one that the query takes away.
    pub fn takes(self, key: RowKey) -> bool {
        self.is_on.get() && self.going.with(|going| going.contains(&key))
    }

    /// Another filter is asked for than that of the rows in sight. Looks ahead where it is being typed.
    pub fn begin(self, shown: Option<&Filter>, filter: &Filter, in_sight: Vec<RowKey>) {
        let typed = self.shared.query.get_untracked();
        let before = self.asked.get_value();
        self.asked.set_value(typed.clone());
        self.next.set_value(None);
        let is_other_query =
            shown.is_some_and(|shown| Filter { query: shown.query.clone(), ..filter.clone() } == *shown);
        let is_letter = address::is_typing() && is_a_letter(&before, &typed);
        if !is_other_query || !is_letter || in_sight.is_empty() || is_calm() {
            return self.end();
        }
        let now = js_sys::Date::now();
        let since = self.since.get_value().unwrap_or(now);
        self.since.set_value(Some(since));
        self.is_on.set(true);
        self.is_over.set_value(false);
        let millis = HOLD_MILLIS.min(since + MOST_MILLIS - now).max(0.0);
        self.wait(millis);
        let on_reply = {
            let keys = in_sight.clone();
            move |reply| match reply {
                Reply::Done(Ok(Answer::Keeps(keeps))) => {
                    let going: BTreeSet<RowKey> =
                        keys.iter().zip(keeps).filter(|(_, keeps)| !keeps).map(|(key, _)| *key).collect();
                    match going.is_empty() || going.len() == keys.len() {
                        true => self.end(),
                        false => {
                            self.going.set(going);
                            if now + millis - js_sys::Date::now() < LEAST_SEEN_MILLIS && !self.is_over.get_value() {
                                self.wait(LEAST_SEEN_MILLIS);
                            }
                        }
                    }
                }
                Reply::Progress { .. } => {}
                // The rows themselves will say what is wrong.
                Reply::Done(_) => self.end(),
            }
        };
        let ask = Ask::Keeps(KeepsAsk { filter: filter.clone(), keys: in_sight });
        self.looking.set_value(Some(self.shared.port.with_value(|port| port.ask(ask, on_reply))));
    }

    /// Does it when rows are held back no longer; what was to be done before is not.
    pub fn then(self, next: impl FnOnce() + 'static) {
        if self.is_over.get_value() {
            self.end();
        }
        match self.is_on.get_untracked() {
            true => self.next.set_value(Some(Box::new(next))),
            false => next(),
        }
    }

    /// Nothing is held back any more, and what was does not come.
    pub fn forget(self) {
        self.next.set_value(None);
        self.end();
    }

    fn wait(self, millis: f64) {
        let time = Duration::from_millis(millis as u64);
        self.waiting.update_value(|waiting| {
            if let Some(earlier) = waiting.take() {
                earlier.clear();
            }
            *waiting = set_timeout_with_handle(move || self.release(), time).ok();
        });
    }

    /// Rows that are there come. Where they are still looked for, what is dimmed stays so until then: it would light up for a moment.
    fn release(self) {
        match self.next.with_value(Option::is_some) {
            true => self.end(),
            false => self.is_over.set_value(true),
        }
    }

    /// Nothing is held back any more.
    pub fn end(self) {
        self.waiting.update_value(|waiting| {
            if let Some(earlier) = waiting.take() {
                earlier.clear();
            }
        });
        self.looking.set_value(None);
        self.since.set_value(None);
        self.is_over.set_value(false);
        self.going.set(BTreeSet::new());
        self.is_on.set(false);
        if let Some(next) = self.next.try_update_value(Option::take).flatten() {
            next();
        }
    }
}

/// One query becomes the other by a letter that comes or goes. What is pasted or chosen is not looked ahead to.
fn is_a_letter(before: &str, after: &str) -> bool {
    before != after && before.chars().count().abs_diff(after.chars().count()) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_typed_and_a_word_is_pasted() {
        assert!(is_a_letter("", "t") && is_a_letter("tim", "time") && is_a_letter("time", "tim"));
        assert!(!is_a_letter("", "timeout") && !is_a_letter("time", "time"));
    }
}
