//! Words and values with a `*` at other places than their end, as the regular expressions that they stand for.
//!
//! A star in a word is any run without spaces, one in a value is anything. Case is ignored, and both hold for whole words and
//! whole values: a star at an end lets more stand there.

/// Whether the stars of a text stand for more: something else must be there to look for.
pub(super) fn has_stars(text: &str) -> bool {
    text.contains('*') && text.contains(char::is_alphanumeric)
}

/// What `GET*users` asks of the text.
pub(super) fn of_word(text: &str) -> String {
    let is_part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let head = if text.starts_with(is_part_of_word) { r"\b" } else { "" };
    let tail = if text.ends_with(is_part_of_word) { r"\b" } else { "" };
    format!("(?i){head}{}{tail}", joined(text, r"\S*"))
}

/// What `path:*cart*` asks of the value.
pub(super) fn of_value(text: &str) -> String {
    let head = if text.starts_with('*') { "" } else { r"\A" };
    let tail = if text.ends_with('*') { "" } else { r"\z" };
    format!("(?is){head}{}{tail}", joined(text, ".*"))
}

/// What is this text and nothing else, whatever its case.
pub fn exactly_any_case(text: &str) -> String {
    format!(r"(?i)\A{}\z", escaped(text))
}

fn joined(text: &str, star: &str) -> String {
    let parts = text.split('*').filter(|part| !part.is_empty()).map(escaped);
    parts.collect::<Vec<_>>().join(star)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && c != '_' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The word that [`of_word`] makes this of; others may be answered, for what it makes of none.
pub(super) fn word_of(expression: &str) -> Option<String> {
    let body = expression.strip_prefix("(?i)")?;
    let (body, head) = body.strip_prefix(r"\b").map_or((body, "*"), |body| (body, ""));
    let (body, tail) = body.strip_suffix(r"\b").map_or((body, "*"), |body| (body, ""));
    Some(format!("{head}{}{tail}", read(body, r"\S*")?))
}

/// The value that [`of_value`] makes this of; others may be answered, for what it makes of none.
pub(super) fn value_of(expression: &str) -> Option<String> {
    let body = expression.strip_prefix("(?is)")?;
    let (body, head) = body.strip_prefix(r"\A").map_or((body, "*"), |body| (body, ""));
    let (body, tail) = body.strip_suffix(r"\z").map_or((body, "*"), |body| (body, ""));
    Some(format!("{head}{}{tail}", read(body, ".*")?))
}

/// The text of which [`joined`] made this.
fn read(body: &str, star: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(star) {
            text.push('*');
            rest = after;
            continue;
        }
        let (c, n_bytes) = match c {
            '\\' => (rest[1..].chars().next().filter(char::is_ascii_punctuation)?, 2),
            c => (c, c.len_utf8()),
        };
        text.push(c);
        rest = &rest[n_bytes..];
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_become_expressions_of_whole_words_and_whole_values() {
        assert_eq!(of_word("GET*/users"), r"(?i)\bGET\S*\/users\b");
        assert_eq!(of_word("*out"), r"(?i)out\b");
        assert_eq!(of_value("*.js"), r"(?is)\.js\z");
        assert_eq!(of_value("/api/*/items"), r"(?is)\A\/api\/.*\/items\z");
        assert_eq!(of_value("*cart**x*"), "(?is)cart.*x");
    }

    #[test]
    fn what_stars_became_is_written_with_stars_again() {
        for text in ["a*b", "*out", "a*b*c.d", "*.js"] {
            assert_eq!(value_of(&of_value(text)).as_deref(), Some(text));
            assert_eq!(word_of(&of_word(text)).as_deref().map(of_word), Some(of_word(text)));
        }
        assert_eq!(value_of(r"(?is)\d+"), None);
    }
}
