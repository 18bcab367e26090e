//! What holds of templates whatever the messages are.

use proptest::prelude::*;

use super::*;

fn mined(messages: &[impl AsRef<str>]) -> (Vec<u32>, Miner) {
    let mut miner = Miner::default();
    let shapes = messages.iter().map(|message| miner.push(message.as_ref())).collect();
    (shapes, miner)
}

/// The templates with their counts, the commonest first.
fn check(messages: &[&str], expected: &[&str]) {
    let mut list = mined(messages).1.templates().list;
    list.sort_by_key(|template| std::cmp::Reverse(template.n_entries));
    let found: Vec<String> = list.iter().map(|template| format!("{} {}", template.n_entries, template.text)).collect();
    assert_eq!(found, expected);
}

/// Each message matches its template, and the counts are right.
fn check_truths(messages: &[String]) -> Result<(), TestCaseError> {
    let (shapes, miner) = mined(messages);
    let templates = miner.templates();
    let mut n_entries = vec![0; templates.list.len()];
    for (message, shape) in messages.iter().zip(shapes) {
        let at = templates.of_shape[shape as usize] as usize;
        n_entries[at] += 1;
        let template = &templates.list[at];
        prop_assert!(template.matches(&line_of(message)), "{:?} is not made from {:?}", message, template.text);
    }
    let counted: Vec<u64> = templates.list.iter().map(|template| template.n_entries).collect();
    prop_assert_eq!(n_entries, counted);
    Ok(())
}

#[test]
fn shapes_that_come_later_have_a_template_until_all_are_found_anew() {
    let (_, mut miner) = mined(&["session opened for user ann", "session opened for user bob", "ready"]);
    let mut found = miner.templates();
    let n_before = found.list.len();
    let later = [miner.push("session opened for user eve"), miner.push("gone"), miner.push("ready")];
    let places = found.list.iter().zip(0..).map(|(template, place)| (template.id, place));
    found.take_in(&miner, &mut places.collect());
    let text = |shape: u32| found.list[found.of_shape[shape as usize] as usize].text.as_str();
    assert_eq!(later.map(text), ["session opened for user eve", "gone", "ready"]);
    assert_eq!((found.of_shape.len(), found.list.len()), (miner.n_shapes(), n_before + 2));
    assert_eq!(miner.templates().list.len(), n_before + 1, "found anew it is one of the first");
}

#[test]
fn values_are_told_by_their_form() {
    check(
        &[
            "sent 12 bytes to 10.0.3.7:80 in 3ms",
            "sent 7 bytes to 10.0.3.9:443 in 41ms",
            "open /var/log/x.log failed for 6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "at Fri Jun 17 07:07:00 2005 user=ann",
            "at Sat Jun 18 19:10:01 2005 user=bob",
        ],
        &["2 at <*> user=<*>", "2 sent <*> bytes to <*> in <*>", "1 open <*> failed for <*>"],
    );
}

#[test]
fn a_name_that_never_changes_is_part_of_the_text() {
    check(&["mode=fast on eth0", "mode=fast on eth0"], &["2 mode=fast on eth0"]);
    check(&["mode=fast on eth0", "mode=slow on eth1"], &["2 mode=<*> on <*>"]);
}

#[test]
fn words_of_a_sentence_stay_apart_and_names_do_not() {
    check(
        &["state changed from NEW to RUNNING", "state changed from RUNNING to DONE"],
        &["1 state changed from NEW to RUNNING", "1 state changed from RUNNING to DONE"],
    );
    check(&["load class org.a.B now", "load class org.a.C now"], &["2 load class org.a.<*> now"]);
    check(&["session opened for user ann", "session opened for user bob"], &["2 session opened for user <*>"]);
}

#[test]
fn what_became_of_something_stays_apart_though_a_name_could_stand_there() {
    for (one, other) in [
        ("login succeeded for 7 from 10.0.0.1", "login failed for 9 from 10.0.0.2"),
        ("account locked after 3 attempts", "account unlocked after 5 attempts"),
        ("host up since 4 s", "host down since 7 s"),
        ("device attached", "device detached"),
        ("user created by admin 3", "user deleted by admin 4"),
        ("the log file opened", "the log file deleted"),
        ("state of account locked", "state of account unlocked"),
    ] {
        let n_templates = mined(&[one, other]).1.templates().list.len();
        assert_eq!(n_templates, 2, "{one}, {other}");
    }
    check(&["user ann has left", "user bob has left"], &["2 user <*> has left"]);
    check(&["no answer for invalid user ann", "no answer for invalid user bob"], &["2 no answer for invalid user <*>"]);
    check(&["host web1 up", "host web up"], &["2 host <*> up"]);
}

