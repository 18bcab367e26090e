//! The pinned row of a saved view: kept by what its file says, as bookmarks are, and told as the row that its line is in now.
//!
//! An address names the row by its number, which another reading of the file, or the same file taken in again, does not have. So the
//! address that is kept says its line as well, in a part that scopes know nothing of. What leaves the store has the row in its place, or,
//! while that line is not here, the address as it is kept, so that a view keeps its line under another name too.

use std::collections::HashMap;

use model::columns::SINCE_PIN;
use model::entry::RowKey;
use model::hash_part::{push_part, take_part};
use model::kept::Anchor;
use model::scope::Scope;

use super::Store;
use super::error::{Error, Result};

const LINE_PART: &str = "pin-line";

/// Where pinned rows are, as far as that was found since entries went away or got other times.
#[derive(Debug, Default)]
pub struct FoundPins {
    generation: u64,
    by_anchor: HashMap<Anchor, RowKey>,
}

impl Store {
    /// An address, as it is to be kept.
    pub(super) fn address_to_keep(&mut self, address: &str) -> Result<String> {
        let (plain, Some(key)) = (take_part(address, LINE_PART).0, Scope::from_hash(address).pinned) else {
            return Ok(address.to_owned());
        };
        // It is of a view whose line was not here.
        if line_of(address).is_some() {
            return Ok(address.to_owned());
        }
        match self.anchor_of(key) {
            Ok(anchor) => Ok(with_line(plain, &anchor)),
            Err(Error::Gone) => Ok(plain),
            Err(error) => Err(error),
        }
    }

    /// An address that was kept, with the row that its line is in now.
    pub(super) fn address_now(&mut self, kept: &str) -> Result<String> {
        let Some(anchor) = line_of(kept) else { return Ok(kept.to_owned()) };
        Ok(match self.find_pin(&anchor)? {
            Some(key) => Scope { pinned: Some(key), ..Scope::from_hash(kept) }.to_hash(),
            None => kept.to_owned(),
        })
    }

    /// An address that was kept, with no row pinned where that row's line is not here.
    pub(super) fn address_without_missing(&mut self, kept: &str) -> Result<String> {
        let Some(anchor) = line_of(kept) else { return Ok(kept.to_owned()) };
        if self.find_pin(&anchor)?.is_some() {
            return Ok(kept.to_owned());
        }
        let mut scope = Scope { pinned: None, ..Scope::from_hash(kept) };
        scope.columns.hide(SINCE_PIN);
        Ok(scope.to_hash())
    }

    fn find_pin(&mut self, anchor: &Anchor) -> Result<Option<RowKey>> {
        let generation = self.generation();
        if self.found_pins.generation != generation {
            self.found_pins = FoundPins { generation, by_anchor: HashMap::new() };
        }
        if let Some(&key) = self.found_pins.by_anchor.get(anchor) {
            return Ok(Some(key));
        }
        let found = self.find_anchor(anchor)?;
        if let Some(key) = found {
            self.found_pins.by_anchor.insert(anchor.clone(), key);
        }
        Ok(found)
    }
}

/// The line of an address's pinned row, where the address is one that was kept.
pub(super) fn line_of(address: &str) -> Option<Anchor> {
    read_line(&take_part(address, LINE_PART).1?)
}

/// An address that says no line, with one.
pub(super) fn with_line(mut address: String, anchor: &Anchor) -> String {
    let Anchor { path, file_bytes, fingerprint, copy, line, line_hash } = anchor;
    let said = format!("{line},{line_hash:x},{file_bytes},{fingerprint:x},{copy},{path}");
    push_part(&mut address, LINE_PART, &said);
    address
}

/// The address of a scope that is a change of this one's: the line that this says, if it says one, stays.
pub(super) fn with_same_line(address: &str, scope: &Scope) -> String {
    let now = scope.to_hash();
    match line_of(address) {
        Some(anchor) => with_line(now, &anchor),
        None => now,
    }
}

fn read_line(said: &str) -> Option<Anchor> {
    let mut parts = said.splitn(6, ',');
    let mut next = || parts.next();
    Some(Anchor {
        line: next()?.parse().ok()?,
        line_hash: u64::from_str_radix(next()?, 16).ok()?,
        file_bytes: next()?.parse().ok()?,
        fingerprint: u64::from_str_radix(next()?, 16).ok()?,
        copy: next()?.parse().ok()?,
        path: next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_in_an_address_and_is_no_part_of_its_scope() {
        let anchor = Anchor {
            path: "web/a, b & c.log".to_owned(),
            file_bytes: 70_000,
            fingerprint: u64::MAX,
            copy: 1,
            line: 16,
            line_hash: 255,
        };
        let kept = with_line("#q=a&pin=2026-11-20T12:00:00Z,1,0".to_owned(), &anchor);
        assert_eq!(
            kept,
            "#q=a&pin=2026-11-20T12:00:00Z,1,0&pin-line=16,ff,70000,ffffffffffffffff,1,web/a,+b+%26+c.log"
        );
        assert_eq!(line_of(&kept), Some(anchor));
        assert_eq!(Scope::from_hash(&kept).to_hash(), "#q=a&pin=2026-11-20T12:00:00Z,1,0");
        assert_eq!(line_of("#q=a&pin-line=16,ff"), None);
    }
}
