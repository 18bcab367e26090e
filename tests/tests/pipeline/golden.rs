//! A small corpus and what the page is told of it.

use expect_test::{Expect, expect};
use model::entry::Part;
use model::protocol::{Answer, Ask, At, HistogramAsk};
use model::scope::{Filter, Order};
use model::time::{Nanos, Zone, format_wall};

use crate::workspace::{Workspace, filter};

const SHOP: &str = "\
2025-11-20T10:00:00.100Z INFO checkout: order 17 placed user=eve
2025-11-20T10:00:00.250Z ERROR checkout: payment failed order=17
java.io.IOException: connection reset
\tat shop.Pay.charge(Pay.java:42)
2025-11-20T10:00:02.000Z WARN checkout: retrying order=17
";
const CART: &str = r#"{"ts":"2025-11-20T10:00:00.200Z","level":"info","service":"cart","msg":"item added","user":"eve","n":3}
{"ts":"2025-11-20T10:00:01.000Z","level":"error","service":"cart","msg":"connection reset by peer","peer":"10.0.3.7"}
"#;

fn shop() -> Workspace {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop.log", SHOP, 2);
    workspace.take_in("cart.json", CART, 100);
    workspace
}

fn check(query: &str, order: Order, expected: &Expect) {
    let mut workspace = shop();
    let filter = filter(query, order);
    let page = workspace.page(&filter, At::Rank(0), 100);
    let mut shown = format!("{} entries\n", workspace.count(&filter).n_entries);
    for row in &page.rows {
        let mut text = row.text.clone();
        for &(start, end) in row.highlights.iter().rev() {
            text.insert(end as usize, ']');
            text.insert(start as usize, '[');
        }
        let time = format_wall(row.key.time, &Zone::utc(), row.precision.fraction_digits());
        let more = if row.n_more_lines > 0 { format!(" (+{})", row.n_more_lines) } else { String::new() };
        shown += &format!("{} {} {}: {text}{more}\n", &time[11..], row.severity.band().letter(), row.service);
    }
    expected.assert_eq(&shown);
}

