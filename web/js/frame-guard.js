// An embedded frame leaves its host alone: the wheel and one finger over the picture scroll the host until the frame is
// entered, by a click or tap into the picture or by the keyboard. Then they are the picture's, and Escape leaves. Ctrl+wheel
// and two fingers are the picture's always.
//
//   host scrolls ──click, tap, Tab──► the canvas has the focus: entered ──Escape, focus elsewhere──► host scrolls
//
// The canvas takes every wheel and touch that reaches it (shell/main.cpp), so what is the host's is stopped on its way there.
import { $ } from './dom.js';

export function mountGuard(app) {
  const box = $('view-panel');
  const canvas = $('canvas');
  const root = document.documentElement;
  let gesture = false;  // two fingers have come, and not all have gone

  function enter(entered) {
    app.entered = entered;
    root.toggleAttribute('data-entered', entered);
  }
  function leave() {
    $('mirror').focus({ preventScroll: true });  // what comes behind the picture: Tab goes on from there
    enter(false);
  }

  enter(false);
  canvas.addEventListener('focus', () => enter(true));
  canvas.addEventListener('blur', (event) => { if (event.relatedTarget !== $('frame-leave')) enter(false); });
  $('frame-leave').addEventListener('blur', (event) => { if (event.relatedTarget !== canvas) enter(false); });
  $('frame-leave').onclick = leave;
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !app.entered || $('dialog').open) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leave();
  }, { capture: true });

  const withhold = (event) => { if (event.target === canvas) event.stopPropagation(); };
  box.addEventListener('wheel', (event) => {
    if (!app.entered && !event.ctrlKey) withhold(event);
  }, { capture: true, passive: true });

  // A finger may be about to scroll: a tap enters, not the touch itself.
  box.addEventListener('pointerdown', (event) => {
    if (!app.entered && event.pointerType !== 'mouse') withhold(event);
  }, { capture: true });
  box.addEventListener('click', (event) => {
    if (!app.entered && event.target === canvas) canvas.focus({ preventScroll: true });
  });
  function touched(event) {
    const { length } = event.touches;
    const passed = app.entered || gesture || length > 1;
    gesture = length > 0 && (gesture || length > 1);
    if (!passed) withhold(event);
  }
  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) box.addEventListener(type, touched, { capture: true, passive: true });
}
