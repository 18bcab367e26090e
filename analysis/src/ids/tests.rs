//! Which rule reads which id, and what is malformed.

use super::*;
use crate::format::Formats;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn check(line: &str, rule: Rule, span: Option<&str>) {
    let formats = Formats::builtin_of(&["json"]);
    let parsed = match line.starts_with('{') {
        true => formats.parse(formats.id("json"), line),
        false => Parsed { message: line.to_owned(), ..Parsed::default() },
    };
    let (ids, flaw) = ids_of(&parsed);
    assert_eq!((ids.rule, ids.span, flaw), (Some(rule), span, None), "{line}");
}

#[test]
fn each_id_tells_which_rule_read_it() {
    let span = Some(SPAN);
    check(&format!(r#"{{"msg":"x","traceparent":"00-{TRACE}-{SPAN}-01"}}"#), Rule::Traceparent, span);
    check(&format!(r#"{{"msg":"x","headers":{{"b3":"{TRACE}-{SPAN}-1"}}}}"#), Rule::B3Single, span);
    check(&format!(r#"{{"msg":"x","X-B3-SpanId":"{SPAN}","X-B3-TraceId":"{TRACE}"}}"#), Rule::B3, span);
    check(&format!(r#"{{"msg":"x","uber-trace-id":"{TRACE}:{SPAN}:0:1"}}"#), Rule::Uber, span);
    check(
        r#"{"msg":"x","dd.trace_id":172756247134678,"dd.span_id":99171412345678}"#,
        Rule::Datadog,
        Some("99171412345678"),
    );
    check(&format!(r#"{{"msg":"x","trace_id":"{TRACE}","span_id":"{SPAN}"}}"#), Rule::Field, span);
    check(
        r#"{"msg":"x","dd":{"trace_id":"172756247134678","span_id":"99171412345678"}}"#,
        Rule::Datadog,
        Some("99171412345678"),
    );
    check(&format!(r#"{{"msg":"x","metadata":{{"traceparent":["00-{TRACE}-{SPAN}-01"]}}}}"#), Rule::Traceparent, span);
    check(
        &format!(r#"{{"msg":"x","headers":[{{"key":"traceparent","value":"00-{TRACE}-{SPAN}-01"}}]}}"#),
        Rule::Traceparent,
        span,
    );
    check(&format!("headers b3: {TRACE}-{SPAN}-1"), Rule::B3Single, span);
    check(&format!(r#"{{"msg":"x","trace_id":"{TRACE}","span_id":"{SPAN}","b3":"0"}}"#), Rule::Field, span);
    check(&format!("headers uber-trace-id: {TRACE}:{SPAN}:0:1"), Rule::Uber, span);
    check(&format!("headers uber-trace-id: {TRACE}%3A{SPAN}%3A0%3A1, done"), Rule::Uber, span);
    check(&format!(r#"{{"msg":"x","uber-trace-id":"{TRACE}%3A{SPAN}%3A0%3A1"}}"#), Rule::Uber, span);
    check(
        &format!("X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;Parent={SPAN};Sampled=1 done"),
        Rule::Amazon,
        span,
    );
    let amazon = "1-67891233-abcdef012345678912345678";
    check(&format!("served Root={amazon};Parent={SPAN};Sampled=1."), Rule::Amazon, span);
    check(&format!("AWS-XRAY-TRACE-ID: {amazon}@{SPAN} - served"), Rule::Amazon, span);
    check(
        &format!(r#"{{"msg":"x","amzn_trace_id":"Self=1-67891234-12456789abcdef0123456789;Root={amazon}"}}"#),
        Rule::Amazon,
        None,
    );
    check(&format!(r#"{{"msg":"x","tracing":{{"value":"Root={amazon};Parent={SPAN}"}}}}"#), Rule::Amazon, span);
    check(&format!(r#"{{"msg":"x","xray_trace_id":"{amazon}"}}"#), Rule::Amazon, None);
    check(&format!(r#"{{"msg":"x","trace_id":"Root={amazon}"}}"#), Rule::Amazon, None);
    check(&format!("XRAY TraceId: {amazon}\tSegmentId: {SPAN}"), Rule::Text, None);
    check(&format!("map[:authority:[cart:90] traceparent:[00-{TRACE}-{SPAN}-01]]"), Rule::Traceparent, span);
    check(&format!("headers=[('traceparent', b'00-{TRACE}-{SPAN}-01')]"), Rule::Traceparent, span);
    check(&format!("RecordHeader(key = traceparent, value = 00-{TRACE}-{SPAN}-01)"), Rule::Traceparent, span);
    check(&format!("TraceID: {TRACE} SpanID: {SPAN} [pay]"), Rule::Text, span);
    check(&format!("headers X-B3-TraceId: {TRACE}, X-B3-SpanId: {SPAN}"), Rule::B3, span);
    check(
        "[dd.service=shop dd.trace_id=172756247134678 dd.span_id=99171412345678] paid",
        Rule::Datadog,
        Some("99171412345678"),
    );
    check(&format!("add.trace_id={TRACE} span_id={SPAN}"), Rule::Text, span);
    check(&format!("select 1 /*traceparent='00-{TRACE}-{SPAN}-00'*/"), Rule::Traceparent, span);
    check(&format!("[shop,{TRACE},{SPAN}] pay"), Rule::Brackets, span);
    let sofa = r#"{"msg":"x","traceId":"0ad1348f1403169275002100356696","spanId":"0.1.2"}"#;
    check(sofa, Rule::Sofa, Some("0.1.2"));
    let skywalking = "8e9e3a2d7d2e4f6b9b7a9d4f7d3e2a1c.45.16050712345670001";
    check(&format!("[TID:{skywalking}] [http-1] paid"), Rule::SkyWalking, None);
    check(&format!("PID:7 TID:1952 [TID: {skywalking}] paid"), Rule::SkyWalking, None);
    check(&format!(r#"{{"msg":"x","traceId":"{skywalking}","spanId":"3"}}"#), Rule::SkyWalking, None);
    check(&format!(r#"{{"msg":"x","tid":"TID:{skywalking}"}}"#), Rule::SkyWalking, None);
    check(&format!(r#"{{"msg":"x","thread":"TID:{skywalking}"}}"#), Rule::SkyWalking, None);
    let context = format!("[shop,8e9e3a2d@10.0.0.7,{skywalking},{skywalking},0]");
    check(&format!(r#"{{"msg":"x","SW_CTX":"{context}"}}"#), Rule::SkyWalking, None);
    check(&format!("SW_CTX:{context} paid"), Rule::SkyWalking, None);
    let sofa = "0ad1348f1403169275002100356696";
    check(&format!(r#"{{"msg":"x","tracerId":"{sofa}","spanId":"0.1"}}"#), Rule::Sofa, Some("0.1"));
    check(&format!("[{sofa},0] 4711 --- [main] paid"), Rule::Sofa, Some("0"));
    check(&format!("[{sofa},0.1,true] paid"), Rule::Sofa, Some("0.1"));
    check(r#"{"msg":"x","request_id":"req-88fd41"}"#, Rule::Request, None);
    check("done job_id=nightly-20261120", Rule::Job, None);
    check(&format!("请求{TRACE}完成"), Rule::Text, None);
    check("请求ID：req-88fd41，耗时 5ms", Rule::Request, None);
}

#[test]
fn headers_of_kafka_are_read_where_their_bytes_are_printed_one_by_one() {
    let bytes = |value: &str, between: &str| {
        let numbers: Vec<String> = value.bytes().map(|byte| byte.to_string()).collect();
        numbers.join(between)
    };
    let (value, b3) = (format!("00-{TRACE}-{SPAN}-01"), format!("{TRACE}-{SPAN}-1"));
    let java = format!("key = traceparent, value = [{}]", bytes(&value, ", "));
    let record = format!(
        "ConsumerRecord(topic = orders, offset = 7, headers = RecordHeaders(headers = [RecordHeader(key = kind, value = [49, 50]), RecordHeader({java})], isReadOnly = false), key = 7)"
    );
    check(&record, Rule::Traceparent, Some(SPAN));
    let single = format!("headers=[RecordHeader(key = b3, value = [{}])]", bytes(&b3, ", "));
    check(&single, Rule::B3Single, Some(SPAN));
    let list = bytes(&value, ",");
    for headers in [
        format!(r#"[{{"key":"traceparent","value":[{list}]}}]"#),
        format!(r#"{{"traceparent":[{list}]}}"#),
        format!(r#"{{"traceparent":{{"type":"Buffer","data":[{list}]}}}}"#),
    ] {
        check(&format!(r#"{{"msg":"got","headers":{headers}}}"#), Rule::Traceparent, Some(SPAN));
    }
    // What is no text is no header, and what is malformed is told.
    assert_eq!(read_text("RecordHeader(key = traceparent, value = [48, 0, 45])"), (None, None));
    assert_eq!(read_text("RecordHeader(key = traceparent, value = [48, 48, 45])"), (None, Some(Flaw::Parts)));
    assert_eq!(read_text("RecordHeader(key = traceparent, value = [B@1f2e3d)"), (None, None));
}

#[test]
fn a_malformed_header_is_told_and_is_no_id() {
    let formats = Formats::builtin_of(&["json"]);
    let text = format!(r#"{{"msg":"x","traceparent":"00-{TRACE}-0000000000000000-01"}}"#);
    let parsed = formats.parse(formats.id("json"), &text);
    let (ids, flaw) = ids_of(&parsed);
    assert_eq!(flaw, Some(Flaw::Zero));
    assert_eq!(ids.trace, None);
    let text = format!("got traceparent: 00-{}-{SPAN}-01", TRACE.to_uppercase());
    let (ids, flaw) = read_text(&text);
    assert_eq!((ids, flaw), (None, Some(Flaw::Alphabet)));
    // Names of headers are no headers.
    assert_eq!(read_text("Access-Control-Allow-Headers: traceparent, tracestate, b3"), (None, None));
    // What goes wrong beside it takes nothing away from the id.
    let text = format!(r#"{{"msg":"x","traceparent":"00-{TRACE}-{SPAN}-01","tracestate":"a=1,,=2"}}"#);
    let parsed = formats.parse(formats.id("json"), &text);
    assert_eq!((ids_of(&parsed).0.trace, ids_of(&parsed).1), (Some(TRACE), Some(Flaw::State)));
}

#[test]
fn an_entry_is_asked_for_by_each_id_of_its_request() {
    let formats = Formats::builtin_of(&["json"]);
    let text = format!(
        r#"{{"msg":"x","trace_id":"7f3a9b21c4d5e601","traceparent":"00-{TRACE}-{SPAN}-01","request_id":"req-88fd41"}}"#
    );
    let parsed = formats.parse(formats.id("json"), &text);
    assert_eq!(request_ids(&parsed).collect::<Vec<_>>(), [TRACE, "7f3a9b21c4d5e601", "req-88fd41"]);
    let message = format!("[shop,{TRACE},{SPAN}] pay job_id=nightly-20261120");
    let parsed = Parsed { message, ..Parsed::default() };
    assert_eq!(request_ids(&parsed).collect::<Vec<_>>(), [TRACE, "nightly-20261120"]);
    assert_eq!(request_ids(&Parsed::default()).next(), None);
}

fn read_text(message: &str) -> (Option<String>, Option<Flaw>) {
    let parsed = Parsed { message: message.to_owned(), ..Parsed::default() };
    let (ids, flaw) = ids_of(&parsed);
    (ids.trace.map(str::to_owned), flaw)
}

#[test]
fn what_stands_in_place_of_a_trace_id_is_told() {
    let formats = Formats::builtin_of(&["json"]);
    let read = |value: &str, more: &str| {
        let text = format!(r#"{{"msg":"x","trace_id":"{value}"{more}}}"#);
        let parsed = formats.parse(formats.id("json"), &text);
        let (ids, flaw) = ids_of(&parsed);
        (ids.trace.map(str::to_owned), flaw)
    };
    let cut = &TRACE[..31];
    // Of another length, and that of some make all the same.
    for id in [cut, "0ad1348f04031692750021003566", "15af7183fb1d4cf5f"] {
        assert_eq!(read(id, ""), (Some(id.to_owned()), Some(Flaw::Length)), "{id}");
    }
    assert_eq!(read("undefined", ""), (None, Some(Flaw::Alphabet)));
    assert_eq!(read("a1b2", ""), (None, Some(Flaw::Length)));
    for none in ["", "-", "null", "None", "0", "00000000000000000000000000000000", "17"] {
        assert_eq!(read(none, ""), (None, None), "{none}");
    }
    for id in
        [TRACE, "7f3a9b21c4d5e6f", "65a1f0c2d4b3e7f8a9b0c1d2", "7f3a9b21-c4d5-4e6f-8a01-22b3c4d5e6f7", "1727562471346"]
    {
        assert_eq!(read(id, ""), (Some(id.to_owned()), None), "{id}");
    }
    // A span may have left out zeros, and a header knows better.
    assert_eq!(read(cut, r#","span.kind":"server""#), (Some(cut.to_owned()), None));
    let header = format!(r#","traceparent":"00-{TRACE}-{SPAN}-01""#);
    assert_eq!(read("undefined", &header), (Some(TRACE.to_owned()), None));
    assert_eq!(read(cut, &header), (Some(TRACE.to_owned()), None));
    // So does another field.
    for other in ["undefined", cut] {
        let labels = format!(r#","labels":{{"traceId":"{other}"}}"#);
        assert_eq!(read(TRACE, &labels), (Some(TRACE.to_owned()), None), "{other}");
        let text = format!(r#"{{"msg":"x","trace.id":"{TRACE}"{labels}}}"#);
        let parsed = formats.parse(formats.id("json"), &text);
        assert_eq!((ids_of(&parsed).0.trace, ids_of(&parsed).1), (Some(TRACE), None), "{other}");
    }
    assert_eq!(read_text(&format!("trace_id={cut} paid")), (Some(cut.to_owned()), Some(Flaw::Length)));
}

#[test]
fn words_and_short_numbers_are_no_ids() {
    for text in ["trace id: unknown", "request id: 17", "trace_id=00000000000000000000000000000000"] {
        let parsed = Parsed { message: text.to_owned(), ..Parsed::default() };
        assert_eq!(ids_of(&parsed).0.trace, None, "{text}");
    }
}

#[test]
fn ids_that_stand_in_front_of_the_level_are_those_of_the_entry() {
    let formats = Formats::builtin_of(&["timestamp"]);
    let skywalking = "8e9e3a2d7d2e4f6b9b7a9d4f7d3e2a1c.45.16050712345670001";
    let sofa = "0ad1348f1403169275002100356696";
    let time = "2026-11-20 10:23:45.123";
    for (line, trace, span) in [
        (format!("{time} [TID:{skywalking}] [main] INFO  shop.Cart -paid"), skywalking, None),
        (format!("{time} [TID: {skywalking}] INFO  Cart:12 - paid"), skywalking, None),
        (format!("{time} [main] [TID:{skywalking}] INFO  paid"), skywalking, None),
        (format!("{time} [{sofa},0.1] [main] INFO  paid"), sofa, Some("0.1")),
        (format!("{time} [shop,{TRACE},{SPAN}] INFO  paid"), TRACE, Some(SPAN)),
    ] {
        let parsed = formats.parse(formats.id("timestamp"), &line);
        let (ids, flaw) = ids_of(&parsed);
        assert_eq!((ids.trace, ids.span, flaw), (Some(trace), span, None), "{line}");
        assert!(parsed.message.ends_with("paid") && !parsed.message.contains(trace), "{line}");
    }
}
