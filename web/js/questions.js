// The questions of what is loaded: which one is open, how each was answered, and what is veiled meanwhile.
//
//   the cursor stands before its step ──► open ──► answered: right or wrong ──► the veil lifts
//                                            └──── stepped on: the marked choice, else shown
//
// The first answer counts: what comes after it was told with it. The answers outlive a reload of the page: they are kept in
// the tab, for this text of this scenario. Who embeds the page hears of every answer (host.js):
// 'mmscope:answer' with {scenario, step, at, correct, question, attempt, kind, choices, value, response, solution, right}:
// `step` counts ops, `at` is the number of the written step.
import { LETTERS, versionOf } from '../embed/result-code.js';
import { tellOutside } from './host.js';
import { veilBelow } from './veil.js';

const KEPT = 'mmscope.answers.';  // session storage: [[op, what was answered, whether it is right, how it counts], …]
const STATES = Object.keys(LETTERS).filter((state) => state !== 'open');

export class Questions {
  #source = null;
  #given = new Map();    // op → {value, correct, state, attempt}, as long as the scenario is loaded; value: '' when it is not known
  #answerable = new Map();
  open = null;           // {op, end}: asked, and neither answered nor shown
  #told = false;         // the engine was told last that one is open
  #boxes = new Map();    // op → its box

  constructor(app) {
    this.app = app;
    app.on((what) => {
      // Who draws what is veiled listens to the same, later.
      if (app.ready && (what.has('state') || what.has('scenario'))) this.#update();
    });
  }

  /** [first op, ops of the step, number of the step] of each question. */
  get all() { return this.app.scenario?.questions ?? []; }

  #fresh() {
    if (this.#source === this.app.source) return;
    this.#source = this.app.source;
    this.#given.clear();
    this.#answerable.clear();
    this.#boxes.clear();
    this.open = null;
    this.#recall();
  }

  get #key() { return `${KEPT}${this.app.scenario.id}.${versionOf(this.app.source)}`; }

  #recall() {
    if (this.all.length === 0) return;
    for (const [op, value, correct, state] of readKept(this.#key)) {
      if (this.all.some(([first]) => first === op)) this.#given.set(op, { value, correct, state });
    }
  }

  #keep() {
    keepAll(this.#key, [...this.#given].map(([op, { value, correct, state }]) => [op, value, correct, state]));
  }

  /** The box in which the question of `op` is answered. */
  watch(op, box) {
    this.#fresh();
    this.#boxes.set(op, box);
  }

  // Who has marked a choice and steps on has answered; who has marked none is shown the answer.
  #pass(op) {
    const value = this.#boxes.get(op)?.marked() ?? '';
    const reply = value === '' ? { unread: true } : this.app.engine.answer(op, value);
    if (reply.unread || reply.error) {
      this.#given.set(op, { value: '', correct: false, state: 'shown' });
      this.#keep();
      return;
    }
    this.#take(op, value, reply);
  }

  // The first answer counts; whoever embeds the page hears of each.
  #take(op, value, reply) {
    const { correct, at } = reply;
    const before = this.of(op);
    const state = before?.state ?? (correct ? 'right' : 'wrong');
    const attempt = (before?.attempt ?? (before ? 1 : 0)) + 1;
    this.#given.set(op, { value, correct, state, attempt });
    this.#keep();
    const question = this.all.findIndex(([first]) => first === op);
    tellOutside('mmscope:answer', {
      scenario: this.app.scenario.id, step: op, at, correct, question, attempt, ...this.#boxes.get(op).inWords(value, reply),
    });
  }

  /** What was answered last: {value, correct, state, attempt}, or null. state: 'right', 'wrong' or 'shown', as it counts. */
  of(op) {
    this.#fresh();
    return this.#given.get(op) ?? null;
  }
  stateOf(op) { return this.of(op)?.state ?? 'open'; }

  give(op, value, reply) {
    this.#take(op, value, reply);
    this.#update();
    this.app.tell('veil', 'answers');
  }

  /** All begins again. */
  forget() { this.#putBack([]); }

  /**
   * Puts answers back that were given elsewhere, by their letters as a result code has them, "rrws": one for each question
   * that can be answered. Whether they fit; nothing changes when they do not. Nobody outside hears of them again.
   */
  restore(letters) {
    this.#fresh();
    const states = [...letters].map((letter) => Object.keys(LETTERS).find((state) => LETTERS[state] === letter));
    const asked = this.results();
    if (states.length !== asked.length || states.includes(undefined)) return false;
    this.#putBack(asked.map(({ op }, i) => [op, states[i]]).filter(([, state]) => state !== 'open'));
    return true;
  }

  #putBack(states) {
    this.#given.clear();
    for (const [op, state] of states) this.#given.set(op, { value: '', correct: state === 'right', state });
    this.open = null;
    this.#keep();
    this.#update();
    this.app.tell('veil', 'answers');
  }

  /** Whether there is an answer on this machine: not when the question is about what its allocator does not have. */
  hasAnswer(op) {
    this.#fresh();
    if (!this.#answerable.has(op)) this.#answerable.set(op, !this.app.engine.answer(op, '').error);
    return this.#answerable.get(op);
  }

  /** Those that can be answered, in their order: {op, step, state}. */
  results() {
    return this.all.filter(([op]) => this.hasAnswer(op)).map(([op, , step]) => ({ op, step, state: this.stateOf(op) }));
  }

  #update() {
    const { app } = this;
    this.#fresh();
    const { step, event } = app.state;
    const passed = this.open && (step > this.open.op || (step === this.open.op && event > 0));
    if (passed && !this.of(this.open.op)) this.#pass(this.open.op);
    const [op, ops] = (event === 0 && this.all.find(([first]) => first === step)) || [];
    const asked = op !== undefined && !this.of(op) && this.hasAnswer(op);
    this.open = asked ? { op, end: op + ops } : null;
    if (asked && app.playing) app.stop();
    if (asked === this.#told) return;
    this.#told = asked;
    app.engine.choose({ asked });  // the canvas does not mark what comes next
  }

  /** A link leads elsewhere: who follows it has passed no question. */
  leave() { this.open = null; }

  /** From which op on notes are veiled, and from which on the texts of ops: notes wait for the next question, too. */
  veils() {
    const { step, event } = this.app.state;
    const from = event > 0 ? step + 1 : step;
    const next = this.all.find(([op]) => op >= from && !this.of(op) && this.#answerable.get(op) !== false);
    return { notes: next ? next[0] : Infinity, ops: this.open ? this.open.end : Infinity };
  }

  veil(root) { veilBelow(root, this.veils(), this.app.t('veil.op')); }
}

function readKept(key) {
  try {
    const rows = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return rows.filter(([, value, , state]) => typeof value === 'string' && STATES.includes(state));
  } catch (refused) {  // no storage, or something else in it
    return [];
  }
}

function keepAll(key, rows) {
  try {
    if (rows.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(rows));
  } catch (refused) { /* private mode: they last until the page is loaded again */ }
}
