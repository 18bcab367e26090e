//! One request: the spans and log entries of the trace that the selected entry belongs to, one below the other over time.

use model::language::retold;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use model::protocol::{Answer, Ask};
use model::scope::View;
use model::severity::Band;
use model::trace::{Bar, Trace, TraceAsk};
use model::{counted, say};

use crate::answer::{Question, Remote, State, use_answer};
use crate::focus::focus_first;
use crate::measured::use_size;
use crate::scope::{Shared, use_shared};
use crate::wording;

/// As high as the style sheet says.
const ROW_PIXELS: f64 = 28.0;
/// Rows above and below what is in sight, so that scrolling shows no gaps.
const SPARE_ROWS: usize = 8;
/// Deeper ones stand no further to the right.
const MOST_INDENTS: u32 = 12;

impl Question for TraceAsk {
    type Answer = Arc<Trace>;
    fn ask(&self) -> Ask {
        Ask::Trace(*self)
    }
    fn read(answer: Answer) -> Option<Arc<Trace>> {
        if let Answer::Trace(trace) = answer { Some(Arc::from(trace)) } else { None }
    }
}

#[component]
pub fn Request() -> impl IntoView {
    let shared = use_shared();
    let answer = use_answer(shared.port, shared.revision, move || {
        let is_in_sight = shared.view.get() == View::Trace;
        shared.scope.with(|scope| scope.selected).filter(|_| is_in_sight).map(|key| TraceAsk { key })
    });
    let trace = Memo::new(move |_| answer.with(|answer| answer.answer.clone()));
    let frame = NodeRef::<Div>::new();
    let size = use_size(frame);
    let scrolled = RwSignal::new(0.0);
    let in_sight = Memo::new(move |_| {
        let n_bars = trace.with(|trace| trace.as_ref().map_or(0, |trace| trace.bars.len()));
        let first = (scrolled.get() / ROW_PIXELS) as usize;
        let n_rows = (size.get().1 / ROW_PIXELS) as usize + 2;
        (first.saturating_sub(SPARE_ROWS).min(n_bars), (first + n_rows + SPARE_ROWS).min(n_bars))
    });
    let rows = move || {
        let trace = trace.get()?;
        let (first, end) = in_sight.get();
        Some((first..end).map(|at| row(shared, &trace, at)).collect_view())
    };
    let height = move || {
        let n_bars = trace.with(|trace| trace.as_ref().map_or(0, |trace| trace.bars.len()));
        format!("{}px", n_bars as f64 * ROW_PIXELS)
    };
    let has_bars = Memo::new(move |_| trace.with(|trace| trace.as_ref().is_some_and(|trace| !trace.bars.is_empty())));
    let is_known = Memo::new(move |_| trace.with(Option::is_some));
    view! {
        <section id="trace" aria-label=say!("One request") data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="result-head"><span class="summary" role="status">{move || answer.with(summary)}</span></div>
            <div class="trace-rows" node_ref=frame tabindex="0" role="region" aria-label=say!("Spans and entries of the request")
                on:scroll=move |_| scrolled.set(frame.get_untracked().map_or(0.0, |frame| f64::from(frame.scroll_top())))>
                <ul style:height=height>{rows}</ul>
                <Show when=move || is_known.get() && !has_bars.get()>
                    <div class="map-empty">
                        <p>{say!("This entry has no id of a trace or request, so nothing tells what else belongs to it.")}</p>
                        <p>{say!("Ids are read from headers (traceparent, B3, uber-trace-id, X-Amzn-Trace-Id, Datadog), from fields and text such as")}" "
                            <code>"trace_id=…"</code>{say!(", and from request and job ids.")}</p>
                    </div>
                </Show>
            </div>
        </section>
    }
}

