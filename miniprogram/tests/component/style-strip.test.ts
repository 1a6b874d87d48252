/** The horizontal list of styles. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { componentRenderer } from './render-component';

const render = componentRenderer('style-strip', 'choose', 'broken');

const STYLES = [
  { id: 'pot', name: 'Pottery', thumb: '/pot.webp', own: false, status: 'ready' },
  { id: 'ink', name: 'Ink', thumb: '/ink.webp', own: false, status: 'ready' },
  { id: 'wall', name: 'Wall', thumb: '/wall.webp', own: true, status: 'preparing' },
];

test('the label of each style states its origin, its status and whether it is chosen', () => {
  expect(render({ styles: STYLES, chosen: ['pot'] }).buttonLabels).toEqual([
    `Pottery, ${zh.chosen}`,
    'Ink',
    `Wall, ${zh.style_own}, ${zh.style_preparing}`,
  ]);
});

test('numbers the styles of a mixture in the order of choice', () => {
  const view = render({ styles: STYLES, chosen: ['ink', 'pot'] });

  expect(view.buttonLabels.slice(0, 2)).toEqual([`Pottery, ${zh.chosen} 2`, `Ink, ${zh.chosen} 1`]);
  expect(view.text).toBe(`2Pottery1Ink${zh.style_preparing}Wall`);
});

test('marks a single chosen style with a diamond instead of a number', () => {
  const view = render({ styles: STYLES, chosen: ['ink'] });

  expect(view.shares('diamond')).toEqual([1]);
  expect(view.text).not.toMatch(/\d/);
});

test('reports the style that was tapped, and a picture that failed to load', async () => {
  const view = render({ styles: STYLES });

  await view.button('Ink').tap();
  await view.failImage('/pot.webp');

  expect(view.events).toEqual([
    ['choose', { id: 'ink' }],
    ['broken', { id: 'pot' }],
  ]);
});

test('scrolls to a style that was chosen elsewhere, but not to one that was tapped here', async () => {
  const view = render({ styles: STYLES, chosen: ['wall'] });
  const inView = () => view.find({ class: 'strip' }).attributes['scroll-into-view'];
  expect(inView()).toBe('edge-2');

  await view.button('Pottery').tap();
  await view.setProperties({ chosen: ['pot'] });
  expect(inView()).toBe('edge-2');
  await view.setProperties({ chosen: ['ink'] });

  expect(inView()).toBe('edge-1');
});

test('uses the current language', () => {
  const view = render({ styles: STYLES });

  setLanguage('en');

  expect(view.buttonLabels[2]).toBe(`Wall, ${en.style_own}, ${en.style_preparing}`);
});
