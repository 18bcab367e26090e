//! What the sample logs promise.

use model::severity::Band;

use super::*;
use crate::format::Formats;
use crate::read::{Context, Reader};

/// The files' contents.
fn written(n_entries: u64, seed: u64) -> (Vec<String>, Truth) {
    let mut samples = Samples::new(n_entries, seed);
    let mut files = vec![Vec::new(); N_SERVICES];
    while let Some((file, bytes)) = samples.next_chunk() {
        assert!(bytes.ends_with(b"\n"));
        files[file].extend(bytes);
    }
    (files.into_iter().map(|file| String::from_utf8(file).unwrap()).collect(), samples.truth())
}

/// Lines that begin an entry.
fn n_entries(text: &str) -> usize {
    text.lines()
        .filter(|line| !line.starts_with("\tat ") && !line.starts_with("java.") && !line.starts_with("io."))
        .count()
}

#[test]
fn there_are_exactly_as_many_entries_as_asked_for() {
    for n in [0, 1, 10, 20_000] {
        let (files, truth) = written(n, 3);
        assert_eq!(files.iter().map(|file| n_entries(file)).sum::<usize>() as u64, n);
        assert_eq!(truth.n_entries, n);
        for (file, of_file) in files.iter().zip(&truth.files) {
            assert_eq!(n_entries(file) as u64, of_file.n_entries, "{}", of_file.path);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    assert_eq!(written(5000, 1).0, written(5000, 1).0);
    assert_ne!(written(5000, 1).0, written(5000, 2).0);
}

#[test]
fn the_bytes_are_those_of_every_other_machine() {
    let (files, _) = written(2000, 1);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in files.concat().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    expect_test::expect!["f63901f97a6faf9b"].assert_eq(&format!("{hash:016x}"));
}

#[test]
fn every_file_is_in_the_order_of_time_and_the_logs_span_a_day() {
    let (files, truth) = written(50_000, 9);
    for (file, of_file) in files.iter().zip(&truth.files) {
        let stamps: Vec<&str> = match of_file.format {
            "JSON lines" => file.lines().map(|line| &line[9..32]).collect(),
            "logfmt" => file.lines().map(|line| &line[5..31]).collect(),
            "plain text" => file.lines().filter(|line| line.starts_with("2026")).map(|line| &line[..23]).collect(),
            "syslog RFC 5424" => file.lines().map(|line| line.split(' ').nth(1).unwrap()).collect(),
            _ => continue,
        };
        assert!(stamps.is_sorted(), "{}", of_file.path);
        if of_file.service == "storefront" {
            let (first, last) = (stamps[0], stamps[stamps.len() - 1]);
            assert!(first.starts_with("2026-11-19T00:"), "{first}");
            assert!(last.starts_with("2026-11-19T23:") || last.starts_with("2026-11-20T00:"), "{last}");
        }
    }
}

#[test]
fn trouble_begins_with_its_cause_and_spreads_from_there() {
    let (_, truth) = written(200_000, 5);
    let first = |service: &str, template: &str| {
        let found = truth.templates.iter().find(|t| t.service == service && t.template.starts_with(template));
        found.unwrap_or_else(|| panic!("{service}: {template}")).first.clone()
    };
    let order = [
        first("inventory", "schema migration"),
        first("inventory", "slow query"),
        first("inventory", "no database connection"),
        first("checkout", "checkout failed"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    assert!(first("shipping", "Order <*> goes back") > order[1]);
    assert_eq!(order[0][..16], truth.incident.unwrap().start[..16]);
}

#[test]
fn outside_the_incident_nobody_times_out() {
    let (files, truth) = written(100_000, 11);
    let incident = truth.incident.unwrap();
    let all = files.concat();
    for line in all.lines().filter(|line| line.contains("timed out") && line.starts_with("time=")) {
        let stamp = &line[5..31];
        assert!(incident.start.as_str() <= stamp && stamp <= incident.end.as_str(), "{line}");
    }
    let n_failed = all.matches("checkout failed").count();
    assert!(n_failed > 20, "{n_failed}");
}

#[test]
fn an_entry_is_about_170_bytes() {
    let (files, _) = written(50_000, 2);
    let mean = files.concat().len() / 50_000;
    assert!((150..200).contains(&mean), "{mean}");
}

#[test]
fn reading_finds_the_entries_that_were_written() {
    let formats = Formats::builtin();
    let (files, truth) = written(30_000, 4);
    for (text, of_file) in files.iter().zip(&truth.files) {
        let context = Context { path: of_file.path.to_owned(), modified: DEFAULT_END, zone: Zone::utc() };
        let mut reader = Reader::new(&formats, context);
        reader.push(text.as_bytes());
        reader.finish();
        let (mut n_entries, mut n_errors) = (0, 0);
        while let Some(record) = reader.next_record() {
            n_entries += 1;
            n_errors += u64::from(record.head.severity.band() == Band::Error);
            let expected = match of_file.format {
                "combined access log" => "access",
                "JSON lines" => "json",
                "logfmt" => "logfmt",
                "plain text" => "java",
                _ => "syslog-5424",
            };
            let text = || String::from_utf8_lossy(record.text);
            assert_eq!(formats.name(record.head.format), expected, "{}", text());
            assert!(record.head.time.is_some(), "{}", text());
            let traced = of_file.service != "gateway" && text().contains("trace_id");
            assert_eq!(formats.parse(record.head.format, &text()).trace_id.is_some(), traced, "{}", text());
        }
        assert_eq!(n_entries, of_file.n_entries, "{}", of_file.path);
        let errors = truth.templates.iter().filter(|t| t.service == of_file.service && t.severity == "error");
        // An access log states no level; what a reader makes of a 5xx is its own affair.
        if of_file.service != "gateway" {
            assert_eq!(n_errors, errors.map(|t| t.n_entries).sum::<u64>(), "{}", of_file.path);
        }
    }
}

#[test]
fn on_a_quiet_day_nobody_times_out() {
    let mut samples = Samples::of_quiet_day(100_000, 11);
    while samples.next_chunk().is_some() {}
    let truth = samples.truth();
    assert!(truth.incident.is_none() && truth.releases.iter().all(|release| !release.harmful));
    for template in &truth.templates {
        let is_trouble = ["timed out", "slow query", "schema migration", "goes back"]
            .iter()
            .any(|part| template.template.contains(part));
        assert!(!is_trouble, "{}", template.template);
    }
}
