//! What is kept: over closing and opening, a crash in the middle of an import, a removed source, another zone.

use analysis::import::{Importer, Outcome};
use analysis::read::Context;
use analysis::sample::Samples;
use model::entry::{Row, SourceId};
use model::protocol::{Answer, Ask, At, Failure};
use model::scope::Order;
use model::source::{FileOffer, SourceState};
use model::time::{Nanos, Zone, format_wall};
use worker::store::FORMATS;

use crate::workspace::{File, Workspace, blocks_of, filter, resumed_blocks_of};

fn log_text(n_entries: usize, word: &str) -> String {
    let line = |i: usize| format!("2025-11-20 10:{:02}:{:02} INFO {word} request=r{i}\n", i / 60 % 60, i % 60);
    (0..n_entries).map(line).collect()
}

fn all_rows(workspace: &mut Workspace) -> Vec<Row> {
    workspace.rows(&filter("", Order::OldestFirst), 100)
}

#[test]
fn a_workspace_opens_as_it_was_closed() {
    let file = File::new("reopen");
    let mut before = file.open();
    before.take_in("app.log", &log_text(500, "alpha"), 20);
    before.take_in("web.log", &log_text(300, "beta"), 20);
    let (rows, sources) = (all_rows(&mut before), before.store().sources());
    drop(before);
    let mut after = file.open();
    assert_eq!(after.store().sources(), sources);
    assert_eq!(all_rows(&mut after), rows);
    for (query, n_entries) in [("alpha", 500), ("bet*", 300), ("r299", 2), ("r300", 1), ("alpha beta", 0)] {
        assert_eq!(after.count(&filter(query, Order::OldestFirst)).n_entries, n_entries, "{query}");
    }
}

#[test]
fn an_import_that_broke_off_goes_on_to_exactly_the_same_entries() {
    let text = log_text(400, "alpha");
    let undisturbed = {
        let mut workspace = Workspace::in_memory();
        workspace.take_in("app.log", &text, 20);
        all_rows(&mut workspace)
    };
    for n_committed in [0, 1, 7, 19] {
        let file = File::new(&format!("resume-{n_committed}"));
        let mut before = file.open();
        let id = before.add_source("app.log", text.len() as u64);
        let mut blocks = blocks_of("app.log", &text, 20);
        let lost = blocks.split_off(n_committed);
        before.store().insert_blocks(id, blocks).unwrap();
        before.commit();
        before.store().insert_blocks(id, lost).unwrap();
        drop(before);

        let mut after = file.open();
        let source = after.store().source(id).unwrap().clone();
        assert_eq!(source.state, SourceState::Interrupted);
        assert_eq!((source.n_entries, source.n_saved), (20 * n_committed as u64, 20 * n_committed as u64));
        assert_eq!(all_rows(&mut after), undisturbed[..20 * n_committed]);

        let position = after.store().source_position(id);
        after.store().insert_blocks(id, resumed_blocks_of("app.log", &text, 20, position)).unwrap();
        after.commit();
        assert_eq!(all_rows(&mut after), undisturbed);
        assert_eq!(after.count(&filter("r399", Order::OldestFirst)).n_entries, 1);
    }
}

#[test]
fn dropping_what_was_not_committed_goes_back_to_the_last_commit() {
    let text = log_text(100, "alpha");
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", text.len() as u64);
    let mut blocks = blocks_of("app.log", &text, 10);
    let rest = blocks.split_off(4);
    workspace.store().insert_blocks(id, blocks).unwrap();
    workspace.commit();
    workspace.store().insert_blocks(id, rest.clone()).unwrap();
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 100);
    workspace.store().roll_back().unwrap();
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 40);
    workspace.store().insert_blocks(id, rest).unwrap();
    workspace.commit();
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 100);
}

#[test]
fn blocks_that_do_not_fit_are_refused_and_cost_nothing() {
    let text = log_text(100, "alpha");
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", text.len() as u64);
    let mut blocks = blocks_of("app.log", &text, 10);
    let rest = blocks.split_off(4);
    workspace.store().insert_blocks(id, blocks.clone()).unwrap();
    let out_of_order = workspace.store().insert_blocks(id, rest[1..].to_vec());
    assert!(matches!(out_of_order, Err(Failure::Storage { .. })), "{out_of_order:?}");
    assert!(workspace.store().insert_blocks(id, blocks).is_err(), "nothing twice");
    assert_eq!(workspace.store().insert_blocks(SourceId(9), Vec::new()), Err(Failure::Gone));
    assert_eq!(workspace.store().remove_source(SourceId(9)), Err(Failure::Gone));
    workspace.store().insert_blocks(id, rest).unwrap();
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 100);
}

