//! The map: which service calls which among the entries in the scope.
//!
//! It is asked for without the choice of services, so that it stays as it is while services are chosen on it, and for all of the time, so
//! that it stays as it is while the range moves; what is asked of the range as well are figures. A click on a node or
//! an edge changes the query and nothing else; what is known of it stands in the card beside.

mod around;

mod before;

mod card;
pub use card::shown_by;

mod draw;

mod drawing;

mod export;
pub use export::{mermaid, svg};

mod ink;

mod names;

mod node;

mod parts;

mod picture;

mod range;

mod replay;

pub mod save;

mod search;

mod service;

mod sheet;

mod sights;

mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;
use model::language::told;
use model::protocol::{Answer, Ask};
use model::scope::{Filter, Order, View};
use model::topology::{Node, NodeKind, Picture as Drawn, Topology, TopologyAsk};
use model::{counted, say};

use crate::answer::{Question, Remote, State, use_answer};
use crate::details::copy;
use crate::focus::focus_first;
use crate::nothing::NothingHere;
use crate::port::{Pending, Reply};
use crate::scope::{Shared, Visit, use_shared};
use crate::sources::is_of_excerpts;
use crate::wording;
use around::around;
use before::Before;
use card::Card;
use parts::{Together, grouped, without};
use picture::Picture;
use range::in_range;
use replay::{Replay, Window};
use search::Search;
use table::Edges;

impl Question for TopologyAsk {
    type Answer = Arc<Topology>;
    fn ask(&self) -> Ask {
        Ask::Topology(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Topology>> {
        if let Answer::Topology(topology) = answer { Some(Arc::from(topology)) } else { None }
    }
}

/// What is looked at, by its names: the numbers change with every answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Chosen {
    Node(String),
    Edge(String, String),
}

impl Chosen {
    /// The node that stays in sight.
    fn shown(&self) -> &str {
        let (Self::Node(name) | Self::Edge(_, name)) = self;
        name
    }

    fn is_in(&self, topology: &Topology) -> bool {
        let has = |name: &String| topology.nodes.iter().any(|node| node.name == *name);
        match self {
            Self::Node(name) => has(name),
            Self::Edge(from, to) => has(from) && has(to),
        }
    }

