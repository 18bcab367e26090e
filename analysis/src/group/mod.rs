//! Entries grouped by an id (a trace, a request, a session, a block), and which of these groups are unlike the others.
//!
//! [`fields`] says what could be grouped by, [`written`] what ids stand in texts alone. A [`Grouping`] takes in entries in any order, with bounded memory; an
//! [`Ordering`] puts what it holds into the order of time, the detectors of [`outlier`](crate::outlier) score it, and [`Ranked`]
//! tells the oddest groups and what is odd about them. Most of these steps are
//! bounded; what is worked out over all groups or all templates at once grows with them.

mod fields;
pub use fields::fields_to_group_by;

mod grouping;
pub use grouping::{Entry, Grouping};

mod ordering;
pub use ordering::Ordering;

mod ranked;
pub use ranked::Ranked;

mod written;
pub use written::{WrittenIds, id_of_form};

#[cfg(test)]
mod tests;
