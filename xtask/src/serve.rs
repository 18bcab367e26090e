//! Serves a folder as a web host would, with Dendro's headers.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::{Context, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::args::Args;
use crate::build::Kind;
use crate::dist;
use crate::headers;

/// Development builds have an address of their own: a service worker of a release would answer for them.
const PORTS: [(Kind, u16); 2] = [(Kind::Release, 8017), (Kind::Development, 8018)];

/// `cargo xtask serve [--port P] [--dev] [--no-install]`
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let port = args.value::<u16>("--port")?;
    let (kind, install) = dist::build_options(&mut args);
    args.finish()?;
    let folder = dist::make(kind, install)?;
    let usual = PORTS.iter().find(|(of, _)| *of == kind).map_or(0, |&(_, port)| port);
    let site = Site::start(&folder, port.unwrap_or(usual), Host::Dendro)?;
    println!("Dendro is at {} (Ctrl-C ends it)", site.address());
    site.wait();
    Ok(())
}

/// Whether the server adds Dendro's headers, or is as plain as many a static host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    Dendro,
    Plain,
}

/// A running server; it stops when this is dropped.
pub struct Site {
    server: Arc<Server>,
    threads: Vec<JoinHandle<()>>,
    port: u16,
}

impl Site {
    /// Serves `folder` on this machine only. Port 0 takes any that is free.
    pub fn start(folder: &Path, port: u16, host: Host) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let server = Server::http(address)
            .map_err(|error| anyhow!(error))
            .with_context(|| format!("port {port} cannot be used; choose another with --port"))?;
        let port = server.server_addr().to_ip().map_or(port, |address| address.port());
        let server = Arc::new(server);
        let threads = (0..4)
            .map(|_| {
                let (server, folder) = (server.clone(), folder.to_path_buf());
                std::thread::spawn(move || {
                    for request in server.incoming_requests() {
                        answer(request, &folder, host);
                    }
                })
            })
            .collect();
        Ok(Self { server, threads, port })
    }

    pub fn address(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        for thread in std::mem::take(&mut self.threads) {
            // A thread that panicked has told so itself; the others go on.
            let _ = thread.join();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            // As in `wait`.
            let _ = thread.join();
        }
    }
}

fn answer(request: Request, folder: &Path, host: Host) {
    let is_read = matches!(request.method(), Method::Get | Method::Head);
    let found = if is_read { file_at(folder, request.url()) } else { None };
    let response = match found.and_then(|path| Some((fs::read(&path).ok()?, path))) {
        Some((bytes, path)) => {
            let path = path.to_string_lossy().into_owned();
            let mut response = Response::from_data(bytes)
                .with_header(header("Content-Type", headers::media_type(&path)))
                // Asked for again each time: the service worker is what makes the second visit fast.
                .with_header(header("Cache-Control", "no-cache"));
            if host == Host::Dendro {
                for (name, value) in headers::COMMON {
                    response.add_header(header(name, value));
                }
            }
            response
        }
        None => Response::from_string("not found\n").with_status_code(404),
    };
    // The browser may have gone away meanwhile; nobody is left to be told.
    let _ = request.respond(response);
}

/// The file an address names; nothing outside of `folder`.
fn file_at(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = Path::new(url.split(['?', '#']).next()?.trim_start_matches('/'));
    let is_plain =
        |part: Component<'_>| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().contains(&0));
    if !path.components().all(is_plain) {
        return None;
    }
    let file = folder.join(path);
    Some(if file.is_dir() { file.join("index.html") } else { file })
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("header names and values are constants in ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_leaves_the_folder() {
        let folder = Path::new("/srv");
        assert_eq!(file_at(folder, "/a/b.js?x#y"), Some(PathBuf::from("/srv/a/b.js")));
        assert_eq!(file_at(folder, "/../etc/passwd"), None);
        assert_eq!(file_at(folder, "/a/../../etc/passwd"), None);
        assert_eq!(file_at(folder, "/./a.js"), None);
        assert_eq!(file_at(folder, "//etc/passwd"), Some(PathBuf::from("/srv/etc/passwd")));
    }
}
