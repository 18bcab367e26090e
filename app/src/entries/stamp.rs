//! The time of a row as it is shown: of the calendar, of the day, or since another row.

use leptos::prelude::*;
use model::entry::{Row, WrittenZone};
use model::language::told;
use model::say;
use model::time::{Nanos, Precision, Zone, format_wall};

use super::display::{Display, TimeForm};
use super::table::Table;
use crate::wording;

const DATE_CHARS: usize = 11;
const CLOCK_CHARS: usize = 8;
/// Room for a sign and for what comes before the seconds: `−99d23h59m59s`.
const SPAN_CHARS: usize = 13;

/// ` +02:00`, and the mark of one that the stamp does not name.
const ZONE_CHARS: usize = 8;

/// Characters that the widest time takes, where so many digits behind the second are shown; and its zone, where that is.
pub fn width_chars(display: Display, n_digits: usize, has_zone: bool) -> usize {
    let whole = match display.time {
        TimeForm::DateAndClock => DATE_CHARS + CLOCK_CHARS,
        TimeForm::Clock => CLOCK_CHARS,
        TimeForm::SinceAbove | TimeForm::SinceSelected => return span_chars(n_digits),
    };
    whole + fraction_chars(n_digits) + if has_zone { ZONE_CHARS } else { 0 }
}

/// Those of them that are the date's.
pub fn date_chars(display: Display) -> usize {
    if display.time == TimeForm::DateAndClock { DATE_CHARS } else { 0 }
}

/// The same for a span of time.
pub fn span_chars(n_digits: usize) -> usize {
    SPAN_CHARS + fraction_chars(n_digits)
}

fn fraction_chars(n_digits: usize) -> usize {
    if n_digits == 0 { 0 } else { 1 + n_digits }
}

/// A row's time as its cell shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    date: String,
    clock: String,
    fraction: String,
    /// Of a time as it is written.
    zone: String,
    is_span: bool,
    /// It is that of another entry.
    is_borrowed: bool,
    /// What the cell itself does not say.
    hint: Option<String>,
}

impl Stamp {
    pub fn of(table: Table, rank: u64, row: &Row) -> Self {
        Self::as_written(table, rank, row).of_precision(row.precision)
    }

    /// One that is not the entry's own is told from those that are.
    fn of_precision(self, precision: Precision) -> Self {
        let remark = match precision {
            Precision::Inherited => say!("No time of its own: that of the nearest entry with one."),
            Precision::Doubted => say!("Its own stamp is decades away: the time is that of the entry before it."),
            _ => return self,
        };
        let hint = self.hint.map_or(remark.to_owned(), |hint| format!("{hint} · {remark}"));
        Self { is_borrowed: true, hint: Some(hint), ..self }
    }

    fn as_written(table: Table, rank: u64, row: &Row) -> Self {
        let display = table.shared.display.get();
        let (n_written, n_digits) = digits_of(display, row);
        let written = table.shared.times_as_written.get().then(|| Zone::fixed(row.zone.seconds_east));
        let in_zone = |zone: &Zone| format_wall(row.key.time, zone, n_digits);
        let stamp = written.as_ref().map_or_else(|| table.shared.zone.with(|zone| in_zone(zone)), in_zone);
        if row.precision == Precision::Undated {
            let hint = format!("{}: {stamp}", told(wording::UNDATED));
            return Self { clock: "—".to_owned(), hint: Some(hint), ..Self::default() };
        }
        let other = match display.time {
            TimeForm::DateAndClock | TimeForm::Clock => {
                let stamp = Self::on_the_clock(display, &stamp);
                return if written.is_some() { stamp.with_zone(row.zone) } else { stamp };
            }
            TimeForm::SinceAbove => rank.checked_sub(1).and_then(|above| table.rows.with(|rows| rows.key(above))),
            TimeForm::SinceSelected => table.shared.scope.with(|scope| scope.selected),
        };
        let span = other.map_or_else(|| "—".to_owned(), |other| since(other.time, row.key.time, n_digits, n_written));
        Self { clock: span, is_span: true, hint: Some(stamp), ..Self::default() }
    }

    fn on_the_clock(display: Display, stamp: &str) -> Self {
        let (date, clock) = stamp.split_at(stamp.find(' ').map_or(0, |space| space + 1));
        let (clock, fraction) = clock.split_at(clock.find('.').unwrap_or(clock.len()));
        let is_dated = display.time == TimeForm::DateAndClock;
        Self {
            date: if is_dated { date.to_owned() } else { String::new() },
            clock: clock.to_owned(),
            fraction: fraction.to_owned(),
            hint: (!is_dated).then(|| stamp.to_owned()),
            ..Self::default()
        }
    }

    fn with_zone(self, zone: WrittenZone) -> Self {
        let name = Zone::fixed(zone.seconds_east).name;
        if zone.is_named {
            return Self { zone: format!(" {name}"), ..self };
        }
        let remark = say!("The stamp names no zone: it was read in this one.").to_owned();
        let hint = Some(self.hint.map_or(remark.clone(), |hint| format!("{hint} · {remark}")));
        Self { zone: format!(" {name}?"), hint, ..self }
    }
}

#[component]
pub fn StampCell(stamp: Memo<Stamp>) -> impl IntoView {
    let part = move |part: fn(&Stamp) -> &String| move || stamp.with(|stamp| part(stamp).clone());
    view! {
        <span role="gridcell" class="time" class:span=move || stamp.with(|stamp| stamp.is_span)
            class:borrowed=move || stamp.with(|stamp| stamp.is_borrowed) title=move || stamp.with(|stamp| stamp.hint.clone())>
            <span class="date">{part(|stamp| &stamp.date)}</span>{part(|stamp| &stamp.clock)}<span class="fraction">{part(|stamp| &stamp.fraction)}</span><span class="zone">{part(|stamp| &stamp.zone)}</span>
        </span>
    }
}

