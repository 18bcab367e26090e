//! Saved views: a scope under a name, to come back to.

use std::sync::Arc;

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use model::kept::SavedView;
use model::protocol::{Answer, Ask};
use model::say;
use model::scope::{Scope, View};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::focus_soon;
use super::note::KeptNote;
use crate::answer::{Question, use_answer};
use crate::focus::{focus_first, focus_when_lost};
use crate::icons;
use crate::patterns::followed;
use crate::scope::{Shared, use_shared};
use crate::sidebar::Side;
use crate::wording;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AskViews;

impl Question for AskViews {
    type Answer = Arc<Vec<SavedView>>;
    fn ask(&self) -> Ask {
        Ask::Views
    }
    fn read(answer: Answer) -> Option<Arc<Vec<SavedView>>> {
        if let Answer::Views(views) = answer { Some(Arc::new(views)) } else { None }
    }
}

/// What a name is being written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    Nothing,
    /// What is looked at now.
    Now,
    /// The same, and a note on it comes next.
    NowWithNote,
    /// The view of this name gets another.
    View(String),
    /// It has one; what is to be said of it is written now.
    Note(String),
}

/// All of them, by name.
pub fn use_views(shared: Shared) -> Memo<Arc<Vec<SavedView>>> {
    use_views_while(shared, || true)
}

/// The same for who needs them at times.
pub fn use_views_while(
    shared: Shared,
    is_needed: impl Fn() -> bool + Copy + Send + Sync + 'static,
) -> Memo<Arc<Vec<SavedView>>> {
    let answer = use_answer(shared.port, shared.revision, move || is_needed().then_some(AskViews));
    Memo::new(move |_| answer.with(|answer| answer.answer.clone().unwrap_or_default()))
}

/// The scope as it is kept: no entry is selected in it, and a statement of SQL only goes with its view.
pub fn kept_of(scope: &Scope) -> String {
    let sql = if scope.view == View::Sql { scope.sql.clone() } else { String::new() };
    Scope { selected: None, sql, ..scope.clone() }.to_hash()
}

fn address_now(shared: Shared) -> String {
    shared.scope.with_untracked(kept_of)
}

/// What was taken away last of a view, and what brings it back.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewUndo {
    words: String,
    asks: Vec<Ask>,
}

impl ViewUndo {
    fn of_deleted(view: SavedView) -> Self {
        Self { words: say!("View “{name}” deleted.", view.name), asks: kept_again(view) }
    }

    /// Another scope is kept under its name; its note stayed.
    fn of_saved_over(SavedView { name, address, .. }: SavedView) -> Self {
        let words = say!("View “{name}” replaced.", name);
        Self { words, asks: vec![Ask::SaveView { name, address, before: None }] }
    }

    /// One that was called otherwise got its name, and is kept in its place.
    fn of_renamed_over(view: SavedView, renamed: SavedView) -> Self {
        let words = say!("View “{name}” replaced.", view.name);
        let back = Ask::SaveView { name: renamed.name, address: renamed.address, before: Some(view.name.clone()) };
        Self { words, asks: [vec![back], kept_again(view)].concat() }
    }
}

fn kept_again(SavedView { name, address, note }: SavedView) -> Vec<Ask> {
    let note = (!note.is_empty()).then(|| Ask::SetViewNote { name: name.clone(), note });
    [Ask::SaveView { name, address, before: None }].into_iter().chain(note).collect()
}

/// `wanted`: only those with this in their name or query.
#[component]
pub fn ViewList(wanted: RwSignal<String>) -> impl IntoView {
    let shared = use_shared();
    let naming = shared.naming;
    let views = use_views(shared);
    let shown = Memo::new(move |_| {
        let wanted = wanted.with(|wanted| wanted.trim().to_lowercase());
        let is_wanted = |view: &&SavedView| {
            view.name.to_lowercase().contains(&wanted) || said_of(view, None).to_lowercase().contains(&wanted)
        };
        views.with(|views| views.iter().filter(is_wanted).cloned().collect::<Vec<_>>())
    });
    let is_now = Memo::new(move |_| shared.scope.with(kept_of));
    let undo = shared.view_undo;
    let take_back = move |_| {
        for ask in undo.get_untracked().into_iter().flat_map(|undo| undo.asks) {
            shared.tell(ask);
        }
        undo.set(None);
        shared.said.set(say!("The view is as it was.").to_owned());
        focus_soon("save-view");
    };
    view! {
        <div class="section-head">
            <h2 id="views-title">{say!("Views")}</h2>
            <button class="small" id="save-view" hidden=move || !shared.owns.get() title=say!("Query, time, columns and view as they are now")
                on:click=move |_| naming.set(Naming::Now)>{icons::icon(icons::PLUS)}{say!("Save this view…")}</button>
        </div>
        <Show when=move || naming.with(|naming| matches!(naming, Naming::Now | Naming::NowWithNote))><NameForm views undo /></Show>
        {move || undo.get().map(|undo| view! {
            <p class="undo">
                <span>{undo.words}</span>
                <button class="small" id="undo-view" on:click=take_back>{say!("Undo")}</button>
            </p>
        })}
        <ul class="kept-list" aria-labelledby="views-title">
            <For each=move || shown.get() key=|view| view.name.clone() let:view>
                <ViewItem name=view.name views is_now undo />
            </For>
        </ul>
        <p class="summary" role="status">
            {move || match (views.with(|views| views.is_empty()), shown.with(Vec::is_empty)) {
                (true, _) => say!("A view keeps the query, the time and the columns you look at."),
                (false, true) => say!("No view is called so."),
                (false, false) => "",
            }}
        </p>
    }
}

