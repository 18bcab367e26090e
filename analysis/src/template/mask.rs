//! From a message to its shape: values (numbers, addresses, paths, quoted text, …) give way to one mark, words stay.
//!
//! In: the first line of a message. Out: its words with single spaces, [`SLOT`] for each value, and where the values stand.
//! Looks at one message alone and knows no program's words, so a shape is the same in every file. What only *may* be a
//! value (`eth0`, `mode=fast`) is marked as uncertain; whether it stays a value is decided when many messages are known.

use super::piece::{Guess, closes_host, guess, is_address, is_country_or_generic_domain};

/// Stands for a value in masked text; control characters of messages read as spaces, so it is never theirs.
pub const SLOT: u8 = 1;

/// Longer values are looked at no further than this.
const LONGEST_QUOTE: usize = 400;

/// Longer messages are masked up to here, their rest is one value.
const LONGEST_MESSAGE: usize = 4 << 10;

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    Number,
    Hex,
    Time,
    Duration,
    Size,
    Uuid,
    Ip,
    Host,
    Mail,
    Path,
    Url,
    Version,
    Id,
    Quoted,
    Word,
    Text,
}

impl Kind {
    pub const ALL: [Self; 16] = [
        Self::Number,
        Self::Hex,
        Self::Time,
        Self::Duration,
        Self::Size,
        Self::Uuid,
        Self::Ip,
        Self::Host,
        Self::Mail,
        Self::Path,
        Self::Url,
        Self::Version,
        Self::Id,
        Self::Quoted,
        Self::Word,
        Self::Text,
    ];
}

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
        if !scan.masked.text.is_empty() {
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

/// The start of the character at or before `at`.
fn character_start(text: &[u8], at: usize) -> usize {
    (0..4)
        .map(|n| at.saturating_sub(n))
        .find(|&at| text.get(at).is_none_or(|byte| !(0x80..0xC0).contains(byte)))
        .unwrap_or(at)
}

pub(super) fn is_space(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7F
}

/// Bytes at which a piece of a token ends.
fn is_delimiter(byte: u8) -> bool {
    DELIMITERS[usize::from(byte)]
}

const DELIMITERS: [bool; 256] = {
    let mut delimiters = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        delimiters[byte] = is_inner_sign(byte as u8) || byte <= 0x20 || byte == 0x7F;
        byte += 1;
    }
    delimiters
};

const fn is_inner_sign(byte: u8) -> bool {
    matches!(
        byte,
        b'=' | b':'
            | b','
            | b';'
            | b'('
            | b')'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'<'
            | b'>'
            | b'"'
            | b'\''
            | b'|'
            | b'#'
            | b'@'
            | b'&'
            | b'!'
            | b'?'
            | b'*'
            | b'/'
            | b'\\'
            | b'~'
            | b'^'
            | b'`'
    )
}

/// Classes of bytes, by which most words are told from values at a glance.
const DIGIT: u8 = 1;
const DOT: u8 = 2;
const COLON: u8 = 4;
const SIGN: u8 = 8;
const SPACE: u8 = 16;

/// 0 for letters and what joins them.
const CLASSES: [u8; 256] = {
    let mut classes = [SIGN; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b',' | b'!' | 0x80.. => 0,
            b'0'..=b'9' => DIGIT,
            b'.' => DOT,
            b':' => COLON,
            ..=b' ' | 0x7F => SPACE,
            _ => SIGN,
        };
        byte += 1;
    }
    classes
};

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

pub(super) fn is_unit_of_size(word: &[u8]) -> bool {
    matches!(
        word,
        b"bytes"
            | b"byte"
            | b"Bytes"
            | b"B"
            | b"KB"
            | b"kB"
            | b"MB"
            | b"GB"
            | b"TB"
            | b"KiB"
            | b"MiB"
            | b"GiB"
            | b"TiB"
    )
}

pub(super) fn is_unit(word: &[u8]) -> bool {
    is_unit_of_size(word)
        || matches!(
            word,
            b"ms"
                | b"us"
                | b"ns"
                | b"s"
                | b"sec"
                | b"secs"
                | b"second"
                | b"seconds"
                | b"min"
                | b"mins"
                | b"minutes"
                | b"hours"
                | b"msec"
                | b"msecs"
                | b"usec"
        )
}

/// Whether the colon before `at` is the only one of its token and a name stands before it: `status:running`.
fn is_sole_colon(token: &[u8], at: usize) -> bool {
    let name = &token[..at - 1];
    name.last().is_some_and(u8::is_ascii_alphanumeric) && memchr::memchr_iter(b':', token).count() == 1
}

