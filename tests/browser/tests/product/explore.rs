//! Fields and their values as filters, and what the stages of a query make of its entries, with the way back to these.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{click, expect_found, press, search, with_shop_log};
use browser_tests::stage::{close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

const FIELDS_COUNTED: &str = "document.querySelector('#fields')?.dataset.complete === 'true'";
const RESULT_COUNTED: &str = "document.querySelector('#result')?.dataset.complete === 'true'";

#[test]
fn a_value_of_a_field_is_filtered_for_and_out_and_taken_back() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        show_fields(&mut browser).await?;
        let levels = "[...document.querySelectorAll('#fields [data-field=level] .pick')].map((pick) => pick.innerText.replace(/\\s+/g, ' ')).join()";
        browser.wait_for(&format!("{levels} === 'info 900,warn 90,error 10'")).await?;

        click(&browser, "#fields [data-field=level] .sev-warn .pick").await?;
        expect_found(&mut browser, 90).await?;
        assert_eq!(query(&browser).await?, "level:warn");
        browser.wait_for("document.querySelector('#fields .sev-warn .pick').ariaPressed === 'true'").await?;
        click(&browser, "#fields [data-field=level] .sev-warn .pick").await?;
        expect_found(&mut browser, 1000).await?;

        // The keyboard filters out.
        browser.wait_for(&format!("{levels} === 'info 900,warn 90,error 10'")).await?;
        browser.run("document.querySelector('#fields .sev-info .pick').focus();", Value::Null).await?;
        press(&browser, "-").await?;
        expect_found(&mut browser, 100).await?;
        assert_eq!(query(&browser).await?, "-level:info");
        browser.wait_for("document.activeElement.closest('#fields') !== null").await?;
        close(browser).await
    });
}

#[test]
fn a_second_value_of_a_field_is_let_through_beside_the_first() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        show_fields(&mut browser).await?;
        click(&browser, "#fields [data-field=level] .sev-warn .pick").await?;
        expect_found(&mut browser, 90).await?;
        // The other values can still be chosen, and say how many entries they would add.
        let n_errors = "document.querySelector('#fields [data-field=level] .sev-error .n')?.innerText";
        browser.wait_for(&format!("{n_errors} === '10'")).await?;
        click(&browser, "#fields [data-field=level] .sev-error .pick").await?;
        expect_found(&mut browser, 100).await?;
        let pressed = "document.querySelectorAll('#fields [data-field=level] .pick[aria-pressed=true]').length";
        browser.wait_for(&format!("{pressed} === 2")).await?;
        click(&browser, "#fields [data-field=level] .sev-warn .pick").await?;
        expect_found(&mut browser, 10).await?;
        assert_eq!(query(&browser).await?, "level:error");
        close(browser).await
    });
}

#[test]
fn a_double_click_on_a_value_filters_for_it_once_and_ctrl_z_takes_it_back() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        show_fields(&mut browser).await?;
        let errors = browser.driver().find(By::Css("#fields [data-field=level] .sev-error .pick")).await?;
        browser.driver().action_chain().double_click_element(&errors).perform().await?;
        expect_found(&mut browser, 10).await?;
        assert_eq!(query(&browser).await?, "level:error");
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        let keys = browser.driver().action_chain();
        keys.key_down(Key::Control).send_keys("z").key_up(Key::Control).perform().await?;
        expect_found(&mut browser, 1000).await?;
        close(browser).await
    });
}

#[test]
fn numbers_show_how_they_are_spread_and_a_bar_is_a_filter() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        show_fields(&mut browser).await?;
        let find = browser.driver().find(By::Id("find-field")).await?;
        find.send_keys("tot").await?;
        browser.wait_for("document.querySelectorAll('#fields .field').length === 1").await?;
        click(&browser, "#fields [data-field=total] .field-head").await?;
        browser.wait_for("document.querySelectorAll('#fields .figures dd').length === 4").await?;
        let label = "document.querySelector('#fields .bar').ariaLabel";
        let label = browser.run(&format!("return {label};"), Value::Null).await?;
        let n_in_bar: u64 = label
            .as_str()
            .and_then(|label| label.rsplit(": ").next()?.split(' ').next()?.replace(',', "").parse().ok())
            .unwrap_or_default();
        assert!((1..1000).contains(&n_in_bar), "{label}");
        browser.run("document.querySelector('#fields .bar').click();", Value::Null).await?;
        expect_found(&mut browser, n_in_bar).await?;
        close(browser).await
    });
}

