//! Tables and facets against a plain reading of what each stage says, entry by entry.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use model::entry::{RowKey, SourceId};
use model::facet::{Distinct, Facets};
use model::quantity;
use model::query::{
    Aggregate, Comparison, Expr, Extraction, Measure, Present, Query, Stage, Test, WrittenTime, parse_query,
};
use model::scope::{Filter, Order};
use model::table::{Cell, Column, ColumnRole, Drill, Table};
use model::time::{Nanos, Zone};
use proptest::prelude::*;

use super::entries::Collector;
use super::rows::{Row, Rows, Seed};
use super::*;
use crate::block::{Columns, decode_text};
use crate::fields::{BlockFields, make};
use crate::format::Formats;
use crate::import::Importer;
use crate::read::Context;
use crate::search::Bitmap;
use crate::template::NO_TEMPLATES;

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

/// An entry as opening it shows it.
#[derive(Clone, Debug)]
struct Plain {
    key: RowKey,
    undated: bool,
    fields: BTreeMap<String, String>,
}

impl Plain {
    fn get(&self, name: &str) -> Option<String> {
        if name == "time" {
            return Some(self.key.time.0.to_string());
        }
        self.fields.get(name).cloned()
    }
}

fn plain(blocks: &[Opened], order: Order) -> Vec<Plain> {
    let mut all = Vec::new();
    for block in blocks {
        for entry in 0..block.columns.len() {
            if block.hits.as_ref().is_some_and(|hits| !hits.has(entry)) {
                continue;
            }
            let shape = block.columns.shape(entry);
            let raw = String::from_utf8_lossy(&block.text[block.columns.text_range(entry)]).into_owned();
            let parsed = FORMATS.parse(shape.format, &raw);
            let mut fields = BTreeMap::new();
            let mut add = |name: &str, value: String| {
                fields.entry(name.to_owned()).or_insert(value);
            };
            if shape.severity.0 > 0 {
                add("level", shape.severity.band().name().to_owned());
            }
            let service = block.columns.service(entry);
            add("service", if service.is_empty() { SERVICES[block.source] } else { service }.to_owned());
            add("source", PATHS[block.source].to_owned());
            add("format", FORMATS.name(shape.format).to_owned());
            if !parsed.message.is_empty() {
                add("message", parsed.message);
            }
            parsed.fields.iter().for_each(|field| add(&field.name, field.value.to_string()));
            all.push(Plain { key: block.view().key(entry), undated: block.undated, fields });
        }
    }
    all.sort_by_key(|entry| entry.key);
    if order == Order::NewestFirst {
        all.reverse();
    }
    all
}

/// What a stage works on: entries, until the first stage that makes a table of them.
enum State {
    Entries(Vec<Plain>, Option<Vec<String>>),
    Table(Vec<String>, Vec<Vec<Option<String>>>),
}

fn evaluate(entries: Vec<Plain>, stages: &[Stage]) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let mut state = State::Entries(entries, None);
    for stage in stages {
        state = match state {
            State::Entries(entries, shown) => of_entries(entries, shown, stage),
            State::Table(columns, rows) => {
                let name = |name: &str| {
                    columns.iter().position(|column| column == name || column.starts_with(&format!("{name}(")))
                };
                let key = |row: &[Option<String>], column: &str| row[name(column).expect(column)].clone();
                match stage {
                    Stage::Where(expr) => {
                        let kept = |row: &Vec<Option<String>>| holds(expr, &|column| key(row, column));
                        let rows = rows.iter().filter(|row| kept(row)).cloned().collect();
                        State::Table(columns, rows)
                    }
                    Stage::Sort { by } => {
                        let mut sorted = rows.clone();
                        sorted.sort_by(|a, b| {
                            by.iter().fold(Ordering::Equal, |order, sort| {
                                order.then_with(|| {
                                    in_order(&sort.name, key(a, &sort.name), key(b, &sort.name), sort.is_descending)
                                })
                            })
                        });
                        State::Table(columns, sorted)
                    }
                    Stage::Limit(n) => State::Table(columns, rows.into_iter().take(*n as usize).collect()),
                    Stage::Fields { names } => {
                        let rows = rows.iter().map(|row| names.iter().map(|name| key(row, name)).collect()).collect();
                        State::Table(names.clone(), rows)
                    }
                    other => panic!("not tested behind a table: {other}"),
                }
            }
        };
    }
    match state {
        State::Table(columns, rows) => (columns, rows),
        State::Entries(entries, shown) => shown_entries(&entries, shown.as_deref()),
    }
}

