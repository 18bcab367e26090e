//! Answers over many entries: facets, and what the stages of a query make of the entries that its filter finds.
//!
//! Blocks go in one after the other, with the entries found in each; the answer so far can be had at any time. All values
//! come from [field columns](crate::fields), so that no entry is opened; but for those in templates, which are read where they are asked for.

pub mod quantiles;

mod bars;

mod block;
pub(crate) use block::unit_of_suffix;
pub use block::{BlockView, Needs};

mod meant;
pub use meant::{NO_MEANINGS, needs_of};

mod values;
pub use values::{BlockValues, NO_VALUES};

mod many;

mod field_count;
pub use field_count::CountedField;

mod facets;
pub use facets::FacetCount;

mod place;
pub use place::PlaceCount;

mod condition;

mod extract;

mod groups;
pub use groups::Spans;

mod measures;

mod entries;

mod rows;

mod drill;

mod opened;

mod pipeline;
pub use pipeline::Pipeline;

#[cfg(test)]
mod tests;
