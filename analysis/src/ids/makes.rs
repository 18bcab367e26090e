//! Ids of tracers that have a form of their own, by what their makers write of it.

use std::ops::RangeInclusive;

use super::headers::is_hex;
use super::{Ids, Rule};

/// Milliseconds since 1970, from 2001 to 2099.
const MILLIS: RangeInclusive<u64> = 1_000_000_000_000..=4_102_444_800_000;

/// Whose ids have this form.
pub fn make_of(id: &str) -> Option<Rule> {
    is_of_sofa(id).then_some(Rule::Sofa).or_else(|| is_of_skywalking(id).then_some(Rule::SkyWalking))
}

/// `0ad1348f1403169275002100356696`: the address of the server in 8 hexadecimal digits, milliseconds, a number of four digits from 1000 on,
/// and the process ("TraceId and SpanId generation rules" of SOFATracer). EagleEye has a letter before the process. One of 32 digits may be
/// anybody's, and so may a decimal number: addresses of private networks have a letter (`0a`, `ac1`, `c0a8`).
fn is_of_sofa(id: &str) -> bool {
    let (Some(address), Some(millis), Some(number), Some(process)) =
        (id.get(..8), id.get(8..21), id.get(21..25), id.get(25..))
    else {
        return false;
    };
    let process = process.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or(process);
    (26..=31).contains(&id.len())
        && is_hex(address)
        && !id.bytes().all(|byte| byte.is_ascii_digit())
        && is_of(millis, MILLIS)
        && is_of(number, 1000..=9999)
        && is_of(process, 0..=9_999_999)
}

/// `8e9e3a2d7d2e4f6b9b7a9d4f7d3e2a1c.45.16050712345670001`: the instance, a thread, and milliseconds with four more digits
/// (`GlobalIdGenerator` of SkyWalking's agents; before version 8 the instance was a number).
fn is_of_skywalking(id: &str) -> bool {
    if !id.contains('.') {
        return false;
    }
    let mut parts = id.split('.');
    let (Some(instance), Some(thread), Some(time), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_uuid = instance.len() == 36 && instance.split('-').all(is_hex) || instance.len() == 32 && is_hex(instance);
    let millis = time.get(..13).unwrap_or_default();
    (is_uuid || is_of(instance, 0..=u64::from(u32::MAX)))
        && is_of(thread, 0..=u64::from(u32::MAX))
        && is_of(millis, MILLIS)
        && is_of(time.get(13..).unwrap_or_default(), 0..=9999)
}

/// A number of digits alone.
fn is_of(text: &str, range: RangeInclusive<u64>) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u64>().is_ok_and(|number| range.contains(&number))
}

/// The ids of an entry by the rule of whose they are. `place`: what it calls its span, if that is no id.
pub fn by_make<'t>(ids: Ids<'t>, place: Option<&'t str>) -> Ids<'t> {
    let make = ids.trace.filter(|_| matches!(ids.rule, Some(Rule::Field | Rule::Text))).and_then(make_of);
    let is_place = |place: &&str| place.split('.').all(|part| is_of(part, 0..=u64::from(u32::MAX)));
    match (make, place.filter(is_place)) {
        // `0.1.2` is what `0.1` called second, and `0` is the first of all.
        (Some(Rule::Sofa), Some(place)) if ids.span.is_none() => {
            let caller = place.rsplit_once('.').map(|(caller, _)| caller);
            Ids { rule: make, span: Some(place), parent: ids.parent.or(caller), ..ids }
        }
        (Some(_), _) => Ids { rule: make, ..ids },
        (None, _) => ids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_other_makes_are_known_by_their_form() {
        for id in ["0ad1348f1403169275002100356696", "0a0fe8b8160507123456710011", "0a0fe8b816050712345671001d1234"] {
            assert_eq!(make_of(id), Some(Rule::Sofa), "{id}");
        }
        for id in ["8e9e3a2d7d2e4f6b9b7a9d4f7d3e2a1c.45.16050712345670001", "12.45.15050712345670001"] {
            assert_eq!(make_of(id), Some(Rule::SkyWalking), "{id}");
        }
        for id in [
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "4bf92f3577b34da6a3ce929d0e0e47",
            "0ad1348f0403169275002100356696",
            "20261120169275002100310035669",
            "0ad1348f1403169275002099956696",
            "10.0.3",
            "1.2.16050712345670001.4",
            "größe.1.2",
        ] {
            assert_eq!(make_of(id), None, "{id}");
        }
    }

    #[test]
    fn places_in_a_call_tell_who_called() {
        let ids = |trace, place| {
            let of_field = Ids { rule: Some(Rule::Field), trace: Some(trace), ..Ids::default() };
            let found = by_make(of_field, Some(place));
            (found.rule, found.span, found.parent)
        };
        let (sofa, skywalking) = ("0ad1348f1403169275002100356696", "12.45.15050712345670001");
        assert_eq!(ids(sofa, "0.1.2"), (Some(Rule::Sofa), Some("0.1.2"), Some("0.1")));
        assert_eq!(ids(sofa, "0"), (Some(Rule::Sofa), Some("0"), None));
        assert_eq!(ids(sofa, "a.b"), (Some(Rule::Sofa), None, None));
        // Numbers of spans are those within one segment.
        assert_eq!(ids(skywalking, "3"), (Some(Rule::SkyWalking), None, None));
        assert_eq!(ids("4bf92f3577b34da6a3ce929d0e0e4736", "0.1"), (Some(Rule::Field), None, None));
    }
}
