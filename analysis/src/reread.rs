//! Reads the text of blocks again, as the user now says that it is to be read.
//!
//! In: the columns and texts of a source's blocks, in their order. Out: blocks that hold the same text, cut into entries
//! anew. A file's bytes are not needed; what was not kept of them (a byte order mark, the carriage return of a line end at
//! which an entry ended) does not come back.

use crate::block::{Block, BlockBuilder, Columns};
use crate::format::{FormatId, Formats};
use crate::read::{Context, Encoding, Position, Reader, encode};

pub struct Rereader<'f> {
    formats: &'f Formats,
    reader: Reader<'f>,
    builder: BlockBuilder,
    /// Ends the line before, as soon as there is one after it.
    line_end: &'static [u8],
    /// Bytes to come that were read before.
    n_known: u64,
    stream: Vec<u8>,
    /// What the text was decoded from, where its bytes are to be decoded otherwise; and those of the block at hand.
    recoded_from: Option<Encoding>,
    bytes: Vec<u8>,
}

/// The encoding that text was decoded from, and the one its bytes are to be read in (`None`: by evidence).
#[derive(Clone, Copy, Debug)]
pub struct Recoding {
    pub from: Encoding,
    pub to: Option<Encoding>,
}

impl<'f> Rereader<'f> {
    /// `only`: the format to read in; `None`: by evidence. `position`: of the last block made so far; the blocks pushed
    /// are all of the source in either case. `recoding`: the bytes that the text was decoded from are decoded anew.
    pub fn new(
        formats: &'f Formats,
        context: Context,
        only: Option<FormatId>,
        offset_nanos: i64,
        position: Option<Position>,
        recoding: Option<Recoding>,
    ) -> Self {
        let position = position.unwrap_or_default();
        let builder = BlockBuilder::resume(context.modified, &position).with_offset(offset_nanos);
        let n_known = position.offset;
        let reader = Reader::resume(formats, context, position);
        let reader = match recoding {
            Some(Recoding { to, .. }) => reader.in_encoding(to),
            None => reader.of_text(),
        };
        let reader = match only {
            Some(format) => reader.only(format),
            None => reader,
        };
        let recoded_from = recoding.map(|recoding| recoding.from);
        Self { formats, reader, builder, line_end: b"", n_known, stream: Vec::new(), recoded_from, bytes: Vec::new() }
    }

    /// Takes in the next block of the old ones; new ones that became full are added to `blocks`.
    pub fn push(&mut self, columns: &Columns, text: &[u8], blocks: &mut Vec<Block>) {
        self.stream.clear();
        for entry in 0..columns.len() {
            let text = text.get(columns.text_range(entry)).unwrap_or_default();
            self.stream.extend_from_slice(self.line_end);
            self.stream.extend_from_slice(text);
            self.line_end = match columns.shape(entry).n_lines {
                // A piece of a line that was cut for its length.
                0 => b"",
                // A carriage return before the line end would be taken for a part of it.
                _ if text.ends_with(b"\r") => b"\r\n",
                _ => b"\n",
            };
        }
        if let Some(from) = self.recoded_from {
            self.bytes.clear();
            encode(from, &self.stream, &mut self.bytes);
            std::mem::swap(&mut self.stream, &mut self.bytes);
        }
        let n_known = self.n_known.min(self.stream.len() as u64);
        self.n_known -= n_known;
        self.reader.push(&self.stream[n_known as usize..]);
        self.collect(blocks);
    }

    /// No more blocks will come.
    pub fn finish(&mut self, blocks: &mut Vec<Block>) {
        self.reader.finish();
        self.collect(blocks);
        if !self.builder.is_empty() {
            blocks.push(self.builder.finish(self.reader.position(), self.formats));
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
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use model::time::{Nanos, Zone};
    use proptest::prelude::*;

    use super::*;
    use crate::block::decode_text;
    use crate::format::RAW;
    use crate::import::Importer;
    use crate::read::MAX_ENTRY_BYTES;

    static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

    fn context() -> Context {
        Context { path: "app.log".into(), modified: Nanos(1_800_000_000_000_000_000), zone: Zone::utc() }
    }

    fn import(bytes: &[u8], only: Option<FormatId>, offset_nanos: i64) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut importer = Importer::new(&FORMATS, context()).read_as(only, offset_nanos, None);
        importer.push(bytes, &mut blocks);
        importer.finish(&mut blocks);
        blocks
    }

    fn reread(old: &[Block], only: Option<FormatId>, offset_nanos: i64) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut rereader = Rereader::new(&FORMATS, context(), only, offset_nanos, None, None);
        push_all(&mut rereader, old, &mut blocks);
        blocks
    }

