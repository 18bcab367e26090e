//! Rows that are chosen among those of a filter: how many, taken out, bookmarked; and which of those in sight another filter keeps.

use model::chosen::Chosen;
use model::entry::RowKey;
use model::protocol::{Answer, Ask, ChosenAsk, ExportAsk, Failure, KeepsAsk, MarkedChosen};
use model::scope::{Filter, Order};
use model::written::Form;

use crate::workspace::{Workspace, filter};

/// Two sources whose times go in and out of each other.
fn workspace() -> Workspace {
    let lines = |first: usize| {
        let line = |i: usize| {
            format!("2026-11-20T10:{:02}:{:02}Z INFO order {i}\n", (2 * i + first) / 60, (2 * i + first) % 60)
        };
        (0..1000).map(line).collect::<String>()
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("a.log", &lines(0), 1);
    workspace.take_in("b.log", &lines(1), 1);
    workspace
}

fn keys(workspace: &mut Workspace, filter: &Filter) -> Vec<RowKey> {
    workspace.rows(filter, 1000).into_iter().map(|row| row.key).collect()
}

fn n_chosen(workspace: &mut Workspace, filter: &Filter, chosen: &Chosen) -> u64 {
    match workspace.ask(Ask::Chosen(ChosenAsk { filter: filter.clone(), chosen: chosen.clone() })) {
        Ok(Answer::Count(counted)) => counted.n_entries,
        other => panic!("{other:?}"),
    }
}

#[test]
fn as_many_are_chosen_as_the_table_shows_chosen() {
    let mut workspace = workspace();
    for order in [Order::OldestFirst, Order::NewestFirst, Order::AsWritten] {
        for query in ["", "order 1*", "source:b.log"] {
            let filter = filter(query, order);
            let rows = keys(&mut workspace, &filter);
            let mut chosen = Chosen::between(rows[40], rows[7]);
            chosen.turn(rows[20]);
            chosen.turn(rows[7]);
            chosen.turn(rows[60]);
            let expected = rows.iter().filter(|key| chosen.has(**key, order)).count() as u64;
            assert_eq!(expected, 33);
            assert_eq!(n_chosen(&mut workspace, &filter, &chosen), expected, "{query} {order:?}");
            assert_eq!(n_chosen(&mut workspace, &filter, &Chosen::all()), workspace.count(&filter).n_entries);
        }
    }
}

#[test]
fn a_row_that_the_filter_does_not_find_is_not_counted() {
    let mut workspace = workspace();
    let all = filter("", Order::OldestFirst);
    let rows = keys(&mut workspace, &all);
    let mut chosen = Chosen::between(rows[0], rows[9]);
    chosen.turn(rows[20]);
    assert_eq!(n_chosen(&mut workspace, &all, &chosen), 11);
    assert_eq!(n_chosen(&mut workspace, &filter("source:b.log", Order::OldestFirst), &chosen), 5);
}

#[test]
fn what_is_chosen_is_copied_in_the_order_of_the_table() {
    let mut workspace = workspace();
    let filter = filter("source:a.log", Order::NewestFirst);
    let rows = keys(&mut workspace, &filter);
    let mut chosen = Chosen::between(rows[2], rows[5]);
    chosen.turn(rows[3]);
    let mut taken_out = |form| {
        let ask = ExportAsk {
            filter: filter.clone(),
            chosen: Some(chosen.clone()),
            form,
            columns: Vec::new(),
            disguise: None,
        };
        match workspace.ask(Ask::Export(ask)) {
            Ok(Answer::Exported(part)) => String::from_utf8(part).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let text = taken_out(Form::Text);
    let orders: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next_back()).collect();
    assert_eq!(orders, ["997", "995", "994"]);
    assert_eq!(taken_out(Form::JsonLines).lines().count(), 3);
    assert_eq!(taken_out(Form::Markdown).matches("```\n2026-11-20T10:").count(), 3);
}

#[test]
fn all_that_are_chosen_get_a_bookmark_and_the_note_behind_the_one_they_have() {
    let mut workspace = workspace();
    let filter = filter("", Order::OldestFirst);
    let rows = keys(&mut workspace, &filter);
    let ask = |note: &str, chosen: Chosen| Ask::MarkChosen {
        chosen: ChosenAsk { filter: filter.clone(), chosen },
        note: note.to_owned(),
    };
    workspace.ask(ask("first", Chosen::between(rows[3], rows[3]))).unwrap();
    workspace.ask(ask("second", Chosen::between(rows[2], rows[40]))).unwrap();
    workspace.ask(ask("", Chosen::between(rows[2], rows[2]))).unwrap();
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    assert_eq!(
        marks.iter().map(|mark| mark.key).collect::<Vec<_>>(),
        rows[2..=40].iter().copied().map(Some).collect::<Vec<_>>()
    );
    let notes: Vec<&str> = marks.iter().map(|mark| mark.note.as_str()).collect();
    assert_eq!(notes[..3], ["second", "first\n\nsecond", "second"]);
}

#[test]
fn bookmarks_of_chosen_rows_are_taken_back_by_asking_once_more_but_for_those_with_a_note() {
    let mut workspace = workspace();
    let filter = filter("", Order::OldestFirst);
    let rows = keys(&mut workspace, &filter);
    let mut mark = |note: &str, first: usize, last: usize| {
        let chosen = ChosenAsk { filter: filter.clone(), chosen: Chosen::between(rows[first], rows[last]) };
        match workspace.ask(Ask::MarkChosen { chosen, note: note.to_owned() }) {
            Ok(Answer::MarkedChosen(MarkedChosen { n_marked, n_kept, taken_off })) => {
                (n_marked, n_kept, taken_off.len())
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(mark("", 2, 40), (39, 0, 0));
    assert_eq!(mark("why", 7, 7), (0, 1, 0));
    assert_eq!(mark("", 2, 41), (1, 39, 0), "not all of them were marked");
    assert_eq!(mark("", 2, 41), (0, 1, 39));
    assert_eq!(mark("", 7, 7), (0, 1, 0), "it has a note");
    assert_eq!(mark("", 2, 3), (2, 0, 0));
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    assert_eq!(marks.iter().filter_map(|mark| mark.key).collect::<Vec<_>>(), [rows[2], rows[3], rows[7]]);
}

#[test]
fn what_was_bookmarked_under_another_name_of_its_file_is_not_bookmarked_once_more() {
    let text: String = (0..9).map(|i| format!("2026-11-20T10:00:0{i}Z INFO order {i}\n")).collect();
    let mut workspace = Workspace::in_memory();
    let all = filter("", Order::OldestFirst);
    let mark = |workspace: &mut Workspace, note: &str, last: usize| {
        let rows = keys(workspace, &all);
        let chosen = ChosenAsk { filter: all.clone(), chosen: Chosen::between(rows[0], rows[last]) };
        match workspace.ask(Ask::MarkChosen { chosen, note: note.to_owned() }) {
            Ok(Answer::MarkedChosen(MarkedChosen { n_marked, n_kept, taken_off })) => {
                (n_marked, n_kept, taken_off.len())
            }
            other => panic!("{other:?}"),
        }
    };
    let before = workspace.take_in("app.log", &text, 3);
    assert_eq!(mark(&mut workspace, "", 3), (4, 0, 0));
    workspace.ask(Ask::Remove(before)).unwrap();
    workspace.take_in("app.log.1", &text, 3);
    assert_eq!(mark(&mut workspace, "why", 0), (0, 1, 0));
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    assert_eq!(marks.iter().map(|mark| mark.note.as_str()).collect::<Vec<_>>(), ["why", "", "", ""]);
    assert_eq!(mark(&mut workspace, "", 4), (1, 4, 0), "not all of them were marked");
    assert_eq!(mark(&mut workspace, "", 4), (0, 1, 4));
}

#[test]
fn bookmarks_that_were_taken_off_together_are_put_back_as_they_were() {
    let mut workspace = workspace();
    let filter = filter("", Order::OldestFirst);
    let rows = keys(&mut workspace, &filter);
    let chosen = ChosenAsk { filter: filter.clone(), chosen: Chosen::between(rows[2], rows[40]) };
    let marks = |workspace: &mut Workspace| match workspace.ask(Ask::Marks) {
        Ok(Answer::Marks(marks)) => marks,
        other => panic!("{other:?}"),
    };
    // One was set by itself before.
    workspace.ask(Ask::Mark(rows[30])).unwrap();
    let turn = Ask::MarkChosen { chosen, note: String::new() };
    workspace.ask(turn.clone()).unwrap();
    let before = marks(&mut workspace);
    assert_eq!(before.len(), 39);
    let Ok(Answer::MarkedChosen(MarkedChosen { n_marked: 0, n_kept: 0, taken_off })) = workspace.ask(turn) else {
        panic!("not taken off")
    };
    assert!(marks(&mut workspace).is_empty());
    for mark in taken_off {
        workspace.ask(Ask::KeepMark(Box::new(mark))).unwrap();
    }
    assert_eq!(marks(&mut workspace), before);
}

#[test]
fn more_than_are_bookmarked_at_once_are_refused_and_not_begun_with() {
    let mut workspace = workspace();
    let mark = |query: &str| Ask::MarkChosen {
        chosen: ChosenAsk { filter: filter(query, Order::OldestFirst), chosen: Chosen::all() },
        note: String::new(),
    };
    assert_eq!(workspace.ask(mark("")), Err(Failure::TooManyChosen));
    assert_eq!(workspace.ask(Ask::Marks), Ok(Answer::Marks(Vec::new())));
    let marked = MarkedChosen { n_marked: 1000, n_kept: 0, taken_off: Vec::new() };
    assert_eq!(workspace.ask(mark("source:b.log")), Ok(Answer::MarkedChosen(marked)));
    let Ok(Answer::Marks(marks)) = workspace.ask(Ask::Marks) else { panic!("no marks") };
    assert_eq!(marks.len(), 1000, "as many as may be");
}

#[test]
fn it_is_known_which_rows_in_sight_another_filter_keeps() {
    let mut workspace = workspace();
    let rows = workspace.rows(&filter("", Order::OldestFirst), 60);
    let keys = rows.iter().map(|row| row.key).collect();
    let kept = filter("order 1*", Order::OldestFirst);
    let Ok(Answer::Keeps(keeps)) = workspace.ask(Ask::Keeps(KeepsAsk { filter: kept.clone(), keys })) else {
        panic!("no answer")
    };
    let found = workspace.rows(&kept, 1000);
    let expected: Vec<bool> = rows.iter().map(|row| found.iter().any(|found| found.key == row.key)).collect();
    assert_eq!(keeps, expected);
    assert!(keeps.contains(&true) && keeps.contains(&false));
}
