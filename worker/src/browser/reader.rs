//! A reader: turns the bytes of one file after the other into blocks, for the data thread to store.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use analysis::block::Block;
use analysis::container::{Damage, Listed, Listing, Member, Part, Unfold, is_packed, is_zip};
use analysis::format::Formats;
use analysis::import::{EVIDENCE_BYTES, Importer, Outcome};
use analysis::read::Context;
use model::protocol::BUILD;
use model::rotation::part_of;
use model::source::FileOffer;
use model::time::Nanos;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::files::{self, Slices};
use super::samples;
use super::scope::{self, Bell};
use crate::intake::words::{CREDIT_BYTES, End, Job, Take, ToData, ToReader};
use crate::store::formats_with;

/// Blocks leave in batches of this much log text; the first ones are smaller, so that rows appear at once.
const BATCH_TEXT_BYTES: u64 = 2 << 20;
/// Bytes given to the importer at a time: what a very compressible file unfolds into at once stays bounded.
const PIECE_BYTES: usize = 128 << 10;
/// The same of compressed files.
const PACKED_PIECE_BYTES: usize = 16 << 10;
/// Of these as much is unfolded at a time: zstd, at the worst, makes 32 MiB of it, and others less.
const UNFOLDED_BYTES: usize = 1 << 10;

pub fn start() {
    let reader = Rc::new(Reader::default());
    scope::post(&ToData::Ready { build: BUILD.to_owned() }, &[]);
    scope::listen(move |message, files| match message {
        ToReader::Read(job) => {
            let Some(file) = files.into_iter().next() else {
                let reason = "The file was lost on its way to the reader.".to_owned();
                scope::post(&ToData::Ended(End::Failed { reason }), &[]);
                return;
            };
            reader.credit.set(CREDIT_BYTES as i64);
            reader.is_stopped.set(false);
            reader.is_passed.set(false);
            let reader = reader.clone();
            spawn_local(async move {
                let end = reader.read(*job, file).await;
                scope::post(&ToData::Ended(end), &[]);
            });
        }
        ToReader::Credit { n_bytes } => {
            reader.credit.set(reader.credit.get() + n_bytes as i64);
            reader.bell.ring();
        }
        ToReader::Member(take) => {
            // What was said until here is about the file before it.
            reader.is_passed.set(false);
            reader.taken.replace(Some(take));
            reader.bell.ring();
        }
        ToReader::Pass => reader.is_passed.set(true),
        ToReader::Stop => {
            reader.is_stopped.set(true);
            reader.bell.ring();
        }
        ToReader::MakeSamples { n_entries, seed } => match samples::make(n_entries, seed) {
            Ok((paths, files)) => {
                scope::post(&ToData::Samples { paths }, &files);
            }
            Err(reason) => {
                scope::post(&ToData::Crashed { reason }, &[]);
            }
        },
    });
}

#[derive(Default)]
struct Reader {
    /// Bytes that may still be sent; the last batch may overdraw it.
    credit: Cell<i64>,
    is_stopped: Cell<bool>,
    /// The answer about the file of an archive that was asked about.
    taken: RefCell<Option<Take>>,
    /// The rest of that file is not to be read.
    is_passed: Cell<bool>,
    bell: Bell,
}

impl Reader {
    async fn read(&self, job: Job, file: File) -> End {
        let file_bytes = files::size(&file);
        let first_bytes = match files::read(&file, 0..file_bytes.min(EVIDENCE_BYTES as u64)).await {
            Ok(first_bytes) => first_bytes.to_vec(),
            Err(reason) => return End::Failed { reason },
        };
        if is_packed(&first_bytes) {
            return self.read_packed(job, file, is_zip(&first_bytes)).await;
        }
        let (mut importer, start) = importer_of_file(job, &first_bytes);
        let mut slices = Slices::new(file, start..file_bytes);
        let mut batch = Batch::default();
        let mut piece = Vec::new();
        while let Some(slice) = slices.next().await {
            let (bytes, slice_end) = match slice {
                Ok(slice) => slice,
                // The entry that was cut off is not ended here, so that the same file can be gone on with.
                Err(reason) => {
                    batch.send();
                    return End::Failed { reason };
                }
            };
            for first in (0..bytes.length()).step_by(PIECE_BYTES) {
                let last = (first + PIECE_BYTES as u32).min(bytes.length());
                piece.resize((last - first) as usize, 0);
                bytes.subarray(first, last).copy_to(&mut piece);
                importer.push(&piece, &mut batch.blocks);
                batch.read_bytes = slice_end - u64::from(bytes.length() - last);
                if batch.is_full() && self.send(&mut batch).await.is_err() {
                    return End::Stopped;
                }
            }
            if self.is_stopped.get() {
                batch.send();
                return End::Stopped;
            }
            if importer.is_over() {
                break;
            }
        }
        let outcome = importer.finish(&mut batch.blocks);
        batch.send();
        end_of(outcome)
    }

