//! What the user says of names of services: which are one, and which is a service of its own.
//!
//! Rules (`analysis::topology::names`) make one service of several names by their form. What stands in this table goes before them.

use serde::{Deserialize, Serialize};

use crate::meaning::quoted;
use crate::{key, say};

/// A rule by which a name is another one's, with an example.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub written: &'static str,
    pub service: &'static str,
}

pub const OF_POD: &str = key!("pod of a deployment");
pub const OF_LOG: &str = key!("log of a kind");
pub const OF_SET: &str = key!("part of a numbered set");
pub const SAME_KEY: &str = key!("same but for version, case and “service”");
/// What goes before all rules.
pub const SAID: &str = key!("as you said");

/// All of them, in the order in which they are tried.
pub const RULES: [Rule; 4] = [
    Rule { name: OF_POD, written: "cart-5c67c48447-fj8b7", service: "cart" },
    Rule { name: OF_LOG, written: "gateway-access", service: "gateway" },
    Rule { name: OF_SET, written: "web-3", service: "web" },
    Rule { name: SAME_KEY, written: "payment-svc-v2", service: "payment" },
];

/// Entries that are written to be of one service are of another, or, where both are the same, of no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Said {
    pub written: String,
    pub service: String,
}

impl Said {
    /// No rule makes it one with others.
    pub fn is_apart(&self) -> bool {
        self.written == self.service
    }
}

/// The whole table, by the names as they are written. A service that others are joined to is itself joined to none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Naming {
    pub rows: Vec<Said>,
}

/// More are a slip.
const MOST_ROWS: usize = 2_000;
const MOST_BYTES: usize = 500;

impl Naming {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The service that is meant by a name; `None`: the rules decide.
    pub fn of(&self, written: &str) -> Option<&str> {
        let at = self.rows.binary_search_by(|row| row.written.as_str().cmp(written)).ok()?;
        Some(&self.rows[at].service)
    }

    /// The other names of the services that these are names of, as was said.
    pub fn others_of(&self, names: &[String]) -> Vec<String> {
        let mut others: Vec<&str> = Vec::new();
        for name in names {
            let service = self.of(name).unwrap_or(name);
            let joined = self.rows.iter().filter(|row| row.service == service).map(|row| row.written.as_str());
            others.extend(joined.chain([service]).filter(|other| !names.iter().any(|name| name == other)));
        }
        others.sort_unstable();
        others.dedup();
        others.into_iter().map(str::to_owned).collect()
    }

