//! A result as text that other programs take: CSV, JSON lines and Markdown.
//!
//! It is written in parts: what begins it comes with the first row.

use std::ops::Range;

use model::table::{Cell, Column, ColumnRole, Table, TableRow};
use model::time::{Zone, format_wall};
use model::written::{csv_row, json_text, markdown_text, without_formula};

/// RFC 4180 with plain numbers and no formulas, so that a spreadsheet reads them; times are RFC 3339 in UTC.
pub fn csv(table: &Table, part: Range<usize>) -> String {
    let mut text = match part.start {
        0 => csv_row(table.columns.iter().map(|column| &column.name)),
        _ => String::new(),
    };
    for row in &table.rows[part] {
        text += &csv_row(row.cells.iter().map(plain));
    }
    text
}

/// An object for each row, under the columns' names; times are RFC 3339 in UTC.
pub fn json_lines(table: &Table, part: Range<usize>) -> String {
    let value = |cell: &Cell| match cell {
        Cell::Nothing => "null".to_owned(),
        Cell::Number(number) if !number.is_finite() => "null".to_owned(),
        Cell::Count(_) | Cell::Number(_) => cell.to_string(),
        Cell::Text(_) | Cell::Time(_) => json_text(&plain(cell)),
    };
    let pair = |(column, cell): (&Column, &Cell)| format!("{}:{}", json_text(&column.name), value(cell));
    let row = |row: &TableRow| table.columns.iter().zip(&row.cells).map(pair).collect::<Vec<_>>().join(",");
    table.rows[part].iter().map(|record| format!("{{{}}}\n", row(record))).collect()
}

/// Rows with tabs between their cells, which a spreadsheet takes into its own, and people can read: times are as they are shown, all
/// else as in CSV.
pub fn tabbed(table: &Table, part: Range<usize>, shown: impl Fn(usize, &Cell) -> String) -> String {
    let cell = |(place, cell): (usize, &Cell)| {
        let text = if let Cell::Time(_) = cell { shown(place, cell) } else { plain(cell) };
        without_formula(&text.replace(['\t', '\n', '\r'], " ")).into_owned()
    };
    let row = |row: &TableRow| row.cells.iter().enumerate().map(cell).collect::<Vec<_>>().join("\t");
    table.rows[part].iter().map(row).collect::<Vec<_>>().join("\n")
}

/// A table as it is shown.
pub fn markdown(table: &Table, part: Range<usize>, shown: impl Fn(usize, &Cell) -> String) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule =
        |column: &model::table::Column| if column.role == ColumnRole::Measure { "---:" } else { "---" }.to_owned();
    let mut text = String::new();
    if part.start == 0 {
        text += &row(table.columns.iter().map(|column| markdown_text(&column.name)).collect());
        text += &row(table.columns.iter().map(rule).collect());
    }
    for record in &table.rows[part] {
        text += &row(record.cells.iter().enumerate().map(|(place, cell)| markdown_text(&shown(place, cell))).collect());
    }
    text
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Time(time) => format_wall(*time, &Zone::utc(), 9).replace(' ', "T") + "Z",
        cell => cell.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::quantity::Unit;
    use model::table::Drill;
    use model::time::Nanos;

    fn table() -> Table {
        let column = |name: &str, role| Column { name: name.to_owned(), role, unit: Unit::Plain };
        let row = |text: &str, number| TableRow {
            cells: vec![Cell::Time(Nanos(1_500_000_000)), Cell::Text(text.to_owned()), number],
            entries: Drill::Entries { query: String::new(), range: None },
        };
        Table {
            columns: vec![
                column("time", ColumnRole::Instant),
                column("pa|th", ColumnRole::Key),
                column("count", ColumnRole::Measure),
            ],
            rows: vec![row("a, \"b\"", Cell::Count(1234)), row("x|y\nz", Cell::Nothing)],
            ..Table::default()
        }
    }

    #[test]
    fn a_spreadsheet_gets_plain_numbers_and_quoted_texts() {
        expect_test::expect![[r#"
            time,pa|th,count
            1970-01-01T00:00:01.500000000Z,"a, ""b""",1234
            1970-01-01T00:00:01.500000000Z,"x|y
            z",
        "#]]
        .assert_eq(&csv(&table(), 0..2).replace("\r\n", "\n"));
    }

    #[test]
    fn a_row_is_copied_with_tabs_and_without_formulas() {
        let mut table = table();
        table.rows[1].cells[2] = Cell::Text("=1+1".to_owned());
        let shown = |place: usize, _: &Cell| if place == 0 { "01:00:01.500".to_owned() } else { "as shown".to_owned() };
        let (first, last) = ("01:00:01.500\ta, \"b\"\t1234", "01:00:01.500\tx|y z\t'=1+1");
        assert_eq!(tabbed(&table, 0..1, shown), first);
        assert_eq!(tabbed(&table, 0..2, shown), format!("{first}\n{last}"));
    }

    #[test]
    fn the_parts_of_a_table_are_the_table() {
        let (table, shown) = (table(), |_: usize, cell: &Cell| cell.to_string());
        assert_eq!(csv(&table, 0..1) + &csv(&table, 1..2), csv(&table, 0..2));
        assert_eq!(json_lines(&table, 0..1) + &json_lines(&table, 1..2), json_lines(&table, 0..2));
        assert_eq!(markdown(&table, 0..1, shown) + &markdown(&table, 1..2, shown), markdown(&table, 0..2, shown));
    }

    #[test]
    fn a_line_of_json_keeps_numbers_and_says_what_is_not_there() {
        expect_test::expect![[r#"
            {"time":"1970-01-01T00:00:01.500000000Z","pa|th":"a, \"b\"","count":1234}
            {"time":"1970-01-01T00:00:01.500000000Z","pa|th":"x|y\nz","count":null}
        "#]]
        .assert_eq(&json_lines(&table(), 0..2));
    }

    #[test]
    fn a_cell_is_neither_a_link_nor_a_picture() {
        let mut table = table();
        table.rows.truncate(1);
        table.rows[0].cells[1] = Cell::Text("![x](https://a/b.png) <b> c:\\d".to_owned());
        let written = markdown(&table, 0..1, |_, cell| cell.to_string());
        assert!(written.contains(r"| \!\[x](https://a/b.png) \<b> c:\\d |"), "{written}");
    }

    #[test]
    fn a_cell_never_breaks_a_markdown_table() {
        let shown = |place: usize, cell: &Cell| if place == 0 { "1 s".to_owned() } else { cell.to_string() };
        expect_test::expect![[r#"
            | time | pa\|th | count |
            | --- | --- | ---: |
            | 1 s | a, "b" | 1234 |
            | 1 s | x\|y z |  |
        "#]]
        .assert_eq(&markdown(&table(), 0..2, shown));
    }
}
