/** What is sent when the fire is lit, and what keeps it from being lit. */
import { NOTHING_CHOSEN, withStyle } from '../../src/pages/create/choice';
import { frameHeight, isNew, missingInput, requestOf, photoOf, photoUrl } from '../../src/pages/create/request';
import { levelTextKey, tauTextKey } from '../../src/pages/create/text-keys';

const taken = { path: 'wxfile://tmp/photo', width: 1200, height: 900, bytes: 4000 };
const kept = { pictureId: 'pic_1', thumbUrl: 'https://example.com/thumb', width: 1200, height: 900 };
const clay = withStyle(NOTHING_CHOSEN, 'clay');
const look = { styles: clay.styles, tau: 0.9, keepColor: false, levels: null };

test('a photograph comes first, then a style', () => {
  expect(missingInput(null, clay)).toBe('need_photo');
  expect(missingInput(taken, NOTHING_CHOSEN)).toBe('need_style');
  expect(missingInput(taken, clay)).toBeNull();
});

test('a photograph of the phone is sent, one that the service has is named', () => {
  expect(requestOf(taken, look, 'key-1')).toEqual({ ...look, photo: { path: taken.path }, clientKey: 'key-1' });
  expect(requestOf(kept, look, 'key-2')).toEqual({ ...look, photo: { pictureId: 'pic_1' }, clientKey: 'key-2' });
});

test('either kind of photograph can be seen', () => {
  expect([photoUrl(taken), photoUrl(kept)]).toEqual([taken.path, kept.thumbUrl]);
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
  expect([0, 0.2, 0.6, 1, 1.4].map(tauTextKey)).toEqual(['tau_none', 'tau_hint', 'tau_light', 'tau_full', 'tau_beyond']);
  expect([0, 0.5, 1].map(levelTextKey)).toEqual(['level_none', 'level_share', 'level_all']);
});
