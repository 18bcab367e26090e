//! Logs that have grown since they were read: each entry is there once, whatever became of the file.

use analysis::import::Importer;
use analysis::read::Context;
use model::entry::SourceId;
use model::protocol::{Answer, Ask};
use model::scope::Order;
use model::source::{FileOffer, SourceState};
use model::time::{Nanos, Zone};
use worker::store::FORMATS;

use crate::workspace::{Workspace, blocks_of, filter, resumed_blocks_of, shorter};

fn log_text(n_entries: usize) -> String {
    let line = |i: usize| format!("2025-11-20 10:{:02}:{:02} INFO request r{i}\n", i / 60 % 60, i % 60);
    (0..n_entries).map(line).collect()
}

fn offer(path: &str, text: &str) -> FileOffer {
    FileOffer { path: path.to_owned(), bytes: text.len() as u64, modified_millis: 5 }
}

/// Takes in what the file has more than was read of it, as the data thread does.
fn go_on(workspace: &mut Workspace, source: SourceId, path: &str, text: &str) {
    let store = workspace.store();
    store.grow(source, &offer(path, text), text.len() as u64).unwrap();
    let position = store.source_position(source);
    store.insert_blocks(source, resumed_blocks_of(path, text, 7, position)).unwrap();
    store.set_source_state(source, SourceState::Complete).unwrap();
    workspace.commit();
}

fn n_entries(workspace: &mut Workspace, query: &str) -> u64 {
    workspace.count(&filter(query, Order::OldestFirst)).n_entries
}

#[test]
fn a_log_that_was_written_to_while_it_was_read_is_gone_on_with() {
    let (text, grown) = (log_text(100), log_text(130));
    let failed = SourceState::Failed { reason: "It was changed.".to_owned() };
    for state in [failed, SourceState::Interrupted, SourceState::Stopped, SourceState::Paused] {
        let mut workspace = Workspace::in_memory();
        let id = workspace.add_source("app.log", text.len() as u64);
        workspace.store().insert_blocks(id, blocks_of("app.log", &text, 7).into_iter().take(5).collect()).unwrap();
        assert_eq!(shorter(workspace.store(), &offer("app.log", &grown)), [], "it is being read");
        workspace.store().set_source_state(id, state.clone()).unwrap();
        workspace.commit();
        let bytes = text.len() as u64;
        assert_eq!(shorter(workspace.store(), &offer("app.log", &grown)), [(id, bytes, bytes)], "{state:?}");
        let before = workspace.store().may_have_grown(&offer("app.log", &grown)).remove(0);
        assert_eq!(before.line_end, Some(&b""[..]), "it was left between two entries");
        go_on(&mut workspace, id, "app.log", &grown);
        assert_eq!((n_entries(&mut workspace, ""), n_entries(&mut workspace, "r129")), (130, 1), "{state:?}");
    }
}

#[test]
fn a_source_of_which_nothing_could_be_read_is_replaced_by_the_next_file_of_its_path() {
    let (text, grown) = (log_text(100), log_text(130));
    let mut workspace = Workspace::in_memory();
    let [unread, part_read, elsewhere] =
        ["app.log", "part.log", "shop/app.log"].map(|path| workspace.add_source(path, text.len() as u64));
    let store = workspace.store();
    store.insert_blocks(part_read, blocks_of("part.log", &text, 7).into_iter().take(5).collect()).unwrap();
    assert_eq!(store.failed_before(&offer("app.log", &grown)), None, "it is being read");
    for source in [unread, part_read, elsewhere] {
        let state = SourceState::Failed { reason: "It was changed.".to_owned() };
        store.set_source_state(source, state).unwrap();
    }
    assert_eq!(store.failed_before(&offer("part.log", "of another day")), None, "its entries stay");
    assert_eq!(store.failed_before(&offer("app.log", &grown)), Some(unread));
    store.replace_failed(unread, &offer("app.log", &grown), 77).unwrap();
    assert_eq!(store.known(grown.len() as u64, 77), Some(unread));
    assert_eq!(store.sources().len(), 3);
}

#[test]
fn of_many_logs_of_one_name_that_of_the_same_path_is_tried_first_and_then_those_of_the_same_folders() {
    let mut workspace = Workspace::in_memory();
    let pods = ["shop/cart/0.log", "shop/pay/0.log", "pay/0.log", "0.log"];
    let ids = pods.map(|path| workspace.take_in(path, &log_text(100), 50));
    workspace.take_in("shop/pay/1.log", &log_text(100), 50);
    let grown = log_text(130);
    for (path, expected) in [
        ("shop/pay/0.log", [1, 2, 3, 0]),
        ("shop/cart/0.log", [0, 3, 2, 1]),
        ("logs/shop/pay/0.log", [1, 2, 3, 0]),
        ("0.log", [3, 2, 1, 0]),
    ] {
        let tried: Vec<SourceId> =
            shorter(workspace.store(), &offer(path, &grown)).iter().map(|(id, ..)| *id).collect();
        assert_eq!(tried, expected.map(|at: usize| ids[at]), "{path}");
        let before = workspace.store().may_have_grown(&offer(path, &grown)).remove(0);
        assert_eq!(before.is_of_path, pods.contains(&path), "{path}");
    }
}

