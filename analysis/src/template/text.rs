//! A template's text: its id, whether a message is made from it, and the values in one that is.

use std::borrow::Cow;

use model::quantity::{Quantity, Unit};

use super::bytes::is_space;
use super::mask::{Kind, SLOT};
use super::shapes::Shape;
use super::variable::{Seen, Variable, add_shape};
use crate::tokenize::token_hash;

/// In template texts a word that is a value or nothing; control characters of messages read as spaces.
pub const GAP: u8 = 2;

pub use model::template::{TemplateId, WILDCARD};

/// What messages have in common, and room for what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub id: TemplateId,
    /// Values as [`WILDCARD`].
    pub text: String,
    pub n_entries: u64,
    /// One for each value of [`Template::values`].
    pub variables: Vec<Variable>,
    /// The texts between the values, one more than there are values.
    between: Vec<String>,
}

impl Template {
    /// `marked`: with [`SLOT`] and [`GAP`] in the place of values. `shapes`: those of its messages.
    pub fn new<'s>(marked: &[u8], shapes: impl Iterator<Item = &'s Shape>) -> Self {
        let marked = String::from_utf8_lossy(marked);
        let text = marked.replace([char::from(SLOT), char::from(GAP)], WILDCARD);
        let gaps = marked.replace(" \u{2}", "\u{1}");
        let gaps = gaps.strip_prefix("\u{2} ").map_or(Cow::Borrowed(&*gaps), |rest| format!("\u{1}{rest}").into());
        let between: Vec<String> = gaps.split([char::from(SLOT), char::from(GAP)]).map(str::to_owned).collect();
        let id = TemplateId(token_hash(text.as_bytes()));
        let mut template = Self { id, text, n_entries: 0, variables: Vec::new(), between };
        let mut seen = vec![Seen::default(); template.between.len() - 1];
        for shape in shapes {
            template.n_entries += shape.n_messages;
            let restored = shape.restored();
            if let Some(values) = template.values(&String::from_utf8_lossy(&restored)) {
                add_shape(&mut seen, &values, shape);
            }
        }
        template.variables = seen.into_iter().map(Seen::variable).collect();
        template
    }

    /// What stands in one place of a message that is made from this template, counted from 0.
    pub fn value(&self, message: &str, place: usize) -> Option<String> {
        let line = line_of(message);
        self.values(&line)?.get(place).map(|value| (*value).to_owned())
    }

    /// The values of a line (of [`line_of`]) that is made from this template. Each is as short as can be, the last takes the rest.
    pub fn values<'l>(&self, line: &'l str) -> Option<Vec<&'l str>> {
        let (first, others) = self.between.split_first().expect("a split has a first part");
        let mut rest = line.strip_prefix(&**first)?;
        let Some((last, inner)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut values = Vec::with_capacity(others.len());
        for text in inner {
            let at = rest.find(&**text)?;
            values.push(rest[..at].trim());
            rest = &rest[at + text.len()..];
        }
        values.push(rest.strip_suffix(&**last)?.trim());
        Some(values)
    }

    /// What the word behind a value says it is measured in: `ms` in `took <*> ms`. Empty where it is none.
    pub fn unit(&self, place: usize) -> &str {
        if self.variables.get(place).is_none_or(|variable| variable.kind != Kind::Number) {
            return "";
        }
        let behind = self.between.get(place + 1).map_or("", |text| text.strip_prefix(' ').unwrap_or(text));
        let end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        let unit = &behind[..end];
        let is_unit = Quantity::read(&format!("1{unit}")).is_some_and(|one| one.unit != Unit::Plain);
        if is_unit { unit } else { "" }
    }

    /// What a place measures, and what one of its plain numbers is: of `took <*> ms` seconds, and 0.001. `None` where it only names
    /// something.
    pub fn measure(&self, place: usize) -> Option<(Unit, f64)> {
        match self.variables.get(place)?.kind {
            Kind::Duration => Some((Unit::Seconds, 1.0)),
            Kind::Size => Some((Unit::Bytes, 1.0)),
            Kind::Number => {
                let one = Quantity::read(&format!("1{}", self.unit(place)))?;
                (one.unit != Unit::Plain).then_some((one.unit, one.amount))
            }
            _ => None,
        }
    }

    /// Whether it stands behind its name, and so is a field: `took=<*>`, `"took":<*>`.
    pub fn is_named(&self, place: usize) -> bool {
        let before = self.between.get(place).map_or("", |text| text.trim_end_matches('"'));
        before.ends_with('=') || before.ends_with("\":")
    }

    pub fn matches(&self, line: &str) -> bool {
        self.values(line).is_some()
    }
}

/// What templates are made from: a message's first line, with single spaces.
pub fn line_of(message: &str) -> Cow<'_, str> {
    let line = message.split('\n').next().unwrap_or_default().trim_matches(|c: char| c.is_ascii() && is_space(c as u8));
    let is_single = |pair: &[u8]| !(is_space(pair[0]) && (is_space(pair[1]) || pair[0] != b' '));
    if line.as_bytes().windows(2).all(is_single) {
        return Cow::Borrowed(line);
    }
    let words = line.split(|c: char| c.is_ascii() && is_space(c as u8)).filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}
