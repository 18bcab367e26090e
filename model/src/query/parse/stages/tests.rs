//! What stages mean, and that printer and parser agree on them.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::parse_query;
use super::*;
use crate::query::{Comparison, Expr, Query, Test};

/// The query as it is printed, then each problem with the text it is about.
fn check(text: &str, expected: Expect) {
    let (query, problems) = parse_query(text);
    let mut out = query.to_string();
    for problem in problems {
        out += &format!("\n{:?}: {}", &text[problem.start as usize..problem.end as usize], problem.message);
    }
    expected.assert_eq(&out);
}

#[test]
fn every_stage_is_read() {
    check("failed | count by service,level", expect!["failed | count by service, level"]);
    check("|timeline 1m by status", expect!["| timeline 1m by status"]);
    check("a | timeline 90s avg(took), p99.9 by b", expect!["a | timeline 90s avg(took), p99.9(took) by b"]);
    check("| top 20 path | limit 3", expect!["| top 20 path | limit 3"]);
    check("| top path", expect!["| top 10 path"]);
    check("| top limit=5 user | rare user limit=3", expect!["| top 5 user | rare 3 user"]);
    check("| count(*) by a | stats count(*), max(b)", expect!["| count by a | stats count, max(b)"]);
    check("| count(user) by a", expect!["| stats count(user) by a"]);
    check("| rare user", expect!["| rare 10 user"]);
    check(
        "| stats avg(duration), p50, p95, p99 by path",
        expect!["| stats avg(duration), p50(duration), p95(duration), p99(duration) by path"],
    );
    check("| stats dc(user) as users, count(trace_id)", expect!["| stats distinct(user) as users, count(trace_id)"]);
    check("| fields a b, \"user name\"", expect![[r#"| fields a, b, "user name""#]]);
    check("| count by a | sort -count, a desc b", expect!["| count by a | sort -count, -a, b"]);
    check("| count by a | sort by count desc", expect!["| count by a | sort -count"]);
    check("| dedup | dedup by a", expect!["| dedup | dedup a"]);
    check(r#"| extract "took {ms} ms""#, expect![[r#"| extract "took {ms} ms""#]]);
    check(r#"| extract path /v(?<version>\d+)/ | head 5"#, expect![[r"| extract path /v(?<version>\d+)/ | limit 5"]]);
    check(r#"| extract "user name" "{a} {b}""#, expect![[r#"| extract "user name" "{a} {b}""#]]);
    check("| where count>10 AND p95(took) > 250ms", expect![[r#"| where count>10 "p95(took)">250ms"#]]);
}

#[test]
fn what_cannot_be_read_is_left_out_and_told() {
    check(
        "a | coun by b | limit",
        expect![[r#"
            a
            "coun": “coun” is no stage; it is left out. Did you mean count?
            "limit": “limit” needs a number, as in limit 20."#]],
    );
    check(
        "a |",
        expect![[r#"
            a
            "|": A “|” needs a stage after it: count, timeline, top, rare, stats, fields, sort, dedup, extract, where, limit."#]],
    );
    check(
        "| top 20 | count by",
        expect![[r#"
            | count
            "top": “top” needs a field, as in top 20 path.
            "by": “by” needs a field, as in by service, level."#]],
    );
    check(
        "| stats avg, p95(took) by x",
        expect![[r#"
            | stats p95(took) by x
            "avg": “avg” needs a field, as in avg(duration)."#]],
    );
    check(
        "| fields - user | dedup 2 user | top 3 a=b | sort x limit=5",
        expect![[r#"
            | dedup user | sort x
            "fields": “fields” names the columns that stay; “-” takes none away. It is left out.
            "2": “dedup” keeps one row of each value; this number is ignored.
            "top": “top” needs a field, as in top 20 path.
            "limit=5": This is no part of “sort”; it is ignored."#]],
    );
    check(
        "| limit 5 rows | timeline 0m",
        expect![[r#"
            | limit 5 | timeline
            "rows": This is no part of “limit”; it is ignored.
            "0m": A timeline's width is a span of time: 30s, 1m, 1h, 1d."#]],
    );
    check(
        r#"| extract "took ms" | where"#,
        expect![[r#"

            "\"took ms\"": Nothing in this pattern has a name: write {name} in a text, (?<name>…) in an expression.
            "where": “where” needs a condition, as in where count>10."#]],
    );
}

#[test]
fn names_of_measures_are_columns_in_a_condition() {
    let (query, problems) = parse_query("| stats avg(took) by path | where avg(took)>250ms");
    let test = Test::Compare(Comparison::Greater, "250ms".into());
    assert_eq!(query.stages[1], Stage::Where(Expr::Field { name: "avg(took)".into(), test }));
    assert_eq!(problems, []);
}

fn name() -> impl Strategy<Value = String> {
    let known =
        prop::sample::select(vec!["path", "http.status", "by", "desc", "p95(took)", "count", "20", "a b", "-x"]);
    prop_oneof![known.prop_map(str::to_owned), r#"[a-c"\\/*(){}|,.<>=\- ]{1,6}"#]
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(name(), 1..4).prop_map(|names| names.into_iter().collect())
}

fn measures() -> impl Strategy<Value = Vec<Measure>> {
    let what = prop_oneof![
        prop::sample::select(vec![
            Aggregate::Count,
            Aggregate::Distinct,
            Aggregate::Sum,
            Aggregate::Average,
            Aggregate::Min,
            Aggregate::Max,
        ]),
        (0..=10_000u16).prop_map(Aggregate::Percentile),
    ];
    let measure = (what, name(), prop::option::of(name()));
    let measure = measure.prop_map(|(what, field, alias)| Measure { what, field, alias });
    let count = prop::option::of(name()).prop_map(|alias| Measure { alias, ..Measure::count() });
    prop::collection::vec(prop_oneof![measure, count], 1..4)
}

fn stage() -> impl Strategy<Value = Stage> {
    let by = || prop_oneof![Just(Vec::new()), names()];
    let width = prop::option::of(prop_oneof![1..i64::MAX, (1..1000i64).prop_map(|n| n * 60_000_000_000)]);
    let key = (name(), any::<bool>()).prop_map(|(name, is_descending)| SortKey { name, is_descending });
    let template = r#"[a-c"\\/| ]{0,4}[{][a-c]{1,3}[}][a-c"\\/| ]{0,4}"#.prop_map(Extraction::Template);
    let regex = Just(Extraction::Regex(r"v(?<version>\d+)|x".into()));
    let condition = (name(), "[a-c0-9|]{1,3}").prop_map(|(name, value)| Expr::Field { name, test: Test::Is(value) });
    prop_oneof![
        (measures(), by()).prop_map(|(measures, by)| Stage::Stats { measures, by }),
        (width, measures(), by()).prop_map(|(width_nanos, measures, by)| Stage::Timeline { width_nanos, measures, by }),
        (any::<u32>(), names()).prop_map(|(n, by)| Stage::Top { n, by }),
        (any::<u32>(), names()).prop_map(|(n, by)| Stage::Rare { n, by }),
        names().prop_map(|names| Stage::Fields { names }),
        prop::collection::vec(key, 1..3).prop_map(|by| Stage::Sort { by }),
        by().prop_map(|by| Stage::Dedup { by }),
        (prop::option::of(name()), prop_oneof![template, regex])
            .prop_map(|(from, pattern)| Stage::Extract { from, pattern }),
        condition.prop_map(Stage::Where),
        any::<u32>().prop_map(Stage::Limit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn what_is_printed_reads_the_same(stages in prop::collection::vec(stage(), 0..4)) {
        for filter in [Expr::All, Expr::Word("a".into())] {
            let query = Query { filter, stages: stages.clone() };
            let text = query.to_string();
            prop_assert_eq!(parse_query(&text).0, query, "{}", text);
        }
    }

    #[test]
    fn every_text_is_a_query_and_problems_lie_inside_it(
        text in any::<String>(),
        stages in r#"(\||count|by|top|stats|avg|where|extract|sort|timeline|p95|"|/|[(){}]|,|-| |1m|5|ä|a>b){0,16}"#,
    ) {
        for text in [text, stages] {
            let (query, problems) = parse_query(&text);
            for problem in problems {
                let (start, end) = (problem.start as usize, problem.end as usize);
                prop_assert!(text.get(start..end).is_some_and(|text| !text.is_empty()), "{:?}: {}", text, problem.message);
            }
            let printed = query.to_string();
            prop_assert_eq!(parse_query(&printed).0, query, "{:?} became {:?}", text, printed);
        }
    }
}

#[test]
fn two_pipes_in_a_row_are_told_of_and_any_number_is_survived() {
    check(
        "| count || limit 5",
        expect![[r#"
        | count
        "|| limit 5": This is no part of “count”; it is ignored."#]],
    );
    check(
        "| foo || limit 5 | limit 6",
        expect![[r#"
        | limit 6
        "foo": “foo” is no stage; it is left out. Stages are count, timeline, top, rare, stats, fields, sort, dedup, extract, where, limit."#]],
    );
    let (_, problems) = parse_query(&format!("| foo {}", "|".repeat(1_000_000)));
    assert!(!problems.is_empty());
}