#[test]
fn two_files_are_one_list_in_time_order() {
    check(
        "",
        Order::OldestFirst,
        &expect![[r#"
            5 entries
            10:00:00.100 I shop: checkout: order 17 placed user=eve
            10:00:00.200 I cart: item added  user=eve  n=3
            10:00:00.250 E shop: checkout: payment failed order=17 (+2)
            10:00:01.000 E cart: connection reset by peer  peer=10.0.3.7
            10:00:02.000 W shop: checkout: retrying order=17
        "#]],
    );
}

#[test]
fn newest_first_is_the_same_list_reversed() {
    check(
        "level>=warn",
        Order::NewestFirst,
        &expect![[r#"
            3 entries
            10:00:02.000 W shop: checkout: retrying order=17
            10:00:01.000 E cart: connection reset by peer  peer=10.0.3.7
            10:00:00.250 E shop: checkout: payment failed order=17 (+2)
        "#]],
    );
}

#[test]
fn a_phrase_is_found_in_a_stack_trace_too() {
    check(
        "\"connection reset\"",
        Order::OldestFirst,
        &expect![[r#"
            2 entries
            10:00:00.250 E shop: checkout: payment failed order=17 (+2)
            10:00:01.000 E cart: [connection reset] by peer  peer=10.0.3.7
        "#]],
    );
}

#[test]
fn fields_and_addresses_are_found() {
    check(
        "peer:10.0.3.7 OR user:eve",
        Order::OldestFirst,
        &expect![[r#"
            3 entries
            10:00:00.100 I shop: checkout: order 17 placed user=[eve]
            10:00:00.200 I cart: item added  user=[eve]  n=3
            10:00:01.000 E cart: connection reset by peer  peer=[10.0.3.7]
        "#]],
    );
}

#[test]
fn the_histogram_stacks_severities() {
    let mut workspace = shop();
    let ask = HistogramAsk { filter: Filter::default(), max_buckets: 10, zone: Zone::utc() };
    let Ok(Answer::Histogram(histogram)) = workspace.ask(Ask::Histogram(ask)) else { panic!("no histogram") };
    let mut shown = format!("{} ms\n", histogram.width_nanos / 1_000_000);
    for bucket in &histogram.buckets {
        shown += &format!("{bucket:?}\n");
    }
    expect![[r#"
        500 ms
        [0, 0, 0, 2, 0, 1, 0]
        [0, 0, 0, 0, 0, 0, 0]
        [0, 0, 0, 0, 0, 1, 0]
        [0, 0, 0, 0, 0, 0, 0]
        [0, 0, 0, 0, 1, 0, 0]
    "#]]
    .assert_eq(&shown);
}

#[test]
fn days_begin_at_the_midnight_of_the_zone_that_is_shown() {
    // Every six hours from noon of 19 November on, in UTC.
    let hour = |i: usize| 12 + 6 * i;
    let line = |i: usize| format!("2026-11-{:02}T{:02}:00:00Z INFO tick\n", 19 + hour(i) / 24, hour(i) % 24);
    let mut workspace = Workspace::in_memory();
    workspace.take_in("ticks.log", &(0..12).map(line).collect::<String>(), 4);
    let mut shown = String::new();
    for zone in [Zone::utc(), Zone::fixed(-7 * 3600), Zone::fixed(20_700)] {
        let ask = HistogramAsk { filter: Filter::default(), max_buckets: 5, zone: zone.clone() };
        let Ok(Answer::Histogram(histogram)) = workspace.ask(Ask::Histogram(ask)) else { panic!("no histogram") };
        for (day, bucket) in (0..).zip(&histogram.buckets) {
            let start = Nanos(histogram.start.0 + day * histogram.width_nanos);
            shown += &format!("{} {}: {}\n", format_wall(start, &zone, 0), zone.name, bucket.iter().sum::<u32>());
        }
    }
    expect![[r#"
        2026-11-19 00:00:00 UTC: 2
        2026-11-20 00:00:00 UTC: 4
        2026-11-21 00:00:00 UTC: 4
        2026-11-22 00:00:00 UTC: 2
        2026-11-19 00:00:00 -07:00: 4
        2026-11-20 00:00:00 -07:00: 4
        2026-11-21 00:00:00 -07:00: 4
        2026-11-19 00:00:00 +05:45: 2
        2026-11-20 00:00:00 +05:45: 4
        2026-11-21 00:00:00 +05:45: 4
        2026-11-22 00:00:00 +05:45: 2
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_line_too_long_for_one_entry_is_shown_as_its_parts() {
    let long = format!("2026-11-20T10:00:00Z INFO payload {}", "x".repeat(5 << 19));
    let text = format!("2026-11-20T09:59:59Z INFO before\n{long}\n2026-11-20T10:00:01Z INFO after\n");
    let mut workspace = Workspace::in_memory();
    // Each in a block of its own, as readers make them.
    workspace.take_in("long.log", &text, 1);
    let rows = workspace.rows(&Filter::default(), 9);
    let parts: Vec<_> = rows.iter().map(|row| row.part).collect();
    assert_eq!(parts, [Part::Whole, Part::First, Part::Middle, Part::Last, Part::Whole]);
    let lines = rows.iter().map(|row| match workspace.ask(Ask::Entry(row.key.into())) {
        Ok(Answer::Entry(entry)) => (entry.part, entry.first_line, entry.last_line),
        other => panic!("no entry: {other:?}"),
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines[1..4], [(Part::First, 2, 2), (Part::Middle, 2, 2), (Part::Last, 2, 2)]);
}

#[test]
fn an_opened_entry_has_its_fields_and_raw_text() {
    let mut workspace = shop();
    let page = workspace.page(&filter("java", Order::OldestFirst), At::Rank(0), 1);
    let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(page.rows[0].key.into())) else { panic!("no entry") };
    expect![[r#"
        Entry {
            key: RowKey {
                time: Nanos(
                    1763632800250000000,
                ),
                source: SourceId(
                    1,
                ),
                entry: 1,
            },
            first_line: 2,
            last_line: 4,
            part: Whole,
            precision: Milli,
            naive: false,
            zone: WrittenZone {
                seconds_east: 0,
                is_named: true,
            },
            inferred: Nothing,
            reading: Once,
            severity: Severity(
                17,
            ),
            severity_text: "ERROR",
            service: "shop",
            service_rule: "the name of the file",
            format: "timestamp",
            message: "checkout: payment failed order=17\njava.io.IOException: connection reset\n\tat shop.Pay.charge(Pay.java:42)",
            fields: [
                Field {
                    name: "order",
                    value: Int(
                        17,
                    ),
                },
            ],
            trace_id: None,
            span_id: None,
            request: None,
            id_flaw: None,
            raw: "2025-11-20T10:00:00.250Z ERROR checkout: payment failed order=17\njava.io.IOException: connection reset\n\tat shop.Pay.charge(Pay.java:42)",
            message_highlights: [],
            raw_highlights: [],
            raw_bytes: 135,
        }
    "#]].assert_debug_eq(&entry);
}

#[test]
fn sources_say_what_they_hold() {
    let mut workspace = shop();
    let Ok(Answer::Sources(sources)) = workspace.ask(Ask::Sources) else { panic!("no sources") };
    expect![[r#"
        [
            Source {
                id: SourceId(
                    1,
                ),
                path: "shop.log",
                archive: None,
                file_bytes: 259,
                read_bytes: 259,
                text_bytes: 259,
                n_entries: 3,
                n_lines: 5,
                formats: [
                    "plain text with time",
                ],
                range: Some(
                    TimeRange {
                        start: Nanos(
                            1763632800100000000,
                        ),
                        end: Nanos(
                            1763632802000000001,
                        ),
                    },
                ),
                n_saved: 3,
                bytes_per_second: 0,
                state: Complete,
                read_as: ReadAs {
                    format: None,
                    zone: None,
                    offset_nanos: 0,
                    encoding: None,
                },
                read_before: None,
                rereading: None,
            },
            Source {
                id: SourceId(
                    2,
                ),
                path: "cart.json",
                archive: None,
                file_bytes: 222,
                read_bytes: 222,
                text_bytes: 222,
                n_entries: 2,
                n_lines: 2,
                formats: [
                    "JSON lines",
                ],
                range: Some(
                    TimeRange {
                        start: Nanos(
                            1763632800200000000,
                        ),
                        end: Nanos(
                            1763632801000000001,
                        ),
                    },
                ),
                n_saved: 2,
                bytes_per_second: 0,
                state: Complete,
                read_as: ReadAs {
                    format: None,
                    zone: None,
                    offset_nanos: 0,
                    encoding: None,
                },
                read_before: None,
                rereading: None,
            },
        ]
    "#]]
    .assert_debug_eq(&sources);
}
