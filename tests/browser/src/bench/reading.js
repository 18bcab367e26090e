// Gives a reader of its own one file after the other, and times each from the message to the end of it; the blocks go nowhere.
const { copies, rounds, credit, files } = input;

// Kinds of messages, by their first byte.
const READY = 0;
const ENDED = 4;
const COMPLETE = 0;

const reader = new Worker(bench.loader, { type: 'module', name: 'dendro reader' });
const heard = (kind) =>
  new Promise((resolve, reject) => {
    const listener = ({ data }) => {
      if (!(data instanceof Uint8Array)) return reject(new Error(`the reader said ${data}`));
      if (data[0] !== kind) return;
      reader.removeEventListener('message', listener);
      resolve(data);
    };
    reader.addEventListener('message', listener);
  });

await heard(READY);
const best = {};
for (let round = 0; round < rounds; round++) {
  for (const { name, text, read } of files) {
    const file = new File(Array(copies).fill(text), 'bench.log');
    const ended = heard(ENDED);
    const start = performance.now();
    reader.postMessage([new Uint8Array(read), [file]]);
    reader.postMessage(new Uint8Array(credit));
    const end = await ended;
    const millis = performance.now() - start;
    if (end[1] !== COMPLETE) throw new Error(`${name} was not read to its end`);
    best[name] = Math.max(best[name] ?? 0, file.size / 1000 / millis);
  }
}
reader.terminate();
return best;
