//! Where the message begins in lines of which the format says no more than the time, or nothing.
//!
//! Programs write the same fields before each message: stamp, level, thread, class. Lines of one format, held side by side, show
//! them: a field is there in (nearly) all lines, at the same place and of the same form, while messages differ.
//! In: some entries of one format of one file. Out: steps that, from the start of a line, each pass over one field.

use serde::{Deserialize, Serialize};

use super::bytes::is_space;

/// A field is in this share of the lines at least.
const NEARLY_ALL: f64 = 0.95;

/// So many of the lines at least begin with a stamp, if any do.
const FEWEST_STAMPED: f64 = 0.3;

/// Columns of no telling form that may stand before one that has it.
const MOST_UNKNOWN: usize = 4;

/// Fewer lines show nothing.
const FEWEST_LINES: usize = 8;

/// Header fields are not looked for beyond so many.
const MOST_STEPS: usize = 16;

/// Passes over one field at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// `[main]`, `(x)`, `<x>`, brackets inside included.
    Bracketed,
    /// A number, stamp, level or sign.
    Formed,
    /// So many words of no telling form, and one that has it.
    Unknown(usize),
    /// A name that ends with a colon: `dfs.DataNode:`, `sshd[77]:`; with at most so many words before it.
    Named(usize),
    /// Words up to a sign that stands alone: `chrome.exe *64 - `.
    UpToDash,
    /// Fields between bars: `a|b|c|`.
    Barred(usize),
    /// A name with dots and a bracketed text: `app.web [req-1]`.
    NamedBracketed,
    /// Words of which the last closes a bracket: `main.cc:126]`.
    UpToBracket,
    /// Columns padded to a fixed place.
    Padded(usize),
}

/// How the lines of one format of one file begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    steps: Vec<Step>,
}

impl Header {
    /// Learns from texts as they are behind what the format reads; `None` if they are too few.
    pub fn learn(texts: &[&str]) -> Option<Self> {
        let mut rests: Vec<&[u8]> = texts.iter().map(|text| first_line(text)).filter(|line| !line.is_empty()).collect();
        let mut header = Self::default();
        if rests.len() < FEWEST_LINES {
            return None;
        }
        // Lines that no stamp begins go on with others.
        let stamped: Vec<&[u8]> = rests.iter().copied().filter(|rest| is_stamped(rest)).collect();
        if stamped.len() >= FEWEST_LINES && stamped.len() as f64 >= rests.len() as f64 * FEWEST_STAMPED {
            rests = stamped;
        }
        while header.steps.len() < MOST_STEPS {
            let Some(step) = next_step(&rests, &header.steps) else { break };
            let passed: Vec<&[u8]> = rests.iter().map(|rest| pass(step, rest).unwrap_or(rest)).collect();
            let n_empty = passed.iter().filter(|rest| !rest.iter().any(u8::is_ascii_alphabetic)).count();
            if n_empty * 3 > rests.len() {
                break;
            }
            rests = passed;
            header.steps.push(step);
        }
        Some(header)
    }

    /// All begins with the message.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The message of a text of this format: what follows the fields.
    pub fn message<'t>(&self, text: &'t str) -> &'t str {
        let line = first_line(text);
        let mut rest = line;
        for &step in &self.steps {
            match pass(step, rest) {
                Some(passed) => rest = passed,
                None => break,
            }
        }
        let start = rest.as_ptr() as usize - text.as_ptr() as usize;
        text.get(start..).unwrap_or(text)
    }
}

fn first_line(text: &str) -> &[u8] {
    text.as_bytes().split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii()
}

/// The step that (nearly) all texts allow, the most telling first.
fn next_step(rests: &[&[u8]], passed: &[Step]) -> Option<Step> {
    let comes_once = |step: &Step| matches!(step, Step::Named(_) | Step::UpToDash | Step::Barred(_));
    let is_due = |step: &Step| {
        !comes_once(step) || !passed.iter().any(|other| std::mem::discriminant(step) == std::mem::discriminant(other))
    };
    let share = |step: Step| {
        let n = rests.iter().filter(|rest| pass(step, rest).is_some()).count();
        n as f64 / rests.len() as f64
    };
    let is_shared = |step: &Step| share(*step) >= NEARLY_ALL;
    let barred = (2..=8).rev().map(Step::Barred);
    let first = [Step::Bracketed, Step::Formed, Step::UpToBracket, Step::NamedBracketed];
    let unknown = (1..=MOST_UNKNOWN).map(Step::Unknown);
    let named = (1..=3).map(Step::Named);
    let mut steps =
        barred.chain(first).chain([Step::Named(0), Step::UpToDash]).chain(named).chain(unknown).filter(is_due);
    steps.find(is_shared).or_else(|| padded(rests).filter(is_shared))
}

