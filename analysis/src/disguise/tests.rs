//! What has pseudonyms, and what has not.

use expect_test::{Expect, expect};
use model::disguise::Given;
use model::entry::RowKey;
use model::time::{Nanos, Zone};
use proptest::prelude::*;

use super::*;
use crate::format::Formats;
use crate::read::{Context, Reader};

fn all() -> Disguiser {
    Disguiser::new(Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 }, Rc::default())
}

fn no_entry() -> Entry {
    let nothing = String::new;
    Entry {
        key: RowKey::default(),
        first_line: 1,
        last_line: 1,
        part: Default::default(),
        precision: Default::default(),
        naive: false,
        inferred: Default::default(),
        reading: Default::default(),
        severity: Default::default(),
        severity_text: nothing(),
        service: nothing(),
        service_rule: nothing(),
        format: nothing(),
        message: nothing(),
        fields: Vec::new(),
        trace_id: None,
        span_id: None,
        request: None,
        id_flaw: None,
        zone: Default::default(),
        raw: nothing(),
        message_highlights: Vec::new(),
        raw_highlights: Vec::new(),
        raw_bytes: 0,
    }
}

fn check(texts: &[&str], expected: &Expect) {
    let mut disguiser = all();
    let written: Vec<String> = texts.iter().map(|text| disguiser.text(text)).collect();
    expected.assert_eq(&written.join("\n"));
}

