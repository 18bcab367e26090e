//! Postings: which blocks of a group have a token, and how many of their entries.
//!
//! Built once for each group of up to 256 blocks, cut into chunks by token hash, so that a look-up reads one chunk a
//! group. Tokens of many blocks are kept exactly, with counts, and so is what says which build made a block; the many tokens of few blocks (identifiers) by a shortened
//! hash without counts, in about two bytes for each block: a scan of the named blocks settles what a short hash leaves open.
//!
//! A chunk is: bits of a short hash · length of the exact part · exact part · short part.
//! Exact, by hash: difference of hashes · number of blocks · for each its place and number of entries.
//! Short, by short hash: difference of short hashes · place.

use crate::block::packed::{Unpacker, put_number};
use crate::block::{Corrupt, TokenCount};
use crate::values::KNOWS_IDS;

/// Blocks of one group; a block's place in it fits in a byte.
pub const GROUP_BLOCKS: usize = 256;

/// A token of at least this many blocks of a group is kept exactly: a scan of fewer is quick.
const MANY_BLOCKS: usize = 8;

/// A chunk is closed when it reaches this size: one page of the database.
const CHUNK_BYTES: usize = 31 << 10;

/// Short hashes have this many bits more than are needed to number them: one look-up of an absent token in sixteen names
/// a block in vain, and the difference of two neighbours still fits in one byte.
const SPARE_BITS: u32 = 4;

const HASH_BITS: u32 = 48;

/// Is kept exactly of however few blocks: those without it are asked for, which a short hash cannot tell.
const MARK: u64 = KNOWS_IDS >> (64 - HASH_BITS);

/// A piece of a group's postings: the tokens whose hashes are at least `first_hash` and below the next chunk's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub first_hash: u64,
    pub bytes: Vec<u8>,
}

/// What a chunk knows of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Exactly these blocks have it, in as many entries as `blocks` says. Else some of them may not, and the numbers
    /// are zero.
    pub exact: bool,
    /// Place in the group and number of entries, ascending by place.
    pub blocks: Vec<(u8, u32)>,
}

/// `group`: place in the group and [`crate::block::Block::tokens`] of each block, ascending by place and by hash. The chunks
/// ascend by `first_hash`; the first one's is 0.
///
/// Cost: about 10 ns for each distinct token of a block.
pub fn build(group: &[(u8, &[TokenCount])]) -> Vec<Chunk> {
    let postings = sorted_postings(group);
    let runs = || postings.chunk_by(|one, other| one.hash() == other.hash());
    let n_short: usize = runs().map(<[Posting]>::len).filter(|&n_blocks| n_blocks < MANY_BLOCKS).sum();
    let mut chunks = Chunks::new(short_bits(n_short));
    for run in runs() {
        chunks.begin_token(run[0].hash());
        if run.len() < MANY_BLOCKS && run[0].hash() != MARK {
            for posting in run {
                chunks.put_short(posting.place());
            }
        } else {
            chunks.put_exact(run.len(), run.iter().map(|posting| (posting.place(), posting.n_entries(group))));
        }
    }
    chunks.finish()
}

/// Looks a token up in the last chunk whose `first_hash` is at most `hash`.
pub fn lookup(chunk: &[u8], hash: u64) -> Result<Found, Corrupt> {
    let hash = hash >> (64 - HASH_BITS);
    let mut bytes = Unpacker::new(chunk);
    let short_bits = bytes.number_up_to(u64::from(HASH_BITS))? as u32;
    let n_exact_bytes = bytes.number_up_to(chunk.len() as u64)? as usize;
    let exact = bytes.bytes(n_exact_bytes)?;
    if let Some(blocks) = find_exact(exact, hash)? {
        return Ok(Found { exact: true, blocks });
    }
    let places = find_short(bytes, hash >> (HASH_BITS - short_bits))?;
    Ok(Found { exact: places.is_empty(), blocks: places.into_iter().map(|place| (place, 0)).collect() })
}

