//! Going to an entry by its number or its time, as `100g` does in less and `:goto` in lnav: written where commands are looked for.

use leptos::prelude::*;
use model::protocol::{Answer, Ask, At, Counted, PageAsk, RowForm};
use model::query::{Present, WrittenTime};
use model::scope::{Filter, Order, View};
use model::time::{Civil, NANOS_PER_SECOND, Nanos, TimeRange, Zone, format_wall};
use model::{counted, say};

use crate::entries::focus_entries;
use crate::port::Reply;
use crate::scope::Shared;
use crate::wording;

const DAY_NANOS: i64 = 86_400 * NANOS_PER_SECOND;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// From 1, among those that are found, in their order.
    Number(u64),
    /// The first entry of this time, or after it; past the end the last one.
    Time(Nanos),
}

/// What was written that is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoPlace {
    /// Neither a number nor a time.
    Unread,
    /// A number, and there are only so many entries.
    TooFew(u64),
}

/// What is on screen, by which a place is read.
#[derive(Clone, Debug)]
struct Known {
    present: Present,
    /// The time that is looked at.
    near: Nanos,
    /// In which there are entries.
    within: Option<TimeRange>,
    /// `None` until they are counted.
    n_entries: Option<u64>,
}

/// The place that somebody wrote, by what is on screen.
pub fn written(shared: Shared, text: &str) -> Option<Place> {
    // What is on screen is not followed where nothing is written.
    if bare(text).is_empty() {
        return None;
    }
    read(text, &known(shared)).ok()
}

/// Why a number that somebody wrote is no place.
pub fn why_not(shared: Shared, text: &str) -> Option<String> {
    if bare(text).is_empty() {
        return None;
    }
    match read(text, &known(shared)) {
        Err(NoPlace::TooFew(n_entries)) => Some(say!("Found: {}, no more.", counted!(n_entries, "entry", "entries"))),
        _ => None,
    }
}

/// Without the colon that the place may be written behind, as the one that calls for it.
pub fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix(':').unwrap_or(text).trim_start()
}

fn known(shared: Shared) -> Known {
    let data = shared.status.with(|status| status.answer.as_ref().and_then(|status| status.range));
    let shown = shared.filter.with(|filter| filter.range);
    let within = data.map(|data| {
        let both = shown.map(|shown| TimeRange { start: shown.start.max(data.start), end: shown.end.min(data.end) });
        both.filter(|both| both.start <= both.end).unwrap_or(data)
    });
    let end = data.map(|data| data.end);
    let selected = shared.scope.with(|scope| scope.selected.map(|key| key.time));
    let now = shared.clock.get().or(end).unwrap_or_default();
    Known {
        present: Present { zone: shared.zone.with(|zone| Zone::clone(zone)), now },
        near: selected.or(shared.topmost.get()).or(end).unwrap_or_default(),
        within,
        n_entries: shared.counted.with(|counted| {
            let is_whole = |answer: &&Counted| answer.complete && !counted.is_stale();
            counted.answer.as_ref().filter(is_whole).map(|answer| answer.n_entries)
        }),
    }
}

/// A number; or a time as queries write it, as the axis of the timeline does (`11-19 20:15`), or counted from 1970.
fn read(text: &str, known: &Known) -> Result<Place, NoPlace> {
    let text = bare(text);
    let digits = text.replace(',', "");
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = digits.parse().ok().filter(|&number: &u64| number > 0).ok_or(NoPlace::Unread)?;
        return match (known.n_entries, since_1970(text)) {
            (Some(n_entries), _) if number <= n_entries => Ok(Place::Number(number)),
            (_, Some(time)) => Ok(Place::Time(time)),
            (Some(n_entries), None) => Err(NoPlace::TooFew(n_entries)),
            (None, None) => Ok(Place::Number(number)),
        };
    }
    if let Some(time) = WrittenTime::read(text) {
        return Ok(Place::Time(time.span(&known.present).start));
    }
    let spans = usual_dates(text, known).into_iter().filter_map(|date| {
        let time = WrittenTime::read(&format!("{date}{}", padded(text)))?;
        Some(time.span(&known.present))
    });
    // Of those that are as far from the entries the first.
    let nearest = spans.min_by_key(|&span| known.within.map_or(0, |within| distance(span, within)));
    nearest.map(|span| Place::Time(span.start)).ok_or(NoPlace::Unread)
}

