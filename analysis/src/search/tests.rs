//! The matcher against a plain reading of the rules, and the indexes against the matcher.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use expect_test::expect;
use model::network::Network;
use model::query::{Comparison, Expr, Levels, Present, Test, WrittenTime, is_level_name, is_time_name};
use model::time::{Civil, Nanos, TimeRange, Zone};
use proptest::prelude::*;

use super::field::{Number, ValueTest};
use super::*;
use crate::block::{Block, Columns, Shape, decode_text};
use crate::fold::{fold, fold_into};
use crate::format::Formats;
use crate::import::Importer;
use crate::read::Context;
use crate::template::NO_TEMPLATES;
use crate::tokenize::reads_as_time;

mod ids;

const PATH: &str = "var/log/shop/app.log";
const SERVICE: &str = "shop";

static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

/// Two hours east of UTC, the data ending at 16:00 there.
static PRESENT: LazyLock<Present> = LazyLock::new(|| {
    let now = Civil { year: 2026, month: 11, day: 20, hour: 14, minute: 0, second: 0, nanos: 0 }.to_utc();
    Present { zone: Zone::fixed(7200), now: now.expect("a valid date") }
});

/// Whether an entry is found, by the rules as they are documented and nothing else.
fn is_found(expr: &Expr, formats: &Formats, columns: &Columns, text: &[u8], entry: usize) -> bool {
    let is_found = |expr: &Expr| is_found(expr, formats, columns, text, entry);
    let shape = columns.shape(entry);
    let raw = &text[columns.text_range(entry)];
    match expr {
        Expr::All => true,
        Expr::And(exprs) => exprs.iter().all(is_found),
        Expr::Or(exprs) => exprs.iter().any(is_found),
        Expr::Not(expr) => !is_found(expr),
        Expr::Word(text) | Expr::Phrase(text) => stands_in(text, false, raw, &shape.stamp),
        Expr::Prefix(text) => stands_in(text, true, raw, &shape.stamp),
        Expr::Regex(expression) => {
            let regex = regex::bytes::RegexBuilder::new(expression).multi_line(true).crlf(true).build();
            regex.is_ok_and(|regex| regex.is_match(raw))
        }
        Expr::Field { name, test } if is_level_name(name) => match test {
            Test::Exists => shape.severity.0 > 0,
            Test::Is(word) | Test::Equals(word) => {
                Levels::read(word).is_some_and(|levels| levels.contain(shape.severity))
            }
            Test::Compare(comparison, word) => {
                Levels::read(word).is_some_and(|levels| levels.compare(shape.severity, *comparison))
            }
            test => ValueTest::new(test).is_ok_and(|test| test.holds_for_text(shape.severity.band().name())),
        },
        Expr::Field { name, test } if is_time_name(name) => {
            let time = columns.times[entry];
            let span = |text: &str| WrittenTime::read(text).map(|written| written.span(&PRESENT));
            match test {
                Test::Exists => true,
                Test::Is(text) | Test::Equals(text) => span(text).is_some_and(|span| span.contains(time)),
                Test::Compare(comparison, text) => span(text).is_some_and(|span| match comparison {
                    Comparison::Less => time < span.start,
                    Comparison::LessOrEqual => time < span.end,
                    Comparison::Greater => time >= span.end,
                    Comparison::GreaterOrEqual => time >= span.start,
                    Comparison::NotEqual => !span.contains(time),
                }),
                Test::StartsWith(_) | Test::Matches(_) | Test::Within(_) => false,
            }
        }
        Expr::Field { name, test: Test::Is(path) } if name == "source" => is_path(path),
        Expr::Field { name, test: Test::StartsWith(head) } if name == "source" => is_path(&format!("{head}*")),
        Expr::Field { name, test } => {
            let Ok(value_test) = ValueTest::of_field(name, test) else { return false };
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let service = if columns.service(entry).is_empty() { SERVICE } else { columns.service(entry) };
            if is("service") || is("source") || is("format") {
                let value = if is("service") {
                    service
                } else if is("source") {
                    PATH
                } else {
                    formats.name(shape.format)
                };
                return value_test.holds_for_text(value);
            }
            let parsed = formats.parse(shape.format, &String::from_utf8_lossy(raw));
            let mut well_known = vec![
                ("message", Some(parsed.message.clone()).filter(|message| !message.is_empty())),
                ("trace_id", parsed.trace_id.clone()),
                ("span_id", parsed.span_id.clone()),
            ];
            well_known.extend(crate::ids::request_ids(&parsed).map(|id| ("trace", Some(id.to_owned()))));
            let holds = parsed.fields.iter().any(|field| is(&field.name) && value_test.holds(&(&field.value).into()))
                || well_known.iter().any(|(known, value)| {
                    is(known) && value.as_ref().is_some_and(|value| value_test.holds_for_text(value))
                });
            // In whatever notation, and by half.
            let is_of_trace = |value: &str| match test {
                Test::Is(id) | Test::Equals(id) => {
                    let plain = crate::ids::of_trace(id).filter(|_| is("trace"));
                    plain.is_some_and(|plain| crate::ids::are_one(&crate::ids::canonical(value), &plain))
                }
                _ => false,
            };
            let of_trace = crate::ids::request_ids(&parsed).any(is_of_trace)
                || parsed.fields.iter().any(|field| is(&field.name) && is_of_trace(&field.value.to_string()));
            of_trace || holds && is_written(test, formats, shape, raw)
        }
    }
}

