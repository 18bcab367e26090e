//! The status line: how much there is, how safe it is, and who owns it.

mod announced;

use leptos::html::Dialog;
use leptos::prelude::*;
use model::protocol::{Ask, Role, Status, Storage};
use model::say;
use model::time::{Nanos, Zone, format_wall};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use self::announced::Announced;
use crate::answer::State;
use crate::port::Reply;
use crate::scope::{Line, Shared, use_shared};
use crate::search::found_in_words;
use crate::tour::TourOffer;
use crate::wording;

#[component]
pub fn StatusLine() -> impl IntoView {
    let shared = use_shared();
    let status = Memo::new(move |_| shared.status.with(|status| status.answer.clone()));
    let is_filtered =
        Memo::new(move |_| shared.filter.with(|filter| filter.range.is_some() || !filter.query.trim().is_empty()));
    let matches = move || is_filtered.get().then(|| found_in_words(shared));
    let is_counted = move || shared.counted.with(|counted| counted.state == State::Final).to_string();
    // When a tab that only reads took what was saved.
    let read_at = RwSignal::new(None::<Nanos>);
    let is_read_only =
        Memo::new(move |_| status.with(|status| status.as_ref().is_some_and(|status| status.role == Role::ReadOnly)));
    Effect::new(move || read_at.set(is_read_only.get().then(now)));
    let refresh = move |_| {
        let on_reply = move |reply| {
            if let Reply::Done(Ok(_)) = reply {
                read_at.set(Some(now()));
            }
            shared.show_failure(reply);
        };
        shared.port.with_value(|port| port.ask(Ask::OpenReadOnly, on_reply).forget());
    };
    // In bytes, for whoever measures.
    let stored = move || status.with(|status| status.as_ref().map(|status| status.stored_bytes.to_string()));
    let wasm_memory = move || status.with(|status| status.as_ref().map(|status| status.wasm_memory_bytes.to_string()));
    view! {
        <footer id="status" aria-label=say!("Status") data-stored-bytes=stored data-wasm-memory-bytes=wasm_memory>
            {move || match status.get() {
                Some(status) if status.n_entries > 0 => view! {
                    <span><b>{wording::count(status.n_entries)}</b>" "{say!("entries")}</span>
                    <span id="match-count" data-complete=is_counted>{matches}</span>
                    {saved(&status)}
                    {size(&status)}
                }.into_any(),
                Some(Status { role: Role::OpenElsewhere, .. }) => view! { <span>{say!("Open in another tab")}</span> }.into_any(),
                Some(Status { role: Role::ReadOnly | Role::TakenOver, .. }) => view! { <span>{say!("Nothing saved yet")}</span> }.into_any(),
                Some(_) => view! { <span id="saved">{say!("No logs yet")}</span> }.into_any(),
                None => view! { <span>{move || waiting_for(&shared.line.get())}</span> }.into_any(),
            }}
            {move || status.with(|status| status.as_ref().and_then(|status| status.trouble.as_ref().map(ToString::to_string)))
                .map(|trouble| view! { <span class="bad" role="alert">{trouble}</span> })}
            <TourOffer />
            <span class="push">{move || status.with(|status| status.as_ref().map(space))}</span>
            {move || status.with(|status| status.as_ref().map(keeping)).map(|keeping| match keeping {
                Keeping::Asked => view! { <span title=say!("The browser will not evict your logs on its own")>{say!("Kept by the browser")}</span> }.into_any(),
                Keeping::NotAsked => view! {
                    <button class="quiet" id="persist" title=say!("Ask the browser not to evict your logs when the disk runs full")
                        on:click=move |_| keep_safe(shared)>{say!("Keep my logs safe")}</button>
                }.into_any(),
                Keeping::MemoryOnly => view! {
                    <span class="bad">{say!("In memory only: this browser window keeps nothing after the tab closes")}</span>
                }.into_any(),
                Keeping::ReadOnly => view! {
                    <span>{say!("Read-only: shows what was saved")}{move || read_at.get().map(|at| shared.zone.with(|zone| clock(at, zone)))}</span>
                    <button class="quiet" id="refresh" on:click=refresh>{say!("Refresh")}</button>
                }.into_any(),
                Keeping::TakenOver => view! { <span>{say!("Read-only: another tab took over")}</span> }.into_any(),
                Keeping::Elsewhere => ().into_any(),
            })}
            <Announced />
        </footer>
    }
}

/// Asks the browser not to clear the workspace by itself, and says what came of it.
fn keep_safe(shared: Shared) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(_)) => spawn_local(async move {
            let storage = window().navigator().storage();
            let is_promised = match storage.persisted() {
                Ok(promise) => JsFuture::from(promise).await.is_ok_and(|promised| promised.is_truthy()),
                Err(_) => false,
            };
            let said = match is_promised {
                true => say!("The browser keeps your logs until you remove them."),
                false => {
                    say!(
                        "The browser did not promise it: it does so for pages that are installed or often used. \
                    What is saved stays, unless the disk gets full."
                    )
                }
            };
            shared.said.set(said.to_owned());
        }),
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Persist, on_reply).forget());
}

