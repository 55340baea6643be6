// Events of the shown op: their words, the why line above the controls, and the log under the op in the step list.
import { $, h, fill } from './dom.js';
import { functionRef } from './kernel-source.js';
import { group } from './i18n.js';
import { ways } from './sums.js';

const CHUNK = 200;
const WAYS = 3;  // of a run, in the why line

/** Sentence runs as nodes: numbers that stand for something become links to it. */
export function sentence(app, runs) {
  const nodes = [];
  runs.forEach(([text, place], i) => {
    if (place) {
      // The stop after a link does not begin a line of its own.
      const stop = /^[.,;:!?)。，；：！？）]+/.exec(runs[i + 1]?.length === 1 ? runs[i + 1][0] : '');
      nodes.push(stop ? h('span', { class: 'nowrap' }, ref(app, text, place), stop[0]) : ref(app, text, place));
    } else if (place === '') {
      nodes.push(h('span', { class: 'val' }, text));
    } else {
      nodes.push(i > 0 && runs[i - 1][1] ? text.replace(/^[.,;:!?)。，；：！？）]+/, '') : text);
    }
  });
  return nodes;
}

function ref(app, text, place) {
  return h('button', {
    type: 'button', class: 'ref', title: app.t('ref.title'), dataset: { place },
    'aria-current': app.state.select === place ? 'true' : null,
    onclick: (event) => { event.stopPropagation(); app.select(place); },
  }, text);
}

/** Marks the links of what is selected now. */
export function markRefs(app, root) {
  for (const ref of root.querySelectorAll('.ref')) {
    if (ref.dataset.place === app.state.select) ref.setAttribute('aria-current', 'true');
    else ref.removeAttribute('aria-current');
  }
}

/** Asks the engine for events in chunks and keeps them while the same op is shown. */
export class EventWords {
  #chunks = new Map();
  #key = '';

  constructor(app) { this.app = app; }

  at(index) {
    const { app } = this;
    const key = `${app.language} ${app.state.op} ${app.scenario.id}`;
    if (key !== this.#key || this.scenario !== app.scenario) {
      this.#key = key;
      this.scenario = app.scenario;
      this.#chunks.clear();
    }
    const chunk = Math.floor(index / CHUNK);
    if (!this.#chunks.has(chunk)) this.#chunks.set(chunk, app.engine.events(chunk * CHUNK, CHUNK).events);
    return this.#chunks.get(chunk)[index - chunk * CHUNK];
  }
}

export function mountWhy(app, words) {
  const path = $('why-path');
  const line = $('why-text');

  function draw() {
    const { state } = app;
    line.setAttribute('aria-live', app.playing ? 'off' : 'polite');
    if (state.stepDone && state.stepOps > 1) {
      drawRun();
      return;
    }
    if (state.happened === 0) {
      fill(path, state.op < 0 ? app.t('why.start') : h('bdi', {}, h('code', {}, state.opText)));
      fill(line, state.op < 0 ? app.t('why.startHint') : app.t('why.noEvents'));
      return;
    }
    const last = words.at(state.happened - 1);
    // At the end of an op what decided comes first, then the zone that served where others were too low, then the result.
    const atEnd = state.event === 0;
    const event = atEnd && state.because > 0 ? words.at(state.because - 1) : last;
    const served = atEnd && state.served > 0 ? words.at(state.served - 1) : null;
    const callers = event.path.slice(0, -1).map((name) => `${name} › `).join('');
    // What no function of the kernel does, as what hardware does, stands under its op.
    fill(path, event.path.length > 0 ? h('bdi', {}, callers, functionRef(app, event, true)) : h('bdi', {}, h('code', {}, state.opText)));
    fill(line, sentence(app, event.runs), served ? [' ', ...sentence(app, served.runs)] : null, event === last ? null : [' ', ...sentence(app, last.runs)]);
  }

  // A run that was made: what all its ops did, then how the last of them ended.
  function drawRun() {
    const { state } = app;
    const last = state.happened > 0 ? words.at(state.happened - 1) : null;
    const sum = app.sums.of(state.stepNo, { now: true });
    const { progress } = app.sums;
    fill(path, h('bdi', {}, app.t('sum.title', { step: group(state.stepNo), n: group(state.stepOps) })));
    fill(line,
      sum ? [sum.text, ...ways(app, sum, WAYS)]
        : progress?.step === state.stepNo ? app.t('sum.counting', { done: group(progress.done), of: group(progress.of) }) : null,
      last ? [' ', h('span', { class: 'last-op' }, app.t('sum.last'), ' ', sentence(app, last.runs))] : null);
  }

  app.on((what) => {
    if (!app.ready) return;
    const waited = what.has('sum') && app.state.stepDone && app.state.stepOps > 1;
    if (what.has('state') || what.has('language') || waited) draw();
    if (what.has('select')) markRefs(app, line);
  });
}
