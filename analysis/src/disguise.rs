//! Pseudonyms for what can tell of whom an entry speaks: addresses, names, tokens, paths, told by their form.
//!
//! The same value gets the same pseudonym, whatever stands around it, so that who did what with whom can still be followed. What
//! is not told by its form (a name in a sentence) stays in entries, unless a field tells it: a preview shows what is found. What
//! is written of entries (notes, views, rows) has pseudonyms in place of all words that got one before.

mod bytes;
mod hosts;
mod known;
mod likeness;
mod people;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::Ipv6Addr;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use model::disguise::{Disguise, Replaced, Trait};
use model::entry::{Entry, Field, Value};
use regex::Regex;

pub use known::Pseudonyms;
use known::{is_number, is_of_word};
use people::{is_nobody, person_of_mail};

/// One pattern for each trait. Where it has groups, what the first of them found is what is replaced. Those before have the first say.
const PATTERNS: [(Trait, &str); 17] = [
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
    (Trait::User, people::BEHIND_A_NAME),
    (Trait::User, people::BEHIND_A_WORD),
    (
        Trait::User,
        r"(?i)\b(?:for|user|by) (?:invalid user )?([a-z_][a-z0-9_.-]*) from [0-9\[:]|\buser ([a-z_][a-z0-9_.-]*) (?:from|at|on) host\b",
    ),
    (
        Trait::Path,
        r#"(?:\b[A-Za-z]:\\|\\\\|~/|/(?:home|Users|root|var|etc|opt|srv|tmp|usr|mnt|media|data|run|proc|Library|private|app|workspace)/)[^\s"'<>|:;,()\[\]{}]+"#,
    ),
    (Trait::Host, hosts::BEHIND_A_NAME),
    (Trait::Host, hosts::BEHIND_A_COLON),
    (Trait::Host, hosts::DOTTED),
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
    /// What the fields of its entry tell.
    Told(&'a [Told]),
    /// Every word that got one before.
    Known,
}

/// A value that a field tells, and what stands in its place.
struct Told {
    value: String,
    name: String,
    /// Where else the same may be a number or a word, it is meant behind this name only, as JSON has it.
    key: Option<String>,
}

impl Told {
    /// Where a text has it.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        match &self.key {
            Some(key) => behind_key(text, key, &self.value),
            None => whole_words(text, &self.value).collect(),
        }
    }
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
        // In JSON each backslash is two.
        Trait::Path if value.contains('\\') => {
            value.split('\\').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\\")
        }
        _ => value.to_owned(),
    }
}

impl Disguiser {
    pub fn new(disguise: Disguise, known: Rc<RefCell<Pseudonyms>>) -> Self {
        Self { disguise, known, met: Vec::new(), is_met: HashSet::new() }
    }

    /// All of an entry that is written anywhere.
    pub fn entry(&mut self, entry: &mut Entry) {
        let told = self.told_by(&entry.fields, &[&entry.message, &entry.raw]);
        let told = Also::Told(&told);
        entry.message = self.text_with(&entry.message, told);
        entry.raw = self.text_with(&entry.raw, told);
        entry.service = self.text(&entry.service);
        for id in [&mut entry.trace_id, &mut entry.span_id].into_iter().flatten() {
            *id = self.text(id);
        }
        // The id of its request is what one of its fields says, or stands in its text.
        let is_request = |field: &Field| entry.request.as_ref().is_some_and(|(id, _)| field.value.to_string() == *id);
        let field_of_request = entry.fields.iter().position(is_request);
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
        if let Some((id, _)) = &mut entry.request {
            *id = match field_of_request {
                Some(place) => entry.fields[place].value.to_string(),
                None => self.text_with(id, told),
            };
        }
    }

    /// The text of an entry with these fields, but for a part of it (its stamp), and where that is then.
    pub fn line(&mut self, text: &str, fields: &[Field], kept: Range<usize>) -> (String, Range<usize>) {
        let told = self.told_by(fields, &[text]);
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
        for person in self.people_of_mails(value) {
            self.name(Trait::User, person);
        }
        self.field(name, value, false, Also::Known)
    }

