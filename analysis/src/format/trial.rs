//! Tries a format that is being written on lines of a source: what it reads of them, part by part, and where it stops.

use std::fmt::Write;
use std::ops::Range;

use model::entry::{Field, Value};
use model::format::{FormatPreview, FormatProblem, LineReading, PreviewLine, PreviewPart, Stop};
use model::source::SHOWN_LINE_CHARS;
use model::time::{Nanos, Zone, format_wall};

use super::load::{self, Spec};
use super::reach::Beginnings;
use super::shipped::Shipped;
use super::written_out::quoted;
use super::{FormatId, Formats, Head, Kind, RAW};
use crate::colour::plain_str;
use crate::read::{Context, Reader, goes_on};

/// Lines that are shown: some screens of them.
const MOST_LINES: usize = 60;
/// Of these, how many may be ones that are not read.
const MOST_UNREAD: usize = 25;
/// Samples that are taken from a file.
const N_SAMPLES: usize = 3;
/// A longer entry makes no sample.
const MOST_SAMPLE_BYTES: usize = 1000;

/// A format among all others.
pub struct Trial {
    spec: Spec,
    formats: Formats,
    id: FormatId,
}

/// Lines of a source that follow each other; it begins where an entry does.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// Of the first one, from 0.
    pub line: u64,
    pub text: Vec<u8>,
}

impl Trial {
    /// The format of this text; samples are not looked at.
    pub fn new(text: &str) -> Result<Self, FormatProblem> {
        let shown = |problem: load::Problem| FormatProblem { line: problem.line(text), message: problem.message };
        let spec = Spec::read(text).map_err(shown)?.of_user();
        let formats = Formats::compile(Shipped::load().and(vec![spec.clone()])).map_err(shown)?;
        let id = formats.id(&spec.name);
        Ok(Self { spec, formats, id })
    }

    pub fn name(&self) -> &str {
        &self.spec.name
    }

    pub fn title(&self) -> &str {
        self.spec.title()
    }

    /// The first sample that is not read as it says.
    pub fn failing_sample(&self, text: &str) -> Option<FormatProblem> {
        let problem = load::check_samples(&self.spec).err()?;
        Some(FormatProblem { line: problem.line(text), message: problem.message })
    }

    /// What it reads of the excerpts, as of one file. `context`: the file's.
    pub fn preview(&self, excerpts: &[Excerpt], context: &Context) -> FormatPreview {
        let mut preview = FormatPreview::default();
        let heads: Vec<Beginnings<'_>> = self.spec.heads().collect();
        let mut lines = Vec::new();
        self.read(excerpts, context, |line, head, text| {
            let text = plain_str(text);
            let is_read = head.format != RAW;
            let mut parts = if is_read { self.parts(head, &text, &mut preview.groups) } else { Vec::new() };
            let mut start = 0;
            let opens = self.formats.opening(head.format, text.lines().next().unwrap_or_default().as_bytes()).is_some();
            for (at, shown) in text.split('\n').enumerate() {
                let begins = is_read && at == 0;
                let looks_joined = goes_on(shown.as_bytes());
                let reading = match begins {
                    true => LineReading::Begins,
                    // A line that joins by its looks was never meant to be matched.
                    false if is_read && (opens || looks_joined) => LineReading::GoesOn,
                    false if is_read => LineReading::Joins(self.joining_stop(&heads, head, shown)),
                    false => LineReading::Stops(self.stop(&heads, shown)),
                };
                preview.n_lines += 1;
                preview.n_read += u64::from(begins);
                preview.n_joined += u64::from(matches!(reading, LineReading::Joins(_) | LineReading::GoesOn));
                let end = start + shown.len();
                let own = parts.extract_if(.., |part| part.range.start < end);
                let own = own.map(|part| part.within(start)).collect();
                lines.push(shown_line(line + at as u64 + 1, shown, reading, own));
                start = end + 1;
            }
        });
        preview.lines = chosen(lines);
        preview
    }

