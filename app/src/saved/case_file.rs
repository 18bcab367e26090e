//! Case files on the page: saving the workspace as one, and opening one in its place.

use leptos::html::Dialog;
use leptos::prelude::*;
use model::disguise::Disguise;
use model::language::retold;
use model::protocol::{Answer, Ask, Failure};
use model::scope::Filter;
use model::{counted, say};
use wasm_bindgen::JsCast;
use web_sys::HtmlAnchorElement;

use super::marks::AskMarks;
use super::views::AskViews;
use crate::answer::{Remote, State, use_answer};
use crate::intake::Intake;
use crate::late::late;
use crate::notebook::AskNotebook;
use crate::port::{Pending, Reply};
use crate::scope::{AskSources, AskStatus, Shared, use_shared};
use crate::sources::n_listed;
use crate::wording;

/// How the name of a case file ends.
pub const EXTENSION: &str = ".dendro";

late! { in saved: fn case_question() { view! { <CaseQuestion /> } } }

/// Has the data thread write the workspace, or what it has of the entries of a filter, with pseudonyms where that is asked for, and the
/// browser save it. `progress`: as long as that takes, how much is done, of how much.
pub fn save_case(
    shared: Shared,
    of: Option<Filter>,
    disguise: Option<Disguise>,
    progress: RwSignal<Option<(u64, u64)>>,
) -> Pending {
    progress.set(Some((0, 0)));
    let name = if of.is_some() { "entries" } else { "case" };
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::CaseFile { address, n_bytes })) => {
            progress.set(None);
            let name = format!("{name}{EXTENSION}");
            let link = document().create_element("a").map(JsCast::unchecked_into::<HtmlAnchorElement>);
            if let Ok(link) = link {
                link.set_href(&address);
                link.set_download(&name);
                link.click();
            }
            shared.said.set(say!("{name} written, {}.", name, wording::bytes(n_bytes)));
        }
        Reply::Done(outcome) => {
            progress.set(None);
            shared.show_failure(Reply::Done(outcome));
        }
        Reply::Progress { done, total, .. } => progress.set(Some((done, total))),
    };
    shared.port.with_value(|port| port.ask(Ask::ExportCase { of, disguise }, on_reply))
}

/// How many sources, bookmarks, views, texts of the notebook, verdicts on findings and names of patterns there are; `None` for
/// what cannot be known.
type NumberHere = [Option<u64>; 6];

const NOTHING_HERE: NumberHere = [Some(0); 6];

/// What a case file would take the place of; `None` until all of it is known. It is asked for anew: answers that are at hand may be
/// older than what was begun just now.
fn use_number_here(shared: Shared) -> Memo<Option<NumberHere>> {
    let sources = use_answer(shared.port, shared.revision, || Some(AskSources));
    let marks = use_answer(shared.port, shared.revision, || Some(AskMarks));
    let views = use_answer(shared.port, shared.revision, || Some(AskViews));
    let notebook = use_answer(shared.port, shared.revision, || Some(AskNotebook));
    let status = use_answer(shared.port, shared.revision, || Some(AskStatus));
    Memo::new(move |_| {
        Some([
            sources.with(|sources| number_of(sources, |sources| n_listed(sources)))?,
            marks.with(|marks| number_of(marks, |marks| marks.len()))?,
            views.with(|views| number_of(views, |views| views.len()))?,
            notebook.with(|notebook| number_of(notebook, |pages| pages.texts.len()))?,
            status.with(|status| number_of(status, |status| status.n_verdicts as usize))?,
            status.with(|status| number_of(status, |status| status.n_template_notes as usize))?,
        ])
    })
}

/// `None` while it is awaited, `Some(None)` where it cannot be known.
fn number_of<A>(remote: &Remote<A>, count: impl Fn(&A) -> usize) -> Option<Option<u64>> {
    match (&remote.state, &remote.answer) {
        (State::Final, Some(answer)) => Some(Some(count(answer) as u64)),
        (State::Failed(_), _) => Some(None),
        _ => None,
    }
}

fn what_is_lost([n_sources, n_marks, n_views, n_texts, n_verdicts, n_patterns]: NumberHere) -> String {
    let any = |n: Option<u64>| n.filter(|&n| n > 0);
    let lost = [
        any(n_sources).map(|n| counted!(n, "source", "sources")),
        any(n_marks).map(|n| counted!(n, "bookmark", "bookmarks")),
        any(n_views).map(|n| counted!(n, "view", "views")),
        any(n_texts).map(|n| counted!(n, "text of the notebook", "texts of the notebook")),
        any(n_verdicts).map(|n| counted!(n, "kind of finding that was judged", "kinds of findings that were judged")),
        any(n_patterns).map(|n| counted!(n, "pattern with a name or note", "patterns with a name or note")),
    ];
    let lost = lost.into_iter().flatten().collect::<Vec<_>>().join(&format!(" {} ", say!("and")));
    if lost.is_empty() {
        return say!("A case file is a whole workspace. It takes the place of all that is here. Log files themselves stay as they are.")
            .to_owned();
    }
    say!(
        "A case file is a whole workspace. It takes the place of what is here: {lost}. Log files themselves stay as they are.",
        lost
    )
}

