// Types each query as often as asked, in turn with the others so that none answers from what the one before left warm.
// Times run from the keystroke to the rows, and to the exact count, being on the page.
const box = document.querySelector('#search');
const entries = document.querySelector('#entries');

const until = (isSo) =>
  new Promise((resolve) => {
    if (isSo()) return resolve(performance.now());
    const observer = new MutationObserver(() => {
      if (!isSo()) return;
      observer.disconnect();
      resolve(performance.now());
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });

// The page hears of the new query before this resolves.
const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(null);
  });

const ask = async (query) => {
  const start = performance.now();
  box.value = query;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  const firstPage = until(() => entries.dataset.shown === query);
  await turn();
  const counted = until(() => document.querySelector('#match-count').dataset.complete === 'true');
  return { firstPage: (await firstPage) - start, count: (await counted) - start };
};

const times = {};
for (let i = 0; i < input.repetitions; i++) {
  for (const [name, query] of input.queries) {
    await ask('');
    const { firstPage, count } = await ask(query);
    const of = (times[name] ??= { firstPage: [], count: [] });
    of.firstPage.push(firstPage);
    of.count.push(count);
    of.found = entries.ariaRowCount - 1;
  }
}
await ask('');
return times;
