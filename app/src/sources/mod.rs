//! The source list: what was taken in from each file, how far it is, and what can be done about it.

use leptos::prelude::*;
use model::entry::SourceId;
use model::protocol::{Ask, Failure};
use model::source::{Source, SourceState};
use model::time::{TimeRange, Zone, format_wall};

use crate::intake::Intake;
use crate::port::Reply;
use crate::scope::{Shared, use_shared};
use crate::{icons, wording};

#[component]
pub fn Sources(shown: RwSignal<bool>) -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let sources = Memo::new(move |_| shared.sources.with(|sources| sources.answer.clone().unwrap_or_default()));
    let ids = Memo::new(move |_| sources.with(|sources| sources.iter().map(|source| source.id).collect::<Vec<_>>()));
    let title = move || wording::counted(ids.with(|ids| ids.len() as u64), "source", "sources");
    view! {
        <aside id="sources" aria-label="Sources">
            <div class="panel-head">
                <h2>{title}</h2>
                <button class="small" id="open-files" on:click=move |_| intake.pick_files()>
                    {icons::icon(icons::PLUS)}"Add files…"
                </button>
                <button class="quiet square" on:click=move |_| shown.set(false) aria-label="Hide the sources" title="Hide (s)">
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
            <ul class="source-list">
                <For each=move || ids.get() key=|id| *id let:id>
                    <SourceItem id sources />
                </For>
            </ul>
            <div class="panel-foot">
                <button class="small" id="open-folder" on:click=move |_| intake.pick_folder()>"Add folder…"</button>
                <button class="small" id="clear" popovertarget="clear-question">"Remove all…"</button>
            </div>
            <div popover="auto" id="clear-question" role="dialog" aria-label="Remove all sources">
                <h2>"Remove all sources?"</h2>
                <p>"Their entries leave this workspace. The files themselves stay as they are."</p>
                <div class="panel-foot">
                    <button class="primary" popovertarget="clear-question" popovertargetaction="hide"
                        on:click=move |_| shared.tell(Ask::Clear)>"Remove all"</button>
                    <button popovertarget="clear-question" popovertargetaction="hide">"Keep them"</button>
                </div>
            </div>
        </aside>
    }
}

#[component]
fn SourceItem(id: SourceId, sources: Memo<Vec<Source>>) -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let source = Memo::new(move |_| sources.with(|sources| sources.iter().find(|source| source.id == id).cloned()));
    let state = Memo::new(move |_| source.with(|source| source.as_ref().map(|source| source.state.clone())));
    let path = source.with_untracked(|source| source.as_ref().map(|source| source.path.clone()).unwrap_or_default());
    let about = move |word: &'static str| format!("{word} {path}", path = path_of(source));
    let button = move |strokes: &'static str, word: &'static str, act: fn(Shared, Intake, SourceId)| {
        view! {
            <button class="quiet square" title=word aria-label=move || about(word)
                on:click=move |_| act(shared, intake, id)>
                {icons::icon(strokes)}
            </button>
        }
    };
    let buttons = move || {
        let pause = || button(icons::PAUSE, "Pause", |shared, _, id| shared.tell(Ask::Pause(id)));
        let stop = || button(icons::STOP, "Stop", |shared, _, id| shared.tell(Ask::Stop(id)));
        let go_on = || button(icons::PLAY, "Resume", resume);
        match state.get()? {
            SourceState::Waiting | SourceState::Reading => Some(vec![pause(), stop()]),
            SourceState::Paused => Some(vec![go_on(), stop()]),
            SourceState::Interrupted | SourceState::Stopped | SourceState::Failed { .. } => Some(vec![go_on()]),
            SourceState::Complete | SourceState::Skipped { .. } => None,
        }
    };
    let facts = move || source.with(|source| source.as_ref().map(facts));
    let span = move || {
        let range = source.with(|source| source.as_ref().and_then(|source| source.range))?;
        Some(shared.zone.with(|zone| span(range, zone)))
    };
    let progress = move || {
        source.with(|source| {
            let source = source.as_ref()?;
            let is_open = matches!(
                source.state,
                SourceState::Waiting | SourceState::Reading | SourceState::Paused | SourceState::Interrupted
            );
            is_open.then_some((source.read_bytes, source.file_bytes.max(1)))
        })
    };
    view! {
        <li class="source" data-state=move || state.get().as_ref().map(state_name)>
            <div class="top">
                <span class="name" title=path.clone()><bdi>{path.clone()}</bdi></span>
                {buttons}
                {button(icons::TRASH, "Remove", |shared, _, id| shared.tell(Ask::Remove(id)))}
            </div>
            <div class="facts">{facts}</div>
            <div class="facts">{span}</div>
            {move || progress().map(|(done, total)| view! {
                <progress max=total.to_string() value=done.to_string() aria-label=move || about("Reading") />
            })}
            {move || state.get().as_ref().and_then(remark).map(|text| view! { <p class="reason">{text}</p> })}
            {move || (state.get() == Some(SourceState::Interrupted)).then(|| view! {
                <div><button class="small primary" on:click=move |_| resume(shared, intake, id)>"Resume"</button></div>
            })}
        </li>
    }
}