/// The chunk without the blocks whose place is `is_gone`; all else is as it was, and so is where a token is looked for.
pub fn without(chunk: &[u8], is_gone: impl Fn(u8) -> bool) -> Result<Vec<u8>, Corrupt> {
    let mut bytes = Unpacker::new(chunk);
    let short_bits = bytes.number_up_to(u64::from(HASH_BITS))? as u32;
    let n_exact_bytes = bytes.number_up_to(chunk.len() as u64)? as usize;
    let mut exact = Unpacker::new(bytes.bytes(n_exact_bytes)?);
    let mut kept = Chunks::new(short_bits);
    while !exact.is_empty() {
        kept.hash = kept.hash.wrapping_add(exact.number()?);
        let mut blocks = Vec::new();
        for _ in 0..exact.number_up_to(GROUP_BLOCKS as u64)? {
            blocks.push((exact.byte()?, exact.number_up_to(u64::from(u32::MAX))? as u32));
        }
        blocks.retain(|&(place, _)| !is_gone(place));
        if !blocks.is_empty() {
            kept.put_exact(blocks.len(), blocks.into_iter());
        }
    }
    let mut short = 0u64;
    while !bytes.is_empty() {
        short = short.wrapping_add(bytes.number()?);
        let place = bytes.byte()?;
        if !is_gone(place) {
            kept.put_short_of(short, place);
        }
    }
    kept.close();
    Ok(kept.done.pop().map(|chunk| chunk.bytes).unwrap_or_default())
}

fn find_exact(exact: &[u8], wanted: u64) -> Result<Option<Vec<(u8, u32)>>, Corrupt> {
    let mut bytes = Unpacker::new(exact);
    let mut hash = 0u64;
    while !bytes.is_empty() && hash <= wanted {
        hash = hash.wrapping_add(bytes.number()?);
        let n_blocks = bytes.number_up_to(GROUP_BLOCKS as u64)? as usize;
        let mut blocks = Vec::with_capacity(if hash == wanted { n_blocks } else { 0 });
        for _ in 0..n_blocks {
            let block = (bytes.byte()?, bytes.number_up_to(u64::from(u32::MAX))? as u32);
            if hash == wanted {
                blocks.push(block);
            }
        }
        if hash == wanted {
            return Ok(Some(blocks));
        }
    }
    Ok(None)
}

