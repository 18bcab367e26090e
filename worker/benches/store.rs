//! What the store does with sample logs, natively and in memory: `cargo bench -p worker --bench store [-- N_ENTRIES]`.
//!
//! Prints one JSON object. Reading and parsing are measured apart from storing: in the browser they run in workers of
//! their own. Times of questions are of a search begun anew; `p50` and `p95` over the variants of a kind.

use std::time::Instant;

use analysis::block::Block;
use analysis::import::Importer;
use analysis::read::Context;
use analysis::sample::Samples;
use model::protocol::{Answer, Ask, AskId, At, Count, FacetsAsk, HistogramAsk, PageAsk, RowForm, TableAsk, ToApp};
use model::scope::{Filter, Order};
use model::source::{FileOffer, SourceState};
use model::time::{Nanos, Zone};
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use worker::engine::Engine;
use worker::store::{FORMATS, Store};

/// Raw text between two commits, as the browser does it.
const COMMIT_BYTES: u64 = 24 << 20;

fn main() {
    let n_entries = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let files = sample_files(n_entries);
    let raw_bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let raw_mb = raw_bytes as f64 / 1e6;

    let begun = Instant::now();
    let blocks: Vec<Vec<Block>> = files.iter().map(|(path, bytes)| read(path, bytes)).collect();
    let read_seconds = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let mut store = fill(&files, blocks);
    let store_seconds = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    while store.make_fields().expect("made").is_some() {}
    store.commit(0.0).expect("committed");
    let fields_seconds = begun.elapsed().as_secs_f64();
    let status = store.status();
    let sizes = table_sizes(store.connection(), raw_bytes);

    let (store, reopen_millis) = reopened(store);
    let mut bench = Bench { engine: Engine::new(store), n_asks: 0 };
    let report = json!({
        "raw_mb": round(raw_mb),
        "entries": status.n_entries,
        "read_mb_per_s": round(raw_mb / read_seconds),
        "store_mb_per_s": round(raw_mb / store_seconds),
        "fields_mb_per_s": round(raw_mb / fields_seconds),
        "stored_share": round(status.stored_bytes as f64 / raw_bytes as f64),
        "shares": sizes,
        "reopen_ms": round(reopen_millis),
        "questions": bench.questions(),
        "facets_ms": bench.facets(),
        "pipe_ms": bench.pipes(),
    });
    println!("{report:#}");
}

fn sample_files(n_entries: u64) -> Vec<(&'static str, Vec<u8>)> {
    let mut files: Vec<(&str, Vec<u8>)> = Samples::paths().into_iter().map(|path| (path, Vec::new())).collect();
    let mut samples = Samples::new(n_entries, 1);
    while let Some((file, bytes)) = samples.next_chunk() {
        files[file].1.extend(bytes);
    }
    files
}

fn read(path: &str, bytes: &[u8]) -> Vec<Block> {
    let context = Context { path: path.to_owned(), modified: Nanos(0), zone: Zone::utc() };
    let mut importer = Importer::new(&FORMATS, context);
    let mut blocks = Vec::new();
    for slice in bytes.chunks(1 << 20) {
        importer.push(slice, &mut blocks);
    }
    importer.finish(&mut blocks);
    blocks
}

/// Stores the files' blocks in turns, as several readers deliver them.
fn fill(files: &[(&str, Vec<u8>)], blocks: Vec<Vec<Block>>) -> Store {
    let mut store = Store::open(Connection::open_in_memory().expect("memory")).expect("a new store");
    let mut rest = Vec::new();
    for ((path, bytes), blocks) in files.iter().zip(blocks) {
        let offer = FileOffer { path: (*path).to_owned(), bytes: bytes.len() as u64, modified_millis: 0 };
        let id = store.add_source(&offer, bytes.len() as u64);
        store.set_source_state(id, SourceState::Reading).expect("just added");
        rest.push((id, blocks.into_iter()));
    }
    let mut uncommitted_bytes = 0;
    loop {
        let mut is_end = true;
        for (id, blocks) in &mut rest {
            let batch: Vec<Block> = blocks.take(16).collect();
            if batch.is_empty() {
                continue;
            }
            is_end = false;
            uncommitted_bytes += batch.iter().map(|block| u64::from(block.text_bytes)).sum::<u64>();
            store.insert_blocks(*id, batch).expect("inserted");
            if uncommitted_bytes >= COMMIT_BYTES {
                store.commit(0.0).expect("committed");
                uncommitted_bytes = 0;
            }
        }
        if is_end {
            break;
        }
    }
    for (id, _) in &rest {
        store.set_source_state(*id, SourceState::Complete).expect("still there");
    }
    store.commit(0.0).expect("committed");
    store
}

