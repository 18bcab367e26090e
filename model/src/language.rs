//! Every sentence in the user's language: the English text in the source is its key, a catalogue has the other one.
//!
//! ```
//! use model::say;
//! assert_eq!(say!("Open files…"), "Open files…");
//! assert_eq!(say!("{} of {path}, {:.1} %", 3, "a.log", 12.34), "3 of a.log, 12.3 %");
//! ```
//! A catalogue is a text of pairs of lines, English and translated, with empty lines between; `#` begins a remark. A
//! translation names the values as its key does, or by number where those have no name (`{0}`), in any order.
//! `cargo xtask check` holds that no text of the page lacks its translation. The data thread has no catalogue: what it
//! says is English, and told by [`retold`] on the page.

use std::cell::Cell;
use std::fmt::{Display, Write as _};

/// A text in the user's language; with values for its holes (`{}`, `{name}`, `{:.1}`), in the order of the English text.
#[macro_export]
macro_rules! say {
    ($text:literal) => {
        $crate::language::told($text)
    };
    ($text:literal, $($value:expr),+ $(,)?) => {{
        const { assert!($crate::language::n_holes($text) == [$(stringify!($value)),+].len(), "a value for each hole") };
        $crate::language::filled($text, &[$(&$value as &dyn ::std::fmt::Display),+])
    }};
}

/// A text that is told later, by [`told`] or [`filled`]: for tables of constants.
#[macro_export]
macro_rules! key {
    ($text:literal) => {
        $text
    };
}

/// `(1, "entry", "entries")` → the two texts of a count, to be chosen from by [`counted`].
#[macro_export]
macro_rules! counted {
    ($number:expr, $one:literal, $many:literal $(,)?) => {
        $crate::language::counted($number, concat!("{} ", $one), concat!("{} ", $many))
    };
}

/// Sorted by the English text.
struct Catalogue {
    pairs: Vec<(&'static str, &'static str)>,
}

impl Catalogue {
    fn find(&self, text: &str) -> Option<&'static str> {
        let at = self.pairs.binary_search_by(|(known, _)| (*known).cmp(text)).ok()?;
        Some(self.pairs[at].1)
    }
}

thread_local! {
    static CATALOGUE: Cell<Option<&'static Catalogue>> = const { Cell::new(None) };
}

/// From now on this thread speaks by this catalogue; `None`: English.
pub fn speak(catalogue: Option<String>) {
    // A page reads its language once, or when somebody changes it: what it reads stays until it is closed.
    CATALOGUE.set(catalogue.map(|text| {
        let mut pairs: Vec<_> = pairs(text.leak()).collect();
        pairs.sort_unstable();
        &*Box::leak(Box::new(Catalogue { pairs }))
    }));
}

/// Whether this thread speaks English.
pub fn is_english() -> bool {
    CATALOGUE.get().is_none()
}

/// The English and the other text of each entry of a catalogue.
pub fn pairs(catalogue: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut lines = catalogue.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
}