    /// The same by the names that the topology has: services may be called otherwise since. `None`: it is called so, or is not there.
    fn renamed(&self, topology: &Topology) -> Option<Self> {
        let has = |name: &String| topology.nodes.iter().any(|node| node.name == *name);
        let now = |name: &String| {
            let is_also = |node: &&Node| node.aliases.iter().any(|alias| alias.name == *name);
            let other = || topology.nodes.iter().find(is_also).map(|node| node.name.clone());
            if has(name) { Some(name.clone()) } else { other() }
        };
        let renamed = match self {
            Self::Node(name) => Self::Node(now(name)?),
            Self::Edge(from, to) => match (now(from)?, now(to)?) {
                // It is a call within one service now.
                (from, to) if from == to => Self::Node(to),
                (from, to) => Self::Edge(from, to),
            },
        };
        (renamed != *self).then_some(renamed)
    }
}

#[component]
pub fn Map() -> impl IntoView {
    let shared = use_shared();
    let range = Memo::new(move |_| shared.filter.with(|filter| filter.range));
    let is_in_sight = move || shared.view.get() == View::Map;
    let all_time = use_answer(shared.port, shared.revision, move || {
        is_in_sight().then(|| TopologyAsk { filter: Filter { range: None, ..shared.filter.with(without_services) } })
    });
    let of_range = use_answer(shared.port, shared.revision, move || {
        (is_in_sight() && range.get().is_some()).then(|| TopologyAsk { filter: shared.filter.with(without_services) })
    });
    let answer = Signal::derive(move || if range.get().is_some() { of_range.get() } else { all_time.get() });
    let topology = Memo::new(move |_| {
        let now = answer.with(|answer| answer.answer.clone())?;
        let all = all_time.with(|all| all.answer.clone().filter(|_| !all.is_stale()));
        Some(match (range.get(), all) {
            (Some(range), Some(all)) => Arc::new(in_range(&all, &now, range)),
            _ => now,
        })
    });
    let topology = Signal::derive(move || topology.get());
    let chosen = RwSignal::new(None::<Chosen>);
    let as_table = RwSignal::new(false);
    let sought = RwSignal::new(None::<String>);
    // The node that all is drawn around, and how far.
    let focus = RwSignal::new(None::<(String, usize)>);
    let picture = RwSignal::new(Drawn::default());
    let hidden = RwSignal::new(BTreeSet::<String>::new());
    let together = RwSignal::new(Together::default());
    // What is chosen on the map may be of a group.
    let whole = Memo::new(move |_| {
        let topology = topology.get()?;
        let is_changed = together.get() != Together::Nothing || !hidden.with(BTreeSet::is_empty);
        Some(match is_changed {
            true => Arc::new(hidden.with(|hidden| without(&grouped(&topology, together.get()), hidden))),
            false => topology,
        })
    });
    let part = Memo::new(move |_| {
        let (topology, own) = (whole.get()?, topology.get()?);
        let part = focus.with(|focus| focus.as_ref().and_then(|(name, away)| around(&topology, name, *away)));
        // All of it in layers comes laid out.
        let is_laid_out = picture.get() == Drawn::Layers && Arc::ptr_eq(&topology, &own);
        part.or_else(|| (!is_laid_out).then(|| Topology::clone(&topology)))
    });
    // A part has places of its own; until they are known what was shown stays.
    let laid_out = RwSignal::new(None::<Arc<Topology>>);
    let laying_out = StoredValue::new_local(None::<Pending>);
    Effect::new(move || {
        let asked = part.get().map(|part| {
            let question = part.to_lay_out(picture.get());
            let take = move |reply| {
                if let Reply::Done(Ok(Answer::Layout(layout))) = reply {
                    laid_out.set(Some(Arc::new(Topology { layout: *layout, ..part.clone() })));
                }
            };
            shared.port.with_value(|port| port.ask(Ask::Layout(question), take))
        });
        if asked.is_none() {
            laid_out.set(None);
        }
        laying_out.set_value(asked);
    });
    let shown = Signal::derive(move || match part.with(Option::is_some) {
        true => laid_out.get().or_else(|| topology.get()),
        false => topology.get(),
    });
    let window = RwSignal::new(None::<Window>);
    let has_edges =
        Memo::new(move |_| topology.with(|topology| topology.as_ref().is_some_and(|t| !t.edges.is_empty())));
    let is_known = Memo::new(move |_| topology.with(Option::is_some));
    let whole = Signal::derive(move || whole.get());
    // The card stays with a service that got another name, or became one with another, and goes back if that is taken back.
    let before = StoredValue::new(Before::default());
    Effect::new(move |_| {
        let now_chosen = whole.with(|topology| {
            let (topology, chosen) = (topology.as_ref()?, chosen.get_untracked()?);
            let renamed = chosen.renamed(topology);
            let back = before.try_update_value(|before| {
                before.keep_to(&chosen);
                if let Some(renamed) = &renamed {
                    before.leave(chosen, renamed.clone());
                }
                before.back(topology)
            });
            back.flatten().or(renamed)
        });
        if now_chosen.is_some() {
            chosen.set(now_chosen);
        }
    });
    let choose = Callback::new(move |what: Chosen| {
        before.update_value(Before::forget);
        if let Some(topology) = whole.get_untracked() {
            narrow(shared, &topology, &what);
        }
        chosen.set(Some(what));
    });
    let is_of_excerpts = is_of_excerpts(shared);
    view! {
        <section id="map" aria-label=say!("Service map") class:stale=move || answer.with(Remote::is_stale)
            aria-busy=move || answer.with(|answer| !matches!(answer.state, State::Final | State::Idle)).to_string()
            data-complete=move || [answer, all_time].iter().all(|answer| answer.with(|answer| answer.state == State::Final)).to_string()>
            <div class="result-head">
                <span class="summary" role="status">
                    {move || answer.with(|answer| topology.with(|topology| summary(answer, topology.as_deref())))}
                    <Show when=move || is_of_excerpts.get()>" "<span class="aside">{say!("Of some files only an excerpt is here: all numbers are of that.")}</span></Show>
                </span>
                <Show when=move || has_edges.get()>
                    <div class="map-ways">
                        <Search topology=whole chosen focus sought as_table />
                        <Parts hidden together />
                        <button class="small" id="map-forces" aria-pressed=move || (picture.get() == Drawn::Forces).to_string()
                            title=say!("Services that call each other stand near each other")
                            on:click=move |_| picture.update(|picture| *picture = match picture { Drawn::Layers => Drawn::Forces, Drawn::Forces => Drawn::Layers })>
                            {say!("By forces")}
                        </button>
                        <button class="small" id="map-as-table" aria-pressed=move || as_table.get().to_string()
                            on:click=move |_| as_table.update(|as_table| *as_table = !*as_table)>{say!("As a table")}</button>
                        <button class="small quiet" id="map-naming" popovertarget="names-menu" title=say!("What you said of names of services; a file of names; all back to the rules")>
                            {say!("Names…")}
                        </button>
                        <Takeaway topology=shown />
                    </div>
                </Show>
            </div>
            <Show when=move || has_edges.get() && !as_table.get()><Replay topology window /></Show>
            <div class="map-body">
                <Show when=move || has_edges.get() && !as_table.get()><Picture topology=shown chosen choose sought focus window picture /></Show>
                <Show when=move || has_edges.get() && as_table.get()><Edges topology=shown choose /></Show>
                <Show when=move || is_known.get() && !has_edges.get()><NothingHere><NoEdges /></NothingHere></Show>
                <Show when=move || chosen.get().is_some()><Card topology=whole chosen before window hidden /></Show>
            </div>
        </section>
    }
}

/// What stands together, and a way back for what was hidden.
#[component]
fn Parts(hidden: RwSignal<BTreeSet<String>>, together: RwSignal<Together>) -> impl IntoView {
    let option = move |by: Together| {
        view! { <option value=format!("{by:?}") selected=move || together.get() == by>{told(by.name())}</option> }
    };
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some(by) = Together::ALL.into_iter().find(|by| format!("{by:?}") == chosen) {
            together.set(by);
        }
    };
    view! {
        <select class="small" id="map-together" aria-label=say!("What stands together on the map") on:change=choose>{Together::ALL.map(option).into_iter().collect_view()}</select>
        <Show when=move || !hidden.with(BTreeSet::is_empty)>
            <button class="small" id="map-show-hidden" on:click=move |_| hidden.set(BTreeSet::new())>
                {move || say!("Show {} hidden", hidden.with(BTreeSet::len))}
            </button>
        </Show>
    }
}

