//! From the bytes of a file to blocks.
//!
//! What it is compressed with is taken off ([`Unfold`]) → protobuf and documents of traces become JSON lines ([`Transcoder`]) →
//! [`Reader`] → [`BlockBuilder`]. Never fails: what could be read is in the blocks, and [`Importer::finish`] says in a sentence what could
//! not. The blocks are the same for every slicing of the bytes, and a resumed import goes on with exactly the blocks that an
//! undisturbed one would have made.

use model::time::Nanos;

use crate::block::{BLOCK_BYTES, Block, BlockBuilder};
use crate::container::{Damage, Part, Unfold, is_packed};
use crate::format::{FormatId, Formats};
use crate::protobuf;
use crate::read::{Context, Encoding, Position, Reader, looks_binary};
use crate::signals;

/// Bytes that tell a log from a binary file, and what [`Importer::start_byte`] and [`Importer::resume`] want to see.
pub const EVIDENCE_BYTES: usize = protobuf::EVIDENCE_BYTES;
const _: () = assert!(signals::EVIDENCE_BYTES == EVIDENCE_BYTES);

/// Of the zeros that a log begins with (it was emptied while a program wrote to it, which went on at the old place) so many are
/// kept, or one more; the others say nothing.
const KEPT_ZEROS: usize = EVIDENCE_BYTES;
/// Behind more of them no log is looked for.
const MOST_ZEROS: u64 = 1 << 30;

/// Takes one file in, in slices of any size.
pub struct Importer<'f> {
    /// `None`: nothing is to be taken off.
    wrapping: Option<Box<Unfold>>,
    text: TextIntake<'f>,
}

/// How an import ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole file is in the blocks.
    Complete,
    /// What was before the damage is in the blocks; the reason is a sentence.
    Damaged { reason: String },
    /// Not a log; the reason is a sentence.
    NotText { reason: String },
}

impl<'f> Importer<'f> {
    pub fn new(formats: &'f Formats, context: Context) -> Self {
        let builder = BlockBuilder::new(context.modified);
        let text = TextIntake {
            modified: context.modified,
            formats,
            builder,
            reader: Reader::new(formats, context),
            held: Vec::new(),
            n_held_zeros: 0,
            n_left_out: 0,
            kind: Kind::NotTold,
            is_told_text: false,
            transcoder: None,
            n_known: 0,
        };
        Self { wrapping: Some(Box::new(Unfold::compressed())), text }
    }

    /// Takes in what was taken out of a container, from its first byte on. `position`: where an earlier import of the same
    /// bytes ended; what comes before is skipped.
    pub fn of_content(formats: &'f Formats, context: Context, position: Option<Position>) -> Self {
        match position {
            Some(position) => {
                let n_known = position.offset;
                let text =
                    TextIntake { n_known, kind: Kind::NotTold, ..TextIntake::resume(formats, context, position) };
                Self { wrapping: None, text }
            }
            None => Self { wrapping: None, ..Self::new(formats, context) },
        }
    }

    /// Goes on after the block with this position. `first_bytes`: [`EVIDENCE_BYTES`] of the file. The first push must
    /// begin with the byte that [`Importer::start_byte`] says.
    pub fn resume(formats: &'f Formats, context: Context, position: Position, first_bytes: &[u8]) -> Self {
        if is_packed(first_bytes) {
            let wrapping = Some(Box::new(Unfold::compressed()));
            return Self { wrapping, ..Self::of_content(formats, context, Some(position)) };
        }
        if Transcoder::of(first_bytes, context.modified).is_some() {
            return Self::of_content(formats, context, Some(position));
        }
        Self { wrapping: None, text: TextIntake::resume(formats, context, position) }
    }

    /// Reads as the user said: in one format only (`None`: by evidence), with so much added to every time, and in this
    /// encoding (`None`: by evidence). To be said before the first push.
    pub fn read_as(mut self, only: Option<FormatId>, offset_nanos: i64, encoding: Option<Encoding>) -> Self {
        let TextIntake { reader, builder, .. } = self.text;
        let reader = reader.in_encoding(encoding);
        self.text.is_told_text = encoding.is_some();
        self.text.reader = match only {
            Some(format) => reader.only(format),
            None => reader,
        };
        self.text.builder = builder.with_offset(offset_nanos);
        self
    }

    /// Byte of the file as it is on disk that the first push must begin with: 0 for a compressed file and for one that is
    /// no lines (what was taken in before is skipped), else where the last block ended. `first_bytes`: [`EVIDENCE_BYTES`] of the file.
    pub fn start_byte(position: &Position, first_bytes: &[u8]) -> u64 {
        if is_packed(first_bytes) || Transcoder::of(first_bytes, Nanos(0)).is_some() { 0 } else { position.offset }
    }

