//! The tour: by itself with the sample logs, offered with logs of one's own, and there again for who looks for it.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, press, with_shop_log};
use browser_tests::stage::{close, play};
use thirtyfour::Key;

const IS_ON: &str = "document.querySelector('#tour') !== null";
const IS_OVER: &str = "document.querySelector('#tour') === null";
const IS_WORKBENCH: &str = "document.querySelector('[data-stage=workbench]') !== null \
    && document.querySelector('#saved') !== null && document.querySelector('#entries .entry') !== null";

async fn is_at(browser: &mut Chromium, step: usize) -> anyhow::Result<()> {
    let beginning = format!("Step {step} of 5");
    // What it tells of is framed, and all of the card is in sight.
    let framed = "(() => { const [frame, card] = ['.tour-frame', '#tour'].map((part) => document.querySelector(part).getBoundingClientRect()); \
        return frame.width > 0 && frame.height > 0 && card.left >= 0 && card.right <= innerWidth && card.top >= 0 && card.bottom <= innerHeight; })()";
    browser
        .wait_for(&format!("document.querySelector('#tour')?.innerText.startsWith('{beginning}') === true && {framed}"))
        .await
        .map(drop)
}

#[test]
fn a_first_visitor_with_the_sample_logs_is_shown_around_once() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        axe::load(&browser).await?;
        click(&browser, "#try-samples").await?;
        is_at(&mut browser, 1).await?;
        browser.wait_for(ALL_SAVED).await?;
        assert_eq!(in_both_themes(&browser, "tour").await?, Vec::<String>::new());
        for step in 2..=5 {
            press(&browser, &char::from(Key::Right).to_string()).await?;
            is_at(&mut browser, step).await?;
        }
        press(&browser, &char::from(Key::Left).to_string()).await?;
        is_at(&mut browser, 4).await?;
        click(&browser, "#tour-next").await?;
        is_at(&mut browser, 5).await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        browser.wait_for(IS_OVER).await?;
        browser.wait_for("document.querySelector('#entries').contains(document.activeElement)").await?;

        browser.driver().refresh().await?;
        browser
            .wait_for(&format!("{IS_WORKBENCH} && {IS_OVER} && document.querySelector('#take-tour') === null"))
            .await?;
        browser.wait_for("document.querySelector('#palette') !== null").await?;
        click(&browser, "#commands-button").await?;
        browser.wait_for("document.activeElement?.id === 'palette-search'").await?;
        press(&browser, "a tour").await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        is_at(&mut browser, 1).await?;
        press(&browser, &char::from(Key::Escape).to_string()).await?;
        browser.wait_for(IS_OVER).await?;
        close(browser).await
    });
}

#[test]
fn with_logs_of_ones_own_the_tour_is_offered_and_can_be_waved_away() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        browser.wait_for(&format!("{IS_OVER} && document.querySelector('#take-tour') !== null")).await?;
        click(&browser, "#take-tour").await?;
        browser.wait_for(IS_ON).await?;
        browser.driver().refresh().await?;
        browser.wait_for("document.querySelector('#no-tour') !== null").await?;
        click(&browser, "#no-tour").await?;
        browser.wait_for("document.querySelector('#take-tour') === null").await?;
        browser.driver().refresh().await?;
        browser
            .wait_for(&format!("{IS_WORKBENCH} && {IS_OVER} && document.querySelector('#take-tour') === null"))
            .await?;
        close(browser).await
    });
}
