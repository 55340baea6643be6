// How tests answer questions in the page, whatever the box is like.

/** Puts __fillIn(box, kind, right, correctly) into the page: fills a box in with the right answer, or with another. It returns what does not fit. */
export const teachToAnswer = (page) => page.evaluate(() => {
  window.__fillIn = (box, kind, right, correctly) => {
    const inputs = [...box.querySelectorAll('.answers input')];
    const labels = [...box.querySelectorAll('.choice')].map((label) => label.querySelector('span').textContent);
    if (kind === 'order') {
      if (!correctly) return '';  // they are never offered in their order
      right.split(' › ').forEach((wanted, place) => {
        const rows = () => [...box.querySelectorAll('.order li')];
        const at = () => rows().findIndex((row) => row.querySelector('.what').textContent === wanted);
        for (let tries = 0; at() > place && tries < 20; ++tries) rows()[at()].querySelector('.up').click();
      });
    } else if (kind === 'several' && labels.length > 0) {
      const wanted = right.split(/, |、/);
      inputs.forEach((input, i) => { input.checked = wanted.includes(labels[i]) === correctly; });
    } else if (labels.length > 0) {
      const index = labels.indexOf(right);
      if (index < 0) return `"${right}" is none of ${labels}`;
      inputs[(index + (correctly ? 0 : 1)) % inputs.length].checked = true;
    } else {
      const wrong = kind === 'number' ? '-77' : '0x1';
      inputs[0].value = correctly ? (kind === 'object' ? right.split(' ')[0] : right) : wrong;
    }
    return '';
  };
});
