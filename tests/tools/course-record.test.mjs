// What is recorded of a lesson, by the rules of the two standards: the formats are those of their run-time environments.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Record, interactionOf } from '../../web/course/record.js';
import { TEXTS } from '../../web/course/texts.js';
import { Session, elementsOf, findApi, timeText } from '../../web/course/scorm.js';

const VERSION = '9c0f54d1';
const record = (questions, kept = '') => new Record({ questions, version: VERSION }, kept);

// ---- letters, score, done -------------------------------------------------------------------------------------------

test('the first answer to a question counts, and the score is the part of the questions that was right', () => {
  const one = record(4);
  assert.equal(one.answered, false);
  assert.equal(one.answer({ question: 1, correct: false }), true);
  assert.equal(one.answer({ question: 1, correct: true }), false, 'a second one');
  assert.equal(one.answer({ question: 0, correct: true }), true);
  assert.equal(one.letters, 'rwoo');
  assert.deepEqual([one.percent, one.scaled], ['25', '0.25']);
  const thirds = record(3);
  thirds.answer({ question: 2, correct: true });
  assert.deepEqual([thirds.percent, thirds.scaled], ['33.33', '0.3333']);
});

test('a lesson is done when its end was seen and no question is open', () => {
  const one = record(2);
  one.answer({ question: 0, correct: true });
  one.stand('9', 9);
  assert.equal(one.done, false, 'one was passed over');
  assert.deepEqual(one.take('rs'), [1]);
  assert.equal(one.done, true);
  one.stand('3', 9);
  assert.equal(one.done, true, 'and stays so');
  const without = record(0);
  assert.equal(without.done, false);
  without.stand('4', 4);
  assert.equal(without.done, true);
});

test('what is open takes the state that the page tells, and nothing else changes', () => {
  const one = record(4);
  one.answer({ question: 0, correct: false });
  assert.deepEqual(one.take('rrso'), [1, 2]);
  assert.equal(one.letters, 'wrso');
  for (const letters of ['rrrrr', 'rr', '', 'rrrx', undefined, null, 4, ['r', 'r', 'r', 'r'], {}]) assert.deepEqual(one.take(letters), [], String(letters));
  assert.equal(one.letters, 'wrso');
});

test('what no answer and no place is changes nothing', () => {
  const one = record(2);
  for (const question of [-1, 2, 0.5, '0', null, undefined, {}, NaN]) assert.equal(one.answer({ question, correct: true }), false);
  for (const at of ['', 'x', '1.2.3.4', '-1', '1'.repeat(11), 4, null, undefined]) one.stand(at, 4);
  assert.deepEqual([one.letters, one.at, one.ended], ['oo', '', false]);
});

test('what was kept is there again; of another version of the lesson nothing is', () => {
  const one = record(3);
  one.answer({ question: 1, correct: true });
  one.stand('4.17.3', 9);
  const again = record(3, one.keep());
  assert.deepEqual([again.letters, again.at, again.done, again.changed], ['oro', '4.17.3', false, false]);
  assert.equal(again.keep(), one.keep());
  const other = new Record({ questions: 3, version: '00000000' }, one.keep());
  assert.deepEqual([other.letters, other.at, other.changed], ['ooo', '', true]);
  assert.equal(record(4, one.keep()).changed, true);
  for (const kept of ['', 'x', 'mmscope2 9c0f54d1 ooo 4 0', '<script>', 'mmscope1 9c0f54d1 oxo 4 0', 'a'.repeat(5000)]) {
    assert.deepEqual([record(3, kept).letters, record(3, kept).changed], ['ooo', false], kept.slice(0, 40));
  }
});

// SCORM 1.2: cmi.suspend_data is a CMIString4096.
test('what is kept fits, with as many questions as a result code has and the longest place', () => {
  const one = record(1000);
  one.stand('4294967295.4294967295.4294967295', 9);
  assert.ok(one.keep().length <= 4096, String(one.keep().length));
  assert.equal(record(1000, one.keep()).at, one.at);
});

// ---- answers --------------------------------------------------------------------------------------------------------

const answer = (more) => ({ kind: 'choices', choices: 4, value: '1', response: 'Yes', solution: '2', right: 'No', ...more });

