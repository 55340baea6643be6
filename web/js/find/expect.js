// What a person's own scenario expects, checked behind the open page: what does not hold is marked at its step, and the sum
// stands above the steps. The lessons' own expectations are held by the project's tests.
import { $, h } from '../dom.js';
import { plain } from '../plain.js';

const LONGEST = 300;  // characters of a failure
const BUSY_MS = 20;   // the page answers in between

/** Returns what checks the scenario that is open. */
export function mountExpectations(app) {
  let checked = null;  // {scenario, of, checked, held, failures}: of the scenario that is open
  let turn = 0;

  async function check() {
    const mine = ++turn;
    checked = null;
    let reply = app.engine.check();
    while (reply.running) {
      const until = performance.now() + BUSY_MS;
      while (reply.running && performance.now() < until) reply = app.engine.goOn('check');
      await new Promise((answered) => { setTimeout(answered); });
      if (mine !== turn || !app.ready) return;
    }
    if (reply.error || reply.of === 0) return;
    checked = { source: app.source, ...reply };
    draw();
  }

  function draw() {
    document.querySelectorAll('.expected').forEach((old) => old.remove());
    if (checked === null || checked.source !== app.source) return;
    const { of, held, failures } = checked;
    const all = held === of;
    $('lesson-notes').classList.remove('bare');
    $('lesson-notes').append(h('p', { class: `expected sum ${all ? 'holds' : 'fails'}`, role: 'status' }, sum(),
      failures.length > 0 ? [' ', h('button', { type: 'button', onclick: () => app.seek(failures[0].op + 1) }, app.t('expect.first'))] : null));
    for (const { op, path, message } of [...failures].reverse()) {
      const line = document.querySelector(`#ops [data-op="${op}"] > .op-line`);
      const told = plain(app.local(message), LONGEST);
      const name = path.replace(/^steps\[\d+\]\.expect\.?/, '');
      const subject = told.startsWith(name.split('.').at(-1)) ? null : [h('code', {}, plain(name, LONGEST)), ' '];  // it may name it itself
      line?.after(h('p', { class: 'expected fails' }, subject, told));
    }
  }

  function sum() {
    const { of, checked: looked, held } = checked;
    const told = app.t('expect.sum', { n: held, of });
    return looked < of ? `${told} ${app.t('expect.unread', { n: of - looked })}` : told;
  }

  app.on((what) => {
    if (app.ready && ['scenario', 'language', 'state', 'machine'].some((name) => what.has(name))) draw();
  });
  return check;
}
