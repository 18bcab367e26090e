//! The columns of the table: which there are, in which order, how wide.
//!
//! All of it is part of the scope, and so of the address; where nobody chose a width, columns are as wide as their values.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use leptos::prelude::*;
use model::columns::{LEVEL, MESSAGE, SERVICE, SINCE_PIN, Shows, TIME, USUAL, WIDTHS};
use model::say;

use super::rows::Rows;
use crate::scope::{Shared, Visit};

/// Nobody chose a width: as wide as its values, within this.
const FITTING_CHARS: RangeInclusive<u32> = 5..=32;
/// Where there is not enough room for all.
const SHRUNK_CHARS: u32 = 10;
/// Names of services are words: longer ones are cut.
const MOST_SERVICE_CHARS: u32 = 18;

/// Handles only: copying it is free.
#[derive(Clone, Copy)]
pub struct ShownColumns {
    /// Those on the page.
    pub names: Memo<Vec<String>>,
    /// Their fields, whose values rows are asked for.
    pub valued: Memo<Vec<String>>,
    shared: Shared,
    chosen: Memo<BTreeMap<String, u32>>,
    /// What the values that were seen so far need.
    fitting: Memo<BTreeMap<String, u32>>,
}

impl ShownColumns {
    pub fn new(shared: Shared, rows: RwSignal<Rows>) -> Self {
        let valued = Memo::new(move |_| {
            shared.scope.with(|scope| match scope.shows {
                Shows::Columns => scope.columns.valued().cloned().collect(),
                Shows::Message | Shows::Raw | Shows::Fields => Vec::new(),
            })
        });
        // Only ever wider: a column that moved with every page would be hard to read along.
        let fitting = Memo::new(move |before: Option<&BTreeMap<String, u32>>| {
            let width = |name: &String| {
                let known = before.and_then(|before| before.get(name)).copied().unwrap_or_default();
                let widest = rows.with(|rows| rows.widest(name)) as u32;
                let most = if name == SERVICE { MOST_SERVICE_CHARS } else { *FITTING_CHARS.end() };
                let head = title(name).chars().count() as u32 + 1;
                let fitting = widest.max(head).max(known).clamp(*FITTING_CHARS.start(), most);
                // A column of services where there are none would only take room.
                let is_void = name == SERVICE && widest.max(known) == 0;
                (name.clone(), if is_void { 0 } else { fitting })
            };
            valued.with(|names| names.iter().map(width).collect())
        });
        let names = Memo::new(move |_| {
            let has_services = fitting.with(|fitting| fitting.get(SERVICE).is_some_and(|chars| *chars > 0));
            let is_void = rows.with(|rows| rows.iter().next().is_some()) && !has_services;
            shared.scope.with(|scope| match scope.shows {
                Shows::Columns => {
                    let names = scope.columns.names().iter();
                    names
                        .filter(|name| !is_void || *name != SERVICE || scope.columns.names().len() == 1)
                        .cloned()
                        .collect()
                }
                Shows::Message | Shows::Raw | Shows::Fields => vec![MESSAGE.to_owned()],
            })
        });
        let chosen = Memo::new(move |_| shared.scope.with(|scope| scope.widths.clone()));
        Self { names, valued, shared, chosen, fitting }
    }

    /// In characters.
    pub fn width(self, name: &str) -> u32 {
        let chosen = self.chosen.with(|chosen| chosen.get(name).copied());
        chosen.unwrap_or_else(|| {
            self.fitting.with(|fitting| fitting.get(name).copied()).unwrap_or(*FITTING_CHARS.start())
        })
    }

    /// Whether there is one on the page so many columns further to the right.
    pub fn can_shift(self, name: &str, by: isize) -> bool {
        self.names.with(|names| neighbour(names, name, by).is_some())
    }

    /// Beyond the ends is no place: it stays where it is.
    pub fn shift(self, name: &str, by: isize) {
        let neighbour = self.names.with_untracked(|names| neighbour(names, name, by).cloned());
        if let Some(other) = neighbour {
            self.shared.change(Visit::New, |scope| scope.columns.put_beside(name, &other));
        }
    }

    /// Tracks of a CSS grid.
    pub fn tracks(self) -> String {
        self.names.with(|names| names.iter().map(|name| self.track(name)).collect::<Vec<_>>().join(" "))
    }

