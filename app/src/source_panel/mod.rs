//! How one source was read, or a log with all its parts, and what the user can say about it: its format, its zone, its clock.
//!
//! What is chosen here is a draft, shown with what it would change, until it is applied.

mod facts;

pub mod offset;

mod questions;

mod reading;

mod choice;

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use model::entry::SourceId;
use model::query::{Change, choose_values, with_term};
use model::source::{RAW_FORMAT, Source, SourceState, UnreadLine};
use model::time::TimeRange;
use model::{counted, say};

use crate::answer::use_answer;
use crate::entries::visible;
use crate::format_editor::{Editing, FormatEditor, KeptFormats};
use crate::scope::{Shared, Visit, use_shared};
use crate::sources::{ById, PartOfLog, excerpt_of, parts_of_log};
use crate::wording::span;
use crate::{icons, wording};
use questions::AskSurvey;
use reading::ReadAsForm;
pub use reading::read_otherwise;

/// Whose panel is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookedAt {
    pub id: SourceId,
    /// All parts of the log are meant that it is one of.
    pub is_log: bool,
}

/// Opened by the buttons of the source list, which say whose it is.
#[component]
pub fn SourcePanel(
    looked_at: RwSignal<Option<LookedAt>>,
    sources: Memo<Arc<ById>>,
    parts: Memo<BTreeMap<SourceId, PartOfLog>>,
) -> impl IntoView {
    let panel = NodeRef::<Div>::new();
    let editing = RwSignal::new(None::<Editing>);
    // The editor takes the panel's place while it is open.
    let show_again = Callback::new(move |id| {
        looked_at.set(Some(LookedAt { id, is_log: false }));
        if let Some(panel) = panel.get_untracked() {
            // Refused only for one that is shown already.
            let _ = panel.show_popover();
        }
    });
    let shared = use_shared();
    Effect::new(move || {
        if let Some((source, _)) = shared.offered_offset.get() {
            show_again.run(source);
        }
    });
    Effect::new(move || {
        if let Some(source) = shared.wants_reading.get() {
            shared.wants_reading.set(None);
            show_again.run(source);
        }
    });
    // What nobody looks at is not asked for.
    let on_toggle = move |_| {
        let is_open = panel.get_untracked().is_some_and(|panel| panel.matches(":popover-open").unwrap_or(false));
        if !is_open {
            looked_at.set(None);
        }
    };
    view! {
        <div popover="auto" id="source-panel" role="dialog" aria-label=say!("How this source is read") node_ref=panel on:toggle=on_toggle>
            {move || looked_at.get().map(|looked_at| view! { <Body looked_at sources parts editing /> })}
        </div>
        <FormatEditor editing closed=show_again />
    }
}

