//! What the browser says of its storage: how much is used, how much may be, and whether it is promised to stay.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, StorageEstimate};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    pub usage_bytes: Option<u64>,
    pub quota_bytes: Option<u64>,
    pub persisted: bool,
}

/// Browsers that do not say leave the parts out.
pub async fn ask() -> Estimate {
    let storage = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>().navigator().storage();
    let mut estimate = Estimate::default();
    if let Ok(promise) = storage.estimate()
        && let Ok(told) = JsFuture::from(promise).await
    {
        let told: StorageEstimate = told.unchecked_into();
        estimate.usage_bytes = told.get_usage().map(|bytes| bytes as u64);
        estimate.quota_bytes = told.get_quota().map(|bytes| bytes as u64);
    }
    if let Ok(promise) = storage.persisted() {
        estimate.persisted = JsFuture::from(promise).await.is_ok_and(|told| told.is_truthy());
    }
    estimate
}
