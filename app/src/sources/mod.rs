//! The source list: what was taken in from each file, how far it is, and what can be done about it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use model::compare::{Against, When};
use model::entry::SourceId;
use model::protocol::{Ask, Failure};
use model::query::{choose_values, chosen_values, toggle_value};
use model::rotation::{Age, part_of};
use model::scope::View;
use model::source::{Source, SourceState};
use model::time::{TimeRange, Zone, format_wall};

use crate::intake::Intake;
use crate::port::Reply;
use crate::scope::{Shared, Visit, use_shared};
use crate::source_panel::SourcePanel;
use crate::{icons, wording};

/// All sources by their number.
pub type ById = BTreeMap<SourceId, Source>;

#[component]
pub fn Sources() -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let sources = Memo::new(move |_| {
        let listed = shared.sources.with(|sources| sources.answer.clone().unwrap_or_default());
        Arc::new(listed.into_iter().map(|source| (source.id, source)).collect::<ById>())
    });
    let ids = Memo::new(move |_| sources.with(|sources| in_order(sources)));
    let parts = Memo::new(move |_| sources.with(|sources| parts_of_logs(sources)));
    let title = move || wording::counted(ids.with(|ids| ids.len() as u64), "source", "sources");
    let owns = shared.owns;
    let asked = RwSignal::new(None::<SourceId>);
    let looked_at = RwSignal::new(None::<SourceId>);
    view! {
        <section id="sources" aria-label="Sources">
            <div class="panel-head">
                <h2>{title}</h2>
                <Show when=move || owns.get()>
                    <button class="small" id="add-files" on:click=move |_| intake.pick_files()>
                        {icons::icon(icons::PLUS)}"Add files…"
                    </button>
                </Show>
            </div>
            <Overall sources />
            <Interrupted sources />
            <ul class="source-list">
                <For each=move || ids.get() key=|id| *id let:id>
                    <SourceItem id sources parts asked looked_at />
                </For>
            </ul>
            <CompareTwo />
            <Show when=move || owns.get()>
                <div class="panel-foot">
                    <button class="small" id="add-folder" on:click=move |_| intake.pick_folder()>"Add folder…"</button>
                    <button class="small" id="clear" popovertarget="clear-question">"Remove all…"</button>
                </div>
            </Show>
            <div popover="auto" class="question" id="clear-question" role="dialog" aria-label="Remove all sources">
                <h2>"Remove all sources?"</h2>
                <p>"Their entries leave this workspace. The files themselves stay as they are."</p>
                <div class="actions">
                    <button autofocus popovertarget="clear-question" popovertargetaction="hide">"Keep them"</button>
                    <button class="danger" popovertarget="clear-question" popovertargetaction="hide"
                        on:click=move |_| shared.tell(Ask::Clear)>"Remove all"</button>
                </div>
            </div>
            <RemoveQuestion asked sources />
            <SourcePanel looked_at sources />
        </section>
    }
}

/// Where two sources are chosen, a way to see what differs between them.
#[component]
fn CompareTwo() -> impl IntoView {
    let shared = use_shared();
    let chosen = Memo::new(move |_| shared.query.with(|query| chosen_values(query, "source")));
    let compare = move |_| {
        let (query, chosen) = (shared.query.get_untracked(), chosen.get_untracked());
        let [a, b] = &chosen[..] else { return };
        let of = |path: &String| choose_values(&query, "source", [path.as_str()]);
        shared.change(Visit::New, |scope| {
            scope.filter.query = of(a);
            scope.against = Against { query: Some(of(b)), time: When::Any };
            scope.view = View::Compare;
        });
    };
    view! {
        <Show when=move || chosen.with(|chosen| chosen.len() == 2)>
            <div class="panel-foot"><button class="small" id="compare-two" on:click=compare>"Compare the two"</button></div>
        </Show>
    }
}

