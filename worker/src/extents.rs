//! A growing file cut into extents of 1 MiB, with a note of which of them storage does not have yet.
//!
//! Offsets are `u64` throughout: on wasm32 a `usize` ends at 4 GiB, and databases do not. Where the bytes live is the
//! extent's business: JavaScript buffers in the browser, so that a large database takes no wasm memory.

mod copying;

use std::collections::BTreeSet;

pub use self::copying::Copied;
use self::copying::Copying;

/// Large records are what IndexedDB writes fastest (300 MB/s at 1 MiB, 50–80 MB/s at 8–64 KiB).
pub const EXTENT_BYTES: u32 = 1 << 20;

/// The bytes of one extent, always [`EXTENT_BYTES`] of them.
pub trait Extent: Sized {
    /// `None` where there is no memory for another.
    fn zeroed() -> Option<Self>;
    fn copied(&self) -> Option<Self>;
    /// `start + into.len()` is at most [`EXTENT_BYTES`]; so for `write`.
    fn read(&self, start: u32, into: &mut [u8]);
    fn write(&mut self, start: u32, bytes: &[u8]);
    fn clear_from(&mut self, start: u32);
}

pub struct ExtentFile<E> {
    size: u64,
    /// `None` where nothing was written: reads as zeros.
    extents: Vec<Option<E>>,
    changed: BTreeSet<u32>,
    /// Extents from this one on were cut off since storage last had them.
    cut_from: Option<u32>,
    /// `None` where nobody keeps a copy.
    copying: Option<Copying<E>>,
}

/// What storage lacks: first everything from `cut_from` on is deleted there, then `changed` is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub size: u64,
    pub changed: Vec<u32>,
    pub cut_from: Option<u32>,
}

/// The browser gives no more memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl<E> Default for ExtentFile<E> {
    fn default() -> Self {
        Self { size: 0, extents: Vec::new(), changed: BTreeSet::new(), cut_from: None, copying: None }
    }
}

impl<E: Extent> ExtentFile<E> {
    /// The file as storage has it; extents it lacks read as zeros.
    pub fn stored(size: u64, stored: impl IntoIterator<Item = (u32, E)>) -> Self {
        let mut file = Self { size, ..Self::default() };
        file.extents.resize_with(n_extents(size), || None);
        for (index, extent) in stored {
            if let Some(place) = file.extents.get_mut(index as usize) {
                *place = Some(extent);
            }
        }
        file
    }

    /// Storage has nothing of it, whatever it had.
    pub fn begin_anew(&mut self) {
        let has_bytes = |(index, extent): (usize, &Option<E>)| extent.is_some().then_some(index as u32);
        self.changed = self.extents.iter().enumerate().filter_map(has_bytes).collect();
        self.cut_from = None;
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn extent(&self, index: u32) -> Option<&E> {
        self.extents.get(index as usize)?.as_ref()
    }

    /// Returns how many bytes there were to read; fewer than asked for only at the end of the file.
    pub fn read(&self, offset: u64, into: &mut [u8]) -> usize {
        let n_bytes = self.size.saturating_sub(offset).min(into.len() as u64) as usize;
        for piece in pieces(offset, n_bytes) {
            let target = &mut into[piece.range];
            match self.extent(piece.extent) {
                Some(extent) => extent.read(piece.start, target),
                None => target.fill(0),
            }
        }
        n_bytes
    }

    /// Writes all or, without memory for another extent, nothing beyond the old size.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), NoMemory> {
        let end = offset + bytes.len() as u64;
        if self.extents.len() < n_extents(end) {
            self.extents.resize_with(n_extents(end), || None);
        }
        for piece in pieces(offset, bytes.len()) {
            let place = &mut self.extents[piece.extent as usize];
            if let Some(copying) = &mut self.copying {
                copying.will_change(piece.extent, place.as_ref());
            }
            let extent = match place {
                Some(extent) => extent,
                None => place.insert(E::zeroed().ok_or(NoMemory)?),
            };
            extent.write(piece.start, &bytes[piece.range]);
            self.changed.insert(piece.extent);
        }
        self.size = self.size.max(end);
        Ok(())
    }

    /// Only shrinks. What a later write lays bare again is zeros.
    pub fn truncate(&mut self, size: u64) {
        if size >= self.size {
            return;
        }
        self.size = size;
        let n_left = n_extents(size);
        let tail = (size % u64::from(EXTENT_BYTES)) as u32;
        if let Some(copying) = &mut self.copying {
            // The last is cleared in part; the others may come back as holes.
            let first = if tail > 0 { n_left - 1 } else { n_left };
            for index in first..self.extents.len() {
                copying.will_change(index as u32, self.extents[index].as_ref());
            }
        }
        self.extents.truncate(n_left);
        let n_left = n_left as u32;
        self.changed.retain(|&index| index < n_left);
        self.cut_from = Some(self.cut_from.map_or(n_left, |from| from.min(n_left)));
        if tail > 0
            && let Some(Some(last)) = self.extents.last_mut()
        {
            last.clear_from(tail);
            self.changed.insert(n_left - 1);
        }
    }

