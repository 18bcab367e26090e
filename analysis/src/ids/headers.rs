//! Values of the headers that carry ids from service to service.
//!
//! B3: <https://github.com/openzipkin/b3-propagation>. Jaeger: `uber-trace-id`, "Propagation format" of its client libraries.
//! AWS: `X-Amzn-Trace-Id` of the X-Ray concepts. Datadog: decimal numbers of 64 bits.

use super::traceparent::is_zero;
use super::{Flaw, Ids, Rule};

/// `{trace}-{span}-{sampled}-{parent}`, the last two optional; a lone sampling state names no ids.
pub fn b3_single(text: &str) -> Result<Ids<'_>, Flaw> {
    if matches!(text, "0" | "1" | "d") {
        return Ok(Ids::default());
    }
    let mut parts = text.split('-');
    let (Some(trace), Some(span)) = (parts.next(), parts.next()) else { return Err(Flaw::Parts) };
    let parent = parts.nth(1).map(|parent| hex(parent, &[16])).transpose()?;
    Ok(Ids { rule: Some(Rule::B3Single), trace: Some(hex(trace, &[16, 32])?), span: Some(hex(span, &[16])?), parent })
}

/// `{trace}:{span}:{parent}:{flags}`; leading zeros may be left out, and a parent of 0 is none. Jaeger's clients write `%3A` for the colons.
pub fn uber(text: &str) -> Result<Ids<'_>, Flaw> {
    let parts: Vec<&str> = match text.contains(':') {
        true => text.split(':').collect(),
        false => text.split("%3A").flat_map(|part| part.split("%3a")).collect(),
    };
    let [trace, span, parent, flags] = parts[..] else { return Err(Flaw::Parts) };
    if [trace, span, parent, flags].iter().any(|part| part.is_empty() || !is_hex(part)) {
        return Err(Flaw::Alphabet);
    }
    if trace.len() > 32 || span.len() > 16 || parent.len() > 16 || flags.len() > 2 {
        return Err(Flaw::Length);
    }
    if is_zero(trace) || is_zero(span) {
        return Err(Flaw::Zero);
    }
    let parent = (!is_zero(parent)).then_some(parent);
    Ok(Ids { rule: Some(Rule::Uber), trace: Some(trace), span: Some(span), parent })
}

/// `Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1`; a load balancer says before that what it is itself
/// (`Self=1-…`), and that alone where it was given nothing. Loggers write the id alone, or `1-…@463ac35c9f6413ad`.
pub fn amazon(text: &str) -> Result<Ids<'_>, Flaw> {
    let part = |name: &str| {
        let mut pairs = text.split(';').filter_map(|part| part.trim().split_once('='));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let (root, span) = match part("Root").or_else(|| part("Self")) {
        Some(root) => (root, part("Parent")),
        None if text.contains('=') => return Err(Flaw::Parts),
        None => text.split_once('@').map_or((text, None), |(root, segment)| (root, Some(segment))),
    };
    amazon_root(root)?;
    let span = span.map(|span| hex(span, &[16])).transpose()?;
    Ok(Ids { rule: Some(Rule::Amazon), trace: Some(root), span, parent: None })
}

/// `1-67891233-abcdef012345678912345678`, or the same digits as other headers have them.
fn amazon_root(root: &str) -> Result<(), Flaw> {
    let mut parts = root.split('-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        // An id of 64 bits that is padded with zeros has nothing but those for a time.
        (Some("1"), Some(time), Some(unique), None) => match (time.len(), unique.len()) {
            _ if !is_hex(time) || !is_hex(unique) => Err(Flaw::Alphabet),
            (8, 24) if is_zero(time) && is_zero(unique) => Err(Flaw::Zero),
            (8, 24) => Ok(()),
            _ => Err(Flaw::Length),
        },
        (Some(digits), None, None, None) => hex(digits, &[32]).map(|_| ()),
        _ => Err(Flaw::Version),
    }
}

/// A decimal number of 64 bits that is not zero.
pub fn datadog(text: &str) -> Result<&str, Flaw> {
    match text.parse::<u64>() {
        Ok(0) => Err(Flaw::Zero),
        Ok(_) => Ok(text),
        Err(_) => Err(Flaw::Alphabet),
    }
}

/// An id of hexadecimal digits, one of these lengths, not zero.
pub fn hex<'t>(text: &'t str, lengths: &[usize]) -> Result<&'t str, Flaw> {
    match text {
        _ if !is_hex(text) => Err(Flaw::Alphabet),
        _ if !lengths.contains(&text.len()) => Err(Flaw::Length),
        _ if is_zero(text) => Err(Flaw::Zero),
        _ => Ok(text),
    }
}

pub fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: Result<Ids<'_>, Flaw>, trace: &str, span: Option<&str>, parent: Option<&str>) {
        let read = read.unwrap();
        assert_eq!((read.trace, read.span, read.parent), (Some(trace), span, parent));
    }

    #[test]
    fn each_header_is_read_by_its_own_rule() {
        let (trace, span, parent) = ("80f198ee56343ba864fe8b2a57d3eff7", "e457b5a2e4d86bd1", "05e3ac9a4f6e3b90");
        check(b3_single(&format!("{trace}-{span}-1-{parent}")), trace, Some(span), Some(parent));
        check(b3_single(&format!("{trace}-{span}")), trace, Some(span), None);
        check(uber(&format!("{trace}:{span}:0:1")), trace, Some(span), None);
        check(uber(&format!("{trace}%3A{span}%3A0%3a1")), trace, Some(span), None);
        check(uber("5af7183fb1d4cf5f:af:6b221d5bc9e6496c:1"), "5af7183fb1d4cf5f", Some("af"), Some("6b221d5bc9e6496c"));
        let root = "1-67891233-abcdef012345678912345678";
        check(amazon(&format!("Root={root};Parent={span};Sampled=1")), root, Some(span), None);
        check(amazon(&format!("Self=1-67891234-12456789abcdef0123456789;Root={root}")), root, None, None);
        check(amazon(&format!("Self={root}")), root, None, None);
        check(amazon(root), root, None, None);
        check(amazon(&format!("{root}@{span}")), root, Some(span), None);
        check(amazon(&format!("Root={trace};Parent={span}")), trace, Some(span), None);
        let padded = "1-00000000-000000005af7183fb1d4cf5f";
        check(amazon(&format!("Root={padded};Sampled=0;Lineage=1:a87bd80c:1")), padded, None, None);
        assert_eq!(datadog("1727562471346"), Ok("1727562471346"));
    }

    #[test]
    fn whether_a_request_is_sampled_is_no_id_and_not_malformed() {
        for state in ["0", "1", "d"] {
            assert_eq!(b3_single(state), Ok(Ids::default()));
        }
    }

    #[test]
    fn what_a_header_may_not_say_is_told() {
        assert_eq!(b3_single("2"), Err(Flaw::Parts));
        assert_eq!(b3_single("0000000000000000-e457b5a2e4d86bd1"), Err(Flaw::Zero));
        assert_eq!(b3_single("80f198ee56343ba8-e457b5a2"), Err(Flaw::Length));
        assert_eq!(uber("x:1:0:1"), Err(Flaw::Alphabet));
        assert_eq!(amazon("Root=2-67891233-abcdef012345678912345678"), Err(Flaw::Version));
        assert_eq!(amazon("Root=1-00000000-000000000000000000000000"), Err(Flaw::Zero));
        assert_eq!(amazon("Parent=463ac35c9f6413ad;Sampled=1"), Err(Flaw::Parts));
        assert_eq!(datadog("18446744073709551616"), Err(Flaw::Alphabet));
    }
}
