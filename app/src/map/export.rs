//! The map as a file: SVG, Graphviz's DOT, Mermaid.

use std::fmt::Write as _;

use model::topology::{NodeKind, Topology};

use super::draw;

/// A picture that needs no style sheet.
pub fn svg(topology: &Topology) -> String {
    let (left, top, width, height) = draw::extent(topology);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{left:.0} {top:.0} {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"system-ui, sans-serif\">\n<rect x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" fill=\"#fbfaf8\"/>\n<defs><marker id=\"tip\" markerWidth=\"11\" markerHeight=\"10\" refX=\"1\" refY=\"5\" \
         orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0 0L11 5L0 10z\" fill=\"#565f5b\"/></marker></defs>\n"
    );
    let most = topology.edges.iter().map(|edge| edge.calls).max().unwrap_or_default();
    let mut labels = String::new();
    for (at, (edge, way)) in topology.edges.iter().zip(&topology.layout.ways).enumerate() {
        let (colour, dashes) = match draw::class(edge, edge.n_errors) {
            "edge" => ("#565f5b", ""),
            "edge guess" => ("#8c877d", " stroke-dasharray=\"1 5\" stroke-linecap=\"round\""),
            _ => ("#a82614", " stroke-dasharray=\"9 4\""),
        };
        let (path, wide) = (draw::path(way, topology.layout.picture), draw::width(edge.calls, most));
        // Writing to a text does not fail.
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{wide:.2}\"{dashes} marker-end=\"url(#tip)\"/>"
        );
        let Some(middle) = topology.layout.figures.get(at).copied().flatten() else { continue };
        let label = draw::edge_label(edge);
        let (wide, high) = draw::label_room(&label);
        let _ = writeln!(
            labels,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"{:.1}\" fill=\"#fbfaf8\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"#1d2422\">{}</text>",
            middle.x - wide / 2.0,
            middle.y - high / 2.0,
            high / 2.0,
            middle.x,
            middle.y + 4.0,
            escaped(&label)
        );
    }
    // On the edges, whichever was drawn last.
    out.push_str(&labels);
    let figures = draw::figures(topology);
    for ((node, place), figures) in topology.nodes.iter().zip(&topology.layout.places).zip(&figures) {
        let _ = writeln!(
            out,
            "<g transform=\"translate({:.0} {:.0})\"><path d=\"{}\" fill=\"#ffffff\" stroke=\"#8c877d\"/>",
            place.x,
            place.y,
            draw::outline(node.kind)
        );
        let lines = draw::name_lines(&node.name, draw::MOST_CHARS);
        let (size, first, last) = if lines.len() == 1 { (14.0, 24.0, 42.0) } else { (12.5, 16.0, 47.0) };
        for (nth, line) in lines.iter().enumerate() {
            let y = first + nth as f32 * size * 1.05;
            write_text(&mut out, line, y, size, " font-weight=\"600\" fill=\"#1d2422\"");
        }
        write_text(&mut out, &draw::node_label(node, figures), last, 11.0, " fill=\"#565f5b\"");
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// In the middle of a box.
fn write_text(out: &mut String, text: &str, y: f32, font_pixels: f32, look: &str) {
    let bold = if look.contains("font-weight") { draw::BOLD } else { 1.0 };
    let squeezed = draw::squeezed(text, font_pixels * bold);
    let squeezed =
        squeezed.map_or(String::new(), |room| format!(" textLength=\"{room:.0}\" lengthAdjust=\"spacingAndGlyphs\""));
    let _ = write!(
        out,
        "<text x=\"82\" y=\"{y:.0}\" font-size=\"{font_pixels}\" text-anchor=\"middle\"{look}{squeezed}>{}</text>",
        escaped(text)
    );
}

pub fn dot(topology: &Topology) -> String {
    let mut out = "digraph services {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n".to_owned();
    for node in &topology.nodes {
        let shape = match node.kind {
            NodeKind::Service => "",
            NodeKind::Database => " [shape=cylinder]",
            NodeKind::Queue => " [shape=cds]",
            NodeKind::Host => " [shape=hexagon]",
        };
        let _ = writeln!(out, "  {}{shape};", quoted(&node.name));
    }
    for edge in &topology.edges {
        let name = |at: u32| quoted(&topology.nodes[at as usize].name);
        // As on the map: dashes where some failed, dots where it is inferred, of both the colour of those that failed.
        let colour = match draw::class(edge, edge.n_errors) {
            "edge" => "",
            "edge guess" => ", style=dotted",
            "edge bad" => ", color=red, style=dashed",
            _ => ", color=red, style=dotted",
        };
        let (from, to, label) = (name(edge.from), name(edge.to), quoted(&draw::edge_label(edge)));
        let _ = writeln!(out, "  {from} -> {to} [label={label}{colour}];");
    }
    out.push_str("}\n");
    out
}

pub fn mermaid(topology: &Topology) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for (at, node) in topology.nodes.iter().enumerate() {
        // A line of its own could end the fence of a report.
        let name = node.name.replace(['\n', '\r'], " ").replace('"', "#quot;");
        let _ = match node.kind {
            NodeKind::Service => writeln!(out, "  n{at}[\"{name}\"]"),
            NodeKind::Database => writeln!(out, "  n{at}[(\"{name}\")]"),
            NodeKind::Queue => writeln!(out, "  n{at}([\"{name}\"])"),
            NodeKind::Host => writeln!(out, "  n{at}{{{{\"{name}\"}}}}"),
        };
    }
    // Dots are what is inferred, as on the map; a failed share stands in the label, and makes it red.
    let mut bad = Vec::new();
    for (at, edge) in topology.edges.iter().enumerate() {
        let arrow = if draw::is_guess(edge) { "-.->" } else { "-->" };
        let _ = writeln!(out, "  n{} {arrow}|\"{}\"| n{}", edge.from, draw::edge_label(edge), edge.to);
        if edge.n_errors > 0 {
            bad.push(at.to_string());
        }
    }
    if !bad.is_empty() {
        let _ = writeln!(out, "  linkStyle {} stroke:#a82614", bad.join(","));
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::{Edge, Layout, Method, Node, Place};

    fn shop() -> Topology {
        let node = |name: &str, kind| Node {
            name: name.to_owned(),
            kind,
            aliases: Vec::new(),
            n_entries: 3,
            n_errors: 0,
            named_by: Vec::new(),
        };
        let edge = Edge {
            from: 0,
            to: 1,
            calls: 40,
            n_errors: 1,
            durations: None,
            methods: vec![(Method::Named, 40)],
            confidence: 0.95,
            course: Vec::new(),
            evidence: Vec::new(),
        };
        let places = vec![Place { x: 0.0, y: 0.0 }, Place { x: 250.0, y: 0.0 }];
        Topology {
            nodes: vec![node("a<b", NodeKind::Service), node("db", NodeKind::Database)],
            edges: vec![edge],
            layout: Layout { ways: vec![places.clone()], places, ..Layout::default() },
            ..Topology::default()
        }
    }

    #[test]
    fn graphviz_and_mermaid_get_shapes_counts_and_errors() {
        assert_eq!(
            dot(&shop()),
            "digraph services {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n  \"a<b\";\n  \"db\" [shape=cylinder];\n  \
             \"a<b\" -> \"db\" [label=\"40 · 2.5 %\", color=red, style=dashed];\n}\n"
        );
        assert_eq!(
            mermaid(&shop()),
            "flowchart LR\n  n0[\"a<b\"]\n  n1[(\"db\")]\n  n0 -->|\"40 · 2.5 %\"| n1\n  linkStyle 0 stroke:#a82614\n"
        );
    }

    #[test]
    fn graphviz_and_mermaid_tell_what_is_inferred_from_what_failed() {
        let mut shop = shop();
        shop.edges[0].methods = vec![(Method::Within, 40)];
        assert!(dot(&shop).contains("color=red, style=dotted") && mermaid(&shop).contains(" -.->"));
        shop.edges[0].n_errors = 0;
        assert!(dot(&shop).contains("[label=\"40\", style=dotted]"));
        assert!(mermaid(&shop).contains(" -.->") && !mermaid(&shop).contains("linkStyle"));
    }

    #[test]
    fn names_are_no_markup_in_the_picture() {
        let svg = svg(&shop());
        assert!(svg.contains(">a&lt;b<") && !svg.contains("a<b"));
        assert_eq!(svg.matches("<path").count(), 1 + 1 + 2, "a tip, an edge, two nodes");
    }
}
