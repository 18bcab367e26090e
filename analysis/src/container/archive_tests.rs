//! Archives: what is in them, in every slicing, whole and broken.

use proptest::prelude::*;

use super::tests::gzip;
use super::*;

/// A file taken out of an archive.
#[derive(Clone, Debug, PartialEq)]
struct Out {
    path: String,
    content: Vec<u8>,
    damage: Option<Damage>,
}

fn out(path: &str, content: &[u8]) -> Out {
    Out { path: path.to_owned(), content: content.to_vec(), damage: None }
}

fn file(path: &str) -> Member {
    Member { path: path.to_owned(), bytes: 0, modified_millis: 0 }
}

fn unfold(bytes: &[u8], slices: &[usize]) -> Vec<Out> {
    drive(Unfold::new(file("a")), bytes, slices)
}

fn drive(mut unfold: Unfold, bytes: &[u8], slices: &[usize]) -> Vec<Out> {
    let mut outs: Vec<Out> = Vec::new();
    let mut is_open = false;
    let mut take = |part: Part<'_>| match part {
        Part::Begin(member) => {
            assert!(!std::mem::replace(&mut is_open, true), "one member at a time");
            outs.push(out(&member.path, b""));
        }
        Part::Bytes(bytes) => outs.last_mut().unwrap().content.extend_from_slice(bytes),
        Part::End(damage) => {
            assert!(std::mem::replace(&mut is_open, false), "only what has begun ends");
            outs.last_mut().unwrap().damage = damage;
        }
    };
    let mut rest = bytes;
    for &n in slices.iter().cycle() {
        let (slice, more) = rest.split_at(n.min(rest.len()));
        unfold.push(slice, &mut take);
        rest = more;
        if rest.is_empty() {
            break;
        }
    }
    unfold.finish(&mut take);
    assert!(!is_open, "every member ends");
    outs
}

fn tar_header(name: &[u8], kind: u8, n_bytes: usize) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name);
    header[124..135].copy_from_slice(format!("{n_bytes:011o}").as_bytes());
    header[136..147].copy_from_slice(b"15121214144");
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].copy_from_slice(b"        ");
    let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn tar_member(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    let padding = vec![0; content.len().next_multiple_of(512) - content.len()];
    [tar_header(name, kind, content.len()), content.to_vec(), padding].concat()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive: Vec<u8> =
        members.iter().flat_map(|(name, content)| tar_member(name.as_bytes(), b'0', content)).collect();
    archive.extend([0; 1024]);
    archive
}

/// How a member is put into a zip archive.
#[derive(Clone, Copy, Default)]
struct How {
    is_stored: bool,
    is_described_behind: bool,
    is_encrypted: bool,
    method: Option<u16>,
    wrong_crc: bool,
    zip64: bool,
}