#[test]
fn sample_logs_read_in_slices_and_broken_off_are_those_read_at_once() {
    let mut files: Vec<Vec<u8>> = Samples::paths().map(|_| Vec::new()).into();
    let mut samples = Samples::new(6000, 7);
    while let Some((file, bytes)) = samples.next_chunk() {
        files[file].extend(bytes);
    }
    let import = |workspace: &mut Workspace, slice_bytes: usize, is_broken_off: bool| {
        for (path, bytes) in Samples::paths().into_iter().zip(&files) {
            let context = Context { path: path.to_owned(), modified: Nanos(0), zone: Zone::utc() };
            let id = workspace.add_source(path, bytes.len() as u64);
            let mut importer = Importer::new(&FORMATS, context.clone());
            let mut blocks = Vec::new();
            let first_part = if is_broken_off { bytes.len() * 2 / 3 } else { bytes.len() };
            bytes[..first_part].chunks(slice_bytes).for_each(|slice| importer.push(slice, &mut blocks));
            if is_broken_off {
                let committed = blocks.drain(..blocks.len() / 2).collect();
                workspace.store().insert_blocks(id, committed).unwrap();
                workspace.commit();
                workspace.store().insert_blocks(id, std::mem::take(&mut blocks)).unwrap();
                workspace.store().roll_back().unwrap();
                let position = workspace.store().source_position(id).unwrap_or_default();
                let from = Importer::start_byte(&position, bytes) as usize;
                importer = Importer::resume(&FORMATS, context, position, bytes);
                bytes[from..].chunks(slice_bytes).for_each(|slice| importer.push(slice, &mut blocks));
            }
            assert_eq!(importer.finish(&mut blocks), Outcome::Complete);
            workspace.store().insert_blocks(id, blocks).unwrap();
            workspace.store().set_source_state(id, SourceState::Complete).unwrap();
        }
        workspace.commit();
    };
    let (mut at_once, mut broken_off) = (Workspace::in_memory(), Workspace::in_memory());
    import(&mut at_once, usize::MAX, false);
    import(&mut broken_off, 1000, true);
    assert_eq!(all_rows(&mut broken_off), all_rows(&mut at_once));
    assert_eq!(all_rows(&mut at_once).len(), 6000);
    for query in ["error", "order", "level>=warn", "inv*"] {
        let count = |workspace: &mut Workspace| workspace.count(&filter(query, Order::NewestFirst)).n_entries;
        assert_eq!(count(&mut broken_off), count(&mut at_once), "{query}");
    }
}

#[test]
fn only_what_reached_the_disk_counts_as_saved() {
    let text = log_text(40, "alpha");
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", text.len() as u64);
    let mut blocks = blocks_of("app.log", &text, 10);
    let later = blocks.split_off(1);
    workspace.store().insert_blocks(id, blocks).unwrap();
    let commit = workspace.store().commit(0.0).unwrap();
    workspace.store().insert_blocks(id, later).unwrap();
    let saved = |workspace: &mut Workspace| {
        let status = workspace.store().status();
        (status.n_saved, status.n_entries)
    };
    assert_eq!(saved(&mut workspace), (0, 40));
    workspace.store().saved(&commit);
    assert_eq!(saved(&mut workspace), (10, 40));
}

#[test]
fn a_commit_of_the_workspace_before_says_nothing_of_the_new_one() {
    let mut before = Workspace::in_memory();
    let id = before.add_source("app.log", 1000);
    before.store().insert_blocks(id, blocks_of("app.log", &log_text(40, "alpha"), 10)).unwrap();
    let late = before.store().commit(0.0).unwrap();
    let mut emptied = Workspace::in_memory();
    let same = emptied.add_source("web.log", 1000);
    assert_eq!(same, id);
    emptied.store().insert_blocks(same, blocks_of("web.log", &log_text(30, "beta"), 10)).unwrap();
    emptied.store().commit(0.0).unwrap();
    emptied.store().saved(&late);
    assert_eq!(emptied.store().status().n_saved, 0);
}

