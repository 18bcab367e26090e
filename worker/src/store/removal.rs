//! Takes a source out: at once for every question, then in small steps from tables and indexes.
//!
//! A block whose source has no row is *left over*; what removal has to do can always be read from the tables, so that it
//! goes on after a rollback or when the workspace opens again. Postings go first: they name no block that has no row.

use std::collections::{BTreeSet, VecDeque};

use model::entry::SourceId;
use model::protocol::Failure;
use rusqlite::{Connection, params};

use super::directory::BlockId;
use super::error::{Error, Result};
use super::{Store, meta};

/// Blocks taken out in one step: some hundred kilobytes of text are cut into words again.
const STEP_BLOCKS: usize = 4;
/// Pages of the word index that are merged in one step.
const STEP_MERGE_PAGES: i64 = 32;
/// Pages given back in one step.
const STEP_FREE_PAGES: usize = 128;

const LEFT_OVER: &str = "SELECT id FROM blocks WHERE source NOT IN (SELECT id FROM sources) ORDER BY id";
/// Whole pages of what is removed are overwritten in the file, too, which may be given to others. Rows are in any case
/// (`schema`).
const OVERWRITE: &str = "PRAGMA secure_delete = on";
pub(super) const REMOVE_SOURCE: &str = "DELETE FROM sources WHERE id = ?1";
const PUT_REMOVED_MEMBER: &str = "INSERT OR IGNORE INTO removed_members (archive, ordinal) VALUES (?1, ?2)";
const REMOVED_MEMBER: &str = "SELECT 1 FROM removed_members WHERE archive = ?1 AND ordinal = ?2";
const FORGET_REMOVED_MEMBERS: &str = "DELETE FROM removed_members WHERE archive = ?1";

/// Name in `meta` of the first block that came after the word index was emptied.
const WORDS_FROM: &str = "words_from";

/// The file number `ordinal` of an archive was removed: it does not come back when the archive is read on.
pub(super) fn is_removed_member(connection: &Connection, archive: SourceId, ordinal: u64) -> Result<bool> {
    Ok(connection.prepare_cached(REMOVED_MEMBER)?.exists(params![archive.0, ordinal as i64])?)
}

/// What removal still has to do.
#[derive(Debug, Default)]
pub(super) struct Removal {
    /// Ascending.
    left_over: VecDeque<BlockId>,
    /// The word index has the words of blocks from this one on. FTS5 must not be told to forget others: that garbles it.
    words_from: BlockId,
    /// The word index keeps what was taken out until it is merged.
    merging: Option<Merging>,
    /// Pages may be given back.
    is_loose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Merging {
    Begin,
    GoOn,
}

/// How far removal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Blocks that are still in the tables.
    pub n_left: usize,
    pub is_done: bool,
}

impl Removal {
    /// What a removal that was interrupted, or a new reading, left over.
    pub fn load(store: &Store) -> Result<Self> {
        let connection = store.blocks.connection();
        let mut statement = connection.prepare(LEFT_OVER)?;
        let left_over: VecDeque<BlockId> =
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let is_loose = !left_over.is_empty();
        if is_loose {
            connection.execute_batch(OVERWRITE)?;
        }
        let words_from = meta::value(connection, WORDS_FROM)?.unwrap_or(0);
        Ok(Self { left_over, words_from, merging: None, is_loose })
    }

    /// What is left over now that more blocks are.
    pub fn with_more(store: &Store) -> Result<Self> {
        Ok(Self { merging: store.removal.merging, is_loose: true, ..Self::load(store)? })
    }

    fn swept(&self) -> Swept {
        let n_left = self.left_over.len();
        Swept { n_left, is_done: n_left == 0 && self.merging.is_none() && !self.is_loose }
    }
}

impl Store {
    /// Takes the source, of an archive what came out of it, and all their entries out of every question and commits that;
    /// [`Store::sweep`] does the rest.
    pub fn begin_removal(&mut self, id: SourceId) -> std::result::Result<(), Failure> {
        self.sources.get(id).ok_or(Failure::Gone)?;
        let begun = self.try_begin_removal(id);
        Ok(self.or_roll_back(begun)?)
    }

