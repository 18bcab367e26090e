//! The two indexes: FTS5 over the words of each block, and postings over the hashes of all tokens.
//!
//! They name the blocks that a query can find something in; a scan of those decides (`analysis::search`). Postings are
//! written for groups of up to [`GROUP_BLOCKS`] blocks with neighbouring ids; those of the group being filled are in
//! memory until the next commit, so that nothing has to be made up for after a crash.

use std::collections::BTreeSet;

use analysis::block::TokenCount;
use analysis::postings::{self, GROUP_BLOCKS};
use analysis::search::{IndexQuery, Token};
use rusqlite::{Connection, OptionalExtension, params};

use super::directory::BlockId;
use super::error::{Error, Result};

const PUT_WORDS: &str = "INSERT INTO words(rowid, tokens) VALUES (?1, ?2)";
/// The word index's own order is by row id.
const BLOCKS_WITH_WORD: &str = "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid";
const ALL_GROUPS: &str =
    "SELECT first_block, last_block, first_chunk, first_hashes FROM posting_groups ORDER BY first_block";
const BLOCKS_AFTER: &str = "SELECT id FROM blocks WHERE id > ?1 ORDER BY id";
const PUT_GROUP: &str =
    "INSERT INTO posting_groups(first_block, last_block, first_chunk, first_hashes) VALUES (?1, ?2, ?3, ?4)";
const PUT_CHUNK: &str = "INSERT INTO postings(bytes) VALUES (?1)";
const CHUNK: &str = "SELECT bytes FROM postings WHERE id = ?1";
const CHANGE_CHUNK: &str = "UPDATE postings SET bytes = ?2 WHERE id = ?1";
const FORGET_WORDS: &str = "INSERT INTO words(words, rowid, tokens) VALUES ('delete', ?1, ?2)";
const DROP_CHUNKS: &str = "DELETE FROM postings WHERE id BETWEEN ?1 AND ?2";
const DROP_GROUP: &str = "DELETE FROM posting_groups WHERE first_block = ?1";

/// Blocks that can hold what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    All,
    /// Ascending.
    Only(Vec<BlockId>),
}

/// How many entries of each block have a token, as far as the postings know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Ascending by block.
    pub exact: Vec<(BlockId, u32)>,
    /// Blocks that may have it: a scan must tell.
    pub unsure: Vec<BlockId>,
}

/// A written group: consecutive chunks, each with the first hash in it.
#[derive(Debug)]
struct Group {
    first_block: BlockId,
    last_block: BlockId,
    first_chunk: i64,
    first_hashes: Vec<u64>,
    /// Blocks that were taken out since the workspace was opened.
    swept: BTreeSet<BlockId>,
}

/// Tokens of one block, ascending by hash.
#[derive(Debug)]
struct Filling {
    block: BlockId,
    tokens: Vec<TokenCount>,
}

#[derive(Debug, Default)]
pub struct Index {
    groups: Vec<Group>,
    filling: Vec<Filling>,
    /// Blocks of a transaction that somebody else has open: their postings are not written yet.
    unwritten: Vec<BlockId>,
}

