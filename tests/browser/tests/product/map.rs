//! The map of services: found in logs alone, walked with the keyboard, a click narrows what is looked at.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::dendro::{ALL_SAVED, OPENED, click, press};
use browser_tests::stage::{close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

const COMPLETE: &str = "document.querySelector('#map')?.dataset.complete === 'true'";
const QUERY: &str = "document.querySelector('#search').value";

/// Two services that share a trace, and one that is named by the second.
const FRONT: &str = "\
time=2026-11-20T10:00:00.000Z level=info service=front msg=\"request begins\" trace_id=4bf92f3577b34da6a3ce929d0e0e4736
time=2026-11-20T10:00:00.200Z level=info service=front msg=\"request ends\" trace_id=4bf92f3577b34da6a3ce929d0e0e4736
";
const STOCK: &str = "\
time=2026-11-20T10:00:00.050Z level=info service=stock msg=\"stock asked\" peer=store:9000 duration_ms=4 trace_id=4bf92f3577b34da6a3ce929d0e0e4736
time=2026-11-20T10:00:00.060Z level=error service=stock msg=\"stock lost\" trace_id=4bf92f3577b34da6a3ce929d0e0e4736
";

#[test]
fn calls_are_found_in_logs_and_a_click_narrows_the_scope() {
    play(|stage| async move {
        let logs = [stage.file("front.log", FRONT)?, stage.file("stock.log", STOCK)?];
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        browser.drop_files(&[&logs[0], &logs[1]]).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-map").await?;
        browser.wait_for(COMPLETE).await?;
        let edges = "[...document.querySelectorAll('#map [data-edge]')].map((edge) => edge.dataset.edge).sort().join()";
        browser.wait_for(&format!("{edges} === 'front stock,stock store'")).await?;
        assert_eq!(in_both_themes(&browser, "map").await?, Vec::<String>::new());

        // What stands on an edge stands on no service.
        browser.wait_for("document.querySelectorAll('#map .ground').length === 2").await?;
        let lie_on_each_other = "(() => { const of = (what) => [...document.querySelectorAll(what)].map((one) => one.getBoundingClientRect());
            return of('#map .ground').some((a) => of('#map .outline').some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)); })()";
        browser.wait_for(&format!("!{lie_on_each_other}")).await?;

        // At the end of the time only the last call is seen, and everything stays where it is; replayed, the time goes on by itself.
        let is_silent = "document.querySelector('#map [data-edge=\"front stock\"]').classList.contains('silent')";
        let places =
            "[...document.querySelectorAll('#map .node')].map((node) => node.getAttribute('transform')).join()";
        let before = browser.run(&format!("return {places};"), Value::Null).await?;
        let go_to = |place: &str| {
            format!(
                "const time = document.querySelector('#map-time'); time.value = {place}; time.dispatchEvent(new Event('input', {{ bubbles: true }}));"
            )
        };
        browser.run(&go_to("time.max"), Value::Null).await?;
        browser.wait_for(is_silent).await?;
        assert_eq!(browser.run(&format!("return {places};"), Value::Null).await?, before);
        assert_eq!(in_both_themes(&browser, "the map as of a time").await?, Vec::<String>::new());
        browser.run(&go_to("0"), Value::Null).await?;
        browser.wait_for(&format!("!{is_silent}")).await?;
        click(&browser, "#map-play").await?;
        browser.wait_for("document.querySelector('#map-time').value > 0").await?;
        click(&browser, "#map-all-time").await?;
        browser.wait_for("document.querySelector('#map-then').innerText === 'all of the time'").await?;

        // By forces services stand elsewhere.
        click(&browser, "#map-forces").await?;
        let known = serde_json::to_string(&before)?;
        browser.wait_for(&format!("{places} !== {known}")).await?;
        click(&browser, "#map-forces").await?;
        browser.wait_for(&format!("{places} === {known}")).await?;

        // A node chooses its entries, and the map stays as it is.
        click(&browser, "#map [data-node=stock]").await?;
        browser.wait_for(&format!("{QUERY} === 'service==stock'")).await?;
        browser.wait_for("document.querySelector('#map [data-node=stock]').ariaPressed === 'true'").await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'stock'").await?;
        browser.wait_for(&format!("{edges} === 'front stock,stock store'")).await?;

        // As of a time the card has the figures of that time before those of all of it.
        let of_then = "document.querySelector('#map-card-then td')?.innerText";
        browser.run(&go_to("0"), Value::Null).await?;
        browser.wait_for(&format!("{of_then} === '1'")).await?;
        browser.run(&go_to("time.max"), Value::Null).await?;
        browser.wait_for(&format!("{of_then} === '0'")).await?;
        click(&browser, "#map-all-time").await?;
        browser.wait_for("document.querySelector('#map-card-then') === null").await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for(&format!("{QUERY} === ''")).await?;

        // The keyboard goes along the edges.
        browser.run("document.querySelector('#map [data-node=front]').focus();", Value::Null).await?;
        press(&browser, &format!("{}", Key::Right.value())).await?;
        browser.wait_for("document.activeElement.dataset.node === 'stock'").await?;

        // A part of a name finds a node; what is around it is drawn alone.
        browser.run("const box = document.querySelector('#map-search'); box.value = 'fro'; box.dispatchEvent(new Event('change', { bubbles: true }));", Value::Null).await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'front'").await?;
        browser.run("const around = document.querySelector('#map-around'); around.value = '1'; around.dispatchEvent(new Event('change', { bubbles: true }));", Value::Null).await?;
        browser.wait_for(&format!("{edges} === 'front stock'")).await?;
        assert_eq!(in_both_themes(&browser, "a part of the map").await?, Vec::<String>::new());

        // Another service that is looked for is found on all of the map.
        browser.run("const box = document.querySelector('#map-search'); box.value = 'stock'; box.dispatchEvent(new Event('change', { bubbles: true }));", Value::Null).await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'stock'").await?;
        browser.wait_for("document.querySelector('#map-around').value === '0'").await?;
        browser.wait_for(&format!("{edges} === 'front stock,stock store'")).await?;

        // An edge shows the entries that prove it.
        click(&browser, "#map-as-table").await?;
        browser.run("document.querySelector('#map .map-table tbody button').click();", Value::Null).await?;
        browser.wait_for("document.querySelectorAll('#map-card .evidence button').length > 0").await?;
        assert_eq!(in_both_themes(&browser, "calls as a table").await?, Vec::<String>::new());
        browser
            .wait_for("document.querySelector('#map-card .evidence button span').innerText.includes('stock asked')")
            .await?;
        click(&browser, "#map-card .evidence button").await?;
        browser.wait_for("document.querySelector('#details')?.innerText.includes('store:9000') === true").await?;
        close(browser).await
    });
}

