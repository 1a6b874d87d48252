/** The services that use the device: photos, album, permissions, messages and storage. */
import { FakeWx, fresh } from './fake-wx';

const MIB = 1024 * 1024;

let wx: FakeWx;
let sizes: Record<string, { width: number; height: number; size: number }>;

beforeEach(() => {
  jest.useFakeTimers();
  wx = new FakeWx();
  sizes = { 'wxfile://small': { width: 800, height: 600, size: MIB } };
  wx.respond(({ url, method }) => {
    if (url.endsWith('/v1/config')) return { status: 200, body: { max_upload_mb: 15 } };
    if (url.endsWith('/v1/me') && method === 'DELETE') return { status: 202, body: { erased_at: '2026-03-08T06:00:00Z' } };
    return url.includes('/v1/pictures/') ? { path: 'wxfile://result' } : undefined;
  });
});

afterEach(() => jest.useRealTimers());

const failing = (errMsg: string) => async () => {
  throw { errMsg };
};

function deviceModules(extra: Record<string, unknown> = {}) {
  wx.install({
    chooseMedia: async () => ({ tempFiles: [{ tempFilePath: 'wxfile://small' }] }),
    getImageInfo: async ({ src }: { src: string }) => sizes[src] ?? Promise.reject({ errMsg: 'getImageInfo:fail' }),
    getFileSystemManager: () => ({
      getFileInfo: ({ filePath, success, fail }: { filePath: string; success(info: { size: number }): void; fail(): void }) => {
        const info = sizes[filePath];
        if (info) success({ size: info.size });
        else fail();
      },
    }),
    compressImage: jest.fn(async ({ compressedWidth, compressedHeight }: Record<string, number>) => {
      sizes['wxfile://reduced'] = { width: compressedWidth ?? 0, height: compressedHeight ?? 0, size: MIB };
      return { tempFilePath: 'wxfile://reduced' };
    }),
    saveImageToPhotosAlbum: jest.fn(async () => ({})),
    ...extra,
  });
  return fresh(() => ({
    ...(require('../../src/services/photos') as typeof import('../../src/services/photos')),
    ...(require('../../src/services/album') as typeof import('../../src/services/album')),
    ...(require('../../src/services/subscribe-messages') as typeof import('../../src/services/subscribe-messages')),
    ...(require('../../src/services/account') as typeof import('../../src/services/account')),
    ...(require('../../src/i18n/index') as typeof import('../../src/i18n/index')),
    ...(require('../../src/store/stored-value') as typeof import('../../src/store/stored-value')),
    ...(require('../../src/store/draft') as typeof import('../../src/store/draft')),
    ...(require('../../src/store/tab-parameters') as typeof import('../../src/store/tab-parameters')),
    ...(require('../../src/store/recent-works') as typeof import('../../src/store/recent-works')),
    ...(require('../../src/store/preferences') as typeof import('../../src/store/preferences')),
  }));
}

// Photos

test('a photo has its size', async () => {
  expect(await deviceModules().photos.choose('album')).toEqual({ path: 'wxfile://small', width: 800, height: 600, bytes: MIB });
});

test('a large photo is reduced to a long side of 2048 px', async () => {
  sizes['wxfile://small'] = { width: 4096, height: 3072, size: 3 * MIB };

  expect(await deviceModules().photos.choose('album')).toMatchObject({ path: 'wxfile://reduced', width: 2048, height: 1536 });
});

test('a photo that stays too large is rejected with the limit', async () => {
  sizes['wxfile://small'] = { width: 4096, height: 3072, size: 30 * MIB };

  await expect(deviceModules({ compressImage: failing('compressImage:fail') }).photos.choose('album')).rejects.toMatchObject({
    code: 'file_too_large', message: '图片过大，上限为 15 MB。',
  });
});

test('a file that the device cannot read is returned unchecked', async () => {
  sizes = {};

  expect(await deviceModules().photos.choose('album')).toEqual({ path: 'wxfile://small', width: 0, height: 0, bytes: 0 });
});

test('a cancelled choice is not an error', async () => {
  expect(await deviceModules({ chooseMedia: failing('chooseMedia:fail cancel') }).photos.choose('camera')).toBeNull();
});

test.each([
  ['chooseMedia:fail privacy permission is not authorized', 'privacy_refused'],
  ['chooseMedia:fail auth deny', 'camera_denied'],
])('%s becomes the code %s', async (errMsg, code) => {
  await expect(deviceModules({ chooseMedia: failing(errMsg) }).photos.choose('album')).rejects.toMatchObject({ code });
});

test('a cropped photo replaces the original', async () => {
  sizes['wxfile://cut'] = { width: 600, height: 600, size: MIB };
  const { photos } = deviceModules({ cropImage: ({ success }: { success(result: object): void }) => success({ tempFilePath: 'wxfile://cut' }) });

  expect(await photos.crop({ path: 'wxfile://small', width: 800, height: 600, bytes: MIB })).toMatchObject({ path: 'wxfile://cut', width: 600 });
});

test('a picture from a chat is returned once', async () => {
  wx.enterOptions = { scene: 1173, forwardMaterials: [{ path: 'wxfile://small' }] };
  const { photos } = deviceModules();

  expect([(await photos.fromChat())?.path, await photos.fromChat()]).toEqual(['wxfile://small', null]);
});

test('other ways to open the app return no picture', async () => {
  expect(await deviceModules().photos.fromChat()).toBeNull();
});

// The album

