// Which panel is open, and the header: title, machine, language, theme.
import { $, tabs } from './dom.js';
import { group } from './app.js';
import { plain } from './plain.js';

const NAMES = ['lessons', 'steps', 'inspect', 'what', 'proc', 'source', 'check'];
const THEMES = ['auto', 'light', 'dark'];

export function mountPanels(app) {
  let selectTab = () => {};
  const page = $('page');

  function draw() {
    page.dataset.panel = app.panel;
    page.dataset.side = app.side;
    selectTab(app.wide.matches ? app.side : app.panel);
  }

  function drawHeader() {
    const title = plain(app.scenario.title) || app.t('gallery.own');
    const { machine } = app.scenario;
    $('title').textContent = title;
    $('machine').textContent = app.machineText();
    $('machine').title = plain(machine.title || machine.name) + (machine.pages > 0 ? ` · ${app.t('machine.frames', { n: group(machine.pages) })}` : '');
    document.title = `${title} · mmscope`;
  }

  $('skip').onclick = () => {
    if (!app.wide.matches) app.showPanel('steps');
    $('steps').focus();
  };
  $('skip-picture').onclick = () => $('canvas').focus();
  $('skip-controls').onclick = () => ($('go-next').disabled ? $('go-back') : $('go-next')).focus();
  $('lang-en').onclick = () => app.setLanguage('en');
  $('lang-zh').onclick = () => app.setLanguage('zh');
  $('theme').onclick = () => app.setTheme(THEMES[(THEMES.indexOf(app.theme) + 1) % THEMES.length]);
  app.wide.addEventListener('change', () => app.tell('panel', 'state', 'select'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => app.setTheme(app.theme));

  app.on((what) => {
    if (what.has('language')) {
      selectTab = tabs($('panel-tabs'), NAMES.map((name) => ({ id: name, text: app.t(`panel.${name}`), controls: name })),
        (name) => app.showPanel(name));
      $('tab-check').hidden = !app.check;
      $('lang-en').setAttribute('aria-pressed', String(app.language === 'en'));
      $('lang-zh').setAttribute('aria-pressed', String(app.language === 'zh'));
    }
    if (what.has('language') || what.has('theme')) {
      $('theme-name').textContent = app.t(`theme.${app.theme}`);
      $('theme').title = app.t('theme.title');
    }
    if (what.has('language') || what.has('panel')) draw();
    if (app.scenario && (what.has('scenario') || what.has('language') || what.has('machine'))) drawHeader();
  });
}

export const isPanel = (name) => NAMES.includes(name);
