//! The shop at work: a discrete-event simulation of requests on their way through the services.
//!
//! A visitor's request is played through to its end as soon as it arrives; the lines this writes lie in a queue until
//! their time comes. Work that waits for something (a message in a queue, a visitor who tries again) is a task in the same
//! queue. So lines come out in the order of time, and memory holds only what is under way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use model::time::NANOS_PER_SECOND;

use super::incident::{self, Incident, daily_rhythm};
use super::messages::Kind;
use super::random::Random;

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
    fn child(self, which: u32) -> Self {
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

#[derive(Clone, Copy, Debug)]
enum Task {
    Line(Line),
    /// A message in the queue `orders` reaches shipping.
    Ship {
        order: u32,
        sku: u32,
        attempt: u32,
        span: Span,
    },
    /// A message reaches the notifier.
    Mail {
        order: u32,
        customer: u32,
        attempt: u32,
        span: Span,
    },
    /// A visitor whose checkout failed tries again.
    CheckoutAgain {
        client: u32,
        customer: u32,
        cart: u64,
    },
}

/// A service that asks inventory, and the lines it writes about it.
struct Caller {
    finished: Kind,
    timed_out: Kind,
    failed: Kind,
    given_up: Kind,
    deadline_millis: u32,
    n_attempts: u32,
}

const STOREFRONT: Caller = Caller {
    finished: Kind::StockAsked,
    timed_out: Kind::StockAskTimedOut,
    failed: Kind::StockAskFailed,
    given_up: Kind::StockAskGivenUp,
    deadline_millis: 600,
    n_attempts: 2,
};

const CHECKOUT: Caller = Caller {
    finished: Kind::ReserveCalled,
    timed_out: Kind::ReserveTimedOut,
    failed: Kind::ReserveFailed,
    given_up: Kind::CheckoutFailed,
    deadline_millis: 800,
    n_attempts: 3,
};

const SHIPPING: Caller = Caller {
    finished: Kind::CommitCalled,
    timed_out: Kind::CommitTimedOut,
    failed: Kind::CommitFailed,
    given_up: Kind::CommitGivenUp,
    deadline_millis: 1000,
    n_attempts: 2,
};

const INVENTORY_PEER: Value = Value::Text("inventory:9090");

/// What a caller wants of inventory.
struct StockCall {
    served: Kind,
    method: &'static str,
    sku: u32,
    order: Option<u32>,
    quantity: u32,
}

const N_PRODUCTS: u32 = 4000;
const N_CUSTOMERS: u32 = 200_000;
const N_CLIENTS: u32 = 1 << 22;

/// Lines a request writes on average, until enough were seen to know.
const EXPECTED_LINES: f64 = 3.4;

pub struct Shop {
    random: Random,
    incident: Incident,
    n_wanted: u64,
    n_made: u64,
    n_arrivals: u64,
    /// Rhythm-weighted time: of all the logs, and what is left of it.
    whole_rhythm: f64,
    left_rhythm: f64,
    next_arrival: i64,
    n_orders: u32,
    /// Orders that shipping has yet to pack.
    n_backlog: u64,
    /// Times of tasks; the second number keeps equal times in order of making, the third is the slot.
    queue: BinaryHeap<Reverse<(i64, u64, u32)>>,
    slots: Vec<Task>,
    free_slots: Vec<u32>,
    n_tasks: u64,
}

fn nanos(millis: f64) -> i64 {
    (millis * 1e6) as i64
}

fn millis_between(start: i64, end: i64) -> Value {
    Value::Millis((end - start) as f64 / 1e6)
}

impl Shop {
    pub fn new(n_lines: u64, happens: bool, start: i64, end: i64, mut random: Random) -> Self {
        let incident = Incident::new(happens, start, end, &mut random);
        let whole_rhythm = (end - start) as f64 * incident::daily_mean();
        let mut shop = Self {
            random,
            incident,
            // The rhythm of none is as good as that of one.
            n_wanted: n_lines.max(1),
            n_made: 0,
            n_arrivals: 0,
            whole_rhythm,
            left_rhythm: whole_rhythm,
            next_arrival: start,
            n_orders: 0,
            n_backlog: 0,
            queue: BinaryHeap::new(),
            slots: Vec::new(),
            free_slots: Vec::new(),
            n_tasks: 0,
        };
        shop.schedule_next_arrival(start);
        shop.roll_out_releases(start);
        shop
    }

    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// The next line in the order of time; there is always one.
    pub fn next_line(&mut self) -> Line {
        loop {
            let next_task = self.queue.peek().map_or(i64::MAX, |&Reverse((at, ..))| at);
            if self.next_arrival <= next_task {
                let at = self.next_arrival;
                self.arrive(at);
                self.schedule_next_arrival(at);
                continue;
            }
            let Reverse((at, _, slot)) = self.queue.pop().expect("a task is earlier than the next arrival");
            self.free_slots.push(slot);
            match self.slots[slot as usize] {
                Task::Line(line) => return line,
                Task::Ship { order, sku, attempt, span } => self.ship(at, order, sku, attempt, span),
                Task::Mail { order, customer, attempt, span } => self.mail(at, order, customer, attempt, span),
                Task::CheckoutAgain { client, customer, cart } => self.check_out(at, client, customer, cart),
            }
        }
    }

    /// Chooses the time of the next request so that the lines wanted are written by the end, at the rhythm of the day.
    fn schedule_next_arrival(&mut self, now: i64) {
        /// Arrivals that the expectation counts for beside those that were seen.
        const PRIOR: f64 = 200.0;
        /// Longer waits are drawn anew from there on, at that hour's rate.
        const LOOK_AGAIN: f64 = 600.0 * NANOS_PER_SECOND as f64;
        let lines_each = (EXPECTED_LINES * PRIOR + self.n_made as f64) / (PRIOR + self.n_arrivals as f64);
        let usual = self.n_wanted as f64 / lines_each / self.whole_rhythm;
        let n_left = self.n_wanted.saturating_sub(self.n_made) as f64;
        let mut at = now;
        loop {
            let rhythm = daily_rhythm(at);
            let needed = n_left / lines_each / self.left_rhythm.max(1.0);
            let rate = needed.clamp(0.5 * usual, 2.0 * usual) * rhythm;
            let wait = self.random.exponential() / rate;
            let step = if wait > LOOK_AGAIN { LOOK_AGAIN } else { wait };
            self.left_rhythm -= step * rhythm;
            at += step as i64 + 1;
            if wait <= LOOK_AGAIN {
                break;
            }
        }
        self.next_arrival = at;
    }

    fn schedule(&mut self, at: i64, task: Task) {
        let slot = match self.free_slots.pop() {
            Some(slot) => {
                self.slots[slot as usize] = task;
                slot
            }
            None => {
                self.slots.push(task);
                self.slots.len() as u32 - 1
            }
        };
        self.n_tasks += 1;
        self.queue.push(Reverse((at, self.n_tasks, slot)));
    }

    fn log<const N: usize>(&mut self, at: i64, kind: Kind, span: Span, given: [Value; N]) {
        let mut values = [Value::None; N_VALUES];
        values[..N].copy_from_slice(&given);
        self.n_made += 1;
        self.schedule(at, Task::Line(Line { at, kind, span, values }));
    }

    fn new_trace(&mut self) -> Span {
        Span { trace: self.random.bits(), own: 1, parent: 0 }
    }

    fn arrive(&mut self, at: i64) {
        self.n_arrivals += 1;
        let client = self.random.below(N_CLIENTS);
        match self.random.below(1000) {
            0..280 => self.fetch_asset(at, client),
            280..600 => self.browse(at, client),
            600..670 => self.search(at, client),
            670..740 => self.fill_cart(at, client),
            740..785 => {
                let (customer, cart) = (self.random.below(N_CUSTOMERS), self.random.bits());
                self.check_out(at, client, customer, cart);
            }
            785..830 => self.keep_house(at),
            _ => self.probe(at, client),
        }
    }

    fn access(&mut self, end: i64, span: Span, client: u32, method: &'static str, path: Value, status: u64) {
        let bytes = if status == 200 { 2000 + u64::from(self.random.below(30_000)) } else { 180 + status };
        let values = [Value::Client(client), Value::Text(method), path, Value::Int(status), Value::Int(bytes)];
        self.log(end, Kind::Access, span, values);
    }

    /// What a browser loads beside the page; the gateway answers by itself.
    fn fetch_asset(&mut self, at: i64, client: u32) {
        const ASSETS: [&str; 4] = ["/static/shop.css", "/static/shop.js", "/favicon.ico", "/static/logo.svg"];
        let gateway = self.new_trace();
        let path = Value::Text(ASSETS[self.random.below(4) as usize]);
        let status = if self.random.chance(0.6) { 304 } else { 200 };
        let end = at + nanos(self.random.latency(1.2));
        self.access(end, gateway, client, "GET", path, status);
    }

    fn browse(&mut self, at: i64, client: u32) {
        let gateway = self.new_trace();
        let page = gateway.child(1);
        let sku = self.random.popular(N_PRODUCTS);
        let path = Value::ProductPath(sku);
        let begin = at + nanos(self.random.latency(0.8));
        let mut end = begin + nanos(self.random.latency(1.5));
        if self.random.chance(0.35) {
            let age = u64::from(self.random.below(300));
            self.log(end, Kind::PageCached, page, [Value::Sku(sku), Value::Int(age)]);
        } else {
            let call = StockCall { served: Kind::StockRead, method: "GetStock", sku, order: None, quantity: 0 };
            // Without an answer the page is shown without stock: slower, but shown.
            (end, _) = self.ask_inventory(end, &STOREFRONT, page, &call, Value::Sku(sku));
        }
        let render_millis = self.random.latency(8.0);
        end += nanos(render_millis);
        self.log(end, Kind::TemplateRendered, Span::NONE, [Value::Text("product"), Value::Millis(render_millis)]);
        end += nanos(self.random.latency(1.0));
        let status = if self.random.chance(0.0004) { 500 } else { 200 };
        if status == 500 {
            let error = Value::Text("TypeError: price is undefined");
            let stack = Value::Text(
                "TypeError: price is undefined\\n    at format (/srv/storefront/price.js:18:24)\\n    at render (/srv/storefront/product.js:77:11)\\n    at Server.handle (/srv/storefront/server.js:203:5)",
            );
            self.log(end, Kind::RenderFailed, page, [path, error, stack]);
        }
        let values = [Value::Text("GET"), path, Value::Int(status), millis_between(begin, end), Value::ParentSpan];
        self.log(end, Kind::PageServed, page, values);
        let gateway_end = end + nanos(self.random.latency(0.7));
        self.access(gateway_end, gateway, client, "GET", path, status);
    }

    fn search(&mut self, at: i64, client: u32) {
        const QUERIES: [&str; 8] = [
            "running shoes",
            "usb c cable",
            "garden chair",
            "coffee grinder",
            "rain jacket",
            "desk lamp",
            "bluetooth speaker",
            "kids bike",
        ];
        let gateway = self.new_trace();
        let page = gateway.child(1);
        let begin = at + nanos(self.random.latency(0.8));
        let end = begin + nanos(self.random.latency(35.0));
        let query = Value::Text(QUERIES[self.random.popular(8) as usize]);
        let results = Value::Int(u64::from(self.random.below(120)));
        self.log(end, Kind::Searched, page, [query, results, millis_between(begin, end)]);
        let render_millis = self.random.latency(4.0);
        let end = end + nanos(render_millis);
        self.log(end, Kind::TemplateRendered, Span::NONE, [Value::Text("results"), Value::Millis(render_millis)]);
        let path = Value::Text("/search");
        let values = [Value::Text("GET"), path, Value::Int(200), millis_between(begin, end), Value::ParentSpan];
        self.log(end, Kind::PageServed, page, values);
        let gateway_end = end + nanos(self.random.latency(0.7));
        self.access(gateway_end, gateway, client, "GET", path, 200);
    }

    fn fill_cart(&mut self, at: i64, client: u32) {
        let gateway = self.new_trace();
        let page = gateway.child(1);
        let cart_span = page.child(1);
        let (cart, sku) = (self.random.bits(), self.random.popular(N_PRODUCTS));
        let customer = self.random.below(N_CUSTOMERS);
        let begin = at + nanos(self.random.latency(0.8));
        let redis_millis = self.random.latency(0.9);
        let loaded = begin + nanos(0.3 + redis_millis);
        let redis = [Value::Text("HGETALL"), Value::Millis(redis_millis)];
        self.log(loaded - nanos(0.1), Kind::RedisAnswered, Span::NONE, redis);
        let session = [Value::Uuid(cart), Value::Customer(customer)];
        self.log(loaded, Kind::SessionLoaded, cart_span, session);
        let added = loaded + nanos(self.random.latency(2.0));
        let quantity = 1 + u64::from(self.random.popular(4));
        self.log(
            added,
            Kind::ItemAdded,
            cart_span,
            [Value::Uuid(cart), Value::Sku(sku), Value::Int(quantity), Value::ParentSpan],
        );
        let end = added + nanos(self.random.latency(5.0));
        let path = Value::CartPath(cart);
        let values = [Value::Text("POST"), path, Value::Int(200), millis_between(begin, end), Value::ParentSpan];
        self.log(end, Kind::PageServed, page, values);
        let gateway_end = end + nanos(self.random.latency(0.7));
        self.access(gateway_end, gateway, client, "POST", path, 200);
    }

    fn check_out(&mut self, at: i64, client: u32, customer: u32, cart: u64) {
        let gateway = self.new_trace();
        let checkout = gateway.child(2);
        self.n_orders += 1;
        let order = self.n_orders;
        let path = Value::Text("/checkout");
        let n_items = 1 + self.random.popular(6);
        let sku = self.random.popular(N_PRODUCTS);
        let begin = at + nanos(self.random.latency(1.0));
        let items = Value::Int(u64::from(n_items));
        self.log(begin, Kind::CheckoutStarted, checkout, [Value::Order(order), Value::Customer(customer), items]);
        let read = begin + nanos(self.random.latency(3.0));
        let read_values = [Value::Uuid(cart), items, millis_between(begin, read), Value::ParentSpan];
        self.log(read, Kind::CartRead, checkout.child(1), read_values);

        let call = StockCall {
            served: Kind::StockReserved,
            method: "Reserve",
            sku,
            order: Some(order),
            quantity: 1 + self.random.popular(4),
        };
        let (reserved, ok) = self.ask_inventory(read, &CHECKOUT, checkout, &call, Value::Order(order));
        if !ok {
            let gateway_end = reserved + nanos(self.random.latency(1.0));
            self.access(gateway_end, gateway, client, "POST", path, 503);
            if self.random.chance(0.5) {
                let again = reserved + nanos(4000.0 + 9000.0 * self.random.exponential());
                self.schedule(again, Task::CheckoutAgain { client, customer, cart });
            }
            return;
        }

        let cents = 900 + self.random.below(20_000);
        let (paid, ok) = self.pay(reserved, checkout, order, cents);
        let end = paid + nanos(self.random.latency(3.0));
        let gateway_end = end + nanos(self.random.latency(1.0));
        if !ok {
            let reason = Value::Text("insufficient_funds");
            self.log(end, Kind::PaymentDeclined, checkout, [Value::Order(order), reason]);
            self.access(gateway_end, gateway, client, "POST", path, 402);
            return;
        }
        let placed = [Value::Order(order), Value::Cents(cents), millis_between(begin, end)];
        self.log(end, Kind::OrderPlaced, checkout, placed);
        let published = end + nanos(self.random.latency(2.0));
        let message = Value::Uuid(self.random.bits());
        self.log(published, Kind::OrderPublished, checkout, [Value::Text("orders"), message, Value::Order(order)]);
        self.access(gateway_end, gateway, client, "POST", path, 200);

        self.n_backlog += 1;
        let received = published + nanos(self.random.latency(120.0));
        self.schedule(received, Task::Ship { order, sku, attempt: 1, span: checkout.child(4) });
        let mailed = published + nanos(self.random.latency(400.0));
        self.schedule(mailed, Task::Mail { order, customer, attempt: 1, span: checkout.child(5) });
    }

    fn pay(&mut self, at: i64, checkout: Span, order: u32, cents: u32) -> (i64, bool) {
        let payment = checkout.child(3);
        let order = Value::Order(order);
        let begin = at + nanos(self.random.latency(1.5));
        self.log(begin, Kind::ChargeStarted, payment, [Value::Cents(cents), order]);
        let mut asked = begin;
        if self.random.chance(0.003) {
            let reset = begin + nanos(self.random.latency(900.0));
            self.log(reset, Kind::NetworkReset, payment, [order]);
            let retried = reset + nanos(self.random.latency(1.0));
            let values = [Value::Text("payment:8443"), Value::Text("/charges"), Value::Int(502), Value::Int(1)];
            self.log(retried, Kind::PaymentRetried, checkout, values);
            asked = retried + nanos(self.random.latency(200.0));
        }
        let network_millis = self.random.latency(140.0);
        let answered = asked + nanos(network_millis);
        let declined = self.random.chance(0.04);
        let answer = Value::Text(if declined { "DECLINED" } else { "APPROVED" });
        self.log(answered, Kind::NetworkAnswered, payment, [answer, Value::Millis(network_millis)]);
        let end = answered + nanos(self.random.latency(2.0));
        if declined {
            self.log(end, Kind::Declined, payment, [order, Value::Text("insufficient_funds")]);
        } else {
            let capture = Value::Uuid(self.random.bits());
            self.log(end, Kind::Captured, payment, [capture, order]);
        }
        (end, !declined)
    }

    /// Calls inventory until it answers in time or the caller gives up. Returns when that is, and whether it answered.
    fn ask_inventory(&mut self, at: i64, caller: &Caller, span: Span, call: &StockCall, subject: Value) -> (i64, bool) {
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
    fn serve_stock(&mut self, at: i64, is_retry: bool, span: Span, call: &StockCall) -> Result<f64, f64> {
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

    fn ship(&mut self, at: i64, order: u32, sku: u32, attempt: u32, span: Span) {
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

    fn mail(&mut self, at: i64, order: u32, customer: u32, attempt: u32, span: Span) {
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
    fn keep_house(&mut self, at: i64) {
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
    fn probe(&mut self, at: i64, client: u32) {
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
    fn roll_out_releases(&mut self, start: i64) {
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
