//! Rows of cells: CSV, TSV, and logs whose header says what the columns are (W3C extended, Zeek).
//!
//! A cell may be quoted with `"`, which is doubled inside; such a cell may hold separators and line ends. Rows have the
//! header's number of cells; lines that do not are no rows.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::clock::Clock;
use super::members::{HeadMembers, OpenMembers, place_of_stamp, stamp_in_zone, typed, whole_stamp};
use super::stamp::{read_clock, read_stamp, with_joined};
use super::vocabulary::{Known, Role, Vocabulary};
use super::written::Written;
use super::{Head, Parsed};

mod header;
pub use header::first_line_key;

/// A header with more columns is no header.
pub const MOST_COLUMNS: usize = 512;

/// What a delimited format says of its files.
#[derive(Clone, Debug, Default)]
pub struct Delimited {
    /// Of the cells; of a header in the first line the one that fits.
    pub separators: Vec<u8>,
    /// What a line that names the columns begins with: `#Fields: `.
    pub header: Option<String>,
    /// Between the names in such a line.
    pub header_separator: u8,
    /// Names that such a line, or the first one, has.
    pub members: Vec<String>,
    /// The first line of the file names the columns.
    pub first_line: bool,
    /// Lines that begin so are no rows.
    pub comment: Option<u8>,
    /// A row may end before the last columns, but not before these.
    pub least_columns: usize,
    pub absent: Vec<String>,
    /// Of a table without messages, what makes them; see [`Part`].
    pub says: Vec<String>,
}

/// The columns of a file.
#[derive(Clone, Debug)]
pub struct Columns {
    pub separator: u8,
    pub names: Vec<String>,
    roles: Vec<Option<Role>>,
    /// Of each name among those of its role.
    ranks: Vec<u16>,
    /// Columns of the date and of the clock, where those stand apart.
    date_and_clock: Option<(usize, usize)>,
    least: usize,
    comment: Option<u8>,
    absent: Vec<String>,
    says: Vec<Part>,
}

/// A part of the message of a row that has none: the values of columns, each with the text before it, and the text behind
/// them. It is said of rows that have all of the values.
#[derive(Clone, Debug)]
struct Part {
    values: Vec<(String, usize)>,
    behind: String,
}

impl Part {
    /// `{method} {host}{uri}`; `None` where a column is not there.
    fn new(written: &str, names: &[String]) -> Option<Self> {
        let mut pieces = written.split('{');
        let mut before = pieces.next()?.to_owned();
        let mut values = Vec::new();
        for piece in pieces {
            let (name, text) = piece.split_once('}')?;
            let column = names.iter().position(|known| known == name)?;
            values.push((std::mem::replace(&mut before, text.to_owned()), column));
        }
        Some(Self { values, behind: before })
    }
}

/// Stands in a key before that of the format that the messages are of.
pub const HOLDS: char = '\u{5}';
/// Stands between the parts of a key.
pub const KEY_SEPARATOR: char = '\u{1}';
/// Stand in a key before the name of a column that was seen to hold times (or clocks, beside dates), dates, levels, sentences.
const HOLDS_TIMES: char = '\u{2}';
const HOLDS_DATES: char = '\u{3}';
const HOLDS_LEVELS: char = '\u{4}';
const HOLDS_SENTENCES: char = '\u{6}';
const MARKS: [char; 4] = [HOLDS_TIMES, HOLDS_DATES, HOLDS_LEVELS, HOLDS_SENTENCES];

