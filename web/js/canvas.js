// The stage: what colour means in the map, how frames are laid out in it, and what is said while the browser has taken the
// canvas's WebGL context away. The engine draws again by itself when it is given back (shell/main.cpp). places.js has the views.
import { $, h, fill } from './dom.js';

export function mountCanvas(app) {
  function drawChoices() {
    const { colours, layouts } = app.hello;
    const title = (choice) => choice[app.language];
    fill($('colour'), colours.map((c) => h('option', { value: c.id }, title(c))));
    fill($('layout'), layouts.map((l) => h('option', { value: l.id }, title(l))));
  }

  function mark() {
    const { view, colour, layout } = app.state;
    $('map-choices').hidden = view !== 'map';
    $('colour').value = colour;
    $('layout').value = layout;
  }

  const lost = (gone) => () => { $('lost').hidden = !gone; };
  $('canvas').addEventListener('webglcontextlost', lost(true));
  $('canvas').addEventListener('webglcontextrestored', lost(false));
  $('lost-reload').onclick = () => location.reload();

  $('colour').onchange = (event) => app.choose({ colour: event.target.value });
  $('layout').onchange = (event) => app.choose({ layout: event.target.value });

  app.on((what) => {
    if (!app.hello) return;
    if (what.has('language')) drawChoices();
    if (app.ready && (what.has('language') || what.has('view') || what.has('scenario'))) mark();
  });
}
