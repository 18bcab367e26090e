//! Everything that a key can do: one table for the keys themselves, the palette and the help.

use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use model::key;

use crate::{kept, keys};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Search,
    Find,
    NextHit,
    PreviousHit,
    Palette,
    Next,
    Previous,
    PageOn,
    PageBack,
    First,
    Last,
    NextError,
    PreviousError,
    NextWarning,
    PreviousWarning,
    NextOfRequest,
    PreviousOfRequest,
    Open,
    Parsed,
    CopyText,
    CopyJson,
    CopyMarkdown,
    CopyCurl,
    CopyLink,
    Pattern,
    Context,
    Pin,
    Back,
    Compare,
    After,
    ZoomOut,
    ZoomAll,
    ZoomFit,
    Timeline,
    FoldTimeline,
    Lanes,
    TurnHeights,
    TurnOrder,
    Display,
    TurnShown,
    TurnTime,
    TurnLines,
    TurnDensity,
    TurnColour,
    Sources,
    Fields,
    Saved,
    Sql,
    RunSql,
    StopSql,
    TurnPicture,
    Mark,
    NextMark,
    PreviousMark,
    SaveView,
    NoteOnTime,
    Undo,
    Redo,
    Export,
    Pseudonyms,
    Names,
    ForgetNames,
    UndoNames,
    RedoNames,
    OpenFiles,
    OpenFolder,
    RemoveAll,
    HowRead,
    TimelineSvg,
    TimelinePng,
    Zone,
    Theme,
    Language,
    Help,
    QueryHelp,
    Tour,
}

pub struct Known {
    pub action: Action,
    /// Under this name other keys are remembered.
    id: &'static str,
    pub words: &'static str,
    /// Unless the user chose others.
    keys: &'static [&'static str],
}

const fn known(action: Action, id: &'static str, words: &'static str, keys: &'static [&'static str]) -> Known {
    Known { action, id, words, keys }
}

