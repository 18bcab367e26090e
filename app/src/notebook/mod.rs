//! The notebook: what was kept, on one page to read and to send. Views with what they find, bookmarks with their entries, the
//! notes on both, and texts of the user's own between them; in the order of their times, or as somebody put them.

mod markup;

mod report;
use report::{Form, Report};

mod section;
use section::{MarkSection, TextSection, ViewSection};

mod shown;
use shown::{Finding, Shown};

mod tools;
use tools::{AddText, Tools};

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::entry::Entry;
use model::kept::{Mark, SavedView};
use model::notebook::{Notebook as Pages, Page};
use model::protocol::{Answer, Ask};
use model::scope::{Scope, View};
use model::time::Nanos;
use model::{counted, say};

use crate::answer::{Question, Remote, State, use_answer};
use crate::export::save_text;
use crate::focus::focus_first;
use crate::port::Reply;
use crate::saved::use_views;
use crate::scope::{Shared, use_shared};
use crate::sources::is_of_excerpts;

pub type Marked = (Mark, Option<Box<Entry>>);

/// What a view shows; the sentence on why there is nothing, where it failed.
type Found = Result<Shown, String>;

type Answered = Signal<Remote<Shown>>;

/// `None` while it is not known.
fn found_in(answered: &Answered) -> Option<Found> {
    answered.with(|answer| match (&answer.state, &answer.answer) {
        (State::Final, Some(shown)) => Some(Ok(shown.clone())),
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

#[derive(Clone, Copy, PartialEq)]
pub struct AskNotebook;

impl Question for AskNotebook {
    type Answer = Arc<Pages>;
    fn ask(&self) -> Ask {
        Ask::Notebook
    }
    fn read(answer: Answer) -> Option<Self::Answer> {
        if let Answer::Notebook(notebook) = answer { Some(Arc::new(notebook)) } else { None }
    }
}

/// The notebook's own texts and order, as they are on the page: a change shows at once, and is kept.
#[derive(Clone, Copy)]
pub struct Kept {
    shared: Shared,
    /// `None` until it is known: what is not known is not changed.
    now: RwSignal<Option<Arc<Pages>>>,
    /// All that is to be read is known, and this tab may write.
    can_change: Memo<bool>,
    /// Changes that are not kept yet: until then answers may be older than what is shown.
    n_under_way: StoredValue<u32>,
    /// What is to be read in which order.
    arranged: Memo<Vec<Page>>,
    /// A text that was just begun is being written.
    begun: RwSignal<Option<u32>>,
}

impl Kept {
    fn change(self, change: impl FnOnce(&Pages, &[Page]) -> Pages) {
        let (Some(Some(now)), Some(arranged)) = (self.now.try_get_untracked(), self.arranged.try_get_untracked())
        else {
            return;
        };
        let next = change(&now, &arranged);
        self.now.set(Some(Arc::new(next.clone())));
        self.n_under_way.update_value(|n| *n += 1);
        let on_reply = move |reply: Reply| {
            if matches!(reply, Reply::Done(_)) {
                self.n_under_way.try_update_value(|n| *n -= 1);
            }
            self.shared.show_failure(reply);
        };
        self.shared.port.with_value(|port| port.ask(Ask::SetNotebook(next), on_reply).forget());
    }

    fn text(self, id: u32) -> Option<String> {
        self.now.with(|now| now.as_ref()?.text(id).map(str::to_owned))
    }

    fn begin_text(self, place: usize) {
        self.change(|pages, arranged| {
            let (next, id) = pages.with_text_at(arranged, place);
            self.begun.set(Some(id));
            next
        });
    }
}

/// Views and bookmarks in the order of their times; views of all of the time come first.
fn by_time(views: &[SavedView], marked: &[Marked]) -> Vec<Page> {
    let begin = |view: &SavedView| Scope::from_hash(&view.address).filter.range.map(|range| range.start);
    let views = views.iter().map(|view| (begin(view), Page::View(view.name.clone())));
    let marks = marked.iter().map(|(mark, _)| (Some(mark.time), Page::Mark(mark.id)));
    let mut pages: Vec<(Option<Nanos>, Page)> = views.chain(marks).collect();
    pages.sort();
    pages.into_iter().map(|(_, page)| page).collect()
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
    let answer_of_pages = use_answer(shared.port, shared.revision, move || is_in_sight.get().then_some(AskNotebook));
    let now = RwSignal::new(None::<Arc<Pages>>);
    let n_under_way = StoredValue::new(0);
    Effect::new(move || {
        if let Some(pages) = answer_of_pages.with(|answer| answer.answer.clone())
            && n_under_way.get_value() == 0
        {
            now.set(Some(pages));
        }
    });
    let arranged = Memo::new(move |_| {
        let by_time = views.with(|views| marked.with(|marked| by_time(views, marked)));
        now.with(|pages| pages.as_ref().map(|pages| pages.arranged(&by_time)).unwrap_or(by_time))
    });
    let can_change = Memo::new(move |_| {
        let has_pages = answer_of_pages.with(|answer| answer.answer.is_some()) && now.with(Option::is_some);
        shared.owns.get() && has_pages && answer.with(|answer| answer.answer.is_some())
    });
    let kept = Kept { shared, now, can_change, n_under_way, arranged, begun: RwSignal::new(None) };
    let n_left_out = move || {
        let by_time = views.with(|views| marked.with(|marked| by_time(views, marked)));
        let n_left_out = |pages: &Arc<Pages>| pages.left_out.iter().filter(|page| by_time.contains(page)).count();
        now.with(|pages| pages.as_ref().map_or(0, n_left_out) as u64)
    };
    let answers = RwSignal::new(BTreeMap::<String, Answered>::new());
    let is_complete = Memo::new(move |_| {
        let is_found = |page: &Page| match page {
            Page::View(name) => answers.with(|answers| answers.get(name).and_then(found_in).is_some()),
            Page::Mark(_) | Page::Text(_) => true,
        };
        let is_known = answer.with(|answer| answer.state == State::Final) && now.with(Option::is_some);
        is_known && arranged.with(|pages| pages.iter().all(is_found))
    });
    let failed = move || {
        let failure = |state: &State| if let State::Failed(failure) = state { Some(failure.to_string()) } else { None };
        let of_pages = answer_of_pages.with(|answer| failure(&answer.state));
        of_pages.or_else(|| answer.with(|answer| failure(&answer.state)))
    };
    let is_of_excerpts = is_of_excerpts(shared);
    let save = move |form: Form| {
        let page = window().location().href().unwrap_or_default();
        let page = page.split('#').next().unwrap_or_default();
        let (views, marked) = (views.get_untracked(), marked.get_untracked());
        let found = |(name, answer): (&String, &Answered)| Some((name.clone(), untrack(|| found_in(answer))?));
        let found = answers.with_untracked(|answers| answers.iter().filter_map(found).collect::<BTreeMap<_, _>>());
        let (zone, pages) = (shared.zone.get_untracked(), now.get_untracked().unwrap_or_default());
        let report = Report {
            arranged: &arranged.get_untracked(),
            pages: &pages,
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
    let is_empty = Memo::new(move |_| arranged.with(Vec::is_empty));
    let section = move |page: Page| {
        let tools = {
            let page = page.clone();
            ViewFn::from(move || view! { <Tools kept page=page.clone() /> })
        };
        match page {
            Page::View(name) => view! { <ViewSection name views found=answers is_in_sight tools /> }.into_any(),
            Page::Mark(id) => view! { <MarkSection id marked tools /> }.into_any(),
            Page::Text(id) => view! { <TextSection id kept tools /> }.into_any(),
        }
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
                {move || failed().map(|words| view! { <p class="bad">{words}</p> })}
                <Show when=move || is_empty.get() && is_complete.get()>
                    <p class="aside">{say!("Nothing was kept yet. Bookmark an entry (m), or save what you look at as a view: its chart and what you say of it come here.")}</p>
                </Show>
                <Show when=move || is_of_excerpts.get()>
                    <p class="aside">{say!("Of some files only an excerpt is here: all numbers are of that.")}</p>
                </Show>
                <AddText kept />
                <For each=move || arranged.get() key=Page::clone children=section />
                <Show when=move || { n_left_out() > 0 }>
                    <p class="aside">
                        {move || counted!(n_left_out(), "page is left out here.", "pages are left out here.")}" "
                        <button class="small" id="notes-all" hidden=move || !can_change.get() on:click=move |_| kept.change(|pages, _| pages.with_all())>{say!("Show all again")}</button>
                    </p>
                </Show>
            </div>
        </section>
    }
}

/// Puts the keyboard into the notebook, if it is there.
pub fn focus_notebook() -> bool {
    focus_first(&["#notebook .pages"])
}
