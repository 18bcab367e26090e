//! Incidents: what was found unusual, gathered by what goes together.

use crate::say;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::language::told;
use crate::quantity::Unit;
use crate::severity::Band;
use crate::time::{Nanos, Precision, TimeRange, Zone, format_wall};
use crate::verdict::Verdict;

mod detector;
pub use detector::{Aspect, Detector, Voter};

/// Time cut into windows of equal width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    pub start: Nanos,
    pub width_nanos: i64,
    pub n: u32,
}

impl Windows {
    /// The window of a time; times outside are in the first or last one.
    pub fn of(&self, time: Nanos) -> usize {
        let since = i128::from(time.0) - i128::from(self.start.0);
        (since / i128::from(self.width_nanos.max(1))).clamp(0, i128::from(self.n.max(1)) - 1) as usize
    }

    /// When a window begins.
    pub fn begin(&self, window: usize) -> Nanos {
        Nanos(self.start.0.saturating_add(self.width_nanos.saturating_mul(window as i64)))
    }

    /// The time of a sliding window: of this one and the next.
    pub fn slid(&self, window: usize) -> TimeRange {
        TimeRange { start: self.begin(window), end: self.begin(window + N_SLID) }
    }
}

/// Where windows slide, each is so many of those that lie side by side, and the next begins one of these later: by half its width.
pub const N_SLID: usize = 2;

/// Windows that are compared at most, however narrow ones are asked for: each with each other.
pub const MOST_WINDOWS: u32 = 1_440;

/// What is unusual in all that the workspace holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Incidents {
    /// The most important first.
    pub incidents: Vec<Incident>,
    pub windows: Windows,
    pub map: WindowMap,
    /// Entries that have a time.
    pub n_entries: u64,
    /// Numbers of fields were looked at too; not before their columns are made.
    pub has_numbers: bool,
    /// Why nothing can be told, though nothing was found.
    pub lack: Option<Lack>,
    /// Of services that entries name otherwise, or by several names: those, sorted.
    pub aliases: BTreeMap<String, Vec<String>>,
}

/// What is missing to tell what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// Entries with a time.
    Times,
    Entries {
        least: u32,
    },
    /// Windows with an entry in them.
    Windows {
        n_windows: u32,
        least: u32,
    },
    /// There are errors, and nothing else.
    OtherThanErrors,
}

/// Each sliding window ([`Windows::slid`]) as a point: those alike are near each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowMap {
    /// By window: the first two coordinates vary most. Empty where there are too few windows.
    pub points: Vec<Vec<f32>>,
    /// By window.
    pub n_entries: Vec<u32>,
    /// Within this of a few others a window is one of a crowd.
    pub reach: f32,
    /// Further than this from the middle of every kind of windows one is of none.
    pub kind_reach: f32,
    pub clusters: Clusters,
}

/// By window: its cluster, numbered by its first window, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clusters {
    pub of: Vec<Option<u32>>,
}

/// How windows are put together on a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClusterBy {
    /// With those that are near (DBSCAN): one with too few of these belongs to nothing.
    #[default]
    Crowds,
    /// With the nearest of a few usual times (k-means): what is far from all belongs to nothing.
    Kinds,
}

/// One finding of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub detector: Detector,
    /// Empty where it concerns all.
    pub service: String,
    /// Of the messages, if it concerns messages.
    pub template: Option<TemplateName>,
    /// The field whose numbers changed, or the source that was silent.
    pub subject: String,
    /// What tells its messages apart from others of the same words: a status (`503`, `5xx`) or a level; empty where the words do.
    pub outcome: String,
    pub band: Band,
    /// When it begins: as exactly as can be told.
    pub time: TimeRange,
    /// Entries in that time, and how many there would be as usual. Of numbers: their typical value, and the usual one.
    pub seen: f64,
    pub usual: f64,
    /// What those numbers count.
    pub unit: Unit,
    /// How far from usual, in standard deviations of chance.
    pub strength: f64,
    /// Of an unusual mix: who says so, and in what it is unlike others, the most first.
    pub voters: Vec<Voter>,
    pub aspects: Vec<Aspect>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TemplateName {
    pub id: String,
    pub text: String,
}

