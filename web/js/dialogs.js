// What stands above the page: help, paste with its error, notices, and what to do when the engine has died.
import { $, h, fill, download } from './dom.js';
import { group } from './app.js';
import { hasText } from './i18n.js';
import { stepIn } from './written.js';
import { lineAt, plain, unitsBefore, wholeAt } from './plain.js';

const TOAST_MS = 2500;  // and longer for longer texts
const TOLD_MAX = 600;   // characters of a notice; half of it of a toast
const COMPLAINTS = 3;   // of a link, in full
// What can be changed here: of millions of lines a browser takes a minute to show a field.
const EDIT_CHARACTERS = 1 << 20;
const EDIT_LINES = 50_000;
const BUDDYINFO_MAX = 65536;  // the engine takes no more

export class Dialogs {
  #timer = 0;
  #aboutOpening = false;  // the notice
  #noticed = null;        // tells it
  #troubled = null;       // what the box of trouble tells

  constructor(app) {
    this.app = app;
    this.dialog = $('dialog');
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    $('notice-close').onclick = () => { $('notice').hidden = true; };
    $('help').onclick = () => this.help();
    app.on((what) => {
      if (what.has('language')) {  // what is shown is in the other one
        this.toast('');
        if (!$('notice').hidden) this.#tellNotice();
        if (this.#troubled) this.#tellTrouble();
      }
      if (what.has('opened')) this.settle();
    });
  }

  get open() { return this.dialog.open; }

  #show(title, ...body) { this.show(title, body); }

  /** wide: as much of the window as there is. */
  show(title, body, { wide = false } = {}) {
    $('dialog-title').textContent = plain(title, TOLD_MAX);
    this.dialog.classList.toggle('wide', wide);
    fill($('dialog-body'), ...body);
    if (!this.dialog.open) this.dialog.showModal();
  }

  close() { this.dialog.close(); }

  /**
   * A sentence that stays until it is closed; one about what was to be opened, until something is. tell() gives it in the
   * language of the page.
   */
  notice(tell, { opening = false } = {}) {
    this.#noticed = tell;
    this.#tellNotice();
    $('notice').hidden = false;
    this.#aboutOpening = opening;
  }
  #tellNotice() { $('notice-text').textContent = plain(this.#noticed(), TOLD_MAX); }

  /** What a link got wrong, if anything: the first of it in full. Each problem is a function that tells it. */
  complain(problems) {
    this.settle();
    if (problems.length === 0) return;
    this.notice(() => {
      const told = problems.slice(0, COMPLAINTS).map((tell) => plain(tell(), TOLD_MAX / COMPLAINTS - 20));
      if (problems.length > COMPLAINTS) told.push(this.app.t('link.more', { n: group(problems.length - COMPLAINTS) }));
      return told.join(' ');
    }, { opening: true });
  }

  /** What was to be opened is, or something else. */
  settle() {
    if (this.#aboutOpening) $('notice').hidden = true;
    this.#aboutOpening = false;
  }

  /** The rest of the engine did not come. Resolves when it is to be tried again: the person asks, or the network is back. */
  unfinished(message) {
    $('unfinished-text').textContent = this.app.t('rest.failed', { message });
    $('unfinished').hidden = false;
    return new Promise((again) => {
      $('unfinished-again').onclick = window.ononline = () => {
        $('unfinished').hidden = true;
        again();
      };
    });
  }

  /** A sentence that goes by itself. */
  toast(text) {
    text = plain(text, TOLD_MAX / 2);
    $('status').textContent = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { $('status').textContent = ''; }, TOAST_MS + text.length * 30);
  }

  help() {
    const { app } = this;
    const keys = [
      ['→  ←', 'help.step'], ['Shift →  Shift ←', 'help.event'], ['.  ,', 'help.anEvent'], ['w', 'help.way'], ['n', 'help.note'],
      ['Space', 'help.play'], ['Home  End', 'help.ends'], ['PageUp  PageDown', 'help.page'], ['Alt ←  Alt →', 'help.trail'],
      ['g', 'help.goto'], ['/', 'help.search'], ['?', 'help.help'],
    ];
    const views = app.hello?.views.filter(({ id }) => hasText(`view.${id}`)) ?? [];
    const words = (...keys) => keys.map((key) => h('p', {}, app.t(key)));
    this.#show(app.t('help.title'),
      words('help.intro', 'help.map', 'help.places', 'help.slab'),
      h('dl', { class: 'keys views' }, views.flatMap((view) => [h('dt', {}, app.local(view)), h('dd', {}, app.t(`view.${view.id}`))])),
      words('help.why', 'help.words', 'help.picture'),
      h('dl', { class: 'keys' }, keys.flatMap(([names, key]) => [
        h('dt', {}, names.split('  ').map((name, i) => [i ? ' ' : null, h('kbd', {}, name)]).flat()),
        h('dd', {}, app.t(key))])),
      h('p', { class: 'quiet' }, app.t('help.about', { version: app.build?.version ?? '' }), ' ',
        h('a', { href: 'NOTICES.txt' }, app.t('help.notices'))));
  }

