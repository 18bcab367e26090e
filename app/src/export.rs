//! Takes what is shown out: the rows of a result, all entries of the scope, or a case file, with pseudonyms where asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::{Array, Uint8Array};
use leptos::html::Div;
use leptos::prelude::*;
use model::disguise::{Disguise, Trait};
use model::protocol::{Answer, Ask, ExportAsk, TableAsk};
use model::scope::View;
use model::sql::SqlAsk;
use model::table::{Cell, Column, ColumnRole, MOST_ROWS, Table};
use model::time::Zone;
use model::written::Form;
use model::{counted, say};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::actions::Action;
use crate::details::{copied_as_chosen, put_into_clipboard};
use crate::disguise::DisguiseChoice;
use crate::icons;
use crate::port::{Pending, Reply};
use crate::results::{export, shown};
use crate::saved::save_case;
use crate::scope::{Shared, use_shared};
use crate::wording::count;
use crate::zone::pause;

/// Rows that are written in one go: some milliseconds.
const ROWS_AT_ONCE: usize = 2000;

#[component]
pub fn ExportMenu() -> impl IntoView {
    let shared = use_shared();
    let (disguise, is_open) = (shared.disguise, RwSignal::new(false));
    let TakingOut { progress, pending } = shared.taking_out;
    let begin = move |form: Form| {
        let parts = Rc::new(Array::new());
        let filter = shared.filter.get_untracked();
        let columns = shared.scope.with_untracked(|scope| scope.columns.valued().cloned().collect());
        progress.set(Some((0, 0)));
        let on_reply = move |reply: Reply| match reply {
            Reply::Progress { done, total, so_far } => {
                take_in(&parts, so_far);
                progress.set(Some((done, total)));
            }
            Reply::Done(outcome) => {
                progress.set(None);
                match outcome {
                    Ok(answer) => {
                        take_in(&parts, Some(answer));
                        save(shared, &parts, &format!("entries.{}", form.extension()), written_as_chosen);
                    }
                    outcome => shared.show_failure(Reply::Done(outcome)),
                }
            }
        };
        let ask = Ask::Export(ExportAsk { filter, chosen: None, form, columns, disguise: disguise.get_untracked() });
        pending.set_value(Some(shared.port.with_value(|port| port.ask(ask, on_reply))));
    };
    shared.actions.on(move |action| {
        let is_this = action == Action::Export;
        if is_this && let Some(menu) = document().get_element_by_id("export-menu") {
            // Refused only where it is open already.
            let _ = menu.unchecked_into::<web_sys::HtmlElement>().show_popover();
        }
        is_this
    });
    let n_entries = move || shared.counted.with(|counted| counted.answer.as_ref().map_or(0, |c| c.n_entries));
    let title = move || say!("Save {} as", counted!(n_entries(), "entry", "entries"));
    let menu = NodeRef::<Div>::new();
    let save_as_case = move |of| pending.set_value(Some(save_case(shared, of, disguise.get_untracked(), progress)));
    let rows = Memo::new(move |_| {
        let is_in_sight =
            matches!(shared.view.get(), View::Sql) || shared.view.get() == View::Result && shared.has_stages.get();
        is_in_sight.then(|| shared.rows.get()).flatten().filter(|table| !table.rows.is_empty())
    });
    let save_those = move |form: RowsForm| {
        let Some(table) = rows.get_untracked() else { return };
        save_rows(shared, table, form);
    };
    let rows_title = move || {
        rows.with(|table| {
            table.as_ref().map(|table| {
                let has_more =
                    shared.ran.with(|ran| ran.as_ref().is_some_and(|ran| further_rows(ran, table).is_some()));
                if has_more && shared.view.get() == View::Sql {
                    return say!("Save all rows of the result as").to_owned();
                }
                let n_rows = table.n_rows.min(u64::from(MOST_ROWS)).max(table.rows.len() as u64);
                say!("Save {} of the result as", counted!(n_rows, "row", "rows"))
            })
        })
    };
    let choices = [
        (Form::Text, say!("Text")),
        (Form::JsonLines, say!("JSON lines")),
        (Form::Csv, "CSV"),
        (Form::Parquet, "Parquet"),
    ];
    view! {
        <button class="quiet square" id="export" popovertarget="export-menu" aria-label=say!("Save the entries as a file") title=say!("Save the entries as a file")>
            {icons::icon(icons::SAVE)}
        </button>
        <div popover="auto" id="export-menu" role="dialog" aria-labelledby="export-title" node_ref=menu
            on:toggle=move |_| is_open.set(menu.get_untracked().is_some_and(|menu| menu.matches(":popover-open").unwrap_or_default()))>
            <Show when=move || rows.with(Option::is_some)>
                <h2>{rows_title}</h2>
                <div class="choices" id="export-rows">
                    {RowsForm::ALL.map(|form| view! {
                        <button data-rows=form.extension() disabled=move || progress.get().is_some() on:click=move |_| save_those(form)>{form.in_words()}</button>
                    })}
                </div>
                {move || rows.with(|table| table.as_ref().filter(|table| table.n_rows > u64::from(MOST_ROWS)).map(|table| view! {
                    <p class="aside">{say!("The result has {} in all.", counted!(table.n_rows, "row", "rows"))}</p>
                }))}
            </Show>
            <h2 id="export-title">{title}</h2>
            <div class="choices">
                {choices.map(|(form, words)| view! {
                    <button data-form=form.extension() disabled=move || progress.get().is_some() on:click=move |_| begin(form)>{words}</button>
                })}
            </div>
            <p class="aside">{say!("Text is as in the files; CSV and Parquet have the columns chosen")}</p>
            <DisguiseChoice chosen=disguise is_open />
            <div hidden=move || !shared.owns.get()>
                <h3>{say!("Case file (.dendro)")}</h3>
                <div class="choices">
                    <button id="save-excerpt" disabled=move || progress.get().is_some() || n_entries() == 0 on:click=move |_| save_as_case(Some(shared.filter.get_untracked()))>
                        {move || say!("Of {}", counted!(n_entries(), "entry", "entries"))}
                    </button>
                    <button id="save-case" disabled=move || progress.get().is_some() on:click=move |_| save_as_case(None)>{say!("Of all of the workspace")}</button>
                </div>
                <p class="aside">{move || match disguise.with(Option::is_some) {
                    false => say!("Logs as they are, with index, bookmarks, notes, views and formats: drop it on Dendro to open it"),
                    true => say!("With pseudonyms in entries, bookmarks, notes, views and the notebook; names of patterns, verdicts and samples of formats are left out"),
                }}</p>
            </div>
            <HowFar />
        </div>
    }
}

