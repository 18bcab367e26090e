//! Turns a found entry into what is shown of it: a row of the table, or all of it.

use std::borrow::Cow;

use analysis::colour::plain_str;
use analysis::format::{Formats, Parsed};
use analysis::ids::ids_of;
use analysis::search::Highlighter;
use model::colour::{Paint, Painted, painted};
use model::columns::Shows;
use model::entry::{Entry, Field, Inferred, Part, Row, RowKey, SHOWN_RAW_BYTES, Shown, SourceId, WrittenZone};
use model::meaning::{Meaning, POINT_FIELD, SPAN_FIELD, Signals};
use model::protocol::RowForm;
use model::query::{is_level_name, own_field, variable_place};
use model::severity::Band;
use model::source::SHOWN_LINE_CHARS;
use model::time::Reading;

use crate::store::{Blocks, Found, Result, Slot, Store};

/// A row's text is cut here: more than the widest screen shows.
const MAX_ROW_CHARS: usize = 500;
/// The same of a row of many lines.
const MAX_TALL_ROW_CHARS: usize = 3000;
const LEAST_TALL_LINES: u32 = 7;
/// Where what the query matched stands further on: what is left of the beginning, and before the match.
const BEGINNING_CHARS: usize = 60;
const BEFORE_MATCH_CHARS: usize = 60;

/// Rows of more lines are none.
const MAX_LINES: u32 = 12;

/// A column's value is cut here: wider columns than this are none.
const MAX_VALUE_CHARS: usize = 200;

/// Rows do not look further into an entry, so that a page of huge entries is still one quick page.
pub const MAX_PARSED_BYTES: usize = 32 << 10;

/// Entries without a stamp that are passed to find the zone of the one before them.
const MOST_LOOKED_BACK: usize = 64;

/// One row of the table, with what the query matched marked.
pub fn row(blocks: &mut Blocks, found: Found, highlighter: &Highlighter, form: &RowForm) -> Result<Row> {
    let entry = found.entry as usize;
    let columns = blocks.columns(found.slot)?;
    let shape = columns.shape(entry);
    let text = text_of(blocks, found.slot, entry, MAX_PARSED_BYTES)?;
    let mut parsed = blocks.formats().parse(shape.format, &text);
    let service = service_of(blocks, found.slot, entry, &parsed)?;
    let mut colours = colours(&text, &mut parsed.message);
    let mut values = Vec::with_capacity(form.columns.len());
    for name in &form.columns {
        let value = value_of(blocks, found, &parsed, &service, name)?;
        values.push(value.map(|value| shown(name, &value, highlighter)));
    }
    let colour = match form.colour.as_str() {
        "" => None,
        name => value_of(blocks, found, &parsed, &service, name)?,
    };
    if form.shows == Shows::Raw {
        colours = painted(&text);
        parsed.message = colours.as_ref().map_or(text, |painted| painted.text.clone());
    }
    let (text, message_bytes) = row_text_with_match(&parsed, form, highlighter);
    let n_shown = text[..message_bytes as usize].lines().count().max(1) as u32;
    let paints = colours.map(|painted| paints_in(&painted, &text[..message_bytes as usize])).unwrap_or_default();
    Ok(Row {
        key: found.key,
        precision: shape.precision.moved_by(blocks.info(found.slot).offset_nanos),
        severity: shape.severity,
        service,
        highlights: highlighter.ranges(&text),
        text,
        message_bytes,
        paints,
        n_more_lines: shape.n_lines.saturating_sub(n_shown),
        part: part_of(blocks, found.slot, entry)?,
        values,
        colour: colour.map(|value| shown(&form.colour, &value, highlighter).text),
        zone: zone_of(blocks, found.slot, entry)?,
    })
}

/// The zone that an entry's stamp names or, where it has none, the one before it. Which it is where stamps name none, or
/// none is near, is not known here.
fn zone_of(blocks: &mut Blocks, slot: Slot, entry: usize) -> Result<WrittenZone> {
    let (columns, text) = (blocks.columns(slot)?, blocks.text(slot)?);
    let shape = columns.shape(entry);
    if shape.naive {
        return Ok(WrittenZone::default());
    }
    let earlier = (0..=entry).rev().take(MOST_LOOKED_BACK);
    let stamped = earlier.into_iter().find(|&earlier| !columns.shape(earlier).stamp.is_empty());
    let named = stamped.and_then(|stamped| {
        let (start, stamp) = (columns.text_range(stamped).start, &columns.shape(stamped).stamp);
        Formats::zone_named_by(text.get(start + stamp.start as usize..start + stamp.end as usize)?)
    });
    Ok(WrittenZone { seconds_east: named.unwrap_or_default(), is_named: named.is_some() })
}

