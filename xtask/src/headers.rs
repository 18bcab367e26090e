//! The response headers Dendro is served with: nothing from elsewhere, nothing inline, isolated from other sites.

/// No request ever leaves the origin, no script or style is inline, and log text could not run even if it got into the page. Pictures
/// that the page draws itself are addresses that hold all of them (`data:`): nothing is fetched for those.
macro_rules! policy {
    () => {
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'"
    };
}

/// For the page's own `<meta>`: it holds where a host sends no headers and before the service worker does.
pub const META_POLICY: &str = policy!();

/// Sent with every file, and by the service worker where a host does not.
///
/// `frame-ancestors` is here only: browsers complain about it in a `<meta>`.
pub const COMMON: [(&str, &str); 6] = [
    ("Content-Security-Policy", concat!(policy!(), "; frame-ancestors 'none'")),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
];

/// Media type by the end of a file's name.
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
