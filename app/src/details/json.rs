//! An entry as JSON, for the clipboard.

use model::entry::{Entry, Value};
use model::time::{Precision, Zone, format_wall};

pub fn entry_as_json(entry: &Entry, path: &str) -> String {
    let time = match entry.precision {
        Precision::Undated => "null".to_owned(),
        _ => text(&(format_wall(entry.key.time, &Zone::utc(), 9).replacen(' ', "T", 1) + "Z")),
    };
    let mut parts = vec![
        ("time", time),
        ("level", text(entry.severity.band().name())),
        ("service", text(&entry.service)),
        ("message", text(&entry.message)),
    ];
    parts.extend(entry.trace_id.as_ref().map(|id| ("trace_id", text(id))));
    parts.extend(entry.span_id.as_ref().map(|id| ("span_id", text(id))));
    parts.push(("source", text(path)));
    parts.push(("line", entry.first_line.to_string()));
    let fields = entry.fields.iter().map(|field| format!("    {}: {}", text(&field.name), value(&field.value)));
    let fields = fields.collect::<Vec<_>>().join(",\n");
    let fields = if fields.is_empty() { "{}".to_owned() } else { format!("{{\n{fields}\n  }}") };
    parts.push(("fields", fields));
    parts.push(("raw", text(&entry.raw)));
    let lines = parts.into_iter().map(|(name, value)| format!("  {}: {value}", text(name)));
    format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(string) => text(string),
        // JSON has no infinities.
        Value::Float(number) if !number.is_finite() => text(&number.to_string()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null | Value::Json(_) => value.to_string(),
    }
}

fn text(string: &str) -> String {
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
    use expect_test::expect;
    use model::entry::{Field, RowKey};
    use model::severity::Severity;

    #[test]
    fn every_value_keeps_its_type_and_every_character_its_meaning() {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        let entry = Entry {
            key: RowKey::default(),
            first_line: 7,
            last_line: 8,
            precision: Default::default(),
            naive: false,
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
            message_highlights: Vec::new(),
            raw_highlights: Vec::new(),
            raw: "raw".to_owned(),
            part: Default::default(),
            raw_bytes: 3,
        };
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
        .assert_eq(&entry_as_json(&entry, "a.log"));
    }
}
