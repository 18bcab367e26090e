//! Decides which entries of a block a query finds.
//!
//! Cheap tests come first (columns, then text, then regular expressions, then fields), each looks only at the entries that
//! are still open, and text is searched in the whole block at once.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use memchr::memchr;
use memchr::memmem::Finder;
use model::query::{Expr, Present};
use model::time::TimeRange;

use super::Bitmap;
use super::field::ValueTest;
use super::needle::{Needle, scan_entries};
use super::node::{ColumnTest, FieldTest, Node, SourceTest, Telltale, node};
use super::variable::VariableTest;
use crate::block::Columns;
use crate::fold::fold_into;
use crate::format::{FieldSlots, FormatId, Formats, Landmark, Parsed};
use crate::template::{BlockTemplates, ValueReader};
use crate::values::ESCAPES;

/// A block as the matcher looks at it.
#[derive(Clone, Copy)]
pub struct OpenBlock<'a> {
    pub columns: &'a Columns,
    /// [`crate::block::decode_text`]; may be empty where [`Matcher::needs_text`] is false, or in [`Matcher::candidates`].
    pub text: &'a [u8],
    /// The source's path: the field `source`.
    pub path: &'a str,
    /// The service of entries that name none.
    pub service: &'a str,
    /// May be empty where [`Matcher::needs_templates`] is false.
    pub templates: &'a BlockTemplates,
    /// May be missing where [`Matcher::needs_values`] is false.
    pub values: Option<&'a ValueReader<'a>>,
}

/// A query made ready to be run over blocks.
pub struct Matcher<'f> {
    formats: &'f Formats,
    root: Node,
    problems: Vec<String>,
    folded: Vec<u8>,
    is_folded: bool,
    parsed: HashMap<usize, Parsed>,
    slots: FieldSlots,
}

impl<'f> Matcher<'f> {
    /// A regular expression that cannot be read is left out; see [`Matcher::problems`].
    pub fn new(expr: &Expr, formats: &'f Formats, present: &Present) -> Self {
        let mut problems = Vec::new();
        let root = node(expr, formats, present, &mut problems).unwrap_or(Node::All);
        Self {
            formats,
            root,
            problems,
            folded: Vec::new(),
            is_folded: false,
            parsed: HashMap::new(),
            slots: FieldSlots::default(),
        }
    }

    /// What of the query could not be used, as sentences.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether columns and source alone do not decide.
    pub fn needs_text(&self) -> bool {
        self.root.cost() > 0
    }

    /// Whether the templates of entries are asked for.
    pub fn needs_templates(&self) -> bool {
        self.root.needs_templates()
    }

    /// Whether the values in templates are asked for.
    pub fn needs_values(&self) -> bool {
        self.root.needs_values()
    }

    /// Whether entries that are made from this template may be found, by the template alone. `name`: its id as queries write it.
    pub fn may_find_made_from(&self, name: &str, n_places: usize) -> bool {
        self.root.may_find_made_from(name, n_places)
    }

    /// Whether it finds all entries of these times or none of them, if their times alone decide that.
    pub fn decided_by_time(&self, times: TimeRange) -> Option<bool> {
        self.root.decided_by_time(times)
    }

    /// The entries that columns and source alone do not rule out. Cheap: it never looks at the text.
    pub fn candidates(&self, block: OpenBlock<'_>) -> Bitmap {
        self.bounds(&self.root, block).at_most
    }

    /// The entries the query finds among those of `within`.
    pub fn matches(&mut self, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        self.is_folded = false;
        self.parsed.clear();
        let root = std::mem::replace(&mut self.root, Node::Nothing);
        let found = self.eval(&root, block, within);
        self.root = root;
        found
    }

    fn eval(&mut self, node: &Node, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        match node {
            Node::All => within.clone(),
            Node::Nothing => Bitmap::none(within.len()),
            Node::And(nodes) => {
                let mut left = within.clone();
                for node in nodes {
                    if left.is_empty() {
                        break;
                    }
                    left = self.eval(node, block, &left);
                }
                left
            }
            Node::Or(nodes) => {
                let (mut found, mut left) = (Bitmap::none(within.len()), within.clone());
                for node in nodes {
                    let more = self.eval(node, block, &left);
                    left.and_not(&more);
                    found.or(&more);
                }
                found
            }
            Node::Not(node) => {
                let mut left = within.clone();
                left.and_not(&self.eval(node, block, within));
                left
            }
            Node::Column(test) => {
                let mut found = self.eval_columns(test, block);
                found.and(within);
                found
            }
            Node::Text(needle) => {
                self.fold(block);
                needle.find_entries(&self.folded, block.columns, within)
            }
            Node::Pattern(pattern) => {
                self.fold(block);
                pattern.find_entries(block.text, &self.folded, block.columns, within)
            }
            Node::Field(test) => self.eval_field(test, block, within),
            Node::Variable(test) => self.eval_variable(test, block, within),
        }
    }

