// Starts the data thread, and the readers it starts in turn: loads the wasm module of the worker crate.
// Trunk writes a loader of the same name; both leave it to the module to see what it was started as.
import init from './worker.js';

await init({ module_or_path: new URL('./worker_bg.wasm', import.meta.url) });
