//! Which entries of a block a query finds, and which blocks to look at.
//!
//! [`plan`] says which blocks can have a match, by the indexes; [`Matcher`] decides entry by entry. The plan names every
//! block that the matcher finds something in, and perhaps more.

mod bitmap;

mod needle;

mod node;

mod pattern;

mod field;

mod path;

mod traced;

mod variable;

mod matcher;

mod plan;

mod severities;

mod highlight;

#[cfg(test)]
mod tests;

pub use bitmap::Bitmap;
pub(crate) use field::{Number, ValueTest, is_as_wanted};
pub use highlight::Highlighter;
pub use matcher::{Matcher, OpenBlock};
pub(crate) use node::LevelTest;
pub(crate) use path::PathPattern;
pub use path::unknown_paths;
pub use plan::{IndexQuery, Token, count_plan, ids_beside_text, plan};
pub use severities::possible_bands;