    /// Hands over the next bytes of the file; blocks that became full are added to `blocks`.
    pub fn push(&mut self, bytes: &[u8], blocks: &mut Vec<Block>) {
        let Self { wrapping, text } = self;
        match wrapping {
            None => text.push(bytes, blocks),
            Some(unfold) => unfold.push(bytes, &mut |part| {
                if let Part::Bytes(bytes) = part {
                    text.push(bytes, blocks);
                }
            }),
        }
    }

    /// Further bytes would change nothing: it is no log, or damaged.
    pub fn is_over(&self) -> bool {
        self.text.kind == Kind::Binary || self.wrapping.as_ref().is_some_and(|unfold| unfold.is_over())
    }

    /// No more bytes will come: the rest becomes the last block.
    pub fn finish(&mut self, blocks: &mut Vec<Block>) -> Outcome {
        let Self { wrapping, text } = self;
        let mut damage = None;
        if let Some(unfold) = wrapping {
            unfold.finish(&mut |part| match part {
                Part::Bytes(bytes) => text.push(bytes, blocks),
                Part::End(Some(found)) => damage = Some(found),
                Part::Begin(_) | Part::End(None) => {}
            });
        }
        self.finish_with(damage, blocks)
    }

    /// No more bytes will come of what was taken out of a container; `damage`: what that says is wrong with them.
    pub fn finish_with(&mut self, damage: Option<Damage>, blocks: &mut Vec<Block>) -> Outcome {
        let text = &mut self.text;
        if damage == Some(Damage::Corrupt) {
            // The bytes right before it are those that were read wrongly.
            text.drop_unfinished_line(blocks);
        }
        let flaw = text.finish(blocks);
        match damage {
            // What damaged bytes hold looks like a binary file whatever it was.
            Some(damage) => Outcome::Damaged { reason: damage.to_string() },
            None if text.kind == Kind::Binary => {
                Outcome::NotText { reason: "This is a binary file, not a log.".to_owned() }
            }
            None => flaw.map_or(Outcome::Complete, |reason| Outcome::Damaged { reason }),
        }
    }
}

/// From uncompressed bytes to blocks.
struct TextIntake<'f> {
    formats: &'f Formats,
    reader: Reader<'f>,
    builder: BlockBuilder,
    /// First bytes, until there are enough behind zeros to tell a log from a binary file.
    held: Vec<u8>,
    /// The zeros that they begin with, and those before them that are not kept.
    n_held_zeros: usize,
    n_left_out: u64,
    kind: Kind,
    /// The user says what its bytes are, so they are text.
    is_told_text: bool,
    /// Where it is not lines yet.
    transcoder: Option<Transcoder>,
    /// When the file was changed.
    modified: Nanos,
    /// Bytes of text to come that were taken in before.
    n_known: u64,
}

/// Makes lines of what has none: one for each record, span or point.
pub enum Transcoder {
    Protobuf(protobuf::Transcoder),
    Signals(signals::Transcoder),
    Metrics(signals::exposition::Transcoder),
}

impl Transcoder {
    /// `None`: it has lines of its own. `modified`: for what has no time of its own.
    pub fn of(first_bytes: &[u8], modified: Nanos) -> Option<Self> {
        let of_protobuf = protobuf::detect(first_bytes).map(|kind| Self::Protobuf(protobuf::Transcoder::new(kind)));
        let of_signals = || signals::detect(first_bytes).map(|kind| Self::Signals(signals::Transcoder::new(kind)));
        let of_metrics = || {
            let is_metrics = signals::exposition::detect(first_bytes);
            is_metrics.then(|| Self::Metrics(signals::exposition::Transcoder::new(modified)))
        };
        of_protobuf.or_else(of_signals).or_else(of_metrics)
    }

    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Protobuf(transcoder) => transcoder.push(bytes, take),
            Self::Signals(transcoder) => transcoder.push(bytes, take),
            Self::Metrics(transcoder) => transcoder.push(bytes, take),
        }
    }

    /// What is wrong with the bytes, if anything is.
    pub fn finish(&mut self, take: &mut dyn FnMut(&[u8])) -> Option<String> {
        match self {
            Self::Protobuf(transcoder) => transcoder.finish(take).map(|flaw| flaw.to_string()),
            Self::Signals(transcoder) => transcoder.finish(take).map(|flaw| flaw.to_string()),
            Self::Metrics(transcoder) => transcoder.finish(take).map(|flaw| flaw.to_string()),
        }
    }
}

