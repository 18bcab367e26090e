//! Values that reach over delimiters and spaces: quotations, paths, URLs, addresses with ports, clock times, dates.

use super::bytes::{is_delimiter, is_space};
use super::mask::Kind;
use super::piece::{closes_host, is_address, is_country_or_generic_domain};

/// Longer values are looked at no further than this.
const LONGEST_QUOTE: usize = 400;

/// Whether letters, and letters only, stand before a version.
pub fn names_version(before: &[u8]) -> bool {
    before.len() >= 2 && before.iter().rev().take(2).all(u8::is_ascii_alphabetic)
}

/// Whether a port or an address stands behind a name.
pub fn names_host(behind: &[u8]) -> bool {
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
pub fn trim_dots(piece: &[u8]) -> &[u8] {
    let n = piece.iter().rposition(|byte| !matches!(byte, b'.' | b'-' | b'+' | b'_')).map_or(0, |last| last + 1);
    &piece[..n]
}

/// Where the quotation that opens at `open` closes.
pub fn closing_quote(message: &[u8], open: usize) -> Option<usize> {
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
pub fn path(message: &[u8], before: u8, at: usize, end: usize) -> Option<usize> {
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
pub fn compound(message: &[u8], at: usize, end: usize) -> Option<(Kind, usize)> {
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
pub fn date(message: &[u8], start: usize, end: usize) -> Option<usize> {
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