// SCORM 1.2, CMIFeedback: choice: single characters with commas between them. SCORM 2004: short identifiers with [,] between them.
test('choices and orders are letters', () => {
  assert.deepEqual(interactionOf('1.2', answer()), { type: 'choice', response: 'b', pattern: 'c' });
  assert.deepEqual(interactionOf('2004', answer({ kind: 'several', value: '0,3', solution: '1,2,3' })), { type: 'choice', response: 'a[,]d', pattern: 'b[,]c[,]d' });
  assert.deepEqual(interactionOf('1.2', answer({ kind: 'order', value: '2,0,1', solution: '0,1,2' })), { type: 'sequencing', response: 'c,a,b', pattern: 'a,b,c' });
  assert.deepEqual(interactionOf('2004', answer({ kind: 'order', value: '2,0,1', solution: '' })), { type: 'sequencing', response: 'c[,]a[,]b', pattern: '' });
  assert.deepEqual(interactionOf('1.2', answer({ choices: 36, value: '35', solution: '26' })), { type: 'choice', response: '9', pattern: '0' });
});

// SCORM 2004: the pattern of a numeric interaction is <min>[:]<max>. SCORM 1.2: a CMIDecimal.
test('numbers are numeric where they are decimal', () => {
  const number = (value, right) => answer({ kind: 'number', choices: 0, value, response: value, solution: '', right });
  assert.deepEqual(interactionOf('1.2', number('22', '1,024')), { type: 'numeric', response: '22', pattern: '1024' });
  assert.deepEqual(interactionOf('2004', number('22', '1,024')), { type: 'numeric', response: '22', pattern: '1024[:]1024' });
  assert.deepEqual(interactionOf('2004', number('22', '16 MiB')), { type: 'numeric', response: '22', pattern: '' });
  assert.deepEqual(interactionOf('1.2', number('0x1f', '31')), { type: 'fill-in', response: '0x1f', pattern: '31' });
});

test('what was written or pointed at is a text; more choices than letters are, too', () => {
  const page = answer({ kind: 'page', choices: 0, value: '0x45f10', response: '0x45f10', solution: '', right: '0x45f20' });
  assert.deepEqual(interactionOf('1.2', page), { type: 'fill-in', response: '0x45f10', pattern: '0x45f20' });
  assert.equal(interactionOf('1.2', answer({ choices: 37 })).type, 'fill-in');
  for (const value of ['x', '4', '-1', '', '1,9']) assert.equal(interactionOf('2004', answer({ value })).type, 'fill-in', value);
});

// SCORM 1.2, CMITimespan: HHHH:MM:SS.SS. SCORM 2004: ISO 8601.
test('time is written as each standard has it', () => {
  assert.equal(timeText('1.2', 3_725_000), '0001:02:05.00');
  assert.equal(timeText('2004', 3_725_000), 'PT1H2M5S');
  assert.equal(timeText('1.2', -5), '0000:00:00.00');
  assert.equal(timeText('1.2', 1e15), '9999:00:00.00');
});

// ---- the course system ----------------------------------------------------------------------------------------------

const foreign = (parent) => new Proxy({}, {
  get(_, name) {
    if (name === 'parent') return parent;
    throw new Error(`a window of another origin has no ${String(name)} to read`);
  },
});
const top = (more = {}) => {
  const win = { ...more };
  win.parent = win;
  return win;
};
const inside = (parent, more = {}) => ({ parent, opener: null, ...more });
const api12 = { LMSInitialize() {} };
const api2004 = { Initialize() {} };

test('the interface is found around the window, behind windows of others, and around the one that opened it', () => {
  assert.equal(findApi('1.2', inside(inside(top({ API: api12 })))).api, api12);
  assert.equal(findApi('1.2', inside(foreign(top({ API: api12 })))).api, api12);
  assert.equal(findApi('2004', inside(top(), { opener: inside(top({ API_1484_11: api2004 })) })).api, api2004);
  const framed = inside(top());
  framed.top = { opener: top({ API: api12 }) };
  assert.equal(findApi('1.2', framed).api, api12);
  assert.deepEqual(findApi('2004', inside(top({ API: api12, API_1484_11: api2004 }))), { api: api2004, standard: '2004' });
  assert.deepEqual(findApi('2004', inside(top({ API: api12 }))), { api: api12, standard: '1.2' }, 'the other one');
});

test('where there is none the search ends', () => {
  assert.equal(findApi('1.2', inside(top())), null);
  assert.equal(findApi('1.2', inside(top({ API: {} }))), null, 'a thing of that name alone is none');
  let win = top({ API: api12 });
  for (let i = 0; i < 1000; ++i) win = inside(win);
  assert.equal(findApi('1.2', win), null);
  const round = {};
  round.parent = { parent: round };
  assert.equal(findApi('1.2', round), null);
});

