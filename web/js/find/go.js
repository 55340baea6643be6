// Where a result of a search, a heading or a word leads: a lesson, a step or an event in it, a view.

/** to: {lesson?, op?, asked?, event?, view?}. op: how many ops are before it; asked: the question before it is to be seen. */
export async function goTo(app, dialogs, { lesson, op, asked, event, view }) {
  if (!app.ready) return;
  if (app.readonly && lesson && app.scenario.id !== lesson) {
    dialogs.toast(app.t('frame.readonly'));
    return;
  }
  app.stop();
  try {
    if (lesson && app.scenario.id !== lesson && !await app.open(lesson)) return;
  } catch (failed) {
    dialogs.notice(() => app.t('error.scenario', { id: lesson, message: app.failureText(failed) }), { opening: true });
    return;
  }
  if (op !== undefined) {
    app.seek(event || asked ? op : op + 1, event ?? 0);
    if (!event && !asked && !app.state.stepDone) await app.seekAt(String(app.state.stepNo));  // a run is seen whole
  }
  if (view) app.choose({ view });
  if (lesson && !app.wide.matches) app.showPanel('steps');
}
