//! The string literals of Rust sources, with what they mean; comments and characters passed over.

/// Bytes `start..end` of the source, quotes included.
pub struct Literal {
    pub start: usize,
    pub end: usize,
    pub value: String,
}

/// Tests come last in a file, or in one of their own.
pub fn without_tests(text: &str) -> &str {
    let has_body = |&at: &usize| text[at..].find(['{', ';']).is_some_and(|end| text[at + end..].starts_with('{'));
    let mut tests = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at);
    tests.find(has_body).map_or(text, |at| &text[..at])
}

pub fn literals(code: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = code[at..].find(['"', '/', '\'']).map(|next| at + next) {
        let rest = &code[next..];
        at = if rest.starts_with("//") {
            rest.find('\n').map_or(code.len(), |end| next + end)
        } else if rest.starts_with('"') {
            let end = match n_hashes_before(&code[..next]) {
                Some(n_hashes) => raw_end(code, next, n_hashes),
                None => plain_end(code, next),
            };
            let is_raw = n_hashes_before(&code[..next]).is_some();
            let inside = &code[next + 1..end - 1];
            let value = if is_raw { inside.to_owned() } else { unescaped(inside) };
            found.push(Literal { start: next, end, value });
            end
        } else {
            next + character_bytes(rest)
        };
    }
    found
}

/// Of a raw literal; `None`: it is none.
fn n_hashes_before(code: &str) -> Option<usize> {
    let hashes = code.len() - code.trim_end_matches('#').len();
    let before = code[..code.len() - hashes].strip_suffix('r')?;
    let is_word = before.ends_with(|c: char| (c.is_alphanumeric() || c == '_') && c != 'b');
    (!is_word).then_some(hashes)
}

fn raw_end(code: &str, start: usize, n_hashes: usize) -> usize {
    let close = format!("\"{}", "#".repeat(n_hashes));
    code[start + 1..].find(&close).map_or(code.len(), |at| start + 2 + at)
}

fn plain_end(code: &str, start: usize) -> usize {
    let bytes = code.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(code.len())
}

/// `'"'` is a character, `'a` a lifetime, `/` a division.
fn character_bytes(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    let Some((_, first)) = chars.next() else { return 1 };
    let closing = match first {
        _ if !rest.starts_with('\'') => None,
        '\\' => rest[2..].find('\'').map(|at| at + 2).map(|at| if rest[2..].starts_with('\'') { 3 } else { at }),
        _ => chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at),
    };
    closing.map_or(1, |at| at + 1)
}

fn unescaped(inside: &str) -> String {
    let mut value = String::new();
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            // The line goes on where the next one's text begins.
            Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some(other) => value.push(other),
            None => {}
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(code: &str) -> Vec<String> {
        literals(code).into_iter().map(|literal| literal.value).collect()
    }

    #[test]
    fn literals_are_read_as_the_compiler_reads_them() {
        assert_eq!(values(r#"a("x \"y\"", 'b', '"', '\'', "z")"#), ["x \"y\"", "z"]);
        assert_eq!(values("\"one \\\n     line\" // \"no\"\n fn a<'a>() { b / c } \"yes\""), ["one line", "yes"]);
        assert_eq!(values("r#\"a \"b\" \\d\"# br\"c\" \"d\""), ["a \"b\" \\d", "c", "d"]);
    }

    #[test]
    fn places_are_of_the_whole_literal() {
        let code = "x = \"é\";";
        let found = &literals(code)[0];
        assert_eq!(&code[found.start..found.end], "\"é\"");
    }
}