/// Asks before one source goes; the buttons that open it say which.
#[component]
fn RemoveQuestion(asked: RwSignal<Option<SourceId>>, sources: Memo<Arc<ById>>) -> impl IntoView {
    let shared = use_shared();
    let path =
        move || sources.with(|sources| asked.get().and_then(|id| sources.get(&id)).map(|source| source.path.clone()));
    let n_entries = move || {
        let id = asked.get()?;
        Some(sources.with(|sources| with_members(sources, id).map(|source| source.n_entries).sum()))
    };
    let remove = move |_| {
        let Some(id) = asked.get_untracked() else { return };
        sources
            .with_untracked(|sources| with_members(sources, id).for_each(|source| shared.tell(Ask::Remove(source.id))));
    };
    view! {
        <div popover="auto" class="question" id="remove-question" role="dialog" aria-label="Remove this source">
            <h2>"Remove “"<span class="path">{path}</span>"”?"</h2>
            <p>
                {move || n_entries().map(|n| wording::counted(n, "entry leaves", "entries leave"))}
                " this workspace. The file itself stays as it is."
            </p>
            <div class="actions">
                <button autofocus popovertarget="remove-question" popovertargetaction="hide">"Keep it"</button>
                <button class="danger" popovertarget="remove-question" popovertargetaction="hide" on:click=remove>"Remove"</button>
            </div>
        </div>
    }
}

/// How far all that is being read is, and a way to hold it.
#[component]
fn Overall(sources: Memo<Arc<ById>>) -> impl IntoView {
    let shared = use_shared();
    // What is read through stays counted until all is, so that the bar never goes back.
    let batch = Memo::new(move |before: Option<&BTreeSet<SourceId>>| {
        sources.with(|sources| under_way(sources, before.cloned().unwrap_or_default()))
    });
    let progress = Memo::new(move |_| sources.with(|sources| batch.with(|batch| progress(sources, batch))));
    let tell_all = move |is_meant: fn(&SourceState) -> bool, ask: fn(SourceId) -> Ask| {
        sources.with_untracked(|sources| {
            for source in sources.values().filter(|source| is_meant(&source.state)) {
                shared.tell(ask(source.id));
            }
        });
    };
    let is_shown = Memo::new(move |_| progress.with(Option::is_some) && shared.owns.get());
    let done = move || progress.get().map_or(0, |(done, _)| done);
    let total = move || progress.get().map_or(1, |(_, total)| total.max(1));
    view! {
        <Show when=move || is_shown.get()>
            <div class="overall">
                <progress max=move || total().to_string() prop:value=move || done() as f64 aria-label="Reading all files" />
                <span>{move || format!("{} %", wording::percent(done(), total()))}</span>
                <button class="small" id="pause-all" on:click=move |_| tell_all(is_active, Ask::Pause)>"Pause all"</button>
            </div>
        </Show>
    }
}

/// Where reading of several sources was interrupted, one way to go on with all of them.
#[component]
fn Interrupted(sources: Memo<Arc<ById>>) -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let ids = Memo::new(move |_| {
        let interrupted = |source: &&Source| source.state == SourceState::Interrupted;
        sources.with(|sources| sources.values().filter(interrupted).map(|source| source.id).collect::<Vec<_>>())
    });
    let is_shown = Memo::new(move |_| ids.with(|ids| ids.len() > 1) && shared.owns.get());
    let words = move || wording::counted(ids.with(|ids| ids.len() as u64), "file was", "files were") + " interrupted";
    let resume_all = move |_| {
        // However many have to be picked again, they are picked at once.
        let picks = Rc::new(Cell::new(false));
        for id in ids.get_untracked() {
            resume(shared, intake, id, picks.clone());
        }
    };
    view! {
        <Show when=move || is_shown.get()>
            <div class="overall">
                <span class="words">{words}</span>
                <button class="small primary" id="resume-all" on:click=resume_all>"Resume all"</button>
            </div>
        </Show>
    }
}

