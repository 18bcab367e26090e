//! Which blocks can have entries that a query finds.

use model::query::Expr;

/// What the indexes are asked for. Names every block with a match, and perhaps others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexQuery {
    /// The indexes cannot tell: every block.
    All,
    Nothing,
    Token(Token),
    /// Blocks with a word in the word index that begins with this (folded) text; only the word index knows.
    Prefix(String),
    And(Vec<IndexQuery>),
    Or(Vec<IndexQuery>),
}

/// One token of the postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub hash: u64,
    /// The token itself if the word index has it too.
    pub word: Option<String>,
}

pub fn plan(_expr: &Expr) -> IndexQuery {
    unimplemented!()
}

/// The token to count, where a query is nothing but one token: the postings' numbers of entries are then the answer.
pub fn count_plan(_expr: &Expr) -> Option<Token> {
    unimplemented!()
}
