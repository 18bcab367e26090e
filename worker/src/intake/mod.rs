//! Taking files in, as far as it needs no browser: who reads what, how much may be under way, when to commit.

mod roster;
pub use roster::{Leave, Left, ReaderId, Roster};

mod pace;
pub use pace::{Pace, Tempo};

pub mod fingerprint;

pub mod words;
