//! What does not agree is found in dropped logs, each disagreement shows its entries, and suspects stand out on the map.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::dendro::{ALL_SAVED, OPENED, click, try_samples};
use browser_tests::stage::{close, play};
use serde_json::Value;

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
        browser.wait_for("document.querySelector('#search').value === 'service==pay'").await?;
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
