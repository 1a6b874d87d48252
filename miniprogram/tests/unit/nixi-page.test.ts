/** The story of Nixi black pottery is whole: each step has its picture and its words. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nixi as english } from '../../src/i18n/en/nixi';
import { nixi as chinese } from '../../src/i18n/zh/nixi';
import { STEPS } from '../../src/about/nixi/steps';

const PICTURES = join(__dirname, '../../src/about/pictures');
const MOST_BYTES = 250 * 1024;

const files = readdirSync(PICTURES);

test.each(STEPS)('the step %s has a picture and words in both languages', (step) => {
  expect(files).toContain(`${step}.webp`);
  for (const words of [chinese, english]) {
    expect(words[`step_${step}`]).not.toBe('');
    expect(words[`step_${step}_text`]).not.toBe('');
  }
});

test('the pictures are small enough to travel in the package', () => {
  const bytes = files.reduce((sum, name) => sum + statSync(join(PICTURES, name)).size, 0);

  expect(bytes).toBeLessThan(MOST_BYTES);
});