/// See [`say!`].
#[inline(never)] // It has a thousand callers.
pub fn told(text: &'static str) -> &'static str {
    CATALOGUE.get().and_then(|catalogue| catalogue.find(text)).unwrap_or(text)
}

/// See [`say!`]: `values` in the order of the holes of `text`.
pub fn filled(text: &str, values: &[&dyn Display]) -> String {
    let translated = CATALOGUE.get().and_then(|catalogue| catalogue.find(text));
    let holes = holes(text);
    let mut out = String::new();
    let (mut n_nameless, template) = (0, translated.unwrap_or(text));
    for piece in pieces(template) {
        let Piece::Hole(hole) = piece else {
            let Piece::Text(part) = piece else { continue };
            out.push_str(part);
            continue;
        };
        let at = place(&holes, hole.name, &mut n_nameless);
        let Some((value, known)) = at.and_then(|at| Some((values.get(at)?, holes.get(at)?))) else { continue };
        // Writing to a string never fails.
        let _ = match known.digits {
            Some(digits) => write!(out, "{value:.digits$}"),
            None => write!(out, "{value}"),
        };
    }
    out
}

/// A number, grouped by three, with its noun: `1 entry`, `2,000 entries`. Translations have one form, that of many.
pub fn counted(number: u64, one: &'static str, many: &'static str) -> String {
    let text = if number == 1 && is_english() { one } else { many };
    filled(text, &[&crate::quantity::grouped(number)])
}

/// A sentence that another thread finished in English, told again: by its own text, or by the text with holes that it was made
/// from, the values in it as they are. What no catalogue knows stays.
pub fn retold(sentence: &str) -> String {
    let Some(catalogue) = CATALOGUE.get() else { return sentence.to_owned() };
    if let Some(told) = catalogue.find(sentence) {
        return told.to_owned();
    }
    let texts = catalogue.pairs.iter().map(|(text, _)| *text);
    let fitting = texts.filter_map(|text| Some((said_by(text)?, text, values_in(text, sentence)?)));
    let Some((_, text, values)) = fitting.max_by_key(|(n_said, ..)| *n_said) else { return sentence.to_owned() };
    // A value of one word is a name; one of several may be a part of the sentence that was finished before it.
    let values: Vec<String> =
        values.into_iter().map(|value| if value.contains(' ') { retold(value) } else { value.to_owned() }).collect();
    let shown: Vec<&dyn Display> = values.iter().map(|value| value as &dyn Display).collect();
    filled(text, &shown)
}

/// How many letters a text with holes has of its own; `None` where they are too few to know a sentence by.
fn said_by(text: &str) -> Option<usize> {
    const ENOUGH: usize = 6;
    let letters = |piece| match piece {
        Piece::Text(part) => part.chars().filter(|c| c.is_alphabetic()).count(),
        Piece::Hole(_) => 0,
    };
    let has_holes = pieces(text).any(|piece| matches!(piece, Piece::Hole(_)));
    let n_letters = pieces(text).map(letters).sum();
    (has_holes && n_letters >= ENOUGH).then_some(n_letters)
}

/// What stands in the holes of `text` for it to be `sentence`; each value as short as can be.
fn values_in<'s>(text: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut rest = sentence;
    let mut values: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let pieces: Vec<Piece> = pieces(text).collect();
    for (at, piece) in pieces.iter().enumerate() {
        let hole = match piece {
            Piece::Text(part) => {
                rest = rest.strip_prefix(part)?;
                continue;
            }
            Piece::Hole(hole) => hole,
        };
        // Of two holes beside each other the first has it all.
        let next = pieces[at + 1..].iter().position(|piece| matches!(piece, Piece::Text(_)));
        let until = match next.map(|next| (&pieces[at + 1 + next], at + 2 + next == pieces.len())) {
            Some((Piece::Text(part), true)) => rest.len().checked_sub(part.len())?,
            Some((Piece::Text(part), false)) => rest.find(part)?,
            _ => rest.len(),
        };
        let value = rest.get(..until)?;
        rest = &rest[until..];
        match names.iter().position(|name| !name.is_empty() && *name == hole.name) {
            Some(known) if values[known] != value => return None,
            Some(_) => {}
            None => {
                names.push(hole.name);
                values.push(value);
            }
        }
    }
    rest.is_empty().then_some(values)
}

enum Piece<'t> {
    Text(&'t str),
    Hole(Hole<'t>),
}

struct Hole<'t> {
    /// Empty where it has none.
    name: &'t str,
    /// Behind the point.
    digits: Option<usize>,
}

/// `{{` and `}}` are braces, as in `format!`.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = match rest.find(['{', '}']) {
            None => (Piece::Text(rest), ""),
            Some(0) if rest.starts_with("{{") || rest.starts_with("}}") => (Piece::Text(&rest[..1]), &rest[2..]),
            Some(0) if rest.starts_with('}') => (Piece::Text(&rest[..1]), &rest[1..]),
            Some(0) => {
                let (inside, after) = rest[1..].split_once('}').unwrap_or((&rest[1..], ""));
                let (name, form) = inside.split_once(':').unwrap_or((inside, ""));
                (
                    Piece::Hole(Hole { name, digits: form.strip_prefix('.').and_then(|digits| digits.parse().ok()) }),
                    after,
                )
            }
            Some(at) => (Piece::Text(&rest[..at]), &rest[at..]),
        };
        rest = after;
        Some(piece)
    })
}

/// Those that want a value of their own: a name that comes again is the same one.
fn holes(text: &str) -> Vec<Hole<'_>> {
    let mut holes: Vec<Hole> = Vec::new();
    for piece in pieces(text) {
        if let Piece::Hole(hole) = piece
            && (hole.name.is_empty() || holes.iter().all(|known| known.name != hole.name))
        {
            holes.push(hole);
        }
    }
    holes
}

/// Which of the holes one of a translation is: by name, by number, or the next of those that have no name.
fn place(holes: &[Hole], name: &str, n_nameless: &mut usize) -> Option<usize> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    if name.is_empty() {
        *n_nameless += 1;
        let mut nameless = holes.iter().enumerate().filter(|(_, hole)| hole.name.is_empty());
        return nameless.nth(*n_nameless - 1).map(|(at, _)| at);
    }
    holes.iter().position(|hole| hole.name == name)
}

