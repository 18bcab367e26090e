//! The rules of `resources.toml`: which figures of resources are made of which metrics.

use model::resources::{Counted, Resource, ResourceRule, Sign};
use serde::Deserialize;

use crate::format::Parsed;
use crate::quick_hash::QuickMap;

/// What the build made of `resources.toml`.
const DATA: &str = include_str!(concat!(env!("OUT_DIR"), "/resources.json"));

/// What names of metrics may have behind them, by what wrote them.
const ENDINGS: [&str; 9] =
    ["_total", "_seconds", "_milliseconds", "_bytes", "_ratio", "_threads", "_connections", "_files", "_tasks"];

pub struct Rules {
    pub rules: Vec<Rule>,
    /// Rule and term, by the metric.
    terms: QuickMap<String, Vec<(usize, usize)>>,
}

#[derive(Debug)]
pub struct Rule {
    pub told: ResourceRule,
    /// What the product leaves of one.
    pub is_rest: bool,
    pub terms: Vec<Term>,
    /// Labels that tell parts apart, each under the names that it has.
    by: Vec<Vec<String>>,
}

#[derive(Debug, PartialEq)]
pub struct Term {
    pub is_below: bool,
    pub over: Over,
    pub growth: Option<Growth>,
    metric: String,
    conditions: Vec<Condition>,
}

/// What stands for several series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Over {
    Sum,
    Mean,
    Most,
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    PerSecond,
    InAll,
}

#[derive(Debug, PartialEq)]
struct Condition {
    /// The label is called one of these.
    names: Vec<String>,
    value: String,
    is_equal: bool,
}

#[derive(Deserialize)]
struct File {
    rule: Vec<Spec>,
}

#[derive(Deserialize)]
struct Spec {
    resource: Resource,
    sign: Sign,
    counted: Option<Counted>,
    formula: String,
    #[serde(default)]
    by: Vec<String>,
}

impl Rules {
    pub fn shipped() -> Self {
        let file: File = serde_json::from_str(DATA).expect("the build wrote it");
        let rules: Vec<Rule> = file.rule.into_iter().map(|spec| rule_of(spec).expect("the rules are tested")).collect();
        let mut terms: QuickMap<String, Vec<(usize, usize)>> = QuickMap::default();
        for (at, rule) in rules.iter().enumerate() {
            for (nth, term) in rule.terms.iter().enumerate() {
                terms.entry(term.metric.clone()).or_default().push((at, nth));
            }
        }
        Self { rules, terms }
    }

    /// Rules and their terms that a data point is counted by; `name`: as [`plain`] has it.
    pub fn terms_of(&self, name: &str, parsed: &Parsed) -> Vec<(usize, usize)> {
        let of_metric = self.terms.get(name).map(Vec::as_slice).unwrap_or_default();
        let fits = |&&(rule, term): &&(usize, usize)| {
            let conditions = &self.rules[rule].terms[term].conditions;
            conditions.iter().all(|condition| {
                let value = label(parsed, &condition.names);
                (value.as_deref() == Some(&condition.value)) == condition.is_equal
            })
        };
        of_metric.iter().filter(fits).copied().collect()
    }
}

impl Rule {
    /// Which part of the resource a data point is of.
    pub fn part_of(&self, parsed: &Parsed) -> String {
        let values: Vec<String> = self.by.iter().filter_map(|names| label(parsed, names)).collect();
        values.join(" ")
    }

    /// It has a meaning without a time to measure growth over: of all since the process began.
    pub fn is_timeless(&self) -> bool {
        let count = |is_below: bool, growth: Growth| {
            self.terms.iter().filter(|term| term.is_below == is_below && term.growth == Some(growth)).count()
        };
        self.terms.iter().all(|term| term.growth.is_some())
            && count(false, Growth::PerSecond) == count(true, Growth::PerSecond)
    }

    /// Measures the same in another way.
    pub fn begins_like(&self, other: &Self) -> bool {
        self.told.sign == other.told.sign
            && self.terms[0].metric == other.terms[0].metric
            && self.terms[0].conditions == other.terms[0].conditions
    }
}

