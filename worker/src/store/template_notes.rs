//! What the user calls templates and says of them. A template is the same in every file, so it outlives the emptying of a workspace.

use std::collections::BTreeMap;

use model::protocol::Failure;
use model::template::{TemplateId, TemplateNote};
use rusqlite::Connection;

use super::error::Result;
use super::verdicts::load as load_verdicts;
use super::{FoundTemplates, Store, meta};

/// Name in `meta`.
const TEMPLATE_NOTES: &str = "template_notes";

/// Longer ones are cut: they go with every list of templates.
const MOST_OF_NAME: usize = 100;
const MOST_OF_WORDS: usize = 2_000;

pub type TemplateNotes = BTreeMap<TemplateId, TemplateNote>;

pub(super) fn load(connection: &Connection) -> Result<TemplateNotes> {
    Ok(meta::value(connection, TEMPLATE_NOTES)?.unwrap_or_default())
}

impl Store {
    /// By the ids that templates had when they were noted.
    pub fn template_notes(&self) -> std::result::Result<TemplateNotes, Failure> {
        Ok(load(self.connection())?)
    }

    /// By the ids that these templates have: other files may have made the text of one more general.
    pub fn template_notes_in(&self, found: &FoundTemplates) -> std::result::Result<TemplateNotes, Failure> {
        let mut notes = self.template_notes()?;
        if notes.is_empty() {
            return Ok(notes);
        }
        for (now, before) in self.former_in(found)? {
            let note = notes.iter().find(|(id, _)| before.contains(&id.to_string())).map(|(_, note)| note.clone());
            if let Some((note, template)) = note.zip(found.named(&now)) {
                notes.entry(template.id).or_insert(note);
            }
        }
        Ok(notes)
    }

    /// Remembers what is said of a template, or forgets it.
    pub fn note_template(&mut self, id: TemplateId, note: &TemplateNote) -> std::result::Result<(), Failure> {
        let noted = self.try_note_template(id, note);
        self.or_roll_back(noted)?;
        self.changed();
        Ok(())
    }

    fn try_note_template(&mut self, id: TemplateId, note: &TemplateNote) -> Result<()> {
        self.begin()?;
        let mut notes = load(self.connection())?;
        if let Some(before) = self.former_templates()?.get(&id.to_string()) {
            notes.retain(|id, _| !before.contains(&id.to_string()));
        }
        let cut = |text: &str, most: usize| text.trim().chars().take(most).collect::<String>();
        let note = TemplateNote { name: cut(&note.name, MOST_OF_NAME), words: cut(&note.words, MOST_OF_WORDS) };
        if note.is_empty() {
            notes.remove(&id);
        } else {
            notes.insert(id, note);
        }
        meta::put(self.connection(), TEMPLATE_NOTES, &notes)?;
        self.keep_template_texts(&notes, &load_verdicts(self.connection())?)?;
        self.kept_changes.n_made += 1;
        Ok(())
    }

    pub(super) fn try_take_template_notes(&mut self, before: &Self) -> Result<()> {
        let notes = load(before.connection())?;
        if notes.is_empty() {
            return Ok(());
        }
        self.begin()?;
        meta::put(self.connection(), TEMPLATE_NOTES, &notes)
    }
}
