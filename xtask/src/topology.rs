//! `cargo xtask topology DIR…`: which service calls which, as one JSON object, the most certain edges first.
//!
//! The same code as in the browser. `edges` are calls between services; `outside` are those to databases, queues and hosts
//! of others.

use std::path::Path;

use analysis::block::{Block, Columns, decode_text};
use analysis::format::Formats;
use analysis::topology::{Gatherer, Sighting, service_of_path};
use model::entry::{RowKey, SourceId};
use model::time::Zone;
use model::topology::{Edge, NodeKind, Topology};
use serde_json::{Value, json};

use crate::args::Args;
use crate::parse::read_path;

pub fn run(args: Args) -> anyhow::Result<()> {
    let paths = args.rest()?;
    anyhow::ensure!(!paths.is_empty(), "which files or folders?");
    let formats = Formats::builtin();
    let mut gatherer = Gatherer::default();
    each_sighting(&paths, &formats, &mut |seen| gatherer.push(seen))?;
    println!("{:#}", json_of(&gatherer.topology()));
    Ok(())
}

/// Opens every entry of files and folders, one after the other. Returns the paths of the sources, whose numbers begin with 1.
pub fn each_sighting(
    paths: &[String],
    formats: &Formats,
    take: &mut dyn FnMut(Sighting<'_>),
) -> anyhow::Result<Vec<String>> {
    let mut known: Vec<String> = Vec::new();
    for path in paths {
        read_path(Path::new(path), formats, &Zone::utc(), &mut |step, blocks| {
            let path = step.path;
            if known.last().is_none_or(|last| last != path) {
                known.push(path.to_owned());
            }
            let source = SourceId(known.len() as u32);
            for block in blocks.drain(..) {
                let columns = Columns::decode(&block.columns, formats).expect("the block was just built");
                let text = decode_text(&block.text, block.text_bytes).expect("the block was just built");
                each_sighting_of(path, source, &block, &columns, &text, formats, take);
            }
            Ok(())
        })?;
    }
    Ok(known)
}

/// The entries of one block.
pub fn each_sighting_of(
    path: &str,
    source: SourceId,
    block: &Block,
    columns: &Columns,
    text: &[u8],
    formats: &Formats,
    take: &mut dyn FnMut(Sighting<'_>),
) {
    let of_file = service_of_path(path).name;
    for at in 0..columns.len() {
        let text = String::from_utf8_lossy(&text[columns.text_range(at)]);
        let parsed = formats.parse(columns.shape(at).format, &text);
        let named = Some(columns.service(at)).filter(|name| !name.is_empty());
        take(Sighting {
            key: RowKey { time: columns.times[at], source, entry: block.first_entry + at as u64 },
            service: named.or(parsed.service.as_deref()).unwrap_or(&of_file),
            severity: columns.severity(at),
            parsed: &parsed,
        });
    }
}

fn json_of(topology: &Topology) -> Value {
    let node = |at: u32| &topology.nodes[at as usize];
    let is_inside = |edge: &&Edge| [edge.from, edge.to].iter().all(|&at| node(at).kind == NodeKind::Service);
    let edge_json = |edge: &Edge| {
        json!({
            "from": node(edge.from).name,
            "to": node(edge.to).name,
            "calls": edge.calls,
            "errors": edge.n_errors,
            "method": edge.methods[0].0.name(),
            "confidence": (f64::from(edge.confidence) * 1000.0).round() / 1000.0,
            "p95_ms": edge.durations.map(|durations| durations.p95 as f64 / 1e6),
        })
    };
    let (inside, outside): (Vec<&Edge>, Vec<&Edge>) = topology.edges.iter().partition(is_inside);
    json!({
        "edges": inside.into_iter().map(edge_json).collect::<Vec<_>>(),
        "outside": outside.into_iter().map(edge_json).collect::<Vec<_>>(),
        "entries": topology.n_entries,
        "traces": topology.n_traces,
    })
}
