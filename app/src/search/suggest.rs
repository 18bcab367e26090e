//! What could be meant by what is being written: fields, values, operators, stages.

use std::collections::BTreeMap;

use model::facet::{Facet, Facets, FieldKind, ValueCount};
use model::query::{Aggregate, Place, STAGES, Wants, variable_place, written_column, written_name, written_value};
use model::say;

use crate::wording;

/// Fields of the pattern that the query is about, and all there are.
type Known<'f> = [Option<&'f Facets>; 2];

/// More than fit under the box.
const MOST: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Takes the place of what is written.
    pub text: String,
    /// What it is called where that is not the text itself.
    pub label: String,
    pub remark: String,
}

/// `fields`: those of the pattern that the query is about, of which only its values count, and all there are; `values`: those of the field that is written, in the entries that the rest of the query finds.
pub fn suggestions(place: &Place, fields: Known<'_>, values: Option<&Facets>) -> Vec<Suggestion> {
    let mut found = match &place.wants {
        Wants::Word if place.made.is_table => [named_columns(place), operators(place)].concat(),
        Wants::Word => {
            let known = known_names(place, ["message", "trace", "template"], fields).into_iter();
            let known = known.map(|known| Suggestion { text: format!("{}:", known.text), ..known });
            let known = known.collect();
            let fields = named_fields(place, fields);
            [time(place), named_columns(place), known, fields, operators(place)].concat()
        }
        Wants::Value(_) => field_values(place, values),
        Wants::Stage => stages(place),
        Wants::Measure { stage, has_one } => measures(place, stage, *has_one),
        Wants::Column(stage) => columns(place, stage, fields),
    };
    found.truncate(MOST);
    // What is written in full already is no help.
    found.retain(|suggestion| suggestion.text.trim_end() != place.typed);
    found
}

fn named_fields(place: &Place, fields: Known<'_>) -> Vec<Suggestion> {
    let mut found = Vec::new();
    for (facet, share) in ranked(place, fields) {
        let name = written_name(&facet.name);
        let is_whole = facet.name.eq_ignore_ascii_case(&place.typed);
        found.push(Suggestion { text: format!("{name}:"), label: name.clone(), remark: share });
        if is_whole && facet.kind == FieldKind::Number {
            for (operator, remark) in [(">=", say!("at least")), ("<", say!("less than"))] {
                let text = format!("{name}{operator}");
                found.push(Suggestion { label: text.clone(), text, remark: remark.to_owned() });
            }
        }
    }
    found
}

/// Every entry has a time, but no field of it is counted.
fn time(place: &Place) -> Vec<Suggestion> {
    let typed = place.typed.to_lowercase();
    let all =
        [("time>=", say!("from then on: a date, with a clock or not, or now-15m")), ("time<", say!("before that"))];
    let n_fitting = match typed.as_str() {
        "" => 0,
        "time" => 2,
        _ => usize::from("time".starts_with(&typed)),
    };
    all.into_iter().take(n_fitting).map(|(word, remark)| suggestion(word, remark)).collect()
}

/// Names that every entry knows, though they are no fields that are counted: those of `names` that begin so.
fn known_names(place: &Place, names: [&'static str; 3], fields: Known<'_>) -> Vec<Suggestion> {
    let typed = place.typed.to_lowercase();
    let is_counted = |name: &str| {
        let mut all = fields.into_iter().flatten().flat_map(|facets| &facets.fields);
        all.any(|facet| facet.name.eq_ignore_ascii_case(name))
    };
    let fits = |name: &&str| !typed.is_empty() && name.starts_with(&typed) && !is_counted(name);
    names.into_iter().filter(fits).map(|name| suggestion(name, what_it_is(name))).collect()
}

fn what_it_is(name: &str) -> &'static str {
    match name {
        "time" => say!("when it was written"),
        "message" => say!("words of the message"),
        "trace" => say!("all entries of one request"),
        "template" => say!("entries of one pattern"),
        _ => "",
    }
}

/// Columns that the stages before this one made, as a condition begins.
fn named_columns(place: &Place) -> Vec<Suggestion> {
    let of_measure = |name: &str| name.split('(').next().is_some_and(|what| Aggregate::read(what).is_some());
    let column = |name: &str| {
        let operator = if of_measure(name) { ">=" } else { ":" };
        Suggestion { text: format!("{}{operator}", written_column(name)), ..made(name) }
    };
    made_names(place).into_iter().map(column).collect()
}

