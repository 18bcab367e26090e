//! The SQL console over a copy of a workspace.

use std::sync::atomic::{AtomicU32, Ordering};

use expect_test::{Expect, expect};
use model::protocol::{Answer, Ask, Failure};
use model::scope::Filter;
use model::sql::{SQL_TABLES, SqlAsk, SqlSort};
use model::table::{Cell, ColumnRole, Drill, Picture, Table};
use model::time::{Nanos, TimeRange, Zone};
use worker::sql::Console;

use crate::workspace::File;

/// Ten minutes of a shop and its cart, with a mark; committed, and opened once more to be looked at.
struct Copy {
    console: Console,
    _file: File,
}

fn copy() -> Copy {
    static N_COPIES: AtomicU32 = AtomicU32::new(0);
    let file = File::new(&format!("console-{}", N_COPIES.fetch_add(1, Ordering::Relaxed)));
    let mut workspace = file.open();
    let app: String = (0..60)
        .map(|i| {
            let level = if i % 10 == 0 { "ERROR" } else { "INFO" };
            format!("2025-11-20T10:{:02}:{:02}.5Z {level} request n{i} took {}ms\n", i / 6, i % 6 * 10, i * 3)
        })
        .collect();
    let cart: String = (0..20)
        .map(|i| {
            format!(
                "{{\"time\":\"2025-11-20T10:00:{i:02}Z\",\"level\":\"info\",\"msg\":\"ok\",\"status\":{}}}\n",
                200 + i % 2
            )
        })
        .collect();
    let source = workspace.take_in("var/app.log", &app, 7);
    workspace.take_in("cart.json", &cart, 9);
    let first = model::entry::RowKey { time: Nanos(1_763_632_800_500_000_000), source, entry: 0 };
    workspace.ask(Ask::Mark(first)).unwrap();
    workspace.commit();
    drop(workspace);
    Copy { console: Console::new(file.look_at()).unwrap(), _file: file }
}

fn ask(filter: Filter, text: &str) -> SqlAsk {
    SqlAsk { filter, text: text.to_owned(), max_rows: 100, sort: None, zone: Zone::utc(), may_write: false }
}

fn filter(query: &str) -> Filter {
    Filter { query: query.to_owned(), ..Filter::default() }
}

impl Copy {
    fn run(&mut self, text: &str) -> Result<Table, Failure> {
        self.run_on(Filter::default(), text)
    }

    fn run_on(&mut self, filter: Filter, text: &str) -> Result<Table, Failure> {
        self.console.run(&ask(filter, text))
    }
}

fn shown(table: &Table) -> String {
    let heads: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let row = |row: &model::table::TableRow| row.cells.iter().map(Cell::to_string).collect::<Vec<_>>().join(" | ");
    let mut lines = vec![heads.join(" | ")];
    lines.extend(table.rows.iter().map(row));
    lines.join("\n") + "\n"
}

fn check(filter: Filter, text: &str, expected: Expect) {
    expected.assert_eq(&shown(&copy().run_on(filter, text).unwrap()));
}

