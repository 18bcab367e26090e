//! Speed and size of field columns on sample logs; prints JSON.
//!
//! `cargo bench -p analysis --bench fields [-- ENTRIES]`. MB/s are megabytes of log text; the best of some runs counts.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use analysis::answer::{BlockView, FacetCount, NO_MEANINGS, NO_VALUES, Pipeline, Spans};
use analysis::block::{Block, Columns, decode_text};
use analysis::fields::{BlockFields, Kept, make};
use analysis::format::Formats;
use analysis::import::Importer;
use analysis::read::Context;
use analysis::sample::Samples;
use analysis::template::NO_TEMPLATES;
use model::entry::SourceId;
use model::query::{Present, parse_query};
use model::scope::Filter;
use model::time::{Nanos, Zone};
use serde_json::json;

const N_RUNS: usize = 5;

const QUERIES: [&str; 6] = [
    "| count by service, level",
    "| timeline 10m by status",
    "| top 20 path",
    "| stats avg(duration_ms), p50, p95, p99 by path",
    "| rare customer",
    "| extract \"order {order}\" | count by order",
];

fn main() {
    let n_entries = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(200_000);
    let formats = Formats::builtin();
    let mut files = vec![Vec::new(); Samples::paths().len()];
    let mut samples = Samples::new(n_entries, 1);
    while let Some((file, bytes)) = samples.next_chunk() {
        files[file].extend(bytes);
    }
    let n_bytes: usize = files.iter().map(Vec::len).sum();
    let speed = |time: Duration| (n_bytes as f64 / 1e6 / time.as_secs_f64()).round();
    let blocks: Vec<Block> = files.iter().flat_map(|file| import(&formats, file)).collect();
    let opened: Vec<(Columns, Vec<u8>)> = blocks
        .iter()
        .map(|block| {
            let columns = Columns::decode(&block.columns, &formats).expect("just written");
            (columns, decode_text(&block.text, block.text_bytes).expect("just written"))
        })
        .collect();

    let mut made = Vec::new();
    let making = best(|| made = opened.iter().map(|(columns, text)| make(columns, text, &formats)).collect());
    let opening = best(|| {
        for bytes in &made {
            let fields = BlockFields::open(bytes.clone()).expect("just written");
            black_box(fields.heads().expect("just written").len());
        }
    });
    let decoding = best(|| {
        for (bytes, (columns, _)) in made.iter().zip(&opened) {
            let fields = BlockFields::open(bytes.clone()).expect("just written");
            for head in fields.heads().expect("just written") {
                black_box(fields.values(&head, columns).expect("just written"));
            }
        }
    });
    let views = |each: &mut dyn FnMut(&BlockView<'_>)| {
        for (bytes, (columns, text)) in made.iter().zip(&opened) {
            let fields = BlockFields::open(bytes.clone()).expect("just written");
            each(&BlockView {
                fields: &fields,
                columns,
                text,
                path: "app.log",
                service: "app",
                templates: &NO_TEMPLATES,
                values: &NO_VALUES,
                meanings: &NO_MEANINGS,
                source: SourceId(1),
                first_entry: 0,
                undated: false,
                hits: None,
            });
        }
    };
    let mut answers = BTreeMap::new();
    let time = best(|| {
        let mut count = FacetCount::default();
        views(&mut |view| count.add(view).expect("just written"));
        black_box(count.facets(10, true));
    });
    answers.insert("facets".to_owned(), time.as_secs_f64() * 1e3);
    for query in QUERIES {
        let (parsed, _) = parse_query(query);
        let time = best(|| {
            let mut pipeline = Pipeline::new(
                &parsed,
                &Filter::default(),
                &Present::default(),
                Spans { width_nanos: 60_000_000_000, zone: Zone::utc() },
                1000,
            );
            views(&mut |view| pipeline.add(view).expect("just written"));
            black_box(pipeline.table(true).expect("just written"));
        });
        answers.insert(query.to_owned(), time.as_secs_f64() * 1e3);
    }
    let mut kept: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for bytes in &made {
        let fields = BlockFields::open(bytes.clone()).expect("just written");
        for head in fields.heads().expect("just written") {
            let place = match head.kept {
                Kept::Few(_) => 0,
                Kept::Numbers { .. } => 1,
                Kept::Places { .. } => 2,
            };
            let of = kept.entry(head.name.to_owned()).or_default();
            of[place] += 1;
            of[3] += head.value_bytes();
        }
    }
    let kept: BTreeMap<String, String> = kept
        .into_iter()
        .map(|(name, [few, numbers, places, bytes])| {
            (name, format!("few {few}, numbers {numbers}, places {places}: {bytes} B"))
        })
        .collect();
    let report = json!({
        "raw_bytes": n_bytes,
        "blocks": blocks.len(),
        "make MB/s": speed(making),
        "open ms": opening.as_secs_f64() * 1e3,
        "decode all ms": decoding.as_secs_f64() * 1e3,
        "columns / raw": made.iter().map(Vec::len).sum::<usize>() as f64 / n_bytes as f64,
        "answers ms, texts at hand": answers,
        "kept in blocks as": kept,
    });
    println!("{report:#}");
}

fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..N_RUNS).map(time).min().unwrap_or_default()
}

fn import(formats: &Formats, file: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let context = Context { path: "app.log".into(), modified: Nanos(0), zone: Zone::utc() };
    let mut importer = Importer::new(formats, context);
    importer.push(file, &mut blocks);
    importer.finish(&mut blocks);
    blocks
}
