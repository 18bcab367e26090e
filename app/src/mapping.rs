//! The mapping table on the page: asked for once for all that shows it, and changed.

use std::sync::Arc;

use leptos::prelude::*;
use model::meaning::{Meaning, Meanings};
use model::protocol::{Answer, Ask, Revision};
use model::query::parse_query;
use model::say;

use crate::answer::Question;
use crate::kept_table::KeptTable;
use crate::port::Port;
use crate::scope::Shared;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AskMeanings;

impl Question for AskMeanings {
    type Answer = Arc<Meanings>;
    fn ask(&self) -> Ask {
        Ask::Meanings
    }
    fn read(answer: Answer) -> Option<Arc<Meanings>> {
        if let Answer::Meanings(meanings) = answer { Some(Arc::new(meanings)) } else { None }
    }
}

/// Handles only.
#[derive(Clone, Copy)]
pub struct Mapping {
    pub table: KeptTable<Meanings>,
    /// The table is to be shown as soon as it is there.
    pub is_sought: RwSignal<bool>,
}

impl Mapping {
    pub fn new(port: StoredValue<Port, LocalStorage>, revision: RwSignal<Revision>) -> Self {
        Self { table: KeptTable::new(port, revision, AskMeanings), is_sought: RwSignal::new(false) }
    }

    /// The meanings that a query asks for.
    pub fn asked_by(self, query: &str) -> Vec<Meaning> {
        self.table.now.with(|table| match table.is_empty() {
            true => Vec::new(),
            false => table.asked_by(&parse_query(query).0).into_iter().cloned().collect(),
        })
    }
}

/// Puts a table in place of the one there is; `words` are said of it when it is kept.
pub fn change(shared: Shared, table: Meanings, words: String) {
    shared.mapping.table.put(shared, table, Ask::SetMeanings, words);
}

/// Takes back the last change that was not taken back yet.
pub fn undo(shared: Shared) {
    let words = say!("The mapping table is as it was before.").to_owned();
    shared.mapping.table.take_back(shared, Ask::SetMeanings, words);
}

/// Makes the change again that was taken back last.
pub fn redo(shared: Shared) {
    let words = say!("The change was made again.").to_owned();
    shared.mapping.table.make_again(shared, Ask::SetMeanings, words);
}

/// Takes rows in, beside those there are or into them.
pub fn take_in(shared: Shared, rows: Vec<Meaning>, words: String) {
    let mut table = (*shared.mapping.table.latest.get_untracked()).clone();
    rows.into_iter().for_each(|row| table.add(row));
    change(shared, table, words);
}

/// What a meaning stands for, in a sentence.
pub fn in_words(meaning: &Meaning) -> String {
    let fields = meaning.fields();
    let others: Vec<&str> = fields.iter().skip(1).map(|(name, _)| *name).collect();
    let groups: Vec<String> = meaning.values.iter().map(|group| group.join(" = ")).collect();
    let (name, others, words) = (&meaning.name, others.join(", "), groups.join(", "));
    match (others.is_empty(), words.is_empty()) {
        (false, true) => say!("{name} also stands for {others}.", name, others),
        (true, _) => say!("In {name}, {words} say the same.", name, words),
        (false, false) => say!("{name} also stands for {others}; {words} say the same.", name, others, words),
    }
}