fn rule_of(spec: Spec) -> Option<Rule> {
    let counted = spec.counted.unwrap_or(if spec.sign == Sign::Errors { Counted::InAll } else { Counted::Share });
    let rest = spec.formula.strip_prefix("1 - ");
    let mut terms = Vec::new();
    let mut is_below = false;
    for piece in rest.unwrap_or(&spec.formula).split(' ') {
        match piece {
            "/" => is_below = true,
            "*" => is_below = false,
            term => terms.push(term_of(term, is_below)?),
        }
    }
    Some(Rule {
        is_rest: rest.is_some(),
        terms,
        by: spec.by.iter().map(|names| names.split('|').map(plain_label).collect()).collect(),
        told: ResourceRule { resource: spec.resource, sign: spec.sign, counted, formula: spec.formula },
    })
}

/// `avg(rate(name{label="value",other!="value"}))`
fn term_of(written: &str, is_below: bool) -> Option<Term> {
    let (mut over, mut growth, mut inner) = (Over::Sum, None, written);
    while let Some((function, argument)) = inner.strip_suffix(')').and_then(|inner| inner.split_once('(')) {
        match function {
            "avg" => over = Over::Mean,
            "max" => over = Over::Most,
            "count" => over = Over::Count,
            "rate" => growth = Some(Growth::PerSecond),
            "increase" => growth = Some(Growth::InAll),
            _ => return None,
        }
        inner = argument;
    }
    let (name, labels) = match inner.strip_suffix('}') {
        Some(inner) => inner.split_once('{')?,
        None => (inner, ""),
    };
    let condition = |written: &str| {
        let (names, value) = written.split_once('=')?;
        let is_equal = !names.ends_with('!');
        let names = names.trim_end_matches('!').split('|').map(plain_label).collect();
        Some(Condition { names, value: value.trim_matches('"').to_owned(), is_equal })
    };
    let conditions = labels.split(',').filter(|label| !label.is_empty()).map(condition).collect::<Option<_>>()?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    is_name.then(|| Term { is_below, over, growth, metric: plain(name), conditions })
}

/// A metric's name without what differs from one program that writes it to the next.
pub fn plain(name: &str) -> String {
    let mut plain = plain_label(name);
    let is_sum = plain.ends_with("_sum");
    plain.truncate(plain.len() - if is_sum { "_sum".len() } else { 0 });
    while let Some(ending) = ENDINGS.iter().find(|ending| plain.ends_with(**ending)) {
        plain.truncate(plain.len() - ending.len());
    }
    if is_sum {
        plain.push_str("_sum");
    }
    plain
}

fn plain_label(name: &str) -> String {
    name.to_ascii_lowercase().replace('.', "_")
}

/// The value of the first of these labels that a data point or its resource has; `names`: with `_` for `.`.
fn label(parsed: &Parsed, names: &[String]) -> Option<String> {
    let is_named = |field: &str, name: &str| {
        let label = field.strip_prefix("attributes.").or_else(|| field.strip_prefix("resource."));
        let plain = |byte: u8| if byte == b'.' { b'_' } else { byte.to_ascii_lowercase() };
        label.is_some_and(|label| label.len() == name.len() && label.bytes().map(plain).eq(name.bytes()))
    };
    let found = names.iter().find_map(|name| parsed.fields.iter().find(|field| is_named(&field.name, name)));
    found.map(|field| field.value.to_string()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_metric_are_one_whoever_writes_it() {
        assert_eq!(plain("system.cpu.time"), plain("system_cpu_time_seconds_total"));
        assert_eq!(plain("jvm.gc.pause.sum"), plain("jvm_gc_pause_seconds_sum"));
        assert_ne!(plain("hikaricp.connections.active"), plain("hikaricp.connections.max"));
    }

    #[test]
    fn a_formula_that_nobody_can_read_is_none() {
        for formula in ["", "rate(a", "sqrt(a)", "a / ", "a{b}", "a b-c"] {
            let spec = Spec {
                resource: Resource::Cpu,
                sign: Sign::Saturation,
                counted: None,
                formula: formula.to_owned(),
                by: Vec::new(),
            };
            assert!(rule_of(spec).is_none(), "{formula}");
        }
    }
}
