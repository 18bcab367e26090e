//! A bar of a request: who, when, what of it was its own, what it waited for, and what was written in it.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::entry::RowKey;
use model::language::told;
use model::severity::Band;
use model::time::Nanos;
use model::trace::{Bar, Mark, Phase, Trace};
use model::{counted, say};

use super::axis::Window;
use super::folds::n_below;
use super::{ROW_PIXELS, Sight};
use crate::entries::visible;
use crate::scope::Shared;
use crate::series::class_of_value;
use crate::wording;

/// Deeper ones stand no further to the right.
const MOST_INDENTS: u32 = 12;
const INDENT_PIXELS: f64 = 14.0;

/// Whether it is the span, or has the entry in it.
pub fn has(bar: &Bar, key: RowKey) -> bool {
    bar.key == key || bar.marks.iter().any(|mark| mark.key == key)
}

/// `sought`: in lower case.
pub fn is_named(bar: &Bar, sought: &str) -> bool {
    bar.name.to_lowercase().contains(sought) || bar.service.to_lowercase().contains(sought)
}

pub fn phase_class(phase: Phase) -> &'static str {
    match phase {
        Phase::Queue => "wait queue",
        Phase::Dns => "wait dns",
        Phase::Connect => "wait connect",
        Phase::Tls => "wait tls",
        Phase::Send => "wait send",
        Phase::Server => "wait server",
        Phase::Receive => "wait receive",
        Phase::Serialise => "wait serialise",
    }
}

/// A part of a bar: where it is, as far as it is in the window.
fn part(window: Window, start: i64, nanos: i64) -> Option<(String, String)> {
    let (left, right) = (window.percent(start), window.percent(start + nanos));
    let is_in_sight = right >= 0.0 && left <= 100.0;
    is_in_sight.then(|| {
        let (left, right) = (left.clamp(0.0, 100.0), right.clamp(0.0, 100.0));
        (format!("{left:.3}%"), format!("{:.3}%", right - left))
    })
}

/// Pieces nearer to each other than this part of a window, in percent, are one: nobody tells them apart, and a span of thousands of calls
/// would have as many of them.
const NEAR_PERCENT: f64 = 0.5;

/// The pieces that are in the window. `pieces`: in the order of time. `first`: when the request began.
fn told_apart(window: Window, pieces: &[(Nanos, i64)], first: Nanos) -> Vec<(i64, i64)> {
    let mut told: Vec<(i64, i64)> = Vec::new();
    for &(start, nanos) in pieces {
        let at = |time: i64| window.percent(time - first.0);
        if at(start.0 + nanos) < 0.0 || at(start.0) > 100.0 {
            continue;
        }
        match told.last_mut() {
            Some(last) if at(start.0) - at(last.0 + last.1) < NEAR_PERCENT => last.1 = start.0 + nanos - last.0,
            _ => told.push((start.0, nanos)),
        }
    }
    told
}

fn is_loud(mark: &Mark) -> bool {
    mark.severity.band() >= Band::Warn
}

/// The marks that are in the window, and of those near to each other the first; no loud one gives way to one that is not. `marks`: in
/// the order of time. `first`: when the request began.
fn marks_told_apart(window: Window, marks: &[Mark], first: Nanos) -> Vec<Mark> {
    let mut last = [f64::NEG_INFINITY; 2];
    let mut told = Vec::new();
    for mark in marks {
        let at = window.percent(mark.key.time.0 - first.0);
        let last = &mut last[usize::from(is_loud(mark))];
        if (0.0..=100.0).contains(&at) && at - *last >= NEAR_PERCENT {
            *last = at;
            told.push(*mark);
        }
    }
    told
}

