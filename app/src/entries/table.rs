//! What the table shows and where it is: asks for the rows in sight, keeps its place while rows come, and takes the keys.

use std::ops::Range;
use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::{Answer, Ask, Direction, Page, Revision, RowForm, StepAsk};
use model::say;
use model::scope::{Filter, View};
use model::severity::Band;
use model::time::Nanos;
use model::written::Form;

use super::choice::RowChoice;
use super::columns::ShownColumns;
use super::find::Find;
use super::press::Press;
use super::preview::Preview;
use super::rows::Rows;
use super::scroll::{ROW_PIXELS, Scroll};
use super::{focus_entries, has_text_selected, pin, question};
use crate::actions::Action;
use crate::answer::State;
use crate::details::Side;
use crate::measured::use_size;
use crate::port::{Pending, Reply};
use crate::scope::{Shared, use_shared};
use crate::stage::Stage;

/// The scroll bar is put right when it was still for this long.
const SETTLE: Duration = Duration::from_millis(180);

/// An ask for rows on its way.
struct Awaited {
    filter: Filter,
    form: RowForm,
    /// Cancels when dropped.
    _pending: Pending,
}

/// Where the rows that were asked for belong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Purpose {
    /// What is visible.
    Fill,
    /// The workspace changed: this entry was at this place and stays where it is on screen.
    Keep { was_at: u64 },
    /// To be brought into sight.
    Find,
}

/// A row that somebody goes to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wanted {
    rank: u64,
    reach: Reach,
}

/// What becomes of the chosen rows when somebody goes to another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reach {
    /// They are let go.
    Alone,
    /// Those from where the choosing began up to it are chosen.
    Stretch,
    /// They stay.
    Keep,
}

#[derive(Clone, Copy)]
pub struct Table {
    pub shared: Shared,
    pub grid: NodeRef<Div>,
    pub spacer: NodeRef<Div>,
    pub rows: RwSignal<Rows>,
    pub scroll: RwSignal<Scroll>,
    pub visible: Memo<Range<u64>>,
    pub columns: ShownColumns,
    pub find: Find,
    /// What its rows hold.
    form: Memo<RowForm>,
    /// The time that the column of spans is told from.
    pub pinned: Memo<Option<Nanos>>,
    /// Rank of the selected row, where it is known.
    pub cursor: Memo<Option<u64>>,
    /// To be selected as soon as its row is at hand.
    wanted: RwSignal<Option<Wanted>>,
    /// The row that was selected from here last.
    led_to: StoredValue<Option<RowKey>>,
    /// Somebody went to the last row and stayed: it goes on being the last one that is selected.
    follows: StoredValue<bool>,
    pub choice: RowChoice,
    pub press: Press,
    pub preview: Preview,
    /// Not yet in sight.
    goal: RwSignal<Option<RowKey>>,
    /// What the rows at hand were found by.
    pub shown: RwSignal<Option<Filter>>,
    pub is_late: RwSignal<bool>,
    answered: Trigger,
    awaited: StoredValue<Option<Awaited>, LocalStorage>,
    settling: StoredValue<Option<TimeoutHandle>, LocalStorage>,
}

