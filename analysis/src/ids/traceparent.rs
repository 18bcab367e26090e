//! The `traceparent` header of W3C Trace Context, read as strictly as its recommendation demands.
//!
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use super::{Flaw, Ids, Rule};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traceparent<'t> {
    pub trace: &'t str,
    pub parent: &'t str,
    pub flags: u8,
}

/// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`
pub fn read(text: &str) -> Result<Traceparent<'_>, Flaw> {
    let mut parts = text.split('-');
    let mut next = || parts.next().ok_or(Flaw::Parts);
    let (version, trace, parent, flags) = (next()?, next()?, next()?, next()?);
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if ![version, trace, parent, flags].into_iter().all(is_hex) {
        return Err(Flaw::Alphabet);
    }
    if (version.len(), trace.len(), parent.len(), flags.len()) != (2, 32, 16, 2) {
        return Err(Flaw::Length);
    }
    // Later versions may say more behind the flags, the first may not.
    if version == "ff" || version == "00" && parts.next().is_some() {
        return Err(Flaw::Version);
    }
    if is_zero(trace) || is_zero(parent) {
        return Err(Flaw::Zero);
    }
    let flags = u8::from_str_radix(flags, 16).map_err(|_| Flaw::Alphabet)?;
    Ok(Traceparent { trace, parent, flags })
}

/// What it says of an entry that it is written in.
pub fn ids(read: Traceparent<'_>) -> Ids<'_> {
    Ids { rule: Some(Rule::Traceparent), trace: Some(read.trace), span: Some(read.parent), parent: None }
}

pub fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_recommendation_allows_is_read() {
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let good = format!("00-{trace}-{parent}-01");
        assert_eq!(read(&good), Ok(Traceparent { trace, parent, flags: 1 }));
        assert_eq!(read(&format!("cc-{trace}-{parent}-01-what")).map(|read| read.trace), Ok(trace));
        let zero_trace = "0".repeat(32);
        for (text, flaw) in [
            (format!("{good}-what"), Flaw::Version),
            (format!("ff-{trace}-{parent}-01"), Flaw::Version),
            (format!("00-{trace}-{parent}"), Flaw::Parts),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), Flaw::Alphabet),
            (format!("00-{}-{parent}-01", &trace[1..]), Flaw::Length),
            (format!("0-{trace}-{parent}-01"), Flaw::Length),
            (format!("00-{zero_trace}-{parent}-01"), Flaw::Zero),
            (format!("00-{trace}-0000000000000000-01"), Flaw::Zero),
        ] {
            assert_eq!(read(&text), Err(flaw), "{text}");
        }
    }
}
