//! Decides which entries of a block a query finds.

use model::query::Expr;

use super::Bitmap;
use crate::block::Columns;
use crate::format::Formats;

/// A block as the matcher looks at it.
#[derive(Clone, Copy)]
pub struct OpenBlock<'a> {
    pub columns: &'a Columns,
    /// [`crate::block::decode_text`]; may be empty where [`Matcher::needs_text`] is false, or in [`Matcher::candidates`].
    pub text: &'a [u8],
    /// The source's path: the field `source`.
    pub path: &'a str,
    /// The service of entries that name none.
    pub service: &'a str,
}

/// A query made ready to be run over blocks.
pub struct Matcher<'f> {
    _formats: &'f Formats,
}

impl<'f> Matcher<'f> {
    /// A regular expression that cannot be read finds nothing; see [`Matcher::problems`].
    pub fn new(_expr: &Expr, formats: &'f Formats) -> Self {
        Self { _formats: formats }
    }

    /// What of the query could not be used, as sentences.
    pub fn problems(&self) -> &[String] {
        unimplemented!()
    }

    /// Whether columns and source alone do not decide.
    pub fn needs_text(&self) -> bool {
        unimplemented!()
    }

    /// The entries that columns and source alone do not rule out. Cheap: it never looks at the text.
    pub fn candidates(&self, _block: OpenBlock<'_>) -> Bitmap {
        unimplemented!()
    }

    /// The entries the query finds among those of `within`.
    pub fn matches(&mut self, _block: OpenBlock<'_>, _within: &Bitmap) -> Bitmap {
        unimplemented!()
    }
}
