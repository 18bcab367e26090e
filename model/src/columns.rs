//! The columns of the table of entries: one list, in which time, level, service and message are columns like any field.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::query::is_level_name;

pub const TIME: &str = "time";
pub const LEVEL: &str = "level";
pub const SERVICE: &str = "service";
/// The message and, behind it, the fields that have no column; it takes the room that the others leave.
pub const MESSAGE: &str = "message";
/// How long before or after the pinned row.
pub const SINCE_PIN: &str = "since-pin";

/// Those that a table has unless somebody chose otherwise.
pub const USUAL: [&str; 4] = [TIME, LEVEL, SERVICE, MESSAGE];
/// Where columns that are no field's stand beside each other when they come.
const PLACES: [&str; 5] = [TIME, SINCE_PIN, LEVEL, SERVICE, MESSAGE];

/// Widths that a column can be given, in characters.
pub const WIDTHS: RangeInclusive<u32> = 4..=160;

/// What each row of the table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shows {
    #[default]
    Columns,
    /// Nothing but its message.
    Message,
    /// Its text as it stands in its file.
    Raw,
    /// The names and values of its fields.
    Fields,
}

impl Shows {
    /// As the address names them; the usual one needs no name.
    const NAMED: [(Self, &str); 3] = [(Self::Message, "message"), (Self::Raw, "raw"), (Self::Fields, "fields")];

    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(shows, _)| *shows == self).map(|(_, name)| *name)
    }

    /// The usual one where no other is called so.
    pub fn of_name(name: &str) -> Self {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(shows, _)| *shows).unwrap_or_default()
    }
}

/// From left to right, by the names that queries have for them; one at least, none twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Columns(Vec<String>);

impl Default for Columns {
    fn default() -> Self {
        Self(USUAL.map(str::to_owned).to_vec())
    }
}

impl Columns {
    /// Where there are none, the usual ones.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut columns = Self(Vec::new());
        for name in names {
            let name = known_as(&name).to_owned();
            if !name.is_empty() && !columns.has(&name) {
                columns.0.push(name);
            }
        }
        if columns.0.is_empty() { Self::default() } else { columns }
    }

    /// The usual ones, and these before the message.
    pub fn with_usual(fields: impl IntoIterator<Item = String>) -> Self {
        let [before @ .., message] = USUAL.map(str::to_owned);
        let fields = fields.into_iter().filter(|name| known_as(name) != MESSAGE);
        Self::new(before.into_iter().chain(fields).chain([message]))
    }

    pub fn names(&self) -> &[String] {
        &self.0
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|column| column == known_as(name))
    }

    /// Those that stand before the message, where all others are the usual ones in their places.
    pub fn beside_usual(&self) -> Option<&[String]> {
        let [before @ .., message] = &USUAL;
        let (first, rest) = self.0.split_at_checked(before.len())?;
        let (last, fields) = rest.split_last()?;
        let is_usual = first.iter().zip(before).all(|(name, usual)| name == usual) && last == message;
        is_usual.then_some(fields)
    }

    /// Those whose values an entry is asked for by their names.
    pub fn valued(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|name| ![TIME, SINCE_PIN, LEVEL, MESSAGE].contains(&name.as_str()))
    }

    /// A field before the message, others where they usually stand.
    pub fn show(&mut self, name: &str) {
        let name = known_as(name);
        if self.has(name) {
            return;
        }
        let behind = |earlier: &[&str]| {
            let is_earlier = |column: &String| earlier.contains(&column.as_str());
            self.0.iter().rposition(is_earlier).map_or(0, |last| last + 1)
        };
        let place = match PLACES.iter().position(|usual| *usual == name) {
            Some(_) if name == MESSAGE => self.0.len(),
            Some(rank) => behind(&PLACES[..rank]),
            None => self.0.iter().position(|column| column == MESSAGE).unwrap_or(self.0.len()),
        };
        self.0.insert(place, name.to_owned());
    }

    /// The last one stays.
    pub fn hide(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.retain(|column| column != known_as(name));
        }
    }

    /// Moves a column past another: behind one on its right, before one on its left. Those between keep their order.
    pub fn put_beside(&mut self, name: &str, other: &str) {
        let place = |name: &str| self.0.iter().position(|column| column == name);
        if let Some((from, to)) = place(name).zip(place(other)) {
            let moved = self.0.remove(from);
            self.0.insert(to, moved);
        }
    }
}

/// What people write in other letters, or by another name, is one column.
fn known_as(name: &str) -> &str {
    if is_level_name(name) {
        return LEVEL;
    }
    USUAL.into_iter().find(|usual| usual.eq_ignore_ascii_case(name)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &str) -> Columns {
        Columns::new(names.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_column_goes_past_another_whatever_stands_between_them() {
        let after = |name: &str, other: &str| {
            let mut moved = columns("a b c d");
            moved.put_beside(name, other);
            moved
        };
        assert_eq!(after("a", "b"), columns("b a c d"));
        assert_eq!(after("a", "c"), columns("b c a d"));
        assert_eq!(after("d", "b"), columns("a d b c"));
        for (name, other) in [("a", "a"), ("a", "e"), ("e", "a")] {
            assert_eq!(after(name, other), columns("a b c d"));
        }
    }

    #[test]
    fn what_was_hidden_comes_back_where_it_usually_stands_and_fields_come_before_the_message() {
        let mut here = Columns::default();
        for name in USUAL {
            here.hide(name);
        }
        assert_eq!(here, columns("message"), "one stays");
        for name in ["path", "service", "Severity", "since-pin", "time", "user"] {
            here.show(name);
        }
        assert_eq!(here, columns("time since-pin level service path user message"));
        here.hide("message");
        here.show("more");
        here.show("message");
        assert_eq!(here.names().last().map(String::as_str), Some("message"));
        assert_eq!(here.valued().map(String::as_str).collect::<Vec<_>>(), ["service", "path", "user", "more"]);
    }

    #[test]
    fn the_level_is_one_column_whatever_it_is_called() {
        assert!(Columns::default().has("severity") && Columns::default().has("Level"));
        assert!(!Columns::default().has(".level") && !Columns::default().has("source"));
    }

    #[test]
    fn the_usual_ones_are_told_from_others() {
        let beside = |columns: &Columns| columns.beside_usual().map(|fields| fields.join(" "));
        assert_eq!(beside(&Columns::default()).as_deref(), Some(""));
        assert_eq!(beside(&Columns::with_usual(["a".to_owned(), "b".to_owned()])).as_deref(), Some("a b"));
        assert_eq!(beside(&columns("time level service a")), None);
        assert_eq!(beside(&columns("level time service message")), None);
        assert_eq!(beside(&columns("message")), None);
    }
}
