//! The window: header, sidebar, timeline, entries, details, status line; and the keys that work everywhere.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::{RowKey, SourceId};
use model::protocol::{Answer, Ask};
use model::say;
use model::scope::{Order, View};
use wasm_bindgen::JsCast;

use crate::actions::Action;
use crate::display_menu::DisplayMenu;
use crate::export::ExportMenu;
use crate::focus::focus_first;
use crate::help::{Help, QueryHelp};
use crate::incidents::{give_verdict_again, take_back_verdict};
use crate::intake::{DropParts, FileInputs, provide_intake};
use crate::language::LanguageButton;
use crate::late::{late, late_part};
use crate::lifecycle::{InstallButton, UpdateNotice};
use crate::names_menu::NamesMenu;
use crate::palette::Palette;
use crate::pieces::{Piece, Pieces};
use crate::port::Reply;
use crate::pseudonyms::Pseudonyms;
use crate::saved::Naming;
use crate::scope::{Line, Shared, Visit, provide_shared, use_shared};
use crate::search::{SearchBox, focus_search};
use crate::sidebar::{Panel, Side};
use crate::stage::Stage;
use crate::status::{Ownership, StatusLine};
use crate::theme::{ThemeButton, provide_theme};
use crate::tour::{TourCard, provide_tour};
use crate::unreadable::Unreadable;
use crate::welcome::Welcome;
use crate::workbench::workbench;
use crate::zone_menu::ZoneMenu;
use crate::{actions, address, details, icons, keys, presses, views};

/// Long enough to read a sentence.
const TOAST: Duration = Duration::from_secs(5);

late! { in workbench: fn helps() { view! { <QueryHelp /> <Help /> <Palette /> } } }

late! { in tour: fn tour_card() { view! { <TourCard /> } } }

late! { in workbench: fn search_box() { view! { <SearchBox /> } } }

late! { in workbench: fn menus() { view! { <DisplayMenu /> <ZoneMenu /> <ExportMenu /> <Pseudonyms /> <NamesMenu /> } } }

#[component]
pub fn App() -> impl IntoView {
    let shared = provide_shared();
    provide_theme();
    provide_intake();
    let side = Side::new();
    provide_context(side);
    answer_actions(shared, side);
    presses::answer_actions(shared);
    let tour = provide_tour(shared);
    let pieces = Pieces::new();
    let tours = move || tour.is_on() && shared.stage.get() == Stage::Workbench && pieces.has(Piece::Help);
    view! {
        <div class="app" data-stage=move || shared.stage.get().name()>
            <Header pieces side />
            <UpdateNotice />
            <Notices />
            <Ownership />
            {move || match shared.stage.get() {
                Stage::Empty => view! { <Welcome /> }.into_any(),
                Stage::Unreadable => view! { <Unreadable /> }.into_any(),
                Stage::Opening => view! { <main aria-busy="true"></main> }.into_any(),
                Stage::Workbench => ().into_any(),
            }}
            {late_part(workbench(pieces, side))}
            <StatusLine />
            <DropParts />
            <Show when=move || pieces.has(Piece::Help)>
                {late_part(helps())}
            </Show>
            <Show when=tours>{late_part(tour_card())}</Show>
            <Toast />
        </div>
    }
}

#[component]
fn Header(pieces: Pieces, side: Side) -> impl IntoView {
    let shared = use_shared();
    let order = Memo::new(move |_| shared.filter.with(|filter| filter.order));
    let is_workbench = move || shared.stage.get() == Stage::Workbench;
    view! {
        <header class="bar">
            <div class="brand">
                <Show when=is_workbench>
                    <button class="quiet square" id="toggle-sources" title=say!("Sources (s), fields (f), saved (b)") aria-label=say!("Sources, fields and what was saved")
                        aria-pressed=move || side.is_shown.get().to_string()
                        on:click=move |_| side.is_shown.update(|shown| *shown = !*shown)>
                        {icons::icon(icons::SIDE)}
                    </button>
                </Show>
                {icons::rings()}
                {move || match shared.stage.get() {
                    Stage::Workbench => view! { <h1>"Dendro"</h1> }.into_any(),
                    Stage::Empty | Stage::Opening | Stage::Unreadable => view! { <span>"Dendro"</span> }.into_any(),
                }}
                <FileInputs />
            </div>
            <div class="for-logs" hidden=move || !is_workbench()>
                <Show when=move || pieces.has(Piece::Search)>{late_part(search_box())}</Show>
            </div>
            <div class="tools">
                <div class="for-logs" hidden=move || !is_workbench()>
                <Show when=move || pieces.has(Piece::Tools)>
                    <button class="quiet" id="order" on:click=move |_| turn_order(shared)
                        title=say!("Order: oldest first, newest first, or as written in the files (r)")>
                        {move || icons::icon(order_icon(order.get()))}
                        <span class="optional">{move || order_name(order.get())}</span>
                    </button>
                    {late_part(menus())}
                </Show>
                </div>
                <InstallButton />
                <LanguageButton />
                <ThemeButton />
                <button class="quiet square" id="commands-button" popovertarget="palette" aria-label=say!("All commands") title=say!("All commands (Ctrl+K)")>
                    {icons::icon(icons::COMMANDS)}
                </button>
                <button class="quiet square" popovertarget="help" aria-label=say!("Help") title=say!("Help (?)")>
                    {icons::icon(icons::HELP)}
                </button>
            </div>
        </header>
    }
}

