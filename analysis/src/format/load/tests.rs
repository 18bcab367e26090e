//! What a format's text must be, and that the shipped ones read what they say.

use model::time::Zone;

use super::samples::{SAMPLES_MODIFIED, check_sample};
use super::*;
use crate::format::Formats;
use crate::format::shipped::TEXTS;
use crate::read::{Context, Reader};

#[test]
fn every_shipped_sample_reads_as_its_file_says() {
    let mut problems = String::new();
    for (file, text) in TEXTS {
        let spec = Spec::read(text).unwrap_or_else(|problem| panic!("{file}: {problem}"));
        assert!(!spec.sample.is_empty(), "{file} has no sample");
        if let Err(problem) = check_samples(&spec) {
            problems.push_str(&format!("{file}: {problem}\n"));
        }
    }
    assert_eq!(problems, "");
}

#[test]
fn every_shipped_sample_is_read_by_its_own_format_among_all() {
    let formats = Formats::builtin();
    let mut problems = String::new();
    for (file, text) in TEXTS {
        let spec = Spec::read(text).unwrap();
        for sample in &spec.sample {
            if let Err(reason) = check_sample(&spec, &formats, sample) {
                problems.push_str(&format!("{file}: {reason}\n{}\n", sample.text));
            }
        }
    }
    assert_eq!(problems, "");
}

#[test]
fn the_readme_lists_every_format() {
    let readme = include_str!("../../../../README.md");
    let (before, rest) = readme.split_once(" readme -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end of formats -->").unwrap();
    let mut titles: Vec<_> =
        TEXTS.iter().map(|(_, text)| Spec::read(text).unwrap().title().replace('|', "\\|")).collect();
    titles.sort_by_key(|title| title.to_lowercase());
    let expected = format!("{before} readme -->\n{}.\n<!-- end of formats -->{after}", titles.join(" ·\n"));
    expect_test::expect_file!["../../../../README.md"].assert_eq(&expected);
}

const LETTERED: &str = r#"
    name = "lettered"
    kind = "pattern"
    rank = 30
    heads = ['^(?<level>[IWE]) (?<time>\S+) (?<pid>\d+) ']
    [levels]
    21 = ["E"]
    [[sample]]
    text = "E 2026-11-20T10:23:45Z 7 lost"
    time = "2026-11-20T10:23:45Z"
    severity = 21
    message = "lost"
"#;

#[test]
fn a_users_format_is_read_like_ours() {
    let formats = Formats::with(LETTERED).unwrap();
    let parsed = formats.parse(formats.id("lettered"), "E 2026-11-20T10:23:45Z 7 lost");
    assert_eq!(parsed.fields[0].value, model::entry::Value::Int(7));
}

#[test]
fn a_date_and_a_clock_in_groups_of_their_own_are_one_time() {
    let check = |head: &str, line: &str| {
        let sample =
            format!("text = '{line}'\ntime = '2026-11-20T10:23:45Z'\nmessage = 'lost'\nfields = {{ pid = 7 }}");
        let text = format!("name = 'apart'\nkind = 'pattern'\nrank = 60\nheads = ['{head}']\n[[sample]]\n{sample}\n");
        check_samples(&Spec::read(&text).unwrap()).unwrap();
    };
    check(r"^(?<date>\S+) (?<pid>\d+) (?<time>\S+) ", "2026-11-20 7 10:23:45 lost");
    check(r"^\[(?<time>[^]]+)\] \[(?<date>[^]]+)\] (?<pid>\d+) ", "[10:23:45] [20.11.2026] 7 lost");
}

