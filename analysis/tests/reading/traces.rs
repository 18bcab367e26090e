//! Claims about stack traces and bodies: which lines stay together, and how bad they are.

use expect_test::expect;

use super::{check, lines_and_severities};

/// What a program wrote, behind the heads of the container runtime interface and in docker's objects.
fn wrapped(lines: &[&str]) -> [String; 2] {
    let in_object = |line: &&str| {
        let line = line.replace('"', "\\\"").replace('\t', "\\t");
        format!("{{\"log\":\"{line}\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T10:23:45.1Z\"}}\n")
    };
    let behind_head = |line: &&str| format!("2026-11-20T10:23:45.1Z stderr F {line}\n");
    [lines.iter().map(in_object).collect(), lines.iter().map(behind_head).collect()]
}

#[test]
fn what_ended_a_program_is_fatal_behind_the_heads_of_containers_too() {
    let crash = [
        "ready",
        "Exception in thread \"main\" java.lang.Error: no stock",
        "\tat a.B(C.java:1)",
        "thread 'main' panicked at src/main.rs:4:5:",
        "no stock",
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        "Unhandled exception. System.Exception: no stock",
        "   at A.B()",
        "ready again",
    ];
    for log in wrapped(&crash) {
        assert_eq!(lines_and_severities(log.as_bytes()), [(1, 0), (2, 21), (3, 21), (2, 21), (1, 0)], "{log}");
    }
}

#[test]
fn in_a_file_of_no_format_a_trace_stays_with_its_error_and_nothing_else_is_joined() {
    check(
        b"Server started\n  indented\njava.lang.IllegalStateException: outer\n\tat a.B.c(B.java:1)\n\
          Caused by: java.io.IOException: inner\n\t... 2 more\nServer stopped\n  indented\n",
        expect![[r#"
            1-1 - 0 - raw | Server started
            2-2 - 0 - raw |   indented
            3-6 - 0 - raw | java.lang.IllegalStateException: outer⏎→at a.B.c(B.java:1)⏎Caused by: java.io.IOException: inner⏎→... 2 more
            7-7 - 0 - raw | Server stopped
            8-8 - 0 - raw |   indented
        "#]],
    );
}

#[test]
fn a_python_traceback_is_an_error_of_its_own_but_below_a_line_that_tells_of_it() {
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 9, in <module>\nKeyError: 'x'\n";
    let chained = format!("{trace}\nDuring handling of the above exception, another exception occurred:\n\n{trace}");
    let log = format!("2026-11-20 10:23:44,123 INFO start\n{chained}2026-11-20 10:23:45,123 ERROR failed\n{chained}");
    assert_eq!(lines_and_severities(log.as_bytes()), [(1, 9), (9, 17), (10, 17)]);
    let of_no_format = format!("start\n{chained}stopped\n{trace}{trace}");
    assert_eq!(lines_and_severities(of_no_format.as_bytes()), [(1, 0), (9, 17), (1, 0), (3, 17), (3, 17)]);
}

#[test]
fn the_stack_of_a_go_server_that_goes_on_stays_with_the_line_before_it_which_is_an_error() {
    let log = b"2026/11/20 10:23:44 http: panic serving 10.0.0.1:4000: no stock\ngoroutine 19 [running]:\n\
        net/http.(*conn).serve.func1(0xc0000b4000)\n\t/usr/local/go/src/net/http/server.go:1801 +0x147\n\
        panic(0x6d2e60, 0x9a1f00)\n\t/usr/local/go/src/runtime/panic.go:975 +0x47a\n\n2026/11/20 10:23:46 next\n";
    assert_eq!(lines_and_severities(log), [(7, 17), (1, 0)]);
    // However rare stacks are in the file.
    let rare = ["2026/11/20 10:23:43 before\n".repeat(40).as_bytes(), log].concat();
    assert_eq!(lines_and_severities(&rare)[40..], [(7, 17), (1, 0)]);
}

#[test]
fn statements_and_elements_of_several_lines_are_one_entry_behind_the_heads_of_containers_too() {
    let log = [
        "2026-11-20 10:23:44.1 DEBUG orm - SELECT *",
        "FROM orders",
        "WHERE id = 7;",
        "2026-11-20 10:23:44.1 DEBUG soap - <?xml version=\"1.0\"?>",
        "<a>",
        "<b/>",
        "</a>",
        "2026-11-20 10:23:45.1 INFO ready",
        "FROM here on it is quiet",
        "<none>",
    ];
    for log in wrapped(&log) {
        assert_eq!(lines_and_severities(log.as_bytes()), [(3, 5), (4, 5), (1, 9), (1, 0), (1, 0)], "{log}");
    }
}

#[test]
fn a_body_at_the_left_margin_stays_with_the_line_that_announces_it_whatever_is_in_it() {
    let line = |second: u32, level: &str, said: &str| {
        format!("2026-11-20 10:23:{second}.123 {level} [main] c.a.Rest - {said}\n")
    };
    let next = |second: u32| line(second, "INFO", "next");
    let object = "{\n\"id\": 7,\n\"time\": \"2020-01-01T00:00:00Z\",\n\"level\": \"error\"\n}\n";
    let in_one_line = "{\"id\": 7, \"level\": \"error\"}\n";
    let own = "{\"time\":\"2026-11-20T10:23:47Z\",\"level\":\"warn\",\"msg\":\"own\"}\n";
    let element =
        "<Event><System><Level>2</Level><TimeCreated SystemTime=\"2020-01-01T00:00:00Z\"/></System></Event>\n";
    let of_lines = "<?xml version=\"1.0\"?>\n<order>\n<at>2020-01-01T00:00:00Z</at>\n</order>\n";
    for (body, n_lines) in [(object, 6), (in_one_line, 2), (element, 2), (of_lines, 5), ("{\n\"cut\": 7,\n", 3)] {
        let log = next(43) + &line(44, "DEBUG", "Response:") + body + &next(45);
        assert_eq!(lines_and_severities(log.as_bytes()), [(1, 9), (n_lines, 5), (1, 9)], "{log}");
    }
    let log = next(43) + &line(44, "DEBUG", "Request:") + in_one_line + own + &next(48) + own;
    assert_eq!(lines_and_severities(log.as_bytes()), [(1, 9), (2, 5), (1, 13), (1, 9), (1, 13)]);
}
