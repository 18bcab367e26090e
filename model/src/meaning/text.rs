//! The mapping table as a text to keep beside code, and to hand on: TOML. `analysis::meaning` reads it.

use std::fmt::Write;

use super::Meanings;

/// ```text
/// [[meaning]]
/// name = "order.status"
/// logs = ["payment_status"]
/// spans = ["attributes.payment.status"]
/// metrics = []
/// values = [["paid", "SUCCESS", "ok"]]
/// ```
pub fn to_text(meanings: &Meanings) -> String {
    let mut text = String::from("# What is meant, and how logs, spans and metrics call it.\n");
    for meaning in &meanings.rows {
        let values: Vec<String> = meaning.values.iter().map(|group| list(group)).collect();
        let written = writeln!(
            text,
            "\n[[meaning]]\nname = {}\nlogs = {}\nspans = {}\nmetrics = {}\nvalues = [{}]",
            quoted(&meaning.name),
            list(&meaning.logs),
            list(&meaning.spans),
            list(&meaning.metrics),
            values.join(", ")
        );
        written.expect("a String takes everything");
    }
    text
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let written = write!(out, "\\U{:08X}", u32::from(c));
                written.expect("a String takes everything");
            }
            c => out.push(c),
        }
    }
    out + "\""
}
