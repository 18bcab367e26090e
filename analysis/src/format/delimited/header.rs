//! Whether the first line of a file names the columns of the rows behind it.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::{
    Cell, Cells, Columns, Delimited, HOLDS_DATES, HOLDS_LEVELS, HOLDS_SENTENCES, HOLDS_TIMES, MOST_COLUMNS, key_of,
};
use crate::format::members::whole_stamp;
use crate::format::opening::leaves_quote_open;
use crate::format::stamp::{read_clock, read_stamp, with_joined};
use crate::format::vocabulary::{Role, Vocabulary};

/// The columns of a header in the first line, if the lines behind it are its rows: the key, without the format's name.
///
/// `rows`: the lines behind it.
pub fn first_line_key(of: &Delimited, header: &str, rows: &[&[u8]], vocabulary: &Vocabulary) -> Option<String> {
    of.separators.iter().find_map(|&separator| key_of_header(of, separator, header, rows, vocabulary))
}

/// Rows that must have the header's number of cells: all of them but for one in this many.
const RARELY: usize = 20;
/// With fewer columns commas in prose would do.
const LEAST_COLUMNS: usize = 3;

/// What holds fewer words in a row is a name or a value.
const LEAST_WORDS: usize = 3;

/// What a last column without a name holds.
const UNNAMED: &str = "message";

/// The rows that these lines are, those of several lines joined; empty lines, and a last row that has no end, left out.
fn whole_rows<'r>(lines: &[&'r [u8]], separator: u8) -> Vec<Cow<'r, [u8]>> {
    let mut rows: Vec<Cow<'r, [u8]>> = Vec::new();
    let mut is_open = false;
    for line in lines {
        match rows.last_mut() {
            Some(row) if is_open => {
                let row = row.to_mut();
                row.push(b'\n');
                row.extend_from_slice(line);
                is_open = leaves_quote_open(line);
            }
            _ if line.is_empty() => {}
            _ => {
                let mut cells = Cells::new(line, separator);
                cells.by_ref().for_each(drop);
                is_open = cells.is_open;
                rows.push(Cow::Borrowed(line));
            }
        }
    }
    if is_open {
        rows.pop();
    }
    rows
}

fn key_of_header(
    of: &Delimited,
    separator: u8,
    header: &str,
    rows: &[&[u8]],
    vocabulary: &Vocabulary,
) -> Option<String> {
    let cells: Vec<Cell> = Cells::new(header.as_bytes(), separator).take(MOST_COLUMNS + 1).collect();
    let mut names: Vec<&str> = cells.iter().map(|cell| header[cell.range.clone()].trim()).collect();
    let is_name = |name: &&str| {
        name.len() <= 64
            && !name.bytes().any(|byte| byte < b' ')
            && name.chars().any(char::is_alphabetic)
            && read_stamp(name.as_bytes()).is_none()
            && !name.contains(['{', '=', '"'])
    };
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if names.len() < 2 || names.len() > MOST_COLUMNS || distinct.len() < names.len() || !names.iter().all(is_name) {
        return None;
    }
    let has = |member: &String| names.iter().any(|name| name.eq_ignore_ascii_case(member));
    if !of.members.iter().all(has) {
        return None;
    }
    let rows = whole_rows(rows, separator);
    let cells_of = |row: &[u8]| Cells::new(row, separator).take(MOST_COLUMNS + 1).collect::<Vec<_>>();
    let split: Vec<(&[u8], Vec<Cell>)> = rows.iter().map(|row| (&**row, cells_of(row))).collect();
    let last_says = |(row, cells): &(&[u8], Vec<Cell>)| {
        cells.len() == names.len() + 1 && cells.last().is_some_and(|cell| !row[cell.range.clone()].is_empty())
    };
    // The Event Viewer of Windows names no column for what its events say.
    if names.len() >= LEAST_COLUMNS && !split.is_empty() && split.iter().all(last_says) && !names.contains(&UNNAMED) {
        names.push(UNNAMED);
    }
    let columns = Columns::new(of, separator, &names, vocabulary);
    let n_all = split.len();
    let split: Vec<_> = split.into_iter().filter(|(_, cells)| cells.len() == names.len()).collect();
    let n_rows = split.len();
    if n_rows == 0 || (n_all - n_rows) * RARELY > n_rows {
        return None;
    }
    let holds =
        |at: usize, is: &dyn Fn(&[u8]) -> bool| split.iter().all(|(row, cells)| is(&row[cells[at].range.clone()]));
    let holds_times = |at: usize| holds(at, &|cell| whole_stamp(cell).is_some());
    let by_name = columns.date_and_clock.is_some()
        || columns.roles.iter().enumerate().any(|(at, role)| *role == Some(Role::Time) && holds_times(at));
    let by_content = if by_name { None } else { (0..names.len()).find(|&at| holds_times(at)) };
    let mut marks: Vec<(usize, char)> = by_content.map(|at| (at, HOLDS_TIMES)).into_iter().collect();
    if !by_name && by_content.is_none() {
        let is_clock = |cell: &[u8]| read_clock(cell).is_some_and(|clock| clock.len == cell.len());
        let is_date = |cell: &[u8]| !is_clock(cell) && with_joined(cell, b"00:00:00", whole_stamp).is_some();
        let date = (0..names.len()).find(|&at| holds(at, &is_date));
        let clock = (0..names.len()).find(|&at| holds(at, &is_clock));
        marks.extend(date.zip(clock).into_iter().flat_map(|(date, clock)| [(date, HOLDS_DATES), (clock, HOLDS_TIMES)]));
    }
    if !columns.roles.iter().any(|role| matches!(role, Some(Role::Level | Role::LevelNumber | Role::SyslogLevel))) {
        // A letter or a number says many things.
        let is_level = |cell: &[u8]| cell.len() > 2 && vocabulary.levels.of_word(cell).is_some();
        marks.extend((0..names.len()).find(|&at| holds(at, &is_level)).map(|at| (at, HOLDS_LEVELS)));
    }
    // What a format of certain programs says of its columns is all there is to know.
    if of.members.is_empty() && of.says.is_empty() && !columns.roles.contains(&Some(Role::Message)) {
        let is_free = |at: &usize| columns.roles[*at].is_none() && !marks.iter().any(|(marked, _)| marked == at);
        let n_words =
            |at: usize| split.iter().map(|(row, cells)| words_in(&row[cells[at].range.clone()])).sum::<usize>();
        let most = (0..names.len()).filter(is_free).map(|at| (n_words(at), Reverse(at))).max();
        let sentences = most.filter(|(n_words, _)| *n_words >= LEAST_WORDS * n_rows);
        marks.extend(sentences.map(|(_, Reverse(at))| (at, HOLDS_SENTENCES)));
    }
    if !by_name && !marks.iter().any(|(_, mark)| *mark == HOLDS_TIMES) && (names.len() < LEAST_COLUMNS || n_rows < 2) {
        return None;
    }
    Some(key_of(separator, &names, &marks))
}