#[test]
fn numbers_of_sources_and_the_zone_outlive_an_emptied_workspace() {
    let file = File::new("succeed");
    let zone = Zone { name: "Etc/GMT-2".to_owned(), first_offset: 7200, changes: Vec::new() };
    let mut before = Workspace::in_memory();
    before.store().set_zone(zone.clone()).unwrap();
    before.take_in("app.log", &log_text(3, "alpha"), 10);
    let mut emptied = file.open();
    emptied.store().succeed(before.store()).unwrap();
    assert!(emptied.store().has_uncommitted());
    emptied.commit();
    drop(emptied);
    let mut reopened = file.open();
    assert_eq!(reopened.store().zone(), &zone);
    // An old link, or a kept file, must not speak of another source.
    assert_eq!(reopened.add_source("web.log", 10), SourceId(2));
    reopened.store().roll_back().unwrap();
    assert_eq!(reopened.add_source("again.log", 10), SourceId(3));
}

#[test]
fn a_source_that_begins_does_not_stop_the_speed_of_another() {
    let text = log_text(100, "alpha");
    let mut workspace = Workspace::in_memory();
    let ids = [workspace.add_source("app.log", 1), workspace.add_source("web.log", 2)];
    workspace.store().commit(0.0).unwrap();
    workspace.store().insert_blocks(ids[0], blocks_of("app.log", &text, 100)).unwrap();
    workspace.store().commit(1000.0).unwrap();
    let speed = |workspace: &mut Workspace| workspace.store().source(ids[0]).unwrap().bytes_per_second;
    assert_eq!(speed(&mut workspace), text.len() as u64);
    workspace.store().insert_blocks(ids[1], blocks_of("web.log", &text, 100)).unwrap();
    assert_eq!(speed(&mut workspace), text.len() as u64);
}

#[test]
fn a_speed_is_told_after_a_second_of_reading() {
    let text = log_text(100, "alpha");
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", 1);
    let mut blocks = blocks_of("app.log", &text, 20).into_iter();
    workspace.store().commit(5000.0).unwrap();
    let mut speeds = Vec::new();
    for millis in [5400.0, 5900.0, 6500.0] {
        workspace.store().insert_blocks(id, blocks.by_ref().take(1).collect()).unwrap();
        workspace.store().commit(millis).unwrap();
        speeds.push(workspace.store().source(id).unwrap().bytes_per_second);
    }
    let source = workspace.store().source(id).unwrap();
    assert_eq!(speeds, [0, 0, (source.text_bytes as f64 / 1.5) as u64]);
}

#[test]
fn a_removed_source_is_gone_at_once_however_long_other_answers_take() {
    let text = log_text(100, "alpha");
    let (mut workspace, bytes) = (Workspace::in_memory(), text.len() as u64);
    let id = workspace.take_in("app.log", &text, 10);
    assert_eq!(workspace.store().known(bytes, bytes), Some(id));
    workspace.begin(Ask::Remove(id));
    assert_eq!(workspace.store().known(bytes, bytes), None, "dropped again, it is another");
    assert_eq!(workspace.store().sources(), []);
    while !workspace.engine.is_idle() {
        workspace.engine.step();
    }
    assert_eq!(workspace.ask(Ask::Remove(id)), Err(Failure::Gone));
    workspace.take_in("app.log", &text, 10);
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 100);
}

#[test]
fn a_removed_source_leaves_nothing() {
    let file = File::new("remove");
    let mut workspace = file.open();
    let alpha = workspace.take_in("app.log", &log_text(300, "alpha"), 10);
    let mut only_beta = Workspace::in_memory();
    only_beta.take_in("gone.log", "x\n", 10);
    only_beta.take_in("web.log", &log_text(300, "beta"), 10);
    workspace.take_in("web.log", &log_text(300, "beta"), 10);
    // A search from before must not live on.
    assert_eq!(workspace.count(&filter("request", Order::OldestFirst)).n_entries, 600);
    workspace.store().remove_source(alpha).unwrap();
    for reopened in [false, true] {
        if reopened {
            drop(workspace);
            workspace = file.open();
        }
        assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 0);
        assert_eq!(workspace.count(&filter("request", Order::OldestFirst)).n_entries, 300);
        assert_eq!(workspace.count(&filter("r7", Order::OldestFirst)).n_entries, 1);
        let keys = |rows: Vec<Row>| rows.into_iter().map(|row| (row.key, row.text)).collect::<Vec<_>>();
        let beta: Vec<_> =
            keys(all_rows(&mut only_beta)).into_iter().filter(|(key, _)| key.source == SourceId(2)).collect();
        assert_eq!(keys(all_rows(&mut workspace)), beta);
        assert_eq!(workspace.store().sources().len(), 1);
    }
    // Its number is not used again: an old link must not show another file's entry.
    assert_eq!(workspace.take_in("new.log", "2025-11-20 10:00:00 INFO new\n", 10), SourceId(3));
}

