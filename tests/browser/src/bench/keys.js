// Notes for each key that is typed into the search box, in milliseconds from the key, when two things are painted: what the letter
// does to the rows in sight (those that go are dimmed, or the first page is there), and the first page.
const box = document.querySelector('#search');
const isPage = ({ classList }) => !classList.contains('stale') && !classList.contains('previewing');
const isSaid = (entries) => isPage(entries) || entries.querySelector('.entry.going') !== null;

// A frame is painted right after its callbacks, before any message.
const painted = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    requestAnimationFrame(() => port2.postMessage(null));
  });

const until = (isSo) =>
  new Promise((resolve) => {
    if (isSo(document.querySelector('#entries'))) return resolve();
    const observer = new MutationObserver(() => {
      if (!isSo(document.querySelector('#entries'))) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
  });

// The page hears of the letter before this resolves.
const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(null);
  });

const follow = async (pressed) => {
  await turn();
  const after = async (isSo) => {
    await until(isSo);
    return (await painted()) - pressed;
  };
  const [said, page] = await Promise.all([after(isSaid), after(isPage)]);
  return { said, page };
};

let pressed = 0;
box.addEventListener('keydown', (event) => (pressed = event.timeStamp), true);
box.addEventListener('input', () => Object.defineProperty(bench, 'typed', { value: follow(pressed), configurable: true }), true);
