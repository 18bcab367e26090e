//! The requests that the entries in the scope belong to: how long they took, and the slowest, failed, unusual or latest ones.

mod spread;

use std::sync::Arc;

use leptos::prelude::*;
use model::language::told;
use model::protocol::{Answer, Ask};
use model::requests::{Reason, RequestLine, RequestOrder, Requests, RequestsAsk};
use model::scope::{Filter, View};
use model::time::format_wall;
use model::{counted, say};

use self::spread::Spread;
use crate::answer::{Question, Remote, State, use_answer};
use crate::entries::visible;
use crate::focus::focus_first;
use crate::nothing::NothingHere;
use crate::scope::{Shared, Visit, use_shared};
use crate::series::class_of_value;
use crate::trace::moved_words;
use crate::wording;

/// Lines that are shown before more are asked for, and with each asking.
const SHOWN: u32 = 100;
/// A list of more is no list.
const MOST_SHOWN: u32 = 5_000;

impl Question for RequestsAsk {
    type Answer = Arc<Requests>;
    fn ask(&self) -> Ask {
        Ask::Requests(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Requests>> {
        if let Answer::Requests(requests) = answer { Some(Arc::from(requests)) } else { None }
    }
}

#[component]
pub fn RequestList() -> impl IntoView {
    let shared = use_shared();
    let order = RwSignal::new(RequestOrder::default());
    let took = RwSignal::new(None::<(i64, i64)>);
    let n_shown = RwSignal::new(SHOWN);
    let answer = use_answer(shared.port, shared.revision, move || {
        let filter = Filter { order: Default::default(), ..shared.filter.get() };
        let ask = RequestsAsk { filter, order: order.get(), took: took.get(), n_shown: n_shown.get() };
        (shared.view.get() == View::Requests).then_some(ask)
    });
    // Stays when the view is left.
    let requests = Memo::new(move |before: Option<&Arc<Requests>>| {
        answer.with(|answer| answer.answer.clone()).or_else(|| before.cloned()).unwrap_or_default()
    });
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_final = Memo::new(move |_| answer.with(|answer| answer.state == State::Final));
    let is_empty = Memo::new(move |_| is_final.get() && requests.with(|requests| requests.n_requests == 0));
    let longest = Memo::new(move |_| {
        requests.with(|requests| requests.lines.iter().map(|line| line.nanos).max().unwrap_or_default())
    });
    let option = move |kind: RequestOrder| {
        let name = format!("{kind:?}");
        view! { <option value=name selected=move || order.get() == kind>{told(kind.name())}</option> }
    };
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some(kind) = RequestOrder::ALL.into_iter().find(|kind| format!("{kind:?}") == chosen) {
            n_shown.set(SHOWN);
            order.set(kind);
        }
    };
    let is_unusual = Memo::new(move |_| order.get() == RequestOrder::Unusual);
    let rows = move || {
        let longest = longest.get();
        requests.with(|requests| {
            requests.lines.iter().map(|line| row(shared, line, longest, is_unusual.get())).collect_view()
        })
    };
    let n_more = Memo::new(move |_| {
        requests.with(|requests| {
            requests.n_within.saturating_sub(requests.lines.len() as u64).min(u64::from(MOST_SHOWN - n_shown.get()))
        })
    });
    view! {
        <section id="requests" aria-label=say!("Requests") class:stale=move || is_stale.get()
            aria-busy=move || (!is_final.get()).to_string() data-complete=move || is_final.get().to_string()>
            <div class="result-head">
                <span class="summary" role="status">{move || answer.with(|answer| requests.with(|requests| summary(answer, requests)))}</span>
                <label class="by">{say!("In order")}" "
                    <select class="small" id="requests-order" on:change=choose>{RequestOrder::ALL.map(option).into_iter().collect_view()}</select>
                </label>
            </div>
            <div class="signals-rows" tabindex="0" role="region" aria-label=say!("Requests, and how long they took")>
                <Show when=move || is_empty.get()>
                    <NothingHere>
                        <p class="nothing">{say!("None of these entries has an id of a trace, a request or a job.")}</p>
                    </NothingHere>
                </Show>
                <Show when=move || requests.with(|requests| requests.n_requests > 0)>
                    <Spread requests took />
                    <table>
                        <thead><tr>
                            <th scope="col">{say!("Request")}</th>
                            <th scope="col" class="number" title=say!("As long as Request draws it: a service that by its clock began before it was called counts as later. Where more than 500 spans and entries are of a request, its times are as they are written")>{say!("Took")}</th>
                            <th scope="col" class="number">{say!("Failed")}</th>
                            <th scope="col" class="number">{say!("Services")}</th>
                            <th scope="col" class="number">{say!("Spans")}</th>
                            <th scope="col" class="number">{say!("Entries")}</th>
                            <Show when=move || is_unusual.get()><th scope="col" class="number" title=say!("0 is like all others; each further 1 is about e times rarer")>{say!("Unusual")}</th></Show>
                            <th scope="col">{say!("Began")}</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <Show when=move || { n_more.get() > 0 }>
                        <button class="small quiet" on:click=move |_| n_shown.update(|n| *n = (*n * 5).min(MOST_SHOWN))>
                            {move || say!("{} more", wording::count(n_more.get()))}
                        </button>
                    </Show>
                </Show>
            </div>
        </section>
    }
}

fn row(shared: Shared, line: &RequestLine, longest: i64, is_unusual: bool) -> impl IntoView + use<> {
    let key = line.key;
    let open = move |_| {
        shared.change(Visit::New, |scope| {
            scope.view = View::Trace;
            scope.selected = Some(key);
        });
    };
    let share = line.nanos as f64 / longest.max(1) as f64 * 100.0;
    let start = line.start;
    let moved: Vec<String> = line.moved.iter().map(|(service, nanos)| moved_words(service, *nanos)).collect();
    let moved = (!moved.is_empty()).then(|| moved.join(" · "));
    let reason = line.reason.as_ref().filter(|_| is_unusual).map(reason_in_words);
    let or_none = |n: u64| if n == 0 { "–".to_owned() } else { wording::count(n) };
    view! {
        <tr class:failing={line.n_errors > 0}>
            <td class=format!("request {}", class_of_value(&line.service))>
                <button class="quiet" title=say!("Show this request over time") on:click=open>
                    <span><b>{visible(&line.service).into_owned()}</b>" "{visible(&line.name).into_owned()}</span>
                    <code>{visible(&line.id).into_owned()}</code>
                </button>
                {reason.map(|reason| view! { <span class="aside reason">{reason}</span> })}
            </td>
            <td class="number took" title=moved>{wording::duration(line.nanos)}<span class="share" style:width=format!("{share:.1}%")></span></td>
            <td class="number errors" class:none={line.n_errors == 0} data-title=say!("Failed")>{or_none(line.n_errors)}</td>
            <td class="number optional">{wording::count(line.n_services)}</td>
            <td class="number optional">{or_none(line.n_spans)}</td>
            <td class="number optional">{or_none(line.n_entries)}</td>
            {is_unusual.then(|| view! { <td class="number" data-title=say!("Unusual")>{line.oddity.map(|oddity| format!("{oddity:.1}"))}</td> })}
            <td><time>{move || shared.zone.with(|zone| format_wall(start, zone, 3))}</time></td>
        </tr>
    }
}

/// `stock write: in 1 of 60 requests`
fn reason_in_words(reason: &Reason) -> String {
    let what = format!("{} {}", visible(&reason.service), visible(&reason.name));
    let (n_with, n_requests) = (wording::count(reason.n_with), wording::count(reason.n_requests));
    match reason.is_done {
        true => say!("{what}: in {n_with} of {n_requests} requests", what, n_with, n_requests),
        false => say!("without {what}, which {n_with} of {n_requests} requests have", what, n_with, n_requests),
    }
}

/// `3,104 requests · 12 failed · p50 40 ms · p95 1.2 s · p99 3 s`
fn summary(answer: &Remote<Arc<Requests>>, requests: &Requests) -> String {
    if let State::Failed(failure) = &answer.state {
        return failure.to_string();
    }
    if answer.answer.is_none() && answer.state != State::Idle {
        return say!("counting…").to_owned();
    }
    let mut parts = vec![counted!(requests.n_requests, "request", "requests")];
    if requests.n_failed > 0 {
        parts.push(say!("{} failed", wording::count(requests.n_failed)));
    }
    if let Some(durations) = requests.durations {
        let figures = [("p50", durations.p50), ("p95", durations.p95), ("p99", durations.p99)];
        parts.extend(figures.map(|(name, nanos)| format!("{name} {}", wording::duration(nanos))));
    }
    if requests.n_again > 0 {
        let n_again = wording::count(requests.n_again);
        parts.push(say!("{} under ids that were used again after half an hour of silence or more", n_again));
    }
    if requests.n_within < requests.n_requests {
        parts.push(say!("{} took as long as chosen", wording::count(requests.n_within)));
    }
    if requests.n_left_out > 0 {
        parts.push(say!("{} of further requests left out", counted!(requests.n_left_out, "entry", "entries")));
    }
    if let State::Partial { done, total } = answer.state {
        parts.push(say!("so far, {} %", wording::percent(done, total)));
    }
    parts.join(" · ")
}

/// Puts the keyboard into the list, if there is one.
pub fn focus_requests() -> bool {
    focus_first(&["#requests .request button", "#requests-order"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_request_is_unusual_is_told() {
        let reason = |is_done: bool, n_with: u64| {
            let (name, service) = ("write".to_owned(), "stock".to_owned());
            reason_in_words(&Reason { name, service, is_done, n_with, n_requests: 1200 })
        };
        assert_eq!(reason(true, 1), "stock write: in 1 of 1,200 requests");
        assert_eq!(reason(false, 1199), "without stock write, which 1,199 of 1,200 requests have");
    }

    #[test]
    fn what_is_chosen_and_what_is_left_out_is_told() {
        let requests = Requests {
            n_requests: 3104,
            n_failed: 12,
            n_again: 30,
            n_within: 40,
            n_left_out: 1,
            ..Requests::default()
        };
        let answer = Remote { answer: Some(Arc::default()), state: State::Final };
        assert_eq!(
            summary(&answer, &requests),
            "3,104 requests · 12 failed · 30 under ids that were used again after half an hour of silence or more \
             · 40 took as long as chosen · 1 entry of further requests left out"
        );
    }
}
