//! What each kind of document becomes.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Flaw, Kind, Transcoder, detect};

fn lines_of(document: &[u8], slice_bytes: usize) -> (String, Option<Flaw>) {
    let mut transcoder = Transcoder::new(detect(document).expect("the document is known"));
    let mut lines = Vec::new();
    let mut take = |more: &[u8]| lines.extend_from_slice(more);
    document.chunks(slice_bytes).for_each(|slice| transcoder.push(slice, &mut take));
    let flaw = transcoder.finish(&mut take);
    (String::from_utf8(lines).unwrap(), flaw)
}

fn check(document: &str, expected: Expect) {
    let (lines, flaw) = lines_of(document.as_bytes(), usize::MAX);
    assert_eq!(flaw, None);
    expected.assert_eq(&lines);
    for slice_bytes in [1, 7, 100] {
        assert_eq!(lines_of(document.as_bytes(), slice_bytes), (lines.clone(), None));
    }
}

const OTLP: &str = r#"{"resourceSpans":[
  {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}},{"key":"host","value":{"stringValue":"a{1}"}}]},
   "scopeSpans":[{"scope":{"name":"http"},"spans":[
     {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173","name":"GET /cart","kind":2,
      "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712660012500000,"status":{"code":2,"message":"lost"},
      "attributes":[{"key":"n","value":{"intValue":"7"}},{"key":"list","value":{"arrayValue":{"values":[{"boolValue":true}]}}}],
      "events":[{"timeUnixNano":"1544712660001000000","name":"retry"}]}]}]},
  {"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B175","name":"x","kind":"SPAN_KIND_CLIENT"}]}]}
]}"#;

#[test]
fn otlp_spans_have_their_resource_and_scope() {
    check(
        OTLP,
        expect![[r#"
            {"time":1544712660000000000,"severity_number":17,"service":"cart","span":{"name":"GET /cart","kind":"server","duration_ms":12.5,"status":"error","status_message":"lost"},"trace_id":"5B8EFFF798038103D269B633813FC60C","span_id":"EEE19B7EC3C1B174","parent_span_id":"EEE19B7EC3C1B173","attributes":{"n":7,"list":[true]},"resource":{"host":"a{1}"},"scope":"http","events":[{"name":"retry","time":1544712660001000000}]}
            {"time":null,"severity_number":9,"span":{"name":"x","kind":"client"},"trace_id":"5B8EFFF798038103D269B633813FC60C","span_id":"EEE19B7EC3C1B175"}
        "#]],
    );
}

#[test]
fn a_document_a_line_is_read_too() {
    let one = OTLP.replace('\n', " ");
    let (first, _) = lines_of(one.as_bytes(), usize::MAX);
    let (both, _) = lines_of(format!("{one}\n{one}\n").as_bytes(), usize::MAX);
    assert_eq!(both, first.repeat(2));
}

#[test]
fn a_resource_may_come_behind_what_it_is_of() {
    let span = |id: &str| {
        format!(r#"{{"traceId":"a1","spanId":"{id}","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"1"}}"#)
    };
    let resource = r#"{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]}"#;
    check(
        &format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"scope":{{"name":"http"}},"spans":[{}]}},{{"spans":[{}]}}],"resource":{resource}}},{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
            span("b1"),
            span("b2"),
            span("b3"),
        ),
        expect![[r#"
            {"time":1,"severity_number":9,"service":"cart","span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b1","scope":"http"}
            {"time":1,"severity_number":9,"service":"cart","span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b2"}
            {"time":1,"severity_number":9,"span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b3"}
        "#]],
    );
}