fn column<T: rusqlite::types::FromSql>(workspace: &mut Workspace, sql: &str) -> Vec<T> {
    let mut statement = workspace.store().connection().prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_removed_source_leaves_no_word_and_no_posting_beside_another() {
    let mut workspace = Workspace::in_memory();
    let texts = [log_text(300, "alpha secret1"), log_text(300, "beta")];
    let ids = [workspace.add_source("app.log", 1), workspace.add_source("web.log", 2)];
    // Their blocks share groups of postings.
    let blocks = ids.iter().zip(&texts).map(|(_, text)| blocks_of("app.log", text, 10));
    let mut blocks: Vec<_> = blocks.map(Vec::into_iter).collect();
    for _ in 0..30 {
        for (blocks, id) in blocks.iter_mut().zip(ids) {
            workspace.store().insert_blocks(id, blocks.next().into_iter().collect()).unwrap();
        }
    }
    workspace.commit();
    let bytes_of_postings = |workspace: &mut Workspace| -> i64 {
        let sql = "SELECT sum(length(bytes)) FROM postings";
        workspace.store().connection().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let n_before = bytes_of_postings(&mut workspace);
    assert_eq!(workspace.ask(Ask::Remove(ids[0])), Ok(Answer::Accepted));
    let vocabulary = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)";
    workspace.store().connection().execute_batch(vocabulary).unwrap();
    let words: Vec<String> = column(&mut workspace, "SELECT term FROM temp.vocabulary");
    assert!(words.contains(&"beta".to_owned()) && !words.contains(&"alpha".to_owned()), "{words:?}");
    let pages: Vec<Vec<u8>> = column(&mut workspace, "SELECT block FROM words_data");
    assert!(!pages.iter().any(|page| page.windows(4).any(|part| part == b"alph")), "not on any page either");
    let n_after = bytes_of_postings(&mut workspace);
    assert!(n_after < n_before * 2 / 3, "{n_before} bytes of postings became {n_after}");
    for (query, n_entries) in [("beta", 300), ("r299", 1), ("secret1", 0), ("alpha", 0), ("request", 300)] {
        assert_eq!(workspace.count(&filter(query, Order::OldestFirst)).n_entries, n_entries, "{query}");
    }
}

#[test]
fn a_removal_that_was_broken_off_is_finished_when_the_workspace_opens() {
    let file = File::new("removal");
    let mut before = file.open();
    let alpha = before.take_in("app.log", &log_text(300, "alpha"), 10);
    before.take_in("web.log", &log_text(300, "beta"), 10);
    before.store().begin_removal(alpha).unwrap();
    for _ in 0..4 {
        before.store().sweep().unwrap();
    }
    assert_eq!(before.count(&filter("", Order::OldestFirst)).n_entries, 300, "gone for the user at once");
    drop(before);
    let mut after = file.open();
    assert_eq!(after.count(&filter("", Order::OldestFirst)).n_entries, 300);
    let n_left = |sql: &str| after.engine.store().connection().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(n_left("SELECT count(*) FROM blocks"), 30);
    assert_eq!(n_left("SELECT count(*) FROM block_texts"), 30);
    assert_eq!(n_left("SELECT count(*) FROM words WHERE words MATCH 'alpha'"), 0);
}

#[test]
fn a_removal_of_the_last_source_that_was_broken_off_is_finished_when_the_workspace_opens() {
    let file = File::new("last-removal");
    let mut before = file.open();
    let alpha = before.take_in("app.log", &log_text(300, "alpha"), 10);
    before.store().begin_removal(alpha).unwrap();
    // What comes in meanwhile has words again, and a commit may save any state of the removal.
    let beta = before.take_in("web.log", &log_text(100, "beta"), 10);
    for _ in 0..2 {
        before.store().sweep().unwrap();
    }
    before.commit();
    before.store().begin_removal(beta).unwrap();
    before.store().sweep().unwrap();
    before.commit();
    before.take_in("late.log", &log_text(50, "gamma"), 10);
    drop(before);
    let mut after = file.open();
    for (query, n_entries) in [("alpha", 0), ("beta", 0), ("gamma", 50), ("", 50)] {
        assert_eq!(after.count(&filter(query, Order::OldestFirst)).n_entries, n_entries, "{query}");
    }
    assert_eq!(column::<i64>(&mut after, "SELECT count(*) FROM block_texts"), [5]);
}

#[test]
fn a_word_index_that_was_emptied_before_its_blocks_went_does_not_keep_a_workspace_from_opening() {
    let file = File::new("emptied-words");
    let mut before = file.open();
    before.take_in("app.log", &log_text(300, "alpha"), 10);
    // As earlier builds could leave it.
    let left = "INSERT INTO words(words) VALUES ('delete-all'); DELETE FROM sources;";
    before.store().connection().execute_batch(left).unwrap();
    drop(before);
    let mut after = file.open();
    assert_eq!(after.count(&filter("", Order::OldestFirst)).n_entries, 0);
    after.take_in("web.log", &log_text(30, "beta"), 10);
    assert_eq!(after.count(&filter("beta", Order::OldestFirst)).n_entries, 30);
}

#[test]
fn an_emptied_workspace_holds_no_row_of_any_table() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &log_text(3000, "alpha"), 10);
    let empty_bytes = Workspace::in_memory().store().status().stored_bytes;
    let full_bytes = workspace.store().status().stored_bytes;
    workspace.store().remove_source(id).unwrap();
    let connection = workspace.store().connection();
    for table in ["sources", "blocks", "block_columns", "block_texts", "posting_groups", "postings"] {
        let n_rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(n_rows, 0, "{table}");
    }
    let words: i64 =
        connection.query_row("SELECT count(*) FROM words WHERE words MATCH 'alpha'", [], |row| row.get(0)).unwrap();
    assert_eq!(words, 0);
    let n_pages = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(n_pages("PRAGMA freelist_count"), 0, "the file is short again");
    let left_bytes = workspace.store().status().stored_bytes;
    assert!(left_bytes < empty_bytes + full_bytes / 10, "{full_bytes} became {left_bytes}");
    workspace.take_in("app.log", &log_text(30, "alpha"), 10);
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 30);
}