fn turn_order(shared: Shared) {
    shared.change(Visit::New, |scope| {
        scope.filter.order = match scope.filter.order {
            Order::OldestFirst => Order::NewestFirst,
            Order::NewestFirst => Order::AsWritten,
            Order::AsWritten => Order::OldestFirst,
        };
        shared.said.set(order_name(scope.filter.order).to_owned());
    });
}

fn order_name(order: Order) -> &'static str {
    match order {
        Order::OldestFirst => say!("Oldest first"),
        Order::NewestFirst => say!("Newest first"),
        Order::AsWritten => say!("As written"),
    }
}

fn order_icon(order: Order) -> &'static str {
    match order {
        Order::OldestFirst => icons::DOWN,
        Order::NewestFirst => icons::UP,
        Order::AsWritten => icons::FILES,
    }
}

/// What the user must know, until it is dealt with.
#[component]
fn Notices() -> impl IntoView {
    let shared = use_shared();
    let reload = |_| {
        // A page can always be loaded again.
        let _ = window().location().reload();
    };
    view! {
        {move || match shared.line.get() {
            Line::Starting | Line::Ready => None,
            Line::OtherBuild => Some(say!("Dendro was updated in another tab. Reload to go on.").to_owned()),
            Line::Crashed(message) => Some(message),
        }.map(|text| view! {
            <div class="notice bad" role="alert">
                <p>{text}</p>
                <button class="small" on:click=reload>{say!("Reload")}</button>
            </div>
        })}
        {move || shared.trouble.get().map(|text| view! {
            <div class="notice bad" role="alert" id="trouble">
                <p>{text}</p>
                <button class="quiet square" aria-label=say!("Dismiss") on:click=move |_| shared.trouble.set(None)>
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
        })}
    }
}

/// The word on what just happened, for a few seconds.
#[component]
fn Toast() -> impl IntoView {
    let said = use_shared().said;
    let hiding = StoredValue::new_local(None::<TimeoutHandle>);
    Effect::new(move || {
        if said.with(String::is_empty) {
            return;
        }
        hiding.update_value(|hiding| {
            if let Some(earlier) = hiding.take() {
                earlier.clear();
            }
            *hiding = set_timeout_with_handle(move || said.set(String::new()), TOAST).ok();
        });
    });
    view! { <p id="toast" role="status" class:toast=move || said.with(|said| !said.is_empty())>{move || said.get()}</p> }
}

