//! Matches a pattern by looking one byte ahead: in a table or literal at a time, with no automaton and no way back.
//!
//! Works for patterns in which the next byte always says how to go on (they are LL(1)); heads of log lines nearly always
//! are. [`Matcher::new`] says no to all others, which are left to the regex engine. A property test holds the two together.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// Where each group matched.
pub type Groups = Vec<Option<(usize, usize)>>;

#[derive(Clone, Debug)]
pub struct Matcher {
    root: Node,
    /// What every match begins with; `None` where it may be empty.
    first: Option<Box<ByteSet>>,
    /// Of the groups by their number; the first one is the whole match.
    names: Vec<Option<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Byte(u8),
    Literal(Box<[u8]>),
    OneOf(Box<ByteSet>),
    /// As many bytes of the set as there are, within bounds.
    Run {
        set: Box<ByteSet>,
        min: usize,
        max: usize,
    },
    Group {
        index: usize,
        inside: Box<Node>,
    },
    Sequence(Vec<Node>),
    /// As often as the next byte is one that `inside` begins with, within bounds.
    Repeat {
        first: Box<ByteSet>,
        /// Of these bytes, those that are all of one time.
        alone: Box<ByteSet>,
        min: usize,
        max: usize,
        inside: Box<Node>,
    },
    /// The alternative that begins with the next byte, else the one that may be empty.
    Choice {
        begun: Vec<(ByteSet, Node)>,
        empty: Option<Box<Node>>,
    },
    LineEnd,
}

impl Matcher {
    /// `None` if `pattern`, read as bytes, leaves a choice that the next byte does not settle.
    pub fn new(pattern: &str) -> Option<Self> {
        let hir = syntax_of(pattern.strip_prefix('^')?)?;
        let end = Follow { set: ByteSet::EMPTY, may_end: true };
        let mut names = vec![None];
        name_groups(&hir, &mut names);
        let first = if is_skippable(&hir) { None } else { first_of(&hir).map(Box::new) };
        Some(Self { root: compile(&hir, &end)?, first, names })
    }

    /// The names of the groups by their number; the first one is the whole match.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.names.iter().map(Option::as_deref)
    }

    /// What stands right before every match of a group (perhaps nothing), and what matches the group alone.
    pub fn landmark(&self, group: usize) -> Option<(Vec<u8>, Self)> {
        let mut before = Vec::new();
        let inside = self.root.find_group(group, &mut before)?.clone();
        Some((before, Self { root: inside, first: None, names: Vec::new() }))
    }

    /// Matches the same, as far as it is written the same.
    pub fn is_like(&self, other: &Self) -> bool {
        self.root == other.root
    }

    /// Where the match that begins at `at` ends, whatever its groups.
    pub fn end(&self, line: &[u8], at: usize) -> Option<usize> {
        self.root.go(line, at, &mut NoGroups)
    }

    /// Where the match that begins with the first byte of `line` ends; fills in the groups it went through.
    #[inline]
    pub fn find(&self, line: &[u8], groups: &mut Groups) -> Option<usize> {
        // Nearly all of many patterns fail here, before there is anything to clear.
        if let (Some(first), Some(&byte)) = (&self.first, line.first())
            && !first.has(byte)
        {
            return None;
        }
        groups.clear();
        groups.resize(self.names.len(), None);
        let end = self.root.go(line, 0, &mut AllGroups(groups))?;
        if let Some(whole) = groups.first_mut() {
            *whole = Some((0, end));
        }
        Some(end)
    }
}

/// Takes note of what groups match.
trait Notes {
    fn note(&mut self, group: usize, start: usize, end: usize);
}

struct AllGroups<'g>(&'g mut Groups);

impl Notes for AllGroups<'_> {
    #[inline]
    fn note(&mut self, group: usize, start: usize, end: usize) {
        self.0[group] = Some((start, end));
    }
}

struct NoGroups;

impl Notes for NoGroups {
    #[inline]
    fn note(&mut self, _: usize, _: usize, _: usize) {}
}

