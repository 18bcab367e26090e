//! IndexedDB requests and transactions as futures, and its errors as failures.
//!
//! The futures listen from the moment they are made, so several requests may be under way before the first is awaited.

use std::future::Future;

use js_sys::Promise;
use model::protocol::Failure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbTransaction};

/// Opens a database, making its stores with `create` if it is new. `None`: this browser keeps nothing (private window).
pub async fn open(name: &str, create: fn(&IdbDatabase)) -> Result<Option<IdbDatabase>, JsValue> {
    let factory = js_sys::Reflect::get(&js_sys::global(), &"indexedDB".into()).ok();
    let Some(factory) = factory.and_then(|factory| factory.dyn_into::<IdbFactory>().ok()) else { return Ok(None) };
    match open_with(&factory, name, create).await {
        Ok(database) => Ok(Some(database)),
        // What browsers answer where the user wants nothing kept; anything else may be kept, and not found just now.
        Err(error) if matches!(error_name(&error).as_str(), "SecurityError" | "InvalidStateError") => Ok(None),
        Err(error) => Err(error),
    }
}

async fn open_with(factory: &IdbFactory, name: &str, create: fn(&IdbDatabase)) -> Result<IdbDatabase, JsValue> {
    let request: IdbOpenDbRequest = factory.open_with_u32(name, 1)?;
    let opening = request.clone();
    let on_upgrade = Closure::<dyn Fn()>::new(move || {
        if let Ok(database) = opening.result() {
            create(database.unchecked_ref());
        }
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    let database: IdbDatabase = result(&request).await?.unchecked_into();
    // Whoever deletes or upgrades the database would wait for this tab for ever.
    let closing = database.clone();
    let on_version_change = Closure::<dyn Fn()>::new(move || closing.close());
    database.set_onversionchange(Some(on_version_change.into_js_value().unchecked_ref()));
    Ok(database)
}

fn error_name(error: &JsValue) -> String {
    error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default()
}

pub fn result(request: &IdbRequest) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
    let settled = JsFuture::from(Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    }));
    let request = request.clone();
    async move {
        match settled.await {
            Ok(_) => request.result(),
            Err(event) => Err(request.error().ok().flatten().map_or(event, JsValue::from)),
        }
    }
}

/// Resolves when all the transaction wrote is stored, and fails when none of it is.
pub fn completed(transaction: &IdbTransaction) -> impl Future<Output = Result<(), JsValue>> + use<> {
    let settled = JsFuture::from(Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    }));
    let transaction = transaction.clone();
    async move {
        match settled.await {
            Ok(_) => Ok(()),
            Err(event) => Err(transaction.error().map_or(event, JsValue::from)),
        }
    }
}

/// `needed_bytes`: what was to be written when it failed.
pub fn failure(error: &JsValue, needed_bytes: u64) -> Failure {
    match error.dyn_ref::<DomException>() {
        Some(exception) if exception.name() == "QuotaExceededError" => Failure::StorageFull { needed_bytes },
        Some(exception) => Failure::Storage { message: format!("{}: {}", exception.name(), exception.message()) },
        None => Failure::Storage { message: "the browser gave no reason".to_owned() },
    }
}