  /**
   * The person's own text, with the error at its place when there is one. id: of the own scenario that it replaces; without
   * it becomes one of its own. from: the lesson, which is open, that it is a copy of. step: at
   * which written step the text is shown.
   */
  paste(text, error, { name, id, from, step } = {}) {
    const { app } = this;
    if (!canBeEdited(text)) {
      this.#show(name ?? app.t('paste.title'),
        error ? h('div', { id: 'paste-error', role: 'alert' }, h('p', { class: 'error' }, errorPlace(app, error)), excerpt(text, error)) : null,
        h('p', {}, app.t('paste.tooLong')), error ? h('p', { class: 'quiet' }, app.t('paste.kept')) : null);
      return;
    }
    const area = h('textarea', { spellcheck: 'false', 'aria-label': app.t('paste.label'), id: 'paste-text' });
    area.value = text;
    const message = h('div', { id: 'paste-error', role: 'alert' });
    const show = (found) => {
      fill(message, h('p', { class: 'error' }, errorPlace(app, found)), excerpt(area.value, found), h('p', { class: 'quiet' }, app.t('paste.kept')));
      const at = offsetOf(area.value, found);
      if (at >= 0) {
        area.focus();
        area.setSelectionRange(at, at + 1);
      }
    };
    const load = async () => {
      const text = area.value;
      const here = from || id === app.scenario?.id ? app.state : null;
      const found = await app.openOwn(text, id, { from });
      if (found) {
        show(found);
        app.find().then(({ bringOther }) => bringOther(text), () => {});  // something else that can be opened is
      }
      else this.dialog.close();
      if (found === null) {
        if (here) await app.backTo(here);  // what was changed is seen from where it was changed
        if (!app.wide.matches) app.showPanel('steps');
        this.toast(app.t('gallery.loaded'));
      }
    };
    this.show(name ?? app.t('paste.title'), [h('p', {}, app.t(step === undefined ? 'paste.hint' : 'paste.changeHint')), message, area,
      h('div', { class: 'row' }, h('button', { type: 'button', id: 'paste-load', onclick: load }, app.t('paste.load')))], { wide: true });
    if (error) show(error);
    else area.focus();
    if (step > 0) selectPart(area, stepIn(text, step));
  }

  /** /proc/buddyinfo of any machine, pasted: what it says, and this machine with so many free blocks. */
  buddyinfo(given = '') {
    const { app } = this;
    const area = h('textarea', { spellcheck: 'false', 'aria-label': app.t('buddyinfo.label'), id: 'buddyinfo-text', maxlength: String(BUDDYINFO_MAX) });
    const answer = h('div', { id: 'buddyinfo-answer', 'aria-live': 'polite' });
    const load = async (text) => {
      const { text: scenario, error } = app.engine.buddyinfoScenario(text);
      const refused = error ?? await app.openOwn(scenario);
      if (refused) {
        fill(answer, h('p', { class: 'error', role: 'alert' }, errorPlace(app, refused)));
        return;
      }
      this.dialog.close();
      if (refused === null) this.toast(app.t('gallery.loaded'));
    };
    const read = () => {
      const text = area.value;
      const { zones, misfit, made, unmade, cut, error } = app.engine.readBuddyinfo(text);
      if (error) {
        fill(answer, h('p', { class: 'error', role: 'alert' }, errorPlace(app, error)), excerpt(text, error), h('p', { class: 'quiet' }, app.t('paste.kept')));
        return;
      }
      fill(answer,
        cut ? h('p', { class: 'quiet', id: 'buddyinfo-cut' }, app.t('buddyinfo.cut', { why: app.local(cut) })) : null,
        misfit ? h('p', { class: 'quiet', id: 'buddyinfo-misfit' }, app.t('buddyinfo.misfit', { why: app.local(misfit) })) : null,
        unmade ? h('p', { class: 'quiet', id: 'buddyinfo-unmade' }, app.t('buddyinfo.unmade', { why: app.local(unmade) })) : null,
        misfit && !made ? null
          : h('div', { class: 'row' }, h('button', { type: 'button', id: 'buddyinfo-load', onclick: () => load(text) }, app.t('buddyinfo.load')),
            h('span', { class: 'quiet' }, app.t(made ? 'buddyinfo.madeHint' : 'buddyinfo.loadHint', { arch: made }))),
        zones.map((zone) => zoneTable(app, zone)),
        h('p', { class: 'quiet' }, app.t('buddyinfo.indices')));
    };
    this.#show(app.t('buddyinfo.title'), h('p', {}, app.t('buddyinfo.hint')), area,
      h('div', { class: 'row' }, h('button', { type: 'button', id: 'buddyinfo-go', onclick: read }, app.t('buddyinfo.go'))), answer);
    area.focus();
    if (given === '') return;
    area.value = given.slice(0, BUDDYINFO_MAX + 1);  // one that is too long is refused as such
    read();
  }

  /**
   * The engine or the picture is gone: says so, keeps the words, and offers a file that reproduces it. title() and text()
   * give what is said in the language of the page; detail is the browser's own.
   */
  trouble(title, text, { report = false, reload = true, detail = '' } = {}) {
    this.#troubled = { title, text, report, reload, detail };
    $('loading').hidden = true;
    $('trouble').hidden = false;
    this.#tellTrouble();
  }

  #tellTrouble() {
    const { app } = this;
    const { title, text, report, reload, detail } = this.#troubled;
    fill($('trouble'), h('h2', {}, title()), h('p', {}, plain(text())), detail ? h('pre', {}, plain(detail, TOLD_MAX)) : null,
      h('div', { class: 'row' },
        report ? h('button', { type: 'button', id: 'save-report', onclick: () => this.#saveReport() }, app.t('trouble.save')) : null,
        reload ? h('button', { type: 'button', onclick: () => location.reload() }, app.t('trouble.reload')) : null));
  }

  #saveReport() {
    const { app } = this;
    download('mmscope-report.json', JSON.stringify({
      format: 'mmscope-report/1',
      link: location.hash,
      browser: navigator.userAgent,
      at: app.state?.at,
      step: app.state?.step,
      event: app.state?.event,
      ...app.engine.report(),
      scenario: app.source,
    }, null, 1));
  }
}

