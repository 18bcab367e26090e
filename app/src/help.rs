//! In-app help: how to search, which keys there are.

use leptos::ev;
use leptos::prelude::*;
use model::language::told;
use model::{key, say};

use crate::actions::{ACTIONS, Action, Known, key_name, shown_key};
use crate::scope::use_shared;

const QUERIES: [(&str, &str); 17] = [
    ("timeout db", key!("both words, anywhere, whole words, upper and lower case alike")),
    ("time*", key!("words that begin with “time”")),
    ("\"connection reset\"", key!("exactly these words in a row")),
    ("service:checkout", key!("the field holds this; service:* that the field is there")),
    ("service:(cart OR payment)", key!("one field, several values")),
    (
        "source:web/app.log",
        key!("the file of exactly this path; source:*/app.log in any folder, source:web/* all of one"),
    ),
    ("path==\"/api\"", key!("the field is exactly this, upper and lower case told apart")),
    ("status>=500", key!("compared as numbers; also < <= > != (took:1.5 is the number written so, not 1.50)")),
    ("level>=warn", key!("warnings, errors and fatal ones")),
    ("time>=2026-11-19T13:00", key!("also time:[… TO …}; time:2026-11-19 is all of that day")),
    (
        "time>now-15m",
        key!(
            "the last 15 minutes before “now”: where the data ends, or the clock, as chosen above the timeline; s m h d w"
        ),
    ),
    ("path:/api*, path:*cart*", key!("the field begins with this; has this in it (a star is anything)")),
    ("client:10.0.0.0/8", key!("an address in this network")),
    ("/5\\d\\d$/", key!("a regular expression over the raw text; /…/i ignores case")),
    ("a OR b, a AND b", key!("either; both (AND may be left out and binds tighter)")),
    ("template:ID var2>250ms", key!("a value of the entry’s pattern, the second in it; also | stats p95(var2)")),
    ("-health, NOT health", key!("without this word; parentheses group")),
];

/// Keys of single parts of the window, which are always the same.
const KEYS_OF_PARTS: [(&str, &str); 18] = [
    ("1 … 9", key!("the views; again: the next one of the same key")),
    ("+ -", key!("on a field in the details: filter for, filter out")),
    ("↓ ↑ Enter -", key!("in the fields: from value to value, filter for it, filter it out (a click with Alt, too)")),
    ("↓ ↑ Enter + -", key!("in the patterns: from one to the next, its entries, filter for it, filter it out")),
    ("t c", key!("in the fields: group the timeline by this one, give it a column")),
    ("← →", key!("in the patterns as a tree: close and open a family")),
    (
        "↓ ↑ Enter + -",
        key!("in a comparison: from one difference to the next, its entries, filter for it, filter it out"),
    ),
    ("↑ ↓ ← → Enter", key!("on the map: along the calls, choose")),
    (
        "↑ ↓ ← → Page↓ Page↑ Space Enter",
        key!(
            "on the map of windows: to the next on that side or in time, choose it; with Shift all on the way; its entries"
        ),
    ),
    ("← → Enter", key!("on the edge of a column's head: narrower, wider, as wide as its values")),
    ("Shift ← →", key!("on a column's head: move the column")),
    (
        "Shift ↓ ↑, Ctrl+Space, Ctrl+A",
        key!("in the entries: choose several, one more or less, all (a click with Shift or Ctrl, too)"),
    ),
    ("← → Enter 0", key!("in the timeline: choose a bar, zoom in, zoom out")),
    ("Shift ← →", key!("in the timeline: choose several bars; Enter zooms in, Esc lets go")),
    ("↓ ↑ Enter y", key!("in a result: from row to row, its entries, copy it (Ctrl+C, too)")),
    ("Ctrl+Enter Ctrl+Space", key!("in a statement of SQL: run it, suggestions")),
    ("↑ ↓", key!("in the search box: earlier searches, and on to what was written")),
    ("Ctrl+Space ↓ Tab Esc", key!("in the search box: suggestions, the next, take it, close them")),
];

