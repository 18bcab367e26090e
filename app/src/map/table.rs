//! The map as a table: a row an edge, for those who do not see the picture or want to compare.

use std::sync::Arc;

use leptos::prelude::*;
use model::say;
use model::topology::{Durations, Topology};

use super::{Chosen, draw};
use crate::red::rate_in_words;
use crate::wording;

#[component]
pub fn Edges(topology: Signal<Option<Arc<Topology>>>, choose: Callback<Chosen>) -> impl IntoView {
    let row = move |topology: &Topology, at: usize| {
        let edge = &topology.edges[at];
        let name = |node: u32| topology.nodes[node as usize].name.clone();
        let (from, to) = (name(edge.from), name(edge.to));
        let what = Chosen::Edge(from.clone(), to.clone());
        let time = |of: fn(Durations) -> i64| edge.durations.map(|all| wording::duration(of(all))).unwrap_or_default();
        view! {
            <tr>
                <td>{from}</td>
                <td><button class="small quiet" on:click=move |_| choose.run(what.clone())>{to}</button></td>
                <td class="n">{wording::count(edge.calls)}</td>
                <td class="n">{topology.calls_per_second(edge).map(rate_in_words)}</td>
                <td class="n" class:bad=edge.n_errors != 0>{draw::share(edge.n_errors, edge.calls)}</td>
                <td class="n">{time(|all| all.p50)}</td>
                <td class="n">{time(|all| all.p95)}</td>
                <td class="n">{time(|all| all.p99)}</td>
                <td>{edge.methods.first().map(|(method, _)| method.name())}</td>
                <td class="n">{format!("{:.0} %", edge.confidence * 100.0)}</td>
            </tr>
        }
    };
    view! {
        <div class="map-table" tabindex="0" role="region" aria-label=say!("Calls")>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{say!("From")}</th><th scope="col">{say!("To")}</th><th scope="col" class="n">{say!("Calls")}</th>
                        <th scope="col" class="n">{say!("Rate")}</th>
                        <th scope="col" class="n">{say!("Failed")}</th><th scope="col" class="n">"p50"</th><th scope="col" class="n">"p95"</th>
                        <th scope="col" class="n">"p99"</th><th scope="col">{say!("Found by")}</th><th scope="col" class="n">{say!("Certain")}</th>
                    </tr>
                </thead>
                <tbody>
                    {move || topology.get().map(|topology| (0..topology.edges.len()).map(|at| row(&topology, at)).collect_view())}
                </tbody>
            </table>
        </div>
    }
}
