//! Taking files in: from the offer to the last block.

use std::rc::Rc;

use analysis::import::{EVIDENCE_BYTES, Importer};
use analysis::read::Position;
use model::entry::SourceId;
use model::protocol::{AskId, BUILD, Failure, Import, Imported, OnKnown, Role, ToApp};
use model::source::{FileOffer, SourceState};
use web_sys::File;

use super::super::files;
use super::super::readers::{Heard, Reader};
use super::super::scope;
use super::asks::{done, leave, set_left};
use super::saving::RETRY_MILLIS;
use super::{Anew, Data, OpenFile, State, TURN_MILLIS};
use crate::intake::words::{End, Job, Take, ToData, ToReader};
use crate::intake::{Ended, Leave, Next, ReaderId, order_for_reading};
use crate::store::{Shorter, Store, path_when_grown};

/// The reader that makes sample logs; no index of one that reads.
const SAMPLER: ReaderId = ReaderId::MAX;

/// Of sources with another path so many are tried for what a file has grown from. All files of a folder may have one name
/// (`0.log` of each container), and for each that is tried parts of the new one are read.
const MOST_OF_OTHER_PATHS: usize = 8;

impl Data {
    pub(super) fn hears_readers(&self) -> Rc<dyn Fn(Heard)> {
        let me = self.me.clone();
        Rc::new(move |heard| {
            if let Some(data) = me.upgrade() {
                data.state.borrow_mut().heard.push_back(heard);
                data.ticker.tick();
            }
        })
    }

    /// Looks at every offer; reading of those that are taken begins meanwhile.
    pub(super) async fn import(&self, id: AskId, import: Import, files: Vec<File>) -> Result<Imported, Failure> {
        let mut imported = Imported::default();
        let mut added = Vec::new();
        let total = import.offers.len() as u64;
        let mut offers: Vec<_> = import.offers.iter().zip(files).enumerate().collect();
        order_for_reading(&mut offers, |(_, (offer, _))| offer);
        let workspace = self.state.borrow().engine.as_ref().map(|engine| engine.store().number());
        for (n_done, (index, (offer, file))) in (1..).zip(offers) {
            let fingerprint = files::fingerprint(&file).await;
            let is_new = fingerprint.as_ref().is_ok_and(|&fingerprint| !self.is_known(offer, fingerprint));
            let grown = match import.known {
                OnKnown::Report | OnKnown::GoOn if is_new => self.grown_from(offer, &file).await,
                _ => None,
            };
            let mut state = self.state.borrow_mut();
            // Emptied or exchanged meanwhile, the workspace is not the one that the files were for.
            if state.engine.as_ref().map(|engine| engine.store().number()) != workspace {
                return Err(Failure::Cancelled);
            }
            match take_offer(&mut state, offer, file, fingerprint, grown, import.known, &added)? {
                Taken::Source(source) => added.push((index, source)),
                Taken::Grown(source) => {
                    imported.grown.push(source);
                    added.push((index, source));
                }
                Taken::Known(source) => imported.known.push((index as u32, source)),
            }
            drop(state);
            scope::post(&ToApp::Progress { id, done: n_done, total, so_far: None }, &[]);
            self.ticker.tick();
        }
        imported.known.sort_unstable();
        added.sort_unstable();
        imported.added = added.into_iter().map(|(_, source)| source).collect();
        Ok(imported)
    }

    fn is_known(&self, offer: &FileOffer, fingerprint: u64) -> bool {
        self.state.borrow().known(offer.bytes, fingerprint).is_some()
    }

    /// The source that this file was before more was written to it.
    async fn grown_from(&self, offer: &FileOffer, file: &File) -> Option<Grown> {
        let mut shorter = self.state.borrow().engine.as_ref().map(|engine| engine.store().may_have_grown(offer))?;
        let n_of_path = shorter.iter().take_while(|before| before.is_of_path).count();
        shorter.truncate(n_of_path + MOST_OF_OTHER_PATHS);
        for before in shorter {
            let of_beginning = files::fingerprint_of(file, before.bytes).await;
            if of_beginning.is_ok_and(|of_beginning| of_beginning == before.fingerprint) {
                return Some(Grown { source: before.source, was_whole: was_whole(&before, file).await });
            }
        }
        None
    }

