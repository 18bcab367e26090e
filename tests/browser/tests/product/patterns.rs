//! What the entries are made from: counts that sum to them, one pattern filtered for and out, its values, and the way back.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found, press, with_shop_log};
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

const COUNTED: &str = "document.querySelector('#patterns')?.dataset.complete === 'true'";
const COUNTS: &str = "[...document.querySelectorAll('#pattern-rows .pattern:not(.columns)')].map((row) => +row.firstElementChild.firstChild.textContent.replace(/,/g, '')).join()";
const TEXTS: &str = "[...document.querySelectorAll('#pattern-rows .pattern:not(.columns) .text')].map((text) => text.title.split(' <*>')[0]).join()";

#[test]
fn patterns_count_every_entry_and_lead_to_their_entries_and_back() {
    play(|stage| async move {
        let mut browser = with_patterns(&stage).await?;
        browser.wait_for(&format!("{COUNTS} === '900,90,10'")).await?;
        browser.wait_for("location.hash.includes('view=patterns')").await?;

        browser.run("document.querySelector('#pattern-rows').focus();", Value::Null).await?;
        press(&browser, "jj").await?;
        browser.wait_for("document.querySelector('#pattern-1').ariaSelected === 'true'").await?;
        browser.wait_for("document.querySelector('#pattern-detail')?.dataset.complete === 'true'").await?;
        browser.wait_for("document.querySelectorAll('#pattern-detail .place').length === 3").await?;
        browser.wait_for("document.querySelectorAll('#pattern-detail .examples li').length >= 3").await?;

        click(&browser, "#show-entries").await?;
        expect_found(&mut browser, 90).await?;
        browser.wait_for("document.querySelector('#entries').checkVisibility()").await?;
        browser.wait_for("document.querySelector('#search').value.startsWith('template==')").await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for(&format!("document.querySelector('#patterns').checkVisibility() && {COUNTED}")).await?;
        browser.wait_for(&format!("{COUNTS} === '900,90,10'")).await?;
        close(browser).await
    });
}

#[test]
fn a_pattern_is_left_out_and_others_are_found_by_their_words() {
    play(|stage| async move {
        let mut browser = with_patterns(&stage).await?;
        browser.run("document.querySelector('#pattern-rows').focus();", Value::Null).await?;
        press(&browser, "j-").await?;
        browser.wait_for(&format!("{COUNTS} === '90,10'")).await?;
        browser.wait_for("document.querySelector('#search').value.startsWith('-template==')").await?;

        let find = browser.driver().find(By::Id("find-pattern")).await?;
        find.send_keys("bank").await?;
        browser.wait_for(&format!("{COUNTS} === '10'")).await?;
        browser.wait_for(&format!("{TEXTS}.includes('refused by the bank')")).await?;
        // Alone, and not beside what was left out before.
        press_in_list(&browser, "j").await?;
        click(&browser, "#pattern-alone").await?;
        browser.wait_for("/^template==[0-9a-f]{12}$/.test(document.querySelector('#search').value)").await?;
        expect_found(&mut browser, 10).await?;
        close(browser).await
    });
}

#[test]
fn the_keyboard_goes_on_beside_a_pattern_that_is_left_out() {
    play(|stage| async move {
        let mut browser = with_patterns(&stage).await?;
        press_in_list(&browser, "j").await?;
        click(&browser, "#without-pattern").await?;
        browser.wait_for(&format!("{COUNTS} === '90,10'")).await?;
        browser.wait_for("document.activeElement.id === 'pattern-rows'").await?;
        browser.wait_for("document.querySelector('#pattern-0').ariaSelected === 'true'").await?;
        close(browser).await
    });
}

#[test]
fn the_rarest_come_first_where_one_wants_them() {
    play(|stage| async move {
        let mut browser = with_patterns(&stage).await?;
        let choose = "const select = document.querySelector('#sort-patterns'); select.value = 'Rarest first'; select.dispatchEvent(new Event('change'));";
        browser.run(choose, Value::Null).await?;
        browser.wait_for(&format!("{COUNTS} === '10,90,900'")).await?;
        close(browser).await
    });
}

#[test]
fn a_pattern_keeps_the_name_that_it_was_given_and_is_found_by_it() {
    play(|stage| async move {
        let mut browser = with_patterns(&stage).await?;
        axe::load(&browser).await?;
        browser.run("document.querySelector('#pattern-rows').focus();", Value::Null).await?;
        press(&browser, "j").await?;
        browser.wait_for("document.querySelector('#pattern-name') !== null").await?;
        let name = browser.driver().find(By::Id("pattern-name")).await?;
        name.send_keys("Good orders" + Key::Tab).await?;
        let names = "[...document.querySelectorAll('#pattern-0 .pattern-name')].map((name) => name.innerText).join()";
        browser.wait_for(&format!("{names} === 'Good orders'")).await?;
        let words = browser.driver().find(By::Id("pattern-words")).await?;
        words.send_keys("as it should be" + Key::Enter).await?;
        browser.wait_for("document.querySelector('#pattern-0 .text').title.includes('as it should be')").await?;
        assert_eq!(in_both_themes(&browser, "a named pattern").await?, Vec::<String>::new());

        browser.wait_for(ALL_SAVED).await?;
        browser.run("window.isBefore = true; location.reload();", Value::Null).await?;
        browser.wait_for(&format!("window.isBefore === undefined && {COUNTED} && {names} === 'Good orders'")).await?;
        let find = browser.driver().find(By::Id("find-pattern")).await?;
        find.send_keys("good").await?;
        browser.wait_for(&format!("{COUNTS} === '900'")).await?;
        close(browser).await
    });
}