impl Columns {
    /// `names`: each perhaps marked by what its column holds.
    pub fn new(of: &Delimited, separator: u8, names: &[&str], vocabulary: &Vocabulary) -> Self {
        let marked_by = |mark: char| names.iter().position(|name| name.starts_with(mark));
        let (marked, dates, levels) = (marked_by(HOLDS_TIMES), marked_by(HOLDS_DATES), marked_by(HOLDS_LEVELS));
        let sentences = marked_by(HOLDS_SENTENCES);
        let plain: Vec<&str> = names.iter().map(|name| name.trim_start_matches(MARKS)).collect();
        let known: Vec<Known> = plain.iter().map(|name| known_of(name, vocabulary)).collect();
        let times = known.iter().enumerate().filter(|(_, known)| known.role == Some(Role::Time));
        // Of several times the one with the best name is the entry's.
        let time = marked.or_else(|| times.min_by_key(|(_, known)| known.rank).map(|(at, _)| at));
        let role_of = |at: usize| match known[at].role {
            _ if time == Some(at) => Some(Role::Time),
            _ if levels == Some(at) => Some(Role::Level),
            _ if sentences == Some(at) => Some(Role::Message),
            Some(Role::Time | Role::Plain) => None,
            // What a table's columns are called tells less.
            Some(Role::Request | Role::RequestStatus | Role::ExitCode) => None,
            role => role,
        };
        let place = |wanted: &[&str]| {
            plain.iter().position(|name| wanted.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted)))
        };
        let date_and_clock = place(&["date", "date-utc", "date_utc", "date-local"])
            .zip(place(&["time", "time-utc", "time_utc", "time-local"]))
            .filter(|_| marked.is_none())
            .or(dates.zip(marked));
        let roles = (0..plain.len()).map(role_of).collect();
        let ranks = known.iter().map(|known| known.rank).collect();
        let names: Vec<String> = plain.into_iter().map(str::to_owned).collect();
        Self {
            separator,
            roles,
            ranks,
            says: of.says.iter().filter_map(|part| Part::new(part, &names)).collect(),
            names,
            date_and_clock,
            least: of.least_columns,
            comment: of.comment,
            absent: of.absent.clone(),
        }
    }

    /// The column of a row's time, or those of its date and its clock.
    pub fn time_columns(&self) -> Option<(usize, Option<usize>)> {
        match self.date_and_clock {
            Some((date, clock)) => Some((date, Some(clock))),
            None => Some((self.roles.iter().position(|role| *role == Some(Role::Time))?, None)),
        }
    }

    pub fn is_row_of(&self, n_cells: usize) -> bool {
        let n = self.names.len();
        if self.least > 0 { (self.least..=n).contains(&n_cells) } else { n_cells == n }
    }

    /// Neither a comment nor the header itself.
    fn is_row(&self, text: &str, cells: &[Cell]) -> bool {
        let is_comment = self.comment.is_some() && text.as_bytes().first() == self.comment.as_ref();
        let is_header =
            || cells.iter().zip(&self.names).all(|(cell, name)| is_name(text[cell.range.clone()].as_bytes(), name));
        !is_comment && self.is_row_of(cells.len()) && !is_header()
    }

    fn is_absent(&self, cell: &[u8]) -> bool {
        cell.is_empty() || self.absent.iter().any(|absent| absent.as_bytes() == cell)
    }
}

/// Whether a cell names its column, as those of the header do.
fn is_name(cell: &[u8], name: &str) -> bool {
    cell.trim_ascii() == name.as_bytes()
}

/// What a column's name says; capitals, spaces and dashes do not count.
fn known_of(name: &str, vocabulary: &Vocabulary) -> Known {
    let as_written = vocabulary.names.look_up(name.trim().as_bytes());
    let folded = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    if as_written.role.is_some() { as_written } else { vocabulary.names.look_up(folded.as_bytes()) }
}

/// The columns as part of a key; the text of the separator first. `marks`: columns and what they were seen to hold.
pub fn key_of(separator: u8, names: &[&str], marks: &[(usize, char)]) -> String {
    let mut key = (separator as char).to_string();
    for (at, name) in names.iter().enumerate() {
        key.push(KEY_SEPARATOR);
        key.extend(marks.iter().filter(|(marked, _)| *marked == at).map(|(_, mark)| mark));
        key.push_str(name);
    }
    key
}

/// One cell: of a quoted one the range between the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub range: Range<usize>,
    pub quoted: bool,
    /// Quotes are doubled inside.
    pub escaped: bool,
}

/// The cells of a row in their order.
pub struct Cells<'a> {
    text: &'a [u8],
    separator: u8,
    /// `None` behind the last.
    at: Option<usize>,
    /// The last cell's quote has no end.
    pub is_open: bool,
}

impl<'a> Cells<'a> {
    pub fn new(text: &'a [u8], separator: u8) -> Self {
        Self { text, separator, at: Some(0), is_open: false }
    }

    /// Columns between spaces are padded with more of them, at the end of a row too.
    fn pass_padding(&mut self) {
        if self.separator != b' ' {
            return;
        }
        let Some(at) = self.at else { return };
        self.at = self.text[at..].iter().position(|&byte| byte != b' ').map(|len| at + len);
    }

    fn quoted(&mut self, start: usize) -> Cell {
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            let Some(quote) = memchr(b'"', &self.text[at.min(self.text.len())..]).map(|len| at + len) else {
                self.is_open = true;
                self.at = None;
                return Cell { range: (start + 1).min(self.text.len())..self.text.len(), quoted: true, escaped };
            };
            if self.text.get(quote + 1) == Some(&b'"') {
                escaped = true;
                at = quote + 2;
                continue;
            }
            // What stands between the quote and the separator belongs to no cell.
            let behind = memchr(self.separator, &self.text[quote + 1..]);
            self.at = behind.map(|len| quote + 1 + len + 1);
            self.pass_padding();
            return Cell { range: start + 1..quote, quoted: true, escaped };
        }
    }
}

