// App: what the page knows, and the few things that change it. Panels listen and draw; they hold no state of the
// machine.
//
//   input ──► app.move(), app.select(), … ──► engine ──► app.state ──► tell() ──► every panel draws what changed
import { group, hasText, inEach, text, writeTexts } from './i18n.js';
import { SCENARIO_MAX } from './limits.js';
import { OwnScenarios, isOwn } from './own.js';
import { withoutStop } from './plain.js';
import { Work } from './work.js';

const ROOT = new URL('..', import.meta.url);
export const DEFAULT_SCENARIO = '02-buddy';
const COUNTED = 'counts';  // a machine made from counts of free blocks is called so (engine/scenario/buddyinfo.h)
const READ_AT_ONCE = 2 ** 17;  // characters that are read in less time than it takes to say so

export async function fetchText(path) {
  const response = await fetch(new URL(path, ROOT));
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return response.text();
}

/** A scenario that was refused. error: {path, message, line, column}, see App.errorText(). */
class Refused extends Error {
  constructor(error) {
    super(error.message.en);
    this.error = error;
  }
}

export class App {
  #listeners = [];
  #machines = new Map();  // name → promise of its text
  #scenarios = new Map();
  #opening = 0;  // counts what was chosen to be opened: the last wins, whichever file comes last

  language = 'en';
  theme = 'auto';
  engine = null;
  hello = null;       // views, colours, layouts
  chapters = [];      // of scenarios/index.json
  index = [];         // its scenarios
  own = new OwnScenarios();
  scenario = null;    // texts and machine of what is loaded
  source = '';        // its JSON text
  state = null;       // where the cursor stands
  panel = 'steps';    // open where only one panel has room
  side = 'inspect';   // open on the right where there is room for three columns
  file = '';          // of /proc, that is read there; empty: the first
  playing = false;
  follows = null;     // whether it does when something is opened; null: as the link is
  views = null;       // those that may be opened; null: all
  range = null;       // {from, to, steps}: what may be gone to, in ops, and the written steps that these are; null: all
  readonly = document.documentElement.hasAttribute('data-packed');  // nothing is opened but what the page was asked for
  listed = !this.readonly && !isEmbedded();  // there is a list of lessons to choose from
  entered = true;     // keys are for the page: an embedded one waits until it is entered
  build = null;       // build.json: version, id and files of this copy of the page
  check = null;       // whether there is a table of checks against real kernels; null: not known yet
  wide = matchMedia(isEmbedded() ? 'not all' : '(min-width: 1100px)');
  work = new Work(this);
  sums = null;        // of runs
  questions = null;   // those of what is loaded (questions.js)
  refused = () => {};  // tells that an op may not run
  lost = () => {};     // tells that one of the person's own scenarios had to go for another
  outside = () => {};  // tells that the way ends before where somebody wanted to go