/// Whether it is the source's path, `*` standing for anything.
fn is_path(pattern: &str) -> bool {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    regex::Regex::new(&format!("(?is)^{}$", parts.join(".*"))).is_ok_and(|regex| regex.is_match(PATH))
}

/// A value is looked for as it is written, unless the entry holds escapes; a number as a whole, unless its format may cut it
/// out of something.
fn is_written(test: &Test, formats: &Formats, shape: &Shape, raw: &[u8]) -> bool {
    let (Test::Is(text) | Test::StartsWith(text)) = test else { return true };
    if matches!(test, Test::Is(_)) && Number::read(text).is_some() {
        return !formats.delimits_values(shape.format) || stands_in(text, false, raw, &shape.stamp);
    }
    let mut folded = Vec::new();
    fold_into(raw, &mut folded);
    let wanted = fold(text).into_bytes();
    wanted.is_empty()
        || raw.iter().any(|byte| matches!(byte, b'\\' | 0x1B))
        || folded.windows(wanted.len()).any(|window| window == wanted)
}

fn stands_in(text: &str, is_prefix: bool, raw: &[u8], stamp: &Range<u32>) -> bool {
    let colours: Vec<Range<usize>> = regex::bytes::Regex::new(r"\x1b\[[0-9;?]*[A-Za-z]")
        .unwrap()
        .find_iter(raw)
        .map(|colour| colour.range())
        .collect();
    let is_colour = |at: usize| colours.iter().any(|colour| colour.contains(&at));
    let is_part =
        |at: usize| !is_colour(at) && raw.get(at).is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80);
    let is_boundary = |at: usize| at == 0 || !is_part(at - 1) || !is_part(at);
    let mut folded = Vec::new();
    fold_into(raw, &mut folded);
    let wanted = fold(text).into_bytes();
    let is_outside = |range: Range<usize>| {
        stamp.is_empty() || range.end <= stamp.start as usize || range.start >= stamp.end as usize
    };
    wanted.is_empty()
        || (0..=folded.len().saturating_sub(wanted.len())).any(|start| {
            let end = start + wanted.len();
            folded[start..].starts_with(&wanted)
                && is_boundary(start)
                && (is_prefix || is_boundary(end))
                && (reads_as_time(text) || is_outside(start..end))
        })
}