fn made(name: &str) -> Suggestion {
    Suggestion { text: written_column(name), label: name.to_owned(), remark: say!("column").to_owned() }
}

/// Names that the stages before this one made and that fit, those that begin so first.
fn made_names(place: &Place) -> Vec<&str> {
    let typed = place.typed.to_lowercase();
    let ranked = |name| Some((rank(name, &typed)?, name));
    let mut found: Vec<_> = place.made.names.iter().map(String::as_str).filter_map(ranked).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, name)| name).collect()
}

fn measures(place: &Place, stage: &str, has_one: bool) -> Vec<Suggestion> {
    const MEASURES: [&str; 9] = ["avg(", "sum(", "min(", "max(", "distinct(", "median(", "p50(", "p95(", "p99("];
    let typed = place.typed.to_lowercase();
    let mut words = Vec::new();
    if stage != "count" {
        words.push(("count", say!("entries")));
        words.extend(MEASURES.map(|measure| (measure, "")));
    }
    let by = ("by ", say!("a row for each value of"));
    match stage {
        // Entries are counted where nothing else is.
        "count" | "timeline" => words.insert(0, by),
        _ if has_one => words.push(by),
        _ => {}
    }
    if has_one && stage != "count" {
        words.push(("as ", say!("another name for the column")));
    }
    words.retain(|(word, _)| word.starts_with(&typed));
    words.into_iter().map(|(word, remark)| suggestion(word, remark)).collect()
}

fn columns(place: &Place, stage: &str, fields: Known<'_>) -> Vec<Suggestion> {
    // A number, which nobody needs help with.
    if matches!(stage, "limit" | "head") {
        return Vec::new();
    }
    let columns = made_names(place).into_iter().map(made);
    if place.made.is_table {
        return columns.collect();
    }
    let known = known_names(place, ["time", "message", "template"], fields);
    let names = ranked(place, fields).into_iter().map(|(facet, share)| {
        let name = written_name(&facet.name);
        Suggestion { text: name.clone(), label: name, remark: share }
    });
    columns.chain(known).chain(names).collect()
}

fn operators(place: &Place) -> Vec<Suggestion> {
    let all =
        [("AND ", say!("both; may be left out")), ("OR ", say!("either")), ("NOT ", say!("without what follows"))];
    let fits = |word: &str| !place.typed.is_empty() && word.starts_with(&place.typed);
    all.into_iter().filter(|(word, _)| fits(word)).map(|(word, remark)| suggestion(word, remark)).collect()
}

fn stages(place: &Place) -> Vec<Suggestion> {
    let typed = place.typed.to_lowercase();
    let fitting = STAGES.iter().filter(|name| name.starts_with(&typed));
    fitting.map(|name| suggestion(&format!("{name} "), what_it_does(name))).collect()
}

fn what_it_does(stage: &str) -> &'static str {
    match stage {
        "count" => say!("entries, by the values of fields"),
        "timeline" => say!("a measure over time"),
        "top" => say!("the most frequent values"),
        "rare" => say!("the rarest values"),
        "stats" => say!("averages, percentiles, sums"),
        "fields" => say!("entries as a table with these columns"),
        "sort" => say!("by columns, - for the largest first"),
        "dedup" => say!("the first row of each value"),
        "extract" => say!("new fields out of a text"),
        "where" => say!("rows that this holds for"),
        "limit" => say!("the first rows"),
        _ => "",
    }
}

fn field_values(place: &Place, values: Option<&Facets>) -> Vec<Suggestion> {
    let Some(facet) = values.and_then(|values| values.fields.first()) else { return Vec::new() };
    // What joins values of a list is none itself.
    if matches!(place.typed.as_str(), "AND" | "OR" | "NOT") {
        return Vec::new();
    }
    let typed = place.typed.to_lowercase();
    let place_of_typed = |top: &ValueCount| top.value.to_lowercase().find(&typed);
    let fitting = facet.top.iter().filter(|top| !top.value.is_empty());
    let fitting = fitting.filter_map(|top| Some((place_of_typed(top)?, top)));
    // The most frequent stay first, of those that begin so as of the others.
    let (begin_so, mut have_inside): (Vec<_>, Vec<_>) = fitting.partition(|(place, _)| *place == 0);
    // Nobody compares numbers with one by the digits in its middle.
    if place.is_compared && facet.kind == FieldKind::Number {
        have_inside.clear();
    }
    let values = begin_so.into_iter().chain(have_inside).map(|(_, top)| Suggestion {
        text: format!("{} ", written_value(&top.value)),
        label: top.value.clone(),
        remark: wording::count(top.n_entries),
    });
    let any = typed.is_empty().then(|| Suggestion {
        text: "* ".to_owned(),
        label: "*".to_owned(),
        remark: say!("any value: {}", wording::count(facet.n_present)),
    });
    values.take(MOST - 1).chain(any).collect()
}

