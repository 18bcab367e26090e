//! One source of the list: its file, how far it is, what can be done about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::entry::SourceId;
use model::language::retold;
use model::protocol::Ask;
use model::query::{chosen_values, toggle_value};
use model::source::{Source, SourceState};
use model::{counted, say};

use super::order::{Part, with_members};
use super::{ById, read_anyway, resume_one};
use crate::intake::Intake;
use crate::scope::{Shared, Visit, use_shared};
use crate::source_panel::LookedAt;
use crate::{icons, wording};

#[component]
pub fn SourceItem(
    id: SourceId,
    sources: Memo<Arc<ById>>,
    parts: Memo<BTreeMap<SourceId, Part>>,
    asked: RwSignal<Vec<SourceId>>,
    looked_at: RwSignal<Option<LookedAt>>,
) -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let source = Memo::new(move |_| sources.with(|sources| sources.get(&id).cloned()));
    let state = Memo::new(move |_| source.with(|source| source.as_ref().map(|source| source.state.clone())));
    let path = source.with_untracked(|source| source.as_ref().map(|source| source.path.clone()).unwrap_or_default());
    let (folder, name) = path
        .rsplit_once('/')
        .map_or((String::new(), path.clone()), |(folder, name)| (format!("{folder}/"), name.to_owned()));
    let path = StoredValue::new(path);
    let about = move |word: &'static str| path.with_value(|path| format!("{word} {path}"));
    let button = move |strokes: &'static str, word: &'static str, act: fn(Shared, Intake, SourceId)| {
        view! {
            <button class="quiet square" title=word aria-label=about(word) on:click=move |_| act(shared, intake, id)>
                {icons::icon(strokes)}
            </button>
        }
    };
    let buttons = move || {
        let pause = || button(icons::PAUSE, say!("Pause"), |shared, _, id| shared.tell(Ask::Pause(id)));
        let stop = || button(icons::STOP, say!("Stop"), |shared, _, id| shared.tell(Ask::Stop(id)));
        let go_on = || button(icons::PLAY, say!("Resume"), resume_one);
        match state.get()? {
            SourceState::Waiting | SourceState::Reading => Some(vec![pause(), stop()]),
            SourceState::Paused => Some(vec![go_on(), stop()]),
            SourceState::Interrupted | SourceState::Stopped | SourceState::Failed { .. } => Some(vec![go_on()]),
            SourceState::Skipped { .. } => {
                Some(vec![button(icons::PLAY, say!("Read it anyway, as text"), read_anyway)])
            }
            SourceState::Complete | SourceState::Opened | SourceState::Excerpt => None,
        }
    };
    let facts = Memo::new(move |_| {
        sources.with(|sources| {
            let source = sources.get(&id)?;
            // Whoever has entries is no archive: no need to look for its files.
            let n_members = if source.n_entries == 0 { with_members(sources, id).count() - 1 } else { 0 };
            Some(facts(source, n_members))
        })
    });
    let glance = move || source.with(|source| source.as_ref().map(at_a_glance));
    let span = move || {
        let range = source.with(|source| source.as_ref().and_then(|source| source.range))?;
        Some(shared.zone.with(|zone| wording::span(range, zone)))
    };
    let part = move || {
        let Part { nth, n_parts, log } = parts.with(|parts| parts.get(&id).cloned())?;
        Some(view! { <div class="facts">{say!("part {nth} of {n_parts} of {log}", nth, n_parts, log)}</div> })
    };
    let progress = move || {
        source.with(|source| {
            let source = source.as_ref()?;
            if source.rereading.is_some() {
                return source.rereading.map(|(done, total)| (done, total.max(1)));
            }
            let is_open = matches!(
                source.state,
                SourceState::Waiting | SourceState::Reading | SourceState::Paused | SourceState::Interrupted
            );
            is_open.then_some((source.read_bytes, source.file_bytes.max(1)))
        })
    };
    let is_chosen = Memo::new(move |_| {
        let chosen = shared.query.with(|query| chosen_values(query, "source"));
        path.with_value(|path| chosen.contains(path))
    });
    let choose = move |_| {
        let query = shared.query.get_untracked();
        shared.set_query(path.with_value(|path| toggle_value(&query, "source", path)), Visit::New);
    };
    // Where there are many, this is all that is said of it.
    let title = move || {
        let remark = state.get().as_ref().and_then(remark);
        [Some(about(say!("Show only the entries of"))), facts.get(), span(), remark]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n")
    };
    view! {
        <li class="source" class:part=move || parts.with(|parts| parts.contains_key(&id)) data-state=move || state.get().as_ref().map(state_name)>
            <div class="top">
                <button class="name quiet" aria-pressed=move || is_chosen.get().to_string() on:click=choose
                    title=title>
                    <bdi><span class="folder">{folder}</span>{name}</bdi>
                </button>
                <span class="glance">{glance}</span>
                <button class="quiet square look" title=say!("How it is read…") aria-label=about(say!("How it is read:")) popovertarget="source-panel"
                    popovertargetaction="show" on:click=move |_| looked_at.set(Some(LookedAt { id, is_log: false }))>
                    {icons::icon(icons::SLIDERS)}
                </button>
                <Show when=move || shared.owns.get()>
                    {buttons}
                    <button class="quiet square" title=say!("Remove…") aria-label=about(say!("Remove")) popovertarget="remove-question"
                        on:click=move |_| asked.set(vec![id])>
                        {icons::icon(icons::TRASH)}
                    </button>
                </Show>
            </div>
            <div class="facts">{move || facts.get()}</div>
            <div class="facts">{span}</div>
            {part}
            {move || progress().map(|(done, total)| view! {
                <progress max=total.to_string() value=done.to_string() aria-label=about(say!("Reading")) />
            })}
            {move || state.get().as_ref().and_then(remark).map(|text| view! { <p class="reason">{text}</p> })}
            {move || (shared.owns.get() && state.get() == Some(SourceState::Interrupted)).then(|| view! {
                <div><button class="small primary" on:click=move |_| resume_one(shared, intake, id)>{say!("Resume")}</button></div>
            })}
        </li>
    }
}

