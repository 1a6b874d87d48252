/** The undo bar. */

import { componentRenderer } from './render-component';

const render = componentRenderer('undo-bar', 'act', 'expired');
const eventNames = (view: ReturnType<typeof render>) => view.events.map(([name]) => name);

const OPEN = { open: true, text: 'Deleted “Yard”', action: 'Undo', seconds: 3 };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('is not rendered until it is opened', async () => {
  const view = render({ ...OPEN, open: false });
  expect(view.text).toBe('');

  await view.setProperties({ open: true });

  expect(view.text).toBe('Deleted “Yard”Undo');
  expect(view.find({ 'aria-role': 'status' }).attributes['aria-live']).toBe('polite');
});

test('reports the end of its time', () => {
  const view = render(OPEN);
  jest.advanceTimersByTime(2999);
  expect(eventNames(view)).toEqual([]);

  jest.advanceTimersByTime(1);

  expect(eventNames(view)).toEqual(['expired']);
});

test('reports a tap on undo, and then no end', async () => {
  const view = render(OPEN);

  await view.button('Undo').tap();
  jest.advanceTimersByTime(9000);

  expect(eventNames(view)).toEqual(['act']);
});

test('a new text restarts the time', async () => {
  const view = render(OPEN);
  jest.advanceTimersByTime(2000);
  await view.setProperties({ text: 'Deleted “Hall”' });
  jest.advanceTimersByTime(2000);
  expect(eventNames(view)).toEqual([]);

  jest.advanceTimersByTime(1000);

  expect(eventNames(view)).toEqual(['expired']);
});

test('reports nothing after the page has closed it', async () => {
  const view = render(OPEN);
  await view.setProperties({ open: false });

  jest.advanceTimersByTime(9000);

  expect(eventNames(view)).toEqual([]);
});
