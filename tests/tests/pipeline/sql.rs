//! SQL over the virtual table `entries` against the same conditions tested row by row.

use model::scope::Order;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::workspace::{Workspace, blocks_of, filter};

fn sample() -> Workspace {
    let mut workspace = Workspace::in_memory();
    let app: String = (0..120)
        .map(|i| {
            let level = ["INFO", "WARN", "ERROR"][i % 3];
            format!("2025-11-20T10:00:{:02}.{:03}Z {level} request n{i} took {}ms\n", i % 60, i, i * 3)
        })
        .collect();
    let json: String = (0..80)
        .map(|i| {
            format!(
                "{{\"time\":\"2025-11-20T10:00:{:02}Z\",\"level\":\"info\",\"service\":\"cart\",\"msg\":\"request n{i}\",\
                 \"trace_id\":\"{i:032x}\",\"status\":{}}}\n",
                i % 60,
                200 + i
            )
        })
        .collect();
    workspace.take_in("var/app.log", &app, 7);
    workspace.take_in("cart.json", &json, 9);
    workspace
}

fn row_ids(connection: &Connection, sql: &str) -> Vec<i64> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let ids = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<i64>, _>>();
    let mut ids = ids.unwrap_or_else(|error| panic!("{sql}: {error}"));
    ids.sort_unstable();
    ids
}

/// `+column` keeps SQLite from pushing the comparison down.
fn condition() -> impl Strategy<Value = (String, String)> {
    let operator = prop_oneof![Just("="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let time = (operator.clone(), 0..61_i64).prop_map(|(operator, second)| {
        let time = 1_763_632_800_000_000_000 + second * 1_000_000_000;
        (format!("time {operator} {time}"), format!("+time {operator} {time}"))
    });
    let severity = (operator, 0..25_i64)
        .prop_map(|(operator, n)| (format!("severity {operator} {n}"), format!("+severity {operator} {n}")));
    let source = prop_oneof![Just("var/app.log"), Just("cart.json"), Just("nothing")]
        .prop_map(|path| (format!("source = '{path}'"), format!("+source = '{path}'")));
    // The right side tests the raw text itself.
    let text = prop_oneof![
        Just(("raw MATCH 'n7'", "' ' || replace(replace(raw, '\"', ' '), '}', ' ') || ' ' LIKE '% n7 %'")),
        // Only one of them is an equality: SQLite takes two of one column for a contradiction.
        Just(("raw MATCH 'took'", "raw LIKE '%took%'")),
        Just(("raw MATCH 'request AND NOT took'", "raw NOT LIKE '%took%'")),
        Just(("query = 'level>=warn'", "+severity >= 13")),
        Just(("raw MATCH NULL", "0")),
    ]
    .prop_map(|(pushed, plain)| (pushed.to_owned(), plain.to_owned()));
    prop_oneof![time, severity, source, text]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn pushed_down_conditions_find_what_plain_ones_find(conditions in proptest::collection::vec(condition(), 0..4)) {
        thread_local!(static SAMPLE: Workspace = sample());
        SAMPLE.with(|workspace| {
            let sql = |side: fn(&(String, String)) -> &str| {
                let all: Vec<&str> = conditions.iter().map(side).chain(["1"]).collect();
                format!("SELECT rowid FROM entries WHERE {}", all.join(" AND "))
            };
            let connection = workspace.engine.store().connection();
            let (pushed, plain) = (sql(|(pushed, _)| pushed), sql(|(_, plain)| plain));
            prop_assert_eq!(row_ids(connection, &pushed), row_ids(connection, &plain), "{}", pushed);
            Ok(())
        })?;
    }
}

#[test]
fn a_row_has_what_the_entry_has() {
    let workspace = sample();
    let row: (String, i64, i64, i64, String, String, String, String, Option<String>) = workspace
        .engine
        .store()
        .connection()
        .query_row(
            "SELECT source, line, time, severity, service, message, raw, fields, trace_id FROM entries \
             WHERE raw MATCH 'n7' AND source = 'cart.json'",
            [],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?, r.get(8)?)),
        )
        .unwrap();
    assert_eq!((row.0.as_str(), row.1), ("cart.json", 8));
    assert_eq!((row.2, row.3), (1_763_632_807_000_000_000, 9));
    assert_eq!((row.4.as_str(), row.5.as_str()), ("cart", "request n7"));
    assert!(row.6.starts_with("{\"time\":\"2025-11-20T10:00:07Z\""));
    assert!(row.7.contains("\"status\":207"), "{}", row.7);
    assert_eq!(row.8.as_deref(), Some("00000000000000000000000000000007"));
}

#[test]
fn a_row_is_found_again_by_its_id() {
    let workspace = sample();
    let connection = workspace.engine.store().connection();
    let all = row_ids(connection, "SELECT rowid FROM entries");
    assert_eq!(all.len(), 200);
    for id in all {
        assert_eq!(row_ids(connection, &format!("SELECT rowid FROM entries WHERE rowid = {id}")), [id]);
    }
}

#[test]
fn sql_sees_what_is_not_committed_yet() {
    let mut workspace = sample();
    let text = "2025-11-20T10:00:00Z INFO request fresh1\n";
    let id = workspace.add_source("new.log", 1);
    workspace.store().insert_blocks(id, blocks_of("new.log", text, 10)).unwrap();
    let connection = workspace.engine.store().connection();
    for condition in ["raw MATCH 'fresh1'", "raw MATCH 'fresh*'", "source = 'new.log'"] {
        let found = row_ids(connection, &format!("SELECT rowid FROM entries WHERE {condition}"));
        assert_eq!(found.len(), 1, "{condition}");
    }
}

#[test]
fn sql_groups_and_joins() {
    let workspace = sample();
    let connection = workspace.engine.store().connection();
    let n: i64 = connection
        .query_row(
            "SELECT count(*) FROM entries a JOIN entries b ON b.time = a.time AND b.source <> a.source \
             WHERE a.query = 'n7' AND a.source = 'cart.json'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(n, 0, "the other source has milliseconds");
    let per_source = row_ids(connection, "SELECT count(*) FROM entries GROUP BY source");
    assert_eq!(per_source, [80, 120]);
}

#[test]
fn each_query_is_read_by_itself_though_both_must_hold() {
    let workspace = sample();
    let connection = workspace.engine.store().connection();
    let found = |text: &str, query: &str| {
        row_ids(connection, &format!("SELECT rowid FROM entries WHERE raw MATCH '{text}' AND query = '{query}'"))
    };
    let expected = found("took", "level>=warn");
    assert_eq!(expected.len(), 80);
    assert_eq!(found("too", "level>=warn"), expected, "a word that is still being typed");
    assert_eq!(found("level>=warn", "\"took"), expected, "a quote that is not closed");
    assert_eq!(found("took | count", "level>=warn"), expected, "a stage");
}

#[test]
fn the_table_cannot_be_written() {
    let workspace = sample();
    let deleted = workspace.engine.store().connection().execute("DELETE FROM entries", []);
    assert!(deleted.is_err());
    let mut workspace = workspace;
    assert_eq!(workspace.count(&filter("", Order::OldestFirst)).n_entries, 200);
}
