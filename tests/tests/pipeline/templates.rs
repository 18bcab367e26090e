//! Templates over a workspace: every entry is counted once, each template leads to exactly its entries, and they are the same
//! whether readers made the shapes or an older build left them out; after removals, another reading, and a reopened file.

use model::entry::RowKey;
use model::facet::Distinct;
use model::naming::Naming;
use model::protocol::{Answer, Ask, TableAsk, TemplateAsk, TemplatesAsk, ToApp};
use model::quantity::Unit;
use model::scope::{Filter, Order, Scope};
use model::source::{RAW_FORMAT, ReadAs};
use model::table::Cell;
use model::template::{Followed, Kind, Novelty, TemplateDetail, TemplateList, TemplateNote};
use model::time::{TimeRange, Zone};
use rusqlite::Connection;

use crate::workspace::{Workspace, blocks_of, filter, resumed_blocks_of};

/// Three templates; the last begins in the second half.
fn log(n_entries: usize) -> String {
    let line = |i: usize| {
        let said = match i % 5 {
            0 => format!("WARN [pool-{}] shop.Cart - slow answer took {} ms", i % 3, i % 90),
            3 if i >= n_entries / 2 => {
                format!("ERROR [pool-{}] shop.Bank - connection reset by 10.0.0.{}", i % 3, i % 9)
            }
            _ => format!("INFO [pool-{}] shop.Cart - order {i} placed", i % 3),
        };
        format!("2025-11-20 10:{:02}:{:02} {said}\n", i / 60 % 60, i % 60)
    };
    (0..n_entries).map(line).collect()
}

fn list_of(workspace: &mut Workspace, filter: Filter) -> TemplateList {
    match workspace.ask(Ask::Templates(TemplatesAsk { filter, n_spans: 10 })) {
        Ok(Answer::Templates(list)) => *list,
        other => panic!("no templates: {other:?}"),
    }
}

fn templates(workspace: &mut Workspace, query: &str) -> TemplateList {
    list_of(workspace, filter(query, Order::OldestFirst))
}

fn texts(list: &TemplateList) -> Vec<(&str, u64)> {
    list.templates.iter().map(|template| (template.text.as_str(), template.n_entries)).collect()
}

fn detail(workspace: &mut Workspace, list: &TemplateList, place: usize) -> TemplateDetail {
    let ask = TemplateAsk { filter: filter("", Order::OldestFirst), id: list.templates[place].id };
    match workspace.ask(Ask::Template(ask)) {
        Ok(Answer::Template(detail)) => *detail,
        other => panic!("no template: {other:?}"),
    }
}

