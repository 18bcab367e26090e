//! An entry as other programs and people take it: JSON, CSV, Markdown, a curl command.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Field, Value};
use crate::quantity::Quantity;
use crate::query::{is_level_name, own_field};
use crate::time::{Precision, Zone, format_wall};

mod curl;
pub use curl::entry_as_curl;

/// What entries are written to a file as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Form {
    /// As they stand in their files.
    Text,
    JsonLines,
    Csv,
    /// Of the columns of [`Self::Csv`], for programs that analyse tables.
    Parquet,
    /// One behind the other, as [`entry_as_markdown`] writes them.
    Markdown,
}

impl Form {
    pub const ALL: [Self; 5] = [Self::Text, Self::JsonLines, Self::Csv, Self::Parquet, Self::Markdown];

    /// How the name of such a file ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "log",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Markdown => "md",
        }
    }
}

/// What a table tells of every entry: before the columns that were chosen, and after them.
const FIRST_COLUMNS: [&str; 5] = ["time", "level", "service", "source", "line"];
const LAST_COLUMNS: [&str; 3] = ["message", "trace_id", "span_id"];

/// Columns that a table of entries has for itself, of those that were chosen.
pub fn columns_of_their_own(chosen: &[String]) -> Vec<String> {
    let is_usual = |name: &String| {
        let usual = FIRST_COLUMNS.iter().chain(&LAST_COLUMNS);
        is_level_name(name) || usual.into_iter().any(|usual| usual.eq_ignore_ascii_case(name))
    };
    chosen.iter().filter(|name| !is_usual(name)).cloned().collect()
}

/// The columns of a table of entries. `chosen`: as [`columns_of_their_own`] gives them; of none, all fields are in one column.
pub fn column_names(chosen: &[String]) -> Vec<&str> {
    let fields = chosen.is_empty().then_some("fields");
    FIRST_COLUMNS.into_iter().chain(chosen.iter().map(String::as_str)).chain(LAST_COLUMNS).chain(fields).collect()
}

/// What an entry has in the columns of [`column_names`]: empty where it has nothing, `fields` as JSON.
pub fn cells(entry: &Entry, path: &str, chosen: &[Cow<'_, str>]) -> Vec<String> {
    let first = [
        instant(entry).unwrap_or_default(),
        entry.severity.band().name().to_owned(),
        entry.service.clone(),
        path.to_owned(),
        entry.first_line.to_string(),
    ];
    let last =
        [entry.message.clone(), entry.trace_id.clone().unwrap_or_default(), entry.span_id.clone().unwrap_or_default()];
    let fields = chosen.is_empty().then(|| {
        let pair = |field: &Field| format!("{}:{}", json_text(&field.name), value(&field.value));
        format!("{{{}}}", entry.fields.iter().map(pair).collect::<Vec<_>>().join(","))
    });
    let chosen = chosen.iter().map(|cell| cell.to_string());
    first.into_iter().chain(chosen).chain(last).chain(fields).collect()
}

/// A row of a CSV file (RFC 4180).
pub fn csv_row(cells: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    cells.into_iter().map(|cell| csv_cell(cell.as_ref())).collect::<Vec<_>>().join(",") + "\r\n"
}

/// What an entry holds under a field's name, as queries have it; empty where it has none.
pub fn field_of<'e>(entry: &'e Entry, name: &str) -> Cow<'e, str> {
    let own = own_field(name).unwrap_or(name);
    match (name.to_ascii_lowercase().as_str(), &entry.request) {
        ("format", _) => entry.format.as_str().into(),
        ("trace", Some((id, _))) => id.as_str().into(),
        _ => {
            let field = entry.fields.iter().find(|field| field.name.eq_ignore_ascii_case(own));
            field.map(|field| field.value.to_string().into()).unwrap_or_default()
        }
    }
}

/// RFC 3339 in UTC, to the nanosecond; `None` where nothing is known of it.
fn instant(entry: &Entry) -> Option<String> {
    let is_known = entry.precision != Precision::Undated;
    is_known.then(|| format_wall(entry.key.time, &Zone::utc(), 9).replacen(' ', "T", 1) + "Z")
}

/// A cell of a CSV file, in quotes where it needs them.
pub fn csv_cell(text: &str) -> String {
    let text = without_formula(text);
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.into_owned(),
    }
}

