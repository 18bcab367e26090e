//! What each detector finds in a day of made-up counts, and that it finds nothing in usual ones.

use std::collections::BTreeSet;

use model::incident::{Aspect, Detector, Incident, TemplateName, Windows};
use model::naming::Naming;
use model::severity::Band;
use model::time::{Nanos, Zone};

use super::*;
use crate::sample::random::Random;
use crate::topology::Services;

const MINUTE: i64 = 60_000_000_000;

const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 5 * MINUTE, n: 288 };

/// A day of a few services that write as they usually do, and what a test changes about it.
struct Day {
    tally: Tally,
    random: Random,
    /// What is written next is of requests of this kind.
    requests: Option<u64>,
    /// The source of what is written next, if not one for each service.
    source: Option<u32>,
    /// Each entry's request.
    ids: Vec<(Key, Nanos, Option<u64>)>,
    naming: Naming,
}

/// In each window, of each kind.
const REQUESTS: i64 = 16;

const STEADY: Key = Key { service: 0, template: 0, band: Band::Info };
const OTHER: Key = Key { service: 1, template: 1, band: Band::Info };

impl Day {
    fn new() -> Self {
        Self {
            tally: Tally::new(WINDOWS),
            random: Random::new(11),
            requests: None,
            source: None,
            ids: Vec::new(),
            naming: Naming::default(),
        }
    }

    /// What is written from here on carries the ids of requests of this kind.
    fn of(self, kind: u64) -> Self {
        Self { requests: Some(kind), ..self }
    }

    fn of_none(self) -> Self {
        Self { requests: None, ..self }
    }

    fn into_source(self, source: u32) -> Self {
        Self { source: Some(source), ..self }
    }

    /// About `n` entries in each of some windows. A source for each service.
    fn write(mut self, key: Key, windows: std::ops::Range<usize>, n: f64) -> Self {
        for window in windows {
            let mut time = 0.0;
            loop {
                time += self.random.exponential() / n;
                if time >= 1.0 {
                    break;
                }
                let at = WINDOWS.begin(window).0 + (time * WINDOWS.width_nanos as f64) as i64;
                self.tally.add(self.source.unwrap_or(key.service), key, Nanos(at));
                let id = self.requests.map(|kind| kind << 40 | (at * REQUESTS / WINDOWS.width_nanos) as u64);
                self.ids.push((key, Nanos(at), id));
                self.tally.add_number(key, 0, Nanos(at), 10.0 * (0.5 + self.random.unit()));
            }
        }
        self
    }

    /// Four entries in a window.
    fn write_four(mut self, key: Key, window: usize) -> Self {
        for quarter in 0..4 {
            let at = WINDOWS.begin(window).0 + WINDOWS.width_nanos * quarter / 4;
            self.tally.add(self.source.unwrap_or(key.service), key, Nanos(at));
            let id = self.requests.map(|kind| kind << 40 | (at * REQUESTS / WINDOWS.width_nanos) as u64);
            self.ids.push((key, Nanos(at), id));
        }
        self
    }

    /// Numbers of a field in some windows, beside those that entries have by themselves.
    fn measure(mut self, windows: std::ops::Range<usize>, number: f64) -> Self {
        for window in windows {
            for at in 0..200 {
                self.tally.add_number(STEADY, 0, Nanos(WINDOWS.begin(window).0 + at), number);
            }
        }
        self
    }

    fn incidents(self) -> Vec<Incident> {
        let text = |text: &str| TemplateName { id: text.to_owned(), text: text.to_owned() };
        let services = ["shop", "payment", "search", "payment-1", "till"];
        let called = Services::new(&self.naming, &services, &BTreeSet::new());
        let names = Names {
            services: &called,
            templates: &["page served", "card charged", "connection reset", "index lost", "cannot reach payment"]
                .map(text),
            fields: &["duration_ms", "request_time"].map(str::to_owned),
            sources: &["shop.log", "payment.log", "search.log", "payment-1.log", "payment.log.1", "till.log"]
                .map(str::to_owned),
        };
        let service_of = |service: u32| called.of[service as usize];
        let mut findings = Look::begin(self.tally.finish_as(service_of)).finish();
        for (key, time, id) in self.ids {
            let key = Key { service: service_of(key.service), ..key };
            if findings.links.asks_for(key, WINDOWS.of(time)) {
                findings.links.add(key, WINDOWS.of(time), id);
            }
        }
        findings.incidents(&names)
    }
}

