// What a person does before the whole engine is there: kept, and done as soon as it is.
//
// Until then nothing reaches the engine but what draws the first picture. Keys, clicks and entries are repeated later,
// in their order; what the pointer does in a picture is not, it is over, nor are dropped files, which a repeated event
// does not hold. The browser's own reaction is left to it (a letter appears in a field, the focus moves), except where
// repeating the event brings it: a click, a form that is sent. What is marked data-through works without the engine.

const REPEATED = ['click', 'keydown', 'input', 'change', 'submit', 'focus', 'blur', 'hashchange', 'resize', 'visibilitychange'];
const DROPPED = ['keyup', 'keypress', 'dblclick', 'wheel', 'drop', 'dragover',
  'pointerdown', 'pointermove', 'pointerup', 'pointerover', 'pointerout', 'pointerenter', 'pointerleave',
  'mousedown', 'mousemove', 'mouseup', 'mouseover', 'mouseout', 'mouseenter', 'mouseleave',
  'touchstart', 'touchmove', 'touchend', 'touchcancel'];
const PREVENTED = ['click', 'submit', 'drop', 'dragover'];

export class Hold {
  #kept = [];
  #listener = null;

  /** onAct() is called when the person does something that has to wait. */
  begin(onAct) {
    this.#listener = (event) => {
      if (event.target instanceof Element && event.target.closest('[data-through]')) return;
      event.stopImmediatePropagation();
      if (PREVENTED.includes(event.type)) event.preventDefault();
      if (REPEATED.includes(event.type)) this.#kept.push(event);
      if (event.type === 'click' || event.type === 'keydown' || event.type === 'drop') onAct();
    };
    for (const type of [...REPEATED, ...DROPPED]) window.addEventListener(type, this.#listener, { capture: true, passive: false });
  }

  end() {
    for (const type of [...REPEATED, ...DROPPED]) window.removeEventListener(type, this.#listener, { capture: true });
    this.#listener = null;
    for (const event of this.#kept.splice(0)) event.target.dispatchEvent(new event.constructor(event.type, event));
  }
}
