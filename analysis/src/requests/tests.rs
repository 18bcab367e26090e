//! Small requests, as they are listed.

use super::*;
use crate::format::Formats;
use model::entry::SourceId;
use model::severity::Severity;

const MILLI: i64 = 1_000_000;

/// Milliseconds, service, line.
fn count(lines: &[(i64, &str, String)]) -> RequestCount {
    count_into(RequestCount::default(), lines)
}

fn count_into(mut count: RequestCount, lines: &[(i64, &str, String)]) -> RequestCount {
    let formats = Formats::builtin_of(&["json", "logfmt"]);
    for (entry, (at, service, text)) in lines.iter().enumerate() {
        let parsed = formats.parse(formats.id(if text.starts_with('{') { "json" } else { "logfmt" }), text);
        let key = RowKey { time: Nanos(at * MILLI), source: SourceId(1), entry: entry as u64 };
        let severity = if text.contains("failed") { Severity::ERROR } else { Severity::INFO };
        count.push(Sighting { key, service, severity, parsed: &parsed }, !text.contains("hidden"));
    }
    count
}

fn span(trace: u32, parent: bool, millis: u32, name: &str) -> String {
    let parent = if parent { r#","parent_span_id":"aa00000000000001""# } else { "" };
    format!(
        r#"{{"span":{{"kind":"server","duration_ms":{millis}}},"msg":"{name}","trace_id":"7f3a9b21c4d5e6{trace:02}","span_id":"aa00000000000002"{parent}}}"#
    )
}

#[test]
fn a_request_reaches_from_its_first_beginning_to_its_last_end_and_is_called_by_its_root() {
    let lines = [
        (10, "stock", span(1, true, 300, "read")),
        (0, "web", span(1, false, 100, "GET /cart")),
        (400, "mail", "msg=failed trace_id=7F3A9B21C4D5E601".to_owned()),
        (5, "web", span(2, false, 7, "GET /hidden")),
        (6, "web", "msg=none".to_owned()),
    ];
    let requests = count(&lines).requests(RequestOrder::Slowest, None, 10);
    let [line] = &requests.lines[..] else { panic!("one is found: {requests:?}") };
    assert_eq!((&*line.name, &*line.service, line.nanos / MILLI), ("GET /cart", "web", 400));
    assert_eq!((line.n_spans, line.n_entries, line.n_errors, line.n_services), (2, 1, 1, 3));
    assert_eq!((line.key.entry, requests.n_requests, requests.n_failed), (1, 1, 1));
}

#[test]
fn an_id_is_one_with_the_zeros_it_begins_with_and_without_them() {
    let lines = [
        (0, "web", "msg=got trace_id=7f3a9b21c4d5e601".to_owned()),
        (9, "shop", "msg=got trace_id=00000000000000007F3A9B21C4D5E601".to_owned()),
    ];
    let requests = count(&lines).requests(RequestOrder::Slowest, None, 10);
    assert_eq!((requests.lines.len(), &*requests.lines[0].id), (1, "00000000000000007f3a9b21c4d5e601"));
}

#[test]
fn what_a_service_has_under_half_of_the_id_is_of_the_request_unless_it_is_the_half_of_several() {
    let line = |id: &str, text: &str| format!("msg={text} trace_id={id}");
    let (whole, other) = ("4bf92f3577b34da65af7183fb1d4cf5f", "0ad1348f140316925af7183fb1d4cf5f");
    // The half first, as Datadog's number.
    let mut lines = vec![
        (0, "shop", line("6554734444506566495", "got")),
        (5, "web", line(whole, "hidden")),
        (9, "mail", line("5af7183fb1d4cf5f", "failed")),
    ];
    let requests = count(&lines).requests(RequestOrder::Slowest, None, 10);
    let [one] = &requests.lines[..] else { panic!("one request: {requests:?}") };
    assert_eq!((&*one.id, one.nanos / MILLI, one.n_entries, one.n_services), (whole, 9, 3, 3));
    assert_eq!((one.n_errors, requests.n_requests, requests.n_failed), (1, 1, 1));
    lines.push((7, "web", line(other, "got")));
    let requests = count(&lines).requests(RequestOrder::Slowest, None, 10);
    let shown: Vec<(&str, u64)> = requests.lines.iter().map(|line| (&*line.id, line.n_entries)).collect();
    assert_eq!(shown, [("5af7183fb1d4cf5f", 2), (other, 1)]);
}

#[test]
fn an_id_that_comes_back_after_long_is_another_request_in_whatever_order_entries_come() {
    const HOUR: i64 = 3_600_000;
    let job = |at: i64| (at, "web", "msg=ran job_id=nightly-report-7".to_owned());
    let random = |at: i64| (at, "web", "msg=ran trace_id=7f3a9b21c4d5e601".to_owned());
    let at = [0, 5, HOUR / 3, 24 * HOUR, 24 * HOUR + 7, 2 * HOUR / 3];
    let shown = |at: &[i64]| {
        let lines: Vec<_> = at.iter().map(|&at| job(at)).chain([random(0), random(9 * HOUR)]).collect();
        let requests = count(&lines).requests(RequestOrder::Latest, None, 10);
        let lines = requests.lines.iter().map(|line| (line.start.0 / MILLI, line.nanos / MILLI, line.n_entries));
        (lines.collect::<Vec<_>>(), requests.n_again)
    };
    let expected = vec![(24 * HOUR, 7, 2), (0, 9 * HOUR, 2), (0, 2 * HOUR / 3, 4)];
    let mut backwards = at;
    backwards.reverse();
    for order in [at, backwards, [at[5], at[0], at[4], at[1], at[3], at[2]]] {
        assert_eq!(shown(&order), (expected.clone(), 2), "{order:?}");
    }
}

#[test]
fn what_another_service_has_under_the_id_hours_later_is_of_the_same_request() {
    const HOUR: i64 = 3_600_000;
    let line = |at: i64, service: &'static str| (at, service, "msg=ran job_id=nightly-report-7".to_owned());
    let mut lines = vec![line(0, "web"), line(2 * HOUR, "mail"), line(24 * HOUR, "web"), line(26 * HOUR, "mail")];
    for _ in 0..2 {
        let requests = count(&lines).requests(RequestOrder::Latest, None, 10);
        let shown = requests.lines.iter().map(|line| (line.start.0 / MILLI, line.nanos / MILLI, line.n_services));
        assert_eq!(shown.collect::<Vec<_>>(), [(24 * HOUR, 2 * HOUR, 2), (0, 2 * HOUR, 2)]);
        assert_eq!((requests.n_requests, requests.n_again), (2, 2));
        lines.reverse();
    }
    // Nothing waits for two days.
    let requests = count(&[line(0, "web"), line(48 * HOUR, "mail")]).requests(RequestOrder::Latest, None, 10);
    assert_eq!((requests.n_requests, requests.n_again), (2, 2));
}

#[test]
fn pods_are_one_service_here_as_in_the_waterfall() {
    let line = || "msg=got trace_id=7f3a9b21c4d5e601".to_owned();
    let lines = [(0, "cart-5c67c48447-fj8b7", line()), (1, "cart-5c67c48447-2k8xw", line())];
    let requests = count(&lines).requests(RequestOrder::Slowest, None, 10);
    assert_eq!((&*requests.lines[0].service, requests.lines[0].n_services), ("cart", 1));
}

#[test]
fn names_of_one_service_are_one_and_the_user_has_the_last_word() {
    let line = || "msg=got trace_id=7f3a9b21c4d5e601".to_owned();
    let lines = [(0, "payment-svc-v2", line()), (1, "payment", line()), (2, "till", line())];
    let services = |naming: Naming| {
        let mut counting = RequestCount::default();
        counting.call_by(&Rc::new(naming));
        let requests = count_into(counting, &lines).requests(RequestOrder::Slowest, None, 10);
        (requests.lines[0].service.clone(), requests.lines[0].n_services)
    };
    assert_eq!(services(Naming::default()), ("payment".to_owned(), 2));
    let mut naming = Naming::default();
    naming.join(["till"], "payment");
    assert_eq!(services(naming.clone()), ("payment".to_owned(), 1));
    naming.part("payment-svc-v2");
    assert_eq!(services(naming), ("payment-svc-v2".to_owned(), 2));
}

#[test]
fn those_of_a_duration_are_listed_in_the_order_asked_for() {
    let lines: Vec<_> = (0..50).map(|i| (i * 10, "web", span(i as u32, false, 100 - i as u32, "get"))).collect();
    let count = count(&lines);
    let listed = |order, took| {
        let requests = count.requests(order, took, 3);
        let millis: Vec<i64> = requests.lines.iter().map(|line| line.nanos / MILLI).collect();
        (millis, requests.n_within, requests.n_requests)
    };
    assert_eq!(listed(RequestOrder::Slowest, None), (vec![100, 99, 98], 50, 50));
    assert_eq!(listed(RequestOrder::Latest, None), (vec![51, 52, 53], 50, 50));
    assert_eq!(listed(RequestOrder::Slowest, Some((60 * MILLI, 70 * MILLI))), (vec![69, 68, 67], 10, 50));
}

#[test]
fn a_request_lasts_as_long_as_its_waterfall_where_a_clock_is_behind() {
    let trace = "7f3a9b21c4d5e601";
    let lines = [
        (0, "web", span(1, false, 100, "get").replace("aa00000000000002", "aa00000000000001")),
        (-480, "shop", span(1, true, 60, "read")),
        (-450, "shop", format!("msg=found trace_id={trace} span_id=aa00000000000002")),
        // Written when its span had ended.
        (130, "web", format!("msg=answered trace_id={trace} span_id=aa00000000000001")),
        (5, "web", span(2, false, 7, "get")),
        (14, "web", "msg=answered trace_id=7f3a9b21c4d5e602".to_owned()),
    ];
    let mut count = count(&lines);
    let written = |count: &RequestCount| {
        let requests = count.requests(RequestOrder::Latest, None, 10);
        let line = |line: RequestLine| (line.start.0 / MILLI, line.nanos / MILLI, line.moved);
        requests.lines.into_iter().map(line).collect::<Vec<_>>()
    };
    let none: Vec<(String, i64)> = Vec::new();
    assert_eq!(written(&count), [(5, 9, none.clone()), (-480, 610, none.clone())]);
    let place = |count: &mut RequestCount| {
        let mut placing = Placing::default();
        while placing.step(count, 1) {}
        assert!(count.is_placed());
    };
    place(&mut count);
    let found = written(&count);
    assert_eq!(found, [(5, 9, none.clone()), (0, 100, vec![("shop".to_owned(), 500 * MILLI)])]);
    // What comes later changes its own request alone.
    let late = [(1, "web", "msg=begun trace_id=7f3a9b21c4d5e602".to_owned())];
    let mut count = count_into(count, &late);
    assert!(!count.is_placed());
    assert_eq!(written(&count), [(1, 13, none), found[1].clone()]);
    let before = written(&count);
    place(&mut count);
    assert_eq!(written(&count), before);
    // The waterfall itself.
    let formats = Formats::builtin_of(&["json", "logfmt"]);
    let mut builder = crate::topology::TraceBuilder::new(trace, &Rc::default());
    for (entry, (at, service, text)) in lines.iter().enumerate() {
        let parsed = formats.parse(formats.id(if text.starts_with('{') { "json" } else { "logfmt" }), text);
        let key = RowKey { time: Nanos(at * MILLI), source: SourceId(1), entry: entry as u64 };
        builder.push(key, service, Severity::INFO, &parsed);
    }
    let drawn = model::trace::Trace { bars: builder.bars(), ..Default::default() };
    let (start, end) = drawn.extent().unwrap();
    assert_eq!((start.0 / MILLI, (end.0 - start.0) / MILLI), (found[1].0, found[1].1));
    let moved: Vec<(String, i64)> = drawn.moved().into_iter().map(|(one, nanos)| (one.to_owned(), nanos)).collect();
    assert_eq!(moved, found[1].2);
}

/// All, the most unusual first.
fn unusual(count: &mut RequestCount) -> Requests {
    let mut gathering = Gathering::default();
    while gathering.step(count, 9) {}
    let (requests, groups) = gathering.into_groups();
    let mut scoring = Scoring::begin(groups);
    while scoring.step() {}
    count.finish_scoring(&requests, scoring);
    assert!(count.is_scored());
    count.requests(RequestOrder::Unusual, None, 100)
}

#[test]
fn parts_of_requests_are_no_requests_beside_them() {
    const MINUTE: i64 = 60_000;
    // What one of them reads is read under half of its id, and one is a job whose middle comes last.
    let shown = |is_whole: bool| {
        let mut lines = Vec::new();
        for i in 0..30 {
            let whole = format!("4bf92f3577b34da65af7183fb1d4cf{i:02}");
            let half = if is_whole || i != 7 { &*whole } else { &whole[16..] };
            lines.push((i * 10, "web", format!("msg=get trace_id={whole}")));
            lines.push((i * 10 + 1, "stock", format!("msg=read trace_id={half}")));
        }
        let minutes = if is_whole { [0, 2, 1] } else { [0, 40, 20] };
        for (service, minute) in ["web", "stock", "web"].into_iter().zip(minutes) {
            lines.push((minute * MINUTE, service, "msg=ran job_id=nightly-report-7".to_owned()));
        }
        let found = unusual(&mut count(&lines));
        found.lines.into_iter().map(|line| (line.id, line.oddity)).collect::<Vec<_>>()
    };
    assert_eq!(shown(true).len(), 31);
    let sorted = |mut lines: Vec<(String, Option<f32>)>| {
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        lines
    };
    assert_eq!(sorted(shown(false)), sorted(shown(true)));
}

#[test]
fn a_request_that_does_what_no_other_does_is_the_most_unusual() {
    let mut lines: Vec<_> = Vec::new();
    for i in 0..60 {
        lines.push((i * 10, "web", span(i as u32, false, 9, "get")));
        lines.push((i * 10 + 1, "stock", span(i as u32, true, 3, "read")));
    }
    lines.push((171, "stock", span(17, true, 3, "write")));
    let mut count = count(&lines);
    let requests = unusual(&mut count);
    assert!(
        requests.lines[0].id.ends_with("17") && requests.lines[0].oddity > requests.lines[1].oddity,
        "{requests:?}"
    );
    let reason = requests.lines[0].reason.as_ref().unwrap();
    assert_eq!((&*reason.service, &*reason.name, reason.is_done), ("stock", "write", true));
    assert_eq!((reason.n_with, reason.n_requests, &requests.lines[1].reason), (1, 60, &None));
}