/// A copy of the database, opened, and how long that took.
fn reopened(store: Store) -> (Store, f64) {
    let path = std::env::temp_dir().join(format!("dendro-bench-{}.sqlite", std::process::id()));
    store.connection().execute("VACUUM INTO ?1", [path.to_string_lossy()]).expect("copied");
    drop(store);
    let begun = Instant::now();
    let store = Store::open(Connection::open(&path).expect("the copy")).expect("opened");
    let millis = millis_since(begun);
    let _ = std::fs::remove_file(&path);
    (store, millis)
}

/// What each table takes, as a share of the raw text.
fn table_sizes(connection: &Connection, raw_bytes: usize) -> Value {
    let names = [
        ("columns", "block_columns"),
        ("texts", "block_texts"),
        ("fields", "block_fields"),
        ("postings", "postings"),
        ("words", "words_data"),
    ];
    let mut sizes = Map::new();
    for (name, table) in names {
        let column = if name == "words" { "block" } else { "bytes" };
        let sum = format!("SELECT sum(length({column})) FROM {table}");
        let bytes: i64 = connection.query_row(&sum, [], |row| row.get(0)).unwrap_or(0);
        sizes.insert(name.to_owned(), round(bytes as f64 / raw_bytes as f64));
    }
    sizes.into()
}

struct Bench {
    engine: Engine,
    n_asks: u64,
}

impl Bench {
    fn questions(&mut self) -> Value {
        let unfiltered = Filter::default();
        let first_rows = self.time(page(&unfiltered, At::Rank(0))).0;
        let (count, counted) = self.time(Ask::Count(Count { filter: unfiltered.clone() }));
        let n_entries = match counted {
            Answer::Count(counted) => counted.n_entries,
            _ => 0,
        };
        let last_rows = self.time(page(&unfiltered, At::Rank(n_entries.saturating_sub(100)))).0;
        let middle_rows = self.time(page(&unfiltered, At::Rank(n_entries / 2))).0;
        let mut report = Map::new();
        report.insert(
            "unfiltered".to_owned(),
            json!({
                "first_rows_after_opening_ms": round(first_rows),
                "last_rows_ms": round(last_rows),
                "middle_rows_ms": round(middle_rows),
                "count_ms": round(count),
                "histogram_ms": round(self.time(histogram(&unfiltered)).0),
            }),
        );
        for (kind, queries) in self.queries() {
            let (mut pages, mut counts, mut histograms, mut n_found) = (Vec::new(), Vec::new(), Vec::new(), 0);
            for query in &queries {
                for order in [Order::OldestFirst, Order::NewestFirst] {
                    let filter = Filter { query: query.clone(), range: None, order };
                    self.forget();
                    pages.push(self.time(page(&filter, At::Rank(0))).0);
                    self.forget();
                    let (millis, counted) = self.time(Ask::Count(Count { filter: filter.clone() }));
                    counts.push(millis);
                    if let Answer::Count(counted) = counted {
                        n_found += counted.n_entries;
                    }
                    self.forget();
                    histograms.push(self.time(histogram(&filter)).0);
                }
            }
            report.insert(
                kind.to_owned(),
                json!({
                    "found": n_found / 2 / queries.len() as u64,
                    "first_page_ms_p50": percentile(&mut pages, 50),
                    "first_page_ms_p95": percentile(&mut pages, 95),
                    "count_ms_p50": percentile(&mut counts, 50),
                    "histogram_ms_p50": percentile(&mut histograms, 50),
                }),
            );
        }
        report.into()
    }

    /// Of the whole workspace just opened, then of scopes that searches found before.
    fn facets(&mut self) -> Value {
        let mut report = Map::new();
        for query in ["*", "level>=error", "failed", "status>=500"] {
            let filter = Filter { query: query.to_owned(), ..Filter::default() };
            self.forget();
            self.time(Ask::Count(Count { filter: filter.clone() }));
            let facets = self.time(Ask::Facets(FacetsAsk { filter: filter.clone(), n_values: 10, field: None })).0;
            report.insert(query.to_owned(), round(facets));
        }
        report.into()
    }

