//! Every example of `docs/query.md`, run over the log that the document shows.
//!
//! `UPDATE_EXPECT=1` writes the results into the document; read the difference before you commit it.

use expect_test::expect_file;
use model::protocol::{Answer, Ask, TableAsk};
use model::query::parse_query;
use model::scope::Order;
use model::table::{Cell, Table};
use model::time::{Zone, format_wall};

use crate::workspace::{Workspace, filter};

const GUIDE: &str = include_str!("../../../docs/query.md");

/// Text between the fence of this kind that follows and its end, and what is behind it.
fn block<'t>(text: &'t str, kind: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let (before, rest) = text.split_once(&format!("```{kind}\n"))?;
    let (inside, after) = rest.split_once("```")?;
    Some((before, inside, after))
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => "–".to_owned(),
        Cell::Time(time) => format_wall(*time, &Zone::utc(), 0)[11..].to_owned(),
        Cell::Number(number) => format!("{}", (number * 100.0).round() / 100.0),
        cell => cell.to_string(),
    }
}

fn written(table: &Table) -> String {
    let head: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let rows = table.rows.iter().map(|row| row.cells.iter().map(shown).collect::<Vec<_>>());
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let line = |cells: &Vec<String>| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(line).collect()
}

/// What the query gives: the lines it finds, or a table.
fn result(workspace: &mut Workspace, query: &str) -> String {
    let (parsed, problems) = parse_query(query);
    assert_eq!(problems, [], "{query}");
    if parsed.stages.is_empty() {
        let rows = workspace.rows(&filter(query, Order::OldestFirst), 100);
        let message = |row: &model::entry::Row| format!("{}\n", &row.text[..row.message_bytes as usize]);
        return rows.iter().map(message).collect();
    }
    let ask = TableAsk { filter: filter(query, Order::OldestFirst), zone: Zone::utc(), max_rows: 100 };
    match workspace.ask(Ask::Table(ask)) {
        Ok(Answer::Table(table)) => {
            assert_eq!(table.problems, Vec::<String>::new(), "{query}");
            written(&table)
        }
        other => panic!("no table: {other:?}"),
    }
}

#[test]
fn every_example_of_the_guide_gives_what_it_says() {
    let mut workspace = Workspace::in_memory();
    let (_, log, _) = block(GUIDE, "log").expect("the guide shows a log");
    workspace.take_in("shop.log", log, 5);
    let (_, mapping, _) = block(GUIDE, "mapping").expect("the guide shows a mapping table");
    let mapping = analysis::meaning::read(mapping).expect("it can be read");
    workspace.ask(Ask::SetMeanings(mapping)).expect("it can be kept");
    let (mut guide, mut rest) = (String::new(), GUIDE);
    let mut n_examples = 0;
    while let Some((before, query, after)) = block(rest, "query") {
        let (_, _, behind) = block(after, "text").expect("each example has its result");
        n_examples += 1;
        let result = result(&mut workspace, query.trim_end());
        guide += &format!("{before}```query\n{query}```\n```text\n{result}```");
        rest = behind;
    }
    guide += rest;
    assert!(n_examples > 30, "{n_examples} examples");
    expect_file!["../../../docs/query.md"].assert_eq(&guide);
}
