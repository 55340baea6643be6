// Sending a scenario and receiving one: what a link carries, and what another site has. All that this needs is fetched when
// it is first used: lazy/send.js packs and unpacks, lazy/share.js is the dialog.
import { $ } from './dom.js';
import { fetchText } from './app.js';
import { addTexts } from './i18n.js';
import { isOwn } from './own.js';

/** Imports a file of lazy/ once; after a failure the next call tries again. */
function once(load) {
  let coming = null;
  return () => {
    coming ??= load();
    coming.catch(() => { coming = null; });
    return coming;
  };
}

export function mountSend(app, dialogs) {
  const send = once(() => import('./lazy/send.js').then(({ texts, mount }) => {
    addTexts(texts);
    return mount(app, dialogs, fetchText);
  }));
  const share = once(() => Promise.all([import('./lazy/share.js'), send()]).then(([{ mount }]) => mount(app, dialogs)));
  const failed = ({ message }) => app.t('find.failed', { message });
  const loaded = new Promise((done) => { app.on((what) => { if (what.has('loaded')) done(); }); });
  let packed = { source: null, parts: null };
  let asked = 0;  // counts links to other sites: the last is asked about

  /** What of a link says which scenario is open: one of the person's own is in it when it has been packed. */
  app.sent = () => (packed.source === app.source && packed.parts ? packed.parts : { s: app.scenario.id });

  /** Packs what is open, once. Resolves to whether the link has it: it is too large else. */
  app.pack = async () => {
    const { id } = app.scenario;
    const { source } = app;
    if (!isOwn(id)) return true;
    if (packed.source !== source) {
      const parts = await (await send()).pack(source, app.own.get(id));
      if (source !== app.source) return false;
      packed = { source, parts };
      app.tell('own');
    }
    return packed.parts !== null;
  };

  /** What a link carries: {id, text, until, from}, or {wrong}, which tells what is wrong with it; null when it carries nothing. */
  app.unpack = async ({ s, z, from }) => {
    if (z === undefined && (from === undefined || s !== undefined)) return null;
    try {
      return await (await send()).unpack(z ?? '', from);
    } catch (error) {
      return { wrong: () => failed(error) };
    }
  };

  /** Asks whether to fetch a scenario from another site, and fetches it: resolves to the same, or null. */
  app.fetchElsewhere = async (url) => {
    const asking = ++asked;
    await loaded;
    try {
      const { askElsewhere } = await send();
      return asking === asked ? await askElsewhere(url) : null;
    } catch (error) {
      dialogs.notice(() => failed(error));
      return null;
    }
  };
  app.stopAsking = () => {
    asked += 1;
    if (document.querySelector('#elsewhere')) dialogs.close();
  };

  $('share').onclick = () => {
    if (app.scenario) share().then(({ show }) => show(), (error) => dialogs.notice(() => failed(error)));
  };

  app.on((what) => {
    const fresh = what.has('opened') || what.has('loaded');
    if (!fresh || document.documentElement.dataset.loaded !== '1' || !isOwn(app.scenario?.id)) return;
    app.pack().then(() => app.flushLink(), () => {});  // without it the address says which it is in this tab
  });
}