    /// From now on somebody keeps a copy, which has nothing yet.
    pub fn begin_copy(&mut self) {
        let has_bytes = |(index, extent): (usize, &Option<E>)| extent.is_some().then_some(index as u32);
        self.copying = Some(Copying::begin(self.extents.iter().enumerate().filter_map(has_bytes).collect()));
    }

    pub fn end_copy(&mut self) {
        self.copying = None;
    }

    /// The copy is to be as the file is now, whatever changes while it gets there.
    pub fn begin_moment(&mut self) {
        let size = self.size;
        self.copying.iter_mut().for_each(|copying| copying.begin_moment(size));
    }

    /// Nobody waits for the copy to be of that moment any more.
    pub fn leave_moment(&mut self) {
        self.copying.iter_mut().for_each(Copying::leave_moment);
    }

    /// How many extents the copy lacks of the moment.
    pub fn n_due(&self) -> usize {
        self.copying.as_ref().map_or(0, Copying::n_due)
    }

    /// The next of them, at most so many; they count as copied then.
    pub fn take_due(&mut self, most: usize) -> Result<Copied<E>, NoMemory> {
        let extents = &self.extents;
        let now = |index: u32| extents.get(index as usize).and_then(Option::as_ref);
        match &mut self.copying {
            Some(copying) => copying.take(most, now),
            None => Ok(Copied { size: self.size, extents: Vec::new() }),
        }
    }

    /// As a copy takes them in.
    pub fn take_copied(&mut self, copied: Copied<E>) {
        self.truncate(copied.size);
        self.size = copied.size;
        self.extents.resize_with(n_extents(copied.size), || None);
        for (index, extent) in copied.extents {
            if let Some(place) = self.extents.get_mut(index as usize) {
                *place = extent;
            }
        }
    }

    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty() || self.cut_from.is_some()
    }

    /// What storage lacks by now. Once taken it counts as stored, unless it is put back.
    pub fn take_changes(&mut self) -> Changes {
        let changed = std::mem::take(&mut self.changed).into_iter().collect();
        Changes { size: self.size, changed, cut_from: self.cut_from.take() }
    }

    /// Storage did not take them: they are due again, together with all that changed since.
    pub fn put_back(&mut self, changes: Changes) {
        // One that was cut off since may be a hole by now.
        let due: Vec<u32> = changes.changed.into_iter().filter(|&index| self.extent(index).is_some()).collect();
        self.changed.extend(due);
        self.cut_from = match (self.cut_from, changes.cut_from) {
            (Some(now), Some(before)) => Some(now.min(before)),
            (now, before) => now.or(before),
        };
    }
}

fn n_extents(size: u64) -> usize {
    size.div_ceil(u64::from(EXTENT_BYTES)) as usize
}

/// A run of bytes inside one extent; `range` is its place in the caller's buffer.
struct Piece {
    extent: u32,
    start: u32,
    range: std::ops::Range<usize>,
}