    /// `[[sample]]` tables of a few entries that it reads, as it reads them.
    pub fn samples(&self, excerpts: &[Excerpt], context: &Context) -> String {
        // Samples are read by the format alone, unless they hold another one.
        let Ok(alone) = Formats::compile(Shipped::load().but_only(vec![self.spec.clone()])) else {
            return String::new();
        };
        let mut taken: Vec<(u8, bool)> = Vec::new();
        let mut written = String::new();
        let mut header = String::new();
        self.read(excerpts, context, |_, head, text| {
            let kind = (head.severity.0, text.contains('\n'));
            let is_first = header.is_empty() && self.has_header_in_first_line();
            if is_first || self.formats.header(text.as_bytes()).is_some() {
                header = format!("{text}\n");
                return;
            }
            if head.format == RAW {
                return;
            }
            let is_enough = taken.len() == N_SAMPLES || taken.contains(&kind) || text.len() > MOST_SAMPLE_BYTES;
            if is_enough || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
                return;
            }
            if let Some(sample) = self.sample(&alone, &header, head, text) {
                taken.push(kind);
                written += &sample;
            }
        });
        written
    }

    fn has_header_in_first_line(&self) -> bool {
        matches!(&self.formats.format(self.id).kind, Kind::Delimited(delimited, _) if delimited.first_line)
    }

    fn sample(&self, alone: &Formats, before: &str, head: &Head, text: &str) -> Option<String> {
        let formats = if self.formats.name(head.format) == self.spec.name { alone } else { &self.formats };
        let mut sample = "\n[[sample]]\n".to_owned();
        let mut put = |key: &str, value: &str| _ = writeln!(sample, "{key} = {}", quoted(value));
        if !before.is_empty() {
            put("before", before);
        }
        put("text", text);
        let head = load::sample_head(formats, formats.id(&self.spec.name), before, text)?;
        let name = formats.name(head.format);
        if name != self.spec.name {
            put("format", name);
        }
        if let Some(time) = head.time {
            put("time", &rfc3339(time));
        }
        let parsed = formats.parse(head.format, text);
        if let Some(service) = &parsed.service {
            put("service", service);
        }
        put("message", &parsed.message);
        if head.severity.0 > 0 {
            _ = writeln!(sample, "severity = {}", head.severity.0);
        }
        let fields = written_fields(&parsed.fields);
        if !fields.is_empty() {
            _ = writeln!(sample, "fields = {{ {fields} }}");
        }
        Some(sample)
    }

    /// Gives `take` the first line, the head and the text of each entry.
    fn read(&self, excerpts: &[Excerpt], context: &Context, mut take: impl FnMut(u64, &Head, &str)) {
        let mut reader = Reader::new(&self.formats, context.clone()).only(self.id).of_text();
        // Where excerpts begin in what is read, and what their lines are then away from those of the file.
        let (mut n_lines, mut places) = (0_u64, Vec::new());
        for excerpt in excerpts {
            places.push((n_lines, excerpt.line));
            reader.push(&excerpt.text);
            n_lines += memchr::memchr_iter(b'\n', &excerpt.text).count() as u64;
            if !excerpt.text.ends_with(b"\n") {
                reader.push(b"\n");
                n_lines += 1;
            }
        }
        reader.finish();
        let mut line = 0;
        while let Some(record) = reader.next_record() {
            let (head, text) = (record.head.clone(), String::from_utf8_lossy(record.text).into_owned());
            let place = places.partition_point(|&(first, _)| first <= line).saturating_sub(1);
            let (first, in_file) = places[place];
            take(in_file + line - first, &head, &text);
            line = reader.position().lines;
        }
    }

    /// Why a line that joins the entry with this head begins none.
    fn joining_stop(&self, heads: &[Beginnings<'_>], head: &Head, line: &str) -> Stop {
        let stop = self.stop(heads, line);
        // A head of its own it has.
        let is_told = stop.pattern.is_empty() && self.formats.continues(head.format, line.as_bytes());
        let reason = "This tells more of the entry before it, as “continues” says.".to_owned();
        if is_told { Stop { reason, ..stop } } else { stop }
    }

    fn stop(&self, heads: &[Beginnings<'_>], line: &str) -> Stop {
        let furthest = heads.iter().map(|head| (head.reach(line.as_bytes()), head)).max_by_key(|(reach, _)| {
            // Of heads that reach as far the one that asks for less.
            (reach.line_bytes, std::cmp::Reverse(reach.pattern_bytes))
        });
        match furthest {
            Some((reach, head)) => {
                let pattern = head.next(reach);
                let reason = match pattern.is_empty() {
                    true => "The pattern matches, but what it calls time is none that can be read.".to_owned(),
                    false => String::new(),
                };
                Stop { bytes: reach.line_bytes as u32, pattern, reason }
            }
            None => Stop { reason: self.why_not(line).to_owned(), ..Stop::default() },
        }
    }

    /// Why a format without patterns does not read a line.
    fn why_not(&self, line: &str) -> &'static str {
        match &self.formats.format(self.id).kind {
            Kind::Json(members) if !members.is_empty() => "This is no JSON object with the members that are asked for.",
            Kind::Json(_) | Kind::Otlp => "This is no JSON object.",
            Kind::Logfmt => "This has no pairs such as level=info.",
            Kind::Delimited(delimited, _) if delimited.comment.is_some_and(|c| line.as_bytes().first() == Some(&c)) => {
                "This is a comment."
            }
            Kind::Delimited(..) => "This has another number of cells than the header, or is the header.",
            Kind::Element(_) => "No element that is asked for begins here.",
            Kind::Record { .. } | Kind::Cmtrace => "No record begins here.",
            Kind::SecurityEvent => "This is neither CEF nor LEEF.",
            Kind::Freestyle(_) => "No time was found in its beginning.",
            Kind::Raw | Kind::Pattern(_) => "",
        }
    }

    /// What of an entry's text is what; one part after the other.
    fn parts(&self, head: &Head, text: &str, groups: &mut Vec<String>) -> Vec<Part> {
        let mut named: Vec<(String, Range<usize>)> = match &self.formats.format(self.id).kind {
            Kind::Pattern(pattern) => pattern.parts(text),
            _ => self.found_parts(head, text),
        };
        named.retain(|(_, range)| !range.is_empty() && range.end <= text.len());
        // Outer groups first.
        named.sort_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)));
        let numbered: Vec<(u16, Range<usize>)> = named
            .into_iter()
            .map(|(name, range)| {
                let at = groups.iter().position(|group| *group == name).unwrap_or_else(|| {
                    groups.push(name);
                    groups.len() - 1
                });
                (at as u16, range)
            })
            .collect();
        let mut ends: Vec<usize> = numbered.iter().flat_map(|(_, range)| [range.start, range.end]).collect();
        ends.sort_unstable();
        ends.dedup();
        let part = |range: Range<usize>| {
            let over = numbered.iter().filter(|(_, other)| other.start <= range.start && range.end <= other.end);
            Part { groups: over.map(|(group, _)| *group).collect(), range }
        };
        ends.windows(2).map(|pair| part(pair[0]..pair[1])).filter(|part| !part.groups.is_empty()).collect()
    }

    /// Where an opened entry's values stand in its text, as far as they stand there as they are.
    fn found_parts(&self, head: &Head, text: &str) -> Vec<(String, Range<usize>)> {
        let mut found = Vec::new();
        let stamp = head.stamp.start as usize..head.stamp.end as usize;
        if !stamp.is_empty() {
            found.push(("time".to_owned(), stamp));
        }
        found.extend(head.service.iter().map(|at| ("service".to_owned(), at.start as usize..at.end as usize)));
        let parsed = self.formats.parse(head.format, text);
        let spells_names = self.formats.spells_names(head.format);
        let mut from = 0;
        for field in &parsed.fields {
            let value = match &field.value {
                Value::Text(value) => value.clone(),
                other => other.to_string(),
            };
            let name = field.name.rsplit('.').next().unwrap_or(&field.name);
            let after_name = match spells_names {
                true => find(text, name, from).map(|at| at.end),
                false => Some(from),
            };
            if let Some(range) = after_name.and_then(|from| find(text, &value, from)) {
                from = range.end;
                found.push((field.name.clone(), range));
            }
        }
        let is_free = |found: &[(String, Range<usize>)], range: &Range<usize>| {
            found.iter().all(|(_, other)| other.end <= range.start || range.end <= other.start)
        };
        for (name, value) in [("message", &parsed.message), ("level", &parsed.severity_text)] {
            if let Some(range) = find(text, value, 0).filter(|range| is_free(&found, range)) {
                found.push((name.to_owned(), range));
            }
        }
        found
    }
}

