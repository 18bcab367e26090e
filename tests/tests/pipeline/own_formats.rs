//! Formats of the user's: written as a copy or from nothing, tried on a source's lines, kept, changed and taken away.

use model::entry::SourceId;
use model::format::{Draft, FormatPreview, LineReading, OwnFormat, Tried};
use model::protocol::{Answer, Ask, Failure};
use model::scope::Order;
use model::source::{RAW_FORMAT, ReadAs};

use crate::workspace::{File, Workspace, filter};

/// Lines that no shipped format takes apart as their author would.
fn told(n_lines: usize) -> String {
    let line = |i: usize| match i % 10 {
        7 => format!("~~ what is this {i}\n"),
        _ => format!("<{}> job-{i} took {i} ms: {} done\n", ["ok", "bad"][i % 2], ["pay", "ship"][i % 2]),
    };
    (0..n_lines).map(line).collect()
}

const TOLD: &str = r#"name = "told"
title = "Told"
kind = "pattern"
rank = 40
heads = ['^<(?<level>\w+)> (?<job>\S+) took (?<millis>\d+) ms: (?<message>.*)']

[levels]
9 = ["ok"]
17 = ["bad"]
"#;

fn keep(workspace: &mut Workspace, text: &str) -> Result<(String, u64), Failure> {
    match workspace.ask(Ask::SaveFormat { text: text.to_owned() })? {
        Answer::FormatKept { name, n_reread, .. } => Ok((name, n_reread)),
        other => panic!("not kept: {other:?}"),
    }
}

fn read_as(workspace: &mut Workspace, source: SourceId, format: &str) {
    let read_as = ReadAs { format: Some(format.to_owned()), ..ReadAs::default() };
    let done = workspace.ask(Ask::SetReadAs { source, read_as: Box::new(read_as), selected: None });
    assert_eq!(done, Ok(Answer::Reread(None)));
}

fn n_found(workspace: &mut Workspace, query: &str) -> u64 {
    workspace.count(&filter(query, Order::OldestFirst)).n_entries
}

fn preview(workspace: &mut Workspace, source: SourceId, text: &str) -> FormatPreview {
    match workspace.ask(Ask::PreviewFormat { source, tried: Tried::Text(text.to_owned()) }) {
        Ok(Answer::FormatPreview(preview)) => *preview,
        other => panic!("no preview: {other:?}"),
    }
}

fn text_of(workspace: &mut Workspace, ask: Ask) -> String {
    match workspace.ask(ask) {
        Ok(Answer::FormatText(text)) => text,
        other => panic!("no text: {other:?}"),
    }
}

fn own_formats(workspace: &mut Workspace) -> Vec<OwnFormat> {
    match workspace.ask(Ask::OwnFormats) {
        Ok(Answer::OwnFormats(own)) => own,
        other => panic!("no formats: {other:?}"),
    }
}

#[test]
fn a_source_is_read_in_a_kept_format_and_again_when_that_changes_or_goes() {
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("told.log", &told(200), 30);
    let other = workspace.take_in("other.log", "2026-11-20T10:00:00Z INFO fine\n", 30);
    assert_eq!(n_found(&mut workspace, "millis>=100"), 0);
    assert_eq!(keep(&mut workspace, TOLD), Ok(("told".to_owned(), 0)), "nothing was read by it yet");
    read_as(&mut workspace, source, "told");
    assert_eq!(n_found(&mut workspace, "format:told"), 180);
    assert_eq!(n_found(&mut workspace, "millis>=100"), 90);
    assert_eq!(n_found(&mut workspace, "level:error"), 80);
    while workspace.store().make_fields().unwrap().is_some() {}

    let changed = TOLD.replace("millis", "took_ms").replace("17 = ", "13 = ");
    assert_eq!(keep(&mut workspace, &changed), Ok(("told".to_owned(), 1)));
    while workspace.store().make_fields().unwrap().is_some() {}
    assert_eq!(n_found(&mut workspace, "millis>=100"), 0);
    assert_eq!(n_found(&mut workspace, "took_ms>=100"), 90);
    assert_eq!((n_found(&mut workspace, "level:error"), n_found(&mut workspace, "level:warn")), (0, 80));

    let deleted = workspace.ask(Ask::DeleteFormat { name: "told".to_owned() });
    assert_eq!(deleted, Ok(Answer::FormatKept { name: "told".to_owned(), n_reread: 1, in_place_of: None }));
    assert_eq!(n_found(&mut workspace, "format:told"), 0);
    assert_eq!(n_found(&mut workspace, ""), 201);
    let sources = workspace.store().sources();
    assert_eq!(sources[0].read_as, ReadAs::default());
    assert_eq!(sources[0].read_before, None, "there is no way back to what is gone");
    assert_eq!(sources[1].id, other);
    assert_eq!(own_formats(&mut workspace), []);
}

