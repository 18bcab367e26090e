//! The mapping table: a query for a meaning finds what the same query finds with every name and word written out.

use std::collections::BTreeSet;

use model::compare::Subject;
use model::facet::Facets;
use model::meaning::{Meaning, Meanings};
use model::protocol::{Answer, Ask, At, CompareAsk, ExportAsk, FacetsAsk, Failure, RowForm, TableAsk};
use model::scope::{Filter, Order};
use model::table::{Drill, Table};
use model::time::Zone;
use model::written::Form;
use proptest::prelude::*;

use crate::workspace::{File, Workspace, filter};

const GROUPS: [&[&str]; 2] = [&["paid", "SUCCESS", "it is ok"], &["failed", "ERR"]];

fn status() -> Meaning {
    let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    Meaning {
        name: "order.status".to_owned(),
        logs: list(&["outcome"]),
        spans: list(&["attributes.word"]),
        metrics: list(&["attributes.label"]),
        values: GROUPS.iter().map(|group| list(group)).collect(),
    }
}

fn map(workspace: &mut Workspace, rows: Vec<Meaning>) {
    assert_eq!(workspace.ask(Ask::SetMeanings(Meanings { rows })), Ok(Answer::Accepted));
}

/// An entry that says a word under one of these names; each file has one kind.
fn line(kind: usize, second: usize, word: &str) -> String {
    let time = format!("2026-11-20T10:00:{:02}Z", second % 60);
    let nanos = 1_795_170_000_000_000_000_u64 + second as u64 * 1_000_000_000;
    match kind {
        0 => format!("time={time} level=info msg=done outcome=\"{word}\"\n"),
        1 => format!("time={time} level=info msg=done order.status=\"{word}\" n={second}\n"),
        // Names of other signals are not meant here.
        2 => format!(
            "{{\"time\":\"{time}\",\"msg\":\"done\",\"attributes\":{{\"word\":\"{word}\",\"label\":\"{word}\"}}}}\n"
        ),
        3 => format!(
            "{{\"time\":{nanos},\"severity_number\":9,\"service\":\"pay\",\"span\":{{\"name\":\"charge\",\"kind\":\"server\",\
             \"duration_ms\":5}},\"attributes\":{{\"word\":\"{word}\",\"label\":\"{word}x\"}}}}\n"
        ),
        _ => format!(
            "{{\"time\":{nanos},\"service\":\"pay\",\"metric\":{{\"name\":\"orders\",\"kind\":\"counter\",\"value\":1}},\
             \"attributes\":{{\"label\":\"{word}\"}}}}\n"
        ),
    }
}

/// Five files of one kind each.
fn workspace(words: &[(usize, usize)], n_entries: usize) -> Workspace {
    const WORDS: [&str; 7] = ["paid", "SUCCESS", "Success", "it is ok", "failed", "ERR", "open"];
    let mut workspace = Workspace::in_memory();
    for kind in 0..5 {
        let of_kind = words.iter().enumerate().filter(|(_, (of, _))| *of == kind);
        let text: String = of_kind.map(|(at, (_, word))| line(kind, at, WORDS[*word])).collect();
        workspace.take_in(&format!("{kind}.log"), &text, n_entries);
    }
    workspace
}

