//! Nodes and edges of a map, and what is known of them in sight. A large map comes up piece by piece, so that the page answers in
//! between; its edges are [`ink`](super::ink).

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use model::language::told;
use model::query::named_values;
use model::say;
use model::topology::{Place, Topology, curve};

use super::drawing::{Drawing, Then};
use super::sights::Seen;
use super::{Chosen, draw};
use crate::scope::use_shared;

/// Of one task: a few milliseconds.
const PIECE_NODES: usize = 25;
const PIECE_EDGES: usize = 100;

#[component]
pub fn Sheet(
    drawing: Memo<Option<Arc<Drawing>>>,
    chosen: RwSignal<Option<Chosen>>,
    pointed_at: RwSignal<Option<usize>>,
    seen: Memo<Option<Seen>>,
    then: Memo<Option<Arc<Then>>>,
) -> impl IntoView {
    let is = move |of: fn(&Seen) -> bool| Memo::new(move |_| seen.with(|seen| seen.as_ref().is_some_and(of)));
    let (is_far, is_small) = (is(|seen| seen.is_far), is(|seen| seen.is_small));
    let name_chars =
        Memo::new(move |_| seen.with(|seen| seen.as_ref().map_or(draw::MOST_CHARS, |seen| seen.name_chars)));
    // Texts of a map that is small on screen are larger than the map has them.
    let text_scale = move || seen.with(|seen| seen.as_ref().map_or(1.0, |seen| seen.text_scale.max(1.0)));
    let scale = Memo::new(move |_| text_scale() as f32);
    move || {
        drawing.get().map(|drawing| {
            let (left, top, width, height) = drawing.extent;
            let n_edges = drawing.topology.edges.len();
            let (nodes, edges, is_drawn) = in_pieces(&drawing, chosen, (name_chars, scale), then);
            let (for_figures, for_names, for_one, for_words) = (drawing.clone(), drawing.clone(), drawing.clone(), drawing);
            view! {
                <svg id="map-picture" role="group" aria-label=say!("Services and their calls; the arrow keys go from neighbour to neighbour")
                    class:far=move || is_far.get() class:small=move || is_small.get() style:--text=move || format!("{:.3}", text_scale())
                    data-edges=n_edges.to_string() data-drawn=move || is_drawn.get().to_string() width=width height=height viewBox=format!("{left:.0} {top:.0} {width:.0} {height:.0}")>
                    <defs>
                        <marker id="map-tip" markerWidth="11" markerHeight="10" refX="1" refY="5" orient="auto" markerUnits="userSpaceOnUse">
                            <path d="M0 0L11 5L0 10z" fill="context-stroke" />
                        </marker>
                    </defs>
                    // The table has every edge as a button.
                    <g aria-hidden="true">{edges}</g>
                    <g aria-hidden="true">{move || highlighted(&for_one, chosen, pointed_at, seen)}</g>
                    <g aria-hidden="true">{move || figures(&for_figures, seen, then)}</g>
                    <g class="nodes">{nodes}</g>
                    <g aria-hidden="true">{move || said(&for_words, chosen, pointed_at, text_scale(), then)}</g>
                    <g aria-hidden="true" class="names">{move || names(&for_names, seen)}</g>
                </svg>
            }
        })
    }
}

