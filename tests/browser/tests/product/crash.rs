//! A crash loses nothing that was shown as saved, and an interrupted import ends as if nothing had happened.

use browser_tests::dendro::{ALL_SAVED, N_FOUND, OPENED, expect_found, search, states};
use browser_tests::logs::shop_log;
use browser_tests::stage::{DESKTOP, close, play};
use serde_json::{Value, json};

/// About 190 MB: several saves, so that the browser is killed between two of them.
const N_ENTRIES: usize = 2_000_000;
const IS_READING: &str = "document.querySelector('#sources [data-state=reading]') !== null";
/// The number in "Saved 12,345 of 500,000".
const SAVED: &str =
    "Number(/Saved ([^ ]+) of/.exec(document.querySelector('#saved')?.innerText)?.[1].replace(/\\D/g, ''))";

#[test]
fn an_import_that_was_killed_goes_on_where_it_was_saved() {
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(N_ENTRIES))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        let n_saved = browser.wait_for(&format!("{IS_READING} && {SAVED}")).await?.as_u64().unwrap_or_default();
        browser.kill().await;

        let mut browser = stage.browser().await?;
        browser.wait_for("document.querySelector('#sources [data-state]') !== null").await?;
        assert_eq!(states(&browser).await?, ["interrupted"]);
        browser.wait_for(&format!("{N_FOUND} >= {n_saved}")).await?;
        let n_kept = browser.run(&format!("return {N_FOUND};"), Value::Null).await?.as_u64().unwrap_or_default();
        assert!(n_kept < N_ENTRIES as u64, "the browser was killed in the middle, but {n_kept} entries are there");

        browser.drop_files(&[&log]).await?;
        browser.wait_for(&format!("{ALL_SAVED} && document.querySelector('#sources [data-state=complete]')")).await?;
        expect_found(&mut browser, N_ENTRIES as u64).await?;
        assert_eq!(states(&browser).await?, ["complete"]);
        // Around the seam every entry is there once.
        for order in [n_kept - 1, n_kept, n_kept + 1] {
            search(&browser, &format!("order-{order:06}")).await?;
            expect_found(&mut browser, 1).await?;
        }
        close(browser).await
    });
}

#[test]
fn a_full_storage_stops_the_import_and_takes_nothing_back() {
    /// Room for some of the log, not for all of it.
    const QUOTA_BYTES: u64 = 40_000_000;
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(N_ENTRIES))?;
        // Before the page opens its storage: IndexedDB remembers for half a minute how much room there was.
        let mut browser = stage.blank_browser(DESKTOP).await?;
        let quota = json!({ "origin": stage.origin(), "quotaSize": QUOTA_BYTES });
        browser.devtools("Storage.overrideQuotaForOrigin", quota).await?;
        browser.open(stage.address()).await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for("/storage is full/.test(document.body.innerText)").await?;
        let n_saved = browser.wait_for(SAVED).await?.as_u64().unwrap_or_default();
        browser.quit().await?;

        let mut browser = stage.browser().await?;
        browser.wait_for(&format!("{N_FOUND} >= {n_saved}")).await?;
        close(browser).await
    });
}
