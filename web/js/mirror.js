// The text mirror: what the picture shows, as a table. It stands behind the picture for who hears the page, and in the
// picture's place for who asks for it. Rows that can be selected begin with a button; what the step changed says so.
import { $, h, fill, reveal } from './dom.js';
import { group, remember, remembered } from './app.js';
import { plain } from './plain.js';

const LATER_MS = 200;  // behind the picture nobody reads while the steps go by

export function mountMirror(app) {
  const box = $('mirror');
  const button = $('as-table');
  let shown = remembered('table') === 'yes';
  let timer = 0;

  function place() {
    box.classList.toggle('unseen', !shown);
    button.setAttribute('aria-pressed', String(shown));
    $('view-panel').classList.toggle('as-table', shown);
  }

  // ---- the table ----

  function draw() {
    clearTimeout(timer);
    timer = 0;
    const told = app.engine.mirror();
    const held = box.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const { rows = [], columns = [], above = 0, below = 0 } = told;
    fill(box,
      told.note ? h('p', {}, plain(told.note)) : null,
      above > 0 ? h('p', { class: 'quiet' }, app.t('mirror.above', { n: group(above) })) : null,
      rows.length === 0 ? null : h('table', {},
        h('caption', {}, plain(told.caption)),
        h('thead', {}, h('tr', {}, columns.map((title) => h('th', { scope: 'col' }, title)))),
        h('tbody', {}, rows.map(line))),
      below > 0 ? h('p', { class: 'quiet' }, app.t('mirror.below', { n: group(below) })) : null);
    rove(held);
    if (!shown) return;
    const marked = box.querySelector('[aria-current]') ?? box.querySelector('[data-change]');
    if (held === null && marked) reveal(box, marked);
  }

  function line({ cells: [name, ...cells], place: at, change, was, selected: holds }) {
    const title = plain(name);
    const selected = holds || (at !== undefined && at === app.state.select);
    return h('tr', { dataset: change ? { change } : {}, 'aria-current': selected ? 'true' : null },
      h('th', { scope: 'row' },
        at ? h('button', { type: 'button', tabindex: '-1', dataset: { name: title }, onclick: () => app.select(at) }, title) : title,
        change ? h('span', { class: 'mark' }, ` ${app.t(`mirror.${change}`)}`) : null),
      cells.map((cell, i) => h('td', {}, plain(cell),
        was?.[i + 1] ? h('span', { class: 'was' }, ` ${app.t('mirror.was', { value: plain(was[i + 1]) })}`) : null)));
  }

  // ---- among its rows by keyboard ----

  const buttons = () => [...box.querySelectorAll('button')];

  // One stop for Tab, and only where it can be seen; a table that is drawn again keeps its place.
  function rove(held) {
    const all = buttons();
    const first = all.find((one) => one.dataset.name === held)
      ?? box.querySelector('[aria-current] button') ?? box.querySelector('[data-change] button') ?? all[0];
    if (first && shown) first.tabIndex = 0;
    if (held !== null) (first ?? box).focus();
  }

  box.onkeydown = (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!all[to]) return;
    all[at].tabIndex = -1;
    if (shown) all[to].tabIndex = 0;
    all[to].focus();
  };

  // ---- when ----

  app.showTable = (on) => {
    shown = on;
    place();
    if (app.ready && app.engine.whole) draw();
  };

  button.onclick = () => {
    remember('table', shown ? 'no' : 'yes');
    app.showTable(!shown);
  };

  app.on((what) => {
    if (!app.ready || !app.engine.whole) return;
    if (!['whole', 'state', 'select', 'view', 'look', 'language', 'scenario'].some((name) => what.has(name))) return;
    if (shown) draw();
    else if (timer === 0) timer = setTimeout(() => { if (app.ready) draw(); }, LATER_MS);
  });
  place();
}
