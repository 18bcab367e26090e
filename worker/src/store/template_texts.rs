//! The texts of templates that the user said something of, or that a saved view asks for. A template goes by the hash of its text, and
//! that changes when other files show that one of its words is a value: what was said of it is then meant for the template that its text
//! is made from, and so is a query that asks for it. Of those that queries asked for the last ones are kept, too: a link is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use analysis::template::Template;
use model::protocol::Failure;
use model::query::{
    Expr, Stage, Test, asked_fields, fields_of_stages, only_template, parse, parse_query, variable_name,
    variable_place, with_field_renamed,
};
use model::scope::{Filter, Scope};
use model::template::{TemplateId, WILDCARD};
use rusqlite::Connection;

use super::error::Result;
use super::pins::with_same_line;
use super::template_notes::{TemplateNotes, load as load_notes};
use super::verdicts::{Verdicts, load as load_verdicts};
use super::{FoundTemplates, Store, meta, views};

/// Name in `meta`.
const TEMPLATE_TEXTS: &str = "template_texts";

/// The same of [`AskedTexts`].
const ASKED_TEXTS: &str = "asked_template_texts";

/// Templates that queries asked for, of which the texts are kept.
const MOST_ASKED: usize = 200;

/// Texts of templates that queries asked for, by their ids, the last one last. They are written with the next commit.
#[derive(Default)]
pub(super) struct AskedTexts {
    /// `None` until they are looked at.
    known: Option<Vec<(String, String)>>,
    is_changed: bool,
}

impl AskedTexts {
    pub(super) fn committed(&mut self) {
        self.is_changed = false;
    }
}

/// By id, as queries write it.
type TemplateTexts = BTreeMap<String, String>;

/// Follows queries from templates that are not there any more to those that are made from them. What is found of one is found once.
pub struct Following {
    found: Rc<FoundTemplates>,
    texts: TemplateTexts,
    /// By id: the place in the list of the one that is made from it.
    made: BTreeMap<String, Option<usize>>,
}

fn load(connection: &Connection) -> Result<TemplateTexts> {
    Ok(meta::value(connection, TEMPLATE_TEXTS)?.unwrap_or_default())
}

impl Store {
    /// Of each template that is made from those of before: by which ids something is said of it. Ids are as queries write them.
    pub fn former_in(&self, found: &FoundTemplates) -> Result<BTreeMap<String, Vec<String>>> {
        let mut former: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, text) in load(self.connection())? {
            if found.named(&id).is_none()
                && let Some(place) = made_from(&text, &found.templates.list)
            {
                former.entry(found.templates.list[place].id.to_string()).or_default().push(id);
            }
        }
        Ok(former)
    }

    /// The same of the templates that are known, if they are.
    pub(super) fn former_templates(&self) -> Result<BTreeMap<String, Vec<String>>> {
        self.blocks.known_templates().map_or_else(|| Ok(BTreeMap::new()), |found| self.former_in(&found))
    }

    /// Follows queries to the templates there are now.
    pub fn following(&self, found: Rc<FoundTemplates>) -> std::result::Result<Following, Failure> {
        // What is said of holds before what was asked for.
        let mut texts: TemplateTexts = self.asked_texts()?.into_iter().collect();
        texts.extend(load(self.connection())?);
        Ok(Following { found, texts, made: BTreeMap::new() })
    }

    /// Remembers the texts of templates that a query asks for.
    pub fn remember_asked(&mut self, query: &str, found: &FoundTemplates) -> std::result::Result<(), Failure> {
        let before = self.asked_texts()?;
        let mut known = before.clone();
        for id in asked_templates(query) {
            let text = found.named(&id).map(|template| template.text.as_str());
            put_last(&mut known, &id, text);
        }
        self.asked_texts.is_changed |= known != before;
        self.asked_texts.known = Some(known);
        Ok(())
    }

    fn asked_texts(&self) -> Result<Vec<(String, String)>> {
        match &self.asked_texts.known {
            Some(known) => Ok(known.clone()),
            None => Ok(meta::value(self.connection(), ASKED_TEXTS)?.unwrap_or_default()),
        }
    }

    /// A file goes away: nobody said that anything of its messages is to stay.
    pub(super) fn forget_asked_texts(&mut self) {
        self.asked_texts = AskedTexts { known: Some(Vec::new()), is_changed: true };
    }

    /// Within a transaction; once that is committed, [`AskedTexts::committed`].
    pub(super) fn write_asked_texts(&self) -> Result<()> {
        if let Some(known) = self.asked_texts.known.as_ref().filter(|_| self.asked_texts.is_changed) {
            meta::put(self.connection(), ASKED_TEXTS, known)?;
        }
        Ok(())
    }

    /// Keeps the texts of templates of which something is said, or that a view asks for, and of no others.
    pub(super) fn keep_template_texts(&self, notes: &TemplateNotes, verdicts: &Verdicts) -> Result<()> {
        let noted = notes.keys().map(ToString::to_string);
        let judged = verdicts.keys().map(|kind| kind.template.clone());
        let views = views::read_all(self.connection())?;
        let viewed = views.iter().flat_map(|view| asked_templates(&Scope::from_hash(&view.address).filter.query));
        let said: BTreeSet<String> = noted.chain(judged).chain(viewed).collect();
        let before = load(self.connection())?;
        let mut texts = before.clone();
        texts.retain(|id, _| said.contains(id));
        if let Some(found) = self.blocks.known_templates() {
            let known = said.into_iter().filter_map(|id| found.named(&id).map(|template| (id, template.text.clone())));
            texts.extend(known);
        }
        if texts == before { Ok(()) } else { meta::put(self.connection(), TEMPLATE_TEXTS, &texts) }
    }

    /// The same when views are others.
    pub(super) fn keep_texts_of_views(&mut self) -> std::result::Result<(), Failure> {
        let kept = self.try_keep_texts_of_views();
        Ok(self.or_roll_back(kept)?)
    }

    fn try_keep_texts_of_views(&mut self) -> Result<()> {
        self.begin()?;
        self.keep_template_texts(&load_notes(self.connection())?, &load_verdicts(self.connection())?)
    }

    /// The text of some template is kept.
    pub(super) fn has_template_texts(&self) -> Result<bool> {
        Ok(!load(self.connection())?.is_empty())
    }

    /// Takes the texts over that are kept of these templates.
    pub(super) fn take_texts_of(
        &mut self,
        before: &Self,
        templates: &BTreeSet<TemplateId>,
    ) -> std::result::Result<(), Failure> {
        let ids: BTreeSet<String> = templates.iter().map(ToString::to_string).collect();
        let taken = self.try_take_template_texts(before, |id| ids.contains(id));
        Ok(self.or_roll_back(taken)?)
    }

    pub(super) fn try_take_template_texts(&mut self, before: &Self, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
        let mut texts = load(before.connection())?;
        texts.retain(|id, _| is_wanted(id));
        if texts.is_empty() {
            return Ok(());
        }
        self.begin()?;
        meta::put(self.connection(), TEMPLATE_TEXTS, &texts)
    }
}

