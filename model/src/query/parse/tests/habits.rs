//! What people write who come from other query languages.

use super::*;

#[test]
fn a_colon_of_a_field_may_have_spaces_around_it_where_that_is_no_prose() {
    check("status: 404", expect!["[status is 404]"]);
    check("status : 404 a", expect!["all([status is 404], a)"]);
    check("status: (404 or 503)", expect!["any([status is 404], [status is 503])"]);
    check("-status: [400 TO 499]", expect!["not(all([status >= 400], [status <= 499]))"]);
    check("service: cart user : ann", expect!["all([service is cart], [user is ann])"]);
    check("path: \"/a b\" user: *", expect!["all([path is /a b], [user])"]);
    for prose in
        ["ERROR: 5 left", "Content-Length: 5", "main.rs: 42 x", "error: disk full", "a: OR b", "a :b", "http://x: 5"]
    {
        let (expr, _) = parse(prose);
        assert!(!tree(&expr).contains('['), "{prose}: {}", tree(&expr));
        assert_eq!(parse(&expr.to_string()).0, expr, "{prose}");
    }
}

#[test]
fn a_whole_traceparent_asks_for_its_trace() {
    let (id, whole) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    for query in [format!("trace:{whole}"), format!("Trace:\"{whole}\""), format!("trace:(a OR {whole})")] {
        let now = query.replace(whole, id);
        assert_eq!(parse(&query).0, parse(&now).0, "{query}");
        assert_ne!(query, now);
    }
    let of_another_field = format!("header:{whole}");
    assert_eq!(parse(&of_another_field).0.to_string(), of_another_field);
}

#[test]
fn signs_of_other_languages_are_text_and_it_is_said_how_that_is_asked_for_here() {
    check(
        "status:40? roam~ user:ann~1",
        expect![[r#"
            all([status is 40?], roam~, [user is ann~1])
            "40?": “?” is searched as it stands; * stands for any characters: status:40*
            "roam~": “~” is searched as it stands; words that begin so are roam*.
            "ann~1": “~” is searched as it stands; values that begin so are user:ann*."#]],
    );
    check(
        "10.0.0.0/24 client:\"10.0.0.0/24\"",
        expect![[r#"
            all(10.0.0.0/24, [client is 10.0.0.0/24])
            "10.0.0.0/24": “10.0.0.0/24” is searched as text; its addresses are found in a field: client:10.0.0.0/24
            "\"10.0.0.0/24\"": In quotes “10.0.0.0/24” is text; without them it is all addresses in that network."#]],
    );
    check("path:a?b=1 ~x a~b", expect!["all([path is a?b=1], ~x, a~b)"]);
}
