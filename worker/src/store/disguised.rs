//! What a case file with pseudonyms has beside its entries: what the user kept, with the same pseudonyms.
//!
//! What cannot be told by pseudonyms stays behind: names of patterns, what is thought of findings, and the sample lines of the user's
//! own formats.

use analysis::disguise::Disguiser;
use analysis::format::without_samples;
use model::kept::{Anchor, Mark};
use model::naming::Naming;
use model::notebook::{Notebook, Page};
use model::protocol::Failure;
use model::scope::Scope;

use super::Store;
use super::error::Result;
use super::pins::with_line;

impl Store {
    /// Takes over what the entries of another workspace are read by, and nothing that somebody wrote about them.
    pub(super) fn succeed_unnamed(&mut self, before: &Self) -> std::result::Result<(), Failure> {
        self.meta.next_source = self.meta.next_source.max(before.meta.next_source);
        self.meta.zone = self.meta.number_of(before.zone().clone());
        self.blocks.set_zone(before.zone().clone());
        let taken = self.try_succeed_unnamed(before);
        Ok(self.or_roll_back(taken)?)
    }

    fn try_succeed_unnamed(&mut self, before: &Self) -> Result<()> {
        self.try_take_formats(before, without_samples)?;
        self.try_take_meanings(before)
    }

    /// Takes over names of services, views, the notebook, and the bookmarks of those entries that are here. All entries are copied by then: whom they
    /// speak of is known.
    pub(super) fn take_disguised(
        &mut self,
        before: &mut Self,
        disguiser: &mut Disguiser,
    ) -> std::result::Result<(), Failure> {
        let mut naming = Naming::clone(before.blocks.naming());
        for row in &mut naming.rows {
            // As in the entries.
            row.written = disguiser.text(&row.written);
            row.service = disguiser.text(&row.service);
        }
        self.set_naming(naming)?;
        let mut notebook = before.notebook()?;
        for (_, text) in &mut notebook.texts {
            *text = disguiser.words(text);
        }
        for view in before.views()? {
            let name = disguiser.words(&view.name);
            let mut scope = Scope::from_hash(&view.address);
            scope.filter.query = disguiser.words(&scope.filter.query);
            scope.sql = disguiser.words(&scope.sql);
            scope.against.query = scope.against.query.map(|query| disguiser.words(&query));
            let pinned = match scope.pinned.map(|key| before.anchor_of(key)) {
                Some(Ok(anchor)) => self.anchor_of_disguised(&anchor, disguiser)?,
                // It is not here, or was not there.
                Some(Err(_)) | None => None,
            };
            let address = match pinned {
                Some(anchor) => with_line(scope.to_hash(), &anchor),
                None => Scope { pinned: None, ..scope }.to_hash(),
            };
            self.save_view(&name, &address, None)?;
            if !view.note.is_empty() {
                self.set_view_note(&name, &disguiser.words(&view.note))?;
            }
            notebook = notebook.renamed(&view.name, &name);
        }
        let mut marks = Vec::new();
        for mark in before.marks()? {
            let Some(anchor) = self.anchor_of_disguised(&mark.anchor, disguiser)? else { continue };
            let kept = Mark {
                anchor,
                note: disguiser.words(&mark.note),
                service: disguiser.text(&mark.service),
                text: disguiser.words(&mark.text),
                ..mark.clone()
            };
            self.keep_mark(&kept)?;
            marks.push((mark.id, kept.anchor));
        }
        // Their numbers here are found by what they are anchored to.
        let known = self.marks()?;
        let renumbered = |page: &Page| match page {
            Page::Mark(id) => {
                let (_, anchor) = marks.iter().find(|(before, _)| before == id)?;
                known.iter().find(|mark| mark.anchor == *anchor).map(|mark| Page::Mark(mark.id))
            }
            page => Some(page.clone()),
        };
        let all = |pages: &[Page]| pages.iter().filter_map(renumbered).collect();
        let renumbered = Notebook { order: all(&notebook.order), left_out: all(&notebook.left_out), ..notebook };
        if renumbered == Notebook::default() { Ok(()) } else { self.set_notebook(&renumbered) }
    }

    /// The line says something else here, so its hash is another.
    fn anchor_of_disguised(&mut self, anchor: &Anchor, disguiser: &mut Disguiser) -> Result<Option<Anchor>> {
        let path = disguiser.text(&anchor.path);
        let is_its = |source: &&super::sources::SourceRecord| {
            source.shown.path == path && source.fingerprint == anchor.fingerprint
        };
        let sources: Vec<_> = self.sources.iter().filter(is_its).map(|source| source.shown.id).collect();
        let Some(&source) = sources.get(anchor.copy as usize).or(sources.first()) else { return Ok(None) };
        let line = anchor.line;
        let Ok(Some(key)) = self.entry_with(source, line) else { return Ok(None) };
        let hash = self.line_hash(source, key.entry, line)?;
        Ok(hash.map(|line_hash| Anchor { path, line_hash, ..anchor.clone() }))
    }
}
