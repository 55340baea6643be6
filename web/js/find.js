// Finding and bringing: the search field, the index, and what is dropped or pasted. All of it is fetched when it is first
// used (lazy/find.js), and the words that are explained when the page has loaded (lazy/glossary.js).
import { $ } from './dom.js';
import { fetchText } from './app.js';
import { addTexts } from './i18n.js';
import { isOwn } from './own.js';

const files = new Map();

/** The JSON of a file of find/, fetched once; after a failure the next call asks for it again. */
export function readOnce(path) {
  if (!files.has(path)) {
    const reading = fetchText(path).then(JSON.parse);
    reading.catch(() => files.delete(path));
    files.set(path, reading);
  }
  return files.get(path);
}

export function mountFind(app, dialogs) {
  const input = $('search-text');
  const file = $('file');
  let parts = null;

  /** Resolves to {search, showIndex, bringFile, bringText, bringOther, checkExpectations}. */
  app.find = () => {
    parts ??= import('./lazy/find.js').then(({ texts, mount }) => {
      addTexts(texts);
      return mount(app, dialogs, readOnce);
    });
    parts.catch(() => { parts = null; });  // the next use asks for it again
    return parts;
  };
  async function use(what) {
    let found;
    try {
      found = await app.find();
    } catch (failed) {
      dialogs.notice(() => app.t('find.failed', { message: failed.message }));
      return;
    }
    what(found);
  }

  // What is written before the search is there is searched when it comes.
  input.onfocus = () => {
    $('search').classList.add('open');
    use(({ search }) => search());
  };
  $('search').onsubmit = (event) => event.preventDefault();
  app.searchFor = (query) => {
    $('search').classList.add('open');
    input.value = query;
    input.focus();
    input.select();
  };
  $('find').onclick = () => app.searchFor(input.value);
  $('open-index').onclick = () => use(({ showIndex }) => showIndex('headings'));

  $('open-file').onclick = () => file.click();
  $('paste').onclick = () => dialogs.paste('', null);
  file.onchange = () => {
    const [chosen] = file.files;
    if (chosen) use(({ bringFile }) => bringFile(chosen));
    file.value = '';
  };
  /** What is in a transfer is only there at once. */
  function take(transfer) {
    if (app.readonly) return dialogs.toast(app.t('frame.readonly'));
    const [chosen] = transfer.files;
    const text = chosen ? '' : transfer.getData('text/plain');
    if (chosen) use(({ bringFile }) => bringFile(chosen));
    else if (text.trim() !== '') use(({ bringText }) => bringText(text));
  }
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    if (app.ready) take(event.dataTransfer);
  });
  document.addEventListener('paste', (event) => {
    if (!app.ready || dialogs.open || event.target.closest?.('input, textarea')) return;
    event.preventDefault();
    take(event.clipboardData);
  });

  app.on((what) => {
    const opened = what.has('opened') || what.has('loaded');
    if (!opened || document.documentElement.dataset.loaded !== '1' || !isOwn(app.scenario?.id)) return;
    if (app.source.includes('"expect"')) use(({ checkExpectations }) => checkExpectations());
  });

  app.on(async (what) => {
    if (!what.has('loaded')) return;
    try {
      const { mountGlossary } = await import('./lazy/glossary.js');
      await mountGlossary(app, dialogs, readOnce);
    } catch (failed) { /* the page is whole without it; the index says what is wrong */ }
  });
}
