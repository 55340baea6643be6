// The lesson: its notes, and its written steps as a list. A run of many ops unfolds to them. The op that is shown has its
// events under it; each op and each event can be gone to.
import { $, h, fill, paragraphs, reveal } from './dom.js';
import { markRefs, sentence } from './events.js';
import { group } from './i18n.js';
import { functionRef } from './kernel-source.js';
import { questionBox } from './question.js';
import { ways } from './sums.js';

const ALL = 300;           // steps, and ops of a run: up to here the whole list is there
const BEFORE = 40;         // else this many before the cursor
const SHOWN = 120;         // and so many in all
const EVENTS_SHOWN = 400;  // events listed around the cursor

/** Which part of a list of `count` is shown: the one that was, as long as the cursor is well inside it. */
function windowAround(at, count, [first, end]) {
  if (count <= ALL) return [0, count];
  if (at >= first + 5 && at < end - 5 && end <= count && end > first) return [first, end];
  const from = Math.max(0, Math.min(at - BEFORE, count - SHOWN));
  return [from, Math.min(count, from + SHOWN)];
}

export function mountSteps(app, words) {
  const panel = $('steps');
  const list = $('ops');
  let part = [0, 0];       // the steps that are listed
  let drawn = '';          // what the list was drawn for
  let rows = [];           // {step, element, button, question, fold, sum, ops}
  const folded = new Map();  // what the person has unfolded or folded: number of the step → unfolded
  let events = null;       // the list of events, under the row of its op
  let eventsDrawn = '';
  let eventRows = new Map();

  function drawNotes() {
    const { notes, summary, steps } = app.scenario;
    const told = paragraphs(notes || summary);
    if (steps === 0 && told.length === 0) told.push(h('p', {}, app.t('steps.none')));
    $('lesson-notes').classList.toggle('bare', told.length === 0);
    fill($('lesson-notes'), h('p', { class: 'machine-line' }, app.machineText()), told);
  }

  function drawSteps(force) {
    const { stepNo, nrSteps } = app.state;
    const [from, to] = windowAround(Math.max(0, stepNo - 1), nrSteps, part);
    const key = `${from} ${to} ${app.language}`;
    if (!force && key === drawn) return;
    drawn = key;
    part = [from, to];
    rows = app.engine.steps(from, to - from).steps.map(stepRow);
    fill(list, rows.map(({ element }) => element));
    list.setAttribute('start', String(from + 1));
    more($('ops-before'), from, 'steps.before');
    more($('ops-after'), nrSteps - to, 'steps.after');
    events = null;
    eventsDrawn = '';
  }

  function more(element, count, key) {
    element.hidden = count === 0;
    element.textContent = count > 0 ? app.t(key, { n: group(count) }) : '';
  }

  function line(number, code, go) {
    return h('button', { type: 'button', class: 'op-line', onclick: go },
      h('span', { class: 'n' }, number), h('span', { class: 'words' }, code));
  }

  function stepRow(step) {
    const button = line(String(step.step), label(step), () => app.seekAt(String(step.step)));
    const element = h('li', { class: 'op', dataset: { op: step.op, step: step.step } }, button);
    const row = { step, element, button, question: null, fold: null, sum: null, ops: null };
    if (step.ops > 1) {
      row.fold = h('button', { type: 'button', class: 'fold', onclick: () => unfold(row, row.ops === null) });
      row.sum = h('span', { class: 'sum' });
      element.append(h('div', { class: 'run' }, row.fold, row.sum));
    }
    if (step.question) {
      row.question = questionBox(app, step.op, step.question);
      element.append(row.question);
    }
    if (step.note) element.append(h('div', { class: 'note', dataset: { tells: step.op } }, paragraphs(step.note)));
    return row;
  }

  // "2,500 × alloc_page() as p[]"
  function label(step) {
    if (step.text !== undefined) return h('code', { dataset: { tells: step.op } }, step.text);
    if (step.turns === undefined) return app.t('steps.random', { n: group(step.ops) });
    const turn = step.texts.join('; ') + (step.turnOps > step.texts.length ? '; …' : '');
    return [app.t('steps.turns', { n: group(step.turns) }), ' ', h('code', { dataset: { tells: step.op } }, step.turnOps > 1 ? `(${turn})` : turn)];
  }

  // A question is there when its step comes next and while the step is shown. A machine with another allocator may have no
  // answer: nothing is asked.
  function markQuestion(row) {
    const { op } = app.state;
    if (!row.question) return;
    // Who came by a link to behind a question sees its answer in the picture: it is asked when she steps back.
    const unasked = row.step.op <= op && !app.questions.of(row.step.op);
    const hidden = unasked || row.step.op > op + 1 || row.step.op + row.step.ops <= op;
    if (!hidden && !row.question.hasAnswer()) {
      row.question.remove();
      row.question = null;
      return;
    }
    row.question.hidden = hidden;
    row.element.classList.toggle('asked', !hidden);
    row.question.refresh();
  }

  function markSteps() {
    const { op, stepNo, stepDone } = app.state;
    for (const row of rows) {
      const { step, element, button } = row;
      const now = step.step === stepNo;
      if (!now && folded.get(step.step) === false) folded.delete(step.step);
      mark(element, button, { now, ahead: step.op > op });
      element.classList.toggle('inside', now && !stepDone);
      markQuestion(row);
      if (row.fold) markRun(row);
    }
    app.questions.veil(list);
  }

  function mark(element, button, { now, ahead }) {
    element.classList.toggle('now', now);
    element.classList.toggle('ahead', ahead);
    if (now) button.setAttribute('aria-current', 'step');
    else button.removeAttribute('aria-current');
  }

  // ---- runs ----

  /** Whether the ops of a run are listed: those of the one that the cursor stands in, unless the person has folded it. */
  function isUnfolded({ step }) {
    const { stepNo, stepDone } = app.state;
    return folded.get(step.step) ?? (step.step === stepNo && !stepDone);
  }

  function unfold(row, open) {
    folded.set(row.step.step, open);
    markRun(row);
    drawEvents();
  }

  function markRun(row) {
    const { step, fold } = row;
    const open = isUnfolded(row);
    if (open) drawOps(row);
    else if (row.ops) {
      removeOps(row);
      row.turns = null;
      row.turnsDrawn = '';
    }
    fold.textContent = app.t(open ? 'steps.fold' : 'steps.unfold', { n: group(step.ops) });
    fold.setAttribute('aria-expanded', String(open));
    drawSum(row);
  }

  // Who stands in the list stands in its row then, not nowhere.
  function removeOps(row) {
    const stood = row.ops?.contains(document.activeElement);
    row.ops?.remove();
    row.ops = null;
    if (stood) row.button.focus();
  }

  function drawOps(row) {
    const { step } = row;
    const { op } = app.state;
    row.part = windowAround(Math.max(0, Math.min(step.ops, op - step.op)), step.ops, row.part ?? [0, 0]);
    const [from, to] = row.part;
    const key = `${from} ${to}`;
    if (key !== row.turnsDrawn) {
      row.turnsDrawn = key;
      row.turns = app.engine.ops(step.op + from, to - from).ops.map((told, i) => {
        const button = line(told.at.includes('.') ? told.at : `${told.at}.${step.ops}`, h('code', { dataset: { tells: step.op + from + i } }, told.text), () => app.seek(step.op + from + i + 1));
        return { op: step.op + from + i, button, element: h('li', { class: 'op turn' }, button) };
      });
      removeOps(row);
      row.ops = h('div', { class: 'turns' },
        from > 0 ? h('p', { class: 'more' }, app.t('steps.opsBefore', { n: group(from) })) : null,
        h('ol', { start: from + 1, 'aria-label': app.t('steps.opsLabel', { step: step.step }) }, row.turns.map(({ element }) => element)),
        to < step.ops ? h('p', { class: 'more' }, app.t('steps.opsAfter', { n: group(step.ops - to) })) : null);
      row.element.querySelector('.run').after(row.ops);
      events = null;
      eventsDrawn = '';
    }
    for (const turn of row.turns) mark(turn.element, turn.button, { now: turn.op === op, ahead: turn.op > op });
  }

  // What the run did, when it has been made.
  function drawSum(row) {
    const { step, sum } = row;
    const made = step.op + step.ops <= app.state.step;
    const known = made ? app.sums.of(step.step) : null;
    const { progress } = app.sums;
    const key = known ? `sum ${app.language}` : made && progress?.step === step.step ? `${progress.done}` : '';
    if (key === row.sumDrawn) return;
    row.sumDrawn = key;
    if (known) fill(sum, known.text, ways(app, known));
    else fill(sum, key ? app.t('sum.counting', { done: group(progress.done), of: group(progress.of) }) : null);
  }

  // ---- events ----

  /** Where the events of the shown op are listed: in its row; of a run that stands there as a whole nowhere. */
  function rowOfEvents() {
    const row = rows.find(({ step }) => step.step === app.state.stepNo);
    if (!row || row.step.ops === 1) return row?.element;
    return row.turns?.find(({ op }) => op === app.state.op)?.element;
  }

  function drawEvents() {
    const { op, nrEvents, happened } = app.state;
    const from = nrEvents <= EVENTS_SHOWN ? 0 : Math.floor(Math.max(0, happened - 1) / 200) * 200;
    const to = Math.min(nrEvents, from + EVENTS_SHOWN);
    const parent = rowOfEvents();
    const key = `${op} ${from} ${app.language} ${drawn} ${parent !== undefined}`;
    if (key !== eventsDrawn) {
      eventsDrawn = key;
      eventRows = new Map();
      events?.remove();
      events = null;
      if (!parent || nrEvents === 0) return;
      for (let i = from; i < to; ++i) eventRows.set(i, eventRow(words.at(i), i));
      // The why line is what is read aloud; the log is there to be read.
      events = h('div', { class: 'events', role: 'log', 'aria-live': 'off', 'aria-label': app.t('events.label') },
        h('p', { class: 'events-title' }),
        h('ol', {}, [...eventRows.values()]));
      parent.append(events);
    }
    if (!events) return;
    events.firstElementChild.textContent = app.t('events.title', { n: group(happened), of: group(nrEvents) });
    for (const [i, element] of eventRows) {
      element.classList.toggle('reached', i < happened - 1);
      element.classList.toggle('now', i === happened - 1);
      element.classList.toggle('ahead', i >= happened);
      const go = element.firstElementChild;
      if (i === happened - 1) go.setAttribute('aria-current', 'step');
      else go.removeAttribute('aria-current');
    }
  }

  function eventRow(event, index) {
    const go = () => app.seek(app.state.op, index + 1);
    return h('li', { class: 'event' },
      h('button', { type: 'button', class: 'go', 'aria-label': app.t('events.go', { n: index + 1 }), onclick: go }, String(index + 1)),
      h('div', { class: 'what', onclick: go },
        event.path.length > 0 ? functionRef(app, event) : null,
        sentence(app, event.runs)));
  }

  function follow() {
    const { op, happened, event, stepNo, stepDone } = app.state;
    if (op < 0) {
      panel.scrollTop = 0;
      return;
    }
    const row = rows.find(({ step }) => step.step === stepNo);
    const turn = row?.turns?.find((turn) => turn.op === op);
    // At the end of a run its own row tells, and not the last of its ops.
    const made = stepDone && row?.step.ops > 1 ? row.button : turn?.element ?? row?.element;
    const target = (event > 0 && eventRows.get(happened - 1)) || made;
    if (target) reveal(panel, target);
    const told = stepDone && row?.question && app.questions.of(row.step.op) ? row.question.verdict : null;
    if (told) reveal(panel, told);
    const asked = rows.find(({ step }) => step.op === op + 1);
    if (!stepDone || !asked?.question) return;
    asked.question.follows(told?.firstElementChild ? app.t('question.before', { n: group(row.step.step), said: told.firstElementChild.textContent }) : '');
    reveal(panel, asked.element);
    // Where there is little room the question is what has to be seen of its step, from its beginning.
    const over = asked.question.getBoundingClientRect().bottom - panel.getBoundingClientRect().bottom;
    const above = asked.question.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    if (over > 0) panel.scrollTop += Math.min(over, above);
  }

  app.on((what) => {
    if (!app.ready) return;
    const fresh = what.has('scenario') || what.has('language');
    if (what.has('opened')) folded.clear();
    if (fresh || what.has('machine')) drawNotes();
    if (fresh || what.has('state')) {
      drawSteps(fresh);
      markSteps();
      drawEvents();
      follow();
    } else if (what.has('sum')) {
      for (const row of rows) if (row.fold) drawSum(row);
    }
    if (what.has('veil')) markSteps();
    if (what.has('select')) markRefs(app, list);
    if (what.has('select') || what.has('point')) {
      // Of two that are shown, it answers the one that comes next.
      if (app.state.chosen) [...rows].reverse().some(({ question }) => question?.point(app.state.select, app.state.pointer));
    }
    if (what.has('panel') && app.shows('steps')) follow();
  });
}
