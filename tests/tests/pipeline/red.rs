//! Golden signals over a workspace: every request of the gateway's access log counts once, under its route.

use model::protocol::{Answer, Ask};
use model::red::{Red, RedAsk, ToldBy};
use model::resources::{Resource, ResourceRow, ResourcesAsk};
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

/// Points of metrics as a reader makes them of scrapes, a minute apart.
fn scraped(service: &str, metric: &str, label: &str, values: [u64; 3]) -> String {
    let point = |(minute, value): (usize, u64)| {
        let time = 1_795_000_000_000_000_000 + minute as i64 * 60_000_000_000;
        format!(
            r#"{{"time":{time},"service":"{service}","metric":{{"name":"{metric}","kind":"counter","value":{value}}},"attributes":{{{label}}}}}"#
        ) + "\n"
    };
    values.into_iter().enumerate().map(point).collect()
}

#[test]
fn resources_are_told_by_the_metrics_in_the_scope() {
    let resources = |workspace: &mut Workspace, query: &str| {
        let ask = ResourcesAsk { filter: filter(query, Order::OldestFirst), n_spans: 2 };
        match workspace.ask(Ask::Resources(ask)) {
            Ok(Answer::Resources(found)) => *found,
            other => panic!("no resources: {other:?}"),
        }
    };
    let mut workspace = with_samples();
    assert_eq!(resources(&mut workspace, "").rows, [], "logs are no metrics");
    let text = [
        scraped("cart", "process_open_fds", r#""pod":"cart-1""#, [10, 20, 20]),
        scraped("cart", "process_max_fds", r#""pod":"cart-1""#, [40, 40, 40]),
        scraped("cart", "container_oom_events_total", r#""pod":"cart-1","container":"cart""#, [1, 1, 4]),
        scraped("pay", "process_open_fds", r#""pod":"pay-1""#, [1, 1, 1]),
        scraped("pay", "process_max_fds", r#""pod":"pay-1""#, [10, 10, 10]),
    ];
    workspace.take_in("metrics.jsonl", &text.concat(), 15);
    workspace.commit();
    let of_cart = resources(&mut workspace, "service:cart metric.kind:*");
    let hundredths = |row: &ResourceRow| (row.measures[0].amount * 100.0).round();
    let told: Vec<_> = of_cart.rows.iter().map(|row| (row.resource, &*row.part, hundredths(row))).collect();
    assert_eq!(told, [(Resource::Memory, "cart", 300.0), (Resource::Files, "", 42.0)]);
    assert!(of_cart.complete && of_cart.n_points == 9 && of_cart.rules.len() > 100);
    // Its instance and its metric lead to their entries.
    let (field, value) = of_cart.rows[1].instance.clone().expect("a pod");
    let n_of = |workspace: &mut Workspace, query: &str| workspace.count(&filter(query, Order::OldestFirst)).n_entries;
    assert_eq!(n_of(&mut workspace, &format!("{field}=={value}")), 9);
    let metric = of_cart.rows[1].measures[0].metric.clone();
    assert_eq!(n_of(&mut workspace, &format!("message=={metric}")), 6);
    assert_eq!(resources(&mut workspace, "metric.kind:*").rows.len(), 3);
}