/// The zone of an entry's stamp; where it names none, that of its source, in which it was read.
pub fn with_zone_read_in(store: &Store, key: RowKey, zone: WrittenZone) -> WrittenZone {
    if zone.is_named {
        return zone;
    }
    let slot = store.blocks.directory().find_entry(key.source, key.entry);
    let read_in = slot.and_then(|slot| store.zone_of(slot));
    WrittenZone { seconds_east: read_in.map_or(0, |zone| zone.offset_at(key.time)), ..zone }
}

/// What an entry holds under a name that queries have for it.
fn value_of(blocks: &mut Blocks, found: Found, parsed: &Parsed, service: &str, name: &str) -> Result<Option<String>> {
    let columns = blocks.columns(found.slot)?;
    let shape = columns.shape(found.entry as usize);
    let is_there = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    if is_level_name(name) {
        let band = shape.severity.band();
        return Ok((band != Band::Unspecified).then(|| band.name().to_owned()));
    }
    if let Some(place) = variable_place(name) {
        return value_in_template(blocks, found.slot, found.entry as usize, place);
    }
    if let Some(meaning) = blocks.meanings().named(name) {
        return Ok(meant(meaning, &parsed.fields));
    }
    Ok(match name.to_ascii_lowercase().as_str() {
        "service" => is_there(service),
        "source" => is_there(&blocks.origin(found.key.source).path),
        "format" => is_there(blocks.formats().name(shape.format)),
        "message" => is_there(&parsed.message),
        "template" => Some(blocks.template_of(found.slot, found.entry as usize)?.to_string()),
        "trace" if ids_of(parsed).0.trace.is_some() => ids_of(parsed).0.trace.map(str::to_owned),
        "trace_id" if parsed.trace_id.is_some() => parsed.trace_id.clone(),
        "span_id" if parsed.span_id.is_some() => parsed.span_id.clone(),
        _ => {
            let own = own_field(name).unwrap_or(name);
            let field = parsed.fields.iter().find(|field| field.name.eq_ignore_ascii_case(own));
            field.map(|field| field.value.to_string())
        }
    })
}

/// What an entry says of a meaning: the first of its fields that it has, in the words that are shown.
pub fn meant(meaning: &Meaning, fields: &[Field]) -> Option<String> {
    let field = |name: &str| fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    let (is_span, is_point) = (field(SPAN_FIELD).is_some(), field(POINT_FIELD).is_some());
    let is_meant = |signals: Signals| signals.are_of(is_span, is_point);
    let found = meaning.fields().into_iter().find_map(|(name, signals)| field(name).filter(|_| is_meant(signals)));
    found.map(|field| meaning.shown(&field.value.to_string()).to_owned())
}

/// What stands in one place of an entry's template, counted from 0.
pub fn value_in_template(blocks: &mut Blocks, slot: Slot, entry: usize, place: usize) -> Result<Option<String>> {
    let message = blocks.messages(slot, &[entry])?.pop().unwrap_or_default();
    let (found, shape) = (blocks.templates()?, blocks.shape_of(slot, entry)?);
    Ok(found.template(shape).value(&message, place).filter(|value| !value.is_empty()))
}

/// A value as its column shows it: its first line, without its terminal colours.
fn shown(name: &str, value: &str, highlighter: &Highlighter) -> Shown {
    let value = plain_str(value);
    let value = value.trim();
    let mut lines = value.lines();
    let mut text = String::new();
    push_cut(&mut text, lines.next().unwrap_or(""), MAX_VALUE_CHARS);
    if lines.next().is_some() && !text.ends_with('…') {
        text.push('…');
    }
    // A field of the query marks its value only behind its name.
    let name = format!("{}=", own_field(name).unwrap_or(name));
    let before = name.len() as u32;
    let ranges = highlighter.ranges(&(name + &text)).into_iter();
    let in_value = |(start, end): (u32, u32)| (end > before).then(|| (start.saturating_sub(before), end - before));
    Shown { highlights: ranges.filter_map(in_value).collect(), text }
}

