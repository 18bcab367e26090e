//! The table of routes: sorted by any figure; a service leads to its entries, the slowest and the last failed request are opened.

use std::sync::Arc;

use leptos::prelude::*;
use model::entry::RowKey;
use model::language::told;
use model::quantity::Unit;
use model::query::choose_exactly;
use model::red::{Red, RouteRed};
use model::scope::View;
use model::{counted, key, say};

use crate::entries::visible;
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// Rows that are shown before more is asked for.
pub const SHOWN: usize = 100;
/// Height of a course in its own units.
const COURSE_HEIGHT: f64 = 18.0;

/// What rows are sorted by, the largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Requests,
    Errors,
    Refused,
    P50,
    P95,
    P99,
}

const COLUMNS: [(Column, &str, &str); 6] = [
    (Column::Requests, key!("Rate"), key!("Requests in all, and in a second")),
    (
        Column::Errors,
        key!("Errors"),
        key!("Share of requests that failed: an error of the server, or a status from 500 on"),
    ),
    (Column::Refused, "4xx", key!("Share of requests that were refused: a status from 400 to 499")),
    (Column::P50, "p50", key!("Half of the requests took no longer")),
    (Column::P95, "p95", key!("95 of 100 requests took no longer")),
    (Column::P99, "p99", key!("99 of 100 requests took no longer")),
];

