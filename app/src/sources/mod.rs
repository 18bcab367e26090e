//! The source list: what was taken in from each file, how far it is, and what can be done about it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use model::compare::{Against, When};
use model::entry::SourceId;
use model::protocol::{Ask, Failure};
use model::query::{choose_values, chosen_values};
use model::rotation::part_of;
use model::scope::View;
use model::source::{Encoding, ReadAs, Source, SourceState};
use model::{counted, say};

use crate::focus::focus_when_lost;
use crate::intake::Intake;
use crate::port::Reply;
use crate::scope::{Shared, Visit, use_shared};
use crate::source_panel::{LookedAt, SourcePanel};
use crate::{icons, wording};
use item::SourceItem;
pub use item::excerpt_of;
use log::LogHead;
use order::{
    Row, are_many, is_active, n_logs, parts_of_logs, progress, rows, sums_of_folders, under_way, wanted, with_members,
};

mod item;

mod log;

mod order;
pub use order::{Part as PartOfLog, files_of_log as parts_of_log};

/// All sources by their number.
pub type ById = BTreeMap<SourceId, Source>;

/// How many sources the list says there are: all parts of a log that was rotated are one.
pub fn n_listed(sources: &[Source]) -> usize {
    let sources: ById = sources.iter().map(|source| (source.id, source.clone())).collect();
    n_logs(&mut sources.keys(), &parts_of_logs(&sources))
}

/// Of some files only an excerpt is here.
pub fn is_of_excerpts(shared: Shared) -> Memo<bool> {
    Memo::new(move |_| {
        let is_excerpt = |sources: &Vec<Source>| sources.iter().any(|source| source.state == SourceState::Excerpt);
        shared.sources.with(|sources| sources.answer.as_ref().is_some_and(is_excerpt))
    })
}

/// Not read to its end, and not about to be.
fn is_left(state: &SourceState) -> bool {
    use SourceState::{Failed, Interrupted, Paused, Stopped};
    matches!(state, Interrupted | Stopped | Paused | Failed { .. })
}

