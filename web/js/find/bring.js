// What the person brings: files that are chosen or dropped, text that is dropped or pasted, anywhere on the page. It is told
// what it is, and what can be done with it.
import { $, h } from '../dom.js';
import { SCENARIO_MAX } from '../limits.js';
import { plain, withoutStop } from '../plain.js';
import { machineScenario, recognise } from './recognise.js';

const NAME_SHOWN = 80;  // characters of the name of a file

export function mountBring(app, dialogs) {
  /** Loads a scenario that the person brought: whether it loaded; if not, the error stands beside the text. */
  async function openText(text, { name, id } = {}) {
    const error = await app.openOwn(text, id);
    if (error) dialogs.paste(text, error, { name, id });
    if (error !== null) return false;
    if (!app.wide.matches) app.showPanel('steps');
    dialogs.toast(app.t('gallery.loaded'));
    const { notes } = app.scenario.machine;
    if (notes.length > 0) dialogs.notice(() => notes.map((note) => app.local(note)).join(' '), { opening: true });
    return true;
  }

  // A file that was chosen is to be opened; what is pasted may be a mistake, so it is asked about.
  function offer(text, { name, pasted = false } = {}) {
    const found = recognise(text);
    const refuse = (key, values) => dialogs.notice(() => app.t(key, { name: name ?? app.t('error.theText'), ...values }), { opening: true });
    if (found.kind === 'large') refuse('error.tooLarge', { size: (text.length / 2 ** 20).toFixed(1) });
    else if (found.kind === 'other') refuse('bring.other', { file: found.name });
    else if (found.kind === 'unknown') refuse('bring.unknown');
    else if (found.kind === 'buddyinfo') dialogs.buddyinfo(text);
    else if (found.kind === 'machine') offerMachine(text, name);
    else if (pasted) ask('bring.scenario', 'bring.open', text);
    else openText(text, { name });
  }

  function offerMachine(text, name) {
    const scenario = machineScenario(text);
    if (scenario === null) openText(text, { name });  // the engine says where the mistake is
    else ask('bring.machine', 'bring.openMachine', scenario);
  }

  function ask(title, open, text) {
    const act = (then) => () => {
      dialogs.close();
      then();
    };
    dialogs.show(app.t(title), [h('p', {}, app.t('bring.kept')), h('div', { class: 'row' },
      h('button', { type: 'button', id: 'offer-open', class: 'main', onclick: act(() => openText(text)) }, app.t(open)),
      h('button', { type: 'button', onclick: act(() => dialogs.paste(text, null)) }, app.t('bring.look')))]);
    $('offer-open').focus();
  }

  /** A text that is no scenario may be something else, which is shown. */
  function bringOther(text) {
    const { kind } = recognise(text);
    if (kind === 'buddyinfo') dialogs.buddyinfo(text);
    else if (kind === 'machine' && machineScenario(text) !== null) offerMachine(text);
  }

  async function openFile(chosen) {
    const name = plain(chosen.name, NAME_SHOWN);
    const refuse = (key, values) => dialogs.notice(() => app.t(key, { name, ...values }), { opening: true });
    if (chosen.size > SCENARIO_MAX) {
      refuse('error.tooLarge', { size: (chosen.size / 2 ** 20).toFixed(1) });
      return;
    }
    try {
      offer(new TextDecoder('utf-8', { fatal: true }).decode(await chosen.arrayBuffer()), { name });
    } catch (failed) {
      refuse(failed instanceof TypeError ? 'error.notUtf8' : 'error.unreadable', { message: withoutStop(failed.message) });
    }
  }

  return { bringFile: openFile, bringText: (text) => offer(text, { pasted: true }), bringOther };
}