#[derive(PartialEq)]
enum Kind {
    NotTold,
    Log,
    Binary,
}

impl<'f> TextIntake<'f> {
    /// Goes on behind this position.
    fn resume(formats: &'f Formats, context: Context, position: Position) -> Self {
        Self {
            formats,
            modified: context.modified,
            builder: BlockBuilder::resume(context.modified, &position),
            held: Vec::new(),
            n_held_zeros: 0,
            n_left_out: 0,
            kind: if position.entries > 0 { Kind::Log } else { Kind::NotTold },
            is_told_text: false,
            transcoder: None,
            n_known: 0,
            reader: Reader::resume(formats, context, position),
        }
    }

    fn push(&mut self, bytes: &[u8], blocks: &mut Vec<Block>) {
        match self.kind {
            Kind::Binary => {}
            Kind::Log => self.take(bytes, blocks),
            Kind::NotTold => {
                self.hold(bytes);
                if self.n_left_out > MOST_ZEROS {
                    self.kind = Kind::Binary;
                } else if self.held.len() >= self.n_held_zeros + EVIDENCE_BYTES {
                    self.tell(blocks);
                }
            }
        }
    }

    /// Keeps first bytes; of the zeros that they begin with a few only.
    fn hold(&mut self, bytes: &[u8]) {
        let are_all_zeros = self.held.len() == self.n_held_zeros;
        self.held.extend_from_slice(bytes);
        if !are_all_zeros {
            return;
        }
        self.n_held_zeros += bytes.iter().take_while(|&&byte| byte == 0).count();
        // An even number, so that characters of two bytes stay whole.
        let n_more = self.n_held_zeros.saturating_sub(KEPT_ZEROS) & !1;
        self.held.drain(..n_more);
        self.n_held_zeros -= n_more;
        self.n_left_out += n_more as u64;
    }

    fn tell(&mut self, blocks: &mut Vec<Block>) {
        let held = std::mem::take(&mut self.held);
        self.transcoder = Transcoder::of(&held, self.modified);
        let evidence = &held[..held.len().min(self.n_held_zeros + EVIDENCE_BYTES)];
        if self.transcoder.is_none() && !self.is_told_text && looks_binary(evidence) {
            self.kind = Kind::Binary;
        } else {
            self.kind = Kind::Log;
            // What was taken in before has them in its position.
            let n_known = self.n_known.min(self.n_left_out);
            self.n_known -= n_known;
            self.reader.leave_out(self.n_left_out - n_known);
            self.take(&held, blocks);
        }
    }

    fn take(&mut self, bytes: &[u8], blocks: &mut Vec<Block>) {
        let Some(mut transcoder) = self.transcoder.take() else { return self.read(bytes, blocks) };
        transcoder.push(bytes, &mut |lines| self.read(lines, blocks));
        self.transcoder = Some(transcoder);
    }

    fn read(&mut self, bytes: &[u8], blocks: &mut Vec<Block>) {
        let n_known = self.n_known.min(bytes.len() as u64);
        self.n_known -= n_known;
        let bytes = &bytes[n_known as usize..];
        // The reader's buffer stays small whatever the slice is.
        for piece in bytes.chunks(BLOCK_BYTES) {
            self.reader.push(piece);
            self.collect(blocks);
        }
    }

    fn collect(&mut self, blocks: &mut Vec<Block>) {
        while let Some(record) = self.reader.next_record() {
            self.builder.push(&record);
            if self.builder.is_full() {
                blocks.push(self.builder.finish(self.reader.position(), self.formats));
            }
        }
    }

    fn drop_unfinished_line(&mut self, blocks: &mut Vec<Block>) {
        if self.kind == Kind::NotTold {
            self.tell(blocks);
        }
        // A transcoder gives whole lines only.
        if self.transcoder.is_none() {
            self.reader.drop_unfinished_line();
        }
    }

