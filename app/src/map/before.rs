//! The way back of what is chosen on the map: where names of services are taken back, so is the choice that went with them.

use model::topology::Topology;

use super::Chosen;

/// What was chosen before its services got other names, the last one last.
#[derive(Clone, Debug, Default)]
pub struct Before(Vec<Step>);

#[derive(Clone, Debug)]
struct Step {
    was: Chosen,
    is: Chosen,
    /// There was a map without it since: the names are the new ones.
    is_gone: bool,
}

impl Before {
    /// What was chosen has another name now, or is going to have it.
    pub fn leave(&mut self, was: Chosen, is: Chosen) {
        self.0.push(Step { was, is, is_gone: false });
    }

    /// There is no way back once something else was chosen.
    pub fn keep_to(&mut self, chosen: &Chosen) {
        if self.0.last().is_some_and(|step| step.is != *chosen) {
            self.forget();
        }
    }

    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// What is to be chosen again, if the topology has its names again.
    pub fn back(&mut self, topology: &Topology) -> Option<Chosen> {
        let step = self.0.last_mut()?;
        if !step.was.is_in(topology) {
            step.is_gone = true;
            return None;
        }
        if !step.is_gone {
            return None;
        }
        self.0.pop().map(|step| step.was)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::{Node, NodeKind};

    fn topology(names: &[&str]) -> Topology {
        let node = |&name: &&str| Node {
            name: name.to_owned(),
            kind: NodeKind::Service,
            aliases: Vec::new(),
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        Topology { nodes: names.iter().map(node).collect(), ..Topology::default() }
    }

    fn node(name: &str) -> Chosen {
        Chosen::Node(name.to_owned())
    }

    #[test]
    fn after_a_join_is_undone_the_service_is_chosen_that_was() {
        let mut before = Before::default();
        before.leave(node("cart"), node("inventory"));
        // The map is still the old one.
        assert_eq!(before.back(&topology(&["cart", "inventory"])), None);
        assert_eq!(before.back(&topology(&["inventory"])), None);
        assert_eq!(before.back(&topology(&["cart", "inventory"])), Some(node("cart")));
        assert_eq!(before.back(&topology(&["cart", "inventory"])), None);
    }

    #[test]
    fn two_joins_are_undone_one_after_the_other() {
        let mut before = Before::default();
        before.leave(node("cart"), node("inventory"));
        assert_eq!(before.back(&topology(&["inventory", "shop"])), None);
        before.leave(node("inventory"), node("shop"));
        assert_eq!(before.back(&topology(&["shop"])), None);
        assert_eq!(before.back(&topology(&["inventory", "shop"])), Some(node("inventory")));
        assert_eq!(before.back(&topology(&["cart", "inventory", "shop"])), Some(node("cart")));
    }

    #[test]
    fn what_was_chosen_since_stays_chosen() {
        let mut before = Before::default();
        before.leave(node("cart"), node("inventory"));
        assert_eq!(before.back(&topology(&["inventory", "shop"])), None);
        before.keep_to(&node("shop"));
        assert_eq!(before.back(&topology(&["cart", "inventory", "shop"])), None);
    }
}
