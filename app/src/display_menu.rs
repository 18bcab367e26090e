//! The menu of how rows look, and the commands that do the same by key.

use leptos::html::{Div, Input};
use leptos::prelude::*;
use model::columns::{LEVEL, SINCE_PIN, Shows, USUAL};
use model::facet::Facet;
use model::language::told;
use model::protocol::FacetsAsk;
use model::say;
use model::scope::Filter;

use crate::actions::Action;
use crate::answer::use_answer;
use crate::entries::{
    Choice, Display, USUAL_COLOURS, choose_colour, column_title, is_colour, is_column, set_colour, toggle_column,
    turn_colour,
};
use crate::icons;
use crate::scope::{Shared, Visit, use_shared};

#[component]
pub fn DisplayMenu() -> impl IntoView {
    let shared = use_shared();
    let display = shared.display;
    let menu = NodeRef::<Div>::new();
    // The names of fields are asked for when somebody is about to write one, and no longer than the menu is open.
    let wants_fields = RwSignal::new(false);
    let on_toggle = move |_| {
        let is_open = menu.get_untracked().is_some_and(|menu| menu.matches(":popover-open").unwrap_or_default());
        wants_fields.update(|wants_fields| *wants_fields &= is_open);
    };
    shared.actions.on(move |action| {
        let words = match action {
            Action::Display => {
                show_menu();
                return true;
            }
            Action::TurnShown => {
                let shows = shared.scope.with_untracked(|scope| scope.shows).next();
                show(shared, shows);
                format!("{}: {}", say!("Each row shows"), shows.words())
            }
            Action::TurnTime => turned(shared, say!("Time"), |display| &mut display.time),
            Action::TurnLines => turned(shared, say!("Lines"), |display| &mut display.lines),
            Action::TurnDensity => turned(shared, say!("Rows"), |display| &mut display.density),
            Action::TurnColour => {
                turn_colour(shared);
                return true;
            }
            _ => return false,
        };
        shared.said.set(words);
        true
    });
    view! {
        <button class="quiet square" id="display" popovertarget="display-menu" aria-label=say!("How entries look") title=say!("How entries look: columns, rows, time, colour (v)")>
            {icons::icon(icons::ROWS)}
        </button>
        <div popover="auto" id="display-menu" role="dialog" aria-labelledby="display-title" node_ref=menu on:toggle=on_toggle>
            <h2 id="display-title">{say!("How entries look")}</h2>
            {choices(say!("Each row shows"), move || shared.scope.with(|scope| scope.shows), move |shows| show(shared, shows))}
            <ColumnChoices />
            {looks(display, say!("Rows"), |display| display.density, |display, density| display.density = density)}
            {looks(display, say!("Lines of each entry"), |display| display.lines, |display, lines| display.lines = lines)}
            {looks(display, say!("Time"), |display| display.time, |display, time| display.time = time)}
            {looks(display, say!("Digits behind the second"), |display| display.digits, |display, digits| display.digits = digits)}
            <ColourChoices wants_fields />
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

/// The columns that every log can have, and those that were added: pressed are those that are shown.
#[component]
fn ColumnChoices() -> impl IntoView {
    let shared = use_shared();
    let names = Memo::new(move |_| {
        let others = |name: &&String| *name != SINCE_PIN && !USUAL.contains(&name.as_str());
        shared.scope.with(|scope| {
            let added = scope.columns.names().iter().filter(others).cloned();
            USUAL.map(str::to_owned).into_iter().chain(added).collect::<Vec<_>>()
        })
    });
    let button = move |name: String| {
        let asked = name.clone();
        let title = column_title(&name).to_owned();
        view! {
            <button data-choice=format!("column-{name}") aria-pressed=move || is_column(shared, &asked).to_string()
                on:click=move |_| toggle_column(shared, &name)>{title}</button>
        }
    };
    let title = say!("Columns");
    view! {
        <h3>{title}</h3>
        <div class="choices" role="group" aria-label=title>
            <For each=move || names.get() key=|name| name.clone() let:name>{button(name)}</For>
        </div>
    }
}

/// By level, service and source with a click, by any other field by its name.
#[component]
fn ColourChoices(wants_fields: RwSignal<bool>) -> impl IntoView {
    let shared = use_shared();
    let fields = use_answer(shared.port, shared.revision, move || {
        wants_fields.get().then(|| FacetsAsk { filter: Filter::default(), n_values: 0, field: None })
    });
    let names = move || {
        let option = |facet: &Facet| view! { <option value=facet.name.clone()></option> };
        fields.with(|fields| fields.answer.iter().flat_map(|facets| &facets.fields).map(option).collect_view())
    };
    let button = move |name: &'static str| {
        view! {
            <button data-choice=name aria-pressed=move || is_colour(shared, name).to_string()
                on:click=move |_| set_colour(shared, name)>{column_title(name)}</button>
        }
    };
    let other = move || {
        shared.scope.with(|scope| Some(scope.colour.clone()).filter(|name| !USUAL_COLOURS.contains(&name.as_str())))
    };
    let field = NodeRef::<Input>::new();
    let take = move |event| {
        let name = event_target_value(&event).trim().to_owned();
        let as_before = move || {
            if let Some(field) = field.get_untracked() {
                field.set_value(&untrack(other).unwrap_or_default());
            }
        };
        choose_colour(shared, if name.is_empty() { LEVEL } else { &name }, as_before);
    };
    let title = say!("Colour at the start by");
    view! {
        <h3><label for="colour-field">{title}</label></h3>
        <div class="choices" role="group" aria-label=title>
            {USUAL_COLOURS.map(button)}
            <input id="colour-field" type="text" node_ref=field list="colour-fields" autocomplete="off" spellcheck="false" placeholder=say!("Any field")
                prop:value=move || other().unwrap_or_default() on:change=take on:focus=move |_| wants_fields.set(true) />
        </div>
        <datalist id="colour-fields">{names}</datalist>
    }
}

fn show(shared: Shared, shows: Shows) {
    if shared.scope.with_untracked(|scope| scope.shows) != shows {
        shared.change(Visit::New, |scope| scope.shows = shows);
    }
}

fn looks<C: Choice + Send + Sync>(
    display: RwSignal<Display>,
    title: &'static str,
    of: fn(Display) -> C,
    change: fn(&mut Display, C),
) -> impl IntoView {
    let choose = move |choice| {
        let mut to = display.get_untracked();
        change(&mut to, choice);
        set(display, to);
    };
    choices(title, move || of(display.get()), choose)
}

fn choices<C: Choice + Send + Sync>(
    title: &'static str,
    chosen: impl Fn() -> C + Copy + Send + Sync + 'static,
    choose: impl Fn(C) + Copy + 'static,
) -> impl IntoView {
    let button = move |&(choice, name, words): &(C, &'static str, &'static str)| {
        view! {
            <button data-choice=name aria-pressed=move || (chosen() == choice).to_string() on:click=move |_| choose(choice)>{told(words)}</button>
        }
    };
    view! {
        <h3>{title}</h3>
        <div class="choices" role="group" aria-label=title>{C::ALL.iter().map(button).collect_view()}</div>
    }
}
