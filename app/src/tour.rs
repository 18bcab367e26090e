//! A tour in five steps: what to do with each part of the window, beside that part.
//!
//! It begins by itself with the sample logs, once; with logs of one's own it is only offered in the status line. The page stays
//! in use behind it.

use std::time::Duration;

use leptos::ev;
use leptos::html::Button;
use leptos::prelude::*;
use model::language::told;
use model::{key, say};
use wasm_bindgen::JsCast;
use web_sys::{DomRect, HtmlElement};

use crate::actions::{ACTIONS, Action, shown_key};
use crate::scope::{Shared, use_shared};
use crate::stage::Stage;
use crate::{kept, views};

/// Under this name is kept that it was seen, or not wanted.
const SEEN: &str = "tour";
/// What is pointed at may move while logs are being read.
const MEASURED_EVERY: Duration = Duration::from_millis(250);
/// Pixels; the card's width is also in the style sheet.
const CARD_WIDTH: f64 = 336.0;
const CARD_HEIGHT: f64 = 230.0;
const MARGIN: f64 = 12.0;

struct Step {
    /// What it is about: the first of these that is in sight.
    about: &'static [&'static str],
    title: &'static str,
    text: fn(Shared) -> String,
}

const STEPS: [Step; 5] = [
    Step {
        about: &[".search"],
        title: key!("Search everything"),
        text: |shared| {
            let key = key_of(shared, Action::Search);
            say!(
                "Words, \"phrases\", and fields as in service:checkout or level>=warn; suggestions come as you type ({key}). \
                A bar asks for an answer: level>=error | count by service.",
                key
            )
        },
    },
    Step {
        about: &["#histogram"],
        title: key!("See when it happened"),
        text: |shared| {
            let key = key_of(shared, Action::ZoomAll);
            say!(
                "Every bar counts entries, coloured by level. Drag over a span to zoom into it; {key} shows all of the time again. \
                “No lanes” splits it by service or by any field.",
                key
            )
        },
    },
    Step {
        about: &["#entries"],
        title: key!("Read what was logged"),
        text: |shared| {
            let key = |action| key_of(shared, action);
            say!(
                "{next} and {previous} go from entry to entry, {open} opens one. {around} shows what stood around it, whatever \
                the search leaves out; {mark} bookmarks it.",
                key(Action::Next),
                key(Action::Previous),
                key(Action::Open),
                key(Action::Context),
                key(Action::Mark)
            )
        },
    },
    Step {
        about: &["#sidebar", "#toggle-sources"],
        title: key!("Narrow it down"),
        text: |_| {
            say!(
                "Sources are the files, fields what their entries hold, each value with how often it is there. A click on a value \
                filters for it, a click with Alt leaves it out."
            )
            .to_owned()
        },
    },
    Step {
        about: &[".views > .panel-head"],
        title: key!("Be told what is odd"),
        text: |shared| {
            let key = |action| key_of(shared, action);
            say!(
                "Patterns are what the entries are made from, incidents what is unusual and what moved first; the map shows which \
                service calls which. {commands} finds every command, {help} lists every key.",
                key(Action::Palette),
                key(Action::Help)
            )
        },
    },
];

/// Where somebody is in the tour; handles only.
#[derive(Clone, Copy)]
pub struct Tour {
    at: RwSignal<Option<usize>>,
    was_seen: RwSignal<bool>,
}

/// Makes the tour, which is one of the commands from then on.
pub fn provide_tour(shared: Shared) -> Tour {
    let tour = Tour { at: RwSignal::new(None), was_seen: RwSignal::new(kept::read(SEEN).is_some()) };
    provide_context(tour);
    shared.actions.on(move |action| match action {
        Action::Tour => {
            tour.at.set(Some(0));
            true
        }
        Action::Back if tour.at.get_untracked().is_some() => {
            tour.end();
            true
        }
        _ => false,
    });
    tour
}

impl Tour {
    pub fn begin_if_new(self) {
        if !self.was_seen.get_untracked() {
            self.at.set(Some(0));
        }
    }

    pub fn is_on(self) -> bool {
        self.at.with(Option::is_some)
    }

    fn end(self) {
        self.at.set(None);
        self.was_seen.set(true);
        kept::write(SEEN, "seen");
    }

    fn go(self, by: isize) {
        let next = self.at.get_untracked().and_then(|at| at.checked_add_signed(by));
        match next {
            Some(next) if next < STEPS.len() => self.at.set(Some(next)),
            Some(_) => self.end(),
            None => {}
        }
    }
}

/// A word on the tour in the status line, until it was seen or waved away.
#[component]
pub fn TourOffer() -> impl IntoView {
    let tour = expect_context::<Tour>();
    let shared = use_shared();
    let is_offered = move || !tour.was_seen.get() && !tour.is_on() && shared.stage.get() == Stage::Workbench;
    view! {
        <Show when=is_offered>
            <span class="offer optional">
                <button class="quiet" id="take-tour" on:click=move |_| tour.begin_if_new()>{say!("New here? A tour in five steps")}</button>
                <button class="quiet" id="no-tour" aria-label=say!("No tour") title=say!("No tour") on:click=move |_| tour.end()>"✕"</button>
            </span>
        </Show>
    }
}

