//! The incidents of the sample logs: the first names the service that caused them, a click leads to its entries and back.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, N_SAMPLES, OPENED, click, expect_found, with_samples};
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::*;

const FOUND: &str = "document.querySelector('#incidents')?.dataset.complete === 'true'";

/// The number on the tab; 0 where there is none.
const ON_TAB: &str = "Number(document.querySelector('#tab-incidents .badge').textContent)";

/// Windows that are chosen on the map.
const N_CHOSEN: &str = "document.querySelectorAll('#incidents .window.chosen').length";

async fn with_incidents(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_samples(stage).await?;
    click(&browser, "#tab-incidents").await?;
    browser.wait_for(FOUND).await?;
    browser.wait_for("document.querySelector('#incidents .incident') !== null").await?;
    Ok(browser)
}

/// When all is looked at, numbers too, so that no other map comes in place of this one.
async fn with_map(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_incidents(stage).await?;
    let has_numbers = "!document.querySelector('#incidents .summary').innerText.includes('will be looked at')";
    let has_map = "document.querySelectorAll('#incidents .window').length > 100";
    browser.wait_for(&format!("{FOUND} && {has_numbers} && {has_map}")).await?;
    Ok(browser)
}

#[test]
fn the_first_incident_names_the_cause_and_leads_to_its_entries_and_back() {
    play(|stage| async move {
        let mut browser = with_incidents(&stage).await?;
        browser.wait_for("document.querySelector('#incidents .title').innerText.startsWith('inventory: ')").await?;
        let first = "document.querySelector('#incidents .evidence.names .phrase').innerText";
        browser.wait_for(&format!("{first}.startsWith('inventory: ‘applying schema migration')")).await?;
        // The timeline shows it too.
        browser.wait_for("document.querySelector('#histogram .incident-band') !== null").await?;

        // Clicked by the page itself: figures that come later may have put another card in this one's place meanwhile.
        browser.run("document.querySelector('#incidents .evidence.names').click();", Value::Null).await?;
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
        let mut browser = with_map(&stage).await?;
        browser.run("document.querySelector('#incidents .windows').focus();", Value::Null).await?;
        // The first window and the last: two stretches of time.
        for keys in [Key::Home + " ", Key::End + " "] {
            browser.driver().action_chain().send_keys(keys).perform().await?;
        }
        let words = "document.querySelector('#chosen-windows').innerText";
        browser.wait_for(&format!("{words}.includes('2 windows chosen: 2 stretches of time')")).await?;
        browser.wait_for("document.querySelector('#current-window').innerText.endsWith(', chosen.')").await?;

        // A verdict changes what is found, and not the map.
        let judge = "[...document.querySelectorAll('#incidents .incident button[aria-pressed]')]\
            .find((button) => button.innerText === 'Confirmed').click();";
        browser.run(judge, Value::Null).await?;
        browser.wait_for("document.querySelector('#incidents .incident .confirmed') !== null").await?;
        browser.wait_for(&format!("{FOUND} && {N_CHOSEN} === 2")).await?;

        // Clustered anew they look otherwise, and are chosen still.
        let looks = "[...document.querySelectorAll('#incidents .window')].map((sign) => sign.getAttribute('d')).join()";
        browser.run(&format!("window.looksBefore = {looks};"), Value::Null).await?;
        let slide = "const slider = document.querySelector('#reach'); slider.value = slider.min; \
            slider.dispatchEvent(new Event('input', { bubbles: true }));";
        browser.run(slide, Value::Null).await?;
        browser.wait_for(&format!("{looks} !== window.looksBefore")).await?;
        browser.wait_for(&format!("{N_CHOSEN} === 2")).await?;
        browser.wait_for("document.querySelectorAll('#incidents .window.current').length === 1").await?;

        browser.driver().action_chain().send_keys(Key::Enter).perform().await?;
        browser.wait_for("document.querySelector('#search').value.includes(' OR time>=')").await?;
        browser.wait_for(&format!("{N_FOUND} > 0 && {N_FOUND} < {N_SAMPLES} / 4")).await?;
        browser.wait_for("document.activeElement.id === 'entries'").await?;
        close(browser).await
    });
}

