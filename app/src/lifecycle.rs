//! The app as an installed thing: offering to install it, and replacing it by a new version.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use model::protocol::Ask;
use model::say;
use wasm_bindgen::JsCast;

use crate::port::Reply;
use crate::scope::use_shared;

/// A button, once the browser would install the app.
#[component]
pub fn InstallButton() -> impl IntoView {
    // The browser's event is the only way to its question; it can be asked once.
    let offer = RwSignal::new_local(None::<web_sys::Event>);
    let offered = window_event_listener_untyped("beforeinstallprompt", move |event| {
        event.prevent_default();
        offer.set(Some(event));
    });
    let installed = window_event_listener_untyped("appinstalled", move |_| offer.set(None));
    on_cleanup(move || {
        offered.remove();
        installed.remove();
    });
    let install = move |_| {
        let Some(event) = offer.try_update(Option::take).flatten() else { return };
        let prompt = Reflect::get(&event, &"prompt".into()).and_then(|prompt| prompt.dyn_into::<Function>());
        // The browser itself tells how it went.
        let _ = prompt.and_then(|prompt| prompt.call0(&event));
    };
    view! {
        <Show when=move || offer.with(Option::is_some)>
            <button class="quiet optional" id="install" on:click=install title=say!("Open .log files from the file manager")>
                {say!("Install")}
            </button>
        </Show>
    }
}

/// Says that a new version waits (boot.js hears of it), and lets go of the workspace before it takes over.
#[component]
pub fn UpdateNotice() -> impl IntoView {
    let shared = use_shared();
    let root = document().document_element();
    let waits = RwSignal::new(root.is_some_and(|root| root.has_attribute("data-update")));
    let ready = window_event_listener_untyped("dendro-update-ready", move |_| waits.set(true));
    on_cleanup(move || ready.remove());
    // What could not be saved first, and why: the user has the last word.
    let trouble = RwSignal::new(None::<String>);
    let accept = move |_| {
        if trouble.with(Option::is_some) {
            return let_new_version_take_over();
        }
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(_)) => let_new_version_take_over(),
            Reply::Done(Err(failure)) => trouble.set(Some(failure.to_string())),
            _ => {}
        };
        shared.port.with_value(|port| port.ask(Ask::Close, on_reply).forget());
    };
    let says =
        move || trouble.get().unwrap_or_else(|| say!("A new version of Dendro is ready. Your logs stay.").to_owned());
    let button = move || if trouble.with(Option::is_some) { say!("Reload without saving") } else { say!("Reload") };
    view! {
        <Show when=move || waits.get()>
            <div class="notice good" role="status" id="update">
                <p>{says}</p>
                <button class="small primary" on:click=accept>{button}</button>
            </div>
        </Show>
    }
}

fn let_new_version_take_over() {
    let accepted = web_sys::Event::new("dendro-update-accepted");
    let _ = accepted.map(|event| window().dispatch_event(&event));
}
