//! What the picture of a topology is made of: paths, widths, labels, the same on the page and in an exported file.

use std::collections::BTreeMap;

use model::query::{choose_exactly, choose_values, named_values};
use model::topology::{Curve, Edge, NAMING_ATTRIBUTES, Node, NodeKind, Picture, Place, Topology, curve};
pub use model::topology::{NODE_HEIGHT, NODE_WIDTH};
use model::{counted, say};

use crate::wording;

/// Around the outermost nodes.
pub const MARGIN: f32 = 36.0;

/// Left, top, width and height of all of it.
pub fn extent(topology: &Topology) -> (f32, f32, f32, f32) {
    if topology.layout.places.is_empty() {
        return (0.0, 0.0, 1.0, 1.0);
    }
    let far_corner = |place: &Place| Place { x: place.x + NODE_WIDTH, y: place.y + NODE_HEIGHT };
    let places = topology.layout.places.iter().flat_map(|place| [*place, far_corner(place)]);
    let all = || places.clone().chain(topology.layout.ways.iter().flatten().copied());
    let least = |of: fn(Place) -> f32| all().map(of).fold(f32::INFINITY, f32::min);
    let most = |of: fn(Place) -> f32| all().map(of).fold(f32::NEG_INFINITY, f32::max);
    let (left, top) = (least(|place| place.x) - MARGIN, least(|place| place.y) - MARGIN);
    (left, top, most(|place| place.x) + MARGIN - left, most(|place| place.y) + MARGIN - top)
}

/// The curves of an edge, as a path of SVG.
pub fn path(way: &[Place], picture: Picture) -> String {
    let mut path = String::new();
    for Curve([start, a, b, end]) in curves(way, picture) {
        if path.is_empty() {
            path = format!("M{:.1} {:.1}", start.x, start.y);
        }
        path.push_str(&format!("C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", a.x, a.y, b.x, b.y, end.x, end.y));
    }
    path
}

/// Points along a curve, so near to each other that straight lines between them do for it.
pub fn along(curve: &Curve) -> Vec<(f32, f32)> {
    const PARTS: u8 = 8;
    let at = |part: u8| curve.at(f32::from(part) / f32::from(PARTS));
    (0..=PARTS).map(at).map(|Place { x, y }| (x, y)).collect()
}

/// Between an edge's end and the node it points at.
pub const TIP: f32 = 10.0;

/// The curves of an edge, up to its tip.
pub fn curves(way: &[Place], picture: Picture) -> Vec<Curve> {
    let mut curves: Vec<Curve> = way.windows(2).map(|part| curve(part[0], part[1], picture)).collect();
    if let Some(Curve([from, _, before, end])) = curves.last_mut() {
        if picture == Picture::Forces {
            let (dx, dy) = (end.x - from.x, end.y - from.y);
            let share = TIP / dx.hypot(dy).max(TIP);
            (end.x, end.y) = (end.x - dx * share, end.y - dy * share);
            (before.x, before.y) = (before.x - dx * share, before.y - dy * share);
            return curves;
        }
        let tip = if from.x < end.x { -TIP } else { TIP };
        end.x += tip;
        before.x += tip;
    }
    curves
}

/// By the number of calls; ten times as many are as much wider, however many there are.
pub fn width(calls: u64, most_calls: u64) -> f32 {
    let share = (1.0 + calls as f32).ln() / (1.0 + most_calls as f32).ln().max(1.0);
    1.25 + 2.75 * share.min(1.0)
}

/// Errors by dashes beside their colour; what was inferred by dots.
pub fn class(edge: &Edge, n_errors: u64) -> &'static str {
    match (n_errors > 0, is_guess(edge)) {
        (true, false) => "edge bad",
        (true, true) => "edge bad guess",
        (false, false) => "edge",
        (false, true) => "edge guess",
    }
}

/// No entry says it; it is inferred.
pub fn is_guess(edge: &Edge) -> bool {
    edge.methods.first().is_none_or(|(method, _)| !method.is_said())
}

/// `1,262 · 2.7 %`: calls, and the share that failed.
pub fn edge_label(edge: &Edge) -> String {
    calls_label(edge.calls, edge.n_errors)
}

pub fn calls_label(calls: u64, n_errors: u64) -> String {
    let n = wording::count(calls);
    if n_errors == 0 { n } else { format!("{n} · {}", share(n_errors, calls)) }
}

