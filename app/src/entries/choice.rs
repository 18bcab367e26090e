//! Several rows chosen at once: which they are, and what can be done with all of them.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use model::chosen::{Chosen, MOST_MARKED};
use model::entry::RowKey;
use model::kept::SavedView;
use model::protocol::{Answer, Ask, ChosenAsk, Counted, ExportAsk, MarkedChosen};
use model::scope::{Filter, Order};
use model::time::{Nanos, TimeRange};
use model::written::Form;
use model::{counted, say};

use crate::answer::{Question, State, use_answer};
use crate::details::copy_as_chosen;
use crate::port::{Pending, Reply};
use crate::saved::kept_of;
use crate::scope::Shared;
use crate::wording;

/// More than this is no text for a clipboard.
const MOST_COPIED_BYTES: usize = 16 << 20;

impl Question for ChosenAsk {
    type Answer = Counted;
    fn ask(&self) -> Ask {
        Ask::Chosen(self.clone())
    }
    fn read(answer: Answer) -> Option<Counted> {
        if let Answer::Count(counted) = answer { Some(counted) } else { None }
    }
}

/// Handles only.
#[derive(Clone, Copy)]
pub struct RowChoice {
    shared: Shared,
    pub chosen: RwSignal<Chosen>,
    /// Of the filter that they were chosen among.
    order: Memo<Order>,
    /// Where a stretch begins.
    anchor: StoredValue<Option<RowKey>>,
    pub n_chosen: Memo<Option<u64>>,
    /// `n_chosen` is of those that are chosen now.
    is_counted: Memo<bool>,
    copying: StoredValue<Option<Pending>, LocalStorage>,
}

impl RowChoice {
    pub fn new(shared: Shared) -> Self {
        let chosen = RwSignal::new(Chosen::default());
        let order = Memo::new(move |_| shared.filter.with(|filter| filter.order));
        let counted = use_answer(shared.port, shared.revision, move || {
            let chosen = chosen.get();
            (!chosen.is_empty()).then(|| ChosenAsk { filter: shared.filter.get(), chosen })
        });
        let n_chosen = Memo::new(move |before: Option<&Option<u64>>| {
            counted.with(|counted| match counted.state {
                State::Idle | State::Failed(_) => None,
                // The number before stays until the next is known.
                State::Asked | State::Partial { .. } => before.copied().flatten(),
                State::Final => counted.answer.as_ref().map(|counted| counted.n_entries),
            })
        });
        let is_counted = Memo::new(move |_| counted.with(|counted| counted.state == State::Final));
        let choice = Self {
            shared,
            chosen,
            order,
            anchor: StoredValue::new(None),
            n_chosen,
            is_counted,
            copying: StoredValue::new_local(None),
        };
        // Rows of another filter are others.
        Effect::new(move |before: Option<Filter>| {
            let filter = shared.filter.get();
            if before.is_some_and(|before| before != filter) {
                choice.let_go();
            }
            filter
        });
        choice
    }

    pub fn has(self, key: RowKey) -> bool {
        let order = self.order.get();
        self.chosen.with(|chosen| chosen.has(key, order))
    }

    /// Several are chosen, not one that is looked at.
    pub fn is_there(self) -> bool {
        self.chosen.with_untracked(|chosen| !chosen.is_empty())
    }

    pub fn let_go(self) {
        self.anchor.set_value(None);
        if self.is_there() {
            self.chosen.set(Chosen::default());
        }
    }

    pub fn let_go_of_any(self) -> bool {
        let was_there = self.is_there();
        self.let_go();
        was_there
    }

    /// Chooses what lies between where the choosing began and this row.
    pub fn reach_to(self, key: RowKey) {
        let selected = || self.shared.scope.with_untracked(|scope| scope.selected);
        let anchor = self.anchor.get_value().or_else(selected).unwrap_or(key);
        self.anchor.set_value(Some(anchor));
        self.chosen.set(Chosen::between(anchor, key));
    }

    /// This row is the first of several, whichever is looked at.
    pub fn begin_with(self, key: RowKey) {
        self.chosen.update(|chosen| {
            *chosen = Chosen::default();
            chosen.turn(key);
        });
        self.anchor.set_value(Some(key));
    }