fn usual_day() -> Day {
    Day::new().write(STEADY, 0..288, 20.0).write(OTHER, 0..288, 8.0)
}

/// Something of this kind, from about this window on, is found, and nothing else is as important.
#[track_caller]
fn check(day: Day, detector: Detector, window: usize, phrase: &str) {
    let incidents = day.incidents();
    let first = incidents.first().expect("something is found");
    let found = first.evidence.iter().find(|evidence| evidence.detector == detector);
    let found = found.unwrap_or_else(|| panic!("{:#?}", first.evidence));
    assert!(WINDOWS.of(found.time.start).abs_diff(window) <= 1, "{found:#?}");
    assert!(found.phrase().starts_with(phrase), "{}", found.phrase());
}

#[test]
fn a_usual_day_has_no_incidents() {
    assert_eq!(usual_day().incidents(), []);
}

#[test]
fn busy_hours_that_come_slowly_are_no_incident() {
    let mut day = Day::new();
    for window in 0..288 {
        let n = 30.0 - 20.0 * ((window as f64 - 144.0) / 144.0).powi(2);
        day = day.write(STEADY, window..window + 1, n);
    }
    assert_eq!(day.incidents(), []);
}

#[test]
fn a_morning_is_no_incident_in_a_log_of_one_message() {
    let mut day = Day::new();
    for window in 0..288 {
        let busy = |hour: f64| 1.0 / (1.0 + (-(window as f64 / 12.0 - hour) / 0.3).exp());
        day = day.write(STEADY, window..window + 1, 4.0 + 40.0 * busy(8.0) * (1.0 - busy(18.0)));
    }
    assert_eq!(day.incidents(), []);
}

#[test]
fn a_message_that_was_never_there_before_is_new() {
    let reset = Key { service: 1, template: 2, band: Band::Error };
    let day = usual_day().write(reset, 150..154, 12.0);
    check(day, Detector::New, 150, "payment: ‘connection reset’ ×");
}

#[test]
fn far_more_of_a_message_is_a_burst() {
    check(usual_day().write(OTHER, 100..103, 60.0), Detector::Burst, 100, "payment: ‘card charged’ ×");
}

#[test]
fn far_fewer_of_a_message_are_told_with_how_many_there_should_be() {
    let day = Day::new().write(OTHER, 0..288, 8.0).write(STEADY, 0..120, 60.0).write(STEADY, 120..126, 5.0);
    check(day.write(STEADY, 126..288, 60.0), Detector::Fewer, 120, "shop: ‘page served’ only ");
}

#[test]
fn a_message_that_never_comes_again_has_vanished() {
    let day = Day::new().write(STEADY, 0..288, 20.0).write(OTHER, 0..288, 4.0);
    let beat = Key { service: 1, template: 2, band: Band::Info };
    check(day.write(beat, 0..200, 2.0), Detector::Vanished, 200, "payment: ‘connection reset’ no more");
}

#[test]
fn a_source_that_says_nothing_for_an_hour_is_silent() {
    let day = Day::new().write(STEADY, 0..288, 20.0).write(OTHER, 0..90, 8.0).write(OTHER, 102..288, 8.0);
    check(day, Detector::Silence, 90, "payment.log silent");
}

#[test]
fn an_incident_lasts_as_long_as_the_silence_or_the_level_that_names_it() {
    let lasted = |day: Day, from: usize, to: usize| {
        let incidents = day.incidents();
        let time = incidents.first().expect("something is found").time;
        assert!(WINDOWS.of(time.start).abs_diff(from) <= 1 && WINDOWS.of(time.end).abs_diff(to) <= 1, "{incidents:#?}");
    };
    lasted(Day::new().write(OTHER, 0..100, 8.0).write(OTHER, 215..288, 8.0), 100, 215);
    let day = || Day::new().write(STEADY, 0..288, 40.0).write(OTHER, 0..90, 6.0);
    lasted(day().write(OTHER, 90..190, 24.0).write(OTHER, 190..288, 6.0), 90, 190);
    lasted(day().write(OTHER, 90..288, 24.0), 90, 288);
}

