//! Incidents over a workspace: the same evidence as from the files, with numbers once field columns are made.

use analysis::sample::Samples;
use model::incident::{ClusterBy, Clusters, Detector, Evidence, Incidents, Lack};
use model::naming::Naming;
use model::protocol::{Answer, Ask, ClustersAsk, IncidentsAsk};
use model::quantity::Unit;
use model::scope::{Filter, Order};
use model::time::{Nanos, TimeRange};
use model::verdict::Verdict;

use crate::workspace::{Workspace, filter};

pub fn incidents(workspace: &mut Workspace) -> Incidents {
    match workspace.ask(Ask::Incidents(IncidentsAsk::default())) {
        Ok(Answer::Incidents(found)) => *found,
        other => panic!("no incidents: {other:?}"),
    }
}

pub fn with_samples() -> Workspace {
    let mut files = vec![Vec::new(); Samples::paths().len()];
    let mut samples = Samples::new(20_000, 1);
    while let Some((file, bytes)) = samples.next_chunk() {
        files[file].extend(bytes);
    }
    let mut workspace = Workspace::in_memory();
    for (path, bytes) in Samples::paths().into_iter().zip(files) {
        workspace.take_in(path, &String::from_utf8(bytes).unwrap(), 500);
    }
    workspace
}

fn is_about(evidence: &Evidence, service: &str, text: &str) -> bool {
    evidence.service == service && evidence.template.as_ref().is_some_and(|template| template.text.starts_with(text))
}

#[test]
fn the_cause_is_the_first_thing_told_of_the_first_incident() {
    let mut workspace = with_samples();
    let without_numbers = incidents(&mut workspace);
    assert_eq!((without_numbers.n_entries, without_numbers.has_numbers), (20_000, false));
    while workspace.store().make_fields().unwrap().is_some() {}
    workspace.commit();
    let found = incidents(&mut workspace);
    assert!(found.has_numbers);
    for found in [&without_numbers, &found] {
        let first = &found.incidents[0];
        assert_eq!(first.evidence[first.headline].service, "inventory");
        assert!(is_about(&first.evidence[0], "inventory", "applying schema migration"), "{:#?}", first.evidence);
    }
    let slower = |evidence: &&Evidence| evidence.detector == Detector::Value && evidence.subject == "duration_ms";
    assert!(found.incidents[0].evidence.iter().any(|evidence| slower(&evidence)), "{:#?}", found.incidents[0].evidence);
    assert_eq!(incidents(&mut workspace), found);
}

#[test]
fn evidence_leads_to_exactly_the_entries_it_counts() {
    let mut workspace = with_samples();
    let found = incidents(&mut workspace);
    let all = &found.incidents[0].evidence;
    // What is unusual at once begins with its first entry.
    let at_once = |evidence: &&Evidence| {
        matches!(evidence.detector, Detector::Burst | Detector::New | Detector::Rare) && evidence.usual == 0.0
    };
    let exact: Vec<&Evidence> = all.iter().filter(at_once).collect();
    assert!(exact.len() >= 3, "{all:#?}");
    for evidence in exact {
        let id = &evidence.template.as_ref().unwrap().id;
        let query = format!("service=={} template=={id}", evidence.service);
        let filter = Filter { range: Some(evidence.time), ..filter(&query, Order::OldestFirst) };
        assert_eq!(workspace.count(&filter).n_entries as f64, evidence.seen, "{evidence:#?}");
    }
}