#[test]
fn what_an_entry_says_is_the_message_of_the_opened_one() {
    let formats = Formats::builtin();
    let mut slots = crate::format::FieldSlots::default();
    let mut check = |id, text: &str| {
        let said = formats.said(id, text, &mut slots);
        assert_eq!(said, formats.parse(id, text).message, "{}: {text}", formats.name(id));
    };
    for (_, text) in TEXTS {
        let spec = Spec::read(text).unwrap();
        let context = Context { path: "x.log".to_owned(), modified: SAMPLES_MODIFIED, zone: Zone::utc() };
        for sample in spec.sample_texts() {
            let mut reader = Reader::new(&formats, context.clone());
            reader.push(format!("{sample}\n{sample}\n").as_bytes());
            reader.finish();
            while let Some(record) = reader.next_record() {
                let text = String::from_utf8_lossy(record.text);
                check(record.head.format, &text);
                // Cut off, escaped and coloured.
                check(record.head.format, &text[..text.floor_char_boundary(text.len() * 2 / 3)]);
                check(record.head.format, &format!("\u{1b}[31m{text}\u{1b}[0m"));
            }
        }
    }
    let (json, logfmt) = (formats.id("json"), formats.id("logfmt"));
    for text in [
        r#"{"msg":7,"level":"x"}"#,
        r#"{"message":"a\"b","msg":"c"}"#,
        r#"{"a":{"message":"x"}}"#,
        r#"{"":{"message":"x"}}"#,
        r#"{"log":{"message":"x","level":"warn"},"msg":"y"}"#,
        r#"{"resource":{"a":"b"},"event":{"name":"n"},"body":{"msg":"y"}}"#,
        r#"{"message":"","msg":"y","log":{"message":"x"}}"#,
        r#"{"message":"x","log":{"message":7},"cut":"#,
        r#"{"log":{"message":"x"#,
        r#"{"log":{"message":"x","n":}}"#,
        "{}",
        r#"{"msg":"x"#,
    ] {
        check(json, text);
    }
    for text in [
        r#"{"time":1,"span":{"kind":"server","name":"GET /"},"name":"other"}"#,
        r#"{"time":1,"span":{"name":""},"msg":"x"}"#,
        r#"{"time":1,"span":{"na\u006de":"GET /"}}"#,
        r#"{"time":1,"span":{"name":{"message":"x"}},"message":"y"}"#,
    ] {
        check(formats.id("span"), text);
    }
    for text in ["level=x msg=7 message=8", "level=x msg=\"a \\\"b\" c=1", "a=1 b=2"] {
        check(logfmt, text);
    }
}

#[test]
fn a_failing_sample_says_how_far_the_pattern_matched() {
    let problem = Formats::with(&LETTERED.replace("Z 7 lost", "Z seven lost")).unwrap_err();
    expect_test::expect![[r#"format lettered, sample 1: no head of this format reads the first line; ^(?<level>[IWE]) (?<time>\S+)  matches "E 2026-11-20T10:23:45Z ", then (?<pid>\d+)  does not match "seven lost""#]]
        .assert_eq(&problem.message);
    let problem = Formats::with(&LETTERED.replace("severity = 21", "severity = 9")).unwrap_err();
    assert_eq!(problem.message, "format lettered, sample 1: severity read as 21, expected 9");
}

#[test]
fn a_failing_sample_says_times_and_texts_as_they_are_written_in_one() {
    let problem = |from: &str, to: &str| Formats::with(&LETTERED.replace(from, to)).unwrap_err().message;
    assert_eq!(
        problem("time = \"2026-11-20T10:23:45Z\"", ""),
        "format lettered, sample 1: time read as 2026-11-20T10:23:45Z, expected none"
    );
    assert_eq!(
        problem("message = \"lost\"", "trace_id = \"7\""),
        "format lettered, sample 1: trace_id read as none, expected \"7\""
    );
}

#[test]
fn a_format_that_cuts_values_out_of_words_cannot_say_that_it_delimits_them() {
    let cutting = LETTERED.replace(r"(?<pid>\d+) ", r"(?<pid>\d+)ms ").replace("Z 7 lost", "Z 7ms lost");
    let formats = Formats::with(&cutting).unwrap();
    assert!(!formats.delimits_values(formats.id("lettered")));
    let problem = Formats::with(&cutting.replace("rank = 30", "rank = 30\ndelimits_values = true")).unwrap_err();
    assert_eq!(
        problem.message,
        "format lettered, sample 1: field pid has \"7\", which is cut out of the text: it does not delimit it"
    );
}

#[test]
fn a_users_format_is_not_trusted_for_its_name() {
    let formats = Formats::with(&LETTERED.replace("lettered", "json")).unwrap();
    let json = formats.id("json");
    assert!(!formats.delimits_values(json) && !formats.delimits_messages(json));
}
