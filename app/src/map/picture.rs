//! The map as a picture: nodes and edges, moved with the pointer, zoomed with the wheel, walked with the arrow keys.

use model::language::told;
use std::sync::Arc;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::query::chosen_values;
use model::say;
use model::topology::{Edge, Topology};
use wasm_bindgen::JsCast;

use super::{Chosen, draw};
use crate::icons;
use crate::measured::use_size;
use crate::scope::use_shared;

/// As large as on paper, and not so small that nobody reads it.
const MOST_ZOOM: f64 = 2.5;
const LEAST_ZOOM: f64 = 0.1;
const ZOOM_STEP: f64 = 1.25;
/// A pointer that moves less did not mean to move the map.
const CLICK_PIXELS: f64 = 4.0;

/// What of the map is in sight: its scale, and how far it is moved, in pixels. `None`: all of it.
type Sight = Option<(f64, f64, f64)>;

#[component]
pub fn Picture(
    topology: Signal<Option<Arc<Topology>>>,
    chosen: RwSignal<Option<Chosen>>,
    choose: Callback<Chosen>,
) -> impl IntoView {
    let shared = use_shared();
    let frame = NodeRef::<Div>::new();
    let size = use_size(frame);
    let sight: RwSignal<Sight> = RwSignal::new(None);
    let drag = StoredValue::new(None::<(f64, f64, f64, f64)>);
    let was_dragged = StoredValue::new(false);
    let fitting = Memo::new(move |_| {
        let (left, top, width, height) =
            topology.with(|topology| topology.as_ref().map(|t| draw::extent(t)).unwrap_or((0.0, 0.0, 1.0, 1.0)));
        let (across, down) = size.get();
        let zoom = (across / f64::from(width)).min(down / f64::from(height)).clamp(LEAST_ZOOM, 1.0);
        let x = (across - f64::from(width) * zoom) / 2.0 - f64::from(left) * zoom;
        // A map that is much wider than high stands near the top.
        let y = ((down - f64::from(height) * zoom) / 2.0).min(60.0) - f64::from(top) * zoom;
        (zoom, x, y)
    });
    let now = Memo::new(move |_| sight.get().unwrap_or_else(|| fitting.get()));
    let zoom_by = move |factor: f64, at: (f64, f64)| {
        let (zoom, x, y) = now.get_untracked();
        let to = (zoom * factor).clamp(LEAST_ZOOM, MOST_ZOOM);
        let by = to / zoom;
        sight.set(Some((to, at.0 - (at.0 - x) * by, at.1 - (at.1 - y) * by)));
    };
    let middle = move || (size.get_untracked().0 / 2.0, size.get_untracked().1 / 2.0);
    let on_wheel = move |event: ev::WheelEvent| {
        event.prevent_default();
        let Some(frame) = frame.get_untracked() else { return };
        let bounds = frame.get_bounding_client_rect();
        let at = (f64::from(event.client_x()) - bounds.left(), f64::from(event.client_y()) - bounds.top());
        zoom_by(if event.delta_y() < 0.0 { ZOOM_STEP } else { 1.0 / ZOOM_STEP }, at);
    };
    let on_down = move |event: ev::PointerEvent| {
        let (_, x, y) = now.get_untracked();
        drag.set_value(Some((f64::from(event.client_x()), f64::from(event.client_y()), x, y)));
        was_dragged.set_value(false);
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some((start_x, start_y, x, y)) = drag.get_value() {
            let by = (f64::from(event.client_x()) - start_x, f64::from(event.client_y()) - start_y);
            if by.0.hypot(by.1) > CLICK_PIXELS || was_dragged.get_value() {
                was_dragged.set_value(true);
                sight.set(Some((now.get_untracked().0, x + by.0, y + by.1)));
            }
        }
    };
    let on_up = move |_| drag.set_value(None);
    let choose = Callback::new(move |what| {
        if !was_dragged.get_value() {
            choose.run(what);
        }
    });
    let services = Memo::new(move |_| shared.query.with(|query| chosen_values(query, "service")));
    let transform = move || {
        let (zoom, x, y) = now.get();
        format!("translate({x:.1} {y:.1}) scale({zoom:.4})")
    };
    view! {
        <div class="map-frame" node_ref=frame on:wheel=on_wheel on:pointerdown=on_down on:pointermove=on_move
            on:pointerup=on_up on:pointerleave=on_up>
            <svg id="map-picture" role="group" aria-label=say!("Services and their calls; the arrow keys go from neighbour to neighbour")>
                <defs>
                    <marker id="map-tip" markerWidth="9" markerHeight="8" refX="1" refY="4" orient="auto" markerUnits="userSpaceOnUse">
                        <path d="M0 0L9 4L0 8z" fill="context-stroke" />
                    </marker>
                </defs>
                <g transform=transform>
                    {move || topology.get().map(|topology| {
                        let edges = (0..topology.edges.len()).map(|at| edge(&topology, at, chosen, choose)).collect::<Vec<_>>();
                        let nodes = (0..topology.nodes.len()).map(|at| node(&topology, at, chosen, services, choose)).collect::<Vec<_>>();
                        view! { <g>{edges}</g><g>{nodes}</g> }
                    })}
                </g>
            </svg>
            <div class="map-tools">
                <button class="small square" aria-label=say!("Zoom in") title=say!("Zoom in") on:click=move |_| zoom_by(ZOOM_STEP, middle())>
                    {icons::icon(icons::PLUS)}
                </button>
                <button class="small square" aria-label=say!("Zoom out") title=say!("Zoom out") on:click=move |_| zoom_by(1.0 / ZOOM_STEP, middle())>
                    {icons::icon(icons::MINUS)}
                </button>
                <button class="small" id="map-fit" on:click=move |_| sight.set(None)>{say!("All of it")}</button>
            </div>
            <ul class="map-legend" aria-label=say!("Legend")>
                <li><svg aria-hidden="true"><path class="edge" d="M2 8H34" /></svg>{say!("said by spans or entries")}</li>
                <li><svg aria-hidden="true"><path class="edge guess" d="M2 8H34" /></svg>{say!("inferred from their order")}</li>
                <li><svg aria-hidden="true"><path class="edge bad" d="M2 8H34" /></svg>{say!("some failed")}</li>
                <Show when=move || shared.suspects.with(|suspects| !suspects.is_empty())>
                    <li><svg aria-hidden="true"><path class="blamed" d="M2 2H34V14H2z" /></svg>{say!("suspected, the stronger the more")}</li>
                </Show>
            </ul>
        </div>
    }
}

