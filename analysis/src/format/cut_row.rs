//! Rows that were cut off inside of a quoted cell, as by a crash: where the next one begins.

use super::delimited::{Cells, Columns, is_open};
use super::members::{whole_stamp, whole_time};
use super::opening::leaves_quote_open;
use super::stamp::with_joined;

/// Whether a line behind a row whose quote is open is a row itself: it has all cells, and a time that is written as the one of
/// the row before. A cell may hold lines of a log, which have times of another kind or in another place.
pub fn begins_behind(open: &[u8], line: &[u8], columns: &Columns) -> bool {
    // A line with the quote that ends the cell begins no row.
    if !leaves_quote_open(line) && !is_open(line, columns) {
        return false;
    }
    if !columns.is_row_of(Cells::new(line, columns.separator).count()) {
        return false;
    }
    let first_line = open.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let written = how_time_is_written(line, columns);
    written.is_some() && written == how_time_is_written(first_line, columns)
}

/// The time of a row, its quotes included, with each run of digits as one and each of letters. `None`: it has none that can be
/// read.
fn how_time_is_written(row: &[u8], columns: &Columns) -> Option<Vec<u8>> {
    let cell_of = |column: usize| {
        let cell = Cells::new(row, columns.separator).nth(column)?;
        let quote = if cell.quoted { &b"\""[..] } else { &b""[..] };
        Some((quote, &row[cell.range]))
    };
    let (first, second) = columns.time_columns()?;
    let (quote, time) = cell_of(first)?;
    let mut written = [quote, time].concat();
    match second {
        Some(second) => {
            let (quote, clock) = cell_of(second)?;
            with_joined(time, clock, whole_stamp)?;
            written.extend_from_slice(quote);
            written.extend_from_slice(clock);
        }
        None => {
            whole_time(time)?;
        }
    }
    for byte in &mut written {
        *byte = match *byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'z' | b'A'..=b'Z' => b'a',
            other => other,
        };
    }
    written.dedup();
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::super::delimited::Delimited;
    use super::super::vocabulary::Vocabulary;
    use super::*;

    fn begins(names: &[&str], open: &str, line: &str) -> bool {
        let columns = Columns::new(&Delimited::default(), b',', names, &Vocabulary::shipped());
        begins_behind(open.as_bytes(), line.as_bytes(), &columns)
    }

    #[test]
    fn a_row_behind_a_quote_that_was_cut_off_is_known_by_its_cells_and_its_time() {
        let names = ["time", "level", "message"];
        let open = "2026-11-20 10:00:01,ERROR,\"request fai";
        assert!(begins(&names, open, "2026-11-20 11:00:00,INFO,m0"));
        assert!(begins(&names, open, "2026-11-20 11:00:00,INFO,\"said \"\"no\"\"\""));
        assert!(begins(&names, open, "2026-11-20 11:00:00,INFO,\"two"), "it goes on over several lines itself");
        assert!(begins(&["date", "time", "what"], "2026-11-20,10:00:01,\"a", "2026-11-21,09:00:00,b"));
    }

    #[test]
    fn lines_of_a_cell_are_no_rows() {
        let names = ["time", "message"];
        let open = "2026-11-20T10:00:01Z,\"lost:";
        for line in ["at a.B, at c.D", "", "x,y", "2026-11-20 10:23:45,123 ERROR x", "2026-11-20T10:00:02Z", "end\""] {
            assert!(!begins(&names, open, line), "{line}");
        }
        assert!(!begins(&["message", "time"], "\"two,2026-11-20T10:00:01Z", "lines\",2026-11-20T10:00:01Z"));
        assert!(!begins(&["id", "message"], "7,\"a", "8,b"), "without a time nothing tells");
    }
}
