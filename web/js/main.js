// Start here to read the page. Puts the parts together, loads what the link asks for, and keeps the link up to date.
import { $ } from './dom.js';
import { App, DEFAULT_SCENARIO, fetchText, group, remembered } from './app.js';
import { Engine, NotYet } from './engine.js';
import { Dialogs } from './dialogs.js';
import { formatLink, parseLink } from './link.js';
import { EventWords, mountWhy } from './events.js';
import { mountAddress } from './address.js';
import { mountCanvas } from './canvas.js';
import { mountCheck } from './check.js';
import { mountColumns } from './columns.js';
import { mountControls } from './controls.js';
import { mountFind } from './find.js';
import { Frame, mountFrame } from './frame.js';
import { keepFocus, roving } from './focus.js';
import { mountGallery } from './gallery.js';
import { Hold } from './hold.js';
import { embedded, mountHost } from './host.js';
import { Loading } from './loading.js';
import { mountInspector, mountProc } from './inspector.js';
import { mountKernelSource } from './kernel-source.js';
import { mountKeys } from './keys.js';
import { mountMirror } from './mirror.js';
import { isOwn } from './own.js';
import { isPanel, mountPanels } from './panels.js';
import { mountProgram } from './program.js';
import { mountPlaces } from './places.js';
import { withoutStop } from './plain.js';
import { mountAsked } from './question.js';
import { Questions } from './questions.js';
import { mountResult } from './result.js';
import { mountSend } from './send.js';
import { mountSource } from './source.js';
import { mountSteps } from './steps.js';
import { Sums } from './sums.js';
import { mountTimeline } from './timeline.js';

const OURS = 'mmscope';
const LINK_DELAY_MS = 250;  // browsers limit how often the address may change

export const app = new App();
const dialogs = new Dialogs(app);
const words = new EventWords(app);
app.sums = new Sums(app);
app.questions = new Questions(app);
app.frame = new Frame(app);
const loading = new Loading(app);
mountPanels(app);
mountPlaces(app);
mountCanvas(app);
mountGallery(app, dialogs);
mountSteps(app, words);
mountProgram(app, dialogs);
mountAsked(app);
mountResult(app, dialogs);
mountWhy(app, words);
mountControls(app, dialogs);
mountTimeline(app);
mountInspector(app);
mountAddress(app);
mountProc(app, dialogs);
mountSource(app, dialogs);
mountCheck(app);
mountMirror(app);
mountFind(app, dialogs);
mountHost(app);
mountSend(app, dialogs);
mountKernelSource(app, dialogs);
mountKeys(app, dialogs);
mountColumns(app);
mountFrame(app, dialogs);

// One Tab stop for each of these, however much stands in it.
for (const bar of [document.querySelector('.tools'), $('places'), $('way'), document.querySelector('#lessons .row')]) {
  roving(bar, 'button', { across: true });
}
for (const list of [$('gallery'), $('inspect'), $('why')]) roving(list, 'button');
roving($('ops'), '.op-line, .fold, .other-way, .go, .ref');
for (const panel of [$('proc'), $('source')]) roving(panel, '.file-bar button', { across: true });
keepFocus(() => $('canvas'));

// ---- the link -------------------------------------------------------------------------------------------------------

let timer = 0;
let seen = location.hash;  // followed or written last: any other is a person's, and hashchange is on its way
let entry = null;          // the scenario of this entry of the history: another one gets an entry of its own
let following = 1;         // links that are not yet where they lead, the page's own first: the address is theirs

app.refused = (error) => dialogs.notice(() => app.t('work.refused', { message: app.errorText(error) }));

/** What a link to what is shown says. */
app.linkParts = () => {
  const { at, view, look, colour, layout, select, chosen } = app.state;
  return {
    ...app.sent(), at, view, lang: app.language, sel: chosen ? select || 'none' : '', look,
    colour: colour === app.hello.colours[0].id ? '' : colour,
    layout: layout === app.hello.layouts[0].id ? '' : layout,
    panel: app.side === 'inspect' ? '' : app.side,
  };
};

app.flushLink = () => {
  clearTimeout(timer);
  timer = 0;
  if (!app.state || following > 0 || location.hash !== seen) return;
  const link = app.frame.keep(formatLink(app.linkParts()));
  // The state tells an entry that the page has written from a link that somebody has set. In a frame the history is the host's.
  if (entry !== null && entry !== app.scenario.id && !embedded) history.pushState(OURS, '', link);
  else if (location.hash !== link) history.replaceState(OURS, '', link);
  entry = app.scenario.id;
  seen = location.hash;
};