    /// Chooses a row beside those that are chosen, or leaves it out.
    pub fn turn(self, key: RowKey) {
        let selected = self.shared.scope.with_untracked(|scope| scope.selected).filter(|selected| *selected != key);
        self.chosen.update(|chosen| {
            // The row that was looked at is the first of several.
            if let Some(selected) = selected.filter(|_| chosen.is_empty()) {
                chosen.turn(selected);
            }
            chosen.turn(key);
        });
        self.anchor.set_value(Some(key));
    }

    pub fn turn_selected(self) {
        if let Some(key) = self.shared.scope.with_untracked(|scope| scope.selected) {
            self.chosen.update(|chosen| chosen.turn(key));
            self.anchor.set_value(Some(key));
        }
    }

    pub fn choose_all(self) {
        self.chosen.set(Chosen::all());
    }

    fn ask(self) -> ChosenAsk {
        ChosenAsk { filter: self.shared.filter.get_untracked(), chosen: self.chosen.get_untracked() }
    }

    /// Puts them into the clipboard, where they are not too much for one.
    pub fn copy_as(self, form: Form) {
        let ChosenAsk { filter, chosen } = self.ask();
        let disguise = self.shared.disguise.get_untracked();
        let ask = ExportAsk { filter, chosen: Some(chosen), form, columns: Vec::new(), disguise };
        let text = Rc::new(RefCell::new(Vec::new()));
        let on_reply = move |reply: Reply| {
            let (part, is_done) = match reply {
                Reply::Progress { so_far, .. } => (so_far, false),
                Reply::Done(Ok(answer)) => (Some(answer), true),
                failure => return self.shared.show_failure(failure),
            };
            if let Some(Answer::Exported(part)) = part {
                text.borrow_mut().extend(part);
            }
            if text.borrow().len() > MOST_COPIED_BYTES {
                self.copying.set_value(None);
                self.shared.said.set(
                    say!("Too much for the clipboard. Search for these entries and save them as a file (x).")
                        .to_owned(),
                );
            } else if is_done {
                let text = String::from_utf8_lossy(&text.take()).into_owned();
                copy_as_chosen(self.shared, text, say!("Chosen entries"));
            }
        };
        self.copying.set_value(Some(self.shared.port.with_value(|port| port.ask(Ask::Export(ask), on_reply))));
    }

    /// Why they cannot be bookmarked, where that is so.
    pub fn why_no_mark(self) -> Option<String> {
        if !self.shared.owns.get() {
            return Some(say!("Only the tab that may write keeps bookmarks.").to_owned());
        }
        match self.n_chosen.get().filter(|_| self.is_counted.get()) {
            None => Some(say!("It is not known yet how many entries are chosen.").to_owned()),
            Some(n_chosen) if n_chosen > MOST_MARKED => {
                Some(say!("At most {} entries are bookmarked at once.", wording::count(MOST_MARKED)))
            }
            Some(_) => None,
        }
    }

    /// Why their time cannot be kept, where that is so.
    pub fn why_no_time(self) -> Option<String> {
        if !self.shared.owns.get() {
            return Some(say!("Only the tab that may write keeps views.").to_owned());
        }
        self.time().is_none().then(|| {
            say!("A time is kept of rows one below the other (Shift, not Ctrl), which have times, in the order of their times.")
                .to_owned()
        })
    }

    pub fn say(self, words: Option<String>) {
        self.shared.said.set(words.unwrap_or_default());
    }

    /// Bookmarks all of them, with this note. Without one, where all are bookmarked, takes the bookmarks back.
    pub fn mark(self, note: &str) {
        if let Some(words) = untrack(|| self.why_no_mark()) {
            return self.shared.said.set(words);
        }
        let has_note = !note.is_empty();
        let on_reply = move |reply: Reply| match reply {
            Reply::Done(Ok(Answer::MarkedChosen(marked))) => {
                self.shared.said.set(in_words(&marked, has_note));
                if !marked.taken_off.is_empty() {
                    self.shared.marks.taken_off.set(marked.taken_off);
                }
            }
            reply => self.shared.show_failure(reply),
        };
        let ask = Ask::MarkChosen { chosen: self.ask(), note: note.to_owned() };
        self.shared.port.with_value(|port| port.ask(ask, on_reply).forget());
    }

