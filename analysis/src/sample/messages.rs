//! Every kind of line the shop's services write: the templates are the truth that later findings are measured against.

use model::severity::Severity;

/// The shop. The order is that of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Service {
    Gateway,
    Storefront,
    Cart,
    Checkout,
    Payment,
    Inventory,
    Shipping,
    Notifier,
}

pub const N_SERVICES: usize = 8;

pub const SERVICES: [Service; N_SERVICES] = [
    Service::Gateway,
    Service::Storefront,
    Service::Cart,
    Service::Checkout,
    Service::Payment,
    Service::Inventory,
    Service::Shipping,
    Service::Notifier,
];

impl Service {
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Storefront => "storefront",
            Self::Cart => "cart",
            Self::Checkout => "checkout",
            Self::Payment => "payment",
            Self::Inventory => "inventory",
            Self::Shipping => "shipping",
            Self::Notifier => "notifier",
        }
    }
}

/// One kind of line.
pub struct Message {
    pub service: Service,
    pub severity: Severity,
    /// `<*>` stands for a value: the first values fill the template, the others the fields.
    pub template: &'static str,
    pub fields: &'static [&'static str],
    /// Where in the program it is written (plain text formats name the logger).
    pub logger: &'static str,
    /// Lines that follow the first.
    pub stack: &'static [&'static str],
}

macro_rules! messages {
    ($($kind:ident $service:ident $severity:ident $logger:literal $template:literal [$($field:literal)*] $stack:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Kind { $($kind),* }

        /// In the order of [`Kind`].
        pub const MESSAGES: &[Message] = &[$(Message {
            service: Service::$service,
            severity: Severity::$severity,
            template: $template,
            fields: &[$($field),*],
            logger: $logger,
            stack: $stack,
        }),*];
    };
}

impl Kind {
    pub fn message(self) -> &'static Message {
        &MESSAGES[self as usize]
    }
}

const NO_STACK: &[&str] = &[];

