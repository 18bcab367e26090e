//! SQL over the entries of the scope: a statement, its rows as a table or a chart, and what was run before.

mod complete;

mod earlier;

mod editor;

mod rows;

mod schema;

use std::sync::Arc;

use leptos::html::Textarea;
use leptos::prelude::*;
use model::facet::Facets;
use model::language::told;
use model::protocol::{Answer, Ask, FacetsAsk, Failure};
use model::scope::{Filter, View};
use model::sql::{MOST_ROWS, OwnTable, SqlAsk};
use model::table::Table;
use model::time::Zone;
use model::{key, say};

use self::earlier::Earlier;
use self::editor::{Editor, Wrong, insert};
use self::rows::Rows;
use self::schema::Schema;
use crate::answer::{Question, Remote, State, use_answer};
use crate::edge::{self, Edge, Size};
use crate::focus::focus_first;
use crate::measured::use_size;
use crate::results::give_out_rows;
use crate::scope::{Visit, use_shared};
use crate::{icons, kept};

/// What a statement gives at first; more come on request.
const FIRST_ROWS: u32 = 2000;
const MORE_TIMES: u32 = 4;

/// Two lines can be written.
const LEAST_PIXELS: f64 = 64.0;

const EXAMPLES: [(&str, &str); 4] = [
    (
        key!("Errors of each service over time"),
        "SELECT bucket(time, '1m') AS minute, service, count(*)\nFROM entries\nWHERE severity >= 17\nGROUP BY minute, service",
    ),
    (
        key!("The longest silences"),
        "SELECT time, (time - lag(time) OVER (ORDER BY time)) / 1e9 AS silent_seconds, message, entry\nFROM entries\nORDER BY silent_seconds DESC\nLIMIT 20",
    ),
    (
        key!("Messages of a kind that came once"),
        "SELECT text, first_time\nFROM templates\nWHERE n_entries = 1\nORDER BY first_time",
    ),
    (
        key!("Services that share requests"),
        "WITH seen AS MATERIALIZED (\n  SELECT DISTINCT trace_id, service FROM entries WHERE trace_id IS NOT NULL\n)\nSELECT a.service, b.service AS other, count(*) AS requests\nFROM seen a\nJOIN seen b ON b.trace_id = a.trace_id AND b.service > a.service\nGROUP BY 1, 2\nORDER BY requests DESC",
    ),
];

/// A statement, run once more each time the number is another.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    ask: SqlAsk,
    number: u32,
}

