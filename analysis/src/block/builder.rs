//! Collects entries until they make a block.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use model::time::{Nanos, Precision};

use super::columns::{Columns, Shape, moved};
use super::packed::compress;
use super::token_set::TokenSet;
use super::{BLOCK_BYTES, Block, FIRST_BLOCK_BYTES, MAX_BLOCK_ENTRIES, TokenCount};
use crate::fold::fold_into;
use crate::format::{FormatId, Formats, Head};
use crate::ids::{for_each_id_beside_text, half_hash, half_in_token, hash_beside_text};
use crate::read::{Position, Record};
use crate::template::SourceMiner;
use crate::tokenize::{DottedQuads, for_each_token, hash_at, indexed_word, is_token_byte, token_hash};
use crate::values::{IDS_BESIDE_TEXT, KNOWS_IDS, MESSAGES_DIFFER, NAMES_DIFFER, VALUES_DIFFER, hides_tokens};

/// Collects records until a block is full.
///
/// Where blocks end depends only on the entries before, so a resumed import cuts the same blocks.
pub struct BlockBuilder {
    fallback: Nanos,
    /// Added to every time that is read.
    offset_nanos: i64,
    /// Where the block starts; its offset decides the block's size.
    start: Position,
    /// Of the last entry that had a time, with whether its stamp named no zone.
    last: Option<(Nanos, bool)>,
    /// Entries at the front that wait for a time: none has been seen yet.
    n_untimed: usize,
    text: Vec<u8>,
    columns: Columns,
    shape_numbers: HashMap<Shape, u16>,
    service_numbers: HashMap<Box<[u8]>, u16>,
    tokens: TokenSet,
    words: WordSet,
    folded: Vec<u8>,
    miner: SourceMiner,
}

impl BlockBuilder {
    /// `fallback`: the time of entries of a block in which nothing has a time, nor anything before (the file's own).
    pub fn new(fallback: Nanos) -> Self {
        Self::resume(fallback, &Position::default())
    }

    /// Goes on after the block that ended at `position`.
    pub fn resume(fallback: Nanos, position: &Position) -> Self {
        Self {
            fallback,
            offset_nanos: 0,
            start: position.clone(),
            last: position.last_time.map(|time| (time, position.last_naive)),
            n_untimed: 0,
            text: Vec::new(),
            columns: Columns::default(),
            shape_numbers: HashMap::new(),
            service_numbers: HashMap::new(),
            tokens: TokenSet::new(),
            words: WordSet::default(),
            folded: Vec::new(),
            miner: SourceMiner::resume(position.headers.clone()),
        }
    }

    /// Adds this to every time from now on: the clock of the source was slow by so much. Positions keep times as read.
    pub fn with_offset(mut self, offset_nanos: i64) -> Self {
        self.last = self.last.map(|(time, naive)| (moved(time, offset_nanos - self.offset_nanos), naive));
        self.offset_nanos = offset_nanos;
        self
    }

    pub fn push(&mut self, record: &Record<'_>) {
        let head = &record.head;
        let own = head.time.map(|time| (moved(time, self.offset_nanos), head.naive));
        if own.is_some() {
            self.time_those_waiting(own);
            self.last = own;
        } else if self.last.is_none() {
            self.n_untimed += 1;
        }
        let (time, naive) = self.last.unwrap_or((self.fallback, false));
        let shape = Shape {
            precision: match (own, self.last) {
                (Some(_), _) => head.precision,
                (None, Some(_)) if head.precision == Precision::Doubted => Precision::Doubted,
                (None, Some(_)) => Precision::Inherited,
                (None, None) => Precision::Undated,
            },
            naive,
            severity: head.severity,
            service: self.service_number(head, record.text),
            format: head.format,
            stamp: stamp_within(head, record.text.len()),
            date_apart: head.date.is_some(),
            n_lines: record.n_lines,
        };
        let shape = self.shape_number(shape);
        self.columns.times.push(time);
        self.columns.shape_of.push(shape);
        self.text.extend_from_slice(record.text);
        self.columns.ends.push(self.text.len() as u32);
        self.text.push(b'\n');
    }

    /// No entry is waiting to become a block.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Time to [`BlockBuilder::finish`].
    pub fn is_full(&self) -> bool {
        // The first blocks are as large as what is before them: 4, 4, 8, 16, 32, 64, 64 … KiB.
        let doubled = usize::try_from(self.start.offset).unwrap_or(usize::MAX);
        let enough = doubled.clamp(FIRST_BLOCK_BYTES, BLOCK_BYTES);
        // Giving a time to entries that wait for one can double the shapes; their numbers fit in 16 bits.
        let are_shapes_many = self.columns.shapes.len() >= MAX_BLOCK_ENTRIES / 2;
        self.text.len() >= enough || self.columns.len() >= MAX_BLOCK_ENTRIES || are_shapes_many
    }