#[test]
fn a_format_that_changes_while_a_new_reading_is_made_leaves_no_entry_of_the_one_before() {
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("told.log", &told(30_000), 1000);
    keep(&mut workspace, TOLD).unwrap();
    read_as(&mut workspace, source, RAW_FORMAT);
    workspace.begin(Ask::SetReadAs { source, read_as: Box::default(), selected: None });
    while workspace.store().reread_progress(source).0 == 0 {
        assert!(!workspace.engine.is_idle(), "blocks come before its end");
        workspace.engine.step();
    }
    let changed = TOLD.replace("millis", "took_ms");
    assert_eq!(keep(&mut workspace, &changed), Ok(("told".to_owned(), 1)));
    while !workspace.engine.is_idle() {
        workspace.engine.step();
    }
    assert_eq!((n_found(&mut workspace, "millis>=0"), n_found(&mut workspace, "took_ms>=0")), (0, 27_000));
}

#[test]
fn whoever_takes_the_name_of_a_shipped_format_is_told() {
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("told.log", &told(50), 10);
    let taken = TOLD.replace("\"told\"", "\"json\"");
    assert_eq!(preview(&mut workspace, source, &taken).in_place_of.as_deref(), Some("JSON lines"));
    assert_eq!(preview(&mut workspace, source, TOLD).in_place_of, None);
    let kept = workspace.ask(Ask::SaveFormat { text: taken });
    let in_place_of = Some("JSON lines".to_owned());
    assert_eq!(kept, Ok(Answer::FormatKept { name: "json".to_owned(), n_reread: 0, in_place_of }));
}

#[test]
fn formats_outlive_the_tab_and_the_emptying_of_the_workspace() {
    let file = File::new("own-formats");
    let mut workspace = file.open();
    let source = workspace.take_in("told.log", &told(50), 10);
    keep(&mut workspace, TOLD).unwrap();
    read_as(&mut workspace, source, "told");
    workspace.commit();
    drop(workspace);

    let mut reopened = file.open();
    assert_eq!(n_found(&mut reopened, "job:job-3"), 1);
    let expected = OwnFormat { name: "told".to_owned(), title: "Told".to_owned(), text: TOLD.to_owned() };
    assert_eq!(own_formats(&mut reopened), std::slice::from_ref(&expected));

    let mut emptied = Workspace::in_memory();
    emptied.store().succeed(reopened.store()).unwrap();
    assert_eq!(own_formats(&mut emptied), [expected]);
    let source = emptied.take_in("told.log", &told(50), 10);
    read_as(&mut emptied, source, "told");
    assert_eq!(n_found(&mut emptied, "job:job-3"), 1);
}

#[test]
fn a_format_that_cannot_be_used_is_refused_in_words_and_changes_nothing() {
    let mut workspace = Workspace::in_memory();
    let source = workspace.take_in("told.log", &told(50), 10);
    keep(&mut workspace, TOLD).unwrap();
    read_as(&mut workspace, source, "told");
    for (text, words) in [
        (TOLD.replace("(?<job>", "(?<job"), "Line 5 of the format: this pattern cannot be read from"),
        (TOLD.replace("(?<job>\\S+)", "(?:(?:a{999}){999}){999}"), "Line 5 of the format: this pattern is too large"),
        (format!("{TOLD}\n[[sample]]\ntext = \"<ok> x\""), "Line 11 of the format: format told, sample 1: no head"),
        ("name = \"told\"".to_owned(), "of the format: missing field"),
    ] {
        match keep(&mut workspace, &text) {
            Err(Failure::Format { message }) => assert!(message.contains(words), "{message}"),
            other => panic!("{other:?}"),
        }
        let preview = preview(&mut workspace, source, &text);
        assert_eq!(preview.problems.len(), 1, "{text}");
    }
    assert_eq!(own_formats(&mut workspace)[0].text, TOLD);
    assert_eq!(n_found(&mut workspace, "format:told"), 45);
}