/// What stands in for keys that are something else here.
const KEYS_ELSEWHERE: [(&str, &str); 9] = [
    ("lnav t", key!("raw text: p, it stands below the fields; t is how times look here")),
    ("lnav o O 7 8", key!("steps in time: i, then ← → and Enter; - for a longer time")),
    ("lnav Tab", key!("sources: s, fields: f; :filter-in and :filter-out are + and - on a value")),
    ("less, vim h l", key!("long lines: l shows more of each; d u and Ctrl+D Ctrl+U: Space, Page↓")),
    ("less 100g, lnav :goto", key!("the number of an entry, or a time (10:23), behind : or Ctrl+K")),
    ("less F", key!("F or G: the last entry, which stays the last one while the file grows")),
    ("vim *", key!("+ on a value in the details, or in the fields")),
    ("klogg f F3 [ ]", key!("F: follow; F3 or n: next one found; [ ]: from bookmark to bookmark")),
    ("Kibana, Grafana", key!("time range: “Last…” above the timeline; saved searches: b; share: the address")),
];

const STAGES: [(&str, &str); 11] = [
    ("… | count by service, level", key!("a row for each group, the largest first")),
    ("… | timeline 1m by status", key!("over time; without a width one that fits")),
    ("… | top 20 path", key!("the most frequent values; rare: the rarest")),
    ("… | stats avg(took), p95, p99 by path", key!("also count, distinct, sum, min, max; as names a column")),
    ("… | where count>10", key!("rows of the result that this holds for")),
    ("… | sort -count, path", key!("- for the largest first")),
    ("… | limit 20", key!("the first rows")),
    ("… | fields time, path, status", key!("these columns of entries")),
    ("… | dedup user", key!("the first row of each value")),
    ("… | extract \"took {ms} ms\"", key!("new fields out of the message")),
    ("… | extract path /v(?<version>\\d+)/", key!("new fields out of another field, by a regular expression")),
];

#[component]
pub fn QueryHelp() -> impl IntoView {
    view! {
        <div popover="auto" id="query-help" role="dialog" aria-labelledby="query-help-title" tabindex="0">
            <h2 id="query-help-title">{say!("How to search")}</h2>
            {table(&QUERIES)}
            <h3>{say!("Answers: a bar and stages after the search")}</h3>
            {table(&STAGES)}
            <h3>{say!("Field names")}</h3>
            <p>
                <code>"level time service source message format template trace trace_id span_id"</code>
                " "{say!("and every field of your logs, nested ones with dots:")}" "<code>"http.status:500"</code>
                ". "<code>"trace:"</code>" "{say!("finds all of a request, by whatever header, field or words an entry names it; it is for filters and columns, stages count by trace_id.")}
                " "<code>"malformed_id:*"</code>" "{say!("finds entries with an id of a request that breaks its own format.")}" "{say!("A field of your logs that is called like one of those has a dot before it:")}" "<code>".source:main.rs"</code>"."
            </p>
        </div>
    }
}

