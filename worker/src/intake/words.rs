//! What the data thread and its readers say to each other.
//!
//! A reader reads one source at a time: `Read` is answered by any number of `Blocks` and exactly one `Ended`, and only then
//! comes the next `Read`. Of an archive each file is asked about first (`Member`). The file travels beside `Read`, finished samples beside `Samples`.

use analysis::block::Block;
use analysis::read::Position;
use model::source::{Encoding, FileOffer};
use model::time::Zone;
use serde::{Deserialize, Serialize};

/// Bytes of blocks a reader may have under way (sent, not yet in the store): bounds memory, and is enough to bridge a commit.
pub const CREDIT_BYTES: u64 = 12 << 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToReader {
    Read(Box<Job>),
    /// Blocks of this many bytes have arrived in the store.
    Credit {
        n_bytes: u64,
    },
    /// The answer to [`ToData::Member`].
    Member(Take),
    /// Read no further in the file that is taken out of the archive.
    Pass,
    /// End the current job after what is sent already.
    Stop,
    MakeSamples {
        n_entries: u64,
        seed: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub path: String,
    pub modified_millis: i64,
    /// Zone for stamps that name none.
    pub zone: Zone,
    /// Name of the one format to read in; `None`: by evidence.
    pub format: Option<String>,
    /// Added to every time.
    pub offset_nanos: i64,
    /// What the bytes are; `None`: by evidence.
    pub encoding: Option<Encoding>,
    /// The workspace's own formats, beside the shipped ones.
    pub own_formats: Vec<String>,
    /// Where to go on; `None`: from the start.
    pub position: Option<Position>,
}

/// What to do with a file of an archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Take {
    Read(Box<Job>),
    /// It is known already.
    Pass,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToData {
    /// The reader's program is loaded, of this build.
    Ready {
        build: String,
    },
    Blocks {
        blocks: Vec<Block>,
        /// Bytes of the file read by now.
        read_bytes: u64,
        /// Bytes of the archive's file that these are of, if they are.
        member_bytes: Option<u64>,
        /// WebAssembly memory of the reader.
        memory_bytes: u64,
    },
    /// A file was found in the archive that is read: blocks are of it until `MemberEnded`. Answered by
    /// [`ToReader::Member`].
    Member {
        offer: FileOffer,
        /// Counts the files of the archive.
        ordinal: u64,
        /// Bytes of the archive read by now.
        read_bytes: u64,
    },
    MemberEnded(End),
    Ended(End),
    /// Paths of the files beside this message.
    Samples {
        paths: Vec<String>,
    },
    /// Said for a reader that stopped working: another must take its place. The reason is a sentence.
    Crashed {
        reason: String,
    },
}

/// How reading a source ended; reasons are sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    Complete,
    NotText {
        reason: String,
    },
    /// Damaged, gone or changed; what was read before is in the blocks.
    Failed {
        reason: String,
    },
    /// As it was told to.
    Stopped,
    /// It was an archive: its files have ended one by one.
    Opened,
}
