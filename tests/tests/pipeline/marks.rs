//! Marks and saved views: on the same entry whatever happens to its source, until they are taken off.

use model::entry::{RowKey, SourceId};
use model::kept::{Mark, MarkId, SavedView};
use model::notebook::{Notebook, Page};
use model::protocol::{Answer, Ask, Failure};
use model::scope::{Order, Scope};
use model::source::{FileOffer, RAW_FORMAT, ReadAs};
use model::time::Zone;

use crate::workspace::{File, Workspace, blocks_of, filter, resumed_blocks_of, shorter};

/// Many entries of the same text, stack traces, JSON among it.
fn log_text(n_entries: usize) -> String {
    let line = |i: usize| {
        let clock = format!("2025-11-20 10:{:02}:{:02}", i / 60 % 60, i % 60);
        match i % 4 {
            0 => format!("{clock} INFO heartbeat\n"),
            1 => format!("{clock} ERROR order {i} failed\n  at shop.pay(Pay.java:{i})\n  at shop.main(Main.java:1)\n"),
            2 => format!("{{\"msg\":\"in json {i}\",\"level\":\"warn\"}}\n"),
            _ => "no time at all\n".to_owned(),
        }
    };
    (0..n_entries).map(line).collect()
}

fn marks(workspace: &mut Workspace) -> Vec<Mark> {
    match workspace.ask(Ask::Marks) {
        Ok(Answer::Marks(marks)) => marks,
        other => panic!("not marks: {other:?}"),
    }
}

fn change(workspace: &mut Workspace, ask: Ask) {
    assert_eq!(workspace.ask(ask), Ok(Answer::Accepted));
    workspace.commit();
}

fn key_of(workspace: &mut Workspace, query: &str, nth: usize) -> RowKey {
    workspace.rows(&filter(query, Order::AsWritten), 100)[nth].key
}

