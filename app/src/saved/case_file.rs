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

use crate::intake::Intake;
use crate::late::late;
use crate::port::{Pending, Reply};
use crate::scope::{Shared, use_shared};
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
                        // It was of the other workspace.
                        shared.mapping.table.before.set(None);
                        shared.names.before.set(None);
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
    let n_sources = shared.sources.with_untracked(|sources| sources.answer.as_ref().map_or(0, Vec::len)) as u64;
    let n_marks = shared.marks.all.with_untracked(|all| all.len()) as u64;
    let has_any = n_sources + n_marks > 0;
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            // Refused only for a dialog that is not part of the page.
            let _ = dialog.show_modal();
            if !has_any && progress.get_untracked().is_none() {
                open();
            }
        }
    });
    let lost = [
        (n_sources > 0).then(|| counted!(n_sources, "source", "sources")),
        (n_marks > 0).then(|| counted!(n_marks, "bookmark", "bookmarks")),
    ];
    let lost = lost.into_iter().flatten().collect::<Vec<_>>().join(&format!(" {} ", say!("and")));
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
                    <p>{say!("A case file is a whole workspace. It takes the place of what is here: {lost}. Log files themselves stay as they are.", lost)}</p>
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