fn shown_entries(entries: &[Plain], shown: Option<&[String]>) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let columns = shown.map_or_else(usual, <[String]>::to_vec);
    let rows = entries.iter().map(|entry| columns.iter().map(|column| entry.get(column)).collect()).collect();
    (columns, rows)
}

fn usual() -> Vec<String> {
    ["time", "level", "service", "message"].map(str::to_owned).to_vec()
}

/// What a stage speaks of is seen, unless it was said what is.
fn with_asked(shown: Option<Vec<String>>, stage: &Stage) -> Option<Vec<String>> {
    shown.or_else(|| {
        let mut names = usual();
        for name in stage.names() {
            if !names.iter().any(|known| known == name) {
                // The message stays the last one.
                names.insert(names.len() - 1, name.to_owned());
            }
        }
        Some(names)
    })
}

fn of_entries(mut entries: Vec<Plain>, shown: Option<Vec<String>>, stage: &Stage) -> State {
    match stage {
        Stage::Extract { from, pattern: Extraction::Regex(pattern) } => {
            let regex = regex::Regex::new(pattern).unwrap();
            for entry in &mut entries {
                let text = entry.get(from.as_deref().unwrap_or("message")).unwrap_or_default();
                let found = regex.captures(&text);
                for name in regex.capture_names().flatten() {
                    let value =
                        found.as_ref().and_then(|found| found.name(name)).map(|value| value.as_str().to_owned());
                    match value {
                        Some(value) => drop(entry.fields.insert(name.to_owned(), value)),
                        None => drop(entry.fields.remove(name)),
                    }
                }
            }
            State::Entries(entries, shown)
        }
        Stage::Where(expr) => {
            entries.retain(|entry| holds(expr, &|name| entry.get(name)));
            State::Entries(entries, shown)
        }
        Stage::Fields { names } => State::Entries(entries, Some(names.clone())),
        Stage::Limit(n) => {
            entries.truncate(*n as usize);
            State::Entries(entries, shown)
        }
        Stage::Sort { by } => {
            entries.sort_by(|a, b| {
                by.iter().fold(Ordering::Equal, |order, sort| {
                    order.then_with(|| in_order(&sort.name, a.get(&sort.name), b.get(&sort.name), sort.is_descending))
                })
            });
            State::Entries(entries, with_asked(shown, stage))
        }
        Stage::Dedup { by } => {
            let mut seen = BTreeSet::new();
            entries.retain(|entry| seen.insert(by.iter().map(|name| entry.get(name)).collect::<Vec<_>>()));
            State::Entries(entries, with_asked(shown, stage))
        }
        Stage::Stats { measures, by } => {
            let mut rows = grouped(&entries, measures, by, None);
            // The largest first measure first.
            let n = by.len();
            rows.sort_by(|a, b| in_order("", a[n].clone(), b[n].clone(), true).then_with(|| by_keys(by, a, b)));
            State::Table(by.iter().cloned().chain(measures.iter().map(Measure::name)).collect(), rows)
        }
        Stage::Top { n, by } | Stage::Rare { n, by } => {
            let mut rows = grouped(&entries, &[Measure::count()], by, None);
            let is_top = matches!(stage, Stage::Top { .. });
            let count = by.len();
            rows.sort_by(|a, b| {
                in_order("", a[count].clone(), b[count].clone(), is_top).then_with(|| by_keys(by, a, b))
            });
            rows.truncate(*n as usize);
            State::Table(by.iter().cloned().chain(["count".to_owned()]).collect(), rows)
        }
        Stage::Timeline { width_nanos, measures, by } => {
            let width = width_nanos.unwrap_or(AUTO_WIDTH);
            let mut rows = grouped(&entries, measures, by, Some(width));
            let n = by.len() + 1;
            rows.sort_by(|a, b| {
                let counts = in_order("", a[n].clone(), b[n].clone(), true);
                in_order("", a[0].clone(), b[0].clone(), false).then(counts).then_with(|| by_keys(by, &a[1..], &b[1..]))
            });
            let columns =
                ["time".to_owned()].into_iter().chain(by.iter().cloned()).chain(measures.iter().map(Measure::name));
            State::Table(columns.collect(), rows)
        }
        Stage::Extract { .. } => panic!("templates have tests of their own"),
    }
}

