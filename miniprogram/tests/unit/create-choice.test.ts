/** The choice of style parameters. */
import {
  type Choice,
  choiceOf,
  isFullFor,
  maxShare,
  MIN_SHARE,
  missingStyle,
  NOTHING_CHOSEN,
  parametersOfChoice,
  effectiveTau,
  sharesOf,
  withLevel,
  withMixing,
  withShare,
  withStyle,
  withAvailableStyles,
} from '../../src/pages/create/choice';
import { parametersOfWork, type Stylization } from '../../src/services/stylizations';

const idsOf = (choice: Choice) => choice.styles.map(({ id }) => id);
const clay = withStyle(NOTHING_CHOSEN, 'clay');
const mixed = withStyle(withMixing(clay, true), 'wave');
const mixtureOf = (weights: number[]): Choice => ({ ...NOTHING_CHOSEN, mixing: true, styles: weights.map((weight, index) => ({ id: `s${index}`, weight })) });

test('a new style replaces the present one', () => {
  expect(idsOf(withStyle(clay, 'wave'))).toEqual(['wave']);
});

test('in a mixture a tap adds a style with an equal share', () => {
  expect(mixed.styles).toEqual([
    { id: 'clay', weight: 0.5 },
    { id: 'wave', weight: 0.5 },
  ]);
  expect(sharesOf(withStyle(mixed, 'ink')).map(({ share }) => share)).toEqual([1 / 3, 1 / 3, 1 / 3]);
});

test('a full mixture keeps its styles when another one is tapped', () => {
  const full = ['ink', 'fauve'].reduce(withStyle, mixed);

  expect(isFullFor(full, 'glass')).toBe(true);
  expect(withStyle(full, 'glass')).toBe(full);
  expect(isFullFor(full, 'ink')).toBe(false);
  expect(idsOf(withStyle(full, 'ink'))).toEqual(['clay', 'wave', 'fauve']);
});

test('a tap on a style of a mixture removes it, unless it is the last one', () => {
  const alone = withStyle(mixed, 'clay');

  expect(alone.styles).toEqual([{ id: 'wave', weight: 1 }]);
  expect(idsOf(withStyle(alone, 'wave'))).toEqual(['wave']);
});

test('without mixing only the first style stays, with full weight', () => {
  expect(withMixing(withShare(mixed, 'wave', 0.8), false).styles).toEqual([{ id: 'clay', weight: 1 }]);
});

// The shares of a mixture

test('a share of one of two styles leaves the rest to the other', () => {
  expect(withShare(mixed, 'wave', 0.3).styles).toEqual([
    { id: 'clay', weight: 0.7 },
    { id: 'wave', weight: 0.3 },
  ]);
});

test('the other styles keep their order of size when one share changes, and get their shares back', () => {
  const more = withShare(mixtureOf([0.5, 0.3, 0.2]), 's0', 0.7);

  expect(more.styles.map(({ weight }) => weight)).toEqual([0.7, 0.175, 0.125]);
  expect(withShare(more, 's0', 0.5).styles.map(({ weight }) => weight)).toEqual([0.5, 0.3, 0.2]);
});

test('styles at the smallest share grow equally', () => {
  expect(withShare(mixtureOf([0.9, 0.05, 0.05]), 's0', 0.4).styles.map(({ weight }) => weight)).toEqual([0.4, 0.3, 0.3]);
});

test('no sequence of changes removes a style, and each change sets its share', () => {
  for (const weights of [[2, 1], [1, 1, 1], [0.5, 0.3, 0.2], [0.98, 0.01, 0.01], [4, 3, 2, 1], [0.001, 1000, 1, 1]]) {
    let choice = mixtureOf(weights);
    const ids = idsOf(choice);
    for (let step = 0; step < 400; step += 1) {
      const id = ids[step % ids.length] ?? '';
      const share = ((step * 7) % 20) * 0.05;
      choice = withShare(choice, id, share);
      const shares = sharesOf(choice);

      expect(idsOf(choice)).toEqual(ids);
      expect(Math.min(...shares.map((each) => each.share))).toBeGreaterThan(MIN_SHARE - 0.001);
      expect(shares.find((each) => each.id === id)?.share).toBeCloseTo(Math.min(Math.max(share, MIN_SHARE), maxShare(ids.length)), 2);
    }
  }
});

test.each([
  [2, 0.95],
  [3, 0.9],
  [4, 0.85],
])('one of %d styles can have a share of %d', (count, share) => {
  expect(maxShare(count)).toBe(share);
});

test('full levels are sent as null', () => {
  const less = withLevel(clay, 'texture', 0.4);

  expect(less.levels).toEqual({ colour: 1, texture: 0.4, structure: 1 });
  expect(withLevel(less, 'texture', 1).levels).toBeNull();
});

test('the strength is the chosen one, otherwise that of the style, otherwise the default', () => {
  const styles = [{ id: 'clay', default_tau: 0.7 }];

  expect(effectiveTau({ ...clay, tau: 0.2 }, styles, 1)).toBe(0.2);
  expect(effectiveTau(clay, styles, 1)).toBe(0.7);
  expect(effectiveTau(NOTHING_CHOSEN, styles, 1)).toBe(1);
});

test('names the missing input: a style, or the second style of a mixture', () => {
  expect(missingStyle(NOTHING_CHOSEN)).toBe('need_style');
  expect(missingStyle(withMixing(clay, true))).toBe('need_second');
  expect(missingStyle(mixed)).toBeNull();
});

test('a deleted style is removed from the choice', () => {
  const left = withAvailableStyles(mixed, [{ id: 'wave' }]);

  expect(left.styles).toEqual([{ id: 'wave', weight: 1 }]);
  expect(left.mixing).toBe(false);
  expect(withAvailableStyles(mixed, [{ id: 'clay' }, { id: 'wave' }])).toBe(mixed);
  expect(idsOf(withAvailableStyles(mixtureOf([4, 3, 2, 1]), [{ id: 's0' }, { id: 's2' }, { id: 's3' }]))).toEqual(['s0', 's2', 's3']);
});

test.each([
  [[0.6, 0.4]],
  [[0.5, 0.3, 0.2]],
  [[0.4, 0.3, 0.2, 0.1]],
])('restores the choice from a work with the shares %j', (weights) => {
  const { styles } = mixtureOf(weights);
  const work = { style: { id: 's0', name: { zh: '', en: '' } }, styles, tau: 0.8, keep_color: true, brush: 'broad', levels: null } as Stylization;

  const choice = choiceOf(parametersOfWork(work));

  expect(parametersOfChoice(choice, work.tau)).toEqual({ styles, tau: 0.8, keepColor: true, brush: 'broad', levels: null });
  expect(idsOf(withShare(choice, 's1', 0.5))).toEqual(idsOf(choice));
});

test('restores the choice from a work with one style', () => {
  const work = { style: { id: 'clay', name: { zh: '', en: '' } }, styles: null, tau: 0.8, keep_color: true, brush: 'broad', levels: null } as Stylization;

  expect(choiceOf(parametersOfWork(work))).toMatchObject({ styles: [{ id: 'clay', weight: 1 }], mixing: false });
});
