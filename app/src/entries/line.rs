//! A row's text cut into pieces of one look: message or field, matched or not.

use model::entry::Row;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_match: bool,
    /// After the message: `name=value` of a field.
    pub is_field: bool,
}

/// The pieces, joined, are the row's text. Ranges that do not fit the text are left out.
pub fn pieces(row: &Row) -> Vec<Piece> {
    let text = row.text.as_str();
    let message_end = row.message_bytes as usize;
    let mut cuts = vec![0, text.len(), message_end];
    for &(start, end) in &row.highlights {
        cuts.extend([start as usize, end as usize]);
    }
    cuts.retain(|&cut| text.is_char_boundary(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let piece = |(start, end): (usize, usize)| Piece {
        text: text[start..end].to_owned(),
        is_match: row.highlights.iter().any(|&(from, to)| from as usize <= start && end <= to as usize),
        is_field: start >= message_end,
    };
    cuts.windows(2).map(|cut| piece((cut[0], cut[1]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, message_bytes: u32, highlights: &[(u32, u32)], expected: &str) {
        let row = Row {
            key: Default::default(),
            precision: Default::default(),
            severity: Default::default(),
            service: String::new(),
            text: text.to_owned(),
            message_bytes,
            highlights: highlights.to_vec(),
            n_more_lines: 0,
        };
        let pieces = pieces(&row);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        let shown: Vec<_> = pieces
            .into_iter()
            .map(|piece| match (piece.is_match, piece.is_field) {
                (true, _) => format!("[{}]", piece.text),
                (false, true) => format!("({})", piece.text),
                (false, false) => piece.text,
            })
            .collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn matches_are_cut_out() {
        check("order paid user=eve", 10, &[(6, 10), (16, 19)], "order |[paid]|( user=)|[eve]");
        check("all of it", 9, &[(0, 9)], "[all of it]");
        check("", 0, &[], "");
    }

    #[test]
    fn a_match_may_span_message_and_fields() {
        check("ab cd", 2, &[(1, 4)], "a|[b]|[ c]|(d)");
    }

    #[test]
    fn ranges_that_do_not_fit_are_left_out() {
        check("aé", 3, &[(2, 9)], "aé");
    }
}