#[test]
fn values_come_evenly_from_all_entries_where_there_are_too_many_to_read_each() {
    let line = |n: u32| {
        let (hour, minute, second) = (n / 3600, n / 60 % 60, n % 60);
        let took = if n < 40_000 { 10 } else { 20 };
        format!("2025-11-20 {hour:02}:{minute:02}:{second:02} INFO order {n} took {took} ms\n")
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop.log", &(0..80_000).map(line).collect::<String>(), 5_000);
    let list = templates(&mut workspace, "");
    let found = detail(&mut workspace, &list, 0);
    assert_eq!((found.n_entries, found.n_unread), (50_000, 30_000));
    let took = found.variables.last().unwrap();
    assert_eq!(took.values, [("10".to_owned(), 25_000), ("20".to_owned(), 25_000)]);
}

#[test]
fn a_saved_view_asks_for_what_its_pattern_has_become_when_another_file_makes_it_more_general() {
    let line = |n: usize| {
        let said =
            if n.is_multiple_of(3) { "ERROR link of eth0 is down".to_owned() } else { format!("INFO ready {n}") };
        format!("2025-11-20 10:{:02}:{:02} {said}\n", n / 60, n % 60)
    };
    let log: String = (0..900).map(line).collect();
    let mut before = Workspace::in_memory();
    before.take_in("one.log", &log, 200);
    let list = templates(&mut before, "");
    let link = list.templates.iter().find(|template| template.text == "link of eth0 is down");
    let link = link.unwrap_or_else(|| panic!("{:?}", texts(&list)));
    let query = format!("template:{} level:error", link.id);
    let address = Scope { filter: filter(&query, Order::OldestFirst), ..Scope::default() }.to_hash();
    let save = Ask::SaveView { name: "down".to_owned(), address: address.clone(), before: None };
    assert_eq!(before.ask(save), Ok(Answer::Accepted));
    before.commit();
    let same = Followed { query: query.clone(), now: None };
    assert_eq!(before.ask(Ask::Follow(query.clone())), Ok(Answer::Followed(same)));

    let mut both = Workspace::in_memory();
    both.take_in("one.log", &log, 200);
    both.take_in("two.log", "2025-11-20 10:20:00 ERROR link of eth1 is down\n", 20);
    both.store().succeed(before.store()).unwrap();
    let Ok(Answer::Followed(Followed { now: Some(now), .. })) = both.ask(Ask::Follow(query.clone())) else {
        panic!("{query} is not followed")
    };
    assert_ne!(now, query);
    assert_eq!(both.count(&filter(&query, Order::OldestFirst)).n_entries, 0);
    assert_eq!(both.count(&filter(&now, Order::OldestFirst)).n_entries, 301);
    let Ok(Answer::Views(views)) = both.ask(Ask::Views) else { panic!("no views") };
    assert_eq!(Scope::from_hash(&views[0].address).filter.query, now);

    // Nothing is kept of it but that it was asked for.
    let mut asked = Workspace::in_memory();
    asked.take_in("one.log", &log, 200);
    let same = Followed { query: query.clone(), now: None };
    assert_eq!(asked.ask(Ask::Follow(query.clone())), Ok(Answer::Followed(same)));
    asked.take_in("two.log", "2025-11-20 10:20:00 ERROR link of eth1 is down\n", 20);
    let followed = Followed { query: query.clone(), now: Some(now) };
    assert_eq!(asked.ask(Ask::Follow(query)), Ok(Answer::Followed(followed)));
}

#[test]
fn a_view_whose_pattern_became_another_keeps_its_line_under_another_name_while_its_file_is_away() {
    let line = |n: usize| {
        let said =
            if n.is_multiple_of(3) { "ERROR link of eth0 is down".to_owned() } else { format!("INFO ready {n}") };
        format!("2025-11-20 10:{:02}:{:02} {said}\n", n / 60, n % 60)
    };
    let log: String = (0..900).map(line).collect();
    let mut workspace = Workspace::in_memory();
    let one = workspace.take_in("one.log", &log, 200);
    let list = templates(&mut workspace, "");
    let link = list.templates.iter().find(|template| template.text == "link of eth0 is down").unwrap();
    let of_link = filter(&format!("template:{}", link.id), Order::OldestFirst);
    let pinned = workspace.rows(&of_link, 500)[7].key;
    let address = Scope { filter: of_link.clone(), pinned: Some(pinned), ..Scope::default() }.to_hash();
    let save = |name: &str, address: String, before: Option<&str>| Ask::SaveView {
        name: name.to_owned(),
        address,
        before: before.map(str::to_owned),
    };
    workspace.ask(save("down", address, None)).unwrap();
    workspace.ask(Ask::Remove(one)).unwrap();
    let others = log.replace("eth0", "eth1") + "2025-11-20 10:20:00 ERROR link of eth2 is down\n";
    workspace.take_in("two.log", &others, 200);
    templates(&mut workspace, "");
    let view = |workspace: &mut Workspace| match workspace.ask(Ask::Views) {
        Ok(Answer::Views(views)) => views[0].address.clone(),
        other => panic!("no views: {other:?}"),
    };
    let followed = view(&mut workspace);
    let scope = Scope::from_hash(&followed);
    assert_eq!(scope.pinned, Some(pinned));
    assert_eq!(workspace.count(&scope.filter).n_entries, 301);
    workspace.ask(save("was down", followed, Some("down"))).unwrap();
    let again = workspace.take_in("one.log", &log, 200);
    assert_eq!(Scope::from_hash(&view(&mut workspace)).pinned, Some(RowKey { source: again, ..pinned }));
}

/// As an older build left the workspace.
fn forget_shapes(path: &std::path::Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("DELETE FROM block_shapes").unwrap();
}

#[test]
fn counts_sum_to_the_entries_and_lead_to_exactly_them() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log(300), 20);
    workspace.take_in("web.log", &log(100).replace("shop", "web"), 7);
    for query in ["", "level>=warn", "source:web.log order"] {
        let list = templates(&mut workspace, query);
        let n_entries = workspace.count(&filter(query, Order::OldestFirst)).n_entries;
        assert_eq!(list.n_entries, n_entries);
        for template in &list.templates {
            assert_eq!(template.bands.iter().sum::<u64>(), template.n_entries);
            assert_eq!(template.spans.iter().map(|&n| u64::from(n)).sum::<u64>(), template.n_entries);
            let its = format!("{query} template:{}", template.id);
            assert_eq!(workspace.count(&filter(&its, Order::OldestFirst)).n_entries, template.n_entries, "{its}");
            let others = format!("{query} -template:{}", template.id);
            let n_others = n_entries - template.n_entries;
            assert_eq!(workspace.count(&filter(&others, Order::OldestFirst)).n_entries, n_others, "{others}");
        }
    }
    let list = templates(&mut workspace, "");
    let expected = [("order <*> placed", 280), ("slow answer took <*> ms", 80), ("connection reset by <*>", 40)];
    assert_eq!(texts(&list), expected);
}

