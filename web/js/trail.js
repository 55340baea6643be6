// Where the person has been inside the page, as a browser's history: places that were gone to, with the view that showed
// them. Pure: it knows no page.
const KEPT = 100;

export class Trail {
  #entries = [];
  #at = -1;

  /** Begins anew at `entry`: {view, select, look}. */
  begin(entry) {
    this.#entries = [entry];
    this.#at = 0;
  }

  get here() { return this.#entries[this.#at] ?? null; }
  get canBack() { return this.#at > 0; }
  get canForward() { return this.#at < this.#entries.length - 1; }

  /** The person went to another view or selected something else: what lay ahead is gone. */
  visit(entry) {
    if (this.here && this.here.view === entry.view && this.here.select === entry.select) return this.amend(entry);
    this.#entries.splice(this.#at + 1, Infinity, entry);
    if (this.#entries.length > KEPT) this.#entries.shift();
    this.#at = this.#entries.length - 1;
  }

  /** What is here has changed by itself: by a step, or by looking elsewhere in the view. */
  amend(entry) {
    if (this.#at < 0) this.begin(entry);
    else this.#entries[this.#at] = entry;
  }

  /** by: -1 or 1. The entry that is here now, or null where there is none. */
  go(by) {
    const entry = this.#entries[this.#at + by];
    if (!entry) return null;
    this.#at += by;
    return entry;
  }
}
