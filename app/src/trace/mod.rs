//! One request: the spans and log entries of the trace that the selected entry belongs to, one below the other over time.

mod axis;

mod folds;

mod row;

mod steps;
pub use steps::step_along;

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::entry::RowKey;
use model::language::{retold, told};
use model::protocol::{Answer, Ask};
use model::scope::View;
use model::time::Nanos;
use model::trace::{Phase, Trace, TraceAsk};
use model::{counted, say};

use self::axis::{Axis, Window};
use self::folds::{callers, n_below, shown_bars};
use crate::answer::{Question, Remote, State, use_answer};
use crate::entries::visible;
use crate::focus::focus_first;
use crate::measured::use_size;
use crate::scope::{Visit, use_shared};
use crate::wording;

/// As high as the style sheet says.
const ROW_PIXELS: f64 = 28.0;
/// Rows above and below what is in sight, so that scrolling shows no gaps.
const SPARE_ROWS: usize = 8;

impl Question for TraceAsk {
    type Answer = Arc<Trace>;
    fn ask(&self) -> Ask {
        Ask::Trace(*self)
    }
    fn read(answer: Answer) -> Option<Arc<Trace>> {
        if let Answer::Trace(trace) = answer { Some(Arc::from(trace)) } else { None }
    }
}

/// What is seen of a trace.
#[derive(Clone, Copy)]
struct Sight {
    trace: Memo<Option<Arc<Trace>>>,
    /// Of its time; `None`: all.
    window: RwSignal<Option<Window>>,
    /// Bars whose calls are not shown.
    folded: RwSignal<BTreeSet<RowKey>>,
    /// What names are looked for.
    sought: RwSignal<String>,
}