#[test]
fn a_scope_may_come_behind_what_it_is_of() {
    let span = |id: &str| {
        format!(r#"{{"traceId":"a1","spanId":"{id}","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"1"}}"#)
    };
    let resource = r#"{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]}"#;
    let scopes = format!(
        r#""scopeSpans":[{{"spans":[{},{}],"scope":{{"name":"http"}}}},{{"spans":[{}]}},{{"spans":[{}],"scope":{{"name":"db","attributes":[]}}}}]"#,
        span("b1"),
        span("b2"),
        span("b3"),
        span("b4"),
    );
    // Whether or not the resource is known by then.
    for document in [
        format!(r#"{{"resourceSpans":[{{"resource":{resource},{scopes}}}]}}"#),
        format!(r#"{{"resourceSpans":[{{{scopes},"resource":{resource}}}]}}"#),
    ] {
        check(
            &document,
            expect![[r#"
                {"time":1,"severity_number":9,"service":"cart","span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b1","scope":"http"}
                {"time":1,"severity_number":9,"service":"cart","span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b2","scope":"http"}
                {"time":1,"severity_number":9,"service":"cart","span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b3"}
                {"time":1,"severity_number":9,"service":"cart","span":{"name":"x","kind":"internal","duration_ms":0.0},"trace_id":"a1","span_id":"b4","scope":"db"}
            "#]],
        );
    }
    let large = vec![span(&"b".repeat(1 << 20)); 18].join(",");
    let document = format!(
        r#"{{"resourceSpans":[{{"resource":{resource},"scopeSpans":[{{"spans":[{large}],"scope":{{"name":"http"}}}}]}}]}}"#
    );
    let (lines, flaw) = lines_of(document.as_bytes(), usize::MAX);
    assert_eq!((lines.lines().count(), lines.contains("http"), flaw), (18, false, Some(Flaw::LateResource)));
}

#[test]
fn a_text_in_the_place_of_a_scopes_name_is_not_in_each_of_its_lines() {
    let spans = vec![r#"{"spanId":"b1"}"#; 100].join(",");
    let scope = format!(r#""scope":{{"name":"{}"}}"#, "é".repeat(100_000));
    for scopes in [format!(r#"{{{scope},"spans":[{spans}]}}"#), format!(r#"{{"spans":[{spans}],{scope}}}"#)] {
        let document = format!(r#"{{"resourceSpans":[{{"resource":{{}},"scopeSpans":[{scopes}]}}]}}"#);
        let (lines, flaw) = lines_of(document.as_bytes(), usize::MAX);
        assert_eq!((lines.lines().count(), lines.matches("éé").count(), flaw), (100, 100 * 256, None));
    }
}

#[test]
fn what_waits_for_its_resource_is_read_when_the_file_ends_and_when_there_is_too_much_of_it() {
    let span = |name: &str| {
        format!(r#"{{"traceId":"a1","spanId":"b1","name":"{name}","startTimeUnixNano":"1","endTimeUnixNano":"1"}}"#)
    };
    let cut = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{},"#, span("x"));
    let (lines, flaw) = lines_of(cut.as_bytes(), 7);
    assert_eq!((lines.lines().count(), flaw), (1, Some(Flaw::Truncated)));
    let large = vec![span(&"x".repeat(1 << 20)); 18].join(",");
    let resource = r#"{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]}"#;
    let document = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{large}]}}],"resource":{resource}}}]}}"#);
    let (lines, flaw) = lines_of(document.as_bytes(), usize::MAX);
    assert_eq!((lines.lines().count(), lines.contains("cart"), flaw), (18, false, Some(Flaw::LateResource)));
}

#[test]
fn points_of_otlp_metrics_are_lines() {
    check(
        r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},"scopeMetrics":[{"scope":{"name":"m"},"metrics":[
            {"name":"hits","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"5","timeUnixNano":"1544712660000000000","attributes":[{"key":"route","value":{"stringValue":"/"}}]},{"asDouble":2.5,"timeUnixNano":"1544712661000000000"}]}},
            {"name":"took","histogram":{"dataPoints":[{"count":"3","sum":9,"timeUnixNano":"1544712660000000000","explicitBounds":[1],"bucketCounts":["1","2"]}],"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}}]}]}]}"#,
        expect![[r#"
            {"time":1544712660000000000,"service":"cart","metric":{"name":"hits","kind":"sum","unit":"1","temporality":"cumulative","value":5},"attributes":{"route":"/"},"scope":"m"}
            {"time":1544712661000000000,"service":"cart","metric":{"name":"hits","kind":"sum","unit":"1","temporality":"cumulative","value":2.5},"scope":"m"}
            {"time":1544712660000000000,"service":"cart","metric":{"name":"took","kind":"histogram","temporality":"delta","count":3,"sum":9,"bounds":[1],"buckets":[1,2]},"scope":"m"}
        "#]],
    );
}

#[test]
fn points_as_the_schema_names_their_members_are_lines_too() {
    check(
        r#"{"resource_metrics":[{"scope_metrics":[{"metrics":[
            {"name":"hits","sum":{"data_points":[{"as_int":"5","time_unix_nano":"1544712660000000000"},{"as_double":2.5,"time_unix_nano":"1544712661000000000"}]}},
            {"name":"took","histogram":{"data_points":[{"count":"3","explicit_bounds":[0.5],"bucket_counts":["1","2"],"exemplars":[{"as_double":"9.5","trace_id":"a1"}]}]}},
            {"name":"spread","exponential_histogram":{"data_points":[{"count":"3","scale":-2,"zero_count":"1"}],"aggregation_temporality":"1"}},
            {"name":"waited","summary":{"data_points":[{"count":"3","quantile_values":[{"value":1},{"quantile":0.9,"value":"NaN"}]}]}}]}]}]}"#,
        expect![[r#"
            {"time":1544712660000000000,"metric":{"name":"hits","kind":"sum","value":5}}
            {"time":1544712661000000000,"metric":{"name":"hits","kind":"sum","value":2.5}}
            {"time":null,"metric":{"name":"took","kind":"histogram","count":3,"bounds":[0.5],"buckets":[1,2]},"trace_id":"a1","exemplars":[{"value":9.5,"time":null,"trace_id":"a1","span_id":null}]}
            {"time":null,"metric":{"name":"spread","kind":"exponential histogram","temporality":"delta","count":3,"scale":-2,"zero_count":1}}
            {"time":null,"metric":{"name":"waited","kind":"summary","count":3,"quantiles":[{"quantile":0.0,"value":1},{"quantile":0.9,"value":"NaN"}]}}
        "#]],
    );
}

#[test]
fn buckets_of_an_exponential_histogram_are_bounds_and_counts() {
    check(
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"took","exponentialHistogram":{"dataPoints":[
            {"count":"15","scale":0,"zeroCount":"3","positive":{"offset":-2,"bucketCounts":["2","0","10"]},"negative":{}},
            {"count":"3","scale":0,"zero_count":"3","positive":{"bucket_counts":["0"]}}]}}]}]}]}"#,
        expect![[r#"
            {"time":null,"metric":{"name":"took","kind":"exponential histogram","count":15,"scale":0,"zero_count":3,"bounds":[0.0,0.25,0.5,1.0,2.0],"buckets":[3,0,2,0,10,0]}}
            {"time":null,"metric":{"name":"took","kind":"exponential histogram","count":3,"scale":0,"zero_count":3}}
        "#]],
    );
}