/// What the entry of the only mark says now; `None` where it is not here.
fn marked_text(workspace: &mut Workspace) -> Option<String> {
    let [mark] = &marks(workspace)[..] else { panic!("not one mark") };
    let key = mark.key?;
    match workspace.ask(Ask::Entry(key.into())) {
        Ok(Answer::Entry(entry)) => {
            assert_eq!(entry.key, key);
            Some(entry.raw)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mark_is_there_again_when_the_workspace_opens() {
    let file = File::new("marks");
    let mut before = file.open();
    before.take_in("app.log", &log_text(100), 7);
    let key = key_of(&mut before, "order 41", 0);
    change(&mut before, Ask::Mark(key));
    change(&mut before, Ask::Mark(key));
    let id = marks(&mut before)[0].id;
    change(&mut before, Ask::SetNote { mark: id, note: "the #first one".to_owned() });
    drop(before);

    let mut after = file.open();
    let [mark] = &marks(&mut after)[..] else { panic!("not one mark") };
    assert_eq!((mark.key, mark.note.as_str()), (Some(key), "the #first one"));
    assert_eq!((mark.text.as_str(), mark.place()), ("order 41 failed", "app.log:62".to_owned()));
}

#[test]
fn a_mark_waits_for_its_file_and_is_on_the_same_entry_of_the_same_text_again() {
    let text = log_text(100);
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 7);
    // The twelfth of many that say the same.
    let key = key_of(&mut workspace, "heartbeat", 11);
    change(&mut workspace, Ask::Mark(key));
    change(&mut workspace, Ask::Remove(id));
    let [mark] = &marks(&mut workspace)[..] else { panic!("not one mark") };
    assert_eq!((mark.key, mark.text.as_str()), (None, "heartbeat"));

    workspace.take_in("other.log", &log_text(3), 7);
    assert_eq!(marks(&mut workspace)[0].key, None);
    let again = workspace.take_in("app.log", &text, 7);
    assert_eq!(marks(&mut workspace)[0].key, Some(RowKey { source: again, ..key }));
}

#[test]
fn a_mark_stays_on_its_line_however_the_file_is_read() {
    for query in ["heartbeat", "order 41", "\"in json 42\"", "\"no time\""] {
        let mut workspace = Workspace::in_memory();
        let id = workspace.take_in("app.log", &log_text(100), 7);
        let key = key_of(&mut workspace, query, 0);
        change(&mut workspace, Ask::Mark(key));
        let before = marked_text(&mut workspace).unwrap();
        let read = |format: Option<&str>| Ask::SetReadAs {
            source: id,
            read_as: Box::new(ReadAs { format: format.map(str::to_owned), ..ReadAs::default() }),
            selected: None,
        };
        workspace.ask(read(Some(RAW_FORMAT))).unwrap();
        let raw = marked_text(&mut workspace).expect("its text is still here");
        assert_eq!(raw.lines().next(), before.lines().next());
        workspace.ask(read(None)).unwrap();
        assert_eq!(marked_text(&mut workspace), Some(before));
        assert_eq!(workspace.ask(Ask::SetZone(Zone::fixed(3600))), Ok(Answer::Accepted));
        let moved = marks(&mut workspace)[0].key.unwrap();
        assert_eq!((moved.source, moved.entry), (key.source, key.entry));
    }
}

#[test]
fn a_mark_goes_along_with_a_log_that_grows_or_is_renamed_but_not_to_another_text() {
    let text = log_text(100);
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 7);
    let key = key_of(&mut workspace, "order 41", 0);
    change(&mut workspace, Ask::Mark(key));
    change(&mut workspace, Ask::Remove(id));

    let grown = workspace.take_in("app.log", &(text.clone() + "2025-11-20 12:00:00 INFO more\n"), 7);
    assert_eq!(marks(&mut workspace)[0].key.map(|key| (key.source, key.entry)), Some((grown, key.entry)));
    change(&mut workspace, Ask::Remove(grown));
    let renamed = workspace.take_in("app.log.1", &text, 7);
    assert_eq!(marks(&mut workspace)[0].key.map(|key| key.source), Some(renamed));
    change(&mut workspace, Ask::Remove(renamed));
    workspace.take_in("app.log", &text.replace("order 41", "order 14"), 7);
    assert_eq!(marks(&mut workspace)[0].key, None);
}

#[test]
fn a_mark_is_on_its_entry_again_where_lines_were_put_before_it() {
    let text = log_text(100);
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 7);
    let key = key_of(&mut workspace, "order 41", 0);
    change(&mut workspace, Ask::Mark(key));
    let before = marked_text(&mut workspace).unwrap();
    change(&mut workspace, Ask::Remove(id));

    let more = "2025-11-20 09:59:57 INFO a\n2025-11-20 09:59:58 INFO b\n2025-11-20 09:59:59 INFO c\n";
    let moved = workspace.take_in("app.log", &format!("{more}{text}"), 7);
    assert_eq!(marked_text(&mut workspace), Some(before));
    let found = marks(&mut workspace)[0].key.unwrap();
    assert_eq!((found.source, found.entry), (moved, key.entry + 3));
    // A line with another stamp is another one.
    change(&mut workspace, Ask::Remove(moved));
    workspace.take_in("app.log", &format!("{more}{}", text.replace("10:00:41", "10:01:41")), 7);
    assert_eq!(marks(&mut workspace)[0].key, None);
}

#[test]
fn an_address_names_its_entry_where_the_same_files_came_in_another_order() {
    let other = "2025-11-20 09:00:00 INFO other\n".repeat(50);
    let take_in = |paths: [(&str, &str); 2]| {
        let mut workspace = Workspace::in_memory();
        for (path, text) in paths {
            workspace.take_in(path, text, 7);
        }
        workspace
    };
    let text = log_text(100);
    let mut mine = take_in([("app.log", text.as_str()), ("other.log", other.as_str())]);
    let key = key_of(&mut mine, "order 41", 0);
    let mut yours = take_in([("other.log", other.as_str()), ("app.log", text.as_str())]);
    let Ok(Answer::Entry(entry)) = yours.ask(Ask::Entry(key.into())) else { panic!("no entry") };
    assert!(entry.raw.contains("order 41"), "{}", entry.raw);
    assert_eq!((entry.key.time, entry.key.entry), (key.time, key.entry));
    assert_ne!(entry.key.source, key.source);
}

