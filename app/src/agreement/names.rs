//! How names of services become services: the rules, and what the user says of single names.

use leptos::prelude::*;
use model::language::told;
use model::naming::{RULES, Said};
use model::say;

use super::take_file::TakeFile;
use crate::map::save;
use crate::names::{UndoNames, forget, forget_all, take_file};
use crate::scope::use_shared;

#[component]
pub fn Names() -> impl IntoView {
    let shared = use_shared();
    let naming = shared.names.now;
    let rule = |rule: model::naming::Rule| {
        view! { <li>{told(rule.name)}": "<code>{rule.written}</code>" → "<code>{rule.service}</code></li> }
    };
    let row = move |Said { written, service }: Said| {
        let is_apart = written == service;
        let title = say!("Let the rules decide on {}", written);
        let (name, shown) = (written.clone(), written.clone());
        let whose = match is_apart {
            true => say!("is a service of its own").to_owned(),
            false => format!("→ {service}"),
        };
        view! {
            <li data-written=written>
                <span><code>{shown}</code>" "{whose}</span>
                <Show when=move || shared.owns.get()>
                    <button class="small quiet" data-does="forget" aria-label=title.clone() title=title.clone()
                        on:click={let name = name.clone(); move |_| forget(shared, &name)}>{say!("Delete")}</button>
                </Show>
            </li>
        }
    };
    let rows = move || naming.with(|naming| naming.rows.clone().into_iter().map(row).collect_view());
    let export = move |_| {
        naming.with_untracked(|naming| save::text(shared, "names.toml", "application/toml", &naming.to_text()));
    };
    let is_empty = Memo::new(move |_| naming.with(|naming| naming.is_empty()));
    view! {
        <section class="drift-kind" id="service-names" aria-labelledby="service-names-title">
            <h2 id="service-names-title">{say!("Names of services")}</h2>
            <p class="facts">
                {say!("Map, requests, signals and this report take names that are one service together by these rules, tried in this order. What you say of a name goes before them: in the card of a service on the map, or beside a finding above.")}
            </p>
            <ol class="facts">{RULES.map(rule).collect_view()}</ol>
            <Show when=move || !is_empty.get()>
                <div class="suggested">
                    <h3>{say!("As you said")}</h3>
                    <ul id="said-names">{rows}</ul>
                </div>
            </Show>
            <div class="choices">
                <Show when=move || shared.owns.get()>
                    <TakeFile of="names" hint=say!("A TOML file as Export writes it; what it says of names goes before what you said") label=say!("File of names") take=take_file />
                </Show>
                <Show when=move || !is_empty.get()>
                    <button class="small" id="export-names" on:click=export>{say!("Export")}</button>
                </Show>
                <Show when=move || !is_empty.get() && shared.owns.get()>
                    <button class="small quiet" id="forget-names" title=say!("What you said of names is forgotten") on:click=move |_| forget_all(shared)>
                        {say!("All back to the rules")}
                    </button>
                </Show>
                <UndoNames />
            </div>
        </section>
    }
}
