//! What the workbench shows of the scope: its entries or, where the query has stages, what they make of these.

use leptos::prelude::*;

use crate::entries::{Entries, focus_entries};
use crate::results::{Results, focus_results};
use crate::scope::{Shared, use_shared};
use crate::tabs::{Tab, Tabs};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Result,
    Entries,
}

const TABS: &[Tab<View>] = &[
    Tab { panel: View::Result, id: "tab-result", title: "Result", hint: "What the query makes of the entries (1)" },
    Tab { panel: View::Entries, id: "tab-entries", title: "Entries", hint: "The entries that go in (2)" },
];

#[component]
pub fn Views() -> impl IntoView {
    let shared = use_shared();
    let has_stages = move || shared.shows_result.get() || shared.prefers_entries.get();
    let chosen = Signal::derive(move || if shared.shows_result.get() { View::Result } else { View::Entries });
    let choose = Callback::new(move |view| turn_to(shared, view));
    view! {
        <div class="views">
            <Show when=has_stages>
                <div class="panel-head"><Tabs label="Views" tabs=TABS chosen choose /></div>
            </Show>
            <Show when=move || shared.shows_result.get()><Results /></Show>
            <div class="view" hidden=move || shared.shows_result.get()><Entries /></div>
        </div>
    }
}

/// Where the query has no stages, its entries are all there is.
pub fn turn_to(shared: Shared, view: View) {
    let has_stages = shared.shows_result.get_untracked() || shared.prefers_entries.get_untracked();
    shared.prefers_entries.set(has_stages && view == View::Entries);
}

/// Puts the keyboard into what is in sight.
pub fn focus_view(shared: Shared) {
    if !shared.shows_result.get_untracked() || !focus_results() {
        focus_entries();
    }
}
