//! Who caused it: suspects among services that are in trouble at the same time, ranked by who calls whom and who moved first.
//!
//! Trouble goes from the one that is called to its callers. A walk that begins where the signs are, and goes from caller to
//! callee, stays longest where the trouble comes from: personalised PageRank, as MonitorRank (Kim, Sumbaly & Shah 2013, "Root cause
//! detection in a service-oriented architecture") and MicroRCA (Wu, Tordsson, Elmroth & Kao 2020) use it, with a small chance of
//! going back and of staying. A callee that moved later than its caller did not cause that: such steps are rarer.

use std::collections::BTreeMap;

use model::blame::{Sign, Suspect, Suspects};
use model::say;
use model::topology::{NodeKind, Topology};

use crate::topology::names::{key_of, service_of};

/// Share of steps that follow the graph; the others begin anew (Page et al. 1998).
const DAMPING: f64 = 0.85;
/// From callee back to caller, as MonitorRank has it.
const BACKWARD: f64 = 0.1;
/// A callee that moved after its caller.
const LATER: f64 = 0.05;
/// Those without a sign of their own may be at fault too: a database that says nothing.
const SILENT: f64 = 0.1;
/// Clocks and windows are no better than this.
const SLACK_NANOS: i64 = 1_000_000_000;

const N_ROUNDS: usize = 100;
const MOST_SUSPECTS: usize = 8;
/// Less blame than this is not worth a line.
const LEAST_SHARE: f64 = 0.02;

/// A service with what speaks against it.
struct Node {
    name: String,
    /// 0 to 1.
    trouble: f64,
    onset: Option<i64>,
    callees: Vec<(usize, f64)>,
    callers: Vec<(usize, f64)>,
}

/// Suspects for these signs, the most likely first. Cost: O(edges) a round.
pub fn suspects(signs: &[Sign], topology: &Topology) -> Suspects {
    let mut nodes = nodes(signs, topology);
    let n_edges = topology.edges.len() as u32;
    if nodes.iter().all(|node| node.onset.is_none()) {
        return Suspects { suspects: Vec::new(), n_edges };
    }
    let first = nodes.iter().filter_map(|node| node.onset).min().unwrap_or_default();
    let last = nodes.iter().filter_map(|node| node.onset).max().unwrap_or_default();
    // Who moved in the first third of the time counts as early.
    let early_nanos = ((last - first) / 3).max(SLACK_NANOS) as f64;
    let earliness = |node: &Node| node.onset.map_or(0.0, |onset| (-((onset - first) as f64) / early_nanos).exp());
    let begins = normalised(nodes.iter().map(|node| node.trouble * (0.25 + earliness(node))).collect());
    let steps: Vec<Vec<(usize, f64)>> = (0..nodes.len()).map(|at| steps_from(&nodes, at)).collect();
    let mut ranks = begins.clone();
    for _ in 0..N_ROUNDS {
        let mut next: Vec<f64> = begins.iter().map(|share| (1.0 - DAMPING) * share).collect();
        for (rank, steps) in ranks.iter().zip(&steps) {
            steps.iter().for_each(|&(to, share)| next[to] += DAMPING * rank * share);
        }
        ranks = next;
    }
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by(|&a, &b| ranks[b].total_cmp(&ranks[a]).then(nodes[a].name.cmp(&nodes[b].name)));
    order.retain(|&at| ranks[at] >= LEAST_SHARE);
    order.truncate(MOST_SUSPECTS);
    let why: Vec<Vec<String>> = order.iter().map(|&at| reasons(&nodes, at, first)).collect();
    let suspect = |(at, why): (usize, Vec<String>)| Suspect {
        service: std::mem::take(&mut nodes[at].name),
        share: ranks[at] as f32,
        why,
    };
    Suspects { suspects: order.into_iter().zip(why).map(suspect).collect(), n_edges }
}