test('a result is downloaded and saved', async () => {
  const save = jest.fn(async () => ({}));

  await deviceModules({ saveImageToPhotosAlbum: save }).album.save('https://api.test/v1/pictures/pic_1.jpg?exp=1');

  expect(save).toHaveBeenCalledWith({ filePath: 'wxfile://result' });
});

test.each([
  ['saveImageToPhotosAlbum:fail auth deny', 'album_denied'],
  ['saveImageToPhotosAlbum:fail privacy permission is not authorized', 'privacy_refused'],
  ['saveImageToPhotosAlbum:fail authorize no response', 'album_denied'],
  ['saveImageToPhotosAlbum:fail no space left on device', 'save_failed'],
  ['saveImageToPhotosAlbum:fail cancel', 'aborted'],
])('%s becomes the code %s', async (errMsg, code) => {
  const { album } = deviceModules({ saveImageToPhotosAlbum: failing(errMsg) });

  await expect(album.save('https://api.test/v1/pictures/pic_1')).rejects.toMatchObject({ code });
});

test.each([
  [{ 'scope.writePhotosAlbum': true }, true],
  [{ 'scope.writePhotosAlbum': false }, false],
  [{}, false],
])('settings %j mean allowed: %s', async (authSetting, allowed) => {
  expect(await deviceModules({ openSetting: async () => ({ authSetting }) }).album.openSettings()).toBe(allowed);
});

// Messages

test('returns the accepted templates', async () => {
  const { subscribeMessages } = deviceModules({ requestSubscribeMessage: async () => ({ a: 'accept', b: 'reject', errMsg: 'ok' }) });

  expect(await subscribeMessages.request(['a', 'b'])).toEqual(['a']);
});

test('without templates it does not ask, and a failed question is not an error', async () => {
  const { subscribeMessages } = deviceModules({ requestSubscribeMessage: failing('requestSubscribeMessage:fail can only be invoked by user TAP gesture') });

  expect([await subscribeMessages.request([]), await subscribeMessages.request(['a'])]).toEqual([[], []]);
});

// Deleting the user

test('an erased user leaves only the language on the device', async () => {
  const { account, preferences } = deviceModules();
  preferences.set({ language: 'en' });
  wx.storage.set('recent-works', ['a work']);

  await account.eraseEverything();

  expect(wx.storage.get('preferences')).toEqual({ language: 'en' });
  expect(wx.storage.has('recent-works')).toBe(false);
  expect(wx.storage.has('token')).toBe(false);
});

test('an erased user leaves nothing in memory', async () => {
  const { account, draft, recentWorks } = deviceModules();
  const emptyDraft = draft.get();
  draft.set({ ...emptyDraft, photo: { pictureId: 'pic_1', thumbUrl: 'https://api.test/t', width: 8, height: 6 } });
  recentWorks.save([{ id: 'stl_1', created_at: '2026-01-01T00:00:00Z' }] as never);

  await account.eraseEverything();

  expect([draft.get(), recentWorks.all()]).toEqual([emptyDraft, []]);
});

test('an erasure does not change the language', async () => {
  const { account, onLanguageChange, setLanguage } = deviceModules();
  setLanguage('en');
  const changed = jest.fn();
  onLanguageChange(changed);

  await account.eraseEverything();

  expect(changed).not.toHaveBeenCalled();
});

test('a failed erasure keeps the local data', async () => {
  const { account, recentWorks } = deviceModules();
  recentWorks.save([{ id: 'stl_1', created_at: '2026-01-01T00:00:00Z' }] as never);
  wx.respond(({ method }) => (method === 'DELETE' ? { fail: 'timeout' } : undefined));

  await expect(account.eraseEverything()).rejects.toMatchObject({ code: 'timeout' });

  expect(recentWorks.all()).toHaveLength(1);
});

// Storage

test('a stored object gets the fields of a newer version', () => {
  const { storedValue } = deviceModules();
  wx.storage.set('parameters', { tau: 0.5 });

  expect(storedValue('parameters', { tau: 1, keepColor: false }).get()).toEqual({ tau: 0.5, keepColor: false });
});

test('a full storage loses the value but does not fail', () => {
  const { storedValue } = deviceModules({
    setStorageSync: () => {
      throw new Error('setStorageSync:fail storage is full');
    },
  });
  const value = storedValue('a', 1);

  value.set(2);

  expect(value.get()).toBe(2);
});

test('tab parameters are taken once', () => {
  const { tabParameters } = deviceModules();
  tabParameters.set({ styleId: 'great-wave' });

  expect([tabParameters.take(), tabParameters.take()]).toEqual([{ styleId: 'great-wave' }, null]);
});

test('the latest thirty works are saved, newest first', () => {
  const work = (minute: number) => ({ id: `stl_${minute}`, created_at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString() });
  const { recentWorks } = deviceModules();
  recentWorks.save(Array.from({ length: 20 }, (_, index) => work(39 - index)) as never);

  recentWorks.save(Array.from({ length: 20 }, (_, index) => work(59 - index)) as never);

  const ids = recentWorks.all().map(({ id }) => id);
  expect([ids.length, ids[0], ids[29]]).toEqual([30, 'stl_59', 'stl_30']);
});

test('a first page that is not full replaces all saved works', () => {
  const { recentWorks } = deviceModules();
  const [newest, oldest] = ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'].map((created_at) => ({ id: created_at, created_at }));
  recentWorks.save([newest, oldest] as never);

  recentWorks.save([newest] as never);

  expect(recentWorks.all()).toEqual([newest]);
});
