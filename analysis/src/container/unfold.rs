//! What a file holds when everything it is packed in is taken off: compression, archives, archives in archives.
//!
//! Each layer is told by its content, never by a name. Log files come out one after the other, each with its path, its
//! bytes, and what is wrong with it, if anything is. Bounded in depth, in number and in how far it may unfold.

use super::member::{Member, Part, TakePart};
use super::packed::{Damage, Packing, Unpacker, is_bomb};
use super::tar::{self, Tar};
use super::zip::{self, Entry, Zip};

/// `app.log.gz.xz` has two; more than this is nobody's log.
const MOST_LAYERS: u32 = 4;
/// Archives in archives.
pub const MOST_DEPTH: u32 = 4;
/// More files in one archive are refused.
pub const MOST_MEMBERS: u32 = 100_000;
pub(super) const TOO_MANY_MEMBERS: Damage = Damage::Unsupported("holds more than 100,000 files");

/// Takes one file off its wrappings, in slices of any size.
pub struct Unfold {
    top: Level,
    limits: Limits,
}

struct Limits {
    opens_archives: bool,
    in_bytes: u64,
    out_bytes: u64,
    n_members: u32,
    /// Why nothing more comes out.
    refused: Option<Damage>,
}

/// A file, or what is inside a layer of it.
struct Level {
    member: Member,
    /// Archives and layers of compression around it.
    depth: u32,
    n_layers: u32,
    stage: Stage,
}

enum Stage {
    /// The first bytes, until there are enough to tell.
    NotTold(Vec<u8>),
    /// A log, or nothing that is known here.
    Content,
    Packed(Unpacker, Box<Level>),
    Tar(Tar, Option<Box<Level>>),
    Zip(Zip, Option<Box<Level>>),
    Refused,
}

impl Unfold {
    pub fn new(file: Member) -> Self {
        let limits = Limits { opens_archives: true, in_bytes: 0, out_bytes: 0, n_members: 0, refused: None };
        Self { top: Level::new(file, 0, 0), limits }
    }

    /// Takes off compression only: there is one content, that of the file.
    pub fn compressed() -> Self {
        let nameless = Member { path: String::new(), bytes: 0, modified_millis: 0 };
        let mut unfold = Self::new(nameless);
        unfold.limits.opens_archives = false;
        unfold
    }

    /// A member of a zip archive, from its local header on; `file` is its whole path.
    pub fn zip_member(file: Member, entry: Entry) -> Self {
        let mut unfold = Self::new(file);
        unfold.top.stage = Stage::Zip(Zip::of_member(entry), None);
        unfold
    }

    /// Hands over the next bytes; `take` gets the files they hold.
    pub fn push(&mut self, bytes: &[u8], take: &mut TakePart<'_>) {
        self.limits.in_bytes += bytes.len() as u64;
        self.top.push(bytes, &mut self.limits, take);
    }

    /// No more bytes will come. A file that is no archive ends now; an archive that is damaged or refused itself is given
    /// once more as a file without content.
    pub fn finish(&mut self, take: &mut TakePart<'_>) {
        self.top.finish(None, &mut self.limits, take);
        if let Some(refused) = self.limits.refused.take() {
            take(Part::Begin(self.top.member.clone()));
            take(Part::End(Some(refused)));
        }
    }

    /// Further bytes would change nothing.
    pub fn is_over(&self) -> bool {
        self.limits.refused.is_some() || self.top.is_over()
    }
}

/// Whether a file that begins so is packed in anything: then what it holds is found by [`Unfold`].
pub fn is_packed(first_bytes: &[u8]) -> bool {
    Packing::of(first_bytes).is_some() || is_archive(first_bytes)
}

/// Bytes of a file that [`is_packed`] wants to see.
pub const EVIDENCE_BYTES: usize = tar::BLOCK_BYTES;

fn is_archive(first_bytes: &[u8]) -> bool {
    is_zip(first_bytes) || tar::is_tar(first_bytes)
}

pub fn is_zip(first_bytes: &[u8]) -> bool {
    // An empty archive has nothing but its end.
    first_bytes.starts_with(&zip::LOCAL_HEADER) || first_bytes.starts_with(b"PK\x05\x06\0\0\0\0")
}

impl Level {
    fn new(member: Member, depth: u32, n_layers: u32) -> Self {
        Self { member, depth, n_layers, stage: Stage::NotTold(Vec::new()) }
    }

