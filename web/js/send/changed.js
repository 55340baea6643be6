// Above the steps of one's own scenario: which lesson it was changed from, and the way back there.
import { $, h, fill } from '../dom.js';
import { plain } from '../plain.js';

export function mountMark(app, dialogs) {
  const mark = h('p', { id: 'changed-from', class: 'changed-from', hidden: true });
  const beside = h('p', { class: 'changed-from' });  // the same above the text
  $('lesson-notes').before(mark);

  const lessonOf = (from) => app.index.find(({ id }) => id === from?.slice(0, -9));

  async function back(id) {
    const here = app.state;
    try {
      if (!await app.open(id)) return;
    } catch (failed) {
      dialogs.notice(() => app.t('error.scenario', { id, message: app.failureText(failed) }), { opening: true });
      return;
    }
    await app.backTo(here);
  }

  function draw() {
    const lesson = lessonOf(app.own.get(app.scenario?.id)?.from);
    mark.hidden = !lesson;
    if (!lesson) return beside.remove();
    for (const place of [mark, beside]) {
      fill(place, `${app.t('changed.from', { title: plain(app.local(lesson.title)) })} `,
        h('button', { type: 'button', class: 'changed-back', onclick: () => back(lesson.id) }, app.t('changed.back')));
    }
    $('source').querySelector('pre')?.before(beside);
  }

  app.on((what) => {
    if (['scenario', 'language', 'own', 'panel'].some((name) => what.has(name))) draw();
  });
  draw();
}