impl Node {
    /// `before`: the bytes that stand right before this node, as far as they are always the same; in the end those before
    /// the group, or before what follows this node.
    fn find_group(&self, group: usize, before: &mut Vec<u8>) -> Option<&Self> {
        match self {
            Self::Byte(byte) => before.push(*byte),
            Self::Literal(literal) => before.extend_from_slice(literal),
            Self::Group { index, inside } if *index == group => return Some(inside),
            Self::Group { inside, .. } => return inside.find_group(group, before),
            Self::Sequence(parts) => return parts.iter().find_map(|part| part.find_group(group, before)),
            Self::OneOf(_) | Self::Run { .. } => before.clear(),
            Self::LineEnd => {}
            Self::Repeat { inside, .. } => {
                before.clear();
                let found = inside.find_group(group, before);
                if found.is_none() {
                    before.clear();
                }
                return found;
            }
            Self::Choice { begun, empty } => {
                let alternatives = begun.iter().map(|(_, node)| node).chain(empty.as_deref());
                for alternative in alternatives {
                    let mut before_it = before.clone();
                    if let Some(found) = alternative.find_group(group, &mut before_it) {
                        *before = before_it;
                        return Some(found);
                    }
                }
                before.clear();
            }
        }
        None
    }

    fn go(&self, line: &[u8], at: usize, groups: &mut impl Notes) -> Option<usize> {
        match self {
            Self::Byte(byte) => (line.get(at) == Some(byte)).then_some(at + 1),
            Self::OneOf(set) => line.get(at).is_some_and(|&byte| set.has(byte)).then_some(at + 1),
            Self::Literal(literal) => line[at..].starts_with(literal).then(|| at + literal.len()),
            Self::Run { set, min, max } => {
                let limit = line.len().min(at.saturating_add(*max));
                let len = line[at..limit].iter().position(|&byte| !set.has(byte)).unwrap_or(limit - at);
                (len >= *min).then_some(at + len)
            }
            Self::Group { index, inside } => {
                let end = inside.go(line, at, groups)?;
                groups.note(*index, at, end);
                Some(end)
            }
            Self::Sequence(parts) => parts.iter().try_fold(at, |at, part| part.go(line, at, groups)),
            Self::Repeat { first, alone, min, max, inside } => {
                let mut at = at;
                let mut n_times = 0;
                while n_times < *max
                    && let Some(&byte) = line.get(at)
                    && first.has(byte)
                {
                    at = if alone.has(byte) { at + 1 } else { inside.go(line, at, groups)? };
                    n_times += 1;
                }
                (n_times >= *min).then_some(at)
            }
            Self::Choice { begun, empty } => {
                let next = line.get(at);
                let fits = next.and_then(|&byte| begun.iter().find(|(first, _)| first.has(byte)));
                match (fits, empty) {
                    (Some((_, node)), _) => node.go(line, at, groups),
                    (None, Some(node)) => node.go(line, at, groups),
                    (None, None) => None,
                }
            }
            Self::LineEnd => (at == line.len()).then_some(at),
        }
    }
}

/// What may come behind a part.
#[derive(Clone)]
struct Follow {
    set: ByteSet,
    /// The pattern may end there, whatever the next byte.
    may_end: bool,
}

/// What a pattern over bytes says; `None` if it is none.
pub fn syntax_of(pattern: &str) -> Option<Hir> {
    ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()
}