/// Patterns that have what is typed in their text, in the name the user gave them, or as their id; the query has the id.
pub fn patterns(place: &Place, titles: &BTreeMap<String, String>) -> Vec<Suggestion> {
    let typed = place.typed.to_lowercase();
    let rank = |(id, title): (&String, &String)| {
        let title = title.to_lowercase();
        let begins_so = title.starts_with(&typed) || id.starts_with(&typed);
        (begins_so || title.contains(&typed)).then_some(!begins_so)
    };
    let mut found: Vec<_> = titles.iter().filter_map(|both| Some((rank(both)?, both.1, both.0))).collect();
    found.sort();
    let offered = found.into_iter().filter(|(_, _, id)| **id != typed);
    let offered =
        offered.map(|(_, title, id)| Suggestion { text: format!("{id} "), label: title.clone(), remark: id.clone() });
    offered.take(MOST).collect()
}

fn suggestion(word: &str, remark: &str) -> Suggestion {
    Suggestion { text: word.to_owned(), label: word.trim_end().to_owned(), remark: remark.to_owned() }
}

/// Fields whose names fit, those that begin so first, each with the share of the entries that have it.
fn ranked<'f>(place: &Place, fields: Known<'f>) -> Vec<(&'f Facet, String)> {
    let typed = place.typed.to_lowercase();
    let [of_pattern, all] = fields;
    let values = of_pattern.into_iter().flat_map(|facets| facets.fields.iter().map(move |facet| (facet, facets)));
    let values = values.filter(|(facet, _)| variable_place(&facet.name).is_some());
    let others = all.into_iter().flat_map(|facets| facets.fields.iter().map(move |facet| (facet, facets)));
    let ranked = |(facet, of): (&'f Facet, &Facets)| {
        Some((rank(&facet.name, &typed)?, facet, wording::share(facet.n_present, of.n_entries)))
    };
    let mut found: Vec<_> = values.chain(others).filter_map(ranked).collect();
    found.sort_by_key(|(rank, ..)| *rank);
    found.into_iter().map(|(_, facet, share)| (facet, share)).collect()
}

