//! Claims about reading whole files: what becomes an entry.

use std::sync::LazyLock;

use analysis::format::{Formats, Head};
use analysis::read::{Context, MAX_ENTRY_BYTES, Position, Reader};
use expect_test::{Expect, expect};
use model::entry::Value;
use model::time::{Nanos, Zone, format_wall};

mod any_bytes;

mod traces;

/// 2026-12-01T00:00:00Z
const MODIFIED: Nanos = Nanos(1_796_083_200_000_000_000);

/// The shipped formats, compiled once.
fn formats() -> &'static Formats {
    static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);
    &FORMATS
}

fn context() -> Context {
    Context { path: "a.log".to_owned(), modified: MODIFIED, zone: Zone::utc() }
}

/// One entry as a test sees it, and the position behind it.
#[derive(Clone, Debug, PartialEq)]
struct Read {
    text: Vec<u8>,
    head: Head,
    n_lines: u32,
    after: Position,
}

impl Read {
    fn service(&self) -> Option<String> {
        let range = self.head.service.clone()?;
        Some(String::from_utf8_lossy(&self.text[range.start as usize..range.end as usize]).into_owned())
    }
}

fn drain(reader: &mut Reader<'_>, entries: &mut Vec<Read>) {
    while let Some(record) = reader.next_record() {
        let (text, head, n_lines) = (record.text.to_vec(), record.head, record.n_lines);
        entries.push(Read { text, head, n_lines, after: reader.position() });
    }
}

fn read_slices<'a>(formats: &Formats, slices: impl Iterator<Item = &'a [u8]>) -> Vec<Read> {
    let mut reader = Reader::new(formats, context());
    let mut entries = Vec::new();
    for slice in slices {
        reader.push(slice);
        drain(&mut reader, &mut entries);
    }
    reader.finish();
    drain(&mut reader, &mut entries);
    entries
}

