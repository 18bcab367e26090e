//! Below the table while several rows are chosen: how many, and what can be done with them.

use leptos::ev;
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
    let note = move || text.get_untracked().map(|text| text.value().trim().to_owned()).unwrap_or_default();
    // What was written, and the form goes.
    let written = move || {
        let note = note();
        if let (Some(text), Some(popup)) = (text.get_untracked(), form.get_untracked()) {
            text.set_value("");
            // Refused only where it is closed already.
            let _ = popup.hide_popover();
        }
        focus_entries();
        note
    };
    let explained = move || {
        let entries = counted!(n_chosen(), "entry", "entries");
        say!(
            "Markdown, #tags. A bookmark on each of {} with this note, or one view of all that is found between the first and the last, on the timeline.",
            entries
        )
    };
    // Why not is said where it is asked for: a button that is only grey tells nobody.
    let cannot_mark = move || choice.why_no_mark().is_some().then_some("true");
    let cannot_keep = move || choice.why_no_time().is_some().then_some("true");
    let cannot_note = move || (cannot_mark().is_some() && cannot_keep().is_some()).then_some("true");
    let on_note = move |event: ev::MouseEvent| {
        if untrack(cannot_note).is_some() {
            event.prevent_default();
            choice.say(untrack(|| choice.why_no_mark()));
        }
    };
    let mark = move || match untrack(|| choice.why_no_mark()) {
        // Without a note bookmarks may be taken off, which nobody asks for here.
        None if note().is_empty() => choice.say(Some(say!("Write a note first.").to_owned())),
        None => choice.mark(&written()),
        why_not => choice.say(why_not),
    };
    let keep_time = move || match untrack(|| choice.why_no_time()) {
        None => choice.keep_time(&written()),
        why_not => choice.say(why_not),
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.is_composing() {
            event.prevent_default();
            match untrack(cannot_mark).is_some() && untrack(cannot_keep).is_none() {
                true => keep_time(),
                false => mark(),
            }
        }
    };
    let reasons = move || {
        let reason = |why_not: Option<String>| why_not.map(|words| view! { <p class="aside">{words}</p> });
        [reason(choice.why_no_mark()), reason(choice.why_no_time())].into_iter().flatten().collect_view()
    };
    let or_why_not = |words: &'static str, why_not: Option<String>| why_not.unwrap_or_else(|| words.to_owned());
    view! {
        <div id="choice-bar" role="toolbar" aria-label=say!("Chosen entries")>
            <span id="n-chosen" role="status">{words}</span>
            {copy(Form::Text, say!("Copy text"))}
            {copy(Form::JsonLines, say!("Copy JSON"))}
            {copy(Form::Markdown, say!("Copy Markdown"))}
            <button class="small" id="mark-chosen" aria-disabled=cannot_mark on:click=move |_| choice.mark("")
                title=move || or_why_not(say!("Bookmark all of them; again: take the bookmarks off (m)"), choice.why_no_mark())>{say!("Bookmark")}</button>
            <button class="small" id="note-chosen" aria-disabled=cannot_note popovertarget="chosen-note" on:click=on_note
                title=move || cannot_note().and_then(|_| choice.why_no_mark())>{say!("Note…")}</button>
            <button class="quiet square" id="let-go-of-chosen" title=say!("Let go (Esc)") aria-label=say!("Let go of the chosen entries") on:click=let_go>
                {icons::icon(icons::CLOSE)}
            </button>
            <div popover="auto" id="chosen-note" role="dialog" aria-label=say!("Note on the chosen entries") node_ref=form>
                <h2>{say!("Note on the chosen entries")}</h2>
                <textarea rows="4" autofocus node_ref=text aria-label=say!("Note") on:keydown=on_key></textarea>
                <button class="small primary" id="note-on-each" aria-disabled=cannot_mark title=say!("Ctrl Enter") on:click=move |_| mark()>{say!("On each entry")}</button>
                <button class="small" id="note-on-time" aria-disabled=cannot_keep on:click=move |_| keep_time()>{say!("On their time")}</button>
                <p class="aside">{explained}</p>
                {reasons}
            </div>
        </div>
    }
}
