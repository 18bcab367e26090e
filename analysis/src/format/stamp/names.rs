//! Names of months and week-days: English months at once, those of other European languages by a table.

/// Month names in lower case, from January on, one language after the other: short and long, and as they are written behind a
/// day. Those of English that have three letters are known without.
const MONTHS: [&str; 12] = [
    "january januar januari janvier janv jan enero ene gennaio gen janeiro sty styczeń stycznia leden ledna led január tammikuu \
     tammikuuta tammi ianuarie ian ocak oca янв января январь січ січня ιαν ιανουαρίου",
    "february februar februari février févr fév feb febrero febbraio fevereiro fev lut luty lutego únor února úno február febr \
     helmikuu helmikuuta helmi februarie şubat şub фев февр февраля февраль лют лютого φεβ φεβρουαρίου",
    "march märz mär mrz mars mar marzo març março maart mrt marzec marca březen března bře március márc maaliskuu maaliskuuta \
     maalis martie mart мар марта март бер березня μαρ μαρτίου",
    "april avril avr apr abril abr aprile kwi kwiecień kwietnia duben dubna dub április ápr huhtikuu huhtikuuta huhti aprilie \
     nisan nis апр апреля апрель кві квітня απρ απριλίου",
    "may mai mayo maggio mag maio mei maj maja květen května kvě május máj toukokuu toukokuuta touko mayıs мая май тра травня \
     μαΐ μαΐου μάι",
    "june juni juin jun junio giugno giu junho cze czerwiec czerwca červen června čvn június jún kesäkuu kesäkuuta kesä iunie \
     iun haziran haz июн июня июнь чер червня ιουν ιουνίου",
    "july juli juillet juil jul julio luglio lug julho lip lipiec lipca červenec července čvc július júl heinäkuu heinäkuuta \
     heinä iulie iul temmuz tem июл июля июль лип липня ιουλ ιουλίου",
    "august août aoû aug agosto ago augustus augusti sie sierpień sierpnia srpen srpna srp augusztus elokuu elokuuta elo ağustos \
     ağu авг августа август сер серпня αυγ αυγούστου",
    "september septembre sept sep septiembre settembre set setembro wrz wrzesień września září zář szeptember szept syyskuu \
     syyskuuta syys septembrie eylül eyl сен сент сентября сентябрь вер вересня σεπ σεπτεμβρίου",
    "october oktober octobre oct okt octubre ottobre ott outubro out paź październik października říjen října říj október \
     lokakuu lokakuuta loka octombrie ekim eki окт октября октябрь жов жовтня οκτ οκτωβρίου",
    "november novembre nov noviembre novembro lis listopad listopada listopadu lis november marraskuu marraskuuta marras noiembrie kasım \
     kas ноя нояб ноября ноябрь лис листопада νοε νοεμβρίου",
    "december dezember décembre déc dec dez diciembre dic dicembre dezembro desember des gru grudzień grudnia prosinec prosince \
     pro joulukuu joulukuuta joulu decembrie aralık ara дек декабря декабрь гру грудня δεκ δεκεμβρίου",
];

/// Week-day names in lower case, of the same languages, where they are short or long. Which day it is nobody asks.
const WEEKDAYS: &str = "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun \
    montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so \
    lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim \
    lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom \
    lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab \
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta quinta sexta seg ter qua qui sex \
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo \
    måndag tisdag onsdag torsdag fredag lördag söndag mån tis ons tors tor fre lör sön mandag tirsdag lørdag søndag man tir lør søn \
    poniedziałek wtorek środa czwartek piątek sobota niedziela pon pn wt śr czw cz pt sob so nie nd \
    pondělí úterý středa čtvrtek pátek neděle po út st čt pá ne понедельник вторник среда четверг пятница суббота воскресенье \
    пн вт ср чт пт сб вс";

/// `20 de noviembre de 2026`
pub const OF: &[u8] = b"de ";

