//! What is known of the chosen node or edge, and the entries that show it.

use model::language::told;
use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::html::Aside;
use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::{Answer, Ask};
use model::scope::View;
use model::time::format_wall;
use model::topology::{Durations, Edge, NodeKind, Topology};
use model::{counted, say};

use super::before::Before;
use super::names::Names;
use super::replay::Window;
use super::service::{Calls, ServiceFacts, of_calls};
use super::{Chosen, draw};
use crate::port::{Pending, Reply};
use crate::red::rate_in_words;
use crate::scope::{Shared, use_shared};
use crate::{icons, wording};

#[component]
pub fn Card(
    topology: Signal<Option<Arc<Topology>>>,
    chosen: RwSignal<Option<Chosen>>,
    /// What was chosen before services became one.
    before: StoredValue<Before>,
    /// The time that the map beside it shows; `None`: all of it.
    window: RwSignal<Option<Window>>,
    /// Nodes that are not drawn.
    hidden: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let shared = use_shared();
    let title = move || match chosen.get() {
        Some(Chosen::Node(name)) => name,
        Some(Chosen::Edge(from, to)) => format!("{from} → {to}"),
        None => String::new(),
    };
    // In a low window the card stands below what is in sight.
    let card = NodeRef::<Aside>::new();
    Effect::new(move || {
        chosen.track();
        if let Some(card) = card.get() {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            nearest.set_inline(web_sys::ScrollLogicalPosition::Nearest);
            card.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    let chosen_in = chosen;
    let body = move || {
        let (topology, chosen) = (topology.get()?, chosen.get()?);
        let find = |name: &String| topology.nodes.iter().position(|node| node.name == *name);
        match &chosen {
            Chosen::Node(name) => {
                find(name).map(|at| of_node(shared, &topology, at, (chosen_in, before, hidden)).into_any())
            }
            Chosen::Edge(from, to) => {
                let (from, to) = (find(from)?, find(to)?);
                let edge = topology.edges.iter().find(|edge| (edge.from as usize, edge.to as usize) == (from, to))?;
                Some(of_edge(shared, edge, topology.calls_per_second(edge)).into_any())
            }
        }
    };
    let then = move || {
        let (topology, chosen, window) = (topology.get()?, chosen.get()?, window.get()?);
        let range = window.range(topology.spans?);
        let words = shared.zone.with(|zone| wording::span(range, zone));
        let (calls, n_errors) = calls_within(&topology, &chosen, window);
        Some(view! {
            <p class="aside">{words}</p>
            <table id="map-card-then"><tbody>
                {figure(say!("calls"), wording::count(calls))}
                {figure(say!("failed"), format!("{} ({})", wording::count(n_errors), draw::share(n_errors, calls)))}
            </tbody></table>
            <h3>{say!("All of the time")}</h3>
        })
    };
    view! {
        <aside id="map-card" aria-label=say!("What is known of it") node_ref=card>
            <div class="panel-head">
                <h2>{title}</h2>
                <button class="quiet square" aria-label=say!("Close the card") title=say!("Close") on:click=move |_| chosen.set(None)>
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
            <div class="body" tabindex="0" role="region" aria-label=say!("Figures and evidence")>
                {then}
                {move || body().unwrap_or_else(|| view! { <p class="aside">{say!("Not among the entries in the scope.")}</p> }.into_any())}
            </div>
        </aside>
    }
}

/// Calls of an edge, or those that a node got, and how many of them failed.
fn calls_within(topology: &Topology, chosen: &Chosen, window: Window) -> (u64, u64) {
    let is_named = |node: u32, name: &String| topology.nodes[node as usize].name == *name;
    let is_of = |edge: &&Edge| match chosen {
        Chosen::Node(name) => is_named(edge.to, name),
        Chosen::Edge(from, to) => is_named(edge.from, from) && is_named(edge.to, to),
    };
    let counted = topology.edges.iter().filter(is_of).map(|edge| window.counted(&edge.course));
    counted.fold((0, 0), |sum, of_edge| (sum.0 + of_edge.0, sum.1 + of_edge.1))
}

fn figure(name: &'static str, value: String) -> impl IntoView {
    view! { <tr><th scope="row">{name}</th><td>{value}</td></tr> }
}

fn times(durations: Option<Durations>) -> impl IntoView {
    durations.map(|Durations { p50, p95, p99 }| {
        let value = [p50, p95, p99].map(wording::duration).join(" · ");
        figure("p50 · p95 · p99", value)
    })
}

fn of_node(
    shared: Shared,
    topology: &Topology,
    at: usize,
    (chosen, before, hidden): (RwSignal<Option<Chosen>>, StoredValue<Before>, RwSignal<BTreeSet<String>>),
) -> impl IntoView + use<> {
    let node = &topology.nodes[at];
    let own_name = node.name.clone();
    let names: Vec<String> = draw::names(node).into_iter().map(str::to_owned).collect();
    let draw::Figures { calls, n_errors, .. } = draw::figures(topology)[at];
    let its_calls = Calls::to(topology, at);
    let name = |node: u32| topology.nodes[node as usize].name.clone();
    let line = |who: String, edge: &Edge| view! { <li>{who}<span class="n">{draw::edge_label(edge)}</span></li> };
    let callers: Vec<_> =
        topology.edges.iter().filter(|edge| edge.to as usize == at).map(|edge| line(name(edge.from), edge)).collect();
    let called: Vec<_> =
        topology.edges.iter().filter(|edge| edge.from as usize == at).map(|edge| line(name(edge.to), edge)).collect();
    // Which system it is of, and how spans call it.
    let named_by: Vec<_> = node
        .named_by
        .iter()
        .map(|(field, value)| {
            let name = field.strip_prefix("attributes.").unwrap_or(field).to_owned();
            view! { <tr><th scope="row">{name}</th><td>{value.clone()}</td></tr> }
        })
        .collect();
    let may_be_joined = matches!(node.kind, NodeKind::Service | NodeKind::Host);
    let list = |title: &'static str, items: Vec<_>| {
        (!items.is_empty()).then(|| view! { <h3>{title}</h3><ul class="map-list">{items}</ul> })
    };
    view! {
        <table><tbody>
            {figure(say!("is a"), told(node.kind.name()).to_owned())}
            {named_by}
            {(node.n_entries > 0).then(|| figure(say!("entries"), wording::count(node.n_entries)))}
            {(node.n_entries > 0).then(|| figure(say!("errors"), format!("{} ({})", wording::count(node.n_errors), draw::share(node.n_errors, node.n_entries))))}
            {(calls > 0).then(|| figure(say!("called"), counted!(calls, "time", "times")))}
            {(calls > 0).then(|| figure(say!("failed"), format!("{} ({})", wording::count(n_errors), draw::share(n_errors, calls))))}
        </tbody></table>
        {(node.n_entries > 0).then(|| view! {
            <button class="small" id="its-routes" on:click=move |_| shared.turn_to(View::Signals)>{say!("Rate, errors and duration of its routes")}</button>
        })}
        <button class="small" id="map-hide" on:click=move |_| { hidden.update(|hidden| { hidden.insert(own_name.clone()); }); chosen.set(None); }>
            {say!("Hide it on the map")}
        </button>
        {(node.n_entries > 0).then(|| view! { <ServiceFacts names=names calls=its_calls.clone() /> })}
        {(node.n_entries == 0).then(|| its_calls.as_ref().map(of_calls))}
        {list(say!("Called by"), callers)}
        {list(say!("Calls"), called)}
        {may_be_joined.then(|| view! { <Names node=node.clone() others=services_but(topology, at) chosen before /> })}
    }
}

fn services_but(topology: &Topology, at: usize) -> Vec<String> {
    let others =
        topology.nodes.iter().enumerate().filter(|(other, node)| *other != at && node.kind == NodeKind::Service);
    others.map(|(_, node)| node.name.clone()).collect()
}

fn of_edge(shared: Shared, edge: &Edge, per_second: Option<f64>) -> impl IntoView + use<> {
    let methods: Vec<_> = edge
        .methods
        .iter()
        .map(|(method, calls)| view! { <li>{method.name()}<span class="n">{wording::count(*calls)}</span></li> })
        .collect();
    let evidence: Vec<_> = edge.evidence.iter().map(|&key| shown_by(shared, key)).collect();
    view! {
        <table><tbody>
            {figure(say!("calls"), wording::count(edge.calls))}
            {per_second.map(|per_second| figure(say!("rate"), rate_in_words(per_second)))}
            {figure(say!("failed"), format!("{} ({})", wording::count(edge.n_errors), draw::share(edge.n_errors, edge.calls)))}
            {times(edge.durations)}
            {figure(say!("certain"), format!("{:.0} %", edge.confidence * 100.0))}
        </tbody></table>
        <h3>{say!("Found by")}</h3>
        <ul class="map-list">{methods}</ul>
        <h3>{say!("Shown by these entries")}</h3>
        <ul class="evidence">{evidence}</ul>
    }
}

/// One entry of the evidence; a click opens it.
pub fn shown_by(shared: Shared, key: RowKey) -> impl IntoView + use<> {
    let text = RwSignal::new(String::new());
    let pending = StoredValue::new_local(None::<Pending>);
    let asked = shared.port.with_value(|port| {
        port.ask(Ask::Entry(key.into()), move |reply| {
            if let Reply::Done(Ok(Answer::Entry(entry))) = reply {
                text.set(format!("{}: {}", entry.service, entry.message.lines().next().unwrap_or_default()));
            }
        })
    });
    pending.set_value(Some(asked));
    let open = move |_| {
        shared.select(Some(key));
        shared.details_open.set(true);
    };
    view! {
        <li>
            <button class="quiet" title=say!("Open this entry") on:click=open>
                <time>{move || shared.zone.with(|zone| format_wall(key.time, zone, 3))}</time>
                <span>{text}</span>
            </button>
        </li>
    }
}