#[test]
fn few_verbs_in_one_place_of_a_long_sentence_are_no_values() {
    let order = |what: &str| format!("order 5 was {what} by the customer in the web shop");
    let verbs = ["placed", "shipped", "cancelled", "refunded", "packed"].map(order);
    assert_eq!(mined(&verbs).1.templates().list.len(), 5);
    let colours = ["red", "blue", "green", "amber", "white"].map(order);
    assert_eq!(mined(&colours).1.templates().list.len(), 1);
}

#[test]
fn whom_a_long_sentence_concerns_is_a_value() {
    check(
        &["Failed password for root from 10.0.3.7 port 22 again", "Failed password for ann from 10.0.3.9 port 7 again"],
        &["2 Failed password for <*> from <*> port <*> again"],
    );
    check(&["waiting for answer", "waiting for lock"], &["1 waiting for answer", "1 waiting for lock"]);
}

#[test]
fn a_sign_in_the_place_of_a_value_is_a_missing_one() {
    check(&["fans at 7 and 8 rpm", "fans at **** and 9 rpm"], &["2 fans at <*> and <*> rpm"]);
    check(&["a long - way", "a long -- way"], &["1 a long - way", "1 a long -- way"]);
}

#[test]
fn many_words_in_one_place_are_values() {
    let names = ["amber", "birch", "cedar", "date", "elm", "fir", "gum", "hazel", "iris", "jade"];
    let messages: Vec<String> = names.iter().map(|name| format!("the job {name} has ended")).collect();
    let messages: Vec<&str> = messages.iter().map(|message| &**message).collect();
    check(&messages, &["10 the job <*> has ended"]);
    check(&messages[..3], &["1 the job amber has ended", "1 the job birch has ended", "1 the job cedar has ended"]);
}

#[test]
fn lists_of_any_length_and_quantities_with_and_without_unit_are_one() {
    check(&["free 7", "free 1 2 3", "free 1 2 3 4 5"], &["3 free <*>"]);
    check(
        &["close, 12 bytes sent, lifetime 00:01", "close, 2048 bytes (2.00 KB) sent, lifetime <1 sec"],
        &["2 close, <*> sent, lifetime <*>"],
    );
    check(&["from 10.0.0.1 () now", "from 10.0.0.1 (web.example.com) now"], &["2 from <*> (<*>) now"]);
}

#[test]
fn a_template_gives_the_values_of_its_messages() {
    let (_, miner) = mined(&["sent 12 bytes in  3ms", "sent 7 bytes in 41ms"]);
    let template = &miner.templates().list[0];
    let line = line_of("sent 12 bytes in  3ms\n  more");
    assert_eq!(template.values(&line), Some(vec!["12", "3ms"]));
    assert_eq!(template.values("sent 12 bytes"), None);
}

#[test]
fn values_have_types_and_are_counted() {
    let messages: Vec<String> = (0..2000)
        .map(|n| format!("user {} read {n} from /srv/{} in 3 ms", ["ann", "bob"][n % 2], ["a", "b", "c"][n % 3]))
        .collect();
    let (_, miner) = mined(&messages);
    let template = &miner.templates().list[0];
    assert_eq!(template.text, "user <*> read <*> from <*> in <*> ms");
    let found: Vec<_> = template.variables.iter().map(|variable| (variable.kind, variable.n_different)).collect();
    let expected = [(Kind::Word, Some(2)), (Kind::Number, None), (Kind::Path, Some(3)), (Kind::Number, Some(1))];
    assert_eq!(found, expected);
}

#[test]
fn ids_are_those_of_the_text() {
    let of = |messages: &[&str]| mined(messages).1.templates().list[0].clone();
    let (a, b) = (of(&["took 1 ms"]), of(&["took 7 ms", "took 9 ms"]));
    assert_eq!(a.id, b.id);
    assert_eq!(a.id.to_string(), of(&["took 3 ms"]).id.to_string());
    assert_ne!(a.id, of(&["took 3 s"]).id);
}

#[test]
fn what_two_sources_counted_comes_together() {
    let (a, b) = (mined(&["took 1 ms", "mode=fast"]).1, mined(&["mode=slow", "took 2 ms", "bye"]).1);
    let mut both = Miner::default();
    let (of_a, of_b) = (both.merge_all(a.shapes.list()), both.merge_all(b.shapes.list()));
    assert_eq!((of_a, of_b), (vec![0, 1], vec![1, 0, 2]));
    let templates = both.templates();
    assert_eq!(templates, mined(&["took 1 ms", "mode=fast", "mode=slow", "took 2 ms", "bye"]).1.templates());
}

