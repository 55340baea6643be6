// The gallery: the scenarios that come with the page, and the person's own by file, paste or drop.
import { $, h, fill, reveal } from './dom.js';
import { OWN, SCENARIO_MAX } from './app.js';
import { plain } from './plain.js';

const NAME_SHOWN = 80;  // characters of the name of a file

export function mountGallery(app, dialogs) {
  const list = $('gallery');
  const panel = $('lessons');
  const file = $('file');
  const find = $('gallery-find');

  function draw() {
    const wanted = find.value.trim().toLowerCase();
    const found = app.index.filter((s) => `${app.local(s.title)} ${s.id}`.toLowerCase().includes(wanted));
    const kinds = [['lesson', found.filter((s) => s.kind !== 'machine')],
                   ['machine', found.filter((s) => s.kind === 'machine')]];
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.scenario : null;
    const items = [];
    for (const [kind, scenarios] of kinds) {
      if (scenarios.length > 0 && kind === 'machine') items.push(h('li', {}, h('h3', {}, app.t('gallery.machines'))));
      for (const s of scenarios) items.push(item(s.id, app.local(s.title), app.local(s.summary)));
    }
    if (app.scenario?.id === OWN) items.push(item(OWN, plain(app.scenario.title) || app.t('gallery.own'), app.t('gallery.ownHint')));
    if (items.length === 0) items.push(h('li', { class: 'quiet' }, app.t('gallery.none')));
    fill(list, items);
    if (focused) list.querySelector(`[data-scenario="${focused}"]`)?.focus({ preventScroll: true });
  }

  /** Scrolls to what is open. */
  function show() {
    const current = list.querySelector('[aria-current]');
    if (current?.offsetParent) reveal(panel, current);
  }

  function item(id, title, summary) {
    const current = app.scenario?.id === id;
    return h('li', {},
      h('button', {
        type: 'button', 'aria-current': current ? 'true' : null, dataset: { scenario: id },
        onclick: () => { if (id !== OWN) open(id); },
      }, title, summary ? h('small', {}, summary) : null));
  }

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

  /** Loads the person's own text. Returns whether it loaded; if not, the error stands beside the text. */
  async function openText(text, name) {
    const error = await app.loadText(OWN, text);
    if (error) {
      dialogs.paste(text, error, name);
      return false;
    }
    if (error === undefined) return false;
    if (!app.wide.matches) toSteps();
    dialogs.toast(app.t('gallery.loaded'));
    const { notes } = app.scenario.machine;
    if (notes.length > 0) dialogs.notice(() => notes.map((note) => app.local(note)).join(' '), { opening: true });
    return true;
  }

  async function openFile(chosen) {
    const name = plain(chosen.name, NAME_SHOWN);
    const refuse = (key, values) => dialogs.notice(() => app.t(key, { name, ...values }), { opening: true });
    if (chosen.size > SCENARIO_MAX) {
      refuse('error.tooLarge', { size: (chosen.size / 2 ** 20).toFixed(1) });
      return;
    }
    let text;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(await chosen.arrayBuffer());
    } catch (failed) {
      refuse(failed instanceof TypeError ? 'error.notUtf8' : 'error.unreadable', { message: failed.message });
      return;
    }
    await openText(text, name);
  }

  find.oninput = draw;
  const fold = $('gallery-fold');
  fold.ontoggle = show;
  // Where one panel is seen at a time nothing is gained by closing it.
  app.wide.addEventListener('change', () => { fold.open ||= !app.wide.matches; });
  dialogs.openText = openText;
  $('open-file').onclick = () => file.click();
  $('paste').onclick = () => dialogs.paste('', null);
  file.onchange = () => {
    if (file.files.length > 0) openFile(file.files[0]);
    file.value = '';
  };
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length > 0 && app.ready) openFile(event.dataTransfer.files[0]);
  });

  app.on((what) => {
    if (what.has('scenario') || what.has('language')) {
      draw();
      show();
    } else if (what.has('panel') && !app.wide.matches) {
      show();
    }
  });
}
