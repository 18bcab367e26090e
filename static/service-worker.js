// Keeps the application (never the user's logs) in the browser, so that Dendro opens without a network.
//
// Installing fetches every file of one version, checked against its digest, or nothing at all. A new version waits until
// the user accepts it (boot.js), so that page, data thread and files are always of one build. Responses get the security
// headers, for hosts that cannot send them.

// Written by `cargo xtask dist`: a digest of all of it; [address, digest] of each file; [name, value] of each header.
const VERSION = 'development';
const SHELL = [];
const HEADERS = [];

const PREFIX = 'dendro-shell-';
const CACHE = PREFIX + VERSION;
const PAGE = new URL('./', self.location).href;
const INDEX = new URL('./index.html', self.location).href;
const KEPT = new Set(SHELL.map(([path]) => new URL(path, self.location).href));

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const address = kept(event.request);
  if (address) event.respondWith(serve(event.request, address));
});
self.addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') self.skipWaiting();
});

async function install() {
  const responses = await Promise.all(
    SHELL.map(async ([path, integrity]) => {
      const address = new URL(path, self.location).href;
      const response = await fetch(address, { cache: 'no-cache', integrity });
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      return [address, withHeaders(response)];
    }),
  );
  const cache = await caches.open(CACHE);
  await Promise.all(responses.map(([address, response]) => cache.put(address, response)));
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// A response of our own: a redirected one may not answer a navigation.
function withHeaders(response) {
  const headers = new Headers(response.headers);
  for (const [name, value] of HEADERS) headers.set(name, value);
  return new Response(response.body, { status: 200, headers });
}

// The address a request is kept under, or nothing where the network is to answer.
function kept(request) {
  if (request.method !== 'GET') return undefined;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return undefined;
  const address = url.origin + url.pathname;
  if (address === INDEX) return PAGE;
  return KEPT.has(address) ? address : undefined;
}

async function serve(request, address) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}
