//! How names of services become services: the rules, and what the user says of single names.

use leptos::prelude::*;
use model::language::told;
use model::naming::RULES;
use model::say;

use crate::names_menu::SaidNames;

#[component]
pub fn Names() -> impl IntoView {
    let rule = |rule: model::naming::Rule| {
        view! { <li>{told(rule.name)}": "<code>{rule.written}</code>" → "<code>{rule.service}</code></li> }
    };
    view! {
        <section class="drift-kind" id="service-names" aria-labelledby="service-names-title">
            <h2 id="service-names-title">{say!("Names of services")}</h2>
            <p class="facts">
                {say!("Map, requests, signals and this report take names that are one service together by these rules, tried in this order. What you say of a name goes before them: in the card of a service on the map, or beside a finding above.")}
            </p>
            <ol class="facts">{RULES.map(rule).collect_view()}</ol>
            <SaidNames of="names" />
        </section>
    }
}
