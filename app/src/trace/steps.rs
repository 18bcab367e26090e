//! Walks along a request: from the selected entry to the next one, or the one before it, wherever it was written.

use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::{Answer, Ask};
use model::say;
use model::trace::{Trace, TraceAsk};

use crate::port::Reply;
use crate::scope::Shared;

/// Selects the next span or log entry of the selected one's request, or the one before it.
pub fn step_along(shared: Shared, is_forward: bool) {
    let Some(key) = shared.scope.with_untracked(|scope| scope.selected) else {
        shared.said.set(say!("Choose an entry to see the request it belongs to.").to_owned());
        return;
    };
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::Trace(trace))) if trace.id.is_empty() => {
            shared.said.set(say!("This entry has no id of a trace or request.").to_owned());
        }
        Reply::Done(Ok(Answer::Trace(trace))) => match next_of(&trace, key, is_forward) {
            Some(next) => {
                shared.select(Some(next));
                // It need not be among the entries that are found.
                shared.details_open.set(true);
            }
            None if is_forward => shared.said.set(say!("No further entry of this request.").to_owned()),
            None => shared.said.set(say!("No earlier entry of this request.").to_owned()),
        },
        reply => shared.show_failure(reply),
    };
    shared.ask_for_step(Ask::Trace(TraceAsk { key }), on_reply);
}

/// In the order of time.
fn next_of(trace: &Trace, key: RowKey, is_forward: bool) -> Option<RowKey> {
    let keys =
        || trace.bars.iter().flat_map(|bar| std::iter::once(bar.key).chain(bar.marks.iter().map(|mark| mark.key)));
    match is_forward {
        true => keys().filter(|&other| other > key).min(),
        false => keys().filter(|&other| other < key).max(),
    }
}
