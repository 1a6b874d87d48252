/** The bar that lets something be undone. */

import { shower } from './render-component';

const show = shower('undo-bar', 'act', 'gone');
const heard = (shown: ReturnType<typeof show>) => shown.heard.map(([name]) => name);

const OPEN = { open: true, text: 'Deleted “Yard”', action: 'Undo', seconds: 3 };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('is not there until there is something to undo', async () => {
  const shown = show({ ...OPEN, open: false });
  expect(shown.words).toBe('');

  await shown.set({ open: true });

  expect(shown.words).toBe('Deleted “Yard”Undo');
  expect(shown.part({ 'aria-role': 'status' }).attributes['aria-live']).toBe('polite');
});

test('is gone after its time', () => {
  const shown = show(OPEN);
  jest.advanceTimersByTime(2999);
  expect(heard(shown)).toEqual([]);

  jest.advanceTimersByTime(1);

  expect(heard(shown)).toEqual(['gone']);
});

test('undoes once and does not go afterwards', async () => {
  const shown = show(OPEN);

  await shown.button('Undo').tap();
  jest.advanceTimersByTime(9000);

  expect(heard(shown)).toEqual(['act']);
});

test('gives the next thing its whole time', async () => {
  const shown = show(OPEN);
  jest.advanceTimersByTime(2000);
  await shown.set({ text: 'Deleted “Hall”' });
  jest.advanceTimersByTime(2000);
  expect(heard(shown)).toEqual([]);

  jest.advanceTimersByTime(1000);

  expect(heard(shown)).toEqual(['gone']);
});

test('closed by the page, it says nothing more', async () => {
  const shown = show(OPEN);
  await shown.set({ open: false });

  jest.advanceTimersByTime(9000);

  expect(heard(shown)).toEqual([]);
});