    /// Sends a batch and waits until more may be sent.
    async fn send(&self, batch: &mut Batch) -> Result<(), Stopped> {
        self.credit.set(self.credit.get() - batch.send() as i64);
        while self.credit.get() <= 0 && !self.is_stopped.get() {
            self.bell.wait().await;
        }
        if self.is_stopped.get() { Err(Stopped) } else { Ok(()) }
    }

    /// A compressed file, or an archive.
    async fn read_packed(&self, job: Job, file: File, is_zip: bool) -> End {
        let file_bytes = files::size(&file);
        let itself = Member { path: job.path.clone(), bytes: file_bytes, modified_millis: job.modified_millis };
        let mut unpacking = Unpacking { job, open: None, own_end: None, n_members: 0, batch: Batch::default() };
        let listed = match if is_zip { list(&file).await } else { Ok(Ok(None)) } {
            Ok(Ok(listed)) => listed,
            Ok(Err(damage)) => return End::Failed { reason: damage.to_string() },
            Err(reason) => return End::Failed { reason },
        };
        let ended = match listed {
            None => {
                let slices = Slices::new(file, 0..file_bytes);
                self.unfold(&mut unpacking, slices, 0, Unfold::new(itself)).await
            }
            Some(mut listed) => {
                // Of entries with equal times those of the older part of a rotated log come first.
                listed.sort_by_cached_key(|listed| part_of(&listed.entry.path));
                let mut ended = Ok(());
                for listed in listed {
                    let path = format!("{}/{}", itself.path, listed.entry.path);
                    let unfold = Unfold::zip_member(Member { path, ..listed.entry.member() }, listed.entry);
                    let start = listed.range.start;
                    let slices = Slices::new(file.clone(), listed.range);
                    ended = self.unfold(&mut unpacking, slices, start, unfold).await;
                    if ended.is_err() {
                        break;
                    }
                }
                ended
            }
        };
        unpacking.batch.send();
        match ended {
            Ok(()) => unpacking.own_end.unwrap_or(End::Opened),
            Err(end) => end,
        }
    }

    /// Reads what comes out of these slices of a file, from `start` on. `Err`: it ended early.
    async fn unfold(
        &self,
        unpacking: &mut Unpacking,
        mut slices: Slices,
        start: u64,
        mut unfold: Unfold,
    ) -> Result<(), End> {
        let mut parts = Vec::new();
        let mut piece = Vec::new();
        unpacking.batch.read_bytes = start;
        while let Some(slice) = slices.next().await {
            let (bytes, _) = slice.map_err(|reason| End::Failed { reason })?;
            for first in (0..bytes.length()).step_by(PACKED_PIECE_BYTES) {
                let last = (first + PACKED_PIECE_BYTES as u32).min(bytes.length());
                piece.resize((last - first) as usize, 0);
                bytes.subarray(first, last).copy_to(&mut piece);
                for packed in piece.chunks(UNFOLDED_BYTES) {
                    unfold.push(packed, &mut |part| parts.push(Out::from(part)));
                    unpacking.batch.read_bytes += packed.len() as u64;
                    for part in parts.drain(..) {
                        self.take(unpacking, part).await?;
                    }
                }
            }
            if self.is_stopped.get() {
                return Err(End::Stopped);
            }
            if unfold.is_over() || unpacking.is_own_over() {
                break;
            }
        }
        unfold.finish(&mut |part| parts.push(Out::from(part)));
        for part in parts {
            self.take(unpacking, part).await?;
        }
        Ok(())
    }

    async fn take(&self, unpacking: &mut Unpacking, out: Out) -> Result<(), End> {
        match out {
            Out::Begin(member) if member.path == unpacking.job.path => {
                let importer = importer_of_content(unpacking.job.clone());
                unpacking.open = Some(Open { importer, is_member: false });
            }
            Out::Begin(member) => {
                let take = self.ask_about(unpacking, &member).await?;
                if let Take::Read(mut job) = take {
                    // An archive that does not say when its files were written was itself written then.
                    if job.modified_millis == 0 {
                        job.modified_millis = unpacking.job.modified_millis;
                    }
                    let importer = importer_of_content(*job);
                    unpacking.open = Some(Open { importer, is_member: true });
                    unpacking.batch.member_bytes = Some(0);
                }
            }
            Out::Bytes(bytes) => {
                let Unpacking { open, batch, .. } = unpacking;
                let Some(Open { importer, .. }) = open else { return Ok(()) };
                if self.is_passed.get() {
                    return self.end_member(unpacking, End::Stopped).await;
                }
                importer.push(&bytes, &mut batch.blocks);
                if let Some(member_bytes) = &mut batch.member_bytes {
                    *member_bytes += bytes.len() as u64;
                }
                if batch.is_full() {
                    self.send(batch).await.map_err(|Stopped| End::Stopped)?;
                }
            }
            Out::End(damage) => {
                let Some(Open { importer, is_member }) = &mut unpacking.open else { return Ok(()) };
                let end = end_of(importer.finish_with(damage, &mut unpacking.batch.blocks));
                if *is_member {
                    return self.end_member(unpacking, end).await;
                }
                unpacking.own_end = Some(end);
                unpacking.open = None;
            }
        }
        Ok(())
    }

