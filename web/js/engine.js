// The engine as WebAssembly: loads it, calls its exported functions (shell/bridge/exports.cpp) and lets it draw. Texts go
// in and out as JSON. After an abort or a trap the engine is dead: calls throw EngineDead, and report() says how it came
// to that.
//
// start() loads as much of the engine as the first picture needs, complete() the rest (parts.js). Between the two the
// canvas keeps its first picture. A call may turn out to need the rest: it throws NotYet, and so does every call after it,
// until complete() has brought the engine back to where it was after start().
import { NotYet, Parts, fetchFile } from './parts.js';

export { NotYet };

const JOURNAL_LENGTH = 400;
const PICTURE_FRAMES = 3;  // Dear ImGui knows sizes one frame after it has drawn them
// Ends a text of C, and half a character: what reads the text says that it may not stand there.
const NO_TEXT = /\0|\p{Cs}/gu;

const LONG_WORK = ['load', 'way', 'sum', 'check'];
const MOTIONS = ['first', 'back', 'next', 'last', 'back_event', 'next_event',
  'next_step', 'back_step', 'into', 'back_into', 'next_way', 'next_note'];

export class EngineDead extends Error {}

/** Nothing can be drawn, or it would be too large. told: {en, zh}. */
export class NoPicture extends Error {
  constructor(told) {
    super(told.en);
    this.told = told;
  }
}

export class Engine {
  #module = null;
  #onBytes = () => {};
  #parts = new Parts((file, count) => this.#onBytes(file, count));
  #journal = [];
  #messages = [];
  #size = null;      // of the canvas: [width, height, density]; none when it cannot be drawn
  #frame = 0;        // the frame that the browser was asked for
  #stack = 0;
  #missed = false;   // a call needed the rest
  #complete = false;
  #chinese = false;  // the characters of the canvas are there
  zoom = () => 1;    // how much larger than the page's own texts those of a canvas of (width, height) are
  dead = null;

