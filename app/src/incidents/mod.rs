//! What is unusual in the entries of the scope: incidents with their evidence, and a map of all times.

mod choosing;

mod detectors;

mod judged;
pub use judged::{Judged, give_again as give_verdict_again, take_back as take_back_verdict};

mod list;

mod map;

mod suspects;

mod unasked;
pub use unasked::{badge, look_unasked};

use std::sync::Arc;

use leptos::prelude::*;
use model::incident::{Incident, Incidents as Found, Lack, MOST_WINDOWS};
use model::language::told;
use model::protocol::{Answer, Ask, IncidentsAsk};
use model::scope::{Filter, View};
use model::time::{Nanos, TimeRange};
use model::verdict::Verdict;
use model::{counted, key, say};

use self::detectors::Detectors;
use self::judged::UndoVerdict;
use self::list::List;
use self::map::Map;
use crate::answer::{Question, Remote, State, use_answer};
use crate::compare::{described, when};
use crate::focus::focus_first;
use crate::nothing::NothingFound;
use crate::scope::{Visit, use_shared};
use crate::wording;

impl Question for IncidentsAsk {
    type Answer = Arc<Found>;
    fn ask(&self) -> Ask {
        Ask::Incidents(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Found>> {
        if let Answer::Incidents(found) = answer { Some(Arc::from(found)) } else { None }
    }
}

/// Widths of windows that are offered, in seconds; none for one that suits the logs.
const WIDTHS: [(&str, Option<u32>); 7] = [
    (key!("windows of automatic width"), None),
    (key!("windows of 10 s"), Some(10)),
    (key!("windows of 1 min"), Some(60)),
    (key!("windows of 5 min"), Some(300)),
    (key!("windows of 15 min"), Some(900)),
    (key!("windows of 1 h"), Some(3600)),
    (key!("windows of 1 day"), Some(86_400)),
];

/// Of a query that is told in the summary.
const MOST_CHARS: usize = 60;

#[component]
pub fn Incidents() -> impl IntoView {
    let shared = use_shared();
    let width = Memo::new(move |_| shared.scope.with(|scope| scope.window_seconds));
    let follows = RwSignal::new(true);
    let is_narrowed =
        Memo::new(move |_| shared.filter.with(|filter| !filter.query.trim().is_empty() || filter.range.is_some()));
    let asked = Memo::new(move |_| asked(follows.get().then(|| shared.filter.get())));
    let filter = Memo::new(move |_| asked.with(|(filter, _)| filter.clone()));
    let within = Memo::new(move |_| asked.with(|(_, within)| *within));
    let looked_at = Memo::new(move |_| {
        let is_all = !follows.get() || !is_narrowed.get();
        let words = |filter: &Filter| {
            shared.zone.with(|zone| match within.get() {
                Some(range) => when(range, zone),
                None => described(filter, zone),
            })
        };
        // A choice on the map may name very many times.
        let both = || filter.with(|filter| (words(&shortened(filter)), words(filter)));
        if is_all { Default::default() } else { both() }
    });
    let answer = use_answer(shared.port, shared.revision, move || {
        let is_in_sight = shared.view.get() == View::Incidents;
        let window_nanos = width.get().map(nanos);
        is_in_sight.then(|| IncidentsAsk { filter: filter.get(), window_nanos, is_unasked: false })
    });
    let is_of_all = Memo::new(move |_| width.get().is_none() && filter.with(|filter| *filter == Filter::default()));
    let choose_width = move |event| {
        let seconds = event_target_value(&event).parse().ok();
        shared.change(Visit::New, |scope| scope.window_seconds = seconds);
    };
    // What was found stays when the view is left: the timeline shows it, and nothing has to be found again to show it here.
    let found = RwSignal::new(None::<Arc<Found>>);
    Effect::new(move || {
        let (now, is_final) = answer.with(|answer| (answer.answer.clone(), answer.state == State::Final));
        if let Some(now) = now {
            let times = times_of(&now);
            // What is judged here is told by the tab at once.
            if is_final && is_of_all.get_untracked() && shared.incidents_of_all.with_untracked(|all| *all != times) {
                shared.incidents_of_all.set(times.clone());
            }
            if shared.incidents.with_untracked(|before| before.as_ref() != Some(&times)) {
                shared.incidents.set(Some(times));
            }
            // The same once more leaves open what was opened.
            if found.with_untracked(|found| found.as_ref() != Some(&now)) {
                found.set(Some(now));
            }
        }
    });
    let found: Signal<Option<Arc<Found>>> = found.into();
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_final = move || answer.with(|answer| answer.state == State::Final);
    let has_some = Memo::new(move |_| {
        found.with(|found| found.as_ref().is_some_and(|found| unexpected(found, within.get()).next().is_some()))
    });
    let is_quiet = move || is_final() && !has_some.get();
    let hovered = RwSignal::new(None::<TimeRange>);
    view! {
        <section id="incidents" aria-label=say!("Incidents") class:stale=move || is_stale.get()
            aria-busy=move || is_stale.get().to_string() data-complete=move || is_final().to_string()>
            <div class="result-head">
                <span class="summary" role="status" title=move || looked_at.get().1>
                    {move || answer.with(|answer| found.with(|found| summary(answer, found.as_deref(), (&looked_at.get().0, within.get()), width.get())))}
                </span>
                <Show when=move || is_narrowed.get()>
                    <button class="small" id="incidents-of-all" aria-pressed=move || (!follows.get()).to_string()
                        title=say!("Whatever is searched, and whatever part of the timeline is shown") on:click=move |_| follows.update(|follows| *follows = !*follows)>
                        {say!("Look at all entries")}
                    </button>
                </Show>
                <select class="small" id="window-width" aria-label=say!("Width of the windows")
                    on:change=choose_width>
                    {WIDTHS.into_iter().map(|(name, seconds)| {
                        let value = seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
                        view! { <option value=value selected=move || width.get() == seconds>{told(name)}</option> }
                    }).collect_view()}
                    // An address may ask for any.
                    {move || width.get().filter(|_| !WIDTHS.iter().any(|(_, offered)| *offered == width.get())).map(|seconds| view! {
                        <option value=seconds.to_string() selected=true>{say!("windows of {}", wording::duration(nanos(seconds)))}</option>
                    })}
                </select>
            </div>
            <div class="incidents">
                <div class="incident-list">
                    <Show when=is_quiet>
                        // All entries may be looked at, whatever is searched.
                        <Show when=move || found.with(has_entries) fallback=move || view! { <NothingFound shared /> }>
                            <p class="nothing">{move || found.with(|found| nothing(found.as_deref(), within.get()))}</p>
                        </Show>
                    </Show>
                    <UndoVerdict />
                    <List found within hovered />
                    <Detectors />
                </div>
                <Map found hovered />
            </div>
        </section>
    }
}

/// With a query that leaves room for the rest of a sentence.
fn shortened(filter: &Filter) -> Filter {
    let mut query = filter.query.clone();
    if let Some((cut, _)) = query.char_indices().nth(MOST_CHARS) {
        query.truncate(cut);
        query.push('…');
    }
    Filter { query, ..filter.clone() }
}

fn has_entries(found: &Option<Arc<Found>>) -> bool {
    found.as_ref().is_none_or(|found| found.n_entries > 0)
}

fn nanos(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000_000_000
}

/// Why the windows are wider than was asked for, if they are.
fn wider(found: &Found, asked_seconds: u32) -> Option<String> {
    let (width, asked) = (found.windows.width_nanos, nanos(asked_seconds));
    let is_multiple = width > asked && width % asked == 0;
    is_multiple.then(|| {
        let most = wording::count(MOST_WINDOWS.into());
        say!(", not {}: at most {most} are compared with each other", wording::duration(asked), most)
    })
}

/// What is asked for a filter, or for all entries, and of which time that is listed. What is usual does not show in a part of the time,
/// least of all in that of an incident: where the filter leaves out nothing but times, all are looked at.
fn asked(filter: Option<Filter>) -> (Filter, Option<TimeRange>) {
    match filter {
        None => (Filter::default(), None),
        Some(filter) if matches!(filter.query.trim(), "" | "*") => (Filter::default(), filter.range),
        Some(filter) => (Filter { order: Default::default(), ..filter }, None),
    }
}

/// Those that were in this time, if only some is of interest.
fn listed(found: &Found, within: Option<TimeRange>) -> impl Iterator<Item = &Incident> {
    found.incidents.iter().filter(move |incident| within.is_none_or(|range| overlap(incident.time, range)))
}

fn overlap(incident: TimeRange, range: TimeRange) -> bool {
    incident.start < range.end && range.start < incident.end.max(Nanos(incident.start.0.saturating_add(1)))
}

fn unexpected(found: &Found, within: Option<TimeRange>) -> impl Iterator<Item = &Incident> {
    listed(found, within).filter(|incident| incident.verdict != Some(Verdict::Expected))
}

/// When those were that are not expected.
fn times_of(found: &Found) -> Vec<TimeRange> {
    unexpected(found, None).map(|incident| incident.time).collect()
}

/// How many there are, of what, and how that was looked at.
///
/// `looked_at`: which entries, empty for all, and which time if that is all that leaves out some. `asked_seconds`: how wide windows
/// should be.
fn summary(
    answer: &Remote<Arc<Found>>,
    found: Option<&Found>,
    (looked_at, within): (&str, Option<TimeRange>),
    asked_seconds: Option<u32>,
) -> String {
    match &answer.state {
        State::Failed(failure) => return failure.to_string(),
        State::Partial { done, total } => {
            return say!("looking at the entries, {} %", wording::percent(*done, *total));
        }
        State::Idle | State::Asked | State::Final => {}
    }
    let Some(found) = found else { return say!("looking at the entries…").to_owned() };
    let n_unexpected = unexpected(found, within).count();
    let expected = match listed(found, within).count() - n_unexpected {
        0 => String::new(),
        n => say!(", {} expected,", wording::count(n as u64)),
    };
    let mut words = say!(
        "{}{expected} in {}",
        counted!(n_unexpected as u64, "incident", "incidents"),
        expected,
        counted!(found.n_entries, "entry", "entries")
    );
    if found.windows.n > 0 && found.n_entries > 0 {
        words += &say!(
            ", counted in {} of {}",
            counted!(found.windows.n.into(), "window", "windows"),
            wording::duration(found.windows.width_nanos)
        );
        words += &asked_seconds.and_then(|asked| wider(found, asked)).unwrap_or_default();
    }
    if within.is_some() {
        words += &say!(": those of {looked_at}, by what is usual at all times", looked_at);
    } else if !looked_at.is_empty() {
        words += &say!(": only what is shown ({looked_at})", looked_at);
    }
    if !found.has_numbers {
        words += say!("; latencies and other numbers will be looked at when their columns are made");
    }
    words
}

/// Why nothing is listed: nothing is unusual, or too little is known of what is usual.
fn nothing(found: Option<&Found>, within: Option<TimeRange>) -> String {
    let Some(found) = found else { return String::new() };
    match found.lack {
        _ if listed(found, within).next().is_some() => say!("Nothing unusual found but what is expected.").to_owned(),
        None => say!("Nothing unusual found: messages, numbers and silences are as they usually are at their time.")
            .to_owned(),
        Some(Lack::Times) => say!("There are no entries with times to compare.").to_owned(),
        Some(Lack::Entries { least }) => say!(
            "{} tell too little of what is usual: from {} on something can be told.",
            counted!(found.n_entries, "entry", "entries"),
            wording::count(least.into())
        ),
        Some(Lack::Windows { n_windows, least }) => say!(
            "All entries are in {} of time, and what is usual shows from {} on: narrower windows may tell, or logs of a longer time.",
            counted!(n_windows.into(), "window", "windows"),
            wording::count(least.into())
        ),
        Some(Lack::OtherThanErrors) => {
            say!("These are errors only: whether they are more than usual only the other entries can tell.").to_owned()
        }
    }
}

/// Incidents over the timeline: where each lies in the range that is shown, from 0 to 1.
pub fn bands(incidents: &[TimeRange], range: TimeRange) -> Vec<(f64, f64)> {
    let span = range.end.0 as f64 - range.start.0 as f64;
    let place = |time: i64| ((time as f64 - range.start.0 as f64) / span.max(1.0)).clamp(0.0, 1.0);
    let places = incidents.iter().map(|time| (place(time.start.0), place(time.end.0)));
    places.filter(|(from, to)| from < to).collect()
}

/// Puts the keyboard into the list, if there is one.
pub fn focus_incidents() -> bool {
    focus_first(&["#incidents .incident .title"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::incident::Windows;

    #[test]
    fn bands_are_cut_at_the_ends_and_left_out_beyond_them() {
        let range = |start: i64, end: i64| TimeRange { start: Nanos(start), end: Nanos(end) };
        let incidents = [range(0, 150), range(150, 175), range(300, 400)];
        assert_eq!(bands(&incidents, range(100, 200)), [(0.0, 0.5), (0.5, 0.75)]);
    }

    #[test]
    fn what_is_shown_of_the_time_is_judged_by_all_times() {
        let range = |start: i64, end: i64| TimeRange { start: Nanos(start), end: Nanos(end) };
        let filter = |query: &str, range| Filter { query: query.to_owned(), range, ..Filter::default() };
        let shown = Some(range(100, 200));
        assert_eq!(asked(Some(filter(" ", shown))), (Filter::default(), shown));
        assert_eq!(asked(Some(filter("level:error", shown))), (filter("level:error", shown), None));
        assert_eq!(asked(None), (Filter::default(), None));
        let of = [range(0, 100), range(50, 101), range(150, 160), range(199, 300), range(200, 300), range(120, 120)];
        assert_eq!(of.map(|incident| overlap(incident, range(100, 200))), [false, true, true, true, false, true]);
    }

    #[test]
    fn a_long_query_is_cut_and_its_time_is_not() {
        let range = Some(TimeRange { start: Nanos(0), end: Nanos(9) });
        let filter = |query: String| Filter { query, range, order: Default::default() };
        let cut = shortened(&filter("time>=now ".repeat(90)));
        assert_eq!((cut.query.chars().count(), cut.range), (MOST_CHARS + 1, range));
        assert_eq!(shortened(&filter("cart".to_owned())).query, "cart");
    }

    #[test]
    fn windows_that_are_wider_than_asked_for_say_why() {
        let windows = |width_seconds| Windows { width_nanos: nanos(width_seconds), n: 1_433, ..Windows::default() };
        let found = |width_seconds| Found { n_entries: 5, windows: windows(width_seconds), ..Found::default() };
        let said = wider(&found(1_810), 10).unwrap();
        assert_eq!(said, ", not 10 s: at most 1,440 are compared with each other");
        assert_eq!(wider(&found(10), 10), None);
        // What was found for another width is still shown.
        assert_eq!(wider(&found(60), 300), None);
    }

    #[test]
    fn a_quiet_day_is_told_from_one_that_says_too_little() {
        let said = |lack| nothing(Some(&Found { n_entries: 5, lack, ..Found::default() }), None);
        assert!(said(None).starts_with("Nothing unusual found"));
        assert!(said(Some(Lack::Times)).contains("no entries with times"));
        assert_eq!(
            said(Some(Lack::Entries { least: 200 })),
            "5 entries tell too little of what is usual: from 200 on something can be told."
        );
        assert!(
            said(Some(Lack::Windows { n_windows: 1, least: 16 })).starts_with("All entries are in 1 window of time")
        );
        assert!(said(Some(Lack::OtherThanErrors)).contains("errors only"));
    }
}