/// The map as a file or a text.
#[component]
fn Takeaway(topology: Signal<Option<Arc<Topology>>>) -> impl IntoView {
    let shared = use_shared();
    let button = move |name: &'static str, hint: &'static str, act: fn(Shared, &Topology)| {
        let on_click = move |_| {
            if let Some(topology) = topology.get_untracked() {
                act(shared, &topology);
            }
        };
        view! { <button class="small" popovertarget="map-takeaway" popovertargetaction="hide" title=hint on:click=on_click>{name}</button> }
    };
    view! {
        <button class="small quiet" id="map-takeaway-open" popovertarget="map-takeaway">{say!("Save…")}</button>
        <div popover="auto" id="map-takeaway" role="dialog" aria-labelledby="map-takeaway-title">
            <h2 id="map-takeaway-title">{say!("Take the map with you")}</h2>
            <div class="actions">
                {button("SVG", say!("Save the map as a picture"), |shared, topology| save::text(shared, "map.svg", "image/svg+xml", &export::svg(topology)))}
                {button("PNG", say!("Save the map as a picture of pixels"), |shared, topology| {
                    let (_, _, width, height) = draw::extent(topology);
                    save::png(shared, "map.png", &export::svg(topology), (width, height));
                })}
                {button(say!("Copy DOT"), say!("Copy it for Graphviz"), |shared, topology| copy(shared, export::dot(topology), "DOT"))}
                {button(say!("Copy Mermaid"), say!("Copy it for Mermaid"), |shared, topology| copy(shared, export::mermaid(topology), "Mermaid"))}
            </div>
        </div>
    }
}

/// What would make edges appear.
#[component]
fn NoEdges() -> impl IntoView {
    view! {
        <div class="map-empty">
            <h2>{say!("No calls were found among these entries")}</h2>
            <p>{say!("An edge is drawn where entries say who calls whom, or let it be seen:")}</p>
            <ul>
                <li>{say!("spans of traces (OTLP, Jaeger, Zipkin): drop their files beside the logs")}</li>
                <li>{say!("a trace or request id that entries of several services share")}</li>
                <li>{say!("addresses of other services in fields or text:")}" "<code>"peer=cart:8080"</code>", "<code>"http://cart/items"</code></li>
                <li>{say!("a topic or queue that one service writes to and another reads")}</li>
            </ul>
            <p>{say!("Logs of one service alone have none of these. A wider range or query may.")}</p>
        </div>
    }
}

