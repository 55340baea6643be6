// Which lessons this browser has seen, and which to their end with no question left unasked. Only marks: nothing depends on them.
import { remember, remembered } from './app.js';

const MOST = 500;

export class Progress {
  #seen = new Set();
  #finished = new Set();

  constructor(app) {
    for (const id of (remembered('seen') ?? '').split(' ').slice(0, MOST)) {
      if (id === '') continue;
      this.#seen.add(id.replace(/!$/, ''));
      if (id.endsWith('!')) this.#finished.add(id.slice(0, -1));
    }
    app.on((what) => {
      if (!app.state || !(what.has('state') || what.has('scenario') || what.has('answers'))) return;
      const { id } = app.scenario;
      if (!app.index.some((scenario) => scenario.id === id)) return;
      const { step, event, steps } = app.state;
      if (step > 0) this.#mark(app, id, this.#seen);
      const atEnd = steps > 0 && step === steps && event === 0;
      if (atEnd && app.questions.results().every(({ state }) => state !== 'open')) this.#mark(app, id, this.#finished);
    });
  }

  #mark(app, id, set) {
    if (set.has(id)) return;
    set.add(id);
    this.#seen.add(id);
    remember('seen', [...this.#seen].map((one) => (this.#finished.has(one) ? `${one}!` : one)).join(' '));
    app.tell('progress');
  }

  /** 'finished', 'seen' or ''. */
  of(id) { return this.#finished.has(id) ? 'finished' : this.#seen.has(id) ? 'seen' : ''; }
}
