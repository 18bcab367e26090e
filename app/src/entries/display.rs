//! How rows look: height, lines, how their time is written. Remembered, not part of the scope.

use model::columns::Shows;
use model::key;
use model::language::told;

use crate::kept;

/// One of a few ways; the first is the usual one.
pub trait Choice: Copy + PartialEq + 'static {
    /// With the name it is remembered by, and in words.
    const ALL: &'static [(Self, &'static str, &'static str)];

    fn of_name(name: &str) -> Self {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == name);
        found.unwrap_or(&Self::ALL[0]).0
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|(choice, ..)| *choice == self).expect("all choices are listed")
    }

    fn name(self) -> &'static str {
        Self::ALL[self.place()].1
    }

    fn words(self) -> &'static str {
        told(Self::ALL[self.place()].2)
    }

    /// The one after it; after the last the first.
    fn next(self) -> Self {
        Self::ALL[(self.place() + 1) % Self::ALL.len()].0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    Normal,
    Compact,
    Roomy,
}

impl Choice for Density {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Normal, "normal", key!("Normal")),
        (Self::Compact, "compact", key!("Compact")),
        (Self::Roomy, "roomy", key!("Roomy")),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    One,
    Three,
    Six,
    Twelve,
}

impl Choice for Lines {
    const ALL: &'static [(Self, &'static str, &'static str)] =
        &[(Self::One, "1", "1"), (Self::Three, "3", "3"), (Self::Six, "6", "6"), (Self::Twelve, "12", "12")];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeForm {
    DateAndClock,
    Clock,
    SinceAbove,
    SinceSelected,
}

impl Choice for TimeForm {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::DateAndClock, "date", key!("Date and time")),
        (Self::Clock, "clock", key!("Time of day")),
        (Self::SinceAbove, "above", key!("Since the row above")),
        (Self::SinceSelected, "selected", key!("Since the selected row")),
    ];
}

/// Digits behind the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    AsWritten,
    Millis,
    Micros,
    Nanos,
}

impl Choice for Digits {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::AsWritten, "written", key!("As written")),
        (Self::Millis, "ms", "ms"),
        (Self::Micros, "us", "µs"),
        (Self::Nanos, "ns", "ns"),
    ];
}

impl Digits {
    /// How many, where `written` are written.
    pub fn count(self, written: usize) -> usize {
        match self {
            Self::AsWritten => written,
            Self::Millis => 3,
            Self::Micros => 6,
            Self::Nanos => 9,
        }
    }
}

impl Choice for Shows {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Columns, "columns", key!("Columns")),
        (Self::Message, "message", key!("Message only")),
        (Self::Raw, "raw", key!("Raw line")),
        (Self::Fields, "fields", key!("Fields")),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Display {
    pub density: Density,
    pub lines: Lines,
    pub time: TimeForm,
    pub digits: Digits,
}

/// Height of a line behind the first; the style sheet says the same.
const LINE_PIXELS: f64 = 18.0;
const KEPT: &str = "display";

impl Display {
    pub fn remembered() -> Self {
        Self::read(&kept::read(KEPT).unwrap_or_default())
    }

    pub fn remember(self) {
        kept::write(KEPT, &self.written());
    }

    /// What was written; what is not known of it is as usual.
    pub fn read(kept: &str) -> Self {
        let mut names = kept.split(' ');
        let mut next = || names.next().unwrap_or_default();
        Self {
            density: Choice::of_name(next()),
            lines: Choice::of_name(next()),
            time: Choice::of_name(next()),
            digits: Choice::of_name(next()),
        }
    }

    fn written(self) -> String {
        let Self { density, lines, time, digits } = self;
        [density.name(), lines.name(), time.name(), digits.name()].join(" ")
    }

    pub fn n_lines(self) -> u32 {
        match self.lines {
            Lines::One => 1,
            Lines::Three => 3,
            Lines::Six => 6,
            Lines::Twelve => 12,
        }
    }

    /// Height of each row in CSS pixels.
    pub fn row_pixels(self) -> f64 {
        let first = match self.density {
            Density::Compact => 20.0,
            Density::Normal => 24.0,
            Density::Roomy => 32.0,
        };
        first + f64::from(self.n_lines() - 1) * LINE_PIXELS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_read_back_and_what_is_not_known_is_the_usual() {
        let usual = Display::read("");
        assert_eq!(usual.written(), "normal 1 date written");
        let chosen = Display { lines: Lines::Six, time: TimeForm::SinceAbove, digits: Digits::Micros, ..usual };
        assert_eq!(Display::read(&chosen.written()), chosen);
        assert_eq!(Display::read("dense 3 sideways"), Display { lines: Lines::Three, ..usual });
    }

    #[test]
    fn choices_go_round() {
        assert_eq!(Density::Roomy.next(), Density::Normal);
        assert_eq!(TimeForm::ALL.iter().fold(TimeForm::Clock, |time, _| time.next()), TimeForm::Clock);
    }

    #[test]
    fn rows_are_as_high_as_their_lines() {
        let compact = Display { density: Density::Compact, lines: Lines::Three, ..Display::read("") };
        assert_eq!((Display::read("").row_pixels(), compact.row_pixels()), (24.0, 56.0));
    }
}
