//! What one does without leaving the keyboard: suggestions, context, commands.

use browser_tests::dendro::{expect_found, press, search, with_shop_log};
use browser_tests::stage::{close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

const SUGGESTED: &str = "[...document.querySelectorAll('#suggestions li .text')].map((text) => text.innerText).join()";
const QUERY: &str = "document.querySelector('#search').value";
const COMMANDS: &str = "[...document.querySelectorAll('#commands li .text')].map((text) => text.innerText).join()";

#[test]
fn fields_and_values_are_suggested_and_taken_with_the_keyboard() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "cust").await?;
        browser.wait_for(&format!("{SUGGESTED} === 'customer'")).await?;
        press(&browser, Key::Tab.value().to_string().as_str()).await?;
        browser.wait_for(&format!("{QUERY} === 'customer:'")).await?;

        search(&browser, "payment level:").await?;
        browser.wait_for(&format!("{SUGGESTED} === 'warn,error,*'")).await?;
        let counts = "[...document.querySelectorAll('#suggestions li .aside')].map((text) => text.innerText).join()";
        browser.wait_for(&format!("{counts} === '90,10,any value: 100'")).await?;
        press(&browser, &format!("{0}{0}{1}", Key::Down.value(), Key::Enter.value())).await?;
        browser.wait_for(&format!("{QUERY} === 'payment level:error '")).await?;
        expect_found(&mut browser, 10).await?;

        search(&browser, "payment | cou").await?;
        browser.wait_for(&format!("{SUGGESTED} === 'count'")).await?;
        // Escape closes the list and nothing else.
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('#search').ariaExpanded === 'false'").await?;
        browser.wait_for("document.activeElement.id === 'search'").await?;
        close(browser).await
    });
}

#[test]
fn enter_is_for_the_search_as_long_as_nothing_was_chosen() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "level:error OR customer").await?;
        browser.wait_for(&format!("{SUGGESTED}.startsWith('customer')")).await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for("document.activeElement.id === 'entries'").await?;
        browser.wait_for(&format!("{QUERY} === 'level:error OR customer'")).await?;
        close(browser).await
    });
}

#[test]
fn a_field_that_no_entry_has_is_named_with_the_one_that_was_meant() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "custoemr>=0 placed").await?;
        browser.wait_for("document.querySelector('#problems').innerText.includes('Search customer')").await?;
        browser.run("document.querySelector('#problems button').click();", Value::Null).await?;
        browser.wait_for(&format!("{QUERY} === 'customer>=0 placed'")).await?;
        expect_found(&mut browser, 900).await?;
        close(browser).await
    });
}

#[test]
fn the_context_of_an_entry_is_there_without_leaving_the_search() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        search(&browser, "level:error").await?;
        expect_found(&mut browser, 10).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "jc").await?;
        let n_rows = "document.querySelectorAll('#context .neighbours li').length";
        browser.wait_for(&format!("{n_rows} === 41")).await?;
        let here = "document.querySelector('#context .here').innerText";
        browser.wait_for(&format!("{here}.includes('order-000099')")).await?;
        browser
            .wait_for("document.querySelector('#context .here').previousSibling.innerText.includes('order-000098')")
            .await?;
        browser.run("document.querySelector('#context-earlier').click();", Value::Null).await?;
        browser.wait_for(&format!("{n_rows} === 61")).await?;
        // A neighbour is chosen; the search stays.
        browser
            .run(
                "document.querySelector('#context .here').previousSibling.querySelector('button').click();",
                Value::Null,
            )
            .await?;
        browser.wait_for(&format!("{here}.includes('order-000098')")).await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for(&format!("{QUERY} === 'level:error'")).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "c").await?;
        browser
            .wait_for("document.querySelector('#context') === null && document.querySelector('#raw') !== null")
            .await?;
        close(browser).await
    });
}

#[test]
fn a_command_is_found_by_its_letters_and_a_key_can_be_another() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        // It is there while one types, too.
        browser.run("document.querySelector('#search').focus();", Value::Null).await?;
        browser.driver().action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control).perform().await?;
        browser.wait_for("document.activeElement.id === 'palette-search'").await?;
        press(&browser, "next err").await?;
        browser.wait_for(&format!("{COMMANDS}.split(',')[0] === 'Next error'")).await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        let selected = "document.querySelector('#entries [aria-selected=true]')?.innerText.includes('order-000099')";
        browser.wait_for(selected).await?;

        // What has no key is there, too.
        let catch = "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };";
        browser.run(catch, Value::Null).await?;
        browser.driver().action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control).perform().await?;
        browser.wait_for("document.activeElement.id === 'palette-search'").await?;
        press(&browser, &format!("copy the entry as json{}", Key::Enter.value())).await?;
        browser.wait_for("JSON.parse(window.copied ?? '{}').message?.includes('order-000099')").await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;

        press(&browser, "?").await?;
        browser.wait_for("document.querySelector('#help:popover-open') !== null").await?;
        browser
            .run("document.querySelector('#help button[aria-label^=\"Next warning\"]').click();", Value::Null)
            .await?;
        browser
            .run("document.querySelector('#help button[aria-label^=\"Next warning\"]').focus();", Value::Null)
            .await?;
        browser.wait_for("document.activeElement.innerText === 'press a key'").await?;
        press(&browser, "x").await?;
        browser.wait_for("document.activeElement.innerText === 'x'").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "gx").await?;
        browser
            .wait_for("document.querySelector('#entries [aria-selected=true]')?.innerText.includes('order-000009')")
            .await?;
        close(browser).await
    });
}
