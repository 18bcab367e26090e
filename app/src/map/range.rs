//! The map of a range of time, as it stands in the map of all of the time: the range says how often who was called, and nothing else.
//!
//! Names are made of all that there are, and what is inferred is surer the more there is. In a range a service may be called
//! otherwise, and calls may be missed or made up; then what is on the map would change with every range.

use std::collections::BTreeMap;

use model::time::TimeRange;
use model::topology::{Edge, Layout, Method, Node, Topology};

/// Nodes, their places and edges of `all`, with the figures of `now`, which is what the range alone would be. Edges without a call in
/// the range are left out; those that the range's entries are too few to find have the calls that the course of all of the time tells.
pub fn in_range(all: &Topology, now: &Topology, range: TimeRange) -> Topology {
    let place_of = places(all, now);
    let mut nodes: Vec<Node> =
        all.nodes.iter().map(|node| Node { n_entries: 0, n_errors: 0, ..node.clone() }).collect();
    for (node, place) in now.nodes.iter().zip(&place_of) {
        if let Some(place) = *place {
            nodes[place as usize].n_entries += node.n_entries;
            nodes[place as usize].n_errors += node.n_errors;
        }
    }
    let mut found: BTreeMap<(u32, u32), Vec<&Edge>> = BTreeMap::new();
    for edge in &now.edges {
        if let (Some(from), Some(to)) = (place_of[edge.from as usize], place_of[edge.to as usize]) {
            found.entry((from, to)).or_default().push(edge);
        }
    }
    let mut layout = Layout { places: all.layout.places.clone(), picture: all.layout.picture, ..Layout::default() };
    let mut edges = Vec::new();
    for (at, edge) in all.edges.iter().enumerate() {
        let edge = match found.get(&(edge.from, edge.to)) {
            Some(found) => counted(edge, found),
            None => estimated(edge, all, range),
        };
        if edge.calls > 0 {
            edges.push(edge);
            layout.ways.extend(all.layout.ways.get(at).cloned());
            layout.figures.extend(all.layout.figures.get(at).copied());
        }
    }
    Topology {
        nodes,
        edges,
        n_entries: now.n_entries,
        n_traces: now.n_traces,
        one_trace_of: now.one_trace_of,
        n_malformed_ids: now.n_malformed_ids,
        complete: now.complete,
        spans: now.spans,
        layout,
    }
}

/// Of each node of `now` which one of `all` it is: by any of its names, or by what spans call it.
fn places(all: &Topology, now: &Topology) -> Vec<Option<u32>> {
    let mut by_name: BTreeMap<&str, u32> = BTreeMap::new();
    for (node, at) in all.nodes.iter().zip(0..) {
        by_name.extend(node.aliases.iter().map(|alias| (alias.name.as_str(), at)));
    }
    by_name.extend(all.nodes.iter().zip(0..).map(|(node, at)| (node.name.as_str(), at)));
    let place_of = |node: &Node| {
        let is_it =
            |other: &Node| other.kind == node.kind && !node.named_by.is_empty() && other.named_by == node.named_by;
        let by_attributes = || all.nodes.iter().position(is_it).map(|at| at as u32);
        let aliases = || node.aliases.iter().find_map(|alias| by_name.get(alias.name.as_str()).copied());
        by_name.get(node.name.as_str()).copied().or_else(aliases).or_else(by_attributes)
    };
    now.nodes.iter().map(place_of).collect()
}

/// An edge with what was counted in the range; it was found as it is at all times.
fn counted(edge: &Edge, found: &[&Edge]) -> Edge {
    let n_of = |method: Method| {
        let of_method = found.iter().flat_map(|one| &one.methods).filter(|(one, _)| *one == method);
        of_method.map(|(_, n)| *n).sum::<u64>()
    };
    let mut evidence: Vec<_> = found.iter().flat_map(|one| one.evidence.iter().copied()).collect();
    evidence.sort_unstable();
    let mut course = vec![(0, 0); found.iter().map(|one| one.course.len()).max().unwrap_or_default()];
    for one in found {
        course.iter_mut().zip(&one.course).for_each(|(sum, one)| *sum = (sum.0 + one.0, sum.1 + one.1));
    }
    Edge {
        calls: found.iter().map(|one| one.calls).sum(),
        n_errors: found.iter().map(|one| one.n_errors).sum(),
        // Percentiles of several are not known.
        durations: if let [only] = found { only.durations } else { None },
        methods: edge.methods.iter().map(|&(method, _)| (method, n_of(method))).collect(),
        course,
        evidence,
        ..*edge
    }
}