/// What is being taken out, wherever that was begun: one thing at a time. Handles only.
#[derive(Clone, Copy)]
pub struct TakingOut {
    /// How much is done, of how much; `None` while nothing is taken out.
    progress: RwSignal<Option<(u64, u64)>>,
    /// What is asked meanwhile; cancels when dropped.
    pending: StoredValue<Option<Pending>, LocalStorage>,
}

impl Default for TakingOut {
    fn default() -> Self {
        Self { progress: RwSignal::new(None), pending: StoredValue::new_local(None) }
    }
}

impl TakingOut {
    pub fn is_under_way(self) -> bool {
        self.progress.with(Option::is_some)
    }
}

/// How far what is being taken out is, and the way to leave it.
#[component]
pub fn HowFar() -> impl IntoView {
    let TakingOut { progress, pending } = use_shared().taking_out;
    let cancel = move |_| {
        pending.set_value(None);
        progress.set(None);
    };
    move || {
        progress.get().map(|(done, total)| {
            view! {
                <div class="writing">
                    <progress max=total.max(1).to_string() value=done.to_string() aria-label=say!("Written")></progress>
                    <button class="small" on:click=cancel>{say!("Cancel")}</button>
                </div>
            }
        })
    }
}

/// Gives all rows of a table on, of which the page may have only the first, with pseudonyms where they were chosen.
fn give_out(shared: Shared, table: Arc<Table>, give: impl Fn(Arc<Table>) + Clone + 'static) {
    let TakingOut { progress, pending } = shared.taking_out;
    if progress.with_untracked(Option::is_some) {
        return;
    }
    // Of a query's rows more may have come than were seen.
    if table.complete && table.n_rows <= table.rows.len() as u64 {
        return as_chosen(shared, table, give);
    }
    let ask = match shared.view.get_untracked() {
        View::Sql => shared.ran.with_untracked(|ran| further_rows(ran.as_ref()?, &table)).map(Ask::Sql),
        _ => {
            let zone = shared.zone.with_untracked(|zone| Zone::clone(zone));
            Some(Ask::Table(TableAsk { filter: untrack(|| shared.asked()), zone, max_rows: MOST_ROWS }))
        }
    };
    let Some(ask) = ask else { return as_chosen(shared, table, give) };
    progress.set(Some((0, 0)));
    let on_reply = move |reply: Reply| match reply {
        Reply::Progress { done, total, .. } => progress.set(Some((done, total))),
        Reply::Done(outcome) => {
            progress.set(None);
            match outcome {
                Ok(Answer::Table(table)) => as_chosen(shared, Arc::from(table), give.clone()),
                outcome => shared.show_failure(Reply::Done(outcome)),
            }
        }
    };
    pending.set_value(Some(shared.port.with_value(|port| port.ask(ask, on_reply))));
}

