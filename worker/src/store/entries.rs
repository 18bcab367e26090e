//! SQL sees a row per entry: the virtual table `entries`, read-only, straight from the blocks.
//!
//! | column | |
//! |---|---|
//! | `source` | path of the file |
//! | `line` | first line, from 1 |
//! | `time` | nanoseconds since 1970-01-01 UTC |
//! | `severity` | OpenTelemetry severity number, 0 where none is stated |
//! | `level` | its name: `error` |
//! | `service`, `message`, `raw`, `trace_id`, `span_id` | text |
//! | `fields` | JSON object; a name that occurs again has its last value |
//! | `template` | id of what the message is made from |
//! | `vars` | JSON array of what stands in the places of its template, from the left; null where it has none |
//! | `entry` | the row id |
//! | `query` (hidden) | `WHERE query = 'level>=warn timeout'`, the same as `WHERE raw MATCH '…'`: the query language |
//!
//! Comparisons of `time`, `severity`, `source`, `rowid` and the query are pushed down: blocks that they rule out are not
//! opened. Row ids stay the same for as long as the entry is there.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, c_int};
use std::marker::PhantomData;
use std::rc::Rc;

use analysis::block::Columns;
use analysis::format::Parsed;
use model::entry::{RowKey, SourceId, Value};
use model::scope::Filter;
use model::severity::Severity;
use model::time::{Nanos, TimeRange};
use rusqlite::types::Null;
use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor,
};
use rusqlite::{Connection, ffi};

use super::blocks::{Blocks, Origin};
use super::directory::Slot;
use super::error::{Error, Result};
use super::meta::Meta;
use super::open_columns::OpenColumns;
use super::search::{BlockHits, Search};

const COLUMNS: &CStr =
    c"CREATE TABLE entries(source TEXT, line INTEGER, time TIME INTEGER, severity INTEGER, level TEXT, service TEXT, \
                         message TEXT, raw TEXT, fields TEXT, trace_id TEXT, span_id TEXT, template TEXT, \
                         vars TEXT, entry ENTRY INTEGER, query TEXT HIDDEN)";

/// What columns are declared as whose numbers are instants, and those that name an entry.
pub const TIME_TYPE: &str = "TIME INTEGER";
pub const ENTRY_TYPE: &str = "ENTRY INTEGER";

const ROW_ID: c_int = -1;
const SOURCE: c_int = 0;
const LINE: c_int = 1;
const TIME: c_int = 2;
const SEVERITY: c_int = 3;
const LEVEL: c_int = 4;
const SERVICE: c_int = 5;
const MESSAGE: c_int = 6;
const RAW: c_int = 7;
const FIELDS: c_int = 8;
const TRACE_ID: c_int = 9;
const SPAN_ID: c_int = 10;
const TEMPLATE: c_int = 11;
const VARS: c_int = 12;
const ENTRY: c_int = 13;
const QUERY: c_int = 14;

/// Bits of a row id that are the entry's place in its block; the others are the block's id.
const PLACE_BITS: u32 = 16;

const SOURCE_PATHS: &str = "SELECT id, path FROM sources";

/// Makes the table known to the workspace's own `connection`.
pub fn register(connection: &Connection) -> Result<()> {
    Ok(connection.create_module(c"entries", MODULE, None)?)
}

/// Makes the entries of `scope` known, under a name, to another connection than the workspace's. No statement uses one of
/// that name now.
///
/// # Safety
/// `workspace` stays open for longer than `connection`, and both belong to one thread.
pub unsafe fn register_elsewhere(
    connection: &Connection,
    name: &CStr,
    workspace: &Connection,
    scope: Filter,
) -> Result<()> {
    // SAFETY: the handle is not used before a statement runs on `connection`.
    let workspace = unsafe { workspace.handle() } as usize;
    Ok(connection.create_module(name, MODULE, Some(Elsewhere { workspace, scope }))?)
}

const MODULE: &Module<'_, EntriesTable> = &Module::eponymous_only_module();

/// Whose entries a table has that is not in the workspace's own connection.
#[derive(Clone)]
pub struct Elsewhere {
    /// Address of the workspace's handle.
    workspace: usize,
    scope: Filter,
}

/// The entry of a row, where there is (still) one.
pub fn key_of(blocks: &mut Blocks, row: i64) -> Result<Option<RowKey>> {
    let Ok(id) = u32::try_from(row >> PLACE_BITS) else { return Ok(None) };
    let Some(slot) = blocks.directory().slot_of(id) else { return Ok(None) };
    let place = (row & ((1 << PLACE_BITS) - 1)) as usize;
    let columns = blocks.columns(slot)?;
    let info = blocks.info(slot);
    let key = |&time: &Nanos| RowKey { time, source: info.source, entry: info.first_entry + place as u64 };
    Ok(columns.times.get(place).map(key))
}

