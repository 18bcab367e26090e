//! How many different values fields and metric labels have, whether they grow without an end, and what each costs.
//!
//! In: opened entries, in any order. Out: a [`Cardinality`], the same for every order while not too many values are kept in all. Few
//! values are counted one by one, many by sketches ([`crate::fields::sketch`]), so that memory does not grow with them.
//!
//! Growth is told from the values in about half of the entries beside those in all: by Heaps' law (Heaps, *Information
//! Retrieval*, 1978) n entries have about k·n^β different values. The half is made of whole slices of time, chosen by hash, so
//! that an id that several entries of one request have is not taken for one that comes back. A time series stays once it is there, so
//! that each half has about all values of a label: its growth is told from when some of its values came first. So few values as a
//! status has are bounded, whenever they came.

use std::fmt::Write as _;

use model::cardinality::{Cardinality, FieldCost, Growth, LabelCost};

use crate::fields::sketch::Sketch;
use crate::format::Parsed;
use crate::quick_hash::{QuickMap, hash_of};
use crate::topology::{Sighting, sighting};

/// Fields, and pairs of metric and label, that are counted: some 4 MB of sketches.
const MOST_FIELDS: usize = 4000;
const MOST_LABELS: usize = 8000;
const MOST_METRICS: usize = 4000;
const MOST_LABELS_OF_ONE: usize = 64;
/// Different values that are counted one by one of a field or label, or of all of them: some 10 MB.
const MOST_EXACT: usize = 4000;
const MOST_KEPT: usize = 500_000;
/// Fields and labels that are told, and the least different values of one that is.
const MOST_TOLD: usize = 50;
const LEAST_VALUES: u64 = 20;
/// A label is told if it takes this share of a metric's series, of so many.
const LEAST_SAVED: f64 = 0.1;
const LEAST_SERIES: u64 = 10;
/// Exponents of Heaps' law. Of two sketches the exponent is right within about 0.1.
const BOUNDED: f64 = 0.25;
const ENDLESS: f64 = 0.75;

/// Slices of time of 2³³ nanoseconds, 8.6 seconds: longer than most requests.
const SLICE_BITS: u32 = 33;
/// Shares of the entries that tell something as half of them; where all are of a few seconds, there is no half.
const HALVES: std::ops::RangeInclusive<f64> = 0.2..=0.8;

/// Values of a label of which it is known when they came first.
const MOST_SAMPLED: usize = 128;
/// Points of a shorter time tell nothing of growth: some scrapes.
const LEAST_NANOS: i64 = 8 << SLICE_BITS;

/// Attributes of data points are labels; these parts of their names are not what people call them.
const LABEL_PARTS: [&str; 2] = ["attributes.", "resource."];

pub struct Costs {
    /// Values that may still be kept to be counted one by one.
    n_free: usize,
    fields: QuickMap<Box<str>, Field>,
    metrics: QuickMap<Box<str>, Metric>,
    n_labels: usize,
    text_bytes: u64,
    /// The value at hand, as text.
    value: String,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            n_free: MOST_KEPT,
            fields: QuickMap::default(),
            metrics: QuickMap::default(),
            n_labels: 0,
            text_bytes: 0,
            value: String::new(),
        }
    }
}

/// How many different values there are, from their hashes.
#[derive(Clone)]
enum Distinct {
    Few(QuickMap<u64, ()>),
    Many(Box<Sketch>),
}

impl Default for Distinct {
    fn default() -> Self {
        Self::Few(QuickMap::default())
    }
}

impl Distinct {
    /// `n_free`: as that of [`Costs`].
    fn add(&mut self, hash: u64, n_free: &mut usize) {
        let few = match self {
            Self::Few(few) => few,
            Self::Many(sketch) => return sketch.add_hash(hash),
        };
        if few.contains_key(&hash) {
            return;
        }
        if few.len() < MOST_EXACT && *n_free > 0 {
            few.insert(hash, ());
            *n_free -= 1;
            return;
        }
        let mut sketch = Sketch::default();
        few.keys().chain([&hash]).for_each(|hash| sketch.add_hash(*hash));
        *n_free += few.len();
        *self = Self::Many(Box::new(sketch));
    }

    /// The same values once more.
    fn copy(&self, n_free: &mut usize) -> Self {
        match self {
            Self::Few(few) if few.len() > *n_free => {
                let mut sketch = Sketch::default();
                few.keys().for_each(|hash| sketch.add_hash(*hash));
                Self::Many(Box::new(sketch))
            }
            Self::Few(few) => {
                *n_free -= few.len();
                self.clone()
            }
            Self::Many(_) => self.clone(),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Few(few) => few.len() as u64,
            Self::Many(sketch) => sketch.estimate(),
        }
    }
}