#[test]
fn of_a_log_that_has_grown_only_what_is_new_is_read_and_marks_stay() {
    let (text, more) = (log_text(100), "2025-11-20 12:00:00 INFO more\n".repeat(30));
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("web/app.log", &text, 7);
    let key = key_of(&mut workspace, "order 41", 0);
    change(&mut workspace, Ask::Mark(key));
    let grown = text.clone() + &more;
    let offer = |path: &str, bytes: usize| FileOffer { path: path.to_owned(), bytes: bytes as u64, modified_millis: 5 };
    let store = workspace.store();
    let bytes = text.len() as u64;
    // Its fingerprint is its size here.
    assert_eq!(shorter(store, &offer("app.log", grown.len())), [(id, bytes, bytes)]);
    assert_eq!(shorter(store, &offer("app.log", text.len())), []);
    assert_eq!(shorter(store, &offer("other.log", grown.len())), []);

    store.grow(id, &offer("app.log", grown.len()), 77).unwrap();
    let position = store.source_position(id);
    let blocks = resumed_blocks_of("web/app.log", &grown, 7, position);
    store.insert_blocks(id, blocks).unwrap();
    workspace.commit();
    assert_eq!(workspace.store().known(grown.len() as u64, 77), Some(id));
    assert_eq!(workspace.count(&filter("", Order::OldestFirst)).n_entries, 130);
    assert_eq!(marks(&mut workspace)[0].key.map(|key| (key.source, key.entry)), Some((id, key.entry)));
    // The mark is one of the grown file: setting it once more makes no second.
    change(&mut workspace, Ask::Mark(key));
    assert_eq!(marks(&mut workspace).len(), 1);
}

#[test]
fn a_log_that_ended_in_half_a_line_is_read_anew_when_it_has_grown_and_marks_stay() {
    let (text, last) = (log_text(100), "2025-11-20 12:00:00 INFO the last order\n");
    let half = text.clone() + &last[..last.len() - 9];
    let grown = text + last + "2025-11-20 12:00:01 INFO more\n";
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &half, 7);
    let key = key_of(&mut workspace, "order 41", 0);
    change(&mut workspace, Ask::Mark(key));
    assert_eq!(workspace.count(&filter("\"the la\"", Order::OldestFirst)).n_entries, 1);

    let offer = FileOffer { path: "app.log".to_owned(), bytes: grown.len() as u64, modified_millis: 5 };
    let store = workspace.store();
    assert_eq!(shorter(store, &offer), [(id, half.len() as u64, half.len() as u64)]);
    store.grow_anew(id, &offer, 77).unwrap();
    assert_eq!(store.source_position(id), None);
    store.insert_blocks(id, blocks_of("app.log", &grown, 7)).unwrap();
    while !store.sweep().unwrap().is_done {}
    workspace.commit();
    assert_eq!(workspace.count(&filter("", Order::OldestFirst)).n_entries, 102);
    assert_eq!(workspace.count(&filter("\"the last order\"", Order::OldestFirst)).n_entries, 1);
    assert_eq!(marks(&mut workspace)[0].key.map(|key| (key.source, key.entry)), Some((id, key.entry)));
    assert_eq!(workspace.store().known(grown.len() as u64, 77), Some(id));
}

#[test]
fn of_two_copies_of_a_file_the_mark_is_on_the_one_that_was_marked() {
    let text = log_text(20);
    let mut workspace = Workspace::in_memory();
    let copies: Vec<SourceId> = (0..3).map(|_| workspace.take_in("app.log", &text, 7)).collect();
    for &source in &copies {
        let key = RowKey { source, ..key_of(&mut workspace, "order 5", 0) };
        change(&mut workspace, Ask::Mark(key));
    }
    let mut marked: Vec<SourceId> = marks(&mut workspace).iter().map(|mark| mark.key.unwrap().source).collect();
    marked.sort();
    assert_eq!(marked, copies);
}

#[test]
fn a_mark_that_was_taken_off_can_be_put_back_with_its_note() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log_text(20), 7);
    let key = key_of(&mut workspace, "order 5", 0);
    change(&mut workspace, Ask::Mark(key));
    let id = marks(&mut workspace)[0].id;
    change(&mut workspace, Ask::SetNote { mark: id, note: "why?".to_owned() });
    let mark = marks(&mut workspace).remove(0);
    change(&mut workspace, Ask::Unmark(id));
    assert_eq!(marks(&mut workspace), []);
    change(&mut workspace, Ask::KeepMark(Box::new(mark.clone())));
    assert_eq!(marks(&mut workspace), [mark]);
    let unknown = MarkId(77);
    assert_eq!(workspace.ask(Ask::Unmark(unknown)), Err(Failure::Gone));
    assert_eq!(workspace.ask(Ask::SetNote { mark: unknown, note: String::new() }), Err(Failure::Gone));
    assert_eq!(workspace.ask(Ask::Mark(RowKey { entry: 99, ..key })), Err(Failure::Gone));
}

