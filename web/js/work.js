// Long work of the engine: opening a large scenario, going far in it. The engine does it in slices of so much work; between
// them the page draws, answers and shows how far it has come, with a button that stops it there.
//
//   engine.loadAny(), seek(), move() ──► {running} ──► goOn() ... goOn() ──► the reply
//                                                └──── stop() ─────────────► the reply, at the last op that has run
//
// What takes less than a slice has its reply at once, and nothing is shown.
import { $ } from './dom.js';
import { group } from './i18n.js';

const BUSY_MS = 40;  // how long the page may be without an answer; the engine knows work, not time

export class Work {
  #app;
  #turns = { load: 0, way: 0 };  // counts what was begun: the last of a kind wins
  #stopped = false;
  #box = $('work');

  constructor(app) {
    this.#app = app;
    $('work-stop').onclick = () => { this.#stopped = true; };
  }

  /** The reply that `reply` leads to; null when something else of its kind was begun meanwhile. kind: 'load' or 'way'. */
  async finish(kind, reply) {
    const turn = this.begin(kind);
    if (!reply.running) return reply;
    const { engine } = this.#app;
    this.#stopped = false;
    try {
      for (;;) {
        const until = performance.now() + BUSY_MS;
        do reply = this.#stopped ? engine.stop(kind) : engine.goOn(kind);
        while (reply.running && performance.now() < until);
        if (!reply.running) return reply;
        this.#show(kind, reply.running);
        await new Promise((answered) => { setTimeout(answered); });
        if (turn !== this.#turns[kind]) return null;
      }
    } finally {
      if (turn === this.#turns[kind]) this.#box.hidden = true;
    }
  }

  /** What was begun before and still runs will give null. */
  begin(kind) {
    this.#box.hidden = true;
    return ++this.#turns[kind];
  }

  #show(kind, { step, steps }) {
    // Only what stands in an open dialog can be pressed.
    const around = document.querySelector('dialog[open]') ?? document.body;
    if (this.#box.parentElement !== around) around.append(this.#box);
    this.#box.hidden = false;
    $('work-bar').max = Math.max(steps, 1);
    $('work-bar').value = step;
    $('work-text').textContent = this.#app.t(`work.${kind}`, { step: group(step), steps: group(steps) });
  }
}
