//! What is on the other side of a call, as spans and entries name it.

use std::collections::BTreeMap;

use model::entry::Value;
use model::topology::NodeKind;

use super::invocations::Moment;
use super::names;
use crate::format::Parsed;

/// What is named is one by these (OpenTelemetry's semantic conventions, today's name first).
const QUEUES: [&str; 4] = ["messaging.destination.name", "messaging.destination", "kafka.topic", "rabbit.queue"];
const MESSAGING_SYSTEM: &str = "messaging.system";
const NAMESPACES: [&str; 2] = ["db.namespace", "db.name"];
const DATABASE_SYSTEMS: [&str; 2] = ["db.system.name", "db.system"];
const PEER: &str = "peer.service";
const ADDRESSES: [&str; 2] = ["server.address", "net.peer.name"];

/// The same systems by the names that today's conventions give them, and by those of before.
const RENAMED_SYSTEMS: [(&str, &str); 11] = [
    ("microsoft.sql_server", "mssql"),
    ("oracle.db", "oracle"),
    ("ibm.db2", "db2"),
    ("ibm.informix", "informix"),
    ("ibm.netezza", "netezza"),
    ("aws.dynamodb", "dynamodb"),
    ("aws.redshift", "redshift"),
    ("azure.cosmosdb", "cosmosdb"),
    ("gcp.spanner", "spanner"),
    ("sap.hana", "hanadb"),
    ("sap.maxdb", "maxdb"),
];

/// The other side, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub host: String,
    /// What tells databases of one name apart; empty where nothing does.
    pub of: String,
    /// The attributes that name it.
    pub named_by: Vec<(String, String)>,
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
                Value::Text(text) if !text.is_empty() => Some((field.name.as_str(), text.as_str())),
                _ => None,
            })
        })
    };
    let target = |host: &str, of: &str, kind: NodeKind, named_by: &[(&str, &str)]| {
        let named_by = named_by.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
        Target { host: host.to_owned(), of: of.to_owned(), named_by, kind, is_caller, must_be_known: false }
    };
    if let Some(system) = attribute(&[MESSAGING_SYSTEM]) {
        let named = attribute(&QUEUES).unwrap_or(system);
        return Some(target(named.1, "", NodeKind::Queue, &[named]));
    }
    if let Some(system) = attribute(&DATABASE_SYSTEMS) {
        let known = RENAMED_SYSTEMS.iter().find(|(now, _)| *now == system.1).map_or(system.1, |(_, before)| *before);
        // A number, as Redis has, is no name: there is one on every server.
        let is_name = |(_, name): &(&str, &str)| !name.bytes().all(|byte| byte.is_ascii_digit());
        let named = attribute(&NAMESPACES).filter(is_name).or_else(|| attribute(&[PEER]));
        // One that has a name may be reached by several addresses; one that has none is told by that.
        return Some(match (named, attribute(&ADDRESSES)) {
            (Some(named), _) => target(named.1, known, NodeKind::Database, &[system, named]),
            (None, Some(address)) => target(known, address.1, NodeKind::Database, &[system, address]),
            (None, None) => target(known, "", NodeKind::Database, &[system]),
        });
    }
    let peer = attribute(&[PEER]).or_else(|| attribute(&ADDRESSES))?;
    let kind = names::target_of(peer.1).map_or(NodeKind::Service, |target| target.kind);
    Some(target(peer.1, "", if kind == NodeKind::Service { NodeKind::Host } else { kind }, &[peer]))
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

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::NAMING_ATTRIBUTES;

    #[test]
    fn what_names_a_node_is_known_to_whoever_asks_for_it() {
        let all = [&QUEUES[..], &NAMESPACES, &DATABASE_SYSTEMS, &ADDRESSES, &[MESSAGING_SYSTEM, PEER]].concat();
        assert!(all.iter().all(|name| NAMING_ATTRIBUTES.contains(name)));
        assert_eq!(all.len(), NAMING_ATTRIBUTES.len());
    }
}
