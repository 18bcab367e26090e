// Scrolls as a wheel does, then as someone who drags the scroll bar; answers the 5th percentile of frames per second.
const entries = document.querySelector('#entries');
const FRAMES = 240;
const frame = () => new Promise(requestAnimationFrame);

entries.scrollTop = 0;
const millis = [];
let before = await frame();
for (let i = 0; i < FRAMES; i++) {
  if (i < FRAMES / 2) entries.scrollTop += 90;
  else entries.scrollTop = (entries.scrollHeight * ((i * 37) % FRAMES)) / FRAMES;
  const now = await frame();
  millis.push(now - before);
  before = now;
}
millis.sort((a, b) => a - b);
return Math.round(10000 / millis[Math.floor(millis.length * 0.95)]) / 10;
