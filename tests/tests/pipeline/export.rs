//! The entries of a filter as a file.

use bytes::Bytes;
use model::disguise::{Disguise, Trait};
use model::protocol::{Answer, Ask, DisguiseAsk, ExportAsk, ToApp};
use model::scope::Order;
use model::written::Form;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Row, RowAccessor};

use crate::workspace::{Workspace, filter};

const LINES: [&str; 3] = [
    "2026-11-20T10:00:00Z INFO service=cart order 1 placed",
    "2026-11-20T10:00:01Z ERROR service=cart payment, \"refused\"\n  at bank.pay",
    "2026-11-20T10:00:02Z INFO service=cart order 2 placed",
];

fn exported(workspace: &mut Workspace, query: &str, order: Order, form: Form) -> String {
    exported_as(
        workspace,
        ExportAsk { filter: filter(query, order), chosen: None, form, columns: Vec::new(), disguise: None },
    )
}

fn exported_as(workspace: &mut Workspace, ask: ExportAsk) -> String {
    String::from_utf8(exported_bytes(workspace, ask)).unwrap()
}

fn exported_bytes(workspace: &mut Workspace, ask: ExportAsk) -> Vec<u8> {
    let mut file = Vec::new();
    for message in workspace.messages(Ask::Export(ask)) {
        match message {
            ToApp::Progress { so_far: Some(Answer::Exported(part)), .. } => file.extend(part),
            ToApp::Done { outcome: Ok(Answer::Exported(part)), .. } => file.extend(part),
            ToApp::Progress { so_far: None, .. } => {}
            other => panic!("{other:?}"),
        }
    }
    file
}

#[test]
fn entries_as_text_are_those_of_the_files_in_the_order_of_the_view() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("a.log", &(LINES.join("\n") + "\n"), 2);
    let all = exported(&mut workspace, "", Order::OldestFirst, Form::Text);
    assert_eq!(all, LINES.join("\n") + "\n");
    let newest = exported(&mut workspace, "order", Order::NewestFirst, Form::Text);
    assert_eq!(newest, format!("{}\n{}\n", LINES[2], LINES[0]));
}

#[test]
fn chosen_columns_have_a_column_of_csv_each() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("a.log", &(LINES.join("\n") + "\n"), 2);
    let ask = ExportAsk {
        filter: filter("order", Order::OldestFirst),
        chosen: None,
        form: Form::Csv,
        columns: ["level", "service", "nothing", "template"].map(str::to_owned).to_vec(),
        disguise: None,
    };
    let file = exported_as(&mut workspace, ask);
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("time,level,service,source,line,nothing,template,message,trace_id,span_id"));
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(first[..6], ["2026-11-20T10:00:00.000000000Z", "info", "a", "a.log", "1", ""]);
    assert!(!first[6].is_empty(), "{first:?}");
}

#[test]
fn a_parquet_file_of_many_row_groups_has_every_entry_with_its_time_and_null_for_what_it_lacks() {
    const N: usize = 45_000;
    /// 2026-11-20T10:00:00Z.
    const FIRST_SECOND: i64 = 1795168800;
    let mut workspace = Workspace::in_memory();
    let line = |n: usize| format!("2026-11-20T10:{:02}:{:02}.000000007Z INFO number={n}\n", n / 60 % 60, n % 60);
    let text: String = (0..N).map(line).collect();
    workspace.take_in("a.log", &text, 4000);
    workspace.take_in("b.log", "nothing tells when\n", 2);
    let ask = ExportAsk {
        filter: filter("", Order::AsWritten),
        chosen: None,
        form: Form::Parquet,
        columns: ["level", "number", "nothing"].map(str::to_owned).to_vec(),
        disguise: None,
    };
    let file = SerializedFileReader::new(Bytes::from(exported_bytes(&mut workspace, ask))).unwrap();
    assert!(file.num_row_groups() > 2, "{}", file.num_row_groups());
    let names: Vec<String> =
        file.metadata().file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    assert_eq!(
        names,
        ["time", "level", "service", "source", "line", "number", "nothing", "message", "trace_id", "span_id"]
    );
    let rows: Vec<Row> = file.get_row_iter(None).unwrap().map(|row| row.unwrap()).collect();
    let (undated, dated): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.get_long(0).is_err());
    assert_eq!((undated.len(), dated.len()), (1, N));
    assert_eq!(undated[0].get_string(7).unwrap(), "nothing tells when");
    for (n, row) in dated.into_iter().enumerate() {
        let seconds = FIRST_SECOND + i64::try_from(n).unwrap() % 3600;
        assert_eq!(row.get_long(0).unwrap(), seconds * 1_000_000_000 + 7);
        assert_eq!((row.get_long(4).unwrap(), &**row.get_string(5).unwrap()), (n as i64 + 1, &*n.to_string()));
        assert!(row.get_string(6).is_err(), "null");
    }
}

