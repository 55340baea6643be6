// What there is to see while the engine is on its way: the text of the lesson, the machine as its file describes it, and how
// much of the engine has come. It reads the files that the engine will read, too; the engine then writes over it.
import { $, h, fill, paragraphs } from './dom.js';
import { group } from './i18n.js';
import { plain } from './plain.js';

const SHOWN_BLOCKS = 2;  // of a free list; how many more there are is said
const TYPES = ['Unmovable', 'Movable', 'Reclaimable', 'HighAtomic', 'CMA', 'Isolate'];

/** How many blocks a recorded free list has: "4555e 46400+400*7 7e800-400*15". */
const blocksIn = (list) => list.split(/\s+/).filter(Boolean).reduce((sum, run) => sum + Number(run.split('*')[1] ?? 1), 0);

/** The recorded zone with the most free pages, as rows from the highest order on: [{ order, total, counts }]. */
export function freeBlocks(machine) {
  const zones = machine.profile?.recorded ?? [];
  const zone = zones.reduce((most, one) => (one.nr_free_pages > (most?.nr_free_pages ?? -1) ? one : most), null);
  if (!zone) return null;
  const types = TYPES.filter((type) => zone.free_lists[type]);
  const highest = Math.max(10, ...types.flatMap((type) => Object.keys(zone.free_lists[type]).map(Number)));
  const rows = Array.from({ length: highest + 1 }, (_, i) => {
    const order = highest - i;
    const counts = types.map((type) => blocksIn(zone.free_lists[type][order] ?? ''));
    return { order, total: counts.reduce((a, b) => a + b, 0), counts };
  });
  return { name: zone.zone.replace(/^\d+:/, ''), types, rows };
}

export class Loading {
  #app;
  #sizes = new Map();   // file → bytes, unpacked
  #come = new Map();    // file that is on its way → bytes of it that have come
  #lesson = null;
  #machine = null;
  #drawn = 0;

  constructor(app) {
    this.#app = app;
    app.on((what) => {
      if (!what.has('language') || this.#over()) return;
      this.#drawLesson();
      this.#drawMachine();
      this.#drawBytes();
    });
  }

  /** What the build says of its files: build.json, or null. */
  sizes(build) {
    for (const { path, bytes } of build?.files ?? []) this.#sizes.set(path, bytes);
    this.#drawBytes();
  }

  /** So many more bytes of a file have come. */
  bytes(file, count) {
    this.#come.set(file, (this.#come.get(file) ?? 0) + count);
    if (performance.now() - this.#drawn > 100) this.#drawBytes();
  }

  /**
   * The text of a lesson, as soon as it is there, and its machine; fetchMachine(name) fetches the text of one. What is wrong
   * with them the engine tells.
   */
  async show(lesson, fetchMachine) {
    try {
      this.#lesson = JSON.parse(await lesson);
      this.#drawLesson();
      const { name } = this.#lesson.machine;
      if (!name) return;
      this.#machine = freeBlocks(JSON.parse(await fetchMachine(name)));
      this.#drawMachine();
    } catch (failed) { /* nothing to see early */ }
  }

  #over() { return $('loading').hidden || this.#app.scenario !== null; }

  #drawLesson() {
    if (!this.#lesson || this.#over()) return;
    const { title, notes, summary } = this.#lesson;
    const told = this.#app.local(notes) || this.#app.local(summary);
    $('title').textContent = plain(this.#app.local(title));
    fill($('lesson-notes'), paragraphs(told));
  }

  // Blocks as the view of free lists has them, without their numbers.
  #drawMachine() {
    if (!this.#machine || this.#over()) return;
    const { name, types, rows } = this.#machine;
    const blocks = (count, type) => h('td', { class: `type-${type.toLowerCase()}` },
      Array.from({ length: Math.min(count, SHOWN_BLOCKS) }, () => h('i', {})),
      count > SHOWN_BLOCKS ? h('span', { 'aria-hidden': 'true' }, `+${group(count - SHOWN_BLOCKS)}`) : null,
      h('span', { class: 'unseen' }, String(count)));
    fill($('still'), h('table', {},
      h('caption', {}, this.#app.t('loading.still', { zone: name })),
      h('thead', {}, h('tr', {}, ['order', 'nr_free', ...types].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, rows.map(({ order, total, counts }) => h('tr', {},
        h('th', { scope: 'row' }, String(order)), h('td', {}, group(total)), counts.map((count, i) => blocks(count, types[i])))))));
    $('still').hidden = false;
  }

  #drawBytes() {
    if (this.#over()) return;
    this.#drawn = performance.now();
    const kilo = (bytes) => group(Math.round(bytes / 1000));
    const got = [...this.#come.values()].reduce((a, b) => a + b, 0);
    const all = [...this.#come.keys()].reduce((sum, file) => sum + (this.#sizes.get(file) ?? NaN), 0);
    const bar = $('loading-bar');
    if (all > 0) {
      bar.max = all;
      bar.value = Math.min(got, all);
    } else {
      bar.removeAttribute('value');
    }
    $('loading-bytes').textContent = all > 0
      ? this.#app.t('loading.bytes', { got: kilo(Math.min(got, all)), all: kilo(all) }) : got > 0 ? this.#app.t('loading.got', { got: kilo(got) }) : '';
  }
}
