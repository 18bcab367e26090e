//! Names of months and week-days: English ones at once, those of other European languages by a table.

/// Beginnings of month names in lower case, from January on: German, French, Spanish, Italian, Portuguese, Dutch, Swedish,
/// Polish, and the English ones that are longer than three letters. The longest one that fits is taken.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "januari", "janvier", "janv", "jan", "enero", "ene", "gennaio", "gen", "janeiro", "sty"],
    &[
        "february",
        "februar",
        "februari",
        "février",
        "févr",
        "fév",
        "feb",
        "febrero",
        "febbraio",
        "fevereiro",
        "fev",
        "lut",
    ],
    &["march", "märz", "mär", "mrz", "mars", "mar", "marzo", "março", "maart", "mrt"],
    &["april", "avril", "avr", "apr", "abril", "abr", "aprile", "kwi"],
    &["may", "mai", "mayo", "maggio", "mag", "maio", "mei", "maj"],
    &["june", "juni", "juin", "jun", "junio", "giugno", "giu", "junho", "cze"],
    &["july", "juli", "juillet", "juil", "jul", "julio", "luglio", "lug", "julho", "lip"],
    &["august", "août", "aoû", "aug", "agosto", "ago", "augustus", "augusti", "sie"],
    &["september", "septembre", "sept", "sep", "septiembre", "settembre", "set", "setembro", "wrz"],
    &["october", "oktober", "octobre", "oct", "okt", "octubre", "ottobre", "ott", "outubro", "out", "paź"],
    &["november", "novembre", "nov", "noviembre", "novembro", "lis"],
    &[
        "december",
        "dezember",
        "décembre",
        "déc",
        "dec",
        "dez",
        "diciembre",
        "dic",
        "dicembre",
        "dezembro",
        "desember",
        "gru",
    ],
];

const WEEKDAYS: [&[u8]; 7] = [b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday"];

/// The number (from 1) and the bytes of the month name that `text` begins with, a point behind it included.
#[inline]
pub fn month(text: &[u8]) -> Option<(u8, usize)> {
    let ends = text.get(3).is_none_or(|byte| !byte.is_ascii_alphabetic() && byte.is_ascii() && *byte != b'.');
    match (ends, english(text)) {
        (true, Some(month)) => Some((month, 3)),
        _ => month_by_table(text),
    }
}

fn english(text: &[u8]) -> Option<u8> {
    let name = text.get(..3)?;
    Some(match &[name[0] | 0x20, name[1] | 0x20, name[2] | 0x20] {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

fn month_by_table(text: &[u8]) -> Option<(u8, usize)> {
    // The longest name has eleven letters, of which one may take two bytes.
    let len = text.iter().take(13).take_while(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count();
    let word = std::str::from_utf8(&text[..len]).ok().filter(|word| word.len() >= 3)?.to_lowercase();
    let at = MONTHS.iter().position(|names| names.contains(&&*word))?;
    let point = usize::from(text.get(len) == Some(&b'.'));
    Some((at as u8 + 1, len + point))
}

/// The bytes of the English week-day name, short or long, that `text` begins with.
pub fn weekday(text: &[u8]) -> Option<usize> {
    let len = text.iter().take(10).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let fits = |name: &&[u8]| (len == 3 || len == name.len()) && name.starts_with(&text[..len].to_ascii_lowercase());
    (len >= 3 && WEEKDAYS.iter().any(fits)).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_many_languages() {
        for (text, expected) in [
            ("Nov 20", Some((11, 3))),
            ("November 20", Some((11, 8))),
            ("ao\u{fb}t 19", Some((8, 5))),
            ("d\u{e9}c. 1", Some((12, 5))),
            ("M\u{e4}r 1", Some((3, 4))),
            ("Okt-3", Some((10, 3))),
            ("Novel 20", None),
            ("No", None),
        ] {
            assert_eq!(month(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn weekdays_are_short_or_long() {
        assert_eq!(
            [weekday(b"Fri,"), weekday(b"Friday 1"), weekday(b"Frida"), weekday(b"Mo")],
            [Some(3), Some(6), None, None]
        );
    }
}
