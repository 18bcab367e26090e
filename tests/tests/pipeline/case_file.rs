//! Case files: what comes out of one is what went in, and what is no case file, or a damaged one, is refused.

use std::cell::Cell;
use std::path::PathBuf;

use model::disguise::{Disguise, Trait};
use model::entry::{Row, RowKey};
use model::kept::{Mark, SavedView};
use model::naming::Naming;
use model::notebook::{Notebook, Page};
use model::protocol::{Answer, Ask, Failure, TemplatesAsk};
use model::scope::{Filter, Order, Scope};
use model::source::SourceState;
use model::time::{Nanos, TimeRange, Zone};
use model::wire;
use rusqlite::Connection;
use worker::engine::Engine;
use worker::store::{Excerpt, Store, may_be_case_file};

use crate::workspace::{Workspace, filter};

/// A folder that goes away with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dendro-case-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn workspace(&self) -> Workspace {
        Workspace::open(Connection::open(self.0.join("workspace.db")).unwrap())
    }

    /// The workspace as a file of its own.
    pub fn export(&self, workspace: &mut Workspace) -> Vec<u8> {
        workspace.store().prepare_case(0.0).unwrap();
        std::fs::read(self.0.join("workspace.db")).unwrap()
    }

    fn open(&self, bytes: &[u8]) -> Result<Workspace, Failure> {
        let path = self.0.join("case.dendro");
        std::fs::write(&path, bytes).unwrap();
        let store = Store::open_case(Connection::open(&path).unwrap())?;
        let mut workspace = Workspace::in_memory();
        workspace.engine = Engine::new(store);
        Ok(workspace)
    }

    /// Opens the workspace's file after a change of its tables.
    pub fn open_changed(&self, bytes: &[u8], change: &str) -> Result<Workspace, Failure> {
        let path = self.0.join("changed.dendro");
        std::fs::write(&path, bytes).unwrap();
        Connection::open(&path).unwrap().execute_batch(change).unwrap();
        self.open(&std::fs::read(&path).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn log_text(word: &str) -> String {
    let line = |i: usize| format!("2025-11-20 10:{:02}:{:02} INFO {word} request=r{i}\n", i / 60 % 60, i % 60);
    (0..500).map(line).collect()
}

fn everything(workspace: &mut Workspace) -> (Vec<Row>, Vec<Mark>, Vec<SavedView>) {
    let rows = workspace.rows(&filter("", Order::OldestFirst), 100);
    match (workspace.ask(Ask::Marks), workspace.ask(Ask::Views)) {
        (Ok(Answer::Marks(marks)), Ok(Answer::Views(views))) => (rows, marks, views),
        other => panic!("{other:?}"),
    }
}

pub fn refusal(opened: Result<Workspace, Failure>) -> String {
    match opened {
        Err(failure @ Failure::CaseFile { .. }) => failure.to_string(),
        Err(other) => panic!("another failure: {other:?}"),
        Ok(_) => panic!("it was opened"),
    }
}

/// A case with two files, a mark and a view.
pub fn a_case(folder: &Folder) -> Workspace {
    let mut workspace = folder.workspace();
    workspace.take_in("app.log", &log_text("alpha"), 40);
    workspace.take_in("web.log", &log_text("beta"), 40);
    let key = workspace.rows(&filter("r77 beta", Order::OldestFirst), 10)[0].key;
    workspace.ask(Ask::Mark(key)).unwrap();
    let (name, address) = ("betas".to_owned(), "#q=beta".to_owned());
    workspace.ask(Ask::SaveView { name: name.clone(), address, before: None }).unwrap();
    workspace.ask(Ask::SetViewNote { name, note: "only **beta**".to_owned() }).unwrap();
    workspace
}

#[test]
fn what_comes_out_of_a_case_file_is_what_went_in() {
    let folder = Folder::new("round-trip");
    let mut before = a_case(&folder);
    let bytes = folder.export(&mut before);
    assert!(may_be_case_file(&bytes));
    let mut after = folder.open(&bytes).unwrap();
    assert_eq!(everything(&mut after), everything(&mut before));
    assert_eq!(after.store().sources(), before.store().sources());
    for (query, n_entries) in [("alpha", 500), ("bet*", 500), ("r499", 2), ("alpha beta", 0)] {
        assert_eq!(after.count(&filter(query, Order::OldestFirst)).n_entries, n_entries, "{query}");
    }
    // It is a workspace like any.
    after.take_in("more.log", &log_text("gamma"), 40);
    assert_eq!(after.count(&filter("gamma", Order::OldestFirst)).n_entries, 500);
}

#[test]
fn what_was_removed_is_not_in_the_file() {
    let folder = Folder::new("removed");
    let mut workspace = a_case(&folder);
    let id = workspace.take_in("secret.log", &log_text("hushhush"), 40);
    let has_word = |bytes: &[u8]| bytes.windows(8).any(|window| window == b"hushhush");
    assert!(has_word(&folder.export(&mut workspace)), "in words, as the index has them");
    workspace.ask(Ask::Remove(id)).unwrap();
    let bytes = folder.export(&mut workspace);
    assert!(!has_word(&bytes));
    assert_eq!(folder.open(&bytes).unwrap().count(&filter("", Order::OldestFirst)).n_entries, 1000);
}

#[test]
fn what_was_taken_off_or_written_anew_is_not_in_the_file() {
    let folder = Folder::new("taken-off");
    let mut workspace = a_case(&folder);
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    let note = |note: &str| Ask::SetNote { mark: marks[0].id, note: note.to_owned() };
    workspace.ask(note("hushhush, it was the payroll")).unwrap();
    let view =
        |name: &str, address: &str| Ask::SaveView { name: name.to_owned(), address: address.to_owned(), before: None };
    workspace.ask(view("of hushhush", "#q=hushhush")).unwrap();
    let has_word = |bytes: &[u8]| bytes.windows(8).any(|window| window == b"hushhush");
    assert!(has_word(&folder.export(&mut workspace)));
    workspace.ask(note("nothing to see")).unwrap();
    workspace.ask(Ask::DeleteView { name: "of hushhush".to_owned() }).unwrap();
    let id = workspace.take_in("hushhush.log", "2025-11-20 12:00:00 INFO once\n", 40);
    workspace.ask(Ask::Remove(id)).unwrap();
    assert!(!has_word(&folder.export(&mut workspace)));
}

/// What the workspace has of the entries of a filter, opened as the case file that it is.
fn excerpt_of(folder: &Folder, workspace: &mut Workspace, of: &Filter) -> Workspace {
    disguised_excerpt_of(folder, workspace, of, None)
}

pub fn disguised_excerpt_of(
    folder: &Folder,
    workspace: &mut Workspace,
    of: &Filter,
    disguise: Option<Disguise>,
) -> Workspace {
    let path = folder.0.join("excerpt.db");
    let _ = std::fs::remove_file(&path);
    let mut into = Store::open(Connection::open(&path).unwrap()).unwrap();
    let from = workspace.store();
    let mut excerpt = Excerpt::begin(from, &mut into, of.clone(), disguise).unwrap();
    while !excerpt.step(from, &mut into).unwrap().is_done {}
    into.prepare_case(0.0).unwrap();
    drop(into);
    folder.open(&std::fs::read(&path).unwrap()).unwrap()
}

/// What there is to see of entries, whatever their numbers: with the lines they begin in.
fn seen(workspace: &mut Workspace, filter: &Filter) -> Vec<(Row, u64, String)> {
    let rows = workspace.rows(filter, 100);
    let of_row = |row: Row| {
        let line = workspace.store().line_of(row.key).unwrap().unwrap();
        let path = workspace.store().source(row.key.source).unwrap().path.clone();
        (Row { key: RowKey { entry: 0, ..row.key }, highlights: Vec::new(), ..row }, line, path)
    };
    rows.into_iter().map(of_row).collect()
}

#[test]
fn an_excerpt_has_the_entries_of_a_filter_as_they_were_and_no_others() {
    let folder = Folder::new("excerpt");
    let mut workspace = a_case(&folder);
    let kept = workspace.rows(&filter("r123 alpha", Order::OldestFirst), 10)[0].key;
    workspace.ask(Ask::Mark(kept)).unwrap();
    let minute = |minute: i64| Nanos((1_763_632_800 + minute * 60) * 1_000_000_000);
    let range = Some(TimeRange { start: minute(2), end: minute(4) });
    let filters = [
        filter("", Order::OldestFirst),
        Filter { range, ..filter("", Order::OldestFirst) },
        filter("source:web.log r1*", Order::OldestFirst),
        Filter { range, ..filter("alpha NOT r130", Order::OldestFirst) },
        filter("request:r77 OR request:r300", Order::OldestFirst),
    ];
    for of in filters {
        let expected = seen(&mut workspace, &of);
        let mut excerpt = excerpt_of(&folder, &mut workspace, &of);
        assert_eq!(seen(&mut excerpt, &of), expected, "{of:?}");
        assert_eq!(
            seen(&mut excerpt, &Filter { order: of.order, ..Filter::default() }),
            expected,
            "{of:?}: and no others"
        );
        // Its index is its own.
        for query in ["r123", "beta", "r12*", "hushhush"] {
            let here = excerpt.count(&filter(query, Order::OldestFirst)).n_entries;
            let both = Filter { query: format!("({}) {query}", of.query).replace("() ", ""), ..of.clone() };
            assert_eq!(here, workspace.count(&both).n_entries, "{query} of {of:?}");
        }
        for source in excerpt.store().sources() {
            let is_whole = source.n_entries == workspace.store().source(source.id).unwrap().n_entries;
            let state = if is_whole { SourceState::Complete } else { SourceState::Excerpt };
            assert_eq!(source.state, state, "{} of {of:?}", source.path);
        }
        let (_, marks, views) = everything(&mut excerpt);
        let is_marked = |row: &Row| ["alpha request=r123", "beta request=r77"].contains(&row.text.as_str());
        let n_marks = expected.iter().filter(|(row, ..)| is_marked(row)).count();
        assert_eq!((marks.len(), views.len()), (n_marks, 1), "{of:?}");
        // It is a workspace like any.
        excerpt.take_in("more.log", &log_text("gamma"), 40);
        assert_eq!(excerpt.count(&filter("gamma", Order::OldestFirst)).n_entries, 500);
    }
}

#[test]
fn nothing_of_other_entries_is_in_an_excerpt() {
    let folder = Folder::new("excerpt-secret");
    let mut workspace = a_case(&folder);
    workspace.take_in("secret.log", &log_text("hushhush"), 40);
    let key = workspace.rows(&filter("hushhush", Order::OldestFirst), 10)[0].key;
    workspace.ask(Ask::Mark(key)).unwrap();
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    let of_secret = marks.iter().find(|mark| mark.text.contains("hushhush")).unwrap().id;
    workspace.ask(Ask::SetNote { mark: of_secret, note: "on the payroll".to_owned() }).unwrap();
    let address = Scope { pinned: Some(key), ..Scope::default() }.to_hash();
    workspace.ask(Ask::SaveView { name: "since then".to_owned(), address, before: None }).unwrap();
    let messages = "2025-11-20 12:00:00 ERROR payroll run of hushhush failed\n\
                    2025-11-20 12:00:01 WARN alpha cart was closed before its time\n";
    workspace.take_in("both.log", messages, 40);
    let ask = Ask::Templates(TemplatesAsk { filter: Filter::default(), n_spans: 1 });
    let Ok(Answer::Templates(list)) = workspace.ask(ask) else { panic!("no templates") };
    for (name, word) in [("first", "payroll"), ("second", "cart")] {
        let template = list.templates.iter().find(|template| template.text.contains(word)).unwrap();
        let address = format!("#q=template:{}", template.id);
        workspace.ask(Ask::SaveView { name: name.to_owned(), address, before: None }).unwrap();
    }
    let texts_in = |connection: &Connection| {
        let query = "SELECT value FROM meta WHERE name = 'template_texts'";
        let bytes: Vec<u8> = connection.query_row(query, [], |row| row.get(0)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    assert!(texts_in(workspace.store().connection()).contains("hushhush"));
    excerpt_of(&folder, &mut workspace, &filter("alpha", Order::OldestFirst));
    let bytes = std::fs::read(folder.0.join("excerpt.db")).unwrap();
    for word in ["hushhush", "secret.log", "payroll"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
    // That of a message that is in it is.
    assert!(texts_in(&Connection::open(folder.0.join("excerpt.db")).unwrap()).contains("cart was closed"));
}

#[test]
fn an_excerpt_ends_when_another_workspace_comes_in_the_place_of_the_one_it_is_of() {
    let folder = Folder::new("excerpt-exchanged");
    let mut workspace = a_case(&folder);
    let mut into = Store::open(Connection::open_in_memory().unwrap()).unwrap();
    let mut excerpt = Excerpt::begin(workspace.store(), &mut into, filter("alpha", Order::OldestFirst), None).unwrap();
    let mut emptied = Workspace::in_memory();
    emptied.store().succeed(workspace.store()).unwrap();
    assert_eq!(excerpt.step(emptied.store(), &mut into), Err(Failure::Gone));
    // As many blocks, in the same places.
    emptied.take_in("other.log", &log_text("beta"), 40);
    emptied.take_in("another.log", &log_text("beta"), 40);
    assert_eq!(excerpt.step(emptied.store(), &mut into), Err(Failure::Gone));
    assert!(excerpt.step(workspace.store(), &mut into).is_ok());
}

#[test]
fn a_case_file_with_pseudonyms_names_nobody_and_reads_as_before() {
    let folder = Folder::new("disguised");
    let mut workspace = folder.workspace();
    let line = |i: usize| {
        let user = ["frank", "-", "ann"][i % 3];
        format!(
            "10.0.0.{} - {user} [20/Nov/2026:10:{:02}:00 +0000] \"GET /home/{user}/x HTTP/1.1\" 200 {i}\n",
            i % 9,
            i % 60
        )
    };
    workspace.take_in("10.9.8.7/access.log", &(0..300).map(line).collect::<String>(), 40);
    let key = workspace.rows(&filter("frank", Order::OldestFirst), 5)[4].key;
    workspace.ask(Ask::Mark(key)).unwrap();
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    workspace.ask(Ask::SetNote { mark: marks[0].id, note: "look at user=frank on 10.0.0.3".to_owned() }).unwrap();
    let (name, address) = ("of user=frank".to_owned(), "#q=user:frank".to_owned());
    workspace.ask(Ask::SaveView { name: name.clone(), address, before: None }).unwrap();
    // As a click on a value writes it, several values of a field, and SQL.
    let clicked = Scope {
        filter: filter("(user==frank OR user==ann) user:(frank OR ann)", Order::OldestFirst),
        sql: "SELECT * FROM entries WHERE user = 'frank' OR user IN ('ann', 'frank')".to_owned(),
        pinned: Some(key),
        ..Scope::default()
    };
    let view = Ask::SaveView { name: "what frank did".to_owned(), address: clicked.to_hash(), before: None };
    workspace.ask(view).unwrap();
    let (notebook, _) = Notebook::default().with_text_at(&[Page::View(name), Page::Mark(marks[0].id)], 0);
    let notebook = notebook.with_text(1, "user=ann was first".to_owned());
    workspace.ask(Ask::SetNotebook(notebook)).unwrap();
    let mut naming = Naming::default();
    naming.join(["10.0.0.3"], "shop");
    workspace.ask(Ask::SetNaming(naming)).unwrap();

    let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 12 };
    let all = filter("", Order::OldestFirst);
    let mut after = disguised_excerpt_of(&folder, &mut workspace, &all, Some(disguise.clone()));
    let bytes = std::fs::read(folder.0.join("excerpt.db")).unwrap();
    for name in ["frank", "ann was", "10.0.0.", "10.9.8.7"] {
        assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{name} is in the file");
    }
    let count = |workspace: &mut Workspace, query: &str| workspace.count(&filter(query, Order::OldestFirst)).n_entries;
    assert_eq!(count(&mut after, ""), 300);
    assert_eq!(count(&mut after, "status:200"), 300, "fields are read as before");
    let times =
        |workspace: &mut Workspace| workspace.rows(&all, 300).iter().map(|row| row.key.time).collect::<Vec<_>>();
    assert_eq!(times(&mut after), times(&mut workspace));

    // The same values have the same pseudonyms in everything that leaves the workspace.
    let values = vec![("user".to_owned(), "frank".to_owned()), ("peer".to_owned(), "10.0.0.3".to_owned())];
    let Ok(Answer::DisguisedValues(names)) = workspace.ask(Ask::DisguiseValues { disguise, values }) else {
        panic!("no pseudonyms")
    };
    assert_eq!(count(&mut after, &names[0]), 100);
    assert_eq!(count(&mut after, &format!("user:{}", names[0])), 100);
    let Ok(Answer::Marks(marks)) = after.ask(Ask::Marks) else { panic!("no marks") };
    assert_eq!(marks[0].note, format!("look at user={} on {}", names[0], names[1]));
    assert_eq!(marks[0].key.map(|key| key.time), Some(key.time), "the bookmark is on its entry");
    let Ok(Answer::Views(views)) = after.ask(Ask::Views) else { panic!("no views") };
    assert_eq!(Scope::from_hash(&views[0].address).filter.query, format!("user:{}", names[0]));
    let (frank, clicked) = (&names[0], Scope::from_hash(&views[1].address));
    let ann = if frank == "user-1" { "user-2" } else { "user-1" };
    assert_eq!(views[1].name, format!("what {frank} did"));
    assert_eq!(clicked.filter.query, format!("(user=={frank} OR user=={ann}) user:({frank} OR {ann})"));
    assert_eq!(clicked.sql, format!("SELECT * FROM entries WHERE user = '{frank}' OR user IN ('{ann}', '{frank}')"));
    assert_eq!(count(&mut after, &clicked.filter.query), 200, "the view finds what it found");
    assert_eq!(clicked.pinned, marks[0].key, "the row it pinned is the one with the bookmark");
    let Ok(Answer::Notebook(notebook)) = after.ask(Ask::Notebook) else { panic!("no notebook") };
    let pages = vec![Page::Text(1), Page::View(views[0].name.clone()), Page::Mark(marks[0].id)];
    assert_eq!(notebook.order, pages);
    let mut naming = Naming::default();
    naming.join([names[1].as_str()], "shop");
    assert_eq!(after.ask(Ask::Naming), Ok(Answer::Naming(naming)));
}

#[test]
fn pseudonyms_are_the_same_after_a_reload_and_what_they_stand_for_is_in_no_case_file() {
    let folder = Folder::new("pseudonyms-kept");
    let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 12 };
    // More than are taken up in one step.
    let people: Vec<_> = (0..3000).map(|n| ("user".to_owned(), format!("person{n}"))).collect();
    let open = || {
        let mut workspace = folder.workspace();
        let path = folder.0.join("pseudonyms.db");
        let opener = move || Connection::open(&path).map_err(|error| Failure::Storage { message: error.to_string() });
        workspace.store().keep_pseudonyms_in(Box::new(opener));
        workspace
    };
    let named = |workspace: &mut Workspace, values: Vec<(String, String)>| match workspace
        .ask(Ask::DisguiseValues { disguise: disguise.clone(), values })
    {
        Ok(Answer::DisguisedValues(names)) => names,
        other => panic!("{other:?}"),
    };
    let mut before = open();
    before.take_in("app.log", &log_text("user=person2999"), 40);
    let names = named(&mut before, people.clone());
    assert_eq!(names[2999], "user-3000");
    let bytes = folder.export(&mut before);
    assert!(!bytes.windows(10).any(|window| window == b"person2998"), "the workspace as it is has no mapping");
    drop(before);

    let mut after = open();
    let backwards: Vec<_> = people.iter().rev().cloned().collect();
    assert_eq!(named(&mut after, backwards)[0], "user-3000");
    assert_eq!(named(&mut after, vec![("user".to_owned(), "newcomer".to_owned())]), ["user-3001"]);
    drop(after);
    // Case files go on with them, too.
    let mut workspace = open();
    let all = filter("", Order::OldestFirst);
    let mut excerpt = disguised_excerpt_of(&folder, &mut workspace, &all, Some(disguise.clone()));
    assert_eq!(excerpt.count(&filter("user-3000", Order::OldestFirst)).n_entries, 500);
}

#[test]
fn after_a_failure_nobody_gets_the_pseudonym_of_somebody_else() {
    let folder = Folder::new("pseudonyms-failing");
    let path = folder.0.join("pseudonyms.db");
    let open = |n_failures: usize| {
        let mut workspace = folder.workspace();
        let (path, left) = (path.clone(), Cell::new(n_failures));
        let opener = move || match left.replace(left.get().saturating_sub(1)) {
            0 => Connection::open(&path).map_err(|error| Failure::Storage { message: error.to_string() }),
            _ => Err(Failure::Storage { message: "not now".to_owned() }),
        };
        workspace.store().keep_pseudonyms_in(Box::new(opener));
        workspace
    };
    let name = |workspace: &mut Workspace, user: &str| {
        let values = vec![("user".to_owned(), user.to_owned())];
        match workspace
            .ask(Ask::DisguiseValues { disguise: Disguise { traits: vec![Trait::User], most_digits: 12 }, values })
        {
            Ok(Answer::DisguisedValues(names)) => Some(names[0].clone()),
            _ => None,
        }
    };
    assert_eq!(name(&mut open(0), "ann").as_deref(), Some("user-1"));
    // What was given is there, but cannot be opened at first.
    let mut workspace = open(1);
    assert_eq!(name(&mut workspace, "bob"), None);
    assert_eq!(name(&mut workspace, "bob").as_deref(), Some("user-2"));
    // Nothing can be written for a while.
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON pseudonyms BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    assert_eq!(name(&mut workspace, "cid"), None);
    other.execute_batch("DROP TRIGGER full").unwrap();
    assert_eq!(name(&mut workspace, "dan").as_deref(), Some("user-4"));
    drop(workspace);
    let mut after = open(0);
    assert_eq!(name(&mut after, "eve").as_deref(), Some("user-5"), "all that were given are known");
    assert_eq!(name(&mut after, "cid").as_deref(), Some("user-3"));
}

#[test]
fn an_excerpt_of_single_entries_everywhere_is_refused_with_a_sentence() {
    let line = |i: usize| format!("2025-11-20 10:00:00 INFO {}\n", if i.is_multiple_of(2) { "even" } else { "odd" });
    let text: String = (0..70_000).map(line).collect();
    let folder = Folder::new("excerpt-scattered");
    let mut workspace = folder.workspace();
    workspace.take_in("app.log", &text, 40_000);
    let mut into = Store::open(Connection::open_in_memory().unwrap()).unwrap();
    let from = workspace.store();
    let mut excerpt = Excerpt::begin(from, &mut into, filter("odd", Order::OldestFirst), None).unwrap();
    let refused = loop {
        match excerpt.step(from, &mut into) {
            Ok(copied) => assert!(!copied.is_done),
            Err(failure) => break failure,
        }
    };
    assert_eq!(refused, Failure::Scattered);
}

#[test]
fn a_block_with_entries_found_here_and_there_is_copied_in_several_steps() {
    let word = |i: usize| if i.is_multiple_of(5) { "odd" } else { "even\n  and more" };
    let line = |i: usize| format!("2025-11-20 10:{:02}:{:02} INFO {i} {}\n", i / 60, i % 60, word(i));
    let text: String = (0..1000).map(line).collect();
    let folder = Folder::new("excerpt-steps");
    let mut workspace = folder.workspace();
    workspace.take_in("app.log", &text, 1000);
    let of = filter("odd", Order::OldestFirst);
    let mut into = Store::open(Connection::open_in_memory().unwrap()).unwrap();
    let from = workspace.store();
    let mut excerpt = Excerpt::begin(from, &mut into, of.clone(), None).unwrap();
    let mut n_steps = 1;
    while !excerpt.step(from, &mut into).unwrap().is_done {
        n_steps += 1;
    }
    assert!((5..50).contains(&n_steps), "{n_steps}: 200 blocks come of it");
    let expected = seen(&mut workspace, &of);
    assert_eq!(seen(&mut excerpt_of(&folder, &mut workspace, &of), &of), expected);
}

#[test]
fn what_is_no_case_file_is_refused() {
    let folder = Folder::new("foreign");
    let bytes = folder.export(&mut a_case(&folder));
    assert!(!may_be_case_file(b"2025-11-20 10:00:00 INFO a log"));
    let foreign = "The case file cannot be opened: it is no case file of Dendro.";
    let another = Connection::open(folder.0.join("another.db")).unwrap();
    another.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1);").unwrap();
    let another = std::fs::read(folder.0.join("another.db")).unwrap();
    assert_eq!(refusal(folder.open(&another)), foreign);
    for change in [
        "CREATE TRIGGER t AFTER DELETE ON blocks BEGIN DELETE FROM sources; END;",
        "CREATE VIEW v AS SELECT * FROM sources;",
        "CREATE INDEX i ON blocks (abs(n_entries));",
        "CREATE TABLE more (a);",
        "ALTER TABLE marks ADD COLUMN more;",
        "PRAGMA application_id = 1;",
        "PRAGMA user_version = 3;",
    ] {
        assert_eq!(refusal(folder.open_changed(&bytes, change)), foreign, "{change}");
    }
    let newer = refusal(folder.open_changed(&bytes, "PRAGMA user_version = 99;"));
    assert!(newer.contains("newer version"), "{newer}");
}

#[test]
fn blocks_that_lie_about_themselves_are_refused() {
    let folder = Folder::new("lies");
    let bytes = folder.export(&mut a_case(&folder));
    for lie in [
        "UPDATE blocks SET zone = 500 WHERE id = 3;",
        "UPDATE blocks SET first_entry = 41 WHERE id = 2;",
        "UPDATE blocks SET first_entry = -1 WHERE id = 1;",
        "UPDATE blocks SET n_entries = 39 WHERE id = 2;",
        "UPDATE blocks SET min_time = 0 WHERE id = 2;",
        "UPDATE blocks SET text_bytes = 17 WHERE id = 2;",
        "UPDATE blocks SET first_line = 9223372036854775807 WHERE id = 2;",
        "UPDATE block_texts SET bytes = x'ff00' WHERE id = 2;",
        "UPDATE block_columns SET bytes = zeroblob(100) WHERE id = 2;",
        "DELETE FROM block_texts WHERE id = 2;",
        "UPDATE meta SET value = x'00010101' WHERE name = 'workspace';",
    ] {
        refusal(folder.open_changed(&bytes, lie));
    }
}

#[test]
fn a_file_whose_numbers_would_be_given_again_is_refused() {
    let folder = Folder::new("numbers");
    let bytes = folder.export(&mut a_case(&folder));
    let workspace = Connection::open(folder.0.join("workspace.db")).unwrap();
    let value: Vec<u8> =
        workspace.query_row("SELECT value FROM meta WHERE name = 'workspace'", [], |row| row.get(0)).unwrap();
    let (zones, zone, block, source): (Vec<Zone>, u16, u32, u32) = wire::decode(&value).unwrap();
    let with_next = |block: u32, source: u32| {
        let value = wire::encode(&(&zones, zone, block, source));
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("UPDATE meta SET value = x'{hex}' WHERE name = 'workspace';")
    };
    for truth in [with_next(block, source), with_next(block + 7, source + 7)] {
        assert!(folder.open_changed(&bytes, &truth).is_ok(), "{truth}");
    }
    for lie in [
        // The next file would be taken for one that is there, or its blocks would.
        with_next(block, source - 1),
        with_next(block, 1),
        with_next(block - 1, source),
        with_next(1, source),
        with_next(block, 1 << 31),
        with_next(1 << 31, source),
        // What is there already says of the next file what it is to become, or of the next block what is in it.
        format!("UPDATE sources SET replaces = {source} WHERE id = {};", source - 1),
        format!("UPDATE sources SET archive = {source} WHERE id = {};", source - 1),
        format!("INSERT INTO block_fields (id, bytes) VALUES ({block}, x'00');"),
    ] {
        refusal(folder.open_changed(&bytes, &lie));
    }
}

#[test]
fn a_damaged_file_is_refused_or_read_and_never_more_than_that() {
    let folder = Folder::new("damaged");
    let whole = folder.export(&mut a_case(&folder));
    for n_bytes in [0, 15, 100, 512, 5000, whole.len() / 2, whole.len() - 8192] {
        refusal(folder.open(&whole[..n_bytes]));
    }
    // Well spread places, the same in every run.
    let mut place = 12_345_u64;
    for n in 0..300_u64 {
        place = place.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = whole.clone();
        let at = (place >> 16) as usize % bytes.len();
        bytes[at] = bytes[at].wrapping_add(1 + (n % 255) as u8);
        if let Ok(mut workspace) = folder.open(&bytes) {
            // What is asked then has an answer or a failure.
            let _ = workspace.ask(Ask::Marks);
            let _ =
                workspace.ask(Ask::Count(model::protocol::Count { filter: filter("alpha r77", Order::OldestFirst) }));
        }
    }
}
