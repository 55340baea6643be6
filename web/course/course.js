// The start page of a lesson in a course package: the page in a frame, and between it and the course system what is recorded.
//
//   page in the frame ── messages (docs/embedding.md) ──► Record ──► Session ──► course system
//
// Values are set when something has changed and saved at once, but no more often than every 5 seconds; when the page is left,
// all is saved and the session ended.
import { LETTERS } from '../embed/result-code.js';
import { plain } from '../js/plain.js';
import { Record, interactionOf } from './record.js';
import { Session, elementsOf, findApi, timeText } from './scorm.js';
import { TEXTS } from './texts.js';

const SAVE_MS = 5000;
const MOST_TOLD = 20;  // different refusals that are told
const MAX_WHY = 200;
const VERSION = 1;     // of the messages
const RESUME = 'resume';  // names of requests
const STATE = 'state';

const $ = (id) => document.getElementById(id);
const course = JSON.parse($('course').textContent);
const texts = TEXTS[course.language];
const frame = $('frame');
const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// ---- what is said ---------------------------------------------------------------------------------------------------

const told = new Set();

/** Once each. */
function say(key, values = {}) {
  const text = plain(fill(texts[key], values), 600);
  if (told.has(text) || told.size >= MOST_TOLD) return;
  told.add(text);
  $('told').textContent = text;
  $('line').hidden = false;
  $('heard').textContent = text;
}
$('close').textContent = texts.close;
$('close').onclick = () => {
  $('line').hidden = true;
  frame.focus();
};

const whyText = ({ code, text }) => plain([text, code === '' ? '' : fill(texts.error, { code })].filter(Boolean).join(', '), MAX_WHY);

function refused(why) {
  const what = [[/^(LMS)?Initialize$/, 'noStart'], [/^(LMS)?Commit$/, 'unsaved'], [/^(LMSFinish|Terminate)$/, 'notEnded']];
  const [, key] = what.find(([pattern]) => pattern.test(why.element)) ?? [null, 'refused'];
  const element = why.element.replace(/\.\d+\./g, '.n.');  // of many answers the first is told
  say(key, { element, why: whyText(why) });
}

// ---- what is recorded -----------------------------------------------------------------------------------------------

let session = null;   // null: nothing is recorded
let names = {};       // of what is recorded
const recordOf = (kept) => new Record({ questions: course.questions.length, version: course.version }, kept);
let record = recordOf('');
let began = Date.now();
let interactions = 0;
let saved = 0;
let timer = 0;
let doneTold = false;
let settled = false;  // the course system had a status already that stays

function begin() {
  const found = findApi(course.standard);
  if (!found) return say('none');
  const one = new Session(found, refused);
  if (!one.start()) return;
  names = elementsOf(one.standard);
  const mode = one.get(names.mode);
  record = recordOf(one.get(names.kept).trim());
  doneTold = record.done;
  if (record.changed) say('changed');
  if (mode === 'browse' || mode === 'review') {
    say('looked');
    one.end();
    return;
  }
  session = one;
  interactions = Number(session.get('cmi.interactions._count')) || 0;
  settled = ['completed', 'passed', 'failed'].includes(session.get(names.status)) && !record.done;
  began = Date.now();
  writeStatus();
  save();
}

/** The answer to a question; without one, that it was shown. */
function writeInteraction(question, letter, answer = null) {
  const of = `cmi.interactions.${interactions}`;
  const is12 = session.standard === '1.2';
  if (!session.set(`${of}.id`, `${course.lesson}.q${question + 1}`)) return;
  interactions += 1;
  const set = (name, value) => { if (value !== '') session.set(`${of}.${name}`, value); };
  const now = new Date().toISOString();  // a zone stands behind parts of a second only
  const { type, response, pattern } = answer ? interactionOf(session.standard, answer) : { type: '', response: '', pattern: '' };
  set('type', type);
  set(is12 ? 'time' : 'timestamp', is12 ? now.slice(11, 19) : `${now.slice(0, 21)}Z`);
  if (!is12) set('description', course.questions[question] ?? '');
  set('correct_responses.0.pattern', pattern);
  set(is12 ? 'student_response' : 'learner_response', response);
  set('result', { r: 'correct', w: is12 ? 'wrong' : 'incorrect', s: 'neutral' }[letter]);
}

