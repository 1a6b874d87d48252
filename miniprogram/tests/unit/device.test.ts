/** What services ask of the phone: photographs, album, consent, messages, storage. */
import { FakeWx, fresh } from './fake-wx';

const MIB = 1024 * 1024;

let wx: FakeWx;
let sizes: Record<string, { width: number; height: number; size: number }>;

beforeEach(() => {
  jest.useFakeTimers();
  wx = new FakeWx();
  sizes = { 'wxfile://small': { width: 800, height: 600, size: MIB } };
  wx.answers(({ url, method }) => {
    if (url.endsWith('/v1/config')) return { status: 200, body: { max_upload_mb: 15 } };
    if (url.endsWith('/v1/me') && method === 'DELETE') return { status: 202, body: { erased_at: '2026-03-08T06:00:00Z' } };
    return url.includes('/v1/pictures/') ? { path: 'wxfile://result' } : undefined;
  });
});

afterEach(() => jest.useRealTimers());

const failing = (errMsg: string) => async () => {
  throw { errMsg };
};

function phone(more: Record<string, unknown> = {}) {
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
    ...more,
  });
  return fresh(() => ({
    ...(require('../../src/services/photos') as typeof import('../../src/services/photos')),
    ...(require('../../src/services/album') as typeof import('../../src/services/album')),
    ...(require('../../src/services/subscribe-messages') as typeof import('../../src/services/subscribe-messages')),
    ...(require('../../src/services/privacy') as typeof import('../../src/services/privacy')),
    ...(require('../../src/services/account') as typeof import('../../src/services/account')),
    ...(require('../../src/i18n/index') as typeof import('../../src/i18n/index')),
    ...(require('../../src/store/stored-value') as typeof import('../../src/store/stored-value')),
    ...(require('../../src/store/draft') as typeof import('../../src/store/draft')),
    ...(require('../../src/store/tab-parameters') as typeof import('../../src/store/tab-parameters')),
    ...(require('../../src/store/recent-works') as typeof import('../../src/store/recent-works')),
    ...(require('../../src/store/preferences') as typeof import('../../src/store/preferences')),
  }));
}

// Photographs

test('a photograph comes with its size', async () => {
  expect(await phone().photos.choose('album')).toEqual({ path: 'wxfile://small', width: 800, height: 600, bytes: MIB });
});

test('one of many pixels is reduced to a long side of 2048', async () => {
  sizes['wxfile://small'] = { width: 4096, height: 3072, size: 3 * MIB };

  expect(await phone().photos.choose('album')).toMatchObject({ path: 'wxfile://reduced', width: 2048, height: 1536 });
});

test('what stays too large is refused with the limit', async () => {
  sizes['wxfile://small'] = { width: 4096, height: 3072, size: 30 * MIB };

  await expect(phone({ compressImage: failing('compressImage:fail') }).photos.choose('album')).rejects.toMatchObject({
    code: 'file_too_large', message: '图片过大，上限为 15 MB。',
  });
});

test('a picture that the phone cannot read is left for the service to judge', async () => {
  sizes = {};

  expect(await phone().photos.choose('album')).toEqual({ path: 'wxfile://small', width: 0, height: 0, bytes: 0 });
});

test('calling it off is no error', async () => {
  expect(await phone({ chooseMedia: failing('chooseMedia:fail cancel') }).photos.choose('camera')).toBeNull();
});

test.each([
  ['chooseMedia:fail privacy permission is not authorized', 'privacy_refused'],
  ['chooseMedia:fail auth deny', 'camera_denied'],
])('%s is told as %s', async (errMsg, code) => {
  await expect(phone({ chooseMedia: failing(errMsg) }).photos.choose('album')).rejects.toMatchObject({ code });
});

test('a cut photograph takes the place of the whole one', async () => {
  sizes['wxfile://cut'] = { width: 600, height: 600, size: MIB };
  const { photos } = phone({ cropImage: ({ success }: { success(result: object): void }) => success({ tempFilePath: 'wxfile://cut' }) });

  expect(await photos.crop({ path: 'wxfile://small', width: 800, height: 600, bytes: MIB })).toMatchObject({ path: 'wxfile://cut', width: 600 });
});

test('a picture of a chat is given once', async () => {
  wx.enterOptions = { scene: 1173, forwardMaterials: [{ path: 'wxfile://small' }] };
  const { photos } = phone();

  expect([(await photos.fromChat())?.path, await photos.fromChat()]).toEqual(['wxfile://small', null]);
});

test('other ways in bring no picture', async () => {
  expect(await phone().photos.fromChat()).toBeNull();
});

// The album

test('a result is fetched and saved', async () => {
  const save = jest.fn(async () => ({}));

  await phone({ saveImageToPhotosAlbum: save }).album.save('https://api.test/v1/pictures/pic_1?exp=1');

  expect(save).toHaveBeenCalledWith({ filePath: 'wxfile://result' });
});

