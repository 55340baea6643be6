// What a course system gives to a lesson: the interface of SCORM 1.2 or of SCORM 2004, found in a window around this one, and the
// names that each gives to what is recorded.
//
//   findApi(standard) ──► new Session(api, told) ──► start() ──► get(), set(), … commit() ──► end()

const MOST_WINDOWS = 50;

const CALLS = {
  '1.2': {
    in: 'API', start: 'LMSInitialize', end: 'LMSFinish', get: 'LMSGetValue', set: 'LMSSetValue', commit: 'LMSCommit',
    error: 'LMSGetLastError', errorText: 'LMSGetErrorString',
  },
  2004: {
    in: 'API_1484_11', start: 'Initialize', end: 'Terminate', get: 'GetValue', set: 'SetValue', commit: 'Commit',
    error: 'GetLastError', errorText: 'GetErrorString',
  },
};
const UNKNOWN_ELEMENT = { '1.2': '401', 2004: '402' };  // it is not kept here; the system says nothing of its value

const ELEMENTS = {
  '1.2': {
    mode: 'cmi.core.lesson_mode', at: 'cmi.core.lesson_location', kept: 'cmi.suspend_data', exit: 'cmi.core.exit',
    time: 'cmi.core.session_time', score: 'cmi.core.score', status: 'cmi.core.lesson_status',
  },
  2004: {
    mode: 'cmi.mode', at: 'cmi.location', kept: 'cmi.suspend_data', exit: 'cmi.exit', time: 'cmi.session_time',
    score: 'cmi.score', status: 'cmi.completion_status', success: 'cmi.success_status',
  },
};

/** The names of what is recorded. */
export const elementsOf = (standard) => ELEMENTS[standard];

/** The interface in a window or one around it; null: there is none that may be read. */
function findAround(win, calls) {
  for (let tries = 0; win && tries < MOST_WINDOWS; ++tries) {
    try {
      if (typeof win[calls.in]?.[calls.start] === 'function') return win[calls.in];
    } catch (foreign) { /* a window of another origin: the one around it may be ours */ }
    if (win.parent === win) return null;
    win = win.parent;
  }
  return null;
}

/** {api, standard}, or null. The standard of the package is looked for first, around this window and the one that opened it. */
export function findApi(standard, win = window) {
  for (const one of [standard, ...Object.keys(CALLS).filter((other) => other !== standard)]) {
    for (const where of [win, win.opener, win.top?.opener]) {
      const api = where && findAround(where, CALLS[one]);
      if (api) return { api, standard: one };
    }
  }
  return null;
}

/** Time as each standard writes it: 0000:01:05.00, PT1M5S. */
export function timeText(standard, milliseconds) {
  const seconds = Math.min(Math.max(0, Math.round(milliseconds / 1000)), 9999 * 3600);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, '0');
  return standard === '1.2' ? `${String(h).padStart(4, '0')}:${two(m)}:${two(s)}.00` : `PT${h}H${m}M${s}S`;
}

function wordsOf(thrown) {
  try {
    return String(thrown?.message ?? thrown);
  } catch (mute) {
    return '';
  }
}

/** A session of a lesson with its course system. Whatever it refuses is told: told({element, code, text}). */
export class Session {
  #api;
  #calls;
  #told;
  #set = new Map();      // element → the value that was set last
  #missing = new Set();  // elements that are not kept here
  open = false;

  constructor({ api, standard }, told) {
    this.#api = api;
    this.standard = standard;
    this.#calls = CALLS[standard];
    this.#told = told;
  }

  /** What it says, as text; or {failed}: it has thrown, and what of that can be said. */
  #call(name, ...values) {
    try {
      return String(this.#api[this.#calls[name]](...values));
    } catch (failed) {  // of another window: no Error of this one, and maybe nothing that becomes text
      return { failed: wordsOf(failed) };
    }
  }

  /** What went wrong: {element, code, text}. */
  #why(element, reply) {
    if (reply.failed !== undefined) return { element, code: '', text: reply.failed };
    const code = this.#call('error');
    const text = this.#call('errorText', code);
    return { element, code: code.failed === undefined ? code : '', text: text.failed === undefined ? text : '' };
  }

  #done(element, reply) {
    if (reply === 'true') return true;
    const why = this.#why(element, reply);
    if (why.code === UNKNOWN_ELEMENT[this.standard]) this.#missing.add(element);
    this.#told(why);
    return false;
  }

  start() { return (this.open = this.#done(this.#calls.start, this.#call('start', ''))); }

  /** '' where nothing is kept. */
  get(element) {
    const value = this.#call('get', element);
    if (value.failed === undefined) return value;
    this.#told(this.#why(element, value));
    return '';
  }

  /** Sets what is not so already, and is kept here. Whether it is so now. */
  set(element, value) {
    if (!this.open || this.#missing.has(element)) return false;
    const text = String(value);
    if (this.#set.get(element) === text) return true;
    if (!this.#done(element, this.#call('set', element, text))) return false;
    this.#set.set(element, text);
    return true;
  }

  commit() { return this.open && this.#done(this.#calls.commit, this.#call('commit', '')); }

  /** Once. */
  end() {
    if (!this.open) return;
    this.open = false;
    this.#done(this.#calls.end, this.#call('end', ''));
  }
}