impl Table {
    pub fn new() -> Self {
        let shared = use_shared();
        let rows = RwSignal::new(Rows::default());
        let scroll = RwSignal::new(Scroll::default());
        let wanted = RwSignal::new(None::<Wanted>);
        let selected = Memo::new(move |_| shared.scope.with(|scope| scope.selected));
        let cursor = Memo::new(move |_| {
            let found = || selected.get().and_then(|key| rows.with(|rows| rows.rank_of(key)));
            wanted.get().map(|wanted| wanted.rank).or_else(found)
        });
        let columns = ShownColumns::new(shared, rows);
        let choice = RowChoice::new(shared);
        let table = Self {
            shared,
            grid: NodeRef::new(),
            spacer: NodeRef::new(),
            rows,
            scroll,
            visible: Memo::new(move |_| scroll.with(Scroll::visible)),
            columns,
            form: Memo::new(move |_| RowForm {
                columns: columns.valued.get(),
                colour: shared.scope.with(|scope| scope.colour.clone()),
                shows: shared.scope.with(|scope| scope.shows),
                n_lines: shared.display.with(|display| display.n_lines()),
                marks: shared.found.get(),
            }),
            find: Find::new(shared),
            pinned: pin::use_pinned_time(shared),
            cursor,
            wanted,
            led_to: StoredValue::new(None),
            follows: StoredValue::new(false),
            choice,
            press: Press::new(choice),
            preview: Preview::new(shared),
            goal: RwSignal::new(selected.get_untracked()),
            shown: RwSignal::new(None),
            is_late: RwSignal::new(false),
            answered: Trigger::new(),
            awaited: StoredValue::new_local(None),
            settling: StoredValue::new_local(None),
        };
        table.keep_current(selected);
        table.answer_actions();
        table
    }

    fn keep_current(self, selected: Memo<Option<RowKey>>) {
        let size = use_size(self.grid);
        Effect::new(move || {
            let height = size.get().1;
            let cursor = self.cursor.get_untracked();
            self.move_list(|scroll| {
                let had_no_height = scroll.view_pixels == 0.0;
                let was_in_sight = cursor.filter(|rank| scroll.visible().contains(rank));
                scroll.view_pixels = (height - ROW_PIXELS).max(0.0);
                // What was centred in no height is not in sight.
                if let Some(rank) = cursor.filter(|_| had_no_height) {
                    return scroll.centre(rank);
                }
                let fitted = scroll.fit();
                // What comes below the table does not cover the row that is looked at.
                was_in_sight.and_then(|rank| scroll.reveal(rank)).or(fitted)
            });
        });
        Effect::new(move || {
            let pixels = self.shared.display.with(|display| display.row_pixels());
            self.move_list(|scroll| scroll.set_row_pixels(pixels));
        });
        Effect::new(move || {
            self.answered.track();
            let filter = self.shared.filter.get();
            let revision = self.shared.revision.get();
            self.ask_for(filter, revision, self.visible.get(), self.goal.get(), self.form.get());
        });
        Effect::new(move || {
            if self.shared.heading_for_first.get() {
                match self.is_stale() {
                    true => self.preview.end(),
                    false => self.arrive(),
                }
            }
        });
        // The count runs ahead of the pages.
        Effect::new(move || {
            let counted = self.shared.counted.with(|counted| match counted.state {
                State::Partial { .. } | State::Final => counted.answer.clone(),
                State::Idle | State::Asked | State::Failed(_) => None,
            });
            // Rows that are held back may come after their count.
            let is_shown =
                self.shown.with(|shown| self.shared.filter.with_untracked(|filter| shown.as_ref() == Some(filter)));
            if let Some(counted) = counted.filter(|_| is_shown) {
                self.set_total(counted.n_entries, counted.complete);
            }
        });
        Effect::new(move || {
            let Some(Wanted { rank, reach }) = self.wanted.get() else { return };
            if let Some(key) = self.rows.with(|rows| rows.key(rank)) {
                self.wanted.set(None);
                match reach {
                    Reach::Alone => self.choice.let_go(),
                    Reach::Stretch => self.choice.reach_to(key),
                    Reach::Keep => {}
                }
                self.led_to.set_value(Some(key));
                self.shared.select(Some(key));
            }
        });
        // Selected from elsewhere: the address, or the next error.
        Effect::new(move || {
            let selected = selected.get();
            if selected != self.led_to.get_value() {
                self.follows.set_value(false);
            }
            let Some(key) = selected else { return };
            match self.rows.with_untracked(|rows| rows.rank_of(key)) {
                Some(rank) => self.move_list(|scroll| scroll.reveal(rank)),
                None => self.goal.set(Some(key)),
            }
        });
    }

