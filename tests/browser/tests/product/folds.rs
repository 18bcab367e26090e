//! Long texts made short: frames of libraries, nodes of JSON, and what stands before a match.

use browser_tests::dendro::{OPENED, click, expect_found, search};
use browser_tests::stage::{close, play};
use serde_json::Value;

#[test]
fn frames_of_libraries_are_folded_unless_something_is_found_in_them() {
    play(|stage| async move {
        let log = "2026-11-20T10:00:00Z ERROR it broke\n\tat shop.Cart.pay(Cart.java:7)\n\
            \tat org.springframework.web.A.handle(A.java:1)\n\tat java.base/java.lang.Thread.run(Thread.java:2)\n";
        let log = stage.file("trace.log", log)?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 1).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#raw .frames')?.innerText.includes('2 frames of libraries')").await?;
        browser.wait_for("document.querySelector('#raw .own').innerText.includes('shop.Cart.pay')").await?;
        browser.wait_for("!document.querySelector('#raw').innerText.includes('springframework')").await?;
        click(&browser, "#raw .frames").await?;
        browser.wait_for("document.querySelector('#raw').innerText.includes('springframework')").await?;
        search(&browser, "Thread").await?;
        browser.wait_for("document.querySelector('#raw .library:not([hidden]) mark')?.innerText === 'Thread'").await?;
        close(browser).await
    });
}

#[test]
fn json_is_a_tree_whose_nodes_fold() {
    play(|stage| async move {
        let line = r#"{"time":"2026-11-20T10:00:00Z","msg":"paid","order":{"lines":[{"sku":"a1"},{"sku":"b2"}]}}"#;
        let log = stage.file("app.json", format!("{line}\n"))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 1).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#raw')?.innerText.includes('\"sku\":\"b2\"')").await?;
        click(&browser, "#raw-as-tree").await?;
        let is_seen = "[...document.querySelectorAll('#raw-tree .string')].find((text) => text.textContent === '\"b2\"')?.checkVisibility()";
        browser.wait_for(&format!("{is_seen} === false")).await?;
        browser
            .run(
                "document.querySelectorAll('#raw-tree details').forEach((node) => { node.open = true; });",
                Value::Null,
            )
            .await?;
        browser.wait_for(&format!("{is_seen} === true")).await?;
        close(browser).await
    });
}

#[test]
fn a_match_far_on_in_a_line_is_seen_in_its_row() {
    play(|stage| async move {
        let log =
            stage.file("long.log", format!("2026-11-20T10:00:00Z INFO {} needle behind\n", "hay ".repeat(100)))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 1).await?;
        search(&browser, "needle").await?;
        browser.wait_for("document.querySelector('#entries .entry mark')?.innerText === 'needle'").await?;
        let is_inside = "document.querySelector('#entries .entry mark').getBoundingClientRect().right < innerWidth";
        browser.wait_for(is_inside).await?;
        close(browser).await
    });
}