#[test]
fn windows_of_the_map_are_chosen_by_a_box_and_with_shift_and_let_go() {
    play(|stage| async move {
        let mut browser = with_map(&stage).await?;
        browser
            .run("document.querySelector('#incidents .windows').scrollIntoView({ block: 'start' });", Value::Null)
            .await?;
        // The left half of the map, as far as it is in sight; and how many signs have their middle there.
        let half = "const map = document.querySelector('#incidents .windows').getBoundingClientRect(); \
            const frame = document.querySelector('#incidents .window-map').getBoundingClientRect(); \
            const [left, top, right, bottom] = [map.left + 2, Math.max(map.top, frame.top) + 2, \
                map.left + map.width / 2, Math.min(map.bottom, frame.bottom) - 2].map((edge) => Math.round(edge)); \
            const isIn = (sign) => { const box = sign.getBBox(), unit = map.width / 400; \
                const x = map.left + (box.x + box.width / 2) * unit, y = map.top + (box.y + box.height / 2) * unit; \
                return left <= x && x <= right && top <= y && y <= bottom; }; \
            return [left, top, right, bottom, [...document.querySelectorAll('#incidents .window')].filter(isIn).length];";
        let half: [i64; 5] = serde_json::from_value(browser.run(half, Value::Null).await?)?;
        let [left, top, right, bottom, n_inside] = half;
        assert!(n_inside > 1, "{half:?}");
        let drag = browser.driver().action_chain().move_to(left, top).click_and_hold().move_to(right, bottom).release();
        drag.perform().await?;
        browser.wait_for(&format!("{N_CHOSEN} === {n_inside}")).await?;

        let other = "for (const sign of document.querySelectorAll('#incidents .window:not(.chosen)')) { \
                const box = sign.getBoundingClientRect(); \
                const at = [box.left + box.width / 2, box.top + box.height / 2].map((edge) => Math.round(edge)); \
                if (document.elementFromPoint(...at) === sign) return at; \
            }";
        let [x, y]: [i64; 2] = serde_json::from_value(browser.run(other, Value::Null).await?)?;
        let with_shift = browser.driver().action_chain().key_down(Key::Shift).move_to(x, y).click().key_up(Key::Shift);
        with_shift.perform().await?;
        browser.wait_for(&format!("{N_CHOSEN} === {}", n_inside + 1)).await?;

        click(&browser, "#choose-no-windows").await?;
        browser.wait_for(&format!("{N_CHOSEN} === 0")).await?;
        browser.wait_for("document.activeElement.matches('#incidents .windows')").await?;
        close(browser).await
    });
}

#[test]
fn a_button_that_was_let_go_outside_of_the_map_drags_nothing() {
    play(|stage| async move {
        let mut browser = with_map(&stage).await?;
        let drag = |buttons: u8| {
            format!(
                "const map = document.querySelector('#incidents .windows'), box = map.getBoundingClientRect(); \
                 const send = (type, share, buttons) => map.dispatchEvent(new PointerEvent(type, {{ bubbles: true, button: 0, buttons, \
                     pointerId: 1, clientX: box.left + box.width * share, clientY: box.top + box.height * share }})); \
                 send('pointerdown', 0.3, 1); send('pointermove', 0.6, {buttons}); \
                 for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame); \
                 const isDrag = map.querySelector('.lasso') !== null; send('pointercancel', 0.6, 0); return isDrag;"
            )
        };
        assert_eq!(browser.run_async(&drag(0), Value::Null).await?, Value::Bool(false));
        assert_eq!(browser.run_async(&drag(1), Value::Null).await?, Value::Bool(true));
        browser.wait_for("document.querySelector('#incidents .lasso') === null").await?;
        close(browser).await
    });
}

#[test]
fn in_a_low_window_the_keyboard_brings_the_windows_of_the_map_into_sight() {
    play(|stage| async move {
        let mut browser = with_map(&stage).await?;
        let metrics = json!({ "width": 640, "height": 400, "deviceScaleFactor": 0, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        browser.wait_for("document.querySelector('#incidents .windows').clientHeight > innerHeight").await?;
        browser.run("document.querySelector('#incidents .windows').focus();", Value::Null).await?;
        let is_in_sight = "(() => { const sign = document.querySelector('#incidents .window.current').getBoundingClientRect(); \
            return sign.top >= -1 && sign.bottom <= innerHeight + 1; })()";
        // Down to where it goes no further, and up again.
        for (key, n) in [("ArrowDown", 100), ("ArrowUp", 200)] {
            let press = format!(
                "for (let i = 0; i < {n}; i++) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}));"
            );
            browser.run(&press, Value::Null).await?;
            browser.wait_for(is_in_sight).await?;
        }
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
