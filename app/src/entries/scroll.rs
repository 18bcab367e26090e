//! Scroll arithmetic of a list that may be far taller than a browser's tallest element.
//!
//! The list has a true position (`top`); the scroll bar has a shorter way. Up to [`MAX_BAR_PIXELS`] both are the same.
//! Beyond, small movements (wheel, keys, touch) move the list by as many pixels as the bar, so nothing jumps; large
//! ones (dragging the bar) move it by its share of the whole. When the movement ends, the bar is put where it belongs.

use std::ops::Range;

/// Height of one row in CSS pixels, and of the heads of the columns; the style sheet says the same.
pub const ROW_PIXELS: f64 = 24.0;

/// Firefox caps elements at 17.8 million pixels, others at twice that; zoomed pages reach it earlier.
const MAX_BAR_PIXELS: f64 = 8_000_000.0;

#[derive(Clone, Debug, PartialEq)]
pub struct Scroll {
    pub n_rows: u64,
    row_pixels: f64,
    /// Height of the visible part.
    pub view_pixels: f64,
    /// Pixels of the list above the visible part.
    top: f64,
    /// The scroll bar's position, as last heard or set.
    bar: f64,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { n_rows: 0, row_pixels: ROW_PIXELS, view_pixels: 0.0, top: 0.0, bar: 0.0 }
    }
}

impl Scroll {
    /// Height of the element that is scrolled.
    pub fn bar_height(&self) -> f64 {
        self.list_height().min(MAX_BAR_PIXELS)
    }

    fn list_height(&self) -> f64 {
        self.n_rows as f64 * self.row_pixels
    }

    fn max_top(&self) -> f64 {
        (self.list_height() - self.view_pixels).max(0.0)
    }

    fn max_bar(&self) -> f64 {
        (self.bar_height() - self.view_pixels).max(0.0)
    }

    fn is_scaled(&self) -> bool {
        self.list_height() > MAX_BAR_PIXELS
    }

    /// The bar was moved to `bar`. Gives a correction of the bar that must be made at once, if any.
    pub fn on_scroll(&mut self, bar: f64) -> Option<f64> {
        let moved = bar - self.bar;
        self.bar = bar;
        if !self.is_scaled() {
            self.top = bar.clamp(0.0, self.max_top());
            return None;
        }
        if moved.abs() <= self.view_pixels.max(self.row_pixels) * 2.0 {
            self.top = (self.top + moved).clamp(0.0, self.max_top());
        } else {
            self.top = self.top_of_bar(bar);
        }
        // At its end the bar could not be moved further, though the list could.
        let is_stuck = (bar <= 0.0 && self.top > 0.0) || (bar >= self.max_bar() && self.top < self.max_top());
        if is_stuck { self.settle() } else { None }
    }

    /// Puts the bar where the list's position is; `None` when it is there.
    pub fn settle(&mut self) -> Option<f64> {
        let place = self.bar_of_top();
        if (place - self.bar).abs() < 1.0 {
            return None;
        }
        self.bar = place;
        Some(place)
    }

    /// Rows are of another height from now on; the first that is seen stays the first.
    pub fn set_row_pixels(&mut self, pixels: f64) -> Option<f64> {
        let first = self.top / self.row_pixels;
        self.row_pixels = pixels;
        self.go_to(first * pixels)
    }

    /// Brings `row` into the middle, or as near as the ends allow.
    pub fn centre(&mut self, row: u64) -> Option<f64> {
        self.go_to(row as f64 * self.row_pixels - (self.view_pixels - self.row_pixels) / 2.0)
    }

    /// Moves as little as needed to show all of `row`.
    pub fn reveal(&mut self, row: u64) -> Option<f64> {
        let (start, end) = (row as f64 * self.row_pixels, (row + 1) as f64 * self.row_pixels);
        if start < self.top {
            self.go_to(start)
        } else if end > self.top + self.view_pixels {
            self.go_to(end - self.view_pixels)
        } else {
            None
        }
    }

    /// Rows came or went above the visible part: what is seen stays in place.
    pub fn shift(&mut self, by_rows: i64) -> Option<f64> {
        self.go_to(self.top + by_rows as f64 * self.row_pixels)
    }

    pub fn rewind(&mut self) -> Option<f64> {
        self.go_to(0.0)
    }

    /// After a change of `n_rows` or `view_pixels`.
    pub fn fit(&mut self) -> Option<f64> {
        self.go_to(self.top)
    }

    fn go_to(&mut self, top: f64) -> Option<f64> {
        // Browsers keep whole pixels here: a fraction would come back as a movement.
        self.top = top.round().clamp(0.0, self.max_top());
        self.settle()
    }

    fn bar_of_top(&self) -> f64 {
        if !self.is_scaled() {
            return self.top;
        }
        let share = if self.max_top() > 0.0 { self.top / self.max_top() } else { 0.0 };
        // The ends of the bar are the ends of the list only.
        let place = (share * self.max_bar()).round();
        if self.top > 0.0 && self.top < self.max_top() { place.clamp(1.0, self.max_bar() - 1.0) } else { place }
    }

    fn top_of_bar(&self, bar: f64) -> f64 {
        let share = if self.max_bar() > 0.0 { bar / self.max_bar() } else { 0.0 };
        share.clamp(0.0, 1.0) * self.max_top()
    }

    /// Rows of which any part is visible.
    pub fn visible(&self) -> Range<u64> {
        let first = (self.top / self.row_pixels) as u64;
        let end = ((self.top + self.view_pixels) / self.row_pixels).ceil() as u64;
        first.min(self.n_rows)..end.min(self.n_rows)
    }

