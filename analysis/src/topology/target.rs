//! What is on the other side of a call, as spans and entries name it.

use std::collections::BTreeMap;

use model::entry::Value;
use model::topology::NodeKind;

use super::invocations::Moment;
use super::names;
use crate::format::Parsed;

/// The other side, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub host: String,
    pub kind: NodeKind,
    pub is_caller: bool,
    pub must_be_known: bool,
}

/// What a span that leaves its service goes to.
pub fn of_span(kind: &str, parsed: &Parsed) -> Option<Target> {
    let is_caller = match kind {
        "client" | "producer" => false,
        "consumer" => true,
        _ => return None,
    };
    let attribute = |wanted: &[&str]| {
        wanted.iter().find_map(|wanted| {
            let is_it = |name: &str| name.strip_prefix("attributes.").unwrap_or(name) == *wanted;
            parsed.fields.iter().find(|field| is_it(&field.name)).and_then(|field| match &field.value {
                Value::Text(text) if !text.is_empty() => Some(text.clone()),
                _ => None,
            })
        })
    };
    let (host, kind) = if let Some(system) = attribute(&["messaging.system"]) {
        let names = ["messaging.destination.name", "messaging.destination", "kafka.topic", "rabbit.queue"];
        (attribute(&names).unwrap_or(system), NodeKind::Queue)
    } else if let Some(system) = attribute(&["db.system.name", "db.system"]) {
        (attribute(&["db.namespace", "db.name", "peer.service"]).unwrap_or(system), NodeKind::Database)
    } else {
        let peer = attribute(&["peer.service", "server.address", "net.peer.name"])?;
        let kind = names::target_of(&peer).map_or(NodeKind::Service, |target| target.kind);
        (peer, if kind == NodeKind::Service { NodeKind::Host } else { kind })
    };
    Some(Target { host, kind, is_caller, must_be_known: false })
}

/// What a moment names, by the number that it has for it.
pub fn target_at(targets: &[Target], number: u32) -> Option<&Target> {
    targets.get(number.checked_sub(1)? as usize)
}

/// The queues that spans write to, by the hashes of those.
pub fn written_to<'m, 't>(spans: impl Iterator<Item = &'m Moment>, targets: &'t [Target]) -> BTreeMap<u64, &'t Target> {
    let written =
        spans.filter(|span| span.span != 0).filter_map(|span| Some((span.span, target_at(targets, span.target)?)));
    written.filter(|(_, target)| target.kind == NodeKind::Queue && !target.is_caller).collect()
}
