//! Takes what is shown out: all entries of the scope, or a result, as a file.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use leptos::html::Div;
use leptos::prelude::*;
use model::protocol::{Answer, Ask, ExportAsk};
use model::written::Form;
use model::{counted, say};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::actions::Action;
use crate::disguise::DisguiseChoice;
use crate::icons;
use crate::port::{Pending, Reply};
use crate::saved::save_case;
use crate::scope::{Shared, use_shared};

#[component]
pub fn ExportMenu() -> impl IntoView {
    let shared = use_shared();
    let (disguise, is_open) = (RwSignal::new(None), RwSignal::new(false));
    // How much is done, of how much, of a file that is being written.
    let progress = RwSignal::new(None::<(u64, u64)>);
    let pending = StoredValue::new_local(None::<Pending>);
    let begin = move |form: Form| {
        let parts = Rc::new(Array::new());
        let filter = shared.filter.get_untracked();
        let columns = shared.scope.with_untracked(|scope| scope.columns.clone());
        progress.set(Some((0, 0)));
        let on_reply = move |reply: Reply| match reply {
            Reply::Progress { done, total, so_far } => {
                take_in(&parts, so_far);
                progress.set(Some((done, total)));
            }
            Reply::Done(outcome) => {
                progress.set(None);
                match outcome {
                    Ok(answer) => {
                        take_in(&parts, Some(answer));
                        save(shared, &parts, &format!("entries.{}", form.extension()));
                    }
                    outcome => shared.show_failure(Reply::Done(outcome)),
                }
            }
        };
        let ask = Ask::Export(ExportAsk { filter, form, columns, disguise: disguise.get_untracked() });
        pending.set_value(Some(shared.port.with_value(|port| port.ask(ask, on_reply))));
    };
    let cancel = move |_| {
        pending.set_value(None);
        progress.set(None);
    };
    shared.actions.on(move |action| {
        let is_this = action == Action::Export;
        if is_this && let Some(menu) = document().get_element_by_id("export-menu") {
            // Refused only where it is open already.
            let _ = menu.unchecked_into::<web_sys::HtmlElement>().show_popover();
        }
        is_this
    });
    let n_entries = move || shared.counted.with(|counted| counted.answer.as_ref().map_or(0, |c| c.n_entries));
    let title = move || say!("Save {} as", counted!(n_entries(), "entry", "entries"));
    let menu = NodeRef::<Div>::new();
    let save_as_case = move |of| pending.set_value(Some(save_case(shared, of, progress)));
    let choices = [
        (Form::Text, say!("Text, as in the files")),
        (Form::JsonLines, say!("JSON lines")),
        (Form::Csv, say!("CSV, with the columns chosen")),
    ];
    view! {
        <button class="quiet square" id="export" popovertarget="export-menu" aria-label=say!("Save the entries as a file") title=say!("Save the entries as a file")>
            {icons::icon(icons::SAVE)}
        </button>
        <div popover="auto" id="export-menu" role="dialog" aria-labelledby="export-title" node_ref=menu
            on:toggle=move |_| is_open.set(menu.get_untracked().is_some_and(|menu| menu.matches(":popover-open").unwrap_or_default()))>
            <h2 id="export-title">{title}</h2>
            <div class="choices">
                {choices.map(|(form, words)| view! {
                    <button data-form=form.extension() disabled=move || progress.get().is_some() on:click=move |_| begin(form)>{words}</button>
                })}
            </div>
            <DisguiseChoice chosen=disguise is_open />
            <div hidden=move || !shared.owns.get()>
                <h3>{say!("Case file (.dendro)")}</h3>
                <div class="choices">
                    <button id="save-excerpt" disabled=move || progress.get().is_some() || n_entries() == 0 on:click=move |_| save_as_case(Some(shared.filter.get_untracked()))>
                        {move || say!("Of {}", counted!(n_entries(), "entry", "entries"))}
                    </button>
                    <button id="save-case" disabled=move || progress.get().is_some() on:click=move |_| save_as_case(None)>{say!("Of all of the workspace")}</button>
                </div>
                <p class="aside">{say!("Logs as they are, with index, bookmarks, notes, views and formats: drop it on Dendro to open it")}</p>
            </div>
            {move || progress.get().map(|(done, total)| view! {
                <div class="writing">
                    <progress max=total.max(1).to_string() value=done.to_string() aria-label=say!("Written")></progress>
                    <button class="small" on:click=cancel>{say!("Cancel")}</button>
                </div>
            })}
        </div>
    }
}

fn take_in(parts: &Array, answer: Option<Answer>) {
    if let Some(Answer::Exported(part)) = answer {
        parts.push(&Uint8Array::from(part.as_slice()));
    }
}

/// Lets the browser save a text as a file.
pub fn save_text(shared: Shared, text: &str, name: &str) {
    save(shared, &Array::of1(&Uint8Array::from(text.as_bytes())), name);
}

fn save(shared: Shared, parts: &Array, name: &str) {
    let saved = Blob::new_with_u8_array_sequence(parts).and_then(|blob| {
        let address = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        // The download has its own hold on the blob by then.
        set_timeout(move || drop(Url::revoke_object_url(&address)), std::time::Duration::from_secs(60));
        Ok(())
    });
    shared.said.set(match saved {
        Ok(()) => say!("{name} written.", name),
        Err(_) => say!("The browser has no room for this file.").to_owned(),
    });
}
