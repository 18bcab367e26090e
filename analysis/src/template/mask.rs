//! From a message to its shape: values (numbers, addresses, paths, quoted text, …) give way to one mark, words stay.
//!
//! In: the first line of a message. Out: its words with single spaces, [`SLOT`] for each value, and where the values stand.
//! Looks at one message alone and knows no program's words, so a shape is the same in every file. What only *may* be a
//! value (`eth0`, `mode=fast`) is marked as uncertain; whether it stays a value is decided when many messages are known.

use super::bytes::{CLASSES, COLON, DIGIT, DOT, SIGN, SPACE, is_delimiter, is_space};
use super::piece::{Guess, guess};
use super::reach::{closing_quote, compound, date, names_host, names_version, path, trim_dots};
use super::word::is_unit_of_size;
use crate::read::character_start;

pub use model::template::Kind;

/// Stands for a value in masked text; control characters of messages read as spaces, so it is never theirs.
pub const SLOT: u8 = 1;

/// Longer messages are masked up to here, their rest is one value.
const LONGEST_MESSAGE: usize = 4 << 10;

/// A value in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub start: u32,
    pub end: u32,
    pub kind: Kind,
    /// A value by its form alone, whatever other messages say.
    pub is_certain: bool,
}

/// A message's shape and values; kept and filled again, so that masking allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Masked {
    pub text: Vec<u8>,
    pub slots: Vec<Slot>,
}

impl Masked {
    fn clear(&mut self) {
        self.text.clear();
        self.slots.clear();
    }

    fn slot(&mut self, start: usize, end: usize, kind: Kind, is_certain: bool) {
        let (start, end) = (start as u32, end as u32);
        // A list of values is one value.
        if let [.., SLOT, b',' | b';'] = self.text[..] {
            let last = self.slots.last_mut().expect("each mark has its slot");
            (last.end, last.is_certain) = (end, last.is_certain || is_certain);
            self.text.pop();
            return;
        }
        self.text.push(SLOT);
        self.slots.push(Slot { start, end, kind, is_certain });
    }
}

/// Masks the first line of a message.
pub fn mask(message: &[u8], masked: &mut Masked) {
    masked.clear();
    let line_end = memchr::memchr(b'\n', message).unwrap_or(message.len());
    let line = message[..line_end].trim_ascii();
    let offset = line.as_ptr() as usize - message.as_ptr() as usize;
    let end = offset + line.len();
    let limit = character_start(message, end.min(offset + LONGEST_MESSAGE));
    let mut scan = Scan { message: &message[..limit], masked };
    let mut at = offset;
    while at < limit {
        if is_space(message[at]) {
            at += 1;
            continue;
        }
        // What follows a date at once stays with it.
        if !scan.masked.text.is_empty() && is_space(message[at - 1]) {
            scan.masked.text.push(b' ');
        }
        at = scan.token(at);
    }
    if limit < end {
        if masked.text.last() == Some(&SLOT) {
            masked.slots.last_mut().expect("each mark has its slot").end = end as u32;
        } else {
            masked.slot(limit, end, Kind::Text, true);
        }
    }
}

/// Whether a word of letters is no value for sure: not hexadecimal, not a truth, not the first of a date.
fn is_plain_word(word: &[u8]) -> bool {
    match word.len() {
        3 | 4 => !word[0].is_ascii_uppercase() && !matches!(word[0], b't' | b'n'),
        5 | 6 => !matches!(word[0], b't' | b'f' | b'T' | b'F' | b'n'),
        8.. => !word.iter().all(u8::is_ascii_hexdigit),
        _ => true,
    }
}

struct Scan<'a> {
    message: &'a [u8],
    masked: &'a mut Masked,
}