    fn field(&mut self, name: &str, value: &str, is_nested: bool, also: Also<'_>) -> String {
        let name = name_before(name);
        if !is_nested && self.is_whole_name(&name, value) {
            return self.name(Trait::User, value);
        }
        let with_value = format!("{name}{value}");
        let with_name = self.text_from(&with_value, name.len(), also);
        match with_name.strip_prefix(&name) {
            Some(now) if !is_nested => now.to_owned(),
            _ => self.text_with(value, also),
        }
    }

    /// Whether a value in several words is somebody because its field says so: all of them tell whose it is, whatever is between
    /// them (`Lee, Ann`). What an address or the like begins is told in pieces.
    ///
    /// `name`: of the field, as it stands before a value.
    fn is_whole_name(&self, name: &str, value: &str) -> bool {
        if !self.disguise.traits.contains(&Trait::User) || !value.contains(' ') || is_nobody(value) {
            return false;
        }
        let begins =
            |value: &str| places_in(&format!("{name}{value}"), u8::MAX).get(&name.len()).map(|(_, what)| *what);
        begins("x") == Some(Trait::User) && matches!(begins(value), None | Some(Trait::User | Trait::Mail))
    }

    /// What has pseudonyms because of its field's name, which the text of the entry may not say, or as the part of a mail address
    /// that is a person's. Numbers and names of fields stand in it for something else as well: of a field inside of others
    /// (`customer.id`) they are told where the last part of its name stands before them, of others not at all.
    ///
    /// `texts`: of the entry.
    fn told_by(&mut self, fields: &[Field], texts: &[&str]) -> Vec<Told> {
        self.known.borrow_mut().add_field_names(fields);
        let is_name = |value: &str| {
            let mut names = fields.iter().flat_map(|field| field.name.split('.').chain([&*field.name]));
            names.any(|name| name.eq_ignore_ascii_case(value))
        };
        let mut told: Vec<Told> = Vec::new();
        let of_fields = fields.iter().filter_map(|field| match &field.value {
            Value::Text(value) => Some(value.as_str()),
            _ => None,
        });
        let people: BTreeSet<&str> =
            texts.iter().copied().chain(of_fields).flat_map(|text| self.people_of_mails(text)).collect();
        for person in people.into_iter().filter(|person| !is_name(person)) {
            told.push(Told { value: person.to_owned(), name: self.name(Trait::User, person), key: None });
        }
        for field in fields.iter().filter(|field| !is_nested(&field.value)) {
            let value = field.value.to_string();
            let is_text = matches!(field.value, Value::Text(_));
            let is_word = is_text
                && value.chars().count() >= LEAST_CHARS
                && !is_number(&value)
                && !hosts::may_be_a_word(&field.name, &value)
                && !is_name(&value);
            let key = field.name.rsplit_once('.').map(|(_, last)| last.to_owned());
            if value.is_empty() || !is_word && key.is_none() {
                continue;
            }
            let name = self.field(&field.name, &value, false, Also::Told(&[]));
            // In a name of several words form tells a part at most, such as a number in it.
            let is_told = self.is_whole_name(&name_before(&field.name), &value) || self.text(&value) == value;
            if name != value && is_told {
                told.push(Told { value, name, key: if is_word { None } else { key } });
            }
        }
        told
    }

