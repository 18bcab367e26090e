//! A source read otherwise: another format, another zone, a clock offset; broken off, gone back on, and searched; and the
//! order in which its entries were written.

use analysis::import::Importer;
use analysis::read::Context;
use model::entry::{Row, RowKey, SourceId};
use model::protocol::{Answer, Ask, At, Direction, Failure, StepAsk, ToApp};
use model::scope::Order;
use model::severity::Band;
use model::source::{Encoding, Fits, RAW_FORMAT, ReadAs, ServiceRule, Survey, TimesPreview};
use model::time::{NANOS_PER_SECOND, Nanos, Reading, Zone, format_wall};
use worker::store::FORMATS;

use crate::workspace::{File, Workspace, blocks_of, filter};

/// Lines of two formats, some of none, some that go on.
fn mixed(n_lines: usize) -> String {
    let line = |i: usize| match i % 5 {
        1 => format!("{{\"msg\":\"in json n{i}\",\"level\":\"error\",\"status\":{i}}}\n"),
        2 => "  at Some.method(File.java:12)\n".to_owned(),
        3 => format!("no time at all n{i}\n"),
        _ => format!("2025-11-20 10:{:02}:{:02} INFO plain n{i} status={i}\n", i / 60 % 60, i % 60),
    };
    (0..n_lines).map(line).collect()
}

fn format_named(name: &str) -> ReadAs {
    ReadAs { format: Some(name.to_owned()), ..ReadAs::default() }
}

fn set(workspace: &mut Workspace, source: SourceId, read_as: &ReadAs) {
    let done = workspace.ask(Ask::SetReadAs { source, read_as: Box::new(read_as.clone()), selected: None });
    assert_eq!(done, Ok(Answer::Reread(None)));
}

fn all_rows(workspace: &mut Workspace) -> Vec<Row> {
    workspace.rows(&filter("", Order::OldestFirst), 100)
}

/// A workspace whose file was read that way from the beginning.
fn read_at_once(path: &str, text: &str, read_as: &ReadAs) -> Workspace {
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source(path, text.len() as u64);
    workspace.store().set_read_as(id, ReadAs { format: None, ..read_as.clone() }).unwrap();
    let zone = workspace.store().reading_zone(id).unwrap();
    let context = Context { path: path.to_owned(), modified: Nanos(0), zone };
    let only = read_as.format.as_ref().map(|name| FORMATS.id(name));
    let mut importer = Importer::new(&FORMATS, context).read_as(only, read_as.offset_nanos, read_as.encoding);
    let mut blocks = Vec::new();
    importer.push(text.as_bytes(), &mut blocks);
    importer.finish(&mut blocks);
    workspace.store().insert_blocks(id, blocks).unwrap();
    workspace.commit();
    workspace
}

const QUERIES: [&str; 12] = [
    "",
    "plain",
    "n31",
    "status:31",
    "status>=40",
    "level>=error",
    "java",
    "format:raw",
    "format:json json",
    "msg:in",
    "-plain",
    "/n[0-9]1\\b/",
];

fn assert_alike(one: &mut Workspace, other: &mut Workspace, what: &str) {
    assert_eq!(all_rows(one), all_rows(other), "{what}");
    for query in QUERIES {
        for order in [Order::OldestFirst, Order::NewestFirst] {
            let filter = filter(query, order);
            assert_eq!(one.count(&filter), other.count(&filter), "{what}: {query}");
            assert_eq!(one.rows(&filter, 7), other.rows(&filter, 7), "{what}: {query}");
        }
    }
}

#[test]
fn a_source_in_another_format_is_as_if_it_had_been_read_so() {
    let text = mixed(600);
    for name in ["json", "timestamp", RAW_FORMAT] {
        let mut workspace = Workspace::in_memory();
        let id = workspace.take_in("app.log", &text, 20);
        workspace.count(&filter("plain", Order::OldestFirst));
        set(&mut workspace, id, &format_named(name));
        workspace.commit();
        let source = workspace.store().sources().remove(0);
        assert_eq!((source.n_lines, source.rereading), (600, None));
        assert_eq!(source.n_saved, source.n_entries);
        let mut at_once = read_at_once("app.log", &text, &format_named(name));
        assert_alike(&mut workspace, &mut at_once, name);
        // And back to what the evidence says.
        set(&mut workspace, id, &ReadAs::default());
        assert_alike(&mut workspace, &mut read_at_once("app.log", &text, &ReadAs::default()), "back");
        assert_eq!(workspace.store().sources()[0].read_before, Some(format_named(name)));
    }
}