/// Goes on reading; where the browser kept no way to the file, the user picks it again.
fn resume(shared: Shared, intake: Intake, id: SourceId) {
    let on_reply = move |reply| match reply {
        Reply::Done(Err(Failure::FileNeeded)) => {
            shared.said.set("Choose the same file again: reading goes on where it stopped.".to_owned());
            intake.pick_files();
        }
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Resume(id), on_reply).forget());
}

fn path_of(source: Memo<Option<Source>>) -> String {
    source.with(|source| source.as_ref().map(|source| source.path.clone()).unwrap_or_default())
}

fn state_name(state: &SourceState) -> &'static str {
    match state {
        SourceState::Waiting => "waiting",
        SourceState::Reading => "reading",
        SourceState::Paused => "paused",
        SourceState::Complete => "complete",
        SourceState::Stopped => "stopped",
        SourceState::Interrupted => "interrupted",
        SourceState::Skipped { .. } => "skipped",
        SourceState::Failed { .. } => "failed",
    }
}

fn remark(state: &SourceState) -> Option<String> {
    match state {
        SourceState::Waiting => Some("Waiting for its turn.".to_owned()),
        SourceState::Paused => Some("Paused.".to_owned()),
        SourceState::Stopped => Some("Stopped; what was read stays.".to_owned()),
        SourceState::Interrupted => Some("Reading was interrupted; what was saved is here.".to_owned()),
        SourceState::Skipped { reason } => Some(format!("Skipped: {reason}")),
        SourceState::Failed { reason } => Some(reason.clone()),
        SourceState::Reading | SourceState::Complete => None,
    }
}

/// `JSON lines, logfmt · 12,345 entries, 13,000 lines · 4.1 MB`, with speed and share while it is read.
fn facts(source: &Source) -> String {
    let mut parts = Vec::new();
    if !source.formats.is_empty() {
        parts.push(source.formats.join(", "));
    }
    if source.n_entries > 0 {
        let mut entries = wording::counted(source.n_entries, "entry", "entries");
        if source.n_lines != source.n_entries {
            entries += &format!(", {}", wording::counted(source.n_lines, "line", "lines"));
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
        _ => parts.push(wording::bytes(source.file_bytes)),
    }
    parts.join(" · ")
}

/// From first to last; the day is named once when it is the same.
pub fn span(range: TimeRange, zone: &Zone) -> String {
    let start = format_wall(range.start, zone, 0);
    let end = format_wall(range.end, zone, 0);
    match (start.split_once(' '), end.split_once(' ')) {
        (Some((day, _)), Some((other, time))) if day == other => format!("{start} – {time}"),
        _ => format!("{start} – {end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    #[test]
    fn a_span_within_a_day_names_the_day_once() {
        let hour = 3_600_000_000_000;
        let range = TimeRange { start: Nanos(0), end: Nanos(hour) };
        assert_eq!(span(range, &Zone::utc()), "1970-01-01 00:00:00 – 01:00:00");
        assert_eq!(span(range, &Zone::fixed(-1800)), "1969-12-31 23:30:00 – 1970-01-01 00:30:00");
    }
}
