//! Golden signals over the same times as the timeline: rate, errors and duration of every service and route (RED), or utilisation,
//! saturation and errors of their resources (USE).

mod resources;

mod table;
pub use table::{course, rate_in_words};

use model::language::told;
use std::sync::Arc;

use leptos::prelude::*;
use model::protocol::{Answer, Ask};
use model::red::{ROUTE_RULES, Red, RedAsk};
use model::resources::{Resources, ResourcesAsk, Sign};
use model::scope::{Filter, Method, View};
use model::{counted, say};

use self::resources::{By, ResourceRules, ResourceTable, nothing};
use self::table::{Column, Table};
use crate::answer::{Question, Remote, State, use_answer};
use crate::focus::focus_first;
use crate::nothing::NothingHere;
use crate::scope::{Visit, use_shared};
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

impl Question for ResourcesAsk {
    type Answer = Arc<Resources>;
    fn ask(&self) -> Ask {
        Ask::Resources(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Resources>> {
        if let Answer::Resources(resources) = answer { Some(Arc::from(resources)) } else { None }
    }
}

#[component]
pub fn Signals() -> impl IntoView {
    let shared = use_shared();
    let filter = Memo::new(move |_| Filter { order: Default::default(), ..shared.filter.get() });
    let method = Memo::new(move |_| shared.scope.with(|scope| scope.method));
    let turn_to = move |of: Method| shared.change(Visit::New, |scope| scope.method = of);
    let is_asked = move |of: Method| shared.view.get() == View::Signals && method.get() == of;
    let of_requests = use_answer(shared.port, shared.revision, move || {
        is_asked(Method::Red).then(|| RedAsk { filter: filter.get(), n_spans: N_SPANS })
    });
    let of_resources = use_answer(shared.port, shared.revision, move || {
        is_asked(Method::Use).then(|| ResourcesAsk { filter: filter.get(), n_spans: N_SPANS })
    });
    // Both stay when the view is left.
    let red = Memo::new(move |before: Option<&Arc<Red>>| {
        of_requests.with(|answer| answer.answer.clone()).or_else(|| before.cloned()).unwrap_or_default()
    });
    let resources = Memo::new(move |before: Option<&Arc<Resources>>| {
        of_resources.with(|answer| answer.answer.clone()).or_else(|| before.cloned()).unwrap_or_default()
    });
    let is_use = Memo::new(move |_| method.get() == Method::Use);
    let is_by_service = RwSignal::new(false);
    let (order, by) = (RwSignal::new(Column::Requests), RwSignal::new(By::Sign(Sign::Utilisation)));
    let is_stale = Memo::new(move |_| match method.get() {
        Method::Red => of_requests.with(Remote::is_stale),
        Method::Use => of_resources.with(Remote::is_stale),
    });
    let state = Memo::new(move |_| match method.get() {
        Method::Red => of_requests.with(|answer| answer.state.clone()),
        Method::Use => of_resources.with(|answer| answer.state.clone()),
    });
    let is_final = Memo::new(move |_| state.get() == State::Final);
    let has_no_routes = Memo::new(move |_| is_final.get() && red.with(|red| red.routes.is_empty()));
    let has_no_resources = Memo::new(move |_| is_final.get() && resources.with(|resources| resources.rows.is_empty()));
    let words = move || match method.get() {
        Method::Red => red.with(|red| state.with(|state| summary(red, state))),
        Method::Use => resources.with(|resources| state.with(|state| of_rows(resources, state))),
    };
    let choose = move |of: Method, id: &'static str, name: &'static str, hint: &'static str| {
        view! {
            <button class="small" id=id title=hint aria-pressed=move || (method.get() == of).to_string() on:click=move |_| turn_to(of)>{name}</button>
        }
    };
    let rule =
        |(sign, what): &(&'static str, &'static str)| view! { <dt><code>{*sign}</code></dt><dd>{told(what)}</dd> };
    view! {
        <section id="signals" aria-label=say!("Golden signals") class:stale=move || is_stale.get()
            aria-busy=move || is_stale.get().to_string() data-complete=move || is_final.get().to_string()>
            <div class="result-head">
                <span class="signals-of" role="group" aria-label=say!("Whose signals")>
                    {choose(Method::Red, "signals-red", "RED", say!("Rate, errors and duration of requests"))}
                    {choose(Method::Use, "signals-use", "USE", say!("Utilisation, saturation and errors of resources, from metrics"))}
                </span>
                <span class="summary" role="status">{words}</span>
                <Show when=move || !is_use.get()>
                    <button class="small" id="signals-by-service" aria-pressed=move || is_by_service.get().to_string()
                        on:click=move |_| is_by_service.update(|is| *is = !*is)>{say!("Services only")}</button>
                </Show>
            </div>
            <div class="signals-rows">
                <Show when=move || !is_use.get()>
                    <Show when=move || has_no_routes.get()>
                        <NothingHere>
                            <p class="nothing">{say!("No requests here: there are neither spans of a server, nor entries with a method, a path and a status, nor metrics that count requests by a usual name.")}</p>
                        </NothingHere>
                    </Show>
                    <Table red is_by_service order />
                    <details class="route-rules">
                        <summary>{say!("How paths become routes")}</summary>
                        <dl>{ROUTE_RULES.iter().map(rule).collect_view()}</dl>
                        <p>{say!("A route that a span names itself (http.route), and a path with signs of its own (/users/:id), stay as they are. At most 5,000 routes are told apart. Figures are from spans where a service has any, else from its access log, else from its metrics: by how much counters grew while they were scraped, and percentiles as Prometheus has them of histograms.")}</p>
                    </details>
                </Show>
                <Show when=move || is_use.get()>
                    <Show when=move || has_no_resources.get()>
                        <NothingHere><p class="nothing">{move || resources.with(|resources| nothing(resources))}</p></NothingHere>
                    </Show>
                    <ResourceTable resources order=by />
                    <ResourceRules resources is_open=has_no_resources />
                </Show>
            </div>
        </section>
    }
}

fn of_rows(resources: &Resources, state: &State) -> String {
    match state {
        State::Final => resources::summary(resources),
        State::Partial { done, total } => {
            let so_far = resources::summary(resources);
            say!("{so_far} so far, counting… {} %", so_far, wording::percent(*done, *total))
        }
        State::Idle | State::Asked => say!("counting…").to_owned(),
        State::Failed(failure) => failure.to_string(),
    }
}

fn summary(red: &Red, state: &State) -> String {
    let requests = counted!(red.n_requests, "request", "requests");
    let mut left_out = match red.n_left_out {
        0 => String::new(),
        n => say!("; {} among them on further routes", counted!(n, "request", "requests")),
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
    focus_first(&["#signals th button", "#signals-red"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told() {
        let red = Red { n_requests: 1200, n_left_out: 1, ..Red::default() };
        assert_eq!(summary(&red, &State::Final), "1,200 requests on 0 routes; 1 request among them on further routes");
        let red = Red { n_requests: 1200, n_points_left_out: 2, ..Red::default() };
        assert_eq!(summary(&red, &State::Final), "1,200 requests on 0 routes; 2 data points of metrics left out");
    }
}