/// Nodes and edges, a piece of them in each task that follows, the nodes first; and whether all are up.
fn in_pieces(
    drawing: &Arc<Drawing>,
    chosen: RwSignal<Option<Chosen>>,
    texts: (Memo<usize>, Memo<f32>),
    then: Memo<Option<Arc<Then>>>,
) -> (Vec<AnyView>, Vec<AnyView>, Memo<bool>) {
    let shared = use_shared();
    let services = Memo::new(move |_| shared.query.with(|query| named_values(query, "service")));
    let pieces = |n: usize, each: usize| (0..n.div_ceil(each)).map(move |at| at * each..((at + 1) * each).min(n));
    let n_up = RwSignal::new(0);
    let n_node_pieces = drawing.topology.nodes.len().div_ceil(PIECE_NODES);
    let when_up = move |place: usize, put_up: Box<dyn Fn() -> AnyView + Send>| {
        let is_up = Memo::new(move |_| n_up.get() > place);
        (move || is_up.get().then(&put_up)).into_any()
    };
    let nodes = pieces(drawing.topology.nodes.len(), PIECE_NODES).enumerate().map(|(place, range)| {
        let drawing = drawing.clone();
        let put_up =
            move || range.clone().map(|at| node(&drawing, at, chosen, services, texts, then)).collect_view().into_any();
        when_up(place, Box::new(put_up))
    });
    let nodes: Vec<AnyView> = nodes.collect();
    let n_edges = if drawing.is_large() { 0 } else { drawing.topology.edges.len() };
    let edges = pieces(n_edges, PIECE_EDGES).enumerate().map(|(place, range)| {
        let drawing = drawing.clone();
        when_up(n_node_pieces + place, Box::new(move || edges(&drawing, range.clone(), then).into_any()))
    });
    let edges: Vec<AnyView> = edges.collect();
    let n_pieces = nodes.len() + edges.len();
    put_up_next(n_up, n_pieces);
    (nodes, edges, Memo::new(move |_| n_up.get() >= n_pieces))
}

fn put_up_next(n_up: RwSignal<usize>, n_pieces: usize) {
    // The sheet may be gone by then.
    let now = n_up.try_update(|n_up| {
        *n_up += 1;
        *n_up
    });
    if now.is_some_and(|now| now < n_pieces) {
        set_timeout(move || put_up_next(n_up, n_pieces), Duration::ZERO);
    }
}

fn name(topology: &Topology, node: u32) -> &str {
    &topology.nodes[node as usize].name
}

/// The names of both nodes of an edge.
fn ends(topology: &Topology, at: usize) -> (&str, &str) {
    let edge = &topology.edges[at];
    (name(topology, edge.from), name(topology, edge.to))
}

fn pair(topology: &Topology, at: usize) -> String {
    let (from, to) = ends(topology, at);
    format!("{from} {to}")
}

fn edges(drawing: &Arc<Drawing>, range: Range<usize>, then: Memo<Option<Arc<Then>>>) -> impl IntoView + use<> {
    let topology = &drawing.topology;
    let of_edge = |at: usize| {
        // Calls of the edge and of the busiest one, and errors.
        let of_then = move |drawing: &Drawing| {
            then.with(|then| match then {
                Some(then) => {
                    let (calls, n_errors) = then.counted.get(at).copied().unwrap_or_default();
                    (calls, n_errors, then.most_calls)
                }
                None => {
                    let edge = &drawing.topology.edges[at];
                    (edge.calls, edge.n_errors, drawing.most_calls)
                }
            })
        };
        let (for_class, for_width) = (drawing.clone(), drawing.clone());
        let class = move || {
            let (calls, n_errors, _) = of_then(&for_class);
            let class = draw::class(&for_class.topology.edges[at], n_errors);
            if calls == 0 { format!("{class} silent") } else { class.to_owned() }
        };
        let width = move || {
            let (calls, _, most_calls) = of_then(&for_width);
            format!("{:.2}", draw::width(calls, most_calls) * for_width.thinned)
        };
        view! { <path class=class d=draw::path(&topology.layout.ways[at], topology.layout.picture) data-edge=pair(topology, at) stroke-width=width /> }
    };
    range.filter(|&at| at < topology.layout.ways.len()).map(of_edge).collect_view()
}

/// A text on an edge, on a ground of its own.
fn pill(text: String, middle: Place, scale: f32) -> impl IntoView {
    let (wide, high) = draw::label_room(&text);
    let (wide, high) = (wide * scale, high * scale);
    view! {
        <rect class="ground" x=middle.x - wide / 2.0 y=middle.y - high / 2.0 width=wide height=high rx=high / 2.0 />
        <text class="figure" x=middle.x y=middle.y + 4.0 * scale text-anchor="middle">{text}</text>
    }
}

