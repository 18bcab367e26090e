//! What is read as an id of a request finds the line that it was read in, whatever stands beside it.

use super::*;

/// Ids that requests have, with what may stand before and behind them.
fn line_with_id() -> impl Strategy<Value = String> {
    let before = [
        "",
        "请求",
        "请求ID：",
        "调用traceId：",
        "trace_id=",
        "trace-id: ",
        "【request_id】＝",
        "任务ID“",
        "[shop,\u{3000}",
    ];
    let ids = [
        "4bf92f3577b34da65af7183fb1d4cf5f",
        "5AF7183FB1D4CF5F",
        "abcdefabcdefabcd",
        "6554734444506566495",
        "1-67891233-abcdef015af7183fb1d4cf5f",
        "7f3a9b21-c4d5-4e6f-8a01-abcdefabcdef",
        "req-88-abc",
        "nightly_7",
        "0ad1348f1403169275002100356696",
    ];
    let behind = ["", "完成", "，耗时 5ms", ",00f067aa0ba902b7]", " done", "\u{3000}ok"];
    let parts = (0..before.len(), 0..ids.len(), 0..behind.len());
    parts.prop_map(move |(one, id, other)| {
        format!("2026-11-20 10:00:01.500 INFO [mail] 调用 {}{}{}", before[one], ids[id], behind[other])
    })
}

proptest! {
    #[test]
    fn what_is_read_as_an_id_in_a_line_finds_the_line(line in line_with_id()) {
        let block = block_of(&FORMATS, std::slice::from_ref(&line)).expect("a block");
        let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
        let parsed = FORMATS.parse(columns.shape(0).format, &line);
        for id in crate::ids::request_ids(&parsed) {
            for test in [Test::Is(id.to_owned()), Test::Equals(id.to_owned()), Test::StartsWith(id[..5].to_owned())] {
                let expr = Expr::Field { name: "trace".into(), test };
                // With the indexes, which must name the block then.
                prop_assert!(finds(&line, &expr), "{} in {}", expr, line);
            }
        }
    }
}

#[test]
fn malformed_ids_are_found_by_what_is_wrong_with_them() {
    let line = |header: &str| format!("2026-11-20 10:00:01.500 INFO [mail] got traceparent: {header}");
    let (trace, span) = ("4bf92f3577b34da65af7183fb1d4cf5f", "00f067aa0ba902b7");
    let (good, bad) = (line(&format!("00-{trace}-{span}-01")), line(&format!("00-{}-{span}-01", trace.to_uppercase())));
    let finds = |line: &str, query: &str| finds(line, &model::query::parse(query).0);
    for query in ["malformed_id:*", "malformed_id:characters"] {
        assert_eq!((finds(&good, query), finds(&bad, query)), (false, true), "{query}");
    }
    assert!(!finds(&bad, "malformed_id:length"));
}
