//! Small systems whose calls are known, and what must hold for all.

use std::rc::Rc;

use model::entry::{RowKey, SourceId};
use model::naming::{Naming, SAID};
use model::severity::Severity;
use model::time::Nanos;
use model::topology::{Method, NodeKind, Topology};
use proptest::prelude::*;

use super::{Gatherer, Sighting};
use crate::format::Formats;

const MILLI: i64 = 1_000_000;

/// Lines `at_ms service text`; a text that begins with `{` is JSON, another has `key=value` pairs.
fn gather<'l>(lines: impl IntoIterator<Item = &'l str>) -> Topology {
    gather_by(&Naming::default(), lines)
}

fn gather_by<'l>(naming: &Naming, lines: impl IntoIterator<Item = &'l str>) -> Topology {
    let formats = Formats::builtin_of(&["json", "logfmt"]);
    let mut gatherer = Gatherer::default();
    gatherer.call_by(&Rc::new(naming.clone()));
    for line in lines {
        let (at, rest) = line.trim().split_once(' ').unwrap();
        let (service, text) = rest.split_once(' ').unwrap();
        let at: i64 = at.parse().unwrap();
        let id = formats.id(if text.starts_with('{') { "json" } else { "logfmt" });
        let severity = if text.contains("level=error") { Severity::ERROR } else { Severity::INFO };
        let source = SourceId(service.bytes().map(u32::from).sum());
        let key = RowKey { time: Nanos(at * MILLI), source, entry: at as u64 };
        gatherer.push(Sighting { key, service, severity, parsed: &formats.parse(id, text) });
    }
    gatherer.topology()
}

fn edges(topology: &Topology) -> Vec<(String, String, Method, u64)> {
    let name = |at: u32| topology.nodes[at as usize].name.clone();
    let mut edges: Vec<_> =
        topology.edges.iter().map(|edge| (name(edge.from), name(edge.to), edge.methods[0].0, edge.calls)).collect();
    edges.sort();
    edges
}