/// What asks for all rows of a statement that gave only the first. What changes something is not run twice, and where fewer
/// came than were asked for no more fit into an answer.
fn further_rows(ran: &SqlAsk, table: &Table) -> Option<SqlAsk> {
    let has_more = !table.complete && !ran.may_write && table.rows.len() as u64 >= u64::from(ran.max_rows);
    has_more.then(|| SqlAsk { max_rows: MOST_ROWS, ..ran.clone() })
}

/// Gives a table on, with pseudonyms in it where they were chosen.
fn as_chosen(shared: Shared, table: Arc<Table>, give: impl Fn(Arc<Table>) + 'static) {
    let TakingOut { progress, pending } = shared.taking_out;
    let Some(disguise) = shared.disguise.get_untracked() else {
        return give(table);
    };
    let values = texts_of(&table, &disguise);
    progress.set(Some((0, 0)));
    let ask = Ask::DisguiseValues { disguise, values: values.clone() };
    let on_reply = move |reply: Reply| match reply {
        Reply::Progress { done, total, .. } => progress.set(Some((done, total))),
        Reply::Done(outcome) => {
            progress.set(None);
            match outcome {
                Ok(Answer::DisguisedValues(names)) => give(Arc::new(with_names(&table, &values, &names))),
                outcome => shared.show_failure(Reply::Done(outcome)),
            }
        }
    };
    pending.set_value(Some(shared.port.with_value(|port| port.ask(ask, on_reply))));
}

/// Saves the rows of a result, with pseudonyms where they were chosen.
pub fn save_rows(shared: Shared, table: Arc<Table>, form: RowsForm) {
    give_out(shared, table, move |table: Arc<Table>| form.save(shared, table));
}

/// Puts the rows of a result into the clipboard, with pseudonyms where they were chosen.
pub fn copy_rows(shared: Shared, table: Arc<Table>, form: RowsForm) {
    let give = move |table: Arc<Table>| {
        let in_words = part_in_words(&table, Out::Copied, form.in_words())
            .unwrap_or_else(|| copied_as_chosen(shared, form.in_words()));
        put_into_clipboard(shared, form.written(shared, &table, 0..table.rows.len()), in_words);
    };
    give_out(shared, table, give);
}

/// How the rows of a result are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsForm {
    Csv,
    JsonLines,
    Markdown,
    /// For rows that are copied.
    Text,
}

