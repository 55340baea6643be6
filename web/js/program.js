// Lesson or program: two buttons above the steps, where processes run. The listing is fetched when it is first chosen
// (lazy/program.js).
import { $ } from './dom.js';
import { addTexts } from './i18n.js';

export function mountProgram(app, dialogs) {
  const panel = $('steps');
  let listing = null;  // promise of what draws it

  function show(part) {
    panel.dataset.part = part;
    $('program').hidden = part !== 'program';
    $('part-lesson').setAttribute('aria-pressed', String(part === 'lesson'));
    $('part-program').setAttribute('aria-pressed', String(part === 'program'));
  }

  function open() {
    show('program');
    listing ??= import('./lazy/program.js').then(({ texts, mount }) => {
      addTexts(texts);
      return mount(app, close);
    });
    listing.then((draw) => draw(), (failed) => {
      listing = null;  // asked again next time
      close();
      dialogs.notice(() => app.t('program.failed', { message: failed.message }));
    });
  }

  // The steps were drawn all the while, and come to where the cursor stands.
  function close() {
    show('lesson');
    app.tell('panel');
  }

  $('part-lesson').onclick = close;
  $('part-program').onclick = open;
  app.on((what) => {
    if (!what.has('scenario') || !app.scenario) return;
    $('parts').hidden = !app.scenario.program;
    if (!app.scenario.program && panel.dataset.part === 'program') show('lesson');
  });
}