/// Everything known of an entry.
pub fn entry(blocks: &mut Blocks, slot: Slot, entry: usize, highlighter: &Highlighter) -> Result<Entry> {
    let marked = |text: &str| match painted(text) {
        Some(painted) => highlighter.ranges(&painted.text),
        None => highlighter.ranges(text),
    };
    let columns = blocks.columns(slot)?;
    let shape = columns.shape(entry);
    let raw = text_of(blocks, slot, entry, SHOWN_RAW_BYTES)?;
    let parsed = blocks.formats().parse(shape.format, &raw);
    let service = service_of(blocks, slot, entry, &parsed)?;
    let part = part_of(blocks, slot, entry)?;
    let zone = zone_of(blocks, slot, entry)?;
    let info = blocks.info(slot);
    let (ids, flaw) = ids_of(&parsed);
    let request = ids.trace.zip(ids.rule).map(|(id, rule)| (id.to_owned(), rule.name().to_owned()));
    let id_flaw = flaw.map(|flaw| flaw.name().to_owned());
    let stamp = shape.stamp.start as usize..shape.stamp.end as usize;
    let first_line = info.first_line + columns.lines_before(entry) + 1;
    Ok(Entry {
        key: RowKey { time: columns.times[entry], source: info.source, entry: info.first_entry + entry as u64 },
        first_line,
        last_line: first_line + u64::from(shape.n_lines.saturating_sub(1)),
        part,
        precision: shape.precision,
        naive: shape.naive,
        zone,
        inferred: raw.as_bytes().get(stamp).filter(|_| !shape.date_apart).map_or(Inferred::Nothing, Formats::inferred),
        reading: Reading::Once,
        severity: shape.severity,
        severity_text: parsed.severity_text,
        service_rule: match (&parsed.service, service.is_empty()) {
            (Some(_), _) => parsed.service_rule,
            (None, false) if blocks.origin(info.source).is_of_folder => "the name of the folder".to_owned(),
            (None, false) => "the name of the file".to_owned(),
            (None, true) => String::new(),
        },
        service,
        format: blocks.formats().name(shape.format).to_owned(),
        message_highlights: marked(&parsed.message),
        raw_highlights: marked(&raw),
        message: parsed.message,
        fields: parsed.fields,
        trace_id: parsed.trace_id,
        span_id: parsed.span_id,
        request,
        id_flaw,
        raw,
        raw_bytes: columns.text_range(entry).len() as u64,
    })
}

/// The first line of a text, cut for panels, without its terminal colours.
pub fn shown_line(text: &str) -> String {
    let text = plain_str(text);
    let mut shown = String::new();
    push_cut(&mut shown, text.lines().next().unwrap_or(""), SHOWN_LINE_CHARS);
    shown
}

/// Whether the entry is a part of a line that was cut for its length: all but the last part end no line.
fn part_of(blocks: &mut Blocks, slot: Slot, entry: usize) -> Result<Part> {
    let columns = blocks.columns(slot)?;
    let goes_on = columns.shape(entry).n_lines == 0;
    // A part that is not the first has no head, so no time of its own: the entry before any other need not be looked at.
    let may_follow = !columns.shape(entry).precision.is_own();
    let follows = may_follow
        && match entry.checked_sub(1) {
            Some(before) => columns.shape(before).n_lines == 0,
            None => ends_within_line(blocks, blocks.info(slot).source, blocks.info(slot).first_entry)?,
        };
    Ok(match (follows, goes_on) {
        (false, false) => Part::Whole,
        (false, true) => Part::First,
        (true, true) => Part::Middle,
        (true, false) => Part::Last,
    })
}

/// Whether the entry before the source's `n_entries`-th ends no line.
fn ends_within_line(blocks: &mut Blocks, source: SourceId, n_entries: u64) -> Result<bool> {
    let before = n_entries.checked_sub(1).and_then(|last| blocks.directory().find_entry(source, last));
    let Some(slot) = before else { return Ok(false) };
    let columns = blocks.columns(slot)?;
    Ok(columns.shape(columns.len() - 1).n_lines == 0)
}

