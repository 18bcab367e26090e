//! Choosing several rows by touch, as lists on phones have it: a long press chooses the first; from then on a tap chooses a row, or
//! leaves it out, until none is chosen.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use model::entry::RowKey;
use web_sys::Element;

use super::choice::RowChoice;
use super::row_of_id;

/// Before browsers think of a menu (500 ms).
const LONG: Duration = Duration::from_millis(450);
/// A finger that moves further scrolls.
const STILL_PIXELS: f64 = 10.0;

/// Handles only.
#[derive(Clone, Copy)]
pub struct Press {
    choice: RowChoice,
    /// Where a finger was put down.
    from: StoredValue<Option<(f64, f64)>>,
    waiting: StoredValue<Option<TimeoutHandle>, LocalStorage>,
    /// The finger that lies there has chosen a row: that it is lifted means nothing.
    is_long: StoredValue<bool>,
    /// Taps choose, for as long as something is chosen.
    by_taps: StoredValue<bool>,
    /// What was put down last is a finger: the click that follows is a tap.
    is_touch: StoredValue<bool>,
}

impl Press {
    pub fn new(choice: RowChoice) -> Self {
        Self {
            choice,
            from: StoredValue::new(None),
            waiting: StoredValue::new_local(None),
            is_long: StoredValue::new(false),
            by_taps: StoredValue::new(false),
            is_touch: StoredValue::new(false),
        }
    }

    /// `key_of`: of the row with this rank, where it is at hand.
    pub fn on_down(self, event: &ev::PointerEvent, key_of: impl Fn(u64) -> Option<RowKey>) {
        self.end();
        self.is_long.set_value(false);
        let is_touch = event.pointer_type() == "touch";
        self.is_touch.set_value(is_touch);
        if !is_touch || !event.is_primary() {
            return;
        }
        let row = event_target::<Element>(event).closest(".entry").ok().flatten();
        let Some(key) = row.and_then(|row| row_of_id(&row.id())).and_then(key_of) else { return };
        self.from.set_value(Some((f64::from(event.client_x()), f64::from(event.client_y()))));
        self.waiting.set_value(set_timeout_with_handle(move || self.choose(key), LONG).ok());
    }

    fn choose(self, key: RowKey) {
        self.waiting.set_value(None);
        self.is_long.set_value(true);
        match self.takes_taps() {
            true => self.choice.turn(key),
            false => self.choice.begin_with(key),
        }
        self.by_taps.set_value(true);
    }

    pub fn on_move(self, event: &ev::PointerEvent) {
        let is_far = |(x, y): (f64, f64)| {
            let (dx, dy) = (f64::from(event.client_x()) - x, f64::from(event.client_y()) - y);
            dx.hypot(dy) > STILL_PIXELS
        };
        if self.from.get_value().is_some_and(is_far) {
            self.end();
        }
    }

    /// The finger was lifted, or scrolls.
    pub fn end(self) {
        self.from.set_value(None);
        if let Some(Some(waiting)) = self.waiting.try_update_value(Option::take) {
            waiting.clear();
        }
    }

    /// A menu of the browser's would cover what a finger chooses.
    pub fn on_menu(self, event: &ev::MouseEvent) {
        if self.from.get_value().is_some() || self.is_long.get_value() {
            event.prevent_default();
        }
    }

    fn takes_taps(self) -> bool {
        // Those that were let go may be followed by others, chosen with a mouse.
        self.by_taps.update_value(|by_taps| *by_taps &= self.choice.is_there());
        self.by_taps.get_value()
    }

    /// Whether a click on a row was all that was wanted with it.
    pub fn takes_click(self, key: Option<RowKey>) -> bool {
        if self.is_long.try_update_value(std::mem::take) == Some(true) {
            return true;
        }
        // A mouse beside the screen chooses with keys, as ever.
        let takes = self.is_touch.get_value() && self.takes_taps();
        if let Some(key) = key.filter(|_| takes) {
            self.choice.turn(key);
        }
        takes
    }
}
