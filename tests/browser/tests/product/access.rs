//! Every screen passes axe-core (WCAG rules and best practices), in both themes, on a desk and on a phone.

use anyhow::Context;
use browser_tests::axe::{self, in_both_themes};
use browser_tests::dendro::{OPENED, click, expect_found};
use browser_tests::logs::shop_log;
use browser_tests::stage::{DESKTOP, close, play};
use serde_json::Value;

const PHONE: (u32, u32) = (390, 844);

/// What a screen is called, how one gets there from the workbench, and how one leaves it.
type Screen = (&'static str, &'static str, &'static str);

const SCREENS: [Screen; 18] = [
    ("workbench", "", ""),
    ("details", "document.querySelector('#entries .entry').click()", "document.querySelector('#entries').focus()"),
    (
        "context",
        "document.querySelector('#entries .entry').click(); document.querySelector('#tab-context').click()",
        "document.querySelector('#tab-entry').click(); document.querySelector('#entries').focus()",
    ),
    (
        "commands",
        "document.querySelector('#palette').showPopover()",
        "document.querySelector('#palette').hidePopover()",
    ),
    (
        "suggestions",
        "const box = document.querySelector('#search'); box.focus(); box.value = 'level:'; box.dispatchEvent(new Event('input'))",
        "document.querySelector('#clear-search').click(); document.querySelector('#entries').focus()",
    ),
    ("help", "document.querySelector('#help').showPopover()", "document.querySelector('#help').hidePopover()"),
    (
        "help on searching",
        "document.querySelector('#query-help').showPopover()",
        "document.querySelector('#query-help').hidePopover()",
    ),
    (
        "time zone",
        "document.querySelector('#zone-menu').showPopover()",
        "document.querySelector('#zone-menu').hidePopover()",
    ),
    // On a phone the sidebar is out of sight.
    (
        "fields",
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'f' }))",
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'f' }))",
    ),
    (
        "a note that is written",
        "document.querySelector('#entries .entry').click(); document.querySelector('#write-note').click()",
        "document.querySelector('#entries').focus()",
    ),
    (
        "what was saved",
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'b' }))",
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'b' }))",
    ),
    (
        "patterns",
        "dispatchEvent(new KeyboardEvent('keydown', { key: '2' }))",
        "dispatchEvent(new KeyboardEvent('keydown', { key: '1' }))",
    ),
    ("result", "location.hash = '#q=%7C+stats+count,+p95(total)+by+level'", ""),
    ("map without calls", "location.hash = '#view=map'", ""),
    ("result over time", "location.hash = '#q=%7C+timeline+1m+by+level'", "location.hash = '#q='"),
    ("SQL", "location.hash = '#view=sql'", ""),
    ("rows of SQL", "location.hash = '#view=sql&sql=SELECT+line,+message+FROM+entries'", ""),
    ("SQL that is wrong", "location.hash = '#view=sql&sql=SELEC'", "location.hash = '#q='"),
];

#[test]
fn every_screen_is_accessible_on_a_desk() {
    every_screen_is_accessible(DESKTOP);
}

#[test]
fn every_screen_is_accessible_on_a_phone() {
    every_screen_is_accessible(PHONE);
}

fn every_screen_is_accessible(size: (u32, u32)) {
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(2000))?;
        let mut browser = stage.browser_of_size(size).await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        let mut violations = in_both_themes(&browser, "welcome").await?;

        browser.drop_files(&[&log]).await?;
        // On a phone the list of sources is out of sight.
        browser.wait_for("document.querySelector('#saved')?.dataset.complete === 'true'").await?;
        expect_found(&mut browser, 2000).await?;
        for (name, enter, leave) in SCREENS {
            browser.run(enter, Value::Null).await.with_context(|| format!("no way to: {name}"))?;
            violations.extend(in_both_themes(&browser, name).await?);
            browser.run(leave, Value::Null).await?;
        }
        browser.drop_files(&[&log]).await?;
        browser.wait_for("document.querySelector('dialog[open]') !== null").await?;
        violations.extend(in_both_themes(&browser, "file that is already here").await?);
        click(&browser, "dialog[open] .primary").await?;

        assert!(violations.is_empty(), "{}", violations.join("\n"));
        close(browser).await
    });
}