#[component]
pub fn Help() -> impl IntoView {
    let actions = use_shared().actions;
    let take_tour = move |_| {
        let _ = actions.act(Action::Tour);
    };
    view! {
        <div popover="auto" id="help" role="dialog" aria-labelledby="help-title" tabindex="0">
            <h2 id="help-title">{say!("Keys")}</h2>
            <p><button class="small" popovertarget="help" popovertargetaction="hide" on:click=take_tour>{say!("A tour in five steps")}</button></p>
            <Keys />
            {table(&KEYS_OF_PARTS)}
            <h3>{say!("If you come from elsewhere")}</h3>
            {table(&KEYS_ELSEWHERE)}
            <h3>{say!("Mouse")}</h3>
            <p>{say!("Drag over the timeline to zoom in, or turn the wheel over it with Ctrl held; click a bar to zoom into it. Click a level to filter for it. \
                “No lanes” beside the levels splits it: by service, by any field, or as a heat map of a number. A lane’s name filters for it. \
                Dragging over lanes zooms in as well, over a part of a heat map to its numbers too; with Shift held it compares with the rest. \
                The edges of sidebar, details, timeline, lanes and SQL statement are dragged, or moved with the arrow keys.")}</p>
            <p>{say!("Beside the table is where among the rows the errors and the warnings are; a click goes there.")}</p>
            <h3>{say!("Reading one entry")}</h3>
            <p>
                {say!("In a stack trace frames of libraries and of the language itself are folded, your own stand out; what is found opens its frames. \
                JSON in a field, or as the whole entry, can be looked at as a tree. In the table the middle of a long line gives way to what was found in it.")}
            </p>
            <h3>{say!("One meaning, several names")}</h3>
            <p>
                {say!("The mapping table under “Agreement” says what logs, spans and metrics call the same thing, and which words say the same. \
                A search for the name of a row finds all of them, and counts them as one; ⇄ in the search box says that it does. \
                Rows come from what does not agree, with a click, from a file, or are written there; the table is part of the workspace and its case files.")}
            </p>
            <p>
                {say!("Names of services are taken together by rules, which “Agreement” lists: pods are their deployment, payment-svc-v2 is payment. \
                Where that is wrong, the card of a service on the map parts a name or says whose it is; map, requests and agreement go by that, and it can be undone. Golden signals have a row for each name. A search for one of the names that you joined offers the others, with + in the search box.")}
            </p>
            <h3>{say!("Columns")}</h3>
            <p>
                {say!("Time, level, service, message and any field are columns: “Column” under its name in the fields, the sign beside it in the \
                details, “Add a column” among the commands. The head of a column moves and hides it (drag it, or open its menu), and sorts by it, as a table; its edge makes \
                it wider. “Raw line”, “Message only” and “Fields” (R) take the place of all columns. They are part of the address and of saved views.")}
            </p>
            <h3>{say!("Rows")}</h3>
            <p>
                {say!("Several rows are chosen with Shift and Ctrl or, by touch, with a long press and then with taps: they are copied (Ctrl+C), bookmarked or get a note together. A pinned row (P) is the zero \
                of a column that tells how long before or after it each row is. Rows are coloured by their level or by any field (v); what colours \
                stand for is told above them. A time in italics is not the entry’s own. Times are shown in one zone or, “As in the logs”, in those that the stamps name. \
                Tables, and what leaves Dendro, have dates as logs do (2026-11-22); sentences have them as the language does. \
                While you type a query, rows that it takes away are dimmed, and vanish when you pause.")}
            </p>
            <h3>{say!("What differs?")}</h3>
            <p>
                {say!("A comparison shows what the entries you see (A) have more, or less, than others (B): the rest, what was before, or what \
                another search finds. Lengths of bars and the order are by effect size (Cohen’s h): 0.2 is small, 0.8 large. Differences \
                that chance would make are left out (false discovery rate under 1 %); entries that are in both count as A’s.")}
            </p>
            <h3>{say!("Requests")}</h3>
            <p>
                {say!("“Request” (5) has the spans and entries of the selected entry’s trace over time: dark is what a call did itself, light what it spent in \
                calls, a line below it the critical path; small stripes tell what it waited for where it says so. A drag over the times looks closer. \
                o and O walk along the request from any entry. “Requests” (5 once more) has all of them: choose how long they took, or the unusual ones. \
                How long is by the times as written: where a service’s clock is wrong, only “Request” allows for it.")}
            </p>
            <h3>{say!("Golden signals")}</h3>
            <p>
                {say!("Routes (4 once more) has rate, errors and duration of requests under RED. Under USE it has utilisation, saturation and errors of resources: \
                CPU, memory, disks, pools, queues, where metrics tell of them. Each figure names its metric; a click shows the data points.")}
            </p>
            <h3>"SQL"</h3>
            <p>
                {say!("Under SQL a statement is run over the entries of the search and the time (all_entries has all), their templates, fields, \
                sources and bookmarks, in SQLite’s language. It reads a copy of the workspace in a thread of its own: nothing is changed, and \
                nothing waits for it. With “Own tables” ticked it may make and change tables of your own, which are kept with the workspace. A row with the column entry opens that entry; a view that is saved keeps its statement.")}
            </p>
            <h3>{say!("Over the timeline")}</h3>
            <p>
                {say!("A grey triangle is a deployment: a service announced another version, a field came to hold one, or pods are made from another \
                template. A flag is a bookmark. Red bands are incidents. Hatched ones are gaps: nothing was found for far longer than is usual; \
                where the search itself leaves times out, none are shown. A click goes to the entry that says so.")}
            </p>
            <h3>{say!("Expected, confirmed")}</h3>
            <p>
                {say!("An incident that is no news (a backup, a deployment) can be marked as expected: those like it are folded under \
                “Expected” from then on, unless an error is among them that was not in the first. One that was trouble indeed can be \
                confirmed: those like it are marked. Both are kept in the workspace by what the findings are about.")}
            </p>
            <p>
                {say!("The number beside “Incidents” is how many there are among all entries, without those that are expected. They \
                are looked for when all is read, whichever view is in sight.")}
            </p>
            <h3>{say!("When it guessed wrong")}</h3>
            <p>
                {say!("“How it is read” beside a source tells its format, how sure that is, which lines no format read, and what its \
                time stamps leave open. There you choose another format, a zone for stamps that name none, or an offset for \
                a clock that was wrong; the lines that would change are shown before anything does, and the last change can \
                be undone. The file is not needed again.")}
            </p>
            <h3>{say!("What you keep")}</h3>
            <p>
                {say!("A bookmark stays on its entry when the file is read in another format, and is there again when a file that was \
                removed comes back. Its note is Markdown: **strong**, *emphasis*, ~~struck~~, `code`, - lists, > quotes, | tables |, #tags. “Saved” beside the \
                sources lists bookmarks and saved views; the notebook (9) has them on one page, with charts, entries and what you say of them, to read and to send; \
                texts of your own go between, and pages up and down. A case file (x) holds all of the workspace, or the entries of a search: drop it on Dendro, here or elsewhere, \
                to open it.")}
            </p>
            <h3>{say!("Privacy")}</h3>
            <p>{say!("Your logs stay in this browser. Dendro makes no request to anywhere but the place it was loaded from.")}</p>
        </div>
    }
}

