//! A table over time as series, one for each group: what a chart of it draws.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::say;
use model::severity::BANDS;
use model::table::{Cell, ColumnRole, Table};
use model::time::{Nanos, TimeRange, Zone};

/// Colours that can be told apart.
pub const MOST_SERIES: usize = 7;

/// What one measure of a table is over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverTime {
    /// Ascending; those without any row are not among them. All are as wide, but for those in which clocks are set.
    pub spans: Vec<TimeRange>,
    pub width_nanos: i64,
    /// The largest first; layers of levels with the gravest first.
    pub series: Vec<Series>,
    /// Groups that are not among the series: summed up as the last one where sums mean something, else left out.
    pub n_other: usize,
    /// Amounts of one span add up to something: counts and sums do, percentiles do not.
    pub is_stacked: bool,
    /// The highest that is drawn.
    pub top: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    /// One for each span.
    pub amounts: Vec<Option<f64>>,
}

/// `measure`: the place of its column; `zone`: the one whose clock the table's spans follow. Nothing where the table is not
/// over time.
pub fn over_time(table: &Table, measure: usize, zone: &Zone) -> Option<OverTime> {
    let ColumnRole::Time { width_nanos } = table.columns.first()?.role else { return None };
    let keys: Vec<usize> = places(table, ColumnRole::Key);
    let mut groups: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    let mut starts = BTreeSet::new();
    for row in &table.rows {
        let Cell::Time(start) = row.cells[0] else { continue };
        starts.insert(start.0);
        if let Some(amount) = number(&row.cells[measure]) {
            groups.entry(name(&row.cells, &keys)).or_default().insert(start.0, amount);
        }
    }
    let is_stacked = ["count", "sum("].iter().any(|begin| table.columns[measure].name.starts_with(begin));
    let weight = |amounts: &BTreeMap<i64, f64>| match is_stacked {
        true => amounts.values().sum::<f64>(),
        false => amounts.values().copied().fold(f64::MIN, f64::max),
    };
    let mut ordered: Vec<(String, BTreeMap<i64, f64>)> = groups.into_iter().collect();
    ordered.sort_by(|(_, a), (_, b)| weight(b).total_cmp(&weight(a)));
    if is_stacked && is_by_level(table) {
        // As in the bars of the timeline: the gravest at the bottom.
        ordered.sort_by_key(|(name, _)| Reverse(BANDS.iter().position(|band| band.name() == name)));
    }
    let others = ordered.split_off(ordered.len().min(MOST_SERIES));
    let starts: Vec<i64> = starts.into_iter().collect();
    let series = |(name, amounts): (String, BTreeMap<i64, f64>)| Series {
        name,
        amounts: starts.iter().map(|start| amounts.get(start).copied()).collect(),
    };
    let mut all: Vec<Series> = ordered.into_iter().map(series).collect();
    if is_stacked && !others.is_empty() {
        let sum = |start: &i64| others.iter().filter_map(|(_, amounts)| amounts.get(start)).sum();
        let amounts = starts.iter().map(|start| Some(sum(start))).collect();
        all.push(Series { name: say!("{} others", others.len()), amounts });
    }
    let of_span = |span: usize| {
        let amounts = all.iter().filter_map(|series| series.amounts[span]);
        if is_stacked { amounts.sum() } else { amounts.fold(0.0, f64::max) }
    };
    let top = (0..starts.len()).map(of_span).fold(0.0, f64::max);
    let spans = starts.into_iter().map(|start| zone.span_of(Nanos(start), width_nanos)).collect();
    Some(OverTime { spans, width_nanos, series: all, n_other: others.len(), is_stacked, top })
}

/// Whether the groups of a table over time are levels.
pub fn is_by_level(table: &Table) -> bool {
    matches!(places(table, ColumnRole::Key)[..], [place] if table.columns[place].name == "level")
}

/// Columns of one role.
pub fn places(table: &Table, role: ColumnRole) -> Vec<usize> {
    table.columns.iter().enumerate().filter(|(_, column)| column.role == role).map(|(place, _)| place).collect()
}