impl Iterator for Cells<'_> {
    type Item = Cell;

    #[inline]
    fn next(&mut self) -> Option<Cell> {
        let start = self.at?;
        if self.text.get(start) == Some(&b'"') {
            return Some(self.quoted(start));
        }
        let len = memchr(self.separator, &self.text[start..]);
        self.at = len.map(|len| start + len + 1);
        self.pass_padding();
        let end = len.map_or(self.text.len(), |len| start + len);
        Some(Cell { range: start..end, quoted: false, escaped: false })
    }
}

/// Whether the row goes on in the next line, because a quote is open.
pub fn is_open(row: &[u8], columns: &Columns) -> bool {
    if memchr(b'"', row).is_none() {
        return false;
    }
    let mut cells = Cells::new(row, columns.separator);
    let n_cells = cells.by_ref().count();
    cells.is_open && n_cells <= columns.names.len()
}

/// The head of a row, or of a line that is a comment, and where the message stands in it: empty if it has none.
pub fn head(
    line: &[u8],
    columns: &Columns,
    vocabulary: &Vocabulary,
    clock: &mut Clock,
) -> Option<(Head, Range<usize>)> {
    if columns.comment.is_some_and(|comment| line.first() == Some(&comment)) {
        return Some((of_comment(line, clock), 0..0));
    }
    let mut found = HeadMembers::new(line, &vocabulary.levels, clock);
    let mut n_cells = 0;
    let (mut date, mut time) = (None, None);
    let (mut time_of_day, mut zone) = (None, None);
    let mut message: Option<(u16, Range<usize>)> = None;
    let mut is_header = true;
    for cell in Cells::new(line, columns.separator) {
        if let Some((date_at, clock_at)) = columns.date_and_clock {
            if n_cells == date_at {
                date = Some(cell.range.clone());
            } else if n_cells == clock_at {
                time = Some(cell.range.clone());
            }
        }
        is_header =
            is_header && columns.names.get(n_cells).is_some_and(|name| is_name(&line[cell.range.clone()], name));
        if let Some(Some(role)) = columns.roles.get(n_cells)
            && !columns.is_absent(&line[cell.range.clone()])
        {
            match role {
                Role::Time => time_of_day = Some(cell.range.clone()),
                Role::Zone => zone = Some(cell.range.clone()),
                _ => {}
            }
            let rank = columns.ranks[n_cells];
            if *role == Role::Message && message.as_ref().is_none_or(|(best, _)| rank < *best) {
                message = Some((rank, cell.range.clone()));
            }
            found.offer(*role, cell.range);
        }
        n_cells += 1;
    }
    if !columns.is_row_of(n_cells) {
        return None;
    }
    // Names of columns are no service and no level.
    if is_header {
        return Some((Head::default(), 0..0));
    }
    let message = message.map_or(0..0, |(_, range)| range);
    let mut head = found.finish();
    if let (Some(date), Some(time)) = (date, time) {
        let in_zone = zone.and_then(|zone| stamp_in_zone(line, &date, &time, &zone));
        let stamp = in_zone.or_else(|| with_joined(&line[date.clone()], &line[time.clone()], whole_stamp))?;
        (head.stamp, head.date) = place_of_stamp(line, Some(date), time);
        let (time, naive) = clock.settle(&stamp)?;
        head.time = Some(time);
        head.naive = naive;
        head.precision = stamp.precision;
    } else if head.time.is_none()
        && let Some(range) = time_of_day
        && let Some(stamp) = read_clock(&line[range.clone()]).filter(|stamp| stamp.len == range.len())
        && let Some((time, naive)) = clock.settle(&stamp)
    {
        head.time = Some(time);
        head.naive = naive;
        head.precision = stamp.precision;
        head.stamp = range.start as u32..range.end as u32;
        head.date = None;
    }
    Some((head, message))
}

/// A comment may say the day that the clocks behind it are of: `#Date: 2026-11-20 10:00:00`.
fn of_comment(line: &[u8], clock: &mut Clock) -> Head {
    const DATE: &[u8] = b"#Date: ";
    let stamp = line.strip_prefix(DATE).and_then(read_stamp);
    let settled = stamp.and_then(|stamp| Some((stamp, clock.settle(&stamp)?)));
    let Some((stamp, (time, naive))) = settled else { return Head::default() };
    Head {
        time: Some(time),
        naive,
        precision: stamp.precision,
        stamp: DATE.len() as u32..(DATE.len() + stamp.len) as u32,
        ..Head::default()
    }
}

