//! Scrapes made by hand, whole and damaged.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const MODIFIED: Nanos = Nanos(1_795_170_225_000_000_000);

fn lines_of(text: &[u8], slice_bytes: usize) -> (String, Option<Flaw>) {
    let mut transcoder = Transcoder::new(MODIFIED);
    let mut lines = Vec::new();
    let mut take = |more: &[u8]| lines.extend_from_slice(more);
    text.chunks(slice_bytes).for_each(|slice| transcoder.push(slice, &mut take));
    let flaw = transcoder.finish(&mut take);
    (String::from_utf8(lines).unwrap(), flaw)
}

fn check(text: &str, expected: Expect) {
    assert!(detect(text.as_bytes()), "{text}");
    let (lines, flaw) = lines_of(text.as_bytes(), usize::MAX);
    assert_eq!(flaw, None);
    expected.assert_eq(&lines);
    for slice_bytes in [1, 7, 100] {
        assert_eq!(lines_of(text.as_bytes(), slice_bytes), (lines.clone(), None));
    }
}

const SCRAPE: &str = r#"# HELP hits_total Requests.
# TYPE hits_total counter
hits_total{method="post",code="200"} 1027 1395066363000
hits_total{method="post",code="400"} 3 1395066363000
# TYPE took_seconds histogram
took_seconds_bucket{route="/",le="0.1"} 8
took_seconds_bucket{route="/",le="0.5"} 9
took_seconds_bucket{route="/",le="+Inf"} 11
took_seconds_sum{route="/"} 5.5
took_seconds_count{route="/"} 11
# TYPE wait summary
wait{quantile="0.5"} NaN
wait{quantile="0.99"} 0.25
wait_sum 17
wait_count 26
lone 7
"#;

