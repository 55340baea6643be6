// The step controls: buttons, "go to", and play.
import { $, h, fill } from './dom.js';
import { group } from './i18n.js';
import { readPosition } from './link.js';

// What play goes by: moves, and milliseconds for each. The last goes through all there is in so many.
const PACES = [
  { id: 'event', motion: 'next_event', ms: 900 },
  { id: 'op', motion: 'next', ms: 900 },
  { id: 'step', motion: 'next_step', ms: 2000 },
  { id: 'all', all: 20_000 },
];
const FRAME_MS = 60;  // between two pictures of the last one

const BUTTONS = {
  'go-first': 'first', 'go-back': 'back_step', 'go-back-event': 'back_into',
  'go-into': 'into', 'go-next': 'next_step', 'go-way': 'next_way', 'go-note': 'next_note', 'go-last': 'last',
};
const BACK = ['go-first', 'go-back', 'go-back-event'];

export function mountControls(app, dialogs) {
  const goto = $('goto');
  let timer = 0;
  let pace = PACES.find(({ id }) => id === 'step');

  for (const [id, motion] of Object.entries(BUTTONS)) {
    $(id).onclick = () => {
      stop();
      app.move(motion);
    };
  }

  // ---- play ----

  function stop() {
    clearTimeout(timer);
    if (!app.playing) return;
    app.playing = false;
    app.tell('play');
  }
  function play(go, ms, first = Math.min(ms, 250)) {
    timer = setTimeout(() => {
      go();
      if (!app.playing) return;  // a question has stopped it
      if (app.ready && app.state.step < app.end) play(go, ms, ms);
      else stop();
    }, first);
  }
  // By the clock: however long the way to a place takes, the end is there in time.
  function playAll(all) {
    const steps = app.end;
    const began = performance.now() - (app.state.step / steps) * all;
    play(() => {
      const to = Math.min(steps, Math.floor(((performance.now() - began) / all) * steps));
      if (to > app.state.step || app.state.event > 0) app.seek(to);
    }, Math.max(FRAME_MS, Math.min(900, all / steps)));
  }
  app.togglePlay = () => {
    if (app.playing) return stop();
    if (!app.ready || app.state.steps === 0) return;
    if (app.state.step >= app.end) app.move('first');
    app.playing = true;
    app.tell('play');
    if (pace.all) playAll(pace.all);
    else play(() => app.move(pace.motion), pace.ms);
  };
  app.stop = stop;
  $('play').onclick = app.togglePlay;
  $('pace').onchange = (event) => {
    const { playing } = app;
    stop();
    pace = PACES.find((p) => p.id === event.target.value);
    if (playing) app.togglePlay();
  };

  // ---- go to ----

  $('where').onsubmit = async (submitted) => {
    submitted.preventDefault();
    if (!app.ready) return;
    stop();
    const text = goto.value;
    const position = readPosition(text.replaceAll(/[\s,]/g, '').replaceAll(':', '.'));
    if (position === undefined) return refuse(app.t('where.bad', { text }));
    dialogs.toast('');  // what was said of the entry before
    const state = await app.seekAt(position);
    if (state?.error) return refuse(app.local(state.error.message));
    // The keys step again.
    goto.blur();
    $('canvas').focus({ preventScroll: true });
    if (!state) return;
    if (state.problem) dialogs.toast(app.t('where.nearest', { at: position, problem: app.local(state.problem) }));
  };
  function refuse(message) {
    dialogs.toast(message);
    show();
    goto.select();
  }
  goto.onfocus = () => goto.select();
  goto.onblur = () => { if (app.ready) show(); };
  goto.onkeydown = (event) => {
    if (event.key === 'Escape') goto.blur();
  };

  function show() { goto.value = app.state.at; }

  // "4 / 9", of steps 3 to 7 "4 / 3–7"; within a run "4.17 of 1,000"; within an op "4.17.3 of 12".
  function draw() {
    const { step, event, stepNo, opNo, stepOps, stepDone, nrSteps, happened, nrEvents } = app.state;
    const atStart = step <= app.begin && event === 0;
    const atEnd = step >= app.end;
    const focused = document.activeElement;
    for (const id of Object.keys(BUTTONS)) $(id).disabled = BACK.includes(id) ? atStart : atEnd;
    // A button that just became useless must not lose the keyboard to nowhere.
    if (focused?.disabled) (atStart ? $('go-next') : $('go-back')).focus();
    if (document.activeElement !== goto) show();
    const within = { step: group(stepNo), op: group(opNo), ops: group(stepOps), n: group(happened), of: group(nrEvents) };
    const last = app.range ? [...new Set(app.range.steps)].map(group).join('–') : group(nrSteps);
    goto.setAttribute('aria-label', app.range ? `${app.t('where.step')}. ${app.frame.rangeText()}` : app.t('where.step'));
    $('where-steps').textContent = stepDone ? `/ ${last}` : app.t('where.of', { n: event > 0 ? within.of : within.ops });
    $('where-event').textContent = stepDone ? ''
      : app.t(event === 0 ? 'where.op' : stepOps > 1 ? 'where.opEvent' : 'where.event', within);
  }

  app.on((what) => {
    if (what.has('language')) {
      fill($('pace'), PACES.map((p) => h('option', { value: p.id }, app.t(`pace.${p.id}`))));
      $('pace').value = pace.id;
    }
    if (what.has('scenario')) stop();
    if (app.ready && (what.has('state') || what.has('language'))) draw();
    if (what.has('play')) {
      $('play').setAttribute('aria-pressed', String(app.playing));
      $('play').setAttribute('aria-label', app.t(app.playing ? 'controls.pause' : 'controls.play'));
      $('play').title = app.t(app.playing ? 'controls.pause' : 'controls.play');
    }
  });
}
