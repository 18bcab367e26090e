//! What differs between two sets of entries: values, fields that are there or not, templates, and how numbers are spread.
//!
//! Each is measured by an effect size on one scale (Cohen's h) and a p-value, corrected for how many were looked at. The order
//! is by the effect: of a million entries nearly every difference is more than chance, and entries of a log come in bursts, so
//! that p says too little. It only takes away what a small set may show by accident. What is rare has a small effect however
//! much more of it there is: what only one of them has, or one far more often, is told behind what is large.

mod chance;

mod ids;

mod measured;

mod numbers;

mod order;

mod shares;

mod side;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use model::compare::{Comparison, Difference, Seen, Subject};
use model::incident::TemplateName;
use model::naming::Naming;
use model::quantity::{Unit, unit_of_name};

use self::chance::corrected;
use self::ids::names_ids_of_requests;
use self::numbers::{Apart, Counted, drawn, in_order};
use self::shares::Shares;
pub use self::side::Side;
use crate::answer::CountedField;
use crate::answer::quantiles::coarse;
use crate::template::{Template, Templates};
use crate::topology::Services;

/// So many of a hundred differences that are listed may be chance.
const MOST_BY_CHANCE: f64 = 0.01;
/// Half of what Cohen (1988) calls a small effect; less than that nobody would call a difference, unless it is
const LEAST_EFFECT: f64 = 0.1;
/// of something rare, so many times as often in one of them, or in one only.
const MANY_TIMES: f64 = 4.0;
/// Rare values of one field that are listed: of ids that live for a moment each is in one of them only.
const MOST_RARE: usize = 5;
/// Differences that are listed.
const MOST_LISTED: usize = 200;
/// Fewer entries than this have the same number of something by accident.
const LEAST_TOGETHER: u64 = 30;
/// Of differences with the same number of entries that others may join.
const MOST_FIRSTS: usize = 16;
/// Numbers of more different values than this are compared by how they are spread, fewer (status codes) as values.
const FEW_NUMBERS: u64 = 20;
/// Fewer numbers than this say nothing of how they are spread.
const LEAST_NUMBERS: u64 = 8;
/// Of numbers that count on with the order (offsets, sequence numbers) so many in a hundred are different; that those of two times
/// never meet is no difference.
const MOSTLY_DIFFERENT: f64 = 0.9;

/// One thing that is compared.
struct Test {
    subject: Subject,
    seen: Seen,
    effect: f64,
    p: f64,
}

