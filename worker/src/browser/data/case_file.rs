//! Case files: the workspace, or some of its entries, written to a file, and a file that takes the workspace's place.

use model::disguise::Disguise;
use model::protocol::{Answer, Ask, AskId, Failure, Role, ToApp};
use model::scope::Filter;
use web_sys::File;

use super::super::files;
use super::super::persist::{Aside, JsExtent};
use super::super::scope;
use super::{Data, State};
use crate::extents::{EXTENT_BYTES, Extent, ExtentFile};
use crate::intake::Leave;
use crate::store::{Copied, Excerpt, Store, may_be_case_file, no_case_file};

/// A case file that was found to be in order, and waits until nobody reads into the workspace it takes the place of.
pub struct Incoming {
    store: Store,
    aside: Aside,
}

impl Data {
    /// The database as it is, as a file of the browser's that the page can save.
    pub(super) fn export_case(&self, state: &mut State) -> Result<Answer, Failure> {
        let Some(engine) = &mut state.engine else { return Err(Failure::NotOwner) };
        let commit = engine.store_mut().prepare_case(scope::now_millis())?;
        state.pace.committed();
        state.unsaved = Some(commit);
        let (address, n_bytes) = self.disk().image()?;
        Ok(Answer::CaseFile { address, n_bytes })
    }

    /// The entries of a filter as a workspace of their own, with pseudonyms where that is asked for. One at a time: the next takes the place of one under way.
    pub(super) async fn export_excerpt(
        &self,
        id: AskId,
        filter: Filter,
        disguise: Option<Disguise>,
    ) -> Result<Answer, Failure> {
        let (mut into, aside) = self.disk().open_aside(ExtentFile::default(), Store::open)?;
        let mut excerpt = None;
        loop {
            // Other questions are answered in between.
            scope::pause(0).await;
            let mut state = self.state.borrow_mut();
            if state.excerpt != Some(id) {
                return Err(Failure::Cancelled);
            }
            let from = state.engine.as_mut().ok_or(Failure::NotOwner)?.store_mut();
            let excerpt = match &mut excerpt {
                Some(excerpt) => excerpt,
                None => excerpt.insert(Excerpt::begin(from, &mut into, filter.clone(), disguise.clone())?),
            };
            let Copied { n_done, n_blocks, is_done } = excerpt.step(from, &mut into)?;
            if is_done {
                break;
            }
            scope::post(&ToApp::Progress { id, done: n_done, total: n_blocks, so_far: None }, &[]);
        }
        into.prepare_case(scope::now_millis())?;
        let (address, n_bytes) = self.disk().image_of(&aside)?;
        Ok(Answer::CaseFile { address, n_bytes })
    }

    /// Reads a case file, looks whether it is in order, and has it take the workspace's place.
    pub(super) async fn take_case(&self, id: AskId, file: Option<File>) -> Result<Option<Answer>, Failure> {
        let file = file.ok_or_else(no_case_file)?;
        let bytes = read(id, &file).await?;
        let mut state = self.state.borrow_mut();
        if state.role != Role::Owner {
            return Err(Failure::NotOwner);
        }
        let (mut store, aside) = self.disk().open_aside(bytes, Store::open_case)?;
        if let Some(engine) = &state.engine {
            store.take_own_formats(engine.store())?;
        }
        state.incoming = Some(Incoming { store, aside });
        let all = state.roster.sources();
        // What is read into a workspace that goes away need not be read.
        self.hold(&mut state, id, Ask::OpenCase, all, Leave::Remove)
    }

    /// The case file that waits becomes the workspace.
    pub(super) fn open_case(&self, state: &mut State) -> Result<(), Failure> {
        let (Some(incoming), Some(engine)) = (state.incoming.take(), &mut state.engine) else {
            return Err(Failure::NotOwner);
        };
        drop(engine.exchange_store(self.without_pseudonyms(incoming.store)));
        engine.resume_changes();
        self.disk().put_in_place(incoming.aside);
        state.files.clear();
        state.excerpt = None;
        state.pace.committed();
        state.unsaved = None;
        state.skip_revision();
        Ok(())
    }
}

/// Extent by extent, so that no more of the file than that is in memory twice.
async fn read(id: AskId, file: &File) -> Result<ExtentFile<JsExtent>, Failure> {
    let size = files::size(file);
    let mut extents = Vec::new();
    for start in (0..size).step_by(EXTENT_BYTES as usize) {
        let end = (start + u64::from(EXTENT_BYTES)).min(size);
        let bytes = files::read(file, start..end).await.map_err(|message| Failure::CaseFile { message })?;
        if start == 0 && !may_be_case_file(&bytes.slice(0, 64).to_vec()) {
            return Err(no_case_file());
        }
        let extent = match end - start == u64::from(EXTENT_BYTES) {
            true => JsExtent(bytes),
            false => {
                let extent = JsExtent::zeroed().ok_or(Failure::NoMemory)?;
                extent.0.set(&bytes, 0);
                extent
            }
        };
        extents.push(((start / u64::from(EXTENT_BYTES)) as u32, extent));
        scope::post(&ToApp::Progress { id, done: end, total: size, so_far: None }, &[]);
    }
    if extents.is_empty() {
        return Err(no_case_file());
    }
    Ok(ExtentFile::stored(size, extents))
}
