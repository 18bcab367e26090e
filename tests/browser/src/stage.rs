//! What a test needs around it: the product served, a fresh browser, and an end that looks for complaints.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use xtask::serve::{Host, Site};
use xtask::tools::MUST_PLAY;

use crate::chromium::Chromium;

/// One browser at a time: they would slow each other down beyond what a test may wait.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub const DESKTOP: (u32, u32) = (1280, 800);

/// The product on a server of its own, and a profile that no other test knows.
pub struct Stage {
    site: Option<Site>,
    address: String,
    folder: TempDir,
}

impl Stage {
    /// Under the sub-path `/dendro/`, without Dendro's headers: the plainest host there is must do.
    pub fn new() -> anyhow::Result<Self> {
        let dist = xtask::root().join("dist");
        ensure!(dist.join("service-worker.js").exists(), "there is no release in dist/: run `cargo xtask dist` first");
        let folder = TempDir::new()?;
        let site_root = folder.path().join("site");
        copy(&dist, &site_root.join("dendro"))?;
        let site = Site::start(&site_root, 0, Host::Plain)?;
        let address = format!("{}dendro/", site.address());
        Ok(Self { site: Some(site), address, folder })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// As the browser tells sites apart: "http://localhost:40123".
    pub fn origin(&self) -> &str {
        self.address.trim_end_matches("/dendro/")
    }

    /// Pulls the network cable.
    pub fn stop_site(&mut self) {
        self.site = None;
    }

    /// Publishes a release that differs from the one before in nothing but its version.
    pub fn publish_new_version(&self) -> anyhow::Result<()> {
        let path = self.folder.path().join("site/dendro/service-worker.js");
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, text.replace("const VERSION = '", "const VERSION = 'next-"))?;
        Ok(())
    }

    /// From here on the product finds no IndexedDB, as in a private window of some browsers.
    pub fn take_storage_away(&self) -> anyhow::Result<()> {
        self.take_from_workers("self", "indexedDB")
    }

    /// From here on the product finds no Web Locks, as on a page without HTTPS.
    pub fn take_locks_away(&self) -> anyhow::Result<()> {
        self.take_from_workers("navigator", "locks")
    }

    fn take_from_workers(&self, object: &str, name: &str) -> anyhow::Result<()> {
        let site = self.folder.path().join("site/dendro");
        let loader = site.join("worker_loader.js");
        let text = std::fs::read_to_string(&loader)?;
        // Imports come first wherever they are written; the program itself starts with `await init`.
        let without = format!("Object.defineProperty({object}, '{name}', {{ value: undefined }});\nawait init");
        let changed = text.replacen("await init", &without, 1);
        ensure!(changed != text, "the loader does not start the program as it did");
        std::fs::write(&loader, changed)?;
        // The release lists the loader as it was, and would refuse it.
        let service_worker = site.join("service-worker.js");
        let text = std::fs::read_to_string(&service_worker)?;
        let (before, list) = text.split_once("const SHELL = ").context("the service worker has no list")?;
        let (_, after) = list.split_once(';').context("the list has an end")?;
        Ok(std::fs::write(&service_worker, format!("{before}const SHELL = [];{after}"))?)
    }

    /// A browser on this stage's profile, showing Dendro.
    pub async fn browser(&self) -> anyhow::Result<Chromium> {
        self.browser_of_size(DESKTOP).await
    }

    pub async fn browser_of_size(&self, size: (u32, u32)) -> anyhow::Result<Chromium> {
        let browser = self.blank_browser(size).await?;
        browser.open(&self.address).await?;
        Ok(browser)
    }

    /// A browser on this stage's profile, showing nothing yet.
    pub async fn blank_browser(&self, size: (u32, u32)) -> anyhow::Result<Chromium> {
        Chromium::start(&self.folder.path().join("profile"), size).await
    }

    /// Writes a file that a test drops; `path` may name folders.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> anyhow::Result<PathBuf> {
        let file = self.folder.path().join("files").join(path);
        std::fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
        std::fs::write(&file, content)?;
        Ok(file)
    }
}

/// Runs a browser test. Where there is no browser it says on standard error that it was skipped; `cargo xtask test` has it
/// fail instead.
pub fn play<F: Future<Output = anyhow::Result<()>>>(test: impl FnOnce(Stage) -> F) {
    if xtask::tools::find_browser().is_none() && std::env::var_os(MUST_PLAY).is_none() {
        let name = std::thread::current().name().unwrap_or("browser test").to_owned();
        // Not by a macro: those are swallowed where a test passes.
        writeln!(std::io::stderr(), "SKIPPED {name}: Chromium or chromedriver is not installed")
            .expect("standard error can be written to");
        return;
    }
    // A test that failed before this one says nothing about it.
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    if let Err(error) = runtime.block_on(async { test(Stage::new()?).await }) {
        panic!("{error:#}");
    }
}

/// Closes the browser; fails if it had anything to complain of.
pub async fn close(mut browser: Chromium) -> anyhow::Result<()> {
    let complaints = browser.complaints().await?;
    browser.quit().await?;
    if !complaints.is_empty() {
        bail!("the browser complained:\n{}", complaints.join("\n"));
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for path in xtask::dist::files(from)? {
        let target = to.join(&path);
        std::fs::create_dir_all(target.parent().context("a file is in a folder")?)?;
        std::fs::copy(from.join(&path), target)?;
    }
    Ok(())
}