/// What a row's group is called.
pub fn name(cells: &[Cell], keys: &[usize]) -> String {
    let part = |&place: &usize| match &cells[place] {
        Cell::Nothing => say!("not there").to_owned(),
        cell => cell.to_string(),
    };
    keys.iter().map(part).collect::<Vec<_>>().join(" · ")
}

pub fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Count(number) => Some(*number as f64),
        Cell::Number(number) => Some(*number).filter(|number| number.is_finite()),
        Cell::Nothing | Cell::Text(_) | Cell::Time(_) => None,
    }
}

/// The least round number that is not below `top`: where an axis ends. Its half is round, too.
pub fn axis_end(top: f64) -> f64 {
    if top <= 0.0 {
        return 1.0;
    }
    let magnitude = 10f64.powi(top.log10().floor() as i32);
    let steps = [1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * magnitude).find(|&end| end >= top).unwrap_or(10.0 * magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::quantity::Unit;
    use model::table::{Column, Drill, TableRow};

    fn table(measure: &str, rows: &[(i64, &str, u64)]) -> Table {
        table_by("service", measure, rows)
    }

    fn table_by(key: &str, measure: &str, rows: &[(i64, &str, u64)]) -> Table {
        let column = |name: &str, role| Column { name: name.to_owned(), role, unit: Unit::Plain };
        let row = |&(start, key, count): &(i64, &str, u64)| TableRow {
            cells: vec![Cell::Time(Nanos(start)), Cell::Text(key.to_owned()), Cell::Count(count)],
            entries: Drill::Entries { query: String::new(), range: None },
        };
        Table {
            columns: vec![
                column("time", ColumnRole::Time { width_nanos: 10 }),
                column(key, ColumnRole::Key),
                column(measure, ColumnRole::Measure),
            ],
            rows: rows.iter().map(row).collect(),
            ..Table::default()
        }
    }

    #[test]
    fn counts_are_stacked_with_the_largest_group_first() {
        let over_time =
            over_time(&table("count", &[(10, "web", 1), (0, "web", 2), (0, "shop", 5)]), 2, &Zone::utc()).unwrap();
        assert_eq!(over_time.spans.iter().map(|span| span.start.0).collect::<Vec<_>>(), [0, 10]);
        let names: Vec<_> = over_time.series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["shop", "web"]);
        assert_eq!(over_time.series[0].amounts, [Some(5.0), None]);
        assert_eq!((over_time.is_stacked, over_time.top), (true, 7.0));
    }

    #[test]
    fn levels_are_stacked_as_in_the_timeline_with_the_gravest_at_the_bottom() {
        let rows = [(0, "info", 9), (0, "error", 1), (0, "warn", 3), (10, "fatal", 1), (10, "none", 20)];
        let of = |key, measure| over_time(&table_by(key, measure, &rows), 2, &Zone::utc()).unwrap();
        let names = |over_time: OverTime| over_time.series.into_iter().map(|series| series.name).collect::<Vec<_>>();
        assert_eq!(names(of("level", "count")), ["fatal", "error", "warn", "info", "none"]);
        assert_eq!(names(of("kind", "count"))[0], "none");
    }

    #[test]
    fn percentiles_are_never_added_up() {
        let rows: Vec<(i64, String, u64)> = (0..9).map(|n| (0, format!("group {n}"), n)).collect();
        let rows: Vec<(i64, &str, u64)> = rows.iter().map(|(start, key, n)| (*start, key.as_str(), *n)).collect();
        let of_percentiles = over_time(&table("p95(took)", &rows), 2, &Zone::utc()).unwrap();
        assert_eq!((of_percentiles.is_stacked, of_percentiles.top, of_percentiles.series.len()), (false, 8.0, 7));
        let of_counts = over_time(&table("count", &rows), 2, &Zone::utc()).unwrap();
        assert_eq!(of_counts.series.last().map(|series| series.amounts.clone()), Some(vec![Some(1.0)]));
        assert_eq!(of_counts.top, 36.0);
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        let cases = [(0.0, 1.0), (1.0, 1.0), (7.0, 8.0), (36.0, 40.0), (0.012, 0.02), (101.0, 200.0)];
        for (top, end) in cases {
            assert_eq!(axis_end(top), end, "{top}");
        }
    }
}