/// The keys of all actions; a key that is pressed on a button takes the place of those named there.
#[component]
fn Keys() -> impl IntoView {
    let actions = use_shared().actions;
    let waiting = RwSignal::new(None::<usize>);
    let row = move |(at, known): (usize, &'static Known)| {
        let on_key = move |event: ev::KeyboardEvent| {
            let is_bare = !matches!(event.key().as_str(), "Shift" | "Control" | "Alt" | "Meta" | "Tab" | "Escape");
            if waiting.get_untracked() != Some(at) {
                return;
            }
            waiting.set(None);
            if is_bare {
                actions.choose(known, Some(key_name(&event.key(), event.shift_key())));
                event.prevent_default();
            }
            event.stop_propagation();
        };
        let shown = move || match waiting.get() == Some(at) {
            true => say!("press a key").to_owned(),
            false => match actions.keys(known).iter().map(|key| shown_key(key)).collect::<Vec<_>>().join(" ") {
                keys if keys.is_empty() => say!("no key").to_owned(),
                keys => keys,
            },
        };
        let label = move || say!("{}: {}. Press to choose another key.", told(known.words), shown());
        // They are held with Ctrl, so that they work while one types.
        let is_fixed = matches!(known.action, Action::Palette | Action::Find);
        view! {
            <tr>
                <th scope="row">
                    <button class="small" aria-label=label disabled=is_fixed on:click=move |_| waiting.set(Some(at)) on:keydown=on_key
                        on:blur=move |_| waiting.set(None)><code>{shown}</code></button>
                </th>
                <td>
                    {told(known.words)}
                    <Show when=move || actions.is_changed(known)>
                        " "<button class="small quiet" on:click=move |_| actions.choose(known, None)>{say!("as usual")}</button>
                    </Show>
                </td>
            </tr>
        }
    };
    view! { <table><tbody>{ACTIONS.iter().enumerate().map(row).collect_view()}</tbody></table> }
}

fn table(rows: &'static [(&'static str, &'static str)]) -> impl IntoView {
    let row = |&(written, meaning): &(&'static str, &'static str)| {
        view! { <tr><th scope="row"><code>{written}</code></th><td>{told(meaning)}</td></tr> }
    };
    view! { <table><tbody>{rows.iter().map(row).collect_view()}</tbody></table> }
}