    /// The answer comes when the samples are made and offered like dropped files.
    pub(super) fn make_samples(&self, state: &mut State, id: AskId, n_entries: u64, seed: u64) -> Result<(), Failure> {
        if state.sampler.is_some() {
            return Err(Failure::Busy);
        }
        let mut sampler = Reader::start(SAMPLER, state.starts.begin(), self.hears_readers());
        sampler.tell(&ToReader::MakeSamples { n_entries, seed }, &[]);
        state.sampler = Some((sampler, id));
        Ok(())
    }

    /// Hears the readers, stores what they send, and gives them more to do.
    pub(super) fn take_in(&self) {
        let mut state = self.state.borrow_mut();
        let deadline = scope::now_millis() + TURN_MILLIS;
        while state.pace.may_insert() && scope::now_millis() < deadline {
            let Some(heard) = state.heard.pop_front() else { break };
            let speaks = match heard.reader {
                SAMPLER => state.sampler.as_ref().map(|(sampler, _)| sampler),
                reader => state.readers.get(reader).and_then(Option::as_ref),
            };
            if speaks.is_none_or(|reader| reader.number() != heard.start) {
                continue;
            }
            match heard.reader {
                SAMPLER => self.hear_sampler(&mut state, heard),
                _ => self.hear_reader(&mut state, heard),
            }
        }
        // A change that waits for its sources is not to find new ones, nor is the end of the workspace.
        let is_changing = state.engine.as_ref().is_some_and(|engine| engine.is_changing() || engine.is_closing());
        if state.held.is_empty() && state.resting.is_empty() && !is_changing {
            while let Some((reader, source)) = state.roster.assign() {
                self.begin_reading(&mut state, reader, source);
            }
        }
    }

    fn hear_reader(&self, state: &mut State, heard: Heard) {
        let reader = heard.reader;
        match heard.message {
            ToData::Ready { build } if build != BUILD => {
                self.reader_crashed(state, reader, Failure::OtherBuild.to_string());
            }
            ToData::Ready { .. } => {
                state.starts.loaded();
                if let Some(reader) = &mut state.readers[reader] {
                    reader.became_ready();
                }
            }
            ToData::Blocks { blocks, read_bytes, member_bytes, memory_bytes } => {
                if let Some(reader) = &mut state.readers[reader] {
                    reader.memory_bytes = memory_bytes;
                }
                state.tell_reader(reader, &ToReader::Credit { n_bytes: heard.n_bytes });
                let Some(source) = state.roster.source_of(reader) else { return };
                if blocks.is_empty() && state.files.get(&source).is_some_and(|open| open.anew.is_some()) {
                    // How far reading is belongs to what was read before, which is still there.
                    return;
                }
                if let Err(failure) = begin_anew(state, source) {
                    return self.stop_reading_after(state, failure);
                }
                let Some(engine) = &mut state.engine else { return };
                let text_bytes = blocks.iter().map(|block| u64::from(block.text_bytes)).sum();
                let store = engine.store_mut();
                let inserted = store.set_read_bytes(source, read_bytes).and_then(|()| match member_bytes {
                    None => store.insert_blocks(source, blocks),
                    Some(member_bytes) => {
                        let member = state.roster.member_of(reader).ok_or(Failure::Gone)?;
                        store.set_read_bytes(member, member_bytes)?;
                        store.insert_blocks(member, blocks)
                    }
                });
                match inserted {
                    Ok(()) => state.pace.inserted(text_bytes, scope::now_millis()),
                    Err(failure) => self.stop_reading_after(state, failure),
                }
            }
            ToData::Member { offer, ordinal, read_bytes } => {
                let take = take_member(state, reader, &offer, ordinal, read_bytes);
                state.tell_reader(reader, &ToReader::Member(take));
            }
            ToData::MemberEnded(end) => self.end_member(state, reader, end),
            ToData::Ended(end) => self.end_reading(state, reader, end),
            ToData::Crashed { reason } => self.reader_crashed(state, reader, reason),
            ToData::Samples { .. } => {}
        }
    }

    /// Its source may be to blame, unless it had not even loaded. Another is started when there is a source for it.
    fn reader_crashed(&self, state: &mut State, reader: ReaderId, reason: String) {
        let had_loaded = state.readers[reader].take().is_some_and(|reader| reader.is_ready());
        if had_loaded {
            return self.end_reading(state, reader, End::Failed { reason });
        }
        match state.starts.failed() {
            Next::TryAgain => {
                if let Some(ended) = state.roster.put_back(reader) {
                    self.source_ended(state, ended, End::Stopped);
                }
            }
            Next::GiveUp => {
                self.end_reading(state, reader, End::Failed { reason: reason.clone() });
                // Where others read, they will come to what waits.
                if state.readers.iter().all(Option::is_none) {
                    for source in state.roster.take_waiting() {
                        let ended = Ended { source, member: None, leave: None, is_wanted_again: false };
                        self.source_ended(state, ended, End::Failed { reason: reason.clone() });
                    }
                }
            }
        }
    }

