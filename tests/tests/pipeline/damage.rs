//! A workspace of which a part cannot be read any more: the rest can, and the page is told what is damaged.

use model::protocol::{Answer, Ask, Count};
use model::scope::{Order, Scope};

use crate::workspace::{Workspace, filter};

fn log_text(n_entries: usize) -> String {
    (0..n_entries).map(|i| format!("2025-11-20 10:00:{:02} INFO request n{i} is fine\n", i % 60)).collect()
}

#[test]
fn a_block_that_cannot_be_read_keeps_no_other_from_its_field_columns_and_shapes_and_is_told_with_its_file() {
    for damage in [
        "UPDATE block_texts SET bytes = x'ff00' WHERE id = 2",
        "UPDATE block_columns SET bytes = zeroblob(100) WHERE id = 2",
        "DELETE FROM block_texts WHERE id = 2",
    ] {
        let mut workspace = Workspace::in_memory();
        workspace.take_in("app.log", &log_text(50), 10);
        workspace.take_in("web.log", &log_text(30), 10);
        workspace.store().connection().execute(damage, []).unwrap();
        // As another build leaves them.
        workspace.store().connection().execute("DELETE FROM block_shapes", []).unwrap();
        workspace.store().roll_back().unwrap();
        let store = workspace.store();
        let mut n_steps = 0;
        while store.lacks_shapes() || store.lacks_fields() {
            let made = if store.lacks_shapes() { store.make_shapes() } else { store.make_fields() };
            assert!(made.unwrap().is_some(), "{damage}");
            n_steps += 1;
            assert!(n_steps <= 16, "{damage}: it comes to an end");
        }
        assert_eq!((store.make_shapes(), store.make_fields()), (Ok(None), Ok(None)), "{damage}");
        for table in ["block_shapes", "block_fields"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let n_made: i64 = store.connection().query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(n_made, 7, "{table} after {damage}");
        }

        let count = Ask::Count(Count { filter: filter("/n[0-9]+ is/", Order::OldestFirst) });
        let failure = workspace.ask(count).unwrap_err().to_string();
        assert!(failure.contains("a stored block of app.log cannot be read"), "{failure}");
    }
}

#[test]
fn a_view_whose_pinned_row_cannot_be_read_is_listed_as_it_was_kept_beside_the_others() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log_text(50), 10);
    let key = workspace.rows(&filter("n15", Order::OldestFirst), 10)[0].key;
    let address = Scope { pinned: Some(key), ..Scope::default() }.to_hash();
    for (name, address) in [("pinned", address), ("plain", "#q=fine".to_owned())] {
        workspace.ask(Ask::SaveView { name: name.to_owned(), address, before: None }).unwrap();
    }
    workspace.commit();
    workspace.store().connection().execute("UPDATE block_texts SET bytes = x'ff00' WHERE id = 2", []).unwrap();
    workspace.store().roll_back().unwrap();
    let Ok(Answer::Views(views)) = workspace.ask(Ask::Views) else { panic!("no views") };
    let pinned: Vec<_> = views.iter().map(|view| Scope::from_hash(&view.address).pinned).collect();
    assert_eq!(pinned, [Some(key), None]);
}