/** A course system that answers as it is told, and what it was asked. */
function system(answers = {}) {
  const asked = [];
  const reply = (name, otherwise) => (...values) => {
    asked.push([name, ...values]);
    const answer = answers[name]?.(...values) ?? otherwise;
    if (answer instanceof Error || answer?.thrown) throw answer instanceof Error ? answer : answer.thrown;
    return answer;
  };
  const api = {
    LMSInitialize: reply('start', 'true'), LMSFinish: reply('end', 'true'), LMSGetValue: reply('get', ''), LMSSetValue: reply('set', 'true'),
    LMSCommit: reply('commit', 'true'), LMSGetLastError: reply('error', '0'), LMSGetErrorString: reply('text', ''),
  };
  return { asked, api };
}

function sessionOf(answers) {
  const { asked, api } = system(answers);
  const told = [];
  const session = new Session({ api, standard: '1.2' }, (why) => told.push(why));
  return { session, told, asked };
}

test('a value is set once, and the session is ended once', () => {
  const { session, told, asked } = sessionOf();
  const { at } = elementsOf('1.2');
  assert.equal(session.set(at, '4'), false, 'before it has begun');
  session.start();
  for (const value of ['4', '4', 4]) assert.equal(session.set(at, value), true);
  session.set(at, '5');
  session.end();
  session.end();
  assert.equal(session.commit(), false, 'after it has ended');
  assert.deepEqual(asked, [['start', ''], ['set', at, '4'], ['set', at, '5'], ['end', '']]);
  assert.deepEqual(told, []);
});

test('what is refused is told with code and words, and tried again; what is not kept here is not', () => {
  let code = '405';
  const { session, told, asked } = sessionOf({ set: () => 'false', error: () => code, text: (of) => `words of ${of}` });
  session.start();
  assert.equal(session.set('cmi.core.score.raw', '50'), false);
  session.set('cmi.core.score.raw', '50');
  assert.deepEqual(told, Array(2).fill({ element: 'cmi.core.score.raw', code: '405', text: 'words of 405' }));
  code = '401';
  session.set('cmi.interactions.0.id', 'x');
  session.set('cmi.interactions.0.id', 'x');
  assert.equal(told.length, 3);
  assert.equal(asked.filter(([name, element]) => name === 'set' && element === 'cmi.interactions.0.id').length, 1);
});

test('a course system that throws, or knows nothing of an error, is told too', () => {
  const { session, told } = sessionOf({ commit: () => new Error('the network is gone'), get: () => new Error('no'), end: () => 'false', error: () => new Error('no') });
  session.start();
  assert.equal(session.commit(), false);
  assert.equal(session.get('cmi.suspend_data'), '');
  session.end();
  assert.deepEqual(told, [{ element: 'LMSCommit', code: '', text: 'the network is gone' },
    { element: 'cmi.suspend_data', code: '', text: 'no' }, { element: 'LMSFinish', code: '', text: '' }]);
  // What a course system throws is of its own window: no Error of ours, and maybe nothing that becomes text.
  for (const [thrown, text] of [[{ message: 'db down' }, 'db down'], ['x', 'x'], [{ toString() { throw new Error(); } }, ''], [Symbol('s'), 'Symbol(s)']]) {
    const foreign = sessionOf({ get: () => ({ thrown }), error: () => ({ thrown }), set: () => 'false' });
    foreign.session.start();
    assert.equal(foreign.session.get('cmi.suspend_data'), '');
    assert.equal(foreign.session.set('cmi.exit', 'x'), false);
    assert.deepEqual(foreign.told, [{ element: 'cmi.suspend_data', code: '', text }, { element: 'cmi.exit', code: '', text: '' }]);
  }
  const not = sessionOf({ start: () => 'false', error: () => '101', text: () => 'General exception' });
  assert.equal(not.session.start(), false);
  assert.deepEqual(not.told, [{ element: 'LMSInitialize', code: '101', text: 'General exception' }]);
});

test('what is said is said in both languages, about the same things', () => {
  const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  assert.deepEqual(Object.keys(TEXTS.zh), Object.keys(TEXTS.en));
  for (const [key, text] of Object.entries(TEXTS.en)) assert.deepEqual(values(TEXTS.zh[key]), values(text), key);
});