/// What is said of the first stage of entries behind which there is nothing.
fn dead_end(mut entries: Vec<Plain>, stages: &[Stage]) -> Option<String> {
    for stage in stages {
        let n_came = quantity::grouped(entries.len() as u64);
        match stage {
            _ if entries.is_empty() => return None,
            Stage::Extract { from, pattern: Extraction::Regex(pattern) } => {
                let from = from.as_deref().unwrap_or("message");
                let regex = regex::Regex::new(pattern).unwrap();
                if !entries.iter().any(|entry| entry.get(from).is_some_and(|text| regex.is_match(&text))) {
                    return Some(format!(
                        "“extract” finds nothing in “{from}” of the {n_came} entries: its pattern matches none of them."
                    ));
                }
            }
            Stage::Where(expr) if !entries.iter().any(|entry| holds(expr, &|name| entry.get(name))) => {
                return Some(format!("None of the {n_came} entries passes “where {expr}”."));
            }
            Stage::Where(_) | Stage::Fields { .. } => {}
            _ => return None,
        }
        let State::Entries(passed, _) = of_entries(entries, None, stage) else { return None };
        entries = passed;
    }
    None
}

fn grouped(entries: &[Plain], measures: &[Measure], by: &[String], width: Option<i64>) -> Vec<Vec<Option<String>>> {
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<&Plain>> = BTreeMap::new();
    if by.is_empty() && width.is_none() {
        groups.insert(Vec::new(), Vec::new());
    }
    for entry in entries {
        let span =
            width.map(|width| (!entry.undated).then(|| (entry.key.time.0.div_euclid(width) * width).to_string()));
        let key = span.into_iter().chain(by.iter().map(|name| entry.get(name))).collect();
        groups.entry(key).or_default().push(entry);
    }
    let measured = |members: &[&Plain], measure: &Measure| {
        let texts: Vec<String> = members.iter().filter_map(|entry| entry.get(&measure.field)).collect();
        let mut numbers: Vec<f64> =
            texts.iter().filter_map(|text| quantity::Quantity::read(text)).map(|q| q.amount).collect();
        numbers.sort_by(f64::total_cmp);
        let number = match measure.what {
            Aggregate::Count if measure.field.is_empty() => return Some(members.len().to_string()),
            Aggregate::Count => return Some(texts.len().to_string()),
            Aggregate::Distinct => return Some(texts.iter().collect::<BTreeSet<_>>().len().to_string()),
            _ if numbers.is_empty() => return None,
            Aggregate::Sum => numbers.iter().sum(),
            Aggregate::Average => numbers.iter().sum::<f64>() / numbers.len() as f64,
            Aggregate::Min => numbers[0],
            Aggregate::Max => numbers[numbers.len() - 1],
            Aggregate::Percentile(hundredths) => {
                numbers[(numbers.len() * usize::from(hundredths)).div_ceil(10_000).max(1) - 1]
            }
        };
        Some(number.to_string())
    };
    let row = |(key, members): (Vec<Option<String>>, Vec<&Plain>)| {
        key.into_iter().chain(measures.iter().map(|measure| measured(&members, measure))).collect()
    };
    groups.into_iter().map(row).collect()
}

fn by_keys(by: &[String], a: &[Option<String>], b: &[Option<String>]) -> Ordering {
    by.iter()
        .enumerate()
        .fold(Ordering::Equal, |order, (i, name)| order.then_with(|| in_order(name, a[i].clone(), b[i].clone(), false)))
}

/// Numbers before texts, what is absent last in either direction.
fn in_order(name: &str, a: Option<String>, b: Option<String>, is_descending: bool) -> Ordering {
    let (Some(a), Some(b)) = (&a, &b) else { return b.is_some().cmp(&a.is_some()) };
    let number = |text: &str| {
        let level = (name == "level").then(|| model::query::Levels::read(text)).flatten();
        level
            .map(|level| f64::from(level.lowest.0))
            .or_else(|| quantity::Quantity::read(text).map(|quantity| quantity.amount))
    };
    let order = match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (None, None) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    if is_descending { order.reverse() } else { order }
}

