//! Saved views of a part of the time, over the bars: what was noted of a time stands where it was.

use leptos::prelude::*;
use model::kept::SavedView;
use model::say;
use model::scope::Scope;
use model::time::TimeRange;

use super::picture;
use crate::saved::{markdown, use_views};
use crate::scope::use_shared;

/// Narrower ones could not be hit.
const LEAST_PIXELS: f64 = 12.0;
/// So many lie below each other where they overlap; further ones are in the list.
const MOST_ROWS: usize = 3;

#[component]
pub fn KeptTimes(size: Signal<(f64, f64)>, range: Memo<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let views = use_views(shared);
    let placed = Memo::new(move |_| views.with(|views| placed(views, range.get(), size.get().0)));
    let span = move |Placed { view, left, width, row }: Placed| {
        let note = markdown::first_line(&view.note).unwrap_or_default();
        let words = if note.is_empty() { view.name.clone() } else { format!("{}: {note}", view.name) };
        let label = say!("Kept time: {words}", words);
        let go = move |_| shared.visit(Scope::from_hash(&view.address));
        view! {
            <button class="kept-time" tabindex="-1" title=words.clone() aria-label=label on:click=go
                style:left=format!("{left}px") style:width=format!("{width}px") style:top=format!("{}px", 15 + row * 17)>{words.clone()}</button>
        }
    };
    view! {
        <div class="kept-times" role="group" aria-label=say!("Kept times") hidden=move || placed.with(Vec::is_empty)>
            {move || placed.get().into_iter().map(span).collect_view()}
        </div>
    }
}

/// Where a view lies over the bars, in pixels.
#[derive(Clone, Debug, PartialEq)]
struct Placed {
    view: SavedView,
    left: f64,
    width: f64,
    row: usize,
}

fn placed(views: &[SavedView], range: TimeRange, width: f64) -> Vec<Placed> {
    let mut spans: Vec<(f64, f64, &SavedView)> = Vec::new();
    for view in views {
        let Some(own) = Scope::from_hash(&view.address).filter.range else { continue };
        let (from, to) = (picture::share(range, own.start).max(0.0), picture::share(range, own.end).min(1.0));
        if from < 1.0 && to > 0.0 {
            let length = ((to - from) * width).max(LEAST_PIXELS);
            spans.push(((from * width).min(width - length), length, view));
        }
    }
    spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut ends: Vec<f64> = Vec::new();
    let mut placed = Vec::new();
    for (left, width, view) in spans {
        let row = match ends.iter().position(|&end| end <= left) {
            Some(row) => row,
            None if ends.len() < MOST_ROWS => {
                ends.push(0.0);
                ends.len() - 1
            }
            None => continue,
        };
        ends[row] = left + width;
        placed.push(Placed { view: view.clone(), left, width, row });
    }
    placed
}

#[cfg(test)]
mod tests {
    use model::time::{NANOS_PER_SECOND, Nanos};

    use super::*;

    #[test]
    fn kept_times_lie_where_they_were_and_below_each_other_where_they_overlap() {
        let view = |address: &str| SavedView { address: address.to_owned(), ..SavedView::default() };
        let time =
            |from: u32, to: u32| view(&format!("#from=1970-01-01T00:00:{from:02}Z&to=1970-01-01T00:00:{to:02}Z"));
        let views = [time(10, 20), time(15, 30), time(20, 30), view("#q=x"), time(50, 51), time(59, 59), time(16, 17)];
        let range = TimeRange { start: Nanos(0), end: Nanos(50 * NANOS_PER_SECOND) };
        let placed = placed(&views, range, 500.0);
        let placed: Vec<_> =
            placed.iter().map(|placed| (placed.left.round(), placed.width.round(), placed.row)).collect();
        assert_eq!(placed, [(100.0, 100.0, 0), (150.0, 150.0, 1), (160.0, 12.0, 2), (200.0, 100.0, 0)]);
    }
}
