//! Bytes of files, and the sentences for when there are none.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, File};

use crate::intake::fingerprint;

/// The first slice is small, for the first rows; the others large enough that asking for them costs little.
const FIRST_SLICE_BYTES: u64 = 128 << 10;
const SLICE_BYTES: u64 = 4 << 20;

/// Starts reading at once; resolves to a sentence where the bytes cannot be had.
pub fn read(file: &File, range: Range<u64>) -> impl Future<Output = Result<Uint8Array, String>> + use<> {
    // Offsets stay below 2^53, where f64 is exact.
    let slice = file.slice_with_f64_and_f64(range.start as f64, range.end as f64);
    let reading = slice.map(|slice| JsFuture::from(slice.array_buffer()));
    async move {
        let buffer = match reading {
            Ok(reading) => reading.await,
            Err(error) => Err(error),
        };
        let bytes = buffer.map(|buffer| Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>()));
        let bytes = bytes.map_err(|error| sentence(&error))?;
        // Some browsers give what is left of a file that shrank.
        match u64::from(bytes.length()) == range.end - range.start {
            true => Ok(bytes),
            false => Err("The file became shorter while it was read; what was read stays.".to_owned()),
        }
    }
}

fn sentence(error: &JsValue) -> String {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "NotFoundError" => "The file is no longer there; what was read stays.".to_owned(),
        // Browsers take a snapshot of a file's size and date: one that is written to counts as unreadable.
        "NotReadableError" => {
            "The file was changed while it was read, or may not be read; what was read stays. Drop it again to take it in."
                .to_owned()
        }
        "" => "The browser could not read the file; what was read stays.".to_owned(),
        other => format!("The browser could not read the file ({other}); what was read stays."),
    }
}

pub fn size(file: &File) -> u64 {
    file.size() as u64
}

pub async fn fingerprint(file: &File) -> Result<u64, String> {
    fingerprint_of(file, size(file)).await
}

/// That of a file with the first so many bytes of this one.
pub async fn fingerprint_of(file: &File, n_bytes: u64) -> Result<u64, String> {
    let mut samples = Vec::new();
    for range in fingerprint::samples(n_bytes) {
        samples.push(read(file, range).await?.to_vec());
    }
    Ok(fingerprint::hash(samples.iter().map(Vec::as_slice)))
}

type Reading = Pin<Box<dyn Future<Output = Result<Uint8Array, String>>>>;

/// A range of a file, one slice being read while the one before is worked on.
pub struct Slices {
    file: File,
    end: u64,
    next: Option<Reading>,
    next_end: u64,
}

impl Slices {
    pub fn new(file: File, range: Range<u64>) -> Self {
        let mut slices = Self { file, end: range.end, next: None, next_end: range.start };
        slices.begin(FIRST_SLICE_BYTES);
        slices
    }

    fn begin(&mut self, n_bytes: u64) {
        let range = self.next_end..(self.next_end + n_bytes).min(self.end);
        self.next_end = range.end.max(range.start);
        self.next = (range.start < range.end).then(|| Box::pin(read(&self.file, range)) as _);
    }

    /// The next slice and where in the file it ends, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<(Uint8Array, u64), String>> {
        let end = self.next_end;
        let bytes = self.next.take()?.await;
        self.begin(SLICE_BYTES);
        Some(bytes.map(|bytes| (bytes, end)))
    }
}
