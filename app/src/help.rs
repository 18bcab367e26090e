//! In-app help: how to search, which keys there are.

use leptos::prelude::*;

const QUERIES: [(&str, &str); 13] = [
    ("timeout db", "both words, anywhere, whole words, upper and lower case alike"),
    ("time*", "words that begin with “time”"),
    ("\"connection reset\"", "exactly these words in a row"),
    ("service:checkout", "the field holds this; service:* that the field is there"),
    ("service:(cart OR payment)", "one field, several values"),
    ("source:web/app.log", "the file of exactly this path; source:*/app.log in any folder, source:web/* all of one"),
    ("path==\"/api\"", "the field is exactly this, upper and lower case told apart"),
    ("status>=500", "compared as numbers; also < <= > != (took:1.5 is the number written so, not 1.50)"),
    ("level>=warn", "warnings, errors and fatal ones"),
    ("path:/api*", "the field begins with this"),
    ("/5\\d\\d$/", "a regular expression over the raw text; /(?i)…/ ignores case"),
    ("a OR b, a AND b", "either; both (AND may be left out and binds tighter)"),
    ("-health, NOT health", "without this word; parentheses group"),
];

const KEYS: [(&str, &str); 18] = [
    ("/", "search"),
    ("j k ↓ ↑", "next, previous entry"),
    ("n N", "next, previous match"),
    ("g G", "first, last entry"),
    ("Space Page↓ Page↑", "a page on, back"),
    ("e E", "next, previous error"),
    ("w W", "next, previous warning or worse"),
    ("Enter", "open the entry"),
    ("c", "the entries around it, whatever the search leaves out; again: back to its fields"),
    ("Esc", "back out one step: what popped up, the details, the selection, the search box (its text stays)"),
    ("+ -", "on a field in the details: filter for, filter out"),
    ("o", "oldest first, newest first, or as written in the files"),
    ("s", "show or hide the sources"),
    ("f", "show or hide the fields"),
    ("↓ ↑ Enter -", "in the fields: from value to value, filter for it, filter it out (a click with Alt, too)"),
    ("1", "the entries; of a query with stages its result, pressed again the entries that go in"),
    ("← → Enter 0", "in the timeline: choose a bar, zoom in, zoom out"),
    ("?", "this help"),
];

const STAGES: [(&str, &str); 11] = [
    ("… | count by service, level", "a row for each group, the largest first"),
    ("… | timeline 1m by status", "over time; without a width one that fits"),
    ("… | top 20 path", "the most frequent values; rare: the rarest"),
    ("… | stats avg(took), p95, p99 by path", "also count, distinct, sum, min, max; as names a column"),
    ("… | where count>10", "rows of the result that this holds for"),
    ("… | sort -count, path", "- for the largest first"),
    ("… | limit 20", "the first rows"),
    ("… | fields time, path, status", "these columns of entries"),
    ("… | dedup user", "the first row of each value"),
    ("… | extract \"took {ms} ms\"", "new fields out of the message"),
    ("… | extract path /v(?<version>\\d+)/", "new fields out of another field, by a regular expression"),
];

#[component]
pub fn QueryHelp() -> impl IntoView {
    view! {
        <div popover="auto" id="query-help" role="dialog" aria-labelledby="query-help-title" tabindex="0">
            <h2 id="query-help-title">"How to search"</h2>
            {table(&QUERIES)}
            <h3>"Answers: a bar and stages after the search"</h3>
            {table(&STAGES)}
            <h3>"Field names"</h3>
            <p>
                <code>"level service source message format trace_id span_id"</code>
                " and every field of your logs, nested ones with dots: "<code>"http.status:500"</code>
                ". A field of your logs that is called like one of those has a dot before it: "<code>".source:main.rs"</code>"."
            </p>
        </div>
    }
}

#[component]
pub fn Help() -> impl IntoView {
    view! {
        <div popover="auto" id="help" role="dialog" aria-labelledby="help-title" tabindex="0">
            <h2 id="help-title">"Keys"</h2>
            {table(&KEYS)}
            <h3>"Mouse"</h3>
            <p>"Drag over the timeline to zoom in; click a bar to zoom into it. Click a level to filter for it."</p>
            <h3>"When it guessed wrong"</h3>
            <p>
                "“How it is read” beside a source tells its format, how sure that is, which lines no format read, and what its \
                time stamps leave open. There you choose another format, a zone for stamps that name none, or an offset for \
                a clock that was wrong; the lines that would change are shown before anything does, and the last change can \
                be undone. The file is not needed again."
            </p>
            <h3>"Privacy"</h3>
            <p>"Your logs stay in this browser. Dendro makes no request to anywhere but the place it was loaded from."</p>
        </div>
    }
}

fn table(rows: &'static [(&'static str, &'static str)]) -> impl IntoView {
    let row = |&(written, meaning): &(&'static str, &'static str)| {
        view! { <tr><th scope="row"><code>{written}</code></th><td>{meaning}</td></tr> }
    };
    view! { <table><tbody>{rows.iter().map(row).collect_view()}</tbody></table> }
}