  /** listener(what): `what` is a Set of 'language', 'scenario', 'state', 'select', 'point', 'view', 'look', 'panel', 'file', 'theme', 'play', 'machine', 'opened', 'whole', 'sum', 'veil', 'answers', 'own', 'progress', 'loaded'. */
  on(listener) { this.#listeners.push(listener); }
  tell(...what) {
    const set = new Set(what);
    for (const listener of this.#listeners) listener(set);
  }

  t(key, values) { return text(this.language, key, values); }
  hasText(key) { return hasText(key); }
  /** The text of {en, zh}, or of plain text. */
  local(both, language = this.language) { return typeof both === 'string' ? both : both?.[language] || both?.en || ''; }
  get ready() { return this.state !== null && this.engine?.dead === null; }

  #follow = true;
  /** The picture goes where the step is best seen, and a selected zone makes room for the one where it is at work. */
  get follow() { return this.#follow; }
  set follow(on) {
    if (on === this.#follow) return;
    this.#follow = on;
    if (this.ready) this.engine.choose({ follow: on });
  }

  // ---- moving ----

  move(motion) {
    if (!this.ready) return;
    if (this.range && motion === 'first') this.seek(this.begin);
    else if (this.range && motion === 'last') this.seek(this.end);
    else this.#travel(this.engine.move(motion));
  }
  get begin() { return this.range?.from ?? 0; }
  get end() { return this.range?.to ?? this.state.steps; }
  /** The nearest op to where a state stands, of those that may be gone to; null when it is one of them. */
  bound({ step, event }) {
    if (step < this.begin) return this.begin;
    return this.range && (step > this.end || (step === this.end && event > 0)) ? this.end : null;
  }
  seek(step, event = 0) {
    if (this.ready) this.#travel(this.engine.seek(step, event));
  }
  /** Goes to a position as people count, "4.17.3": the state there, or null when something else was begun; {error} when it is none. */
  async seekAt(position) {
    const reply = this.engine.seekAt(position);
    if (reply.error) return reply;
    const state = await this.work.finish('way', reply);
    if (state) this.take(state);
    return state;
  }
  // A short way is gone at once: who asked for it finds the new state.
  #travel(reply) {
    if (!reply.running) {
      this.work.begin('way');
      this.take(reply);
      return;
    }
    this.work.finish('way', reply).then((state) => { if (state) this.take(state); });
  }
  take(state) {
    if (state.refused) this.refused(state.refused);
    const bound = this.bound(state);
    if (bound !== null) {
      this.seek(bound);
      this.outside();
      return;
    }
    const what = ['state'];
    if (this.state?.select !== state.select) what.push('select');
    this.state = state;
    if (this.scenario.machine.pages === 0 && state.op >= 0) {  // a machine that boots in the lesson: has it now?
      this.scenario.machine = this.engine.scenario().machine;
      what.push('machine');
    }
    this.tell(...what);
  }

  // ---- choosing ----

  /** Returns the names that the engine refused. */
  choose(wishes) {
    const barred = wishes.view !== undefined && !this.allows(wishes.view);
    const { refused, state } = this.engine.choose(barred ? { ...wishes, view: undefined } : wishes);
    const what = ['view'];
    if (state) {
      if ('select' in wishes) what.push('select');
      this.state = state;
    }
    this.tell(...what);
    return barred ? [...refused, 'view'] : refused;
  }
  allows(view) { return this.views === null || this.views.includes(view); }
  select(place) {
    if (this.ready) this.choose({ select: place });
  }

  setLanguage(language) {
    this.language = language;
    remember('language', language);
    writeTexts(language);
    if (this.engine?.dead === null && this.hello) {
      this.engine.choose({ language });
      if (this.scenario) {
        this.scenario = this.engine.scenario();
        this.state = this.scenario.state;
      }
    }
    this.tell('language', 'scenario', 'state', 'select', 'view', 'panel', 'theme', 'play');
  }

  setTheme(theme) {
    this.theme = theme;
    remember('theme', theme);
    const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
    document.documentElement.toggleAttribute('data-dark', dark);
    if (this.engine?.dead === null && this.hello) this.engine.choose({ theme: dark ? 'dark' : 'light' });
    this.tell('theme');
  }

  showPanel(name) {
    if (name === 'check' && this.check === false) name = 'inspect';
    this.panel = name;
    if (name !== 'lessons' && name !== 'steps') this.side = name;
    this.tell('panel');
  }
  /** Which file of /proc is read; '': the first. False: there is none of that name. */
  showFile(name) {
    if (name && !this.hello.files.some((one) => one.name === name)) return false;
    this.file = name;
    this.tell('file');
    return true;
  }
  /** For what the person pointed at in the canvas: shows it where that hides nothing else. */
  showPanelIfWide(name) {
    if (this.wide.matches && this.side !== name) this.showPanel(name);
  }
  /** Whether a panel can be seen: what cannot be seen need not be asked for. */
  shows(name) {
    if (!this.wide.matches) return this.panel === name;
    return name === 'lessons' || name === 'steps' || this.side === name;
  }

  /** Where the person was, in what has been opened instead. state: of before. */
  async backTo({ at, view, look }) {
    await this.seekAt(at);
    this.choose({ view, look: look ?? '' });
    this.follow = !this.state.best || this.state.view === this.state.best;
    this.tell('view');
  }

  // ---- scenarios ----

  /** The engine has forgotten what was loaded. */
  forget() {
    this.scenario = null;
    this.source = '';
    this.state = null;
  }

  /** Starts fetching the text of a machine file, once. */
  fetchMachine(name) {
    if (!this.#machines.has(name)) this.#machines.set(name, fetchText(`scenarios/machines/${name}.json`));
    return this.#machines.get(name);
  }

  /** Starts fetching the text of a scenario that will be opened soon. */
  fetchScenario(id) {
    this.#scenarios.set(id, fetchText(`scenarios/${id}.json`));
    this.#scenarios.get(id).catch(() => this.#scenarios.delete(id));  // told when it is opened
    return this.#scenarios.get(id);
  }

  /** What still waits for a file is not opened any more. */
  stay() { return ++this.#opening; }
  /** Whether nothing else was chosen since stay() gave this. */
  stays(opening) { return opening === this.#opening; }

  /**
   * Loads a scenario of the gallery: whether it is there, or something else was chosen meanwhile. Throws with a message for
   * the person.
   */
  async open(id) {
    const opening = this.stay();
    if (!this.#scenarios.has(id)) this.fetchScenario(id);
    try {
      const text = await this.#scenarios.get(id);
      if (opening !== this.#opening) return false;
      const error = await this.loadText(id, text, { opening });
      this.#scenarios.delete(id);
      if (error) throw new Refused(error);
      return error === null;
    } catch (failed) {
      if (opening === this.#opening) throw failed;
      return false;
    }
  }

  /**
   * Loads a scenario from its text: null, or the engine's {path, message, line, column} and nothing has changed, or
   * undefined when something else was chosen meanwhile. until: the op at which to stop running it and open it there; from:
   * the lesson that it derives from.
   */
  async loadText(id, text, { opening = this.stay(), until = Infinity, from } = {}) {
    if (text.length > SCENARIO_MAX) {  // in UTF-8 it has no fewer bytes
      const size = (text.length / 2 ** 20).toFixed(1);
      return ownError('', (t) => t('error.tooLarge', { name: t('error.theText'), size }));
    }
    for (let tries = 0; tries < 4; ++tries) {
      // The page's own lessons are known to fit; any other scenario is run first.
      const reply = isOwn(id) ? await this.#loadOwn(id, text, until) : this.#loadLesson(id, text);
      if (reply === null) return undefined;
      if (reply.error) return reply.error;
      if (!reply.need) {
        this.flushLink();  // the way back to what was there
        const gone = isOwn(id) ? this.own.put(id, text, reply.stopped, from) : null;
        this.scenario = reply;
        this.source = text;
        this.state = reply.state;
        this.tell('scenario', 'state', 'select', 'view', 'opened', 'own');
        if (gone) this.lost(gone);
        if (this.bound(this.state) !== null) this.seek(this.begin);
        return null;
      }
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(reply.need)) break;
      const machine = await this.fetchMachine(reply.need).catch(() => null);
      if (machine === null) this.#machines.delete(reply.need);
      if (opening !== this.#opening) return undefined;
      if (machine === null) return ownError('machine', (t) => t('error.machine', { name: reply.need }));
      this.engine.addMachine(reply.need, machine);
    }
    return ownError('machine', (t) => t('error.machineName'));
  }

  async #loadOwn(id, text, until) {
    const load = () => this.engine.loadAny(id, text);
    const reply = mayBeLarge(text) ? await this.work.read(load) : load();
    return reply === null ? null : this.work.finish('load', reply, until);
  }

  // It takes the place of what the person has begun to load, which has its reply: nothing.
  #loadLesson(id, text) {
    this.work.begin('load');
    return this.engine.load(id, text);
  }

  /** The same for the person's own text. id: of the one that it replaces. */
  openOwn(text, id = this.own.idFor(text), how = {}) { return this.loadText(id, text, how); }

  /** "Line 12, column 9: steps[3].order: 12 is above MAX_ORDER 10" */
  errorText({ path, message, line, column }, language = this.language) {
    const what = this.local(message, language);
    const told = path ? text(language, 'error.path', { path, text: what }) : what;
    return line > 0 ? text(language, 'error.at', { line, column, text: told }) : told;
  }
  /** What was thrown when a scenario could not be opened, to stand before a full stop. */
  failureText(failed, language) { return withoutStop(failed instanceof Refused ? this.errorText(failed.error, language) : failed.message); }

  /** "arm64 · Linux 6.1 · 1 GiB · 4 CPUs · recorded" */
  machineText() {
    const m = this.scenario.machine;
    const bytes = m.pages * m.pageSize;
    const size = bytes >= 0.95 * 2 ** 30 ? `${round(bytes / 2 ** 30)} GiB` : `${round(bytes / 2 ** 20)} MiB`;
    const parts = [m.architecture, `Linux ${m.kernel}`];
    if (m.pages > 0) parts.push(size);  // not known before it has booted
    parts.push(this.t(m.cpus === 1 ? 'machine.cpu' : 'machine.cpus', { n: m.cpus }));
    if (m.nodes > 1) parts.push(this.t('machine.nodes', { n: m.nodes }));
    if (m.pageSize !== 4096) parts.push(this.t('machine.pages', { n: m.pageSize / 1024 }));
    parts.push(this.t(m.name === COUNTED ? 'machine.counted' : m.recorded ? 'machine.recorded' : 'machine.declared'));
    return parts.join(' · ');
  }
}

/** An error like the engine's, of the page. */
const ownError = (path, tell) => ({ path, message: inEach(tell), line: 0, column: 0 });

const round = (number) => String(Math.round(number * 10) / 10);

// A few words of a text may stand for a million ops.
const mayBeLarge = (text) => text.length > READ_AT_ONCE || text.includes('"repeat"');

// What a person chooses in a frame of somebody's page is for that frame.
const isEmbedded = () => document.documentElement.hasAttribute('data-embed');

export function remember(name, value) {
  if (isEmbedded()) return;
  try { localStorage.setItem(`mmscope.${name}`, value); } catch (refused) { /* private mode: asked again next time */ }
}
export function remembered(name) {
  if (isEmbedded()) return null;
  try { return localStorage.getItem(`mmscope.${name}`); } catch (refused) { return null; }
}

export { group };
