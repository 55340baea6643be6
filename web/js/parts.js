// The engine is in two files. mmscope.wasm holds what the first picture calls and reads; the rest, of which mmscope.wasm
// knows the name, is fetched behind it. tools/split-page.mjs has made both from one program by running the first picture.
//
//   mmscope.wasm ──► first picture ──► the rest is fetched ──► joined: every function, text and table is there
//
// A function that is called before it is there throws NotYet; so does reading a text that is not there, which calls such a
// function. A table that is not there is read by none but such functions. The call is then half done, so the memory of the
// program is no longer to be trusted: see rewind().

const ROOT = new URL('..', import.meta.url);
const FIRST = 'mmscope.wasm';

export class NotYet extends Error {
  constructor(slot) { super(`function ${slot} is in the rest of the engine`); }
}

/** The texts and tables that came with the rest: where in the memory each belongs. As constantsSection() of tools/split-page.mjs writes them. */
function constantsOf(rest) {
  const [section] = WebAssembly.Module.customSections(rest, 'constants');
  const [count, ...heads] = new Uint32Array(section, 0, 1 + 2 * new Uint32Array(section, 0, 1)[0]);
  let at = 4 + 8 * count;
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(section, at, heads[2 * i + 1]);
    at += bytes.length;
    return { place: heads[2 * i], bytes };
  });
}

/** The response to a file of the page that is there. onBytes(name, count) is called as it comes. */
export async function fetchFile(name, onBytes) {
  onBytes(name, 0);
  const response = await fetch(new URL(name, ROOT));
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  count(response.clone(), (bytes) => onBytes(name, bytes));
  return response;
}

// Beside the one that is compiled while it comes, which the browser can keep compiled.
async function count(response, onBytes) {
  try {
    for (const reader = response.body.getReader();;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes(value.length);
    }
  } catch (failed) { /* who reads the other one is told */ }
}

async function compile(name, onBytes) {
  const response = await fetchFile(name, onBytes);
  const typed = response.headers.get('Content-Type') === 'application/wasm';
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

export class Parts {
  #onBytes;
  #first = null;
  #exports = null;
  #memory = null;
  #table = null;
  #begin = null;  // the memory as it was when the program had started
  #constants = [];
  joined = false;  // every function, text and table is there

  /** onBytes(file, count): so much more of a file has come. */
  constructor(onBytes) { this.#onBytes = onBytes; }

  async fetchFirst() { this.#first = await compile(FIRST, this.#onBytes); }

  /** Resolves to the instance. imports: of Emscripten. */
  async instantiate(imports) {
    const instance = await WebAssembly.instantiate(this.#first, { ...imports, placeholder: this.#placeholders() });
    this.#exports = instance.exports;
    const exported = Object.values(instance.exports);
    this.#memory = exported.find((value) => value instanceof WebAssembly.Memory);
    this.#table = exported.find((value) => value instanceof WebAssembly.Table);
    return instance;
  }

  // Emscripten keeps what it once found in the table, so a placeholder may be called when the function has come.
  #placeholders() {
    const early = (slot) => (...values) => {
      if (!this.joined) throw new NotYet(slot);
      return this.#table.get(Number(slot))(...values);
    };
    return new Proxy({}, { get: (_, slot) => early(slot) });
  }

  /** Fetches the rest and lets the two find each other. After a failure it can be tried again. */
  async join() {
    if (this.joined) return;
    const [name] = WebAssembly.Module.customSections(this.#first, 'rest');
    const rest = await compile(new TextDecoder().decode(name), this.#onBytes);
    const constants = constantsOf(rest);
    await WebAssembly.instantiate(rest, { primary: this.#exports });
    this.#constants = constants;
    this.#writeConstants();
    this.joined = true;
  }

  #writeConstants() { for (const { place, bytes } of this.#constants) this.write(place, bytes); }

  write(place, bytes) { new Uint8Array(this.#memory.buffer).set(bytes, place); }

  // ---- going back ----

  /** Remembers the memory below `end`; above it is nothing but zeros. */
  keep(end) { this.#begin = new Uint8Array(this.#memory.buffer).slice(0, end); }

  /** The memory as it was when it was kept, with the constants that have come since. */
  rewind() {
    const memory = new Uint8Array(this.#memory.buffer);
    memory.set(this.#begin);
    memory.fill(0, this.#begin.length);
    this.#writeConstants();
  }

  forget() {
    this.#begin = null;
    this.#constants = [];
  }
}