#[test]
fn a_column_of_a_result_is_resized_by_keyboard_and_fits_again() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "order | count by level").await?;
        browser.wait_for(RESULT_COUNTED).await?;
        browser.wait_for("document.querySelectorAll('#result .hbar').length === 3").await?;
        click(&browser, "#as-table").await?;
        let width = "document.querySelector('#result-rows [role=columnheader] .grip')?.ariaValueNow";
        browser.wait_for(&format!("Number({width}) >= 4")).await?;
        let before = browser.run(&format!("return Number({width});"), Value::Null).await?;
        browser.run("document.querySelector('#result-rows [role=columnheader] .grip').focus();", Value::Null).await?;
        press(&browser, &Key::Right.value().to_string().repeat(3)).await?;
        let track = "document.querySelector('#result-rows').style.getPropertyValue('--columns')";
        browser
            .wait_for(&format!(
                "Number({width}) === {before} + 3 && location.hash.includes(`width=${{{width}}},level`) \
                    && {track}.startsWith(`${{{width}}}.5ch`)"
            ))
            .await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        browser.wait_for(&format!("Number({width}) === {before} && !location.hash.includes('width=')")).await?;
        assert_eq!(query(&browser).await?, "order | count by level", "no head was pressed, and no row opened");
        close(browser).await
    });
}

#[test]
fn a_row_of_a_result_leads_to_its_entries_and_back() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "order | count by level").await?;
        browser.wait_for(RESULT_COUNTED).await?;
        browser.wait_for("document.querySelectorAll('#result .hbar').length === 3").await?;
        click(&browser, "#as-table").await?;
        let cells = "[...document.querySelectorAll('#result-rows .record:not(.columns)')].map((row) => [...row.children].map((cell) => cell.innerText).join(' ')).join()";
        browser.wait_for(&format!("{cells} === 'info 900,warn 90,error 10'")).await?;

        click(&browser, "#result-rows [role=columnheader]:first-child button").await?;
        browser.wait_for("document.querySelector('#search').value.endsWith('| sort level')").await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for(&format!("{cells} === 'info 900,warn 90,error 10'")).await?;

        browser.run("document.querySelector('#result-rows').focus();", Value::Null).await?;
        press(&browser, &format!("{0}{0}{1}", Key::Down.value(), Key::Enter.value())).await?;
        expect_found(&mut browser, 90).await?;
        assert_eq!(query(&browser).await?, "order level:warn");
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for(RESULT_COUNTED).await?;

        // The entries that go in are one key away.
        browser.run("document.activeElement.blur();", Value::Null).await?;
        let is_in_sight = |id: &str| format!("document.querySelector('#{id}').checkVisibility()");
        press(&browser, "1").await?;
        browser.wait_for(&format!("{} && !{}", is_in_sight("entries"), is_in_sight("result"))).await?;
        expect_found(&mut browser, 1000).await?;
        browser.wait_for("location.hash.includes('view=entries')").await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for(&is_in_sight("result")).await?;
        browser.wait_for(RESULT_COUNTED).await?;
        press(&browser, "11").await?;
        browser.wait_for(&format!("{} && !location.hash.includes('view=')", is_in_sight("result"))).await?;
        close(browser).await
    });
}

#[test]
fn what_a_stage_cannot_do_is_said_and_time_is_drawn() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "| count by level | sort nothing").await?;
        browser.wait_for("document.querySelector('.result-problems')?.innerText.includes('nothing')").await?;
        search(&browser, "| stats avg(nobody_has_it)").await?;
        browser
            .wait_for("document.querySelector('.result-problems')?.innerText.includes('a number in “nobody_has_it”')")
            .await?;
        search(&browser, "| count by level | chart").await?;
        browser.wait_for("document.querySelector('#problems').innerText.includes('chart')").await?;
        search(&browser, "| timeline 1m by level").await?;
        browser.wait_for("document.querySelectorAll('#result .over-time path.area').length === 3").await?;
        search(&browser, "| timeline 1m p95(total)").await?;
        browser.wait_for("document.querySelectorAll('#result .over-time path.line').length === 1").await?;
        close(browser).await
    });
}

#[test]
fn what_pseudonyms_stand_for_is_looked_for_and_forgotten() {
    const ROWS: &str = "[...document.querySelectorAll('#pseudonyms tbody tr')].map((row) => row.innerText.replace(/\\s+/g, ' ').trim())";
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "x").await?;
        click(&browser, "#disguise").await?;
        browser.wait_for("document.querySelector('#disguise-preview')?.innerText.includes('user-1')").await?;
        click(&browser, "#export-menu button[popovertarget=pseudonyms]").await?;
        browser.wait_for(&format!("{ROWS}.length === 500")).await?;
        let words = browser.driver().find(By::Id("pseudonym-words")).await?;
        words.send_keys("user-2").await?;
        browser.wait_for(&format!("{ROWS}.length < 500 && {ROWS}[0] === 'user 7919 user-2'")).await?;
        browser.run("document.querySelector('#pseudonyms tbody tr button:last-of-type').click();", Value::Null).await?;
        browser.wait_for(&format!("{ROWS}.every((row) => !row.includes('7919 user-2'))")).await?;
        click(&browser, "#remember-pseudonym").await?;
        browser.wait_for(&format!("{ROWS}[0] === 'user 7919 user-2'")).await?;
        click(&browser, "#forget-pseudonyms").await?;
        click(&browser, "#forget-for-good").await?;
        browser.wait_for(&format!("{ROWS}.length === 0")).await?;
        close(browser).await
    });
}

async fn show_fields(browser: &mut Chromium) -> anyhow::Result<()> {
    click(browser, "#tab-fields").await?;
    browser.wait_for(FIELDS_COUNTED).await.map(drop)
}

