// How the engine compares with recordings of real kernels: conformance.json, which is made by the project's own
// replay of the recordings. Without that file the panel is not there.
import { $, h, fill } from './dom.js';
import { fetchText, group } from './app.js';

export function mountCheck(app) {
  const panel = $('check');
  let table = null;

  /** build: build.json of this copy of the page, which lists its files. */
  app.setBuild = (build) => {
    app.build = build;
    app.check = build?.files.some((file) => file.path === 'conformance.json') ?? false;
    $('tab-check').hidden = !app.check;
    if (app.side === 'check') app.showPanel(app.check ? 'check' : 'inspect');
  };

  async function draw() {
    try {
      table ??= JSON.parse(await fetchText('conformance.json'));
    } catch (failed) {
      fill(panel, h('p', { class: 'error' }, app.t('check.failed', { message: failed.message })));
      return;
    }
    fill(panel,
      h('p', {}, app.t('check.intro')),
      h('table', { class: 'check-table' },
        h('thead', {}, h('tr', {}, ['kernel', 'machine', 'area', 'facts', 'equal', 'known'].map((name) => h('th', {}, app.t(`check.${name}`))))),
        h('tbody', {}, table.rows.map(row))));
  }

  function row(r) {
    const rest = r.facts - r.equal - r.known;
    return h('tr', {}, h('td', {}, r.kernel), h('td', {}, r.machine), h('td', {}, r.area),
      h('td', { class: 'n' }, group(r.facts)),
      h('td', { class: `n ${rest === 0 ? 'all' : 'differs'}` }, group(r.equal)),
      h('td', { class: 'n' }, group(r.known)));
  }

  app.on((what) => {
    if (app.check && app.shows('check') && (what.has('panel') || what.has('language'))) draw();
  });
}
