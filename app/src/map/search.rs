//! Finds a node of the map, and draws only what is around the one that is looked at.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::topology::Topology;
use model::{counted, say};

use super::Chosen;
use super::around::{MOST_CALLS_AWAY, find};

#[component]
pub fn Search(
    topology: Signal<Option<Arc<Topology>>>,
    chosen: RwSignal<Option<Chosen>>,
    focus: RwSignal<Option<(String, usize)>>,
    sought: RwSignal<Option<String>>,
    as_table: RwSignal<bool>,
) -> impl IntoView {
    // Hundreds of names take time that nobody has while the map comes up.
    let is_wanted = RwSignal::new(false);
    let names = move || {
        if !is_wanted.get() {
            return None;
        }
        let names = |topology: &Arc<Topology>| topology.nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
        let names = topology.with(|topology| topology.as_ref().map(names)).unwrap_or_default();
        Some(names.into_iter().map(|name| view! { <option value=name /> }).collect_view())
    };
    let look_for = move |event: ev::Event| {
        let written = event_target_value(&event);
        let found = topology.with_untracked(|topology| topology.as_ref().and_then(|topology| find(topology, &written)));
        if let Some(name) = found {
            focus.set(None);
            as_table.set(false);
            chosen.set(Some(Chosen::Node(name.clone())));
            sought.set(Some(name));
        }
    };
    let middle = Memo::new(move |_| {
        let of_focus = focus.with(|focus| focus.as_ref().map(|(name, _)| name.clone()));
        of_focus.or_else(|| {
            chosen.with(|chosen| match chosen {
                Some(Chosen::Node(name)) => Some(name.clone()),
                _ => None,
            })
        })
    });
    let away = move || focus.with(|focus| focus.as_ref().map_or(0, |(_, away)| *away));
    let set_away = move |event: ev::Event| {
        let away: usize = event_target_value(&event).parse().unwrap_or_default();
        focus.set(middle.get_untracked().filter(|_| away > 0).map(|name| (name, away)));
    };
    let options = move || {
        let option = |away: usize| {
            let name = middle.get().unwrap_or_default();
            let text = match away {
                0 => say!("all of the map").to_owned(),
                away => {
                    let far = counted!(away as u64, "call", "calls");
                    say!("{name} and what is {far} away", name, far)
                }
            };
            view! { <option value=away.to_string()>{text}</option> }
        };
        let most = if middle.get().is_some() { MOST_CALLS_AWAY } else { 0 };
        (0..=most).map(option).collect_view()
    };
    view! {
        <input type="search" id="map-search" list="map-services" placeholder=say!("Find a service") aria-label=say!("Find a service on the map")
            on:focus=move |_| is_wanted.set(true) on:change=look_for />
        <datalist id="map-services">{names}</datalist>
        // It is always there: what is beside it would move whenever a service is chosen.
        <select class="small" id="map-around" aria-label=say!("How much of the map is drawn") disabled=move || middle.get().is_none()
            prop:value=move || away().to_string() on:change=set_away>{options}</select>
    }
}
