//! A part of a map, and a map whose services stand together: what is hidden is left out, what has a name in common is one.

use std::collections::{BTreeMap, BTreeSet};

use model::key;
use model::language::told;
use model::topology::{Alias, Edge, Layout, Method, Node, NodeKind, Topology};

/// What stands together as one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Together {
    #[default]
    Nothing,
    /// `shop-cart` and `shop-payment`.
    FirstWord,
    /// All databases, all queues, all hosts; services by themselves.
    Kind,
}

impl Together {
    pub const ALL: [Self; 3] = [Self::Nothing, Self::FirstWord, Self::Kind];

    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => key!("each by itself"),
            Self::FirstWord => key!("together by the first word of the name"),
            Self::Kind => key!("databases, queues and hosts together"),
        }
    }

    /// What a node is part of; `None`: it stands by itself.
    fn group_of(self, node: &Node) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::FirstWord => {
                let first = node.name.split(['-', '_', '.', '/']).next().unwrap_or_default();
                (first.len() < node.name.len() && !first.is_empty()).then(|| format!("{first}…"))
            }
            Self::Kind => (node.kind != NodeKind::Service).then(|| format!("{}…", told(node.kind.name()))),
        }
    }
}

/// The rule by which nodes of a group are one.
const GROUPED: &str = key!("stands here with others");

/// Without these nodes and their calls. It has still to be laid out.
pub fn without(topology: &Topology, hidden: &BTreeSet<String>) -> Topology {
    let kept: Vec<u32> =
        (0..topology.nodes.len() as u32).filter(|&at| !hidden.contains(&topology.nodes[at as usize].name)).collect();
    only(topology, &kept)
}

/// These nodes, and the calls between them. It has still to be laid out.
pub fn only(topology: &Topology, kept: &[u32]) -> Topology {
    let mut number = vec![None; topology.nodes.len()];
    kept.iter().zip(0..).for_each(|(&node, at)| number[node as usize] = Some(at));
    let edge = |edge: &Edge| {
        let (from, to) = (number[edge.from as usize]?, number[edge.to as usize]?);
        Some(Edge { from, to, ..edge.clone() })
    };
    let edges = topology.edges.iter().filter_map(edge).collect();
    let nodes = kept.iter().map(|&node| topology.nodes[node as usize].clone()).collect();
    with(topology, nodes, edges)
}

fn with(topology: &Topology, nodes: Vec<Node>, edges: Vec<Edge>) -> Topology {
    let Topology { n_entries, n_traces, one_trace_of, n_malformed_ids, complete, spans, .. } = *topology;
    let layout = Layout::default();
    Topology { nodes, edges, layout, n_entries, n_traces, one_trace_of, n_malformed_ids, complete, spans }
}

/// Nodes that stand together are one, and so are their calls; percentiles of several edges are not known. A group of one is none.
pub fn grouped(topology: &Topology, by: Together) -> Topology {
    let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, node) in topology.nodes.iter().enumerate() {
        if let Some(group) = by.group_of(node) {
            members.entry(group).or_default().push(at);
        }
    }
    members.retain(|_, members| members.len() > 1);
    let group_of: BTreeMap<usize, &String> =
        members.iter().flat_map(|(name, members)| members.iter().map(move |&at| (at, name))).collect();
    let mut nodes: Vec<Node> = Vec::new();
    let mut place: BTreeMap<&String, u32> = BTreeMap::new();
    let mut number = Vec::with_capacity(topology.nodes.len());
    for (at, node) in topology.nodes.iter().enumerate() {
        let Some(&group) = group_of.get(&at) else {
            number.push(nodes.len() as u32);
            nodes.push(node.clone());
            continue;
        };
        let at = *place.entry(group).or_insert_with(|| {
            nodes.push(Node {
                name: group.clone(),
                kind: node.kind,
                aliases: Vec::new(),
                n_entries: 0,
                n_errors: 0,
                named_by: Vec::new(),
            });
            nodes.len() as u32 - 1
        });
        number.push(at);
        let one = &mut nodes[at as usize];
        one.n_entries += node.n_entries;
        one.n_errors += node.n_errors;
        one.aliases.push(Alias { name: node.name.clone(), rule: GROUPED.to_owned() });
        one.aliases.extend(node.aliases.iter().cloned());
    }
    let mut edges: BTreeMap<(u32, u32), Edge> = BTreeMap::new();
    for edge in &topology.edges {
        let (from, to) = (number[edge.from as usize], number[edge.to as usize]);
        if from == to {
            continue;
        }
        match edges.get_mut(&(from, to)) {
            Some(known) => join(known, edge),
            None => {
                edges.insert((from, to), Edge { from, to, ..edge.clone() });
            }
        }
    }
    let mut edges: Vec<Edge> = edges.into_values().collect();
    edges.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then((a.from, a.to).cmp(&(b.from, b.to))));
    with(topology, nodes, edges)
}

fn join(known: &mut Edge, other: &Edge) {
    known.calls += other.calls;
    known.n_errors += other.n_errors;
    known.durations = None;
    known.confidence = known.confidence.max(other.confidence);
    let mut methods: BTreeMap<Method, u64> = known.methods.iter().copied().collect();
    other.methods.iter().for_each(|&(method, n)| *methods.entry(method).or_default() += n);
    known.methods = methods.into_iter().collect();
    known.course.resize(known.course.len().max(other.course.len()), (0, 0));
    known.course.iter_mut().zip(&other.course).for_each(|(sum, one)| *sum = (sum.0 + one.0, sum.1 + one.1));
    let n_shown = known.evidence.len().max(other.evidence.len());
    known.evidence.extend(&other.evidence);
    known.evidence.sort_unstable();
    known.evidence.truncate(n_shown);
}

#[cfg(test)]
mod tests {
    use super::super::around::tests::chain;
    use super::*;

    fn names(topology: &Topology) -> Vec<&str> {
        topology.nodes.iter().map(|node| &*node.name).collect()
    }

    fn calls(topology: &Topology) -> Vec<(&str, &str, u64)> {
        let name = |at: u32| &*topology.nodes[at as usize].name;
        topology.edges.iter().map(|edge| (name(edge.from), name(edge.to), edge.calls)).collect()
    }

    #[test]
    fn what_is_hidden_takes_its_calls_with_it() {
        let part = without(&chain(&["a", "b", "c", "d"]), &BTreeSet::from(["b".to_owned()]));
        assert_eq!((names(&part), calls(&part)), (vec!["a", "c", "d"], vec![("c", "d", 1)]));
    }

    #[test]
    fn what_has_a_word_in_common_is_one_and_its_calls_are_added_up() {
        let mut topology = chain(&["web", "shop-cart", "shop-pay", "bank-a"]);
        topology.edges.insert(1, Edge { from: 0, to: 2, ..topology.edges[0].clone() });
        let one = grouped(&topology, Together::FirstWord);
        assert_eq!(names(&one), ["web", "shop…", "bank-a"]);
        assert_eq!(calls(&one), [("web", "shop…", 2), ("shop…", "bank-a", 1)]);
        assert_eq!((one.nodes[1].n_entries, one.nodes[1].aliases.len()), (2, 2));
        assert_eq!(
            grouped(&topology, Together::Nothing),
            with(&topology, topology.nodes.clone(), topology.edges.clone())
        );
    }
}
