//! Reads what was said of names of services, written down as TOML. `model::naming::Naming::to_text` writes it.

use model::naming::{Naming, Said};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    name: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    written: String,
    service: String,
}

/// The error says in a sentence why the text is no table of names.
pub fn read(text: &str) -> Result<Naming, String> {
    let table: Table = toml::from_str(text).map_err(|error| crate::meaning::why(text, &error))?;
    let row = |Row { written, service }| Said { written, service };
    let naming = Naming { rows: table.name.into_iter().map(row).collect() }.tidied();
    match naming.problem() {
        Some(problem) => Err(problem),
        None => Ok(naming),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_table_of_names_says_where() {
        let message = |text: &str| read(text).unwrap_err();
        assert!(message("[[name]]\nwritten = 'a'").starts_with("Line 1 of the table: "));
        assert!(message("[[name]]\nwritten = 'a'\nservice = 3").starts_with("Line 3 of the table: "));
        assert!(message("[[meaning]]\nname = 'a'").starts_with("Line 1 of the table: "));
        assert_eq!(read(""), Ok(Naming::default()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(rows in prop::collection::vec(("[a-c\"\\\\é]{1,3}", "[a-c\n]{1,3}"), 0..6)) {
            let row = |(written, service)| Said { written, service };
            let naming = Naming { rows: rows.into_iter().map(row).collect() }.tidied();
            prop_assert_eq!(read(&naming.to_text()), Ok(naming));
        }
    }
}
