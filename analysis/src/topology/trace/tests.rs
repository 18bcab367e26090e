//! Small requests whose waterfalls are known.

use super::*;
use crate::format::Formats;
use model::entry::SourceId;

const MILLI: i64 = 1_000_000;

fn bars(lines: &[(i64, &str, &str)]) -> Vec<Bar> {
    bars_by(&Naming::default(), lines)
}

fn bars_by(naming: &Naming, lines: &[(i64, &str, &str)]) -> Vec<Bar> {
    let formats = Formats::builtin_of(&["json", "logfmt"]);
    let mut builder = TraceBuilder::new("7F3A9B21C4D5E6F0", &Rc::new(naming.clone()));
    for (entry, &(at, service, text)) in lines.iter().enumerate() {
        let id = formats.id(if text.starts_with('{') { "json" } else { "logfmt" });
        let key = RowKey { time: Nanos(at * MILLI), source: SourceId(1), entry: entry as u64 };
        builder.push(key, service, Severity::INFO, &formats.parse(id, text));
    }
    builder.bars()
}

/// Name, depth, milliseconds, own milliseconds, whether it is on the critical path, and the number of its entries.
fn shown(bars: &[Bar]) -> Vec<(&str, u32, i64, i64, bool, usize)> {
    let of = |bar: &Bar| (bar.nanos / MILLI, bar.own_nanos / MILLI);
    bars.iter()
        .map(|bar| (bar.name.as_str(), bar.depth, of(bar).0, of(bar).1, bar.is_critical(), bar.marks.len()))
        .collect()
}

/// A span that says its parent, or none.
fn span(id: u8, parent: &str, millis: u8, name: &str) -> String {
    format!(
        r#"{{"span":{{"kind":"server","duration_ms":{millis}}},"msg":"{name}","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa0000000000000{id}"{parent}}}"#
    )
}

const OF_FIRST: &str = r#","parent_span_id":"aa00000000000001""#;

#[test]
fn spans_are_a_tree_with_own_time_and_what_was_waited_for() {
    let lines = [
        (0, "web", span(1, "", 100, "get")),
        (10, "shop", span(2, OF_FIRST, 30, "read")),
        (20, "stock", span(3, OF_FIRST, 60, "ask")),
    ];
    let mut lines: Vec<(i64, &str, &str)> =
        lines.iter().map(|(at, service, text)| (*at, *service, text.as_str())).collect();
    lines.push((50, "stock", "msg=found trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000003"));
    lines.push((60, "stock", "msg=other trace_id=0f3a9b21c4d5e6f0"));
    assert_eq!(
        shown(&bars(&lines)),
        [("get", 0, 100, 30, true, 0), ("read", 1, 30, 30, false, 0), ("ask", 1, 60, 60, true, 1)]
    );
}

#[test]
fn a_span_of_its_own_that_looks_up_an_address_says_what_was_waited_for() {
    let (root, lookup) = (span(1, "", 100, "get"), span(2, OF_FIRST, 30, "dns.lookup").replace("server", "client"));
    let served = span(3, OF_FIRST, 60, "dns.lookup");
    let drawn = bars(&[(0, "web", &root), (10, "web", &lookup), (40, "resolver", &served)]);
    let waits: Vec<Vec<(model::trace::Phase, i64)>> =
        drawn.iter().map(|bar| bar.waits.iter().map(|wait| (wait.phase, wait.nanos / MILLI)).collect()).collect();
    assert_eq!(waits, [vec![], vec![(model::trace::Phase::Dns, 30)], vec![]]);
}

#[test]
fn own_time_and_the_critical_path_are_told_piece_by_piece() {
    let (root, one, other) = (span(1, "", 100, "get"), span(2, OF_FIRST, 30, "read"), span(3, OF_FIRST, 60, "ask"));
    let bars = bars(&[(0, "web", &root), (10, "shop", &one), (20, "stock", &other)]);
    let millis = |pieces: &[(Nanos, i64)]| -> Vec<(i64, i64)> {
        pieces.iter().map(|(start, nanos)| (start.0 / MILLI, nanos / MILLI)).collect()
    };
    assert_eq!(millis(&bars[0].own), [(0, 10), (80, 20)]);
    assert_eq!(millis(&bars[0].critical), [(0, 20), (80, 20)]);
    assert_eq!((millis(&bars[1].critical), millis(&bars[2].critical)), (vec![], vec![(20, 60)]));
}

