//! What can go wrong with the store, and how the user is told.

use analysis::block::Corrupt;
use model::protocol::Failure;
use rusqlite::ErrorCode;

/// Inside the store; at its edge it becomes a [`Failure`].
#[derive(Debug)]
pub enum Error {
    Sqlite(rusqlite::Error),
    /// Stored bytes are not what was written: another program, or a disk error.
    Garbled(&'static str),
    /// The same of a block: entries of the file at `path` cannot be read any more.
    Unreadable {
        path: String,
    },
    /// The block, entry or source is not (or no longer) there.
    Gone,
    /// Blocks that do not go on where their source's last one ended: their reader does not know of a rollback.
    OutOfOrder,
    /// A newer build of Dendro wrote this workspace.
    Newer,
    /// A database that is no workspace of any build.
    Foreign,
}

pub type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::Gone,
            error => Self::Sqlite(error),
        }
    }
}

impl From<Corrupt> for Error {
    fn from(_: Corrupt) -> Self {
        Self::Garbled("block")
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(error) => write!(f, "{error}"),
            Self::Garbled(what) => write!(f, "a stored {what} cannot be read"),
            Self::Unreadable { path } => write!(f, "a stored block of {path} cannot be read"),
            Self::Gone => f.write_str("it is no longer there"),
            Self::OutOfOrder => f.write_str("log entries came in the wrong order"),
            Self::Foreign => f.write_str("it is no workspace of Dendro"),
            Self::Newer => f.write_str("it was written by a newer version of Dendro; reload the page to get that"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Gone => Self::Gone,
            Error::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Self::StorageFull { needed_bytes: 0 },
                Some(ErrorCode::OutOfMemory) => Self::NoMemory,
                _ => Self::Storage { message: error.to_string() },
            },
            error => Self::Storage { message: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn told(code: i32) -> String {
        Failure::from(Error::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))).to_string()
    }

    #[test]
    fn no_memory_is_not_called_a_full_disk_and_an_unknown_need_is_not_told() {
        assert!(told(ffi::SQLITE_NOMEM).contains("no more memory"));
        assert!(told(ffi::SQLITE_FULL).starts_with("The browser's storage is full. "));
    }
}
