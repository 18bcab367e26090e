//! What a statement may do, and which tables it reads: SQLite says both while it takes the statement in.
//!
//! Reading is free. Tables of the user's own are the main database, and what changes only that may be allowed.

use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_int, c_void};

use rusqlite::{Connection, ffi};

pub const ONLY_READS: &str = "The console only reads: a statement is a SELECT, or a WITH … SELECT. With “Own tables” it may also make and \
                              change tables of your own.";
pub const ONLY_OWN_TABLES: &str = "Only tables of your own can be made and changed: CREATE TABLE mine AS SELECT …, INSERT, UPDATE, DELETE, \
                                   CREATE INDEX, DROP.";

/// What a statement would do.
#[derive(Default)]
pub struct Deeds {
    /// The names of the tables that it reads.
    pub reads: BTreeSet<String>,
    /// It changes tables of the user's own.
    pub changes_own: bool,
}

struct Permit {
    deeds: Deeds,
    may_write: bool,
}

/// Fails where the statement would do anything else than read, or, where it `may_write`, change the user's own tables.
pub fn deeds(connection: &Connection, text: &str, may_write: bool) -> rusqlite::Result<Deeds> {
    let mut permit = Permit { deeds: Deeds::default(), may_write };
    // SAFETY: the handle is open; `permit` outlives the call that takes the statement in, and SQLite is told to forget it
    // right after. Nothing else is prepared on this connection in between.
    let prepared = unsafe {
        ffi::sqlite3_set_authorizer(connection.handle(), Some(authorize), (&raw mut permit).cast());
        let prepared = connection.prepare(text).map(drop);
        ffi::sqlite3_set_authorizer(connection.handle(), None, std::ptr::null_mut());
        prepared
    };
    prepared.map(|()| permit.deeds)
}

/// Called by SQLite for each thing a statement would do.
unsafe extern "C" fn authorize(
    permit: *mut c_void,
    action: c_int,
    first: *const c_char,
    _second: *const c_char,
    database: *const c_char,
    _view: *const c_char,
) -> c_int {
    // SAFETY: it is what `deeds` registered, and nobody else has it until SQLite is told to forget it.
    let permit = unsafe { &mut *permit.cast::<Permit>() };
    // SAFETY: SQLite gives names as C strings, or nothing.
    let name = |name: *const c_char| (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy());
    match action {
        ffi::SQLITE_READ => {
            permit.deeds.reads.extend(name(first).map(|table| table.to_ascii_lowercase()));
            ffi::SQLITE_OK
        }
        ffi::SQLITE_SELECT | ffi::SQLITE_FUNCTION | ffi::SQLITE_RECURSIVE => ffi::SQLITE_OK,
        action if permit.may_write && CHANGES.contains(&action) && name(database).as_deref() == Some(OWN) => {
            permit.deeds.changes_own = true;
            ffi::SQLITE_OK
        }
        _ => ffi::SQLITE_DENY,
    }
}

/// The database of the user's own tables.
const OWN: &str = "main";

/// Views would hide our tables, or not see them; what is altered is also written to the temporary database.
const CHANGES: [c_int; 8] = [
    ffi::SQLITE_INSERT,
    ffi::SQLITE_UPDATE,
    ffi::SQLITE_DELETE,
    ffi::SQLITE_CREATE_TABLE,
    ffi::SQLITE_DROP_TABLE,
    ffi::SQLITE_CREATE_INDEX,
    ffi::SQLITE_DROP_INDEX,
    ffi::SQLITE_REINDEX,
];
