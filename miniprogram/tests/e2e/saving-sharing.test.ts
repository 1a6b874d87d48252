/** Saving and sharing a finished work, and deleting all data. */

import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a user who denied access to the album is sent to the settings, and then the result is saved', async (app) => {
  const work = await app.createWork();
  await app.openApp(`/#/pages/job/job?id=${work.id}`);
  await app.expectResult();
  await app.tap(app.t('job', 'save'));
  await app.declineDialog();
  await app.expectMessage(app.t('job', 'album_title'));
  await app.confirmDialog();
  await app.dialog.getByRole('switch').check();
  const saved = await app.waitForDownload(() => app.confirmDialog());
  expect(saved.suggestedFilename()).toMatch(/\.jpg$/);
  await app.expectMessage(app.t('job', 'saved'));
});

scenario('a shared work is visible without a login', async (app, { openAnotherApp }) => {
  const work = await app.createWork({ title: '给你看的' });
  await app.openApp(`/#/pages/job/job?id=${work.id}`);
  await app.expectResult();
  await app.tap(app.t('job', 'share'));
  await app.tap(app.t('job', 'share_friend'));
  const link = await app.dialog.getByRole('textbox').inputValue();
  expect(link).toContain('/pages/share/share?token=');

  const visitor = await openAnotherApp();
  await visitor.openApp(link);
  await visitor.expectText(/给你看的/);
  await visitor.expectImages(1);
  expect(visitor.requests.filter((request) => /\/auth\//.test(request.url()) || request.headers().authorization)).toEqual([]);
});

scenario('a post in Moments opens the shared work in single-page mode without a login', async (app, { openAnotherApp }) => {
  const work = await app.createWork();
  const { token } = await app.callApi<{ token: string }>(`/v1/stylizations/${work.id}/share`, { method: 'POST' });
  const visitor = await openAnotherApp();
  await visitor.openApp(`/?scene=1154#/pages/share/share?token=${token}`);
  await visitor.expectText(visitor.t('share', 'single_note'));
  await visitor.expectImages(1);
  expect(visitor.requestsTo('POST', /auth/)).toEqual([]);
});

scenario('a revoked share link shows that the work is no longer shared', async (app, { openAnotherApp }) => {
  const work = await app.createWork();
  const { token } = await app.callApi<{ token: string }>(`/v1/stylizations/${work.id}/share`, { method: 'POST' });
  await app.callApi(`/v1/stylizations/${work.id}/share`, { method: 'DELETE' });
  const visitor = await openAnotherApp();
  await visitor.openApp(`/#/pages/share/share?token=${token}`);
  await visitor.expectText(visitor.t('share', 'title_unavailable'));
});

scenario('a poster with photo and result is created and shown', async (app) => {
  const work = await app.createWork();
  await app.openApp(`/#/pages/job/job?id=${work.id}`);
  await app.expectResult();
  await app.tap(app.t('job', 'share'));
  await app.tap(app.t('job', 'poster'));
  const poster = app.dialog.locator('img');
  await poster.waitFor();
  expect(await poster.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalHeight > image.naturalWidth))).toBe(true);
});

scenario('all data is deleted after two confirmations, and the list of works is empty', async (app) => {
  await app.createWork();
  await app.goToTab('mine');
  await app.tap(app.t('mine', 'erase'));
  await app.tap(app.t('mine', 'erase_next'));
  await app.byRole('textbox', app.t('mine', 'erase_phrase_hint')).fill(app.t('mine', 'erase_phrase'));
  await app.tap(app.t('mine', 'erase_yes'));
  await app.expectText(app.t('mine', 'erased_text'));
  await app.tap(app.t('mine', 'erased_ok'));
  await app.goToTab('works');
  await app.expectText(app.t('works', 'none_title'));
  expect(await app.listWorks()).toHaveLength(0);
});
