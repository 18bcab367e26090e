//! The search box: the query as typed, its problems under it, its language one click away.

mod levels;
pub use levels::{levels_of, toggle_level, without_levels};

mod earlier;

mod suggest;

mod completion;
pub use completion::is_known;

mod widened;

mod other_names;

use leptos::ev;
use leptos::prelude::*;
use model::language::retold;
use model::protocol::Counted;
use model::query::{Problem, parse_query, with_field_renamed};
use model::scope::View;
use model::{counted, say};
use wasm_bindgen::JsCast;

use self::completion::{Completion, Suggestions};
use self::earlier::Earlier;
use self::other_names::OtherNames;
use self::widened::Widened;
use crate::answer::{Remote, State};
use crate::scope::{Shared, Visit, use_shared};
use crate::sidebar::Side;
use crate::views::focus_view;
use crate::{address, icons, wording};

#[component]
pub fn SearchBox() -> impl IntoView {
    let (shared, side) = (use_shared(), expect_context::<Side>());
    let query = shared.query;
    let problems = Memo::new(move |_| parse_query(&query.get()).1);
    let completion = Completion::new(shared);
    let input = completion.input;
    let scrolled = RwSignal::new(0);
    let earlier = Earlier::new();
    let keep = move || query.with_untracked(|query| earlier.keep(query));
    // As far as one goes back and on, it is one step.
    let bring_back = move |found: String| {
        completion.end();
        shared.set_query(found.clone(), Visit::Typing);
        if let Some(input) = input.get_untracked() {
            input.set_value(&found);
            let end = found.encode_utf16().count() as u32;
            // Refused only for inputs that have no cursor.
            let _ = input.set_selection_range(end, end);
        }
    };

    let clear = move |_| {
        shared.set_query(String::new(), Visit::New);
        if let Some(input) = input.get_untracked() {
            // Refused only for an input that is not on the page.
            let _ = input.focus();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        // Of a word that is still put together.
        if event.is_composing() {
            return;
        }
        if completion.on_key(&event) {
            event.prevent_default();
            return;
        }
        let is_bare = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key());
        let brought_back = query.with_untracked(|query| match event.key().as_str() {
            "ArrowUp" if is_bare => earlier.older(query),
            "ArrowDown" if is_bare => earlier.newer(query),
            _ => None,
        });
        if let Some(found) = brought_back {
            event.prevent_default();
            return bring_back(found);
        }
        match event.key().as_str() {
            "Enter" | "ArrowDown" => {
                event.prevent_default();
                keep();
                completion.end();
                address::commit();
                if event.key() == "Enter" {
                    side.make_room();
                }
                if shared.view.get_untracked() == View::Entries {
                    shared.heading_for_first.set(true);
                }
                focus_view(shared);
            }
            "Escape" => {
                event.prevent_default();
                earlier.end();
                if !shared.back_out() {
                    focus_view(shared);
                }
            }
            _ => {}
        }
    };
    let on_leave = move |event: ev::FocusEvent| {
        address::commit();
        earlier.end();
        // Whoever reaches for a row or a bar means the one that is there: it is not to go under the pointer.
        let goes_to_results = event
            .related_target()
            .and_then(|there| there.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|there| there.closest(".views, #histogram").ok().flatten().is_some());
        if goes_to_results {
            keep();
            completion.close();
        } else {
            completion.end();
        }
    };
    view! {
        <div class="search" role="search">
            {icons::icon(icons::SEARCH)}
            <div class="field">
                <div class="written" aria-hidden="true" style:transform=move || format!("translateX(-{}px)", scrolled.get())>
                    // What is being written is not yet wrong.
                    {move || (!completion.is_open()).then(|| underlined(&query.get(), &problems.get()))}
                </div>
                <input id="search" type="text" inputmode="search" autocomplete="off" autocapitalize="off" spellcheck="false"
                    enterkeyhint="search" placeholder=say!("Search: timeout service:cart status>=500") aria-label=say!("Search")
                    role="combobox" aria-autocomplete="list" aria-controls="suggestions" aria-describedby="problems"
                    aria-expanded=move || completion.is_open().to_string() aria-activedescendant=move || completion.active_id()
                    node_ref=input prop:value=move || query.get()
                    on:input=move |event| {
                        completion.on_input();
                        shared.set_query(event_target_value(&event), Visit::Typing);
                    }
                    on:click=move |_| { completion.close(); completion.follow_cursor(); }
                    on:keyup=move |_| completion.follow_cursor()
                    on:scroll=move |_| scrolled.set(input.get_untracked().map_or(0, |input| input.scroll_left()))
                    on:keydown=on_key on:blur=on_leave />
            </div>
            <Widened />
            <OtherNames />
            <Show when=move || query.with(|query| !query.trim().is_empty())>
                <span class="found" aria-hidden="true">{move || found_in_words(shared)}</span>
            </Show>
            <Show when=move || query.with(|query| !query.is_empty())>
                <button class="quiet square" id="clear-search" on:click=clear aria-label=say!("Clear the search") title=say!("Clear")>
                    {icons::icon(icons::CLOSE)}
                </button>
            </Show>
            <button class="quiet square" popovertarget="query-help" aria-label=say!("How to search") title=say!("How to search")>
                {icons::icon(icons::HELP)}
            </button>
            <div class="under">
                <Suggestions completion />
                <Problems completion />
            </div>
        </div>
    }
}

