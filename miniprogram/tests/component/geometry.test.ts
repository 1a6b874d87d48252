/** The calculations of the components, without rendering. */

import { frameFor, positionAt } from '../../src/components/compare-view/geometry';
import { HorizontalDrag, directionOf } from '../../src/components/horizontal-drag';
import { marksAt } from '../../src/components/job-progress/stages';
import { marksWithin, crossesMark, shareOf, valueAt } from '../../src/components/value-slider/scale';
import { restAfter, swipeOffset, restOffset } from '../../src/components/work-card/swipe';

const TRACK = { left: 20, width: 300 };
const RANGE = { min: 0, max: 1.5, step: 0.05 };

describe('a slider', () => {
  test.each([
    [20, 0],
    [120, 0.5],
    [123, 0.5],
    [220, 1],
    [320, 1.5],
  ])('maps %d px to the value %d', (x, value) => {
    expect(valueAt(x, TRACK, RANGE)).toBe(value);
  });

  test('limits the value to the range', () => {
    expect([-500, 5000].map((x) => valueAt(x, TRACK, RANGE))).toEqual([0, 1.5]);
  });

  test('rounds floating-point errors away', () => {
    expect(valueAt(50, TRACK, RANGE)).toBe(0.15);
  });

  test('returns the minimum if the track has no width', () => {
    expect(valueAt(50, { left: 0, width: 0 }, RANGE)).toBe(0);
  });

  test('counts steps from the minimum', () => {
    expect(valueAt(20 + 300 * 0.49, TRACK, { min: 0.05, max: 0.95, step: 0.3 })).toBe(0.35);
  });

  test('maps a value to its position', () => {
    expect([-1, 0, 0.75, 1.5, 9].map((value) => shareOf(value, RANGE))).toEqual([0, 0, 0.5, 1, 1]);
  });

  test('has marks at 0, 0.5 and 1 within the range', () => {
    expect(marksWithin(RANGE)).toEqual([0, 0.5, 1]);
    expect(marksWithin({ min: 0.05, max: 0.95, step: 0.05 })).toEqual([0.5]);
  });

  test.each([
    [0.45, 0.5, true],
    [0.45, 0.55, true],
    [0.55, 0.5, true],
    [0.5, 0.55, false],
    [0.05, 0, true],
    [1.2, 1.4, false],
  ])('from %d to %d crosses a mark: %s', (before, after, crosses) => {
    expect(crossesMark(before, after, RANGE)).toBe(crosses);
  });
});

describe('the frame of a comparison', () => {
  test('keeps the aspect ratio and leaves 30% of the window free', () => {
    expect(frameFor({ width: 600, height: 800 }, 800)).toEqual({ maxWidth: 420, heightPercent: (800 / 600) * 100 });
  });

  test('is square until the size is known', () => {
    expect(frameFor({ width: 0, height: 0 }, 1000)).toEqual({ maxWidth: 700, heightPercent: 100 });
  });

  test('maps the finger to a position between 0 and 100', () => {
    expect([20, 95, 320, -9, 999].map((x) => positionAt(x, TRACK))).toEqual([0, 25, 100, 0, 100]);
  });
});

describe('the marks of a job', () => {
  test('previous marks are full, later ones empty', () => {
    expect(marksAt('painting', 0.4).map(({ share }) => share)).toEqual([1, 1, 0.4, 0]);
  });

  test.each(['running', 'loading', 'painting', 'storing'] as const)('the stage %s of a running job fills the third mark', (stage) => {
    expect(marksAt(stage, 0.4)).toEqual(marksAt('painting', 0.4));
  });

  test('exactly one mark is current, and it is reached', () => {
    expect(marksAt('queued', 0).filter(({ isCurrent }) => isCurrent)).toMatchObject([{ key: 'queue', isReached: true }]);
  });

  test('limits the share to 0 to 1', () => {
    expect([-1, 7].map((share) => marksAt('upload', share)[0]?.share)).toEqual([0, 1]);
  });

  test('an unknown share leaves the current mark empty', () => {
    expect(marksAt('loading', null).map(({ share }) => share)).toEqual([1, 1, 0, 0]);
  });

  test('the mark done is always full', () => {
    expect(marksAt('done', 0).map(({ share }) => share)).toEqual([1, 1, 1, 1]);
  });
});

describe('a swiped card', () => {
  test('moves to the left only', () => {
    expect([-80, 0, 80].map((moved) => swipeOffset(moved, 160, 0))).toEqual([50, 0, 0]);
  });

  test('continues from its offset', () => {
    expect(swipeOffset(16, 160, 44)).toBe(34);
  });

  test.each([
    [10, 'closed', 0],
    [30, 'open', 44],
    [80, 'removed', 0],
  ] as const)('released at %d % it is %s', (slide, rest, offset) => {
    expect(restAfter(slide)).toBe(rest);
    expect(restOffset(rest)).toBe(offset);
  });
});

describe('a horizontal drag', () => {
  test.each([
    [{ x: 3, y: 4 }, null],
    [{ x: 9, y: 4 }, 'horizontal'],
    [{ x: -9, y: 4 }, 'horizontal'],
    [{ x: 9, y: 20 }, 'vertical'],
  ])('a movement to %j is %s', (to, direction) => {
    expect(directionOf({ x: 0, y: 0 }, to)).toBe(direction);
  });

  test('reports no position before the track is measured, then the latest one', () => {
    const onMove = jest.fn();
    const drag = new HorizontalDrag({ x: 0, y: 0 }, onMove);
    drag.move({ x: 30, y: 0 });
    drag.move({ x: 60, y: 0 });
    expect(onMove).not.toHaveBeenCalled();

    drag.setTrack(TRACK);

    expect(onMove.mock.calls).toEqual([[{ x: 60, y: 0 }, TRACK]]);
  });

  test('on a handle it starts with the first pixel', () => {
    const onMove = jest.fn();
    const drag = new HorizontalDrag({ x: 0, y: 0 }, onMove, true);
    drag.setTrack(TRACK);
    expect(onMove).not.toHaveBeenCalled();

    drag.move({ x: 1, y: 0 });

    expect(onMove).toHaveBeenCalledTimes(1);
  });
});