/// Findings that go together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// 0 to 100.
    pub score: u8,
    pub time: TimeRange,
    /// Most concerned first.
    pub services: Vec<String>,
    /// In the order in which they began: the first are what moved first.
    pub evidence: Vec<Evidence>,
    /// Findings beyond those listed.
    pub n_more: u32,
    /// Index into the evidence: what names the incident.
    pub headline: usize,
    /// Index into the evidence: what its service did before that, if it did something it does not usually do.
    pub after: Option<usize>,
    /// Index into the evidence: the first of another service that follows.
    pub then: Option<usize>,
    /// What the user thought of such ones.
    pub verdict: Option<Verdict>,
}

/// Longer texts of messages are cut in titles.
const LONGEST_QUOTE: usize = 64;

impl Incident {
    /// "payment: 'connection reset' ×48, first at 14:02:11, 9 s before checkout: 'call timed out'"
    pub fn title(&self, zone: &Zone) -> String {
        let headline = &self.evidence[self.headline];
        let clock = format_wall(headline.time.start, zone, Precision::Second.fraction_digits());
        let clock = clock.split(' ').next_back().unwrap_or_default().to_owned();
        let phrase = headline.phrase();
        // What is not there has no first.
        let is_course = matches!(headline.detector, Detector::Value | Detector::Silence);
        let mut title = match headline.usual < 0.5 && !is_course {
            _ if headline.detector == Detector::Stopped => {
                let (service, rate) = (&headline.service, headline.usual_rate());
                say!("{service}: no entry after {clock}; before, {rate}", service, clock, rate)
            }
            _ if headline.detector == Detector::Vanished => say!("{phrase} after {clock}", phrase, clock),
            true => say!("{phrase}, first at {clock}", phrase, clock),
            false => say!("{phrase}, from {clock}", phrase, clock),
        };
        if let Some(before) = self.after.map(|at| &self.evidence[at]) {
            let gap = duration(headline.time.start.0 - before.time.start.0);
            let message = before.template.as_ref().map_or_else(String::new, |template| quote(&template.text));
            title += &say!(", {gap} after {message}", gap, message);
        }
        if let Some(then) = self.then.map(|at| &self.evidence[at]) {
            let gap = then.time.start.0 - headline.time.start.0;
            let (gap_text, subject) = (duration(gap), then.subject_phrase());
            title += &match gap > 0 {
                true if headline.detector == Detector::Stopped => say!("; {} later {}", gap_text, subject),
                true => say!(", {} before {}", gap_text, subject),
                false => String::new(),
            };
        }
        title
    }

    /// The evidence as it is told in so many rows, in the order in which it began: what the title names, and of the rest what began
    /// first. Each with how many nanoseconds after the first that the title names it began, fewer than none where it was before, and
    /// whether the title names it. Windows as wholes begin before what happens in them: they come last, and not after anything.
    pub fn told(&self, most: usize) -> Vec<(&Evidence, Option<i64>, bool)> {
        let named = || self.after.into_iter().chain([self.headline]);
        let first = named().next().and_then(|at| self.evidence.get(at)).map_or(0, |first| first.time.start.0);
        let mut n_others = most.saturating_sub(named().count());
        let is_told = |(.., is_named): &(&Evidence, Option<i64>, bool)| {
            let has_room = *is_named || n_others > 0;
            n_others -= usize::from(has_room && !is_named);
            has_room
        };
        let is_of_window = |evidence: &Evidence| matches!(evidence.detector, Detector::Windows | Detector::Regime);
        let after = |evidence: &Evidence| {
            let after = evidence.time.start.0.saturating_sub(first);
            (!is_of_window(evidence)).then_some(after)
        };
        let all = self.evidence.iter().enumerate().map(|(at, one)| (one, after(one), named().any(|named| named == at)));
        let mut told: Vec<(&Evidence, Option<i64>, bool)> = all.filter(is_told).collect();
        told.sort_by_key(|(evidence, ..)| (is_of_window(evidence), evidence.time.start));
        told
    }
}

impl Evidence {
    /// What it is about: "payment: 'connection reset'".
    pub fn subject_phrase(&self) -> String {
        let what = match (&self.template, self.detector) {
            (Some(template), Detector::Value) => say!("{field} of {message}", self.subject, self.message(template)),
            (Some(template), _) => self.message(template),
            (None, Detector::Windows | Detector::Regime) => say!("all entries together").to_owned(),
            (None, Detector::Silence) => self.subject.clone(),
            (None, Detector::Stopped) => return self.service.clone(),
            (None, _) => say!("all its entries").to_owned(),
        };
        if self.service.is_empty() { what } else { format!("{}: {what}", self.service) }
    }