/// Opens a row, and tells whether its message is that of a cell. A line that is no row is message.
pub fn parse(text: &str, columns: &Columns, vocabulary: &Vocabulary) -> (Parsed, bool) {
    let mut open = OpenMembers::new(vocabulary);
    let cells: Vec<Cell> = Cells::new(text.as_bytes(), columns.separator).take(MOST_COLUMNS + 1).collect();
    if !columns.is_row(text, &cells) {
        return (Parsed { message: text.to_owned(), ..Parsed::default() }, false);
    }
    for (at, (cell, name)) in cells.iter().zip(&columns.names).enumerate() {
        let written = &text[cell.range.clone()];
        if columns.is_absent(written.as_bytes()) {
            continue;
        }
        let is_stamp = columns.date_and_clock.is_some_and(|(date, clock)| at == date || at == clock);
        if is_stamp {
            continue;
        }
        let value = value_of(text, cell);
        match columns.roles[at] {
            Some(role) => open.offer_as(role, columns.ranks[at], name.clone(), written, value.into()),
            None => open.offer_plain(name.clone(), value.into()),
        }
    }
    let mut parsed = open.finish();
    let is_of_cell = !parsed.message.is_empty();
    if !is_of_cell && !columns.roles.contains(&Some(Role::Message)) {
        parsed.message = said(text, columns, &cells).unwrap_or_else(|| summary(text, columns, &cells));
    }
    (parsed, is_of_cell)
}

/// What the format makes a message of. `None`: the row has nothing of it.
fn said(text: &str, columns: &Columns, cells: &[Cell]) -> Option<String> {
    let value = |column: usize| {
        let written = &text[cells.get(column)?.range.clone()];
        (!columns.is_absent(written.as_bytes())).then_some(written)
    };
    let part = |part: &Part| {
        let values = part.values.iter().map(|(before, column)| Some(format!("{before}{}", value(*column)?)));
        Some(values.collect::<Option<String>>()? + &part.behind)
    };
    let parts: Vec<String> = columns.says.iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Without a column for it, the message is the row behind its stamp.
fn summary(text: &str, columns: &Columns, cells: &[Cell]) -> String {
    let stamps = columns.date_and_clock.map_or([None; 2], |(date, clock)| [Some(date), Some(clock)]);
    let is_stamp = |at: usize| stamps.contains(&Some(at)) || columns.roles[at] == Some(Role::Time);
    let first = (0..cells.len().min(columns.names.len())).find(|&at| !is_stamp(at));
    first.map(|at| text[cells[at].range.start - usize::from(cells[at].quoted)..].to_owned()).unwrap_or_default()
}

/// Whether `test` holds for a cell of this column (its case ignored). `None`: only the opened entry tells.
pub fn any_field(text: &str, columns: &Columns, name: &str, test: &mut dyn FnMut(Written<'_>) -> bool) -> Option<bool> {
    let at = columns.names.iter().position(|own| own.eq_ignore_ascii_case(name));
    let Some(at) = at else { return Some(false) };
    if columns.roles[at].is_some() || columns.date_and_clock.is_some_and(|(date, clock)| at == date || at == clock) {
        return None;
    }
    if columns.names[at + 1..].iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return None;
    }
    let cells: Vec<Cell> = Cells::new(text.as_bytes(), columns.separator).take(MOST_COLUMNS + 1).collect();
    let cell = cells.get(at).filter(|cell| !columns.is_absent(&text.as_bytes()[cell.range.clone()]));
    Some(cell.is_some_and(|cell| columns.is_row(text, &cells) && test(value_of(text, cell))))
}

fn value_of<'t>(text: &'t str, cell: &Cell) -> Written<'t> {
    let written = &text[cell.range.clone()];
    match (cell.quoted, cell.escaped) {
        (true, true) => Written::Text(Cow::Owned(written.replace("\"\"", "\""))),
        (true, false) => Written::Text(written.into()),
        _ => typed(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> (Vec<&str>, bool) {
        let mut cells = Cells::new(row.as_bytes(), b',');
        let read = cells.by_ref().map(|cell| &row[cell.range]).collect();
        (read, cells.is_open)
    }

    #[test]
    fn cells_end_at_separators_outside_of_quotes() {
        assert_eq!(cells(r#"a,"b,""c""",,d"#), (vec!["a", r#"b,""c"""#, "", "d"], false));
        assert_eq!(cells(""), (vec![""], false));
        assert_eq!(cells(r#"a,"b"#), (vec!["a", "b"], true));
        let padded: Vec<_> = Cells::new(b"a  b   \"c d\"  ", b' ').map(|cell| cell.range).collect();
        assert_eq!(padded, [0..1, 3..4, 8..11]);
        assert_eq!(cells(r#"a b"c,d"#), (vec![r#"a b"c"#, "d"], false));
    }
}
