//! Do the signals agree? What logs, traces and metrics say of the same thing and cannot both be true, with the fix.
//!
//! All entries of the chosen range are looked at, whatever the query: a query would hide one side of a disagreement.

mod costs;

mod list;

mod mapping;

mod names;

mod scores;

pub mod take_file;

use std::sync::Arc;

use leptos::prelude::*;
use model::drift::{DriftAsk, DriftKind, DriftReport, markdown};
use model::protocol::{Answer, Ask};
use model::scope::{Filter, View};
use model::{counted, say};

use self::costs::Costs;
use self::list::Kind;
use self::mapping::Mapping;
use self::names::Names;
use self::scores::Scores;
use crate::answer::{Question, Remote, State, use_answer};
use crate::details::copy;
use crate::focus::focus_first;
use crate::map::save;
use crate::scope::use_shared;

impl Question for DriftAsk {
    type Answer = Arc<DriftReport>;
    fn ask(&self) -> Ask {
        Ask::Drift(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<DriftReport>> {
        if let Answer::Drift(report) = answer { Some(Arc::from(report)) } else { None }
    }
}

#[component]
pub fn Agreement() -> impl IntoView {
    let shared = use_shared();
    let answer = use_answer(shared.port, shared.revision, move || {
        let range = shared.filter.with(|filter| filter.range);
        let filter = Filter { range, ..Filter::default() };
        (shared.view.get() == View::Agreement).then_some(DriftAsk { filter })
    });
    let report = Memo::new(move |_| answer.with(|answer| answer.answer.clone()));
    let is_known = Memo::new(move |_| report.with(Option::is_some));
    let with_report = move |act: &dyn Fn(&DriftReport)| {
        if let Some(report) = report.get_untracked() {
            act(&report);
        }
    };
    let kinds = move || {
        let report = report.get()?;
        let kind = |kind: DriftKind| {
            let drifts = report.drifts.iter().filter(|drift| drift.kind == kind).cloned().collect::<Vec<_>>();
            view! { <Kind kind drifts /> }
        };
        Some(DriftKind::ALL.into_iter().map(kind).collect_view())
    };
    let costs = move || report.get().map(|report| view! { <Costs cardinality=report.cardinality.clone() /> });
    let said = move || {
        let summary = answer.with(summary);
        match shared.filter.with(|filter| filter.query.is_empty()) {
            true => summary,
            false => format!("{summary} · {}", say!("whatever is searched for")),
        }
    };
    view! {
        <section id="agreement" aria-label=say!("Agreement") class:stale=move || answer.with(Remote::is_stale)
            aria-busy=move || answer.with(Remote::is_stale).to_string()
            data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="result-head">
                <span class="summary" role="status">{said}</span>
                <Show when=move || is_known.get()>
                    <button class="small" title=say!("Copy the report, to be pasted") on:click=move |_| with_report(&|report| {
                        copy(shared, markdown(report), say!("Report"));
                    })>{say!("Copy Markdown")}</button>
                    <button class="small quiet" title=say!("Save the report as a file") on:click=move |_| with_report(&|report| {
                        save::text(shared, "agreement.md", "text/markdown", &markdown(report));
                    })>{say!("Save")}</button>
                </Show>
            </div>
            <div class="agreement">
                <div class="drifts" tabindex="0" role="region" aria-label=say!("What does not agree")>
                    {move || report.with(|report| report.as_ref().and_then(|report| little(report))).map(|words| view! { <p class="nothing">{words}</p> })}
                    {kinds}
                    <Show when=move || is_known.get()><Mapping report /><Names /></Show>
                    {costs}
                </div>
                <Show when=move || is_known.get()><Scores report /></Show>
            </div>
        </section>
    }
}

/// How much does not agree, and what was compared.
fn summary(answer: &Remote<Arc<DriftReport>>) -> String {
    let report = match (&answer.state, &answer.answer) {
        (State::Failed(failure), _) => return failure.to_string(),
        (_, None) => return say!("comparing what the signals say…").to_owned(),
        (_, Some(report)) => report,
    };
    let all = report.looked_at;
    let mut parts = vec![match report.drifts.len() as u64 {
        0 => say!("no disagreement").to_owned(),
        n => counted!(n, "disagreement", "disagreements"),
    }];
    parts.push(say!("among {}", counted!(all.n_entries, "entry", "entries")));
    if all.n_spans > 0 {
        parts.push(counted!(all.n_spans, "span", "spans"));
    }
    if all.n_points > 0 {
        parts.push(counted!(all.n_points, "metric point", "metric points"));
    }
    parts.push(say!("{} of several services", counted!(all.n_requests, "request", "requests")));
    if all.one_request_of > 1 {
        parts.push(say!("one request of {} compared", all.one_request_of));
    }
    if answer.is_stale() {
        parts.push(say!("comparing anew…").to_owned());
    }
    parts.join(" · ")
}

/// Why nothing found may mean little.
fn little(report: &DriftReport) -> Option<&'static str> {
    match report.looked_at {
        all if all.n_entries == 0 => Some(say!("There are no entries in this range to compare.")),
        all if all.n_requests == 0 => Some(say!(
            "No request of two services is among these entries, so there is little to compare: it takes logs with trace or request \
             ids, or spans, of services that call each other. Names, outcomes in metrics and malformed ids were looked at."
        )),
        _ => None,
    }
}

/// Puts the keyboard into the list, if there is one.
pub fn focus_agreement() -> bool {
    focus_first(&["#agreement .drifts"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::drift::LookedAt;

    #[test]
    fn a_report_on_little_says_so() {
        let of = |n_entries, n_requests| {
            little(&DriftReport {
                looked_at: LookedAt { n_entries, n_requests, ..LookedAt::default() },
                ..DriftReport::default()
            })
        };
        assert!(of(0, 0).is_some_and(|words| words.contains("no entries")));
        assert!(of(7, 0).is_some_and(|words| words.contains("little to compare")));
        assert_eq!(of(7, 3), None);
    }
}
