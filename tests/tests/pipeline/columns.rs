//! The values that a page of entries holds for the columns of its table.

use model::columns::Shows;
use model::entry::Row;
use model::protocol::{Ask, At, RowForm};
use model::scope::Order;
use model::time::Zone;

use crate::workspace::{Workspace, filter};

const LINES: &str = r#"{"time":"2026-11-20T10:00:00Z","level":"info","service":"cart","message":"order placed","path":"/cart/7","status":200}
{"time":"2026-11-20T10:00:01Z","level":"error","service":"cart","message":"refused","path":"/pay","status":502,"source":"bank.rs"}
{"time":"2026-11-20T10:00:02Z","message":"plain words"}
"#;

fn columns(query: &str, columns: &[&str]) -> Vec<Row> {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop/web.log", LINES, 2);
    let form = RowForm { columns: columns.iter().map(|&name| name.to_owned()).collect(), ..RowForm::default() };
    workspace.page_of(&filter(query, Order::OldestFirst), At::Rank(0), 10, form).rows
}

fn texts(rows: &[Row]) -> Vec<Vec<&str>> {
    rows.iter()
        .map(|row| row.values.iter().map(|value| value.as_ref().map_or("–", |shown| shown.text.as_str())).collect())
        .collect()
}

#[test]
fn columns_hold_what_each_entry_has_in_a_field() {
    let rows = columns("", &["status", "PATH", "level", "source", ".source", "nowhere"]);
    assert_eq!(
        texts(&rows),
        [
            ["200", "/cart/7", "info", "shop/web.log", "–", "–"],
            ["502", "/pay", "error", "shop/web.log", "bank.rs", "–"],
            ["–", "–", "–", "shop/web.log", "–", "–"],
        ]
    );
}

#[test]
fn a_field_with_a_column_stands_there_only() {
    let text = |names: &[&str]| columns("", names)[1].text.clone();
    assert!(text(&[]).contains("status=502"), "{}", text(&[]));
    assert!(!text(&["status"]).contains("status="), "{}", text(&["status"]));
}

#[test]
fn what_the_query_matches_is_marked_in_its_column_too() {
    let rows = columns("status:502", &["status", "path"]);
    let marks = rows[0].values.iter().flatten().map(|value| value.highlights.clone());
    assert_eq!(marks.collect::<Vec<_>>(), [vec![(0, 3)], vec![]]);
}

#[test]
fn a_row_shows_its_line_as_it_stands_in_the_file() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop/web.log", LINES, 2);
    let form = RowForm { shows: Shows::Raw, ..RowForm::default() };
    let rows = workspace.page_of(&filter("refused", Order::OldestFirst), At::Rank(0), 10, form).rows;
    assert_eq!(rows[0].text, LINES.lines().nth(1).unwrap());
    assert_eq!(rows[0].message_bytes as usize, rows[0].text.len());
    assert_eq!(rows[0].highlights.len(), 1);
}

#[test]
fn a_row_says_what_it_is_coloured_by() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop/web.log", LINES, 2);
    let form = RowForm { colour: "status".to_owned(), ..RowForm::default() };
    let rows = workspace.page_of(&filter("", Order::OldestFirst), At::Rank(0), 10, form).rows;
    assert_eq!(rows.iter().map(|row| row.colour.as_deref()).collect::<Vec<_>>(), [Some("200"), Some("502"), None]);
    // It has no column: it stays among the fields.
    assert!(rows[0].text.contains("status=200"));
}

#[test]
fn a_row_says_in_which_zone_its_stamp_is_written() {
    let mut workspace = Workspace::in_memory();
    let text =
        "2026-11-20T10:00:00+02:00 INFO one\n2026-11-20 10:00:00 -0330 INFO two\n2026-11-20T10:00:00Z INFO three\n";
    workspace.take_in("zoned.log", text, 1);
    workspace.take_in("naive.log", "2026-11-20 10:00:00 INFO four\n", 1);
    // Of the second block no stamp tells it.
    let text = "{\"time\":\"2026-11-20T10:00:00+02:00\",\"msg\":\"five\"}\n{\"msg\":\"six\"}\n";
    workspace.take_in("rare.jsonl", text, 1);
    workspace.ask(Ask::SetZone(Zone::fixed(3600))).unwrap();
    let rows = workspace.rows(&filter("", Order::AsWritten), 10);
    let zones: Vec<_> = rows.iter().map(|row| (row.zone.seconds_east, row.zone.is_named)).collect();
    assert_eq!(zones, [(7200, true), (-12_600, true), (0, true), (3600, false), (7200, true), (0, false)]);
}
