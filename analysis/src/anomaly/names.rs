//! What the numbers of a tally stand for.

use model::incident::TemplateName;

use crate::topology::Services;

pub struct Names<'n> {
    pub services: &'n Services,
    pub templates: &'n [TemplateName],
    pub fields: &'n [String],
    /// Paths.
    pub sources: &'n [String],
}