#[component]
fn SourceItem(
    id: SourceId,
    sources: Memo<Arc<ById>>,
    parts: Memo<BTreeMap<SourceId, Part>>,
    asked: RwSignal<Option<SourceId>>,
    looked_at: RwSignal<Option<SourceId>>,
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
        let pause = || button(icons::PAUSE, "Pause", |shared, _, id| shared.tell(Ask::Pause(id)));
        let stop = || button(icons::STOP, "Stop", |shared, _, id| shared.tell(Ask::Stop(id)));
        let go_on = || button(icons::PLAY, "Resume", resume_one);
        match state.get()? {
            SourceState::Waiting | SourceState::Reading => Some(vec![pause(), stop()]),
            SourceState::Paused => Some(vec![go_on(), stop()]),
            SourceState::Interrupted | SourceState::Stopped | SourceState::Failed { .. } => Some(vec![go_on()]),
            SourceState::Complete | SourceState::Skipped { .. } | SourceState::Opened => None,
        }
    };
    let facts = move || {
        sources.with(|sources| {
            let source = sources.get(&id)?;
            // Whoever has entries is no archive: no need to look for its files.
            let n_members = if source.n_entries == 0 { with_members(sources, id).count() - 1 } else { 0 };
            Some(facts(source, n_members))
        })
    };
    let span = move || {
        let range = source.with(|source| source.as_ref().and_then(|source| source.range))?;
        Some(shared.zone.with(|zone| span(range, zone)))
    };
    let part = move || {
        let Part { nth, n_parts, log } = parts.with(|parts| parts.get(&id).cloned())?;
        let show_log = {
            let log = log.clone();
            move |_| {
                let query = shared.query.get_untracked();
                let paths =
                    parts.with_untracked(|parts| sources.with_untracked(|sources| paths_of_log(&log, parts, sources)));
                let query = choose_values(&query, "source", paths.iter().map(String::as_str));
                shared.set_query(query, Visit::New);
            }
        };
        Some(view! {
            <div class="facts">
                {format!("part {nth} of {n_parts} of ")}
                <button class="log-name" title="Show only the entries of all its parts" on:click=show_log>{log}</button>
            </div>
        })
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
    view! {
        <li class="source" data-state=move || state.get().as_ref().map(state_name)>
            <div class="top">
                <button class="name quiet" aria-pressed=move || is_chosen.get().to_string() on:click=choose
                    title=about("Show only the entries of")>
                    <bdi><span class="folder">{folder}</span>{name}</bdi>
                </button>
                <button class="quiet square look" title="How it is read…" aria-label=about("How it is read:") popovertarget="source-panel"
                    popovertargetaction="show" on:click=move |_| looked_at.set(Some(id))>
                    {icons::icon(icons::SLIDERS)}
                </button>
                <Show when=move || shared.owns.get()>
                    {buttons}
                    <button class="quiet square" title="Remove…" aria-label=about("Remove") popovertarget="remove-question"
                        on:click=move |_| asked.set(Some(id))>
                        {icons::icon(icons::TRASH)}
                    </button>
                </Show>
            </div>
            <div class="facts">{facts}</div>
            <div class="facts">{span}</div>
            {part}
            {move || progress().map(|(done, total)| view! {
                <progress max=total.to_string() value=done.to_string() aria-label=about("Reading") />
            })}
            {move || state.get().as_ref().and_then(remark).map(|text| view! { <p class="reason">{text}</p> })}
            {move || (shared.owns.get() && state.get() == Some(SourceState::Interrupted)).then(|| view! {
                <div><button class="small primary" on:click=move |_| resume_one(shared, intake, id)>"Resume"</button></div>
            })}
        </li>
    }
}

/// A file's place in a log that was rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// From 1, the oldest.
    nth: usize,
    n_parts: usize,
    /// The path of the newest part, which names the log.
    log: String,
}

