// The columns: as wide as the person made them, in each window and on each visit. Nothing else moves them.
import { $ } from './dom.js';
import { remember, remembered } from './app.js';

const STEP = 16;  // pixels that a key moves an edge by

// By the edge: what it sets, which side grows, the element whose width it is, and the least width.
const EDGES = [
  { id: 'split-left', name: 'left', grows: 1, column: () => [$('lessons'), $('steps'), ...document.querySelectorAll('.panel')], least: 240 },
  { id: 'split-right', name: 'right', grows: -1, column: () => [$('panel-tabs')], least: 260 },
];
const STAGE_LEAST = 320;

export function mountColumns(app) {
  const page = $('page');
  const { style } = document.documentElement;

  const seen = (edge) => edge.column().find((element) => element.checkVisibility());
  const widthOf = (edge) => Math.round(seen(edge)?.getBoundingClientRect().width ?? 0);
  const most = (edge) => Math.max(edge.least, Math.round(widthOf(edge) + $('stage').getBoundingClientRect().width - STAGE_LEAST));

  function set(edge, width, keep = true) {
    style.setProperty(`--${edge.name}`, `${Math.round(width)}px`);
    if (keep) remember(`column.${edge.name}`, String(Math.round(width)));
  }
  function reset(edge) {
    style.removeProperty(`--${edge.name}`);
    remember(`column.${edge.name}`, '');
  }
  const within = (edge, width) => Math.max(edge.least, Math.min(most(edge), width));

  function tell() {
    for (const edge of EDGES) {
      const bar = $(edge.id);
      bar.setAttribute('aria-valuemin', String(edge.least));
      bar.setAttribute('aria-valuemax', String(most(edge)));
      bar.setAttribute('aria-valuenow', String(widthOf(edge)));
      bar.setAttribute('aria-valuetext', app.t('columns.width', { n: widthOf(edge) }));
    }
  }

  for (const edge of EDGES) {
    const bar = $(edge.id);
    const kept = Number(remembered(`column.${edge.name}`));
    if (kept >= edge.least && kept <= 4000) set(edge, kept, false);
    let from = null;
    bar.onpointerdown = (event) => {
      if (event.button !== 0) return;
      bar.setPointerCapture(event.pointerId);
      from = { x: event.clientX, width: widthOf(edge) };
      bar.focus();
      event.preventDefault();
    };
    bar.onpointermove = (event) => {
      if (from) set(edge, within(edge, from.width + edge.grows * (event.clientX - from.x)));
    };
    bar.onpointerup = bar.onpointercancel = () => { from = null; };
    bar.ondblclick = () => reset(edge);
    bar.onkeydown = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
      if (by) set(edge, within(edge, widthOf(edge) + edge.grows * by));
      else if (event.key === 'Home') set(edge, edge.least);
      else if (event.key === 'End') set(edge, most(edge));
      else if (event.key === 'Enter') reset(edge);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
  }

  /** The right column as wide as `pixels` of text ask for, as far as there is room. */
  app.widen = (pixels) => set(EDGES[1], within(EDGES[1], pixels));

  new ResizeObserver(tell).observe($('stage'));
  app.on((what) => { if (what.has('language')) tell(); });
  return page;
}