#[component]
pub fn Table(red: Memo<Arc<Red>>, is_by_service: RwSignal<bool>, order: RwSignal<Column>) -> impl IntoView {
    let is_long = RwSignal::new(false);
    let sorted = Memo::new(move |_| {
        let mut rows = red.with(|red| if is_by_service.get() { red.services.clone() } else { red.routes.clone() });
        let by = order.get();
        rows.sort_by(|a, b| figure(b, by).total_cmp(&figure(a, by)));
        rows
    });
    let seconds = Memo::new(move |_| {
        red.with(|red| red.range.map(|range| (range.end.0 as f64 - range.start.0 as f64) / 1e9)).unwrap_or_default()
    });
    let head = move |(column, name, hint): (Column, &'static str, &'static str)| {
        let sort = move || if order.get() == column { "descending" } else { "none" };
        view! {
            <th scope="col" class="number" aria-sort=sort>
                <button class="quiet" title=told(hint) on:click=move |_| order.set(column)>{told(name)}</button>
            </th>
        }
    };
    let rows = move || {
        let n_shown = if is_long.get() { usize::MAX } else { SHOWN };
        sorted.with(|sorted| sorted.iter().take(n_shown).map(|route| row(route, seconds.get())).collect_view())
    };
    let n_rows = Memo::new(move |_| sorted.with(Vec::len));
    view! {
        <Show when=move || { n_rows.get() > 0 }>
            <table>
                <thead><tr>
                    <th scope="col">{say!("Service")}</th>
                    <th scope="col">{say!("Route")}</th>
                    {COLUMNS.map(head).into_iter().collect_view()}
                    <th scope="col">{say!("Over time")}</th>
                    <th scope="col">{say!("Look at")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Show>
        <Further n_rows is_long />
    }
}

/// What shows the rows beyond the first.
#[component]
pub fn Further(n_rows: Memo<usize>, is_long: RwSignal<bool>) -> impl IntoView {
    view! {
        <Show when=move || { n_rows.get() > SHOWN }>
            <button class="small quiet" on:click=move |_| is_long.update(|is_long| *is_long = !*is_long)>
                {move || if is_long.get() { say!("Less").to_owned() } else { say!("{} more", n_rows.get() - SHOWN) }}
            </button>
        </Show>
    }
}

fn row(route: &RouteRed, seconds: f64) -> impl IntoView + use<> {
    let shared = use_shared();
    let names = route.names.clone();
    let show = move |_| {
        let query =
            shared.query.with_untracked(|query| choose_exactly(query, "service", names.iter().map(String::as_str)));
        shared.set_query(query, Visit::New);
    };
    let in_all = counted!(route.n_requests, "request", "requests");
    // Metrics are scraped, and requests made, in a part of the time only.
    let seconds = route.seconds.unwrap_or(seconds);
    let rate = match seconds > 0.0 {
        true => with_count(route.n_requests, &rate_in_words(route.n_requests as f64 / seconds)),
        false => in_all.clone(),
    };
    // When one scrape counted what it has nobody knows.
    let is_over_time = route.seconds.is_none_or(|seconds| seconds > 0.0);
    let errors = counted!(route.n_errors, "error", "errors");
    let share = |part: u64| share_in_words(part, route.n_requests);
    let refused = route.n_refused.map_or_else(|| say!("not known").to_owned(), |n| counted!(n, "request", "requests"));
    let durations = [
        route.durations.map(|durations| durations.p50),
        route.durations.map(|durations| durations.p95),
        route.durations.map(|durations| durations.p99),
    ];
    let duration = |nanos: Option<i64>| {
        view! { <td class="number">{nanos.map_or("–".to_owned(), |nanos| wording::amount(nanos as f64 / 1e9, Unit::Seconds))}</td> }
    };
    let look = |key: Option<RowKey>, words: &'static str, hint: &'static str| {
        key.map(
            |key| view! { <button class="small quiet" title=hint on:click=move |_| open(shared, key)>{words}</button> },
        )
    };
    view! {
        <tr class:failing=route.n_errors != 0>
            <td><button class="quiet" title=say!("Show its entries") on:click=show>{visible(&route.service).into_owned()}</button></td>
            <td class="route" title=say!("from {}", route.told_by.name())>{visible(&route.route).into_owned()}</td>
            <td class="number" title=in_all>{rate}</td>
            <td class="number errors" title=errors>{share(route.n_errors)}</td>
            <td class="number" title=refused>{share(route.n_refused.unwrap_or_default())}</td>
            {durations.map(duration).into_iter().collect_view()}
            <td class="course">{is_over_time.then(|| course(&route.course))}</td>
            <td>
                {look(route.slowest, say!("slowest"), say!("Open the request that took longest"))}
                {look(route.last_error, say!("failed"), say!("Open the last request that failed"))}
            </td>
        </tr>
    }
}

fn open(shared: Shared, key: RowKey) {
    shared.change(Visit::New, |scope| {
        scope.view = View::Entries;
        scope.selected = Some(key);
    });
    shared.details_open.set(true);
}

/// `1,234 · 12.3 /s`
fn with_count(n: u64, figure: &str) -> String {
    format!("{} · {figure}", wording::count(n))
}

/// `12 · 0.97 %`
fn share_in_words(part: u64, n: u64) -> String {
    match part {
        0 => "–".to_owned(),
        part => with_count(part, &format!("{:.2} %", part as f64 / n.max(1) as f64 * 100.0)),
    }
}

/// `12.3 /s`, `4.1 /min`, `2 /h`
pub fn rate_in_words(per_second: f64) -> String {
    let (amount, unit) = match per_second {
        1.0.. => (per_second, "/s"),
        0.016.. => (per_second * 60.0, "/min"),
        _ => (per_second * 3600.0, "/h"),
    };
    if amount >= 10.0 { format!("{amount:.0} {unit}") } else { format!("{amount:.1} {unit}") }
}

/// Requests over time, what failed of them at the bottom.
pub fn course(course: &[(u32, u32)]) -> impl IntoView + use<> {
    let most = course.iter().map(|&(n, _)| n).max().unwrap_or(0).max(1);
    let height = |n: u32| COURSE_HEIGHT * f64::from(n) / f64::from(most);
    let bars = |of: fn(&(u32, u32)) -> u32| -> String {
        let bar = |(at, span): (usize, &(u32, u32))| {
            let n = of(span);
            // A single one shows.
            (n > 0).then(|| format!("M{at} {COURSE_HEIGHT}v-{:.1}h1V{COURSE_HEIGHT}z", height(n).max(1.0)))
        };
        course.iter().enumerate().filter_map(bar).collect()
    };
    let view_box = format!("0 0 {} {COURSE_HEIGHT}", course.len().max(1));
    view! {
        <svg viewBox=view_box preserveAspectRatio="none" aria-hidden="true">
            <path class="all" d=bars(|&(n, _)| n) /><path class="failed" d=bars(|&(_, n)| n) />
        </svg>
    }
}

fn figure(route: &RouteRed, by: Column) -> f64 {
    let duration = |of: fn(&model::topology::Durations) -> i64| route.durations.as_ref().map_or(-1.0, |d| of(d) as f64);
    match by {
        Column::Requests => route.n_requests as f64,
        Column::Errors => route.n_errors as f64 / route.n_requests.max(1) as f64,
        Column::Refused => route.n_refused.unwrap_or_default() as f64 / route.n_requests.max(1) as f64,
        Column::P50 => duration(|durations| durations.p50),
        Column::P95 => duration(|durations| durations.p95),
        Column::P99 => duration(|durations| durations.p99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_say_of_how_many_they_are() {
        assert_eq!(
            [(0, 9), (12, 1234), (3, 3)].map(|(part, n)| share_in_words(part, n)),
            ["–", "12 · 0.97 %", "3 · 100.00 %"]
        );
    }

    #[test]
    fn rates_are_told_in_the_unit_that_suits() {
        assert_eq!([250.0, 2.5, 0.5, 0.001].map(rate_in_words), ["250 /s", "2.5 /s", "30 /min", "3.6 /h"]);
    }
}
