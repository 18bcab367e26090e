//! The SQL console: runs a statement over a copy of the workspace, and makes a table of what it gives.
//!
//! Statements run on a connection of their own, which has nothing but the tables of [`SQL_TABLES`]: entries come straight
//! from the workspace's blocks, the others are filled when they are first read. They only read, or, where that was asked for, change
//! tables of the user's own ([`OwnTables`]): SQLite is asked before one runs what it would do. A statement runs to its end in one go, so whoever drives this does it where nobody waits
//! (`browser/sql`).
//!
//! [`SQL_TABLES`]: model::sql::SQL_TABLES

mod own;
pub use own::OwnTables;

mod permit;

mod tables;

mod answer;

use std::ffi::CStr;

use model::protocol::Failure;
use model::scope::Filter;
use model::sql::{MOST_ROWS, SqlAsk, SqlSort};
use model::table::{Picture, Table};
use model::time::{Nanos, Zone};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Statement, ffi};

use self::answer::Rows;
use self::permit::Deeds;
use self::tables::Tables;
use crate::store::{Store, register_entries};

pub struct Console {
    /// What statements run on. Closed before the workspace, whose entries it has.
    connection: Connection,
    tables: Tables,
    store: Store,
    /// What the tables tell of now.
    scope: Option<Filter>,
    zone: Zone,
    /// The user's own tables, as they were when that was last kept.
    own: OwnTables,
    /// They are others since, and to be kept.
    is_own_changed: bool,
}

impl Console {
    /// `store`: a copy that is only looked at ([`Store::look_at`]).
    pub fn new(store: Store) -> Result<Self, Failure> {
        let own = store.own_tables()?;
        let made = || {
            let mut connection = Connection::open_in_memory()?;
            connection.pragma_update(None, "temp_store", "memory")?;
            own::load(&mut connection, &own)?;
            add_functions(&connection, Zone::utc())?;
            let tables = Tables::make(&connection)?;
            Ok((connection, tables))
        };
        let (connection, tables) = made().map_err(|error| refused(&error))?;
        let console = Self { connection, tables, store, scope: None, zone: Zone::utc(), own, is_own_changed: false };
        console.register(c"all_entries", Filter::default())?;
        Ok(console)
    }

    fn register(&self, name: &CStr, scope: Filter) -> Result<(), Failure> {
        // SAFETY: fields are dropped in their order, the store after the connection; neither is ever replaced or given away.
        let registered = unsafe { register_entries(&self.connection, name, self.store.connection(), scope) };
        Ok(registered?)
    }

    pub fn run(&mut self, ask: &SqlAsk) -> Result<Table, Failure> {
        let scope = Filter { order: Default::default(), ..ask.filter.clone() };
        if self.scope.as_ref() != Some(&scope) {
            self.register(c"entries", scope.clone())?;
            self.tables.are_outdated(&self.connection).map_err(|error| refused(&error))?;
            self.scope = Some(scope.clone());
        }
        if self.zone != ask.zone {
            add_functions(&self.connection, ask.zone.clone()).map_err(|error| refused(&error))?;
            self.zone = ask.zone.clone();
        }
        let deeds = permit::deeds(&self.connection, &ask.text, ask.may_write);
        let deeds = deeds.map_err(|error| if ask.may_write { refused_to_write(&error) } else { refused(&error) })?;
        self.tables.fill(&self.connection, &mut self.store, &scope, &deeds.reads)?;
        let mut table = {
            let mut statement = self.connection.prepare(&ask.text).map_err(|error| refused(&error))?;
            check(&statement, &deeds)?;
            if deeds.changes_own {
                drop(statement);
                return self.write(&ask.text);
            }
            let most = ask.max_rows.min(model::table::MOST_ROWS) as usize;
            let names = names_of(&statement);
            if let Some(text) = ask.sort.and_then(|sort| sorted(&statement, sort)) {
                statement = self.connection.prepare(&text).map_err(|error| refused(&error))?;
            }
            Rows::read(&mut statement, names, most).map_err(|error| refused(&error))?
        };
        table.name_entries(&mut self.store)?;
        Ok(table.into_table())
    }

