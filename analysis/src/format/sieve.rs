//! Tells from the first bytes of a line which patterns may match it, 64 of them at once.
//!
//! For each of the first [`DEPTH`] places and each byte a word of bits says which patterns may have that byte there. The
//! words of a line's bytes, taken together, soon leave few patterns over, however the patterns are written; of these those
//! go that need a byte (`[`, `"`, `|`) that the line has nowhere.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::predictive::syntax_of;

/// Places looked at: past the longest stamp and what stands behind it.
const DEPTH: usize = 40;

/// Bytes told apart: those past ASCII count as the last one of ASCII, which no log has.
const N_BYTES: usize = 128;

/// Bytes that a match may have at one place, a bit each.
type Bytes = u128;

type Places = [Bytes; DEPTH];

/// Lines are looked through up to so much for the bytes that patterns need; longer ones may have them all.
const NEAR_BYTES: usize = 512;

#[derive(Debug)]
pub struct Sieve {
    /// Of 64 patterns each.
    tables: Vec<Table>,
    /// Bytes that some pattern needs.
    needed: Bytes,
}

/// Patterns by what their matches have, a bit each.
#[derive(Debug)]
struct Table {
    all: u64,
    /// By place and byte, those that may have it there.
    places: Box<[[u64; N_BYTES]; DEPTH]>,
    /// By byte, those that have it somewhere.
    needs: [u64; N_BYTES],
}

impl Sieve {
    /// Of anchored patterns over bytes.
    pub fn new<'p>(patterns: impl Iterator<Item = &'p str>) -> Self {
        let patterns: Vec<_> = patterns.map(traits_of).collect();
        let needed = patterns.iter().fold(0, |needed, (_, needs)| needed | needs);
        Self { tables: patterns.chunks(64).map(Table::new).collect(), needed }
    }

    /// The numbers of the patterns that may match, in their order; those left out certainly do not.
    pub fn left<'s>(&'s self, line: &'s [u8]) -> impl Iterator<Item = usize> + 's {
        let mut missing = None;
        self.tables.iter().enumerate().flat_map(move |(number, table)| {
            let mut left = table.beginning(line);
            if left != 0 {
                let missing = *missing.get_or_insert_with(|| missing_in(line, self.needed));
                left = bits(missing).fold(left, |left, byte| left & !table.needs[byte]);
            }
            bits(left).map(move |bit| number * 64 + bit)
        })
    }
}

impl Table {
    fn new(patterns: &[(Places, Bytes)]) -> Self {
        let mut table = Self { all: 0, places: Box::new([[0; N_BYTES]; DEPTH]), needs: [0; N_BYTES] };
        for (pattern, (places, needs)) in patterns.iter().enumerate() {
            let own = 1 << pattern;
            table.all |= own;
            bits(*needs).for_each(|byte| table.needs[byte] |= own);
            for (words, &bytes) in table.places.iter_mut().zip(places) {
                match bytes {
                    Bytes::MAX => words.iter_mut().for_each(|word| *word |= own),
                    _ => bits(bytes).for_each(|byte| words[byte] |= own),
                }
            }
        }
        table
    }

    /// The patterns whose matches may begin as the line does.
    fn beginning(&self, line: &[u8]) -> u64 {
        let mut left = self.all;
        for (words, &byte) in self.places.iter().zip(line) {
            left &= words[usize::from(byte).min(N_BYTES - 1)];
            if left == 0 {
                break;
            }
        }
        left
    }
}

/// Those of the bytes that a line has nowhere.
fn missing_in(line: &[u8], needed: Bytes) -> Bytes {
    if line.len() > NEAR_BYTES {
        return 0;
    }
    let mut has = [false; 256];
    line.iter().for_each(|&byte| has[usize::from(byte)] = true);
    bits(needed).filter(|&byte| !has[byte]).fold(0, |missing, byte| missing | 1 << byte)
}

/// Which bits are set.
fn bits(word: impl Into<u128>) -> impl Iterator<Item = usize> {
    let mut word = word.into();
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}

