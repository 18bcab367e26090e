//! A part of a map: what is at most so many calls away from one of its nodes.

use std::collections::VecDeque;

use model::topology::Topology;

use super::parts::only;

/// Further away there is nearly all.
pub const MOST_CALLS_AWAY: usize = 3;

/// Calls are followed in both directions. `None`: there is no such node. It has still to be laid out.
pub fn around(topology: &Topology, name: &str, calls_away: usize) -> Option<Topology> {
    let middle = topology.nodes.iter().position(|node| node.name == name)?;
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); topology.nodes.len()];
    for edge in &topology.edges {
        beside[edge.from as usize].push(edge.to as usize);
        beside[edge.to as usize].push(edge.from as usize);
    }
    let mut away = vec![None; topology.nodes.len()];
    away[middle] = Some(0);
    let mut left = VecDeque::from([middle]);
    while let Some(node) = left.pop_front() {
        let next = away[node].map(|away| away + 1).filter(|&next| next <= calls_away);
        for &other in &beside[node] {
            if next.is_some() && away[other].is_none() {
                away[other] = next;
                left.push_back(other);
            }
        }
    }
    let kept: Vec<u32> = (0..topology.nodes.len() as u32).filter(|&node| away[node as usize].is_some()).collect();
    Some(only(topology, &kept))
}

/// The node that somebody looks for: by its name, else the first whose name begins with it, else has it in it.
pub fn find(topology: &Topology, written: &str) -> Option<String> {
    let written = written.trim().to_lowercase();
    if written.is_empty() {
        return None;
    }
    let names = || topology.nodes.iter().map(|node| (node.name.to_lowercase(), &node.name));
    let found = names().find(|(name, _)| *name == written);
    let found = found.or_else(|| names().find(|(name, _)| name.starts_with(&written)));
    found.or_else(|| names().find(|(name, _)| name.contains(&written))).map(|(_, name)| name.clone())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use model::topology::{Edge, Node, NodeKind};

    /// Each calls the next.
    pub fn chain(names: &[&str]) -> Topology {
        let node = |name: &&str| Node {
            name: (*name).to_owned(),
            kind: NodeKind::Service,
            aliases: Vec::new(),
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        let edge = |from: u32| Edge {
            from,
            to: from + 1,
            calls: 1,
            n_errors: 0,
            durations: None,
            methods: Vec::new(),
            confidence: 1.0,
            course: Vec::new(),
            evidence: Vec::new(),
        };
        Topology {
            nodes: names.iter().map(node).collect(),
            edges: (1..names.len() as u32).map(|to| edge(to - 1)).collect(),
            ..Topology::default()
        }
    }

    #[test]
    fn what_is_two_calls_away_keeps_its_calls() {
        let part = around(&chain(&["a", "b", "c", "d", "e", "f"]), "d", 2).unwrap();
        let names: Vec<&str> = part.nodes.iter().map(|node| &*node.name).collect();
        assert_eq!(names, ["b", "c", "d", "e", "f"]);
        assert_eq!(part.edges.len(), 4);
        assert_eq!((part.edges[3].from, part.edges[3].to), (3, 4));
        assert_eq!(around(&part, "a", 1), None);
    }

    #[test]
    fn a_service_is_found_by_a_part_of_its_name() {
        let topology = chain(&["shopfront", "Cart", "discart"]);
        assert_eq!(find(&topology, " cart "), Some("Cart".to_owned()));
        assert_eq!(find(&topology, "shop"), Some("shopfront".to_owned()));
        assert_eq!(find(&topology, "isc"), Some("discart".to_owned()));
        assert_eq!(find(&topology, ""), None);
    }
}
