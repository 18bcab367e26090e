//! What query texts mean, and that printer and parser agree.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::network::Network;

mod habits;

/// The expression as a short tree, then each problem with the text it is about.
fn check(query: &str, expected: Expect) {
    let (expr, problems) = parse(query);
    let mut out = tree(&expr);
    for problem in problems {
        out += &format!("\n{:?}: {}", &query[problem.start as usize..problem.end as usize], problem.message);
    }
    expected.assert_eq(&out);
}

fn tree(expr: &Expr) -> String {
    let list = |parts: &[Expr]| parts.iter().map(tree).collect::<Vec<_>>().join(", ");
    match expr {
        Expr::All => "everything".to_owned(),
        Expr::And(parts) => format!("all({})", list(parts)),
        Expr::Or(parts) => format!("any({})", list(parts)),
        Expr::Not(inner) => format!("not({})", tree(inner)),
        Expr::Word(text) => text.clone(),
        Expr::Prefix(text) => format!("{text}…"),
        Expr::Phrase(text) => format!("“{text}”"),
        Expr::Regex(pattern) => format!("~{pattern}~"),
        Expr::Field { name, test } => match test {
            Test::Exists => format!("[{name}]"),
            Test::Is(text) => format!("[{name} is {text}]"),
            Test::Equals(text) => format!("[{name} equals {text}]"),
            Test::StartsWith(text) => format!("[{name} is {text}…]"),
            Test::Matches(pattern) => format!("[{name} ~{pattern}~]"),
            Test::Within(network) => format!("[{name} in {network}]"),
            Test::Compare(comparison, text) => format!("[{name} {comparison} {text}]"),
        },
    }
}

