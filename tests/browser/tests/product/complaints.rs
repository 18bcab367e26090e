//! The other tests rely on it: what goes wrong in the page does not go unnoticed.

use browser_tests::dendro::OPENED;
use browser_tests::stage::{close, play};
use serde_json::Value;

#[test]
fn an_error_in_the_page_fails_a_test() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        assert_eq!(browser.complaints().await?, [""; 0]);
        browser.run("console.error('out of tune');", Value::Null).await?;
        let failure = close(browser).await.expect_err("an error was logged").to_string();
        assert!(failure.contains("out of tune"), "{failure}");
        Ok(())
    });
}

#[test]
fn what_the_content_policy_forbids_fails_a_test() {
    play(|stage| async move {
        for violation in [
            "const script = document.createElement('script'); script.textContent = 'window.isRun = true'; document.body.append(script);",
            "const image = new Image(); image.src = 'https://example.invalid/pixel.png';",
            "fetch('https://example.invalid/').catch(() => {});",
            "document.body.insertAdjacentHTML('beforeend', '<b style=\"color: red\">red</b>');",
        ] {
            let mut browser = stage.browser().await?;
            browser.wait_for(OPENED).await?;
            browser.run(violation, Value::Null).await?;
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            assert_ne!(browser.run("return window.isRun;", Value::Null).await?, true);
            let failure = close(browser).await.expect_err(violation).to_string();
            assert!(failure.contains("Content Security Policy"), "{failure}");
        }
        Ok(())
    });
}
