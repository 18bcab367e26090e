//! Drift 6: what one signal calls an error another does not.
//!
//! Of each service in each request: its status (HTTP of 500 or more, or what gRPC blames a server for), the severity of its log, and
//! the status of the span that serves it. Where two of them are known and one says that the request failed and the other that it did
//! not, whoever looks for errors by the other will not find it. Where the status is known it is compared with each of the others, which
//! tells of those two as well.

use std::collections::BTreeMap;

use model::drift::{Drift, DriftKind};
use model::entry::RowKey;

use super::moment::{Kind, Moment};
use super::side::Examples;
use super::{Known, percent, side};

const LEAST: u64 = 5;
const LEAST_SHARE: f64 = 0.1;

/// What may say that a request failed, two and two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pair {
    StatusAndLog,
    StatusAndSpan,
    LogAndSpan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Well,
    /// There were warnings, or errors after which it went on.
    Unclear,
    Failed,
}

/// How a request ended, and an entry that says it.
type Fact = (Ending, RowKey);

#[derive(Default)]
pub struct Classes {
    of_service: BTreeMap<(u32, Pair), Apart>,
}

#[derive(Default)]
struct Apart {
    /// Requests that failed by the one or the other, of which both are known,
    n_failed: u64,
    /// and those by the one, and by the other, alone.
    n_alone: [u64; 2],
    /// Of those by the other alone, the ones that failed by what is not compared too.
    n_by_third: u64,
    shown: [Examples; 2],
}

impl Apart {
    fn take(&mut self, facts: [Fact; 2], third: Option<Ending>) {
        let alone = match facts.map(|(ending, _)| ending) {
            [Ending::Failed, Ending::Well] => Some(0),
            [Ending::Well, Ending::Failed] => Some(1),
            [Ending::Failed, _] | [_, Ending::Failed] => None,
            _ => return,
        };
        self.n_failed += 1;
        let Some(alone) = alone else { return };
        self.n_alone[alone] += 1;
        self.n_by_third += u64::from(alone == 1 && third == Some(Ending::Failed));
        let [(_, one), (_, other)] = facts;
        self.shown[0].show(one);
        // One entry may say both.
        if one != other {
            self.shown[1].show(other);
        }
    }

    /// Most of them failed by all but the one.
    fn is_one_wrong(&self) -> bool {
        let [n, m] = self.n_alone;
        m > n && 2 * self.n_by_third > m
    }

    fn is_habit(&self) -> bool {
        let n = self.n_alone[0] + self.n_alone[1];
        n >= LEAST && n as f64 >= LEAST_SHARE * self.n_failed as f64
    }
}

/// What a service says of one request.
#[derive(Default)]
struct Told {
    log: Said,
    span: Said,
    status_of_log: Said,
    status_of_span: Said,
}

/// What it says in one way.
#[derive(Default)]
struct Said {
    /// The first of the worst.
    worst: Option<Fact>,
    last_failed: i64,
    last_well: i64,
}

impl Said {
    fn take(&mut self, ending: Ending, moment: &Moment) {
        if self.worst.is_none_or(|(worst, _)| worst < ending) {
            self.worst = Some((ending, moment.key()));
        }
        match ending {
            Ending::Failed => self.last_failed = self.last_failed.max(moment.end),
            Ending::Well => self.last_well = self.last_well.max(moment.end),
            Ending::Unclear => {}
        }
    }

    /// A failure after which it went on may be one that it got over: by another attempt, or without what it asked for.
    fn fact(&self) -> Option<Fact> {
        let (worst, key) = self.worst?;
        let went_on = worst == Ending::Failed && self.last_well > self.last_failed;
        Some((if went_on { Ending::Unclear } else { worst }, key))
    }
}