    fn track(self, name: &str) -> String {
        match name {
            TIME => "var(--time-track)".to_owned(),
            SINCE_PIN => "var(--since-track)".to_owned(),
            LEVEL => "var(--level-track)".to_owned(),
            MESSAGE => "minmax(var(--message-floor), 1fr)".to_owned(),
            SERVICE => format!("var(--service-track, {}.5ch)", self.width(SERVICE)),
            // The message comes first where there is not enough room for all.
            name => format!("minmax({}.5ch, {}.5ch)", self.least_chars(name), self.width(name)),
        }
    }

    /// What a column shrinks to where there is no room, unless somebody chose its width.
    fn least_chars(self, name: &str) -> u32 {
        let is_chosen = self.chosen.with(|chosen| chosen.contains_key(name));
        if is_chosen { self.width(name) } else { self.width(name).min(SHRUNK_CHARS) }
    }

    /// The least width of all of them with the gaps between them, as a CSS length; the message can still be read in it.
    pub fn least_width(self) -> String {
        let least = |name: &String| match name.as_str() {
            MESSAGE => "var(--least-message)".to_owned(),
            TIME | SINCE_PIN | LEVEL | SERVICE => self.track(name),
            name => format!("{}.5ch", self.least_chars(name)),
        };
        self.names.with(|names| {
            let tracks = names.iter().map(least).collect::<Vec<_>>().join(" + ");
            format!("calc({tracks} + {} * var(--column-gap))", names.len().saturating_sub(1))
        })
    }

    /// There are other columns than the usual ones: they need not fit.
    pub fn has_others(self) -> bool {
        self.names.with(|names| names.iter().any(|name| !USUAL.contains(&name.as_str())))
    }

    pub fn are_usual(self) -> bool {
        self.names.with(|names| *names == USUAL)
    }
}

/// The column so many places further to the right: of those on the page, as others may be hidden between them.
fn neighbour<'a>(names: &'a [String], name: &str, by: isize) -> Option<&'a String> {
    let place = names.iter().position(|other| other == name)?;
    names.get(place.checked_add_signed(by).filter(|&to| to != place)?)
}

/// What stands over a column.
pub fn title(name: &str) -> &str {
    match name {
        TIME => say!("Time"),
        LEVEL => say!("Level"),
        SERVICE => say!("Service"),
        MESSAGE => say!("Message"),
        SINCE_PIN => say!("Since pin"),
        "source" => say!("Source"),
        name => name,
    }
}

/// Of the column of this name, in this table and in those of results. `None`: as wide as its values.
pub fn set_width(shared: Shared, name: &str, chars: Option<u32>) {
    shared.change(Visit::Same, |scope| match chars {
        Some(chars) => drop(scope.widths.insert(name.to_owned(), chars.clamp(*WIDTHS.start(), *WIDTHS.end()))),
        None => drop(scope.widths.remove(name)),
    });
}

/// Whether somebody may choose how wide it is: it is not as wide as it must be, nor as there is room.
pub fn is_resizable(name: &str) -> bool {
    ![TIME, SINCE_PIN, LEVEL, MESSAGE].contains(&name)
}

pub fn is_column(shared: Shared, name: &str) -> bool {
    shared.scope.with(|scope| scope.columns.has(name))
}

/// Shows it or hides it.
pub fn toggle_column(shared: Shared, name: &str) {
    let was_there = untrack(|| is_column(shared, name));
    shared.change(Visit::New, |scope| {
        match was_there {
            true => {
                scope.columns.hide(name);
                scope.widths.remove(name);
            }
            false => scope.columns.show(name),
        }
        scope.shows = Shows::Columns;
    });
    let is_there = untrack(|| is_column(shared, name));
    let name = title(name);
    shared.said.set(match was_there {
        true if is_there => say!("The last column stays.").to_owned(),
        true => say!("Column {name} hidden.", name),
        false => say!("Column {name} added.", name),
    });
}

#[cfg(test)]
mod tests {
    use model::columns::Columns;

    use super::*;

    #[test]
    fn a_column_goes_as_many_places_as_are_seen_past_one_that_is_hidden() {
        let names = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let seen = names("time level path message");
        let after = |name: &str, by: isize| {
            let mut columns = Columns::new(names("time level service path message"));
            if let Some(other) = neighbour(&seen, name, by) {
                columns.put_beside(name, other);
            }
            columns.names().join(" ")
        };
        assert_eq!(after("path", -1), "time path level service message");
        assert_eq!(after("level", 1), "time service path level message");
        assert_eq!(after("time", 2), "level service path time message");
        for (name, by) in [("time", -1), ("message", 1), ("level", 0), ("service", 1)] {
            assert_eq!(after(name, by), "time level service path message");
        }
    }
}
