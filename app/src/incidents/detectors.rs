//! Who looks for what is unusual, each in a sentence.

use leptos::prelude::*;
use model::incident::{Aspect, Detector, Voter};
use model::language::told;
use model::say;

/// Folded, below what was found.
#[component]
pub fn Detectors() -> impl IntoView {
    let detector = |detector: Detector| view! { <dt>{told(detector.name())}</dt><dd>{detector.sentence()}</dd> };
    let voter = |voter: Voter| view! { <dt>{told(voter.name())}</dt><dd>{voter.sentence()}</dd> };
    let aspect = |aspect: Aspect| view! { <dt>{told(aspect.name())}</dt><dd>{aspect.sentence()}</dd> };
    view! {
        <details class="detectors">
            <summary>{say!("What is looked for")}</summary>
            <dl>{Detector::ALL.map(detector).into_iter().collect_view()}</dl>
            <p class="facts">{say!("As a whole a window of time is compared with others by these, each of which weighs the same:")}</p>
            <dl>{Aspect::ALL.map(aspect).into_iter().collect_view()}</dl>
            <p class="facts">{say!("A mix of these is unusual where two of the following say so:")}</p>
            <dl>{Voter::ALL.map(voter).into_iter().collect_view()}</dl>
        </details>
    }
}