#[test]
fn a_source_is_silent_though_it_is_so_for_long_or_speaks_seldom() {
    let alone = Day::new().write(OTHER, 0..100, 8.0).write(OTHER, 215..288, 8.0);
    check(alone, Detector::Silence, 100, "payment.log silent");
    let beat = |day: Day, windows: std::ops::Range<usize>| {
        windows.step_by(5).fold(day, |mut day, window| {
            day.tally.add(OTHER.service, OTHER, WINDOWS.begin(window));
            day
        })
    };
    let busy = || Day::new().write(STEADY, 0..288, 20.0);
    check(beat(beat(busy(), 0..120), 190..288), Detector::Silence, 116, "payment.log silent");
    // While it is as silent at other times, or while all are, nothing is the matter with it.
    let often = beat(beat(beat(busy(), 0..80), 120..180), 220..288);
    assert_eq!(often.incidents(), []);
    let night = Day::new().write(STEADY, 0..120, 20.0).write(STEADY, 190..288, 20.0);
    let incidents = beat(beat(night, 0..120), 190..288).incidents();
    let told = incidents.iter().flat_map(|incident| &incident.evidence);
    assert!(told.clone().all(|one| one.subject != "payment.log"), "{incidents:#?}");
}

#[test]
fn a_level_that_stays_is_found_where_it_begins() {
    let day = Day::new().write(STEADY, 0..288, 40.0).write(OTHER, 0..140, 6.0).write(OTHER, 140..288, 24.0);
    check(day, Detector::Level, 140, "payment: ‘card charged’ ×");
}

#[test]
fn a_rate_that_stays_is_told_as_it_is_however_few_entries_it_has_and_whatever_else_is_there() {
    let reset = |n: f64| usual_day().write(RESET, 0..144, n);
    let told = |day: Day| {
        let incidents = day.incidents();
        let evidence = || incidents.iter().flat_map(|incident| &incident.evidence);
        let levels: Vec<&str> =
            evidence().filter(|one| one.detector == Detector::Level).map(|one| &*one.service).collect();
        assert_eq!(levels, ["payment"], "{incidents:#?}");
        let level = evidence().find(|one| one.detector == Detector::Level).expect("there is one");
        (level.seen / level.usual, WINDOWS.of(level.time.start))
    };
    for (before, factor, apart) in [(0.3, 10.0, 4), (0.6, 4.0, 4), (4.0, 20.0, 1), (30.0, 4.0, 1)] {
        let (ratio, window) = told(reset(before).write(RESET, 144..288, before * factor));
        assert!((ratio / factor - 1.0).abs() < 0.35 && window.abs_diff(144) <= apart, "{factor}: {ratio}, {window}");
    }
    // A burst long before does not hide it.
    let (ratio, window) = told(reset(4.0).write(RESET, 30..32, 60.0).write(RESET, 144..288, 16.0));
    assert!((3.5..4.5).contains(&ratio) && window.abs_diff(144) <= 1, "{ratio}, {window}");
    // Nor does it matter if it is all that is written.
    let alone = Day::new().write(OTHER, 0..144, 8.0).write(OTHER, 144..288, 40.0);
    let (ratio, window) = told(alone);
    assert!((4.5..5.5).contains(&ratio) && window.abs_diff(144) <= 1, "{ratio}, {window}");
}

#[test]
fn a_level_that_goes_back_is_told_where_it_begins_and_no_more() {
    let day = Day::new().write(STEADY, 0..288, 40.0).write(OTHER, 0..90, 6.0);
    let incidents = day.write(OTHER, 90..190, 24.0).write(OTHER, 190..288, 6.0).incidents();
    let told: Vec<_> = incidents.iter().flat_map(|incident| &incident.evidence).collect();
    let levels: Vec<_> = told.iter().filter(|one| one.detector == Detector::Level).map(|one| one.time).collect();
    assert_eq!(levels.len(), 1, "{told:#?}");
    assert!(WINDOWS.of(levels[0].start).abs_diff(90) <= 1 && WINDOWS.of(levels[0].end).abs_diff(190) <= 1, "{told:#?}");
}