/// How long after the pinned row a row is, as its cell shows it.
pub fn since_pin(table: Table, row: &Row) -> String {
    let (n_written, n_digits) = digits_of(table.shared.display.get(), row);
    match table.pinned.get() {
        Some(pinned) if row.precision != Precision::Undated => since(pinned, row.key.time, n_digits, n_written),
        _ => "—".to_owned(),
    }
}

/// Digits behind the second that a row's stamp has, and those that are shown.
fn digits_of(display: Display, row: &Row) -> (usize, usize) {
    let n_written = row.precision.fraction_digits();
    (n_written, display.digits.count(n_written))
}

/// `+1.234s`, `−2m03.5s`, `+3d04h05m06s`; `−<1s` where more digits would have to be shown, and `<1s` where the stamp (`n_written`) is too
/// coarse to tell which was first.
fn since(from: Nanos, to: Nanos, n_digits: usize, n_written: usize) -> String {
    let span = i128::from(to.0) - i128::from(from.0);
    let sign = if span < 0 { '−' } else { '+' };
    let nanos = span.unsigned_abs();
    let seconds = nanos / 1_000_000_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let n_digits = n_digits.min(9);
    let least = |n_digits: usize| 10_u128.pow(9 - n_digits.min(9) as u32);
    if nanos == 0 {
        return "0s".to_owned();
    }
    if nanos < least(n_digits) {
        let sign = if nanos < least(n_written) { String::new() } else { sign.to_string() };
        let least = if n_digits == 0 { "1".to_owned() } else { format!("0.{:0>n_digits$}", 1) };
        return format!("{sign}<{least}s");
    }
    let whole = match (days, hours, minutes) {
        (0, 0, 0) => format!("{}", seconds % 60),
        (0, 0, _) => format!("{minutes}m{:02}", seconds % 60),
        (0, ..) => format!("{hours}h{minutes:02}m{:02}", seconds % 60),
        _ => format!("{days}d{hours:02}h{minutes:02}m{:02}", seconds % 60),
    };
    match n_digits {
        0 => format!("{sign}{whole}s"),
        n_digits => format!("{sign}{whole}.{}s", &format!("{:09}", nanos % 1_000_000_000)[..n_digits]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nanos: i64, n_digits: usize, expected: &str) {
        assert_eq!(since(Nanos(5), Nanos(nanos + 5), n_digits, n_digits), expected);
    }

    #[test]
    fn a_span_says_what_is_later_and_by_how_much() {
        check(1_234_567_890, 3, "+1.234s");
        check(-1_234_567_890, 9, "−1.234567890s");
        check(123_500_000_000, 0, "+2m03s");
        check(-3_661_000_000_000, 3, "−1h01m01.000s");
        check(273_906_000_000_000, 0, "+3d04h05m06s");
        assert_eq!(since(Nanos(i64::MIN), Nanos(i64::MAX), 0, 0), "+213503d23h34m33s");
    }

    #[test]
    fn a_span_that_the_stamp_is_too_coarse_for_has_no_sign() {
        check(0, 3, "0s");
        check(-123_000_000, 0, "<1s");
        check(123_000, 3, "<0.001s");
        check(-1, 6, "<0.000001s");
        check(1, 9, "+0.000000001s");
    }

    #[test]
    fn a_span_that_is_known_better_than_shown_keeps_its_sign() {
        assert_eq!(since(Nanos(5_000), Nanos(1_000), 3, 6), "−<0.001s");
        assert_eq!(since(Nanos(0), Nanos(400), 3, 6), "<0.001s");
        assert_eq!(since(Nanos(0), Nanos(400), 3, 9), "+<0.001s");
    }

    #[test]
    fn a_time_that_is_not_the_entrys_own_is_marked_and_says_whose_it_is() {
        let stamp = || Stamp { hint: Some("2026-11-20".to_owned()), ..Stamp::default() };
        assert_eq!(stamp().of_precision(Precision::Milli), stamp());
        let borrowed = stamp().of_precision(Precision::Inherited);
        assert!(borrowed.is_borrowed && borrowed.hint.is_some_and(|hint| hint.starts_with("2026-11-20 · No time")));
        assert!(Stamp::default().of_precision(Precision::Doubted).is_borrowed);
    }

    #[test]
    fn a_time_as_it_is_written_says_its_zone_and_whether_the_stamp_does() {
        let zone = |seconds_east, is_named| Stamp::default().with_zone(WrittenZone { seconds_east, is_named });
        assert_eq!((zone(7200, true).zone.as_str(), zone(7200, true).hint), (" +02:00", None));
        assert_eq!((zone(0, false).zone.as_str(), zone(0, false).hint.is_some()), (" +00:00?", true));
    }

    #[test]
    fn the_column_has_room_for_its_form() {
        let display = Display { time: TimeForm::Clock, ..Display::read("") };
        assert_eq!((width_chars(display, 0, false), width_chars(display, 3, false)), (8, 12));
        let days = 100 * 86_400_000_000_000 - 1;
        for n_digits in [0, 3] {
            assert_eq!(since(Nanos(days), Nanos(0), n_digits, 9).chars().count(), span_chars(n_digits));
        }
        assert_eq!((width_chars(Display::read(""), 6, false), width_chars(Display::read(""), 6, true)), (26, 34));
    }
}
