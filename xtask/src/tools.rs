//! What a build and the tests need beside Rust, and how it gets here.
//!
//! Everything missing is named before it is installed; with `--no-install` it is only named.

use std::fs;
use std::process::Command;

use anyhow::{Context, bail};

use crate::args::Args;
use crate::command;

/// Older compilers crash on SQLite with the SIMD and bulk-memory flags.
const OLDEST_CLANG: u32 = 17;
/// What Debian packages, and is known to work.
const PACKAGED_CLANG: u32 = 19;
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Whether missing tools may be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Install {
    Allowed,
    Never,
}

/// `--no-install`, as every verb that needs tools takes it.
pub fn install_option(args: &mut Args) -> Install {
    if args.flag("--no-install") { Install::Never } else { Install::Allowed }
}

/// A C compiler for wasm and the archiver that goes with it; SQLite is compiled with them.
pub struct Clang {
    pub compiler: String,
    pub archiver: String,
}

/// A browser and the program that drives it.
pub struct Browser {
    pub chromium: String,
    pub driver: String,
}

/// Set where a browser test without a browser fails instead of being skipped.
pub const MUST_PLAY: &str = "DENDRO_BROWSER_TESTS_MUST_PLAY";

impl Browser {
    /// Loads an empty page. The error says what keeps the browser tests from running, and what helps.
    pub fn try_out(&self) -> anyhow::Result<()> {
        let versions = [&self.chromium, &self.driver].map(|name| command::version_of(name).unwrap_or_default());
        let [browser, driver] = versions.each_ref().map(|line| major_version(line));
        if browser.is_some() && driver.is_some() && browser != driver {
            bail!(
                "the browser tests cannot run: {} and {} are of different versions ({}; {}). \
                 Update both together, on Debian with `sudo apt-get install chromium chromium-driver`, then run this again",
                self.chromium,
                self.driver,
                versions[0],
                versions[1]
            );
        }
        let profile = std::env::temp_dir().join(format!("dendro-try-out-{}", std::process::id()));
        let mut chromium = Command::new(&self.chromium);
        chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom", "about:blank"]);
        let output = chromium.arg(format!("--user-data-dir={}", profile.display())).output();
        // Nothing of it is wanted; what cannot be removed lies in the system's folder for that.
        let _ = fs::remove_dir_all(&profile);
        let output = output.with_context(|| format!("could not start {}", self.chromium))?;
        if !output.status.success() || !String::from_utf8_lossy(&output.stdout).contains("<html") {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!(
                "the browser tests cannot run: {} does not show an empty page ({}). It says:\n{}\n\
                 Make `{} --headless --no-sandbox --dump-dom about:blank` work, then run this again",
                self.chromium,
                output.status,
                said.trim(),
                self.chromium
            );
        }
        Ok(())
    }
}

/// 156 in "Chromium 156.0.7444.59 built on Debian" and in "ChromeDriver 156.0.7444.59 (…)".
fn major_version(line: &str) -> Option<u32> {
    line.split(' ').find_map(|word| word.split('.').next()?.parse().ok())
}

/// Finds or installs the wasm target and clang.
pub fn for_build(install: Install) -> anyhow::Result<Clang> {
    wasm_target(install)?;
    if let Some(clang) = find_clang() {
        return Ok(clang);
    }
    let packages = [format!("clang-{PACKAGED_CLANG}"), format!("llvm-{PACKAGED_CLANG}")];
    let why = format!("SQLite is compiled to WebAssembly with clang {OLDEST_CLANG} or later, which was not found");
    debian_packages(install, &why, &packages)?;
    find_clang().with_context(|| format!("{} was installed, but is not on the PATH", packages[0]))
}

/// Finds or installs Chromium and its driver.
pub fn for_browser_tests(install: Install) -> anyhow::Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    let packages = ["chromium".to_owned(), "chromium-driver".to_owned()];
    debian_packages(install, "the browser tests drive Chromium through chromedriver; one is missing", &packages)?;
    find_browser().context("chromium was installed, but is not on the PATH")
}