/// Whether the indexes name the block.
fn is_candidate(query: &IndexQuery, block: &Block) -> bool {
    match query {
        IndexQuery::All => true,
        IndexQuery::Nothing => false,
        IndexQuery::And(queries) => queries.iter().all(|query| is_candidate(query, block)),
        IndexQuery::Or(queries) => queries.iter().any(|query| is_candidate(query, block)),
        IndexQuery::Without(mark) => block.tokens.iter().all(|counted| counted.hash() != *mark),
        IndexQuery::Prefix(text) => words(block).iter().any(|word| word.starts_with(text.as_bytes())),
        IndexQuery::Token(token) => {
            let in_postings = block.tokens.iter().any(|counted| counted.hash() == token.hash);
            // The word index may have more (heads of words with digits), never less.
            assert!(!in_postings || token.word.as_ref().is_none_or(|word| words(block).contains(word.as_bytes())));
            in_postings
        }
    }
}

fn words(block: &Block) -> BTreeSet<&[u8]> {
    let (mut words, mut rest) = (BTreeSet::new(), &block.words[..]);
    while let Some((&n, after)) = rest.split_first() {
        let (word, after) = after.split_at(usize::from(n));
        assert!(words.insert(word), "each word once");
        rest = after;
    }
    words
}

/// Few words, so that texts and queries often share some.
fn value() -> impl Strategy<Value = String> {
    let words = [
        "a",
        "b",
        "ab",
        "Time",
        "timeout",
        "need",
        "needle23",
        "dead1",
        "dead",
        "Größe",
        "ſize",
        "500",
        "5e2",
        "10",
        "1.5",
        "1.50",
        "10.0.3.7",
        "10:23",
        "2026-11-20",
        "\u{1b}[31m",
        "\u{1b}[0m",
        "00f067aa0ba902b75af7183fb1d4cf5f",
        "5af7183fb1d4cf5f",
        "6554734444506566495",
        "1-67891233-abcdef015af7183fb1d4cf5f",
    ];
    let joint = prop_oneof![2 => Just(" "), 1 => Just("/"), 1 => Just("->"), 1 => Just("_"), 1 => Just("")];
    let parts = proptest::collection::vec((proptest::sample::select(words.to_vec()), joint), 1..4);
    parts.prop_map(|parts| {
        let text: String = parts.into_iter().flat_map(|(word, joint)| [word, joint]).collect();
        text.trim_end_matches(['>', '-', '/', ' ']).to_owned()
    })
}

fn name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["user", "Status", "http.path", "trace", "trace_id", "message", "service", "a"])
}

