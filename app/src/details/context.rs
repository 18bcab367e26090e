//! What stands around the selected entry, whatever the search leaves out.

use leptos::ev;
use leptos::prelude::*;
use model::entry::{Entry, Row, RowKey};
use model::language::told;
use model::protocol::{Answer, Ask, Context, ContextAsk, MOST_NEIGHBOURS, Near};
use model::query::value_term;
use model::time::{Precision, format_wall};
use model::{key, say};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::answer::{Question, Remote, State, use_answer};
use crate::entries::{piece, pieces, visible};
use crate::scope::{Shared, use_shared};

/// Neighbours on either side at first, and how many more each press brings.
const N_ROWS: u32 = 20;

impl Question for ContextAsk {
    type Answer = Context;
    fn ask(&self) -> Ask {
        Ask::Context(self.clone())
    }
    fn read(answer: Answer) -> Option<Context> {
        if let Answer::Context(context) = answer { Some(context) } else { None }
    }
}

/// Among which entries the neighbours are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Among {
    Source,
    Service,
    Trace,
    All,
}

const CHOICES: [(Among, &str); 4] = [
    (Among::Source, key!("Source")),
    (Among::Service, key!("Service")),
    (Among::Trace, key!("Trace")),
    (Among::All, key!("Everything")),
];

impl Among {
    /// `None` where the entry has nothing of the kind.
    fn near(self, entry: &Entry) -> Option<Near> {
        let found = |field: &str, value: &str| Near::Found(value_term(field, value).to_string());
        match self {
            Self::Source => Some(Near::Source),
            Self::Service => (!entry.service.is_empty()).then(|| found("service", &entry.service)),
            Self::Trace => entry.request.as_ref().map(|(id, _)| found("trace", id)),
            Self::All => Some(Near::Found(String::new())),
        }
    }
}

#[component]
pub fn Around(entry: Memo<Option<Box<Entry>>>) -> impl IntoView {
    let shared = use_shared();
    let chosen = RwSignal::new(Among::Source);
    let asked = RwSignal::new((N_ROWS, N_ROWS));
    // Whose neighbours are shown, where it is no longer the entry: so many are between that the window has moved on.
    let middle = RwSignal::new(None::<RowKey>);
    let key = Memo::new(move |_| entry.with(|entry| entry.as_ref().map(|entry| entry.key)));
    // An entry without a trace has neighbours in its source.
    let near = Memo::new(move |_| {
        entry.with(|entry| {
            let entry = entry.as_ref()?;
            chosen.get().near(entry).or_else(|| Among::Source.near(entry))
        })
    });
    Effect::new(move || {
        key.track();
        near.track();
        asked.set((N_ROWS, N_ROWS));
        middle.set(None);
    });
    let answer = use_answer(shared.port, shared.revision, move || {
        let (n_before, n_after) = asked.get();
        let query = shared.marked_query();
        let own = key.get()?;
        Some(ContextAsk { key: middle.get().unwrap_or(own), near: near.get()?, n_before, n_after, query })
    });
    let context = Memo::new(move |_| answer.with(|answer| answer.answer.clone()));
    let is_answered = Memo::new(move |_| answer.with(|answer| answer.state == State::Final));
    // The entry stays in sight when others come; those who asked for more keep their place.
    Effect::new(move || {
        key.track();
        if is_answered.get() && asked.with_untracked(|asked| *asked == (N_ROWS, N_ROWS)) {
            request_animation_frame(move || {
                if let Ok(Some(here)) = document().query_selector("#context .here") {
                    let centre = web_sys::ScrollIntoViewOptions::new();
                    centre.set_block(web_sys::ScrollLogicalPosition::Center);
                    here.scroll_into_view_with_scroll_into_view_options(&centre);
                }
            });
        }
    });
    let end_of = move |at_end: bool| {
        let end =
            |context: &Context| if at_end { context.rows.last() } else { context.rows.first() }.map(|row| row.key);
        context.with_untracked(|context| context.as_ref().and_then(end))
    };
    let more = move |at_end: bool| {
        let (before, after) = asked.get_untracked();
        let wanted = if at_end { (before, after + N_ROWS) } else { (before + N_ROWS, after) };
        if wanted.0.max(wanted.1) <= MOST_NEIGHBOURS {
            return asked.set(wanted);
        }
        if let Some(end) = end_of(at_end) {
            middle.set(Some(end));
            asked.set(if at_end { (MOST_NEIGHBOURS, N_ROWS) } else { (N_ROWS, MOST_NEIGHBOURS) });
        }
    };
    let is_offered = move |among: Among| entry.with(|entry| entry.as_ref().is_some_and(|e| among.near(e).is_some()));
    let is_chosen = move |among: Among| {
        entry.with(|entry| entry.as_ref().is_some_and(|entry| near.get() == among.near(entry) && near.get().is_some()))
    };
    let rows = move || {
        let context = context.get()?;
        Some(rows(shared, &context, key.get_untracked(), chosen.get() != Among::Source))
    };
    let has_more = move |at_end: bool| {
        context.with(|context| context.as_ref().is_some_and(|c| if at_end { !c.is_end } else { !c.is_start }))
    };
    view! {
        <div id="context" aria-busy=move || answer.with(Remote::is_stale).to_string()>
            <div class="among" role="group" aria-label=say!("Neighbours in")>
                {CHOICES.map(|(among, words)| view! {
                    <button class="small" hidden=move || !is_offered(among) aria-pressed=move || is_chosen(among).to_string()
                        on:click=move |_| chosen.set(among)>{told(words)}</button>
                })}
            </div>
            <button class="small quiet" id="context-earlier" hidden=move || !has_more(false) on:click=move |_| more(false)>{say!("Earlier")}</button>
            <p class="aside" hidden=move || has_more(false) || !is_answered.get()>{say!("Nothing before.")}</p>
            <ol class="neighbours" aria-label=say!("Neighbouring entries") on:keydown=on_key>{rows}</ol>
            <button class="small quiet" id="context-later" hidden=move || !has_more(true) on:click=move |_| more(true)>{say!("Later")}</button>
            <p class="aside" hidden=move || has_more(true) || !is_answered.get()>{say!("Nothing after.")}</p>
        </div>
    }
}

