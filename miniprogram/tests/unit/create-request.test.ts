/** The request of the create page. */
import { NOTHING_CHOSEN, withStyle } from '../../src/pages/create/choice';
import { frameHeight, isLocal, missingInput, photoUrl, requestOf } from '../../src/pages/create/request';
import { levelTextKey, tauTextKey } from '../../src/pages/create/text-keys';
import { uploadedPhotoOf } from '../../src/store/draft';

const local = { path: 'wxfile://tmp/photo', width: 1200, height: 900, bytes: 4000 };
const uploaded = { pictureId: 'pic_1', thumbUrl: 'https://example.com/thumb', width: 1200, height: 900 };
const clay = withStyle(NOTHING_CHOSEN, 'clay');
const parameters = { styles: clay.styles, tau: 0.9, keepColor: false, brush: 'fine' as const, levels: null };

test('requires a photo first, then a style', () => {
  expect(missingInput(null, clay)).toBe('need_photo');
  expect(missingInput(local, NOTHING_CHOSEN)).toBe('need_style');
  expect(missingInput(local, clay)).toBeNull();
});

test('a local photo is uploaded; an uploaded photo is referenced by its id', () => {
  expect(requestOf(local, parameters, 'key-1')).toEqual({ ...parameters, photo: { path: local.path }, clientKey: 'key-1' });
  expect(requestOf(uploaded, parameters, 'key-2')).toEqual({ ...parameters, photo: { pictureId: 'pic_1' }, clientKey: 'key-2' });
});

test('both kinds of photo have an image source', () => {
  expect([photoUrl(local), photoUrl(uploaded)]).toEqual([local.path, uploaded.thumbUrl]);
  expect([isLocal(local), isLocal(uploaded)]).toEqual([true, false]);
});

test('returns the photo of a work unless it has been deleted', () => {
  expect(uploadedPhotoOf({ content: { id: 'pic_1', thumb_url: uploaded.thumbUrl, width: 1200, height: 900 } })).toEqual(uploaded);
  expect(uploadedPhotoOf({ content: null })).toBeNull();
});

test('the frame follows the aspect ratio within limits', () => {
  const usual = frameHeight({ width: 1200, height: 900 });

  expect(usual).toBe(515);
  expect(frameHeight({ width: 4000, height: 500 })).toBeLessThan(usual);
  expect(frameHeight({ width: 500, height: 4000 })).toBe(frameHeight({ width: 500, height: 8000 }));
});

test('every strength and level has a description', () => {
  expect([0, 0.2, 0.6, 1, 1.4].map(tauTextKey)).toEqual(['tau_none', 'tau_light', 'tau_middle', 'tau_full', 'tau_beyond']);
  expect([0, 0.5, 1, 1.2].map(levelTextKey)).toEqual(['level_none', 'level_share', 'level_all', 'level_share']);
});