#[test]
fn entries_stand_in_the_spans_of_their_service_whatever_they_call_it() {
    let root = span(1, "", 100, "pay");
    let entry = |id: u8| format!("msg=paid trace_id=7f3a9b21c4d5e6f0 span_id=aa0000000000000{id}");
    let (own, others) = (entry(1), entry(1));
    let lines = [(0, "payment", &*root), (10, "payment-svc-v2", &*own), (20, "till", &*others)];
    let drawn = bars(&lines);
    let of = |bars: &[Bar]| -> Vec<(String, usize)> {
        bars.iter().map(|bar| (bar.service.clone(), bar.marks.len())).collect()
    };
    assert_eq!(of(&drawn), [("payment".to_owned(), 1), ("till".to_owned(), 1)]);
    let mut naming = Naming::default();
    naming.join(["till"], "payment");
    assert_eq!(of(&bars_by(&naming, &lines)), [("payment".to_owned(), 2)]);
}

#[test]
fn from_logs_alone_a_bar_reaches_from_the_first_entry_to_the_last() {
    let lines = [
        (0, "web", "msg=begin trace_id=7f3a9b21c4d5e6f0"),
        (10, "shop", "msg=asked trace_id=7f3a9b21c4d5e6f0"),
        (30, "shop", "msg=told trace_id=7f3a9b21c4d5e6f0"),
        (40, "web", "msg=end trace_id=7f3a9b21c4d5e6f0"),
    ];
    assert_eq!(shown(&bars(&lines)), [("begin", 0, 40, 20, true, 2), ("asked", 1, 20, 20, true, 2)]);
}

