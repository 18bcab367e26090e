//! One small system for each drift, the same without it, and what must hold for all.

use model::drift::{DriftKind, DriftReport};
use model::entry::{RowKey, SourceId};
use model::meaning::{Meaning, Meanings};
use model::severity::Severity;
use model::time::Nanos;
use proptest::prelude::*;

use super::{Gatherer, Sighting};
use crate::format::Formats;

const MILLI: i64 = 1_000_000;

/// Lines `at_ms service text`; a text that begins with `{` is JSON, another has `key=value` pairs.
fn gather<'l>(lines: impl IntoIterator<Item = &'l str>) -> DriftReport {
    let formats = Formats::builtin_of(&["json", "logfmt", "span", "metric"]);
    let mut gatherer = Gatherer::default();
    for line in lines {
        let (at, rest) = line.trim().split_once(' ').unwrap();
        let (service, text) = rest.split_once(' ').unwrap();
        let at: i64 = at.parse().unwrap();
        let id = formats.id(match text {
            _ if text.contains("\"span\":") => "span",
            _ if text.contains("\"metric\":") => "metric",
            _ if text.starts_with('{') => "json",
            _ => "logfmt",
        });
        let severity = if text.contains("level=error") { Severity::ERROR } else { Severity::INFO };
        let source = SourceId(service.bytes().map(u32::from).sum());
        let key = RowKey { time: Nanos(at * MILLI + 1), source, entry: at as u64 };
        gatherer.push(Sighting { key, service, severity, parsed: &formats.parse(id, text) });
    }
    gatherer.report()
}

/// `lines` of 40 requests: `{t}` is when each begins, in milliseconds, `{id}` its trace id, `{n}` its number, `{odd}` another
/// trace id where the number is odd, else the same.
fn requests(lines: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for n in 0..40_u64 {
        for line in lines {
            let (at, rest) = line.split_once(' ').unwrap();
            let at: u64 = 100_000 + n * 1000 + at.parse::<u64>().unwrap();
            let id = format!("{:032x}", 0x7f3a_9b21_0000_0001_u128 + u128::from(n) * 77_777);
            let with = if n % 2 == 0 { format!("trace_id={id}") } else { String::new() };
            let rest =
                rest.replace("{id}", &id).replace("{maybe}", &with).replace("{n}", &format!("{:05}", 20_000 + n));
            all.push(format!("{at} {rest}"));
        }
    }
    all
}

fn kinds(lines: &[&str]) -> Vec<(DriftKind, Vec<String>)> {
    let all = requests(lines);
    let report = gather(all.iter().map(String::as_str));
    let has_sides = report
        .drifts
        .iter()
        .all(|drift| drift.n > 0 && drift.n <= drift.of && drift.sides.iter().any(|side| !side.examples.is_empty()));
    assert!(has_sides, "{:#?}", report.drifts);
    report.drifts.into_iter().map(|drift| (drift.kind, drift.services)).collect()
}

fn found(kind: DriftKind, services: &[&str]) -> Vec<(DriftKind, Vec<String>)> {
    vec![(kind, services.iter().map(|service| (*service).to_owned()).collect())]
}

const SHOP: &str = "0 shop msg=\"order taken\" order=ord-{n} trace_id={id}";

#[test]
fn an_id_that_is_there_at_times_is_lost_at_others() {
    let lost = kinds(&[SHOP, "10 pay msg=\"charged\" order=ord-{n} {maybe}"]);
    assert_eq!(lost, found(DriftKind::LostId, &["pay"]));
    // What no request shares may be written outside of requests too.
    assert_eq!(kinds(&[SHOP, "10 pay msg=\"cache swept\" {maybe}"]), []);
    assert_eq!(kinds(&[SHOP, "10 pay msg=\"charged\" order=ord-{n} trace_id={id}"]), []);
}

