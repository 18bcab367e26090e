//! Taking files in, as far as it needs no browser: who reads what, how much may be under way, when to commit.

mod roster;
pub use roster::{Ended, Leave, Left, ReaderId, Roster};

mod starts;
pub use starts::{Next, Starts};

mod pace;
pub use pace::{Pace, Tempo};

mod order;
pub use order::order_for_reading;

pub mod fingerprint;

pub mod words;
