// Long work of the engine: opening a large scenario, going far in it. The engine does it in slices of so much work; between
// them the page draws, answers and shows how far it has come, with a button that stops it there.
//
//   engine.loadAny(), seek(), move() ──► {running} ──► goOn() ... goOn() ──► the reply
//                                                └──── stop() ─────────────► the reply, at the last op that has run
//
// What takes less than a slice has its reply at once, and nothing is shown. A large text is read before its first slice,
// in one piece: that is said before it begins.
import { $ } from './dom.js';
import { group } from './i18n.js';

const BUSY_MS = 40;  // how long the page may be without an answer; the engine knows work, not time
const FRAME_MS = 200;  // a page that is not seen draws no frame to wait for

export class Work {
  #app;
  #turns = { load: 0, way: 0 };  // counts what was begun: the last of a kind wins
  #stopped = false;
  #box = $('work');

  constructor(app) {
    this.#app = app;
    $('work-stop').onclick = () => { this.#stopped = true; };
  }

  /** What ask() gives, which takes long and tells nothing; null when another text was begun before it could. */
  async read(ask) {
    const turn = this.begin('load');
    this.#show(this.#app.t('work.read'), { canStop: false });
    await new Promise((drawn) => {
      requestAnimationFrame(() => setTimeout(drawn));
      setTimeout(drawn, FRAME_MS);
    });
    if (turn !== this.#turns.load) return null;
    this.#box.hidden = true;
    return ask();
  }

  /**
   * The reply that `reply` leads to; null when something else of its kind was begun meanwhile. kind: 'load' or 'way'. It
   * has `stopped`, the op where it stopped, when the person asked for that or the op `until` was reached.
   */
  async finish(kind, reply, until = Infinity) {
    const turn = this.begin(kind);
    if (!reply.running) return reply;
    const { engine } = this.#app;
    this.#stopped = false;
    try {
      for (;;) {
        const answer = performance.now() + BUSY_MS;
        do {
          const { step } = reply.running;
          if (this.#stopped || step >= until) return { ...engine.stop(kind), stopped: step };
          reply = engine.goOn(kind);
        } while (reply.running && performance.now() < answer);
        if (!reply.running) return reply;
        const { step, steps } = reply.running;
        this.#show(this.#app.t(`work.${kind}`, { step: group(step), steps: group(steps) }), { step, steps });
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

  /** Without `steps` the bar does not know how far it is. */
  #show(text, { step, steps, canStop = true }) {
    // Only what stands in an open dialog can be pressed.
    const around = document.querySelector('dialog[open]') ?? document.body;
    if (this.#box.parentElement !== around) around.append(this.#box);
    this.#box.hidden = false;
    $('work-stop').hidden = !canStop;
    $('work-text').textContent = text;
    if (steps === undefined) {
      $('work-bar').removeAttribute('value');
      return;
    }
    $('work-bar').max = Math.max(steps, 1);
    $('work-bar').value = step;
  }
}