/// Whether letters, and letters only, stand before a version.
fn names_version(before: &[u8]) -> bool {
    before.len() >= 2 && before.iter().rev().take(2).all(u8::is_ascii_alphabetic)
}

/// Whether a port or an address stands behind a name.
fn names_host(behind: &[u8]) -> bool {
    match behind {
        [b':', digits @ ..] => {
            let n = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (2..=5).contains(&n) && digits.get(n).is_none_or(|byte| !byte.is_ascii_alphanumeric())
        }
        [b'/', address @ ..] => {
            let n = address.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            is_address(trim_dots(&address[..n]))
        }
        _ => false,
    }
}

/// Full stops and the like at the end belong to the sentence.
fn trim_dots(piece: &[u8]) -> &[u8] {
    let n = piece.iter().rposition(|byte| !matches!(byte, b'.' | b'-' | b'+' | b'_')).map_or(0, |last| last + 1);
    &piece[..n]
}

/// Where the quotation that opens at `open` closes.
fn closing_quote(message: &[u8], open: usize) -> Option<usize> {
    let quote = message[open];
    let inside = &message[open + 1..message.len().min(open + 1 + LONGEST_QUOTE)];
    // A quotation begins and ends with what it quotes; other marks are apostrophes and the like. In a request the method is text.
    if inside.first().is_none_or(|&byte| is_space(byte)) || is_request(inside) {
        return None;
    }
    let mut from = 0;
    loop {
        let at = from + memchr::memchr(quote, &inside[from..])?;
        let after = message.get(open + 1 + at + 1).copied().unwrap_or(b' ');
        let is_escaped = at > 0 && inside[at - 1] == b'\\';
        if !is_escaped && !after.is_ascii_alphanumeric() {
            return (at == 0 || !is_space(inside[at - 1])).then_some(open + 1 + at);
        }
        from = at + 1;
    }
}

/// `GET /orders HTTP/1.1`
fn is_request(text: &[u8]) -> bool {
    let n = text.iter().position(|byte| !byte.is_ascii_uppercase()).unwrap_or(text.len());
    matches!(
        &text[..n],
        b"GET" | b"POST" | b"PUT" | b"DELETE" | b"HEAD" | b"OPTIONS" | b"PATCH" | b"CONNECT" | b"TRACE"
    ) && text.get(n) == Some(&b' ')
}

/// The end of the path that begins at `at`: `/var/log`, `C:\x`, `./x`, `~/x`.
fn path(message: &[u8], before: u8, at: usize, end: usize) -> Option<usize> {
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'/' | b'-' | b'_' | b')' | b']' | b'>' | b'*') {
        return None;
    }
    let rest = &message[at..end];
    let begins = match rest {
        [b'/', next, ..] => {
            next.is_ascii_alphanumeric() || matches!(next, b'_' | b'.' | b'~' | b'-' | b'%' | b'$' | b'*')
        }
        [b'~', b'/', ..] | [b'.', b'/', ..] | [b'.', b'.', b'/', ..] => true,
        [drive, b':', b'\\' | b'/', ..] => drive.is_ascii_alphabetic(),
        [b'\\', b'\\', next, ..] => next.is_ascii_alphanumeric(),
        _ => false,
    };
    if !begins {
        return None;
    }
    let n = rest
        .iter()
        .position(|byte| {
            matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';' | b'|')
        })
        .unwrap_or(rest.len());
    let n = rest[..n].iter().rposition(|byte| !matches!(byte, b':' | b'.' | b'!' | b'?')).map_or(0, |last| last + 1);
    (n > 1).then_some(at + n)
}