impl Scan<'_> {
    /// Masks the token (up to a space, but for values with spaces inside) that starts here; returns where it ends.
    fn token(&mut self, start: usize) -> usize {
        let message = self.message;
        let mut end = start;
        let mut classes = 0;
        while end < message.len() {
            let class = CLASSES[usize::from(message[end])];
            if class == SPACE {
                break;
            }
            classes |= class;
            end += 1;
        }
        match classes {
            0 if is_plain_word(&message[start..end]) => {
                self.masked.text.extend_from_slice(&message[start..end]);
                return end;
            }
            // A word before a colon, or the last of a sentence.
            COLON | DOT
                if CLASSES[usize::from(message[end - 1])] == classes
                    && message[start..end - 1].iter().all(|&byte| CLASSES[usize::from(byte)] == 0)
                    && is_plain_word(&message[start..end - 1]) =>
            {
                self.masked.text.extend_from_slice(&message[start..end]);
                return end;
            }
            DIGIT if message[start..end].iter().all(u8::is_ascii_digit) => {
                self.masked.slot(start, end, Kind::Number, true);
                return end;
            }
            _ => {}
        }
        if classes & (DIGIT | SIGN | COLON) == 0
            && let Some(date_end) = date(message, start, end)
        {
            self.masked.slot(start, date_end, Kind::Time, true);
            return date_end;
        }
        if let Some(size_end) = self.size_in_brackets(start, end) {
            return size_end;
        }
        let mut at = start;
        while at < end {
            at = self.piece(start, at, end);
            // A quotation may go on beyond the token.
            if at > end {
                while at < self.message.len() && !is_space(self.message[at]) {
                    if is_delimiter(self.message[at]) {
                        self.masked.text.push(self.message[at]);
                        at += 1;
                    } else {
                        break;
                    }
                }
                return if at < self.message.len() && !is_space(self.message[at]) { self.rest(at) } else { at };
            }
        }
        end
    }

    /// What follows a quotation without a space.
    fn rest(&mut self, start: usize) -> usize {
        let n = self.message[start..].iter().position(|&byte| is_space(byte)).unwrap_or(self.message.len() - start);
        let (mut at, end) = (start, start + n);
        while at < end {
            at = self.piece(start, at, end);
        }
        at
    }

    /// Masks what begins at `at`; returns where it ends.
    fn piece(&mut self, token: usize, at: usize, end: usize) -> usize {
        let message = self.message;
        let byte = message[at];
        let before = if at > token { message[at - 1] } else { b' ' };
        if matches!(byte, b'"' | b'\'')
            && !before.is_ascii_alphanumeric()
            && let Some(close) = closing_quote(message, at)
        {
            return self.quotation(at, close);
        }
        if let Some(path_end) = path(message, before, at, end) {
            self.masked.slot(at, path_end, Kind::Path, true);
            return path_end;
        }
        if is_delimiter(byte) {
            self.masked.text.push(byte);
            return at + 1;
        }
        if let Some((kind, value_end)) = compound(message, at, end) {
            self.masked.slot(at, value_end, kind, true);
            return value_end;
        }
        let n = message[at..end].iter().position(|&byte| is_delimiter(byte)).unwrap_or(end - at);
        let piece_end = at + n;
        let piece = &message[at..piece_end];
        let trimmed = trim_dots(piece);
        let after = message.get(piece_end).copied().unwrap_or(b' ');
        let is_value = before == b'=' || before == b':' && is_sole_colon(&message[token..end], at - token);
        match guess(trimmed, is_value, after) {
            // `HTTP/1.1`: the version is part of the name where it is always the same.
            Guess::Value { from: 0, kind: Kind::Number, .. }
                if before == b'/' && names_version(&message[token..at - 1]) =>
            {
                self.masked.slot(at, at + trimmed.len(), Kind::Version, false);
                self.masked.text.extend_from_slice(&piece[trimmed.len()..]);
            }
            Guess::Word => self.masked.text.extend_from_slice(piece),
            // `web-3:8080`, `node-7/10.0.3.7`: nothing but a host.
            Guess::Value { kind: Kind::Id, is_certain: false, .. } if names_host(&message[piece_end..end]) => {
                self.masked.slot(at, piece_end, Kind::Host, true);
            }
            Guess::Value { from, kind, is_certain } => {
                self.masked.text.extend_from_slice(&trimmed[..from]);
                self.masked.slot(at + from, at + trimmed.len(), kind, is_certain);
                self.masked.text.extend_from_slice(&piece[trimmed.len()..]);
            }
        }
        piece_end
    }

    /// A quotation is one value, save the name before a colon in JSON.
    fn quotation(&mut self, open: usize, close: usize) -> usize {
        let inside = &self.message[open + 1..close];
        let quote = self.message[open];
        self.masked.text.push(quote);
        if self.message.get(close + 1) == Some(&b':') && !inside.iter().any(|&byte| is_space(byte)) {
            self.masked.text.extend_from_slice(inside);
        } else if !inside.is_empty() {
            let is_certain = inside.iter().any(u8::is_ascii_digit)
                && matches!(guess(inside, false, b' '), Guess::Value { is_certain: true, .. })
                || inside[0] == b'/' && inside.len() > 1;
            self.masked.slot(open + 1, close, Kind::Quoted, is_certain);
        }
        self.masked.text.push(quote);
        close + 1
    }

    /// `(1.86 KB)` behind `1910 bytes` says the same once more: all of it is one value.
    fn size_in_brackets(&mut self, start: usize, end: usize) -> Option<usize> {
        let number = self.message[start..end].strip_prefix(b"(")?;
        if number.is_empty() || !number.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
            return None;
        }
        let rest = self.message.get(end + 1..)?;
        let n_unit = rest.iter().position(|&byte| byte == b')').filter(|&n| is_unit_of_size(&rest[..n]))?;
        let text = self.masked.text.strip_suffix(b" ")?;
        let unit_start = text.iter().rposition(|&byte| byte == b' ')? + 1;
        if unit_start < 2 || text[unit_start - 2] != SLOT || !is_unit_of_size(&text[unit_start..]) {
            return None;
        }
        self.masked.text.truncate(unit_start - 1);
        let close = end + 1 + n_unit + 1;
        let slot = self.masked.slots.last_mut().expect("each mark has its slot");
        (slot.end, slot.kind) = (close as u32, Kind::Size);
        let n = self.message[close..].iter().position(|&byte| is_space(byte)).unwrap_or(self.message.len() - close);
        self.masked.text.extend_from_slice(&self.message[close..close + n]);
        Some(close + n)
    }
}