#[test]
fn in_a_low_window_the_map_has_room_below_one_row_of_tools() {
    play(|stage| async move {
        let logs = [stage.file("front.log", FRONT)?, stage.file("stock.log", STOCK)?];
        let mut browser = stage.browser_of_size((640, 400)).await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&logs[0], &logs[1]]).await?;
        // The list of sources is out of sight.
        browser.wait_for("document.querySelector('#saved')?.dataset.complete === 'true'").await?;
        browser.run("document.querySelector('#tab-map').click();", Value::Null).await?;
        browser.wait_for(COMPLETE).await?;
        browser.wait_for("document.querySelector('.map-frame')?.clientHeight >= 150").await?;
        browser.wait_for("document.querySelector('#map .result-head').clientHeight < 60").await?;
        let end_in_sight = "(() => { const main = document.querySelector('main'); main.scrollTop = main.scrollHeight; \
            return document.querySelector('.map-frame').getBoundingClientRect().bottom <= main.getBoundingClientRect().bottom + 1; })()";
        browser.wait_for(end_in_sight).await?;

        // What is known of a service comes into sight.
        browser.wait_for("document.querySelector('#map [data-node=stock]') !== null").await?;
        browser.run("document.querySelector('main').scrollTop = 0;", Value::Null).await?;
        browser.run("document.querySelector('#map [data-node=stock]').dispatchEvent(new MouseEvent('click', { bubbles: true }));", Value::Null).await?;
        let card_in_sight = "(() => { const [card, main] = ['#map-card', 'main'].map((what) => document.querySelector(what)?.getBoundingClientRect()); \
            return card !== undefined && card.top >= main.top - 1 && card.bottom <= main.bottom + 1; })()";
        browser.wait_for(card_in_sight).await?;
        close(browser).await
    });
}