    /// From the first to the last of a stretch; `None` where they are not all there is between two times.
    pub fn time(self) -> Option<TimeRange> {
        let [one, other] = self.chosen.with(|chosen| chosen.stretch.filter(|_| chosen.turned.is_empty()))?;
        let (start, last) = (one.time.min(other.time), one.time.max(other.time));
        let is_by_time = self.order.get() != Order::AsWritten && start != Nanos(i64::MIN);
        is_by_time.then(|| TimeRange { start, end: Nanos(last.0.saturating_add(1)) })
    }

    /// Keeps the time of a stretch as a view, which stands on the timeline and in the notebook, with this note. One that was kept
    /// of the same seconds before stays as it is.
    pub fn keep_time(self, note: &str) {
        let Some(range) = untrack(|| self.time()) else { return };
        let wanted = self.shared.zone.with_untracked(|zone| wording::span(range, zone));
        let mut scope = self.shared.scope.get_untracked();
        scope.filter.range = Some(range);
        let (address, note) = (kept_of(&scope), note.to_owned());
        let on_reply = move |reply: Reply| match reply {
            Reply::Done(Ok(Answer::Views(views))) => {
                let name = free_name(&wanted, &views);
                self.shared.tell(Ask::SaveView { name: name.clone(), address: address.clone(), before: None });
                self.shared.said.set(say!("View “{name}” saved.", name));
                self.shared.tell(Ask::SetViewNote { name, note: note.clone() });
            }
            reply => self.shared.show_failure(reply),
        };
        self.shared.port.with_value(|port| port.ask(Ask::Views, on_reply).forget());
    }
}

/// The name that is wanted, numbered where views have it already.
fn free_name(wanted: &str, views: &[SavedView]) -> String {
    let is_taken = |name: &str| views.iter().any(|view| view.name == name);
    let mut name = wanted.to_owned();
    let mut number = 2;
    while is_taken(&name) {
        name = format!("{wanted} ({number})");
        number += 1;
    }
    name
}

/// What became of them; `has_note`: one was written on each.
fn in_words(marked: &MarkedChosen, has_note: bool) -> String {
    let MarkedChosen { n_marked, n_kept, ref taken_off } = *marked;
    let entries = |n| counted!(n, "entry", "entries");
    match (n_marked, n_kept, taken_off.len() as u64) {
        _ if has_note => say!("{} bookmarked, with the note.", entries(n_marked + n_kept)),
        (0, n_kept, 0) => say!("No bookmark taken off: {} with a note stay.", wording::count(n_kept)),
        (n_marked, 0, 0) => say!("{} bookmarked.", entries(n_marked)),
        (n_marked, n_kept, 0) => {
            say!("{} bookmarked. Bookmarked before: {}.", entries(n_marked), wording::count(n_kept))
        }
        (_, 0, n_taken_off) => counted!(n_taken_off, "bookmark taken off.", "bookmarks taken off."),
        (_, n_kept, n_taken_off) => say!(
            "Bookmarks taken off: {}. With a note, and left where they are: {}.",
            wording::count(n_taken_off),
            wording::count(n_kept)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_same_seconds_is_kept_beside_the_first() {
        let view = |name: &str| SavedView { name: name.to_owned(), ..SavedView::default() };
        let mut views = vec![view("another")];
        for name in ["10:00:00 – 10:00:01", "10:00:00 – 10:00:01 (2)", "10:00:00 – 10:00:01 (3)"] {
            assert_eq!(free_name("10:00:00 – 10:00:01", &views), name);
            views.push(view(name));
        }
    }

    #[test]
    fn it_is_said_what_became_of_the_bookmarks() {
        let say =
            |n_marked, n_kept, has_note| in_words(&MarkedChosen { n_marked, n_kept, taken_off: Vec::new() }, has_note);
        assert_eq!(say(3, 0, false), "3 entries bookmarked.");
        assert_eq!(say(1, 2, false), "1 entry bookmarked. Bookmarked before: 2.");
        assert_eq!(say(0, 3, false), "No bookmark taken off: 3 with a note stay.");
        assert_eq!(say(1, 2, true), "3 entries bookmarked, with the note.");
    }
}
