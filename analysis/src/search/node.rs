//! What a query is made of, ready to be run: its tests, from the cheapest to the dearest.

use memchr::memmem::Finder;
use model::query::{
    Comparison, Expr, Levels, Present, Test, TimeTest, is_level_name, is_time_name, own_field, variable_place,
};
use model::severity::Severity;
use model::time::TimeRange;

use super::field::{Number, ValueTest};
use super::needle::Needle;
use super::path::PathPattern;
use super::pattern::Pattern;
use super::traced::trace_asked_for;
use super::variable::VariableTest;
use crate::fold::fold;
use crate::format::{FieldName, Formats, Parsed};
use crate::ids::{Flaw, byte_by_byte, ids_of, request_ids, spellings_by_half};
use crate::topology::sighting::is_point;
use crate::values::is_shown_as_written;

pub enum Node {
    All,
    Nothing,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Column(Box<ColumnTest>),
    Text(Box<Needle>),
    Pattern(Box<Pattern>),
    Field(Box<FieldTest>),
    Variable(Box<VariableTest>),
}

/// What columns and source decide.
pub enum ColumnTest {
    Level(LevelTest),
    Time(TimeTest),
    Service(ValueTest),
    Source(SourceTest),
    Format(ValueTest),
    Template(ValueTest),
}

pub enum SourceTest {
    Path(PathPattern),
    /// A comparison, a regular expression, or that there is one.
    Value(ValueTest),
}

pub enum LevelTest {
    Exists,
    Is(Levels),
    Compare(Comparison, Levels),
    /// Of the band's name.
    Name(Box<ValueTest>),
    /// It asks for no level that there is.
    Nothing,
}

/// What only the opened entry decides.
pub struct FieldTest {
    pub name: FieldName,
    /// `message` and the ids, which are found by several names.
    pub is_known: Option<Known>,
    pub test: ValueTest,
    pub telltale: Option<Telltale>,
}

/// Parts of an opened entry that are found as fields too.
#[derive(Clone, Copy)]
pub enum Known {
    Message,
    /// The request that the entry says it is of, by whatever rule, and by each id that it has of it.
    Trace,
    TraceId,
    SpanId,
    /// What is wrong with an id of a request, as the map and Agreement count it.
    Malformed,
}

