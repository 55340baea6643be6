// The step controls: buttons, "go to", and play.
import { $, h, fill } from './dom.js';
import { group } from './i18n.js';

// How fast play goes: moves, and milliseconds for each.
const PACES = [
  { id: 'event', motion: 'next_event', ms: 900 },
  { id: 'op', motion: 'next', ms: 900 },
  { id: 'fast', motion: 'next', ms: 60 },
];

export function mountControls(app, dialogs) {
  const buttons = {
    'go-first': 'first', 'go-back': 'back', 'go-back-event': 'back_event',
    'go-into': 'next_event', 'go-next': 'next', 'go-last': 'last',
  };
  const goto = $('goto');
  let timer = 0;
  let pace = PACES[0];

  for (const [id, motion] of Object.entries(buttons)) {
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
  function tick() {
    app.move(pace.motion);
    if (!app.playing) return;  // a question has stopped it
    if (app.ready && app.state.step < app.state.steps) timer = setTimeout(tick, pace.ms);
    else stop();
  }
  app.togglePlay = () => {
    if (app.playing) return stop();
    if (!app.ready) return;
    if (app.state.step >= app.state.steps) app.move('first');
    app.playing = true;
    app.tell('play');
    timer = setTimeout(tick, Math.min(pace.ms, 250));
  };
  app.stop = stop;
  $('play').onclick = app.togglePlay;
  $('pace').onchange = (event) => { pace = PACES.find((p) => p.id === event.target.value); };

  // ---- go to ----

  $('where').onsubmit = (submitted) => {
    submitted.preventDefault();
    if (!app.ready) return;
    stop();
    const match = /^\s*([\d,]{1,11})(?:[.:](\d{1,9}))?\s*$/.exec(goto.value);
    const step = Number(match?.[1].replaceAll(',', ''));
    const event = Number(match?.[2] ?? 0);
    if (!match || (event > 0 && step === 0)) {
      dialogs.toast(app.t('where.bad', { text: goto.value }));
      show();
      goto.select();
      return;
    }
    dialogs.toast('');  // what was said of the entry before
    go(step, event);
    // The keys step again.
    goto.blur();
    $('canvas').focus({ preventScroll: true });
  };

  // 8.3 is the third event inside step 8, as people count: for the engine seven steps are done then. A link says step=7&event=3.
  function go(step, event) {
    const { steps } = app.state;
    if (step > steps) dialogs.toast(app.t('where.beyond', { n: group(steps) }));
    if (event === 0 || step > steps) return app.seek(Math.min(step, steps));
    app.seek(step - 1, event);
    if (event > app.state.nrEvents) {
      dialogs.toast(app.t('where.beyondEvent', { step: group(step), n: group(app.state.nrEvents) }));
    }
  }
  goto.onfocus = () => goto.select();
  goto.onblur = () => { if (app.ready) show(); };
  goto.onkeydown = (event) => {
    if (event.key === 'Escape') goto.blur();
  };

  function show() {
    const { step, op, event, happened } = app.state;
    goto.value = event > 0 ? `${op + 1}.${happened}` : String(step);
  }

  function draw() {
    const { step, event, steps, op, happened, nrEvents } = app.state;
    const atStart = step === 0 && event === 0;
    const atEnd = step >= steps;
    const focused = document.activeElement;
    for (const id of ['go-first', 'go-back', 'go-back-event']) $(id).disabled = atStart;
    for (const id of ['go-into', 'go-next', 'go-last']) $(id).disabled = atEnd;
    // A button that just became useless must not lose the keyboard to nowhere.
    if (focused?.disabled) (atStart ? $('go-next') : $('go-back')).focus();
    if (document.activeElement !== goto) show();
    $('where-steps').textContent = `/ ${group(steps)}`;
    $('where-event').textContent = event > 0 ? app.t('where.event', { step: group(op + 1), n: group(happened), of: group(nrEvents) }) : '';
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