    async fn ask_about(&self, unpacking: &mut Unpacking, member: &Member) -> Result<Take, End> {
        unpacking.n_members += 1;
        let offer =
            FileOffer { path: member.path.clone(), bytes: member.bytes, modified_millis: member.modified_millis };
        let read_bytes = unpacking.batch.read_bytes;
        scope::post(&ToData::Member { offer, ordinal: unpacking.n_members, read_bytes }, &[]);
        loop {
            if let Some(take) = self.taken.take() {
                return Ok(take);
            }
            self.bell.wait().await;
        }
    }

    async fn end_member(&self, unpacking: &mut Unpacking, end: End) -> Result<(), End> {
        self.send(&mut unpacking.batch).await.map_err(|Stopped| End::Stopped)?;
        unpacking.batch.member_bytes = None;
        unpacking.open = None;
        scope::post(&ToData::MemberEnded(end), &[]);
        Ok(())
    }
}

/// The reader was told to stop.
struct Stopped;

/// How far the reading of a packed file is.
struct Unpacking {
    job: Job,
    /// The log that is read now.
    open: Option<Open>,
    /// How the file itself ended, where it is no archive or a bad one.
    own_end: Option<End>,
    n_members: u64,
    batch: Batch,
}

struct Open {
    importer: Importer<'static>,
    /// It is a file of an archive, not the file itself.
    is_member: bool,
}

impl Unpacking {
    /// The file itself is a log, and more of it would be of no use.
    fn is_own_over(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.is_member && open.importer.is_over())
    }
}

/// A part of what comes out of a file, to be kept while others are waited for.
enum Out {
    Begin(Member),
    Bytes(Vec<u8>),
    End(Option<Damage>),
}

impl From<Part<'_>> for Out {
    fn from(part: Part<'_>) -> Self {
        match part {
            Part::Begin(member) => Self::Begin(member),
            Part::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Part::End(damage) => Self::End(damage),
        }
    }
}

/// The members of a zip archive; `None` where their list is missing.
async fn list(file: &File) -> Result<Result<Option<Vec<Listed>>, Damage>, String> {
    let mut listing = Listing::new(files::size(file));
    while let Some(range) = listing.wants() {
        listing.give(&files::read(file, range).await?.to_vec());
    }
    Ok(listing.finish())
}

/// For the file of a job as it is, and the byte to begin with.
fn importer_of_file(job: Job, first_bytes: &[u8]) -> (Importer<'static>, u64) {
    let (formats, context) = (formats_with(job.own_formats.clone()), context(&job));
    let (importer, start) = match job.position.clone() {
        None => (Importer::new(formats, context), 0),
        Some(position) => {
            let start = Importer::start_byte(&position, first_bytes);
            (Importer::resume(formats, context, position, first_bytes), start)
        }
    };
    (as_told(importer, formats, &job), start)
}

/// For what was taken out of a file, from its first byte on.
fn importer_of_content(job: Job) -> Importer<'static> {
    let formats = formats_with(job.own_formats.clone());
    as_told(Importer::of_content(formats, context(&job), job.position.clone()), formats, &job)
}

fn as_told(importer: Importer<'static>, formats: &Formats, job: &Job) -> Importer<'static> {
    importer.read_as(job.format.as_ref().map(|name| formats.id(name)), job.offset_nanos, job.encoding)
}

fn context(job: &Job) -> Context {
    let modified = Nanos(job.modified_millis.saturating_mul(1_000_000));
    Context { path: job.path.clone(), modified, zone: job.zone.clone() }
}

fn end_of(outcome: Outcome) -> End {
    match outcome {
        Outcome::Complete => End::Complete,
        Outcome::Damaged { reason } => End::Failed { reason },
        Outcome::NotText { reason } => End::NotText { reason },
    }
}

#[derive(Default)]
struct Batch {
    blocks: Vec<Block>,
    read_bytes: u64,
    /// Of the archive's file that the blocks are of.
    member_bytes: Option<u64>,
    sent_text_bytes: u64,
}

impl Batch {
    fn text_bytes(&self) -> u64 {
        self.blocks.iter().map(|block| u64::from(block.text_bytes)).sum()
    }

    /// Batches grow with what was sent before, up to the usual size.
    fn is_full(&self) -> bool {
        self.text_bytes() > BATCH_TEXT_BYTES.min(self.sent_text_bytes / 2)
    }

    /// Returns the bytes it took.
    fn send(&mut self) -> u64 {
        if self.blocks.is_empty() {
            return 0;
        }
        self.sent_text_bytes += self.text_bytes();
        let blocks = std::mem::take(&mut self.blocks);
        let (read_bytes, member_bytes) = (self.read_bytes, self.member_bytes);
        scope::post(&ToData::Blocks { blocks, read_bytes, member_bytes, memory_bytes: scope::memory_bytes() }, &[])
    }
}
