//! Which service a file is of, by its path, where its entries name none.
//!
//! ```text
//! inventory-2026-11-19.log             inventory   without what rotation added
//! shop-cart-7f8d9c6b5d-x2x8p.log       shop-cart   a pod's log is its deployment's
//! payment/logs/2026-11-20.log          payment     a number, a day, an address or a word that any service has for its logs
//! nginx/access.log                     nginx       says nothing: the folder does
//! ```

use std::net::IpAddr;

use model::rotation::part_of;

use super::names::pod_of_path;

/// A service's name, and whether it is that of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPath {
    pub name: String,
    pub is_folder: bool,
}

/// Files of any service are called so.
const ANY_FILE: [&str; 29] = [
    "access",
    "access_log",
    "error",
    "errors",
    "error_log",
    "server",
    "service",
    "app",
    "application",
    "main",
    "stdout",
    "stderr",
    "out",
    "err",
    "output",
    "current",
    "latest",
    "combined",
    "console",
    "log",
    "logs",
    "logfile",
    "message",
    "messages",
    "debug",
    "info",
    "warn",
    "trace",
    "request",
];

/// Folders of any service, and of none.
const ANY_FOLDER: [&str; 18] = [
    "var",
    "tmp",
    "opt",
    "srv",
    "usr",
    "etc",
    "mnt",
    "home",
    "root",
    "data",
    "pods",
    "containers",
    "volumes",
    "archive",
    "old",
    "today",
    "yesterday",
    "downloads",
];

/// What is in an archive has the archive for its folder: the name of a bundle is no service's.
const ARCHIVES: [&str; 11] = [".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z", ".7z", ".jar"];

/// The name up to its first dot, or the nearest folder that has a name of its own where that says nothing.
pub fn service_of_path(path: &str) -> OfPath {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let of = |name: &str, is_folder| OfPath { name: name.to_owned(), is_folder };
    if let Some((deployment, _)) = pod_of_path(name) {
        return of(deployment, false);
    }
    let (log, _) = part_of(name);
    let whole = log.rsplit_once('.').map_or(&*log, |(whole, _)| whole);
    let address = [whole, &*log].into_iter().find(|name| name.parse::<IpAddr>().is_ok());
    let own = address.unwrap_or_else(|| log.split('.').find(|part| !part.is_empty()).unwrap_or(&log));
    if address.is_none() && !is_number(own) && !is_one_of(&ANY_FILE, own) {
        return of(own, false);
    }
    for folder in folders.rsplit('/').take_while(|folder| !ARCHIVES.iter().any(|end| folder.ends_with(end))) {
        if let Some((deployment, _)) = pod_of_path(folder) {
            return of(deployment, true);
        }
        let says_nothing = folder.bytes().all(|byte| byte == b'.')
            || is_number(folder)
            || is_one_of(&ANY_FILE, folder)
            || is_one_of(&ANY_FOLDER, folder)
            || folder.parse::<IpAddr>().is_ok();
        if !says_nothing {
            return of(folder, true);
        }
    }
    of(own, false)
}

/// A number, a day, a time, a version.
fn is_number(name: &str) -> bool {
    let digits = name.strip_prefix('v').unwrap_or(name);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'_' | b'.' | b':' | b'T' | b'Z'))
}

fn is_one_of(words: &[&str], name: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_rotated_log_and_replicas_are_of_one_service() {
        for (path, service) in [
            ("inventory-2026-11-19.log", "inventory"),
            ("var/inventory-2026-11-20.log.gz", "inventory"),
            ("inventory.log.1", "inventory"),
            ("shop-cart-7f8d9c6b5d-x2x8p.log", "shop-cart"),
            ("var/gateway-access.log", "gateway-access"),
            (".hidden.log", "hidden"),
            ("", ""),
        ] {
            assert_eq!(service_of_path(path), OfPath { name: service.to_owned(), is_folder: false }, "{path}");
        }
    }

    #[test]
    fn where_a_file_is_called_as_that_of_any_service_its_folder_says_which() {
        for (path, service) in [
            ("var/log/pods/shop_cart-5c67c48447-fj8b7_4f3a/cart-app/0.log", "cart-app"),
            ("cart-5c67c48447-fj8b7/0.log", "cart"),
            ("payment/2026-11-20.log", "payment"),
            ("payment/logs/2026/11/20/app.log", "payment"),
            ("checkout/stderr", "checkout"),
            ("order-service/server.log.3.gz", "order-service"),
            ("bundle.zip/var/log/nginx/access.log", "nginx"),
            ("edge/127.0.0.1.log", "edge"),
        ] {
            assert_eq!(service_of_path(path), OfPath { name: service.to_owned(), is_folder: true }, "{path}");
        }
    }

    #[test]
    fn without_such_a_folder_the_file_keeps_its_own_name() {
        for (path, service) in [
            ("access.log", "access"),
            ("var/log/app.log", "app"),
            ("/var/log/messages", "messages"),
            ("bundle.zip/server.log", "server"),
            ("10.9.8.7/access.log", "access"),
            ("127.0.0.1.log", "127.0.0.1"),
            ("0.log", "0"),
            ("shop/cart.log", "cart"),
        ] {
            assert_eq!(service_of_path(path), OfPath { name: service.to_owned(), is_folder: false }, "{path}");
        }
    }
}
