//! Disagreements that can be planted in the sample logs: one of each kind, each in a service of its own.

use model::time::NANOS_PER_SECOND;
use serde::Serialize;

use super::line::{Line, Span, Value};
use super::messages::{Kind, Service};
use super::random::scramble;

/// What is planted, known because it was made.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DriftTruth {
    /// As `model::drift::DriftKind::name` says it.
    pub kind: &'static str,
    pub service: &'static str,
    pub what: &'static str,
}

pub const DRIFTS: &[DriftTruth] = &[
    DriftTruth { kind: "lost id", service: "payment", what: "every third request is written without its trace id" },
    DriftTruth {
        kind: "status split",
        service: "checkout",
        what: "payment says CAPTURED and REFUSED for paid and declined",
    },
    DriftTruth { kind: "clock", service: "cart", what: "the clock is 2.3 s behind" },
    DriftTruth { kind: "clock", service: "shipping", what: "stamps are whole seconds" },
    DriftTruth { kind: "lost context", service: "shipping", what: "parcels are packed without the id of the message" },
    DriftTruth { kind: "names mixed", service: "storefront", what: "after noon it calls itself storefront-svc-v2" },
    DriftTruth {
        kind: "error classes",
        service: "storefront",
        what: "every eighth search fails with status 500 and level info",
    },
];

/// How far behind the clock of the cart is.
const CART_BEHIND: i64 = 2_300_000_000;

/// The line as it is written where everything drifts.
pub fn planted(mut line: Line) -> Line {
    let trace = line.span.trace;
    match line.kind.message().service {
        Service::Payment if trace.is_multiple_of(3) => line.span = Span::NONE,
        Service::Cart => line.at -= CART_BEHIND,
        Service::Shipping => line.at -= line.at.rem_euclid(NANOS_PER_SECOND),
        _ => {}
    }
    let fails = scramble(trace ^ 0x5EA6C4).is_multiple_of(8);
    match line.kind {
        Kind::ParcelPacked => line.span = Span::NONE,
        // Method, path, status; an access log has the client before them.
        Kind::PageServed if fails && is_search(line.values[1]) => line.values[2] = Value::Int(500),
        Kind::Access if fails && is_search(line.values[2]) => line.values[3] = Value::Int(500),
        _ => {}
    }
    line
}

fn is_search(path: Value) -> bool {
    matches!(path, Value::Text("/search"))
}

/// What is written behind a line.
pub fn suffix(kind: Kind) -> &'static str {
    match kind {
        Kind::Captured => " payment_status=CAPTURED",
        Kind::Declined => " payment_status=REFUSED",
        Kind::OrderPlaced => " payment_status=paid",
        Kind::PaymentDeclined => " payment_status=declined",
        _ => "",
    }
}

/// What the service of a line calls itself.
pub fn service_name(line: &Line) -> &'static str {
    const HOUR: i64 = 3600 * NANOS_PER_SECOND;
    match line.kind.message().service {
        Service::Storefront if line.at.div_euclid(HOUR).rem_euclid(24) >= 12 => "storefront-svc-v2",
        service => service.name(),
    }
}
