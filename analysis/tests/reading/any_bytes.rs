//! Claims about bytes of any kind: neither slicing nor resuming changes anything, and nothing is lost.

use analysis::format::{FieldSlots, FormatId};
use analysis::read::Reader;
use model::entry::Value;
use proptest::prelude::*;

use super::{context, drain, formats, read_slices};

/// A table of the text's words, some of its cells quoted over two lines.
fn table(text: &str) -> String {
    let rows = text.split_whitespace().enumerate().map(|(n, word)| {
        let word = word.replace(['"', ','], "");
        match n % 5 {
            0 => format!("2026-11-20 10:23:45,\"{word}\n{word}\",{n}\n"),
            _ => format!("2026-11-20 10:23:45,{word},{n}\n"),
        }
    });
    "time,a,pid\n".to_owned() + &rows.collect::<String>()
}

/// A table whose messages are the text's lines, as other systems export them.
fn export(text: &str) -> String {
    let row = |(n, line): (usize, &str)| format!("2026-11-20 10:23:45,\"{}\",web-{n}\n", line.replace('"', "\"\""));
    "time,message,pod\n".to_owned() + &text.lines().enumerate().map(row).collect::<String>()
}

/// Bytes that look like logs: lines of several formats and lines that are none, mixed.
fn log_like() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        4 => "2026-11-[12][0-9] 10:23:4[0-9](,[0-9]{3})? (INFO|WARN|error|) ?[a-zé=\" ]{0,12}",
        3 => r#"\{"(ts|time|msg)":"2026-11-20T10:23:4[0-9]Z","level":"(info|warn|x)","a":[0-9]{1,3}\}"#,
        1 => r#"\{"time":"2026-11-20T10:23:4[0-9]Z","level":"info","(a|A|\\u0061|)":\{"(b|)":("x"|7|\{"a":1\}),"a":null\},"A":true\}"#,
        2 => "time=2026-11-20T10:23:4[0-9]Z level=(info|error) msg=[a-z]{1,5}( [aA]=[1x\"]{0,3}){0,3}",
        1 => r#"<1[0-9]>1 2026-11-20T10:23:45Z web-1 app 7 - (-|\[a b="[1x]"\]) [a-z ]{0,5}( (a|A|pid|a.b)=[1x"]{0,3}){0,3}"#,
        1 => r"20(19|24)-0[1-9]-2[0-8] 10:23:4[0-9] INFO [a-z ]{0,9}",
        2 => r"(<1[0-9]>)?Nov 2[0-9] 10:23:4[0-9] web-1 app(\[7\])?: [a-z ]{0,9}",
        1 => r#"10.0.0.[0-9] - - \[20/Nov/2026:10:23:4[0-9] \+0000\] "GET /[a-z]{0,5}( a=1| status=9)? HTTP/1.1" [2-5]0[0-4] [0-9]{1,3}( "-" "[a-z]?")?"#,
        1 => r#"2026-11-20T10:23:4[0-9].1Z std(out|err) [PF] (\{"level":"warn","a":[0-9]\}|level=info a=1|[a-z ]{0,9})"#,
        2 => r"2026-11-20T10:23:4[0-9].1Z stdout F ( +at x|\tat a.B\(C.java:1\)|x.IOException: y|Caused by: x|Traceback \(most|panic: x|main\(\)|2026-11-20 10:23:45,1 ERROR x|)",
        1 => r#"(web-1|db_2)  ?\| (\{"level":"warn","msg":"x","a":1\}|[a-z ]{0,9})"#,
        1 => r#"\{"log":"(\{\\"a\\":1,\\"app\\":\\"[a-z]\\"\}|level=warn a=[0-9]|x)\\n","stream":"stdout","time":"2026-11-20T10:23:45Z"\}"#,
        1 => r#"\{|\}| *\{ *"a": ?1,?|  "(time|level)": "(info|2026-11-20T10:23:45Z)",?| *\},|\["#,
        1 => r#"2026-11-2[0-9],(info|warn),("a|"a""b"|x)?,[0-9]?"#,
        1 => r#"(\{"(Records|value)":)?\[\{"a":([0-9]|"[x\\]?)\}(, ?\{"time":"2026-11-20T10:23:4[0-9]Z","a":\{"b":"\}"\}\}){0,3}\]\}|\{"Records": ?\[|  "Records": \["#,
        1 => r"\tat a.B\(C.java:1\)|Caused by: x|\}|panic: x|goroutine 1|main.main\(\)|thread 'main' panicked at a.rs:1:1:|",
        1 => "[ -~]{0,20}",
    ];
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    let lines = prop::collection::vec((line, end), 0..90);
    let garbage = prop::collection::vec(any::<u8>(), 0..40);
    (lines, garbage, 0..5_usize).prop_map(|(lines, garbage, mode)| {
        let text: String = lines.into_iter().flat_map(|(line, end)| [line, end.to_owned()]).collect();
        match mode {
            0 => text.into_bytes(),
            1 => [text.as_bytes(), &garbage, text.as_bytes()].concat(),
            2 => table(&text).into_bytes(),
            3 => export(&text).into_bytes(),
            _ => [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_slicing_gives_the_same_entries(bytes in log_like(), sizes in prop::collection::vec(1..200_usize, 1..20)) {
        let formats = formats();
        let whole = read_slices(formats, std::iter::once(&bytes[..]));
        let mut rest = &bytes[..];
        let mut sizes = sizes.iter().cycle();
        let slices = std::iter::from_fn(|| {
            let (slice, behind) = rest.split_at(rest.len().min(*sizes.next()?));
            rest = behind;
            (!slice.is_empty()).then_some(slice)
        });
        prop_assert_eq!(read_slices(formats, slices), whole);
    }

    #[test]
    fn resuming_behind_any_entry_gives_exactly_the_entries_that_follow(bytes in log_like(), cut in any::<prop::sample::Index>()) {
        let formats = formats();
        let whole = read_slices(formats, std::iter::once(&bytes[..]));
        prop_assume!(!whole.is_empty());
        let at = cut.index(whole.len());
        let position = whole[at].after.clone();
        let mut reader = Reader::resume(formats, context(), position.clone());
        reader.push(&bytes[position.offset as usize..]);
        reader.finish();
        let mut resumed = Vec::new();
        drain(&mut reader, &mut resumed);
        prop_assert_eq!(&resumed[..], &whole[at + 1..]);
    }

    #[test]
    fn every_byte_is_in_an_entry_or_a_line_end(bytes in log_like()) {
        let whole = read_slices(formats(), std::iter::once(&bytes[..]));
        if let Some(last) = whole.last() {
            prop_assert_eq!(last.after.offset, bytes.len() as u64);
            if last.after.encoding == Default::default() {
                let n_text: usize = whole.iter().map(|entry| entry.text.len()).sum();
                let n_ends = bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
                prop_assert!(n_text <= bytes.len() && n_text + n_ends >= bytes.len());
            }
        }
    }

    #[test]
    fn heads_and_opened_entries_agree(bytes in log_like()) {
        let formats = formats();
        for entry in read_slices(formats, std::iter::once(&bytes[..])) {
            let Ok(text) = std::str::from_utf8(&entry.text) else { continue };
            let parsed = formats.parse(entry.head.format, text);
            prop_assert_eq!(entry.service(), parsed.service);
            prop_assert_eq!(entry.head.severity.0 == 0, parsed.severity_text.is_empty());
        }
    }

    #[test]
    fn one_field_is_what_the_opened_entry_has(bytes in log_like()) {
        let formats = formats();
        for entry in read_slices(formats, std::iter::once(&bytes[..])) {
            let Ok(text) = std::str::from_utf8(&entry.text) else { continue };
            let fields = formats.parse(entry.head.format, text).fields;
            for name in ["a", "msg", "level", "time", "A.b", "pid", "Status", "user_agent", "absent"] {
                let of_name = fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
                let expected: Vec<Value> = of_name.map(|field| field.value.clone()).collect();
                let (name, mut slots, mut found) = (formats.field_name(name), FieldSlots::default(), Vec::new());
                formats.any_field(entry.head.format, text, &name, &mut slots, &mut |value| {
                    found.push(Value::from(value));
                    false
                });
                prop_assert!(expected.iter().all(|value| found.contains(value)), "{:?} of {}", name, text);
                prop_assert!(found.iter().all(|value| expected.contains(value)), "{:?} of {}", name, text);
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange(
        pieces in prop::collection::vec(prop_oneof![
            any::<[u8; 3]>().prop_map(|bytes| bytes.to_vec()),
            prop::sample::select(vec![
                "{", "}", "\"", "\\", "[", "]", ":", ",", "=", " ", "\n", "\r", "<34>", "1 ", "- ", "2026-11-20", "T10:23:45", ".123", "+01:00",
                "Nov 20 10:23:45 ", "time", "level", "info", "log", "service", "é", "1763633025", "0", "a.b", "\u{feff}",
            ]).prop_map(|piece| piece.as_bytes().to_vec()),
        ], 0..120),
    ) {
        let bytes = pieces.concat();
        let formats = formats();
        for entry in read_slices(formats, std::iter::once(&bytes[..])) {
            let text = String::from_utf8_lossy(&entry.text);
            for index in 0..8 {
                formats.parse(FormatId(index), &text);
            }
        }
    }
}
