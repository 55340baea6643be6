// What whoever embeds the page hears of: events of this window, and messages to the window around it, both with the same
// details (docs/embedding.md). What that window asks for is read when the page has loaded (lazy/host.js).
import { addTexts, inEach } from './i18n.js';

export const VERSION = 1;  // of the messages
const EARLY = 33;          // requests that wait for the page: one more than are taken, so that it is told

export const embedded = window.parent !== window;

export function tellOutside(type, detail) {
  window.dispatchEvent(new CustomEvent(type, { detail }));
  if (embedded) window.parent.postMessage({ type, version: VERSION, ...detail }, '*');
}

export function mountHost(app) {
  if (!embedded) return;
  const early = [];
  let take = (event) => { if (early.length < EARLY) early.push(event); };
  window.addEventListener('message', (event) => { if (event.source === window.parent) take(event); });
  app.on(async (what) => {
    if (!what.has('loaded')) return;
    try {
      const { texts, mount } = await import('./lazy/host.js');
      addTexts(texts);
      take = mount(app, { tellOutside, inEach, version: VERSION });
      for (const event of early.splice(0)) take(event);
    } catch (failed) {
      tellOutside('mmscope:error', { message: inEach((t) => t('host.failed', { message: failed.message })) });
    }
  });
}