fn edge(
    topology: &Topology,
    at: usize,
    chosen: RwSignal<Option<Chosen>>,
    choose: Callback<Chosen>,
) -> impl IntoView + use<> {
    let edge: &Edge = &topology.edges[at];
    let way = topology.layout.ways.get(at).map(Vec::as_slice).unwrap_or_default();
    let most = topology.edges.iter().map(|edge| edge.calls).max().unwrap_or_default();
    let name = |node: u32| topology.nodes[node as usize].name.clone();
    let what = Chosen::Edge(name(edge.from), name(edge.to));
    let title = say!("{} calls {}: {}", name(edge.from), name(edge.to), draw::edge_label(edge));
    let (path, label, text) = (draw::path(way), draw::label_at(way), draw::edge_label(edge));
    let same = what.clone();
    let is_chosen = Memo::new(move |_| chosen.with(|chosen| chosen.as_ref() == Some(&same)));
    let pair = format!("{} {}", name(edge.from), name(edge.to));
    view! {
        // The table has every edge as a button.
        <g class="edge-group" class:chosen=move || is_chosen.get() aria-hidden="true" data-edge=pair
            on:click=move |_| choose.run(what.clone())>
            <title>{title}</title>
            <path class="edge-target" d=path.clone() />
            <path class=draw::class(edge) d=path style:stroke-width=format!("{:.2}px", draw::width(edge.calls, most))
                marker-end="url(#map-tip)" />
            <text x=label.x y=label.y text-anchor="middle">{text}</text>
        </g>
    }
}