#[test]
fn a_preview_shows_lines_from_all_over_the_source_with_their_own_numbers() {
    let mut workspace = Workspace::in_memory();
    let text = told(3000);
    let source = workspace.take_in("told.log", &text, 100);
    let preview = preview(&mut workspace, source, TOLD);
    assert_eq!(preview.problems, []);
    assert!(
        preview.n_lines > 500
            && preview.n_read < preview.n_lines
            && (preview.n_read + preview.n_joined) * 10 > preview.n_lines * 8
    );
    assert_eq!(preview.groups, ["level", "job", "millis", "message"]);
    let lines: Vec<&str> = text.lines().collect();
    for line in &preview.lines {
        assert_eq!(line.text, lines[line.line as usize - 1]);
        assert_eq!(line.text.starts_with("~~"), matches!(line.reading, LineReading::Stops(_)));
    }
    assert!(preview.lines.is_sorted_by_key(|line| line.line) && preview.lines.last().unwrap().line > 2700);
}

#[test]
fn a_copy_is_kept_with_samples_of_the_source_it_was_made_for() {
    let mut workspace = Workspace::in_memory();
    let access = "10.0.3.7 - - [20/Nov/2026:10:23:45 +0000] \"GET /cart HTTP/1.1\" 200 5316\n\
        10.0.3.8 - - [20/Nov/2026:10:23:46 +0000] \"GET /pay HTTP/1.1\" 503 12\n";
    let source = workspace.take_in("access.log", &access.repeat(20), 10);
    let copy = text_of(&mut workspace, Ask::DraftFormat(Draft::CopyOf("access".to_owned())));
    assert!(copy.starts_with("name = \"access-own\"\n"), "{copy}");
    let tried = |tried| Ask::PreviewFormat { source, tried };
    let known = workspace.ask(tried(Tried::Known("access".to_owned())));
    assert_eq!(known, workspace.ask(tried(Tried::Text(copy.clone()))));
    assert_eq!(workspace.ask(tried(Tried::Known("of nobody".to_owned()))), Err(Failure::Gone));
    let changed = copy.replace("(?<client>", "(?<visitor>");
    let whole = text_of(&mut workspace, Ask::SampleFormat { source, text: changed.clone() });
    assert_eq!(whole.matches("[[sample]]").count(), 2, "{whole}");
    assert_eq!(text_of(&mut workspace, Ask::SampleFormat { source, text: whole.clone() }), whole);
    assert_eq!(keep(&mut workspace, &whole), Ok(("access-own".to_owned(), 0)));
    read_as(&mut workspace, source, "access-own");
    assert_eq!(n_found(&mut workspace, "visitor:10.0.3.8"), 20);
    // Its own text is what a kept one is gone on from, and the next copy has another name.
    let draft = |name: &str| Ask::DraftFormat(Draft::CopyOf(name.to_owned()));
    assert_eq!(text_of(&mut workspace, draft("access-own")), whole);
    assert!(text_of(&mut workspace, draft("access")).starts_with("name = \"access-own-2\"\n"));
    assert_eq!(workspace.ask(draft("of another build")), Err(Failure::Gone));
    let new = text_of(&mut workspace, Ask::DraftFormat(Draft::FromNothing));
    assert_eq!(preview(&mut workspace, source, &new).n_read, 40);
}

#[test]
fn a_copy_of_each_kind_reads_what_its_original_reads() {
    let mut workspace = Workspace::in_memory();
    let json = "{\"time\":\"2026-11-20T10:00:00Z\",\"level\":\"warn\",\"msg\":\"a\"}\n".repeat(30);
    let source = workspace.take_in("app.log", &json, 10);
    let copy = text_of(&mut workspace, Ask::DraftFormat(Draft::CopyOf("json".to_owned())));
    keep(&mut workspace, &copy).unwrap();
    read_as(&mut workspace, source, "json-own");
    assert_eq!(n_found(&mut workspace, "format:json-own level:warn a"), 30);
    assert_eq!(n_found(&mut workspace, &format!("format:{RAW_FORMAT}")), 0);
}

#[test]
fn a_change_of_formats_leaves_what_was_made_from_the_blocks_of_others() {
    let n_made = |workspace: &mut Workspace| {
        let n_rows = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            workspace.store().connection().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        ["block_shapes", "block_fields"].map(n_rows)
    };
    let file = File::new("made-by-formats");
    let mut workspace = file.open();
    workspace.take_in("other.log", &"2026-11-20T10:00:00Z INFO fine\n".repeat(40), 10);
    while workspace.store().make_fields().unwrap().is_some() {}
    keep(&mut workspace, TOLD).unwrap();
    let n_entries: i64 =
        workspace.store().connection().query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
    assert_eq!(n_entries, 40);
    assert_eq!(n_made(&mut workspace), [4, 4], "a question takes nothing away");
    workspace.commit();
    drop(workspace);
    let mut reopened = file.open();
    assert_eq!(n_made(&mut reopened), [4, 4]);
    assert!(!reopened.store().lacks_shapes() && !reopened.store().lacks_fields());
}
