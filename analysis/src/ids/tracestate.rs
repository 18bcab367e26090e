//! What W3C's `tracestate` may say: <https://www.w3.org/TR/trace-context/#tracestate-header>.

/// More members than these may be dropped by anybody.
const MOST_MEMBERS: usize = 32;

/// Whether it is a list of `key=value`, none of which comes twice. Members may be empty, or have spaces around them.
pub fn is_valid(text: &str) -> bool {
    let mut keys: Vec<&str> = Vec::new();
    for member in text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty()) {
        let Some((key, value)) = member.split_once('=') else { return false };
        if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MOST_MEMBERS {
            return false;
        }
        keys.push(key);
    }
    true
}

/// `congo`, `fw529a3039@dt`
fn is_key(key: &str) -> bool {
    let is_part = |part: &str, most: usize, may_begin: fn(u8) -> bool| {
        (1..=most).contains(&part.len())
            && may_begin(part.as_bytes()[0])
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'))
    };
    match key.split_once('@') {
        Some((tenant, system)) => {
            is_part(tenant, 241, |byte| byte.is_ascii_alphanumeric())
                && is_part(system, 14, |byte| byte.is_ascii_lowercase())
        }
        None => is_part(key, 256, |byte| byte.is_ascii_alphanumeric()),
    }
}

fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len()) && value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lists_of_keys_and_values_are_valid() {
        for text in ["", "congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7, congo=t61", "fw529a3039@dt=FfxV", "a=1,,b=2"] {
            assert!(is_valid(text), "{text}");
        }
        for text in ["congo", "Congo=1", "a=1,a=2", "=1", "a=", "a@=1", "a=b=c", "a=ü"] {
            assert!(!is_valid(text), "{text}");
        }
        let many = |n: usize| (0..n).map(|i| format!("k{i}=1")).collect::<Vec<_>>().join(",");
        assert_eq!((is_valid(&many(32)), is_valid(&many(33))), (true, false));
    }
}