/// Which bytes its matches may have at each place, and which they have somewhere.
fn traits_of(pattern: &str) -> (Places, Bytes) {
    // Of a pattern that is none nothing is known.
    let Some(syntax) = syntax_of(pattern) else { return ([Bytes::MAX; DEPTH], 0) };
    let mut spread = Spread { places: [0; DEPTH], n_around: 0 };
    let ends = spread.part(&syntax, 1);
    // Behind its end anything may stand.
    spread.anything_from(ends);
    // Most lines have letters and digits; bytes past ASCII are not told apart.
    let common = range(b'0', b'9') | range(b'A', b'Z') | range(b'a', b'z') | range(127, 127);
    (spread.places, needs_of(&syntax) & !common)
}

/// The bytes that every match has.
fn needs_of(part: &Hir) -> Bytes {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => 0,
        HirKind::Literal(literal) => literal.0.iter().fold(0, |needs, &byte| needs | range(byte, byte)),
        HirKind::Capture(group) => needs_of(&group.sub),
        HirKind::Concat(parts) => parts.iter().fold(0, |needs, part| needs | needs_of(part)),
        HirKind::Alternation(parts) => parts.iter().fold(Bytes::MAX, |needs, part| needs & needs_of(part)),
        HirKind::Repetition(repetition) if repetition.min == 0 => 0,
        HirKind::Repetition(repetition) => needs_of(&repetition.sub),
    }
}

/// A pattern laid out over the places. Where a part begins and ends is said by bits: it may at several.
struct Spread {
    places: Places,
    /// Repetitions around the part.
    n_around: usize,
}

/// Repetitions inside of more than so many others are taken for anything: each goes through the inner ones again.
const MOST_AROUND: usize = 3;

impl Spread {
    /// Adds the bytes of a part that begins at `starts`; returns where it may end.
    fn part(&mut self, part: &Hir, starts: u64) -> u64 {
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => starts,
            HirKind::Literal(literal) => literal.0.iter().fold(starts, |at, &byte| self.byte(range(byte, byte), at)),
            HirKind::Class(class) => self.byte(bytes_of(class), starts),
            HirKind::Capture(group) => self.part(&group.sub, starts),
            HirKind::Concat(parts) => parts.iter().fold(starts, |at, part| self.part(part, at)),
            HirKind::Alternation(parts) => parts.iter().fold(0, |ends, part| ends | self.part(part, starts)),
            HirKind::Repetition(_) if self.n_around > MOST_AROUND => self.anything_from(starts),
            HirKind::Repetition(repetition) => {
                self.n_around += 1;
                let ends = self.repetition(repetition, starts);
                self.n_around -= 1;
                ends
            }
        }
    }

    fn repetition(&mut self, repetition: &Repetition, starts: u64) -> u64 {
        let (mut at, mut ends, mut n_times) = (starts, 0, 0);
        loop {
            if n_times >= repetition.min {
                ends |= at;
            }
            if repetition.max == Some(n_times) {
                return ends;
            }
            let next = self.part(&repetition.sub, at);
            // Once more brings nothing new: past the last place, or the part may be empty.
            if next == at {
                return ends | at;
            }
            at = next;
            n_times += 1;
        }
    }

    /// One byte; places past the last one are dropped with their bits.
    fn byte(&mut self, bytes: Bytes, starts: u64) -> u64 {
        bits(starts & ((1 << DEPTH) - 1)).for_each(|at| self.places[at] |= bytes);
        starts << 1
    }

    fn anything_from(&mut self, starts: u64) -> u64 {
        let first = (starts.trailing_zeros() as usize).min(DEPTH);
        self.places[first..].fill(Bytes::MAX);
        u64::MAX << first
    }
}

fn bytes_of(class: &Class) -> Bytes {
    let byte_of = |char: char| u8::try_from(char).unwrap_or(u8::MAX);
    match class {
        Class::Bytes(class) => class.ranges().iter().fold(0, |bytes, own| bytes | range(own.start(), own.end())),
        // ASCII classes come as characters.
        Class::Unicode(class) => {
            class.ranges().iter().fold(0, |bytes, own| bytes | range(byte_of(own.start()), byte_of(own.end())))
        }
    }
}