/// Messages that carry fresh words: `shape` says where.
fn fresh(n: u64, shape: &str) -> Vec<String> {
    let word = |seed: u64| -> String {
        let mut bits = crate::sample::random::scramble(seed);
        (0..7)
            .map(|_| {
                bits = bits.rotate_right(5);
                char::from(b'a' + (bits % 26) as u8)
            })
            .collect()
    };
    let base: Vec<&str> = "the quick worker could not take the next job from its queue".split(' ').collect();
    let message = |n: u64| {
        let mut words: Vec<String> = base.iter().map(|&word| word.to_owned()).collect();
        let places = [n * 7 % 12, n * 5 / 3 % 12, n * 11 / 7 % 12].map(|place| place as usize);
        match shape {
            "one place" => words[3] = word(n),
            "shifting places" => places.iter().for_each(|&place| words[place] = word(n * 31 + place as u64)),
            "more words" => places.iter().for_each(|&place| words.insert(place, word(n * 37 + place as u64))),
            "all" => words.iter_mut().enumerate().for_each(|(place, own)| *own = word(n * 41 + place as u64)),
            "long lists" => words = (0..200 + n % 601).map(|i| format!("{}", i * n)).collect(),
            "any length" => words = (0..1 + n % 23).map(|place| word(n * 43 + place)).collect(),
            _ => unreachable!("{shape}"),
        }
        words.join(" ")
    };
    (0..n).map(message).collect()
}

#[test]
fn fresh_words_in_shifting_places_make_few_templates_in_little_memory() {
    for (shape, most) in [
        ("one place", 1),
        ("shifting places", 300),
        ("more words", 300),
        ("all", 6),
        ("any length", 40),
        ("long lists", 1),
    ] {
        let messages = fresh(if shape == "long lists" { 2_000 } else { 20_000 }, shape);
        let (_, miner) = mined(&messages);
        let n_templates = miner.templates().list.len();
        assert!(n_templates <= most, "{shape}: {n_templates} templates");
        assert!(miner.n_shapes() <= LIMIT.n_shapes + 1, "{shape}: {} shapes", miner.n_shapes());
        assert!(miner.memory_bytes() < 13 << 20, "{shape}: {} bytes", miner.memory_bytes());
        check_truths(&messages).unwrap();
    }
}

#[test]
fn ten_thousand_messages_that_are_all_written_often_are_as_many_templates() {
    let word = |n: usize| -> String {
        [n % 26, n / 26 % 26, n / 676 % 26]
            .map(|letter| char::from(b'a' + letter as u8))
            .iter()
            .flat_map(|c| [*c, 'o'])
            .collect()
    };
    let message = |n: usize| format!("worker {} has {} of {}", word(n * 3), word(n * 5), word(n * 11));
    let messages: Vec<String> = (0..50_000).map(|n| message(n % 10_000)).collect();
    let templates = mined(&messages).1.templates();
    assert_eq!((templates.list.len(), templates.n_general), (10_000, 0));
}

#[test]
fn a_regular_message_among_fresh_ones_keeps_its_template() {
    let mut messages = fresh(20_000, "any length");
    messages.extend((0..500).map(|n| format!("worker {n} has taken job {n} from the queue")));
    let templates = mined(&messages).1.templates();
    let found = templates.list.iter().find(|template| template.text == "worker <*> has taken job <*> from the queue");
    // The first few were no more regular than others.
    assert!(found.is_some_and(|template| template.n_entries >= 500 - COMMON), "{found:?}");
}

fn message() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(vec![
            "open", "close", "user", "a.b.C", "eth0", "eth1", "()", "(x)", "k=", "k=v", "k=7", "12", "bytes", "KB", "/a/b", "Jun", "3",
            "\"a b\"", "'x'", "[1]", "<1", "10.0.0.1:80", "true", "x:y", "null", "--", "7ms", "Fri", "=", "é", "\u{1}", "\u{2}",
            "(1.5", "KB)", "http://x/y?z=1", "a@b.de",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{1,12}",
        1 => "\\PC{1,6}",
    ];
    (prop::collection::vec(word, 0..9), prop::sample::select(vec![" ", "  ", "\t"]))
        .prop_map(|(words, gap)| words.join(gap))
}

proptest! {
    #[test]
    fn every_entry_is_counted_and_matches_its_template(messages in prop::collection::vec(message(), 1..60)) {
        check_truths(&messages)?;
    }

    #[test]
    fn the_templates_do_not_depend_on_the_order_of_messages(messages in prop::collection::vec(message(), 1..40), seed: u64) {
        let mut shuffled = messages.clone();
        shuffled.sort_by_key(|message| crate::sample::random::scramble(seed ^ message.len() as u64));
        let text = |list: Vec<Template>| list.into_iter().map(|template| (template.text, template.n_entries)).collect::<Vec<_>>();
        prop_assert_eq!(text(mined(&messages).1.templates().list), text(mined(&shuffled).1.templates().list));
    }

    #[test]
    fn the_same_messages_again_change_nothing_but_the_counts(messages in prop::collection::vec(message(), 1..40)) {
        let once = mined(&messages).1.templates().list;
        let twice = mined(&[&messages[..], &messages].concat()).1.templates().list;
        let expected: Vec<_> = once.into_iter().map(|template| (template.text, template.n_entries * 2)).collect();
        prop_assert_eq!(twice.into_iter().map(|template| (template.text, template.n_entries)).collect::<Vec<_>>(), expected);
    }
}
