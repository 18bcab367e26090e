//! How much the page may move.

use leptos::prelude::window;

/// Whether less motion is wished for.
pub fn is_calm() -> bool {
    let asked = window().match_media("(prefers-reduced-motion: reduce)");
    asked.ok().flatten().is_some_and(|asked| asked.matches())
}
