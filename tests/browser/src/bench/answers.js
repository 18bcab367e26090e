// Puts questions to the data thread one after the other, and notes when its first partial and its last answer come.
const number = (bytes, at) => {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
};

// Kinds of messages, by their first byte.
const PROGRESS = 1;
const DONE = 2;

const ask = (id, bytes) =>
  new Promise((resolve) => {
    const message = new Uint8Array(bytes);
    const start = performance.now();
    let first;
    const listener = ({ data }) => {
      if (!(data instanceof Uint8Array) || ![PROGRESS, DONE].includes(data[0]) || number(data, 1) !== id) return;
      first ??= performance.now() - start;
      if (data[0] === PROGRESS) return;
      bench.dataThread.removeEventListener('message', listener);
      resolve({ first, last: performance.now() - start, answer: data });
    };
    bench.dataThread.addEventListener('message', listener);
    bench.dataThread.postMessage([message, []], [message.buffer]);
  });

const times = {};
let answer;
for (const { name, id, bytes } of input.asks) {
  const answered = await ask(id, bytes);
  if (name === null) continue;
  const of = (times[name] ??= { first: [], last: [] });
  of.first.push(answered.first);
  of.last.push(answered.last);
  answer = answered.answer;
}
return { times, answer: Array.from(answer) };
