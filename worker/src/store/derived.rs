//! What is made from blocks by formats: field columns and shapes. Those of other formats than the workspace's, or of another
//! build's, are made anew.

use analysis::format::Formats;
use analysis::{fields, template};
use model::wire;
use rusqlite::Connection;

use super::error::Result;
use super::{formats, meta};

struct Derived {
    /// Name in `meta` of what they were made by.
    made_by: &'static str,
    version: u32,
    drop_all: &'static str,
}

const DERIVED: [Derived; 2] = [
    Derived { made_by: "fields", version: fields::VERSION, drop_all: "DELETE FROM block_fields" },
    Derived { made_by: "shapes", version: template::VERSION, drop_all: "DELETE FROM block_shapes" },
];

/// Drops what was made by other formats. When the workspace is opened, before it is loaded.
pub fn drop_outdated(connection: &Connection) -> Result<()> {
    let own_formats = formats::texts(connection)?;
    for derived in DERIVED {
        let made_by = derived.made_by(&own_formats);
        if meta::bytes(connection, derived.made_by)?.as_ref() != Some(&made_by) {
            connection.execute(derived.drop_all, [])?;
            meta::put_bytes(connection, derived.made_by, &made_by)?;
        }
    }
    Ok(())
}

/// The formats were changed, and what the changed ones have read is read again: what was made from other blocks stays true.
pub fn approve(connection: &Connection) -> Result<()> {
    let own_formats = formats::texts(connection)?;
    for derived in DERIVED {
        meta::put_bytes(connection, derived.made_by, &derived.made_by(&own_formats))?;
    }
    Ok(())
}

impl Derived {
    fn made_by(&self, own_formats: &[String]) -> Vec<u8> {
        wire::encode(&(self.version, Formats::fingerprint(), own_formats))
    }
}
