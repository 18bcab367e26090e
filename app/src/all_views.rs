//! A list of all views beside their tabs, where there is no room for each tab.

use leptos::ev;
use leptos::html::{Button, Div};
use leptos::prelude::*;
use model::say;

use crate::icons;
use crate::scope::use_shared;
use crate::views::offered;

/// Shown by the style sheet where the tabs have little room.
#[component]
pub fn AllViews() -> impl IntoView {
    let shared = use_shared();
    let button = NodeRef::<Button>::new();
    let menu = NodeRef::<Div>::new();
    // On a phone it would lie on the details.
    Effect::new(move || {
        if shared.details_open.get()
            && let Some(menu) = menu.get_untracked()
        {
            // Refused only for an element that is not on the page.
            let _ = menu.hide_popover();
        }
    });
    // Below the button, whose place depends on the panels beside it.
    let place = RwSignal::new((0.0, 0.0));
    let on_open = move |_| {
        let Some(button) = button.get_untracked() else { return };
        let (here, page) = (button.get_bounding_client_rect(), document().document_element());
        let width = page.map_or(0, |page| page.client_width());
        place.set(((f64::from(width) - here.right()).max(0.0), here.bottom()));
    };
    let choice = move |(view, title, key): (_, &'static str, &'static str)| {
        let choose = move |_: ev::MouseEvent| shared.turn_to(view);
        view! {
            <li>
                <button class="quiet" aria-current=move || (shared.view.get() == view).then_some("true")
                    popovertarget="views-menu" popovertargetaction="hide" on:click=choose>
                    <span>{title}</span><kbd>{key}</kbd>
                </button>
            </li>
        }
    };
    view! {
        <button class="quiet square" id="all-views" popovertarget="views-menu" aria-haspopup="dialog" aria-label=say!("All views")
            title=say!("All views") node_ref=button on:click=on_open>
            {icons::icon(icons::MORE)}
        </button>
        <div popover="auto" id="views-menu" role="dialog" aria-label=say!("All views") node_ref=menu
            style=("--end", move || format!("{}px", place.get().0)) style=("--y", move || format!("{}px", place.get().1))>
            <ul>{move || offered(shared).into_iter().map(choice).collect_view()}</ul>
        </div>
    }
}
