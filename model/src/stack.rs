//! Stack traces in a text: which lines are frames, and which of those are of libraries and not of the program itself.
//!
//! What a frame is of is told by its name or its file, by one list ([`LIBRARIES`]); all that is not in it is the program's own.

use std::ops::Range;

/// How names and files of library frames begin, or what is in them.
const LIBRARIES: &[Library] = &[
    // Java, Kotlin, Scala and what most services of them are built with.
    Library::Begins(&[
        "java.",
        "javax.",
        "jakarta.",
        "jdk.",
        "sun.",
        "com.sun.",
        "kotlin.",
        "kotlinx.",
        "scala.",
        "groovy.",
        "org.springframework.",
        "org.apache.",
        "org.eclipse.",
        "org.hibernate.",
        "org.jboss.",
        "org.junit.",
        "io.netty.",
        "io.micrometer.",
        "io.undertow.",
        "io.vertx.",
        "reactor.",
        "akka.",
        "com.fasterxml.",
        "com.google.common.",
        "com.zaxxer.",
        "okhttp3.",
        "feign.",
        "rx.",
    ]),
    // .NET.
    Library::Begins(&["System.", "Microsoft.", "Npgsql.", "Newtonsoft."]),
    // JavaScript: packages, and Node itself.
    Library::Has(&["/node_modules/", "\\node_modules\\", "(node:", "(internal/", "at node:", "at internal/"]),
    // Python.
    Library::Has(&["/site-packages/", "/dist-packages/", "/lib/python", "\\Lib\\", "\"<frozen "]),
    // Go.
    Library::Begins(&[
        "runtime.",
        "runtime/",
        "net/http.",
        "net.",
        "testing.",
        "reflect.",
        "golang.org/",
        "google.golang.org/",
    ]),
    Library::Has(&["/usr/local/go/src/", "/pkg/mod/"]),
    // Rust.
    Library::Begins(&[
        "std::",
        "core::",
        "alloc::",
        "<alloc::",
        "<core::",
        "<std::",
        "tokio::",
        "__rust",
        "_rust",
        "rust_begin_unwind",
    ]),
    Library::Has(&["/rustc/", "/.cargo/registry/"]),
    // Ruby, PHP.
    Library::Has(&["/gems/", "/vendor/"]),
];

enum Library {
    Begins(&'static [&'static str]),
    Has(&'static [&'static str]),
}

/// A run of lines of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Bytes of the text, line ends included.
    pub range: Range<usize>,
    pub kind: Kind,
    /// Frames in it; a frame may take two lines.
    pub n_frames: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Own,
    Library,
}

/// The text cut into runs, all of it in their order; nothing where there are no three frames in it.
///
/// ```
/// let trace = "boom\n\tat java.lang.A.b(A.java:1)\n\tat java.lang.C.d(C.java:2)\n\tat shop.Cart.pay(Cart.java:3)\n";
/// let runs = model::stack::runs(trace);
/// assert_eq!(runs.iter().map(|run| run.n_frames).collect::<Vec<_>>(), [0, 2, 1]);
/// ```
pub fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    // What the frame before is of, whose second line this may be.
    let mut before = None::<Kind>;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let end = start + line.len();
        let next = lines.peek().copied().unwrap_or_default();
        let (kind, is_new) = match before {
            Some(kind) if is_second_line(line) => (kind, false),
            _ => match frame(line, next) {
                Some(is_library) => (if is_library { Kind::Library } else { Kind::Own }, true),
                None => (Kind::Text, false),
            },
        };
        before = (kind != Kind::Text).then_some(kind);
        match runs.last_mut() {
            Some(run) if run.kind == kind => {
                run.range.end = end;
                run.n_frames += usize::from(is_new);
            }
            _ => runs.push(Run { range: start..end, kind, n_frames: usize::from(is_new) }),
        }
        start = end;
    }
    if runs.iter().map(|run| run.n_frames).sum::<usize>() < LEAST_FRAMES { Vec::new() } else { runs }
}

/// Fewer are read faster than unfolded.
const LEAST_FRAMES: usize = 3;

/// Whether the line is a frame, and then whether it is a library's. `next`: the line after it.
fn frame(line: &str, next: &str) -> Option<bool> {
    let line = line.trim_end();
    let text = line.trim_start();
    let is_indented = text.len() < line.len();
    // Java, .NET, JavaScript: at name(file).
    if let Some(name) = text.strip_prefix("at ").filter(|_| is_indented) {
        let name = name.trim_start_matches("async ");
        // A module and its version stand before the name: java.base@17/java.util.A.b.
        let after_module =
            name.split_once('/').filter(|(module, _)| !module.contains(['(', ' '])).map(|(_, name)| name);
        return Some(is_library(after_module.unwrap_or(name), text));
    }
    // Python: File "…", line 3, in name.
    if text.starts_with("File \"") && text.contains("\", line ") && is_indented {
        return Some(is_library("", text));
    }
    // Rust: 12: name, and where it is on the line after.
    if let Some((number, name)) = text.split_once(": ")
        && is_indented
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(is_library(name, next));
    }
    // Go: name(…), and its file on the line after.
    let file = next.trim_end();
    let is_go = !is_indented && text.ends_with(')') && file.starts_with('\t') && file.contains(".go:");
    if is_go || (text.starts_with("created by ") && file.contains(".go:")) {
        return Some(is_library(text.trim_start_matches("created by "), file));
    }
    // Ruby: from file:12:in `name'.
    (text.starts_with("from ") && text.contains(":in ") && is_indented).then(|| is_library("", text))
}

