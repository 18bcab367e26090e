//! Searching, zooming in time, and stepping back and forth between what was looked at.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, OPENED, click, expect_found, press, rows, search};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

#[test]
fn results_follow_the_query_as_it_is_typed() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 10_000).await?;
        for (query, n_found) in [
            ("order", 10_000),
            ("refused", 100),
            ("\"took long\"", 900),
            ("level>=warn", 1000),
            ("order-000041", 1),
            ("refused OR placed", 9100),
            ("-placed", 1000),
            ("pay*", 1000),
            ("/order-00000[0-4]/", 5),
            ("nowhere", 0),
            ("", 10_000),
        ] {
            search(&browser, query).await?;
            expect_found(&mut browser, n_found).await?;
        }
        close(browser).await
    });
}

#[test]
fn what_matched_is_marked_and_problems_are_named() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        search(&browser, "refused").await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for("document.querySelector('#entries mark')?.innerText === 'refused'").await?;
        // Half a word finds on its way to the whole.
        search(&browser, "payment refu").await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for("document.querySelector('.search .found').innerText.includes('of refu*')").await?;
        search(&browser, "level:eror").await?;
        browser.wait_for("document.querySelector('#problems').innerText.includes('eror')").await?;
        close(browser).await
    });
}

#[test]
fn half_a_value_finds_what_begins_so_until_it_is_whole() {
    const FOUND: &str = "(document.querySelector('.search .found')?.innerText ?? '')";
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        for half in ["service:c", "service:check", "service:checkou", "refused service:check"] {
            let n_found = if half.starts_with("refused") { 10 } else { 1000 };
            search(&browser, half).await?;
            expect_found(&mut browser, n_found).await?;
            browser.wait_for(&format!("{FOUND}.includes('service:c') && {FOUND}.includes('*')")).await?;
        }
        search(&browser, "level:er").await?;
        expect_found(&mut browser, 10).await?;
        // Exactly, once it is whole: by Enter, a space, or by leaving.
        search(&browser, "service:check").await?;
        expect_found(&mut browser, 1000).await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        expect_found(&mut browser, 0).await?;
        browser.wait_for(&format!("!{FOUND}.includes('*')")).await?;
        // What it was half of is one click away.
        browser.wait_for("document.querySelector('.other-value')?.innerText === 'Search service:checkout'").await?;
        for whole in ["service:checkou ", "service:checkout"] {
            search(&browser, whole).await?;
            expect_found(&mut browser, if whole.ends_with(' ') { 0 } else { 1000 }).await?;
        }
        search(&browser, "service:chec").await?;
        expect_found(&mut browser, 1000).await?;
        // A row that is clicked is there until somebody goes elsewhere.
        click(&browser, "#entries .entry").await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true]') !== null").await?;
        expect_found(&mut browser, 1000).await?;
        let input = browser.driver().find(By::Id("search")).await?;
        input.click().await?;
        browser.run("document.querySelector('#export').focus();", Value::Null).await?;
        expect_found(&mut browser, 0).await?;
        close(browser).await
    });
}

#[test]
fn the_levels_that_a_query_asks_for_are_pressed_in_the_legend() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        search(&browser, "level>=error").await?;
        expect_found(&mut browser, 10).await?;
        let pressed = "document.querySelector('#histogram .sev-error').ariaPressed === 'true' \
            && document.querySelector('#histogram .sev-warn')?.ariaPressed !== 'true'";
        browser.wait_for(pressed).await?;
        // Levels that occur can be added; one that does not is not offered.
        browser.wait_for("document.querySelector('#histogram .sev-info') !== null").await?;
        browser.wait_for("document.querySelector('#histogram .sev-fatal') === null").await?;
        browser.run("document.querySelector('#histogram .sev-error').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#search').value === 'level:fatal'").await?;
        close(browser).await
    });
}