/// Of the logs that are here in several parts, each file's place.
fn parts_of_logs(sources: &ById) -> BTreeMap<SourceId, Part> {
    let mut logs: BTreeMap<String, Vec<(Age, SourceId)>> = BTreeMap::new();
    for source in sources.values() {
        let (log, age) = part_of(&source.path);
        logs.entry(log).or_default().push((age, source.id));
    }
    let mut parts = BTreeMap::new();
    for (log, mut files) in logs {
        files.sort();
        let n_parts = files.len();
        // The same file twice is no rotation.
        if n_parts < 2 || files.iter().all(|(age, _)| *age == files[0].0) {
            continue;
        }
        for (nth, (_, id)) in (1..).zip(files) {
            parts.insert(id, Part { nth, n_parts, log: log.clone() });
        }
    }
    parts
}

/// The paths of all parts of a log, from the oldest.
fn paths_of_log(log: &str, parts: &BTreeMap<SourceId, Part>, sources: &ById) -> Vec<String> {
    let mut of_log: Vec<_> = parts.iter().filter(|(_, part)| part.log == log).collect();
    of_log.sort_by_key(|(_, part)| part.nth);
    of_log.into_iter().filter_map(|(id, _)| sources.get(id)).map(|source| source.path.clone()).collect()
}

/// Those being read first, then those that wait for something, the rest by path; the parts of a rotated log from its oldest.
fn in_order(sources: &ById) -> Vec<SourceId> {
    let place = |source: &Source| match source.state {
        SourceState::Reading => 0,
        SourceState::Waiting => 1,
        SourceState::Paused | SourceState::Interrupted => 2,
        _ => 3,
    };
    let mut ordered: Vec<&Source> = sources.values().collect();
    ordered.sort_by_cached_key(|source| (place(source), part_of(&source.path), &source.path, source.id));
    ordered.iter().map(|source| source.id).collect()
}

fn is_active(state: &SourceState) -> bool {
    matches!(state, SourceState::Reading | SourceState::Waiting)
}

/// The source and, of an archive, the files in it.
fn with_members(sources: &ById, id: SourceId) -> impl Iterator<Item = &Source> {
    sources.get(&id).into_iter().chain(sources.values().filter(move |source| source.archive == Some(id)))
}

/// Sources that are read now or, since reading last began, were; none when reading is over. What is read of an archive's
/// files is read of the archive.
fn under_way(sources: &ById, before: BTreeSet<SourceId>) -> BTreeSet<SourceId> {
    let active: BTreeSet<SourceId> = sources
        .values()
        .filter(|source| is_active(&source.state) && source.archive.is_none())
        .map(|source| source.id)
        .collect();
    if active.is_empty() { active } else { &active | &before }
}

/// Bytes read and to be read, if there are any.
fn progress(sources: &ById, batch: &BTreeSet<SourceId>) -> Option<(u64, u64)> {
    let of_batch = batch.iter().filter_map(|id| sources.get(id));
    let sum = of_batch.fold((0, 0), |(done, total), source| (done + source.read_bytes, total + source.file_bytes));
    (!batch.is_empty()).then_some(sum)
}

fn resume_one(shared: Shared, intake: Intake, id: SourceId) {
    resume(shared, intake, id, Rc::default());
}

/// Goes on reading; where the browser kept no way to the file, the user picks it again, if `picks` does not say that this
/// is under way. A file of an archive goes on when its archive does.
fn resume(shared: Shared, intake: Intake, id: SourceId, picks: Rc<Cell<bool>>) {
    let of = |sources: &Vec<Source>| sources.iter().find(|source| source.id == id).and_then(|source| source.archive);
    let archive = shared.sources.with_untracked(|sources| sources.answer.as_ref().and_then(of));
    let on_reply = move |reply| match (reply, archive) {
        (Reply::Done(Err(Failure::FileNeeded)), Some(archive)) => resume(shared, intake, archive, picks.clone()),
        (Reply::Done(Err(Failure::FileNeeded)), None) => {
            if !picks.replace(true) {
                shared.said.set("Choose the same files again: reading goes on where it stopped.".to_owned());
                intake.pick_files();
            }
        }
        (reply, _) => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Resume(id), on_reply).forget());
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
        SourceState::Opened => "opened",
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
        SourceState::Reading | SourceState::Complete | SourceState::Opened => None,
    }
}

