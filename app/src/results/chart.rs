//! A result as a chart: bars for groups, layers or lines over time. A click leads to the entries behind it.

use std::fmt::Write as _;
use std::sync::Arc;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::quantity::Unit;
use model::table::{Cell, ColumnRole, Table, TableRow};
use model::time::{Nanos, TimeRange, Zone};
use model::{counted, say};

use super::series::{self, OverTime, axis_end};
use super::{drill, shown};
use crate::histogram::time_ticks;
use crate::measured::use_size;
use crate::scope::use_shared;
use crate::wording;

/// More bars than anybody compares; the table has the rest.
const MOST_BARS: usize = 50;
/// Room for a tick's label.
const TICK_PIXELS: f64 = 90.0;

/// The rows as bars of one measure.
#[component]
pub fn Bars(table: Arc<Table>, measure: usize) -> impl IntoView {
    let shared = use_shared();
    let bars = shared.zone.with_untracked(|zone| bars_of(&table, measure, zone));
    let n_left = table.rows.len() - bars.len();
    let bar = |(bar, record): (StillBar, &TableRow)| {
        let StillBar { class, name, value, share } = bar;
        let way = record.entries.clone();
        let title = match class.as_str() {
            CUT => say!("Show the entries; its bar is cut: it is not on the scale of the others"),
            _ => say!("Show the entries"),
        };
        view! {
            <li>
                <button class=format!("hbar {class}") title=title style=("--share", format!("{:.2}%", share * 100.0))
                    on:click=move |_| drill(shared, &way)>
                    <span class="label">{name}</span>
                    <span class="length" aria-hidden="true"></span>
                    <span class="n">{value}</span>
                </button>
            </li>
        }
    };
    view! {
        <ul class="hbars">{bars.into_iter().zip(&table.rows).map(bar).collect_view()}</ul>
        {(n_left > 0).then(|| view! {
            <p class="summary">{counted!(n_left as u64, "row more is in the table.", "rows more are in the table.")}</p>
        })}
    }
}

/// One measure over time; a click goes to its time.
#[component]
pub fn Lines(table: Arc<Table>, measure: usize, go: Callback<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let plot = NodeRef::<Div>::new();
    let size = use_size(plot);
    let cursor = RwSignal::new(None::<usize>);
    let unit = table.columns[measure].unit;
    let class_of = class_of(&table);
    let over_time = StoredValue::new(
        shared.zone.with_untracked(|zone| series::over_time(&table, measure, zone)).unwrap_or_default(),
    );
    let range = over_time.with_value(range_of);
    let end = over_time.with_value(|over_time| axis_end(over_time.top));
    let class = move |place: usize, name: &str| format!("series {}", class_of(place, name));
    let paths = over_time.with_value(|over_time| {
        let drawn = paths(over_time, range, end);
        let path = |(place, d): (usize, String)| {
            let shape = if over_time.is_stacked { "area" } else { "line" };
            view! { <path class=format!("{} {shape}", class(place, &over_time.series[place].name)) d=d /> }
        };
        drawn.into_iter().enumerate().map(path).collect_view()
    });
    let ticks = move || {
        let most = (size.get().0 / TICK_PIXELS) as usize;
        let ticks = shared.zone.with(|zone| time_ticks(range, zone, most));
        let tick = |tick: &crate::histogram::Tick| {
            let left = share_of(range, tick.at) * 100.0;
            view! { <span class="tick" style:left=format!("{left:.2}%")>{tick.label.clone()}</span> }
        };
        ticks.iter().map(tick).collect_view()
    };
    let span_at = move |place: usize| over_time.with_value(|over_time| over_time.spans.get(place).copied());
    let span_under = move |event: &ev::PointerEvent| {
        let plot = plot.get_untracked()?.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - plot.left()) / plot.width().max(1.0);
        let at = Nanos(range.start.0 + ((range.end.0 - range.start.0) as f64 * share) as i64);
        over_time.with_value(|over_time| {
            let place = over_time.spans.partition_point(|span| span.start <= at).checked_sub(1)?;
            over_time.spans[place].contains(at).then_some(place)
        })
    };
    let cursor_box = move || {
        let span = span_at(cursor.get()?)?;
        let left = share_of(range, span.start) * 100.0;
        let width = (share_of(range, span.end) * 100.0 - left).max(0.1);
        Some(view! { <div class="cursor" style:left=format!("{left:.2}%") style:width=format!("{width:.2}%")></div> })
    };
    let on_click = move |event: ev::PointerEvent| {
        if let Some(span) = span_under(&event).and_then(span_at) {
            go.run(span);
        }
    };
    let amount_at = move |place: usize| {
        cursor.get().and_then(|span| {
            over_time.with_value(|over_time| over_time.series.get(place)?.amounts.get(span).copied()?)
        })
    };
    let legend = over_time.with_value(|over_time| {
        let entry = |(place, series): (usize, &series::Series)| {
            let name = if series.name.is_empty() { table.columns[measure].name.clone() } else { series.name.clone() };
            view! {
                <li class=class(place, &series.name)>
                    <span class="swatch"></span>{name}
                    <b>{move || amount_at(place).map(|amount| wording::amount(amount, unit))}</b>
                </li>
            }
        };
        over_time.series.iter().enumerate().map(entry).collect_view()
    });
    let left_out = over_time.with_value(|over_time| {
        let is_left_out = !over_time.is_stacked && over_time.n_other > 0;
        is_left_out
            .then(|| counted!(over_time.n_other as u64, "group more is in the table.", "groups more are in the table."))
    });
    let span_words = move || match cursor.get().and_then(span_at) {
        Some(span) => shared.zone.with(|zone| wording::span(span, zone)),
        None => over_time.with_value(|over_time| say!("{} a step", wording::duration(over_time.width_nanos))),
    };
    let label = |part: f64| label(end * part, unit);
    view! {
        <figure class="over-time">
            <figcaption><span class="span">{span_words}</span><ul class="legend">{legend}</ul></figcaption>
            <div class="canvas">
                <div class="heights" aria-hidden="true"><span>{label(1.0)}</span><span>{label(0.5)}</span><span>{label(0.0)}</span></div>
                <div class="plot" node_ref=plot title=say!("A click shows the entries of this time")
                    on:pointermove=move |event| cursor.set(span_under(&event)) on:pointerleave=move |_| cursor.set(None)
                    on:pointerup=on_click>
                    <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img"
                        aria-label=say!("{} over time; the table has its numbers", table.columns[measure].name)>
                        <path class="rule" d="M0 0H1000M0 500H1000M0 1000H1000" />
                        {paths}
                    </svg>
                    {cursor_box}
                    <div class="ticks" aria-hidden="true">{ticks}</div>
                </div>
            </div>
            {left_out.map(|words| view! { <p class="summary">{words}</p> })}
        </figure>
    }
}

