//! What has pseudonyms is still what it was: requests stay whole; and what stands behind pseudonyms is listed and forgotten.

use std::fmt::Write as _;

use model::disguise::{Disguise, Given, PseudonymList, PseudonymsAsk, Trait};
use model::protocol::{Answer, Ask, Failure};
use model::requests::{RequestOrder, RequestsAsk};
use model::scope::Order;
use rusqlite::Connection;

use crate::case_file::{Folder, disguised_excerpt_of};
use crate::workspace::{Workspace, filter};

fn disguise() -> Disguise {
    Disguise { traits: Trait::ALL.to_vec(), most_digits: 12 }
}

/// How many requests there are, and the entries and spans of each, from the most.
fn requests(workspace: &mut Workspace) -> (u64, Vec<(u64, u64)>) {
    let ask =
        RequestsAsk { filter: filter("", Order::OldestFirst), order: RequestOrder::Latest, took: None, n_shown: 50 };
    let Ok(Answer::Requests(found)) = workspace.ask(Ask::Requests(ask)) else { panic!("no requests") };
    let mut sizes: Vec<_> = found.lines.iter().map(|line| (line.n_entries, line.n_spans)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    (found.n_requests, sizes)
}

#[test]
fn requests_stay_whole_in_a_case_file_with_pseudonyms() {
    let mut log = String::new();
    for n in 0..12_u64 {
        let (trace, span, uuid) = (
            format!("4bf92f3577b34da6a3ce929d0e0e{n:04x}"),
            format!("00f067aa0ba9{n:04x}"),
            format!("3f2504e0-4f89-11d3-9a0c-0305e82c{n:04x}"),
        );
        let stamp = |at: u64| format!("2026-11-20T10:{n:02}:{at:02}Z");
        let line = |at: u64, rest: &str| format!("{{\"time\":\"{}\",\"level\":\"info\",{rest}}}\n", stamp(at));
        log += &line(0, &format!(r#""msg":"got it","trace_id":"{trace}","span_id":"{span}""#));
        log += &line(1, &format!(r#""msg":"asked","headers":{{"traceparent":"00-{trace}-{span}-01"}}"#));
        log += &line(2, &format!(r#""msg":"answered traceId={trace} in 3 ms""#));
        log += &line(3, &format!(r#""msg":"began","request_id":"{uuid}""#));
        log += &line(4, &format!(r#""msg":"ended request_id={uuid}""#));
        writeln!(log, "{} INFO b3: {:016x}-{span}-1 forwarded", stamp(5), 0xdead_beef_0000_0001_u64 + n).unwrap();
        writeln!(log, "{} INFO dd.trace_id={} sent", stamp(6), 12_345_678_901_234_567_000_u64 + n).unwrap();
        writeln!(log, "{} INFO dd.trace_id={} received", stamp(7), 12_345_678_901_234_567_000_u64 + n).unwrap();
    }
    let folder = Folder::new("pseudonyms-requests");
    let mut workspace = folder.workspace();
    workspace.take_in("app.log", &log, 40);
    let before = requests(&mut workspace);
    assert!(before.0 >= 36, "{before:?}");
    let all = filter("", Order::OldestFirst);
    let mut after = disguised_excerpt_of(&folder, &mut workspace, &all, Some(disguise()));
    assert_eq!(after.count(&filter("4bf92f3577b34da6a3ce929d0e0e0001", Order::OldestFirst)).n_entries, 0);
    assert_eq!(requests(&mut after), before);
}

fn list(workspace: &mut Workspace, what: Option<Trait>, words: &str) -> PseudonymList {
    let ask = PseudonymsAsk { what, words: words.to_owned(), n_most: 3 };
    match workspace.ask(Ask::Pseudonyms(ask)) {
        Ok(Answer::Pseudonyms(list)) => list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_stands_behind_pseudonyms_is_looked_for_and_forgotten_for_good() {
    let folder = Folder::new("pseudonyms-listed");
    let path = folder.0.join("pseudonyms.db");
    let open = || {
        let (mut workspace, path) = (folder.workspace(), path.clone());
        let opener = move || Connection::open(&path).map_err(|error| Failure::Storage { message: error.to_string() });
        workspace.store().keep_pseudonyms_in(Box::new(opener));
        workspace
    };
    let name = |workspace: &mut Workspace, user: &str| {
        let values = vec![("user".to_owned(), user.to_owned())];
        match workspace.ask(Ask::DisguiseValues { disguise: disguise(), values }) {
            Ok(Answer::DisguisedValues(names)) => names[0].clone(),
            other => panic!("{other:?}"),
        }
    };
    let mut workspace = open();
    assert_eq!(list(&mut workspace, None, ""), PseudonymList::default());
    for user in ["ann", "bob", "Hanna", "10.0.0.7", "eve"] {
        name(&mut workspace, user);
    }
    let all = list(&mut workspace, None, "");
    assert_eq!((all.n_found, all.n_all, all.given.len()), (5, 5, 3), "no more than asked for");
    let found = list(&mut workspace, Some(Trait::User), "ANN");
    let given = |value: &str, name: &str| Given { what: Trait::User, value: value.to_owned(), name: name.to_owned() };
    assert_eq!((found.n_found, &found.given), (2, &vec![given("ann", "user-1"), given("Hanna", "user-3")]));
    assert_eq!(list(&mut workspace, None, "user-2").given, [given("bob", "user-2")]);
    assert_eq!(list(&mut workspace, Some(Trait::Path), "").n_found, 0);

    workspace.ask(Ask::ForgetPseudonyms { which: Some(given("ann", "user-1")) }).unwrap();
    assert_eq!(list(&mut workspace, None, "ann").given, [given("Hanna", "user-3")]);
    // Which can be taken back.
    workspace.ask(Ask::RememberPseudonym(given("ann", "user-1"))).unwrap();
    drop(workspace);
    let mut workspace = open();
    assert_eq!(list(&mut workspace, None, "ann").given, [given("ann", "user-1"), given("Hanna", "user-3")]);
    workspace.ask(Ask::ForgetPseudonyms { which: Some(given("ann", "user-1")) }).unwrap();
    drop(workspace);
    let mut workspace = open();
    assert_eq!(list(&mut workspace, None, "").n_all, 4);
    assert_eq!(name(&mut workspace, "ann"), "user-5", "nobody gets a name twice");
    let again = workspace.ask(Ask::RememberPseudonym(given("ann", "user-1")));
    assert_eq!(again, Err(Failure::Gone), "who was met again has another name");
    workspace.ask(Ask::ForgetPseudonyms { which: None }).unwrap();
    assert_eq!(list(&mut workspace, None, "").n_all, 0);
    drop(workspace);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"Hanna"), "nothing of it is left in the file");
    assert_eq!(name(&mut open(), "zoe"), "user-6");
}
