// The lesson: its notes, and its ops as a list. The op that is shown has its note and its events under it; each event
// can be gone to.
import { $, h, fill, paragraphs, reveal } from './dom.js';
import { markRefs, sentence } from './events.js';
import { group } from './i18n.js';
import { questionBox } from './question.js';

const ALL = 300;           // ops: up to here the whole list is there
const BEFORE = 40;         // else this many before the cursor
const SHOWN = 120;         // and so many in all
const EVENTS_SHOWN = 400;  // events listed around the cursor

export function mountSteps(app, words) {
  const panel = $('steps');
  const list = $('ops');
  let first = 0;
  let end = 0;
  let drawn = '';          // what the list was drawn for
  let rows = [];
  let events = null;       // the list of events, under the row of its op
  let eventsDrawn = '';
  let eventRows = new Map();

  function range() {
    const { steps, op } = app.state;
    if (steps <= ALL) return [0, steps];
    const at = Math.max(0, op);
    if (at >= first + 5 && at < end - 5 && end <= steps && end > first) return [first, end];
    const from = Math.max(0, Math.min(at - BEFORE, steps - SHOWN));
    return [from, Math.min(steps, from + SHOWN)];
  }

  function drawNotes() {
    const { notes, summary, steps } = app.scenario;
    const told = paragraphs(notes || summary);
    if (steps === 0 && told.length === 0) told.push(h('p', {}, app.t('steps.none')));
    $('lesson-notes').classList.toggle('bare', told.length === 0);
    fill($('lesson-notes'), h('p', { class: 'machine-line' }, app.machineText()), told);
  }

  function drawOps(force) {
    const [from, to] = range();
    const key = `${from} ${to} ${app.language}`;
    if (!force && key === drawn) return;
    drawn = key;
    [first, end] = [from, to];
    rows = app.engine.ops(first, end - first).ops.map((op, i) => row(op, first + i));
    fill(list, rows);
    list.setAttribute('start', String(first + 1));
    more($('ops-before'), first, 'steps.before');
    more($('ops-after'), app.state.steps - end, 'steps.after');
    events = null;
    eventsDrawn = '';
  }

  function more(element, count, key) {
    element.hidden = count === 0;
    element.textContent = count > 0 ? app.t(key, { n: group(count) }) : '';
  }

  function row(op, index) {
    const element = h('li', { class: 'op', dataset: { op: index } },
      h('button', { type: 'button', class: 'op-line', onclick: () => app.seek(index + 1) },
        h('span', { class: 'n' }, String(index + 1)),
        h('code', { dataset: { tells: index } }, op.text)),
      op.group ? h('p', { class: 'note quiet' }, app.t('steps.group', { n: group(op.group) })) : null);
    element.ops = op.group ?? 1;
    if (op.question) {
      element.question = questionBox(app, index, op.question);
      element.append(element.question);
    }
    if (op.note) element.append(h('div', { class: 'note', dataset: { tells: index } }, paragraphs(op.note)));
    return element;
  }

  // A question is there when its step comes next and while the step is shown. A machine with another allocator may have no
  // answer: nothing is asked.
  function markQuestion(element, index) {
    const { op } = app.state;
    if (!element.question) return;
    const hidden = index > op + 1 || index + element.ops <= op;
    if (!hidden && !element.question.hasAnswer()) {
      element.question.remove();
      element.question = null;
      return;
    }
    element.question.hidden = hidden;
    element.question.refresh();
  }

  function markOps() {
    const { op, event } = app.state;
    rows.forEach((element, i) => {
      const index = first + i;
      element.classList.toggle('now', index === op);
      element.classList.toggle('ahead', index > op);
      const button = element.firstElementChild;
      if (index === op) button.setAttribute('aria-current', 'step');
      else button.removeAttribute('aria-current');
      element.classList.toggle('inside', index === op && event > 0);
      markQuestion(element, index);
    });
    app.questions.veil(list);
  }

  // ---- events ----

  function drawEvents() {
    const { op, nrEvents, happened } = app.state;
    const from = nrEvents <= EVENTS_SHOWN ? 0 : Math.floor(Math.max(0, happened - 1) / 200) * 200;
    const to = Math.min(nrEvents, from + EVENTS_SHOWN);
    const key = `${op} ${from} ${app.language} ${drawn}`;
    if (key !== eventsDrawn) {
      eventsDrawn = key;
      eventRows = new Map();
      events?.remove();
      events = null;
      const parent = rows[op - first];
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
        event.path.length > 0 ? h('span', { class: 'fn' }, event.path.at(-1)) : null,
        sentence(app, event.runs)));
  }

  function follow() {
    const { op, happened, event } = app.state;
    if (op < 0) {
      panel.scrollTop = 0;
      return;
    }
    const inside = event > 0 ? eventRows.get(happened - 1) : null;
    const target = inside ?? rows[op - first];
    if (target) reveal(panel, target);
    const asked = rows[op + 1 - first];
    // Where there is little room the question is what has to be seen of its step.
    if (event === 0 && asked?.question) reveal(panel, panel.clientHeight < 260 ? asked.question : asked);
  }

  app.on((what) => {
    if (!app.ready) return;
    const fresh = what.has('scenario') || what.has('language');
    if (fresh || what.has('machine')) drawNotes();
    if (fresh || what.has('state')) {
      drawOps(fresh);
      markOps();
      drawEvents();
      follow();
    }
    if (what.has('veil')) markOps();
    if (what.has('select')) markRefs(app, list);
    if (what.has('select') || what.has('point')) {
      // Of two that are shown, it answers the one that comes next.
      if (app.state.chosen) [...rows].reverse().some((element) => element.question?.point(app.state.select, app.state.pointer));
    }
    if (what.has('panel') && app.shows('steps')) follow();
  });
}
