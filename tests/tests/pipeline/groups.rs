//! Groups over a workspace: the odd request is found by any id, told in what it is odd, and leads to exactly its entries.

use model::group::{GroupDifference, Groups, GroupsAsk, Sort, entries_of, names_trace};
use model::protocol::{Answer, Ask};
use model::scope::{Filter, Order};
use model::severity::Band;

use crate::incidents::with_samples;
use crate::workspace::{Workspace, filter};

fn groups(workspace: &mut Workspace, ask: GroupsAsk) -> Groups {
    match workspace.ask(Ask::Groups(ask)) {
        Ok(Answer::Groups(found)) => *found,
        other => panic!("no groups: {other:?}"),
    }
}

/// Orders of three messages each, in two files; two fail where others end.
fn orders() -> Workspace {
    let (mut shop, mut bank) = (String::new(), String::new());
    for n in 0..60 {
        let id = format!("ord-{n}a");
        shop += &format!("2026-11-20T10:{n:02}:00Z INFO order received order={id}\n");
        bank += &format!("2026-11-20T10:{n:02}:01Z INFO card charged order={id}\n");
        let end = if n == 17 || n == 40 { "ERROR order lost" } else { "INFO order shipped" };
        shop += &format!("2026-11-20T10:{n:02}:02Z {end} order={id}\n");
    }
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop.log", &shop, 16);
    workspace.take_in("bank.log", &bank, 16);
    workspace
}

#[test]
fn the_orders_that_were_lost_are_the_oddest() {
    let found = groups(&mut orders(), GroupsAsk::default());
    assert_eq!(found.field.as_deref(), Some("order"), "{:?}", found.fields);
    assert_eq!((found.n_groups, found.n_entries, found.n_without), (60, 180, 0));
    let first = &found.odd[0];
    assert_eq!((first.id.as_str(), first.n_entries, first.gravest), ("ord-17a", 3, Band::Error));
    assert_eq!((first.alike.as_slice(), first.n_alike), (["ord-40a".to_owned()].as_slice(), 1));
    let mut told: Vec<(Sort, String)> =
        first.differences.iter().map(|difference| (difference.sort(), difference.phrase(found.n_groups))).collect();
    told.sort_by_key(|(sort, _)| sort.name());
    let expected = [
        (Sort::Missing, "‘order shipped order=…’, which 97 % of the groups have"),
        (Sort::More, "‘order lost order=…’ ×1, which 3 % of the groups have"),
    ];
    assert_eq!(told, expected.map(|(sort, words)| (sort, words.to_owned())));
    assert_eq!(found.odd.len(), 1, "all others are alike: {:#?}", found.odd);
}

#[test]
fn every_group_leads_to_exactly_its_entries() {
    let mut workspace = with_samples();
    let found = groups(&mut workspace, GroupsAsk::default());
    let field = found.field.clone().unwrap();
    assert!(found.odd.len() > 20 && found.n_groups > 100, "{} odd of {} by {field}", found.odd.len(), found.n_groups);
    assert!(found.odd.is_sorted_by(|a, b| a.score >= b.score));
    assert_eq!(found.fields.iter().filter(|field| names_trace(&field.name)).count(), 1, "{:?}", found.fields);
    for odd in found.odd.iter().take(10) {
        // Of a trace by any name that programs have for it.
        let query = format!("({})", found.entries_of(&odd.id));
        let counted = workspace.count(&filter(&query, Order::OldestFirst)).n_entries;
        assert_eq!(counted, odd.n_entries, "{query}");
        for difference in &odd.differences {
            let GroupDifference::Count { template, n, .. } = difference else { continue };
            let query = format!("{query} template=={}", template.id);
            assert_eq!(workspace.count(&filter(&query, Order::OldestFirst)).n_entries, *n, "{query}");
        }
    }
    assert_eq!(groups(&mut workspace, GroupsAsk::default()), found);
}

#[test]
fn any_field_groups_and_only_the_entries_of_the_filter_are_looked_at() {
    let mut workspace = orders();
    let ask = GroupsAsk { filter: filter("source:shop.log", Order::OldestFirst), field: Some("level".to_owned()) };
    let found = groups(&mut workspace, ask);
    assert_eq!((found.n_groups, found.n_entries), (2, 120));
    let ask = GroupsAsk { filter: Filter::default(), field: Some("nowhere".to_owned()) };
    let found = groups(&mut workspace, ask);
    assert_eq!((found.n_groups, found.n_entries, found.n_without), (0, 0, 180));
    assert_eq!(groups(&mut Workspace::in_memory(), GroupsAsk::default()), Groups::default());
}

#[test]
fn entries_are_grouped_by_ids_that_stand_in_their_text_alone() {
    let mut log = String::new();
    for n in 0..60 {
        let id = format!("blk_-{}", 1_608_999_687_919_i64 + n);
        log += &format!("2026-11-20 10:{n:02}:00,000 INFO store: receiving block {id} of 67108864 bytes\n");
        let end = if n == 17 { "ERROR store: block lost" } else { "INFO store: block kept" };
        log += &format!("2026-11-20 10:{n:02}:01,000 {end} {id}\n");
    }
    let mut workspace = Workspace::in_memory();
    workspace.take_in("store.log", &log, 16);
    let found = groups(&mut workspace, GroupsAsk::default());
    assert_eq!(found.field.as_deref(), Some("blk_…"), "{:?}", found.fields);
    assert_eq!((found.n_groups, found.n_entries, found.n_without), (60, 120, 0));
    let first = &found.odd[0];
    assert_eq!((first.id.as_str(), first.gravest), ("blk_-1608999687936", Band::Error));
    let query = entries_of("blk_…", &first.id).to_string();
    assert_eq!(workspace.count(&filter(&query, Order::OldestFirst)).n_entries, first.n_entries, "{query}");
}

#[test]
fn a_number_is_found_with_the_word_that_names_it() {
    let line = |n: u32| {
        let (job, order) = (1000 + n % 30, 1000 + (n + 7) % 30);
        format!("2026-11-20 10:00:{n:02},000 INFO queue: order {order} by Job #{job}\n")
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("queue.log", &(0..60).map(line).collect::<String>(), 16);
    for field in ["job #…", "order …"] {
        let found = groups(&mut workspace, GroupsAsk { filter: Filter::default(), field: Some(field.to_owned()) });
        assert!(found.fields.iter().any(|offered| offered.name == field), "{:?}", found.fields);
        assert_eq!((found.n_groups, found.n_entries), (30, 60));
        let query = entries_of(field, "1008").to_string();
        assert_eq!(workspace.count(&filter(&query, Order::OldestFirst)).n_entries, 2, "{query}");
    }
}