#[component]
pub fn Request() -> impl IntoView {
    let shared = use_shared();
    let answer = use_answer(shared.port, shared.revision, move || {
        let is_in_sight = shared.view.get() == View::Trace;
        shared.scope.with(|scope| scope.selected).filter(|_| is_in_sight).map(|key| TraceAsk { key })
    });
    let trace = Memo::new(move |_| answer.with(|answer| answer.answer.clone()));
    let sight = Sight {
        trace,
        window: RwSignal::new(None),
        folded: RwSignal::new(BTreeSet::new()),
        sought: RwSignal::new(String::new()),
    };
    // Another request is looked at anew; the same one, after a look at another view, is as it was left.
    let which = Memo::new(move |_| {
        answer.with(|answer| {
            // While another entry's is awaited, what is in sight is not of the entry that is selected.
            let trace = answer.answer.as_ref().filter(|_| answer.state == State::Final)?;
            Some(Which::of(trace, shared.scope.with_untracked(|scope| scope.selected)))
        })
    });
    Effect::new(move |looked_at: Option<Option<Which>>| {
        let looked_at = looked_at.flatten();
        let Some(which) = which.get() else { return looked_at };
        if looked_at.is_none_or(|looked_at| which.is_another(&looked_at)) {
            sight.window.set(None);
            sight.folded.set(BTreeSet::new());
        }
        Some(which)
    });
    let shown = Memo::new(move |_| {
        let (trace, folded) = (trace.get(), sight.folded.get());
        trace.map(|trace| shown_bars(&trace.bars, &folded)).unwrap_or_default()
    });
    let frame = NodeRef::<Div>::new();
    let size = use_size(frame);
    let scrolled = RwSignal::new(0.0);
    let in_sight = Memo::new(move |_| {
        let n_bars = shown.with(Vec::len);
        let first = (scrolled.get() / ROW_PIXELS) as usize;
        let n_rows = (size.get().1 / ROW_PIXELS) as usize + 2;
        (first.saturating_sub(SPARE_ROWS).min(n_bars), (first + n_rows + SPARE_ROWS).min(n_bars))
    });
    let rows = move || {
        let trace = trace.get()?;
        let (first, end) = in_sight.get();
        let extent = trace.extent()?;
        let row = |place: usize, bar: usize| row::row(shared, sight, &trace, extent, bar, place);
        // After a fold there may be fewer than were in sight.
        Some(shown.with(|shown| (first..end.min(shown.len())).map(|place| row(place, shown[place])).collect_view()))
    };
    let height = move || format!("{}px", shown.with(Vec::len) as f64 * ROW_PIXELS);
    let has_bars = Memo::new(move |_| trace.with(|trace| trace.as_ref().is_some_and(|trace| !trace.bars.is_empty())));
    let is_known = Memo::new(move |_| trace.with(Option::is_some));
    // Of the span, or of what the entry was written in.
    let place_of =
        move |key: RowKey| trace.with_untracked(|trace| trace.as_ref()?.bars.iter().position(|bar| row::has(bar, key)));
    let open_folds_above = move |key: RowKey| {
        let Some(at) = place_of(key) else { return };
        let above = trace.with_untracked(|trace| trace.as_ref().map(|trace| callers(&trace.bars, at)));
        let above = above.unwrap_or_default();
        if sight.folded.with_untracked(|folded| above.iter().any(|key| folded.contains(key))) {
            sight.folded.update(|folded| folded.retain(|key| !above.contains(key)));
        }
    };
    // Once the rows are as high as they are to be; what is in sight already stays where it is.
    let scroll_to = move |key: RowKey| {
        request_animation_frame(move || {
            let (Some(at), Some(frame)) = (place_of(key), frame.get_untracked()) else { return };
            // In a fold: the bar that is folded.
            let place = shown.with_untracked(|shown| shown.partition_point(|&bar| bar <= at)).saturating_sub(1);
            let middle = (place as f64 + 0.5) * ROW_PIXELS;
            let (top, height) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
            if !(top..=top + height).contains(&middle) {
                frame.set_scroll_top((middle - height / 2.0).max(0.0) as i32);
            }
        });
    };
    // What is selected, as far as it is of the request.
    let selected = Memo::new(move |_| {
        let key = shared.scope.with(|scope| scope.selected)?;
        let is_in_it = |trace: &Arc<Trace>| trace.bars.iter().any(|bar| row::has(bar, key));
        trace.with(|trace| trace.as_ref().is_some_and(is_in_it)).then_some(key)
    });
    // Whatever selects it. Turning to the view again opens none of the folds that were made meanwhile.
    Effect::new(move |selected_before: Option<Option<RowKey>>| {
        let selected_before = selected_before.flatten();
        let Some(key) = selected.get() else { return selected_before };
        if selected_before != Some(key) {
            open_folds_above(key);
        }
        scroll_to(key);
        Some(key)
    });
    // Enter goes from one to the next.
    let find_next = move |event: ev::KeyboardEvent| {
        if event.key() != "Enter" {
            return;
        }
        event.prevent_default();
        let selected = shared.scope.with_untracked(|scope| scope.selected);
        let Some(trace) = trace.get_untracked() else { return };
        let sought = sight.sought.get_untracked().to_lowercase();
        let is_selected = |bar: &model::trace::Bar| Some(bar.key) == selected;
        let from = trace.bars.iter().position(is_selected).map_or(0, |at| at + 1);
        let n = trace.bars.len();
        let found = (from..n).chain(0..from.min(n)).find(|&at| row::is_named(&trace.bars[at], &sought));
        let Some(at) = found.filter(|_| !sought.is_empty()) else {
            shared.said.set(say!("Nothing in this request is called so.").to_owned());
            return;
        };
        let key = trace.bars[at].key;
        shared.select(Some(key));
        // It may be the one that is selected already.
        open_folds_above(key);
        scroll_to(key);
    };
    let n_points = Memo::new(move |_| trace.with(|trace| trace.as_ref().map_or(0, |trace| trace.n_points)));
    let show_points = move |_| {
        let Some(id) = trace.with_untracked(|trace| trace.as_ref().map(|trace| trace.id.clone())) else { return };
        shared.change(Visit::New, |scope| {
            scope.view = View::Entries;
            scope.filter.query = points_with(&id);
            scope.filter.range = None;
        });
    };
    let n_found = move || {
        let sought = sight.sought.get().to_lowercase();
        if sought.is_empty() {
            return None;
        }
        let n = trace.with(|trace| {
            trace.as_ref().map_or(0, |trace| trace.bars.iter().filter(|bar| row::is_named(bar, &sought)).count())
        });
        Some(say!("{} found", wording::count(n as u64)))
    };
    let fold_all = move |_| {
        let all: BTreeSet<RowKey> = trace.with_untracked(|trace| {
            let bars = trace.as_ref().map(|trace| &trace.bars[..]).unwrap_or_default();
            (0..bars.len()).filter(|&at| n_below(bars, at) > 0).map(|at| bars[at].key).collect()
        });
        sight.folded.update(|folded| *folded = if folded.is_empty() { all } else { BTreeSet::new() });
    };
    view! {
        <section id="trace" aria-label=say!("One request") data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="result-head">
                <span class="summary" role="status">{move || answer.with(summary)}</span>
                <Show when=move || has_bars.get()>
                    <input type="search" id="trace-search" class="small" placeholder=say!("Find in it") aria-label=say!("Find in the request; Enter: the next one")
                        title=say!("Enter: the next one") prop:value=move || sight.sought.get()
                        on:input=move |event| sight.sought.set(event_target_value(&event)) on:keydown=find_next />
                    <span class="aside" role="status">{n_found}</span>
                    <button class="small" on:click=move |_| step_along(shared, false) title=say!("The entry or span before this one in its request (O)")>{say!("Back")}</button>
                    <button class="small" on:click=move |_| step_along(shared, true) title=say!("The next entry or span of its request (o)")>{say!("Next")}</button>
                    <button class="small" id="trace-fold" on:click=fold_all aria-pressed=move || (!sight.folded.with(BTreeSet::is_empty)).to_string()>{say!("Fold calls")}</button>
                </Show>
                <Show when=move || { n_points.get() > 0 }>
                    <button class="small quiet" id="trace-points" title=say!("Data points of metrics that have this request as an example") on:click=show_points>
                        {move || counted!(n_points.get(), "data point", "data points")}
                    </button>
                </Show>
            </div>
            <Show when=move || has_bars.get()><Axis sight /></Show>
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
            <Show when=move || has_bars.get()><Legend trace /></Show>
        </section>
    }
}

