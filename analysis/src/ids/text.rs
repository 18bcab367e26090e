//! Ids in free text: `TraceID: 4bf9…`, `trace_id=4bf9…`, `/*+ trace_id=… */`, `[4bf9…,00f0…]`, `request_id=…`, `请求4bf9…完成`.

use super::Rule;
use super::headers::is_hex;
use super::makes::make_of;
use super::traceparent::is_zero;

/// The value behind the first key of these, whatever stands between its words and before the value: `trace` and `id` find
/// `traceId=7`, `Trace-ID: 7`, `"trace_id" = '7'`.
pub fn value_behind<'t>(text: &'t str, words: [&str; 2]) -> Option<&'t str> {
    key_and_value(text, words).map(|(_, value)| value)
}

/// The same, with where the key begins.
pub fn key_and_value<'t>(text: &'t str, words: [&str; 2]) -> Option<(usize, &'t str)> {
    let bytes = text.as_bytes();
    let first = words[0].as_bytes();
    // The second letter: capitals are many at the beginning of a word, and few behind it.
    memchr::memmem::find_iter(bytes, &first[1..]).find_map(|at| {
        let start = at.checked_sub(1)?;
        let is_word = bytes[start].eq_ignore_ascii_case(&first[0]);
        // A word of other letters begins anywhere, as a capital does.
        let begins_itself = bytes[start].is_ascii_uppercase() || !bytes[start].is_ascii();
        let is_begun = start == 0 || begins_itself || !bytes[start - 1].is_ascii_alphanumeric();
        let rest = &text[at + first.len() - 1..];
        let rest = rest.strip_prefix(['_', '-', '.', ' ']).unwrap_or(rest);
        let key = rest.get(..words[1].len())?;
        if !is_word || !is_begun || !key.eq_ignore_ascii_case(words[1]) {
            return None;
        }
        value_at(&rest[words[1].len()..]).map(|value| (start, value))
    })
}

/// Whose the id is whose key begins here: `dd.trace_id`, `X-B3-TraceId`.
pub fn rule_of_key(text: &str, start: usize) -> Rule {
    let before = &text.as_bytes()[..start];
    let is_behind = |begin: &str| {
        let at = before.len().checked_sub(begin.len());
        at.is_some_and(|at| {
            let is_begun = at == 0 || !before[at - 1].is_ascii_alphanumeric();
            is_begun && before[at..].eq_ignore_ascii_case(begin.as_bytes())
        })
    };
    if ["dd.", "dd_", "x-datadog-"].iter().any(|begin| is_behind(begin)) {
        return Rule::Datadog;
    }
    if ["x-b3-", "x_b3_"].iter().any(|begin| is_behind(begin)) { Rule::B3 } else { Rule::Text }
}

/// The header of Jaeger's clients.
pub const UBER: &str = "uber-trace-id";

/// Shorter ones are no values of headers with ids.
const LEAST_VALUE: usize = 16;

/// What a header has behind its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderValue<'t> {
    Text(&'t str),
    /// `[48, 48, 45, …]`: the bytes of it, one after the other; the text begins behind the bracket.
    Bytes(&'t str),
}

/// The value of a header that a text has under this name: `b3: 4bf9…`, `traceparent:[00-…]`, `('traceparent', b'00-…')`,
/// `RecordHeader(key = traceparent, value = 00-…)`, `{"key":"traceparent","value":"00-…"}`, and Java's
/// `RecordHeader(key = traceparent, value = [48, 48, 45, …])`. `part`: letters of the name that are looked for first, as they
/// are mostly written; the others may be capitals.
pub fn header<'t>(text: &'t str, name: &str, part: &str) -> Option<HeaderValue<'t>> {
    let bytes = text.as_bytes();
    let before = name.find(&part.to_ascii_lowercase()).unwrap_or_default();
    let end = memchr::memmem::find_iter(bytes, part).find_map(|at| {
        let start = at.checked_sub(before)?;
        let is_begun =
            start == 0 || !bytes[start - 1].is_ascii_alphanumeric() && !matches!(bytes[start - 1], b'-' | b'_');
        let is_it = bytes.get(start..start + name.len())?.eq_ignore_ascii_case(name.as_bytes());
        (is_it && is_begun).then_some(start + name.len())
    })?;
    let quotes = ['"', '\''];
    let rest = text[end..].trim_start_matches(quotes);
    // `, value = …` and `, b'…'`, else `: …`
    let value = match rest.strip_prefix([',', ';']) {
        Some(behind) => {
            let behind = behind.trim_start_matches([' ', '"', '\'']);
            let named = behind.strip_prefix("value").or_else(|| behind.strip_prefix("Value"));
            let bytes_of = behind.strip_prefix('b').filter(|behind| behind.starts_with(quotes));
            // In a list of names another name follows.
            let may_be_value = |behind: &&str| {
                let len = behind.find(|c: char| !is_of_id(c) && c != '=').unwrap_or(behind.len());
                len >= LEAST_VALUE
                    && (behind.starts_with(|c: char| c.is_ascii_hexdigit())
                        || behind.starts_with("Root=")
                        || behind.starts_with("Self="))
            };
            let value = named.or(bytes_of).or(Some(behind).filter(may_be_value))?;
            let value = value.trim_start_matches([' ', '=', ':', '"', '\'']);
            value.strip_prefix('[').filter(|list| begins_with_bytes(list)).unwrap_or(value)
        }
        None => {
            let behind = rest.trim_start_matches(' ');
            let value = behind.trim_start_matches(['=', ':', '[', '(', '＝', '：']);
            // A word behind the name alone is a sentence: `traceparent missing`.
            if value.len() == behind.len() {
                return None;
            }
            value.trim_start_matches([' ', '"', '\'', '[', '('])
        }
    };
    if begins_with_bytes(value) {
        return Some(HeaderValue::Bytes(value));
    }
    // Where Java has the bytes.
    if value.starts_with("B@") {
        return None;
    }
    // Of these headers one is written as in an address.
    let is_of_value = |c: char| is_of_id(c) || matches!(c, ';' | '=') || c == '%' && name == UBER;
    let end = value.find(|c: char| !is_of_value(c)).unwrap_or(value.len());
    (end > 0).then(|| HeaderValue::Text(value[..end].trim_end_matches(['.', ':', ';'])))
}

