// A scenario that another site has (#url=). The site is asked only when the person has seen its whole address and agreed: by
// https, without cookies, without saying which page asks, for as many bytes as a scenario may have and for ten seconds.
import { recognise } from '../find/recognise.js';
import { $, h, fill } from '../dom.js';
import { SCENARIO_MAX } from '../limits.js';
import { plain } from '../plain.js';

const WAIT_MS = 10_000;

/** What could not be had, with the key of its text. */
class Refused extends Error {
  constructor(key, values = {}) {
    super(key);
    this.values = values;
  }
}

/** The address of a link as a URL; null when it is none that may be asked. */
export function readAddress(text) {
  let url;
  try {
    url = new URL(text);
  } catch (malformed) {
    return null;
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return null;
  url.hash = '';
  return url;
}

/** {text, from}: from is the address that it came from in the end. Throws Refused. */
async function fetchScenario(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal, credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch (failed) {
    throw new Refused(signal.aborted ? 'elsewhere.late' : 'elsewhere.refused');
  }
  if (!response.ok) throw new Refused('elsewhere.status', { status: response.status });
  const bytes = await readBytes(response, signal);
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (malformed) {
    throw new Refused('elsewhere.notText');
  }
  if (recognise(text).kind !== 'scenario') throw new Refused('elsewhere.other');
  return { text, from: response.url || url.href };
}

// Counted while it comes: what a header says of the size need not be true.
async function readBytes(response, signal) {
  const parts = [];
  let length = 0;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > SCENARIO_MAX) throw new Refused('elsewhere.large');
      parts.push(value);
    }
  } catch (failed) {
    reader.cancel().catch(() => {});
    if (failed instanceof Refused) throw failed;
    throw new Refused(signal.aborted ? 'elsewhere.late' : 'elsewhere.refused');
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

export function mountElsewhere(app, dialogs) {
  /** Resolves to {id, text, name, tell}, as a link carries it, or null: the person did not want it, or it could not be had. */
  return function ask(address) {
    const url = readAddress(address);
    if (url === null) {
      dialogs.notice(() => app.t('elsewhere.notHttps', { url: address }), { opening: true });
      return Promise.resolve(null);
    }
    return new Promise((resolve) => {
      let abort = null;  // of the request that is under way
      const status = h('div', { role: 'status' });
      const end = (result) => {
        abort?.abort();
        dialogs.dialog.removeEventListener('close', declined);
        resolve(result);
      };
      const declined = () => end(null);
      const load = async () => {
        const button = $('elsewhere-load');
        button.disabled = true;
        abort = new AbortController();
        fill(status, h('p', { class: 'quiet' }, app.t('elsewhere.loading')), h('progress', { 'aria-label': app.t('elsewhere.loading') }));
        const late = setTimeout(() => abort.abort(), WAIT_MS);
        try {
          const { text, from } = await fetchScenario(url, abort.signal);
          if (!dialogs.open) return;
          const id = app.own.idFor(text);
          const moved = from !== url.href;
          end({ id, text, name: plain(url.href, 100), tell: moved ? () => app.t('elsewhere.moved', { url: from }) : null });
          dialogs.close();
        } catch (failed) {
          fill(status, h('p', { class: 'error', role: 'alert', id: 'elsewhere-error' }, failed instanceof Refused ? app.t(failed.message, failed.values) : failed.message),
            h('p', { class: 'quiet' }, app.t('paste.kept')));
          button.disabled = false;  // the site may answer another time
          $('elsewhere-no')?.focus();
        } finally {
          clearTimeout(late);
        }
      };
      dialogs.show(app.t('elsewhere.title'), [h('div', { id: 'elsewhere' },
        h('p', {}, app.t('elsewhere.ask')),
        h('p', { class: 'address-shown', id: 'elsewhere-address' }, plain(url.href)),
        h('p', { class: 'quiet' }, app.t('elsewhere.sees', { host: url.host })),
        status,
        h('div', { class: 'row' },
          h('button', { type: 'button', id: 'elsewhere-load', onclick: load }, app.t('elsewhere.load')),
          h('button', { type: 'button', id: 'elsewhere-no', onclick: () => dialogs.close() }, app.t('elsewhere.no'))))]);
      $('elsewhere-no').focus();
      dialogs.dialog.addEventListener('close', declined);
    });
  };
}
