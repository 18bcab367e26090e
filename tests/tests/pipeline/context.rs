//! What stands around an entry.

use model::entry::RowKey;
use model::protocol::{Answer, Ask, Context, ContextAsk, Failure, Near};
use model::scope::Order;

use crate::workspace::{Workspace, filter};

/// Two services in two files whose entries alternate, each `n` seconds apart; in blocks of seven.
fn two_files() -> Workspace {
    let mut workspace = Workspace::in_memory();
    for (path, service, offset) in [("a.log", "cart", 0), ("b.log", "payment", 1)] {
        let line = |n: u32| {
            let second = n * 2 + offset;
            let (minute, second) = (second / 60, second % 60);
            format!("2026-11-20T10:{minute:02}:{second:02}Z INFO service={service} order {n} placed\n")
        };
        workspace.take_in(path, &(0..100).map(line).collect::<String>(), 7);
    }
    workspace
}

fn around(workspace: &mut Workspace, key: RowKey, near: Near, n_before: u32, n_after: u32) -> Context {
    let ask = ContextAsk { key, near, n_before, n_after, query: String::new() };
    match workspace.ask(Ask::Context(ask)) {
        Ok(Answer::Context(context)) => context,
        other => panic!("{other:?}"),
    }
}

/// The keys around place `at` of a list.
fn window(keys: &[RowKey], at: usize, n_before: usize, n_after: usize) -> Vec<RowKey> {
    keys[at.saturating_sub(n_before)..(at + n_after + 1).min(keys.len())].to_vec()
}

#[test]
fn the_neighbours_of_an_entry_are_those_of_the_whole_list() {
    let mut workspace = two_files();
    for (query, near) in [
        ("source:a.log", Near::Source),
        ("", Near::Found(String::new())),
        ("source:a.log", Near::Found("source:a.log".to_owned())),
    ] {
        let rows = workspace.rows(&filter(query, Order::OldestFirst), 300);
        let keys: Vec<RowKey> = rows.iter().map(|row| row.key).collect();
        for at in [0, 1, 6, 7, 50, keys.len() - 1] {
            if keys[at].source != keys[0].source {
                continue;
            }
            for (n_before, n_after) in [(0, 0), (3, 3), (20, 1), (400, 400)] {
                let context = around(&mut workspace, keys[at], near.clone(), n_before, n_after);
                let found: Vec<RowKey> = context.rows.iter().map(|row| row.key).collect();
                let expected = window(&keys, at, n_before as usize, n_after as usize);
                assert_eq!(found, expected, "{near:?} around {at}: {n_before}, {n_after}");
                assert_eq!(found[context.n_before as usize], keys[at]);
                assert_eq!(context.is_start, at <= n_before as usize);
                assert_eq!(context.is_end, keys.len() - 1 - at <= n_after as usize);
            }
        }
    }
}

#[test]
fn an_entry_has_neighbours_among_entries_that_it_is_not_one_of() {
    let mut workspace = two_files();
    let key = workspace.rows(&filter("source:b.log", Order::OldestFirst), 10)[3].key;
    let others: Vec<RowKey> =
        workspace.rows(&filter("source:a.log", Order::OldestFirst), 10).iter().map(|row| row.key).collect();
    let context = around(&mut workspace, key, Near::Found("source:a.log".to_owned()), 1, 1);
    let found: Vec<RowKey> = context.rows.iter().map(|row| row.key).collect();
    assert_eq!(found, [others[3], key, others[4]]);
}

#[test]
fn an_entry_that_is_gone_has_no_neighbours() {
    let mut workspace = two_files();
    let mut key = workspace.rows(&filter("", Order::OldestFirst), 1)[0].key;
    key.entry = 1000;
    let ask = ContextAsk { key, near: Near::Source, n_before: 1, n_after: 1, query: String::new() };
    assert_eq!(workspace.ask(Ask::Context(ask)), Err(Failure::Gone));
}