messages! {
    Access Gateway INFO "" "<*> - - [<*>] \"<*> <*> HTTP/1.1\" <*> <*> \"<*>\" \"<*>\"" [] NO_STACK;

    PageServed Storefront INFO "http" "request completed" ["method" "path" "status" "duration_ms" "parent_span_id"] NO_STACK;
    PageCached Storefront DEBUG "cache" "product served from cache" ["sku" "age_s"] NO_STACK;
    TemplateRendered Storefront DEBUG "render" "template rendered" ["template" "ms"] NO_STACK;
    PageNotFound Storefront WARN "http" "product not found" ["path"] NO_STACK;
    Searched Storefront INFO "search" "search executed" ["query" "results" "duration_ms"] NO_STACK;
    CacheStatistics Storefront INFO "cache" "cache statistics" ["entries" "hit_percent"] NO_STACK;
    RenderFailed Storefront ERROR "http" "unhandled error while rendering" ["path" "error" "stack"] NO_STACK;
    StockAsked Storefront DEBUG "grpc" "call finished" ["peer" "method" "duration_ms"] NO_STACK;
    StockAskTimedOut Storefront WARN "grpc" "call timed out" ["peer" "method" "deadline_ms" "attempt"] NO_STACK;
    StockAskFailed Storefront WARN "grpc" "call failed" ["peer" "method" "code" "attempt"] NO_STACK;
    StockAskGivenUp Storefront ERROR "grpc" "stock unknown, page shown without it" ["peer" "sku" "attempts"] NO_STACK;
    StorefrontStarted Storefront INFO "main" "storefront <*> started, listening on port <*>" [] NO_STACK;

    ItemAdded Cart INFO "cart" "item added to cart" ["cart_id" "sku" "quantity" "parent_span_id"] NO_STACK;
    CartRead Cart INFO "cart" "cart read" ["cart_id" "items" "duration_ms" "parent_span_id"] NO_STACK;
    SessionLoaded Cart DEBUG "session" "session loaded" ["cart_id" "customer"] NO_STACK;
    RedisAnswered Cart DEBUG "redis" "redis command" ["command" "ms"] NO_STACK;
    CartsExpired Cart INFO "janitor" "expired <*> carts" ["duration_ms"] NO_STACK;
    RedisReconnected Cart WARN "redis" "redis connection lost, reconnected after <*> ms" ["address"] NO_STACK;

    CheckoutStarted Checkout INFO "checkout" "checkout started" ["order_id" "customer" "items"] NO_STACK;
    ReserveCalled Checkout DEBUG "grpc" "call finished" ["peer" "method" "duration_ms"] NO_STACK;
    ReserveTimedOut Checkout WARN "grpc" "call timed out" ["peer" "method" "deadline_ms" "attempt"] NO_STACK;
    ReserveFailed Checkout WARN "grpc" "call failed" ["peer" "method" "code" "attempt"] NO_STACK;
    CheckoutFailed Checkout ERROR "checkout" "checkout failed: stock not reserved" ["peer" "order_id" "attempts"] NO_STACK;
    PaymentDeclined Checkout WARN "checkout" "payment declined" ["order_id" "reason"] NO_STACK;
    PaymentRetried Checkout WARN "http" "call failed, trying again" ["peer" "url" "status" "attempt"] NO_STACK;
    OrderPlaced Checkout INFO "checkout" "order placed" ["order_id" "amount" "duration_ms"] NO_STACK;
    OrderPublished Checkout INFO "queue" "message published" ["topic" "message_id" "order_id"] NO_STACK;

    ChargeStarted Payment INFO "shop.payment.Charges" "Authorising <*> EUR for order <*>" [] NO_STACK;
    NetworkAnswered Payment DEBUG "shop.payment.CardNetwork" "Card network answered <*> in <*> ms" [] NO_STACK;
    Captured Payment INFO "shop.payment.Charges" "Captured payment <*> for order <*>" [] NO_STACK;
    Declined Payment WARN "shop.payment.Charges" "Card declined for order <*>: <*>" [] NO_STACK;
    NetworkReset Payment ERROR "shop.payment.CardNetwork" "Card network did not answer for order <*>" [] &[
        "java.net.SocketException: Connection reset",
        "\tat java.base/java.net.SocketInputStream.read(SocketInputStream.java:186)",
        "\tat java.base/sun.security.ssl.SSLSocketInputRecord.read(SSLSocketInputRecord.java:489)",
        "\tat shop.payment.CardNetwork.authorise(CardNetwork.java:118)",
        "\tat shop.payment.Charges.charge(Charges.java:64)",
        "\tat shop.payment.ChargeController.post(ChargeController.java:41)",
        "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
    ];
    HeapUsed Payment DEBUG "shop.payment.Health" "Heap after collection <*> MB of <*> MB" [] NO_STACK;

    StockRead Inventory INFO "grpc" "request served" ["method" "sku" "duration_ms"] NO_STACK;
    StockReserved Inventory INFO "stock" "stock reserved" ["order_id" "sku" "quantity" "duration_ms"] NO_STACK;
    StockCommitted Inventory INFO "stock" "stock taken out" ["order_id" "sku" "quantity" "duration_ms"] NO_STACK;
    PoolStatistics Inventory INFO "db" "connection pool" ["active" "idle" "waiting"] NO_STACK;
    MigrationStarted Inventory INFO "db" "applying schema migration <*>" ["statement"] NO_STACK;
    MigrationDone Inventory INFO "db" "schema migration <*> applied" ["duration_ms"] NO_STACK;
    InventoryStarted Inventory INFO "main" "inventory <*> started, listening on port <*>" [] NO_STACK;
    SlowQuery Inventory WARN "db" "slow query" ["duration_ms" "plan" "sql"] NO_STACK;
    PoolExhausted Inventory ERROR "db" "no database connection available after <*> ms" ["method" "active" "waiting"] NO_STACK;

    OrderReceived Shipping INFO "shop.shipping.Orders" "Received order <*> from queue <*>, attempt <*>" [] NO_STACK;
    CommitCalled Shipping DEBUG "shop.shipping.Inventory" "Call to <*> <*> finished in <*> ms" [] NO_STACK;
    CommitTimedOut Shipping WARN "shop.shipping.Inventory" "Call to <*> <*> timed out after <*> ms, attempt <*>" [] NO_STACK;
    CommitFailed Shipping WARN "shop.shipping.Inventory" "Call to <*> <*> failed with <*>, attempt <*>" [] NO_STACK;
    CommitGivenUp Shipping ERROR "shop.shipping.Inventory" "<*> could not take out stock for order <*> after <*> attempts" [] &[
        "io.grpc.StatusRuntimeException: UNAVAILABLE: no database connection",
        "\tat io.grpc.stub.ClientCalls.toStatusRuntimeException(ClientCalls.java:268)",
        "\tat io.grpc.stub.ClientCalls.blockingUnaryCall(ClientCalls.java:175)",
        "\tat shop.shipping.Inventory.commit(Inventory.java:57)",
        "\tat shop.shipping.Orders.onMessage(Orders.java:83)",
        "\tat shop.shipping.QueueConsumer.poll(QueueConsumer.java:132)",
    ];
    Requeued Shipping WARN "shop.shipping.Orders" "Order <*> goes back to the queue for <*> s" [] NO_STACK;
    QueueBehind Shipping WARN "shop.shipping.QueueConsumer" "Queue <*> is behind: <*> messages waiting" [] NO_STACK;
    ParcelPacked Shipping INFO "shop.shipping.Parcels" "Parcel <*> for order <*> handed to <*>" [] NO_STACK;
    RatesRefreshed Shipping INFO "shop.shipping.Carriers" "Refreshed <*> carrier rates in <*> ms" [] NO_STACK;

    MailSent Notifier INFO "MAILSENT" "mail <*> sent to <*> about order <*>" [] NO_STACK;
    MailDeferred Notifier WARN "MAILDEFER" "mail <*> to <*> deferred: 451 greylisted, next try in <*> s" [] NO_STACK;
    OutboxDrained Notifier INFO "OUTBOX" "outbox drained, <*> mails in <*> ms" [] NO_STACK;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_of_a_service_look_the_same() {
        for (at, a) in MESSAGES.iter().enumerate() {
            let twin =
                MESSAGES[..at].iter().find(|b| (b.service, b.template, b.fields) == (a.service, a.template, a.fields));
            assert!(twin.is_none(), "{}", a.template);
        }
    }
}
