//! Tests of one field's value.
//!
//! A value is compared as it is shown. Numbers compare as numbers where both sides are; all else as folded text.

use std::borrow::Cow;
use std::cmp::Ordering;

use model::network::Network;
use model::quantity::{self, Unit};
use model::query::{Comparison, Test};

use super::needle::Needle;
use super::pattern::Pattern;
use crate::fold::{fold, fold_into};
use crate::format::Written;
use crate::ids::{are_one, canonical};

/// A [`Test`] made ready to be run over many values.
pub enum ValueTest {
    Exists,
    Is {
        folded: String,
        number: Option<Number>,
        needle: Box<Needle>,
    },
    Equals {
        text: String,
    },
    StartsWith {
        folded: String,
    },
    Matches(Box<Pattern>),
    /// An id of the same trace, in whatever notation and by half, or the text as it is written.
    OfTrace {
        id: String,
        written: Box<Self>,
    },
    /// The address, or the network as it is written.
    Within {
        network: Network,
        written: Box<Self>,
    },
    Compare {
        comparison: Comparison,
        folded: String,
        number: Option<Number>,
        measured: Option<Box<Measured>>,
    },
}

/// What values are compared with that are quantities, as it is: `took>250ms`.
pub struct Measured {
    /// The field's, which may say what its plain numbers are: `duration_ms`.
    name: String,
    wanted: quantity::Written,
}

/// A number as exact as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Ids may be larger than the integers that entries have.
    Int(i128),
    Float(f64),
}

impl ValueTest {
    /// A test of any value. The error is the reason a regular expression could not be read.
    pub fn new(test: &Test) -> Result<Self, String> {
        Self::of_field("", test)
    }

    /// A test of this field's values.
    pub fn of_field(name: &str, test: &Test) -> Result<Self, String> {
        Ok(match test {
            Test::Exists => Self::Exists,
            Test::Is(text) => {
                Self::Is { folded: fold(text), number: Number::read(text), needle: Box::new(Needle::whole(text)) }
            }
            Test::Equals(text) => Self::Equals { text: text.clone() },
            Test::StartsWith(text) => Self::StartsWith { folded: fold(text) },
            Test::Matches(expression) => Self::Matches(Box::new(Pattern::new(expression)?)),
            Test::Within(network) => {
                let written = Box::new(Self::of_field(name, &Test::Is(network.to_string()))?);
                Self::Within { network: *network, written }
            }
            Test::Compare(comparison, text) => {
                let wanted = quantity::Written::read(text);
                let measured = wanted.map(|wanted| Box::new(Measured { name: name.to_owned(), wanted }));
                Self::Compare { comparison: *comparison, folded: fold(text), number: Number::read(text), measured }
            }
        })
    }

    /// The test of ids of the trace that this one is of. `written`: the test as it was asked for.
    pub fn of_trace(id: &str, written: Self) -> Self {
        Self::OfTrace { id: canonical(id).into_owned(), written: Box::new(written) }
    }

    /// Whether it compares with something that has a unit.
    pub fn asks_for_unit(&self) -> bool {
        match self {
            Self::Compare { measured: Some(measured), .. } => measured.wanted.quantity.unit != Unit::Plain,
            _ => false,
        }
    }

    pub fn holds(&self, value: &Written<'_>) -> bool {
        match value {
            Written::Text(text) => self.holds_for_text(text),
            Written::Json(text) => self.holds_for_text(text),
            Written::Int(number) => self.holds_for(Some(Number::Int((*number).into())), || number.to_string().into()),
            Written::Float(number) => self.holds_for(Some(Number::Float(*number)), || number.to_string().into()),
            Written::Bool(true) => self.holds_for_text("true"),
            Written::Bool(false) => self.holds_for_text("false"),
            Written::Null => self.holds_for_text("null"),
        }
    }

    pub fn holds_for_text(&self, text: &str) -> bool {
        self.holds_for(Number::read(text), || text.into())
    }

    fn holds_for<'t>(&self, number: Option<Number>, text: impl Fn() -> Cow<'t, str>) -> bool {
        match self {
            Self::Exists => true,
            Self::Is { folded, number: wanted, needle } => match (number, wanted) {
                (Some(number), Some(wanted)) => number.compare(*wanted) == Some(Ordering::Equal),
                _ => {
                    let mut value = Vec::new();
                    fold_into(text().as_bytes(), &mut value);
                    value == folded.as_bytes() || !folded.is_empty() && needle.is_in(&value)
                }
            },
            Self::Equals { text: wanted } => *text() == **wanted,
            Self::StartsWith { folded } => fold(&text()).starts_with(folded.as_str()),
            Self::Matches(pattern) => pattern.is_match(text().as_bytes()),
            Self::OfTrace { id, written } => {
                let text = text();
                are_one(&canonical(&text), id) || written.holds_for_text(&text)
            }
            Self::Within { network, written } => network.holds(&text()) || written.holds_for_text(&text()),
            Self::Compare { comparison, folded, number: wanted, measured } => {
                let order = match (number, wanted) {
                    (Some(number), Some(wanted)) => number.compare(*wanted),
                    _ => {
                        let text = text();
                        match measured.as_ref().zip(quantity::Written::read(&text)) {
                            Some((measured, value)) => quantity::compare(&measured.name, value, measured.wanted),
                            None => Some(fold(&text).cmp(folded)),
                        }
                    }
                };
                is_as_wanted(order, *comparison)
            }
        }
    }
}