impl Question for Run {
    type Answer = Arc<Table>;
    fn ask(&self) -> Ask {
        Ask::Sql(self.ask.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Table>> {
        if let Answer::Table(table) = answer { Some(Arc::from(table)) } else { None }
    }
}

#[derive(Clone, Copy, PartialEq)]
struct AskOwnTables;

impl Question for AskOwnTables {
    type Answer = Arc<Vec<OwnTable>>;
    fn ask(&self) -> Ask {
        Ask::OwnTables
    }
    fn read(answer: Answer) -> Option<Self::Answer> {
        if let Answer::OwnTables(tables) = answer { Some(Arc::new(tables)) } else { None }
    }
}

#[component]
pub fn Sql() -> impl IntoView {
    let shared = use_shared();
    let field = NodeRef::<Textarea>::new();
    let chosen = Memo::new(move |_| shared.scope.with(|scope| scope.sql.clone()));
    let text = RwSignal::new(chosen.get_untracked());
    // "Back", a saved view or a link brings its own statement.
    Effect::new(move || {
        let chosen = chosen.get();
        if !chosen.is_empty() {
            text.set(chosen);
        }
    });
    let (number, max_rows, is_stopped) = (RwSignal::new(0), RwSignal::new(FIRST_ROWS), RwSignal::new(false));
    let sort = RwSignal::new(None);
    // Not kept: who comes back, or follows a link, only reads until they say otherwise.
    let writes_own = RwSignal::new(false);
    // What a statement before was sorted by, how many of its rows were asked for, and that it was stopped say nothing of another.
    Effect::new(move || {
        chosen.track();
        sort.set(None);
        max_rows.set(FIRST_ROWS);
        is_stopped.set(false);
    });
    // What is asked, and the number of the last press of Run that was heard.
    let question = Memo::new(move |before: Option<&(u32, Option<Run>)>| {
        let (heard, before) = before.cloned().unwrap_or_default();
        // What is looked at meanwhile elsewhere asks nothing of a console that nobody sees.
        if shared.view.get() != View::Sql {
            return (heard, before);
        }
        let (number, text) = (number.get(), chosen.get());
        let is_run = number != heard;
        // What changes something is run once, and never because something else on the page is another. What is stopped is left.
        let is_kept = |before: &Run| !is_run && before.ask.may_write && before.ask.text == text;
        if before.as_ref().is_some_and(is_kept) && !is_stopped.get() {
            return (heard, before);
        }
        let filter = Filter { order: Default::default(), ..shared.filter.get() };
        let zone = shared.zone.with(|zone| Zone::clone(zone));
        let is_allowed = writes_own.get_untracked() && shared.owns.get_untracked();
        let may_write = is_run && is_allowed && may_change(&text);
        let ask = SqlAsk { filter, text, max_rows: max_rows.get(), sort: sort.get(), zone, may_write };
        (number, (!ask.text.trim().is_empty() && !is_stopped.get()).then_some(Run { ask, number }))
    });
    // A statement that takes long would never end while files are read: it sees what there was when it was run.
    let same_revision = RwSignal::new(Default::default());
    let answer = use_answer(shared.port, same_revision, move || question.get().1);
    give_out_rows(shared, View::Sql, answer);
    Effect::new(move || shared.ran.set(question.with(|(_, run)| run.as_ref().map(|run| run.ask.clone()))));
    let is_running = Memo::new(move |_| answer.with(|answer| answer.state == State::Asked));
    let run = move |statement: String| {
        if statement.trim().is_empty() {
            return;
        }
        shared.statements.set(kept::STATEMENTS.keep(&statement));
        is_stopped.set(false);
        max_rows.set(FIRST_ROWS);
        sort.set(None);
        number.update(|number| *number += 1);
        text.set(statement.clone());
        if chosen.with_untracked(|chosen| *chosen != statement) {
            shared.change(Visit::New, |scope| {
                scope.sql = statement;
                scope.view = View::Sql;
            });
        }
    };
    let run_text = Callback::new(move |()| run(text.get_untracked()));
    let wrong = Memo::new(move |_| {
        answer.with(|answer| match &answer.state {
            State::Failed(Failure::Sql { at, .. }) => Wrong { text: chosen.get(), at: at.map(|at| at as usize) },
            _ => Wrong::default(),
        })
    });
    let known_fields = use_answer(shared.port, shared.revision, move || {
        (shared.view.get() == View::Sql).then(|| FacetsAsk { filter: Filter::default(), n_values: 0, field: None })
    });
    // The well-known ones are columns.
    let fields = Memo::new(move |before: Option<&Vec<String>>| {
        let known = known_fields.with(|known| known.answer.clone());
        known.map_or_else(|| before.cloned().unwrap_or_default(), |facets| names_of(&facets))
    });
    let own =
        use_answer(shared.port, shared.revision, move || (shared.view.get() == View::Sql).then_some(AskOwnTables));
    let own = Memo::new(move |_| own.with(|own| own.answer.clone().unwrap_or_default()));
    let write = Callback::new(move |piece: String| insert(field, text, &piece));
    let more = Callback::new(move |()| max_rows.update(|max_rows| *max_rows = (*max_rows * MORE_TIMES).min(MOST_ROWS)));
    let (height, measured) = (Size::remembered("sql-height"), use_size(field));
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_asked = Memo::new(move |_| question.with(|(_, run)| run.is_some()));
    view! {
        <section id="sql" aria-label="SQL" data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="sql-main" style=("--editor", move || height.css())>
                <Editor text fields=fields.into() wrong run=run_text field />
                <Edge label=say!("Height of the statement") panel=edge::Panel::Before size=height measured least=LEAST_PIXELS />
                <div class="sql-actions">
                    <button class="primary small" id="run-sql" title="Ctrl+Enter" disabled=move || text.with(|text| text.trim().is_empty())
                        on:click=move |_| run_text.run(())>{icons::icon(icons::PLAY)}{say!("Run")}</button>
                    <button class="small" id="stop-sql" disabled=move || !is_running.get() on:click=move |_| is_stopped.set(true)>
                        {icons::icon(icons::STOP)}{say!("Stop")}
                    </button>
                    <label class="check" hidden=move || !shared.owns.get() title=say!("Statements may make and change tables of your own, which are kept with the workspace: CREATE TABLE mine AS SELECT …")>
                        <input type="checkbox" id="own-tables" prop:checked=move || writes_own.get()
                            on:change=move |event| writes_own.set(event_target_checked(&event)) />{say!("Own tables")}
                    </label>
                    <span class="keys"><kbd>"Ctrl"</kbd>" "<kbd>"Enter"</kbd>" "{say!("runs")}", "<kbd>"Ctrl"</kbd>" "<kbd>"Space"</kbd>" "{say!("suggests")}</span>
                </div>
                <div id="sql-result" class:stale=move || is_stale.get() aria-busy=move || is_running.get().to_string()>
                    <Show when=move || is_asked.get() || is_stopped.get() fallback=move || view! { <Examples run=Callback::new(run) /> }>
                        <Rows answer is_stopped=is_stopped.into() max_rows=max_rows.into() more sort />
                    </Show>
                </div>
            </div>
            <aside aria-label=say!("Tables and statements")>
                <Earlier open=Callback::new(run) />
                <Schema fields=fields.into() own=own.into() insert=write />
            </aside>
        </section>
    }
}

/// Whether a statement may do anything else than read, by its first word.
fn may_change(statement: &str) -> bool {
    let mut rest = statement.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
    }
    let word = |text: &str, word: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|own| own.eq_ignore_ascii_case(word))
    };
    let first = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_ascii_uppercase();
    match first.as_str() {
        "SELECT" | "VALUES" | "EXPLAIN" => false,
        "WITH" => ["insert", "update", "delete"].iter().any(|change| word(rest, change)),
        _ => true,
    }
}