#[test]
fn numbers_that_grow_are_told_with_what_is_usual() {
    let slow = || usual_day().measure(200..206, 400.0);
    check(slow(), Detector::Value, 200, "shop: duration_ms of ‘page served’ ×");
    let incidents = slow().incidents();
    let odd = incidents[0].evidence.iter().find(|evidence| evidence.detector == Detector::Windows);
    assert_eq!(odd.map(|odd| &odd.aspects[..]), Some(&[Aspect::Numbers][..]), "{incidents:#?}");
}

#[test]
fn seconds_that_grow_tenfold_are_told_though_they_are_less_than_one() {
    for usual in [0.02, 0.000_05, 30.0] {
        let mut day = usual_day();
        for window in 0..288 {
            let typical = if (200..206).contains(&window) { 10.0 * usual } else { usual };
            for at in 0..20 {
                let number = typical * (0.5 + day.random.unit());
                day.tally.add_number(STEADY, 1, Nanos(WINDOWS.begin(window).0 + at), number);
            }
        }
        check(day, Detector::Value, 200, "shop: request_time of ‘page served’ ×");
    }
}

#[test]
fn what_goes_together_is_one_incident_and_what_began_first_comes_first() {
    let reset = Key { service: 1, template: 2, band: Band::Error };
    let once = Key { service: 0, template: 2, band: Band::Info };
    let day = usual_day().of(1).write(reset, 152..156, 12.0).measure(151..156, 400.0);
    let day = day.of_none().write(once, 150..151, 2.0).of(1).write(STEADY, 151..156, 2.0);
    let incidents = day.incidents();
    assert_eq!(incidents.len(), 1);
    let order: Vec<Detector> = incidents[0].evidence.iter().map(|evidence| evidence.detector).collect();
    let place = |detector: Detector| order.iter().position(|other| *other == detector);
    assert!(place(Detector::Rare) == Some(0), "{order:?}");
    assert!(place(Detector::Value) < place(Detector::New), "{order:?}");
    assert_eq!(incidents[0].services, ["payment", "shop"]);
    assert!(incidents[0].title(&Zone::utc()).starts_with("shop: duration_ms"), "{}", incidents[0].title(&Zone::utc()));
}

#[test]
fn incidents_hours_apart_are_two() {
    let reset = Key { service: 1, template: 2, band: Band::Error };
    let incidents = usual_day().write(reset, 100..103, 12.0).measure(200..206, 400.0).incidents();
    assert_eq!(incidents.len(), 2);
}

const RESET: Key = Key { service: 1, template: 2, band: Band::Error };
const LOST: Key = Key { service: 2, template: 3, band: Band::Error };
const UNREACHED: Key = Key { service: 0, template: 4, band: Band::Error };

/// A usual day of three services whose requests have nothing to do with each other.
fn three_services() -> Day {
    let search = Key { service: 2, template: 0, band: Band::Info };
    let day = Day::new().of(1).write(STEADY, 0..288, 20.0).of(2).write(OTHER, 0..288, 8.0);
    day.of(3).write(search, 0..288, 15.0)
}

/// When something begins and how many windows it lasts: many ways to fall into the same minutes.
fn overlaps() -> impl Iterator<Item = (std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut random = Random::new(5);
    let mut below = move |n: f64| (random.unit() * n) as usize;
    std::iter::repeat_with(move || {
        let (start, lag) = (60 + below(150.0), below(3.0));
        (start..start + 3 + below(5.0), start + lag..start + lag + 3 + below(5.0))
    })
    .take(20)
}

