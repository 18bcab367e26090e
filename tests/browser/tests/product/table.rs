//! How entries are read in their table: columns of fields, how rows look, finding without leaving out.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{click, expect_found, press, with_shop_log};
use browser_tests::stage::{close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

/// Names of the columns of fields, from left to right.
const COLUMNS: &str = "[...document.querySelectorAll('#entries [data-column]')].map((head) => head.dataset.column).filter((name) => !['time', 'level', 'service', 'message'].includes(name)).join()";
/// What the second entry has in them.
const SECOND_VALUES: &str = "[...document.querySelectorAll('#entries .entry')[1]?.querySelectorAll('.value-cell') ?? []].map((cell) => cell.innerText).join()";

#[test]
fn fields_get_columns_that_are_moved_resized_and_removed_by_keyboard() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        // From the fields, from the details, and from the commands.
        click(&browser, "#tab-fields").await?;
        browser.wait_for("document.querySelector('#fields')?.dataset.complete === 'true'").await?;
        click(&browser, "#fields [data-field=customer] .field-head").await?;
        click(&browser, "#fields [data-field=customer] .stages button:last-child").await?;
        browser.wait_for(&format!("{COLUMNS} === 'customer' && {SECOND_VALUES} === '7919'")).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#details [aria-label=\"Column of total\"]') !== null").await?;
        click(&browser, "#details [aria-label='Column of total']").await?;
        browser.wait_for(&format!("{SECOND_VALUES} === '7919,1.01'")).await?;
        press_with_ctrl(&browser, "k").await?;
        press(&browser, "column: source").await?;
        browser
            .wait_for("document.querySelector('#commands [role=option]')?.innerText.includes('column: Source')")
            .await?;
        press(&browser, &Key::Enter.value().to_string()).await?;
        browser.wait_for(&format!("{SECOND_VALUES} === '7919,1.01,checkout.log'")).await?;
        browser.wait_for("location.hash.includes('col=customer&col=total&col=source')").await?;

        browser.run("document.querySelector('[data-column=total] button').focus();", Value::Null).await?;
        press(&browser, &Key::Enter.value().to_string()).await?;
        browser.wait_for("document.querySelector('#column-menu:popover-open') !== null").await?;
        browser.run("document.querySelector('#column-menu button').focus();", Value::Null).await?;
        press(&browser, &Key::Enter.value().to_string()).await?;
        browser
            .wait_for(&format!("{COLUMNS} === 'total,customer,source' && {SECOND_VALUES} === '1.01,7919,checkout.log'"))
            .await?;
        click(&browser, "#hide-column").await?;
        browser
            .wait_for(&format!("{COLUMNS} === 'customer,source' && document.activeElement.id === 'entries'"))
            .await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for(&format!("{COLUMNS} === 'total,customer,source'")).await?;

        let width = "document.querySelector('[data-column=customer] .grip')?.ariaValueNow";
        let before = browser.run(&format!("return Number({width});"), Value::Null).await?;
        browser.run("document.querySelector('[data-column=customer] .grip').focus();", Value::Null).await?;
        press(&browser, &Key::Right.value().to_string().repeat(3)).await?;
        browser
            .wait_for(&format!(
                "Number({width}) === {before} + 3 && location.hash.includes(`width=${{{width}}},customer`)"
            ))
            .await?;
        browser.run("location.reload();", Value::Null).await?;
        browser.wait_for(&format!("{COLUMNS} === 'total,customer,source' && Number({width}) === {before} + 3")).await?;
        close(browser).await
    });
}

