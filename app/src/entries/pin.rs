//! The pinned row: the zero that the times of all others are told from, in a column of its own.

use leptos::prelude::*;
use model::columns::{Columns, SINCE_PIN, Shows};
use model::entry::RowKey;
use model::protocol::{Answer, Ask, EntryAsk};
use model::say;
use model::time::{Nanos, Precision};

use crate::answer::{State, use_answer};
use crate::port::Reply;
use crate::scope::{Shared, Visit};

/// When the pinned entry was written; its source's clock or zone may have been put right since it was pinned.
pub fn use_pinned_time(shared: Shared) -> Memo<Option<Nanos>> {
    let pinned = Memo::new(move |_| shared.scope.with(|scope| scope.pinned));
    let entry = use_answer(shared.port, shared.revision, move || pinned.get().map(EntryAsk::from));
    // An address may name a row of files that were taken in in another order.
    Effect::new(move || {
        let now =
            entry.with(|entry| entry.answer.as_ref().filter(|_| entry.state == State::Final).map(|entry| entry.key));
        let is_elsewhere = |now: &RowKey, pinned: RowKey| {
            now.source != pinned.source && (now.time, now.entry) == (pinned.time, pinned.entry)
        };
        let pinned = shared.scope.with_untracked(|scope| scope.pinned);
        if let Some(now) = now.filter(|now| pinned.is_some_and(|pinned| is_elsewhere(now, pinned))) {
            shared.change(Visit::Same, |scope| scope.pinned = Some(now));
        }
    });
    Memo::new(move |_| {
        let pinned = pinned.get()?;
        let now = entry.with(|entry| entry.answer.as_ref().map(|entry| entry.key).filter(|key| is_same(*key, pinned)));
        Some(now.unwrap_or(pinned).time)
    })
}

pub fn is_pinned(shared: Shared, key: RowKey) -> bool {
    shared.scope.with(|scope| scope.pinned.is_some_and(|pinned| is_same(pinned, key)))
}

/// The time of an entry is not what it is known by.
fn is_same(one: RowKey, other: RowKey) -> bool {
    (one.source, one.entry) == (other.source, other.entry)
}

/// Pins the entry or, where it is the pinned one, lets go of it. One without a time is no zero for others.
pub fn toggle(shared: Shared, key: RowKey) {
    if untrack(|| is_pinned(shared, key)) {
        return let_go(shared);
    }
    // The row may be out of sight, and not at hand.
    let on_reply = move |reply: Reply| match reply {
        Reply::Done(Ok(Answer::Entry(entry))) if entry.precision == Precision::Undated => {
            shared.said.set(say!("This entry has no time to tell those of others from.").to_owned());
        }
        Reply::Done(Ok(_)) => pin(shared, key),
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Entry(key.into()), on_reply).forget());
}

fn pin(shared: Shared, key: RowKey) {
    shared.change(Visit::New, |scope| {
        scope.pinned = Some(key);
        scope.columns.show(SINCE_PIN);
        scope.shows = Shows::Columns;
    });
    shared.said.set(say!("Pinned: a column tells how long before or after it each row is.").to_owned());
}

pub fn let_go(shared: Shared) {
    shared.change(Visit::New, |scope| {
        scope.pinned = None;
        scope.columns.hide(SINCE_PIN);
        // It was the last one: it has nothing to show, so others come in its place.
        if scope.columns.has(SINCE_PIN) {
            scope.columns = Columns::default();
        }
    });
    shared.said.set(say!("The pinned row is let go.").to_owned());
}