    fn end_reading(&self, state: &mut State, reader: ReaderId, end: End) {
        if let Some(ended) = state.roster.ended(reader) {
            self.source_ended(state, ended, end);
        }
    }

    /// A file of an archive is read to its end; the archive goes on.
    fn end_member(&self, state: &mut State, reader: ReaderId, end: End) {
        let Some(member) = state.roster.member_of(reader) else { return };
        state.roster.set_member(reader, None);
        if let Some(engine) = &mut state.engine {
            // A file that is gone from the store has no state to set.
            let _ = engine.store_mut().set_source_state(member, state_after(end).unwrap_or(SourceState::Stopped));
        }
        self.is_free(state, member);
    }

    fn source_ended(&self, state: &mut State, ended: Ended, end: End) {
        let source = ended.source;
        if let Some(member) = ended.member {
            // It waits for its archive to be read on.
            let why = match ended.leave {
                _ if ended.is_wanted_again => Leave::Rest,
                Some(Leave::Remove) | None => Leave::Interrupt,
                Some(why) => why,
            };
            let _ = set_left(state, member, why);
            self.is_free(state, member);
        }
        let next = state_after(end);
        if matches!(next, Some(SourceState::Complete | SourceState::Opened)) {
            // Nothing is in the file that is read anew. Where that cannot be stored, what was read before stays.
            let _ = begin_anew(state, source);
        }
        let Some(engine) = &mut state.engine else { return };
        // A source that is gone from the store has no state to set.
        let _ = match next {
            Some(SourceState::Opened) | None if ended.is_wanted_again => {
                state.roster.add(source);
                engine.store_mut().set_source_state(source, SourceState::Waiting)
            }
            Some(next) => {
                // One that was taken for no log may be read anyway.
                if !matches!(next, SourceState::Skipped { .. }) {
                    state.files.remove(&source);
                }
                engine.store_mut().set_source_state(source, next)
            }
            None => set_left(state, source, ended.leave.unwrap_or(Leave::Interrupt)),
        };
        self.is_free(state, source);
    }

    /// What was not committed is gone, so what readers have under way does not fit any more: they start from there again
    /// when the user resumes.
    pub(super) fn stop_reading_after(&self, state: &mut State, failure: Failure) {
        state.pace.committed();
        state.trouble = Some(failure);
        state.retry_millis = scope::now_millis() + RETRY_MILLIS;
        self.pause_all(state);
        for reader in 0..state.readers.len() {
            if state.roster.is_reading(reader) {
                state.readers[reader] = None;
                self.end_reading(state, reader, End::Stopped);
            }
        }
    }

    pub(super) fn pause_all(&self, state: &mut State) {
        for source in state.roster.sources() {
            // A source that is gone needs no pause.
            let _ = leave(state, source, Leave::Pause);
        }
    }

    fn begin_reading(&self, state: &mut State, reader: ReaderId, source: SourceId) {
        let Some(engine) = &mut state.engine else { return };
        let store = engine.store_mut();
        let open = state.files.get(&source);
        let job = open.and_then(|open| job_of(store, source, open.anew.as_ref()));
        let (Some(open), Some(job)) = (open, job) else {
            state.roster.ended(reader);
            return;
        };
        // The source was found just now.
        let _ = store.set_source_state(source, SourceState::Reading);
        let file = open.file.clone();
        self.start_reader(state, reader).tell(&ToReader::Read(Box::new(job)), &[file]);
    }