#[test]
fn bars_are_brushed_with_the_keyboard_and_the_time_fits_to_what_was_found() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 10_000).await?;
        browser.wait_for("document.querySelector('#histogram[data-complete=true] canvas') !== null").await?;
        browser.run("document.querySelector('#histogram .plot').focus();", Value::Null).await?;
        let chosen = "document.querySelector('#histogram .plot').getAttribute('aria-valuetext')";
        // Keys that are held are no part of a text.
        let more = "for (const key of ['ArrowRight', 'ArrowRight']) document.activeElement.dispatchEvent( \
            new KeyboardEvent('keydown', {key, shiftKey: true, bubbles: true, cancelable: true}));";
        let home = char::from(Key::Home).to_string();
        press(&browser, &home).await?;
        browser.run(more, Value::Null).await?;
        browser.wait_for(&format!("{chosen}.endsWith('Enter zooms in')")).await?;
        browser.wait_for("document.querySelector('#histogram .brushed')?.innerText.includes('·')").await?;
        press(&browser, &char::from(Key::Escape).to_string()).await?;
        browser
            .wait_for(&format!("!{chosen}.includes('Enter') && document.querySelector('#histogram .brush') === null"))
            .await?;
        press(&browser, &home).await?;
        browser.run(more, Value::Null).await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        browser.wait_for(&format!("{N_FOUND} < 1000 && location.hash.includes('from=')")).await?;

        press(&browser, "0").await?;
        expect_found(&mut browser, 10_000).await?;
        search(&browser, "order-000500 OR order-000700").await?;
        expect_found(&mut browser, 2).await?;
        browser.wait_for("document.querySelector('#histogram').dataset.complete === 'true'").await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "=").await?;
        browser.wait_for("location.hash.includes('from=')").await?;
        expect_found(&mut browser, 2).await?;
        search(&browser, "").await?;
        browser.wait_for(&format!("{N_FOUND} >= 201 && {N_FOUND} < 600")).await?;
        close(browser).await
    });
}

#[test]
fn dragging_on_the_histogram_zooms_and_the_way_back_is_open() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 10_000).await?;
        browser.wait_for("document.querySelector('#histogram canvas') !== null").await?;
        drag_over_histogram(&browser, 0.25, 0.5).await?;
        browser.wait_for(&format!("{N_FOUND} < 6000")).await?;
        let n_zoomed = browser.run(&format!("return {N_FOUND};"), Value::Null).await?.as_u64().unwrap_or_default();
        assert!((1000..5000).contains(&n_zoomed), "a quarter of the time, give or take buckets, has {n_zoomed}");
        assert!(browser.driver().current_url().await?.fragment().is_some_and(|hash| hash.contains("from=")));

        browser.driver().back().await?;
        expect_found(&mut browser, 10_000).await?;
        browser.driver().forward().await?;
        expect_found(&mut browser, n_zoomed).await?;
        browser.run("document.querySelector('#zoom-reset').click();", Value::Null).await?;
        expect_found(&mut browser, 10_000).await?;
        // The button is gone; the keyboard is not lost with it.
        browser.wait_for("document.activeElement === document.querySelector('#histogram .plot')").await?;
        browser.driver().back().await?;
        expect_found(&mut browser, n_zoomed).await?;
        // From anywhere, by a key.
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "0").await?;
        expect_found(&mut browser, 10_000).await?;
        close(browser).await
    });
}

#[test]
fn bars_of_days_begin_at_midnight_of_the_zone_that_is_shown() {
    /// When each row of the histogram in words begins, without its day.
    const STARTS: &str =
        "[...document.querySelectorAll('#histogram tbody th')].map((row) => row.innerText.slice(11, 19))";
    play(|stage| async move {
        let days = (1..=12).flat_map(|month| (1..=28).map(move |day| (month, day)));
        let log: String = days.map(|(month, day)| format!("2026-{month:02}-{day:02}T21:30:00Z INFO tick\n")).collect();
        let log = stage.file("ticks.log", log)?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.run("location.hash = '#zone=UTC';", Value::Null).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        for zone in ["UTC", "+05:45", "-07:00"] {
            browser.run("location.hash = `#zone=${encodeURIComponent(arguments[0])}`;", zone).await?;
            let are_midnights = format!("{STARTS}.length > 10 && {STARTS}.every((start) => start === '00:00:00')");
            browser.wait_for(&are_midnights).await?;
        }
        close(browser).await
    });
}

#[test]
fn the_address_holds_what_is_looked_at() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        search(&browser, "refused").await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for("location.hash.includes('refused')").await?;
        let address = browser.driver().current_url().await?;
        browser.open("about:blank").await?;
        browser.open(address.as_str()).await?;
        expect_found(&mut browser, 10).await?;
        assert_eq!(browser.run("return document.querySelector('#search').value;", Value::Null).await?, "refused");
        close(browser).await
    });
}

#[test]
fn the_table_is_worked_with_the_keyboard() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 100_000).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        let selected = "document.querySelector('#entries [aria-selected=true]')?.ariaRowIndex";
        // The heads are row 1.
        press(&browser, "j").await?;
        browser.wait_for(&format!("{selected} === '2'")).await?;
        press(&browser, "j").await?;
        browser.wait_for(&format!("{selected} === '3'")).await?;
        press(&browser, "G").await?;
        browser.wait_for(&format!("{selected} === '100001'")).await?;
        assert!(rows(&browser).await?.last().is_some_and(|row| row.contains("order-099999")));
        press(&browser, "g").await?;
        browser.wait_for(&format!("{selected} === '2'")).await?;
        press(&browser, "e").await?;
        browser.wait_for(&format!("{selected} === '101'")).await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser
            .wait_for("document.querySelector('#details')?.innerText.includes('payment refused by the bank')")
            .await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        press(&browser, "/").await?;
        browser.wait_for("document.activeElement.id === 'search'").await?;
        close(browser).await
    });
}

