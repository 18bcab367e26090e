//! Who may have caused an incident: asked for when somebody wants to know, since it takes who calls whom among all entries.

use leptos::prelude::*;
use model::blame::{BlameAsk, Suspect, Suspects as Found};
use model::incident::Incident;
use model::language::retold;
use model::protocol::{Answer, Ask};
use model::query::{Change, with_condition};
use model::say;
use model::scope::View;
use model::time::TimeRange;

use super::list::{Named, show};
use crate::answer::{Question, State, use_answer};
use crate::scope::{Visit, use_shared};

impl Question for BlameAsk {
    type Answer = Found;
    fn ask(&self) -> Ask {
        Ask::Blame(self.clone())
    }
    fn read(answer: Answer) -> Option<Found> {
        if let Answer::Suspects(found) = answer { Some(*found) } else { None }
    }
}

#[component]
pub fn Suspects(incident: Incident, looked_into: RwSignal<Option<TimeRange>>, named: Memo<Named>) -> impl IntoView {
    let shared = use_shared();
    let (time, question) = (incident.time, BlameAsk::of(&incident));
    let is_open = Memo::new(move |_| looked_into.get().is_some_and(|range| is_same(range, time)));
    let toggled = move |event| {
        let is_now_open = event_target::<web_sys::Element>(&event).has_attribute("open");
        if is_now_open != is_open.get_untracked() {
            looked_into.set(is_now_open.then_some(time));
        }
    };
    let answer = use_answer(shared.port, shared.revision, move || {
        (is_open.get() && shared.view.get() == View::Incidents).then(|| question.clone())
    });
    // Stays when the view is left.
    let found = Memo::new(move |before: Option<&Option<Found>>| {
        answer.with(|answer| answer.answer.clone()).or_else(|| before.cloned().flatten())
    });
    let row = move |suspect: &Suspect| {
        let query = named.with_untracked(|named| with_condition("", &named.is_of(&suspect.service), Change::Include));
        let hint = say!("Show the entries of {} in this time", suspect.service);
        view! {
            <li>
                <button class="chip" title=hint on:click=move |_| show(shared, query.clone(), time)>{suspect.service.clone()}</button>
                <span class="share">{format!("{:.0} %", suspect.share * 100.0)}</span>
                <span class="why">{suspect.why.iter().map(|why| retold(why)).collect::<Vec<_>>().join("; ")}</span>
            </li>
        }
    };
    let on_map = move |_| {
        let suspects =
            found.with_untracked(|found| found.as_ref().map(|found| found.suspects.clone()).unwrap_or_default());
        shared.suspects.set(suspects.into_iter().map(|suspect| (suspect.service, suspect.share)).collect());
        shared.change(Visit::New, |scope| {
            scope.filter.query.clear();
            scope.filter.range = Some(time);
            scope.view = View::Map;
        });
    };
    let has_some =
        Memo::new(move |_| found.with(|found| found.as_ref().is_some_and(|found| !found.suspects.is_empty())));
    let words = move || match answer.with(|answer| answer.state.clone()) {
        State::Failed(failure) => failure.to_string(),
        _ if found.with(Option::is_none) => say!("looking who calls whom…").to_owned(),
        _ if !has_some.get() => say!("None of its findings is of a service, so nobody is suspected.").to_owned(),
        _ if found.with(|found| found.as_ref().is_some_and(|found| found.n_edges == 0)) => {
            say!("No calls are known among the entries: who moved first is all there is to go by.").to_owned()
        }
        _ => say!("Ranked by who calls whom and who moved first; a share is of all the blame, not a probability.")
            .to_owned(),
    };
    view! {
        <details class="suspects" prop:open=move || is_open.get() on:toggle=toggled>
            <summary>{say!("Suspects")}</summary>
            <p class="facts" role="status">{words}</p>
            <ol>{move || found.with(|found| found.as_ref().map(|found| found.suspects.iter().map(row).collect_view()))}</ol>
            <Show when=move || has_some.get()>
                <button class="small quiet" on:click=on_map>{say!("Show them on the map")}</button>
            </Show>
        </details>
    }
}

/// Whether two times are of one incident, which may have begun a little earlier or later when more is known: not of one that falls
/// into the time of a longer one.
fn is_same(a: TimeRange, b: TimeRange) -> bool {
    let length = |range: TimeRange| range.end.0.abs_diff(range.start.0);
    a.start.0.abs_diff(b.start.0) < length(a).min(length(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    #[test]
    fn suspects_stay_open_for_the_same_incident_and_not_for_one_that_a_longer_one_spans() {
        let range = |start: i64, end: i64| TimeRange { start: Nanos(start), end: Nanos(end) };
        assert!(is_same(range(100, 120), range(98, 130)));
        assert!(is_same(range(100, 101), range(100, 500)));
        assert!(!is_same(range(100, 500), range(200, 202)));
        assert!(!is_same(range(100, 120), range(120, 140)));
    }
}
