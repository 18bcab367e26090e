//! Inputs to begin with: a few of each kind, from the corpus and from the sample logs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use analysis::format::Formats;
use analysis::import::Importer;
use analysis::read::Context;
use analysis::sample::{DEFAULT_END, Samples};
use model::entry::SourceId;
use model::protocol::{Ask, AskId, Count, Failure, ToApp, ToWorker};
use model::scope::Filter;
use model::time::Zone;
use model::wire;

/// Larger seeds are cut: each is to be tried in well under a millisecond.
const SEED_BYTES: usize = 2 << 10;

/// The folder of this crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the fuzz target of this name is tried with first: `tests/fuzz/corpus/NAME`, and inputs made here.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = files(&root().join("fuzz/corpus").join(target));
    match target {
        "query" => seeds.extend(QUERIES.iter().map(|query| query.as_bytes().to_vec())),
        "wire" => seeds.extend(messages()),
        // The bytes in front say how the file is sliced, or damaged.
        "lines" => {
            seeds.extend(logs().into_iter().map(|log| [vec![6], log].concat()));
            seeds.extend(format_samples().into_iter().map(|sample| [vec![6], sample].concat()));
        }
        "blocks" => {
            seeds.extend(logs().into_iter().map(|log| [vec![7, 0, 255, 1], log].concat()));
            seeds.extend(logs().into_iter().take(2).map(|log| [vec![9, 0, 1, 1], gzip(&log)].concat()));
        }
        "signals" => seeds.iter_mut().for_each(|seed| seed.insert(0, 99)),
        "containers" => {
            for seed in &mut seeds {
                seed.insert(0, 99);
            }
            seeds.extend(logs().into_iter().take(2).map(|log| [vec![99], gzip(&log)].concat()));
        }
        "formats" => {
            seeds.extend(logs().iter().filter_map(|log| log.split(|&b| b == b'\n').next().map(<[u8]>::to_vec)));
            seeds.extend(files(&root().join("../analysis/formats")));
            seeds.extend(format_samples());
        }
        _ => {}
    }
    seeds
}

/// The texts between triple quotes of the shipped formats, and the lines that are texts of samples.
fn format_samples() -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    for file in files(&root().join("../analysis/formats")) {
        let text = String::from_utf8_lossy(&file);
        samples.extend(text.split("\"\"\"\n").skip(1).step_by(2).map(|sample| sample.as_bytes().to_vec()));
        let lines = text.lines().filter_map(|line| line.strip_prefix("text = "));
        samples.extend(lines.map(|line| line.trim_matches(['\'', '"']).as_bytes().to_vec()));
    }
    samples.retain(|sample: &Vec<u8>| sample.len() > 2);
    samples.iter_mut().for_each(|sample| sample.truncate(SEED_BYTES));
    samples
}

const QUERIES: &[&str] = &[
    "timeout db",
    "\"connection reset\" OR time*\na connection reset in time",
    "service:(cart OR payment) -level:info status>=500",
    "/5\\d\\d|(?i)err/ path:/^\\/v\\d/\nGET /v1 503 Err",
    "NOT (a AND b) user:\"x y\" a!=b 10:23\n10:23 a x y",
    "#q=a+b&from=2026-11-20T10:00:00Z&to=2026-11-20T11:00:00.5Z&zone=Europe/Berlin&order=newest&row=2026-11-20T10:00:00Z,1,7",
];

/// The beginning of every file of the corpus and of the sample logs.
fn logs() -> Vec<Vec<u8>> {
    let mut logs = files(&root().join("corpus"));
    let mut samples = Samples::new(400, 1);
    while let Some((_, bytes)) = samples.next_chunk() {
        logs.push(bytes);
    }
    for log in &mut logs {
        log.truncate(SEED_BYTES);
    }
    logs
}

fn messages() -> Vec<Vec<u8>> {
    let filter = Filter { query: "level:error".to_owned(), ..Filter::default() };
    let ask = ToWorker::Ask { id: AskId(7), ask: Ask::Count(Count { filter }) };
    let zone = ToWorker::Ask { id: AskId(8), ask: Ask::SetZone(Zone::fixed(3600)) };
    let pause = ToWorker::Ask { id: AskId(9), ask: Ask::Pause(SourceId(3)) };
    let failed = ToApp::Done { id: AskId(7), outcome: Err(Failure::StorageFull { needed_bytes: 1 << 40 }) };
    let mut messages = vec![wire::encode(&ask), wire::encode(&zone), wire::encode(&pause), wire::encode(&failed)];
    let formats = Formats::builtin();
    let context = Context { path: "a.log".to_owned(), modified: DEFAULT_END, zone: Zone::utc() };
    let mut importer = Importer::new(&formats, context);
    let mut blocks = Vec::new();
    importer.push(b"2026-11-20 10:00:00 ERROR a b c\n2026-11-20 10:00:01 INFO d\n", &mut blocks);
    let _ = importer.finish(&mut blocks);
    messages.extend(blocks.iter().map(wire::encode));
    messages
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

/// The files of a folder in the order of their names; none if there is no such folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}
