//! What this browser keeps for the person at it, beside the workspace: small choices (theme, panel sizes), and texts that were
//! written before (searches, SQL statements), which are forgotten with the logs that they were about.

use leptos::prelude::window;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// `None` where nothing was kept, or the browser keeps nothing.
pub fn read(name: &str) -> Option<String> {
    storage()?.get_item(&format!("dendro.{name}")).ok().flatten()
}

/// A browser that refuses only forgets the choice.
pub fn write(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("dendro.{name}"), value);
    }
}

pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("dendro.{name}"));
    }
}

/// Texts that were written before, the last first, each once.
#[derive(Clone, Copy, Debug)]
pub struct Earlier {
    name: &'static str,
    most: usize,
    /// Longer ones are left out: what a browser keeps for an address is a few megabytes.
    most_bytes: usize,
}

pub const SEARCHES: Earlier = Earlier { name: "searches", most: 100, most_bytes: 4 << 10 };
pub const STATEMENTS: Earlier = Earlier { name: "sql", most: 50, most_bytes: 32 << 10 };

/// Stands between two texts, and in none.
const SEPARATOR: char = '\u{1e}';

impl Earlier {
    pub fn read(self) -> Vec<String> {
        let kept = read(self.name).unwrap_or_default();
        kept.split(SEPARATOR).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    /// Puts a text before all that are kept by now, by other tabs as well; gives all of them.
    pub fn keep(self, text: &str) -> Vec<String> {
        let mut list = self.read();
        if self.put_first(&mut list, text) {
            write(self.name, &list.join(&SEPARATOR.to_string()));
        }
        list
    }

    /// Whether the list is another one now.
    fn put_first(self, list: &mut Vec<String>, text: &str) -> bool {
        let text = text.replace(SEPARATOR, " ");
        let text = text.trim();
        let is_last = list.first().is_some_and(|last| last == text);
        if text.is_empty() || text.len() > self.most_bytes || is_last {
            return false;
        }
        list.retain(|known| known != text);
        list.insert(0, text.to_owned());
        list.truncate(self.most);
        true
    }
}

/// Forgets all texts that were written before.
pub fn forget_earlier() {
    for earlier in [SEARCHES, STATEMENTS] {
        forget(earlier.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_once_the_last_first() {
        let few = Earlier { name: "few", most: 2, most_bytes: 10 };
        let mut list = Vec::new();
        for text in ["refused", " level:warn ", "refused"] {
            assert!(few.put_first(&mut list, text), "{text}");
        }
        assert_eq!(list, ["refused", "level:warn"]);
        for text in ["refused", "", "  ", "longer than ten bytes"] {
            assert!(!few.put_first(&mut list, text), "{text}");
        }
        few.put_first(&mut list, "a\u{1e}b");
        assert_eq!(list, ["a b", "refused"], "one text stays one");
    }
}