    /// A test once a shape, then one look-up an entry.
    fn eval_columns(&self, test: &ColumnTest, block: OpenBlock<'_>) -> Bitmap {
        let columns = block.columns;
        if let ColumnTest::Time(test) = test {
            return Bitmap::from_fn(columns.len(), |entry| test.holds(columns.times[entry]));
        }
        let text = |test: &ValueTest, text: &str| match test {
            ValueTest::Exists => !text.is_empty(),
            test => !text.is_empty() && test.holds_for_text(text),
        };
        let services: Vec<bool> = match test {
            ColumnTest::Service(test) => columns
                .service_names
                .iter()
                .map(|name| text(test, if name.is_empty() { block.service } else { name }))
                .collect(),
            _ => Vec::new(),
        };
        let source = match test {
            ColumnTest::Source(SourceTest::Path(path)) => path.matches(block.path),
            ColumnTest::Source(SourceTest::Value(test)) => text(test, block.path),
            _ => false,
        };
        if let ColumnTest::Template(test) = test {
            let BlockTemplates { of_entry, ids } = block.templates;
            let are_meant: Vec<bool> = ids.iter().map(|id| text(test, &id.to_string())).collect();
            return Bitmap::from_fn(columns.len(), |entry| {
                of_entry.get(entry).is_some_and(|&shape| are_meant[usize::from(shape)])
            });
        }
        let shapes: Vec<bool> = columns
            .shapes
            .iter()
            .map(|shape| match test {
                ColumnTest::Level(test) => test.holds(shape.severity),
                ColumnTest::Service(_) => services[usize::from(shape.service)],
                ColumnTest::Source(_) => source,
                ColumnTest::Format(test) => text(test, self.formats.name(shape.format)),
                ColumnTest::Time(_) | ColumnTest::Template(_) => unreachable!("decided above"),
            })
            .collect();
        Bitmap::from_fn(columns.len(), |entry| shapes[usize::from(columns.shape_of[entry])])
    }

    fn eval_field(&mut self, test: &FieldTest, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        let within = match &test.telltale {
            Some(Telltale::Name(finder)) => self.with_name(test, finder, block, within),
            Some(Telltale::Number(needle)) => self.with_number(needle, block, within),
            Some(Telltale::Values(finders)) => self.with_value(finders, block, within),
            None => within.clone(),
        };
        let Self { formats, parsed, slots, .. } = self;
        let mut found = Bitmap::none(within.len());
        for entry in within.iter() {
            let format = block.columns.shape(entry).format;
            let text = || {
                let text = &block.text[block.columns.text_range(entry)];
                // Faster than the lossy way, which looks at each byte.
                std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
            };
            let holds = match test.is_known {
                Some(known) => {
                    test.holds_known(known, parsed.entry(entry).or_insert_with(|| formats.parse(format, &text())))
                }
                None => formats.any_field(format, &text(), &test.name, slots, &mut |value| test.test.holds(&value)),
            };
            if holds {
                found.insert(entry);
            }
        }
        found
    }

    fn eval_variable(&mut self, test: &VariableTest, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        let mut found = Bitmap::none(within.len());
        let Some(values) = block.values else { return found };
        let mut within = within.clone();
        within.and(&Bitmap::from_fn(within.len(), |entry| values.has_place(entry, test.place)));
        if let Some(finder) = &test.telltale
            && !within.is_empty()
        {
            within = self.with_value(std::slice::from_ref(finder), block, &within);
        }
        for entry in within.iter() {
            if values.with_values(entry, |template, values| test.holds(template, values)) == Some(true) {
                found.insert(entry);
            }
        }
        found
    }

    /// The entries of `within` that show a value of the field that passes, and those that may have one without.
    fn with_name(&mut self, test: &FieldTest, finder: &Finder<'_>, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        let (formats, columns) = (self.formats, block.columns);
        let those = |is_one: &dyn Fn(FormatId) -> bool| those_of(columns, within, is_one);
        let mut found = those(&|format| test.name.places(format).is_anywhere);
        let spelled = those(&|format| test.name.places(format).is_spelled);
        for landmarks in columns.shapes.iter().map(|shape| shape.format).collect::<BTreeSet<_>>() {
            let places = test.name.places(landmarks);
            if places.landmarks.is_empty() {
                continue;
            }
            let of_format = those(&|format| format == landmarks);
            if std::str::from_utf8(block.text).is_err() {
                found.or(&of_format);
                continue;
            }
            for landmark in &places.landmarks {
                found.or(&behind_landmark(landmark, test, block, &of_format));
            }
        }
        if !spelled.is_empty() {
            self.fold(block);
            let n_bytes = finder.needle().len();
            found.or(&scan_entries(&[finder], &self.folded, columns, &spelled, |entry, start| {
                let (at, end) = (start + n_bytes, columns.ends[entry] as usize);
                let format = columns.shape(entry).format;
                at <= end
                    && formats
                        .may_hold_behind_name(format, &block.text[..end], at, &mut |value| test.test.holds(&value))
            }));
        }
        let escaped = those(&|format| test.name.places(format).may_be_escaped);
        if !escaped.is_empty() {
            found.or(&scan_entries(&[&Finder::new(&ESCAPES[..1])], block.text, columns, &escaped, |_, _| true));
        }
        // Colours may stand inside of anything.
        found.or(&scan_entries(&[&Finder::new(&ESCAPES[1..])], block.text, columns, within, |_, _| true));
        found
    }