    /// "'GET …' 503"
    fn message(&self, template: &TemplateName) -> String {
        let text = quote(&template.text);
        if self.outcome.is_empty() { text } else { format!("{text} {}", self.outcome) }
    }

    /// "payment: 'connection reset' ×48"
    pub fn phrase(&self) -> String {
        let subject = self.subject_phrase();
        match self.detector {
            Detector::New | Detector::Rare | Detector::Burst => format!("{subject} ×{}", count(self.seen)),
            Detector::Fewer => say!("{subject} only {} instead of {}", subject, count(self.seen), count(self.usual)),
            Detector::Vanished => say!("{subject} no more", subject),
            Detector::Silence => {
                let length = duration(self.time.end.0.saturating_sub(self.time.start.0));
                say!("{subject} silent for {length}", subject, length)
            }
            Detector::Stopped => {
                let rate = self.usual_rate();
                say!("{subject}: no entry any more; before, {rate}", subject, rate)
            }
            Detector::Level if self.usual > 0.0 => format!("{subject} {}", times(self.seen / self.usual)),
            Detector::Level => format!("{subject} ×{}", count(self.seen)),
            Detector::Value if self.usual > 0.0 => {
                say!(
                    "{subject} {} ({} instead of {})",
                    subject,
                    times(self.seen / self.usual),
                    amount(self.seen, self.unit),
                    amount(self.usual, self.unit)
                )
            }
            Detector::Value => {
                let (seen, usual) = (amount(self.seen, self.unit), amount(self.usual, self.unit));
                say!("{subject} {} instead of {}", subject, seen, usual)
            }
            Detector::Regime => say!("{subject} from here on of another cluster", subject),
            Detector::Windows if self.aspects.is_empty() => say!("{subject} unlike other times", subject),
            Detector::Windows => {
                let names: Vec<&str> = self.aspects.iter().map(|aspect| told(aspect.name())).collect();
                say!("{subject} unlike other times in {}", subject, names.join(", "))
            }
        }
    }

    /// How many entries there would be as usual: "42 a minute".
    fn usual_rate(&self) -> String {
        let seconds = (self.time.end.0.saturating_sub(self.time.start.0)).max(1) as f64 / 1e9;
        let a_second = self.usual / seconds;
        match a_second {
            1.0.. => say!("{} a second", rounded(a_second)),
            _ if a_second * 60.0 >= 1.0 => say!("{} a minute", rounded(a_second * 60.0)),
            _ if a_second * 3600.0 >= 1.0 => say!("{} an hour", rounded(a_second * 3600.0)),
            _ => say!("{} a day", rounded(a_second * 86_400.0)),
        }
    }
}

/// A message in a sentence: its values as dots, cut where it is long.
pub fn quote(text: &str) -> String {
    let plain = text.replace("<*>", "…");
    let mut cut: String = plain.chars().take(LONGEST_QUOTE).collect();
    if cut.len() < plain.len() {
        cut = cut.trim_end_matches(['…', ' ']).to_owned() + "…";
    }
    format!("‘{cut}’")
}

fn count(n: f64) -> String {
    format!("{n:.0}")
}

