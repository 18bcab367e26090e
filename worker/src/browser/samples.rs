//! Makes the sample logs as files, so that they are taken in like any others.

use analysis::sample::{DEFAULT_END, Samples};
use js_sys::{Array, Uint8Array};
use web_sys::{Blob, File, FilePropertyBag};

/// Chunks are handed to the browser in parts of this size, which it may put on disk.
const PART_BYTES: usize = 8 << 20;

/// The files and their paths. `n_entries`: in all of them together.
pub fn make(n_entries: u64, seed: u64) -> Result<(Vec<String>, Vec<File>), String> {
    let mut samples = Samples::new(n_entries, seed);
    let mut parts: Vec<Parts> = Samples::paths().iter().map(|_| Parts::default()).collect();
    while let Some((file, chunk)) = samples.next_chunk() {
        parts[file].push(&chunk)?;
    }
    let paths: Vec<String> = Samples::paths().iter().map(|path| (*path).to_owned()).collect();
    let files: Result<_, _> = paths.iter().zip(parts).map(|(path, parts)| parts.into_file(path)).collect();
    Ok((paths, files?))
}

#[derive(Default)]
struct Parts {
    chunks: Array,
    n_bytes: usize,
    blobs: Array,
}

impl Parts {
    fn push(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.chunks.push(&Uint8Array::from(chunk));
        self.n_bytes += chunk.len();
        if self.n_bytes >= PART_BYTES { self.close_part() } else { Ok(()) }
    }

    fn close_part(&mut self) -> Result<(), String> {
        let blob = Blob::new_with_u8_array_sequence(&self.chunks).map_err(no_room)?;
        self.blobs.push(&blob);
        self.chunks = Array::new();
        self.n_bytes = 0;
        Ok(())
    }

    fn into_file(mut self, path: &str) -> Result<File, String> {
        self.close_part()?;
        let options = FilePropertyBag::new();
        // Stamps without a year are read by the file's date.
        options.set_last_modified((DEFAULT_END.0 / 1_000_000) as f64);
        let name = path.rsplit('/').next().unwrap_or(path);
        File::new_with_blob_sequence_and_options(&self.blobs, name, &options).map_err(no_room)
    }
}

fn no_room<E>(_: E) -> String {
    "The browser has no room for the sample logs.".to_owned()
}