/// The place at which a column begins that is padded with spaces in all lines.
fn padded(rests: &[&[u8]]) -> Option<Step> {
    let begins = |rest: &[u8]| -> Option<usize> {
        let gap = rest.windows(2).position(|two| two == b"  ")?;
        let n = rest[gap..].iter().position(|&byte| byte != b' ')?;
        (gap + n < 64).then_some(gap + n)
    };
    let column = begins(rests.first()?)?;
    Some(Step::Padded(column))
}

fn pass(step: Step, rest: &[u8]) -> Option<&[u8]> {
    let passed = match step {
        Step::Bracketed => {
            let n = bracketed(rest)?;
            Some(&rest[n..])
        }
        Step::Formed => {
            let n = word_len(rest);
            is_formed(&rest[..n]).then(|| &rest[n..])
        }
        Step::Unknown(n_words) => {
            let rest = skip_words(rest, n_words)?;
            let n = word_len(rest);
            is_telling(&rest[..n]).then(|| &rest[n..])
        }
        Step::Named(n_words) => (0..=n_words).find_map(|n_words| {
            let rest = skip_words(rest, n_words)?;
            let n = word_len(rest);
            let name = rest[..n].strip_suffix(b":")?;
            is_name(name).then(|| &rest[n..])
        }),
        Step::UpToDash => {
            let rest = (0..=4).find_map(|n_words| {
                let rest = skip_words(rest, n_words)?;
                matches!(rest, [b'-' | b'|', b' ', ..]).then_some(rest)
            })?;
            Some(&rest[1..])
        }
        Step::Barred(n_bars) => {
            let (at, _) = rest.iter().enumerate().filter(|&(_, &byte)| byte == b'|').nth(n_bars - 1)?;
            let is_narrow = rest[..at].split(|&byte| byte == b'|').all(|field| {
                field.len() < 48 && field.trim_ascii().iter().filter(|&&byte| is_space(byte)).count() <= 1
            });
            is_narrow.then(|| &rest[at + 1..])
        }
        Step::NamedBracketed => {
            let n = word_len(rest);
            let name = &rest[..n];
            let behind = rest[n..].trim_ascii_start();
            let is_dotted = is_name(name) && name.contains(&b'.');
            is_dotted.then(|| bracketed(behind).map(|n| &behind[n..])).flatten()
        }
        Step::UpToBracket => {
            let n = word_len(rest);
            let opens = rest[..n].iter().any(|byte| matches!(byte, b'[' | b'('));
            (n > 1 && rest[n - 1] == b']' && !opens).then(|| &rest[n..])
        }
        Step::Padded(column) => {
            let before = rest.get(column.checked_sub(1)?)?;
            let first = rest.get(column)?;
            (*before == b' ' && *first != b' ').then(|| &rest[column..])
        }
    }?;
    Some(passed.trim_ascii_start())
}

fn word_len(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| is_space(byte)).unwrap_or(rest.len())
}

fn skip_words(rest: &[u8], n_words: usize) -> Option<&[u8]> {
    let mut rest = rest;
    for _ in 0..n_words {
        let n = word_len(rest);
        if n == 0 {
            return None;
        }
        rest = rest[n..].trim_ascii_start();
    }
    (!rest.is_empty()).then_some(rest)
}

/// The length of the bracketed text at the start, and of what joins it (`[a][b]:`).
fn bracketed(rest: &[u8]) -> Option<usize> {
    let (open, close) = match rest.first()? {
        b'[' => (b'[', b']'),
        b'(' => (b'(', b')'),
        b'<' => (b'<', b'>'),
        _ => return None,
    };
    let mut depth = 0;
    let at = rest.iter().take(256).position(|&byte| {
        depth += i32::from(byte == open) - i32::from(byte == close);
        depth == 0
    })?;
    let n_more = rest[at + 1..].iter().take_while(|byte| matches!(byte, b':' | b',')).count();
    Some(at + 1 + n_more)
}

/// Numbers, stamps, levels and signs.
fn is_formed(word: &[u8]) -> bool {
    is_sign(word) || is_counted(word) || is_level(word)
}

/// What only header fields look like: a level, or a long number or stamp.
fn is_telling(word: &[u8]) -> bool {
    is_level(word) || is_counted(word) && word.len() >= 6
}

/// Whether a long number or stamp begins the line.
fn is_stamped(rest: &[u8]) -> bool {
    let word = &rest[..word_len(rest)];
    is_counted(word) && word.len() >= 6 && word[0].is_ascii_digit()
}

fn is_sign(word: &[u8]) -> bool {
    matches!(word, b"-" | b"|" | b":" | b"--" | b"*" | b">" | b"#")
}

fn is_counted(word: &[u8]) -> bool {
    let n_digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    n_digits > 0
        && n_digits * 2 >= word.len()
        && word.iter().all(|byte| {
            byte.is_ascii_hexdigit()
                || matches!(byte, b':' | b'.' | b',' | b'-' | b'/' | b'T' | b'Z' | b'+' | b'_' | b'x')
        })
}

