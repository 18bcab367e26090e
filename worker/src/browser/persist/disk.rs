//! Carries SQLite's files to IndexedDB and back.
//!
//! A *save* writes everything that changed since the one before in a single IndexedDB transaction: after it completed, the
//! files are stored as they were when it began; when it fails, storage still has the save before. Whoever loads the files
//! to write them puts a mark of its own into IndexedDB, and a save that finds another mark writes nothing: a tab that
//! lost the files to another cannot harm them, however late it learns of it.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use model::protocol::Failure;
use rusqlite::{Connection, OpenFlags};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Url};

use super::idb;
use super::vfs::{Files, JsExtent, OpenFile};
use crate::extents::{Changes, EXTENT_BYTES, ExtentFile};

/// Name of the IndexedDB database.
const STORAGE: &str = "dendro";
/// `[file, index]` → the bytes of an extent.
const EXTENTS: &str = "extents";
/// file → its size.
const FILES: &str = "files";
/// [`OWNER_KEY`] → the mark of who may write.
const OWNER: &str = "owner";
const OWNER_KEY: &str = "owner";

const VFS_NAME: &str = "dendro";
const DATABASE: &str = "dendro.db";
/// What stands behind the pseudonyms that were given.
const PSEUDONYMS: &str = "pseudonyms.db";
/// A database that is not (yet) the workspace's; it never gets to storage.
const ASIDE: &str = "aside.db";

/// Extents of one part of a file that is put together: the browser takes them over part by part.
const PART_EXTENTS: usize = 64;

/// Extents read by one request: few requests, none of them too large to be handed over in one piece.
const EXTENTS_PER_READ: u32 = 64;

pub struct Disk {
    files: Files,
    /// `None`: memory only. A failure: something may be stored, but it cannot be reached.
    storage: Result<Option<IdbDatabase>, Failure>,
    mark: String,
    is_saving: Rc<Cell<bool>>,
    /// The address of the last file made of the database.
    image: RefCell<Option<String>>,
}

impl Disk {
    /// At most once in a worker, since it registers the files with SQLite.
    pub async fn new() -> Result<Self, Failure> {
        let files = Files::default();
        files.register(VFS_NAME).map_err(|error| Failure::Storage { message: error.to_string() })?;
        let storage = idb::open(STORAGE, |database| {
            for store in [EXTENTS, FILES, OWNER] {
                // Cannot fail while the database is being made.
                let _ = database.create_object_store(store);
            }
        })
        .await
        .map_err(|error| idb::failure(&error, 0));
        let mark = format!("{}-{}", js_sys::Date::now(), js_sys::Math::random());
        Ok(Self { files, storage, mark, is_saving: Rc::default(), image: RefCell::default() })
    }

    /// False: everything is gone when the tab closes.
    pub fn is_kept(&self) -> bool {
        !matches!(self.storage, Ok(None))
    }

    fn storage(&self) -> Option<&IdbDatabase> {
        self.storage.as_ref().ok()?.as_ref()
    }

    /// Takes the stored files in, to write them from now on. What cannot be read can still be replaced after this.
    pub async fn load_to_write(&self) -> Result<(), Failure> {
        if let Some(storage) = self.storage() {
            self.claim(storage).await.map_err(|error| idb::failure(&error, 0))?;
        }
        self.load_to_read().await
    }

    /// Takes the stored files in as they are now; nothing is ever written back.
    pub async fn load_to_read(&self) -> Result<(), Failure> {
        match &self.storage {
            Ok(Some(storage)) => self.load_from(storage).await.map_err(|error| idb::failure(&error, 0)),
            Ok(None) => Ok(()),
            Err(failure) => Err(failure.clone()),
        }
    }

    /// Puts this tab's mark: from here on no other tab's save gets through.
    async fn claim(&self, storage: &IdbDatabase) -> Result<(), JsValue> {
        let transaction = begin(storage, IdbTransactionMode::Readwrite)?;
        transaction.object_store(OWNER)?.put_with_key(&self.mark.as_str().into(), &OWNER_KEY.into())?;
        idb::completed(&transaction).await
    }

