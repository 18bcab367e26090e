//! Who calls whom, as the data thread answers it.

use analysis::sample::Samples;
use model::protocol::{Answer, Ask};
use model::scope::Order;
use model::topology::{Topology, TopologyAsk};

use crate::workspace::{Workspace, filter};

fn topology(workspace: &mut Workspace, query: &str) -> Topology {
    match workspace.ask(Ask::Topology(TopologyAsk { filter: filter(query, Order::OldestFirst) })) {
        Ok(Answer::Topology(topology)) => *topology,
        other => panic!("no topology: {other:?}"),
    }
}

fn edges(topology: &Topology) -> Vec<(&str, &str)> {
    let name = |node: u32| topology.nodes[node as usize].name.as_str();
    let mut edges: Vec<_> = topology.edges.iter().map(|edge| (name(edge.from), name(edge.to))).collect();
    edges.sort_unstable();
    edges
}

#[test]
fn the_calls_of_the_sample_shop_are_found_in_its_logs() {
    let mut samples = Samples::new(12_000, 5);
    let mut texts = vec![String::new(); Samples::paths().len()];
    while let Some((file, chunk)) = samples.next_chunk() {
        texts[file].push_str(&String::from_utf8(chunk).unwrap());
    }
    let truth = samples.truth();
    let mut workspace = Workspace::in_memory();
    let mut half = None;
    for (at, (path, text)) in Samples::paths().iter().zip(&texts).enumerate() {
        workspace.take_in(path, text, 40);
        if at == 4 {
            half = Some(topology(&mut workspace, ""));
        }
    }
    let all = topology(&mut workspace, "");
    assert!(all.complete && all.n_entries == 12_000);
    assert_eq!((all.layout.places.len(), all.layout.ways.len()), (all.nodes.len(), all.edges.len()));
    assert!(all.edges.iter().all(|edge| !edge.evidence.is_empty()));
    let mut calls: Vec<_> = truth.calls.iter().map(|call| (call.from, call.to)).collect();
    calls.sort_unstable();
    let found = edges(&all);
    let n_right = found.iter().filter(|edge| calls.contains(edge)).count();
    assert!(n_right + 1 >= calls.len(), "{found:?} of {calls:?}");
    assert!(found.len() <= calls.len(), "{found:?}");

    // What was gathered before the other files came is gone on with.
    assert!(half.is_some_and(|half| half.n_entries < all.n_entries));
    let mut anew = Workspace::in_memory();
    for (path, text) in Samples::paths().iter().zip(&texts) {
        anew.take_in(path, text, 40);
    }
    assert_eq!(topology(&mut anew, ""), all);

    let few = topology(&mut workspace, "service:(checkout OR payment)");
    assert_eq!(edges(&few).iter().filter(|edge| edge.1 == "payment").count(), 1);
    assert!(few.n_entries < all.n_entries);
}