app.on((what) => {
  if (!app.state) return;
  if (what.has('scenario')) app.flushLink();
  if (timer) return;
  if (['state', 'select', 'view', 'look', 'language', 'scenario', 'panel'].some((name) => what.has(name))) {
    timer = setTimeout(app.flushLink, LINK_DELAY_MS);
  }
});
window.addEventListener('pagehide', () => app.flushLink());

window.addEventListener('hashchange', async () => {
  if (!app.ready || location.hash === seen) return;  // start() reads what comes before the page is ready
  seen = location.hash;
  const link = readLink();
  if (history.state === OURS) delete link.parts.lang;  // Back goes to another place, not to another language
  await follow(link);
});

/**
 * Goes where a link points. What cannot be met is said, and the rest is done. A problem is a function that tells it: the
 * language may change while it is shown.
 */
async function follow(link) {
  const { parts, bad, tooLong } = link;
  const problems = tooLong ? [() => app.t('link.long', { max: group(tooLong) })] : [];
  // What opens nothing, and is wrong, takes nothing away.
  const opens = ['s', 'z', 'url', 'carried'].some((name) => parts[name] !== undefined);
  if (app.scenario && (tooLong || (bad.length > 0 && !opens))) {
    app.flushLink();
    dialogs.complain([...problems, ...malformed(link)]);
    return;
  }
  app.stopAsking();
  if (parts.url !== undefined && parts.z === undefined && !parts.carried) {
    await followElsewhere(link);
    return;
  }
  following += 1;
  const state = await arrive(parts, problems).finally(() => { following -= 1; });
  if (state === null) {
    app.flushLink();
    return;
  }
  app.questions.leave();
  app.take(state);

  const wishes = {};  // in this order: where to look is said to the view that is open
  const view = parts.view ?? app.frame.view;
  if (view) wishes.view = view;
  wishes.colour = parts.colour ?? app.hello.colours[0].id;
  wishes.layout = parts.layout ?? app.hello.layouts[0].id;
  if (parts.sel) wishes.select = parts.sel === 'none' ? '' : parts.sel;
  wishes.look = parts.look ?? '';
  for (const name of app.choose(wishes)) {
    problems.push(() => app.t('link.refused', { piece: `${linkName[name]}=${wishes[name]}` }));
  }
  // A link to where the step is best seen goes on following; any other view was chosen by somebody.
  app.follow = app.follows ?? (!app.state.best || app.state.view === app.state.best);
  app.tell('view');
  if (isPanel(parts.panel)) app.showPanel(parts.panel);
  else if (parts.panel) problems.push(() => app.t('link.refused', { piece: `panel=${parts.panel}` }));
  dialogs.complain([...problems, ...app.frame.problems(), ...malformed(link)]);
}

const malformed = ({ bad, twice }) => [
  ...bad.map((piece) => () => app.t('link.bad', { piece })), ...twice.map((name) => () => app.t('link.twice', { name })),
];

/** Another site has the scenario: the person is asked before it is, and what is open stays meanwhile. */
async function followElsewhere({ parts: { url, ...parts }, bad, twice }) {
  following += 1;
  if (!app.scenario) await follow({ parts: { lang: parts.lang }, bad: [], twice: [] }).catch((failed) => { following -= 1; throw failed; });
  app.fetchElsewhere(url).then((carried) => {
    following -= 1;
    return carried ? follow({ parts: { ...parts, carried }, bad, twice }) : app.flushLink();
  });
}

/** The state where the link leads; null when its scenario is not opened, or something else was begun meanwhile. */
async function arrive(parts, problems) {
  if (!await openLinked(parts, problems)) return null;
  entry = app.scenario.id;
  if (parts.lang && parts.lang !== app.language) app.setLanguage(parts.lang);
  return goWhere(parts, problems);
}