/// How well a name fits what is typed, in small letters; the best is 0.
fn rank(name: &str, typed: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let begins_part = || name.split(['.', '_', '-']).any(|part| part.starts_with(typed));
    match name.starts_with(typed) {
        true => Some(0),
        false if begins_part() => Some(1),
        false => name.contains(typed).then_some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::facet::Distinct;
    use model::query::place_at;

    fn facets() -> Facets {
        let facet = |name: &str, kind, n_present, top: &[(&str, u64)]| Facet {
            name: name.to_owned(),
            kind,
            n_present,
            distinct: Distinct::Exactly(top.len() as u64),
            top: top.iter().map(|&(value, n_entries)| ValueCount { value: value.to_owned(), n_entries }).collect(),
            numbers: None,
        };
        let service = [("cart", 60), ("web front", 30), ("scan", 10)];
        let fields = vec![
            facet("service", FieldKind::Text, 100, &service),
            facet("status", FieldKind::Number, 50, &[]),
            facet("http.status", FieldKind::Number, 20, &[]),
        ];
        Facets { n_entries: 100, fields, has_all_fields: true, complete: true }
    }

    fn check(query: &str, expected: &[&str]) {
        let all = facets();
        let shown: Vec<_> = suggestions(&place_at(query, query.len()), [None, Some(&all)], Some(&all))
            .iter()
            .map(|suggestion| format!("{} {}", suggestion.text, suggestion.remark))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn fields_that_begin_so_come_first_with_their_share() {
        check("stat", &["status: 50 %", "http.status: 20 %"]);
        check("status", &["status: 50 %", "status>= at least", "status< less than", "http.status: 20 %"]);
        check("timeout", &[]);
        let from = "time>= from then on: a date, with a clock or not, or now-15m";
        check("ti", &[from]);
        check("Time", &[from, "time< before that"]);
    }

    #[test]
    fn what_every_entry_knows_is_offered_beside_its_fields() {
        check("mess", &["message: words of the message"]);
        check("trac", &["trace: all entries of one request"]);
        check("a templ", &["template: entries of one pattern"]);
        check("| fields mess", &["message words of the message"]);
    }

    #[test]
    fn a_stage_is_offered_what_it_takes() {
        let by = "by  a row for each value of";
        check("| count ", &[by]);
        check("| timeline 1h b", &[by]);
        check("| stats m", &["min( ", "max( ", "median( "]);
        check("| stats avg(took), su", &["sum( "]);
        check("| stats avg(took) b", &[by]);
        check("| stats avg(stat", &["status 50 %", "http.status 20 %"]);
        check("| limit ", &[]);
        let all = suggestions(&place_at("| stats ", 8), [None, None], None);
        assert!(all.iter().all(|offered| !offered.text.starts_with("by")), "it needs a measure first");
        assert_eq!(all.len(), 10);
    }

    #[test]
    fn behind_a_stage_its_columns_are_offered() {
        check("| count by service | sort c", &["count column", "service column"]);
        check("| count by service | where co", &["count>= column"]);
        check("| stats p95(took) by path | sort -p", &["path column", "p95(took) column"]);
        check("| extract \"{stage} of\" | top stag", &["stage column"]);
    }

    #[test]
    fn the_values_of_the_one_pattern_are_offered_by_their_place() {
        let mut of_pattern = facets();
        of_pattern.fields.truncate(1);
        of_pattern.fields.push(Facet { name: "var1".to_owned(), ..facets().fields[1].clone() });
        let place = place_at("template:0c7d va", 16);
        let offered = suggestions(&place, [Some(&of_pattern), Some(&facets())], None);
        assert_eq!(offered.iter().map(|found| found.text.as_str()).collect::<Vec<_>>(), ["var1:"]);
    }

    #[test]
    fn patterns_are_found_by_what_they_are_called_and_written_as_their_ids() {
        let titles = [("00aa", "Page view"), ("00bb", "order <id> placed"), ("0c0d", "view closed")];
        let titles = BTreeMap::from(titles.map(|(id, title)| (id.to_owned(), title.to_owned())));
        let offered = |query: &str| {
            let found = patterns(&place_at(query, query.len()), &titles);
            found.into_iter().map(|suggestion| suggestion.text).collect::<Vec<_>>()
        };
        assert_eq!(offered("template:view"), ["0c0d ", "00aa "]);
        assert_eq!(offered("template:00"), ["00aa ", "00bb "]);
        assert_eq!(offered("template:00bb"), [""; 0]);
    }

    #[test]
    fn values_come_with_their_counts_and_in_quotes_where_they_need_them() {
        check("service:", &["cart  60", "\"web front\"  30", "scan  10", "*  any value: 100"]);
        check("service:c", &["cart  60", "scan  10"]);
        check("service:cart", &[]);
    }

    #[test]
    fn numbers_are_compared_with_those_that_begin_so_and_joining_words_are_no_values() {
        let mut took = facets();
        took.fields = vec![Facet {
            kind: FieldKind::Number,
            top: ["40.7", "140.1", "12"].map(|value| ValueCount { value: value.to_owned(), n_entries: 1 }).into(),
            ..took.fields[0].clone()
        }];
        let offered = |query: &str| {
            let found = suggestions(&place_at(query, query.len()), [None, None], Some(&took));
            found.into_iter().map(|suggestion| suggestion.label).collect::<Vec<_>>()
        };
        assert_eq!(offered("took>40"), ["40.7"]);
        assert_eq!(offered("took:40"), ["40.7", "140.1"]);
        took.fields[0].top = vec![ValueCount { value: "storefront".to_owned(), n_entries: 1 }];
        let offered = |query: &str| suggestions(&place_at(query, query.len()), [None, None], Some(&took));
        assert_eq!(offered("service:(cart OR"), []);
        assert_eq!(offered("service:(cart OR or").len(), 1);
    }

    #[test]
    fn every_stage_says_what_it_does() {
        assert!(STAGES.iter().all(|stage| !what_it_does(stage).is_empty()));
    }

    #[test]
    fn operators_and_stages_say_what_they_do() {
        check("a O", &["OR  either"]);
        check("| dedu", &["dedup  the first row of each value"]);
        check("| stats p9", &["p95( ", "p99( "]);
        check("| count by stat", &["status 50 %", "http.status 20 %"]);
    }
}