/// A line of one of the formats, some with escapes.
fn line() -> impl Strategy<Value = String> {
    let stamp = (0..24u32, 0..60u32).prop_map(|(hour, minute)| format!("2026-11-20T{hour:02}:{minute:02}:23.500Z"));
    let level = proptest::sample::select(vec!["INFO", "warn", "ERROR", "debug", "FATAL"]);
    let escape = proptest::sample::select(vec!["", "", "", "\\n", "\\t ", "\\\"", "\\u0061", "\\\\"]);
    (stamp, level, name(), value(), value(), escape, 0..8u8).prop_map(|(stamp, level, name, one, other, escape, kind)| {
        match kind {
            0 | 1 => format!(
                r#"{{"time":"{stamp}","level":"{level}","msg":"{one}{escape}{other}","{name}":"{escape}{other}","n":{{"m":{}}}}}"#,
                one.len() * 100
            ),
            2 | 3 => format!("ts={stamp} level={level} msg=\"{one}{escape}{other}\" {name}={} n=1.50", other.replace(' ', "/")),
            4 => format!("{} {level} [{name}] {one} {name}={other}", stamp.replace('T', " ").replace('Z', "")),
            5 => format!("Nov 20 {} host {name}[12]: {one} {other}", &stamp[11..19]),
            6 => format!("10.0.3.7 - ann [20/Nov/2026:{} +0000] \"GET /{one} HTTP/1.1\" 503 12 \"{other}\" \"-\"", &stamp[11..19]),
            _ => format!("{one} {other}"),
        }
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    let text = prop_oneof![
        4 => value(),
        1 => "[a-b1. /:>=-]{0,4}",
        1 => proptest::sample::select(vec!["", "503", "500", "1.5", "\\", "\"", "10.0.3", "Nov", "get", "größe"]).prop_map(str::to_owned),
    ];
    let regex = proptest::sample::select(vec![
        "time|need",
        "(?i)TIME.ut",
        "\\d+\\.\\d",
        "^\\{",
        "$",
        "a\\s+b",
        "[^x]*b",
        "(?i)size|gr(ö|Ö)sse",
        "\\Aa",
        "b\\z",
        "time(out)?",
        "(?i)needle|dead\\d",
        "(?i)timeout|abc|10\\.0",
        "(?i)k",
        " timeout ",
        "x->timeout/ab",
        "31mtimeout",
        r"\x1b\[0m ?timeout",
        r"\[31mtimeout (a|b)",
        r"(?i)\btime\S*t\b",
        r"(?is)\A1.*\.7\z",
    ]);
    let comparison = proptest::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::NotEqual,
    ]);
    let network = proptest::sample::select(vec!["10.0.0.0/8", "10.0.3.0/28", "0.0.0.0/0", "::/0"]);
    let test = prop_oneof![
        1 => Just(Test::Exists),
        1 => network.prop_map(|network| Test::Within(Network::read(network).expect("a network"))),
        4 => text.clone().prop_map(Test::Is),
        2 => text.clone().prop_map(Test::Equals),
        2 => text.clone().prop_map(Test::StartsWith),
        1 => regex.clone().prop_map(|expression| Test::Matches(expression.to_owned())),
        2 => (comparison.clone(), text.clone()).prop_map(|(comparison, text)| Test::Compare(comparison, text)),
    ];
    let time = proptest::sample::select(vec![
        "2026-11-20",
        "2026-11-21",
        "2026-11-20T10:23",
        "2026-11-20 12:00:00",
        "2026-11-20T04:00:23.5+01:00",
        "2026-11-20T18:30Z",
        "now",
        "now-6h",
        "wrong",
    ]);
    let time_test = prop_oneof![
        1 => Just(Test::Exists),
        2 => time.clone().prop_map(|time| Test::Is(time.to_owned())),
        1 => time.clone().prop_map(|time| Test::Equals(time.to_owned())),
        1 => Just(Test::StartsWith("2026".into())),
        6 => (comparison, time).prop_map(|(comparison, time)| Test::Compare(comparison, time.to_owned())),
    ];
    let field_name = prop_oneof![
        4 => name().prop_map(str::to_owned),
        3 => proptest::sample::select(vec!["n.m", "n", "level", "source", "format", "status", "path", "referer", "host"]).prop_map(str::to_owned),
    ];
    let level = proptest::sample::select(vec!["warn", "error", "info", "none", "17", "wrong"]);
    let leaf = prop_oneof![
        1 => Just(Expr::All),
        5 => text.clone().prop_map(Expr::Word),
        2 => text.clone().prop_map(Expr::Phrase),
        4 => text.clone().prop_map(Expr::Prefix),
        3 => regex.prop_map(|expression| Expr::Regex(expression.to_owned())),
        6 => (field_name, test).prop_map(|(name, test)| Expr::Field { name, test }),
        2 => time_test.prop_map(|test| Expr::Field { name: "time".into(), test }),
        1 => level.prop_map(|word| Expr::Field { name: "level".into(), test: Test::Is(word.into()) }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::And),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::Or),
            inner.prop_map(|expr| Expr::Not(Box::new(expr))),
        ]
    })
}

fn block_of(formats: &Formats, lines: &[String]) -> Option<Block> {
    let context = Context { path: PATH.into(), modified: Nanos(0), zone: Zone::utc() };
    let (mut importer, mut blocks) = (Importer::new(formats, context), Vec::new());
    importer.push(lines.join("\n").as_bytes(), &mut blocks);
    importer.finish(&mut blocks);
    blocks.into_iter().next()
}

