//! How well each service agrees with the others, the worst first; a click goes to its entries.

use std::sync::Arc;

use leptos::prelude::*;
use model::drift::{DriftReport, ServiceScore};
use model::query::choose_exactly;
use model::say;
use model::scope::View;

use crate::scope::{Visit, use_shared};
use crate::wording;

/// Services that are listed; the others agree as well as the last of them.
const MOST_SHOWN: usize = 200;

#[component]
pub fn Scores(report: Memo<Option<Arc<DriftReport>>>) -> impl IntoView {
    let shared = use_shared();
    let row = move |score: &ServiceScore| {
        let query = choose_exactly("", "service", score.names.iter().map(String::as_str));
        let show = move |_| {
            shared.change(Visit::New, |scope| {
                scope.filter.query.clone_from(&query);
                scope.view = View::Result;
            });
        };
        view! {
            <tr>
                <th scope="row"><button class="small quiet" title=say!("Show its entries") on:click=show>{score.service.clone()}</button></th>
                <td class="n" class:bad={score.score < 100}>{score.score}</td>
                <td class="n">{score.n_drifts}</td>
                <td class="n">{wording::count(score.n_entries)}</td>
            </tr>
        }
    };
    let rows = move || {
        let report = report.get()?;
        Some(report.services.iter().take(MOST_SHOWN).map(row).collect_view())
    };
    view! {
        <aside class="scores map-table" tabindex="0" role="region" aria-label=say!("Scores of the services")>
            <table>
                <caption>{say!("100: nothing found. Each disagreement takes the share of the service that it concerns.")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{say!("Service")}</th><th scope="col" class="n">{say!("Score")}</th>
                        <th scope="col" class="n">{say!("Found")}</th><th scope="col" class="n">{say!("Entries")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </aside>
    }
}
