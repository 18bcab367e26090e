// Starts the page: loads the wasm module that index.html preloads, and registers the service worker.
//
// What it tells the app, and hears from it:
//   <html data-update="ready"> and the event `dendro-update-ready` on window: a new version waits.
//   The app saves, lets go of its store, then dispatches `dendro-update-accepted` on window: the new version takes over
//   and the page is loaded again.

const script = document.querySelector('script[src$="boot.js"]');
const serviceWorker = script.dataset.serviceWorker; // absent in development

async function start() {
  const glue = document.querySelector('link[rel="modulepreload"]').href;
  const wasm = document.querySelector('link[rel="preload"][as="fetch"]').href;
  const { default: init } = await import(glue);
  await init({ module_or_path: wasm });
}

function showFailure(error) {
  const sentence = document.createElement('p');
  sentence.id = 'boot-failure';
  sentence.setAttribute('role', 'alert');
  sentence.textContent = `Dendro could not start in this browser. It needs WebAssembly with SIMD, as Chrome, Edge, Firefox and Safari have had since 2023. (${error})`;
  document.body.append(sentence);
}

async function register() {
  const registration = await navigator.serviceWorker.register(serviceWorker, { updateViaCache: 'none' });

  const announce = () => {
    document.documentElement.dataset.update = 'ready';
    window.dispatchEvent(new Event('dendro-update-ready'));
  };
  // The first installation has nothing to replace and is no news.
  const announceWaiting = () => {
    if (registration.waiting && navigator.serviceWorker.controller) announce();
  };
  announceWaiting();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', announceWaiting);
  });

  // A tab that stays open for days hears of a new version when it is looked at again.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().catch(() => {}); // offline: next time
  });

  let accepted = false;
  window.addEventListener('dendro-update-accepted', () => {
    accepted = true;
    if (registration.waiting) registration.waiting.postMessage('SKIP_WAITING');
    else location.reload(); // another tab accepted it first
  });
  let isControlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (accepted) location.reload();
    else if (isControlled) announce(); // another tab took the new version: this page is of the old one
    isControlled = true;
  });
}

start().catch(showFailure);
if (serviceWorker && 'serviceWorker' in navigator) {
  register().catch((error) => console.warn('Dendro will not open offline:', error));
}
