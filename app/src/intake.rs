//! Files on their way in: picked, dropped, pasted, or opened from the operating system.
//!
//! Only handles pass through here; the data thread reads the bytes.

use std::time::Duration;

use js_sys::{Array, Function, Promise, Reflect};
use leptos::ev;
use leptos::html::{Dialog, Input};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::SourceId;
use model::protocol::{Answer, Imported, OnKnown};
use model::{counted, say};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DataTransfer, Element, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::format_editor;
use crate::handles;
use crate::late::late_part;
use crate::port::{PickedFile, Reply};
use crate::saved::{CASE_EXTENSION, case_question};
use crate::scope::{Shared, use_shared};

/// While files are dragged over the window that is said again within a third of a second or so.
const DRAG_PAUSE: Duration = Duration::from_millis(1200);

/// The way in; handles only.
#[derive(Clone, Copy)]
pub struct Intake {
    shared: Shared,
    /// Files that the workspace already has, and as what, until the user decides.
    known: RwSignal<Vec<(PickedFile, SourceId)>, LocalStorage>,
    /// A case file, until it is open or refused.
    pub case: RwSignal<Option<PickedFile>, LocalStorage>,
    /// Files that came with it, or while it waited: they are taken in when that is decided.
    beside_case: StoredValue<Vec<PickedFile>, LocalStorage>,
    over_window: RwSignal<bool>,
    /// Until then the drag has not left the window.
    leaving: StoredValue<Option<TimeoutHandle>, LocalStorage>,
    files: NodeRef<Input>,
    folder: NodeRef<Input>,
}

pub fn provide_intake() -> Intake {
    let intake = Intake {
        shared: use_shared(),
        known: RwSignal::new_local(Vec::new()),
        case: RwSignal::new_local(None),
        beside_case: StoredValue::new_local(Vec::new()),
        over_window: RwSignal::new(false),
        leaving: StoredValue::new_local(None),
        files: NodeRef::new(),
        folder: NodeRef::new(),
    };
    provide_context(intake);
    intake.listen();
    intake
}

impl Intake {
    pub fn pick_files(self) {
        if let Some(input) = self.files.get_untracked() {
            input.click();
        }
    }

    pub fn pick_folder(self) {
        if let Some(input) = self.folder.get_untracked() {
            input.click();
        }
    }

    pub fn take_in(self, files: Vec<PickedFile>, known: OnKnown) {
        if files.is_empty() {
            return;
        }
        if !self.shared.owns.get_untracked() {
            self.shared.said.set(say!("This tab only reads: another one takes files in.").to_owned());
            return;
        }
        let is_case = |picked: &PickedFile| picked.path.to_lowercase().ends_with(CASE_EXTENSION);
        let (mut cases, files): (Vec<_>, Vec<_>) = files.into_iter().partition(is_case);
        if !cases.is_empty() || self.case.with_untracked(Option::is_some) {
            // A case file takes the place of all there is: the others wait until it has, or has not.
            self.beside_case.update_value(|beside| beside.extend(files));
            if self.case.with_untracked(Option::is_none) {
                self.case.set(Some(cases.remove(0)));
            }
            if !cases.is_empty() {
                let named = named(cases.iter().map(|case| case.path.as_str()));
                self.shared.trouble.set(Some(say!("One case file is opened at a time. Left out: {named}.", named)));
            }
            return;
        }
        // Formats may be among the files; only those that could be are looked into.
        if files.iter().any(|picked| format_editor::may_be_format(&picked.path)) {
            spawn_local(async move {
                let (formats, others) = format_editor::split_formats(files).await;
                format_editor::keep_files(self.shared, formats);
                self.offer(others, known);
            });
        } else {
            self.offer(files, known);
        }
    }

    /// The case file is open, or was refused: what came with it is taken in.
    pub fn end_case(self) {
        self.case.set(None);
        let beside = self.beside_case.try_update_value(std::mem::take).unwrap_or_default();
        self.take_in(beside, OnKnown::Report);
    }

    /// What the workspace calls the source, if not like the file.
    fn other_name(self, file: &PickedFile, source: SourceId) -> Option<String> {
        let sources = self.shared.sources;
        let path = sources.with_untracked(|sources| {
            sources.answer.iter().flatten().find(|known| known.id == source).map(|known| known.path.clone())
        });
        path.filter(|path| *path != file.path)
    }