impl Following {
    /// A query as it asks for the templates that are made from those it names; `None` where it is as it is, or where nothing tells what
    /// its values (`var2`) would be.
    pub fn query(&mut self, query: &str) -> Option<String> {
        let list = &self.found.templates.list;
        let mut now = query.to_owned();
        for id in asked_templates(query) {
            let text = self.texts.get(&id).filter(|_| self.found.named(&id).is_none());
            let Some(text) = text else { continue };
            let place = *self.made.entry(id.clone()).or_insert_with(|| made_from(text, list));
            if let Some(place) = place {
                now = followed(&now, (id.as_str(), text.as_str()), &list[place]).unwrap_or(now);
            }
        }
        (now != query).then_some(now)
    }

    /// The same of the address of a view.
    pub fn address(&mut self, address: &str) -> Option<String> {
        let scope = Scope::from_hash(address);
        let query = self.query(&scope.filter.query)?;
        let scope = Scope { filter: Filter { query, ..scope.filter }, ..scope };
        Some(with_same_line(address, &scope))
    }
}

/// Makes a template the last that was asked for, if it is known, or has this text; the first of too many is forgotten.
fn put_last(known: &mut Vec<(String, String)>, id: &str, text: Option<&str>) {
    let before = known.iter().position(|(other, _)| other == id).map(|place| known.remove(place));
    known.extend(before.or_else(|| Some((id.to_owned(), text?.to_owned()))));
    known.drain(..known.len().saturating_sub(MOST_ASKED));
}

/// The place of the template that such a text is made from: of several the one that has most in common with it, if there is one. One
/// that has less than half of it stands for too much else.
fn made_from(text: &str, templates: &[Template]) -> Option<usize> {
    let n_fixed = |text: &str| text.len() - text.matches(WILDCARD).count() * WILDCARD.len();
    let least = n_fixed(text);
    let (mut most, mut found, mut is_one) = (0, None, false);
    for (place, template) in templates.iter().enumerate() {
        let n = n_fixed(&template.text);
        if n >= most && 2 * n >= least && template.matches(text) {
            is_one = found.is_none() || n > most;
            (most, found) = (n, Some(place));
        }
    }
    found.filter(|_| is_one)
}

/// The ids of templates that the filter of a query names.
fn asked_templates(query: &str) -> BTreeSet<String> {
    let mut ids = Vec::new();
    if query.to_ascii_lowercase().contains("template") {
        collect_templates(&parse(query).0, &mut ids);
    }
    ids.into_iter().collect()
}

