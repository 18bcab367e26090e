//! What is known of a service beside the map: its requests over time, or where it tells none the calls that it got, its versions and
//! instances, and what it writes most.

use leptos::prelude::*;
use model::deployment::{FieldNames, INSTANCES, VERSIONS};
use model::facet::Facet;
use model::language::told;
use model::protocol::{FacetsAsk, TemplatesAsk};
use model::query::{Change, choose_exactly, value_term, with_condition};
use model::red::{RedAsk, RouteRed};
use model::scope::{Filter, View};
use model::topology::{Durations, Topology};
use model::{counted, key, say};

use super::draw;
use crate::answer::use_answer;
use crate::entries::visible;
use crate::patterns::template_text;
use crate::red::course;
use crate::scope::use_shared;
use crate::wording;

/// Spans of the course.
const N_SPANS: u32 = 60;
/// Of patterns, and values of a field.
const MOST_SHOWN: usize = 4;
const MOST_VALUES: u32 = 6;

/// `names`: what its entries call it. `calls`: those that it got.
#[component]
pub fn ServiceFacts(names: Vec<String>, calls: Option<Calls>) -> impl IntoView {
    let shared = use_shared();
    let filter = Memo::new(move |_| {
        let query = shared.query.with(|query| choose_exactly(query, "service", names.iter().map(String::as_str)));
        Filter { query, order: Default::default(), ..shared.filter.get() }
    });
    let is_in_sight = move || shared.view.get() == View::Map;
    let red = use_answer(shared.port, shared.revision, move || {
        is_in_sight().then(|| RedAsk { filter: filter.get(), n_spans: N_SPANS })
    });
    let templates = use_answer(shared.port, shared.revision, move || {
        is_in_sight().then(|| TemplatesAsk { filter: filter.get(), n_spans: 1 })
    });
    let fields = use_answer(shared.port, shared.revision, move || {
        is_in_sight().then(|| FacetsAsk { filter: filter.get(), n_values: MOST_VALUES, field: None })
    });
    let requests = move || {
        let red = red.get().answer?;
        let Some((n_requests, n_errors, over_time)) = sum(&red.services) else {
            return calls.as_ref().map(|calls| of_calls(calls).into_any());
        };
        // Percentiles of several are not known.
        let durations = if let [only] = &red.services[..] { only.durations } else { None };
        let times = durations.map(in_words);
        let told = view! {
            <h3>{say!("Its requests")}</h3>
            <table id="map-card-requests"><tbody>
                <tr><th scope="row">{say!("requests")}</th><td>{wording::count(n_requests)}</td></tr>
                <tr><th scope="row">{say!("failed")}</th><td>{format!("{} ({})", wording::count(n_errors), draw::share(n_errors, n_requests))}</td></tr>
                {times.map(|times| view! { <tr><th scope="row">"p50 · p95 · p99"</th><td>{times}</td></tr> })}
            </tbody></table>
            <div class="course" title=say!("Requests over time, what failed of them at the bottom")>{course(&over_time)}</div>
        };
        Some(told.into_any())
    };
    let known = move || {
        let facets = fields.get().answer?;
        let of = |names: &FieldNames| {
            let ranked = facets.fields.iter().filter_map(|facet| Some((names.rank(&facet.name)?, facet)));
            ranked.min_by_key(|(rank, _)| *rank).map(|(_, facet)| facet.clone())
        };
        let list = |title: &'static str, facet: Option<Facet>| {
            let facet = facet.filter(|facet| !facet.top.is_empty())?;
            let values = facet.top.iter().map(|value| {
                let term = value_term(&facet.name, &value.value);
                let narrow = move |_| {
                    let query = shared.query.with_untracked(|query| with_condition(query, &term, Change::Include));
                    shared.set_query(query, crate::scope::Visit::New);
                };
                view! {
                    <li><button class="small quiet" title=say!("Filter for this") on:click=narrow>{visible(&value.value).into_owned()}</button>
                        <span class="n">{wording::count(value.n_entries)}</span></li>
                }
            });
            let values = values.collect_view();
            Some(view! { <h3>{told(title)}</h3><ul class="map-list">{values}</ul> })
        };
        Some((list(key!("Versions"), of(&VERSIONS)), list(key!("Instances"), of(&INSTANCES))))
    };
    let written = move || {
        let list = templates.get().answer?;
        let first: Vec<_> = list
            .templates
            .iter()
            .take(MOST_SHOWN)
            .map(|template| {
                let entries = counted!(template.n_entries, "entry", "entries");
                view! { <li><span class="written">{template_text(template)}</span><span class="n" title=entries>{wording::count(template.n_entries)}</span></li> }
            })
            .collect();
        (!first.is_empty()).then(|| {
            view! {
                <h3>{say!("What it writes most")}</h3>
                <ul class="map-list" id="map-card-patterns">{first}</ul>
                <button class="small" on:click=move |_| shared.turn_to(View::Patterns)>{say!("All of its patterns")}</button>
            }
        })
    };
    view! { {requests}{known}{written} }
}

