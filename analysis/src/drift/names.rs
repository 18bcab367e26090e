//! Drift 5: one service is known by several names.
//!
//! Pods, replicas and kinds of log are parts of a service (`topology::names` says by which rule); what is left and differs in case,
//! version or the word “service” alone is one service that was named twice.

use std::collections::BTreeMap;

use model::drift::{Drift, DriftKind, Side};

use super::{Gatherer, Known, Service};

/// A name that so few entries use is a typing error.
const LEAST: u64 = 5;

pub fn find(gatherer: &Gatherer, known: &Known) -> Vec<Drift> {
    let mut groups: BTreeMap<u32, Vec<&Service>> = BTreeMap::new();
    for (at, service) in gatherer.services.iter().enumerate().filter(|(_, service)| service.n_entries >= LEAST) {
        groups.entry(known.group_of[at]).or_default().push(service);
    }
    groups
        .into_iter()
        .filter(|(_, services)| services.len() > 1)
        .map(|(group, mut services)| {
            services.sort_by(|a, b| (b.n_entries, &a.name).cmp(&(a.n_entries, &b.name)));
            let name = known.name(group);
            let others: Vec<&str> =
                services.iter().map(|service| &*service.name).filter(|other| *other != name).collect();
            let of = services.iter().map(|service| service.n_entries).sum();
            let own =
                services.iter().filter(|service| service.name == name).map(|service| service.n_entries).sum::<u64>();
            Drift {
                services: vec![name.to_owned()],
                what: format!("{name} is also called {}.", others.join(", ")),
                fix: format!(
                    "Set service.name to {name} in logs, spans and metrics, and put the version into service.version."
                ),
                n: of - own,
                of,
                sides: services
                    .iter()
                    .map(|service| Side { name: service.name.clone(), examples: service.shown.keys().to_vec() })
                    .collect(),
                ..Drift::of(DriftKind::Names)
            }
        })
        .collect()
}