fn collect_templates(expr: &Expr, ids: &mut Vec<String>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| collect_templates(part, ids)),
        Expr::Not(inner) => collect_templates(inner, ids),
        Expr::Field { name, test: Test::Is(id) | Test::Equals(id) | Test::Compare(_, id) }
            if name.eq_ignore_ascii_case("template") =>
        {
            ids.push(id.clone());
        }
        _ => {}
    }
}

/// The query with another template in the place of one, and its values by the places that they have in that.
fn followed(query: &str, (id, text): (&str, &str), template: &Template) -> Option<String> {
    let names = asked_fields(query).into_iter().chain(fields_of_stages(query));
    let mut asked: Vec<(usize, String)> = names.filter_map(|name| Some((variable_place(&name)?, name))).collect();
    let mut now = query.to_owned();
    if !asked.is_empty() {
        // Values are those of the one template that is meant.
        only_template(&parse(query).0).filter(|only| *only == id)?;
        let values = template.values(text)?;
        let places: Vec<usize> = (0..values.len()).filter(|&place| values[place] == WILDCARD).collect();
        // One that stands for several, or for a part of a word, has no place of its own.
        if places.len() != text.matches(WILDCARD).count() {
            return None;
        }
        // Places only grow: from the last to the first none gets the name of one that is still to be renamed.
        asked.sort();
        for (place, name) in asked.into_iter().rev() {
            let place_now = *places.get(place)?;
            let mut before = String::new();
            while place_now != place && before != now {
                let renamed = with_field_renamed(&now, &name, &variable_name(place_now));
                before = std::mem::replace(&mut now, renamed);
            }
        }
    }
    Some(with_template(now, id, &template.id.to_string()))
}

/// The query with another template in the place of one wherever it is asked for; what is only written alike stays.
fn with_template(query: String, id: &str, now: &str) -> String {
    let n_tests = |query: &str, wanted: &str| {
        let (query, mut ids) = (parse_query(query).0, Vec::new());
        collect_templates(&query.filter, &mut ids);
        for stage in &query.stages {
            if let Stage::Where(holds) = stage {
                collect_templates(holds, &mut ids);
            }
        }
        ids.iter().filter(|id| *id == wanted).count()
    };
    let (mut written, mut from) = (query, 0);
    while let Some(at) = written[from..].find(id).map(|at| from + at) {
        let other = format!("{}{now}{}", &written[..at], &written[at + id.len()..]);
        // Terms that say the same may count as one.
        if n_tests(&other, now) > n_tests(&written, now) || n_tests(&other, id) < n_tests(&written, id) {
            (written, from) = (other, at + now.len());
        } else {
            from = at + id.len();
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "link <1> took <2> ms", the marks as mining makes them.
    fn template(marked: &str) -> Template {
        Template::new(marked.replace("<*>", "\u{1}").as_bytes(), std::iter::empty())
    }

    #[test]
    fn values_are_asked_for_by_the_places_they_have_in_the_template_that_is_followed() {
        let now = template("link <*> took <*> ms for <*>");
        let follow = |query: &str, text: &str| followed(query, ("0c7d5e2f9a14", text), &now);
        let id = &now.id;
        let eth0 = "link eth0 took <*> ms for <*>";
        assert_eq!(follow("-template:0c7d5e2f9a14 a", eth0), Some(format!("-template:{id} a")));
        assert_eq!(
            follow("template:0c7d5e2f9a14 var1>250 | stats p95(var1) by var2 | sort p95(var1)", eth0),
            Some(format!("template:{id} var2>250 | stats p95(var2) by var3 | sort p95(var2)"))
        );
        // What says it and does not ask for it.
        assert_eq!(
            follow("template:0c7d5e2f9a14 \"of 0c7d5e2f9a14\" -0c7d5e2f9a14", eth0),
            Some(format!("template:{id} \"of 0c7d5e2f9a14\" -0c7d5e2f9a14"))
        );
        assert_eq!(
            follow("template:(0c7d5e2f9a14 OR 3b) OR template==0c7d5e2f9a14 | where template:0c7d5e2f9a14", eth0),
            Some(format!("template:({id} OR 3b) OR template=={id} | where template:{id}"))
        );
        // Whose second value it is nobody knows.
        assert_eq!(follow("(template:0c7d5e2f9a14 OR level:error) var2>250", eth0), None);
        assert_eq!(follow("template:0c7d5e2f9a14 var1>250", "link <*> of <*> took <*> ms for me"), None);
    }

    #[test]
    fn of_many_templates_that_were_asked_for_the_one_that_was_not_for_longest_is_forgotten() {
        let mut known = Vec::new();
        (0..MOST_ASKED).for_each(|n| put_last(&mut known, &n.to_string(), Some("text")));
        put_last(&mut known, "0", None);
        put_last(&mut known, "new", Some("text"));
        put_last(&mut known, "gone", None);
        let has = |id: &str| known.iter().any(|(other, _)| other == id);
        assert_eq!((known.len(), ["0", "new", "1", "gone"].map(has)), (MOST_ASKED, [true, true, false, false]));
    }
}
