//! Small made-up logs whose every number a test can work out.

use std::fmt::Write as _;
use std::io::Write as _;

/// `n` lines, one each second of November 2026 (at most 2.5 million); every tenth is a warning, every hundredth an error.
/// Each has a number of its own: `order-000041`.
pub fn shop_log(n: usize) -> String {
    let mut text = String::with_capacity(n * 110);
    for i in 0..n {
        let (day, hour, minute, second) = (1 + i / 86_400, i / 3600 % 24, i / 60 % 60, i % 60);
        let (level, message) = match i {
            i if i % 100 == 99 => ("ERROR", "payment refused by the bank"),
            i if i % 10 == 9 => ("WARN", "payment took long"),
            _ => ("INFO", "order placed"),
        };
        writeln!(
            text,
            "2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z {level} checkout - {message} order-{i:06} customer={} total={}.{:02}",
            i * 7919 % 100_003,
            i % 500,
            i % 100
        )
        .expect("a string can be written to");
    }
    text
}

pub fn gzip(text: &str) -> Vec<u8> {
    gzip_bytes(text.as_bytes())
}

pub fn gzip_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).and_then(|()| packed.finish()).expect("a vector can be written to")
}

pub fn zstd(text: &str) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
}

/// A tar archive.
pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in members {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[136..147].copy_from_slice(b"15121214144");
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1024]);
    archive
}

/// A zip archive of stored members; those whose name has `wrong` in it have a wrong checksum, those with `secret` say that
/// they are encrypted.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let crc = crc.sum() ^ u32::from(name.contains("wrong"));
        let start = archive.len() as u32;
        let about = |archive: &mut Vec<u8>| {
            let shorts = [20, u16::from(name.contains("secret")), 0, 0, 0x5D74];
            archive.extend(shorts.into_iter().flat_map(u16::to_le_bytes));
            archive.extend([crc, content.len() as u32, content.len() as u32].into_iter().flat_map(u32::to_le_bytes));
            archive.extend([name.len() as u16, 0].into_iter().flat_map(u16::to_le_bytes));
        };
        archive.extend(b"PK\x03\x04");
        about(&mut archive);
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(content);
        directory.extend(b"PK\x01\x02\x14\x00");
        about(&mut directory);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (n_members, start) = (members.len() as u16, archive.len() as u32);
    archive.extend_from_slice(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend([n_members, n_members].into_iter().flat_map(u16::to_le_bytes));
    archive.extend([directory.len() as u32, start].into_iter().flat_map(u32::to_le_bytes));
    archive.extend([0, 0]);
    archive
}
