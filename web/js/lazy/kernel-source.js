// From a function's name to its place in the kernel's sources: a small box beside the name, with file and lines in the release
// of this machine and in the others. The table, kernel-sources.json, is fetched when the box is opened for the first time
// (tools/kernel-sources.mjs makes it). Its links lead to a public cross-reference of the sources; nothing of that site is
// asked for before one is followed.
import en from '../../i18n/kernel-source/en.js';
import zh from '../../i18n/kernel-source/zh.js';
import { h, fill } from '../dom.js';
import { RELEASE, fileOf } from '../glibc.js';

export const texts = { en, zh };

const SITE = 'https://elixir.bootlin.com/linux';
const GLIBC = 'https://elixir.bootlin.com/glibc';
const TABLE = 'kernel-sources.json';
const MARGIN = 8;
const ALLOCATORS = { 'mm/slab.c': 'SLAB', 'mm/slub.c': 'SLUB', 'mm/slob.c': 'SLOB' };

/** Returns what a pressed button does: its box opens, or closes. */
export function mount(app, fetchText) {
  let table = null;   // promise of it
  let box = null;     // made when it is first needed
  let from = null;    // the button that it belongs to
  let shown = { path: [], at: 0 };  // the call path, with the function of the rule behind it, if that is another

  function make() {
    box = h('dialog', {
      class: 'place', 'aria-labelledby': 'place-name',
      onkeydown: (event) => {
        if (event.key === 'Tab') return;
        event.stopPropagation();  // no stepping from here
        if (event.key === 'Escape') close(true);
      },
    });
    document.body.append(box);
  }

  async function open(button) {
    if (!box) make();
    from = button;
    const path = button.dataset.fn.split(' ');
    shown = { path, at: path.length - 1, event: button.dataset.event };
    if (!box.open) box.show();
    await draw();
  }

  /** back: the focus goes where it came from. */
  function close(back) {
    if (!box?.open) return;
    box.close();
    if (back && from?.isConnected) from.focus();
    from = null;
  }

  async function draw() {
    const asked = shown;
    fill(box, head(), h('p', { class: 'quiet' }, app.t('place.loading')));
    put();
    let body;
    try {
      table ??= fetchText(TABLE).then(JSON.parse);
      const all = await table;
      asked.rule ??= ruleOf(all, asked);
      body = places(all, asked.at < asked.path.length ? asked.path[asked.at] : asked.rule);
    } catch (failed) {
      table = null;  // asked again next time
      body = h('p', { class: 'error' }, app.t('place.failed', { message: failed.message }));
    }
    if (asked !== shown || !box.open) return;
    fill(box, head(), body);
    put();
    (box.querySelector('a') ?? box.querySelector('button')).focus({ preventScroll: true });
  }

  function head() {
    const { path, at, rule } = shown;
    const to = (name, i) => (i === at ? h('b', {}, name)
      : h('button', { type: 'button', class: 'ref', onclick: () => { shown = { ...shown, at: i }; draw(); } }, name));
    const steps = path.flatMap((name, i) => [i > 0 ? h('span', { 'aria-hidden': 'true' }, ' › ') : null, to(name, i)]);
    return [
      h('div', { class: 'place-head' },
        h('h2', { id: 'place-name' }, h('code', {}, `${at < path.length ? path[at] : rule}()`)),
        h('button', { type: 'button', class: 'place-close', 'aria-label': app.t('close'), onclick: () => close(true) }, '×')),
      path.length > 1 ? h('p', { class: 'place-path', 'aria-label': app.t('place.path'), role: 'group' }, steps) : null,
      rule ? h('p', { class: 'place-path' }, h('span', {}, app.t('place.rule'), ' '), to(rule, path.length)) : null,
    ];
  }

  // The function that holds the event's rule, where the call path does not end with it; '' for none.
  function ruleOf(all, { path, event }) {
    const rule = Object.hasOwn(all.rules, event) ? all.rules[event] : '';
    return path.includes(rule) ? '' : rule;
  }

  // This machine's kernel first, the others in their order.
  function places(all, name) {
    const { kernel, architecture } = app.scenario.machine;
    const row = all.functions[name];
    if (!row) return ofGlibc(name) ?? h('p', {}, app.t('place.none'));
    const kernels = Object.keys(all.kernels).sort((a, b) => (b === kernel) - (a === kernel));
    return [
      h('dl', { class: 'place-rows' }, kernels.map((series) => h('div', { class: series === kernel ? 'mine' : null },
        h('dt', {}, `Linux ${series}`, series === kernel ? h('small', {}, ` ${app.t('place.mine')}`) : null),
        inKernel(all, row[series], name, series, architecture).map((line) => h('dd', {}, line))))),
      h('p', { class: 'quiet' }, app.t('place.source', { site: new URL(SITE).host })),
    ];
  }

  // The program's own side: no kernel has it.
  function ofGlibc(name) {
    const file = fileOf(name);
    return file && h('p', {},
      h('a', { href: `${GLIBC}/${RELEASE}/source/${file}`, target: '_blank', rel: 'noopener noreferrer' }, h('code', {}, file)),
      ` ${app.t('place.glibc', { site: new URL(GLIBC).host })}`);
  }

  function inKernel(all, row, name, series, architecture) {
    if (!Array.isArray(row)) return [app.local(all.why[row])];
    const everywhere = (1 << all.architectures.length) - 1;
    const mine = 1 << all.architectures.indexOf(architecture);
    const here = row.filter(([, , , archs = everywhere]) => archs & mine);
    return (here.length ? here : row).map(([file, first, last, archs = everywhere, called = name]) => {
      const path = all.files[file];
      const lines = first === last ? first : `${first}–${last}`;
      const notes = [
        called === name ? null : app.t('place.as', { name: called }),
        here.length ? null : all.architectures.filter((_, bit) => archs & (1 << bit)).join(', '),
        ALLOCATORS[path] && row.length > 1 ? ALLOCATORS[path] : null,
      ].filter((note) => note);
      return [
        h('a', {
          href: `${SITE}/${all.kernels[series]}/source/${path}#L${first}`, target: '_blank', rel: 'noopener noreferrer',
          'aria-label': app.t('place.link', { file: path, lines, tag: all.kernels[series] }),
        }, h('code', {}, `${path}:${lines}`)),
        h('span', { class: 'quiet' }, ` ${[all.kernels[series], ...notes].join(' · ')}`),
      ];
    });
  }

  // Below the name where there is room, else above it; on a small page as wide as that.
  function put() {
    const at = from.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const left = Math.max(MARGIN, Math.min(at.left, innerWidth - width - MARGIN));
    const below = at.bottom + 4;
    const top = below + height + MARGIN <= innerHeight ? below : Math.max(MARGIN, Math.min(at.top - 4 - height, innerHeight - height - MARGIN));
    box.style.left = `${left}px`;
    box.style.top = `${top}px`;
  }

  document.addEventListener('pointerdown', (event) => {
    if (box?.open && !box.contains(event.target) && !event.target.closest?.('[data-fn]')) close(false);
  });
  window.addEventListener('resize', () => close(false));
  app.on((what) => {
    if (what.has('state') || what.has('language') || what.has('scenario')) close(false);
  });
  return (button) => {
    if (box?.open && from === button) close(true);
    else if (app.ready && button.isConnected) open(button);
  };
}