#[test]
fn entries_are_those_of_the_scope_and_all_entries_are_all() {
    let text = "SELECT (SELECT count(*) FROM entries) AS some, (SELECT count(*) FROM all_entries) AS every";
    check(
        filter("level>=error"),
        text,
        expect![[r#"
        some | every
        6 | 80
    "#]],
    );
    let minute = TimeRange { start: Nanos(1_763_632_800_000_000_000), end: Nanos(1_763_632_860_000_000_000) };
    check(
        Filter { range: Some(minute), ..filter("request") },
        text,
        expect![[r#"
        some | every
        6 | 80
    "#]],
    );
}

#[test]
fn the_scope_and_a_query_in_the_statement_both_hold() {
    let text = "SELECT message FROM entries WHERE query = 'n10 OR n11'";
    check(
        filter("level>=error"),
        text,
        expect![[r#"
        message
        request n10 took 30ms
    "#]],
    );
}

#[test]
fn another_scope_is_seen_at_once_by_every_table() {
    let mut copy = copy();
    let text = "SELECT n_entries FROM templates ORDER BY 1 DESC LIMIT 1";
    assert_eq!(shown(&copy.run(text).unwrap()), "n_entries\n60\n");
    assert_eq!(shown(&copy.run_on(filter("level>=error"), text).unwrap()), "n_entries\n6\n");
    let text = "SELECT n_entries FROM fields WHERE name = 'level'";
    assert_eq!(shown(&copy.run(text).unwrap()), "n_entries\n80\n");
    assert_eq!(shown(&copy.run_on(filter("level>=error"), text).unwrap()), "n_entries\n6\n");
}

#[test]
fn templates_join_their_entries() {
    let text = "SELECT t.text, count(*), t.n_errors FROM entries e JOIN templates t USING (template) GROUP BY 1 ORDER BY 2 DESC";
    check(
        Filter::default(),
        text,
        expect![[r#"
        text | count(*) | n_errors
        request <*> took <*> | 60 | 6
        ok | 20 | 0
    "#]],
    );
}

#[test]
fn values_of_patterns_are_an_array_with_numbers_as_numbers() {
    check(
        filter("n7"),
        "SELECT vars, CAST(vars->>1 AS REAL) * 2 AS twice FROM entries",
        expect![[r#"
        vars | twice
        ["n7","21ms"] | 42
    "#]],
    );
    check(
        Filter::default(),
        "SELECT vars IS NULL AS none, count(*) AS n FROM entries GROUP BY 1 ORDER BY 2",
        expect![[r#"
        none | n
        1 | 20
        0 | 60
    "#]],
    );
}

#[test]
fn sources_fields_and_bookmarks_are_tables() {
    check(
        Filter::default(),
        "SELECT source, format, n_entries FROM sources",
        expect![[r#"
        source | format | n_entries
        var/app.log | plain text with time | 60
        cart.json | JSON lines | 20
    "#]],
    );
    check(
        Filter::default(),
        "SELECT name, kind, n_entries, n_values, is_exact, max FROM fields WHERE name = 'status'",
        expect![[r#"
        name | kind | n_entries | n_values | is_exact | max
        status | number | 20 | 2 | 1 | 201
    "#]],
    );
    check(
        Filter::default(),
        "SELECT source, line, text FROM bookmarks",
        expect![[r#"
        source | line | text
        var/app.log | 1 | request n0 took 0ms
    "#]],
    );
}

#[test]
fn every_table_has_the_columns_that_the_schema_names() {
    let mut copy = copy();
    for table in SQL_TABLES {
        let found = copy.run(&format!("SELECT * FROM {}", table.name)).unwrap();
        let found: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
        let named: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, named, "{}", table.name);
    }
}

#[test]
fn numbers_over_time_are_lines_and_numbers_of_names_bars() {
    let mut copy = copy();
    let table = copy.run("SELECT bucket(time, '5m') AS since, count(*) AS n FROM entries GROUP BY 1").unwrap();
    assert_eq!(table.columns[0].role, ColumnRole::Time { width_nanos: 300_000_000_000 });
    assert_eq!(table.picture, Picture::Lines);
    let table = copy
        .run("SELECT fields->>'status' AS status, count(*) FROM entries WHERE source='cart.json' GROUP BY 1")
        .unwrap();
    assert_eq!((table.columns[0].role, table.picture), (ColumnRole::Key, Picture::Bars));
    let table = copy.run("SELECT level, min(time) AS first, count(*) FROM entries GROUP BY 1").unwrap();
    assert_eq!((table.columns[1].role, table.picture), (ColumnRole::Instant, Picture::Table));
    let table = copy.run("SELECT line, message FROM entries").unwrap();
    assert_eq!((table.columns[0].role, table.picture), (ColumnRole::Key, Picture::Table));
}

#[test]
fn a_row_with_an_entry_leads_to_it() {
    let table = copy().run("SELECT message, entry FROM entries WHERE raw MATCH 'n7'").unwrap();
    let Drill::Entry(key) = table.rows[0].entries else { panic!("{:?}", table.rows[0]) };
    assert_eq!((key.time, key.entry), (Nanos(1_763_632_870_500_000_000), 7));
}

#[test]
fn rows_that_are_more_than_asked_for_are_not_said_to_be_all() {
    let mut copy = copy();
    let mut n_sent = |max_rows| {
        let ask = SqlAsk { max_rows, ..ask(Filter::default(), "SELECT line FROM entries") };
        let table = copy.console.run(&ask).unwrap();
        (table.rows.len(), table.complete)
    };
    assert_eq!((n_sent(79), n_sent(80)), ((79, false), (80, true)));
}

#[test]
fn nothing_but_reading_is_permitted() {
    let mut copy = copy();
    let statements = [
        "DELETE FROM sources",
        "DROP TABLE fields",
        "CREATE TEMP TABLE x (a)",
        "INSERT INTO fields (name) VALUES ('x')",
        "ATTACH 'other.db' AS other",
        "PRAGMA user_version = 99",
        "VACUUM",
        "BEGIN",
    ];
    for text in statements {
        let refused = copy.run(text).unwrap_err().to_string();
        assert!(refused.starts_with("The console only reads"), "{text}: {refused}");
    }
    assert_eq!(copy.run("SELECT count(*) FROM entries").unwrap().rows.len(), 1);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let mut copy = copy();
    let mut refused = |text: &str| match copy.run(text).unwrap_err() {
        Failure::Sql { message, at } => (message, at),
        failure => panic!("{failure}"),
    };
    assert_eq!(refused("SELECT leve FROM entries"), ("No such column: leve.".to_owned(), Some(7)));
    assert_eq!(refused("SELEC 1"), ("Near \"SELEC\": syntax error.".to_owned(), Some(0)));
    assert_eq!(refused("SELECT 1; SELECT 2").0, "One statement at a time: only one can have a result.");
    assert_eq!(refused(" -- nothing").0, "There is nothing to run: write a SELECT.");
    assert_eq!(
        refused("SELECT bucket(time, 'soon') FROM entries").0,
        "Bucket takes a span of time: '30s', '5m', '1h', '1d'."
    );
}

#[test]
fn rows_are_sorted_by_a_head_before_they_are_cut() {
    let mut copy = copy();
    let text = "SELECT a.line AS line, b.line AS line FROM entries a JOIN entries b ON b.entry = a.entry\nWHERE a.service = 'app'; -- all of them;";
    let sort = Some(SqlSort { column: 1, is_descending: true });
    let table = copy.console.run(&SqlAsk { sort, max_rows: 2, ..ask(Filter::default(), text) }).unwrap();
    assert_eq!(shown(&table), "line | line\n60 | 60\n59 | 59\n");
    assert!(!table.complete);
    // That of a statement before it.
    let sort = Some(SqlSort { column: 7, is_descending: true });
    let table = copy.console.run(&SqlAsk { sort, ..ask(Filter::default(), "SELECT 1") }).unwrap();
    assert_eq!(shown(&table), "1\n1\n");
}

#[test]
fn days_are_those_of_the_clock_on_screen() {
    let text = "SELECT DISTINCT bucket(time, '1d') AS since FROM entries";
    for (hours, expected) in [(0, 1_763_596_800), (14, 1_763_632_800), (-11, 1_763_550_000)] {
        let ask = SqlAsk { zone: Zone::fixed(hours * 3600), ..ask(Filter::default(), text) };
        let table = copy().console.run(&ask).unwrap();
        assert_eq!(table.rows[0].cells, [Cell::Time(Nanos(expected * 1_000_000_000))], "{hours}");
    }
}

#[test]
fn days_and_hours_on_which_clocks_are_set_are_whole() {
    // Berlin, 26 October 2025: at 01:00 UTC clocks were set from 03:00 to 02:00.
    let midnight = 1_761_429_600_000_000_000;
    let change = midnight + 3 * 3_600_000_000_000;
    let zone = Zone { name: "Europe/Berlin".to_owned(), first_offset: 7200, changes: vec![(Nanos(change), 3600)] };
    let mut copy = copy();
    for (width, after, expected) in [("1d", 3600, 0), ("1d", 4 * 3600, 0), ("1h", 9000, 7200), ("1h", 12_600, 10_800)] {
        let text = format!(
            "SELECT bucket({midnight} + {after} * 1000000000, '{width}') = {midnight} + {expected} * 1000000000"
        );
        let ask = SqlAsk { zone: zone.clone(), ..ask(Filter::default(), &text) };
        assert_eq!(copy.console.run(&ask).unwrap().rows[0].cells, [Cell::Count(1)], "{width} {after}");
    }
}

#[test]
fn spans_are_a_table() {
    let file = File::new("console-spans");
    let mut workspace = file.open();
    let span = |id: &str, parent: &str, name: &str| {
        format!(
            "{{\"time\":1795170225123456789,\"severity_number\":9,\"service\":\"cart\",\"span\":{{\"name\":\"{name}\",\"kind\":\"server\",\"duration_ms\":12.5,\"status\":\"error\"}},\
             \"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"span_id\":\"{id}\",\"parent_span_id\":\"{parent}\"}}\n"
        )
    };
    let text = span("00f067aa0ba902b7", "", "GET /cart") + &span("00f067aa0ba902b8", "00f067aa0ba902b7", "read");
    workspace.take_in("spans.json", &text, 7);
    workspace.take_in("app.log", "2025-11-20T10:00:00Z INFO no span\n", 8);
    workspace.commit();
    drop(workspace);
    let mut console = Console::new(file.look_at()).unwrap();
    let text = "SELECT b.name, a.name AS parent, b.kind, b.duration_ms, b.status FROM spans a JOIN spans b ON b.parent_span_id = a.span_id";
    let joined = shown(&console.run(&ask(Filter::default(), text)).unwrap());
    assert_eq!(joined, "name | parent | kind | duration_ms | status\nread | GET /cart | server | 12.5 | error\n");
    let table = console.run(&ask(filter("read"), "SELECT * FROM spans")).unwrap();
    assert!(matches!(table.rows[..], [model::table::TableRow { entries: Drill::Entry(_), .. }]), "{}", shown(&table));
}

#[test]
fn points_of_metrics_are_a_table() {
    let file = File::new("console-metrics");
    let mut workspace = file.open();
    let point = |queue: &str, value: &str| {
        format!(
            "{{\"time\":1795170225123456789,\"metric\":{{\"name\":\"jobs_total\",\"kind\":\"sum\",\"value\":{value}}},\
             \"attributes\":{{\"queue\":\"{queue}\"}}}}\n"
        )
    };
    let text = point("mail", "5") + &point("print", "7.5");
    workspace.take_in("metrics.json", &text, 7);
    workspace.take_in("app.log", "2025-11-20T10:00:00Z INFO no metric\n", 8);
    workspace.commit();
    drop(workspace);
    let mut console = Console::new(file.look_at()).unwrap();
    let text = "SELECT name, kind, labels->>'queue' AS queue, value FROM metrics ORDER BY value";
    let points = shown(&console.run(&ask(Filter::default(), text)).unwrap());
    assert_eq!(points, "name | kind | queue | value\njobs_total | sum | mail | 5\njobs_total | sum | print | 7.5\n");
}

fn write(text: &str) -> SqlAsk {
    SqlAsk { may_write: true, ..ask(Filter::default(), text) }
}

#[test]
fn tables_of_ones_own_are_made_where_that_was_asked_for_and_outlive_the_console() {
    let Copy { mut console, _file: file } = copy();
    let make = "CREATE TABLE slow AS SELECT line, service, vars->>1 AS took FROM entries WHERE source = 'var/app.log' AND line > 50";
    let refused = console.run(&ask(Filter::default(), make)).unwrap_err();
    assert!(refused.to_string().contains("only reads"), "{refused}");
    let made = console.run(&write(make)).unwrap();
    assert_eq!(shown(&made), "own_table | n_rows | columns\nslow | 10 | line, service, took\n");
    console.run(&write("DELETE FROM slow WHERE line > 55")).unwrap();
    let own = console.take_changed().expect("a statement changed them");
    assert_eq!(console.take_changed(), None);
    let joined =
        "SELECT count(*) AS n, min(took) AS took FROM slow JOIN entries USING (line) WHERE source = 'var/app.log'";
    let expected = "n | took\n5 | 150ms\n";
    assert_eq!(shown(&console.run(&ask(Filter::default(), joined)).unwrap()), expected);
    drop(console);
    let mut workspace = file.open();
    workspace.store().set_own_tables(&own).unwrap();
    workspace.commit();
    let Answer::OwnTables(tables) = workspace.ask(Ask::OwnTables).unwrap() else { panic!("another answer") };
    assert_eq!(tables.iter().map(|table| (table.name.as_str(), table.n_rows)).collect::<Vec<_>>(), [("slow", 5)]);
    drop(workspace);
    let mut console = Console::new(file.look_at()).unwrap();
    assert_eq!(shown(&console.run(&ask(Filter::default(), joined)).unwrap()), expected);
}

#[test]
fn nothing_but_tables_of_ones_own_can_be_changed() {
    let mut copy = copy();
    copy.console.run(&write("CREATE TABLE mine (x)")).unwrap();
    for text in [
        "DELETE FROM templates",
        "UPDATE bookmarks SET note = ''",
        "DROP VIEW spans",
        "CREATE TEMP TABLE other (x)",
        "CREATE TRIGGER t AFTER INSERT ON mine BEGIN SELECT 1; END",
        "CREATE VIEW entries AS SELECT 1 AS raw",
        "CREATE VIRTUAL TABLE v USING fts5(x)",
        "ALTER TABLE mine RENAME TO sources",
        "ATTACH 'x.db' AS other",
        "PRAGMA writable_schema = 1",
        "BEGIN",
    ] {
        let Err(Failure::Sql { message, .. }) = copy.console.run(&write(text)) else { panic!("{text} is allowed") };
        assert!(message.starts_with("Only tables of your own"), "{text}: {message}");
    }
    for text in ["INSERT INTO entries (raw) VALUES ('x')", "VACUUM", "VACUUM INTO 'x.db'"] {
        copy.console.run(&write(text)).expect_err(text);
    }
    // A name that is taken, and half a statement that fails: as if it had not been run.
    for text in [
        "CREATE TABLE Entries (x)",
        "INSERT INTO mine SELECT CASE line WHEN 60 THEN abs(-9223372036854775807 - 1) ELSE line END FROM entries",
    ] {
        copy.console.run(&write(text)).expect_err(text);
        let rows = "SELECT (SELECT count(*) FROM mine) AS mine, (SELECT count(*) FROM sources) AS sources, count(*) AS n FROM entries";
        assert_eq!(shown(&copy.run(rows).unwrap()), "mine | sources | n\n0 | 2 | 80\n", "{text}");
    }
}

#[test]
fn ones_own_tables_have_room_for_some_megabytes_and_nothing_that_was_deleted() {
    let mut copy = copy();
    let many = "CREATE TABLE many AS WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 90000) SELECT x, 'hushhush-' || x || zeroblob(60) AS y FROM n";
    let too_many = copy.console.run(&write(many)).unwrap_err();
    assert!(too_many.to_string().contains("may take 4 MB"), "{too_many}");
    assert_eq!(copy.console.take_changed(), None);
    copy.console.run(&write("CREATE TABLE few AS SELECT 'hushhush' AS y UNION ALL SELECT 'kept'")).unwrap();
    copy.console.run(&write("DELETE FROM few WHERE y = 'hushhush'")).unwrap();
    let own = copy.console.take_changed().expect("a statement changed them");
    let has = |word: &str| own.image.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(has("kept") && !has("hushhush"));
}