    /// The block of all records pushed since the last. `position`: the reader's, after the last of them.
    pub fn finish(&mut self, position: Position, formats: &Formats) -> Block {
        let columns = std::mem::take(&mut self.columns);
        let shapes = self.miner.shapes(formats, &columns, &self.text).encode();
        let position = Position { headers: self.miner.headers().clone(), ..position };
        let undated = self.last.is_none();
        self.last = position.last_time.map(|time| (moved(time, self.offset_nanos), position.last_naive));
        self.n_untimed = 0;
        self.shape_numbers.clear();
        self.service_numbers.clear();
        let (words, tokens) = self.index(&columns, formats);
        let n_lines = columns.lines_before(columns.len());
        let block = Block {
            n_entries: columns.len() as u32,
            first_entry: self.start.entries,
            first_line: self.start.lines,
            n_lines: n_lines as u32,
            min_time: columns.times.iter().copied().min().unwrap_or(self.fallback),
            max_time: columns.times.iter().copied().max().unwrap_or(self.fallback),
            bands: columns.shapes.iter().fold(0, |bands, shape| bands | 1 << shape.severity.band() as u8),
            naive: columns.shapes.iter().any(|shape| shape.naive),
            undated,
            text_bytes: self.text.len() as u32,
            columns: columns.encode(formats),
            text: compress(&self.text),
            words,
            tokens,
            shapes,
            position: position.clone(),
        };
        self.text.clear();
        self.start = position;
        block
    }

    /// A block of some entries of another, read as they were. `entries`: at least one; they follow each other. `first_line`:
    /// lines of the source before them. They are the next ones of this builder's source, and nothing waits to become a block.
    pub fn excerpt(
        &mut self,
        columns: &Columns,
        text: &[u8],
        entries: Range<usize>,
        first_line: u64,
        formats: &Formats,
    ) -> Block {
        let bytes = columns.text_range(entries.start).start..columns.text_range(entries.end - 1).end + 1;
        self.text.extend_from_slice(&text[bytes]);
        self.columns = columns.part(entries);
        let is_dated = |shape: &Shape| shape.precision != Precision::Undated;
        self.last = self.columns.shapes.iter().any(is_dated).then(|| (self.columns.times[0], false));
        self.start.lines = first_line;
        let position = Position {
            offset: self.start.offset + self.text.len() as u64,
            lines: first_line + self.columns.lines_before(self.columns.len()),
            entries: self.start.entries + self.columns.len() as u64,
            ..self.start.clone()
        };
        self.finish(position, formats)
    }

    /// Gives the first time of a source to the entries before it.
    fn time_those_waiting(&mut self, first: Option<(Nanos, bool)>) {
        let (Some((time, naive)), n @ 1..) = (first, std::mem::take(&mut self.n_untimed)) else { return };
        for entry in 0..n {
            self.columns.times[entry] = time;
            let shape = Shape { precision: Precision::Inherited, naive, ..self.columns.shape(entry).clone() };
            self.columns.shape_of[entry] = self.shape_number(shape);
        }
    }

    fn service_number(&mut self, head: &Head, text: &[u8]) -> u16 {
        let range = head.service.clone().unwrap_or(0..0);
        let name = text.get(range.start as usize..range.end as usize).unwrap_or_default();
        // Mostly that of the entry before, whose shape has it.
        if let Some(&shape) = self.columns.shape_of.last() {
            let number = self.columns.shapes[usize::from(shape)].service;
            if self.columns.service_names[usize::from(number)].as_bytes() == name {
                return number;
            }
        }
        if let Some(&number) = self.service_numbers.get(name) {
            return number;
        }
        let number = self.columns.service_names.len() as u16;
        self.columns.service_names.push(String::from_utf8_lossy(name).into_owned());
        self.service_numbers.insert(name.into(), number);
        number
    }

    fn shape_number(&mut self, shape: Shape) -> u16 {
        // Most entries are like the one before.
        if let Some(&number) = self.columns.shape_of.last()
            && self.columns.shapes[usize::from(number)] == shape
        {
            return number;
        }
        *self.shape_numbers.entry(shape).or_insert_with_key(|shape| {
            self.columns.shapes.push(shape.clone());
            (self.columns.shapes.len() - 1) as u16
        })
    }

