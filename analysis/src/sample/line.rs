//! A line to be written, with the values it holds and its place in a trace.

use super::messages::Kind;

/// A value in a line, written when the line is.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    Int(u64),
    Millis(f64),
    Cents(u32),
    Text(&'static str),
    Sku(u32),
    Order(u32),
    Customer(u32),
    Mailbox(u32),
    Uuid(u64),
    /// An address among the visitors, an address among the services.
    Client(u32),
    Host(u32),
    ProductPath(u32),
    CartPath(u64),
    /// The span that called the one that writes the line.
    ParentSpan,
    None,
}

/// Place in a trace: numbers within it, 0 for no parent. Trace 0: not part of any request.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub trace: u64,
    pub own: u32,
    pub parent: u32,
}

impl Span {
    pub const NONE: Self = Self { trace: 0, own: 0, parent: 0 };

    /// The span of what this one calls: `which` tells apart the calls of one span.
    pub fn child(self, which: u32) -> Self {
        Self { trace: self.trace, own: self.own * 16 + which, parent: self.own }
    }
}

pub const N_VALUES: usize = 5;

/// A line to be written.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub at: i64,
    pub kind: Kind,
    pub span: Span,
    pub values: [Value; N_VALUES],
}

pub fn nanos(millis: f64) -> i64 {
    (millis * 1e6) as i64
}

pub fn millis_between(start: i64, end: i64) -> Value {
    Value::Millis((end - start) as f64 / 1e6)
}
