// What the window around this one asks for. Each request is read whole before anything is done; then they are done one after
// the other, and the page draws between them.
//
//   message ──► read: well formed? ──► queue, with a bound ──► done ──► mmscope:state, or mmscope:error
//
// Only the parent's messages come here (host.js). What does not begin with "mmscope:" is meant for others.
import { LETTERS } from '../../embed/result-code.js';
import en from '../../i18n/host/en.js';
import zh from '../../i18n/host/zh.js';
import { SCENARIO_MAX } from '../limits.js';
import { readPosition } from '../link.js';
import { plain } from '../plain.js';

export const texts = { en, zh };

const MOST = 32;          // requests that wait
const SHOWN_MAX = 60;     // characters of what was sent, in an error
const TOLD_MAX = 600;     // characters of an error
const MOST_ANSWERS = 1000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A request that cannot be met. tell(t, language): why. */
class Refusal extends Error {
  constructor(tell) {
    super('refused');
    this.tell = tell;
  }
}
const refuse = (key, values) => { throw new Refusal((t) => t(`host.${key}`, values)); };
const shown = (value) => plain(['string', 'number', 'boolean'].includes(typeof value) ? String(value) : typeof value, SHOWN_MAX);

// ---- reading --------------------------------------------------------------------------------------------------------

function readAt(at) {
  const text = Number.isInteger(at) ? String(at) : at;
  const position = typeof text === 'string' && text.length <= SHOWN_MAX ? readPosition(text) : undefined;
  return position ?? refuse('at', { at: shown(at) });
}

function readLoad(app, { scenario, text, at, view, answers }) {
  if (typeof (scenario ?? text) !== 'string' || (scenario !== undefined && text !== undefined)) refuse('what');
  if (text?.length > SCENARIO_MAX) {
    throw new Refusal((t) => t('error.tooLarge', { name: 'text', size: (text.length / 2 ** 20).toFixed(1) }));
  }
  if (scenario !== undefined && !NAME.test(scenario)) refuse('name', { name: shown(scenario) });
  if (scenario !== undefined && app.index.length > 0 && !app.index.some(({ id }) => id === scenario)) refuse('noLesson', { name: scenario });
  const views = app.views ?? app.hello.views.map(({ id }) => id);
  if (view !== undefined && !views.includes(view)) refuse('view', { view: shown(view), views: views.join(', ') });
  const letters = typeof answers === 'string' && answers.length <= MOST_ANSWERS && /^[rwso]+$/.test(answers);
  if (answers !== undefined && !letters) refuse('answers');
  return { scenario, text, view, at: at === undefined ? undefined : readAt(at), answers };
}

function readPlay({ play }) {
  if (typeof play !== 'boolean') refuse('play');
  return { play };
}

const REQUESTS = {
  'mmscope:load': { read: readLoad, act: load },
  'mmscope:seek': { read: (app, data) => ({ at: readAt(data.at) }), act: goTo, lastCounts: true },
  'mmscope:play': {
    read: (app, data) => readPlay(data),
    act: (app, { play }) => { if (app.playing !== play) app.togglePlay(); },
  },
  'mmscope:state': { read: () => ({}), act: () => {}, always: true },
};

function readId(id) {
  if (id === undefined || Number.isFinite(id) || (typeof id === 'string' && id.length > 0 && id.length <= 64)) return id;
  return refuse('id');
}

// ---- doing ----------------------------------------------------------------------------------------------------------

async function load(app, { scenario, text, at, view, answers }) {
  if (app.readonly && scenario !== app.scenario.id) refuse('readonly');
  if (text === undefined) {
    const opened = await app.open(scenario).catch((failed) => {
      throw new Refusal((t, language) => t('error.scenario', { id: scenario, message: app.failureText(failed, language) }));
    });
    if (!opened) refuse('other');
  } else {
    const error = await app.openOwn(text);
    if (error) throw new Refusal((t, language) => app.errorText(error, language));
    if (error === undefined) refuse('other');
  }
  const misfit = Boolean(answers) && !app.questions.restore(answers);
  if (view !== undefined) {
    app.choose({ view });
    app.follow = app.follows ?? (!app.state.best || view === app.state.best);
    app.tell('view');
  }
  if (at !== undefined) await goTo(app, { at });
  if (misfit) refuse('answersCount', { given: answers.length, asked: app.questions.results().length });
}

async function goTo(app, { at }) {
  app.stop();
  const state = await app.seekAt(at);
  if (state === null) refuse('other');
  if (state.error) throw new Refusal((t, language) => app.errorText(state.error, language));
  if (state.problem) throw new Refusal((t, language) => t('host.nearest', { at, problem: app.local(state.problem, language) }));
  if (app.bound(state) !== null) throw new Refusal((t) => t('host.range', { at, first: app.range.steps[0], last: app.range.steps[1] }));
  if (Number(at.split('.')[2] ?? 0) > state.nrEvents) refuse('beyondEvent', { at: state.at, n: state.nrEvents });
}

