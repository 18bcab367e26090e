//! Everything known of the selected entry.

mod context;

mod text;

use leptos::ev;
use leptos::prelude::*;
use model::entry::{Entry, Inferred, RowKey};
use model::language::{retold, told};
use model::protocol::{Answer, Ask, EntryAsk, Failure, TitlesAsk};
use model::query::{Change, name_of_own, value_term, with_choice, with_term, without_choice};
use model::scope::View;
use model::time::{NANOS_PER_SECOND, Precision, Reading, Zone, format_wall};
use model::written::{entry_as_curl, entry_as_json, entry_as_markdown};
use model::{key, say};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use self::context::Around;
use self::text::{is_long, long_text, raw_text, tree_of};
use crate::answer::{Question, Remote, State, use_answer};
use crate::edge::{Edge, Panel, Size};
use crate::entries::{focus_entries, is_column, toggle_column, visible};
use crate::focus::{focus_when_lost, quoted};
use crate::measured::use_size;
use crate::patterns::called;
use crate::presses::show_pattern;
use crate::saved::Note;
use crate::scope::{Shared, Visit, use_shared};
use crate::source_panel::offset;
use crate::tabs::{Tab, Tabs};
use crate::{icons, wording};

impl Question for EntryAsk {
    type Answer = Box<Entry>;

    fn ask(&self) -> Ask {
        Ask::Entry(self.clone())
    }

    fn read(answer: Answer) -> Option<Box<Entry>> {
        if let Answer::Entry(entry) = answer { Some(entry) } else { None }
    }
}

/// What the details show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Entry,
    Context,
}

const TABS: [Tab<Side>; 2] = [
    Tab { panel: Side::Entry, id: "tab-entry", title: key!("Entry"), hint: key!("Fields and raw text (Enter)") },
    Tab { panel: Side::Context, id: "tab-context", title: key!("Context"), hint: key!("The entries around it (c)") },
];

/// The selected entry stays so when it gets another time, with the details closed as well.
pub fn keep_selected(shared: Shared) {
    let answer = use_answer(shared.port, shared.revision, move || {
        let selected = shared.scope.with(|scope| scope.selected);
        selected.filter(|_| !shared.details_open.get()).map(EntryAsk::from)
    });
    follow_its_time(shared, answer);
}

/// Zones are so many apart, or several times as many.
const ZONE_STEP_NANOS: i64 = 15 * 60 * NANOS_PER_SECOND;

/// Its source's clock or zone may have been put right since it was selected: what it is known by then has another time. An address
/// may name an entry of files that were taken in in another order: then it is in another source, or what has its number here is
/// another entry, which does not get the address's place.
fn follow_its_time(shared: Shared, answer: Signal<Remote<Box<Entry>>>) {
    Effect::new(move |seen: Option<Option<RowKey>>| {
        let seen = seen.flatten();
        let now = answer.with(|answer| {
            let entry = answer.answer.as_ref().filter(|_| answer.state == State::Final);
            entry.map(|entry| (entry.key, entry.naive))
        });
        let selected = shared.scope.with_untracked(|scope| scope.selected);
        let (Some((now, naive)), Some(selected)) = (now, selected) else { return seen };
        let is_zone_apart = naive && now.time.0.wrapping_sub(selected.time.0) % ZONE_STEP_NANOS == 0;
        let is_same = (now.source, now.entry) == (selected.source, selected.entry);
        let is_elsewhere = now.source != selected.source && (now.time, now.entry) == (selected.time, selected.entry);
        if is_elsewhere || is_same && (seen == Some(selected) || is_zone_apart) {
            shared.select(Some(now));
        }
        Some(now)
    });
}

