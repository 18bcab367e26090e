//! Statements that were run before, in this browser, and views that were saved with one.

use leptos::prelude::*;
use model::say;
use model::scope::Scope;

use crate::actions::Action;
use crate::saved::use_views;
use crate::scope::use_shared;

/// `open` runs a statement.
#[component]
pub fn Earlier(open: Callback<String>) -> impl IntoView {
    let shared = use_shared();
    let earlier = shared.statements;
    let views = use_views(shared);
    let saved = Memo::new(move |_| {
        let with_sql = |view: &model::kept::SavedView| {
            let sql = Scope::from_hash(&view.address).sql;
            (!sql.is_empty()).then(|| (view.name.clone(), view.address.clone()))
        };
        views.with(|views| views.iter().filter_map(with_sql).collect::<Vec<_>>())
    });
    let item = move |text: String| {
        let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let statement = text.clone();
        view! { <li><button class="quiet small" title=text on:click=move |_| open.run(statement.clone())><code>{shown}</code></button></li> }
    };
    let view = move |(name, address): (String, String)| {
        view! { <li><button class="quiet small" on:click=move |_| shared.visit(Scope::from_hash(&address))>{name}</button></li> }
    };
    view! {
        <div class="section-head">
            <h2>{say!("Saved")}</h2>
            <button class="small" id="save-sql" hidden=move || !shared.owns.get() title=say!("As a view: with the search and the time")
                on:click=move |_| _ = shared.actions.act(Action::SaveView)>{say!("Save…")}</button>
        </div>
        <ul class="statements">{move || saved.get().into_iter().map(view).collect_view()}</ul>
        <h2>{say!("Run before")}</h2>
        <ul class="statements" id="sql-earlier">{move || earlier.get().into_iter().map(item).collect_view()}</ul>
        <p class="summary">{move || earlier.with(Vec::is_empty).then_some(say!("Nothing yet. Kept in this browser."))}</p>
    }
}
