// The inspector: the kernel's structs behind the selection; and /proc as this machine would print it. What the shown op
// changed is marked.
import { $, h, fill } from './dom.js';
import { group, hasText } from './i18n.js';

const LINES_SHOWN = 4000;  // of a file; more would take the page long to lay out

export function mountInspector(app) {
  const panel = $('inspect');

  function draw() {
    const { select, of_process, of_task, structs, views } = app.engine.inspect();
    const unselected = of_task ? 'inspect.task' : of_process ? 'inspect.process' : 'inspect.none';
    fill(panel,
      h('h2', { class: 'unseen' }, app.t('panel.inspect')),
      h('div', { class: 'crumb' },
        h('p', {}, !select ? app.t(unselected) : app.state.op < 0 ? '' : app.t('inspect.selected')),
        select ? h('button', { type: 'button', id: 'clear', onclick: () => app.select('') }, app.t('inspect.clear')) : null),
      select ? seenIn(views) : null,
      structs.map((s) => h('section', { class: 'struct' },
        h('h3', {}, heading(s.title)),
        h('dl', {}, s.fields.map((f) => field(f, s.title.split(' ')[1]))))));
  }

  // The other views that show the selection, too.
  function seenIn(views) {
    const others = views.filter(({ view }) => view !== app.state.view);
    if (others.length === 0) return null;
    const title = (id) => app.local(app.hello.views.find((v) => v.id === id));
    return h('div', { class: 'seen', role: 'group', 'aria-label': app.t('inspect.seen') },
      h('span', { 'aria-hidden': 'true' }, app.t('inspect.seen')),
      others.map(({ view, look }) => h('button', {
        type: 'button', dataset: { view }, onclick: () => app.goTo(look ? { view, look } : { view }),
      }, title(view))));
  }

  function heading(title) {
    if (title.startsWith('// ')) return title.slice(3);
    const [keyword, name, ...rest] = title.split(' ');
    return rest.length ? [`${keyword} ${name} `, h('small', {}, rest.join(' '))] : title;
  }

  function field({ name, value, place, was }, struct) {
    const ours = name.startsWith('// ');
    const shown = place
      ? h('button', { type: 'button', class: 'ref', title: app.t('ref.title'), dataset: { place }, onclick: () => app.select(place) }, value)
      : value;
    const changed = was !== undefined;
    const help = ours ? null : meaning(struct, name);
    return h('div', { class: `field${changed ? ' changed' : ''}${ours ? ' ours' : ''}` },
      h('dt', {}, help ? h('span', { class: 'word', role: 'button', tabindex: '-1', title: help, dataset: { text: help } }, name) : ours ? name.slice(3) : name),
      h('dd', {}, changed && was !== '' ? h('del', { 'aria-label': app.t('inspect.was', { value: was }) }, `${was} → `) : null, shown));
  }

  // "free_area[3].nr_free" and "_watermark[WMARK_MIN]" mean what nr_free and _watermark mean. The slab allocators' structs
  // have texts of their own.
  function meaning(struct, name) {
    const plain = name.replace(/^\w+\[\w+\]\./, '').replace(/\[.*/, '');
    const own = /^(kmem_cache|kmem_cache_cpu|kmem_cache_node|slab|array_cache)$/.test(struct);
    const key = own ? `field.${struct}.${plain}` : `field.${plain}`;
    return hasText(key) ? app.t(key) : null;
  }

  app.on((what) => {
    if (!app.ready || !app.shows('inspect')) return;
    if (['state', 'select', 'view', 'language', 'panel', 'scenario'].some((name) => what.has(name))) draw();
  });
}

export function mountProc(app, dialogs) {
  const panel = $('proc');
  /** One of app.hello.files. */
  const shown = () => app.hello.files.find((one) => one.name === app.file) ?? app.hello.files[0];

  function draw() {
    const { files } = app.hello;
    const file = shown();
    const { path, text, was } = app.engine.proc(file.name);
    const before = (was ?? text).split('\n', LINES_SHOWN + 1);
    const lines = text.split('\n', LINES_SHOWN + 1).map((line, i) =>
      (line === before[i] ? `${line}\n` : h('span', { class: 'changed' }, `${line}\n`)));
    fill(panel,
      h('div', { class: 'file-bar' },
        h('select', { id: 'proc-file', 'aria-label': app.t('proc.file'), onchange: (event) => app.showFile(event.target.value) },
          files.map((one) => h('option', { value: one.name, selected: one.name === file.name },
            hasText(`proc.${one.name}`) ? app.t(`proc.${one.name}`) : one.name))),
        h('button', { type: 'button', class: 'push', id: 'read-buddyinfo', onclick: () => dialogs.buddyinfo() }, app.t('buddyinfo.read')),
        h('button', { type: 'button', onclick: () => copy(text) }, app.t('copy'))),
      h('p', { class: 'path-name' }, path),
      h('p', { class: 'quiet too-wide', hidden: true }, app.t('proc.wide'), ' ',
        h('button', { type: 'button', id: 'proc-fit', onclick: fit }, app.t('proc.fit'))),
      h('pre', { class: 'text', tabindex: '0', 'aria-label': path }, lines.slice(0, LINES_SHOWN)),
      lines.length > LINES_SHOWN ? h('p', { class: 'quiet' }, app.t('proc.first', { n: group(LINES_SHOWN) })) : null);
    box.disconnect();
    box.observe(panel.querySelector('pre'));
  }

  // Columns of numbers mean nothing when their lines are broken: the text scrolls in its box, and says so where it has to.
  const box = new ResizeObserver(([{ target }]) => {
    panel.querySelector('.too-wide').hidden = target.scrollWidth <= target.clientWidth;
    $('proc-fit').hidden = !app.wide.matches;
  });
  function fit() {
    const text = panel.querySelector('pre');
    app.widen(text.scrollWidth + panel.offsetWidth - text.clientWidth + 1);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      dialogs.toast(app.t('copied'));
    } catch (refused) {
      getSelection().selectAllChildren(panel.querySelector('pre'));
      dialogs.toast(app.t('copy.selected'));
    }
  }

  app.on((what) => {
    if (!app.ready || !app.shows('proc')) return;
    const about = ['state', 'language', 'panel', 'file', 'scenario', ...(shown().subject ? ['select'] : [])];
    if (about.some((name) => what.has(name))) draw();
  });
}