    /// Blocks but for the last byte of the file, which is a line end that the text does not keep.
    fn within(mut blocks: Vec<Block>) -> Vec<Block> {
        if let Some(last) = blocks.last_mut() {
            last.position.offset = 0;
        }
        blocks
    }

    /// Block by block, so that a difference can be read.
    fn assert_same(blocks: Vec<Block>, expected: Vec<Block>, what: &str) {
        let all = |blocks: Vec<Block>| -> Vec<_> { within(blocks).into_iter().map(|block| block.position).collect() };
        assert_eq!(all(blocks.clone()), all(expected.clone()), "{what}");
        assert!(within(blocks) == within(expected), "{what}");
    }

    fn push_all(rereader: &mut Rereader<'_>, old: &[Block], blocks: &mut Vec<Block>) {
        for block in old {
            let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
            rereader.push(&columns, &decode_text(&block.text, block.text_bytes).unwrap(), blocks);
        }
        rereader.finish(blocks);
    }

    fn log(n: usize) -> String {
        let line = |i: usize| match i % 7 {
            3 => "  at Some.method(File.java:12)\n".to_owned(),
            5 => "{\"msg\":\"x\",\"level\":\"warn\"}\n".to_owned(),
            _ => format!("2026-11-20 10:{:02}:{:02} INFO request {i}\n", i / 60 % 60, i % 60),
        };
        (0..n).map(line).collect()
    }

    #[test]
    fn text_read_again_gives_the_blocks_of_the_file_read_that_way() {
        let log = log(4000);
        let (json, stamp) = (FORMATS.id("json"), FORMATS.id("timestamp"));
        let ways = [(None, 0), (Some(json), 0), (Some(stamp), 7), (Some(RAW), -5), (None, 3_600_000_000_000)];
        for (first, _) in ways {
            let old = import(log.as_bytes(), first, 0);
            for (only, offset) in ways {
                let what = format!("{first:?} to {only:?}");
                assert_same(reread(&old, only, offset), import(log.as_bytes(), only, offset), &what);
            }
        }
    }

    #[test]
    fn no_byte_of_the_text_is_lost_and_lines_keep_their_numbers() {
        let long = "x".repeat(MAX_ENTRY_BYTES * 2 + 10);
        let log =
            format!("2026-11-20 10:00:00 INFO a\r\r\n  b\r\n{long}\r\n2026-11-20 10:00:01 INFO c\n\u{feff}\nlast");
        let old = import(log.as_bytes(), None, 0);
        let raw = reread(&old, Some(RAW), 0);
        assert_eq!(raw.iter().map(|block| block.n_lines).sum::<u32>(), 6);
        let text = |blocks: &[Block]| -> Vec<u8> {
            let bytes = blocks.iter().flat_map(|block| decode_text(&block.text, block.text_bytes).unwrap());
            bytes.filter(|&byte| byte != b'\r').collect()
        };
        let again = reread(&raw, None, 0);
        assert!(text(&again) == text(&old));
        assert_eq!(again.iter().map(|block| block.n_lines).sum::<u32>(), 6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn going_on_after_any_block_gives_the_blocks_that_follow(n in 0..3000usize, at: prop::sample::Index) {
            let old = import(log(n).as_bytes(), None, 0);
            let only = Some(FORMATS.id("json"));
            let expected = reread(&old, only, 5);
            let n_before = at.index(expected.len() + 1);
            let mut blocks = expected[..n_before].to_vec();
            let position = blocks.last().map(|block| block.position.clone());
            push_all(&mut Rereader::new(&FORMATS, context(), only, 5, position, None), &old, &mut blocks);
            prop_assert!(blocks == expected);
        }

        #[test]
        fn any_bytes_read_again_raw_and_back_are_the_same_text(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let old = import(&bytes, Some(RAW), 0);
            let text = |blocks: &[Block]| -> Vec<u8> {
                blocks.iter().flat_map(|block| decode_text(&block.text, block.text_bytes).unwrap()).collect()
            };
            let again = reread(&reread(&old, None, 0), Some(RAW), 0);
            prop_assert_eq!(text(&again), text(&old));
        }
    }
}
