//! What every view of the page shares: which entries, in which order, in which zone, and which one is selected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::columns::{Columns, Shows, WIDTHS};
use crate::compare::{Against, When};
use crate::entry::{RowKey, SourceId};
use crate::hash_part::{percent_decoded, push_part};
use crate::incident::ClusterBy;
use crate::lanes::Split;
use crate::time::{Civil, NANOS_PER_SECOND, Nanos, TimeRange, Zone, format_wall};

/// Which entries, in which order; the part of a scope that the data thread needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    /// Query text as typed.
    pub query: String,
    pub range: Option<TimeRange>,
    pub order: Order,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
    /// One source after the other, each entry where it stands in its file.
    AsWritten,
}

impl Order {
    /// Ascends, or descends, with the order.
    pub fn place(self, key: RowKey) -> impl Ord + Copy {
        match self {
            Self::AsWritten => (key.source, key.entry, Nanos::default(), SourceId::default(), 0),
            Self::OldestFirst | Self::NewestFirst => (SourceId::default(), 0, key.time, key.source, key.entry),
        }
    }

    /// How the address names it; the usual one needs no name.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::OldestFirst => None,
            Self::NewestFirst => Some("newest"),
            Self::AsWritten => Some("written"),
        }
    }
}

/// What `now` is in a query's times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Now {
    /// Where the data ends: right for the logs of yesterday.
    #[default]
    DataEnd,
    /// What time it is: right for logs that are followed.
    Clock,
}

/// What of the scope is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum View {
    /// What the query's stages make of its entries; of a query without stages the entries themselves.
    #[default]
    Result,
    /// The entries, whatever stages there are behind the filter.
    Entries,
    /// What the entries are made from.
    Patterns,
    /// What is unusual in them.
    Incidents,
    /// Which groups of entries that share an id are unlike the others.
    Groups,
    /// What differs between them and others.
    Compare,
    /// Which service calls which.
    Map,
    /// Rate, errors and duration of services and routes.
    Signals,
    /// The request that the selected entry belongs to.
    Trace,
    /// The requests that they belong to.
    Requests,
    /// Where logs, traces and metrics contradict each other.
    Agreement,
    /// What a statement of SQL makes of them.
    Sql,
    /// What was kept of the workspace, to read and to send.
    Notebook,
}

impl View {
    /// As the address names them; the usual one needs no name.
    const NAMED: &[(Self, &str)] = &[
        (Self::Entries, "entries"),
        (Self::Patterns, "patterns"),
        (Self::Incidents, "incidents"),
        (Self::Groups, "groups"),
        (Self::Compare, "compare"),
        (Self::Map, "map"),
        (Self::Signals, "signals"),
        (Self::Trace, "trace"),
        (Self::Requests, "requests"),
        (Self::Agreement, "agreement"),
        (Self::Sql, "sql"),
        (Self::Notebook, "notebook"),
    ];

    /// As the address names it; the usual one has no name.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(view, _)| *view == self).map(|(_, name)| *name)
    }
}

/// By which method golden signals are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    /// Rate, errors and duration of requests.
    #[default]
    Red,
    /// Utilisation, saturation and errors of resources.
    Use,
}

/// In place of a zone's name: each entry's time in the zone that its own stamp names.
pub const AS_WRITTEN: &str = "written";

/// The whole scope; mirrored in the URL hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub filter: Filter,
    pub view: View,
    /// Whose golden signals are shown.
    pub method: Method,
    /// How wide the windows are that incidents are looked for in; none for a width that suits the logs.
    pub window_seconds: Option<u32>,
    /// By what they are put together on their map.
    pub clusters: ClusterBy,
    /// What is shown below the bars of the timeline.
    pub split: Split,
    /// With what the filter's entries are compared.
    pub against: Against,
    /// Name of the zone that times are shown in, or [`AS_WRITTEN`]; empty means the workspace's.
    pub zone: String,
    pub now: Now,
    /// Of the table of entries.
    pub columns: Columns,
    /// In characters, of columns that somebody made wider or narrower.
    pub widths: BTreeMap<String, u32>,
    /// What its rows show, where that is not their columns.
    pub shows: Shows,
    /// A field by whose values rows are coloured; empty for the level.
    pub colour: String,
    /// The entry that the others' times are told from.
    pub pinned: Option<RowKey>,
    pub selected: Option<RowKey>,
    /// The statement that was last run.
    pub sql: String,
}

