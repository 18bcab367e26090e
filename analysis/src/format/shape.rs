//! One anchored regular expression of a format and what its groups are, made ready when a line is first offered to it:
//! most formats never see one.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::predictive::Matcher;

pub type LazyShape = Lazy<Shape>;

pub type LazyRegex = Lazy<Regex>;

type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send + Sync>>;

#[derive(Debug)]
pub struct Shape {
    by: By,
    pub time: Option<usize>,
    /// The day, where `time` has only the clock.
    pub date: Option<usize>,
    pub level: Option<usize>,
    pub service: Option<usize>,
    pub message: Option<usize>,
    pub host: Option<usize>,
    /// The other groups and their names, in their order.
    pub fields: Vec<(usize, String)>,
}

/// What matches a pattern.
#[derive(Debug)]
enum By {
    /// Byte by byte, several times as fast, and made in a fraction of the time.
    Bytes(Matcher),
    /// Where the pattern leaves choices.
    Regex(Box<Regex>),
}

/// Places for the groups of a match, so that reading a head allocates nothing once they are there.
#[derive(Default)]
pub struct Slots {
    pub groups: Vec<Option<(usize, usize)>>,
    /// Where the message of the last head stands.
    pub message: Range<usize>,
}

impl Shape {
    /// Of a pattern that [can be used](over_bytes).
    pub fn lazy(pattern: &str) -> LazyShape {
        let pattern = pattern.to_owned();
        Lazy::new(Box::new(move || Self::new(&pattern)))
    }

    /// The same, but every group is a field, whatever its name.
    pub fn lazy_of_fields(pattern: &str) -> LazyShape {
        let pattern = pattern.to_owned();
        Lazy::new(Box::new(move || Self::of_fields(&pattern)))
    }

    fn new(pattern: &str) -> Self {
        let by = match Matcher::new(pattern) {
            Some(matcher) => By::Bytes(matcher),
            None => By::Regex(Box::new(over_bytes(pattern).expect(USABLE))),
        };
        let mut shape = Self {
            by,
            time: None,
            date: None,
            level: None,
            service: None,
            message: None,
            host: None,
            fields: Vec::new(),
        };
        let names = shape.names();
        let has_time = names.iter().any(|(_, name)| name == "time");
        for (group, name) in names {
            match &*name {
                "time" => shape.time = Some(group),
                "date" if has_time => shape.date = Some(group),
                "level" => shape.level = Some(group),
                "service" => shape.service = Some(group),
                "message" => shape.message = Some(group),
                _ => {
                    if name == "host" {
                        shape.host = Some(group);
                    }
                    shape.fields.push((group, name));
                }
            }
        }
        shape
    }

    fn of_fields(pattern: &str) -> Self {
        let shape = Self::new(pattern);
        Self { fields: shape.names(), ..shape }
    }

    /// The groups that have names.
    pub fn names(&self) -> Vec<(usize, String)> {
        let named = |(group, name): (usize, Option<&str>)| Some((group, name?.to_owned()));
        match &self.by {
            By::Bytes(matcher) => matcher.names().enumerate().filter_map(named).collect(),
            By::Regex(regex) => regex.capture_names().enumerate().filter_map(named).collect(),
        }
    }

    /// What matches, if that goes byte by byte.
    pub fn predictive(&self) -> Option<&Matcher> {
        match &self.by {
            By::Bytes(matcher) => Some(matcher),
            By::Regex(_) => None,
        }
    }

    /// How much of an entry the rest may look at: its first line, where landmarks are looked for, or all of it.
    pub fn reach<'t>(&self, text: &'t str, line_end: usize) -> &'t [u8] {
        let end = if self.predictive().is_some() { line_end } else { text.len() };
        &text.as_bytes()[..end]
    }

    pub fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|(_, own)| own.eq_ignore_ascii_case(name))
    }

    /// Where the match ends, its groups in the slots.
    pub fn find(&self, line: &[u8], slots: &mut Slots) -> Option<usize> {
        match &self.by {
            By::Bytes(matcher) => matcher.find(line, &mut slots.groups),
            By::Regex(regex) => {
                let captures = regex.captures(line)?;
                slots.groups.clear();
                slots.groups.extend(captures.iter().map(|group| group.map(|group| (group.start(), group.end()))));
                Some(captures.get_match().end())
            }
        }
    }
}

/// Shipped patterns are tested, those of users are tried before they are taken.
const USABLE: &str = "patterns that cannot be used are refused with their format";

/// A pattern that takes more memory repeats something large many times; shipped ones take a tenth of this.
const MOST_PATTERN_BYTES: usize = 1 << 20;

pub fn over_bytes(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(MOST_PATTERN_BYTES).build()
}

/// Of a pattern that [can be used](over_bytes).
pub fn lazily(pattern: &str) -> LazyRegex {
    let pattern = pattern.to_owned();
    Lazy::new(Box::new(move || over_bytes(&pattern).expect(USABLE)))
}
