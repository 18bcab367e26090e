//! A copy of the file that somebody keeps: brought from one moment of the file to another, a few extents at a time.
//!
//! The file may change meanwhile. An extent of the moment is kept as it was when it is about to change before the copy got
//! it, so that the copying ends however fast the file grows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Extent, NoMemory};

pub struct Copying<E> {
    /// Differ from the copy, or will when it is of the moment.
    changed: BTreeSet<u32>,
    /// What the copy still lacks of the moment.
    due: BTreeSet<u32>,
    /// How those of them were that changed since; `None` where there was none.
    kept: BTreeMap<u32, Option<E>>,
    /// Of the file at the moment.
    size: u64,
    /// There was no room to keep an extent.
    is_broken: bool,
}

/// What a copy takes in: the file is `size` bytes long, and these extents are so.
pub struct Copied<E> {
    pub size: u64,
    pub extents: Vec<(u32, Option<E>)>,
}

impl<E: Extent> Copying<E> {
    /// The copy has nothing yet; `extents` are all that have bytes.
    pub fn begin(extents: BTreeSet<u32>) -> Self {
        Self { changed: extents, due: BTreeSet::new(), kept: BTreeMap::new(), size: 0, is_broken: false }
    }

    /// The copy is to be as the file is now, which is `size` bytes long.
    pub fn begin_moment(&mut self, size: u64) {
        self.due.append(&mut self.changed);
        // They are due as they are now.
        self.kept.clear();
        self.is_broken = false;
        self.size = size;
    }

    /// Nobody waits for the moment any more.
    pub fn leave_moment(&mut self) {
        self.changed.append(&mut self.due);
        self.kept.clear();
        self.is_broken = false;
    }

    pub fn n_due(&self) -> usize {
        self.due.len()
    }

    /// To be told before an extent changes or goes; `extent` is how it is.
    pub fn will_change(&mut self, index: u32, extent: Option<&E>) {
        self.changed.insert(index);
        if !self.due.contains(&index) || self.kept.contains_key(&index) {
            return;
        }
        match extent.map(Extent::copied) {
            Some(None) => self.is_broken = true,
            copied => {
                self.kept.insert(index, copied.flatten());
            }
        }
    }

    /// The next extents of the moment, at most so many. `now`: how an extent is that did not change since.
    pub fn take<'e>(&mut self, most: usize, now: impl Fn(u32) -> Option<&'e E>) -> Result<Copied<E>, NoMemory>
    where
        E: 'e,
    {
        if self.is_broken {
            return Err(NoMemory);
        }
        let first_left = self.due.iter().nth(most).copied();
        let left = first_left.map(|first| self.due.split_off(&first)).unwrap_or_default();
        let taken = std::mem::replace(&mut self.due, left);
        let mut extents = Vec::with_capacity(taken.len());
        for index in taken {
            let extent = match self.kept.remove(&index) {
                Some(kept) => kept,
                None => now(index).map(|extent| extent.copied().ok_or(NoMemory)).transpose()?,
            };
            extents.push((index, extent));
        }
        Ok(Copied { size: self.size, extents })
    }
}