#[test]
fn what_is_read_again_beside_other_sources_leaves_them_alone_and_nothing_behind() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &mixed(300), 10);
    workspace.take_in("web.log", &mixed(200), 10);
    let n_tables = |workspace: &mut Workspace, sql: &str| -> i64 {
        workspace.store().connection().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    set(&mut workspace, id, &format_named("json"));
    let rows = workspace.rows(&filter("source:web.log", Order::OldestFirst), 50);
    let mut alone = Workspace::in_memory();
    alone.take_in("gone.log", "x\n", 10);
    alone.take_in("web.log", &mixed(200), 10);
    assert_eq!(rows, alone.rows(&filter("source:web.log", Order::OldestFirst), 50));
    let n_blocks = n_tables(&mut workspace, "SELECT count(*) FROM blocks WHERE source IN (SELECT id FROM sources)");
    assert_eq!(n_tables(&mut workspace, "SELECT count(*) FROM blocks"), n_blocks);
    assert_eq!(n_tables(&mut workspace, "SELECT count(*) FROM block_texts"), n_blocks);
    assert_eq!(n_tables(&mut workspace, "SELECT count(*) FROM sources"), 2);
    assert_eq!(n_tables(&mut workspace, "SELECT count(*) FROM entries WHERE source = 'web.log'"), rows.len() as i64);
}

#[test]
fn a_new_reading_that_was_broken_off_is_gone_on_with() {
    let text = mixed(600);
    let mut at_once = read_at_once("app.log", &text, &format_named("json"));
    for n_steps in [0, 1, 3, 17, 28, 29, 30, 31, 35, 40] {
        let file = File::new(&format!("reread-{n_steps}"));
        let mut before = file.open();
        let id = before.take_in("app.log", &text, 20);
        let ask = Ask::SetReadAs { source: id, read_as: Box::new(format_named("json")), selected: None };
        before.begin(ask);
        for _ in 0..=n_steps {
            before.engine.step();
            // Until the end, questions find what was there.
            if !before.store().being_reread().is_empty() {
                assert_eq!(before.count(&filter("plain", Order::OldestFirst)).n_entries, 240, "after {n_steps}");
            }
            if n_steps % 3 == 0 {
                before.commit();
            }
        }
        before.commit();
        drop(before);
        let mut after = file.open();
        after.engine.resume_changes();
        while !after.engine.is_idle() {
            assert!(after.engine.step().is_empty(), "nobody asked");
        }
        after.commit();
        assert_alike(&mut after, &mut at_once, &format!("after {n_steps} steps"));
        assert_eq!(after.store().sources()[0].read_as, format_named("json"));
    }
}

#[test]
fn a_workspace_that_is_to_be_closed_leaves_a_new_reading_for_the_next_time() {
    let text = mixed(600);
    let file = File::new("reread-closing");
    let mut before = file.open();
    let id = before.take_in("app.log", &text, 20);
    before.begin(Ask::SetReadAs { source: id, read_as: Box::new(format_named("json")), selected: None });
    // What was asked for is begun all the same.
    before.engine.set_closing(true);
    assert!(!before.engine.is_idle());
    before.engine.step();
    assert!(before.engine.is_idle() && before.engine.step().is_empty());
    assert_eq!(before.store().being_reread(), [id]);
    assert_eq!(before.count(&filter("plain", Order::OldestFirst)).n_entries, 240, "questions have their answers");
    before.commit();
    drop(before);
    let mut after = file.open();
    after.engine.resume_changes();
    assert!(!after.engine.is_idle());
    while !after.engine.is_idle() {
        after.engine.step();
    }
    assert_alike(&mut after, &mut read_at_once("app.log", &text, &format_named("json")), "after a pause");
}

