/** The pictures and texts of the page about Nixi black pottery. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nixi as english } from '../../src/i18n/en/nixi';
import { nixi as chinese } from '../../src/i18n/zh/nixi';
import { STEPS } from '../../src/about/nixi/steps';

const PICTURES = join(__dirname, '../../src/about/pictures');
const MAX_BYTES = 250 * 1024;

const files = readdirSync(PICTURES);

test.each(STEPS)('the step %s has a picture, and texts in both languages', (step) => {
  expect(files).toContain(`${step}.webp`);
  for (const texts of [chinese, english]) {
    expect(texts[`step_${step}`]).not.toBe('');
    expect(texts[`step_${step}_text`]).not.toBe('');
  }
});

test('the pictures fit into the package', () => {
  const bytes = files.reduce((sum, name) => sum + statSync(join(PICTURES, name)).size, 0);

  expect(bytes).toBeLessThan(MAX_BYTES);
});
