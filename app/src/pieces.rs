//! Puts a large part of the page up piece by piece, each in a task of its own, so that the page answers in between.

use std::time::Duration;

use leptos::prelude::*;

/// What follows the window's frame, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    Entries,
    Timeline,
    Sidebar,
    Search,
    Tools,
    Help,
}

const N_PIECES: usize = Piece::Help as usize + 1;

/// Which pieces may be on the page by now.
#[derive(Clone, Copy)]
pub struct Pieces {
    n_up: RwSignal<usize>,
}

impl Pieces {
    /// None are up until [`Pieces::begin`].
    pub fn new() -> Self {
        Self { n_up: RwSignal::new(0) }
    }

    pub fn has(self, piece: Piece) -> bool {
        self.n_up.get() > piece as usize
    }

    /// Puts one up, and one more in every task that follows.
    ///
    /// ```ignore
    /// let pieces = Pieces::new();
    /// pieces.begin();
    /// view! { <Show when=move || pieces.has(Piece::Help)><Help /></Show> }
    /// ```
    pub fn begin(self) {
        // What is put up may have been taken down by then.
        let n_up = self.n_up.try_update(|n_up| {
            *n_up += 1;
            *n_up
        });
        if n_up.is_some_and(|n_up| n_up < N_PIECES) {
            set_timeout(move || self.begin(), Duration::ZERO);
        }
    }
}