fn finds(line: &str, expr: &Expr) -> bool {
    let block = block_of(&FORMATS, &[line.to_owned()]).expect("a block");
    let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
    let text = decode_text(&block.text, block.text_bytes).unwrap();
    let open = OpenBlock {
        columns: &columns,
        text: &text,
        path: PATH,
        service: SERVICE,
        templates: &NO_TEMPLATES,
        values: None,
    };
    let found = Matcher::new(expr, &FORMATS, &PRESENT).matches(open, &Bitmap::all(columns.len())).count() == 1;
    assert!(!found || is_candidate(&plan(expr), &block), "{expr} in {line}");
    found
}

fn check(line: &str, query: &str, expected: bool) {
    let (expr, _) = model::query::parse(query);
    assert_eq!(finds(line, &expr), expected, "{query} in {line}");
}

#[test]
fn an_own_field_with_a_taken_name_is_found_with_a_dot() {
    let line = r#"{"time":"2026-11-20T10:23:45Z","source":"reflector.go:138","format":"wide","msg":"x"}"#;
    check(line, ".source:reflector.go", true);
    check(line, ".Source:\"reflector.go:138\"", true);
    check(line, ".source:*", true);
    check(line, ".format==wide", true);
    check(line, "source:reflector.go", false);
    check(line, ".source:other.go", false);
    check(r#"{"time":"2026-11-20T10:23:45Z","msg":"x"}"#, ".source:*", false);
    let klog = "I1120 10:23:45.000000       1 reflector.go:138] Listing and watching";
    check(klog, ".source:\"reflector.go:138\"", true);
    check(klog, ".source:other.go", false);
}

#[test]
fn times_are_compared_as_instants_in_the_workspaces_zone() {
    let line = r#"{"at":"2026-11-20T10:23:45.500Z","time":"42ms","msg":"x"}"#;
    let line = line.replace("at", "timestamp");
    for query in [
        "time>=2026-11-20",
        "time>=2026-11-20T12:23:45",
        "time<\"2026-11-20 12:24\"",
        "time:2026-11-20T12:23",
        "time:*",
        "time:[2026-11-20T10:23Z TO 2026-11-20T10:24Z}",
        "time<=2026-11-20",
        "time>now-4h",
        "time<now",
        ".time:42ms",
        "time!=2026-11-19",
        ".time>30ms",
    ] {
        check(&line, query, true);
    }
    for query in
        ["time>2026-11-20", "time<2026-11-20T12:23:45", "time>now", "time<=now-4h", "time:2026-11-20T10:23", "-time:*"]
    {
        check(&line, query, false);
    }
}

#[test]
fn fields_are_found_behind_escapes() {
    let line = r#"{"time":"2026-11-20T10:23:45Z","user":"\u0061lice","path":"C:\\tmp","note":"so\nfar","msg":"x"}"#;
    check(line, "user:alice", true);
    check(line, "path:\"C:\\tmp\"", true);
    check(line, "note:far", true);
    check(line, "far", false);
    check(line, "user:bob", false);
    let line = r#"{"time":"2026-11-20T10:23:45Z","st\u0061tus":503,"http":{"\u0062ytes":{"in":7}}}"#;
    check(line, "status>=500", true);
    check(line, "status<500", false);
    check(line, "http.bytes.in:*", true);
    check(line, "bytes.in:*", false);
    check(r#"{"time":"2026-11-20T10:23:45Z","n":1.50,"m":500,"path":"C:\\"}"#, "m:500", true);
    check(r#"{"time":"2026-11-20T10:23:45Z","n":1.50,"m":500,"path":"C:\\"}"#, "n:1.5", false);
    check(r#"{"time":"2026-11-20T10:23:45Z","n":1.50,"m":500,"path":"C:\\"}"#, "n>=1.5", true);
}

#[test]
fn a_compared_field_is_found_wherever_its_format_has_it() {
    check("2026-11-20 10:23:45.123 INFO done status=503", "status>=500", true);
    let access = r#"10.0.3.7 - ann [20/Nov/2026:10:23:45 +0000] "GET /a status=9 HTTP/1.1" 503 - "-" "curl \"600\"""#;
    check(access, "status>=500", true);
    check(access, "status>=600", false);
    check(access, "status<100", false);
    check(access, "user_agent:*", true);
    check(access, "referer:*", false);
    check(access, "bytes:*", false);
    let syslog = "<134>1 2026-11-20T10:23:45Z web-1 shop 4711 - [shop@1 status=\"503\"] \u{feff}took=7";
    check(syslog, "shop@1.status>=500", true);
    check(syslog, "status>=500", false);
    check(syslog, "took>5", true);
    check(syslog, "pid>5000", false);
}

#[test]
fn colours_are_no_text_but_expressions_see_them() {
    let line = "\u{1b}[90m2026-11-20 10:23:45\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m disk full size=\u{1b}[1m500\u{1b}[0m";
    check(line, "error", true);
    check(line, "level:error", true);
    check(line, "size:500", true);
    check(line, "size>400", true);
    check(line, "message:\"disk full size=500\"", true);
    check(line, "31merror", false);
    check(line, "0m", false);
    check(line, "2026-11-20", true);
    check(line, "/\\[31mERROR/", true);
}

#[test]
fn stamps_are_found_only_by_what_reads_as_time() {
    let line = "2026-11-20 10:23:45.123 INFO took 45 ms";
    check(line, "10:23", true);
    check(line, "2026-11-20", true);
    check(line, "45", true);
    check(line, "23", false);
    check(line, "2026", false);
    check(line, "/10:23:45/", true);
}

#[test]
fn what_stands_between_a_date_and_its_clock_is_found() {
    let line = r#"{"date":"2026-11-20","level":"error","message":"connection refused","service":"cart","time":"10:00:01","user":"ann"}"#;
    check(line, "refused", true);
    check(line, "\"connection refused\"", true);
    check(line, "service:cart", true);
    check(line, "time:2026-11-20T12:00:01", true);
    check(line, "01", false);
}

#[test]
fn a_request_is_found_however_its_id_is_written() {
    let (padded, plain) = ("00000000000000005af7183fb1d4cf5f", "5af7183fb1d4cf5f");
    let header = format!(r#"{{"time":"2026-11-20T10:23:45Z","msg":"x","uber-trace-id":"{plain}:af:0:1"}}"#);
    let field = format!(r#"{{"time":"2026-11-20T10:23:45Z","msg":"x","trace_id":"{padded}"}}"#);
    for id in [padded, plain] {
        check(&header, &format!("trace:{id}"), true);
        check(&field, &format!("trace=={id}"), true);
        check(&field, &format!("trace:{}", id.replace('7', "6")), false);
    }
}

#[test]
fn a_request_is_found_by_half_of_its_id_and_the_half_by_the_whole() {
    let line = |id: &str| format!(r#"{{"time":"2026-11-20T10:23:45Z","msg":"x","trace_id":"{id}"}}"#);
    let (whole, half) = ("4bf92f3577b34da65af7183fb1d4cf5f", "5af7183fb1d4cf5f");
    let ids = [whole, half, "6554734444506566495", "00000000000000005AF7183FB1D4CF5F"];
    for asked in ids {
        for written in ids {
            check(&line(written), &format!("trace:{asked}"), true);
            check(&line(written), &format!("trace=={asked}"), true);
        }
        check(&format!("2026-11-20 10:23:45.123 INFO TraceID: {whole} paid"), &format!("trace:{asked}"), true);
    }
    check(&line("1-4bf92f35-77b34da65af7183fb1d4cf5f"), &format!("trace:{half}"), true);
    check(&line("4bf92f3577b34da65af7183fb1d4cf50"), &format!("trace:{half}"), false);
    check(&line("4bf92f3577b34da75af7183fb1d4cf5f"), &format!("trace:{whole}"), false);
}

#[test]
fn an_expression_finds_the_end_of_a_line_before_a_carriage_return() {
    let line = "2026-11-20 10:23:45.123 INFO took 45 ms\r\nat shop.Cart\r\nat shop.Main";
    check(line, r"/45 ms$/", true);
    check(line, r"/Cart$/", true);
    check(line, r"/^at \S+Cart$/", true);
    check(line, r"/shop$/", false);
}

#[test]
fn an_expression_that_cannot_be_read_is_left_out_and_says_so() {
    let matcher = Matcher::new(&Expr::Regex("(a".into()), &FORMATS, &PRESENT);
    expect![[r#"
        [
            "The expression /(a/ is left out: unclosed group.",
        ]
    "#]]
    .assert_debug_eq(&matcher.problems());
    let all = vec![
        Expr::Word("x".into()),
        Expr::Regex("(a".into()),
        Expr::Not(Box::new(Expr::Regex("b)".into()))),
        Expr::Field { name: "user".into(), test: Test::Matches("[".into()) },
    ];
    assert!(finds("x y", &Expr::And(all.clone())) && !finds("y", &Expr::And(all.clone())));
    assert!(finds("x y", &Expr::Or(all.clone())) && !finds("y", &Expr::Or(all)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_matcher_keeps_the_rules_and_the_indexes_name_every_block_it_finds(
        lines in proptest::collection::vec(line(), 1..12),
        exprs in proptest::collection::vec(expr(), 1..8),
        some in proptest::collection::vec(any::<bool>(), 12),
    ) {
        let formats = &*FORMATS;
        let Some(block) = block_of(formats, &lines) else { return Ok(()) };
        let columns = Columns::decode(&block.columns, formats).unwrap();
        let text = decode_text(&block.text, block.text_bytes).unwrap();
        let open = OpenBlock { columns: &columns, text: &text, path: PATH, service: SERVICE, templates: &NO_TEMPLATES, values: None };
        let all_found = |expr: &Expr| Matcher::new(expr, formats, &PRESENT).matches(open, &Bitmap::all(columns.len()));
        for expr in &exprs {
            let mut matcher = Matcher::new(expr, formats, &PRESENT);
            let found = matcher.matches(open, &Bitmap::all(columns.len()));
            for other in &exprs {
                for narrower in [expr.clone(), Expr::And(vec![expr.clone(), other.clone()])] {
                    let is_less = all_found(&narrower).iter().all(|entry| all_found(other).has(entry));
                    prop_assert!(is_less || !narrower.narrows(other), "{:?} {:?}", narrower, other);
                }
            }
            for entry in 0..columns.len() {
                let raw = String::from_utf8_lossy(&text[columns.text_range(entry)]);
                let expected = is_found(expr, formats, &columns, &text, entry);
                prop_assert_eq!(found.has(entry), expected, "{:?} in {}", expr, raw);
            }

            let candidates = matcher.candidates(OpenBlock { text: &[], ..open });
            prop_assert!(found.iter().all(|entry| candidates.has(entry)));
            if !matcher.needs_text() {
                prop_assert_eq!(&candidates, &found);
            }
            let within = Bitmap::from_fn(columns.len(), |entry| some[entry % some.len()]);
            let mut expected = found.clone();
            expected.and(&within);
            prop_assert_eq!(matcher.matches(open, &within), expected);

            let (start, end) = (columns.times.iter().min(), columns.times.iter().max());
            if let (Some(&start), Some(&end)) = (start, end) {
                let times = TimeRange { start, end: Nanos(end.0 + 1) };
                match matcher.decided_by_time(times) {
                    Some(true) => prop_assert_eq!(found.count(), columns.len(), "{:?}", expr),
                    Some(false) => prop_assert!(found.is_empty(), "{:?}", expr),
                    None => {}
                }
            }

            prop_assert!(found.is_empty() || is_candidate(&plan(expr), &block), "{:?} is {:?}", expr, plan(expr));
            if let Some(token) = count_plan(expr) {
                let counted = block.tokens.iter().find(|counted| counted.hash() == token.hash);
                prop_assert_eq!(counted.map_or(0, |token| token.n_entries() as usize), found.count());
            }
        }
    }
}