#[test]
fn another_zone_moves_the_stamps_that_name_none() {
    let file = File::new("zone");
    let mut workspace = file.open();
    workspace.take_in("naive.log", &log_text(100, "alpha"), 10);
    workspace.take_in("zoned.log", "2025-11-20T10:00:30Z INFO beta\n2025-11-20T10:00:31Z INFO beta\n", 10);
    assert_eq!(workspace.ask(Ask::SetZone(Zone::fixed(3600))), Ok(Answer::Accepted));
    workspace.commit();
    for reopened in [false, true] {
        if reopened {
            drop(workspace);
            workspace = file.open();
        }
        let time_of = |workspace: &mut Workspace, query: &str| {
            let page = workspace.page(&filter(query, Order::OldestFirst), At::Rank(0), 1);
            format_wall(page.rows[0].key.time, &Zone::utc(), 0)
        };
        assert_eq!(time_of(&mut workspace, "r0"), "2025-11-20 09:00:00");
        assert_eq!(time_of(&mut workspace, "beta"), "2025-11-20 10:00:30");
        assert_eq!(*workspace.store().zone(), Zone::fixed(3600));
        let range = workspace.store().sources()[0].range.unwrap();
        assert_eq!(format_wall(range.start, &Zone::utc(), 0), "2025-11-20 09:00:00");
    }
    // And back: no time was lost on the way.
    assert_eq!(workspace.ask(Ask::SetZone(Zone::utc())), Ok(Answer::Accepted));
    let mut undisturbed = Workspace::in_memory();
    undisturbed.take_in("naive.log", &log_text(100, "alpha"), 10);
    let naive: Vec<Row> = all_rows(&mut workspace).into_iter().filter(|row| row.key.source == SourceId(1)).collect();
    assert_eq!(naive, all_rows(&mut undisturbed));
}

