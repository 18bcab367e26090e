//! Each rule by its sample, and what scrapes of a few programs say.

use model::entry::RowKey;
use model::resources::Sign;
use model::severity::Severity;
use serde::Deserialize;

use super::*;
use crate::format::Formats;
use crate::signals::exposition::Transcoder;

#[derive(Deserialize)]
struct File {
    rule: Vec<Sampled>,
}

#[derive(Deserialize)]
struct Sampled {
    formula: String,
    points: Vec<String>,
    amount: f64,
}

const SECOND: i64 = 1_000_000_000;
/// Seconds and milliseconds are told apart by how many there are.
const START: i64 = 1_795_000_000;

/// Scrapes as a file has them: `seconds series value` each, every list a file.
fn resources_of(files: &[&[&str]]) -> Resources {
    let formats = Formats::builtin_of(&["metric"]);
    let range = TimeRange { start: Nanos(START * SECOND), end: Nanos((START + 60) * SECOND) };
    let mut counts = [(); 2].map(|()| ResourceCount::new(Some(range), 2));
    let mut lines: Vec<(u32, String)> = Vec::new();
    for (file, points) in (1..).zip(files) {
        let mut text = Vec::new();
        let mut transcoder = Transcoder::new(Nanos(0));
        for point in *points {
            let (second, sample) = point.split_once(' ').unwrap();
            let stamped = format!("{sample} {}\n", (START + second.parse::<i64>().unwrap()) * 1000);
            transcoder.push(stamped.as_bytes(), &mut |lines| text.extend_from_slice(lines));
        }
        transcoder.finish(&mut |lines| text.extend_from_slice(lines));
        lines.extend(String::from_utf8(text).unwrap().lines().map(|line| (file, line.to_owned())));
    }
    // In any order the same.
    for (count, is_backward) in counts.iter_mut().zip([false, true]) {
        let mut order: Vec<usize> = (0..lines.len()).collect();
        if is_backward {
            order.reverse();
        }
        for at in order {
            let (file, line) = &lines[at];
            let parsed = formats.parse(formats.id("metric"), line);
            let time = serde_json::from_str::<serde_json::Value>(line).unwrap()["time"].as_i64().unwrap();
            let key = RowKey { time: Nanos(time), source: SourceId(*file), entry: at as u64 };
            count.push(Sighting { key, service: "shop", severity: Severity::INFO, parsed: &parsed });
        }
    }
    let [forward, backward] = counts.map(|count| count.resources());
    assert_eq!(forward, backward);
    forward
}

/// `resource part sign amount`, rounded.
fn told(resources: &Resources) -> Vec<String> {
    let of_row = |row: &ResourceRow| {
        let place = format!("{:?} {}", row.resource, row.part);
        let measure = |measure: &Measure| {
            let amount = (measure.amount * 1000.0).round() / 1000.0;
            format!("{} {:?} {amount}", place.trim_end(), measure.sign)
        };
        row.measures.iter().map(measure).collect::<Vec<_>>()
    };
    resources.rows.iter().flat_map(of_row).collect()
}

#[test]
fn every_rule_makes_of_its_sample_what_it_says() {
    let file: File = toml::from_str(include_str!("../../resources.toml")).unwrap();
    let rules = Rules::shipped();
    assert_eq!(file.rule.len(), rules.rules.len());
    for (at, sampled) in file.rule.iter().enumerate() {
        let points: Vec<&str> = sampled.points.iter().map(String::as_str).collect();
        let resources = resources_of(&[&points]);
        let measures: Vec<&Measure> = resources.rows.iter().flat_map(|row| &row.measures).collect();
        let own = measures.iter().find(|measure| measure.rule as usize == at);
        let Some(own) = own else { panic!("{}: {measures:#?}", sampled.formula) };
        assert!((own.amount - sampled.amount).abs() < 1e-6, "{}: {own:#?}", sampled.formula);
    }
}

#[test]
fn a_machine_is_told_by_its_cpu_memory_disks_and_network() {
    let told = told(&resources_of(&[&[
        r#"0 node_cpu_seconds_total{cpu="0",mode="idle"} 100"#,
        r#"0 node_cpu_seconds_total{cpu="0",mode="user"} 100"#,
        r#"60 node_cpu_seconds_total{cpu="0",mode="idle"} 106"#,
        r#"60 node_cpu_seconds_total{cpu="0",mode="user"} 154"#,
        "60 node_load1 3",
        "0 node_memory_MemAvailable_bytes 20",
        "0 node_memory_MemTotal_bytes 100",
        "0 node_vmstat_oom_kill 4",
        "60 node_vmstat_oom_kill 5",
        r#"0 node_disk_io_time_seconds_total{device="sda"} 0"#,
        r#"60 node_disk_io_time_seconds_total{device="sda"} 30"#,
        r#"0 node_disk_io_time_seconds_total{device="sdb"} 0"#,
        r#"60 node_disk_io_time_seconds_total{device="sdb"} 6"#,
        r#"0 node_network_receive_errs_total{device="eth0"} 7"#,
        r#"60 node_network_receive_errs_total{device="eth0"} 7"#,
    ]]));
    assert_eq!(
        told,
        [
            "Cpu Utilisation 0.9",
            "Cpu Saturation 3",
            "Memory Utilisation 0.8",
            "Memory Errors 1",
            "Disk sda Utilisation 0.5",
            "Disk sdb Utilisation 0.1",
            "Network eth0 Errors 0"
        ]
    );
}

