//! Tables and facets against a plain reading of what each stage says, entry by entry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use model::entry::SourceId;
use model::facet::{Distinct, Facets};
use model::quantity;
use model::query::{Present, Query, parse_query};
use model::scope::{Filter, Order};
use model::table::{Cell, Table};
use model::time::{Nanos, Zone};
use proptest::prelude::*;

use super::*;
use crate::block::{Columns, decode_text};
use crate::fields::{BlockFields, make};
use crate::format::Formats;
use crate::import::Importer;
use crate::read::Context;
use crate::search::Bitmap;
use crate::template::NO_TEMPLATES;

mod plain;
use plain::{Plain, dead_end, evaluate, plain};

mod stages;

mod told;

static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

const AUTO_WIDTH: i64 = 60_000_000_000;
const PATHS: [&str; 2] = ["var/log/shop.log", "cart.jsonl"];
const SERVICES: [&str; 2] = ["shop", "cart"];

struct Opened {
    source: usize,
    first_entry: u64,
    undated: bool,
    columns: Columns,
    text: Vec<u8>,
    fields: BlockFields,
    hits: Option<Bitmap>,
}

impl Opened {
    fn view(&self) -> BlockView<'_> {
        BlockView {
            fields: &self.fields,
            columns: &self.columns,
            text: &self.text,
            path: PATHS[self.source],
            service: SERVICES[self.source],
            templates: &NO_TEMPLATES,
            values: &NO_VALUES,
            meanings: &NO_MEANINGS,
            source: SourceId(self.source as u32 + 1),
            first_entry: self.first_entry,
            undated: self.undated,
            hits: self.hits.as_ref(),
        }
    }
}

/// `every`: only each so manieth entry is found.
fn opened(sources: &[String], every: usize) -> Vec<Opened> {
    let mut all = Vec::new();
    for (source, text) in sources.iter().enumerate() {
        let context = Context { path: PATHS[source].into(), modified: Nanos(0), zone: Zone::utc() };
        let mut importer = Importer::new(&FORMATS, context);
        let mut blocks = Vec::new();
        importer.push(text.as_bytes(), &mut blocks);
        importer.finish(&mut blocks);
        for block in blocks {
            let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
            let text = decode_text(&block.text, block.text_bytes).unwrap();
            let fields = BlockFields::open(make(&columns, &text, &FORMATS)).unwrap();
            let hits = (every > 1).then(|| Bitmap::from_fn(columns.len(), |entry| entry.is_multiple_of(every)));
            let (first_entry, undated) = (block.first_entry, block.undated);
            all.push(Opened { source, first_entry, undated, columns, text, fields, hits });
        }
    }
    all
}

/// Takes out what is said not to be needed.
fn show_only<'v>(view: &mut BlockView<'v>, needs: Needs, nothing: &'v Columns) {
    if needs < Needs::ColumnsAndText {
        view.text = &[];
    }
    if needs < Needs::Columns {
        view.columns = nothing;
    }
}

fn table_of(blocks: &[Opened], query: &Query, filter: &Filter) -> Table {
    let mut pipeline =
        Pipeline::new(query, filter, &Present::default(), Spans { width_nanos: AUTO_WIDTH, zone: Zone::utc() }, 1000);
    for (i, block) in blocks.iter().enumerate() {
        let mut view = block.view();
        let keys = (0..view.n_entries()).map(|entry| view.key(entry));
        let (lowest, highest) = (keys.clone().min().unwrap(), keys.max().unwrap());
        let nothing = Columns::default();
        show_only(&mut view, pipeline.needs(&block.fields, &NO_MEANINGS).unwrap(), &nothing);
        if pipeline.can_pass(lowest, highest) {
            pipeline.pass(view.entries().len() as u64);
        } else {
            pipeline.add(&view).unwrap();
        }
        if i % 3 == 1 {
            // What is shown meanwhile must not change the end.
            assert!(!pipeline.table(false).unwrap().complete);
        }
    }
    pipeline.table(true).unwrap()
}

