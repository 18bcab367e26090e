//! Bookmarks and deployments as flags over the bars. Keys go to bookmarks by the list and from one to the next, not here.

use leptos::prelude::*;
use model::deployment::Deployment;
use model::kept::Mark;
use model::say;
use model::time::{Precision, TimeRange};

use super::{overlay, picture};
use crate::saved::go_to;
use crate::scope::use_shared;
use crate::wording;

/// Flags that are nearer to each other are one.
const FLAG_PIXELS: f64 = 12.0;

/// Deployments that a flag names.
const MOST_NAMED: usize = 6;

#[component]
pub fn Flags(size: Signal<(f64, f64)>, range: Memo<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let groups = Memo::new(move |_| shared.marks.all.with(|all| grouped(all, range.get(), size.get().0)));
    let flag = move |(share, marks): (f64, Vec<Mark>)| {
        let first = &marks[0];
        let when = move |mark: &Mark| {
            shared.zone.with(|zone| wording::moment(mark.time, zone, mark.precision.fraction_digits()))
        };
        let what = if first.note.is_empty() { &first.text } else { &first.note };
        let words = match marks.len() {
            1 => say!("Bookmark at {}: {what}", when(first), what),
            n => say!("{n} bookmarks from {}: {what}", n, when(first), what),
        };
        // From one to the next of those that share a flag.
        let go = move |_| {
            let selected = shared.scope.with_untracked(|scope| scope.selected);
            let place = marks.iter().position(|mark| mark.key.is_some() && mark.key == selected);
            let next = place.map_or(0, |place| (place + 1) % marks.len());
            if let Some(key) = marks[next].key {
                go_to(shared, key);
            }
        };
        view! { <button class="flag" tabindex="-1" title=words.clone() aria-label=words style:left=format!("{}%", share * 100.0) on:click=go></button> }
    };
    let deployments = Memo::new(move |_| shared.deployments.with(|all| deployed(all, range.get(), size.get().0)));
    let deployment = move |(share, found): (f64, Vec<Deployment>)| {
        let key = found[0].key;
        let words = |one: &Deployment| shared.zone.with(|zone| overlay::in_words(one, zone));
        let words = found.iter().take(MOST_NAMED).map(words).collect::<Vec<_>>().join(", ");
        view! { <button class="flag deployed" tabindex="-1" title=words.clone() aria-label=words style:left=format!("{}%", share * 100.0) on:click=move |_| go_to(shared, key)></button> }
    };
    view! {
        <div class="flags" role="group" aria-label=say!("Bookmarks over time") hidden=move || groups.with(Vec::is_empty)>
            {move || groups.get().into_iter().map(flag).collect_view()}
        </div>
        <div class="flags" role="group" aria-label=say!("Deployments over time") hidden=move || deployments.with(Vec::is_empty)>
            {move || deployments.get().into_iter().map(deployment).collect_view()}
        </div>
    }
}

/// Where each flag of deployments stands, as a share of the width, and what was deployed there.
fn deployed(all: &[Deployment], range: TimeRange, width: f64) -> Vec<(f64, Vec<Deployment>)> {
    let mut groups: Vec<(f64, Vec<Deployment>)> = Vec::new();
    for one in all {
        let Some(share) = overlay::place(range, one.key.time) else { continue };
        match groups.last_mut() {
            Some((first, group)) if (share - *first) * width < FLAG_PIXELS => group.push(one.clone()),
            _ => groups.push((share, vec![one.clone()])),
        }
    }
    groups
}

/// Where each flag stands, as a share of the width, and its bookmarks in the order of their times.
fn grouped(marks: &[Mark], range: TimeRange, width: f64) -> Vec<(f64, Vec<Mark>)> {
    let mut groups: Vec<(f64, Vec<Mark>)> = Vec::new();
    let is_seen = |mark: &&Mark| {
        mark.key.is_some() && mark.precision != Precision::Undated && range.start <= mark.time && mark.time < range.end
    };
    for mark in marks.iter().filter(is_seen) {
        let share = picture::share(range, mark.time);
        match groups.last_mut() {
            Some((first, group)) if (share - *first) * width < FLAG_PIXELS => group.push(mark.clone()),
            _ => groups.push((share, vec![mark.clone()])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entry::RowKey;
    use model::kept::{Anchor, MarkId};
    use model::time::Nanos;

    fn mark(time: i64, is_here: bool) -> Mark {
        let anchor = Anchor { path: String::new(), file_bytes: 0, fingerprint: 0, copy: 0, line: 0, line_hash: 0 };
        Mark {
            id: MarkId(1),
            anchor,
            note: String::new(),
            time: Nanos(time),
            precision: Precision::Nano,
            severity: Default::default(),
            service: String::new(),
            text: String::new(),
            key: is_here.then_some(RowKey::default()),
        }
    }

    #[test]
    fn flags_stand_where_their_entries_are_and_join_where_they_would_overlap() {
        let range = TimeRange { start: Nanos(0), end: Nanos(1000) };
        let marks =
            [mark(-5, true), mark(100, true), mark(105, true), mark(300, false), mark(500, true), mark(1000, true)];
        let groups = grouped(&marks, range, 1000.0);
        let groups: Vec<_> = groups.iter().map(|(share, marks)| ((share * 1000.0).round(), marks.len())).collect();
        assert_eq!(groups, [(100.0, 2), (500.0, 1)]);
    }
}
