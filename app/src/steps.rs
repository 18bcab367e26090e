//! What a table was before each of its changes, and what was taken back: a way to and fro between them.

use std::sync::Arc;

/// Nobody goes back further, and each of them is a table.
const MOST_STEPS: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps<T> {
    /// What it was before each change, the last one last.
    before: Vec<Arc<T>>,
    /// What was taken back, the last one last.
    taken_back: Vec<Arc<T>>,
}

impl<T: PartialEq> Steps<T> {
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.taken_back.is_empty()
    }

    pub fn can_go_back(&self, now: &Arc<T>) -> bool {
        self.before.iter().any(|table| table != now)
    }

    pub fn can_go_on(&self, now: &Arc<T>) -> bool {
        self.taken_back.iter().any(|table| table != now)
    }

    /// It becomes another one: what was taken back before is gone.
    pub fn leave(&mut self, now: Arc<T>) {
        self.taken_back.clear();
        self.before.push(now);
        if self.before.len() > MOST_STEPS {
            self.before.remove(0);
        }
    }

    /// What it was before its last change; from there it can be gone on to `now`.
    pub fn go_back(&mut self, now: Arc<T>) -> Option<Arc<T>> {
        let there = last_other(&mut self.before, &now)?;
        self.taken_back.push(now);
        Some(there)
    }

    /// What was taken back last.
    pub fn go_on(&mut self, now: Arc<T>) -> Option<Arc<T>> {
        let there = last_other(&mut self.taken_back, &now)?;
        self.before.push(now);
        Some(there)
    }
}

/// A change that was refused, or changed nothing, is no step.
fn last_other<T: PartialEq>(steps: &mut Vec<Arc<T>>, now: &Arc<T>) -> Option<Arc<T>> {
    while let Some(there) = steps.pop() {
        if there != *now {
            return Some(there);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Arc<String> {
        Arc::new(name.to_owned())
    }

    /// Left for each other in this order.
    fn left(names: &[&str]) -> Steps<String> {
        let mut steps = Steps::default();
        names.iter().for_each(|name| steps.leave(table(name)));
        steps
    }

    #[test]
    fn whoever_takes_back_twice_is_two_changes_back_and_comes_all_the_way_on_again() {
        let mut steps = left(&["a", "b"]);
        assert_eq!(steps.go_back(table("c")), Some(table("b")));
        assert_eq!(steps.go_back(table("b")), Some(table("a")));
        assert_eq!(steps.go_back(table("a")), None);
        assert!(!steps.can_go_back(&table("a")) && steps.can_go_on(&table("a")));
        assert_eq!(steps.go_on(table("a")), Some(table("b")));
        assert_eq!(steps.go_on(table("b")), Some(table("c")));
        assert_eq!(steps.go_on(table("c")), None);
        assert!(steps.can_go_back(&table("c")) && !steps.can_go_on(&table("c")));
    }

    #[test]
    fn another_change_leaves_what_was_taken_back_behind() {
        let mut steps = left(&["a", "b"]);
        assert_eq!(steps.go_back(table("c")), Some(table("b")));
        steps.leave(table("b"));
        assert_eq!(steps.go_on(table("d")), None);
        assert_eq!(steps.go_back(table("d")), Some(table("b")));
        assert_eq!(steps.go_back(table("b")), Some(table("a")));
    }

    #[test]
    fn a_change_that_was_refused_is_no_step() {
        let mut steps = left(&["a", "b"]);
        assert!(steps.can_go_back(&table("b")));
        assert_eq!(steps.go_back(table("b")), Some(table("a")));
        assert!(!left(&["b"]).can_go_back(&table("b")));
    }

    #[test]
    fn the_first_of_very_many_are_forgotten() {
        let mut steps = Steps::default();
        (0..MOST_STEPS + 3).for_each(|n| steps.leave(Arc::new(n)));
        let mut now = Arc::new(MOST_STEPS + 3);
        while let Some(there) = steps.go_back(now.clone()) {
            now = there;
        }
        assert_eq!(*now, 3);
    }
}