/// An edge with the calls in the range that its course tells, as if they were even within each span of it.
fn estimated(edge: &Edge, all: &Topology, range: TimeRange) -> Edge {
    let (mut calls, mut n_errors) = (0.0, 0.0);
    if let Some(spans) = all.spans {
        for (at, &(n, n_bad)) in (0_i64..).zip(&edge.course) {
            let start = spans.start.0.saturating_add(spans.nanos.saturating_mul(at));
            let end = start.saturating_add(spans.nanos);
            let within = end.min(range.end.0).saturating_sub(start.max(range.start.0)).max(0);
            let share = within as f64 / spans.nanos.max(1) as f64;
            calls += f64::from(n) * share;
            n_errors += f64::from(n_bad) * share;
        }
    }
    let (calls, n_errors) = (calls.round() as u64, n_errors.round() as u64);
    let methods = edge.methods.iter().map(|&(method, n)| (method, n.min(calls))).collect();
    Edge { calls, n_errors, durations: None, methods, course: Vec::new(), evidence: edge.evidence.clone(), ..*edge }
}

#[cfg(test)]
mod tests {
    use super::super::around::tests::chain;
    use super::*;
    use model::time::Nanos;
    use model::topology::{Alias, Place, Spans};

    #[test]
    fn names_places_and_edges_are_those_of_all_time_and_figures_those_of_the_range() {
        let mut all = chain(&["web", "storefront", "cart", "mail"]);
        all.nodes[1].aliases.push(Alias { name: "storefront-v2".to_owned(), rule: String::new() });
        all.layout.places = (0..4_u8).map(|x| Place { x: f32::from(x), y: 0.0 }).collect();
        all.layout.ways = (0..3_u8).map(|x| vec![Place { x: f32::from(x), y: 1.0 }]).collect();
        all.spans = Some(Spans { start: Nanos(0), nanos: 100, n: 2 });
        for edge in &mut all.edges {
            (edge.calls, edge.methods) = (60, vec![(Method::Spans, 60)]);
        }
        // The range has too few of them to see who calls the storefront, and sees none to the mail.
        all.edges[0].course = vec![(40, 0), (20, 4)];
        all.edges[2].course = vec![(60, 0), (0, 0)];
        let mut now = chain(&["web", "storefront-v2", "cart"]);
        now.edges[0] = Edge { from: 2, to: 0, methods: vec![(Method::After, 1)], ..now.edges[0].clone() };
        (now.edges[1].calls, now.edges[1].methods) = (7, vec![(Method::Within, 7)]);
        now.n_entries = 3;
        let shown = in_range(&all, &now, TimeRange { start: Nanos(150), end: Nanos(400) });
        let names: Vec<(&str, u64)> = shown.nodes.iter().map(|node| (&*node.name, node.n_entries)).collect();
        assert_eq!(names, [("web", 1), ("storefront", 1), ("cart", 1), ("mail", 0)]);
        let edges: Vec<_> = shown.edges.iter().map(|edge| (edge.from, edge.to, edge.calls, edge.n_errors)).collect();
        assert_eq!(edges, [(0, 1, 10, 2), (1, 2, 7, 0)]);
        assert_eq!(shown.edges[1].methods, [(Method::Spans, 0)]);
        assert_eq!((&shown.layout.places, &*shown.layout.ways), (&all.layout.places, &all.layout.ways[..2]));
        assert_eq!(shown.n_entries, 3);
    }
}
