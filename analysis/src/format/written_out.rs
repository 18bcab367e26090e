//! Formats written out as TOML, for the user to go on from: a shipped one as a copy, a new one from nothing.

use std::fmt::Write;

use serde_json::Value;

use super::shipped;

/// The order in which keys are written; others follow.
const ORDER: [&str; 8] = ["name", "title", "kind", "rank", "joins_lines", "level_from", "absent", "heads"];
/// What only tests of a shipped format's samples bear out.
const LEFT_OUT: [&str; 2] = ["delimits_values", "delimits_messages"];

/// The text of a shipped format under another name, without its samples. `None`: there is none of this name.
pub fn copy_of(name: &str, own_name: &str) -> Option<String> {
    let shipped: Value = serde_json::from_str(shipped::DATA).expect("the shipped formats are tested");
    let formats = shipped["formats"].as_array()?;
    let table = formats.iter().find(|format| format["name"] == name)?.as_object()?;
    let title = table.get("title").and_then(Value::as_str).unwrap_or(name);
    let (mut text, mut tables) = (String::new(), String::new());
    let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    let mut keys: Vec<&String> = table.keys().filter(|key| !LEFT_OUT.contains(&&***key)).collect();
    keys.sort_by_key(|key| (place(key), key.as_str()));
    for key in keys {
        match (&**key, &table[key]) {
            ("name", _) => put(&mut text, "name", &own_name.into()),
            ("title", _) => {}
            (_, Value::Object(inside)) => {
                _ = write!(tables, "\n[{key}]\n");
                inside.iter().for_each(|(key, value)| put(&mut tables, key, value));
            }
            (key, value) => put(&mut text, key, value),
        }
        if key == "name" {
            put(&mut text, "title", &format!("{title} (own)").into());
        }
    }
    Some(text + &tables)
}

/// A format that takes each line whole, to be made more of.
pub fn from_nothing(own_name: &str) -> String {
    format!(
        "name = \"{own_name}\"\n\
         title = \"My format\"\n\
         kind = \"pattern\"\n\
         # Of several formats that read a line the one with the highest rank reads it: 50 names its parts, 10 fits much.\n\
         rank = 10\n\
         # Regular expressions, tried in this order. The groups time, level, service and message are what they say, all\n\
         # others are fields: '^(?<time>\\S+ \\S+) (?<level>\\w+) \\[(?<thread>[^\\]]+)\\] (?<message>.*)'\n\
         heads = [\n    '^(?<message>.*)',\n]\n"
    )
}

/// What a format's text says that the user sees of it, whether or not it can be used.
pub fn title_of(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    Some(table.get("title").or(table.get("name"))?.as_str()?.to_owned())
}

/// The text without its samples.
pub fn without_samples(text: &str) -> String {
    let (mut kept, mut in_sample, mut in_text) = (String::new(), false, None);
    for line in text.split_inclusive('\n') {
        let name = line.trim_start().trim_start_matches(['[', ' ', '\t']);
        // Further in only what begins as a table's name does: a list in a sample ends no sample.
        let is_table =
            line.starts_with('[') || line.trim_start().starts_with('[') && name.starts_with(char::is_alphabetic);
        if in_text.is_none() && is_table {
            in_sample = name.strip_prefix("sample").is_some_and(|rest| rest.trim_start().starts_with(['.', ']']));
        }
        // Texts of several lines may hold lines that look like tables.
        for mark in ["\"\"\"", "'''"] {
            let is_odd = line.matches(mark).count() % 2 == 1;
            match in_text {
                None if is_odd => in_text = Some(mark),
                Some(open) if open == mark && is_odd => in_text = None,
                _ => {}
            }
        }
        if !in_sample {
            kept += line;
        }
    }
    let kept = kept.trim_end();
    if kept.is_empty() { String::new() } else { format!("{kept}\n") }
}

fn put(text: &mut String, key: &str, value: &Value) {
    _ = writeln!(text, "{key} = {}", written(value));
}

fn written(value: &Value) -> String {
    match value {
        Value::String(string) => quoted(string),
        Value::Array(values) if values.iter().any(|value| value.as_str().is_some_and(|s| s.len() > 40)) => {
            let lines: String = values.iter().map(|value| format!("    {},\n", written(value))).collect();
            format!("[\n{lines}]")
        }
        Value::Array(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A TOML string; patterns stay as they are.
pub fn quoted(text: &str) -> String {
    let is_plain = !text.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
    if is_plain {
        return format!("\"{text}\"");
    }
    if !text.contains(|c: char| c.is_control() && c != '\t' || c == '\'') {
        return format!("'{text}'");
    }
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            c if c.is_control() => _ = write!(quoted, "\\u{:04X}", c as u32),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::load::Spec;
    use crate::format::shipped::{Shipped, TEXTS};

    #[test]
    fn every_shipped_format_is_written_out_as_what_it_is() {
        let renamed = |spec: Spec, title: &str| {
            let text = format!("{spec:?}").replace("delimits_values: true", "delimits_values: false");
            text.replace("delimits_messages: true", "delimits_messages: false").replacen(
                &format!("title: {:?}", Some(title)),
                "title: None",
                1,
            )
        };
        for spec in Shipped::load().formats {
            let title = spec.title().to_owned();
            let copy = Spec::read(&copy_of(&spec.name, &spec.name).unwrap()).unwrap();
            assert_eq!(renamed(copy, &format!("{title} (own)")), renamed(spec, &title));
        }
        assert_eq!(copy_of("of another build", "x"), None);
        assert!(!TEXTS.is_empty());
    }

    #[test]
    fn any_text_is_quoted_so_that_toml_reads_it_back() {
        for text in ["", "a", "'", "\"", "\\d", "'\\\"\n\t\u{1}", "it's \\S", "ü\u{7f}"] {
            let table: toml::Table = toml::from_str(&format!("a = {}", quoted(text))).unwrap();
            assert_eq!(table["a"].as_str(), Some(text), "{}", quoted(text));
        }
    }

    #[test]
    fn samples_are_taken_out_whatever_they_hold() {
        let samples = "[[sample]]\ntext = \"\"\"\n[names]\n\"\"\"\n[sample.fields]\na = 1\n\n";
        let text = format!("name = \"a\"\n\n{samples}[names]\ntime = []\n");
        assert_eq!(without_samples(&text), "name = \"a\"\n\n[names]\ntime = []\n");
        assert_eq!(title_of(&text).as_deref(), Some("a"));
        let indented = "name = \"a\"\n  [[ sample ]]\n  text = \"E user=ann\"\n  lists = [\n    [\"ann\"],\n  ]\n  [ sample.fields ]\n  user = \"ann\"\n  [levels]\n  error = [\"E\"]\n";
        assert_eq!(without_samples(indented), "name = \"a\"\n  [levels]\n  error = [\"E\"]\n");
    }

    #[test]
    fn a_format_from_nothing_can_be_used() {
        assert!(crate::format::Formats::with(&from_nothing("mine")).is_ok());
    }
}