    /// One transaction, so that the extents belong together even while another tab saves.
    async fn load_from(&self, storage: &IdbDatabase) -> Result<(), JsValue> {
        let transaction = begin(storage, IdbTransactionMode::Readonly)?;
        let (extents, files) = (transaction.object_store(EXTENTS)?, transaction.object_store(FILES)?);
        let completed = idb::completed(&transaction);
        let names = idb::result(&files.get_all_keys()?);
        let sizes = idb::result(&files.get_all()?);
        let (names, sizes): (Array, Array) = (names.await?.unchecked_into(), sizes.await?.unchecked_into());
        let mut loaded = Vec::new();
        for (name, size) in names.iter().zip(sizes.iter()) {
            let name = name.as_string().unwrap_or_default();
            // Sizes are whole numbers below 2^53.
            let size = size.as_f64().unwrap_or_default() as u64;
            let stored = read_extents(&extents, &name, size).await?;
            loaded.push((name, ExtentFile::stored(size, stored)));
        }
        completed.await?;
        self.files.replace(loaded);
        Ok(())
    }

    /// The database; its directory of blocks and the like are read from memory.
    pub fn connect(&self) -> Result<Connection, Failure> {
        connect(DATABASE)
    }

    /// Opens the database of the pseudonyms that were given.
    pub fn connect_pseudonyms() -> Result<Connection, Failure> {
        connect(PSEUDONYMS)
    }

    /// Whoever has it open keeps what it had, for itself. What is stored goes even where it could not be loaded.
    pub fn forget_pseudonyms(&self) {
        self.files.set_aside(PSEUDONYMS);
        self.files.forget_stored(PSEUDONYMS);
    }

    /// Opens an empty database in place of the one there is, which goes away only if that succeeds, read or not. A
    /// connection that is open keeps what it had, for itself.
    pub fn begin_anew<T>(&self, open: impl FnOnce(Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &self.storage {
            return Err(failure.clone());
        }
        let before = self.files.set_aside(DATABASE);
        let opened = self.connect().and_then(open);
        match &opened {
            Ok(_) => self.files.forget_stored(DATABASE),
            Err(_) => self.files.put_in_place(DATABASE, before),
        }
        opened
    }

    /// Opens a database beside the one there is. It is nowhere but in memory until [`Disk::put_in_place`].
    pub fn open_aside<T>(
        &self,
        bytes: ExtentFile<JsExtent>,
        open: impl FnOnce(Connection) -> Result<T, Failure>,
    ) -> Result<(T, Aside), Failure> {
        let file = Rc::new(RefCell::new(OpenFile { bytes, in_transaction: false }));
        self.files.put_in_place(ASIDE, Some(file.clone()));
        let opened = connect(ASIDE).and_then(open);
        // SQLite has the file open and asks for its name no more.
        self.files.set_aside(ASIDE);
        Ok((opened?, Aside(file)))
    }

    /// From now on this is the workspace's database, and the next save stores all of it.
    pub fn put_in_place(&self, aside: Aside) {
        aside.0.borrow_mut().bytes.begin_anew();
        self.files.forget_stored(DATABASE);
        self.files.put_in_place(DATABASE, Some(aside.0));
    }

    /// The database as it is now, between transactions: the address of a file with its bytes, and their number. The one
    /// before it goes.
    pub fn image(&self) -> Result<(String, u64), Failure> {
        self.image_of(&Aside(self.database().ok_or(Failure::Gone)?))
    }

    /// The same of another database.
    pub fn image_of(&self, Aside(file): &Aside) -> Result<(String, u64), Failure> {
        let blob = blob_of(&file.borrow().bytes).map_err(|_| Failure::NoMemory)?;
        let address = Url::create_object_url_with_blob(&blob).map_err(|_| Failure::NoMemory)?;
        if let Some(before) = self.image.replace(Some(address.clone())) {
            // Refused only for what is no address.
            let _ = Url::revoke_object_url(&before);
        }
        Ok((address, file.borrow().bytes.size()))
    }

    /// The file of the database, to keep a copy of.
    pub fn database(&self) -> Option<Rc<RefCell<OpenFile>>> {
        self.files.all().into_iter().find(|(name, _)| name == DATABASE).map(|(_, file)| file)
    }

    /// Something waits to be saved; never in memory only, where nothing takes it.
    pub fn has_changes(&self) -> bool {
        let has_changed = |(_, file): &(_, Rc<RefCell<OpenFile>>)| file.borrow().bytes.has_changes();
        self.storage().is_some() && (self.files.has_removed() || self.files.all().iter().any(has_changed))
    }

    /// Between transactions only. What is saved is the state of this moment, whatever is written before the future ends.
    ///
    /// Fails with [`Failure::NotOwner`] when another tab took the files over. After any failure the changes are due again.
    pub fn save(&self) -> impl Future<Output = Result<(), Failure>> + use<> {
        let begun = self.begin_save();
        let is_saving = self.is_saving.clone();
        async move {
            let Some(save) = begun? else { return Ok(()) };
            let outcome = save.completed.await;
            is_saving.set(false);
            outcome.map_err(|error| {
                save.taken.put_back();
                match save.fence.is_foreign.get() {
                    true => Failure::NotOwner,
                    false => idb::failure(&error, save.taken.n_bytes()),
                }
            })
        }
    }

    fn begin_save(&self) -> Result<Option<Save<impl Future<Output = Result<(), JsValue>> + use<>>>, Failure> {
        let Some(storage) = self.storage().filter(|_| self.has_changes()) else { return Ok(None) };
        assert!(
            !self.is_saving.get(),
            "one save at a time: a failed one must be put back before the next takes changes"
        );
        assert!(
            self.files.all().iter().all(|(_, file)| !file.borrow().in_transaction),
            "saves come between transactions"
        );
        let taken = Taken::take(&self.files);
        match taken.write(storage, &self.mark) {
            Ok((transaction, fence)) => {
                self.is_saving.set(true);
                Ok(Some(Save { completed: idb::completed(&transaction), taken, fence }))
            }
            Err(error) => {
                taken.put_back();
                Err(idb::failure(&error, taken.n_bytes()))
            }
        }
    }
}

/// An open database that is not the workspace's.
pub struct Aside(Rc<RefCell<OpenFile>>);

fn connect(name: &str) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    Connection::open_with_flags_and_vfs(name, flags, VFS_NAME)
        .map_err(|error| Failure::Storage { message: error.to_string() })
}

