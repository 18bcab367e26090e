//! Entries that are a block of lines with a name and a value each: `journalctl -o export` and its like.

use std::ops::Range;

use memchr::memmem;

use super::clock::Clock;
use super::members::{HeadMembers, OpenMembers, typed};
use super::vocabulary::{Role, Vocabulary};
use super::{Head, Parsed};

/// A block with more lines is a dump; its first ones are enough.
const MOST_LINES: usize = 512;

/// Name and value of each line that has both.
fn pairs<'t>(text: &'t [u8], separator: &'t str) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + 't {
    let mut start = 0;
    text.split(|&byte| byte == b'\n').take(MOST_LINES).filter_map(move |line| {
        let from = start;
        start += line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let len = memmem::find(line, separator.as_bytes())?;
        let name = line[..len].trim_ascii();
        let name_start = from + len - line[..len].trim_ascii_start().len();
        let value = line[len + separator.len()..].trim_ascii();
        let value_start = from + line.len() - line[len + separator.len()..].trim_ascii_start().len();
        let is_name = !name.is_empty() && name.len() <= 64 && !name.iter().any(u8::is_ascii_control);
        is_name.then(|| (name_start..name_start + name.len(), value_start..value_start + value.len()))
    })
}

pub fn head(text: &[u8], separator: &str, vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let mut found = HeadMembers::new(text, &vocabulary.levels, clock);
    let mut n_pairs = 0;
    for (name, value) in pairs(text, separator) {
        n_pairs += 1;
        if let Some(role) = vocabulary.names.look_up(&text[name]).role
            && !value.is_empty()
        {
            found.offer(role, value);
        }
    }
    (n_pairs > 0).then(|| found.finish())
}

pub fn parse(text: &str, separator: &str, vocabulary: &Vocabulary) -> Parsed {
    let mut open = OpenMembers::new(vocabulary);
    let mut n_pairs = 0;
    // A message that begins below its name goes on to the end.
    let mut rest = None;
    for (name, value) in pairs(text.as_bytes(), separator) {
        let behind = value.end;
        let (Some(name), Some(value)) = (text.get(name), text.get(value)) else { continue };
        n_pairs += 1;
        if !value.is_empty() {
            open.offer(name.to_owned(), value, typed(value).into());
        } else if vocabulary.names.look_up(name.as_bytes()).role == Some(Role::Message) {
            rest = Some(behind);
            break;
        }
    }
    let mut parsed = open.finish();
    if let Some(rest) = rest {
        parsed.message = text[rest..].trim().to_owned();
    }
    if n_pairs == 0 {
        parsed.message = text.to_owned();
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_a_name_and_a_value() {
        let text = " A = 1 \r\nno pair\nB=x=y\n=none\nC=";
        let read: Vec<_> = pairs(text.as_bytes(), "=").map(|(name, value)| (&text[name], &text[value])).collect();
        assert_eq!(read, [("A", "1"), ("B", "x=y"), ("C", "")]);
    }
}
