//! Time zones as the browser knows them, made into tables of offset changes.
//!
//! No time-zone database is carried: the browser's own is asked for the offset at one instant after the other.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Array, Date, Function, Intl, Object, Promise, Reflect};
use model::time::{Civil, NANOS_PER_SECOND, Nanos, Zone};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// From before the first logs worth reading to a generation ahead; outside, the first and last offset go on.
const FIRST_YEAR: i32 = 1990;
const LAST_YEAR: i32 = 2040;

/// Offsets that stand for a shorter time between two probes are missed. The shortest known (clocks set back for Ramadan)
/// stand for four weeks.
const STEP_SECONDS: i64 = 21 * 86_400;

/// Probes between two pauses for the page: three years, a few milliseconds.
const PROBES_AT_ONCE: usize = 52;

/// No place has ever been so far from UTC: before there were zones, Manila was 15:56 behind.
const MOST_SECONDS: i32 = 18 * 3600;

thread_local! {
    /// Zones asked for so far: making one takes some thousand questions.
    static KNOWN: RefCell<BTreeMap<String, Option<Zone>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The zone of this name, if it needs no questions: UTC, a plain offset ("+02:00"), or one that was [found](find) before.
/// `Some(None)`: the browser does not know it.
pub fn known(name: &str) -> Option<Option<Zone>> {
    if name == "UTC" {
        return Some(Some(Zone::utc()));
    }
    if let Some(seconds_east) = offset(name).filter(|_| !name.is_empty()) {
        return Some(Some(Zone::fixed(seconds_east)));
    }
    KNOWN.with_borrow(|known| known.get(name).cloned())
}

/// The zone of this name, or `None` where the browser does not know it. Leaves the page time to breathe.
pub async fn find(name: &str) -> Option<Zone> {
    if let Some(known) = known(name) {
        return known;
    }
    let zone = match Clock::new(name) {
        Some(clock) => Some(table(name, |seconds| clock.offset_at(seconds), pause).await),
        None => None,
    };
    KNOWN.with_borrow_mut(|known| known.insert(name.to_owned(), zone.clone()));
    zone
}

/// Comes back in a task of its own.
pub async fn pause() {
    let later = Promise::new(&mut |done, _| {
        // Refused only for a callback that is none.
        let _ = leptos::prelude::window().set_timeout_with_callback(&done);
    });
    // A promise that is never rejected.
    let _ = JsFuture::from(later).await;
}

/// Names to choose from, in alphabetical order.
pub fn names() -> Vec<String> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).unwrap_or_default();
    let listed = Reflect::get(&intl, &"supportedValuesOf".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|list| list.call1(&intl, &"timeZone".into()))
        .and_then(JsCast::dyn_into::<Array>);
    let mut names: Vec<String> =
        listed.iter().flat_map(Array::iter).filter_map(|name| name.as_string()).map(of_today).collect();
    if !names.iter().any(|name| name == "UTC") {
        names.push("UTC".to_owned());
    }
    names.sort();
    names
}

thread_local! {
    /// Asking the browser may take milliseconds.
    static LOCAL: String = ask_local().map_or_else(|| "UTC".to_owned(), of_today);
}

/// The zone of this device when the page was opened.
pub fn local() -> String {
    LOCAL.with(Clone::clone)
}

/// `Temporal` knows it at once; `Intl`, where browsers do not have that yet, first loads how dates are written everywhere.
fn ask_local() -> Option<String> {
    let temporal = Reflect::get(&js_sys::global(), &"Temporal".into()).ok().filter(JsValue::is_object);
    if let Some(temporal) = temporal {
        let now = Reflect::get(&temporal, &"Now".into()).ok()?;
        let ask = Reflect::get(&now, &"timeZoneId".into()).ok()?.dyn_into::<Function>().ok()?;
        return ask.call0(&now).ok()?.as_string();
    }
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// Cities that browsers still list by a name they had when their lists began; all take the one of today as well.
const RENAMED: [(&str, &str); 12] = [
    ("Africa/Asmera", "Africa/Asmara"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Godthab", "America/Nuuk"),
    ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Rangoon", "Asia/Yangon"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("Atlantic/Faeroe", "Atlantic/Faroe"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("Pacific/Ponape", "Pacific/Pohnpei"),
    ("Pacific/Truk", "Pacific/Chuuk"),
];

fn of_today(name: String) -> String {
    match RENAMED.iter().find(|(then, _)| *then == name) {
        // An old browser may not know it yet.
        Some((_, now)) if Clock::new(now).is_some() => (*now).to_owned(),
        _ => name,
    }
}

/// The zone name that is meant by what was typed: a name, an offset, or a city; in any case of letters.
pub fn meant(typed: &str, names: &[String]) -> Option<String> {
    let typed = typed.trim().replace(' ', "_");
    if typed.is_empty() {
        return None;
    }
    if let Some(seconds_east) = offset(&typed) {
        return Some(Zone::fixed(seconds_east).name);
    }
    let is_meant = |name: &&String| {
        name.eq_ignore_ascii_case(&typed)
            || name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&typed))
    };
    let then = RENAMED.iter().find(|(then, _)| then.eq_ignore_ascii_case(&typed)).map(|(_, now)| (*now).to_owned());
    names.iter().find(is_meant).cloned().or(then)
}

/// The browser's clock of one zone.
struct Clock {
    format: Function,
}