function writeStatus() {
  const { score, status, success } = names;
  if (record.answered) {
    session.set(`${score}.min`, '0');
    session.set(`${score}.max`, '100');
    session.set(`${score}.raw`, record.percent);
    if (success) session.set(`${score}.scaled`, record.scaled);
  }
  if (settled && !record.done) return;
  const passed = course.pass > 0 && record.done && record.asked > 0 ? (Number(record.percent) >= course.pass ? 'passed' : 'failed') : '';
  session.set(status, !record.done ? 'incomplete' : success || passed === '' ? 'completed' : passed);
  if (success && passed !== '') session.set(success, passed);
}

function write() {
  if (record.at !== '') session.set(names.at, record.at);
  session.set(names.kept, record.keep());
  session.set(names.exit, 'suspend');
  session.set(names.time, timeText(session.standard, Date.now() - began));
}

/** Saves at once, or as soon as it may be. */
function save() {
  if (!session || timer) return;
  const wait = Math.max(0, saved + SAVE_MS - Date.now());
  if (wait === 0) saveNow();
  else timer = setTimeout(saveNow, wait);
}

function saveNow() {
  clearTimeout(timer);
  timer = 0;
  if (!session) return;
  saved = Date.now();
  write();
  const done = session.commit();
  if (!done || !record.done || doneTold) return;
  doneTold = true;
  say(record.asked > 0 ? 'done' : 'over', { right: record.right, asked: record.asked });
}

// ---- what the page tells, and is asked -------------------------------------------------------------------------------

let resuming = false;  // the page is on its way to where the learner was
let asking = 0;        // 1: the page was asked for its state; 2: and there is reason to ask again

const ask = (request) => frame.contentWindow.postMessage({ version: VERSION, ...request }, location.origin === 'null' ? '*' : location.origin);

/** Whether an answer was shown, only the page knows. One question at a time, however fast the learner steps. */
function askState() {
  if (!record.open) return;
  if (asking === 0) ask({ type: 'mmscope:state', id: STATE });
  asking = Math.min(asking + 1, 2);
}

function stateCame() {
  const again = asking === 2;
  asking = 0;
  if (again) askState();
}

function takeLetters(letters) {
  const changed = record.take(letters);
  if (!session || changed.length === 0) return;
  for (const question of changed) writeInteraction(question, record.letters[question]);
  writeStatus();
}

const HEARD = {
  // The frame's address has said where it begins; how the questions were answered it is told now.
  'mmscope:ready': () => {
    resuming = record.answered;
    if (!resuming) return;
    const at = record.at === '' ? {} : { at: record.at };
    ask({ type: 'mmscope:load', id: RESUME, scenario: course.lesson, answers: record.letters, ...at });
  },
  'mmscope:answer': (data) => {
    if (!record.answer(data) || !session) return;
    writeInteraction(data.question, record.letters[data.question], data);
    writeStatus();
    save();
  },
  'mmscope:result': (data) => {
    record.ended = true;
    takeLetters(Array.isArray(data.answers) ? data.answers.map((state) => LETTERS[state]).join('') : '');
    if (session) writeStatus();
    save();
  },
  'mmscope:step': (data) => {
    record.stand(data.at, data.steps);
    if (session) writeStatus();
    askState();
    save();
  },
  'mmscope:state': (data) => {
    if (data.id === RESUME) resuming = false;
    takeLetters(data.answers);
    save();
    if (data.id === STATE) stateCame();
  },
  'mmscope:error': (data) => {
    if (data.id === STATE) stateCame();
    if (data.id !== RESUME) return;
    resuming = false;
    say('notBack', { why: plain(String(data.message?.[course.language] ?? ''), MAX_WHY) });
  },
};

window.addEventListener('message', ({ source, data }) => {
  if (source !== frame.contentWindow || typeof data?.type !== 'string' || !Object.hasOwn(HEARD, data.type)) return;
  if (data.scenario !== undefined && data.scenario !== course.lesson) {
    if (session) say('elsewhere', { title: course.title });
    return;
  }
  if (resuming && data.type !== 'mmscope:state' && data.type !== 'mmscope:error') return;
  HEARD[data.type](data);
});

// ---- coming and going -----------------------------------------------------------------------------------------------

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden' && timer) saveNow();
});

window.addEventListener('pagehide', () => {
  if (!session) return;
  clearTimeout(timer);
  timer = 0;
  write();
  session.commit();
  session.end();
});

// The browser has kept the page and shows it again: its session with the course system is over.
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted || !session) return;
  session = null;
  say('ended');
});

begin();
const link = [`s=${encodeURIComponent(course.lesson)}`, `lang=${course.language}`, ...(record.at === '' ? [] : [`at=${record.at}`])];
frame.src = `page/index.html#${link.join('&')}`;
