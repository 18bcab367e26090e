//! Claims about stack traces and bodies: which lines stay together, and how bad they are.

use expect_test::expect;

use super::{check, lines_and_severities};

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
    let in_object = |line: &str| {
        let line = line.replace('"', "\\\"").replace('\t', "\\t");
        format!("{{\"log\":\"{line}\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T10:23:45.1Z\"}}\n")
    };
    let behind_head = |line: &str| format!("2026-11-20T10:23:45.1Z stderr F {line}\n");
    for log in [crash.map(in_object).concat(), crash.map(behind_head).concat()] {
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
