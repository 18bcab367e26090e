//! What answers say of themselves: where nothing came of a stage, of which unit their figures are, about how many values there are.

use model::facet::Distinct;
use model::quantity;
use model::query::parse_query;
use model::scope::Filter;
use model::table::Cell;

use super::{opened, table_of};
use crate::answer::FacetCount;

#[test]
fn the_first_stage_that_leaves_nothing_says_so() {
    let lines = ["ann", "bob"].map(|user| format!("time=2026-11-19T00:00:00Z msg=\"took 5 ms\" user={user}\n"));
    let blocks = opened(&[lines.concat()], 1);
    let told = |query: &str| table_of(&blocks, &parse_query(query).0, &Filter::default()).problems;
    assert_eq!(told("| where user:cid | count by user"), ["None of the 2 entries passes “where user:cid”."]);
    assert_eq!(told("| count by user | where count>5"), ["None of the 2 rows passes “where count>5”."]);
    assert_eq!(
        told("| extract \"lasted {ms} ms\" | where ms>3 | fields ms"),
        ["“extract” finds nothing in “message” of the 2 entries: its pattern matches none of them."]
    );
    assert_eq!(told("| extract \"took {ms} ms\" | where ms>3 user:ann | fields ms"), Vec::<String>::new());
}

#[test]
fn nothing_is_said_of_a_stage_that_did_not_see_all_entries() {
    let lines = |minute: u32, message: &str| {
        format!("time=2026-11-19T00:0{minute}:00Z level=info msg=\"{message}\" user=ann\n").repeat(100)
    };
    let blocks = opened(&[lines(0, "began"), lines(1, "took 5 ms")], 1);
    let table = |query: &str| table_of(&blocks, &parse_query(query).0, &Filter::default());
    let first = table("| extract \"took {ms} ms\" | limit 2");
    assert_eq!((first.n_entries, first.n_rows, first.problems), (200, 2, Vec::new()));
    assert_eq!(
        table("| extract \"lasted {ms} ms\" | count").problems,
        ["“extract” finds nothing in “message” of the 200 entries: its pattern matches none of them."]
    );
}

#[test]
fn what_was_measured_has_the_unit_of_its_values() {
    let lines = ["250ms", "1.5s", "3s"].map(|wait| format!("time=2026-11-19T00:00:00Z level=info msg=x wait={wait}\n"));
    let (query, _) = parse_query("| stats max(wait), avg(wait) by wait | where max(wait)>1s");
    let table = table_of(&opened(&[lines.concat()], 1), &query, &Filter::default());
    assert_eq!(table.columns[1].unit, quantity::Unit::Seconds);
    let maxima: Vec<&Cell> = table.rows.iter().map(|row| &row.cells[1]).collect();
    assert_eq!(maxima, [&Cell::Number(3.0), &Cell::Number(1.5)]);
}

#[test]
fn numbers_of_several_units_have_none_together() {
    // In two blocks: the first value, and the others.
    let unit = |waits: &[&str]| {
        let lines = |waits: &[&str]| -> String {
            waits.iter().map(|wait| format!("time=2026-11-19T00:00:00Z level=info msg=x wait={wait}\n")).collect()
        };
        let (query, _) = parse_query("| stats max(wait)");
        let blocks = opened(&[lines(&waits[..1]), lines(&waits[1..])], 1);
        table_of(&blocks, &query, &Filter::default()).columns[0].unit
    };
    assert_eq!(unit(&["250ms", "0", "3s"]), quantity::Unit::Seconds);
    assert_eq!(unit(&["0", "0", "3s"]), quantity::Unit::Seconds);
    assert_eq!(unit(&["250ms", "12kB"]), quantity::Unit::Plain);
    assert_eq!(unit(&["201", "250ms", "17"]), quantity::Unit::Plain);
}

#[test]
fn a_measure_of_what_has_no_numbers_says_so() {
    let text = "time=2026-11-19T00:00:00Z level=info msg=x user=ann n=1\n".to_owned();
    let problems = |query: &str| {
        let (query, _) = parse_query(query);
        table_of(&opened(std::slice::from_ref(&text), 1), &query, &Filter::default()).problems
    };
    assert_eq!(problems("| stats avg(user), max(n)"), ["No entry that was found has a number in “user”."]);
    assert_eq!(problems("| timeline 1m p95(nothing)"), ["No entry that was found has a number in “nothing”."]);
}

