//! Searches against a list: whatever the blocks, sources, commits and order, the answers are those of a plain filter over
//! all entries sorted by key.

use std::cmp::Ordering;

use model::entry::{RowKey, SourceId};
use model::protocol::{Answer, Ask, At, Count, Direction, HistogramAsk, StepAsk, Stepped, TableAsk, ToApp};
use model::scope::{Filter, Order};
use model::severity::{BANDS, Band};
use model::time::{Nanos, Precision, TimeRange, Zone, format_wall};
use proptest::prelude::*;

use crate::workspace::{Workspace, blocks_of, filter};

const WORDS: [&str; 6] = ["timeout", "time", "cart", "payment", "disk", "user42"];
const LEVELS: [(&str, Band); 4] =
    [("DEBUG", Band::Debug), ("INFO", Band::Info), ("WARN", Band::Warn), ("ERROR", Band::Error)];

/// An entry before it is written down: what the naive filter looks at.
#[derive(Clone, Debug)]
struct Draft {
    millis: i64,
    level: usize,
    words: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Corpus {
    sources: Vec<Vec<Draft>>,
    block_entries: usize,
    commit_between: bool,
}

fn draft() -> impl Strategy<Value = Draft> {
    (0..2000_i64, 0..LEVELS.len(), proptest::collection::vec(0..WORDS.len(), 1..4))
        .prop_map(|(millis, level, words)| Draft { millis, level, words })
}

fn corpus() -> impl Strategy<Value = Corpus> {
    let source = (proptest::collection::vec(draft(), 1..60), any::<bool>()).prop_map(|(mut drafts, is_sorted)| {
        if is_sorted {
            drafts.sort_by_key(|draft| draft.millis);
        }
        drafts
    });
    (proptest::collection::vec(source, 1..4), 1..9_usize, any::<bool>())
        .prop_map(|(sources, block_entries, commit_between)| Corpus { sources, block_entries, commit_between })
}

/// A query and what it means for a draft.
#[derive(Clone, Debug)]
struct Question {
    query: String,
    range: Option<(i64, i64)>,
    order: Order,
}

#[derive(Clone, Debug)]
enum Meaning {
    All,
    Has(usize),
    Begins(&'static str),
    Least(usize),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

impl Meaning {
    fn holds(&self, draft: &Draft) -> bool {
        match self {
            Self::All => true,
            Self::Has(word) => draft.words.contains(word),
            Self::Begins(start) => draft.words.iter().any(|&word| WORDS[word].starts_with(start)),
            Self::Least(level) => draft.level >= *level,
            Self::Not(part) => !part.holds(draft),
            Self::And(a, b) => a.holds(draft) && b.holds(draft),
            Self::Or(a, b) => a.holds(draft) || b.holds(draft),
        }
    }

    /// With its last word let go on, if no entry has it.
    fn let_go_on(self, corpus: &Corpus) -> Self {
        match self {
            Self::Has(word) if !corpus.sources.iter().flatten().any(|draft| draft.words.contains(&word)) => {
                Self::Begins(WORDS[word])
            }
            Self::And(a, b) => Self::And(a, Box::new(b.let_go_on(corpus))),
            other => other,
        }
    }

    fn written(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Has(word) => WORDS[*word].to_uppercase(),
            Self::Begins(start) => format!("{start}*"),
            Self::Least(level) => format!("level>={}", LEVELS[*level].1.name()),
            Self::Not(part) => format!("NOT ({})", part.written()),
            Self::And(a, b) => format!("({}) ({})", a.written(), b.written()),
            Self::Or(a, b) => format!("({}) OR ({})", a.written(), b.written()),
        }
    }
}

fn meaning() -> impl Strategy<Value = Meaning> {
    let leaf = prop_oneof![
        (0..WORDS.len()).prop_map(Meaning::Has),
        prop_oneof![Just("time"), Just("us"), Just("user4"), Just("nothing")].prop_map(Meaning::Begins),
        (0..LEVELS.len()).prop_map(Meaning::Least),
    ];
    let tree = leaf.prop_recursive(2, 6, 2, |part| {
        prop_oneof![
            part.clone().prop_map(|a| Meaning::Not(a.into())),
            (part.clone(), part.clone()).prop_map(|(a, b)| Meaning::And(a.into(), b.into())),
            (part.clone(), part).prop_map(|(a, b)| Meaning::Or(a.into(), b.into())),
        ]
    });
    prop_oneof![1 => Just(Meaning::All), 6 => tree]
}

fn question() -> impl Strategy<Value = (Meaning, Question)> {
    let range = proptest::option::of((0..2000_i64, 1..1500_i64).prop_map(|(start, length)| (start, start + length)));
    let order = prop_oneof![Just(Order::OldestFirst), Just(Order::NewestFirst), Just(Order::AsWritten)];
    (meaning(), range, order).prop_map(|(meaning, range, order)| {
        let query = meaning.written();
        (meaning, Question { query, range, order })
    })
}

const DAY_NANOS: i64 = 1_763_596_800_000_000_000;

fn instant(millis: i64) -> Nanos {
    Nanos(DAY_NANOS + millis * 1_000_000)
}

fn line(draft: &Draft) -> String {
    let words: Vec<&str> = draft.words.iter().map(|&word| WORDS[word]).collect();
    let time = format_wall(instant(draft.millis), &Zone::utc(), 3);
    format!("{time}Z {} {}\n", LEVELS[draft.level].0, words.join(" ")).replacen(' ', "T", 1)
}

fn workspace(corpus: &Corpus) -> Workspace {
    let mut workspace = Workspace::in_memory();
    for (i, drafts) in corpus.sources.iter().enumerate() {
        let text: String = drafts.iter().map(line).collect();
        let path = format!("app{i}.log");
        let id = workspace.add_source(&path, text.len() as u64);
        workspace.store().insert_blocks(id, blocks_of(&path, &text, corpus.block_entries)).unwrap();
        if corpus.commit_between {
            workspace.commit();
        }
    }
    workspace
}

/// What the filter finds, in its order.
fn naive(corpus: &Corpus, meaning: &Meaning, question: &Question) -> Vec<(RowKey, Draft)> {
    let mut found = Vec::new();
    let meaning = meaning.clone().let_go_on(corpus);
    for (i, drafts) in corpus.sources.iter().enumerate() {
        for (entry, draft) in drafts.iter().enumerate() {
            let in_range = question.range.is_none_or(|(start, end)| (start..end).contains(&draft.millis));
            if in_range && meaning.holds(draft) {
                let source = SourceId(i as u32 + 1);
                found.push((RowKey { time: instant(draft.millis), source, entry: entry as u64 }, draft.clone()));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| compare(question.order, a, b));
    found
}

fn compare(order: Order, a: &RowKey, b: &RowKey) -> Ordering {
    match order {
        Order::OldestFirst => a.cmp(b),
        Order::NewestFirst => b.cmp(a),
        Order::AsWritten => (a.source, a.entry).cmp(&(b.source, b.entry)),
    }
}

fn filter_of(question: &Question) -> Filter {
    let range = question.range.map(|(start, end)| TimeRange { start: instant(start), end: instant(end) });
    Filter { range, ..filter(&question.query, question.order) }
}

fn keys(found: &[(RowKey, Draft)]) -> Vec<RowKey> {
    found.iter().map(|(key, _)| *key).collect()
}

#[test]
fn entries_of_a_file_without_times_are_found_but_in_no_bar() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("notes.log", "{\"level\":\"error\",\"msg\":\"one\"}\n{\"level\":\"info\",\"msg\":\"two\"}\n", 2);
    let histogram = |workspace: &mut Workspace| {
        let ask = HistogramAsk { filter: Filter::default(), max_buckets: 20, zone: Zone::utc() };
        let Ok(Answer::Histogram(histogram)) = workspace.ask(Ask::Histogram(ask)) else { panic!("not a histogram") };
        histogram
    };
    let alone = histogram(&mut workspace);
    assert!(alone.buckets.is_empty());
    assert_eq!((alone.undated[Band::Error as usize], alone.undated.iter().sum::<u32>()), (1, 2));
    assert_eq!(workspace.store().status().range, None);

    workspace.take_in("app.log", "starting\n2026-11-20T10:23:45Z INFO ready\n", 9);
    let both = histogram(&mut workspace);
    assert_eq!(both.buckets.iter().flatten().sum::<u32>(), 2, "a line before the first stamp has its time");
    assert_eq!(both.undated, alone.undated);
    let rows = workspace.rows(&Filter::default(), 9);
    let undated = rows.iter().filter(|row| row.precision == Precision::Undated).count();
    assert_eq!((rows.len(), undated), (4, 2));
}

#[test]
fn a_last_word_that_no_entry_has_is_the_beginning_of_one() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", "2026-11-20T10:23:45Z connection reset\n2026-11-20T10:23:46Z reset\n", 9);
    let counted = |workspace: &mut Workspace, query: &str| {
        let counted = workspace.count(&filter(query, Order::OldestFirst));
        (counted.n_entries, counted.let_go_on)
    };
    let of = |word: &str| Some(word.to_owned());
    assert_eq!(counted(&mut workspace, "conn"), (1, of("conn")));
    assert_eq!(counted(&mut workspace, "reset conn"), (1, of("conn")));
    assert_eq!(counted(&mut workspace, "reset connection"), (1, None));
    // Not the last one, not one alone, not at the end of a word.
    assert_eq!(counted(&mut workspace, "conn reset"), (0, None));
    assert_eq!(counted(&mut workspace, "-conn"), (2, None));
    assert_eq!(counted(&mut workspace, "reset OR conn"), (2, None));
    let rows = workspace.rows(&filter("res", Order::OldestFirst), 9);
    assert_eq!(rows.iter().map(|row| row.highlights.len()).collect::<Vec<_>>(), [1, 1]);
    // When the word comes, it is the word that is meant.
    workspace.take_in("more.log", "2026-11-20T10:23:47Z conn closed\n", 9);
    assert_eq!(counted(&mut workspace, "conn"), (1, None));
}

#[test]
fn a_format_inside_of_another_is_found_by_both_names_and_by_the_whole() {
    let text = "Nov 20 10:00:00 web app[7]: {\"level\":\"info\",\"msg\":\"inside\"}\n\
                Nov 20 10:00:01 web app[7]: plain\n";
    let mut workspace = Workspace::in_memory();
    workspace.take_in("syslog", &text.repeat(20), 7);
    let expected = [
        ("format:syslog", 40),
        ("format:json", 20),
        ("format:syslog/json", 20),
        ("format==syslog", 20),
        ("-format:json", 20),
    ];
    let counts = expected.map(|(query, _)| (query, workspace.count(&filter(query, Order::OldestFirst)).n_entries));
    assert_eq!(counts, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pages_of_any_size_give_the_naive_list((corpus, (meaning, question), n_rows) in (corpus(), question(), 1..40_u32)) {
        let mut workspace = workspace(&corpus);
        let expected = keys(&naive(&corpus, &meaning, &question));
        let rows = workspace.rows(&filter_of(&question), n_rows);
        prop_assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn any_rank_can_be_asked_for_first((corpus, (meaning, question), first) in (corpus(), question(), 0..150_u64)) {
        let mut workspace = workspace(&corpus);
        let expected = keys(&naive(&corpus, &meaning, &question));
        let page = workspace.page(&filter_of(&question), At::Rank(first), 7);
        let got: Vec<RowKey> = page.rows.iter().map(|row| row.key).collect();
        let expected: Vec<RowKey> = expected.into_iter().skip(first as usize).take(7).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn a_key_is_shown_in_the_middle_with_its_rank(
        (corpus, (meaning, question), of, millis) in (corpus(), question(), 0..3_u32, 0..2000_i64)
    ) {
        let mut workspace = workspace(&corpus);
        let expected = keys(&naive(&corpus, &meaning, &question));
        let key = RowKey { time: instant(millis), source: SourceId(of + 1), entry: 5 };
        let page = workspace.page(&filter_of(&question), At::Key(key), 9);
        let is_before = |other: &&RowKey| compare(question.order, other, &key).is_lt();
        let rank = expected.iter().filter(is_before).count();
        prop_assert_eq!(page.asked_rank, Some(rank as u64));
        let first = page.first as usize;
        prop_assert!(first <= rank && (rank < first + 9 || rank == expected.len()));
        let got: Vec<RowKey> = page.rows.iter().map(|row| row.key).collect();
        prop_assert_eq!(got, expected.iter().copied().skip(first).take(9).collect::<Vec<_>>());
    }

    #[test]
    fn counts_and_histograms_have_every_entry_once((corpus, (meaning, question)) in (corpus(), question())) {
        let mut workspace = workspace(&corpus);
        let expected = naive(&corpus, &meaning, &question);
        let filter = filter_of(&question);
        let counted = workspace.count(&filter);
        prop_assert_eq!(counted.n_entries, expected.len() as u64);
        prop_assert!(counted.complete);

        let ask = HistogramAsk { filter, max_buckets: 20, zone: Zone::fixed(20_700) };
        let Ok(Answer::Histogram(histogram)) = workspace.ask(Ask::Histogram(ask)) else {
            panic!("not a histogram");
        };
        prop_assert!(histogram.complete && histogram.buckets.len() <= 20);
        let mut buckets = vec![[0; BANDS.len()]; histogram.buckets.len()];
        for (key, draft) in &expected {
            let bucket = (key.time.0 - histogram.start.0) / histogram.width_nanos;
            buckets[bucket as usize][LEVELS[draft.level].1 as usize] += 1;
        }
        prop_assert_eq!(histogram.buckets, buckets);
    }

    #[test]
    fn the_next_of_a_severity_is_the_first_in_the_list_after(
        (corpus, (meaning, question), level, from, is_forward) in
            (corpus(), question(), 0..LEVELS.len(), proptest::option::of((0..2000_i64, 0..40_u64)), any::<bool>())
    ) {
        let mut workspace = workspace(&corpus);
        let expected = naive(&corpus, &meaning, &question);
        let from = from.map(|(millis, entry)| RowKey { time: instant(millis), source: SourceId(1), entry });
        let direction = if is_forward { Direction::Forward } else { Direction::Backward };
        let least = LEVELS[level].1;
        let answer = workspace.ask(Ask::Step(StepAsk { filter: filter_of(&question), from, least, direction }));

        let towards = if is_forward { Ordering::Greater } else { Ordering::Less };
        let is_ahead = |key: RowKey| from.is_none_or(|from| compare(question.order, &key, &from) == towards);
        let mut ahead = expected
            .iter()
            .enumerate()
            .filter(|(_, (key, draft))| is_ahead(*key) && LEVELS[draft.level].1 >= least)
            .map(|(rank, (key, _))| Stepped { key: *key, rank: rank as u64 });
        let nearest = if is_forward { ahead.next() } else { ahead.next_back() };
        prop_assert_eq!(answer, Ok(Answer::Step(nearest)));
    }

    #[test]
    fn a_search_takes_in_what_comes_after_it_was_begun((corpus, (meaning, question)) in (corpus(), question())) {
        let mut workspace = Workspace::in_memory();
        let filter = filter_of(&question);
        for (i, drafts) in corpus.sources.iter().enumerate() {
            let text: String = drafts.iter().map(line).collect();
            let path = format!("app{i}.log");
            let id = workspace.add_source(&path, 0);
            for block in blocks_of(&path, &text, corpus.block_entries) {
                workspace.store().insert_blocks(id, vec![block]).unwrap();
                workspace.page(&filter, At::Rank(3), 2);
            }
            if corpus.commit_between {
                workspace.commit();
            }
        }
        let rows = workspace.rows(&filter, 50);
        prop_assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), keys(&naive(&corpus, &meaning, &question)));
    }
}

#[test]
fn a_histogram_that_goes_on_with_new_blocks_is_that_of_all_of_them() {
    let text: String =
        (0..600).map(|i| format!("2025-11-20 10:{:02}:{:02} INFO n{}\n", i / 60, i % 60, i % 7)).collect();
    let histogram = |workspace: &mut Workspace, query: &str, max_buckets: u32| {
        let ask = HistogramAsk { filter: filter(query, Order::OldestFirst), max_buckets, zone: Zone::utc() };
        workspace.ask(Ask::Histogram(ask)).unwrap()
    };
    for max_buckets in [2, 5, 40, 1000] {
        let mut growing = Workspace::in_memory();
        let id = growing.add_source("app.log", text.len() as u64);
        let blocks = blocks_of("app.log", &text, 50);
        growing.take_in("before.log", "2025-11-20 10:02:00 INFO n3\n", 1);
        for block in blocks {
            growing.store().insert_blocks(id, vec![block]).unwrap();
            for query in ["n3", ""] {
                histogram(&mut growing, query, max_buckets);
            }
        }
        growing.take_in("earlier.log", "2025-11-20 09:59:00 INFO n3\n", 1);
        let mut at_once = Workspace::in_memory();
        at_once.take_in("app.log", &text, 1000);
        at_once.take_in("before.log", "2025-11-20 10:02:00 INFO n3\n", 1);
        at_once.take_in("earlier.log", "2025-11-20 09:59:00 INFO n3\n", 1);
        for query in ["n3", ""] {
            let (grown, whole) =
                (histogram(&mut growing, query, max_buckets), histogram(&mut at_once, query, max_buckets));
            assert_eq!(grown, whole, "{query:?} in {max_buckets}");
        }
    }
}

#[test]
fn fields_of_a_context_behind_the_message_are_found_like_others() {
    let line = |i: usize| match i % 3 {
        0 => {
            format!("2026-11-20T10:00:00.000Z\tINFO\tcart.go:1\ttaken\t{{\"order\": {i}, \"user\": {{\"id\": {i}}}}}\n")
        }
        1 => format!("[2026-11-20 10:00:00] production.ERROR: lost {{\"order\":{i},\"sku\":\"A-{i}\"}} []\n"),
        _ => format!("[2026-11-20 10:00:00] production.INFO: order={i}\n"),
    };
    let text: String = (0..90).map(line).collect();
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &text, 7);
    let mut n_found = |query: &str| workspace.count(&filter(query, Order::OldestFirst)).n_entries;
    assert_eq!(n_found("order:*"), 90);
    assert_eq!(n_found("order>=60"), 30);
    assert_eq!(n_found("order:31"), 1);
    assert_eq!(n_found("sku:A-31"), 1);
    assert_eq!(n_found("user.id<30"), 10);
}

#[test]
fn times_are_compared_in_the_workspaces_zone_and_before_the_end_of_the_data() {
    let text: String =
        (0..120).map(|i| format!("2026-11-20 {:02}:{:02}:00 INFO n{}\n", 10 + i / 60, i % 60, i % 7)).collect();
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &text, 7);
    let count = |workspace: &mut Workspace, query: &str| workspace.count(&filter(query, Order::OldestFirst)).n_entries;
    let queries = [
        ("time>=2026-11-20T11:00", 60),
        ("time<2026-11-20T10:03 OR time:\"2026-11-20 11:30\"", 4),
        ("time:[2026-11-20T10:00 TO 2026-11-20T10:10}", 10),
        ("-time:[2026-11-20T10:00Z TO 2026-11-20T10:10:00Z]", 109),
        ("time:2026-11-20 n3", 17),
        ("time>2026-11-20", 0),
        ("time>=now-9m", 10),
        ("time<=now", 120),
        ("| where time>=2026-11-20T11:50", 120),
    ];
    for (query, expected) in queries {
        assert_eq!(count(&mut workspace, query), expected, "{query}");
    }
    workspace.take_in("later.log", "2026-11-20 12:08:00 INFO last\n", 1);
    assert_eq!(count(&mut workspace, "time>=now-9m"), 2, "the end of the data has moved");
    workspace.take_in("zoned.log", "2026-11-20T10:00:00Z INFO zoned\n", 1);
    workspace.store().set_zone(Zone::fixed(3600)).unwrap();
    while !workspace.store().retime(usize::MAX).unwrap().is_done() {}
    assert_eq!(count(&mut workspace, "time:2026-11-20T11:00"), 2, "one at that time there, one of ten o'clock UTC");
    assert_eq!(count(&mut workspace, "time:2026-11-20T10:00Z"), 2);
}

#[test]
fn many_filters_asked_at_once_go_on_where_they_were() {
    let mut workspace = Workspace::in_memory();
    let line = |i: usize| format!("2026-11-20 10:{:02}:00 INFO n{i} {}\n", i / 60 % 60, "word ".repeat(40));
    workspace.take_in("app.log", &(0..10_000).map(line).collect::<String>(), 200);
    let count = |n: usize| Ask::Count(Count { filter: filter(&format!("/n.*{n} w.r./"), Order::OldestFirst) });
    let n_steps = workspace.n_steps(count(0));
    assert!(n_steps > 2, "{n_steps}: one alone is not found at once");
    (1..10).for_each(|n| workspace.begin(count(n)));
    let is_counted = |message: &ToApp| match message {
        ToApp::Done { outcome: Ok(Answer::Count(counted)), .. } => counted.complete && counted.n_entries == 1000,
        _ => false,
    };
    let n_counted = (0..2 * 9 * n_steps).map(|_| workspace.engine.step().iter().filter(|one| is_counted(one)).count());
    assert_eq!(n_counted.sum::<usize>(), 9, "none begins anew at its turn");
}

#[test]
fn rows_of_a_table_are_left_by_their_times() {
    let text: String =
        (0..120).map(|i| format!("2026-11-20 {:02}:{:02}:00 INFO n{}\n", 10 + i / 60, i % 60, i % 7)).collect();
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &text, 7);
    let n_rows = |workspace: &mut Workspace, query: &str| {
        let ask = TableAsk { filter: filter(query, Order::OldestFirst), zone: Zone::utc(), max_rows: 1000 };
        match workspace.ask(Ask::Table(ask)) {
            Ok(Answer::Table(table)) => table.n_rows,
            other => panic!("no table: {other:?}"),
        }
    };
    assert_eq!(n_rows(&mut workspace, "| where time>=now-9m | dedup message"), 7);
    assert_eq!(n_rows(&mut workspace, "| where time>=now-3m | count by message"), 4);
    assert_eq!(n_rows(&mut workspace, "| timeline 10m | where time>=2026-11-20T11:30"), 3);
    workspace.take_in("later.log", "2026-11-20 13:00:00 INFO last\n", 1);
    assert_eq!(n_rows(&mut workspace, "| where time>=now-3m | count by message"), 1, "the end of the data has moved");
}
