//! What is read from columns is what opening each entry gives, for any text.

use std::collections::BTreeMap;

use model::time::{Nanos, Zone};
use proptest::prelude::*;

use super::*;
use crate::block::{Block, Columns, decode_text};
use crate::format::Formats;
use crate::import::Importer;
use crate::read::Context;

static FORMATS: std::sync::LazyLock<Formats> = std::sync::LazyLock::new(Formats::builtin);

pub fn blocks_of(text: &str) -> Vec<Block> {
    let context = Context { path: "var/log/app.log".into(), modified: Nanos(0), zone: Zone::utc() };
    let mut importer = Importer::new(&FORMATS, context);
    let mut blocks = Vec::new();
    importer.push(text.as_bytes(), &mut blocks);
    importer.finish(&mut blocks);
    blocks
}

/// By name, of each entry that has the field, the value.
type Table = BTreeMap<String, BTreeMap<u32, String>>;

fn opened(columns: &Columns, text: &[u8]) -> Table {
    let mut table = Table::new();
    for entry in 0..columns.len() {
        let shape = columns.shape(entry);
        let parsed = FORMATS.parse(shape.format, &String::from_utf8_lossy(&text[columns.text_range(entry)]));
        let mut add = |name: &str, value: String| {
            table.entry(name.to_owned()).or_default().entry(entry as u32).or_insert(value);
        };
        if shape.severity.0 > 0 {
            add("level", shape.severity.band().name().to_owned());
        }
        add("service", columns.service(entry).to_owned());
        add("format", FORMATS.name(shape.format).to_owned());
        if !parsed.message.is_empty() {
            add("message", parsed.message);
        }
        parsed.trace_id.into_iter().for_each(|id| add("trace_id", id));
        parsed.span_id.into_iter().for_each(|id| add("span_id", id));
        for field in parsed.fields {
            add(&model::query::name_of_own(&field.name), field.value.to_string());
        }
    }
    table
}

fn read(fields: &BlockFields, columns: &Columns, text: &[u8]) -> Table {
    let mut table = Table::new();
    for head in fields.heads().unwrap() {
        let shown = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_owned();
        let values: BTreeMap<u32, String> = match (fields.values(&head, columns).unwrap(), &head.kept) {
            (Values::Few(ids), Kept::Few(known)) => {
                for (i, known) in known.iter().enumerate() {
                    let n_entries = ids.iter().filter(|&&id| usize::from(id) == i + 1).count();
                    assert_eq!(n_entries, known.n_entries as usize, "{}={}", head.name, known.text);
                }
                let some = ids.iter().enumerate().filter(|&(_, &id)| id > 0);
                some.map(|(entry, &id)| (entry as u32, known[usize::from(id) - 1].text.to_owned())).collect()
            }
            (Values::Numbers(numbers), Kept::Numbers { form, .. }) => {
                numbers.into_iter().map(|(entry, number)| (entry, form.text(number))).collect()
            }
            (Values::Places(places, beside), Kept::Places { .. }) => {
                places.into_iter().map(|(entry, place)| (entry, shown(place.of(text, &beside)))).collect()
            }
            other => panic!("values of another kind than {:?}", other.1),
        };
        assert_eq!(values.len(), head.n_present as usize);
        assert_eq!(fields.find(head.name).unwrap().unwrap().name, head.name);
        table.insert(head.name.to_owned(), values);
    }
    table
}

fn check(text: &str) {
    for block in blocks_of(text) {
        let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
        let text = decode_text(&block.text, block.text_bytes).unwrap();
        let made = make(&columns, &text, &FORMATS);
        let fields = BlockFields::open(made).unwrap();
        assert_eq!(read(&fields, &columns, &text), opened(&columns, &text));
    }
}

fn line() -> impl Strategy<Value = String> {
    let value = || {
        prop_oneof![
            prop::sample::select(vec!["a", "b", "true", "10.50", "2.3", "250ms", "7", "-7", "007", "x\\\\ny", ""])
                .prop_map(str::to_owned),
            "[a-f0-9]{12}",
            "[0-9]{1,7}",
            r#"\PC{0,5}"#,
        ]
    };
    let name = || prop::sample::select(vec!["user", "User", "took", "status", "source", "format", "level", "path.x"]);
    prop_oneof![
        (value(), name(), value(), name(), value()).prop_map(|(message, a, b, c, d)| {
            let quote = |text: &str| serde_json::to_string(text).unwrap();
            let number = if d.parse::<u32>().is_ok() && !d.starts_with('0') { d.clone() } else { quote(&d) };
            format!(
                r#"{{"time":"2026-11-19T00:00:10Z","level":"info","msg":{},"{a}":{},"{c}":{number}}}"#,
                quote(&message),
                quote(&b)
            )
        }),
        (value(), name(), value())
            .prop_map(|(a, name, b)| format!("time=2026-11-19T00:00:10Z level=warn msg={a:?} {name}={b:?}")),
        (value(), value()).prop_map(|(a, b)| format!("2026-11-19 00:00:10 ERROR {a} user={b} trace_id={a}")),
        "\\PC{0,20}",
    ]
}

#[test]
fn fields_of_many_values_are_numbers_or_places() {
    let lines = (0..600).map(|i| {
        format!(
            "time=2026-11-19T00:00:10Z level=info msg=\"order {i}\" took={}.{}ms n={i} id=x{i:x}y user=u{}\n",
            i / 10,
            i % 10,
            i % 7
        )
    });
    let text: String = lines.collect();
    check(&text);
    let block = &blocks_of(&text)[1];
    let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
    let made = make(&columns, &decode_text(&block.text, block.text_bytes).unwrap(), &FORMATS);
    let fields = BlockFields::open(made).unwrap();
    let kept = |name: &str| match fields.find(name).unwrap().expect(name).kept {
        Kept::Few(known) => format!("{} values", known.len()),
        Kept::Numbers { form, .. } => format!("numbers{}", form.suffix),
        Kept::Places { .. } => "places".to_owned(),
    };
    let kept = ["user", "took", "n", "id", "message", "level"].map(kept);
    assert_eq!(kept, ["7 values", "numbersms", "numbers", "places", "places", "1 values"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn columns_say_what_opening_each_entry_says(lines in proptest::collection::vec(line(), 1..80), n_copies in 1..4usize) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        check(&text.repeat(n_copies));
    }

    #[test]
    fn damaged_columns_are_told_and_no_panic(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        let text: String = (0..40).map(|i| format!("time=2026-11-19T00:00:10Z level=info msg=x id=a{i}b n={i} k={}\n", i % 3)).collect();
        let block = blocks_of(&text).remove(0);
        let columns = Columns::decode(&block.columns, &FORMATS).unwrap();
        let text = decode_text(&block.text, block.text_bytes).unwrap();
        let made = make(&columns, &text, &FORMATS);
        let mut changed = made.clone();
        changed[at.index(made.len())] = byte;
        for bytes in [changed, made[..cut.index(made.len())].to_vec()] {
            let Ok(fields) = BlockFields::open(bytes) else { continue };
            let Ok(heads) = fields.heads() else { continue };
            for head in heads {
                if let Ok(Values::Places(places, beside)) = fields.values(&head, &columns) {
                    places.iter().for_each(|(_, place)| assert!(place.of(&text, &beside).len() <= text.len() + beside.len()));
                }
            }
        }
    }
}
