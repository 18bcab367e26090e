//! `cargo xtask reachable PATH…`: whether every byte of log files is in an entry, each once and in its order.
//!
//! What files are packed in is taken off first, what has no lines of its own (protobuf, traces, metrics) becomes lines.
//! Between two entries there is a line end, and none where a line was cut for its length. The first entry stands for all zeros that
//! a file begins with, but has only some of them.

use std::path::Path;

use analysis::block::{Block, Columns, decode_text};
use analysis::format::Formats;
use analysis::import::{EVIDENCE_BYTES, Outcome, Transcoder};
use analysis::read::{Encoding, encode};
use model::time::{Nanos, Zone};

use crate::args::Args;
use crate::parse::{Step, read_path};

pub fn run(args: Args) -> anyhow::Result<()> {
    let paths = args.rest()?;
    anyhow::ensure!(!paths.is_empty(), "which files or folders?");
    let formats = Formats::builtin();
    let (mut file, mut totals) = (OneFile::default(), Totals::default());
    for path in paths {
        read_path(Path::new(&path), &formats, &Zone::utc(), &mut |step, blocks| {
            file.take(step, blocks);
            if let Some(outcome) = step.outcome {
                totals.add(step.path, outcome, &std::mem::take(&mut file), &formats);
            }
            Ok(())
        })?;
    }
    let Totals { n_files, n_bytes, n_entries, n_lost } = totals;
    println!("{n_files} files, {n_bytes} bytes in {n_entries} entries");
    anyhow::ensure!(n_lost == 0, "of {n_lost} files not all is in entries");
    Ok(())
}

#[derive(Default)]
struct Totals {
    n_files: u64,
    n_bytes: usize,
    n_entries: u64,
    /// Files of which not all is in entries.
    n_lost: u64,
}

impl Totals {
    fn add(&mut self, path: &str, outcome: &Outcome, file: &OneFile, formats: &Formats) {
        if matches!(outcome, Outcome::NotText { .. }) {
            return;
        }
        self.n_files += 1;
        self.n_bytes += file.bytes.len();
        self.n_entries += file.blocks.iter().map(|block| u64::from(block.n_entries)).sum::<u64>();
        // What is behind the last whole line of a damaged file was read wrongly.
        let may_end_early = matches!(outcome, Outcome::Damaged { .. });
        if let Err(loss) = file.check(formats, may_end_early) {
            self.n_lost += 1;
            println!("{path}: {loss}");
        }
    }
}

/// A log file and what was made of it.
#[derive(Default)]
struct OneFile {
    bytes: Vec<u8>,
    blocks: Vec<Block>,
}

impl OneFile {
    fn take(&mut self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        self.bytes.extend_from_slice(step.bytes);
        self.blocks.append(blocks);
    }

    /// The lines that entries were cut from.
    fn lines(&self) -> Vec<u8> {
        let evidence = &self.bytes[..self.bytes.len().min(EVIDENCE_BYTES)];
        let Some(mut transcoder) = Transcoder::of(evidence, Nanos(0)) else { return self.bytes.clone() };
        let mut lines = Vec::new();
        transcoder.push(&self.bytes, &mut |more| lines.extend_from_slice(more));
        transcoder.finish(&mut |more| lines.extend_from_slice(more));
        lines
    }

    /// What is left of the lines where the first entry begins: the zeros before it that it stands for are left out.
    fn behind_left_out<'l>(&self, lines: &'l [u8]) -> &'l [u8] {
        let n_zeros = |bytes: &[u8]| bytes.iter().take_while(|&&byte| byte == 0).count();
        let text = self.blocks.first().and_then(|block| decode_text(&block.text, block.text_bytes).ok());
        let n_kept = text.map_or(0, |text| n_zeros(&text));
        &lines[n_zeros(lines).saturating_sub(n_kept)..]
    }

    /// The first place at which bytes and entries are not the same, in words.
    fn check(&self, formats: &Formats, may_end_early: bool) -> Result<(), String> {
        let lines = self.lines();
        let encoding = self.blocks.last().map_or(Encoding::Utf8, |block| block.position.encoding);
        let written = |text: &[u8]| {
            let mut bytes = Vec::new();
            encode(encoding, text, &mut bytes);
            bytes
        };
        // The last line may have half of its end.
        let line_ends = [written(b"\r\n"), written(b"\n"), written(b"\r")];
        let mut left = [written("\u{feff}".as_bytes()), vec![0xEF, 0xBB, 0xBF]]
            .iter()
            .find_map(|mark| lines.strip_prefix(&mark[..]))
            .unwrap_or(&lines);
        left = self.behind_left_out(left);
        let mut ordinal = 0;
        for block in &self.blocks {
            let columns = Columns::decode(&block.columns, formats).map_err(|corrupt| corrupt.to_string())?;
            let text = decode_text(&block.text, block.text_bytes).map_err(|corrupt| corrupt.to_string())?;
            for entry in 0..columns.len() {
                ordinal += 1;
                let entry = written(&text[columns.text_range(entry)]);
                let at = lines.len() - left.len();
                let Some(behind) = left.strip_prefix(&entry[..]) else {
                    let n_same = left.iter().zip(&entry).take_while(|(a, b)| a == b).count();
                    return Err(format!("entry {ordinal} is another text from byte {} on", at + n_same));
                };
                left = line_ends.iter().find_map(|end| behind.strip_prefix(&end[..])).unwrap_or(behind);
            }
        }
        if left.is_empty() || may_end_early {
            return Ok(());
        }
        Err(format!("the last {} bytes are in no entry", left.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::read_file;
    use analysis::container::Member;

    fn read(bytes: &[u8]) -> OneFile {
        let file_itself = Member { path: "app.log".to_owned(), bytes: 0, modified_millis: 0 };
        let mut file = OneFile::default();
        let take: &mut crate::parse::TakeBlocks<'_> = &mut |step, blocks| {
            file.take(step, blocks);
            Ok(())
        };
        read_file(std::io::Cursor::new(bytes), file_itself, &Formats::builtin(), &Zone::utc(), take).unwrap();
        file
    }

    #[test]
    fn every_byte_of_a_log_is_in_an_entry() {
        let utf16: Vec<u8> =
            "\u{feff}2026-11-20 10:23:45 größer\r\n\r\nx".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let long = [&b"2026-11-20 10:23:45 "[..], &[b'x'; 3 << 20], b"\n\n  y"].concat();
        let lines = b"2026-11-20 10:23:45 a\n".repeat(40);
        let zeros = [&[0_u8; 3 << 20][..], &lines, &[0; 60], b"2026-11-20 10:23:46 b\n"].concat();
        for bytes in [&b""[..], b"\n\n\n", b"a\xff\r\n  b\n\x1b[31mc\r", &utf16, &long, &zeros] {
            assert_eq!(read(bytes).check(&Formats::builtin(), false), Ok(()));
        }
    }

    #[test]
    fn what_is_missing_and_what_is_other_is_told() {
        let formats = Formats::builtin();
        let mut file = read(b"a\nb\n");
        file.bytes.extend_from_slice(b"c\n");
        assert_eq!(file.check(&formats, false).unwrap_err(), "the last 2 bytes are in no entry");
        assert_eq!(file.check(&formats, true), Ok(()));
        file.bytes[2] = b'x';
        assert_eq!(file.check(&formats, false).unwrap_err(), "entry 2 is another text from byte 2 on");
    }
}