#[test]
fn numbers_that_are_written_as_text_are_numbers() {
    check(
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"busy","gauge":{"dataPoints":[{"asDouble":"1.5"},{"asDouble":"NaN"},{"asDouble":"-Infinity"},{"asInt":"18446744073709551615"},{"asDouble":"much"}]}},
            {"name":"spread","exponentialHistogram":{"dataPoints":[{"count":"3","sum":"9.5","scale":3,"zeroCount":"1","max":"Infinity"}]}}]}]}]}"#,
        expect![[r#"
            {"time":null,"metric":{"name":"busy","kind":"gauge","value":1.5}}
            {"time":null,"metric":{"name":"busy","kind":"gauge","value":"NaN"}}
            {"time":null,"metric":{"name":"busy","kind":"gauge","value":"-inf"}}
            {"time":null,"metric":{"name":"busy","kind":"gauge","value":1.8446744073709552e+19}}
            {"time":null,"metric":{"name":"busy","kind":"gauge"}}
            {"time":null,"metric":{"name":"spread","kind":"exponential histogram","count":3,"sum":9.5,"max":"inf","scale":3,"zero_count":1}}
        "#]],
    );
}

#[test]
fn every_record_of_a_batch_of_logs_is_a_line() {
    check(
        r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},"scopeLogs":[{"logRecords":[
            {"timeUnixNano":"1544712660000000000","severityNumber":17,"body":{"stringValue":"lost"},"traceId":"a1"},
            {"observed_time_unix_nano":"1544712660500000000","attributes":[{"key":"n","value":{"intValue":"2"}}]},
            {"observedTimeUnixNano":"1544712661000000000","body":{"kvlistValue":{"values":[{"key":"n","value":{"intValue":"1"}}]}}}]}]}]}"#,
        expect![[r#"
            {"time":1544712660000000000,"severity_number":17,"body":"lost","trace_id":"a1","resource":{"service.name":"cart"}}
            {"time":1544712660500000000,"body":null,"attributes":{"n":2},"resource":{"service.name":"cart"}}
            {"time":1544712661000000000,"body":{"n":1},"resource":{"service.name":"cart"}}
        "#]],
    );
}

#[test]
fn jaeger_traces_name_their_processes_behind_the_spans() {
    check(
        r#"{"data":[{"traceID":"a1b2","spans":[{"traceID":"a1b2","spanID":"c3","operationName":"read","references":[{"refType":"CHILD_OF","traceID":"a1b2","spanID":"b2"}],
            "startTime":1544712660000000,"duration":1500,"tags":[{"key":"span.kind","type":"string","value":"client"},{"key":"error","type":"bool","value":true}],
            "logs":[{"timestamp":1544712660000100,"fields":[{"key":"event","value":"try"}]}],"processID":"p1"}],
            "processes":{"p1":{"serviceName":"cart","tags":[{"key":"host","value":"a"}]}}}],"total":0}"#,
        expect![[r#"
            {"time":1544712660000000000,"severity_number":17,"service":"cart","span":{"name":"read","kind":"client","duration_ms":1.5,"status":"error"},"trace_id":"a1b2","span_id":"c3","parent_span_id":"b2","attributes":{"error":true},"resource":{"host":"a"},"events":[{"event":"try","time":1544712660000100000}]}
        "#]],
    );
}