fn check(lines: &str, expected: &[(&str, &str, Method, u64)]) {
    let found = edges(&gather(lines.trim().lines()));
    let found: Vec<_> = found.iter().map(|(from, to, method, calls)| (&**from, &**to, *method, *calls)).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_narrowest_around_is_the_caller() {
    check(
        "10 web msg=begin trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000001
         20 shop msg=begin trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000002
         30 stock msg=read trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000003
         40 shop msg=end trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000002
         50 web msg=end trace_id=7f3a9b21c4d5e6f0 span_id=aa00000000000001",
        &[("shop", "stock", Method::Within, 1), ("web", "shop", Method::Within, 1)],
    );
}

#[test]
fn an_id_is_one_in_every_notation() {
    for (spans, header) in [
        ("00000000000000005af7183fb1d4cf5f", r#""uber-trace-id":"5af7183fb1d4cf5f:af:f067aa0ba902b7:1""#),
        (
            "67891233abcdef012345678912345678",
            r#""x-amzn-trace-id":"Root=1-67891233-abcdef012345678912345678;Parent=00000000000000af","parent_span_id":"00f067aa0ba902b7""#,
        ),
    ] {
        let web = format!(r#"10 web {{"msg":"get","trace_id":"{spans}","span_id":"00f067aa0ba902b7"}}"#);
        let shop = format!(r#"20 shop {{"msg":"read",{header}}}"#);
        let found = edges(&gather([&*web, &*shop]));
        assert_eq!(found, [("web".to_owned(), "shop".to_owned(), Method::ParentId, 1_u64)], "{header}");
    }
}

#[test]
fn a_trace_that_some_know_by_half_is_one() {
    let span = |at: u8, service: &str, trace: &str, ids: &str| {
        format!(r#"{at} {service} {{"msg":"get","span.kind":"server","trace_id":"{trace}",{ids}}}"#)
    };
    let half = "00f067aa0ba902b7";
    let web = |upper: &str| span(10, "web", &format!("{upper}{half}"), r#""span_id":"aa00000000000001""#);
    let cart = span(20, "cart", half, r#""span_id":"aa00000000000002","parent_span_id":"aa00000000000001""#);
    let (one, other) = (web("5af7183fb1d4cf5f"), web("6af7183fb1d4cf5f"));
    let called = [("web".to_owned(), "cart".to_owned(), Method::Spans, 1_u64)];
    for lines in [[&*one, &*cart], [&*cart, &*one]] {
        let found = gather(lines);
        assert_eq!((edges(&found).as_slice(), found.n_traces), (&called[..], 1));
    }
    // Of two that have the same half nobody knows which it is.
    let found = gather([&*one, &*other, &*cart]);
    assert_eq!((edges(&found).len(), found.n_traces), (0, 3));
}

#[test]
fn a_number_in_a_service_name_that_is_said_is_of_the_name() {
    let span =
        |service: &str| format!(r#"10 {service} {{"msg":"get","span.kind":"server","trace_id":"7f3a9b21c4d5e6f0"}}"#);
    let (shard, replica) = (span("shard-3"), span("shard-4").replace(r#""span.kind":"server","#, ""));
    let names = |lines: [&str; 2]| gather(lines).nodes.into_iter().map(|node| node.name).collect::<Vec<_>>();
    assert_eq!(names([&shard, &replica]), ["shard", "shard-3"]);
    assert_eq!(names([&replica, &shard]), ["shard", "shard-3"]);
}

#[test]
fn a_parent_id_in_a_log_says_who_called() {
    check(
        r#"10 cart {"msg":"read","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000002","parent_span_id":"aa00000000000001"}
           20 shop {"msg":"done","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000001"}"#,
        &[("shop", "cart", Method::ParentId, 1)],
    );
}

#[test]
fn spans_are_believed_and_the_order_of_logs_beside_them_is_not_asked() {
    let topology = gather([
        r#"10 web {"span":{"kind":"client","duration_ms":50},"msg":"GET","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000001"}"#,
        r#"20 shop {"span":{"kind":"server","duration_ms":20},"msg":"GET","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000002","parent_span_id":"aa00000000000001"}"#,
        r#"25 shop {"span":{"kind":"client","duration_ms":5},"msg":"read","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000003","parent_span_id":"aa00000000000002","attributes":{"db.system":"mysql","db.name":"orders"}}"#,
        "30 web msg=late trace_id=7f3a9b21c4d5e6f0",
    ]);
    let expected = [
        ("shop".to_owned(), "orders".to_owned(), Method::Spans, 1),
        ("web".to_owned(), "shop".to_owned(), Method::Spans, 1),
    ];
    assert_eq!(edges(&topology), expected);
    let database = topology.nodes.iter().find(|node| node.name == "orders").unwrap();
    assert_eq!(database.kind, NodeKind::Database);
    assert!(topology.edges.iter().all(|edge| edge.durations.is_some() && !edge.evidence.is_empty()));
}

#[test]
fn databases_of_one_name_are_one_if_they_are_of_one_system() {
    let names = |spans: &[&str]| {
        let line = |(at, attributes): (usize, &&str)| {
            let ids = format!(r#""trace_id":"7f3a9b21c4d5e6f0","span_id":"aa0000000000000{at}""#);
            format!(
                r#"{at} shop {{"span":{{"kind":"client","duration_ms":5}},"msg":"read",{ids},"attributes":{{{attributes}}}}}"#
            )
        };
        let lines: Vec<String> = spans.iter().enumerate().map(line).collect();
        let topology = gather(lines.iter().map(String::as_str));
        topology
            .nodes
            .into_iter()
            .map(|node| (node.name, node.named_by))
            .filter(|(name, _)| name != "shop")
            .collect::<Vec<_>>()
    };
    let only_names = |spans: &[&str]| names(spans).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let (pg, my) = (
        r#""db.system":"postgresql","db.namespace":"users","server.address":"pg-1""#,
        r#""db.system":"mysql","db.namespace":"users","server.address":"my-2""#,
    );
    assert_eq!(only_names(&[pg, my]), ["users (mysql)", "users (postgresql)"]);
    // By two addresses, and by the attributes of before.
    let before = r#""db.system":"postgresql","db.name":"users","net.peer.name":"10.0.0.7""#;
    let named_by = [("attributes.db.system", "postgresql"), ("attributes.db.name", "users")];
    let named_by = named_by.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec();
    assert_eq!(names(&[pg, before]), [("users".to_owned(), named_by)]);
    // What has no name of its own is told by its address.
    let redis = |address: &str| format!(r#""db.system.name":"redis","db.namespace":"0","server.address":"{address}""#);
    assert_eq!(only_names(&[redis("cache-1").as_str(), redis("cache-1").as_str()]), ["redis"]);
    assert_eq!(
        only_names(&[redis("cache-1").as_str(), redis("cache-2").as_str()]),
        ["redis (cache-1)", "redis (cache-2)"]
    );
}

#[test]
fn what_goes_through_a_queue_is_drawn_through_it() {
    let span = |at: u32, service: &str, kind: &str, more: &str| {
        format!(
            r#"{at} {service} {{"span":{{"kind":"{kind}","duration_ms":1}},"msg":"orders","trace_id":"7f3a9b21c4d5e6f0",{more},"attributes":{{"messaging.system":"kafka","messaging.destination.name":"orders"}}}}"#
        )
    };
    let published = span(10, "shop", "producer", r#""span_id":"aa00000000000001""#);
    let taken = |more: &str| span(30, "mail", "consumer", &format!(r#""span_id":"aa00000000000002"{more}"#));
    let through = [("orders", "mail", Method::Spans, 1), ("shop", "orders", Method::Spans, 1)];
    let by_parent = taken(r#","parent_span_id":"aa00000000000001""#);
    check(&format!("{published}\n{by_parent}"), &through);
    check(&format!("{published}\n{}", taken("")), &through);
    // Whoever published is the child of the parent, or says nothing.
    let order = r#"5 shop {"span":{"kind":"server","duration_ms":50},"msg":"POST","trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000003"}"#;
    let of_order = taken(r#","parent_span_id":"aa00000000000003""#);
    check(&format!("{order}\n{published}\n{of_order}"), &through);
    check(&format!("{order}\n{of_order}"), &through);
    // Only whoever published names it.
    let unnamed = by_parent.split_once(r#","attributes""#).map_or("", |(before, _)| before);
    check(&format!("{published}\n{unnamed}}}"), &through);
    // In a trace of its own, with a link to whoever published.
    let of_that = r#","links":[{"trace_id":"7f3a9b21c4d5e6f0","span_id":"aa00000000000001"}]"#;
    let linked = taken(of_that).replacen("7f3a9b21c4d5e6f0", "7f3a9b21c4d5e6f1", 1);
    check(&format!("{published}\n{linked}"), &through);
    // An exchange hands on to a queue.
    let queue = by_parent.replace("\"orders\"}}", "\"letters\"}}");
    check(
        &format!("{published}\n{queue}"),
        &[
            ("letters", "mail", Method::Spans, 1),
            ("orders", "letters", Method::Spans, 1),
            ("shop", "orders", Method::Spans, 1),
        ],
    );
}

#[test]
fn a_link_to_a_span_of_another_trace_says_who_called() {
    let span = |at: u32, service: &str, kind: &str, trace: u32, more: &str| {
        format!(
            r#"{at} {service} {{"span":{{"kind":"{kind}","duration_ms":7}},"msg":"x","trace_id":"7f3a9b21c4d5e6f{trace}"{more}}}"#
        )
    };
    let published = span(10, "shop", "producer", 1, r#","span_id":"aa00000000000001""#);
    let of_that = r#""links":[{"trace_id":"7f3a9b21c4d5e6f1","span_id":"AA00000000000001"}]"#;
    let taken = span(30, "mail", "consumer", 2, &format!(r#","span_id":"aa00000000000002",{of_that}"#));
    for lines in [[&published, &taken], [&taken, &published]] {
        let topology = gather(lines.map(String::as_str));
        assert_eq!(edges(&topology), [("shop".to_owned(), "mail".to_owned(), Method::Spans, 1)]);
        assert_eq!(topology.edges[0].durations.map(|of| of.p50 / MILLI), Some(7));
        assert_eq!(topology.edges[0].evidence.len(), 2);
    }
    // What leaves a service is called by nobody, and one that names its parent is not called twice.
    let left = span(30, "mail", "producer", 2, &format!(r#","span_id":"aa00000000000002",{of_that}"#));
    check(&format!("{published}\n{left}"), &[]);
    let of_parent = format!(r#","span_id":"aa00000000000002","parent_span_id":"aa00000000000001",{of_that}"#);
    let child = span(30, "mail", "consumer", 1, &of_parent);
    check(&format!("{published}\n{child}"), &[("shop", "mail", Method::Spans, 1)]);
}

#[test]
fn links_lead_to_a_trace_that_some_know_by_half_by_either_id() {
    let span = |at: u32, service: &str, kind: &str, trace: &str, id: u32, more: &str| {
        format!(
            r#"{at} {service} {{"span":{{"kind":"{kind}","duration_ms":7}},"msg":"x","trace_id":"{trace}","span_id":"aa0000000000000{id}"{more}}}"#
        )
    };
    let (whole, half) = ("5af7183fb1d4cf5f00f067aa0ba902b7", "00f067aa0ba902b7");
    let web = span(10, "web", "server", whole, 3, "");
    let published = span(20, "shop", "producer", half, 1, "");
    for linked in [whole, half] {
        let of_that = format!(r#","links":[{{"trace_id":"{linked}","span_id":"aa00000000000001"}}]"#);
        let taken = span(40, "mail", "consumer", "7f3a9b21c4d5e6f2", 2, &of_that);
        check(&format!("{web}\n{published}\n{taken}"), &[("shop", "mail", Method::Spans, 1)]);
    }
}

#[test]
fn spans_beside_logs_take_no_edges_away() {
    let mut logs = String::new();
    let mut spans = String::new();
    for n in 1..=3 {
        let (at, trace) = (n * 1000, format!("7f3a9b21c4d5e6{n:02}"));
        for (after, service) in [(0, "web"), (10, "shop"), (30, "mail"), (50, "mail"), (90, "shop"), (100, "web")] {
            let what = if after < 40 { "begin" } else { "end" };
            logs += &format!("{} {service} msg={what} trace_id={trace}\n", at + after);
        }
        spans += &format!(
            r#"{at} web {{"span":{{"kind":"client","duration_ms":100}},"msg":"GET","trace_id":"{trace}","span_id":"aa00000000000001"}}"#
        );
        spans += &format!(
            "\n{} shop {}\n",
            at + 9,
            format_args!(
                r#"{{"span":{{"kind":"server","duration_ms":82}},"msg":"GET","trace_id":"{trace}","span_id":"aa00000000000002","parent_span_id":"aa00000000000001"}}"#
            )
        );
    }
    check(&logs, &[("shop", "mail", Method::Within, 3), ("web", "shop", Method::Within, 3)]);
    check(&(logs + &spans), &[("shop", "mail", Method::Within, 3), ("web", "shop", Method::Spans, 3)]);
    // The shop writes no log: its spans lie around the mail all the same.
    let of_mail = "1000 web msg=begin trace_id=7f3a9b21c4d5e601
        1030 mail msg=begin trace_id=7f3a9b21c4d5e601
        1100 web msg=end trace_id=7f3a9b21c4d5e601\n";
    let spans: Vec<&str> = spans.lines().take(2).collect();
    check(
        &(of_mail.to_owned() + &spans.join("\n")),
        &[("shop", "mail", Method::Within, 1), ("web", "shop", Method::Spans, 1)],
    );
}

#[test]
fn names_in_fields_and_topics_need_no_trace() {
    check(
        "10 shop msg=\"call finished\" peer=stock:9090 duration_ms=2
         20 stock msg=served
         30 shop msg=\"message published\" topic=orders
         40 mailer msg=\"received order from queue orders\"",
        &[("shop", "mailer", Method::Topic, 1), ("shop", "stock", Method::Named, 1)],
    );
}

#[test]
fn ordinary_words_and_addresses_in_sentences_are_nobody_that_is_called() {
    check(
        r#"10 orders {"msg":"order stored","target":"hyper"}
           20 orders {"msg":"parcel routed","destination":"Berlin"}
           30 orders {"msg":"deprecated, see https://docs.jboss.org/hibernate for details"}
           40 orders {"msg":"passed on","upstream":"stock"}
           50 orders {"msg":"passed on","upstream":"mail.shop.svc"}
           60 orders {"msg":"call to https://api.stripe.com/v1"}
           70 stock msg=served"#,
        &[
            ("orders", "api.stripe.com", Method::Named, 1),
            ("orders", "mail", Method::Named, 1),
            ("orders", "stock", Method::Named, 1),
        ],
    );
}

#[test]
fn what_comes_after_is_of_the_operation_that_always_has_it() {
    // `mail` follows `order`, whatever else was done before it.
    let mut lines = String::new();
    for n in 0..6 {
        let trace = format!("trace_id=7f3a9b21c4d5e6{n:02}");
        let at = n * 1000;
        lines += &format!("{} order msg=begin {trace} span_id=aa00000000000001\n", at + 10);
        lines += &format!("{} pay msg=charge {trace} span_id=aa00000000000002\n", at + 20);
        lines += &format!("{} order msg=end {trace} span_id=aa00000000000001\n", at + 30);
        lines += &format!("{} mail msg=sent {trace} span_id=aa00000000000003\n", at + 50);
    }
    check(&lines, &[("order", "mail", Method::After, 6), ("order", "pay", Method::Within, 6)]);
}

#[test]
fn one_service_with_two_names_is_one_node() {
    let topology = gather([
        "10 payment msg=ready",
        "20 payment msg=ready",
        "30 shop msg=\"call finished\" peer=payment-svc-v2:8080",
    ]);
    let names: Vec<&str> = topology.nodes.iter().map(|node| &*node.name).collect();
    assert_eq!(names, ["payment", "shop"]);
}

#[test]
fn metrics_that_name_no_service_are_none_whatever_their_file_is_called() {
    let formats = Formats::builtin_of(&["metric"]);
    let nodes = |label: &str| {
        let text = format!(r#"{{"time":1,"metric":{{"name":"up","kind":"gauge","value":1}}{label}}}"#);
        let parsed = formats.parse(formats.id("metric"), &text);
        assert!(super::sighting::is_point(&parsed));
        let mut gatherer = Gatherer::default();
        let service = parsed.service.as_deref().unwrap_or("prom");
        gatherer.push(Sighting { key: RowKey::default(), service, severity: Severity::INFO, parsed: &parsed });
        let topology = gatherer.topology();
        (topology.n_entries, topology.nodes.into_iter().map(|node| node.name).collect::<Vec<_>>())
    };
    assert_eq!(nodes(""), (1, Vec::new()));
    assert_eq!(nodes(r#","service":"cart""#), (1, vec!["cart".to_owned()]));
}

#[test]
fn what_the_user_says_of_names_goes_before_the_rules() {
    let lines = [
        "10 payment msg=ready",
        "20 payment-svc-v2 msg=ready",
        "25 till-5c67c48447-fj8b7 msg=ready",
        "30 shop msg=\"call finished\" peer=till:8080",
        "40 payment-svc-v2 msg=\"call finished\" peer=cashier:8080",
    ];
    let mut naming = Naming::default();
    naming.join(["till", "cashier"], "payment");
    naming.part("payment-svc-v2");
    let topology = gather_by(&naming, lines);
    let names: Vec<&str> = topology.nodes.iter().map(|node| &*node.name).collect();
    assert_eq!(names, ["payment", "payment-svc-v2", "shop"]);
    let expected = [("payment-svc-v2", "payment"), ("shop", "payment")];
    let found = edges(&topology);
    assert_eq!(found.iter().map(|(from, to, ..)| (&**from, &**to)).collect::<Vec<_>>(), expected);
    let rules: Vec<(&str, &str)> = topology.nodes[0].aliases.iter().map(|alias| (&*alias.name, &*alias.rule)).collect();
    assert_eq!(rules, [("till", SAID), ("till-5c67c48447-fj8b7", "pod of a deployment")]);
}

#[test]
fn services_that_the_user_joins_are_called_as_often_as_both_were() {
    let mut lines = String::new();
    for n in 1..=12 {
        let (at, trace) = (n * 1_000, format!("trace_id=7f3a9b21c4d5e6{n:02}"));
        lines += &format!("{} web msg=begin {trace}\n", at + 10);
        lines += &format!("{} till msg=opened {trace}\n", at + 20);
        lines += &format!("{} till msg=closed {trace}\n", at + 30);
        lines += &format!("{} stock msg=read {trace}\n", at + 40);
        lines += &format!("{} web msg=\"call finished\" peer=stock:80 {trace}\n", at + 50);
        lines += &format!("{} web msg=end {trace}\n", at + 60);
    }
    let lines: Vec<&str> = lines.lines().collect();
    let calls = |naming: &Naming| {
        let topology = gather_by(naming, lines.iter().copied());
        let name = |at: u32| topology.nodes[at as usize].name.clone();
        let mut calls: Vec<_> =
            topology.edges.iter().map(|edge| (name(edge.from), name(edge.to), edge.calls)).collect();
        calls.sort();
        (calls, topology.nodes.iter().map(|node| node.n_entries).sum::<u64>())
    };
    let edge = |to: &str, n| ("web".to_owned(), to.to_owned(), n);
    assert_eq!(calls(&Naming::default()), (vec![edge("stock", 12), edge("till", 12)], 72));
    let mut naming = Naming::default();
    naming.join(["till"], "stock");
    assert_eq!(calls(&naming), (vec![edge("stock", 24)], 72));
}

#[test]
fn a_clock_that_is_behind_is_put_right_before_the_order_of_entries_tells_anything() {
    let mut lines = String::new();
    for n in 1..=30 {
        let (at, trace) = (n * 10_000, format!("trace_id=7f3a9b21c4d5e6{n:02}"));
        lines += &format!("{} web msg=begin {trace}\n", at + 3);
        // Four seconds behind.
        lines += &format!("{} shop msg=begin {trace}\n", at + 30 - 4_000);
        lines += &format!("{} stock msg=read {trace}\n", at + 50);
        lines += &format!("{} shop msg=end {trace}\n", at + 90 - 4_000);
        lines += &format!("{} web msg=\"call finished\" peer=shop:80 duration_ms=80 {trace}\n", at + 101);
    }
    check(&lines, &[("shop", "stock", Method::Within, 30), ("web", "shop", Method::Named, 30)]);
}

#[test]
fn stamps_of_whole_seconds_put_nobody_into_the_calls_of_others() {
    let mut lines = String::new();
    for n in 1..=12 {
        let (at, trace) = (n * 10_000, format!("trace_id=7f3a9b21c4d5e6{n:02}"));
        lines += &format!("{} shop msg=begin {trace}\n", at - 200);
        lines += &format!("{} pay msg=begin {trace}\n", at - 100);
        // Written 320 ms later.
        lines += &format!("{at} mail msg=\"received order from queue orders\" {trace}\n");
        lines += &format!("{} pay msg=end {trace}\n", at + 100);
        lines += &format!("{} shop msg=\"message published\" topic=orders {trace}\n", at + 310);
    }
    check(&lines, &[("shop", "mail", Method::Topic, 12), ("shop", "pay", Method::Within, 12)]);
}

#[test]
fn errors_of_the_callee_are_errors_of_the_edge() {
    let topology = gather([
        "10 web msg=begin trace_id=7f3a9b21c4d5e6f0",
        "20 shop msg=lost level=error trace_id=7f3a9b21c4d5e6f0",
        "30 web msg=end trace_id=7f3a9b21c4d5e6f0",
    ]);
    assert_eq!((topology.edges[0].calls, topology.edges[0].n_errors), (1, 1));
}

fn some_line() -> impl Strategy<Value = String> {
    let id = (0..4u8).prop_map(|n| format!("7f3a9b21c4d5e6{n:02x}"));
    let span = (0..6u8).prop_map(|n| format!("aa000000000000{n:02x}"));
    (0..200i64, 0..5usize, id, span.clone(), span, 0..6u8).prop_map(|(at, service, trace, span, parent, kind)| {
        let service = ["web", "shop", "stock", "shop-svc", "mail"][service];
        let text = match kind {
            0 => format!("msg=a trace_id={trace}"),
            1 => format!("msg=b trace_id={trace} span_id={span}"),
            2 => format!(
                r#"{{"msg":"c","trace_id":"{trace}","span_id":"{span}","parent_span_id":"{parent}","duration_ms":7}}"#
            ),
            3 => format!("msg=d peer={service}:80 trace_id={trace}"),
            4 => "msg=\"published x\" topic=t".to_owned(),
            _ => format!(
                r#"{{"span":{{"kind":"client","duration_ms":9}},"msg":"e","trace_id":"{trace}","span_id":"{span}"}}"#
            ),
        };
        format!("{at} {service} {text}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_reading_changes_nothing(lines in proptest::collection::vec(some_line(), 0..40), turn: prop::sample::Index) {
        let lines: std::collections::BTreeSet<String> = lines.into_iter().collect();
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let expected = gather(lines.iter().copied());
        let middle = if lines.is_empty() { 0 } else { turn.index(lines.len()) };
        lines.rotate_left(middle);
        lines.reverse();
        prop_assert_eq!(&gather(lines), &expected);
        for edge in &expected.edges {
            prop_assert!(edge.from != edge.to && edge.calls > 0 && !edge.evidence.is_empty());
            prop_assert!((0.0..=1.0).contains(&edge.confidence));
        }
    }
}
