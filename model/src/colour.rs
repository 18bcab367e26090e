//! Terminal colours in log text: what programs meant by `ESC [ 3 1 m` and its like.
//!
//! A **colour sequence** is `ESC [`, then digits, `;` and `?`, then one ASCII letter: the control sequences of ECMA-48 as
//! programs write them to logs. Text is shown without them and in their colours, brought to a few inks that can be read on
//! light and on dark. Black, white and backgrounds are left out: they were chosen for another screen.

use serde::{Deserialize, Serialize};

pub const ESCAPE: u8 = 0x1B;

/// The length of the colour sequence that `text` begins with; 0 if it begins with none.
pub fn sequence_bytes(text: &[u8]) -> usize {
    let Some(inside) = text.strip_prefix(&[ESCAPE, b'[']) else { return 0 };
    let n_parameters = inside.iter().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b'?')).count();
    if inside.get(n_parameters).is_some_and(u8::is_ascii_alphabetic) { n_parameters + 3 } else { 0 }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ink {
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    Grey,
}

impl Ink {
    /// Lower-case name ("red").
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Blue => "blue",
            Self::Magenta => "magenta",
            Self::Cyan => "cyan",
            Self::Grey => "grey",
        }
    }
}

/// How a part of a text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// `None`: as text usually is.
    pub ink: Option<Ink>,
    pub bold: bool,
}

/// A part of a text, in bytes, that looks other than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paint {
    pub start: u32,
    pub end: u32,
    pub look: Look,
}

/// A text without its colour sequences, and the looks they gave it, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Painted {
    pub text: String,
    pub paints: Vec<Paint>,
}

/// Takes the colour sequences out; `None` if there are none.
pub fn painted(text: &str) -> Option<Painted> {
    let mut rest = text;
    let mut painted = Painted::default();
    let mut pen = Pen::default();
    let mut has_sequences = false;
    while let Some(escape) = rest.find(char::from(ESCAPE)) {
        let (before, from_escape) = rest.split_at(escape);
        painted.push(before, pen.look());
        let n_bytes = sequence_bytes(from_escape.as_bytes());
        let (sequence, after) = from_escape.split_at(n_bytes.max(1));
        match sequence.strip_prefix("\u{1b}[").and_then(|sequence| sequence.strip_suffix('m')) {
            Some(parameters) => pen.take(parameters),
            None if n_bytes == 0 => painted.push(sequence, pen.look()),
            None => {}
        }
        has_sequences |= n_bytes > 0;
        rest = after;
    }
    painted.push(rest, pen.look());
    has_sequences.then_some(painted)
}

impl Painted {
    fn push(&mut self, text: &str, look: Look) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        let end = self.text.len() as u32;
        if look == Look::default() || text.is_empty() {
            return;
        }
        match self.paints.last_mut() {
            Some(last) if last.end == start && last.look == look => last.end = end,
            _ => self.paints.push(Paint { start, end, look }),
        }
    }

    /// The paints of a part of the text, counted from its start.
    pub fn paints_of(&self, start: usize, end: usize) -> Vec<Paint> {
        let (start, end) = (start as u32, end as u32);
        let inside = self.paints.iter().filter(|paint| paint.start < end && paint.end > start);
        let moved = |paint: &Paint| Paint {
            start: paint.start.max(start) - start,
            end: paint.end.min(end) - start,
            look: paint.look,
        };
        inside.map(moved).collect()
    }
}

/// What the sequences so far set.
#[derive(Default)]
struct Pen {
    ink: Option<Ink>,
    bold: bool,
    faint: bool,
}

impl Pen {
    fn look(&self) -> Look {
        Look { ink: self.ink.or(self.faint.then_some(Ink::Grey)), bold: self.bold }
    }

    /// The parameters of a sequence that ends in `m` (Select Graphic Rendition).
    fn take(&mut self, parameters: &str) {
        let mut numbers = parameters.split(';').map(|number| number.parse::<u8>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.faint = true,
                22 => (self.bold, self.faint) = (false, false),
                30..=37 => self.ink = BASIC[usize::from(number - 30)],
                38 => self.ink = extended(&mut numbers),
                39 => self.ink = None,
                // A background: its parameters are passed over.
                48 => drop(extended(&mut numbers)),
                90 => self.ink = Some(Ink::Grey),
                91..=97 => self.ink = BASIC[usize::from(number - 90)],
                _ => {}
            }
        }
    }
}