fn zip(members: &[(&str, &[u8], How)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content, how) in members {
        let start = archive.len() as u32;
        let packed = if how.is_stored { content.to_vec() } else { deflate(content) };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let crc = crc.sum() ^ u32::from(how.wrong_crc);
        let sizes = [crc, packed.len() as u32, content.len() as u32].map(u32::to_le_bytes).concat();
        let flags = u16::from(how.is_encrypted) | u16::from(how.is_described_behind) << 3;
        let method = how.method.unwrap_or(if how.is_stored { 0 } else { 8 });
        let shorts = |shorts: &[u16]| shorts.iter().flat_map(|short| short.to_le_bytes()).collect::<Vec<u8>>();
        let extra = match how.zip64 {
            true => {
                [shorts(&[1, 16]), [content.len() as u64, packed.len() as u64].map(u64::to_le_bytes).concat()].concat()
            }
            false => Vec::new(),
        };
        let told = match how.zip64 {
            true => [&sizes[..4], &[0xFF; 8]].concat(),
            false => sizes.clone(),
        };
        let lengths = shorts(&[name.len() as u16, extra.len() as u16]);
        let local = if how.is_described_behind { vec![0; 12] } else { told.clone() };
        archive
            .extend([b"PK\x03\x04".to_vec(), shorts(&[20, flags, method, 0, 0x5174]), local, lengths.clone()].concat());
        archive.extend([name.as_bytes(), &extra, &packed].concat());
        if how.is_described_behind {
            let long = [packed.len() as u64, content.len() as u64].map(u64::to_le_bytes).concat();
            let told_behind = if how.zip64 { [&sizes[..4], &long].concat() } else { sizes };
            archive.extend([b"PK\x07\x08".to_vec(), told_behind].concat());
        }
        directory.extend([b"PK\x01\x02".to_vec(), shorts(&[20, 20, flags, method, 0, 0x5174]), told, lengths].concat());
        directory.extend([shorts(&[0, 0, 0]), vec![0; 4], start.to_le_bytes().to_vec()].concat());
        directory.extend([name.as_bytes(), &extra].concat());
    }
    let n = (members.len() as u16).to_le_bytes();
    let end = [(directory.len() as u32).to_le_bytes(), (archive.len() as u32).to_le_bytes()].concat();
    [archive, directory, b"PK\x05\x06\0\0\0\0".to_vec(), n.to_vec(), n.to_vec(), end, vec![0, 0]].concat()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The members through the directory, as the file of an archive is read.
fn listed(archive: &[u8]) -> Result<Option<Vec<Out>>, Damage> {
    let mut listing = Listing::new(archive.len() as u64);
    while let Some(range) = listing.wants() {
        listing.give(&archive[range.start as usize..range.end as usize]);
    }
    let members = listing.finish()?.map(|listed| {
        let members = listed.into_iter().flat_map(|Listed { entry, range }| {
            let whole = Member { path: format!("a/{}", entry.path), ..entry.member() };
            let slice = &archive[range.start as usize..range.end as usize];
            drive(Unfold::zip_member(whole, entry), slice, &[usize::MAX])
        });
        members.collect()
    });
    Ok(members)
}

const PLAIN: How = How {
    is_stored: false,
    is_described_behind: false,
    is_encrypted: false,
    method: None,
    wrong_crc: false,
    zip64: false,
};

#[test]
fn tar_members_come_out_one_after_the_other() {
    let long = "deep/".repeat(40) + "app.log";
    let archive = [
        tar_member(b"logs/", b'5', b""),
        tar_member(b"logs/a.log", b'0', b"first\n"),
        tar_member(b"link", b'2', b""),
        tar_member(b"././@LongLink", b'L', [long.as_bytes(), b"\0"].concat().as_slice()),
        tar_member(b"deep", b'0', &[b'x'; 700]),
        tar_member(b"pax", b'x', b"19 path=p/\xc3\xb6/b.log\n19 mtime=1795170.5\n"),
        tar_member(b"b", b'0', b""),
        tar(&[("../../etc/c.log", b"c")]),
    ]
    .concat();
    let expected =
        [out("a/logs/a.log", b"first\n"), out(&format!("a/{long}"), &[b'x'; 700]), out("a/p/\u{f6}/b.log", b"")];
    for slice_bytes in [1, 100, 513, usize::MAX] {
        let outs = unfold(&archive, &[slice_bytes]);
        assert_eq!(outs[..3], expected, "slices of {slice_bytes}");
        assert_eq!(outs[3..], [out("a/etc/c.log", b"c")]);
    }
    assert_eq!(unfold(&gzip(&archive), &[100]), unfold(&archive, &[100]));
}

#[test]
fn zip_members_come_out_by_the_directory_and_one_after_the_other() {
    let how = |change: fn(&mut How)| {
        let mut how = PLAIN;
        change(&mut how);
        how
    };
    let text = "2026-11-20 10:00:00 INFO hello\n".repeat(100);
    let archive = zip(&[
        ("logs/", b"", how(|how| how.is_stored = true)),
        ("logs/a.log", text.as_bytes(), PLAIN),
        ("b.log", b"stored\n", how(|how| how.is_stored = true)),
        ("c.log", text.as_bytes(), how(|how| how.is_described_behind = true)),
        ("d.log", text.as_bytes(), how(|how| how.zip64 = true)),
        ("e.log", text.as_bytes(), how(|how| (how.is_described_behind, how.zip64) = (true, true))),
        ("empty.log", b"", how(|how| how.is_stored = true)),
    ]);
    let expected = vec![
        out("a/logs/a.log", text.as_bytes()),
        out("a/b.log", b"stored\n"),
        out("a/c.log", text.as_bytes()),
        out("a/d.log", text.as_bytes()),
        out("a/e.log", text.as_bytes()),
        out("a/empty.log", b""),
    ];
    for slice_bytes in [1, 100, usize::MAX] {
        assert_eq!(unfold(&archive, &[slice_bytes]), expected, "slices of {slice_bytes}");
    }
    assert_eq!(listed(&archive), Ok(Some(expected)));
}

#[test]
fn a_bad_member_is_named_and_the_others_are_read() {
    let archive = zip(&[
        ("secret.log", b"0123456789", How { is_encrypted: true, ..PLAIN }),
        ("wrong.log", b"wrong\n", How { wrong_crc: true, ..PLAIN }),
        ("odd.log", b"odd\n", How { method: Some(9), ..PLAIN }),
        ("good.log", b"good\n", PLAIN),
    ]);
    for outs in [unfold(&archive, &[64]), listed(&archive).unwrap().unwrap()] {
        let said: Vec<_> = outs.iter().map(|out| out.damage.as_ref().map(ToString::to_string)).collect();
        assert_eq!(said[0].as_deref(), Some("The file is encrypted, which cannot be read here."));
        assert_eq!(said[1], Some(Damage::Checksum.to_string()));
        assert_eq!(outs[1].content, b"wrong\n");
        assert_eq!(said[2].as_deref(), Some("The file is packed with Deflate64, which cannot be read here."));
        assert_eq!(outs[3], out("a/good.log", b"good\n"));
    }
}

#[test]
fn a_member_that_is_not_where_the_directory_says_is_named() {
    let mut archive = zip(&[("a.log", b"a\n", PLAIN), ("b.log", b"b\n", PLAIN)]);
    archive[0] = b'X';
    let outs = listed(&archive).unwrap().unwrap();
    assert_eq!(outs, [Out { damage: Some(Damage::Corrupt), ..out("a/a.log", b"") }, out("a/b.log", b"b\n")]);
}

#[test]
fn a_directory_that_says_less_than_the_end_does_is_no_list() {
    let names = ["a.log", "b.log", "c.log"];
    let members = names.map(|name| (name, name.as_bytes(), PLAIN));
    let mut archive = zip(&members);
    let second = archive.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02").nth(1).unwrap().0;
    archive[second] = b'X';
    assert_eq!(listed(&archive), Ok(None));
    let paths: Vec<_> = unfold(&archive, &[100]).into_iter().map(|out| out.path).collect();
    assert_eq!(paths, ["a/a.log", "a/b.log", "a/c.log"]);
}

#[test]
fn the_end_of_zip64_says_how_long_the_list_is() {
    let archive = zip(&[("a.log", b"a\n", PLAIN), ("b.log", b"b\n", PLAIN)]);
    let with_end_of = |n_entries: u64| {
        let (members, end) = archive.split_at(archive.len() - 22);
        let [n_bytes, start] = [12, 16].map(|at| u64::from(u32::from_le_bytes(end[at..at + 4].try_into().unwrap())));
        let numbers = [n_entries, n_entries, n_bytes, start].map(u64::to_le_bytes).concat();
        let end_64 = [&b"PK\x06\x06\x2C"[..], &[0; 19], &numbers].concat();
        let locator = [&b"PK\x06\x07\0\0\0\0"[..], &(members.len() as u64).to_le_bytes(), &[1, 0, 0, 0]].concat();
        [members, &end_64, &locator, &end[..8], &[0xFF; 12], &end[20..]].concat()
    };
    let expected = vec![out("a/a.log", b"a\n"), out("a/b.log", b"b\n")];
    assert_eq!(listed(&with_end_of(2)), Ok(Some(expected.clone())));
    assert_eq!(listed(&with_end_of(3)), Ok(None));
    assert_eq!(unfold(&with_end_of(2).repeat(2), &[9]), [expected.clone(), expected].concat());
}

#[test]
fn archives_behind_each_other_are_read_one_after_the_other() {
    let archives = ["a.log", "b.log"].map(|name| zip(&[(name, name.as_bytes(), PLAIN), ("more.log", b"", PLAIN)]));
    let both = archives.concat();
    assert_eq!(listed(&both), Ok(None));
    let expected = ["a.log", "more.log", "b.log", "more.log"].map(|name| format!("a/{name}"));
    for slice_bytes in [1, 100, usize::MAX] {
        let outs = unfold(&both, &[slice_bytes]);
        assert!(outs.iter().all(|out| out.damage.is_none()));
        assert_eq!(outs.into_iter().map(|out| out.path).collect::<Vec<_>>(), expected);
    }
    let damages = |archive: &[u8]| unfold(archive, &[100]).into_iter().map(|out| out.damage).collect::<Vec<_>>();
    assert_eq!(damages(&[&archives[0][..], b"appended"].concat()), [None, None]);
    assert_eq!(damages(&archives[0][..archives[0].len() - 30]), [None, None]);
}

#[test]
fn a_member_that_is_said_to_be_behind_the_file_is_named() {
    let mut archive = zip(&[("a.log", b"a\n", PLAIN), ("b.log", b"b\n", PLAIN)]);
    let second = archive.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    archive[second + 45] = 0x7F;
    let outs = listed(&archive).unwrap().unwrap();
    assert_eq!(outs[1], Out { damage: Some(Damage::Truncated), ..out("a/b.log", b"") });
    assert_eq!(outs[0], out("a/a.log", b"a\n"));
}

#[test]
fn members_that_share_their_content_are_refused() {
    let mut archive = zip(&[("a.log", b"a\n", PLAIN), ("b.log", b"b\n", PLAIN)]);
    let second = archive.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    archive[second + 42..second + 46].fill(0);
    assert_eq!(listed(&archive), Err(Damage::Bomb));
}

#[test]
fn a_cut_off_archive_gives_what_is_left_of_it_and_says_so() {
    let text: Vec<u8> =
        (0..5000_u32).flat_map(|i| format!("{}\n", i.wrapping_mul(2_654_435_761)).into_bytes()).collect();
    let zipped = zip(&[("whole.log", b"whole\n", PLAIN), ("cut.log", &text, PLAIN)]);
    let tarred = gzip(&tar(&[("whole.log", b"whole\n"), ("cut.log", &text)]));
    for archive in [&zipped[..zipped.len() / 2], &tarred[..tarred.len() / 2]] {
        let outs = unfold(archive, &[1000]);
        assert_eq!(outs[0], out("a/whole.log", b"whole\n"));
        assert_eq!((outs[1].path.as_str(), &outs[1].damage), ("a/cut.log", &Some(Damage::Truncated)));
        assert!(outs[1].content.len() > 1000 && text.starts_with(&outs[1].content));
        assert_eq!(outs[2], Out { damage: Some(Damage::Truncated), ..out("a", b"") });
    }
    assert_eq!(listed(&zipped[..zipped.len() / 2]), Ok(None));
}

#[test]
fn archives_in_archives_are_opened_and_no_further_than_four_deep() {
    let inner = gzip(&tar(&[("app.log", b"deep\n")]));
    let middle = zip(&[("inner.tgz", &inner, PLAIN), ("beside.log.gz", &gzip(b"beside\n"), PLAIN)]);
    let outs = unfold(&tar(&[("m.zip", &middle)]), &[300]);
    assert_eq!(outs, [out("a/m.zip/inner.tgz/app.log", b"deep\n"), out("a/m.zip/beside.log.gz", b"beside\n")]);

    let nested = (0..5).fold(b"core\n".to_vec(), |inner, _| tar(&[("n", &inner)]));
    let outs = unfold(&nested, &[usize::MAX]);
    assert_eq!(outs.len(), 1);
    assert_eq!(outs[0].path, "a/n/n/n/n");
    assert_eq!(
        outs[0].damage.as_ref().unwrap().to_string(),
        "The file is an archive inside four others, which cannot be read here."
    );
}

#[test]
fn an_archive_that_unfolds_beyond_reason_is_refused() {
    let zeros = vec![b'\n'; 8 << 20];
    let members: Vec<_> =
        ["1", "2", "3", "4", "5", "6", "7", "8", "9"].iter().map(|&name| (name, &zeros[..], PLAIN)).collect();
    let bomb = zip(&members);
    assert_eq!(listed(&bomb), Err(Damage::Bomb));
    let outs = unfold(&bomb, &[1 << 12]);
    assert_eq!(outs.last(), Some(&Out { damage: Some(Damage::Bomb), ..out("a", b"") }));
    let n_out: usize = outs.iter().map(|out| out.content.len()).sum();
    assert!(n_out <= 72 << 20, "{n_out} bytes");
}

#[test]
fn a_bomb_in_an_archive_does_not_lose_the_others() {
    let zeros = vec![b'\n'; 80 << 20];
    let archive = zip(&[("a.log", b"a\n", PLAIN), ("bomb", &zeros, PLAIN), ("b.log", b"b\n", PLAIN)]);
    let bomb = Out { damage: Some(Damage::Bomb), ..out("a/bomb", b"") };
    let expected = [out("a/a.log", b"a\n"), bomb, out("a/b.log", b"b\n")];
    for outs in [unfold(&archive, &[1 << 12]), listed(&archive).unwrap().unwrap()] {
        assert_eq!(outs, expected);
    }
}

#[test]
fn a_bomb_in_wrappings_each_of_which_is_harmless_is_refused() {
    let zeros = gzip(&vec![b'\n'; 128 << 20]);
    let in_archive = zip(&[("inner.gz", &zeros, PLAIN)]);
    let bombs = [
        gzip(&zeros),
        gzip(&gzip(&zeros)),
        in_archive.clone(),
        gzip(&tar(&[("inner.gz", &zeros)])),
        zip(&[("middle.zip", &in_archive, PLAIN)]),
        tar(&[("deep.tgz", &gzip(&tar(&[("middle.zip", &in_archive)])))]),
    ];
    for (nth, bomb) in bombs.iter().enumerate() {
        assert!(bomb.len() < 200 << 10, "{nth}: {} bytes", bomb.len());
        let outs = unfold(bomb, &[1 << 12]);
        assert!(outs.iter().any(|out| out.damage == Some(Damage::Bomb)), "{nth}");
        let n_out: usize = outs.iter().map(|out| out.content.len()).sum();
        assert!(n_out <= 72 << 20, "{nth}: {n_out} bytes");
    }
}

#[test]
fn a_damaged_tar_header_loses_its_file_only_and_is_told() {
    let zeros_inside = [&[b'b'; 512][..], &[0; 1024], &[b'b'; 100]].concat();
    let mut archive = tar(&[("a.log", b"a"), ("b.log", &zeros_inside), ("c.log", b"c"), ("d.log", b"d")]);
    archive[1024] ^= 1;
    for slice_bytes in [100, usize::MAX] {
        let outs = unfold(&archive, &[slice_bytes]);
        let told = Out { damage: Some(Damage::BadHeader), ..out("a", b"") };
        assert_eq!(outs, [out("a/a.log", b"a"), out("a/c.log", b"c"), out("a/d.log", b"d"), told]);
    }
}

#[test]
fn plain_files_and_texts_about_archives_are_themselves() {
    for content in [&b"PK is how zip files begin\n"[..], b"", b"x", &[b'a'; 2000]] {
        assert_eq!(unfold(content, &[10]), [out("a", content)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_slicing_gives_the_same_files(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2000), 0..5),
        slices in proptest::collection::vec(1..3000usize, 1..20),
        kind in 0..4usize,
        damage_at in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let members: Vec<(&str, &[u8])> = contents.iter().map(|content| ("m.log", &content[..])).collect();
        let zipped: Vec<_> = members.iter().map(|&(name, content)| {
            (name, content, How { is_described_behind: kind == 1, ..PLAIN })
        }).collect();
        let mut archive = match kind {
            0 | 1 => zip(&zipped),
            2 => tar(&members),
            _ => gzip(&tar(&members)),
        };
        if let Some(index) = damage_at {
            let at = index.index(archive.len());
            archive[at] ^= 0x41;
        }
        let outs = unfold(&archive, &slices);
        // What deflate held back at the damage may differ by the slicing.
        if damage_at.is_none() {
            prop_assert_eq!(&outs, &unfold(&archive, &[usize::MAX]));
            prop_assert_eq!(outs.len(), if contents.is_empty() && kind >= 2 { outs.len() } else { contents.len() });
        }
    }
}
