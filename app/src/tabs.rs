//! A row of tabs: which one of several panels is in sight.

use leptos::ev;
use leptos::prelude::*;
use model::language::told;
use wasm_bindgen::JsCast;

/// One panel as its tab names it.
#[derive(Clone, Copy, Debug)]
pub struct Tab<T: 'static> {
    pub panel: T,
    pub id: &'static str,
    pub title: &'static str,
    /// Where there is a key for it, it is named here: "Sources (s)".
    pub hint: &'static str,
}

/// A number beside a tab's title, where it is not 0.
#[derive(Clone, Copy)]
pub struct Badge<T: 'static> {
    pub panel: T,
    pub n: Signal<usize>,
    /// Title and number in a sentence.
    pub words: fn(usize) -> String,
}

/// More are told as so many and more: there is room for two digits.
const MOST_SHOWN: usize = 99;

/// The arrow keys go from tab to tab; only the chosen one is on the way of the Tab key.
#[component]
pub fn Tabs<T>(
    label: &'static str,
    tabs: Vec<Tab<T>>,
    chosen: Signal<T>,
    choose: Callback<T>,
    #[prop(optional)] badge: Option<Badge<T>>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let in_order = StoredValue::new(tabs.iter().map(|tab| (tab.panel, tab.id)).collect::<Vec<_>>());
    let place_of = move |panel| in_order.with_value(|tabs| tabs.iter().position(|(of, _)| *of == panel));
    // Where there is no room for all of them, the chosen one is in sight.
    Effect::new(move || {
        let id = place_of(chosen.get()).map(|place| in_order.with_value(|tabs| tabs[place].1));
        if let Some(tab) = id.and_then(|id| document().get_element_by_id(id)) {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            nearest.set_inline(web_sys::ScrollLogicalPosition::Nearest);
            tab.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let n_tabs = in_order.with_value(Vec::len);
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => n_tabs - 1,
            _ => return,
        };
        let place = place_of(chosen.get_untracked()).unwrap_or_default();
        let (panel, id) = in_order.with_value(|tabs| tabs[(place + by) % n_tabs]);
        choose.run(panel);
        let button = document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(button) = button {
            // Refused only for an element that is not on the page.
            let _ = button.focus();
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // Which end of the row is cut off is seen.
    let is_scrolled = RwSignal::new(false);
    let on_scroll = move |event: ev::Event| is_scrolled.set(event_target::<web_sys::Element>(&event).scroll_left() > 0);
    let tab = |tab: Tab<T>| {
        let is_chosen = move || chosen.get() == tab.panel;
        let badge = badge.filter(|badge| badge.panel == tab.panel);
        let words =
            move || badge.map(|badge| (badge.n.get(), badge.words)).filter(|(n, _)| *n > 0).map(|(n, words)| words(n));
        let hint = move || match words() {
            Some(words) => format!("{words}\n{}", told(tab.hint)),
            None => told(tab.hint).to_owned(),
        };
        view! {
            <button role="tab" class="quiet" id=tab.id title=hint aria-selected=move || is_chosen().to_string()
                tabindex=move || if is_chosen() { "0" } else { "-1" } on:click=move |_| choose.run(tab.panel)>
                {told(tab.title)}
                {badge.map(|badge| view! { " "<Number n=badge.n /> })}
            </button>
        }
    };
    view! { <div class="tabs" class:scrolled=move || is_scrolled.get() role="tablist" aria-label=label on:keydown=on_key on:scroll=on_scroll>{tabs.into_iter().map(tab).collect_view()}</div> }
}

/// Once there was a number its room stays, so that tabs do not move to and fro.
#[component]
fn Number(n: Signal<usize>) -> impl IntoView {
    let has_room = Memo::new(move |had_room| had_room == Some(&true) || n.get() > 0);
    let digits = move || match n.get() {
        0 => String::new(),
        n if n > MOST_SHOWN => format!("{MOST_SHOWN}+"),
        n => n.to_string(),
    };
    view! { <span class="badge" hidden=move || !has_room.get() class:empty=move || n.get() == 0>{digits}</span> }
}