/// What Amazon's X-Ray writes where no header is named: `Root=1-6789…;Parent=…`, and `AWS-XRAY-TRACE-ID: 1-6789…@463a…`.
pub fn of_amazon(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let root = || memchr::memmem::find(bytes, b"Root=1-");
    let logged = || {
        const NAME: &str = "XRAY-TRACE-ID";
        let behind = memchr::memmem::find(bytes, NAME.as_bytes())? + NAME.len();
        Some(text.len() - text[behind..].trim_start_matches([':', '=', ' ']).len())
    };
    let value = &text[root().or_else(logged)?..];
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | ';' | '=' | '@'));
    Some(&value[..end.unwrap_or(value.len())])
}

/// `48, 48, 45`: no id begins with so short a number and a comma.
fn begins_with_bytes(text: &str) -> bool {
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&n_digits) && text[n_digits..].trim_start_matches(' ').starts_with(',')
}

/// The text that a list of bytes is, up to its bracket: `48, 48, 45]` is `00-`. `None`: it is none, or too long for a header.
pub fn of_bytes(list: &str) -> Option<String> {
    const MOST_BYTES: usize = 512;
    let list = list.trim_start_matches([' ', '[']);
    let numbers = list[..list.find(']')?].split(',').map(|number| number.trim().parse::<u8>());
    let text: String = numbers.take(MOST_BYTES + 1).map(|byte| byte.ok().map(char::from)).collect::<Option<_>>()?;
    (text.len() <= MOST_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(text)
}

/// What a list of JSON has if that is one text: `["00-…"]`.
pub fn only_of_list(list: &str) -> Option<&str> {
    let text = list.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains(['"', '\\'])).then_some(text)
}

/// Whether a field has headers, or metadata as gRPC calls them.
pub fn names_headers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("headers") || name.ends_with("metadata")
}

/// `[TID:8e9e….45.16050712345670001]`, as SkyWalking's toolkits for loggers write it: the first whose make is known, for a thread may
/// be called so as well.
pub fn tid(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_begun = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    memchr::memmem::find_iter(bytes, b"TID:").filter(|&at| is_begun(at)).find_map(|at| {
        let value = text[at + "TID:".len()..].trim_start_matches(' ');
        let value = &value[..value.find(|c: char| !is_of_id(c)).unwrap_or(value.len())];
        make_of(value).map(|_| value)
    })
}

/// What stands behind `TID:`, where that stands first.
pub fn without_tid(value: &str) -> &str {
    value.strip_prefix("TID:").unwrap_or(value).trim_start_matches(' ')
}

/// `[0ad1…,0.1,true]`, as SOFATracer's loggers write it, and `SW_CTX:[service,instance,8e9e….45.1605…,segment,span]` of SkyWalking's:
/// the first id whose make is known, and what stands behind it.
pub fn made_in_brackets(text: &str) -> Option<(&str, Option<&str>)> {
    /// SkyWalking's is the third.
    const MOST_PARTS: usize = 5;
    memchr::memchr_iter(b'[', text.as_bytes()).take(MOST_BRACKETS).find_map(|open| {
        let inside = text[open + 1..].split(']').next()?;
        let mut parts = inside.split(',').map(|part| part.trim_matches([' ', '"'])).take(MOST_PARTS);
        let id = parts.find(|part| make_of(part).is_some())?;
        Some((id, parts.next()))
    })
}