fn figures(drawing: &Drawing, seen: Memo<Option<Seen>>, then: Memo<Option<Arc<Then>>>) -> impl IntoView + use<> {
    let then = then.get();
    seen.with(|seen| {
        let seen = seen.as_ref()?;
        let scale = seen.text_scale.max(1.0) as f32;
        let figure = |&at: &usize| {
            if then.as_ref().is_some_and(|then| then.counted.get(at).is_none_or(|count| count.0 == 0)) {
                return None;
            }
            Some(pill(drawing.figures(at, then.as_deref())?, drawing.figures_at(at)?, scale))
        };
        Some(seen.figures.iter().filter_map(figure).collect_view())
    })
}

/// The edge that is pointed at or chosen, and the edges of a chosen node, above the others.
fn highlighted(
    drawing: &Drawing,
    chosen: RwSignal<Option<Chosen>>,
    pointed_at: RwSignal<Option<usize>>,
    seen: Memo<Option<Seen>>,
) -> impl IntoView + use<> {
    let topology = &drawing.topology;
    let is_far = seen.with(|seen| seen.as_ref().is_some_and(|seen| seen.is_far));
    let scale = seen.with(|seen| seen.as_ref().map_or(1.0, |seen| seen.text_scale.max(1.0)));
    let pointed_at = pointed_at.get();
    let is_chosen = |at: usize| {
        let (from, to) = ends(topology, at);
        chosen.with(|chosen| match chosen {
            Some(Chosen::Edge(a, b)) => a == from && b == to,
            Some(Chosen::Node(node)) => node == from || node == to,
            None => false,
        })
    };
    let wanted = (0..topology.edges.len()).filter(|&at| pointed_at == Some(at) || is_chosen(at));
    let drawn = wanted.filter_map(|at| {
        let (edge, way) = (&topology.edges[at], topology.layout.ways.get(at)?);
        let least = if is_far { 1.5 * scale as f32 } else { 1.75 };
        let wide = (draw::width(edge.calls, drawing.most_calls) * drawing.thinned).max(least);
        Some(view! { <path class=format!("{} chosen", draw::class(edge, edge.n_errors)) d=draw::path(way, topology.layout.picture) stroke-width=format!("{wide:.2}") /> })
    });
    drawn.collect_view()
}

/// What the edge says that is pointed at, else the chosen one.
fn said(
    drawing: &Drawing,
    chosen: RwSignal<Option<Chosen>>,
    pointed_at: RwSignal<Option<usize>>,
    scale: f64,
    then: Memo<Option<Arc<Then>>>,
) -> impl IntoView + use<> {
    let topology = &drawing.topology;
    let of_chosen = || {
        chosen.with(|chosen| match chosen {
            Some(Chosen::Edge(a, b)) => (0..topology.edges.len()).find(|&at| ends(topology, at) == (a, b)),
            _ => None,
        })
    };
    let at = pointed_at.get().or_else(of_chosen).filter(|&at| at < topology.layout.ways.len())?;
    let way = &topology.layout.ways[at];
    let place =
        drawing.figures_at(at).or_else(|| Some(curve(*way.first()?, *way.get(1)?, topology.layout.picture).at(0.5)))?;
    let (from, to) = ends(topology, at);
    let figures = then.with(|then| drawing.figures(at, then.as_deref()))?;
    Some(pill(format!("{from} → {to}: {figures}"), place, scale as f32))
}

/// Names in the size of the screen, above nodes that are too small for theirs.
fn names(drawing: &Drawing, seen: Memo<Option<Seen>>) -> impl IntoView + use<> {
    let topology = &drawing.topology;
    seen.with(|seen| {
        let Seen { names, text_scale, .. } = seen.as_ref()?;
        let size = 12.0 * text_scale;
        let of_node = |&at: &usize| {
            let (place, node) = (topology.layout.places.get(at)?, topology.nodes.get(at)?);
            let (x, y) = (place.x + draw::NODE_WIDTH / 2.0, place.y + draw::NODE_HEIGHT / 2.0 + 4.0 * *text_scale as f32);
            Some(view! { <text x=x y=y font-size=size stroke-width=size / 3.0 text-anchor="middle">{draw::shortened(&node.name, draw::MOST_CHARS)}</text> })
        };
        Some(names.iter().filter_map(of_node).collect_view())
    })
}