#[component]
fn Body(
    looked_at: LookedAt,
    sources: Memo<Arc<ById>>,
    parts: Memo<BTreeMap<SourceId, PartOfLog>>,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let shared = use_shared();
    let LookedAt { id, is_log } = looked_at;
    let part = Memo::new(move |_| parts.with(|parts| parts.get(&id).cloned()));
    let part_in_words = move || {
        part.get().map(|PartOfLog { nth, n_parts, log }| say!("part {nth} of {n_parts} of {log}", nth, n_parts, log))
    };
    let others = Memo::new(move |_| {
        let Some(part) = part.get() else { return Vec::new() };
        parts.with(|parts| {
            sources.with(|sources| {
                let files = parts_of_log(&part.log, parts, sources);
                files.into_iter().filter(|file| file.id != id).cloned().collect()
            })
        })
    });
    let source = Memo::new(move |_| sources.with(|sources| sources.get(&id).cloned()));
    // What is told is of all these, from the newest.
    let files = Memo::new(move |_| {
        let others = others.get().into_iter().rev().filter(|_| is_log);
        source.get().into_iter().chain(others).collect::<Vec<Source>>()
    });
    let path = move || match part.get().filter(|_| is_log) {
        Some(part) => part.log,
        None => source.with(|source| source.as_ref().map_or(String::new(), |source| source.path.clone())),
    };
    let survey = use_answer(shared.port, shared.revision, move || {
        Some(AskSurvey(files.with(|files| files.iter().map(|file| file.id).collect())))
    });
    let surveyed = Memo::new(move |_| survey.with(|survey| survey.answer.clone().unwrap_or_default()));
    let read_as =
        Memo::new(move |_| source.with(|source| source.as_ref().map(|s| s.read_as.clone()).unwrap_or_default()));
    let workspace_zone = Memo::new(move |_| {
        shared.status.with(|status| status.answer.as_ref().map(|status| status.zone.name.clone())).unwrap_or_default()
    });
    let edit = Callback::new(move |draft| editing.set(Some(Editing { source: id, draft })));
    let time = move || {
        let range = files.with(|files| whole_range(files));
        range.map_or(say!("none").to_owned(), |range| {
            shared.zone.with(|zone| format!("{} {}", span(range, zone), zone.name))
        })
    };
    let state = Memo::new(move |_| source.with(|source| source.as_ref().map(|source| source.state.clone())));
    let is_over = Memo::new(move |_| {
        use model::source::SourceState::{Complete, Excerpt, Opened, Skipped};
        state.with(|state| matches!(state, Some(Complete | Excerpt | Opened | Skipped { .. })))
    });
    let is_empty = Memo::new(move |_| files.with(|files| files.iter().all(|file| file.n_lines == 0)));
    let sure = move || match is_empty.get() {
        true => state.with(|state| state.as_ref().map(facts::why_empty).unwrap_or_default()),
        false => surveyed.with(|survey| read_as.with(|read_as| facts::how_sure(survey, read_as.format.as_deref()))),
    };
    let formats =
        move || surveyed.with(|survey| read_as.with(|read_as| facts::formats(survey, read_as.format.as_deref())));
    let stamps = move || {
        surveyed.with(|survey| read_as.with(|read_as| workspace_zone.with(|zone| facts::stamps(survey, read_as, zone))))
    };
    view! {
        <div class="panel-head">
            <h2>{move || name(&path()).to_owned()}</h2>
            <button class="quiet square" autofocus popovertarget="source-panel" popovertargetaction="hide"
                aria-label=say!("Close") title=say!("Close (Esc)")>
                {icons::icon(icons::CLOSE)}
            </button>
        </div>
        <dl class="known">
            {fact(say!("Path"), path)}
            {is_log.then(|| fact(say!("Files"), move || files.with(|files| names(files))))}
            {move || part_in_words().filter(|_| !is_log).map(|words| fact(say!("Part of"), move || words.clone()))}
            {fact(say!("Size"), move || files.with(|files| size(files)))}
            {fact(say!("Time"), time)}
            <Show when=move || !is_empty.get() fallback=move || fact(say!("Empty"), sure)>
                {fact(say!("Format"), formats)}
                {fact(say!("How sure"), sure)}
                {fact(say!("Encoding"), move || surveyed.with(|survey| survey.encoding.clone()))}
                {fact(say!("Stamps"), stamps)}
                {fact(say!("Service"), move || surveyed.with(facts::services))}
            </Show>
        </dl>
        <Unread files surveyed />
        // Of what is empty for good nothing can be read otherwise.
        <Show when=move || shared.owns.get() && !(is_empty.get() && is_over.get())>
            <ReadAsForm id others is_log source surveyed workspace_zone edit />
            <KeptFormats edit />
        </Show>
    }
}

fn fact(title: &'static str, value: impl Fn() -> String + Send + Sync + 'static) -> impl IntoView {
    view! { <div><dt>{title}</dt><dd>{value}</dd></div> }
}

