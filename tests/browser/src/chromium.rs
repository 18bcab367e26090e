//! One Chromium with a profile of its own, driven through its own chromedriver.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, LoggingPrefsLogLevel};

/// Works as root and in a container, and keeps the browser's own traffic and first-run pages out of the way.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    // Whatever the machine speaks.
    "--accept-lang=en",
];

/// A page may be slow on a busy machine; only a hang takes this long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Measurements run for minutes.
const LONGEST_SCRIPT: Duration = Duration::from_secs(900);

pub struct Chromium {
    /// Taken when the browser is closed or killed.
    driver: Option<WebDriver>,
    chromedriver: Child,
    /// Process of the browser itself.
    pid: u64,
    complaints: Vec<String>,
}

impl Chromium {
    /// `profile`: a folder that outlives the browser, so that another one can go on with it.
    pub async fn start(profile: &Path, (width, height): (u32, u32)) -> anyhow::Result<Self> {
        let tools = xtask::tools::find_browser().context(
            "Chromium or chromedriver is not installed: `cargo xtask test` installs them, or says what to install",
        )?;
        let (chromedriver, port) = start_chromedriver(&tools.driver, profile)?;
        let mut wanted = ChromeCapabilities::new();
        for argument in ARGUMENTS {
            wanted.add_arg(argument)?;
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        wanted.add_arg(&format!("--window-size={width},{height}"))?;
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::builder(format!("http://localhost:{port}"), wanted)
            .request_timeout(LONGEST_SCRIPT)
            .connect()
            .await
            .context("Chromium did not start")?;
        driver.set_page_load_timeout(PATIENCE).await?;
        driver.set_script_timeout(LONGEST_SCRIPT).await?;
        let pid = driver.capabilities().get("goog:processID").and_then(Value::as_u64).context("no goog:processID")?;
        Ok(Self { driver: Some(driver), chromedriver, pid, complaints: Vec::new() })
    }

    pub fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("taken only by what consumes the browser")
    }

    pub fn pid(&self) -> u64 {
        self.pid
    }

    pub async fn open(&self, address: &str) -> anyhow::Result<()> {
        self.driver().goto(address).await.with_context(|| format!("could not open {address}"))
    }

    /// Runs the body of a function in the page; `arguments[0]` is `input`. Answers what it returns.
    pub async fn run(&self, body: &str, input: impl Into<Value>) -> anyhow::Result<Value> {
        let result =
            self.driver().execute(body, [input.into()]).await.with_context(|| format!("script failed: {body}"))?;
        Ok(result.json().clone())
    }

    /// Runs the body of an `async` function in the page and waits for what it returns.
    pub async fn run_async(&self, body: &str, input: impl Into<Value>) -> anyhow::Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const input = arguments[0];
             (async () => {{ {body} }})().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let result = self.driver().execute_async(script, [input.into()]).await?.json().clone();
        match result.get("error") {
            Some(error) => bail!("script failed: {error}\n{body}"),
            None => Ok(result["value"].clone()),
        }
    }

    /// Evaluates an expression until it is true, and answers its value. An expression about what is not on the page yet may
    /// fail: it is not true then.
    pub async fn wait_for(&mut self, expression: &str) -> anyhow::Result<Value> {
        self.wait_long_for(expression, PATIENCE).await
    }

    pub async fn wait_long_for(&mut self, expression: &str, patience: Duration) -> anyhow::Result<Value> {
        let start = Instant::now();
        let script = format!(
            "try {{ return {expression}; }} catch (error) {{ if (error instanceof TypeError) return false; throw error; }}"
        );
        loop {
            let value = self.run(&script, Value::Null).await?;
            let is_true = !matches!(value, Value::Null | Value::Bool(false)) && value != "" && value != 0;
            if is_true {
                return Ok(value);
            }
            if start.elapsed() > patience {
                let page = self.run("return document.body.innerText;", Value::Null).await?;
                let complaints = self.complaints().await?.join("\n");
                bail!("waited {patience:?} for: {expression}\ncomplaints: {complaints}\nthe page shows:\n{page}");
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until a file is there: one that is saved gets its name when it is whole.
    pub async fn wait_for_file(&self, path: &Path) -> anyhow::Result<()> {
        let start = Instant::now();
        while !path.exists() {
            ensure!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for {}", path.display());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, method: &str, input: Value) -> anyhow::Result<Value> {
        self.driver().cdp().send_raw(method, input).await.with_context(|| format!("{method} failed"))
    }

    /// Drops files and folders of this machine in the middle of the page, as a file manager does.
    pub async fn drop_files(&self, paths: &[&Path]) -> anyhow::Result<()> {
        let files: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        /// `DragOperation` of the protocol.
        const COPY: u32 = 1;
        let data = json!({ "items": [], "files": files, "dragOperationsMask": COPY });
        let middle = self.run("return { x: innerWidth / 2, y: innerHeight / 2 };", Value::Null).await?;
        for step in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": step, "x": middle["x"], "y": middle["y"], "data": data });
            self.devtools("Input.dispatchDragEvent", event).await?;
        }
        Ok(())
    }

    /// Everything the browser complained of so far: errors, failed requests, violations of the content policy.
    pub async fn complaints(&mut self) -> anyhow::Result<Vec<String>> {
        for entry in self.driver().browser_log().await? {
            let is_violation = entry.message.contains("Content Security Policy");
            if entry.level == "SEVERE" || is_violation {
                self.complaints.push(entry.message);
            }
        }
        Ok(self.complaints.clone())
    }

    /// Closes the browser as a user does.
    pub async fn quit(mut self) -> anyhow::Result<()> {
        let driver = self.driver.take().expect("taken only by what consumes the browser");
        driver.quit().await.context("Chromium did not close")
    }

    /// Ends the browser at once, as a crash or a power cut does: nothing gets to finish.
    pub async fn kill(self) {
        drop(self);
        // Its children notice that it is gone and end too; the profile is free only then.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            // Neither may still be running; what is left of the session goes with the browser.
            let _ = Command::new("kill").args(["-9", &self.pid.to_string()]).status();
            let _ = driver.leak();
        }
        end(&mut self.chromedriver);
    }
}

fn start_chromedriver(program: &str, profile: &Path) -> anyhow::Result<(Child, u16)> {
    let mut child = Command::new(program)
        .arg("--port=0")
        // A browser that is killed leaves its temporary files behind: beside the profile, they go with it.
        .env("TMPDIR", profile.parent().unwrap_or(profile))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("could not start {program}"))?;
    let output = child.stdout.take().context("chromedriver has no output")?;
    for line in BufReader::new(output).lines() {
        // "ChromeDriver was started successfully on port 40123."
        if let Some((_, port)) = line?.rsplit_once(" successfully on port ") {
            return Ok((child, port.trim_end_matches('.').parse()?));
        }
    }
    end(&mut child);
    bail!("{program} did not say which port it listens on")
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