#[test]
fn the_values_of_a_pattern_lead_to_its_entries_and_are_fields_of_them() {
    play(|stage| async move {
        let mut browser = with_patterns(&stage).await?;
        browser.run("document.querySelector('#pattern-rows').focus();", Value::Null).await?;
        press(&browser, "j").await?;
        browser.wait_for("document.querySelectorAll('#pattern-detail .place .pick').length > 0").await?;
        browser.run("document.querySelector('#pattern-detail .place .pick').click();", Value::Null).await?;
        browser.wait_for("/^template==[0-9a-f]{12} var1==/.test(document.querySelector('#search').value)").await?;
        browser.wait_for(&format!("{COUNTED} && {COUNTS}.split(',').length === 1 && +{COUNTS} < 900")).await?;
        let fields = "[...document.querySelectorAll('#fields .field[data-field^=var]')].map((field) => field.dataset.field).join()";
        click(&browser, "#tab-fields").await?;
        browser.wait_for(&format!("{fields}.startsWith('var1,var2')")).await?;
        close(browser).await
    });
}

#[test]
fn a_query_that_follows_its_pattern_leaves_the_view_that_is_in_sight() {
    play(|stage| async move {
        let line = |n: usize| match n % 3 {
            0 => format!("2026-11-20T10:{:02}:{:02}Z INFO ready {n}\n", n / 60, n % 60),
            _ => format!("2026-11-20T10:{:02}:{:02}Z ERROR link of eth0 is down for {n} s\n", n / 60, n % 60),
        };
        let one = stage.file("one.log", (0..900).map(line).collect::<String>())?;
        let two = stage.file("two.log", "2026-11-20T10:20:00Z ERROR link of eth1 is down for 7 s\n")?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&one]).await?;
        browser.wait_for(ALL_SAVED).await?;
        press(&browser, "2").await?;
        browser.wait_for(&format!("{COUNTED} && {COUNTS} === '600,300'")).await?;
        press_in_list(&browser, "j").await?;
        click(&browser, "#pattern-alone").await?;
        let query = "document.querySelector('#search').value";
        browser.wait_for(&format!("/^template==[0-9a-f]{{12}}$/.test({query})")).await?;
        expect_found(&mut browser, 600).await?;
        // As in a link: stages, and yet the patterns in sight.
        let go = format!("location.hash = '#view=patterns&q=' + encodeURIComponent({query} + ' | count by var1');");
        browser.run(&go, Value::Null).await?;
        browser.wait_for(&format!("{query}.endsWith('| count by var1') && {COUNTED} && {COUNTS} === '600'")).await?;
        browser.drop_files(&[&two]).await?;
        browser.wait_for(&format!("{query}.endsWith('| count by var2')")).await?;
        browser.wait_for(&format!("{COUNTED} && {COUNTS} === '601'")).await?;
        browser.wait_for("document.querySelector('#patterns').checkVisibility()").await?;
        browser.wait_for("location.hash.includes('view=patterns') && location.hash.includes('var2')").await?;
        close(browser).await
    });
}

#[test]
fn patterns_of_the_same_words_are_a_family_that_opens() {
    play(|stage| async move {
        let line = |n: usize| {
            let said = ["opened", "closed"][n % 2];
            format!("2026-11-20T10:{:02}:{:02}Z INFO connection {n} was {said} by the other side\n", n / 60, n % 60)
        };
        let last = "2026-11-20T11:00:00Z INFO ready\n".to_owned();
        let log = stage.file("net.log", (0..200).map(line).chain([last]).collect::<String>())?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        press(&browser, "2").await?;
        browser.wait_for(&format!("{COUNTED} && {COUNTS} === '100,100,1'")).await?;
        click(&browser, "#pattern-tree").await?;
        browser.wait_for(&format!("{COUNTS} === '200,1'")).await?;
        browser.run("document.querySelector('#pattern-rows').focus();", Value::Null).await?;
        browser.driver().action_chain().send_keys("j" + Key::Right).perform().await?;
        browser.wait_for(&format!("{COUNTS} === '200,100,100,1'")).await?;
        browser.driver().action_chain().send_keys(Key::Right + Key::Right).perform().await?;
        browser.wait_for("document.querySelector('#pattern-1[aria-level=\"2\"]').ariaSelected === 'true'").await?;
        browser.driver().action_chain().send_keys(Key::Left + Key::Left).perform().await?;
        browser.wait_for(&format!("{COUNTS} === '200,1'")).await?;
        close(browser).await
    });
}

async fn press_in_list(browser: &Chromium, keys: &str) -> anyhow::Result<()> {
    browser.run("document.querySelector('#pattern-rows').focus();", Value::Null).await?;
    press(browser, keys).await
}

async fn with_patterns(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_shop_log(stage).await?;
    press(&browser, "2").await?;
    browser.wait_for(COUNTED).await?;
    Ok(browser)
}