/// Words that a program may have said in a cell; what a browser calls itself are none.
fn words_in(cell: &[u8]) -> usize {
    let is_word = |word: &&[u8]| word.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let is_agent = cell.starts_with(b"Mozilla/");
    if is_agent { 0 } else { cell.split(u8::is_ascii_whitespace).filter(is_word).count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        let csv = Delimited { separators: b",;\t".to_vec(), first_line: true, ..Delimited::default() };
        let (header, rows) = text.split_once('\n')?;
        let rows: Vec<&[u8]> = rows.lines().map(str::as_bytes).collect();
        first_line_key(&csv, header, &rows, &Vocabulary::shipped())
    }

    #[test]
    fn a_header_names_the_columns_and_the_rows_show_which_holds_times() {
        assert_eq!(key("time,level,text\n2026-11-20 10:23:45,info,x").unwrap(), ",\u{1}time\u{1}level\u{1}text");
        let by_content = key("when;who\n2026-11-20 10:23:45;ann\n2026-11-20 10:23:46;bob").unwrap();
        assert_eq!(by_content, ";\u{1}\u{2}when\u{1}who");
        let apart = key("Fecha,Hora,Tipo\n20/11/2026,10:23:45,Aviso\n20/11/2026,10:23:46,Error").unwrap();
        assert_eq!(apart, ",\u{1}\u{3}Fecha\u{1}\u{2}Hora\u{1}\u{4}Tipo");
        assert_eq!(key("id,name,left\n1,a,2\n2,b,3").unwrap(), ",\u{1}id\u{1}name\u{1}left");
    }

    #[test]
    fn a_column_of_sentences_is_the_message_where_no_name_says_so() {
        let rows =
            "2026-11-20 10:23:45,ann,stock of A-7 is low,Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0";
        let header = |names: &str| key(&format!("{names}\n{rows}\n{rows}")).unwrap();
        assert_eq!(header("when,who,what,with"), ",\u{1}\u{2}when\u{1}who\u{1}\u{6}what\u{1}with");
        assert_eq!(header("when,message,what,with"), ",\u{1}\u{2}when\u{1}message\u{1}what\u{1}with");
        assert_eq!(key("id,name,left\n1,Ann Lee,2\n2,Bob Day,3").unwrap(), ",\u{1}id\u{1}name\u{1}left");
    }

    #[test]
    fn prose_with_commas_is_no_table() {
        for text in [
            "one, two\nthree, four\nfive",
            "build\tTest\t2026-11-20T10:23:45Z x\nbuild\tTest\t2026-11-20T10:23:46Z y\nbuild\tTest\t2026-11-20T10:23:47Z z",
            "Hello, world\n2026-11-20 10:23:45,123 INFO x\n2026-11-20 10:23:45,124 INFO y, z",
            "2026-11-20 10:23:45,123 INFO x\n2026-11-20 10:23:45,124 INFO y",
            "a,b,c\n1,2,3\n4,5",
            "a,a,c\n1,2,3\n4,5,6",
        ] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
