//! The notebook's own texts and the order of its pages. It outlives the emptying of a workspace, as what it speaks of does.

use model::kept::MarkId;
use model::notebook::{Notebook, Page};
use model::protocol::Failure;
use rusqlite::Connection;

use super::error::Result;
use super::{Store, meta};

/// Name in `meta`.
const NOTEBOOK: &str = "notebook";

fn load(connection: &Connection) -> Result<Notebook> {
    Ok(meta::value(connection, NOTEBOOK)?.unwrap_or_default())
}

impl Store {
    pub fn notebook(&self) -> std::result::Result<Notebook, Failure> {
        Ok(load(self.connection())?)
    }

    pub fn set_notebook(&mut self, notebook: &Notebook) -> std::result::Result<(), Failure> {
        let set = self.try_set_notebook(notebook);
        self.or_roll_back(set)?;
        self.changed();
        Ok(())
    }

    fn try_set_notebook(&mut self, notebook: &Notebook) -> Result<()> {
        self.begin()?;
        meta::put(self.connection(), NOTEBOOK, notebook)?;
        self.kept_changes.n_made += 1;
        Ok(())
    }

    /// A view has another name: it stays where it stands.
    pub(super) fn rename_in_notebook(&mut self, before: &str, name: &str) -> std::result::Result<(), Failure> {
        let known = self.notebook()?;
        let renamed = known.renamed(before, name);
        if renamed == known { Ok(()) } else { self.set_notebook(&renamed) }
    }
}

/// The highest number of a bookmark that the notebook speaks of, whether or not the bookmark is there.
pub(super) fn last_mark(connection: &Connection) -> Result<MarkId> {
    let notebook = load(connection)?;
    let number = |page: &Page| if let Page::Mark(id) = page { Some(*id) } else { None };
    Ok(notebook.order.iter().chain(&notebook.left_out).filter_map(number).max().unwrap_or_default())
}

/// Takes over the notebook of another workspace.
pub(super) fn take_over(from: &Connection, to: &Connection) -> Result<()> {
    let notebook = load(from)?;
    if notebook == Notebook::default() { Ok(()) } else { meta::put(to, NOTEBOOK, &notebook) }
}