  /**
   * Resolves when the module has run main(). chinese: whether the canvas is to show Chinese at once.
   * onDead(reason) is called once; onCanvas() when the person did something in it; onRun() before anything runs;
   * onBytes(file, count) when so much more of a file of the engine has come.
   */
  async start(canvas, { chinese, onDead, onCanvas, onRun, onBytes }) {
    this.onDead = onDead;
    this.#onBytes = onBytes;
    const font = chinese ? this.#fetchChinese() : null;
    const [{ default: create }] = await Promise.all([import('../mmscope.js'), this.#parts.fetchFirst(), font]);
    window.addEventListener('error', (event) => {
      if (event.error instanceof NotYet) {
        this.#missed = true;
        event.preventDefault();
      } else if (event.error instanceof WebAssembly.RuntimeError) {
        this.#die(String(event.error));
      }
    });
    onRun();
    await new Promise((ready, failed) => {
      create({
        canvas,
        onCanvas,
        onFrame: () => this.#askForFrame(),
        onSize: (width, height, density) => this.#resize([width, height, density * this.zoom(width / density, height / density)]),
        onAbort: (what) => this.#die(String(what)),
        print: (line) => this.#messages.push(line),
        printErr: (line) => this.#messages.push(line),
        instantiateWasm: (imports, receive) => {
          this.#parts.instantiate(imports).then(receive).catch(failed);
          return {};
        },
      }).then((module) => {
        this.#module = module;
        ready();
      }, failed);
    });
    if (font) this.#addChinese(await font);
    this.#stack = this.#module.stackSave();
    this.#parts.keep(this.#module._canvas_memory_end());
  }

  /** Whether nothing is missing any more: what the first picture does not need is asked for then. */
  get whole() { return this.#complete && this.dead === null; }

  /** Draws what has been opened, with or without the rest. */
  drawPicture() {
    if (this.#size === null) return;
    this.#call('_canvas_resized', this.#size);
    for (let i = 1; i < PICTURE_FRAMES; ++i) this.#call('_canvas_draw', []);
  }

  /**
   * Fetches what start() has left out. Resolves to whether the engine is as it was after start() and all has to be done
   * again. Throws when something could not be fetched; calling it again tries again.
   */
  async complete() {
    const font = this.#chinese ? null : this.#fetchChinese();
    const [characters] = await Promise.all([font, this.#parts.join()]);
    const again = this.#missed;
    if (again) {
      this.#parts.rewind();
      this.#module.stackRestore(this.#stack);
      this.#journal = [];
      this.#missed = false;
    }
    this.#parts.forget();
    if (characters) this.#addChinese(characters);
    this.#complete = true;
    if (!again) this.#draw();
    return again;
  }


  hello() { return this.#ask('hello'); }
  addMachine(name, text) { this.#run('add_machine', [name, text]); }
  load(id, text) { this.#note('load', id); return this.#ask('load', id, text); }
  loadAny(id, text) { this.#note('loadAny', id); return this.#ask('load_any', id, text); }
  goOn(kind) { return this.#ask('go_on', LONG_WORK.indexOf(kind)); }
  stop(kind) { this.#note('stop', kind); return this.#ask('stop', LONG_WORK.indexOf(kind)); }
  scenario() { return this.#ask('scenario'); }
  state() { return this.#ask('state'); }
  seek(step, event) { this.#note('seek', step, event); return this.#ask('seek', step, event); }
  seekAt(position) { this.#note('seekAt', position); return this.#ask('seek_at', position); }
  move(motion) { this.#note('move', motion); return this.#ask('move', MOTIONS.indexOf(motion)); }
  choose(wishes) { this.#note('choose', wishes); return this.#ask('choose', JSON.stringify(wishes)); }
  events(first, count) { return this.#ask('events', first, count); }
  ops(first, count) { return this.#ask('ops', first, count); }
  steps(first, count) { return this.#ask('steps', first, count); }
  program(first, count) { return this.#ask('program', first, count); }
  sum(step) { return this.#ask('sum', step); }
  answer(op, value) { this.#note('answer', op, value); return this.#ask('answer', op, String(value)); }
  timeline(first, end, buckets) { return this.#ask('timeline', first, end, buckets); }
  inspect() { return this.#ask('inspect'); }
  crumbs() { return this.#ask('crumbs'); }
  proc(file) { return this.#ask('proc', file); }
  readBuddyinfo(text) { return this.#ask('read_buddyinfo', text); }
  buddyinfoScenario(text) { return this.#ask('buddyinfo_scenario', text); }
  find(text) { return this.#ask('find', text); }
  whatIs(text, level) { return this.#ask('what_is', text, level); }
  check() { this.#note('check'); return this.#ask('check'); }
  mirror() { return this.#ask('mirror'); }
  /** The open view as the text of an SVG file, with `link` in its description. Throws NoPicture. */
  exportSvg(link = '') {
    const { svg, error } = this.#ask('export_svg', link);
    if (error) throw new NoPicture(error.message);
    return svg;
  }
  describe() { return this.#ask('describe'); }

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
    const texts = [];
    const values = args.map((arg) => {
      if (typeof arg !== 'string') return arg;
      texts.push(this.#call('stringToNewUTF8', [arg.replace(NO_TEXT, '\ufffd')]));
      return texts.at(-1);
    });
    const reply = this.#call(`_mmscope_${name}`, values);
    for (const text of texts) this.#call('_free', [text]);
    return reply;
  }

  // After an exception the program's memory is in disorder: nothing more is called.
  #call(name, values) {
    if (this.dead !== null) throw new EngineDead(this.dead);
    if (this.#missed) throw new NotYet(name);
    try {
      return this.#module[name](...values);
    } catch (error) {
      if (error instanceof NotYet) {
        this.#missed = true;
        throw error;
      }
      this.#die(String(error));
      throw new EngineDead(this.dead);
    }
  }

  // ---- the canvas ----

  #askForFrame() {
    if (!this.#complete || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.dead === null) this.#module._canvas_draw();
    });
  }

  // Resizing clears the canvas: it is drawn at once.
  #resize(size) {
    if (this.#size !== null && size.every((value, i) => value === this.#size[i])) return;
    this.#size = size;
    if (this.#complete) this.#draw();
  }

  #draw() {
    if (this.dead === null && this.#size !== null) this.#module._canvas_resized(...this.#size);
  }

  async #fetchChinese() {
    const response = await fetchFile('fonts/chinese.ttf', this.#onBytes);
    return new Uint8Array(await response.arrayBuffer());
  }

  #addChinese(font) {
    this.#chinese = true;
    if (this.#size === null) return;  // no picture, as without WebGL
    const place = this.#call('_malloc', [font.length]);
    this.#parts.write(place, font);
    this.#call('_canvas_add_chinese', [place, font.length]);
    this.#call('_free', [place]);
  }

  #die(reason) {
    if (this.dead !== null) return;
    this.dead = reason;
    this.onDead(reason);
  }
}
