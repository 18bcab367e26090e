//! The page enlarged to 200 %, and on a phone: whatever is pressed can be reached, and nothing sticks out sideways.

use anyhow::Context;
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{click, press, with_samples};
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};

/// A window of 1280 × 800 at 200 %.
const ENLARGED: (u32, u32) = (640, 400);
const PHONE: (u32, u32) = (390, 844);

/// What a screen is called, how one gets there, and what is true when all of it is there.
const SCREENS: [(&str, &str, &str); 11] = [
    ("entries", "location.hash = '#q='", "document.querySelector('#entries .entry:not(.awaited)') !== null"),
    (
        "what is found without leaving anything out",
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true }))",
        "document.querySelector('#find-bar') !== null",
    ),
    (
        "details",
        "document.querySelector('#find-bar button:last-child').click(); document.querySelector('#entries .entry').click()",
        "document.querySelector('#details') !== null",
    ),
    (
        "patterns",
        "location.hash = '#view=patterns'",
        "document.querySelector('#patterns[data-complete=true] [role=row]:not(.columns)') !== null",
    ),
    (
        "a pattern",
        "document.querySelector('#pattern-rows [role=row]:not(.columns)').click()",
        "document.querySelector('#pattern-detail[data-complete=true]') !== null",
    ),
    (
        "incidents",
        "location.hash = '#view=incidents'",
        "document.querySelector('#incidents[data-complete=true] .incident') !== null \
            && document.querySelector('#incidents .window') !== null",
    ),
    (
        "rows of SQL",
        "location.hash = '#view=sql&sql=SELECT+line,+message+FROM+entries'",
        "document.querySelector('#sql[data-complete=true] #sql-rows .record:not(.columns)') !== null",
    ),
    (
        "a chart",
        "location.hash = '#q=%7C+count+by+service'",
        "document.querySelector('#result[data-complete=true] .hbar') !== null",
    ),
    (
        "notebook",
        "location.hash = '#view=notebook'",
        "document.querySelector('#notebook[data-complete=true] .page') !== null",
    ),
    (
        "sources",
        "document.querySelector('#toggle-sources').click()",
        "document.querySelector('#sidebar .source')?.checkVisibility() === true",
    ),
    (
        "commands",
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }))",
        "document.querySelector('#palette:popover-open #commands li') !== null",
    ),
];

/// What cannot be reached: controls whose middle is cut off, and does not come into sight by scrolling; and parts of the page that
/// are wider than their place.
const CUT: &str = "const spans = {
        x: ['left', 'right', 'overflowX', 'scrollWidth', 'clientWidth', innerWidth],
        y: ['top', 'bottom', 'overflowY', 'scrollHeight', 'clientHeight', innerHeight],
    };
    const isCut = (control, [start, end, overflow, inner, outer, window]) => {
        const middleOf = (box) => (box[start] + box[end]) / 2;
        let middle = middleOf(control.getBoundingClientRect());
        for (let at = control; at !== null; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (at !== control && style[overflow] !== 'visible') {
                const frame = at.getBoundingClientRect();
                const scrolls = ['auto', 'scroll'].includes(style[overflow]) && at[inner] > at[outer];
                if (scrolls) middle = middleOf(frame);
                else if (middle < frame[start] || middle > frame[end]) return true;
            }
            // The window alone cuts what is fixed, or on top of all.
            if (style.position === 'fixed' || at.matches(':popover-open, dialog[open]')) break;
        }
        return middle < 0 || middle > window;
    };
    const named = (element) => element.outerHTML.slice(0, 120);
    const cut = [];
    for (const control of document.querySelectorAll('button, input, select, textarea, summary, a[href]')) {
        const { width, height } = control.getBoundingClientRect();
        if (!control.checkVisibility({ visibilityProperty: true }) || width === 0 || height === 0) continue;
        for (const axis of ['x', 'y']) if (isCut(control, spans[axis])) cut.push(`out of reach (${axis}): ${named(control)}`);
    }
    const parts = '.app, .bar, main, .timeline, .views, .view, .result-head, .incident, .page, .sql-actions, #find-bar, #details, #status, \
        .incidents, .window-map, #sql, #sidebar > :not(.handle), #palette';
    for (const part of document.querySelectorAll(parts)) {
        const scrolls = ['auto', 'scroll'].includes(getComputedStyle(part).overflowX);
        if (part.checkVisibility() && !scrolls && part.scrollWidth > part.clientWidth + 1) cut.push(`too wide: ${named(part)}`);
    }
    return cut;";

#[test]
fn at_200_percent_everything_can_be_reached() {
    everything_can_be_reached(ENLARGED);
}

#[test]
fn on_a_phone_everything_can_be_reached() {
    everything_can_be_reached(PHONE);
}

