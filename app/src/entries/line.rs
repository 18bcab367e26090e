//! A text cut into pieces of one look: coloured or not, matched or not, message or field.

use std::borrow::Cow;

use leptos::prelude::*;
use model::colour::{Look, Paint, Painted, painted};
use model::entry::Row;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_match: bool,
    /// After the message: `name=value` of a field.
    pub is_field: bool,
    pub look: Look,
}

/// The pieces, joined, are the row's text. Ranges that do not fit the text are left out.
pub fn pieces(row: &Row) -> Vec<Piece> {
    cut(&row.text, row.message_bytes as usize, &row.highlights, &row.paints)
}

/// A match further on than this may be out of sight in a row of one line.
const SEEN_CHARS: usize = 90;
/// What is left of the beginning then, and before the match.
const LEFT_CHARS: usize = 40;
const BEFORE_MATCH_CHARS: usize = 24;

/// The same, with the middle left out where the first match would else be too far on to be seen.
pub fn pieces_in_sight(row: &Row) -> Vec<Piece> {
    let mut pieces = pieces(row);
    let n_chars = |piece: &Piece| piece.text.chars().count();
    let Some(first) = pieces.iter().position(|piece| piece.is_match) else { return pieces };
    let n_before: usize = pieces[..first].iter().map(n_chars).sum();
    if n_before <= SEEN_CHARS {
        return pieces;
    }
    let (mut shown, mut at) = (Vec::new(), 0);
    for piece in pieces.drain(..first) {
        let chars: Vec<char> = piece.text.chars().collect();
        let n = chars.len();
        let beginning: String = chars[..LEFT_CHARS.saturating_sub(at).min(n)].iter().collect();
        let end: String = chars[(n_before - BEFORE_MATCH_CHARS).saturating_sub(at).min(n)..].iter().collect();
        let has_gap = at < LEFT_CHARS && at + n >= LEFT_CHARS;
        for text in [beginning, if has_gap { " … ".to_owned() } else { String::new() }, end] {
            if !text.is_empty() {
                shown.push(Piece { text, ..piece.clone() });
            }
        }
        at += n;
    }
    shown.extend(pieces);
    shown
}

fn cut(text: &str, message_end: usize, highlights: &[(u32, u32)], paints: &[Paint]) -> Vec<Piece> {
    let mut cuts = vec![0, text.len(), message_end];
    for &(start, end) in highlights {
        cuts.extend([start as usize, end as usize]);
    }
    for paint in paints {
        cuts.extend([paint.start as usize, paint.end as usize]);
    }
    cuts.retain(|&cut| text.is_char_boundary(cut));
    cuts.sort_unstable();
    cuts.dedup();
    // Both are in order, as the pieces are.
    let is_match = |start: usize, end: usize| {
        let next = highlights.partition_point(|&(_, to)| (to as usize) < end);
        highlights.get(next).is_some_and(|&(from, _)| from as usize <= start)
    };
    let look = |start: usize, end: usize| {
        let next = paints.partition_point(|paint| (paint.end as usize) < end);
        paints.get(next).filter(|paint| is_in(paint, start, end)).map(|paint| paint.look).unwrap_or_default()
    };
    let piece = |(start, end): (usize, usize)| Piece {
        text: text[start..end].to_owned(),
        is_match: is_match(start, end),
        is_field: start >= message_end,
        look: look(start, end),
    };
    cuts.windows(2).map(|cut| piece((cut[0], cut[1]))).collect()
}

fn is_in(paint: &Paint, start: usize, end: usize) -> bool {
    paint.start as usize <= start && end <= paint.end as usize
}

/// The class of a look, as the style sheet names it; empty for the usual one.
pub fn class(look: Look) -> String {
    let ink = look.ink.map(|ink| format!("ink-{}", ink.name())).unwrap_or_default();
    if look.bold { format!("{ink} bold") } else { ink }
}

/// Any text in its terminal colours, or the beginning of one, with what was matched in it; the ranges are of the text
/// without its colours.
pub fn marked(text: &str, highlights: &[(u32, u32)]) -> AnyView {
    let painted = painted(text).unwrap_or_else(|| Painted { text: text.to_owned(), paints: Vec::new() });
    let end = painted.text.len();
    let fitting = highlights.partition_point(|&(_, to)| to as usize <= end);
    cut(&painted.text, end, &highlights[..fitting], &painted.paints).into_iter().map(piece).collect_view().into_any()
}

