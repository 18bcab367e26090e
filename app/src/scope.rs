//! What the views share: the scope, the workspace's revision, and the line to the data thread.
//!
//! Signals live here and inside views. The scope is mirrored in the address (`address.rs`).

use std::sync::Arc;

use leptos::prelude::*;
use model::deployment::Deployment;
use model::disguise::Disguise;
use model::entry::{RowKey, SourceId};
use model::protocol::{Answer, Ask, Count, Counted, Failure, Histogram, Revision, Role, Status};
use model::query::{
    Change, Expr, Query, Unfinished, asks_for_now, at_present, parse, parse_query, split, with_condition,
};
use model::scope::{AS_WRITTEN, Filter, Now, Scope, View};
use model::source::Source;
use model::sql::SqlAsk;
use model::table::Table;
use model::template::TemplateId;
use model::time::{NANOS_PER_SECOND, Nanos, TimeRange, Zone};
use wasm_bindgen_futures::spawn_local;

use crate::actions::Actions;
use crate::address;
pub use crate::address::Visit;
use crate::answer::{Question, Remote, use_answer};
use crate::entries::Display;
use crate::export::TakingOut;
use crate::incidents::Judged;
use crate::mapping::Mapping;
use crate::names::{self, Names};
use crate::port::{Event, Pending, Port, Reply};
use crate::saved::{Marks, Naming, ViewUndo};
use crate::stage::{Stage, stage};
use crate::{details, kept, zone};

/// Handles only: copying it is free.
#[derive(Clone, Copy)]
pub struct Shared {
    pub actions: Actions,
    pub port: StoredValue<Port, LocalStorage>,
    pub scope: RwSignal<Scope>,
    /// The text of the search box.
    pub query: Memo<String>,
    /// The query as far as it is written, where a value in it may go on. It holds of no other query.
    pub unfinished: RwSignal<Option<Unfinished>>,
    /// Which entries: the query without its stages.
    pub filter: Memo<Filter>,
    pub has_stages: Memo<bool>,
    /// What is in sight: a result only where the query has stages.
    pub view: Memo<View>,
    pub revision: RwSignal<Revision>,
    /// The entry that a step leads to is being looked for: who goes elsewhere meanwhile stays there. Cancels when dropped.
    pub stepping: StoredValue<Option<Pending>, LocalStorage>,
    pub line: RwSignal<Line>,
    /// The zone that times are shown in; where those of entries are shown as written, that of all others.
    pub zone: Memo<Arc<Zone>>,
    /// Whether the query has a time that depends on what `now` is.
    pub asks_for_now: Memo<bool>,
    /// What time it was when `now` was last read, where it is the clock's.
    pub clock: Memo<Option<Nanos>>,
    /// Reads the clock again.
    pub reread_clock: Trigger,
    /// Times of entries are shown in the zones that their stamps name.
    pub times_as_written: Memo<bool>,
    pub sources: Signal<Remote<Vec<Source>>>,
    pub status: Signal<Remote<Status>>,
    pub stage: Memo<Stage>,
    /// Only the tab that owns the workspace takes files in or removes them.
    pub owns: Memo<bool>,
    /// How many entries the filter finds.
    pub counted: Signal<Remote<Counted>>,
    pub marks: Marks,
    pub mapping: Mapping,
    /// What the user says of names of services.
    pub names: Names,
    /// A source whose clock is to be put right, and the offset that would do it.
    pub offered_offset: RwSignal<Option<(SourceId, i64)>>,
    /// A source that one wants to see how it is read, until that is shown.
    pub wants_reading: RwSignal<Option<SourceId>>,
    /// Whether a name for a view is being written.
    pub naming: RwSignal<Naming>,
    /// What brings back the view that was deleted or replaced last.
    pub view_undo: RwSignal<Option<ViewUndo>>,
    /// What gets pseudonyms in entries, rows and case files that are taken out; `None`: nothing does.
    pub disguise: RwSignal<Option<Disguise>>,
    pub taking_out: TakingOut,
    /// SQL statements that were run before, in this browser; the last first.
    pub statements: RwSignal<Vec<String>>,
    /// The rows of the result, or of the statement, that is in sight.
    pub rows: RwSignal<Option<Arc<Table>>>,
    /// The statement that was run last.
    pub ran: RwSignal<Option<SqlAsk>>,
    /// What the timeline shows.
    pub timeline: RwSignal<Histogram>,
    /// When there were incidents, as far as their view was looked at.
    pub incidents: RwSignal<Option<Vec<TimeRange>>>,
    /// When there were incidents among all entries, of which nobody has said that they are expected.
    pub incidents_of_all: RwSignal<Vec<TimeRange>>,
    /// The verdict on findings that was given, or taken back, last, and what was looked at then.
    pub judged: RwSignal<Option<(Judged, Scope)>>,
    /// When nothing was written though there usually is something, of what the timeline shows.
    pub gaps: RwSignal<Vec<TimeRange>>,
    /// When services came to run another version.
    pub deployments: RwSignal<Vec<Deployment>>,
    /// The time under the pointer, wherever times are drawn.
    pub pointed: RwSignal<Option<Nanos>>,
    /// The pattern that its view is to look at closely, until it does.
    pub wanted_pattern: RwSignal<Option<TemplateId>>,
    /// The time of the first row in sight of the table of entries.
    pub topmost: RwSignal<Option<Nanos>>,
    /// How rows look.
    pub display: RwSignal<Display>,
    /// A query whose entries are gone to and marked, with all others staying; empty for none.
    pub found: RwSignal<String>,
    /// Services that were last asked to be shown on the map as suspects, with their share of the blame.
    pub suspects: RwSignal<Vec<(String, f32)>>,
    pub details_open: RwSignal<bool>,
    pub details_side: RwSignal<details::Side>,
    /// The table selects its first row as soon as it has rows of what is asked now.
    pub heading_for_first: RwSignal<bool>,
    /// A sentence about what did not work, until it is dismissed.
    pub trouble: RwSignal<Option<String>>,
    /// A short word on what just happened; also said to screen readers.
    pub said: RwSignal<String>,
}