/// Which request is in sight.
#[derive(Clone, Debug, PartialEq)]
struct Which {
    id: String,
    /// When it began, where its id was used at other times too.
    start: Option<Nanos>,
    /// The entry whose request was asked for.
    asked: Option<RowKey>,
}

impl Which {
    fn of(trace: &Trace, asked: Option<RowKey>) -> Self {
        let start = trace.extent().map(|(start, _)| start).filter(|_| trace.n_other_times > 0);
        Self { id: trace.id.clone(), start, asked }
    }

    /// Of one entry it is the same, also when files that are read meanwhile tell of other times, or that it began sooner.
    fn is_another(&self, before: &Self) -> bool {
        self.id != before.id || self.asked != before.asked && self.start != before.start
    }
}

/// What the picture has, as far as this request has it.
#[component]
fn Legend(trace: Memo<Option<Arc<Trace>>>) -> impl IntoView {
    let phases = Memo::new(move |_| {
        let has = |phase: Phase| {
            trace.with(|trace| {
                let bars = trace.as_ref().map(|trace| &trace.bars[..]).unwrap_or_default();
                bars.iter().any(|bar| bar.waits.iter().any(|wait| wait.phase == phase))
            })
        };
        Phase::ALL.into_iter().filter(|&phase| has(phase)).collect::<Vec<_>>()
    });
    let is_inferred = Memo::new(move |_| {
        trace.with(|trace| trace.as_ref().is_some_and(|trace| trace.bars.iter().any(|bar| !bar.is_span)))
    });
    let of_phases = move || {
        let phases = phases.get().into_iter();
        phases
            .map(|phase| view! { <li><span class=row::phase_class(phase)></span>{told(phase.name())}</li> })
            .collect_view()
    };
    view! {
        <ul class="trace-legend" aria-label=say!("What the signs mean")>
            <li><span class="own"></span>{say!("its own time")}</li>
            <li><span class="whole"></span>{say!("in calls")}</li>
            <li><span class="critical"></span>{say!("critical path")}</li>
            <Show when=move || is_inferred.get()><li><span class="guess"></span>{say!("inferred from log entries")}</li></Show>
            {of_phases}
        </ul>
    }
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
    let n_failed = trace.n_failed();
    if n_failed > 0 {
        parts.push(say!("{} failed", wording::count(n_failed)));
    }
    if trace.n_other_times > 0 {
        let times = counted!(trace.n_other_times, "other time", "other times");
        parts.push(say!("the id was used at {} as well, half an hour of silence or more away", times));
    }
    parts.extend(trace.moved().into_iter().map(|(service, nanos)| moved_words(service, nanos)));
    if trace.is_cut {
        parts.push(say!("cut here").to_owned());
    }
    parts.push(say!("by {}", retold(&trace.rule)));
    parts.join(" · ")
}

/// The query for data points of metrics that have the request as an example.
fn points_with(id: &str) -> String {
    format!("\"{}\" metric.kind:*", id.replace('"', " "))
}

/// What is said of a service that a request has so much later than its stamps say.
pub fn moved_words(service: &str, nanos: i64) -> String {
    let later = wording::duration(nanos);
    say!("{} is drawn about {} later: by its clock it began before it was called", visible(service), later)
}

/// Puts the keyboard into the request, if there is one.
pub fn focus_request() -> bool {
    focus_first(&["#trace .trace-rows"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_for_examples_can_be_read_whatever_the_id_is() {
        for id in ["7f3a9b21c4d5e6f0", "Root=1-67891233-abcdef012345678912345678;Parent=1", "job \"7\" (x"] {
            let (_, problems) = model::query::parse(&points_with(id));
            assert!(problems.is_empty(), "{id}");
        }
    }

    #[test]
    fn more_that_is_read_leaves_a_request_as_it_is_looked_at() {
        let which = |id: &str, entry: u64, start: Option<i64>| Which {
            id: id.to_owned(),
            start: start.map(Nanos),
            asked: Some(RowKey { entry, ..RowKey::default() }),
        };
        let before = which("order-7", 1, None);
        assert!(!which("order-7", 1, Some(50)).is_another(&before));
        assert!(!which("order-7", 2, None).is_another(&before), "an entry of the same request");
        assert!(which("order-8", 2, None).is_another(&before));
        assert!(which("order-7", 3, Some(90)).is_another(&which("order-7", 1, Some(50))), "at another time");
    }
}