fn holds(expr: &Expr, value: &dyn Fn(&str) -> Option<String>) -> bool {
    match expr {
        Expr::And(list) => list.iter().all(|expr| holds(expr, value)),
        Expr::Or(list) => list.iter().any(|expr| holds(expr, value)),
        Expr::Not(expr) => !holds(expr, value),
        Expr::Field { name, test } => {
            let Some(text) = value(name) else { return false };
            if name == "time"
                && let Test::Compare(comparison, wanted) = test
            {
                let span = WrittenTime::read(wanted).expect("a time").span(&Present::default());
                let time = Nanos(text.parse().expect("nanoseconds"));
                return match comparison {
                    Comparison::Greater => time >= span.end,
                    Comparison::LessOrEqual => time < span.end,
                    other => panic!("not tested: {other}"),
                };
            }
            match test {
                Test::Exists => true,
                Test::Is(wanted) => text.eq_ignore_ascii_case(wanted),
                Test::Compare(comparison, wanted) => {
                    let folded = || text.to_lowercase().cmp(&wanted.to_lowercase());
                    let quantities = quantity::Written::read(&text).zip(quantity::Written::read(wanted));
                    let order = match quantities {
                        Some((value, wanted)) => quantity::compare(name, value, wanted),
                        None => Some(folded()),
                    };
                    match comparison {
                        Comparison::Greater => order.is_some_and(Ordering::is_gt),
                        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
                        Comparison::NotEqual => order != Some(Ordering::Equal),
                        other => panic!("not tested: {other}"),
                    }
                }
                other => panic!("not tested: {other:?}"),
            }
        }
        other => panic!("not tested: {other:?}"),
    }
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

#[test]
fn the_first_stage_that_leaves_nothing_says_so() {
    let lines = ["ann", "bob"].map(|user| format!("time=2026-11-19T00:00:00Z msg=\"took 5 ms\" user={user}\n"));
    let blocks = opened(&[lines.concat()], 1);
    let told = |query: &str| table_of(&blocks, &parse_query(query).0, &Filter::default()).problems;
    assert_eq!(told("| where user:cid | count by user"), ["None of the 2 entries passes “where user:cid”."]);
    assert_eq!(told("| count by user | where count>5"), ["None of the 2 rows passes “where count>5”."]);
    assert_eq!(
        told("| extract \"lasted {ms} ms\" | where ms>3 | fields ms"),
        ["“extract” finds nothing in “message” of the 2 entries: its pattern matches none of them."]
    );
    assert_eq!(told("| extract \"took {ms} ms\" | where ms>3 user:ann | fields ms"), Vec::<String>::new());
}

#[test]
fn levels_and_sources_behind_where_are_asked_for_as_in_a_filter() {
    let line = |level: &str| format!("time=2026-11-19T00:00:00Z level={level} msg=x\n");
    let blocks = opened(&[["info", "warn", "error", "critical"].map(line).concat()], 1);
    let n_passing = |condition: &str| {
        let query = format!("| where {condition} | count");
        table_of(&blocks, &parse_query(&query).0, &Filter::default()).rows[0].cells[0].clone()
    };
    for (condition, n_entries) in [
        ("level:warning", 1),
        ("level:err", 2),
        ("level:critical", 1),
        ("level:17", 1),
        ("severity>=critical", 1),
        ("level!=error", 2),
        ("level:*", 4),
        ("source:*/shop.log", 4),
        ("source:shop.log", 0),
    ] {
        assert_eq!(n_passing(condition), Cell::Count(n_entries), "{condition}");
    }
    let (query, _) = parse_query("| count by level | where level:err");
    assert_eq!(table_of(&blocks, &query, &Filter::default()).n_rows, 1);
}

#[test]
fn a_field_called_count_is_not_taken_for_the_number_of_entries() {
    let line = |count: &str| format!("time=2026-11-19T00:00:00Z level=info msg=x count={count}\n");
    let blocks = opened(&[["7", "7", "7", "9", "8", "8"].map(line).concat()], 1);
    let rows = |query: &str| -> Vec<String> {
        let table = table_of(&blocks, &parse_query(query).0, &Filter::default());
        table.rows.iter().map(|row| format!("{}: {}", row.cells[0], row.cells[1])).collect()
    };
    assert_eq!(rows("| top 2 count"), ["7: 3", "8: 2"]);
    assert_eq!(rows("| rare 2 count"), ["9: 1", "8: 2"]);
    assert_eq!(rows("| count by count | sort -count"), ["7: 3", "8: 2", "9: 1"]);
}

#[test]
fn a_name_spelt_otherwise_is_the_same_field_in_one_block_too() {
    let line = |field: &str| format!("time=2026-11-19T00:00:00Z level=info msg=x {field}\n");
    let blocks = opened(&[["User=ann n=1", "user=bob N=2", "USER=ann n=3"].map(line).concat()], 1);
    let rows = |query: &str| -> Vec<String> {
        let table = table_of(&blocks, &parse_query(query).0, &Filter::default());
        table.rows.iter().map(|row| format!("{}: {}", row.cells[0], row.cells[1])).collect()
    };
    assert_eq!(rows("| count by user"), ["ann: 2", "bob: 1"]);
    assert_eq!(rows("| stats sum(n), max"), ["6: 3"]);
}

#[test]
fn what_was_extracted_from_an_extracted_field_leads_to_the_entries_of_the_first() {
    let lines = ["order a17 placed", "order b18 placed", "nothing"];
    let lines = lines.map(|message| format!("time=2026-11-19T00:00:00Z level=info msg=\"{message}\"\n"));
    let blocks = opened(&[lines.concat()], 1);
    let (query, _) = parse_query(r#"| extract "order {order} placed" | extract order /(?<n>\d+)/ | count by n"#);
    let table = table_of(&blocks, &query, &Filter::default());
    for row in &table.rows {
        let Drill::Nearly { query, .. } = &row.entries else { panic!("{:?}", row.entries) };
        let (filter, problems) = model::query::parse(query);
        assert_eq!(problems, []);
        match &filter {
            Expr::All => assert_eq!(row.cells[0], Cell::Nothing),
            Expr::Field { name, test: Test::Matches(_) } => assert_eq!(name, "message"),
            other => panic!("{other}"),
        }
    }
    assert_eq!(table.rows.len(), 3);
}

#[test]
fn a_value_that_did_not_fit_is_left_out_once_however_often_it_comes() {
    let row = |n: u32| Row { cells: vec![Cell::Text(format!("a{}", n % 100))], seed: Seed::Group(n) };
    let columns = vec![Column { name: "id".into(), role: ColumnRole::Key, unit: quantity::Unit::Plain }];
    let rows = Rows { columns, rows: (0..500).map(row).collect() };
    let names = vec!["id".to_owned()];
    let mut collector = Collector::new(names.clone(), Order::OldestFirst, Vec::new(), Some(names), 4);
    let key = |entry: usize| RowKey { time: Nanos(entry as i64), source: SourceId(1), entry: entry as u64 };
    collector.add(&rows, &(0..500).collect::<Vec<u32>>(), key).unwrap();
    assert_eq!(collector.rows().len(), 4);
    assert!((80..=120).contains(&collector.n_rows()), "{}", collector.n_rows());
}

#[test]
fn entries_are_sorted_by_their_time_to_the_nanosecond() {
    let line = |nanos: u32| format!("time=2026-11-19T00:00:00.0000000{nanos:02}Z level=info msg=x n={nanos}\n");
    let blocks = opened(&[[20, 10, 30].map(line).concat()], 1);
    let ordered = |query: &str| -> Vec<String> {
        let table = table_of(&blocks, &parse_query(query).0, &Filter::default());
        table.rows.iter().map(|row| row.cells[0].to_string()).collect()
    };
    assert_eq!(ordered("| sort -time | fields n"), ["30", "20", "10"]);
    assert_eq!(ordered("| limit 3 | sort time | fields n"), ["10", "20", "30"]);
}

#[test]
fn nothing_is_said_of_a_stage_that_did_not_see_all_entries() {
    let lines = |minute: u32, message: &str| {
        format!("time=2026-11-19T00:0{minute}:00Z level=info msg=\"{message}\" user=ann\n").repeat(100)
    };
    let blocks = opened(&[lines(0, "began"), lines(1, "took 5 ms")], 1);
    let table = |query: &str| table_of(&blocks, &parse_query(query).0, &Filter::default());
    let first = table("| extract \"took {ms} ms\" | limit 2");
    assert_eq!((first.n_entries, first.n_rows, first.problems), (200, 2, Vec::new()));
    assert_eq!(
        table("| extract \"lasted {ms} ms\" | count").problems,
        ["“extract” finds nothing in “message” of the 200 entries: its pattern matches none of them."]
    );
}

#[test]
fn what_was_measured_has_the_unit_of_its_values() {
    let lines = ["250ms", "1.5s", "3s"].map(|wait| format!("time=2026-11-19T00:00:00Z level=info msg=x wait={wait}\n"));
    let (query, _) = parse_query("| stats max(wait), avg(wait) by wait | where max(wait)>1s");
    let table = table_of(&opened(&[lines.concat()], 1), &query, &Filter::default());
    assert_eq!(table.columns[1].unit, quantity::Unit::Seconds);
    let maxima: Vec<&Cell> = table.rows.iter().map(|row| &row.cells[1]).collect();
    assert_eq!(maxima, [&Cell::Number(3.0), &Cell::Number(1.5)]);
}

#[test]
fn numbers_of_several_units_have_none_together() {
    // In two blocks: the first value, and the others.
    let unit = |waits: &[&str]| {
        let lines = |waits: &[&str]| -> String {
            waits.iter().map(|wait| format!("time=2026-11-19T00:00:00Z level=info msg=x wait={wait}\n")).collect()
        };
        let (query, _) = parse_query("| stats max(wait)");
        let blocks = opened(&[lines(&waits[..1]), lines(&waits[1..])], 1);
        table_of(&blocks, &query, &Filter::default()).columns[0].unit
    };
    assert_eq!(unit(&["250ms", "0", "3s"]), quantity::Unit::Seconds);
    assert_eq!(unit(&["0", "0", "3s"]), quantity::Unit::Seconds);
    assert_eq!(unit(&["250ms", "12kB"]), quantity::Unit::Plain);
    assert_eq!(unit(&["201", "250ms", "17"]), quantity::Unit::Plain);
}

#[test]
fn a_measure_of_what_has_no_numbers_says_so() {
    let text = "time=2026-11-19T00:00:00Z level=info msg=x user=ann n=1\n".to_owned();
    let problems = |query: &str| {
        let (query, _) = parse_query(query);
        table_of(&opened(std::slice::from_ref(&text), 1), &query, &Filter::default()).problems
    };
    assert_eq!(problems("| stats avg(user), max(n)"), ["No entry that was found has a number in “user”."]);
    assert_eq!(problems("| timeline 1m p95(nothing)"), ["No entry that was found has a number in “nothing”."]);
}

#[test]
fn of_ids_it_is_said_about_how_many_there_are() {
    let lines =
        (0..5000).map(|i| format!("time=2026-11-19T00:00:00Z level=info msg=x id=a{i:x}z n={i}.5 user=u{}\n", i % 7));
    let text: String = lines.collect();
    for every in [1, 2] {
        let mut count = FacetCount::default();
        for block in opened(std::slice::from_ref(&text), every) {
            count.add(&block.view()).unwrap();
        }
        let facets = count.facets(5, true);
        let facet = |name: &str| facets.fields.iter().find(|facet| facet.name == name).unwrap();
        assert_eq!(facet("user").distinct, Distinct::Exactly(7));
        for name in ["id", "n"] {
            assert_eq!((facet(name).n_present, facet(name).top.len()), (facets.n_entries, 0), "{name}");
            match facet(name).distinct {
                Distinct::About(n) => assert!(every == 1 && (4000..6000).contains(&n), "{n}"),
                Distinct::MoreThan(n) => assert!(every == 2 && (2000..2500).contains(&n), "{n}"),
                Distinct::Exactly(n) => panic!("{n} values were counted"),
            }
        }
        let spread = facet("n").numbers.as_ref().unwrap();
        assert!((spread.p50 / 2500.0 - 1.0).abs() < 0.01, "{}", spread.p50);
        assert_eq!(spread.min, 0.5);
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
