//! Entries that are a block of lines with a name and a value each: `journalctl -o export` and its like.

use std::ops::Range;

use memchr::memmem;

use super::clock::Clock;
use super::members::{HeadMembers, OpenMembers, typed, whole_stamp, whole_time};
use super::opening::{LENGTH_BYTES, names_sized};
use super::vocabulary::{Role, Vocabulary};
use super::{Head, Parsed};

/// A time behind more words is part of a text.
const MOST_WORDS: usize = 4;

/// A block with more lines is a dump; its first ones are enough.
const MOST_LINES: usize = 512;

/// How the lines of a block are written.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Between name and value.
    pub separator: String,
    /// May stand before a name (`-   ReqURL`), and before the value of such a line (`*   << Request  >> 32770`).
    pub marks: String,
    /// A name alone in its line has a value of any bytes below it, its length before them.
    pub may_be_sized: bool,
}

impl Lines {
    fn without_marks<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let is_mark = |byte: &&u8| byte.is_ascii_whitespace() || self.marks.as_bytes().contains(byte);
        &text[text.iter().take_while(is_mark).count()..]
    }
}

/// Name and value of each line that has both.
fn pairs<'t>(text: &'t [u8], lines: &'t Lines) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + 't {
    let mut start = 0;
    text.split(|&byte| byte == b'\n').take(MOST_LINES).filter_map(move |line| {
        let from = start;
        start += line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let from = from + line.len();
        let behind_marks = if lines.marks.is_empty() { line } else { lines.without_marks(line) };
        let len = memmem::find(behind_marks, lines.separator.as_bytes())?;
        let name = behind_marks[..len].trim_ascii();
        let name_start = from - behind_marks.trim_ascii_start().len();
        let behind_name = &behind_marks[len + lines.separator.len()..];
        let behind_name =
            if lines.marks.is_empty() { behind_name.trim_ascii_start() } else { lines.without_marks(behind_name) };
        let value = behind_name.trim_ascii_end();
        let value_start = from - behind_name.len();
        let is_name = !name.is_empty() && name.len() <= 64 && !name.iter().any(u8::is_ascii_control);
        is_name.then(|| (name_start..name_start + name.len(), value_start..value_start + value.len()))
    })
}

pub fn head(text: &[u8], lines: &Lines, vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let mut found = HeadMembers::new(text, &vocabulary.levels, clock);
    let mut n_pairs = 0;
    for (name, value) in pairs(text, lines) {
        n_pairs += 1;
        if let Some(role) = vocabulary.names.look_up(&text[name]).role
            && !value.is_empty()
        {
            found.offer(role, if role == Role::Time { time_in(text, value) } else { value });
        }
    }
    (n_pairs > 0).then(|| found.finish())
}

/// The word of a value that is a time, where that is not all of it: `Start: 1795170225.123456 0.000000 0.000000`.
fn time_in(text: &[u8], value: Range<usize>) -> Range<usize> {
    let words = text[value.clone()].split(|&byte| byte == b' ');
    let starts = words.scan(value.start, |start, word| {
        let range = *start..*start + word.len();
        *start += word.len() + 1;
        Some(range)
    });
    let is_whole = whole_time(&text[value.clone()]).is_some();
    let word =
        if is_whole { None } else { starts.take(MOST_WORDS).find(|word| whole_stamp(&text[word.clone()]).is_some()) };
    word.unwrap_or(value)
}

pub fn parse(text: &str, lines: &Lines, vocabulary: &Vocabulary) -> Parsed {
    let mut open = OpenMembers::new(vocabulary);
    let mut n_pairs = 0;
    // A message that begins below its name goes on to the end.
    let mut rest = None;
    for (name, value) in pairs(text.as_bytes(), lines) {
        let behind = value.end;
        let (Some(name), Some(value)) = (text.get(name), text.get(value)) else { continue };
        n_pairs += 1;
        if !value.is_empty() {
            let written = match vocabulary.names.look_up(name.as_bytes()).role {
                Some(Role::Time) => &value[time_in(value.as_bytes(), 0..value.len())],
                _ => value,
            };
            open.offer(name.to_owned(), written, typed(value).into());
        } else if vocabulary.names.look_up(name.as_bytes()).role == Some(Role::Message) {
            rest = Some(behind);
            break;
        }
    }
    let mut parsed = open.finish();
    if lines.may_be_sized
        && let Some(message) = sized_message(text, vocabulary)
    {
        parsed.message = message.to_owned();
    }
    if let Some(rest) = rest {
        parsed.message = text[rest..].trim().to_owned();
    }
    if n_pairs == 0 {
        parsed.message = text.to_owned();
    }
    parsed
}

