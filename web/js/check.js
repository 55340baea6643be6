// How the engine compares with recordings of real kernels: conformance.json, which is made by the project's own
// replay of the recordings. Without that file the panel is not there.
import { $, h, fill } from './dom.js';
import { fetchText, group } from './app.js';
import { hasText } from './i18n.js';

export function mountCheck(app) {
  const panel = $('check');
  let table = null;

  /** build: build.json of this copy of the page, which lists its files. */
  app.setBuild = (build) => {
    app.build = build;
    app.check = build?.files.some((file) => file.path === 'conformance.json') ?? false;
    $('tab-check').hidden = !app.check;
  };

  async function draw() {
    try {
      table ??= JSON.parse(await fetchText('conformance.json'));
    } catch (failed) {
      fill(panel, h('p', { class: 'error' }, app.t('check.failed', { message: failed.message })));
      return;
    }
    const { compared, equal, known, different } = table.total;
    fill(panel,
      h('h2', { class: 'unseen' }, app.t('panel.check')),
      h('p', {}, app.t('check.intro')),
      h('p', { class: 'check-sum' }, app.t('check.sum', {
        compared: group(compared), equal: group(equal), known: group(known), different: group(different),
      })),
      h('table', { class: 'check-table' },
        h('thead', {}, h('tr', {}, ['area', 'facts', 'equal', 'known', 'different'].map((name, i) =>
          h('th', { class: i > 0 ? 'n' : null, scope: 'col' }, app.t(`check.${name}`))))),
        machines().map(body)),
      reasons().length > 0 ? h('h3', {}, app.t('check.reasons')) : null,
      h('ul', {}, reasons().map(({ text, count }) => h('li', {}, text, ' ', h('span', { class: 'val quiet' }, `× ${group(count)}`)))),
      notCompared().length > 0 ? h('h3', {}, app.t('check.notCompared')) : null,
      h('ul', {}, notCompared().map(({ text, count }) =>
        h('li', {}, text, ' ', h('span', { class: 'val quiet' }, app.t('check.files', { n: count }))))));
  }

  // Rows of one kernel and machine stand together.
  function machines() {
    const found = new Map();
    for (const row of table.rows) {
      const name = `Linux ${row.kernel} · ${row.machine}`;
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(row);
    }
    return [...found];
  }

  function body([name, rows]) {
    return h('tbody', {},
      h('tr', {}, h('th', { colspan: 5, scope: 'rowgroup', class: 'machine-name' }, name)),
      rows.map((row) => h('tr', {},
        h('td', {}, hasText(`check.area.${row.area}`) ? app.t(`check.area.${row.area}`) : row.area),
        h('td', { class: 'n' }, group(row.compared)),
        h('td', { class: `n${row.equal === row.compared ? ' all' : ''}` }, group(row.equal)),
        h('td', { class: 'n' }, row.known ? group(row.known) : '—'),
        h('td', { class: `n${row.different ? ' differs' : ''}` }, row.different ? group(row.different) : '—'))));
  }

  // The same reason may hold for several recordings.
  function reasons() {
    const found = new Map();
    for (const { reason, count } of table.known_differences ?? []) {
      const text = app.local(reason);
      found.set(text, (found.get(text) ?? 0) + count);
    }
    return [...found].map(([text, count]) => ({ text, count }));
  }

  // By kind of file, on all machines; then whole folders.
  function notCompared() {
    const found = new Map();
    for (const { what, files } of table.files_not_compared ?? []) {
      const text = app.local(what);
      found.set(text, (found.get(text) ?? 0) + files.length);
    }
    const kinds = [...found].map(([text, count]) => ({ text, count }));
    return kinds.concat((table.folders_not_compared ?? []).map(({ folder, why, files }) => ({ text: `${folder}: ${app.local(why)}`, count: files })));
  }

  app.on((what) => {
    if (app.check && app.shows('check') && (what.has('panel') || what.has('language'))) draw();
  });
}
