// The timeline: all ops, or a part of them, and under them the events of the shown op.
//
//   ▄▄▄ ▄ ▄  ▄▄▄|      up: takes pages, down: gives pages back, both: something else
//      ▀ ▀▀ ▀   |
//         /      \     the shown op unfolds
//      [▪▪▪▪▫▫▫▫▫]     its events; the filled ones have happened
//
// One column is one op while there is room for it, else the ops of a column are counted. The wheel zooms.
import { $ } from './dom.js';
import { group } from './i18n.js';
import { plain } from './plain.js';

const MIN_OP = 4;        // pixels: below, ops are counted in columns of one pixel
const MIN_SPAN = 12;     // ops that stay in sight at the closest zoom
const EVENT_WIDTH = 15;  // at most
const SNAP = 7;          // pixels: so near at a note one goes to it

export function mountTimeline(app) {
  const box = $('timeline');
  const canvas = $('timeline-canvas');
  const tip = $('timeline-tip');
  const pen = canvas.getContext('2d');
  let range = [0, 0];      // ops in sight
  let counts = null;       // of the engine, for `counted`
  let counted = '';
  let colour = {};
  let size = { width: 0, height: 0 };
  let strip = null;        // where the events are: {x, width, y, height, n}
  let pending = 0;

  const opsHeight = () => Math.round(size.height * 0.56);
  const perOp = () => size.width / Math.max(1, range[1] - range[0]);
  const xOf = (op) => (op - range[0]) * perOp();
  const xOfMark = ({ end }) => xOf(end - 0.5);  // a note is about the whole step: at the last of its ops

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['ink', 'muted', 'faint', 'accent', 'allocated', 'free', 'paper', 'panel']) {
      colour[name] = style.getPropertyValue(`--${name}`).trim();
    }
  }

  // ---- drawing ----

  function schedule() {
    if (pending) return;
    pending = requestAnimationFrame(() => {
      pending = 0;
      draw();
    });
  }

  function count() {
    const [first, end] = range;
    const columns = perOp() >= MIN_OP ? end - first : Math.max(1, Math.floor(size.width));
    const key = `${first} ${end} ${columns}`;
    if (key !== counted && end > first) {
      counts = app.engine.timeline(first, end, Math.min(columns, 4096));
      counted = key;
    }
  }

  function draw() {
    const density = devicePixelRatio || 1;
    const { width, height } = size;
    if (width < 2 || !app.ready) return;
    if (canvas.width !== Math.round(width * density)) canvas.width = Math.round(width * density);
    if (canvas.height !== Math.round(height * density)) canvas.height = Math.round(height * density);
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    count();
    drawOps();
    drawVeil();
    drawEvents();
    drawCursor();
    drawBookmarks();
  }

  function drawOps() {
    if (!counts || range[1] === range[0]) return;
    const top = 3;
    const mid = Math.round((opsHeight() + top) / 2);
    const reach = mid - top - 1;
    const columns = counts.alloc.length;
    const step = size.width / columns;
    const single = columns === range[1] - range[0];
    const gap = single ? Math.min(2, step * 0.25) : 0;
    pen.fillStyle = colour.faint;
    pen.fillRect(0, mid, size.width, 1);
    for (let i = 0; i < columns; ++i) {
      const [a, f, o] = [counts.alloc[i], counts.free[i], counts.other[i]];
      const all = a + f + o;
      if (all === 0) continue;
      const x = i * step;
      const w = Math.max(1, step - gap);
      if (a) block(x, mid - Math.max(1, reach * (a / all)), w, Math.max(1, reach * (a / all)), true);
      if (f) block(x, mid + 1, w, Math.max(1, reach * (f / all)), false, single && w > 3);
      if (o) {
        pen.fillStyle = colour.muted;
        pen.fillRect(x, mid - reach * 0.3 * (o / all), w, 1 + reach * 0.6 * (o / all));
      }
    }
  }

  // While a question is open what comes after its step is not shown.
  function drawVeil() {
    const x = xOf(app.questions.veils().ops);
    if (!(x < size.width)) return;
    pen.fillStyle = colour.paper;
    pen.fillRect(Math.max(0, x), 0, size.width, opsHeight());
    pen.fillStyle = colour.faint;
    pen.fillRect(Math.max(0, x), Math.round((opsHeight() + 3) / 2), size.width, 1);
  }

  // Taking is filled and giving back is hollow, as blocks are in the map.
  function block(x, y, w, h, filled, outlined) {
    pen.fillStyle = filled ? colour.allocated : colour.free;
    if (!outlined) {
      pen.globalAlpha = filled ? 1 : 0.55;
      pen.fillRect(x, y, w, h);
      pen.globalAlpha = 1;
      return;
    }
    pen.strokeStyle = colour.free;
    pen.lineWidth = 1;
    pen.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  }

  function drawEvents() {
    const { op, nrEvents, happened } = app.state;
    strip = null;
    if (op < 0 || nrEvents === 0) return;
    const top = opsHeight() + 7;
    const height = size.height - top - 1;
    const width = Math.min(size.width, nrEvents * EVENT_WIDTH);
    const middle = (xOf(op) + xOf(op + 1)) / 2;
    const x = Math.max(0, Math.min(size.width - width, middle - width / 2));
    strip = { x, width, y: top, height, n: nrEvents };

    const from = Math.max(0, Math.min(size.width, xOf(op)));
    const to = Math.max(from + 1, Math.min(size.width, xOf(op + 1)));
    pen.fillStyle = colour.faint;
    pen.globalAlpha = 0.6;
    pen.beginPath();
    pen.moveTo(from, opsHeight());
    pen.lineTo(to, opsHeight());
    pen.lineTo(x + width, top);
    pen.lineTo(x, top);
    pen.fill();
    pen.globalAlpha = 1;

    const w = width / nrEvents;
    if (w >= 3) {
      for (let i = 0; i < nrEvents; ++i) {
        const done = i < happened;
        pen.fillStyle = i === happened - 1 ? colour.accent : colour.ink;
        pen.strokeStyle = colour.muted;
        if (done) pen.fillRect(x + i * w + 0.5, top, Math.max(1, w - 1.5), height);
        else pen.strokeRect(x + i * w + 1, top + 0.5, Math.max(1, w - 2.5), height - 1);
      }
    } else {
      pen.fillStyle = colour.ink;
      pen.fillRect(x, top, width * (happened / nrEvents), height);
      pen.strokeStyle = colour.muted;
      pen.strokeRect(x + 0.5, top + 0.5, width - 1, height - 1);
    }
  }

  function drawCursor() {
    const { step, event, happened, nrEvents } = app.state;
    const x = Math.max(1, Math.min(size.width - 1, xOf(step + (event > 0 ? happened / nrEvents : 0))));
    pen.fillStyle = colour.accent;
    pen.fillRect(x - 1, 0, 2, opsHeight());
    pen.beginPath();
    pen.moveTo(x - 5, 0);
    pen.lineTo(x + 5, 0);
    pen.lineTo(x, 6);
    pen.fill();
  }

  function drawBookmarks() {
    pen.fillStyle = colour.ink;
    for (const mark of app.scenario.bookmarks) {
      if (mark.end <= range[0] || mark.end > range[1]) continue;
      const x = xOfMark(mark);
      pen.beginPath();
      pen.arc(x, opsHeight() + 1, 1.8, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  // ---- moving with the pointer ----

  /** The note whose dot is near, if any: the nearest. */
  function markAt(x) {
    let near = null;
    for (const mark of app.scenario.bookmarks) {
      const away = Math.abs(xOfMark(mark) - x);
      if (away <= SNAP && away < Math.abs((near ? xOfMark(near) : Infinity) - x)) near = mark;
    }
    return near;
  }
  // Who goes along snaps to notes, where ops are narrower than the dots.
  function stepAt(x) {
    if (x <= 1) return Math.max(0, Math.floor(range[0]));  // the edge is the start, however near a note is
    const mark = perOp() < 2 * SNAP ? markAt(x) : null;
    return mark?.end ?? Math.max(0, Math.min(app.state.steps, Math.ceil(range[0] + x / perOp())));
  }
  const inStrip = (x, y) => strip !== null && y >= strip.y - 2 && x >= strip.x && x <= strip.x + strip.width;
  const eventAt = (x) => Math.max(1, Math.min(strip.n, Math.ceil(((x - strip.x) / strip.width) * strip.n)));

  let dragging = null;     // 'ops' or 'events'
  let wanted = null;       // what the last pointer event asked for; applied once a frame

  function place(event) {
    const box_ = canvas.getBoundingClientRect();
    return [event.clientX - box_.left, event.clientY - box_.top];
  }
  function follow(event) {
    const [x] = place(event);
    const next = dragging === 'events' && strip ? [app.state.op, eventAt(x)] : [stepAt(x), 0];
    if (wanted === null) {
      requestAnimationFrame(() => {
        const [step, at] = wanted;
        wanted = null;
        const { state } = app;
        const here = dragging === 'events' ? state.op === step && state.happened === at : state.step === step && state.event === 0;
        if (!here) app.seek(step, at);
      });
    }
    wanted = next;
  }
  box.onpointerdown = (event) => {
    if (!app.ready || event.button !== 0) return;
    app.stop();
    const [x, y] = place(event);
    dragging = inStrip(x, y) ? 'events' : 'ops';
    box.setPointerCapture(event.pointerId);
    follow(event);
  };
  box.onpointermove = (event) => {
    if (!app.ready) return;
    if (box.hasPointerCapture(event.pointerId)) follow(event);
    hint(event);
  };
  box.onpointerup = () => { if (wanted === null) dragging = null; };
  box.onpointerleave = () => { tip.hidden = true; };
  box.ondblclick = () => {
    range = [0, app.state.steps];
    schedule();
  };
  box.addEventListener('wheel', (event) => {
    if (!app.ready) return;
    event.preventDefault();
    const [x] = place(event);
    const at = range[0] + x / perOp();
    const steps = app.state.steps;
    const span = Math.max(Math.min(MIN_SPAN, steps), Math.min(steps, (range[1] - range[0]) * (event.deltaY < 0 ? 0.75 : 1 / 0.75)));
    show(at - (x / size.width) * span, span);
    schedule();
  }, { passive: false });

  function show(first, span) {
    const from = Math.round(Math.max(0, Math.min(app.state.steps - span, first)));
    range = [from, Math.min(app.state.steps, from + Math.round(span))];
  }

  // Keeps the cursor in sight.
  function keepInSight() {
    const at = app.state.step;
    if (at >= range[0] && at <= range[1]) return;
    const span = range[1] - range[0];
    show(at - span / 2, span);
  }

  // ---- words ----

  function hint(event) {
    const [x, y] = place(event);
    if (event.pointerType === 'touch' || range[1] === range[0]) {
      tip.hidden = true;
      return;
    }
    if (inStrip(x, y)) {
      tip.textContent = app.t('timeline.event', { n: group(eventAt(x)), of: group(strip.n) });
    } else {
      const mark = perOp() < 2 * SNAP ? markAt(x) : null;
      const op = (mark?.end ?? Math.min(app.state.steps, Math.floor(range[0] + x / perOp()) + 1)) - 1;
      const veils = app.questions.veils();
      const { ops } = app.engine.ops(op, 1);
      tip.replaceChildren(`${ops[0].at}  ${op < veils.ops ? ops[0].text : app.t('veil.op')}`);
      const note = mark ?? app.scenario.bookmarks.find(({ end }) => end === op + 1);
      if (note && note.op < veils.notes) tip.append(document.createElement('br'), plain(note.text, 160));
    }
    tip.hidden = false;
    const left = Math.max(0, Math.min(size.width - tip.offsetWidth, x - tip.offsetWidth / 2));
    tip.style.left = `${left}px`;
  }

  function tellValue() {
    const { step, steps, opText, at, nrSteps } = app.state;
    box.setAttribute('aria-valuemax', String(steps));
    box.setAttribute('aria-valuenow', String(step));
    box.setAttribute('aria-valuetext', app.t('timeline.value', { at, steps: group(nrSteps), op: opText ?? '' }));
  }

  new ResizeObserver(() => {
    size = { width: box.clientWidth, height: box.clientHeight };
    schedule();
  }).observe(box);

  app.on((what) => {
    if (!app.ready) return;
    if (what.has('theme') || what.has('scenario')) readColours();
    if (what.has('scenario')) {
      counted = '';
      if (range[1] !== app.state.steps || !what.has('language')) range = [0, app.state.steps];
    }
    if (what.has('veil')) {
      tip.hidden = true;
      schedule();
    }
    if (what.has('state') || what.has('scenario') || what.has('language')) {
      keepInSight();
      tellValue();
      schedule();
    } else if (what.has('theme')) schedule();
  });
}
