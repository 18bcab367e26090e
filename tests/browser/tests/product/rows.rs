//! What rows show, by which column, zone, zero and colour, and several rows chosen at once.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{
    ALL_SAVED, N_FOUND, OPENED, click, expect_found, press, search, with_samples, with_shop_log,
};
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

const COLUMNS: &str =
    "[...document.querySelectorAll('#entries [data-column]')].map((head) => head.dataset.column).join()";
const N_CHOSEN: &str = "document.querySelector('#n-chosen')?.innerText";
/// Rows on screen that are said to be selected.
const N_SELECTED: &str = "document.querySelectorAll('#entries [aria-selected=true]').length";

#[test]
fn time_level_service_and_message_are_columns_like_any_other() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.wait_for(&format!("{COLUMNS} === 'time,level,service,message'")).await?;
        // Hidden from the menu of its head, shown again where it was from the menu of how entries look.
        click(&browser, "[data-column=time] button").await?;
        click(&browser, "#hide-column").await?;
        browser
            .wait_for(&format!("{COLUMNS} === 'level,service,message' && location.hash.includes('columns=level')"))
            .await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "v").await?;
        click(&browser, "#display-menu [data-choice=column-time]").await?;
        browser
            .wait_for(&format!("{COLUMNS} === 'time,level,service,message' && !location.hash.includes('columns=')"))
            .await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        // Moved with the keyboard, then with the mouse.
        browser.run("document.querySelector('[data-column=service] button').focus();", Value::Null).await?;
        press_held(&browser, Key::Shift, &Key::Left.value().to_string()).await?;
        browser
            .wait_for(&format!("{COLUMNS} === 'time,service,level,message' && document.activeElement.closest('[data-column=service]') !== null"))
            .await?;
        let head = browser.driver().find(By::Css("[data-column=service] button")).await?;
        let time = browser.driver().find(By::Css("[data-column=time] button")).await?;
        browser.driver().action_chain().drag_and_drop_element(&head, &time).perform().await?;
        browser.wait_for(&format!("{COLUMNS} === 'service,time,level,message'")).await?;
        assert_eq!(
            browser.run("return document.querySelector('#column-menu:popover-open');", Value::Null).await?,
            Value::Null
        );
        browser.run("location.reload();", Value::Null).await?;
        browser.wait_for(&format!("{COLUMNS} === 'service,time,level,message'")).await?;
        browser
            .wait_for("document.querySelector('#entries .entry > [role=gridcell]')?.innerText === 'checkout'")
            .await?;
        close(browser).await
    });
}

#[test]
fn rows_show_their_message_their_line_or_their_fields_alone() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        axe::load(&browser).await?;
        let cells = "[...document.querySelector('#entries .entry')?.querySelectorAll('[role=gridcell]') ?? []].map((cell) => cell.innerText).join('|')";
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "R").await?;
        browser.wait_for(&format!("{cells} === 'checkout - order placed order-000000 customer=0 total=0.00'")).await?;
        press(&browser, "R").await?;
        browser
            .wait_for(&format!(
                "{cells} === '2026-11-01T00:00:00.000Z INFO checkout - order placed order-000000 customer=0 total=0.00'"
            ))
            .await?;
        let violations = in_both_themes(&browser, "raw lines").await?;
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        press(&browser, "R").await?;
        browser
            .wait_for(&format!("{cells}.startsWith('customer=0  total=0.00') && location.hash === '#show=fields'"))
            .await?;
        browser.run("location.reload();", Value::Null).await?;
        browser.wait_for(&format!("{cells}.startsWith('customer=0')")).await?;
        click(&browser, "#show-columns").await?;
        browser.wait_for(&format!("{COLUMNS} === 'time,level,service,message'")).await?;
        close(browser).await
    });
}