#[track_caller]
fn check_services(day: Day, expected: &[&[&str]]) {
    let incidents = day.incidents();
    let mut services: Vec<Vec<&str>> = incidents
        .iter()
        .map(|incident| {
            let mut services: Vec<&str> = incident.services.iter().map(String::as_str).collect();
            services.sort_unstable();
            services
        })
        .collect();
    services.sort();
    assert_eq!(services, expected, "{incidents:#?}");
}

#[test]
fn two_services_that_fail_independently_in_the_same_minutes_are_two_incidents() {
    for (first, second) in overlaps() {
        let day = three_services().of(4).write(RESET, first.clone(), 12.0);
        check_services(day.of(5).write(LOST, second.clone(), 12.0), &[&["payment"], &["search"]]);
        // Without any ids nothing says that they belong together either.
        let day = three_services().of_none().write(RESET, first, 12.0).write(LOST, second, 12.0);
        check_services(Day { ids: Vec::new(), ..day }, &[&["payment"], &["search"]]);
    }
}

#[test]
fn a_cause_and_the_errors_that_follow_from_it_are_one_incident() {
    for (first, second) in overlaps() {
        // Requests that fail in one service fail in the other.
        let day = three_services().of(4).write(RESET, first.clone(), 12.0);
        check_services(day.of(4).write(LOST, second.clone(), 12.0), &[&["payment", "search"]]);
        // The one says whom it could not reach.
        let day = three_services().of_none().write(RESET, first, 12.0);
        check_services(day.write(UNREACHED, second, 12.0), &[&["payment", "shop"]]);
    }
}

#[test]
fn a_few_errors_of_another_service_belong_to_the_incident_that_their_requests_are_of() {
    let day = |kind: u64| three_services().of(4).write(RESET, 100..104, 40.0).of(kind).write_four(LOST, 101);
    check_services(day(4), &[&["payment", "search"]]);
    check_services(day(4).write_four(LOST, 102), &[&["payment", "search"]]);
    // They happen at the same time, and that is all.
    check_services(day(5), &[&["payment"]]);
    // By themselves they are nothing.
    check_services(three_services().of(4).write_four(LOST, 101), &[]);
}

#[test]
fn what_is_missing_belongs_to_the_failure_of_a_service_it_shares_requests_with() {
    let end = Key { service: 0, template: 1, band: Band::Info };
    let day = Day::new().of(1).write(STEADY, 0..288, 20.0).write(OTHER, 0..288, 20.0);
    let day = day.of_none().write(end, 0..200, 30.0).write(RESET, 200..206, 12.0).write(end, 206..288, 30.0);
    check_services(day, &[&["payment", "shop"]]);
}

#[test]
fn no_entries_have_no_incidents() {
    assert_eq!(Day::new().incidents(), []);
}

/// Three services until here; as few entries as this make a window without any a matter of chance.
fn until(ends: [usize; 3], payments: f64) -> Day {
    let search = Key { service: 2, template: 3, band: Band::Info };
    Day::new().write(STEADY, 0..ends[0], 20.0).write(OTHER, 0..ends[1], payments).write(search, 0..ends[2], 5.0)
}

#[test]
fn a_service_that_dies_is_told_and_the_others_are_not_blamed_for_their_growing_share() {
    for end in [80, 150, 260] {
        let incidents = until([288, end, 288], 60.0).incidents();
        assert_eq!(incidents.len(), 1, "{incidents:#?}");
        let title = incidents[0].title(&Zone::utc());
        assert!(title.starts_with("payment: no entry after ") && title.ends_with("; before, 12 a minute"), "{title}");
        let time = incidents[0].time;
        assert_eq!((WINDOWS.of(time.start), WINDOWS.of(time.end)), (end - 1, 287), "it is not over");
        // Times without it are unlike those with it; nothing is said of the others.
        let is_of_one = |evidence: &&Evidence| !matches!(evidence.detector, Detector::Windows | Detector::Regime);
        let mut told = incidents[0].evidence.iter().filter(is_of_one);
        assert!(told.all(|evidence| evidence.service == "payment"), "{incidents:#?}");
    }
}