    fn push(&mut self, bytes: &[u8], limits: &mut Limits, take: &mut TakePart<'_>) {
        if limits.refused.is_some() {
            return;
        }
        let Self { member, depth, .. } = self;
        match &mut self.stage {
            Stage::Content => content(bytes, limits, take),
            Stage::Refused => {}
            Stage::Packed(unpacker, inside) => unpacker.push(bytes, &mut |bytes| inside.push(bytes, limits, take)),
            Stage::Tar(tar, inside) => {
                let around = Around { path: &member.path, depth: *depth, is_one_member: false };
                tar.push(bytes, &mut |part| pass(part, around, inside, limits, take));
            }
            Stage::Zip(zip, inside) => {
                let around = Around { path: &member.path, depth: *depth, is_one_member: zip.is_one_member() };
                zip.push(bytes, &mut |part| pass(part, around, inside, limits, take));
            }
            Stage::NotTold(held) => {
                held.extend_from_slice(bytes);
                if held.len() >= EVIDENCE_BYTES {
                    self.tell(limits, take);
                }
            }
        }
    }

    fn tell(&mut self, limits: &mut Limits, take: &mut TakePart<'_>) {
        let Stage::NotTold(held) = &mut self.stage else { return };
        let first_bytes = std::mem::take(held);
        self.stage = match Packing::of(&first_bytes) {
            Some(packing) if self.n_layers < MOST_LAYERS => {
                let inside = Self::new(self.member.clone(), self.depth, self.n_layers + 1);
                Stage::Packed(Unpacker::new(packing), Box::new(inside))
            }
            _ if limits.opens_archives && is_archive(&first_bytes) => {
                if self.depth == MOST_DEPTH {
                    take(Part::Begin(self.member.clone()));
                    take(Part::End(Some(Damage::Unsupported("is an archive inside four others"))));
                    Stage::Refused
                } else if is_zip(&first_bytes) {
                    Stage::Zip(Zip::default(), None)
                } else {
                    Stage::Tar(Tar::default(), None)
                }
            }
            _ => {
                take(Part::Begin(self.member.clone()));
                Stage::Content
            }
        };
        self.push(&first_bytes, limits, take);
    }

    /// `damage`: of what is around it.
    fn finish(&mut self, damage: Option<Damage>, limits: &mut Limits, take: &mut TakePart<'_>) {
        if matches!(self.stage, Stage::NotTold(_)) {
            self.tell(limits, take);
        }
        let is_one_member = matches!(&self.stage, Stage::Zip(zip, _) if zip.is_one_member());
        let around = Around { path: &self.member.path, depth: self.depth, is_one_member };
        let of_archive = match &mut self.stage {
            Stage::NotTold(_) | Stage::Refused => return,
            Stage::Content => return take(Part::End(damage)),
            Stage::Packed(unpacker, inside) => {
                let own = unpacker.finish(&mut |bytes| inside.push(bytes, limits, take));
                return inside.finish(damage.or(own), limits, take);
            }
            Stage::Tar(tar, inside) => tar.finish(&mut |part| pass(part, around, inside, limits, take)),
            Stage::Zip(zip, inside) => zip.finish(&mut |part| pass(part, around, inside, limits, take)),
        };
        if let Some(damage) = damage.or(of_archive)
            && !is_one_member
            && limits.refused.is_none()
        {
            take(Part::Begin(self.member.clone()));
            take(Part::End(Some(damage)));
        }
    }

    fn is_over(&self) -> bool {
        match &self.stage {
            Stage::Packed(unpacker, inside) => unpacker.is_damaged() || inside.is_over(),
            Stage::Tar(tar, _) => tar.is_over(),
            Stage::Zip(zip, _) => zip.is_over(),
            Stage::Refused => true,
            Stage::NotTold(_) | Stage::Content => false,
        }
    }
}

/// The archive that a member is in.
#[derive(Clone, Copy)]
struct Around<'a> {
    path: &'a str,
    depth: u32,
    /// The path is that of the only member to be read.
    is_one_member: bool,
}

/// Hands a part of an archive to the level of the member it is of.
fn pass(
    part: Part<'_>,
    around: Around<'_>,
    inside: &mut Option<Box<Level>>,
    limits: &mut Limits,
    take: &mut TakePart<'_>,
) {
    match part {
        Part::Begin(member) => {
            limits.n_members += 1;
            if limits.n_members > MOST_MEMBERS {
                limits.refused.get_or_insert(TOO_MANY_MEMBERS);
            }
            let path = match around.is_one_member {
                true => around.path.to_owned(),
                false => format!("{}/{}", around.path, member.path),
            };
            *inside = Some(Box::new(Level::new(Member { path, ..member }, around.depth + 1, 0)));
        }
        Part::Bytes(bytes) => {
            if let Some(level) = inside {
                level.push(bytes, limits, take);
            }
        }
        Part::End(damage) => {
            if let Some(mut level) = inside.take() {
                level.finish(damage, limits, take);
            }
        }
    }
}

fn content(bytes: &[u8], limits: &mut Limits, take: &mut TakePart<'_>) {
    limits.out_bytes += bytes.len() as u64;
    if is_bomb(limits.in_bytes, limits.out_bytes) {
        limits.refused.get_or_insert(Damage::Bomb);
        return;
    }
    take(Part::Bytes(bytes));
}
