//! The query language: an expression tree, a parser that never fails, and a printer that is its inverse.
//!
//! | written | means |
//! |---|---|
//! | `timeout db` | both words, anywhere in the entry, whole words, case ignored |
//! | `time*` | a word that begins with `time`; `*` alone is every entry |
//! | `"connection reset"` | these characters in a row, starting and ending at word boundaries; `\"` for a quote |
//! | `/5\d\d$/` | a regular expression over the raw text; `/…/i` ignores case; `\/` for a slash before a space |
//! | `service:checkout` | the field holds this word or phrase (`"two words"` in quotes); `=` is the same as `:` |
//! | `status: 404`, `status : 404` | the same with spaces around the colon, where the value looks like one (a number, quotes, parentheses), or both sides have one |
//! | `path=="/api"` | the field is exactly this, case and all, and nothing longer |
//! | `path:/api*` | the field begins with this |
//! | `path:/^\/v\d/`, `path~/^\/v\d/`, `path!~"bot|crawler"` | the field matches this regular expression; does not |
//! | `path:*cart*`, `GET*users` | `*` is anything in a value, anything but spaces in a word |
//! | `client:10.0.0.0/8` | the field is an address in this network (CIDR), with a port or without |
//! | `trace:4bf92f3577b34da6…` | all entries of this request, wherever they name it: a field, a header, free text; or a field called `trace` |
//! | `user:*` | the entry has this field |
//! | `source:web/app.log`, `source:*/app.log` | entries of the file with exactly this path; with `*` for anything, here of any folder |
//! | `service:(cart OR payment)`, `status:(404, 503)` | one field, several values; `or` and `and` may be in small letters there |
//! | `status>=500`, `level>=warn` | comparison (`< <= > >= !=`); levels by severity, numbers by value, else text |
//! | `took>250ms`, `size>=1MB` | by what they measure; the field's name may have the unit (`duration_ms`) |
//! | `status:[400 TO 499]` | both ends included; `{ }` leaves an end out, `*` leaves it open |
//! | `time>=2026-11-19T13:00`, `time>now-15m` | the entry's time: a date, with a clock or not, or before `now`: the end of the data, or the clock |
//! | `took:1.5`, `took:[1.5 TO 1.5]` | the number written so; the number however it is written (`1.50`, `15e-1`) |
//! | `a OR b`, `a AND b`, `NOT a`, `-a`, `!a`, `( )` | Boolean; AND may be left out and binds tighter than OR; `+a` is `a` |
//!
//! Field names: `level` (or `severity`), `time`, `service`, `source` (the file's path), `message`, `format`, `trace`, `trace_id`,
//! `span_id` and every field of the entry, nested ones with dots. `field!=value` finds entries that have the field with another
//! value; `-field:value` finds those without it, too. A dot names the entry's own field where its name is taken:
//! `.source`, `.level`, `.service`, `.format`, `.time`. `level:error` is the whole band (17–20 in OpenTelemetry's numbers).
//!
//! `var1`, `var2`, … are the values that stand in an entry's pattern, from the left: `template:0c7d5e2f9a14 var2>250ms`.
//!
//! A colon makes a field only where it looks like one: `http://host`, `10:23`, `std::io`, `C:\logs`, `main.rs:42`,
//! MAC and IPv6 addresses are words. Quotes make a word of anything (`"localhost:8080"`) and a name of anything
//! (`"user name":eve`).
//!
//! A `|` ends the filter; stages that make a table of what it finds follow: `status>=500 | count by path | limit 20`. See
//! [`Stage`]; a `|` inside a word (`a|b`), quotes or parentheses is text.
//!
//! Words do not look inside an entry's time stamp, except those that read as a clock time or date (`10:23`,
//! `2026-11-20`): use `time` or the timeline for time.

mod parse;
pub use parse::{KNOWN_NAMES, parse, parse_query, read_width, split, with_bar};

mod pipe;
pub use pipe::{Aggregate, DEFAULT_TOP, Extraction, Measure, Query, STAGES, SortKey, Stage};

mod print;

mod level;
pub use level::{Levels, is_level_name};

mod time;
pub use time::{Present, TimeTest, WrittenTime, asks_for_now, at_present, is_time_name, is_within};

mod last;
pub use last::{asked_last, last_nanos, with_last};

mod stars;
pub use stars::exactly_any_case;

mod unfinished;
pub use unfinished::{Unfinished, while_written};

mod narrows;

mod own;
pub use own::{name_of_own, only_template, own_field, variable_name, variable_place};

mod edit;
pub use edit::{
    Change, choose_exactly, choose_values, chosen_values, has_condition, is_chosen, named_values, toggle_choice,
    toggle_value, value_term, with_choice, with_condition, with_open_words, with_term, without_choice,
    without_condition,
};

mod synonyms;
pub use synonyms::{alike_names, name_of_every};

mod instead;
pub use instead::{AskedValue, asked_values, with_beginning, with_other_value};

mod complete;
pub use complete::{
    Made, Place, Wants, asked_fields, fields_of_stages, nearest_name, place_at, with_field_renamed, written_column,
    written_name, written_value,
};

use serde::{Deserialize, Serialize};

use crate::network::Network;

/// What an entry must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// Every entry: the empty query.
    All,
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// Whole words (the text may hold several tokens: `10.0.3.7`, `api/v2`), case ignored.
    Word(String),
    /// The last token may go on: `time*`.
    Prefix(String),
    /// Like [`Expr::Word`], but was quoted and may hold spaces.
    Phrase(String),
    Regex(String),
    Field {
        name: String,
        test: Test,
    },
}

/// What a field must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Test {
    Exists,
    /// Equals, or contains at word boundaries; case ignored. A number is equal and written the same: `10` is not in `10.5`,
    /// and `1.5` does not find `1.50`, as the indexes hold what is written.
    Is(String),
    /// The value is exactly this as it is shown, case and all: what a click on a value means.
    Equals(String),
    /// The value begins with this, case ignored.
    StartsWith(String),
    Matches(String),
    /// An address in this network, or text that has the network as it is written.
    Within(Network),
    Compare(Comparison, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// The field is there and is not this.
    NotEqual,
}

/// Something in the query that could not be read as meant; the rest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Byte range of the query text.
    pub start: u32,
    pub end: u32,
    /// A sentence for the user.
    pub message: String,
}

impl Expr {
    /// All of these; flattened, and without those that every entry satisfies.
    pub fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// Any of these; flattened.
    pub fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// The opposite; two negations are none.
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}