/// A part of an entry's text and the groups over it.
struct Part {
    range: Range<usize>,
    groups: Vec<u16>,
}

impl Part {
    /// As a part of the line that begins at `start`.
    fn within(self, start: usize) -> PreviewPart {
        let place = |at: usize| at.saturating_sub(start) as u32;
        PreviewPart { start: place(self.range.start), end: place(self.range.end), groups: self.groups }
    }
}

/// As they stand in a sample. Of several with one name the first counts there.
fn written_fields(fields: &[Field]) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut names: Vec<&str> = Vec::new();
    let mut written: Vec<String> = Vec::new();
    for Field { name, value } in fields.iter().filter(|field| !field.name.is_empty()) {
        if names.contains(&&**name) {
            continue;
        }
        names.push(name);
        let value = match value {
            Value::Int(number) => number.to_string(),
            other => quoted(&other.to_string()),
        };
        let name = if name.chars().all(is_bare) { name.clone() } else { quoted(name) };
        written.push(format!("{name} = {value}"));
    }
    written.join(", ")
}

fn find(text: &str, value: &str, from: usize) -> Option<Range<usize>> {
    let at = from + text.get(from..)?.find(value).filter(|_| !value.is_empty())?;
    Some(at..at + value.len())
}

fn shown_line(line: u64, text: &str, reading: LineReading, mut parts: Vec<PreviewPart>) -> PreviewLine {
    let end = text.char_indices().nth(SHOWN_LINE_CHARS).map_or(text.len(), |(end, _)| end);
    parts.retain(|part| (part.start as usize) < end);
    parts.iter_mut().for_each(|part| part.end = part.end.min(end as u32));
    let within = |stop: Stop| Stop { bytes: stop.bytes.min(end as u32), ..stop };
    let reading = match reading {
        LineReading::Stops(stop) => LineReading::Stops(within(stop)),
        LineReading::Joins(stop) => LineReading::Joins(within(stop)),
        other => other,
    };
    PreviewLine { line, text: text[..end].to_owned(), reading, parts }
}