#[repr(C)]
struct EntriesTable {
    /// SQLite's part; must be first.
    base: ffi::sqlite3_vtab,
    connection: *mut ffi::sqlite3,
    scope: Filter,
}

/// One pushed-down condition, as a letter of the plan that `best_index` hands to `filter`; its argument has the same
/// place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    SourceIs,
    RowIs,
    Query,
    TimeIs,
    TimeAfter,
    TimeFrom,
    TimeBefore,
    TimeTo,
    SeverityIs,
    SeverityAbove,
    SeverityFrom,
    SeverityBelow,
    SeverityTo,
}

impl Condition {
    const ALL: [Self; 13] = [
        Self::SourceIs,
        Self::RowIs,
        Self::Query,
        Self::TimeIs,
        Self::TimeAfter,
        Self::TimeFrom,
        Self::TimeBefore,
        Self::TimeTo,
        Self::SeverityIs,
        Self::SeverityAbove,
        Self::SeverityFrom,
        Self::SeverityBelow,
        Self::SeverityTo,
    ];

    fn of(column: c_int, operator: IndexConstraintOp) -> Option<Self> {
        use IndexConstraintOp as Op;
        Some(match (column, operator) {
            (SOURCE, Op::SQLITE_INDEX_CONSTRAINT_EQ) => Self::SourceIs,
            (ROW_ID | ENTRY, Op::SQLITE_INDEX_CONSTRAINT_EQ) => Self::RowIs,
            (QUERY, Op::SQLITE_INDEX_CONSTRAINT_EQ) | (QUERY | RAW, Op::SQLITE_INDEX_CONSTRAINT_MATCH) => Self::Query,
            (TIME, Op::SQLITE_INDEX_CONSTRAINT_EQ) => Self::TimeIs,
            (TIME, Op::SQLITE_INDEX_CONSTRAINT_GT) => Self::TimeAfter,
            (TIME, Op::SQLITE_INDEX_CONSTRAINT_GE) => Self::TimeFrom,
            (TIME, Op::SQLITE_INDEX_CONSTRAINT_LT) => Self::TimeBefore,
            (TIME, Op::SQLITE_INDEX_CONSTRAINT_LE) => Self::TimeTo,
            (SEVERITY, Op::SQLITE_INDEX_CONSTRAINT_EQ) => Self::SeverityIs,
            (SEVERITY, Op::SQLITE_INDEX_CONSTRAINT_GT) => Self::SeverityAbove,
            (SEVERITY, Op::SQLITE_INDEX_CONSTRAINT_GE) => Self::SeverityFrom,
            (SEVERITY, Op::SQLITE_INDEX_CONSTRAINT_LT) => Self::SeverityBelow,
            (SEVERITY, Op::SQLITE_INDEX_CONSTRAINT_LE) => Self::SeverityTo,
            _ => return None,
        })
    }

    /// Only this table can evaluate it: without it the plan is of no use.
    fn is_indispensable(self) -> bool {
        self == Self::Query
    }

    fn letter(self) -> char {
        char::from(b'a' + self as u8)
    }

    fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.letter() == letter)
    }

    /// About which share of the entries it leaves.
    fn selectivity(self) -> f64 {
        match self {
            Self::RowIs => 1e-6,
            Self::TimeIs => 1e-5,
            Self::Query => 0.01,
            _ => 0.3,
        }
    }
}

// SAFETY: `repr(C)` with SQLite's struct first, as the trait asks for.
unsafe impl<'vtab> VTab<'vtab> for EntriesTable {
    type Aux = Elsewhere;
    type Cursor = EntriesCursor<'vtab>;

