//! SQLite's files as [`ExtentFile`]s in JavaScript memory.
//!
//! Nothing here waits: reading and writing touch memory only, `disk` carries the changes to IndexedDB between
//! transactions. Locks are only noted, since one connection in one worker has the files, and Web Locks keep other tabs out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use js_sys::{Array, Function, Reflect, Uint8Array};
use rsqlite_vfs::{
    AccessMode, FileKind, LockLevel, OpenAccess, OpenOptions, OpenRequest, OpenedFile, RegisterVfsError,
    SQLiteIoMethods, SQLiteVfs, SyncOptions, VfsError, VfsErrorCode, VfsFile, VfsResult, VfsStore, register_vfs,
};
use sqlite_wasm_rs::WasmOsCallback;
use wasm_bindgen::JsCast;

use crate::extents::{EXTENT_BYTES, Extent, ExtentFile, NoMemory};

/// One extent outside wasm memory.
pub struct JsExtent(pub Uint8Array);

impl Extent for JsExtent {
    fn zeroed() -> Option<Self> {
        // `new` would let the error for want of memory pass through the program.
        let class = Reflect::get(&js_sys::global(), &"Uint8Array".into()).ok()?.dyn_into::<Function>().ok()?;
        let bytes = Reflect::construct(&class, &Array::of1(&EXTENT_BYTES.into())).ok()?;
        Some(Self(bytes.unchecked_into()))
    }

    fn copied(&self) -> Option<Self> {
        let copy = Self::zeroed()?;
        copy.0.set(&self.0, 0);
        Some(copy)
    }

    fn read(&self, start: u32, into: &mut [u8]) {
        self.0.subarray(start, start + into.len() as u32).copy_to(into);
    }

    fn write(&mut self, start: u32, bytes: &[u8]) {
        self.0.subarray(start, start + bytes.len() as u32).copy_from(bytes);
    }

    fn clear_from(&mut self, start: u32) {
        self.0.fill(0, start, EXTENT_BYTES);
    }
}

/// A file and whether SQLite is in the middle of writing it.
#[derive(Default)]
pub struct OpenFile {
    pub bytes: ExtentFile<JsExtent>,
    /// A write transaction is open: the bytes are no consistent database now.
    pub in_transaction: bool,
}

impl OpenFile {
    fn new(bytes: ExtentFile<JsExtent>) -> Self {
        Self { bytes, in_transaction: false }
    }
}

/// All named files; clones share them.
#[derive(Clone, Default)]
pub struct Files {
    named: Rc<RefCell<BTreeMap<String, Rc<RefCell<OpenFile>>>>>,
    /// Names removed since storage last heard of it.
    removed: Rc<RefCell<BTreeSet<String>>>,
}

impl Files {
    pub fn all(&self) -> Vec<(String, Rc<RefCell<OpenFile>>)> {
        self.named.borrow().iter().map(|(name, file)| (name.clone(), file.clone())).collect()
    }

    /// Puts the files as stored in place of all there are.
    pub fn replace(&self, stored: Vec<(String, ExtentFile<JsExtent>)>) {
        let named = stored.into_iter().map(|(name, bytes)| (name, Rc::new(RefCell::new(OpenFile::new(bytes)))));
        self.named.replace(named.collect());
        self.removed.borrow_mut().clear();
    }

    fn get(&self, name: &str) -> Option<Rc<RefCell<OpenFile>>> {
        self.named.borrow().get(name).cloned()
    }

    fn create(&self, name: &str) -> Rc<RefCell<OpenFile>> {
        let file: Rc<RefCell<OpenFile>> = Rc::default();
        self.named.borrow_mut().insert(name.to_owned(), file.clone());
        file
    }

    fn remove(&self, name: &str) -> bool {
        let was_there = self.set_aside(name).is_some();
        if was_there {
            self.forget_stored(name);
        }
        was_there
    }

    /// The name is free; storage is not to hear of it yet.
    pub fn set_aside(&self, name: &str) -> Option<Rc<RefCell<OpenFile>>> {
        self.named.borrow_mut().remove(name)
    }

    /// In place of what has the name now.
    pub fn put_in_place(&self, name: &str, file: Option<Rc<RefCell<OpenFile>>>) {
        let mut named = self.named.borrow_mut();
        match file {
            Some(file) => named.insert(name.to_owned(), file),
            None => named.remove(name),
        };
    }

    /// Whatever storage has under this name is to go, known here or not.
    pub fn forget_stored(&self, name: &str) {
        self.removed.borrow_mut().insert(name.to_owned());
    }

    pub fn has_removed(&self) -> bool {
        !self.removed.borrow().is_empty()
    }

    pub fn take_removed(&self) -> Vec<String> {
        std::mem::take(&mut *self.removed.borrow_mut()).into_iter().collect()
    }

