//! What blocks promise: entries in, the same entries out, whatever the bytes.

use std::sync::LazyLock;

use model::severity::Severity;
use model::time::{Nanos, Precision, Zone};
use proptest::prelude::*;

use super::*;
use crate::format::{Clock, Formats, Head};
use crate::import::Importer;
use crate::read::{Context, Record};
use crate::tokenize::token_hash;

static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

/// An entry as a reader would hand it over.
#[derive(Clone, Debug)]
pub struct Made {
    pub text: Vec<u8>,
    pub time: Option<Nanos>,
    pub severity: Severity,
    pub stamp: std::ops::Range<u32>,
    pub service: Option<std::ops::Range<u32>>,
    pub naive: bool,
}

impl Made {
    pub fn new(text: &str) -> Self {
        let severity = Severity::UNSPECIFIED;
        Self { text: text.into(), time: Some(Nanos(0)), severity, stamp: 0..0, service: None, naive: false }
    }

    pub fn record(&self) -> Record<'_> {
        let head = Head {
            time: self.time,
            precision: if self.time.is_some() { Precision::Milli } else { Precision::Inherited },
            naive: self.naive,
            severity: self.severity,
            stamp: self.stamp.clone(),
            service: self.service.clone(),
            ..Head::default()
        };
        Record { head, text: &self.text, n_lines: 1 + self.text.iter().filter(|&&byte| byte == b'\n').count() as u32 }
    }
}

pub fn build(entries: &[Made], fallback: Nanos) -> Block {
    let mut builder = BlockBuilder::new(fallback);
    for entry in entries {
        builder.push(&entry.record());
    }
    builder.finish(Position::default(), &FORMATS)
}

fn open(block: &Block) -> (Columns, Vec<u8>) {
    let columns = Columns::decode(&block.columns, &FORMATS).expect("columns as written");
    let text = decode_text(&block.text, block.text_bytes).expect("text as written");
    (columns, text)
}

/// Some text, some of its bytes a stamp and some a service's name.
pub fn made_entry() -> impl Strategy<Value = Made> {
    let text =
        prop_oneof!["[ab 1.:=é\n]{0,30}".prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 0..20),];
    let time = proptest::option::of(prop_oneof![
        any::<i64>(),
        (0..4_000_000_000i64).prop_map(|second| second * 1_000_000_000),
        (0..4_000_000i64).prop_map(|milli| milli * 1_000_000),
    ]);
    (text, time, 0..25u8, any::<(u32, u32, u32, u32)>(), any::<(bool, bool)>()).prop_map(
        |(text, time, severity, (a, b, c, d), (naive, has_service))| {
            let range = |a: u32, b: u32| {
                let n = text.len() as u32 + 1;
                (a % n).min(b % n)..(a % n).max(b % n)
            };
            let (stamp, service) = (if time.is_some() { range(a, b) } else { 0..0 }, has_service.then(|| range(c, d)));
            Made { time: time.map(Nanos), severity: Severity(severity), stamp, service, naive, text }
        },
    )
}