/// What a time without a date, or without a year, may have before it: that of the time that is looked at, then those of the end of
/// the data and of a day, or year, before that.
fn usual_dates(text: &str, known: &Known) -> [String; 3] {
    let end = known.within.map_or(known.near, |within| within.end);
    if has_month(text) {
        let year = |time: Nanos| Civil::from_utc(known.present.zone.to_wall(time)).year;
        return [year(known.near), year(end), year(end) - 1].map(|year| format!("{year:04}-"));
    }
    let day = |time: Nanos| {
        let wall = format_wall(time, &known.present.zone, 0);
        format!("{} ", wall.split(' ').next().unwrap_or_default())
    };
    [known.near, end, Nanos(end.0.saturating_sub(DAY_NANOS))].map(day)
}

/// `11-19`, and what comes then.
fn has_month(text: &str) -> bool {
    text.as_bytes().get(2) == Some(&b'-')
}

/// The hour of two digits.
fn padded(text: &str) -> String {
    if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() }
}

/// Seconds since 1970, thousandths of them, millionths or billionths: by how many digits those of our days have.
fn since_1970(digits: &str) -> Option<Nanos> {
    let unit_nanos = match digits.len() {
        10 => NANOS_PER_SECOND,
        13 => 1_000_000,
        16 => 1_000,
        19 => 1,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit_nanos).map(Nanos)
}

/// How far a span is from another one; 0 where they meet.
fn distance(span: TimeRange, within: TimeRange) -> i64 {
    let before = within.start.0.saturating_sub(span.end.0).saturating_add(1);
    let after = span.start.0.saturating_sub(within.end.0);
    before.max(after).max(0)
}

pub fn in_words(shared: Shared, place: Place) -> String {
    match place {
        Place::Number(number) => say!("Go to entry {}", wording::count(number)),
        Place::Time(time) => {
            let n_digits = if time.0 % NANOS_PER_SECOND == 0 { 0 } else { 3 };
            say!("Go to {time}", shared.zone.with(|zone| wording::moment(time, zone, n_digits)))
        }
    }
}

pub fn go(shared: Shared, place: Place) {
    let filter = shared.filter.get_untracked();
    shared.turn_to(View::Entries);
    match place {
        Place::Number(number) => {
            let none = move || shared.said.set(say!("There is no such entry among those that are found.").to_owned());
            select(shared, page_of_one(filter, number.saturating_sub(1)), none);
        }
        Place::Time(time) => {
            let shown = filter.range.unwrap_or(TimeRange { start: Nanos(i64::MIN), end: Nanos(i64::MAX) });
            let time = time.max(shown.start).min(shown.end);
            let from = TimeRange { start: time, end: shown.end };
            let before = TimeRange { start: shown.start, end: time };
            let last = Filter { range: Some(before), order: Order::NewestFirst, ..filter.clone() };
            let first = Filter { range: Some(from), order: Order::OldestFirst, ..filter };
            // Past the end there is the last one.
            let none = move || {
                shared.said.set(say!("No entry is as late; this is the last one before that.").to_owned());
                let none = move || shared.said.set(say!("No entry is found.").to_owned());
                select(shared, page_of_one(last.clone(), 0), none);
            };
            select(shared, page_of_one(first, 0), none);
        }
    }
}

fn page_of_one(filter: Filter, rank: u64) -> PageAsk {
    PageAsk { filter, at: At::Rank(rank), n_rows: 1, form: RowForm::default() }
}