#[test]
fn views_are_kept_by_name_and_can_get_another() {
    let file = File::new("views");
    let mut before = file.open();
    let view = |name: &str, address: &str| SavedView {
        name: name.to_owned(),
        address: address.to_owned(),
        note: format!("why {address}"),
    };
    let save = |view: SavedView, before: Option<&str>| {
        let SavedView { name, address, .. } = view;
        Ask::SaveView { name, address, before: before.map(str::to_owned) }
    };
    let say = |view: SavedView| Ask::SetViewNote { name: view.name, note: view.note };
    change(&mut before, save(view("slow", "#q=took%3E1s"), None));
    change(&mut before, save(view("Errors", "#q=level:error"), None));
    change(&mut before, say(view("slow", "#q=took%3E2s")));
    change(&mut before, say(view("Errors", "#q=level:error")));
    // A note stays with its view, whatever that shows and however it is called.
    change(&mut before, save(view("slow", "#q=took%3E2s"), None));
    change(&mut before, save(view("all errors", "#q=level:error"), Some("Errors")));
    drop(before);
    let mut after = file.open();
    let kept = [view("all errors", "#q=level:error"), view("slow", "#q=took%3E2s")];
    assert_eq!(after.ask(Ask::Views), Ok(Answer::Views(kept.to_vec())));
    change(&mut after, Ask::DeleteView { name: "slow".to_owned() });
    assert_eq!(after.ask(Ask::Views), Ok(Answer::Views(kept[..1].to_vec())));
    assert_eq!(after.ask(Ask::DeleteView { name: "slow".to_owned() }), Err(Failure::Gone));
}

/// The address of the only view.
fn address(workspace: &mut Workspace) -> String {
    match workspace.ask(Ask::Views) {
        Ok(Answer::Views(views)) => views[0].address.clone(),
        other => panic!("not views: {other:?}"),
    }
}

#[test]
fn the_pinned_row_of_a_view_is_on_its_line_again_when_its_file_comes_back() {
    let text = log_text(100);
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 7);
    let key = key_of(&mut workspace, "order 41", 0);
    let pinned = |key| Scope { pinned: Some(key), ..Scope::default() }.to_hash();
    let save = |name: &str, address: String, before: Option<&str>| Ask::SaveView {
        name: name.to_owned(),
        address,
        before: before.map(str::to_owned),
    };
    change(&mut workspace, save("slow", pinned(key), None));
    assert_eq!(address(&mut workspace), pinned(key), "what is kept beside the scope is not in its address");
    change(&mut workspace, Ask::Remove(id));
    let waiting = address(&mut workspace);
    assert_eq!(Scope::from_hash(&waiting).pinned, Some(key));
    // It gets another name meanwhile.
    change(&mut workspace, save("very slow", waiting, Some("slow")));

    workspace.take_in("other.log", &log_text(3), 7);
    let again = workspace.take_in("app.log", &text, 7);
    assert_eq!(address(&mut workspace), pinned(RowKey { source: again, ..key }));

    // Another format cuts the text into other entries.
    let raw = ReadAs { format: Some(RAW_FORMAT.to_owned()), ..ReadAs::default() };
    workspace.ask(Ask::SetReadAs { source: again, read_as: Box::new(raw), selected: None }).unwrap();
    let now = Scope::from_hash(&address(&mut workspace)).pinned.unwrap();
    match workspace.ask(Ask::Entry(now.into())) {
        Ok(Answer::Entry(entry)) => assert!(entry.raw.contains("order 41 failed"), "{}", entry.raw),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_kept_outlives_the_emptying_of_the_workspace() {
    let text = log_text(20);
    let mut before = Workspace::in_memory();
    before.take_in("app.log", &text, 7);
    let key = key_of(&mut before, "order 5", 0);
    change(&mut before, Ask::Mark(key));
    let view = SavedView { name: "slow".to_owned(), address: "#q=slow".to_owned(), note: String::new() };
    change(&mut before, Ask::SaveView { name: view.name.clone(), address: view.address.clone(), before: None });
    let mut after = Workspace::in_memory();
    after.store().succeed(before.store()).unwrap();
    assert_eq!(marks(&mut after)[0].key, None);
    assert_eq!(after.ask(Ask::Views), Ok(Answer::Views(vec![view])));
    let id = after.take_in("app.log", &text, 7);
    assert_eq!(marks(&mut after)[0].key, Some(RowKey { source: id, ..key }));
}

#[test]
fn the_notebook_is_kept_and_a_view_stays_in_its_place_under_another_name() {
    let file = File::new("notebook");
    let mut before = file.open();
    let save = |name: &str, before: Option<&str>| Ask::SaveView {
        name: name.to_owned(),
        address: "#q=slow".to_owned(),
        before: before.map(str::to_owned),
    };
    change(&mut before, save("slow", None));
    let (notebook, id) = Notebook::default().with_text_at(&[Page::View("slow".to_owned())], 0);
    let notebook = notebook.with_text(id, "# What happened".to_owned());
    change(&mut before, Ask::SetNotebook(notebook.clone()));
    change(&mut before, save("very slow", Some("slow")));
    drop(before);
    let mut after = file.open();
    let kept = Notebook { order: vec![Page::Text(id), Page::View("very slow".to_owned())], ..notebook };
    assert_eq!(after.ask(Ask::Notebook), Ok(Answer::Notebook(kept.clone())));
    let mut emptied = Workspace::in_memory();
    emptied.store().succeed(after.store()).unwrap();
    assert_eq!(emptied.ask(Ask::Notebook), Ok(Answer::Notebook(kept)));
}

/// A workspace with a bookmark on each of these orders, and their numbers.
fn marked(orders: &[&str]) -> (Workspace, Vec<MarkId>) {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log_text(40), 7);
    for order in orders {
        let key = key_of(&mut workspace, order, 0);
        change(&mut workspace, Ask::Mark(key));
    }
    let marks = marks(&mut workspace);
    let id = |order: &&str| marks.iter().find(|mark| mark.text.contains(order)).unwrap().id;
    let ids = orders.iter().map(id).collect();
    (workspace, ids)
}

