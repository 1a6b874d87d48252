/** The filters of the history. */
import { chipsOf, isFiltering, NO_FILTERS, queryOf, without } from '../../src/pages/works/filters';
import { STRENGTH_BANDS } from '../../src/pages/strength-bands';

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
    tauBelow: 0.9,
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

test('each band has its bounds in the query; the first and the last band have one bound', () => {
  const queries = STRENGTH_BANDS.map(({ key }) => queryOf({ ...NO_FILTERS, band: key }));

  expect(queries).toEqual([{ tauBelow: 0.5 }, { tauFrom: 0.5, tauBelow: 0.9 }, { tauFrom: 0.9, tauBelow: 1.1 }, { tauFrom: 1.1 }]);
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