/// How many entries were found, in few words; never a number that is another question's.
pub fn found_in_words(shared: Shared) -> String {
    let open_value = shared.open_value();
    shared.counted.with(|counted| in_words(counted, open_value.as_ref()))
}

fn in_words(counted: &Remote<Counted>, open_value: Option<&String>) -> String {
    let n_found = counted.answer.as_ref().map_or(0, |counted| counted.n_entries);
    let let_go_on = counted.answer.as_ref().and_then(|counted| counted.let_go_on.as_ref());
    let matches = counted!(n_found, "match", "matches");
    let found = match (open_value, let_go_on.filter(|_| n_found > 0)) {
        (Some(open), _) => say!("{matches} of {open} · Enter: exactly", matches, open),
        (None, Some(word)) => say!("{matches} of {word}*", matches, word),
        (None, None) => matches,
    };
    match counted.state {
        State::Final => found,
        State::Partial { done, total } => {
            let counting = say!("counting… {} %", wording::percent(done, total));
            if n_found == 0 { counting } else { say!("{found} so far, {counting}", found, counting) }
        }
        State::Idle | State::Asked => say!("counting…").to_owned(),
        State::Failed(_) => say!("not counted").to_owned(),
    }
}

/// The problems as sentences, over what is under the box: nothing moves while it is typed in.
#[component]
fn Problems(completion: Completion) -> impl IntoView {
    let shared = use_shared();
    let problems = Memo::new(move |_| {
        let query = shared.query.get();
        let as_typed = parse_query(&query).1.into_iter();
        let mut problems: Vec<_> =
            as_typed.map(|problem| (part(&query, &problem).to_owned(), problem.message)).collect();
        // Some are only seen where the query is answered.
        shared.counted.with(|counted| {
            let answered = counted.answer.iter().filter(|_| !counted.is_stale());
            problems.extend(answered.flat_map(|counted| &counted.problems).map(|words| (String::new(), retold(words))));
        });
        problems
    });
    let has_some = move || problems.with(|problems| !problems.is_empty()) || !completion.unknown_fields().is_empty();
    // What is being written is not yet wrong.
    view! {
        <div id="problems" role="status" class:problems=move || has_some() && !completion.is_open()>
            <ul hidden=move || completion.is_open()>
                {move || problems.get().into_iter().map(|(part, message)| view! {
                    <li>
                        {(!part.is_empty()).then(|| view! { <code>{part}</code>" " })}
                        {message}
                    </li>
                }).collect_view()}
                {move || completion.unknown_fields().into_iter().map(|(name, meant)| view! {
                    <li>
                        <code>{name.clone()}</code>" "{say!("No entry has this field.")}
                        {meant.into_iter().map(|meant| {
                            let (name, words) = (name.clone(), say!("Search {meant}", meant));
                            let rename = move |_| {
                                let query = shared.query.with_untracked(|query| with_field_renamed(query, &name, &meant));
                                shared.set_query(query, Visit::New);
                            };
                            view! { " "<button class="small" on:click=rename>{words}</button> }
                        }).collect_view()}
                    </li>
                }).collect_view()}
            </ul>
        </div>
    }
}

fn part<'a>(query: &'a str, problem: &Problem) -> &'a str {
    query.get(problem.start as usize..problem.end as usize).unwrap_or_default()
}

/// The query's text with its problems marked; lies invisibly under the input, only the marks show.
fn underlined(query: &str, problems: &[Problem]) -> impl IntoView + use<> {
    let mut parts = Vec::new();
    let mut written = 0;
    for problem in problems {
        let (start, end) = (problem.start as usize, problem.end as usize);
        let (Some(before), Some(marked)) = (query.get(written..start), query.get(start..end)) else { continue };
        // An empty span is where something is missing: a space carries the mark.
        let marked = if marked.is_empty() { " " } else { marked };
        parts.push((before.to_owned(), marked.to_owned()));
        written = end;
    }
    parts.into_iter().map(|(before, marked)| view! { <span>{before}</span><u>{marked}</u> }).collect_view()
}

/// Puts the cursor into the box and selects what is there, as `/` does.
pub fn focus_search() {
    let found = document().get_element_by_id("search").and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok());
    if let Some(input) = found {
        let _ = input.focus();
        input.select();
    }
}
