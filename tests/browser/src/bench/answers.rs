//! Facets and typical tables, asked of the data thread itself: from the message that asks to the one that answers.

use model::entry::Row;
use model::facet::Facets;
use model::group::GroupsAsk;
use model::incident::ClusterBy;
use model::lanes::{LanesAsk, Split};
use model::protocol::{
    Answer, Ask, AskId, At, ClustersAsk, CompareAsk, ContextAsk, Count, FacetsAsk, IncidentsAsk, Near, PageAsk,
    RowForm, TableAsk, TemplatesAsk, ToApp, ToWorker,
};
use model::query::value_term;
use model::scope::Filter;
use model::time::{Nanos, TimeRange, Zone};
use model::wire;
use serde_json::{Map, Value, json};

use super::{percentile, rounded};

/// Far from the numbers of the page's own asks.
const FIRST_ID: u64 = 1 << 30;
/// More than the searches that are kept: after so many others a question begins anew. That for everything is always kept,
/// unless it is written like this.
const N_OTHERS: usize = 8;
const EVERYTHING: &str = "*";

const COMPARE: &str = "compare";
const FACETS: &str = "facets";
const CONTEXT: &str = "context";
const TEMPLATES: &str = "templates";
const INCIDENTS: &str = "incidents";
const RECLUSTER: &str = "recluster";
const LANES: &str = "lanes";
const HEAT: &str = "heat";
const GROUPS: &str = "groups";

/// As many windows as there are at most, in as many dimensions.
const N_WINDOWS: usize = 480;
const N_AXES: usize = 8;

/// The same tables for any files, over fields that they have.
pub fn tables(facets: &Facets) -> Vec<(&'static str, String)> {
    let is_number = |name: &&str| facets.fields.iter().any(|facet| facet.name == **name && facet.numbers.is_some());
    let is_counted = |facet: &&model::facet::Facet| !["level", "service", "source", "format"].contains(&&*facet.name);
    // The fields that most entries have; of few and of many values, and of numbers.
    let names: Vec<&str> = facets.fields.iter().filter(is_counted).map(|facet| facet.name.as_str()).collect();
    let number = names.iter().find(|name| is_number(name)).copied().unwrap_or("level");
    let text = names.iter().find(|name| !is_number(name)).copied().unwrap_or("service");
    let many = facets.fields.iter().find(|facet| facet.is_of_many()).map_or(text, |facet| facet.name.as_str());
    vec![
        ("count", "| count by service, level".to_owned()),
        ("timeline", format!("| timeline by \"{text}\"")),
        ("top", format!("| top 20 \"{text}\"")),
        ("stats", format!("| stats avg(\"{number}\"), p50, p95, p99 by \"{text}\"")),
        ("rare", format!("| rare \"{many}\"")),
    ]
}

/// Asks for the page script: each `[name, bytes]`, those without a name only make the next begin anew.
pub struct Asks {
    next: u64,
    list: Vec<Value>,
}

impl Asks {
    pub fn new(round: u64) -> Self {
        Self { next: FIRST_ID + round * (1 << 16), list: Vec::new() }
    }

    fn push(&mut self, name: Option<&str>, ask: Ask) {
        let message = ToWorker::Ask { id: AskId(self.next), ask };
        self.list.push(json!({ "name": name, "id": self.next, "bytes": wire::encode(&message) }));
        self.next += 1;
    }

    fn forget(&mut self) {
        for i in 0..N_OTHERS {
            self.push(None, Ask::Count(Count { filter: filter(&format!("nothing{i}")) }));
        }
    }

    pub fn facets(&mut self) {
        self.forget();
        self.push(Some(FACETS), Ask::Facets(FacetsAsk { filter: filter(EVERYTHING), n_values: 10, field: None }));
    }

    pub fn table(&mut self, name: &str, query: &str) {
        self.forget();
        let query = format!("{EVERYTHING} {query}");
        self.push(Some(name), Ask::Table(TableAsk { filter: filter(&query), zone: Zone::utc(), max_rows: 1000 }));
    }

    pub fn templates(&mut self) {
        self.forget();
        self.push(Some(TEMPLATES), Ask::Templates(TemplatesAsk { filter: filter(EVERYTHING), n_spans: 40 }));
    }

    /// A row in the middle of so many.
    pub fn middle(&mut self, n_entries: u64) {
        let ask =
            PageAsk { filter: filter(EVERYTHING), at: At::Rank(n_entries / 2), n_rows: 1, form: RowForm::default() };
        self.push(Some("middle"), Ask::Page(ask));
    }

    /// What stands around a row, in its file and in its service.
    pub fn context(&mut self, row: &Row) {
        for near in [Near::Source, Near::Found(value_term("service", &row.service).to_string())] {
            self.forget();
            let ask = ContextAsk { key: row.key, near, n_before: 20, n_after: 20, query: String::new() };
            self.push(Some(CONTEXT), Ask::Context(ask));
        }
    }