#[test]
fn a_zone_with_a_skipped_hour_and_back_leaves_every_time_as_it_was() {
    // In Berlin the clock goes from 02:00 to 03:00; entries without a stamp have the time of the one before.
    let change = Nanos(1_774_746_000_000_000_000);
    let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 3600, changes: vec![(change, 7200)] };
    let line = |i: usize| format!("2026-03-29 {:02}:{:02}:07 INFO n{i}\nno stamp {i}\n", 1 + i / 60, i % 60);
    let text: String = (0..150).map(line).collect();
    for n_entries in [1, 7, 1000] {
        let mut undisturbed = Workspace::in_memory();
        undisturbed.take_in("naive.log", &text, n_entries);
        let mut moved = Workspace::in_memory();
        moved.take_in("naive.log", &text, n_entries);
        assert_eq!(moved.ask(Ask::SetZone(berlin.clone())), Ok(Answer::Accepted));
        assert_ne!(all_rows(&mut moved), all_rows(&mut undisturbed));
        assert_eq!(moved.ask(Ask::SetZone(Zone::utc())), Ok(Answer::Accepted));
        assert_eq!(all_rows(&mut moved), all_rows(&mut undisturbed));
        let range = |workspace: &mut Workspace| workspace.store().sources()[0].range;
        assert_eq!(range(&mut moved), range(&mut undisturbed));
    }
}

#[test]
fn a_file_is_known_by_size_and_fingerprint() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &log_text(10, "alpha"), 10);
    let bytes = workspace.store().source(id).unwrap().file_bytes;
    assert_eq!(workspace.store().known(bytes, bytes), Some(id));
    assert_eq!(workspace.store().known(bytes, 1), None);
    assert_eq!(workspace.store().known(bytes + 1, bytes), None);
}

#[test]
fn of_two_sources_of_one_file_the_one_that_can_go_on_is_the_known_one() {
    let mut workspace = Workspace::in_memory();
    let text = log_text(10, "alpha");
    let complete = workspace.take_in("app.log", &text, 10);
    let bytes = text.len() as u64;
    let again = workspace.add_source("app.log", bytes);
    workspace.store().set_source_state(again, SourceState::Interrupted).unwrap();
    assert_eq!(workspace.store().known(bytes, bytes), Some(again));
    workspace.store().set_source_state(again, SourceState::Complete).unwrap();
    assert_eq!(workspace.store().known(bytes, bytes), Some(complete));
}

#[test]
fn a_zone_moves_stamps_without_a_date_on_the_day_that_the_files_name_says() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in(
        "app-2025-11-20.log",
        "10:00:00.123 [main] INFO  s.Cart - alpha\n10:00:01.456 [main] INFO  s.Cart - beta\n",
        10,
    );
    let mut times = || -> Vec<String> {
        all_rows(&mut workspace).iter().map(|row| format_wall(row.key.time, &Zone::utc(), 3)).collect()
    };
    assert_eq!(times(), ["2025-11-20 10:00:00.123", "2025-11-20 10:00:01.456"]);
    assert_eq!(workspace.ask(Ask::SetZone(Zone::fixed(3600))), Ok(Answer::Accepted));
    let mut times = || -> Vec<String> {
        all_rows(&mut workspace).iter().map(|row| format_wall(row.key.time, &Zone::utc(), 3)).collect()
    };
    assert_eq!(times(), ["2025-11-20 09:00:00.123", "2025-11-20 09:00:01.456"]);
}

#[test]
fn a_removed_file_of_an_archive_does_not_come_back_when_the_archive_is_read_on() {
    let file = File::new("member");
    let mut workspace = file.open();
    let archive = workspace.add_source("logs.zip", 100);
    let offer = |name: &str| FileOffer { path: format!("logs.zip/{name}"), bytes: 10, modified_millis: 0 };
    let a = workspace.store().member(archive, 1, &offer("a.log")).unwrap().unwrap();
    let b = workspace.store().member(archive, 2, &offer("b.log")).unwrap().unwrap();
    workspace.store().remove_source(a).unwrap();
    workspace.commit();
    drop(workspace);
    let mut reopened = file.open();
    assert_eq!(reopened.store().member(archive, 1, &offer("a.log")), Ok(None));
    assert_eq!(reopened.store().member(archive, 2, &offer("b.log")), Ok(Some(b)));
    // Another archive, even of the same name, has files of its own.
    reopened.store().remove_source(archive).unwrap();
    let again = reopened.add_source("logs.zip", 100);
    assert!(reopened.store().member(again, 1, &offer("a.log")).unwrap().is_some());
}