#[component]
fn Examples(run: Callback<String>) -> impl IntoView {
    let example = move |(words, statement): (&'static str, &'static str)| {
        view! { <li><button class="small" title=statement on:click=move |_| run.run(statement.to_owned())>{told(words)}</button></li> }
    };
    view! {
        <div class="sql-empty">
            <p>{say!("Ask what the search language cannot: joins, window functions, sums of sums.")}" "<code>"entries"</code>" "
                {say!("are those of the search and the time above; a statement changes nothing of them, and a long one holds up nothing else.")}</p>
            <ul>{EXAMPLES.into_iter().map(example).collect_view()}</ul>
        </div>
    }
}

fn names_of(facets: &Facets) -> Vec<String> {
    const COLUMNS: [&str; 9] =
        ["level", "time", "service", "source", "message", "format", "template", "trace_id", "span_id"];
    let names = facets.fields.iter().map(|facet| facet.name.clone());
    names.filter(|name| !COLUMNS.contains(&name.as_str())).collect()
}

/// Puts the keyboard into the statement.
pub fn focus_sql() -> bool {
    focus_first(&["#sql-text"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reads_is_told_by_its_beginning() {
        for text in [
            "SELECT 1",
            "  -- insert\n-- it\nselect x FROM t",
            "WITH a AS (SELECT 1) SELECT updated FROM a",
            "VALUES (1)",
        ] {
            assert!(!may_change(text), "{text}");
        }
        for text in [
            "INSERT INTO t VALUES (1)",
            "with a AS (SELECT 1) delete FROM t",
            "-- x\nCREATE TABLE t (x)",
            "DROP TABLE t",
        ] {
            assert!(may_change(text), "{text}");
        }
    }
}
