// What is recorded of a lesson: how each question was answered first, where the learner stands, and whether the lesson is done.
// Pure; the letters are those of result codes (embed/result-code.js).
import { LETTERS } from '../embed/result-code.js';

const FORMAT = 'mmscope1';
const KEPT = /^mmscope1 ([0-9a-f]{8}) ([rwso]{1,1000}|-) (\d{1,10}(?:\.\d{1,10}){0,2}|-) ([01])$/;  // at most 1,057 characters; SCORM 1.2 keeps 4,096
const POSITION = /^\d{1,10}(?:\.\d{1,10}){0,2}$/;
const CHOICES = 'abcdefghijklmnopqrstuvwxyz0123456789';  // SCORM 1.2 has one character for a choice
const DECIMAL = /^-?\d{1,10}(?:\.\d{1,7})?$/;
const MAX_TEXT = 250;  // characters of an answer that each standard keeps
const OPEN = LETTERS.open;

const round = (number, digits) => String(Number(number.toFixed(digits)));

export class Record {
  #version;
  #letters;
  at = '';
  ended = false;  // the end of the lesson was seen
  changed = false;  // what was kept is of another version of the lesson

  /** questions: how many the lesson has; version: of its text; kept: what keep() returned when the learner left. */
  constructor({ questions, version }, kept) {
    this.#version = version;
    this.#letters = Array(questions).fill(OPEN);
    const [, of, letters, at, ended] = KEPT.exec(kept) ?? [];
    if (of === undefined) return;
    const known = letters === '-' ? '' : letters;
    this.changed = of !== version || known.length !== questions;
    if (this.changed) return;
    this.#letters = [...known];
    this.at = at === '-' ? '' : at;
    this.ended = ended === '1';
  }

  get letters() { return this.#letters.join(''); }
  get right() { return this.#letters.filter((letter) => letter === LETTERS.right).length; }
  get asked() { return this.#letters.length; }
  /** Whether a question is neither answered nor shown. */
  get open() { return this.#letters.includes(OPEN); }
  get answered() { return this.#letters.some((letter) => letter !== OPEN); }
  /** From 0 to 100 and from 0 to 1; of a lesson without questions there is none. */
  get percent() { return round((100 * this.right) / this.asked, 2); }
  get scaled() { return round(this.right / this.asked, 4); }
  /** The end was seen, and each question was answered or its answer was shown. */
  get done() { return this.ended && !this.open; }

  keep() { return `${FORMAT} ${this.#version} ${this.letters || '-'} ${this.at || '-'} ${Number(this.ended)}`; }

  /** Where the learner stands. */
  stand(at, steps) {
    if (typeof at !== 'string' || !POSITION.test(at)) return;
    this.at = at;
    if (at === String(steps)) this.ended = true;
  }

  /** The state of each question: only what was open changes. The numbers of those that did. */
  take(letters) {
    if (typeof letters !== 'string' || letters.length !== this.#letters.length || /[^rwso]/.test(letters)) return [];
    const changed = [...letters].map((letter, i) => (letter !== OPEN && this.#letters[i] === OPEN ? i : -1)).filter((i) => i >= 0);
    for (const i of changed) this.#letters[i] = letters[i];
    return changed;
  }

  /** An answer: whether it is the first to its question. */
  answer({ question, correct }) {
    if (!Number.isInteger(question) || this.#letters[question] !== OPEN) return false;
    this.#letters[question] = correct === true ? LETTERS.right : LETTERS.wrong;
    return true;
  }
}

/** Letters for numbers of choices, "2,0" → ['c', 'a']; null when it is none of those that there are. */
function lettersOf(value, choices) {
  if (!/^\d{1,2}(?:,\d{1,2})*$/.test(value)) return null;
  const numbers = value.split(',').map(Number);
  return numbers.every((i) => i < choices) ? numbers.map((i) => CHOICES[i]) : null;
}

/**
 * What a standard keeps of an answer as the page tells it (docs/embedding.md): {type, response, pattern}, pattern '' where what is
 * right cannot be written. Choices are letters, in the order in which they stand.
 */
export function interactionOf(standard, { kind, choices, value, response, solution, right }) {
  const list = (letters) => letters.join(standard === '1.2' ? ',' : '[,]');
  const given = choices > 0 && choices <= CHOICES.length ? lettersOf(value, choices) : null;
  if (given) {
    const best = solution === '' ? null : lettersOf(solution, choices);
    return { type: kind === 'order' ? 'sequencing' : 'choice', response: list(given), pattern: best ? list(best) : '' };
  }
  const wanted = String(right).replaceAll(',', '').trim();
  if (kind === 'number' && DECIMAL.test(value)) {
    const pattern = DECIMAL.test(wanted) ? wanted : '';
    return { type: 'numeric', response: value, pattern: standard === '1.2' || pattern === '' ? pattern : `${pattern}[:]${pattern}` };
  }
  return { type: 'fill-in', response: String(response).slice(0, MAX_TEXT), pattern: String(right).slice(0, MAX_TEXT) };
}
