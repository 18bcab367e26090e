//! The map as a picture, moved with the pointer, zoomed with the wheel, walked with the arrow keys.
//!
//! What is moved is one sheet that holds all of it: while it moves, the browser shifts and scales what it has painted, and paints
//! anew when it rests. Which names and figures fit into what is in sight is worked out then too ([`sights`](super::sights)).

use std::sync::Arc;
use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::say;
use model::topology::{Picture as Drawn, Place, Topology};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::drawing::Drawing;
use super::ink::Ink;
use super::replay::Window;
use super::sheet::{Sheet, neighbour};
use super::sights::{Sight, in_sight};
use super::{Chosen, draw};
use crate::icons;
use crate::measured::use_size;
use crate::scope::use_shared;

/// As large as on paper, and not so small that nobody sees it.
const MOST_ZOOM: f64 = 2.5;
const LEAST_ZOOM: f64 = 0.1;
const ZOOM_STEP: f64 = 1.25;
/// A map is fitted into the frame down to this.
const LEAST_FITTED: f64 = 0.02;
/// So few nodes are at first so large that all names can be read, whether or not all of them have room.
const FEW_NODES: usize = 100;
const LEAST_OF_FEW: f64 = 0.45;
/// In a frame as narrow as a phone's they are rather seen together, down to this.
const NARROW_PIXELS: f64 = 480.0;
const LEAST_IF_NARROW: f64 = 0.2;
/// Room for the legend below, and for the buttons above.
const LEGEND_PIXELS: f64 = 44.0;
const TOOLS_PIXELS: f64 = 48.0;
/// A pointer that moves less did not mean to move the map.
const CLICK_PIXELS: f64 = 4.0;
/// So near to an edge one means it.
const NEAR_PIXELS: f64 = 7.0;
/// The map rests when it was not moved for so long.
const REST: Duration = Duration::from_millis(140);