impl RowsForm {
    const ALL: [Self; 3] = [Self::Csv, Self::JsonLines, Self::Markdown];

    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Markdown => "md",
            Self::Text => "txt",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => say!("JSON lines"),
            Self::Markdown => "Markdown",
            Self::Text => say!("Text"),
        }
    }

    fn written(self, shared: Shared, table: &Table, part: Range<usize>) -> String {
        match self {
            Self::Csv => export::csv(table, part),
            Self::JsonLines => export::json_lines(table, part),
            Self::Text | Self::Markdown => shared.zone.with_untracked(|zone| {
                let shown = |place: usize, cell: &Cell| shown(&table.columns[place], cell, zone);
                match self {
                    Self::Text => export::tabbed(table, part, shown),
                    _ => export::markdown(table, part, shown),
                }
            }),
        }
    }

    /// Many rows are written in parts, between which the page answers, and may be told to leave it.
    fn save(self, shared: Shared, table: Arc<Table>) {
        let (name, n_rows) = (format!("result.{}", self.extension()), table.rows.len());
        if n_rows <= ROWS_AT_ONCE {
            return save_part(shared, &table, &bytes_of(&self.written(shared, &table, 0..n_rows)), &name);
        }
        let progress = shared.taking_out.progress;
        progress.set(Some((0, n_rows as u64)));
        spawn_local(async move {
            let parts = Array::new();
            for start in (0..n_rows).step_by(ROWS_AT_ONCE) {
                pause().await;
                // It was left.
                if progress.get_untracked().is_none() {
                    return;
                }
                let end = n_rows.min(start + ROWS_AT_ONCE);
                parts.push(&Uint8Array::from(self.written(shared, &table, start..end).as_bytes()));
                progress.set(Some((end as u64, n_rows as u64)));
            }
            progress.set(None);
            save_part(shared, &table, &parts, &name);
        });
    }
}

/// Saves the rows that were written of a table.
fn save_part(shared: Shared, table: &Table, parts: &Array, name: &str) {
    save(shared, parts, name, |shared, name| {
        part_in_words(table, Out::Written, name).unwrap_or_else(|| written_as_chosen(shared, name))
    });
}

/// What became of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Out {
    Written,
    Copied,
}

/// What is said of rows that were taken out, where they are not all there are. `what`: the file's name, or the form they are in.
fn part_in_words(table: &Table, out: Out, what: &str) -> Option<String> {
    let (n_rows, n_all) = (table.rows.len() as u64, table.n_rows);
    Some(match out {
        Out::Written if n_rows < n_all => {
            say!("{name} written, with the first {} of {} rows.", what, count(n_rows), count(n_all))
        }
        Out::Copied if n_rows < n_all => {
            say!("{what} copied, with the first {} of {} rows.", what, count(n_rows), count(n_all))
        }
        _ if table.complete => return None,
        // How many more a statement would give is not known.
        Out::Written => say!("{name} written, with the first {} rows; there are more.", what, count(n_rows)),
        Out::Copied => say!("{what} copied, with the first {} rows; there are more.", what, count(n_rows)),
    })
}

