//! Differences against a plain count of the entries that were written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use expect_test::expect;
use model::entry::SourceId;
use model::time::{Nanos, Zone};
use proptest::prelude::*;

use super::*;
use crate::answer::{BlockView, NO_MEANINGS, NO_VALUES};
use crate::block::{Columns, decode_text};
use crate::fields::{BlockFields, make};
use crate::format::Formats;
use crate::import::Importer;
use crate::read::Context;
use crate::search::Bitmap;
use crate::template::{BlockShapes, Miner, NO_TEMPLATES, SourceMiner, ValueReader};

static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

/// What is written of an entry, beside what all have.
type Written = BTreeMap<&'static str, String>;

/// The comparison of entries written as JSON lines: the first set and the second.
fn compared(entries: &[(bool, Written)]) -> Comparison {
    compared_as(entries, &Naming::default())
}

fn compared_as(entries: &[(bool, Written)], naming: &Naming) -> Comparison {
    let line = |(at, (_, written)): (usize, &(bool, Written))| {
        let fields: String = written.iter().map(|(name, value)| format!(",\"{name}\":{value}")).collect();
        format!("{{\"time\":\"2026-11-20T10:{:02}:{:02}Z\"{fields}}}\n", at / 60 % 60, at % 60)
    };
    let text: String = entries.iter().enumerate().map(line).collect();
    let context = Context { path: "shop.jsonl".into(), modified: Nanos(0), zone: Zone::utc() };
    let mut importer = Importer::new(&FORMATS, context);
    let mut blocks = Vec::new();
    importer.push(text.as_bytes(), &mut blocks);
    importer.finish(&mut blocks);
    let (mut sides, mut all, mut source) =
        ([Side::default(), Side::default()], Miner::default(), SourceMiner::default());
    let (mut n_before, mut counted) = (0, Vec::new());
    for block in blocks {
        let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
        let text = decode_text(&block.text, block.text_bytes).unwrap();
        let fields = BlockFields::open(make(&columns, &text, &FORMATS)).unwrap();
        let shapes = BlockShapes::decode(&source.shapes(&FORMATS, &columns, &text).encode()).unwrap();
        let numbers = all.merge_block(&shapes);
        for (side, is_first) in sides.iter_mut().zip([true, false]) {
            let hits = Bitmap::from_fn(columns.len(), |entry| entries[n_before + entry].0 == is_first);
            let view = BlockView {
                fields: &fields,
                columns: &columns,
                text: &text,
                path: "shop.jsonl",
                service: "shop",
                templates: &NO_TEMPLATES,
                values: &NO_VALUES,
                meanings: &NO_MEANINGS,
                source: SourceId(1),
                first_entry: block.first_entry,
                undated: block.undated,
                hits: Some(&hits),
            };
            side.add(&view, &fields.heads().unwrap(), &shapes.of_entry, &numbers).unwrap();
        }
        n_before += columns.len();
        counted.push((columns, text, shapes, numbers));
    }
    assert_eq!(n_before, entries.len());
    let templates = all.templates();
    let mut n_before = 0;
    for (columns, text, shapes, numbers) in &counted {
        let of_shape: Vec<&Template> =
            numbers.iter().map(|&shape| &templates.list[templates.of_shape[shape as usize] as usize]).collect();
        let reader = ValueReader::new(&FORMATS, (columns, text), &source, (&shapes.of_entry, &of_shape));
        for (side, is_first) in sides.iter_mut().zip([true, false]) {
            let hits = Bitmap::from_fn(columns.len(), |entry| entries[n_before + entry].0 == is_first);
            let to_read = side.to_read(Some(&hits), &shapes.of_entry, &of_shape);
            side.read(&reader, &to_read);
        }
        n_before += columns.len();
    }
    compare(&sides[0], &sides[1], &templates, &[], naming)
}