const where = ({ scenario, state }) => ({ scenario: scenario.id, at: state.at, steps: state.nrSteps, view: state.view });

function stateOf(app) {
  const answers = app.questions.results().map(({ state }) => LETTERS[state]).join('');
  return { ...where(app), language: app.language, playing: app.playing, select: app.state.select, ...(answers ? { answers } : {}) };
}

class Requests {
  #queue = [];  // {request, data, ids, origin}
  #working = false;
  #toldFull = false;

  /** outside: {inEach, version}, of host.js. */
  constructor(app, outside) { Object.assign(this, { app, ...outside }); }

  #answer(type, detail, id, origin) {
    window.parent.postMessage({ type, version: this.version, ...detail, ...(id === undefined ? {} : { id }) }, origin === 'null' ? '*' : origin);
  }
  #tellError(failed, ids, origin) {
    const message = this.inEach((t, language) => (failed instanceof Refusal ? plain(failed.tell(t, language), TOLD_MAX) : t('trouble.engine')));
    for (const id of ids.length > 0 ? ids : [undefined]) this.#answer('mmscope:error', { message }, id, origin);
  }

  /** Whether there is room: for one more answer that is owed, and for the characters that wait. */
  #room(data) {
    const waiting = this.#queue.reduce((sum, { ids }) => sum + Math.max(1, ids.length), 0);
    return waiting < MOST && this.#queue.reduce((sum, one) => sum + (one.data.text?.length ?? 0), data.text?.length ?? 0) <= SCENARIO_MAX;
  }

  async #work() {
    this.#working = true;
    while (this.#queue.length > 0) {
      await this.#meet(this.#queue.shift());
      await new Promise((answered) => { setTimeout(answered); });
    }
    this.#working = false;
    this.#toldFull = false;
  }

  async #meet({ request, data, ids, origin, failed }) {
    try {
      if (failed) throw failed;
      await request.act(this.app, data);
      const answers = ids.length > 0 || !request.always ? ids : [undefined];
      if (answers.length === 0) return;
      const state = stateOf(this.app);
      for (const id of answers) this.#answer('mmscope:state', state, id, origin);
    } catch (refused) {
      this.#tellError(refused, ids, origin);
    }
  }

  #read({ data, origin }) {
    const { version } = this;
    let id;
    try {
      id = readId(data.id);
      if (data.version === undefined) refuse('noVersion', { version });
      if (data.version !== version) refuse('version', { given: typeof data.version === 'string' ? `"${shown(data.version)}"` : shown(data.version), version });
      if (!Object.hasOwn(REQUESTS, data.type)) refuse('type', { type: shown(data.type), types: Object.keys(REQUESTS).join(', ') });
      const request = REQUESTS[data.type];
      return { request, data: request.read(this.app, data), ids: id === undefined ? [] : [id], origin };
    } catch (failed) {
      return { failed, data: {}, ids: id === undefined ? [] : [id], origin };
    }
  }

  /**
   * A message of the parent. Of places that are asked for one after the other only the last is gone to. What finds no room is told:
   * to who waits for it, else once.
   */
  take(event) {
    if (typeof event.data?.type !== 'string' || !event.data.type.startsWith('mmscope:')) return;
    const one = this.#read(event);
    const last = this.#queue.at(-1);
    const joins = one.request?.lastCounts && last?.request === one.request && last.origin === one.origin;
    if (joins && (one.ids.length === 0 || this.#room({}))) {
      last.data = one.data;
      last.ids.push(...one.ids);
    } else if (!this.#room(one.data)) {
      if (!this.#toldFull || one.ids.length > 0) this.#tellError(new Refusal((t) => t('host.full', { n: MOST })), one.ids, one.origin);
      this.#toldFull = true;
    } else {
      this.#queue.push(one);
      if (!this.#working) this.#work();
    }
  }
}

/** Begins to tell where the page stands, and returns what takes a message of the parent. */
export function mount(app, { tellOutside, inEach, version }) {
  let told = where(app);
  let place = app.state.select;
  app.on(() => {
    if (!app.ready || !app.scenario) return;
    const now = where(app);
    if (Object.keys(now).some((name) => now[name] !== told[name])) {
      told = now;
      tellOutside('mmscope:step', now);
    }
    if (app.state.select === place) return;
    place = app.state.select;
    tellOutside('mmscope:select', { place });
  });
  tellOutside('mmscope:ready', { ...told, language: app.language });
  const requests = new Requests(app, { inEach, version });
  return (event) => requests.take(event);
}
