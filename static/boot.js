// Starts the page: loads the wasm module that index.html preloads, and registers the service worker.
//
// What it tells the app, and hears from it:
//   <html lang> and, where that is not English, <script type="text/plain" id="words">: the catalogue of its words.
//   <html data-update="ready"> and the event `dendro-update-ready` on window: a new version waits.
//   The app saves, lets go of its store, then dispatches `dendro-update-accepted` on window: the new version takes over
//   and the page is loaded again.

const script = document.querySelector('script[src$="boot.js"]');
const serviceWorker = script.dataset.serviceWorker; // absent in development

async function start() {
  const glue = document.querySelector('link[rel="modulepreload"]').href;
  const wasm = document.querySelector('link[rel="preload"][as="fetch"]').href;
  const [{ default: init }] = await Promise.all([import(glue), bringWords()]);
  await init({ module_or_path: wasm });
}

// What was chosen on the page, or the first of the browser's languages that Dendro has.
function chosenLanguage() {
  let kept;
  try {
    kept = localStorage.getItem('dendro.language');
  } catch {
    // A browser that keeps nothing.
  }
  const wanted = (kept ? [kept] : navigator.languages).find((language) => /^(en|zh)\b/.test(language)) ?? 'en';
  return wanted.startsWith('zh') ? 'zh-CN' : 'en';
}

// Fetches the words of the page and tells what is on it already. Without them it speaks English.
async function bringWords() {
  const language = chosenLanguage();
  if (language === 'en') return;
  const brought = await bring(`./languages/${language}.txt`).catch(() => undefined);
  if (brought === undefined) return;
  const words = document.createElement('script');
  words.type = 'text/plain';
  words.id = 'words';
  words.textContent = brought;
  document.head.append(words);
  document.documentElement.lang = language;
  const texts = document.createTreeWalker(document.getElementById('opening'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = told(texts.currentNode.data);
}

// The text of a file, if there is one.
async function bring(address) {
  const response = await fetch(address);
  return response.ok ? await response.text() : undefined;
}

// A text by the catalogue: pairs of lines, English and translated.
function told(text) {
  const lines = document.getElementById('words')?.textContent.split('\n') ?? [];
  const at = lines.indexOf(text);
  return at < 0 ? text : lines[at + 1];
}

function showFailure(error) {
  const sentence = document.createElement('p');
  sentence.id = 'boot-failure';
  sentence.setAttribute('role', 'alert');
  sentence.textContent = `${told('Dendro could not start in this browser. It needs WebAssembly with SIMD, as Chrome, Edge, Firefox and Safari have had since 2023.')} (${error})`;
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
  const listen = () => registration.installing?.addEventListener('statechange', announceWaiting);
  registration.addEventListener('updatefound', listen);
  // The browser may have found one before anybody listened.
  listen();
  announceWaiting();

  // A tab that stays open for days hears of a new version when it is looked at again.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().then(announceWaiting, () => {}); // offline: next time
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