#[test]
fn an_id_that_is_given_again_after_long_is_of_another_request() {
    let lines = |name: &str| {
        let again = |hour: i64| {
            (0..40).flat_map(move |n| {
                let at = hour * 3_600_000 + n * 1000;
                [
                    format!("{at} shop msg=in request_id={name}{n:02}"),
                    format!("{} pay msg=out request_id={name}{n:02}", at + 5),
                ]
            })
        };
        (0..3).flat_map(again).collect::<Vec<String>>()
    };
    let n_requests = |name: &str| gather(lines(name).iter().map(String::as_str)).looked_at.n_requests;
    assert_eq!(n_requests("req-1000"), 120, "a counter that begins anew each hour");
    assert_eq!(n_requests("7f3a9b21c4d5e6"), 40, "an id at random");
}

#[test]
fn who_is_called_with_an_id_and_writes_none_has_lost_it() {
    let call = "5 shop msg=\"call finished\" peer=pay:80 order=ord-{n} trace_id={id}";
    let lost = kinds(&[call, "4 pay msg=\"charged\" order=ord-{n}"]);
    assert_eq!(lost, found(DriftKind::LostId, &["pay"]));
    assert_eq!(kinds(&[SHOP, "4 proxy msg=\"passed on\" order=ord-{n}"]), [], "nobody calls the proxy");
}

#[test]
fn an_id_is_lost_within_one_service() {
    let asked = "0 shop msg=\"order taken\" order=ord-{n} trace_id={id}";
    let ended = "9 shop msg=\"order placed\" order=ord-{n} trace_id={id}";
    let lost = found(DriftKind::LostId, &["shop"]);
    assert_eq!(kinds(&[asked, "5 shop msg=\"stock reserved\" order=ord-{n}", ended]), lost);
    // What is written later may be a job of its own.
    assert_eq!(kinds(&[asked, ended, "500 shop msg=\"mail sent\" order=ord-{n}"]), []);
    // Nor is it of the request because another service is at it.
    assert_eq!(
        kinds(&[
            "0 web msg=in order=ord-{n} trace_id={id}",
            "5 shop msg=\"stock reserved\" order=ord-{n}",
            "9 web msg=out order=ord-{n} trace_id={id}"
        ]),
        []
    );
}

#[test]
fn spans_whose_parent_nobody_sent_are_orphans() {
    let span = |at: u32, service: &str, id: u32, parent: u32| {
        format!(
            r#"{at} {service} {{"time":1,"span":{{"name":"x","kind":"server","duration_ms":5}},"trace_id":"{{id}}","span_id":"aa000000000000{id:02}","parent_span_id":"aa000000000000{parent:02}"}}"#
        )
    };
    let (root, child, orphan) = (span(0, "web", 1, 99), span(1, "cart", 2, 1), span(2, "stock", 3, 7));
    assert_eq!(kinds(&[&root, &child, &orphan]), found(DriftKind::LostId, &["stock"]));
    assert_eq!(kinds(&[&root, &child]), [], "the first may be called from outside");
}

#[test]
fn one_outcome_has_one_word() {
    let words = |word: &str| {
        let pay = format!("10 pay msg=charged paymentStatus={word} trace_id={{id}}");
        kinds(&["5 shop msg=paid payment_status=paid trace_id={id}", &pay])
    };
    assert_eq!(words("CAPTURED"), found(DriftKind::Status, &["pay", "shop"]));
    assert_eq!(words("PAID"), []);
    let metric = |word: &str| {
        let point = format!(
            r#"10 pay {{"time":1,"metric":{{"name":"paid","kind":"counter"}},"attributes":{{"payment_status":"{word}"}}}}"#
        );
        kinds(&["5 shop msg=paid payment_status=paid trace_id={id}", &point])
    };
    assert_eq!(metric("success"), found(DriftKind::Status, &["pay", "shop"]));
    assert_eq!(metric("Paid"), []);
}