#[test]
fn a_workspace_that_is_not_closed_after_all_goes_on_with_its_changes() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &mixed(600), 10);
    workspace.begin(Ask::SetZone(Zone::fixed(3600)));
    workspace.engine.step();
    workspace.engine.set_closing(true);
    assert!(workspace.engine.is_idle() && workspace.engine.is_changing());
    workspace.engine.set_closing(false);
    let mut said = Vec::new();
    while !workspace.engine.is_idle() {
        said.extend(workspace.engine.step());
    }
    assert!(matches!(said.last(), Some(ToApp::Done { outcome: Ok(Answer::Accepted), .. })), "{said:?}");
}

#[test]
fn dropping_what_was_not_committed_does_not_confuse_a_new_reading() {
    let text = mixed(600);
    let mut at_once = read_at_once("app.log", &text, &format_named("json"));
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 20);
    workspace.begin(Ask::SetReadAs { source: id, read_as: Box::new(format_named("json")), selected: None });
    for step in 0.. {
        match step {
            5 => workspace.commit(),
            11 | 13 => workspace.store().roll_back().unwrap(),
            _ => drop(workspace.engine.step()),
        }
        if workspace.engine.is_idle() {
            break;
        }
    }
    assert_alike(&mut workspace, &mut at_once, "after rollbacks");
}

#[test]
fn the_selected_entry_is_found_again_by_its_line() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &mixed(300), 20);
    let page = workspace.page(&filter("n116", Order::OldestFirst), At::Rank(0), 1);
    let selected = Some(page.rows[0].key);
    let done = workspace.ask(Ask::SetReadAs { source: id, read_as: Box::new(format_named(RAW_FORMAT)), selected });
    let Ok(Answer::Reread(Some(key))) = done else { panic!("{done:?}") };
    let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(key.into())) else { panic!("no entry") };
    assert!(entry.raw.contains("n116") && entry.first_line == 117, "{entry:?}");
    assert_eq!(entry.key.entry, 116);
}

#[test]
fn another_choice_takes_the_place_of_one_that_is_not_done() {
    let text = mixed(400);
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &text, 20);
    workspace.begin(Ask::SetReadAs { source: id, read_as: Box::new(format_named("json")), selected: None });
    (0..5).for_each(|_| drop(workspace.engine.step()));
    set(&mut workspace, id, &format_named(RAW_FORMAT));
    while !workspace.engine.is_idle() {
        workspace.engine.step();
    }
    let mut at_once = read_at_once("app.log", &text, &format_named(RAW_FORMAT));
    assert_alike(&mut workspace, &mut at_once, "the later choice");
    // A source that is removed while it is read again is gone.
    workspace.begin(Ask::SetReadAs { source: id, read_as: Box::new(format_named("json")), selected: None });
    (0..5).for_each(|_| drop(workspace.engine.step()));
    assert_eq!(workspace.ask(Ask::Remove(id)), Ok(Answer::Accepted));
    while !workspace.engine.is_idle() {
        workspace.engine.step();
    }
    let left: i64 = workspace
        .store()
        .connection()
        .query_row("SELECT (SELECT count(*) FROM blocks) + (SELECT count(*) FROM sources)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(
        workspace.ask(Ask::SetReadAs { source: id, read_as: Box::default(), selected: None }),
        Err(Failure::Gone)
    );
}

#[test]
fn reading_goes_on_in_the_format_that_was_chosen() {
    let text = mixed(600);
    // Each line is an entry, so that the file can be cut anywhere.
    let read_as = format_named(RAW_FORMAT);
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("app.log", text.len() as u64);
    let mut blocks = blocks_of("app.log", &text, 20);
    blocks.truncate(9);
    workspace.store().insert_blocks(id, blocks).unwrap();
    workspace.commit();
    set(&mut workspace, id, &read_as);
    let position = workspace.store().source_position(id).unwrap();
    let context = Context { path: "app.log".into(), modified: Nanos(0), zone: Zone::utc() };
    let rest = &text.as_bytes()[position.offset as usize..];
    let mut importer =
        Importer::resume(&FORMATS, context, position, text.as_bytes()).read_as(Some(FORMATS.id(RAW_FORMAT)), 0, None);
    let mut blocks = Vec::new();
    importer.push(rest, &mut blocks);
    importer.finish(&mut blocks);
    workspace.store().insert_blocks(id, blocks).unwrap();
    workspace.commit();
    assert_alike(&mut workspace, &mut read_at_once("app.log", &text, &read_as), "gone on with");
}

