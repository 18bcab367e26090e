//! Utilisation, saturation and errors of resources (Gregg, "Thinking Methodically about Performance", 2012), from metrics of usual names.
//!
//! Which figures are made of which metrics the [`rules`] say. Gauges stand where they stood until the next scrape; counters are told by
//! their growth, which is of all the time between two scrapes ([`course`]). Takes points in any order.

mod course;
use course::{Course, Run};

mod rules;
use rules::{Over, Rules, plain};

mod telling;
use telling::ByRule;
pub use telling::Telling;

use model::entry::SourceId;
use model::resources::{Counted, Measure, ResourceRow, Resources};
use model::time::{Nanos, TimeRange};

use crate::format::Parsed;
use crate::quick_hash::{QuickMap, hash_of};
use crate::red::labels::{Temporality, labels_of, number_of, temporality_of};
use crate::topology::Sighting;
use crate::topology::sighting::is_point;

/// Further points are left out: some 20 MB.
const MOST_POINTS: usize = 500_000;
/// Of more rows those are told whose resources are used most.
const MOST_ROWS: usize = 1_000;
/// While they are counted,
const MOST_ROWS_SO_FAR: usize = 100;
/// and of no more points: all are gone through each time.
const MOST_POINTS_SO_FAR: u64 = 50_000;
/// What tells instances of a service apart, the most exact first.
const INSTANCES: [&str; 11] = [
    "pod",
    "pod_name",
    "k8s.pod.name",
    "exported_instance",
    "service.instance.id",
    "service_instance_id",
    "container.name",
    "host.name",
    "host_name",
    "k8s.node.name",
    "instance",
];

/// The data points so far.
pub struct ResourceCount {
    range: Option<TimeRange>,
    n_spans: usize,
    rules: Rules,
    series: Vec<Series>,
    /// By the hash of their labels.
    numbers: QuickMap<u64, usize>,
    n_points: u64,
    n_left_out: u64,
}

struct Series {
    key: u64,
    service: Box<str>,
    /// Field and value.
    instance: Option<(String, String)>,
    metric: Box<str>,
    uses: Vec<Use>,
    temporality: Option<Temporality>,
    points: Vec<(Nanos, SourceId, f64)>,
}

/// What a series is counted as.
struct Use {
    rule: usize,
    term: usize,
    part: Box<str>,
}

impl Series {
    /// Who was scraped.
    fn process(&self) -> u64 {
        hash_of(format!("{} {:?}", self.service, self.instance).as_bytes())
    }
}

impl ResourceCount {
    /// `range`: what courses are over.
    pub fn new(range: Option<TimeRange>, n_spans: usize) -> Self {
        let n_spans = n_spans.max(1);
        let (series, numbers) = (Vec::new(), QuickMap::default());
        Self { range, n_spans, rules: Rules::shipped(), series, numbers, n_points: 0, n_left_out: 0 }
    }

    /// Takes an entry in, if it is a data point that a rule asks for.
    pub fn push(&mut self, seen: Sighting<'_>) {
        if !is_point(seen.parsed) {
            return;
        }
        let name = &seen.parsed.message;
        match number_of(seen.parsed, "metric.value") {
            Some(value) => self.take(&seen, &plain(name), value),
            // Of a histogram or a summary.
            None => {
                if let Some(sum) = number_of(seen.parsed, "metric.sum") {
                    self.take(&seen, &plain(&format!("{name}_sum")), sum);
                }
            }
        }
    }

