//! The page: one window onto the workspace that the data thread keeps.

mod late;

mod language;

mod port;

mod handles;

mod answer;

mod address;

mod scope;

mod steps;

mod kept_table;
mod mapping;
mod names;

mod names_menu;

mod shell;

mod stage;

mod pieces;

mod welcome;

mod tour;

mod trace;

mod unreadable;

mod intake;

mod workbench;

mod search;

mod tabs;

mod sidebar;

mod sources;

mod source_panel;

mod format_editor;

mod fields;

mod focus;

mod histogram;

mod entries;

mod results;

mod nothing;

mod notebook;

mod patterns;

mod export;

mod disguise;

mod groups;

mod red;

mod requests;

mod series;

mod incidents;

mod compare;

mod sql;

mod agreement;

mod all_views;

mod views;

mod saved;

mod details;

mod display_menu;

mod edge;

mod grip;

mod motion;

mod status;

mod help;

mod pseudonyms;

mod lifecycle;

mod theme;

mod zone;

mod zone_menu;

mod kept;

mod keys;

mod actions;

mod palette;

mod go_to;

mod presses;

mod map;

mod measured;

mod icons;

mod wording;

fn main() {
    language::read_words();
    // What index.html shows until here.
    if let Some(opening) = leptos::prelude::document().get_element_by_id("opening") {
        opening.remove();
    }
    leptos::mount::mount_to_body(shell::App);
}
