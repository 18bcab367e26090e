//! Where the signals do not agree, and who caused an incident, as the data thread answers it.

use analysis::sample::Samples;
use model::blame::BlameAsk;
use model::drift::{DriftAsk, DriftKind, DriftReport};
use model::protocol::{Answer, Ask, IncidentsAsk};
use model::scope::Order;

use crate::workspace::{Workspace, filter};

fn texts(mut samples: Samples) -> Vec<String> {
    let mut texts = vec![String::new(); Samples::paths().len()];
    while let Some((file, chunk)) = samples.next_chunk() {
        texts[file].push_str(&String::from_utf8(chunk).unwrap());
    }
    texts
}

fn report(workspace: &mut Workspace) -> DriftReport {
    match workspace.ask(Ask::Drift(DriftAsk { filter: filter("", Order::OldestFirst) })) {
        Ok(Answer::Drift(report)) => *report,
        other => panic!("no report: {other:?}"),
    }
}

#[test]
fn what_was_planted_is_found_whenever_it_is_asked_for() {
    let texts = texts(Samples::of_quiet_day(12_000, 5).with_drift());
    let mut workspace = Workspace::in_memory();
    for (at, (path, text)) in Samples::paths().iter().zip(&texts).enumerate() {
        workspace.take_in(path, text, 40);
        if at == 4 {
            assert!(report(&mut workspace).looked_at.n_entries < 12_000);
        }
    }
    let all = report(&mut workspace);
    let mut kinds: Vec<DriftKind> = all.drifts.iter().map(|drift| drift.kind).collect();
    kinds.dedup();
    // The shop is not instrumented, so that it has no names of yesterday.
    assert_eq!(kinds, DriftKind::ALL[..6], "{:#?}", all.drifts);
    assert_eq!(all.looked_at.n_entries, 12_000);
    // Every entry that is shown is one of the service.
    let payment = all.drifts.iter().find(|drift| drift.kind == DriftKind::LostId).unwrap();
    for &key in &payment.sides[0].examples {
        let Ok(Answer::Entry(entry)) = workspace.ask(Ask::Entry(key.into())) else { panic!("no entry") };
        assert_eq!((&*entry.service, entry.trace_id), ("payment", None));
    }

    let mut anew = Workspace::in_memory();
    for (path, text) in Samples::paths().iter().zip(&texts) {
        anew.take_in(path, text, 40);
    }
    assert_eq!(report(&mut anew), all);
}

#[test]
fn the_first_suspect_of_the_sample_incident_is_its_cause() {
    let mut workspace = Workspace::in_memory();
    for (path, text) in Samples::paths().iter().zip(&texts(Samples::new(20_000, 2))) {
        workspace.take_in(path, text, 40);
    }
    let incidents = match workspace.ask(Ask::Incidents(IncidentsAsk::default())) {
        Ok(Answer::Incidents(incidents)) => incidents,
        other => panic!("no incidents: {other:?}"),
    };
    match workspace.ask(Ask::Blame(BlameAsk::of(&incidents.incidents[0]))) {
        Ok(Answer::Suspects(found)) => assert_eq!(found.suspects[0].service, "inventory", "{found:#?}"),
        other => panic!("no suspects: {other:?}"),
    }
}
