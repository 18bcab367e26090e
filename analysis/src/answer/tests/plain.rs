//! A plain reading of what each stage says, entry by entry: what answers are held against.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use model::entry::RowKey;
use model::quantity;
use model::query::{Aggregate, Comparison, Expr, Extraction, Measure, Present, Stage, Test, WrittenTime};
use model::scope::Order;
use model::time::Nanos;

use super::{AUTO_WIDTH, FORMATS, Opened, PATHS, SERVICES};

/// An entry as opening it shows it.
#[derive(Clone, Debug)]
pub struct Plain {
    pub key: RowKey,
    pub undated: bool,
    pub fields: BTreeMap<String, String>,
}

impl Plain {
    pub fn get(&self, name: &str) -> Option<String> {
        if name == "time" {
            return Some(self.key.time.0.to_string());
        }
        self.fields.get(name).cloned()
    }
}

pub fn plain(blocks: &[Opened], order: Order) -> Vec<Plain> {
    let mut all = Vec::new();
    for block in blocks {
        for entry in 0..block.columns.len() {
            if block.hits.as_ref().is_some_and(|hits| !hits.has(entry)) {
                continue;
            }
            let shape = block.columns.shape(entry);
            let raw = String::from_utf8_lossy(&block.text[block.columns.text_range(entry)]).into_owned();
            let parsed = FORMATS.parse(shape.format, &raw);
            let mut fields = BTreeMap::new();
            let mut add = |name: &str, value: String| {
                fields.entry(name.to_owned()).or_insert(value);
            };
            if shape.severity.0 > 0 {
                add("level", shape.severity.band().name().to_owned());
            }
            let service = block.columns.service(entry);
            add("service", if service.is_empty() { SERVICES[block.source] } else { service }.to_owned());
            add("source", PATHS[block.source].to_owned());
            add("format", FORMATS.name(shape.format).to_owned());
            if !parsed.message.is_empty() {
                add("message", parsed.message);
            }
            parsed.fields.iter().for_each(|field| add(&field.name, field.value.to_string()));
            all.push(Plain { key: block.view().key(entry), undated: block.undated, fields });
        }
    }
    all.sort_by_key(|entry| entry.key);
    if order == Order::NewestFirst {
        all.reverse();
    }
    all
}

/// What a stage works on: entries, until the first stage that makes a table of them.
enum State {
    Entries(Vec<Plain>, Option<Vec<String>>),
    Table(Vec<String>, Vec<Vec<Option<String>>>),
}

pub fn evaluate(entries: Vec<Plain>, stages: &[Stage]) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let mut state = State::Entries(entries, None);
    for stage in stages {
        state = match state {
            State::Entries(entries, shown) => of_entries(entries, shown, stage),
            State::Table(columns, rows) => {
                let name = |name: &str| {
                    columns.iter().position(|column| column == name || column.starts_with(&format!("{name}(")))
                };
                let key = |row: &[Option<String>], column: &str| row[name(column).expect(column)].clone();
                match stage {
                    Stage::Where(expr) => {
                        let kept = |row: &Vec<Option<String>>| holds(expr, &|column| key(row, column));
                        let rows = rows.iter().filter(|row| kept(row)).cloned().collect();
                        State::Table(columns, rows)
                    }
                    Stage::Sort { by } => {
                        let mut sorted = rows.clone();
                        sorted.sort_by(|a, b| {
                            by.iter().fold(Ordering::Equal, |order, sort| {
                                order.then_with(|| {
                                    in_order(&sort.name, key(a, &sort.name), key(b, &sort.name), sort.is_descending)
                                })
                            })
                        });
                        State::Table(columns, sorted)
                    }
                    Stage::Limit(n) => State::Table(columns, rows.into_iter().take(*n as usize).collect()),
                    Stage::Fields { names } => {
                        let rows = rows.iter().map(|row| names.iter().map(|name| key(row, name)).collect()).collect();
                        State::Table(names.clone(), rows)
                    }
                    other => panic!("not tested behind a table: {other}"),
                }
            }
        };
    }
    match state {
        State::Table(columns, rows) => (columns, rows),
        State::Entries(entries, shown) => shown_entries(&entries, shown.as_deref()),
    }
}

fn shown_entries(entries: &[Plain], shown: Option<&[String]>) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let columns = shown.map_or_else(usual, <[String]>::to_vec);
    let rows = entries.iter().map(|entry| columns.iter().map(|column| entry.get(column)).collect()).collect();
    (columns, rows)
}

fn usual() -> Vec<String> {
    ["time", "level", "service", "message"].map(str::to_owned).to_vec()
}

