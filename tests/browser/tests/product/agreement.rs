//! What does not agree is found in dropped logs, each disagreement shows its entries, and suspects stand out on the map.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found, search, try_samples};
use browser_tests::stage::{close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

const COMPLETE: &str = "document.querySelector('#agreement')?.dataset.complete === 'true'";

/// Requests through two services, one of which is known by two names and fails without saying so.
fn logs() -> (String, String) {
    let (mut shop, mut pay) = (String::new(), String::new());
    for n in 0..40 {
        let id = format!("{:032x}", 0x7f3a_9b21_c4d5_e6f0_u128 + n * 65_537);
        let (minute, name) = (n % 60, if n % 2 == 0 { "pay" } else { "pay-svc" });
        shop += &format!(
            "time=2026-11-20T10:{minute:02}:00.100Z level=info service=shop msg=\"order taken\" order=ord-{} trace_id={id}\n",
            10_000 + n
        );
        pay += &format!(
            "time=2026-11-20T10:{minute:02}:00.200Z level=info service={name} msg=served status=503 trace_id={id}\n"
        );
    }
    (shop, pay)
}

#[test]
fn disagreements_are_found_and_show_the_entries_of_each_side() {
    play(|stage| async move {
        let (shop, pay) = logs();
        let files = [stage.file("shop.log", &shop)?, stage.file("pay.log", &pay)?];
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        browser.drop_files(&[&files[0], &files[1]]).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-agreement").await?;
        browser.wait_for(COMPLETE).await?;
        let found = "[...document.querySelectorAll('#agreement [data-kind]')].filter((kind) => kind.dataset.n > 0) \
            .map((kind) => kind.dataset.kind).join()";
        browser.wait_for(&format!("{found} === 'names mixed,error classes'")).await?;
        assert_eq!(in_both_themes(&browser, "agreement").await?, Vec::<String>::new());

        // The entries come when they are asked for, and open.
        browser.run("document.querySelector('#agreement .drift summary').click();", Value::Null).await?;
        browser
            .wait_for("document.querySelector('#agreement .sides .evidence span')?.innerText === 'pay: served'")
            .await?;
        browser.run("document.querySelector('#agreement .sides .evidence button').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#details')?.innerText.includes('503') === true").await?;

        // A query hides no side of it; a service leads to its entries.
        browser.run("document.querySelector('#agreement .scores tbody button').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#search').value === '(service==pay OR service==pay-svc)'").await?;
        click(&browser, "#tab-agreement").await?;
        browser.wait_for(&format!("{COMPLETE} && {found} === 'names mixed,error classes'")).await?;
        close(browser).await
    });
}

#[test]
fn suspects_of_an_incident_are_ranked_and_shown_on_the_map() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        try_samples(&mut browser).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-incidents").await?;
        browser
            .wait_for("document.querySelector('#incidents .title')?.innerText.startsWith('inventory: ') === true")
            .await?;
        browser.wait_for("document.querySelector('#incidents')?.dataset.complete === 'true'").await?;
        browser.run("document.querySelector('#incidents .suspects summary').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#incidents .suspects .chip')?.innerText === 'inventory'").await?;
        assert_eq!(in_both_themes(&browser, "suspects").await?, Vec::<String>::new());
        // They are asked for again when the fields of entries have been looked at, too.
        let show = "(() => { const button = document.querySelector('#incidents .suspects > button'); button?.click(); return button !== null; })()";
        browser.wait_for(show).await?;
        browser
            .wait_for("document.querySelector('#map [data-node=inventory]')?.classList.contains('suspect') === true")
            .await?;
        browser.wait_for("document.querySelector('#map')?.dataset.complete === 'true'").await?;
        assert_eq!(in_both_themes(&browser, "suspects on the map").await?, Vec::<String>::new());
        close(browser).await
    });
}