#[derive(Default)]
struct Field {
    n_entries: u64,
    bytes: u64,
    all: Distinct,
    /// The entries in every other slice of time.
    n_of_half: u64,
    half: Distinct,
}

#[derive(Default)]
struct Metric {
    series: Distinct,
    labels: Vec<Label>,
}

struct Label {
    name: Box<str>,
    values: Distinct,
    /// Series by their other labels.
    without: Distinct,
    seen: FirstSeen,
}

/// When values came first, of some of them: those of the least hashes, the same in whatever order they come.
#[derive(Default)]
struct FirstSeen {
    /// By hash.
    first: Vec<(u64, i64)>,
    /// Of all values.
    range: Option<(i64, i64)>,
}

impl FirstSeen {
    fn take(&mut self, value: u64, time: i64) {
        let (start, end) = self.range.unwrap_or((time, time));
        self.range = Some((start.min(time), end.max(time)));
        match self.first.binary_search_by_key(&value, |known| known.0) {
            Ok(at) => self.first[at].1 = self.first[at].1.min(time),
            Err(at) if at < MOST_SAMPLED => {
                // Whatever is left out once stays so: the ones that are kept have ever lower hashes.
                self.first.truncate(MOST_SAMPLED - 1);
                self.first.insert(at, (value, time));
            }
            Err(_) => {}
        }
    }

    /// From the values in the first half of the time beside all.
    fn growth(&self) -> Option<Growth> {
        let (start, end) = self.range?;
        let long = end.saturating_sub(start);
        if long < LEAST_NANOS {
            return None;
        }
        if (self.first.len() as u64) < LEAST_VALUES {
            return Some(Growth::Bounded);
        }
        let middle = start.saturating_add(long / 2);
        let n_before = self.first.iter().filter(|(_, time)| *time <= middle).count();
        let exponent = (n_before as f64 / self.first.len() as f64).ln() / 0.5_f64.ln();
        Some(growth_of(exponent))
    }
}

/// By the exponent of Heaps' law.
fn growth_of(exponent: f64) -> Growth {
    match exponent {
        exponent if exponent < BOUNDED => Growth::Bounded,
        exponent if exponent < ENDLESS => Growth::Slow,
        _ => Growth::Endless,
    }
}

impl Costs {
    pub fn take(&mut self, seen: &Sighting<'_>) {
        let Parsed { message, fields, .. } = seen.parsed;
        self.text_bytes += message.len() as u64;
        if sighting::is_point(seen.parsed) {
            return self.take_point(seen.parsed, seen.key.time.0);
        }
        let is_of_half = hash_of(&(seen.key.time.0 >> SLICE_BITS).to_le_bytes()) & 1 == 0;
        for field in fields {
            self.value.clear();
            // A string takes all that is written to it.
            let _ = write!(self.value, "{}", field.value);
            let bytes = (field.name.len() + self.value.len()) as u64;
            self.text_bytes += bytes;
            if !self.fields.contains_key(&*field.name) {
                if self.fields.len() >= MOST_FIELDS {
                    continue;
                }
                self.fields.insert((&*field.name).into(), Field::default());
            }
            let known = self.fields.get_mut(&*field.name).expect("it is there or was just put there");
            let hash = hash_of(self.value.as_bytes());
            known.n_entries += 1;
            known.bytes += bytes;
            known.all.add(hash, &mut self.n_free);
            if is_of_half {
                known.n_of_half += 1;
                known.half.add(hash, &mut self.n_free);
            }
        }
    }

