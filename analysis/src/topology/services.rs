//! Services under one number, whatever their entries call them: one that is renamed, or replaced by another instance, goes on.
//!
//! By the same rules as the map has them, and what the user says of names before those ([`super::names`]).

use std::collections::{BTreeMap, BTreeSet};

use model::naming::Naming;

use super::names::{Reconciled, service_unless};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Services {
    /// By number of a name as it is written: its service.
    pub of: Vec<u32>,
    /// Of the services: what they are called,
    pub names: Vec<String>,
    /// and as what they are written, sorted.
    pub written: Vec<Vec<String>>,
}

impl Services {
    /// `written`: the names, each once. `own`: those that services have for themselves, which no rule makes parts of others.
    pub fn new(naming: &Naming, written: &[&str], own: &BTreeSet<&str>) -> Self {
        let is_final = |name: &str| own.contains(name) || naming.of(name).is_some();
        let named: Vec<&str> = written.iter().map(|name| service_unless(name, is_final).name).collect();
        let names = Reconciled::new(naming, named.iter().copied());
        let (mut called, mut numbers) = (Self::default(), BTreeMap::new());
        for (name, written) in named.iter().zip(written) {
            let name = names.name(name).unwrap_or(name);
            let number = *numbers.entry(name).or_insert_with(|| {
                called.names.push(name.to_owned());
                called.written.push(Vec::new());
                called.names.len() - 1
            });
            called.of.push(number as u32);
            called.written[number].push((*written).to_owned());
        }
        called.written.iter_mut().for_each(|written| written.sort());
        called
    }

    /// Services of which entries are written to be of another, or of several, and as what.
    pub fn aliases(&self) -> BTreeMap<String, Vec<String>> {
        let each = self.names.iter().zip(&self.written);
        let renamed = each.filter(|(name, written)| **written != [(*name).clone()]);
        renamed.map(|(name, written)| (name.clone(), written.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(naming: &Naming, names: &[&str], own: &[&str]) -> Services {
        Services::new(naming, names, &own.iter().copied().collect())
    }

    #[test]
    fn names_that_rules_or_the_user_make_one_are_one_service() {
        let mut naming = Naming::default();
        naming.join(["till"], "payment");
        let called = called(&naming, &["storefront", "payment", "storefront-svc-v2", "till", "web-2"], &[]);
        assert_eq!(called.of, [0, 1, 0, 1, 2]);
        assert_eq!(called.names, ["storefront", "payment", "web"]);
        let aliases = called.aliases();
        assert_eq!(aliases["payment"], ["payment", "till"]);
        assert_eq!(aliases["web"], ["web-2"]);
    }

    #[test]
    fn what_a_service_calls_itself_is_no_part_of_another() {
        let names = ["shard-001", "shard-002"];
        assert_eq!(called(&Naming::default(), &names, &["shard-001", "shard-002"]).of, [0, 1]);
        assert_eq!(called(&Naming::default(), &names, &[]).names, ["shard"]);
        assert_eq!(called(&Naming::default(), &["cart"], &[]).aliases(), BTreeMap::new());
    }
}