#[test]
fn an_entry_stands_in_its_span_however_its_header_writes_the_ids() {
    let root = span(1, "", 100, "pay").replace("7f3a9b21c4d5e6f0", "00000000000000007f3a9b21c4d5e6f0");
    let root = root.replace("aa00000000000001", "00000000000000af");
    let lines = [(0, "web", &*root), (10, "web", r#"{"msg":"paid","uber-trace-id":"7f3a9b21c4d5e6f0:af:0:1"}"#)];
    assert_eq!(shown(&bars(&lines)), [("pay", 0, 100, 100, true, 1)]);
}

#[test]
fn a_trace_asked_for_by_half_of_its_id_is_all_of_it_unless_several_have_that_half() {
    let mut lines = vec![
        "msg=asked trace_id=7f3a9b21c4d5e6f0".to_owned(),
        "msg=told trace_id=4bf92f3577b34da67f3a9b21c4d5e6f0".to_owned(),
    ];
    let found = |lines: &[String]| {
        let formats = Formats::builtin_of(&["logfmt"]);
        let mut builder = TraceBuilder::new("9167810560804644592", &Rc::default());
        for (entry, text) in (0..).zip(lines) {
            let key = RowKey { time: Nanos(entry), source: SourceId(1), entry: entry as u64 };
            builder.push(key, "web", Severity::INFO, &formats.parse(formats.id("logfmt"), text));
        }
        (builder.whole_id(), builder.n_entries())
    };
    assert_eq!(found(&lines), (Some("4bf92f3577b34da67f3a9b21c4d5e6f0".to_owned()), 2));
    lines.push("msg=told trace_id=0ad1348f140316927f3a9b21c4d5e6f0".to_owned());
    assert_eq!(found(&lines), (None, 1));
}

#[test]
fn of_a_job_that_comes_back_only_the_run_around_the_entry_is_drawn() {
    let formats = Formats::builtin_of(&["logfmt"]);
    let hour = 3_600_000 * MILLI;
    let key = |entry: i64, at: i64| RowKey { time: Nanos(at), source: SourceId(1), entry: entry as u64 };
    let at = [0, MILLI, 24 * hour, 24 * hour + 9 * MILLI, 48 * hour];
    let n_around = |asked: RowKey| {
        let mut builder = TraceBuilder::new("nightly-report-7", &Rc::default());
        let parsed = formats.parse(formats.id("logfmt"), "msg=ran job_id=nightly-report-7");
        (0..).zip(at).for_each(|(entry, at)| builder.push(key(entry, at), "web", Severity::INFO, &parsed));
        (builder.only_around(asked), builder.n_entries())
    };
    assert_eq!([key(3, at[3]), key(4, at[4])].map(n_around), [(2, 2), (2, 1)]);
}

#[test]
fn of_a_job_that_comes_back_often_other_runs_are_dropped_when_they_are_over() {
    let formats = Formats::builtin_of(&["logfmt"]);
    let day = 24 * 3_600_000 * MILLI;
    let parsed = formats.parse(formats.id("logfmt"), "msg=ran job_id=nightly-report-7");
    // Each night two entries of a service, and two hours later one of another.
    let at = |entry: i64| entry / 3 * day + [0, MILLI, day / 12][(entry % 3) as usize];
    let key = |entry: i64| RowKey { time: Nanos(at(entry)), source: SourceId(1), entry: entry as u64 };
    for asked in [0, 4, 29, 30, 59] {
        let mut builder = TraceBuilder::new("nightly-report-7", &Rc::default());
        for entry in 0..60 {
            builder.drop_other_times(key(asked), Nanos(at(entry)));
            // That of the entry, the last, and what has just begun.
            assert!(builder.n_entries() <= 9, "{asked} {entry}: {}", builder.n_entries());
            let service = if entry % 3 == 2 { "mail" } else { "web" };
            builder.push(key(entry), service, Severity::INFO, &parsed);
        }
        assert!(builder.n_dropped() >= 51, "{asked}: {}", builder.n_dropped());
        assert_eq!((builder.only_around(key(asked)), builder.n_entries()), (19, 3), "{asked}");
    }
}

#[test]
fn what_the_server_calls_stands_below_the_servers_side_of_a_shared_span() {
    let client = span(1, "", 100, "ask").replace("server", "client");
    let (server, query) = (span(1, "", 60, "answer"), span(2, OF_FIRST, 20, "query"));
    let lines = [(0, "web", &*client), (10, "shop", &*server), (20, "shop", &*query)];
    assert_eq!(
        shown(&bars(&lines)),
        [("ask", 0, 100, 40, true, 0), ("answer", 1, 60, 40, true, 0), ("query", 2, 20, 20, true, 0)]
    );
}

#[test]
fn the_client_of_a_shared_span_calls_the_server_whose_clock_is_behind() {
    let client = span(1, "", 100, "ask").replace("server", "client");
    let (server, query) = (span(1, "", 60, "answer"), span(2, OF_FIRST, 20, "query"));
    let drawn = bars(&[(0, "web", &*client), (-500, "shop", &*server), (-480, "shop", &*query)]);
    let places: Vec<(&str, u32, i64)> =
        drawn.iter().map(|bar| (bar.name.as_str(), bar.depth, bar.start.0 / MILLI)).collect();
    assert_eq!(places, [("ask", 0, 0), ("answer", 1, 20), ("query", 2, 40)]);
}

#[test]
fn an_entry_without_a_span_stands_in_the_narrowest_of_its_service_at_its_time() {
    let (root, inner) = (span(1, "", 100, "get"), span(2, OF_FIRST, 30, "read"));
    let entry = "msg=x trace_id=7f3a9b21c4d5e6f0";
    let lines = [
        (0, "web", &*root),
        (10, "web", &*inner),
        (5, "web", entry),
        (20, "web", entry),
        (30, "web", entry),
        (90, "web", entry),
        (50, "shop", entry),
    ];
    assert_eq!(
        shown(&bars(&lines)),
        [("get", 0, 100, 70, true, 2), ("read", 1, 30, 30, true, 2), ("x", 1, 0, 0, true, 1)]
    );
}

#[test]
fn a_ring_of_parents_is_no_endless_tree() {
    let line = |id: u8, parent: u8| {
        format!(
            r#"{{"msg":"x","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa0000000000000{id}","parent_span_id":"aa0000000000000{parent}"}}"#
        )
    };
    let (a, b) = (line(1, 2), line(2, 1));
    assert_eq!(bars(&[(0, "web", &a), (1, "shop", &b)]).len(), 2);
}

#[test]
fn around_what_is_inferred_bars_are_looked_for_while_there_are_few() {
    let line = |id: u32| format!(r#"{{"msg":"x","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa{id:014}"}}"#);
    let deepest = |n: u32| {
        let texts: Vec<String> = (0..=n).map(line).collect();
        let inner = texts[1..].iter().zip(1..).map(|(text, at)| (at, "shop", &**text));
        let outer = [(0, "web", &*texts[0]), (i64::from(n) + 1, "web", &*texts[0])];
        bars(&outer.into_iter().chain(inner).collect::<Vec<_>>()).iter().map(|bar| bar.depth).max()
    };
    assert_eq!((deepest(9), deepest(5000)), (Some(1), Some(0)));
}

#[test]
fn what_a_clock_that_is_behind_puts_before_its_caller_is_drawn_within_it_and_says_so() {
    let (root, inner) = (span(1, "", 100, "get"), span(2, OF_FIRST, 60, "read"));
    let entry = "msg=found trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000002";
    let drawn = bars(&[(0, "web", &root), (-480, "shop", &inner), (-450, "shop", entry)]);
    let places: Vec<(&str, u32, i64, i64)> =
        drawn.iter().map(|bar| (bar.name.as_str(), bar.depth, bar.start.0 / MILLI, bar.moved_nanos / MILLI)).collect();
    assert_eq!(places, [("get", 0, 0, 0), ("read", 1, 20, 500)]);
    // The entry stays what it is.
    assert_eq!(drawn[1].marks[0].key.time.0 / MILLI, -450);
}

#[test]
fn from_logs_alone_a_clock_is_put_right_where_the_caller_is_named_and_says_when_it_began() {
    let places = |done: &str| {
        let begun = "msg=begun trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000001";
        let done = format!("msg=done {done} trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000001");
        let found = "msg=found duration_ms=20 trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000002 parent_span_id=aa00000000000001";
        let drawn = bars(&[(0, "web", begun), (100, "web", &done), (-440, "shop", found)]);
        let place = |bar: &Bar| (bar.name.clone(), bar.depth, bar.start.0 / MILLI, bar.moved_nanos / MILLI);
        drawn.iter().map(place).collect::<Vec<_>>()
    };
    let begun = || ("begun".to_owned(), 0, 0, 0);
    assert_eq!(places("duration_ms=100"), [begun(), ("found".to_owned(), 1, 40, 500)]);
    // It may have written its first entry after the answer.
    assert_eq!(places("n=1"), [begun(), ("found".to_owned(), 1, -460, 0)]);
}

#[test]
fn data_points_that_have_the_request_as_an_example_are_counted_and_are_no_bars() {
    let formats = Formats::builtin_of(&["metric"]);
    let mut builder = TraceBuilder::new("7F3A9B21C4D5E6F0", &Rc::default());
    let point = |trace: &str, examples: &str| {
        format!(
            r#"{{"time":1,"metric":{{"name":"took","kind":"histogram","count":1}},"trace_id":"{trace}","exemplars":[{examples}]}}"#
        )
    };
    let example = |id: &str| format!(r#"{{"trace_id":"{id}","value":1}}"#);
    let (own, other) = ("7f3a9b21c4d5e6f0", "0f3a9b21c4d5e6f0");
    let of_both = format!("{},{}", example(own), example(other));
    for (entry, line) in [point(own, &example(own)), point(other, &of_both), point(other, "")].iter().enumerate() {
        let key = RowKey { time: Nanos(1), source: SourceId(1), entry: entry as u64 };
        builder.push(key, "web", Severity::INFO, &formats.parse(formats.id("metric"), line));
    }
    assert_eq!((builder.n_points(), builder.bars().len()), (2, 0));
}