    /// The entries of `within` that have the number as it is written, and those that may cut it out of a token.
    fn with_number(&mut self, needle: &Needle, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        self.fold(block);
        let columns = block.columns;
        let is_free: Vec<bool> =
            columns.shapes.iter().map(|shape| !self.formats.delimits_values(shape.format)).collect();
        let mut found = Bitmap::from_fn(columns.len(), |entry| is_free[usize::from(columns.shape_of[entry])]);
        found.and(within);
        let mut bound = within.clone();
        bound.and_not(&found);
        found.or(&needle.find_entries(&self.folded, columns, &bound));
        found
    }

    /// The entries of `within` that have one of the values, or an escape.
    fn with_value(&mut self, values: &[Finder<'static>], block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
        self.fold(block);
        let escapes = [Finder::new(&ESCAPES[..1]), Finder::new(&ESCAPES[1..])];
        let finders: Vec<&Finder<'_>> = values.iter().chain(&escapes).collect();
        scan_entries(&finders, &self.folded, block.columns, within, |_, _| true)
    }

    fn fold(&mut self, block: OpenBlock<'_>) {
        if !self.is_folded {
            fold_into(block.text, &mut self.folded);
            self.is_folded = true;
        }
    }

    /// What is certain without the text.
    fn bounds(&self, node: &Node, block: OpenBlock<'_>) -> Bounds {
        let n = block.columns.len();
        let exactly = |entries: Bitmap| Bounds { at_least: entries.clone(), at_most: entries };
        match node {
            Node::All => exactly(Bitmap::all(n)),
            Node::Nothing => exactly(Bitmap::none(n)),
            Node::Column(test) => exactly(self.eval_columns(test, block)),
            Node::Text(_) | Node::Pattern(_) | Node::Field(_) | Node::Variable(_) => {
                Bounds { at_least: Bitmap::none(n), at_most: Bitmap::all(n) }
            }
            Node::And(nodes) => {
                let mut all = exactly(Bitmap::all(n));
                for bounds in nodes.iter().map(|node| self.bounds(node, block)) {
                    all.at_least.and(&bounds.at_least);
                    all.at_most.and(&bounds.at_most);
                }
                all
            }
            Node::Or(nodes) => {
                let mut any = exactly(Bitmap::none(n));
                for bounds in nodes.iter().map(|node| self.bounds(node, block)) {
                    any.at_least.or(&bounds.at_least);
                    any.at_most.or(&bounds.at_most);
                }
                any
            }
            Node::Not(node) => {
                let mut bounds = self.bounds(node, block);
                bounds.at_least.not();
                bounds.at_most.not();
                Bounds { at_least: bounds.at_most, at_most: bounds.at_least }
            }
        }
    }
}

/// The entries of `within` whose format is one of those.
fn those_of(columns: &Columns, within: &Bitmap, is_one: &dyn Fn(FormatId) -> bool) -> Bitmap {
    let shapes: Vec<bool> = columns.shapes.iter().map(|shape| is_one(shape.format)).collect();
    // Mostly the entries of a block have one format.
    if shapes.iter().all(|&is_one| is_one) {
        return within.clone();
    }
    if !shapes.contains(&true) {
        return Bitmap::none(columns.len());
    }
    let mut those = Bitmap::from_fn(columns.len(), |entry| shapes[usize::from(columns.shape_of[entry])]);
    those.and(within);
    those
}

/// The entries of `within` in whose first line a value that passes may stand behind the landmark.
fn behind_landmark(landmark: &Landmark, test: &FieldTest, block: OpenBlock<'_>, within: &Bitmap) -> Bitmap {
    let columns = block.columns;
    scan_entries(&[&landmark.before], block.text, columns, within, |entry, start| {
        let (at, end) = (start + landmark.before.needle().len(), columns.ends[entry] as usize);
        if at > end {
            return false;
        }
        let line = match columns.shape(entry).n_lines {
            1 => &block.text[..end],
            _ => {
                let rest = &block.text[at..end];
                &block.text[..at + memchr(b'\n', rest).unwrap_or(rest.len())]
            }
        };
        landmark.may_hold(line, at, &mut |value| test.test.holds(&value))
    })
}

struct Bounds {
    at_least: Bitmap,
    at_most: Bitmap,
}