    fn offer(self, files: Vec<PickedFile>, known: OnKnown) {
        if files.is_empty() {
            return;
        }
        let offered = files.clone();
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(Answer::Imported(imported))) => {
                let known = |&(offer, source): &(u32, SourceId)| Some((offered.get(offer as usize)?.clone(), source));
                let again = imported.known.iter().filter_map(known);
                self.known.update(|known| known.extend(again));
                self.say_grown(&grown_among(&offered, &imported));
            }
            reply => self.shared.show_failure(reply),
        };
        self.shared.port.with_value(|port| port.import(&files, known, on_reply).forget());
    }

    fn say_grown(self, paths: &[&str]) {
        if !paths.is_empty() {
            let named = named(paths.iter().copied());
            self.shared.said.set(say!("Grown since it was read: {named}. Nothing is there twice.", named));
        }
    }

    fn listen(self) {
        let _ = window_event_listener(ev::dragover, move |event| {
            if event.data_transfer().is_some_and(|data| has_files(&data)) {
                event.prevent_default();
                self.over_window.set(true);
                // Not every way out of the window is told; while something is dragged over it, this comes again and again.
                self.leaving.update_value(|leaving| {
                    if let Some(earlier) = leaving.take() {
                        earlier.clear();
                    }
                    *leaving = set_timeout_with_handle(move || self.over_window.set(false), DRAG_PAUSE).ok();
                });
            }
        });
        let _ = window_event_listener(ev::dragleave, move |event| {
            // Leaving for another element of the page names it; leaving the window names none.
            if event.related_target().is_none() {
                self.over_window.set(false);
            }
        });
        let _ = window_event_listener(ev::drop, move |event| {
            self.over_window.set(false);
            let Some(data) = event.data_transfer().filter(has_files) else { return };
            event.prevent_default();
            let dropped = dropped(&data);
            spawn_local(async move {
                let (mut found, mut unreadable) = (Vec::new(), Vec::new());
                for dropped in dropped {
                    match dropped {
                        Dropped::Entry { entry, handle } => {
                            let (is_file, n_before) = (entry.is_file(), found.len());
                            walk(entry, &mut found, &mut unreadable).await;
                            if let (true, Some(handle), Some(file)) = (is_file, handle, found.get_mut(n_before)) {
                                file.handle = JsFuture::from(handle).await.ok().filter(JsValue::is_object);
                            }
                        }
                        Dropped::File(file) => found.push(PickedFile::new(file)),
                    }
                }
                if !unreadable.is_empty() {
                    self.shared.trouble.set(Some(left_out(&unreadable)));
                } else if found.is_empty() {
                    self.shared.said.set(say!("There are no files in what was dropped.").to_owned());
                }
                self.take_in(found, OnKnown::Report);
            });
        });
        let _ = window_event_listener(ev::paste, move |event| {
            let in_field = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
            let Some(data) = event.dyn_ref::<web_sys::ClipboardEvent>().and_then(|event| event.clipboard_data()) else {
                return;
            };
            if !in_field {
                event.prevent_default();
                self.take_in(pasted(&data), OnKnown::Report);
            }
        });
        self.listen_to_launches();
        let _ = window_event_listener(ev::beforeunload, move |event| {
            if self.has_unsaved() {
                event.prevent_default();
            }
        });
    }

    /// Files opened from the file manager of the operating system, where the app is installed.
    fn listen_to_launches(self) {
        let Some(queue) = Reflect::get(&window(), &"launchQueue".into()).ok().filter(|queue| queue.is_object()) else {
            return;
        };
        let Ok(set_consumer) = Reflect::get(&queue, &"setConsumer".into()).and_then(|f| f.dyn_into::<Function>())
        else {
            return;
        };
        let consumer = Closure::<dyn Fn(JsValue)>::new(move |launch: JsValue| {
            let handles = Reflect::get(&launch, &"files".into()).map(|files| Array::from(&files)).unwrap_or_default();
            spawn_local(async move {
                let mut found = Vec::new();
                for handle in handles {
                    if let Some(file) = handles::file(&handle).await {
                        found.push(PickedFile { handle: Some(handle), ..PickedFile::new(file) });
                    }
                }
                self.take_in(found, OnKnown::Report);
            });
        });
        let _ = set_consumer.call1(&queue, &consumer.into_js_value());
    }

    fn has_unsaved(self) -> bool {
        use model::source::SourceState::{Reading, Waiting};
        let is_kept_saved =
            self.shared.status.with_untracked(|status| status.answer.as_ref().is_none_or(|s| s.is_kept_saved));
        !is_kept_saved
            || self.shared.sources.with_untracked(|sources| {
                sources
                    .answer
                    .iter()
                    .flatten()
                    .any(|source| matches!(source.state, Reading | Waiting) || source.n_saved < source.n_entries)
            })
    }
}