#[test]
fn words_of_metrics_that_are_split_in_part_are_told() {
    let point = |word: &str| {
        format!(
            r#"10 pay {{"time":1,"metric":{{"name":"paid","kind":"counter"}},"attributes":{{"payment_status":"{word}"}}}}"#
        )
    };
    let log = |word: &str, n: u32| format!("{n} shop msg=paid payment_status={word} order={n}");
    let (paid, failed) = (log("paid", 5), log("failed", 6));
    let (success, failed_points) = (point("success"), point("failed"));
    let report = report_of(&[&paid, &failed, &success, &failed_points]);
    let [drift] = &report.drifts[..] else { panic!("{:#?}", report.drifts) };
    assert_eq!((drift.kind, drift.n, drift.of), (DriftKind::Status, 40, 80));
    assert!(drift.what.contains("“success” here, “paid” there"), "{}", drift.what);
    assert_eq!(drift.mends[0].words, [("success".to_owned(), vec!["paid".to_owned()])]);
    // One side has seen more than the other, in the same words.
    assert_eq!(report_of(&[&paid, &failed, &point("paid")]).drifts, []);
    // What is rare the other may not have seen.
    let mut lines = requests(&[&paid, &point("paid")]);
    lines.extend(["5 shop msg=paid payment_status=refunded".to_owned(), point("expired")]);
    assert_eq!(gather(lines.iter().map(String::as_str)).drifts, []);
}

fn report_of(lines: &[&str]) -> DriftReport {
    let all = requests(lines);
    gather(all.iter().map(String::as_str))
}

#[test]
fn an_outcome_with_two_words_is_one_where_a_mapping_table_says_so() {
    let shop = "5 shop msg=paid payment_status=paid trace_id={id}";
    let report = report_of(&[shop, "10 pay msg=charged paymentStatus=CAPTURED trace_id={id}"]);
    let mut table = Meanings::default();
    let suggested = report.suggested(&table);
    let [meaning] = &suggested[..] else { panic!("{suggested:?}") };
    assert_eq!(meaning.name, "payment.status");
    assert_eq!(meaning.logs, ["paymentStatus", "payment_status"]);
    assert_eq!(meaning.values, [["CAPTURED", "paid"]]);
    assert_eq!(report.drifts[0].covered_by(&table), None);
    // What it is called is the user's affair.
    table.add(Meaning { name: "order.outcome".to_owned(), ..meaning.clone() });
    assert_eq!(report.drifts[0].covered_by(&table).map(|rows| rows.len()), Some(1));
    assert_eq!(report.suggested(&table), []);
    // Names alone do not make one word of two.
    table.rows[0].values.clear();
    assert_eq!(report.drifts[0].covered_by(&table), None);
}

#[test]
fn a_contradiction_is_not_taken_for_another_word() {
    // Every second payment failed, of which the shop knows nothing.
    let mut lines = requests(&["5 shop msg=paid payment_status=paid trace_id={id}"]);
    for (n, line) in requests(&["10 pay msg=charged payment_status=WORD trace_id={id}"]).into_iter().enumerate() {
        lines.push(line.replace("WORD", if n % 2 == 0 { "paid" } else { "failed" }));
    }
    let report = gather(lines.iter().map(String::as_str));
    assert_eq!(report.drifts.len(), 1, "{:#?}", report.drifts);
    let mend = &report.drifts[0].mends[0];
    assert_eq!(mend.meaning.values, Vec::<Vec<String>>::new());
    assert_eq!(mend.row_in(&Meanings { rows: vec![mend.meaning.clone()] }), None);
}

#[test]
fn words_of_metrics_are_for_somebody_who_knows_them_to_map() {
    let point =
        r#"10 pay {"time":1,"metric":{"name":"paid","kind":"counter"},"attributes":{"payment_status":"success"}}"#;
    let report = report_of(&["5 shop msg=paid payment_status=paid trace_id={id}", point]);
    let mend = report.drifts[0].mends[0].clone();
    assert_eq!(mend.meaning.metrics, ["attributes.payment_status"]);
    assert_eq!(mend.meaning.values, Vec::<Vec<String>>::new());
    let mut table = Meanings { rows: vec![mend.meaning.clone()] };
    assert_eq!(report.drifts[0].covered_by(&table), None);
    table.rows[0].values = vec![vec!["paid".to_owned(), "Success".to_owned()]];
    assert!(report.drifts[0].covered_by(&table).is_some());
}

