//! The words both threads speak: their language, time, severity, entries, queries, scope, and the messages between page and data thread.
//!
//! Plain values with public fields; depends on serde and a byte codec only, so that everything may depend on it.

pub mod language;

pub mod time;

pub mod severity;

pub mod colour;

pub mod entry;

pub mod written;

pub mod quantity;

pub mod network;

pub mod query;

pub mod facet;

pub mod template;

pub mod table;

pub mod stack;

pub mod json;

pub mod sql;

pub mod lanes;

pub mod columns;

pub mod hash_part;

pub mod scope;

pub mod chosen;

pub mod incident;

pub mod group;

pub mod deployment;

pub mod alike;

pub mod verdict;

pub mod compare;

pub mod source;

pub mod format;

pub mod rotation;

pub mod topology;

pub mod red;

pub mod requests;

pub mod resources;

pub mod trace;

pub mod cardinality;

pub mod meaning;

pub mod naming;

pub mod drift;

pub mod blame;

pub mod kept;

pub mod disguise;

pub mod notebook;
pub mod protocol;

pub mod wire;
