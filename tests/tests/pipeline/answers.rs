//! Facets and tables over a workspace: the same whether field columns were made before, on the way, or are of an older
//! build; true after removals, zones and later blocks; and each row leads back to its entries.

use model::facet::{Distinct, Facets};
use model::protocol::{Answer, Ask, FacetsAsk, TableAsk};
use model::scope::{Filter, Order};
use model::table::{Cell, Drill, MOST_ROWS, Table, TableRow};
use model::time::{Zone, format_wall};
use rusqlite::Connection;

use crate::workspace::{Workspace, blocks_of, filter};

fn shop_log(n_entries: usize) -> String {
    let line = |i: usize| {
        let level = ["INFO", "INFO", "WARN", "ERROR"][i % 4];
        let path = ["/api", "/api/v2", "/API", "/cart"][i / 3 % 4];
        let user = if i.is_multiple_of(5) { String::new() } else { format!(" user=u{}", i % 7) };
        format!(
            "2025-11-20 10:{:02}:{:02} {level} call to shop path={path} id=x{i}y took={}ms{user}\n",
            i / 60 % 60,
            i % 60,
            i % 90
        )
    };
    (0..n_entries).map(line).collect()
}

fn facets(workspace: &mut Workspace, query: &str) -> Facets {
    let ask = FacetsAsk { filter: filter(query, Order::OldestFirst), n_values: 5, field: None };
    match workspace.ask(Ask::Facets(ask)) {
        Ok(Answer::Facets(facets)) => facets,
        other => panic!("no facets: {other:?}"),
    }
}

fn table(workspace: &mut Workspace, query: &str) -> Table {
    table_in(workspace, query, Zone::utc())
}

fn table_in(workspace: &mut Workspace, query: &str, zone: Zone) -> Table {
    let ask = TableAsk { filter: filter(query, Order::OldestFirst), zone, max_rows: 1000 };
    match workspace.ask(Ask::Table(ask)) {
        Ok(Answer::Table(table)) => *table,
        other => panic!("no table: {other:?}"),
    }
}

#[test]
fn all_rows_of_a_result_can_be_had_to_save_them() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop.log", &shop_log(10_100), 500);
    let n_rows = |workspace: &mut Workspace, max_rows: u32| {
        let filter = filter("| count by id", Order::OldestFirst);
        match workspace.ask(Ask::Table(TableAsk { filter, zone: Zone::utc(), max_rows })) {
            Ok(Answer::Table(table)) => {
                let n_with_entries = table.rows.iter().filter(|row| row.entries != Drill::Nowhere).count();
                (table.rows.len(), n_with_entries, table.n_rows)
            }
            other => panic!("no table: {other:?}"),
        }
    };
    assert_eq!(n_rows(&mut workspace, 10_000), (10_000, 10_000, 10_100));
    // What is only saved leads nowhere.
    assert_eq!(n_rows(&mut workspace, MOST_ROWS), (10_100, 0, 10_100));
}

#[test]
fn days_of_a_timeline_begin_at_midnight_on_the_clock_that_is_asked_for() {
    let hours = (0..48).map(|hour| format!("2025-11-{:02}T{:02}:30:00Z INFO beat\n", 20 + hour / 24, hour % 24));
    let mut workspace = Workspace::in_memory();
    workspace.take_in("beat.log", &hours.collect::<String>(), 100);
    let days = |workspace: &mut Workspace, hours_east: i32| {
        let table = table_in(workspace, "| timeline 1d", Zone::fixed(hours_east * 3600));
        let of_row = |row: &TableRow| match (&row.cells[0], &row.cells[1]) {
            (Cell::Time(start), Cell::Count(n)) => (format_wall(*start, &Zone::utc(), 0), *n),
            other => panic!("{other:?}"),
        };
        table.rows.iter().map(of_row).collect::<Vec<_>>()
    };
    let day = |start: &str, n: u64| (start.to_owned(), n);
    assert_eq!(days(&mut workspace, 0), [day("2025-11-20 00:00:00", 24), day("2025-11-21 00:00:00", 24)]);
    // Asked right after it: nothing of the other clock is kept.
    assert_eq!(
        days(&mut workspace, -6),
        [day("2025-11-19 06:00:00", 6), day("2025-11-20 06:00:00", 24), day("2025-11-21 06:00:00", 18)]
    );
}

fn make_fields(workspace: &mut Workspace) {
    while workspace.store().make_fields().unwrap().is_some() {}
    workspace.commit();
}

const QUERIES: [&str; 6] = [
    "| count by path, level",
    "level>=warn | stats avg(took), p95, distinct(id) by user",
    "| timeline 1m by level",
    "x17y OR x18y",
    "| top 3 id | limit 2",
    "| where took>=80ms | sort -took, id | limit 10 | fields id, took",
];

fn everything(workspace: &mut Workspace) -> (Vec<Facets>, Vec<Table>) {
    let facets = ["", "level>=warn", "path:/cart"].map(|query| facets(workspace, query)).to_vec();
    (facets, QUERIES.map(|query| table(workspace, query)).to_vec())
}