#[test]
fn many_columns_move_sideways_and_every_state_of_them_is_accessible() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        axe::load(&browser).await?;
        let names = "abcdefghij".chars().map(|name| format!("&col={name}{name}{name}")).collect::<String>();
        browser.run(&format!("location.hash = '#{}';", &names[1..]), Value::Null).await?;
        browser.wait_for("document.querySelectorAll('#entries [data-column]').length === 14").await?;
        // An entry without the field says so.
        browser
            .wait_for("document.querySelector('#entries .entry')?.querySelectorAll('.absent').length === 10")
            .await?;
        browser
            .wait_for("document.querySelector('#entries').scrollWidth > document.querySelector('#entries').clientWidth")
            .await?;
        browser.run("document.querySelector('#entries').scrollLeft = 5000;", Value::Null).await?;
        let is_in_sight = |selector: &str| {
            format!(
                "document.querySelector('{selector}').getBoundingClientRect().right <= document.querySelector('#entries').getBoundingClientRect().right"
            )
        };
        browser
            .wait_for(&format!("{} && {}", is_in_sight("#entries .columns"), is_in_sight("#entries .entry")))
            .await?;
        let mut violations = in_both_themes(&browser, "columns").await?;
        browser.run("document.querySelector('#entries [data-column=jjj] button').click();", Value::Null).await?;
        violations.extend(in_both_themes(&browser, "menu of a column").await?);
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        close(browser).await
    });
}

#[test]
fn rows_look_as_chosen_and_are_found_so_again() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        axe::load(&browser).await?;
        let height = "document.querySelector('#entries .entry')?.offsetHeight";
        let time = "document.querySelectorAll('#entries .entry .time')[5]?.innerText";
        browser.wait_for(&format!("{height} === 24 && {time} === '2026-11-01 00:00:05.000'")).await?;
        press(&browser, "v").await?;
        browser.wait_for("document.querySelector('#display-menu:popover-open') !== null").await?;
        let mut violations = in_both_themes(&browser, "how entries look").await?;
        for choice in ["compact", "3", "above", "us", "service"] {
            click(&browser, &format!("#display-menu [data-choice='{choice}']")).await?;
        }
        browser.wait_for(&format!("{height} === 56 && {time} === '+1.000000s'")).await?;
        browser.wait_for("/series-\\d/.test(document.querySelector('#entries .entry')?.className)").await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        violations.extend(in_both_themes(&browser, "rows of three lines").await?);
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        // The last row is as near as before.
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "G").await?;
        browser
            .wait_for("[...document.querySelectorAll('#entries .entry')].at(-1)?.innerText.includes('order-000999')")
            .await?;
        press(&browser, "tt").await?;
        browser
            .wait_for(
                "[...document.querySelectorAll('#entries .entry .time')].at(-1)?.innerText.endsWith('00:16:39.000000')",
            )
            .await?;
        browser.run("location.reload();", Value::Null).await?;
        browser.wait_for(&format!("{height} === 56")).await?;
        close(browser).await
    });
}

#[test]
fn what_is_found_is_gone_to_and_nothing_is_left_out() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        axe::load(&browser).await?;
        let words = "document.querySelector('#n-hits')?.innerText";
        let selected = "document.querySelector('#entries [aria-selected=true]')?.innerText";
        press_with_ctrl(&browser, "f").await?;
        browser.wait_for("document.activeElement.id === 'find'").await?;
        press(&browser, "refus").await?;
        browser.wait_for(&format!("{words} === '10 found'")).await?;
        press(&browser, &Key::Enter.value().to_string()).await?;
        browser.wait_for(&format!("{words} === '1 of 10' && {selected}?.includes('order-000099')")).await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true] mark')?.innerText === 'refus'").await?;
        expect_found(&mut browser, 1000).await?;
        let violations = in_both_themes(&browser, "find bar").await?;
        assert!(violations.is_empty(), "{}", violations.join("\n"));

        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "n").await?;
        browser.wait_for(&format!("{words} === '2 of 10' && {selected}?.includes('order-000199')")).await?;
        press(&browser, "N").await?;
        browser.wait_for(&format!("{words} === '1 of 10'")).await?;
        // Before the first comes the last.
        press(&browser, "N").await?;
        browser.wait_for(&format!("{words} === '10 of 10' && {selected}?.includes('order-000999')")).await?;

        click(&browser, "#filter-by-it").await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for("document.querySelector('#find-bar') === null").await?;
        browser.wait_for("document.querySelector('#search').value === 'refus*'").await?;
        // Esc closes the bar, then the rest.
        press_with_ctrl(&browser, "f").await?;
        browser.wait_for("document.activeElement.id === 'find'").await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        browser
            .wait_for("document.querySelector('#find-bar') === null && document.activeElement.id === 'entries'")
            .await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true]') !== null").await?;
        close(browser).await
    });
}

