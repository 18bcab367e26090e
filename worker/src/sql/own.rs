//! The user's own tables: made by statements that were allowed to, kept with the workspace as an image of a small database.

use std::io::Cursor;

use model::protocol::Failure;
use model::sql::{OwnTable, SQL_TABLES};
use rusqlite::{Connection, ErrorCode, Statement};
use serde::{Deserialize, Serialize};

use super::refused;

/// They are copied with every statement that changes them, and written as one value.
const MOST_BYTES: usize = 4 << 20;
/// SQLite's own.
const PAGE_BYTES: usize = 4 << 10;

const ALL: &str = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
/// Nothing that acts by itself, and no table of a program's.
const FOREIGN: &str = "SELECT count(*) FROM main.sqlite_schema WHERE type NOT IN ('table', 'index') \
                       OR sql LIKE 'CREATE VIRTUAL%'";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTables {
    pub tables: Vec<OwnTable>,
    /// As SQLite would write them to a file; nothing where there are none.
    pub image: Vec<u8>,
}

/// Makes them the connection's main database. An image that is no sound database of tables alone is left out.
pub fn load(connection: &mut Connection, own: &OwnTables) -> rusqlite::Result<()> {
    if own.image.is_empty() {
        empty(connection)?;
    } else {
        connection.deserialize_read_exact("main", Cursor::new(&own.image), own.image.len(), false)?;
        if !is_sound(connection) {
            empty(connection)?;
        }
    }
    connection.execute_batch(&format!("PRAGMA main.max_page_count = {}", MOST_BYTES / PAGE_BYTES))
}

fn is_sound(connection: &Connection) -> bool {
    let said = connection.query_row("PRAGMA main.quick_check(1)", [], |row| row.get::<_, String>(0));
    let n_foreign = connection.query_row(FOREIGN, [], |row| row.get::<_, i64>(0));
    said.is_ok_and(|said| said == "ok")
        && n_foreign.is_ok_and(|n| n == 0)
        && list(connection).is_ok_and(|tables| taken(&tables).is_none())
}

/// One that hides a table of ours.
fn taken(tables: &[OwnTable]) -> Option<&OwnTable> {
    let is_ours = |table: &&OwnTable| SQL_TABLES.iter().any(|other| other.name.eq_ignore_ascii_case(&table.name));
    tables.iter().find(is_ours)
}

fn empty(connection: &mut Connection) -> rusqlite::Result<()> {
    // The image of a database with nothing in it.
    let image = Connection::open_in_memory().and_then(|mut empty| {
        empty.execute_batch("CREATE TABLE one (x); DROP TABLE one;")?;
        Ok(empty.serialize("main")?.to_vec())
    })?;
    connection.deserialize_read_exact("main", Cursor::new(&image), image.len(), false)
}

/// As they are after a statement; refused where they would be too large, or have the names of other tables. What was deleted
/// is not in them any more.
pub fn save(connection: &mut Connection) -> Result<OwnTables, Failure> {
    let tables = list(connection).map_err(|error| refused(&error))?;
    if let Some(taken) = taken(&tables) {
        return Err(not_kept(format!("There is a table “{}” already: choose another name.", taken.name)));
    }
    if tables.is_empty() {
        return Ok(OwnTables::default());
    }
    let image = connection.execute_batch("VACUUM main").and_then(|()| Ok(connection.serialize("main")?.to_vec()));
    Ok(OwnTables { tables, image: image.map_err(|error| refused(&error))? })
}

/// Why a statement that changes them failed.
pub fn refused_change(error: &rusqlite::Error) -> Failure {
    if error.sqlite_error_code() != Some(ErrorCode::DiskFull) {
        return refused(error);
    }
    let most = MOST_BYTES >> 20;
    not_kept(format!("Your own tables may take {most} MB together: make them of fewer rows or columns."))
}

fn not_kept(message: String) -> Failure {
    Failure::Sql { message, at: None }
}

fn list(connection: &Connection) -> rusqlite::Result<Vec<OwnTable>> {
    let mut statement = connection.prepare(ALL)?;
    let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let table = |name: String| {
        let quoted = quoted(&name);
        let columns = connection.prepare(&format!("SELECT * FROM main.{quoted}"))?;
        let columns = columns.column_names().map(str::to_owned).collect();
        let n_rows: i64 = connection.query_row(&format!("SELECT count(*) FROM main.{quoted}"), [], |row| row.get(0))?;
        Ok(OwnTable { name, columns, n_rows: n_rows as u64 })
    };
    names.into_iter().map(table).collect()
}

/// What there is of them, as rows: what a statement gives that has none itself.
pub fn as_rows<'c>(connection: &'c Connection, own: &OwnTables) -> rusqlite::Result<Statement<'c>> {
    let row = |table: &OwnTable| {
        let name = table.name.replace('\'', "''");
        let columns = table.columns.join(", ").replace('\'', "''");
        format!("SELECT '{name}' AS own_table, {} AS n_rows, '{columns}' AS columns", table.n_rows)
    };
    let rows: Vec<String> = own.tables.iter().map(row).collect();
    let none = "SELECT NULL AS own_table, 0 AS n_rows, NULL AS columns WHERE 0".to_owned();
    connection.prepare(&if rows.is_empty() { none } else { rows.join(" UNION ALL ") })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