/// The text that bytes are, what is none of it replaced. Mostly all of it is: looked at as a whole, faster than each byte by itself.
pub fn text_in(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The same, cut at about `max_bytes`.
pub fn beginning_of(bytes: &[u8], max_bytes: usize) -> Cow<'_, str> {
    if bytes.len() <= max_bytes {
        return text_in(bytes);
    }
    // A character is at most four bytes: back to the start of the one that is cut.
    let is_start = |&end: &usize| bytes[end] & 0b1100_0000 != 0b1000_0000;
    let end = (max_bytes - 3..=max_bytes).rev().find(is_start).unwrap_or(max_bytes);
    text_in(&bytes[..end])
}

/// The entry's text, cut at about `max_bytes`, invalid bytes replaced.
pub fn text_of(blocks: &mut Blocks, slot: Slot, entry: usize, max_bytes: usize) -> Result<String> {
    let range = blocks.columns(slot)?.text_range(entry);
    let text = blocks.text(slot)?;
    let bytes = text.get(range).ok_or(crate::store::Error::Garbled("block"))?;
    Ok(beginning_of(bytes, max_bytes).into_owned())
}

/// What the entry names, else what its text says, else its source's own.
pub fn service_of(blocks: &mut Blocks, slot: Slot, entry: usize, parsed: &Parsed) -> Result<String> {
    let columns = blocks.columns(slot)?;
    let named = columns.service(entry);
    if !named.is_empty() {
        return Ok(named.to_owned());
    }
    if let Some(service) = &parsed.service {
        return Ok(service.clone());
    }
    Ok(blocks.origin(blocks.info(slot).source).service.clone())
}

/// The terminal colours of an entry's text or, where JSON spells them with escapes, of its message: they are taken out.
fn colours(text: &str, message: &mut String) -> Option<Painted> {
    match painted(message) {
        Some(painted) => {
            message.clone_from(&painted.text);
            Some(painted)
        }
        None => painted(text),
    }
}

/// The colours of what is shown of a text.
fn paints_in(painted: &Painted, shown: &str) -> Vec<Paint> {
    let shown = shown.trim_end_matches('…');
    painted.text.find(shown).map(|start| painted.paints_of(start, start + shown.len())).unwrap_or_default()
}

/// A row's text; where it is cut before what the query matched, its beginning and that part of it.
fn row_text_with_match(parsed: &Parsed, form: &RowForm, highlighter: &Highlighter) -> (String, u32) {
    let max_chars = if form.n_lines < LEAST_TALL_LINES { MAX_ROW_CHARS } else { MAX_TALL_ROW_CHARS };
    let (text, message_bytes) = row_text(parsed, form, max_chars);
    if !text.ends_with('…') || !highlighter.ranges(&text).is_empty() {
        return (text, message_bytes);
    }
    let (whole, whole_message) = row_text(parsed, form, MAX_PARSED_BYTES);
    let Some(&(start, _)) = highlighter.ranges(&whole).first() else { return (text, message_bytes) };
    let chars_on = |text: &str, n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let beginning = chars_on(&whole, BEGINNING_CHARS);
    let before = whole[..start as usize].char_indices().rev().nth(BEFORE_MATCH_CHARS - 1).map_or(0, |(at, _)| at);
    let Some(left_out) = before.checked_sub(beginning).filter(|&n_bytes| n_bytes > 0) else {
        return (text, message_bytes);
    };
    let mut text = format!("{} … ", &whole[..beginning]);
    let n_added = text.len() - beginning;
    push_cut(&mut text, &whole[before..], max_chars - BEGINNING_CHARS);
    let message_bytes = match whole_message as usize {
        end if end <= beginning => end,
        end if end <= before => beginning,
        end if end == whole.len() => text.len(),
        end => (end + n_added - left_out).min(text.len()),
    };
    (text, message_bytes as u32)
}