fn name_groups(hir: &Hir, names: &mut Vec<Option<String>>) {
    match hir.kind() {
        HirKind::Capture(group) => {
            let index = group.index as usize;
            names.resize(names.len().max(index + 1), None);
            names[index] = group.name.as_deref().map(str::to_owned);
            name_groups(&group.sub, names);
        }
        HirKind::Repetition(repetition) => name_groups(&repetition.sub, names),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| name_groups(part, names)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

fn compile(hir: &Hir, follow: &Follow) -> Option<Node> {
    Some(match hir.kind() {
        HirKind::Empty => Node::Sequence(Vec::new()),
        HirKind::Literal(literal) => match &*literal.0 {
            [byte] => Node::Byte(*byte),
            bytes => Node::Literal(bytes.into()),
        },
        HirKind::Class(_) => Node::OneOf(Box::new(first_of(hir)?)),
        HirKind::Look(Look::End) => Node::LineEnd,
        HirKind::Look(_) => return None,
        HirKind::Capture(group) => {
            Node::Group { index: group.index as usize, inside: Box::new(compile(&group.sub, follow)?) }
        }
        HirKind::Concat(parts) => {
            let mut nodes = Vec::with_capacity(parts.len());
            let mut follow = follow.clone();
            for part in parts.iter().rev() {
                nodes.push(compile(part, &follow)?);
                let first = first_of(part)?;
                follow = match is_skippable(part) {
                    true => Follow { set: first.or(&follow.set), ..follow },
                    false => Follow { set: first, may_end: false },
                };
            }
            nodes.reverse();
            Node::Sequence(nodes)
        }
        HirKind::Repetition(repetition) => compile_repetition(repetition, follow)?,
        HirKind::Alternation(alternatives) => compile_choice(alternatives, follow)?,
    })
}

fn compile_repetition(repetition: &Repetition, follow: &Follow) -> Option<Node> {
    let first = first_of(&repetition.sub)?;
    let (min, max) = (repetition.min as usize, repetition.max.map_or(usize::MAX, |max| max as usize));
    let is_single = is_one_byte(&repetition.sub);
    let is_settled = min == max || repetition.greedy && !first.meets(&follow.set) && (is_single || !follow.may_end);
    if !is_settled || repetition.sub.properties().minimum_len().is_none_or(|len| len == 0) {
        return None;
    }
    if is_single && !matches!(repetition.sub.kind(), HirKind::Capture(_)) {
        return Some(Node::Run { set: Box::new(first), min, max });
    }
    // Behind one time comes another, if there may be one, or what follows.
    let set = if max == 1 { follow.set.clone() } else { first.or(&follow.set) };
    let again = Follow { set, may_end: follow.may_end };
    let inside = Box::new(compile(&repetition.sub, &again)?);
    let alone = match &*inside {
        Node::Choice { begun, .. } => {
            let single = begun.iter().filter(|(_, node)| matches!(node, Node::Byte(_) | Node::OneOf(_)));
            single.fold(ByteSet::EMPTY, |alone, (first, _)| alone.or(first))
        }
        _ => ByteSet::EMPTY,
    };
    Some(Node::Repeat { first: Box::new(first), alone: Box::new(alone), min, max, inside })
}

fn compile_choice(alternatives: &[Hir], follow: &Follow) -> Option<Node> {
    let mut begun: Vec<(ByteSet, Node)> = Vec::new();
    let mut empty = None;
    let may_be_skipped = alternatives.iter().any(is_skippable);
    for alternative in alternatives {
        let node = compile(alternative, follow)?;
        let first = first_of(alternative)?;
        // An empty alternative in front of others would be preferred to them.
        if empty.is_some() || begun.iter().any(|(other, _)| other.meets(&first)) {
            return None;
        }
        if first.is_empty() {
            empty = Some(Box::new(node));
            continue;
        }
        let is_settled = !may_be_skipped || !first.meets(&follow.set) && (is_one_byte(alternative) || !follow.may_end);
        if !is_settled || is_skippable(alternative) {
            return None;
        }
        begun.push((first, node));
    }
    Some(Node::Choice { begun, empty })
}

/// Matches exactly one byte, so that it cannot fail half-way.
fn is_one_byte(hir: &Hir) -> bool {
    hir.properties().minimum_len() == Some(1) && hir.properties().maximum_len() == Some(1)
}

/// Can match nothing in the middle of a line.
fn is_skippable(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Repetition(repetition) => repetition.min == 0 || is_skippable(&repetition.sub),
        HirKind::Capture(group) => is_skippable(&group.sub),
        HirKind::Concat(parts) => parts.iter().all(is_skippable),
        HirKind::Alternation(alternatives) => alternatives.iter().any(is_skippable),
    }
}

/// The bytes a match can begin with; `None` for what only the regex engine understands.
fn first_of(hir: &Hir) -> Option<ByteSet> {
    let mut set = ByteSet::EMPTY;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => set.add(*literal.0.first()?),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().for_each(|range| (range.start()..=range.end()).for_each(|byte| set.add(byte)));
        }
        // ASCII classes come as characters.
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.ranges() {
                let (start, end) = (u8::try_from(range.start()).ok()?, u8::try_from(range.end()).ok()?);
                if !end.is_ascii() {
                    return None;
                }
                (start..=end).for_each(|byte| set.add(byte));
            }
        }
        HirKind::Capture(group) => set = first_of(&group.sub)?,
        HirKind::Repetition(repetition) => set = first_of(&repetition.sub)?,
        HirKind::Alternation(alternatives) => {
            for alternative in alternatives {
                set = set.or(&first_of(alternative)?);
            }
        }
        HirKind::Concat(parts) => {
            for part in parts {
                set = set.or(&first_of(part)?);
                if !is_skippable(part) {
                    break;
                }
            }
        }
    }
    Some(set)
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ByteSet([bool; 256]);

