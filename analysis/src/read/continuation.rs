//! Lines that go on with the entry before them, told by their looks.

/// Whether a line is a part of something larger wherever it stands: indented, or a piece of a stack trace.
pub fn goes_on(line: &[u8]) -> bool {
    match line.first() {
        None | Some(b' ' | b'\t') => true,
        Some(b'}' | b')' | b']') => line.len() <= 2,
        Some(b'C') => line.starts_with(b"Caused by: "),
        Some(b'c') => line.starts_with(b"created by "),
        Some(b'-') => line.starts_with(b"--- End of "),
        Some(b'n') => line.starts_with(b"note: run with `RUST_BACKTRACE"),
        Some(b's') => line == b"stack backtrace:",
        Some(b'S') => line.starts_with(b"Suppressed: "),
        Some(b'a') => line.starts_with(b"at ") && line.contains(&b'('),
        Some(b'.') => line.starts_with(b"... ") && line.ends_with(b" more"),
        Some(b'D') => line.starts_with(b"During handling of the above exception"),
        Some(b'T') => line.starts_with(b"The above exception was the direct cause"),
        _ => false,
    }
}

/// Whether a line without a head opens a stack trace or dump that takes the lines behind it with it.
pub fn opens_trace(line: &[u8]) -> bool {
    const OPENINGS: [&[u8]; 12] = [
        b"Traceback (most recent call last)",
        b"panic: ",
        b"fatal error: ",
        b"goroutine ",
        b"thread '",
        b"Exception in thread ",
        b"Unhandled exception",
        b"Unhandled Exception",
        b"Uncaught ",
        b"PHP Fatal error: ",
        b"SIGSEGV: ",
        b"java.lang.",
    ];
    OPENINGS.iter().any(|opening| line.starts_with(opening))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_traces_go_on_and_other_lines_do_not() {
        for line in [
            "",
            "\tat a.B.c(B.java:1)",
            "Caused by: x",
            "at Object.<anonymous> (x.js:1:2)",
            "... 12 more",
            "}",
            "});",
            "  File \"x.py\"",
            "created by main.main in goroutine 1",
            "--- End of inner exception stack trace ---",
            "stack backtrace:",
        ] {
            assert_eq!(goes_on(line.as_bytes()), line != "});", "{line}");
        }
        for line in ["at noon", "Cause", "} else {", "ValueError: x"] {
            assert!(!goes_on(line.as_bytes()), "{line}");
        }
        assert!(opens_trace(b"panic: boom"));
        assert!(!opens_trace(b"panicking"));
    }
}
