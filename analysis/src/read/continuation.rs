//! Lines that go on with the entry before them, told by their looks.

use memchr::{memchr2, memmem, memrchr};

/// Whether a line is a part of something larger wherever it stands: indented, or a piece of a stack trace.
pub fn goes_on(line: &[u8]) -> bool {
    match line.first() {
        None | Some(b'\t') => true,
        Some(b' ') => !is_stamped(line.trim_ascii_start()),
        Some(b'}' | b')' | b']') => line.len() <= 2,
        Some(b'C') => line.starts_with(b"Caused by: "),
        Some(b'c') => line.starts_with(b"created by "),
        Some(b'-') => line.starts_with(b"--- End of "),
        Some(b'n') => {
            line.starts_with(b"note: run with `RUST_BACKTRACE")
                || line.starts_with(b"note: Some details are omitted, run with `RUST_BACKTRACE")
        }
        Some(b's') => line == b"stack backtrace:",
        Some(b'S') => line.starts_with(b"Suppressed: "),
        Some(b'a') => line.starts_with(b"at ") && line.contains(&b'('),
        Some(b'.') => line.starts_with(b"... ") && line.ends_with(b" more"),
        Some(b'D') => line.starts_with(b"During handling of the above exception"),
        Some(b'T') => line.starts_with(b"The above exception was the direct cause"),
        _ => false,
    }
}

/// Some programs put spaces in front of a time, and a few in front of a process before it.
fn is_stamped(line: &[u8]) -> bool {
    let n_digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match line.get(n_digits) {
        Some(b'-') => n_digits == 4 && line.get(10).is_some_and(|&byte| byte == b'T') && line.get(13) == Some(&b':'),
        Some(b'/') => n_digits == 4 && line.get(10) == Some(&b' ') && line.get(13) == Some(&b':'),
        Some(b':') => {
            line.get(n_digits + 9) == Some(&b':') && line[n_digits + 1..n_digits + 9].iter().all(u8::is_ascii_digit)
        }
        // Seconds since the start and a text, as Factorio writes them.
        Some(b'.') => {
            let begins = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'2';
            n_digits > 0
                && line.get(n_digits + 4) == Some(&b' ')
                && line[n_digits + 1..n_digits + 4].iter().all(u8::is_ascii_digit)
                && line.get(n_digits + 5).is_some_and(begins)
        }
        _ => false,
    }
}

/// What a line that a program wrote looks like, where it stands behind the head of a container or of syslog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Looks {
    #[default]
    Fresh,
    /// Indented, or a piece of a stack trace.
    GoesOn,
    OpensTrace,
    /// What a program says as it panics stands in the next line.
    OpensPanic,
    /// `java.io.IOException: closed`
    NamesError,
    /// Only what came before tells whether it goes on.
    InDump,
    /// A clause of SQL, in capitals.
    InStatement,
    /// `<order>`, `</order>`
    InElement,
}

impl Looks {
    pub fn of(line: &[u8]) -> Self {
        if goes_on(line) {
            Self::GoesOn
        } else if opens_trace(line) {
            if line.starts_with(b"thread '") && line.ends_with(b":") { Self::OpensPanic } else { Self::OpensTrace }
        } else if names_error(line) {
            Self::NamesError
        } else if is_clause(line) {
            Self::InStatement
        } else if matches!(line, [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!', ..]) {
            Self::InElement
        } else if is_in_dump(line) {
            Self::InDump
        } else {
            Self::Fresh
        }
    }
}

/// `TypeError: x`, `Error [ERR_X]: x`
fn names_error(line: &[u8]) -> bool {
    let name = &line[..memchr2(b':', b' ', line).unwrap_or(line.len())];
    let name = name.strip_prefix(b"[").unwrap_or(name);
    [&b"Error"[..], b"Exception", b"Rejection"].iter().any(|end| name.ends_with(end))
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.'))
}

/// Whether a line begins as SQL goes on: most lines are told by their first two bytes.
fn is_clause(line: &[u8]) -> bool {
    const CLAUSES: [&[u8]; 24] = [
        b"FROM",
        b"WHERE",
        b"JOIN",
        b"INNER",
        b"LEFT",
        b"RIGHT",
        b"FULL",
        b"CROSS",
        b"ON",
        b"AND",
        b"OR",
        b"GROUP",
        b"HAVING",
        b"ORDER",
        b"LIMIT",
        b"OFFSET",
        b"UNION",
        b"SELECT",
        b"VALUES",
        b"SET",
        b"RETURNING",
        b"INTO",
        b"FETCH",
        b"FOR",
    ];
    let is_end = |rest: &[u8]| matches!(rest.first(), None | Some(b' ' | b'(' | b';'));
    matches!(line, [b'A'..=b'Z', b'A'..=b'Z', ..])
        && CLAUSES.iter().any(|clause| line.strip_prefix(*clause).is_some_and(is_end))
}

/// Whether a line has the beginning of a statement in it.
pub fn has_statement(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 6] = [b"SELECT", b"INSERT INTO", b"UPDATE ", b"DELETE FROM", b"WITH ", b"MERGE INTO"];
    BEGINNINGS.iter().any(|beginning| memmem::find(line, beginning).is_some())
}