#[test]
fn several_rows_are_chosen_copied_bookmarked_and_let_go() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        axe::load(&browser).await?;
        browser
            .run(
                "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };",
                Value::Null,
            )
            .await?;
        click_row(&browser, 2, None).await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        click_row(&browser, 5, Some(Key::Shift)).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '4 entries chosen' && {N_SELECTED} === 4")).await?;
        click_row(&browser, 3, Some(Key::Control)).await?;
        click_row(&browser, 8, Some(Key::Control)).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '4 entries chosen' && {N_SELECTED} === 4")).await?;
        click(&browser, "#choice-bar [data-form=log]").await?;
        browser
            .wait_for(
                "window.copied?.match(/order-\\d+/g).join() === 'order-000002,order-000004,order-000005,order-000008'",
            )
            .await?;
        click(&browser, "#choice-bar [data-form=jsonl]").await?;
        browser
            .wait_for("window.copied.startsWith('{') && window.copied.trim().split('\\n').map((line) => JSON.parse(line).fields.total).length === 4")
            .await?;
        click(&browser, "#choice-bar [data-form=md]").await?;
        browser.wait_for("window.copied.startsWith('**2026-11-01T00:00:02')").await?;
        browser.run("window.copied = ''; document.querySelector('#entries').focus();", Value::Null).await?;
        press_held(&browser, Key::Control, "c").await?;
        browser.wait_for("window.copied.match(/order-\\d+/g)?.length === 4").await?;
        let violations = in_both_themes(&browser, "several rows").await?;
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        // Marked, and once more: not any longer.
        press(&browser, "m").await?;
        browser.wait_for("document.querySelectorAll('#entries .entry.marked').length === 4").await?;
        press(&browser, "m").await?;
        browser.wait_for("document.querySelectorAll('#entries .entry.marked').length === 0").await?;

        // Single rows have no one time: the button says so.
        click(&browser, "#note-chosen").await?;
        browser.wait_for("document.querySelector('#note-on-time').ariaDisabled === 'true' && document.querySelector('#chosen-note').innerText.includes('Shift, not Ctrl')").await?;
        // Without a note nothing is bookmarked, and the form waits for one.
        press_held(&browser, Key::Control, &Key::Enter.value().to_string()).await?;
        press(&browser, "all of the #same kind").await?;
        press_held(&browser, Key::Control, &Key::Enter.value().to_string()).await?;
        browser.wait_for("document.querySelectorAll('#entries .entry.marked').length === 4").await?;
        // Esc lets go of them first, then of the row that is looked at.
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        browser.wait_for(&format!("{N_CHOSEN} === undefined && {N_SELECTED} === 1")).await?;
        click(&browser, "#entries .marked").await?;
        browser.wait_for("document.querySelector('#details')?.innerText.includes('all of the #same kind')").await?;
        close(browser).await
    });
}

#[test]
fn more_rows_than_are_bookmarked_at_once_say_why() {
    play(|stage| async move {
        let mut browser = with_samples(&stage).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press_held(&browser, Key::Control, "a").await?;
        browser.wait_for("document.querySelector('#mark-chosen')?.title.startsWith('At most 1,000 entries')").await?;
        click(&browser, "#mark-chosen").await?;
        browser.wait_for("document.querySelector('.toast')?.innerText.startsWith('At most 1,000 entries')").await?;
        close(browser).await
    });
}

#[test]
fn a_long_press_chooses_and_taps_choose_more() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        let touch = "window.touch = (row, type) => {
            const target = document.querySelectorAll('#entries .entry .text')[row], box = target.getBoundingClientRect();
            const at = { bubbles: true, cancelable: true, pointerType: 'touch', isPrimary: true, clientX: box.x + 5, clientY: box.y + 5 };
            target.dispatchEvent(new PointerEvent(type, at));
        };
        window.tap = (row) => { touch(row, 'pointerdown'); touch(row, 'pointerup'); touch(row, 'click'); };";
        browser.run(touch, Value::Null).await?;
        browser.run("touch(2, 'pointerdown');", Value::Null).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '1 entry chosen'")).await?;
        browser.run("touch(2, 'pointerup'); touch(2, 'click');", Value::Null).await?;
        browser.run("tap(4); tap(5);", Value::Null).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '3 entries chosen' && {N_SELECTED} === 3")).await?;
        assert_eq!(browser.run("return document.querySelector('#details');", Value::Null).await?, Value::Null);
        browser.run("tap(2); tap(4); tap(5);", Value::Null).await?;
        browser.wait_for(&format!("{N_CHOSEN} === undefined")).await?;
        // None is chosen: a tap opens again.
        browser.run("tap(4);", Value::Null).await?;
        browser.wait_for("document.querySelector('#details') !== null").await?;
        // A mouse beside the screen opens, whatever a finger has chosen.
        browser.run("touch(3, 'pointerdown');", Value::Null).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '1 entry chosen'")).await?;
        browser.run("touch(3, 'pointerup'); touch(3, 'click');", Value::Null).await?;
        click_row(&browser, 1, None).await?;
        browser.wait_for(&format!("{N_CHOSEN} === undefined")).await?;
        close(browser).await
    });
}

