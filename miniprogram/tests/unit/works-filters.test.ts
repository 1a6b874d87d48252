/** What the history is narrowed by. */
import { BANDS, chipsOf, isFiltering, NO_FILTERS, queryOf, without } from '../../src/pages/works/filters';

const say = (key: string, params: Record<string, string> = {}) => [key, ...Object.values(params)].join(' ');

test('no filter asks for everything', () => {
  expect(queryOf(NO_FILTERS)).toEqual({});
  expect(isFiltering(NO_FILTERS)).toBe(false);
});

test('every filter reaches the service', () => {
  const search = queryOf({
    words: ' sea ',
    style: 'great-wave',
    band: 'middle',
    from: '2026-03-01',
    until: '2026-03-31',
    favourites: true,
    status: 'done',
  });

  expect(search).toEqual({
    q: 'sea',
    style: 'great-wave',
    tauFrom: 0.5,
    tauTo: 0.899,
    from: new Date(2026, 2, 1).toISOString(),
    before: new Date(2026, 3, 1).toISOString(),
    favourite: true,
    status: 'done',
  });
});

test('the last day is wholly within', () => {
  const search = queryOf({ ...NO_FILTERS, until: '2026-12-31' });

  expect(search.before).toBe(new Date(2027, 0, 1).toISOString());
});

test('blanks alone are no search', () => {
  expect(queryOf({ ...NO_FILTERS, words: '   ' })).toEqual({});
});

test('the bands of strength leave no step of the slider out and overlap nowhere', () => {
  const steps = Array.from({ length: 31 }, (_, index) => index * 0.05);

  const bandsOfEach = steps.map((tau) => BANDS.filter((band) => tau >= band.from && tau <= band.to).length);

  expect(bandsOfEach).toEqual(steps.map(() => 1));
});

test('each filter has its chip, and taking it off leaves the others', () => {
  const filters = { ...NO_FILTERS, style: 'great-wave', favourites: true, until: '2026-03-31' };

  expect(chipsOf(filters, 'The Great Wave', say)).toEqual([
    { key: 'favourites', name: 'chip_favourites' },
    { key: 'style', name: 'The Great Wave' },
    { key: 'until', name: 'chip_until 2026-03-31' },
  ]);
  expect(without(filters, 'style')).toEqual({ ...NO_FILTERS, favourites: true, until: '2026-03-31' });
});