    /// These names are of the service from now on.
    pub fn join<'w>(&mut self, written: impl IntoIterator<Item = &'w str>, service: &str) {
        // Who is joined to one that is joined to another means that one.
        let service = self.of(service).unwrap_or(service).to_owned();
        for name in written.into_iter().filter(|name| *name != service) {
            for row in self.rows.iter_mut().filter(|row| row.service == name) {
                row.service.clone_from(&service);
            }
            self.put(name, &service);
        }
    }

    /// The name is of a service of its own from now on.
    pub fn part(&mut self, written: &str) {
        self.put(written, written);
    }

    /// The rules decide on the name from now on.
    pub fn forget(&mut self, written: &str) {
        self.rows.retain(|row| row.written != written);
    }

    fn put(&mut self, written: &str, service: &str) {
        self.forget(written);
        let at = self.rows.partition_point(|row| row.written.as_str() < written);
        self.rows.insert(at, Said { written: written.to_owned(), service: service.to_owned() });
    }

    /// What another table says of names goes before what this one says of them.
    pub fn take_in(&mut self, other: &Self) {
        for row in &other.rows {
            if row.is_apart() { self.part(&row.written) } else { self.join([&*row.written], &row.service) }
        }
    }

    /// As TOML, to keep beside code and to hand on; `analysis::naming` reads it.
    ///
    /// ```text
    /// [[name]]
    /// written = "till"
    /// service = "payment"
    /// ```
    pub fn to_text(&self) -> String {
        let head = "# Which names are of one service; a name that is its own service is of no other.\n".to_owned();
        self.rows.iter().fold(head, |text, Said { written, service }| {
            text + &format!("\n[[name]]\nwritten = {}\nservice = {}\n", quoted(written), quoted(service))
        })
    }

    /// As it is kept: without spaces around names, of one name one row, and no name behind which another one stands.
    pub fn tidied(self) -> Self {
        let mut tidy = Self::default();
        for row in self.rows {
            let (written, service) = (row.written.trim(), row.service.trim());
            match written == service {
                _ if written.is_empty() || service.is_empty() => {}
                true => tidy.part(written),
                false => tidy.join([written], service),
            }
        }
        tidy
    }

    /// Why it cannot be used, in a sentence.
    pub fn problem(&self) -> Option<String> {
        let is_long = |row: &Said| row.written.len().max(row.service.len()) > MOST_BYTES;
        (self.rows.len() > MOST_ROWS || self.rows.iter().any(is_long))
            .then(|| say!("A table of names has at most {} names, and no text is one.", MOST_ROWS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(naming: &Naming) -> Vec<(&str, &str)> {
        naming.rows.iter().map(|row| (row.written.as_str(), row.service.as_str())).collect()
    }

    #[test]
    fn whoever_is_joined_to_one_that_is_joined_means_the_last() {
        let mut naming = Naming::default();
        naming.join(["till"], "cashier");
        naming.join(["cashier"], "payment");
        naming.join(["pos"], "till");
        assert_eq!(told(&naming), [("cashier", "payment"), ("pos", "payment"), ("till", "payment")]);
        naming.join(["payment"], "payment");
        assert_eq!(naming.of("payment"), None);
        // The other way round it is no ring.
        naming.join(["payment"], "till");
        assert_eq!((naming.of("till"), naming.of("payment")), (Some("payment"), None));
    }

    #[test]
    fn what_is_parted_is_of_its_own_until_it_is_joined_again() {
        let mut naming = Naming::default();
        naming.part("payment-v2");
        assert!(naming.rows[0].is_apart());
        naming.join(["pos"], "payment-v2");
        assert_eq!(naming.of("pos"), Some("payment-v2"));
        naming.join(["payment-v2"], "payment");
        assert_eq!(told(&naming), [("payment-v2", "payment"), ("pos", "payment")]);
        naming.forget("pos");
        assert_eq!(naming.of("pos"), None);
    }

    #[test]
    fn whoever_asks_for_one_name_hears_of_the_others_that_were_said() {
        let mut naming = Naming::default();
        naming.join(["till", "pos"], "payment");
        naming.part("shop-v2");
        let others = |names: &[&str]| naming.others_of(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(others(&["till"]), ["payment", "pos"]);
        assert_eq!(others(&["payment", "cart"]), ["pos", "till"]);
        assert_eq!(others(&["till", "pos"]), ["payment"]);
        assert!(others(&["payment", "pos", "till"]).is_empty() && others(&["shop-v2", "cart"]).is_empty());
        naming.forget("till");
        assert!(naming.others_of(&["till".to_owned()]).is_empty(), "it is another service again");
    }

    #[test]
    fn what_is_taken_in_goes_before_what_was_said() {
        let mut naming = Naming::default();
        naming.join(["till", "pos"], "payment");
        let mut other = Naming::default();
        other.join(["payment"], "cashier");
        other.part("pos");
        naming.take_in(&other);
        assert_eq!(told(&naming), [("payment", "cashier"), ("pos", "pos"), ("till", "cashier")]);
    }

    #[test]
    fn a_table_from_elsewhere_is_put_in_order() {
        let row = |written: &str, service: &str| Said { written: written.to_owned(), service: service.to_owned() };
        let naming = Naming { rows: vec![row(" b ", "c"), row("a", "b"), row("", "x"), row("b", "d")] }.tidied();
        assert_eq!(told(&naming), [("a", "c"), ("b", "d")]);
        assert_eq!(naming.problem(), None);
        let text = Naming { rows: vec![row(&"x".repeat(501), "y")] };
        assert!(text.problem().is_some());
    }
}
