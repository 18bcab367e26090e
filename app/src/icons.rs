//! The few pictograms, as strokes on a 24 × 24 grid.

use leptos::prelude::*;

pub const SEARCH: &str = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20";
pub const CLOSE: &str = "M6 6l12 12M18 6 6 18";
pub const HELP: &str =
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1 1-1.1 1.8M12 16.8v.1";
pub const CLOCK: &str = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2";
/// There are more than are in sight.
pub const MORE: &str = "M6 9l6 6 6-6";
pub const DOWN: &str = "M12 4v15M6 13l6 6 6-6";
pub const UP: &str = "M12 20V5M6 11l6-6 6 6";
pub const SUN: &str = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5";
pub const MOON: &str = "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z";
pub const HALF: &str = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 8l5.5-2M12 12h9M12 16l5.5 2";
pub const PLUS: &str = "M12 5v14M5 12h14";
pub const MINUS: &str = "M5 12h14";
pub const PAUSE: &str = "M8 5v14M16 5v14";
pub const PLAY: &str = "M7 4.5v15l12-7.5z";
pub const STOP: &str = "M6 6h12v12H6z";
pub const TRASH: &str = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5";
pub const FILES: &str = "M4 6h6l2 2.5h8V19H4z";
pub const COPY: &str = "M9 9h11v11H9zM5 15H4V4h11v1";
pub const SLIDERS: &str =
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM9 15a2 2 0 1 0 0 4 2 2 0 0 0 0-4z";
pub const COLUMN: &str = "M4 5h16v14H4zM10 5v14M15 5v14";
pub const ROWS: &str = "M4 5.5h16M4 12h16M4 18.5h10M18.5 16v5M16 18.5h5";
pub const COMMANDS: &str = "M9 9h6v6H9zM9 9V6.5A2.5 2.5 0 1 0 6.5 9H9M15 9V6.5A2.5 2.5 0 1 1 17.5 9H15M9 15v2.5A2.5 2.5 0 1 1 6.5 15H9M15 15v2.5a2.5 2.5 0 1 0 2.5-2.5H15";
pub const SAVE: &str = "M12 4v11M7 10.5l5 5 5-5M4.5 19.5h15";
/// A globe.
pub const LANGUAGE: &str = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18";
pub const FLAG: &str = "M6 21V4h12l-3 4.5 3 4.5H6";
pub const PEN: &str = "M5 19l1-4L16.500 4.500l3 3L9 18z";
pub const PIN: &str = "M9 4h6l-1 6 3.500 3.500h-11L10 10zM12 13.500V21";
pub const SIDE: &str = "M3.5 5h17v14h-17zM9.5 5v14";

pub fn icon(strokes: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=strokes />
        </svg>
    }
}

/// The mark: the rings of a tree, open where the newest one is still growing.
pub fn rings() -> impl IntoView {
    view! {
        <svg class="rings" viewBox="0 0 64 64" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round">
            <circle cx="31" cy="33" r="3" fill="currentColor" stroke="none" />
            <path stroke-width="3" d="M31 25.5c5 0 8 3.200 8 7.500s-3.500 7.800-8 7.800-8-3.600-8-8 3.200-7.300 8-7.300z" />
            <path stroke-width="3" d="M32 17.500c9 0 15 6.500 15 15S40.500 49 31.500 49 15.500 42 15.500 33.500s7-16 16.500-16z" />
            <path stroke-width="3.500" d="M52.500 22.500c2 3.300 3 6.800 3 10.500 0 13-10.500 24-24 24S7.500 46.500 7.500 33.500 18.500 9 32.500 9c4.500 0 8.700 1.200 12.200 3.300" />
        </svg>
    }
}