/// `order`: `None` where there is none, as the two are of different kinds.
pub fn is_as_wanted(order: Option<Ordering>, comparison: Comparison) -> bool {
    let Some(order) = order else { return comparison == Comparison::NotEqual };
    match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::NotEqual => order.is_ne(),
    }
}

impl Number {
    /// Decimal digits with a sign, a point, an exponent; not "inf" or "nan", which are words, nor what is larger than can be
    /// told apart: ids compare as texts.
    pub fn read(text: &str) -> Option<Self> {
        let first = text.bytes().find(|byte| !matches!(byte, b'+' | b'-' | b'.'))?;
        if !first.is_ascii_digit() {
            return None;
        }
        if let Ok(number) = text.parse::<i64>() {
            return Some(Self::Int(number.into()));
        }
        if !text.contains(['.', 'e', 'E']) {
            return text.parse().map(Self::Int).ok();
        }
        text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Self::Float)
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => Some(one.cmp(&other)),
            (one, other) => one.as_float().partial_cmp(&other.as_float()),
        }
    }

    fn as_float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::entry::Value;

    use super::*;

    fn holds(test: Test, value: Value) -> bool {
        ValueTest::new(&test).expect("a readable expression").holds(&(&value).into())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn is_means_equal_or_holds_as_whole_words() {
        let is = |test: &str, value| holds(Test::Is(test.into()), value);
        assert!(is("Alice", text("alice")));
        assert!(is("alice", text("user alice (2)")));
        assert!(!is("ali", text("alice")));
        assert!(is("true", Value::Bool(true)));
        assert!(is("", text("")) && !is("", text("x")));
    }

    #[test]
    fn quantities_compare_by_what_they_measure() {
        let above = |name: &str, test: &str, value: &str| {
            let test = Test::Compare(Comparison::Greater, test.into());
            ValueTest::of_field(name, &test).expect("no expression").holds_for_text(value)
        };
        assert!(above("took", "250ms", "1.5s") && !above("took", "250ms", "90ms"));
        assert!(above("took", "40", "250ms") && !above("took", "40", "7ms"), "no text order");
        assert!(above("took", "250ms", "1200") && !above("took", "250ms", "90"));
        assert!(!above("took", "250ms", "9MB") && !above("took", "9MB", "250ms"), "of no kind that compares");
        assert!(above("duration_ms", "1s", "1200") && !above("duration_ms", "1s", "900"));
        assert!(above("size", "1MB", "2MiB") && !above("size", "1MB", "20kB"));
    }

    #[test]
    fn equals_means_nothing_but_this() {
        let equals = |test: &str, value| holds(Test::Equals(test.into()), value);
        assert!(equals("/api", text("/api")) && equals("500", Value::Float(500.0)) && equals("", text("")));
        assert!(!equals("/api", text("/api/v2")) && !equals("/api", text("/API")) && !equals("500", text("500.0")));
    }

    #[test]
    fn numbers_compare_as_numbers_where_both_are() {
        let is = |test: &str, value| holds(Test::Is(test.into()), value);
        assert!(is("500", Value::Int(500)) && is("500", Value::Float(500.0)) && is("5e2", text("500")));
        assert!(!is("10", Value::Float(10.5)), "10 is a word of 10.5, but both are numbers");
        let compare = |comparison, test: &str, value| holds(Test::Compare(comparison, test.into()), value);
        assert!(compare(Comparison::Greater, "9", Value::Int(10)));
        assert!(!compare(Comparison::Greater, "9", text("1x")), "as text, 1x is before 9");
        assert!(compare(Comparison::NotEqual, "9007199254740993", Value::Int(9_007_199_254_740_992)));
        assert!(compare(Comparison::Less, "infinity", text("inf")), "words, not numbers");
        let is = |test: &str, value: &str| holds(Test::Is(test.into()), text(value));
        assert!(is("9223372036854775808123", "9223372036854775808123"));
        assert!(!is("9223372036854775808123", "9223372036854775808124"), "ids that no float tells apart");
        assert!(!is("12e4567", "13e4567") && is("12e4567", "12E4567"));
        let (long, other) = ("1".repeat(60), "1".repeat(59) + "2");
        assert!(is(&long, &long) && !is(&long, &other));
        assert!(compare(Comparison::Greater, "9223372036854775808", text("10000000000000000000")), "by value");
    }
}