#[test]
fn names_that_differ_in_case_are_one_field_and_each_entry_counts_once() {
    let fields =
        [r#""User":"ann""#, r#""user":"ann""#, r#""user":"bob""#, r#""User":"cid","user":"cid""#, r#""user":"ann""#];
    let line =
        |fields: &str| format!("{{\"time\":\"2026-11-19T00:00:00Z\",\"level\":\"info\",\"msg\":\"x\",{fields}}}\n");
    let text: String = fields.map(line).concat();
    for (every, n_present, expected) in
        [(1, 5, vec![("ann", 3), ("bob", 1), ("cid", 1)]), (2, 3, vec![("ann", 2), ("bob", 1)])]
    {
        let mut count = FacetCount::default();
        for block in opened(&[String::new(), text.clone()], every) {
            count.add(&block.view()).unwrap();
        }
        let all = count.facets(5, true);
        let of_user: Vec<_> = all.fields.iter().filter(|facet| facet.name.eq_ignore_ascii_case("user")).collect();
        assert_eq!(of_user.len(), 1);
        assert_eq!((of_user[0].name.as_str(), of_user[0].n_present), ("user", n_present), "as most entries have it");
        let top: Vec<_> = of_user[0].top.iter().map(|top| (top.value.as_str(), top.n_entries)).collect();
        assert_eq!(top, expected);
        assert_eq!(count.facet("USER", 5, true).fields, [of_user[0].clone()]);
    }
}

#[test]
fn fields_that_are_too_many_to_count_are_not_said_to_be_all() {
    let line = |i: usize| {
        let fields: String = (0..100).map(|field| format!(",\"key{}\":1", i * 100 + field)).collect();
        format!("{{\"time\":\"2026-11-19T00:00:00Z\",\"level\":\"info\",\"msg\":\"x\"{fields}}}\n")
    };
    for (n_lines, has_all_fields) in [(2, true), (12, false)] {
        let mut count = FacetCount::default();
        for block in opened(&[String::new(), (0..n_lines).map(line).collect()], 1) {
            count.add(&block.view()).unwrap();
        }
        let facets = count.facets(0, true);
        assert_eq!((facets.has_all_fields, facets.fields.len() >= 1000), (has_all_fields, !has_all_fields));
    }
}

#[test]
fn percentiles_and_distinct_values_are_inexact_each_for_itself() {
    let lines = (0..20_000).map(|i| format!("time=2026-11-19T00:00:00Z level=info msg=x id=a{i:x}z n={i}.5\n"));
    let blocks = opened(&[lines.collect()], 1);
    let table = |query: &str| table_of(&blocks, &parse_query(query).0, &Filter::default());
    let (both, distinct) = (table("| stats p95(n), distinct(id)"), table("| stats distinct(id)"));
    assert!(both.percentile_error.is_some_and(|error| error < 0.01) && both.distinct_error.is_some());
    assert!(distinct.percentile_error.is_none() && distinct.distinct_error == both.distinct_error);
    let count = table("| stats count");
    assert_eq!((count.percentile_error, count.distinct_error), (None, None));
}

#[test]
fn of_ids_it_is_said_about_how_many_there_are() {
    let lines =
        (0..5000).map(|i| format!("time=2026-11-19T00:00:00Z level=info msg=x id=a{i:x}z n={i}.5 user=u{}\n", i % 7));
    let text: String = lines.collect();
    for every in [1, 2] {
        let mut count = FacetCount::default();
        for block in opened(std::slice::from_ref(&text), every) {
            count.add(&block.view()).unwrap();
        }
        let facets = count.facets(5, true);
        let facet = |name: &str| facets.fields.iter().find(|facet| facet.name == name).unwrap();
        assert_eq!(facet("user").distinct, Distinct::Exactly(7));
        for name in ["id", "n"] {
            assert_eq!((facet(name).n_present, facet(name).top.len()), (facets.n_entries, 0), "{name}");
            match facet(name).distinct {
                Distinct::About(n) => assert!(every == 1 && (4000..6000).contains(&n), "{n}"),
                Distinct::MoreThan(n) => assert!(every == 2 && (2000..2500).contains(&n), "{n}"),
                Distinct::Exactly(n) => panic!("{n} values were counted"),
            }
        }
        let spread = facet("n").numbers.as_ref().unwrap();
        assert!((spread.p50 / 2500.0 - 1.0).abs() < 0.01, "{}", spread.p50);
        assert_eq!(spread.min, 0.5);
    }
}

#[test]
fn ids_too_many_to_count_are_judged_by_a_handful_of_them_and_by_the_entries_that_are_found() {
    let lines = (0..5000).map(|i| format!("time=2026-11-19T00:00:00Z level=info msg=x id=a{i:x}z user=u{}\n", i % 7));
    let text: String = lines.collect();
    for every in [1, 2] {
        let mut count = FacetCount::default();
        for block in opened(std::slice::from_ref(&text), every) {
            count.add(&block.view()).unwrap();
        }
        let fields = count.to_judge(5);
        let facet = |name: &str| fields.iter().find(|facet| facet.name == name).unwrap();
        assert_eq!((facet("user").distinct, facet("user").top.len()), (Distinct::Exactly(7), 5));
        let id = facet("id");
        assert!(id.top.len() == 20 && id.top.iter().all(|value| value.value.starts_with('a')), "{:?}", id.top);
        let Distinct::About(n) = id.distinct else { panic!("{:?}", id.distinct) };
        assert!((n as f64 / id.n_present as f64 - 1.0).abs() < 0.25, "{n} of {}", id.n_present);
    }
}