/// Whether a line has the beginning of an element in it, perhaps as docker writes it in an object.
pub fn has_element(line: &[u8]) -> bool {
    let is_tag = |at: usize| matches!(line.get(at + 1), Some(b'a'..=b'z' | b'A'..=b'Z' | b'?'));
    memchr::memchr_iter(b'<', line).any(is_tag) || memmem::find(line, b"\\u003c").is_some()
}

/// Whether a line tells of an error, the trace of which may follow.
pub fn opens_error(line: &[u8]) -> bool {
    names_error(line) || opens_trace(line)
}

/// Whether a line opens the stack of the goroutine that wrote the line before it.
pub fn opens_own_stack(line: &[u8]) -> bool {
    line.starts_with(b"goroutine ") && line.ends_with(b" [running]:")
}

/// Whether a line opens what Python writes of an exception.
pub fn opens_traceback(line: &[u8]) -> bool {
    line.starts_with(b"Traceback (most recent call last):")
}

/// Whether a traceback came of the one that ends this text.
pub fn ends_in_cause(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.ends_with(b"another exception occurred:") || text.ends_with(b"the direct cause of the following exception:")
}

/// Whether a line that is not indented is a part of a dump: of what Go writes a stack's first line, a function's name with its
/// arguments, a register, what ended the program; of what Node writes the error behind the line of code that threw it.
pub fn is_in_dump(line: &[u8]) -> bool {
    let is_call = || line.ends_with(b")") && memchr2(b'(', b' ', line).is_some_and(|end| end > 0 && line[end] == b'(');
    let is_register = || {
        let value = memrchr(b' ', line).map_or(line, |end| &line[end + 1..]);
        value.starts_with(b"0x") && line.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() < 24
    };
    // With the caret under the line of code before it.
    let is_caret = || !line.is_empty() && line.iter().all(|byte| matches!(byte, b'^' | b' ' | b'~'));
    let begins = |part: &[u8]| line.starts_with(part);
    begins(b"goroutine ")
        || begins(b"[signal ")
        || begins(b"exit status ")
        || begins(b"...")
        || begins(b"Node.js v")
        || names_error(line)
        || is_caret()
        || is_call()
        || is_register()
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
            "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.",
            "   1.234 ms",
        ] {
            assert_eq!(goes_on(line.as_bytes()), line != "});", "{line}");
        }
        for line in [
            "at noon",
            "Cause",
            "note: Some details are omitted",
            "} else {",
            "ValueError: x",
            "   1.234 Error Util.cpp:83: x",
        ] {
            assert!(!goes_on(line.as_bytes()), "{line}");
        }
        assert!(opens_trace(b"panic: boom"));
        assert!(!opens_trace(b"panicking"));
    }

    #[test]
    fn pieces_of_a_dump_are_told_from_what_a_program_says_next() {
        for line in [
            "goroutine 7 [chan receive, 3 minutes]:",
            "main.(*Cart).take(0xc000012345, {0x4b1f20, 0x3})",
            "panic({0x45e1a0, 0x4b1f20})",
            "rax    0xca",
            "exit status 2",
            "...additional frames elided...",
            "^^^^^",
            "Error",
            "TypeError: no stock",
            "Error [ERR_STOCK]: none",
            "Node.js v22.11.0",
        ] {
            assert!(is_in_dump(line.as_bytes()), "{line}");
        }
        for line in [
            "Errors: 7",
            "ready",
            "started (again)",
            "taken at 0x7f",
            "listening on 0x7f from now on for all requests: 0x1",
        ] {
            assert_eq!(is_in_dump(line.as_bytes()), line == "taken at 0x7f", "{line}");
        }
    }
}