/// Where the message stands that [`parse`] finds, if it is the value of a line.
pub fn message(text: &[u8], lines: &Lines, vocabulary: &Vocabulary) -> Option<Range<usize>> {
    let known = pairs(text, lines).map(|(name, value)| (vocabulary.names.look_up(&text[name]), value));
    let messages = known.filter(|(known, value)| known.role == Some(Role::Message) && !value.is_empty());
    messages.min_by_key(|(known, _)| known.rank).map(|(_, value)| value)
}

/// The message whose length stands before it. That may be garbled where the text was made readable: it ends where the next
/// field begins.
fn sized_message<'t>(text: &'t str, vocabulary: &Vocabulary) -> Option<&'t str> {
    let is_message = |line: &str| {
        names_sized(line.as_bytes()) && vocabulary.names.look_up(line.as_bytes()).role == Some(Role::Message)
    };
    let mut lines = text.split('\n');
    let n_before: usize = lines.by_ref().take_while(|line| !is_message(line)).map(|line| line.len() + 1).sum();
    let behind_name = n_before + text.get(n_before..)?.find('\n')?;
    let value = &text[behind_name..];
    let (at, _) = value.char_indices().nth(1 + LENGTH_BYTES)?;
    // Lengths are small numbers.
    let is_length =
        |text: &str| text.chars().skip(LENGTH_BYTES / 2).take(LENGTH_BYTES / 2).eq(['\0'; LENGTH_BYTES / 2]);
    let begins_field = |line: &str, behind: &str| match line.split_once('=') {
        Some((name, _)) => names_sized(name.as_bytes()),
        None => names_sized(line.as_bytes()) && is_length(behind),
    };
    let mut end = at;
    for line in value[at..].split('\n') {
        let behind = value.get(end + line.len() + 1..).unwrap_or_default();
        if end > at && begins_field(line, behind) {
            break;
        }
        end += line.len() + 1;
    }
    Some(value[at..(end - 1).min(value.len())].trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_a_name_and_a_value() {
        let text = " A = 1 \r\nno pair\nB=x=y\n=none\nC=";
        let lines = Lines { separator: "=".to_owned(), ..Lines::default() };
        let read: Vec<_> = pairs(text.as_bytes(), &lines).map(|(name, value)| (&text[name], &text[value])).collect();
        assert_eq!(read, [("A", "1"), ("B", "x=y"), ("C", "")]);
    }

    #[test]
    fn a_message_of_many_lines_has_its_length_before_it() {
        let vocabulary = Vocabulary::shipped();
        let read = |text: &str| sized_message(text, &vocabulary).map(str::to_owned);
        let text = "__CURSOR=7\nMESSAGE\n\u{8}\0\0\0\0\0\0\0lost=7\n\n\n_PID=7\n";
        assert_eq!(read(text).as_deref(), Some("lost=7"));
        assert_eq!(read("MESSAGE\n\u{2}\0\0\0\0\0\0\0ab").as_deref(), Some("ab"));
        assert_eq!((read("MESSAGE=a\n"), read("MESSAGE\nab")), (None, None));
    }

    #[test]
    fn marks_before_names_are_no_part_of_them() {
        let text = "*   << Request  >> 32770\n-   ReqURL         /cart -7\n--  End";
        let lines = Lines { separator: " ".to_owned(), marks: "*-<>".to_owned(), ..Lines::default() };
        let read: Vec<_> = pairs(text.as_bytes(), &lines).map(|(name, value)| (&text[name], &text[value])).collect();
        assert_eq!(read, [("Request", "32770"), ("ReqURL", "/cart -7")]);
    }

    #[test]
    fn a_time_may_stand_among_other_words() {
        let time = |value: &str| value[time_in(value.as_bytes(), 0..value.len())].to_owned();
        assert_eq!(time("Start: 1795170225.123456 0.0 0.0"), "1795170225.123456");
        assert_eq!(time("2026-11-20 10:23:45"), "2026-11-20 10:23:45");
        assert_eq!(time("no time here at all"), "no time here at all");
    }
}