impl Told {
    fn take(&mut self, moment: &Moment) {
        let says = &moment.says;
        let of = |failed: bool| if failed { Ending::Failed } else { Ending::Well };
        let status = says.status_failed.map(of);
        // A call that failed may have been made again: the request is what the service itself was asked for.
        match moment.kind {
            Kind::Log => {
                let ending = match (says.is_error, says.is_grave) {
                    (true, _) => Ending::Failed,
                    (false, true) => Ending::Unclear,
                    (false, false) => Ending::Well,
                };
                self.log.take(ending, moment);
                if let Some(status) = status.filter(|_| moment.callee == 0) {
                    self.status_of_log.take(status, moment);
                }
            }
            Kind::Internal if moment.parent != 0 => {}
            Kind::Server | Kind::Consumer | Kind::Internal => {
                self.span.take(of(says.span_failed), moment);
                if let Some(status) = status {
                    self.status_of_span.take(status, moment);
                }
            }
            Kind::Client | Kind::Producer => {}
        }
    }

    fn status(&self) -> Option<Fact> {
        match (self.status_of_span.fact(), self.status_of_log.fact()) {
            (Some(span), Some(log)) => Some(if log.0 > span.0 { log } else { span }),
            (span, log) => span.or(log),
        }
    }
}

impl Classes {
    pub fn request(&mut self, moments: &[Moment]) {
        let mut of_service: BTreeMap<u32, Told> = BTreeMap::new();
        for moment in moments {
            of_service.entry(moment.service).or_default().take(moment);
        }
        for (service, told) in of_service {
            let (status, log, span) = (told.status(), told.log.fact(), told.span.fact());
            for (pair, one, other, third) in [
                (Pair::StatusAndLog, status, log, span),
                (Pair::StatusAndSpan, status, span, log),
                (Pair::LogAndSpan, log, span, status),
            ] {
                let third = third.map(|(ending, _)| ending).filter(|ending| *ending != Ending::Unclear);
                // Of a log and a span that do not agree the status disagrees with one.
                let is_told = pair == Pair::LogAndSpan && third.is_some();
                if let (Some(one), Some(other), false) = (one, other, is_told) {
                    self.of_service.entry((service, pair)).or_default().take([one, other], third);
                }
            }
        }
    }

    pub fn find(&self, known: &Known) -> Vec<Drift> {
        let found = self.of_service.iter().filter(|(_, apart)| apart.is_habit());
        found.map(|(&(service, pair), apart)| drift(known.name(service), pair, apart)).collect()
    }
}

fn drift(name: &str, pair: Pair, apart: &Apart) -> Drift {
    let [n, m] = apart.n_alone;
    let share = percent(n + m, apart.n_failed);
    let (by_status, by_log, by_span) =
        (format!("{name}, by its status"), format!("{name}, by its log"), format!("{name}, by its span"));
    let answer = || {
        format!(
            "Let {name} answer with a failure where its log and its span have an error, or make an error of neither."
        )
    };
    let (what, fix, one, other) = match pair {
        Pair::StatusAndLog => (
            format!(
                "{share} of the requests that fail at {name} do so only by their status ({n}) or only by the severity of its log ({m})."
            ),
            match apart.is_one_wrong() {
                true => answer(),
                false => {
                    format!("Log what {name} answers with a failure as an error, and what it answers well as less.")
                }
            },
            by_status,
            by_log,
        ),
        Pair::StatusAndSpan => (
            format!(
                "{share} of the requests that fail at {name} do so only by their status ({n}) or only by the status of its span ({m})."
            ),
            match apart.is_one_wrong() {
                true => answer(),
                false => {
                    format!("Set the status of the span to error where {name} answers with a failure, and only there.")
                }
            },
            by_status,
            by_span,
        ),
        Pair::LogAndSpan => (
            format!(
                "{share} of the requests that fail at {name} do so only by the severity of its log ({n}) or only by the status of its span ({m})."
            ),
            match m > n {
                true => format!("Log an error where the span of {name} has the status error, and only there."),
                false => {
                    format!("Set the status of the span to error where the log of {name} has an error, and only there.")
                }
            },
            by_log,
            by_span,
        ),
    };
    Drift {
        services: vec![name.to_owned()],
        what,
        fix,
        n: n + m,
        of: apart.n_failed,
        sides: vec![side(one, &apart.shown[0]), side(other, &apart.shown[1])],
        ..Drift::of(DriftKind::Errors)
    }
}