#[test]
fn an_entry_is_gone_to_by_its_number_and_by_its_time() {
    const SELECTED: &str = "(document.querySelector('#entries .entry.cursor')?.innerText ?? '')";
    play(|stage| async move {
        let mut browser = with_log(&stage, 10_000).await?;
        let places = [
            ("5,001", "Go to entry 5,001"),
            (":5,001", "Go to entry 5,001"),
            ("2026-11-01T01:23:20Z", "Go to 2026-11-01"),
        ];
        for (place, offered) in places {
            press(&browser, "g").await?;
            browser.wait_for(&format!("{SELECTED}.includes('order-000000')")).await?;
            press(&browser, ":").await?;
            browser.wait_for("document.activeElement.id === 'palette-search'").await?;
            press(&browser, place).await?;
            browser
                .wait_for(&format!("document.querySelector('#commands li')?.innerText.includes('{offered}') === true"))
                .await?;
            press(&browser, Key::Enter.value().to_string().as_str()).await?;
            browser.wait_for(&format!("{SELECTED}.includes('order-005000')")).await?;
        }
        // From the search box, too, the next keys are for the entries.
        press(&browser, "/").await?;
        browser.wait_for("document.activeElement.id === 'search'").await?;
        let with_ctrl = browser.driver().action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control);
        with_ctrl.perform().await?;
        browser.wait_for("document.activeElement.id === 'palette-search'").await?;
        press(&browser, "42").await?;
        browser
            .wait_for("document.querySelector('#commands li')?.innerText.includes('Go to entry 42') === true")
            .await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000041')")).await?;
        browser.wait_for("document.activeElement.id === 'entries'").await?;
        close(browser).await
    });
}

#[test]
fn the_wheel_with_ctrl_zooms_in_time_and_its_turns_are_one_step_back() {
    // Turns by so many pixels, the first of them without Ctrl.
    const TURN: &str = "const plot = document.querySelector('#histogram .plot');
        const { left, width, top } = plot.getBoundingClientRect();
        const how = { deltaY: -300, clientX: left + width / 2, clientY: top + 5, bubbles: true, cancelable: true };
        plot.dispatchEvent(new WheelEvent('wheel', how));
        for (const deltaY of input) {
            const turn = new WheelEvent('wheel', { ...how, deltaY, ctrlKey: true });
            plot.dispatchEvent(turn);
            if (!turn.defaultPrevented) throw new Error('the page is enlarged');
            await new Promise((resolve) => setTimeout(resolve, 100));
        }";
    const IS_ZOOMED: &str = "location.hash.includes('from=')";
    play(|stage| async move {
        let mut browser = with_log(&stage, 10_000).await?;
        browser.wait_for("document.querySelector('#histogram').dataset.complete === 'true'").await?;
        browser.run_async(TURN, json!([-300, -300])).await?;
        // Each is more than a third less.
        browser.wait_for(&format!("{N_FOUND} > 3000 && {N_FOUND} < 4000")).await?;
        browser.driver().back().await?;
        expect_found(&mut browser, 10_000).await?;

        // Taken back at once and made again, it is all of the step.
        let back = "dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true }));";
        let again = "dispatchEvent(new KeyboardEvent('keydown', { key: 'Z', ctrlKey: true, shiftKey: true }));";
        browser.run_async(&format!("{TURN} {back}"), json!([-300, -300])).await?;
        expect_found(&mut browser, 10_000).await?;
        browser.run(again, Value::Null).await?;
        browser.wait_for(&format!("{N_FOUND} > 3000 && {N_FOUND} < 4000")).await?;
        browser.run(back, Value::Null).await?;
        expect_found(&mut browser, 10_000).await?;

        // What was searched is a step of its own, and a turn out of everything is none: the turn after it can be taken back.
        search(&browser, "placed").await?;
        expect_found(&mut browser, 9000).await?;
        browser.wait_for("document.querySelector('#histogram').dataset.complete === 'true'").await?;
        browser.run_async(TURN, json!([300, -300])).await?;
        browser.wait_for(&format!("{IS_ZOOMED} && {N_FOUND} < 6000")).await?;
        browser.driver().back().await?;
        expect_found(&mut browser, 9000).await?;
        browser.wait_for("document.querySelector('#search').value === 'placed'").await?;
        // And out again: all of it, where it stays.
        browser.run_async(TURN, json!([-300, 300, 300, 300])).await?;
        browser.wait_for(&format!("!{IS_ZOOMED}")).await?;
        expect_found(&mut browser, 9000).await?;
        close(browser).await
    });
}