fn node(
    drawing: &Drawing,
    at: usize,
    chosen: RwSignal<Option<Chosen>>,
    services: Memo<Vec<String>>,
    (name_chars, scale): (Memo<usize>, Memo<f32>),
    then: Memo<Option<Arc<Then>>>,
) -> impl IntoView + use<> {
    let shared = use_shared();
    let topology = &drawing.topology;
    let node = &topology.nodes[at];
    let place = topology.layout.places.get(at).copied().unwrap_or_default();
    let name = node.name.clone();
    let names: Vec<String> = draw::names(node).into_iter().map(str::to_owned).collect();
    let is_chosen = Memo::new(move |_| services.with(|services| names.iter().any(|name| services.contains(name))));
    let same = name.clone();
    let is_shown =
        Memo::new(move |_| chosen.with(|chosen| matches!(chosen, Some(Chosen::Node(name)) if *name == same)));
    let suspected = name.clone();
    // More of the blame is a stronger colour, from a tenth of it on.
    let blame = Memo::new(move |_| {
        shared.suspects.with(|suspects| suspects.iter().find(|(name, _)| *name == suspected).map(|(_, share)| *share))
    });
    let strength = move || blame.get().map(|share| format!("{:.0}%", 15.0 + 85.0 * share.min(1.0)));
    // Named by its texts, which are there from afar as well, without colour; what the outline says is said beside them.
    let kind = told(node.kind.name());
    // The window may be of another map for a moment, until this one is gone.
    let has_errors = move |called: &[(u64, u64)]| called.get(at).is_some_and(|called| called.1 != 0);
    let had_errors = has_errors(&drawing.called);
    let is_bad =
        Memo::new(move |_| then.with(|then| then.as_ref().map_or(had_errors, |then| has_errors(&then.called))));
    let is_silent = Memo::new(move |_| {
        then.with(|then| then.as_ref().is_some_and(|then| then.is_silent.get(at).copied().unwrap_or_default()))
    });
    let always = drawing.labels[at].clone();
    let label = Memo::new(move |_| {
        then.with(|then| then.as_ref().map_or(Some(&always), |then| then.labels.get(at)).cloned().unwrap_or_default())
    });
    let whole = name.clone();
    let lines = Memo::new(move |_| draw::name_lines(&whole, name_chars.get()));
    // Where nodes are drawn in their own size or larger, texts are as large as the map has them.
    let (of_name, of_figures) = (move || scale.get().max(14.0 / 11.0) * 11.0, move || scale.get() * 11.0);
    let line = move |(nth, text): (usize, String)| {
        let squeezed = draw::squeezed(&text, of_name() * draw::BOLD);
        let dy = if nth == 0 { "0" } else { "1.05em" };
        view! { <tspan x=draw::NODE_WIDTH / 2.0 dy=dy textLength=squeezed lengthAdjust="spacingAndGlyphs">{text}</tspan> }
    };
    let has_two = Memo::new(move |_| lines.with(|lines| lines.len() > 1));
    view! {
        <g class=format!("node {}", node.kind.name()) class:chosen=move || is_chosen.get() class:shown=move || is_shown.get()
            class:bad=move || is_bad.get() class:silent=move || is_silent.get() class:suspect=move || blame.get().is_some() style:--blame=strength
            transform=format!("translate({:.0} {:.0})", place.x, place.y) role="button"
            aria-pressed=move || is_chosen.get().to_string() tabindex="0" aria-description=kind data-node=name.clone()>
            <path class="outline" d=draw::outline(node.kind) />
            <text class="name" class:two=move || has_two.get() y=move || if has_two.get() { "16" } else { "23" } text-anchor="middle">
                {move || lines.get().into_iter().enumerate().map(line).collect_view()}
            </text>
            <text class="figures" x=draw::NODE_WIDTH / 2.0 y=move || if has_two.get() { "47" } else { "41" } text-anchor="middle"
                textLength=move || label.with(|label| draw::squeezed(label, of_figures())) lengthAdjust="spacingAndGlyphs">{move || label.get()}</text>
        </g>
    }
}

/// The node to go to: along an edge to the left or right, else the nearest of the same layer.
pub fn neighbour(topology: &Topology, from: &str, key: &str) -> Option<usize> {
    let at = topology.nodes.iter().position(|node| node.name == from)?;
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