    /// Those whose mail addresses stand in a text; none where addresses or users are to stay.
    fn people_of_mails<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let is_chosen = |what: Trait| self.disguise.traits.contains(&what);
        // Few texts have any.
        if !text.contains('@') || !is_chosen(Trait::Mail) || !is_chosen(Trait::User) {
            return Vec::new();
        }
        let places = places_in(text, u8::MAX);
        let mails = places.iter().filter(|(_, (_, what))| *what == Trait::Mail);
        mails.filter_map(|(&start, &(end, _))| person_of_mail(&text[start..end])).collect()
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
        // What is printed byte by byte tells as much as what is written.
        for (range, written) in bytes::texts_in(text) {
            let now = self.text_with(&written, also);
            if now != written {
                named.insert(range.start, (range.end, bytes::listed(&now, &text[range])));
            }
        }
        // Of a name in several words the form tells the first alone.
        if let Also::Told(told) = also {
            for told in told.iter().filter(|told| told.value.contains(' ')) {
                for range in told.places(&text[from..]) {
                    let (start, end) = (from + range.start, from + range.end);
                    if is_free(&named, start, end) {
                        named.insert(start, (end, told.name.clone()));
                    }
                }
            }
        }
        for (start, (end, what)) in places {
            if is_free(&named, start, end) {
                named.insert(start, (end, self.name(what, &text[start..end])));
            }
        }
        let more: Vec<(Range<usize>, String)> = match also {
            Also::Told(told) => told
                .iter()
                .flat_map(|told| told.places(&text[from..]).into_iter().map(move |range| (range, told.name.clone())))
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
        let named = |what: &Trait| self.known.borrow().named(*what, bare).map(str::to_owned);
        match self.disguise.traits.iter().find_map(named) {
            Some(name) => part.replacen(bare, &name, 1),
            None => self.words(part),
        }
    }

    fn name(&mut self, what: Trait, value: &str) -> String {
        if self.is_met.insert((what, key_of(what, value))) {
            self.met.push((what, value.to_owned()));
        }
        self.known.borrow_mut().name(what, value)
    }

    /// What was replaced so far.
    pub fn found(&self) -> Vec<Replaced> {
        let known = self.known.borrow();
        let of = |what: Trait| {
            let values = || self.met.iter().filter(move |(of, _)| *of == what).map(|(_, value)| value);
            let example = |value: &String| (value.clone(), known.named(what, value).unwrap_or_default().to_owned());
            Replaced {
                what,
                n_values: values().count() as u64,
                examples: values().take(N_EXAMPLES).map(example).collect(),
            }
        };
        Trait::ALL.into_iter().map(of).filter(|replaced| replaced.n_values > 0).collect()
    }
}

/// A field's name as it stands before a value. One like `shop@32473.trace_id` is no mail address.
fn name_before(name: &str) -> String {
    name.replace('@', "_") + "="
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

/// Where `value` stands behind the name `key` in quotes, which may have backslashes before them: `"id": 4711`.
fn behind_key(text: &str, key: &str, value: &str) -> Vec<Range<usize>> {
    let place = |start: usize| {
        let is_quoted = text[..start].ends_with('"');
        let behind = text[start + key.len()..].trim_start_matches('\\').strip_prefix('"')?;
        let behind = behind.trim_start().strip_prefix(':')?.trim_start().trim_start_matches('\\');
        let behind = behind.strip_prefix('"').unwrap_or(behind);
        let after = behind.strip_prefix(value)?;
        let goes_on = after.starts_with(|c: char| is_of_word(c) || matches!(c, '.' | '-'));
        let at = text.len() - behind.len();
        (is_quoted && !goes_on).then_some(at..at + value.len())
    };
    text.match_indices(key).filter_map(|(start, _)| place(start)).collect()
}

fn is_free<T>(places: &Places<T>, start: usize, end: usize) -> bool {
    places.range(..end).next_back().is_none_or(|(_, (before, _))| *before <= start)
}

/// What is told by its form. `most_digits`: numbers of more are long.
fn places_in(text: &str, most_digits: u8) -> Places<Trait> {
    let mut found = Places::new();
    for (what, pattern) in COMPILED.iter() {
        for captures in pattern.captures_iter(text) {
            let group = captures.iter().skip(1).flatten().next();
            let Some(matched) = group.or_else(|| captures.get(0)) else { continue };
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
        Trait::User => !is_nobody(value),
        Trait::Host => hosts::is_host(pattern.as_str(), text, range),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
