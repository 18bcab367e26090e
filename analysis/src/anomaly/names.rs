//! What the numbers of a tally stand for.

use model::incident::TemplateName;

pub struct Names<'n> {
    pub services: &'n [String],
    pub templates: &'n [TemplateName],
    pub fields: &'n [String],
    /// Paths.
    pub sources: &'n [String],
}