#[test]
fn a_sources_own_zone_and_clock_offset_move_its_times_and_back_exactly() {
    // In Berlin the clock goes from 02:00 to 03:00 that night; some lines name their zone, some have no stamp.
    let change = Nanos(1_774_746_000_000_000_000);
    let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 3600, changes: vec![(change, 7200)] };
    let line = |i: usize| match i % 4 {
        0 => format!("no stamp n{i}\n"),
        1 => format!("2026-03-29T{:02}:{:02}:07Z INFO zoned n{i}\n", 1 + i / 60, i % 60),
        _ => format!("2026-03-29 {:02}:{:02}:07 INFO n{i}\n", 1 + i / 60, i % 60),
    };
    let text: String = (0..170).map(line).collect();
    let file = File::new("offset");
    let mut workspace = file.open();
    let id = workspace.take_in("naive.log", &text, 7);
    workspace.take_in("other.log", &text, 7);
    let untouched = all_rows(&mut workspace);
    let ways = [
        ReadAs { zone: Some(berlin.clone()), ..ReadAs::default() },
        ReadAs { offset_nanos: 1_500_000_000, ..ReadAs::default() },
        ReadAs { zone: Some(berlin), offset_nanos: -7200 * NANOS_PER_SECOND, ..ReadAs::default() },
        ReadAs { zone: Some(Zone::fixed(-5400)), offset_nanos: i64::MAX, ..ReadAs::default() },
    ];
    for read_as in ways {
        set(&mut workspace, id, &read_as);
        workspace.commit();
        drop(workspace);
        workspace = file.open();
        let mut at_once = read_at_once("naive.log", &text, &read_as);
        let moved = workspace.rows(&filter("source:naive.log", Order::OldestFirst), 50);
        assert_eq!(moved, all_rows(&mut at_once), "{read_as:?}");
        assert_eq!(workspace.store().sources()[0].range, at_once.store().sources()[0].range);
        let others = workspace.rows(&filter("source:other.log", Order::OldestFirst), 50);
        assert!(others.iter().all(|row| untouched.contains(row)));
    }
    set(&mut workspace, id, &ReadAs::default());
    assert_eq!(all_rows(&mut workspace), untouched);
}

#[test]
fn a_change_of_the_workspaces_zone_leaves_sources_with_their_own_alone() {
    let text = "2025-11-20 10:00:00 INFO a\n";
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("own.log", text, 7);
    workspace.take_in("other.log", text, 7);
    set(
        &mut workspace,
        id,
        &ReadAs { zone: Some(Zone::fixed(3600)), offset_nanos: NANOS_PER_SECOND, ..ReadAs::default() },
    );
    assert_eq!(workspace.ask(Ask::SetZone(Zone::fixed(7200))), Ok(Answer::Accepted));
    let times: Vec<_> = all_rows(&mut workspace).iter().map(|row| format_wall(row.key.time, &Zone::utc(), 0)).collect();
    assert_eq!(times, ["2025-11-20 08:00:00", "2025-11-20 09:00:01"]);
}