/// Width and height of what stands on an edge, in a text of 11 pixels.
pub fn label_room(label: &str) -> (f32, f32) {
    (label.chars().count() as f32 * 6.1 + 8.0, 16.0)
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
        parts.push(say!("{share} failed", share(figures.n_errors, figures.calls)));
    }
    if let Some(p95) = figures.p95.filter(|_| figures.n_errors == 0) {
        parts.push(format!("p95 {}", wording::duration(p95)));
    }
    parts.join(" · ")
}

/// Characters of a name that a node has room for where it is drawn in its own size.
pub const MOST_CHARS: usize = 17;

/// Fewer are those at its beginning.
const LEAST_OF_BOTH_ENDS: usize = 12;

/// As much of a name as there is room for; its end tells services of one system apart.
pub fn shortened(name: &str, most_chars: usize) -> String {
    let n_chars = name.chars().count();
    if n_chars <= most_chars {
        return name.to_owned();
    }
    let n_kept = most_chars.max(3) - 1;
    // Of a short piece both ends say too little.
    let n_end = if most_chars < LEAST_OF_BOTH_ENDS { 0 } else { n_kept / 2 };
    let (start, end): (String, String) =
        (name.chars().take(n_kept - n_end).collect(), name.chars().skip(n_chars - n_end).collect());
    format!("{start}…{end}")
}

/// A name in its box, in one line, or in two where one has no room for all of it; two break where the name does.
pub fn name_lines(name: &str, most_chars: usize) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= most_chars {
        return vec![name.to_owned()];
    }
    let breaks = (1..=most_chars.min(chars.len() - 1)).rev();
    let at = breaks.filter(|&at| !chars[at - 1].is_alphanumeric()).find(|&at| chars.len() - at <= most_chars);
    // A word that is longer than a line is broken anywhere, one that has no room in two gives way in the middle.
    let short: Vec<char> = shortened(name, 2 * most_chars).chars().collect();
    let (chars, at) = at.map_or((&short, short.len().div_ceil(2)), |at| (&chars, at));
    vec![chars[..at].iter().collect(), chars[at..].iter().collect()]
}

/// Of the box, without its outline.
pub const TEXT_ROOM: f32 = NODE_WIDTH - 10.0;
/// Letters of names are bold, and so much wider.
pub const BOLD: f32 = 1.12;

