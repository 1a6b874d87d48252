/** The sums behind what a finger draws: no component is needed for them. */

import { frameFor, positionAt } from '../../src/components/compare-view/geometry';
import { HorizontalDrag, directionOf } from '../../src/components/horizontal-drag';
import { stepsAt } from '../../src/components/job-progress/stages';
import { marksWithin, crossesMark, shareOf, valueAt } from '../../src/components/value-slider/scale';
import { restPosition, swipeOffset, restOffset } from '../../src/components/work-card/swipe';

const TRACK = { left: 20, width: 300 };
const TAU = { min: 0, max: 1.5, step: 0.05 };

describe('a slider', () => {
  test.each([
    [20, 0],
    [120, 0.5],
    [123, 0.5],
    [220, 1],
    [320, 1.5],
  ])('has at %d px the value %d', (x, value) => {
    expect(valueAt(x, TRACK, TAU)).toBe(value);
  });

  test('stays on its track, however far the finger goes', () => {
    expect([-500, 5000].map((x) => valueAt(x, TRACK, TAU))).toEqual([0, 1.5]);
  });

  test('shows no 0.15000000000000002', () => {
    expect(valueAt(50, TRACK, TAU)).toBe(0.15);
  });

  test('that has not been laid out is at its beginning', () => {
    expect(valueAt(50, { left: 0, width: 0 }, TAU)).toBe(0);
  });

  test('keeps its steps from its own beginning on', () => {
    expect(valueAt(20 + 300 * 0.49, TRACK, { min: 0.05, max: 0.95, step: 0.3 })).toBe(0.35);
  });

  test('finds back from a value to its place', () => {
    expect([-1, 0, 0.75, 1.5, 9].map((value) => shareOf(value, TAU))).toEqual([0, 0, 0.5, 1, 1]);
  });

  test('has a mark at none, half and whole, as far as it reaches', () => {
    expect(marksWithin(TAU)).toEqual([0, 0.5, 1]);
    expect(marksWithin({ min: 0.05, max: 0.95, step: 0.05 })).toEqual([0.5]);
  });

  test.each([
    [0.45, 0.5, true],
    [0.45, 0.55, true],
    [0.55, 0.5, true],
    [0.5, 0.55, false],
    [0.05, 0, true],
    [1.2, 1.4, false],
  ])('from %d to %d meets a mark: %s', (before, after, met) => {
    expect(crossesMark(before, after, TAU)).toBe(met);
  });
});

describe('the frame of a comparison', () => {
  test('has the shape of its picture and leaves a third of the window free', () => {
    expect(frameFor({ width: 600, height: 800 }, 800)).toEqual({ widest: 420, tall: (800 / 600) * 100 });
  });

  test('is square until the size is known', () => {
    expect(frameFor({ width: 0, height: 0 }, 1000)).toEqual({ widest: 700, tall: 100 });
  });

  test('puts the line under the finger, and never outside', () => {
    expect([20, 95, 320, -9, 999].map((x) => positionAt(x, TRACK))).toEqual([0, 25, 100, 0, 100]);
  });
});

describe('the five steps of the craft', () => {
  test('those before are whole, those after are empty', () => {
    expect(stepsAt('fire', 0.4).map(({ share }) => share)).toEqual([1, 1, 0.4, 0, 0]);
  });

  test('only one is going on', () => {
    expect(stepsAt('polish', 0).filter(({ now }) => now)).toHaveLength(1);
  });

  test('a share is never less than nothing and never more than all', () => {
    expect([-1, 7].map((share) => stepsAt('knead', share)[0]?.share)).toEqual([0, 1]);
  });

  test('what is out of the kiln is whole', () => {
    expect(stepsAt('out', 0).map(({ share }) => share)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('a card that is slid aside', () => {
  test('follows the finger to the left, and not to the right', () => {
    expect([-80, 0, 80].map((moved) => swipeOffset(moved, 160, 0))).toEqual([50, 0, 0]);
  });

  test('goes on from where it lay', () => {
    expect(swipeOffset(16, 160, 44)).toBe(34);
  });

  test.each([
    [10, 'closed', 0],
    [30, 'bare', 44],
    [80, 'gone', 0],
  ] as const)('let go at %d % it is %s', (slide, rest, place) => {
    expect(restPosition(slide)).toBe(rest);
    expect(restOffset(rest)).toBe(place);
  });
});

describe('a finger', () => {
  test.each([
    [{ x: 3, y: 4 }, null],
    [{ x: 9, y: 4 }, 'horizontal'],
    [{ x: -9, y: 4 }, 'horizontal'],
    [{ x: 9, y: 20 }, 'vertical'],
  ])('that went to %j goes %s', (to, way) => {
    expect(directionOf({ x: 0, y: 0 }, to)).toBe(way);
  });

  test('is not followed before the track has been measured, and then from where it is', () => {
    const follow = jest.fn();
    const draw = new HorizontalDrag({ x: 0, y: 0 }, follow);
    draw.move({ x: 30, y: 0 });
    draw.move({ x: 60, y: 0 });
    expect(follow).not.toHaveBeenCalled();

    draw.measured(TRACK);

    expect(follow.mock.calls).toEqual([[{ x: 60, y: 0 }, TRACK]]);
  });

  test('on a handle is followed from its first px', () => {
    const follow = jest.fn();
    const draw = new HorizontalDrag({ x: 0, y: 0 }, follow, true);
    draw.measured(TRACK);
    expect(follow).not.toHaveBeenCalled();

    draw.move({ x: 1, y: 0 });

    expect(follow).toHaveBeenCalledTimes(1);
  });
});
