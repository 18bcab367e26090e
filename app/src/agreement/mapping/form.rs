//! A row of the mapping table as it is written.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use model::meaning::{Meaning, Meanings};
use model::say;

use super::lists::{read_groups, read_names, write_groups, write_names};
use crate::mapping::change;
use crate::scope::use_shared;

/// What a row may look like.
const NAME: &str = "order.status";
const WORDS: &str = "paid = SUCCESS = ok\ndeclined = REFUSED";

/// `before`: the row that is written anew.
#[component]
pub fn Form(before: Option<Meaning>, close: Callback<()>) -> impl IntoView {
    let shared = use_shared();
    let row = before.clone().unwrap_or_default();
    let name = RwSignal::new(row.name.clone());
    let [logs, spans, metrics] = [row.logs, row.spans, row.metrics].map(|names| RwSignal::new(write_names(&names)));
    let words = RwSignal::new(write_groups(&row.values));
    let before = StoredValue::new(before);
    // The whole table as it would be.
    let written = move || {
        let row = Meaning {
            name: name.get(),
            logs: read_names(&logs.get()),
            spans: read_names(&spans.get()),
            metrics: read_names(&metrics.get()),
            values: read_groups(&words.get()),
        };
        let row = row.tidied();
        let mut table: Meanings = (*shared.mapping.table.latest.get()).clone();
        let place = before.with_value(|before| {
            before.as_ref().and_then(|before| table.rows.iter().position(|known| known.name == before.name))
        });
        let words = say!("{name} is in the mapping table.", row.name);
        match place {
            Some(place) => table.rows[place] = row,
            None => table.rows.push(row),
        }
        (table, words)
    };
    let problem = Memo::new(move |_| written().0.problem());
    // What is not begun is not wrong yet.
    let is_begun =
        Memo::new(move |_| [name, logs, spans, metrics, words].iter().any(|text| text.with(|text| !text.is_empty())));
    let keep = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if problem.with_untracked(Option::is_none) {
            let (table, words) = untrack(written);
            change(shared, table, words);
            close.run(());
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close.run(());
        }
    };
    let first = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(first) = first.get() {
            // Refused only for what is not on the page.
            let _ = first.focus();
        }
    });
    let names = |id: &'static str, title: &'static str, example: &'static str, text: RwSignal<String>| {
        view! {
            <label for=id>{title}</label>
            <input id=id type="text" autocomplete="off" spellcheck="false" placeholder=example
                prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
        }
    };
    view! {
        <form class="meaning" on:submit=keep on:keydown=on_key>
            <label for="meaning-name">{say!("Meaning")}</label>
            <input id="meaning-name" type="text" autocomplete="off" spellcheck="false" placeholder=NAME node_ref=first
                prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event)) />
            {names("meaning-logs", say!("In logs"), "payment_status, outcome", logs)}
            {names("meaning-spans", say!("In spans"), "attributes.payment.status", spans)}
            {names("meaning-metrics", say!("In metrics"), "attributes.payment_status", metrics)}
            <label for="meaning-words">{say!("Words that say the same")}</label>
            <textarea id="meaning-words" rows="3" autocomplete="off" spellcheck="false" placeholder=WORDS
                prop:value=move || words.get() on:input=move |event| words.set(event_target_value(&event))></textarea>
            <p class="facts">{say!("Names as the list of fields has them, with commas between. A line for each thing that has several words; the first is shown.")}</p>
            <Show when=move || is_begun.get() && problem.with(Option::is_some)>
                <p class="bad" role="alert">{move || problem.get()}</p>
            </Show>
            <div class="actions">
                <button type="button" on:click=move |_| close.run(())>{say!("Cancel")}</button>
                <button class="primary" id="keep-meaning" disabled=move || problem.with(Option::is_some)>{say!("Keep")}</button>
            </div>
        </form>
    }
}
