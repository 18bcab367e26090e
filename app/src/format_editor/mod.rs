//! Writes a format: its text, what is wrong with it, and what it would read of the source it is written for.

mod kept;

mod lines;

mod questions;

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::{ev, leptos_dom::helpers::window_event_listener};
use model::entry::SourceId;
use model::format::{Draft, FormatPreview, FormatProblem, Tried};
use model::protocol::{Answer, Ask};
use model::say;
use model::source::ReadAs;

pub use kept::{KeptFormats, keep_files, may_be_format, split_formats, text_of};

use crate::answer::use_answer;
use crate::icons;
use crate::port::Reply;
use crate::scope::{Shared, use_shared};
use crate::source_panel::read_otherwise;
use lines::Preview;
pub use lines::TriedLines;
pub use questions::AskPreview;

/// What is being written: for this source, beginning with this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editing {
    pub source: SourceId,
    pub draft: Draft,
}

/// Opened where it is said what is to be written; closes itself. `closed`: shows the source it was for.
#[component]
pub fn FormatEditor(editing: RwSignal<Option<Editing>>, closed: Callback<SourceId>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let is_wanted = editing.with(Option::is_some);
        if let Some(dialog) = dialog.get() {
            match (is_wanted, dialog.open()) {
                // Refused only for a dialog that is not part of the page.
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let is_changed = RwSignal::new(false);
    let leaves = RwSignal::new(false);
    let written_for = StoredValue::new(None::<SourceId>);
    Effect::new(move || {
        if let Some(Editing { source, .. }) = editing.get() {
            written_for.set_value(Some(source));
        }
    });
    let on_close = move |_| {
        leaves.set(false);
        editing.set(None);
        if let Some(source) = written_for.try_update_value(Option::take).flatten() {
            closed.run(source);
        }
    };
    let on_cancel = move |event: ev::Event| {
        if is_changed.get_untracked() && !leaves.get_untracked() {
            event.prevent_default();
            leaves.set(true);
        }
    };
    view! {
        <dialog id="format-editor" node_ref=dialog aria-labelledby="format-editor-title" on:close=on_close on:cancel=on_cancel>
            {move || editing.get().map(|editing_now| {
                view! { <Body editing_now editing is_changed leaves /> }
            })}
        </dialog>
    }
}

#[component]
fn Body(
    editing_now: Editing,
    editing: RwSignal<Option<Editing>>,
    is_changed: RwSignal<bool>,
    leaves: RwSignal<bool>,
) -> impl IntoView {
    let shared = use_shared();
    let Editing { source, draft } = editing_now;
    // `None` until the data thread has said what it begins with.
    let first = RwSignal::new(None::<String>);
    let text = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(String::new());
    take_text(shared, Ask::DraftFormat(draft), move |begun| {
        text.set(begun.clone());
        first.set(Some(begun));
    });
    Effect::new(move || is_changed.set(first.with(|first| first.as_ref().is_some_and(|first| *first != text.get()))));
    let asked = use_answer(shared.port, shared.revision, move || {
        first.with(Option::is_some).then(|| AskPreview { source, tried: Tried::Text(text.get()) })
    });
    let answer = Memo::new(move |_| asked.with(|asked| asked.answer.clone()));
    let problems = Memo::new(move |_| answer.with(|p| p.as_ref().map(|p| p.problems.clone()).unwrap_or_default()));
    // What cannot be read leaves in sight what was read before it.
    let is_stale =
        Memo::new(move |_| answer.with(|p| p.as_ref().is_some_and(|p| p.n_lines == 0 && !p.problems.is_empty())));
    let preview = Memo::new(move |before: Option<&Option<FormatPreview>>| match is_stale.get() {
        true => before.cloned().flatten(),
        false => answer.get(),
    });
    let in_place_of = move || preview.with(|preview| preview.as_ref().and_then(|preview| preview.in_place_of.clone()));
    let can_save = move || !busy.get() && first.with(Option::is_some) && problems.with(Vec::is_empty);
    let save = move |applies: bool| {
        busy.set(true);
        refused.set(String::new());
        let saved = editing.get_untracked();
        let done = move |kept: Result<String, String>| {
            busy.try_set(false);
            match kept {
                Ok(name) => {
                    if let Some(saved) = saved.clone() {
                        editing_done(shared, editing, saved, name, applies);
                    }
                    let _ = leaves.try_set(false);
                }
                Err(reason) => _ = refused.try_set(reason),
            }
        };
        save_text(shared, source, text.get_untracked(), done);
    };
    let resample = move |_| {
        refused.set(String::new());
        take_text(shared, Ask::SampleFormat { source, text: text.get_untracked() }, move |sampled| text.set(sampled));
    };
    let saves_by_key = window_event_listener(ev::keydown, move |event| {
        if event.key() == "s" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            if can_save() {
                save(false);
            }
        }
    });
    on_cleanup(move || saves_by_key.remove());
    let has_samples = move || text.with(|text| text.contains("[[sample]]"));
    view! {
        <div class="panel-head">
            <h2 id="format-editor-title">{say!("Edit a format")}</h2>
            <button class="quiet square" aria-label=say!("Close") title=say!("Close (Esc)") on:click=move |_| {
                if is_changed.get_untracked() { leaves.set(true) } else { editing.set(None) }
            }>{icons::icon(icons::CLOSE)}</button>
        </div>
        <div class="halves">
            <section class="written" aria-label=say!("The format's text")>
                <FormatText text problems />
                <Problems problems text />
                {move || in_place_of().map(|title| view! {
                    <p class="aside" id="in-place-of" role="status">{say!("A format that comes with Dendro has this name ({title}): yours is in its place until you delete it.", title)}</p>
                })}
            </section>
            <section class="previewed" aria-label=say!("What it reads")>
                <Preview preview is_stale />
            </section>
        </div>
        <Show when=move || !refused.with(String::is_empty)>
            <p class="bad" role="alert" id="format-refused">{move || refused.get()}</p>
        </Show>
        <Show when=move || leaves.get() fallback=move || view! {
            <div class="actions">
                <Show when=has_samples>
                    <button class="small push" id="sample-format" disabled=move || busy.get() on:click=resample
                        title=say!("Entries of this source, as the format reads them, in place of the samples in the text")>
                        {say!("Take the samples anew")}
                    </button>
                </Show>
                <button id="save-format" disabled=move || !can_save() title=say!("Ctrl S") on:click=move |_| save(false)>{say!("Save")}</button>
                <button class="primary" id="save-and-read" disabled=move || !can_save() on:click=move |_| save(true)>
                    {say!("Save and read the source with it")}
                </button>
            </div>
        }>
            <div class="actions" role="alertdialog" aria-label=say!("Unsaved changes")>
                <p class="push">{say!("What you changed is not saved.")}</p>
                <button autofocus on:click=move |_| leaves.set(false)>{say!("Go on editing")}</button>
                <button class="danger" id="discard-format" on:click=move |_| editing.set(None)>{say!("Discard")}</button>
            </div>
        </Show>
    }
}

#[component]
fn FormatText(text: RwSignal<String>, problems: Memo<Vec<FormatProblem>>) -> impl IntoView {
    let n_lines = Memo::new(move |_| text.with(|text| text.split('\n').count() as u32));
    let numbers = move || {
        let bad: Vec<u32> = problems.with(|problems| problems.iter().filter_map(|problem| problem.line).collect());
        let number = |line: u32| view! { <span class:bad=bad.contains(&line)>{line}</span> };
        (1..=n_lines.get()).map(number).collect_view()
    };
    view! {
        <div class="text">
            <div class="numbers" aria-hidden="true">{numbers}</div>
            <textarea id="format-text" aria-label="TOML" aria-describedby="format-problems" spellcheck="false" wrap="off"
                autocomplete="off" autocapitalize="off" autofocus rows=move || n_lines.get().to_string()
                aria-invalid=move || problems.with(|problems| !problems.is_empty()).to_string()
                prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
        </div>
    }
}

/// Each with a way to its line.
#[component]
fn Problems(problems: Memo<Vec<FormatProblem>>, text: RwSignal<String>) -> impl IntoView {
    let problem = move |problem: FormatProblem| {
        let message = wording_of(&problem.message);
        match problem.line {
            Some(line) => view! {
                <li><button class="quiet small" on:click=move |_| go_to(line, &text.get_untracked())>{say!("Line {line}", line)}</button>
                    <span>{message}</span></li>
            }
            .into_any(),
            None => view! { <li><span>{message}</span></li> }.into_any(),
        }
    };
    view! {
        <div class="flaws" id="format-problems" role="status">
            <ul>{move || problems.get().into_iter().map(problem).collect_view()}</ul>
        </div>
    }
}

/// As a sentence of its own.
fn wording_of(message: &str) -> String {
    let mut letters = message.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// Selects a line of the text.
fn go_to(line: u32, text: &str) {
    let units = |text: &str| text.encode_utf16().count() as u32;
    let mut start = 0;
    for (at, shown) in text.split('\n').enumerate() {
        let len = units(shown);
        if at as u32 + 1 == line {
            let element = document().get_element_by_id("format-text");
            let field = element
                .and_then(|element| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlTextAreaElement>(element).ok());
            if let Some(field) = field {
                // Refused only by fields without text.
                let _ = field.focus();
                let _ = field.set_selection_range(start, start + len);
            }
            return;
        }
        start += len + 1;
    }
}

fn take_text(shared: Shared, ask: Ask, take: impl Fn(String) + 'static) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::FormatText(text))) => take(text),
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(ask, on_reply).forget());
}

/// Keeps the format, with samples from the source if it has none.
fn save_text(shared: Shared, source: SourceId, text: String, done: impl Fn(Result<String, String>) + Clone + 'static) {
    if text.contains("[[sample]]") {
        return keep(shared, text, done);
    }
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::FormatText(text))) => keep(shared, text, done.clone()),
        Reply::Done(Err(failure)) => done(Err(failure.to_string())),
        _ => {}
    };
    shared.port.with_value(|port| port.ask(Ask::SampleFormat { source, text }, on_reply).forget());
}