/// A query about the meaning, and the same without it.
fn question() -> impl Strategy<Value = (String, String)> {
    let under_all_names = |said: &dyn Fn(&str) -> String| {
        let [own, log] = ["order.status", "outcome"].map(said);
        let (span, point) = (said("attributes.word"), said("attributes.label"));
        format!("({own} OR {log} OR ({span} span.kind:*) OR ({point} metric.kind:*))")
    };
    let any_of = |word: &str| {
        let group = GROUPS.iter().find(|group| group.iter().any(|known| known.eq_ignore_ascii_case(word)));
        group.map_or_else(|| vec![word.to_owned()], |group| group.iter().map(|word| (*word).to_owned()).collect())
    };
    let word = prop_oneof![Just("paid"), Just("success"), Just("it is ok"), Just("ERR"), Just("open"), Just("never")];
    let term = (word, 0..5_usize).prop_map(move |(word, form)| match form {
        0 => {
            let said = |name: &str| {
                let each = any_of(word).iter().map(|word| format!("{name}:\"{word}\"")).collect::<Vec<_>>();
                format!("({})", each.join(" OR "))
            };
            (format!("order.status:\"{word}\""), under_all_names(&said))
        }
        1 => {
            let said = |name: &str| {
                let each = any_of(word).iter().map(|word| format!("{name}!=\"{word}\"")).collect::<Vec<_>>();
                format!("({})", each.join(" "))
            };
            (format!("ORDER.status!=\"{word}\""), under_all_names(&said))
        }
        2 => {
            // Words of a group in any case, one of none exactly.
            let said = |name: &str| match &any_of(word)[..] {
                [one] => format!("{name}==\"{one}\""),
                words => format!("{name}:/^({})$/i", words.join("|")),
            };
            (format!("order.status==\"{word}\""), under_all_names(&said))
        }
        3 => ("order.status:*".to_owned(), under_all_names(&|name| format!("{name}:*"))),
        _ => ("order.status:/^[op]/".to_owned(), under_all_names(&|name| format!("{name}:/^[op]/"))),
    });
    term.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| (format!("{} {}", a.0, b.0), format!("{} {}", a.1, b.1))),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| (format!("({} OR {})", a.0, b.0), format!("({} OR {})", a.1, b.1))),
            inner.prop_map(|a| (format!("done -({})", a.0), format!("done -({})", a.1))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mapped_query_is_the_or_written_out(
        words in prop::collection::vec((0..5_usize, 0..7_usize), 1..60),
        n_entries in 1..9_usize,
        (mapped, written) in question(),
    ) {
        let mut workspace = workspace(&words, n_entries);
        // What was found before the table was there is not taken for what it finds.
        workspace.count(&filter(&mapped, Order::OldestFirst));
        map(&mut workspace, vec![status()]);
        let keys = |workspace: &mut Workspace, query: &str| {
            let rows = workspace.rows(&filter(query, Order::OldestFirst), 100);
            assert_eq!(workspace.count(&filter(query, Order::OldestFirst)).n_entries, rows.len() as u64);
            rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
        };
        let found = keys(&mut workspace, &mapped);
        prop_assert_eq!(&found, &keys(&mut workspace, &written), "{} is not {}", mapped, written);
        // Without the table it asks for one name again.
        map(&mut workspace, Vec::new());
        let own = keys(&mut workspace, "order.status:*");
        let plain = keys(&mut workspace, &mapped);
        if !mapped.contains("-(") {
            prop_assert!(plain.iter().all(|key| own.contains(key)), "{}", mapped);
        }
    }

    #[test]
    fn each_row_of_a_table_leads_to_as_many_entries_as_it_counts(
        words in prop::collection::vec((0..5_usize, 0..7_usize), 1..60),
        n_entries in 1..9_usize,
    ) {
        let mut workspace = workspace(&words, n_entries);
        map(&mut workspace, vec![status()]);
        let table = table(&mut workspace, "| count by order.status");
        for row in &table.rows {
            let Drill::Entries { query, .. } = &row.entries else { panic!("{row:?}") };
            let n_found = workspace.count(&filter(query, Order::OldestFirst)).n_entries;
            prop_assert_eq!(row.cells[1].to_string(), n_found.to_string(), "{}", query);
        }
    }
}

fn table(workspace: &mut Workspace, query: &str) -> Table {
    let ask = TableAsk { filter: filter(query, Order::OldestFirst), zone: Zone::utc(), max_rows: 100 };
    match workspace.ask(Ask::Table(ask)) {
        Ok(Answer::Table(table)) => *table,
        other => panic!("no table: {other:?}"),
    }
}

