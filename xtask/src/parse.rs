//! `cargo xtask parse PATH…`: what Dendro reads in log files, as one JSON object a line.
//!
//! The same code as in the browser. Folders are walked in name order; binary files are passed over, with a word on
//! standard error.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use analysis::format::Formats;
use analysis::read::{Context, Position, Reader, Record, looks_binary};
use anyhow::Context as _;
use flate2::read::MultiGzDecoder;
use model::entry::Value;
use model::severity::Severity;
use model::time::{Nanos, Zone};
use serde_json::{Map, json};

use crate::args::Args;

/// Read at a time; the first slice also decides whether a file is text.
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
        parse_path(Path::new(&path), &formats, &zone, &mut out)?;
    }
    out.flush()?;
    Ok(())
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

fn parse_path(path: &Path, formats: &Formats, zone: &Zone, out: &mut impl Write) -> anyhow::Result<()> {
    if !path.is_dir() {
        return parse_file(path, formats, zone, out).with_context(|| path.display().to_string());
    }
    let mut inside: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    inside.sort();
    inside.iter().try_for_each(|path| parse_path(path, formats, zone, out))
}

fn parse_file(path: &Path, formats: &Formats, zone: &Zone, out: &mut impl Write) -> anyhow::Result<()> {
    let file = File::open(path)?;
    let modified = file.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut bytes: Box<dyn Read> = match path.extension() {
        Some(extension) if extension == "gz" => Box::new(MultiGzDecoder::new(file)),
        _ => Box::new(file),
    };
    let context = Context {
        path: path.display().to_string(),
        modified: Nanos(i64::try_from(modified.as_nanos()).unwrap_or(i64::MAX)),
        zone: zone.clone(),
    };
    let mut printer = Printer { file: context.path.clone(), formats, before: Position::default() };
    let mut reader = Reader::new(formats, context);
    let mut slice = vec![0; SLICE_BYTES];
    loop {
        let n_read = match bytes.read(&mut slice) {
            Ok(n_read) => n_read,
            // A damaged archive: what was read counts.
            Err(error) => {
                eprintln!("{}: reading ended early: {error}", path.display());
                0
            }
        };
        if printer.before.offset == 0 && looks_binary(&slice[..n_read]) {
            eprintln!("{}: passed over, it is not text", path.display());
            return Ok(());
        }
        if n_read == 0 {
            reader.finish();
            return printer.print_read(&mut reader, out);
        }
        reader.push(&slice[..n_read]);
        printer.print_read(&mut reader, out)?;
    }
}

struct Printer<'a> {
    file: String,
    formats: &'a Formats,
    before: Position,
}

impl Printer<'_> {
    fn print_read(&mut self, reader: &mut Reader<'_>, out: &mut impl Write) -> anyhow::Result<()> {
        while let Some(record) = reader.next_record() {
            let mut object = self.object_of(&record);
            self.before = reader.position();
            let last_line = self.before.lines.max(object["first_line"].as_u64().unwrap_or(1));
            object.insert("last_line".to_owned(), last_line.into());
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn object_of(&self, record: &Record<'_>) -> Map<String, serde_json::Value> {
        let head = &record.head;
        let parsed = self.formats.parse(head.format, &String::from_utf8_lossy(record.text));
        let fields = parsed.fields.into_iter().map(|field| (field.name, json_of(field.value)));
        let object = json!({
            "file": self.file,
            "first_line": self.before.lines + 1,
            "last_line": 0,
            "format": self.formats.name(head.format),
            "time_ns": head.time.or(self.before.last_time).map(|time| time.0),
            "severity": severity_name(head.severity),
            "service": parsed.service,
            "message": parsed.message,
            "fields": fields.collect::<Map<_, _>>(),
        });
        match object {
            serde_json::Value::Object(object) => object,
            _ => unreachable!("the macro was given an object"),
        }
    }
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

    fn parse(text: &[u8]) -> String {
        let path = std::env::temp_dir().join(format!("dendro-parse-{}.log", std::process::id()));
        fs::write(&path, text).unwrap();
        let mut out = Vec::new();
        parse_file(&path, &Formats::builtin(), &Zone::utc(), &mut out).unwrap();
        fs::remove_file(&path).unwrap();
        String::from_utf8(out).unwrap()
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
