//! The zone that times are shown in, always in sight, and the zone that naive stamps are read in.

use leptos::prelude::*;
use model::protocol::Ask;
use model::time::{Nanos, Zone};

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
    let label = move || shared.zone.with(|zone| label(zone, newest.get()));
    let choose = move |name: String| shared.change(Visit::New, |scope| scope.zone = name);
    let read_naive_as = move |name: String| {
        if let Some(zone) = zone::named(&name) {
            shared.tell(Ask::SetZone(zone));
        }
    };
    let shown = Memo::new(move |_| shared.zone.with(|zone| zone.name.clone()));
    view! {
        <button class="zone quiet" id="zone" popovertarget="zone-menu" title="Time zone">
            {icons::icon(icons::CLOCK)}<span>{label}</span>
        </button>
        <div popover="auto" id="zone-menu" role="dialog" aria-label="Time zone">
            <h2>"Time zone"</h2>
            <h3><label for="shown-zone">"Show times in"</label></h3>
            <p><select id="shown-zone" on:change=move |event| choose(event_target_value(&event))>
                {choices(shown)}
            </select></p>
            <h3><label for="naive-zone">"Read time stamps that name no zone as"</label></h3>
            <p><select id="naive-zone" on:change=move |event| read_naive_as(event_target_value(&event))>
                {choices(workspace)}
            </select></p>
        </div>
    }
}

/// UTC and this device's zone first, then all that the browser knows.
fn choices(chosen: Memo<String>) -> impl IntoView {
    let local = zone::local();
    let rest = zone::names().into_iter().filter(|name| *name != local && name != "UTC");
    let mut names = vec!["UTC".to_owned()];
    if local != "UTC" {
        names.push(local.clone());
    }
    names.extend(rest);
    let option = move |name: String| {
        let text = if name == local && name != "UTC" { format!("{name} (here)") } else { name.clone() };
        let value = name.clone();
        view! { <option value=value prop:selected=move || chosen.with(|chosen| *chosen == name)>{text}</option> }
    };
    names.into_iter().map(option).collect_view()
}

/// `Europe/Berlin +01:00`; UTC and plain offsets speak for themselves.
fn label(zone: &Zone, at: Nanos) -> String {
    let offset = Zone::fixed(zone.offset_at(at)).name;
    if zone.name == "UTC" || zone.name == offset { zone.name.clone() } else { format!("{} {offset}", zone.name) }
}
