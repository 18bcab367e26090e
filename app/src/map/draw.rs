//! What the picture of a topology is made of: paths, widths, labels, the same on the page and in an exported file.

use model::query::{choose_values, chosen_values};
use model::topology::{Edge, Node, NodeKind, Place, Topology};
use model::{counted, say};

use crate::wording;

pub const NODE_WIDTH: f32 = 164.0;
pub const NODE_HEIGHT: f32 = 54.0;
/// Around the outermost nodes.
pub const MARGIN: f32 = 36.0;

/// Left, top, width and height of all of it.
pub fn extent(topology: &Topology) -> (f32, f32, f32, f32) {
    let ways = topology.layout.ways.iter().flatten();
    let all = || topology.layout.places.iter().chain(ways.clone());
    let least = |of: fn(&Place) -> f32| all().map(of).fold(0.0, f32::min);
    let most = |of: fn(&Place) -> f32| all().map(of).fold(0.0, f32::max);
    let (left, top) = (least(|place| place.x) - MARGIN, least(|place| place.y) - MARGIN);
    let width = most(|place| place.x) + NODE_WIDTH + MARGIN - left;
    (left, top, width, most(|place| place.y) + NODE_HEIGHT + MARGIN - top)
}

/// A curve from side to side through the places between; places are corners of nodes.
pub fn path(way: &[Place]) -> String {
    let mut path = String::new();
    for [start, near_start, near_end, end] in curves(way) {
        if path.is_empty() {
            path = format!("M{:.0} {:.0}", start.0, start.1);
        }
        let [(a, b), (c, d), (x, y)] = [near_start, near_end, end];
        path.push_str(&format!("C{a:.0} {b:.0} {c:.0} {d:.0} {x:.0} {y:.0}"));
    }
    path
}

/// Points along a way's curve, so near to each other that straight lines between them do for it.
pub fn along(way: &[Place]) -> Vec<(f32, f32)> {
    const PARTS: u8 = 8;
    let mut points = Vec::new();
    for [a, b, c, d] in curves(way) {
        let at = |part: u8| {
            let t = f32::from(part) / f32::from(PARTS);
            let (one, two, three, four) =
                ((1.0 - t).powi(3), 3.0 * t * (1.0 - t).powi(2), 3.0 * t * t * (1.0 - t), t.powi(3));
            (one * a.0 + two * b.0 + three * c.0 + four * d.0, one * a.1 + two * b.1 + three * c.1 + four * d.1)
        };
        points.extend((if points.is_empty() { 0 } else { 1 }..=PARTS).map(at));
    }
    points
}

type Point = (f32, f32);

/// Cubic curves, each with its start, the two points that draw it, and its end.
pub fn curves(way: &[Place]) -> Vec<[Point; 4]> {
    /// How far an edge between two nodes above each other stands out.
    const OUT: f32 = 60.0;
    /// Between an edge's end and the node it points at.
    const TIP: f32 = 7.0;
    let [first, .., last] = way else { return Vec::new() };
    let middle = |place: &Place| place.y + NODE_HEIGHT / 2.0;
    if first.x == last.x && way.len() == 2 {
        let side = first.x + NODE_WIDTH;
        let (start, end) = ((side, middle(first)), (side + TIP, middle(last)));
        return vec![[start, (side + OUT, start.1), (side + OUT, end.1), end]];
    }
    let goes_right = first.x <= last.x;
    let (start, end) = match goes_right {
        true => (first.x + NODE_WIDTH, last.x - TIP),
        false => (first.x, last.x + NODE_WIDTH + TIP),
    };
    let mut points = vec![(start, middle(first))];
    points.extend(way[1..way.len() - 1].iter().map(|place| (place.x + NODE_WIDTH / 2.0, middle(place))));
    points.push((end, middle(last)));
    let curve = |pair: &[Point]| {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        let half = (x + to_x) / 2.0;
        [(x, y), (half, y), (half, to_y), (to_x, to_y)]
    };
    points.windows(2).map(curve).collect()
}

/// Where the label of an edge stands: in the first gap that it crosses, nearer to its end, where those that begin at one node
/// have parted and those that end at one have not met yet.
pub fn label_at(way: &[Place]) -> Place {
    /// Of the curve of [`path`], at two thirds of its parameter.
    const ALONG: (f32, f32) = (0.63, 0.74);
    let (Some(first), Some(second)) = (way.first(), way.get(1)) else { return Place::default() };
    let is_right = first.x <= second.x;
    let (from, to) = if is_right { (first.x + NODE_WIDTH, second.x) } else { (first.x, second.x + NODE_WIDTH) };
    let (from_y, to_y) = (first.y + NODE_HEIGHT / 2.0, second.y + NODE_HEIGHT / 2.0);
    Place { x: from + (to - from) * ALONG.0, y: from_y + (to_y - from_y) * ALONG.1 - 5.0 }
}

/// By the number of calls; ten times as many are as much wider, however many there are.
pub fn width(calls: u64, most_calls: u64) -> f32 {
    let share = (1.0 + calls as f32).ln() / (1.0 + most_calls as f32).ln().max(1.0);
    1.25 + 4.0 * share.min(1.0)
}

/// Errors by dashes beside their colour; what was inferred by dots.
pub fn class(edge: &Edge) -> &'static str {
    match (edge.n_errors > 0, edge.methods.first().is_some_and(|(method, _)| method.is_said())) {
        (true, true) => "edge bad",
        (true, false) => "edge bad guess",
        (false, true) => "edge",
        (false, false) => "edge guess",
    }
}

/// `1,262 · 2.7 %`: calls, and the share that failed.
pub fn edge_label(edge: &Edge) -> String {
    let calls = wording::count(edge.calls);
    if edge.n_errors == 0 { calls } else { format!("{calls} · {}", share(edge.n_errors, edge.calls)) }
}

