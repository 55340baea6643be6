// Runs before anything else, as a plain script: where the page's module does not run, somebody must say so. Without this one,
// too, index.html has the box, and page.css shows it after 4 seconds.
'use strict';
(function () {
  var box = null;
  var why = null;
  var root = document.documentElement;
  var folder = document.currentScript.src.replace(/js\/loads\.js.*$/, '');

  // What is told is in the page, in both languages; here only which of it.
  function show() {
    box = box || document.getElementById('stuck');
    if (!box || !why) return;
    box.className = 'stuck now ' + why.kind;
    box.querySelector('pre').textContent = why.detail.slice(0, 300);
  }
  function fail(kind, detail) {
    if (root.dataset.started || (why && why.kind !== 'missing')) return;
    why = { kind: kind, detail: detail };
    root.dataset.failed = kind;
    show();
  }

  // In a sandbox without allow-same-origin the page has no origin, and a module comes only from a host that allows any.
  var alone = self.origin === 'null';
  window.addEventListener('error', function (event) {
    if (event.target instanceof HTMLScriptElement) fail(alone ? 'sandboxed' : 'missing', event.target.src);
    else if (event.target === window) fail('broken', String(event.message));
  }, true);
  document.addEventListener('securitypolicyviolation', function (event) {
    if (event.blockedURI.indexOf(folder) === 0) fail('blocked', event.effectiveDirective + ': ' + event.blockedURI);
  });
  document.addEventListener('DOMContentLoaded', show);
  document.addEventListener('click', function (event) {
    if (event.target.id !== 'stuck-reload') return;
    event.preventDefault();  // the link itself would lose the place
    location.reload();
  });
})();
