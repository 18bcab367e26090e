//! Serves a folder as a web host would, with Dendro's headers.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use anyhow::Context;

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

const TEXT: &str = "text/plain; charset=utf-8";

/// A running server; it stops when this is dropped.
///
/// Each connection has a thread and answers one request: a browser keeps several open and asks on any of them, and once
/// the server has stopped none of them may still be waited on.
pub struct Site {
    port: u16,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    /// Serves `folder` on this machine only. Port 0 takes any that is free.
    pub fn start(folder: &Path, port: u16, host: Host) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("port {port} cannot be used; choose another with --port"))?;
        let port = listener.local_addr()?.port();
        let stopped = Arc::new(AtomicBool::new(false));
        let (seen, folder) = (stopped.clone(), folder.to_path_buf());
        let thread = spawn(move || accept(&listener, &folder, host, &seen));
        Ok(Self { port, stopped, thread: Some(thread) })
    }

    pub fn address(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // It looks up only when someone comes in; where nobody can, it has ended already.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            // As in `wait`.
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, folder: &Path, host: Host, stopped: &AtomicBool) {
    for stream in listener.incoming() {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let folder = folder.to_path_buf();
        // Where it fails the browser has gone away meanwhile, and nobody is left to be told.
        spawn(move || answer(stream, &folder, host).ok());
    }
}

/// Reads one request (RFC 9112) and answers it.
fn answer(mut stream: TcpStream, folder: &Path, host: Host) -> io::Result<()> {
    /// Browsers open connections in advance and may never use them.
    const LONGEST_SILENCE: Duration = Duration::from_secs(60);
    const MOST_HEAD_BYTES: u64 = 64 << 10;
    stream.set_read_timeout(Some(LONGEST_SILENCE))?;
    let mut lines = BufReader::new((&stream).take(MOST_HEAD_BYTES)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // Read to the end of the head: a connection that is closed with something unread is reset, answer and all.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let (status, media_type, body) = match request.split(' ').collect::<Vec<_>>()[..] {
        ["GET" | "HEAD", url, _] => match file_at(folder, url).and_then(|path| Some((fs::read(&path).ok()?, path))) {
            Some((bytes, path)) => ("200 OK", headers::media_type(&path.to_string_lossy()), bytes),
            None => ("404 Not Found", TEXT, b"not found\n".to_vec()),
        },
        _ => ("400 Bad Request", TEXT, b"only GET and HEAD\n".to_vec()),
    };
    stream.write_all(head(status, media_type, body.len(), host).as_bytes())?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.shutdown(Shutdown::Write)
}

fn head(status: &str, media_type: &str, n_bytes: usize, host: Host) -> String {
    let mut head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {n_bytes}\r\nContent-Type: {media_type}\r\n"
    );
    // Asked for again each time: the service worker is what makes the second visit fast.
    head.push_str("Cache-Control: no-cache\r\n");
    let security: &[(&str, &str)] = match host {
        Host::Dendro => &headers::COMMON,
        Host::Plain => &[],
    };
    for (name, value) in security {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head
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

    #[test]
    fn files_are_served_with_the_headers_until_it_stops() {
        let site = Site::start(&crate::root().join("static"), 0, Host::Dendro).unwrap();
        let port = site.port;
        let ask = move |request: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.write_all(format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            io::Result::Ok(answer)
        };
        // Connections opened in advance are in nobody's way.
        let _idle: Vec<_> = (0..20).map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap()).collect();
        let answer = ask("GET /boot.js?x").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nContent-Security-Policy: default-src 'none'"), "{answer}");
        assert!(answer.contains("\r\n\r\n// Starts the page"), "{answer}");
        assert!(ask("HEAD /boot.js").unwrap().ends_with("\r\n\r\n"));
        assert!(ask("GET /nowhere.js").unwrap().starts_with("HTTP/1.1 404 "));
        assert!(ask("POST /boot.js").unwrap().starts_with("HTTP/1.1 400 "));
        drop(site);
        assert!(ask("GET /boot.js").is_err());
    }
}