/// Those that are not read before others, so that a rare one is not missed; both spread over the source.
fn chosen(lines: Vec<PreviewLine>) -> Vec<PreviewLine> {
    let is_unread = |line: &PreviewLine| matches!(line.reading, LineReading::Stops(_) | LineReading::Joins(_));
    let n_unread = lines.iter().filter(|line| is_unread(line)).count();
    let n_others = lines.len() - n_unread;
    let most_others = MOST_LINES - n_unread.min(MOST_UNREAD);
    let (mut unread, mut others) = (0, 0);
    let mut is_chosen = |line: &PreviewLine| {
        let (count, n, most) =
            if is_unread(line) { (&mut unread, n_unread, MOST_UNREAD) } else { (&mut others, n_others, most_others) };
        *count += 1;
        // As many of them as there is room for, at even distances.
        n <= most || *count * most / n > (*count - 1) * most / n
    };
    lines.into_iter().filter(|line| is_chosen(line)).collect()
}

/// As times stand in samples.
pub(super) fn rfc3339(time: Nanos) -> String {
    let digits = [0, 3, 6].into_iter().find(|&digits| time.0 % 10_i64.pow(9 - digits) == 0).unwrap_or(9);
    format!("{}Z", format_wall(time, &Zone::utc(), digits as usize).replacen(' ', "T", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTERED: &str = r#"
name = "lettered"
kind = "pattern"
rank = 40
heads = ['^(?<level>[IWE]) (?<time>\S+) \[(?<thread>(?<pool>\w+)-\d+)\] ']
[levels]
21 = ["E"]
"#;

    const LINES: &str = "I 2026-11-20T10:23:45Z [pool-1] started
  at once
E 2026-11-20T10:23:46Z [7] lost
W yesterday [pool-2] x
X
E 2026-11-20T10:23:47Z [pool-2] ümlaut
";

    fn context() -> Context {
        Context { path: "app.log".to_owned(), modified: Nanos(1_798_718_400_000_000_000), zone: Zone::utc() }
    }

    fn excerpts(text: &str) -> Vec<Excerpt> {
        vec![Excerpt { line: 10, text: text.as_bytes().to_vec() }]
    }

    /// A line with its parts in brackets: `[level:E] …`; what stops it behind `!`.
    fn shown(preview: &FormatPreview) -> Vec<String> {
        let line = |line: &PreviewLine| {
            let mut shown = format!("{} ", line.line);
            let mut last = 0;
            for part in &line.parts {
                let names: Vec<&str> = part.groups.iter().map(|&group| &*preview.groups[usize::from(group)]).collect();
                shown += &line.text[last..part.start as usize];
                shown += &format!("[{}:{}]", names.join("."), &line.text[part.start as usize..part.end as usize]);
                last = part.end as usize;
            }
            shown += &line.text[last..];
            match &line.reading {
                LineReading::Begins => shown,
                LineReading::GoesOn => format!("… {shown}"),
                LineReading::Stops(stop) => format!("{shown} ! {} {}{}", stop.bytes, stop.pattern, stop.reason),
                LineReading::Joins(stop) => format!("… {shown} ! {} {}{}", stop.bytes, stop.pattern, stop.reason),
            }
        };
        preview.lines.iter().map(line).collect()
    }

    #[test]
    fn each_line_says_what_matched_it_and_where_matching_stopped() {
        let trial = Trial::new(LETTERED).unwrap();
        let preview = trial.preview(&excerpts(LINES), &context());
        assert_eq!(
            shown(&preview),
            [
                "11 [level:I] [time:2026-11-20T10:23:45Z] [[thread.pool:pool][thread:-1]] [message:started]",
                "…  12   at once".replace("…  ", "… ").as_str(),
                r"13 E 2026-11-20T10:23:46Z [7] lost ! 25 -",
                "14 W yesterday [pool-2] x ! 21 The pattern matches, but what it calls time is none that can be read.",
                "15 X ! 0 (?<level>[IWE])",
                "16 [level:E] [time:2026-11-20T10:23:47Z] [[thread.pool:pool][thread:-2]] [message:ümlaut]",
            ]
        );
        assert_eq!((preview.n_read, preview.n_joined, preview.n_lines), (2, 1, 6));
        assert_eq!(preview.groups, ["level", "time", "thread", "pool", "message"]);

        let joining = LETTERED.replace("rank = 40", "rank = 40\njoins_lines = true");
        let joined = Trial::new(&joining).unwrap().preview(&excerpts(LINES), &context());
        assert_eq!((joined.n_read, joined.n_joined, joined.n_lines), (2, 4, 6));
        assert_eq!(shown(&joined)[4], "… 15 X ! 0 (?<level>[IWE])");
    }

    #[test]
    fn a_line_that_tells_more_of_the_entry_before_it_says_so() {
        let continuing = LETTERED.replace("rank = 40", "rank = 40\ncontinues = '^E .*STATEMENT'");
        let text = "E 2026-11-20T10:23:46Z [pool-1] lost\nE 2026-11-20T10:23:46Z [pool-1] STATEMENT\n";
        let preview = Trial::new(&continuing).unwrap().preview(&excerpts(text), &context());
        let joined = "… 12 E 2026-11-20T10:23:46Z [pool-1] STATEMENT ! 32 This tells more of the entry before it, as “continues” says.";
        assert_eq!(shown(&preview)[1], joined);
    }

    #[test]
    fn formats_without_patterns_show_where_their_values_stand() {
        let trial = Trial::new("name = \"mine\"\nkind = \"json\"\nrank = 40\n").unwrap();
        let text =
            "{\"ts\":\"2026-11-20T10:23:45Z\",\"level\":\"warn\",\"msg\":\"lost 7\",\"http\":{\"code\":503}}\nx\n";
        let preview = trial.preview(&excerpts(text), &context());
        assert_eq!(
            shown(&preview),
            [
                "11 {\"ts\":\"[time:2026-11-20T10:23:45Z]\",\"level\":\"[level:warn]\",\"msg\":\"[message:lost 7]\",\
                 \"http\":{\"code\":[http.code:503]}}",
                "12 x ! 0 This is no JSON object.",
            ]
        );
    }

    #[test]
    fn samples_taken_from_lines_are_read_as_they_say() {
        for (format, lines) in [
            (LETTERED, LINES),
            ("name = \"mine\"\nkind = \"json\"\nrank = 40\n", "{\"ts\":\"2026-11-20 10:23:45\",\"msg\":\"a\\\"'b\"}\n"),
            (
                "name = \"mine\"\nkind = \"delimited\"\nrank = 40\nseparators = [\"\\t\"]\nheader = \"#F: \"\nheader_separator = \" \"\n",
                "#F: time level message\n2026-11-20 10:23:45\twarn\ta\n2026-11-20 10:23:46\tinfo\tb\n",
            ),
        ] {
            let samples = Trial::new(format).unwrap().samples(&excerpts(lines), &context());
            assert!(samples.contains("[[sample]]"), "{format}");
            let has_fields = lines != LINES || samples.contains("fields = { thread = \"pool-1\", pool = \"pool\" }");
            assert!(has_fields, "{samples}");
            let whole = format!("{format}{samples}");
            assert_eq!(Formats::with(&whole).map(|_| ()), Ok(()), "{whole}");
            let problem = Trial::new(&whole).unwrap().failing_sample(&whole.replace("message = ", "#"));
            assert_eq!(problem, None);
        }
    }

    #[test]
    fn problems_name_their_line() {
        let problem = |text: &str| match Trial::new(text) {
            Err(problem) => (problem.line, problem.message),
            Ok(trial) => trial.failing_sample(text).map(|problem| (problem.line, problem.message)).unwrap(),
        };
        let check = |text: &str, line: u32, part: &str| {
            let (found, message) = problem(text);
            assert!(found == Some(line) && message.contains(part), "{found:?} {message}");
        };
        check("name = \"a\"\nkind = ", 2, "");
        check("name = \"a\"\nkind = \"pattern\"\nrank = 1\nheads = [\n'^a',\n'^(?<b>c'\n]", 6, "unclosed group");
        check("name = \"a\"\nkind = \"pattern\"\nrank = 1\nheads = ['a']", 4, "begins with ^");
        check("name = \"a\"\nkind = \"pattern\"\nrank = 1\nheads = ['^(?:(?:a{999}){999}){999}']", 4, "too large");
        check("name = \"a b\"\nkind = \"json\"\nrank = 1", 1, "one word");
        check("name = \"a\"\nkind = \"json\"\nrank = 1\nrnk = 2", 4, "unknown field");
        check(&format!("{LETTERED}\n[[sample]]\ntext = \"x\""), 9, "no head of this format");
        assert_eq!(problem(&"#".repeat(70_000)).0, None);
    }
}
