//! The bookmark of the entry in the details, and its note: read as Markdown, written as text, kept while one writes.

use std::time::Duration;

use leptos::ev;
use leptos::html::Textarea;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::Ask;
use model::say;

use super::{markdown, marks};
use crate::icons;
use crate::scope::use_shared;

/// A note is kept when nothing was typed for this long, and when one leaves it.
const PAUSE: Duration = Duration::from_millis(600);

#[component]
pub fn Note(key: RowKey) -> impl IntoView {
    let shared = use_shared();
    let mark = Memo::new(move |_| shared.marks.on(key));
    let is_marked = Memo::new(move |_| mark.with(Option::is_some));
    let is_writing = RwSignal::new(false);
    let begin = move |_| {
        if !is_marked.get_untracked() {
            marks::toggle(shared, key);
        }
        is_writing.set(true);
    };
    let note = Memo::new(move |_| mark.with(|mark| mark.as_ref().map(|mark| mark.note.clone()).unwrap_or_default()));
    let has_note = move || note.with(|note| !note.is_empty());
    let words = move || if has_note() { say!("Edit the note") } else { say!("Add a note") };
    let id = Memo::new(move |_| mark.with(|mark| mark.as_ref().map(|mark| mark.id)));
    view! {
        <div class="kept-here">
            <div class="actions" hidden=move || !shared.owns.get()>
                <button class="small" id="bookmark" aria-pressed=move || is_marked.get().to_string() title=say!("Bookmark (m)")
                    on:click=move |_| marks::toggle(shared, key)>
                    {icons::icon(icons::FLAG)}{say!("Bookmark")}
                </button>
                <button class="small" id="write-note" hidden=move || is_writing.get() on:click=begin>{words}</button>
            </div>
            {move || match id.get().filter(|_| is_writing.get()) {
                Some(mark) => {
                    let keep = Callback::new(move |note| shared.tell(Ask::SetNote { mark, note }));
                    view! { <NoteEditor id="note-text" text=note.get_untracked() keep is_writing /> }.into_any()
                }
                None => (move || has_note().then(|| view! {
                    <div class="note" id="note" role="region" aria-label=say!("Note")>{markdown::draw(&note.with(|note| markdown::parse(note)))}</div>
                })).into_any(),
            }}
        </div>
    }
}

/// What is said of it, and a way to say it.
#[component]
pub fn KeptNote(note: Memo<String>, keep: Callback<String>, is_writing: RwSignal<bool>) -> impl IntoView {
    view! { <Written text=note keep is_writing begin=say!("Add a note") go_on=say!("Edit the note") /> }
}

/// A text that stands by itself.
#[component]
pub fn KeptText(text: Memo<String>, keep: Callback<String>, is_writing: RwSignal<bool>) -> impl IntoView {
    view! { <Written text keep is_writing begin=say!("Write") go_on=say!("Edit the text") /> }
}

#[component]
fn Written(
    text: Memo<String>,
    keep: Callback<String>,
    is_writing: RwSignal<bool>,
    begin: &'static str,
    go_on: &'static str,
) -> impl IntoView {
    let shared = use_shared();
    let words = move || if text.with(String::is_empty) { begin } else { go_on };
    let drawn = move || {
        let is_empty = text.with(String::is_empty);
        (!is_empty)
            .then(|| view! { <div class="note">{markdown::draw(&text.with(|text| markdown::parse(text)))}</div> })
    };
    view! {
        {move || match is_writing.get() {
            true => view! { <div class="kept-here"><NoteEditor id="page-note" text=text.get_untracked() keep is_writing /></div> }.into_any(),
            false => view! {
                {drawn}
                <button class="small quiet write" hidden=move || !shared.owns.get() on:click=move |_| is_writing.set(true)>{icons::icon(icons::PEN)}{words}</button>
            }.into_any(),
        }}
    }
}

/// A note while it is written. What has not been kept yet is kept when this goes.
#[derive(Clone, Copy)]
struct Draft {
    keep: Callback<String>,
    text: StoredValue<String>,
    is_changed: StoredValue<bool>,
    waiting: StoredValue<Option<TimeoutHandle>, LocalStorage>,
}

impl Draft {
    fn write(self, text: String) {
        self.text.set_value(text);
        self.is_changed.set_value(true);
        self.stop_waiting();
        self.waiting.set_value(set_timeout_with_handle(move || self.finish(), PAUSE).ok());
    }

    fn stop_waiting(self) {
        if let Some(Some(waiting)) = self.waiting.try_update_value(Option::take) {
            waiting.clear();
        }
    }

    fn finish(self) {
        self.stop_waiting();
        if self.is_changed.try_update_value(std::mem::take) == Some(true) {
            self.keep.run(self.text.get_value().trim_end().to_owned());
        }
    }
}

/// `keep` gets the note as it is when nothing was typed for a while, and at the end.
#[component]
fn NoteEditor(id: &'static str, text: String, keep: Callback<String>, is_writing: RwSignal<bool>) -> impl IntoView {
    let shared = use_shared();
    let draft = Draft {
        keep,
        text: StoredValue::new(text.clone()),
        is_changed: StoredValue::new(false),
        waiting: StoredValue::new_local(None),
    };
    let area = NodeRef::<Textarea>::new();
    let hint = format!("{id}-hint");
    Effect::new(move || {
        if let Some(area) = area.get() {
            // Refused only for an element that is not on the page.
            let _ = area.focus();
            let end = area.value().encode_utf16().count() as u32;
            let _ = area.set_selection_range(end, end);
        }
    });
    on_cleanup(move || draft.finish());
    let leave = move || {
        draft.finish();
        is_writing.set(false);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let is_done = event.key() == "Escape" || (event.key() == "Enter" && (event.ctrl_key() || event.meta_key()));
        if is_done && !event.is_composing() {
            event.prevent_default();
            event.stop_propagation();
            leave();
            crate::views::focus_view(shared);
        }
    };
    view! {
        <textarea id=id node_ref=area rows="4" aria-label=say!("Note") aria-describedby=hint.clone() prop:value=text
            placeholder=say!("What is it? **strong**, *emphasis*, `code`, - lists, #tags")
            on:input=move |event| draft.write(event_target_value(&event)) on:blur=move |_| leave() on:keydown=on_key></textarea>
        <p class="aside" id=hint>{say!("Markdown, kept as you type. Esc when you are done.")}</p>
    }
}
