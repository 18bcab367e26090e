//! What a statement may do, and which tables it reads: SQLite says both while it takes the statement in.

use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_int, c_void};

use rusqlite::{Connection, ffi};

pub const ONLY_READS: &str = "The console only reads: a statement is a SELECT, or a WITH … SELECT.";

/// The names of the tables that the statement reads; fails where it would do anything else than read.
pub fn tables_read(connection: &Connection, text: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut read = BTreeSet::new();
    // SAFETY: the handle is open; `read` outlives the call that takes the statement in, and SQLite is told to forget it
    // right after. Nothing else is prepared on this connection in between.
    let prepared = unsafe {
        ffi::sqlite3_set_authorizer(connection.handle(), Some(authorize), (&raw mut read).cast());
        let prepared = connection.prepare(text).map(drop);
        ffi::sqlite3_set_authorizer(connection.handle(), None, std::ptr::null_mut());
        prepared
    };
    prepared.map(|()| read)
}

/// Called by SQLite for each thing a statement would do.
unsafe extern "C" fn authorize(
    read: *mut c_void,
    action: c_int,
    first: *const c_char,
    _second: *const c_char,
    _database: *const c_char,
    _view: *const c_char,
) -> c_int {
    match action {
        ffi::SQLITE_READ => {
            if !first.is_null() {
                // SAFETY: SQLite gives the table's name as a C string, and `read` is what `tables_read` registered.
                unsafe {
                    let name = CStr::from_ptr(first).to_string_lossy().to_ascii_lowercase();
                    (*read.cast::<BTreeSet<String>>()).insert(name);
                }
            }
            ffi::SQLITE_OK
        }
        ffi::SQLITE_SELECT | ffi::SQLITE_FUNCTION | ffi::SQLITE_RECURSIVE => ffi::SQLITE_OK,
        _ => ffi::SQLITE_DENY,
    }
}
