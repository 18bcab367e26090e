//! The texts of templates that the user said something of. A template goes by the hash of its text, and that changes when other files
//! show that one of its words is a value: what was said of it is then meant for the template that its text is made from.

use std::collections::{BTreeMap, BTreeSet};

use analysis::template::Template;
use model::template::WILDCARD;
use rusqlite::Connection;

use super::error::Result;
use super::template_notes::TemplateNotes;
use super::verdicts::Verdicts;
use super::{FoundTemplates, Store, meta};

/// Name in `meta`.
const TEMPLATE_TEXTS: &str = "template_texts";

/// By id, as queries write it.
type TemplateTexts = BTreeMap<String, String>;

fn load(connection: &Connection) -> Result<TemplateTexts> {
    Ok(meta::value(connection, TEMPLATE_TEXTS)?.unwrap_or_default())
}

impl Store {
    /// Of each template that is made from those of before: by which ids something is said of it. Ids are as queries write them.
    pub fn former_in(&self, found: &FoundTemplates) -> Result<BTreeMap<String, Vec<String>>> {
        let mut former: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, text) in load(self.connection())? {
            if found.named(&id).is_none()
                && let Some(template) = made_from(&text, &found.templates.list)
            {
                former.entry(template.id.to_string()).or_default().push(id);
            }
        }
        Ok(former)
    }

    /// The same of the templates that are known, if they are.
    pub(super) fn former_templates(&self) -> Result<BTreeMap<String, Vec<String>>> {
        self.blocks.known_templates().map_or_else(|| Ok(BTreeMap::new()), |found| self.former_in(&found))
    }

    /// Keeps the texts of templates of which something is said, and of no others.
    pub(super) fn keep_template_texts(&self, notes: &TemplateNotes, verdicts: &Verdicts) -> Result<()> {
        let noted = notes.keys().map(ToString::to_string);
        let judged = verdicts.keys().map(|kind| kind.template.clone());
        let said: BTreeSet<String> = noted.chain(judged).collect();
        let mut texts = load(self.connection())?;
        texts.retain(|id, _| said.contains(id));
        if let Some(found) = self.blocks.known_templates() {
            let known = said.into_iter().filter_map(|id| found.named(&id).map(|template| (id, template.text.clone())));
            texts.extend(known);
        }
        meta::put(self.connection(), TEMPLATE_TEXTS, &texts)
    }

    pub(super) fn try_take_template_texts(&mut self, before: &Self) -> Result<()> {
        let texts = load(before.connection())?;
        if texts.is_empty() {
            return Ok(());
        }
        self.begin()?;
        meta::put(self.connection(), TEMPLATE_TEXTS, &texts)
    }
}

/// The template that such a text is made from: of several the one that has most in common with it. One that has less than half of it
/// stands for too much else.
fn made_from<'t>(text: &str, templates: &'t [Template]) -> Option<&'t Template> {
    let n_fixed = |text: &str| text.len() - text.matches(WILDCARD).count() * WILDCARD.len();
    let most = templates
        .iter()
        .filter(|template| 2 * n_fixed(&template.text) >= n_fixed(text) && template.matches(text))
        .max_by_key(|template| n_fixed(&template.text))?;
    let is_as_near = |other: &&Template| n_fixed(&other.text) == n_fixed(&most.text) && other.matches(text);
    (templates.iter().filter(is_as_near).count() == 1).then_some(most)
}
