//! What the user says of names of services, on the page: which are one, and which is a service of its own.

use std::sync::Arc;

use leptos::prelude::*;
use model::naming::Naming;
use model::protocol::{Answer, Ask, Revision};
use model::{counted, say};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::answer::Question;
use crate::format_editor::text_of;
use crate::kept_table::KeptTable;
use crate::port::{Port, Reply};
use crate::scope::Shared;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AskNaming;

impl Question for AskNaming {
    type Answer = Arc<Naming>;
    fn ask(&self) -> Ask {
        Ask::Naming
    }
    fn read(answer: Answer) -> Option<Arc<Naming>> {
        if let Answer::Naming(naming) = answer { Some(Arc::new(naming)) } else { None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AskNamingBefore;

impl Question for AskNamingBefore {
    type Answer = Arc<Naming>;
    fn ask(&self) -> Ask {
        Ask::NamingBefore
    }
    fn read(answer: Answer) -> Option<Arc<Naming>> {
        AskNaming::read(answer)
    }
}

pub type Names = KeptTable<Naming>;

pub fn names(port: StoredValue<Port, LocalStorage>, revision: RwSignal<Revision>) -> Names {
    let names = KeptTable::new(port, revision, AskNaming);
    names.begin_with(port, revision, AskNamingBefore);
    names
}

/// These names are of the service.
pub fn join<'w>(shared: Shared, written: impl IntoIterator<Item = &'w str>, service: &str) {
    let words = say!("They are one service now: {}.", service);
    change(shared, words, |naming| naming.join(written, service));
}

/// The name is of a service of its own.
pub fn part(shared: Shared, written: &str) {
    let words = say!("{} is a service of its own now.", written);
    change(shared, words, |naming| naming.part(written));
}

/// The rules decide on the name.
pub fn forget(shared: Shared, written: &str) {
    let words = say!("The rules decide whose name {} is.", written);
    change(shared, words, |naming| naming.forget(written));
}

/// The rules decide on all names.
pub fn forget_all(shared: Shared) {
    change(shared, say!("The rules decide on all names.").to_owned(), |naming| *naming = Naming::default());
}

/// What a file says of names goes before what was said of them.
pub fn take_file(shared: Shared, file: File) {
    spawn_local(async move {
        let (name, text) = (file.name(), text_of(&file).await);
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(Answer::Naming(read))) => {
                let n_names = counted!(read.rows.len() as u64, "name", "names");
                change(shared, say!("{n_names} read from {name}.", n_names, name), |naming| naming.take_in(&read));
            }
            Reply::Done(Err(failure)) => {
                shared.trouble.set(Some(say!("{name} is no table of names. {failure}", name, failure)));
            }
            _ => {}
        };
        shared.port.with_value(|port| port.ask(Ask::ReadNaming(text), on_reply).forget());
    });
}

fn change(shared: Shared, words: String, change: impl FnOnce(&mut Naming)) {
    let mut naming = (*shared.names.latest.get_untracked()).clone();
    change(&mut naming);
    shared.names.put(shared, naming, Ask::SetNaming, words);
}

/// Takes back the last change that was not taken back yet.
pub fn undo(shared: Shared) {
    let words = say!("Services are called as before.").to_owned();
    shared.names.take_back(shared, Ask::SetNaming, words);
}

/// Makes the change again that was taken back last.
pub fn redo(shared: Shared) {
    let words = say!("The change was made again.").to_owned();
    shared.names.make_again(shared, Ask::SetNaming, words);
}

/// A way back, where something was changed, and on again, where something was taken back.
#[component]
pub fn UndoNames() -> impl IntoView {
    let shared = crate::scope::use_shared();
    let can_undo = Memo::new(move |_| shared.names.can_take_back() && shared.owns.get());
    let can_redo = Memo::new(move |_| shared.names.can_make_again() && shared.owns.get());
    view! {
        <Show when=move || can_undo.get()>
            <button class="small quiet" data-does="undo-names" on:click=move |_| undo(shared)>{say!("Undo the last change")}</button>
        </Show>
        <Show when=move || can_redo.get()>
            <button class="small quiet" data-does="redo-names" on:click=move |_| redo(shared)>{say!("Make the change again")}</button>
        </Show>
    }
}