/// `width`: where they stand beside the entries.
#[component]
pub fn Details(width: Size) -> impl IntoView {
    let shared = use_shared();
    let selected = Memo::new(move |_| shared.scope.with(|scope| scope.selected));
    let answer = use_answer(shared.port, shared.revision, move || {
        // What is found changes the marks, and nothing else of the entry.
        selected.get().map(|key| EntryAsk { key, query: shared.marked_query() })
    });
    follow_its_time(shared, answer);
    let entry = Memo::new(move |_| answer.with(|answer| answer.answer.clone()));
    // What was shown and is no more: its source was removed.
    Effect::new(move || {
        let is_gone = answer.with(|answer| answer.state == State::Failed(Failure::Gone));
        let selected = selected.get_untracked().map(|key| (key.source, key.entry));
        let shown = entry.with_untracked(|entry| entry.as_ref().map(|entry| (entry.key.source, entry.key.entry)));
        if is_gone && shown.is_some() && shown == selected {
            shared.details_open.set(false);
            shared.select(None);
        }
    });
    // A match far into a long message is brought into sight; one that is in sight stays where it is.
    Effect::new(move || {
        entry.track();
        request_animation_frame(|| {
            if let Some(mark) = document().query_selector("#details #message mark").ok().flatten() {
                let nearest = web_sys::ScrollIntoViewOptions::new();
                nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
                mark.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
    });
    let height = Size::remembered("details-height");
    let pane = NodeRef::new();
    let measured = use_size(pane);
    // Not put up again while the next entry is awaited.
    let empty = Memo::new(move |_| match answer.with(|answer| answer.state.clone()) {
        State::Idle => Some(say!("Choose an entry to see its fields and its raw text.").to_owned()),
        State::Failed(Failure::Gone) => Some(Failure::Gone.to_string()),
        State::Failed(failure) if failure != Failure::Cancelled => Some(failure.to_string()),
        _ => None,
    });
    view! {
        <Edge label=say!("Size of the details") panel=Panel::After size=width height measured />
        <aside id="details" aria-label=say!("Entry details") node_ref=pane style=("--details-height", move || height.css())>
            <div class="panel-head">
                <h2 class="unseen">{say!("Details")}</h2>
                <Tabs label=say!("Details") tabs=TABS.to_vec() chosen=shared.details_side.into()
                    choose=Callback::new(move |side| shared.details_side.set(side)) />
                <button class="quiet square" id="close-details" aria-label=say!("Close the details") title=say!("Close (Esc)")
                    on:click=move |_| { shared.details_open.set(false); focus_entries(); }>
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
            <div class="body" tabindex="0" role="region"
                aria-label=move || if shared.details_side.get() == Side::Entry { say!("Fields and raw text") } else { say!("Context") }>
                {move || match (empty.get(), shared.details_side.get()) {
                    (Some(words), _) => view! { <p class="aside">{words}</p> }.into_any(),
                    (None, Side::Entry) => (move || entry.get().map(|entry| body(shared, *entry))).into_any(),
                    (None, Side::Context) => view! { <Around entry /> }.into_any(),
                }}
            </div>
        </aside>
    }
}

fn body(shared: Shared, entry: Entry) -> impl IntoView {
    let (path, read_as) = shared.sources.with_untracked(|sources| {
        let mut all = sources.answer.iter().flatten();
        let source = all.find(|source| source.id == entry.key.source);
        source.map(|source| (source.path.clone(), source.read_as.clone())).unwrap_or_default()
    });
    let naive_zone = read_as.zone.map(|zone| zone.name).or_else(|| {
        shared.status.with_untracked(|status| status.answer.as_ref().map(|status| status.zone.name.clone()))
    });
    let band = entry.severity.band();
    let is_other = !entry.severity_text.is_empty() && !entry.severity_text.eq_ignore_ascii_case(band.name());
    let as_written = is_other.then(|| say!("written as {}", entry.severity_text));
    let mut rows = vec![row(shared, "level", band.name(), as_written)];
    let service_rule = (!entry.service_rule.is_empty()).then(|| say!("from {}", retold(&entry.service_rule)));
    for (name, value, aside) in
        [("service", &entry.service, service_rule), ("source", &path, None), ("format", &entry.format, None)]
    {
        if !value.is_empty() {
            rows.push(row(shared, name, value, aside));
        }
    }
    let rule = |id: &str| {
        let (_, rule) = entry.request.as_ref().filter(|(request, _)| request.eq_ignore_ascii_case(id))?;
        Some(say!("by {}", retold(rule)))
    };
    for (name, value) in [("trace_id", &entry.trace_id), ("span_id", &entry.span_id)] {
        if let Some(value) = value {
            rows.push(row(shared, name, value, rule(value)));
        }
    }
    // What no field of its own says.
    let request = entry
        .request
        .as_ref()
        .filter(|(id, _)| entry.trace_id.as_ref().is_none_or(|own| !own.eq_ignore_ascii_case(id)));
    rows.extend(request.map(|(id, _)| row(shared, "trace", id, rule(id))));
    let id_flaw = entry.id_flaw.as_ref().map(|flaw| {
        let words = match entry.request {
            Some(_) => say!("An id of a request in it {flaw}; it is kept as it is.", retold(flaw)),
            None => say!(
                "An id of a request in it {flaw}; it is kept as it is, and what is malformed joins nothing.",
                retold(flaw)
            ),
        };
        view! { <p class="id-flaw">{words}</p> }
    });
    // Ids stand above already.
    let is_id =
        |name: &str| (name == "trace_id" && entry.trace_id.is_some()) || (name == "span_id" && entry.span_id.is_some());
    for field in entry.fields.iter().filter(|field| !is_id(&field.name)) {
        rows.push(row(shared, &name_of_own(&field.name), &field.value.to_string(), None));
    }
    let place = match entry.last_line {
        last if last > entry.first_line => say!("{path}, lines {} to {last}", path, entry.first_line, last),
        _ => say!("{path}, line {}", path, entry.first_line),
    };
    let part = entry.part.in_words().map(|words| {
        view! { <div class="aside part">{say!("A part of a line that is too long for one entry: {words}.", words)}</div> }
    });
    let cut = (entry.raw_bytes as usize > entry.raw.len()).then(|| {
        let words =
            say!("The first {} of {}.", wording::bytes(entry.raw.len() as u64), wording::bytes(entry.raw_bytes));
        view! { <p class="aside">{words}</p> }
    });
    // An entry without an id belongs to none.
    let show_request = entry.request.is_some().then(|| {
        view! {
            <button class="small" id="show-request" title=say!("The request it belongs to, over time (5)")
                on:click=move |_| shared.turn_to(View::Trace)>{say!("Show its request")}</button>
        }
    });
    let (raw, json) = (entry.raw.clone(), entry_as_json(&entry, &path));
    let (markdown, curl) = (entry_as_markdown(&entry, &path), entry_as_curl(&entry));
    let stamp = Stamp {
        key: entry.key,
        precision: entry.precision,
        read_in: naive_zone.filter(|_| entry.naive),
        inferred: entry.inferred,
        reading: entry.reading,
        offset_nanos: read_as.offset_nanos,
        zone: Zone::fixed(entry.zone.seconds_east),
    };
    let remarks = stamp.clone();
    view! {
        <div class="when">
            <div id="its-time"><b>{move || with_zone_shown(shared, &stamp.zone, |zone| stamp.in_zone(zone))}</b></div>
            <div class="aside">{move || with_zone_shown(shared, &remarks.zone, |zone| remarks.remarks(zone))}</div>
            <div class="aside">{place}</div>
            {part}
        </div>
        <Note key=entry.key />
        <div>
            <h3>{say!("Message")}</h3>
            {long_text("message".to_owned(), entry.message.clone(), entry.message_highlights.clone())}
        </div>
        <div>
            <h3>{say!("Fields")}</h3>
            <table><tbody>{rows}<Pattern key=entry.key /></tbody></table>
            {id_flaw}
        </div>
        <div class="actions">
            {show_request}
            <button class="small" on:click=move |_| copy(shared, raw.clone(), say!("Raw text"))>{say!("Copy raw")}</button>
            <button class="small" on:click=move |_| copy(shared, json.clone(), "JSON")>{say!("Copy JSON")}</button>
            <button class="small" on:click=move |_| copy(shared, markdown.clone(), "Markdown")>{say!("Copy Markdown")}</button>
            {curl.map(|curl| view! {
                <button class="small" title=say!("The request, to be made again") on:click=move |_| copy(shared, curl.clone(), say!("curl command"))>{say!("Copy curl")}</button>
            })}
            <button class="small" on:click=move |_| copy(shared, link(shared), say!("Link"))>{say!("Copy link")}</button>
        </div>
        <div>
            <h3>{say!("Raw text")}</h3>
            {raw_text(entry.raw.clone(), entry.raw_highlights.clone())}
            {cut}
        </div>
    }
}

/// Tells a time in the zone that the table shows it in. `written`: that of the entry's stamp.
fn with_zone_shown(shared: Shared, written: &Zone, tell: impl Fn(&Zone) -> String) -> String {
    if shared.times_as_written.get() { tell(written) } else { shared.zone.with(|zone| tell(zone)) }
}

/// When the entry was written, and how much of that is known.
#[derive(Clone)]
struct Stamp {
    key: RowKey,
    precision: Precision,
    /// The zone it was read in, where it names none.
    read_in: Option<String>,
    inferred: Inferred,
    reading: Reading,
    /// What was added to it as written.
    offset_nanos: i64,
    /// That it names, or that it was read in.
    zone: Zone,
}

impl Stamp {
    fn fraction_digits(&self) -> usize {
        self.precision.moved_by(self.offset_nanos).fraction_digits()
    }

    fn in_zone(&self, zone: &Zone) -> String {
        format!("{} {}", format_wall(self.key.time, zone, self.fraction_digits()), zone.name)
    }

    fn remarks(&self, zone: &Zone) -> String {
        let mut remarks = Vec::new();
        if zone.offset_at(self.key.time) != 0 {
            remarks.push(format!("{} UTC", format_wall(self.key.time, &Zone::utc(), self.fraction_digits())));
        }
        remarks.push(
            match self.precision {
                Precision::Inherited => say!("no time of its own: that of the nearest entry with one"),
                Precision::Undated => told(wording::UNDATED),
                Precision::Doubted => {
                    say!("its stamp is decades away from those around it: that of the entry before it")
                }
                Precision::Minute => say!("written to the minute"),
                Precision::Second => say!("written to the second"),
                Precision::Milli => say!("written to the millisecond"),
                Precision::Micro => say!("written to the microsecond"),
                Precision::Nano => say!("written to the nanosecond"),
            }
            .to_owned(),
        );
        let has_own = self.precision.is_own();
        remarks.extend(match self.inferred {
            _ if !has_own => None,
            Inferred::Nothing => None,
            Inferred::Year => Some(say!("names no year: the one that fits the file").to_owned()),
            Inferred::Date => Some(say!("names no day: the one that fits the file").to_owned()),
        });
        if let Some(zone) = self.read_in.as_ref().filter(|_| has_own) {
            remarks.push(say!("names no zone, read as {zone}", zone));
            remarks.extend(match self.reading {
                Reading::Once => None,
                Reading::First => {
                    Some(say!("this hour came twice, as clocks were set back: the first is taken").to_owned())
                }
                Reading::Second => Some(
                    say!("this hour came twice, as clocks were set back: the second is taken, as it follows the entry before")
                        .to_owned(),
                ),
                Reading::Skipped => {
                    Some(say!("clocks were set forward past it: read as if they had not been").to_owned())
                }
            });
        }
        if self.offset_nanos != 0 && self.precision != Precision::Undated {
            remarks.push(say!("moved by {}", offset::write(self.offset_nanos)));
        }
        remarks.join(" · ")
    }
}

/// One field; the remark stands beside its value and is neither copied nor asked for.
fn row(shared: Shared, name: &str, value: &str, remark: Option<String>) -> AnyView {
    let (field, wanted) = (name.to_owned(), value.to_owned());
    let filter = move |change: Change| {
        let query = shared.query.with_untracked(|query| match change {
            // A second value of a field is let through beside the first.
            Change::Include if without_choice(query, &field).is_some() => with_choice(query, &field, &wanted),
            _ => with_term(query, &field, &wanted, change),
        });
        shared.set_query(query, Visit::New);
        // What is marked in the entry changes with it, and all of it is put up anew.
        let button = if change == Change::Include { ".include" } else { ".exclude" };
        focus_when_lost(vec![
            format!("#details [data-field={}] {button}", quoted(&field)),
            "#close-details".to_owned(),
        ]);
    };
    let (include, exclude) = (filter.clone(), filter.clone());
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "+" => filter(Change::Include),
            "-" => filter(Change::Exclude),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let label = |what: &str| format!("{what} {name}: {value}");
    let text = value.to_owned();
    let (beside, below) = match tree_of(value) {
        Some(tree) => (Some(tree), None),
        None if is_long(value) => (None, Some(long_text(format!("field-{name}"), value.to_owned(), Vec::new()))),
        None => (Some(visible(value).into_owned().into_any()), None),
    };
    // An id of zeros says that there is none.
    let is_request = matches!(name, "trace" | "trace_id") && value.contains(|c: char| c != '0');
    let whole_trace = is_request.then(|| {
        let term = with_term("", "trace", value, Change::Include);
        view! {
            <button class="quiet whole-trace" title=say!("Only this request, all of it") aria-label=label(say!("Show all of")) on:click=move |_| only(shared, &term)>
                {icons::icon(icons::SEARCH)}
            </button>
        }
    });
    let (asked, toggled) = (name.to_owned(), name.to_owned());
    let is_there = Memo::new(move |_| is_column(shared, &asked));
    let column = view! {
        <button class="quiet" title=say!("A column of it, or none") aria-label=say!("Column of {name}", name)
            aria-pressed=move || is_there.get().to_string() on:click=move |_| toggle_column(shared, &toggled)>
            {icons::icon(icons::COLUMN)}
        </button>
    };
    view! {
        <tr data-field=name.to_owned() on:keydown=on_key>
            <th scope="row">{name.to_owned()}</th>
            <td>{beside}{remark.map(|remark| view! { " "<span class="aside">{remark}</span> })}</td>
            <td>
                <button class="quiet include" title=say!("Filter for this") aria-label=label(say!("Filter for")) on:click=move |_| include(Change::Include)>
                    {icons::icon(icons::PLUS)}
                </button>
                <button class="quiet exclude" title=say!("Filter this out") aria-label=label(say!("Filter out")) on:click=move |_| exclude(Change::Exclude)>
                    {icons::icon(icons::MINUS)}
                </button>
                {whole_trace}
                {column}
                <button class="quiet" title=say!("Copy") aria-label=label(say!("Copy")) on:click=move |_| copy(shared, text.clone(), say!("Value"))>
                    {icons::icon(icons::COPY)}
                </button>
            </td>
        </tr>
        {below.map(|text| view! { <tr class="below"><td colspan="3">{text}</td></tr> })}
    }
    .into_any()
}

/// The pattern that it is made from, by its text.
#[component]
fn Pattern(key: RowKey) -> impl IntoView {
    let shared = use_shared();
    let answer = use_answer(shared.port, shared.revision, move || Some(TitlesAsk { of: Some(key) }));
    let title = Memo::new(move |_| answer.with(|answer| answer.answer.as_ref()?.first().cloned()));
    move || {
        let title = title.get()?;
        let id = title.id.to_string();
        let narrow = move |change: Change| {
            shared.narrow(&value_term("template", &id), change);
            focus_when_lost(vec!["#its-pattern .include".to_owned(), "#close-details".to_owned()]);
        };
        let (include, exclude) = (narrow.clone(), narrow);
        Some(view! {
            <tr id="its-pattern">
                <th scope="row">{say!("Pattern")}</th>
                <td>{called(&title)}</td>
                <td>
                    <button class="quiet include" title=say!("Filter for this") aria-label=say!("Filter for this") on:click=move |_| include(Change::Include)>
                        {icons::icon(icons::PLUS)}
                    </button>
                    <button class="quiet exclude" title=say!("Filter this out") aria-label=say!("Filter this out") on:click=move |_| exclude(Change::Exclude)>
                        {icons::icon(icons::MINUS)}
                    </button>
                    <button class="quiet" id="show-pattern" title=say!("The entry’s pattern, with its values")
                        aria-label=say!("The entry’s pattern, with its values") on:click=move |_| show_pattern(shared)>
                        {icons::icon(icons::SEARCH)}
                    </button>
                </td>
            </tr>
        })
    }
}

/// Looks for nothing else any more, and in all of the time.
fn only(shared: Shared, term: &str) {
    shared.change(Visit::New, |scope| {
        scope.filter.query = term.to_owned();
        scope.filter.range = None;
    });
}

/// The address of what is seen.
pub fn link(shared: Shared) -> String {
    let address = window().location().href().unwrap_or_default();
    let page = address.split('#').next().unwrap_or_default();
    let hash = shared.scope.with_untracked(|scope| scope.to_hash());
    format!("{page}#{}", hash.trim_start_matches('#'))
}

/// Puts a text into the clipboard, and says so; pseudonyms are not in it, whatever was chosen.
pub fn copy(shared: Shared, text: String, what: &'static str) {
    put_into_clipboard(
        shared,
        text,
        match shared.disguise.with_untracked(Option::is_some) {
            true => say!("{what} copied with the original values, not with pseudonyms.", what),
            false => say!("{what} copied.", what),
        },
    );
}

/// Puts a text into the clipboard that has pseudonyms where they were chosen, and says so.
pub fn copy_as_chosen(shared: Shared, text: String, what: &'static str) {
    put_into_clipboard(shared, text, copied_as_chosen(shared, what));
}

pub fn copied_as_chosen(shared: Shared, what: &str) -> String {
    match shared.disguise.with_untracked(Option::is_some) {
        true => say!("{what} copied, with pseudonyms.", what),
        false => say!("{what} copied.", what),
    }
}

/// `copied`: what is said when the text is there.
pub fn put_into_clipboard(shared: Shared, text: String, copied: String) {
    let promise = window().navigator().clipboard().write_text(&text);
    spawn_local(async move {
        let words = match JsFuture::from(promise).await {
            Ok(_) => copied,
            Err(_) => say!("The browser did not allow copying.").to_owned(),
        };
        shared.said.set(words);
    });
}