#[test]
fn windows_are_clustered_as_near_as_is_asked_for() {
    let mut workspace = with_samples();
    let map = incidents(&mut workspace).map;
    assert_eq!(map.points.len(), map.n_entries.len());
    let mut clusters = |by: ClusterBy, reach: f32| {
        let ask = ClustersAsk { points: map.points.clone(), by, reach };
        match workspace.ask(Ask::Clusters(ask)) {
            Ok(Answer::Clusters(clusters)) => clusters,
            other => panic!("no clusters: {other:?}"),
        }
    };
    let n_alone = |clusters: &Clusters| clusters.of.iter().filter(|cluster| cluster.is_none()).count();
    assert_eq!(clusters(ClusterBy::Crowds, map.reach), map.clusters);
    assert!(n_alone(&clusters(ClusterBy::Crowds, 0.0)) > map.points.len() / 2);
    assert!(clusters(ClusterBy::Crowds, 1e9).of.iter().all(|cluster| *cluster == Some(0)));
    let usual = n_alone(&clusters(ClusterBy::Kinds, map.kind_reach));
    assert!((1..map.points.len() / 4).contains(&usual), "{usual} windows are of no usual kind");
    assert!(n_alone(&clusters(ClusterBy::Kinds, 0.0)) > map.points.len() / 2);
    assert_eq!(n_alone(&clusters(ClusterBy::Kinds, 1e9)), 0);
}

