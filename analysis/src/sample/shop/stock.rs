//! Inventory, whom three services ask: deadlines, repeated attempts, and what both sides write of it.

use super::Shop;
use crate::sample::incident;
use crate::sample::line::{Span, Value, millis_between, nanos};
use crate::sample::messages::Kind;

/// A service that asks inventory, and the lines it writes about it.
pub struct Caller {
    finished: Kind,
    timed_out: Kind,
    failed: Kind,
    given_up: Kind,
    deadline_millis: u32,
    n_attempts: u32,
}

pub const STOREFRONT: Caller = Caller {
    finished: Kind::StockAsked,
    timed_out: Kind::StockAskTimedOut,
    failed: Kind::StockAskFailed,
    given_up: Kind::StockAskGivenUp,
    deadline_millis: 600,
    n_attempts: 2,
};

pub const CHECKOUT: Caller = Caller {
    finished: Kind::ReserveCalled,
    timed_out: Kind::ReserveTimedOut,
    failed: Kind::ReserveFailed,
    given_up: Kind::CheckoutFailed,
    deadline_millis: 800,
    n_attempts: 3,
};

pub const SHIPPING: Caller = Caller {
    finished: Kind::CommitCalled,
    timed_out: Kind::CommitTimedOut,
    failed: Kind::CommitFailed,
    given_up: Kind::CommitGivenUp,
    deadline_millis: 1000,
    n_attempts: 2,
};

pub const INVENTORY_PEER: Value = Value::Text("inventory:9090");

/// What a caller wants of inventory.
pub struct StockCall {
    pub served: Kind,
    pub method: &'static str,
    pub sku: u32,
    pub order: Option<u32>,
    pub quantity: u32,
}

impl Shop {
    /// Calls inventory until it answers in time or the caller gives up. Returns when that is, and whether it answered.
    pub(super) fn ask_inventory(
        &mut self,
        at: i64,
        caller: &Caller,
        span: Span,
        call: &StockCall,
        subject: Value,
    ) -> (i64, bool) {
        let method = Value::Text(call.method);
        let deadline_millis = f64::from(caller.deadline_millis);
        let mut now = at;
        for attempt in 1..=caller.n_attempts {
            let arrived = now + nanos(self.random.latency(0.4));
            let served_in = self.serve_stock(arrived, attempt > 1, span.child(5 + attempt), call);
            let n_attempt = Value::Int(u64::from(attempt));
            match served_in {
                Ok(millis) if millis < deadline_millis => {
                    let end = arrived + nanos(millis + self.random.latency(0.4));
                    self.log(end, caller.finished, span, [INVENTORY_PEER, method, millis_between(now, end)]);
                    return (end, true);
                }
                Err(millis) if millis < deadline_millis => {
                    now = arrived + nanos(millis);
                    let code = Value::Text("UNAVAILABLE");
                    self.log(now, caller.failed, span, [INVENTORY_PEER, method, code, n_attempt]);
                }
                _ => {
                    now += nanos(deadline_millis);
                    let deadline = Value::Int(u64::from(caller.deadline_millis));
                    self.log(now, caller.timed_out, span, [INVENTORY_PEER, method, deadline, n_attempt]);
                }
            }
            now += nanos(self.random.latency(100.0 * f64::from(attempt)));
        }
        self.log(now, caller.given_up, span, [INVENTORY_PEER, subject, Value::Int(u64::from(caller.n_attempts))]);
        (now, false)
    }

    /// Inventory's side of a call: milliseconds until its answer, or until it refuses.
    pub(super) fn serve_stock(&mut self, at: i64, is_retry: bool, span: Span, call: &StockCall) -> Result<f64, f64> {
        let answer = self.incident.ask(at, is_retry, &mut self.random);
        if answer.wait_millis > incident::POOL_PATIENCE_MILLIS {
            let n_waiting = Value::Int((self.incident.pool_pressure(at) * f64::from(incident::POOL_SIZE)) as u64);
            let patience = Value::Int(incident::POOL_PATIENCE_MILLIS as u64);
            let values = [patience, Value::Text(call.method), Value::Int(u64::from(incident::POOL_SIZE)), n_waiting];
            self.log(at + nanos(incident::POOL_PATIENCE_MILLIS), Kind::PoolExhausted, span, values);
            return Err(incident::POOL_PATIENCE_MILLIS);
        }
        let millis = answer.wait_millis + answer.query_millis;
        let end = at + nanos(millis);
        if answer.query_millis > incident::SLOW_QUERY_MILLIS {
            let plan = Value::Text("Seq Scan on stock");
            let sql = Value::Text("SELECT available FROM stock WHERE sku = $1 FOR UPDATE");
            self.log(end, Kind::SlowQuery, span, [Value::Millis(answer.query_millis), plan, sql]);
        }
        let served = end + nanos(0.2);
        let (sku, duration) = (Value::Sku(call.sku), Value::Millis(millis));
        match call.order {
            Some(order) => {
                let quantity = Value::Int(u64::from(call.quantity));
                self.log(served, call.served, span, [Value::Order(order), sku, quantity, duration]);
            }
            None => self.log(served, call.served, span, [Value::Text(call.method), sku, duration]),
        }
        Ok(millis)
    }
}