#[test]
fn answers_are_the_same_before_and_after_columns_are_made() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &shop_log(400), 30);
    assert!(workspace.store().lacks_fields());
    let on_the_way = everything(&mut workspace);
    make_fields(&mut workspace);
    assert!(!workspace.store().lacks_fields());
    assert_eq!(everything(&mut workspace), on_the_way);
    let level = &on_the_way.0[0].fields[0];
    assert_eq!((level.name.as_str(), level.n_present, level.distinct), ("level", 400, Distinct::Exactly(3)));
    let user = on_the_way.0[0].fields.iter().find(|facet| facet.name == "user").unwrap();
    assert_eq!((user.n_present, user.distinct), (320, Distinct::Exactly(7)));
}

#[test]
fn columns_are_kept_and_go_on_where_making_them_broke_off() {
    let path = std::env::temp_dir().join(format!("dendro-{}-fields.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let open = || Workspace::open(Connection::open(&path).unwrap());
    let expected = {
        let mut workspace = open();
        workspace.take_in("app.log", &shop_log(300), 20);
        for _ in 0..5 {
            workspace.store().make_fields().unwrap();
        }
        workspace.commit();
        // These are lost with the crash.
        for _ in 0..5 {
            workspace.store().make_fields().unwrap();
        }
        everything(&mut workspace)
    };
    let stored = |workspace: &mut Workspace| -> i64 {
        let count = "SELECT count(*) FROM block_fields";
        workspace.store().connection().query_row(count, [], |row| row.get(0)).unwrap()
    };
    let mut workspace = open();
    assert_eq!(stored(&mut workspace), 5);
    assert_eq!(everything(&mut workspace), expected);
    make_fields(&mut workspace);
    assert_eq!(stored(&mut workspace), 15);
    drop(workspace);
    // A build whose formats read otherwise makes them anew.
    Connection::open(&path).unwrap().execute("UPDATE meta SET value = x'00' WHERE name = 'fields'", []).unwrap();
    let mut workspace = open();
    assert_eq!(stored(&mut workspace), 0);
    assert_eq!(everything(&mut workspace), expected);
    drop(workspace);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_source_that_is_removed_takes_its_values_along() {
    let mut expected = Workspace::in_memory();
    expected.take_in("app.log", &shop_log(200), 20);
    for is_made in [false, true] {
        let mut workspace = Workspace::in_memory();
        workspace.take_in("app.log", &shop_log(200), 20);
        let other = workspace.take_in("web.log", &shop_log(150).replace("user=", "customer="), 20);
        if is_made {
            make_fields(&mut workspace);
        }
        assert_eq!(facets(&mut workspace, "").n_entries, 350);
        workspace.store().remove_source(other).unwrap();
        assert_eq!(everything(&mut workspace), everything(&mut expected));
        make_fields(&mut workspace);
        assert_eq!(everything(&mut workspace), everything(&mut expected));
    }
}

#[test]
fn blocks_that_come_later_are_counted_in() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", 1);
    let mut all = blocks_of("app.log", &shop_log(300), 20);
    let later = all.split_off(7);
    workspace.store().insert_blocks(id, all).unwrap();
    everything(&mut workspace);
    make_fields(&mut workspace);
    workspace.store().insert_blocks(id, later).unwrap();
    workspace.commit();
    let mut expected = Workspace::in_memory();
    expected.take_in("app.log", &shop_log(300), 20);
    assert_eq!(everything(&mut workspace), everything(&mut expected));
}

#[test]
fn another_zone_moves_the_timeline_and_nothing_else() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &shop_log(200), 20);
    make_fields(&mut workspace);
    let (before, counted) = (table(&mut workspace, "| timeline 1m"), facets(&mut workspace, ""));
    workspace.ask(Ask::SetZone(Zone::fixed(3600))).unwrap();
    let after = table(&mut workspace, "| timeline 1m");
    for (before, after) in before.rows.iter().zip(&after.rows) {
        let [Cell::Time(before), Cell::Time(after)] = [&before.cells[0], &after.cells[0]] else { panic!("no times") };
        assert_eq!(before.0 - after.0, 3_600_000_000_000);
    }
    assert_eq!(facets(&mut workspace, ""), counted);
}

#[test]
fn every_row_leads_to_exactly_its_entries() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &shop_log(300), 20);
    workspace.take_in("web.log", "2025-11-20 10:01:00 INFO path=\"a b\\\"c\" user=u1\nnot dated\n", 1);
    let queries =
        ["call | count by path, user", "| count by level, service, source", "| timeline 2m by path", "| rare 9 took"];
    for query in queries {
        let table = table(&mut workspace, query);
        assert!(table.rows.len() > 1 && table.complete);
        let counts = table.columns.iter().position(|column| column.name == "count").unwrap();
        for row in &table.rows {
            let Drill::Entries { query: way, range } = &row.entries else { panic!("{:?}", row.entries) };
            let scope = Filter { query: way.clone(), range: *range, order: Order::OldestFirst };
            let n_entries = workspace.count(&scope).n_entries;
            assert_eq!(Cell::Count(n_entries), row.cells[counts], "{query}: {way}");
        }
    }
}

#[test]
fn a_query_with_stages_finds_what_its_filter_finds() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &shop_log(100), 20);
    let n_entries = workspace.count(&filter("level:error", Order::OldestFirst)).n_entries;
    assert_eq!(workspace.count(&filter("level:error | count by path", Order::OldestFirst)).n_entries, n_entries);
    let total = table(&mut workspace, "level:error | count");
    assert_eq!(total.rows[0].cells, [Cell::Count(n_entries)]);
    assert_eq!(table(&mut workspace, "nothing_like_it | count").rows[0].cells, [Cell::Count(0)]);
}
