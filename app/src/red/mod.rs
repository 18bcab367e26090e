//! Golden signals: rate, errors and duration of every service and route, over the same times as the timeline.

mod table;

use model::language::told;
use std::sync::Arc;

use leptos::prelude::*;
use model::protocol::{Answer, Ask};
use model::red::{ROUTE_RULES, Red, RedAsk};
use model::scope::{Filter, View};
use model::{counted, say};

use self::table::{Column, Table};
use crate::answer::{Question, Remote, State, use_answer};
use crate::focus::focus_first;
use crate::scope::use_shared;
use crate::wording;

/// A course has so many points.
const N_SPANS: u32 = 60;

impl Question for RedAsk {
    type Answer = Arc<Red>;
    fn ask(&self) -> Ask {
        Ask::Red(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Red>> {
        if let Answer::Red(red) = answer { Some(Arc::from(red)) } else { None }
    }
}

#[component]
pub fn Signals() -> impl IntoView {
    let shared = use_shared();
    let filter = Memo::new(move |_| Filter { order: Default::default(), ..shared.filter.get() });
    let answer = use_answer(shared.port, shared.revision, move || {
        (shared.view.get() == View::Signals).then(|| RedAsk { filter: filter.get(), n_spans: N_SPANS })
    });
    // Stays when the view is left.
    let red = Memo::new(move |before: Option<&Arc<Red>>| {
        answer.with(|answer| answer.answer.clone()).or_else(|| before.cloned()).unwrap_or_default()
    });
    let is_by_service = RwSignal::new(false);
    let order = RwSignal::new(Column::Requests);
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_final = move || answer.with(|answer| answer.state == State::Final);
    let has_none = Memo::new(move |_| is_final() && red.with(|red| red.routes.is_empty()));
    let rule =
        |(sign, what): &(&'static str, &'static str)| view! { <dt><code>{*sign}</code></dt><dd>{told(what)}</dd> };
    view! {
        <section id="signals" aria-label=say!("Golden signals") class:stale=move || is_stale.get()
            aria-busy=move || is_stale.get().to_string() data-complete=move || is_final().to_string()>
            <div class="result-head">
                <span class="summary" role="status">{move || answer.with(|answer| red.with(|red| summary(red, &answer.state)))}</span>
                <button class="small" id="signals-by-service" aria-pressed=move || is_by_service.get().to_string()
                    on:click=move |_| is_by_service.update(|is| *is = !*is)>{say!("Services only")}</button>
            </div>
            <div class="signals-rows">
                <Show when=move || has_none.get()>
                    <p class="nothing">{say!("No requests here: there are neither spans of a server, nor entries with a method, a path and a status, nor metrics that count requests by a usual name.")}</p>
                </Show>
                <Table red is_by_service order />
                <details class="route-rules">
                    <summary>{say!("How paths become routes")}</summary>
                    <dl>{ROUTE_RULES.iter().map(rule).collect_view()}</dl>
                    <p>{say!("A route that a span names itself (http.route), and a path with signs of its own (/users/:id), stay as they are. At most 5,000 routes are told apart. Figures are from spans where a service has any, else from its access log, else from its metrics: by how much counters grew while they were scraped, and percentiles as Prometheus has them of histograms.")}</p>
                </details>
            </div>
        </section>
    }
}

fn summary(red: &Red, state: &State) -> String {
    let requests = counted!(red.n_requests, "request", "requests");
    let mut left_out = match red.n_left_out {
        0 => String::new(),
        n => say!("; {} on further routes left out", counted!(n, "request", "requests")),
    };
    if red.n_points_left_out > 0 {
        left_out += &say!("; {} of metrics left out", counted!(red.n_points_left_out, "data point", "data points"));
    }
    match state {
        State::Final => {
            say!("{requests} on {}{left_out}", requests, counted!(red.routes.len() as u64, "route", "routes"), left_out)
        }
        State::Partial { done, total } => {
            say!("{requests} so far, counting… {} %", requests, wording::percent(*done, *total))
        }
        State::Idle | State::Asked => say!("counting…").to_owned(),
        State::Failed(failure) => failure.to_string(),
    }
}

/// Puts the keyboard into the table, if there is one.
pub fn focus_signals() -> bool {
    focus_first(&["#signals th button"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told() {
        let red = Red { n_requests: 1200, n_left_out: 1, ..Red::default() };
        assert_eq!(summary(&red, &State::Final), "1,200 requests on 0 routes; 1 request on further routes left out");
        let red = Red { n_requests: 1200, n_points_left_out: 2, ..Red::default() };
        assert_eq!(summary(&red, &State::Final), "1,200 requests on 0 routes; 2 data points of metrics left out");
    }
}
