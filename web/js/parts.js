// The engine's code is in two files. mmscope.wasm holds what the first picture calls; the rest, of which mmscope.wasm
// knows the name, is fetched behind it. tools/split-page.mjs has made both from one program by running the first picture.
//
//   mmscope.wasm ──► first picture ──► the rest is fetched ──► joined: every function is there
//
// A function that is called before it is there throws NotYet. The call is then half done, so the memory of the program is
// no longer to be trusted: see rewind().

const ROOT = new URL('..', import.meta.url);
const FIRST = 'mmscope.wasm';

export class NotYet extends Error {
  constructor(slot) { super(`function ${slot} is in the rest of the engine`); }
}

async function compile(name) {
  const response = await fetch(new URL(name, ROOT));
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  const typed = response.headers.get('Content-Type') === 'application/wasm';
  return typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

export class Parts {
  #first = null;
  #exports = null;
  #memory = null;
  #table = null;
  #begin = null;  // the memory as it was when the program had started
  joined = false;  // every function is there

  async fetchFirst() { this.#first = await compile(FIRST); }

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
    const rest = await compile(new TextDecoder().decode(name));
    await WebAssembly.instantiate(rest, { primary: this.#exports });
    this.joined = true;
  }

  write(place, bytes) { new Uint8Array(this.#memory.buffer).set(bytes, place); }

  // ---- going back ----

  /** Remembers the memory below `end`; above it is nothing but zeros. */
  keep(end) { this.#begin = new Uint8Array(this.#memory.buffer).slice(0, end); }

  /** The memory as it was when it was kept. */
  rewind() {
    const memory = new Uint8Array(this.#memory.buffer);
    memory.set(this.#begin);
    memory.fill(0, this.#begin.length);
  }

  forget() { this.#begin = null; }
}
