//! What a pseudonym looks like. One of an id is an id as well, of the same form and length, so that a request that was told by it
//! is told by what stands in its place.

use model::disguise::Trait;

/// Digits of a pseudonym that has no form to keep: ids in texts have eight characters and more.
const LEAST_DIGITS: usize = 6;

/// The pseudonym of the `number`-th value of its trait.
///
/// Ids of hexadecimal digits begin with an `f`, so that none is zero, and each has a letter beside a digit.
pub fn pseudonym(what: Trait, value: &str, number: u64) -> String {
    let n_digits = value.len().saturating_sub(1);
    match what {
        // As many digits, so that what reads numbers reads these. A number of 64 bits with twenty digits begins with a 1.
        Trait::Number if value.len() == 20 => format!("1{number:0>n_digits$}"),
        Trait::Number => format!("9{number:0>n_digits$}"),
        Trait::Token if is_uuid(value) => format!("f0000000-0000-4000-8000-{number:012x}"),
        Trait::Token if is_hex(value) => format!("f{number:0>n_digits$x}"),
        Trait::Token => format!("{}-{number:0>LEAST_DIGITS$}", what.name()),
        _ => format!("{}-{number}", what.name()),
    }
}

/// The shortest are as long as those that are told to be tokens by their form.
fn is_hex(value: &str) -> bool {
    value.len() >= super::LEAST_HEX_DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_uuid(value: &str) -> bool {
    let lengths = value.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && value.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_has_the_form_of_an_id() {
        let token = |value: &str| pseudonym(Trait::Token, value, 18);
        assert_eq!(token("3f2504e0-4f89-11d3-9a0c-0305e82c3301"), "f0000000-0000-4000-8000-000000000012");
        assert_eq!(token("4bf92f3577b34da6a3ce929d0e0e4736"), "f0000000000000000000000000000012");
        assert_eq!(token("00f067aa0ba902b7"), "f000000000000012");
        assert_eq!((token("hunter2"), token("deadbeef")), ("token-000018".into(), "token-000018".into()));
        let number = |value: &str| pseudonym(Trait::Number, value, 18);
        assert_eq!(number("4111111111111111"), "9000000000000018");
        assert!(number("12345678901234567890").parse::<u64>().is_ok());
    }
}