    pub fn put_back_removed(&self, names: &[String]) {
        self.removed.borrow_mut().extend(names.iter().cloned());
    }

    /// Registers these files with SQLite under `vfs_name`, for the life of the worker.
    pub fn register(&self, vfs_name: &str) -> Result<(), RegisterVfsError> {
        let data = Shared { files: self.clone(), os: WasmOsCallback };
        // SAFETY: the default constructor, method table and file layout of `rsqlite_vfs` are used unchanged with the
        // store they are made for; wasm without threads serialises all SQLite use; the registration is never undone.
        unsafe { register_vfs::<Io, Vfs>(vfs_name, data, false)?.into_raw() };
        Ok(())
    }
}

struct Shared {
    files: Files,
    os: WasmOsCallback,
}

struct Handle {
    file: Rc<RefCell<OpenFile>>,
    read_only: bool,
}

impl Handle {
    fn check_writable(&self) -> VfsResult<()> {
        match self.read_only {
            true => Err(VfsError::new(VfsErrorCode::ReadOnly, "the file was opened for reading".into())),
            false => Ok(()),
        }
    }
}

impl VfsFile for Handle {
    fn read(&mut self, buf: &mut [u8], offset: u64) -> VfsResult<usize> {
        Ok(self.file.borrow().bytes.read(offset, buf))
    }

    fn write(&mut self, buf: &[u8], offset: u64) -> VfsResult<()> {
        self.check_writable()?;
        let written = self.file.borrow_mut().bytes.write(offset, buf);
        written.map_err(|NoMemory| {
            VfsError::new(VfsErrorCode::NoMemory, "the browser gives this tab no more memory".into())
        })
    }

    fn truncate(&mut self, size: u64) -> VfsResult<()> {
        self.check_writable()?;
        self.file.borrow_mut().bytes.truncate(size);
        Ok(())
    }

    /// Durability is `disk`'s business, after the transaction.
    fn sync(&mut self, _options: SyncOptions) -> VfsResult<()> {
        Ok(())
    }

    fn size(&self) -> VfsResult<u64> {
        Ok(self.file.borrow().bytes.size())
    }

    fn lock(&mut self, level: LockLevel) -> VfsResult<()> {
        if level >= LockLevel::Reserved {
            self.file.borrow_mut().in_transaction = true;
        }
        Ok(())
    }

    fn unlock(&mut self, _level: LockLevel) -> VfsResult<()> {
        self.file.borrow_mut().in_transaction = false;
        Ok(())
    }

    fn check_reserved_lock(&self) -> VfsResult<bool> {
        Ok(self.file.borrow().in_transaction)
    }
}

struct Store;

impl VfsStore for Store {
    type File = Handle;
    type AppData = Shared;

    fn open_file(data: &Shared, request: OpenRequest<'_>) -> VfsResult<OpenedFile<Handle>> {
        let options = request.options;
        let access = options.access();
        let read_only = access == OpenAccess::ReadOnly;
        // Only databases have names that outlive their handle: journals stay in memory, beyond a commit nobody needs them.
        let name = request.filename.map(|name| name.path());
        let file = match (name, options.kind()) {
            (Some(name), Some(FileKind::MainDb)) => match data.files.get(name) {
                Some(_) if options.create() && options.exclusive() => {
                    return Err(VfsError::new(VfsErrorCode::CantOpen, "the file exists already".into()));
                }
                Some(file) => file,
                None if options.create() => data.files.create(name),
                None => return Err(VfsError::new(VfsErrorCode::CantOpen, "there is no such file".into())),
            },
            _ => Rc::default(),
        };
        Ok(OpenedFile { file: Handle { file, read_only }, access })
    }

    fn close_file(_data: &Shared, _name: Option<&str>, _file: Handle, _options: OpenOptions) -> VfsResult<()> {
        Ok(())
    }

    fn access(data: &Shared, name: &str, _mode: AccessMode) -> VfsResult<bool> {
        Ok(data.files.get(name).is_some())
    }

    fn full_pathname(_data: &Shared, name: &str) -> VfsResult<String> {
        Ok(name.to_owned())
    }

    fn delete_file(data: &Shared, name: &str, _sync_dir: bool) -> VfsResult<()> {
        match data.files.remove(name) {
            true => Ok(()),
            false => Err(VfsError::new(VfsErrorCode::IoDeleteNoEntry, "there is no such file".into())),
        }
    }
}

struct Io;

impl SQLiteIoMethods for Io {
    type Store = Store;
}

struct Vfs;

impl SQLiteVfs<Io> for Vfs {
    type Os = WasmOsCallback;

    fn os(data: &Shared) -> &WasmOsCallback {
        &data.os
    }
}
