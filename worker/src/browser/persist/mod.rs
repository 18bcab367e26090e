//! Where the workspace lives: SQLite's files in JavaScript memory, kept in IndexedDB.

mod disk;

mod idb;

mod vfs;

pub use disk::{Aside, Disk};
pub use vfs::JsExtent;