#[test]
fn a_preview_shows_the_first_lines_that_a_change_of_times_would_move() {
    let text = "no stamp\n2025-11-20T09:00:00Z INFO zoned\n2025-11-20 10:00:00 INFO naive\n  at b\n2025-11-20 10:00:01 INFO c\n";
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("app.log", text, 1);
    let mut preview = |read_as: ReadAs| -> Vec<String> {
        let answer = workspace.ask(Ask::PreviewTimes { source, read_as: Box::new(read_as) });
        let Ok(Answer::Times(TimesPreview { changes })) = answer else { panic!("{answer:?}") };
        let wall = |time| format_wall(time, &Zone::utc(), 0)[11..].to_owned();
        changes
            .iter()
            .map(|c| format!("{}: {} > {} {}", c.line, wall(c.before), wall(c.after), &c.text[20..]))
            .collect()
    };
    assert_eq!(preview(ReadAs::default()), [] as [&str; 0]);
    let zone = Some(Zone::fixed(3600));
    assert_eq!(
        preview(ReadAs { zone: zone.clone(), ..ReadAs::default() }),
        ["3: 10:00:00 > 09:00:00 INFO naive", "5: 10:00:01 > 09:00:01 INFO c"]
    );
    assert_eq!(
        preview(ReadAs { zone, offset_nanos: -2 * NANOS_PER_SECOND, ..ReadAs::default() }),
        ["2: 09:00:00 > 08:59:58  INFO zoned", "3: 10:00:00 > 08:59:58 INFO naive", "5: 10:00:01 > 08:59:59 INFO c"]
    );
}

#[test]
fn a_preview_shows_the_first_lines_that_another_encoding_reads_otherwise() {
    let text = "one\ncaf\u{e9}\nthree\n5 \u{20ac}\n";
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("app.log", text, 1);
    let mut preview = |encoding| -> Vec<String> {
        let answer = workspace.ask(Ask::PreviewEncoding { source, encoding });
        let Ok(Answer::Texts(changes)) = answer else { panic!("{answer:?}") };
        changes.iter().map(|change| format!("{}: {} > {}", change.line, change.before, change.after)).collect()
    };
    assert_eq!(preview(None), [] as [&str; 0]);
    assert_eq!(preview(Some(Encoding::Utf8)), [] as [&str; 0]);
    assert_eq!(
        preview(Some(Encoding::Windows1252)),
        ["2: caf\u{e9} > caf\u{c3}\u{a9}", "4: 5 \u{20ac} > 5 \u{e2}\u{201a}\u{ac}"]
    );
}

#[test]
fn a_survey_counts_every_entry_and_shows_what_no_format_read() {
    let text = mixed(600) + "Nov 20 10:00:00 host su[12]: yearless\n{\"msg\":\"x\",\"service\":\"auth\"}\n";
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("shop/cart.log", &text, 20);
    let Ok(Answer::Survey(survey)) = workspace.ask(Ask::Survey(vec![id])) else { panic!("no survey") };
    let Survey { n_lines, complete, formats, unread, services, .. } = &survey;
    assert!(complete);
    assert_eq!((formats.iter().map(|share| share.n_lines).sum::<u64>(), *n_lines), (602, 602));
    for share in formats {
        let rows = workspace.rows(&filter(&format!("format:{}", share.name), Order::OldestFirst), 700);
        let n_lines: u64 = rows.iter().map(|row| 1 + u64::from(row.n_more_lines)).sum();
        assert_eq!(n_lines, share.n_lines, "{}", share.name);
    }
    assert_eq!((survey.n_stamped, survey.n_zoneless, survey.n_yearless), (241, 241, 1));
    assert!(services.iter().any(|share| share.name == "cart" && share.rule == ServiceRule::File));
    assert!(services.iter().any(|share| share.name == "auth" && share.rule == ServiceRule::Entry));
    for line in unread {
        assert_eq!(text.lines().nth(line.line as usize - 1), Some(&*line.text));
    }
    assert_eq!(workspace.ask(Ask::Survey(vec![SourceId(9)])), Err(Failure::Gone));
}

#[test]
fn a_survey_of_several_files_tells_of_all_of_them() {
    let mut workspace = Workspace::in_memory();
    let ids = [workspace.take_in("app.log.1", &mixed(60), 20), workspace.take_in("app.log", "one\ntwo\n", 20)];
    let mut survey = |ids: &[SourceId]| match workspace.ask(Ask::Survey(ids.to_vec())) {
        Ok(Answer::Survey(survey)) => survey,
        other => panic!("{other:?}"),
    };
    let (all, one, other) = (survey(&ids), survey(&ids[..1]), survey(&ids[1..]));
    assert_eq!((all.n_lines, all.n_stamped), (one.n_lines + other.n_lines, one.n_stamped + other.n_stamped));
    assert_eq!(all.encoding, one.encoding, "each encoding is told once");
    assert!(other.unread.iter().all(|line| line.source == ids[1]) && other.unread.len() == 2);
    assert_eq!(workspace.ask(Ask::Survey(vec![ids[0], SourceId(9)])), Err(Failure::Gone));
}