fn rows(shared: Shared, context: &Context, here: Option<RowKey>, names_source: bool) -> impl IntoView + use<> {
    context.rows.iter().map(|row| neighbour(shared, row, here, names_source)).collect_view()
}

fn neighbour(shared: Shared, row: &Row, here: Option<RowKey>, names_source: bool) -> impl IntoView + use<> {
    // Its time may be of another zone.
    let is_here = here.is_some_and(|here| (here.source, here.entry) == (row.key.source, row.key.entry));
    let (key, precision) = (row.key, row.precision);
    let clock = move || match precision {
        Precision::Undated => "—".to_owned(),
        _ => {
            let stamp = shared.zone.with(|zone| format_wall(key.time, zone, precision.fraction_digits()));
            stamp.split_once(' ').map_or(stamp.clone(), |(_, clock)| clock.to_owned())
        }
    };
    let band = row.severity.band();
    let service = (names_source && !row.service.is_empty()).then(|| visible(&row.service).into_owned());
    let more = (row.n_more_lines > 0).then(|| format!("  +{}", row.n_more_lines));
    view! {
        <li class=format!("sev-{}", band.name()) class:here=is_here>
            <button class="quiet" tabindex=if is_here { "0" } else { "-1" } aria-current=is_here.then_some("true")
                on:click=move |_| shared.select(Some(key))>
                <span class="time">{clock}</span>
                <span class="sev" title=band.name()>{band.letter().to_string()}</span>
                {service.map(|service| view! { <span class="service">{service}</span> })}
                <span class="text">{pieces(row).into_iter().map(piece).collect_view()}{more}</span>
            </button>
        </li>
    }
}

/// Arrows go from neighbour to neighbour.
fn on_key(event: ev::KeyboardEvent) {
    let focused = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let line = focused.and_then(|focused| focused.closest("li").ok().flatten());
    let next = match (event.key().as_str(), line) {
        ("ArrowDown", Some(line)) => line.next_element_sibling(),
        ("ArrowUp", Some(line)) => line.previous_element_sibling(),
        _ => return,
    };
    let button = next.and_then(|next| next.first_element_child()).and_then(|e| e.dyn_into::<HtmlElement>().ok());
    if let Some(button) = button {
        // Refused only for an element that is not on the page.
        let _ = button.focus();
    }
    event.prevent_default();
    event.stop_propagation();
}