#[component]
pub fn Sources() -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let sources = Memo::new(move |_| {
        let listed = shared.sources.with(|sources| sources.answer.clone().unwrap_or_default());
        Arc::new(listed.into_iter().map(|source| (source.id, source)).collect::<ById>())
    });
    let words = RwSignal::new(String::new());
    let turned = RwSignal::new(BTreeSet::new());
    let is_many = Memo::new(move |_| sources.with(|sources| are_many(sources)));
    let ids = Memo::new(move |_| {
        let words = if is_many.get() { words.get() } else { String::new() };
        sources.with(|sources| wanted(sources, &words))
    });
    let parts = Memo::new(move |_| sources.with(|sources| parts_of_logs(sources)));
    // With its path: a case file may bring another source of this number.
    let rows = Memo::new(move |_| {
        let (sources, ids, parts) = (sources.read(), ids.read(), parts.read());
        let path = |row: &Row| match row {
            Row::Source(id) => sources.get(id).map(|source| source.path.clone()),
            Row::Head(_) | Row::Log(_) => None,
        };
        let rows = turned.with(|turned| rows(&sources, &ids, &parts, turned));
        rows.into_iter().map(|row| (path(&row), row)).collect::<Vec<_>>()
    });
    let sums = Memo::new(move |_| sources.with(|sources| ids.with(|ids| sums_of_folders(sources, ids))));
    let title = move || {
        let n_logs = |ids: &mut dyn Iterator<Item = &SourceId>| parts.with(|parts| n_logs(ids, parts));
        let n_shown = ids.with(|ids| n_logs(&mut ids.iter()));
        let n_all = sources.with(|sources| n_logs(&mut sources.keys()));
        let n_all_words = counted!(n_all as u64, "source", "sources");
        let n_sources =
            if n_shown == n_all { n_all_words } else { say!("{n_shown} of {n_all_words}", n_shown, n_all_words) };
        match sources.with(|sources| sources.values().filter(|source| is_left(&source.state)).count()) {
            0 => n_sources,
            n_left => say!("{n_sources}, {n_left} not whole", n_sources, n_left),
        }
    };
    let owns = shared.owns;
    let asked = RwSignal::new(Vec::<SourceId>::new());
    let looked_at = RwSignal::new(None::<LookedAt>);
    view! {
        <section id="sources" aria-label=say!("Sources")>
            <div class="panel-head">
                <h2>{title}</h2>
                <Show when=move || owns.get()>
                    <button class="small" id="add-files" on:click=move |_| intake.pick_files()>
                        {icons::icon(icons::PLUS)}{say!("Add files…")}
                    </button>
                </Show>
            </div>
            <Overall sources />
            <Halted sources />
            <Show when=move || is_many.get()>
                <div class="panel-search">
                    <input id="find-source" type="search" autocomplete="off" spellcheck="false" placeholder=say!("Find a source")
                        aria-label=say!("Find a source") prop:value=move || words.get() on:input=move |event| words.set(event_target_value(&event)) />
                </div>
            </Show>
            <ul class="source-list" class:compact=move || is_many.get()>
                <For each=move || rows.get() key=|row| row.clone() let:row>
                    {match row.1 {
                        Row::Head(folder) => view! { <FolderHead folder sums turned /> }.into_any(),
                        Row::Log(log) => view! { <LogHead log sources parts turned asked looked_at /> }.into_any(),
                        Row::Source(id) => view! { <SourceItem id sources parts asked looked_at /> }.into_any(),
                    }}
                </For>
                <Show when=move || ids.with(Vec::is_empty) && is_many.get()>
                    <li class="summary">{say!("No source has these words in its path, format or state.")}</li>
                </Show>
            </ul>
            <CompareTwo />
            <Show when=move || owns.get()>
                <div class="panel-foot">
                    <button class="small" id="add-folder" on:click=move |_| intake.pick_folder()>{say!("Add folder…")}</button>
                    <button class="small" id="clear" popovertarget="clear-question">{say!("Remove all…")}</button>
                </div>
            </Show>
            <div popover="auto" class="question" id="clear-question" role="dialog" aria-label=say!("Remove all sources")>
                <h2>{say!("Remove all sources?")}</h2>
                <p>{say!("Their entries leave this workspace, and earlier searches and SQL statements are forgotten. The files themselves stay as they are.")}</p>
                <div class="actions">
                    <button autofocus popovertarget="clear-question" popovertargetaction="hide">{say!("Keep them")}</button>
                    <button class="danger" popovertarget="clear-question" popovertargetaction="hide"
                        on:click=move |_| {
                            shared.remove_all();
                            focus_when_lost(vec!["#open-files".to_owned()]);
                        }>{say!("Remove all")}</button>
                </div>
            </div>
            <RemoveQuestion asked sources />
            <SourcePanel looked_at sources parts />
        </section>
    }
}

/// A folder or archive in a long list: how much came out of it, and a way to fold it.
#[component]
fn FolderHead(
    folder: Arc<str>,
    sums: Memo<BTreeMap<Arc<str>, (usize, u64)>>,
    turned: RwSignal<BTreeSet<Row>>,
) -> impl IntoView {
    let name = if folder.is_empty() { say!("Files without a folder").to_owned() } else { format!("{folder}/") };
    let name = StoredValue::new(name);
    let row = Row::Head(folder.clone());
    let is_open = Memo::new({
        let row = row.clone();
        move |_| turned.with(|turned| !turned.contains(&row))
    });
    let sums = Memo::new(move |_| sums.with(|sums| sums.get(&folder).copied()).unwrap_or_default());
    let title = move || {
        let (n_sources, n_entries) = sums.get();
        let n_entries = counted!(n_entries, "entry", "entries");
        format!("{}: {}, {n_entries}", name.get_value(), counted!(n_sources as u64, "source", "sources"))
    };
    let turn = move |_| turned.update(|turned| turn(turned, &row));
    view! {
        <li class="folder-head">
            <button class="quiet" aria-expanded=move || is_open.get().to_string() title=title on:click=turn>
                <span class="path"><bdi>{name.get_value()}</bdi></span>
                <span class="facts">{move || format!("{} · {}", sums.get().0, wording::count(sums.get().1))}</span>
            </button>
        </li>
    }
}

