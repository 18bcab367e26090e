//! Which time, in few words: the last quarter of an hour, and what `now` is.

use leptos::html::Div;
use leptos::prelude::*;
use model::language::told;
use model::query::{asked_last, last_nanos, with_last};
use model::scope::{Filter, Now};
use model::time::Nanos;
use model::{key, say};

use super::question;
use crate::scope::{Shared, Visit, clock_now, use_shared};
use crate::{icons, wording};

/// As a query writes them, and as people say them.
const SPANS: [(&str, &str); 6] = [
    ("5m", key!("5 minutes")),
    ("15m", key!("15 minutes")),
    ("1h", key!("an hour")),
    ("6h", key!("6 hours")),
    ("1d", key!("a day")),
    ("1w", key!("a week")),
];

#[component]
pub fn Times() -> impl IntoView {
    let shared = use_shared();
    let menu = NodeRef::<Div>::new();
    // What time it was when somebody looked.
    let looked = RwSignal::new(Nanos(0));
    let now = Memo::new(move |_| shared.scope.with(|scope| scope.now));
    let data_end = Memo::new(move |_| {
        let range = shared.status.with(|status| status.answer.as_ref().and_then(|status| status.range));
        range.map(|range| range.end)
    });
    let at = move |time: Nanos| shared.zone.with(|zone| wording::moment(time, zone, 0));
    let end_in_words = move || match data_end.get() {
        Some(end) => say!("where the data ends: {}", at(end)),
        None => say!("where the data ends").to_owned(),
    };
    let clock_in_words = move || say!("what the clock says: {}", at(shared.clock.get().unwrap_or(looked.get())));
    let in_force = move || match shared.clock.get() {
        Some(clock) => say!("now = {} (clock)", at(clock)),
        None => data_end.get().map(|end| say!("now = {} (end of data)", at(end))).unwrap_or_default(),
    };
    let asked = Memo::new(move |_| shared.query.with(|query| asked_last(query)));
    let choose = move |span: Option<&'static str>| {
        shared.change(Visit::New, |scope| {
            scope.filter.query = with_last(&scope.filter.query, span);
            scope.filter.range = None;
        });
    };
    let span = move |(written, words): (&'static str, &'static str)| {
        let is_asked = move || asked.with(|asked| asked.as_deref() == Some(written)).to_string();
        view! { <button data-last=written aria-pressed=is_asked on:click=move |_| choose(Some(written))>{told(words)}</button> }
    };
    let is_all = move || {
        let is_whole = shared.filter.with(|filter| filter.range.is_none());
        (asked.with(Option::is_none) && is_whole).to_string()
    };
    let take = move |now: Now| shared.change(Visit::New, |scope| scope.now = now);
    let is_now = move |wanted: Now| (now.get() == wanted).to_string();
    view! {
        <button class="quiet" id="times" popovertarget="times-menu" class:says-now=move || shared.asks_for_now.get()
            title=say!("Which time: the last minutes or hours, and what “now” is")>
            {icons::icon(icons::CLOCK)}
            {move || if shared.asks_for_now.get() { in_force() } else { say!("Last…").to_owned() }}
        </button>
        <div popover="auto" id="times-menu" role="dialog" aria-labelledby="times-title" node_ref=menu
            on:toggle=move |_| looked.set(clock_now())>
            <h2 id="times-title">{say!("The last…")}</h2>
            <div class="choices" role="group" aria-labelledby="times-title">
                {SPANS.map(span)}
                <button id="times-all" aria-pressed=is_all on:click=move |_| choose(None)>{say!("all of the time")}</button>
            </div>
            <h3 id="now-title">{say!("“now” is")}</h3>
            <div class="choices" role="group" aria-labelledby="now-title">
                <button id="now-data" aria-pressed=move || is_now(Now::DataEnd) on:click=move |_| take(Now::DataEnd)>{end_in_words}</button>
                <button id="now-clock" aria-pressed=move || is_now(Now::Clock) on:click=move |_| take(Now::Clock)>{clock_in_words}</button>
                <Show when=move || shared.clock.get().is_some()>
                    <button id="now-again" on:click=move |_| shared.reread_clock.notify()>{say!("Read the clock again")}</button>
                </Show>
            </div>
            <p class="aside">{say!("In the search: time>now-15m. The choice is part of the address and of saved views.")}</p>
        </div>
    }
}

/// The filter of the bars: of the last minutes or hours alone, where those are asked for.
pub fn framed(shared: Shared) -> Memo<Filter> {
    Memo::new(move |_| {
        let last = shared.query.with(|query| last_nanos(query));
        let data_end = || shared.status.with(|status| status.answer.as_ref().and_then(|status| status.range));
        let now = last.and_then(|_| shared.clock.get().or_else(|| data_end().map(|range| range.end)));
        shared.filter.with(|filter| question::framed(filter, last, now))
    })
}
