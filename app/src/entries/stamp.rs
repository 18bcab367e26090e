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
/// Room for a sign and for minutes or hours before the seconds.
const SPAN_CHARS: usize = 10;

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
    /// What the cell itself does not say.
    hint: Option<String>,
}

impl Stamp {
    pub fn of(table: Table, rank: u64, row: &Row) -> Self {
        let display = table.shared.display.get();
        let n_digits = display.digits.count(row.precision.fraction_digits());
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
        let span = other.map_or_else(|| "—".to_owned(), |other| since(other.time, row.key.time, n_digits));
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
            zone: String::new(),
            is_span: false,
            hint: (!is_dated).then(|| stamp.to_owned()),
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
        <span role="gridcell" class="time" class:span=move || stamp.with(|stamp| stamp.is_span) title=move || stamp.with(|stamp| stamp.hint.clone())>
            <span class="date">{part(|stamp| &stamp.date)}</span>{part(|stamp| &stamp.clock)}<span class="fraction">{part(|stamp| &stamp.fraction)}</span><span class="zone">{part(|stamp| &stamp.zone)}</span>
        </span>
    }
}

/// How long after the pinned row a row is, as its cell shows it.
pub fn since_pin(table: Table, row: &Row) -> String {
    let n_digits = table.shared.display.with(|display| display.digits.count(row.precision.fraction_digits()));
    match table.pinned.get() {
        Some(pinned) if row.precision != Precision::Undated => since(pinned, row.key.time, n_digits),
        _ => "—".to_owned(),
    }
}

/// `+1.234`, `−2:03.5`, `+3d 4:05:06`.
fn since(from: Nanos, to: Nanos, n_digits: usize) -> String {
    let span = i128::from(to.0) - i128::from(from.0);
    let sign = if span < 0 { '−' } else { '+' };
    let nanos = span.unsigned_abs();
    let seconds = nanos / 1_000_000_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let whole = match (days, hours, minutes) {
        (0, 0, 0) => format!("{}", seconds % 60),
        (0, 0, _) => format!("{minutes}:{:02}", seconds % 60),
        (0, ..) => format!("{hours}:{minutes:02}:{:02}", seconds % 60),
        _ => format!("{days}d {hours}:{minutes:02}:{:02}", seconds % 60),
    };
    match n_digits.min(9) {
        0 => format!("{sign}{whole}"),
        n_digits => format!("{sign}{whole}.{}", &format!("{:09}", nanos % 1_000_000_000)[..n_digits]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nanos: i64, n_digits: usize, expected: &str) {
        assert_eq!(since(Nanos(5), Nanos(nanos + 5), n_digits), expected);
    }

    #[test]
    fn a_span_says_what_is_later_and_by_how_much() {
        check(0, 3, "+0.000");
        check(1_234_567_890, 3, "+1.234");
        check(-1_234_567_890, 9, "−1.234567890");
        check(123_500_000_000, 0, "+2:03");
        check(-3_661_000_000_000, 3, "−1:01:01.000");
        check(273_906_000_000_000, 0, "+3d 4:05:06");
        assert_eq!(since(Nanos(i64::MIN), Nanos(i64::MAX), 0), "+213503d 23:34:33");
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
        assert_eq!((width_chars(Display::read(""), 6, false), width_chars(Display::read(""), 6, true)), (26, 34));
    }
}