#[test]
fn names_are_joined_and_parted_on_the_map_and_that_is_taken_back() {
    play(|stage| async move {
        let till = STOCK.replace("service=stock", "service=stock-v2").replace(".05", ".07").replace(".06", ".08");
        let shop = FRONT.replace("service=front", "service=shop").replace(".000Z", ".010Z").replace(".200Z", ".190Z");
        let logs = [
            stage.file("front.log", FRONT)?,
            stage.file("stock.log", STOCK)?,
            stage.file("stock-v2.log", &till)?,
            stage.file("shop.log", &shop)?,
        ];
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        browser.drop_files(&[&logs[0], &logs[1], &logs[2], &logs[3]]).await?;
        browser.wait_for(ALL_SAVED).await?;
        click(&browser, "#tab-map").await?;
        browser.wait_for(COMPLETE).await?;
        let nodes = "[...document.querySelectorAll('#map .node')].map((node) => node.dataset.node).sort().join()";
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,store'")).await?;

        // Two names that a rule made one are two services.
        click(&browser, "#map [data-node=stock]").await?;
        browser.wait_for("document.querySelector('#map-card-names')?.innerText.includes('stock-v2')").await?;
        assert_eq!(in_both_themes(&browser, "names in the card").await?, Vec::<String>::new());
        click(&browser, "#map-card-names [data-does=part]").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,stock-v2,store'")).await?;

        // Two names that no rule joins are one.
        click(&browser, "#map [data-node=shop]").await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'shop'").await?;
        browser.run("const join = document.querySelector('#map-join'); join.value = 'front'; join.dispatchEvent(new Event('change', { bubbles: true }));", Value::Null).await?;
        browser.wait_for(&format!("{nodes} === 'front,stock,stock-v2,store'")).await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'front'").await?;
        browser.wait_for("document.querySelector('#map-card-names')?.innerText.includes('shop')").await?;
        // Both were asked for, by their own names and no others.
        browser.wait_for(&format!("{QUERY} === 'service==shop'")).await?;
        // When that is undone the card is of the service that is searched for.
        click(&browser, "#map-card [data-does=undo-names]").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,stock-v2,store'")).await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'shop'").await?;
        click(&browser, "#map-card [data-does=redo-names]").await?;
        browser.wait_for("document.querySelector('#map-card h2').innerText === 'front'").await?;
        browser.wait_for(&format!("{QUERY} === 'service==shop'")).await?;
        // What is still searched for is one of its names: the search says so, and offers the other.
        browser.wait_for("document.querySelector('#other-names')?.innerText.includes('front')").await?;
        click(&browser, "#map [data-node=front]").await?;
        browser.wait_for(&format!("{QUERY} === 'service==front OR service==shop'")).await?;
        browser.wait_for("document.querySelector('#other-names') === null").await?;
        click(&browser, "#map-card [data-does=undo-names]").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,stock-v2,store'")).await?;
        // What was done before goes back as well, and comes on again.
        click(&browser, "#map-card [data-does=undo-names]").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,store'")).await?;
        click(&browser, "#map-card [data-does=redo-names]").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,stock-v2,store'")).await?;

        // What was said is listed with the rules, and the rules can have the word again.
        click(&browser, "#tab-agreement").await?;
        browser.wait_for("document.querySelectorAll('#said-names li').length === 1").await?;
        assert_eq!(in_both_themes(&browser, "names that were said").await?, Vec::<String>::new());
        click(&browser, "#said-names [data-does=forget]").await?;
        browser.wait_for("document.querySelector('#said-names') === null").await?;
        click(&browser, "#service-names [data-does=undo-names]").await?;
        browser.wait_for("document.querySelectorAll('#said-names li').length === 1").await?;
        click(&browser, "#forget-names").await?;
        browser.wait_for("document.querySelector('#said-names') === null").await?;
        click(&browser, "#tab-map").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,store'")).await?;

        // On the map it is at hand as well.
        click(&browser, "#map-naming").await?;
        click(&browser, "#names-menu [data-does=undo-names]").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,stock-v2,store'")).await?;
        browser.wait_for("document.querySelectorAll('#said-names-menu li').length === 1").await?;
        assert_eq!(in_both_themes(&browser, "names at the map").await?, Vec::<String>::new());
        click(&browser, "#forget-names-menu").await?;
        browser.wait_for(&format!("{nodes} === 'front,shop,stock,store'")).await?;
        close(browser).await
    });
}
