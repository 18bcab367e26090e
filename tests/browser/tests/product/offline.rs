//! Dendro opens without a network, takes an update only when asked, and can be installed.

use browser_tests::dendro::{ALL_SAVED, OPENED, expect_found, rows, search};
use browser_tests::logs::shop_log;
use browser_tests::stage::{close, play};
use serde_json::{Value, json};

/// All of the product is kept by the service worker.
const KEPT: &str = "navigator.serviceWorker.controller !== null";

#[test]
fn the_page_can_be_installed() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(KEPT).await?;
        let errors = browser.devtools("Page.getInstallabilityErrors", json!({})).await?;
        assert_eq!(errors["installabilityErrors"], json!([]));
        close(browser).await
    });
}

#[test]
fn without_a_network_everything_is_there_and_can_be_searched() {
    play(|mut stage| async move {
        let log = stage.file("checkout.log", shop_log(5000))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(KEPT).await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        close(browser).await?;

        stage.stop_site();
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, 5000).await?;
        search(&browser, "level>=error").await?;
        expect_found(&mut browser, 50).await?;
        browser.wait_for("document.querySelector('#entries .entry.sev-error') !== null").await?;
        assert!(rows(&browser).await?[0].contains("order-000099"));
        // The browser notes that it could not look for an update.
        browser.quit().await
    });
}

#[test]
fn responses_of_a_plain_host_get_the_security_headers() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(KEPT).await?;
        browser.open(stage.address()).await?;
        assert_eq!(browser.run("return crossOriginIsolated;", Value::Null).await?, true);
        let fetched = "const page = await fetch('./'); return page.headers.get('Content-Security-Policy');";
        let policy = browser.run_async(fetched, Value::Null).await?;
        assert!(policy.as_str().is_some_and(|policy| policy.contains("frame-ancestors 'none'")), "{policy}");
        close(browser).await
    });
}

#[test]
fn a_new_version_waits_until_it_is_accepted() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(KEPT).await?;
        browser.wait_for(OPENED).await?;
        let before = browser.run_async("return caches.keys();", Value::Null).await?;

        stage.publish_new_version()?;
        browser.open(stage.address()).await?;
        browser.wait_for("document.documentElement.dataset.update === 'ready'").await?;
        browser.wait_for("document.querySelector('#update') !== null").await?;
        browser.run("window.isOld = true;", Value::Null).await?;
        browser.run("document.querySelector('#update button').click();", Value::Null).await?;
        browser.wait_for("window.isOld !== true && document.querySelector('#try-samples') !== null").await?;
        let after = browser.run_async("return caches.keys();", Value::Null).await?;
        assert_ne!(before, after, "the files of the old version are gone, those of the new one are here");
        assert_eq!(after.as_array().map(Vec::len), Some(1));
        close(browser).await
    });
}

#[test]
fn a_new_version_that_the_browser_found_before_the_page_listened_is_announced() {
    /// Tells the page of its service worker only when a new one is being installed.
    const LATE: &str = "const { register } = ServiceWorkerContainer.prototype;
        ServiceWorkerContainer.prototype.register = async function (...given) {
            const registration = await register.apply(this, given);
            if (!registration.installing) {
                await new Promise((found) => registration.addEventListener('updatefound', found, { once: true }));
            }
            return registration;
        };";
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(KEPT).await?;
        browser.wait_for(OPENED).await?;
        stage.publish_new_version()?;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LATE })).await?;
        browser.open(stage.address()).await?;
        browser.wait_for("document.querySelector('#update') !== null").await?;
        close(browser).await
    });
}
