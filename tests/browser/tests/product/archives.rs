//! Archives and compressed files: every file in them is a source, and a bad one does not lose the others.

use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found, search};
use browser_tests::logs::{gzip, gzip_bytes, shop_log, tar, zip, zstd};
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};

/// Path and state of each source, sorted.
const SOURCES: &str = "[...document.querySelectorAll('#sources [data-state]')]
    .map((source) => [source.querySelector('.name').innerText, source.dataset.state]).sort()";

/// Why the source of this path could not be read, or not all of it.
fn reason_of(path: &str) -> String {
    format!(
        "[...document.querySelectorAll('#sources [data-state]')]
            .find((source) => source.querySelector('.name').innerText === '{path}').querySelector('.reason')?.innerText"
    )
}

fn bundle(stage: &Stage) -> anyhow::Result<std::path::PathBuf> {
    let inner = gzip_bytes(&tar(&[
        ("var/cart.log", shop_log(200).as_bytes()),
        ("var/cart.log.1.gz", &gzip(&shop_log(100))),
        ("var/core", &[0, 159, 146, 150].repeat(500)),
    ]));
    stage.file(
        "bundle.zip",
        zip(&[
            ("logs/checkout.log", shop_log(300).as_bytes()),
            ("logs/secret.log", b"nobody knows"),
            ("logs/wrong.log", shop_log(10).as_bytes()),
            ("inner.tar.gz", &inner),
        ]),
    )
}

#[test]
fn the_files_of_an_archive_are_taken_in_and_bad_ones_named() {
    play(|stage| async move {
        let bundle = bundle(&stage)?;
        let packed = stage.file("late.log.zst", zstd(&shop_log(50)))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&bundle, &packed]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 300 + 10 + 200 + 100 + 50).await?;
        let sources = browser.run(&format!("return {SOURCES};"), Value::Null).await?;
        assert_eq!(
            sources,
            json!([
                ["bundle.zip", "opened"],
                // With the part that was rotated away.
                ["bundle.zip/inner.tar.gz/var/cart.log", "complete"],
                ["bundle.zip/inner.tar.gz/var/core", "skipped"],
                ["bundle.zip/logs/checkout.log", "complete"],
                ["bundle.zip/logs/secret.log", "failed"],
                ["bundle.zip/logs/wrong.log", "failed"],
                ["late.log.zst", "complete"],
            ])
        );
        click(&browser, "#sources .log-head .turn").await?;
        let parts = "[...document.querySelectorAll('#sources .part .name')].map((name) => name.innerText.split('/').at(-1)).join()";
        browser.wait_for(&format!("{parts} === 'cart.log.1.gz,cart.log'")).await?;
        let reason = browser.run(&format!("return {};", reason_of("bundle.zip/logs/secret.log")), Value::Null).await?;
        assert_eq!(reason, "The file is encrypted, which cannot be read here.");
        search(&browser, "source:*/cart.log*").await?;
        expect_found(&mut browser, 300).await?;

        browser.drop_files(&[&bundle]).await?;
        browser.wait_for("document.querySelector('dialog[open]')?.innerText.includes('bundle.zip')").await?;
        click(&browser, "#known-files .primary").await?;
        close(browser).await
    });
}

#[test]
fn what_unfolds_beyond_reason_is_refused_with_a_sentence() {
    play(|stage| async move {
        let line = [&[b'a'; (1 << 20) - 1][..], b"\n"].concat();
        let bomb = stage.file("bomb.gz", gzip_bytes(&line.repeat(200)))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&bomb]).await?;
        browser.wait_for(ALL_SAVED).await?;
        let reason = browser.run(&format!("return {};", reason_of("bomb.gz")), Value::Null).await?;
        let reason = reason.as_str().unwrap_or_default();
        assert!(reason.starts_with("The file is refused: it unfolds to more than 500 times its size"), "{reason}");
        close(browser).await
    });
}

#[test]
fn an_archive_that_is_paused_goes_on_and_is_whole_after_a_reload() {
    play(|stage| async move {
        let big = shop_log(400_000);
        let archive = stage.file("big.tgz", gzip_bytes(&tar(&[("a.log", big.as_bytes()), ("b.log", b"the end\n")])))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&archive]).await?;
        browser.wait_for("document.querySelector('#sources [data-state=reading] [title=Pause]')").await?;
        click(&browser, "#sources [data-state=reading] [title=Pause]").await?;
        browser.wait_for("document.querySelector('#sources [data-state=paused]')").await?;
        click(&browser, "#sources [data-state=paused] [title=Resume]").await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 400_001).await?;
        close(browser).await?;
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, 400_001).await?;
        close(browser).await
    });
}
