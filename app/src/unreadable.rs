//! What a workspace that cannot be opened shows: why, and the two ways on.

use leptos::prelude::*;
use model::protocol::Failure;
use model::say;
use model::source::Source;

use crate::answer::{Remote, State};
use crate::icons;
use crate::scope::use_shared;

/// Why the workspace cannot be opened. That another tab has it, or that the data thread is gone, is told elsewhere.
pub fn why(sources: &Remote<Vec<Source>>) -> Option<Failure> {
    match (&sources.answer, &sources.state) {
        (
            None,
            State::Failed(failure @ (Failure::Storage { .. } | Failure::StorageFull { .. } | Failure::NoMemory)),
        ) => Some(failure.clone()),
        _ => None,
    }
}

#[component]
pub fn Unreadable() -> impl IntoView {
    let shared = use_shared();
    let reload = |_| {
        // A page can always be loaded again.
        let _ = window().location().reload();
    };
    view! {
        <main class="welcome" id="unreadable">
            <div class="sheet">
                {icons::rings()}
                <h1>{say!("Your logs could not be opened")}</h1>
                <p class="lead" role="alert">{move || shared.sources.with(why).map(|failure| failure.to_string())}</p>
                <div class="actions">
                    <button class="primary" on:click=reload>{say!("Reload")}</button>
                    <button popovertarget="empty-question">{say!("Remove all…")}</button>
                </div>
            </div>
            <div popover="auto" class="question" id="empty-question" role="dialog" aria-label=say!("Remove all sources")>
                <h2>{say!("Start with an empty workspace?")}</h2>
                <p>{say!("All that was stored of your logs in this browser is gone then, earlier searches and SQL statements too. The files themselves stay as they are.")}</p>
                <div class="actions">
                    <button autofocus popovertarget="empty-question" popovertargetaction="hide">{say!("Keep it")}</button>
                    <button class="danger" popovertarget="empty-question" popovertargetaction="hide"
                        on:click=move |_| shared.remove_all()>{say!("Remove all")}</button>
                </div>
            </div>
        </main>
    }
}