#[test]
fn names_that_were_replaced_are_rows_of_a_mapping_table() {
    let span = |name: &str| {
        format!(
            r#"0 web {{"time":1,"span":{{"name":"x","kind":"server"}},"trace_id":"{{id}}","attributes":{{"{name}":"GET"}}}}"#
        )
    };
    let report = report_of(&[&span("http.method"), &span("http.target")]);
    let suggested = report.suggested(&Meanings::default());
    let [meaning] = &suggested[..] else { panic!("the target became two: {suggested:?}") };
    assert_eq!(meaning.name, "http.request.method");
    assert_eq!(meaning.spans, ["attributes.http.request.method", "attributes.http.method"]);
}

#[test]
fn the_offset_that_puts_a_clock_right_is_told_of_sources_that_are_its_own() {
    // Each service has a source of its own here.
    let call = "100 shop msg=\"call finished\" peer=stock:80 duration_ms=50 trace_id={id}";
    let report = report_of(&[call, "20 stock msg=served trace_id={id}"]);
    let offset = report.drifts[0].offset.clone().expect("its source is its own");
    let stock = SourceId("stock".bytes().map(u32::from).sum());
    assert_eq!((offset.offset_nanos, offset.sources), (55 * MILLI, vec![stock]));
    assert_eq!(report_of(&[call, "75 stock msg=served trace_id={id}"]).drifts, [], "put right");
    let report = report_of(&[call, "700 stock msg=served trace_id={id}"]);
    assert_eq!(report.drifts[0].offset.as_ref().map(|offset| offset.offset_nanos), Some(-625 * MILLI));

    // In a source of both the times of the other would move, too.
    let formats = Formats::builtin_of(&["logfmt"]);
    let mut gatherer = Gatherer::default();
    for line in requests(&[call, "20 stock msg=served trace_id={id}"]) {
        let (at, rest) = line.split_once(' ').unwrap();
        let (service, text) = rest.split_once(' ').unwrap();
        let at: i64 = at.parse().unwrap();
        let key = RowKey { time: Nanos(at * MILLI + 1), source: SourceId(1), entry: at as u64 };
        let parsed = formats.parse(formats.id("logfmt"), text);
        gatherer.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed });
    }
    let report = gatherer.report();
    assert_eq!(report.drifts.len(), 1);
    let offset = report.drifts[0].offset.clone().expect("why there is none to choose is told");
    assert_eq!((offset.sources, offset.shared), (vec![], vec![SourceId(1)]));
}

#[test]
fn a_clock_that_is_behind_has_calls_begin_before_their_cause() {
    let call = "100 shop msg=\"call finished\" peer=stock:80 duration_ms=50 trace_id={id}";
    assert_eq!(kinds(&[call, "80 stock msg=served trace_id={id}"]), []);
    assert_eq!(kinds(&[call, "20 stock msg=served trace_id={id}"]), found(DriftKind::Clock, &["stock", "shop"]));
    assert_eq!(kinds(&[call, "700 stock msg=served trace_id={id}"]), found(DriftKind::Clock, &["stock", "shop"]));
    let all = requests(&[call, "20 stock msg=served trace_id={id}"]);
    let report = gather(all.iter().map(String::as_str));
    assert!(report.drifts[0].what.contains("stock is about 55 ms behind that of shop"), "{}", report.drifts[0].what);
}

#[test]
fn what_a_consumer_writes_without_the_id_has_lost_its_context() {
    let published = "0 shop msg=\"message published\" topic=orders order=ord-{n} trace_id={id}";
    let received = "10 ship msg=\"message received\" topic=orders order=ord-{n} trace_id={id}";
    assert_eq!(
        kinds(&[published, received, "20 ship msg=packed order=ord-{n}"]),
        found(DriftKind::LostContext, &["ship"])
    );
    assert_eq!(kinds(&[published, received, "20 ship msg=\"rates refreshed\" n={n}"]), []);
}

