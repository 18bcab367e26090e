//! Which source is read by which reader.
//!
//! Sources are read in the order they came, each by one reader. A source that is paused, stopped or removed leaves its
//! reader only when that said `Ended`: until then blocks of it may still arrive.

use std::collections::VecDeque;

use model::entry::SourceId;

/// Index of a reader.
pub type ReaderId = usize;

/// Why a source leaves before its end; of several reasons the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leave {
    /// A change of the workspace is due; reading goes on after it.
    Rest,
    /// The workspace is being closed.
    Interrupt,
    Pause,
    Stop,
    /// The source is taken out of the workspace.
    Remove,
}

/// What becomes of a source that was asked to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was not being read: it is out now.
    AtOnce,
    /// Its reader must be told to stop; [`Roster::ended`] comes later.
    Soon(ReaderId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Desk {
    source: SourceId,
    /// The file of the archive `source` that is being read.
    member: Option<SourceId>,
    leave: Option<Leave>,
    /// It was added again after it was asked to leave, or is to be read from its beginning once more.
    is_wanted_again: bool,
}

/// A source whose reader is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub source: SourceId,
    /// The file of an archive that was being read.
    pub member: Option<SourceId>,
    /// Why its reader was told to stop, if it was.
    pub leave: Option<Leave>,
    /// It is to be added now; where it came to its end, only if it is an archive.
    pub is_wanted_again: bool,
}

pub struct Roster {
    waiting: VecDeque<SourceId>,
    desks: Vec<Option<Desk>>,
}

impl Roster {
    pub fn new(n_readers: usize) -> Self {
        Self { waiting: VecDeque::new(), desks: vec![None; n_readers] }
    }

    /// Queues a source; one that is queued or being read already stays where it is. One that is leaving its reader is
    /// wanted again, unless it leaves for good.
    pub fn add(&mut self, source: SourceId) {
        if let Some(desk) = self.desk_of(source) {
            desk.is_wanted_again |= desk.leave.is_some_and(|leave| leave != Leave::Remove);
        } else if !self.waiting.contains(&source) {
            self.waiting.push_back(source);
        }
    }

    /// An archive that is being read is to be read once more: a file that it has passed is wanted again.
    pub fn read_again(&mut self, archive: SourceId) {
        if let Some(desk) = self.desk_of(archive) {
            desk.is_wanted_again = desk.leave != Some(Leave::Remove);
        }
    }

    /// The next source to read and the reader that is free for it.
    pub fn assign(&mut self) -> Option<(ReaderId, SourceId)> {
        let reader = self.desks.iter().position(Option::is_none)?;
        let source = self.waiting.pop_front()?;
        self.desks[reader] = Some(Desk { source, member: None, leave: None, is_wanted_again: false });
        Some((reader, source))
    }

    /// Takes a source out.
    pub fn leave(&mut self, source: SourceId, leave: Leave) -> Left {
        self.waiting.retain(|&waiting| waiting != source);
        let Some(reader) = self.reader_of(source) else { return Left::AtOnce };
        if let Some(desk) = &mut self.desks[reader] {
            // That it was wanted again is the later word: what it left for before is void.
            let before = desk.leave.filter(|_| !desk.is_wanted_again);
            desk.leave = before.max(Some(leave));
            desk.is_wanted_again = false;
        }
        Left::Soon(reader)
    }

    /// A reader is done with its source.
    pub fn ended(&mut self, reader: ReaderId) -> Option<Ended> {
        let Desk { source, member, leave, is_wanted_again } = self.desks.get_mut(reader)?.take()?;
        Some(Ended { source, member, leave, is_wanted_again })
    }

    /// A reader could not begin: its source waits for another, before all others, unless it was asked to leave.
    pub fn put_back(&mut self, reader: ReaderId) -> Option<Ended> {
        let ended = self.ended(reader)?;
        if ended.leave.is_some() {
            return Some(ended);
        }
        self.waiting.push_front(ended.source);
        None
    }

    /// No reader is to be had: what waits for one waits in vain.
    pub fn take_waiting(&mut self) -> Vec<SourceId> {
        self.waiting.drain(..).collect()
    }

    /// Whose blocks come from this reader. `None`: they are of no use any more.
    pub fn source_of(&self, reader: ReaderId) -> Option<SourceId> {
        let desk = self.desks.get(reader)?.as_ref()?;
        (desk.leave != Some(Leave::Remove)).then_some(desk.source)
    }

    /// The reader has come to the next file of its archive, or to the end of one.
    pub fn set_member(&mut self, reader: ReaderId, member: Option<SourceId>) {
        if let Some(Some(desk)) = self.desks.get_mut(reader) {
            desk.member = member;
        }
    }

    /// The file of an archive that the reader reads.
    pub fn member_of(&self, reader: ReaderId) -> Option<SourceId> {
        self.desks.get(reader)?.as_ref()?.member
    }

    /// The archive that this file is being taken out of, and by whom.
    pub fn archive_of(&self, member: SourceId) -> Option<(SourceId, ReaderId)> {
        let reader = self.desks.iter().position(|desk| desk.is_some_and(|desk| desk.member == Some(member)))?;
        self.desks[reader].map(|desk| (desk.source, reader))
    }