/// The class of a bar that is longer than is drawn.
const CUT: &str = "cut";

/// A row of a table as a bar of one measure.
pub struct StillBar {
    /// Names its colour, where it is a level; or says that it is cut.
    pub class: String,
    pub name: String,
    pub value: String,
    /// Of the longest of a group; at most 1.
    pub share: f64,
}

/// The first rows as bars of the first measure; none where there is none.
pub fn still_bars(table: &Table, zone: &Zone) -> Vec<StillBar> {
    let measure = series::places(table, ColumnRole::Measure).first().copied();
    measure.map(|measure| bars_of(table, measure, zone)).unwrap_or_default()
}

fn bars_of(table: &Table, measure: usize, zone: &Zone) -> Vec<StillBar> {
    let keys = series::places(table, ColumnRole::Key);
    let is_level = keys.first().is_some_and(|&place| table.columns[place].name == "level");
    let amount = |row: &TableRow| series::number(&row.cells[measure]).unwrap_or_default().max(0.0);
    let rows = &table.rows[..table.rows.len().min(MOST_BARS)];
    // Most entries may be without the field: groups are compared with each other.
    let has_all = |row: &TableRow| keys.iter().all(|&key| row.cells[key] != Cell::Nothing);
    let of_values = rows.iter().filter(|row| has_all(row)).map(amount).fold(0.0, f64::max);
    let of_all = || rows.iter().map(amount).fold(f64::MIN_POSITIVE, f64::max);
    let most = if of_values > 0.0 { of_values } else { of_all() };
    let bar = |row: &TableRow| {
        let name = series::name(&row.cells, &keys);
        let class = match is_level {
            true => format!("sev-{name}"),
            false if amount(row) > most => CUT.to_owned(),
            false => String::new(),
        };
        StillBar {
            class,
            value: shown(&table.columns[measure], &row.cells[measure], zone),
            share: (amount(row) / most).min(1.0),
            name,
        }
    };
    rows.iter().map(bar).collect()
}

/// A measure over time as it is drawn, for a picture that nobody clicks.
pub struct Still {
    pub series: Vec<StillSeries>,
    /// Areas upon each other, else lines.
    pub is_stacked: bool,
    pub range: TimeRange,
    /// What the upper edge stands for.
    pub top: String,
}

pub struct StillSeries {
    /// Names its colour: that of a level, or one of eight.
    pub class: String,
    pub name: String,
    /// In a square of 1000, as an SVG path has it.
    pub path: String,
    /// One for each span, oldest first; where there is nothing, 0.
    pub amounts: Vec<f64>,
}

impl Still {
    /// `None`: the table's first measure is not one over time.
    pub fn of(table: &Table, zone: &Zone) -> Option<Self> {
        let &measure = series::places(table, ColumnRole::Measure).first()?;
        let over_time = series::over_time(table, measure, zone)?;
        let (range, end) = (range_of(&over_time), axis_end(over_time.top));
        let class = class_of(table);
        let drawn = paths(&over_time, range, end).into_iter().zip(&over_time.series).enumerate();
        let series = drawn.map(|(place, (path, series))| {
            let name = if series.name.is_empty() { &table.columns[measure].name } else { &series.name };
            let amounts = series.amounts.iter().map(|amount| amount.unwrap_or_default()).collect();
            StillSeries { class: class(place, &series.name), name: name.clone(), path, amounts }
        });
        let top = label(end, table.columns[measure].unit);
        Some(Self { series: series.collect(), is_stacked: over_time.is_stacked, range, top })
    }
}

