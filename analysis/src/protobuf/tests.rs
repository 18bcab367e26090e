//! Messages made by hand, whole, cut off and damaged.

use proptest::prelude::*;

use super::*;
use crate::container::gzip;

fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn counted(message: &[u8]) -> Vec<u8> {
    [number(message.len() as u64), message.to_vec()].concat()
}

/// Behind a length of four bytes.
fn sized(message: &[u8]) -> Vec<u8> {
    [(message.len() as u32).to_be_bytes().to_vec(), message.to_vec()].concat()
}

fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [number(field << 3 | 2), counted(content)].concat()
}

fn varint_field(field: u64, value: u64) -> Vec<u8> {
    [number(field << 3), number(value)].concat()
}

fn fixed(field: u64, value: u64) -> Vec<u8> {
    [number(field << 3 | 1), value.to_le_bytes().to_vec()].concat()
}

const TIME: u64 = 1_795_170_225_123_456_789;

fn log_entry(id: &str, payload: &[u8]) -> Vec<u8> {
    let label = [bytes(1, b"service"), bytes(2, b"cart")].concat();
    [bytes(1, id.as_bytes()), varint_field(2, 2), varint_field(3, TIME), bytes(4, payload), bytes(5, &label)].concat()
}

fn log_entries(n: usize) -> Vec<u8> {
    (0..n).flat_map(|i| counted(&log_entry(&format!("id-{i}"), format!("payload {i}\n").as_bytes()))).collect()
}

fn text_value(text: &str) -> Vec<u8> {
    bytes(1, text.as_bytes())
}

fn pair(name: &str, value: &[u8]) -> Vec<u8> {
    [bytes(1, name.as_bytes()), bytes(2, value)].concat()
}

/// One `ResourceLogs` with `n` records, as the field that repeats it.
fn otlp(n: usize) -> Vec<u8> {
    let resource = bytes(1, &pair("service.name", &text_value("billing")));
    let record = |i: usize| {
        let list = [bytes(1, &varint_field(3, 7)), bytes(1, &varint_field(2, 1))].concat();
        let record = [
            fixed(1, TIME + i as u64),
            varint_field(2, 17),
            bytes(3, b"ERROR"),
            bytes(5, &text_value(&format!("declined {i}"))),
            bytes(6, &pair("list", &bytes(5, &list))),
            bytes(9, &[0xAB; 16]),
            bytes(10, &[0xCD; 8]),
        ];
        bytes(2, &record.concat())
    };
    let scope = bytes(1, &bytes(1, b"shop"));
    let scope_logs = [scope, (0..n).flat_map(record).collect()].concat();
    bytes(1, &[bytes(1, &resource), bytes(2, &scope_logs)].concat())
}

fn transcode(file: &[u8], slice_bytes: usize) -> (Vec<String>, Option<Flaw>) {
    let mut transcoder = Transcoder::new(detect(file).expect("it is protobuf"));
    let mut text = Vec::new();
    let mut take = |lines: &[u8]| text.extend_from_slice(lines);
    file.chunks(slice_bytes).for_each(|slice| transcoder.push(slice, &mut take));
    let flaw = transcoder.finish(&mut take);
    (String::from_utf8(text).unwrap().lines().map(str::to_owned).collect(), flaw)
}