/// Trace and span that stand in brackets in front of a message, where a format has no names for what stands there.
pub fn in_front(front: &str) -> Option<(&str, Option<&str>)> {
    /// Shorter ones have no id.
    const LEAST_FRONT: usize = 20;
    if front.len() < LEAST_FRONT || !front.contains('[') {
        return None;
    }
    let of_trace = || value_behind(front, ["trace", "id"]).map(|id| (id, value_behind(front, ["span", "id"])));
    let of_make = || tid(front).map(|id| (id, None)).or_else(|| made_in_brackets(front));
    of_trace().or_else(of_make).or_else(|| in_brackets(front).map(|(trace, span)| (trace, Some(span))))
}

/// Behind `=`, `:`, a quote or an opening bracket, or those that Chinese and Japanese write; spaces around them left out.
fn value_at(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['"', '\'', ']', '”', '】']).trim_start_matches(' ');
    let value = text.trim_start_matches(['=', ':', '[', '(', '＝', '：', '【', '（', '「', '“']);
    // A word behind the key alone is a sentence: `trace id missing`.
    if value.len() == text.len() {
        return None;
    }
    let value = value.trim_start_matches([' ', '\u{3000}', '"', '\'', '[', '(', '【', '（', '「', '“']);
    let end = value.find(|c: char| !is_of_id(c)).unwrap_or(value.len());
    (end > 0).then(|| value[..end].trim_end_matches(['.', ':']))
}

fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')
}

/// `[name,trace,span,…]` or `[trace,span]` or `[trace-span]`, as Spring's loggers write them.
pub fn in_brackets(text: &str) -> Option<(&str, &str)> {
    memchr::memchr_iter(b'[', text.as_bytes()).take(MOST_BRACKETS).find_map(|open| {
        let inside = text[open + 1..].split(']').next()?;
        let mut parts = inside.split([',', '-']).map(str::trim);
        // The first may be the application's name, which may have hyphens itself.
        while let Some(part) = parts.next() {
            if is_id(part, &[16, 32]) {
                return parts.next().filter(|span| is_id(span, &[16])).map(|span| (part, span));
            }
        }
        None
    })
}

/// `请求4bf9…完成`, `链路ID：4bf9…`: Chinese needs neither a space nor the word “id”. Only what has the form of a trace's id.
pub fn behind_chinese(text: &str) -> Option<&str> {
    const WORDS: [&str; 6] = ["请求", "請求", "链路", "鏈路", "追踪", "跟踪"];
    if text.is_ascii() {
        return None;
    }
    let behind = |at: usize| {
        let rest = &text[at..];
        let rest = ["id", "Id", "ID", "号", "编号"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
        let value = rest.trim_start_matches([' ', '\u{3000}', ':', '=', '[', '(', '：', '＝', '【', '（', '「', '“']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len());
        Some(&value[..end]).filter(|id| is_id(id, &[16, 32]))
    };
    WORDS.iter().find_map(|word| text.match_indices(word).find_map(|(at, _)| behind(at + word.len())))
}

/// A message has them at its beginning.
const MOST_BRACKETS: usize = 6;

fn is_id(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && is_hex(text) && !is_zero(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_however_they_are_spelled() {
        for text in [
            "TraceID: 4bf92f3577b34da6 done",
            "call trace_id=4bf92f3577b34da6",
            "SELECT 1 /*+ trace_id='4bf92f3577b34da6' */",
            "(traceId=4bf92f3577b34da6)",
            "[Trace-Id: 4bf92f3577b34da6]",
            "trace id \"4bf92f3577b34da6\"",
            "调用traceId：4bf92f3577b34da6，耗时",
            "调用【trace_id】＝4bf92f3577b34da6完成",
        ] {
            let found = value_behind(text, ["trace", "id"]);
            assert_eq!(found, Some("4bf92f3577b34da6").filter(|_| !text.contains("id \"")), "{text}");
        }
        assert_eq!(value_behind("the stacktrace id 12345678 is lost", ["trace", "id"]), None);
        assert_eq!(value_behind("trace id missing", ["trace", "id"]), None);
    }

    #[test]
    fn an_id_is_known_behind_the_chinese_for_request_without_a_space() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        for text in [format!("请求{id}完成"), format!("链路ID：{id}，耗时 5ms"), format!("用户请求编号 {id}")]
        {
            assert_eq!(behind_chinese(&text), Some(id), "{text}");
        }
        for text in
            [format!("文件{id}完成"), format!("请求{}完成", &id[..20]), format!("request {id}"), "请求".to_owned()]
        {
            assert_eq!(behind_chinese(&text), None, "{text}");
        }
    }

    #[test]
    fn brackets_hold_trace_and_span() {
        let (trace, span) = ("80f198ee56343ba864fe8b2a57d3eff7", "e457b5a2e4d86bd1");
        for text in [
            format!("INFO [shop-cart,{trace},{span}] 1 --- read"),
            format!("INFO [{trace},{span},true] read"),
            format!("[main] [{trace}-{span}] read"),
        ] {
            assert_eq!(in_brackets(&text), Some((trace, span)), "{text}");
        }
        assert_eq!(in_brackets("[main] [4,5] read"), None);
    }
}