    /// Unless it runs already.
    pub(super) fn start_reader<'a>(&self, state: &'a mut State, reader: ReaderId) -> &'a mut Reader {
        let starts = &mut state.starts;
        state.readers[reader].get_or_insert_with(|| Reader::start(reader, starts.begin(), self.hears_readers()))
    }

    fn hear_sampler(&self, state: &mut State, heard: Heard) {
        match heard.message {
            ToData::Ready { .. } => {
                if let Some((sampler, _)) = &mut state.sampler {
                    sampler.became_ready();
                }
            }
            ToData::Samples { paths } => {
                let Some((_, id)) = state.sampler.take() else { return };
                let offers = paths.into_iter().zip(&heard.files).map(|(path, file)| FileOffer {
                    path,
                    bytes: files::size(file),
                    modified_millis: file.last_modified() as i64,
                });
                let import = Import { offers: offers.collect(), known: OnKnown::Report };
                let (data, files) = (self.this(), heard.files);
                wasm_bindgen_futures::spawn_local(async move {
                    done(id, data.import(id, import, files).await.map(model::protocol::Answer::Imported));
                });
            }
            ToData::Crashed { reason } => {
                if let Some((_, id)) = state.sampler.take() {
                    done(id, Err(Failure::Crashed { message: reason }));
                }
            }
            ToData::Blocks { .. } | ToData::Ended(_) | ToData::Member { .. } | ToData::MemberEnded(_) => {}
        }
    }
}

/// `None`: it was told to stop, and why decides.
fn state_after(end: End) -> Option<SourceState> {
    match end {
        End::Complete => Some(SourceState::Complete),
        End::NotText { reason } => Some(SourceState::Skipped { reason }),
        End::Failed { reason } => Some(SourceState::Failed { reason }),
        End::Opened => Some(SourceState::Opened),
        End::Stopped => None,
    }
}

/// A reader found a file in its archive: what it is to do with it.
fn take_member(state: &mut State, reader: ReaderId, offer: &FileOffer, ordinal: u64, read_bytes: u64) -> Take {
    let Some(archive) = state.roster.source_of(reader) else { return Take::Pass };
    if begin_anew(state, archive).is_err() {
        return Take::Pass;
    }
    let Some(engine) = &mut state.engine else { return Take::Pass };
    let store = engine.store_mut();
    // It is being read.
    let _ = store.set_read_bytes(archive, read_bytes);
    // One that was removed is passed over; where that cannot be told, nothing more can be stored either.
    let Ok(Some(member)) = store.member(archive, ordinal, offer) else { return Take::Pass };
    if store.source(member).is_none_or(|source| !is_open(&source.state)) {
        return Take::Pass;
    }
    let Some(job) = job_of(store, member, None) else { return Take::Pass };
    // It was found just now.
    let _ = store.set_source_state(member, SourceState::Reading);
    state.roster.set_member(reader, Some(member));
    Take::Read(Box::new(job))
}

/// A file of an archive is taken up when its archive is read.
pub fn is_open(state: &SourceState) -> bool {
    matches!(state, SourceState::Waiting | SourceState::Reading | SourceState::Paused | SourceState::Interrupted)
}

/// The first of a file that is read anew has come: it takes the place of what was read of its source. Until then a file that cannot
/// be read, or a page that goes away, costs nothing of that.
fn begin_anew(state: &mut State, source: SourceId) -> Result<(), Failure> {
    let (Some(engine), Some(open)) = (&mut state.engine, state.files.get_mut(&source)) else { return Ok(()) };
    let Some(anew) = &open.anew else { return Ok(()) };
    engine.store_mut().grow_anew(source, &anew.offer, anew.fingerprint)?;
    open.anew = None;
    engine.sweep();
    Ok(())
}

/// How a source is to be read, and from where on. `anew`: of its grown file, from the beginning.
fn job_of(store: &mut Store, source: SourceId, anew: Option<&Anew>) -> Option<Job> {
    let zone = store.reading_zone(source).ok()?;
    let known = store.source(source)?;
    let path = anew.map_or(known.path.as_str(), |anew| path_when_grown(&known.path, &anew.offer)).to_owned();
    let modified_millis = match anew {
        Some(anew) => anew.offer.modified_millis,
        None => store.modified_millis(source).unwrap_or_default(),
    };
    Some(Job {
        path,
        format: known.read_as.format.clone(),
        offset_nanos: known.read_as.offset_nanos,
        encoding: known.read_as.encoding,
        own_formats: store.own_formats().unwrap_or_default(),
        modified_millis,
        zone,
        position: if anew.is_some() { None } else { store.source_position(source) },
    })
}

/// A source of which a file is a later state.
struct Grown {
    source: SourceId,
    /// The last line read of it was: reading goes on behind that.
    was_whole: bool,
}