/// What the text of every entry that passes has.
pub enum Telltale {
    /// One of these: the (folded) value, or what may be written in its place, unless the entry holds escapes.
    Values(Vec<Finder<'static>>),
    /// This number as it is written, unless the format may cut it out of a token.
    Number(Needle),
    /// This (folded) last part of the name, with a value behind it that passes, in the [places](crate::format::Places) where formats show fields.
    Name(Finder<'static>),
}

impl Node {
    pub fn needs_templates(&self) -> bool {
        match self {
            Self::Column(test) => matches!(**test, ColumnTest::Template(_)),
            Self::Variable(_) => true,
            Self::Not(node) => node.needs_templates(),
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(Self::needs_templates),
            _ => false,
        }
    }

    pub fn needs_values(&self) -> bool {
        match self {
            Self::Variable(_) => true,
            Self::Not(node) => node.needs_values(),
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(Self::needs_values),
            _ => false,
        }
    }

    /// Whether entries that are made from this template may be found. `name`: its id as queries write it.
    pub fn may_find_made_from(&self, name: &str, n_places: usize) -> bool {
        match self {
            Self::Column(test) => match &**test {
                ColumnTest::Template(test) => test.holds_for_text(name),
                _ => true,
            },
            Self::Variable(test) => test.place < n_places,
            Self::And(nodes) => nodes.iter().all(|node| node.may_find_made_from(name, n_places)),
            Self::Or(nodes) => nodes.iter().any(|node| node.may_find_made_from(name, n_places)),
            Self::Nothing => false,
            Self::All | Self::Not(_) | Self::Text(_) | Self::Pattern(_) | Self::Field(_) => true,
        }
    }

    pub fn decided_by_time(&self, times: TimeRange) -> Option<bool> {
        // One that is other than `all` decides, whatever the rest are.
        let parts = |nodes: &[Self], all: bool| {
            let parts: Vec<_> = nodes.iter().map(|node| node.decided_by_time(times)).collect();
            if parts.contains(&Some(!all)) { Some(!all) } else { (!parts.contains(&None)).then_some(all) }
        };
        match self {
            Self::All => Some(true),
            Self::Nothing => Some(false),
            Self::And(nodes) => parts(nodes, true),
            Self::Or(nodes) => parts(nodes, false),
            Self::Not(node) => node.decided_by_time(times).map(|finds| !finds),
            Self::Column(test) => match **test {
                ColumnTest::Time(test) => test.holds_throughout(times),
                _ => None,
            },
            Self::Text(_) | Self::Pattern(_) | Self::Field(_) | Self::Variable(_) => None,
        }
    }

    /// What a block costs, as a rank; 0 needs no text.
    pub fn cost(&self) -> u8 {
        match self {
            Self::All | Self::Nothing | Self::Column(_) => 0,
            Self::Text(_) => 1,
            Self::Pattern(_) => 2,
            Self::Field(_) | Self::Variable(_) => 3,
            Self::Not(node) => node.cost(),
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().map(Self::cost).max().unwrap_or(0),
        }
    }
}

/// `None`: it cannot be read, and what it stands in is taken without it.
pub fn node(expr: &Expr, formats: &Formats, present: &Present, problems: &mut Vec<String>) -> Option<Node> {
    let mut nodes = |exprs: &[Expr]| {
        let mut nodes: Vec<Node> = exprs.iter().filter_map(|expr| node(expr, formats, present, problems)).collect();
        nodes.sort_by_key(Node::cost);
        (!nodes.is_empty()).then_some(nodes)
    };
    Some(match expr {
        Expr::All => Node::All,
        Expr::And(exprs) => Node::And(nodes(exprs)?),
        Expr::Or(exprs) => Node::Or(nodes(exprs)?),
        Expr::Not(expr) => Node::Not(Box::new(node(expr, formats, present, problems)?)),
        Expr::Word(text) | Expr::Phrase(text) | Expr::Prefix(text) if text.is_empty() => Node::All,
        Expr::Word(text) | Expr::Phrase(text) => Node::Text(Box::new(Needle::whole(text))),
        Expr::Prefix(text) => Node::Text(Box::new(Needle::prefix(text))),
        Expr::Regex(expression) => match Pattern::new(expression) {
            Ok(pattern) => Node::Pattern(Box::new(pattern)),
            Err(reason) => {
                problems.push(format!("The expression /{expression}/ is left out: {reason}."));
                return None;
            }
        },
        Expr::Field { name, test } => match field(name, test, formats, present) {
            Ok(node) => node,
            Err(reason) => {
                problems.push(format!("The expression for {name} is left out: {reason}."));
                return None;
            }
        },
    })
}

fn field(name: &str, test: &Test, formats: &Formats, present: &Present) -> Result<Node, String> {
    if is_level_name(name) {
        return level(test);
    }
    if is_time_name(name) {
        let test = TimeTest::new(test, present);
        return Ok(test.map_or(Node::Nothing, |test| Node::Column(Box::new(ColumnTest::Time(test)))));
    }
    let value_test = ValueTest::of_field(name, test)?;
    if let Some(place) = variable_place(name) {
        return Ok(Node::Variable(Box::new(VariableTest::new(place, test, value_test))));
    }
    if let Some(own) = own_field(name) {
        let name = formats.field_name(own);
        let telltale = telltale(&name, false, test);
        return Ok(Node::Field(Box::new(FieldTest { name, is_known: None, test: value_test, telltale })));
    }
    Ok(match name.to_ascii_lowercase().as_str() {
        "service" => Node::Column(Box::new(ColumnTest::Service(value_test))),
        "source" => Node::Column(Box::new(ColumnTest::Source(source_test(test, value_test)))),
        "format" => Node::Column(Box::new(ColumnTest::Format(value_test))),
        "template" => Node::Column(Box::new(ColumnTest::Template(value_test))),
        _ => {
            let is_known = known(name);
            let asked_for = trace_asked_for(name, test);
            let test_of_value = match asked_for {
                Some(id) => ValueTest::of_trace(id, value_test),
                None => value_test,
            };
            let name = formats.field_name(name);
            let telltale = match (asked_for, is_known) {
                (Some(id), _) => Some(Telltale::Values(finders_of(spellings_by_half(id)))),
                (None, Some(Known::Trace)) => telltale_of_request(test),
                // It stands nowhere.
                (None, Some(Known::Malformed)) => None,
                _ => telltale(&name, is_known.is_some(), test),
            };
            Node::Field(Box::new(FieldTest { name, is_known, test: test_of_value, telltale }))
        }
    })
}

/// A path is meant as a whole, not by its words: `app.log` is not `web/app.log`.
fn source_test(test: &Test, value_test: ValueTest) -> SourceTest {
    PathPattern::of_test(test).map_or(SourceTest::Value(value_test), SourceTest::Path)
}

fn level(test: &Test) -> Result<Node, String> {
    Ok(match LevelTest::new(test)? {
        LevelTest::Nothing => Node::Nothing,
        test => Node::Column(Box::new(ColumnTest::Level(test))),
    })
}

impl LevelTest {
    /// The error is the reason a regular expression could not be read.
    pub fn new(test: &Test) -> Result<Self, String> {
        let of_level = |word: &str, test: &dyn Fn(Levels) -> Self| Levels::read(word).map_or(Self::Nothing, test);
        Ok(match test {
            Test::Exists => Self::Exists,
            Test::Is(word) | Test::Equals(word) => of_level(word, &Self::Is),
            Test::Compare(comparison, word) => of_level(word, &|levels| Self::Compare(*comparison, levels)),
            Test::StartsWith(_) | Test::Matches(_) | Test::Within(_) => Self::Name(Box::new(ValueTest::new(test)?)),
        })
    }

    pub fn holds(&self, severity: Severity) -> bool {
        match self {
            Self::Exists => severity != Severity::UNSPECIFIED,
            Self::Is(levels) => levels.contain(severity),
            Self::Compare(comparison, levels) => levels.compare(severity, *comparison),
            Self::Name(test) => test.holds_for_text(severity.band().name()),
            Self::Nothing => false,
        }
    }
}

impl FieldTest {
    pub fn holds_known(&self, known: Known, parsed: &Parsed) -> bool {
        let holds = |value: &str| self.test.holds_for_text(value);
        let (name, is_so) = match known {
            Known::Message => ("message", !parsed.message.is_empty() && holds(&parsed.message)),
            Known::Trace => ("trace", request_ids(parsed).any(holds)),
            Known::TraceId => ("trace_id", parsed.trace_id.as_deref().is_some_and(holds)),
            Known::SpanId => ("span_id", parsed.span_id.as_deref().is_some_and(holds)),
            Known::Malformed => (MALFORMED_ID, malformed_of(parsed).is_some_and(|flaw| holds(flaw.name()))),
        };
        is_so
            || parsed
                .fields
                .iter()
                .any(|field| field.name.eq_ignore_ascii_case(name) && self.test.holds(&(&field.value).into()))
    }
}

/// The field of [`Known::Malformed`].
const MALFORMED_ID: &str = "malformed_id";

/// What goes wrong beside an id leaves that as it is, and a number is no part of a request.
fn malformed_of(parsed: &Parsed) -> Option<Flaw> {
    ids_of(parsed).1.filter(|flaw| *flaw != Flaw::State && !is_point(parsed))
}

fn known(name: &str) -> Option<Known> {
    match name.to_ascii_lowercase().as_str() {
        "message" => Some(Known::Message),
        "trace" => Some(Known::Trace),
        "trace_id" => Some(Known::TraceId),
        "span_id" => Some(Known::SpanId),
        MALFORMED_ID => Some(Known::Malformed),
        _ => None,
    }
}

fn telltale_of_request(test: &Test) -> Option<Telltale> {
    let (Test::Is(id) | Test::Equals(id) | Test::StartsWith(id)) = test else { return None };
    let is_written = !id.is_empty() && (!matches!(test, Test::Equals(_)) || is_shown_as_written(id));
    is_written.then(|| Telltale::Values(finders_of(vec![id.clone()])))
}

/// Of texts one of which is in another the shorter one is enough. An id may stand in a header that is written byte by byte.
fn finders_of(ids: Vec<String>) -> Vec<Finder<'static>> {
    let has_other = |id: &String| ids.iter().any(|other| other.len() < id.len() && id.contains(other.as_str()));
    let least = ids.iter().filter(|id| !has_other(id));
    least.flat_map(|id| byte_by_byte(id).into_iter().flatten().chain([id.clone()])).map(|text| finder(&text)).collect()
}

fn finder(text: &str) -> Finder<'static> {
    Finder::new(&fold(text)).into_owned()
}

fn telltale(name: &FieldName, is_known: bool, test: &Test) -> Option<Telltale> {
    match test {
        Test::Is(text) | Test::StartsWith(text) if text.is_empty() => None,
        Test::Is(text) if Number::read(text).is_some() => Some(Telltale::Number(Needle::whole(text))),
        Test::Is(text) | Test::StartsWith(text) => Some(Telltale::Values(vec![finder(text)])),
        Test::Equals(text) if is_shown_as_written(text) => Some(Telltale::Values(vec![finder(text)])),
        _ if is_known || name.last_part().is_empty() => None,
        _ => Some(Telltale::Name(finder(name.last_part()))),
    }
}
