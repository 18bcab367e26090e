//! Texts that are written as lists of their bytes: `48, 48, 45, …`, as Java prints the headers of a message.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// As many numbers as the shortest id has digits. Numbers of other scripts, which are slow to look for, are no bytes.
static LISTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)[0-9]{1,3}(?: *, *[0-9]{1,3}){15,}(?-u:\b)").expect("a pattern of ours is valid")
});
/// Between the numbers of the shortest.
const LEAST_COMMAS: usize = 15;

/// Where such lists stand, each with the text that it is.
pub fn texts_in(text: &str) -> Vec<(Range<usize>, String)> {
    if memchr::memchr_iter(b',', text.as_bytes()).nth(LEAST_COMMAS - 1).is_none() {
        return Vec::new();
    }
    let read = |list: regex::Match<'_>| {
        let bytes = list.as_str().split(',').map(|number| number.trim().parse::<u8>().ok());
        let written = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
        (!written.contains(char::is_control)).then(|| (list.range(), written))
    };
    LISTS.find_iter(text).filter_map(read).collect()
}

/// A text as a list of its bytes, with what stands between the numbers of another.
pub fn listed(text: &str, like: &str) -> String {
    let behind_first = like.trim_start_matches(|c: char| c.is_ascii_digit());
    let between = behind_first.split(|c: char| c.is_ascii_digit()).next().unwrap_or(",");
    text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_bytes_is_the_text_that_it_spells() {
        let list = listed("4bf92f3577b34da6", "1, 2");
        assert!(list.starts_with("52, 98, 102, 57"), "{list}");
        let text = format!("value = [{list}], took 7, 8");
        assert_eq!(texts_in(&text), [(9..9 + list.len(), "4bf92f3577b34da6".to_owned())]);
        let shortest = listed("4bf92f3577b34da6", "48,48");
        assert_eq!(texts_in(&format!("值{shortest}")), [(3..3 + shortest.len(), "4bf92f3577b34da6".to_owned())]);
        assert_eq!(listed("ab", "48,48"), "97,98");
    }

    #[test]
    fn other_numbers_beside_each_other_are_none() {
        let numbers: Vec<String> = (0..40).map(|n| (n * 9).to_string()).collect();
        assert!(texts_in(&numbers.join(", ")).is_empty());
        assert!(texts_in("48, 49, 50").is_empty());
    }
}