impl Index {
    pub fn load(connection: &Connection) -> Result<Self> {
        let mut statement = connection.prepare(ALL_GROUPS)?;
        let mut rows = statement.query([])?;
        let mut groups = Vec::new();
        while let Some(row) = rows.next()? {
            let hashes = row.get_ref(3)?.as_blob().unwrap_or_default();
            let (hashes, rest) = hashes.as_chunks::<8>();
            if hashes.is_empty() || !rest.is_empty() {
                return Err(Error::Garbled("index"));
            }
            groups.push(Group {
                first_block: row.get(0)?,
                last_block: row.get(1)?,
                first_chunk: row.get(2)?,
                first_hashes: hashes.iter().map(|&bytes| u64::from_le_bytes(bytes)).collect(),
                swept: BTreeSet::new(),
            });
        }
        let last_written = groups.last().map_or(0, |group| group.last_block);
        let mut statement = connection.prepare(BLOCKS_AFTER)?;
        let unwritten = statement.query_map([last_written], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(Self { groups, filling: Vec::new(), unwritten })
    }

    /// Indexes a new block; ids come ascending. `words` and `tokens` as a [`analysis::block::Block`] has them.
    pub fn add(
        &mut self,
        connection: &Connection,
        block: BlockId,
        words: &[u8],
        mut tokens: Vec<TokenCount>,
    ) -> Result<()> {
        let is_full = |first: &Filling| (block - first.block) as usize >= GROUP_BLOCKS;
        if self.filling.first().is_some_and(is_full) {
            self.close_group(connection)?;
        }
        connection.prepare_cached(PUT_WORDS)?.execute(params![block, words])?;
        tokens.sort_unstable();
        self.filling.push(Filling { block, tokens });
        Ok(())
    }

    /// Writes the group being filled, if any.
    pub fn close_group(&mut self, connection: &Connection) -> Result<()> {
        let (Some(first), Some(last)) = (self.filling.first(), self.filling.last()) else {
            return Ok(());
        };
        let (first_block, last_block) = (first.block, last.block);
        let place = |block: BlockId| u8::try_from(block - first_block).expect("add() closes groups in time");
        let tokens: Vec<(u8, &[TokenCount])> =
            self.filling.iter().map(|filling| (place(filling.block), filling.tokens.as_slice())).collect();
        let mut first_chunk = None;
        let mut first_hashes = Vec::new();
        for chunk in postings::build(&tokens) {
            connection.prepare_cached(PUT_CHUNK)?.execute([&chunk.bytes])?;
            first_chunk.get_or_insert(connection.last_insert_rowid());
            first_hashes.push(chunk.first_hash);
        }
        if let Some(first_chunk) = first_chunk {
            let hash_bytes: Vec<u8> = first_hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
            connection.prepare_cached(PUT_GROUP)?.execute(params![first_block, last_block, first_chunk, hash_bytes])?;
            let swept = BTreeSet::new();
            self.groups.push(Group { first_block, last_block, first_chunk, first_hashes, swept });
        }
        self.filling.clear();
        Ok(())
    }

    /// Blocks that a query can find something in; those that were taken out may be among them.
    pub fn candidates(&self, connection: &Connection, query: &IndexQuery) -> Result<Candidates> {
        self.candidates_among(connection, query, &Candidates::All)
    }

    /// Of others it may leave out any: postings of groups without one of `among` are not read.
    fn candidates_among(&self, connection: &Connection, query: &IndexQuery, among: &Candidates) -> Result<Candidates> {
        Ok(match query {
            IndexQuery::All => Candidates::All,
            IndexQuery::Nothing => Candidates::Only(Vec::new()),
            IndexQuery::Token(Token { word: Some(word), .. }) => self.with_word(connection, &quoted(word))?,
            IndexQuery::Prefix(text) => self.with_word(connection, &format!("{}*", quoted(text)))?,
            IndexQuery::Without(mark) => self.without(connection, *mark)?,
            IndexQuery::Token(token) => {
                let counts = self.token_counts_among(connection, token, among)?;
                let blocks: BTreeSet<_> =
                    counts.exact.into_iter().map(|(block, _)| block).chain(counts.unsure).collect();
                Candidates::Only(blocks.into_iter().collect())
            }
            IndexQuery::And(parts) => {
                let mut all = among.clone();
                for part in parts {
                    all = intersection(self.candidates_among(connection, part, &all)?, all);
                    if all == Candidates::Only(Vec::new()) {
                        break;
                    }
                }
                all
            }
            IndexQuery::Or(parts) => {
                let mut any = Candidates::Only(Vec::new());
                for part in parts {
                    any = union(any, self.candidates_among(connection, part, among)?);
                    if any == Candidates::All {
                        break;
                    }
                }
                any
            }
        })
    }

    /// Blocks that are not certain to have a mark, and ids of none.
    fn without(&self, connection: &Connection, mark: u64) -> Result<Candidates> {
        let marked = self.token_counts(connection, &Token { hash: mark, word: None })?;
        let marked: BTreeSet<BlockId> = marked.exact.into_iter().map(|(block, _)| block).collect();
        let written = self.groups.iter().flat_map(|group| group.first_block..=group.last_block);
        let others = self.filling.iter().map(|filling| filling.block).chain(self.unwritten.iter().copied());
        let all: BTreeSet<BlockId> = written.chain(others).filter(|block| !marked.contains(block)).collect();
        Ok(Candidates::Only(all.into_iter().collect()))
    }

    fn with_word(&self, connection: &Connection, query: &str) -> Result<Candidates> {
        let mut statement = connection.prepare_cached(BLOCKS_WITH_WORD)?;
        let blocks = statement.query_map([query], |row| row.get(0))?;
        Ok(Candidates::Only(blocks.collect::<rusqlite::Result<_>>()?))
    }

    /// In how many entries of which block a token is. Reads one chunk a group.
    pub fn token_counts(&self, connection: &Connection, token: &Token) -> Result<TokenCounts> {
        self.token_counts_among(connection, token, &Candidates::All)
    }

    fn token_counts_among(&self, connection: &Connection, token: &Token, among: &Candidates) -> Result<TokenCounts> {
        let hash = token.hash;
        let mut counts = TokenCounts::default();
        for group in self.groups.iter().filter(|group| group.has_one_of(among)) {
            let n_before = group.first_hashes.partition_point(|&first| first <= hash);
            let Some(chunk) = n_before.checked_sub(1) else {
                continue;
            };
            let bytes: Option<Vec<u8>> = connection
                .prepare_cached(CHUNK)?
                .query_row([group.first_chunk + chunk as i64], |row| row.get(0))
                .optional()?;
            let found = postings::lookup(&bytes.ok_or(Error::Garbled("index"))?, hash)?;
            let blocks = found.blocks.into_iter().map(|(place, n)| (group.first_block + u32::from(place), n));
            if found.exact {
                counts.exact.extend(blocks);
            } else {
                counts.unsure.extend(blocks.map(|(block, _)| block));
            }
        }
        counts.unsure.extend(&self.unwritten);
        for filling in &self.filling {
            let place = filling.tokens.partition_point(|token| token.hash() < hash);
            if let Some(token) = filling.tokens.get(place).filter(|token| token.hash() == hash) {
                counts.exact.push((filling.block, token.n_entries()));
            }
        }
        Ok(counts)
    }

    /// Forgets the postings in memory of blocks that are gone.
    pub fn forget_unwritten(&mut self, is_there: impl Fn(BlockId) -> bool) {
        self.filling.retain(|filling| is_there(filling.block));
    }

    /// Takes the blocks `gone` (ascending) out of the first group that names one; false when none does. A group with no
    /// block that `is_there` goes as a whole.
    pub fn sweep_group(
        &mut self,
        connection: &Connection,
        gone: &[BlockId],
        is_there: impl Fn(BlockId) -> bool,
    ) -> Result<bool> {
        let is_gone = |id: BlockId| gone.binary_search(&id).is_ok();
        let Some(place) = self.groups.iter().position(|group| group.names(gone)) else {
            return Ok(false);
        };
        let group = &mut self.groups[place];
        let chunks = group.first_chunk..group.first_chunk + group.first_hashes.len() as i64;
        if !(group.first_block..=group.last_block).any(is_there) {
            connection.prepare_cached(DROP_CHUNKS)?.execute([chunks.start, chunks.end - 1])?;
            connection.prepare_cached(DROP_GROUP)?.execute([group.first_block])?;
            self.groups.remove(place);
            return Ok(true);
        }
        for chunk in chunks {
            let bytes: Vec<u8> = connection.prepare_cached(CHUNK)?.query_row([chunk], |row| row.get(0))?;
            let left = postings::without(&bytes, |place| is_gone(group.first_block + u32::from(place)))?;
            connection.prepare_cached(CHANGE_CHUNK)?.execute(params![chunk, left])?;
        }
        group.swept.extend(gone.iter().filter(|id| (group.first_block..=group.last_block).contains(id)));
        Ok(true)
    }

    /// Takes the block's words out; `words` are those it was added with.
    pub fn forget_words(&self, connection: &Connection, block: BlockId, words: &[u8]) -> Result<()> {
        connection.prepare_cached(FORGET_WORDS)?.execute(params![block, words])?;
        Ok(())
    }
}

impl Group {
    fn has_one_of(&self, blocks: &Candidates) -> bool {
        let Candidates::Only(blocks) = blocks else { return true };
        let first = blocks.partition_point(|&id| id < self.first_block);
        blocks.get(first).is_some_and(|&id| id <= self.last_block)
    }

    /// Whether one of `gone` (ascending) may still be named.
    fn names(&self, gone: &[BlockId]) -> bool {
        let first = gone.partition_point(|&id| id < self.first_block);
        gone[first..].iter().take_while(|&&id| id <= self.last_block).any(|id| !self.swept.contains(id))
    }
}

/// As an FTS5 string, which takes every character as it is.
fn quoted(token: &str) -> String {
    format!("\"{}\"", token.replace('"', "\"\""))
}

fn intersection(a: Candidates, b: Candidates) -> Candidates {
    match (a, b) {
        (Candidates::All, other) | (other, Candidates::All) => other,
        (Candidates::Only(mut a), Candidates::Only(b)) => {
            a.retain(|id| b.binary_search(id).is_ok());
            Candidates::Only(a)
        }
    }
}

fn union(a: Candidates, b: Candidates) -> Candidates {
    match (a, b) {
        (Candidates::All, _) | (_, Candidates::All) => Candidates::All,
        (Candidates::Only(mut a), Candidates::Only(b)) => {
            a.extend(b);
            a.sort_unstable();
            a.dedup();
            Candidates::Only(a)
        }
    }
}