#[test]
fn words_stand_beside_each_other() {
    check("", expect!["everything"]);
    check("  timeout   db ", expect!["all(timeout, db)"]);
    check("time*", expect!["time…"]);
    check("a * b", expect!["all(a, b)"]);
    check("*", expect!["everything"]);
    check(r#""connection reset" x"#, expect!["all(“connection reset”, x)"]);
    check(r#""say \"hi\" in C:\temp\\""#, expect![[r#"“say "hi" in C:\temp\”"#]]);
}

#[test]
fn and_binds_tighter_than_or() {
    check("a b OR c", expect!["any(all(a, b), c)"]);
    check("a AND (b OR c)", expect!["all(a, any(b, c))"]);
    check("NOT a -b !c", expect!["all(not(a), not(b), not(c))"]);
    check("NOT -a", expect!["a"]);
    check("-(a OR b)", expect!["not(any(a, b))"]);
    check("NOT(a)OR(b)", expect!["any(not(a), b)"]);
}

#[test]
fn fields_are_compared() {
    check("service:checkout user=42", expect!["all([service is checkout], [user is 42])"]);
    check(r#"message:"card declined" path:/api*"#, expect!["all([message is card declined], [path is /api…])"]);
    check("status>=500 status<600 a!=b", expect!["all([status >= 500], [status < 600], [a != b])"]);
    check("status >= 500 AND level > info", expect!["all([status >= 500], [level > info])"]);
    check("status:>=500 temperature:-5", expect!["all([status >= 500], [temperature is -5])"]);
    check(
        r#"path==/api/* -user==Eve x=="" "#,
        expect!["all([path equals /api/*], not([user equals Eve]), [x equals ])"],
    );
    check("user:* -user:*", expect!["all([user], not([user]))"]);
    check(r"path:/^\/v\d/ x", expect![[r"all([path ~^\/v\d~], x)"]]);
    check(r#""user name":eve "level":"error""#, expect!["all([user name is eve], [level is error])"]);
}

#[test]
fn ranges_are_two_comparisons() {
    check("status:[400 TO 499] x", expect!["all([status >= 400], [status <= 499], x)"]);
    check(
        "status:{400 TO *} OR -level:[warn TO error}",
        expect!["any([status > 400], not(all([level >= warn], [level < error])))"],
    );
    check("user:[* TO *]", expect!["[user]"]);
    check("a:[b c:{d", expect!["all([a is [b], [c is {d])"]);
    check("status:[400 to 499]", expect!["all([status >= 400], [status <= 499])"]);
    check(
        "x status:[400 TO",
        expect![[r#"
        x
        "[400 TO": The range is not finished: status:[400 TO 499], or * for an open end."#]],
    );
}

#[test]
fn times_are_read_by_what_is_written_of_them() {
    check("time>=2026-11-19T13:00:00 time<now-15m", expect!["all([time >= 2026-11-19T13:00:00], [time < now-15m])"]);
    check(
        r#"Time:2026-11-19 -time>="2026-11-19 13:00""#,
        expect!["all([Time is 2026-11-19], not([time >= 2026-11-19 13:00]))"],
    );
    check(
        r#"time:["2026-11-19 13:00" TO 2026-11-20} user:["a b" TO c]"#,
        expect![[r#"
            all([time >= 2026-11-19 13:00], [time < 2026-11-20], [user >= a b], [user <= c])
            "[\"a b\" TO c]": “a b” is no number; values are compared with it by the alphabet.
            "[\"a b\" TO c]": “c” is no number; values are compared with it by the alphabet."#]],
    );
    check(
        "time:[2026-11-19 13:00 TO now] time:* .time:42ms",
        expect!["all([time >= 2026-11-19 13:00], [time <= now], [time], [.time is 42ms])"],
    );
    let problem = |query: &str| {
        let (expr, problems) = parse(query);
        assert_eq!(expr, Expr::All, "{query}");
        assert!(problems[0].message.contains("left out") && problems[0].message.contains(".time"), "{problems:?}");
    };
    for query in ["time>=yesterday", "time:[2026 TO now+1h]", "time:2026-11*", "time:/11/", "time:\"2026\"*"] {
        problem(query);
    }
    check(
        "time<2026-11-19 13:00 x",
        expect![[r#"
            all([time < 2026-11-19], 13:00, x)
            "2026-11-19 13:00": “13:00” is searched as a word. Write 2026-11-19T13:00 if you mean that time."#]],
    );
}

#[test]
fn one_field_takes_several_values() {
    check("service:(cart OR payment) x", expect!["all(any([service is cart], [service is payment]), x)"]);
    check("status:(>=500 -503)", expect!["all([status >= 500], not([status is 503]))"]);
    check("message:(b c:d)", expect!["all([message is b], [message is c:d])"]);
    check("a:(b AND c)", expect!["all([a is b], [a is c])"]);
    check(
        "a:(b c)",
        expect![[r#"
        all([a is b], [a is c])
        "(b c)": All of these must be in a. Write OR between them where one of them is enough."#]],
    );
}

#[test]
fn values_are_alternatives_as_other_languages_write_them() {
    check("status:(404 or 503) x", expect!["all(any([status is 404], [status is 503]), x)"]);
    check(
        "status:(404, 503,>=600 , -7)",
        expect!["any([status is 404], [status is 503], [status >= 600], not([status is 7]))"],
    );
    check(r#"a:("b c" or (d and e),f(x,y))"#, expect!["any([a is b c], all([a is d], [a is e]), [a is f(x,y)])"]);
    check(
        "state:(or OR wa) state:(wa OR or) (a:b, c)",
        expect!["all(any([state is or], [state is wa]), any([state is wa], [state is or]), [a is b,], c)"],
    );
    check(r"a:(/b\d/, c,/d/i)", expect![[r"any([a ~b\d~], [a is c], [a ~(?i)d~])"]]);
    check(
        "a:(b or",
        expect![[r#"
        [a is b]
        "(": This “(” is not closed; a “)” at the end is assumed.
        "or": OR needs something after it."#]],
    );
    check(
        "a:(b,) a:(not b)",
        expect![[r#"
        all([a is b], [a is not], [a is b])
        "(not b)": All of these must be in a. Write OR between them where one of them is enough."#]],
    );
}

#[test]
fn a_plus_is_no_part_of_a_term_that_must_hold() {
    check(r#"+error -"x y" +status:500 +(a OR b)"#, expect!["all(error, not(“x y”), [status is 500], any(a, b))"]);
    check("a:(+b OR c) c++ x+y", expect!["all(any([a is b], [a is c]), c++, x+y)"]);
}

#[test]
fn colons_in_urls_times_and_code_are_text() {
    let query = "http://x/y?a=b 10:23 std::io C:\\logs C:/logs main.rs:42 aa:bb:cc:00:11:22 fe80::1 10.0.0.1:80";
    check(
        query,
        expect![[
            r"all(http://x/y?a=b, 10:23, std::io, C:\logs, C:/logs, main.rs:42, aa:bb:cc:00:11:22, fe80::1, 10.0.0.1:80)"
        ]],
    );
    check("Vec<String> a->b --force abc== x.", expect!["all(Vec<String>, a->b, --force, abc==, x.)"]);
}

#[test]
fn stars_stand_for_more_anywhere_in_a_word_or_value() {
    check("time*out *.js", expect![[r#"all(~(?i)\btime\S*out\b~, ~(?i)\.js\b~)"#]]);
    check(
        "path:*cart* peer:10.*.7 -path:/api/*/items",
        expect![[r#"all([path ~(?is)cart~], [peer ~(?is)\A10\..*\.7\z~], not([path ~(?is)\A\/api\/.*\/items\z~]))"#]],
    );
    check(
        "2 ** 3 a * source:*/app.log level:*rr*",
        expect![[r#"
        all(2, **, 3, a, [source is */app.log], [level ~(?is)rr~])
        "**": “**” has no letter and no digit; it is searched as it stands, in all of the text."#]],
    );
    let query = "time*out path:*cart* -path:*.js";
    assert_eq!(parse(query).0.to_string(), query);
}

#[test]
fn networks_are_told_by_their_values() {
    check(
        "client:10.0.0.0/8 peer:fe80::/10 -ip:10.0.0.0/33 path:1/2",
        expect![[r#"
            all([client in 10.0.0.0/8], [peer in fe80::/10], not([ip is 10.0.0.0/33]), [path is 1/2])
            "10.0.0.0/33": “10.0.0.0/33” is no network; it is searched as text. Networks have up to 32 bits, those of IPv6 128."#]],
    );
    check("client!=10.0.0.0/8", expect!["all([client], not([client in 10.0.0.0/8]))"]);
    assert_eq!(parse("client:10.0.0.0/8").0.to_string(), "client:10.0.0.0/8");
}

#[test]
fn slashes_make_a_regex_only_where_one_ends() {
    check(r"/5\d\d$/ /time ?out|reset/", expect![[r"all(~5\d\d$~, ~time ?out|reset~)"]]);
    check("/time(d)? ?out/i path~/^.api/si", expect!["all(~(?i)time(d)? ?out~, [path ~(?is)^.api~])"]);
    check(
        r#"path=~"^/api" user!~/bot|crawler/ x~1 "a b"~2"#,
        expect![[r#"
        all([path ~^\/api~], not([user ~bot|crawler~]), x~1, “a b”)
        "x~1": “~” is searched as it stands; words that begin so are x*.
        "~2": Words in quotes stand beside each other; their distance is left out."#]],
    );
    check(
        r#"path!~"/api" path=~"/a b/c" x~" y""#,
        expect![[r#"all(not([path ~\/api~]), [path ~\/a b\/c~], [x ~[ ]y~])"#]],
    );
    check(
        "user!~/ad -path~/api HOME=~/logs x",
        expect![[r#"
        x
        "/ad": This regular expression is not closed; it ends with a “/”.
        "/api": This regular expression is not closed; it ends with a “/”.
        "/logs": This regular expression is not closed; it ends with a “/”."#]],
    );
    check("/tmp/s /usr/lib/i path:/srv/s /oom/i", expect!["all(“/tmp/s”, “/usr/lib/i”, [path is /srv/s], ~(?i)oom~)"]);
    for query in [r#"path!~"/api" a"#, r#"path=~"/a b/c""#, r#"x~" y/""#] {
        let read = parse(query).0;
        assert_eq!(parse(&read.to_string()).0, read, "{query}");
    }
    check("/api/v1/users /a/is/m3", expect!["all(“/api/v1/users”, “/a/is/m3”)"]);
    check(
        r"/\",
        expect![[r#"
        “/\”
        "/\\": “/\” has no letter and no digit; it is searched as it stands, in all of the text."#]],
    );
    check(
        "a / b //host",
        expect![[r#"
        all(a, b, “//host”)
        "/": A regular expression stands between slashes: /…/. This one is left out."#]],
    );
    check(
        r"/(a|b",
        expect![[r#"
            ~(a|b)~
            "/(a|b": This regular expression is not closed; it ends with a “/”."#]],
    );
}

#[test]
fn parentheses_inside_a_word_are_its_own() {
    check("connect() (f(x) OR g)", expect!["all(connect(), any(f(x), g))"]);
    check("(foo.Bar(Baz.java:12))", expect!["foo.Bar(Baz.java:12)"]);
}

#[test]
fn what_is_unfinished_is_read_as_far_as_it_goes() {
    check(
        r#"a "b c"#,
        expect![[r#"
            all(a, “b c”)
            "\"b c": This quote is not closed; the phrase goes to the end."#]],
    );
    check(
        "(a OR b",
        expect![[r#"
            any(a, b)
            "(": This “(” is not closed; a “)” at the end is assumed."#]],
    );
    check(
        "a) b",
        expect![[r#"
            all(a, b)
            ")": This “)” closes nothing; it is ignored."#]],
    );
    check(
        "a AND",
        expect![[r#"
            a
            "AND": AND needs something after it."#]],
    );
    check(
        "OR a OR",
        expect![[r#"
            a
            "OR": OR needs something before it.
            "OR": OR needs something after it."#]],
    );
    check(
        "a NOT",
        expect![[r#"
            a
            "NOT": NOT needs something after it."#]],
    );
    check(
        "a ()",
        expect![[r#"
            a
            "()": There is nothing between these parentheses; they are ignored."#]],
    );
    check(
        "service:",
        expect![[r#"
            everything
            "service:": “service:” needs a value; it is left out. As text, put it in quotes."#]],
    );
    check(
        "user: ann",
        expect![[r#"
            all(“user:”, ann)
            "user:": A field needs a value right after “:”; this is searched as text. Write user:ann if you mean the field."#]],
    );
    check(
        "ERROR: x",
        expect![[r#"
            all(ERROR:, x)
            "ERROR:": A field needs a value right after “:”; this is searched as text."#]],
    );
}

#[test]
fn what_is_half_typed_does_not_empty_the_view() {
    for half in
        ["time>=", "time>=2026-1", "level:", "level>", "level>=", "level>=wa", "/", "status>=", ">", "service:/(a/"]
    {
        let query = format!("declined {half}");
        let (expr, problems) = parse(&query);
        assert_eq!(expr, Expr::Word("declined".into()), "{query}");
        assert!(!problems.is_empty(), "{query}");
    }
}

#[test]
fn doubtful_terms_come_with_a_hint() {
    check(
        "level:eror",
        expect![[r#"
            everything
            "eror": “eror” is no level; it is left out. Did you mean error?"#]],
    );
    check(
        "severity>=important",
        expect![[r#"
            everything
            "important": “important” is no level; it is left out. Levels are trace, debug, info, warn, error, fatal."#]],
    );
    check(
        "a or b",
        expect![[r#"
            all(a, or, b)
            "or": “or” is searched as text; write OR if you mean the operator."#]],
    );
    check("or", expect!["or"]);
    check(
        "status IN (404)",
        expect![[r#"
        all(status, IN, 404)
        "IN": “IN” is searched as text; one of several values is status:(404 OR 503)."#]],
    );
    check("ti*me", expect![[r#"~(?i)\bti\S*me\b~"#]]);
    check(
        "/a(b/",
        expect![[r#"
            everything
            "(": This “(” is not closed in the regular expression; write “\(” for the character."#]],
    );
    check(
        r#"path~"/api/(" ok"#,
        expect![[r#"
            ok
            "\"/api/(\"": This “(” is not closed in the regular expression; write “\(” for the character."#]],
    );
    check(
        ">= 5",
        expect![[r#"
            5
            ">=": “>=” compares a field with a value, as in status>=500; it is left out."#]],
    );
    check("/[(]x[^])]/", expect!["~[(]x[^])]~"]);
    check(
        "status>=abc",
        expect![[r#"
        [status >= abc]
        "abc": “abc” is no number; values are compared with it by the alphabet."#]],
    );
    check(
        "status>=5x0",
        expect![[r#"
        [status >= 5x0]
        "5x0": “5x0” is no number; values are compared with it by the alphabet."#]],
    );
    check(
        "a>5 a>-1.5 a>=1e3 a<250ms a<=1.5MB a<.5",
        expect!["all([a > 5], [a > -1.5], [a >= 1e3], [a < 250ms], [a <= 1.5MB], [a < .5])"],
    );
    check(
        "has:user",
        expect![[r#"
        [has is user]
        "user": To find entries that have the field user, write user:* (this looks in a field “has”)."#]],
    );
    check(
        "_exists_:http.status",
        expect![[r#"
        [_exists_ is http.status]
        "http.status": To find entries that have the field http.status, write http.status:* (this looks in a field “_exists_”)."#]],
    );
    check(
        "a -> b",
        expect![[r#"
        all(a, ->, b)
        "->": “->” has no letter and no digit; it is searched as it stands, in all of the text."#]],
    );
    check("source:*/app.log", expect!["[source is */app.log]"]);
    check("status!=abc took>=1.5 level>=warn", expect!["all([status != abc], [took >= 1.5], [level >= warn])"]);
}

#[test]
fn any_depth_of_nesting_is_read() {
    let (expr, problems) = parse(&format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000)));
    assert_eq!(expr, Expr::Word("a".into()));
    assert!(!problems.is_empty());
    parse(&"-".repeat(100_000));
    parse(&"NOT ".repeat(100_000));
}

#[test]
fn a_bar_that_stands_apart_ends_the_filter() {
    for text in ["a|count", "\"a | count\"", "(a | count)", "a||b", "/a|b/"] {
        assert_eq!(split(text), (text, ""), "all of {text} is filter");
    }
    assert_eq!(split("a | count"), ("a ", "| count"));
    assert_eq!(split("a| count by b"), ("a", "| count by b"));
    assert_eq!(split("level:error |count"), ("level:error ", "|count"));
    assert_eq!(split("| count"), ("", "| count"));
    assert_eq!(parse("a OR b | count by c").0, parse("a OR b").0);
}

/// Expressions as the parser builds them, with every text a log could put into one.
fn canonical() -> impl Strategy<Value = Expr> {
    let any_text = || prop_oneof![r#"[a-z"\\/*():=<>\-!\[\]{} ]{1,8}"#, "\\PC{1,6}"];
    let word =
        prop::sample::select(vec!["a", "db-1", "10.0.0.1:80", "x=", "std::io", "f(x)", "->", "--x", "é", "or", "$1"]);
    let pattern = prop::sample::select(vec![
        "a",
        r"5\d\d$",
        "a b|c",
        r"\/ x",
        "[(]",
        "(?i)x",
        "a/b",
        r"(?is)\A\/a.*b",
        r"(?i)\ba\S*b\b",
    ]);
    let name = || prop_oneof!["[a-z]{1,3}([.][a-z]{1,2})?", any_text()];
    let comparison = prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::NotEqual,
    ]);
    let network = prop::sample::select(vec!["10.0.0.0/8", "fe80::/10", "::/0"]);
    let test = prop_oneof![
        Just(Test::Exists),
        network.prop_map(|network| Test::Within(Network::read(network).expect("a network"))),
        any_text().prop_map(Test::Is),
        any_text().prop_map(Test::Equals),
        Just(Test::Is(String::new())),
        any_text().prop_map(Test::StartsWith),
        pattern.clone().prop_map(|pattern| Test::Matches(pattern.into())),
        (comparison.clone(), any_text()).prop_map(|(comparison, text)| Test::Compare(comparison, text)),
    ];
    let time =
        prop::sample::select(vec!["2026-11-19", "2026-11-19 13:00", "2026-11-19T13:00:00.5+01:00", "now", "now-15m"]);
    let time_test = prop_oneof![
        Just(Test::Exists),
        time.clone().prop_map(|time| Test::Is(time.into())),
        time.clone().prop_map(|time| Test::Equals(time.into())),
        (comparison, time).prop_map(|(comparison, time)| Test::Compare(comparison, time.into())),
    ];
    let time_name = prop::sample::select(vec!["time", "Time"]);
    let leaf = prop_oneof![
        word.prop_map(|word| Expr::Word(word.into())),
        any_text().prop_map(Expr::Phrase),
        any_text().prop_map(Expr::Prefix),
        pattern.prop_map(|pattern| Expr::Regex(pattern.into())),
        (name(), test).prop_map(|(name, test)| Expr::Field { name, test }),
        (time_name, time_test).prop_map(|(name, test)| Expr::Field { name: name.into(), test }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::and),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::or),
            inner.prop_map(Expr::negate),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn what_is_printed_reads_the_same(expr in canonical()) {
        let text = expr.to_string();
        prop_assert_eq!(parse(&text).0, expr, "{}", text);
    }

    #[test]
    fn printing_settles_after_one_round(query in r#"([a-c"\\/*():=<>\-!|.\[\]{ ]|AND|OR|NOT| |fe:|a:[\[{]| TO |ä|time[:<>]|now-1h|2026-11-19){0,24}"#) {
        let (expr, _) = parse(&query);
        let text = expr.to_string();
        prop_assert_eq!(parse(&text).0, expr, "{:?} became {:?}", query, text);
    }

    #[test]
    fn every_text_is_a_query_and_problems_lie_inside_it(query in any::<String>()) {
        for problem in parse(&query).1 {
            prop_assert!(query.get(problem.start as usize..problem.end as usize).is_some_and(|text| !text.is_empty()));
        }
    }
}
#[test]
fn a_regex_that_is_being_typed_already_narrows() {
    for (typed, searched) in [
        ("/(foo|ba", "(foo|ba)"),
        ("/a[", "a"),
        ("/a[^", "a"),
        ("/x[a-", "x[a-]"),
        ("/.*x(y[0-9", ".*x(y[0-9])"),
        ("/^a(?", "^a"),
        ("/^a(?P<na", "^a"),
        ("/^a(?i", "^a"),
        ("/^a(?:b", "^a(?:b)"),
        ("/a\\[b|", "a\\[b"),
        ("/(a||", "(a)"),
        ("/a\\|", "a\\|"),
    ] {
        let (expr, problems) = parse(typed);
        assert_eq!(expr, Expr::Regex(searched.to_owned()), "{typed}");
        assert_eq!(problems.len(), 1, "{typed}: {problems:?}");
    }
    // Nothing is left to search for.
    assert_eq!(parse("/[").0, Expr::All);
}
