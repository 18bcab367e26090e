//! Going to an entry by its number or its time, as `100g` does in less and `:goto` in lnav: written where commands are looked for.

use leptos::prelude::*;
use model::protocol::{Answer, Ask, At, PageAsk, RowForm};
use model::query::{Present, WrittenTime};
use model::say;
use model::scope::{Filter, Order, View};
use model::time::{NANOS_PER_SECOND, Nanos, TimeRange, Zone, format_wall};

use crate::entries::focus_entries;
use crate::port::Reply;
use crate::scope::Shared;
use crate::wording;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// From 1, among those that are found, in their order.
    Number(u64),
    /// The first entry of this time, or after it.
    Time(Nanos),
}

/// The place that somebody wrote, by what is on screen.
pub fn written(shared: Shared, text: &str) -> Option<Place> {
    // What is on screen is not followed where nothing is written.
    if text.trim().is_empty() {
        return None;
    }
    let end =
        shared.status.with(|status| status.answer.as_ref().and_then(|status| status.range)).map(|range| range.end);
    let selected = shared.scope.with(|scope| scope.selected.map(|key| key.time));
    let now = shared.clock.get().or(end).unwrap_or_default();
    let present = Present { zone: shared.zone.with(|zone| Zone::clone(zone)), now };
    read(text, selected.or(end).unwrap_or_default(), &present)
}

/// A number, or a time as queries write it; a clock's reading alone is of the day of `near`.
fn read(text: &str, near: Nanos, present: &Present) -> Option<Place> {
    let text = text.trim();
    let digits = text.replace(',', "");
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse().ok().filter(|&number| number > 0).map(Place::Number);
    }
    let day = format_wall(near, &present.zone, 0);
    let day = day.split(' ').next().unwrap_or_default();
    let clock = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    let time = WrittenTime::read(text).or_else(|| WrittenTime::read(&format!("{day} {clock}")))?;
    Some(Place::Time(time.span(present).start))
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
    let (filter, rank) = match place {
        Place::Number(number) => (filter, number.saturating_sub(1)),
        Place::Time(time) => {
            let shown = filter.range.unwrap_or(TimeRange { start: Nanos(i64::MIN), end: Nanos(i64::MAX) });
            let range = TimeRange { start: shown.start.max(time), end: shown.end };
            (Filter { range: Some(range), order: Order::OldestFirst, ..filter }, 0)
        }
    };
    shared.turn_to(View::Entries);
    let ask = PageAsk { filter, at: At::Rank(rank), n_rows: 1, form: RowForm::default() };
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::Page(page))) => match page.rows.first() {
            Some(row) => {
                shared.select(Some(row.key));
                // It may have been asked for in the search box.
                focus_entries();
            }
            None => shared.said.set(say!("There is no such entry among those that are found.").to_owned()),
        },
        reply => shared.show_failure(reply),
    };
    shared.ask_for_step(Ask::Page(ask), on_reply);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_number_or_a_time_of_the_day_that_is_looked_at() {
        let noon = Nanos(1_795_176_000 * NANOS_PER_SECOND);
        let present = Present { zone: Zone::fixed(7200), now: noon };
        let time = |text: &str| match read(text, noon, &present) {
            Some(Place::Time(time)) => format_wall(time, &Zone::utc(), 0),
            other => format!("{other:?}"),
        };
        assert_eq!(read(" 1,234 ", noon, &present), Some(Place::Number(1234)));
        assert_eq!(read("0", noon, &present), None);
        assert_eq!(time("10:23"), "2026-11-20 08:23:00");
        assert_eq!(time("9:05:07"), "2026-11-20 07:05:07");
        assert_eq!(time("2026-11-19T13:00"), "2026-11-19 11:00:00");
        assert_eq!(time("now-15m"), "2026-11-20 11:45:00");
        for no_place in ["", "next error", "10:99:1", "timeout"] {
            assert_eq!(read(no_place, noon, &present), None, "{no_place}");
        }
    }
}
