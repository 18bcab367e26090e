//! Walking through searches that were made before, in this browser: ↑ in the box brings them back, as in a shell.

use leptos::prelude::*;

use crate::kept;

/// Handles only.
#[derive(Clone, Copy)]
pub struct Earlier {
    walk: StoredValue<Walk>,
}

impl Earlier {
    pub fn new() -> Self {
        Self { walk: StoredValue::new(Walk::default()) }
    }

    /// It was meant: what is half written on the way to it is not kept.
    pub fn keep(self, query: &str) {
        kept::SEARCHES.keep(query);
        self.end();
    }

    /// The one before that in the box; `None` where there is none.
    pub fn older(self, now: &str) -> Option<String> {
        // As they are kept by now: another tab may have made one, or all may be forgotten.
        self.walk.try_update_value(|walk| walk.older(now, || kept::SEARCHES.read())).flatten()
    }

    /// The one after that in the box, in the end what was written; `None` where it holds none of them.
    pub fn newer(self, now: &str) -> Option<String> {
        self.walk.try_update_value(|walk| walk.newer(now)).flatten()
    }

    /// The box was left: what was half written in it is not brought back later.
    pub fn end(self) {
        self.walk.update_value(Walk::end);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Walk {
    /// The searches when it began, the last first, each once.
    list: Vec<String>,
    /// The one that was brought back last.
    at: Option<usize>,
    /// What was in the box before.
    written: String,
}

impl Walk {
    /// `kept`: all there are.
    fn older(&mut self, now: &str, kept: impl FnOnce() -> Vec<String>) -> Option<String> {
        let from = match self.place(now) {
            Some(at) => at + 1,
            None => {
                *self = Self { list: kept(), at: None, written: now.to_owned() };
                0
            }
        };
        let (at, found) = self.list.iter().enumerate().skip(from).find(|(_, query)| *query != now)?;
        self.at = Some(at);
        Some(found.clone())
    }

    fn newer(&mut self, now: &str) -> Option<String> {
        let after = self.place(now)?.checked_sub(1).filter(|&after| self.list[after] != self.written);
        self.at = after;
        Some(after.map_or(&self.written, |after| &self.list[after]).clone())
    }

    fn end(&mut self) {
        *self = Self::default();
    }

    /// Where one is in the list, unless something else was written since.
    fn place(&self, now: &str) -> Option<usize> {
        self.at.filter(|&at| self.list.get(at).is_some_and(|query| query == now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Vec<String> {
        ["took>1s", "refused", "level:warn"].map(str::to_owned).to_vec()
    }

    #[test]
    fn one_goes_back_through_searches_and_on_to_what_was_written() {
        let mut walk = Walk::default();
        assert_eq!((walk.older("half", Vec::new), walk.newer("half")), (None, None));
        let older = |walk: &mut Walk, now: &str| walk.older(now, kept).unwrap();
        assert_eq!(older(&mut walk, "half"), "took>1s");
        assert_eq!(older(&mut walk, "took>1s"), "refused");
        assert_eq!(older(&mut walk, "refused"), "level:warn");
        assert_eq!(walk.older("level:warn", kept), None);
        assert_eq!(walk.newer("level:warn").as_deref(), Some("refused"));
        assert_eq!(walk.newer("refused").as_deref(), Some("took>1s"));
        assert_eq!(walk.newer("took>1s").as_deref(), Some("half"));
        assert_eq!(walk.newer("half"), None, "the key is for the entries below");
    }

    #[test]
    fn the_search_that_is_in_the_box_is_not_brought_back() {
        let mut walk = Walk::default();
        assert_eq!(walk.older("took>1s", kept).as_deref(), Some("refused"));
        assert_eq!(walk.newer("refused").as_deref(), Some("took>1s"));
        assert_eq!(walk.newer("took>1s"), None);
        // Another one was written over it.
        walk.older("took>1s", kept);
        assert_eq!(walk.newer("refused by"), None);
    }

    #[test]
    fn what_was_half_written_is_not_brought_back_once_the_box_was_left() {
        let mut walk = Walk::default();
        assert_eq!(walk.older("half", kept).as_deref(), Some("took>1s"));
        walk.end();
        assert_eq!(walk.newer("took>1s"), None);
        // A walk from there begins with that one, and with what is kept by then.
        assert_eq!(walk.older("took>1s", Vec::new), None);
        assert_eq!(walk.older("took>1s", kept).as_deref(), Some("refused"));
        assert_eq!(walk.newer("refused").as_deref(), Some("took>1s"));
    }
}