/// The map is of all services, whatever is chosen on it.
pub fn without_services(filter: &Filter) -> Filter {
    Filter { query: draw::without_choice(&filter.query), order: Order::default(), ..filter.clone() }
}

/// Asks for the entries of what was chosen; once more takes that back.
fn narrow(shared: Shared, topology: &Topology, what: &Chosen) {
    let find = |name: &String| topology.nodes.iter().find(|node| node.name == *name);
    let nodes: Vec<_> = match what {
        Chosen::Node(name) => find(name).into_iter().collect(),
        Chosen::Edge(from, to) => find(from).into_iter().chain(find(to)).collect(),
    };
    let (query, is_new) = shared.query.with_untracked(|before| {
        let query = draw::choose(before, &nodes);
        let is_new = query != *before;
        (query, is_new)
    });
    if is_new {
        shared.set_query(query, Visit::New);
    }
}

/// `topology`: the answer, as it is drawn.
fn summary(answer: &Remote<Arc<Topology>>, topology: Option<&Topology>) -> String {
    let Some(topology) = topology else {
        return match &answer.state {
            State::Failed(failure) => failure.to_string(),
            _ => say!("looking for calls…").to_owned(),
        };
    };
    let n_services = topology.nodes.iter().filter(|node| node.kind == NodeKind::Service).count();
    let n_others = topology.nodes.len() - n_services;
    let mut parts = vec![counted!(n_services as u64, "service", "services")];
    if n_others > 0 {
        parts.push(counted!(n_others as u64, "database, queue or host", "databases, queues and hosts"));
    }
    parts.push(counted!(topology.edges.len() as u64, "edge", "edges"));
    parts.push(say!("from {}", counted!(topology.n_entries, "entry", "entries")));
    if topology.n_traces > 0 {
        parts.push(counted!(topology.n_traces, "trace", "traces"));
    }
    if topology.one_trace_of > 1 {
        parts.push(say!("calls counted in one trace of {}", topology.one_trace_of));
    }
    if topology.n_malformed_ids > 0 {
        parts.push(counted!(topology.n_malformed_ids, "malformed id", "malformed ids"));
    }
    match &answer.state {
        State::Partial { done, total } => parts.push(say!("so far, {} %", wording::percent(*done, *total))),
        State::Asked => parts.push(say!("of the query before, looking…").to_owned()),
        State::Failed(failure) => return failure.to_string(),
        State::Idle | State::Final => {}
    }
    parts.join(" · ")
}

/// Puts the keyboard into the map, if there is one.
pub fn focus_map() -> bool {
    focus_first(&["#map .node", "#map-as-table"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::Alias;

    #[test]
    fn a_database_is_no_service() {
        let node = |name: &str, kind| Node {
            name: name.to_owned(),
            kind,
            aliases: Vec::new(),
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        let nodes = vec![node("shop", NodeKind::Service), node("users", NodeKind::Database)];
        let topology = Topology { nodes, ..Topology::default() };
        let remote = Remote { answer: None, state: State::Final };
        let said = summary(&remote, Some(&topology));
        assert_eq!(said, "1 service · 1 database, queue or host · 0 edges · from 0 entries");
    }

    #[test]
    fn what_was_chosen_is_found_by_its_other_names() {
        let node = |name: &str, aliases: &[&str]| Node {
            name: name.to_owned(),
            kind: NodeKind::Service,
            aliases: aliases.iter().map(|&name| Alias { name: name.to_owned(), rule: String::new() }).collect(),
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        let nodes = vec![node("cart", &["basket"]), node("shop", &["front", "till"])];
        let topology = Topology { nodes, ..Topology::default() };
        let chosen = |from: &str, to: &str| Chosen::Edge(from.to_owned(), to.to_owned());
        let of_node = |name: &str| Chosen::Node(name.to_owned());
        assert_eq!(of_node("till").renamed(&topology), Some(of_node("shop")));
        assert_eq!(of_node("shop").renamed(&topology), None);
        assert_eq!(of_node("gone").renamed(&topology), None);
        assert_eq!(chosen("front", "cart").renamed(&topology), Some(chosen("shop", "cart")));
        assert_eq!(chosen("front", "till").renamed(&topology), Some(of_node("shop")));
    }
}