fn number(n: f64) -> String {
    match n.abs() {
        100.0.. => format!("{n:.0}"),
        _ if n == n.round() => format!("{n:.0}"),
        1.0.. => format!("{n:.1}"),
        // Of two digits: "0.025", "0.2"
        size => {
            let n_decimals = (1.0 - size.log10().floor()).min(9.0) as usize;
            format!("{n:.n_decimals$}").trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// Of two digits, about: "42", "3.5"
fn rounded(n: f64) -> String {
    if n >= 9.95 { format!("{n:.0}") } else { number((n * 10.0).round() / 10.0) }
}

/// In the unit in which it is no less than one: "34 ms", "3 MB"
fn amount(n: f64, unit: Unit) -> String {
    let units: &[(f64, &str)] = match unit {
        Unit::Plain => return number(n),
        Unit::Seconds => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        Unit::Bytes => &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")],
    };
    // What rounding makes one is one.
    let fits = |(one, _): &&(f64, &str)| n.abs() >= 0.9995 * one;
    let (one, name) = units.iter().find(fits).copied().unwrap_or((1.0, if unit == Unit::Bytes { "B" } else { "s" }));
    // Without what dividing leaves behind.
    format!("{} {name}", number((n / one * 1e6).round() / 1e6))
}

/// "×3.4"; what is less is told as a part: "÷3.4"
fn times(ratio: f64) -> String {
    match ratio {
        10.0.. => format!("×{ratio:.0}"),
        1.0.. => format!("×{ratio:.1}"),
        _ if ratio <= 0.0 => "×0".to_owned(),
        _ if ratio <= 0.1 => format!("÷{:.0}", 1.0 / ratio),
        _ => format!("÷{:.1}", 1.0 / ratio),
    }
}

/// "9 s", "4 min", "2 h"
fn duration(nanos: i64) -> String {
    let seconds = nanos as f64 / 1e9;
    match seconds {
        ..1.0 => format!("{:.0} ms", (seconds * 1e3).max(1.0)),
        ..100.0 => format!("{seconds:.0} s"),
        ..6000.0 => format!("{:.0} min", seconds / 60.0),
        ..172_800.0 => format!("{:.0} h", seconds / 3600.0),
        _ => format!("{:.0} d", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(service: &str, text: &str, second: i64) -> Evidence {
        let at = |second: i64| Nanos((1_795_183_331 + second) * 1_000_000_000);
        Evidence {
            detector: Detector::Burst,
            service: service.to_owned(),
            template: Some(TemplateName { id: "1".to_owned(), text: text.to_owned() }),
            subject: String::new(),
            outcome: String::new(),
            band: Band::Error,
            time: TimeRange { start: at(second), end: at(second + 60) },
            seen: 48.0,
            usual: 0.0,
            unit: Unit::Plain,
            strength: 13.0,
            voters: Vec::new(),
            aspects: Vec::new(),
        }
    }

    fn incident(evidence: Vec<Evidence>, headline: usize, after: Option<usize>, then: Option<usize>) -> Incident {
        let (time, services) = (evidence[0].time, Vec::new());
        Incident { score: 80, time, services, evidence, n_more: 0, headline, after, then, verdict: None }
    }

    #[test]
    fn a_title_says_who_what_how_often_when_and_what_followed() {
        let evidence = vec![evidence("payment", "connection reset", 0), evidence("checkout", "call to <*> failed", 9)];
        let incident = incident(evidence, 0, None, Some(1));
        assert_eq!(
            incident.title(&Zone::utc()),
            "payment: ‘connection reset’ ×48, first at 14:02:11, 9 s before checkout: ‘call to … failed’"
        );
    }

    #[test]
    fn evidence_is_told_by_when_it_was_and_what_the_title_names_is_marked() {
        let evidence = vec![
            evidence("cart", "cache warm", -30),
            evidence("payment", "index lost", -9),
            evidence("shop", "slow", -2),
            evidence("payment", "connection reset", 0),
            evidence("checkout", "call to <*> failed", 9),
        ];
        let mut incident = incident(evidence, 3, Some(1), Some(4));
        let check = |incident: &Incident, most: usize, expected: &[(&str, i64, bool)]| {
            let told = incident.told(most);
            let told: Vec<_> = told
                .iter()
                .map(|(of, after, is_named)| (&*of.service, after.unwrap() / 1_000_000_000, *is_named))
                .collect();
            assert_eq!(told, expected);
        };
        let (before, between, behind) = (("cart", -21, false), ("shop", 7, false), ("checkout", 18, false));
        let (cause, headline) = (("payment", 0, true), ("payment", 9, true));
        check(&incident, usize::MAX, &[before, cause, between, headline, behind]);
        // Few rows have what the title names, too.
        check(&incident, 3, &[before, cause, headline]);
        incident.after = None;
        check(&incident, 2, &[("cart", -30, false), ("payment", 0, true)]);
    }

    #[test]
    fn a_window_as_a_whole_is_told_last_and_after_nothing() {
        let window = Evidence { detector: Detector::Windows, template: None, ..evidence("", "", -60) };
        let incident = incident(vec![evidence("payment", "connection reset", 0), window], 0, None, None);
        let told: Vec<_> = incident.told(8).iter().map(|(of, after, _)| (of.detector, *after)).collect();
        assert_eq!(told, [(Detector::Burst, Some(0)), (Detector::Windows, None)]);
    }

    #[test]
    fn a_title_says_after_when_a_message_was_written_no_more() {
        let gone = Evidence { detector: Detector::Vanished, seen: 0.0, ..evidence("cart", "cache warm", 0) };
        let incident = incident(vec![gone], 0, None, None);
        assert_eq!(incident.title(&Zone::utc()), "cart: ‘cache warm’ no more after 14:02:11");
    }

    #[test]
    fn a_title_says_since_when_a_service_is_gone_and_what_it_wrote_before() {
        let gone = Evidence {
            detector: Detector::Stopped,
            template: None,
            seen: 0.0,
            usual: 42.0 * 60.0,
            ..evidence("payment", "", 0)
        };
        let hour = TimeRange { start: gone.time.start, end: Nanos(gone.time.start.0 + 3_600_000_000_000) };
        let gone = Evidence { time: hour, ..gone };
        assert_eq!(gone.phrase(), "payment: no entry any more; before, 42 a minute");
        let incident = incident(vec![gone, evidence("checkout", "call to <*> failed", 9)], 0, None, Some(1));
        let title = incident.title(&Zone::utc());
        assert!(
            title.starts_with("payment: no entry after 14:02:11; before, 42 a minute; 9 s later checkout"),
            "{title}"
        );
    }

    #[test]
    fn fewer_are_told_by_their_number_and_not_as_a_factor() {
        let fewer = Evidence { detector: Detector::Fewer, seen: 6.0, usual: 647.0, ..evidence("shop", "logged in", 0) };
        assert_eq!(fewer.phrase(), "shop: ‘logged in’ only 6 instead of 647");
    }

    #[test]
    fn a_silence_is_told_with_how_long_it_was_and_has_no_first() {
        let start = evidence("", "", 0).time.start;
        let silent = Evidence {
            detector: Detector::Silence,
            template: None,
            subject: "gap.log".to_owned(),
            time: TimeRange { start, end: Nanos(start.0 + 96 * 60 * 1_000_000_000) },
            seen: 0.0,
            ..evidence("", "", 0)
        };
        let incident = incident(vec![silent], 0, None, None);
        assert_eq!(incident.title(&Zone::utc()), "gap.log silent for 96 min, from 14:02:11");
    }

    #[test]
    fn numbers_below_one_are_told_with_two_digits() {
        let slow = Evidence {
            detector: Detector::Value,
            subject: "request_time".to_owned(),
            seen: 0.2503,
            usual: 0.0204,
            ..evidence("shop", "page served", 0)
        };
        assert_eq!(slow.phrase(), "shop: request_time of ‘page served’ ×12 (0.25 instead of 0.02)");
        assert_eq!([0.0, 0.999, 3.26, 120.4].map(number), ["0", "1", "3.3", "120"]);
    }

    #[test]
    fn amounts_are_told_with_their_unit_and_what_fell_as_a_part() {
        let took = |seen: f64, usual: f64| Evidence {
            detector: Detector::Value,
            subject: "took".to_owned(),
            seen,
            usual,
            unit: Unit::Seconds,
            ..evidence("api", "fetched item", 0)
        };
        assert_eq!(took(0.151, 0.0205).phrase(), "api: took of ‘fetched item’ ×7.4 (151 ms instead of 20.5 ms)");
        assert_eq!(took(0.01, 0.03).phrase(), "api: took of ‘fetched item’ ÷3.0 (10 ms instead of 30 ms)");
        assert_eq!([0.0, 5.0, 3e6, 2.5e9].map(|size| amount(size, Unit::Bytes)), ["0 B", "5 B", "3 MB", "2.5 GB"]);
        assert_eq!([0.0, 0.2, 4e-8].map(|time| amount(time, Unit::Seconds)), ["0 s", "200 ms", "40 ns"]);
        assert_eq!([0.05, 0.5, 2.0, 12.4].map(times), ["÷20", "÷2.0", "×2.0", "×12"]);
    }

    #[test]
    fn sliding_windows_share_half_of_their_time_with_the_next() {
        let windows = Windows { start: Nanos(100), width_nanos: 10, n: 3 };
        let range = |start: i64, end: i64| TimeRange { start: Nanos(start), end: Nanos(end) };
        assert_eq!([0, 1].map(|window| windows.slid(window)), [range(100, 120), range(110, 130)]);
    }

    #[test]
    fn times_outside_belong_to_the_windows_at_the_ends() {
        let windows = Windows { start: Nanos(100), width_nanos: 10, n: 3 };
        assert_eq!([0, 100, 109, 110, 129, 130, i64::MAX].map(|time| windows.of(Nanos(time))), [0, 0, 0, 1, 2, 2, 2]);
    }
}
