// What the person brings: files that are chosen or dropped, text that is pasted, anywhere on the page. It is told what it
// is, and what can be done with it.
import { $ } from './dom.js';
import { SCENARIO_MAX } from './app.js';
import { plain } from './plain.js';
import { machineScenario, recognise } from './recognise.js';

const NAME_SHOWN = 80;  // characters of the name of a file

export function mountBring(app, dialogs) {
  const file = $('file');

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
    else if (pasted) dialogs.offer(app.t('bring.scenario'), app.t('bring.open'), () => openText(text), () => dialogs.paste(text, null));
    else openText(text, { name });
  }

  function offerMachine(text, name) {
    const scenario = machineScenario(text);
    if (scenario === null) openText(text, { name });  // the engine says where the mistake is
    else dialogs.offer(app.t('bring.machine'), app.t('bring.openMachine'), () => openText(scenario, { name }), () => dialogs.paste(scenario, null));
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
      refuse(failed instanceof TypeError ? 'error.notUtf8' : 'error.unreadable', { message: failed.message });
    }
  }

  dialogs.openText = openText;
  $('open-file').onclick = () => file.click();
  $('paste').onclick = () => dialogs.paste('', null);
  file.onchange = () => {
    if (file.files.length > 0) openFile(file.files[0]);
    file.value = '';
  };
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    if (!app.ready) return;
    const { files } = event.dataTransfer;
    const text = files.length > 0 ? '' : event.dataTransfer.getData('text/plain');
    if (files.length > 0) openFile(files[0]);
    else if (text.trim() !== '') offer(text, { pasted: true });
  });
  document.addEventListener('paste', (event) => {
    if (!app.ready || dialogs.open || event.target.closest?.('input, textarea')) return;
    const { files } = event.clipboardData;
    const text = event.clipboardData.getData('text/plain');
    if (files.length > 0) openFile(files[0]);
    else if (text.trim() !== '') offer(text, { pasted: true });
    event.preventDefault();
  });
}
