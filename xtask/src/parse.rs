//! `cargo xtask parse PATH…`: what Dendro reads in log files, as one JSON object a line.
//!
//! The same code as in the browser, which knows compressed files, archives and binary files by their bytes. Folders are
//! walked in name order; what is not a log or cannot be read is told on standard error.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use analysis::block::{Block, Columns, decode_text};
use analysis::container::{Damage, EVIDENCE_BYTES, Listed, Listing, Member, Part, Unfold, is_zip};
use analysis::format::Formats;
use analysis::import::{Importer, Outcome};
use analysis::read::Context;
use anyhow::Context as _;
use model::entry::Value;
use model::severity::Severity;
use model::time::{Nanos, Zone};
use serde_json::{Map, json};

use crate::args::Args;

/// Read at a time.
const SLICE_BYTES: usize = 1 << 20;

pub fn run(mut args: Args) -> anyhow::Result<()> {
    let zone = match args.value::<String>("--zone")? {
        Some(name) => {
            read_zone(&name).with_context(|| format!("--zone wants UTC or an offset like +02:00, not {name}"))?
        }
        None => Zone::utc(),
    };
    let paths = args.rest()?;
    anyhow::ensure!(!paths.is_empty(), "which files or folders?");
    let formats = Formats::builtin();
    let mut out = BufWriter::with_capacity(SLICE_BYTES, std::io::stdout().lock());
    for path in paths {
        read_path(Path::new(&path), &formats, &zone, &mut |step, blocks| {
            print_blocks(step.path, blocks, &formats, &mut out)
        })?;
    }
    out.flush()?;
    Ok(())
}

/// Gets the next blocks of a log file, to drain.
pub type TakeBlocks<'t> = dyn FnMut(&Step<'_>, &mut Vec<Block>) -> std::io::Result<()> + 't;

/// What of a log file was read last.
pub struct Step<'a> {
    pub path: &'a str,
    /// What it was packed in is taken off.
    pub bytes: &'a [u8],
    /// There is no more of it.
    pub outcome: Option<&'a Outcome>,
}

fn read_zone(name: &str) -> Option<Zone> {
    if name.eq_ignore_ascii_case("utc") {
        return Some(Zone::utc());
    }
    let (hours, minutes) = name.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    match name.as_bytes()[0] {
        b'+' => Some(Zone::fixed(seconds)),
        b'-' => Some(Zone::fixed(-seconds)),
        _ => None,
    }
}

/// What cannot be read is told on standard error, and the others are read.
pub fn read_path(path: &Path, formats: &Formats, zone: &Zone, take: &mut TakeBlocks<'_>) -> std::io::Result<()> {
    if path.is_dir() {
        match files_in(path) {
            Ok(inside) => inside.iter().try_for_each(|path| read_path(path, formats, zone, take))?,
            Err(error) => eprintln!("{}: {error}", path.display()),
        }
        return Ok(());
    }
    match File::open(path).and_then(|file| Ok((modified(&file)?, file))) {
        Ok((modified, file)) => {
            let path = path.display().to_string();
            let file_itself = Member { path, bytes: 0, modified_millis: modified.0 / 1_000_000 };
            read_file(file, file_itself, formats, zone, take)
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            Ok(())
        }
    }
}

/// In name order.
fn files_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut inside: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    inside.sort();
    Ok(inside)
}

fn modified(file: &File) -> std::io::Result<Nanos> {
    let since = file.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)))
}

pub fn read_file(
    mut file: impl Read + Seek,
    file_itself: Member,
    formats: &Formats,
    zone: &Zone,
    take: &mut TakeBlocks<'_>,
) -> std::io::Result<()> {
    let mut intake = Intake { formats, zone, take, open: None, blocks: Vec::new(), failed: None };
    match list_zip(&mut file) {
        Ok(Ok(Some(listed))) => {
            for Listed { entry, range } in listed {
                let path = format!("{}/{}", file_itself.path, entry.path);
                let unfold = Unfold::zip_member(Member { path, ..entry.member() }, entry);
                intake.read(&mut file, range, unfold)?;
            }
        }
        Ok(Ok(None)) => intake.read(&mut file, 0..u64::MAX, Unfold::new(file_itself))?,
        Ok(Err(damage)) => eprintln!("{}: {damage}", file_itself.path),
        Err(error) => eprintln!("{}: {error}", file_itself.path),
    }
    Ok(())
}

/// The members of a zip archive; `None` for any other file, and for an archive whose list is missing.
fn list_zip(file: &mut (impl Read + Seek)) -> std::io::Result<Result<Option<Vec<Listed>>, Damage>> {
    let file_bytes = file.seek(SeekFrom::End(0))?;
    if !is_zip(&read_range(file, 0..file_bytes.min(EVIDENCE_BYTES as u64))?) {
        return Ok(Ok(None));
    }
    let mut listing = Listing::new(file_bytes);
    while let Some(range) = listing.wants() {
        listing.give(&read_range(file, range)?);
    }
    Ok(listing.finish())
}

