// The engine as WebAssembly: loads it and calls its exported functions (shell/bridge_exports.cpp). Texts go in and out
// as JSON. After an abort or a trap the engine is dead: calls throw EngineDead, and report() says how it came to that.

const JOURNAL_LENGTH = 400;
const MOTIONS = ['first', 'back', 'next', 'last', 'back_event', 'next_event'];

export class EngineDead extends Error {}

export class Engine {
  #module = null;
  #journal = [];
  #messages = [];
  dead = null;

  /** Resolves when the module has run main(). onDead(reason) is called once; onCanvas() when the person did something in it. */
  async start(canvas, { onDead, onCanvas }) {
    this.onDead = onDead;
    const { default: create } = await import('../mmscope.js');
    this.#module = await create({
      canvas,
      onCanvas,
      onAbort: (what) => this.#die(String(what)),
      print: (line) => this.#messages.push(line),
      printErr: (line) => this.#messages.push(line),
    });
    window.addEventListener('error', (event) => {
      if (event.error instanceof WebAssembly.RuntimeError) this.#die(String(event.error));
    });
  }

  hello() { return this.#ask('hello'); }
  addMachine(name, text) { this.#run('add_machine', [name, text]); }
  load(id, text) { this.#note('load', id); return this.#ask('load', id, text); }
  scenario() { return this.#ask('scenario'); }
  state() { return this.#ask('state'); }
  seek(step, event) { this.#note('seek', step, event); return this.#ask('seek', step, event); }
  move(motion) { this.#note('move', motion); return this.#ask('move', MOTIONS.indexOf(motion)); }
  choose(wishes) { this.#note('choose', wishes); return this.#ask('choose', JSON.stringify(wishes)); }
  events(first, count) { return this.#ask('events', first, count); }
  ops(first, count) { return this.#ask('ops', first, count); }
  answer(op, value) { this.#note('answer', op, value); return this.#ask('answer', op, String(value)); }
  timeline(first, end, buckets) { return this.#ask('timeline', first, end, buckets); }
  inspect() { return this.#ask('inspect'); }
  proc(file) { return this.#ask('proc', file); }
  readBuddyinfo(text) { return this.#ask('read_buddyinfo', text); }
  buddyinfoScenario(text) { return this.#ask('buddyinfo_scenario', text); }
  find(text) { return this.#ask('find', text); }
  whatIs(text, level) { return this.#ask('what_is', text, level); }
  describe() { return this.#ask('describe'); }
  drawNow() { this.#run('draw_now', []); }

  /** What a person can save and send, so that the same thing happens again. */
  report() {
    return { reason: this.dead, messages: this.#messages.slice(-20), journal: this.#journal };
  }

  #note(...entry) {
    this.#journal.push(entry);
    if (this.#journal.length > JOURNAL_LENGTH) this.#journal.shift();
  }

  #ask(name, ...args) { return JSON.parse(this.#module.UTF8ToString(this.#run(name, args))); }

  #run(name, args) {
    if (this.dead !== null) throw new EngineDead(this.dead);
    const texts = [];
    try {
      const values = args.map((arg) => {
        if (typeof arg !== 'string') return arg;
        const pointer = this.#module.stringToNewUTF8(arg);
        texts.push(pointer);
        return pointer;
      });
      return this.#module[`_mmscope_${name}`](...values);
    } catch (error) {
      this.#die(String(error));
      throw new EngineDead(this.dead);
    } finally {
      if (this.dead === null) for (const pointer of texts) this.#module._free(pointer);
    }
  }

  #die(reason) {
    if (this.dead !== null) return;
    this.dead = reason;
    this.onDead(reason);
  }
}