    /// What the word index and the postings get.
    fn index(&mut self, columns: &Columns, formats: &Formats) -> (Vec<u8>, Vec<TokenCount>) {
        fold_into(&self.text, &mut self.folded);
        let Self { folded, tokens, words, .. } = self;
        let mut quads = DottedQuads::default();
        let mut has_id_beside_text = false;
        for_each_indexed(folded, columns, |entry, start, end| {
            if tokens.count(hash_at(folded, start, end), entry as u32) {
                let token = &folded[start..end];
                if let Some(word) = indexed_word(token) {
                    words.insert(word);
                }
                if let Some(half) = half_in_token(token) {
                    tokens.count(half_hash(half), entry as u32);
                }
                for_each_id_beside_text(token, |id| {
                    has_id_beside_text = true;
                    tokens.count(hash_beside_text(id), entry as u32);
                    if let Some(half) = half_in_token(id) {
                        tokens.count(half_hash(half), entry as u32);
                    }
                });
            }
            if let Some(start) = quads.push(folded, start, end) {
                tokens.count(hash_at(folded, start, end), entry as u32);
            }
        });
        tokens.count(KNOWS_IDS, 0);
        if has_id_beside_text {
            tokens.count(IDS_BESIDE_TEXT, 0);
        }
        mark_differences(tokens, &self.text, columns, formats);
        (words.take(), tokens.take())
    }
}

/// [`Block::words`] of a block that was opened.
pub fn words_of(columns: &Columns, text: &[u8]) -> Vec<u8> {
    let mut folded = Vec::new();
    fold_into(text, &mut folded);
    let mut words = WordSet::default();
    for_each_indexed(&folded, columns, |_, start, end| {
        if let Some(word) = indexed_word(&folded[start..end]) {
            words.insert(word);
        }
    });
    words.take()
}

/// Entry, start and end of all tokens that do not touch their entry's stamp.
fn for_each_indexed(folded: &[u8], columns: &Columns, mut found: impl FnMut(usize, usize, usize)) {
    let mut entry = 0;
    let mut end_of_entry = columns.ends.first().map_or(0, |&end| end as usize);
    let mut stamp = stamp_in_block(columns, 0);
    for_each_token(folded, |start, end| {
        while start >= end_of_entry && entry + 1 < columns.len() {
            entry += 1;
            end_of_entry = columns.ends[entry] as usize;
            stamp = stamp_in_block(columns, entry);
        }
        if start >= stamp.end || end <= stamp.start {
            found(entry, start, end);
        }
    });
}

/// Where an entry's stamp stands in the block's text.
fn stamp_in_block(columns: &Columns, entry: usize) -> Range<usize> {
    if entry >= columns.len() {
        return 0..0;
    }
    let start = columns.text_range(entry).start;
    let stamp = &columns.shape(entry).stamp;
    start + stamp.start as usize..start + stamp.end as usize
}

/// Marks the block if field searches cannot rely on its tokens.
fn mark_differences(tokens: &mut TokenSet, text: &[u8], columns: &Columns, formats: &Formats) {
    let are_hidden = hides_tokens(text);
    let all =
        |delimits: fn(&Formats, FormatId) -> bool| columns.shapes.iter().all(|shape| delimits(formats, shape.format));
    if are_hidden || !all(Formats::delimits_values) {
        tokens.count(VALUES_DIFFER, 0);
    }
    if are_hidden || !all(Formats::delimits_messages) {
        tokens.count(MESSAGES_DIFFER, 0);
    }
    // What follows a stamp without a separator may be a name, but is no token of the index.
    let joins_stamp = |entry: usize| {
        let stamp = stamp_in_block(columns, entry);
        !stamp.is_empty() && text.get(stamp.end).is_some_and(|&byte| is_token_byte(byte))
    };
    if are_hidden || !all(Formats::spells_names) || (0..columns.len()).any(joins_stamp) {
        tokens.count(NAMES_DIFFER, 0);
    }
}

/// A head speaks of its text, but a format is data: what reaches beyond the text is cut.
fn stamp_within(head: &Head, text_bytes: usize) -> Range<u32> {
    let end = head.stamp.end.min(text_bytes as u32);
    if head.stamp.start < end { head.stamp.start..end } else { 0..0 }
}

/// Distinct words in the order they came, each preceded by its length.
#[derive(Default)]
struct WordSet {
    known: HashSet<u64>,
    packed: Vec<u8>,
}

impl WordSet {
    fn insert(&mut self, word: &[u8]) {
        if self.known.insert(token_hash(word)) {
            self.packed.push(word.len() as u8);
            self.packed.extend_from_slice(word);
        }
    }

    fn take(&mut self) -> Vec<u8> {
        self.known.clear();
        std::mem::take(&mut self.packed)
    }
}