#[test]
fn the_strip_shows_where_the_errors_are_and_goes_there() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.wait_for("document.querySelectorAll('#strip .sev-error').length > 0").await?;
        browser.wait_for("document.querySelectorAll('#strip .sev-warn').length > 0").await?;
        // In the middle of the strip is the middle row.
        click(&browser, "#strip").await?;
        browser.wait_for("[...document.querySelectorAll('#entries .entry')].some((row) => row.innerText.includes('order-000500'))").await?;
        browser.wait_for("!document.querySelector('#strip .bookmark').getAttribute('d')").await?;
        press(&browser, "em").await?;
        browser.wait_for("document.querySelector('#strip .bookmark').getAttribute('d').length > 0").await?;
        press(&browser, "r").await?;
        browser.wait_for("document.querySelectorAll('#strip .sev-error').length > 0").await?;
        press(&browser, "r").await?;
        browser.wait_for("document.querySelector('#strip')?.hidden").await?;
        close(browser).await
    });
}

#[test]
fn the_strip_shows_what_is_found_until_the_find_is_closed() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.wait_for("document.querySelectorAll('#strip .sev-error').length > 0").await?;
        let n_found = "[...document.querySelectorAll('#strip .found')].filter((path) => path.getAttribute('d')).length";
        press_with_ctrl(&browser, "f").await?;
        browser.wait_for("document.activeElement.id === 'find'").await?;
        press(&browser, "refus").await?;
        browser.wait_for(&format!("{n_found} > 0")).await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        browser.wait_for(&format!("{n_found} === 0")).await?;
        close(browser).await
    });
}

#[test]
fn sorting_by_a_column_leads_to_the_rows_of_the_result() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.run("location.hash = '#col=customer';", Value::Null).await?;
        browser.wait_for(&format!("{COLUMNS} === 'customer'")).await?;
        browser.run("document.querySelector('[data-column=customer] button').focus();", Value::Null).await?;
        press(&browser, &Key::Enter.value().to_string()).await?;
        browser.wait_for("document.querySelector('#column-menu:popover-open') !== null").await?;
        browser.run("document.querySelector('#sort-by-column').focus();", Value::Null).await?;
        press(&browser, &Key::Enter.value().to_string()).await?;
        browser.wait_for("document.querySelector('#search').value.endsWith('| sort -customer')").await?;
        browser.wait_for("document.activeElement.id === 'result-rows'").await?;
        close(browser).await
    });
}

#[test]
fn the_sidebar_is_as_wide_as_somebody_made_it() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        let width = "document.querySelector('#sidebar')?.offsetWidth";
        let before = browser.run(&format!("return {width};"), Value::Null).await?;
        browser.run("document.querySelector('[aria-label=\"Width of the sidebar\"]').focus();", Value::Null).await?;
        press(&browser, &Key::Right.value().to_string().repeat(2)).await?;
        browser.wait_for(&format!("{width} === {before} + 48")).await?;
        browser
            .wait_for(
                "Math.abs(document.activeElement.ariaValueNow - document.querySelector('#sidebar').offsetWidth) < 2",
            )
            .await?;
        browser.run("location.reload();", Value::Null).await?;
        browser.wait_for(&format!("document.querySelector('#sidebar') && {width} === {before} + 48")).await?;
        close(browser).await
    });
}

/// Presses a key with Ctrl wherever the focus is.
async fn press_with_ctrl(browser: &Chromium, key: &str) -> anyhow::Result<()> {
    Ok(browser.driver().action_chain().key_down(Key::Control).send_keys(key).key_up(Key::Control).perform().await?)
}