fn check(sources: &[String], every: usize, order: Order, query: &str) -> Result<(), TestCaseError> {
    let (query, problems) = parse_query(query);
    assert_eq!(problems, []);
    let filter = Filter { order, ..Filter::default() };
    let blocks = opened(sources, every);
    let table = table_of(&blocks, &query, &filter);
    let (columns, rows) = evaluate(plain(&blocks, order), &query.stages);
    prop_assert_eq!(
        table.columns.iter().map(|column| &column.name).collect::<Vec<_>>(),
        columns.iter().collect::<Vec<_>>()
    );
    prop_assert_eq!(table.n_rows, rows.len() as u64, "{}", &query);
    // A field that no entry has a number in, and a stage of a table that lets nothing through, are told of; see the tests of
    // that. A stage of entries that does is only told of where there is one.
    let dead_end = dead_end(plain(&blocks, order), &query.stages);
    let is_told = |problem: &&String| {
        let is_of_table = problem.starts_with("None of the ") && problem.contains(" rows passes ");
        let is_of_numbers = problem.starts_with("No entry that was found has a number in");
        is_of_table || is_of_numbers || Some(*problem) == dead_end.as_ref()
    };
    let others: Vec<&String> = table.problems.iter().filter(|problem| !is_told(problem)).collect();
    prop_assert_eq!(others, Vec::<&String>::new());
    for (row, expected) in table.rows.iter().zip(&rows) {
        let same = |(cell, expected): (&Cell, &Option<String>)| match (cell, expected) {
            (Cell::Nothing, expected) => expected.is_none(),
            (Cell::Number(number), Some(expected)) => {
                let expected: f64 = expected.parse().unwrap();
                (number - expected).abs() <= expected.abs() * 1e-12
            }
            (cell, Some(expected)) => cell.to_string() == *expected,
            (_, None) => false,
        };
        prop_assert!(row.cells.iter().zip(expected).all(same), "{}: {:?} for {:?}", &query, row.cells, expected);
    }
    Ok(())
}

