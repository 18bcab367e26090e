//! What the user calls a template and says of it: two fields, kept when one is left.

use leptos::prelude::*;
use model::protocol::Ask;
use model::say;
use model::template::{TemplateId, TemplateNote};

use crate::scope::use_shared;

/// Begins with what is known and then follows what is typed, so that an answer never takes away what is being written.
#[component]
pub fn Note(id: TemplateId, known: TemplateNote) -> impl IntoView {
    let shared = use_shared();
    let TemplateNote { name, words } = known.clone();
    let note = StoredValue::new(known);
    let keep = move |change: &dyn Fn(&mut TemplateNote)| {
        note.update_value(change);
        shared.tell(Ask::NoteTemplate { id, note: note.get_value() });
    };
    view! {
        <div id="pattern-note">
            <label>{say!("Name")}" "<input id="pattern-name" readonly=move || !shared.owns.get() maxlength="100" autocomplete="off" placeholder=say!("What you call it") prop:value=name
                on:change=move |event| { let name = event_target_value(&event); keep(&|note| note.name.clone_from(&name)) } /></label>
            <label class="words">{say!("Note")}" "<input id="pattern-words" readonly=move || !shared.owns.get() maxlength="2000" autocomplete="off" placeholder=say!("What it means, what to do") prop:value=words
                on:change=move |event| { let words = event_target_value(&event); keep(&|note| note.words.clone_from(&words)) } /></label>
        </div>
    }
}