fn pieces(offset: u64, n_bytes: usize) -> impl Iterator<Item = Piece> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == n_bytes {
            return None;
        }
        let at = offset + done as u64;
        let start = (at % u64::from(EXTENT_BYTES)) as u32;
        let n = ((EXTENT_BYTES - start) as usize).min(n_bytes - done);
        let piece = Piece { extent: (at / u64::from(EXTENT_BYTES)) as u32, start, range: done..done + n };
        done += n;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = EXTENT_BYTES as u64;

    impl Extent for Vec<u8> {
        fn zeroed() -> Option<Self> {
            Some(vec![0; EXTENT_BYTES as usize])
        }

        fn copied(&self) -> Option<Self> {
            Some(self.clone())
        }

        fn read(&self, start: u32, into: &mut [u8]) {
            into.copy_from_slice(&self[start as usize..][..into.len()]);
        }

        fn write(&mut self, start: u32, bytes: &[u8]) {
            self[start as usize..][..bytes.len()].copy_from_slice(bytes);
        }

        fn clear_from(&mut self, start: u32) {
            self[start as usize..].fill(0);
        }
    }

    fn bytes_at(file: &ExtentFile<Vec<u8>>, offset: u64, n: usize) -> Vec<u8> {
        let mut bytes = vec![0xEE; n];
        let n_read = file.read(offset, &mut bytes);
        bytes.truncate(n_read);
        bytes
    }

    #[test]
    fn bytes_past_four_gibibytes_are_found_where_they_were_written() {
        let mut file = ExtentFile::<Vec<u8>>::default();
        let offset = 5 * 1024 * MIB - 2;
        file.write(offset, b"abcd").unwrap();
        file.write(1, b"low").unwrap();
        assert_eq!(file.size(), offset + 4);
        assert_eq!(bytes_at(&file, offset, 10), b"abcd");
        assert_eq!(bytes_at(&file, offset % (1 << 32), 4), [0; 4]);
        assert_eq!(file.take_changes().changed, [0, 5119, 5120]);
    }

    #[test]
    fn a_failed_save_is_due_again() {
        let mut file = ExtentFile::<Vec<u8>>::default();
        file.write(0, &[1; 10]).unwrap();
        file.write(3 * MIB, &[1; 10]).unwrap();
        let failed = file.take_changes();
        assert!(!file.has_changes());
        file.truncate(2 * MIB);
        file.write(MIB, b"x").unwrap();
        file.put_back(failed);
        assert_eq!(file.take_changes(), Changes { size: 2 * MIB, changed: vec![0, 1], cut_from: Some(2) });
    }

    #[test]
    fn a_hole_where_a_failed_save_had_bytes_is_not_due() {
        let mut file = ExtentFile::<Vec<u8>>::default();
        file.write(MIB, &[1; 10]).unwrap();
        let failed = file.take_changes();
        file.truncate(0);
        file.write(3 * MIB, b"x").unwrap();
        file.put_back(failed);
        assert_eq!(file.take_changes(), Changes { size: 3 * MIB + 1, changed: vec![3], cut_from: Some(0) });
    }

    #[test]
    fn what_was_cut_off_does_not_come_back() {
        let mut file = ExtentFile::<Vec<u8>>::default();
        file.write(0, &[7; 100]).unwrap();
        file.truncate(10);
        file.write(50, b"x").unwrap();
        assert_eq!(bytes_at(&file, 9, 42), [&[7][..], &[0; 40], b"x"].concat());
    }

    #[derive(Clone, Debug)]
    enum Act {
        Write(u64, Vec<u8>),
        Truncate(u64),
        /// Storage is given what it lacks; unless that was done before and is under way.
        BeginSave,
        /// Whether storage took it, if it was given something.
        EndSave(bool),
        /// The copy is to be as the file is now.
        Moment,
        /// It gets so many extents that it lacks of that.
        Copy(usize),
        LeaveMoment,
    }

    fn act() -> impl Strategy<Value = Act> {
        let offset = prop_oneof![0..100u64, MIB - 50..MIB + 50, 3 * MIB - 50..3 * MIB + 50];
        prop_oneof![
            (offset.clone(), prop::collection::vec(1..255u8, 1..120)).prop_map(|(at, bytes)| Act::Write(at, bytes)),
            offset.prop_map(Act::Truncate),
            Just(Act::BeginSave),
            any::<bool>().prop_map(Act::EndSave),
            Just(Act::Moment),
            (1..3usize).prop_map(Act::Copy),
            Just(Act::LeaveMoment),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Storage, fed by nothing but the changes, holds the file after every save that succeeded.
        #[test]
        fn changes_are_all_that_storage_needs(acts in prop::collection::vec(act(), 1..30)) {
            let mut file = ExtentFile::<Vec<u8>>::default();
            let mut plain: Vec<u8> = Vec::new();
            let mut storage = std::collections::BTreeMap::<u32, Vec<u8>>::new();
            let mut under_way = None;
            let mut copy = ExtentFile::<Vec<u8>>::default();
            let mut moment = None::<Vec<u8>>;
            file.begin_copy();
            let last = [Act::EndSave(false), Act::BeginSave, Act::EndSave(true), Act::Moment, Act::Copy(usize::MAX)];
            for act in acts.into_iter().chain(last) {
                match act {
                    Act::Write(at, bytes) => {
                        let end = at as usize + bytes.len();
                        plain.resize(plain.len().max(end), 0);
                        plain[at as usize..end].copy_from_slice(&bytes);
                        file.write(at, &bytes).unwrap();
                    }
                    Act::Truncate(size) => {
                        plain.truncate(size as usize);
                        file.truncate(size);
                    }
                    Act::BeginSave if under_way.is_none() => {
                        let changes = file.take_changes();
                        // As storage does: the bytes are copied when they are given.
                        let mut saved = storage.clone();
                        if let Some(from) = changes.cut_from {
                            saved.split_off(&from);
                        }
                        for &index in &changes.changed {
                            saved.insert(index, file.extent(index).expect("a changed extent exists").clone());
                        }
                        let stored = ExtentFile::stored(changes.size, saved.clone());
                        prop_assert_eq!(bytes_at(&stored, 0, plain.len() + 10), plain.clone());
                        under_way = Some((changes, saved));
                    }
                    Act::BeginSave => {}
                    Act::Moment => {
                        file.begin_moment();
                        moment = Some(plain.clone());
                    }
                    Act::Copy(most) => {
                        copy.take_copied(file.take_due(most).unwrap());
                        if let Some(then) = moment.take_if(|_| file.n_due() == 0) {
                            prop_assert_eq!(bytes_at(&copy, 0, then.len() + 10), then);
                        }
                    }
                    Act::LeaveMoment => {
                        file.leave_moment();
                        moment = None;
                    }
                    Act::EndSave(is_taken) => match under_way.take() {
                        Some((_, saved)) if is_taken => storage = saved,
                        Some((changes, _)) => file.put_back(changes),
                        None => {}
                    },
                }
                prop_assert_eq!(bytes_at(&file, 0, plain.len() + 10), plain.clone());
            }
        }
    }
}