#[test]
fn a_log_of_which_nothing_was_read_is_taken_in_as_any_other() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", 10);
    workspace.store().set_source_state(id, SourceState::Interrupted).unwrap();
    assert_eq!(shorter(workspace.store(), &offer("app.log", &log_text(100))), []);
}

#[test]
fn a_log_that_grew_and_was_rotated_is_gone_on_with_under_its_new_name() {
    let (text, grown) = (log_text(100), log_text(130));
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 7);
    let key = workspace.rows(&filter("r41", Order::OldestFirst), 10)[0].key;
    workspace.ask(Ask::Mark(key)).unwrap();
    workspace.commit();
    assert_eq!(n_entries(&mut workspace, "source:app.log.1"), 0);
    let bytes = text.len() as u64;
    for path in ["app.log.1", "logs/app.log.1", "app.log-20251121"] {
        assert_eq!(shorter(workspace.store(), &offer(path, &grown)), [(id, bytes, bytes)], "{path}");
    }
    assert_eq!(shorter(workspace.store(), &offer("web.log.1", &grown)), []);

    go_on(&mut workspace, id, "app.log.1", &grown);
    assert_eq!(n_entries(&mut workspace, ""), 130);
    assert_eq!(n_entries(&mut workspace, "source:app.log.1"), 130);
    assert_eq!(workspace.store().source(id).map(|source| source.path.as_str()), Some("app.log.1"));
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    assert_eq!((marks[0].key, marks[0].place().as_str()), (Some(key), "app.log.1:42"));
    // What is called so now is another file.
    workspace.take_in("app.log", &log_text(3), 7);
    assert_eq!((n_entries(&mut workspace, ""), workspace.store().sources().len()), (133, 2));
}

#[test]
fn behind_the_end_of_a_log_reading_goes_on_where_its_last_line_was_whole() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log_text(100), 7);
    let before = workspace.store().may_have_grown(&offer("app.log", &log_text(130))).remove(0);
    assert_eq!(before.line_end, Some(&b"\n"[..]));
}

#[test]
fn a_log_in_utf_16_that_has_grown_is_gone_on_with_behind_a_whole_line() {
    type ToBytes = fn(u16) -> [u8; 2];
    let encoded = |text: &str, to_bytes: ToBytes| -> Vec<u8> { text.encode_utf16().flat_map(to_bytes).collect() };
    let context = || Context { path: "app.log".to_owned(), modified: Nanos(0), zone: Zone::utc() };
    for (to_bytes, line_end) in [(u16::to_le_bytes as ToBytes, b"\n\0"), (u16::to_be_bytes, b"\0\n")] {
        let (text, grown) = (encoded(&log_text(100), to_bytes), encoded(&log_text(130), to_bytes));
        let mut workspace = Workspace::in_memory();
        let id = workspace.add_source("app.log", text.len() as u64);
        let (mut importer, mut blocks) = (Importer::new(&FORMATS, context()), Vec::new());
        importer.push(&text, &mut blocks);
        importer.finish(&mut blocks);
        let store = workspace.store();
        store.insert_blocks(id, blocks).unwrap();
        store.set_source_state(id, SourceState::Complete).unwrap();
        let offer = FileOffer { path: "app.log".to_owned(), bytes: grown.len() as u64, modified_millis: 5 };
        let before = store.may_have_grown(&offer).remove(0);
        assert_eq!((before.source, before.line_end), (id, Some(&line_end[..])));
        assert!(text.ends_with(line_end));

        store.grow(id, &offer, 77).unwrap();
        let position = store.source_position(id).unwrap();
        assert_eq!(position.offset, before.offset);
        let from = Importer::start_byte(&position, &grown) as usize;
        assert_eq!(from, text.len());
        let (mut importer, mut blocks) = (Importer::resume(&FORMATS, context(), position, &grown), Vec::new());
        importer.push(&grown[from..], &mut blocks);
        importer.finish(&mut blocks);
        store.insert_blocks(id, blocks).unwrap();
        assert_eq!((n_entries(&mut workspace, ""), n_entries(&mut workspace, "r129")), (130, 1));
    }
}