/// Values that hold delimiters: URLs, addresses with ports, clock times, mail addresses.
fn compound(message: &[u8], at: usize, end: usize) -> Option<(Kind, usize)> {
    let rest = &message[at..end];
    let n_letters = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    if rest[n_letters..].starts_with(b"://") {
        let n = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}' | b'|'))
            .unwrap_or(rest.len());
        let n =
            rest[..n].iter().rposition(|byte| !matches!(byte, b',' | b';' | b'.' | b':')).map_or(0, |last| last + 1);
        return Some((Kind::Url, at + n));
    }
    let n_colons = |text: &[u8]| memchr::memchr_iter(b':', text).count();
    // Digits and hexadecimal groups with colons: clock times, MAC and IPv6 addresses.
    let n = rest.iter().position(|byte| !(byte.is_ascii_hexdigit() || *byte == b':')).unwrap_or(rest.len());
    let group = rest[..n].strip_suffix(b":").unwrap_or(&rest[..n]);
    let ends = rest.get(group.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if ends && n_colons(group) >= 1 && group.iter().any(u8::is_ascii_digit) {
        let is_clock =
            group.split(|&byte| byte == b':').all(|part| part.len() <= 2 && part.iter().all(u8::is_ascii_digit));
        if is_clock && group[0] != b':' {
            let fraction = &rest[group.len()..];
            let n_fraction = match fraction {
                [b'.' | b',', digit, ..] if digit.is_ascii_digit() => {
                    1 + fraction[1..].iter().take_while(|byte| byte.is_ascii_digit()).count()
                }
                _ => 0,
            };
            return Some((Kind::Time, at + group.len() + n_fraction));
        }
        if n_colons(group) >= 2 && group.split(|&byte| byte == b':').all(|part| part.len() <= 4) {
            return Some((Kind::Ip, at + group.len()));
        }
    }
    let n = rest.iter().position(|&byte| is_delimiter(byte)).unwrap_or(rest.len());
    let piece = trim_dots(&rest[..n]);
    let port = |from: usize| -> usize {
        match &rest[from..] {
            [b':', digits @ ..] => {
                let n = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let ends = digits.get(n).is_none_or(|byte| !byte.is_ascii_alphanumeric());
                if (1..=5).contains(&n) && ends { 1 + n } else { 0 }
            }
            _ => 0,
        }
    };
    if is_address(piece) {
        return Some((Kind::Ip, at + piece.len() + port(piece.len())));
    }
    if piece.len() == n && n > 0 && rest.get(n) == Some(&b'@') {
        let domain_len = rest[n + 1..].iter().position(|&byte| is_delimiter(byte)).unwrap_or(rest.len() - n - 1);
        let domain = trim_dots(&rest[n + 1..n + 1 + domain_len]);
        if memchr::memchr(b'.', domain).is_some() && domain.iter().any(u8::is_ascii_alphabetic) {
            return Some((Kind::Mail, at + n + 1 + domain.len()));
        }
    }
    if memchr::memchr(b'.', piece).is_some() {
        let n_port = port(piece.len());
        let names_host = closes_host(piece) && (n_port > 0 || !is_country_or_generic_domain(first_label(piece)));
        if names_host {
            return Some((Kind::Host, at + piece.len() + n_port));
        }
    }
    None
}

fn first_label(name: &[u8]) -> &[u8] {
    name.split(|&byte| byte == b'.').next().unwrap_or_default()
}

/// The end of the date that begins with this token: `Fri Jun 17 07:07:00 2005`, `17 Jun 2005`.
fn date(message: &[u8], start: usize, end: usize) -> Option<usize> {
    let first = word(&message[start..end]);
    if !is_weekday(first) && !is_month(first) {
        return None;
    }
    let (mut n_months, mut n_numbers) = (usize::from(is_month(first)), 0);
    let (mut at, mut date_end) = (end, None);
    while at < message.len() && n_numbers < 4 {
        let from = at + message[at..].iter().position(|&byte| !is_space(byte))?;
        let to = from + message[from..].iter().position(|&byte| is_space(byte)).unwrap_or(message.len() - from);
        let token = word(&message[from..to]);
        let is_number = token.first().is_some_and(u8::is_ascii_digit)
            && token.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
        let is_zone = n_numbers >= 2 && (2..=4).contains(&token.len()) && token.iter().all(u8::is_ascii_uppercase)
            || n_numbers >= 2
                && token.len() == 5
                && matches!(token[0], b'+' | b'-')
                && token[1..].iter().all(u8::is_ascii_digit);
        if is_number {
            n_numbers += 1;
        } else if is_month(token) && n_months == 0 {
            n_months += 1;
        } else if !is_zone {
            break;
        }
        if n_months == 1 && n_numbers >= 1 && !is_zone {
            date_end = Some(from + token.len());
        }
        at = to;
        if token.len() < to - from && !matches!(message[to - 1], b',') {
            break;
        }
    }
    date_end
}

fn word(token: &[u8]) -> &[u8] {
    let n = token
        .iter()
        .rposition(|byte| !matches!(byte, b',' | b'.' | b')' | b']' | b';' | b':'))
        .map_or(0, |last| last + 1);
    &token[..n]
}

fn is_weekday(word: &[u8]) -> bool {
    matches!(word, b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun")
}

fn is_month(word: &[u8]) -> bool {
    matches!(
        word,
        b"Jan" | b"Feb" | b"Mar" | b"Apr" | b"May" | b"Jun" | b"Jul" | b"Aug" | b"Sep" | b"Oct" | b"Nov" | b"Dec"
    )
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
