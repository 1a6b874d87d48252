/** The bands of the style strength: their bounds, the description on the create page, and the filter of the history. */
import { tauTextKey } from '../../src/pages/create/text-keys';
import { bandOf, bandsWithin, STRENGTH_BANDS, type StrengthBand } from '../../src/pages/strength-bands';
import { FALLBACK_STRENGTH_RANGE } from '../../src/services/service-config';

/** What the service finds for the query of a band. */
const contains = ({ from = -Infinity, below = Infinity }: StrengthBand, tau: number) => from <= tau && tau < below;
const bounds = STRENGTH_BANDS.flatMap(({ from }) => (from === undefined ? [] : [from]));

/** Strengths on a fine grid, each bound, and the numbers next to it. */
const strengths = [
  ...Array.from({ length: 15_001 }, (_, index) => index / 10_000),
  ...bounds.flatMap((bound) => [bound - Number.EPSILON, bound, bound + Number.EPSILON]),
];

test('every strength is in exactly one band, the one that describes it', () => {
  const wrong = strengths.filter((tau) => STRENGTH_BANDS.filter((band) => contains(band, tau)).map(({ key }) => key).join() !== bandOf(tau).key);

  expect(wrong).toEqual([]);
});

test('the create page describes a strength by the band that the history finds it in', () => {
  const wrong = strengths.filter((tau) => tau > 0 && tauTextKey(tau) !== `tau_${bandOf(tau).key}`);

  expect(wrong).toEqual([]);
  expect(tauTextKey(0)).toBe('tau_none');
});

test.each([
  [0, 'light'],
  [0.4995, 'light'],
  [0.5, 'middle'],
  [0.8995, 'middle'],
  [0.9, 'full'],
  [1.05, 'full'],
  [1.1, 'beyond'],
  [1.5, 'beyond'],
])('the strength %d is in the band %s', (tau, key) => {
  expect(bandOf(tau).key).toBe(key);
});

test('the filter offers the bands that the range of the service contains', () => {
  const keysWithin = (min: number, max: number) => bandsWithin({ ...FALLBACK_STRENGTH_RANGE, min, max }).map(({ key }) => key);

  expect(keysWithin(0, 1.5)).toEqual(['light', 'middle', 'full', 'beyond']);
  expect(keysWithin(0, 1)).toEqual(['light', 'middle', 'full']);
  expect(keysWithin(0.5, 1.1)).toEqual(['middle', 'full', 'beyond']);
});
