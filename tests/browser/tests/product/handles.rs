//! Files that the browser gave a handle of: opened from the file manager, and gone on with in another visit.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, OPENED, expect_found, states};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};

/// Keeps the page's consumer, so that a test can hand it files as the operating system does.
const LAUNCHES: &str = "Object.defineProperty(window, 'launchQueue',
    { value: { setConsumer(consumer) { window.launch = consumer; } } });";
/// Writes a file into the origin's own file system, whose handles are real ones, and opens it with Dendro.
const LAUNCH: &str = "
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('launched.log', { create: true });
    const file = await handle.createWritable();
    for (let i = 0; i < input.times; i++) await file.write(input.text);
    await file.close();
    window.launch({ files: [handle] });";

#[test]
fn a_file_opened_with_dendro_is_taken_in() {
    play(|stage| async move {
        let mut browser = launched(&stage).await?;
        browser.run_async(LAUNCH, json!({ "text": shop_log(1000), "times": 1 })).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 1000).await?;
        close(browser).await
    });
}

/// Times 10,000 entries: about 190 MB.
const TIMES: u64 = 200;
const N_ENTRIES: u64 = TIMES * 10_000;

#[test]
fn an_interrupted_import_goes_on_by_itself_where_the_browser_kept_the_handle() {
    play(|stage| async move {
        let (mut browser, _) = interrupted(&stage).await?;
        browser.run("document.querySelector('#sources button[aria-label^=Resume]').click();", Value::Null).await?;
        browser.wait_for(&format!("{ALL_SAVED} && document.querySelector('#sources [data-state=complete]')")).await?;
        expect_found(&mut browser, N_ENTRIES).await?;
        close(browser).await
    });
}

#[test]
fn a_log_that_has_grown_meanwhile_is_gone_on_with_to_its_new_end() {
    /// As its program goes on writing.
    const GROW: &str = "
        const folder = await navigator.storage.getDirectory();
        const handle = await folder.getFileHandle('launched.log');
        const { size } = await handle.getFile();
        const file = await handle.createWritable({ keepExistingData: true });
        await file.write({ type: 'write', position: size, data: input.text });
        await file.close();";
    play(|stage| async move {
        let (mut browser, _) = interrupted(&stage).await?;
        browser.run_async(GROW, json!({ "text": shop_log(10) })).await?;
        browser.run("document.querySelector('#sources button[aria-label^=Resume]').click();", Value::Null).await?;
        expect_found(&mut browser, N_ENTRIES + 10).await?;
        assert_eq!(states(&browser).await?, ["complete"]);
        close(browser).await
    });
}

/// A browser that was killed while it read a large file, and opened again; with the number of entries it has.
async fn interrupted(stage: &Stage) -> anyhow::Result<(Chromium, u64)> {
    /// The number in "Saved 12,345 of 500,000".
    const SAVED: &str =
        "Number(/Saved ([^ ]+) of/.exec(document.querySelector('#saved')?.innerText)?.[1].replace(/\\D/g, ''))";
    let mut browser = launched(stage).await?;
    browser.run_async(LAUNCH, json!({ "text": shop_log(10_000), "times": TIMES })).await?;
    browser.wait_for(&format!("document.querySelector('#sources [data-state=reading]') && {SAVED}")).await?;
    browser.kill().await;

    let mut browser = launched(stage).await?;
    browser.wait_for("document.querySelector('#sources [data-state]') !== null").await?;
    assert_eq!(states(&browser).await?, ["interrupted"]);
    let n_kept = browser.wait_for(N_FOUND).await?.as_u64().unwrap_or_default();
    assert!(n_kept < N_ENTRIES, "the browser was killed in the middle, but {n_kept} entries are there");
    Ok((browser, n_kept))
}

async fn launched(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = stage.browser().await?;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LAUNCHES })).await?;
    browser.open(stage.address()).await?;
    browser.wait_for(OPENED).await?;
    browser.wait_for("typeof launch === 'function'").await?;
    Ok(browser)
}