    /// Changes the user's own tables; what there is of them then is the result. All of it is done, or nothing.
    fn write(&mut self, text: &str) -> Result<Table, Failure> {
        let written = self.connection.execute_batch(text).map_err(|error| own::refused_change(&error));
        match written.and_then(|()| own::save(&mut self.connection)) {
            Ok(own) => {
                self.is_own_changed |= own != self.own;
                self.own = own;
            }
            Err(failure) => {
                own::load(&mut self.connection, &self.own).map_err(|error| refused(&error))?;
                return Err(failure);
            }
        }
        let mut statement = own::as_rows(&self.connection, &self.own).map_err(|error| refused(&error))?;
        let names = names_of(&statement);
        let rows = Rows::read(&mut statement, names, MOST_ROWS as usize).map_err(|error| refused(&error))?;
        Ok(rows.into_table())
    }

    /// The user's own tables, where a statement changed them since this was asked.
    pub fn take_changed(&mut self) -> Option<OwnTables> {
        std::mem::take(&mut self.is_own_changed).then(|| self.own.clone())
    }
}

/// What can be asked of a statement only when it is whole.
fn check(statement: &Statement<'_>, deeds: &Deeds) -> Result<(), Failure> {
    let sentence = match (statement.readonly(), statement.column_count()) {
        (false, _) if deeds.changes_own => return Ok(()),
        (false, _) => permit::ONLY_READS,
        (true, 0) => "There is nothing to run: write a SELECT.",
        (true, _) => return Ok(()),
    };
    Err(Failure::Sql { message: sentence.to_owned(), at: None })
}

fn names_of(statement: &Statement<'_>) -> Vec<String> {
    statement.column_names().map(str::to_owned).collect()
}

/// The statement with its rows in another order; `None` for a column that it does not have.
fn sorted(statement: &Statement<'_>, sort: SqlSort) -> Option<String> {
    // Without what may follow it: comments, and the semicolon.
    let text = statement.expanded_sql().filter(|_| (sort.column as usize) < statement.column_count())?;
    let text = text.trim_end().trim_end_matches(';');
    let direction = if sort.is_descending { "DESC" } else { "ASC" };
    // On lines of its own: the statement may end with a comment.
    Some(format!("SELECT * FROM (\n{text}\n) ORDER BY {} {direction}", sort.column + 1))
}

/// `bucket(time, '5m')`: the start of the span a time is in. No time is in no span.
fn add_functions(connection: &Connection, zone: Zone) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("bucket", 2, flags, move |context| {
        let (time, width) = (context.get::<Option<i64>>(0)?, context.get::<String>(1)?);
        let nanos = model::query::read_width(width.trim()).filter(|&nanos| nanos > 0);
        let nanos = nanos.ok_or_else(|| {
            rusqlite::Error::UserFunctionError("bucket takes a span of time: '30s', '5m', '1h', '1d'".into())
        })?;
        Ok(time.map(|time| zone.start_of_span(Nanos(time), nanos).0))
    })
}

/// What is more than changing one's own tables is said to be that.
fn refused_to_write(error: &rusqlite::Error) -> Failure {
    match refused(error) {
        Failure::Sql { message, at } if message == permit::ONLY_READS => {
            Failure::Sql { message: permit::ONLY_OWN_TABLES.to_owned(), at }
        }
        failure => failure,
    }
}

/// In SQLite's words, which people know and search for.
fn refused(error: &rusqlite::Error) -> Failure {
    use rusqlite::Error as E;
    let (message, at) = match error {
        E::SqlInputError { error, .. } if error.extended_code == ffi::SQLITE_AUTH => {
            (permit::ONLY_READS.to_owned(), None)
        }
        E::SqliteFailure(error, _) if error.extended_code == ffi::SQLITE_AUTH => (permit::ONLY_READS.to_owned(), None),
        E::SqlInputError { msg, offset, .. } => (sentence(msg), u32::try_from(*offset).ok()),
        E::SqliteFailure(_, Some(message)) => (sentence(message), None),
        E::MultipleStatement => ("One statement at a time: only one can have a result.".to_owned(), None),
        error => (sentence(&error.to_string()), None),
    };
    Failure::Sql { message, at }
}

fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

/// A table without rows is still one.
fn empty() -> Table {
    Table { complete: true, picture: Picture::Table, ..Table::default() }
}
