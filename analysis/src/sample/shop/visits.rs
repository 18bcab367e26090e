//! What visitors of the shop do, and what each service writes of it.

use super::stock::{CHECKOUT, STOREFRONT, StockCall};
use super::{Shop, Task};
use crate::sample::line::{Span, Value, millis_between, nanos};
use crate::sample::messages::Kind;

const N_PRODUCTS: u32 = 4000;
pub const N_CUSTOMERS: u32 = 200_000;
pub const N_CLIENTS: u32 = 1 << 22;

impl Shop {
    pub(super) fn access(&mut self, end: i64, span: Span, client: u32, method: &'static str, path: Value, status: u64) {
        let bytes = if status == 200 { 2000 + u64::from(self.random.below(30_000)) } else { 180 + status };
        let values = [Value::Client(client), Value::Text(method), path, Value::Int(status), Value::Int(bytes)];
        self.log(end, Kind::Access, span, values);
    }

    /// What a browser loads beside the page; the gateway answers by itself.
    pub(super) fn fetch_asset(&mut self, at: i64, client: u32) {
        const ASSETS: [&str; 4] = ["/static/shop.css", "/static/shop.js", "/favicon.ico", "/static/logo.svg"];
        let gateway = self.new_trace();
        let path = Value::Text(ASSETS[self.random.below(4) as usize]);
        let status = if self.random.chance(0.6) { 304 } else { 200 };
        let end = at + nanos(self.random.latency(1.2));
        self.access(end, gateway, client, "GET", path, status);
    }

    pub(super) fn browse(&mut self, at: i64, client: u32) {
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

    pub(super) fn search(&mut self, at: i64, client: u32) {
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

    pub(super) fn fill_cart(&mut self, at: i64, client: u32) {
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

    pub(super) fn check_out(&mut self, at: i64, client: u32, customer: u32, cart: u64) {
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

    pub(super) fn pay(&mut self, at: i64, checkout: Span, order: u32, cents: u32) -> (i64, bool) {
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
}