async fn query(browser: &Chromium) -> anyhow::Result<Value> {
    browser.run("return document.querySelector('#search').value;", Value::Null).await
}

#[test]
fn a_query_that_was_looked_at_is_a_step_to_go_back_to() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        let field = browser.driver().find(By::Id("search")).await?;
        // The page's clock stands still while somebody types, however long that takes here.
        browser.run("Date.now = () => 1e12;", Value::Null).await?;
        field.send_keys("level:error").await?;
        expect_found(&mut browser, 10).await?;
        // Somebody who types on a while later.
        browser.run("Date.now = () => 1e12 + 60_000;", Value::Null).await?;
        field.send_keys(" OR level:warn").await?;
        expect_found(&mut browser, 100).await?;
        browser.run("history.back();", Value::Null).await?;
        expect_found(&mut browser, 10).await?;
        assert_eq!(query(&browser).await?, "level:error");
        close(browser).await
    });
}

#[test]
fn now_is_where_the_data_ends_or_the_clock_as_chosen_and_the_address_says_so() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        click(&browser, "#times").await?;
        click(&browser, "#times-menu [data-last='5m']").await?;
        assert_eq!(query(&browser).await?, "time>now-5m");
        let is_some =
            "Number(document.querySelector('.found')?.innerText.match(/^[\\d,]+ match/)?.[0].replace(/\\D/g, '') ?? 0)";
        browser.wait_for(&format!("{is_some} > 0")).await?;
        browser.wait_for("document.querySelector('#times').innerText.includes('end of data')").await?;
        // By the clock the log has ended long ago; a click puts that right.
        click(&browser, "#now-clock").await?;
        expect_found(&mut browser, 0).await?;
        browser
            .wait_for(
                "location.hash.includes('now=clock') && document.querySelector('#times').innerText.includes('clock')",
            )
            .await?;
        browser.run("document.querySelector('#times-menu').hidePopover();", Value::Null).await?;
        click(&browser, "#from-data-end").await?;
        browser.wait_for(&format!("{is_some} > 0 && !location.hash.includes('now=')")).await?;
        close(browser).await
    });
}

#[test]
fn more_values_of_a_field_come_in_steps_and_ids_are_marked() {
    play(|stage| async move {
        let line = |i: usize| {
            format!("2026-11-01T00:00:00.{:03}Z INFO shop - done trace_id=t{}x host=h{}\n", i % 1000, i / 2, i % 25)
        };
        let log = stage.file("shop.log", (0..400).map(line).collect::<String>())?;
        let mut browser = stage.browser().await?;
        browser.wait_for(browser_tests::dendro::OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 400).await?;
        show_fields(&mut browser).await?;
        browser.wait_for("document.querySelector('#fields [data-field=trace_id] .many') !== null").await?;
        browser.wait_for("document.querySelector('#fields [data-field=host] .many') === null").await?;
        click(&browser, "#fields [data-field=trace_id] .field-head").await?;
        let n_values = "document.querySelectorAll('#fields [data-field=trace_id] .value').length";
        for n in [10, 30, 100, 200] {
            browser.wait_for(&format!("{n_values} === {n}")).await?;
            if n < 200 {
                click(&browser, "#fields [data-field=trace_id] .more-values").await?;
            }
        }
        browser.wait_for("document.querySelector('#fields [data-field=trace_id] .more-values') === null").await?;
        // The timeline by a field, and its column, with the keyboard alone.
        browser.run("document.querySelector('#fields [data-field=host] .field-head').focus();", Value::Null).await?;
        press(&browser, "t").await?;
        browser.wait_for("location.hash.includes('lanes=host') && document.querySelector('#lanes') !== null").await?;
        press(&browser, "c").await?;
        browser.wait_for("location.hash.includes('col=host')").await?;
        close(browser).await
    });
}

#[test]
fn a_result_without_rows_says_which_stage_left_none_and_how_to_go_on() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "level:error | count by service | where count>5000").await?;
        browser
            .wait_for("document.querySelector('.result-problems')?.innerText.includes('passes “where count>5000”')")
            .await?;
        click(&browser, "#no-rows button").await?;
        browser.wait_for(&format!("{RESULT_COUNTED} && document.querySelector('#no-rows') === null")).await?;
        assert_eq!(query(&browser).await?, "level:error | count by service");
        close(browser).await
    });
}

#[test]
fn keys_of_other_log_viewers_do_what_their_users_expect() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "jp").await?;
        browser.wait_for("document.querySelector('#details') !== null").await?;
        press(&browser, "p").await?;
        browser.wait_for("document.querySelector('#details') === null").await?;
        press(&browser, "i").await?;
        browser.wait_for("document.activeElement.matches('#histogram .plot')").await?;
        press(&browser, "i").await?;
        browser.wait_for("document.activeElement.id === 'entries'").await?;
        press(&browser, ":").await?;
        browser.wait_for("document.querySelector('#palette')?.matches(':popover-open')").await?;
        close(browser).await
    });
}
