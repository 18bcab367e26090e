//! What was kept of the workspace: bookmarks with their notes, and saved views; the sidebar's list of them.

mod case_file;
pub use case_file::{EXTENSION as CASE_EXTENSION, case_question, save_case};

pub mod markdown;

mod marks;
pub use marks::{Marks, go_to};

mod note;
pub use note::{KeptNote, KeptText, Note};

mod views;
pub use views::{Naming, ViewUndo, kept_of, use_views, use_views_while};

use leptos::prelude::*;
use model::kept::{Mark, tags};
use model::protocol::Direction;
use model::scope::View;
use model::time::Precision;
use model::{counted, say};
use wasm_bindgen::JsCast;

use self::views::ViewList;
use crate::actions::Action;
use crate::icons;
use crate::late::late;
use crate::scope::{Shared, use_shared};
use crate::sidebar::Side;
use crate::wording;

late! { in saved: fn saved_panel() { view! { <Saved /> } } }

/// More are found by what they say.
const MOST_MARKS: usize = 500;

/// The keys of bookmarks, whatever is in sight.
pub fn answer_actions(shared: Shared) {
    shared.actions.on(move |action| {
        match action {
            Action::Mark => match shared.scope.with_untracked(|scope| scope.selected) {
                Some(key) if shared.owns.get_untracked() => marks::toggle(shared, key),
                Some(_) => shared.said.set(say!("This tab only reads.").to_owned()),
                None => shared.said.set(say!("Choose an entry first.").to_owned()),
            },
            Action::NextMark => marks::step(shared, Direction::Forward),
            Action::PreviousMark => marks::step(shared, Direction::Backward),
            _ => return false,
        }
        true
    });
}

/// What was pressed goes away: the keyboard stays near.
fn focus_soon(id: &'static str) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(element) = element {
            // Refused only for an element that is not on the page.
            let _ = element.focus();
        }
    });
}

#[component]
fn Saved() -> impl IntoView {
    let (shared, side) = (use_shared(), expect_context::<Side>());
    let wanted = RwSignal::new(String::new());
    view! {
        <section id="kept" aria-label=say!("Saved")>
            <div class="panel-search">
                <input id="find-kept" type="search" autocomplete="off" spellcheck="false" placeholder=say!("Find what was saved")
                    aria-label=say!("Find what was saved") prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event)) />
            </div>
            <div class="kept-body">
                <button class="small" id="open-notebook" title=say!("Views with their charts, bookmarks with their entries, and the notes, on one page")
                    on:click=move |_| { shared.turn_to(View::Notebook); side.make_room(); }>{icons::icon(icons::PEN)}{say!("Notebook")}</button>
                <ViewList wanted />
                <MarkList wanted />
            </div>
        </section>
    }
}

#[component]
fn MarkList(wanted: RwSignal<String>) -> impl IntoView {
    let shared = use_shared();
    let found = Memo::new(move |_| {
        let wanted = wanted.with(|wanted| wanted.trim().to_lowercase());
        let is_wanted = |mark: &&Mark| {
            [&mark.text, &mark.note, &mark.service, &mark.anchor.path]
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
        };
        shared.marks.all.with(|all| all.iter().filter(is_wanted).cloned().collect::<Vec<_>>())
    });
    let shown = move || found.with(|found| found.iter().take(MOST_MARKS).cloned().collect::<Vec<_>>());
    let left_out = move || found.with(|found| found.len().checked_sub(MOST_MARKS).filter(|&n| n > 0));
    let has_any = move || shared.marks.all.with(|all| !all.is_empty());
    view! {
        <div class="section-head">
            <h2 id="marks-title">{say!("Bookmarks")}</h2>
        </div>
        {move || shared.marks.taken_off.with(|taken_off| marks::taken_off_in_words(taken_off)).map(|words| {
            view! {
                <p class="undo">
                    <span>{words}</span>
                    <button class="small" id="put-back" on:click=move |_| marks::put_back(shared, shared.marks.taken_off.get_untracked())>{say!("Undo")}</button>
                </p>
            }
        })}
        <ul class="kept-list" id="marks" aria-labelledby="marks-title">
            <For each=shown key=|mark| mark.clone() let:mark>
                <MarkItem mark />
            </For>
        </ul>
        <p class="summary" role="status">
            {move || match (has_any(), found.with(Vec::is_empty), left_out()) {
                (false, ..) => say!("Press m on an entry to bookmark it.").to_owned(),
                (true, true, _) => say!("No bookmark says that.").to_owned(),
                (true, false, Some(n)) => say!("{} are found by what they say.", counted!(n as u64, "more", "more")),
                (true, false, None) => String::new(),
            }}
        </p>
    }
}

#[component]
fn MarkItem(mark: Mark) -> impl IntoView {
    let (shared, side) = (use_shared(), expect_context::<Side>());
    let (time, precision, key) = (mark.time, mark.precision, mark.key);
    let when = move || match precision {
        Precision::Undated => "—".to_owned(),
        _ => shared.zone.with(|zone| wording::moment(time, zone, 0)),
    };
    let is_current = move || {
        let selected = shared.scope.with(|scope| scope.selected);
        (key.is_some() && selected == key).then_some("true")
    };
    let band = mark.severity.band();
    let first_line = markdown::first_line(&mark.note);
    let chips =
        tags(&mark.note).into_iter().map(|tag| view! { <span class="tag">{format!("#{tag}")}</span> }).collect_view();
    let away = key.is_none().then(|| view! { <span class="away">{say!("Its file is not here.")}</span> });
    let title = mark.place();
    let label = say!("Remove the bookmark on {title}", title);
    let taken = mark.clone();
    let remove = move |_| {
        marks::take_off(shared, taken.clone());
        focus_soon("put-back");
    };
    let go = move |_| {
        if let Some(key) = key {
            go_to(shared, key);
            side.make_room();
        }
    };
    view! {
        <li class=format!("kept-mark sev-{}", band.name()) data-here=key.is_some().to_string()>
            <div class="line">
                <button class="quiet go" title=title disabled=key.is_none() aria-current=is_current on:click=go>
                    <span class="when"><span class="sev" title=band.name()>{band.letter().to_string()}</span>" "{when}" "{mark.service.clone()}</span>
                    <span class="name">{mark.text.clone()}</span>
                    {first_line.map(|line| view! { <span class="said">{line}</span> })}
                    {away}
                </button>
                <span class="tools-here" hidden=move || !shared.owns.get()>
                    <button class="quiet square" title=say!("Remove") aria-label=label on:click=remove>
                        {icons::icon(icons::TRASH)}
                    </button>
                </span>
            </div>
            <p class="chips">{chips}</p>
        </li>
    }
}