/// `extent`: of the trace, which all its bars tell.
pub fn row(
    shared: Shared,
    sight: Sight,
    trace: &Arc<Trace>,
    extent: (Nanos, Nanos),
    at: usize,
    place: usize,
) -> impl IntoView + use<> {
    let bar = &trace.bars[at];
    let (first, _) = extent;
    let since = move |time: i64| time - first.0;
    let window = sight.window.get().unwrap_or_else(|| Window::over(extent));
    let piece = |class: &'static str, start: i64, nanos: i64| {
        part(window, since(start), nanos)
            .map(|(left, width)| view! { <span class=class style:left=left style:width=width></span> })
    };
    let (start, nanos, key) = (bar.start.0, bar.nanos, bar.key);
    let pieces = |class: &'static str, of: &[(Nanos, i64)]| -> Vec<_> {
        told_apart(window, of, first).into_iter().map(|(start, nanos)| piece(class, start, nanos)).collect()
    };
    let (own, critical) = (pieces("own", &bar.own), pieces("critical", &bar.critical));
    let waits: Vec<_> = bar.waits.iter().map(|wait| piece(phase_class(wait.phase), wait.start.0, wait.nanos)).collect();
    let happenings: Vec<_> = bar
        .happenings
        .iter()
        .filter_map(|one| {
            let (left, _) = part(window, since(one.time.0), 0)?;
            let hint = format!("{} · {}", wording::duration(since(one.time.0)), visible(&one.name));
            Some(view! { <i class="happening" style:left=left title=hint></i> })
        })
        .collect();
    let moved = bar.moved_nanos;
    let mark_at = move |mark: &Mark, is_it: bool| {
        let (left, _) = part(window, since(mark.key.time.0 + moved), 0)?;
        let (is_loud, key) = (is_loud(mark), mark.key);
        // A mark leads to its entry, other than the bar around it.
        let open = move |event: ev::MouseEvent| {
            event.stop_propagation();
            open(shared, key);
        };
        Some(view! { <i class:loud=is_loud class:it=is_it style:left=left on:click=open></i> })
    };
    let marks = marks_told_apart(window, &bar.marks, Nanos(first.0 - moved));
    let marks: Vec<_> = marks.iter().filter_map(|mark| mark_at(mark, false)).collect();
    let selected = {
        let trace = Arc::clone(trace);
        Memo::new(move |_| shared.scope.with(|scope| scope.selected).filter(|&key| has(&trace.bars[at], key)))
    };
    // Over the others, one of which may stand for it.
    let selected_mark = {
        let trace = Arc::clone(trace);
        move || {
            let selected = selected.get()?;
            mark_at(trace.bars[at].marks.iter().find(|mark| mark.key == selected)?, true)
        }
    };
    let (name, service) = (visible(&bar.name).into_owned(), visible(&bar.service).into_owned());
    let lower = format!("{name} {service}").to_lowercase();
    let is_sought =
        Memo::new(move |_| sight.sought.with(|sought| !sought.is_empty() && lower.contains(&sought.to_lowercase())));
    let indent = f64::from(bar.depth.min(MOST_INDENTS)) * INDENT_PIXELS;
    let n_calls = n_below(&trace.bars, at);
    let is_folded = move || sight.folded.with(|folded| folded.contains(&key));
    let fold = move |is_to_be: Option<bool>| {
        sight.folded.update(|folded| {
            if is_to_be.unwrap_or(!folded.contains(&key)) {
                folded.insert(key)
            } else {
                folded.remove(&key)
            };
        });
    };
    let fold_button = (n_calls > 0).then(|| {
        let label = move || match is_folded() {
            true => say!("Show what it called ({})", wording::count(n_calls as u64)),
            false => say!("Hide what it called ({})", wording::count(n_calls as u64)),
        };
        view! {
            <button class="fold quiet" tabindex="-1" style:inset-inline-start=format!("{indent}px") aria-label=label title=label
                aria-expanded=move || (!is_folded()).to_string() on:click=move |_| fold(None)>{move || if is_folded() { "▸" } else { "▾" }}</button>
        }
    });
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "ArrowLeft" if n_calls > 0 => {
            fold(Some(true));
            event.prevent_default();
        }
        "ArrowRight" if n_calls > 0 => {
            fold(Some(false));
            event.prevent_default();
        }
        _ => {}
    };
    let (spoken, hint) = (spoken(bar), hint(bar));
    // Behind the bar where there is room, else before it, else on its end.
    let (left, end) = (window.percent(since(start)), window.percent(since(start + nanos)));
    let (label_class, label_at) = match (end > 60.0, left > 20.0) {
        (false, _) => ("took", end.max(0.0)),
        (true, true) => ("took before", left.min(100.0)),
        (true, false) => ("took inside", end.min(100.0)),
    };
    let is_in_sight = left <= 100.0 && end >= 0.0;
    let colour = class_of_value(&bar.service);
    let took = match (nanos, bar.is_span) {
        // One entry alone tells a time and no duration.
        (0, false) => None,
        _ => Some(wording::duration(nanos)),
    };
    view! {
        <li style:top=format!("{}px", place as f64 * ROW_PIXELS) class=colour>
            <button class="call quiet" class:bad=bar.is_error class:guess=!bar.is_span class:sought=move || is_sought.get()
                aria-pressed=move || selected.with(Option::is_some).to_string() aria-label=spoken title=hint
                on:keydown=on_key on:click=move |_| open(shared, key)>
                <span class="who" style:padding-inline-start=format!("{}px", indent + INDENT_PIXELS)><b>{service}</b>" "{name}
                    {bar.is_error.then(|| view! { <span class="failed" aria-hidden="true">" ✕"</span> })}</span>
                <span class="lane">
                    {piece("span", start, nanos)}
                    {own}{waits}{critical}{happenings}{marks}{selected_mark}
                    {took.filter(|_| is_in_sight).map(|took| view! { <span class=label_class style:left=format!("{label_at:.3}%")>{took}</span> })}
                </span>
            </button>
            {fold_button}
        </li>
    }
}

