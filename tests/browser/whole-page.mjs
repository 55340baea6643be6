// Where the window is small the page begins as the small frame; these tests are of the whole page there.
export async function wholePage(page) {
  await page.waitForFunction(() => document.documentElement.dataset.loaded === '1');
  if (await page.locator('#frame-whole').isVisible()) await page.click('#frame-whole');
}