/// Where a frame is, or the line of source it is at.
fn is_second_line(line: &str) -> bool {
    let text = line.trim();
    let n_spaces = line.len() - line.trim_start().len();
    let is_place =
        text.starts_with("at ") && text.rsplit_once(':').is_some_and(|(_, number)| number.parse::<u32>().is_ok());
    let is_go_file = line.starts_with('\t') && text.contains(".go:");
    let is_source =
        n_spaces >= 4 && line.starts_with("    ") && frame(line, "").is_none() && !text.is_empty() && !is_cause(text);
    (is_place && !text.contains('(') && text.contains('/')) || is_go_file || is_source
}

/// What went wrong below is no part of the frames above it.
fn is_cause(text: &str) -> bool {
    ["Caused by:", "Suppressed:", "[cause]"].iter().any(|begin| text.starts_with(begin))
}

fn is_library(name: &str, whole: &str) -> bool {
    LIBRARIES.iter().any(|library| match library {
        Library::Begins(begins) => begins.iter().any(|begin| name.starts_with(begin)),
        Library::Has(parts) => parts.iter().any(|part| whole.contains(part)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter for each line: own, library or text.
    fn check(text: &str, expected: &str) {
        let runs = runs(text);
        assert_eq!(
            runs.iter().map(|run| &text[run.range.clone()]).collect::<String>(),
            if runs.is_empty() { "" } else { text }
        );
        let letter = |run: &Run| {
            let letter = match run.kind {
                Kind::Text => ".",
                Kind::Own => "o",
                Kind::Library => "l",
            };
            letter.repeat(text[run.range.clone()].lines().count())
        };
        assert_eq!(runs.iter().map(letter).collect::<String>(), expected, "{text}");
    }

    #[test]
    fn frames_of_java_are_told_apart_with_modules_and_causes() {
        check(
            "Exception: boom\n\tat java.base/java.util.List.get(List.java:1)\n\tat shop.Cart.pay(Cart.java:7)\n\
             \tat org.springframework.web.A.b(A.java:3)\nCaused by: x\n\tat shop.Pay.go(Pay.java:2)\n\t... 12 more\n",
            ".lol.o.",
        );
    }

    #[test]
    fn a_frame_of_python_has_its_line_of_source() {
        check(
            "Traceback (most recent call last):\n  File \"/app/cart.py\", line 3, in pay\n    charge(order)\n\
             \x20 File \"/usr/lib/python3/site-packages/x.py\", line 9, in charge\n    raise E\n\
             \x20 File \"<frozen importlib>\", line 1, in y\nValueError: no\n",
            ".oolll.",
        );
    }

    #[test]
    fn frames_of_javascript_dotnet_and_ruby() {
        check(
            "Error: x\n    at pay (/app/cart.js:1:2)\n    at next (/app/node_modules/express/lib/router.js:3:4)\n\
             \x20   at process.emit (node:events:1:2)\n",
            ".oll",
        );
        check(
            "Boom\n   at Shop.Cart.Pay() in C:\\src\\Cart.cs:line 3\n   at System.Linq.Enumerable.First()\n   at System.A.B()\n",
            ".oll",
        );
        check(
            "x (E)\n  from /app/a.rb:1:in `a'\n  from /gems/rack/b.rb:2:in `b'\n  from /gems/rack/c.rb:2:in `c'\n",
            ".oll",
        );
    }

    #[test]
    fn frames_of_rust_and_go_take_two_lines() {
        check(
            "panicked\n   0: std::panicking::begin\n             at /rustc/abc/library/std/src/panicking.rs:1:2\n\
             \x20  1: shop::pay\n             at ./src/pay.rs:3:4\n   2: core::ops::call\n",
            ".llool",
        );
        check(
            "goroutine 1 [running]:\nruntime.gopanic(0x1)\n\t/usr/local/go/src/runtime/panic.go:1 +0x1\nmain.pay(0x2)\n\
             \t/app/pay.go:3 +0x2\nmain.main()\n\t/app/main.go:3\n",
            ".lloooo",
        );
    }

    #[test]
    fn what_is_no_stack_trace_is_left_alone() {
        check("at once\n  at most three\n", "");
        check("ratio 1: 2\n  note: 7: seven\n", "");
        check("", "");
    }
}
