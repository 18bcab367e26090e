//! Lists of entries, alone (`[{…},{…}]`) or in an object around them, as cloud services deliver them:
//! `{"Records":[{…},{…}]}`, all of it in one line (each object is an entry then) or with its brackets in lines of their own.

use memchr::{memchr, memchr3, memmem};

/// What the lists are called: by CloudTrail, by Azure, by CloudWatch, by Microsoft's services.
const NAMES: [&[u8]; 4] = [b"\"Records\"", b"\"records\"", b"\"events\"", b"\"value\""];
/// So many of them name nothing else; an entry may have a list of the last name among its own members.
const N_SURE: usize = 3;
/// What Microsoft's services may say before the list, with an address as its value.
const CONTEXT: &[u8] = b"\"@odata.context\":\"";

/// Where the first object stands in a line that begins such a list and goes on with its objects.
#[inline]
pub fn first_item(line: &[u8]) -> Option<usize> {
    if line.first() == Some(&b'[') {
        let at = behind_spaces(line, 1);
        let is_object = line.get(at) == Some(&b'{') && line.get(behind_spaces(line, at + 1)) == Some(&b'"');
        return is_object.then_some(at);
    }
    // Most lines that begin an object have another first letter.
    if !matches!(line, [b'{', b'"', b'R' | b'r' | b'e' | b'v' | b'@', ..] | [b'{', b' ' | b'\t', ..]) {
        return None;
    }
    let from = match line[1..].strip_prefix(CONTEXT) {
        Some(address) => line.len() - address.len() + memmem::find(address, b"\",")? + 2,
        None => 1,
    };
    let (sure, ambiguous) = NAMES.split_at(N_SURE);
    behind_bracket(line, from, sure)
        .or_else(|| behind_bracket(line, from, ambiguous).filter(|_| from > 1 || ends_as_list(line)))
        .filter(|&at| line.get(at) == Some(&b'{'))
}

/// Whether nothing stands behind the list in its line, of which this may be the piece of one object.
fn ends_as_list(line: &[u8]) -> bool {
    let line = line[..memchr(b'\n', line).unwrap_or(line.len())].trim_ascii_end();
    line.ends_with(b"]}") || line.ends_with(b",")
}

/// Whether a line is no more than the beginning of such a list, its objects in the lines below. `in_object`: the brace around
/// it stands in a line before it.
pub fn begins_below(line: &[u8], in_object: bool) -> bool {
    let line = line.trim_ascii();
    (in_object || line.first() == Some(&b'{'))
        && behind_bracket(line, usize::from(!in_object), &NAMES[..N_SURE]) == Some(line.len())
}

fn behind_bracket(line: &[u8], from: usize, names: &[&[u8]]) -> Option<usize> {
    let name_at = behind_spaces(line, from);
    let name = names.iter().find(|name| line[name_at..].starts_with(name))?;
    let colon = behind_spaces(line, name_at + name.len());
    let bracket = behind_spaces(line, colon + usize::from(line.get(colon) == Some(&b':')));
    let is_list = line.get(colon) == Some(&b':') && line.get(bracket) == Some(&b'[');
    is_list.then(|| behind_spaces(line, bracket + 1))
}

fn behind_spaces(line: &[u8], from: usize) -> usize {
    let from = from.min(line.len());
    from + line[from..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Where an object of the list ends, the comma behind it included, if another one follows. `None`: it is the last, it does not
/// end in this line, or not in these bytes.
pub fn item_end(text: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    loop {
        match text.get(at)? {
            b'"' => {
                at += 1;
                loop {
                    at += memchr3(b'"', b'\\', b'\n', text.get(at..)?)?;
                    match text[at] {
                        b'"' => break,
                        b'\n' => return None,
                        _ if text.get(at + 1) == Some(&b'\n') => return None,
                        _ => at += 2,
                    }
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b'\n' => return None,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    let comma = behind_spaces(text, at);
    let next = behind_spaces(text, comma + 1);
    (text.get(comma) == Some(&b',') && text.get(next) == Some(&b'{')).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_its_name_and_its_first_object() {
        for line in [
            r#"{"Records":[{"a":1}]}"#,
            r#"{ "records" : [ {"a":1},"#,
            r#"{"value":[{"a":1}]}"#,
            r#"{"@odata.context":"https://shop/$metadata#orders","value":[{"a":1}]}"#,
            r#"[{"a":1},{"a":2}]"#,
            r#"[ {"a":1},"#,
        ] {
            assert_eq!(first_item(line.as_bytes()), line.find("{\"a"), "{line}");
        }
        for line in
            [r#"{"Records":[]}"#, r#"{"resourceLogs":[{"a":1}]}"#, r#"{"records":{"a":1}}"#, "{\"Records\"", "{", "["]
        {
            assert_eq!(first_item(line.as_bytes()), None, "{line}");
        }
        assert_eq!(first_item(br#"{"value":[{"a":1}],"time":"x"}"#), None, "a member of an entry");
        assert_eq!(first_item(br#"{"value":[{"a":1},"#), Some(10), "the piece of its first object");
        for line in ["[[{\"a\":1}]]", "[{a,1},{b,2}]", "[1,2]", r#"{"value":7}"#, r#"{"@odata.context":"cut"#] {
            assert_eq!(first_item(line.as_bytes()), None, "{line}");
        }
        assert!(begins_below(b"    \"Records\": [", true) && begins_below(b"{\"Records\": [", false));
        assert!(!begins_below(b"\"Records\": [{", true) && !begins_below(b"\"Records\": [", false));
        assert!(!begins_below(b"\"value\": [", true), "an entry may have a list of this name");
    }

    #[test]
    fn an_object_ends_before_the_next_one() {
        let text = br#"{"a":"}\"{","b":[{}]}, {"c":1}]}"#;
        let next = item_end(text, 0).unwrap();
        assert_eq!(&text[next..], br#"{"c":1}]}"#);
        assert_eq!(item_end(text, next), None, "it is the last");
        assert_eq!(item_end(br#"{"a":1"#, 0), None);
        for line_ends in [&b"{\"a\":1\n},{"[..], b"{\"a\":\"x\n\"},{\"c\":1}", b"{\"a\":\"x\\\n\"},{\"c\":1}"] {
            assert_eq!(item_end(line_ends, 0), None);
        }
    }
}
