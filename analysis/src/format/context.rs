//! The context that loggers write behind a message, as JSON: `order taken {"order": 7}` (zap), `no stock {"sku":"A"} []`
//! (Monolog). Its members are fields; the text stays in the message.

use memchr::memmem::find_iter;
use model::entry::Field;
use serde::de::IgnoredAny;

use super::Parsed;
use super::json::{Kind, Members, value_of};
use super::logfmt::MOST_FIELDS;
use super::members::note_id;
use super::vocabulary::{Role, Vocabulary};

/// Objects in objects; deeper ones stay text.
const DEEPEST: usize = 4;
/// Places at which a context may begin; a message with more of them is something else.
const MOST_PLACES: usize = 4;

/// Where the objects of a message's context begin; none for most messages.
fn objects(message: &str) -> Vec<usize> {
    let end = message.trim_ascii_end();
    if !end.ends_with(['}', ']']) {
        return Vec::new();
    }
    let places = find_iter(end.as_bytes(), b"{\"").filter(|&at| at > 0 && end.as_bytes()[at - 1].is_ascii_whitespace());
    places.take(MOST_PLACES).find_map(|at| values_from(end, at)).unwrap_or_default()
}

/// The objects from `at` on, if there is nothing but JSON up to the end.
fn values_from(message: &str, at: usize) -> Option<Vec<usize>> {
    let mut starts = Vec::new();
    let mut values = serde_json::Deserializer::from_str(&message[at..]).into_iter::<IgnoredAny>();
    loop {
        let from = at + values.byte_offset();
        let start = from + (message[from..].len() - message[from..].trim_ascii_start().len());
        match values.next() {
            None => return Some(starts),
            Some(Ok(_)) if matches!(message.as_bytes()[start], b'{' | b'[') => starts.push(start),
            Some(_) => return None,
        }
    }
}

/// Whether [`add_context`] may add fields.
pub fn has_context(message: &str) -> bool {
    !objects(message).is_empty()
}

/// Adds the members of the context to the fields, and its trace and span ids.
pub fn add_context(message: &str, vocabulary: &Vocabulary, parsed: &mut Parsed) {
    for start in objects(message) {
        add_members(message, start, "", 0, vocabulary, parsed);
    }
}

fn add_members(text: &str, at: usize, prefix: &str, depth: usize, vocabulary: &Vocabulary, parsed: &mut Parsed) {
    let Some(members) = Members::new(text.as_bytes(), at) else { return };
    for (name, raw) in members {
        let written = &text[name];
        // The search looks for names as they are written.
        if written.contains('\\') || parsed.fields.len() >= MOST_FIELDS {
            continue;
        }
        let name = if prefix.is_empty() { written.to_owned() } else { format!("{prefix}.{written}") };
        if raw.kind == Kind::Object && depth < DEEPEST {
            add_members(text, raw.range.start, &name, depth + 1, vocabulary, parsed);
            continue;
        }
        if parsed.fields.iter().any(|field| field.name == name) {
            continue;
        }
        let value = &text[raw.range];
        if let Some(role @ (Role::TraceId | Role::SpanId | Role::Traceparent)) =
            vocabulary.names.look_up(name.as_bytes()).role
        {
            note_id(parsed, role, value);
        }
        parsed.fields.push(Field { name, value: value_of(value, raw.kind).into() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &[&str]) {
        let mut parsed = Parsed::default();
        add_context(message, &Vocabulary::shipped(), &mut parsed);
        let fields: Vec<String> = parsed.fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect();
        assert_eq!(fields, expected, "{message}");
        assert_eq!(has_context(message), !expected.is_empty(), "{message}");
    }

    #[test]
    fn objects_behind_a_message_are_fields_and_others_are_not() {
        check(
            "order taken\t{\"order\": 7, \"user\": {\"name\": \"ann\"}, \"tags\": [1]}",
            &["order=7", "user.name=ann", "tags=[1]"],
        );
        check("no stock {\"sku\":\"A\"} []", &["sku=A"]);
        check("no stock {\"sku\":\"A\"} {\"url\":\"/cart\",\"sku\":\"B\"} \n", &["sku=A", "url=/cart"]);
        check("a {b} {\"c\":7}", &["c=7"]);
        for text in ["took 7 ms", "{\"a\":1}", "x{\"a\":1}", "x {\"a\":1} y", "x {\"a\":", "x [1]", ""] {
            check(text, &[]);
        }
    }
}
