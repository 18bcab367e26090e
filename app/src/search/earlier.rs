//! Searches that were made before, in this browser: ↑ in the box brings them back, as in a shell.

use leptos::prelude::*;

use crate::kept;

const KEPT: &str = "searches";
/// Stands between two searches, and in none.
const SEPARATOR: char = '\u{1e}';
const MOST: usize = 100;

/// Handles only.
#[derive(Clone, Copy)]
pub struct Earlier {
    walk: StoredValue<Walk>,
}

impl Earlier {
    pub fn remembered() -> Self {
        let kept = kept::read(KEPT).unwrap_or_default();
        let list = kept.split(SEPARATOR).filter(|query| !query.is_empty()).map(str::to_owned).collect();
        Self { walk: StoredValue::new(Walk { list, ..Walk::default() }) }
    }

    /// It was meant: what is half written on the way to it is not kept.
    pub fn keep(self, query: &str) {
        self.walk.update_value(|walk| {
            if walk.keep(query) {
                kept::write(KEPT, &walk.list.join(&SEPARATOR.to_string()));
            }
        });
    }

    /// The one before that in the box; `None` where there is none.
    pub fn older(self, now: &str) -> Option<String> {
        self.walk.try_update_value(|walk| walk.older(now)).flatten()
    }

    /// The one after that in the box, in the end what was written; `None` where it holds none of them.
    pub fn newer(self, now: &str) -> Option<String> {
        self.walk.try_update_value(|walk| walk.newer(now)).flatten()
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Walk {
    /// The last first, each once.
    list: Vec<String>,
    /// The one that was brought back last.
    at: Option<usize>,
    /// What was in the box before.
    written: String,
}

impl Walk {
    /// Whether the list is another one now.
    fn keep(&mut self, query: &str) -> bool {
        let query = query.trim();
        self.at = None;
        if query.is_empty() || self.list.first().is_some_and(|last| last == query) {
            return false;
        }
        self.list.retain(|known| known != query);
        self.list.insert(0, query.to_owned());
        self.list.truncate(MOST);
        true
    }

    fn older(&mut self, now: &str) -> Option<String> {
        let from = match self.place(now) {
            Some(at) => at + 1,
            None => {
                self.written = now.to_owned();
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

    /// Where one is in the list, unless something else was written since.
    fn place(&self, now: &str) -> Option<usize> {
        self.at.filter(|&at| self.list.get(at).is_some_and(|query| query == now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_through_searches_and_on_to_what_was_written() {
        let mut walk = Walk::default();
        assert_eq!((walk.older("half"), walk.newer("half")), (None, None));
        for query in ["refused", " level:warn ", "refused", "", "took>1s"] {
            walk.keep(query);
        }
        assert_eq!(walk.list, ["took>1s", "refused", "level:warn"]);
        let older = |walk: &mut Walk, now: &str| walk.older(now).unwrap();
        assert_eq!(older(&mut walk, "half"), "took>1s");
        assert_eq!(older(&mut walk, "took>1s"), "refused");
        assert_eq!(older(&mut walk, "refused"), "level:warn");
        assert_eq!(walk.older("level:warn"), None);
        assert_eq!(walk.newer("level:warn").as_deref(), Some("refused"));
        assert_eq!(walk.newer("refused").as_deref(), Some("took>1s"));
        assert_eq!(walk.newer("took>1s").as_deref(), Some("half"));
        assert_eq!(walk.newer("half"), None, "the key is for the entries below");
    }

    #[test]
    fn the_search_that_is_in_the_box_is_not_brought_back() {
        let mut walk = Walk::default();
        walk.keep("refused");
        walk.keep("level:warn");
        assert_eq!(walk.older("level:warn").as_deref(), Some("refused"));
        assert_eq!(walk.newer("refused").as_deref(), Some("level:warn"));
        assert_eq!(walk.newer("level:warn"), None);
        // Another one was written over it.
        walk.older("level:warn");
        assert_eq!(walk.newer("refused by"), None);
    }
}