/// Shows what is under a head, or no longer.
fn turn(turned: &mut BTreeSet<Row>, head: &Row) {
    if !turned.remove(head) {
        turned.insert(head.clone());
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
            <div class="panel-foot"><button class="small" id="compare-two" on:click=compare>{say!("Compare the two")}</button></div>
        </Show>
    }
}

/// Asks before a source goes, or all parts of a log; the buttons that open it say which.
#[component]
fn RemoveQuestion(asked: RwSignal<Vec<SourceId>>, sources: Memo<Arc<ById>>) -> impl IntoView {
    let shared = use_shared();
    let title = move || {
        let paths: Vec<String> = sources.with(|sources| {
            asked
                .with(|asked| asked.iter().filter_map(|id| sources.get(id)).map(|source| source.path.clone()).collect())
        });
        match &paths[..] {
            [] => String::new(),
            [path] => say!("Remove “{path}”?", path),
            [path, ..] => {
                let files = counted!(paths.len() as u64, "file", "files");
                say!("Remove “{log}” with all its {files}?", part_of(path).0, files)
            }
        }
    };
    let n_entries = move || {
        let of = |id: &SourceId| {
            sources.with(|sources| with_members(sources, *id).map(|source| source.n_entries).sum::<u64>())
        };
        asked.with(|asked| (!asked.is_empty()).then(|| asked.iter().map(of).sum()))
    };
    let remove = move |_| {
        let ids = asked.get_untracked();
        if !ids.is_empty() {
            for id in ids {
                shared.tell(Ask::Remove(id));
            }
            focus_when_lost(["#sources .source .name", "#open-files"].map(str::to_owned).to_vec());
        }
    };
    view! {
        <div popover="auto" class="question" id="remove-question" role="dialog" aria-label=say!("Remove this source")>
            <h2>{title}</h2>
            <p>
                {move || n_entries().map(|n| counted!(n, "entry leaves this workspace. The file itself stays as it is.", "entries leave this workspace. The file itself stays as it is."))}
            </p>
            <div class="actions">
                <button autofocus popovertarget="remove-question" popovertargetaction="hide">{say!("Keep it")}</button>
                <button class="danger" popovertarget="remove-question" popovertargetaction="hide" on:click=remove>{say!("Remove")}</button>
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
                <progress max=move || total().to_string() prop:value=move || done() as f64 aria-label=say!("Reading all files") />
                <span>{move || format!("{} %", wording::percent(done(), total()))}</span>
                <button class="small" id="pause-all" on:click=move |_| tell_all(is_active, Ask::Pause)>{say!("Pause all")}</button>
            </div>
        </Show>
    }
}

/// Where several sources are paused, or were interrupted, one way to go on with all of them.
#[component]
fn Halted(sources: Memo<Arc<ById>>) -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let ids = Memo::new(move |_| {
        let is_halted = |source: &&Source| matches!(source.state, SourceState::Interrupted | SourceState::Paused);
        sources.with(|sources| sources.values().filter(is_halted).map(|source| source.id).collect::<Vec<_>>())
    });
    let is_shown = Memo::new(move |_| ids.with(|ids| ids.len() > 1) && shared.owns.get());
    let words =
        move || counted!(ids.with(|ids| ids.len() as u64), "file not read to the end", "files not read to the end");
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
                <button class="small primary" id="resume-all" on:click=resume_all>{say!("Resume all")}</button>
            </div>
        </Show>
    }
}

fn resume_one(shared: Shared, intake: Intake, id: SourceId) {
    resume(shared, intake, id, Rc::default());
}

/// Reads what was taken for no log: who says what its text is encoded in says that it is text.
fn read_anyway(shared: Shared, intake: Intake, id: SourceId) {
    let read_as = Box::new(ReadAs { encoding: Some(Encoding::Utf8), ..ReadAs::default() });
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(_)) => resume_one(shared, intake, id),
        reply => shared.show_failure(reply),
    };
    let ask = Ask::SetReadAs { source: id, read_as, selected: None };
    shared.port.with_value(|port| port.ask(ask, on_reply).forget());
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
                shared.said.set(say!("Choose the same files again: reading goes on where it stopped.").to_owned());
                intake.pick_files();
            }
        }
        (reply, _) => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Resume(id), on_reply).forget());
}