/// `0.2 %`; what there is some of is not said to be none.
pub fn share(part: u64, whole: u64) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    match percent {
        0.0 => "0 %".to_owned(),
        _ if percent < 0.1 => "< 0.1 %".to_owned(),
        _ if percent < 10.0 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

/// What the calls of a node say of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub calls: u64,
    pub n_errors: u64,
    /// Of its slowest caller.
    pub p95: Option<i64>,
}

/// Of each node.
pub fn figures(topology: &Topology) -> Vec<Figures> {
    let mut figures = vec![Figures::default(); topology.nodes.len()];
    for edge in &topology.edges {
        let of_node = &mut figures[edge.to as usize];
        of_node.calls += edge.calls;
        of_node.n_errors += edge.n_errors;
        of_node.p95 = of_node.p95.max(edge.durations.map(|durations| durations.p95));
    }
    figures
}

/// The line below a node's name.
pub fn node_label(node: &Node, figures: &Figures) -> String {
    let mut parts = Vec::new();
    match figures.calls {
        0 if node.n_entries > 0 => parts.push(counted!(node.n_entries, "entry", "entries")),
        0 => {}
        calls => parts.push(counted!(calls, "call", "calls")),
    }
    if figures.n_errors > 0 {
        parts.push(say!("{} failed", share(figures.n_errors, figures.calls)));
    }
    if let Some(p95) = figures.p95.filter(|_| figures.n_errors == 0) {
        parts.push(format!("p95 {}", wording::duration(p95)));
    }
    parts.join(" · ")
}

/// As much of a name as a node has room for; its end tells services of one system apart.
pub fn shortened(name: &str) -> String {
    const MOST_CHARS: usize = 21;
    let n_chars = name.chars().count();
    if n_chars <= MOST_CHARS {
        return name.to_owned();
    }
    let half = (MOST_CHARS - 1) / 2;
    let (start, end): (String, String) =
        (name.chars().take(half).collect(), name.chars().skip(n_chars - half).collect());
    format!("{start}…{end}")
}

/// The outline by kind: a box, a drum, a tube, a tag.
pub fn outline(kind: NodeKind) -> String {
    let (w, h) = (NODE_WIDTH, NODE_HEIGHT);
    match kind {
        NodeKind::Service => {
            format!("M8 0H{}a8 8 0 0 1 8 8V{}a8 8 0 0 1 -8 8H8a8 8 0 0 1 -8 -8V8a8 8 0 0 1 8 -8z", w - 8.0, h - 8.0)
        }
        NodeKind::Database => {
            let (half, low) = (w / 2.0, h - 7.0);
            format!("M0 7A{half} 7 0 0 1 {w} 7V{low}A{half} 7 0 0 1 0 {low}zM0 7A{half} 7 0 0 0 {w} 7")
        }
        NodeKind::Queue => {
            let (half, far) = (h / 2.0, w - 8.0);
            format!("M8 0H{far}A8 {half} 0 0 1 {far} {h}H8A8 {half} 0 0 1 8 0zM{far} 0A8 {half} 0 0 0 {far} {h}")
        }
        NodeKind::Host => format!("M12 0H{}L{w} {}L{} {h}H12L0 {}z", w - 12.0, h / 2.0, w - 12.0, h / 2.0),
    }
}

/// All that entries call it.
pub fn names(node: &Node) -> Vec<&str> {
    let mut names: Vec<&str> = node.aliases.iter().map(|alias| alias.name.as_str()).collect();
    names.push(&node.name);
    names.sort_unstable();
    names.dedup();
    names
}

/// The query with these nodes' entries chosen, or without that choice where it is there already.
pub fn choose(query: &str, nodes: &[&Node]) -> String {
    let mut wanted: Vec<&str> = nodes.iter().flat_map(|node| names(node)).collect();
    wanted.sort_unstable();
    let mut chosen = chosen_values(query, "service");
    chosen.sort_unstable();
    if chosen == wanted { choose_values(query, "service", []) } else { choose_values(query, "service", wanted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, alias: &str) -> Node {
        let aliases = match alias {
            "" => Vec::new(),
            alias => vec![model::topology::Alias { name: alias.to_owned(), rule: "pod of a deployment".to_owned() }],
        };
        Node { name: name.to_owned(), kind: NodeKind::Service, aliases, n_entries: 1, n_errors: 0 }
    }

    #[test]
    fn choosing_twice_takes_the_choice_back() {
        let (cart, shop) = (node("cart", ""), node("shop", "shop-5c67c48447-fj8b7"));
        let query = choose("timeout", &[&cart]);
        assert_eq!(query, "timeout service:cart");
        assert_eq!(choose(&query, &[&cart]), "timeout");
        let query = choose(&query, &[&cart, &shop]);
        assert_eq!(query, "timeout (service:cart OR service:shop OR service:shop-5c67c48447-fj8b7)");
    }

    #[test]
    fn small_shares_are_not_said_to_be_none() {
        assert_eq!([share(0, 9), share(1, 100_000), share(1, 40), share(1, 2)], ["0 %", "< 0.1 %", "2.5 %", "50 %"]);
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("cart"), "cart");
        assert_eq!(shortened("ts-preserve-other-service"), "ts-preserv…er-service");
    }

    #[test]
    fn an_edge_to_the_left_leaves_on_the_left() {
        let (near, far) = (Place { x: 0.0, y: 0.0 }, Place { x: 250.0, y: 92.0 });
        assert!(path(&[near, far]).starts_with("M164 27C"));
        assert!(path(&[far, near]).starts_with("M250 119C"));
    }
}