/// What a stage speaks of is seen, unless it was said what is.
fn with_asked(shown: Option<Vec<String>>, stage: &Stage) -> Option<Vec<String>> {
    shown.or_else(|| {
        let mut names = usual();
        for name in stage.names() {
            if !names.iter().any(|known| known == name) {
                // The message stays the last one.
                names.insert(names.len() - 1, name.to_owned());
            }
        }
        Some(names)
    })
}

fn of_entries(mut entries: Vec<Plain>, shown: Option<Vec<String>>, stage: &Stage) -> State {
    match stage {
        Stage::Extract { from, pattern: Extraction::Regex(pattern) } => {
            let regex = regex::Regex::new(pattern).unwrap();
            for entry in &mut entries {
                let text = entry.get(from.as_deref().unwrap_or("message")).unwrap_or_default();
                let found = regex.captures(&text);
                for name in regex.capture_names().flatten() {
                    let value =
                        found.as_ref().and_then(|found| found.name(name)).map(|value| value.as_str().to_owned());
                    match value {
                        Some(value) => drop(entry.fields.insert(name.to_owned(), value)),
                        None => drop(entry.fields.remove(name)),
                    }
                }
            }
            State::Entries(entries, shown)
        }
        Stage::Where(expr) => {
            entries.retain(|entry| holds(expr, &|name| entry.get(name)));
            State::Entries(entries, shown)
        }
        Stage::Fields { names } => State::Entries(entries, Some(names.clone())),
        Stage::Limit(n) => {
            entries.truncate(*n as usize);
            State::Entries(entries, shown)
        }
        Stage::Sort { by } => {
            entries.sort_by(|a, b| {
                by.iter().fold(Ordering::Equal, |order, sort| {
                    order.then_with(|| in_order(&sort.name, a.get(&sort.name), b.get(&sort.name), sort.is_descending))
                })
            });
            State::Entries(entries, with_asked(shown, stage))
        }
        Stage::Dedup { by } => {
            let mut seen = BTreeSet::new();
            entries.retain(|entry| seen.insert(by.iter().map(|name| entry.get(name)).collect::<Vec<_>>()));
            State::Entries(entries, with_asked(shown, stage))
        }
        Stage::Stats { measures, by } => {
            let mut rows = grouped(&entries, measures, by, None);
            // The largest first measure first.
            let n = by.len();
            rows.sort_by(|a, b| in_order("", a[n].clone(), b[n].clone(), true).then_with(|| by_keys(by, a, b)));
            State::Table(by.iter().cloned().chain(measures.iter().map(Measure::name)).collect(), rows)
        }
        Stage::Top { n, by } | Stage::Rare { n, by } => {
            let mut rows = grouped(&entries, &[Measure::count()], by, None);
            let is_top = matches!(stage, Stage::Top { .. });
            let count = by.len();
            rows.sort_by(|a, b| {
                in_order("", a[count].clone(), b[count].clone(), is_top).then_with(|| by_keys(by, a, b))
            });
            rows.truncate(*n as usize);
            State::Table(by.iter().cloned().chain(["count".to_owned()]).collect(), rows)
        }
        Stage::Timeline { width_nanos, measures, by } => {
            let width = width_nanos.unwrap_or(AUTO_WIDTH);
            let mut rows = grouped(&entries, measures, by, Some(width));
            let n = by.len() + 1;
            rows.sort_by(|a, b| {
                let counts = in_order("", a[n].clone(), b[n].clone(), true);
                in_order("", a[0].clone(), b[0].clone(), false).then(counts).then_with(|| by_keys(by, &a[1..], &b[1..]))
            });
            let columns =
                ["time".to_owned()].into_iter().chain(by.iter().cloned()).chain(measures.iter().map(Measure::name));
            State::Table(columns.collect(), rows)
        }
        Stage::Extract { .. } => panic!("templates have tests of their own"),
    }
}

/// What is said of the first stage of entries behind which there is nothing.
pub fn dead_end(mut entries: Vec<Plain>, stages: &[Stage]) -> Option<String> {
    for stage in stages {
        let n_came = quantity::grouped(entries.len() as u64);
        match stage {
            _ if entries.is_empty() => return None,
            Stage::Extract { from, pattern: Extraction::Regex(pattern) } => {
                let from = from.as_deref().unwrap_or("message");
                let regex = regex::Regex::new(pattern).unwrap();
                if !entries.iter().any(|entry| entry.get(from).is_some_and(|text| regex.is_match(&text))) {
                    return Some(format!(
                        "“extract” finds nothing in “{from}” of the {n_came} entries: its pattern matches none of them."
                    ));
                }
            }
            Stage::Where(expr) if !entries.iter().any(|entry| holds(expr, &|name| entry.get(name))) => {
                return Some(format!("None of the {n_came} entries passes “where {expr}”."));
            }
            Stage::Where(_) | Stage::Fields { .. } => {}
            _ => return None,
        }
        let State::Entries(passed, _) = of_entries(entries, None, stage) else { return None };
        entries = passed;
    }
    None
}

