//! Fields that look like ids, and the odd one of many alike sessions.

use model::facet::{Distinct, Facet, FieldKind, ValueCount};
use model::group::{GroupDifference, Sort};
use model::severity::Band;
use model::time::Nanos;

use super::*;
use crate::outlier::Scoring;
use crate::template::Template;

fn facet(name: &str, kind: FieldKind, n_present: u64, distinct: Distinct, values: &[&str]) -> Facet {
    let top = values.iter().map(|&value| ValueCount { value: value.to_owned(), n_entries: 3 }).collect();
    Facet { name: name.to_owned(), kind, n_present, distinct, top, numbers: None }
}

#[track_caller]
fn check_offered(facets: &[Facet], expected: &[&str]) {
    let fields = fields_to_group_by(facets, &["sku", "shopper_id"]);
    assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), expected);
}

#[test]
fn ids_are_known_by_how_they_are_written_and_how_often_they_come_back() {
    use Distinct::{About, Exactly};
    use FieldKind::{Number, Text};
    check_offered(
        &[
            facet("level", Text, 9000, Exactly(9), &["debug1", "debug2"]),
            facet("block", Text, 9000, About(1800), &["blk_-38865049064139660", "blk_8229193803249955061"]),
            facet("user", Text, 9000, Exactly(40), &["ann", "bob"]),
            facet("user_id", Text, 4000, Exactly(40), &["ann", "bob"]),
            facet("path", Text, 9000, Exactly(40), &["/users/17", "/users/18"]),
            facet("took", Text, 9000, Exactly(900), &["17ms", "18ms"]),
            facet("at", Text, 9000, Exactly(900), &["10:02:03", "10:02:04"]),
            facet("status", Number, 9000, Exactly(12), &["200", "404"]),
            facet("orderId", Number, 3000, Exactly(700), &["88213", "88214"]),
        ],
        &["block", "user_id", "orderId"],
    );
}

#[test]
fn letters_of_one_length_are_ids_and_names_are_none() {
    let letters: Vec<String> =
        (0..14u8).map(|n| (0..8).map(|at| char::from(b'a' + (n * 7 + at * n + at) % 26)).collect()).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    let names =
        ["amber", "birch", "cedar", "date", "elm", "fir", "gum", "hazel", "iris", "jade", "kelp", "larch", "mint"];
    let of = |name: &str, values: &[&str]| facet(name, FieldKind::Text, 9000, Distinct::Exactly(900), values);
    check_offered(&[of("call", &letters), of("tree", &names), of("few", &letters[..5])], &["call"]);
}

#[test]
fn what_comes_throughout_the_logs_is_a_catalogue_unless_it_is_called_an_id() {
    let of = |name: &str| facet(name, FieldKind::Text, 9000, Distinct::Exactly(90), &["SKU-1017", "SKU-2044"]);
    check_offered(&[of("sku"), of("basket"), of("shopper_id")], &["basket", "shopper_id"]);
}

#[test]
fn groups_of_one_entry_and_halves_of_a_log_come_last_or_not_at_all() {
    use Distinct::{About, Exactly};
    check_offered(
        &[
            facet("line_id", FieldKind::Text, 9000, About(9000), &["a1", "a2"]),
            facet("thread_id", FieldKind::Text, 90_000, Exactly(10), &["t1", "t2"]),
            facet("request", FieldKind::Text, 800, Exactly(100), &["r1", "r2"]),
            facet("shard", FieldKind::Text, 9000, Exactly(2), &["s1", "s2"]),
        ],
        &["request", "thread_id"],
    );
}

#[test]
fn the_id_of_a_trace_is_offered_once_whatever_programs_call_it() {
    use Distinct::About;
    check_offered(
        &[
            facet("trace_id", FieldKind::Text, 9000, About(1800), &["4bf92f3577b34da6", "00f067aa0ba902b7"]),
            facet("shop@32473.trace_id", FieldKind::Text, 900, About(180), &["4bf92f3577b34da6", "a3ce929d0e0e4736"]),
            facet("span_id", FieldKind::Text, 800, About(400), &["00f067aa0ba902b7", "53995c3f42cd8ad8"]),
        ],
        &["trace_id", "span_id"],
    );
}

