//! Names and words of a row as they are written into one field: `payment_status, outcome`; `paid = SUCCESS = ok`.

/// The texts between separators; one with a separator in it stands in quotes.
pub fn split(text: &str, separators: &[char]) -> Vec<String> {
    let mut texts = vec![String::new()];
    let (mut is_quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        let last = texts.last_mut().expect("there is one from the beginning");
        match c {
            '\\' if is_quoted && matches!(chars.peek(), Some('"' | '\\')) => last.extend(chars.next()),
            '"' if is_quoted || last.trim().is_empty() => is_quoted = !is_quoted,
            c if separators.contains(&c) && !is_quoted => texts.push(String::new()),
            c => last.push(c),
        }
    }
    texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

/// What [`split`] reads as the same.
pub fn join(texts: &[String], separators: &[char], between: &str) -> String {
    let written = |text: &String| match text.contains(separators) || text.contains('"') {
        true => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        false => text.clone(),
    };
    texts.iter().map(written).collect::<Vec<_>>().join(between)
}

const BETWEEN_NAMES: [char; 2] = [',', '\n'];
const BETWEEN_WORDS: [char; 1] = ['='];
const BETWEEN_GROUPS: [char; 2] = [',', '\n'];

pub fn read_names(text: &str) -> Vec<String> {
    split(text, &BETWEEN_NAMES)
}

pub fn write_names(names: &[String]) -> String {
    join(names, &BETWEEN_NAMES, ", ")
}

/// A line for each group of words that say the same.
pub fn read_groups(text: &str) -> Vec<Vec<String>> {
    let quoted_too = |text: &str| split(text, &BETWEEN_WORDS);
    lines_of(text).iter().map(|line| quoted_too(line)).filter(|group| !group.is_empty()).collect()
}

pub fn write_groups(groups: &[Vec<String>]) -> String {
    let all: Vec<char> = [&BETWEEN_WORDS[..], &BETWEEN_GROUPS].concat();
    groups.iter().map(|group| join(group, &all, " = ")).collect::<Vec<_>>().join("\n")
}

/// The groups with their quotes.
fn lines_of(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut is_quoted, mut was_escape) = (false, false);
    for c in text.chars() {
        let last = lines.last_mut().expect("there is one from the beginning");
        let begins_word = || last.rsplit(BETWEEN_WORDS).next().is_none_or(|word| word.trim().is_empty());
        if c == '"' && !was_escape && (is_quoted || begins_word()) {
            is_quoted = !is_quoted;
        }
        was_escape = c == '\\' && is_quoted && !was_escape;
        if BETWEEN_GROUPS.contains(&c) && !is_quoted { lines.push(String::new()) } else { last.push(c) }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn names_are_a_list_and_words_that_say_the_same_a_line() {
        assert_eq!(read_names(" a.b,, c\n\"d, e\" "), texts(&["a.b", "c", "d, e"]));
        assert_eq!(
            read_groups("paid = SUCCESS=ok\n\nfailed = \"a = b, c\""),
            [texts(&["paid", "SUCCESS", "ok"]), texts(&["failed", "a = b, c"]),]
        );
        assert_eq!(read_groups("paid = ok, failed = ERROR").len(), 2);
        assert_eq!(read_groups("5\" = five\n6\" = six"), [texts(&["5\"", "five"]), texts(&["6\"", "six"])]);
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let names = texts(&["a", "b c", "d,e", "say \"x\"", "back\\slash"]);
        assert_eq!(read_names(&write_names(&names)), names);
        let groups = vec![names, texts(&["a=b", "c"])];
        assert_eq!(read_groups(&write_groups(&groups)), groups);
    }
}