fn row(shared: Shared, trace: &Trace, at: usize) -> impl IntoView + use<> {
    let bar = &trace.bars[at];
    let (start, end) = trace.extent().unwrap_or((bar.start, bar.start));
    let whole = ((end.0 - start.0) as f64).max(1.0);
    let share = |nanos: i64| (nanos as f64 / whole * 100.0).clamp(0.0, 100.0);
    let (left, width) = (share(bar.start.0 - start.0), share(bar.nanos));
    let indent = f64::from(bar.depth.min(MOST_INDENTS)) * 14.0;
    let key = bar.key;
    let is_selected = Memo::new(move |_| shared.scope.with(|scope| scope.selected) == Some(key));
    let marks = bar.marks.iter().map(|mark| {
        let at = share(mark.key.time.0 - start.0);
        let is_loud = mark.severity.band() >= Band::Warn;
        view! { <i class:loud=is_loud style:left=format!("{at:.2}%")></i> }
    });
    let spoken = spoken(bar);
    // Behind the bar where there is room, else before it, else on its end.
    let end = left + width;
    let (place, label_at) = match (end > 60.0, left > 20.0) {
        (false, _) => (say!("took"), end),
        (true, true) => (say!("took before"), left),
        (true, false) => (say!("took inside"), end),
    };
    view! {
        <li style:top=format!("{}px", at as f64 * ROW_PIXELS)>
            <button class="quiet" class:bad=bar.is_error class:critical=bar.is_critical class:guess=!bar.is_span
                aria-pressed=move || is_selected.get().to_string() aria-label=spoken title=say!("Show its details")
                on:click=move |_| { shared.select(Some(key)); shared.details_open.set(true); }>
                <span class="who" style:padding-inline-start=format!("{indent}px")><b>{bar.service.clone()}</b>" "{bar.name.clone()}</span>
                <span class="lane">
                    <span class="span" style:left=format!("{left:.3}%") style:width=format!("{width:.3}%")></span>
                    {marks.collect_view()}
                    <span class=place style:left=format!("{label_at:.3}%")>
                        {wording::duration(bar.nanos)}
                    </span>
                </span>
            </button>
        </li>
    }
}

fn spoken(bar: &Bar) -> String {
    let mut parts = vec![
        format!("{} {}", bar.service, bar.name),
        say!("took {}, itself {}", wording::duration(bar.nanos), wording::duration(bar.own_nanos)),
    ];
    if bar.is_error {
        parts.push(say!("failed").to_owned());
    }
    if bar.is_critical {
        parts.push(say!("on the critical path").to_owned());
    }
    if !bar.is_span {
        parts.push(say!("inferred from log entries").to_owned());
    }
    if !bar.marks.is_empty() {
        parts.push(counted!(bar.marks.len() as u64, "entry", "entries"));
    }
    parts.join(", ")
}

fn summary(answer: &Remote<Arc<Trace>>) -> String {
    let Some(trace) = &answer.answer else {
        return match &answer.state {
            State::Failed(failure) => failure.to_string(),
            State::Idle => say!("Choose an entry to see the request it belongs to.").to_owned(),
            _ => say!("looking for what belongs to it…").to_owned(),
        };
    };
    if trace.id.is_empty() {
        return say!("No request").to_owned();
    }
    let mut services: Vec<&str> = trace.bars.iter().map(|bar| bar.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    let mut parts = vec![trace.id.clone()];
    if let Some((start, end)) = trace.extent() {
        parts.push(wording::duration(end.0 - start.0));
    }
    parts.push(counted!(services.len() as u64, "service", "services"));
    if trace.n_spans > 0 {
        parts.push(counted!(trace.n_spans, "span", "spans"));
    }
    if trace.n_entries > 0 {
        parts.push(counted!(trace.n_entries, "log entry", "log entries"));
    }
    let n_failed = trace.bars.iter().filter(|bar| bar.is_error).count() as u64;
    if n_failed > 0 {
        parts.push(say!("{} failed", wording::count(n_failed)));
    }
    if trace.is_cut {
        parts.push(say!("cut here").to_owned());
    }
    parts.push(say!("by {}", retold(&trace.rule)));
    parts.join(" · ")
}

/// Puts the keyboard into the request, if there is one.
pub fn focus_request() -> bool {
    focus_first(&["#trace .trace-rows"])
}