/// The first lines that no format read, and the way to all of them.
#[component]
fn Unread(files: Memo<Vec<Source>>, surveyed: Memo<model::source::Survey>) -> impl IntoView {
    let shared = use_shared();
    let n_unread = Memo::new(move |_| surveyed.with(facts::n_unread));
    let is_chosen = Memo::new(move |_| files.with(|files| files.iter().any(|file| file.read_as.format.is_some())));
    let show = move |_| files.with_untracked(|files| show_unread(shared, files));
    // Which file a line is of is said where there are several.
    let file_of = move |line: &UnreadLine| {
        let file = files.with(|files| files.iter().find(|file| file.id == line.source && files.len() > 1).cloned());
        file.map_or(String::new(), |file| format!("{} ", name(&file.path)))
    };
    let lines = move || {
        let line = |line: &UnreadLine| {
            let place = file_of(line) + &wording::count(line.line);
            view! { <li><span class="line">{place}</span><code>{visible(&line.text).into_owned()}</code></li> }
        };
        surveyed.with(|survey| survey.unread.iter().map(line).collect_view())
    };
    view! {
        <Show when=move || { n_unread.get() > 0 }>
            <section class="unread">
                <h3>{move || if is_chosen.get() { say!("Not read by the format you chose") } else { say!("Not read by any format") }}</h3>
                <ul>{lines}</ul>
                <button class="small" id="show-unread" popovertarget="source-panel" popovertargetaction="hide" on:click=show>
                    {move || match n_unread.get() {
                        1 => say!("Show it in the table").to_owned(),
                        n => say!("Show all {} lines in the table", wording::count(n)),
                    }}
                </button>
            </section>
        </Show>
    }
}

fn show_unread(shared: Shared, files: &[Source]) {
    let query = choose_values("", "source", files.iter().map(|file| &*file.path));
    shared.set_query(with_term(&query, "format", RAW_FORMAT, Change::Include), Visit::New);
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Of all of them, from the first time to the last.
fn whole_range(files: &[Source]) -> Option<TimeRange> {
    let ranges = files.iter().filter_map(|file| file.range);
    ranges.reduce(|all, one| TimeRange { start: all.start.min(one.start), end: all.end.max(one.end) })
}

/// `app.log, app.log.1 and 3 more`.
fn names(files: &[Source]) -> String {
    const MOST_NAMED: usize = 5;
    let named = files.iter().take(MOST_NAMED).map(|file| name(&file.path)).collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(MOST_NAMED) {
        0 => named,
        n => say!("{} and {} more", named, wording::count(n as u64)),
    }
}

fn size(files: &[Source]) -> String {
    let sum = |of: fn(&Source) -> u64| files.iter().map(of).sum::<u64>();
    let entries = counted!(sum(|file| file.n_entries), "entry", "entries");
    let lines = counted!(sum(|file| file.n_lines), "line", "lines");
    let bytes = match files {
        [file] if file.state == SourceState::Excerpt => excerpt_of(file),
        _ => wording::bytes(sum(|file| file.file_bytes)),
    };
    format!("{bytes}, {lines}, {entries}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    #[test]
    fn a_log_is_told_with_all_its_files() {
        let file = |path: &str, n_entries, start| Source {
            path: path.to_owned(),
            n_entries,
            n_lines: n_entries + 1,
            file_bytes: 1000,
            range: Some(TimeRange { start: Nanos(start), end: Nanos(start + 5) }),
            id: SourceId(1),
            archive: None,
            read_bytes: 1000,
            text_bytes: 1000,
            formats: Vec::new(),
            n_saved: n_entries,
            bytes_per_second: 0,
            state: SourceState::Complete,
            read_as: Default::default(),
            read_before: None,
            rereading: None,
        };
        let files = [file("a/app.log", 3, 20), file("a/app.log.1", 1, 10), file("a/app.log.2", 1, 0)];
        assert_eq!(names(&files), "app.log, app.log.1, app.log.2");
        assert_eq!(size(&files), "3 kB, 8 lines, 5 entries");
        assert_eq!(whole_range(&files), Some(TimeRange { start: Nanos(0), end: Nanos(25) }));
    }
}
