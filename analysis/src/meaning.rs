//! Reads a mapping table that was written down as TOML. `model::meaning::to_text` writes one.

use model::meaning::{Meaning, Meanings};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    meaning: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(default)]
    logs: Vec<String>,
    #[serde(default)]
    spans: Vec<String>,
    #[serde(default)]
    metrics: Vec<String>,
    #[serde(default)]
    values: Vec<Vec<String>>,
}

/// The error says in a sentence why the text is no mapping table.
pub fn read(text: &str) -> Result<Meanings, String> {
    let table: Table = toml::from_str(text).map_err(|error| why(text, &error))?;
    let row = |Row { name, logs, spans, metrics, values }| Meaning { name, logs, spans, metrics, values }.tidied();
    let meanings = Meanings { rows: table.meaning.into_iter().map(row).collect() };
    match meanings.problem() {
        Some(problem) => Err(problem),
        None => Ok(meanings),
    }
}

/// Why a text is no table, and in which line that is.
pub(crate) fn why(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    format!("Line {line} of the table: {}.", error.message())
}

#[cfg(test)]
mod tests {
    use model::meaning::to_text;
    use proptest::prelude::*;

    use super::*;

    const SHOP: &str = r#"
        [[meaning]]
        name = "order.status"
        logs = ["payment_status"]
        spans = ["attributes.payment.status"]
        values = [["paid", "SUCCESS", "ok"], ["declined", "REFUSED"]]
    "#;

    #[test]
    fn a_text_is_read_and_what_is_left_out_is_none() {
        let meanings = read(SHOP).unwrap();
        let [meaning] = &meanings.rows[..] else { panic!("{meanings:?}") };
        assert_eq!((meaning.logs.len(), meaning.spans.len(), meaning.metrics.len()), (1, 1, 0));
        assert_eq!(meaning.shown("refused"), "declined");
    }

    #[test]
    fn what_is_no_table_says_where() {
        let message = |text: &str| read(text).unwrap_err();
        assert!(message("[[meaning]]\nname = 3").starts_with("Line 2 of the table: "));
        assert!(message("[[meaning]]\nname = 'a'\nlog = ['b']").starts_with("Line 3 of the table: "));
        assert!(message("[[meaning]]\nname = 'level'\nlogs = ['b']").contains("“level”"));
        assert_eq!(read("").unwrap(), Meanings::default());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(rows in prop::collection::vec(row(), 0..4)) {
            let mut meanings = Meanings::default();
            rows.into_iter().map(Meaning::tidied).for_each(|row| meanings.add(row));
            prop_assume!(meanings.problem().is_none());
            prop_assert_eq!(read(&to_text(&meanings)), Ok(meanings));
        }
    }

    fn row() -> impl Strategy<Value = Meaning> {
        let names = || prop::collection::vec("[a-zé.]{1,4}", 0..3);
        let values = prop::collection::vec(prop::collection::vec("\\PC{1,3}|[\"\\\\\n]{1,3}|[a-e]", 0..4), 0..3);
        ("[a-z]{1,3}", names(), names(), names(), values).prop_map(|(name, logs, spans, metrics, values)| Meaning {
            name,
            logs,
            spans,
            metrics,
            values,
        })
    }
}