#[test]
fn a_latency_that_only_a_message_tells_is_found_where_it_shifts() {
    let line = |n: usize| {
        let (hour, minute, second) = (10 + n / 3600, n / 60 % 60, n % 60);
        let took = if (4_000..4_600).contains(&n) { 900 } else { 30 } + n % 7;
        format!("2025-11-20 {hour}:{minute:02}:{second:02} INFO order {n} was written after {took} ms\n")
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("shop.log", &(0..9_000).map(line).collect::<String>(), 200);
    while workspace.store().make_fields().unwrap().is_some() {}
    workspace.commit();
    let found = incidents(&mut workspace);
    let first = &found.incidents[0].evidence[found.incidents[0].headline];
    assert_eq!((first.detector, first.subject.as_str()), (Detector::Value, "var2"), "{first:#?}");
    assert!((0.7..1.0).contains(&first.seen) && (0.02..0.05).contains(&first.usual), "{first:#?}");
    assert_eq!(first.unit, Unit::Seconds);
}

#[test]
fn an_empty_workspace_has_no_incidents() {
    assert_eq!(incidents(&mut Workspace::in_memory()).incidents, []);
}

#[test]
fn nothing_unusual_is_said_only_where_there_was_enough_to_compare() {
    let lack = |query: &str, workspace: &mut Workspace| {
        let filter = filter(query, Order::OldestFirst);
        match workspace.ask(Ask::Incidents(IncidentsAsk { filter, ..IncidentsAsk::default() })) {
            Ok(Answer::Incidents(found)) => found.lack,
            other => panic!("no incidents: {other:?}"),
        }
    };
    assert_eq!(lack("", &mut Workspace::in_memory()), Some(Lack::Times));
    let mut workspace = with_samples();
    assert_eq!(lack("", &mut workspace), None);
    assert_eq!(lack("level>=error", &mut workspace), Some(Lack::OtherThanErrors));
    assert_eq!(lack("\"applying schema migration\"", &mut workspace), Some(Lack::Entries { least: 200 }));
}

#[test]
fn what_was_expected_once_is_expected_after_the_workspace_was_emptied_and_filled_again() {
    let mut workspace = with_samples();
    let first = |workspace: &mut Workspace| incidents(workspace).incidents[0].clone();
    let incident = first(&mut workspace);
    assert_eq!(incident.verdict, None);
    let judge = |workspace: &mut Workspace, verdict| {
        let ask = Ask::Judge { kinds: incident.kinds(), verdict };
        assert_eq!(workspace.ask(ask), Ok(Answer::Accepted));
    };
    judge(&mut workspace, Some(Verdict::Expected));
    workspace.commit();
    assert_eq!(first(&mut workspace).verdict, Some(Verdict::Expected));
    assert!(workspace.store().status().n_verdicts > 0);

    let mut filled_again = with_samples();
    filled_again.store().succeed(workspace.store()).unwrap();
    assert_eq!(first(&mut filled_again).verdict, Some(Verdict::Expected));

    judge(&mut workspace, Some(Verdict::Confirmed));
    assert_eq!(first(&mut workspace).verdict, Some(Verdict::Confirmed));
    judge(&mut workspace, None);
    assert_eq!(first(&mut workspace), incident);
    assert_eq!(workspace.store().status().n_verdicts, 0);
}

#[test]
fn a_verdict_is_applied_to_what_was_found_and_nothing_is_counted_again() {
    let mut workspace = with_samples();
    let ask = || Ask::Incidents(IncidentsAsk::default());
    let n_first = workspace.n_steps(ask());
    let found = incidents(&mut workspace);
    let judge = Ask::Judge { kinds: found.incidents[0].kinds(), verdict: Some(Verdict::Expected) };
    assert_eq!(workspace.ask(judge), Ok(Answer::Accepted));
    workspace.commit();
    let n_again = workspace.n_steps(ask());
    assert!(n_again <= 3 && n_first > 5 * n_again, "{n_first} steps, then {n_again}");
    let again = incidents(&mut workspace);
    assert_eq!(again.incidents[0].verdict, Some(Verdict::Expected));
    assert_eq!(again.map, found.map);
    // Other windows and more entries are others.
    let hourly = IncidentsAsk { window_nanos: Some(3_600_000_000_000), ..IncidentsAsk::default() };
    match workspace.ask(Ask::Incidents(hourly)) {
        Ok(Answer::Incidents(hourly)) => assert_ne!(hourly.windows, found.windows),
        other => panic!("no incidents: {other:?}"),
    }
    workspace.take_in("late.log", "2025-11-20 11:40:00 INFO late\n", 20);
    assert_eq!(incidents(&mut workspace).n_entries, found.n_entries + 1);
}

#[test]
fn what_was_expected_of_a_message_stays_so_when_another_file_makes_its_text_more_general() {
    let line = |n: u32| {
        let (hour, minute, second) = (10 + n / 3600, n / 60 % 60, n % 60);
        let what = if (4_000..4_300).contains(&n) { "ERROR link of eth0 is down" } else { "INFO ready" };
        format!("2025-11-20 {hour}:{minute:02}:{second:02} {what}\n")
    };
    let logs: String = (0..9_000).map(line).collect();
    let mut workspace = Workspace::in_memory();
    workspace.take_in("one.log", &logs, 200);
    workspace.commit();
    let first = |workspace: &mut Workspace| incidents(workspace).incidents[0].clone();
    let incident = first(&mut workspace);
    let ask = Ask::Judge { kinds: incident.kinds(), verdict: Some(Verdict::Expected) };
    assert_eq!(workspace.ask(ask), Ok(Answer::Accepted));
    workspace.commit();

    let mut both = Workspace::in_memory();
    both.take_in("one.log", &logs, 200);
    both.take_in("two.log", "2025-11-20 11:40:00 ERROR link of eth1 is down\n", 20);
    both.commit();
    both.store().succeed(workspace.store()).unwrap();
    let again = first(&mut both);
    assert_ne!(again.kinds(), incident.kinds());
    assert_eq!(again.verdict, Some(Verdict::Expected), "{again:#?}");
    let ask = Ask::Judge { kinds: again.kinds(), verdict: None };
    assert_eq!(both.ask(ask), Ok(Answer::Accepted));
    assert_eq!(first(&mut both).verdict, None);
}

#[test]
fn only_the_entries_of_the_filter_are_looked_at() {
    let mut workspace = with_samples();
    let mut within = |query: &str, range| {
        let filter = Filter { range, ..filter(query, Order::OldestFirst) };
        let n_found = workspace.count(&filter).n_entries;
        match workspace.ask(Ask::Incidents(IncidentsAsk { filter, ..IncidentsAsk::default() })) {
            Ok(Answer::Incidents(found)) if found.n_entries == n_found => *found,
            other => panic!("not the incidents of {n_found} entries: {other:?}"),
        }
    };
    let all = within("", None);
    let time = all.incidents[0].time;
    let of_inventory = within("service:inventory", None);
    assert!(of_inventory.incidents[0].time.start < time.end && time.start < of_inventory.incidents[0].time.end);
    let services =
        of_inventory.incidents.iter().flat_map(|incident| &incident.evidence).map(|evidence| &evidence.service);
    assert!(
        services.clone().count() > 0
            && services.into_iter().all(|service| service == "inventory" || service.is_empty())
    );
    let start = all.windows.start;
    let before = within("", Some(TimeRange { start, end: time.start }));
    assert!(before.windows.begin(before.windows.n as usize) <= Nanos(time.start.0 + before.windows.width_nanos));
    assert!(
        before.incidents.iter().all(|incident| incident.time.end <= Nanos(time.start.0 + before.windows.width_nanos))
    );
}

/// Lines of three services over ten hours, the last of which has another name from the middle on: `till` and then `name`.
fn renamed(name: &str) -> Workspace {
    let mut workspace = Workspace::in_memory();
    let line = |n: usize| {
        let service = match n % 3 {
            0 => "shop",
            1 => "search",
            _ if n < 18_000 => "till",
            _ => name,
        };
        let (hour, minute, second) = (n / 3600, n / 60 % 60, n % 60);
        format!(
            "{{\"time\":\"2025-11-20T{hour:02}:{minute:02}:{second:02}Z\",\"level\":\"info\",\"service\":\"{service}\",\"message\":\"{} done\"}}\n",
            ["page", "query", "charge"][n % 3]
        )
    };
    workspace.take_in("all.json", &(0..36_000).map(line).collect::<String>(), 500);
    workspace
}

#[test]
fn a_service_that_is_renamed_is_no_incident_where_a_rule_or_the_user_makes_the_names_one() {
    let stopped = |found: &Incidents| {
        found.incidents.iter().flat_map(|incident| &incident.evidence).any(|of| of.detector == Detector::Stopped)
    };
    let found = incidents(&mut renamed("till-svc-v2"));
    assert!(!stopped(&found), "{:#?}", found.incidents);
    assert_eq!(found.aliases["till"], ["till", "till-svc-v2"]);

    let mut workspace = renamed("cash");
    assert!(stopped(&incidents(&mut workspace)), "nobody knows that these are one");
    let mut naming = Naming::default();
    naming.join(["till"], "cash");
    assert_eq!(workspace.ask(Ask::SetNaming(naming)), Ok(Answer::Accepted));
    let found = incidents(&mut workspace);
    assert_eq!(found.incidents, []);
    assert_eq!(found.aliases["cash"], ["cash", "till"]);
}

#[test]
fn latencies_that_only_messages_tell_are_found_among_many_others_and_under_a_filter() {
    // 150 services, each with a message of its own that tells how long something took; one is slower for a while.
    let word = |n: usize| format!("{}ob{}", char::from(b'a' + (n % 26) as u8), char::from(b'a' + (n / 26) as u8));
    let line = |n: usize| {
        let service = n * 7 % 150;
        let minute = n / 400;
        let took = if service == 44 && (300..340).contains(&minute) { 900 } else { 30 } + n % 7;
        let (one, two) = (word(service), word(service + 200));
        format!(
            "{{\"time\":\"2025-11-20T{:02}:{:02}:{:02}Z\",\"level\":\"info\",\"service\":\"{one}\",\"message\":\"{one} {two} {} took {took} ms\"}}\n",
            minute / 60,
            minute % 60,
            n % 400 * 60 / 400,
            word(service + 400)
        )
    };
    let mut workspace = Workspace::in_memory();
    workspace.take_in("all.json", &(0..600 * 400).map(line).collect::<String>(), 5_000);
    while workspace.store().make_fields().unwrap().is_some() {}
    workspace.commit();
    let slow = word(44);
    for query in [String::new(), format!("service:{slow}")] {
        let filter = filter(&query, Order::OldestFirst);
        let Ok(Answer::Incidents(found)) =
            workspace.ask(Ask::Incidents(IncidentsAsk { filter, ..IncidentsAsk::default() }))
        else {
            panic!("no incidents")
        };
        let mut evidence = found.incidents.iter().flat_map(|incident| &incident.evidence);
        let told = evidence.find(|of| of.detector == Detector::Value && of.service == slow);
        assert!(told.is_some_and(|of| of.seen > 0.5), "{query}: {:#?}", found.incidents);
    }
}
