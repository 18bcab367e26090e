//! What happens behind the counter: parcels, mails, house-keeping, probes of strangers, and releases.

use model::time::NANOS_PER_SECOND;

use super::stock::{SHIPPING, StockCall};
use super::visits::N_CUSTOMERS;
use super::{Shop, Task};
use crate::sample::incident;
use crate::sample::line::{Span, Value, nanos};
use crate::sample::messages::Kind;
use crate::sample::random::Random;

impl Shop {
    pub(super) fn ship(&mut self, at: i64, order: u32, sku: u32, attempt: u32, span: Span) {
        let queue = Value::Text("orders");
        let received = [Value::Order(order), queue, Value::Int(u64::from(attempt))];
        self.log(at, Kind::OrderReceived, span, received);
        let call = StockCall { served: Kind::StockCommitted, method: "Commit", sku, order: Some(order), quantity: 1 };
        let (end, ok) = self.ask_inventory(at + nanos(1.0), &SHIPPING, span, &call, Value::Order(order));
        if !ok {
            let pause_seconds = (10_u64 << attempt.min(5)).min(240);
            let requeued = end + nanos(self.random.latency(2.0));
            self.log(requeued, Kind::Requeued, span, [Value::Order(order), Value::Int(pause_seconds)]);
            if self.n_backlog > 2 && self.random.chance(0.3) {
                let waiting = Value::Int(self.n_backlog);
                self.log(requeued, Kind::QueueBehind, span, [queue, waiting]);
            }
            let again = requeued + pause_seconds as i64 * NANOS_PER_SECOND;
            self.schedule(again, Task::Ship { order, sku, attempt: attempt + 1, span });
            return;
        }
        const CARRIERS: [&str; 3] = ["northpost", "swiftline", "parcelo"];
        self.n_backlog -= 1;
        let carrier = Value::Text(CARRIERS[self.random.below(3) as usize]);
        let parcel = Value::Uuid(self.random.bits());
        let packed = end + nanos(self.random.latency(30.0));
        self.log(packed, Kind::ParcelPacked, span, [parcel, Value::Order(order), carrier]);
        let customer = self.random.below(N_CUSTOMERS);
        let mailed = packed + nanos(self.random.latency(300.0));
        self.schedule(mailed, Task::Mail { order, customer, attempt: 1, span: span.child(9) });
    }

    pub(super) fn mail(&mut self, at: i64, order: u32, customer: u32, attempt: u32, span: Span) {
        let mail = Value::Uuid(u64::from(order) << 32 | u64::from(customer));
        if attempt == 1 && self.random.chance(0.03) {
            let values = [mail, Value::Mailbox(customer), Value::Int(60)];
            self.log(at, Kind::MailDeferred, span, values);
            let again = at + 60 * NANOS_PER_SECOND;
            self.schedule(again, Task::Mail { order, customer, attempt: 2, span });
        } else {
            self.log(at, Kind::MailSent, span, [mail, Value::Mailbox(customer), Value::Order(order)]);
        }
    }

    /// What services write about themselves now and then.
    pub(super) fn keep_house(&mut self, at: i64) {
        let span = Span::NONE;
        let some =
            |random: &mut Random, from: u32, below: u32| Value::Int(u64::from(from + random.below(below - from)));
        match self.random.below(8) {
            0 | 1 => {
                let pressure = self.incident.pool_pressure(at);
                let size = f64::from(incident::POOL_SIZE);
                let noise = 0.8 + 0.4 * self.random.unit();
                let active = ((pressure.min(1.0) * size * noise) as u64 + 1).min(u64::from(incident::POOL_SIZE));
                let waiting = ((pressure - 1.0).max(0.0) * size * noise) as u64;
                let idle = Value::Int(u64::from(incident::POOL_SIZE) - active);
                self.log(at, Kind::PoolStatistics, span, [Value::Int(active), idle, Value::Int(waiting)]);
            }
            2 => {
                let values = [some(&mut self.random, 3000, 3900), some(&mut self.random, 30, 40)];
                self.log(at, Kind::CacheStatistics, span, values);
            }
            3 => {
                let values = [some(&mut self.random, 1, 90), Value::Millis(self.random.latency(12.0))];
                self.log(at, Kind::CartsExpired, span, values);
            }
            4 => {
                let values = [some(&mut self.random, 200, 620), Value::Int(1024)];
                self.log(at, Kind::HeapUsed, span, values);
            }
            5 => {
                let values = [some(&mut self.random, 40, 48), Value::Millis(self.random.latency(420.0))];
                self.log(at, Kind::RatesRefreshed, span, values);
            }
            6 => {
                let values = [some(&mut self.random, 1, 30), Value::Millis(self.random.latency(80.0))];
                self.log(at, Kind::OutboxDrained, span, values);
            }
            _ => {
                if self.random.chance(0.1) {
                    let host = Value::Host(self.random.below(4));
                    let values = [Value::Millis(self.random.latency(250.0)), host];
                    self.log(at, Kind::RedisReconnected, span, values);
                }
            }
        }
    }

    /// Scanners and health checks.
    pub(super) fn probe(&mut self, at: i64, client: u32) {
        const GUESSES: [&str; 5] = ["/wp-login.php", "/.env", "/admin", "/.git/config", "/phpmyadmin/index.php"];
        let gateway = self.new_trace();
        let end = at + nanos(self.random.latency(3.0));
        if self.random.chance(0.9) {
            self.access(end, gateway, client, "GET", Value::Text("/health"), 200);
            return;
        }
        let path = Value::Text(GUESSES[self.random.below(5) as usize]);
        self.log(end, Kind::PageNotFound, gateway.child(1), [path]);
        self.access(end + nanos(0.5), gateway, client, "GET", path, 404);
    }

    /// The release that causes the incident, and one that does nothing.
    pub(super) fn roll_out_releases(&mut self, start: i64) {
        let harmless = start + (self.incident.start - start) / 2;
        let span = Span::NONE;
        self.log(harmless, Kind::StorefrontStarted, span, [Value::Text("5.8.1"), Value::Int(8080)]);
        if !self.incident.happens {
            return;
        }

        let cause = self.incident.start;
        let migration = Value::Text("0042_narrow_stock_index");
        let drop = Value::Text("DROP INDEX stock_sku_idx");
        self.log(cause, Kind::MigrationStarted, span, [migration, drop]);
        self.log(cause + nanos(310.0), Kind::MigrationDone, span, [migration, Value::Millis(310.4)]);
        self.log(cause + nanos(2900.0), Kind::InventoryStarted, span, [Value::Text("2.14.0"), Value::Int(9090)]);

        let repair = Value::Text("0043_restore_stock_index");
        let create = Value::Text("CREATE INDEX CONCURRENTLY stock_sku_idx ON stock (sku)");
        let begin = self.incident.fix - 95 * NANOS_PER_SECOND;
        self.log(begin, Kind::MigrationStarted, span, [repair, create]);
        self.log(self.incident.fix, Kind::MigrationDone, span, [repair, Value::Millis(95_000.0)]);
    }
}
