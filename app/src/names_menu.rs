//! What was said of names of services, as a list that can be taken back, exported and taken from a file: wherever names are looked at.

use leptos::html::Div;
use leptos::prelude::*;
use model::naming::Said;
use model::say;

use crate::actions::Action;
use crate::agreement::take_file::TakeFile;
use crate::map::save;
use crate::names::{UndoNames, forget, forget_all, redo, take_file, undo};
use crate::scope::use_shared;

/// `of`: what its elements are named by.
#[component]
pub fn SaidNames(of: &'static str) -> impl IntoView {
    let shared = use_shared();
    let naming = shared.names.now;
    let row = move |Said { written, service }: Said| {
        let is_apart = written == service;
        let title = say!("Delete: let the rules decide on {}", written);
        let (name, shown) = (written.clone(), written.clone());
        let whose = match is_apart {
            true => say!("is a service of its own").to_owned(),
            false => format!("→ {service}"),
        };
        view! {
            <li data-written=written>
                <span><code>{shown}</code>" "{whose}</span>
                <Show when=move || shared.owns.get()>
                    <button class="small quiet" data-does="forget" aria-label=title.clone() title=title.clone()
                        on:click={let name = name.clone(); move |_| forget(shared, &name)}>{say!("Delete")}</button>
                </Show>
            </li>
        }
    };
    let rows = move || naming.with(|naming| naming.rows.clone().into_iter().map(row).collect_view());
    let export = move |_| {
        naming.with_untracked(|naming| save::text(shared, "names.toml", "application/toml", &naming.to_text()));
    };
    let is_empty = Memo::new(move |_| naming.with(|naming| naming.is_empty()));
    view! {
        <Show when=move || !is_empty.get()>
            <div class="suggested">
                <h3>{say!("As you said")}</h3>
                <ul id=format!("said-{of}")>{rows}</ul>
            </div>
        </Show>
        <div class="choices">
            <Show when=move || shared.owns.get()>
                <TakeFile of hint=say!("A TOML file as Export writes it; what it says of names goes before what you said") label=say!("File of names") take=take_file />
            </Show>
            <Show when=move || !is_empty.get()>
                <button class="small" id=format!("export-{of}") on:click=export>{say!("Export")}</button>
            </Show>
            <Show when=move || !is_empty.get() && shared.owns.get()>
                <button class="small quiet" id=format!("forget-{of}") title=say!("What you said of names is forgotten") on:click=move |_| forget_all(shared)>
                    {say!("All back to the rules")}
                </button>
            </Show>
            <UndoNames />
        </div>
    }
}

/// Opened from the map and from the palette, which does the most of it by itself.
#[component]
pub fn NamesMenu() -> impl IntoView {
    let shared = use_shared();
    let dialog = NodeRef::<Div>::new();
    shared.actions.on(move |action| {
        let names = shared.names;
        match action {
            Action::Names => {
                if let Some(dialog) = dialog.get_untracked() {
                    // Refused only where it is open already.
                    let _ = dialog.show_popover();
                }
            }
            Action::ForgetNames | Action::UndoNames | Action::RedoNames if !shared.owns.get_untracked() => {
                shared.said.set(say!("This tab only reads.").to_owned());
            }
            Action::ForgetNames => forget_all(shared),
            Action::UndoNames if !untrack(|| names.can_take_back()) => {
                shared.said.set(say!("Nothing to take back.").to_owned());
            }
            Action::UndoNames => undo(shared),
            Action::RedoNames if !untrack(|| names.can_make_again()) => {
                shared.said.set(say!("Nothing was taken back.").to_owned());
            }
            Action::RedoNames => redo(shared),
            _ => return false,
        }
        true
    });
    view! {
        <div popover="auto" id="names-menu" role="dialog" aria-labelledby="names-menu-title" tabindex="-1" node_ref=dialog>
            <h2 id="names-menu-title">{say!("Names of services")}</h2>
            <p class="aside">{say!("In the card of a service on the map its names are parted, or it is said whose it is. Here is what was said of them; the rules that decide on all others are listed under “Agreement”.")}</p>
            <SaidNames of="names-menu" />
        </div>
    }
}