/// `excerpt of 3.4 MB`.
pub fn excerpt_of(source: &Source) -> String {
    say!("excerpt of {bytes}", wording::bytes(source.file_bytes))
}

/// The one thing to know of a source in a long list.
fn at_a_glance(source: &Source) -> String {
    match source.state {
        SourceState::Complete | SourceState::Excerpt => wording::count(source.n_entries),
        SourceState::Opened => say!("archive").to_owned(),
        ref state => state_in_words(state).to_owned(),
    }
}

pub fn state_name(state: &SourceState) -> &'static str {
    match state {
        SourceState::Waiting => "waiting",
        SourceState::Reading => "reading",
        SourceState::Paused => "paused",
        SourceState::Complete => "complete",
        SourceState::Stopped => "stopped",
        SourceState::Interrupted => "interrupted",
        SourceState::Skipped { .. } => "skipped",
        SourceState::Failed { .. } => "failed",
        SourceState::Opened => "opened",
        SourceState::Excerpt => "excerpt",
    }
}

fn state_in_words(state: &SourceState) -> &'static str {
    match state {
        SourceState::Waiting => say!("waiting"),
        SourceState::Reading => say!("reading"),
        SourceState::Paused => say!("paused"),
        SourceState::Complete => say!("complete"),
        SourceState::Stopped => say!("stopped"),
        SourceState::Interrupted => say!("interrupted"),
        SourceState::Skipped { .. } => say!("skipped"),
        SourceState::Failed { .. } => say!("failed"),
        SourceState::Opened => say!("opened"),
        SourceState::Excerpt => say!("excerpt"),
    }
}

fn remark(state: &SourceState) -> Option<String> {
    match state {
        SourceState::Waiting => Some(say!("Waiting for its turn.").to_owned()),
        SourceState::Paused => Some(say!("Paused.").to_owned()),
        SourceState::Stopped => Some(say!("Stopped; what was read stays.").to_owned()),
        SourceState::Interrupted => Some(say!("Reading was interrupted; what was saved is here.").to_owned()),
        SourceState::Skipped { reason } => Some(say!("Skipped: {reason}", retold(reason))),
        SourceState::Failed { reason } => Some(retold(reason)),
        SourceState::Reading | SourceState::Complete | SourceState::Opened | SourceState::Excerpt => None,
    }
}

/// `JSON lines, logfmt · 12,345 entries, 13,000 lines · 4.1 MB`, with speed and share while it is read.
/// `n_members`: files that came out of it.
fn facts(source: &Source, n_members: usize) -> String {
    let mut parts = Vec::new();
    if n_members > 0 || source.state == SourceState::Opened {
        parts.push(say!("archive of {}", counted!(n_members as u64, "file", "files")));
    }
    if !source.formats.is_empty() {
        parts.push(source.formats.iter().map(|format| retold(format)).collect::<Vec<_>>().join(", "));
    }
    if source.n_entries > 0 {
        let mut entries = counted!(source.n_entries, "entry", "entries");
        if source.n_lines != source.n_entries {
            entries += &format!(", {}", counted!(source.n_lines, "line", "lines"));
        }
        parts.push(entries);
    }
    match source.state {
        SourceState::Reading => {
            parts.push(format!("{} %", wording::percent(source.read_bytes, source.file_bytes)));
            if source.bytes_per_second > 0 {
                parts.push(format!("{}/s", wording::bytes(source.bytes_per_second)));
            }
        }
        SourceState::Paused | SourceState::Interrupted | SourceState::Stopped => {
            let (read, all) = (wording::bytes(source.read_bytes), wording::bytes(source.file_bytes));
            parts.push(say!("{read} of {all}", read, all));
        }
        SourceState::Excerpt => parts.push(excerpt_of(source)),
        _ => parts.push(wording::bytes(source.file_bytes)),
    }
    if let Some((done, total)) = source.rereading {
        parts.push(say!("reading again: {} %", wording::percent(done, total)));
    }
    parts.join(" · ")
}
