// The small frame: one picture, one sentence why, the steps, and the question or the note when there is one. embed.html is
// always so; the page is where its window is small, and there the corner leads to the whole page and back.
//
//   <html data-frame>       the frame is shown (css/frame.css); data-embed: this is embed.html
//   data-beside="asked"     what is shown beside the picture: 'asked', 'told', 'note', or nothing
//   data-controls="step"    which buttons: 'full', 'step', 'none'
import { $, reveal } from './dom.js';
import { formatLink } from './link.js';
import { group } from './i18n.js';
import { rangeWithin, readFrame } from './frame-link.js';
import { mountGuard } from './frame-guard.js';

const root = document.documentElement;
// As in frame.css: the note always stands beside; there is room for the picture or for a text.
const ROOMY = '(min-width: 900px)';
const TINY = '(max-width: 459.9px) and (max-height: 359.9px)';
const ABOVE = 8;  // pixels over a question

const embedded = root.hasAttribute('data-embed');

export class Frame {
  #app;
  #read = readFrame('');
  #problems = [];  // what the link asks of the frame and cannot be: each tells it

  constructor(app) { this.#app = app; }

  /** What embed.html's own link asks for. Returns the rest of the link, which every page understands. */
  read(hash) {
    if (!embedded) return hash;
    const app = this.#app;
    this.#read = readFrame(hash);
    const { parts } = this.#read;
    root.dataset.controls = parts.controls ?? 'step';
    app.readonly = parts.readonly === '1';
    app.follows = parts.follow === undefined ? null : parts.follow === '1';
    if (app.scenario) this.lock();
    return this.#read.rest;
  }

  /** A wide and low picture has few rows and room for larger ones. */
  zoom(width, height) { return root.hasAttribute('data-frame') && width >= 560 && height < 360 ? 1.25 : 1; }

  get theme() { return this.#read.parts.theme ?? null; }
  /** A link with what the frame was asked for. */
  keep(link) { return `#${this.#read.kept}${link.slice(1)}`; }
  /** The view that is shown first. */
  get view() { return this.#app.views?.[0]; }

  /** Which steps and views the person may go to, of those that there are. */
  lock() {
    const app = this.#app;
    const { views, steps } = this.#read.parts;
    const { bad, twice } = this.#read;
    this.#problems = [...bad.map((one) => () => app.t('frame.bad', one)), ...twice.map((name) => () => app.t('link.twice', { name }))];
    app.range = null;
    app.views = null;
    if (steps) {
      const { nrSteps } = app.state;
      const within = rangeWithin(steps, nrSteps);
      const asked = [...new Set(steps)].map(group).join('–');
      if (within?.[1] !== steps[1]) this.#problems.push(() => app.t(within ? 'frame.steps' : 'frame.noSteps', { steps: asked, n: group(nrSteps) }));
      if (within) {
        const [first, last] = within.map((step) => app.engine.steps(step - 1, 1).steps[0]);
        app.range = { from: first.op, to: last.op + last.ops, steps: within };
      }
    }
    if (views) {
      const known = views.filter((id) => app.hello.views.some((view) => view.id === id));
      const unknown = views.filter((id) => !known.includes(id));
      if (unknown.length > 0) this.#problems.push(() => app.t('frame.views', { views: unknown.join(', '), known: app.hello.views.map(({ id }) => id).join(', ') }));
      if (known.length > 0) app.views = known;
    }
  }

  /** What is told once: of the frame's part of the link. */
  problems() { return this.#problems.splice(0); }

  /** "steps 3 to 7" */
  rangeText() {
    const [first, last] = this.#app.range.steps.map(group);
    return this.#app.t(first === last ? 'frame.oneStep' : 'frame.range', { first, last });
  }
}

export function mountFrame(app, dialogs) {
  const small = matchMedia(root.dataset.smallFrame);  // theme.js needs it first
  const roomy = matchMedia(ROOMY);
  const tiny = matchMedia(TINY);
  let whole = false;     // the whole page was asked for in a small window
  let wanted = false;    // the note was asked for
  let putAside = '';     // where a question was closed to see the picture

  // ---- which of the two ----

  function choose() {
    root.toggleAttribute('data-frame', embedded || (small.matches && !whole));
    root.toggleAttribute('data-small', small.matches);
    update();
  }
  function show(all) {
    whole = all;
    choose();
    app.tell('panel');
    (all ? $('frame-small') : $('frame-whole')).focus();
  }
  small.addEventListener('change', choose);
  for (const size of [roomy, tiny]) size.addEventListener('change', update);
  $('frame-whole').onclick = () => show(true);
  $('frame-small').onclick = () => show(false);
  const link = $('frame-open');
  for (const type of ['pointerdown', 'focus', 'click']) link.addEventListener(type, () => { link.href = `index.html${formatLink(app.linkParts())}`; });
  app.outside = () => dialogs.toast(app.frame.rangeText());

  // ---- beside the picture ----

  const here = () => `${app.scenario.id} ${app.state.at}`;

  /** 'asked': a question comes next, answered or not; 'told': that of the step that is shown was, or the lesson is over. */
  function due() {
    const { step, event } = app.state;
    const given = app.questions.all.filter(([op]) => app.questions.of(op));
    if (app.questions.open || (event === 0 && given.some(([op]) => op === step))) return 'asked';
    return given.some(([op, ops]) => op < step && step <= op + ops) || !$('result').hidden ? 'told' : '';
  }
  const hasNote = () => Boolean(app.state.op < 0 ? app.scenario.notes || app.scenario.summary : document.querySelector('.op.now > .note:not([hidden])'));

  function besides() {
    const now = due();
    if (roomy.matches) return now || 'note';
    const aside = putAside === here();
    if (now && !aside) return now;
    return wanted || (app.state.op < 0 && hasNote() && !tiny.matches && !aside) ? 'note' : '';
  }

  // While the engine is on its way the text of the lesson is there, where the link leads to its beginning.
  function wait() {
    root.dataset.beside = roomy.matches || !(tiny.matches || /[#&](at|step)=/.test(location.hash)) ? 'note' : '';
    root.toggleAttribute('data-start', true);
  }

  function update() {
    if (!root.hasAttribute('data-frame')) return;
    if (!app.ready) return app.scenario ? undefined : wait();
    const now = besides();
    const button = $('frame-note');
    const changed = root.dataset.beside !== now;
    root.dataset.beside = now;
    root.toggleAttribute('data-start', app.state.op < 0);
    button.setAttribute('aria-expanded', String(now !== ''));
    button.lastElementChild.textContent = app.t(now !== '' && tiny.matches ? 'frame.picture' : 'frame.note');
    button.classList.toggle('marked', now === '' && (due() !== '' || hasNote()));
    if (changed || now !== '') bringIntoView(now);
    measure();
  }

  function bringIntoView(now) {
    const panel = $('steps');
    panel.scrollTop = 0;
    if (now === 'asked') {
      // What was told before stands above it, for who scrolls up.
      const asked = document.querySelector('.op.ahead .question:not([hidden])');
      if (panel.scrollHeight > panel.clientHeight) panel.scrollTop = asked.getBoundingClientRect().top - panel.getBoundingClientRect().top - ABOVE;
    } else if (now === 'told') {
      const verdict = document.querySelector('.op.now .question .verdict');
      reveal(panel, verdict?.checkVisibility() ? verdict : $('result'));
    }
  }

  $('frame-note').onclick = () => {
    if (besides() === '') [wanted, putAside] = [true, ''];
    else [wanted, putAside] = [false, here()];
    update();
  };

  // ---- the sentence: two lines, and all of it when it is asked for ----

  const why = $('why');
  const line = $('why-text');
  const more = $('why-more');

  function measure() {
    if (why.hasAttribute('data-open')) return;
    more.hidden = line.scrollHeight <= line.clientHeight + 1;
  }
  function unfold(open) {
    why.toggleAttribute('data-open', open);
    more.setAttribute('aria-expanded', String(open));
    why.scrollTop = 0;
    line.scrollTop = 0;
    measure();
  }
  more.onclick = () => unfold(!why.hasAttribute('data-open'));
  line.addEventListener('click', (event) => {
    if (!more.hidden && !event.target.closest('button')) unfold(true);
  });
  line.addEventListener('focusin', () => {
    if (!more.hidden && root.hasAttribute('data-frame')) unfold(true);
  });
  new ResizeObserver(measure).observe(line);

  // ---- a notice: one line, and all of it when it is asked for ----

  $('notice-more').onclick = () => {
    const open = $('notice').toggleAttribute('data-open');
    $('notice-more').setAttribute('aria-expanded', String(open));
  };

  // ---- views that may be chosen ----

  function offerViews() {
    const offered = app.views !== null && app.views.length > 1;
    root.toggleAttribute('data-views', offered);
    for (const option of $('view').querySelectorAll('option')) option.hidden = option.disabled = !app.allows(option.value);
    for (const part of $('view').querySelectorAll('optgroup')) part.hidden = ![...part.children].some((option) => !option.hidden);
  }

  app.on((what) => {
    if (!app.ready) return;
    if (embedded && what.has('opened')) {
      app.frame.lock();
      if (!app.allows(app.state.view)) app.choose({ view: app.frame.view });
    }
    if (what.has('state')) unfold(false);
    if (embedded && (what.has('view') || what.has('language'))) offerViews();
    if (['state', 'scenario', 'answers', 'language', 'whole'].some((name) => what.has(name))) update();
  });
  if (embedded) mountGuard(app);
  choose();
}
