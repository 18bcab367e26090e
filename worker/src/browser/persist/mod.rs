//! Where the workspace lives: SQLite's files in JavaScript memory, kept in IndexedDB.

mod copied;
pub use copied::CopiedDisk;

mod disk;

mod idb;

mod vfs;

pub use disk::{Aside, Disk};
pub use vfs::{JsExtent, OpenFile};