/// From the first to the last byte, both with it.
fn range(first: u8, last: u8) -> Bytes {
    let (first, last) = (usize::from(first).min(N_BYTES - 1), usize::from(last).min(N_BYTES - 1));
    (Bytes::MAX >> (N_BYTES - 1 - last)) & (Bytes::MAX << first)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::format::load::Spec;
    use crate::format::predictive::Matcher;
    use crate::format::shipped::TEXTS;

    struct Shipped {
        samples: Vec<String>,
        matchers: Vec<Matcher>,
        sieve: Sieve,
    }

    static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
        let specs: Vec<_> = TEXTS.iter().map(|(_, text)| Spec::read(text).unwrap()).collect();
        let heads = || specs.iter().flat_map(|spec| &spec.heads).map(|head| &**head);
        Shipped {
            samples: specs.iter().flat_map(Spec::sample_texts).map(str::to_owned).collect(),
            matchers: heads().map(|head| Matcher::new(head).unwrap()).collect(),
            sieve: Sieve::new(heads()),
        }
    });

    fn left(patterns: &[&str], line: &str) -> Vec<usize> {
        Sieve::new(patterns.iter().copied()).left(line.as_bytes()).collect()
    }

    #[test]
    fn few_patterns_are_left_for_a_line() {
        let patterns =
            [r"^(\d{4})-(\d\d) \[(\w+)\] ", r"^\d{4}-\d\d x+ ", r"^(?:ab|c)+=", r"^[a-z]+ \d+:", r"^(?:|!).*b"];
        for (line, expected) in [
            ("2026-11 [main] up", vec![0, 4]),
            ("2026-11 xx up", vec![1, 4]),
            ("abc=1", vec![2, 4]),
            ("cd 12: x", vec![3, 4]),
            ("ab=", vec![2, 4]),
            ("ab", vec![4]),
            ("!", vec![4]),
        ] {
            assert_eq!(left(&patterns, line), expected, "{line}");
        }
    }

    #[test]
    fn a_byte_that_stands_nowhere_in_a_line_leaves_no_pattern_that_needs_it() {
        let patterns = [r"^\S+ (?:\[a|b\[)", r"^\S+ (?:\|)*", r"^\S+ (?:\||=)", r"^\S+ (?:\|){2}"];
        assert_eq!(left(&patterns, "a b"), [1, 2]);
        assert_eq!(left(&patterns, "a b | ["), [0, 1, 2, 3]);
        assert_eq!(left(&patterns, &format!("a {}", "b".repeat(NEAR_BYTES))), [0, 1, 2, 3], "may have it further on");
    }

    #[test]
    fn patterns_past_the_first_64_and_bytes_past_ascii_are_told_apart() {
        let patterns = vec!["^a"; 64].into_iter().chain(["^b", r"^\xC3", "^[^a]"]).collect::<Vec<_>>();
        assert_eq!(left(&patterns, "bc"), [64, 66]);
        assert_eq!(left(&patterns, "\u{e9}"), [65, 66]);
        assert_eq!(left(&patterns, "a"), (0..64).collect::<Vec<_>>());
        assert_eq!(left(&["^(?i)k", "("], "K"), [0, 1]);
        assert!(left(&[], "a").is_empty());
    }

    #[test]
    fn long_and_deep_repetitions_end_soon() {
        let deep = format!("^{}a{}", "(".repeat(90), "*)".repeat(90));
        let patterns = ["^(?:(?:(?:a{0,900}){0,900}b?){0,9})c", "^(?:|a){900,}c", "^d{900}", &deep];
        assert_eq!(left(&patterns, "aac"), [0, 1, 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_pattern_that_matches_is_never_left_out(
            sample in any::<prop::sample::Index>(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        ) {
            let Shipped { samples, matchers, sieve } = &*SHIPPED;
            let mut line = sample.get(samples).as_bytes().to_vec();
            for (at, byte) in edits {
                let at = at.index(line.len());
                line[at] = byte;
            }
            let left: Vec<usize> = sieve.left(&line).collect();
            for (number, matcher) in matchers.iter().enumerate() {
                if matcher.end(&line, 0).is_some() {
                    prop_assert!(left.contains(&number), "{number}: {:?}", String::from_utf8_lossy(&line));
                }
            }
        }
    }
}
