//! Two filters compared over a workspace: every number is what searching for it finds.

use model::compare::{Against, Comparison, Seen, Subject, When};
use model::protocol::{Answer, Ask, CompareAsk};
use model::query::{Change, Expr, Test, value_term, with_condition};
use model::scope::{Filter, Order};
use model::time::TimeRange;

use crate::incidents::{incidents, with_samples};
use crate::workspace::{Workspace, filter};

fn compared(workspace: &mut Workspace, a: &Filter, b: &Filter) -> Comparison {
    match workspace.ask(Ask::Compare(CompareAsk { a: a.clone(), b: b.clone() })) {
        Ok(Answer::Comparison(comparison)) => *comparison,
        other => panic!("no comparison: {other:?}"),
    }
}

/// What a click on a difference asks for.
fn condition(subject: &Subject) -> Option<Expr> {
    Some(match subject {
        Subject::Template(template) => value_term("template", &template.id),
        Subject::Value { field, value } if !value.contains('\n') => value_term(field, value),
        Subject::Present { field } => Expr::Field { name: field.clone(), test: Test::Exists },
        Subject::Absent { field } => Expr::Field { name: field.clone(), test: Test::Exists }.negate(),
        _ => return None,
    })
}

fn n_found(workspace: &mut Workspace, side: &Filter, condition: &Expr) -> u64 {
    let query = with_condition(&side.query, condition, Change::Include);
    workspace.count(&Filter { query, ..side.clone() }).n_entries
}

#[test]
fn an_incident_differs_from_the_time_before_it_by_its_messages_and_every_number_is_found_by_a_search() {
    let mut workspace = with_samples();
    let time: TimeRange = incidents(&mut workspace).incidents[0].time;
    let a = Filter { range: Some(time), ..Filter::default() };
    let b = Against::before().filter(&a);
    let found = compared(&mut workspace, &a, &b);
    assert!(found.complete && found.n_both == 0);
    assert_eq!((found.n_a, found.n_b), (workspace.count(&a).n_entries, workspace.count(&b).n_entries));
    let first_ten = &found.differences[..10];
    let is_of_failures = |subject: &Subject| match subject {
        Subject::Template(template) => template.text.contains("timeout") || template.text.contains("failed"),
        Subject::Value { field, value } => field == "level" && value == "error",
        _ => false,
    };
    assert!(first_ten.iter().any(|found| found.effect > 0.0 && is_of_failures(&found.subject)), "{first_ten:#?}");
    let mut n_checked = 0;
    for difference in found.differences.iter().take(40) {
        let Seen::Share { a: n_a, b: n_b } = difference.seen else { continue };
        for subject in difference.also.iter().chain([&difference.subject]) {
            let Some(condition) = condition(subject) else { continue };
            let counts = (n_found(&mut workspace, &a, &condition), n_found(&mut workspace, &b, &condition));
            assert_eq!(counts, (n_a, n_b), "{subject:?}");
            n_checked += 1;
        }
    }
    assert!(n_checked >= 10, "{found:#?}");
    assert_eq!(compared(&mut workspace, &a, &b), found);
}

#[test]
fn what_a_search_finds_and_everything_else_are_all_entries_once() {
    let mut workspace = with_samples();
    let a = filter("level>=error", Order::OldestFirst);
    let found = compared(&mut workspace, &a, &Filter::default());
    assert_eq!(found.n_a + found.n_b, 20_000);
    assert_eq!(found.n_both, found.n_a);
    let subjects = |found: &Comparison| {
        found.differences.iter().flat_map(|one| one.also.iter().chain([&one.subject]).cloned()).collect::<Vec<_>>()
    };
    let is_level = |subject: &Subject| matches!(subject, Subject::Value { field, .. } if field == "level");
    assert!(!subjects(&found).iter().any(is_level), "errors are told by their level: no news");
    let same_thing = compared(&mut workspace, &filter("/./ level>=error", Order::OldestFirst), &a);
    assert_eq!((same_thing.n_b, same_thing.differences), (0, Vec::new()));
}

#[test]
fn of_two_searches_that_overlap_what_both_find_counts_once() {
    let mut workspace = with_samples();
    let (a, b) = (filter("level>=warn", Order::OldestFirst), filter("service:inventory", Order::OldestFirst));
    let found = compared(&mut workspace, &a, &b);
    let both = workspace.count(&filter("level>=warn service:inventory", Order::OldestFirst)).n_entries;
    assert!(both > 0);
    assert_eq!((found.n_both, found.n_b), (both, workspace.count(&b).n_entries - both));
}

#[test]
fn field_columns_that_are_not_made_yet_change_nothing() {
    let mut workspace = with_samples();
    let a = filter("service:payment", Order::OldestFirst);
    let b = Against { query: Some("service:cart".to_owned()), time: When::Any }.filter(&a);
    let before = compared(&mut workspace, &a, &b);
    while workspace.store().make_fields().unwrap().is_some() {}
    workspace.commit();
    assert_eq!(compared(&mut workspace, &a, &b), before);
}