    fn connect(
        db: &mut VTabConnection,
        elsewhere: Option<&Elsewhere>,
        _module_name: &[u8],
        _database_name: &[u8],
        _table_name: &[u8],
        _arguments: &[&[u8]],
    ) -> rusqlite::Result<(Cow<'static, CStr>, Self)> {
        db.config(VTabConfig::Innocuous)?;
        let connection = match elsewhere {
            Some(elsewhere) => elsewhere.workspace as *mut ffi::sqlite3,
            // SAFETY: SQLite disconnects its virtual tables before it closes the connection, so the handle outlives this.
            None => unsafe { db.handle() },
        };
        Ok((
            Cow::Borrowed(COLUMNS),
            Self {
                base: ffi::sqlite3_vtab::default(),
                connection,
                scope: elsewhere.map(|elsewhere| elsewhere.scope.clone()).unwrap_or_default(),
            },
        ))
    }

    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<bool> {
        const ALL_ROWS: f64 = 1e6;
        let mut plan = String::new();
        let mut rows = ALL_ROWS;
        for (constraint, mut usage) in info.constraints_and_usages() {
            let Some(condition) = Condition::of(constraint.column(), constraint.operator()) else {
                continue;
            };
            if !constraint.is_usable() {
                if condition.is_indispensable() {
                    return Ok(false);
                }
                continue;
            }
            plan.push(condition.letter());
            rows *= condition.selectivity();
            usage.set_argv_index(plan.len() as c_int);
            usage.set_omit(condition.is_indispensable());
        }
        info.set_idx_str(&plan);
        info.set_estimated_cost(rows + 1.0);
        info.set_estimated_rows(rows as i64 + 1);
        Ok(true)
    }

    fn open(&'vtab mut self) -> rusqlite::Result<EntriesCursor<'vtab>> {
        // SAFETY: the handle is open (see `connect` and `register_elsewhere`), and SQLite closes all cursors before it.
        let connection = unsafe { Connection::from_handle(self.connection)? };
        Ok(EntriesCursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            blocks: RefCell::new(load(connection).map_err(in_sql)?),
            scope: self.scope.clone(),
            conditions: Conditions::default(),
            search: None,
            slots: Vec::new(),
            open: None,
            parsed: RefCell::default(),
            table: PhantomData,
        })
    }
}

/// The blocks as this statement sees them, those of an open transaction included.
fn load(connection: Connection) -> Result<Blocks> {
    let mut blocks = Blocks::load(connection)?;
    let meta = Meta::load(blocks.connection())?;
    blocks.set_zone(meta.zone_of(meta.zone).clone());
    let paths: Vec<(u32, String)> = {
        let mut statement = blocks.connection().prepare(SOURCE_PATHS)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for (id, path) in paths {
        blocks.set_origin(SourceId(id), Origin::of(&path));
    }
    Ok(blocks)
}

fn in_sql(error: Error) -> rusqlite::Error {
    match error {
        Error::Sqlite(error) => error,
        error => rusqlite::Error::ModuleError(error.to_string()),
    }
}

/// All pushed-down conditions together.
#[derive(Clone, Debug)]
struct Conditions {
    source: Option<String>,
    row: Option<i64>,
    /// Several are all to hold.
    queries: Vec<String>,
    time: TimeRange,
    least_severity: i64,
    greatest_severity: i64,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            source: None,
            row: None,
            queries: Vec::new(),
            time: TimeRange { start: Nanos(i64::MIN), end: Nanos(i64::MAX) },
            least_severity: 0,
            greatest_severity: i64::MAX,
        }
    }
}

impl Conditions {
    /// A bound of another type than a number narrows nothing; SQLite tests it itself.
    fn read(scope: &Filter, plan: &str, arguments: &Filters<'_>) -> rusqlite::Result<Self> {
        let mut conditions = Self { time: scope.range.unwrap_or(Self::default().time), ..Self::default() };
        if !scope.query.trim().is_empty() {
            conditions.queries.push(scope.query.clone());
        }
        for (i, condition) in plan.chars().filter_map(Condition::from_letter).enumerate() {
            match condition {
                Condition::Query => match arguments.get::<Option<String>>(i)? {
                    Some(query) => conditions.queries.push(query),
                    // As with every comparison in SQL, NULL is true for no row.
                    None => conditions.time.end = conditions.time.start,
                },
                Condition::SourceIs => {
                    if let Ok(path) = arguments.get::<String>(i) {
                        conditions.source = Some(path);
                    }
                }
                condition => {
                    if let Ok(bound) = arguments.get::<i64>(i) {
                        conditions.bound(condition, bound);
                    }
                }
            }
        }
        Ok(conditions)
    }

    fn bound(&mut self, condition: Condition, bound: i64) {
        let (from, to) = (Nanos(bound), Nanos(bound.saturating_add(1)));
        let time = &mut self.time;
        match condition {
            Condition::RowIs => self.row = Some(bound),
            Condition::TimeIs => (time.start, time.end) = (time.start.max(from), time.end.min(to)),
            Condition::TimeAfter => time.start = time.start.max(to),
            Condition::TimeFrom => time.start = time.start.max(from),
            Condition::TimeBefore => time.end = time.end.min(from),
            Condition::TimeTo => time.end = time.end.min(to),
            Condition::SeverityIs => {
                self.least_severity = self.least_severity.max(bound);
                self.greatest_severity = self.greatest_severity.min(bound);
            }
            Condition::SeverityAbove => self.least_severity = self.least_severity.max(bound.saturating_add(1)),
            Condition::SeverityFrom => self.least_severity = self.least_severity.max(bound),
            Condition::SeverityBelow => self.greatest_severity = self.greatest_severity.min(bound.saturating_sub(1)),
            Condition::SeverityTo => self.greatest_severity = self.greatest_severity.min(bound),
            Condition::SourceIs | Condition::Query => {}
        }
    }