/// A blob of blobs: each part leaves the memory of this program as soon as it is made.
fn blob_of(file: &ExtentFile<JsExtent>) -> Result<Blob, JsValue> {
    let n_extents = file.size().div_ceil(u64::from(EXTENT_BYTES)) as u32;
    let parts = Array::new();
    for first in (0..n_extents).step_by(PART_EXTENTS) {
        let part = Array::new();
        for index in first..(first + PART_EXTENTS as u32).min(n_extents) {
            let n_bytes =
                (file.size() - u64::from(index) * u64::from(EXTENT_BYTES)).min(u64::from(EXTENT_BYTES)) as u32;
            let bytes = file
                .extent(index)
                .map_or_else(|| Uint8Array::new_with_length(n_bytes), |extent| extent.0.subarray(0, n_bytes));
            part.push(&bytes);
        }
        parts.push(Blob::new_with_u8_array_sequence(&part)?.as_ref());
    }
    Blob::new_with_blob_sequence(&parts)
}

struct Save<F> {
    completed: F,
    taken: Taken,
    fence: Fence,
}

/// The changes of one save.
struct Taken {
    files: Files,
    changed: Vec<(String, Rc<RefCell<OpenFile>>, Changes)>,
    removed: Vec<String>,
}

impl Taken {
    fn take(files: &Files) -> Self {
        let changed = files
            .all()
            .into_iter()
            .filter(|(_, file)| file.borrow().bytes.has_changes())
            .map(|(name, file)| {
                let changes = file.borrow_mut().bytes.take_changes();
                (name, file, changes)
            })
            .collect();
        Self { files: files.clone(), changed, removed: files.take_removed() }
    }

    fn put_back(&self) {
        for (_, file, changes) in &self.changed {
            file.borrow_mut().bytes.put_back(changes.clone());
        }
        self.files.put_back_removed(&self.removed);
    }

    fn n_bytes(&self) -> u64 {
        let n_extents: usize = self.changed.iter().map(|(_, _, changes)| changes.changed.len()).sum();
        n_extents as u64 * u64::from(EXTENT_BYTES)
    }