/// Sessions that begin (0), work (1) and end (2), and one that fails (3) instead of ending.
fn grouping() -> Grouping {
    let mut grouping = Grouping::default();
    for n in 0..64 {
        let group = grouping.group(&format!("s{n}"));
        let last = if n == 40 || n == 50 { (3, Band::Error) } else { (2, Band::Info) };
        // The last is read first: what counts is when it was written.
        for (second, (shape, band)) in [(9, last), (0, (0, Band::Info)), (5, (1, Band::Info))] {
            grouping
                .add(group, Entry { time: Some(Nanos(100 * n + second)), shape, band, service: (second / 5) as u32 });
        }
    }
    grouping
}

fn odd(mut grouping: Grouping) -> Vec<model::group::OddGroup> {
    let mut ordering = Ordering::begin(&mut grouping);
    while ordering.step(&[0, 1, 2, 3]) {}
    let scored = Scoring::begin(ordering.take_events()).finish();
    let templates: Vec<Template> =
        ["begin", "work", "end", "failed"].map(|text| Template::new(text.as_bytes(), std::iter::empty())).into();
    Ranked { grouping: &grouping, scored: &scored, templates: &templates, services: &["web", "db"].map(str::to_owned) }
        .odd()
}

#[test]
fn a_group_that_the_end_of_the_logs_cuts_comes_last_and_one_in_the_middle_does_not() {
    let with_half = |at: i64| {
        let mut grouping = grouping();
        let group = grouping.group("half");
        grouping.add(group, Entry { time: Some(Nanos(at)), shape: 0, band: Band::Info, service: 0 });
        odd(grouping).iter().map(|odd| (odd.id.clone(), odd.is_cut)).collect::<Vec<_>>()
    };
    let told = |id: &str, is_cut: bool| (id.to_owned(), is_cut);
    assert_eq!(with_half(6_312), [told("s40", false), told("half", true)]);
    assert_eq!(with_half(3_312), [told("half", false), told("s40", false)]);
}

#[test]
fn the_odd_group_is_told_with_what_it_has_and_what_it_lacks() {
    let mut grouping = grouping();
    let mut ordering = Ordering::begin(&mut grouping);
    while ordering.step(&[0, 1, 2, 3]) {}
    let events = ordering.take_events();
    assert_eq!((&events[0], &events[40]), (&vec![0, 1, 2], &vec![0, 1, 3]));
    let scored = Scoring::begin(events).finish();
    let templates: Vec<Template> =
        ["begin", "work", "end", "failed"].map(|text| Template::new(text.as_bytes(), std::iter::empty())).into();
    let services = vec!["web".to_owned(), "db".to_owned()];
    let odd = Ranked { grouping: &grouping, scored: &scored, templates: &templates, services: &services }.odd();
    assert_eq!(odd.len(), 1, "the others differ in nothing: {odd:#?}");
    let first = &odd[0];
    assert_eq!((first.id.as_str(), first.n_entries, first.gravest), ("s40", 3, Band::Error));
    assert_eq!((first.alike.as_slice(), first.n_alike), (["s50".to_owned()].as_slice(), 1));
    assert_eq!(first.time.map(|time| (time.start.0, time.end.0)), Some((4000, 4010)));
    assert_eq!(first.services, ["db", "web"]);
    let sorts: Vec<(Sort, &str)> =
        first.differences.iter().map(|found| (found.sort(), found.template().unwrap().text.as_str())).collect();
    assert_eq!(sorts, [(Sort::Missing, "end"), (Sort::More, "failed")]);
    assert!(matches!(first.differences[0], GroupDifference::Count { n_usual: 62, n_groups: 2, .. }));
}
