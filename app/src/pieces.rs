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
    n_up: ReadSignal<usize>,
}

impl Pieces {
    pub fn has(self, piece: Piece) -> bool {
        self.n_up.get() > piece as usize
    }
}

/// None at first, one more in every task.
///
/// ```ignore
/// let pieces = use_pieces();
/// view! { <Show when=move || pieces.has(Piece::Help)><Help /></Show> }
/// ```
pub fn use_pieces() -> Pieces {
    let (n_up, set_n_up) = signal(0);
    Effect::new(move || {
        if n_up.get() < N_PIECES {
            set_timeout(
                move || {
                    // What is put up may have been taken down by then.
                    let _ = set_n_up.try_update(|n_up| *n_up += 1);
                },
                Duration::ZERO,
            );
        }
    });
    Pieces { n_up }
}
