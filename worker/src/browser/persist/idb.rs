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
pub async fn open(name: &str, create: fn(&IdbDatabase)) -> Option<IdbDatabase> {
    let factory = js_sys::Reflect::get(&js_sys::global(), &"indexedDB".into()).ok()?;
    let request: IdbOpenDbRequest = factory.dyn_into::<IdbFactory>().ok()?.open_with_u32(name, 1).ok()?;
    let opening = request.clone();
    let on_upgrade = Closure::<dyn Fn()>::new(move || {
        if let Ok(database) = opening.result() {
            create(database.unchecked_ref());
        }
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    result(&request).await.ok().map(JsCast::unchecked_into)
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