    /// Asks for what is missing. One ask at a time, so that rows keep coming while the list is scrolled fast; a new
    /// filter does not wait for the old one's rows.
    fn ask_for(self, filter: Filter, revision: Revision, visible: Range<u64>, goal: Option<RowKey>, form: RowForm) {
        let is_new = self.shown.with_untracked(|shown| shown.as_ref() != Some(&filter));
        let is_this = |awaited: &Awaited| awaited.filter == filter && awaited.form == form;
        let is_awaited = self.awaited.with_value(|awaited| awaited.as_ref().is_some_and(is_this));
        if is_awaited {
            return;
        }
        let is_of_another = |awaited: &Awaited| awaited.filter != filter;
        if !is_new && self.awaited.with_value(|awaited| awaited.as_ref().is_some_and(is_of_another)) {
            // What was typed was taken back before its rows were there.
            self.awaited.set_value(None);
            self.is_late.set(false);
            self.preview.forget();
        }
        let n_visible = visible.end - visible.start;
        let is_heading = self.shared.heading_for_first.get_untracked();
        let selected = self.shared.scope.with_untracked(|scope| scope.selected).filter(|_| !is_heading);
        // Turning the order moves the entries, not the reader.
        let held = || self.anchor(&visible).filter(|_| self.is_turned(&filter)).map(|(_, key)| key);
        let (ask, purpose) = if let Some(key) = goal.or_else(|| selected.or_else(held).filter(|_| is_new)) {
            (question::page_around(&filter, &form, key, n_visible), Purpose::Find)
        } else if is_new {
            (question::page_at(&filter, &form, 0..n_visible), Purpose::Fill)
        } else if self.rows.with_untracked(|rows| rows.covers(visible.clone(), revision, &form)) {
            return;
        } else if let Some((was_at, key)) = self.anchor(&visible) {
            (question::page_around(&filter, &form, key, n_visible), Purpose::Keep { was_at })
        } else {
            (question::page_at(&filter, &form, visible.clone()), Purpose::Fill)
        };
        if is_new {
            let in_sight = self.rows.with_untracked(|rows| visible.filter_map(|rank| rows.key(rank)).collect());
            self.shown.with_untracked(|shown| self.preview.begin(shown.as_ref(), &filter, in_sight));
        }
        let on_reply = {
            let (filter, form) = (filter.clone(), form.clone());
            move |reply| {
                let (filter, form) = (filter.clone(), form.clone());
                self.preview.then(move || self.on_reply(reply, &filter, &form, purpose, revision));
            }
        };
        self.is_late.set(true);
        let pending = self.shared.port.with_value(|port| port.ask(Ask::Page(ask), on_reply));
        self.awaited.set_value(Some(Awaited { filter, form, _pending: pending }));
    }

    /// An entry to hold on to while rows come and go above it: the selected one if it is in sight, else the topmost.
    /// None at the start of the list, which stays the start, and where rows are missing.
    fn anchor(self, visible: &Range<u64>) -> Option<(u64, RowKey)> {
        if visible.start == 0 {
            return None;
        }
        let cursor = self.cursor.get_untracked().filter(|rank| visible.contains(rank));
        let rank = cursor.unwrap_or(visible.start);
        self.rows.with_untracked(|rows| {
            let has_all = visible.clone().all(|rank| rows.key(rank).is_some());
            rows.key(rank).filter(|_| has_all).map(|key| (rank, key))
        })
    }

    /// The rows at hand are those of `filter` in another order.
    fn is_turned(self, filter: &Filter) -> bool {
        let in_this_order = |shown: &Filter| Filter { order: filter.order, ..shown.clone() };
        self.shown.with_untracked(|shown| shown.as_ref().is_some_and(|shown| in_this_order(shown) == *filter))
    }