/// Paths of the files that are sources of which more has been written. The list of sources may still have the names from before
/// they were rotated.
fn grown_among<'file>(offered: &'file [PickedFile], imported: &Imported) -> Vec<&'file str> {
    let is_known = |place: usize| imported.known.iter().any(|&(known, _)| known as usize == place);
    // What is not known is added, in this order.
    let added = offered.iter().enumerate().filter(|(place, _)| !is_known(*place)).zip(&imported.added);
    let grown = added.filter(|(_, source)| imported.grown.contains(source));
    grown.map(|((_, file), _)| file.path.as_str()).collect()
}

fn has_files(data: &DataTransfer) -> bool {
    data.types().iter().any(|kind| kind == "Files")
}

/// One thing that was dropped.
enum Dropped {
    /// A file or folder of the file system, with a promise of its handle where the browser gives handles.
    Entry { entry: FileSystemEntry, handle: Option<Promise> },
    /// A file that is in none, such as one dragged out of another page.
    File(File),
}

/// Must be called while the drop is handled: the browser empties the list afterwards.
fn dropped(data: &DataTransfer) -> Vec<Dropped> {
    let items = data.items();
    let item = |i: u32| {
        let item = items.get(i)?;
        let Some(entry) = item.webkit_get_as_entry().ok().flatten() else {
            return item.get_as_file().ok().flatten().map(Dropped::File);
        };
        let get_handle = Reflect::get(&item, &"getAsFileSystemHandle".into()).ok();
        let handle = get_handle
            .and_then(|get| get.dyn_into::<Function>().ok())
            .and_then(|get| get.call0(&item).ok())
            .and_then(|promise| promise.dyn_into().ok());
        Some(Dropped::Entry { entry, handle })
    };
    (0..items.length()).filter_map(item).collect()
}

fn files_of(list: Option<FileList>) -> Vec<PickedFile> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.get(i)).map(PickedFile::new).collect()
}

/// Files, or the text as a file of its own.
fn pasted(data: &DataTransfer) -> Vec<PickedFile> {
    let files = files_of(data.files());
    let text = data.get_data("text/plain").unwrap_or_default();
    if !files.is_empty() || text.trim().is_empty() {
        return files;
    }
    let parts = Array::of1(&text.into());
    File::new_with_str_sequence(&parts, "pasted.log").map(PickedFile::new).into_iter().collect()
}

/// All files at and below `top`, in the order the browser lists them; and the paths of what it could not open.
async fn walk(top: FileSystemEntry, found: &mut Vec<PickedFile>, unreadable: &mut Vec<String>) {
    let mut open = vec![top];
    while let Some(entry) = open.pop() {
        let path = entry.full_path().trim_start_matches('/').to_owned();
        if entry.is_directory() {
            let (children, is_all) = children(entry.unchecked_into()).await;
            open.extend(children);
            if !is_all {
                unreadable.push(path + "/");
            }
            continue;
        }
        let file = call_back(|done, failed| {
            entry.unchecked_ref::<FileSystemFileEntry>().file_with_callback_and_callback(done, failed);
        });
        match file.await {
            Ok(file) => found.push(PickedFile { path, file: file.unchecked_into(), handle: None }),
            Err(_) => unreadable.push(path),
        }
    }
}

/// Of more, only the first few are named.
const N_NAMED: usize = 3;

fn named<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = paths.take(N_NAMED + 1).map(|path| format!("“{path}”")).collect();
    if names.len() > N_NAMED {
        names[N_NAMED] = "…".to_owned();
    }
    names.join(", ")
}

/// Names the first few of the paths that could not be opened.
fn left_out(paths: &[String]) -> String {
    let named = named(paths.iter().take(N_NAMED).map(String::as_str));
    match paths.len().saturating_sub(N_NAMED) {
        0 => say!("The browser may not read {named}; the rest was taken in.", named),
        n_more => say!(
            "The browser may not read {named} and {} more; the rest was taken in.",
            named,
            counted!(n_more as u64, "file or folder", "files or folders")
        ),
    }
}