fn nodes(signs: &[Sign], topology: &Topology) -> Vec<Node> {
    let new = |name: &str| Node {
        name: name.to_owned(),
        trouble: 0.0,
        onset: None,
        callees: Vec::new(),
        callers: Vec::new(),
    };
    let mut nodes: Vec<Node> = topology.nodes.iter().map(|node| new(&node.name)).collect();
    for edge in topology.edges.iter().filter(|edge| edge.from != edge.to) {
        let (from, to, sure) = (edge.from as usize, edge.to as usize, f64::from(edge.confidence));
        nodes[from].callees.push((to, sure));
        nodes[to].callers.push((from, sure));
    }
    let key = |name: &str| key_of(service_of(name).name);
    let services = topology.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Service);
    let mut known: BTreeMap<String, usize> = services.map(|(at, node)| (key(&node.name), at)).collect();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, node) in topology.nodes.iter().enumerate() {
        by_name.extend(node.aliases.iter().map(|alias| (&*alias.name, at)));
    }
    by_name.extend(topology.nodes.iter().enumerate().map(|(at, node)| (&*node.name, at)));
    for sign in signs {
        let at = by_name.get(&*sign.service).copied().unwrap_or_else(|| {
            *known.entry(key(&sign.service)).or_insert_with(|| {
                nodes.push(new(service_of(&sign.service).name));
                nodes.len() - 1
            })
        });
        let node = &mut nodes[at];
        // A sign ten times as strong is not ten times as telling.
        node.trouble += (1.0 + sign.strength.max(0.0)).ln();
        node.onset = Some(node.onset.map_or(sign.onset.0, |onset| onset.min(sign.onset.0)));
    }
    let most = nodes.iter().map(|node| node.trouble).fold(f64::MIN_POSITIVE, f64::max);
    nodes.iter_mut().for_each(|node| node.trouble /= most);
    nodes
}

/// Where the walk goes from a node, with what chance.
fn steps_from(nodes: &[Node], at: usize) -> Vec<(usize, f64)> {
    let node = &nodes[at];
    let is_in_time = |callee: &Node, caller: &Node| match (callee.onset, caller.onset) {
        (Some(callee), Some(caller)) => callee <= caller + SLACK_NANOS,
        _ => false,
    };
    let weight = |other: usize, sure: f64, is_in_time: bool| {
        sure * nodes[other].trouble.max(SILENT) * if is_in_time { 1.0 } else { LATER }
    };
    let mut steps: Vec<(usize, f64)> = node
        .callees
        .iter()
        .map(|&(callee, sure)| (callee, weight(callee, sure, is_in_time(&nodes[callee], node))))
        .collect();
    let best = steps.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
    let back = node.callers.iter().map(|&(caller, sure)| (caller, BACKWARD * sure * nodes[caller].trouble.max(SILENT)));
    steps.extend(back);
    // Who is worse off than all that it calls keeps the walk.
    steps.push((at, (node.trouble - best).max(SILENT * SILENT)));
    let sum: f64 = steps.iter().map(|(_, weight)| weight).sum();
    steps.iter_mut().for_each(|(_, weight)| *weight /= sum);
    steps
}

fn normalised(mut shares: Vec<f64>) -> Vec<f64> {
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum.max(f64::MIN_POSITIVE));
    shares
}

/// Why it is suspected, the strongest reason first.
fn reasons(nodes: &[Node], at: usize, first: i64) -> Vec<String> {
    let node = &nodes[at];
    let names = |found: Vec<usize>| {
        const MOST: usize = 3;
        let mut found: Vec<&str> = found.into_iter().map(|at| &*nodes[at].name).collect();
        found.sort_unstable();
        let n_more = found.len().saturating_sub(MOST);
        found.truncate(MOST);
        if n_more > 0 { say!("{} and {n_more} more", found.join(", "), n_more) } else { found.join(", ") }
    };
    let is_troubled = |(other, _): &&(usize, f64)| nodes[*other].onset.is_some();
    let callers: Vec<usize> = node.callers.iter().filter(is_troubled).map(|(other, _)| *other).collect();
    let callees: Vec<usize> = node.callees.iter().filter(is_troubled).map(|(other, _)| *other).collect();
    let mut why = Vec::new();
    match node.onset {
        None => why.push(say!("shows nothing unusual itself").to_owned()),
        Some(onset) if onset == first => why.push(say!("moved first").to_owned()),
        Some(onset) => {
            let before: Vec<usize> = callers
                .iter()
                .copied()
                .filter(|&caller| nodes[caller].onset.is_some_and(|other| other > onset))
                .collect();
            if before.is_empty() {
                why.push(say!("moved {} after the first", seconds(onset - first)));
            } else {
                why.push(say!("moved before {}", names(before)));
            }
        }
    }
    if !callers.is_empty() {
        why.push(say!("is called by {}, in trouble too", names(callers)));
    }
    if !callees.is_empty() {
        why.push(say!("calls {}, in trouble too", names(callees)));
    } else if !node.callees.is_empty() {
        why.push(say!("what it calls is well").to_owned());
    } else if node.onset.is_some() {
        why.push(say!("calls nobody that is known").to_owned());
    }
    why
}

