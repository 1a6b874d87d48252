/** The filters of the history. */
import { chipsOf, isFiltering, NO_FILTERS, queryOf, strengthBands, without } from '../../src/pages/works/filters';
import { FALLBACK_STRENGTH_RANGE } from '../../src/services/service-config';

const text = (key: string, params: Record<string, string> = {}) => [key, ...Object.values(params)].join(' ');

test('the query is empty without filters', () => {
  expect(queryOf(NO_FILTERS)).toEqual({});
  expect(isFiltering(NO_FILTERS)).toBe(false);
});

test('every filter is part of the query', () => {
  const search = queryOf({
    query: ' sea ',
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

test('the last day is included completely', () => {
  const search = queryOf({ ...NO_FILTERS, until: '2026-12-31' });

  expect(search.before).toBe(new Date(2027, 0, 1).toISOString());
});

test('a query of spaces is ignored', () => {
  expect(queryOf({ ...NO_FILTERS, query: '   ' })).toEqual({});
});

test('the strength bands cover every step of the slider without overlap', () => {
  const bands = strengthBands(FALLBACK_STRENGTH_RANGE);
  const steps = Array.from({ length: 31 }, (_, index) => index * 0.05);

  const bandsOfEach = steps.map((tau) => bands.filter((band) => tau >= band.from && tau <= band.to).length);

  expect(bandsOfEach).toEqual(steps.map(() => 1));
});

test('the strength bands follow the range of the service', () => {
  const bands = strengthBands({ min: 0.2, max: 2, step: 0.1, default: 1.2 });

  expect(bands).toEqual([
    { key: 'light', from: 0.2, to: 0.599 },
    { key: 'middle', from: 0.6, to: 1.079 },
    { key: 'full', from: 1.08, to: 1.32 },
    { key: 'beyond', from: 1.321, to: 2 },
  ]);
  expect(strengthBands({ min: 0, max: 1, step: 0.1, default: 1 }).map(({ key }) => key)).toEqual(['light', 'middle', 'full']);
  expect(queryOf({ ...NO_FILTERS, band: 'beyond' }, { min: 0, max: 2, step: 0.1, default: 1 })).toEqual({ tauFrom: 1.101, tauTo: 2 });
});

test('each filter has a chip, and removing one keeps the others', () => {
  const filters = { ...NO_FILTERS, style: 'great-wave', favourites: true, until: '2026-03-31' };

  expect(chipsOf(filters, { style: 'The Great Wave', band: '', status: '' }, text)).toEqual([
    { key: 'favourites', name: 'chip_favourites' },
    { key: 'style', name: 'The Great Wave' },
    { key: 'until', name: 'chip_until 2026-03-31' },
  ]);
  expect(without(filters, 'style')).toEqual({ ...NO_FILTERS, favourites: true, until: '2026-03-31' });
});
