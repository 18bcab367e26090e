//! The zone that times are shown in, always in sight, and the zone that naive stamps are read in.

use leptos::ev::FocusEvent;
use leptos::prelude::*;
use model::protocol::Ask;
use model::say;
use model::scope::AS_WRITTEN;
use model::time::{Nanos, Zone};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;

use crate::scope::{Visit, use_shared};
use crate::{icons, zone};

#[component]
pub fn ZoneMenu() -> impl IntoView {
    let shared = use_shared();
    let workspace = Memo::new(move |_| {
        shared.status.with(|status| status.answer.as_ref().map(|status| status.zone.name.clone())).unwrap_or_default()
    });
    // The offset of the newest entry: what a reader of the end of the log sees.
    let newest = Memo::new(move |_| {
        let range = shared.status.with(|status| status.answer.as_ref().and_then(|status| status.range));
        range.map_or(Nanos(0), |range| range.end)
    });
    let label = move || match shared.times_as_written.get() {
        true => say!("as in the logs").to_owned(),
        false => shared.zone.with(|zone| label(zone, newest.get())),
    };
    let choose = move |name: String| shared.change(Visit::New, |scope| scope.zone = name);
    let read_naive_as = move |name: String| {
        spawn_local(async move {
            if let Some(zone) = zone::find(&name).await {
                shared.tell(Ask::SetZone(zone));
            }
        });
    };
    let shown = Memo::new(move |_| match shared.times_as_written.get() {
        true => AS_WRITTEN.to_owned(),
        false => shared.zone.with(|zone| zone.name.clone()),
    });
    let elsewhere = move || {
        let others =
            shared.zone.with(|zone| say!("Stamps that name no zone are marked. The timeline is in {}.", zone.name));
        shared.times_as_written.get().then(|| view! { <p class="aside">{others}</p> })
    };
    // Hundreds of names: made when somebody looks, not while the page opens.
    let was_opened = RwSignal::new(false);
    view! {
        <button class="zone quiet" id="zone" popovertarget="zone-menu" title=say!("Time zone")
            on:click=move |_| was_opened.set(true)>
            {icons::icon(icons::CLOCK)}<span>{label}</span>
        </button>
        <div popover="auto" id="zone-menu" role="dialog" aria-label=say!("Time zone")>
            <h2>{say!("Time zone")}</h2>
            <ZoneChoice id="shown-zone" list="zone-names" title=say!("Show times in") chosen=shown choose takes_written=true />
            {elsewhere}
            <Show when=move || shared.owns.get()>
                <ZoneChoice id="naive-zone" list="zone-names" title=say!("Read time stamps that name no zone as") chosen=workspace
                    choose=read_naive_as />
            </Show>
            {move || was_opened.get().then(|| zone_names("zone-names"))}
        </div>
    }
}

/// All zones, to be completed from.
pub fn zone_names(id: &'static str) -> impl IntoView {
    let names = zone::names().into_iter().map(|name| view! { <option value=name></option> });
    view! { <datalist id=id>{names.collect_view()}</datalist> }
}

/// UTC and this device's zone by a click, all others by typing; `list`: the [`zone_names`] to complete from.
#[component]
pub fn ZoneChoice(
    id: &'static str,
    list: &'static str,
    title: &'static str,
    chosen: Memo<String>,
    choose: impl Fn(String) + Copy + Send + Sync + 'static,
    /// Each time may be shown as it is written, too.
    #[prop(optional)]
    takes_written: bool,
) -> impl IntoView {
    let unknown = RwSignal::new(None::<String>);
    let local = zone::local();
    let mut usual = if local == "UTC" { vec![local.clone()] } else { vec!["UTC".to_owned(), local.clone()] };
    usual.extend(takes_written.then(|| AS_WRITTEN.to_owned()));
    let button = move |name: String| {
        let text = match name.as_str() {
            AS_WRITTEN => say!("As in the logs").to_owned(),
            "UTC" => name.clone(),
            _ if name == local => say!("{name} (here)", name),
            _ => name.clone(),
        };
        let is_chosen = {
            let name = name.clone();
            move || chosen.with(|chosen| *chosen == name).to_string()
        };
        view! { <button aria-pressed=is_chosen on:click=move |_| choose(name.clone())>{text}</button> }
    };
    let take = move |event| {
        let typed = event_target_value(&event);
        let meant = zone::meant(&typed, &zone::names());
        unknown.set((meant.is_none() && !typed.trim().is_empty()).then_some(typed));
        if let Some(name) = meant {
            choose(name);
        }
    };
    // What is typed replaces the name.
    let select_all = |event: FocusEvent| event_target::<HtmlInputElement>(&event).select();
    view! {
        <h3><label for=id>{title}</label></h3>
        <div class="choices">
            {usual.into_iter().map(button).collect_view()}
            <input id=id type="text" list=list autocomplete="off" spellcheck="false" placeholder=say!("City or +02:00")
                prop:value=move || Some(chosen.get()).filter(|name| name != AS_WRITTEN).unwrap_or_default() on:change=take
                on:focus=select_all />
        </div>
        {move || unknown.get().map(|typed| view! { <p class="bad" role="alert">{say!("No time zone is called “{typed}”.", typed)}</p> })}
    }
}

/// `Europe/Berlin +01:00`; UTC and plain offsets speak for themselves.
fn label(zone: &Zone, at: Nanos) -> String {
    let offset = Zone::fixed(zone.offset_at(at)).name;
    if zone.name == "UTC" || zone.name == offset { zone.name.clone() } else { format!("{} {offset}", zone.name) }
}
