//! A result as text that other programs take: CSV and Markdown.

use model::table::{Cell, Column, ColumnRole, Table, TableRow};
use model::time::{Zone, format_wall};
use model::written::{csv_cell, json_text, markdown_text};

/// RFC 4180 with plain numbers and no formulas, so that a spreadsheet reads them; times are RFC 3339 in UTC.
pub fn csv(table: &Table) -> String {
    let mut text = line(table.columns.iter().map(|column| csv_cell(&column.name)));
    for row in &table.rows {
        text += &line(row.cells.iter().map(|cell| csv_cell(&plain(cell))));
    }
    text
}

/// An object for each row, under the columns' names; times are RFC 3339 in UTC.
pub fn json_lines(table: &Table) -> String {
    let value = |cell: &Cell| match cell {
        Cell::Nothing => "null".to_owned(),
        Cell::Number(number) if !number.is_finite() => "null".to_owned(),
        Cell::Count(_) | Cell::Number(_) => cell.to_string(),
        Cell::Text(_) | Cell::Time(_) => json_text(&plain(cell)),
    };
    let pair = |(column, cell): (&Column, &Cell)| format!("{}:{}", json_text(&column.name), value(cell));
    let row = |row: &TableRow| table.columns.iter().zip(&row.cells).map(pair).collect::<Vec<_>>().join(",");
    table.rows.iter().map(|record| format!("{{{}}}\n", row(record))).collect()
}

/// A table as it is shown.
pub fn markdown(table: &Table, shown: impl Fn(usize, &Cell) -> String) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let heads = table.columns.iter().map(|column| markdown_text(&column.name)).collect();
    let rule =
        |column: &model::table::Column| if column.role == ColumnRole::Measure { "---:" } else { "---" }.to_owned();
    let mut text = row(heads) + &row(table.columns.iter().map(rule).collect());
    for record in &table.rows {
        text += &row(record.cells.iter().enumerate().map(|(place, cell)| markdown_text(&shown(place, cell))).collect());
    }
    text
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",") + "\r\n"
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
        .assert_eq(&csv(&table()).replace("\r\n", "\n"));
    }

    #[test]
    fn a_line_of_json_keeps_numbers_and_says_what_is_not_there() {
        expect_test::expect![[r#"
            {"time":"1970-01-01T00:00:01.500000000Z","pa|th":"a, \"b\"","count":1234}
            {"time":"1970-01-01T00:00:01.500000000Z","pa|th":"x|y\nz","count":null}
        "#]]
        .assert_eq(&json_lines(&table()));
    }

    #[test]
    fn a_cell_is_neither_a_link_nor_a_picture() {
        let mut table = table();
        table.rows.truncate(1);
        table.rows[0].cells[1] = Cell::Text("![x](https://a/b.png) <b> c:\\d".to_owned());
        let written = markdown(&table, |_, cell| cell.to_string());
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
        .assert_eq(&markdown(&table(), shown));
    }
}
