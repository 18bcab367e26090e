//! A copy of the database, for a thread that only reads it.

use std::cell::RefCell;
use std::rc::Rc;

use model::protocol::Failure;
use rusqlite::{Connection, OpenFlags};

use super::vfs::{Files, JsExtent, OpenFile};
use crate::extents::Copied;

const VFS_NAME: &str = "dendro";
const DATABASE: &str = "dendro.db";

pub struct CopiedDisk {
    file: Rc<RefCell<OpenFile>>,
}

impl CopiedDisk {
    /// At most once in a worker, since it registers the file with SQLite.
    pub fn new() -> Result<Self, Failure> {
        let (files, file) = (Files::default(), Rc::<RefCell<OpenFile>>::default());
        files.put_in_place(DATABASE, Some(file.clone()));
        files.register(VFS_NAME).map_err(|error| Failure::Storage { message: error.to_string() })?;
        Ok(Self { file })
    }

    /// Between connections only.
    pub fn take(&self, copied: Copied<JsExtent>) {
        self.file.borrow_mut().bytes.take_copied(copied);
    }

    pub fn connect(&self) -> Result<Connection, Failure> {
        Connection::open_with_flags_and_vfs(DATABASE, OpenFlags::SQLITE_OPEN_READ_ONLY, VFS_NAME)
            .map_err(|error| Failure::Storage { message: error.to_string() })
    }
}
