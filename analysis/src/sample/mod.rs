//! Sample logs with a known truth: a small shop of eight services and one incident.
//!
//! Requests run through a call graph (HTTP, gRPC, a queue) over at least a day; what every service writes follows from
//! what it was asked and what it got back. One release slows one service down; the rest of the trouble is its
//! consequence. The same number of entries and seed give the same bytes on every machine.

mod drift;

mod incident;

mod line;

mod messages;

pub(crate) mod random;

mod shop;

pub mod typical;

mod write;

use model::time::{NANOS_PER_SECOND, Nanos, Precision, Zone, format_wall};
use serde::Serialize;

pub use drift::DriftTruth;
pub use incident::DEFAULT_END;

use incident::Incident;
use messages::{MESSAGES, N_SERVICES, SERVICES, Service};
use random::Random;
use shop::Shop;
use write::{Format, write_drifted, write_line};

/// Chunks are handed out when they reach this size: large enough to be read like slices of a file.
const CHUNK_BYTES: usize = 64 << 10;

/// The logs span a day, or more where a day would be busier than this.
const MOST_LINES_PER_SECOND: u64 = 100;

const DAY: i64 = 86_400 * NANOS_PER_SECOND;

/// A stream of sample log files; memory does not grow with the number of entries.
pub struct Samples {
    shop: Shop,
    start: Nanos,
    n_left: u64,
    seed: u64,
    has_drift: bool,
    buffers: [Vec<u8>; N_SERVICES],
    seen: Vec<Seen>,
}

/// What was written of one kind of message.
#[derive(Clone, Copy, Debug)]
struct Seen {
    n_entries: u64,
    first: i64,
    last: i64,
}

impl Samples {
    /// `n_entries` in all files together, the last ones at about [`DEFAULT_END`].
    pub fn new(n_entries: u64, seed: u64) -> Self {
        Self::ending_at(n_entries, seed, DEFAULT_END)
    }

    /// The same shop on a day on which nothing goes wrong.
    pub fn of_quiet_day(n_entries: u64, seed: u64) -> Self {
        Self::of_day(n_entries, seed, DEFAULT_END, false)
    }

    pub fn ending_at(n_entries: u64, seed: u64, end: Nanos) -> Self {
        Self::of_day(n_entries, seed, end, true)
    }

    fn of_day(n_entries: u64, seed: u64, end: Nanos, happens: bool) -> Self {
        let seconds = i64::try_from(n_entries / MOST_LINES_PER_SECOND).unwrap_or(i64::MAX / NANOS_PER_SECOND);
        let span = seconds.saturating_mul(NANOS_PER_SECOND).max(DAY);
        let start = Nanos(end.0.saturating_sub(span));
        Self {
            shop: Shop::new(n_entries, happens, start.0, end.0, Random::new(seed)),
            start,
            n_left: n_entries,
            seed,
            has_drift: false,
            buffers: Default::default(),
            seen: vec![Seen { n_entries: 0, first: i64::MAX, last: i64::MIN }; MESSAGES.len()],
        }
    }

    /// With one disagreement of each kind between the services.
    pub fn with_drift(self) -> Self {
        Self { has_drift: true, ..self }
    }

    /// Paths of the files, in the order of the numbers that [`Samples::next_chunk`] gives.
    pub fn paths() -> [&'static str; N_SERVICES] {
        SERVICES.map(path)
    }

    /// The next bytes of one of the files: its number and whole entries. Each file's chunks come in order.
    pub fn next_chunk(&mut self) -> Option<(usize, Vec<u8>)> {
        while self.n_left > 0 {
            self.n_left -= 1;
            let line = self.shop.next_line();
            let seen = &mut self.seen[line.kind as usize];
            seen.n_entries += 1;
            seen.first = seen.first.min(line.at);
            seen.last = seen.last.max(line.at);
            let file = line.kind.message().service as usize;
            let buffer = &mut self.buffers[file];
            if buffer.capacity() == 0 {
                // Room for the entry that goes over the edge.
                buffer.reserve_exact(CHUNK_BYTES + (4 << 10));
            }
            match self.has_drift {
                true => write_drifted(buffer, line),
                false => write_line(buffer, &line),
            }
            if buffer.len() >= CHUNK_BYTES {
                return Some((file, std::mem::take(buffer)));
            }
        }
        let file = self.buffers.iter().position(|buffer| !buffer.is_empty())?;
        Some((file, std::mem::take(&mut self.buffers[file])))
    }

    /// What the logs say, known because it was made; complete once the last chunk is out.
    pub fn truth(&self) -> Truth {
        let incident = self.shop.incident();
        let mut releases = vec![ReleaseTruth { service: "storefront", version: "5.8.1", harmful: false }];
        if incident.happens {
            releases.push(ReleaseTruth { service: "inventory", version: "2.14.0", harmful: true });
        }
        Truth {
            seed: self.seed,
            n_entries: self.seen.iter().map(|seen| seen.n_entries).sum(),
            start: instant(self.start.0),
            files: SERVICES.map(|service| self.file_truth(service)).into(),
            calls: CALLS.iter().map(|&(from, to, by)| CallTruth { from: from.name(), to: to.name(), by }).collect(),
            releases,
            incident: incident.happens.then(|| incident_truth(incident)),
            drifts: if self.has_drift { drift::DRIFTS } else { &[] },
            templates: self.template_truth(),
        }
    }

