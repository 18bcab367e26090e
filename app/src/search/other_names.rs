//! Says that a service which is searched for has other names, as the user said, and searches for them, too.

use leptos::prelude::*;
use model::query::{named_values, toggle_choice, value_term};
use model::say;

use crate::scope::{Visit, use_shared};

#[component]
pub fn OtherNames() -> impl IntoView {
    let shared = use_shared();
    let others = Memo::new(move |_| {
        shared.names.now.with(|naming| match naming.is_empty() {
            true => Vec::new(),
            false => shared.query.with(|query| naming.others_of(&named_values(query, "service"))),
        })
    });
    let names = move || others.with(|others| others.join(", "));
    let sentence = move || say!("This service is also called {names}, as you said. Search for that, too", names());
    let search = move |_| {
        let query = others.with_untracked(|others| {
            let query = shared.query.get_untracked();
            others.iter().fold(query, |query, name| toggle_choice(&query, &value_term("service", name)))
        });
        shared.set_query(query, Visit::New);
    };
    view! {
        <Show when=move || !others.with(Vec::<String>::is_empty)>
            <button class="quiet widened" id="other-names" title=sentence aria-label=sentence on:click=search>
                "+ "<span>{move || say!("{names}, too?", names())}</span>
            </button>
        </Show>
    }
}
