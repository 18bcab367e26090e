// Looks at spans as a user would, and times what comes: a long trace, the map of all services, many patterns, lanes.
const { trace, services, ping, pingId, layout, layoutId } = input;
const frame = () => new Promise(requestAnimationFrame);
const find = (selector) => document.querySelector(selector);

const until = async (holds) => {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > 60_000) throw new Error(`it never came: ${holds}`);
    await frame();
  }
  return performance.now() - start;
};

const click = (selector) => {
  const start = performance.now();
  find(selector).click();
  return start;
};

// From the click until what it brings is painted.
const shown = async (tab, holds) => {
  bench.longestTask = 0;
  const start = click(tab);
  await until(holds);
  await frame();
  return performance.now() - start;
};

// The 5th percentile of frames a second while something moves.
const fps = async (move) => {
  const FRAMES = 120;
  const millis = [];
  let before = await frame();
  for (let i = 0; i < FRAMES; i++) {
    move(i, FRAMES);
    const now = await frame();
    millis.push(now - before);
    before = now;
  }
  millis.sort((a, b) => a - b);
  return Math.round(10000 / millis[Math.floor(millis.length * 0.95)]) / 10;
};

const scrolling = (selector) => {
  const box = find(selector);
  return fps((i, n) => {
    if (i < n / 2) box.scrollTop += 90;
    else box.scrollTop = (box.scrollHeight * ((i * 37) % n)) / n;
  });
};

// Kinds of messages, by their first byte; the number behind it.
const DONE = 2;
const number = (bytes, at) => {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
};

// Until the data thread has answered what nobody else asks.
const answered = (ask, id) => new Promise((resolve) => {
  const message = new Uint8Array(ask);
  const start = performance.now();
  const listener = ({ data }) => {
    if (!(data instanceof Uint8Array) || data[0] !== DONE || number(data, 1) !== id) return;
    bench.dataThread.removeEventListener('message', listener);
    resolve(performance.now() - start);
  };
  bench.dataThread.addEventListener('message', listener);
  bench.dataThread.postMessage([message, []], [message.buffer]);
});

// The longest that the data thread does not answer what costs nothing, while something else is asked of it.
const longestSilence = async (work) => {
  let longest = 0;
  let isDone = false;
  const listen = new Promise((resolve) => {
    let sent = performance.now();
    const send = () => {
      const message = new Uint8Array(ping);
      sent = performance.now();
      bench.dataThread.postMessage([message, []], [message.buffer]);
    };
    const listener = ({ data }) => {
      if (!(data instanceof Uint8Array) || data[0] !== DONE || number(data, 1) !== pingId) return;
      longest = Math.max(longest, performance.now() - sent);
      if (!isDone) return void setTimeout(send, 1);
      bench.dataThread.removeEventListener('message', listener);
      resolve();
    };
    bench.dataThread.addEventListener('message', listener);
    send();
  });
  const result = await work();
  isDone = true;
  await listen;
  return [result, longest];
};

const search = async (query) => {
  const box = find('#search');
  box.value = query;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  await until(() => new URLSearchParams(location.hash.slice(1)).get('q') === (query || null));
};

const figures = {};
const measure = async (name, work) => {
  const [ms, silence] = await longestSilence(work);
  figures[`${name}_ms`] = ms;
  figures[`${name}_longest_task_ms`] = bench.longestTask;
  figures[`${name}_data_thread_silent_ms`] = silence;
};

// All of the map: what was drawn of it before it was known as a whole is not it.
const nodes = () => document.querySelectorAll('#map [data-node]').length;
const isDrawn = () => find('#map')?.dataset.complete === 'true' && find('#map-picture')?.dataset.drawn === 'true' && nodes() === services;
await measure('map', () => shown('#tab-map', isDrawn));
figures.map_nodes = nodes();
figures.map_edges = Number(find('#map-picture').dataset.edges);
await measure('layout', () => answered(layout, layoutId));
const map = find('#map .map-frame');
const box = map.getBoundingClientRect();
const middle = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true, cancelable: true };
figures.map_zoom_fps_p5 = await fps((i, n) => map.dispatchEvent(new WheelEvent('wheel', { ...middle, deltaY: i < n / 2 ? -20 : 20 })));

await measure('patterns', () => shown('#tab-patterns', () => find('#patterns')?.dataset.complete === 'true' && find('#pattern-rows [role=row]:not(.columns)')));
figures.patterns = find('#pattern-rows').ariaRowCount - 1;
figures.patterns_scroll_fps_p5 = await scrolling('#pattern-rows');

await measure('signals', () => shown('#tab-signals', () => find('#signals')?.dataset.complete === 'true' && find('#signals td')));
await measure('groups', () => shown('#tab-groups', () => find('#groups')?.dataset.complete === 'true'));

find('#tab-entries').click();
const split = find('#split');
split.focus();
await until(() => find('#split option[value="lanes service"]'));
await measure('lanes', async () => {
  const start = performance.now();
  split.value = 'lanes service';
  split.dispatchEvent(new Event('change', { bubbles: true }));
  await until(() => find('#lanes')?.dataset.complete === 'true' && find('#lanes path'));
  await frame();
  return performance.now() - start;
});

await search(`trace_id:${trace}`);
await until(() => find('#match-count')?.dataset.complete === 'true' && find('#entries .entry:not(.awaited)')?.innerText.includes('long'));
find('#entries .entry:not(.awaited)').click();
await until(() => find('#tab-trace') && !find('#tab-trace').disabled);
await measure('waterfall', () => shown('#tab-trace', () => find('#trace')?.dataset.complete === 'true' && find('#trace li')));
figures.waterfall_rows = Math.round(find('#trace ul').getBoundingClientRect().height / find('#trace li').getBoundingClientRect().height);
figures.waterfall_scroll_fps_p5 = await scrolling('#trace .trace-rows');
return figures;
