//! The user's own tables: made by statements that were allowed to, kept with the workspace as an image of a small database.

use std::io::Cursor;

use model::protocol::Failure;
use model::sql::{OwnTable, SQL_TABLES};
use rusqlite::{Connection, Statement};
use serde::{Deserialize, Serialize};

use super::refused;

/// They are copied with every statement that changes them, and written as one value.
const MOST_BYTES: usize = 16 << 20;

const ALL: &str = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
/// Nothing that acts by itself, and no table of a program's.
const FOREIGN: &str = "SELECT count(*) FROM main.sqlite_schema WHERE type NOT IN ('table', 'index', 'view') \
                       OR sql LIKE 'CREATE VIRTUAL%'";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTables {
    pub tables: Vec<OwnTable>,
    /// As SQLite would write them to a file; nothing where there are none.
    image: Vec<u8>,
}

/// Makes them the connection's main database. An image that is no sound database of tables alone is left out.
pub fn load(connection: &mut Connection, own: &OwnTables) -> rusqlite::Result<()> {
    if own.image.is_empty() {
        return empty(connection);
    }
    let image = Cursor::new(&own.image);
    connection.deserialize_read_exact("main", image, own.image.len(), false)?;
    let is_sound =
        connection.query_row("PRAGMA main.quick_check(1)", [], |row| row.get(0)).is_ok_and(|said: String| said == "ok")
            && connection.query_row(FOREIGN, [], |row| row.get(0)).is_ok_and(|n: i64| n == 0);
    if is_sound { Ok(()) } else { empty(connection) }
}

fn empty(connection: &mut Connection) -> rusqlite::Result<()> {
    // The image of a database with nothing in it.
    let image = Connection::open_in_memory().and_then(|mut empty| {
        empty.execute_batch("CREATE TABLE one (x); DROP TABLE one;")?;
        Ok(empty.serialize("main")?.to_vec())
    })?;
    connection.deserialize_read_exact("main", Cursor::new(&image), image.len(), false)
}

/// As they are after a statement; refused where they would be too large, or have the names of other tables.
pub fn save(connection: &mut Connection) -> Result<OwnTables, Failure> {
    let tables = list(connection).map_err(|error| refused(&error))?;
    let is_taken = |table: &&OwnTable| SQL_TABLES.iter().any(|other| other.name.eq_ignore_ascii_case(&table.name));
    if let Some(taken) = tables.iter().find(is_taken) {
        return Err(not_kept(format!("There is a table “{}” already: choose another name.", taken.name)));
    }
    let image = connection.serialize("main").map_err(|error| refused(&error))?.to_vec();
    if image.len() > MOST_BYTES {
        let most = MOST_BYTES >> 20;
        return Err(not_kept(format!(
            "Your own tables may take {most} MB together: make them of fewer rows or columns."
        )));
    }
    Ok(OwnTables { image: if tables.is_empty() { Vec::new() } else { image }, tables })
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