fn open(shared: Shared, key: RowKey) {
    shared.select(Some(key));
    shared.details_open.set(true);
}

/// What a look at it longer tells.
fn hint(bar: &Bar) -> String {
    let mut parts = vec![
        format!("{} {}", visible(&bar.service), visible(&bar.name)),
        say!("took {}, itself {}", wording::duration(bar.nanos), wording::duration(bar.own_nanos)),
    ];
    parts.extend(moved(bar));
    parts
        .extend(bar.waits.iter().map(|wait| format!("{}: {}", told(wait.phase.name()), wording::duration(wait.nanos))));
    parts.join("\n")
}

fn moved(bar: &Bar) -> Option<String> {
    (bar.moved_nanos != 0).then(|| say!("drawn about {} later than its clock says", wording::duration(bar.moved_nanos)))
}

fn spoken(bar: &Bar) -> String {
    let mut parts = vec![
        format!("{} {}", bar.service, bar.name),
        say!("took {}, itself {}", wording::duration(bar.nanos), wording::duration(bar.own_nanos)),
    ];
    if bar.is_error {
        parts.push(say!("failed").to_owned());
    }
    if bar.is_critical() {
        parts.push(say!("on the critical path").to_owned());
    }
    if !bar.is_span {
        parts.push(say!("inferred from log entries").to_owned());
    }
    parts.extend(moved(bar));
    parts
        .extend(bar.waits.iter().map(|wait| format!("{}: {}", told(wait.phase.name()), wording::duration(wait.nanos))));
    if !bar.marks.is_empty() {
        parts.push(counted!(bar.marks.len() as u64, "entry", "entries"));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::severity::Severity;

    #[test]
    fn thousands_of_pieces_are_as_many_as_can_be_told_apart() {
        let first = Nanos(1_000);
        let pieces: Vec<(Nanos, i64)> = (0..10_000).map(|n| (Nanos(1_000 + n * 100), 50)).collect();
        let all = Window { start: 0, end: 1_000_000 };
        assert_eq!(told_apart(all, &pieces, first), [(1_000, 999_950)]);
        let near = Window { start: 0, end: 1_000 };
        assert_eq!(told_apart(near, &pieces, first).len(), 11);
    }

    #[test]
    fn of_thousands_of_marks_a_loud_one_is_never_missed() {
        let mark = |n: i64| Mark {
            key: RowKey { time: Nanos(1_000 + n), ..RowKey::default() },
            severity: if n == 5_001 { Severity::ERROR } else { Severity::INFO },
        };
        let marks: Vec<Mark> = (0..=10_000).map(mark).collect();
        let all = Window { start: 0, end: 10_000 };
        let told = marks_told_apart(all, &marks, Nanos(1_000));
        // Two hundred half percents, and the loud one beside them.
        assert!((190..=202).contains(&told.len()), "{}", told.len());
        assert_eq!(told.iter().filter(|mark| is_loud(mark)).count(), 1);
        let near = Window { start: 5_000, end: 5_010 };
        assert_eq!(marks_told_apart(near, &marks, Nanos(1_000)).len(), 11);
    }
}