    /// Each query is read by itself: what is unfinished in one, or let go on at its end, leaves the others as they are.
    fn search(&self, blocks: &mut Blocks) -> Result<Search> {
        let is_bounded = self.time != Self::default().time;
        Search::of_all(&self.queries, is_bounded.then_some(self.time), blocks)
    }

    /// Whether the block can have such entries; the search has the last word on time and text.
    fn allow_block(&self, blocks: &Blocks, slot: Slot) -> bool {
        let info = blocks.info(slot);
        let is_row = self.row.is_none_or(|row| row >> PLACE_BITS == i64::from(info.id));
        let is_source = self.source.as_ref().is_none_or(|path| *path == blocks.origin(info.source).path);
        let band_of = |severity: i64| (severity.clamp(0, 24) + 3) / 4;
        let bands =
            (band_of(self.least_severity)..=band_of(self.greatest_severity)).fold(0u8, |bits, band| bits | 1 << band);
        is_row && is_source && info.bands & bands != 0
    }

    fn allow_entry(&self, columns: &Columns, entry: usize) -> bool {
        let severity = i64::from(columns.severity(entry).0);
        let is_row = self.row.is_none_or(|row| row & ((1 << PLACE_BITS) - 1) == entry as i64);
        is_row && self.least_severity <= severity && severity <= self.greatest_severity
    }
}

#[repr(C)]
struct EntriesCursor<'vtab> {
    /// SQLite's part; must be first.
    base: ffi::sqlite3_vtab_cursor,
    blocks: RefCell<Blocks>,
    scope: Filter,
    conditions: Conditions,
    search: Option<Search>,
    /// Blocks that are still to be looked at, the next one last.
    slots: Vec<Slot>,
    open: Option<OpenBlock>,
    /// The row at hand, taken apart when a column needs it.
    parsed: RefCell<Option<Rc<OpenEntry>>>,
    table: PhantomData<&'vtab EntriesTable>,
}

/// The block at hand and its entries that are rows; the row at hand is the last of them.
struct OpenBlock {
    slot: Slot,
    columns: Rc<OpenColumns>,
    entries: Vec<usize>,
}

struct OpenEntry {
    raw: String,
    parsed: Parsed,
}

impl EntriesCursor<'_> {
    /// Opens blocks until one has a row.
    fn seek(&mut self) -> Result<()> {
        self.open = None;
        let blocks = self.blocks.get_mut();
        let Some(search) = &mut self.search else {
            return Ok(());
        };
        while let Some(slot) = self.slots.pop() {
            let hits = search.hits_of(blocks, slot)?;
            if matches!(hits, BlockHits::None) {
                continue;
            }
            let columns = blocks.columns(slot)?;
            let is_row = |&entry: &usize| hits.has(entry) && self.conditions.allow_entry(&columns, entry);
            let entries: Vec<usize> = (0..columns.len()).rev().filter(is_row).collect();
            if !entries.is_empty() {
                self.open = Some(OpenBlock { slot, columns, entries });
                return Ok(());
            }
        }
        Ok(())
    }

    /// The row at hand.
    fn at(&self) -> rusqlite::Result<(&OpenBlock, usize)> {
        let open = self.open.as_ref().filter(|open| !open.entries.is_empty());
        let Some((open, &entry)) = open.and_then(|open| Some((open, open.entries.last()?))) else {
            return Err(rusqlite::Error::ModuleError("no row".to_owned()));
        };
        Ok((open, entry))
    }

    fn opened(&self) -> rusqlite::Result<Rc<OpenEntry>> {
        let (open, entry) = self.at()?;
        let mut parsed = self.parsed.borrow_mut();
        if let Some(opened) = &*parsed {
            return Ok(opened.clone());
        }
        let formats = self.blocks.borrow().formats();
        let text = self.blocks.borrow_mut().text(open.slot).map_err(in_sql)?;
        let bytes = text.get(open.columns.text_range(entry)).ok_or_else(|| in_sql(Error::Garbled("block")))?;
        let raw = String::from_utf8_lossy(bytes).into_owned();
        let parsed_now = formats.parse(open.columns.shape(entry).format, &raw);
        let opened = Rc::new(OpenEntry { parsed: parsed_now, raw });
        *parsed = Some(opened.clone());
        Ok(opened)
    }
}

