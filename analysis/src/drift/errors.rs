//! Drift 6: what one signal calls an error another does not.
//!
//! Of each service in each request: an HTTP status of 500 or more is a failure. If neither a severity of at least warning nor a span
//! with an error says so as well, whoever looks for errors there will not find it.

use std::collections::BTreeMap;

use model::drift::{Drift, DriftKind};

use super::moment::Moment;
use super::side::Examples;
use super::{Known, percent, side};

const LEAST: u64 = 5;
const LEAST_SHARE: f64 = 0.1;

#[derive(Default)]
pub struct Classes {
    of_service: BTreeMap<u32, Failed>,
}

#[derive(Default)]
struct Failed {
    n: u64,
    n_silent: u64,
    silent: Examples,
    others: Examples,
}

impl Classes {
    pub fn request(&mut self, moments: &[Moment]) {
        for failed in moments.iter().filter(|moment| moment.says.http_failed) {
            let own = || moments.iter().filter(|moment| moment.service == failed.service);
            // One failure a service and request.
            if own().find(|moment| moment.says.http_failed).is_some_and(|first| first != failed) {
                continue;
            }
            let sum = self.of_service.entry(failed.service).or_default();
            sum.n += 1;
            if !own().any(|moment| moment.says.is_grave || moment.says.span_failed) {
                sum.n_silent += 1;
                sum.silent.show(failed.key());
                own().filter(|moment| *moment != failed).take(1).for_each(|moment| sum.others.show(moment.key()));
            }
        }
    }

    pub fn find(&self, known: &Known) -> Vec<Drift> {
        let is_habit = |sum: &Failed| sum.n_silent >= LEAST && sum.n_silent as f64 >= LEAST_SHARE * sum.n as f64;
        self.of_service
            .iter()
            .filter(|(_, sum)| is_habit(sum))
            .map(|(&service, sum)| {
                let name = known.name(service);
                Drift {
                    services: vec![name.to_owned()],
                    what: format!(
                        "{} of the requests that {name} answers with a status of 500 or more have no warning, error or failed span there.",
                        percent(sum.n_silent, sum.n)
                    ),
                    fix: format!("Log a failed answer of {name} as an error and set its span's status to error."),
                    n: sum.n_silent,
                    of: sum.n,
                    sides: vec![
                        side(format!("{name}, failed by its status"), &sum.silent),
                        side("what else it says of the same requests".to_owned(), &sum.others),
                    ],
                    ..Drift::of(DriftKind::Errors)
                }
            })
            .collect()
    }
}