/// Black to white, as terminals number them.
const BASIC: [Option<Ink>; 8] = [
    None,
    Some(Ink::Red),
    Some(Ink::Green),
    Some(Ink::Yellow),
    Some(Ink::Blue),
    Some(Ink::Magenta),
    Some(Ink::Cyan),
    None,
];

/// What follows 38: `5;n` of 256 colours, or `2;r;g;b`.
fn extended(numbers: &mut impl Iterator<Item = u8>) -> Option<Ink> {
    match numbers.next()? {
        2 => nearest(numbers.next()?, numbers.next()?, numbers.next()?),
        5 => match numbers.next()? {
            8 => Some(Ink::Grey),
            basic @ 0..=15 => BASIC[usize::from(basic % 8)],
            cube @ 16..=231 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let step = cube - 16;
                nearest(level(step / 36), level(step / 6 % 6), level(step % 6))
            }
            grey => nearest(8 + 10 * (grey - 232), 8 + 10 * (grey - 232), 8 + 10 * (grey - 232)),
        },
        _ => None,
    }
}

/// The ink of this hue; what is about black or white has none.
fn nearest(red: u8, green: u8, blue: u8) -> Option<Ink> {
    /// Channels that differ by less make a grey.
    const LEAST_HUE: u8 = 40;
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if most - least < LEAST_HUE {
        return (60..190).contains(&most).then_some(Ink::Grey);
    }
    let is_high = |channel: u8| channel > least + (most - least) / 2;
    match (is_high(red), is_high(green), is_high(blue)) {
        (true, false, false) => Some(Ink::Red),
        (false, true, false) => Some(Ink::Green),
        (true, true, _) => Some(Ink::Yellow),
        (false, false, _) => Some(Ink::Blue),
        (true, false, true) => Some(Ink::Magenta),
        (false, true, true) => Some(Ink::Cyan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with each painted part in brackets, after its ink and `!` for bold.
    fn check(text: &str, expected: &str) {
        let painted = painted(text).unwrap_or_else(|| Painted { text: text.to_owned(), paints: Vec::new() });
        let mut shown = String::new();
        let mut from = 0;
        for paint in &painted.paints {
            let ink = paint.look.ink.map_or("", Ink::name);
            let bold = if paint.look.bold { "!" } else { "" };
            shown += &painted.text[from..paint.start as usize];
            shown += &format!("{ink}{bold}[{}]", &painted.text[paint.start as usize..paint.end as usize]);
            from = paint.end as usize;
        }
        assert_eq!(shown + &painted.text[from..], expected, "{text:?}");
    }

    #[test]
    fn colours_become_inks_and_the_text_stays() {
        check("\u{1b}[31mERROR\u{1b}[0m disk", "red[ERROR] disk");
        check("\u{1b}[1;32mok\u{1b}[22m go\u{1b}[39m.", "green![ok]green[ go].");
        check("\u{1b}[2mfaint\u{1b}[m \u{1b}[90mgrey\u{1b}[0m", "grey[faint] grey[grey]");
        check("\u{1b}[38;5;196mä\u{1b}[38;2;10;200;220mé\u{1b}[m", "red[ä]cyan[é]");
    }

    #[test]
    fn what_was_chosen_for_another_screen_is_left_out() {
        check("\u{1b}[30;47mblack on white\u{1b}[0m \u{1b}[97mwhite\u{1b}[m", "black on white white");
        check("\u{1b}[48;5;9;34mblue on red", "blue[blue on red]");
    }

    #[test]
    fn other_sequences_go_and_what_is_none_stays() {
        check("\u{1b}[2K\u{1b}[?25lx", "x");
        check("[31m \u{1b} \u{1b}[31", "[31m \u{1b} \u{1b}[31");
        check("\u{1b}[999;;38m\u{1b}[38;5mx", "x");
    }

    #[test]
    fn a_part_of_a_text_has_its_part_of_the_paints() {
        let painted = painted("\u{1b}[31mERROR disk\u{1b}[0m full").expect("it has colours");
        let red = Look { ink: Some(Ink::Red), bold: false };
        assert_eq!(painted.paints_of(6, 15), [Paint { start: 0, end: 4, look: red }]);
        assert!(painted.paints_of(11, 15).is_empty());
    }
}