#[test]
fn a_course_tells_when_it_was() {
    let resources = resources_of(&[&[
        "0 process_open_fds 10",
        "30 process_open_fds 90",
        "60 process_open_fds 90",
        "0 process_max_fds 100",
    ]]);
    let [row] = &resources.rows[..] else { panic!("{resources:#?}") };
    let [measure] = &row.measures[..] else { panic!("{row:#?}") };
    let course: Vec<Option<i32>> = measure.course.iter().map(|span| span.map(|share| (share * 100.0) as i32)).collect();
    assert_eq!(
        (course, measure.sign, measure.metric.as_str()),
        (vec![Some(10), Some(90)], Sign::Utilisation, "process_open_fds")
    );
    assert!((measure.most - 0.9).abs() < 1e-6);
}

#[test]
fn without_a_limit_nothing_is_measured_by_it() {
    let resources = resources_of(&[&[
        r#"0 container_memory_working_set_bytes{container="cart"} 300"#,
        r#"0 container_spec_memory_limit_bytes{container="cart"} 0"#,
        "0 process_open_fds 7",
    ]]);
    assert_eq!(resources.rows, []);
    assert_eq!(resources.n_points, 3);
}

#[test]
fn instances_have_rows_of_their_own_and_lead_to_their_label() {
    let resources = resources_of(&[&[
        r#"0 process_open_fds{instance="a:80",pod="cart-1"} 10"#,
        r#"0 process_max_fds{instance="a:80",pod="cart-1"} 100"#,
        r#"0 process_open_fds{instance="a:80",pod="cart-2"} 20"#,
        r#"0 process_max_fds{instance="a:80",pod="cart-2"} 100"#,
    ]]);
    let instances: Vec<_> = resources.rows.iter().map(|row| row.instance.clone().unwrap()).collect();
    assert_eq!(instances, [("attributes.pod".into(), "cart-1".into()), ("attributes.pod".into(), "cart-2".into())]);
    assert_eq!(told(&resources), ["Files Utilisation 0.1", "Files Utilisation 0.2"]);
}

#[test]
fn files_of_the_same_time_are_of_two_processes_and_others_continue_each_other() {
    let of_two = resources_of(&[
        &["0 node_vmstat_oom_kill 1000", "60 node_vmstat_oom_kill 1001"],
        &["7 node_vmstat_oom_kill 5", "50 node_vmstat_oom_kill 8"],
    ]);
    assert_eq!(told(&of_two), ["Memory Errors 4"]);
    let of_one =
        resources_of(&[&["0 node_vmstat_oom_kill 1"], &["30 node_vmstat_oom_kill 2"], &["60 node_vmstat_oom_kill 5"]]);
    assert_eq!(told(&of_one), ["Memory Errors 4"]);
    let measure = &of_one.rows[0].measures[0];
    assert_eq!((measure.is_since_start, &measure.course[..]), (false, &[Some(1.0), Some(3.0)][..]));
}

#[test]
fn of_one_scrape_totals_are_said_to_be_since_the_start() {
    let resources = resources_of(&[&["0 node_vmstat_oom_kill 4", "0 process_cpu_seconds_total 900"]]);
    assert_eq!(told(&resources), ["Memory Errors 4"]);
    assert!(resources.rows[0].measures[0].is_since_start);
}

#[test]
fn of_two_rules_for_the_same_metric_the_first_that_has_all_it_needs_counts() {
    let with = resources_of(&[&[
        "0 process_cpu_seconds_total 0",
        "60 process_cpu_seconds_total 60",
        "0 go_sched_gomaxprocs_threads 4",
    ]]);
    assert_eq!(told(&with), ["Cpu Utilisation 0.25"]);
    let without = resources_of(&[&["0 process_cpu_seconds_total 0", "60 process_cpu_seconds_total 60"]]);
    assert_eq!(told(&without), ["Cpu Utilisation 1"]);
}

#[test]
fn of_many_points_nothing_is_told_before_all_are_counted() {
    let mut count = ResourceCount::new(None, 1);
    count.n_points = MOST_POINTS_SO_FAR;
    assert!(count.so_far().is_some_and(|so_far| !so_far.complete));
    count.n_points += 1;
    assert_eq!(count.so_far(), None);
    assert!(count.resources().complete);
}

#[test]
fn points_beyond_what_is_kept_are_told() {
    let formats = Formats::builtin_of(&["metric"]);
    let line = r#"{"time":1,"metric":{"name":"node_vmstat_oom_kill","kind":"counter","value":1}}"#;
    let parsed = formats.parse(formats.id("metric"), line);
    let mut count = ResourceCount::new(None, 1);
    count.n_points = MOST_POINTS as u64 - 1;
    for _ in 0..3 {
        count.push(Sighting { key: RowKey::default(), service: "a", severity: Severity::INFO, parsed: &parsed });
    }
    let resources = count.resources();
    assert_eq!((resources.n_points_left_out, resources.rows.len()), (2, 1));
}
