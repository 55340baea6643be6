// The gallery: lessons chapter by chapter, machines, and the person's own scenarios until they are removed.
import { $, h, fill, reveal } from './dom.js';
import { readOnce } from './find.js';
import { plain } from './plain.js';
import { KEEP_MAX } from './own.js';
import { Progress } from './progress.js';

export function mountGallery(app, dialogs) {
  const list = $('gallery');
  const panel = $('lessons');
  const find = $('gallery-find');
  const progress = new Progress(app);
  let removed = null;  // the own scenario that can be put back
  let summaries = {};  // id → {en, zh}, once they have come

  function draw() {
    const wanted = find.value.trim().toLowerCase();
    const found = app.index.filter((s) => `${app.local(s.title)} ${s.id}`.toLowerCase().includes(wanted));
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset : null;
    const parts = [
      section(app.t('gallery.owns'), own(wanted)),
      ...app.chapters.map(({ id, title }) => section(app.local(title), found.filter((s) => s.chapter === id).map(lesson), wanted === '' ? id : null)),
      section(app.t('gallery.machines'), found.filter((s) => s.kind === 'machine').map(lesson)),
    ].filter((part) => part !== null);
    if (parts.length === 0) parts.push(h('p', { class: 'quiet' }, app.t('gallery.none')));
    if (wanted !== '') parts.push(h('button', { type: 'button', class: 'everywhere', onclick: () => app.searchFor(find.value) }, app.t('gallery.everywhere')));
    fill(list, parts);
    if (!focused) return;
    const again = [...list.querySelectorAll('button')].find((button) => button.dataset.scenario === focused.scenario && button.dataset.does === focused.does);
    again?.focus({ preventScroll: true });
  }

  /** A chapter: its title, how many of its lessons are finished, and its rows. */
  function section(title, rows, chapter = null) {
    if (rows.length === 0) return null;
    const finished = chapter ? app.index.filter((s) => s.chapter === chapter && progress.of(s.id) === 'finished').length : 0;
    const done = finished > 0 ? h('span', { class: 'done' }, app.t('gallery.done', { n: finished, of: rows.length })) : null;
    return h('section', {}, h('h3', {}, title, done), h('ul', {}, rows));
  }

  function lesson({ id, title, steps, questions }) {
    const state = progress.of(id);
    const about = steps ? `${app.t(questions ? 'gallery.asks' : 'gallery.steps', { n: steps, questions })} ` : '';
    return h('li', { class: state || null }, row(id, [
      state ? h('span', { class: 'mark', role: 'img', 'aria-label': app.t(`gallery.${state}`), title: app.t(`gallery.${state}`) }) : null,
      app.local(title),
      h('small', {}, h('b', {}, about), app.local(summaries[id])),
    ], () => open(id)));
  }

  function row(id, what, onclick) {
    return h('button', {
      type: 'button', 'aria-current': app.scenario?.id === id ? 'true' : null, dataset: { scenario: id }, onclick,
    }, what);
  }

  // ---- the person's own ----

  function own(wanted) {
    const rows = app.own.list.filter((one) => titleOf(one).toLowerCase().includes(wanted)).map((one) => h('li', { class: 'own' },
      row(one.id, [titleOf(one), h('small', {}, app.t(one.kept ? 'gallery.keptHint' : 'gallery.ownHint'))], () => openOwn(one)),
      h('div', { class: 'row' },
        button(one, 'keep', { 'aria-pressed': String(one.kept) }, keep),
        button(one, 'remove', {}, remove))));
    if (removed !== null && wanted === '') {
      rows.push(h('li', { class: 'own', role: 'status' }, h('p', {}, app.t('gallery.removed', { title: titleOf(removed) })), h('div', { class: 'row' },
        h('button', { type: 'button', dataset: { does: 'undo' }, onclick: putBack }, app.t('gallery.undo')))));
    }
    return rows;
  }

  const titleOf = ({ title }) => plain(String(app.local(title)), 100) || app.t('gallery.own');

  function button(one, does, attributes, act) {
    return h('button', {
      type: 'button', ...attributes, 'aria-label': `${app.t(`gallery.${does}`)}: ${titleOf(one)}`,
      dataset: { scenario: one.id, does }, onclick: () => act(one),
    }, app.t(`gallery.${does}`));
  }

  function keep(one) {
    if (!app.own.keep(one.id, !one.kept)) {
      const sizes = { size: kib(one.text.length), used: kib(app.own.keptSize), max: kib(KEEP_MAX) };
      dialogs.notice(() => app.t('gallery.full', { title: titleOf(one), ...sizes }));
    }
    app.tell('own');
  }

  function remove(one) {
    removed = app.own.remove(one.id);
    app.tell('own');
    list.querySelector('[data-does="undo"]')?.focus({ preventScroll: true });
  }

  function putBack() {
    app.own.putBack(removed);
    const { id } = removed;
    removed = null;
    app.tell('own');
    list.querySelector(`[data-scenario="${id}"]`)?.focus({ preventScroll: true });
  }

  app.lost = (one) => dialogs.notice(() => app.t('gallery.lost', { title: titleOf({ ...one, title: one.title ?? '' }) }));

  async function openOwn({ id, text, until }) {
    if (app.scenario?.id === id) return;
    const error = await app.loadText(id, text, { until });
    if (error) dialogs.paste(text, error, { id });
    else if (error === null && !app.wide.matches) toSteps();
  }

  // ---- opening ----

  async function open(id) {
    try {
      if (await app.open(id) && !app.wide.matches) toSteps();
    } catch (failed) {
      dialogs.notice(() => app.t('error.scenario', { id, message: app.failureText(failed) }), { opening: true });
    }
  }

  function toSteps() {
    const had = panel.contains(document.activeElement);
    app.showPanel('steps');
    if (had) $('steps').focus({ preventScroll: true });
  }

  /** Scrolls to what is open. */
  function show() {
    const current = list.querySelector('[aria-current]');
    if (current?.offsetParent) reveal(panel, current);
  }

  find.oninput = draw;
  const fold = $('gallery-fold');
  fold.ontoggle = show;
  // Where one panel is seen at a time nothing is gained by closing it.
  app.wide.addEventListener('change', () => { fold.open ||= !app.wide.matches; });

  /** What stands below the titles. Resolves when it is there, or cannot be had: titles do without. */
  app.summarize = async () => {
    if (!app.listed) return;
    summaries = await readOnce('find/summaries.json').catch(() => ({}));
    draw();
    show();
  };

  app.on((what) => {
    const fresh = what.has('scenario') || what.has('language');
    if (fresh || what.has('own') || what.has('progress')) draw();
    if (fresh || (what.has('panel') && !app.wide.matches)) show();
  });
}

const kib = (characters) => Math.ceil(characters / 1024).toLocaleString('en-US');