#[test]
fn members_of_jaegers_documents_may_come_in_any_order() {
    let host = "h".repeat(5000);
    let processes =
        format!(r#""processes":{{"p1":{{"serviceName":"cart","tags":[{{"key":"host","value":"{host}"}}]}}}}"#);
    let spans = r#""spans":[{"traceID":"a1b2","spanID":"c3","operationName":"read","startTime":1,"duration":1,"processID":"p1"}]"#;
    let (expected, _) = lines_of(format!(r#"{{"data":[{{"traceID":"a1b2",{spans},{processes}}}]}}"#).as_bytes(), 100);
    assert!(expected.contains(r#""service":"cart""#) && expected.lines().count() == 1, "{expected}");
    for document in [
        format!("{{\n \"data\": [ {{{processes},{spans},\"traceID\":\"a1b2\"}}],\"total\":0}}"),
        format!(r#"{{"total":0,"limit": 20,"offset":0,"errors":null,"data":[{{{processes},{spans}}}]}}"#),
        format!(r#"{{"errors":[],"data":[{{"traceID":"a1b2",{spans},{processes}}}]}}"#),
        format!(r#"{{"traceID":"a1b2",{processes},{spans}}}"#),
    ] {
        assert_eq!(lines_of(document.as_bytes(), 100), (expected.clone(), None), "{}", &document[..60]);
    }
}

#[test]
fn zipkin_spans_name_the_other_side() {
    check(
        r#"[{"traceId":"a1b2","parentId":"b2","id":"c3","kind":"PRODUCER","name":"publish","timestamp":1544712660000000,"duration":13,
             "localEndpoint":{"serviceName":"cart"},"remoteEndpoint":{"serviceName":"rabbitmq"},"tags":{"rabbit.queue":"orders"}}]"#,
        expect![[r#"
            {"time":1544712660000000000,"severity_number":9,"service":"cart","span":{"name":"publish","kind":"producer","duration_ms":0.013},"trace_id":"a1b2","span_id":"c3","parent_span_id":"b2","attributes":{"rabbit.queue":"orders","messaging.system":"rabbitmq"}}
        "#]],
    );
}

#[test]
fn what_is_cut_off_or_broken_keeps_the_rest() {
    let (whole, _) = lines_of(OTLP.as_bytes(), usize::MAX);
    let (lines, flaw) = lines_of(&OTLP.as_bytes()[..OTLP.len() - 40], usize::MAX);
    assert_eq!(
        (lines.as_str(), flaw),
        (whole.lines().next().map(|line| format!("{line}\n")).unwrap().as_str(), Some(Flaw::Truncated))
    );
    let broken = OTLP.replace("\"name\":\"x\"", "\"name\":x");
    assert_eq!(lines_of(broken.as_bytes(), usize::MAX), (lines, Some(Flaw::Corrupt)));
}

#[test]
fn other_json_is_no_document_of_signals() {
    for text in [
        r#"{"time":"2026-11-20T10:23:45Z","msg":"resourceSpans"}"#,
        r#"[{"id":1,"name":"x"}]"#,
        r#"{"data":[{"id":7}]}"#,
        r#"{"total":7,"data":[{"id":7,"processes":{}}]}"#,
        r#"{"total":7,"serviceName":"x"}"#,
        "traceID: 7",
        "",
    ] {
        assert_eq!(detect(text.as_bytes()), None, "{text}");
    }
    assert_eq!(
        detect(b"\xEF\xBB\xBF [ [ {\"traceId\":\"a\",\"id\":\"b\",\"timestamp\":1}]]"),
        Some(Kind::Zipkin { depth: 2 })
    );
}

proptest! {
    #[test]
    fn damage_never_breaks_lines(at: prop::sample::Index, byte: u8, slice_bytes in 1..200usize) {
        let mut document = OTLP.as_bytes().to_vec();
        let at = at.index(document.len() - 40) + 40;
        document[at] = byte;
        let mut transcoder = Transcoder::new(Kind::Otlp { depth: 0 });
        let mut lines = Vec::new();
        let mut take = |more: &[u8]| lines.extend_from_slice(more);
        document.chunks(slice_bytes).for_each(|slice| transcoder.push(slice, &mut take));
        transcoder.finish(&mut take);
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(line).is_ok());
        }
    }
}

#[test]
fn a_number_that_the_bytes_at_hand_cut_off_is_waited_for() {
    // What nobody reads is not looked at for being text either.
    let document = [&b"{\"resourceSpans\":[{\"resource\":{\"a\":\"\xFF\",\"b\":9."[..], b"5}}]}"].concat();
    let cut = document.len() - b"5}}]}".len();
    for n_bytes in [cut, cut - 1, usize::MAX] {
        assert_eq!(lines_of(&document, n_bytes), (String::new(), None));
    }
}