fn corpus(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lines, time, severity, service, format and text of each entry.
fn check(bytes: &[u8], expected: Expect) {
    let formats = formats();
    let mut lines_before = 0;
    let mut shown = String::new();
    for entry in read_slices(formats, std::iter::once(bytes)) {
        let digits = entry.head.precision.fraction_digits();
        let time = entry.head.time.map_or("-".to_owned(), |time| format_wall(time, &Zone::utc(), digits));
        let service = entry.service().unwrap_or_else(|| "-".to_owned());
        let text = String::from_utf8_lossy(&entry.text).replace('\n', "⏎").replace('\t', "→");
        let (lines, severity, format) = (entry.after.lines, entry.head.severity.0, formats.name(entry.head.format));
        shown += &format!("{}-{lines} {time} {severity} {service} {format} | {text}\n", lines_before + 1);
        lines_before = lines;
    }
    expected.assert_eq(&shown);
}

#[test]
fn stack_traces_and_statements_stay_with_their_entry() {
    check(
        &corpus("java.log"),
        expect![[r#"
            1-2 - 0 - raw | Starting shop 4.2⏎ :: banner ::
            3-3 2026-11-20 10:23:45.123 9 - java | 2026-11-20 10:23:45,123 INFO  [main] shop.Cart - ready in 312 ms
            4-9 2026-11-20 10:23:45.456 17 - java | 2026-11-20 10:23:45,456 ERROR [pool-1] shop.Cart - checkout failed order=7⏎java.lang.IllegalStateException: no stock⏎→at shop.Cart.take(Cart.java:12)⏎→at shop.Main.main(Main.java:3)⏎Caused by: java.io.IOException: closed⏎→... 2 more
            10-14 2026-11-20 10:23:46.000 13 - java | 2026-11-20 10:23:46,000 WARN  [main] shop.Cart - slow query:⏎SELECT id⏎FROM orders⏎WHERE created > '2026-11-01 00:00:00'⏎
            15-15 2026-11-20 10:23:47.001 9 - java | 2026-11-20 10:23:47,001 INFO  [main] shop.Cart - done
        "#]],
    );
}

#[test]
fn a_crash_is_an_entry_of_its_own_with_its_dump() {
    check(
        b"2026/11/20 10:23:45 cart.go:12: ready\n\
          panic: lost\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\nexit status 2\n\
          2026/11/20 10:23:47 cart.go:12: ready\n\
          thread 'main' panicked at src/a.rs:1:2:\nlost\n\
          2026/11/20 10:23:48 cart.go:12: Traceback follows\nTraceback (most recent call last):\n  File \"x.py\", line 1\nKeyError: 7\n",
        expect![[r#"
            1-1 2026-11-20 10:23:45 0 - go | 2026/11/20 10:23:45 cart.go:12: ready
            2-7 - 21 - crash | panic: lost⏎⏎goroutine 1 [running]:⏎main.main()⏎→/app/main.go:5 +0x1d⏎exit status 2
            8-8 2026-11-20 10:23:47 0 - go | 2026/11/20 10:23:47 cart.go:12: ready
            9-10 - 21 - crash | thread 'main' panicked at src/a.rs:1:2:⏎lost
            11-14 2026-11-20 10:23:48 0 - go | 2026/11/20 10:23:48 cart.go:12: Traceback follows⏎Traceback (most recent call last):⏎  File "x.py", line 1⏎KeyError: 7
        "#]],
    );
    // Where no format says what begins an entry, the looks of its lines end the dump.
    check(
        b"ready\npanic: lost\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\nready again\n  indented\n",
        expect![[r#"
            1-1 - 0 - raw | ready
            2-6 - 21 - crash | panic: lost⏎⏎goroutine 1 [running]:⏎main.main()⏎→/app/main.go:5 +0x1d
            7-7 - 0 - raw | ready again
            8-8 - 0 - raw |   indented
        "#]],
    );
}

#[test]
fn a_trace_is_one_entry_where_each_of_its_lines_has_a_head() {
    check(
        b"2026-11-20T10:23:45.100000000Z stdout F 2026-11-20 10:23:45,100 ERROR [main] shop.Cart - no stock\n\
          2026-11-20T10:23:45.100000001Z stdout F java.io.IOException: closed\n\
          2026-11-20T10:23:45.100000002Z stdout F \tat shop.Cart.take(Cart.java:12)\n\
          2026-11-20T10:23:45.100000003Z stderr F \tat other.Stream.read(Stream.java:1)\n\
          2026-11-20T10:23:46.000000000Z stdout F ready\n\
          2026-11-20T10:23:46.000000001Z stdout F   on port 80\n\
          2026-11-20T10:33:46.000000000Z stdout F   much later\n\
          2026-11-20T10:33:47.000000000Z stderr F Traceback (most recent call last):\n\
          2026-11-20T10:33:47.000000001Z stderr F   File \"cart.py\", line 12, in take\n\
          2026-11-20T10:33:47.000000002Z stderr F ValueError: empty\n\
          2026-11-20T10:33:47.000000003Z stderr F ready()\n",
        expect![[r#"
            1-3 2026-11-20 10:23:45.100000000 17 - cri/java | 2026-11-20T10:23:45.100000000Z stdout F 2026-11-20 10:23:45,100 ERROR [main] shop.Cart - no stock⏎2026-11-20T10:23:45.100000001Z stdout F java.io.IOException: closed⏎2026-11-20T10:23:45.100000002Z stdout F →at shop.Cart.take(Cart.java:12)
            4-4 2026-11-20 10:23:45.100000003 0 - cri | 2026-11-20T10:23:45.100000003Z stderr F →at other.Stream.read(Stream.java:1)
            5-6 2026-11-20 10:23:46.000000000 0 - cri | 2026-11-20T10:23:46.000000000Z stdout F ready⏎2026-11-20T10:23:46.000000001Z stdout F   on port 80
            7-7 2026-11-20 10:33:46.000000000 0 - cri | 2026-11-20T10:33:46.000000000Z stdout F   much later
            8-11 2026-11-20 10:33:47.000000000 0 - cri | 2026-11-20T10:33:47.000000000Z stderr F Traceback (most recent call last):⏎2026-11-20T10:33:47.000000001Z stderr F   File "cart.py", line 12, in take⏎2026-11-20T10:33:47.000000002Z stderr F ValueError: empty⏎2026-11-20T10:33:47.000000003Z stderr F ready()
        "#]],
    );
    check(
        b"cart-1  | 2026-11-20 10:23:45,100 ERROR [main] shop.Cart - no stock\n\
          cart-2  | \tat shop.Cart.take(Cart.java:12)\n\
          cart-2  | \tat shop.Main.main(Main.java:5)\n",
        expect![[r#"
            1-1 2026-11-20 10:23:45.100 17 cart docker-compose/java | cart-1  | 2026-11-20 10:23:45,100 ERROR [main] shop.Cart - no stock
            2-3 - 0 cart docker-compose | cart-2  | →at shop.Cart.take(Cart.java:12)⏎cart-2  | →at shop.Main.main(Main.java:5)
        "#]],
    );
}

/// Lines and severity of each entry.
fn lines_and_severities(bytes: &[u8]) -> Vec<(u32, u8)> {
    let entries = read_slices(formats(), std::iter::once(bytes));
    entries.iter().map(|entry| (entry.n_lines, entry.head.severity.0)).collect()
}

#[test]
fn a_trace_in_objects_is_of_their_stream_and_of_no_object_that_a_program_wrote() {
    let line = |stream: &str, n: u32, log: &str| {
        let log = log.replace('"', "\\\"");
        format!("{{\"log\":\"{log}\\n\",\"stream\":\"{stream}\",\"time\":\"2026-11-20T10:23:45.{n}Z\"}}\n")
    };
    let trace = |first: u32| {
        line("stderr", first, "Traceback (most recent call last):")
            + &line("stderr", first + 1, "  File 'a.py', line 1")
            + &line("stderr", first + 2, "ValueError: z")
    };
    let (slow, done) = (r#"{"level":"warn","msg":"slow query"}"#, r#"{"level":"info","msg":"done"}"#);
    for stream in ["stdout", "stderr"] {
        let log = line(stream, 101, slow) + &trace(102) + &line(stream, 105, done);
        assert_eq!(lines_and_severities(log.as_bytes()), [(1, 13), (3, 0), (1, 9)], "{log}");
    }
    let of_other_stream = line("stderr", 101, "failed") + &line("stdout", 102, "  indented") + &trace(103);
    assert_eq!(lines_and_severities(of_other_stream.as_bytes()), [(1, 0), (1, 0), (3, 0)]);
}

#[test]
fn a_long_line_that_docker_wrote_in_parts_is_one_entry() {
    let line = |stream: &str, log: &str| {
        let log = log.replace('"', "\\\"").replace('\n', "\\n");
        format!("{{\"log\":\"{log}\",\"stream\":\"{stream}\",\"time\":\"2026-11-20T10:23:46.1Z\"}}\n")
    };
    let short = "{\"level\":\"info\",\"msg\":\"up\"}\n";
    let message = "x".repeat(40_000);
    let long = format!(r#"{{"level":"error","msg":"{message}","time":"2026-11-20T10:23:45.250Z","order":7}}"#) + "\n";
    let (first, rest) = long.split_at(16 << 10);
    let (second, third) = rest.split_at(16 << 10);
    let parts = [line("stdout", short), line("stdout", first), line("stdout", second), line("stdout", third)];
    let log = parts.concat() + &line("stdout", short);
    for size in [777, log.len()] {
        let entries = read_slices(formats(), log.as_bytes().chunks(size));
        assert_eq!(entries.iter().map(|entry| entry.n_lines).collect::<Vec<_>>(), [1, 3, 1]);
        let Read { head, text, .. } = &entries[1];
        assert_eq!((formats().name(head.format), head.severity.0), ("docker-json/json", 17));
        assert_eq!(head.time, Some(Nanos(1_795_170_225_250_000_000)));
        let parsed = formats().parse(head.format, std::str::from_utf8(text).unwrap());
        assert!(parsed.message == message);
        assert!(parsed.fields.iter().any(|field| field.name == "order" && field.value == Value::Int(7)));
    }
    // A part of which the other stream wrote in between has no more.
    let log = [line("stdout", short), line("stdout", first), line("stderr", short), line("stdout", short)].concat();
    assert_eq!(read_slices(formats(), std::iter::once(log.as_bytes())).len(), 4);
}

#[test]
fn lines_of_containers_that_came_in_parts_are_whole_where_all_of_them_hold_objects() {
    let up = "2026-11-20T10:23:45.1Z stdout F {\"level\":\"info\",\"msg\":\"up\"}\n".repeat(70);
    let parts = "2026-11-20T10:23:45.2Z stdout P {\"level\":\"warn\",\"msg\":\"a line \n\
        2026-11-20T10:23:45.2Z stdout F in parts\"}\n";
    let read = lines_and_severities((up + parts).as_bytes());
    assert_eq!((read.len(), read.last()), (71, Some(&(2, 13))));
}

#[test]
fn what_nothing_caught_is_an_entry_behind_any_line() {
    check(
        b"2026-11-20 10:00:00 INFO ready\nException in thread \"main\" java.lang.Error: no stock\n\tat a.B(C.java:1)\n\
          /app/cart.js:12\nthrow new Error('lost')\n^\n\nError: lost\n    at x (/app/cart.js:12:7)\n\nNode.js v22.11.0\n\
          Unhandled exception. System.Exception: no stock\n   at A.B()\n\
          2026-11-20 10:00:01 INFO again\n",
        expect![[r#"
            1-1 2026-11-20 10:00:00 9 - timestamp | 2026-11-20 10:00:00 INFO ready
            2-3 - 21 - uncaught | Exception in thread "main" java.lang.Error: no stock⏎→at a.B(C.java:1)
            4-11 - 21 - uncaught | /app/cart.js:12⏎throw new Error('lost')⏎^⏎⏎Error: lost⏎    at x (/app/cart.js:12:7)⏎⏎Node.js v22.11.0
            12-13 - 21 - uncaught | Unhandled exception. System.Exception: no stock⏎   at A.B()
            14-14 2026-11-20 10:00:01 9 - timestamp | 2026-11-20 10:00:01 INFO again
        "#]],
    );
}

#[test]
fn a_row_whose_quote_was_cut_off_does_not_swallow_those_behind_it() {
    check(
        b"time,level,message\n2026-11-20 10:00:00,INFO,a\n2026-11-20 10:00:01,ERROR,\"request fai\n\
          2026-11-20 11:00:00,INFO,b\n2026-11-20 11:00:01,INFO,\"said \"\"no\"\"\"\n2026-11-20 11:00:02,INFO,c\n",
        expect![[r#"
            1-1 - 0 - csv | time,level,message
            2-2 2026-11-20 10:00:00 9 - csv | 2026-11-20 10:00:00,INFO,a
            3-3 2026-11-20 10:00:01 17 - csv | 2026-11-20 10:00:01,ERROR,"request fai
            4-4 2026-11-20 11:00:00 9 - csv | 2026-11-20 11:00:00,INFO,b
            5-5 2026-11-20 11:00:01 9 - csv | 2026-11-20 11:00:01,INFO,"said ""no"""
            6-6 2026-11-20 11:00:02 9 - csv | 2026-11-20 11:00:02,INFO,c
        "#]],
    );
}

#[test]
fn an_element_without_its_end_does_not_swallow_the_next_one() {
    check(
        b"<log4j:event logger=\"a\" timestamp=\"1795170225123\" level=\"ERROR\">\n<log4j:message>x</log4j:message>\n\
          <log4j:event logger=\"a\" timestamp=\"1795170226123\" level=\"INFO\">\n<log4j:message>y</log4j:message>\n</log4j:event>\n",
        expect![[r#"
            1-2 2026-11-20 10:23:45.123 17 - log4j-xml | <log4j:event logger="a" timestamp="1795170225123" level="ERROR">⏎<log4j:message>x</log4j:message>
            3-5 2026-11-20 10:23:46.123 9 - log4j-xml | <log4j:event logger="a" timestamp="1795170226123" level="INFO">⏎<log4j:message>y</log4j:message>⏎</log4j:event>
        "#]],
    );
}

#[test]
fn names_of_columns_are_no_service_and_no_level() {
    let expected = expect![[r#"
        1-1 - 0 - csv | time,level,component,text
        2-2 2026-11-20 10:23:45 13 cart csv | 2026-11-20 10:23:45,warn,cart,low
        3-3 - 0 - csv | time,level,component,text
        4-4 2026-11-20 10:23:46 9 cart csv | 2026-11-20 10:23:46,info,cart,full
    "#]];
    check(
        b"time,level,component,text\n2026-11-20 10:23:45,warn,cart,low\ntime,level,component,text\n2026-11-20 10:23:46,info,cart,full\n",
        expected,
    );
    let formats = formats();
    let entries = read_slices(formats, std::iter::once(&b"time,level,component\n2026-11-20 10:23:45,warn,cart\n"[..]));
    let header = formats.parse(entries[0].head.format, "time,level,component");
    assert_eq!((header.service, header.fields.len(), &*header.message), (None, 0, "time,level,component"));
}

#[test]
fn a_file_of_many_formats_is_read_entry_by_entry() {
    check(
        &corpus("mixed.log"),
        expect![[r#"
        1-1 - 0 - raw | docker: pulling image
        2-2 2026-11-20 10:23:45 9 web json | {"time":"2026-11-20T10:23:45Z","level":"info","msg":"up","service":"web"}
        3-3 2026-11-20 10:23:46 17 web json | {"time":"2026-11-20T10:23:46Z","level":"error","msg":"lost","service":"web","err":{"code":7}}
        4-8 - 21 - crash | panic: boom⏎⏎goroutine 1 [running]:⏎main.main()⏎→/app/main.go:5 +0x1d
        9-9 2026-11-20 10:23:47 13 db logfmt | time=2026-11-20T10:23:47Z level=warn msg="other program" service=db
        10-10 2026-11-20 10:23:48 0 sshd syslog | Nov 20 10:23:48 web-1 sshd[7]: session opened
        11-11 - 0 - raw | not a log line
        12-12 2026-11-20 10:23:49 9 - access | 10.0.3.7 - - [20/Nov/2026:10:23:49 +0000] "GET / HTTP/1.1" 200 5
        13-13 2026-11-20 10:23:50 9 - timestamp | 2026-11-20 10:23:50 INFO plain
    "#]],
    );
}

#[test]
fn stamps_without_a_year_are_of_the_year_that_those_beside_them_say() {
    check(
        b"Feb 25 16:19:38 web-1 haproxy[1]: Proxy web started.\n2019-02-25T16:19:48Z INFO ready\nFeb 25 16:20:00 web-1 haproxy[1]: Pausing\n",
        expect![[r#"
            1-1 2019-02-25 16:19:38 0 haproxy syslog | Feb 25 16:19:38 web-1 haproxy[1]: Proxy web started.
            2-2 2019-02-25 16:19:48 9 - timestamp | 2019-02-25T16:19:48Z INFO ready
            3-3 2019-02-25 16:20:00 0 haproxy syslog | Feb 25 16:20:00 web-1 haproxy[1]: Pausing
        "#]],
    );
}

#[test]
fn lines_inside_of_two_others_are_opened_beside_prose_that_is_not() {
    check(
        b"web-1  | 2026-11-20T10:23:45.123456789Z listening\ncache-1  | 2026-11-20T10:23:45.123456789Z 1:C 20 Nov 2026 10:23:45.123 # low\n",
        expect![[r#"
            1-1 2026-11-20 10:23:45.123456789 0 web docker-compose/container-timestamps | web-1  | 2026-11-20T10:23:45.123456789Z listening
            2-2 2026-11-20 10:23:45.123456789 13 cache docker-compose/container-timestamps/redis | cache-1  | 2026-11-20T10:23:45.123456789Z 1:C 20 Nov 2026 10:23:45.123 # low
        "#]],
    );
}

#[test]
fn each_element_of_an_array_that_spans_lines_is_an_entry() {
    check(
        b"[{\"time\":\"2026-11-20T10:23:45Z\",\"msg\":\"a\"},\n{\"time\":\"2026-11-20T10:23:46Z\",\"msg\":\"b\"}]\n",
        expect![[r#"
            1-1 2026-11-20 10:23:45 0 - json | [{"time":"2026-11-20T10:23:45Z","msg":"a"},
            2-2 2026-11-20 10:23:46 0 - json | {"time":"2026-11-20T10:23:46Z","msg":"b"}]
        "#]],
    );
}

#[test]
fn in_a_file_of_no_format_each_line_is_an_entry() {
    check(
        &corpus("plain-crlf.log"),
        expect![[r#"
        1-1 - 0 - raw | alpha
        2-2 - 0 - raw | beta
        3-3 - 0 - raw | 
        4-4 - 0 - raw | gamma without end
    "#]],
    );
}

#[test]
fn utf_16_reads_as_utf_8_would() {
    check(
        &corpus("utf16le.log"),
        expect![[r#"
        1-1 2026-11-20 10:23:45 9 - timestamp | 2026-11-20 10:23:45 INFO größer €
        2-2 2026-11-20 10:23:46 13 - timestamp | 2026-11-20 10:23:46 WARN 😀
    "#]],
    );
    check(
        &corpus("utf16be-no-mark.log"),
        expect![[r#"
        1-1 2026-11-20 10:23:45 9 - timestamp | 2026-11-20 10:23:45 INFO one
        2-2 2026-11-20 10:23:46 13 - timestamp | 2026-11-20 10:23:46 WARN two
    "#]],
    );
}

#[test]
fn bytes_that_are_not_text_are_kept() {
    let entries = read_slices(formats(), std::iter::once(&corpus("invalid-utf8.log")[..]));
    assert_eq!(entries[0].text, b"2026-11-20 10:23:45 INFO \xc3\xb6 \xfe\xff\x81");
    // Letters with accents are text of another encoding.
    let entries = read_slices(formats(), std::iter::once(&b"2026-11-20 10:23:45 INFO caf\xe9\n"[..]));
    assert_eq!(entries[0].text, "2026-11-20 10:23:45 INFO café".as_bytes());
}

#[test]
fn zeros_that_a_crash_left_before_a_line_are_an_entry_and_the_line_is_read() {
    let (before, behind) = (&b"2026-11-20 10:00:00 INFO a\n  goes on\n"[..], &b"2026-11-20 10:00:01 INFO b\n"[..]);
    let bytes = [before, &[0; 60], behind, &[0; 20]].concat();
    for size in [1, 7, bytes.len()] {
        let entries = read_slices(formats(), bytes.chunks(size));
        let read: Vec<_> =
            entries.iter().map(|entry| (entry.text.len(), entry.n_lines, entry.head.time.is_some())).collect();
        assert_eq!(read, [(36, 2, true), (60, 0, false), (26, 1, true), (20, 0, false)]);
        assert_eq!(entries.last().unwrap().after.offset, bytes.len() as u64);
    }
    // A slip is a part of its line.
    let entries = read_slices(formats(), std::iter::once(&b"2026-11-20 10:00:00 INFO a\n\0\0b\n"[..]));
    assert_eq!((entries.len(), entries[0].n_lines), (1, 2));
}

#[test]
fn an_empty_file_has_no_entries() {
    check(b"", expect![""]);
    check(b"\xEF\xBB\xBF", expect![""]);
}

#[test]
fn a_junk_first_line_does_not_decide() {
    let mut text = b"{\"banner\": true}\n".to_vec();
    for second in 10..40 {
        text.extend(format!("2026-11-20 10:23:{second} INFO x\nbody of {second}\n").bytes());
    }
    let entries = read_slices(formats(), std::iter::once(&text[..]));
    assert_eq!(entries.len(), 31);
    assert!(entries[1..].iter().all(|entry| entry.n_lines == 2 && entry.head.time.is_some()));
}

#[test]
fn a_file_that_goes_on_in_a_more_specific_format_is_read_so_soon() {
    let mut text: String = (0..100).map(|n| format!("2026-11-20 10:23:{:02} plain {n}\n", n % 60)).collect();
    text += &"Nov 20 10:24:00 web-1 sshd[7]: closed\n".repeat(200);
    let formats = formats();
    let entries = read_slices(formats, std::iter::once(text.as_bytes()));
    let n_syslog = entries.iter().filter(|entry| formats.name(entry.head.format) == "syslog").count();
    assert_eq!(entries.len(), 300);
    assert!(n_syslog > 130, "{n_syslog}");
}

#[test]
fn a_line_of_any_length_comes_in_pieces_that_lose_nothing() {
    let mut bytes = b"2026-11-20 10:23:45 INFO ".to_vec();
    bytes.extend("größer ".repeat(400_000).bytes());
    bytes.extend(b"\n2026-11-20 10:23:46 INFO short\n");
    let entries = read_slices(formats(), bytes.chunks(100_003));
    assert!(entries.iter().all(|entry| entry.text.len() <= MAX_ENTRY_BYTES));
    assert!(entries.iter().all(|entry| std::str::from_utf8(&entry.text).is_ok()));
    let (short, long) = entries.split_last().unwrap();
    let whole: Vec<u8> = long.iter().flat_map(|entry| entry.text.clone()).collect();
    assert!(whole == bytes[..whole.len()] && bytes[whole.len()] == b'\n');
    assert_eq!(long.iter().map(|entry| entry.n_lines).sum::<u32>(), 1);
    assert_eq!(short.text, b"2026-11-20 10:23:46 INFO short");
}

#[test]
fn an_entry_of_many_lines_is_cut_too() {
    let mut text = "2026-11-20 10:23:45 INFO dump\n".to_owned();
    text += &"stampless line of a dump\n".repeat(100_000);
    let entries = read_slices(formats(), std::iter::once(text.as_bytes()));
    assert!(entries.iter().all(|entry| entry.text.len() <= MAX_ENTRY_BYTES));
    assert_eq!(entries.iter().map(|entry| u64::from(entry.n_lines)).sum::<u64>(), 100_001);
}

#[test]
fn each_record_of_a_delivered_list_is_an_entry() {
    let record = |n: u32| format!(r#"{{"eventTime":"2026-11-20T10:23:4{n}Z","eventName":"Get","n":{n}}}"#);
    let compact = format!(r#"{{"Records":[{},{}, {}]}}"#, record(1), record(2), record(3));
    let pretty = format!("{{\n    \"Records\": [\n        {},\n        {}\n    ]\n}}\n", record(1), record(2));
    let bare = format!("[{},{}]\n", record(1), record(2));
    let named = format!(r#"{{"value":[{},{}]}}"#, record(1), record(2));
    for (text, expected) in [(compact, 3), (pretty, 2), (bare, 2), (named, 2)] {
        for size in [1, 7, text.len()] {
            let entries = read_slices(formats(), text.as_bytes().chunks(size));
            let dated: Vec<_> = entries.iter().filter(|entry| entry.head.time.is_some()).collect();
            assert_eq!(dated.len(), expected, "{text}");
            assert!(dated.is_sorted_by_key(|entry| entry.head.time));
            let n_lines: u32 = entries.iter().map(|entry| entry.n_lines).sum();
            assert_eq!(n_lines as usize, text.lines().count(), "objects in one line are of one line");
            let last = std::str::from_utf8(&dated.last().unwrap().text).unwrap();
            let fields = formats().parse(dated.last().unwrap().head.format, last).fields;
            assert!(
                fields.iter().any(|field| field.name == "n" && field.value == Value::Int(expected as i64)),
                "{last}"
            );
        }
    }
}

#[test]
fn a_string_that_a_line_cuts_off_ends_with_it_however_the_bytes_come() {
    // Enough before it that encoding and format are known.
    let before = "{\"time\":\"2026-11-20T10:23:45Z\",\"level\":\"info\",\"msg\":\"x\"}\n".repeat(1500);
    for cut in ["x\n", "x\\\n"] {
        let text = format!("{{\"Records\":[{{\"a\":\"{cut}\"}},{{\"c\":1}}\n");
        let read = |size: usize| {
            let slices = std::iter::once(before.as_bytes()).chain(text.as_bytes().chunks(size));
            read_slices(formats(), slices).split_off(1490)
        };
        for size in 1..text.len() {
            assert_eq!(read(size), read(text.len()), "{size} bytes of {text}");
        }
    }
}

#[test]
fn a_date_that_may_begin_with_day_or_month_is_read_as_the_others_in_its_file() {
    check(
        b"03/11/2026 10:00:00 INFO a\n04/11/2026 10:00:00 INFO b\n20/11/2026 10:00:00 INFO c\n",
        expect![[r#"
            1-1 2026-11-03 10:00:00 9 - timestamp | 03/11/2026 10:00:00 INFO a
            2-2 2026-11-04 10:00:00 9 - timestamp | 04/11/2026 10:00:00 INFO b
            3-3 2026-11-20 10:00:00 9 - timestamp | 20/11/2026 10:00:00 INFO c
        "#]],
    );
    let apart = [("03", "a"), ("20", "b")]
        .map(|(day, message)| format!(r#"{{"date":"{day}/11/2026","message":"{message}","time":"10:00:00"}}"#));
    let times = read_slices(formats(), std::iter::once(apart.join("\n").as_bytes())).into_iter();
    let times: Vec<String> = times.map(|entry| format_wall(entry.head.time.unwrap(), &Zone::utc(), 0)).collect();
    assert_eq!(times, ["2026-11-03 10:00:00", "2026-11-20 10:00:00"]);
    check(
        b"01/12/2026 10:00:00 INFO a\n02/01/2026 10:00:00 INFO b\n",
        expect![[r#"
            1-1 2026-01-12 10:00:00 9 - timestamp | 01/12/2026 10:00:00 INFO a
            2-2 2026-02-01 10:00:00 9 - timestamp | 02/01/2026 10:00:00 INFO b
        "#]],
    );
}