/// A text for the cell of a spreadsheet, which runs one that begins as a formula does, and leaves one behind an apostrophe as it is
/// (OWASP, *CSV Injection*).
pub fn without_formula(text: &str) -> Cow<'_, str> {
    if begins_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Numbers have signs as well, with and without a unit, and what is missing in a line of an access log is a dash.
fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
        && text != "-"
        && Quantity::read(text).is_none()
        && text.parse::<f64>().is_err()
}

/// For a ticket or a chat: the time, what is known of it, its text.
pub fn entry_as_markdown(entry: &Entry, path: &str) -> String {
    // A fence longer than any in the text ends where it is to end.
    let fence = "`".repeat(longest_run(&entry.raw, '`').max(2) + 1);
    let when = instant(entry).unwrap_or_else(|| "no time".to_owned());
    let known = [entry.severity.band().name(), &entry.service, &format!("{path}:{}", entry.first_line)];
    let known: Vec<_> = known.into_iter().filter(|part| !part.is_empty()).collect();
    let known = markdown_text(&known.join(" · "));
    format!("**{when}** · {known}\n\n{fence}\n{}\n{fence}\n", entry.raw.trim_end())
}

/// On one line of Markdown. A text of a log brings neither lines, cells nor tags into it, nor links and pictures, which are fetched by
/// whoever looks at it.
pub fn markdown_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '|' | '<' | '[' | '!' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// As code in a line of Markdown, whatever is in it.
pub fn markdown_code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text, '`') + 1);
    // A line that is empty would end it.
    let text = text.replace(['\n', '\r'], " ");
    // Its own ticks are no part of those around it: readers take one space off at either end.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// How often a character stands there without another between.
pub fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(|run| run.chars().count()).max().unwrap_or_default()
}

/// On one line.
pub fn entry_as_json_line(entry: &Entry, path: &str) -> String {
    let fields = entry.fields.iter().map(|field| format!("{}:{}", json_text(&field.name), value(&field.value)));
    let fields = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
    let parts = json_parts(entry, path, fields).into_iter().map(|(name, value)| format!("{}:{value}", json_text(name)));
    // What a field holds as JSON may be spread over lines, between its values only.
    format!("{{{}}}\n", parts.collect::<Vec<_>>().join(",").replace(['\n', '\r'], " "))
}

pub fn entry_as_json(entry: &Entry, path: &str) -> String {
    let fields = entry.fields.iter().map(|field| format!("    {}: {}", json_text(&field.name), value(&field.value)));
    let fields = fields.collect::<Vec<_>>().join(",\n");
    let fields = if fields.is_empty() { "{}".to_owned() } else { format!("{{\n{fields}\n  }}") };
    let lines =
        json_parts(entry, path, fields).into_iter().map(|(name, value)| format!("  {}: {value}", json_text(name)));
    format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
}

fn json_parts(entry: &Entry, path: &str, fields: String) -> Vec<(&'static str, String)> {
    let time = instant(entry).map_or_else(|| "null".to_owned(), |time| json_text(&time));
    let mut parts = vec![
        ("time", time),
        ("level", json_text(entry.severity.band().name())),
        ("service", json_text(&entry.service)),
        ("message", json_text(&entry.message)),
    ];
    parts.extend(entry.trace_id.as_ref().map(|id| ("trace_id", json_text(id))));
    parts.extend(entry.span_id.as_ref().map(|id| ("span_id", json_text(id))));
    parts.push(("source", json_text(path)));
    parts.push(("line", entry.first_line.to_string()));
    parts.push(("fields", fields));
    parts.push(("raw", json_text(&entry.raw)));
    parts
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(string) => json_text(string),
        // JSON has no infinities.
        Value::Float(number) if !number.is_finite() => json_text(&number.to_string()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null | Value::Json(_) => value.to_string(),
    }
}