fn read_range(file: &mut (impl Read + Seek), range: Range<u64>) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads the log files that come out of a file, one after the other.
struct Intake<'a, 't> {
    formats: &'a Formats,
    zone: &'a Zone,
    take: &'a mut TakeBlocks<'t>,
    /// The log file that is being read, and its path.
    open: Option<(String, Importer<'a>)>,
    blocks: Vec<Block>,
    failed: Option<std::io::Error>,
}

impl Intake<'_, '_> {
    fn read(&mut self, file: &mut (impl Read + Seek), range: Range<u64>, mut unfold: Unfold) -> std::io::Result<()> {
        file.seek(SeekFrom::Start(range.start))?;
        let mut file = file.take(range.end - range.start);
        let mut slice = vec![0; SLICE_BYTES];
        loop {
            let n_read = match file.read(&mut slice) {
                Ok(n_read) => n_read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    eprintln!("{error}");
                    0
                }
            };
            if n_read == 0 || unfold.is_over() {
                break;
            }
            unfold.push(&slice[..n_read], &mut |part| self.take_part(part));
            self.failed.take().map_or(Ok(()), Err)?;
        }
        unfold.finish(&mut |part| self.take_part(part));
        self.failed.take().map_or(Ok(()), Err)
    }

    fn take_part(&mut self, part: Part<'_>) {
        match part {
            Part::Begin(member) => {
                let modified = Nanos(member.modified_millis.saturating_mul(1_000_000));
                let context = Context { path: member.path.clone(), modified, zone: self.zone.clone() };
                self.open = Some((member.path, Importer::of_content(self.formats, context, None)));
            }
            Part::Bytes(bytes) => {
                if let Some((path, importer)) = &mut self.open {
                    importer.push(bytes, &mut self.blocks);
                    let taken = (self.take)(&Step { path, bytes, outcome: None }, &mut self.blocks);
                    self.failed = taken.err().or(self.failed.take());
                }
            }
            Part::End(damage) => {
                let Some((path, mut importer)) = self.open.take() else { return };
                let outcome = importer.finish_with(damage, &mut self.blocks);
                match &outcome {
                    Outcome::Complete => {}
                    Outcome::Damaged { reason } | Outcome::NotText { reason } => eprintln!("{path}: {reason}"),
                }
                let last = Step { path: &path, bytes: &[], outcome: Some(&outcome) };
                let taken = (self.take)(&last, &mut self.blocks);
                self.failed = taken.err().or(self.failed.take());
            }
        }
    }
}

fn print_blocks(path: &str, blocks: &mut Vec<Block>, formats: &Formats, out: &mut impl Write) -> std::io::Result<()> {
    for block in blocks.drain(..) {
        let columns = Columns::decode(&block.columns, formats).expect("the block was just built");
        let text = decode_text(&block.text, block.text_bytes).expect("the block was just built");
        let mut n_lines = block.first_line;
        for entry in 0..columns.len() {
            let shape = columns.shape(entry);
            let parsed = formats.parse(shape.format, &String::from_utf8_lossy(&text[columns.text_range(entry)]));
            let fields = parsed.fields.into_iter().map(|field| (field.name, json_of(field.value)));
            let first_line = n_lines + 1;
            n_lines += u64::from(shape.n_lines);
            let object = json!({
                "file": path,
                "first_line": first_line,
                "last_line": n_lines.max(first_line),
                "format": formats.name(shape.format),
                "time_ns": columns.times[entry].0,
                "severity": severity_name(shape.severity),
                "service": parsed.service,
                "message": parsed.message,
                "fields": fields.collect::<Map<_, _>>(),
            });
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// The band's name, but for the numbers that syslog names otherwise.
fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::INFO2 => "notice",
        Severity::ERROR2 => "critical",
        Severity::ERROR3 => "alert",
        other => other.band().name(),
    }
}

fn json_of(value: Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.into(),
        Value::Int(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Bool(truth) => truth.into(),
        Value::Null => serde_json::Value::Null,
        Value::Json(text) => serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> String {
        let file_itself = Member { path: "app.log".to_owned(), bytes: 0, modified_millis: 0 };
        let (formats, mut out) = (Formats::builtin(), Vec::new());
        read_file(std::io::Cursor::new(bytes), file_itself, &formats, &Zone::utc(), &mut |step, blocks| {
            print_blocks(step.path, blocks, &formats, &mut out)
        })
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn compressed_files_are_known_by_their_bytes_and_binary_ones_passed_over() {
        let text = b"2026-11-20 10:23:45 ERROR lost order=7\n";
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text).unwrap();
        assert_eq!(parse(&packed.finish().unwrap()), parse(text));
        assert_eq!(parse(&[0, 1, 2, 3].repeat(5000)), "");
    }

    #[test]
    fn lines_before_the_first_stamp_have_its_time() {
        let out = parse(b"starting\n2026-11-20 10:23:46 INFO found\n");
        let times = out.matches("1795170226000000000").count();
        assert_eq!((out.lines().count(), times), (2, 2));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_passed_over() {
        let nothing = &mut |_: &Step<'_>, _: &mut Vec<Block>| panic!("there is nothing to take");
        read_path(Path::new("/nowhere/app.log"), &Formats::builtin(), &Zone::utc(), nothing).unwrap();
    }

    #[test]
    fn each_entry_is_one_object_with_its_lines() {
        let out =
            parse(b"2026-11-20 10:23:45 ERROR lost order=7\n\tat a.B(C.java:1)\n2026-11-20 10:23:46 INFO found\n");
        let objects: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), 2);
        assert_eq!((&objects[0]["first_line"], &objects[0]["last_line"]), (&json!(1), &json!(2)));
        assert_eq!(objects[0]["severity"], "error");
        assert_eq!(objects[0]["fields"]["order"], 7);
        assert_eq!(objects[1]["time_ns"], json!(1_795_170_226_000_000_000_i64));
    }

    #[test]
    fn zones_are_utc_or_an_offset() {
        assert_eq!(read_zone("-05:30"), Some(Zone::fixed(-19_800)));
        assert_eq!(read_zone("utc"), Some(Zone::utc()));
        assert_eq!(read_zone("Europe/Berlin"), None);
        assert_eq!(read_zone(""), None);
    }
}
