//! What the user thinks of kinds of findings. It is about the system, not about files: it outlives the emptying of a workspace.

use std::collections::BTreeMap;

use model::protocol::Failure;
use model::verdict::{FindingKind, Verdict};
use rusqlite::Connection;

use super::error::Result;
use super::template_notes::load as load_notes;
use super::{Store, meta};

/// Name in `meta`.
const VERDICTS: &str = "verdicts";

pub type Verdicts = BTreeMap<FindingKind, Verdict>;

pub(super) fn load(connection: &Connection) -> Result<Verdicts> {
    Ok(meta::value(connection, VERDICTS)?.unwrap_or_default())
}

impl Store {
    pub fn verdicts(&self) -> std::result::Result<Verdicts, Failure> {
        Ok(load(self.connection())?)
    }

    /// Remembers what is thought of these kinds, or forgets it; of patterns by the texts they had before as well.
    pub fn judge(&mut self, kinds: Vec<FindingKind>, verdict: Option<Verdict>) -> std::result::Result<(), Failure> {
        let judged = self.try_judge(kinds, verdict);
        self.or_roll_back(judged)?;
        self.changed();
        Ok(())
    }

    fn try_judge(&mut self, kinds: Vec<FindingKind>, verdict: Option<Verdict>) -> Result<()> {
        self.begin()?;
        let mut verdicts = load(self.connection())?;
        let former = self.former_templates()?;
        for kind in kinds {
            for template in former.get(&kind.template).into_iter().flatten() {
                verdicts.remove(&FindingKind { template: template.clone(), ..kind.clone() });
            }
            match verdict {
                Some(verdict) => drop(verdicts.insert(kind, verdict)),
                None => drop(verdicts.remove(&kind)),
            }
        }
        self.put_verdicts(&verdicts)?;
        self.keep_template_texts(&load_notes(self.connection())?, &verdicts)?;
        self.kept_changes.n_made += 1;
        Ok(())
    }

    pub(super) fn try_take_verdicts(&mut self, before: &Self) -> Result<()> {
        let verdicts = load(before.connection())?;
        if verdicts.is_empty() {
            return Ok(());
        }
        self.begin()?;
        self.put_verdicts(&verdicts)
    }

    fn put_verdicts(&self, verdicts: &Verdicts) -> Result<()> {
        meta::put(self.connection(), VERDICTS, verdicts)
    }
}