/// Whether the colon before `at` is the only one of its token and a name stands before it: `status:running`.
fn is_sole_colon(token: &[u8], at: usize) -> bool {
    let name = &token[..at - 1];
    name.last().is_some_and(u8::is_ascii_alphanumeric) && memchr::memchr_iter(b':', token).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The masked text: `<>` for what is a value for sure, `<?>` for what may be one.
    fn check(message: &str, expected: &str) {
        let mut masked = Masked::default();
        mask(message.as_bytes(), &mut masked);
        let mut slots = masked.slots.iter();
        let text = String::from_utf8(masked.text.clone()).unwrap();
        let shown: String = text
            .chars()
            .map(|c| match c {
                '\u{1}' => {
                    if slots.next().unwrap().is_certain {
                        "<>".to_owned()
                    } else {
                        "<?>".to_owned()
                    }
                }
                c => c.to_string(),
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn numbers_and_what_is_written_with_digits() {
        check("took 12.5 ms, 80% of 30000ms, -17 left", "took <> ms, <> of <>, <> left");
        check("CPU#0 at 0x1f00 (dcr 0157) core.2275 ready....1", "CPU#<> at <> (dcr <>) core.<> ready....<>");
        check("eth0 blk_-6952295868487656571 R10-M1-N2 v1.12", "<?> <> <> <>");
        check("id 6f9619ff-8b86-d011-b42d-00c04fc964ff sum deadbeefdeadbeef", "id <> sum <>");
        check("1,2,3 of [4, 5]", "<> of [<>, <>]");
    }

    #[test]
    fn addresses_paths_and_dates() {
        check("10.0.3.7:80 web-3:8080 fe80::1:2 a@b.org www.example.com", "<> <>:<> <> <> <>");
        check("open /var/log/x.log, C:\\temp\\x (~/y) and/or", "open <>, <> (<>) and/or");
        check("GET https://example.com/a?b=1 HTTP/1.1", "GET <> HTTP/<?>");
        check("\"GET /a?b=1 HTTP/1.1\" 200", "\"GET <> HTTP/<?>\" <>");
        check("at Fri Jun 17 07:07:00 2005 in May", "at <> in May");
        check("since Jun 17. [on Jun 18, 2005]", "since <>. [on <>]");
        check("org.example.Main.run 07:07", "org.example.Main.run <>");
    }

    #[test]
    fn what_may_be_a_value_is_marked_so() {
        check("mode=fast user='ann' empty= state:up", "mode=<?> user='<?>' empty= state:<?>");
        check("can't open \"my file\", it isn't", "can't open \"<?>\", it isn't");
        check(r#"{"name":"ann","n":7,"ok":true}"#, r#"{"name":"<?>","n":<>,"ok":<>}"#);
    }

    #[test]
    fn a_size_said_twice_is_one_value() {
        check("1910 bytes (1.86 KB) sent", "<> sent");
        check("1910 bytes sent", "<> bytes sent");
    }

    #[test]
    fn words_stay_with_single_spaces() {
        check("  Link\tis   up\nmore", "Link is up");
        check("größer als nötig", "größer als nötig");
        check("", "");
    }
}
