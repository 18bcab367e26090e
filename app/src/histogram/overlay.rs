//! What lies over the bars and over the lanes below them: incidents, gaps, deployments, the selected entry, and the time that is pointed
//! at in the other of them.

use leptos::prelude::*;
use model::deployment::Deployment;
use model::say;
use model::time::{Nanos, TimeRange, Zone, format_wall};

use super::picture::share;
use crate::incidents::bands;
use crate::scope::use_shared;

#[component]
pub fn Overlay(range: Memo<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let band = |class: &'static str| {
        move |(from, to): (f64, f64)| {
            view! { <div class=class style:left=percent(from) style:width=percent(to - from)></div> }
        }
    };
    let incidents = move || {
        // What their view found, for what it looks at, goes first.
        let found = shared.incidents.get().unwrap_or_else(|| shared.incidents_of_all.get());
        bands(&found, range.get()).into_iter().map(band("incident-band")).collect_view()
    };
    let gaps =
        move || shared.gaps.with(|found| bands(found, range.get())).into_iter().map(band("gap-band")).collect_view();
    let line = move |class: &'static str, time: Nanos| {
        let left = place(range.get(), time)?;
        Some(view! { <div class=class style:left=percent(left)></div> })
    };
    let deployed = move || {
        shared
            .deployments
            .with(|found| found.iter().filter_map(|found| line("deployed-line", found.key.time)).collect_view())
    };
    let selected = move || {
        let selected = shared.scope.with(|scope| scope.selected);
        selected.and_then(|selected| line("selected-line", selected.time))
    };
    let pointed = move || shared.pointed.get().and_then(|time| line("pointed-line", time));
    view! { {incidents}{gaps}{deployed}{selected}{pointed} }
}

/// Where a time is drawn, if it is in the range.
pub fn place(range: TimeRange, time: Nanos) -> Option<f64> {
    (range.start <= time && time < range.end).then(|| share(range, time))
}

fn percent(share: f64) -> String {
    format!("{}%", share * 100.0)
}

/// `inventory 2.13.1 → 2.14.0 at 10:15:02`
pub fn in_words(deployment: &Deployment, zone: &Zone) -> String {
    let clock = format_wall(deployment.key.time, zone, 0);
    let clock = clock.split(' ').next_back().unwrap_or_default();
    let Deployment { service, from, to, .. } = deployment;
    match from.is_empty() {
        true => say!("{service} {to} started at {clock}", service, to, clock),
        false => say!("{service} {from} → {to} at {clock}", service, from, to, clock),
    }
}
