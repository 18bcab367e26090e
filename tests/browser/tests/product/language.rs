//! Dendro in Chinese: chosen on the page, everywhere on it, kept for the next time, without a network as well.

use anyhow::Context;
use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

const IS_CHINESE: &str = "document.documentElement.lang === 'zh-CN' \
    && (document.querySelector('#try-samples, #search')?.outerHTML ?? '').match(/示例日志|搜索/) !== null";
const IS_BUSY: &str = "[...document.querySelectorAll('[aria-busy=true]')].some((part) => part.checkVisibility())";

/// What a screen is called, how one gets there, and how one leaves it.
const SCREENS: [(&str, &str, &str); 19] = [
    ("workbench", "", ""),
    ("details", "document.querySelector('#entries .entry').click()", ""),
    ("context", "document.querySelector('#tab-context').click()", "document.querySelector('#tab-entry').click()"),
    ("request", "document.querySelector('#tab-trace').click()", ""),
    ("fields", "document.querySelector('#tab-fields').click()", ""),
    (
        "what was saved",
        "document.querySelector('#tab-saved').click()",
        "document.querySelector('#tab-sources').click()",
    ),
    ("patterns", "document.querySelector('#tab-patterns').click()", ""),
    ("incidents", "document.querySelector('#tab-incidents').click()", ""),
    ("groups", "document.querySelector('#tab-groups').click()", ""),
    ("map", "document.querySelector('#tab-map').click()", ""),
    ("routes", "document.querySelector('#tab-signals').click()", ""),
    ("agreement", "document.querySelector('#tab-agreement').click()", ""),
    ("comparison", "document.querySelector('#tab-compare').click()", ""),
    ("SQL", "document.querySelector('#tab-sql').click()", "document.querySelector('#tab-entries').click()"),
    ("problems of a query", "location.hash = '#q=(level%3Aeror+OR'", "location.hash = '#q='"),
    ("help", "document.querySelector('#help').showPopover()", "document.querySelector('#help').hidePopover()"),
    (
        "help on searching",
        "document.querySelector('#query-help').showPopover()",
        "document.querySelector('#query-help').hidePopover()",
    ),
    (
        "the tour",
        "document.querySelector('#help button[popovertarget=help]').click()",
        "document.querySelector('#tour-skip').click()",
    ),
    (
        "commands",
        "document.querySelector('#palette').showPopover()",
        "document.querySelector('#palette').hidePopover()",
    ),
];

/// English sentences on the screen: three words in a row, where no log is shown and nothing is to be typed.
const ENGLISH: &str = "const isEnglish = /[A-Za-z]{3,} [a-z]{3,} [a-z]{3,}/;
    const data = 'code, kbd, pre, textarea, noscript, script, #entries .entry, .phrase, .title, .neighbours, #pattern-rows .text';
    const found = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { data: text, parentElement } = texts.currentNode;
        if (isEnglish.test(text) && parentElement.checkVisibility() && !parentElement.closest(data)) found.add(text);
    }
    for (const element of document.querySelectorAll('[title], [aria-label], [placeholder]')) {
        if (!element.checkVisibility() || element.closest(data)) continue;
        for (const name of ['title', 'aria-label', 'placeholder']) {
            const text = element.getAttribute(name) ?? '';
            // A statement or a query is what it is in every language.
            if (isEnglish.test(text) && !/^(SELECT|WITH) |timeout service:/.test(text)) found.add(text);
        }
    }
    return [...found];";

#[test]
fn no_english_sentence_is_left_where_somebody_reads_chinese() {
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(1000))?;
        let mut browser = in_chinese(&stage).await?;
        axe::load(&browser).await?;
        let mut wrong = in_both_themes(&browser, "welcome").await?;
        wrong.extend(english(&mut browser, "welcome").await?);
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 1000).await?;
        // A table has dates as logs do.
        let of_sources = r"/\d年\d{1,2}月\d{1,2}日/.test(document.querySelector('#sources').innerText)";
        browser.wait_for(of_sources).await?;
        browser.wait_for(r"/\d{4}-\d\d-\d\d/.test(document.querySelector('#entries .entry').innerText)").await?;
        for (name, enter, leave) in SCREENS {
            go(&mut browser, enter).await.with_context(|| format!("no way to: {name}"))?;
            wrong.extend(english(&mut browser, name).await?);
            go(&mut browser, leave).await?;
        }
        wrong.extend(in_both_themes(&browser, "workbench").await?);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        close(browser).await
    });
}

#[test]
fn a_page_in_chinese_opens_without_a_network() {
    play(|mut stage| async move {
        let mut browser = in_chinese(&stage).await?;
        browser.wait_for("navigator.serviceWorker.controller !== null").await?;
        close(browser).await?;
        stage.stop_site();
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.wait_for(IS_CHINESE).await?;
        // And back, as it was left.
        click(&browser, "#language").await?;
        browser
            .wait_for("document.documentElement.lang === 'en' && document.querySelector('#try-samples') !== null")
            .await?;
        // The browser notes that it could not look for an update.
        browser.quit().await
    });
}

/// Chooses Chinese; the next browser on the profile knows it.
async fn in_chinese(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    click(&browser, "#language").await?;
    browser.wait_for(IS_CHINESE).await?;
    close(browser).await?;
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    browser.wait_for(IS_CHINESE).await?;
    Ok(browser)
}

/// A step on the way to a screen, when what it goes by is there.
async fn go(browser: &mut Chromium, step: &str) -> anyhow::Result<()> {
    if let Some((element, _)) = step.split_once(").") {
        browser.wait_for(&format!("{element}) !== null")).await?;
    }
    browser.run(step, Value::Null).await.map(drop)
}

/// Once what is shown has its answers.
async fn english(browser: &mut Chromium, screen: &str) -> anyhow::Result<Vec<String>> {
    browser.run_async("for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);", Value::Null).await?;
    browser.wait_for(&format!("!({IS_BUSY})")).await?;
    let found: Vec<String> = serde_json::from_value(browser.run(ENGLISH, Value::Null).await?)?;
    Ok(found.into_iter().map(|text| format!("{screen}: {text}")).collect())
}