impl Clock {
    /// Writes nothing but the day and the offset: "7/1/2026, GMT+02:00".
    fn new(zone: &str) -> Option<Self> {
        let options = Object::new();
        for (name, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
            Reflect::set(&options, &name.into(), &value.into()).ok()?;
        }
        // `new` would let the error for an unknown zone pass through the program.
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let class = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into::<Function>().ok()?;
        let clock = Reflect::construct(&class, &Array::of2(&"en-US".into(), &options)).ok()?;
        Some(Self { format: clock.unchecked_into::<Intl::DateTimeFormat>().format() })
    }

    fn offset_at(&self, seconds: i64) -> i32 {
        let date = Date::new(&JsValue::from(seconds as f64 * 1000.0));
        let written = self.format.call1(&JsValue::UNDEFINED, &date).ok().and_then(|text| text.as_string());
        written.and_then(|text| offset(text.rsplit("GMT").next()?)).unwrap_or(0)
    }
}

/// `+02:00`, `-00:44:30`, `+0530`, `+2`; nothing at all is UTC. `None` for what is no offset, and for more than any place has had.
fn offset(text: &str) -> Option<i32> {
    if text.is_empty() {
        return Some(0);
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = &text[1..];
    let has_no_colon = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = if has_no_colon { vec![&digits[..2], &digits[2..]] } else { digits.split(':').collect() };
    if parts.len() > 3 {
        return None;
    }
    let mut seconds = 0;
    for (part, unit) in parts.into_iter().zip([3600, 60, 1]) {
        let is_number = matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: i32 = part.parse().ok().filter(|_| is_number)?;
        if unit < 3600 && number >= 60 {
            return None;
        }
        seconds += number * unit;
    }
    (seconds <= MOST_SECONDS).then_some(sign * seconds)
}

/// Finds the changes between probes by halving, to the second; `pause` is awaited now and then.
async fn table<P: Future<Output = ()>>(name: &str, offset_at: impl Fn(i64) -> i32, pause: impl Fn() -> P) -> Zone {
    let (first, last) = (new_year(FIRST_YEAR), new_year(LAST_YEAR));
    let first_offset = offset_at(first);
    let mut changes = Vec::new();
    let (mut from, mut before) = (first, first_offset);
    let mut n_probes = 0;
    while from < last {
        let to = (from + STEP_SECONDS).min(last);
        let after = offset_at(to);
        if after != before {
            // The offset is `before` at `low`, another at `high`.
            let (mut low, mut high) = (from, to);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset_at(middle) == before { low = middle } else { high = middle }
            }
            changes.push((Nanos(high * NANOS_PER_SECOND), after));
        }
        (from, before) = (to, after);
        n_probes += 1;
        if n_probes % PROBES_AT_ONCE == 0 {
            pause().await;
        }
    }
    Zone { name: name.to_owned(), first_offset, changes }
}

fn new_year(year: i32) -> i64 {
    let civil = Civil { year, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanos: 0 };
    civil.to_utc().expect("a new year between 1677 and 2262").0 / NANOS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn a_zone_is_found_by_its_city_its_old_name_or_its_offset() {
        let names = ["America/New_York", "Asia/Kolkata", "Europe/Kyiv", "UTC"].map(str::to_owned);
        for (typed, name) in [
            ("europe/kyiv", Some("Europe/Kyiv")),
            ("Kolkata", Some("Asia/Kolkata")),
            ("new york", Some("America/New_York")),
            ("Europe/Kiev", Some("Europe/Kyiv")),
            ("+05:30", Some("+05:30")),
            ("+0200", Some("+02:00")),
            ("-0330", Some("-03:30")),
            ("+200", None),
            ("utc", Some("UTC")),
            ("", None),
            ("Atlantis", None),
        ] {
            assert_eq!(meant(typed, &names).as_deref(), name, "{typed}");
        }
    }

    #[test]
    fn offsets_are_read_as_browsers_write_them() {
        assert_eq!(offset("+05:30"), Some(19_800));
        assert_eq!(offset("-00:44:30"), Some(-2670));
        assert_eq!(offset(""), Some(0));
        assert_eq!(offset("Europe/Berlin"), None);
    }

    #[test]
    fn an_offset_is_of_hours_and_minutes_that_clocks_have() {
        assert_eq!(offset("+2"), Some(7200));
        assert_eq!(offset("+14"), Some(50_400));
        assert_eq!(offset("-0930"), Some(-34_200));
        for typed in ["+200:00", "+19", "+18:01", "+02:60", "+0260", "+530", "+02:00:00:00", "++2", "+", "+2:", "+１"]
        {
            assert_eq!(offset(typed), None, "{typed}");
        }
    }

    #[test]
    fn changes_are_found_to_the_second() {
        let truth = Zone {
            name: "Here".to_owned(),
            first_offset: -2670,
            changes: [(663_593_070, 0), (900_000_001, 3600), (902_500_000, 0), (1_700_000_000, 7200)]
                .map(|(seconds, offset)| (Nanos(seconds * NANOS_PER_SECOND), offset))
                .to_vec(),
        };
        let asked = |seconds| truth.offset_at(Nanos(seconds * NANOS_PER_SECOND));
        let mut finding = std::pin::pin!(table("Here", asked, || std::future::ready(())));
        let found = finding.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(found, Poll::Ready(truth.clone()));
    }
}