/// The message's first lines, then the fields that neither they nor a column show, or one of both, cut; and how many bytes of it
/// are the message.
fn row_text(parsed: &Parsed, form: &RowForm, max_chars: usize) -> (String, u32) {
    let has_column =
        |field: &str| form.columns.iter().any(|column| own_field(column).unwrap_or(column).eq_ignore_ascii_case(field));
    let mut text = String::new();
    let message = match form.shows {
        Shows::Fields => "",
        Shows::Raw => &parsed.message,
        Shows::Columns | Shows::Message => parsed.message.trim_start(),
    };
    let n_lines = form.n_lines.clamp(1, MAX_LINES) as usize;
    let end = message.match_indices('\n').nth(n_lines - 1).map_or(message.len(), |(end, _)| end);
    let message = message[..end].trim_end();
    let mut n_left = push_cut(&mut text, message, max_chars);
    let message_bytes = text.len() as u32;
    if matches!(form.shows, Shows::Message | Shows::Raw) {
        return (text, message_bytes);
    }
    for field in parsed.fields.iter().filter(|field| !has_column(&field.name)) {
        if n_left == 0 {
            break;
        }
        let value = field.value.to_string();
        let shown = format!("{}={}", field.name, value.lines().next().unwrap_or(""));
        if !message.contains(&shown) {
            let separator = if text.is_empty() { "" } else { "  " };
            n_left = push_cut(&mut text, &format!("{separator}{shown}"), n_left);
        }
    }
    (text, message_bytes)
}