#[test]
fn templates_are_grouped_by_like_any_field() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log(300), 20);
    let list = templates(&mut workspace, "");
    let ask = TableAsk { filter: filter("| count by template", Order::OldestFirst), zone: Zone::utc(), max_rows: 10 };
    let Ok(Answer::Table(table)) = workspace.ask(Ask::Table(ask)) else { panic!("no table") };
    let rows: Vec<_> = table.rows.iter().map(|row| row.cells.clone()).collect();
    let expected: Vec<_> = list
        .templates
        .iter()
        .map(|template| vec![Cell::Text(template.id.to_string()), Cell::Count(template.n_entries)])
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn blocks_that_come_while_templates_are_found_neither_hold_them_up_nor_change_the_end() {
    // Each of 4,000 messages has a word of its own: to find their templates takes several steps.
    let word =
        |n: usize| -> String { [n % 26, n / 26 % 26, n / 676].iter().map(|at| (b'a' + *at as u8) as char).collect() };
    let line = |n: usize| {
        let said = format!("{} went {} of {}", word(n % 4000), word(n % 4000 * 7 % 4000), word(n % 4000 * 11 % 4000));
        format!("2025-11-20 10:{:02}:{:02} INFO {said}\n", n / 60 % 60, n % 60)
    };
    let text: String = (0..9000).map(line).collect();
    let mut undisturbed = Workspace::in_memory();
    undisturbed.take_in("app.log", &text, 100);
    let expected = templates(&mut undisturbed, "");

    let mut workspace = Workspace::in_memory();
    let source = workspace.add_source("app.log", text.len() as u64);
    let mut blocks = blocks_of("app.log", &text, 100).into_iter();
    workspace.store().insert_blocks(source, blocks.by_ref().take(40).collect()).unwrap();
    workspace.begin(Ask::Templates(TemplatesAsk { filter: filter("", Order::OldestFirst), n_spans: 10 }));
    let mut so_far = None;
    let mut n_steps = 0;
    while !workspace.engine.is_idle() {
        n_steps += 1;
        for message in workspace.engine.step() {
            if let ToApp::Done { outcome: Ok(Answer::Templates(list)), .. } = message {
                so_far = Some(list);
            }
        }
        workspace.store().insert_blocks(source, blocks.by_ref().take(1).collect()).unwrap();
    }
    let so_far = so_far.unwrap();
    assert!(n_steps >= 3, "{n_steps} steps");
    assert!(blocks.len() > 0, "it did not wait for all");
    assert_eq!(so_far.n_entries, so_far.templates.iter().map(|template| template.n_entries).sum::<u64>());
    assert!((4000..9000).contains(&so_far.n_entries), "{}", so_far.n_entries);
    workspace.store().insert_blocks(source, blocks.collect()).unwrap();
    assert_eq!(templates(&mut workspace, ""), expected);
}