/// The places of the values that a text or its translation shows, sorted: the two must have the same.
pub fn shown_values(text: &str, template: &str) -> Vec<Option<usize>> {
    let holes = holes(text);
    let mut n_nameless = 0;
    let shown = pieces(template).filter_map(|piece| match piece {
        Piece::Hole(hole) => Some(place(&holes, hole.name, &mut n_nameless).filter(|&at| at < holes.len())),
        Piece::Text(_) => None,
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_unstable();
    shown.dedup();
    shown
}

/// How many values a text wants; as [`holes`], for the compiler.
pub const fn n_holes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut n) = (0, 0);
    while at < bytes.len() {
        let is_double = at + 1 < bytes.len() && bytes[at + 1] == bytes[at];
        match bytes[at] {
            b'{' | b'}' if is_double => at += 2,
            b'{' => {
                at += 1;
                if !is_named_before(bytes, at) {
                    n += 1;
                }
            }
            _ => at += 1,
        }
    }
    n
}

/// Whether the hole whose name begins at `start` has a name, and one before it has the same.
const fn is_named_before(bytes: &[u8], start: usize) -> bool {
    let mut end = start;
    while end < bytes.len() && bytes[end] != b'}' && bytes[end] != b':' {
        end += 1;
    }
    let n = end - start;
    let mut at = 0;
    while n > 0 && at + n + 2 < start {
        let mut same = 0;
        while same < n && bytes[at + 1 + same] == bytes[start + same] {
            same += 1;
        }
        if bytes[at] == b'{' && same == n && matches!(bytes[at + 1 + n], b'}' | b':') {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = "# Of a test\nOpen files…\n打开文件…\n\n{} of {path}, {:.1} %\n{path}: {0} 个，{2} %\n\n{} entries\n{} 条\n\n\
                             The file {how}, which cannot be read here.\n此文件{how}，无法读取。\n\nis packed with {}\n使用 {} 压缩\n";

    fn in_chinese<T>(of: impl FnOnce() -> T) -> T {
        speak(Some(CATALOGUE.to_owned()));
        let answer = of();
        speak(None);
        answer
    }

    #[test]
    fn english_is_what_the_source_says() {
        assert_eq!(say!("Open files…"), "Open files…");
        assert_eq!(say!("{{{name}}} is {}, {name}", "a", 1), "{a} is 1, a");
        assert_eq!(
            (counted!(1, "entry", "entries"), counted!(2_000, "entry", "entries")),
            ("1 entry".into(), "2,000 entries".into())
        );
        assert_eq!(retold("Open files…"), "Open files…");
    }

    #[test]
    fn a_translation_puts_the_values_where_it_wants_them() {
        in_chinese(|| {
            assert_eq!(say!("Open files…"), "打开文件…");
            assert_eq!(say!("{} of {path}, {:.1} %", 3, "a.log", 12.34), "a.log: 3 个，12.3 %");
            assert_eq!(
                (counted!(1, "entry", "entries"), counted!(2_000, "entry", "entries")),
                ("1 条".into(), "2,000 条".into())
            );
            assert_eq!(say!("Not in the catalogue"), "Not in the catalogue");
        });
    }

    #[test]
    fn a_finished_sentence_is_told_by_the_text_it_was_made_from() {
        in_chinese(|| {
            let sentence = "The file is packed with LZMA, which cannot be read here.";
            assert_eq!(retold(sentence), "此文件使用 LZMA 压缩，无法读取。");
            assert_eq!(retold("some other sentence"), "some other sentence");
            assert_eq!(retold("3 of a of b, 7 %"), "3 of a of b, 7 %");
        });
    }

    #[test]
    fn the_compiler_counts_holes_as_they_are_filled() {
        for text in ["", "{} {}", "{a} {b} {a}", "{{}} {a:.1} {a}", "{{{name}}}", "{a} {ab} {a}{b}"] {
            assert_eq!(n_holes(text), holes(text).len(), "{text}");
        }
    }

    #[test]
    fn a_translation_that_forgets_a_value_is_told() {
        let text = "{} of {path}";
        assert_eq!(shown_values(text, text), shown_values(text, "{path} 中的 {}"));
        assert_ne!(shown_values(text, text), shown_values(text, "{path}"));
        assert_ne!(shown_values(text, text), shown_values(text, "{path} {} {other}"));
    }
}
