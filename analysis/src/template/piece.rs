//! What one piece of a token is by its form alone: a word, certainly a value, or perhaps one.

use super::mask::Kind;

/// So many digits in a row are a number that somebody counted, not part of a name.
const DIGITS_OF_A_COUNT: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    Word,
    /// The value stands from `from` to the end of the piece.
    Value {
        from: usize,
        kind: Kind,
        is_certain: bool,
    },
}

/// `is_value`: a name and `=` or `:` stand before. `after`: the byte behind the piece.
pub fn guess(piece: &[u8], is_value: bool, after: u8) -> Guess {
    let n_digits = piece.iter().filter(|byte| byte.is_ascii_digit()).count();
    if n_digits == 0 {
        if matches!(piece, b"true" | b"false" | b"True" | b"False" | b"TRUE" | b"FALSE" | b"null" | b"nil") {
            return certain(Kind::Word);
        }
        if is_long_hex(piece) {
            return certain(Kind::Hex);
        }
        let is_name = !is_value || piece.is_empty() || matches!(after, b'(' | b'=' | b':');
        return if is_name { Guess::Word } else { Guess::Value { from: 0, kind: Kind::Word, is_certain: false } };
    }
    let first = piece.iter().position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'$')).unwrap_or(0);
    let body = &piece[first..];
    if body[0].is_ascii_digit() {
        return number(body);
    }
    if is_hex(body) && body.len() >= 6 {
        return certain(if is_uuid(body) { Kind::Uuid } else { Kind::Hex });
    }
    if is_uuid(body) {
        return certain(Kind::Uuid);
    }
    if matches!(body, [b'v' | b'V', digit, ..] if digit.is_ascii_digit()) {
        return certain(Kind::Version);
    }
    // `core.2275`, `enable......0`: the number behind the dots.
    if let Some(dot) = piece.iter().rposition(|&byte| byte == b'.')
        && piece[dot + 1..].iter().all(u8::is_ascii_digit)
        && !piece[..dot].iter().any(u8::is_ascii_digit)
    {
        return Guess::Value { from: dot + 1, kind: Kind::Number, is_certain: true };
    }
    let runs = || piece.split(|byte| !byte.is_ascii_digit()).filter(|run| !run.is_empty());
    let has_count = runs().any(|run| run.len() >= DIGITS_OF_A_COUNT) || n_digits > DIGITS_OF_A_COUNT;
    // `R10-M1-N2`: a place in a place.
    let is_place = runs().count() >= 2 && piece.iter().filter(|&&byte| byte == b'-').count() >= 2;
    Guess::Value { from: 0, kind: Kind::Id, is_certain: has_count || is_place }
}

fn certain(kind: Kind) -> Guess {
    Guess::Value { from: 0, kind, is_certain: true }
}

/// Of a piece that begins with a digit.
fn number(body: &[u8]) -> Guess {
    let n = body.iter().position(|byte| !(byte.is_ascii_digit() || matches!(byte, b'.' | b','))).unwrap_or(body.len());
    match &body[n..] {
        b"" | b"%" => certain(Kind::Number),
        b"ms" | b"us" | b"ns" | b"s" | b"sec" | b"secs" | b"m" | b"min" | b"h" | b"d" => certain(Kind::Duration),
        b"b" | b"B" | b"k" | b"K" | b"kb" | b"kB" | b"KB" | b"M" | b"MB" | b"Mb" | b"G" | b"GB" | b"T" | b"TB"
        | b"KiB" | b"MiB" | b"GiB" => certain(Kind::Size),
        b"st" | b"nd" | b"rd" | b"th" | b"bit" | b"-bit" | b"bits" => {
            Guess::Value { from: 0, kind: Kind::Id, is_certain: false }
        }
        _ if body.starts_with(b"0x") || body.starts_with(b"0X") || is_hex(body) => certain(Kind::Hex),
        _ if is_uuid(body) => certain(Kind::Uuid),
        _ => certain(Kind::Id),
    }
}

fn is_hex(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_hexdigit)
}

/// Hexadecimal letters only, as long as a key or checksum: no word of a language is.
fn is_long_hex(text: &[u8]) -> bool {
    matches!(text.len(), 8 | 16 | 24 | 32 | 40 | 64) && is_hex(text)
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Four numbers joined by dots.
pub fn is_address(piece: &[u8]) -> bool {
    let mut n_parts = 0;
    piece.split(|&byte| byte == b'.').all(|part| {
        n_parts += 1;
        (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit)
    }) && n_parts == 4
}

/// Whether a dotted name ends as host names do, and is written as they are.
pub fn closes_host(name: &[u8]) -> bool {
    let Some(last) = name.rsplit(|&byte| byte == b'.').next() else { return false };
    is_country_or_generic_domain(last)
        && name
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_'))
        || last.eq_ignore_ascii_case(b"com")
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// A top-level domain that is not the ending of a source file (`.rs`, `.py`, `.sh`).
pub fn is_country_or_generic_domain(label: &[u8]) -> bool {
    match label {
        b"com" | b"net" | b"org" | b"edu" | b"gov" | b"mil" | b"info" | b"biz" | b"local" | b"localdomain" | b"lan"
        | b"internal" | b"cloud" | b"dev" | b"app" => true,
        b"rs" | b"py" | b"pl" | b"sh" | b"cc" | b"mm" | b"ps" | b"so" | b"md" | b"js" | b"go" | b"cs" | b"rb"
        | b"hs" | b"ts" | b"vb" | b"gz" | b"xz" | b"id" | b"is" | b"in" | b"db" | b"ko" | b"la" | b"ml" | b"cf"
        | b"sql" => false,
        [a, b] => a.is_ascii_lowercase() && b.is_ascii_lowercase(),
        _ => false,
    }
}