#[test]
fn every_format_is_offered_with_the_lines_it_reads() {
    let mut workspace = Workspace::in_memory();
    let id = workspace.take_in("app.log", &mixed(100), 20);
    let Ok(Answer::Fits(Fits { n_lines, formats })) = workspace.ask(Ask::Fits(id)) else { panic!("no fits") };
    assert_eq!(n_lines, 80, "lines that go on with others are left out");
    let n_read = |name: &str| formats.iter().find(|fit| fit.name == name).map(|fit| fit.n_read);
    assert_eq!((n_read("timestamp"), n_read("json"), n_read("access")), (Some(40), Some(20), Some(0)));
}

#[test]
fn an_entry_that_is_gone_needs_no_new_place() {
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("app.log", &mixed(10), 20);
    let selected = Some(RowKey { source, entry: 99, ..RowKey::default() });
    let done = workspace.ask(Ask::SetReadAs { source, read_as: Box::new(format_named("json")), selected });
    assert_eq!(done, Ok(Answer::Reread(None)));
}

#[test]
fn entries_out_of_order_are_found_as_written_and_by_time() {
    // Two files, each with its stamps shuffled; entries of one instant keep the order of their file.
    let line = |i: usize| {
        let second = i * 37 % 60 / 2;
        format!("2025-11-20 10:00:{second:02} {} n{i}\n", if i.is_multiple_of(9) { "ERROR" } else { "INFO" })
    };
    let text: String = (0..200).map(line).collect();
    let mut workspace = Workspace::in_memory();
    let ids = [workspace.take_in("b.log", &text, 7), workspace.take_in("a.log", &text, 11)];
    let by_time = workspace.rows(&filter("", Order::OldestFirst), 50);
    assert!(by_time.is_sorted_by_key(|row| row.key));
    for query in ["", "n7", "level>=error", "n1*", "/n[0-9]5\\b/"] {
        let as_written = filter(query, Order::AsWritten);
        let mut expected = workspace.rows(&filter(query, Order::OldestFirst), 50);
        expected.sort_by_key(|row| (row.key.source, row.key.entry));
        for n_rows in [1, 6, 50] {
            assert_eq!(workspace.rows(&as_written, n_rows), expected, "{query}");
        }
        for (rank, row) in expected.iter().enumerate().step_by(5) {
            let page = workspace.page(&as_written, At::Key(row.key), 4);
            assert_eq!(page.asked_rank, Some(rank as u64), "{query}");
            assert!(page.rows.contains(row));
        }
    }
    let as_written = filter("", Order::AsWritten);
    let mut from = None;
    let mut errors = Vec::new();
    loop {
        let ask = StepAsk { filter: as_written.clone(), from, least: Band::Error, direction: Direction::Forward };
        let Ok(Answer::Step(Some(stepped))) = workspace.ask(Ask::Step(ask)) else { break };
        from = Some(stepped.key);
        errors.push((stepped.key.source, stepped.key.entry, stepped.rank));
    }
    let every_ninth = |at: usize| (0..200).step_by(9).map(move |entry| (at, entry));
    let expected: Vec<_> = every_ninth(0).chain(every_ninth(1)).collect();
    let expected: Vec<_> =
        expected.into_iter().map(|(at, entry)| (ids[at], entry as u64, (at * 200 + entry) as u64)).collect();
    assert_eq!(errors, expected);
    let ask = StepAsk { filter: as_written, from, least: Band::Error, direction: Direction::Backward };
    let Ok(Answer::Step(Some(back))) = workspace.ask(Ask::Step(ask)) else { panic!("no step back") };
    assert_eq!((back.key.source, back.key.entry, back.rank), expected[expected.len() - 2]);
}