fn seconds(nanos: i64) -> String {
    match nanos / 1_000_000_000 {
        0 => format!("{} ms", nanos / 1_000_000),
        seconds @ 1..=119 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;
    use model::topology::{Alias, Edge, Method, Node as Drawn};

    /// `a>b` calls, and signs `service@second:strength`.
    fn ranked(calls: &str, signs: &str) -> Vec<Suspect> {
        let pairs: Vec<(&str, &str)> = calls.split_whitespace().filter_map(|call| call.split_once('>')).collect();
        let mut names: Vec<&str> = pairs.iter().flat_map(|(from, to)| [*from, *to]).collect();
        names.sort_unstable();
        names.dedup();
        let alias = |name: &str| Alias { name: format!("old-{name}"), rule: String::new() };
        let node = |name: &&str| Drawn {
            name: (*name).to_owned(),
            kind: NodeKind::Service,
            aliases: vec![alias(name)],
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        let number = |name: &str| names.iter().position(|other| *other == name).unwrap() as u32;
        let edge = |(from, to): &(&str, &str)| Edge {
            from: number(from),
            to: number(to),
            calls: 9,
            n_errors: 0,
            durations: None,
            methods: vec![(Method::Spans, 9)],
            confidence: 1.0,
            course: Vec::new(),
            evidence: Vec::new(),
        };
        let topology = Topology {
            nodes: names.iter().map(node).collect(),
            edges: pairs.iter().map(edge).collect(),
            ..Topology::default()
        };
        let sign = |written: &str| {
            let (service, rest) = written.split_once('@').unwrap();
            let (second, strength) = rest.split_once(':').unwrap();
            let onset = Nanos(second.parse::<i64>().unwrap() * 1_000_000_000);
            Sign { service: service.to_owned(), onset, strength: strength.parse().unwrap() }
        };
        let signs: Vec<Sign> = signs.split_whitespace().map(sign).collect();
        suspects(&signs, &topology).suspects
    }

    #[test]
    fn the_one_at_the_end_of_the_calls_is_to_blame_even_where_its_callers_shout_louder() {
        let calls = "web>shop shop>stock web>cart shop>pay";
        let ranked = ranked(calls, "web@20:40 shop@12:30 stock@10:12");
        assert_eq!(ranked[0].service, "stock");
        assert_eq!(ranked[0].why, ["moved first", "is called by shop, in trouble too", "calls nobody that is known"]);
        assert!(ranked[0].share > 2.0 * ranked[1].share, "{ranked:?}");
    }

    #[test]
    fn a_callee_that_moved_later_did_not_cause_it() {
        let earlier = ranked("shop>stock", "shop@10:20 stock@5:20");
        let later = ranked("shop>stock", "shop@10:20 stock@90:20");
        assert_eq!((&*earlier[0].service, &*later[0].service), ("stock", "shop"));
    }

    #[test]
    fn names_of_one_service_are_one_suspect() {
        let ranked = ranked("web>payment", "payment-5c67c48447-fj8b7@1:9 payment-svc@2:9 old-payment@2:9");
        let names: Vec<&str> = ranked.iter().map(|suspect| &*suspect.service).collect();
        assert_eq!(names, ["payment"]);
    }

    #[test]
    fn without_signs_nobody_is_suspected() {
        assert_eq!(ranked("a>b b>a", ""), []);
        assert_eq!(ranked("", "a@1:5").len(), 1);
    }
}