#[test]
fn an_archive_is_removed_with_all_that_came_out_of_it() {
    let mut workspace = Workspace::in_memory();
    let text = log_text(50, "alpha");
    let offer = |name: &str| FileOffer { path: name.to_owned(), bytes: text.len() as u64, modified_millis: 0 };
    let [gone, kept] = ["gone.zip", "kept.zip"].map(|path| workspace.add_source(path, 100));
    for (archive, ordinal, state) in
        [(gone, 1, SourceState::Complete), (gone, 2, SourceState::Interrupted), (kept, 1, SourceState::Complete)]
    {
        let member = workspace.store().member(archive, ordinal, &offer("a.log")).unwrap().unwrap();
        workspace.store().insert_blocks(member, blocks_of("a.log", &text, 10)).unwrap();
        workspace.store().set_source_state(member, state).unwrap();
    }
    workspace.commit();
    // Whoever asks need not know what has come out of it so far.
    assert_eq!(workspace.ask(Ask::Remove(gone)), Ok(Answer::Accepted));
    let left: Vec<_> = workspace.store().sources().into_iter().map(|source| (source.path, source.archive)).collect();
    assert_eq!(left, [("kept.zip".to_owned(), None), ("a.log".to_owned(), Some(kept))]);
    assert_eq!(workspace.count(&filter("alpha", Order::OldestFirst)).n_entries, 50);
    assert_eq!(column::<i64>(&mut workspace, "SELECT count(*) FROM blocks"), [5]);
    assert_eq!(column::<i64>(&mut workspace, "SELECT count(*) FROM removed_members"), [0]);
}

/// Back to the tables that the first released builds made.
const AS_OF_VERSION_2: &str = "
    DROP TABLE marks;
    DROP TABLE views;
    PRAGMA application_id = 0;
    DROP TABLE removed_members;
    ALTER TABLE sources DROP COLUMN archive;
    DROP TABLE block_fields;
    DROP TABLE block_shapes;
    DROP TABLE formats;
    ALTER TABLE sources DROP COLUMN replaces;
    ALTER TABLE sources DROP COLUMN read_before;
    ALTER TABLE sources DROP COLUMN read_as;
    ALTER TABLE blocks DROP COLUMN offset_nanos;
    DELETE FROM meta WHERE name = 'fields';
    PRAGMA user_version = 2;";

#[test]
fn a_workspace_of_an_older_build_is_opened_with_all_it_had_and_read_on() {
    let text = log_text(100, "alpha");
    let file = File::new("older");
    let mut workspace = file.open();
    let whole = workspace.take_in("app.log", &text, 10);
    let half = workspace.add_source("half.log", text.len() as u64);
    let mut blocks = blocks_of("half.log", &text, 10);
    let rest = blocks.split_off(5);
    workspace.store().insert_blocks(half, blocks).unwrap();
    workspace.commit();
    let rows = all_rows(&mut workspace);
    workspace.store().connection().execute_batch(AS_OF_VERSION_2).unwrap();
    drop(workspace);

    let mut opened = file.open();
    assert_eq!(all_rows(&mut opened), rows);
    assert_eq!(opened.count(&filter("alpha", Order::OldestFirst)).n_entries, 150);
    let states: Vec<_> = opened.store().sources().into_iter().map(|source| (source.id, source.state)).collect();
    assert_eq!(states, [(whole, SourceState::Complete), (half, SourceState::Interrupted)]);
    opened.store().insert_blocks(half, rest).unwrap();
    assert_eq!(opened.ask(Ask::SetZone(Zone::fixed(3600))), Ok(Answer::Accepted));
    while opened.store().make_shapes().unwrap().is_some() {}
    while opened.store().make_fields().unwrap().is_some() {}
    opened.store().remove_source(whole).unwrap();
    assert_eq!(opened.count(&filter("", Order::OldestFirst)).n_entries, 100);
}