/// What a text in a box is squeezed to where it is about wider than there is room.
pub fn squeezed(text: &str, font_pixels: f32) -> Option<f32> {
    let em = |c: char| match c {
        ' ' | '.' | ',' | ':' | ';' | '|' | 'i' | 'j' | 'l' | '·' | '-' | '\'' => 0.33,
        'm' | 'w' | 'M' | 'W' | '%' => 0.88,
        _ if c >= '\u{2e80}' => 1.0,
        _ if c.is_uppercase() => 0.68,
        _ => 0.57,
    };
    (text.chars().map(em).sum::<f32>() * font_pixels > TEXT_ROOM).then_some(TEXT_ROOM)
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

/// The query with these nodes' entries chosen in place of what was, or without that choice where it is there already: of services by their
/// names, of what has written nothing by the attributes that name it. What nothing is known of by which to ask for it leaves nothing chosen.
pub fn choose(query: &str, nodes: &[&Node]) -> String {
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in nodes {
        if node.n_entries > 0 {
            wanted.entry("service").or_default().extend(names(node));
        }
        for (field, value) in &node.named_by {
            wanted.entry(field).or_default().push(value);
        }
    }
    let mut is_chosen = true;
    for (field, values) in &mut wanted {
        values.sort_unstable();
        values.dedup();
        let mut chosen = named_values(query, field);
        chosen.sort_unstable();
        is_chosen &= chosen == *values;
    }
    let bare = without_choice(query);
    let is_all = wanted.keys().fold(query.to_owned(), |query, field| without(query, field)) == bare;
    if is_chosen && is_all {
        return bare;
    }
    // A choice of the same field stays where it stands.
    let others = choice_fields().filter(|field| !wanted.contains_key(field.as_str()));
    let rest = others.fold(query.to_owned(), |query, field| without(query, &field));
    wanted.into_iter().fold(rest, |query, (field, values)| choose_exactly(&query, field, values))
}

/// The query without what was chosen on the map.
pub fn without_choice(query: &str) -> String {
    choice_fields().fold(query.to_owned(), |query, field| without(query, &field))
}

fn choice_fields() -> impl Iterator<Item = String> {
    let named = NAMING_ATTRIBUTES.iter().flat_map(|name| [format!("attributes.{name}"), (*name).to_owned()]);
    std::iter::once("service".to_owned()).chain(named)
}

fn without(query: String, field: &str) -> String {
    // Mostly it is not there, and what is typed stays as it is.
    if query.contains(field) { choose_values(&query, field, []) } else { query }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, alias: &str) -> Node {
        let aliases = match alias {
            "" => Vec::new(),
            alias => vec![model::topology::Alias { name: alias.to_owned(), rule: "pod of a deployment".to_owned() }],
        };
        Node {
            name: name.to_owned(),
            kind: NodeKind::Service,
            aliases,
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        }
    }

    #[test]
    fn one_of_the_names_of_a_service_becomes_all_of_them() {
        assert_eq!(choose("service==shop", &[&node("front", "shop")]), "service==front OR service==shop");
    }

    #[test]
    fn choosing_twice_takes_the_choice_back() {
        let (cart, shop) = (node("cart", ""), node("shop", "shop-5c67c48447-fj8b7"));
        let query = choose("timeout", &[&cart]);
        assert_eq!(query, "timeout service==cart");
        assert_eq!(choose(&query, &[&cart]), "timeout");
        let query = choose(&query, &[&cart, &shop]);
        assert_eq!(query, "timeout (service==cart OR service==shop OR service==shop-5c67c48447-fj8b7)");
        assert_eq!(choose("", &[&node("cart (v2)", "")]), "service==\"cart (v2)\"");
    }

    #[test]
    fn what_has_written_nothing_is_chosen_by_what_names_it() {
        let named = |field: &str, value: &str| Node {
            n_entries: 0,
            named_by: vec![(format!("attributes.{field}"), value.to_owned())],
            ..node(value, "")
        };
        let (shop, orders, users) =
            (node("shop", ""), named("messaging.destination.name", "orders"), named("db.namespace", "users"));
        let query = choose("timeout service==cart", &[&orders]);
        assert_eq!(query, "timeout attributes.messaging.destination.name==orders");
        assert_eq!(choose(&query, &[&orders]), "timeout");
        let query = choose(&query, &[&shop, &users]);
        assert_eq!(query, "timeout attributes.db.namespace==users service==shop");
        assert_eq!(choose(&query, &[&shop]), "timeout service==shop");
        assert_eq!(without_choice(&query), "timeout");
        // Nobody knows how to ask for it: what was chosen before is no longer.
        let host = Node { n_entries: 0, ..node("api.example.com", "") };
        assert_eq!(choose(&query, &[&host]), "timeout");
    }

    #[test]
    fn small_shares_are_not_said_to_be_none() {
        assert_eq!([share(0, 9), share(1, 100_000), share(1, 40), share(1, 2)], ["0 %", "< 0.1 %", "2.5 %", "50 %"]);
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("cart", MOST_CHARS), "cart");
        assert_eq!(shortened("ts-preserve-other-service", MOST_CHARS), "ts-prese…-service");
        assert_eq!(shortened("recommendation", 8), "recomme…");
    }

    #[test]
    fn a_name_that_one_line_has_no_room_for_has_two() {
        assert_eq!(name_lines("cart", 10), ["cart"]);
        assert_eq!(name_lines("ts-preserve-other-service", 17), ["ts-preserve-", "other-service"]);
        assert_eq!(name_lines("recommendation", 10), ["recomme", "ndation"]);
        assert_eq!(name_lines("ts-preserve-other-service", 8), ["ts-prese", "…service"]);
    }

    #[test]
    fn figures_that_are_too_wide_are_squeezed_into_their_box() {
        assert_eq!(squeezed("1,262 calls", 11.0), None);
        assert_eq!(squeezed("1,262,345 calls · 99.9 % failed", 13.75), Some(TEXT_ROOM));
        assert_eq!(squeezed("一二三四五六七八九十一二三四五", 11.0), Some(TEXT_ROOM));
    }

    #[test]
    fn an_edge_ends_where_its_tip_begins() {
        let (near, far) = (Place { x: 164.0, y: 27.0 }, Place { x: 250.0, y: 92.0 });
        assert!(
            path(&[near, far], Picture::Layers).starts_with("M164.0 27.0C")
                && path(&[near, far], Picture::Layers).ends_with(" 240.0 92.0")
        );
        assert!(path(&[far, near], Picture::Layers).ends_with(" 174.0 27.0"));
    }
}
