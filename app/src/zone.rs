//! Time zones as the browser knows them.

use model::time::Zone;

/// The zone of this name, or `None` where the browser does not know it.
pub fn named(name: &str) -> Option<Zone> {
    (name == "UTC").then(Zone::utc)
}

/// Names to choose from.
pub fn names() -> Vec<String> {
    vec!["UTC".to_owned()]
}

/// The zone of this device.
pub fn local() -> String {
    "UTC".to_owned()
}