fn grouped(entries: &[Plain], measures: &[Measure], by: &[String], width: Option<i64>) -> Vec<Vec<Option<String>>> {
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<&Plain>> = BTreeMap::new();
    if by.is_empty() && width.is_none() {
        groups.insert(Vec::new(), Vec::new());
    }
    for entry in entries {
        let span =
            width.map(|width| (!entry.undated).then(|| (entry.key.time.0.div_euclid(width) * width).to_string()));
        let key = span.into_iter().chain(by.iter().map(|name| entry.get(name))).collect();
        groups.entry(key).or_default().push(entry);
    }
    let measured = |members: &[&Plain], measure: &Measure| {
        let texts: Vec<String> = members.iter().filter_map(|entry| entry.get(&measure.field)).collect();
        let mut numbers: Vec<f64> =
            texts.iter().filter_map(|text| quantity::Quantity::read(text)).map(|q| q.amount).collect();
        numbers.sort_by(f64::total_cmp);
        let number = match measure.what {
            Aggregate::Count if measure.field.is_empty() => return Some(members.len().to_string()),
            Aggregate::Count => return Some(texts.len().to_string()),
            Aggregate::Distinct => return Some(texts.iter().collect::<BTreeSet<_>>().len().to_string()),
            _ if numbers.is_empty() => return None,
            Aggregate::Sum => numbers.iter().sum(),
            Aggregate::Average => numbers.iter().sum::<f64>() / numbers.len() as f64,
            Aggregate::Min => numbers[0],
            Aggregate::Max => numbers[numbers.len() - 1],
            Aggregate::Percentile(hundredths) => {
                numbers[(numbers.len() * usize::from(hundredths)).div_ceil(10_000).max(1) - 1]
            }
        };
        Some(number.to_string())
    };
    let row = |(key, members): (Vec<Option<String>>, Vec<&Plain>)| {
        key.into_iter().chain(measures.iter().map(|measure| measured(&members, measure))).collect()
    };
    groups.into_iter().map(row).collect()
}

fn by_keys(by: &[String], a: &[Option<String>], b: &[Option<String>]) -> Ordering {
    by.iter()
        .enumerate()
        .fold(Ordering::Equal, |order, (i, name)| order.then_with(|| in_order(name, a[i].clone(), b[i].clone(), false)))
}

/// Numbers before texts, what is absent last in either direction.
fn in_order(name: &str, a: Option<String>, b: Option<String>, is_descending: bool) -> Ordering {
    let (Some(a), Some(b)) = (&a, &b) else { return b.is_some().cmp(&a.is_some()) };
    let number = |text: &str| {
        let level = (name == "level").then(|| model::query::Levels::read(text)).flatten();
        level
            .map(|level| f64::from(level.lowest.0))
            .or_else(|| quantity::Quantity::read(text).map(|quantity| quantity.amount))
    };
    let order = match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (None, None) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    if is_descending { order.reverse() } else { order }
}

fn holds(expr: &Expr, value: &dyn Fn(&str) -> Option<String>) -> bool {
    match expr {
        Expr::And(list) => list.iter().all(|expr| holds(expr, value)),
        Expr::Or(list) => list.iter().any(|expr| holds(expr, value)),
        Expr::Not(expr) => !holds(expr, value),
        Expr::Field { name, test } => {
            let Some(text) = value(name) else { return false };
            if name == "time"
                && let Test::Compare(comparison, wanted) = test
            {
                let span = WrittenTime::read(wanted).expect("a time").span(&Present::default());
                let time = Nanos(text.parse().expect("nanoseconds"));
                return match comparison {
                    Comparison::Greater => time >= span.end,
                    Comparison::LessOrEqual => time < span.end,
                    other => panic!("not tested: {other}"),
                };
            }
            match test {
                Test::Exists => true,
                Test::Is(wanted) => text.eq_ignore_ascii_case(wanted),
                Test::Compare(comparison, wanted) => {
                    let folded = || text.to_lowercase().cmp(&wanted.to_lowercase());
                    let quantities = quantity::Written::read(&text).zip(quantity::Written::read(wanted));
                    let order = match quantities {
                        Some((value, wanted)) => quantity::compare(name, value, wanted),
                        None => Some(folded()),
                    };
                    match comparison {
                        Comparison::Greater => order.is_some_and(Ordering::is_gt),
                        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
                        Comparison::NotEqual => order != Some(Ordering::Equal),
                        other => panic!("not tested: {other}"),
                    }
                }
                other => panic!("not tested: {other:?}"),
            }
        }
        other => panic!("not tested: {other:?}"),
    }
}