    /// Errors with all else, and what was written from a row on with what was written before it.
    pub fn compare(&mut self, row: &Row) {
        let within = |start, end| Filter { range: Some(TimeRange { start, end }), ..Filter::default() };
        let (before, after) = (within(Nanos(i64::MIN), row.key.time), within(row.key.time, Nanos(i64::MAX)));
        for (a, b) in [(filter("level>=error"), Filter::default()), (after, before)] {
            self.forget();
            self.push(Some(COMPARE), Ask::Compare(CompareAsk { a, b }));
        }
    }

    pub fn incidents(&mut self) {
        self.push(Some(INCIDENTS), Ask::Incidents(IncidentsAsk::default()));
    }

    /// The timeline split by service, and as a heat map of the numbers that most entries have.
    pub fn lanes(&mut self, facets: &Facets) {
        let number = facets.fields.iter().find(|facet| facet.numbers.is_some()).map(|facet| facet.name.clone());
        let splits = [(LANES, Some(Split::Lanes("service".to_owned()))), (HEAT, number.map(Split::Heat))];
        for (name, split) in splits.into_iter().filter_map(|(name, split)| Some((name, split?))) {
            let ask = LanesAsk {
                filter: Filter::default(),
                split,
                max_buckets: 180,
                zone: Zone::utc(),
                n_rows: 8,
                is_log: false,
            };
            self.push(Some(name), Ask::Lanes(ask));
        }
    }

    pub fn groups(&mut self) {
        self.push(Some(GROUPS), Ask::Groups(GroupsAsk::default()));
    }

    /// One step of the slider; how long it takes does not depend on where the windows lie.
    pub fn recluster(&mut self) {
        let point = |window: usize| (0..N_AXES).map(|axis| (window * (axis + 3) % 97) as f32).collect();
        self.push(
            Some(RECLUSTER),
            Ask::Clusters(ClustersAsk {
                points: (0..N_WINDOWS).map(point).collect(),
                by: ClusterBy::Crowds,
                reach: 20.0,
            }),
        );
    }

    pub fn input(self) -> Value {
        json!({ "asks": self.list })
    }
}

fn filter(query: &str) -> Filter {
    Filter { query: query.to_owned(), ..Filter::default() }
}

/// The facets that the script brought back.
pub fn answered(timed: &Value) -> Facets {
    match last_answer(timed) {
        Some(Answer::Facets(facets)) => facets,
        _ => Facets::default(),
    }
}

/// The row that the script brought back.
pub fn answered_row(timed: &Value) -> Option<Row> {
    match last_answer(timed) {
        Some(Answer::Page(page)) => page.rows.into_iter().next(),
        _ => None,
    }
}

fn last_answer(timed: &Value) -> Option<Answer> {
    let bytes = timed["answer"].as_array()?.iter().filter_map(Value::as_u64).map(|byte| byte as u8);
    match wire::decode(&bytes.collect::<Vec<_>>()) {
        Ok(ToApp::Done { outcome, .. }) => outcome.ok(),
        _ => None,
    }
}

/// The slowest: half of them are of a file, half of a service.
pub fn context_ms(timed: &Value) -> Value {
    rounded(percentile(&sorted(timed, CONTEXT, "last"), 1.0))
}

pub fn facets_ms(timed: &Value) -> Value {
    median_ms(timed, FACETS)
}

/// The slowest: half of them are of errors, half of times.
pub fn compare_ms(timed: &Value) -> Value {
    rounded(percentile(&sorted(timed, COMPARE, "last"), 1.0))
}

pub fn templates_ms(timed: &Value) -> Value {
    median_ms(timed, TEMPLATES)
}

pub fn incidents_ms(timed: &Value) -> Value {
    median_ms(timed, INCIDENTS)
}

pub fn lanes_ms(timed: &Value) -> Value {
    median_ms(timed, LANES)
}

pub fn heat_ms(timed: &Value) -> Value {
    median_ms(timed, HEAT)
}

pub fn groups_ms(timed: &Value) -> Value {
    median_ms(timed, GROUPS)
}

pub fn recluster_ms(timed: &Value) -> Value {
    median_ms(timed, RECLUSTER)
}

fn median_ms(timed: &Value, name: &str) -> Value {
    rounded(percentile(&sorted(timed, name, "last"), 0.5))
}

pub fn pipe_ms(timed: &Value, tables: &[(&str, String)]) -> Value {
    let of = |(name, query): &(&str, String)| {
        let [first, last] = ["first", "last"].map(|what| rounded(percentile(&sorted(timed, name, what), 0.5)));
        ((*name).to_owned(), json!({ "query": query, "first": first, "last": last }))
    };
    Value::Object(tables.iter().map(of).collect::<Map<_, _>>())
}

fn sorted(timed: &Value, name: &str, what: &str) -> Vec<f64> {
    let list = timed["times"][name][what].as_array().into_iter().flatten();
    let mut times: Vec<f64> = list.filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    times
}