/// Orders that two services follow under two names and in two pairs of words; every fifth is refused.
fn outcomes() -> (String, String) {
    let (mut shop, mut pay) = (String::new(), String::new());
    for n in 0..40 {
        let id = format!("{:032x}", 0x3c1a_9b21_c4d5_e6f0_u128 + n * 65_537);
        let (one, other) = if n % 5 == 0 { ("declined", "REFUSED") } else { ("paid", "CAPTURED") };
        let time = format!("2026-11-20T10:{n:02}:00");
        shop += &format!("time={time}.300Z level=info service=shop msg=ended payment_status={one} trace_id={id}\n");
        pay += &format!("time={time}.200Z level=info service=pay msg=charged paymentStatus={other} trace_id={id}\n");
    }
    (shop, pay)
}

const COVERED: &str = "document.querySelector('#agreement [data-kind=\"status split\"] .mended')?.dataset.covered";

#[test]
fn a_mapping_is_taken_with_a_click_and_a_search_finds_all_of_it() {
    play(|stage| async move {
        let (shop, pay) = outcomes();
        let files = [stage.file("shop.log", &shop)?, stage.file("pay.log", &pay)?];
        let mapping =
            stage.file("words.toml", "[[meaning]]\nname = \"payment.status\"\nvalues = [[\"declined\", \"no\"]]\n")?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        browser.drop_files(&[&files[0], &files[1]]).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-agreement").await?;
        browser.wait_for(&format!("{COVERED} === 'false'")).await?;
        click(&browser, "[data-kind=\"status split\"] [data-does=take]").await?;
        browser.wait_for(&format!("{COVERED} === 'true'")).await?;
        assert_eq!(in_both_themes(&browser, "mapping").await?, Vec::<String>::new());

        // Both services, by either word; the search box says why.
        search(&browser, "payment.status:REFUSED").await?;
        browser.wait_for("document.querySelector('#widened')?.innerText.includes('payment.status') === true").await?;
        click(&browser, "#tab-entries").await?;
        expect_found(&mut browser, 16).await?;
        search(&browser, "payment.status:paid | count by payment.status").await?;
        browser
            .wait_for(
                "document.querySelector('#result')?.innerText.match(/CAPTURED|paid/) !== null \
                && document.querySelector('#result').innerText.includes('64')",
            )
            .await?;

        // A word is added by hand.
        click(&browser, "#widened").await?;
        browser.wait_for("document.activeElement.id === 'mapping'").await?;
        click(&browser, "[data-meaning=\"payment.status\"] [data-does=edit]").await?;
        browser.wait_for("document.activeElement.id === 'meaning-name'").await?;
        assert_eq!(in_both_themes(&browser, "a row that is written").await?, Vec::<String>::new());
        let words = browser.driver().find(By::Id("meaning-words")).await?;
        words.send_keys(Key::Control + "a").await?;
        words.send_keys("paid = CAPTURED\ndeclined = REFUSED = CAPTURED").await?;
        browser.wait_for("document.querySelector('form.meaning [role=alert]') !== null").await?;
        words.send_keys(Key::Control + "a").await?;
        words.send_keys("paid = CAPTURED\ndeclined = REFUSED").await?;
        click(&browser, "#keep-meaning").await?;
        let row = "(document.querySelector('[data-meaning=\"payment.status\"]')?.innerText ?? '')";
        browser.wait_for(&format!("{row}.includes('paid = CAPTURED')")).await?;

        // A file's rows join it.
        browser.driver().find(By::Id("mapping-file")).await?.send_keys(mapping.to_string_lossy()).await?;
        browser.wait_for(&format!("{row}.includes('declined = REFUSED = no')")).await?;

        // It is kept; what is deleted comes back.
        browser.wait_for(ALL_SAVED).await?;
        browser.driver().refresh().await?;
        browser.wait_for(&format!("{row}.includes('declined = REFUSED = no')")).await?;
        click(&browser, "[data-meaning=\"payment.status\"] [data-does=delete]").await?;
        browser.wait_for(&format!("{row} === '' && {COVERED} === 'false'")).await?;
        click(&browser, "#undo-mapping").await?;
        browser.wait_for(&format!("{row} !== '' && {COVERED} === 'true'")).await?;
        close(browser).await
    });
}

