//! Says that the mapping table widened the query, and leads to it.

use leptos::prelude::*;
use model::meaning::Meaning;
use model::say;
use model::scope::View;

use crate::mapping::in_words;
use crate::scope::use_shared;

#[component]
pub fn Widened() -> impl IntoView {
    let shared = use_shared();
    let asked = Memo::new(move |_| shared.query.with(|query| shared.mapping.asked_by(query)));
    let names = move || asked.with(|asked| asked.iter().map(|meaning| &*meaning.name).collect::<Vec<_>>().join(", "));
    let sentences = move || {
        let each = asked.with(|asked| asked.iter().map(in_words).collect::<Vec<_>>().join(" "));
        say!("Widened by the mapping table: {each}", each)
    };
    let show = move |_| {
        shared.mapping.is_sought.set(true);
        shared.turn_to(View::Agreement);
    };
    view! {
        <Show when=move || !asked.with(Vec::<Meaning>::is_empty)>
            <button class="quiet widened" id="widened" title=sentences aria-label=sentences on:click=show>
                "⇄ "<span>{names}</span>
            </button>
        </Show>
    }
}