#[test]
fn what_begins_in_the_scope_is_new_and_what_ends_before_it_is_gone() {
    let mut workspace = Workspace::in_memory();
    let old = log(100).replace("order", "offer");
    workspace.take_in("old.log", &old.replace("2025-11-20", "2025-11-19"), 20);
    workspace.take_in("app.log", &log(300), 20);
    let all = templates(&mut workspace, "");
    assert!(all.templates.iter().all(|template| template.novelty == Novelty::Known) && !all.has_before);
    let range = all.range.unwrap();
    let day = TimeRange { start: model::time::Nanos(range.end.0 - 300_000_000_000), end: range.end };
    let list = list_of(&mut workspace, Filter { range: Some(day), ..filter("", Order::OldestFirst) });
    let mut novelties: Vec<_> =
        list.templates.iter().map(|template| (template.text.as_str(), template.novelty)).collect();
    novelties.sort_by_key(|(text, _)| *text);
    let expected = [
        ("connection reset by <*>", Novelty::Known),
        ("offer <*> placed", Novelty::Gone),
        ("order <*> placed", Novelty::New),
        ("slow answer took <*> ms", Novelty::Known),
    ];
    assert_eq!(novelties, expected);
    assert_eq!(list.n_entries, 300);
    // What is gone is told as it was last.
    let gone = list.templates.iter().find(|template| template.novelty == Novelty::Gone).unwrap();
    let before = all.templates.iter().find(|template| template.id == gone.id).unwrap();
    assert_eq!((gone.n_entries, gone.last, gone.n_services), (0, before.last, 1));
    assert_eq!(gone.services[0].0, before.services[0].0);
    assert!((0..gone.bands.len()).any(|band| gone.bands[band] == 1 && before.bands[band] > 0), "{:?}", gone.bands);
}

#[test]
fn a_service_that_is_renamed_counts_once() {
    let mut workspace = Workspace::in_memory();
    let line = |i: usize| {
        let service = ["payment", "till"][i % 2];
        format!("{{\"time\":\"2026-11-20T10:00:{i:02}Z\",\"service\":\"{service}\",\"message\":\"order placed\"}}\n")
    };
    workspace.take_in("shop.jsonl", &(0..20).map(line).collect::<String>(), 5);
    let services = |workspace: &mut Workspace| templates(workspace, "").templates.swap_remove(0).services;
    assert_eq!(services(&mut workspace), [("payment".to_owned(), 10), ("till".to_owned(), 10)]);
    let mut naming = Naming::default();
    naming.join(["till"], "payment");
    workspace.ask(Ask::SetNaming(naming)).unwrap();
    assert_eq!(services(&mut workspace), [("payment".to_owned(), 20)]);
}

#[test]
fn a_template_shows_examples_and_the_values_of_its_places() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log(900), 20);
    let list = templates(&mut workspace, "");
    let slow = list.templates.iter().position(|template| template.text.starts_with("slow")).unwrap();
    let detail = detail(&mut workspace, &list, slow);
    assert_eq!(detail.n_entries, list.templates[slow].n_entries);
    let [took] = &detail.variables[..] else { panic!("{:?}", detail.variables) };
    assert_eq!((took.kind, took.distinct), (Kind::Number, Distinct::Exactly(18)));
    let spread = took.spread.as_ref().unwrap();
    // The word behind it says what it is measured in.
    assert_eq!((spread.unit, spread.min, spread.max), (Unit::Seconds, 0.0, 85.0 * 1e-3));
    assert_eq!(took.values.iter().map(|(_, n)| n).sum::<u64>(), 10 * 12);
    assert!((3..=5).contains(&detail.examples.len()));
    assert!(detail.examples.iter().all(|example| example.text.starts_with("slow answer took ")));
}

