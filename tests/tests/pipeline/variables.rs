//! The values in templates as columns: searched, counted, measured and shown, against the values that were written.

use model::entry::{Row, Shown};
use model::facet::FieldKind;
use model::protocol::{Answer, Ask, At, FacetsAsk, RowForm, TableAsk, TemplatesAsk};
use model::scope::{Filter, Order};
use model::table::{Cell, Table};
use model::time::Zone;
use proptest::prelude::*;

use crate::workspace::{Workspace, filter};

/// What an entry says; its values are known without looking at its text.
#[derive(Clone, Debug)]
enum Said {
    Placed { order: u32, millis: u32 },
    Refused { host: u8, tries: u32 },
    Ready,
}

impl Said {
    fn message(&self) -> String {
        match self {
            Self::Placed { order, millis } => format!("order {order} placed in {millis} ms"),
            Self::Refused { host, tries } => format!("refused 10.0.0.{host} after {tries} tries"),
            Self::Ready => "ready".to_owned(),
        }
    }

    fn values(&self) -> Vec<String> {
        match self {
            Self::Placed { order, millis } => vec![order.to_string(), millis.to_string()],
            Self::Refused { host, tries } => vec![format!("10.0.0.{host}"), tries.to_string()],
            Self::Ready => Vec::new(),
        }
    }
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        (0..30u32, 0..400u32).prop_map(|(order, millis)| Said::Placed { order, millis }),
        (0..30u8, 0..9u32).prop_map(|(host, tries)| Said::Refused { host, tries }),
        Just(Said::Ready),
    ]
}

/// A log as text, or as JSON lines with escapes in them.
fn log(entries: &[Said], is_json: bool) -> String {
    let line = |(n, said): (usize, &Said)| {
        let (stamp, message) = (format!("2026-11-20T10:{:02}:{:02}Z", n / 60 % 60, n % 60), said.message());
        match is_json {
            true => format!("{{\"time\":\"{stamp}\",\"level\":\"info\",\"path\":\"C:\\\\t\",\"msg\":\"{message}\"}}\n"),
            false => format!("{stamp} INFO {message}\n"),
        }
    };
    entries.iter().enumerate().map(line).collect()
}

fn workspace(entries: &[Said], is_json: bool) -> Workspace {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", &log(entries, is_json), 16);
    workspace
}

/// Enough of each that the templates are what they are meant to be.
fn plenty() -> Vec<Said> {
    let placed = (0..60).map(|n| Said::Placed { order: n, millis: n * 10 });
    let refused = (0..30).map(|n| Said::Refused { host: (n % 8) as u8, tries: n % 5 });
    placed.chain(refused).chain([Said::Ready]).collect()
}

fn id(workspace: &mut Workspace, text: &str) -> String {
    let ask = TemplatesAsk { filter: Filter::default(), n_spans: 1 };
    let Ok(Answer::Templates(list)) = workspace.ask(Ask::Templates(ask)) else { panic!("no templates") };
    let found = list.templates.iter().find(|template| template.text == text);
    found.unwrap_or_else(|| panic!("no {text} in {:?}", list.templates)).id.to_string()
}

fn table(workspace: &mut Workspace, query: &str) -> Table {
    let ask = TableAsk { filter: filter(query, Order::OldestFirst), max_rows: 1000, zone: Zone::utc() };
    match workspace.ask(Ask::Table(ask)) {
        Ok(Answer::Table(table)) => *table,
        other => panic!("no table: {other:?}"),
    }
}