/// Asks before a case file takes the place of what there is, and shows how far it has been read. It is put up when there is a
/// case file, and goes when that is open or refused.
#[component]
fn CaseQuestion() -> impl IntoView {
    let shared = use_shared();
    let intake = expect_context::<Intake>();
    let dialog = NodeRef::<Dialog>::new();
    let progress = RwSignal::new(None::<(u64, u64)>);
    let name = intake.case.with_untracked(|case| case.as_ref().map(|case| case.path.clone())).unwrap_or_default();
    let open = move || {
        let Some(case) = intake.case.get_untracked() else { return };
        progress.set(Some((0, 0)));
        let path = case.path.clone();
        let on_reply = move |reply| match reply {
            Reply::Progress { done, total, .. } => progress.set(Some((done, total))),
            Reply::Done(outcome) => {
                match outcome {
                    Ok(_) => {
                        // These were of the other workspace.
                        shared.mapping.table.forget_steps();
                        shared.names.forget_steps();
                        shared.view_undo.set(None);
                        shared.marks.taken_off.set(Vec::new());
                        shared.said.set(say!("{path} is open.", path));
                    }
                    Err(Failure::CaseFile { message }) => {
                        let words = say!("“{path}” cannot be opened as a case file: {message}", path, retold(&message));
                        shared.trouble.set(Some(words));
                    }
                    outcome => shared.show_failure(Reply::Done(outcome)),
                }
                intake.end_case();
            }
        };
        shared.port.with_value(|port| port.open_case(&case, on_reply).forget());
    };
    let here = use_number_here(shared);
    Effect::new(move || {
        let (Some(dialog), Some(here)) = (dialog.get(), here.get()) else { return };
        if dialog.open() {
            return;
        }
        // Refused only for a dialog that is not part of the page.
        let _ = dialog.show_modal();
        if here == NOTHING_HERE {
            open();
        }
    });
    let writing = RwSignal::new(None);
    let title = say!("Open “{name}”?", name);
    view! {
        <dialog id="case-question" node_ref=dialog aria-labelledby="case-title" on:cancel=move |event: leptos::ev::Event| {
            // What is being read is read to its end.
            if progress.get_untracked().is_some() { event.prevent_default() }
        } on:close=move |_| if progress.get_untracked().is_none() { intake.end_case() }>
            <h2 id="case-title">{title}</h2>
            {move || match progress.get() {
                None => view! {
                    <p>{move || here.get().map(what_is_lost)}</p>
                    <div class="actions">
                        <button id="save-first" disabled=move || writing.get().is_some() on:click=move |_| save_case(shared, None, None, writing).forget()>{say!("Save this one first")}</button>
                        <button autofocus on:click=move |_| intake.end_case()>{say!("Cancel")}</button>
                        <button class="danger" id="open-case" on:click=move |_| open()>{say!("Replace")}</button>
                    </div>
                }.into_any(),
                Some((done, total)) => view! {
                    <p role="status">{say!("Reading and checking it…")}</p>
                    <progress max=total.max(1).to_string() value=done.to_string() aria-label=say!("Read")></progress>
                }.into_any(),
            }}
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(state: State, answer: Option<Vec<u8>>) -> Remote<Vec<u8>> {
        Remote { answer, state }
    }

    #[test]
    fn what_is_not_known_yet_is_not_taken_for_nothing() {
        let n = |remote: Remote<Vec<u8>>| number_of(&remote, Vec::len);
        assert_eq!(n(remote(State::Asked, None)), None);
        assert_eq!(n(remote(State::Failed(Failure::Cancelled), None)), Some(None));
        assert_eq!(n(remote(State::Final, Some(vec![1, 2]))), Some(Some(2)));
        assert_eq!(n(remote(State::Final, Some(vec![]))), Some(Some(0)));
    }

    #[test]
    fn views_and_the_notebook_are_named_among_what_is_lost() {
        let words = what_is_lost([Some(0), Some(0), Some(2), Some(1), Some(0), Some(0)]);
        assert!(words.contains("2 views and 1 text of the notebook."), "{words}");
        assert!(what_is_lost([None; 6]).contains("all that is here"));
    }

    #[test]
    fn verdicts_alone_are_something_to_lose() {
        let here = [Some(0), Some(0), Some(0), Some(0), Some(3), Some(1)];
        assert_ne!(here, NOTHING_HERE);
        let words = what_is_lost(here);
        assert!(words.contains("3 kinds of findings that were judged and 1 pattern with a name or note."), "{words}");
    }
}