fn is_level(word: &[u8]) -> bool {
    let n_start = word.iter().take_while(|byte| matches!(byte, b'[' | b'<' | b'(' | b'|')).count();
    let word = &word[n_start..];
    let n = word
        .iter()
        .rposition(|byte| !matches!(byte, b']' | b'>' | b')' | b':' | b',' | b'|'))
        .map_or(0, |last| last + 1);
    let word = &word[..n];
    const LEVELS: [&[u8]; 24] = [
        b"trace",
        b"debug",
        b"info",
        b"notice",
        b"warn",
        b"warning",
        b"error",
        b"err",
        b"fatal",
        b"critical",
        b"crit",
        b"alert",
        b"emerg",
        b"severe",
        b"fine",
        b"finer",
        b"finest",
        b"config",
        b"verbose",
        b"failure",
        b"panic",
        b"information",
        b"dbg",
        b"wrn",
    ];
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
        || matches!(word, [b'V' | b'D' | b'I' | b'W' | b'E' | b'F' | b'T' | b'N' | b'C'])
}

/// A program, class or logger.
fn is_name(name: &[u8]) -> bool {
    let is_bracketed = matches!(name, [b'(' | b'[', .., b')' | b']']);
    (is_bracketed || name.iter().any(u8::is_ascii_alphabetic))
        && name.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'.' | b'_'
                        | b'-'
                        | b'$'
                        | b'/'
                        | b'['
                        | b']'
                        | b'('
                        | b')'
                        | b'@'
                        | b'#'
                        | b':'
                        | b'*'
                        | b'<'
                        | b'>'
                        | b'&'
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: [&str; 10] = [
        "worker 12 started",
        "connection from 10.0.3.7 closed",
        "cache flushed",
        "user ann logged in",
        "Shutting down",
        "retry 2 of 5: no answer",
        "[job 7] done",
        "3 rules loaded",
        "disk: 91 % full",
        "no space left on device",
    ];

    /// The header that `line` puts before messages is passed over, and nothing more.
    fn check(line: impl Fn(usize, &str) -> String) {
        let lines: Vec<(String, &str)> =
            (0..60).map(|n| (line(n, MESSAGES[n * 7 % 10]), MESSAGES[n * 7 % 10])).collect();
        let texts: Vec<&str> = lines.iter().map(|(line, _)| &**line).collect();
        let header = Header::learn(&texts).unwrap();
        for (line, message) in &lines {
            assert_eq!(header.message(line), *message, "{line}: {header:?}");
        }
    }

    #[test]
    fn fields_that_all_lines_have_are_no_message() {
        let (levels, names) = (["INFO", "WARN", "ERROR"], ["app.Cart", "app.web.Shop", "root"]);
        check(|n, message| {
            format!("081109 2036{:02} {} {} {}: {message}", n % 60, n * 37, levels[n % 3], names[n % 3])
        });
        check(|n, message| format!("[10.30 16:49:{n:02}] {}.exe - {message}", names[n % 3]));
        check(|n, message| format!("[pool-{n}] {} - {message}", names[n % 3]));
        check(|n, message| format!("2026-{n:02}:29:606|Step_{n}|30002312|{message}"));
        check(|n, message| {
            format!("03-17 16:13:{n:02}.811  1702  2395 {} {}: {message}", &levels[n % 3][..1], names[n % 3])
        });
        check(|n, message| format!("{n} node-{} unix.hw {} 10778{n:05} 1 {message}", n * 3, names[n % 3]));
        check(|n, message| format!("I1120 10:00:{n:02}.5 {n} main.cc:{}] {message}", n * 3));
        check(|n, message| format!("{} [req-{n} - -] {message}", ["app.server", "app.wsgi"][n % 2]));
        check(|n, message| format!("Info          {}    {message}", ["CBS", "CSI"][n % 2]));
        check(|n, message| format!("web-{n} kernel[{n}]: {message}"));
    }

    #[test]
    fn messages_alone_are_left_alone() {
        check(|_, message| message.to_owned());
    }

    #[test]
    fn a_few_lines_show_nothing() {
        assert_eq!(Header::learn(&["INFO x"; FEWEST_LINES - 1]), None);
    }

    #[test]
    fn lines_without_the_fields_are_whole_messages() {
        let lines: Vec<String> = (0..60)
            .map(|n| {
                if n % 3 == 0 {
                    "    at a.B".to_owned()
                } else {
                    format!("081109 203615 {n} INFO {}", MESSAGES[n % 10])
                }
            })
            .collect();
        let header = Header::learn(&lines.iter().map(|line| &**line).collect::<Vec<_>>()).unwrap();
        assert_eq!(header.message(&lines[1]), MESSAGES[1]);
        assert_eq!(header.message("    at a.B"), "at a.B");
    }
}