proptest! {
    #[test]
    fn entries_come_back_as_they_were_put_in(entries in proptest::collection::vec(made_entry(), 0..60), fallback: i64) {
        let block = build(&entries, Nanos(fallback));
        let (columns, text) = open(&block);
        prop_assert_eq!(columns.len(), entries.len());
        let first = entries.iter().find_map(|entry| entry.time.map(|time| (time, entry.naive)));
        let mut last = first.unwrap_or((Nanos(fallback), false));
        for (i, entry) in entries.iter().enumerate() {
            if let Some(time) = entry.time {
                last = (time, entry.naive);
            }
            let shape = columns.shape(i);
            prop_assert_eq!(&text[columns.text_range(i)], &entry.text[..]);
            prop_assert_eq!((columns.times[i], shape.naive), last);
            let own = entry.record().head.precision;
            let expected = match (entry.time, first) {
                (Some(_), _) => own,
                (None, Some(_)) => Precision::Inherited,
                (None, None) => Precision::Undated,
            };
            prop_assert_eq!(shape.precision, expected);
            prop_assert_eq!(shape.severity, entry.severity);
            prop_assert_eq!(shape.n_lines, entry.record().n_lines);
            if !entry.stamp.is_empty() {
                prop_assert_eq!(&shape.stamp, &entry.stamp);
            }
            let service = entry.service.clone().unwrap_or(0..0);
            let service = String::from_utf8_lossy(&entry.text[service.start as usize..service.end as usize]);
            prop_assert_eq!(columns.service(i), service);
        }
        prop_assert_eq!(columns.times.iter().min().copied().unwrap_or(Nanos(fallback)), block.min_time);
        prop_assert_eq!(columns.times.iter().max().copied().unwrap_or(Nanos(fallback)), block.max_time);
        prop_assert_eq!(block.undated, first.is_none());
        prop_assert_eq!(columns.lines_before(columns.len()), u64::from(block.n_lines));
    }

    #[test]
    fn an_excerpt_has_its_entries_as_they_were_and_nothing_of_the_others(
        entries in proptest::collection::vec(made_entry(), 1..40),
        ends: (prop::sample::Index, prop::sample::Index),
        fallback: i64,
    ) {
        let block = build(&entries, Nanos(fallback));
        let (columns, text) = open(&block);
        let ends = [ends.0, ends.1].map(|end| end.index(entries.len()));
        let taken = ends[0].min(ends[1])..ends[0].max(ends[1]) + 1;
        let mut builder = BlockBuilder::new(Nanos(fallback));
        let excerpt = builder.excerpt(&columns, &text, taken.clone(), 7, &FORMATS);
        let (part, part_text) = open(&excerpt);
        prop_assert_eq!(part.len(), taken.len());
        for (i, entry) in taken.clone().enumerate() {
            prop_assert_eq!(&part_text[part.text_range(i)], &text[columns.text_range(entry)]);
            prop_assert_eq!((part.times[i], part.service(i)), (columns.times[entry], columns.service(entry)));
            let service = part.shape(i).service;
            prop_assert_eq!(part.shape(i), &Shape { service, ..columns.shape(entry).clone() });
        }
        let bands = taken.clone().fold(0, |bands, entry| bands | 1 << columns.severity(entry).band() as u8);
        prop_assert_eq!((excerpt.bands, excerpt.undated, excerpt.first_line), (bands, block.undated, 7));
        let alone = build(&entries[taken.clone()], Nanos(fallback));
        prop_assert_eq!(&excerpt.words, &alone.words);
        prop_assert!(part.service_names.iter().all(|name| (0..part.len()).any(|i| part.service(i) == name)));
        if taken.len() == entries.len() {
            prop_assert_eq!((excerpt.tokens, excerpt.shapes), (block.tokens, block.shapes));
        }
        // What comes next goes on behind it.
        let next = builder.excerpt(&columns, &text, taken.clone(), 100, &FORMATS);
        prop_assert_eq!((next.first_entry, next.first_line), (taken.len() as u64, 100));
    }

    #[test]
    fn damaged_bytes_are_an_error_and_never_a_panic(
        entries in proptest::collection::vec(made_entry(), 0..20),
        damage in proptest::collection::vec(any::<(usize, u8)>(), 1..8),
        noise: Vec<u8>,
    ) {
        let block = build(&entries, Nanos(0));
        let (mut columns, mut text) = (block.columns.clone(), block.text.clone());
        for &(at, byte) in &damage {
            for bytes in [&mut columns, &mut text].into_iter().filter(|bytes| !bytes.is_empty()) {
                let at = at % bytes.len();
                bytes[at] ^= byte;
            }
        }
        let formats = &*FORMATS;
        let _ = decode_text(&text, block.text_bytes);
        let _ = decode_text(&noise, noise.len() as u32);
        for bytes in [&columns, &noise] {
            if let Ok(columns) = Columns::decode(bytes, formats) {
                for entry in 0..columns.len() {
                    prop_assert!(columns.shape(entry).stamp.end as usize <= columns.text_range(entry).len());
                    let _ = columns.service(entry);
                }
            }
        }
    }

    #[test]
    fn blocks_travel_as_messages(entries in proptest::collection::vec(made_entry(), 0..20)) {
        let block = build(&entries, Nanos(0));
        prop_assert_eq!(model::wire::decode::<Block>(&model::wire::encode(&block)), Ok(block));
    }

    #[test]
    fn the_words_of_an_opened_block_are_those_it_was_indexed_with(
        entries in proptest::collection::vec(made_entry(), 0..20),
    ) {
        let block = build(&entries, Nanos(0));
        let (columns, text) = open(&block);
        prop_assert_eq!(words_of(&columns, &text), block.words);
    }

    #[test]
    fn naive_times_move_with_the_zone_and_only_they(entries in proptest::collection::vec(made_entry(), 0..20)) {
        let formats = &*FORMATS;
        let (before, _) = open(&build(&entries, Nanos(0)));
        let mut after = before.clone();
        // No stamp can be read in here; entries without one have the time of the one before.
        let mut clock = Clock::new(Zone::utc(), Nanos(0));
        after.reread_naive_times(b"", &mut clock, None, |time| Nanos(time.0.wrapping_add(3_600_000_000_000)));
        let after = Columns::decode(&after.encode(formats), formats).expect("columns as written");
        for entry in 0..before.len() {
            let moved = after.times[entry].0.wrapping_sub(before.times[entry].0);
            prop_assert_eq!(moved, if before.shape(entry).naive { 3_600_000_000_000 } else { 0 });
        }
    }
}

