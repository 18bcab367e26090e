//! The disagreements of one kind: what, how often, the fix, and entries of each side.

use leptos::prelude::*;
use model::drift::{Drift, DriftKind, Side};
use model::language::retold;
use model::say;

use crate::map::shown_by;
use crate::scope::use_shared;
use crate::wording;

#[component]
pub fn Kind(kind: DriftKind, drifts: Vec<Drift>) -> impl IntoView {
    let (is_well, n_drifts) = (drifts.is_empty(), drifts.len());
    view! {
        <section class="drift-kind" class:well=is_well data-kind=kind.name() data-n=n_drifts>
            <h2>{kind.title()}</h2>
            <p class="facts">{kind.sentence()}{is_well.then(|| format!(" {}", say!("Nothing found.")))}</p>
            {drifts.into_iter().map(|drift| view! { <Found drift /> }).collect_view()}
        </section>
    }
}

#[component]
fn Found(drift: Drift) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let sides = drift.sides.clone();
    let often = say!("{} of {}", wording::count(drift.n), wording::count(drift.of));
    view! {
        <article class="drift">
            <p class="what">{retold(&drift.what)}<span class="n">{often}</span></p>
            <p class="fix"><b>{say!("Fix:")}" "</b>{retold(&drift.fix)}</p>
            // Entries are fetched when somebody wants to see them.
            <details on:toggle=move |event| is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"))>
                <summary>{say!("Entries of each side")}</summary>
                <div class="sides">
                    {move || is_open.get().then(|| sides.iter().map(side).collect_view())}
                </div>
            </details>
        </article>
    }
}

fn side(side: &Side) -> impl IntoView + use<> {
    let shared = use_shared();
    let entries: Vec<_> = side.examples.iter().map(|&key| shown_by(shared, key)).collect();
    view! {
        <div>
            <h4>{retold(&side.name)}</h4>
            <ul class="evidence">{entries}</ul>
        </div>
    }
}