/// What differs, the largest effect first. `left_out`: fields that are not compared, `template` among them where templates are not.
/// `naming`: what the user says of names of services.
pub fn compare(a: &Side, b: &Side, templates: &Templates, left_out: &[String], naming: &Naming) -> Comparison {
    let is_left_out = |field: &str| left_out.iter().any(|name| name.eq_ignore_ascii_case(field));
    let mut tests = Vec::new();
    if a.n_entries() > 0 && b.n_entries() > 0 {
        let sizes = Sizes { n_a: a.n_entries(), n_b: b.n_entries() };
        if !is_left_out("template") {
            compare_templates(&mut tests, sizes, a, b, templates);
        }
        compare_fields(&mut tests, sizes, a, b, is_left_out, naming);
        compare_measured(&mut tests, a, b, templates);
    }
    let rates = corrected(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    let n_compared = tests.len() as u64;
    let certain: Vec<Difference> = tests
        .into_iter()
        .zip(rates)
        .filter(|(_, rate)| *rate <= MOST_BY_CHANCE)
        .map(|(Test { subject, seen, effect, .. }, p)| Difference { subject, seen, effect, p, also: Vec::new() })
        .collect();
    let n_certain = certain.len();
    let mut found: Vec<Difference> =
        certain.into_iter().filter(|difference| is_told(difference, a.n_entries(), b.n_entries())).collect();
    let n_slight = (n_certain - found.len()) as u64;
    // What is rare has a smaller effect than all that is large, and so comes behind it.
    found.sort_by(|one, other| {
        let by_effect = other.effect.abs().total_cmp(&one.effect.abs()).then(other.effect.total_cmp(&one.effect));
        by_effect.then_with(|| one.subject.cmp(&other.subject))
    });
    let mut differences = joined(found);
    let n_told = differences.len();
    keep_few_rare(&mut differences);
    differences.truncate(MOST_LISTED);
    let n_more = (n_told - differences.len()) as u64;
    let (n_a, n_b) = (a.n_entries(), b.n_entries());
    Comparison { n_a, n_b, differences, n_more, n_slight, n_compared, ..Comparison::default() }
}

/// Whether somebody would call it a difference.
fn is_told(difference: &Difference, n_a: u64, n_b: u64) -> bool {
    let is_many_times = match difference.seen {
        Seen::Share { a, b } => Sizes { n_a, n_b }.is_many_times(a, b),
        Seen::Numbers(_) => false,
    };
    is_many_times || difference.effect.abs() >= LEAST_EFFECT
}

/// Leaves out rare values of a field beyond the first.
fn keep_few_rare(differences: &mut Vec<Difference>) {
    let mut n_of_field: HashMap<String, usize> = HashMap::new();
    differences.retain(|difference| match &difference.subject {
        Subject::Value { field, .. } if difference.effect.abs() < LEAST_EFFECT => {
            let n = n_of_field.entry(field.clone()).or_insert(0);
            *n += 1;
            *n <= MOST_RARE
        }
        _ => true,
    });
}

/// Entries of each set.
#[derive(Clone, Copy)]
struct Sizes {
    n_a: u64,
    n_b: u64,
}

impl Sizes {
    /// A test of how many of each have something; `None` where chance could explain any way they are spread.
    fn test(self, a: u64, b: u64, subject: impl FnOnce() -> Subject) -> Option<Test> {
        let shares = self.shares(a, b);
        let is_tested = shares.can_tell(MOST_BY_CHANCE);
        is_tested.then(|| Test {
            subject: subject(),
            seen: Seen::Share { a, b },
            effect: shares.effect(),
            p: shares.p(),
        })
    }

    fn shares(self, a: u64, b: u64) -> Shares {
        Shares { a, n_a: self.n_a, b, n_b: self.n_b }
    }

    fn is_many_times(self, a: u64, b: u64) -> bool {
        let (a, b) = (a as f64 / self.n_a as f64, b as f64 / self.n_b as f64);
        a.max(b) >= MANY_TIMES * a.min(b)
    }

    /// In which direction these are a difference; 0 where they are none.
    fn direction(self, a: u64, b: u64) -> i8 {
        let shares = self.shares(a, b);
        let effect = shares.effect();
        let is_one = shares.p() <= MOST_BY_CHANCE && (self.is_many_times(a, b) || effect.abs() >= LEAST_EFFECT);
        match is_one {
            true if effect > 0.0 => 1,
            true => -1,
            false => 0,
        }
    }
}

fn compare_templates(tests: &mut Vec<Test>, sizes: Sizes, a: &Side, b: &Side, templates: &Templates) {
    let (in_a, in_b) = (a.of_templates(templates), b.of_templates(templates));
    for ((template, a), b) in templates.list.iter().zip(in_a).zip(in_b) {
        tests.extend(sizes.test(a, b, || Subject::Template(name_of(template))));
    }
}

/// The numbers in messages that both have.
fn compare_measured(tests: &mut Vec<Test>, a: &Side, b: &Side, templates: &Templates) {
    for template in &templates.list {
        for place in 0..template.variables.len() {
            let both = a.measured.of(template.id, place).zip(b.measured.of(template.id, place));
            let Some((of_a, of_b)) = both else { continue };
            if of_a.numbers.len().min(of_b.numbers.len()) < LEAST_NUMBERS as usize {
                continue;
            }
            let counted = |numbers: &[f64]| in_order(numbers.iter().map(|&number| (number, 1)).collect());
            let (in_a, in_b) = (counted(&of_a.numbers), counted(&of_b.numbers));
            let apart = Apart::of(&in_a, &in_b);
            if apart.delta.abs() == 1.0 && of_a.counts_on() && of_b.counts_on() {
                continue;
            }
            tests.push(Test {
                subject: Subject::Measure { template: name_of(template), place: place as u32 },
                seen: Seen::Numbers(Box::new(drawn(of_a.unit, &in_a, &in_b))),
                effect: apart.effect(),
                p: apart.p,
            });
        }
    }
}

fn name_of(template: &Template) -> TemplateName {
    TemplateName { id: template.id.to_string(), text: template.text.clone() }
}

fn compare_fields(
    tests: &mut Vec<Test>,
    sizes: Sizes,
    a: &Side,
    b: &Side,
    is_left_out: impl Fn(&str) -> bool,
    naming: &Naming,
) {
    // Most entries of one may write a name otherwise than those of the other.
    let key = |field: &CountedField<'_>| field.name.to_ascii_lowercase();
    let mut of_b: HashMap<String, CountedField<'_>> = b.facets.counted().map(|field| (key(&field), field)).collect();
    let mut pairs: Vec<(CountedField<'_>, CountedField<'_>)> = Vec::new();
    // What was not counted is not known to be absent.
    let (has_a, has_b) = (a.facets.has_all_fields(), b.facets.has_all_fields());
    for field in a.facets.counted() {
        let other = of_b.remove(&key(&field)).or_else(|| has_b.then(|| CountedField::none(field.name)));
        pairs.extend(other.map(|other| (field, other)));
    }
    pairs.extend(of_b.into_values().filter(|_| has_a).map(|field| (CountedField::none(field.name), field)));
    pairs.retain(|(field, _)| !is_left_out(field.name));
    pairs.sort_by(|one, other| one.0.name.cmp(other.0.name));
    for (in_a, in_b) in pairs {
        let field = in_a.name.to_owned();
        let (absent_a, absent_b) = (sizes.n_a - in_a.n_present, sizes.n_b - in_b.n_present);
        // Of the two ways to say it, the one of which the first has more.
        tests.extend(match sizes.shares(in_a.n_present, in_b.n_present).effect() >= 0.0 {
            true => sizes.test(in_a.n_present, in_b.n_present, || Subject::Present { field: field.clone() }),
            false => sizes.test(absent_a, absent_b, || Subject::Absent { field: field.clone() }),
        });
        // That requests of two times have other ids is no difference.
        if names_ids_of_requests(&field) {
            continue;
        }
        let are_numbers = [&in_a, &in_b].iter().all(|side| side.are_numbers || side.n_present == 0);
        match are_numbers && in_a.n_different.max(in_b.n_different) > FEW_NUMBERS {
            true => tests.extend(compare_numbers(field, (a, &in_a), (b, &in_b))),
            false => compare_values(tests, sizes, &field, in_a, in_b, naming),
        }
    }
}

/// Where there are too many values in one of them to count each, none is compared.
fn compare_values(
    tests: &mut Vec<Test>,
    sizes: Sizes,
    field: &str,
    a: CountedField<'_>,
    b: CountedField<'_>,
    naming: &Naming,
) {
    let (Some(values), Some(of_b)) = (a.values, b.values) else { return };
    let mut of_b: HashMap<_, u64> = of_b.into_iter().collect();
    let mut pairs: Vec<_> = values.into_iter().map(|(value, n)| (n, of_b.remove(&value).unwrap_or(0), value)).collect();
    pairs.extend(of_b.into_iter().map(|(value, n)| (0, n, value)));
    if field == "service" {
        keep_services_that_differ(&mut pairs, sizes, naming);
    }
    for (n_a, n_b, value) in pairs {
        tests.extend(sizes.test(n_a, n_b, || Subject::Value { field: field.to_owned(), value: value.into_owned() }));
    }
}

/// Leaves out the names of services that have several, where all of a service's together are no difference of that direction: it
/// was renamed. What each entry names is counted; of parts of a service each is compared by itself.
fn keep_services_that_differ(pairs: &mut Vec<(u64, u64, Cow<'_, str>)>, sizes: Sizes, naming: &Naming) {
    let written: Vec<&str> = pairs.iter().map(|(_, _, name)| &**name).collect();
    let own: BTreeSet<&str> = written.iter().copied().collect();
    let called = Services::new(naming, &written, &own);
    let mut together = vec![(0_u64, 0_u64); called.names.len()];
    for (&service, &(n_a, n_b, _)) in called.of.iter().zip(&*pairs) {
        let (a, b) = &mut together[service as usize];
        *a += n_a;
        *b += n_b;
    }
    let mut services = called.of.iter().map(|&service| service as usize);
    pairs.retain(|&(n_a, n_b, _)| {
        let Some(service) = services.next() else { return true };
        let (all_a, all_b) = together[service];
        let has_one_name = called.written[service].len() == 1;
        has_one_name || sizes.direction(all_a, all_b) * sizes.direction(n_a, n_b) > 0
    });
}

fn compare_numbers(
    field: String,
    (side_a, a): (&Side, &CountedField<'_>),
    (side_b, b): (&Side, &CountedField<'_>),
) -> Option<Test> {
    if a.n_present.min(b.n_present) < LEAST_NUMBERS {
        return None;
    }
    let unit = if a.unit == Unit::Plain { b.unit } else { a.unit };
    // Of many only the middles of narrow buckets are known; those of few are put into the same.
    let is_coarse = a.values.is_none() || b.values.is_none();
    let known = |numbers: &[(f64, u64)]| match is_coarse {
        true => in_order(numbers.iter().map(|&(number, n)| (coarse(number), n)).collect()),
        false => in_order(numbers.to_vec()),
    };
    let (in_a, in_b) = (known(&a.numbers), known(&b.numbers));
    if in_a.is_empty() || in_b.is_empty() {
        return None;
    }
    let apart = Apart::of(&in_a, &in_b);
    if apart.delta.abs() == 1.0 && counts_on(side_a, a) && counts_on(side_b, b) {
        return None;
    }
    // Plain numbers may be in a unit that the field's name says.
    let (unit, one) = match unit {
        Unit::Plain => unit_of_name(&field).unwrap_or((Unit::Plain, 1.0)),
        unit => (unit, 1.0),
    };
    let in_unit = |numbers: Counted| numbers.into_iter().map(|(number, n)| (number * one, n)).collect::<Counted>();
    let seen = Seen::Numbers(Box::new(drawn(unit, &in_unit(in_a), &in_unit(in_b))));
    Some(Test { subject: Subject::Numbers { field }, seen, effect: apart.effect(), p: apart.p })
}

/// Where the order of too few is known, it is told by how different they are alone.
fn counts_on(side: &Side, field: &CountedField<'_>) -> bool {
    // Of many values middles of buckets are known, which need not be whole.
    let may_be_whole = field.values.is_none() || field.numbers.iter().all(|(number, _)| number.fract() == 0.0);
    may_be_whole
        && field.n_different as f64 >= MOSTLY_DIFFERENT * field.n_present as f64
        && side.orders.counts_on(field.name).unwrap_or(true)
}

/// What exactly as many entries have is told once, where it may be the same entries that have it.
fn joined(found: Vec<Difference>) -> Vec<Difference> {
    let mut alike: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
    let mut kept: Vec<Difference> = Vec::new();
    for difference in found {
        if let Seen::Share { a, b } = difference.seen
            && a + b >= LEAST_TOGETHER
        {
            let places = alike.entry((a, b)).or_default();
            let fits = |first: &Difference| {
                let mut known = first.also.iter().chain([&first.subject]);
                known.all(|known| may_be_of_one_entry(known, &difference.subject))
            };
            if let Some(&place) = places.iter().find(|&&place| fits(&kept[place])) {
                kept[place].also.push(difference.subject);
                continue;
            }
            if places.len() < MOST_FIRSTS {
                places.push(kept.len());
            }
        }
        kept.push(difference);
    }
    kept
}

/// No entry has two templates, or two values of a field.
fn may_be_of_one_entry(one: &Subject, other: &Subject) -> bool {
    match (one, other) {
        (Subject::Present { .. }, Subject::Value { .. }) | (Subject::Value { .. }, Subject::Present { .. }) => true,
        _ => field_of(one) != field_of(other),
    }
}

fn field_of(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Template(_) | Subject::Measure { .. } => None,
        Subject::Value { field, .. }
        | Subject::Present { field }
        | Subject::Absent { field }
        | Subject::Numbers { field } => Some(field),
    }
}

#[cfg(test)]
mod tests;