#[test]
fn work_that_begins_after_its_parent_ended_has_lost_its_context() {
    let span = |at: u32, id: u32, parent: &str, kind: &str| {
        format!(
            r#"{at} web {{"time":1,"span":{{"name":"x","kind":"{kind}","duration_ms":5}},"trace_id":"{{id}}","span_id":"aa0000000000000{id}"{parent}}}"#
        )
    };
    let parent = r#","parent_span_id":"aa00000000000001""#;
    let root = span(0, 1, "", "server");
    assert_eq!(kinds(&[&root, &span(50, 2, parent, "internal")]), found(DriftKind::LostContext, &["web"]));
    assert_eq!(kinds(&[&root, &span(50, 2, parent, "consumer")]), []);
    assert_eq!(kinds(&[&root, &span(3, 2, parent, "internal")]), []);
    let linked = format!(r#"{parent},"links":[{{"trace_id":"{{id}}","span_id":"aa00000000000001"}}]"#);
    assert_eq!(kinds(&[&root, &span(50, 2, &linked, "internal")]), []);
}

#[test]
fn one_service_has_one_name() {
    let named = kinds(&[
        "0 pay msg=x",
        "1 payment-service msg=y",
        "2 payment-svc-v2 msg=y",
        "3 payment msg=z",
        "4 payment msg=z",
    ]);
    assert_eq!(named, found(DriftKind::Names, &["payment"]));
    let pods = ["0 pay-5c67c48447-fj8b7 msg=x", "1 pay-5c67c48447-xk2mz msg=x", "2 pay msg=y", "3 pay-access msg=y"];
    assert_eq!(kinds(&pods), []);
}

#[test]
fn a_score_has_all_names_that_entries_of_its_service_have() {
    let report = gather(["0 pay-5c67c48447-fj8b7 msg=x", "2 pay msg=y"]);
    let scores: Vec<_> = report.services.iter().map(|score| (&*score.service, score.names.join(" "))).collect();
    assert_eq!(scores, [("pay", "pay pay-5c67c48447-fj8b7".to_owned())]);
}

#[test]
fn a_failure_is_one_in_every_signal() {
    let failed = "10 web msg=served status=503 trace_id={id}";
    assert_eq!(kinds(&[failed]), found(DriftKind::Errors, &["web"]));
    assert_eq!(kinds(&[failed, "9 web msg=lost level=error trace_id={id}"]), []);
    assert_eq!(kinds(&["10 web msg=served status=404 trace_id={id}"]), []);
}

#[test]
fn status_log_and_span_are_compared_two_and_two() {
    let check = |status: u32, level: &str, span_status: &str, more: &str, expected: &[&str]| {
        let span = format!(
            r#"0 web {{"time":1,"span":{{"name":"GET /","kind":"server","duration_ms":100,"status":"{span_status}"}},"trace_id":"{{id}}","span_id":"aa00000000000001","attributes":{{"http.response.status_code":{status}}}}}"#
        );
        let log = format!("90 web msg=finished level={level} {more} trace_id={{id}}");
        let report = report_of(&[&span, &log]);
        assert!(report.drifts.iter().all(|drift| (drift.kind, drift.n, drift.of) == (DriftKind::Errors, 40, 40)));
        let sides = report.drifts.iter().map(|drift| drift.sides.iter().map(|side| &*side.name).collect::<Vec<_>>());
        let sides: Vec<String> = sides.map(|sides| sides.join(" / ")).collect();
        assert_eq!(sides, expected, "{status} {level} {span_status}");
    };
    let status_log = "web, by its status / web, by its log";
    let status_span = "web, by its status / web, by its span";
    check(200, "info", "ok", "", &[]);
    check(500, "error", "error", "", &[]);
    check(500, "error", "ok", "", &[status_span]);
    check(200, "error", "ok", "", &[status_log]);
    check(200, "info", "error", "", &[status_span]);
    check(500, "info", "error", "", &[status_log]);
    check(200, "info", "ok", "grpc_status=14", &[status_log, status_span]);
    check(200, "info", "ok", "grpc_status=5", &[]);
    check(200, "error", "error", "grpc_status=UNAVAILABLE", &[]);
}

#[test]
fn what_calls_a_failure_none_is_what_has_to_change() {
    let fix = |status: &str, level: &str, span_status: &str| {
        let status = if status.is_empty() { String::new() } else { format!(r#""http.response.status_code":{status}"#) };
        let span = format!(
            r#"0 web {{"time":1,"span":{{"name":"work","kind":"server","duration_ms":100,"status":"{span_status}"}},"trace_id":"{{id}}","span_id":"aa00000000000001","attributes":{{{status}}}}}"#
        );
        let report = report_of(&[&span, &format!("90 web msg=finished level={level} trace_id={{id}}")]);
        report.drifts.into_iter().map(|drift| drift.fix).collect::<Vec<_>>()
    };
    let log_less = "Log what web answers with a failure as an error, and what it answers well as less.";
    assert_eq!(fix("500", "info", "error"), [log_less]);
    let answer = "Let web answer with a failure where its log and its span have an error, or make an error of neither.";
    assert_eq!(fix("200", "error", "error"), [answer, answer]);
    let in_log = "Log an error where the span of web has the status error, and only there.";
    assert_eq!(fix("", "info", "error"), [in_log]);
    let in_span = "Set the status of the span to error where the log of web has an error, and only there.";
    assert_eq!(fix("", "error", "ok"), [in_span]);
}

#[test]
fn an_error_that_a_request_gets_over_is_no_disagreement() {
    let (failed, done) = (
        "10 web msg=\"stock unknown, page shown without it\" level=error trace_id={id}",
        "20 web msg=served status=200 trace_id={id}",
    );
    assert_eq!(kinds(&[failed, done]), []);
    // Another attempt, and what somebody else answered.
    assert_eq!(kinds(&["10 web msg=called status=503 attempt=1 trace_id={id}", done]), []);
    let of_stock = "30 web msg=called peer=stock:80 status=503 trace_id={id}";
    assert_eq!(kinds(&[of_stock, "25 stock msg=lost level=error status=503 trace_id={id}"]), []);
    // A call that failed and was made again.
    let span = |at: u32, id: u32, more: &str| {
        format!(
            r#"{at} web {{"time":1,"span":{{"name":"x",{more}}},"trace_id":"{{id}}","span_id":"aa0000000000000{id}","parent_span_id":"aa0000000000000{}"}}"#,
            id / 2
        )
    };
    let call = span(2, 2, r#""kind":"client","duration_ms":1,"status":"error""#);
    let served = span(0, 1, r#""kind":"server","duration_ms":30"#);
    assert_eq!(kinds(&[&served, &call, done]), []);
}

#[test]
fn names_that_were_replaced_are_told_with_those_of_today() {
    let span = |name: &str| {
        format!(
            r#"0 web {{"time":1,"span":{{"name":"x","kind":"server"}},"trace_id":"{{id}}","attributes":{{"{name}":"GET"}}}}"#
        )
    };
    assert_eq!(kinds(&[&span("http.method")]), found(DriftKind::OldNames, &["web"]));
    assert_eq!(kinds(&[&span("http.request.method")]), []);
}

#[test]
fn names_of_metrics_that_were_replaced_are_told() {
    let point = |name: &str| {
        format!(
            r#"0 web {{"time":1,"metric":{{"name":"{name}","kind":"histogram","count":{{n}}}},"attributes":{{"a":"b"}}}}"#
        )
    };
    let report = report_of(&[&point("http.server.duration")]);
    let [drift] = &report.drifts[..] else { panic!("{:#?}", report.drifts) };
    assert_eq!((drift.kind, drift.n, drift.of), (DriftKind::OldNames, 40, 40));
    assert!(drift.what.contains("http.server.duration is http.server.request.duration today"), "{}", drift.what);
    // It is no field that a mapping table could map.
    assert_eq!(drift.mends, []);
    assert_eq!(kinds(&[&point("http.server.request.duration")]), []);
    assert_eq!(kinds(&["0 web msg=http.server.duration"]), [], "no metric");
}

#[test]
fn names_that_were_replaced_are_told_once_of_a_service_with_two_names() {
    let span = |service: &str| {
        format!(
            r#"0 {service} {{"time":1,"span":{{"name":"x","kind":"server"}},"trace_id":"{{id}}","attributes":{{"http.method":"GET"}}}}"#
        )
    };
    let report = report_of(&[&span("pay"), &span("pay-svc-v2")]);
    let old: Vec<_> = report.drifts.iter().filter(|drift| drift.kind == DriftKind::OldNames).collect();
    assert_eq!(old.iter().map(|drift| (drift.n, drift.of)).collect::<Vec<_>>(), [(80, 80)]);
}

#[test]
fn whole_seconds_matter_where_they_meet_finer_stamps() {
    let formats = Formats::builtin_of(&["logfmt"]);
    let report = |fine: i64| {
        let mut gatherer = Gatherer::default();
        for n in 0..40_i64 {
            for (service, after) in [("slow", 0), ("fast", fine)] {
                let key = RowKey { time: Nanos(n * 1_000_000_000 + after), source: SourceId(1), entry: n as u64 };
                let text = format!("msg=x trace_id=7f3a9b21c4d5e6{:02x}", n + 1);
                let parsed = formats.parse(formats.id("logfmt"), &text);
                gatherer.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed });
            }
        }
        gatherer.report().drifts
    };
    let drifts = report(250 * MILLI);
    assert_eq!((drifts.len(), drifts[0].kind, &*drifts[0].services[0]), (1, DriftKind::Clock, "slow"));
    assert_eq!(report(0), [], "nobody is finer");
}

#[test]
fn whole_milliseconds_matter_where_others_do_something_in_the_same_ones() {
    let formats = Formats::builtin_of(&["logfmt"]);
    let report = |after_nanos: i64, unit: i64| {
        let mut gatherer = Gatherer::default();
        for n in 0..40_i64 {
            let at = 1_000_000_000 * n + (n + 1) * MILLI;
            for (service, time) in [("slow", (at + after_nanos) / unit * unit), ("fast", at + 123_456)] {
                let key = RowKey { time: Nanos(time), source: SourceId(1), entry: n as u64 };
                let text = format!("msg=x trace_id=7f3a9b21c4d5e6{:02x}", n + 1);
                let parsed = formats.parse(formats.id("logfmt"), &text);
                gatherer.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed });
            }
        }
        gatherer.report().drifts
    };
    let told = |drifts: &[model::drift::Drift]| {
        drifts.iter().map(|drift| (drift.kind, drift.services.join(" "), drift.n, drift.of)).collect::<Vec<_>>()
    };
    let close = (DriftKind::Clock, "slow".to_owned(), 40, 40);
    let drifts = report(0, MILLI);
    assert_eq!(told(&drifts), std::slice::from_ref(&close));
    assert!(drifts[0].what.contains("with whole ms, and in 100 % of those"), "{}", drifts[0].what);
    assert_eq!(told(&report(123_100, 1_000)), [close], "within one microsecond");
    assert_eq!(report(5 * MILLI, MILLI), [], "milliseconds apart");
    assert_eq!(report(1, 1), [], "as fine as the other");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_order_of_reading_changes_nothing(seed: u64) {
        let lines = requests(&[
            SHOP,
            "10 pay msg=\"charged\" order=ord-{n} payment_status=DONE {maybe}",
            "12 shop msg=paid payment_status=paid trace_id={id}",
            "20 ship msg=\"message received\" topic=orders order=ord-{n} trace_id={id}",
            "30 ship-svc msg=packed order=ord-{n}",
            "40 web msg=served status=500 trace_id={id}",
        ]);
        let expected = gather(lines.iter().map(String::as_str));
        let mut shuffled: Vec<&str> = lines.iter().map(String::as_str).collect();
        shuffled.sort_by_key(|line| crate::quick_hash::hash_of(format!("{seed}{line}").as_bytes()));
        prop_assert_eq!(gather(shuffled), expected);
    }
}