impl ByteSet {
    const EMPTY: Self = Self([false; 256]);

    #[inline]
    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte)] = true;
    }

    fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(&a, &b)| a && b)
    }

    fn or(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|byte| self.0[byte] || other.0[byte]))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::bytes::{Regex, RegexBuilder};

    use super::*;
    use crate::format::load::Spec;
    use crate::format::shipped::TEXTS;

    static PATTERNS: LazyLock<Vec<Spec>> = LazyLock::new(|| {
        let specs = TEXTS.iter().map(|(_, text)| Spec::read(text).unwrap());
        specs.filter(|spec| !spec.heads.is_empty()).collect()
    });

    fn by_regex(regex: &Regex, line: &[u8]) -> Option<Vec<Option<(usize, usize)>>> {
        let captures = regex.captures(line)?;
        Some((0..captures.len()).map(|index| captures.get(index).map(|group| (group.start(), group.end()))).collect())
    }

    fn agrees(pattern: &str, line: &[u8]) {
        let regex = RegexBuilder::new(pattern).unicode(false).build().unwrap();
        let Some(matcher) = Matcher::new(pattern) else { return };
        let mut groups = Groups::new();
        let found = matcher.find(line, &mut groups).map(|_| groups);
        assert_eq!(found, by_regex(&regex, line), "{pattern} on {:?}", String::from_utf8_lossy(line));
    }

    #[test]
    fn every_shipped_head_is_settled_byte_by_byte() {
        for (file, text) in TEXTS {
            for head in &Spec::read(text).unwrap().heads {
                assert!(Matcher::new(head).is_some(), "{file}: {head}");
            }
        }
    }

    #[test]
    fn patterns_that_leave_a_choice_are_refused() {
        for pattern in
            ["^.*b", "^a?ab", "^(?:ab|ac)", "^a+?b", "^(?:ab)?", "^(?:a|b?)b", "^(|a)", "^(?:a?)*", r"^\bx", "x"]
        {
            assert!(Matcher::new(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn a_landmark_is_what_always_stands_before_a_group() {
        let landmark = |pattern: &str, group: usize| {
            let (before, inside) = Matcher::new(pattern).unwrap().landmark(group)?;
            Some((String::from_utf8(before).unwrap(), inside.end(b"x12 y", 1)))
        };
        let some = |before: &str, end| Some((before.to_owned(), end));
        assert_eq!(landmark(r#"^[a-z]+" ((\d+)) "#, 2), some("\" ", Some(3)));
        assert_eq!(landmark(r"^(\d+) (\d+)", 1), some("", Some(3)));
        assert_eq!(landmark(r"^a=(?:b=|)(\d+)", 1), some("", Some(3)));
        assert_eq!(landmark(r"^a=(?:b=(\d+)| )", 1), some("a=b=", Some(3)));
        assert_eq!(landmark(r"^(?:a=(\d) )*x", 1), some("a=", Some(2)));
        assert_eq!(landmark(r"^(\d+)", 2), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn shipped_heads_match_as_the_regex_engine_does(
            file in any::<prop::sample::Index>(),
            sample in any::<prop::sample::Index>(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3, any::<u8>()), 0..4),
        ) {
            let texts: Vec<&str> = PATTERNS.iter().flat_map(Spec::sample_texts).collect();
            let mut line = sample.get(&texts).as_bytes().to_vec();
            for (at, edit, byte) in edits {
                let at = at.index(line.len() + 1).min(line.len().saturating_sub(1));
                match edit {
                    0 => line.insert(at, byte),
                    1 => line.truncate(at),
                    _ if line.is_empty() => {}
                    _ => line[at] = byte % 128,
                }
            }
            for head in &file.get(&PATTERNS).heads {
                agrees(head, &line);
            }
        }

        #[test]
        fn any_accepted_pattern_matches_as_the_regex_engine_does(
            parts in prop::collection::vec(prop::sample::select(vec![
                "a", "b", "[ab]", "[^a]", "a+", "b*", "(a)?", "(?:ab)?", "(a|b)", "(a|bc|$)", "(?:[ab]c)*", "[abc]{1,2}", "(c+)", "$", "(?:a(b)?c)+", "(b|)", "(|b)", "(?:ab)+", "(c|ab)",
            ]), 0..6),
            line in "[abc]{0,8}",
        ) {
            agrees(&format!("^{}", parts.concat()), line.as_bytes());
        }
    }
}
