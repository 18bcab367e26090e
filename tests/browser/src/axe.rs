//! axe-core: what of a screen breaks the WCAG or is no good practice.

use std::fs;

use serde_json::{Value, json};

use crate::chromium::Chromium;

/// Once a page, before the first question.
pub async fn load(browser: &Chromium) -> anyhow::Result<()> {
    let axe = fs::read_to_string(xtask::root().join("tests/vendor/axe-core/axe.min.js"))?;
    browser.run(&axe, Value::Null).await.map(drop)
}

/// Violations of what is on the screen, which is called `screen`.
pub async fn in_both_themes(browser: &Chromium, screen: &str) -> anyhow::Result<Vec<String>> {
    let mut violations = Vec::new();
    for theme in ["light", "dark"] {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        browser.devtools("Emulation.setEmulatedMedia", features).await?;
        // What waits for its answer is dimmed, and colours in transition have contrasts of their own. What failed is busy for
        // good, so that it is not waited for without an end.
        let settle = "const frame = () => new Promise(requestAnimationFrame);
            const isBusy = () => [...document.querySelectorAll('[aria-busy=true]')].some((part) => part.checkVisibility());
            await frame();
            for (let i = 0; i < 300 && (i < 2 || isBusy()); i++) await frame();
            await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})));";
        let run = "const { violations } = await axe.run(document, { resultTypes: ['violations'] });
            return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${rule.help}: ${node.html}`));";
        let found = browser.run_async(&format!("{settle}{run}"), Value::Null).await?;
        let found: Vec<String> = serde_json::from_value(found)?;
        violations.extend(found.into_iter().map(|found| format!("{screen}, {theme}: {found}")));
    }
    Ok(violations)
}
