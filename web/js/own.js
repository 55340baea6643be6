// The person's own scenarios: they stay in the gallery until they are removed. What is in this tab stays until the tab is
// closed; what the person keeps in this browser outlives it. Each has an id, which its address carries: own, own-2, …
//
//   session storage   mmscope.own, mmscope.own-2, …     the text and, with "-stopped", the op where the person has stopped it,
//                                                       with "-from", the lesson that it derives from, as links have it
//   local storage     mmscope.kept.own, …               the same, when it is kept

const OWN = /^own(?:-(?:[2-9]|[1-9]\d{1,3}))?$/;
const IN_TAB = 'mmscope.';
const KEPT = 'mmscope.kept.';
const STOPPED = '-stopped';
const FROM = '-from';
const MOST = 50;                        // scenarios
const TAB_MAX = 2 ** 20;                // characters of one that outlives a reload of the page
export const KEEP_MAX = 2 * 2 ** 20;    // characters of all that are kept in the browser; a browser gives about 5 million

export const isOwn = (id) => OWN.test(id ?? '');

export class OwnScenarios {
  // id → {id, title, text, until, from, kept, at}. title: null until it was read; at: under which id it is stored, which is another
  // one when another tab has kept one of the same id.
  #list = new Map();

  constructor() {
    for (const kept of [false, true]) {
      const [storage, prefix] = store(kept);
      const keys = Array.from({ length: storage?.length ?? 0 }, (_, i) => storage.key(i));
      const ids = keys.filter((key) => key?.startsWith(prefix)).map((key) => key.slice(prefix.length)).filter(isOwn);
      for (const at of ids.sort(byNumber)) {
        const text = storage.getItem(prefix + at);
        const stopped = storage.getItem(prefix + at + STOPPED);
        const from = storage.getItem(prefix + at + FROM);
        const id = this.#list.has(at) ? this.#freeId() : at;
        if (text !== null) this.#list.set(id, { id, title: null, text, until: stopped === null ? Infinity : Number(stopped), from, kept, at });
      }
    }
  }

  /** [{id, title, text, until, from, kept}], in the order in which they came. until: where the person has stopped it. */
  get list() {
    for (const one of this.#list.values()) one.title ??= titleOf(one.text);
    return [...this.#list.values()].sort((a, b) => byNumber(a.id, b.id));
  }
  get(id) { return this.#list.get(id) ?? null; }

  /** The id for a text: that of the same text, or one that is free. */
  idFor(text) {
    for (const one of this.#list.values()) if (one.text === text) return one.id;
    return this.#freeId();
  }
  #freeId(taken = (id) => this.#list.has(id)) {
    for (let n = 1; ; ++n) {
      const id = n === 1 ? 'own' : `own-${n}`;
      if (!taken(id)) return id;
    }
  }

  /** It has been opened. from: the lesson that it derives from, if that is new. Returns the one that had to go for it, or null. */
  put(id, text, until = Infinity, from = undefined) {
    const before = this.#list.get(id);
    const one = { id, title: null, text, until, from: from ?? before?.from ?? null, kept: before?.kept ?? false, at: before?.at ?? id };
    this.#list.set(id, one);
    if (!write(one)) one.kept = false;
    const loose = [...this.#list.values()].filter((other) => !other.kept && other.id !== id);
    const gone = this.#list.size > MOST ? loose[0] ?? null : null;
    if (gone) this.remove(gone.id);
    return gone;
  }

  /** It derives from this lesson, as was found. */
  derive(id, from) {
    const one = this.#list.get(id);
    one.from = from;
    write(one);
  }

  /** Takes it out of the gallery; it can be put back as long as the page is open. */
  remove(id) {
    const one = this.#list.get(id) ?? null;
    if (one) erase(one);
    this.#list.delete(id);
    return one;
  }
  putBack(one) {
    one.id = this.#list.has(one.id) ? this.#freeId() : one.id;
    this.#list.set(one.id, one);
    if (!write(one)) one.kept = false;
  }

  get keptSize() { return [...this.#list.values()].reduce((sum, one) => sum + (one.kept ? one.text.length : 0), 0); }

  /** Keeps it in this browser, or in this tab only. Returns whether that could be done. */
  keep(id, kept) {
    const one = this.#list.get(id);
    if (kept && this.keptSize + one.text.length > KEEP_MAX) return false;
    const before = { ...one };
    one.kept = kept;
    const [storage, prefix] = store(kept);
    one.at = this.#freeId((free) => storage?.getItem(prefix + free) != null || (free !== id && this.#list.has(free)));
    if (!write(one)) {
      Object.assign(one, before);
      return false;
    }
    erase(before);
    return true;
  }
}

/** The storage and how its keys begin; null where there is none, as in some private windows. */
function store(kept) {
  try {
    return kept ? [localStorage, KEPT] : [sessionStorage, IN_TAB];
  } catch (refused) {
    return [null, ''];
  }
}

function write({ at, text, until, from, kept }) {
  const [storage, prefix] = store(kept);
  erase({ at, kept });
  if (!kept && text.length > TAB_MAX) return true;  // it is there until the page is loaded again
  try {
    if (until !== Infinity) storage.setItem(prefix + at + STOPPED, String(until));
    if (from !== null) storage.setItem(prefix + at + FROM, from);
    storage.setItem(prefix + at, text);
    return true;
  } catch (refused) {  // no storage, or no room in it
    erase({ at, kept });
    return false;
  }
}

function erase({ at, kept }) {
  const [storage, prefix] = store(kept);
  storage?.removeItem(prefix + at);
  storage?.removeItem(prefix + at + STOPPED);
  storage?.removeItem(prefix + at + FROM);
}

const byNumber = (a, b) => numberOf(a) - numberOf(b);
const numberOf = (id) => Number(/\d+$/.exec(id)?.[0] ?? 1);

function titleOf(text) {
  try {
    const { title } = JSON.parse(text);
    const words = typeof title === 'object' ? title?.en ?? title?.zh : title;
    return typeof words === 'string' ? title : '';
  } catch (broken) {
    return '';
  }
}