fn keep(shared: Shared, text: String, done: impl Fn(Result<String, String>) + 'static) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::FormatKept { name, .. })) => done(Ok(name)),
        Reply::Done(Err(failure)) => done(Err(failure.to_string())),
        _ => {}
    };
    shared.port.with_value(|port| port.ask(Ask::SaveFormat { text }, on_reply).forget());
}

fn editing_done(shared: Shared, editing: RwSignal<Option<Editing>>, saved: Editing, name: String, applies: bool) {
    let source = saved.source;
    let before = shared.sources.with_untracked(|sources| {
        sources.answer.iter().flatten().find(|known| known.id == source).map(|known| known.read_as.clone())
    });
    if applies && let Some(before) = before {
        let words = say!("Read as {name}.", name);
        let read_as = ReadAs { format: Some(name), ..before };
        read_otherwise(shared, source, read_as, words, RwSignal::new(false));
    } else {
        shared.said.set(say!("The format {name} is kept.", name));
    }
    // Whoever closed the editor meanwhile may have opened another.
    let _ = editing.try_update(|editing| editing.take_if(|now| *now == saved));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_a_sentence() {
        assert_eq!(wording_of("unknown field `rnk`"), "Unknown field `rnk`.");
        assert_eq!(wording_of(""), ".");
    }
}