#[component]
fn ViewItem(
    name: String,
    views: Memo<Arc<Vec<SavedView>>>,
    is_now: Memo<String>,
    undo: RwSignal<Option<ViewUndo>>,
) -> impl IntoView {
    let shared = use_shared();
    let naming = shared.naming;
    let wanted = name.clone();
    let view = Memo::new(move |_| views.with(|views| views.iter().find(|view| view.name == wanted).cloned()));
    let address = move || view.with(|view| view.as_ref().map(|view| view.address.clone()).unwrap_or_default());
    let now = followed(shared, move || Scope::from_hash(&address()).filter.query);
    let said = move || view.with(|view| view.as_ref().map(|view| now.with(|query| said_of(view, query.as_deref()))));
    let is_named = {
        let name = name.clone();
        move || naming.with(|naming| *naming == Naming::View(name.clone()))
    };
    let is_here = move || is_now.with(|now| *now == address()).then_some("true");
    let side = expect_context::<Side>();
    let open = move |_| {
        shared.visit(Scope::from_hash(&untrack(address)));
        side.make_room();
    };
    let is_writing = RwSignal::new(false);
    let is_next = {
        let name = name.clone();
        move || naming.with(|naming| *naming == Naming::Note(name.clone()))
    };
    Effect::new(move || {
        if is_next() {
            is_writing.set(true);
            naming.set(Naming::Nothing);
        }
    });
    let note = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.note.clone()).unwrap_or_default()));
    let keep = {
        let name = name.clone();
        Callback::new(move |note: String| shared.tell(Ask::SetViewNote { name: name.clone(), note }))
    };
    let rename = {
        let name = name.clone();
        move |_| naming.set(Naming::View(name.clone()))
    };
    let overwrite = {
        let name = name.clone();
        move |_| {
            undo.set(view.get_untracked().map(ViewUndo::of_saved_over));
            shared.tell(Ask::SaveView { name: name.clone(), address: address_now(shared), before: None });
            shared.said.set(say!("“{name}” is what you see now.", name));
        }
    };
    let delete = {
        let name = name.clone();
        move |_| {
            undo.set(view.get_untracked().map(ViewUndo::of_deleted));
            shared.tell(Ask::DeleteView { name: name.clone() });
            shared.said.set(say!("View “{name}” deleted.", name));
            focus_soon("save-view");
        }
    };
    let label = |what: &str| format!("{what} “{name}”");
    view! {
        <li class="kept-view" data-name=name.clone()>
            <div class="line">
                <button class="quiet go" aria-current=is_here on:click=open>
                    <span class="name">{name.clone()}</span>
                    <span class="said">{said}</span>
                </button>
                <span class="tools-here" hidden=move || !shared.owns.get()>
                    <button class="quiet square" title=say!("Rename") aria-label=label(say!("Rename")) on:click=rename>{icons::icon(icons::PEN)}</button>
                    <button class="quiet square" title=say!("Save what is seen now in its place") aria-label=label(say!("Save what is seen now as")) on:click=overwrite>{icons::icon(icons::SAVE)}</button>
                    <button class="quiet square" title=say!("Delete") aria-label=label(say!("Delete")) on:click=delete>{icons::icon(icons::TRASH)}</button>
                </span>
            </div>
            <Show when=is_named><NameForm views undo /></Show>
            <KeptNote note keep is_writing />
        </li>
    }
}