    fn take(&mut self, seen: &Sighting<'_>, name: &str, value: f64) {
        let parsed = seen.parsed;
        let terms = self.rules.terms_of(name, parsed);
        if terms.is_empty() || !value.is_finite() {
            return;
        }
        self.n_points += 1;
        if self.n_points - self.n_left_out > MOST_POINTS as u64 {
            self.n_left_out += 1;
            return;
        }
        let rules = &self.rules.rules;
        let key = labels_of(&format!("{} {name}", seen.service), parsed);
        let next = self.series.len();
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.series.push(Series {
                key,
                service: seen.service.into(),
                instance: instance_of(parsed),
                metric: parsed.message.as_str().into(),
                uses: terms
                    .iter()
                    .map(|&(rule, term)| Use { rule, term, part: rules[rule].part_of(parsed).into() })
                    .collect(),
                temporality: temporality_of(parsed),
                points: Vec::new(),
            });
        }
        self.series[number].points.push((seen.key.time, seen.key.source, value * unit_of(parsed)));
    }

    /// Its values never fall while its process runs.
    fn counts(&self, series: &Series) -> bool {
        let grows = |one: &Use| self.rules.rules[one.rule].terms[one.term].growth.is_some();
        series.temporality != Some(Temporality::Delta) && series.uses.iter().any(grows)
    }

    /// A part of what they tell while they are counted; of so many points that working it out takes long, nothing.
    pub fn so_far(&self) -> Option<Resources> {
        (self.n_points <= MOST_POINTS_SO_FAR).then(|| {
            let Resources { mut rows, n_rows_left_out, .. } = self.resources();
            let n_more = keep_most_used(&mut rows, MOST_ROWS_SO_FAR);
            self.told(rows, n_rows_left_out + n_more, false)
        })
    }

    /// What they tell, all at once.
    pub fn resources(&self) -> Resources {
        let mut telling = Telling::default();
        while telling.step(self, usize::MAX) {}
        telling.finish(self)
    }

    fn told(&self, rows: Vec<ResourceRow>, n_rows_left_out: u64, complete: bool) -> Resources {
        Resources {
            rows,
            rules: self.rules.rules.iter().map(|rule| rule.told.clone()).collect(),
            range: self.range,
            n_points: self.n_points,
            n_points_left_out: self.n_left_out,
            n_rows_left_out,
            complete,
        }
    }

    fn measures(&self, by_rule: &ByRule, runs: &[(usize, Run)]) -> Vec<Measure> {
        let rules = &self.rules.rules;
        let run = |&at: &usize| (&self.series[runs[at].0], &runs[at].1);
        let mut measures: Vec<Measure> = Vec::new();
        for (&at, terms) in by_rule {
            let is_told = measures.iter().any(|measure| rules[measure.rule as usize].begins_like(&rules[at]));
            let terms: Vec<Vec<(&Series, &Run)>> = terms.iter().map(|runs| runs.iter().map(run).collect()).collect();
            if !is_told && let Some(measure) = self.measure(at, &terms) {
                measures.push(measure);
            }
        }
        measures.sort_by_key(|measure| (measure.sign, measure.rule));
        measures
    }

    fn measure(&self, at: usize, terms: &[Vec<(&Series, &Run)>]) -> Option<Measure> {
        let rule = &self.rules.rules[at];
        let mut whole = 1.0;
        let mut course: Vec<Option<f64>> = vec![Some(1.0); if self.range.is_some() { self.n_spans } else { 0 }];
        let mut is_since_start = false;
        for (term, runs) in rule.terms.iter().zip(terms) {
            let courses = runs
                .iter()
                .filter_map(|(_, run)| run.course(term.growth, rule.is_timeless(), self.range, self.n_spans));
            // No limit is none to measure by.
            let courses: Vec<Course> = courses.filter(|course| !term.is_below || course.all > 0.0).collect();
            is_since_start |= courses.iter().any(|course| course.is_since_start);
            let by = |whole: f64, of_term: f64| if term.is_below { whole / of_term } else { whole * of_term };
            whole = by(whole, joined(courses.iter().map(|course| course.all), term.over)?);
            for (span, value) in course.iter_mut().enumerate() {
                let known = courses.iter().filter_map(|course| {
                    // What something is measured by is there all the time, however rarely it is told.
                    course.spans[span].or(term.is_below.then_some(course.all))
                });
                let of_term = joined(known, term.over).filter(|&of_term| !term.is_below || of_term > 0.0);
                *value = value.zip(of_term).map(|(value, of_term)| by(value, of_term));
            }
        }
        let told = |amount: f64| if rule.is_rest { (1.0 - amount).max(0.0) } else { amount };
        let amount = told(whole);
        let course: Vec<Option<f32>> = course.iter().map(|span| span.map(|amount| told(amount) as f32)).collect();
        let most = course.iter().flatten().map(|&amount| f64::from(amount)).fold(f64::NEG_INFINITY, f64::max);
        let most = if most.is_finite() { most } else { amount };
        let metric = terms[0].first()?.0.metric.to_string();
        let (sign, counted) = (rule.told.sign, rule.told.counted);
        let most = if counted == Counted::InAll { most } else { most.max(amount) };
        let is_number = amount.is_finite() && most.is_finite();
        is_number.then_some(Measure { rule: at as u32, sign, counted, metric, amount, most, course, is_since_start })
    }
}

fn joined(values: impl Iterator<Item = f64>, over: Over) -> Option<f64> {
    let (mut n, mut sum, mut most) = (0.0, 0.0, f64::NEG_INFINITY);
    values.for_each(|value| (n, sum, most) = (n + 1.0, sum + value, most.max(value)));
    (n > 0.0).then_some(match over {
        Over::Sum => sum,
        Over::Mean => sum / n,
        Over::Most => most,
        Over::Count => n,
    })
}

/// Gives how many are left out.
fn keep_most_used(rows: &mut Vec<ResourceRow>, most: usize) -> u64 {
    let n_left_out = rows.len().saturating_sub(most) as u64;
    if n_left_out > 0 {
        let most_used = |row: &ResourceRow| row.measures.iter().map(|measure| measure.most).fold(0.0, f64::max);
        rows.sort_by(|a, b| most_used(b).total_cmp(&most_used(a)));
        rows.truncate(most);
        let place = |row: &ResourceRow| (row.service.clone(), row.instance.clone(), row.resource, row.part.clone());
        rows.sort_by_cached_key(place);
    }
    n_left_out
}

fn instance_of(parsed: &Parsed) -> Option<(String, String)> {
    let is_it = |field: &str, wanted: &str| {
        field.strip_prefix("attributes.").or_else(|| field.strip_prefix("resource.")) == Some(wanted)
    };
    let field = INSTANCES.iter().find_map(|wanted| parsed.fields.iter().find(|field| is_it(&field.name, wanted)))?;
    let value = field.value.to_string();
    (!value.is_empty()).then(|| (field.name.to_string(), value))
}

/// What a number is multiplied with where the metric says its unit: to seconds, or to a share.
fn unit_of(parsed: &Parsed) -> f64 {
    let unit = parsed.fields.iter().find(|field| field.name == "metric.unit").map(|field| field.value.to_string());
    match unit.as_deref() {
        Some("ms") => 1e-3,
        Some("us" | "µs") => 1e-6,
        Some("ns") => 1e-9,
        Some("%") => 1e-2,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests;