/// A place on screen, in pixels.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Place {
    fn of(rect: &DomRect) -> Self {
        Self { left: rect.left(), top: rect.top(), right: rect.right(), bottom: rect.bottom() }
    }

    /// As the style sheet's `inset`.
    fn inset(self) -> String {
        let (width, height) = window_size();
        format!("{}px {}px {}px {}px", self.top, width - self.right, height - self.bottom, self.left)
    }
}

/// The card of the step, and a frame around what it is about.
#[component]
pub fn TourCard() -> impl IntoView {
    let tour = expect_context::<Tour>();
    let shared = use_shared();
    let step = Memo::new(move |_| tour.at.get().unwrap_or_default());
    let place = RwSignal::new(place_of(step.get_untracked()));
    let measure = move || {
        let now = place_of(step.get_untracked());
        if place.get_untracked() != now {
            place.set(now);
        }
    };
    Effect::new(move || {
        step.track();
        measure();
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    let measuring = set_interval_with_handle(measure, MEASURED_EVERY);
    let had_focus = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    // Where nothing has it, the body is said to.
    let had_focus = had_focus.filter(|element| element.tag_name() != "BODY");
    let had_focus = StoredValue::new_local(had_focus);
    on_cleanup(move || {
        resized.remove();
        if let Ok(measuring) = measuring {
            measuring.clear();
        }
        match had_focus.get_value().filter(|element| element.is_connected()) {
            // Refused only for an element that is not on the page.
            Some(element) => drop(element.focus()),
            None => views::focus_view(shared),
        }
    });
    let next = NodeRef::<Button>::new();
    Effect::new(move || {
        if let Some(next) = next.get() {
            // Refused only for an element that is not on the page.
            let _ = next.focus();
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowRight" => tour.go(1),
            "ArrowLeft" => tour.go(-1),
            "Escape" => tour.end(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let is_last = move || step.get() + 1 == STEPS.len();
    view! {
        <div class="tour-frame" aria-hidden="true" hidden=move || place.get().is_none() style:inset=move || place.get().map(Place::inset)></div>
        <div class="tour" id="tour" role="dialog" aria-labelledby="tour-title" aria-describedby="tour-text"
            style:inset=move || place.get().map(card_inset) on:keydown=on_key>
            <div aria-live="polite">
                <p class="aside">{move || say!("Step {} of {}", step.get() + 1, STEPS.len())}</p>
                <h2 id="tour-title">{move || told(STEPS[step.get()].title)}</h2>
                <p id="tour-text">{move || (STEPS[step.get()].text)(shared)}</p>
            </div>
            <div class="actions">
                <button class="quiet push" id="tour-skip" hidden=is_last on:click=move |_| tour.end()>{say!("Skip the tour")}</button>
                <button id="tour-back" disabled=move || step.get() == 0 on:click=move |_| tour.go(-1)>{say!("Back")}</button>
                <button class="primary" id="tour-next" node_ref=next on:click=move |_| tour.go(1)>
                    {move || if is_last() { say!("Begin") } else { say!("Next") }}
                </button>
            </div>
        </div>
    }
}

/// `None` while what the step is about is not in sight.
fn place_of(step: usize) -> Option<Place> {
    let found = STEPS[step].about.iter().filter_map(|selector| document().query_selector(selector).ok().flatten());
    let mut places = found.map(|element| Place::of(&element.get_bounding_client_rect()));
    places.find(|place| place.right > place.left && place.bottom > place.top)
}

/// Under what it is about, else above it, else beside it, else over its lower end; as the style sheet's `inset`.
fn card_inset(place: Place) -> String {
    let (width, height) = window_size();
    let left = place.left.min(width - CARD_WIDTH - MARGIN).max(MARGIN);
    if place.bottom + CARD_HEIGHT < height {
        format!("{}px auto auto {left}px", place.bottom + MARGIN)
    } else if place.top > CARD_HEIGHT {
        format!("auto auto {}px {left}px", height - place.top + MARGIN)
    } else if place.right + CARD_WIDTH + 2.0 * MARGIN < width {
        format!("{}px auto auto {}px", place.top + MARGIN, place.right + MARGIN)
    } else {
        format!("auto auto {}px {left}px", MARGIN + (height - place.bottom).max(0.0))
    }
}

/// Pixels, width and height.
fn window_size() -> (f64, f64) {
    let length =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or_default();
    (length(window().inner_width()), length(window().inner_height()))
}

fn key_of(shared: Shared, action: Action) -> String {
    let known = ACTIONS.iter().find(|known| known.action == action);
    let key = known.and_then(|known| shared.actions.keys(known).into_iter().next());
    key.map_or_else(|| "–".to_owned(), |key| shown_key(&key).to_owned())
}