#[test]
fn log_entries_become_json_lines() {
    let packed = counted(&log_entry("z", &gzip(b"level=warn \"quoted\"\n")));
    let binary = counted(&log_entry("b", b"\xFF\x00"));
    let (lines, flaw) = transcode(&[log_entries(1), packed, binary].concat(), 7);
    assert_eq!(flaw, None);
    let start = format!("{{\"timestamp\":{TIME},\"log_id\":");
    let labels = r#","source_type":"grpc","labels":{"service":"cart"},"#;
    assert_eq!(lines[0], format!("{start}\"id-0\"{labels}\"payload\":\"payload 0\"}}"));
    assert_eq!(lines[1], format!(r#"{start}"z"{labels}"payload":"level=warn \"quoted\""}}"#));
    assert_eq!(lines[2], format!("{start}\"b\"{labels}\"payload_base64\":\"/wA=\"}}"));
}

#[test]
fn payloads_that_unfold_beyond_reason_are_refused() {
    let payload = gzip(&vec![b'\n'; 15 << 20]);
    let file = counted(&log_entry("b", &payload)).repeat(20);
    for slice_bytes in [10_000, usize::MAX] {
        let (lines, flaw) = transcode(&file, slice_bytes);
        assert_eq!((lines.len(), flaw), (4, Some(Flaw::Bomb)));
    }
}

#[test]
fn a_payload_that_is_cut_is_told_and_what_follows_is_read() {
    let large = gzip(&vec![b'\n'; (16 << 20) + 1]);
    let file = [counted(&log_entry("large", &large)), log_entries(2)].concat();
    let (lines, flaw) = transcode(&file, 1000);
    assert_eq!((lines.len(), flaw), (3, Some(Flaw::CutPayload)));
    let largest = gzip(&vec![b'\n'; 16 << 20]);
    assert_eq!(transcode(&counted(&log_entry("largest", &largest)), 1000).1, None);
}

#[test]
fn lines_of_a_message_that_repeats_much_come_a_few_megabytes_at_a_time() {
    let resource = bytes(1, &bytes(1, &pair("host", &text_value(&"h".repeat(1 << 19)))));
    let scope_logs = bytes(2, &bytes(2, &fixed(1, TIME)).repeat(100));
    let mut transcoder = Transcoder::new(Kind::OtlpMessage);
    let mut sizes = Vec::new();
    transcoder.push(&bytes(1, &[resource, scope_logs].concat()), &mut |lines| {
        assert!(lines.ends_with(b"\n"));
        sizes.push(lines.len());
    });
    assert_eq!(transcoder.finish(&mut |_| panic!("all lines came before")), None);
    assert!(sizes.iter().sum::<usize>() > 50 << 20 && sizes.iter().all(|&size| size < 2 << 20), "{sizes:?}");
}

#[test]
fn otlp_is_read_as_one_message_and_as_many() {
    let expected = format!(
        r#"{{"time":{TIME},"severity_number":17,"severity_text":"ERROR","body":"declined 0","trace_id":"{}","span_id":"{}","attributes":{{"list":[7,true]}},"resource":{{"service.name":"billing"}},"scope":"shop"}}"#,
        "ab".repeat(16),
        "cd".repeat(8)
    );
    for (file, kind) in [
        (otlp(2), Kind::OtlpMessage),
        (counted(&otlp(2)), Kind::OtlpMessages),
        (sized(&otlp(2)), Kind::OtlpSizedMessages),
    ] {
        assert_eq!(detect(&file), Some(kind));
        for slice_bytes in [1, 1000] {
            let (lines, flaw) = transcode(&file, slice_bytes);
            assert_eq!((lines.len(), flaw), (2, None));
            assert_eq!(lines[0], expected);
        }
    }
    assert_eq!(transcode(&[otlp(3), otlp(2)].concat(), 50).0.len(), 5);
    assert_eq!(transcode(&[counted(&otlp(3)), counted(&otlp(2))].concat(), 50).0.len(), 5);
    assert_eq!(transcode(&[sized(&otlp(3)), sized(&otlp(2))].concat(), 50).0.len(), 5);
}

#[test]
fn what_is_cut_off_keeps_what_was_before() {
    for file in [log_entries(100), otlp(100), counted(&otlp(100)), sized(&otlp(100))] {
        let (lines, flaw) = transcode(&file[..file.len() / 2], 100);
        assert_eq!(flaw, Some(Flaw::Truncated));
        assert!((47..51).contains(&lines.len()), "{} lines", lines.len());
        assert_eq!(lines, transcode(&file, 100).0[..lines.len()]);
    }
}

#[test]
fn damage_that_hides_where_messages_begin_is_told_and_what_was_before_is_kept() {
    let file = [log_entries(3), vec![0xFF; 10], log_entries(1)].concat();
    let (lines, flaw) = transcode(&file, 1000);
    assert_eq!((lines.len(), flaw), (3, Some(Flaw::Corrupt)));
}

#[test]
fn a_damaged_message_is_told_and_the_others_are_kept() {
    let foreign = counted(&bytes(9, b"foreign"));
    let file = [log_entries(2), vec![3, 0xFF, 0xFF, 0xFF], log_entries(1), foreign, log_entries(1)].concat();
    for slice_bytes in [1, 1000] {
        let (lines, flaw) = transcode(&file, slice_bytes);
        assert_eq!((lines.len(), flaw), (4, Some(Flaw::LeftOut(2))));
    }
}

#[test]
fn fields_that_came_later_are_passed_over() {
    let newer = [log_entry("new", b"payload"), bytes(9, b"region"), varint_field(10, 7)].concat();
    let (lines, flaw) = transcode(&[log_entries(1), counted(&newer), log_entries(1)].concat(), 1000);
    assert_eq!((lines.len(), flaw), (3, None));
    assert!(lines[1].contains(r#""log_id":"new""#) && !lines[1].contains("region"), "{}", lines[1]);
}

#[test]
fn entries_without_a_time_may_come_first() {
    let timeless = counted(&bytes(1, b"a"));
    let file = [timeless.clone(), timeless.clone(), log_entries(1)].concat();
    assert_eq!(detect(&file), Some(Kind::LogEntries));
    assert_eq!(transcode(&file, 1000).0.len(), 3);
    assert_eq!(detect(&timeless), None);
}

#[test]
fn a_file_of_one_short_entry_is_told_and_text_is_not() {
    assert_eq!(detect(&log_entries(1)), Some(Kind::LogEntries));
    for text in ["", "\n", "\n\n\n\n\n", "\n\x12", "2026-11-20 10:00:00 INFO x\n", "2\n2a log", "{\"a\":1}\n"] {
        assert_eq!(detect(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(detect(b"\x7fELF\x02\x01\x01"), None);
}

#[test]
fn spans_become_the_lines_that_those_of_json_do() {
    let span = [
        bytes(1, &[0xAB; 16]),
        bytes(2, &[0xCD; 8]),
        bytes(4, &[0xEF; 8]),
        bytes(5, b"GET /cart"),
        varint_field(6, 2),
        fixed(7, TIME),
        fixed(8, TIME + 12_500_000),
        bytes(9, &pair("n", &varint_field(3, 7))),
        bytes(15, &[bytes(2, b"lost"), varint_field(3, 2)].concat()),
    ];
    let scope_spans = bytes(2, &[bytes(1, &bytes(1, b"http")), bytes(2, &span.concat())].concat());
    let resource = bytes(1, &bytes(1, &pair("service.name", &text_value("cart"))));
    let file = bytes(1, &[resource, scope_spans].concat());
    let mut transcoder = Transcoder::new(detect(&file).unwrap());
    let mut lines = Vec::new();
    transcoder.push(&file, &mut |more| lines.extend_from_slice(more));
    assert_eq!(transcoder.finish(&mut |more| lines.extend_from_slice(more)), None);
    expect_test::expect![[r#"
        {"time":1795170225123456789,"severity_number":17,"span":{"name":"GET /cart","kind":"server","duration_ms":12.5,"status":"error","status_message":"lost"},"trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd","parent_span_id":"efefefefefefefef","attributes":{"n":7},"resource":{"service.name":"cart"},"scope":"http"}
    "#]].assert_eq(&String::from_utf8(lines).unwrap());
}

#[test]
fn events_and_links_of_a_span_are_in_its_line() {
    let event = |more: Vec<u8>| bytes(11, &[fixed(1, TIME), bytes(2, b"exception"), more].concat());
    let span = [
        bytes(1, &[0xAB; 16]),
        bytes(5, b"GET /cart"),
        fixed(7, TIME),
        event(
            [bytes(3, &pair("exception.type", &text_value("Lost"))), bytes(3, &pair("name", &text_value("x")))]
                .concat(),
        ),
        event(Vec::new()),
        bytes(13, &[bytes(1, &[0x12; 16]), bytes(2, &[0x34; 8]), bytes(4, &pair("n", &varint_field(3, 7)))].concat()),
    ];
    let file = bytes(1, &bytes(2, &bytes(2, &span.concat())));
    let (lines, flaw) = transcode(&file, 5);
    assert_eq!(flaw, None);
    expect_test::expect![[r#"{"time":1795170225123456789,"severity_number":9,"span":{"name":"GET /cart","kind":"internal","duration_ms":0.0},"trace_id":"abababababababababababababababab","events":[{"exception.type":"Lost","name":"exception","time":1795170225123456789},{"name":"exception","time":1795170225123456789}],"links":[{"n":7,"trace_id":"12121212121212121212121212121212","span_id":"3434343434343434"}]}"#]]
    .assert_eq(&lines.join("\n"));
}

/// A `Metric` whose points, of the kind with this field, are these.
fn metric(name: &str, field: u64, points: &[Vec<u8>]) -> Vec<u8> {
    let points: Vec<u8> = points.iter().flat_map(|point| bytes(1, point)).collect();
    bytes(2, &[bytes(1, name.as_bytes()), bytes(2, b"What it is."), bytes(3, b"ms"), bytes(field, &points)].concat())
}

/// The same, delta (1) or cumulative (2).
fn temporal(name: &str, field: u64, temporality: u64, point: &[u8]) -> Vec<u8> {
    let data = [bytes(1, point), varint_field(2, temporality)].concat();
    bytes(2, &[bytes(1, name.as_bytes()), bytes(3, b"ms"), bytes(field, &data)].concat())
}

fn double(field: u64, value: f64) -> Vec<u8> {
    fixed(field, value.to_bits())
}

fn otlp_metrics() -> Vec<u8> {
    let route = bytes(7, &pair("route", &text_value("/")));
    let number = [fixed(3, TIME), double(4, 2.5), route.clone()].concat();
    let exemplar = [fixed(2, TIME), double(3, 9.5), bytes(4, &[0xCD; 8]), bytes(5, &[0xAB; 16])].concat();
    let whole = [fixed(3, TIME + 1), fixed(6, -7_i64 as u64), bytes(5, &exemplar)].concat();
    let packed = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let histogram = [
        fixed(3, TIME),
        fixed(4, 3),
        double(5, 9.0),
        bytes(6, &packed(&[1, 2])),
        bytes(7, &packed(&[1_f64.to_bits()])),
        double(12, f64::INFINITY),
    ];
    let summary =
        [fixed(3, TIME), fixed(4, 3), bytes(6, &double(2, 1.0)), bytes(6, &[double(1, 0.9), double(2, 4.0)].concat())];
    let exponential = [fixed(3, TIME), fixed(4, 3), varint_field(6, 3), fixed(7, 1)];
    let metrics = [
        metric("busy", 5, &[number]),
        temporal("hits", 7, 2, &whole),
        temporal("took", 9, 1, &histogram.concat()),
        metric("spread", 10, &[exponential.concat()]),
        metric("waited", 11, &[summary.concat()]),
    ];
    let resource = bytes(1, &bytes(1, &pair("service.name", &text_value("cart"))));
    let scope_metrics = bytes(2, &[bytes(1, &bytes(1, b"meter")), metrics.concat()].concat());
    bytes(1, &[resource, scope_metrics].concat())
}

#[test]
fn points_of_metrics_become_the_lines_that_those_of_json_do() {
    let file = otlp_metrics();
    for file in [file.clone(), counted(&file)] {
        let (lines, flaw) = transcode(&file, 11);
        assert_eq!(flaw, None);
        expect_test::expect![[r#"
            {"time":1795170225123456789,"metric":{"name":"busy","kind":"gauge","unit":"ms","value":2.5},"attributes":{"route":"/"},"resource":{"service.name":"cart"},"scope":"meter"}
            {"time":1795170225123456790,"metric":{"name":"hits","kind":"sum","unit":"ms","temporality":"cumulative","value":-7},"resource":{"service.name":"cart"},"scope":"meter","trace_id":"abababababababababababababababab","exemplars":[{"time":1795170225123456789,"value":9.5,"span_id":"cdcdcdcdcdcdcdcd","trace_id":"abababababababababababababababab"}]}
            {"time":1795170225123456789,"metric":{"name":"took","kind":"histogram","unit":"ms","temporality":"delta","count":3,"sum":9.0,"buckets":[1,2],"bounds":[1.0],"max":"inf"},"resource":{"service.name":"cart"},"scope":"meter"}
            {"time":1795170225123456789,"metric":{"name":"spread","kind":"exponential histogram","unit":"ms","count":3,"scale":-2,"zero_count":1},"resource":{"service.name":"cart"},"scope":"meter"}
            {"time":1795170225123456789,"metric":{"name":"waited","kind":"summary","unit":"ms","count":3,"quantiles":[{"quantile":0.0,"value":1.0},{"quantile":0.9,"value":4.0}]},"resource":{"service.name":"cart"},"scope":"meter"}
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
    }
    let (lines, flaw) = transcode(&file[..file.len() - 30], 11);
    assert_eq!((lines.len(), flaw), (4, Some(Flaw::Truncated)));
}

#[test]
fn buckets_of_an_exponential_histogram_are_bounds_and_counts() {
    // Offsets are sint32: 3 is -2. Counts are packed, or one by one.
    let counts: Vec<u8> = [2, 300].into_iter().flat_map(number).collect();
    let positive = [varint_field(1, 3), bytes(2, &counts)].concat();
    let negative = [varint_field(2, 1), varint_field(2, 4)].concat();
    let point = [fixed(3, TIME), fixed(4, 307), varint_field(6, 0), bytes(8, &positive), bytes(9, &negative)];
    let resource = bytes(1, &bytes(1, &pair("service.name", &text_value("cart"))));
    let file = bytes(1, &[resource, bytes(2, &metric("spread", 10, &[point.concat()]))].concat());
    let (lines, flaw) = transcode(&file, 9);
    assert_eq!((lines.len(), flaw), (1, None));
    let buckets = r#""bounds":[-4.0,-2.0,-1.0,0.25,0.5,1.0],"buckets":[0,4,1,0,2,300,0]}"#;
    assert!(lines[0].contains(buckets), "{}", lines[0]);
}

#[test]
fn a_point_without_a_stamp_is_one_of_its_metric() {
    let resource = bytes(1, &bytes(1, &pair("service.name", &text_value("cart"))));
    let metrics = [metric("busy", 5, &[double(4, 2.5)]), metric("sixteen.letters_", 5, &[]), metric("idle", 7, &[])];
    let span = bytes(2, &[bytes(1, &[0xAB; 16]), bytes(2, &[0xCD; 8]), bytes(5, b"GET")].concat());
    let scope_metrics = bytes(2, &[&metrics.concat()[..], &span].concat());
    let (lines, flaw) = transcode(&bytes(1, &[resource, scope_metrics].concat()), 1000);
    assert_eq!(flaw, None);
    expect_test::expect![[r#"
        {"time":null,"metric":{"name":"busy","kind":"gauge","unit":"ms","value":2.5},"resource":{"service.name":"cart"}}
        {"time":0,"severity_number":9,"span":{"name":"GET","kind":"internal","duration_ms":0.0},"trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd","resource":{"service.name":"cart"}}
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
}

proptest! {
    #[test]
    fn damaged_metrics_break_no_line(at: prop::sample::Index, damage: [u8; 2], slice_bytes in 1..100usize) {
        let mut file = otlp_metrics();
        let at = at.index(file.len() - 2);
        file[at..at + 2].copy_from_slice(&damage);
        let mut transcoder = Transcoder::new(Kind::OtlpMessage);
        let mut out = Vec::new();
        let mut take = |lines: &[u8]| out.extend_from_slice(lines);
        file.chunks(slice_bytes).for_each(|slice| transcoder.push(slice, &mut take));
        let _ = transcoder.finish(&mut take);
        for line in String::from_utf8(out).unwrap().lines() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{}", line);
        }
    }

    #[test]
    fn no_bytes_break_it_and_no_text_is_told(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in "[ -~\n\t]{0,200}") {
        prop_assert_eq!(detect(text.as_bytes()), None);
        let _ = detect(&bytes);
        for kind in [Kind::LogEntries, Kind::OtlpMessages, Kind::OtlpSizedMessages, Kind::OtlpMessage] {
            let mut transcoder = Transcoder::new(kind);
            let mut out = Vec::new();
            let mut take = |lines: &[u8]| out.extend_from_slice(lines);
            transcoder.push(&bytes, &mut take);
            let _ = transcoder.finish(&mut take);
            for line in String::from_utf8(out).unwrap().lines() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{}", line);
            }
        }
    }
}