/// Chromium and chromedriver where both are here.
pub fn find_browser() -> Option<Browser> {
    let chromium = ["chromium", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .find(|name| command::version_of(name).is_some())?;
    command::version_of("chromedriver")?;
    Some(Browser { chromium: chromium.to_owned(), driver: "chromedriver".to_owned() })
}

fn wasm_target(install: Install) -> anyhow::Result<()> {
    let sysroot = command::read(Command::new("rustc").args(["--print", "sysroot"]))?;
    let libraries = format!("{}/lib/rustlib/{WASM_TARGET}/lib", sysroot.trim());
    if fs::exists(&libraries).unwrap_or(false) {
        return Ok(());
    }
    if install == Install::Never {
        bail!("Rust's {WASM_TARGET} target is missing: run `rustup target add {WASM_TARGET}`");
    }
    eprintln!("Installing Rust's {WASM_TARGET} target: the page and its data thread are compiled for it.");
    command::run(Command::new("rustup").args(["target", "add", WASM_TARGET]))
        .with_context(|| format!("install the {WASM_TARGET} target the way Rust was installed here"))
}

/// The newest clang that comes with an archiver.
fn find_clang() -> Option<Clang> {
    let numbered = (OLDEST_CLANG..OLDEST_CLANG + 20).rev().map(|n| (format!("clang-{n}"), format!("llvm-ar-{n}")));
    let plain = ("clang".to_owned(), "llvm-ar".to_owned());
    numbered
        .chain([plain])
        .filter(|(compiler, archiver)| {
            command::version_of(compiler).is_some_and(|line| clang_version(&line) >= Some(OLDEST_CLANG))
                && command::version_of(archiver).is_some()
        })
        .map(|(compiler, archiver)| Clang { compiler, archiver })
        .next()
}

/// Major version in "Debian clang version 19.1.7 (3)".
fn clang_version(line: &str) -> Option<u32> {
    let (_, version) = line.split_once("clang version ")?;
    version.split('.').next()?.parse().ok()
}

fn debian_packages(install: Install, why: &str, packages: &[String]) -> anyhow::Result<()> {
    let names = packages.join(" ");
    if command::version_of("apt-get").is_none() {
        bail!("{why}. Install what Debian calls {names} with this system's package manager, then run this again");
    }
    if install == Install::Never {
        bail!("{why}. Run `sudo apt-get install --no-install-recommends {names}`, then run this again");
    }
    let is_root = command::read(Command::new("id").arg("-u"))?.trim() == "0";
    if !is_root && command::version_of("sudo").is_none() {
        bail!("{why}. As root, run `apt-get install --no-install-recommends {names}`, then run this again");
    }
    eprintln!("Installing {names}: {why}.");
    let apt_get = |args: &[&str]| {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.arg("apt-get");
        }
        command::run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
    args.extend(packages.iter().map(String::as_str));
    apt_get(&["update", "-q"]).and_then(|()| apt_get(&args)).with_context(|| {
        format!(
            "{why}, and could not be installed; is there a network? \
             Install what Debian calls {names} by hand, then run this again with --no-install"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_and_driver_are_compared_by_their_major_version() {
        assert_eq!(major_version("Chromium 156.0.7444.59 built on Debian GNU/Linux 12"), Some(156));
        assert_eq!(major_version("ChromeDriver 156.0.7444.59 (4a2b)"), Some(156));
        assert_eq!(major_version(""), None);
    }

    #[test]
    fn a_browser_that_does_not_start_is_told_with_what_helps() {
        let browser = Browser { chromium: "false".to_owned(), driver: "false".to_owned() };
        let error = browser.try_out().unwrap_err().to_string();
        assert!(error.contains("cannot run") && error.contains("then run this again"), "{error}");
    }

    #[test]
    fn the_major_version_of_clang_is_read() {
        assert_eq!(clang_version("Debian clang version 19.1.7 (3)"), Some(19));
        assert_eq!(clang_version("Apple clang version 17.0.0"), Some(17));
        assert_eq!(clang_version("gcc (Debian 12.2.0) 12.2.0"), None);
    }
}
