//! What holds for any bytes whatever: the bodies of the fuzz targets.
//!
//! Run by `cargo xtask check --fuzz` on stable Rust, by cargo-fuzz from `tests/fuzz`, and over the corpus by `cargo test`.

use std::sync::LazyLock;

use analysis::block::{Block, Columns, decode_text};
use analysis::container::{Damage, Listing, Member, Part, Unfold};
use analysis::format::{Excerpt, FieldSlots, FormatId, Formats, Trial, Written};
use analysis::import::{Importer, Transcoder};
use analysis::postings;
use analysis::read::{Context, Reader};
use analysis::search::{Bitmap, Highlighter, Matcher, OpenBlock, plan};
use analysis::template::NO_TEMPLATES;
use model::protocol::{ToApp, ToWorker};
use model::query::{Present, parse};
use model::scope::Scope;
use model::time::{Nanos, Zone};
use model::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub type Claim = fn(&[u8]);

/// By the names of the fuzz targets.
pub const CLAIMS: [(&str, Claim); 8] = [
    ("lines", lines),
    ("formats", formats),
    ("query", query),
    ("wire", wire),
    ("blocks", blocks),
    ("containers", containers),
    ("signals", signals),
    ("trial", trial),
];

static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

fn context() -> Context {
    Context { path: "var/log/app.log".to_owned(), modified: Nanos(1_795_132_800_000_000_000), zone: Zone::utc() }
}

/// The first byte is the size of the slices, the rest a file: its entries do not depend on the slicing.
pub fn lines(bytes: &[u8]) {
    let Some((&slice_bytes, file)) = bytes.split_first() else { return };
    let at_once = entries(file, file.len().max(1));
    let in_slices = entries(file, usize::from(slice_bytes) + 1);
    assert_eq!(at_once, in_slices);
}

/// Start, lines and text of each entry.
fn entries(file: &[u8], slice_bytes: usize) -> Vec<(u64, u32, Vec<u8>)> {
    let mut reader = Reader::new(&FORMATS, context());
    let mut entries = Vec::new();
    let mut drain = |reader: &mut Reader<'_>| {
        let mut offset = reader.position().offset;
        while let Some(record) = reader.next_record() {
            let (n_lines, text) = (record.n_lines, record.text.to_vec());
            entries.push((offset, n_lines, text));
            offset = reader.position().offset;
        }
    };
    for slice in file.chunks(slice_bytes) {
        reader.push(slice);
        drain(&mut reader);
    }
    reader.finish();
    drain(&mut reader);
    // A file of nothing but a byte order mark has no entry.
    let is_read = entries.is_empty() || reader.position().offset == file.len() as u64;
    assert!(is_read, "every byte belongs to an entry");
    entries
}

/// A text that every format opens up, and that is no format or a working one.
pub fn formats(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let n_formats = (1..).take_while(|&id| FORMATS.name(FormatId(id)) != "raw").count();
    // What is stored as a format may be any text; tables and formats inside of formats are made of it.
    let stored = FORMATS.id(text.lines().next().unwrap_or_default());
    for id in (0..=n_formats as u16).map(FormatId).chain([stored]) {
        let parsed = FORMATS.parse(id, &text);
        for field in &parsed.fields {
            let (name, value) = (FORMATS.field_name(&field.name), Written::from(&field.value));
            let is_found = FORMATS.any_field(id, &text, &name, &mut FieldSlots::default(), &mut |found| found == value);
            assert!(is_found, "the field {:?} is found by its name", field.name);
        }
    }
    let _ = Formats::with(&text);
}

/// Query text (up to a line feed) and a text to look at with it.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (query, looked_at) = text.split_once('\n').unwrap_or((&text, &text));
    let (expr, problems) = parse(query);
    for problem in problems {
        assert!(query.get(problem.start as usize..problem.end as usize).is_some_and(|about| !about.is_empty()));
    }
    assert_eq!(parse(&expr.to_string()).0, expr, "what is printed reads the same");
    let _ = plan(&expr);
    let _ = Matcher::new(&expr, &FORMATS, &Present::default());
    let mut last_end = 0;
    for (start, end) in Highlighter::new(&expr).ranges(looked_at) {
        assert!(last_end <= start && start < end, "highlights ascend");
        assert!(looked_at.get(start as usize..end as usize).is_some(), "highlights lie on characters");
        last_end = end;
    }
    let scope = Scope::from_hash(query);
    assert_eq!(Scope::from_hash(&scope.to_hash()), scope);
}

