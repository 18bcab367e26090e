//! The columns beside time, level, service and message: which fields have one, in which order, how wide.
//!
//! Which and in which order is part of the scope, and so of the address; how wide is remembered for each field by itself.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use leptos::prelude::*;
use model::say;

use super::rows::Rows;
use crate::kept;
use crate::scope::{Shared, Visit};

/// Widths that a column can be given, in characters.
pub const CHARS: RangeInclusive<u32> = 4..=160;
/// Nobody chose a width: as wide as its values, within this.
const FITTING_CHARS: RangeInclusive<u32> = 5..=32;
/// Where the widths are remembered: a line `12 name` for each.
const KEPT: &str = "column-widths";

/// Fields that every row shows without a column of their own.
const ALWAYS_SHOWN: [&str; 5] = ["time", "level", "severity", "service", "message"];

/// Handles only: copying it is free.
#[derive(Clone, Copy)]
pub struct Columns {
    pub names: Memo<Vec<String>>,
    chosen: RwSignal<BTreeMap<String, u32>>,
    /// What the values that were seen so far need.
    fitting: Memo<BTreeMap<String, u32>>,
}

impl Columns {
    pub fn new(shared: Shared, rows: RwSignal<Rows>) -> Self {
        let names = Memo::new(move |_| shared.scope.with(|scope| scope.columns.clone()));
        // Only ever wider: a column that moved with every page would be hard to read along.
        let fitting = Memo::new(move |before: Option<&BTreeMap<String, u32>>| {
            let width = |name: &String| {
                let known = before.and_then(|before| before.get(name)).copied().unwrap_or_default();
                let widest = rows.with(|rows| rows.widest(name)).max(name.chars().count() + 1);
                (name.clone(), (widest as u32).max(known).clamp(*FITTING_CHARS.start(), *FITTING_CHARS.end()))
            };
            names.with(|names| names.iter().map(width).collect())
        });
        Self { names, chosen: RwSignal::new(read(&kept::read(KEPT).unwrap_or_default())), fitting }
    }

    /// In characters.
    pub fn width(self, name: &str) -> u32 {
        let chosen = self.chosen.with(|chosen| chosen.get(name).copied());
        chosen.unwrap_or_else(|| {
            self.fitting.with(|fitting| fitting.get(name).copied()).unwrap_or(*FITTING_CHARS.start())
        })
    }

    /// `None`: as wide as its values.
    pub fn set_width(self, name: &str, chars: Option<u32>) {
        self.chosen.update(|chosen| {
            match chars {
                Some(chars) => drop(chosen.insert(name.to_owned(), chars.clamp(*CHARS.start(), *CHARS.end()))),
                None => drop(chosen.remove(name)),
            }
            kept::write(KEPT, &chosen.iter().map(|(name, chars)| format!("{chars} {name}\n")).collect::<String>());
        });
    }

    /// Tracks of a CSS grid.
    pub fn tracks(self) -> String {
        self.names.with(|names| names.iter().map(|name| format!("{}.5ch ", self.width(name))).collect())
    }

    /// All of them with the gaps between them, as a CSS length; `None` where there are none.
    pub fn sum(self) -> Option<String> {
        let chars: f64 = self.names.with(|names| names.iter().map(|name| f64::from(self.width(name)) + 0.5).sum());
        let n_columns = self.names.with(Vec::len);
        (n_columns > 0).then(|| format!("calc({chars}ch + {n_columns} * var(--column-gap))"))
    }
}

fn read(kept: &str) -> BTreeMap<String, u32> {
    let width = |line: &str| {
        let (chars, name) = line.split_once(' ')?;
        let chars = chars.parse().ok().filter(|chars| CHARS.contains(chars))?;
        Some((name.to_owned(), chars))
    };
    kept.lines().filter_map(width).collect()
}

/// Whether a column of it would show more than the table does without.
pub fn can_be_column(name: &str) -> bool {
    !ALWAYS_SHOWN.iter().any(|shown| name.eq_ignore_ascii_case(shown))
}

pub fn is_column(shared: Shared, name: &str) -> bool {
    shared.scope.with(|scope| scope.columns.iter().any(|column| column == name))
}

/// Gives the field a column, behind the others, or takes it away.
pub fn toggle_column(shared: Shared, name: &str) {
    let was_there = untrack(|| is_column(shared, name));
    shared.change(Visit::New, |scope| match was_there {
        true => scope.columns.retain(|column| column != name),
        false => scope.columns.push(name.to_owned()),
    });
    shared.said.set(match was_there {
        true => say!("Column {name} removed.", name),
        false => say!("Column {name} added.", name),
    });
}

/// Whether there is a place for it so many columns further to the right.
pub fn can_shift(names: &[String], name: &str, by: isize) -> bool {
    shifted(names, name, by).is_some()
}

pub fn shift_column(shared: Shared, name: &str, by: isize) {
    let names = shared.scope.with_untracked(|scope| shifted(&scope.columns, name, by));
    if let Some(names) = names {
        shared.change(Visit::New, |scope| scope.columns = names);
    }
}

fn shifted(names: &[String], name: &str, by: isize) -> Option<Vec<String>> {
    let place = names.iter().position(|other| other == name)?;
    let to = place.checked_add_signed(by).filter(|&to| to < names.len())?;
    let mut names = names.to_vec();
    let moved = names.remove(place);
    names.insert(to, moved);
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_goes_from_place_to_place_and_not_beyond_the_ends() {
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(shifted(&names, "a", 1).map(|names| names.concat()).as_deref(), Some("bac"));
        assert_eq!(shifted(&names, "c", -2).map(|names| names.concat()).as_deref(), Some("cab"));
        assert!(!can_shift(&names, "a", -1) && !can_shift(&names, "c", 1) && !can_shift(&names, "d", 0));
    }

    #[test]
    fn widths_that_were_kept_by_somebody_else_are_left_out() {
        assert_eq!(read("12 http.path\n9 two words\nwide x\n99999 y\n7\n"), {
            BTreeMap::from([("http.path".to_owned(), 12), ("two words".to_owned(), 9)])
        });
    }

    #[test]
    fn what_every_row_shows_needs_no_column() {
        assert!(!can_be_column("Level") && can_be_column(".level") && can_be_column("source"));
    }
}
