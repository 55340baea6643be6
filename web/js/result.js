// The result of a lesson, at its end: what was right, what to look at again, and a code to hand in.
//
// Who embeds the page hears of it (host.js): 'mmscope:result' with {scenario, textVersion, answers, right, asked, code}.
import { versionOf, writeCode } from '../embed/result-code.js';
import { $, fill, h, reveal } from './dom.js';
import { tellOutside } from './host.js';
import { group } from './i18n.js';
import { plain } from './plain.js';

const MAX_TEXT = 120;      // characters of a question in the list of what to look at again
const MAX_AGAIN = 20;      // questions of that list
const MIN_PANEL = 260;     // pixels: below, the card does not push what was said of the last question out of sight

export function mountResult(app, dialogs) {
  const card = h('section', { id: 'result', class: 'result-card', hidden: true, 'aria-labelledby': 'result-title' });
  const heard = h('p', { class: 'heard', role: 'status' });
  $('ops-after').after(card, heard);
  let told = '';  // the code that was told last
  let source = null;  // what `version` is of
  let version = '';

  function questionText(op) {
    return plain(app.engine.ops(op, 1).ops[0].question?.text ?? '', MAX_TEXT);
  }

  // A question that is open can still be asked; of the others the step is worth another look.
  function again(results) {
    const rows = results.filter(({ state }) => state !== 'right');
    if (rows.length === 0) return null;
    return [
      h('h4', {}, app.t('result.again')),
      h('ul', {}, rows.slice(0, MAX_AGAIN).map(({ op, step, state }) => h('li', { class: state },
        h('button', { type: 'button', class: 'ref', onclick: () => (state === 'open' ? app.seek(op) : app.seekAt(String(step))) }, app.t('result.step', { n: group(step) })),
        ` ${app.t(`result.${state}`)} `, h('span', { class: 'quiet' }, questionText(op))))),
    ];
  }

  async function copy(code, input) {
    try {
      await navigator.clipboard.writeText(code);
      dialogs.toast(app.t('copied'));
    } catch (refused) {  // no clipboard here
      input.select();
      dialogs.toast(app.t('copy.selected'));
    }
  }

  function begin() {
    app.questions.forget();
    app.move('first');
  }

  function draw(results, code) {
    const right = results.filter(({ state }) => state === 'right').length;
    const input = h('input', { readonly: true, value: code, 'aria-label': app.t('result.code'), 'aria-describedby': 'result-hint' });
    fill(card,
      h('h3', { id: 'result-title' }, app.t('result.title')),
      h('p', { class: 'sum' }, app.t('result.sum', { right: group(right), asked: group(results.length) })),
      h('div', { class: 'marks', 'aria-hidden': 'true' }, results.slice(0, 200).map(({ state }) => h('i', { class: state }))),
      again(results),
      h('h4', {}, app.t('result.code')),
      h('div', { class: 'row' }, input, h('button', { type: 'button', onclick: () => copy(code, input) }, app.t('copy'))),
      h('p', { id: 'result-hint', class: 'quiet' }, app.t('result.hint')),
      h('button', { type: 'button', onclick: begin }, app.t('result.begin')));
  }

  function update(fresh) {
    const { step, steps, event } = app.state;
    const atEnd = event === 0 && steps > 0 && step === steps && app.questions.all.length > 0;
    const results = atEnd ? app.questions.results() : [];
    const came = card.hidden && results.length > 0;
    card.hidden = results.length === 0;
    if (card.hidden) heard.textContent = '';
    if (card.hidden) return;
    if (source !== app.source) [source, version] = [app.source, versionOf(app.source)];
    const result = { scenario: app.scenario.id, version, answers: results.map(({ state }) => state) };
    const code = writeCode(result);
    if (came || fresh || card.dataset.code !== code) draw(results, code);
    card.dataset.code = code;
    const room = $('steps').clientHeight >= MIN_PANEL || !document.querySelector('.op.now .question:not([hidden])');
    if (came && room) reveal($('steps'), card);
    if (told === code || result.answers.every((state) => state === 'open')) return;
    told = code;
    const right = result.answers.filter((state) => state === 'right').length;
    const { scenario, answers } = result;
    tellOutside('mmscope:result', { scenario, textVersion: version, answers, right, asked: answers.length, code });
    const said = app.t('result.said', { right: group(right), asked: group(results.length) });
    if (room) heard.textContent = said;
    else dialogs.toast(said);
  }

  app.on((what) => {
    if (!app.ready) return;
    if (what.has('scenario') && what.has('opened')) told = '';
    if (what.has('state') || what.has('scenario') || what.has('language') || what.has('answers')) update(what.has('language'));
  });
}