/// A piece as rows and details show it.
pub fn piece(piece: Piece) -> AnyView {
    let class = if piece.is_field { "rest".to_owned() } else { class(piece.look) };
    let text = visible(&piece.text).into_owned();
    match piece.is_match {
        true => view! { <mark>{text}</mark> }.into_any(),
        false if class.is_empty() => text.into_any(),
        false => view! { <span class=class>{text}</span> }.into_any(),
    }
}

/// Characters that cannot be seen, or that turn the order of those around them, are shown by picture or number: a log must not
/// say other than it seems to (Boucher & Anderson, *Trojan Source*, 2021).
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match u32::from(c) {
            // Control pictures stand in the order of the controls.
            code @ 0..0x20 if is_hidden(c) => seen.extend(char::from_u32(0x2400 + code)),
            0x7f => seen.push('␡'),
            code if is_hidden(c) => seen += &format!("⟨U+{code:04X}⟩"),
            _ => seen.push(c),
        }
    }
    Cow::Owned(seen)
}

/// Not those that join letters or emoji: texts need them.
fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' => false,
        '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::colour::Ink;

    fn check(text: &str, message_bytes: u32, highlights: &[(u32, u32)], expected: &str) {
        check_painted(text, message_bytes, highlights, &[], expected);
    }

    fn check_painted(text: &str, message_bytes: u32, highlights: &[(u32, u32)], paints: &[Paint], expected: &str) {
        let row = Row {
            text: text.to_owned(),
            message_bytes,
            highlights: highlights.to_vec(),
            paints: paints.to_vec(),
            ..Row::default()
        };
        let pieces = pieces(&row);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        let shown: Vec<_> = pieces
            .into_iter()
            .map(|piece| match (piece.is_match, piece.is_field) {
                (true, _) => format!("{}[{}]", class(piece.look), piece.text),
                (false, true) => format!("({})", piece.text),
                (false, false) if piece.look != Look::default() => format!("{}<{}>", class(piece.look), piece.text),
                (false, false) => piece.text,
            })
            .collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn matches_are_cut_out() {
        check("order paid user=eve", 10, &[(6, 10), (16, 19)], "order |[paid]|( user=)|[eve]");
        check("all of it", 9, &[(0, 9)], "[all of it]");
        check("", 0, &[], "");
    }

    #[test]
    fn a_match_may_span_message_and_fields() {
        check("ab cd", 2, &[(1, 4)], "a|[b]|[ c]|(d)");
    }

    #[test]
    fn a_match_far_on_is_brought_into_sight() {
        let row = |text: &str, highlights: &[(u32, u32)]| Row {
            text: text.to_owned(),
            message_bytes: text.len() as u32,
            highlights: highlights.to_vec(),
            ..Row::default()
        };
        let shown = |row: &Row| pieces_in_sight(row).into_iter().map(|piece| piece.text).collect::<String>();
        let long = format!("{}{}FOUND after", "a".repeat(60), "b".repeat(60));
        let expected = format!("{} … {}FOUND after", "a".repeat(40), "b".repeat(24));
        assert_eq!(shown(&row(&long, &[(120, 125)])), expected);
        assert_eq!(shown(&row(&long, &[])), long);
        assert_eq!(shown(&row("near FOUND", &[(5, 10)])), "near FOUND");
    }

    #[test]
    fn a_match_keeps_its_colours() {
        let look = Look { ink: Some(Ink::Red), bold: true };
        let paint = Paint { start: 0, end: 5, look };
        check_painted("ERROR disk", 10, &[(3, 10)], &[paint], "ink-red bold<ERR>|ink-red bold[OR]|[ disk]");
    }

    #[test]
    fn what_hides_or_turns_text_is_seen() {
        assert_eq!(visible("user\u{202e}nimda\u{202c}"), "user⟨U+202E⟩nimda⟨U+202C⟩");
        assert_eq!(visible("a\0b\u{1b}[0m\u{7f}\u{85}"), "a␀b␛[0m␡⟨U+0085⟩");
        for plain in ["one\r\n\ttwo", "👩\u{200d}🚒", "سلام"] {
            assert_eq!(visible(plain), plain);
        }
    }

    #[test]
    fn ranges_that_do_not_fit_are_left_out() {
        check("aé", 3, &[(2, 9)], "aé");
    }
}