/// What in a table's cells may get a pseudonym, each once, with the name of its column.
fn texts_of(table: &Table, disguise: &Disguise) -> Vec<(String, String)> {
    let cells = table.rows.iter().flat_map(|row| table.columns.iter().zip(&row.cells));
    let text = |(column, cell): (&Column, &Cell)| {
        let is_wanted = match cell {
            Cell::Text(_) => true,
            Cell::Count(_) | Cell::Number(_) => may_tell(column, &cell.to_string(), disguise),
            Cell::Nothing | Cell::Time(_) => false,
        };
        is_wanted.then(|| (column.name.clone(), cell.to_string()))
    };
    cells.filter_map(text).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a number is too long to stay, or may be somebody's: that of a field, which its name tells. A fraction is neither,
/// however many digits it has.
fn may_tell(column: &Column, number: &str, disguise: &Disguise) -> bool {
    let whole = number.split('.').next().unwrap_or_default();
    let n_digits = whole.bytes().filter(u8::is_ascii_digit).count();
    let is_long = disguise.traits.contains(&Trait::Number) && n_digits > usize::from(disguise.most_digits);
    is_long || column.role == ColumnRole::Key && whole == number
}

/// The table with `names` in place of these texts, which are in the same order.
fn with_names(table: &Table, texts: &[(String, String)], names: &[String]) -> Table {
    let known: BTreeMap<_, _> = texts.iter().zip(names).collect();
    let mut table = table.clone();
    for row in &mut table.rows {
        for (column, cell) in table.columns.iter().zip(&mut row.cells) {
            if matches!(cell, Cell::Nothing | Cell::Time(_)) {
                continue;
            }
            if let Some(&name) = known.get(&(column.name.clone(), cell.to_string())) {
                *cell = named(cell, name);
            }
        }
    }
    table
}

/// The cell with what stands in its place; a number where that is one.
fn named(cell: &Cell, name: &str) -> Cell {
    let number = match cell {
        Cell::Count(_) => name.parse().ok().map(Cell::Count),
        Cell::Number(_) => name.parse().ok().map(Cell::Number),
        _ => None,
    };
    // A number may be too long to have all of its digits.
    number.filter(|number| number.to_string() == name).unwrap_or_else(|| Cell::Text(name.to_owned()))
}

fn take_in(parts: &Array, answer: Option<Answer>) {
    if let Some(Answer::Exported(part)) = answer {
        parts.push(&Uint8Array::from(part.as_slice()));
    }
}

/// Lets the browser save a text as a file; pseudonyms are not in it, whatever was chosen.
pub fn save_text(shared: Shared, text: &str, name: &str) {
    save(shared, &bytes_of(text), name, written_as_it_is);
}

/// What is said of a file that has no pseudonyms in it, whatever was chosen.
pub fn written_as_it_is(shared: Shared, name: &str) -> String {
    match shared.disguise.with_untracked(Option::is_some) {
        true => say!("{name} written with the original values, not with pseudonyms.", name),
        false => say!("{name} written.", name),
    }
}

fn bytes_of(text: &str) -> Array {
    Array::of1(&Uint8Array::from(text.as_bytes()))
}

fn written_as_chosen(shared: Shared, name: &str) -> String {
    match shared.disguise.with_untracked(Option::is_some) {
        true => say!("{name} written, with pseudonyms.", name),
        false => say!("{name} written.", name),
    }
}

/// `in_words`: what is said of the file when it is written.
fn save(shared: Shared, parts: &Array, name: &str, in_words: impl Fn(Shared, &str) -> String) {
    let saved = Blob::new_with_u8_array_sequence(parts).and_then(|blob| {
        let address = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        // The download has its own hold on the blob by then.
        set_timeout(move || drop(Url::revoke_object_url(&address)), std::time::Duration::from_secs(60));
        Ok(())
    });
    shared.said.set(match saved {
        Ok(()) => in_words(shared, name),
        Err(_) => say!("The browser has no room for this file.").to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::table::{Drill, TableRow};

    #[test]
    fn rows_get_the_pseudonyms_of_their_columns() {
        let column = |name: &str, role| Column { name: name.to_owned(), role, unit: Default::default() };
        let row = |user: &str, path: &str| TableRow {
            cells: vec![Cell::Text(user.to_owned()), Cell::Text(path.to_owned()), Cell::Count(3)],
            entries: Drill::Nowhere,
        };
        let table = Table {
            columns: vec![
                column("user", ColumnRole::Key),
                column("path", ColumnRole::Key),
                column("count", ColumnRole::Measure),
            ],
            rows: vec![row("ann", "/a"), row("bob", "/a"), row("ann", "ann")],
            ..Table::default()
        };
        let disguise = Disguise { traits: Trait::ALL.to_vec(), most_digits: 12 };
        let texts = texts_of(&table, &disguise);
        assert_eq!(texts.len(), 4, "each once");
        let names: Vec<String> = texts.iter().map(|(name, text)| format!("{name}-{}", text.len())).collect();
        let written = export::csv(&with_names(&table, &texts, &names), 0..3);
        assert_eq!(written, "user,path,count\r\nuser-3,path-2,3\r\nuser-3,path-2,3\r\nuser-3,path-3,3\r\n");
    }

    #[test]
    fn a_statement_is_run_again_only_for_rows_that_it_has_not_given() {
        let row = TableRow { cells: Vec::new(), entries: Drill::Nowhere };
        let table = |n_rows, complete| Table { rows: vec![row.clone(); n_rows], complete, ..Table::default() };
        let ran = |may_write| SqlAsk {
            filter: Default::default(),
            text: "SELECT 1".to_owned(),
            max_rows: 3,
            sort: None,
            zone: Zone::utc(),
            may_write,
        };
        let again = |may_write, n_rows, complete| {
            further_rows(&ran(may_write), &table(n_rows, complete)).map(|ask| (ask.text, ask.max_rows))
        };
        assert_eq!(again(false, 3, false), Some(("SELECT 1".to_owned(), MOST_ROWS)));
        assert_eq!((again(false, 3, true), again(false, 2, false), again(true, 3, false)), (None, None, None));
    }

    #[test]
    fn rows_that_are_missing_are_told_of_however_they_are_taken_out() {
        let row = TableRow { cells: Vec::new(), entries: Drill::Nowhere };
        let table = |n_rows, complete| Table { rows: vec![row.clone(); 2], n_rows, complete, ..Table::default() };
        let said = |table: &Table| {
            [(Out::Written, "a.csv"), (Out::Copied, "CSV")].map(|(out, what)| part_in_words(table, out, what))
        };
        assert_eq!(said(&table(2, true)), [None, None]);
        let of_more = ["a.csv written, with the first 2 of 3 rows.", "CSV copied, with the first 2 of 3 rows."];
        assert_eq!(said(&table(3, true)), of_more.map(|words| Some(words.to_owned())));
        let cut = [
            "a.csv written, with the first 2 rows; there are more.",
            "CSV copied, with the first 2 rows; there are more.",
        ];
        assert_eq!(said(&table(2, false)), cut.map(|words| Some(words.to_owned())));
    }

    #[test]
    fn long_numbers_and_numbers_of_fields_get_pseudonyms_too() {
        let column = |name: &str, role| Column { name: name.to_owned(), role, unit: Default::default() };
        let row = |cells: [Cell; 4]| TableRow { cells: cells.to_vec(), entries: Drill::Nowhere };
        let table = Table {
            columns: vec![
                column("user_id", ColumnRole::Key),
                column("card", ColumnRole::Key),
                column("max(card)", ColumnRole::Measure),
                column("avg", ColumnRole::Measure),
            ],
            rows: vec![row([
                Cell::Count(42),
                Cell::Number(4_111_111_111_111_111.0),
                Cell::Count(4_111_111_111_111_111),
                Cell::Number(1.0 / 3.0),
            ])],
            ..Table::default()
        };
        let disguise = |traits: &[Trait]| Disguise { traits: traits.to_vec(), most_digits: 12 };
        assert_eq!(texts_of(&table, &disguise(&[Trait::User])).len(), 2, "long numbers may stay");
        let texts = texts_of(&table, &disguise(&Trait::ALL));
        let long = "4111111111111111";
        let expected = [("card", long), ("max(card)", long), ("user_id", "42")];
        assert_eq!(texts, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let names = ["9000000000000001", "9000000000000001", "user-1"].map(str::to_owned);
        let written = with_names(&table, &texts, &names);
        let number = Cell::Number(9_000_000_000_000_001.0);
        let expected = [Cell::Text("user-1".to_owned()), number, Cell::Count(9_000_000_000_000_001)];
        assert_eq!(written.rows[0].cells[..3], expected);
        assert_eq!(written.rows[0].cells[3], table.rows[0].cells[3], "a fraction is no number of anything");
        assert_eq!(named(&Cell::Number(4e18), "9000000000000000001"), Cell::Text("9000000000000000001".to_owned()));
    }
}