/// The number (from 1) and the bytes of the month name that `text` begins with, a point behind it included.
#[inline]
pub fn month(text: &[u8]) -> Option<(u8, usize)> {
    english_month(text).map(|month| (month, 3)).or_else(|| month_by_table(text))
}

/// The number of the English month of three letters that `text` begins with.
#[inline]
pub fn english_month(text: &[u8]) -> Option<u8> {
    if ends_at_three(text) { english(text) } else { None }
}

/// Whether `text` begins with an English week-day of three letters.
#[inline]
pub fn is_english_weekday(text: &[u8]) -> bool {
    let is_name = |name: &[u8; 3]| text.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(name));
    ends_at_three(text) && [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"].into_iter().any(is_name)
}

fn ends_at_three(text: &[u8]) -> bool {
    text.get(3).is_none_or(|byte| !byte.is_ascii_alphabetic() && byte.is_ascii() && *byte != b'.')
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
    // Behind a month comes a number, so that most words need not be looked up.
    let behind = &text[word_bytes(text)..];
    let n_between = behind.iter().take(3).take_while(|byte| matches!(byte, b' ' | b'.' | b',' | b'-' | b'/')).count();
    let next = &behind[n_between..];
    let next = next.strip_prefix(OF).unwrap_or(next);
    if n_between == 0 && !behind.is_empty() || next.first().is_some_and(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let word = lower_word(text).filter(|word| word.len() >= 3)?;
    let at = MONTHS.iter().position(|names| names.split_ascii_whitespace().any(|name| name == word))?;
    Some((at as u8 + 1, len_with_point(text, &word)))
}

/// The bytes of the week-day name, short or long, that `text` begins with, a point behind it included.
pub fn weekday(text: &[u8]) -> Option<usize> {
    if is_english_weekday(text) {
        return Some(3);
    }
    if !matches!(text.get(word_bytes(text)), Some(b' ' | b',' | b'.')) {
        return None;
    }
    let word = lower_word(text).filter(|word| word.len() >= 2)?;
    WEEKDAYS.split_ascii_whitespace().any(|name| name == word).then(|| len_with_point(text, &word))
}

/// No name takes more bytes: October in Polish, Monday in Russian.
const LONGEST: usize = 24;

/// How many bytes of letters `text` begins with, dashes between them included.
fn word_bytes(text: &[u8]) -> usize {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let len = text.iter().take(LONGEST + 1).take_while(|&&byte| is_letter(byte) || byte == b'-').count();
    // `Nov-20` is a name and a number.
    len - text[..len].iter().rev().take_while(|&&byte| byte == b'-').count()
}

/// The word that `text` begins with, in lower case.
fn lower_word(text: &[u8]) -> Option<String> {
    let len = word_bytes(text);
    Some(std::str::from_utf8(text.get(..len).filter(|_| len <= LONGEST)?).ok()?.to_lowercase())
}

/// No letter takes another number of bytes in capitals, but for some that no name begins with.
fn len_with_point(text: &[u8], word: &str) -> usize {
    word.len() + usize::from(text.get(word.len()) == Some(&b'.'))
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
            ("Nov-20", Some((11, 3))),
            ("stycznia 20", Some((1, 8))),
            ("heinäkuuta 20", Some((7, 11))),
            ("Сентября 20", Some((9, 16))),
            ("października 20", Some((10, 13))),
            ("listopadu 2026", Some((11, 9))),
            ("augusztus 20", Some((8, 9))),
            ("Novel 20", None),
            ("No", None),
        ] {
            assert_eq!(month(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn weekdays_are_short_or_long() {
        assert_eq!(
            [weekday(b"Fri,"), weekday(b"Friday 1"), weekday(b"Frida"), weekday(b"Mo 2"), weekday(b"ven. 20")],
            [Some(3), Some(6), None, Some(2), Some(4)]
        );
    }
}