#[test]
fn in_a_source_that_goes_on_one_other_service_is_proof_enough() {
    let day = || Day::new().into_source(0).write(STEADY, 0..288, 20.0);
    check_services(day().write(OTHER, 0..150, 8.0), &[&["payment"]]);
    // In a source of its own its end may be no more than the end of a file.
    check_services(day().into_source(1).write(OTHER, 0..150, 8.0), &[]);
}

#[test]
fn logs_that_end_earlier_are_no_death() {
    // All of them; some before others; all but one; within what an export takes.
    for ends in [[150, 150, 150], [288, 150, 220], [150, 150, 288], [288, 284, 288]] {
        check_services(until(ends, 8.0), &[]);
    }
}

#[test]
fn what_is_silent_now_and_then_has_not_died() {
    // An entry in each third window or so: six hours are much, half an hour is nothing.
    check_services(until([288, 216, 288], 0.4), &[&["payment"]]);
    check_services(until([288, 280, 288], 0.4), &[]);
    // It was as silent before; that silence is told.
    check_services(until([288, 60, 288], 8.0).write(OTHER, 120..220, 8.0), &[&[]]);
}

#[test]
fn a_job_that_ran_once_has_not_died() {
    check_services(until([288, 30, 288], 8.0), &[]);
}

#[test]
fn a_log_that_goes_on_in_a_part_that_is_not_here_is_no_death() {
    let day = until([288, 0, 288], 8.0);
    check_services(day.into_source(4).write(OTHER, 0..150, 8.0), &[]);
}

#[test]
fn a_service_that_is_renamed_at_noon_is_no_incident_where_rules_or_the_user_say_so() {
    let renamed = |to: Key| until([288, 150, 288], 8.0).write(to, 150..288, 8.0);
    check_services(renamed(Key { service: 3, ..OTHER }), &[]);
    let till = || renamed(Key { service: 4, ..OTHER });
    let mut naming = Naming::default();
    naming.join(["till"], "payment");
    check_services(Day { naming, ..till() }, &[]);
    // Nobody knows that these are one.
    let incidents = till().incidents();
    let told = incidents.iter().flat_map(|incident| &incident.evidence);
    let told: Vec<(Detector, &str)> = told.map(|evidence| (evidence.detector, &*evidence.service)).collect();
    assert!(told.contains(&(Detector::Stopped, "payment")), "{told:?}");
    // What the user parted from the others is a service of its own that stopped.
    let mut naming = Naming::default();
    naming.part("payment-1");
    let incidents = Day { naming, ..renamed(Key { service: 3, ..OTHER }) }.incidents();
    let mut told = incidents.iter().flat_map(|incident| &incident.evidence);
    assert!(told.any(|evidence| (evidence.detector, &*evidence.service) == (Detector::Stopped, "payment")));
}

#[test]
fn of_two_services_one_that_ends_has_died_where_the_other_misses_it() {
    // All that is known is that one log is shorter.
    let both = || Day::new().write(STEADY, 0..288, 20.0).write(OTHER, 0..200, 8.0);
    check_services(both(), &[]);
    let missed = Key { service: 0, template: 4, band: Band::Error };
    let incidents = both().write(missed, 200..288, 6.0).incidents();
    let told = incidents[0].evidence.iter().find(|evidence| evidence.detector == Detector::Stopped);
    assert_eq!(told.map(|evidence| evidence.service.as_str()), Some("payment"), "{incidents:#?}");
    // An error that does not name it, of requests of which it had none, is another matter.
    let other = Key { service: 0, template: 2, band: Band::Error };
    let incidents = both().write(other, 200..288, 6.0).incidents();
    let mut all = incidents.iter().flat_map(|incident| &incident.evidence);
    assert!(all.all(|evidence| evidence.detector != Detector::Stopped), "{incidents:#?}");
}

#[test]
fn the_title_names_what_moved_first_and_what_was_done_before() {
    let done = Key { service: 1, template: 3, band: Band::Info };
    let first = Key { service: 1, template: 2, band: Band::Error };
    let louder = Key { service: 1, template: 4, band: Band::Error };
    let day = usual_day().write(done, 119..120, 1.0).write(first, 120..130, 30.0).write(louder, 122..130, 90.0);
    let title = day.incidents()[0].title(&Zone::utc());
    assert!(title.starts_with("payment: ‘connection reset’ ×"), "{title}");
    assert!(title.contains(" after ‘index lost’"), "{title}");
}