/// What keys and palette do wherever the focus is; a view is asked before.
fn answer_actions(shared: Shared, side: Side) {
    // How a source is read is said beside the list of them.
    Effect::new(move || {
        if shared.offered_offset.with(Option::is_some) {
            side.show(Panel::Sources);
        }
    });
    // Whoever turns to another view wants to see it.
    Effect::new(move |before: Option<View>| {
        let view = shared.view.get();
        if before.is_some_and(|before| before != view) {
            side.make_room();
        }
        view
    });
    // So does whoever opens an entry.
    Effect::new(move |before: Option<()>| {
        if shared.details_open.get() && before.is_some() {
            side.make_room();
        }
    });
    shared.actions.on(move |action| {
        match action {
            Action::Search => focus_search(),
            Action::Help => toggle("help"),
            Action::QueryHelp => toggle("query-help"),
            Action::TurnOrder => turn_order(shared),
            Action::Sources => side.turn_to(Panel::Sources),
            Action::RemoveAll if !shared.owns.get_untracked() => {
                shared.said.set(say!("This tab only reads.").to_owned())
            }
            Action::RemoveAll if shared.stage.get_untracked() != Stage::Workbench => {
                shared.said.set(say!("There is nothing to remove.").to_owned());
            }
            // Asked as the button does, which is in the list of them.
            Action::RemoveAll => {
                side.show(Panel::Sources);
                request_animation_frame(|| toggle("clear-question"));
            }
            Action::HowRead => match source_in_question(shared) {
                None => shared.said.set(say!("Choose an entry first.").to_owned()),
                Some(source) => {
                    side.show(Panel::Sources);
                    shared.wants_reading.set(Some(source));
                }
            },
            Action::Fields => side.turn_to(Panel::Fields),
            Action::Saved => side.turn_to(Panel::Saved),
            Action::SaveView => {
                side.show(Panel::Saved);
                shared.naming.set(Naming::Now);
            }
            Action::NoteOnTime if !shared.owns.get_untracked() => {
                shared.said.set(say!("This tab only reads.").to_owned())
            }
            Action::NoteOnTime if shared.filter.with_untracked(|filter| filter.range.is_none()) => {
                shared.said.set(say!("Choose a time on the timeline first.").to_owned());
            }
            Action::NoteOnTime => {
                side.show(Panel::Saved);
                shared.naming.set(Naming::NowWithNote);
            }
            Action::Parsed => match shared.scope.with_untracked(|scope| scope.selected) {
                None => shared.said.set(say!("Choose an entry first.").to_owned()),
                Some(_)
                    if shared.details_open.get_untracked()
                        && shared.details_side.get_untracked() == details::Side::Entry =>
                {
                    shared.details_open.set(false);
                }
                Some(_) => shared.show_details(details::Side::Entry),
            },
            Action::CopyText => match shared.scope.with_untracked(|scope| scope.selected) {
                None => shared.said.set(say!("Choose an entry first.").to_owned()),
                Some(key) => copy_text(shared, key),
            },
            Action::Timeline => {
                let is_there = document()
                    .active_element()
                    .is_some_and(|element| element.matches("#histogram .plot").unwrap_or_default());
                if is_there || !focus_first(&["#histogram .plot"]) {
                    views::focus_view(shared);
                }
            }
            Action::Sql => shared.turn_to(View::Sql),
            Action::Undo => {
                if !take_back_verdict(shared) && !address::go(-1) {
                    shared.said.set(say!("Nothing to take back.").to_owned());
                }
            }
            Action::Redo => {
                if !give_verdict_again(shared) && !address::go(1) {
                    shared.said.set(say!("Nothing was taken back.").to_owned());
                }
            }
            _ => return false,
        }
        true
    });
    let _ = window_event_listener(ev::keydown, move |event| {
        let key = actions::key_name(&event.key(), event.shift_key());
        let action = match actions::held(&event) {
            Some(action) => Some(action),
            None if !keys::is_free(&event) => return,
            None => shared.actions.of_key(&key),
        };
        let is_done = match action {
            // What lies over all the rest goes first.
            Some(Action::Back) if side.covers() => {
                side.make_room();
                true
            }
            Some(action) => shared.actions.act(action),
            None => views::turn_by_key(shared, &key),
        };
        if is_done {
            event.prevent_default();
        }
    });
}

/// The file of the entry that is selected, or the only one there is.
fn source_in_question(shared: Shared) -> Option<SourceId> {
    let selected = shared.scope.with_untracked(|scope| scope.selected).map(|key| key.source);
    let only = || {
        shared.sources.with_untracked(|sources| match sources.answer.as_deref() {
            Some([source]) => Some(source.id),
            _ => None,
        })
    };
    selected.or_else(only)
}

/// What the entry says in its file, into the clipboard.
fn copy_text(shared: Shared, key: RowKey) {
    let on_reply = move |reply| match reply {
        Reply::Done(Ok(Answer::Entry(entry))) => details::copy(shared, entry.raw.clone(), say!("Text")),
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Entry(key.into()), on_reply).forget());
}

fn toggle(id: &str) {
    let popup = document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(popup) = popup {
        // Refused only for an element that is not on the page.
        let _ = popup.toggle_popover();
    }
}
