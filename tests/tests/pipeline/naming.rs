//! What the user says of names of services holds in every view that takes names together, and is kept.

use model::drift::{DriftAsk, DriftKind};
use model::naming::Naming;
use model::protocol::{Answer, Ask, Failure};
use model::red::RedAsk;
use model::requests::{RequestOrder, RequestsAsk};
use model::scope::Order;
use model::topology::TopologyAsk;
use model::trace::TraceAsk;

use crate::workspace::{File, Workspace, filter};

/// Twenty requests of a shop that calls a service of three names.
fn workspace() -> Workspace {
    let mut workspace = Workspace::in_memory();
    for (service, second) in [("shop", 1), ("payment", 2), ("payment-svc", 3), ("till", 4)] {
        let line = |n: usize| {
            format!(
                "time=2026-11-20T10:{n:02}:{second:02}.500Z level=info service={service} msg=served method=GET path=/a status=200 trace_id=7f3a9b21c4d5e6{n:02}\n"
            )
        };
        workspace.take_in(&format!("{service}.log"), &(0..20).map(line).collect::<String>(), 40);
    }
    workspace
}

/// The services of the map, of the report, of a request and of its waterfall, and those whose requests are counted.
fn services(workspace: &mut Workspace) -> [Vec<String>; 4] {
    let all = || filter("", Order::OldestFirst);
    let Ok(Answer::Topology(map)) = workspace.ask(Ask::Topology(TopologyAsk { filter: all() })) else {
        panic!("no map")
    };
    let Ok(Answer::Drift(report)) = workspace.ask(Ask::Drift(DriftAsk { filter: all() })) else { panic!("no report") };
    let ask = RequestsAsk { filter: all(), order: RequestOrder::Slowest, took: None, n_shown: 1 };
    let Ok(Answer::Requests(requests)) = workspace.ask(Ask::Requests(ask)) else { panic!("no requests") };
    let key = requests.lines[0].key;
    let Ok(Answer::Trace(trace)) = workspace.ask(Ask::Trace(TraceAsk { key })) else { panic!("no trace") };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names.dedup();
        names
    };
    let of_trace = sorted(trace.bars.iter().map(|bar| bar.service.clone()).collect());
    assert_eq!(requests.lines[0].n_services, of_trace.len() as u64);
    let mixed = report.drifts.iter().filter(|drift| drift.kind == DriftKind::Names);
    [
        map.nodes.iter().map(|node| node.name.clone()).collect(),
        sorted(report.services.iter().map(|score| score.service.clone()).collect()),
        mixed.map(|drift| drift.what.clone()).collect(),
        of_trace,
    ]
}

fn say(workspace: &mut Workspace, naming: &Naming) {
    assert_eq!(workspace.ask(Ask::SetNaming(naming.clone())), Ok(Answer::Accepted));
}

#[test]
fn services_are_joined_and_parted_in_every_view_and_as_before_when_that_is_taken_back() {
    let mut workspace = workspace();
    let by_rules = services(&mut workspace);
    assert_eq!(by_rules[1], ["payment", "shop", "till"]);
    assert_eq!((&by_rules[1], by_rules[2].len()), (&by_rules[3], 1));

    let mut naming = Naming::default();
    naming.join(["till"], "payment");
    naming.part("payment-svc");
    say(&mut workspace, &naming);
    let said = services(&mut workspace);
    assert_eq!(said[0], ["payment", "payment-svc", "shop"]);
    assert_eq!((&said[1], &said[3]), (&said[0], &said[0]));
    assert_eq!(said[2], ["payment is also called till."]);
    let ask = RedAsk { filter: filter("", Order::OldestFirst), n_spans: 4 };
    let Ok(Answer::Red(red)) = workspace.ask(Ask::Red(ask)) else { panic!("no signals") };
    let mut of_services: Vec<_> = red.services.iter().map(|row| (&*row.service, row.names.join(" "))).collect();
    of_services.sort();
    assert_eq!(of_services.iter().map(|(service, _)| *service).collect::<Vec<_>>(), said[0]);
    assert_eq!(of_services[0].1, "payment till");

    say(&mut workspace, &Naming::default());
    assert_eq!(services(&mut workspace), by_rules);
    assert_eq!(workspace.ask(Ask::NamingBefore), Ok(Answer::Naming(naming)));
}

#[test]
fn what_is_said_is_kept_with_the_workspace_and_outlives_its_emptying() {
    let file = File::new("naming");
    let mut naming = Naming::default();
    naming.join(["till"], "payment");
    {
        let mut workspace = file.open();
        say(&mut workspace, &naming);
        assert!(!workspace.store().status().is_kept_saved);
        workspace.commit();
    }
    let mut workspace = file.open();
    assert_eq!(workspace.ask(Ask::Naming), Ok(Answer::Naming(naming.clone())));
    assert_eq!(workspace.ask(Ask::NamingBefore), Ok(Answer::Naming(Naming::default())), "it can still be undone");
    let mut emptied = Workspace::in_memory();
    emptied.store().succeed(workspace.store()).unwrap();
    assert_eq!(emptied.ask(Ask::Naming), Ok(Answer::Naming(naming)));
}

#[test]
fn a_text_is_no_name() {
    let mut workspace = Workspace::in_memory();
    let mut naming = Naming::default();
    naming.join([&*"x".repeat(1_000)], "payment");
    assert!(matches!(workspace.ask(Ask::SetNaming(naming)), Err(Failure::Naming { .. })));
    assert_eq!(workspace.ask(Ask::Naming), Ok(Answer::Naming(Naming::default())));
}