/// Bytes taken for a message are none, or one that is written and read again unchanged.
pub fn wire(bytes: &[u8]) {
    survives::<ToWorker>(bytes);
    survives::<ToApp>(bytes);
    survives::<Block>(bytes);
}

fn survives<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(message) = wire::decode::<T>(bytes) else { return };
    // Compared as bytes: a NaN in a message does not equal itself.
    let written = wire::encode(&message);
    let again = wire::decode::<T>(&written).expect("what was encoded decodes");
    assert_eq!(wire::encode(&again), written);
}

/// Damage to stored data is noticed or harmless: the first four bytes say where and what, the rest is a log file.
pub fn blocks(bytes: &[u8]) {
    let Some((&[place, place_high, change, hash], file)) = bytes.split_first_chunk() else { return };
    let _ = Columns::decode(file, &FORMATS);
    let _ = decode_text(file, u32::from(place) << 8);
    let _ = postings::lookup(file, u64::from(hash) << 40);

    let mut importer = Importer::new(&FORMATS, context());
    let mut blocks = Vec::new();
    importer.push(file, &mut blocks);
    let _ = importer.finish(&mut blocks);
    for (number, block) in blocks.iter().take(3).enumerate() {
        search_in(block, true);
        let damage = |bytes: &mut [u8]| {
            if !bytes.is_empty() {
                let at = (usize::from(place) | usize::from(place_high) << 8) % bytes.len();
                bytes[at] ^= change;
            }
        };
        let mut damaged = block.clone();
        damage(&mut damaged.columns);
        damage(&mut damaged.text);
        search_in(&damaged, false);
        let in_group = number as u8;
        let chunks = postings::build(&[(in_group, &block.tokens)]);
        for token in block.tokens.iter().step_by(1 + block.tokens.len() / 20) {
            let chunk = chunks.iter().rfind(|chunk| chunk.first_hash <= token.hash()).expect("the first begins with 0");
            let found = postings::lookup(&chunk.bytes, token.hash()).expect("what was built can be read");
            assert!(found.blocks.iter().any(|&(found, _)| found == in_group), "a token of the block is not found");
        }
        for mut chunk in chunks {
            damage(&mut chunk.bytes);
            let _ = postings::lookup(&chunk.bytes, u64::from(hash) << 56);
        }
    }
}

/// Opens a block and looks through it, as a search does.
fn search_in(block: &Block, is_intact: bool) {
    let opened = Columns::decode(&block.columns, &FORMATS).ok().zip(decode_text(&block.text, block.text_bytes).ok());
    assert!(opened.is_some() || !is_intact, "what was built can be read");
    let Some((columns, text)) = opened else { return };
    // Columns and text that do not belong together are damage that the store notices.
    let fit = columns.text_bytes() == text.len();
    assert!(!is_intact || fit && columns.len() == block.n_entries as usize);
    if !fit {
        return;
    }
    let open = OpenBlock {
        columns: &columns,
        text: &text,
        path: "app.log",
        service: "app",
        templates: &NO_TEMPLATES,
        values: None,
    };
    for query in ["error -level:info", "/a.c|x\\d/ OR time*", "status>=500 OR user:* OR message:a", "time>2026-11-20"] {
        let mut matcher = Matcher::new(&parse(query).0, &FORMATS, &Present::default());
        let within = Bitmap::all(columns.len());
        let found = matcher.matches(open, &within);
        assert_eq!(found.len(), columns.len());
    }
}

