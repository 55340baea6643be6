// The scenario's own text, to read, copy, save and change. While a question is open it is folded: its answers can be read there.
import { versionOf } from '../embed/result-code.js';
import { $, h, fill, download } from './dom.js';
import { group } from './app.js';
import { isOwn } from './own.js';

const SHOWN = 200_000;  // characters; the rest is in the file

export function mountSource(app, dialogs) {
  const panel = $('source');
  let unveiled = null;  // the question for which somebody wanted to read it all the same
  let drawn = false;    // whether it was veiled

  const veiled = () => app.questions.open !== null && app.questions.open.op !== unveiled;

  function unveil() {
    unveiled = app.questions.open.op;
    draw();
    panel.querySelector('pre').focus();
  }

  function draw() {
    drawn = veiled();
    const own = isOwn(app.scenario.id);
    const name = `${own ? 'scenario' : app.scenario.id}.json`;
    const text = app.source;
    fill(panel,
      h('div', { class: 'file-bar' },
        h('span', { class: 'path-name' }, name),
        h('button', { type: 'button', class: 'push', onclick: () => copy(text) }, app.t('copy')),
        h('button', { type: 'button', onclick: () => download(name, text) }, app.t('save')),
        h('button', { type: 'button', id: 'change-source', onclick: () => dialogs.paste(text, null, {
          name: app.t(own ? 'source.changingOwn' : 'source.changing', { title: app.scenario.title }), step: app.state.stepNo,
          ...(own ? { id: app.scenario.id } : { from: `${app.scenario.id}.${versionOf(text)}` }),
        }) }, app.t(own ? 'source.changeOwn' : 'source.change'))),
      h('p', { class: 'quiet' }, app.t(drawn ? 'source.veiled' : 'source.hint')),
      drawn ? h('button', { type: 'button', id: 'source-anyway', onclick: unveil }, app.t('source.anyway'))
        : h('pre', { class: 'text', tabindex: '0', 'aria-label': name }, text.slice(0, SHOWN)),
      !drawn && text.length > SHOWN ? h('p', { class: 'quiet' }, app.t('source.more', { n: group(text.length - SHOWN) })) : null);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      dialogs.toast(app.t('copied'));
    } catch (refused) {
      const shown = panel.querySelector('pre');
      if (shown) getSelection().selectAllChildren(shown);
      dialogs.toast(app.t(shown ? 'copy.selected' : 'copy.veiled'));
    }
  }

  app.on((what) => {
    if (!app.scenario || !app.shows('source')) return;
    if (what.has('opened') || !app.questions.open) unveiled = null;
    if (['language', 'panel', 'scenario'].some((name) => what.has(name)) || drawn !== veiled()) draw();
  });
}
