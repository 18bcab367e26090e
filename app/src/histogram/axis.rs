//! Round ticks for times and counts.

use model::time::{Civil, NANOS_PER_SECOND, Nanos, TimeRange, Zone, days_from_civil};

const MILLI: i64 = 1_000_000;
const MINUTE: i64 = 60 * NANOS_PER_SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Distances between ticks up to a day, in the units people read clocks by.
const STEPS: [i64; 33] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    MILLI,
    2 * MILLI,
    5 * MILLI,
    10 * MILLI,
    20 * MILLI,
    50 * MILLI,
    100 * MILLI,
    200 * MILLI,
    500 * MILLI,
    NANOS_PER_SECOND,
    2 * NANOS_PER_SECOND,
    5 * NANOS_PER_SECOND,
    10 * NANOS_PER_SECOND,
    15 * NANOS_PER_SECOND,
    30 * NANOS_PER_SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
];

/// Distances in months, beyond days.
const MONTH_STEPS: [i32; 8] = [1, 2, 3, 6, 12, 24, 60, 120];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub at: Nanos,
    pub label: String,
    /// Begins a day (or, on an axis of days, a month): drawn stronger.
    pub is_major: bool,
}

/// Ticks at round wall-clock readings of `zone`, at most `max_ticks`, ascending.
pub fn time_ticks(range: TimeRange, zone: &Zone, max_ticks: usize) -> Vec<Tick> {
    let span = range.end.0.saturating_sub(range.start.0);
    if span <= 0 || max_ticks == 0 {
        return Vec::new();
    }
    let fits = |step: i64| span / step <= max_ticks as i64;
    let day_steps = [2 * DAY, 7 * DAY, 14 * DAY];
    match STEPS.iter().chain(&day_steps).copied().find(|&step| fits(step)) {
        Some(step) => clock_ticks(range, zone, step),
        None => {
            let months = MONTH_STEPS.into_iter().find(|&months| fits(i64::from(months) * 30 * DAY));
            month_ticks(range, zone, months.unwrap_or(120))
        }
    }
}

fn clock_ticks(range: TimeRange, zone: &Zone, step: i64) -> Vec<Tick> {
    // Whole days are counted from a Monday, so that weeks begin where weeks begin.
    let origin = if step > DAY { 4 * DAY } else { 0 };
    let wall_start = zone.to_wall(range.start).0;
    let mut wall = (wall_start - origin).div_euclid(step) * step + origin;
    let mut ticks: Vec<Tick> = Vec::new();
    loop {
        let at = zone.from_wall(Nanos(wall));
        if at >= range.end {
            return ticks;
        }
        // Where clocks were set back, two readings are one instant; it gets one tick.
        let is_new = ticks.last().is_none_or(|last| last.at < at);
        if at >= range.start && is_new {
            let is_major = if step < DAY { wall.rem_euclid(DAY) == 0 } else { Civil::from_utc(Nanos(wall)).day == 1 };
            ticks.push(Tick { at, label: label(Nanos(wall), step, ticks.is_empty()), is_major });
        }
        let Some(next) = wall.checked_add(step) else { return ticks };
        wall = next;
    }
}

fn month_ticks(range: TimeRange, zone: &Zone, months: i32) -> Vec<Tick> {
    let first = Civil::from_utc(zone.to_wall(range.start));
    let mut month = (first.year * 12 + i32::from(first.month) - 1).div_euclid(months) * months;
    let mut ticks = Vec::new();
    loop {
        let (year, of_year) = (month.div_euclid(12), month.rem_euclid(12) as u8 + 1);
        let Some(wall) = days_from_civil(year, of_year, 1).checked_mul(DAY) else { return ticks };
        let at = zone.from_wall(Nanos(wall));
        if at >= range.end {
            return ticks;
        }
        if at >= range.start {
            let label = if months < 12 { format!("{year:04}-{of_year:02}") } else { format!("{year:04}") };
            ticks.push(Tick { at, label, is_major: of_year == 1 });
        }
        month += months;
    }
}

/// As much of the reading as the step needs; the first tick and midnight name the day.
fn label(wall: Nanos, step: i64, is_first: bool) -> String {
    let c = Civil::from_utc(wall);
    let date = || format!("{:02}-{:02}", c.month, c.day);
    if step >= DAY {
        return if is_first || (c.month == 1 && c.day <= 14) { format!("{:04}-{}", c.year, date()) } else { date() };
    }
    let mut clock = format!("{:02}:{:02}", c.hour, c.minute);
    if step < MINUTE {
        clock += &format!(":{:02}", c.second);
    }
    if step < NANOS_PER_SECOND {
        let n_digits = if step >= MILLI {
            3
        } else if step >= 1_000 {
            6
        } else {
            9
        };
        clock += &format!(".{}", &format!("{:09}", c.nanos)[..n_digits]);
    }
    let is_midnight = wall.0.rem_euclid(DAY) == 0;
    match (is_midnight, is_first) {
        (true, _) => date(),
        (false, true) => format!("{} {clock}", date()),
        (false, false) => clock,
    }
}