    fn finish(&mut self, blocks: &mut Vec<Block>) -> Option<String> {
        if self.kind == Kind::NotTold {
            self.tell(blocks);
        }
        let flaw =
            self.transcoder.take().and_then(|mut transcoder| transcoder.finish(&mut |lines| self.read(lines, blocks)));
        if self.kind == Kind::Log {
            self.reader.finish();
            self.collect(blocks);
            if !self.builder.is_empty() {
                blocks.push(self.builder.finish(self.reader.position(), self.formats));
            }
        }
        flaw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::LazyLock;

    use flate2::{Compression, write::GzEncoder};
    use model::time::Zone;
    use proptest::prelude::*;

    use crate::block::{Columns, decode_text};

    static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

    fn context() -> Context {
        Context { path: "app.log".into(), modified: Nanos(1_800_000_000_000_000_000), zone: Zone::utc() }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn import(formats: &Formats, bytes: &[u8], slice_bytes: usize) -> (Vec<Block>, Outcome) {
        let (mut importer, mut blocks) = (Importer::new(formats, context()), Vec::new());
        for slice in bytes.chunks(slice_bytes) {
            importer.push(slice, &mut blocks);
        }
        let outcome = importer.finish(&mut blocks);
        (blocks, outcome)
    }

    fn entries(formats: &Formats, blocks: &[Block]) -> Vec<String> {
        let mut entries = Vec::new();
        for block in blocks {
            let columns = Columns::decode(&block.columns, formats).unwrap();
            let text = decode_text(&block.text, block.text_bytes).unwrap();
            entries.extend((0..columns.len()).map(|entry| {
                let text = String::from_utf8_lossy(&text[columns.text_range(entry)]);
                format!("{} {text}", columns.times[entry].0)
            }));
        }
        entries
    }

    /// About `n` entries of which some have no time, some several lines.
    fn log(n: usize) -> String {
        let line = |i: usize| match i % 7 {
            3 => "  at Some.method(File.java:12)\n".to_owned(),
            _ => {
                format!("2026-11-20 10:{:02}:{:02} INFO request {i} took {} ms\n", i / 60 % 60, i % 60, i * 7919 % 1000)
            }
        };
        (0..n).map(line).collect()
    }

    #[test]
    fn a_compressed_file_gives_the_blocks_of_the_plain_one() {
        let (formats, log) = (&*FORMATS, log(3000));
        let (plain, outcome) = import(formats, log.as_bytes(), 10_000);
        assert_eq!(outcome, Outcome::Complete);
        assert!(plain.len() > 3);
        let (first, second) = log.as_bytes().split_at(70_001);
        let members = [gzip(first), gzip(b""), gzip(second)].concat();
        for slice_bytes in [1, 100, 1 << 20] {
            assert_eq!(import(formats, &members, slice_bytes), (plain.clone(), Outcome::Complete));
        }
    }

    #[test]
    fn a_truncated_or_damaged_compressed_file_keeps_what_was_readable() {
        let (formats, log) = (&*FORMATS, log(3000));
        let whole = entries(formats, &import(formats, log.as_bytes(), 1 << 20).0);
        let packed = gzip(log.as_bytes());
        let mut damaged = packed.clone();
        damaged[packed.len() / 2] ^= 0xFF;
        let n_bytes = packed.len();
        let followed = [packed.clone(), b"not gzip".to_vec()].concat();
        for (bytes, n_least, words) in [
            (&packed[..n_bytes / 2], 1000, "ends too early"),
            (&packed[..n_bytes - 3], whole.len(), "ends too early"),
            (&damaged[..], 1000, "its checksum is wrong"),
            (&followed[..], whole.len(), "The compressed file is damaged"),
        ] {
            let (blocks, outcome) = import(formats, bytes, 777);
            let Outcome::Damaged { reason } = outcome else { panic!("{outcome:?}") };
            assert!(reason.contains(words), "{reason}");
            let kept = entries(formats, &blocks);
            assert!(kept.len() >= n_least, "{} entries", kept.len());
            // The damage itself may be in the last entries.
            assert_eq!(kept[..n_least], whole[..n_least]);
        }
    }

    #[test]
    fn a_damaged_block_of_a_compressed_file_ends_at_the_last_whole_line() {
        // Two stored blocks of deflate, of which the second has no valid kind.
        let text = b"2026-11-20 10:00:00 INFO first\n2026-11-20 10:00:01 INFO seco";
        let (length, complement) = (text.len() as u16, !(text.len() as u16));
        let header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
        let bytes = [&header, &[0][..], &length.to_le_bytes(), &complement.to_le_bytes(), text, &[0xFF; 9]].concat();
        let (blocks, outcome) = import(&FORMATS, &bytes, 7);
        assert!(matches!(outcome, Outcome::Damaged { .. }), "{outcome:?}");
        assert_eq!(entries(&FORMATS, &blocks), ["1795168800000000000 2026-11-20 10:00:00 INFO first"]);
    }

    #[test]
    fn what_is_damaged_is_not_called_binary() {
        let outcome = |damage| {
            let mut importer = Importer::of_content(&FORMATS, context(), None);
            importer.push(&[0, 1, 2, 3], &mut Vec::new());
            importer.finish_with(damage, &mut Vec::new())
        };
        assert_eq!(outcome(Some(Damage::Corrupt)), Outcome::Damaged { reason: Damage::Corrupt.to_string() });
        assert!(matches!(outcome(None), Outcome::NotText { .. }));
    }

    #[test]
    fn zeros_behind_a_compressed_file_are_no_damage() {
        let bytes = [gzip(b"a log\n"), vec![0; 5000]].concat();
        assert_eq!(import(&FORMATS, &bytes, 777).1, Outcome::Complete);
    }

    #[test]
    fn binary_files_are_told_and_empty_ones_are_complete() {
        let formats = &*FORMATS;
        let (blocks, outcome) = import(formats, &[0, 1, 2, 3].repeat(5000), 1000);
        assert!(blocks.is_empty());
        assert!(matches!(outcome, Outcome::NotText { .. }), "{outcome:?}");
        assert_eq!(import(formats, b"", 1), (vec![], Outcome::Complete));
        assert_eq!(import(formats, b"x", 1).0[0].n_entries, 1);
    }

    #[test]
    fn a_log_behind_zeros_is_read_and_all_of_its_bytes_are_counted() {
        let (formats, log) = (&*FORMATS, log(3000));
        let whole = entries(formats, &import(formats, log.as_bytes(), 5000).0);
        for n_zeros in [20, 5000, (1 << 20) + 7] {
            let bytes = [&vec![0_u8; n_zeros][..], log.as_bytes()].concat();
            let (blocks, outcome) = import(formats, &bytes, 5000);
            assert_eq!(outcome, Outcome::Complete);
            let read = entries(formats, &blocks);
            assert!(read[0].ends_with('\0') && read[0].len() < 2 * KEPT_ZEROS, "the zeros are an entry, not too large");
            assert_eq!(read[1..], whole[..]);
            assert_eq!(blocks.iter().map(|block| block.n_lines).sum::<u32>(), 3000);
            let last = &blocks.last().unwrap().position;
            assert_eq!((last.offset, last.lines), (bytes.len() as u64, 3000));
            for slice_bytes in [777, 1 << 22] {
                assert!(import(formats, &bytes, slice_bytes).0 == blocks);
            }
            let position = blocks[0].position.clone();
            let start = Importer::start_byte(&position, &bytes) as usize;
            let mut importer = Importer::resume(formats, context(), position.clone(), &bytes);
            let mut resumed = blocks[..1].to_vec();
            importer.push(&bytes[start..], &mut resumed);
            importer.finish(&mut resumed);
            assert!(resumed == blocks);
            let mut importer = Importer::of_content(formats, context(), Some(position));
            resumed.truncate(1);
            importer.push(&bytes, &mut resumed);
            importer.finish(&mut resumed);
            assert!(resumed == blocks, "what came out of a container is skipped from its first byte on");
        }
    }

    #[test]
    fn a_file_of_zeros_alone_is_binary() {
        for n_zeros in [1, 5000, 1 << 20] {
            let (blocks, outcome) = import(&FORMATS, &vec![0_u8; n_zeros], 10_000);
            assert!(blocks.is_empty() && matches!(outcome, Outcome::NotText { .. }), "{outcome:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_slicing_gives_the_same_blocks(slices in proptest::collection::vec(1..9000usize, 1..30), packed: bool) {
            let (formats, log) = (&*FORMATS, log(2000));
            let (expected, _) = import(formats, log.as_bytes(), usize::MAX);
            let bytes = if packed { gzip(log.as_bytes()) } else { log.into_bytes() };
            let (mut importer, mut blocks, mut rest) = (Importer::new(formats, context()), Vec::new(), &bytes[..]);
            for n in slices.into_iter().cycle() {
                let (slice, more) = rest.split_at(n.min(rest.len()));
                importer.push(slice, &mut blocks);
                rest = more;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(importer.finish(&mut blocks), Outcome::Complete);
            prop_assert_eq!(blocks, expected);
        }

        #[test]
        fn a_resumed_import_makes_the_blocks_that_follow(n in 0..3000usize, at: prop::sample::Index, packed: bool) {
            let (formats, log) = (&*FORMATS, log(n));
            let bytes = if packed { gzip(log.as_bytes()) } else { log.into_bytes() };
            let (expected, _) = import(formats, &bytes, 5000);
            let n_before = at.index(expected.len() + 1);
            let position = n_before.checked_sub(1).map(|last| expected[last].position.clone()).unwrap_or_default();
            let start = Importer::start_byte(&position, &bytes) as usize;
            let mut importer = Importer::resume(formats, context(), position, &bytes);
            let mut blocks = expected[..n_before].to_vec();
            importer.push(&bytes[start..], &mut blocks);
            prop_assert_eq!(importer.finish(&mut blocks), Outcome::Complete);
            prop_assert_eq!(blocks, expected);
        }
    }
}