#[test]
fn rows_are_chosen_with_keys_however_many_they_are() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        click_row(&browser, 0, None).await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        for _ in 0..3 {
            press_held(&browser, Key::Shift, &Key::Down.value().to_string()).await?;
        }
        browser.wait_for(&format!("{N_CHOSEN} === '4 entries chosen'")).await?;
        press_held(&browser, Key::Shift, &Key::End.value().to_string()).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '1,000 entries chosen'")).await?;
        press_held(&browser, Key::Shift, &Key::Up.value().to_string()).await?;
        browser.wait_for(&format!("{N_CHOSEN} === '999 entries chosen'")).await?;
        // Other rows are others.
        search(&browser, "refused").await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for(&format!("{N_CHOSEN} === undefined")).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press_held(&browser, Key::Control, "a").await?;
        browser.wait_for(&format!("{N_CHOSEN} === '10 entries chosen'")).await?;
        press(&browser, "j").await?;
        browser.wait_for(&format!("{N_CHOSEN} === undefined")).await?;
        close(browser).await
    });
}

#[test]
fn the_pinned_row_is_the_zero_of_all_others() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        let spans = "[...document.querySelectorAll('#entries .entry .since')].slice(0, 4).map((cell) => cell.innerText.trim()).join()";
        click_row(&browser, 2, None).await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        press(&browser, "P").await?;
        browser.wait_for(&format!("{COLUMNS} === 'time,since-pin,level,service,message'")).await?;
        browser
            .wait_for(&format!("{spans}.replaceAll('pinned', '').replace(/\\s/g, '') === '−2.000s,−1.000s,0s,+1.000s'"))
            .await?;
        browser.run("location.reload();", Value::Null).await?;
        browser
            .wait_for(&format!(
                "{spans}.includes('−2.000s') && document.querySelectorAll('#entries .entry.pinned').length === 1"
            ))
            .await?;
        press(&browser, "G").await?;
        browser
            .wait_for("[...document.querySelectorAll('#entries .entry .since')].at(-1)?.innerText === '+16m37.000s'")
            .await?;
        click(&browser, "#go-to-pin").await?;
        browser.wait_for("document.querySelector('#entries .entry.pinned[aria-selected=true]') !== null").await?;
        click(&browser, "#let-go-of-pin").await?;
        browser
            .wait_for(&format!("{COLUMNS} === 'time,level,service,message' && !location.hash.includes('pin=')"))
            .await?;
        close(browser).await
    });
}

#[test]
fn rows_are_coloured_by_any_field_and_say_its_value() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "v").await?;
        browser.wait_for("document.querySelector('#display-menu:popover-open') !== null").await?;
        browser.driver().find(By::Id("colour-field")).await?.send_keys("customer" + Key::Enter).await?;
        browser.wait_for("location.hash.includes('colour=customer')").await?;
        browser.wait_for("document.querySelectorAll('#entries .entry .stripe')[1]?.title === 'customer: 7919'").await?;
        browser.wait_for("new Set([...document.querySelectorAll('#entries .entry')].map((row) => row.className.match(/series-\\d/)?.[0])).size > 3").await?;
        // What the colours are is told above the rows; a field that is nowhere is told, and changes nothing.
        browser.wait_for("document.querySelector('#colour-legend')?.innerText.includes('more in sight') && document.querySelectorAll('#colour-legend li[class^=series]').length === 7").await?;
        let field = browser.driver().find(By::Id("colour-field")).await?;
        // All of what stands there, since an empty field is a choice, too.
        field.send_keys(Key::Control + "a").await?;
        field.send_keys("custommer" + Key::Enter).await?;
        browser.wait_for("document.querySelector('.toast')?.innerText.includes('No entry has a field “custommer”') && document.querySelector('#colour-field').value === 'customer'").await?;
        browser.wait_for("location.hash.includes('colour=customer')").await?;
        click(&browser, "#display-menu [data-choice=level]").await?;
        browser.wait_for("document.querySelector('#colour-legend') === null").await?;
        browser
            .wait_for("document.querySelector('#entries .entry .stripe') === null && !location.hash.includes('colour')")
            .await?;
        close(browser).await
    });
}

