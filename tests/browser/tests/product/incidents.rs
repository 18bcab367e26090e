//! The incidents of the sample logs: the first names the service that caused them, a click leads to its entries and back.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, N_SAMPLES, OPENED, click, expect_found, with_samples};
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;
use std::time::Duration;

const FOUND: &str = "document.querySelector('#incidents')?.dataset.complete === 'true'";

/// The number on the tab; 0 where there is none.
const ON_TAB: &str = "Number(document.querySelector('#tab-incidents .badge').textContent)";

async fn with_incidents(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_samples(stage).await?;
    click(&browser, "#tab-incidents").await?;
    browser.wait_for(FOUND).await?;
    browser.wait_for("document.querySelector('#incidents .incident') !== null").await?;
    Ok(browser)
}

#[test]
fn the_first_incident_names_the_cause_and_leads_to_its_entries_and_back() {
    play(|stage| async move {
        let mut browser = with_incidents(&stage).await?;
        browser.wait_for("document.querySelector('#incidents .title').innerText.startsWith('inventory: ')").await?;
        let first = "document.querySelector('#incidents .evidence .phrase').innerText";
        browser.wait_for(&format!("{first}.startsWith('inventory: ‘applying schema migration')")).await?;
        // The timeline shows it too.
        browser.wait_for("document.querySelector('#histogram .incident-band') !== null").await?;

        // Clicked by the page itself: figures that come later may have put another card in this one's place meanwhile.
        browser.run("document.querySelector('#incidents .evidence').click();", Value::Null).await?;
        browser.wait_for(&format!("{N_FOUND} > 0 && {N_FOUND} <= 2")).await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for("document.querySelector('#incidents .title').offsetParent !== null").await?;

        browser.run("document.querySelector('#incidents .title').click();", Value::Null).await?;
        browser.wait_for(&format!("{N_FOUND} > 100 && {N_FOUND} < {N_SAMPLES} / 4")).await?;
        browser.run("history.back();", Value::Null).await?;
        expect_found(&mut browser, N_SAMPLES).await?;
        close(browser).await
    });
}

#[test]
fn the_tab_tells_of_incidents_that_nobody_looked_for_until_they_are_expected() {
    play(|stage| async move {
        let mut browser = with_samples(&stage).await?;
        browser.wait_for(&format!("{ON_TAB} > 0")).await?;
        browser.wait_for("document.querySelector('#tab-incidents').title.includes('found in all entries')").await?;
        browser.wait_for("document.querySelector('#histogram .incident-band') !== null").await?;
        assert_eq!(browser.run("return document.querySelector('#incidents');", Value::Null).await?, Value::Null);

        click(&browser, "#tab-incidents").await?;
        browser.wait_for(&format!("{FOUND} && document.querySelector('#incidents .incident') !== null")).await?;
        let judge = "[...document.querySelectorAll('#incidents .incident button[aria-pressed]')]\
            .find((button) => button.innerText === 'Expected').click();";
        browser.run(judge, Value::Null).await?;
        browser.wait_for("document.querySelector('#expected') !== null").await?;
        // Those that are expected are folded away.
        browser.wait_for(&format!("{ON_TAB} === document.querySelectorAll('#incidents .incident').length")).await?;
        close(browser).await
    });
}

#[test]
fn the_tab_of_a_quiet_log_has_no_number() {
    play(|stage| async move {
        let line = |i: usize| format!("2026-11-20T10:{:02}:{:02}Z INFO clock - tick\n", i / 60, i % 60);
        let log = stage.file("clock.log", (0..1800).map(line).collect::<String>())?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 1800).await?;
        // Longer than it takes to look.
        tokio::time::sleep(Duration::from_secs(4)).await;
        browser.wait_for(&format!("document.querySelector('#tab-incidents .badge').hidden && {ON_TAB} === 0")).await?;
        click(&browser, "#tab-incidents").await?;
        browser.wait_for(&format!("{FOUND} && document.querySelector('#incidents .nothing') !== null")).await?;
        close(browser).await
    });
}

