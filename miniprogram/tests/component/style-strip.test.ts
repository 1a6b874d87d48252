/** The row of styles. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { shower } from './render-component';

const show = shower('style-strip', 'choose', 'broken');

const STYLES = [
  { id: 'pot', name: 'Pottery', thumb: '/pot.webp', own: false, state: 'ready' },
  { id: 'ink', name: 'Ink', thumb: '/ink.webp', own: false, state: 'ready' },
  { id: 'wall', name: 'Wall', thumb: '/wall.webp', own: true, state: 'preparing' },
];

test('names every style, with what is to be known of it', () => {
  expect(show({ styles: STYLES, chosen: ['pot'] }).labels).toEqual([
    `Pottery, ${zh.chosen}`,
    'Ink',
    `Wall, ${zh.style_own}, ${zh.style_preparing}`,
  ]);
});

test('numbers the styles of a mixture as they were chosen', () => {
  const shown = show({ styles: STYLES, chosen: ['ink', 'pot'] });

  expect(shown.labels.slice(0, 2)).toEqual([`Pottery, ${zh.chosen} 2`, `Ink, ${zh.chosen} 1`]);
  expect(shown.words).toBe(`2Pottery1Ink${zh.style_preparing}Wall`);
});

test('marks a single chosen style with a chip instead of a number', () => {
  const shown = show({ styles: STYLES, chosen: ['ink'] });

  expect(shown.inlaid('diamond')).toEqual([1]);
  expect(shown.words).not.toMatch(/\d/);
});

test('says which style was tapped, and which picture does not come', async () => {
  const shown = show({ styles: STYLES });

  await shown.button('Ink').tap();
  await shown.breakPicture('/pot.webp');

  expect(shown.heard).toEqual([
    ['choose', { id: 'ink' }],
    ['broken', { id: 'pot' }],
  ]);
});

test('brings a style into view that was chosen elsewhere, and leaves one alone that was tapped here', async () => {
  const shown = show({ styles: STYLES, chosen: ['wall'] });
  const inView = () => shown.part({ class: 'strip' }).attributes['scroll-into-view'];
  expect(inView()).toBe('edge-2');

  await shown.button('Pottery').tap();
  await shown.set({ chosen: ['pot'] });
  expect(inView()).toBe('edge-2');
  await shown.set({ chosen: ['ink'] });

  expect(inView()).toBe('edge-1');
});

test('speaks the language that is chosen', () => {
  const shown = show({ styles: STYLES });

  setLanguage('en');

  expect(shown.labels[2]).toBe(`Wall, ${en.style_own}, ${en.style_preparing}`);
});