    /// `put` clones the bytes at once, so what is written later does not reach this transaction.
    fn write(&self, storage: &IdbDatabase, mark: &str) -> Result<(IdbTransaction, Fence), JsValue> {
        let transaction = begin(storage, IdbTransactionMode::Readwrite)?;
        let fence = Fence::raise(&transaction, mark)?;
        match self.fill(&transaction) {
            Ok(()) => Ok((transaction, fence)),
            Err(error) => {
                // Left alone it would store the half that was put.
                transaction.abort()?;
                Err(error)
            }
        }
    }

    fn fill(&self, transaction: &IdbTransaction) -> Result<(), JsValue> {
        let (extents, files) = (transaction.object_store(EXTENTS)?, transaction.object_store(FILES)?);
        for name in &self.removed {
            extents.delete(&extent_range(name, 0, u32::MAX)?)?;
            files.delete(&name.into())?;
        }
        for (name, file, changes) in &self.changed {
            if let Some(from) = changes.cut_from {
                extents.delete(&extent_range(name, from, u32::MAX)?)?;
            }
            let file = file.borrow();
            for &index in &changes.changed {
                let JsExtent(bytes) = file.bytes.extent(index).expect("a changed extent exists");
                extents.put_with_key(bytes, &extent_key(name, index))?;
            }
            files.put_with_key(&(changes.size as f64).into(), &name.into())?;
        }
        Ok(())
    }
}

/// Aborts a transaction that finds another owner's mark.
struct Fence {
    is_foreign: Rc<Cell<bool>>,
    request: IdbRequest,
    _on_mark: Closure<dyn Fn()>,
}

impl Drop for Fence {
    fn drop(&mut self) {
        self.request.set_onsuccess(None);
    }
}

impl Fence {
    fn raise(transaction: &IdbTransaction, mark: &str) -> Result<Self, JsValue> {
        let request = transaction.object_store(OWNER)?.get(&OWNER_KEY.into())?;
        let is_foreign = Rc::new(Cell::new(false));
        let on_mark = {
            let (request, transaction, is_foreign) = (request.clone(), transaction.clone(), is_foreign.clone());
            let mark = JsValue::from(mark);
            Closure::<dyn Fn()>::new(move || {
                if request.result().is_ok_and(|found| found != mark) {
                    is_foreign.set(true);
                    // Fails only where the transaction has ended, by then it has failed for another reason.
                    let _ = transaction.abort();
                }
            })
        };
        request.set_onsuccess(Some(on_mark.as_ref().unchecked_ref()));
        Ok(Self { is_foreign, request, _on_mark: on_mark })
    }
}

fn begin(storage: &IdbDatabase, mode: IdbTransactionMode) -> Result<IdbTransaction, JsValue> {
    let stores: Array = [EXTENTS, FILES, OWNER].into_iter().map(JsValue::from).collect();
    storage.transaction_with_str_sequence_and_mode(&stores, mode)
}

async fn read_extents(extents: &IdbObjectStore, name: &str, size: u64) -> Result<Vec<(u32, JsExtent)>, JsValue> {
    let n_extents = size.div_ceil(u64::from(EXTENT_BYTES)) as u32;
    let mut reads = Vec::new();
    for first in (0..n_extents).step_by(EXTENTS_PER_READ as usize) {
        let range = extent_range(name, first, first + EXTENTS_PER_READ - 1)?;
        let keys = idb::result(&extents.get_all_keys_with_key(&range)?);
        let values = idb::result(&extents.get_all_with_key(&range)?);
        reads.push((keys, values));
    }
    let mut stored = Vec::with_capacity(n_extents as usize);
    for (keys, values) in reads {
        let (keys, values): (Array, Array) = (keys.await?.unchecked_into(), values.await?.unchecked_into());
        for (key, bytes) in keys.iter().zip(values.iter()) {
            let index = key.unchecked_into::<Array>().get(1).as_f64().unwrap_or_default() as u32;
            stored.push((index, JsExtent(bytes.unchecked_into::<Uint8Array>())));
        }
    }
    Ok(stored)
}

fn extent_key(name: &str, index: u32) -> JsValue {
    Array::of2(&name.into(), &index.into()).into()
}

/// From `first` to `last`, both included.
fn extent_range(name: &str, first: u32, last: u32) -> Result<JsValue, JsValue> {
    IdbKeyRange::bound(&extent_key(name, first), &extent_key(name, last)).map(JsValue::from)
}