impl Scope {
    /// The scope as a URL hash: `#q=status%3E%3D500&from=2026-11-20T10:23:45.123Z&zone=Europe/Berlin&order=newest&row=…`.
    ///
    /// Parts that say nothing are left out, so is how the map of windows is clustered where it is not in sight; the scope that says
    /// nothing at all is the empty string. [`Scope::from_hash`] gives the rest of the scope back.
    pub fn to_hash(&self) -> String {
        let mut hash = String::new();
        if !self.filter.query.is_empty() {
            push_part(&mut hash, "q", &self.filter.query);
        }
        if let Some(range) = self.filter.range {
            push_range(&mut hash, range, ["from", "to"]);
        }
        if !self.zone.is_empty() {
            push_part(&mut hash, "zone", &self.zone);
        }
        if self.now == Now::Clock {
            push_part(&mut hash, "now", "clock");
        }
        if let Some(order) = self.filter.order.name() {
            push_part(&mut hash, "order", order);
        }
        if let Some(name) = self.view.name() {
            push_part(&mut hash, "view", name);
        }
        if self.method == Method::Use {
            push_part(&mut hash, "signals", "use");
        }
        if let Some(seconds) = self.window_seconds {
            push_part(&mut hash, "window", &seconds.to_string());
        }
        // Of the map of windows, which no other view has.
        if self.clusters == ClusterBy::Kinds && self.view == View::Incidents {
            push_part(&mut hash, "clusters", "kinds");
        }
        match &self.split {
            Split::None => {}
            Split::Lanes(field) => push_part(&mut hash, "lanes", field),
            Split::Heat(field) => push_part(&mut hash, "heat", field),
        }
        // Beside the usual columns the others say enough.
        let (name, columns) = match self.columns.beside_usual() {
            Some(fields) => ("col", fields),
            None => ("columns", self.columns.names()),
        };
        for column in columns {
            push_part(&mut hash, name, column);
        }
        for (name, chars) in &self.widths {
            push_part(&mut hash, "width", &format!("{chars},{name}"));
        }
        if let Some(name) = self.shows.name() {
            push_part(&mut hash, "show", name);
        }
        if !self.colour.is_empty() {
            push_part(&mut hash, "colour", &self.colour);
        }
        if let Some(key) = self.pinned {
            push_part(&mut hash, "pin", &write_row(key));
        }
        push_against(&mut hash, &self.against);
        if !self.sql.is_empty() {
            push_part(&mut hash, "sql", &self.sql);
        }
        if let Some(key) = self.selected {
            push_part(&mut hash, "row", &write_row(key));
        }
        hash
    }

    /// Reads a URL hash, with or without its `#`. Never fails: what it does not know or cannot read is left out.
    ///
    /// A range may be open: `from` or `to` alone reaches to the end of time.
    pub fn from_hash(hash: &str) -> Self {
        let mut scope = Self::default();
        let (mut start, mut end) = (None, None);
        let (mut other_start, mut other_end) = (None, None);
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for part in hash.strip_prefix('#').unwrap_or(hash).split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = percent_decoded(value);
            match name {
                "q" => scope.filter.query = value,
                "from" => start = read_instant(&value),
                "to" => end = read_instant(&value),
                "zone" => scope.zone = value,
                "now" if value == "clock" => scope.now = Now::Clock,
                "order" => {
                    let named = [Order::NewestFirst, Order::AsWritten];
                    scope.filter.order = named.into_iter().find(|o| o.name() == Some(&*value)).unwrap_or_default();
                }
                "view" => {
                    let named = View::NAMED.iter().find(|(_, name)| *name == value);
                    scope.view = named.map(|(view, _)| *view).unwrap_or_default();
                }
                "signals" if value == "use" => scope.method = Method::Use,
                "window" => scope.window_seconds = read_digits(&value).filter(|&seconds| seconds > 0),
                "clusters" if value == "kinds" => scope.clusters = ClusterBy::Kinds,
                "lanes" => scope.split = Split::Lanes(value),
                "heat" => scope.split = Split::Heat(value),
                "col" => fields.push(value),
                "columns" => columns.push(value),
                "width" => scope.widths.extend(read_width(&value)),
                "show" => scope.shows = Shows::of_name(&value),
                "colour" => scope.colour = value,
                "pin" => scope.pinned = read_row(&value),
                "against" => scope.against.query = Some(value),
                "against-time" => {
                    let named = TIMES.iter().find(|(_, name)| *name == value);
                    scope.against.time = named.map(|(time, _)| *time).unwrap_or_default();
                }
                "against-from" => other_start = read_instant(&value),
                "against-to" => other_end = read_instant(&value),
                "row" => scope.selected = read_row(&value),
                "sql" => scope.sql = value,
                _ => {}
            }
        }
        scope.columns = if columns.is_empty() { Columns::with_usual(fields) } else { Columns::new(columns) };
        scope.filter.range = range_between(start, end);
        if let Some(range) = range_between(other_start, other_end) {
            scope.against.time = When::Within(range);
        }
        scope
    }
}

