//! The user's formats: a list with what can be done about each, and the ways in and out as files.

use js_sys::Array;
use leptos::html::Input;
use leptos::prelude::*;
use model::format::{Draft, OwnFormat};
use model::protocol::{Answer, Ask};
use model::{counted, say};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, File, HtmlAnchorElement, Url};

use super::questions::AskOwnFormats;
use crate::answer::use_answer;
use crate::port::{PickedFile, Reply};
use crate::scope::{Shared, use_shared};

/// A longer file is no format.
const MOST_FORMAT_BYTES: f64 = 65_536.0;

/// Shown with a source: `edit` opens the editor for it.
#[component]
pub fn KeptFormats(edit: Callback<Draft>) -> impl IntoView {
    let shared = use_shared();
    let asked = use_answer(shared.port, shared.revision, || Some(AskOwnFormats));
    let formats = Memo::new(move |_| asked.with(|asked| asked.answer.clone().unwrap_or_default()));
    let file = NodeRef::<Input>::new();
    let pick = move |_| {
        if let Some(file) = file.get_untracked() {
            file.click();
        }
    };
    let on_pick = move |_| {
        let Some(input) = file.get_untracked() else { return };
        if let Some(list) = input.files() {
            keep_files(shared, (0..list.length()).filter_map(|i| list.get(i)).collect());
        }
        // The same file can be picked once more.
        input.set_value("");
    };
    view! {
        <section class="kept-formats" aria-label=say!("Your formats")>
            <h3>{say!("Your formats")}</h3>
            <ul id="kept-formats">
                <For each=move || formats.get() key=|format| (format.name.clone(), format.text.clone()) let:format>
                    <Kept format edit />
                </For>
            </ul>
            <div class="choices">
                <button class="small" id="new-format" on:click=move |_| edit.run(Draft::FromNothing)>{say!("New format…")}</button>
                <button class="small" id="import-format" title=say!("TOML files can also be dropped on the page") on:click=pick>
                    {say!("Import…")}
                </button>
                <input class="unseen" type="file" id="format-file" accept=".toml" multiple tabindex="-1"
                    aria-label=say!("Format files") node_ref=file on:change=on_pick />
            </div>
        </section>
    }
}

#[component]
fn Kept(format: OwnFormat, edit: Callback<Draft>) -> impl IntoView {
    let shared = use_shared();
    let asks = RwSignal::new(false);
    let OwnFormat { name, title, text } = format;
    let about = |what: &str| format!("{what} {title}");
    let (edits, deletes, exports) = (about(say!("Edit")), about(say!("Delete")), about(say!("Export")));
    let question = say!("Delete {title}? What it has read is read again by evidence.", title);
    let named = (name != title).then(|| view! { <code>{name.clone()}</code> });
    let (edited, deleted, exported) = (name.clone(), StoredValue::new(name.clone()), format!("{name}.toml"));
    let delete = move |_| {
        let name = deleted.get_value();
        shared.said.set(say!("The format {name} is deleted.", name));
        shared.tell(Ask::DeleteFormat { name });
    };
    view! {
        <li>
            <span class="title">{title}" "{named}</span>
            <button class="small" aria-label=edits title=say!("Edit or rename") on:click=move |_| edit.run(Draft::CopyOf(edited.clone()))>{say!("Edit…")}</button>
            <button class="small" aria-label=exports data-export=name on:click=move |_| save_as_file(&exported, &text)>{say!("Export")}</button>
            <button class="small" aria-label=deletes aria-expanded=move || asks.get().to_string() on:click=move |_| asks.update(|asks| *asks = !*asks)>
                {say!("Delete…")}
            </button>
            <Show when=move || asks.get()>
                <p class="ask">{question.clone()}
                    <button class="small" on:click=move |_| asks.set(false)>{say!("Keep it")}</button>
                    <button class="small danger" on:click=delete>{say!("Delete")}</button>
                </p>
            </Show>
        </li>
    }
}

/// By its name alone.
pub fn may_be_format(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".toml")
}

/// Formats among files, and the others: a `.toml` file that says its kind and how it reads.
pub async fn split_formats(files: Vec<PickedFile>) -> (Vec<File>, Vec<PickedFile>) {
    let (mut formats, mut others) = (Vec::new(), Vec::new());
    for picked in files {
        let may_be = may_be_format(&picked.path) && picked.file.size() <= MOST_FORMAT_BYTES;
        let text = if may_be { text_of(&picked.file).await } else { String::new() };
        if is_format(&text) { formats.push(picked.file) } else { others.push(picked) }
    }
    (formats, others)
}

fn is_format(text: &str) -> bool {
    let says = |key: &str| {
        text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))
    };
    says("name") && says("kind") && says("rank")
}

/// Keeps the formats in these files; says how many, or what is wrong with one.
pub fn keep_files(shared: Shared, files: Vec<File>) {
    spawn_local(async move {
        for file in files {
            let (name, text) = (file.name(), text_of(&file).await);
            let on_reply = move |reply| match reply {
                Reply::Done(Ok(Answer::FormatKept { name, in_place_of: Some(title), n_reread: 0 })) => {
                    shared.said.set(say!(
                        "The format {name} is kept, in place of the one that comes with Dendro ({title}).",
                        name,
                        title
                    ));
                }
                Reply::Done(Ok(Answer::FormatKept { name, in_place_of: Some(title), n_reread })) => {
                    let again = counted!(n_reread, "source was read again", "sources were read again");
                    shared.said.set(say!(
                        "The format {name} is kept, in place of the one that comes with Dendro ({title}); {again}.",
                        name,
                        title,
                        again
                    ));
                }
                Reply::Done(Ok(Answer::FormatKept { name, n_reread: 0, .. })) => {
                    shared.said.set(say!("The format {name} is kept.", name));
                }
                Reply::Done(Ok(Answer::FormatKept { name, n_reread, .. })) => {
                    let again = counted!(n_reread, "source was read again", "sources were read again");
                    shared.said.set(say!("The format {name} is kept; {again}.", name, again));
                }
                Reply::Done(Err(failure)) => {
                    shared.trouble.set(Some(say!("{name} is not kept. {failure}", name, failure)))
                }
                _ => {}
            };
            shared.port.with_value(|port| port.ask(Ask::SaveFormat { text }, on_reply).forget());
        }
    });
}

pub async fn text_of(file: &File) -> String {
    JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn save_as_file(name: &str, text: &str) {
    let parts = Array::of1(&text.into());
    let Ok(blob) = Blob::new_with_str_sequence(&parts) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The download has begun with the click.
    let _ = Url::revoke_object_url(&address);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_from_other_toml_files() {
        assert!(is_format("# mine\nname = \"a\"\nkind=\"json\"\nrank = 3\n"));
        assert!(!is_format("[package]\nname = \"a\"\nversion = \"1\"\n"));
    }
}
