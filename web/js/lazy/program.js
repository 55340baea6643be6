// The ops of processes as a program in C, which is stepped as in a debugger: a line a written step, the one that was made last marked,
// what lines that are done came to behind them. Pressing a line goes there.
import en from '../../i18n/program/en.js';
import zh from '../../i18n/program/zh.js';
import { $, h, fill, reveal } from '../dom.js';
import { roving } from '../focus.js';

export const texts = { en, zh };

const SHOWN = 300;   // lines at once
const BEFORE = 60;   // of them before the cursor, in a longer program
const AGAIN = 60;    // milliseconds until results that were not known are asked for again
const COLOURS = 6;   // of processes, css/program.css
const DEEPEST = 4;   // forks that are set in

/** Which lines of `count` are shown around line `at`, from 0. */
export function linesAround(at, count) {
  if (count <= SHOWN) return [0, count];
  const from = Math.max(0, Math.min(at - BEFORE, count - SHOWN));
  return [from, from + SHOWN];
}

/** 'now', 'done' or 'ahead': where a line stands to the op `op` that was made last, which is of step `stepNo`. */
export function standOf(line, { stepNo, op }) {
  if (line.step === stepNo) return 'now';
  return line.op <= op ? 'done' : 'ahead';
}

/** mount() returns what draws the listing when it has been chosen. close: goes back to the lesson. */
export function mount(app, close) {
  const panel = $('steps');
  const box = $('program');
  const list = h('ol', { class: 'code-lines' });
  const before = h('p', { class: 'more' });
  const after = h('p', { class: 'more' });
  const asked = h('p', { class: 'code-asked' });
  let rows = [];      // {line, element, button, code, result}
  let drawn = '';     // what they were drawn for
  let timer = 0;

  fill(box, before, list, after);
  roving(list, '.code-line');

  function rowOf(line, processes) {
    const { name, depth } = processes[line.process] ?? { name: '', depth: 0 };
    const code = h('code', { class: 'code-text', dataset: { tells: line.op } }, line.text);
    const result = h('code', { class: 'code-result' });
    const button = h('button', { type: 'button', class: 'code-line', onclick: () => app.seekAt(String(line.step)) },
      h('span', { class: 'n' }, String(line.step)),
      h('span', { class: 'at', 'aria-hidden': 'true' }),
      name ? h('span', { class: 'who', title: app.t('program.of', { name }) }, name) : h('span', { class: 'who' }),
      h('span', { class: 'code-words' }, code, ' ', result));
    const element = h('li', {
      class: ['code-row', line.process === undefined ? null : `process-${line.process % COLOURS}`, `deep-${Math.min(depth, DEEPEST)}`].filter((one) => one).join(' '),
    }, button);
    return { line, element, button, code, result };
  }

  // The engine tells results of lines that are done alone. `more`: some are not known yet.
  function draw() {
    clearTimeout(timer);
    if (!app.ready || box.hidden) return;
    const { nrSteps, stepNo } = app.state;
    const [from, to] = linesAround(Math.max(0, stepNo - 1), nrSteps);
    const told = app.engine.program(from, to - from);
    const key = `${app.scenario.id} ${from} ${to} ${app.language}`;
    if (key !== drawn || rows.length !== told.lines.length) {
      drawn = key;
      rows = told.lines.map((line) => rowOf(line, told.processes));
      fill(list, rows.map(({ element }) => element));
      list.setAttribute('start', String(from + 1));
      list.setAttribute('aria-label', app.t('program.label'));
      list.classList.toggle('several', told.processes.length > 1);
      more(before, from, 'program.before');
      more(after, nrSteps - to, 'program.after');
    }
    rows.forEach((row, i) => mark(row, told.lines[i]));
    app.questions.veil(list);
    drawAsked();
    if (told.more) timer = setTimeout(draw, AGAIN);
  }

  function more(element, count, key) {
    element.hidden = count === 0;
    element.textContent = count > 0 ? app.t(key, { n: count.toLocaleString('en-US') }) : '';
  }

  function mark(row, line) {
    const stands = standOf(line, app.state);
    for (const name of ['now', 'done', 'ahead']) row.element.classList.toggle(name, stands === name);
    if (stands === 'now') row.button.setAttribute('aria-current', 'step');
    else row.button.removeAttribute('aria-current');
    row.result.textContent = line.result ? `// ${line.result}` : '';
  }

  // The lesson asks before a line: it is answered there.
  function drawAsked() {
    const { open } = app.questions;
    const row = open && rows.find(({ line }) => line.op === open.op);
    asked.remove();
    if (!row) return;
    row.element.prepend(asked);
    fill(asked, app.t('program.asked'), ' ', h('button', { type: 'button', onclick: () => { close(); $('part-lesson').focus(); } }, app.t('program.toQuestion')));
  }

  function follow() {
    const now = rows.find(({ element }) => element.classList.contains('now'));
    if (asked.isConnected) reveal(panel, asked);
    if (now) reveal(panel, now.element);
    else panel.scrollTop = 0;
  }

  app.on((what) => {
    if (box.hidden || !app.scenario?.program) return;
    if (what.has('scenario') || what.has('language')) drawn = '';
    if (['scenario', 'language', 'state', 'veil', 'panel'].some((name) => what.has(name))) draw();
    if (what.has('state') || what.has('panel')) follow();
  });
  return () => {
    drawn = '';
    draw();
    follow();
  };
}