// One zone of a pasted /proc/buddyinfo.
function zoneTable(app, zone) {
  const size = zone.free_bytes === undefined ? '' : ` = ${group(Math.round(zone.free_bytes / 1024))} KiB`;
  const largest = zone.largest_order < 0 ? app.t('buddyinfo.nothing') : app.t('buddyinfo.largest', { order: zone.largest_order });
  const heads = ['order', 'free', 'unusable', 'fragmentation'];
  return h('table', { class: 'check-table' },
    h('caption', {}, `Node ${zone.node}, zone ${zone.zone}: ${app.t('buddyinfo.pages', { n: group(zone.free_pages) })}${size}, ${largest}`),
    h('thead', {}, h('tr', {}, heads.map((name) => h('th', { scope: 'col', class: 'n' }, app.t(`buddyinfo.${name}`))))),
    h('tbody', {}, zone.orders.map((row, order) => h('tr', {},
      [order, group(row.nr_free), row.unusable, row.fragmentation].map((cell) => h('td', { class: 'n' }, String(cell)))))));
}

/** Selects a part of a long text and scrolls to where it begins. */
function selectPart(area, part) {
  if (!part) return;
  const text = area.value;
  area.value = text.slice(0, part[0]);
  const above = area.scrollHeight - area.clientHeight;
  area.value = text;
  area.setSelectionRange(...part);
  area.scrollTop = above > 0 ? above + area.clientHeight / 2 : 0;
}

const errorPlace = (app, error) => plain(app.errorText(error), TOLD_MAX);

const canBeEdited = (text) => text.length <= EDIT_CHARACTERS && lineAt(text, EDIT_LINES + 1)[0] >= text.length;

function offsetOf(text, error) {
  if (!error.line) return -1;
  const [from, to] = lineAt(text, error.line);
  return from + unitsBefore(text.slice(from, to), error.column);
}

// The line of the error with the place marked, and the line before it.
function excerpt(text, error) {
  if (!error.line) return null;
  const line = text.slice(...lineAt(text, error.line));
  const at = unitsBefore(line, error.column);
  const from = wholeAt(line, Math.max(0, at - 60));
  const behind = at + (line.codePointAt(at) > 0xffff ? 2 : 1);
  const number = (n) => `${String(n).padStart(4)}  `;
  const part = (of, begin, end) => plain(of.slice(wholeAt(of, begin), wholeAt(of, end)));
  const before = error.line > 1 ? part(text.slice(...lineAt(text, error.line - 1)), from, from + 110) : '';
  return h('div', { class: 'error-place' },
    error.line > 1 ? `${number(error.line - 1)}${before}\n` : '',
    number(error.line), part(line, from, at), h('mark', {}, part(line, at, behind) || ' '), part(line, behind, at + 50));
}
