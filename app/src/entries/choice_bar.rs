//! Below the table while several rows are chosen: how many, and what can be done with them.

use leptos::html::{Div, Textarea};
use leptos::prelude::*;
use model::written::Form;
use model::{counted, say};

use super::choice::RowChoice;
use super::focus_entries;
use crate::icons;

#[component]
pub fn ChoiceBar(choice: RowChoice) -> impl IntoView {
    let n_chosen = move || choice.n_chosen.get().unwrap_or_default();
    let words = move || match choice.n_chosen.get() {
        Some(n_chosen) => say!("{} chosen", counted!(n_chosen, "entry", "entries")),
        None => "…".to_owned(),
    };
    let copy = move |form: Form, words: &'static str| {
        view! { <button class="small" data-form=form.extension() on:click=move |_| choice.copy_as(form)>{words}</button> }
    };
    let let_go = move |_| {
        choice.let_go();
        focus_entries();
    };
    let form = NodeRef::<Div>::new();
    let text = NodeRef::<Textarea>::new();
    // What was written, and the form goes.
    let written = move || {
        let note = text.get_untracked().map(|text| text.value()).unwrap_or_default();
        if let (Some(text), Some(popup)) = (text.get_untracked(), form.get_untracked()) {
            text.set_value("");
            // Refused only where it is closed already.
            let _ = popup.hide_popover();
        }
        focus_entries();
        note.trim().to_owned()
    };
    let explained = move || {
        let entries = counted!(n_chosen(), "entry", "entries");
        say!(
            "Markdown, #tags. A bookmark on each of {} with this note, or one view of all that is found between the first and the last, on the timeline.",
            entries
        )
    };
    let cannot = move || !choice.can_mark();
    view! {
        <div id="choice-bar" role="toolbar" aria-label=say!("Chosen entries")>
            <span id="n-chosen" role="status">{words}</span>
            {copy(Form::Text, say!("Copy text"))}
            {copy(Form::JsonLines, say!("Copy JSON"))}
            {copy(Form::Markdown, say!("Copy Markdown"))}
            <button class="small" id="mark-chosen" disabled=cannot title=say!("Bookmark all of them (m)") on:click=move |_| choice.mark("")>{say!("Bookmark")}</button>
            <button class="small" id="note-chosen" disabled=move || cannot() && choice.time().is_none() popovertarget="chosen-note">{say!("Note…")}</button>
            <button class="quiet square" id="let-go-of-chosen" title=say!("Let go (Esc)") aria-label=say!("Let go of the chosen entries") on:click=let_go>
                {icons::icon(icons::CLOSE)}
            </button>
            <div popover="auto" id="chosen-note" role="dialog" aria-label=say!("Note on the chosen entries") node_ref=form>
                <h2>{say!("Note on the chosen entries")}</h2>
                <textarea rows="4" autofocus node_ref=text aria-label=say!("Note")></textarea>
                <button class="small primary" id="note-on-each" disabled=cannot on:click=move |_| choice.mark(&written())>{say!("On each entry")}</button>
                <button class="small" id="note-on-time" disabled=move || choice.time().is_none() on:click=move |_| choice.keep_time(&written())>{say!("On their time")}</button>
                <p class="aside">{explained}</p>
            </div>
        </div>
    }
}
