//! What differs between the entries of the scope (A) and others (B): by time, search or source.

mod list;

mod numbers;

mod sides;

mod words;

use std::sync::Arc;

use leptos::prelude::*;
use model::compare::{Against, Comparison, When};
use model::protocol::{Answer, Ask, CompareAsk};
use model::scope::{Filter, View};
use model::time::{Nanos, TimeRange};
use model::{counted, say};

use self::list::List;
use self::sides::Sides;
pub use self::words::{described, share, when};
use crate::answer::{Question, Remote, State, use_answer};
use crate::focus::focus_first;
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

impl Question for CompareAsk {
    type Answer = Arc<Comparison>;
    fn ask(&self) -> Ask {
        Ask::Compare(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Comparison>> {
        if let Answer::Comparison(comparison) = answer { Some(Arc::from(comparison)) } else { None }
    }
}

#[component]
pub fn Compare() -> impl IntoView {
    let shared = use_shared();
    let is_in_sight = move || shared.view.get() == View::Compare;
    let question = Memo::new(move |_| {
        let a = Filter { order: Default::default(), ..shared.filter.get() };
        let b = shared.scope.with(|scope| scope.against.filter(&a));
        (!is_everything(&a)).then_some(CompareAsk { a, b })
    });
    let answer = use_answer(shared.port, shared.revision, move || question.get().filter(|_| is_in_sight()));
    // What was found stays in sight while one is away, and while the same is asked once more since entries came.
    let found = RwSignal::new(None::<Arc<Comparison>>);
    let found_of = StoredValue::new(None::<CompareAsk>);
    Effect::new(move || {
        let Some(now) = answer.with(|answer| answer.answer.clone()) else { return };
        let asked = question.get_untracked();
        let is_known = found_of.with_value(|of| *of == asked)
            && found.with_untracked(|found| found.as_ref().is_some_and(|found| found.complete));
        if now.complete || !is_known {
            found_of.set_value(asked);
            found.set(Some(now));
        }
    });
    let found: Signal<Option<Arc<Comparison>>> =
        Signal::derive(move || found.get().filter(|_| question.with(Option::is_some)));
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_final = move || answer.with(|answer| answer.state == State::Final);
    let has_some =
        Memo::new(move |_| found.with(|found| found.as_ref().is_some_and(|found| !found.differences.is_empty())));
    let nothing =
        move || (is_final() && !has_some.get()).then(|| found.with(|found| found.as_deref().map(words::nothing)));
    view! {
        <section id="compare" aria-label=say!("Compare") class:stale=move || is_stale.get() aria-busy=move || is_stale.get().to_string()
            data-complete=move || is_final().to_string()>
            <Sides found />
            <Show when=move || question.with(Option::is_some) fallback=NothingChosen>
                <div class="result-head">
                    <span class="summary" role="status">
                        {move || answer.with(|answer| found.with(|found| summary(answer, found.as_deref())))}
                    </span>
                </div>
                {move || nothing().flatten().map(|words| view! { <p class="aside">{words}</p> })}
                <List found />
            </Show>
        </section>
    }
}

fn is_everything(filter: &Filter) -> bool {
    filter.query.trim().is_empty() && filter.range.is_none()
}

/// How to come by two sets.
#[component]
fn NothingChosen() -> impl IntoView {
    let shared = use_shared();
    let errors = move |_| shared.set_query("level>=error".to_owned(), Visit::New);
    view! {
        <div class="compare-empty">
            <p>{say!("These are all entries: nothing is left to compare them with. Choose some of them, and they are A:")}</p>
            <ul>
                <li>{say!("drag over a part of the timeline to compare it with all other times,")}</li>
                <li>{say!("search, or click values, to compare what is found with everything else,")}</li>
                <li>{say!("press")}" "<kbd>"a"</kbd>" "{say!("on an entry to see what changed after it.")}</li>
            </ul>
            <button id="compare-errors" on:click=errors>{say!("Compare errors with the rest")}</button>
        </div>
    }
}

fn summary(answer: &Remote<Arc<Comparison>>, found: Option<&Comparison>) -> String {
    let so_far = match &answer.state {
        State::Failed(failure) => return failure.to_string(),
        State::Idle | State::Asked => return say!("counting…").to_owned(),
        State::Partial { done, total } => say!(", counting… {} %", wording::percent(*done, *total)),
        State::Final => String::new(),
    };
    let Some(found) = found else { return say!("counting…").to_owned() };
    let n_found = found.differences.len() as u64 + found.n_more;
    let told = counted!(n_found, "difference", "differences");
    let compared = counted!(found.n_compared, "value, pattern and field", "values, patterns and fields");
    say!("{told} among {compared} compared, the largest first{so_far}", told, compared, so_far)
}

/// Turns to the comparison with these.
pub fn compare_with(shared: Shared, against: Against) {
    shared.change(Visit::New, |scope| {
        scope.against = against;
        scope.view = View::Compare;
    });
}

/// A range, and what `narrowed` asks for beside that, with all other times and all else.
pub fn compare_range_with_rest(shared: Shared, range: TimeRange, narrowed: Option<String>) {
    shared.change(Visit::New, |scope| {
        scope.filter.range = Some(range);
        scope.filter.query = narrowed.unwrap_or_else(|| std::mem::take(&mut scope.filter.query));
        scope.against = Against::default();
        scope.view = View::Compare;
    });
}

/// A range, whatever was found in it, with all that was written before it.
pub fn compare_with_before(shared: Shared, range: TimeRange) {
    shared.change(Visit::New, |scope| {
        scope.filter.query = String::new();
        scope.filter.range = Some(range);
        scope.against = Against::before();
        scope.view = View::Compare;
    });
}

/// One time with another, whatever was found in them.
pub fn compare_two(shared: Shared, a: TimeRange, b: TimeRange) {
    shared.change(Visit::New, |scope| {
        scope.filter.query = String::new();
        scope.filter.range = Some(a);
        scope.against = Against { query: None, time: When::Within(b) };
        scope.view = View::Compare;
    });
}

/// What was written from the selected entry on, with what was written before it; `false` where none is selected.
pub fn compare_after_selected(shared: Shared) -> bool {
    let Some(selected) = shared.scope.with_untracked(|scope| scope.selected) else {
        shared.said.set(say!("Choose an entry first: what changed after it is shown then.").to_owned());
        return false;
    };
    let last = shared.status.with_untracked(|status| status.answer.as_ref().and_then(|status| status.range));
    // The selected entry is part of it, be it the last one.
    let end = last.map_or(selected.time, |range| range.end).max(Nanos(selected.time.0.saturating_add(1)));
    shared.change(Visit::New, |scope| {
        scope.filter.range = Some(TimeRange { start: selected.time, end });
        scope.against = Against::before();
        scope.view = View::Compare;
    });
    true
}

/// Puts the keyboard into the list, if there is one.
pub fn focus_compare() -> bool {
    focus_first(&["#differences .name"])
}
