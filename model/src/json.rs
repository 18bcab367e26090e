//! JSON as a tree to be looked at: what is in it stays as it is written, numbers to their last digit.

/// Deeper ones are shown as they are written.
const MOST_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A text with its quotes, a number, true, false or null.
    Leaf(String),
    List(Vec<Node>),
    /// In the order of the document; a name may come twice.
    Object(Vec<(String, Node)>),
}

/// The text's tree where it is an object or a list and nothing else.
///
/// ```
/// use model::json::{Node, tree};
/// let leaf = |text: &str| Node::Leaf(text.to_owned());
/// assert_eq!(tree("{\"a\": [1.50, null]}"), Some(Node::Object(vec![("a".to_owned(), Node::List(vec![leaf("1.50"), leaf("null")]))])));
/// assert_eq!(tree("17"), None);
/// ```
pub fn tree(text: &str) -> Option<Node> {
    let text = text.trim();
    let mut reader = Reader { text, at: 0 };
    let node = text.starts_with(['{', '[']).then(|| reader.node(0))??;
    (reader.at == text.len()).then_some(node)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, sign: char) -> bool {
        self.skip_space();
        let is_there = self.rest().starts_with(sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn node(&mut self, depth: usize) -> Option<Node> {
        self.skip_space();
        if depth > MOST_DEPTH {
            return None;
        }
        if self.take('{') {
            let pair = |reader: &mut Self| {
                reader.skip_space();
                let name = reader.string()?;
                let is_named = reader.take(':');
                let node = reader.node(depth + 1)?;
                is_named.then(|| (name[1..name.len() - 1].to_owned(), node))
            };
            return Some(Node::Object(self.several('}', pair)?));
        }
        if self.take('[') {
            return Some(Node::List(self.several(']', |reader| reader.node(depth + 1))?));
        }
        if self.rest().starts_with('"') {
            return Some(Node::Leaf(self.string()?));
        }
        let end = self.rest().find(|c: char| c.is_whitespace() || ",]}".contains(c)).unwrap_or(self.rest().len());
        let word = self.rest()[..end].to_owned();
        self.at += end;
        let is_value = matches!(word.as_str(), "true" | "false" | "null") || word.parse::<f64>().is_ok();
        is_value.then_some(Node::Leaf(word))
    }

    fn several<T>(&mut self, end: char, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        if self.take(end) {
            return Some(all);
        }
        loop {
            all.push(read(self)?);
            match self.take(',') {
                true => {}
                false if self.take(end) => return Some(all),
                false => return None,
            }
        }
    }

    /// With its quotes.
    fn string(&mut self) -> Option<String> {
        let inner = self.rest().strip_prefix('"')?;
        let mut is_escaped = false;
        let end = inner.find(|c: char| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end
        })?;
        let string = self.rest()[..end + 2].to_owned();
        self.at += end + 2;
        Some(string)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_all_json_is_no_tree() {
        for text in ["", "{", "{\"a\":1} and more", "{\"a\" 1}", "[1,]", "[1 2]", "{a:1}", "[tru]", "\"text\""] {
            assert_eq!(tree(text), None, "{text}");
        }
    }

    #[test]
    fn escaped_quotes_and_empty_ones_are_read() {
        let read = tree(r#" {"a\"b": "c\\", "d": {}, "e": []} "#);
        let leaf = Node::Leaf(r#""c\\""#.to_owned());
        let expected = [(r#"a\"b"#, leaf), ("d", Node::Object(Vec::new())), ("e", Node::List(Vec::new()))];
        assert_eq!(read, Some(Node::Object(expected.map(|(name, node)| (name.to_owned(), node)).to_vec())));
    }

    #[test]
    fn too_deep_a_text_is_left_as_it_is() {
        assert_eq!(tree(&("[".repeat(5000) + &"]".repeat(5000))), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn any_text_is_looked_at_without_harm(text in "[\\[\\]{}:,\"\\\\a1é \n-]{0,40}") {
            let _ = tree(&text);
        }
    }
}