    fn try_begin_removal(&mut self, id: SourceId) -> Result<()> {
        self.begin()?;
        let record = self.sources.get(id).ok_or(Error::Gone)?;
        let connection = self.blocks.connection();
        if let Some(archive) = record.shown.archive.filter(|&archive| self.sources.get(archive).is_some()) {
            connection.execute(PUT_REMOVED_MEMBER, params![archive.0, record.fingerprint as i64])?;
        }
        connection.execute(FORGET_REMOVED_MEMBERS, [id.0])?;
        let members = self.sources.iter().map(|record| &record.shown).filter(|member| member.archive == Some(id));
        let gone: BTreeSet<SourceId> = members.map(|member| member.id).chain([id]).collect();
        for id in self.being_reread().into_iter().filter(|id| gone.contains(id)) {
            self.drop_successor(id)?;
        }
        for &id in &gone {
            self.sources.remove(id)?;
            self.blocks.connection().prepare_cached(REMOVE_SOURCE)?.execute([id.0])?;
        }
        self.blocks.hide_sources(&gone);
        self.removal = Removal::with_more(self)?;
        self.forget_words_of_none()?;
        self.forget_asked_texts();
        self.invalidate();
        self.try_commit(None)?;
        Ok(())
    }

    /// Where no block is of use, no word is: the word index is emptied at once.
    pub(super) fn forget_words_of_none(&mut self) -> Result<()> {
        if self.removal.left_over.is_empty() || !self.blocks.directory().is_empty() {
            return Ok(());
        }
        self.begin()?;
        self.blocks.forget_all_words()?;
        let words_from = self.meta.next_block;
        meta::put(self.blocks.connection(), WORDS_FROM, &words_from)?;
        self.removal.words_from = words_from;
        self.removal.merging = None;
        Ok(())
    }

    /// One bounded step of what removal left to do.
    pub fn sweep(&mut self) -> std::result::Result<Swept, Failure> {
        let swept = self.try_sweep();
        Ok(self.or_roll_back(swept)?)
    }

    pub(super) fn try_sweep(&mut self) -> Result<Swept> {
        let Swept { n_left, is_done } = self.removal.swept();
        if is_done {
            return Ok(Swept { n_left, is_done });
        }
        self.begin()?;
        if n_left > 0 {
            if !self.blocks.sweep_postings(self.removal.left_over.make_contiguous())? {
                self.sweep_blocks()?;
            }
        } else if let Some(merging) = self.removal.merging {
            // A negative number of pages takes up all segments, whatever their number; the following go on with those.
            let n_pages = if merging == Merging::Begin { -STEP_MERGE_PAGES } else { STEP_MERGE_PAGES };
            let is_at_rest = self.blocks.merge_words(n_pages)?;
            self.removal.merging = (!is_at_rest).then_some(Merging::GoOn);
        } else {
            self.removal.is_loose = self.blocks.free_pages(STEP_FREE_PAGES)?;
        }
        let swept = self.removal.swept();
        if swept.is_done {
            self.try_commit(None)?;
        }
        Ok(swept)
    }

    fn sweep_blocks(&mut self) -> Result<()> {
        for _ in 0..STEP_BLOCKS {
            let Some(id) = self.removal.left_over.pop_front() else { break };
            let has_words = id >= self.removal.words_from;
            self.blocks.sweep_block(id, has_words)?;
            if has_words && self.removal.left_over.is_empty() {
                self.removal.merging = Some(Merging::Begin);
            }
        }
        Ok(())
    }

    /// Takes the source and all its entries out, whatever time it needs.
    pub fn remove_source(&mut self, id: SourceId) -> std::result::Result<(), Failure> {
        self.begin_removal(id)?;
        while !self.sweep()?.is_done {}
        Ok(())
    }
}
