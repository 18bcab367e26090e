//! Who looks for what is unusual, each in a sentence.

use leptos::prelude::*;
use model::incident::{Detector, Voter};
use model::language::told;
use model::say;

/// Folded, below what was found.
#[component]
pub fn Detectors() -> impl IntoView {
    let detector = |detector: Detector| view! { <dt>{told(detector.name())}</dt><dd>{detector.sentence()}</dd> };
    let voter = |voter: Voter| view! { <dt>{told(voter.name())}</dt><dd>{voter.sentence()}</dd> };
    view! {
        <details class="detectors">
            <summary>{say!("What is looked for")}</summary>
            <dl>{Detector::ALL.map(detector).into_iter().collect_view()}</dl>
            <p class="facts">{say!("A mix of messages is unusual where two of these say so:")}</p>
            <dl>{Voter::ALL.map(voter).into_iter().collect_view()}</dl>
        </details>
    }
}
