//! The values that a page of entries holds for the columns of its table.

use model::entry::Row;
use model::protocol::{At, RowForm};
use model::scope::Order;

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
