//! Pseudonyms for what can tell of whom an entry speaks: addresses, names, tokens, paths, told by their form.
//!
//! The same value gets the same pseudonym, whatever stands around it, so that who did what with whom can still be followed. What
//! is not told by its form (a name in a sentence) stays in entries, unless a field tells it: a preview shows what is found. What
//! is written of entries (notes, views, rows) has pseudonyms in place of all words that got one before.

mod known;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::net::Ipv6Addr;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use model::disguise::{Disguise, Replaced, Trait};
use model::entry::{Entry, Field, Value};
use regex::Regex;

pub use known::Pseudonyms;
use known::{is_number, is_of_word};

/// One pattern for each trait. Where it has a group, that is what is replaced. Those before have the first say.
const PATTERNS: [(Trait, &str); 13] = [
    // Of an address: who (with the password), and where.
    (Trait::User, r"\b[A-Za-z][A-Za-z0-9+.-]*://([^\s/@]+)@"),
    (Trait::Host, r"\b[A-Za-z][A-Za-z0-9+.-]*://(?:[^\s/@]*@)?([A-Za-z][A-Za-z0-9.-]*[A-Za-z0-9])"),
    (Trait::Mail, r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    (Trait::Ip, r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"),
    (Trait::Ip, r"(?i)(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|:)"),
    // What says itself that it is a secret.
    (
        Trait::Token,
        r#"(?i)\b(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|auth(?:orization)?|session(?:[_-]?id)?|cookie)["']?\s*(?:[=:]=?|!=)\s*["']?(?:(?:bearer|basic|digest)\s+)?([^\s"',;&}\])]{3,})"#,
    ),
    (Trait::Token, r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9+/_.=-]{8,})"),
    (Trait::Token, r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    (Trait::Token, r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    (Trait::Token, r"(?i)\b[0-9a-f]*(?:[0-9][a-f]|[a-f][0-9])[0-9a-f]*\b"),
    (
        Trait::User,
        r#"(?i)\b(?:user(?:[_.-]?name|[_.-]?id)?|login|usr|uid|account|principal|owner|(?:invalid|for) user)(?:["']?\s*(?:[=:]=?|!=)\s*["']?|\s+')([A-Za-z0-9_.@\\-]+)"#,
    ),
    (Trait::User, r"(?i)\b(?:for|user|by) (?:invalid user )?([a-z_][a-z0-9_.-]*) from [0-9\[:]"),
    (
        Trait::Path,
        r#"(?:\b[A-Za-z]:\\|\\\\|~/|/(?:home|Users|root|var|etc|opt|srv|tmp|usr|mnt|media|data|run|proc|Library|private|app|workspace)/)[^\s"'<>|:;,()\[\]{}]+"#,
    ),
];

/// Shorter ones may be words or colours.
const LEAST_HEX_DIGITS: usize = 16;

/// Examples of a preview.
const N_EXAMPLES: usize = 5;

static COMPILED: LazyLock<Vec<(Trait, Regex)>> = LazyLock::new(|| {
    let compile = |(what, pattern): (Trait, &str)| (what, Regex::new(pattern).expect("a pattern of ours is valid"));
    PATTERNS.into_iter().map(compile).collect()
});

static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").expect("a pattern of ours is valid"));

/// What has pseudonyms in a text beside what is told by its form.
#[derive(Clone, Copy)]
enum Also<'a> {
    /// What the fields of its entry tell, and what stands in its place.
    Told(&'a [(String, String)]),
    /// Every word that got one before.
    Known,
}

/// By where they begin, where they end. None lies over another.
type Places<T> = BTreeMap<usize, (usize, T)>;

/// Gives pseudonyms for one file. What has one already, in whatever was written before, keeps it.
pub struct Disguiser {
    disguise: Disguise,
    known: Rc<RefCell<Pseudonyms>>,
    /// In the order they were met in this file.
    met: Vec<(Trait, String)>,
    is_met: HashSet<(Trait, String)>,
}

/// Shorter ones would be found in the middle of everything.
const LEAST_CHARS: usize = 2;

/// Case makes no other host, mail or address.
fn key_of(what: Trait, value: &str) -> String {
    match what {
        Trait::Mail | Trait::Host | Trait::Ip => value.to_lowercase(),
        _ => value.to_owned(),
    }
}

impl Disguiser {
    pub fn new(disguise: Disguise, known: Rc<RefCell<Pseudonyms>>) -> Self {
        Self { disguise, known, met: Vec::new(), is_met: HashSet::new() }
    }

    /// All of an entry that is written anywhere.
    pub fn entry(&mut self, entry: &mut Entry) {
        let told = self.told_by(&entry.fields);
        let told = Also::Told(&told);
        entry.message = self.text_with(&entry.message, told);
        entry.raw = self.text_with(&entry.raw, told);
        entry.service = self.text(&entry.service);
        for id in [&mut entry.trace_id, &mut entry.span_id].into_iter().flatten() {
            *id = self.text(id);
        }
        for field in &mut entry.fields {
            let value = field.value.to_string();
            let now = self.field(&field.name, &value, is_nested(&field.value), told);
            if now != value {
                field.value = match field.value {
                    Value::Json(_) if is_nested(&field.value) => Value::Json(now),
                    Value::Int(_) => now.parse().map_or(Value::Text(now), Value::Int),
                    _ => Value::Text(now),
                };
            }
        }
    }

    /// The text of an entry with these fields, but for a part of it (its stamp), and where that is then.
    pub fn line(&mut self, text: &str, fields: &[Field], kept: Range<usize>) -> (String, Range<usize>) {
        let told = self.told_by(fields);
        let told = Also::Told(&told);
        let (Some(before), Some(stamp), Some(after)) =
            (text.get(..kept.start), text.get(kept.clone()), text.get(kept.end..))
        else {
            return (self.text_with(text, told), 0..0);
        };
        let mut line = self.text_with(before, told);
        let start = line.len();
        line.push_str(stamp);
        let end = line.len();
        line += &self.text_with(after, told);
        (line, start..end)
    }

    /// A value that stands under a name, as a field's or in a column: the name may be what tells a user or a token. Words in it
    /// that got pseudonyms before have them, too.
    pub fn value(&mut self, name: &str, value: &str) -> String {
        self.field(name, value, false, Also::Known)
    }

    fn field(&mut self, name: &str, value: &str, is_nested: bool, also: Also<'_>) -> String {
        // One like `shop@32473.trace_id` is no mail address.
        let name = name.replace('@', "_") + "=";
        let with_name = self.text_from(&format!("{name}{value}"), name.len(), also);
        match with_name.strip_prefix(&name) {
            Some(now) if !is_nested => now.to_owned(),
            _ => self.text_with(value, also),
        }
    }

    /// Values that have pseudonyms because of their fields' names, which the text of the entry may not say. Numbers and
    /// names of fields are none: they stand in it for something else as well.
    fn told_by(&mut self, fields: &[Field]) -> Vec<(String, String)> {
        self.known.borrow_mut().add_field_names(fields);
        let is_name = |value: &str| {
            let mut names = fields.iter().flat_map(|field| field.name.split('.').chain([&*field.name]));
            names.any(|name| name.eq_ignore_ascii_case(value))
        };
        let mut told = Vec::new();
        for field in fields {
            let Value::Text(value) = &field.value else { continue };
            if value.chars().count() < LEAST_CHARS || is_number(value) {
                continue;
            }
            let now = self.field(&field.name, value, false, Also::Told(&[]));
            if now != *value && !is_name(value) && self.text(value) == *value {
                told.push((value.clone(), now));
            }
        }
        told
    }

    /// The text with pseudonyms in place of all that is found in it.
    pub fn text(&mut self, text: &str) -> String {
        self.text_with(text, Also::Told(&[]))
    }

    /// What somebody wrote of entries: a note, a query, the name of a view. It may say of whom it speaks in any way, so every
    /// word that got a pseudonym before has it here.
    pub fn words(&mut self, text: &str) -> String {
        self.text_with(text, Also::Known)
    }

    fn text_with(&mut self, text: &str, also: Also<'_>) -> String {
        self.text_from(text, 0, also)
    }

    /// `from`: where `also` begins.
    fn text_from(&mut self, text: &str, from: usize, also: Also<'_>) -> String {
        let mut places = places_in(text, self.disguise.most_digits);
        places.retain(|_, (_, what)| self.disguise.traits.contains(what));
        let mut named = Places::new();
        for (start, (end, what)) in places {
            named.insert(start, (end, self.name(what, &text[start..end])));
        }
        let more: Vec<(Range<usize>, String)> = match also {
            Also::Told(told) => told
                .iter()
                .flat_map(|(value, now)| whole_words(&text[from..], value).map(move |range| (range, now.clone())))
                .collect(),
            Also::Known => self.known.borrow().known_in(&text[from..], &self.disguise.traits),
        };
        for (range, name) in more {
            let (start, end) = (from + range.start, from + range.end);
            if is_free(&named, start, end) {
                named.insert(start, (end, name));
            }
        }
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (start, (end, name)) in named {
            out.push_str(&text[done..start]);
            out.push_str(&name);
            done = end;
        }
        out.push_str(&text[done..]);
        out
    }

    /// A part of an entry that was met before: alone it may not show what it is, as a user's name behind `user=` does.
    pub fn part(&mut self, part: &str) -> String {
        let bare = part.trim_matches(|c: char| !c.is_alphanumeric());
        let named = |what: &Trait| self.known.borrow().names.get(&(*what, key_of(*what, bare))).cloned();
        match self.disguise.traits.iter().find_map(named) {
            Some(name) => part.replacen(bare, &name, 1),
            None => self.words(part),
        }
    }

    fn name(&mut self, what: Trait, value: &str) -> String {
        let key = (what, key_of(what, value));
        if self.is_met.insert(key.clone()) {
            self.met.push((what, value.to_owned()));
        }
        let known = &mut *self.known.borrow_mut();
        if let Some(name) = known.names.get(&key) {
            return name.clone();
        }
        let n_digits = if what == Trait::Number { value.len() } else { 0 };
        let number = known.n_named.entry((what, n_digits)).and_modify(|n| *n += 1).or_insert(1);
        let name = match what {
            // As many digits, so that what reads numbers reads these.
            Trait::Number => format!("9{number:0>width$}", width = value.len().saturating_sub(1)),
            _ => format!("{}-{number}", what.name()),
        };
        known.names.insert(key, name.clone());
        known.add_word(what, value, &name);
        name
    }

    /// What was replaced so far.
    pub fn found(&self) -> Vec<Replaced> {
        let known = self.known.borrow();
        let of = |what: Trait| {
            let values = || self.met.iter().filter(move |(of, _)| *of == what).map(|(_, value)| value);
            let example = |value: &String| {
                (value.clone(), known.names.get(&(what, key_of(what, value))).cloned().unwrap_or_default())
            };
            Replaced {
                what,
                n_values: values().count() as u64,
                examples: values().take(N_EXAMPLES).map(example).collect(),
            }
        };
        Trait::ALL.into_iter().map(of).filter(|replaced| replaced.n_values > 0).collect()
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Json(json) if json.starts_with(['{', '[']))
}

/// Where `value` stands as a whole word.
fn whole_words<'a>(text: &'a str, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_apart =
        |next: Option<char>, own: Option<char>| !(next.is_some_and(is_of_word) && own.is_some_and(is_of_word));
    text.match_indices(value).map(move |(start, _)| start..start + value.len()).filter(move |range| {
        is_apart(text[..range.start].chars().next_back(), value.chars().next())
            && is_apart(text[range.end..].chars().next(), value.chars().next_back())
    })
}

fn is_free<T>(places: &Places<T>, start: usize, end: usize) -> bool {
    places.range(..end).next_back().is_none_or(|(_, (before, _))| *before <= start)
}

/// What is told by its form. `most_digits`: numbers of more are long.
fn places_in(text: &str, most_digits: u8) -> Places<Trait> {
    let mut found = Places::new();
    for (what, pattern) in COMPILED.iter() {
        for captures in pattern.captures_iter(text) {
            let Some(matched) = captures.get(1).or_else(|| captures.get(0)) else { continue };
            let (start, end) = (matched.start(), matched.end());
            if start < end && is_one(*what, pattern, text, start..end) && is_free(&found, start, end) {
                found.insert(start, (end, *what));
            }
        }
    }
    for digits in DIGITS.find_iter(text) {
        let is_long = digits.len() > usize::from(most_digits);
        let is_alone = |c: Option<char>| !c.is_some_and(is_of_word);
        let is_number =
            is_alone(text[..digits.start()].chars().next_back()) && is_alone(text[digits.end()..].chars().next());
        if is_long && is_number && is_free(&found, digits.start(), digits.end()) {
            found.insert(digits.start(), (digits.end(), Trait::Number));
        }
    }
    found
}

/// What a pattern alone cannot tell.
fn is_one(what: Trait, pattern: &Regex, text: &str, range: Range<usize>) -> bool {
    let value = &text[range.clone()];
    match what {
        // `a::b` is an address too, but hardly ever meant as one.
        Trait::Ip if value.contains(':') => {
            let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != ':' && c != '_');
            let is_word =
                is_apart(text[..range.start].chars().next_back()) && is_apart(text[range.end..].chars().next());
            is_word && value.contains(|c: char| c.is_ascii_digit()) && value.parse::<Ipv6Addr>().is_ok()
        }
        Trait::Token if value.bytes().all(|byte| byte.is_ascii_hexdigit()) && !pattern.as_str().contains("pass") => {
            value.len() >= LEAST_HEX_DIGITS
        }
        // `user=-`: nobody.
        Trait::User => value.contains(char::is_alphanumeric),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use model::entry::RowKey;
    use proptest::prelude::*;

    use super::*;

    fn all() -> Disguiser {
        Disguiser::new(Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 }, Rc::default())
    }

    fn no_entry() -> Entry {
        let nothing = String::new;
        Entry {
            key: RowKey::default(),
            first_line: 1,
            last_line: 1,
            part: Default::default(),
            precision: Default::default(),
            naive: false,
            inferred: Default::default(),
            reading: Default::default(),
            severity: Default::default(),
            severity_text: nothing(),
            service: nothing(),
            service_rule: nothing(),
            format: nothing(),
            message: nothing(),
            fields: Vec::new(),
            trace_id: None,
            span_id: None,
            request: None,
            id_flaw: None,
            raw: nothing(),
            message_highlights: Vec::new(),
            raw_highlights: Vec::new(),
            raw_bytes: 0,
        }
    }

    fn check(texts: &[&str], expected: &Expect) {
        let mut disguiser = all();
        let written: Vec<String> = texts.iter().map(|text| disguiser.text(text)).collect();
        expected.assert_eq(&written.join("\n"));
    }

    #[test]
    fn who_and_where_have_pseudonyms() {
        check(
            &[
                "Accepted password for bob from 10.0.0.7 port 22 ssh2",
                "login user=bob from=10.0.0.8 mail=Bob.Smith@example.org",
                "{\"user\":\"alice\",\"peer\":\"fe80::1ff:fe23:4567:890a\",\"n\":7}",
                "GET https://api.example.com:8443/v1/orders 10.0.0.7 bob.smith@EXAMPLE.org",
                "connect postgres://shop:hush@db.internal/orders",
            ],
            &expect![[r#"
                Accepted password for user-1 from ip-1 port 22 ssh2
                login user=user-1 from=ip-2 mail=mail-1
                {"user":"user-2","peer":"ip-3","n":7}
                GET https://host-1:8443/v1/orders ip-1 mail-1
                connect postgres://user-3@host-2/orders"#]],
        );
    }

    #[test]
    fn secrets_ids_paths_and_long_numbers_have_pseudonyms() {
        check(
            &[
                "Authorization: Bearer abc.def-123 password=hunter2 token=\"x1y2z3\"",
                "request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 sha da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "read /home/bob/secret.txt and C:\\Users\\bob\\x.doc, not /api/orders/17",
                "card 4111111111111111 order 17 at 1763633700 again 4111111111111111",
                "trace 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            ],
            &expect![[r#"
                Authorization: Bearer token-1 password=token-2 token="token-3"
                request token-4 sha token-5
                read path-1 and path-2, not /api/orders/17
                card 9000000000000001 order 17 at 9000000001 again 9000000000000001
                trace token-4"#]],
        );
    }

    #[test]
    fn what_only_looks_a_bit_like_it_stays() {
        for text in [
            "12:34:56 took 1.2.3 s",
            "deadbeef cafe",
            "a::b std::io::Error",
            "version 10.0.0",
            "for all from here",
            "/api/v1/users/17",
        ] {
            assert_eq!(all().text(text), text);
        }
    }

    #[test]
    fn the_name_of_a_structured_field_is_no_mail_address() {
        let field = |name: &str, value: &str| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
        let mut entry = Entry {
            fields: vec![field("shop@32473.trace_id", "4bf92f3577b34da6"), field("shop@32473.password", "hunter2")],
            ..no_entry()
        };
        let mut disguiser = all();
        disguiser.entry(&mut entry);
        let met: Vec<Trait> = disguiser.found().iter().map(|replaced| replaced.what).collect();
        assert_eq!(met, [Trait::Token], "{:?}", disguiser.found());
        assert_eq!(entry.fields[1].value, Value::Text("token-2".to_owned()));
    }

    #[test]
    fn a_part_that_says_nothing_alone_has_the_name_it_has_in_its_entry() {
        let mut disguiser = all();
        let mut entry = Entry { message: "login user=alice password=hunter2 from 10.0.0.7".to_owned(), ..no_entry() };
        disguiser.entry(&mut entry);
        for part in ["alice", "'alice'", "hunter2", "10.0.0.7", "user=alice"] {
            let disguised = disguiser.part(part);
            let bare = disguised.trim_matches('\'');
            assert!(entry.message.contains(bare) && disguised != part, "{part} became {disguised}: {}", entry.message);
        }
        assert_eq!(disguiser.part("login"), "login");
    }

    #[test]
    fn who_is_told_by_a_field_alone_has_a_pseudonym_in_the_text_too() {
        let fields = [Field { name: "user".to_owned(), value: Value::Text("frank".to_owned()) }];
        let line = "10.0.0.7 - frank [20/Nov/2026:10:00:00 +0000] \"GET /~frank/frankfurt\" 200";
        let stamp = line.find("20/Nov").unwrap()..line.find(']').unwrap();
        let (written, kept) = all().line(line, &fields, stamp.clone());
        assert_eq!(
            written,
            "ip-1 - user-1 [20/Nov/2026:10:00:00 +0000] \"GET path-1\" 200".replace("path-1", "/~user-1/frankfurt")
        );
        assert_eq!(written[kept], line[stamp]);
        let nobody = [Field { name: "user".to_owned(), value: Value::Text("-".to_owned()) }];
        assert_eq!(all().line("a - b", &nobody, 0..0).0, "a - b");
    }

    #[test]
    fn whatever_is_written_later_has_the_pseudonyms_of_what_was_written_before() {
        let known = Rc::<RefCell<Pseudonyms>>::default();
        let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 };
        let mut entries = Disguiser::new(disguise.clone(), known.clone());
        assert_eq!(entries.text("10.0.0.7 user=ann"), "ip-1 user=user-1");
        let mut rows = Disguiser::new(disguise, known);
        assert_eq!(rows.value("peer", "10.0.0.8"), "ip-2");
        assert_eq!(rows.value("user", "ann"), "user-1");
        assert_eq!(rows.value("who", "ann"), "user-1", "whatever the column is called");
        assert_eq!(rows.value("count", "17"), "17");
        assert_eq!(rows.found().iter().map(|found| found.n_values).sum::<u64>(), 2);
    }

    #[test]
    fn names_of_fields_and_other_numbers_stay_where_a_user_is_called_so() {
        let field = |name: &str, value: Value| Field { name: name.to_owned(), value };
        let text = |value: &str| Value::Text(value.to_owned());
        let numbered = [field("user_id", Value::Int(42)), field("took", Value::Int(42))];
        assert_eq!(all().line("{\"user_id\":42,\"took\":42}", &numbered, 0..0).0, "{\"user_id\":user-1,\"took\":42}");
        assert_eq!(all().line("42 - took 42", &[field("user", text("42"))], 0..0).0, "42 - took 42");
        assert_eq!(all().line("user=user", &[field("user", text("user"))], 0..0).0, "user=user-1");
        // Pseudonyms are not looked into.
        let both = [field("login", text("ann")), field("user", text("ip"))];
        assert_eq!(all().line("10.0.0.7 ip ann", &both, 0..0).0, "ip-1 user-2 user-1");
    }

    #[test]
    fn what_is_written_of_entries_has_the_pseudonyms_of_all_that_is_known() {
        let field = |name: &str, value: &str| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
        let mut disguiser = all();
        disguiser.line("- eve -", &[field("user", "eve")], 0..0);
        disguiser.line("- bob.smith -", &[field("user", "bob.smith")], 0..0);
        disguiser.line("user=status https://api.example.com/", &[field("status", "200")], 0..0);
        for (written, expected) in [
            ("user==eve", "user==user-1"),
            ("(user==eve OR user==bob.smith)", "(user==user-1 OR user==user-2)"),
            ("user:(Bob.Smith OR eve)", "user:(user-2 OR user-1)"),
            ("SELECT * FROM entries WHERE user = 'eve'", "SELECT * FROM entries WHERE user = 'user-1'"),
            ("user IN ('eve', 'bob.smith')", "user IN ('user-1', 'user-2')"),
            ("status:200 host:api.example.com", "status:200 host:host-1"),
            ("password == 'hunter2' evening bob", "password == 'token-1' evening bob"),
        ] {
            assert_eq!(disguiser.words(written), expected);
        }
        assert_eq!(disguiser.value("message", "10.0.0.7: eve logged in"), "ip-1: user-1 logged in");
        assert_eq!(disguiser.text("eve logged in"), "eve logged in", "an entry's text goes by its own fields");
    }

    #[test]
    fn only_what_was_chosen_is_replaced() {
        let mut disguiser = Disguiser::new(Disguise { traits: vec![Trait::Ip], most_digits: 3 }, Rc::default());
        assert_eq!(disguiser.text("bob@example.org 10.0.0.1 123456"), "bob@example.org ip-1 123456");
        assert_eq!(disguiser.found().len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// The same text is written in the same way whatever came between, and what was written once is not changed again.
        #[test]
        fn pseudonyms_are_consistent(texts in prop::collection::vec("[ a-z0-9@./:=-]{0,40}|user=[a-z]{1,5} [0-9]{1,3}\\.0\\.0\\.1", 1..8)) {
            let mut disguiser = all();
            let first: Vec<String> = texts.iter().map(|text| disguiser.text(text)).collect();
            let again: Vec<String> = texts.iter().map(|text| disguiser.text(text)).collect();
            prop_assert_eq!(first, again);
        }

        /// No value that was found is left anywhere in the same text.
        #[test]
        fn what_is_found_is_gone(text in any::<String>(), a in 1..255u8, b in 0..255u8) {
            let address = format!("{a}.{b}.113.7");
            let written = all().text(&format!("{text} {address} mail-me@example.com"));
            prop_assert!(!written.contains(&address));
            prop_assert!(!written.contains("mail-me@example.com"));
        }
    }
}