    fn on_reply(self, reply: Reply, filter: &Filter, form: &RowForm, purpose: Purpose, revision: Revision) {
        match reply {
            // Rows that move what is on screen come once, with the final answer.
            Reply::Progress { so_far: Some(Answer::Page(page)), .. } if purpose == Purpose::Fill => {
                self.take_in(filter, form, &page, purpose, revision);
            }
            Reply::Progress { .. } => {}
            Reply::Done(outcome) => {
                self.awaited.set_value(None);
                self.is_late.set(false);
                match outcome {
                    Ok(Answer::Page(page)) => {
                        self.take_in(filter, form, &page, purpose, revision);
                        self.answered.notify();
                    }
                    // Not asked again before something changes: it would fail again.
                    outcome if self.is_in_sight() => self.shared.show_failure(Reply::Done(outcome)),
                    // What is seen instead of the table tells why.
                    _ => {}
                }
            }
        }
    }

    fn take_in(self, filter: &Filter, form: &RowForm, page: &Page, purpose: Purpose, revision: Revision) {
        let is_new = self.shown.with_untracked(|shown| shown.as_ref() != Some(filter));
        let moved_by = match (purpose, page.asked_rank) {
            (Purpose::Keep { was_at }, Some(rank)) => rank as i64 - was_at as i64,
            _ => 0,
        };
        self.rows.update(|rows| {
            // Where ranks have moved, the rows of before are at other places.
            if is_new || moved_by != 0 {
                rows.clear();
            }
            rows.take_in(page, form, revision);
        });
        if is_new {
            self.shown.set(Some(filter.clone()));
            self.wanted.set(None);
            self.follows.set_value(false);
        }
        let n_known = page.counted.n_entries.max(page.first + page.rows.len() as u64);
        let n_before = if is_new { 0 } else { self.scroll.with_untracked(|scroll| scroll.n_rows) };
        let n_rows = if page.counted.complete { n_known } else { n_known.max(n_before) };
        self.move_list(|scroll| {
            scroll.n_rows = n_rows;
            match (purpose, page.asked_rank) {
                (Purpose::Find, Some(rank)) if is_new || !scroll.visible().contains(&rank) => scroll.centre(rank),
                (Purpose::Keep { .. }, _) => scroll.shift(moved_by),
                _ if is_new => scroll.rewind(),
                _ => scroll.fit(),
            }
        });
        if purpose == Purpose::Find {
            self.goal.set(None);
        }
        if n_rows > n_before {
            self.go_with_end(n_rows);
        }
    }

    /// The rows on screen are those of the question before.
    pub fn is_stale(self) -> bool {
        self.shared.filter.with(|filter| self.shown.with(|shown| shown.as_ref() != Some(filter)))
    }

    /// Goes where the table was sent.
    fn arrive(self) {
        self.shared.heading_for_first.set(false);
        if self.scroll.with_untracked(|scroll| scroll.n_rows > 0) {
            self.choose(0, Reach::Alone);
        }
    }

    fn set_total(self, n_rows: u64, is_final: bool) {
        let before = self.scroll.with_untracked(|scroll| scroll.n_rows);
        let n_rows = if is_final { n_rows } else { n_rows.max(before) };
        if n_rows != before {
            self.rows.update(|rows| rows.forget_from(n_rows));
            self.move_list(|scroll| {
                scroll.n_rows = n_rows;
                scroll.fit()
            });
        }
        if n_rows > before {
            self.go_with_end(n_rows);
        }
    }

    /// Selects what is last now, if what was last is looked at.
    fn go_with_end(self, n_rows: u64) {
        if self.follows.get_value() && self.is_in_sight() {
            let rank = n_rows.saturating_sub(1);
            self.wanted.set(Some(Wanted { rank, reach: Reach::Keep }));
            self.move_list(|scroll| scroll.reveal(rank));
        }
    }

    pub fn found_nothing(self) -> bool {
        let is_counted = self.shared.counted.with(|counted| counted.state == State::Final);
        !self.is_stale() && is_counted && self.scroll.with(|scroll| scroll.n_rows == 0)
    }