#[test]
fn two_rows_that_are_deleted_at_once_are_both_gone() {
    play(|stage| async move {
        let (shop, pay) = outcomes();
        let files = [stage.file("shop.log", &shop)?, stage.file("pay.log", &pay)?];
        let row = |name: &str| format!("[[meaning]]\nname = \"{name}\"\nlogs = [\"{name}s\"]\n");
        let mapping = stage.file("rows.toml", format!("{}{}", row("apple"), row("pear")))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&files[0], &files[1]]).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-agreement").await?;
        browser.wait_for("document.querySelector('#mapping-file') !== null").await?;
        browser.driver().find(By::Id("mapping-file")).await?.send_keys(mapping.to_string_lossy()).await?;
        let rows = "[...document.querySelectorAll('#mapping [data-meaning]')].map((row) => row.dataset.meaning).join()";
        browser.wait_for(&format!("{rows} === 'apple,pear'")).await?;
        let delete_all =
            "document.querySelectorAll('#mapping [data-does=delete]').forEach((button) => button.click());";
        browser.run(delete_all, Value::Null).await?;
        browser.wait_for(&format!("{rows} === ''")).await?;
        // The last change was the second.
        click(&browser, "#undo-mapping").await?;
        browser.wait_for(&format!("{rows} === 'pear'")).await?;
        close(browser).await
    });
}

/// Calls that a service of another clock answers two seconds before they are made.
fn calls() -> (String, String) {
    let (mut shop, mut stock) = (String::new(), String::new());
    for n in 0..40 {
        let id = format!("{:032x}", 0x5d1a_9b21_c4d5_e6f0_u128 + n * 65_537);
        shop += &format!(
            "time=2026-11-20T10:{n:02}:10.150Z level=info service=shop msg=\"call finished\" peer=stock:80 duration_ms=50 trace_id={id}\n"
        );
        stock += &format!("time=2026-11-20T10:{n:02}:08.125Z level=info service=stock msg=served trace_id={id}\n");
    }
    (shop, stock)
}

#[test]
fn a_wrong_clock_is_put_right_after_a_look_at_what_that_changes() {
    play(|stage| async move {
        let (shop, stock) = calls();
        let files = [stage.file("shop.log", &shop)?, stage.file("stock.log", &stock)?];
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        browser.drop_files(&[&files[0], &files[1]]).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-agreement").await?;
        let n_clocks = "document.querySelector('#agreement [data-kind=clock]')?.dataset.n";
        browser.wait_for(&format!("{n_clocks} === '1'")).await?;
        assert_eq!(in_both_themes(&browser, "a wrong clock").await?, Vec::<String>::new());

        click(&browser, "[data-does=put-right]").await?;
        browser.wait_for("document.querySelector('#source-panel:popover-open h2')?.innerText === 'stock.log'").await?;
        browser.wait_for("document.querySelector('#source-offset')?.value === '+2 s'").await?;
        let preview = "document.querySelector('#time-changes tbody tr')?.innerText";
        let first = browser.wait_for(preview).await?.as_str().unwrap_or_default().to_owned();
        assert!(first.contains("10:00:08.125") && first.contains("10:00:10.125"), "before and after: {first}");
        click(&browser, "#apply-read-as").await?;
        browser.wait_for(&format!("{n_clocks} === '0' && {COMPLETE}")).await?;

        // It is taken back where it was said.
        click(&browser, "#undo-read-as").await?;
        browser.wait_for(&format!("{n_clocks} === '1' && {COMPLETE}")).await?;
        browser.wait_for("document.querySelector('#source-offset').value === '0 s'").await?;
        close(browser).await
    });
}