test.each([
  ['saveImageToPhotosAlbum:fail auth deny', 'album_denied'],
  ['saveImageToPhotosAlbum:fail privacy permission is not authorized', 'privacy_refused'],
  ['saveImageToPhotosAlbum:fail authorize no response', 'album_denied'],
  ['saveImageToPhotosAlbum:fail no space left on device', 'save_failed'],
  ['saveImageToPhotosAlbum:fail cancel', 'aborted'],
])('%s is told as %s', async (errMsg, code) => {
  const { album } = phone({ saveImageToPhotosAlbum: failing(errMsg) });

  await expect(album.save('https://api.test/v1/pictures/pic_1')).rejects.toMatchObject({ code });
});

test.each([
  [{ 'scope.writePhotosAlbum': true }, true],
  [{ 'scope.writePhotosAlbum': false }, false],
  [{}, false],
])('settings %j mean allowed: %s', async (authSetting, allowed) => {
  expect(await phone({ openSetting: async () => ({ authSetting }) }).album.openSettings()).toBe(allowed);
});

// Consent and messages

test('only templates that were accepted are told', async () => {
  const { subscribeMessages } = phone({ requestSubscribeMessage: async () => ({ a: 'accept', b: 'reject', errMsg: 'ok' }) });

  expect(await subscribeMessages.request(['a', 'b'])).toEqual(['a']);
});

test('without templates nobody is asked, and a refusal to be asked is no error', async () => {
  const { subscribeMessages } = phone({ requestSubscribeMessage: failing('requestSubscribeMessage:fail can only be invoked by user TAP gesture') });

  expect([await subscribeMessages.request([]), await subscribeMessages.request(['a'])]).toEqual([[], []]);
});

test('a refused consent is told', async () => {
  const { privacy } = phone({ requirePrivacyAuthorize: ({ fail }: { fail(): void }) => fail() });

  expect(await privacy.agree()).toBe(false);
});

test('where the platform knows no consent there is none to ask for', async () => {
  const { privacy } = phone({ canIUse: () => false });

  expect(await privacy.agree()).toBe(true);
});

// Being forgotten

test('whoever is erased leaves nothing on the phone but the language', async () => {
  const { account, preferences } = phone();
  preferences.set({ language: 'en' });
  wx.storage.set('recent-works', ['a work']);

  await account.eraseEverything();

  expect(wx.storage.get('preferences')).toEqual({ language: 'en' });
  expect(wx.storage.has('recent-works')).toBe(false);
  expect(wx.storage.has('token')).toBe(false);
});

test('nor does the running program remember anything of them', async () => {
  const { account, draft, recentWorks } = phone();
  const emptyDraft = draft.get();
  draft.set({ ...emptyDraft, photo: { pictureId: 'pic_1', thumbUrl: 'https://api.test/t', width: 8, height: 6 } });
  recentWorks.keep([{ id: 'stl_1', created_at: '2026-01-01T00:00:00Z' }] as never);

  await account.eraseEverything();

  expect([draft.get(), recentWorks.all()]).toEqual([emptyDraft, []]);
});

test('the language that was chosen stays without a flicker', async () => {
  const { account, onLanguageChange, setLanguage } = phone();
  setLanguage('en');
  const changed = jest.fn();
  onLanguageChange(changed);

  await account.eraseEverything();

  expect(changed).not.toHaveBeenCalled();
});

test('what the service did not erase is kept', async () => {
  const { account, recentWorks } = phone();
  recentWorks.keep([{ id: 'stl_1', created_at: '2026-01-01T00:00:00Z' }] as never);
  wx.answers(({ method }) => (method === 'DELETE' ? { fail: 'timeout' } : undefined));

  await expect(account.eraseEverything()).rejects.toMatchObject({ code: 'timeout' });

  expect(recentWorks.all()).toHaveLength(1);
});

// Storage

test('a stored value gains the fields of a newer version', () => {
  const { storedValue } = phone();
  wx.storage.set('look', { tau: 0.5 });

  expect(storedValue('look', { tau: 1, keepColor: false }).get()).toEqual({ tau: 0.5, keepColor: false });
});

test('a full storage loses the value, not the page', () => {
  const { storedValue } = phone({
    setStorageSync: () => {
      throw new Error('setStorageSync:fail storage is full');
    },
  });
  const value = storedValue('a', 1);

  value.set(2);

  expect(value.get()).toBe(2);
});

test('what is left for another page is taken once', () => {
  const { tabParameters } = phone();
  tabParameters.set({ styleId: 'great-wave' });

  expect([tabParameters.take(), tabParameters.take()]).toEqual([{ styleId: 'great-wave' }, null]);
});

test('the last thirty works are kept, the newest first', () => {
  const work = (minute: number) => ({ id: `stl_${minute}`, created_at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString() });
  const { recentWorks } = phone();
  recentWorks.keep(Array.from({ length: 20 }, (_, index) => work(39 - index)) as never);

  recentWorks.keep(Array.from({ length: 20 }, (_, index) => work(59 - index)) as never);

  const ids = recentWorks.all().map(({ id }) => id);
  expect([ids.length, ids[0], ids[29]]).toEqual([30, 'stl_59', 'stl_30']);
});

test('a first page that is not full is all there is: what was kept beyond it has been deleted', () => {
  const { recentWorks } = phone();
  const [newest, oldest] = ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'].map((created_at) => ({ id: created_at, created_at }));
  recentWorks.keep([newest, oldest] as never);

  recentWorks.keep([newest] as never);

  expect(recentWorks.all()).toEqual([newest]);
});
