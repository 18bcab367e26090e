//! The menu of how rows look, and the commands that do the same by key.

use leptos::prelude::*;
use model::language::told;
use model::say;

use crate::actions::Action;
use crate::entries::{Choice, Display};
use crate::icons;
use crate::scope::{Shared, use_shared};

#[component]
pub fn DisplayMenu() -> impl IntoView {
    let shared = use_shared();
    let display = shared.display;
    shared.actions.on(move |action| {
        let words = match action {
            Action::Display => {
                show_menu();
                return true;
            }
            Action::TurnTime => turned(shared, say!("Time"), |display| &mut display.time),
            Action::TurnLines => turned(shared, say!("Lines"), |display| &mut display.lines),
            Action::TurnDensity => turned(shared, say!("Rows"), |display| &mut display.density),
            Action::TurnStripe => turned(shared, say!("Colour by"), |display| &mut display.stripe),
            _ => return false,
        };
        shared.said.set(words);
        true
    });
    view! {
        <button class="quiet square" id="display" popovertarget="display-menu" aria-label=say!("How entries look") title=say!("How entries look: rows, time, colour (v)")>
            {icons::icon(icons::ROWS)}
        </button>
        <div popover="auto" id="display-menu" role="dialog" aria-labelledby="display-title">
            <h2 id="display-title">{say!("How entries look")}</h2>
            {choices(display, say!("Rows"), |display| display.density, |display, density| display.density = density)}
            {choices(display, say!("Lines of each entry"), |display| display.lines, |display, lines| display.lines = lines)}
            {choices(display, say!("Time"), |display| display.time, |display, time| display.time = time)}
            {choices(display, say!("Digits behind the second"), |display| display.digits, |display, digits| display.digits = digits)}
            {choices(display, say!("Colour at the start by"), |display| display.stripe, |display, stripe| display.stripe = stripe)}
        </div>
    }
}

fn show_menu() {
    if let Some(menu) = document().get_element_by_id("display-menu") {
        // Refused only where it is open already.
        let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(menu).show_popover();
    }
}

/// Turns to the next of its choices; says which.
fn turned<C: Choice>(shared: Shared, title: &str, of: impl Fn(&mut Display) -> &mut C) -> String {
    let mut display = shared.display.get_untracked();
    let choice = of(&mut display);
    *choice = choice.next();
    let words = format!("{title}: {}", choice.words());
    set(shared.display, display);
    words
}

fn set(display: RwSignal<Display>, to: Display) {
    to.remember();
    display.set(to);
}

fn choices<C: Choice + Send + Sync>(
    display: RwSignal<Display>,
    title: &'static str,
    of: fn(Display) -> C,
    change: fn(&mut Display, C),
) -> impl IntoView {
    let button = move |&(choice, name, words): &(C, &'static str, &'static str)| {
        let choose = move |_| {
            let mut to = display.get_untracked();
            change(&mut to, choice);
            set(display, to);
        };
        view! {
            <button data-choice=name aria-pressed=move || (of(display.get()) == choice).to_string() on:click=choose>{told(words)}</button>
        }
    };
    view! {
        <h3>{title}</h3>
        <div class="choices" role="group" aria-label=title>{C::ALL.iter().map(button).collect_view()}</div>
    }
}
