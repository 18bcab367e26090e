//! The notebook: what was kept, on one page to read and to send. Views with what they find, bookmarks with their entries, and
//! the notes on both, in the order of their times.

mod report;
use report::{Form, Report};

mod section;
use section::{MarkSection, ViewSection};

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::entry::Entry;
use model::kept::{Mark, MarkId, SavedView};
use model::protocol::{Answer, Ask};
use model::scope::{Scope, View};
use model::table::Table;
use model::time::Nanos;
use model::{counted, say};

use crate::answer::{Question, Remote, State, use_answer};
use crate::export::save_text;
use crate::focus::focus_first;
use crate::saved::use_views;
use crate::scope::use_shared;
use crate::sources::is_of_excerpts;

pub type Marked = (Mark, Option<Box<Entry>>);

/// What a view's query makes of the entries; the sentence on why there is nothing, where it failed.
type Found = Result<Arc<Table>, String>;

type Answered = Signal<Remote<Arc<Table>>>;

/// `None` while it is not known.
fn found_in(answered: &Answered) -> Option<Found> {
    answered.with(|answer| match (&answer.state, &answer.answer) {
        (State::Final, Some(table)) => Some(Ok(table.clone())),
        (State::Failed(failure), _) => Some(Err(failure.to_string())),
        _ => None,
    })
}

#[derive(Clone, Copy, PartialEq)]
struct AskMarked;

impl Question for AskMarked {
    type Answer = Arc<Vec<Marked>>;
    fn ask(&self) -> Ask {
        Ask::MarkedEntries
    }
    fn read(answer: Answer) -> Option<Self::Answer> {
        if let Answer::MarkedEntries(marked) = answer { Some(Arc::new(marked)) } else { None }
    }
}

/// A section of the page. Those of views of all of the time come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Section {
    View(Option<Nanos>, String),
    Mark(Nanos, MarkId),
}

impl Section {
    fn time(&self) -> Option<Nanos> {
        match self {
            Self::View(time, _) => *time,
            Self::Mark(time, _) => Some(*time),
        }
    }
}

/// What is to be read in which order.
fn in_order(views: &[SavedView], marked: &[Marked]) -> Vec<Section> {
    let begin = |view: &SavedView| Scope::from_hash(&view.address).filter.range.map(|range| range.start);
    let views = views.iter().map(|view| Section::View(begin(view), view.name.clone()));
    let marks = marked.iter().map(|(mark, _)| Section::Mark(mark.time, mark.id));
    let mut sections: Vec<Section> = views.chain(marks).collect();
    sections.sort_by(|a, b| (a.time(), a).cmp(&(b.time(), b)));
    sections
}

#[component]
pub fn Notebook() -> impl IntoView {
    let shared = use_shared();
    let is_in_sight = Memo::new(move |_| shared.view.get() == View::Notebook);
    let views = use_views(shared);
    let answer = use_answer(shared.port, shared.revision, move || is_in_sight.get().then_some(AskMarked));
    let marked = Memo::new(move |before: Option<&Arc<Vec<Marked>>>| {
        answer.with(|answer| answer.answer.clone()).or(before.cloned()).unwrap_or_default()
    });
    let sections = Memo::new(move |_| views.with(|views| marked.with(|marked| in_order(views, marked))));
    let answers = RwSignal::new(BTreeMap::<String, Answered>::new());
    let is_complete = Memo::new(move |_| {
        let is_found = |view: &SavedView| answers.with(|answers| answers.get(&view.name).and_then(found_in).is_some());
        views.with(|views| views.iter().all(is_found)) && answer.with(|answer| answer.state == State::Final)
    });
    let is_of_excerpts = is_of_excerpts(shared);
    let save = move |form: Form| {
        let page = window().location().href().unwrap_or_default();
        let page = page.split('#').next().unwrap_or_default();
        let (views, marked) = (views.get_untracked(), marked.get_untracked());
        let found = |(name, answer): (&String, &Answered)| Some((name.clone(), untrack(|| found_in(answer))?));
        let found = answers.with_untracked(|answers| answers.iter().filter_map(found).collect::<BTreeMap<_, _>>());
        let zone = shared.zone.get_untracked();
        let report = Report {
            sections: &sections.get_untracked(),
            views: &views,
            marked: &marked,
            found: &found,
            zone: &zone,
            page,
            is_of_excerpts: is_of_excerpts.get_untracked(),
        };
        match form {
            Form::Markdown => save_text(shared, &report.as_markdown(), "notebook.md"),
            Form::Html => save_text(shared, &report.as_html(), "notebook.html"),
        }
    };
    let summary = move || {
        let n_views = views.with(|views| views.len()) as u64;
        let n_marks = marked.with(|marked| marked.len()) as u64;
        format!("{}, {}", counted!(n_views, "view", "views"), counted!(n_marks, "bookmark", "bookmarks"))
    };
    let is_empty = Memo::new(move |_| sections.with(Vec::is_empty));
    let section = move |section: Section| match section {
        Section::View(_, name) => view! { <ViewSection name views found=answers is_in_sight /> }.into_any(),
        Section::Mark(_, id) => view! { <MarkSection id marked /> }.into_any(),
    };
    view! {
        <section id="notebook" aria-label=say!("Notebook") data-complete=move || is_complete.get().to_string()>
            <div class="result-head">
                <span class="summary" role="status">{summary}</span>
                <button class="small" id="notes-html" disabled=move || !is_complete.get() || is_empty.get()
                    title=say!("One HTML page with everything on it, to read and to send") on:click=move |_| save(Form::Html)>{say!("Save as a page")}</button>
                <button class="small" id="notes-markdown" disabled=move || !is_complete.get() || is_empty.get()
                    on:click=move |_| save(Form::Markdown)>{say!("Save as Markdown")}</button>
            </div>
            <div class="pages" tabindex="0" aria-label=say!("Pages of the notebook") role="group">
                <Show when=move || is_empty.get() && answer.with(|answer| answer.state == State::Final)>
                    <p class="aside">{say!("Nothing was kept yet. Bookmark an entry (m), or save what you look at as a view: its chart and what you say of it come here.")}</p>
                </Show>
                <Show when=move || is_of_excerpts.get()>
                    <p class="aside">{say!("Of some files only an excerpt is here: all numbers are of that.")}</p>
                </Show>
                <For each=move || sections.get() key=Section::clone children=section />
            </div>
        </section>
    }
}

/// Puts the keyboard into the notebook, if it is there.
pub fn focus_notebook() -> bool {
    focus_first(&["#notebook .pages"])
}
