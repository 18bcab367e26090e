//! Small choices of the person at this browser: theme, panel sizes. Not part of the workspace.

use leptos::prelude::window;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// `None` where nothing was kept, or the browser keeps nothing.
pub fn read(name: &str) -> Option<String> {
    storage()?.get_item(&format!("dendro.{name}")).ok().flatten()
}

/// A browser that refuses only forgets the choice.
pub fn write(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("dendro.{name}"), value);
    }
}

pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("dendro.{name}"));
    }
}
