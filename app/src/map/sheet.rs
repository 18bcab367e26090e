//! Nodes and edges of a map, and what is known of them in sight. A large map comes up piece by piece, so that the page answers in
//! between; its edges are [`ink`](super::ink).

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use model::query::named_values;
use model::say;
use model::topology::{Place, Topology, curve};

use super::drawing::{Drawing, Then};
use super::node::{Lettering, Looks, node};
use super::sights::Seen;
use super::{Chosen, draw};
use crate::scope::use_shared;

/// Of one task: a few milliseconds.
const PIECE_NODES: usize = 25;
const PIECE_EDGES: usize = 100;
/// So few nodes have their texts from the beginning.
const MOST_AT_ONCE: usize = 100;

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
    // Texts of a map that is small on screen are larger than the map has them.
    let text_scale = move || seen.with(|seen| seen.as_ref().map_or(1.0, |seen| seen.text_scale.max(1.0)));
    let lettering = Memo::new(move |_| {
        seen.with(|seen| {
            let near = seen.as_ref().filter(|seen| !seen.is_far)?;
            Some(Lettering { name_chars: near.name_chars, scale: near.text_scale.max(1.0) as f32 })
        })
    });
    move || {
        drawing.get().map(|drawing| {
            let (left, top, width, height) = drawing.extent;
            let n_edges = drawing.topology.edges.len();
            let (nodes, edges, is_drawn) = in_pieces(&drawing, chosen, lettering, then);
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
    lettering: Memo<Option<Lettering>>,
    then: Memo<Option<Arc<Then>>>,
) -> (Vec<AnyView>, Vec<AnyView>, Memo<bool>) {
    let shared = use_shared();
    let services = Memo::new(move |_| shared.query.with(|query| named_values(query, "service")));
    let pieces = |n: usize, each: usize| (0..n.div_ceil(each)).map(move |at| at * each..((at + 1) * each).min(n));
    let n_up = RwSignal::new(0);
    let n_nodes = drawing.topology.nodes.len();
    let when_up = move |place: usize, put_up: Box<dyn Fn() -> AnyView + Send>| {
        let is_up = Memo::new(move |_| n_up.get() > place);
        (move || is_up.get().then(&put_up)).into_any()
    };
    let is_near = Memo::new(move |_| lettering.with(Option::is_some));
    let letterings = letterings(n_nodes, lettering);
    let nodes = pieces(n_nodes, PIECE_NODES).zip(&letterings).enumerate().map(|(place, (range, &lettering))| {
        let drawing = drawing.clone();
        let has_texts = Memo::new(move |_| lettering.with(Option::is_some));
        let looks = Looks { chosen, services, then, lettering, has_texts, is_near };
        let size = move || lettering.get().map(|lettering| format!("{:.3}", lettering.scale));
        let put_up = move || {
            let nodes = range.clone().map(|at| node(&drawing, at, looks)).collect_view();
            view! { <g style:--text=size>{nodes}</g> }.into_any()
        };
        when_up(place, Box::new(put_up))
    });
    let nodes: Vec<AnyView> = nodes.collect();
    let n_edges = if drawing.is_large() { 0 } else { drawing.topology.edges.len() };
    let edges = pieces(n_edges, PIECE_EDGES).enumerate().map(|(place, range)| {
        let drawing = drawing.clone();
        when_up(letterings.len() + place, Box::new(move || edges(&drawing, range.clone(), then).into_any()))
    });
    let edges: Vec<AnyView> = edges.collect();
    let n_pieces = nodes.len() + edges.len();
    put_up_next(n_up, n_pieces);
    (nodes, edges, Memo::new(move |_| n_up.get() >= n_pieces))
}

/// What texts of each piece are like: as is wanted, piece by piece; of many nodes that nobody can read there are none at first.
fn letterings(n_nodes: usize, wanted: Memo<Option<Lettering>>) -> Vec<RwSignal<Option<Lettering>>> {
    let is_few = n_nodes <= MOST_AT_ONCE;
    let first = wanted.get_untracked().or(Some(Lettering::default())).filter(|_| is_few);
    let pieces: Vec<_> = (0..n_nodes.div_ceil(PIECE_NODES)).map(|_| RwSignal::new(first)).collect();
    let (all, n_asked) = (StoredValue::new(pieces.clone()), StoredValue::new(0_u64));
    Effect::new(move |_| {
        let Some(lettering) = wanted.get() else { return };
        n_asked.update_value(|n_asked| *n_asked += 1);
        let number = n_asked.get_value();
        letter_next(all, 0, lettering, move || n_asked.try_get_value() == Some(number));
    });
    pieces
}

/// Goes on until all are so, or another lettering is wanted.
fn letter_next(
    pieces: StoredValue<Vec<RwSignal<Option<Lettering>>>>,
    at: usize,
    lettering: Lettering,
    is_wanted: impl Fn() -> bool + Copy + 'static,
) {
    let next = if is_wanted() { pieces.try_with_value(|pieces| pieces.get(at).copied()).flatten() } else { None };
    let Some(piece) = next else { return };
    if piece.try_get_untracked() != Some(Some(lettering)) {
        // The sheet may be gone by then.
        let _ = piece.try_set(Some(lettering));
    }
    set_timeout(move || letter_next(pieces, at + 1, lettering, is_wanted), Duration::ZERO);
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