#[test]
fn times_are_shown_in_the_zones_of_their_own_stamps() {
    play(|stage| async move {
        let zoned = stage.file("zoned.log", "2026-11-20T10:00:00+02:00 INFO one\n2026-11-20T08:30:00Z INFO two\n")?;
        let naive = stage.file("naive.log", "2026-11-20 11:00:00 INFO three\n")?;
        let mut browser = opened(&stage).await?;
        browser.drop_files(&[&zoned, &naive]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 3).await?;
        let times = "[...document.querySelectorAll('#entries .entry .time')].map((cell) => cell.innerText).join()";
        browser.run("document.querySelector('#zone').click();", Value::Null).await?;
        browser.run("[...document.querySelectorAll('#zone-menu button')].find((button) => button.innerText === 'As in the logs').click();", Value::Null).await?;
        browser
            .wait_for(&format!(
                "{times} === '2026-11-20 10:00:00 +02:00,2026-11-20 08:30:00 +00:00,2026-11-20 11:00:00 +00:00?'"
            ))
            .await?;
        browser
            .wait_for("document.querySelectorAll('#entries .entry .time')[2].title.includes('names no zone')")
            .await?;
        browser.wait_for("location.hash.includes('zone=written')").await?;
        // So are those of the details.
        press(&browser, &Key::Escape.value().to_string()).await?;
        browser.wait_for("document.querySelector('#zone-menu:popover-open') === null").await?;
        click_row(&browser, 0, None).await?;
        browser
            .wait_for("document.querySelector('#its-time')?.innerText === '2026-11-20 10:00:00 +02:00' && document.querySelector('#details .when').innerText.includes('08:00:00 UTC')")
            .await?;
        close(browser).await
    });
}

#[test]
fn rows_that_a_query_takes_away_are_dimmed_before_they_vanish() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        let watch = "window.seen = []; new MutationObserver(() => {
            const going = document.querySelectorAll('#entries .going').length;
            if (going) seen.push([going, document.querySelectorAll('#entries .entry').length, document.querySelector('#entries').ariaRowCount]);
        }).observe(document.querySelector('#entries'), { subtree: true, attributes: true, childList: true });";
        browser.run(watch, Value::Null).await?;
        browser.run("document.querySelector('#search').focus();", Value::Null).await?;
        // Of the rows in sight one in ten is slow.
        press(&browser, "l").await?;
        press(&browser, "o").await?;
        press(&browser, "n").await?;
        press(&browser, "g").await?;
        expect_found(&mut browser, 90).await?;
        browser.wait_for("document.querySelectorAll('#entries .going').length === 0").await?;
        let seen = browser.run("return seen;", Value::Null).await?;
        let first = seen.as_array().and_then(|seen| seen.first()).cloned().unwrap_or_default();
        let (going, in_all) = (first[0].as_u64().unwrap_or_default(), first[1].as_u64().unwrap_or_default());
        assert!(going > 0 && going < in_all, "{seen}");
        assert_eq!(first[2], "1001", "the rows were all still there");
        close(browser).await
    });
}

#[test]
fn who_wants_less_motion_sees_no_row_dimmed_before_it_vanishes() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        let calm = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        browser.devtools("Emulation.setEmulatedMedia", calm).await?;
        let watch = "window.nHeld = 0; new MutationObserver(() => {
            if (document.querySelector('#entries').matches('.previewing')) nHeld++;
        }).observe(document.querySelector('#entries'), { attributes: true, attributeFilter: ['class'] });";
        browser.run(watch, Value::Null).await?;
        browser.run("document.querySelector('#search').focus();", Value::Null).await?;
        for letter in ["l", "o", "n", "g"] {
            press(&browser, letter).await?;
        }
        expect_found(&mut browser, 90).await?;
        assert_eq!(browser.run("return nHeld;", Value::Null).await?, json!(0));
        close(browser).await
    });
}