const PLACED: &str = "order <*> placed in <*> ms";
const REFUSED: &str = "refused <*> after <*> tries";

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_filter_finds_exactly_the_entries_whose_values_are_so(
        drawn in prop::collection::vec(said(), 0..80), is_json: bool, wanted in 0..30u32, least in 0..400u32,
    ) {
        let entries = [plenty(), drawn].concat();
        let mut workspace = workspace(&entries, is_json);
        let placed = id(&mut workspace, PLACED);
        let number = |said: &Said, place: usize| said.values().get(place).and_then(|value| value.parse::<u32>().ok());
        let is_placed = |said: &Said| matches!(said, Said::Placed { .. });
        type Holds<'t> = Box<dyn Fn(&Said) -> bool + 't>;
        let cases: Vec<(String, Holds<'_>)> = vec![
            (format!("template:{placed} var1:{wanted}"), Box::new(|said| is_placed(said) && number(said, 0) == Some(wanted))),
            (format!("template:{placed} var2>={least}"), Box::new(|said| is_placed(said) && number(said, 1) >= Some(least))),
            (format!("template:{placed} var2>={least}ms"), Box::new(|said| is_placed(said) && number(said, 1) >= Some(least))),
            (format!("template:{placed} -var2:[{least} TO 500]"), Box::new(|said| is_placed(said) && !number(said, 1).is_some_and(|number| (least..=500).contains(&number)))),
            (format!("var1:10.0.0.{wanted}"), Box::new(|said| said.values().first() == Some(&format!("10.0.0.{wanted}")))),
            (format!("var1==10.0.0.{wanted}"), Box::new(|said| said.values().first() == Some(&format!("10.0.0.{wanted}")))),
            ("var1:10.0.0.0/29".to_owned(), Box::new(|said| matches!(said, Said::Refused { host: ..8, .. }))),
            ("var1:10.0*".to_owned(), Box::new(|said| matches!(said, Said::Refused { .. }))),
            ("-var1:*".to_owned(), Box::new(|said| said.values().is_empty())),
            (format!("var3:* OR var2:{wanted}"), Box::new(|said| number(said, 1) == Some(wanted))),
            (r"var2~/^\d$/".to_owned(), Box::new(|said| number(said, 1).is_some_and(|number| number < 10))),
        ];
        for (query, holds) in cases {
            let n_expected = entries.iter().filter(|said| holds(said)).count() as u64;
            let n_found = workspace.count(&filter(&query, Order::OldestFirst)).n_entries;
            prop_assert_eq!(n_found, n_expected, "{}", query);
        }
    }
}

#[test]
fn values_are_counted_and_every_row_leads_to_its_entries() {
    let entries = plenty();
    let mut workspace = workspace(&entries, false);
    let query = format!("template:{} | count by var1", id(&mut workspace, REFUSED));
    let table = table(&mut workspace, &query);
    assert_eq!((table.rows.len(), table.problems.as_slice()), (8, [].as_slice()));
    for row in &table.rows {
        let [Cell::Text(value), Cell::Count(n)] = row.cells.as_slice() else { panic!("{row:?}") };
        assert_eq!(*n, entries.iter().filter(|said| said.values().first() == Some(value)).count() as u64);
        let model::table::Drill::Entries { query, .. } = &row.entries else { panic!("{row:?}") };
        assert_eq!(workspace.count(&filter(query, Order::OldestFirst)).n_entries, *n, "{query}");
    }
}

#[test]
fn numbers_are_measured_in_what_the_pattern_says_behind_them() {
    let mut workspace = workspace(&plenty(), false);
    let of_it = format!("template:{}", id(&mut workspace, PLACED));
    let measured = table(&mut workspace, &format!("{of_it} | stats max(var2), p50"));
    assert_eq!(measured.rows[0].cells, [Cell::Number(0.59), Cell::Number(0.29)]);
    let kept = table(&mut workspace, &format!("{of_it} | where var2>=500ms | count"));
    assert_eq!(kept.rows[0].cells, [Cell::Count(10)]);
    let over_time = table(&mut workspace, &format!("{of_it} | timeline 1h max(var2)"));
    assert_eq!(over_time.rows[0].cells[1], Cell::Number(0.59));
}

#[test]
fn without_a_pattern_each_entry_has_the_values_of_its_own_and_the_table_says_so() {
    let mut workspace = workspace(&plenty(), false);
    let table = table(&mut workspace, "| stats count(var1), count");
    assert_eq!(table.rows[0].cells, [Cell::Count(90), Cell::Count(91)]);
    assert!(table.problems[0].starts_with("var1 is of each entry's own pattern"), "{:?}", table.problems);
}

