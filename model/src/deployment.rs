//! Deployments: when a service came to run another version.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The entry that says so.
    pub key: RowKey,
    pub service: String,
    /// Empty where the logs do not say what ran before.
    pub from: String,
    pub to: String,
}
