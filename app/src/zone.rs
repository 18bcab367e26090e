//! Time zones as the browser knows them, made into tables of offset changes.
//!
//! No time-zone database is carried: the browser's own is asked for the offset at one instant after the other.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use model::time::{Civil, NANOS_PER_SECOND, Nanos, Zone};
use wasm_bindgen::prelude::*;

/// From before the first logs to a generation ahead; outside, the first and last offset go on.
const FIRST_YEAR: i32 = 1970;
const LAST_YEAR: i32 = 2040;

/// Offsets that stand for a shorter time between two probes are missed. The shortest known (clocks set back for Ramadan)
/// stand for four weeks.
const STEP_SECONDS: i64 = 21 * 86_400;

thread_local! {
    /// Zones asked for so far: making one takes some thousand questions.
    static KNOWN: RefCell<BTreeMap<String, Option<Zone>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The zone of this name, or `None` where the browser does not know it. Plain offsets ("+02:00") are zones too.
pub fn named(name: &str) -> Option<Zone> {
    if name == "UTC" {
        return Some(Zone::utc());
    }
    if let Some(seconds_east) = offset(name) {
        return Some(Zone::fixed(seconds_east));
    }
    if let Some(known) = KNOWN.with_borrow(|known| known.get(name).cloned()) {
        return known;
    }
    let zone = Clock::new(name).map(|clock| table(name, |seconds| clock.offset_at(seconds)));
    KNOWN.with_borrow_mut(|known| known.insert(name.to_owned(), zone.clone()));
    zone
}

/// Names to choose from, in alphabetical order.
pub fn names() -> Vec<String> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).unwrap_or_default();
    let listed = Reflect::get(&intl, &"supportedValuesOf".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|list| list.call1(&intl, &"timeZone".into()))
        .and_then(JsCast::dyn_into::<Array>);
    let mut names: Vec<String> = listed.iter().flat_map(Array::iter).filter_map(|name| name.as_string()).collect();
    if !names.iter().any(|name| name == "UTC") {
        names.push("UTC".to_owned());
    }
    names.sort();
    names
}

/// The zone of this device.
pub fn local() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let name = Reflect::get(&options, &"timeZone".into()).ok().and_then(|name| name.as_string());
    name.unwrap_or_else(|| "UTC".to_owned())
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

/// `+02:00`, `-00:44:30`; nothing at all is UTC. `None` for what is no offset.
fn offset(text: &str) -> Option<i32> {
    if text.is_empty() {
        return Some(0);
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let mut seconds = 0;
    for (part, unit) in text[1..].split(':').zip([3600, 60, 1]) {
        seconds += part.parse::<u8>().ok().map(i32::from)? * unit;
    }
    Some(sign * seconds)
}

/// Finds the changes between probes by halving, to the second.
fn table(name: &str, offset_at: impl Fn(i64) -> i32) -> Zone {
    let (first, last) = (new_year(FIRST_YEAR), new_year(LAST_YEAR));
    let first_offset = offset_at(first);
    let mut changes = Vec::new();
    let (mut from, mut before) = (first, first_offset);
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

    #[test]
    fn offsets_are_read_as_browsers_write_them() {
        assert_eq!(offset("+05:30"), Some(19_800));
        assert_eq!(offset("-00:44:30"), Some(-2670));
        assert_eq!(offset(""), Some(0));
        assert_eq!(offset("Europe/Berlin"), None);
    }

    #[test]
    fn changes_are_found_to_the_second() {
        let truth = Zone {
            name: "Here".to_owned(),
            first_offset: -2670,
            changes: [(63_593_070, 0), (500_000_001, 3600), (502_500_000, 0), (1_700_000_000, 7200)]
                .map(|(seconds, offset)| (Nanos(seconds * NANOS_PER_SECOND), offset))
                .to_vec(),
        };
        let found = table("Here", |seconds| truth.offset_at(Nanos(seconds * NANOS_PER_SECOND)));
        assert_eq!(found, truth);
    }
}