#[test]
fn tokens_count_entries_and_leave_the_stamp_out() {
    let mut entries = [Made::new("10:23 get 10.0.3.7 GET"), Made::new("10:24 get needle238")];
    for entry in &mut entries {
        entry.stamp = 0..5;
    }
    let block = build(&entries, Nanos(0));
    let n_entries = |token: &str| {
        let hash = token_hash(token.as_bytes());
        block.tokens.iter().find(|token| token.hash() == hash).map_or(0, |token| token.n_entries())
    };
    assert_eq!(["get", "10", "10.0.3.7", "needle238", "24", "needle"].map(n_entries), [2, 1, 1, 1, 0, 0]);
    assert_eq!(block.words, b"\x03get\x06needle");
}

#[test]
fn a_clock_whose_date_stands_apart_keeps_its_day_in_another_zone() {
    let lines = ["20", "25"].map(|day| format!(r#"{{"date":"2026-11-{day}","msg":"x","time":"10:00:01"}}"#)).join("\n");
    let context = Context { path: "a.log".to_owned(), modified: Nanos(0), zone: Zone::utc() };
    let (mut importer, mut blocks) = (Importer::new(&FORMATS, context), Vec::new());
    importer.push(lines.as_bytes(), &mut blocks);
    importer.finish(&mut blocks);
    let (before, text) = open(&blocks[0]);
    assert_eq!(before.len(), 2);
    let hour_before = |time: Nanos| Nanos(time.0 - 3_600_000_000_000);
    let expected: Vec<Nanos> = before.times.iter().map(|&time| hour_before(time)).collect();
    let mut after = before;
    after.reread_naive_times(&text, &mut Clock::new(Zone::fixed(3600), Nanos(0)), None, hour_before);
    assert_eq!(after.times, expected);
}

#[test]
fn first_blocks_are_small_and_then_grow() {
    let mut builder = BlockBuilder::new(Nanos(0));
    let entry = Made::new(&"x".repeat(1023));
    let (mut position, mut sizes) = (Position::default(), Vec::new());
    for _ in 0..300 {
        builder.push(&entry.record());
        position.offset += 1024;
        if builder.is_full() {
            sizes.push(builder.finish(position.clone(), &FORMATS).text_bytes >> 10);
        }
    }
    assert_eq!(sizes, [4, 4, 8, 16, 32, 64, 64, 64]);
}
