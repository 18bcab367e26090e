//! Case files that somebody changed: what is in them beside visible blocks is not trusted either.

use model::protocol::Ask;
use model::scope::Order;
use model::source::ReadAs;

use crate::case_file::{Folder, a_case, refusal};
use crate::workspace::filter;

#[test]
fn a_new_reading_under_way_in_a_case_file_begins_anew() {
    let folder = Folder::new("rereading");
    let mut workspace = a_case(&folder);
    // Long enough for some new blocks before its end.
    let line =
        |i: usize| format!("2025-11-20 1{}:{:02}:{:02} INFO gamma request=r{i}\n", i / 3600, i / 60 % 60, i % 60);
    let source = workspace.take_in("long.log", &(0..6000).map(line).collect::<String>(), 400);
    let read_as = Box::new(ReadAs { format: Some("timestamp".to_owned()), ..ReadAs::default() });
    workspace.begin(Ask::SetReadAs { source, read_as, selected: None });
    for _ in 0..12 {
        workspace.engine.step();
    }
    assert_eq!(workspace.store().being_reread(), [source]);
    assert!(workspace.store().reread_progress(source).0 > 0);
    let bytes = folder.export(&mut workspace);
    let hidden = "source IN (SELECT id FROM sources WHERE replaces IS NOT NULL)";
    for change in [
        format!("UPDATE sources SET state = state WHERE id = {};", source.0),
        format!("UPDATE blocks SET n_entries = 60000 WHERE {hidden};"),
        format!("UPDATE blocks SET min_time = 0 WHERE {hidden};"),
        format!("UPDATE block_texts SET bytes = x'ff00' WHERE id IN (SELECT id FROM blocks WHERE {hidden});"),
    ] {
        let mut after = folder.open_changed(&bytes, &change).unwrap_or_else(|failure| panic!("{change}: {failure}"));
        assert_eq!(after.store().being_reread(), [source], "{change}");
        after.engine.resume_changes();
        while !after.engine.is_idle() {
            after.engine.step();
        }
        assert_eq!(after.store().being_reread(), [], "{change}");
        assert_eq!(after.count(&filter("", Order::OldestFirst)).n_entries, 7000, "{change}");
        assert_eq!(after.rows(&filter("gamma", Order::OldestFirst), 500).len(), 6000, "{change}");
    }
}

#[test]
fn a_source_that_is_its_own_archive_is_refused() {
    let folder = Folder::new("own-archive");
    let bytes = folder.export(&mut a_case(&folder));
    assert!(folder.open_changed(&bytes, "UPDATE sources SET archive = 1 WHERE id = 2;").is_ok());
    for ring in ["UPDATE sources SET archive = id WHERE id = 2;", "UPDATE sources SET archive = 3 - id;"] {
        refusal(folder.open_changed(&bytes, ring));
    }
}

#[test]
fn what_the_user_kept_and_nobody_can_read_is_refused() {
    let folder = Folder::new("kept-garbled");
    let bytes = folder.export(&mut a_case(&folder));
    for (change, what) in [
        ("UPDATE marks SET note = x'ff';", "bookmark"),
        ("UPDATE marks SET line = 'seven';", "bookmark"),
        ("UPDATE views SET note = x'ff';", "view"),
        ("INSERT OR REPLACE INTO meta (name, value) VALUES ('notebook', x'ff');", "notebook"),
        ("INSERT OR REPLACE INTO meta (name, value) VALUES ('verdicts', x'ff');", "verdict"),
        ("INSERT OR REPLACE INTO meta (name, value) VALUES ('template_notes', x'ff');", "name of a pattern"),
        ("INSERT OR REPLACE INTO meta (name, value) VALUES ('own tables', x'ff');", "table"),
        ("INSERT OR REPLACE INTO meta (name, value) VALUES ('naming-before', x'ff');", "name of a service"),
        ("INSERT INTO formats (name, text) VALUES (x'ff', 'no format');", "format"),
    ] {
        let refused = refusal(folder.open_changed(&bytes, change));
        assert!(refused.contains(&format!("a stored {what} cannot be read")), "{change}: {refused}");
    }
}
