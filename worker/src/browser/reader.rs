//! A reader: turns the bytes of one file after the other into blocks, for the data thread to store.

use std::cell::Cell;
use std::rc::Rc;

use analysis::block::Block;
use analysis::import::{Importer, Outcome};
use analysis::read::Context;
use model::protocol::BUILD;
use model::time::Nanos;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::files::{self, Slices};
use super::samples;
use super::scope::{self, Bell};
use crate::intake::words::{CREDIT_BYTES, End, Job, ToData, ToReader};
use crate::store::formats_with;

/// Blocks leave in batches of this much log text; the first ones are smaller, so that rows appear at once.
const BATCH_TEXT_BYTES: u64 = 2 << 20;
/// Bytes given to the importer at a time: what a very compressible file unfolds into at once stays bounded.
const PIECE_BYTES: usize = 128 << 10;
/// Enough to tell whether a file is compressed.
const MAGIC_BYTES: u64 = 16;

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
            let reader = reader.clone();
            spawn_local(async move {
                let end = reader.read(job, file).await;
                scope::post(&ToData::Ended(end), &[]);
            });
        }
        ToReader::Credit { n_bytes } => {
            reader.credit.set(reader.credit.get() + n_bytes as i64);
            reader.bell.ring();
        }
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
    bell: Bell,
}

impl Reader {
    async fn read(&self, job: Job, file: File) -> End {
        let modified = Nanos(job.modified_millis.saturating_mul(1_000_000));
        let context = Context { path: job.path, modified, zone: job.zone };
        let formats = formats_with(job.own_formats);
        let only = job.format.map(|name| formats.id(&name));
        let (importer, start) = match job.position {
            None => (Importer::new(formats, context), 0),
            Some(position) => {
                let magic = match files::read(&file, 0..files::size(&file).min(MAGIC_BYTES)).await {
                    Ok(magic) => magic.to_vec(),
                    Err(reason) => return End::Failed { reason },
                };
                let start = Importer::start_byte(&position, &magic);
                (Importer::resume(formats, context, position, &magic), start)
            }
        };

        let mut importer = importer.read_as(only, job.offset_nanos);
        let mut slices = Slices::new(file, start);
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
                if batch.is_full() {
                    self.credit.set(self.credit.get() - batch.send() as i64);
                    while self.credit.get() <= 0 && !self.is_stopped.get() {
                        self.bell.wait().await;
                    }
                    if self.is_stopped.get() {
                        return End::Stopped;
                    }
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
        match outcome {
            Outcome::Complete => End::Complete,
            Outcome::Damaged { reason } => End::Failed { reason },
            Outcome::NotText { reason } => End::NotText { reason },
        }
    }
}

#[derive(Default)]
struct Batch {
    blocks: Vec<Block>,
    read_bytes: u64,
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
        scope::post(&ToData::Blocks { blocks, read_bytes: self.read_bytes, memory_bytes: scope::memory_bytes() }, &[])
    }
}