/// The first byte is the size of the slices, the rest an archive or a compressed file: what comes out of it begins and ends
/// properly, and, where nothing is wrong with it, does not depend on the slicing.
pub fn containers(bytes: &[u8]) {
    let Some((&slice_bytes, file)) = bytes.split_first() else { return };
    let nameless = || Member { path: "a".to_owned(), bytes: 0, modified_millis: 0 };
    let at_once = taken_out(Unfold::new(nameless()), file, file.len().max(1));
    let in_slices = taken_out(Unfold::new(nameless()), file, usize::from(slice_bytes) + 1);
    if at_once.iter().all(|(_, _, damage)| damage.is_none()) {
        assert_eq!(at_once, in_slices);
    }
    let mut listing = Listing::new(file.len() as u64);
    while let Some(range) = listing.wants() {
        listing.give(&file[range.start as usize..range.end as usize]);
    }
    for listed in listing.finish().into_iter().flatten().flatten() {
        let slice = &file[listed.range.start as usize..listed.range.end as usize];
        let out = taken_out(Unfold::zip_member(listed.entry.member(), listed.entry), slice, slice.len().max(1));
        assert!(!out.is_empty(), "every member is named");
    }
}

/// Paths, contents and what is wrong with them.
fn taken_out(mut unfold: Unfold, file: &[u8], slice_bytes: usize) -> Vec<(String, Vec<u8>, Option<Damage>)> {
    let mut outs: Vec<(String, Vec<u8>, Option<Damage>)> = Vec::new();
    let mut is_open = false;
    let mut take = |part: Part<'_>| match part {
        Part::Begin(member) => {
            assert!(!is_open, "one file at a time");
            is_open = true;
            outs.push((member.path, Vec::new(), None));
        }
        Part::Bytes(bytes) => outs.last_mut().expect("something has begun").1.extend_from_slice(bytes),
        Part::End(damage) => {
            assert!(is_open, "only what has begun ends");
            is_open = false;
            outs.last_mut().expect("something has begun").2 = damage;
        }
    };
    file.chunks(slice_bytes).for_each(|slice| unfold.push(slice, &mut take));
    unfold.finish(&mut take);
    assert!(!is_open, "every file ends");
    outs
}

/// The first byte is the size of the slices, the rest protobuf or a document of logs, traces or metrics: the lines are JSON, the
/// same for every slicing.
pub fn signals(bytes: &[u8]) {
    let Some((&slice_bytes, file)) = bytes.split_first() else { return };
    let lines = |slice_bytes: usize| {
        let (mut transcoder, mut text) = (Transcoder::of(file, context().modified)?, Vec::new());
        let mut take = |lines: &[u8]| text.extend_from_slice(lines);
        file.chunks(slice_bytes).for_each(|slice| transcoder.push(slice, &mut take));
        let flaw = transcoder.finish(&mut take);
        Some((String::from_utf8(text).expect("JSON is UTF-8"), flaw))
    };
    let Some((text, flaw)) = lines(file.len().max(1)) else { return };
    for line in text.lines() {
        let parsed = serde_json::from_str::<serde_json::Value>(line);
        assert!(parsed.is_ok_and(|value| value.is_object()), "{line}");
    }
    assert_eq!(lines(usize::from(slice_bytes) + 1), Some((text, flaw)));
}

/// A format, `===`, and lines that it is tried on: what is shown of a line lies on its characters, and a format with the
/// samples it takes from them is one that can be kept.
pub fn trial(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (format, tried_on) = text.split_once("===\n").unwrap_or((&text, &text));
    let Ok(trial) = Trial::new(format) else { return };
    let excerpts = [Excerpt { line: 0, text: tried_on.as_bytes().to_vec() }];
    let preview = trial.preview(&excerpts, &context());
    assert!(preview.n_read <= preview.n_lines);
    for line in preview.lines {
        let mut last_end = 0;
        for part in &line.parts {
            assert!(last_end <= part.start && part.start <= part.end, "parts follow each other");
            assert!(line.text.get(part.start as usize..part.end as usize).is_some(), "parts lie on characters");
            last_end = part.end;
        }
    }
    let with_samples = format!("{format}\n{}", trial.samples(&excerpts, &context()));
    let again = Trial::new(&with_samples).expect("samples leave the format as it is");
    if trial.failing_sample(format).is_none() {
        let failing = again.failing_sample(&with_samples);
        assert!(failing.is_none(), "{failing:?}\n{with_samples}");
    }
}