// SAFETY: `repr(C)` with SQLite's struct first, as the trait asks for.
unsafe impl VTabCursor for EntriesCursor<'_> {
    fn filter(&mut self, _plan: c_int, plan: Option<&str>, arguments: &Filters<'_>) -> rusqlite::Result<()> {
        self.conditions = Conditions::read(&self.scope, plan.unwrap_or_default(), arguments)?;
        *self.parsed.get_mut() = None;
        let blocks = self.blocks.get_mut();
        self.search = Some(self.conditions.search(blocks).map_err(in_sql)?);
        let order = blocks.directory_mut().order();
        let allowed = order.by_lowest.iter().rev().copied();
        self.slots = allowed.filter(|&slot| self.conditions.allow_block(blocks, slot)).collect();
        self.seek().map_err(in_sql)
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        *self.parsed.get_mut() = None;
        if let Some(open) = &mut self.open {
            open.entries.pop();
            if open.entries.is_empty() {
                self.seek().map_err(in_sql)?;
            }
        }
        Ok(())
    }

    fn eof(&self) -> bool {
        self.open.is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> rusqlite::Result<()> {
        let (open, entry) = self.at()?;
        let blocks = self.blocks.borrow();
        let info = blocks.info(open.slot);
        match column {
            SOURCE => return context.set_result(blocks.origin(info.source).path.as_str()),
            LINE => return context.set_result((info.first_line + open.columns.lines_before(entry) + 1) as i64),
            TIME => return context.set_result(open.columns.times[entry].0),
            SEVERITY => return context.set_result(open.columns.severity(entry).0),
            LEVEL => return context.set_result(level_of(open.columns.severity(entry))),
            ENTRY => return context.set_result(self.rowid()?),
            QUERY => return context.set_result(Null),
            TEMPLATE => {
                drop(blocks);
                let id = self.blocks.borrow_mut().template_of(open.slot, entry).map_err(in_sql)?;
                return context.set_result(id.to_string());
            }
            VARS => {
                drop(blocks);
                let mut blocks = self.blocks.borrow_mut();
                let vars =
                    blocks.with_values(open.slot, |reader| reader.with_values(entry, |_, values| vars_as_json(values)));
                return context.set_result(vars.map_err(in_sql)?);
            }
            _ => {}
        }
        let origin = blocks.origin(info.source);
        drop(blocks);
        let opened = self.opened()?;
        let parsed = &opened.parsed;
        match column {
            SERVICE => match open.columns.service(entry) {
                "" => context.set_result(parsed.service.as_deref().unwrap_or(&origin.service)),
                named => context.set_result(named),
            },
            MESSAGE => context.set_result(parsed.message.as_str()),
            RAW => context.set_result(opened.raw.as_str()),
            FIELDS => context.set_result(fields_as_json(parsed)),
            TRACE_ID => context.set_result(parsed.trace_id.as_deref()),
            SPAN_ID => context.set_result(parsed.span_id.as_deref()),
            _ => context.set_result(Null),
        }
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        let (open, entry) = self.at()?;
        Ok(i64::from(self.blocks.borrow().info(open.slot).id) << PLACE_BITS | entry as i64)
    }
}

/// Nothing where none is stated.
fn level_of(severity: Severity) -> Option<&'static str> {
    (severity.0 > 0).then(|| severity.band().name())
}

/// A number that is written back as it stands is one; others would lose digits.
fn vars_as_json(values: &[&str]) -> String {
    let value = |value: &&str| {
        let whole = value.parse::<i64>().ok().filter(|whole| whole.to_string() == *value);
        let float = value.parse::<f64>().ok().filter(|float| float.to_string() == *value);
        match (whole, float.and_then(serde_json::Number::from_f64)) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => serde_json::Value::Number(float),
            (None, None) => (*value).into(),
        }
    };
    values.iter().map(value).collect::<serde_json::Value>().to_string()
}

fn fields_as_json(parsed: &Parsed) -> String {
    let value = |value: &Value| match value {
        Value::Text(text) => serde_json::Value::from(text.as_str()),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Bool(truth) => (*truth).into(),
        Value::Null => serde_json::Value::Null,
        Value::Json(json) => serde_json::from_str(json).unwrap_or_else(|_| json.as_str().into()),
    };
    let object: serde_json::Map<_, _> =
        parsed.fields.iter().map(|field| (field.name.clone(), value(&field.value))).collect();
    serde_json::Value::Object(object).to_string()
}