#[test]
fn the_notebook_is_of_the_same_bookmarks_when_the_workspace_was_emptied() {
    // Marked against the order of their times, and one is taken off: numbered anew, all would have other numbers.
    let (mut before, ids) = marked(&["order 25", "order 17", "order 9", "order 5"]);
    change(&mut before, Ask::Unmark(ids[0]));
    let order = vec![Page::Mark(ids[2]), Page::Mark(ids[1])];
    let notebook = Notebook { order, left_out: vec![Page::Mark(ids[3])], ..Notebook::default() };
    change(&mut before, Ask::SetNotebook(notebook.clone()));
    let kept = |workspace: &mut Workspace| -> Vec<(MarkId, String)> {
        marks(workspace).into_iter().map(|mark| (mark.id, mark.text)).collect()
    };
    let mut emptied = Workspace::in_memory();
    emptied.store().succeed(before.store()).unwrap();
    assert_eq!(emptied.ask(Ask::Notebook), Ok(Answer::Notebook(notebook)));
    assert_eq!(kept(&mut emptied), kept(&mut before));
}

#[test]
fn a_place_in_the_notebook_is_for_the_bookmark_that_had_it() {
    let (mut workspace, ids) = marked(&["order 5", "order 9"]);
    let notebook = Notebook { left_out: vec![Page::Mark(ids[1])], ..Notebook::default() };
    change(&mut workspace, Ask::SetNotebook(notebook));
    let taken_off = marks(&mut workspace).into_iter().find(|mark| mark.id == ids[1]).unwrap();
    change(&mut workspace, Ask::Unmark(ids[1]));
    let key = key_of(&mut workspace, "order 17", 0);
    change(&mut workspace, Ask::Mark(key));
    assert!(marks(&mut workspace).iter().all(|mark| mark.id != ids[1]), "another bookmark is not left out");
    change(&mut workspace, Ask::KeepMark(Box::new(taken_off.clone())));
    let put_back = marks(&mut workspace).into_iter().find(|mark| mark.key == taken_off.key);
    assert_eq!(put_back, Some(taken_off));
    // Of those that come from elsewhere under a number that is taken, each gets its own.
    let mut elsewhere = marks(&mut workspace).into_iter().find(|mark| mark.id == ids[0]).unwrap();
    elsewhere.anchor.line += 1;
    change(&mut workspace, Ask::KeepMark(Box::new(elsewhere)));
    let mut numbers: Vec<MarkId> = marks(&mut workspace).iter().map(|mark| mark.id).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
}