#[test]
fn shapes_that_an_older_build_did_not_make_are_made_and_are_the_same() {
    let path = std::env::temp_dir().join(format!("dendro-{}-shapes.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let open = || Workspace::open(Connection::open(&path).unwrap());
    let expected = {
        let mut workspace = open();
        workspace.take_in("app.log", &log(300), 20);
        workspace.take_in("web.log", &log(90), 4);
        assert!(!workspace.store().lacks_shapes());
        templates(&mut workspace, "")
    };
    assert_eq!(templates(&mut open(), ""), expected);
    forget_shapes(&path);
    let mut workspace = open();
    assert!(workspace.store().lacks_shapes());
    assert_eq!(templates(&mut workspace, ""), expected, "made on the way");
    drop(workspace);
    let mut workspace = open();
    for _ in 0..5 {
        workspace.store().make_shapes().unwrap();
    }
    workspace.commit();
    drop(workspace);
    let mut workspace = open();
    while workspace.store().make_shapes().unwrap().is_some() {}
    workspace.commit();
    assert!(!workspace.store().lacks_shapes());
    assert_eq!(templates(&mut workspace, ""), expected, "made while there was time");
    drop(workspace);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_reader_that_goes_on_makes_the_shapes_of_one_that_was_not_disturbed() {
    let log = log(200);
    let expected = blocks_of("app.log", &log, 20);
    let resumed = resumed_blocks_of("app.log", &log, 20, Some(expected[3].position.clone()));
    assert!(resumed.iter().zip(&expected[4..]).all(|(resumed, expected)| resumed.shapes == expected.shapes));
    assert_eq!(resumed.len(), expected.len() - 4);
}

#[test]
fn templates_follow_what_is_removed_read_otherwise_and_comes_later() {
    let mut alone = Workspace::in_memory();
    alone.take_in("app.log", &log(300), 20);
    let expected = templates(&mut alone, "");

    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log(300), 20);
    let other = workspace.take_in("web.log", &log(90).replace("order", "basket"), 20);
    assert_eq!(templates(&mut workspace, "").templates.len(), 4);
    workspace.store().remove_source(other).unwrap();
    assert_eq!(templates(&mut workspace, ""), expected);

    let source = workspace.take_in("raw.log", &log(30), 20);
    let read_as = ReadAs { format: Some(RAW_FORMAT.to_owned()), ..ReadAs::default() };
    let ask = Ask::SetReadAs { source, read_as: Box::new(read_as), selected: None };
    workspace.ask(ask).unwrap();
    assert_eq!(templates(&mut workspace, "").n_entries, 330);
    let its = templates(&mut workspace, "source:raw.log");
    assert_eq!(its.n_entries, 30);

    let query = format!("template:{}", expected.templates[0].id);
    let n_before = workspace.count(&filter(&query, Order::OldestFirst)).n_entries;
    workspace.take_in("more.log", &log(300), 20);
    let n_after = workspace.count(&filter(&query, Order::OldestFirst)).n_entries;
    assert_eq!(n_after, n_before + expected.templates[0].n_entries);
}

#[test]
fn a_template_is_called_what_the_user_calls_it_also_after_the_workspace_was_emptied() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log(300), 20);
    let id = templates(&mut workspace, "").templates[0].id;
    let note = |workspace: &mut Workspace| {
        templates(workspace, "").templates.into_iter().find(|template| template.id == id).unwrap().note
    };
    let said = TemplateNote { name: "orders".to_owned(), words: "fine".to_owned() };
    let tell = |workspace: &mut Workspace, note: &TemplateNote| {
        assert_eq!(workspace.ask(Ask::NoteTemplate { id, note: note.clone() }), Ok(Answer::Accepted));
    };
    assert!(note(&mut workspace).is_empty());
    tell(&mut workspace, &TemplateNote { name: "  orders ".to_owned(), ..said.clone() });
    workspace.commit();
    assert_eq!(note(&mut workspace), said);

    let mut filled_again = Workspace::in_memory();
    filled_again.take_in("app.log", &log(300), 20);
    filled_again.store().succeed(workspace.store()).unwrap();
    assert_eq!(note(&mut filled_again), said);

    tell(&mut workspace, &TemplateNote::default());
    assert!(note(&mut workspace).is_empty());
}

#[test]
fn what_was_said_of_a_pattern_stays_with_it_when_another_file_makes_its_text_more_general() {
    let of = |link: &str| -> String {
        (0..40)
            .map(|n| format!("2025-11-20 10:00:{n:02} INFO link of {link} is up\n2025-11-20 10:00:{n:02} INFO ready\n"))
            .collect()
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("one.log", &of("eth0"), 20);
    let known = |workspace: &mut Workspace| {
        let mut list =
            templates(workspace, "").templates.into_iter().filter(|template| template.text.starts_with("link"));
        let link = list.next().unwrap();
        assert!(list.next().is_none());
        (link.id, link.text, link.note.name)
    };
    let (id, text, _) = known(&mut workspace);
    assert_eq!(text, "link of eth0 is up");
    let note = TemplateNote { name: "link".to_owned(), ..TemplateNote::default() };
    assert_eq!(workspace.ask(Ask::NoteTemplate { id, note }), Ok(Answer::Accepted));
    workspace.commit();

    let mut both = Workspace::in_memory();
    both.take_in("one.log", &of("eth0"), 20);
    both.take_in("two.log", &of("eth1"), 20);
    both.store().succeed(workspace.store()).unwrap();
    let (id, text, name) = known(&mut both);
    assert_eq!((text.as_str(), name.as_str()), ("link of <*> is up", "link"));
    // It is this one's now: what is taken from it does not come back.
    assert_eq!(both.ask(Ask::NoteTemplate { id, note: TemplateNote::default() }), Ok(Answer::Accepted));
    assert_eq!(known(&mut both).2, "");
}