/// Last first, so that a stack takes them in order; and whether these are all.
async fn children(directory: FileSystemDirectoryEntry) -> (Vec<FileSystemEntry>, bool) {
    let reader = directory.create_reader();
    let mut all: Vec<FileSystemEntry> = Vec::new();
    // A directory comes in parts; an empty part is the end.
    let is_all = loop {
        let part = call_back(|done, failed| {
            // A reader that refuses to start never calls back; `failed` ends the wait.
            if reader.read_entries_with_callback_and_callback(done, failed).is_err() {
                let _ = failed.call0(&JsValue::NULL);
            }
        });
        let Ok(part) = part.await else { break false };
        let part = Array::from(&part);
        if part.length() == 0 {
            break true;
        }
        all.extend(part.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    };
    all.reverse();
    (all, is_all)
}

/// Waits for one of two callbacks.
async fn call_back(mut start: impl FnMut(&Function, &Function)) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| start(&done, &failed))).await
}

/// The inputs behind "Open files…" and "Open folder…".
#[component]
pub fn FileInputs() -> impl IntoView {
    let intake = expect_context::<Intake>();
    let on_pick = move |input: NodeRef<Input>| {
        if let Some(input) = input.get_untracked() {
            intake.take_in(files_of(input.files()), OnKnown::Report);
            // The same file can be picked again.
            input.set_value("");
        }
    };
    view! {
        <input class="unseen" type="file" id="file-input" multiple tabindex="-1" aria-label=say!("Files to open")
            node_ref=intake.files on:change=move |_| on_pick(intake.files) />
        <input class="unseen" type="file" id="folder-input" multiple prop:webkitdirectory=true tabindex="-1"
            aria-label=say!("Folder to open") node_ref=intake.folder on:change=move |_| on_pick(intake.folder) />
    }
}

/// The veil while files hover over the window, and the question about files that are here already.
#[component]
pub fn DropParts() -> impl IntoView {
    let intake = expect_context::<Intake>();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let has_question = intake.known.with(|known| !known.is_empty());
        if let Some(dialog) = dialog.get() {
            match (has_question, dialog.open()) {
                // Refused only for a dialog that is not part of the page.
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let answer = move |known: OnKnown| {
        let files = intake.known.try_update(std::mem::take).unwrap_or_default();
        if known == OnKnown::AddAgain {
            intake.take_in(files.into_iter().map(|(file, _)| file).collect(), known);
        }
    };
    view! {
        <Show when=move || intake.over_window.get()>
            <div class="drop-veil"><p>{say!("Drop to read")}</p></div>
        </Show>
        <Show when=move || intake.case.with(Option::is_some)>{late_part(case_question())}</Show>
        <dialog id="known-files" node_ref=dialog aria-labelledby="known-files-title"
            on:close=move |_| answer(OnKnown::Report)>
            <h2 id="known-files-title">{say!("Already here")}</h2>
            <p>
                {move || intake.known.with(|known| counted!(known.len() as u64, "file is in the workspace already, with the same content:", "files are in the workspace already, with the same content:"))}
            </p>
            <ul>
                {move || intake.known.with(|known| {
                    known.iter().take(12).map(|(file, source)| view! {
                        <li><code>{file.path.clone()}</code>{intake.other_name(file, *source).map(|name| view! { " "{say!("is")}" "<code>{name}</code> })}</li>
                    }).collect_view()
                })}
            </ul>
            <div class="actions">
                <button on:click=move |_| answer(OnKnown::AddAgain)>{say!("Add again")}</button>
                <button class="primary" autofocus on:click=move |_| answer(OnKnown::Report)>{say!("Skip")}</button>
            </div>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_files_the_first_few_are_named() {
        assert_eq!(named(["a", "b"].into_iter()), "“a”, “b”");
        assert_eq!(named(["a", "b", "c", "d", "e"].into_iter()), "“a”, “b”, “c”, …");
    }

    #[test]
    fn what_was_left_out_is_named() {
        let paths = ["logs/a.log", "logs/b/", "c", "d", "e"].map(str::to_owned);
        assert_eq!(left_out(&paths[..1]), "The browser may not read “logs/a.log”; the rest was taken in.");
        assert_eq!(
            left_out(&paths),
            "The browser may not read “logs/a.log”, “logs/b/”, “c” and 2 files or folders more; the rest was taken in."
        );
    }
}