/// The name for what is seen now, or another one for a view that is kept.
#[component]
fn NameForm(views: Memo<Arc<Vec<SavedView>>>, undo: RwSignal<Option<ViewUndo>>) -> impl IntoView {
    let shared = use_shared();
    let naming = shared.naming;
    let called = move |name: &str| views.with_untracked(|views| views.iter().find(|view| view.name == name).cloned());
    let (address, before) = match naming.get_untracked() {
        Naming::View(name) => (called(&name).map(|view| view.address).unwrap_or_default(), Some(name)),
        Naming::Now | Naming::NowWithNote | Naming::Note(_) | Naming::Nothing => (address_now(shared), None),
    };
    let has_note_next = naming.with_untracked(|naming| *naming == Naming::NowWithNote);
    let range = shared.filter.with_untracked(|filter| filter.range).filter(|_| has_note_next);
    let of_time = range.map(|range| shared.zone.with_untracked(|zone| wording::span(range, zone)));
    let name = RwSignal::new(before.clone().or(of_time).unwrap_or_default());
    let input = NodeRef::<Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get() {
            // What is put in later would not be selected.
            input.set_value(&name.get_untracked());
            // Refused only for an element that is not on the page.
            let _ = input.focus();
            input.select();
        }
    });
    // To what the name was for, before the form goes.
    let leave = move |naming_next: Naming| {
        let of_view = input.get_untracked().and_then(|input| input.closest(".kept-view").ok().flatten());
        let button = of_view.and_then(|view| view.query_selector(".go").ok().flatten());
        match button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            // Refused only for an element that is not on the page.
            Some(button) => drop(button.focus()),
            None => drop(focus_first(&["#save-view"])),
        }
        focus_when_lost(vec!["#save-view".to_owned()]);
        naming.set(naming_next);
    };
    let own = before.clone();
    let replaces = Memo::new(move |_| {
        let wanted = name.with(|name| name.trim().to_owned());
        own.as_ref() != Some(&wanted) && views.with(|views| views.iter().any(|view| view.name == wanted))
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = name.with_untracked(|name| name.trim().to_owned());
        if name.is_empty() {
            return;
        }
        shared.said.set(say!("View “{name}” saved.", name));
        let before = before.clone().filter(|before| *before != name);
        let replaced = called(&name).filter(|_| replaces.get_untracked());
        undo.set(replaced.map(|replaced| match before.as_deref().and_then(called) {
            Some(renamed) => ViewUndo::of_renamed_over(replaced, renamed),
            None => ViewUndo::of_saved_over(replaced),
        }));
        leave(if has_note_next { Naming::Note(name.clone()) } else { Naming::Nothing });
        shared.tell(Ask::SaveView { name, address: address.clone(), before });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            event.stop_propagation();
            leave(Naming::Nothing);
        }
    };
    view! {
        <form class="name-form" on:submit=on_submit on:keydown=on_key>
            <input type="text" id="view-name" node_ref=input aria-label=say!("Name of the view") placeholder=say!("Name") autocomplete="off"
                prop:value=name.get_untracked() on:input=move |event| name.set(event_target_value(&event)) />
            <button class="small primary" type="submit">{move || if replaces.get() { say!("Replace") } else { say!("Save") }}</button>
            <button class="small quiet" type="button" on:click=move |_| leave(Naming::Nothing)>{say!("Cancel")}</button>
        </form>
    }
}

/// What a view shows, in a few words: its query, its view, whether it is of a part of the time. `now`: its query, where patterns in it
/// have other ids since it was kept.
fn said_of(view: &SavedView, now: Option<&str>) -> String {
    let scope = Scope::from_hash(&view.address);
    let what = scope.view.name().filter(|_| scope.view != View::Entries);
    let query = match now.unwrap_or(&scope.filter.query) {
        "" => say!("all entries"),
        query => query,
    };
    let range = scope.filter.range.map(|_| say!("a part of the time"));
    let sql = Some(scope.sql.as_str()).filter(|sql| !sql.is_empty());
    [Some(query), what, range, sql].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_comes_back_with_its_note_and_under_its_name() {
        let view = |name: &str, note: &str| {
            let address = format!("#q={name}");
            SavedView { name: name.to_owned(), address, note: note.to_owned() }
        };
        let save = |name: &str, before: Option<&str>| Ask::SaveView {
            name: name.to_owned(),
            address: format!("#q={name}"),
            before: before.map(str::to_owned),
        };
        let note = Ask::SetViewNote { name: "a".to_owned(), note: "why".to_owned() };
        assert_eq!(ViewUndo::of_deleted(view("a", "why")).asks, [save("a", None), note.clone()]);
        assert_eq!(ViewUndo::of_saved_over(view("a", "why")).asks, [save("a", None)], "the note stayed");
        let undo = ViewUndo::of_renamed_over(view("a", "why"), view("b", ""));
        assert_eq!(undo.asks, [save("b", Some("a")), save("a", None), note]);
    }

    #[test]
    fn a_view_says_what_it_shows() {
        let view = |address: &str| SavedView { address: address.to_owned(), ..SavedView::default() };
        let said = |address: &str| said_of(&view(address), None);
        assert_eq!(said(""), "all entries");
        assert_eq!(
            said("#q=level:error+%7C+count&view=patterns&from=2026-11-20"),
            "level:error | count · patterns · a part of the time"
        );
        assert_eq!(said_of(&view("#q=template:1&view=map"), Some("template:2")), "template:2 · map");
    }
}
