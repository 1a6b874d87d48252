/** What is sent when the fire is lit, and what keeps it from being lit. */
import { NOTHING_CHOSEN, withStyle } from '../../src/pages/create/choice';
import { frameHeight, isNew, missing, orderOf, photoOf, pictureOf } from '../../src/pages/create/order';
import { levelWord, tauWord } from '../../src/pages/create/strength';

const taken = { path: 'wxfile://tmp/photo', width: 1200, height: 900, bytes: 4000 };
const kept = { pictureId: 'pic_1', thumbUrl: 'https://example.com/thumb', width: 1200, height: 900 };
const clay = withStyle(NOTHING_CHOSEN, 'clay');
const look = { styles: clay.styles, tau: 0.9, keepColor: false, levels: null };

test('a photograph comes first, then a style', () => {
  expect(missing(null, clay)).toBe('need_photo');
  expect(missing(taken, NOTHING_CHOSEN)).toBe('need_style');
  expect(missing(taken, clay)).toBeNull();
});

test('a photograph of the phone is sent, one that the service has is named', () => {
  expect(orderOf(taken, look, 'key-1')).toEqual({ ...look, photo: { path: taken.path }, clientKey: 'key-1' });
  expect(orderOf(kept, look, 'key-2')).toEqual({ ...look, photo: { pictureId: 'pic_1' }, clientKey: 'key-2' });
});

test('either kind of photograph can be seen', () => {
  expect([pictureOf(taken), pictureOf(kept)]).toEqual([taken.path, kept.thumbUrl]);
  expect([isNew(taken), isNew(kept)]).toEqual([true, false]);
});

test('a work gives its photograph again unless it has been forgotten', () => {
  expect(photoOf({ content: { id: 'pic_1', thumb_url: kept.thumbUrl, width: 1200, height: 900 } })).toEqual(kept);
  expect(photoOf({ content: null })).toBeNull();
});

test('the frame has the shape of the photograph, but is never a strip or a tower', () => {
  const usual = frameHeight({ width: 1200, height: 900 });

  expect(usual).toBe(515);
  expect(frameHeight({ width: 4000, height: 500 })).toBeLessThan(usual);
  expect(frameHeight({ width: 500, height: 4000 })).toBe(frameHeight({ width: 500, height: 8000 }));
});

test('every strength has plain words, the ends their own', () => {
  expect([0, 0.2, 0.6, 1, 1.4].map(tauWord)).toEqual(['tau_none', 'tau_hint', 'tau_light', 'tau_full', 'tau_beyond']);
  expect([0, 0.5, 1].map(levelWord)).toEqual(['level_none', 'level_share', 'level_all']);
});