/// How the data thread is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Starting,
    Ready,
    OtherBuild,
    Crashed(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskSources;

impl Question for AskSources {
    type Answer = Vec<Source>;
    fn ask(&self) -> Ask {
        Ask::Sources
    }
    fn read(answer: Answer) -> Option<Vec<Source>> {
        if let Answer::Sources(sources) = answer { Some(sources) } else { None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskStatus;

impl Question for AskStatus {
    type Answer = Status;
    fn ask(&self) -> Ask {
        Ask::Status
    }
    fn read(answer: Answer) -> Option<Status> {
        if let Answer::Status(status) = answer { Some(*status) } else { None }
    }
}

impl Question for Count {
    type Answer = Counted;
    fn ask(&self) -> Ask {
        Ask::Count(self.clone())
    }
    fn read(answer: Answer) -> Option<Counted> {
        if let Answer::Count(counted) = answer { Some(counted) } else { None }
    }
}

/// Opens the line to the data thread and provides [`use_shared`] to everything below.
pub fn provide_shared() -> Shared {
    let scope = RwSignal::new(address::read());
    let revision = RwSignal::new(Revision::default());
    let line = RwSignal::new(Line::Starting);
    let port = StoredValue::new_local(Port::open(move |event| match event {
        Event::Ready(now) => {
            line.set(Line::Ready);
            revision.set(now);
        }
        Event::Changed(now) => revision.set(now),
        Event::OtherBuild => line.set(Line::OtherBuild),
        Event::Crashed(message) => line.set(Line::Crashed(message)),
    }));

    let sources = use_answer(port, revision, || Some(AskSources));
    let status = use_answer(port, revision, || Some(AskStatus));
    let workspace_zone = Memo::new(move |_| status.with(|status| status.answer.as_ref().map(|s| s.zone.clone())));
    let times_as_written = Memo::new(move |_| scope.with(|scope| scope.zone == AS_WRITTEN));
    let zone_name = Memo::new(move |_| match times_as_written.get() {
        true => String::new(),
        false => scope.with(|scope| scope.zone.clone()),
    });
    let zone_found = Trigger::new();
    Effect::new(move || {
        let name = zone_name.get();
        if !name.is_empty() && zone::known(&name).is_none() {
            spawn_local(async move {
                zone::find(&name).await;
                zone_found.notify();
            });
        }
    });
    let zone = Memo::new(move |_| {
        zone_found.track();
        let chosen = zone_name.with(|name| if name.is_empty() { None } else { zone::known(name).flatten() });
        Arc::new(chosen.or_else(|| workspace_zone.get()).unwrap_or_default())
    });
    let query = Memo::new(move |_| scope.with(|scope| scope.filter.query.clone()));
    let asks_for_now = Memo::new(move |_| {
        let (Query { filter, stages }, _) = parse_query(&query.get());
        self::asks_for_now(&filter) || stages.iter().any(|stage| stage.asks_for_now())
    });
    let is_by_clock = Memo::new(move |_| scope.with(|scope| scope.now == Now::Clock));
    let reread_clock = Trigger::new();
    // It stands still while one reads: rows would go under one's eyes.
    let clock = Memo::new(move |_| {
        reread_clock.track();
        (is_by_clock.get() && asks_for_now.get()).then(clock_now)
    });
    let unfinished = RwSignal::new(None);
    // What is typed behind the filter asks nothing new of those who show entries.
    let filter = Memo::new(move |_| {
        let filter = scope.with(|scope| gone_on(&scope.filter, unfinished));
        zone.with(|zone| placed(entries_of(&filter), zone, clock.get()))
    });
    let has_stages = Memo::new(move |_| query.with(|query| !parse_query(query).0.stages.is_empty()));
    let view = Memo::new(move |_| match scope.with(|scope| scope.view) {
        View::Result if !has_stages.get() => View::Entries,
        view => view,
    });
    let counted = use_answer(port, revision, move || {
        // The order makes no difference to the count.
        Some(Count { filter: Filter { order: Default::default(), ..filter.get() } })
    });

    let stepping = StoredValue::new_local(None::<Pending>);
    let selected = Memo::new(move |_| scope.with(|scope| scope.selected));
    Effect::new(move || {
        filter.track();
        selected.track();
        stepping.set_value(None);
    });

    // Until the data thread says otherwise, this is the only tab.
    let owns = Memo::new(move |_| status.with(|status| status.answer.as_ref().is_none_or(|s| s.role == Role::Owner)));

    let statements = RwSignal::new(kept::STATEMENTS.read());
    // Another tab ran one, or forgot all.
    let read_again = move |_| {
        let kept = kept::STATEMENTS.read();
        if statements.with_untracked(|known| *known != kept) {
            statements.set(kept);
        }
    };
    let _ = window_event_listener_untyped("storage", read_again);

    let shared = Shared {
        actions: Actions::new(),
        port,
        scope,
        query,
        unfinished,
        filter,
        has_stages,
        view,
        revision,
        stepping,
        line,
        zone,
        asks_for_now,
        clock,
        reread_clock,
        times_as_written,
        sources,
        status,
        stage: stage(sources),
        owns,
        counted,
        marks: Marks::new(port, revision),
        mapping: Mapping::new(port, revision),
        names: names::names(port, revision),
        offered_offset: RwSignal::new(None),
        wants_reading: RwSignal::new(None),
        naming: RwSignal::new(Naming::Nothing),
        view_undo: RwSignal::new(None),
        disguise: RwSignal::new(None),
        taking_out: TakingOut::default(),
        statements,
        rows: RwSignal::new(None),
        ran: RwSignal::new(None),
        timeline: RwSignal::new(Histogram::default()),
        incidents: RwSignal::new(None),
        incidents_of_all: RwSignal::new(Vec::new()),
        judged: RwSignal::new(None),
        gaps: RwSignal::new(Vec::new()),
        deployments: RwSignal::new(Vec::new()),
        pointed: RwSignal::new(None),
        wanted_pattern: RwSignal::new(None),
        topmost: RwSignal::new(None),
        display: RwSignal::new(Display::remembered()),
        found: RwSignal::new(String::new()),
        suspects: RwSignal::new(Vec::new()),
        heading_for_first: RwSignal::new(false),
        details_side: RwSignal::new(details::Side::Entry),
        details_open: RwSignal::new(scope.with_untracked(|scope| scope.selected.is_some())),
        trouble: RwSignal::new(None),
        said: RwSignal::new(String::new()),
    };
    provide_context(shared);
    address::follow(scope);
    shared
}

pub fn use_shared() -> Shared {
    expect_context()
}

/// What is written behind the filter.
fn stages_of(filter: &Filter) -> &str {
    split(&filter.query).1
}

fn entries_of(filter: &Filter) -> Filter {
    let query = match split(&filter.query) {
        (all, "") => all,
        (before, _) => before.trim_end(),
    };
    Filter { query: query.to_owned(), ..filter.clone() }
}

/// With a value that is still being written let go on.
fn gone_on(filter: &Filter, unfinished: RwSignal<Option<Unfinished>>) -> Filter {
    let query = unfinished.with(|unfinished| {
        let of_this = unfinished.as_ref().filter(|unfinished| unfinished.written == filter.query);
        of_this.map_or_else(|| filter.query.clone(), |unfinished| unfinished.asked.clone())
    });
    Filter { query, ..filter.clone() }
}

/// Times are meant as they are seen, and by the clock where that was chosen.
pub fn placed(filter: Filter, zone: &Zone, clock: Option<Nanos>) -> Filter {
    match at_present(&filter.query, zone, clock) {
        Some(query) => Filter { query, ..filter },
        None => filter,
    }
}

/// What time it is, to the second.
pub fn clock_now() -> Nanos {
    Nanos((js_sys::Date::now() / 1000.0) as i64 * NANOS_PER_SECOND)
}

impl Shared {
    /// The query with its stages, as it is asked for now: a value that is still being written goes on, times are those on screen.
    pub fn asked(self) -> Filter {
        let filter = self.scope.with(|scope| gone_on(&scope.filter, self.unfinished));
        self.zone.with(|zone| placed(filter, zone, self.clock.get()))
    }

    /// The value that is let go on, in few words; `None` where the query is asked for as it stands.
    pub fn open_value(self) -> Option<String> {
        self.unfinished.with(|unfinished| {
            let unfinished = unfinished.as_ref()?;
            self.query.with(|query| *query == unfinished.written).then(|| unfinished.open.clone())
        })
    }

    /// What is marked in entries: what they were filtered by, and what is found among them.
    pub fn marked_query(self) -> String {
        let filter = self.filter.with(|filter| filter.query.clone());
        self.found.with(|found| match found.as_str() {
            "" => filter,
            found => Expr::and([parse(&filter).0, parse(found).0]).to_string(),
        })
    }

    pub fn change(self, visit: Visit, change: impl FnOnce(&mut Scope)) {
        self.scope.update(|scope| {
            let stages = stages_of(&scope.filter).to_owned();
            change(scope);
            match stages_of(&scope.filter) {
                // The entries are all there is, and stages that come later are not hidden by them.
                "" if scope.view == View::Entries => scope.view = View::Result,
                "" => {}
                // Who writes stages wants to see what they make.
                now if now != stages => scope.view = View::Result,
                _ => {}
            }
        });
        address::write(&self.scope.get_untracked(), visit);
    }

    /// Looks at something else altogether; the entry that is selected stays so.
    pub fn visit(self, there: Scope) {
        self.scope.update(|scope| *scope = Scope { selected: scope.selected, ..there });
        address::write(&self.scope.get_untracked(), Visit::New);
    }

    pub fn turn_to(self, view: View) {
        if self.view.get_untracked() != view {
            self.change(Visit::New, |scope| scope.view = view);
        }
    }

    pub fn set_query(self, query: String, visit: Visit) {
        self.change(visit, |scope| scope.filter.query = query);
    }

    /// Asks for what this holds of, or for the others: what a click on a value does.
    pub fn narrow(self, condition: &Expr, change: Change) {
        let query = self.query.with_untracked(|query| with_condition(query, condition, change));
        self.set_query(query, Visit::New);
    }

    pub fn set_range(self, range: Option<TimeRange>) {
        if self.scope.with_untracked(|scope| scope.filter.range) != range {
            self.change(Visit::New, |scope| scope.filter.range = range);
        }
    }

    pub fn select(self, key: Option<RowKey>) {
        if self.scope.with_untracked(|scope| scope.selected) != key {
            self.change(Visit::Same, |scope| scope.selected = key);
        }
    }

    /// Opens the details on one of their sides; the context that is in sight already makes way for the entry.
    pub fn show_details(self, side: details::Side) {
        let is_in_sight = self.details_open.get_untracked() && self.details_side.get_untracked() == side;
        self.details_side.set(match side {
            details::Side::Context if is_in_sight => details::Side::Entry,
            side => side,
        });
        self.details_open.set(true);
    }

    /// One step: closes the details, else selects nothing. `false` where neither is left.
    pub fn back_out(self) -> bool {
        if self.details_open.get_untracked() {
            self.details_open.set(false);
            return true;
        }
        let has_selected = self.scope.with_untracked(|scope| scope.selected.is_some());
        self.select(None);
        has_selected
    }

    /// Asks which entry a step leads to, in place of any step before.
    pub fn ask_for_step(self, ask: Ask, on_reply: impl Fn(Reply) + 'static) {
        self.stepping.set_value(Some(self.port.with_value(|port| port.ask(ask, on_reply))));
    }

    /// Asks for a change of the workspace; a failure is shown.
    pub fn tell(self, ask: Ask) {
        self.port.with_value(|port| port.ask(ask, move |reply| self.show_failure(reply)).forget());
    }

    /// Empties the workspace, and forgets what was asked of it in this browser: searches and statements hold names and ids of its logs.
    pub fn remove_all(self) {
        kept::forget_earlier();
        self.statements.set(Vec::new());
        self.tell(Ask::Clear);
    }

    pub fn show_failure(self, reply: Reply) {
        // That the data thread is gone is told by itself.
        let is_told =
            |failure: &Failure| matches!(failure, Failure::Cancelled | Failure::Crashed { .. } | Failure::OtherBuild);
        if let Reply::Done(Err(failure)) = reply
            && !is_told(&failure)
        {
            self.trouble.set(Some(failure.to_string()));
        }
    }
}
