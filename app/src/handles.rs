//! Handles of files, kept by the browser so that reading can go on in another visit without picking the file again.
//!
//! Only some browsers give handles, and all ask the user before a kept one may be used: what is here is a convenience, and
//! every failure just means that there is no handle.

use js_sys::{Array, Function, Object, Promise, Reflect};
use model::entry::SourceId;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransactionMode};

/// A database of the page's own; the workspace is the data thread's.
const DATABASE: &str = "dendro-handles";
/// Source number → `FileSystemFileHandle`.
const HANDLES: &str = "handles";

pub async fn keep(source: SourceId, handle: &JsValue) {
    if let Some(handles) = open(IdbTransactionMode::Readwrite).await
        && let Ok(request) = handles.put_with_key(handle, &source.0.into())
    {
        let _ = settled(&request).await;
    }
}

/// To be called while a click is handled, since the browser may ask for permission. `None`: the user must pick the file.
pub async fn file_of(source: SourceId) -> Option<File> {
    let request = open(IdbTransactionMode::Readonly).await?.get(&source.0.into()).ok()?;
    let handle = settled(&request).await.ok()?;
    let mode = Object::new();
    Reflect::set(&mode, &"mode".into(), &"read".into()).ok()?;
    let permission = call(&handle, "requestPermission", &mode).await?;
    if permission.as_string()? != "granted" {
        return None;
    }
    file(&handle).await
}

/// The file behind a `FileSystemFileHandle`.
pub async fn file(handle: &JsValue) -> Option<File> {
    call(handle, "getFile", &JsValue::UNDEFINED).await?.dyn_into().ok()
}

pub async fn forget(source: SourceId) {
    if let Some(handles) = open(IdbTransactionMode::Readwrite).await {
        let _ = handles.delete(&source.0.into());
    }
}

pub async fn forget_all() {
    if let Some(handles) = open(IdbTransactionMode::Readwrite).await {
        let _ = handles.clear();
    }
}

async fn open(mode: IdbTransactionMode) -> Option<IdbObjectStore> {
    let request = web_sys::window()?.indexed_db().ok()??.open_with_u32(DATABASE, 1).ok()?;
    let opening = request.clone();
    let on_upgrade = Closure::<dyn Fn()>::new(move || {
        if let Ok(database) = opening.result() {
            // Cannot fail while the database is being made.
            let _ = database.unchecked_into::<IdbDatabase>().create_object_store(HANDLES);
        }
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    let database: IdbDatabase = settled(&request).await.ok()?.unchecked_into();
    database.transaction_with_str_and_mode(HANDLES, mode).ok()?.object_store(HANDLES).ok()
}

async fn settled(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(promise).await?;
    request.result()
}

/// Calls a method that web-sys does not have, and waits for its promise.
async fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise: Promise = method.apply(object, &Array::of1(argument)).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
