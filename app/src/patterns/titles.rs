//! What patterns are called, for where their ids stand: columns and charts of results, suggestions, the details of an entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::protocol::{Answer, Ask, TitlesAsk};
use model::table::{Cell, Table};
use model::template::{TemplateTitle, with_kinds};

use crate::answer::{Question, use_answer};
use crate::scope::Shared;

impl Question for TitlesAsk {
    type Answer = Arc<Vec<TemplateTitle>>;
    fn ask(&self) -> Ask {
        Ask::TemplateTitles(*self)
    }
    fn read(answer: Answer) -> Option<Arc<Vec<TemplateTitle>>> {
        if let Answer::TemplateTitles(titles) = answer { Some(Arc::new(titles)) } else { None }
    }
}

/// By the ids that queries write.
pub type Titles = Arc<BTreeMap<String, String>>;

/// Those of all patterns, while they are wanted; none before.
pub fn use_titles(shared: Shared, is_wanted: impl Fn() -> bool + Send + Sync + 'static) -> Memo<Titles> {
    let answer = use_answer(shared.port, shared.revision, move || is_wanted().then_some(TitlesAsk { of: None }));
    Memo::new(move |_| {
        let by_id = |titles: &Arc<Vec<TemplateTitle>>| -> Titles {
            Arc::new(titles.iter().map(|title| (title.id.to_string(), called(title))).collect())
        };
        answer.with(|answer| answer.answer.as_ref().map(by_id)).unwrap_or_default()
    })
}

/// As the user says, else its text.
pub fn called(title: &TemplateTitle) -> String {
    if title.name.is_empty() { with_kinds(&title.text, &title.kinds) } else { title.name.clone() }
}

/// Which columns of a table have ids of patterns.
fn columns_of_ids(table: &Table) -> Vec<usize> {
    let is_of_ids = |&place: &usize| table.columns[place].name.eq_ignore_ascii_case("template");
    (0..table.columns.len()).filter(is_of_ids).collect()
}

pub fn has_ids(table: &Table) -> bool {
    !columns_of_ids(table).is_empty()
}

/// The table with what patterns are called in the place of their ids.
pub fn titled(table: &Arc<Table>, titles: &BTreeMap<String, String>) -> Arc<Table> {
    let columns = columns_of_ids(table);
    if columns.is_empty() || titles.is_empty() {
        return table.clone();
    }
    let mut titled = Table::clone(table);
    for row in &mut titled.rows {
        for &column in &columns {
            let Some(cell) = row.cells.get_mut(column) else { continue };
            if let Some(title) = titles.get(&cell.to_string()) {
                *cell = Cell::Text(title.clone());
            }
        }
    }
    Arc::new(titled)
}

#[cfg(test)]
mod tests {
    use model::quantity::Unit;
    use model::table::{Column, ColumnRole, Drill, TableRow};
    use model::template::{Kind, TemplateId};

    use super::*;

    #[test]
    fn a_pattern_is_called_by_its_text_where_nobody_named_it() {
        let title = TemplateTitle {
            id: TemplateId(1),
            text: "took <*> ms".to_owned(),
            kinds: vec![Kind::Number],
            ..TemplateTitle::default()
        };
        assert_eq!(called(&title), "took <number> ms");
        assert_eq!(called(&TemplateTitle { name: "Slow".to_owned(), ..title }), "Slow");
    }

    #[test]
    fn ids_in_a_table_become_titles_and_everything_else_stays() {
        let column = |name: &str| Column { name: name.to_owned(), role: ColumnRole::Key, unit: Unit::Plain };
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = TableRow { cells: vec![text("00aa"), text("00aa")], entries: Drill::Nowhere };
        let table = Table { columns: vec![column("template"), column("user")], rows: vec![row], ..Table::default() };
        let titles = BTreeMap::from([("00aa".to_owned(), "order placed".to_owned())]);
        assert_eq!(titled(&Arc::new(table), &titles).rows[0].cells, [text("order placed"), text("00aa")]);
    }
}
