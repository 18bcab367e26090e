//! Golden signals over a workspace: every request of the gateway's access log counts once, under its route.

use model::protocol::{Answer, Ask};
use model::red::{Red, RedAsk, ToldBy};
use model::scope::{Filter, Order};

use crate::incidents::with_samples;
use crate::workspace::{Workspace, filter};

fn red(workspace: &mut Workspace, filter: Filter) -> Red {
    match workspace.ask(Ask::Red(RedAsk { filter, n_spans: 30 })) {
        Ok(Answer::Red(found)) => *found,
        other => panic!("no golden signals: {other:?}"),
    }
}

#[test]
fn each_request_of_the_gateway_counts_once_and_failed_ones_as_errors() {
    let mut workspace = with_samples();
    let requests = "source:gateway-access.log status:*";
    let n_requests = workspace.count(&filter(requests, Order::OldestFirst)).n_entries;
    let n_errors = workspace.count(&filter(&format!("{requests} status>=500"), Order::OldestFirst)).n_entries;
    assert!(n_requests > 1000 && n_errors > 0, "{n_errors} of {n_requests}");
    let found = red(&mut workspace, filter("source:gateway-access.log", Order::OldestFirst));
    assert_eq!((found.n_requests, found.complete), (n_requests, true));
    assert_eq!(found.routes.iter().map(|route| route.n_errors).sum::<u64>(), n_errors);
    assert!(found.routes.iter().all(|route| route.told_by == ToldBy::AccessLog));
    assert!(
        found.routes.len() < 40,
        "paths are generalised: {:?}",
        found.routes.iter().map(|r| &r.route).collect::<Vec<_>>()
    );
    assert!(found.routes.iter().any(|route| route.route == "GET /products/{id}"));
    for route in &found.routes {
        let (n, n_errors) = route.course.iter().fold((0, 0), |sum, span| (sum.0 + span.0, sum.1 + span.1));
        assert_eq!((u64::from(n), u64::from(n_errors)), (route.n_requests, route.n_errors), "{}", route.route);
    }
    let [gateway] = &found.services[..] else { panic!("one service: {:?}", found.services) };
    assert_eq!((gateway.n_requests, gateway.n_errors), (n_requests, n_errors));
    assert_eq!(red(&mut Workspace::in_memory(), Filter::default()).routes, []);
}