pub const ACTIONS: &[Known] = &[
    known(Action::Search, "search", key!("Search"), &["/", "&"]),
    known(Action::Find, "find", key!("Find, leaving no entry out"), &["Ctrl+F"]),
    known(Action::NextHit, "next-hit", key!("Next one found; without a find the next entry"), &["n", "F3"]),
    known(Action::PreviousHit, "previous-hit", key!("Previous one found; without a find the previous entry"), &["N"]),
    known(Action::Palette, "palette", key!("All commands"), &["Ctrl+K", ":"]),
    known(Action::Next, "next", key!("Next entry"), &["j", "ArrowDown"]),
    known(Action::Previous, "previous", key!("Previous entry"), &["k", "ArrowUp"]),
    known(Action::PageOn, "page-on", key!("A page on"), &["Space", "PageDown"]),
    known(Action::PageBack, "page-back", key!("A page back"), &["Shift+Space", "PageUp"]),
    known(Action::First, "first", key!("First entry"), &["g", "Home"]),
    known(
        Action::Last,
        "last",
        key!("Last entry; from there on with the end of a file that grows"),
        &["G", "End", "F"],
    ),
    known(Action::NextError, "next-error", key!("Next error"), &["e"]),
    known(Action::PreviousError, "previous-error", key!("Previous error"), &["E"]),
    known(Action::NextWarning, "next-warning", key!("Next warning or worse"), &["w"]),
    known(Action::PreviousWarning, "previous-warning", key!("Previous warning or worse"), &["W"]),
    known(Action::NextOfRequest, "next-of-request", key!("Along the request: its next entry or span"), &["o"]),
    known(
        Action::PreviousOfRequest,
        "previous-of-request",
        key!("Along the request: the entry or span before"),
        &["O"],
    ),
    known(Action::Open, "open", key!("Open the entry"), &["Enter"]),
    known(Action::Parsed, "parsed", key!("The entry’s fields and text, or away with them"), &["p"]),
    known(
        Action::CopyText,
        "copy-text",
        key!("Copy the entry’s text, or that of all that are chosen"),
        &["y", "Ctrl+C"],
    ),
    known(Action::CopyJson, "copy-json", key!("Copy the entry as JSON"), &[]),
    known(Action::CopyMarkdown, "copy-markdown", key!("Copy the entry as Markdown"), &[]),
    known(Action::CopyCurl, "copy-curl", key!("Copy the entry’s request as a curl command"), &[]),
    known(Action::CopyLink, "copy-link", key!("Copy a link to what is seen"), &[]),
    known(Action::Pattern, "pattern", key!("The entry’s pattern, with its values"), &[]),
    known(Action::Context, "context", key!("The entries around this one, whatever the search leaves out"), &["c"]),
    known(
        Action::Pin,
        "pin",
        key!("Pin the entry: tell how long before or after it all others are; again: let go"),
        &["P"],
    ),
    known(
        Action::Back,
        "back",
        key!("Back out one step: what popped up, the details, the selection"),
        &["Escape", "q"],
    ),
    known(Action::Compare, "compare", key!("Compare with the rest: other times, or all that is not found"), &["d"]),
    known(Action::After, "after", key!("What changed after this entry?"), &["a"]),
    known(Action::ZoomOut, "zoom-out", key!("Zoom out in time"), &["-"]),
    known(Action::ZoomAll, "zoom-all", key!("All of the time"), &["0"]),
    known(Action::ZoomFit, "zoom-fit", key!("Zoom to the first and the last match"), &["="]),
    known(Action::Timeline, "timeline", key!("Into the timeline, and back to what is below it"), &["i"]),
    known(Action::FoldTimeline, "fold-timeline", key!("Show or hide the timeline"), &["I"]),
    known(Action::Lanes, "lanes", key!("Split the timeline: lanes by a field, or a heat map of its numbers"), &[]),
    known(Action::TurnHeights, "heights", key!("Heights of the timeline by magnitude (log), or as they are"), &[]),
    known(Action::TurnOrder, "order", key!("Oldest first, newest first, or as written in the files"), &["r"]),
    known(Action::Display, "display", key!("How entries look: columns, rows, time, colour"), &["v"]),
    known(Action::TurnShown, "shown", key!("Rows: their columns, message only, raw line, fields"), &["R"]),
    known(
        Action::TurnTime,
        "time",
        key!("Time: with date, of day, since the row above, since the selected row"),
        &["t"],
    ),
    known(Action::TurnLines, "lines", key!("One, three or six lines for each entry"), &["l"]),
    known(Action::TurnDensity, "density", key!("Rows: normal, compact, roomy"), &[]),
    known(Action::TurnColour, "colour", key!("Colour at the start of rows: by level, service, source"), &[]),
    known(Action::Sources, "sources", key!("Show or hide the sources"), &["s"]),
    known(Action::Fields, "fields", key!("Show or hide the fields"), &["f"]),
    known(Action::Saved, "saved", key!("Show or hide bookmarks and saved views"), &["b"]),
    known(Action::Sql, "sql", key!("A statement of SQL over the entries"), &[";"]),
    known(Action::RunSql, "run-sql", key!("Run the statement of SQL"), &[]),
    known(Action::StopSql, "stop-sql", key!("Stop the statement of SQL"), &[]),
    known(
        Action::TurnPicture,
        "picture",
        key!("As a table, or as a picture: a result, a statement’s rows, the map"),
        &[],
    ),
    known(
        Action::Mark,
        "mark",
        key!("Bookmark the entry, or all that are chosen; again: take the bookmark off"),
        &["m"],
    ),
    known(Action::NextMark, "next-mark", key!("Next bookmark"), &["u", "]"]),
    known(Action::PreviousMark, "previous-mark", key!("Previous bookmark"), &["U", "["]),
    known(Action::SaveView, "save-view", key!("Save this view…"), &[]),
    known(Action::NoteOnTime, "note-on-time", key!("Keep this time with a note, on the timeline"), &["M"]),
    known(Action::Undo, "undo", key!("Take back the last change of what is shown"), &["z", "Ctrl+Z"]),
    known(Action::Redo, "redo", key!("Make the change again"), &["Z", "Ctrl+Shift+Z", "Ctrl+Y"]),
    known(
        Action::Export,
        "export",
        key!("Save as a file: entries, the rows of a result, a case file; with pseudonyms"),
        &["x"],
    ),
    known(Action::Pseudonyms, "pseudonyms", key!("Pseudonyms that were given, and what they stand for"), &[]),
    known(Action::Names, "names", key!("Names of services: what you said of them, and a file of names"), &[]),
    known(Action::ForgetNames, "forget-names", key!("Names of services: all back to the rules"), &[]),
    known(Action::UndoNames, "undo-names", key!("Names of services: take back the last change"), &[]),
    known(Action::RedoNames, "redo-names", key!("Names of services: make the change again"), &[]),
    known(Action::OpenFiles, "open-files", key!("Open files…"), &[]),
    known(Action::OpenFolder, "open-folder", key!("Open folder…"), &[]),
    known(Action::RemoveAll, "remove-all", key!("Remove all sources…"), &[]),
    known(Action::HowRead, "how-read", key!("How the file of this entry is read…"), &[]),
    known(Action::TimelineSvg, "timeline-svg", key!("Save the timeline as a picture: SVG"), &[]),
    known(Action::TimelinePng, "timeline-png", key!("Save the timeline as a picture: PNG"), &[]),
    known(Action::Zone, "zone", key!("Time zone"), &[]),
    known(Action::Theme, "theme", key!("Light, dark, or as the system says"), &[]),
    known(Action::Language, "language", key!("Language: 中文"), &[]),
    known(Action::Help, "help", key!("Keys and help"), &["?"]),
    known(Action::QueryHelp, "query-help", key!("How to search"), &[]),
    known(Action::Tour, "tour", key!("A tour in five steps"), &[]),
];

type Handler = Rc<dyn Fn(Action) -> bool>;

/// Who does what; handles only.
#[derive(Clone, Copy)]
pub struct Actions {
    handlers: StoredValue<Vec<Handler>, LocalStorage>,
    /// Keys that the user chose, by the actions' names.
    chosen: RwSignal<BTreeMap<String, String>>,
}