    /// Changes the list's position and brings the page's scroll bar along.
    fn move_list(self, change: impl FnOnce(&mut Scroll) -> Option<f64>) {
        let Some(bar) = self.scroll.try_update(change) else { return };
        // The height first: a bar cannot be moved beyond it.
        let height = self.scroll.with_untracked(Scroll::bar_height);
        let (Some(spacer), Some(grid)) = (self.spacer.get_untracked(), self.grid.get_untracked()) else { return };
        // Setting a valid length does not fail.
        let _ = web_sys::HtmlElement::style(&spacer).set_property("height", &format!("{height}px"));
        if let Some(bar) = bar {
            grid.set_scroll_top(bar as i32);
        }
    }

    pub fn on_scroll(self) {
        let Some(grid) = self.grid.get_untracked() else { return };
        let bar = f64::from(grid.scroll_top());
        self.move_list(|scroll| scroll.on_scroll(bar));
        // Who scrolls away from the end stays there. Where the list was moved by itself, the end is in sight.
        if !self.scroll.with_untracked(Scroll::shows_end) {
            self.follows.set_value(false);
        }
        self.settling.update_value(|settling| {
            if let Some(earlier) = settling.take() {
                earlier.clear();
            }
            *settling = set_timeout_with_handle(move || self.move_list(Scroll::settle), SETTLE).ok();
        });
    }

    /// Brings the row into the middle that this share of all rows comes before.
    pub fn show_share(self, share: f64) {
        self.follows.set_value(false);
        self.move_list(|scroll| {
            let last = scroll.n_rows.saturating_sub(1);
            scroll.centre(((share * scroll.n_rows as f64).max(0.0) as u64).min(last))
        });
    }

    /// Selects a row, at once or as soon as it is at hand.
    pub fn choose(self, rank: u64, reach: Reach) {
        self.follows.set_value(false);
        self.shared.stepping.set_value(None);
        self.wanted.set(Some(Wanted { rank, reach }));
        self.move_list(|scroll| scroll.reveal(rank));
    }

    /// Selects the row this many rows further; the first in sight when none is selected.
    fn step(self, by: i64, reach: Reach) {
        let n_rows = self.scroll.with_untracked(|scroll| scroll.n_rows);
        if n_rows == 0 {
            return;
        }
        let next = match self.cursor.get_untracked() {
            Some(rank) => rank.saturating_add_signed(by),
            None => self.visible.with_untracked(|visible| visible.start),
        };
        self.choose(next.min(n_rows - 1), reach);
    }

    /// Where the reader is: the selected entry, else the topmost.
    pub fn place(self) -> Option<RowKey> {
        let selected = self.shared.scope.with_untracked(|scope| scope.selected);
        let top = || self.rows.with_untracked(|rows| rows.key(self.visible.with_untracked(|visible| visible.start)));
        selected.or_else(top)
    }