fn node(
    topology: &Arc<Topology>,
    at: usize,
    chosen: RwSignal<Option<Chosen>>,
    services: Memo<Vec<String>>,
    choose: Callback<Chosen>,
) -> impl IntoView + use<> {
    let shared = use_shared();
    let node = &topology.nodes[at];
    let place = topology.layout.places.get(at).copied().unwrap_or_default();
    let (name, label) = (node.name.clone(), draw::node_label(topology, at));
    let (_, n_errors) = draw::called(topology, at);
    let names: Vec<String> = draw::names(node).into_iter().map(str::to_owned).collect();
    let is_chosen = Memo::new(move |_| services.with(|services| names.iter().any(|name| services.contains(name))));
    let what = Chosen::Node(name.clone());
    let same = what.clone();
    let is_shown = Memo::new(move |_| chosen.with(|chosen| chosen.as_ref() == Some(&same)));
    let by_key = what.clone();
    let in_keys = topology.clone();
    let on_key = move |event: ev::KeyboardEvent| {
        let key = event.key();
        match key.as_str() {
            "Enter" | " " => choose.run(by_key.clone()),
            "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" => {
                if let Some(next) = neighbour(&in_keys, at, &key) {
                    focus_node(&in_keys.nodes[next].name);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let suspected = name.clone();
    // More of the blame is a stronger colour, from a tenth of it on.
    let blame = Memo::new(move |_| {
        shared.suspects.with(|suspects| suspects.iter().find(|(name, _)| *name == suspected).map(|(_, share)| *share))
    });
    let strength = move || blame.get().map(|share| format!("{:.0}%", 15.0 + 85.0 * share.min(1.0)));
    // Named by its texts; what the outline says is said beside them.
    let kind = told(node.kind.name());
    view! {
        <g class=format!("node {}", node.kind.name()) class:chosen=move || is_chosen.get() class:shown=move || is_shown.get()
            class:bad=n_errors != 0 class:suspect=move || blame.get().is_some() style:--blame=strength transform=format!("translate({:.0} {:.0})", place.x, place.y) role="button"
            aria-pressed=move || is_chosen.get().to_string() tabindex="0" aria-description=kind data-node=name.clone()
            on:click=move |_| choose.run(what.clone()) on:keydown=on_key>
            <path class="outline" d=draw::outline(node.kind) />
            <text class="name" x=draw::NODE_WIDTH / 2.0 y="23" text-anchor="middle">{shortened(&name)}</text>
            <text class="figures" x=draw::NODE_WIDTH / 2.0 y="41" text-anchor="middle">{label}</text>
        </g>
    }
}

/// As much of a name as a node has room for; its end tells services of one system apart.
fn shortened(name: &str) -> String {
    const MOST_CHARS: usize = 21;
    let n_chars = name.chars().count();
    if n_chars <= MOST_CHARS {
        return name.to_owned();
    }
    let half = (MOST_CHARS - 1) / 2;
    let (start, end): (String, String) =
        (name.chars().take(half).collect(), name.chars().skip(n_chars - half).collect());
    format!("{start}…{end}")
}

/// The node to go to: along an edge to the left or right, else the nearest of the same layer.
fn neighbour(topology: &Topology, at: usize, key: &str) -> Option<usize> {
    let place = |node: usize| topology.layout.places[node];
    let here = place(at);
    let along = topology.edges.iter().filter_map(|edge| match (edge.from as usize, edge.to as usize) {
        (from, to) if from == at => Some(to),
        (from, to) if to == at => Some(from),
        _ => None,
    });
    let far = |node: &usize| (place(*node).x - here.x).abs() as i64 * 10 + (place(*node).y - here.y).abs() as i64;
    let all = 0..topology.nodes.len();
    match key {
        "ArrowLeft" => along.filter(|&node| place(node).x < here.x).min_by_key(far),
        "ArrowRight" => along.filter(|&node| place(node).x > here.x).min_by_key(far),
        "ArrowUp" => all.filter(|&node| place(node).y < here.y).min_by_key(far),
        _ => all.filter(|&node| place(node).y > here.y).min_by_key(far),
    }
}

fn focus_node(name: &str) {
    let nodes = document().query_selector_all("#map .node");
    let Ok(nodes) = nodes else { return };
    for at in 0..nodes.length() {
        let node = nodes.item(at).and_then(|node| node.dyn_into::<web_sys::SvgElement>().ok());
        if let Some(node) = node.filter(|node| node.get_attribute("data-node").as_deref() == Some(name)) {
            // Refused only for an element that is not on the page.
            let _ = node.focus();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("cart"), "cart");
        assert_eq!(shortened("ts-preserve-other-service"), "ts-preserv…er-service");
    }
}
