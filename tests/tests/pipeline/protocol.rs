//! Every ask gets exactly one `Done`, last, whatever is asked, cancelled and stepped in which order.

use std::collections::BTreeMap;

use model::columns::Shows;
use model::entry::{RowKey, SourceId};
use model::protocol::{
    Answer, Ask, AskId, At, Count, Direction, EntryAsk, Failure, HistogramAsk, Import, IncidentsAsk, OnKnown, PageAsk,
    RowForm, StepAsk, ToApp,
};
use model::scope::Order;
use model::severity::Band;
use model::time::{Nanos, Zone};
use proptest::prelude::*;

use crate::workspace::{Workspace, filter};

#[derive(Clone, Debug)]
enum Move {
    Ask(Ask),
    /// Cancels the n-th ask, if there was one.
    Cancel(u64),
    Step,
}

fn ask() -> impl Strategy<Value = Ask> {
    let filter = prop_oneof![Just(""), Just("common"), Just("common AND rare"), Just("/mm.n/"), Just("level>=warn")]
        .prop_map(|query| filter(query, Order::OldestFirst));
    prop_oneof![
        filter.clone().prop_map(|filter| Ask::Count(Count { filter })),
        filter.clone().prop_map(|filter| Ask::Histogram(HistogramAsk { filter, max_buckets: 10, zone: Zone::utc() })),
        filter.clone().prop_map(|filter| Ask::Page(PageAsk {
            filter,
            at: At::Rank(3),
            n_rows: 5,
            form: RowForm {
                columns: vec!["status".to_owned()],
                colour: "user".to_owned(),
                shows: Shows::Raw,
                n_lines: 3,
                marks: "a".to_owned(),
            }
        })),
        filter.prop_map(|filter| Ask::Step(StepAsk {
            filter,
            from: None,
            least: Band::Error,
            direction: Direction::Forward
        })),
        Just(Ask::Sources),
        Just(Ask::Entry(RowKey { source: SourceId(1), entry: 4, ..RowKey::default() }.into())),
        Just(Ask::Entry(RowKey { source: SourceId(9), ..RowKey::default() }.into())),
        Just(Ask::SetZone(Zone::fixed(3600))),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        2 => ask().prop_map(Move::Ask),
        1 => (0..20_u64).prop_map(Move::Cancel),
        4 => Just(Move::Step),
    ];
    proptest::collection::vec(one, 1..40)
}

fn small_workspace() -> Workspace {
    let mut workspace = Workspace::in_memory();
    let text: String = (0..200).map(|i| format!("2025-11-20 10:00:{:02} INFO common n{i}\n", i % 60)).collect();
    workspace.take_in("app.log", &text, 8);
    workspace
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_ask_ends_exactly_once_and_last(moves in moves()) {
        let mut engine = small_workspace().engine;
        let mut n_asks = 0;
        let mut messages = Vec::new();
        for one in moves {
            match one {
                Move::Ask(ask) => {
                    prop_assert_eq!(engine.ask(AskId(n_asks), ask), None);
                    n_asks += 1;
                }
                Move::Cancel(id) => {
                    engine.cancel(AskId(id));
                }
                Move::Step => messages.extend(engine.step()),
            }
        }
        for _ in 0..10_000 {
            if engine.is_idle() {
                break;
            }
            messages.extend(engine.step());
        }
        prop_assert!(engine.is_idle());
        let mut ended = BTreeMap::new();
        for message in messages {
            match message {
                ToApp::Done { id, .. } => *ended.entry(id).or_insert(0) += 1,
                ToApp::Progress { id, .. } => prop_assert!(!ended.contains_key(&id), "progress after the end"),
                other => prop_assert!(false, "not the engine's to say: {other:?}"),
            }
        }
        prop_assert_eq!(ended, (0..n_asks).map(|id| (AskId(id), 1)).collect::<BTreeMap<_, _>>());
    }
}

#[test]
fn rows_go_before_sums() {
    let mut engine = small_workspace().engine;
    let filter = filter("/mm.n/", Order::OldestFirst);
    engine.ask(AskId(1), Ask::Count(Count { filter: filter.clone() }));
    engine.ask(AskId(2), Ask::Page(PageAsk { filter, at: At::Rank(0), n_rows: 5, form: RowForm::default() }));
    assert!(matches!(engine.step().as_slice(), [ToApp::Done { id: AskId(2), .. }]));
}