fn entry(is_first: bool, written: &[(&'static str, String)]) -> (bool, Written) {
    (is_first, written.iter().cloned().collect())
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// A line for each difference.
fn told(comparison: &Comparison) -> String {
    let subject = |subject: &Subject| match subject {
        Subject::Template(template) => format!("‘{}’", template.text),
        Subject::Value { field, value } => format!("{field}={value}"),
        Subject::Present { field } => format!("{field} there"),
        Subject::Absent { field } => format!("{field} not there"),
        Subject::Numbers { field } => format!("numbers of {field}"),
        Subject::Measure { template, place } => format!("value {place} of ‘{}’", template.text),
    };
    let line = |difference: &Difference| {
        let seen = match &difference.seen {
            Seen::Share { a, b } => format!("{a} {b}"),
            Seen::Numbers(seen) => format!("p50 {} {}", seen.a.p50, seen.b.p50),
        };
        let also: String = difference.also.iter().map(|also| format!(", {}", subject(also))).collect();
        format!("{:+.2} {} ({seen}){also}\n", difference.effect, subject(&difference.subject))
    };
    comparison.differences.iter().map(line).collect()
}

#[test]
fn what_changed_is_told_the_most_telling_first() {
    let calm = |at: usize| {
        let took = ("took", format!("{}", 10 + at * 7 % 40));
        entry(false, &[("level", quoted("info")), ("msg", quoted("order placed")), took, ("zone", quoted("a"))])
    };
    let bad = |at: usize| {
        let took = ("took", format!("{}", 200 + at * 7 % 40));
        let user = ("user", format!("{}", at % 3));
        entry(true, &[("level", quoted("error")), ("msg", quoted("order lost")), took, user])
    };
    let mut entries: Vec<_> = (0..400).map(calm).collect();
    entries.extend((0..40).map(|at| entry(true, &calm(at).1.into_iter().collect::<Vec<_>>())));
    entries.extend((0..40).map(bad));
    expect![[r#"
        +1.57 ‘order lost’ (40 0), level=error, user there, zone not there
        -1.57 ‘order placed’ (40 400), level=info, zone=a
        +1.05 numbers of took (p50 49 29)
        +0.86 user=0 (14 0)
        +0.83 user=1 (13 0)
        +0.83 user=2 (13 0)
    "#]]
    .assert_eq(&told(&compared(&entries)));
}

#[test]
fn sets_that_are_alike_and_empty_ones_differ_in_nothing() {
    let alike: Vec<_> = (0..300).map(|at| entry(at % 3 == 0, &[("code", format!("{}", at % 7))])).collect();
    assert_eq!(told(&compared(&alike)), "");
    let nothing = compared(&[entry(true, &[("code", "1".to_owned())])]);
    assert_eq!((nothing.n_a, nothing.n_b, nothing.n_compared), (1, 0, 0));
}

#[test]
fn what_is_new_and_rare_is_a_difference_and_what_it_leaves_to_the_others_a_slight_one() {
    let messages = |at: usize| quoted(if at < 18 { "order lost" } else { "order placed" });
    let entries: Vec<_> = (0..16_000).map(|at| entry(at < 8000, &[("msg", messages(at))])).collect();
    let found = compared(&entries);
    assert_eq!((told(&found).as_str(), found.n_slight), ("+0.09 ‘order lost’ (18 0)\n", 1));
}

#[test]
fn a_name_that_is_written_otherwise_is_no_difference() {
    let written = |at: usize| if at < 200 { "User" } else { "user" };
    let entries: Vec<_> = (0..400).map(|at| entry(at < 200, &[(written(at), quoted("ann"))])).collect();
    let told = told(&compared(&entries));
    assert!(!told.contains(" there") && !told.contains("=ann"), "{told}");
}

#[test]
fn a_service_that_is_renamed_is_no_difference_and_one_that_writes_more_is() {
    let of_service = |at: usize, name: &str| entry(at >= 400, &[("service", quoted(name)), ("msg", quoted("done"))]);
    // Half of the entries are of the service that is renamed; another one comes and a third goes.
    let services = |name: &'static str, own: &'static str| {
        move |at: usize| match at % 4 {
            0 | 1 => name,
            2 => "cart",
            _ => own,
        }
    };
    let entries = |renamed: &'static str| {
        let (before, after) = (services("payment", "bank"), services(renamed, "till"));
        let name = move |at: usize| if at < 400 { before(at) } else { after(at) };
        (0..800).map(|at| of_service(at, name(at))).collect::<Vec<_>>()
    };
    let by_rule = told(&compared(&entries("payment-svc-v2")));
    assert!(!by_rule.contains("payment") && by_rule.contains("service=till (100 0)"), "{by_rule}");
    let of_others = told(&compared(&entries("cash")));
    assert!(of_others.contains("service=payment (0 200)") && of_others.contains("service=cash (200 0)"), "{of_others}");
    let mut naming = Naming::default();
    naming.join(["payment"], "cash");
    let as_said = told(&compared_as(&entries("cash"), &naming));
    assert!(!as_said.contains("payment") && !as_said.contains("cash"), "{as_said}");
    // Four times as much of it, by two names.
    let more = |at: usize| match at {
        0..400 => ["payment", "cart", "cart", "cart", "cart"][at % 5],
        _ => ["payment-svc-v2", "payment", "payment", "payment", "cart"][at % 5],
    };
    let entries: Vec<_> = (0..800).map(|at| of_service(at, more(at))).collect();
    let more = told(&compared(&entries));
    assert!(more.contains("service=payment (240 80)") && more.contains("service=payment-svc-v2 (80 0)"), "{more}");
}

#[test]
fn ids_of_requests_are_compared_by_whether_they_are_there_alone() {
    let id = |at: usize| quoted(&format!("4bf92f3577b34da6a3ce929d{:08x}", 0x0e0e_4736 + at / 20));
    let of = |at: usize| match at {
        0..40 => entry(true, &[("trace_id", id(at)), ("msg", quoted("paid"))]),
        40..60 => entry(true, &[("msg", quoted("paid"))]),
        _ => entry(false, &[("trace_id", id(at)), ("msg", quoted("paid"))]),
    };
    let found = told(&compared(&(0..600).map(of).collect::<Vec<_>>()));
    assert!(found.contains("trace_id not there (20 0)") && !found.contains("trace_id="), "{found}");
    // Of another field of such values each is told.
    let of = |at: usize| entry(at < 60, &[("order", id(at)), ("msg", quoted("paid"))]);
    let found = told(&compared(&(0..600).map(of).collect::<Vec<_>>()));
    assert!(found.contains("order="), "{found}");
}

#[test]
fn numbers_that_only_count_on_are_not_a_difference() {
    let counted: Vec<_> = (0..400).map(|at| entry(at >= 300, &[("offset", format!("{}", 5000 + at * 13))])).collect();
    assert_eq!(told(&compared(&counted)), "");
}

#[test]
fn precise_durations_that_never_meet_are_the_largest_difference() {
    // Each entry has another, as sequence numbers do, but in no order.
    let took = |at: usize, base: usize| base + at * 37 % 61 * 3;
    for decimals in ["", ".25"] {
        let of = |at: usize| {
            entry(at >= 40, &[("took", format!("{}{decimals}", took(at, if at >= 40 { 90_000 } else { 1000 })))])
        };
        let found = told(&compared(&(0..60).map(of).collect::<Vec<_>>()));
        assert!(found.starts_with("+3.14 numbers of took"), "{found}");
    }
}

#[test]
fn numbers_are_told_in_the_unit_that_the_name_of_their_field_says() {
    let of = |at: usize| entry(at >= 40, &[("took_ms", format!("{}", at * 37 % 61 + if at >= 40 { 900 } else { 0 }))]);
    let found = compared(&(0..80).map(of).collect::<Vec<_>>());
    let seen = found.differences.iter().find_map(|difference| match &difference.seen {
        Seen::Numbers(seen) => Some((seen.unit, seen.a.p50 > 0.9, seen.a.p50 < 1.0)),
        Seen::Share { .. } => None,
    });
    assert_eq!(seen, Some((Unit::Seconds, true, true)));
}

#[test]
fn a_latency_that_stands_in_messages_alone_is_compared() {
    let served = |at: usize, millis: usize| {
        entry(at >= 300, &[("msg", quoted(&format!("served order {} in {millis} ms", at * 37 % 500)))])
    };
    let usual = |at: usize| if at < 300 { 10 } else { 60 };
    let slower: Vec<_> = (0..400).map(|at| served(at, usual(at) + at * 7 % 9)).collect();
    let found = told(&compared(&slower));
    assert!(found.starts_with("+3.14 value 1 of ‘served order <*> in <*> ms’ (p50 0.06"), "{found}");
    let alike: Vec<_> = (0..400).map(|at| served(at, 10 + at * 7 % 9)).collect();
    assert_eq!(told(&compared(&alike)), "");
}

fn written() -> impl Strategy<Value = Vec<(bool, Written)>> {
    let entry = (any::<bool>(), 0u32..4, 0u32..4, any::<bool>()).prop_map(|(is_first, a, b, has)| {
        // What the first set has tends to be more.
        let code = if is_first { a.max(b) } else { a };
        let mut written = vec![("code", format!("{code}")), ("who", quoted(["ann", "bob", "cy", "dan"][b as usize]))];
        if has || is_first {
            written.push(("extra", "true".to_owned()));
        }
        entry(is_first, &written)
    });
    proptest::collection::vec(entry, 1..250)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn every_difference_is_what_counting_by_hand_gives_and_none_is_missing(entries in written()) {
        let comparison = compared(&entries);
        let n_of = |is_first: bool, holds: &dyn Fn(&Written) -> bool| {
            entries.iter().filter(|(first, written)| *first == is_first && holds(written)).count() as u64
        };
        let (n_a, n_b) = (n_of(true, &|_| true), n_of(false, &|_| true));
        prop_assert_eq!((comparison.n_a, comparison.n_b), (n_a, n_b));
        let mut told = BTreeSet::new();
        for difference in &comparison.differences {
            let Seen::Share { a, b } = difference.seen else { panic!("there are no measures") };
            let h = 2.0 * (a as f64 / n_a as f64).sqrt().asin() - 2.0 * (b as f64 / n_b as f64).sqrt().asin();
            prop_assert!((difference.effect - h).abs() < 1e-12 && h.abs() >= LEAST_EFFECT);
            for subject in difference.also.iter().chain([&difference.subject]) {
                let counts = match subject {
                    Subject::Value { field, value } => {
                        let is = |written: &Written| written.get(&**field).is_some_and(|own| own.trim_matches('"') == value);
                        (n_of(true, &is), n_of(false, &is))
                    }
                    Subject::Present { field } => {
                        let is = |written: &Written| written.contains_key(&**field);
                        (n_of(true, &is), n_of(false, &is))
                    }
                    _ => continue,
                };
                prop_assert_eq!(counts, (a, b));
                told.insert(subject.clone());
            }
        }
        // With the strictest correction that could be made, what still differs must be there.
        for value in 0..4 {
            let (field, value) = ("code".to_owned(), value.to_string());
            let is = |written: &Written| written["code"] == value;
            if n_a == 0 || n_b == 0 {
                continue;
            }
            let shares = Shares { a: n_of(true, &is), n_a, b: n_of(false, &is), n_b };
            let is_certain = shares.p() * (comparison.n_compared.max(1) as f64) < MOST_BY_CHANCE && shares.effect().abs() >= LEAST_EFFECT;
            let is_told = told.contains(&Subject::Value { field, value });
            prop_assert!(!is_certain || is_told);
        }
    }
}