fn line() -> impl Strategy<Value = String> {
    let second = 0..400u32;
    let level = prop::sample::select(vec!["info", "warn", "error", "debug"]);
    let user = prop::sample::select(vec!["ann", "bob", "Cid", "", "x y"]);
    let took = prop_oneof![
        (0..3000u32).prop_map(|n| format!("{}.{}", n / 10, n % 10)),
        Just("7".to_owned()),
        Just("n/a".to_owned())
    ];
    let wait = prop::sample::select(vec!["250ms", "1.5s", "3s", "40ms", "2m"]);
    (second, level, user, took, wait, any::<u32>(), any::<bool>()).prop_map(
        |(second, level, user, took, wait, id, is_json)| {
            let time = format!("2026-11-19T00:{:02}:{:02}Z", second / 60, second % 60);
            let has = |bit: u32| id >> bit & 3 != 0;
            if is_json {
                let mut text = format!(
                    r#"{{"time":"{time}","level":"{level}","msg":"order {} took {took} ms","id":"x{id}""#,
                    id % 7
                );
                if has(2) {
                    text += &format!(r#","user":"{user}""#);
                }
                if has(4) {
                    text += &format!(r#","took_ms":{}"#, id % 1000);
                }
                return text + &format!(r#","wait":"{wait}"}}"#);
            }
            let mut text = format!("time={time} level={level} msg=\"order {} took {took} ms\" id=x{id}", id % 7);
            if has(2) {
                text += &format!(" user={user:?}");
            }
            if has(4) {
                text += &format!(" took_ms={took}");
            }
            text + &format!(" wait={wait}")
        },
    )
}

fn sources() -> impl Strategy<Value = Vec<String>> {
    let text = proptest::collection::vec(line(), 1..150).prop_map(|lines| lines.join("\n") + "\n");
    proptest::collection::vec(text, 1..=2)
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::OldestFirst), Just(Order::NewestFirst)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn groups_are_those_of_a_plain_reading(
        sources in sources(),
        every in 1..4usize,
        by in prop::sample::select(vec!["", " by level", " by user, service", " by id", " by level, user, source, format", " by wait"]),
        what in prop::sample::select(vec![
            "count",
            "stats avg(took_ms), p50, p99, max",
            "stats sum(wait), min, p95 by level | where p95>1 | sort -sum",
            "stats distinct(user), count(took_ms), distinct(id) as ids",
            "timeline 1m",
            "timeline",
            "timeline 30s avg(took_ms), count",
            "stats min(time), max(time), count",
            "stats max(time) as last by user | sort last | limit 2",
            "timeline 2m max(time)",
        ]),
        order in order(),
    ) {
        let query = if what.contains('|') { format!("| {what}") } else { format!("| {what}{by}") };
        check(&sources, every, order, &query)?;
    }

    #[test]
    fn stages_behind_each_other_are_those_of_a_plain_reading(
        sources in sources(),
        every in 1..4usize,
        query in prop::sample::select(vec![
            "| top 3 user",
            "| rare 2 user, level",
            "| top 5 id",
            "| fields time, user, wait",
            "| fields id, wait | limit 20",
            "| sort -wait, user | limit 30",
            "| sort level, -took_ms | fields level, took_ms, id",
            "| dedup user, level | fields user, level",
            "| dedup user | limit 2",
            "| where took_ms>100 wait>250ms | count by wait",
            "| where wait>40 took_ms<=1s | fields wait, took_ms",
            "| where id>5MB | fields id",
            "| where level!=info | count by wait",
            "| where -user:* | fields id",
            "| where time>2026-11-19T00:02 time<=2026-11-19T00:04:30 | count by level",
            "| fields time, id | where time>2026-11-19T00:03",
            "| where (level!=info OR user:ann) took_ms<=200 | limit 7",
            r"| extract /order (?<order>\d+) took (?<ms>[\d.]+)/ | stats count, avg(ms) by order",
            r"| extract id /(?<last>[0-4])$/ | count by last | sort last",
            r"| extract /order (?<order>\d+)/ | where order>3 | top 2 order",
            "| count by user, level | where count>2 | sort user, -count | limit 4 | fields count, user",
            "| limit 5",
            "",
        ]),
        order in order(),
    ) {
        check(&sources, every, order, query)?;
    }

    #[test]
    fn facets_are_those_of_a_plain_reading(sources in sources(), every in 1..4usize) {
        let blocks = opened(&sources, every);
        let mut count = FacetCount::default();
        for block in &blocks {
            let mut view = block.view();
            let nothing = Columns::default();
            show_only(&mut view, count.needs(&block.fields, &NO_MEANINGS).unwrap(), &nothing);
            count.add(&view).unwrap();
        }
        let entries = plain(&blocks, Order::OldestFirst);
        check_facets(&count.facets(5, true), &entries)?;
    }
}

fn check_facets(facets: &Facets, entries: &[Plain]) -> Result<(), TestCaseError> {
    let mut values: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for entry in entries {
        for (name, value) in entry.fields.iter().filter(|(name, _)| *name != "message") {
            *values.entry(name).or_default().entry(value).or_default() += 1;
        }
    }
    prop_assert_eq!(facets.n_entries, entries.len() as u64);
    let names: BTreeSet<&str> = facets.fields.iter().map(|facet| facet.name.as_str()).collect();
    prop_assert_eq!(names, values.keys().copied().collect());
    for facet in &facets.fields {
        let counts = &values[facet.name.as_str()];
        prop_assert_eq!(facet.n_present, counts.values().sum::<u64>(), "{}", &facet.name);
        prop_assert_eq!(facet.distinct, Distinct::Exactly(counts.len() as u64), "{}", &facet.name);
        let mut top: Vec<(&str, u64)> = counts.iter().map(|(&value, &n)| (value, n)).collect();
        top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        top.truncate(5);
        prop_assert_eq!(facet.top.iter().map(|top| (top.value.as_str(), top.n_entries)).collect::<Vec<_>>(), top);
        let quantities: Option<Vec<_>> =
            counts.iter().map(|(value, &n)| Some((quantity::Quantity::read(value)?, n))).collect();
        prop_assert_eq!(facet.numbers.is_some(), quantities.is_some(), "{}: {:?}", &facet.name, facet.kind);
        if let (Some(spread), Some(quantities)) = (&facet.numbers, quantities) {
            let mut amounts: Vec<f64> =
                quantities.iter().flat_map(|(q, n)| std::iter::repeat_n(q.amount, *n as usize)).collect();
            amounts.sort_by(f64::total_cmp);
            let at = |percent: usize| amounts[(amounts.len() * percent).div_ceil(100).max(1) - 1];
            prop_assert_eq!((spread.min, spread.p50, spread.p95, spread.max), (at(0), at(50), at(95), at(100)));
            prop_assert_eq!(spread.bars.iter().map(|bar| bar.n_entries).sum::<u64>(), amounts.len() as u64);
        }
    }
    Ok(())
}
