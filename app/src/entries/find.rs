//! Finding without leaving out: a bar over the table that goes from hit to hit, with all entries staying around them.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::{Answer, Ask, Count, Direction, StepAsk};
use model::query::{Change, Expr, parse, with_open_words};
use model::say;
use model::scope::Filter;
use model::severity::Band;

use super::focus_entries;
use super::table::Table;
use crate::answer::{State, use_answer};
use crate::port::Reply;
use crate::scope::Shared;
use crate::{icons, wording};

/// Handles only: copying it is free.
#[derive(Clone, Copy)]
pub struct Find {
    shared: Shared,
    pub is_open: RwSignal<bool>,
    input: NodeRef<Input>,
    /// The hit that was gone to: its place among all hits.
    at: RwSignal<Option<u64>>,
}

impl Find {
    pub fn new(shared: Shared) -> Self {
        let at = RwSignal::new(None);
        Effect::new(move || {
            shared.found.track();
            shared.filter.track();
            at.set(None);
            shared.stepping.set_value(None);
        });
        Self { shared, is_open: RwSignal::new(false), input: NodeRef::new(), at }
    }

    /// Shows the bar and puts the keyboard into it.
    pub fn open(self) {
        self.is_open.set(true);
        request_animation_frame(move || {
            if let Some(input) = self.input.get_untracked() {
                // Refused only for an element that is not on the page.
                let _ = input.focus();
                input.select();
            }
        });
    }

    /// `false` where it was closed already.
    pub fn close(self) -> bool {
        let was_open = self.is_open.get_untracked();
        self.is_open.set(false);
        self.shared.stepping.set_value(None);
        self.shared.found.set(String::new());
        was_open
    }

    pub fn is_active(self) -> bool {
        self.is_open.get_untracked() && self.shared.found.with_untracked(|found| !found.is_empty())
    }

    /// Selects the next hit behind `from`, and begins anew at the end.
    pub fn step(self, from: Option<RowKey>, direction: Direction) {
        let Some(filter) = untrack(|| hits(self.shared)) else { return };
        let ask = StepAsk { filter, from, least: Band::Unspecified, direction };
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(Answer::Step(Some(hit)))) => {
                self.at.set(Some(hit.rank));
                self.shared.select(Some(hit.key));
            }
            Reply::Done(Ok(Answer::Step(None))) if from.is_some() => {
                self.shared.said.set(match direction {
                    Direction::Forward => say!("Nothing further: from the beginning again.").to_owned(),
                    Direction::Backward => say!("Nothing further: from the end again.").to_owned(),
                });
                self.step(None, direction);
            }
            Reply::Done(Ok(Answer::Step(None))) => self.shared.said.set(say!("Nothing found.").to_owned()),
            reply => self.shared.show_failure(reply),
        };
        self.shared.ask_for_step(Ask::Step(ask), on_reply);
    }
}

/// What is looked for, with its words let go on while they are typed.
pub fn opened(found: &str) -> String {
    with_open_words(found).map_or_else(|| found.trim().to_owned(), |(opened, _)| opened)
}

/// The entries of the scope that have it; `None` where nothing is looked for.
pub fn hits(shared: Shared) -> Option<Filter> {
    let found = shared.found.with(|found| if found.is_empty() { None } else { Some(parse(found).0) })?;
    let filter = shared.filter.get();
    let query = Expr::and([parse(&filter.query).0, found]).to_string();
    Some(Filter { query, ..filter })
}

#[component]
pub fn FindBar(find: Find, table: Table) -> impl IntoView {
    let shared = find.shared;
    let counted = use_answer(shared.port, shared.revision, move || {
        // The order makes no difference to the count.
        Some(Count { filter: Filter { order: Default::default(), ..hits(shared)? } })
    });
    let words = move || {
        let is_complete = counted.with(|counted| counted.state == State::Final);
        let n_hits = counted.with(|counted| counted.answer.as_ref().map_or(0, |counted| counted.n_entries));
        match find.at.get() {
            _ if shared.found.with(String::is_empty) => String::new(),
            _ if !is_complete && n_hits == 0 => "…".to_owned(),
            _ if n_hits == 0 => say!("nothing found").to_owned(),
            Some(at) => say!("{} of {}", wording::count(at + 1), wording::count(n_hits)),
            None => say!("{} found", wording::count(n_hits)),
        }
    };
    let go = move |direction| table.step_to_hit(direction);
    let leave = move || {
        find.close();
        focus_entries();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "Enter" if event.is_composing() => return,
            "Enter" if event.shift_key() => go(Direction::Backward),
            "Enter" => go(Direction::Forward),
            "Escape" => leave(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let filter_by_it = move |_| {
        let found = shared.found.with_untracked(|found| parse(found).0);
        leave();
        shared.narrow(&found, Change::Include);
    };
    let lacks_text = move || shared.found.with(String::is_empty);
    view! {
        <div id="find-bar" role="search" aria-label=say!("Find in the entries") on:keydown=on_key>
            {icons::icon(icons::SEARCH)}
            <input id="find" type="text" node_ref=find.input autocomplete="off" spellcheck="false" placeholder=say!("Find, leaving nothing out")
                aria-label=say!("Find, leaving nothing out") on:input=move |event| shared.found.set(opened(&event_target_value(&event))) />
            <span id="n-hits" role="status">{words}</span>
            <button class="quiet square" title=say!("Previous (N, Shift+Enter)") aria-label=say!("Previous hit") disabled=lacks_text on:click=move |_| go(Direction::Backward)>
                {icons::icon(icons::UP)}
            </button>
            <button class="quiet square" title=say!("Next (n, Enter)") aria-label=say!("Next hit") disabled=lacks_text on:click=move |_| go(Direction::Forward)>
                {icons::icon(icons::DOWN)}
            </button>
            <button class="small" id="filter-by-it" disabled=lacks_text on:click=filter_by_it>{say!("Filter by it")}</button>
            <button class="quiet square" title=say!("Close (Esc)") aria-label=say!("Close the find bar") on:click=move |_| leave()>{icons::icon(icons::CLOSE)}</button>
        </div>
    }
}