#[test]
fn a_scrape_has_a_line_for_each_point() {
    check(
        SCRAPE,
        expect![[r#"
            {"time":1395066363000000000,"metric":{"name":"hits_total","kind":"counter","value":1027,"description":"Requests."},"attributes":{"method":"post","code":"200"}}
            {"time":1395066363000000000,"metric":{"name":"hits_total","kind":"counter","value":3},"attributes":{"method":"post","code":"400"}}
            {"time":1795170225000000000,"time_from":"file","metric":{"name":"took_seconds","kind":"histogram","sum":5.5,"count":11,"bounds":[0.1,0.5],"buckets":[8,1,2]},"attributes":{"route":"/"}}
            {"time":1795170225000000000,"time_from":"file","metric":{"name":"wait","kind":"summary","sum":17,"count":26,"quantiles":[{"quantile":0.5,"value":"NaN"},{"quantile":0.99,"value":0.25}]}}
            {"time":1795170225000000000,"time_from":"file","metric":{"name":"lone","kind":"unknown","value":7}}
        "#]],
    );
}

#[test]
fn open_metrics_have_units_exemplars_and_an_end() {
    check(
        r#"# TYPE took_seconds histogram
# UNIT took_seconds seconds
took_seconds_bucket{job="cart",le="0.01"} 0 1520879607.5
took_seconds_bucket{job="cart",le="0.1"} 8 1520879607.5 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.054
took_seconds_count{job="cart"} 8 1520879607.5
# TYPE hits counter
hits_total{job="cart"} 17 1520879607.5
hits_created{job="cart"} 1520430000.123 1520879607.5
# EOF
"#,
        expect![[r#"
            {"time":1520879607500000000,"service":"cart","metric":{"name":"took_seconds","kind":"histogram","unit":"seconds","count":8,"bounds":[0.01,0.1],"buckets":[0,8]},"attributes":{"job":"cart"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","exemplars":[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","value":0.054,"time":null}]}
            {"time":1520879607500000000,"service":"cart","metric":{"name":"hits","kind":"counter","value":17,"created":1520430000.123},"attributes":{"job":"cart"}}
        "#]],
    );
}

#[test]
fn what_describes_a_target_and_when_it_began_to_count_are_no_unknown_metrics() {
    check(
        r#"# TYPE build info
build_info{version="1.4.2"} 1 1520879607
# TYPE hits counter
hits_total{path="/"} 1 1520879607
hits_total{path="/b"} 5 1520879607
hits_created{path="/b"} 1520430000 1520879607
hits_created{path="/"} 1520430000 1520879607
# TYPE took summary
took_sum 3 1520879607
took_count 4 1520879607
took_created 1520430000 1520879607
# EOF
"#,
        expect![[r#"
            {"time":1520879607000000000,"metric":{"name":"build","kind":"info","value":1},"attributes":{"version":"1.4.2"}}
            {"time":1520879607000000000,"metric":{"name":"hits","kind":"counter","value":1},"attributes":{"path":"/"}}
            {"time":1520879607000000000,"metric":{"name":"hits","kind":"counter","value":5,"created":1520430000},"attributes":{"path":"/b"}}
            {"time":1520879607000000000,"metric":{"name":"hits_created","kind":"gauge","value":1520430000},"attributes":{"path":"/"}}
            {"time":1520879607000000000,"metric":{"name":"took","kind":"summary","sum":3,"count":4,"created":1520430000}}
        "#]],
    );
}

#[test]
fn scrapes_after_each_other_are_numbered() {
    let scrape_of = |text: &str| {
        let (lines, flaw) = lines_of(text.as_bytes(), 50);
        assert_eq!(flaw, None);
        let scrape =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["metric"]["scrape"].as_u64().unwrap_or(1);
        lines.lines().map(scrape).collect::<Vec<_>>()
    };
    let n_points = scrape_of(SCRAPE).len();
    assert_eq!(scrape_of(&SCRAPE.repeat(3)), [vec![1; n_points], vec![2; n_points], vec![3; n_points]].concat());
    assert_eq!(scrape_of("a{x=\"1\"} 1\na{x=\"2\"} 1\na{x=\"1\"} 2\na{x=\"2\"} 2\n"), [1, 1, 2, 2]);
    assert_eq!(scrape_of("a 1 1520879607\nb 1\na 2 1520879667\nb 2\n"), [1, 1, 1, 2]);
    let stamped = "# TYPE a gauge\na 1 1520879607\na 2 1520879667\n";
    assert_eq!(scrape_of(&stamped.repeat(2)), [1, 1, 2, 2]);
    assert_eq!(scrape_of("# TYPE a gauge\na 1\n# EOF\n# TYPE a gauge\na 2\n# EOF\n"), [1, 2]);
    assert_eq!(scrape_of("# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\na 2\n"), [1, 2]);
}

#[test]
fn points_of_many_times_are_one_scrape() {
    check(
        r#"# TYPE hits counter
# UNIT hits requests
hits_total{path="/"} 1 1520879607
hits_total{path="/"} 2 1520879667
hits_total{path="/b"} 5 1520879607
# TYPE took histogram
took_bucket{le="1"} 3 1520879607
took_bucket{le="+Inf"} 4 1520879607
took_bucket{le="1"} 5 1520879667
took_bucket{le="+Inf"} 7 1520879667
# EOF
"#,
        expect![[r#"
            {"time":1520879607000000000,"metric":{"name":"hits","kind":"counter","unit":"requests","value":1},"attributes":{"path":"/"}}
            {"time":1520879667000000000,"metric":{"name":"hits","kind":"counter","unit":"requests","value":2},"attributes":{"path":"/"}}
            {"time":1520879607000000000,"metric":{"name":"hits","kind":"counter","unit":"requests","value":5},"attributes":{"path":"/b"}}
            {"time":1520879607000000000,"metric":{"name":"took","kind":"histogram","bounds":[1],"buckets":[3,1]}}
            {"time":1520879667000000000,"metric":{"name":"took","kind":"histogram","bounds":[1],"buckets":[5,2]}}
        "#]],
    );
}

#[test]
fn a_line_that_is_no_metric_is_kept_as_it_is() {
    let (lines, flaw) = lines_of(format!("{SCRAPE}curl: (56) \"reset\"\n").as_bytes(), 9);
    assert_eq!(flaw, Some(Flaw::NoMetric));
    let kept = r#"{"time":1795170225000000000,"metric":{"name":"curl: (56) \"reset\"","kind":"unreadable"}}"#;
    assert_eq!(lines.lines().last(), Some(kept));
}

#[test]
fn logs_and_configurations_are_no_metrics() {
    for text in [
        "",
        "# a comment\n# another\n",
        "time=2026-11-20T10:00:00Z level=info msg=x\n",
        "2026-11-20 10:00:00 # TYPE a gauge\n",
        "count 5\ntotal 7\n",
        "{\"a\":1}\n{\"a\":2}\n",
        "# TYPE a gauge\nINFO started\nINFO stopped\nINFO x\n",
    ] {
        assert!(!detect(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_line_without_end_takes_no_more_memory_than_it_may() {
    let endless = [SCRAPE.as_bytes(), &vec![b'x'; 5 << 20]].concat();
    let mut transcoder = Transcoder::new(MODIFIED);
    let mut n_bytes = 0;
    transcoder.push(&endless, &mut |lines| n_bytes += lines.len());
    assert!(transcoder.held.capacity() <= 4 * MOST_LINE_BYTES);
    transcoder.finish(&mut |lines| n_bytes += lines.len());
    assert!(n_bytes > 5 << 20);
}

proptest! {
    #[test]
    fn damage_breaks_nothing_and_loses_no_line(at: prop::sample::Index, bytes: [u8; 3], slice_bytes in 1..200usize) {
        let mut text = SCRAPE.repeat(2).into_bytes();
        let at = at.index(text.len() - 3);
        text[at..at + 3].copy_from_slice(&bytes);
        let (lines, _) = lines_of(&text, slice_bytes);
        for line in lines.lines() {
            let point = serde_json::from_str::<Value>(line).unwrap();
            prop_assert!(point["metric"]["name"].is_string(), "{}", line);
        }
        let (whole, _) = lines_of(&text, usize::MAX);
        prop_assert_eq!(lines, whole);
    }

    #[test]
    fn no_text_is_too_strange(text in "([a-z_{}\"=#, .0-9\\\\]|\n|# TYPE |le=\"|_bucket|é){0,120}") {
        let _ = detect(text.as_bytes());
        let (lines, _) = lines_of(text.as_bytes(), 5);
        for line in lines.lines() {
            prop_assert!(serde_json::from_str::<Value>(line).is_ok(), "{}", line);
        }
    }
}
