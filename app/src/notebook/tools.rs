//! What can be done with a page of the notebook: moved, left out, followed by a text.

use leptos::prelude::*;
use model::notebook::Page;
use model::say;

use super::Kept;
use crate::focus::{focus_when_lost, quoted};
use crate::icons;

#[component]
pub fn Tools(kept: Kept, page: Page) -> impl IntoView {
    let page = StoredValue::new(page);
    let place = Memo::new(move |_| {
        kept.arranged
            .with(|pages| page.with_value(|page| pages.iter().position(|other| other == page)))
            .unwrap_or_default()
    });
    let is_last = Memo::new(move |_| kept.arranged.with(|pages| place.get() + 1 >= pages.len()));
    let id = page.with_value(id_of);
    // The page is put elsewhere, and the keyboard goes with it.
    let near = |tool: &str| {
        let tool_of = |tool: &str| format!("[data-page={}] .{tool}", quoted(&id));
        vec![tool_of(tool), tool_of("later"), tool_of("earlier")]
    };
    let (near_earlier, near_later) = (near("earlier"), near("later"));
    let move_by = move |by: isize, near: &Vec<String>| {
        kept.change(|pages, arranged| page.with_value(|page| pages.moved(arranged, page, by)));
        let near = near.clone();
        request_animation_frame(move || {
            // A button that can go no further cannot be pressed, and loses the keyboard.
            focus_when_lost(near);
        });
    };
    let remove = move |_| {
        kept.change(|pages, arranged| page.with_value(|page| pages.without(arranged, page)));
        focus_when_lost(vec!["#notebook .pages".to_owned()]);
    };
    let (removing, sign) = page.with_value(|page| match page {
        Page::Text(_) => (say!("Delete this text"), icons::TRASH),
        Page::View(_) | Page::Mark(_) => (say!("Leave it out here; it stays among what is saved"), icons::CLOSE),
    });
    view! {
        <div class="page-tools" data-page=id.clone() hidden=move || !kept.can_change.get()>
            <button class="quiet square earlier" disabled=move || place.get() == 0 title=say!("Move up") aria-label=say!("Move up")
                on:click=move |_| move_by(-1, &near_earlier)>{icons::icon(icons::UP)}</button>
            <button class="quiet square later" disabled=move || is_last.get() title=say!("Move down") aria-label=say!("Move down")
                on:click=move |_| move_by(1, &near_later)>{icons::icon(icons::DOWN)}</button>
            <button class="quiet square add" title=say!("Write a text below") aria-label=say!("Write a text below")
                on:click=move |_| kept.begin_text(place.get_untracked() + 1)>{icons::icon(icons::PLUS)}</button>
            <button class="quiet square remove" title=removing aria-label=removing on:click=remove>{icons::icon(sign)}</button>
        </div>
    }
}

/// Names a page among the elements.
fn id_of(page: &Page) -> String {
    match page {
        Page::View(name) => format!("view {name}"),
        Page::Mark(id) => format!("mark {}", id.0),
        Page::Text(id) => format!("text {id}"),
    }
}

/// A text above everything.
#[component]
pub fn AddText(kept: Kept) -> impl IntoView {
    view! {
        <button class="small add-text" id="add-text" hidden=move || !kept.can_change.get() on:click=move |_| kept.begin_text(0)>
            {icons::icon(icons::PLUS)}{say!("Text")}
        </button>
    }
}
