// The scenario's own text, to read, copy, save and change; and how the engine compares with recordings of real kernels.
import { versionOf } from '../embed/result-code.js';
import { $, h, fill, download } from './dom.js';
import { group } from './app.js';
import { isOwn } from './own.js';

const SHOWN = 200_000;  // characters; the rest is in the file

export function mountSource(app, dialogs) {
  const panel = $('source');

  function draw() {
    const own = isOwn(app.scenario.id);
    const name = `${own ? 'scenario' : app.scenario.id}.json`;
    const text = app.source;
    fill(panel,
      h('div', { class: 'file-bar' },
        h('span', { class: 'path-name' }, name),
        h('button', { type: 'button', class: 'push', onclick: () => copy(text) }, app.t('copy')),
        h('button', { type: 'button', onclick: () => download(name, text) }, app.t('save')),
        h('button', { type: 'button', id: 'change-source', onclick: () => dialogs.paste(text, null, own ? { id: app.scenario.id } : { from: `${app.scenario.id}.${versionOf(text)}` }) }, app.t(own ? 'source.changeOwn' : 'source.change'))),
      h('p', { class: 'quiet' }, app.t('source.hint')),
      h('pre', { class: 'text', tabindex: '0', 'aria-label': name }, text.slice(0, SHOWN)),
      text.length > SHOWN ? h('p', { class: 'quiet' }, app.t('source.more', { n: group(text.length - SHOWN) })) : null);
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
    if (!app.scenario || !app.shows('source')) return;
    if (['language', 'panel', 'scenario'].some((name) => what.has(name))) draw();
  });
}