/// A string of JSON.
pub fn json_text(string: &str) -> String {
    let mut quoted = String::with_capacity(string.len() + 2);
    quoted.push('"');
    for character in string.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", control as u32)),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::RowKey;
    use crate::severity::Severity;
    use expect_test::expect;

    fn entry() -> Entry {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        Entry {
            key: RowKey::default(),
            first_line: 7,
            last_line: 8,
            precision: Default::default(),
            naive: false,
            inferred: Default::default(),
            reading: Default::default(),
            severity: Severity::WARN,
            severity_text: "WARNING".to_owned(),
            service: "cart".to_owned(),
            service_rule: "the field app".to_owned(),
            format: "json".to_owned(),
            message: "say \"hi\"\n\u{1}".to_owned(),
            fields: vec![
                field("status", Value::Int(500)),
                field("path", Value::Text("C:\\x".to_owned())),
                field("tags", Value::Json("[1,2]".to_owned())),
                field("ratio", Value::Float(f64::INFINITY)),
            ],
            trace_id: Some("abc".to_owned()),
            span_id: None,
            request: None,
            id_flaw: None,
            zone: Default::default(),
            message_highlights: Vec::new(),
            raw_highlights: Vec::new(),
            raw: "raw".to_owned(),
            part: Default::default(),
            raw_bytes: 3,
        }
    }

    #[test]
    fn the_column_of_requests_has_the_id_that_was_found() {
        let found = Some(("4bf92f35".to_owned(), "W3C traceparent".to_owned()));
        assert_eq!(field_of(&Entry { request: found, ..entry() }, "Trace"), "4bf92f35");
        let own = Field { name: "trace".to_owned(), value: Value::Text("on".to_owned()) };
        assert_eq!(field_of(&Entry { fields: vec![own], ..entry() }, "trace"), "on");
        assert_eq!(field_of(&entry(), "trace"), "");
    }

    #[test]
    fn a_line_of_json_is_one_line_and_a_row_of_csv_has_its_fields_in_one_cell() {
        expect![[r#"
            {"time":"1970-01-01T00:00:00.000000000Z","level":"warn","service":"cart","message":"say \"hi\"\n\u0001","trace_id":"abc","source":"a.log","line":7,"fields":{"status":500,"path":"C:\\x","tags":[1,2],"ratio":"inf"},"raw":"raw"}
        "#]]
        .assert_eq(&entry_as_json_line(&entry(), "a.log"));
        let row = csv_row(cells(&Entry { message: "say \"hi\", twice".to_owned(), ..entry() }, "a.log", &[]));
        assert_eq!(
            row,
            "1970-01-01T00:00:00.000000000Z,warn,cart,a.log,7,\"say \"\"hi\"\", twice\",abc,,\
             \"{\"\"status\"\":500,\"\"path\"\":\"\"C:\\\\x\"\",\"\"tags\"\":[1,2],\"\"ratio\"\":\"\"inf\"\"}\"\r\n"
        );
        assert_eq!(column_names(&[]).len(), 9);
    }

    #[test]
    fn markdown_holds_the_text_whatever_is_in_it() {
        let raw = "a\n```\n~~~~\n````\nb\n".to_owned();
        expect![[r#"
            **1970-01-01T00:00:00.000000000Z** · warn · cart · a.log:7

            `````
            a
            ```
            ~~~~
            ````
            b
            `````
        "#]]
        .assert_eq(&entry_as_markdown(&Entry { raw, ..entry() }, "a.log"));
    }

    #[test]
    fn a_service_and_a_path_are_neither_a_picture_nor_lines_of_ones_own() {
        let service = "![x](https://evil.example/p.png)\n# cart".to_owned();
        let written = entry_as_markdown(&Entry { service, ..entry() }, "<b>.log");
        let head = written.lines().next().unwrap();
        assert!(head.ends_with(r"· warn · \!\[x](https://evil.example/p.png) # cart · \<b>.log:7"), "{head}");
        assert_eq!(markdown_text("c:\\d|e"), "c:\\\\d\\|e");
    }

    #[test]
    fn code_of_markdown_ends_where_it_is_to_end() {
        for (text, code) in [
            ("a", "`a`"),
            ("a``b", "```a``b```"),
            ("`![x](https://a/b.png)", "`` `![x](https://a/b.png) ``"),
            ("a\n\n![x](b)", "`a  ![x](b)`"),
        ] {
            assert_eq!(markdown_code(text), code);
        }
    }

    #[test]
    fn a_cell_is_no_formula_of_a_spreadsheet() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("-5", "-5"),
            ("-5ms", "-5ms"),
            ("+1.5e3", "+1.5e3"),
            ("-", "-"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn every_value_keeps_its_type_and_every_character_its_meaning() {
        expect![[r#"
            {
              "time": "1970-01-01T00:00:00.000000000Z",
              "level": "warn",
              "service": "cart",
              "message": "say \"hi\"\n\u0001",
              "trace_id": "abc",
              "source": "a.log",
              "line": 7,
              "fields": {
                "status": 500,
                "path": "C:\\x",
                "tags": [1,2],
                "ratio": "inf"
              },
              "raw": "raw"
            }"#]]
        .assert_eq(&entry_as_json(&entry(), "a.log"));
    }
}
