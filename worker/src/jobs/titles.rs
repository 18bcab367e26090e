//! What templates are called, for where their ids stand: that of an entry, or all of them.

use analysis::template::Template;
use model::protocol::{Answer, Failure, TitlesAsk};
use model::template::TemplateTitle;

use super::{Job, Step};
use crate::store::Store;

pub struct TitlesJob {
    pub ask: TitlesAsk,
}

impl Job for TitlesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let found = store.blocks.templates()?;
        let notes = store.template_notes_in(&found)?;
        let title = |template: &Template| TemplateTitle {
            id: template.id,
            text: template.text.clone(),
            kinds: template.variables.iter().map(|variable| variable.kind).collect(),
            name: notes.get(&template.id).map(|note| note.name.clone()).unwrap_or_default(),
        };
        let titles = match self.ask.of {
            None => found.templates.list.iter().map(title).collect(),
            Some(key) => {
                let blocks = &mut store.blocks;
                let slot = blocks.directory().find_entry(key.source, key.entry).ok_or(Failure::Gone)?;
                let entry = (key.entry - blocks.info(slot).first_entry) as usize;
                let shape = blocks.shape_of(slot, entry)?;
                vec![title(found.template(shape))]
            }
        };
        Ok(Step::Finished(Answer::TemplateTitles(titles)))
    }
}
