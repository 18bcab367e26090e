//! The tables, their version, and the way from an older version to this one.
//!
//! | table | a row is |
//! |---|---|
//! | `meta` | one value of the workspace: its zones, the next ids |
//! | `sources` | one log file and how far it was read; or, with `replaces`, one that is being read again |
//! | `removed_members` | a file of an archive, by its place in it, that the user removed |
//! | `formats` | a log format of the user's, as TOML |
//! | `marks` | a bookmark: a line of a file, what is shown of its entry, a note |
//! | `views` | a scope's address under a name, and what is said of it |
//! | `blocks` | what is known of a block without opening it; small, read whole when the workspace opens |
//! | `block_columns`, `block_texts` | the compressed columns and text of a block |
//! | `block_fields` | what its entries have in each field; made after the block itself |
//! | `block_shapes` | what its entries are made from; templates are found from those of all blocks |
//! | `words` | FTS5: the distinct words of a block (row id = block) |
//! | `posting_groups`, `postings` | token hashes of up to 256 blocks each, in chunks |

use rusqlite::Connection;

use super::error::{Error, Result};
use super::pass_through;

/// Steps from version `i` to version `i + 1`; never changed once released, only added to.
const MIGRATIONS: &[&str] =
    &[VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6, VERSION_7, VERSION_8, VERSION_9];

const VERSION_1: &str = "
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE sources (
    id              INTEGER PRIMARY KEY,
    path            TEXT    NOT NULL,
    file_bytes      INTEGER NOT NULL,
    modified_millis INTEGER NOT NULL,
    fingerprint     INTEGER NOT NULL,
    state           BLOB    NOT NULL,
    position        BLOB,
    read_bytes      INTEGER NOT NULL,
    text_bytes      INTEGER NOT NULL,
    n_entries       INTEGER NOT NULL,
    n_lines         INTEGER NOT NULL,
    min_time        INTEGER,
    max_time        INTEGER,
    formats         BLOB    NOT NULL
);

CREATE TABLE blocks (
    id          INTEGER PRIMARY KEY,
    source      INTEGER NOT NULL,
    first_entry INTEGER NOT NULL,
    n_entries   INTEGER NOT NULL,
    first_line  INTEGER NOT NULL,
    n_lines     INTEGER NOT NULL,
    min_time    INTEGER NOT NULL,
    max_time    INTEGER NOT NULL,
    bands       INTEGER NOT NULL,
    zone        INTEGER NOT NULL,
    text_bytes  INTEGER NOT NULL
);

