//! Where a statement is written: completion at the cursor, and a mark where SQLite sees something wrong.

use leptos::ev;
use leptos::html::Textarea;
use leptos::prelude::*;
use model::say;

use super::complete::{Suggestions, suggestions};

/// Where SQLite stopped reading the statement that was run last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    pub text: String,
    pub at: Option<usize>,
}

#[component]
pub fn Editor(
    text: RwSignal<String>,
    fields: Signal<Vec<String>>,
    wrong: Memo<Wrong>,
    run: Callback<()>,
    field: NodeRef<Textarea>,
) -> impl IntoView {
    let offered = RwSignal::new(Suggestions::default());
    let active = RwSignal::new(0);
    let scrolled = RwSignal::new((0, 0));
    let look = move |is_asked_for: bool| {
        let Some(caret) = caret_of(field) else { return };
        active.set(0);
        offered.set(
            fields.with_untracked(|fields| text.with_untracked(|text| suggestions(text, caret, fields, is_asked_for))),
        );
    };
    let close = move || offered.set(Suggestions::default());
    let accept = move |place: usize| {
        let Some((start, end, chosen)) =
            offered.with_untracked(|offered| Some((offered.start, offered.end, offered.list.get(place)?.text.clone())))
        else {
            return;
        };
        put(field, text, start..end, &chosen);
        close();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let n = offered.with_untracked(|offered| offered.list.len());
        let is_held = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "Enter" if is_held => {
                close();
                run.run(());
            }
            " " if event.ctrl_key() => look(true),
            "ArrowDown" if n > 0 => active.update(|active| *active = (*active + 1) % n),
            "ArrowUp" if n > 0 => active.update(|active| *active = (*active + n - 1) % n),
            "Tab" | "Enter" if n > 0 && !event.shift_key() && !is_held => accept(active.get_untracked()),
            "Escape" if n > 0 => close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let written = move || {
        let wrong = wrong.get();
        let range = wrong.at.filter(|_| text.with(|text| *text == wrong.text)).map(|at| token_at(&wrong.text, at));
        let Some(range) = range else { return ().into_any() };
        let (before, token) = (wrong.text[..range.start].to_owned(), wrong.text[range].to_owned());
        view! { {before}<span class="wrong">{if token.is_empty() { " ".to_owned() } else { token }}</span> }.into_any()
    };
    let place = move || {
        let (line, column) = text.with(|text| offered.with(|offered| line_and_column(text, offered.start)));
        let (left, top) = scrolled.get();
        format!("translate(calc({column}ch - {left}px), calc({}lh - {top}px))", line + 1)
    };
    let item = move |(at, suggestion): (usize, super::complete::Suggestion)| {
        view! {
            <li role="option" id=option_id(at) aria-selected=move || (active.get() == at).to_string()
                on:pointerdown=move |event| { event.prevent_default(); accept(at); }>
                <code>{suggestion.text}</code><small>{suggestion.kind}</small>
            </li>
        }
    };
    let has_some = Memo::new(move |_| offered.with(|offered| !offered.list.is_empty()));
    view! {
        <div class="sql-editor">
            <div class="written" aria-hidden="true">
                <div style:transform=move || format!("translate(-{}px, -{}px)", scrolled.get().0, scrolled.get().1)>{written}</div>
            </div>
            <textarea id="sql-text" node_ref=field spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"
                aria-label="SQL" aria-autocomplete="list" aria-controls="sql-suggestions" aria-describedby="sql-said"
                aria-activedescendant=move || has_some.get().then(|| option_id(active.get()))
                placeholder="SELECT service, count(*) FROM entries GROUP BY service"
                prop:value=move || text.get()
                on:input=move |event| { text.set(event_target_value(&event)); look(false); }
                on:click=move |_| close() on:blur=move |_| close()
                on:scroll=move |_| scrolled.set(field.get_untracked().map_or((0, 0), |field| (field.scroll_left(), field.scroll_top())))
                on:keydown=on_key></textarea>
            <ul id="sql-suggestions" role="listbox" aria-label=say!("Suggestions") hidden=move || !has_some.get() style:transform=place>
                {move || offered.get().list.into_iter().enumerate().map(item).collect_view()}
            </ul>
        </div>
    }
}

fn option_id(place: usize) -> String {
    format!("sql-suggestion-{place}")
}

fn caret_of(field: NodeRef<Textarea>) -> Option<usize> {
    let field = field.get_untracked()?;
    let units = field.selection_start().ok().flatten()? as usize;
    let text = field.value();
    let mut n_units = 0;
    let found = text.char_indices().find(|(_, c)| {
        let is_here = n_units >= units;
        n_units += c.len_utf16();
        is_here
    });
    Some(found.map_or(text.len(), |(at, _)| at))
}

/// Writes in place of a part of the statement, with the cursor behind it.
fn put(field: NodeRef<Textarea>, text: RwSignal<String>, range: std::ops::Range<usize>, piece: &str) {
    let Some((before, after)) =
        text.with_untracked(|text| Some((text.get(..range.start)?.to_owned(), text.get(range.end..)?.to_owned())))
    else {
        return;
    };
    let caret = (before.clone() + piece).encode_utf16().count() as u32;
    let whole = before + piece + &after;
    text.set(whole.clone());
    if let Some(field) = field.get_untracked() {
        field.set_value(&whole);
        // Refused only by fields without text.
        let _ = field.set_selection_range(caret, caret);
        let _ = field.focus();
    }
}

/// Writes where the cursor is.
pub fn insert(field: NodeRef<Textarea>, text: RwSignal<String>, piece: &str) {
    let caret = caret_of(field).unwrap_or(usize::MAX).min(text.with_untracked(String::len));
    put(field, text, caret..caret, piece);
}

/// The word, or the sign, that begins there.
fn token_at(text: &str, at: usize) -> std::ops::Range<usize> {
    let start = (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let rest = &text[start..];
    let n_bytes = match rest.chars().next() {
        Some(first) if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
        Some(first) => first.len_utf8(),
        None => 0,
    };
    start..start + n_bytes
}

/// Both from 0, in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count(), before[line_start..].chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_marked_as_a_whole_word() {
        assert_eq!(token_at("SELECT leve FROM entries", 7), 7..11);
        assert_eq!(token_at("SELECT ) x", 7), 7..8);
        assert_eq!(token_at("SELECT", 6), 6..6);
    }

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        assert_eq!(line_and_column("SELECT\n  é, x", 12), (1, 4));
        assert_eq!(line_and_column("", 0), (0, 0));
    }
}