    fn take_point(&mut self, parsed: &Parsed, time: i64) {
        let mut labels: Vec<(&str, u64)> = Vec::new();
        for field in &parsed.fields {
            let Some(label) = LABEL_PARTS.iter().find_map(|part| field.name.strip_prefix(part)) else { continue };
            self.value.clear();
            let _ = write!(self.value, "{}", field.value);
            labels.push((label, hash_of(self.value.as_bytes())));
        }
        // A series is its labels in any order: the hashes of label and value are added up.
        let of =
            |&(label, value): &(&str, u64)| (hash_of(label.as_bytes()) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let all = labels.iter().map(of).fold(0, u64::wrapping_add);
        let spread = |sum: u64| hash_of(&sum.to_le_bytes());
        if self.metrics.len() >= MOST_METRICS && !self.metrics.contains_key(&*parsed.message) {
            return;
        }
        let metric = self.metrics.entry((&*parsed.message).into()).or_default();
        for label in &mut metric.labels {
            if !labels.iter().any(|(name, _)| **name == *label.name) {
                label.without.add(spread(all), &mut self.n_free);
            }
        }
        for label in &labels {
            let known = metric.labels.iter().position(|known| *known.name == *label.0);
            let place = match known {
                Some(place) => place,
                None if self.n_labels < MOST_LABELS && metric.labels.len() < MOST_LABELS_OF_ONE => {
                    self.n_labels += 1;
                    let (values, without) = (Distinct::default(), metric.series.copy(&mut self.n_free));
                    metric.labels.push(Label { name: label.0.into(), values, without, seen: FirstSeen::default() });
                    metric.labels.len() - 1
                }
                None => continue,
            };
            metric.labels[place].values.add(label.1, &mut self.n_free);
            metric.labels[place].seen.take(label.1, time);
            metric.labels[place].without.add(spread(all.wrapping_sub(of(label))), &mut self.n_free);
        }
        metric.series.add(spread(all), &mut self.n_free);
    }

    pub fn cardinality(&self) -> Cardinality {
        let mut fields: Vec<FieldCost> = self.fields.iter().map(|(name, field)| field.cost(name)).collect();
        fields.retain(|field| field.n_values >= LEAST_VALUES);
        fields.sort_by(|a, b| (b.n_values, b.bytes, &a.name).cmp(&(a.n_values, a.bytes, &b.name)));
        fields.truncate(MOST_TOLD);
        let mut labels: Vec<LabelCost> = self.metrics.iter().flat_map(|(name, metric)| metric.costs(name)).collect();
        labels.retain(|cost| {
            let saved = cost.n_series.saturating_sub(cost.n_without);
            cost.n_series >= LEAST_SERIES && saved as f64 >= LEAST_SAVED * cost.n_series as f64
        });
        let saved = |cost: &LabelCost| cost.n_series.saturating_sub(cost.n_without);
        labels.sort_by(|a, b| (saved(b), &a.metric, &a.label).cmp(&(saved(a), &b.metric, &b.label)));
        labels.truncate(MOST_TOLD);
        Cardinality { fields, labels, text_bytes: self.text_bytes }
    }
}

impl Field {
    fn cost(&self, name: &str) -> FieldCost {
        let (all, half) = (self.all.count(), self.half.count());
        let share = self.n_of_half as f64 / self.n_entries as f64;
        let exponent = (half.max(1) as f64 / all.max(1) as f64).ln() / share.ln();
        let growth = HALVES.contains(&share).then(|| growth_of(exponent));
        // No estimate may say that there are more values than entries.
        let n_values = all.min(self.n_entries);
        FieldCost { name: name.to_owned(), n_values, growth, n_entries: self.n_entries, bytes: self.bytes }
    }
}

impl Metric {
    fn costs(&self, name: &str) -> impl Iterator<Item = LabelCost> {
        let n_series = self.series.count();
        self.labels.iter().map(move |label| LabelCost {
            metric: name.to_owned(),
            label: label.name.clone().into(),
            // No estimate may say that there are more values than series.
            n_values: label.values.count().min(n_series),
            growth: label.seen.growth(),
            n_series,
            n_without: label.without.count().min(n_series),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entry::{Field, RowKey, Value};
    use model::severity::Severity;
    use model::time::Nanos;

    fn costs(entries: impl Iterator<Item = Vec<(&'static str, String)>>, is_metric: bool) -> Cardinality {
        let mut costs = Costs::default();
        for (entry, fields) in entries.enumerate() {
            let field = |(name, value): (&str, String)| Field { name: name.into(), value: Value::Text(value) };
            let kind = is_metric.then(|| ("metric.kind", "sum".to_owned()));
            let fields = kind.into_iter().chain(fields).map(field).collect();
            let parsed = Parsed { message: "requests".to_owned(), fields, ..Parsed::default() };
            // Three at a time, and then nothing for some seconds.
            let time = Nanos(entry as i64 / 3 * 5_000_000_000);
            let key = RowKey { entry: entry as u64, time, ..RowKey::default() };
            costs.take(&Sighting { key, service: "shop", severity: Severity::INFO, parsed: &parsed });
        }
        costs.cardinality()
    }

    #[test]
    fn ids_grow_without_an_end_and_a_set_of_values_does_not() {
        let entries = (0..20_000u64).map(|n| {
            let slow = (n as f64).sqrt() as u64;
            // Three entries after each other are of one order.
            vec![
                ("id", format!("order-{}", n / 3)),
                ("city", format!("city-{}", n % 60)),
                ("batch", format!("batch-{slow}")),
            ]
        });
        let found = costs(entries, false);
        let of = |name: &str| found.fields.iter().find(|field| field.name == name).unwrap();
        assert_eq!(found.fields[0].name, "id");
        assert_eq!(of("id").growth, Some(Growth::Endless));
        assert_eq!((of("city").growth, of("city").n_entries), (Some(Growth::Bounded), 20_000));
        assert!(of("city").n_values.abs_diff(60) < 5, "{}", of("city").n_values);
        assert_eq!(of("city").bytes, 20_000 * "citycity-1".len() as u64 + 20_000 * 50 / 60 - 6);
    }

    #[test]
    fn fields_of_few_values_are_not_told() {
        let found = costs((0..1000).map(|n| vec![("level", ["info", "warn"][n % 2].to_owned())]), false);
        assert_eq!(found.fields, []);
    }

    #[test]
    fn a_label_is_told_by_the_series_it_makes() {
        let entries = (0..9000u64)
            .map(|n| vec![("attributes.user", format!("u{}", n % 300)), ("attributes.route", format!("/{}", n % 3))]);
        let found = costs(entries, true);
        let cost = &found.labels[0];
        assert_eq!((&*cost.metric, &*cost.label), ("requests", "user"));
        assert!(cost.n_series.abs_diff(300) < 40 && cost.n_without == 3, "{cost:?}");
        // The route is told by the user: nothing is saved.
        assert_eq!(found.labels.len(), 1);
        assert_eq!(cost.growth, Some(Growth::Bounded));
    }

    #[test]
    fn some_thousand_values_are_counted_and_there_are_never_more_than_series() {
        let entries = (0..2400u64).map(|n| vec![("attributes.user", format!("u{}", n % 800))]);
        let cost = &costs(entries, true).labels[0];
        assert_eq!((cost.n_values, cost.n_series, cost.n_without), (800, 800, 1));
        let entries = (0..20_000u64).map(|n| vec![("attributes.user", format!("u{n}"))]);
        let cost = &costs(entries, true).labels[0];
        assert!(cost.n_values <= cost.n_series && cost.n_series.abs_diff(20_000) < 5_000, "{cost:?}");
    }

    #[test]
    fn what_may_be_kept_in_all_is_given_back_and_never_exceeded() {
        let (mut one, mut other, mut n_free) = (Distinct::default(), Distinct::default(), 5000);
        (0..3000u64).for_each(|n| one.add(hash_of(&n.to_le_bytes()), &mut n_free));
        (0..2500u64).for_each(|n| other.add(hash_of(&n.to_le_bytes()), &mut n_free));
        assert!(matches!((&one, &other), (Distinct::Few(_), Distinct::Many(_))));
        assert_eq!((one.count(), n_free), (3000, 2000));
        assert!(other.count().abs_diff(2500) < 500 && matches!(one.copy(&mut n_free), Distinct::Many(_)));
    }

    #[test]
    fn a_label_grows_while_values_come_that_were_not_there_before() {
        // Every other point is of a new pod, those between them of one that was there before.
        let entries = (0..9000u64).map(|n| {
            let newest = n * n / 9000;
            let pod = if n % 2 == 0 { newest } else { n * 7919 % (newest + 1) };
            vec![("attributes.pod", format!("pod-{pod}"))]
        });
        assert_eq!(costs(entries, true).labels[0].growth, Some(Growth::Endless));
        // A few seconds tell nothing.
        let found = costs((0..30u64).map(|n| vec![("attributes.pod", format!("pod-{n}"))]), true);
        assert_eq!(found.labels[0].growth, None);
    }

    #[test]
    fn a_status_that_comes_late_for_the_first_time_is_no_growth() {
        let entries = (0..9000u64).map(|n| {
            let status = if n >= 6000 && n % 2 == 0 { 500 } else { 200 };
            vec![("attributes.route", format!("/{}", n % 30)), ("attributes.status", status.to_string())]
        });
        let found = costs(entries, true);
        let status = found.labels.iter().find(|cost| cost.label == "status").unwrap();
        assert_eq!(status.growth, Some(Growth::Bounded));
    }

    #[test]
    fn when_values_came_first_does_not_depend_on_the_order() {
        let values: Vec<(u64, i64)> = (0..3000u64).map(|n| (hash_of(&(n % 700).to_le_bytes()), n as i64)).collect();
        let (mut forwards, mut backwards) = (FirstSeen::default(), FirstSeen::default());
        values.iter().for_each(|&(value, time)| forwards.take(value, time));
        values.iter().rev().for_each(|&(value, time)| backwards.take(value, time));
        assert_eq!((&forwards.first, forwards.range), (&backwards.first, backwards.range));
        assert_eq!(forwards.first.len(), MOST_SAMPLED);
    }

    #[test]
    fn a_label_that_only_some_series_have_leaves_the_others() {
        let entries = (0..4000u64).map(|n| match n % 2 {
            0 => vec![("attributes.pod", format!("pod-{}", n % 200))],
            _ => vec![("attributes.host", format!("host-{}", n % 40))],
        });
        let found = costs(entries, true);
        let pod = found.labels.iter().find(|cost| cost.label == "pod").unwrap();
        assert!(pod.n_series.abs_diff(120) < 20 && pod.n_without.abs_diff(21) < 4, "{pod:?}");
    }
}