#[test]
fn windows_are_clustered_anew_while_the_slider_moves() {
    play(|stage| async move {
        let mut browser = with_incidents(&stage).await?;
        browser.wait_for("document.querySelectorAll('#incidents .window').length > 100").await?;
        let before = browser.run("return document.querySelector('#clusters').innerText;", Value::Null).await?;
        // A map that comes later begins at its own usual reach.
        let slid = "(() => { const slider = document.querySelector('#reach'); slider.value = slider.min; \
            slider.dispatchEvent(new Event('input', { bubbles: true })); \
            return document.querySelector('#clusters').innerText; })()";
        browser.wait_for(&format!("{slid} !== {before}")).await?;
        // The same by another way of putting them together.
        let slid = browser.run("return document.querySelector('#clusters').innerText;", Value::Null).await?;
        let choose = "const slider = document.querySelector('#reach'); slider.value = 0; slider.dispatchEvent(new Event('input', { bubbles: true })); \
            const select = document.querySelector('#cluster-by'); select.selectedIndex = 1; select.dispatchEvent(new Event('change'));";
        browser.run(choose, Value::Null).await?;
        browser
            .wait_for(&format!("![{slid}, {before}].includes(document.querySelector('#clusters').innerText)"))
            .await?;
        close(browser).await
    });
}

#[test]
fn windows_and_how_they_are_put_together_are_in_the_address() {
    play(|stage| async move {
        let mut browser = with_incidents(&stage).await?;
        let choose = "const choose = (id, at) => { const select = document.querySelector(id); select.selectedIndex = at; select.dispatchEvent(new Event('change')); }; \
            choose('#window-width', 1); choose('#cluster-by', 1);";
        browser.run(choose, Value::Null).await?;
        browser.wait_for("location.hash.includes('window=10') && location.hash.includes('clusters=kinds')").await?;
        let words = "document.querySelector('#incidents .summary').innerText";
        browser.wait_for(&format!("{FOUND} && {words}.includes('not 10 s: at most 1,440')")).await?;
        browser.run("history.back(); history.back();", Value::Null).await?;
        browser.wait_for("document.querySelector('#window-width').selectedIndex === 0").await?;
        close(browser).await
    });
}

#[test]
fn several_windows_of_the_map_are_chosen_with_the_keyboard_and_narrow_the_entries_to_their_times() {
    play(|stage| async move {
        let mut browser = with_incidents(&stage).await?;
        browser.wait_for("document.querySelectorAll('#incidents .window').length > 100").await?;
        // The first window and the last: two stretches of time. A map that comes later begins with nothing chosen.
        let choose = "const map = document.querySelector('#incidents .windows'); \
            const press = (key) => map.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); \
            const n = document.querySelectorAll('#incidents .window.chosen').length; \
            if (n === 0) { map.focus(); ['Home', ' ', 'End', ' '].forEach((key) => press(key)); }";
        let words =
            "document.querySelector('#chosen-windows').innerText.includes('2 windows chosen: 2 stretches of time')";
        browser.wait_for(&format!("(() => {{ {choose} return n === 2 && {words}; }})()")).await?;
        let is_shown = "document.querySelector('#search').value.includes(' OR time>=')";
        let show = format!(
            "(() => {{ if ({is_shown}) return true; {choose} if (n === 2) press('Enter'); return {is_shown}; }})()"
        );
        browser.wait_for(&show).await?;
        browser.wait_for(&format!("{N_FOUND} > 0 && {N_FOUND} < {N_SAMPLES} / 4")).await?;
        close(browser).await
    });
}

#[test]
fn incidents_are_accessible() {
    play(|stage| async move {
        let browser = with_incidents(&stage).await?;
        axe::load(&browser).await?;
        let violations = in_both_themes(&browser, "incidents").await?;
        assert!(violations.is_empty(), "{violations:#?}");
        close(browser).await
    });
}