/** The state where the link points, or at the nearest place; null when something else was begun meanwhile. */
async function goWhere(parts, problems) {
  let reply = parts.at === undefined ? null : app.engine.seekAt(parts.at);
  if (reply?.error) {
    const { error } = reply;
    problems.push(() => app.errorText(error));
    reply = null;
  }
  if (reply && parts.event !== undefined && parts.step === undefined) {
    const [step, op = '1'] = parts.at.split('.');
    problems.push(() => app.t('link.eventBeside', { event: parts.event, at: `${step}.${op}.${parts.event}` }));
  }
  const { steps } = app.scenario;
  const step = parts.step ?? 0;
  if (reply === null && step > steps) problems.push(() => app.t('link.step', { step: group(step), steps: group(steps) }));
  const state = await app.work.finish('way', reply ?? app.engine.seek(Math.min(step, steps), parts.event ?? 0));
  if (state === null) return null;
  if (state.problem) {
    const at = reply ? parts.at : `step=${step}&event=${parts.event}`;
    problems.push(() => app.t('link.at', { at, problem: app.local(state.problem) }));
  }
  const bound = app.bound(state);
  if (bound !== null) {
    if (parts.at !== undefined || parts.step !== undefined) problems.push(() => app.t('frame.outside', { at: state.at, range: app.frame.rangeText() }));
    return app.work.finish('way', app.engine.seek(bound));
  }
  return state;
}

const linkName = { view: 'view', colour: 'colour', layout: 'layout', select: 'sel' };

async function openLinked(parts, problems) {
  const opening = app.stay();
  const carried = parts.carried ?? await app.unpack(parts);
  if (!app.stays(opening)) return false;
  const wanted = carried ? carried.id : parts.s ?? DEFAULT_SCENARIO;
  if (carried?.wrong) {
    problems.push(carried.wrong);
  } else if (wanted === app.scenario?.id) {
    return true;
  } else if (isOwn(wanted) && (carried || !app.readonly)) {
    const kept = carried ?? app.own.get(wanted);
    const error = kept && await app.loadText(wanted, kept.text, { opening, until: kept.until, from: kept.from });
    if (carried?.tell && !error) problems.push(carried.tell);
    if (kept && !error) return error === null;
    problems.push(() => (kept
      ? app.t('error.scenario', { id: kept.name ?? app.t('gallery.own'), message: withoutStop(app.errorText(error)) }) : app.t('link.own')));
  } else {
    try {
      return await app.open(wanted);
    } catch (failed) {
      if (failed instanceof NotYet) throw failed;
      problems.push(() => app.t('error.scenario', { id: wanted, message: app.failureText(failed) }));
    }
  }
  if (app.scenario) {
    dialogs.complain(problems);
    return false;
  }
  // What the link says of the scenario that could not be opened does not fit the default one.
  for (const name of ['step', 'event', 'at', 'sel']) delete parts[name];
  const fallback = app.index.some((s) => s.id === DEFAULT_SCENARIO) ? DEFAULT_SCENARIO : app.index[0]?.id;
  if (fallback === undefined || fallback === wanted) {
    dialogs.trouble(() => app.t('trouble.scenario'), () => problems.map((tell) => tell()).join(' '));
    return false;
  }
  const opened = await app.open(fallback);
  if (opened) problems.push(() => app.t('link.instead', { title: app.scenario?.title ?? '' }));
  return opened;
}

/** What the address says, to the frame and to every page. */
function readLink() { return parseLink(app.frame.read(location.hash)); }

// ---- start ----------------------------------------------------------------------------------------------------------

const done = (id) => $(id).classList.add('done');