#[test]
fn who_and_where_have_pseudonyms() {
    check(
        &[
            "Accepted password for bob from 10.0.0.7 port 22 ssh2",
            "login user=bob from=10.0.0.8 mail=Bob.Smith@example.org",
            "{\"user\":\"alice\",\"peer\":\"fe80::1ff:fe23:4567:890a\",\"n\":7}",
            "GET https://api.example.com:8443/v1/orders 10.0.0.7 bob.smith@EXAMPLE.org",
            "connect postgres://shop:hush@db.internal/orders",
        ],
        &expect![[r#"
            Accepted password for user-1 from ip-1 port 22 ssh2
            login user=user-1 from=ip-2 mail=mail-1
            {"user":"user-2","peer":"ip-3","n":7}
            GET https://host-1:8443/v1/orders ip-1 mail-1
            connect postgres://user-3@host-2/orders"#]],
    );
}

#[test]
fn secrets_ids_paths_and_long_numbers_have_pseudonyms() {
    check(
        &[
            "Authorization: Bearer abc.def-123 password=hunter2 token=\"x1y2z3\"",
            "request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 sha da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "read /home/bob/secret.txt and C:\\Users\\bob\\x.doc, not /api/orders/17",
            "card 4111111111111111 order 17 at 1763633700 again 4111111111111111",
            "trace 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        ],
        &expect![[r#"
            Authorization: Bearer token-000001 password=token-000002 token="token-000003"
            request f0000000-0000-4000-8000-000000000004 sha f000000000000000000000000000000000000005
            read path-1 and path-2, not /api/orders/17
            card 9000000000000001 order 17 at 9000000001 again 9000000000000001
            trace f0000000-0000-4000-8000-000000000004"#]],
    );
}

#[test]
fn an_id_that_is_printed_byte_by_byte_has_the_pseudonym_of_the_one_that_is_written() {
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let printed = |text: &str| {
        let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
        format!("RecordHeader(key = traceparent, value = [{}]) read", bytes.join(", "))
    };
    let mut disguiser = all();
    let now = disguiser.text(id);
    assert_eq!(now, "f0000000000000000000000000000001");
    let written = disguiser.text(&printed(&format!("00-{id}-00f067aa0ba902b7-01")));
    assert_eq!(written, printed(&format!("00-{now}-f000000000000002-01")));
}

#[test]
fn what_only_looks_a_bit_like_it_stays() {
    for text in [
        "12:34:56 took 1.2.3 s",
        "deadbeef cafe",
        "a::b std::io::Error",
        "version 10.0.0",
        "for all from here",
        "/api/v1/users/17",
        "LOG:  could not receive data from client: Connection reset by peer",
        "Member: joined. Sender : gone",
    ] {
        assert_eq!(all().text(text), text);
    }
}

#[test]
fn machines_have_pseudonyms_by_the_names_of_their_fields_and_by_how_they_end() {
    check(
        &[
            r#"{"host":"web-prod-01","hostname": "web-prod-02.corp.internal","server":"db-7","n":1}"#,
            r#"{\"node\":\"mars\"} remoteHost=web-prod-01 server.address=db-7 instance_id = i-0abc9"#,
            "connected to db-7.corp.internal:5432 and shop.example.com, on host web-prod-01; hostname: nas01",
        ],
        &expect![[r#"
            {"host":"host-1","hostname": "host-2","server":"host-3","n":1}
            {\"node\":\"host-4\"} remoteHost=host-1 server.address=host-3 instance_id = host-5
            connected to host-6:5432 and host-7, on host host-1; hostname: host-8"#]],
    );
    for text in [
        "server: 3 items",
        "server: started, node: v18.2.0, host: is unreachable",
        "node=3 instance=null {\"server\":\"nginx/1.18\",\"node\":7}",
        "could not resolve host: name unknown",
        "usage: host:port",
        "java.net.SocketException in com.example.net and com.acme.internal.Pool",
        "main.rs socket.io Node.js System.Net self.logger.info settings.json",
        "app.kubernetes.io/name of host 3",
        "hosts=4 ghost=x host= port=a",
    ] {
        assert_eq!(all().text(text), text);
    }
}

#[test]
fn a_host_that_a_field_alone_tells_has_a_pseudonym_in_the_text_too() {
    let field = |name: &str, value: &str| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
    let line = "Nov 20 10:00:00 mars sshd[7]: mars is up";
    assert_eq!(all().line(line, &[field("host", "mars")], 0..15).0, "Nov 20 10:00:00 host-1 sshd[7]: host-1 is up");
    let nested = r#"{"host":{"name":"web-prod-01"},"msg":"web-prod-01 is up"}"#;
    let fields = [field("host.name", "web-prod-01")];
    assert_eq!(all().line(nested, &fields, 0..0).0, r#"{"host":{"name":"host-1"},"msg":"host-1 is up"}"#);
    let server = [field("server", "cache")];
    assert_eq!(
        all().line(r#"{"server":"cache"} cache is full"#, &server, 0..0).0,
        r#"{"server":"host-1"} cache is full"#
    );
}

#[test]
fn a_number_that_is_a_customer_in_a_field_is_one_in_the_text_behind_its_name() {
    let field = |name: &str, value: Value| Field { name: name.to_owned(), value };
    let fields = [field("customer.id", Value::Int(4711)), field("took", Value::Int(4711))];
    assert_eq!(
        all().line(r#"{"customer":{"id": 4711},"took":4711,"n":{"id":47110}}"#, &fields, 0..0).0,
        r#"{"customer":{"id": user-1},"took":4711,"n":{"id":47110}}"#
    );
    let text = [field("customer.id", Value::Text("4711".to_owned()))];
    assert_eq!(all().line(r#"{\"id\":\"4711\"} 4711"#, &text, 0..0).0, r#"{\"id\":\"user-1\"} 4711"#);
    check(
        &["enduser.id: carol signed in", "denied for user bob at host web01, user interface on hostage"],
        &expect![[r#"
            enduser.id: user-1 signed in
            denied for user user-2 at host host-1, user interface on hostage"#]],
    );
}

#[test]
fn a_path_has_one_pseudonym_however_its_backslashes_are_written() {
    check(
        &["open C:\\logs\\a.txt", r#"{"path":"C:\\logs\\a.txt"} \\server\share"#, r#""\\\\server\\share""#],
        &expect![[r#"
            open path-1
            {"path":"path-1"} path-2
            "path-2""#]],
    );
}

#[test]
fn the_name_of_a_structured_field_is_no_mail_address() {
    let field = |name: &str, value: &str| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
    let mut entry = Entry {
        fields: vec![field("shop@32473.trace_id", "4bf92f3577b34da6"), field("shop@32473.password", "hunter2")],
        ..no_entry()
    };
    let mut disguiser = all();
    disguiser.entry(&mut entry);
    let met: Vec<Trait> = disguiser.found().iter().map(|replaced| replaced.what).collect();
    assert_eq!(met, [Trait::Token], "{:?}", disguiser.found());
    assert_eq!(entry.fields[1].value, Value::Text("token-000002".to_owned()));
}

#[test]
fn the_id_of_a_request_has_the_pseudonym_that_it_has_in_its_entry() {
    let of = |id: &str| Some((id.to_owned(), "a rule".to_owned()));
    let id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    let mut entry = Entry { message: format!("request {id}"), request: of(id), ..no_entry() };
    all().entry(&mut entry);
    let now = entry.request.unwrap().0;
    assert!(now != id && entry.message == format!("request {now}"), "{now}: {}", entry.message);
    let field = Field { name: "password".to_owned(), value: Value::Text("hunter2".to_owned()) };
    let mut entry = Entry { fields: vec![field], request: of("hunter2"), ..no_entry() };
    all().entry(&mut entry);
    assert_eq!(entry.request.unwrap().0, "token-000001");
}

#[test]
fn a_part_that_says_nothing_alone_has_the_name_it_has_in_its_entry() {
    let mut disguiser = all();
    let mut entry = Entry { message: "login user=alice password=hunter2 from 10.0.0.7".to_owned(), ..no_entry() };
    disguiser.entry(&mut entry);
    for part in ["alice", "'alice'", "hunter2", "10.0.0.7", "user=alice"] {
        let disguised = disguiser.part(part);
        let bare = disguised.trim_matches('\'');
        assert!(entry.message.contains(bare) && disguised != part, "{part} became {disguised}: {}", entry.message);
    }
    assert_eq!(disguiser.part("login"), "login");
}

#[test]
fn who_is_told_by_a_field_alone_has_a_pseudonym_in_the_text_too() {
    let fields = [Field { name: "user".to_owned(), value: Value::Text("frank".to_owned()) }];
    let line = "10.0.0.7 - frank [20/Nov/2026:10:00:00 +0000] \"GET /~frank/frankfurt\" 200";
    let stamp = line.find("20/Nov").unwrap()..line.find(']').unwrap();
    let (written, kept) = all().line(line, &fields, stamp.clone());
    assert_eq!(
        written,
        "ip-1 - user-1 [20/Nov/2026:10:00:00 +0000] \"GET path-1\" 200".replace("path-1", "/~user-1/frankfurt")
    );
    assert_eq!(written[kept], line[stamp]);
    let nobody = [Field { name: "user".to_owned(), value: Value::Text("-".to_owned()) }];
    assert_eq!(all().line("a - b", &nobody, 0..0).0, "a - b");
}

#[test]
fn what_stands_between_a_date_and_its_clock_has_pseudonyms() {
    let line = r#"{"date":"2026-11-20","message":"mail from ann@example.org","time":"10:00:01"}"#;
    let formats = Formats::builtin();
    let context = Context { path: "a.log".to_owned(), modified: Nanos(0), zone: Zone::utc() };
    let mut reader = Reader::new(&formats, context);
    reader.push(line.as_bytes());
    reader.finish();
    let stamp = reader.next_record().expect("one entry").head.stamp;
    let (written, kept) = all().line(line, &[], stamp.start as usize..stamp.end as usize);
    assert!(!written.contains("ann"), "{written}");
    assert_eq!(&written[kept], "10:00:01");
}

#[test]
fn whatever_is_written_later_has_the_pseudonyms_of_what_was_written_before() {
    let known = Rc::<RefCell<Pseudonyms>>::default();
    let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 };
    let mut entries = Disguiser::new(disguise.clone(), known.clone());
    assert_eq!(entries.text("10.0.0.7 user=ann"), "ip-1 user=user-1");
    let mut rows = Disguiser::new(disguise, known);
    assert_eq!(rows.value("peer", "10.0.0.8"), "ip-2");
    assert_eq!(rows.value("user", "ann"), "user-1");
    assert_eq!(rows.value("who", "ann"), "user-1", "whatever the column is called");
    assert_eq!(rows.value("count", "17"), "17");
    assert_eq!(rows.found().iter().map(|found| found.n_values).sum::<u64>(), 2);
}

#[test]
fn whose_mail_address_it_is_can_be_read_nowhere_in_the_entry() {
    let text = |name: &str, value: &str| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
    let fields = [text("customer", "u085810"), text("mail", "u085810@example.org")];
    let line = "customer=u085810 mail=u085810@example.org msg=\"paid by u085810, not u0858101\"";
    let mut disguiser = all();
    assert_eq!(
        disguiser.line(line, &fields, 0..0).0,
        "customer=user-1 mail=mail-1 msg=\"paid by user-1, not u0858101\""
    );
    assert_eq!(disguiser.line("customer=u085810 left", &fields[..1], 0..0).0, "customer=user-1 left");
    assert_eq!(disguiser.words("what did u085810 do?"), "what did user-1 do?");
    // An address that only the text has, and one of a task.
    assert_eq!(all().line("ann.lee wrote to ann.lee+x@example.org", &[], 0..0).0, "user-1 wrote to mail-1");
    let of_task = "{\"level\":\"info\",\"to\":\"info@example.org\"}";
    assert_eq!(all().line(of_task, &[], 0..0).0, "{\"level\":\"info\",\"to\":\"mail-1\"}");
    assert_eq!(all().value("mail", "u085810@example.org"), "mail-1");
}

#[test]
fn those_a_program_serves_are_users_whatever_it_calls_them() {
    check(
        &[
            "customer=u1 client_id: u2 \"account\":\"u3\" db_user=u4 remoteUser=u5 'member': 'u6' owner.name=u7",
            "{\"customer\":\"Ann Lee\",\"user\":null,\"guest\":\"none\"} {\\\"user\\\":\\\"u1\\\"}",
            "user-agent=curl/8 client_ip=10.0.0.7 client: 10.0.0.7:443 authorization=none account_type=gold",
        ],
        &expect![[r#"
            customer=user-1 client_id: user-2 "account":"user-3" db_user=user-4 remoteUser=user-5 'member': 'user-6' owner.name=user-7
            {"customer":"user-8","user":null,"guest":"none"} {\"user\":\"user-1\"}
            user-agent=curl/8 client_ip=ip-1 client: ip-1:443 authorization=token-000001 account_type=gold"#]],
    );
    check(
        &["customer: \"Ann Lee\" owner: 'u2' client = u3 member:u4 buyer := u5 guest 'u6' login: u7 uid: u8"],
        &expect![[
            r#"customer: "user-1" owner: 'user-2' client = user-3 member:user-4 buyer := user-5 guest 'user-6' login: user-7 uid: user-8"#
        ]],
    );
    let full_name = [Field { name: "customer".to_owned(), value: Value::Text("Ann Lee".to_owned()) }];
    assert_eq!(all().line("Ann Lee: customer=Ann Lee", &full_name, 0..0).0, "user-1: customer=user-1");
    assert_eq!(all().value("buyer", "Jörg O'Neil"), "user-1");
}

#[test]
fn of_a_name_in_several_words_nothing_is_left_whatever_is_between_them() {
    for name in ["Lee, Ann", "Ann Lee 2", "Lee & Sons", "Ann (Nan) Lee", "Ann of the House of Lee"] {
        let fields = [Field { name: "customer".to_owned(), value: Value::Text(name.to_owned()) }];
        let in_json = format!("{{\"customer\":\"{name}\",\"n\":7}}");
        assert_eq!(all().line(&in_json, &fields, 0..0).0, "{\"customer\":\"user-1\",\"n\":7}", "{name}");
        assert_eq!(all().value("customer", name), "user-1");
    }
    // The first pseudonym is of the one whose address it is.
    assert_eq!(all().value("customer", "ann@example.org (Ann Lee)"), "user-2");
    assert_eq!(all().value("client", "10.0.0.7 port 22"), "ip-1 port 22");
    check(
        &["{\\\"customer\\\":\\\"Ann Lee\\\"} {\"customer\":\"Ann Lee\"}"],
        &expect![[r#"{\"customer\":\"user-1\"} {"customer":"user-1"}"#]],
    );
}

#[test]
fn pseudonyms_that_were_kept_are_given_again() {
    let known = Rc::<RefCell<Pseudonyms>>::default();
    let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 4 };
    let mut before = Disguiser::new(disguise.clone(), known.clone());
    assert_eq!(before.text("user=ann 10.0.0.7 77777 88888"), "user=user-1 ip-1 90001 90002");
    let kept = known.borrow_mut().take_fresh();
    assert_eq!((kept.len(), known.borrow_mut().take_fresh()), (4, Vec::new()));
    // Of those that could not be kept the next ask hears again, before those that were given since.
    known.borrow_mut().put_back_fresh(kept[2..].to_vec());
    before.text("user=cid");
    let again: Vec<_> = known.borrow_mut().take_fresh().into_iter().map(|given| given.value).collect();
    assert_eq!(again, ["77777", "88888", "cid"]);
    let later = Rc::<RefCell<Pseudonyms>>::default();
    kept.iter().for_each(|given| later.borrow_mut().restore(given));
    let mut after = Disguiser::new(disguise, later.clone());
    assert_eq!(after.text("10.0.0.8 user=bob 88888 99999 user=ann"), "ip-2 user=user-2 90002 90003 user=user-1");
    assert_eq!(after.words("was it Ann?"), "was it user-1?");
    assert_eq!(later.borrow_mut().take_fresh().len(), 3);
}

#[test]
fn names_of_fields_and_other_numbers_stay_where_a_user_is_called_so() {
    let field = |name: &str, value: Value| Field { name: name.to_owned(), value };
    let text = |value: &str| Value::Text(value.to_owned());
    let numbered = [field("user_id", Value::Int(42)), field("took", Value::Int(42))];
    assert_eq!(all().line("{\"user_id\":42,\"took\":42}", &numbered, 0..0).0, "{\"user_id\":user-1,\"took\":42}");
    assert_eq!(all().line("42 - took 42", &[field("user", text("42"))], 0..0).0, "42 - took 42");
    assert_eq!(all().line("user=user", &[field("user", text("user"))], 0..0).0, "user=user-1");
    // Pseudonyms are not looked into.
    let both = [field("login", text("ann")), field("user", text("ip"))];
    assert_eq!(all().line("10.0.0.7 ip ann", &both, 0..0).0, "ip-1 user-2 user-1");
}

#[test]
fn what_is_written_of_entries_has_the_pseudonyms_of_all_that_is_known() {
    let field = |name: &str, value: &str| Field { name: name.to_owned(), value: Value::Text(value.to_owned()) };
    let mut disguiser = all();
    disguiser.line("- eve -", &[field("user", "eve")], 0..0);
    disguiser.line("- bob.smith -", &[field("user", "bob.smith")], 0..0);
    disguiser.line("user=status https://api.example.com/", &[field("status", "200")], 0..0);
    for (written, expected) in [
        ("user==eve", "user==user-1"),
        ("(user==eve OR user==bob.smith)", "(user==user-1 OR user==user-2)"),
        ("user:(Bob.Smith OR eve)", "user:(user-2 OR user-1)"),
        ("SELECT * FROM entries WHERE user = 'eve'", "SELECT * FROM entries WHERE user = 'user-1'"),
        ("user IN ('eve', 'bob.smith')", "user IN ('user-1', 'user-2')"),
        ("status:200 host:api.example.com", "status:200 host:host-1"),
        ("password == 'hunter2' evening bob", "password == 'token-000001' evening bob"),
    ] {
        assert_eq!(disguiser.words(written), expected);
    }
    assert_eq!(disguiser.value("message", "10.0.0.7: eve logged in"), "ip-1: user-1 logged in");
    assert_eq!(disguiser.text("eve logged in"), "eve logged in", "an entry's text goes by its own fields");
}

#[test]
fn only_what_was_chosen_is_replaced() {
    let mut disguiser = Disguiser::new(Disguise { traits: vec![Trait::Ip], most_digits: 3 }, Rc::default());
    assert_eq!(disguiser.text("bob@example.org 10.0.0.1 123456"), "bob@example.org ip-1 123456");
    assert_eq!(disguiser.found().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The same text is written in the same way whatever came between, and what was written once is not changed again.
    #[test]
    fn pseudonyms_are_consistent(texts in prop::collection::vec("[ a-z0-9@./:=-]{0,40}|user=[a-z]{1,5} [0-9]{1,3}\\.0\\.0\\.1", 1..8)) {
        let mut disguiser = all();
        let first: Vec<String> = texts.iter().map(|text| disguiser.text(text)).collect();
        let again: Vec<String> = texts.iter().map(|text| disguiser.text(text)).collect();
        prop_assert_eq!(first, again);
    }

    /// No value that was found is left anywhere in the same text.
    #[test]
    fn what_is_found_is_gone(text in any::<String>(), a in 1..255u8, b in 0..255u8) {
        let address = format!("{a}.{b}.113.7");
        let written = all().text(&format!("{text} {address} mail-me@example.com"));
        prop_assert!(!written.contains(&address));
        prop_assert!(!written.contains("mail-me@example.com"));
    }
}

#[test]
fn what_is_forgotten_gets_another_name_and_nobody_gets_that_one() {
    let known: Rc<RefCell<Pseudonyms>> = Rc::default();
    let named = |text: &str| Disguiser::new(all().disguise, known.clone()).text(text);
    assert_eq!(named("10.0.0.1 10.0.0.2"), "ip-1 ip-2");
    let given = |value: &str, name: &str| Given { what: Trait::Ip, value: value.to_owned(), name: name.to_owned() };
    known.borrow_mut().forget(&given("10.0.0.1", "ip-1"));
    assert!(known.borrow_mut().remember(&given("10.0.0.1", "ip-1")), "which can be taken back");
    assert_eq!(named("10.0.0.1 10.0.0.2"), "ip-1 ip-2");
    known.borrow_mut().forget(&given("10.0.0.1", "ip-1"));
    assert_eq!(named("10.0.0.1 10.0.0.2"), "ip-3 ip-2");
    assert!(!known.borrow_mut().remember(&given("10.0.0.1", "ip-1")), "it has another name by now");
    known.borrow_mut().forget_all();
    assert_eq!(named("10.0.0.2"), "ip-4");
    // After a reload as well.
    let restored: Rc<RefCell<Pseudonyms>> = Rc::default();
    for kept in [given("", "ip-1"), given("10.0.0.2", "ip-2")] {
        restored.borrow_mut().restore(&kept);
    }
    let text = Disguiser::new(all().disguise, restored).text("10.0.0.3 10.0.0.2");
    assert_eq!(text, "ip-3 ip-2");
}

#[test]
fn people_that_are_forgotten_are_not_known_by_their_words_either() {
    let known: Rc<RefCell<Pseudonyms>> = Rc::default();
    let mut disguiser = Disguiser::new(all().disguise, known.clone());
    assert_eq!(disguiser.text("login user=alice"), "login user=user-1");
    assert_eq!(disguiser.words("ask alice"), "ask user-1");
    known.borrow_mut().forget(&Given { what: Trait::User, value: "alice".to_owned(), name: "user-1".to_owned() });
    assert_eq!(disguiser.words("ask alice"), "ask alice");
}
