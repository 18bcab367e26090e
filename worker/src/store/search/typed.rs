//! What the filter of a query asks for: what it says, under all the names that the mapping table has for it, and with a last
//! word that is still being typed let go on.
//!
//! A word finds whole words, so that half of one would find nothing on its way to the whole. A last word that no entry of the
//! workspace has is therefore taken for the beginning of one. The indexes alone tell, before anything is looked at.

use analysis::search::plan;
use model::query::{Expr, parse};

use crate::store::blocks::Blocks;
use crate::store::error::Result;
use crate::store::index::Candidates;

/// What is searched for, and the word at its end that was let go on.
pub fn read_filter(query: &str, blocks: &Blocks) -> Result<(Expr, Option<String>)> {
    let_go_on(blocks.meanings().widen(parse(query).0), blocks)
}

fn let_go_on(expr: Expr, blocks: &Blocks) -> Result<(Expr, Option<String>)> {
    let Some(word) = last_word(&expr) else { return Ok((expr, None)) };
    if !word.ends_with(char::is_alphanumeric) || is_there(word, blocks)? {
        return Ok((expr, None));
    }
    let word = word.to_owned();
    let last = Expr::Prefix(word.clone());
    let expr = match expr {
        Expr::And(mut parts) => {
            parts.pop();
            parts.push(last);
            Expr::And(parts)
        }
        _ => last,
    };
    Ok((expr, Some(word)))
}

/// Some entry may have the word.
pub fn is_there(word: &str, blocks: &Blocks) -> Result<bool> {
    let blocks_with_it = blocks.candidates(&plan(&Expr::Word(word.to_owned())))?;
    Ok(blocks_with_it != Candidates::Only(Vec::new()))
}

fn last_word(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Word(word) => Some(word),
        Expr::And(parts) => match parts.last() {
            Some(Expr::Word(word)) => Some(word),
            _ => None,
        },
        _ => None,
    }
}