/// Requests and errors among them, span by span of time.
type Course = Vec<(u32, u32)>;

fn in_words(Durations { p50, p95, p99 }: Durations) -> String {
    [p50, p95, p99].map(wording::duration).join(" · ")
}

/// What callers tell of a service, or of what writes nothing at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Calls {
    durations: Option<Durations>,
    over_time: Course,
}

impl Calls {
    /// Those that a node got; `None`: there are none.
    pub fn to(topology: &Topology, node: usize) -> Option<Self> {
        let edges: Vec<_> = topology.edges.iter().filter(|edge| edge.to as usize == node && edge.calls > 0).collect();
        let mut over_time = edges.first()?.course.clone();
        for edge in &edges[1..] {
            add(&mut over_time, &edge.course);
        }
        // Percentiles of several callers are not known.
        let durations = if let [only] = &edges[..] { only.durations } else { None };
        Some(Self { durations, over_time })
    }
}

/// How long calls took, and when they were, where that is known.
pub fn of_calls(calls: &Calls) -> impl IntoView + use<> {
    let times = calls.durations.map(in_words);
    let over_time = calls.over_time.iter().any(|&(n, _)| n > 0).then(|| course(&calls.over_time));
    let is_known = times.is_some() || over_time.is_some();
    is_known.then(|| view! {
        <h3>{say!("Calls to it")}</h3>
        {times.map(|times| view! { <table><tbody><tr><th scope="row">"p50 · p95 · p99"</th><td>{times}</td></tr></tbody></table> })}
        {over_time.map(|over_time| view! { <div class="course" title=say!("Calls over time, what failed of them at the bottom")>{over_time}</div> })}
    })
}

fn add(sums: &mut Course, course: &[(u32, u32)]) {
    sums.resize(sums.len().max(course.len()), (0, 0));
    for (sum, one) in sums.iter_mut().zip(course) {
        *sum = (sum.0 + one.0, sum.1 + one.1);
    }
}

/// Requests, errors among them, and their course, of all that entries call the service; `None` where it has no requests.
fn sum(services: &[RouteRed]) -> Option<(u64, u64, Course)> {
    let mut over_time = services.first()?.course.clone();
    for service in &services[1..] {
        add(&mut over_time, &service.course);
    }
    let n_requests = services.iter().map(|service| service.n_requests).sum();
    let n_errors = services.iter().map(|service| service.n_errors).sum();
    Some((n_requests, n_errors, over_time))
}

#[cfg(test)]
mod tests {
    use super::super::around::tests::chain;
    use super::*;
    use model::red::ToldBy;
    use model::topology::Edge;

    #[test]
    fn calls_are_those_of_all_callers_and_percentiles_those_of_the_only_one() {
        let mut topology = chain(&["a", "b", "c"]);
        let durations = Some(Durations { p50: 1, p95: 2, p99: 3 });
        (topology.edges[1].course, topology.edges[1].durations) = (vec![(1, 0), (2, 1)], durations);
        assert_eq!(Calls::to(&topology, 0), None);
        assert_eq!(Calls::to(&topology, 2), Some(Calls { durations, over_time: vec![(1, 0), (2, 1)] }));
        topology.edges.push(Edge { from: 0, to: 2, course: vec![(3, 3), (0, 0), (1, 0)], ..topology.edges[0].clone() });
        let over_time = vec![(4, 3), (2, 1), (1, 0)];
        assert_eq!(Calls::to(&topology, 2), Some(Calls { durations: None, over_time }));
    }

    #[test]
    fn requests_are_those_of_all_names() {
        let of = |n_requests, n_errors, course: &[(u32, u32)]| RouteRed {
            service: String::new(),
            names: Vec::new(),
            route: String::new(),
            told_by: ToldBy::Spans,
            n_requests,
            n_errors,
            n_refused: None,
            seconds: None,
            durations: None,
            course: course.to_vec(),
            slowest: None,
            last_error: None,
        };
        let services = [of(3, 1, &[(3, 1), (0, 0)]), of(2, 0, &[(1, 0), (1, 0)]), of(1, 1, &[])];
        assert_eq!(sum(&services), Some((6, 2, vec![(4, 1), (1, 0)])));
        assert_eq!(sum(&[]), None);
    }
}