/// Appends at most `max_chars` of `more`; gives how many may still follow.
fn push_cut(text: &mut String, more: &str, max_chars: usize) -> usize {
    match more.char_indices().nth(max_chars) {
        Some((end, _)) => {
            text.push_str(&more[..end]);
            text.push('…');
            0
        }
        None => {
            text.push_str(more);
            max_chars - more.chars().count()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use model::entry::Value;

    fn check(message: &str, fields: &[(&str, &str)], columns: &[&str], expected: &Expect) {
        let field = |&(name, value): &(&str, &str)| Field { name: name.into(), value: Value::Text(value.into()) };
        let parsed =
            Parsed { message: message.into(), fields: fields.iter().map(field).collect(), ..Parsed::default() };
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        let (text, message_bytes) = row_text(&parsed, &RowForm { columns, ..RowForm::default() }, MAX_ROW_CHARS);
        expected.assert_eq(&format!("{}|{}", &text[..message_bytes as usize], &text[message_bytes as usize..]));
    }

    #[test]
    fn a_row_shows_the_first_line_and_then_the_fields() {
        check("went wrong\n  at a", &[("user", "eve"), ("n", "3")], &[], &expect!["went wrong|  user=eve  n=3"]);
        check("", &[("user", "eve\nmallory")], &[], &expect!["|user=eve"]);
        check("login user=eve", &[("user", "eve"), ("n", "3")], &[], &expect!["login user=eve|  n=3"]);
        check("went", &[("User", "eve"), ("source", "a.rs")], &["user", ".source"], &expect!["went|"]);
    }

    #[test]
    fn the_message_keeps_its_terminal_colours_written_as_they_are_or_as_json_spells_them() {
        let text = "10:23 \u{1b}[31mERROR\u{1b}[0m disk \u{1b}[1mfull\u{1b}[0m";
        for message in ["disk full", "disk \u{1b}[1mfull\u{1b}[0m"] {
            let mut message = message.to_owned();
            let painted = colours(text, &mut message).expect("there are colours");
            assert_eq!(message, "disk full");
            let paints = paints_in(&painted, &message);
            assert_eq!(paints.iter().map(|paint| (paint.start, paint.end)).collect::<Vec<_>>(), [(5, 9)]);
        }
        assert!(colours("plain", &mut "plain".to_owned()).is_none());
    }

    #[test]
    fn a_row_has_as_many_lines_as_are_asked_for() {
        let parsed = Parsed { message: "went wrong\n  at a\r\n  at b\n".into(), ..Parsed::default() };
        let text = |n_lines| row_text(&parsed, &RowForm { n_lines, ..RowForm::default() }, MAX_ROW_CHARS).0;
        assert_eq!(text(0), "went wrong");
        assert_eq!(text(2), "went wrong\n  at a");
        assert_eq!(text(9), "went wrong\n  at a\r\n  at b");
    }

    #[test]
    fn a_row_of_many_lines_has_more_of_a_long_one() {
        let parsed = Parsed { message: "long ".repeat(500), ..Parsed::default() };
        let n_chars = |n_lines| {
            let highlighter = Highlighter::new(&model::query::Expr::All);
            let form = RowForm { n_lines, ..RowForm::default() };
            row_text_with_match(&parsed, &form, &highlighter).0.trim_end().chars().count()
        };
        assert_eq!([1, 6, 12].map(n_chars), [MAX_ROW_CHARS + 1, MAX_ROW_CHARS + 1, 2499]);
    }

    #[test]
    fn a_row_shows_its_message_or_its_fields_alone() {
        let fields = vec![Field { name: "user".into(), value: Value::Text("eve".into()) }];
        let parsed = Parsed { message: "login of user=eve".into(), fields, ..Parsed::default() };
        let text = |shows| row_text(&parsed, &RowForm { shows, ..RowForm::default() }, MAX_ROW_CHARS);
        assert_eq!(text(Shows::Message), ("login of user=eve".to_owned(), 17));
        assert_eq!(text(Shows::Fields), ("user=eve".to_owned(), 0));
    }

    #[test]
    fn a_column_marks_what_the_query_matches_in_its_value() {
        let marked = |query: &str, name: &str, value: &str| {
            shown(name, value, &Highlighter::new(&model::query::parse(query).0)).highlights
        };
        assert_eq!(marked("status:500", "status", "500"), [(0, 3)]);
        assert_eq!(marked("status:500", "size", "500"), []);
        assert_eq!(marked("cart", "path", "/cart/7"), [(1, 5)]);
        assert_eq!(marked("path", "path", "/cart/7"), []);
        assert_eq!(marked(".source:a.go", ".source", "a.go"), [(0, 4)]);
    }

    #[test]
    fn a_column_shows_one_line_in_one_colour() {
        let text = |value: &str| shown("stack", value, &Highlighter::new(&model::query::Expr::All)).text;
        assert_eq!(text("first\nsecond"), "first…");
        assert_eq!(text("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(text(&"ä".repeat(2000)).chars().count(), MAX_VALUE_CHARS + 1);
    }

    #[test]
    fn a_match_far_into_a_long_row_comes_along() {
        let found = Highlighter::new(&model::query::parse("needle").0);
        let shown = |message: String, value: &str| {
            let fields = vec![Field { name: "note".into(), value: Value::Text(value.into()) }];
            let parsed = Parsed { message, fields, ..Parsed::default() };
            let (text, message_bytes) = row_text_with_match(&parsed, &RowForm::default(), &found);
            assert!(text.chars().count() <= MAX_ROW_CHARS + 4, "{text}");
            let (message, fields) = text.split_at(message_bytes as usize);
            (message.to_owned(), fields.to_owned(), found.ranges(&text).len())
        };
        let (beginning, before) = ("ä".repeat(BEGINNING_CHARS), "ä".repeat(BEFORE_MATCH_CHARS - 1));
        let far = "ä".repeat(2000);
        let (message, fields, n_marks) = shown(format!("{far} needle end"), "1");
        assert_eq!((message, n_marks), (format!("{beginning} … {before} needle end"), 1));
        assert_eq!(fields, "  note=1");
        // In a field behind a long message, and in a long field behind a short one.
        let (message, fields, n_marks) = shown(far.clone(), "a needle");
        assert!(message.starts_with(&format!("{beginning} … ä")) && message.ends_with('ä'), "{message}");
        assert_eq!((fields.as_str(), n_marks), ("  note=a needle", 1));
        let (message, fields, n_marks) = shown("short".to_owned(), &format!("{far} needle"));
        assert_eq!((message.as_str(), n_marks), ("short", 1));
        assert!(fields.starts_with("  note=ä") && fields.ends_with("ä needle"), "{fields}");
        // Where it is in sight already, nothing is left out of the middle.
        assert!(shown(format!("{} needle {far}", "ä".repeat(300)), "1").0.ends_with("ä…"));
    }

    #[test]
    fn long_rows_are_cut_between_characters() {
        let parsed = Parsed { message: "ä".repeat(2000), ..Parsed::default() };
        let (text, message_bytes) = row_text(&parsed, &RowForm::default(), MAX_ROW_CHARS);
        assert_eq!(text.chars().count(), MAX_ROW_CHARS + 1);
        assert_eq!(text.len(), message_bytes as usize);
    }
}