/// `JSON lines, logfmt · 12,345 entries, 13,000 lines · 4.1 MB`, with speed and share while it is read.
/// `n_members`: files that came out of it.
fn facts(source: &Source, n_members: usize) -> String {
    let mut parts = Vec::new();
    if n_members > 0 || source.state == SourceState::Opened {
        parts.push(format!("archive of {}", wording::counted(n_members as u64, "file", "files")));
    }
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
    if let Some((done, total)) = source.rereading {
        parts.push(format!("reading again: {} %", wording::percent(done, total)));
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
    use model::source::ReadAs;
    use model::time::Nanos;

    fn source(id: u32, path: &str, state: SourceState, read_bytes: u64) -> (SourceId, Source) {
        let id = SourceId(id);
        let source = Source {
            archive: None,
            id,
            path: path.to_owned(),
            file_bytes: 100,
            read_bytes,
            text_bytes: 0,
            n_entries: 0,
            n_lines: 0,
            formats: Vec::new(),
            range: None,
            n_saved: 0,
            bytes_per_second: 0,
            state,
            read_as: ReadAs::default(),
            read_before: None,
            rereading: None,
        };
        (id, source)
    }

    #[test]
    fn parts_of_a_rotated_log_are_counted_from_the_oldest() {
        let sources = ById::from([
            source(1, "app.log", SourceState::Complete, 100),
            source(2, "app.log.1.gz", SourceState::Complete, 100),
            source(3, "other.log", SourceState::Complete, 100),
        ]);
        let part = |nth| Part { nth, n_parts: 2, log: "app.log".to_owned() };
        assert_eq!(parts_of_logs(&sources), BTreeMap::from([(SourceId(1), part(2)), (SourceId(2), part(1))]));
        assert_eq!(in_order(&sources), [SourceId(2), SourceId(1), SourceId(3)]);
        let paths = paths_of_log("app.log", &parts_of_logs(&sources), &sources);
        assert_eq!(paths, ["app.log.1.gz", "app.log"]);
    }

    #[test]
    fn what_is_being_read_comes_first_and_the_rest_by_path() {
        let sources = ById::from([
            source(1, "z", SourceState::Complete, 100),
            source(2, "a", SourceState::Complete, 100),
            source(3, "y", SourceState::Waiting, 0),
            source(4, "x", SourceState::Reading, 10),
        ]);
        assert_eq!(in_order(&sources), [4, 3, 2, 1].map(SourceId));
    }

    #[test]
    fn the_overall_progress_does_not_go_back_when_a_file_is_done() {
        let mut sources = ById::from([
            source(1, "old", SourceState::Complete, 100),
            source(2, "a", SourceState::Reading, 90),
            source(3, "b", SourceState::Waiting, 0),
        ]);
        let batch = under_way(&sources, BTreeSet::new());
        assert_eq!(progress(&sources, &batch), Some((90, 200)));
        sources.extend([source(2, "a", SourceState::Complete, 100), source(3, "b", SourceState::Reading, 0)]);
        let batch = under_way(&sources, batch);
        assert_eq!(progress(&sources, &batch), Some((100, 200)));
        sources.extend([source(3, "b", SourceState::Complete, 100)]);
        assert_eq!(progress(&sources, &under_way(&sources, batch)), None);
    }

    #[test]
    fn a_span_within_a_day_names_the_day_once() {
        let hour = 3_600_000_000_000;
        let range = TimeRange { start: Nanos(0), end: Nanos(hour) };
        assert_eq!(span(range, &Zone::utc()), "1970-01-01 00:00:00 – 01:00:00");
        assert_eq!(span(range, &Zone::fixed(-1800)), "1969-12-31 23:30:00 – 1970-01-01 00:30:00");
    }
}
