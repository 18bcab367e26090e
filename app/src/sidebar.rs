//! The sidebar: what was taken in, what there is to filter by, and what was kept.

use leptos::ev;
use leptos::prelude::*;
use model::{key, say};

use crate::edge::{self, Edge, Size};
use crate::fields::Fields;
use crate::focus::focus_when_lost;
use crate::late::late_part;
use crate::measured::use_size;
use crate::saved::saved_panel;
use crate::scope::use_shared;
use crate::sources::Sources;
use crate::tabs::{Tab, Tabs};
use crate::views::focus_view;
use crate::{icons, kept, keys};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Sources,
    Fields,
    Saved,
}

const TABS: &[Tab<Panel>] = &[
    Tab { panel: Panel::Sources, id: "tab-sources", title: key!("Sources"), hint: key!("Sources (s)") },
    Tab { panel: Panel::Fields, id: "tab-fields", title: key!("Fields"), hint: key!("Fields (f)") },
    Tab { panel: Panel::Saved, id: "tab-saved", title: key!("Saved"), hint: key!("Bookmarks and views (b)") },
];

/// Whether the sidebar is there, and what is in it. Remembered.
#[derive(Clone, Copy)]
pub struct Side {
    pub is_shown: RwSignal<bool>,
    panel: RwSignal<Panel>,
}

impl Side {
    pub fn new() -> Self {
        let is_shown = RwSignal::new(has_room() && is_remembered());
        let panel = RwSignal::new(match kept::read("sidebar").as_deref() {
            Some("fields") => Panel::Fields,
            Some("saved") => Panel::Saved,
            _ => Panel::Sources,
        });
        Effect::new(move || {
            let state = if is_shown.get() { "shown" } else { "hidden" };
            // Where it covers the page it is there for a moment.
            if has_room() {
                kept::write("sources", state);
            }
        });
        // A window that becomes narrow, as when the page is enlarged, is not covered by what stood beside it, unless something is being
        // written there: a name that is half written would go.
        let had_room = StoredValue::new(has_room());
        let on_resize = move |_| {
            let has_room = has_room();
            let had_room = had_room.try_update_value(|had_room| std::mem::replace(had_room, has_room));
            match (had_room.unwrap_or(has_room), has_room) {
                _ if is_focused("#sidebar :is(input, textarea)") => {}
                (true, false) => {
                    if is_focused("#sidebar *") {
                        focus_when_lost(vec!["#toggle-sources".to_owned()]);
                    }
                    is_shown.set(false);
                }
                // What was remembered is of a window that has room.
                (false, true) => is_shown.set(is_remembered()),
                _ => {}
            }
        };
        let _ = window_event_listener_untyped("resize", on_resize);
        Effect::new(move || {
            let name = match panel.get() {
                Panel::Sources => "sources",
                Panel::Fields => "fields",
                Panel::Saved => "saved",
            };
            kept::write("sidebar", name);
        });
        Self { is_shown, panel }
    }

    pub fn show(self, panel: Panel) {
        self.panel.set(panel);
        self.is_shown.set(true);
    }

    /// It lies over the page.
    pub fn covers(self) -> bool {
        self.is_shown.get_untracked() && !has_room()
    }

    /// Where it covers what was gone to, it goes away.
    pub fn make_room(self) {
        if !has_room() {
            self.is_shown.set(false);
        }
    }

    /// Shows a panel; where it is in sight already, hides it.
    pub fn turn_to(self, panel: Panel) {
        let is_in_sight = self.is_shown.get_untracked() && self.panel.get_untracked() == panel;
        self.panel.set(panel);
        self.is_shown.set(!is_in_sight);
    }
}

/// Below this width the sidebar covers the page.
const NARROW_PIXELS: f64 = 820.0;

fn has_room() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or_default() > NARROW_PIXELS
}

/// Whether it stands beside the page where there is room.
fn is_remembered() -> bool {
    kept::read("sources").as_deref() != Some("hidden")
}

fn is_focused(selector: &str) -> bool {
    document().active_element().is_some_and(|element| element.matches(selector).unwrap_or_default())
}

#[component]
pub fn Sidebar(side: Side) -> impl IntoView {
    let shared = use_shared();
    let size = Size::remembered("sidebar-width");
    let pane = NodeRef::new();
    let measured = use_size(pane);
    // Not put up again when it is asked for while it is there: what is written in it would go.
    let panel = Memo::new(move |_| side.panel.get());
    // From its fields, too.
    let on_key = move |event: ev::KeyboardEvent| {
        let is_meant = event.key() == "Escape" && !event.default_prevented() && !event.is_composing();
        if is_meant && side.covers() && !keys::is_behind_popup() {
            event.prevent_default();
            event.stop_propagation();
            side.make_room();
            focus_view(shared);
        }
    };
    view! {
        <aside id="sidebar" on:keydown=on_key aria-label=say!("Sources, fields and what was saved") node_ref=pane style=("--pane", move || size.css())>
            <div class="panel-head">
                <Tabs label=say!("Sidebar") tabs=TABS.to_vec() chosen=panel.into() choose=Callback::new(move |panel| side.panel.set(panel)) />
                <button class="quiet square" on:click=move |_| side.is_shown.set(false) aria-label=say!("Hide the sidebar") title=say!("Hide")>
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
            {move || match panel.get() {
                Panel::Sources => view! { <Sources /> }.into_any(),
                Panel::Fields => view! { <Fields /> }.into_any(),
                Panel::Saved => late_part(saved_panel()).into_any(),
            }}
            <Edge label=say!("Width of the sidebar") panel=edge::Panel::Around size measured least=210.0 />
        </aside>
    }
}