/// The class of a series by its place and name: levels have colours of their own.
fn class_of(table: &Table) -> impl Fn(usize, &str) -> String + Copy + use<> {
    let by_level = series::is_by_level(table);
    move |place, name| if by_level { format!("sev-{name}") } else { format!("series-{place}") }
}

fn label(amount: f64, unit: Unit) -> String {
    if amount == 0.0 { "0".to_owned() } else { wording::amount(amount, unit) }
}

fn range_of(over_time: &OverTime) -> TimeRange {
    let start = over_time.spans.first().map(|span| span.start).unwrap_or_default();
    let end = over_time.spans.last().map_or(start, |last| last.end);
    TimeRange { start, end: end.max(Nanos(start.0.saturating_add(1))) }
}

fn share_of(range: TimeRange, at: Nanos) -> f64 {
    (at.0 as f64 - range.start.0 as f64) / (range.end.0 as f64 - range.start.0 as f64)
}

/// The series as paths in a square of 1000: rectangles upon each other, or lines with gaps where nothing is.
fn paths(over_time: &OverTime, range: TimeRange, end: f64) -> Vec<String> {
    let x = |at: Nanos| share_of(range, at) * 1000.0;
    let y = |amount: f64| 1000.0 - (amount / end).clamp(0.0, 1.0) * 1000.0;
    let mut floors = vec![0.0; over_time.spans.len()];
    let mut drawn = Vec::new();
    for series in &over_time.series {
        let mut path = String::new();
        let mut previous = None::<Nanos>;
        for (place, amount) in series.amounts.iter().enumerate() {
            let TimeRange { start, end: next } = over_time.spans[place];
            let Some(amount) = *amount else { continue };
            let written = if over_time.is_stacked {
                let (left, bottom) = (x(start), y(floors[place]));
                floors[place] += amount;
                write!(path, "M{left:.2} {bottom:.2}H{:.2}V{:.2}H{left:.2}z", x(next), y(floors[place]))
            } else {
                let command = if previous == Some(start) { 'L' } else { 'M' };
                // A dot, where there is nothing beside it to draw a line to.
                let middle = (x(start) + x(next)) / 2.0;
                write!(path, "{command}{middle:.2} {:.2}h0.01", y(amount))
            };
            written.expect("a string can be written to");
            previous = Some(next);
        }
        drawn.push(path);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::series::Series;
    use super::*;
    use model::table::{Column, Drill};

    fn drawn(is_stacked: bool) -> Vec<String> {
        let series =
            |name: &str, amounts: [Option<f64>; 3]| Series { name: name.to_owned(), amounts: amounts.to_vec() };
        let over_time = OverTime {
            spans: [0, 10, 30].map(|start| TimeRange { start: Nanos(start), end: Nanos(start + 10) }).to_vec(),
            width_nanos: 10,
            series: vec![series("a", [Some(1.0), Some(2.0), Some(4.0)]), series("b", [None, Some(2.0), None])],
            n_other: 0,
            is_stacked,
            top: 4.0,
        };
        paths(&over_time, range_of(&over_time), 4.0)
    }

    #[test]
    fn entries_without_the_field_do_not_make_the_groups_slivers() {
        let column = |role| Column { name: "x".to_owned(), role, unit: Unit::Plain };
        let row = |(key, n): (Cell, u64)| TableRow { cells: vec![key, Cell::Count(n)], entries: Drill::Nowhere };
        let group = |name: &str, n: u64| (Cell::Text(name.to_owned()), n);
        let told = |rows: Vec<(Cell, u64)>| {
            let columns = [ColumnRole::Key, ColumnRole::Measure].map(column).to_vec();
            let table = Table { columns, rows: rows.into_iter().map(row).collect(), ..Table::default() };
            let bars = still_bars(&table, &Zone::utc()).into_iter();
            bars.map(|bar| (bar.name, bar.value, bar.share, bar.class == CUT)).collect::<Vec<_>>()
        };
        let bar =
            |name: &str, value: &str, share: f64, is_cut: bool| (name.to_owned(), value.to_owned(), share, is_cut);
        assert_eq!(
            told(vec![(Cell::Nothing, 14_460), group("a", 4), group("b", 1)]),
            [bar("not there", "14,460", 1.0, true), bar("a", "4", 1.0, false), bar("b", "1", 0.25, false)]
        );
        assert_eq!(told(vec![group("a", 4), (Cell::Nothing, 2)])[1], bar("not there", "2", 0.5, false));
        assert_eq!(told(vec![(Cell::Nothing, 3)]), [bar("not there", "3", 1.0, false)]);
    }

    #[test]
    fn layers_stand_upon_each_other() {
        assert_eq!(drawn(true)[1], "M250.00 500.00H500.00V0.00H250.00z");
    }

    #[test]
    fn a_line_is_not_drawn_through_what_is_not_there() {
        assert_eq!(drawn(false)[0], "M125.00 750.00h0.01L375.00 500.00h0.01M875.00 0.00h0.01");
    }
}
