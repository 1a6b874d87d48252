/** The choice of style parameters. */
import {
  type Choice,
  choiceOfWork,
  missingStyle,
  NOTHING_CHOSEN,
  parametersOfChoice,
  shareOfSecond,
  effectiveTau,
  withLevel,
  withMixing,
  withShareOfSecond,
  withStyle,
  withAvailableStyles,
} from '../../src/pages/create/choice';
import type { Stylization } from '../../src/services/stylizations';

const idsOf = (choice: Choice) => choice.styles.map(({ id }) => id);
const clay = withStyle(NOTHING_CHOSEN, 'clay');
const mixed = withStyle(withMixing(clay, true), 'wave');

test('a new style replaces the present one', () => {
  expect(idsOf(withStyle(clay, 'wave'))).toEqual(['wave']);
});

test('in a mixture the first style stays, and a third one replaces the second', () => {
  expect(idsOf(mixed)).toEqual(['clay', 'wave']);
  expect(idsOf(withStyle(mixed, 'ink'))).toEqual(['clay', 'ink']);
});

test('a tap on a style of a mixture removes it, unless it is the last one', () => {
  const alone = withStyle(mixed, 'clay');

  expect(alone.styles).toEqual([{ id: 'wave', weight: 1 }]);
  expect(idsOf(withStyle(alone, 'wave'))).toEqual(['wave']);
});

test('without mixing only the first style stays, with full weight', () => {
  expect(withMixing(withShareOfSecond(mixed, 0.8), false).styles).toEqual([{ id: 'clay', weight: 1 }]);
});

test('the balance stays when the second style changes', () => {
  const changed = withStyle(withShareOfSecond(mixed, 0.3), 'ink');

  expect(shareOfSecond(changed)).toBeCloseTo(0.3);
  expect(changed.styles).toEqual([
    { id: 'clay', weight: 0.7 },
    { id: 'ink', weight: 0.3 },
  ]);
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
});

test('restores the choice from a work, including a mixture', () => {
  const work = {
    style: { id: 'clay', name: { zh: '', en: '' } },
    styles: [
      { id: 'clay', weight: 0.6 },
      { id: 'wave', weight: 0.4 },
    ],
    tau: 0.8,
    keep_color: true,
    levels: null,
  } as Stylization;

  expect(parametersOfChoice(choiceOfWork(work), work.tau)).toEqual({ styles: work.styles, tau: 0.8, keepColor: true, levels: null });
  expect(choiceOfWork({ ...work, styles: null })).toMatchObject({ styles: [{ id: 'clay', weight: 1 }], mixing: false });
});
