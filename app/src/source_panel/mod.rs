//! How one source was read, and what the user can say about it: its format, its zone, its clock.
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
use model::query::{Change, with_term};
use model::source::{RAW_FORMAT, Source, SourceState};
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
    let of_source =
        move |say: fn(&Source) -> String| move || source.with(|source| source.as_ref().map(say).unwrap_or_default());
    let survey = use_answer(shared.port, shared.revision, move || Some(AskSurvey(id)));
    let surveyed = Memo::new(move |_| survey.with(|survey| survey.answer.clone().unwrap_or_default()));
    let read_as =
        Memo::new(move |_| source.with(|source| source.as_ref().map(|s| s.read_as.clone()).unwrap_or_default()));
    let workspace_zone = Memo::new(move |_| {
        shared.status.with(|status| status.answer.as_ref().map(|status| status.zone.name.clone())).unwrap_or_default()
    });
    let edit = Callback::new(move |draft| editing.set(Some(Editing { source: id, draft })));
    let time = move || {
        let range = source.with(|source| source.as_ref().and_then(|source| source.range));
        range.map_or(say!("none").to_owned(), |range| {
            shared.zone.with(|zone| format!("{} {}", span(range, zone), zone.name))
        })
    };
    let state = Memo::new(move |_| source.with(|source| source.as_ref().map(|source| source.state.clone())));
    let is_over = Memo::new(move |_| {
        use model::source::SourceState::{Complete, Excerpt, Opened, Skipped};
        state.with(|state| matches!(state, Some(Complete | Excerpt | Opened | Skipped { .. })))
    });
    let is_empty = Memo::new(move |_| source.with(|source| source.as_ref().is_none_or(|source| source.n_lines == 0)));
    let sure = move || match is_empty.get() {
        true => state.with(|state| state.as_ref().map(facts::why_empty).unwrap_or_default()),
        false => surveyed.with(|survey| facts::how_sure(survey, read_as.with(|read_as| read_as.format.is_some()))),
    };
    let stamps = move || {
        surveyed.with(|survey| read_as.with(|read_as| workspace_zone.with(|zone| facts::stamps(survey, read_as, zone))))
    };
    view! {
        <div class="panel-head">
            <h2>{of_source(|source| name(&source.path).to_owned())}</h2>
            <button class="quiet square" autofocus popovertarget="source-panel" popovertargetaction="hide"
                aria-label=say!("Close") title=say!("Close (Esc)")>
                {icons::icon(icons::CLOSE)}
            </button>
        </div>
        <dl class="known">
            {fact(say!("Path"), of_source(|source| source.path.clone()))}
            {move || part_in_words().map(|words| fact(say!("Part of"), move || words.clone()))}
            {fact(say!("Size"), of_source(size))}
            {fact(say!("Time"), time)}
            <Show when=move || !is_empty.get() fallback=move || fact(say!("Empty"), sure)>
                {fact(say!("Format"), move || surveyed.with(facts::formats))}
                {fact(say!("How sure"), sure)}
                {fact(say!("Encoding"), move || surveyed.with(|survey| survey.encoding.clone()))}
                {fact(say!("Stamps"), stamps)}
                {fact(say!("Service"), move || surveyed.with(facts::services))}
            </Show>
        </dl>
        <Unread source surveyed />
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
fn Unread(source: Memo<Option<Source>>, surveyed: Memo<model::source::Survey>) -> impl IntoView {
    let shared = use_shared();
    let n_unread = Memo::new(move |_| surveyed.with(facts::n_unread));
    let is_chosen =
        Memo::new(move |_| source.with(|source| source.as_ref().is_some_and(|s| s.read_as.format.is_some())));
    let show = move |_| {
        if let Some(path) = source.with_untracked(|source| source.as_ref().map(|source| source.path.clone())) {
            show_unread(shared, &path);
        }
    };
    let lines = move || {
        let line = |line: &model::source::UnreadLine| {
            view! { <li><span class="line">{wording::count(line.line)}</span><code>{visible(&line.text).into_owned()}</code></li> }
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

fn show_unread(shared: Shared, path: &str) {
    let query = with_term("", "source", path, Change::Include);
    shared.set_query(with_term(&query, "format", RAW_FORMAT, Change::Include), Visit::New);
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn size(source: &Source) -> String {
    let entries = counted!(source.n_entries, "entry", "entries");
    let lines = counted!(source.n_lines, "line", "lines");
    let bytes = match source.state {
        SourceState::Excerpt => excerpt_of(source),
        _ => wording::bytes(source.file_bytes),
    };
    format!("{bytes}, {lines}, {entries}")
}