#[test]
fn a_file_of_many_parts_has_every_entry_once() {
    let mut workspace = Workspace::in_memory();
    let line = |n: u32| format!("2026-11-20T10:00:{:02}Z INFO entry number {n} {}\n", n % 60, "x".repeat(400));
    let text: String = (0..3000).map(line).collect();
    workspace.take_in("a.log", &text, 50);
    let file = exported(&mut workspace, "", Order::AsWritten, Form::Text);
    assert!(file == text);
    let sorted = exported(&mut workspace, "", Order::OldestFirst, Form::JsonLines);
    assert_eq!(sorted.lines().count(), 3000);
    let numbers: std::collections::BTreeSet<&str> =
        sorted.lines().map(|line| line.split("entry number ").nth(1).unwrap().split(' ').next().unwrap()).collect();
    assert_eq!(numbers.len(), 3000);
}

#[test]
fn a_spreadsheet_gets_a_head_and_a_row_for_each_entry() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("a.log", &(LINES.join("\n") + "\n"), 2);
    let file = exported(&mut workspace, "level:error", Order::OldestFirst, Form::Csv);
    assert!(file.starts_with("time,level,service,source,line,message,"), "{file}");
    assert!(file.contains("\r\n2026-11-20T10:00:01.000000000Z,error,a,a.log,2,\""), "{file}");
    assert!(file.contains("\"\"refused\"\""), "{file}");
}

#[test]
fn pseudonyms_are_the_same_in_the_whole_file_and_whatever_it_is_written_as() {
    let mut workspace = Workspace::in_memory();
    let line = |n: u32| {
        format!(
            "2026-11-20T10:00:{:02}Z INFO {{\"user\":\"u{}\",\"peer\":\"10.0.0.{}\",\"order\":{}}}\n",
            n % 60,
            n % 3,
            n % 5,
            4_000_000_000_000_u64 + u64::from(n % 7)
        )
    };
    let text: String = (0..900).map(line).collect();
    workspace.take_in("a.log", &text, 50);
    let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 };
    for form in [Form::Text, Form::JsonLines, Form::Csv] {
        let ask = ExportAsk {
            filter: filter("", Order::OldestFirst),
            chosen: None,
            form,
            columns: Vec::new(),
            disguise: Some(disguise.clone()),
        };
        let file = exported_as(&mut workspace, ask);
        for gone in ["10.0.0.", "u0\"", "u1\"", "u2\"", "4000000000"] {
            assert!(!file.contains(gone), "{gone} is in it, {form:?}");
        }
        // Each of them, and no more.
        assert!(file.contains("user-3") && file.contains("ip-5") && file.contains("9000000000007"), "{form:?}");
        assert!(!file.contains("user-4") && !file.contains("ip-6") && !file.contains("9000000000008"), "{form:?}");
    }
    let ask = DisguiseAsk { filter: filter("", Order::OldestFirst), disguise };
    let Ok(Answer::Disguised(preview)) = workspace.ask(Ask::PreviewDisguise(ask)) else { panic!("no preview") };
    let found: Vec<_> = preview.found.iter().map(|replaced| (replaced.what, replaced.n_values)).collect();
    assert_eq!(found, [(Trait::Ip, 5), (Trait::User, 3), (Trait::Number, 7)]);
    assert_eq!(preview.found[1].examples[0], ("u0".to_owned(), "user-1".to_owned()));
}

#[test]
fn the_stamp_stays_whoever_is_called_like_a_part_of_it() {
    let mut workspace = Workspace::in_memory();
    let line = |n: u32, user: &str| {
        format!("10.0.0.7 - {user} [20/Nov/2026:10:{n:02}:00 +0000] \"GET /orders HTTP/1.1\" 200 {n}\n")
    };
    let text: String = (0..60).map(|n| line(n, "Nov")).collect();
    workspace.take_in("access.log", &text, 50);
    let ask = ExportAsk {
        filter: filter("", Order::OldestFirst),
        chosen: None,
        form: Form::Text,
        columns: Vec::new(),
        disguise: Some(Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 }),
    };
    let expected: String = (0..60).map(|n| line(n, "user-1").replace("10.0.0.7", "ip-1")).collect();
    assert_eq!(exported_as(&mut workspace, ask), expected);
}

#[test]
fn rows_of_a_result_name_nobody_that_another_row_tells() {
    let mut workspace = Workspace::in_memory();
    workspace.take_in("a.log", &(LINES.join("\n") + "\n"), 2);
    let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 9 };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    // More than one step of them, and who it is comes last.
    let mut values: Vec<_> = (0..1200).map(|n| pair("message", &format!("frank asked {n}"))).collect();
    values.push(pair("user", "frank"));
    let Ok(Answer::DisguisedValues(names)) = workspace.ask(Ask::DisguiseValues { disguise, values }) else {
        panic!("no pseudonyms")
    };
    assert_eq!(names.len(), 1201);
    assert_eq!([&*names[0], &*names[1199], &*names[1200]], ["user-1 asked 0", "user-1 asked 1199", "user-1"]);
}