fn rows_of(workspace: &mut Workspace, query: &str) -> Vec<String> {
    let table = table(workspace, query);
    table.rows.iter().map(|row| row.cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
}

/// Each kind says "paid" in another word; the last two say something that is not mapped.
fn shop() -> Workspace {
    let mut workspace = workspace(&[(0, 0), (0, 1), (1, 2), (2, 0), (3, 3), (4, 1), (0, 5), (3, 6)], 4);
    map(&mut workspace, vec![status()]);
    workspace
}

#[test]
fn stages_group_and_measure_over_all_names_in_the_words_that_are_shown() {
    let mut workspace = shop();
    assert_eq!(rows_of(&mut workspace, "| count by order.status"), ["paid 5", "failed 1", "open 1", " 1"]);
    assert_eq!(rows_of(&mut workspace, "| top 1 order.status"), ["paid 5"]);
    assert_eq!(rows_of(&mut workspace, "| stats distinct(order.status)"), ["3"]);
    // A condition may have any of the words.
    assert_eq!(rows_of(&mut workspace, "| count by order.status | where order.status:success"), ["paid 5"]);
    assert_eq!(rows_of(&mut workspace, "order.status:ERR | fields order.status, outcome"), ["failed ERR"]);
    assert_eq!(rows_of(&mut workspace, "| where order.status:it* | fields order.status"), Vec::<String>::new());
}

#[test]
fn facets_and_columns_show_the_meaning_as_a_field() {
    let mut workspace = shop();
    let facets = |workspace: &mut Workspace, field: Option<&str>| -> Facets {
        let field = field.map(str::to_owned);
        match workspace.ask(Ask::Facets(FacetsAsk { filter: Filter::default(), n_values: 10, field })) {
            Ok(Answer::Facets(facets)) => facets,
            other => panic!("no facets: {other:?}"),
        }
    };
    let all = facets(&mut workspace, None);
    let of_name = all.fields.iter().filter(|facet| facet.name == "order.status").collect::<Vec<_>>();
    let [status] = of_name[..] else { panic!("{of_name:?}") };
    let top: Vec<_> = status.top.iter().map(|top| (&*top.value, top.n_entries)).collect();
    assert_eq!((status.n_present, top), (7, vec![("paid", 5), ("failed", 1), ("open", 1)]));
    assert_eq!(facets(&mut workspace, Some("order.status")).fields, std::slice::from_ref(status));

    let form = RowForm { columns: vec!["order.status".to_owned()], ..RowForm::default() };
    let page = workspace.page_of(&filter("order.status:paid", Order::OldestFirst), At::Rank(0), 10, form);
    let shown: Vec<_> = page.rows.iter().map(|row| row.values[0].as_ref().map(|shown| shown.text.clone())).collect();
    assert_eq!(shown, vec![Some("paid".to_owned()); 5]);
}

#[test]
fn a_file_and_a_comparison_know_the_meaning() {
    let mut workspace = workspace(&vec![(0, 0); 40].into_iter().chain(vec![(0, 5); 40]).collect::<Vec<_>>(), 8);
    map(&mut workspace, vec![status()]);
    let ask = ExportAsk {
        filter: filter("order.status:success", Order::OldestFirst),
        chosen: None,
        form: Form::Csv,
        columns: vec!["order.status".to_owned()],
        disguise: None,
    };
    let Ok(Answer::Exported(file)) = workspace.ask(Ask::Export(ask)) else { panic!("no file") };
    let file = String::from_utf8(file).unwrap();
    assert_eq!(file.lines().skip(1).filter(|line| line.contains(",paid,")).count(), 40, "{file}");

    let fields = |workspace: &mut Workspace, a: &str, b: &str| {
        let ask = CompareAsk { a: filter(a, Order::OldestFirst), b: filter(b, Order::OldestFirst) };
        let Ok(Answer::Comparison(found)) = workspace.ask(Ask::Compare(ask)) else { panic!("no comparison") };
        let subjects = found.differences.iter().flat_map(|found| found.also.iter().chain([&found.subject]));
        let named = subjects.filter_map(|subject| match subject {
            Subject::Value { field, .. } | Subject::Present { field } | Subject::Absent { field } => {
                Some(field.clone())
            }
            _ => None,
        });
        named.collect::<BTreeSet<String>>()
    };
    let by_field = fields(&mut workspace, "outcome:SUCCESS OR outcome:paid", "outcome:ERR");
    assert!(by_field.contains("order.status") && !by_field.contains("outcome"), "{by_field:?}");
    // What was asked for differs, under all of its names, and that is no news.
    let by_meaning = fields(&mut workspace, "order.status:paid", "order.status:failed");
    assert!(!by_meaning.contains("order.status") && !by_meaning.contains("outcome"), "{by_meaning:?}");
}

#[test]
fn what_an_entry_says_twice_is_told_to_be_near() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("a.log", "time=2026-11-20T10:00:00Z level=info outcome=ERR order.status=open msg=x\n", 4);
    map(&mut workspace, vec![status()]);
    // The first name counts; a filter finds both.
    let table = table(&mut workspace, "| count by order.status");
    assert_eq!(table.rows[0].cells[0].to_string(), "open");
    assert!(matches!(table.rows[0].entries, Drill::Nearly { .. }), "{:?}", table.rows[0]);
    assert_eq!(workspace.count(&filter("order.status:failed", Order::OldestFirst)).n_entries, 1);
}

#[test]
fn the_table_is_kept_with_the_workspace_and_outlives_its_emptying() {
    let file = File::new("mapping");
    {
        let mut workspace = file.open();
        map(&mut workspace, vec![status()]);
        assert!(!workspace.store().status().is_kept_saved);
        workspace.commit();
        assert!(workspace.store().status().is_kept_saved);
    }
    let mut workspace = file.open();
    let expected = Meanings { rows: vec![status()] };
    assert_eq!(workspace.ask(Ask::Meanings), Ok(Answer::Meanings(expected.clone())));
    let mut emptied = Workspace::in_memory();
    emptied.store().succeed(workspace.store()).unwrap();
    assert_eq!(emptied.ask(Ask::Meanings), Ok(Answer::Meanings(expected)));
}

#[test]
fn sql_asks_with_the_same_table() {
    let mut workspace = shop();
    workspace.commit();
    let connection = workspace.store().connection();
    let n: i64 = connection
        .query_row("SELECT count(*) FROM entries WHERE query = 'order.status:paid'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(n, 5);
}

#[test]
fn what_is_no_table_is_refused_with_a_sentence_and_changes_nothing() {
    let mut workspace = shop();
    let twice = Meanings { rows: vec![status(), status()] };
    let refused = workspace.ask(Ask::SetMeanings(twice));
    assert!(matches!(&refused, Err(failure @ Failure::Meanings { .. }) if failure.to_string().contains("two rows")));
    let read = workspace.ask(Ask::ReadMeanings("[[meaning]]\nname = \"level\"\nlogs = [\"a\"]".to_owned()));
    assert!(matches!(read, Err(Failure::Meanings { .. })), "{read:?}");
    assert_eq!(workspace.ask(Ask::Meanings), Ok(Answer::Meanings(Meanings { rows: vec![status()] })));
}