    /// Selects the next entry of at least this severity.
    fn step_to(self, least: Band, direction: Direction) {
        let filter = self.shared.filter.get_untracked();
        let ask = StepAsk { filter, from: self.place(), least, direction };
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(Answer::Step(Some(found)))) => self.shared.select(Some(found.key)),
            Reply::Done(Ok(Answer::Step(None))) => {
                self.shared.said.set(match direction {
                    Direction::Forward => say!("No further entry of level {} or worse.", least.name()),
                    Direction::Backward => say!("No earlier entry of level {} or worse.", least.name()),
                });
            }
            reply => self.shared.show_failure(reply),
        };
        // A row that is not at hand yet is not gone to any more, nor the end of a growing file.
        self.wanted.set(None);
        self.follows.set_value(false);
        self.shared.ask_for_step(Ask::Step(ask), on_reply);
    }

    /// Selects the next entry that the find bar looks for.
    pub fn step_to_hit(self, direction: Direction) {
        self.wanted.set(None);
        self.follows.set_value(false);
        self.find.step(self.place(), direction);
    }

    /// The keys that choose several rows; they are the table's own.
    pub fn on_key(self, event: &ev::KeyboardEvent) {
        let is_held = event.ctrl_key() || event.meta_key();
        let page = self.scroll.with_untracked(Scroll::page_rows) as i64;
        let (by, far) = match event.key().as_str() {
            "ArrowDown" => (1, false),
            "ArrowUp" => (-1, false),
            "PageDown" => (page, false),
            "PageUp" => (-page, false),
            "Home" => (-1, true),
            "End" => (1, true),
            " " if is_held => {
                self.choice.turn_selected();
                event.prevent_default();
                return;
            }
            "c" if is_held && !event.shift_key() && !event.alt_key() && !has_text_selected() => {
                self.shared.actions.act(Action::CopyText);
                event.prevent_default();
                return;
            }
            "a" if is_held && !event.shift_key() && !event.alt_key() => {
                self.choice.choose_all();
                event.prevent_default();
                return;
            }
            _ => return,
        };
        let reach = match (event.shift_key(), is_held) {
            (true, _) => Reach::Stretch,
            (false, true) => Reach::Keep,
            (false, false) => return,
        };
        let last = self.scroll.with_untracked(|scroll| scroll.n_rows).saturating_sub(1);
        match far {
            false => self.step(by, reach),
            true => self.choose(if by < 0 { 0 } else { last }, reach),
        }
        event.prevent_default();
        event.stop_propagation();
    }

    fn answer_actions(self) {
        self.shared.actions.on(move |action| self.is_in_sight() && self.act(action));
    }

    /// The table is made before there are logs to show, and stays behind the other views.
    fn is_in_sight(self) -> bool {
        self.shared.stage.get_untracked() == Stage::Workbench && self.shared.view.get_untracked() == View::Entries
    }

    fn act(self, action: Action) -> bool {
        let page = self.scroll.with_untracked(Scroll::page_rows) as i64;
        let last = self.scroll.with_untracked(|scroll| scroll.n_rows).saturating_sub(1);
        // What the context led to need not be among what is found.
        let has_selected = self.shared.scope.with_untracked(|scope| scope.selected.is_some());
        let has_cursor = has_selected || self.cursor.get_untracked().is_some();
        match action {
            Action::Find => {
                self.find.open();
                return true;
            }
            Action::NextHit if self.find.is_active() => self.step_to_hit(Direction::Forward),
            Action::PreviousHit if self.find.is_active() => self.step_to_hit(Direction::Backward),
            Action::Next | Action::NextHit => self.step(1, Reach::Alone),
            Action::Previous | Action::PreviousHit => self.step(-1, Reach::Alone),
            Action::PageOn => self.step(page, Reach::Alone),
            Action::PageBack => self.step(-page, Reach::Alone),
            Action::First => self.choose(0, Reach::Alone),
            Action::Last => {
                self.choose(last, Reach::Alone);
                self.follows.set_value(true);
            }
            Action::NextError => self.step_to(Band::Error, Direction::Forward),
            Action::PreviousError => self.step_to(Band::Error, Direction::Backward),
            Action::NextWarning => self.step_to(Band::Warn, Direction::Forward),
            Action::PreviousWarning => self.step_to(Band::Warn, Direction::Backward),
            Action::Open if has_cursor => self.shared.show_details(Side::Entry),
            Action::Pin => match self.shared.scope.with_untracked(|scope| scope.selected.or(scope.pinned)) {
                Some(key) => pin::toggle(self.shared, key),
                None => self.shared.said.set(say!("Choose an entry first.").to_owned()),
            },
            Action::Context if has_cursor => self.shared.show_details(Side::Context),
            Action::Back if self.find.close() || self.choice.let_go_of_any() => {}
            Action::Mark if self.choice.is_there() => self.choice.mark(""),
            Action::CopyText if self.choice.is_there() => self.choice.copy_as(Form::Text),
            Action::Back => {
                self.wanted.set(None);
                self.follows.set_value(false);
                self.shared.back_out();
            }
            _ => return false,
        }
        // The next key is for the table too, wherever the focus was: in details that are closed now, or nowhere.
        focus_entries();
        true
    }
}