    /// Some of the last row is visible.
    pub fn shows_end(&self) -> bool {
        self.visible().end == self.n_rows
    }

    /// Where the first visible row begins, relative to the visible part: zero or above it.
    pub fn first_offset(&self) -> f64 {
        -(self.top % self.row_pixels)
    }

    /// Rows that fit whole; a page for the keyboard.
    pub fn page_rows(&self) -> u64 {
        ((self.view_pixels / self.row_pixels) as u64).max(2) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(n_rows: u64) -> Scroll {
        Scroll { n_rows, view_pixels: 600.0, ..Default::default() }
    }

    #[test]
    fn a_short_list_scrolls_as_the_bar_does() {
        let mut scroll = list(1_000);
        assert_eq!(scroll.bar_height(), 24_000.0);
        assert_eq!(scroll.on_scroll(36.0), None);
        assert_eq!(scroll.visible(), 1..27);
        assert_eq!(scroll.first_offset(), -12.0);
    }

    #[test]
    fn the_wheel_moves_a_long_list_pixel_by_pixel() {
        let mut scroll = list(10_000_000);
        assert_eq!(scroll.bar_height(), MAX_BAR_PIXELS);
        scroll.centre(5_000_000);
        let before = scroll.visible().start;
        let bar = scroll.bar;
        for step in 1..=10 {
            assert_eq!(scroll.on_scroll(bar + f64::from(step) * 120.0), None);
        }
        assert_eq!(scroll.visible().start, before + 50);
    }

    #[test]
    fn dragging_the_bar_reaches_every_part() {
        let mut scroll = list(10_000_000);
        scroll.on_scroll(scroll.max_bar());
        assert_eq!(scroll.visible().end, 10_000_000);
        scroll.on_scroll(scroll.max_bar() / 2.0);
        assert!(scroll.visible().start.abs_diff(5_000_000) < 50);
        scroll.on_scroll(0.0);
        assert_eq!(scroll.visible().start, 0);
    }

    #[test]
    fn settling_moves_the_bar_and_not_the_list() {
        let mut scroll = list(10_000_000);
        scroll.centre(5_000_000);
        let bar = scroll.bar;
        scroll.on_scroll(bar + 1_000.0);
        let seen = scroll.clone();
        assert!(scroll.settle().is_some());
        assert_eq!((scroll.visible(), scroll.first_offset()), (seen.visible(), seen.first_offset()));
        assert_eq!(scroll.settle(), None);
    }

    #[test]
    fn a_bar_at_its_end_does_not_stop_the_list_before_its_own() {
        let mut scroll = list(10_000_000);
        scroll.centre(100);
        let correction = scroll.on_scroll(0.0);
        assert!(correction.is_some_and(|bar| bar >= 1.0), "{correction:?}");
        assert!(scroll.top > 0.0);
    }

    #[test]
    fn revealing_moves_as_little_as_possible() {
        let mut scroll = list(1_000);
        assert_eq!(scroll.reveal(3), None);
        scroll.reveal(30);
        assert_eq!(scroll.visible().end, 31);
        scroll.reveal(29);
        assert_eq!(scroll.visible().end, 31);
        scroll.reveal(2);
        assert_eq!(scroll.visible().start, 2);
    }

    #[test]
    fn the_end_is_in_sight_until_somebody_scrolls_away() {
        let mut scroll = list(1_000);
        scroll.reveal(999);
        assert!(scroll.shows_end());
        scroll.n_rows += 1;
        scroll.fit();
        assert!(!scroll.shows_end());
        scroll.reveal(1_000);
        assert!(scroll.shows_end());
        scroll.on_scroll(scroll.bar - 120.0);
        assert!(!scroll.shows_end());
    }

    #[test]
    fn rows_of_another_height_begin_with_the_same_row() {
        for n_rows in [1_000, 10_000_000] {
            let mut scroll = list(n_rows);
            scroll.on_scroll(2_400.0);
            let first = scroll.visible().start;
            scroll.set_row_pixels(56.0);
            assert_eq!((scroll.visible().start, scroll.visible().end - first), (first, 11), "{n_rows}");
            scroll.set_row_pixels(ROW_PIXELS);
            assert_eq!(scroll.visible().start, first, "{n_rows}");
        }
    }

    #[test]
    fn rows_that_come_above_do_not_move_what_is_seen() {
        let mut scroll = list(1_000);
        scroll.on_scroll(2_405.0);
        let offset = scroll.first_offset();
        scroll.n_rows += 50;
        scroll.shift(50);
        assert_eq!((scroll.visible().start, scroll.first_offset()), (150, offset));
    }

    #[test]
    fn the_bar_echoing_its_own_place_moves_nothing() {
        for n_rows in [1_000, 400_000, 10_000_000] {
            let mut scroll = list(n_rows);
            scroll.on_scroll(3_000.0);
            scroll.n_rows += 7;
            scroll.fit();
            let seen = scroll.clone();
            scroll.on_scroll(seen.bar);
            assert_eq!(scroll.bar, seen.bar.trunc(), "{n_rows}");
            assert_eq!((scroll.visible(), scroll.first_offset()), (seen.visible(), seen.first_offset()), "{n_rows}");
        }
    }

    #[test]
    fn a_list_that_shrinks_stays_within_itself() {
        let mut scroll = list(1_000);
        scroll.on_scroll(20_000.0);
        scroll.n_rows = 10;
        scroll.fit();
        assert_eq!(scroll.visible(), 0..10);
        scroll.n_rows = 0;
        scroll.fit();
        assert_eq!(scroll.visible(), 0..0);
    }
}