#[test]
fn a_letter_that_is_taken_back_at_once_leaves_the_table_where_it_is() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.run("document.querySelector('#entries').scrollTop = 4800;", Value::Null).await?;
        let top = "document.querySelector('#entries .entry .text').innerText";
        browser.wait_for(&format!("{top}.includes('order-0002')")).await?;
        let before = browser.run(&format!("return {top};"), Value::Null).await?;
        let type_and_take_back = "const box = document.querySelector('#search');
            box.focus();
            for (const text of ['l', '']) {
                box.value = text;
                box.dispatchEvent(new Event('input', { bubbles: true }));
                await new Promise((done) => setTimeout(done, 20));
            }
            // Longer than rows are held back.
            await new Promise((done) => setTimeout(done, 1000));";
        browser.run_async(type_and_take_back, Value::Null).await?;
        assert_eq!(browser.run(&format!("return {top};"), Value::Null).await?, before);
        assert_eq!(browser.run("return document.querySelector('#entries').scrollTop;", Value::Null).await?, 4800);
        close(browser).await
    });
}

#[test]
fn the_table_is_as_long_as_what_is_found_however_fast_it_was_counted() {
    play(|stage| async move {
        let mut browser = with_samples(&stage).await?;
        browser.run("document.querySelector('#search').focus();", Value::Null).await?;
        for letter in ["e", "r", "r", "o", "r"] {
            press(&browser, letter).await?;
        }
        let found = "Number(document.querySelector('.search .found').innerText.match(/^([\\d,]+) matches$/)[1].replaceAll(',', ''))";
        browser.wait_for(&format!("{found} > 100 && {found} === {N_FOUND}")).await?;
        close(browser).await
    });
}

#[test]
fn all_of_a_request_is_found_by_whatever_names_it() {
    play(|stage| async move {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let json = [
            format!(r#"{{"time":"2026-11-20T10:00:00Z","level":"info","msg":"field","trace_id":"{id}"}}"#),
            format!(
                r#"{{"time":"2026-11-20T10:00:01Z","level":"info","msg":"header","headers":{{"X-B3-TraceId":"{id}"}}}}"#
            ),
        ];
        let text = [
            format!("2026-11-20T10:00:02Z INFO text traceparent: 00-{id}-00f067aa0ba902b7-01"),
            "2026-11-20T10:00:03Z INFO another one".to_owned(),
        ];
        let json = stage.file("field.json", json.join("\n") + "\n")?;
        let text = stage.file("text.log", text.join("\n") + "\n")?;
        let mut browser = opened(&stage).await?;
        browser.drop_files(&[&json, &text]).await?;
        expect_found(&mut browser, 4).await?;
        click_row(&browser, 2, None).await?;
        click(&browser, "#details [data-field=trace] .whole-trace").await?;
        expect_found(&mut browser, 3).await?;
        browser.wait_for(&format!("document.querySelector('#search').value === 'trace:{id}' || document.querySelector('#search').value === 'trace=={id}'")).await?;
        close(browser).await
    });
}

async fn opened(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    Ok(browser)
}

/// Clicks a row on screen, with a key held.
async fn click_row(browser: &Chromium, nth: usize, held: Option<Key>) -> anyhow::Result<()> {
    let row = browser.driver().find(By::Css(format!("#row-{nth} .text"))).await?;
    let chain = browser.driver().action_chain();
    match held {
        Some(held) => chain.key_down(held.clone()).click_element(&row).key_up(held).perform().await?,
        None => chain.click_element(&row).perform().await?,
    }
    Ok(())
}

/// Presses a key while another is held, wherever the focus is.
async fn press_held(browser: &Chromium, held: Key, key: &str) -> anyhow::Result<()> {
    Ok(browser.driver().action_chain().key_down(held.clone()).send_keys(key).key_up(held).perform().await?)
}