#[test]
fn what_comes_in_place_of_something_names_the_incident_before_what_there_is_less_of() {
    let failed = Key { service: 1, template: 2, band: Band::Info };
    let alive = Key { service: 1, template: 3, band: Band::Info };
    let other = || {
        let day = Day::new().write(STEADY, 0..288, 20.0).write(alive, 0..288, 8.0);
        day.write(OTHER, 0..120, 20.0).write(OTHER, 126..288, 20.0)
    };
    // Cards are charged no more from the beginning of a window on; the first that cannot be is a little later.
    let title = other().write(failed, 120..126, 14.0).incidents()[0].title(&Zone::utc());
    assert!(title.starts_with("payment: ‘connection reset’ ×"), "{title}");
    // What comes long after did not come in their place.
    let title = other().write(failed, 123..126, 14.0).incidents()[0].title(&Zone::utc());
    assert!(title.starts_with("payment: ‘card charged’ only "), "{title}");
}

#[test]
fn who_moved_before_is_not_told_to_follow() {
    let finding = |service: u32, second: i64| Finding {
        detector: Detector::Burst,
        subject: Subject::Template(Key { service, ..Key::default() }),
        band: Band::Error,
        windows: 0..1,
        onset: Nanos(second),
        seen: 9.0,
        usual: 0.0,
        strength: 9.0,
    };
    let findings = [finding(1, 3), finding(0, 5), finding(1, 7), finding(2, 8)];
    assert_eq!(who_followed(&findings, 1), Some(3));
    assert_eq!(who_followed(&findings[..3], 1), None);
    assert_eq!(who_followed(&findings[1..], 0), Some(1));
}

#[test]
fn a_request_that_fails_is_told_apart_from_those_that_do_not() {
    let failed = Key { band: Band::Error, ..OTHER };
    let title = usual_day().write(failed, 120..126, 30.0).incidents()[0].title(&Zone::utc());
    assert!(title.starts_with("payment: ‘card charged’ error ×"), "{title}");
}

const JOB: Key = Key { service: 1, template: 2, band: Band::Info };

/// A job that writes for two windows each hour, at some distance from where it should; as many entries as `n` says of each turn.
fn hourly(period: f64, late: impl Fn(usize) -> usize, n: impl Fn(usize) -> f64) -> Day {
    let mut day = usual_day();
    let starts = (0..).map(|turn| (turn, 3 + (turn as f64 * period) as usize + late(turn)));
    for (turn, start) in starts.take_while(|(_, start)| start + 2 <= WINDOWS.n as usize) {
        day = day.write(JOB, start..start + 2, n(turn));
    }
    day
}

#[test]
fn a_job_in_its_rhythm_is_no_incident() {
    for period in [12.0, 12.4, 24.0, 57.0] {
        check_services(hourly(period, |_| 0, |_| 40.0), &[]);
        check_services(hourly(period, |turn| turn * 7 % 3 % 2, |_| 40.0), &[]);
        check_services(hourly(period, |_| 0, |turn| 25.0 + (turn * 11 % 7) as f64 * 6.0), &[]);
    }
}

#[test]
fn a_job_that_grows_out_of_its_rhythm_is_a_burst() {
    let day = hourly(12.0, |_| 0, |turn| if turn == 12 { 300.0 } else { 40.0 });
    check(day, Detector::Burst, 147, "payment: ‘connection reset’ ×");
    let day = hourly(12.0, |_| 0, |_| 40.0).write(JOB, 153..155, 40.0);
    check(day, Detector::Burst, 153, "payment: ‘connection reset’ ×");
}

#[test]
fn a_turn_that_is_missing_is_told_with_how_many_there_should_be() {
    let day = hourly(12.0, |_| 0, |turn| if turn == 12 { 0.001 } else { 40.0 });
    check(day, Detector::Fewer, 147, "payment: ‘connection reset’ only 0 instead of ");
}