fn everything_can_be_reached(size: (u32, u32)) {
    play(|stage| async move {
        let mut browser = enlarged(&stage, size).await?;
        // Something to look at in the notebook.
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "gm").await?;
        browser.wait_for("document.querySelector('#entries .entry.marked') !== null").await?;
        let mut cut = Vec::new();
        for (name, enter, is_there) in SCREENS {
            browser.run(enter, Value::Null).await.with_context(|| format!("no way to: {name}"))?;
            browser.wait_for(is_there).await.with_context(|| format!("not there: {name}"))?;
            browser
                .run_async("for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);", Value::Null)
                .await?;
            let found: Vec<String> = serde_json::from_value(browser.run(CUT, Value::Null).await?)?;
            cut.extend(found.into_iter().map(|what| format!("{name}: {what}")));
        }
        assert!(cut.is_empty(), "{}", cut.join("\n"));
        close(browser).await
    });
}

#[test]
fn at_200_percent_and_on_a_phone_most_of_the_height_is_for_entries() {
    play(|stage| async move {
        let mut browser = enlarged(&stage, ENLARGED).await?;
        for size in [ENLARGED, PHONE] {
            resize(&browser, size).await?;
            browser.wait_for(&format!("innerHeight === {}", size.1)).await?;
            let share = "(() => { const rows = document.querySelector('#entries').getBoundingClientRect(); \
                return (Math.min(rows.bottom, innerHeight) - rows.top) / innerHeight; })()";
            browser.wait_for(&format!("{share} >= 0.6")).await.with_context(|| format!("{size:?}"))?;
        }
        close(browser).await
    });
}

#[test]
fn at_200_percent_rows_have_room() {
    play(|stage| async move {
        let mut browser = enlarged(&stage, ENLARGED).await?;
        browser.wait_for("document.querySelector('#entries').clientHeight >= 144").await?;
        browser.run("location.hash = '#view=sql&sql=SELECT+line,+message+FROM+entries';", Value::Null).await?;
        browser.wait_for("document.querySelector('#sql-rows .record:not(.columns)') !== null").await?;
        // Of very many rows, those in sight are on the page.
        browser.wait_for("document.querySelector('#sql-rows').clientHeight >= 72").await?;
        browser.wait_for("document.querySelectorAll('#sql-rows .record').length < 60").await?;
        // All of the view comes into sight.
        let end = "(() => { const main = document.querySelector('main'); main.scrollTop = main.scrollHeight; \
            return document.querySelector('.views').getBoundingClientRect().bottom <= main.getBoundingClientRect().bottom + 1; })()";
        browser.wait_for(end).await?;
        close(browser).await
    });
}

#[test]
fn the_sidebar_gives_way_where_it_would_cover_the_page() {
    const SIDEBAR: &str = "document.querySelector('#sidebar')?.checkVisibility() === true";
    play(|stage| async move {
        let mut browser = with_samples(&stage).await?;
        browser.wait_for(SIDEBAR).await?;
        resize(&browser, ENLARGED).await?;
        browser.wait_for(&format!("!({SIDEBAR})")).await?;
        click(&browser, "#toggle-sources").await?;
        browser.wait_for(SIDEBAR).await?;
        click(&browser, "#sidebar button[title=Hide]").await?;
        browser.wait_for(&format!("!({SIDEBAR})")).await?;
        resize(&browser, (1280, 800)).await?;
        browser.wait_for(SIDEBAR).await?;

        // The keyboard is not lost with it; what is written in it stays.
        browser.run("document.querySelector('#tab-fields').focus();", Value::Null).await?;
        resize(&browser, ENLARGED).await?;
        browser.wait_for("document.activeElement.id === 'toggle-sources'").await?;
        browser.wait_for(&format!("!({SIDEBAR})")).await?;
        resize(&browser, (1280, 800)).await?;
        browser.wait_for(SIDEBAR).await?;
        click(&browser, "#tab-fields").await?;
        browser.wait_for("document.querySelector('#find-field') !== null").await?;
        click(&browser, "#find-field").await?;
        press(&browser, "cust").await?;
        resize(&browser, ENLARGED).await?;
        browser.wait_for("innerWidth === 640 && document.activeElement.id === 'find-field'").await?;
        browser.wait_for("document.querySelector('#find-field').value === 'cust'").await?;
        close(browser).await
    });
}

/// A browser with the sample logs, whose page has this size from then on.
async fn enlarged(stage: &Stage, size: (u32, u32)) -> anyhow::Result<Chromium> {
    let mut browser = with_samples(stage).await?;
    resize(&browser, size).await?;
    browser.wait_for(&format!("innerWidth === {}", size.0)).await?;
    Ok(browser)
}

async fn resize(browser: &Chromium, (width, height): (u32, u32)) -> anyhow::Result<()> {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 0, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
}