#[test]
fn earlier_searches_come_back_with_the_arrow_up() {
    const WRITTEN: &str = "document.querySelector('#search').value";
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        for (query, n_found) in [("refused", 10), ("level:warn", 90)] {
            search(&browser, query).await?;
            press(&browser, Key::Enter.value().to_string().as_str()).await?;
            browser.wait_for("document.activeElement.id === 'entries'").await?;
            expect_found(&mut browser, n_found).await?;
        }
        press(&browser, "/").await?;
        browser.wait_for("document.activeElement.id === 'search'").await?;
        press(&browser, Key::Up.value().to_string().as_str()).await?;
        browser.wait_for(&format!("{WRITTEN} === 'refused'")).await?;
        expect_found(&mut browser, 10).await?;
        press(&browser, Key::Down.value().to_string().as_str()).await?;
        browser.wait_for(&format!("{WRITTEN} === 'level:warn'")).await?;
        expect_found(&mut browser, 90).await?;
        // There is nothing after it: the key goes to the entries.
        press(&browser, Key::Down.value().to_string().as_str()).await?;
        browser.wait_for("document.activeElement.id === 'entries'").await?;
        close(browser).await
    });
}

#[test]
fn with_all_logs_earlier_searches_and_statements_are_forgotten() {
    const KEPT: &str = "[localStorage['dendro.searches'] ?? '', localStorage['dendro.sql'] ?? ''].join('|')";
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        browser.run("location.hash = '#view=sql&sql=SELECT+1';", Value::Null).await?;
        browser.wait_for("document.querySelector('#run-sql') !== null").await?;
        click(&browser, "#run-sql").await?;
        browser.wait_for("document.querySelectorAll('#sql-earlier li').length === 1").await?;
        search(&browser, "order-000041").await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for(&format!("{KEPT} === 'order-000041|SELECT 1'")).await?;
        // Nothing that is still in the box is written anew.
        browser.run("location.hash = '';", Value::Null).await?;
        browser.wait_for("document.querySelector('#search').value === ''").await?;
        click(&browser, "#clear").await?;
        click(&browser, "#clear-question .danger").await?;
        browser.wait_for("document.querySelector('[data-stage=empty]') !== null").await?;
        browser
            .wait_for("localStorage['dendro.searches'] === undefined && localStorage['dendro.sql'] === undefined")
            .await?;
        browser.wait_for("document.querySelectorAll('#sql-earlier li').length === 0").await?;
        close(browser).await
    });
}

#[test]
fn a_value_of_an_entry_becomes_a_filter() {
    play(|stage| async move {
        let mut browser = with_log(&stage, 1000).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#details')?.innerText.includes('customer')").await?;
        let filter =
            "document.querySelector('#details button[aria-label^=\"Filter for\"][aria-label*=customer]').click();";
        browser.run(filter, Value::Null).await?;
        browser.wait_for("document.querySelector('#search').value.includes('customer')").await?;
        expect_found(&mut browser, 1).await?;
        close(browser).await
    });
}

async fn with_log(stage: &Stage, n_entries: usize) -> anyhow::Result<Chromium> {
    let log = stage.file("checkout.log", shop_log(n_entries))?;
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    browser.drop_files(&[&log]).await?;
    browser.wait_for(ALL_SAVED).await?;
    expect_found(&mut browser, n_entries as u64).await?;
    Ok(browser)
}

/// Presses, moves and releases the mouse; `from` and `to` are shares of the histogram's width.
async fn drag_over_histogram(browser: &Chromium, from: f64, to: f64) -> anyhow::Result<()> {
    let place =
        "const { left, top, width, height } = document.querySelector('#histogram canvas').getBoundingClientRect();
        return { left, width, y: top + height / 2 };";
    let place = browser.run(place, Value::Null).await?;
    let number = |name: &str| place[name].as_f64().unwrap_or_default();
    let x = |share: f64| number("left") + number("width") * share;
    let steps = [
        ("mouseMoved", from, 0),
        ("mousePressed", from, 1),
        ("mouseMoved", (from + to) / 2.0, 1),
        ("mouseMoved", to, 1),
        ("mouseReleased", to, 0),
    ];
    for (kind, share, buttons) in steps {
        let event = json!({ "type": kind, "x": x(share), "y": number("y"), "button": "left", "buttons": buttons, "clickCount": 1 });
        browser.devtools("Input.dispatchMouseEvent", event).await?;
    }
    Ok(())
}
