//! Tells whether two files are the same without reading them whole: by size, and a hash of three samples.

use std::ops::Range;

/// Bytes looked at in each of three places. Logs that differ in their first, middle or last 64 KiB are different files;
/// two of the same size that do not are taken for one.
const SAMPLE_BYTES: u64 = 64 << 10;

/// The byte ranges to look at, in order; of a small file all of it.
pub fn samples(file_bytes: u64) -> Vec<Range<u64>> {
    if file_bytes <= 3 * SAMPLE_BYTES {
        return std::iter::once(0..file_bytes).collect();
    }
    let middle = file_bytes / 2 - SAMPLE_BYTES / 2;
    let last = file_bytes - SAMPLE_BYTES;
    [0, middle, last].map(|start| start..start + SAMPLE_BYTES).to_vec()
}

/// Of the samples' bytes, in order. FNV-1a (Fowler, Noll, Vo), since it must stay the same in every build.
pub fn hash<'a>(samples: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let bytes = samples.into_iter().flatten();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_are_looked_at_whole_and_large_ones_in_three_places() {
        assert_eq!(samples(0).first(), Some(&(0..0)));
        assert_eq!(samples(196_608).first(), Some(&(0..196_608)));
        let huge = 5 << 30;
        assert_eq!(samples(huge), [0..65_536, huge / 2 - 32_768..huge / 2 + 32_768, huge - 65_536..huge]);
    }

    #[test]
    fn the_hash_is_that_of_every_build() {
        // Test vectors of the FNV reference code.
        assert_eq!(hash([&b""[..]]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash([&b"foo"[..], b"bar"]), 0x8594_4171_f739_67e8);
    }
}