/// As the address names them; any time needs no name, and a range is written as its ends.
const TIMES: &[(When, &str)] = &[
    (When::Same, "same"),
    (When::Before, "before"),
    (When::JustBefore, "just-before"),
    (When::DayBefore, "day-before"),
    (When::WeekBefore, "week-before"),
];

fn push_against(hash: &mut String, against: &Against) {
    if let Some(query) = &against.query {
        push_part(hash, "against", query);
    }
    match against.time {
        When::Within(range) => push_range(hash, range, ["against-from", "against-to"]),
        time => {
            if let Some((_, name)) = TIMES.iter().find(|(named, _)| *named == time) {
                push_part(hash, "against-time", name);
            }
        }
    }
}

fn push_range(hash: &mut String, range: TimeRange, [from, to]: [&str; 2]) {
    if range.start != Nanos(i64::MIN) {
        push_part(hash, from, &write_instant(range.start));
    }
    if range.end != Nanos(i64::MAX) {
        push_part(hash, to, &write_instant(range.end));
    }
}

/// Open where an end is missing; none where both are, or where nothing lies between them.
fn range_between(start: Option<Nanos>, end: Option<Nanos>) -> Option<TimeRange> {
    let is_given = start.is_some() || end.is_some();
    let range = TimeRange { start: start.unwrap_or(Nanos(i64::MIN)), end: end.unwrap_or(Nanos(i64::MAX)) };
    (is_given && range.start < range.end).then_some(range)
}

/// RFC 3339 in UTC with as many digits as the instant needs.
fn write_instant(time: Nanos) -> String {
    let fraction = time.0.rem_euclid(NANOS_PER_SECOND);
    let n_digits = match fraction {
        0 => 0,
        _ if fraction % 1_000_000 == 0 => 3,
        _ if fraction % 1_000 == 0 => 6,
        _ => 9,
    };
    format_wall(time, &Zone::utc(), n_digits).replace(' ', "T") + "Z"
}

/// Reads `2026-11-20T10:23:45.123Z`; a time without zone is UTC, and seconds, time and `Z` may be missing.
fn read_instant(text: &str) -> Option<Nanos> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let [year, month, day] = read_numbers(date, '-', [0, 1, 1])?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [hour, minute, second] = read_numbers(clock, ':', [0, 0, 0])?;
    let nanos = if fraction.is_empty() { 0 } else { read_digits(&format!("{fraction:0<9}"))? };
    let narrow = |number: u32| u8::try_from(number).ok();
    let civil = Civil {
        year: i32::try_from(year).ok()?,
        month: narrow(month)?,
        day: narrow(day)?,
        hour: narrow(hour)?,
        minute: narrow(minute)?,
        second: narrow(second)?,
        nanos,
    };
    civil.to_utc()
}

/// Up to three numbers; those that are missing at the end are `defaults`.
fn read_numbers(text: &str, separator: char, defaults: [u32; 3]) -> Option<[u32; 3]> {
    let mut numbers = defaults;
    for (at, part) in text.split(separator).enumerate() {
        *numbers.get_mut(at)? = read_digits(part)?;
    }
    Some(numbers)
}

