//! The parts of a URL's fragment, which browsers call its hash: `#name=value&name=value`, with what would end a part or a link written
//! as `%26`.

/// Adds a part; the first one begins the hash.
pub fn push_part(hash: &mut String, name: &str, value: &str) {
    hash.push(if hash.is_empty() { '#' } else { '&' });
    hash.push_str(name);
    hash.push('=');
    for byte in value.bytes() {
        match byte {
            // Parentheses and the like are allowed in a hash, but chat programs cut links there.
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b',' | b'@' => {
                hash.push(byte as char);
            }
            b' ' => hash.push('+'),
            _ => {
                hash.push('%');
                hash.push(HEX_DIGITS[usize::from(byte >> 4)] as char);
                hash.push(HEX_DIGITS[usize::from(byte & 15)] as char);
            }
        }
    }
}

/// The hash without the parts of this name, and what the first of them says.
pub fn take_part(hash: &str, name: &str) -> (String, Option<String>) {
    let (mut rest, mut said) = (String::new(), None);
    for part in hash.strip_prefix('#').unwrap_or(hash).split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some((its_name, value)) if its_name == name => said = said.or_else(|| Some(percent_decoded(value))),
            _ => {
                rest.push(if rest.is_empty() { '#' } else { '&' });
                rest.push_str(part);
            }
        }
    }
    (rest, said)
}

const HEX_DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// A percent sign without two digits stands for itself; bytes that are not UTF-8 are replaced.
pub fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|&b| (b as char).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                out.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_part_or_a_link_is_written_otherwise_and_read_as_it_was() {
        let value = "a & b=c (100 %) #1 + \u{e4}/x:y,z@w";
        let mut hash = String::new();
        push_part(&mut hash, "q", value);
        assert_eq!(hash, "#q=a+%26+b%3Dc+%28100+%25%29+%231+%2B+%C3%A4/x:y,z@w");
        push_part(&mut hash, "view", "map");
        assert_eq!(take_part(&hash, "q"), ("#view=map".to_owned(), Some(value.to_owned())));
        assert_eq!(take_part(&hash, "view").1.as_deref(), Some("map"));
    }

    #[test]
    fn of_several_parts_of_a_name_the_first_is_told_and_none_is_left() {
        assert_eq!(take_part("#a=1&b=2&a=3&&c", "a"), ("#b=2&c".to_owned(), Some("1".to_owned())));
        assert_eq!(take_part("a=1&aa=2", "b"), ("#a=1&aa=2".to_owned(), None));
        assert_eq!(take_part("#a=1", "a"), (String::new(), Some("1".to_owned())));
    }

    #[test]
    fn a_percent_sign_without_two_digits_stands_for_itself() {
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%zz%4%41%e4"), "%zz%4A\u{fffd}");
    }
}