/// Powers of ten up to the tallest bar.
pub fn magnitude_ticks(tallest: u32) -> Vec<u32> {
    (1..10).map(|power| 10_u32.pow(power)).take_while(|&count| count <= tallest).collect()
}

/// Round counts from above 0 to `max`, at most `max_ticks`.
pub fn count_ticks(max: u32, max_ticks: u32) -> Vec<u32> {
    if max == 0 || max_ticks == 0 {
        return Vec::new();
    }
    let powers = (0..10).map(|power| 10_u64.pow(power));
    let mut steps = powers.flat_map(|power| [power, 2 * power, 5 * power]);
    let step = steps.find(|step| u64::from(max) / step <= u64::from(max_ticks)).unwrap_or(u64::from(max));
    (1..=u64::from(max) / step).map(|i| (i * step) as u32).collect()
}

/// `800`, `12k`, `3.5M`: short enough for an axis.
pub fn short_count(count: u32) -> String {
    let (unit, name) = match count {
        0..1_000 => return count.to_string(),
        1_000..1_000_000 => (1_000, "k"),
        _ => (1_000_000, "M"),
    };
    match count % unit * 10 / unit {
        0 => format!("{}{name}", count / unit),
        tenth => format!("{}.{tenth}{name}", count / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half past nine on 20 November 2026, UTC.
    const START: i64 = 1_795_167_000 * NANOS_PER_SECOND;

    fn labels(span: i64, zone: &Zone, max_ticks: usize) -> Vec<String> {
        let range = TimeRange { start: Nanos(START), end: Nanos(START + span) };
        time_ticks(range, zone, max_ticks).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_on_the_zones_own_clock() {
        assert_eq!(labels(2 * HOUR, &Zone::utc(), 4), ["11-20 09:30", "10:00", "10:30", "11:00"]);
        assert_eq!(labels(2 * HOUR, &Zone::fixed(20_700), 3), ["11-20 16:00", "17:00"]);
    }

    #[test]
    fn short_ranges_show_fractions() {
        assert_eq!(labels(3 * MILLI, &Zone::utc(), 3), ["11-20 09:30:00.000", "09:30:00.001", "09:30:00.002"]);
        assert_eq!(
            labels(30, &Zone::utc(), 3),
            ["11-20 09:30:00.000000000", "09:30:00.000000010", "09:30:00.000000020"]
        );
    }

    #[test]
    fn midnight_names_the_day() {
        assert_eq!(labels(DAY, &Zone::utc(), 5), ["11-20 12:00", "18:00", "11-21", "06:00"]);
    }

    #[test]
    fn long_ranges_go_by_days_months_and_years() {
        assert_eq!(labels(4 * DAY, &Zone::utc(), 4), ["2026-11-21", "11-22", "11-23", "11-24"]);
        assert_eq!(labels(120 * DAY, &Zone::utc(), 4), ["2026-12", "2027-01", "2027-02", "2027-03"]);
        assert_eq!(labels(5 * 366 * DAY, &Zone::utc(), 6), ["2027", "2028", "2029", "2030", "2031"]);
    }

    #[test]
    fn any_range_has_few_ascending_ticks() {
        let mut span = 1;
        while span < i64::MAX / 20 {
            let range = TimeRange { start: Nanos(START), end: Nanos(START + span) };
            let ticks = time_ticks(range, &Zone::fixed(3600), 8);
            assert!(ticks.len() <= 10, "{span}: {} ticks", ticks.len());
            assert!(ticks.is_sorted_by(|a, b| a.at < b.at), "{span}");
            assert!(ticks.iter().all(|tick| range.contains(tick.at)), "{span}");
            span = span * 5 / 2 + 1;
        }
    }

    #[test]
    fn clocks_set_back_give_no_tick_twice() {
        // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC.
        let change = 1_792_890_000 * NANOS_PER_SECOND;
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 7200, changes: vec![(Nanos(change), 3600)] };
        let range = TimeRange { start: Nanos(change - 2 * HOUR), end: Nanos(change + 2 * HOUR) };
        let ticks = time_ticks(range, &berlin, 8);
        assert!(ticks.is_sorted_by(|a, b| a.at < b.at));
    }

    #[test]
    fn counts_tick_at_1_2_and_5() {
        assert_eq!(count_ticks(7, 3), [2, 4, 6]);
        assert_eq!(count_ticks(9, 4), [2, 4, 6, 8]);
        assert_eq!(count_ticks(1234, 3), [500, 1000]);
        assert!(count_ticks(0, 3).is_empty());
        assert_eq!(count_ticks(u32::MAX, 2).len(), 2);
        assert_eq!([999, 1_000, 1_250, 3_500_000].map(short_count), ["999", "1k", "1.2k", "3.5M"]);
    }
}