    fn file_truth(&self, service: Service) -> FileTruth {
        let of_service = MESSAGES.iter().zip(&self.seen).filter(|(message, _)| message.service == service);
        FileTruth {
            path: path(service),
            service: service.name(),
            format: Format::of(service).name(),
            n_entries: of_service.map(|(_, seen)| seen.n_entries).sum(),
        }
    }

    fn template_truth(&self) -> Vec<TemplateTruth> {
        let written = MESSAGES.iter().zip(&self.seen).filter(|(_, seen)| seen.n_entries > 0);
        written
            .map(|(message, seen)| TemplateTruth {
                service: message.service.name(),
                severity: message.severity.band().name(),
                template: message.template,
                fields: message.fields,
                n_lines: 1 + message.stack.len(),
                n_entries: seen.n_entries,
                first: instant(seen.first),
                last: instant(seen.last),
            })
            .collect()
    }
}

fn incident_truth(incident: &Incident) -> IncidentTruth {
    IncidentTruth {
        root_cause: Service::Inventory.name(),
        cause: "schema migration 0042_narrow_stock_index drops the index stock_sku_idx; stock queries scan the \
                table, the connection pool runs dry",
        start: instant(incident.start),
        fix: instant(incident.fix),
        end: instant(incident.end),
        affected: AFFECTED.iter().map(|&(service, effect)| AffectedTruth { service: service.name(), effect }).collect(),
    }
}

fn path(service: Service) -> &'static str {
    match service {
        Service::Gateway => "gateway-access.log",
        Service::Storefront => "storefront.jsonl",
        Service::Cart => "cart.jsonl",
        Service::Checkout => "checkout.log",
        Service::Payment => "payment.log",
        Service::Inventory => "inventory.log",
        Service::Shipping => "shipping.log",
        Service::Notifier => "notifier.log",
    }
}

fn instant(time: i64) -> String {
    let digits = Precision::Micro.fraction_digits();
    format_wall(Nanos(time), &Zone::utc(), digits).replace(' ', "T") + "Z"
}

/// Who calls whom, and by what.
const CALLS: &[(Service, Service, &str)] = &[
    (Service::Gateway, Service::Storefront, "http"),
    (Service::Gateway, Service::Checkout, "http"),
    (Service::Storefront, Service::Inventory, "grpc"),
    (Service::Storefront, Service::Cart, "http"),
    (Service::Checkout, Service::Cart, "http"),
    (Service::Checkout, Service::Inventory, "grpc"),
    (Service::Checkout, Service::Payment, "http"),
    (Service::Checkout, Service::Shipping, "queue"),
    (Service::Checkout, Service::Notifier, "queue"),
    (Service::Shipping, Service::Inventory, "grpc"),
    (Service::Shipping, Service::Notifier, "queue"),
];

/// What the incident does to each service, in the order in which it shows.
const AFFECTED: &[(Service, &str)] = &[
    (Service::Inventory, "slow queries, then refused calls"),
    (Service::Storefront, "slow product pages, time-outs, retries, pages without stock"),
    (Service::Checkout, "time-outs, retries, failed checkouts"),
    (Service::Shipping, "time-outs, orders go back to the queue, backlog"),
    (Service::Gateway, "503 for checkouts"),
    (Service::Payment, "fewer payments"),
    (Service::Notifier, "fewer mails, then more than usual"),
];

/// The ground truth of the sample logs; instants are RFC 3339.
#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    pub seed: u64,
    pub n_entries: u64,
    pub start: String,
    pub files: Vec<FileTruth>,
    pub calls: Vec<CallTruth>,
    pub releases: Vec<ReleaseTruth>,
    /// None on a quiet day.
    pub incident: Option<IncidentTruth>,
    /// What was planted.
    #[serde(skip_serializing_if = "<[DriftTruth]>::is_empty")]
    pub drifts: &'static [DriftTruth],
    pub templates: Vec<TemplateTruth>,
}

#[derive(Clone, Debug, Serialize)]
pub struct FileTruth {
    pub path: &'static str,
    pub service: &'static str,
    pub format: &'static str,
    pub n_entries: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct CallTruth {
    pub from: &'static str,
    pub to: &'static str,
    pub by: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReleaseTruth {
    pub service: &'static str,
    pub version: &'static str,
    pub harmful: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct IncidentTruth {
    pub root_cause: &'static str,
    pub cause: &'static str,
    pub start: String,
    pub fix: String,
    pub end: String,
    pub affected: Vec<AffectedTruth>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AffectedTruth {
    pub service: &'static str,
    pub effect: &'static str,
}

/// One kind of message; templates are unique within a service together with their fields.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateTruth {
    pub service: &'static str,
    pub severity: &'static str,
    /// `<*>` stands for a value.
    pub template: &'static str,
    /// Names of the fields beside the message.
    pub fields: &'static [&'static str],
    pub n_lines: usize,
    pub n_entries: u64,
    pub first: String,
    pub last: String,
}

#[cfg(test)]
mod tests;
