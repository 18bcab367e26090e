//! Every packing, in every slicing, whole and broken.

use std::io::Write;

use proptest::prelude::*;

use super::*;

const N_LINES: usize = 400;

/// What the files in `samples/` hold, which the usual command-line tools made.
fn log() -> String {
    let line =
        |i: usize| format!("2026-11-20 10:{:02}:{:02} INFO request {i} took {} ms\n", i / 60, i % 60, i * 7919 % 1000);
    (0..N_LINES).map(line).collect()
}

/// A file of each kind, and kinds within kinds.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut samples = vec![
        ("members.gz", include_bytes!("samples/members.gz").to_vec()),
        ("streams.bz2", include_bytes!("samples/streams.bz2").to_vec()),
        ("blocks.xz", include_bytes!("samples/blocks.xz").to_vec()),
        ("streams.xz", include_bytes!("samples/streams.xz").to_vec()),
        ("frames.zst", include_bytes!("samples/frames.zst").to_vec()),
        ("long.zst", include_bytes!("samples/long.zst").to_vec()),
        ("skipped.zst", include_bytes!("samples/skipped.zst").to_vec()),
        ("frames.lz4", include_bytes!("samples/frames.lz4").to_vec()),
        ("linked.lz4", include_bytes!("samples/linked.lz4").to_vec()),
        ("old.lz4", include_bytes!("samples/old.lz4").to_vec()),
    ];
    samples.push(("gz of xz", gzip(include_bytes!("samples/blocks.xz"))));
    samples
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpack(bytes: &[u8], slices: &[usize]) -> (Vec<u8>, Option<Damage>) {
    let (mut out, mut damage) = (Vec::new(), None);
    let mut take = |part: Part<'_>| match part {
        Part::Bytes(bytes) => out.extend_from_slice(bytes),
        Part::End(found) => damage = found,
        Part::Begin(_) => {}
    };
    let (mut unfold, mut rest) = (Unfold::compressed(), bytes);
    for &n in slices.iter().cycle() {
        let (slice, more) = rest.split_at(n.min(rest.len()));
        unfold.push(slice, &mut take);
        rest = more;
        if rest.is_empty() {
            break;
        }
    }
    unfold.finish(&mut take);
    (out, damage)
}

#[test]
fn files_of_the_usual_tools_hold_what_was_put_in() {
    for (name, bytes) in samples() {
        for slice_bytes in [1, 7, 1000, usize::MAX] {
            let (out, damage) = unpack(&bytes, &[slice_bytes]);
            assert_eq!(damage, None, "{name} in slices of {slice_bytes}");
            assert!(out == log().as_bytes(), "{name} in slices of {slice_bytes}");
        }
    }
}

#[test]
fn what_is_cut_off_keeps_what_was_there() {
    for (name, bytes) in samples() {
        // Cut where a stream ends, what is left is whole.
        for n_bytes in [bytes.len() - 1, bytes.len() * 3 / 4, bytes.len() / 3] {
            let (out, damage) = unpack(&bytes[..n_bytes], &[100]);
            assert!(log().as_bytes().starts_with(&out), "{name} cut at {n_bytes}");
            assert_eq!(damage, Some(Damage::Truncated), "{name} cut at {n_bytes}");
        }
    }
}

#[test]
fn a_wrong_checksum_is_noticed() {
    // The four bytes at the end are the content's, or a footer's.
    for (name, mut bytes) in samples() {
        if matches!(name, "old.lz4" | "gz of xz") {
            continue;
        }
        let at = bytes.len() - if name.ends_with("gz") { 8 } else { 2 };
        bytes[at] ^= 0x5A;
        let (_, damage) = unpack(&bytes, &[usize::MAX]);
        assert!(damage.is_some(), "{name}");
    }
}

#[test]
fn a_bomb_is_refused_with_a_sentence() {
    let zeros = vec![0; 100 << 20];
    for (name, bytes) in [("gz", gzip(&zeros)), ("bz2", bzip2(&zeros)), ("xz", xz(&zeros)), ("zst", zstd(&zeros))] {
        let (out, damage) = unpack(&bytes, &[1 << 17]);
        let reason = damage.unwrap().to_string();
        assert!(reason.starts_with("The file is refused: it unfolds to more than 500 times"), "{name}: {reason}");
        assert!(out.len() < 80 << 20, "{name} gave {} bytes", out.len());
    }
}

#[test]
fn a_very_regular_log_is_no_bomb() {
    let log = "2026-11-20 10:00:00 INFO still alive\n".repeat(2_500_000);
    assert!(log.len() as u64 > packed::HARMLESS_BYTES);
    let (out, damage) = unpack(&gzip(log.as_bytes()), &[1 << 17]);
    assert_eq!((out.len(), damage), (log.len(), None));
}

#[test]
fn text_is_not_taken_for_anything_packed() {
    for text in ["BZhello, a log\n", "(\u{b5}/ odd\n", "", "B", "2026-11-20 10:00:00 x\n"] {
        assert_eq!(unpack(text.as_bytes(), &[1]), (text.as_bytes().to_vec(), None));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_in_any_slicing_come_out_as_they_went_in(
        bytes in proptest::collection::vec(any::<u8>(), 0..3000),
        times in 1..200usize,
        slices in proptest::collection::vec(1..9000usize, 1..20),
        how in 0..5usize,
    ) {
        // Layers would look for more of them inside.
        let bytes = [b"x", &bytes.repeat(times)[..]].concat();
        let packed = [gzip, bzip2, xz, zstd, lz4][how](&bytes);
        let (out, damage) = unpack(&packed, &slices);
        prop_assert_eq!(damage, None);
        prop_assert!(out == bytes);
    }
}
