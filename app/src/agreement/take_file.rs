//! A button that has a table read from a file.

use leptos::html::Input;
use leptos::prelude::*;
use model::say;
use web_sys::File;

use crate::scope::{Shared, use_shared};

/// `of`: what its elements are named by.
#[component]
pub fn TakeFile(of: &'static str, hint: &'static str, label: &'static str, take: fn(Shared, File)) -> impl IntoView {
    let shared = use_shared();
    let input = NodeRef::<Input>::new();
    let pick = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let on_pick = move |_| {
        let Some(input) = input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            take(shared, file);
        }
        // The same file can be picked once more.
        input.set_value("");
    };
    view! {
        <button class="small" id=format!("import-{of}") title=hint on:click=pick>{say!("Import…")}</button>
        <input class="unseen" type="file" id=format!("{of}-file") accept=".toml" tabindex="-1" aria-label=label node_ref=input on:change=on_pick />
    }
}
