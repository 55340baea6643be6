// Runs before anything else, as a plain script: where the page's module does not run, somebody must say so. Without this one,
// too, index.html has the box, and page.css shows it after 4 seconds.
'use strict';
(function () {
  var root = document.documentElement;
  var folder = document.currentScript.src.replace(/js\/loads\.js.*$/, '');
  var why = null;

  // What is told is in the page, in both languages; here only which of it, and what the browser says.
  function show() {
    var box = document.getElementById('stuck');
    if (!box || !why) return;
    box.className = 'stuck now ' + root.dataset.failed;
    box.querySelector('pre').textContent = why.slice(0, 300);
  }
  function fail(kind, detail) {
    if (root.dataset.started) return;
    why = detail;
    root.dataset.failed = kind;
    show();
  }

  window.addEventListener('error', function (event) {
    // In a sandbox without allow-same-origin the page has no origin, and a module comes only from a host that allows any.
    if (event.target instanceof HTMLScriptElement) fail(self.origin === 'null' ? 'sandboxed' : 'failed', why || event.target.src);
    else if (event.target === window) fail('failed', String(event.message));
  }, true);
  document.addEventListener('securitypolicyviolation', function (event) {
    if (event.blockedURI.indexOf(folder) === 0) fail('failed', event.effectiveDirective + ': ' + event.blockedURI);
  });
  document.addEventListener('DOMContentLoaded', show);
  document.addEventListener('click', function (event) {
    if (event.target.id !== 'stuck-reload') return;
    event.preventDefault();  // the link itself would lose the place
    location.reload();
  });
})();