#[test]
fn what_nobody_waits_for_goes_behind_all_else() {
    let mut engine = small_workspace().engine;
    engine.ask(AskId(1), Ask::Incidents(IncidentsAsk { is_unasked: true, ..IncidentsAsk::default() }));
    assert!(!engine.is_idle() && !engine.is_waited_for() && !engine.is_changing());
    engine.ask(AskId(2), Ask::SetZone(Zone::fixed(3600)));
    engine.ask(AskId(3), Ask::Incidents(IncidentsAsk::default()));
    engine.ask(AskId(4), Ask::Sources);
    assert!(engine.is_waited_for());
    let mut ended = Vec::new();
    while !engine.is_idle() {
        for message in engine.step() {
            if let ToApp::Done { id, outcome } = message {
                assert!(outcome.is_ok(), "{outcome:?}");
                ended.push(id);
            }
        }
    }
    assert_eq!(ended, [4, 3, 2, 1].map(AskId));
}

#[test]
fn what_nobody_waits_for_is_not_gone_on_with_while_the_workspace_is_closed() {
    let mut engine = small_workspace().engine;
    engine.ask(AskId(1), Ask::Incidents(IncidentsAsk { is_unasked: true, ..IncidentsAsk::default() }));
    engine.set_closing(true);
    assert!(engine.is_idle() && engine.step().is_empty());
    engine.set_closing(false);
    assert!(!engine.is_idle());
    engine.cancel(AskId(1));
    assert_eq!(engine.step(), [ToApp::Done { id: AskId(1), outcome: Err(Failure::Cancelled) }]);
}

#[test]
fn what_the_store_cannot_answer_is_given_back() {
    let mut engine = small_workspace().engine;
    for ask in [Ask::Status, Ask::Persist, Ask::Import(Import { offers: Vec::new(), known: OnKnown::Report })] {
        assert_eq!(engine.ask(AskId(1), ask.clone()), Some(ask));
    }
    assert!(engine.is_idle());
}

#[test]
fn an_entry_that_is_not_there_is_gone() {
    let mut workspace = small_workspace();
    let key = RowKey { source: SourceId(1), entry: 200, ..RowKey::default() };
    assert_eq!(workspace.ask(Ask::Entry(key.into())), Err(Failure::Gone));
    let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(RowKey { entry: 199, ..key }.into())) else {
        panic!("no entry")
    };
    assert_eq!((entry.first_line, entry.message.as_str()), (200, "common n199"));
}

#[test]
fn a_regular_expression_that_cannot_be_read_is_told_with_the_count() {
    let mut workspace = small_workspace();
    let counted = workspace.count(&filter("common OR /*a/", Order::OldestFirst));
    assert_eq!((counted.n_entries, counted.problems.len()), (200, 1));
    assert!(counted.problems[0].contains("/*a/"), "{}", counted.problems[0]);
    assert_eq!(workspace.count(&filter("/a+/", Order::OldestFirst)).problems, [] as [&str; 0]);
}

#[test]
fn keys_and_ranks_beyond_all_entries_have_a_page() {
    let mut workspace = small_workspace();
    let end = RowKey { time: Nanos(i64::MAX), source: SourceId(u32::MAX), entry: u64::MAX };
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let filter = filter("common", order);
        assert_eq!(workspace.page(&filter, At::Key(end), 5).rows.len(), 5);
        assert_eq!(workspace.page(&filter, At::Rank(u64::MAX), 5).rows, []);
    }
}

#[test]
fn an_opened_entry_says_where_the_query_matched() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("app.log", "2026-11-20T10:00:00Z ERROR disk \u{1b}[31mfull\u{1b}[0m on full-1\n", 10);
    let key = RowKey { source: SourceId(1), ..RowKey::default() };
    let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(EntryAsk { key, query: "FULL -disk".to_owned() })) else {
        panic!("no entry")
    };
    let marked = |text: &str, ranges: &[(u32, u32)]| {
        let text = model::colour::painted(text).map_or(text.to_owned(), |painted| painted.text);
        ranges.iter().map(|&(from, to)| text[from as usize..to as usize].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(marked(&entry.message, &entry.message_highlights), ["full", "full"]);
    assert_eq!(marked(&entry.raw, &entry.raw_highlights), ["full", "full"]);
}
