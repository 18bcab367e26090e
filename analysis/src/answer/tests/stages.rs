//! What single stages make of entries: which values they take for the same, how they order them, and what leads back to the entries.

use model::entry::{RowKey, SourceId};
use model::quantity;
use model::query::{Expr, Test, parse_query};
use model::scope::{Filter, Order};
use model::table::{Cell, Column, ColumnRole, Drill};
use model::time::Nanos;

use super::{opened, table_of};
use crate::answer::entries::Collector;
use crate::answer::rows::{Row, Rows, Seed};

#[test]
fn levels_and_sources_behind_where_are_asked_for_as_in_a_filter() {
    let line = |level: &str| format!("time=2026-11-19T00:00:00Z level={level} msg=x\n");
    let blocks = opened(&[["info", "warn", "error", "critical"].map(line).concat()], 1);
    let n_passing = |condition: &str| {
        let query = format!("| where {condition} | count");
        table_of(&blocks, &parse_query(&query).0, &Filter::default()).rows[0].cells[0].clone()
    };
    for (condition, n_entries) in [
        ("level:warning", 1),
        ("level:err", 2),
        ("level:critical", 1),
        ("level:17", 1),
        ("severity>=critical", 1),
        ("level!=error", 2),
        ("level:*", 4),
        ("source:*/shop.log", 4),
        ("source:shop.log", 0),
    ] {
        assert_eq!(n_passing(condition), Cell::Count(n_entries), "{condition}");
    }
    let (query, _) = parse_query("| count by level | where level:err");
    assert_eq!(table_of(&blocks, &query, &Filter::default()).n_rows, 1);
}

#[test]
fn a_field_called_count_is_not_taken_for_the_number_of_entries() {
    let line = |count: &str| format!("time=2026-11-19T00:00:00Z level=info msg=x count={count}\n");
    let blocks = opened(&[["7", "7", "7", "9", "8", "8"].map(line).concat()], 1);
    let rows = |query: &str| -> Vec<String> {
        let table = table_of(&blocks, &parse_query(query).0, &Filter::default());
        table.rows.iter().map(|row| format!("{}: {}", row.cells[0], row.cells[1])).collect()
    };
    assert_eq!(rows("| top 2 count"), ["7: 3", "8: 2"]);
    assert_eq!(rows("| rare 2 count"), ["9: 1", "8: 2"]);
    assert_eq!(rows("| count by count | sort -count"), ["7: 3", "8: 2", "9: 1"]);
}

#[test]
fn a_name_spelt_otherwise_is_the_same_field_in_one_block_too() {
    let line = |field: &str| format!("time=2026-11-19T00:00:00Z level=info msg=x {field}\n");
    let blocks = opened(&[["User=ann n=1", "user=bob N=2", "USER=ann n=3"].map(line).concat()], 1);
    let rows = |query: &str| -> Vec<String> {
        let table = table_of(&blocks, &parse_query(query).0, &Filter::default());
        table.rows.iter().map(|row| format!("{}: {}", row.cells[0], row.cells[1])).collect()
    };
    assert_eq!(rows("| count by user"), ["ann: 2", "bob: 1"]);
    assert_eq!(rows("| stats sum(n), max"), ["6: 3"]);
}

#[test]
fn what_was_extracted_from_an_extracted_field_leads_to_the_entries_of_the_first() {
    let lines = ["order a17 placed", "order b18 placed", "nothing"];
    let lines = lines.map(|message| format!("time=2026-11-19T00:00:00Z level=info msg=\"{message}\"\n"));
    let blocks = opened(&[lines.concat()], 1);
    let (query, _) = parse_query(r#"| extract "order {order} placed" | extract order /(?<n>\d+)/ | count by n"#);
    let table = table_of(&blocks, &query, &Filter::default());
    for row in &table.rows {
        let Drill::Nearly { query, .. } = &row.entries else { panic!("{:?}", row.entries) };
        let (filter, problems) = model::query::parse(query);
        assert_eq!(problems, []);
        match &filter {
            Expr::All => assert_eq!(row.cells[0], Cell::Nothing),
            Expr::Field { name, test: Test::Matches(_) } => assert_eq!(name, "message"),
            other => panic!("{other}"),
        }
    }
    assert_eq!(table.rows.len(), 3);
}

#[test]
fn a_value_that_did_not_fit_is_left_out_once_however_often_it_comes() {
    let row = |n: u32| Row { cells: vec![Cell::Text(format!("a{}", n % 100))], seed: Seed::Group(n) };
    let columns = vec![Column { name: "id".into(), role: ColumnRole::Key, unit: quantity::Unit::Plain }];
    let rows = Rows { columns, rows: (0..500).map(row).collect() };
    let names = vec!["id".to_owned()];
    let mut collector = Collector::new(names.clone(), Order::OldestFirst, Vec::new(), Some(names), 4);
    let key = |entry: usize| RowKey { time: Nanos(entry as i64), source: SourceId(1), entry: entry as u64 };
    collector.add(&rows, &(0..500).collect::<Vec<u32>>(), key).unwrap();
    assert_eq!(collector.rows().len(), 4);
    assert!((80..=120).contains(&collector.n_rows()), "{}", collector.n_rows());
}

#[test]
fn entries_are_sorted_by_their_time_to_the_nanosecond() {
    let line = |nanos: u32| format!("time=2026-11-19T00:00:00.0000000{nanos:02}Z level=info msg=x n={nanos}\n");
    let blocks = opened(&[[20, 10, 30].map(line).concat()], 1);
    let ordered = |query: &str| -> Vec<String> {
        let table = table_of(&blocks, &parse_query(query).0, &Filter::default());
        table.rows.iter().map(|row| row.cells[0].to_string()).collect()
    };
    assert_eq!(ordered("| sort -time | fields n"), ["30", "20", "10"]);
    assert_eq!(ordered("| limit 3 | sort time | fields n"), ["10", "20", "30"]);
}
