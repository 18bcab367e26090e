//! A log that was rotated, as one source: what all its parts hold, and a way to see them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leptos::prelude::*;
use model::entry::SourceId;
use model::query::{choose_values, chosen_values};
use model::source::Source;
use model::time::TimeRange;
use model::{counted, say};

use super::order::{Part, Row, files_of_log, is_whole};
use super::{ById, turn};
use crate::scope::{Visit, use_shared};
use crate::source_panel::LookedAt;
use crate::{icons, wording};

/// What the parts of a log hold together.
#[derive(Clone, Default, PartialEq)]
struct Whole {
    /// From the oldest.
    ids: Vec<SourceId>,
    paths: Vec<String>,
    n_entries: u64,
    file_bytes: u64,
    range: Option<TimeRange>,
    /// Of each part all is here.
    is_whole: bool,
}

impl Whole {
    fn of(files: &[&Source]) -> Self {
        let ranges = files.iter().filter_map(|file| file.range);
        let joined =
            |all: TimeRange, one: TimeRange| TimeRange { start: all.start.min(one.start), end: all.end.max(one.end) };
        Self {
            ids: files.iter().map(|file| file.id).collect(),
            paths: files.iter().map(|file| file.path.clone()).collect(),
            n_entries: files.iter().map(|file| file.n_entries).sum(),
            file_bytes: files.iter().map(|file| file.file_bytes).sum(),
            range: ranges.reduce(joined),
            is_whole: files.iter().all(|file| is_whole(file)),
        }
    }
}

#[component]
pub fn LogHead(
    log: Arc<str>,
    sources: Memo<Arc<ById>>,
    parts: Memo<BTreeMap<SourceId, Part>>,
    turned: RwSignal<BTreeSet<Row>>,
    asked: RwSignal<Vec<SourceId>>,
    looked_at: RwSignal<Option<LookedAt>>,
) -> impl IntoView {
    let shared = use_shared();
    let whole = Memo::new({
        let log = log.clone();
        move |_| Whole::of(&files_of_log(&log, &parts.read(), &sources.read()))
    });
    let row = StoredValue::new(Row::Log(log.clone()));
    let is_open = Memo::new(move |_| {
        turned.with(|turned| row.with_value(|row| turned.contains(row))) || whole.with(|whole| !whole.is_whole)
    });
    let is_chosen = Memo::new(move |_| {
        let chosen: BTreeSet<String> = shared.query.with(|query| chosen_values(query, "source")).into_iter().collect();
        whole.with(|whole| whole.paths.iter().all(|path| chosen.contains(path)))
    });
    let choose = move |_| {
        let query = shared.query.get_untracked();
        let query = whole.with_untracked(|whole| {
            let paths = whole.paths.iter().filter(|_| !is_chosen.get_untracked());
            choose_values(&query, "source", paths.map(String::as_str))
        });
        shared.set_query(query, Visit::New);
    };
    let n_files = move || counted!(whole.with(|whole| whole.paths.len() as u64), "file", "files");
    let n_entries = move || whole.with(|whole| whole.n_entries);
    let facts = move || {
        let bytes = wording::bytes(whole.with(|whole| whole.file_bytes));
        say!("rotated log of {files}", n_files())
            + &format!(" · {} · {bytes}", counted!(n_entries(), "entry", "entries"))
    };
    let span = move || whole.with(|whole| whole.range).map(|range| shared.zone.with(|zone| wording::span(range, zone)));
    let files = move || match is_open.get() {
        true => say!("Hide its files").to_owned(),
        false => say!("Show its {files}", n_files()),
    };
    let about = |word: &str| format!("{word} {log}");
    // How the newest part is read, which is what the next one will be like.
    let look = move |_| {
        looked_at.set(whole.with_untracked(|whole| whole.ids.last().map(|&id| LookedAt { id, is_log: true })));
    };
    let (looks, removes) = (about(say!("How it is read:")), about(say!("Remove")));
    let (folder, name) = log.rsplit_once('/').map_or(("", &*log), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    view! {
        <li class="source log-head" data-state="complete">
            <div class="top">
                <button class="name quiet" aria-pressed=move || is_chosen.get().to_string() on:click=choose
                    title=say!("Show only the entries of all its parts")>
                    <bdi><span class="folder">{folder}</span>{name.to_owned()}</bdi>
                </button>
                <span class="glance">{move || wording::count(n_entries())}</span>
                <button class="quiet square look" title=say!("How it is read…") aria-label=looks popovertarget="source-panel"
                    popovertargetaction="show" on:click=look>
                    {icons::icon(icons::SLIDERS)}
                </button>
                <Show when=move || shared.owns.get()>
                    <button class="quiet square" title=say!("Remove…") aria-label=removes.clone() popovertarget="remove-question"
                        on:click=move |_| asked.set(whole.with_untracked(|whole| whole.ids.clone()))>
                        {icons::icon(icons::TRASH)}
                    </button>
                </Show>
                <button class="quiet square turn" aria-expanded=move || is_open.get().to_string() title=files
                    aria-label=move || format!("{}: {log}", files())
                    on:click=move |_| turned.update(|turned| row.with_value(|row| turn(turned, row)))></button>
            </div>
            <div class="facts">{facts}</div>
            <div class="facts">{span}</div>
        </li>
    }
}