/// Selects the entry of this page; `none`: it has none.
fn select(shared: Shared, ask: PageAsk, none: impl Fn() + 'static) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::Page(page))) => match page.rows.first() {
            Some(row) => {
                shared.select(Some(row.key));
                // It may have been asked for in the search box.
                focus_entries();
            }
            None => none(),
        },
        reply => shared.show_failure(reply),
    };
    shared.ask_for_step(Ask::Page(ask), on_reply);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20 12:00 by UTC.
    const NOON: Nanos = Nanos(1_795_176_000 * NANOS_PER_SECOND);
    const HOUR: i64 = 3600 * NANOS_PER_SECOND;

    /// Two hours east of UTC.
    fn known(near: Nanos, within: Option<TimeRange>, n_entries: Option<u64>) -> Known {
        Known { present: Present { zone: Zone::fixed(7200), now: NOON }, near, within, n_entries }
    }

    /// The time that is read, by UTC.
    fn time(text: &str, known: &Known) -> String {
        match read(text, known) {
            Ok(Place::Time(time)) => format_wall(time, &Zone::utc(), 0),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_place_is_a_number_or_a_time_of_the_day_that_is_looked_at() {
        let known = known(NOON, None, None);
        assert_eq!(read(" 1,234 ", &known), Ok(Place::Number(1234)));
        assert_eq!(read(":5001", &known), Ok(Place::Number(5001)));
        assert_eq!(time("10:23", &known), "2026-11-20 08:23:00");
        assert_eq!(time(":10:23", &known), "2026-11-20 08:23:00");
        assert_eq!(time("9:05:07", &known), "2026-11-20 07:05:07");
        assert_eq!(time("2026-11-19T13:00", &known), "2026-11-19 11:00:00");
        assert_eq!(time("11-19 20:15", &known), "2026-11-19 18:15:00");
        assert_eq!(time("now-15m", &known), "2026-11-20 11:45:00");
        for no_place in ["", ":", "0", "next error", "10:99:1", "timeout", "13-19", "11-"] {
            assert_eq!(read(no_place, &known), Err(NoPlace::Unread), "{no_place}");
        }
    }

    #[test]
    fn a_time_without_a_date_is_of_the_last_day_on_which_there_are_entries_then() {
        // All of the 19th, and a minute of the 20th.
        let midnight = NOON.0 - 14 * HOUR;
        let within = TimeRange { start: Nanos(midnight - 24 * HOUR), end: Nanos(midnight + 60 * NANOS_PER_SECOND) };
        let at_end = known(within.end, Some(within), None);
        assert_eq!(time("10:23", &at_end), "2026-11-19 08:23:00");
        assert_eq!(time("0:00", &at_end), "2026-11-19 22:00:00");
        assert_eq!(time("0:00", &known(within.start, Some(within), None)), "2026-11-18 22:00:00");
        // An hour before noon has none at these: the nearest is meant.
        let hour = TimeRange { start: Nanos(NOON.0 - HOUR), end: NOON };
        assert_eq!(time("20:00", &known(NOON, Some(hour), None)), "2026-11-20 18:00:00");
        let across = TimeRange { start: Nanos(midnight - HOUR), end: Nanos(midnight + HOUR) };
        assert_eq!(time("22:50", &known(across.end, Some(across), None)), "2026-11-19 20:50:00");
    }

    #[test]
    fn a_day_without_a_year_is_of_the_last_year_with_entries_on_it() {
        let within = TimeRange { start: Nanos(NOON.0 - 30 * 24 * HOUR), end: Nanos(NOON.0 + 60 * 24 * HOUR) };
        assert_eq!(time("12-24", &known(within.end, Some(within), None)), "2026-12-23 22:00:00");
        assert_eq!(time("01-02 10:00", &known(NOON, Some(within), None)), "2027-01-02 08:00:00");
    }

    #[test]
    fn a_number_beyond_the_entries_is_a_time_where_it_looks_like_one() {
        let few = known(NOON, None, Some(5_000));
        assert_eq!(read("5000", &few), Ok(Place::Number(5000)));
        assert_eq!(read("5,001", &few), Err(NoPlace::TooFew(5_000)));
        assert_eq!(time("1795118400", &few), "2026-11-19 20:00:00");
        assert_eq!(time("1795118400123", &few), "2026-11-19 20:00:00");
        let many = known(NOON, None, Some(2_000_000_000));
        assert_eq!(read("1795118400", &many), Ok(Place::Number(1_795_118_400)));
    }
}