    fn reader_of(&self, source: SourceId) -> Option<ReaderId> {
        self.desks.iter().position(|desk| desk.is_some_and(|desk| desk.source == source))
    }

    /// Whether the source is being read and will be further on.
    pub fn is_read(&self, source: SourceId) -> bool {
        self.desks.iter().flatten().any(|desk| desk.source == source && desk.leave.is_none())
    }

    fn desk_of(&mut self, source: SourceId) -> Option<&mut Desk> {
        self.desks.iter_mut().flatten().find(|desk| desk.source == source)
    }

    pub fn is_reading(&self, reader: ReaderId) -> bool {
        self.desks.get(reader).is_some_and(Option::is_some)
    }

    /// All sources that wait or are being read.
    pub fn sources(&self) -> Vec<SourceId> {
        let reading = self.desks.iter().flatten().map(|desk| desk.source);
        reading.chain(self.waiting.iter().copied()).collect()
    }

    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.desks.iter().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SourceId = SourceId(1);
    const B: SourceId = SourceId(2);
    const C: SourceId = SourceId(3);

    fn reading(n_readers: usize, sources: &[SourceId]) -> Roster {
        let mut roster = Roster::new(n_readers);
        sources.iter().for_each(|&source| roster.add(source));
        while roster.assign().is_some() {}
        roster
    }

    fn ended(source: SourceId, leave: Option<Leave>) -> Option<Ended> {
        Some(Ended { source, member: None, leave, is_wanted_again: false })
    }

    #[test]
    fn sources_are_read_in_the_order_they_came() {
        let mut roster = Roster::new(2);
        [A, B, C, B].into_iter().for_each(|source| roster.add(source));
        assert_eq!([roster.assign(), roster.assign(), roster.assign()], [Some((0, A)), Some((1, B)), None]);
        assert_eq!(roster.ended(1), ended(B, None));
        assert_eq!(roster.assign(), Some((1, C)));
        assert_eq!(roster.sources(), [A, C]);
    }

    #[test]
    fn a_paused_source_keeps_its_reader_until_that_has_ended() {
        let mut roster = reading(1, &[A, B]);
        assert_eq!(roster.leave(A, Leave::Pause), Left::Soon(0));
        assert_eq!(roster.source_of(0), Some(A));
        assert_eq!(roster.assign(), None);
        assert_eq!(roster.ended(0), ended(A, Some(Leave::Pause)));
        assert_eq!(roster.assign(), Some((0, B)));
    }

    #[test]
    fn a_file_of_an_archive_is_found_with_its_reader() {
        let mut roster = reading(2, &[A, B]);
        roster.set_member(1, Some(C));
        assert_eq!((roster.archive_of(C), roster.member_of(1)), (Some((B, 1)), Some(C)));
        assert_eq!(roster.ended(1).and_then(|ended| ended.member), Some(C));
        assert_eq!(roster.archive_of(C), None);
    }

    #[test]
    fn an_archive_that_has_passed_a_wanted_file_is_wanted_again() {
        let mut roster = reading(1, &[A]);
        roster.read_again(A);
        // Another word for the archive itself takes nothing back.
        roster.add(A);
        assert_eq!(roster.ended(0).map(|ended| (ended.leave, ended.is_wanted_again)), Some((None, true)));

        let mut roster = reading(1, &[A]);
        roster.leave(A, Leave::Remove);
        roster.read_again(A);
        assert_eq!(roster.ended(0), ended(A, Some(Leave::Remove)));
    }

    #[test]
    fn a_waiting_source_leaves_at_once() {
        let mut roster = reading(1, &[A, B]);
        assert_eq!(roster.leave(B, Leave::Stop), Left::AtOnce);
        assert_eq!(roster.ended(0), ended(A, None));
        assert!(roster.is_idle());
    }

    #[test]
    fn blocks_of_a_removed_source_are_of_no_use() {
        let mut roster = reading(1, &[A]);
        roster.leave(A, Leave::Remove);
        roster.leave(A, Leave::Pause);
        assert_eq!(roster.source_of(0), None);
        roster.add(A);
        assert_eq!(roster.ended(0), ended(A, Some(Leave::Remove)));
    }

    #[test]
    fn a_source_resumed_before_its_reader_heard_of_the_pause_goes_on() {
        let mut roster = reading(1, &[A]);
        roster.leave(A, Leave::Pause);
        roster.add(A);
        assert_eq!(
            roster.ended(0),
            Some(Ended { source: A, member: None, leave: Some(Leave::Pause), is_wanted_again: true })
        );
    }

    #[test]
    fn the_last_word_counts_between_pause_and_resume() {
        let mut roster = reading(1, &[A]);
        roster.leave(A, Leave::Stop);
        roster.add(A);
        roster.leave(A, Leave::Pause);
        assert_eq!(roster.ended(0), ended(A, Some(Leave::Pause)));
    }

    #[test]
    fn a_source_whose_reader_could_not_begin_is_the_next_again() {
        let mut roster = reading(2, &[A, B]);
        roster.add(C);
        assert_eq!(roster.put_back(0), None);
        assert_eq!(roster.assign(), Some((0, A)));
        roster.leave(B, Leave::Stop);
        assert_eq!(roster.put_back(1), ended(B, Some(Leave::Stop)));
        assert_eq!(roster.take_waiting(), [C]);
    }
}
