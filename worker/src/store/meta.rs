//! Values of the workspace that are in no other table.

use model::time::Zone;
use model::wire;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::directory::{BlockId, ZoneNumber};
use super::error::{Error, Result};

/// Name of what [`Meta`] holds.
const WORKSPACE: &str = "workspace";
const GET: &str = "SELECT value FROM meta WHERE name = ?1";
const PUT: &str = "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)";

/// The highest number of a source, or of one that another names.
const LAST_SOURCE: &str =
    "SELECT max(ifnull(max(id), 0), ifnull(max(replaces), 0), ifnull(max(archive), 0)) FROM sources";
/// The highest number of a block, or of something that belongs to one.
const LAST_BLOCK: &str = "SELECT max(ifnull((SELECT max(id) FROM blocks), 0), \
                          ifnull((SELECT max(id) FROM block_columns), 0), \
                          ifnull((SELECT max(id) FROM block_texts), 0), \
                          ifnull((SELECT max(id) FROM block_fields), 0), \
                          ifnull((SELECT max(id) FROM block_shapes), 0))";
/// Numbers that are given stay below this, however many more come.
const MOST: u32 = 1 << 31;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// Every zone the workspace has had; their numbers count from 1.
    pub zones: Vec<Zone>,
    pub zone: ZoneNumber,
    pub next_block: BlockId,
    pub next_source: u32,
}

impl Meta {
    pub fn load(connection: &Connection) -> Result<Self> {
        let new = || Self { zones: vec![Zone::utc()], zone: 1, next_block: 1, next_source: 1 };
        let meta: Self = value(connection, WORKSPACE)?.unwrap_or_else(new);
        let has_zone = (1..=meta.zones.len()).contains(&usize::from(meta.zone));
        if has_zone { Ok(meta) } else { Err(Error::Garbled(WORKSPACE)) }
    }

    /// Numbers that are given next must be of nothing that is there: what a case file has would stand under a file that is
    /// read after it was opened.
    pub fn check_numbers(&self, connection: &Connection) -> Result<()> {
        let last = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0));
        let is_free = |next: u32, last: i64| last < i64::from(next) && next < MOST;
        let are_free = is_free(self.next_source, last(LAST_SOURCE)?) && is_free(self.next_block, last(LAST_BLOCK)?);
        if are_free { Ok(()) } else { Err(Error::Garbled(WORKSPACE)) }
    }

    pub fn zone_of(&self, number: ZoneNumber) -> &Zone {
        &self.zones[usize::from(number) - 1]
    }

    pub fn known(&self, zone: &Zone) -> Option<ZoneNumber> {
        self.zones.iter().position(|known| known == zone).map(|place| place as ZoneNumber + 1)
    }

    pub fn number_of(&mut self, zone: Zone) -> ZoneNumber {
        self.known(&zone).unwrap_or_else(|| {
            self.zones.push(zone);
            self.zones.len() as ZoneNumber
        })
    }

    pub fn write(&self, connection: &Connection) -> Result<()> {
        put(connection, WORKSPACE, self)
    }
}

/// A value by its name; `None` where there is none yet.
pub fn value<T: DeserializeOwned>(connection: &Connection, name: &'static str) -> Result<Option<T>> {
    let bytes = bytes(connection, name)?;
    bytes.map(|bytes| wire::decode(&bytes).map_err(|_| Error::Garbled(name))).transpose()
}

pub fn put(connection: &Connection, name: &'static str, value: &impl Serialize) -> Result<()> {
    put_bytes(connection, name, &wire::encode(value))
}

pub fn bytes(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>> {
    Ok(connection.query_row(GET, [name], |row| row.get(0)).optional()?)
}

pub fn put_bytes(connection: &Connection, name: &str, bytes: &[u8]) -> Result<()> {
    connection.prepare_cached(PUT)?.execute(params![name, bytes])?;
    Ok(())
}