#[test]
fn an_hour_that_came_twice_or_never_is_told() {
    // Berlin in 2026: from 02:00 to 03:00 on 29 March, back from 03:00 to 02:00 on 25 October.
    let instant = |seconds: i64| Nanos(seconds * NANOS_PER_SECOND);
    let changes = vec![(instant(1_774_746_000), 7200), (instant(1_792_890_000), 3600)];
    let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 3600, changes };
    let lines = [
        ("2026-03-29 01:59:59 INFO a", "00:59:59", Reading::Once),
        ("2026-03-29 02:30:00 INFO b", "01:30:00", Reading::Skipped),
        ("2026-03-29 03:00:00 INFO c", "01:00:00", Reading::Once),
        ("2026-10-25 01:59:59 INFO d", "23:59:59", Reading::Once),
        ("2026-10-25 02:30:00 INFO e", "00:30:00", Reading::First),
        ("2026-10-25 02:05:00 INFO e2", "01:05:00", Reading::Second),
        ("2026-10-25T02:30:00+01:00 INFO f", "01:30:00", Reading::Once),
        ("2026-10-25 03:00:00 INFO g", "02:00:00", Reading::Once),
    ];
    let text: String = lines.iter().map(|(line, ..)| format!("{line}\n")).collect();
    for offset_nanos in [0, 7 * NANOS_PER_SECOND] {
        let read_as = ReadAs { zone: Some(berlin.clone()), offset_nanos, ..ReadAs::default() };
        let mut workspace = read_at_once("a.log", &text, &read_as);
        for row in all_rows(&mut workspace) {
            let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(row.key.into())) else { panic!("{row:?}") };
            let (_, clock, reading) = lines[row.key.entry as usize];
            let time = format_wall(Nanos(row.key.time.0 - offset_nanos), &Zone::utc(), 0);
            assert_eq!((&time[11..], entry.reading), (clock, reading), "{}", entry.raw);
        }
        let mut changed = read_at_once("a.log", &text, &ReadAs::default());
        let source = all_rows(&mut changed)[0].key.source;
        set(&mut changed, source, &read_as);
        assert_alike(&mut changed, &mut workspace, "a zone that is set later");
    }
}

#[test]
fn another_encoding_decodes_the_same_bytes_anew_and_back() {
    let line = |i: usize| format!("2026-11-20 10:{:02}:{:02} INFO caf\u{e9} n{i} 5 \u{a4}\n", i / 60, i % 60);
    let text: String = (0..900).map(line).collect();
    let latin: Vec<u8> = text.chars().map(|character| character as u8).collect();
    let mut workspace = Workspace::in_memory();
    let id = workspace.add_source("a.log", latin.len() as u64);
    let context = Context { path: "a.log".to_owned(), modified: Nanos(0), zone: Zone::utc() };
    let (mut importer, mut blocks) = (Importer::new(&FORMATS, context), Vec::new());
    importer.push(&latin, &mut blocks);
    importer.finish(&mut blocks);
    workspace.store().insert_blocks(id, blocks).unwrap();
    workspace.commit();
    let found = |workspace: &mut Workspace, word: &str| workspace.count(&filter(word, Order::OldestFirst)).n_entries;
    let encoding = |workspace: &mut Workspace| match workspace.ask(Ask::Survey(vec![id])) {
        Ok(Answer::Survey(survey)) => survey.encoding.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((encoding(&mut workspace), found(&mut workspace, "caf\u{e9}")), ("Windows-1252".to_owned(), 900));
    for (told, name, n_coffees, n_euros) in [
        (Some(Encoding::Iso8859_15), "ISO-8859-15", 900, 900),
        (Some(Encoding::Utf8), "UTF-8", 0, 0),
        (Some(Encoding::Windows1252), "Windows-1252", 900, 0),
        (Some(Encoding::Iso8859_15), "ISO-8859-15", 900, 900),
        (None, "Windows-1252", 900, 0),
    ] {
        set(&mut workspace, id, &ReadAs { encoding: told, ..ReadAs::default() });
        assert_eq!(encoding(&mut workspace), name);
        let counted = (found(&mut workspace, "caf\u{e9}"), found(&mut workspace, "/5 \u{20ac}/"));
        assert_eq!(counted, (n_coffees, n_euros), "{name}");
        assert_eq!(found(&mut workspace, ""), 900, "no entry is lost");
    }
}