    /// First and final answer of five typical pipes.
    fn pipes(&mut self) -> Value {
        let mut report = Map::new();
        for query in [
            "* | count by service, level",
            "* | timeline 10m by status",
            "* | top 20 path",
            "* | stats avg(duration_ms), p50, p95, p99 by path",
            "* | rare customer",
            "level>=warn | top 20 message",
            "* | extract \"order {order}\" | count by order",
        ] {
            self.forget();
            let filter = Filter { query: query.to_owned(), ..Filter::default() };
            let ask = Ask::Table(TableAsk { filter, zone: Zone::utc(), max_rows: 1000 });
            let (first, last) = self.time_first(ask);
            report.insert(query.to_owned(), json!({ "first": round(first), "last": round(last) }));
        }
        report.into()
    }

    /// Kinds of queries, with words taken from the logs themselves.
    fn queries(&mut self) -> Vec<(&'static str, Vec<String>)> {
        let ids = self.some_ids();
        let all = |queries: &[&str]| queries.iter().map(|query| (*query).to_owned()).collect::<Vec<_>>();
        vec![
            ("id", ids),
            ("common word", all(&["order", "info"])),
            ("mid word", all(&["failed", "retrying", "refused"])),
            ("two words", all(&["order failed", "stock slow"])),
            ("phrase", all(&["\"timed out\"", "\"order accepted\""])),
            ("prefix", all(&["inv*", "reser*"])),
            ("field", all(&["status>=500"])),
            ("column", all(&["level>=error", "service:inventory"])),
            ("regex", all(&["/time(d )?out/", "/fail(ed|ure)|refused/", "/(?i)deadline exceeded/"])),
        ]
    }

    /// Tokens with digits of rows here and there.
    fn some_ids(&mut self) -> Vec<String> {
        let mut ids = Vec::new();
        for rank in (1..8).map(|i| i * 7919) {
            let Answer::Page(page) = self.time(page(&Filter::default(), At::Rank(rank))).1 else { continue };
            let is_id = |token: &&str| token.len() >= 8 && token.bytes().any(|byte| byte.is_ascii_digit());
            let text: String = page.rows.iter().map(|row| row.text.clone() + " ").collect();
            ids.extend(text.split(|c: char| !c.is_ascii_alphanumeric()).find(is_id).map(str::to_owned));
        }
        ids
    }

    /// Makes the next search begin anew.
    fn forget(&mut self) {
        for i in 0..8 {
            let filter = Filter { query: format!("nothing{i}"), ..Filter::default() };
            self.time(Ask::Count(Count { filter }));
        }
    }

    /// Times of the first partial answer and of the last.
    fn time_first(&mut self, ask: Ask) -> (f64, f64) {
        self.n_asks += 1;
        let begun = Instant::now();
        assert!(self.engine.ask(AskId(self.n_asks), ask).is_none(), "the engine answers views");
        let mut first = None;
        loop {
            for message in self.engine.step() {
                match message {
                    ToApp::Progress { so_far: Some(_), .. } => drop(first.get_or_insert_with(|| millis_since(begun))),
                    ToApp::Done { .. } => return (first.unwrap_or_else(|| millis_since(begun)), millis_since(begun)),
                    _ => {}
                }
            }
        }
    }

    fn time(&mut self, ask: Ask) -> (f64, Answer) {
        self.n_asks += 1;
        let begun = Instant::now();
        assert!(self.engine.ask(AskId(self.n_asks), ask).is_none(), "the engine answers views");
        loop {
            for message in self.engine.step() {
                if let ToApp::Done { outcome, .. } = message {
                    return (millis_since(begun), outcome.expect("an answer"));
                }
            }
        }
    }
}

fn page(filter: &Filter, at: At) -> Ask {
    Ask::Page(PageAsk { filter: filter.clone(), at, n_rows: 100, form: RowForm::default() })
}

fn histogram(filter: &Filter) -> Ask {
    Ask::Histogram(HistogramAsk { filter: filter.clone(), max_buckets: 300, zone: Zone::utc() })
}

fn millis_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

fn percentile(millis: &mut [f64], percent: usize) -> Value {
    millis.sort_by(f64::total_cmp);
    round(millis[(millis.len() - 1) * percent / 100])
}

fn round(number: f64) -> Value {
    json!((number * 100.0).round() / 100.0)
}
