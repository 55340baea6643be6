// What runs did, in numbers. The engine counts a run in slices, on a machine beside the one that is shown; in between the page
// draws and answers. What is wanted first comes first; what was counted is kept as long as the scenario is open.
//
//   sums.of(step) ──► null, and it is wanted from now on ──► engine.sum() ... engine.sum() ──► tell('sum') ──► of(step)
import { $, h } from './dom.js';
import { group } from './i18n.js';

const BUSY_MS = 40;  // how long the page may be without an answer

export class Sums {
  #app;
  #scenario = null;
  #known = new Map();   // step → its sum in the language of the page
  #wanted = [];         // steps, the last of them first
  #timer = 0;
  progress = null;      // {step, done, of} of the one that is being counted

  constructor(app) {
    this.#app = app;
    app.on((what) => {
      if (what.has('scenario') || what.has('language')) this.#forget();
      if (what.has('whole') && this.#wanted.length > 0) this.#later();
    });
  }

  /** The sum of the run of a step, counted from 1; null: it is not known yet. now: it is waited for. */
  of(step, { now = false } = {}) {
    if (this.#scenario !== this.#app.scenario) this.#forget();
    if (this.#known.has(step)) return this.#known.get(step);
    if (!this.#wanted.includes(step)) this.#wanted.unshift(step);
    if (now) this.#wanted = [...this.#wanted.filter((other) => other !== step), step];
    if (!this.#app.engine.whole) return null;
    if (now) this.#count();
    this.#later();
    return this.#known.get(step) ?? null;
  }

  #forget() {
    this.#scenario = this.#app.scenario;
    this.#known.clear();
    this.#wanted = [];
    this.progress = null;
  }

  #later() {
    if (this.#wanted.length > 0) this.#timer ||= setTimeout(() => this.#go());
  }

  #go() {
    this.#timer = 0;
    const { engine } = this.#app;
    if (!engine.whole || this.#scenario !== this.#app.scenario) return;
    const answer = performance.now() + BUSY_MS;
    while (this.#wanted.length > 0 && performance.now() < answer) this.#count();
    this.#app.tell('sum');
    this.#later();
  }

  // A slice of the one that is wanted most.
  #count() {
    const step = this.#wanted.at(-1);
    const reply = this.#app.engine.sum(step);
    if (reply.running) {
      const { first, step: at, steps: end } = reply.running;
      this.progress = { step, done: at - first, of: end - first };
      return;
    }
    this.#wanted.pop();
    this.progress = null;
    this.#known.set(step, reply.error ? null : reply);
  }
}

async function go(app, at, button) {
  await app.seekAt(at);
  if (!button.isConnected) $('go-next').focus();  // the line that it stood in tells something else now
}

/** The places of a run where it went another way, as buttons: the first `most` of them. */
export function ways(app, sum, most = Infinity) {
  const shown = sum.ways.slice(0, most);
  const more = sum.otherWays - shown.length;
  return [
    ...shown.flatMap((way) => [' ', h('button', {
      type: 'button', class: 'other-way', title: app.t('sum.go', { at: way.at }), onclick: (event) => go(app, way.at, event.currentTarget),
    }, h('b', {}, way.at), way.name ? [' ', way.name] : null)]),
    shown.length > 0 && more > 0 ? ` ${app.t('sum.more', { n: group(more) })}` : null,
  ];
}