fn find_short(mut bytes: Unpacker<'_>, wanted: u64) -> Result<Vec<u8>, Corrupt> {
    let mut places = Vec::new();
    let mut short = 0u64;
    while !bytes.is_empty() && short <= wanted {
        short = short.wrapping_add(bytes.number()?);
        let place = bytes.byte()?;
        if short == wanted {
            places.push(place);
        }
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

fn short_bits(n_short: usize) -> u32 {
    (usize::BITS - n_short.leading_zeros() + SPARE_BITS).min(HASH_BITS)
}

/// Token, place of a block, and number of entries, in one number that sorts: 48, 8 and 8 bits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Posting(u64);

/// The number of entries does not fit in its 8 bits: the block's own list has it.
const MANY_ENTRIES: u32 = 0xFF;

impl Posting {
    fn new(token: TokenCount, place: u8) -> Self {
        Self(token.hash() | u64::from(place) << 8 | u64::from(token.n_entries().min(MANY_ENTRIES)))
    }

    fn hash(self) -> u64 {
        self.0 >> (64 - HASH_BITS)
    }

    fn place(self) -> u8 {
        (self.0 >> 8) as u8
    }

    fn n_entries(self, group: &[(u8, &[TokenCount])]) -> u32 {
        let n_entries = (self.0 & 0xFF) as u32;
        if n_entries < MANY_ENTRIES {
            return n_entries;
        }
        let token = self.0 & !0xFFFF;
        let block = group.partition_point(|&(place, _)| place < self.place());
        let tokens = group[block].1;
        tokens[tokens.partition_point(|one| one.hash() < token)].n_entries()
    }
}

fn sorted_postings(group: &[(u8, &[TokenCount])]) -> Vec<Posting> {
    let mut postings = Vec::with_capacity(group.iter().map(|(_, tokens)| tokens.len()).sum());
    for &(place, tokens) in group {
        postings.extend(tokens.iter().map(|&token| Posting::new(token, place)));
    }
    sort(&mut postings);
    postings
}

/// Sorts by the upper 33 bits, digit by digit, then the few that share them by comparison.
fn sort(postings: &mut Vec<Posting>) {
    const DIGIT_BITS: u32 = 11;
    const N_DIGITS: u32 = 3;
    const LOWEST: u32 = 64 - N_DIGITS * DIGIT_BITS;
    let mut sorted = vec![Posting::default(); postings.len()];
    for digit in 0..N_DIGITS {
        let digit_of =
            |posting: &Posting| (posting.0 >> (LOWEST + digit * DIGIT_BITS)) as usize & ((1 << DIGIT_BITS) - 1);
        let mut starts = [0u32; 1 << DIGIT_BITS];
        for posting in postings.iter() {
            starts[digit_of(posting)] += 1;
        }
        let mut start = 0;
        for n in &mut starts {
            start += std::mem::replace(n, start);
        }
        for posting in postings.iter() {
            let at = &mut starts[digit_of(posting)];
            sorted[*at as usize] = *posting;
            *at += 1;
        }
        std::mem::swap(postings, &mut sorted);
    }
    for alike in postings.chunk_by_mut(|one, other| one.0 >> LOWEST == other.0 >> LOWEST) {
        alike.sort_unstable();
    }
}

/// Writes tokens in the order of their hashes.
struct Chunks {
    done: Vec<Chunk>,
    short_bits: u32,
    first_hash: u64,
    /// Of the token being written.
    hash: u64,
    exact: Vec<u8>,
    last_exact: u64,
    short: Vec<u8>,
    last_short: u64,
}

impl Chunks {
    fn new(short_bits: u32) -> Self {
        Self {
            done: Vec::new(),
            short_bits,
            first_hash: 0,
            hash: 0,
            exact: Vec::new(),
            last_exact: 0,
            short: Vec::new(),
            last_short: 0,
        }
    }

    fn short_of(&self, hash: u64) -> u64 {
        hash >> (HASH_BITS - self.short_bits)
    }

    fn begin_token(&mut self, hash: u64) {
        // All tokens of one short hash are in one chunk.
        let is_new = self.short_of(hash) != self.short_of(self.hash);
        if is_new && self.exact.len() + self.short.len() >= CHUNK_BYTES {
            self.close();
            self.first_hash = self.short_of(hash) << (HASH_BITS - self.short_bits) << (64 - HASH_BITS);
        }
        self.hash = hash;
    }

    fn put_short(&mut self, place: u8) {
        self.put_short_of(self.short_of(self.hash), place);
    }

    fn put_short_of(&mut self, short: u64, place: u8) {
        put_number(&mut self.short, short.wrapping_sub(self.last_short));
        self.short.push(place);
        self.last_short = short;
    }

    fn put_exact(&mut self, n_blocks: usize, blocks: impl Iterator<Item = (u8, u32)>) {
        put_number(&mut self.exact, self.hash.wrapping_sub(self.last_exact));
        put_number(&mut self.exact, n_blocks as u64);
        for (place, n_entries) in blocks {
            self.exact.push(place);
            put_number(&mut self.exact, u64::from(n_entries));
        }
        self.last_exact = self.hash;
    }

    fn close(&mut self) {
        let mut bytes = Vec::with_capacity(self.exact.len() + self.short.len() + 8);
        put_number(&mut bytes, u64::from(self.short_bits));
        put_number(&mut bytes, self.exact.len() as u64);
        bytes.append(&mut self.exact);
        bytes.append(&mut self.short);
        self.done.push(Chunk { first_hash: self.first_hash, bytes });
        (self.last_exact, self.last_short) = (0, 0);
    }

    fn finish(mut self) -> Vec<Chunk> {
        if !self.exact.is_empty() || !self.short.is_empty() {
            self.close();
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(chunks: &[Chunk], hash: u64) -> Found {
        match chunks.iter().rfind(|chunk| chunk.first_hash <= hash) {
            Some(chunk) => lookup(&chunk.bytes, hash).expect("a chunk as written"),
            None => Found { exact: true, blocks: Vec::new() },
        }
    }

    fn build_of(blocks: &[Vec<TokenCount>]) -> Vec<Chunk> {
        let group: Vec<(u8, &[TokenCount])> =
            blocks.iter().enumerate().map(|(place, tokens)| (place as u8, &tokens[..])).collect();
        build(&group)
    }

    /// Spread like real hashes.
    fn hash(number: u64) -> u64 {
        crate::tokenize::token_hash(&number.to_le_bytes())
    }

    #[test]
    fn which_blocks_have_the_mark_is_certain_where_they_are_few_too() {
        let marked = |number: u64| vec![TokenCount::new(KNOWS_IDS, 1), TokenCount::new(hash(number), 1)];
        let chunks = build_of(&[marked(1), vec![TokenCount::new(hash(2), 1)], marked(3)]);
        assert_eq!(find(&chunks, KNOWS_IDS), Found { exact: true, blocks: vec![(0, 1), (2, 1)] });
        assert!(!find(&chunks, hash(1)).exact);
    }

    /// Tokens of blocks: a few in many blocks, many in few.
    fn blocks() -> impl Strategy<Value = Vec<Vec<TokenCount>>> {
        let token = (prop_oneof![0..5u64, 0..200u64, 0..100_000u64], prop_oneof![1..5u32, 250..70_000u32]);
        let tokens = proptest::collection::btree_map(token.0, token.1, 0..80);
        let tokens = tokens.prop_map(|tokens| {
            let mut tokens: Vec<_> = tokens.into_iter().map(|(number, n)| TokenCount::new(hash(number), n)).collect();
            tokens.sort_unstable();
            tokens
        });
        proptest::collection::vec(tokens, 0..40)
    }

    proptest! {
        #[test]
        fn blocks_that_are_gone_are_named_no_more_and_the_others_as_before(
            blocks in blocks(),
            gone in proptest::collection::btree_set(0..40u8, 0..40),
        ) {
            let chunks = build_of(&blocks);
            let left = chunks.iter().map(|chunk| Chunk {
                first_hash: chunk.first_hash,
                bytes: without(&chunk.bytes, |place| gone.contains(&place)).expect("a chunk as written"),
            });
            let left: Vec<_> = left.collect();
            for token in blocks.iter().flatten() {
                let mut expected = find(&chunks, token.hash()).blocks;
                expected.retain(|(place, _)| !gone.contains(place));
                prop_assert_eq!(find(&left, token.hash()).blocks, expected);
            }
        }
    }

    proptest! {
        #[test]
        fn every_block_with_a_token_is_named_and_counts_are_exact_where_told(blocks in blocks(), absent: u64) {
            let chunks = build_of(&blocks);
            let mut hashes: Vec<u64> = blocks.iter().flatten().map(|token| token.hash()).collect();
            hashes.push(hash(absent));
            for hash in hashes {
                let having = blocks.iter().enumerate().filter_map(|(place, tokens)| {
                    let token = tokens.iter().find(|token| token.hash() == hash)?;
                    Some((place as u8, token.n_entries()))
                });
                let (having, found) = (having.collect::<Vec<_>>(), find(&chunks, hash));
                if found.exact {
                    prop_assert_eq!(found.blocks, having);
                } else {
                    let places: Vec<u8> = found.blocks.iter().map(|block| block.0).collect();
                    prop_assert!(having.iter().all(|(place, _)| places.contains(place)));
                    prop_assert!(places.is_sorted());
                    prop_assert!(having.len() < MANY_BLOCKS);
                }
            }
        }

        #[test]
        fn damaged_chunks_are_an_error_and_never_a_panic(blocks in blocks(), at: usize, byte: u8, noise: Vec<u8>) {
            for mut chunk in build_of(&blocks) {
                let at = at % chunk.bytes.len();
                chunk.bytes[at] ^= byte;
                let _ = lookup(&chunk.bytes, hash(3));
            }
            let _ = lookup(&noise, hash(3));
        }
    }

    #[test]
    fn a_group_of_identifiers_takes_two_bytes_each_and_rarely_names_a_block_in_vain() {
        let blocks: Vec<Vec<TokenCount>> = (0..GROUP_BLOCKS as u64)
            .map(|block| (0..1000).map(|i| TokenCount::new(hash(block * 1000 + i), 1)).collect())
            .collect();
        let chunks = build_of(&blocks);
        assert!(chunks.iter().all(|chunk| chunk.bytes.len() < 32 << 10));
        let n_bytes: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        assert!(n_bytes < 256_000 * 21 / 10, "{n_bytes} bytes");
        let in_vain: usize = (1_000_000..1_001_000).map(|absent| find(&chunks, hash(absent)).blocks.len()).sum();
        assert!(in_vain < 150, "{in_vain} of 1000");
    }
}