#[test]
fn the_values_of_one_pattern_are_fields_like_others() {
    let mut workspace = workspace(&plenty(), false);
    let query = format!("template:{}", id(&mut workspace, PLACED));
    let mut facets = |query: &str, field: Option<&str>| {
        let field = field.map(str::to_owned);
        let ask = FacetsAsk { filter: filter(query, Order::OldestFirst), n_values: 5, field };
        match workspace.ask(Ask::Facets(ask)) {
            Ok(Answer::Facets(facets)) => facets,
            other => panic!("no facets: {other:?}"),
        }
    };
    let all = facets(&query, None);
    let values: Vec<_> = all.fields.iter().filter(|facet| facet.name.starts_with("var")).collect();
    assert_eq!(values.iter().map(|facet| facet.name.as_str()).collect::<Vec<_>>(), ["var1", "var2"]);
    assert!(values.iter().all(|facet| facet.kind == FieldKind::Number && facet.n_present == 60));
    let spread = facets(&query, Some("var2")).fields[0].numbers.clone().unwrap();
    assert_eq!((spread.min, spread.max), (0.0, 590.0));
    assert!(facets("", None).fields.iter().all(|facet| !facet.name.starts_with("var")));
}

#[test]
fn a_value_is_a_column_of_the_entries() {
    let mut workspace = workspace(&plenty(), true);
    let form = RowForm { columns: vec!["var1".to_owned(), "var2".to_owned()], ..RowForm::default() };
    let page = workspace.page_of(&filter("", Order::OldestFirst), At::Rank(0), 100, form);
    let shown = |row: &Row| -> Vec<String> { row.values.iter().flatten().map(|shown| shown.text.clone()).collect() };
    let shown: Vec<Vec<String>> = page.rows.iter().map(shown).collect();
    let written: Vec<Vec<String>> = plenty().iter().map(Said::values).collect();
    assert_eq!(shown, written);
}

#[test]
fn a_field_of_an_entry_that_is_called_so_has_a_dot_before_it() {
    let mut workspace = Workspace::in_memory();
    let line =
        |n: usize| format!("time=2026-11-20T10:00:{n:02}Z level=info msg=\"order {n} placed\" var1=own{}\n", n % 2);
    workspace.take_in("app.log", &(0..40).map(line).collect::<String>(), 16);
    let mut count = |query: &str| workspace.count(&filter(query, Order::OldestFirst)).n_entries;
    assert_eq!([count(".var1:own1"), count("var1:own1"), count("var1:7")], [20, 0, 1]);
    let table = table(&mut workspace, "| count by .var1");
    assert_eq!(table.rows.len(), 2);
}

#[test]
fn values_are_the_same_whichever_entries_are_looked_at_first() {
    // How the lines without JSON begin shows in the second block only: the first has too few of them.
    let line = |n: usize| match n {
        0..36 => format!("{{\"time\":\"2026-11-20T10:00:{n:02}Z\",\"msg\":\"round {n}\"}}\n"),
        _ => {
            let front = ["shop.exe", "shop.exe *64", "cart.exe"][n % 3];
            let said = ["placed", "lost"][n % 2];
            format!("2026-11-20 10:{:02}:{:02} {front} - order {n} {said}\n", 1 + n / 60, n % 60)
        }
    };
    let text: String = (0..160).map(line).collect();
    let form = RowForm { columns: vec!["var1".to_owned(), "template".to_owned()], ..RowForm::default() };
    let values = |places: &[u64]| -> Vec<Vec<(String, Vec<Option<String>>)>> {
        let mut workspace = Workspace::in_memory();
        workspace.take_in("app.log", &text, 40);
        let mut row = |&at: &u64| {
            let page = workspace.page_of(&filter("", Order::AsWritten), At::Rank(at), 1, form.clone());
            let of_row = |row: &Row| {
                let shown = |value: &Option<Shown>| value.as_ref().map(|value| value.text.clone());
                (row.text.clone(), row.values.iter().map(shown).collect())
            };
            page.rows.iter().map(of_row).collect()
        };
        let mut rows: Vec<_> = places.iter().map(&mut row).collect();
        rows.sort();
        rows
    };
    let places: Vec<u64> = (0..160).collect();
    let in_order = values(&places);
    let reversed: Vec<u64> = places.iter().rev().copied().collect();
    let scattered: Vec<u64> = places.iter().map(|place| place * 67 % 160).collect();
    assert_eq!(values(&reversed), in_order);
    assert_eq!(values(&scattered), in_order);
    let n_with = |word: &str| in_order.iter().flatten().filter(|(text, _)| text.contains(word)).count();
    assert_eq!((n_with("round"), n_with("order")), (36, 124));
    assert!(in_order.iter().flatten().all(|(_, values)| values.iter().all(Option::is_some)), "{in_order:?}");
}