impl Actions {
    pub fn new() -> Self {
        let chosen = kept::read("keys").unwrap_or_default();
        let pairs = chosen.lines().filter_map(|line| line.split_once(' '));
        let chosen = pairs.map(|(id, key)| (id.to_owned(), key.to_owned())).collect();
        Self { handlers: StoredValue::new_local(Vec::new()), chosen: RwSignal::new(chosen) }
    }

    /// `handler` says whether it did it. Those that came last are asked first.
    pub fn on(self, handler: impl Fn(Action) -> bool + 'static) {
        self.handlers.update_value(|handlers| handlers.push(Rc::new(handler)));
    }

    pub fn act(self, action: Action) -> bool {
        let handlers = self.handlers.get_value();
        handlers.iter().rev().any(|handler| handler(action))
    }

    /// The action of a key as [`key_name`] calls it.
    pub fn of_key(self, key: &str) -> Option<Action> {
        let known = ACTIONS.iter().find(|known| self.keys(known).iter().any(|own| own == key));
        known.map(|known| known.action)
    }

    pub fn keys(self, known: &Known) -> Vec<String> {
        self.chosen.with(|chosen| keys_of(known, chosen))
    }

    /// From now on this key does it, and nothing else does; `None`: the usual ones.
    pub fn choose(self, known: &Known, key: Option<String>) {
        self.chosen.update(|chosen| {
            chosen.remove(known.id);
            if let Some(key) = key {
                chosen.retain(|_, taken| *taken != key);
                chosen.insert(known.id.to_owned(), key);
            }
            kept::write("keys", &chosen.iter().map(|(id, key)| format!("{id} {key}\n")).collect::<String>());
        });
    }

    pub fn is_changed(self, known: &Known) -> bool {
        self.chosen.with(|chosen| chosen.contains_key(known.id))
    }
}

/// Those with Ctrl stay, whatever else is chosen.
fn keys_of(known: &Known, chosen: &BTreeMap<String, String>) -> Vec<String> {
    let own = chosen.get(known.id);
    let is_taken = |key: &str| chosen.values().any(|taken| taken == key);
    let is_usual = |key: &&&str| (own.is_none() || key.starts_with("Ctrl+")) && !is_taken(key);
    own.cloned().into_iter().chain(known.keys.iter().filter(is_usual).map(|&key| key.to_owned())).collect()
}

/// Those that are held with Ctrl: most work while one types.
pub fn held(event: &ev::KeyboardEvent) -> Option<Action> {
    let is_with_ctrl = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
    let is_held = is_with_ctrl && !event.shift_key();
    match event.key().to_ascii_lowercase().as_str() {
        "k" if is_held => Some(Action::Palette),
        "f" if is_held && !keys::is_behind_dialog() => Some(Action::Find),
        "z" if is_with_ctrl && !keys::is_in_text(event) && !keys::is_behind_popup() => {
            Some(if is_held { Action::Undo } else { Action::Redo })
        }
        // ⌘Y is the browser's.
        "y" if is_held && event.ctrl_key() && !keys::is_in_text(event) && !keys::is_behind_popup() => {
            Some(Action::Redo)
        }
        _ => None,
    }
}

/// What a key press is called here: "j", "G", "Shift+Space".
pub fn key_name(key: &str, shift: bool) -> String {
    match (key, shift) {
        (" ", false) => "Space".to_owned(),
        (" ", true) => "Shift+Space".to_owned(),
        (key, _) => key.to_owned(),
    }
}

/// A key as people read it.
pub fn shown_key(key: &str) -> &str {
    match key {
        "ArrowDown" => "↓",
        "ArrowUp" => "↑",
        "ArrowLeft" => "←",
        "ArrowRight" => "→",
        "PageDown" => "Page↓",
        "PageUp" => "Page↑",
        "Escape" => "Esc",
        key => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_have_a_key_or_a_name_in_common() {
        let keys: Vec<_> = ACTIONS.iter().flat_map(|known| known.keys).collect();
        let ids: Vec<_> = ACTIONS.iter().map(|known| known.id).collect();
        for list in [keys.iter().map(|key| **key).collect::<Vec<_>>(), ids] {
            let distinct: std::collections::BTreeSet<_> = list.iter().collect();
            assert_eq!(distinct.len(), list.len());
        }
    }

    #[test]
    fn another_key_is_beside_the_one_with_ctrl_and_no_one_elses() {
        let of = |action: Action| ACTIONS.iter().find(|known| known.action == action).unwrap();
        let chosen = [("undo".to_owned(), "Z".to_owned())].into_iter().collect();
        assert_eq!(keys_of(of(Action::Undo), &chosen), ["Z", "Ctrl+Z"]);
        assert_eq!(keys_of(of(Action::Redo), &chosen), ["Ctrl+Shift+Z", "Ctrl+Y"]);
        assert_eq!(keys_of(of(Action::Undo), &BTreeMap::new()), ["z", "Ctrl+Z"]);
    }

    #[test]
    fn shift_is_named_where_the_key_is_not_another_one_with_it() {
        assert_eq!((key_name(" ", true), key_name("G", true)), ("Shift+Space".to_owned(), "G".to_owned()));
    }
}
