//! Speed of making blocks and of searching them without an index, on sample logs; prints JSON.
//!
//! `cargo bench -p analysis --bench blocks [-- ENTRIES]`. “with templates and detectors / without” is the throughput of the import with the
//! shapes of messages, the templates of all and the detectors of incidents, as a share of that of the import alone. MB/s are megabytes of log text; the best of some runs counts,
//! for other work on the machine only ever adds time.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use analysis::anomaly::{Key, Look, Names, Tally, choose_windows};
use analysis::block::{Block, BlockBuilder, Columns, decode_text};
use analysis::fold::fold_into;
use analysis::format::{Formats, Head};
use analysis::import::Importer;
use analysis::numbered::Numbered;
use analysis::postings::{self, GROUP_BLOCKS};
use analysis::read::{Context, Position, Record};
use analysis::sample::Samples;
use analysis::search::{Bitmap, Matcher, OpenBlock};
use analysis::template::{BlockShapes, Miner, NO_TEMPLATES, SourceMiner, Template, Templates};
use analysis::tokenize::for_each_token;
use analysis::topology::Services;
use model::incident::TemplateName;
use model::naming::Naming;
use model::query::Present;
use model::time::{Nanos, Zone};

const N_RUNS: usize = 15;

/// Name and query of each scan.
const QUERIES: [(&str, &str); 14] = [
    ("rare word", "deadlock"),
    ("common word", "info"),
    ("number", "10"),
    ("phrase", "\"connection refused\""),
    ("regex", r"/dur\w*=[5-9]\d\d/"),
    ("regex alternation", "/timeout|refused|deadlock|exhausted/"),
    ("regex (?i)", "/(?i)connection (refused|reset)/"),
    ("regex no literal", r"/\d{5,}ms/"),
    ("field", "status:503"),
    ("field compared", "status>=500"),
    ("field compared, many", "duration_ms<1000"),
    ("field begins", "path:/prod*"),
    ("field exists", "user_agent:*"),
    ("level", "level>=error"),
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
    let mut figures = vec![("raw_bytes".to_owned(), n_bytes as f64)];
    let mut speed = |name: &str, time: Duration| {
        figures.push((format!("{name} MB/s"), (n_bytes as f64 / 1e6 / time.as_secs_f64()).round()));
    };

    let mut blocks = Vec::new();
    let importing = best(|| blocks = import(&formats, &files));
    speed("import", importing);
    let texts: Vec<Vec<u8>> =
        blocks.iter().map(|block| decode_text(&block.text, block.text_bytes).expect("just written")).collect();
    let columns: Vec<Columns> =
        blocks.iter().map(|block| Columns::decode(&block.columns, &formats).expect("just written")).collect();
    speed("build", best(|| build(&formats, &texts, &columns)));
    let mut shapes = Vec::new();
    let making = best(|| shapes = make_shapes(&formats, &texts, &columns));
    speed("shapes", making);
    speed("merge shapes", best(|| drop(black_box(merged(&shapes)))));
    let detecting = best(|| {
        black_box(incidents(&shapes, &columns));
    });
    speed("templates and incidents of all", detecting);
    // The import makes the shapes on the way.
    let with_and_without = importing.saturating_sub(making).as_secs_f64() / (importing + detecting).as_secs_f64();
    speed("fold", best(|| each(&texts, fold_into)));
    speed(
        "tokens",
        best(|| {
            each(&texts, |text, _| {
                let mut n = 0;
                for_each_token(text, |start, end| n += end - start);
                black_box(n);
            });
        }),
    );
    speed("compress", best(|| each(&texts, |text, _| drop(black_box(lz4_flex::block::compress(text))))));
    speed(
        "decode text",
        best(|| {
            blocks.iter().for_each(|block| drop(black_box(decode_text(&block.text, block.text_bytes))));
        }),
    );
    speed(
        "decode columns",
        best(|| {
            blocks.iter().for_each(|block| drop(black_box(Columns::decode(&block.columns, &formats))));
        }),
    );
    let mut n_posting_bytes = 0;
    speed("postings", best(|| n_posting_bytes = index(&blocks)));

    for (name, query) in QUERIES {
        let (expr, _) = model::query::parse(query);
        let mut matcher = Matcher::new(&expr, &formats, &Present::default());
        let mut n_found = 0;
        let time = best(|| {
            n_found = 0;
            for (block, columns) in blocks.iter().zip(&columns) {
                let text = decode_text(&block.text, block.text_bytes).expect("just written");
                let open =
                    OpenBlock { columns, text: &text, path: "", service: "", templates: &NO_TEMPLATES, values: None };
                n_found += matcher.matches(open, &Bitmap::all(columns.len())).count();
            }
        });
        speed(&format!("scan: {name}, {n_found} found,"), time);
    }

    figures.push(("with templates and detectors / without".into(), with_and_without));
    let mut share = |name: &str, n: usize| figures.push((format!("{name} / raw"), n as f64 / n_bytes as f64));
    share("text", blocks.iter().map(|block| block.text.len()).sum());
    share("columns", blocks.iter().map(|block| block.columns.len()).sum());
    share("words", blocks.iter().map(|block| block.words.len()).sum());
    share("postings", n_posting_bytes);
    figures.push((
        "tokens a block".into(),
        blocks.iter().map(|block| block.tokens.len()).sum::<usize>() as f64 / blocks.len() as f64,
    ));
    println!(
        "{}",
        serde_json::to_string_pretty(
            &figures.into_iter().map(|(name, figure)| (name, figure.into())).collect::<serde_json::Map<_, _>>()
        )
        .expect("numbers")
    );
}

fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..N_RUNS).map(time).min().unwrap_or_default()
}

fn import(formats: &Formats, files: &[Vec<u8>]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for file in files {
        let context = Context { path: "app.log".into(), modified: Nanos(0), zone: Zone::utc() };
        let mut importer = Importer::new(formats, context);
        importer.push(file, &mut blocks);
        importer.finish(&mut blocks);
    }
    blocks
}

/// Blocks from entries that were read before: everything but reading heads.
fn build(formats: &Formats, texts: &[Vec<u8>], columns: &[Columns]) {
    for (text, columns) in texts.iter().zip(columns) {
        let mut builder = BlockBuilder::new(Nanos(0));
        for entry in 0..columns.len() {
            let shape = columns.shape(entry);
            let head = Head {
                time: Some(columns.times[entry]),
                precision: shape.precision,
                naive: shape.naive,
                severity: shape.severity,
                stamp: shape.stamp.clone(),
                date: shape.date_apart.then_some(0..0),
                service: None,
                format: shape.format,
            };
            builder.push(&Record { head, text: &text[columns.text_range(entry)], n_lines: shape.n_lines });
        }
        black_box(builder.finish(Position::default(), formats));
    }
}

/// Of blocks that were read before: what making their shapes adds to the import.
fn make_shapes(formats: &Formats, texts: &[Vec<u8>], columns: &[Columns]) -> Vec<Vec<u8>> {
    let mut miner = SourceMiner::default();
    texts.iter().zip(columns).map(|(text, columns)| miner.shapes(formats, columns, text).encode()).collect()
}

/// The templates of all, and which of all shapes those of each block are.
fn merged(shapes: &[Vec<u8>]) -> (Templates, Vec<(BlockShapes, Vec<u32>)>) {
    let mut miner = Miner::default();
    let merge = |shapes: &Vec<u8>| {
        let shapes = BlockShapes::decode(shapes).expect("just written");
        let numbers = miner.merge_block(&shapes);
        (shapes, numbers)
    };
    let of_blocks = shapes.iter().map(merge).collect();
    (miner.templates(), of_blocks)
}

/// What is unusual in all of it, from shapes and columns.
fn incidents(shapes: &[Vec<u8>], columns: &[Columns]) -> usize {
    let (templates, of_blocks) = merged(shapes);
    let times = || columns.iter().flat_map(|columns| &columns.times);
    let (first, last) = (times().min().copied().unwrap_or_default(), times().max().copied().unwrap_or_default());
    let mut tally = Tally::new(choose_windows(first, last, times().count() as u64));
    let mut services = Numbered::new("(others)");
    for (columns, (shapes, numbers)) in columns.iter().zip(&of_blocks) {
        let of_head: Vec<u32> = columns.service_names.iter().map(|name| services.number(name)).collect();
        for (entry, &shape) in shapes.of_entry.iter().enumerate() {
            let head = columns.shape(entry);
            let key = Key {
                service: of_head[usize::from(head.service)],
                template: templates.of_shape[numbers[usize::from(shape)] as usize],
                band: head.severity.band(),
            };
            tally.add(0, key, columns.times[entry]);
        }
    }
    let name = |template: &Template| TemplateName { id: template.id.to_string(), text: template.text.clone() };
    let names: Vec<TemplateName> = templates.list.iter().map(name).collect();
    let written: Vec<&str> = services.names.iter().map(String::as_str).collect();
    let called = Services::new(&Naming::default(), &written, &BTreeSet::new());
    let names = Names { services: &called, templates: &names, fields: &[], sources: &[String::new()] };
    Look::begin(tally.finish_as(|service| called.of[service as usize])).finish().incidents(&names).len()
}

fn each(texts: &[Vec<u8>], mut run: impl FnMut(&[u8], &mut Vec<u8>)) {
    let mut scratch = Vec::new();
    for text in texts {
        run(text, &mut scratch);
        black_box(&scratch);
    }
}

fn index(blocks: &[Block]) -> usize {
    let groups = blocks.chunks(GROUP_BLOCKS).map(|group| {
        let group: Vec<_> = group.iter().enumerate().map(|(place, block)| (place as u8, &block.tokens[..])).collect();
        postings::build(&group)
    });
    groups.flatten().map(|chunk| chunk.bytes.len()).sum()
}
