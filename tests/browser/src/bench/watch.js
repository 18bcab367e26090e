// Runs before the page's own scripts and notes when things happen, in milliseconds since the page was opened.
(() => {
  const bench = { dropped: 0, firstRows: 0, saved: 0, longestTask: 0, wasmMemory: 0 };
  window.bench = bench;

  // The data thread, to be asked directly; not among the numbers.
  const Started = window.Worker;
  window.Worker = class extends Started {
    constructor(...how) {
      super(...how);
      if (bench.dataThread) return;
      Object.defineProperty(bench, 'dataThread', { value: this });
      Object.defineProperty(bench, 'loader', { value: how[0] });
    }
  };

  // Browsers report tasks of 50 ms and more; 0 means that there was none.
  const tasks = [];
  const noteTasks = (list) => {
    tasks.push(...list);
    for (const task of list) {
      if (task.startTime >= bench.dropped) bench.longestTask = Math.max(bench.longestTask, task.duration);
    }
  };
  const observer = new PerformanceObserver((list) => noteTasks(list.getEntries()));
  observer.observe({ type: 'longtask', buffered: true });

  // Of those that began after `start`; what has just ended is reported a moment later.
  const longestTaskSince = async (start) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    noteTasks(observer.takeRecords());
    return Math.max(0, ...tasks.filter((task) => task.startTime >= start).map((task) => task.duration));
  };
  Object.defineProperty(bench, 'longestTaskSince', { value: longestTaskSince });

  const countSources = () => document.querySelectorAll('#sources [data-state]').length;
  let sourcesBefore = 0;

  addEventListener(
    'drop',
    () => {
      sourcesBefore = countSources();
      Object.assign(bench, { dropped: performance.now(), firstRows: 0, saved: 0, longestTask: 0 });
    },
    true,
  );

  const isSaved = () =>
    document.querySelector('#saved')?.dataset.complete === 'true' &&
    countSources() > sourcesBefore &&
    document.querySelector('#sources [data-state=reading], #sources [data-state=waiting]') === null;

  const look = () => {
    if (!bench.firstRows && document.querySelector('[data-stage=workbench] #entries .entry:not(.awaited)')) bench.firstRows = performance.now();
    if (bench.dropped && !bench.saved && isSaved()) bench.saved = performance.now();
    const wasmMemory = Number(document.querySelector('#status')?.dataset.wasmMemoryBytes ?? 0);
    bench.wasmMemory = Math.max(bench.wasmMemory, wasmMemory);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
})();