fn now() -> Nanos {
    Nanos((js_sys::Date::now() * 1e6) as i64)
}

/// ` at 12:04`.
fn clock(at: Nanos, zone: &Zone) -> String {
    let wall = format_wall(at, zone, 0);
    wall.split_once(' ')
        .and_then(|(_, time)| time.get(..5))
        .map(|time| format!(" {}", say!("at {time}", time)))
        .unwrap_or_default()
}

fn waiting_for(line: &Line) -> &'static str {
    match line {
        Line::Starting | Line::Ready => say!("Opening the workspace…"),
        Line::OtherBuild | Line::Crashed(_) => say!("Not connected"),
    }
}

/// How safe the logs are from the browser's own tidying up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    Asked,
    NotAsked,
    MemoryOnly,
    ReadOnly,
    TakenOver,
    /// Nothing is shown until the user has decided which tab owns the workspace.
    Elsewhere,
}

fn keeping(status: &Status) -> Keeping {
    match (status.storage, status.role) {
        (Storage::MemoryOnly, _) => Keeping::MemoryOnly,
        (_, Role::OpenElsewhere) => Keeping::Elsewhere,
        (_, Role::ReadOnly) => Keeping::ReadOnly,
        (_, Role::TakenOver) => Keeping::TakenOver,
        (Storage::IndexedDb, Role::Owner) if status.persisted => Keeping::Asked,
        (Storage::IndexedDb, Role::Owner) => Keeping::NotAsked,
    }
}

fn saved(status: &Status) -> impl IntoView + use<> {
    let complete = status.n_saved >= status.n_entries && status.is_kept_saved;
    let text = if status.storage == Storage::MemoryOnly {
        say!("Not saved").to_owned()
    } else if complete {
        say!("All saved").to_owned()
    } else if status.n_saved >= status.n_entries {
        say!("Saving…").to_owned()
    } else {
        say!("Saved {} of {}", wording::count(status.n_saved), wording::count(status.n_entries))
    };
    view! { <span id="saved" data-complete=complete.to_string()>{text}</span> }
}

fn size(status: &Status) -> impl IntoView + use<> {
    let share = wording::percent(status.stored_bytes, status.text_bytes.max(1));
    (status.stored_bytes > 0).then(|| {
        let title = say!("Size of the logs as text, and of the compressed workspace with its index");
        let (text, stored) = (wording::bytes(status.text_bytes), wording::bytes(status.stored_bytes));
        // A database takes some room however little there is in it: no share of that.
        let text = if status.stored_bytes < status.text_bytes {
            say!("{text} of logs in {stored} ({share} %)", text, stored, share)
        } else {
            say!("{text} of logs", text)
        };
        view! { <span class="optional" title=title>{text}</span> }
    })
}

fn space(status: &Status) -> String {
    match (status.usage_bytes, status.quota_bytes) {
        (Some(used), Some(quota)) => {
            say!("Space: {} of {}", wording::bytes(used), wording::bytes(quota))
        }
        (Some(used), None) => say!("Space: {}", wording::bytes(used)),
        (None, _) => String::new(),
    }
}

/// Asks what to do when the workspace is open in another tab, and tells when it was taken from this one.
#[component]
pub fn Ownership() -> impl IntoView {
    let shared = use_shared();
    let dialog = NodeRef::<Dialog>::new();
    let role = Memo::new(move |_| shared.status.with(|status| status.answer.as_ref().map(|status| status.role)));
    Effect::new(move || {
        let asks = role.get() == Some(Role::OpenElsewhere);
        if let Some(dialog) = dialog.get() {
            match (asks, dialog.open()) {
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    view! {
        <dialog id="open-elsewhere" node_ref=dialog aria-labelledby="open-elsewhere-title"
            on:cancel=move |event: leptos::ev::Event| event.prevent_default()>
            <h2 id="open-elsewhere-title">{say!("Your logs are open in another tab")}</h2>
            <p>{say!("Only one tab can write to the workspace. Take it over and the other tab stops; or look at what is saved.")}</p>
            <div class="actions">
                <button id="open-read-only" on:click=move |_| shared.tell(Ask::OpenReadOnly)>{say!("Open read-only")}</button>
                <button id="take-over" class="primary" autofocus on:click=move |_| shared.tell(Ask::TakeOver)>{say!("Take over")}</button>
            </div>
        </dialog>
        {move || (role.get() == Some(Role::TakenOver)).then(|| view! {
            <div class="notice" role="alert">
                <p>{say!("Another tab took the workspace over. This one shows what was there; it no longer reads files.")}</p>
                <button class="small" id="take-back" on:click=move |_| shared.tell(Ask::TakeOver)>{say!("Take it back")}</button>
            </div>
        })}
    }
}