#[component]
pub fn Picture(
    topology: Signal<Option<Arc<Topology>>>,
    chosen: RwSignal<Option<Chosen>>,
    choose: Callback<Chosen>,
    /// A node that somebody looks for: it is brought into the middle.
    sought: RwSignal<Option<String>>,
    /// All of a new part of the map is shown.
    focus: RwSignal<Option<(String, usize)>>,
    /// `None`: all of the time.
    window: RwSignal<Option<Window>>,
    /// Another picture is shown as a whole.
    picture: RwSignal<Drawn>,
) -> impl IntoView {
    let shared = use_shared();
    let frame = NodeRef::<Div>::new();
    let size = use_size(frame);
    // Drawn in a task of its own: reading the answer of a large map takes long enough.
    let to_draw = RwSignal::new(topology.get_untracked());
    Effect::new(move |before: Option<()>| {
        let topology = topology.get();
        if before.is_some() {
            // It may be gone by then.
            set_timeout(move || drop(to_draw.try_set(topology)), Duration::ZERO);
        }
    });
    let drawing = Memo::new(move |_| to_draw.get().map(Drawing::new));
    let then = Memo::new(move |_| {
        let window = window.get()?;
        drawing.with(|drawing| drawing.as_ref().map(|drawing| Arc::new(drawing.then(window))))
    });
    // `None`: all of it, in whatever room the card leaves.
    let moved_to: RwSignal<Option<Sight>> = RwSignal::new(None);
    let drag = StoredValue::new(None::<(f64, f64, f64, f64)>);
    let was_dragged = StoredValue::new(false);
    let pointed_at = RwSignal::new(None::<usize>);
    // As much of it as there is, for as long as nobody pans or zooms.
    let wants_all = RwSignal::new(false);
    let fitting = Memo::new(move |_| {
        drawing
            .with(|drawing| {
                let drawing = drawing.as_ref()?;
                let least = if wants_all.get() {
                    LEAST_FITTED
                } else {
                    least_at_first(drawing.topology.nodes.len(), size.get().0)
                };
                let shown = chosen.with(|chosen| drawing.place_of(chosen.as_ref()?.shown()));
                Some(fitted(drawing.extent, size.get(), least, shown))
            })
            .unwrap_or(Sight { zoom: 1.0, x: 0.0, y: 0.0 })
    });
    let now = Memo::new(move |_| moved_to.get().unwrap_or_else(|| fitting.get()));

    let is_moving = RwSignal::new(false);
    let rests = StoredValue::new_local(None::<TimeoutHandle>);
    let at_rest = RwSignal::new(None::<Sight>);
    Effect::new(move |was_sized: Option<bool>| {
        let sight = now.get();
        // Before it is laid out nothing is in sight.
        if size.with(|size| size.0 == 0.0) {
            return false;
        }
        if was_sized != Some(true) {
            at_rest.set(Some(sight));
            return true;
        }
        is_moving.set(true);
        rests.update_value(|rests| {
            if let Some(before) = rests.take() {
                before.clear();
            }
            let come_to_rest = move || {
                // It may be gone by then.
                let _ = is_moving.try_set(false);
                let _ = at_rest.try_set(now.try_get_untracked());
            };
            *rests = set_timeout_with_handle(come_to_rest, REST).ok();
        });
        true
    });
    let seen = Memo::new(move |_| {
        let sight = at_rest.get()?;
        let drawing = drawing.get()?;
        let chosen = chosen.with(|chosen| match chosen {
            Some(Chosen::Node(name)) => drawing.topology.nodes.iter().position(|node| node.name == *name),
            _ => None,
        });
        Some(in_sight(&drawing, sight, size.get(), chosen))
    });

    let zoom_by = move |factor: f64, at: (f64, f64)| {
        let Sight { zoom, x, y } = now.get_untracked();
        let to = (zoom * factor).clamp(LEAST_ZOOM.min(fitting.get_untracked().zoom), MOST_ZOOM);
        let by = to / zoom;
        moved_to.set(Some(Sight { zoom: to, x: at.0 - (at.0 - x) * by, y: at.1 - (at.1 - y) * by }));
    };
    let middle = move || (size.get_untracked().0 / 2.0, size.get_untracked().1 / 2.0);
    let in_frame = move |event: &ev::MouseEvent| {
        let bounds = frame.get_untracked().map(|frame| frame.get_bounding_client_rect());
        let (left, top) = bounds.map_or((0.0, 0.0), |bounds| (bounds.left(), bounds.top()));
        (f64::from(event.client_x()) - left, f64::from(event.client_y()) - top)
    };
    let on_wheel = move |event: ev::WheelEvent| {
        event.prevent_default();
        zoom_by(if event.delta_y() < 0.0 { ZOOM_STEP } else { 1.0 / ZOOM_STEP }, in_frame(&event));
    };
    let on_down = move |event: ev::PointerEvent| {
        let Sight { x, y, .. } = now.get_untracked();
        drag.set_value(Some((f64::from(event.client_x()), f64::from(event.client_y()), x, y)));
        was_dragged.set_value(false);
    };
    let edge_at = move |at: (f64, f64)| {
        let Sight { zoom, x, y } = now.get_untracked();
        let (on_map, near) = (((at.0 - x) / zoom, (at.1 - y) / zoom), NEAR_PIXELS / zoom);
        drawing.with_untracked(|drawing| drawing.as_ref()?.edge_near((on_map.0 as f32, on_map.1 as f32), near as f32))
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some((start_x, start_y, x, y)) = drag.get_value() else {
            let at = if node_of(&event).is_none() { edge_at(in_frame(&event)) } else { None };
            if pointed_at.get_untracked() != at {
                pointed_at.set(at);
            }
            return;
        };
        let by = (f64::from(event.client_x()) - start_x, f64::from(event.client_y()) - start_y);
        if by.0.hypot(by.1) > CLICK_PIXELS || was_dragged.get_value() {
            was_dragged.set_value(true);
            moved_to.set(Some(Sight { zoom: now.get_untracked().zoom, x: x + by.0, y: y + by.1 }));
        }
    };
    let on_up = move |_| drag.set_value(None);
    let on_leave = move |_| {
        drag.set_value(None);
        pointed_at.set(None);
    };
    let on_click = move |event: ev::MouseEvent| {
        let is_on_tool = element_of(&event).is_some_and(|element| matches!(element.closest("button"), Ok(Some(_))));
        if was_dragged.get_value() || is_on_tool {
            return;
        }
        let node = node_of(&event).map(Chosen::Node);
        let edge = || {
            let at = edge_at(in_frame(&event))?;
            drawing.with_untracked(|drawing| {
                let topology = &drawing.as_ref()?.topology;
                let (edge, name) = (&topology.edges[at], |node: u32| topology.nodes[node as usize].name.clone());
                Some(Chosen::Edge(name(edge.from), name(edge.to)))
            })
        };
        if let Some(what) = node.or_else(edge) {
            choose.run(what);
        }
    };
    // A node that gets the keyboard, or is looked for, comes into sight.
    let bring = move |name: &str, is_centred: bool| {
        let place = drawing.with_untracked(|drawing| drawing.as_ref().and_then(|drawing| drawing.place_of(name)));
        let (Some(place), (across, down)) = (place, size.get_untracked()) else { return };
        let Sight { zoom, x, y } = now.get_untracked();
        let wide = (f64::from(draw::NODE_WIDTH) * zoom, f64::from(draw::NODE_HEIGHT) * zoom);
        let at = (f64::from(place.x) * zoom + x, f64::from(place.y) * zoom + y);
        let is_inside = at.0 >= 0.0 && at.1 >= 0.0 && at.0 + wide.0 <= across && at.1 + wide.1 <= down;
        if is_inside && !is_centred {
            return;
        }
        let zoom = if is_centred { zoom.max(0.8) } else { zoom };
        let to = |from: f32, room: f64, own: f32| room / 2.0 - (f64::from(from) + f64::from(own) / 2.0) * zoom;
        let (x, y) = (to(place.x, across, draw::NODE_WIDTH), to(place.y, down, draw::NODE_HEIGHT));
        moved_to.set(Some(Sight { zoom, x, y }));
    };
    // The card beside the map takes room: what was chosen where the map was moved to stays in sight.
    Effect::new(move |before: Option<(f64, f64)>| {
        let room = size.get();
        let moved = moved_to.get_untracked().filter(|_| before.is_some_and(|before| before != room));
        let shown = chosen.with_untracked(|chosen| {
            drawing.with_untracked(|drawing| drawing.as_ref()?.place_of(chosen.as_ref()?.shown()))
        });
        if let (Some(moved), Some(shown)) = (moved, shown) {
            moved_to.set(Some(with_in_sight(moved, shown, room)));
        }
        room
    });
    // Once there is a picture, and room for it.
    let is_there = Memo::new(move |_| size.get().0 > 0.0 && drawing.with(Option::is_some));
    Effect::new(move |_| {
        if is_there.get()
            && let Some(name) = sought.get()
        {
            bring(&name, true);
            sought.set(None);
        }
    });
    Effect::new(move |before: Option<()>| {
        focus.track();
        picture.track();
        if before.is_some() {
            wants_all.set(false);
            moved_to.set(None);
        }
    });
    let on_focus = move |event: ev::FocusEvent| {
        if let Some(name) = node_of(&event) {
            bring(&name, false);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let Some(name) = node_of(&event) else { return };
        let key = event.key();
        match key.as_str() {
            "Enter" | " " => choose.run(Chosen::Node(name)),
            "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" => {
                let next = topology.with_untracked(|topology| {
                    let topology = topology.as_ref()?;
                    neighbour(topology, &name, &key).map(|at| topology.nodes[at].name.clone())
                });
                if let Some(next) = next {
                    focus_node(&next);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let transform = move || {
        let Sight { zoom, x, y } = now.get();
        let (left, top, ..) =
            drawing.with(|drawing| drawing.as_ref().map_or((0.0, 0.0, 0.0, 0.0), |drawing| drawing.extent));
        let (x, y) = (x + f64::from(left) * zoom, y + f64::from(top) * zoom);
        format!("translate({x:.1}px, {y:.1}px) scale({zoom:.5})")
    };
    let hidden = move || seen.with(|seen| seen.as_ref().and_then(|seen| seen.hidden));
    view! {
        <div class="map-frame" class:on-edge=move || pointed_at.get().is_some() node_ref=frame on:wheel=on_wheel on:pointerdown=on_down
            on:pointermove=on_move on:pointerup=on_up on:pointerleave=on_leave on:click=on_click on:focusin=on_focus on:keydown=on_key>
            <div class="map-sheet" class:moving=move || is_moving.get() class:has-chosen=move || chosen.with(Option::is_some)
                style:transform=transform>
                <Ink drawing at_rest size then />
                <Sheet drawing chosen pointed_at seen then />
            </div>
            <div class="map-tools">
                <button class="small square" aria-label=say!("Zoom in") title=say!("Zoom in") on:click=move |_| zoom_by(ZOOM_STEP, middle())>
                    {icons::icon(icons::PLUS)}
                </button>
                <button class="small square" aria-label=say!("Zoom out") title=say!("Zoom out") on:click=move |_| zoom_by(1.0 / ZOOM_STEP, middle())>
                    {icons::icon(icons::MINUS)}
                </button>
                <button class="small" id="map-fit" on:click=move |_| { wants_all.set(true); moved_to.set(None); }>{say!("All of it")}</button>
            </div>
            <ul class="map-legend" aria-label=say!("Legend")>
                <li><svg aria-hidden="true"><path class="edge" d="M2 8H34" /></svg>{say!("said by spans or entries")}</li>
                <li><svg aria-hidden="true"><path class="edge guess" d="M2 8H34" /></svg>{say!("inferred from their order")}</li>
                <li><svg aria-hidden="true"><path class="edge bad" d="M2 8H34" /></svg>{say!("some failed")}</li>
                <Show when=move || shared.suspects.with(|suspects| !suspects.is_empty())>
                    <li><svg aria-hidden="true"><path class="blamed" d="M2 2H34V14H2z" /></svg>{say!("suspected, the stronger the more")}</li>
                </Show>
                <Show when=move || hidden().is_some()><li class="aside">{move || hidden().map(|hidden| hidden.sentence())}</li></Show>
            </ul>
        </div>
    }
}

/// What a map is not made smaller than before anybody asks for all of it. `across`: the width of the frame.
fn least_at_first(n_nodes: usize, across: f64) -> f64 {
    match n_nodes {
        0..=FEW_NODES if across < NARROW_PIXELS => LEAST_IF_NARROW,
        0..=FEW_NODES => LEAST_OF_FEW,
        _ => LEAST_FITTED,
    }
}

/// What all of it is shown at, at most in its own size. `extent`: left, top, width and height.
fn zoom_for((_, _, width, height): (f32, f32, f32, f32), (across, down): (f64, f64)) -> f64 {
    let down = above_legend(down);
    (across / f64::from(width)).min(down / f64::from(height)).min(1.0)
}

/// All of it, or as much as there is room for at the `least` zoom, with the corner of the node that is shown in sight.
fn fitted(extent: (f32, f32, f32, f32), size: (f64, f64), least: f64, shown: Option<Place>) -> Sight {
    let zoom = zoom_for(extent, size).max(least);
    let (left, top, width, height) = extent;
    let (across, down) = (size.0, above_legend(size.1));
    // What has no room begins with the outermost callers.
    let x = ((across - f64::from(width) * zoom) / 2.0).max(0.0) - f64::from(left) * zoom;
    // A map that is much wider than high stands near the top.
    let y = ((down - f64::from(height) * zoom) / 2.0).min(60.0) - f64::from(top) * zoom;
    let sight = Sight { zoom, x, y };
    shown.map_or(sight, |shown| with_in_sight(sight, shown, size))
}

/// Moved by as little as brings a node into sight. `shown`: its corner; `size`: of the frame.
fn with_in_sight(sight: Sight, shown: Place, size: (f64, f64)) -> Sight {
    let Sight { zoom, x, y } = sight;
    let margin = f64::from(draw::MARGIN) * zoom;
    // `least`: where it may begin.
    let into_sight = |from: f64, at: f32, own: f32, least: f64, room: f64| {
        let (start, end) = (f64::from(at) * zoom + from, f64::from(at + own) * zoom + from);
        from - (end + margin - room).max(0.0).min((start - least).max(0.0)) + (least - start).max(0.0)
    };
    Sight {
        zoom,
        x: into_sight(x, shown.x, draw::NODE_WIDTH, margin, size.0),
        y: into_sight(y, shown.y, draw::NODE_HEIGHT, margin.max(TOOLS_PIXELS), above_legend(size.1)),
    }
}

fn above_legend(height: f64) -> f64 {
    (height - LEGEND_PIXELS).max(1.0)
}

fn element_of(event: &ev::Event) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

/// The name of the node that an event is about.
fn node_of(event: &ev::Event) -> Option<String> {
    element_of(event)?.closest("[data-node]").ok().flatten()?.get_attribute("data-node")
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

    const EXTENT: (f32, f32, f32, f32) = (0.0, 0.0, 1000.0, 500.0);

    #[test]
    fn a_map_that_has_room_is_shown_as_a_whole() {
        let sight = fitted(EXTENT, (1200.0, 700.0), 0.45, None);
        assert_eq!((sight.zoom, sight.x), (1.0, 100.0));
        assert_eq!(fitted(EXTENT, (500.0, 700.0), 0.02, None).zoom, 0.5);
    }

    #[test]
    fn on_a_phone_all_of_a_map_of_few_services_is_seen_at_first() {
        let least = least_at_first(8, 390.0);
        assert_eq!(fitted(EXTENT, (390.0, 430.0), least, None).zoom, 0.39);
        assert_eq!(least_at_first(8, 1000.0), LEAST_OF_FEW);
    }

    #[test]
    fn beside_the_card_all_services_stay_in_sight() {
        let (all, size) = (fitted(EXTENT, (1200.0, 700.0), LEAST_OF_FEW, None), (600.0, 700.0));
        let beside = fitted(EXTENT, size, LEAST_OF_FEW, Some(Place { x: 700.0, y: 100.0 }));
        let (right, bottom) = (1000.0 * beside.zoom + beside.x, 500.0 * beside.zoom + beside.y);
        assert!(beside.zoom < all.zoom && beside.x >= 0.0 && beside.y >= 0.0, "{beside:?}");
        assert!(right <= size.0 && bottom <= size.1 - LEGEND_PIXELS, "{right} {bottom}");
    }

    #[test]
    fn of_a_map_that_has_no_room_the_chosen_service_is_in_sight() {
        let shown = Place { x: 800.0, y: 100.0 };
        let sight = fitted(EXTENT, (600.0, 700.0), 0.8, Some(shown));
        let right = f64::from(shown.x + draw::NODE_WIDTH) * sight.zoom + sight.x;
        assert_eq!(sight.zoom, 0.8);
        assert!((400.0..=600.0).contains(&right), "{right}");
        // One that is in sight already moves nothing.
        let near = fitted(EXTENT, (600.0, 700.0), 0.8, Some(Place { x: 36.0, y: 100.0 }));
        assert_eq!(near, fitted(EXTENT, (600.0, 700.0), 0.8, None));
    }

    #[test]
    fn where_the_map_was_moved_to_the_chosen_service_stays_in_sight_beside_the_card() {
        let moved = Sight { zoom: 1.0, x: -300.0, y: 20.0 };
        let (kept, covered) = (Place { x: 400.0, y: 100.0 }, Place { x: 900.0, y: 600.0 });
        assert_eq!(with_in_sight(moved, kept, (600.0, 700.0)), moved);
        let sight = with_in_sight(moved, covered, (600.0, 500.0));
        let right = f64::from(covered.x + draw::NODE_WIDTH) + sight.x;
        let bottom = f64::from(covered.y + draw::NODE_HEIGHT) + sight.y;
        assert!(right <= 600.0 && bottom <= 500.0 - LEGEND_PIXELS && sight.zoom == 1.0, "{right} {bottom}");
        let back = with_in_sight(moved, Place { x: 10.0, y: 0.0 }, (600.0, 700.0));
        assert!(back.x + 10.0 >= 0.0 && back.y >= TOOLS_PIXELS, "not under the buttons: {back:?}");
    }
}
