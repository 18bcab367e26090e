//! What is to be made unrecognisable where entries leave the browser, and what of it there is.

use crate::say;
use serde::{Deserialize, Serialize};

/// What can be told from its form, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trait {
    Mail,
    Host,
    Ip,
    User,
    /// Passwords, keys, UUIDs, long hexadecimal numbers.
    Token,
    Path,
    Number,
}

impl Trait {
    pub const ALL: [Self; 7] = [Self::Mail, Self::Host, Self::Ip, Self::User, Self::Token, Self::Path, Self::Number];

    /// What its pseudonyms begin with: `ip-1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Host => "host",
            Self::Ip => "ip",
            Self::User => "user",
            Self::Token => "token",
            Self::Path => "path",
            Self::Number => "number",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Mail => say!("mail addresses"),
            Self::Host => say!("host names (in addresses, host=…, on host …)"),
            Self::Ip => say!("IP addresses"),
            Self::User => say!("names of users and customers (user=…, customer_id=…, for user …)"),
            Self::Token => say!("tokens, passwords, UUIDs, long hex"),
            Self::Path => say!("file paths"),
            Self::Number => say!("numbers of more digits than"),
        }
    }
}

/// What has which pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub what: Trait,
    /// As it was written where it was met first.
    pub value: String,
    pub name: String,
}

/// Asks for pseudonyms that were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PseudonymsAsk {
    /// `None`: of any.
    pub what: Option<Trait>,
    /// In the value or its pseudonym, case ignored.
    pub words: String,
    pub n_most: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PseudonymList {
    /// The first of those that were asked for, in the order they were given in.
    pub given: Vec<Given>,
    pub n_found: u64,
    pub n_all: u64,
}

/// Which of them get pseudonyms: the same for the same in all that is saved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Disguise {
    pub traits: Vec<Trait>,
    /// Numbers of more digits than this, where numbers are among the traits.
    pub most_digits: u8,
}

/// What would be replaced, found in the first entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisguisePreview {
    pub n_entries: u64,
    pub found: Vec<Replaced>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    pub what: Trait,
    pub n_values: u64,
    /// A few of them, and what stands in their place.
    pub examples: Vec<(String, String)>,
}