/// Whether the last line read of a source is one of the grown file, too. Of one that was packed, or was no lines, bytes of the file
/// are none of the text: that is not known.
async fn was_whole(before: &Shorter, file: &File) -> bool {
    let Some(line_end) = before.line_end else { return false };
    let position = Position { offset: before.offset, ..Position::default() };
    let first_bytes = files::read(file, 0..files::size(file).min(EVIDENCE_BYTES as u64)).await;
    let is_lines =
        first_bytes.is_ok_and(|first_bytes| Importer::start_byte(&position, &first_bytes.to_vec()) == before.offset);
    let last = before.bytes.saturating_sub(line_end.len() as u64)..before.bytes;
    is_lines && files::read(file, last).await.is_ok_and(|last| last.to_vec() == line_end)
}

/// What became of an offer.
enum Taken {
    Source(SourceId),
    /// It is this source, with more written to it.
    Grown(SourceId),
    /// It is there already, as this source.
    Known(SourceId),
}

fn take_offer(
    state: &mut State,
    offer: &FileOffer,
    file: File,
    fingerprint: Result<u64, String>,
    grown: Option<Grown>,
    on_known: OnKnown,
    came_with: &[(usize, SourceId)],
) -> Result<Taken, Failure> {
    if state.role != Role::Owner {
        return Err(Failure::NotOwner);
    }
    let known = fingerprint.as_ref().ok().and_then(|&fingerprint| state.known(offer.bytes, fingerprint));
    let Some(engine) = &mut state.engine else { return Err(Failure::NotOwner) };
    let store = engine.store_mut();
    // Files that come together may have one path, each from a folder of its own.
    let is_of_now = |source: SourceId| came_with.iter().any(|&(_, with)| with == source);
    let may_replace = |source: &SourceId| on_known != OnKnown::AddAgain && !is_of_now(*source);
    let failed = store.failed_before(offer).filter(may_replace);
    let fingerprint = match fingerprint {
        Ok(fingerprint) => fingerprint,
        Err(_) if on_known == OnKnown::GoOn => return Err(Failure::FileNeeded),
        Err(reason) => {
            let source = add(store, offer, 0, failed)?;
            store.set_source_state(source, SourceState::Failed { reason })?;
            return Ok(Taken::Source(source));
        }
    };
    let known = known.filter(|_| on_known != OnKnown::AddAgain);
    // It may have been taken away, or be another already, since it was looked at.
    let is_there = |grown: &Grown| store.may_have_grown(offer).iter().any(|before| before.source == grown.source);
    let grown = grown.filter(|grown| known.is_none() && is_there(grown));
    let source = match (known, &grown) {
        (Some(source), _) if may_go_on(store, source) => source,
        (Some(source), _) => return Ok(Taken::Known(source)),
        (None, Some(Grown { source, was_whole: true })) => {
            store.grow(*source, offer, fingerprint)?;
            *source
        }
        // What was read before is there until the file proves to be readable.
        (None, Some(Grown { source, was_whole: false })) => *source,
        (None, None) if on_known == OnKnown::GoOn => return Err(Failure::FileChanged),
        (None, None) => add(store, offer, fingerprint, failed)?,
    };
    store.set_source_state(source, SourceState::Waiting)?;
    let anew = match &grown {
        Some(Grown { was_whole: false, .. }) => Some(Anew { offer: offer.clone(), fingerprint }),
        Some(_) => None,
        // It was handed over already, and is to go on with.
        None => state.files.remove(&source).and_then(|open| open.anew).filter(|anew| anew.fingerprint == fingerprint),
    };
    state.files.insert(source, OpenFile { file, anew });
    state.roster.add(source);
    Ok(if grown.is_some() { Taken::Grown(source) } else { Taken::Source(source) })
}

/// A new source, or the one that failed with this file in its place.
fn add(store: &mut Store, offer: &FileOffer, fingerprint: u64, failed: Option<SourceId>) -> Result<SourceId, Failure> {
    let Some(source) = failed else { return Ok(store.add_source(offer, fingerprint)) };
    store.replace_failed(source, offer, fingerprint)?;
    Ok(source)
}

/// The source, or a file in it, was left before its end: the same file again is to go on with.
fn may_go_on(store: &Store, source: SourceId) -> bool {
    store.lacks_of_archive(source)
        || store.source(source).is_some_and(|source| {
            matches!(
                source.state,
                SourceState::Interrupted | SourceState::Stopped | SourceState::Paused | SourceState::Failed { .. }
            )
        })
}