/// One to nine digits and nothing else.
fn read_digits(text: &str) -> Option<u32> {
    let all_digits = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.parse().ok())?
}

fn read_width(text: &str) -> Option<(String, u32)> {
    let (chars, name) = text.split_once(',')?;
    let chars = chars.parse().ok().filter(|chars| WIDTHS.contains(chars))?;
    Some((name.to_owned(), chars))
}

fn write_row(RowKey { time, source, entry }: RowKey) -> String {
    format!("{},{},{entry}", write_instant(time), source.0)
}

fn read_row(text: &str) -> Option<RowKey> {
    let mut parts = text.splitn(3, ',');
    let time = read_instant(parts.next()?)?;
    let source = SourceId(parts.next()?.parse().ok()?);
    let entry = parts.next()?.parse().ok()?;
    Some(RowKey { time, source, entry })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Nanos = Nanos(1_795_176_000_123_000_000);

    #[test]
    fn a_scope_reads_well_in_the_address_bar() {
        let scope = Scope {
            filter: Filter {
                query: "status>=500 café & \"a+b\"".into(),
                range: Some(TimeRange { start: NOON, end: Nanos(1_795_179_600_000_000_000) }),
                order: Order::NewestFirst,
            },
            view: View::Incidents,
            method: Method::Use,
            window_seconds: Some(300),
            clusters: ClusterBy::Kinds,
            split: Split::Lanes("service".into()),
            against: Against { query: Some("cart".into()), time: When::DayBefore },
            zone: "Europe/Berlin".into(),
            now: Now::Clock,
            columns: Columns::with_usual(["status".into(), "http.path".into()]),
            widths: BTreeMap::from([("http.path".into(), 40)]),
            shows: Shows::Raw,
            colour: "user".into(),
            pinned: Some(RowKey { time: NOON, source: SourceId(1), entry: 0 }),
            selected: Some(RowKey { time: NOON, source: SourceId(3), entry: 17 }),
            sql: "SELECT 1".into(),
        };
        expect_test::expect![
            "#q=status%3E%3D500+caf%C3%A9+%26+%22a%2Bb%22&from=2026-11-20T12:00:00.123Z&to=2026-11-20T13:00:00Z\
             &zone=Europe/Berlin&now=clock&order=newest&view=incidents&signals=use&window=300&clusters=kinds&lanes=service&col=status&col=http.path&width=40,http.path&show=raw&colour=user&pin=2026-11-20T12:00:00.123Z,1,0&against=cart&against-time=day-before&sql=SELECT+1&row=2026-11-20T12:00:00.123Z,3,17"
        ]
        .assert_eq(&scope.to_hash());
        assert_eq!(Scope::from_hash(&scope.to_hash()), scope);
    }

    #[test]
    fn how_windows_are_clustered_is_in_the_address_of_their_map_alone() {
        let scope = |view| Scope { view, clusters: ClusterBy::Kinds, ..Scope::default() };
        assert_eq!(scope(View::Incidents).to_hash(), "#view=incidents&clusters=kinds");
        assert_eq!(scope(View::Map).to_hash(), "#view=map");
    }

    #[test]
    fn nothing_chosen_is_no_hash() {
        assert_eq!(Scope::default().to_hash(), "");
        assert_eq!(Scope::from_hash("#"), Scope::default());
    }

    #[test]
    fn a_hash_typed_by_hand_is_read_as_far_as_it_goes() {
        let scope = Scope::from_hash("#q=100%+sure&from=2026-11-20&row=nonsense&shade=blue&order=sideways&view=none");
        assert_eq!(scope.filter.query, "100% sure");
        assert_eq!(
            scope.filter.range,
            Some(TimeRange { start: Nanos(1_795_132_800_000_000_000), end: Nanos(i64::MAX) })
        );
        assert_eq!(scope.to_hash(), "#q=100%25+sure&from=2026-11-20T00:00:00Z");
        assert_eq!(scope.selected, None);
        assert!(Scope::from_hash("width=2,a&width=9999,b&width=c").widths.is_empty());
        assert_eq!(Scope::from_hash("from=2026-11-20T10:00Z&to=2026-11-20T09:00Z").filter.range, None);
        assert_eq!(Scope::from_hash("from=2026-11-20T25:00Z&to=2026-13-01").filter.range, None);
    }

    fn scope() -> impl Strategy<Value = Scope> {
        // A calendar reading names whole seconds first: the part of a second at either end of time has none.
        let instant = || (i64::MIN + NANOS_PER_SECOND..i64::MAX - NANOS_PER_SECOND).prop_map(Nanos);
        let range = (instant(), instant())
            .prop_filter_map("empty", |(start, end)| (start < end).then_some(TimeRange { start, end }))
            .boxed();
        let row = (instant(), any::<u32>(), any::<u64>());
        let row = row.prop_map(|(time, source, entry)| RowKey { time, source: SourceId(source), entry });
        let order = prop_oneof![Just(Order::OldestFirst), Just(Order::NewestFirst), Just(Order::AsWritten)];
        let view = prop::sample::select(
            View::NAMED.iter().map(|(view, _)| *view).chain([View::default()]).collect::<Vec<_>>(),
        );
        let time = prop_oneof![
            prop::sample::select(TIMES.iter().map(|(time, _)| *time).chain([When::Any]).collect::<Vec<_>>()),
            range.clone().prop_map(When::Within),
        ];
        let against = (prop::option::of(any::<String>()), time).prop_map(|(query, time)| Against { query, time });
        let name = prop_oneof![Just("time"), Just("level"), Just("service"), Just("message"), Just("since-pin")];
        let name = prop_oneof![name.prop_map(str::to_owned), ".+"];
        let columns =
            (any::<bool>(), prop::collection::vec(name, 0..6)).prop_map(|(is_beside, names)| match is_beside {
                true => Columns::with_usual(names),
                false => Columns::new(names),
            });
        let shows = prop::sample::select(vec![Shows::Columns, Shows::Message, Shows::Raw, Shows::Fields]);
        let split = prop_oneof![
            Just(Split::None),
            any::<String>().prop_map(Split::Lanes),
            any::<String>().prop_map(Split::Heat)
        ];
        let windows = (prop::option::of(1..100_000_u32), prop_oneof![Just(ClusterBy::Crowds), Just(ClusterBy::Kinds)]);
        let view = (view, prop_oneof![Just(Method::Red), Just(Method::Use)], windows);
        let now = prop_oneof![Just(Now::DataEnd), Just(Now::Clock)];
        let texts = (any::<String>(), any::<String>(), any::<String>(), any::<String>());
        let widths = prop::collection::btree_map(any::<String>(), WIDTHS, 0..3);
        let table = (columns, widths, shows, split);
        (
            texts,
            table,
            prop::option::of(range),
            order,
            view,
            prop::array::uniform2(prop::option::of(row)),
            (against, now),
        )
            .prop_map(
                |(
                    (query, zone, sql, colour),
                    (columns, widths, shows, split),
                    range,
                    order,
                    (view, method, (window_seconds, clusters)),
                    [selected, pinned],
                    (against, now),
                )| Scope {
                    filter: Filter { query, range, order },
                    view,
                    method,
                    window_seconds,
                    // It is in no other address.
                    clusters: if view == View::Incidents { clusters } else { ClusterBy::default() },
                    split,
                    against,
                    zone,
                    now,
                    columns,
                    widths,
                    shows,
                    colour,
                    pinned,
                    selected,
                    sql,
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn every_scope_survives_the_address_bar(scope in scope()) {
            let hash = scope.to_hash();
            prop_assert!(hash.bytes().all(|b| b.is_ascii_graphic()));
            prop_assert_eq!(Scope::from_hash(&hash), scope);
        }

        #[test]
        fn every_hash_is_a_scope(hash in any::<String>(), parts in "#?(q|from|to|row|pin|zone|order|view|col|columns|width|show|against|against-time|against-from)=[%0-9T:.,Z+&=-]{0,30}") {
            Scope::from_hash(&hash);
            let scope = Scope::from_hash(&parts);
            prop_assert_eq!(Scope::from_hash(&scope.to_hash()).filter.query, scope.filter.query);
        }
    }
}