CREATE TABLE block_columns (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE block_texts   (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

CREATE VIRTUAL TABLE words USING fts5(
    tokens, content='', columnsize=0, detail=none, tokenize='pass_through'
);
INSERT INTO words(words, rank) VALUES ('automerge', 0), ('crisismerge', 64);

CREATE TABLE posting_groups (
    first_block  INTEGER PRIMARY KEY,
    last_block   INTEGER NOT NULL,
    first_chunk  INTEGER NOT NULL,
    first_hashes BLOB    NOT NULL
);
CREATE TABLE postings (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
";

const VERSION_2: &str = "ALTER TABLE blocks ADD COLUMN undated INTEGER NOT NULL DEFAULT 0;";

const VERSION_3: &str = "
ALTER TABLE blocks  ADD COLUMN offset_nanos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN read_as      BLOB;
ALTER TABLE sources ADD COLUMN read_before  BLOB;
ALTER TABLE sources ADD COLUMN replaces     INTEGER;
CREATE TABLE formats (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
";

const VERSION_4: &str = "CREATE TABLE block_fields (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);";

/// The source that one was taken out of.
const VERSION_5: &str = "ALTER TABLE sources ADD COLUMN archive INTEGER;";

const VERSION_6: &str = "
CREATE TABLE removed_members (archive INTEGER, ordinal INTEGER, PRIMARY KEY (archive, ordinal)) WITHOUT ROWID;
";

const VERSION_7: &str = "CREATE TABLE block_shapes (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);";

const VERSION_8: &str = "
CREATE TABLE marks (
    id          INTEGER PRIMARY KEY,
    path        TEXT    NOT NULL,
    file_bytes  INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    copy        INTEGER NOT NULL,
    line        INTEGER NOT NULL,
    line_hash   INTEGER NOT NULL,
    note        TEXT    NOT NULL,
    time        INTEGER NOT NULL,
    precision   INTEGER NOT NULL,
    severity    INTEGER NOT NULL,
    service     TEXT    NOT NULL,
    text        TEXT    NOT NULL
);
CREATE TABLE views (name TEXT PRIMARY KEY, address TEXT NOT NULL) WITHOUT ROWID;
PRAGMA application_id = 1148085362; -- Dndr
";

/// Since then a source may be an excerpt, too.
const VERSION_9: &str = "ALTER TABLE views ADD COLUMN note TEXT NOT NULL DEFAULT '';";

/// The letters "Dndr": tells a workspace from other databases of SQLite.
const APPLICATION_ID: i64 = 0x446E_6472;

/// Blobs are 5 to 33 KB: pages of 8 KiB waste little of the last one and keep the calls per blob few.
const PAGE_BYTES: u32 = 8 << 10;

/// Upper levels of the trees and the word index's own pages; block blobs only pass through.
const CACHE_KIB: u32 = 8 << 10;

/// Prepares a connection whose file may be new, of this version, or older. The tokenizer must be registered.
pub fn open(connection: &Connection) -> Result<()> {
    // Durability is the flush after COMMIT (browser/persist), not SQLite's: a journal in memory serves ROLLBACK only.
    // It comes before auto_vacuum, which writes the first page: a journal file would be deleted that was never there.
    // The file may be given to others: what is taken out of a page that is written anyhow is overwritten there.
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES};
         PRAGMA journal_mode = memory;
         PRAGMA auto_vacuum = incremental;
         PRAGMA synchronous = off;
         PRAGMA secure_delete = fast;
         PRAGMA temp_store = memory;
         PRAGMA cache_size = -{CACHE_KIB};"
    ))?;
    migrate(connection, MIGRATIONS)
}

/// Prepares a connection to a copy of a workspace of this version, which is not written to.
pub fn prepare_to_look(connection: &Connection) -> Result<()> {
    let prepared = format!("PRAGMA temp_store = memory; PRAGMA cache_size = -{CACHE_KIB};");
    Ok(connection.execute_batch(&prepared)?)
}

fn migrate(connection: &Connection, migrations: &[&str]) -> Result<()> {
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let Some(missing) = migrations.get(version as usize..) else {
        return Err(Error::Newer);
    };
    for (i, migration) in missing.iter().enumerate() {
        let reached = version as usize + i + 1;
        connection.execute_batch(&format!("BEGIN; {migration} PRAGMA user_version = {reached}; COMMIT;"))?;
    }
    Ok(())
}

/// The tables of a database that came from elsewhere are, word for word, those that its version has.
pub fn check(connection: &Connection) -> Result<()> {
    let number = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA application_id")? != APPLICATION_ID {
        return Err(Error::Foreign);
    }
    let version = usize::try_from(number("PRAGMA user_version")?).map_err(|_| Error::Foreign)?;
    let migrations = MIGRATIONS.get(..version).ok_or(Error::Newer)?;
    let reference = Connection::open_in_memory()?;
    pass_through::register(&reference)?;
    migrate(&reference, migrations)?;
    if tables(connection)? == tables(&reference)? { Ok(()) } else { Err(Error::Foreign) }
}

fn tables(connection: &Connection) -> Result<Vec<[Option<String>; 4]>> {
    let mut statement = connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")?;
    let tables = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    Ok(tables.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of(connection: &Connection) -> u32 {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_workspace_is_brought_forward_and_keeps_its_rows() {
        let connection = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE t (a); INSERT INTO t VALUES (1);";
        migrate(&connection, &[first]).unwrap();
        migrate(&connection, &[first, "ALTER TABLE t ADD COLUMN b DEFAULT 7;"]).unwrap();
        let row: (i64, i64) = connection.query_row("SELECT a, b FROM t", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        assert_eq!(row, (1, 7));
        assert_eq!(version_of(&connection), 2);
    }

    #[test]
    fn a_workspace_of_a_newer_build_is_refused_not_damaged() {
        let connection = Connection::open_in_memory().unwrap();
        let newer = MIGRATIONS.len() as u32 + 1;
        connection.execute_batch(&format!("PRAGMA user_version = {newer}")).unwrap();
        assert!(matches!(migrate(&connection, MIGRATIONS), Err(Error::Newer)));
        assert_eq!(version_of(&connection), newer);
    }
}