function hasWebGL2() {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/** What will be needed soon is asked for while the engine still loads. */
async function prefetch(parts) {
  const own = [parts.z, parts.from, parts.url].some((part) => part !== undefined) || isOwn(parts.s);
  const id = parts.s && !own ? parts.s : DEFAULT_SCENARIO;
  const lesson = app.fetchScenario(id);
  if (!own) loading.show(lesson, (name) => app.fetchMachine(name));
  const { chapters, scenarios } = JSON.parse(await fetchText('scenarios/index.json'));
  Object.assign(app, { chapters, index: scenarios });
  const machine = app.index.find((s) => s.id === id)?.machine;
  if (machine) app.fetchMachine(machine).catch(() => {});  // asked for again, and reported, when it is needed
  app.tell('scenario');
}

/** The person selected something in the canvas, or looks elsewhere in it. */
function canvasChanged() {
  if (!app.ready) return;
  const before = app.state;
  app.state = app.engine.state();
  const selected = app.state.select !== before.select;
  if (!app.allows(app.state.view)) app.state = app.engine.choose({ view: before.view }).state;
  const opened = app.state.view !== before.view;
  if (opened) app.follow = false;
  const pointed = app.state.pointed !== before.pointed;  // at what was selected before, too
  app.tell('look', ...(selected ? ['select'] : []), ...(pointed ? ['point'] : []), ...(opened ? ['view'] : []));
  if (app.state.select && app.state.select !== before.select) app.showPanelIfWide('inspect');
}

/** Everything up to the first picture, with as much of the engine as there is. */
async function begin(link) {
  app.hello = app.engine.hello();
  tellMotion();
  app.setLanguage(app.language);
  app.setTheme(app.theme);
  await follow({ ...link, parts: { ...link.parts } });
  app.engine.drawPicture();
}

const still = matchMedia('(prefers-reduced-motion: reduce)');
const tellMotion = () => app.engine.choose({ reducedMotion: still.matches });

/** Waits for the rest of the engine, however often it has to be asked for. Whether all has to begin again. */
async function complete() {
  for (;;) {
    try {
      return await app.engine.complete();
    } catch (failed) {
      if (app.engine.dead !== null) throw failed;
      await dialogs.unfinished(failed.message);
    }
  }
}

/** The first picture, and then the rest of the engine; or the rest first, when the picture needs it. */
async function show(link) {
  const early = !app.index.find(({ id }) => id === link.parts.s)?.rest && await beginsEarly(link);
  if (early) shown();
  const again = await complete();
  if (again) app.forget();
  if (again || !early) await begin(link);
  if (!early) shown();
}

/** Whether the first picture could be drawn with the first part of the engine: what a link asks for is not known before. */
async function beginsEarly(link) {
  try {
    await begin(link);
    return true;
  } catch (failed) {
    if (failed instanceof NotYet) return false;
    throw failed;
  }
}

function shown() {
  following -= 1;
  app.flushLink();
  done('loading-boot');
  $('loading').hidden = true;
  if (hasWebGL2()) return;
  app.showTable(true);
  dialogs.trouble(() => app.t('trouble.webgl'), () => app.t('trouble.webglText'), { reload: false });
}

async function start() {
  document.documentElement.dataset.started = '1';
  $('stuck').remove();
  const { parts } = readLink();
  const preferred = parts.lang ?? remembered('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
  app.setLanguage(preferred === 'zh' ? 'zh' : 'en');
  const theme = app.frame.theme ?? remembered('theme');
  app.setTheme(['light', 'dark'].includes(theme) ? theme : 'auto');
  if (parts.step || parts.at) $('gallery-fold').open = app.wide.matches === false;

  const index = prefetch(parts).then(() => done('loading-scenario'), (failed) => failed);
  // It says which panels there are: asked for at once, so that no tab comes when the page is in use.
  const build = fetchText('build.json').then(JSON.parse).catch(() => null).then((read) => {
    app.setBuild(read);
    loading.sizes(read);
  });
  const engine = new Engine();
  engine.zoom = (width, height) => app.frame.zoom(width, height);
  const hold = new Hold();
  try {
    await engine.start($('canvas'), {
      chinese: app.language === 'zh',
      onDead: (reason) => dialogs.trouble(() => app.t('trouble.engine'), () => app.t('trouble.engineText'), { report: true, detail: reason }),
      onCanvas: canvasChanged,
      onBytes: (file, count) => loading.bytes(file, count),
      onRun: () => hold.begin(() => dialogs.toast(app.t('rest.waiting'))),
    });
    app.engine = engine;
  } catch (failed) {
    hold.end();
    dialogs.trouble(() => app.t('trouble.load'), () => app.t('trouble.loadText'), { detail: String(failed) });
    document.documentElement.dataset.failed = 'engine';
    return;
  }
  done('loading-engine');
  const failedIndex = await index;
  if (failedIndex) dialogs.notice(() => app.t('error.index', { message: withoutStop(failedIndex.message) }));

  try {
    seen = location.hash;
    await show(readLink());
  } finally {
    dialogs.toast('');
    hold.end();
  }
  app.tell('whole');
  still.addEventListener('change', tellMotion);
  await Promise.all([build, app.summarize()]);
  if (app.side === 'check') app.showPanel('check');  // a link may have asked for it before it was known to be there
  document.documentElement.dataset.loaded = '1';
  app.tell('loaded');
}

start().catch((failed) => {
  if (app.engine?.dead) return;  // that is told
  dialogs.trouble(() => app.t('trouble.load'), () => app.t('trouble.loadText'), { detail: String(failed) });
  throw failed;
});
