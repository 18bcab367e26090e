//! Messages as bytes: postcard, so that they cross threads as one transferred buffer.
//!
//! Decoding never panics; bytes that are not a message give [`Garbled`].

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The bytes are not the message they were taken for: the two sides are of different builds, or a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Garbled;

impl std::fmt::Display for Garbled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a message could not be read")
    }
}

impl std::error::Error for Garbled {}

pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_allocvec(message).expect("plain values always encode")
}

pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Garbled> {
    postcard::from_bytes(bytes).map_err(|_| Garbled)
}
