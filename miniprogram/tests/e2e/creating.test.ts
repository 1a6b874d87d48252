/** Creating a work from a photo. */

import { readFileSync } from 'node:fs';

import { NIXI, type Style } from './app-driver';
import { sampleImage } from './sample-images';
import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a photo becomes black pottery; the result can be compared, saved and found in the list of works', async (app) => {
  await app.addPhoto('fine.jpg');
  await app.chooseStyle('尼西黑陶');
  await app.start();
  await app.expectResult();

  await app.compareAt(0.25);
  expect(Number(await app.compareSlider.getAttribute('aria-valuenow'))).toBeCloseTo(25, -1);
  await app.compareAt(0.8);
  expect(Number(await app.compareSlider.getAttribute('aria-valuenow'))).toBeCloseTo(80, -1);

  await app.grantAlbumPermission();
  const saved = await app.saveToAlbum();
  expect(readFileSync(await saved.path()).subarray(0, 2).toString('hex')).toBe('ffd8');
  await app.expectMessage(app.t('job', 'saved'));

  await app.openApp();
  await app.goToTab('works');
  await app.openWork('尼西黑陶');
  await app.expectResult();
  expect((await app.currentWork()).style.id).toBe(NIXI);
});

scenario('a user’s own image becomes a style, and a work is created with it', async (app) => {
  await app.addPhoto();
  await app.tap(app.t('create', 'own_card'));
  await app.chooseFile(sampleImage('stripes.png'), () => app.tap(app.t('styles', 'add_album')));
  await app.byRole('textbox', app.t('styles', 'name_label')).fill('蓝白条纹');
  await app.tap(app.t('styles', 'add_go'));
  await app.styleCard('蓝白条纹').waitFor();
  await app.start();
  await app.expectResult();

  const work = await app.newestWork();
  const customStyle = await app.callApi<Style>(`/v1/styles/${work.style.id}`);
  expect(customStyle).toMatchObject({ kind: 'own', name: { zh: '蓝白条纹' }, status: 'ready' });
});

scenario('at strength 0 the result is nearly identical to the photo', async (app) => {
  await app.addPhoto();
  await app.chooseStyle('尼西黑陶');
  await app.setStrength(0);
  await app.expectText(app.t('create', 'tau_none'));
  await app.start();
  await app.expectResult();

  const work = await app.newestWork();
  expect(work.tau).toBe(0);
  expect(await app.meanDifference(work.content?.url, work.result?.url)).toBeLessThan(8);
});

scenario('at strength 1 the result differs from the photo', async (app) => {
  await app.addPhoto();
  await app.chooseStyle('尼西黑陶');
  await app.setStrength(1);
  await app.start();
  await app.expectResult();

  const work = await app.newestWork();
  expect(work.tau).toBe(1);
  expect(await app.meanDifference(work.content?.url, work.result?.url)).toBeGreaterThan(15);
});

scenario('two styles are mixed with the chosen weights', async (app) => {
  await app.addPhoto();
  await app.chooseStyle('尼西黑陶');
  await app.toggle(app.t('create', 'mix'));
  await app.chooseStyle('青花瓷');
  await app.setSlider(app.t('create', 'mix_balance'), 0.3);
  const secondWeight = await app.sliderValue(app.t('create', 'mix_balance'));
  await app.start();
  await app.expectResult();

  const { styles } = await app.newestWork();
  expect(styles?.map(({ id }) => id).sort()).toEqual(['blue-and-white-porcelain', NIXI]);
  expect(styles?.find(({ id }) => id !== NIXI)?.weight).toBeCloseTo(secondWeight, 1);
});

scenario('a mixture of four styles keeps all of them when it is fired again with another share', async (app) => {
  const ids = [NIXI, 'blue-and-white-porcelain', 'great-wave', 'ink-landscape'];
  const first = await app.createWork({ styles: ids.map((id, index) => ({ id, weight: 4 - index })) });
  await app.openApp(`/#/pages/job/job?id=${first.id}`);
  await app.expectResult();
  await app.tap(app.t('job', 'rerun'));
  await app.setSlider('尼西黑陶', 0.7);
  const share = await app.sliderValue('尼西黑陶');
  await app.chooseStyle('梵高 干草堆');
  await app.expectText(app.t('create', 'mix_full', { count: 4 }));
  await app.tap(app.t('job', 'rerun_more'));
  await app.start();
  await app.waitForWorkCount(2);
  await app.expectResult();

  const { styles } = await app.newestWork();
  expect(styles?.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(styles?.find(({ id }) => id === NIXI)?.weight).toBeCloseTo(share, 1);
});

scenario('a photo is stylized again with another strength, without a second upload', async (app) => {
  await app.startWork();
  await app.expectResult();
  await app.tap(app.t('job', 'rerun'));
  await app.setStrength(0.5);
  const tau = await app.sliderValue(app.t('create', 'tau'));
  await app.tap(app.t('job', 'rerun_start'));
  await app.waitForWorkCount(2);
  await app.expectResult();

  const [second, first] = await app.listWorks();
  expect(second?.tau).toBe(tau);
  expect(second?.content?.id).toBe(first?.content?.id);
  const uploads = app.requestsTo('POST', /stylizations$/).filter((request) => /multipart/.test(request.headers()['content-type'] ?? ''));
  expect(uploads).toHaveLength(1);
});

scenario('a chat image that is opened with the mini program is selected as the photo', async (app) => {
  await app.page.route(({ pathname }) => pathname === '/from-the-chat.jpg', (route) => route.fulfill({ path: sampleImage('photo.jpg') }));
  await app.openApp('/?scene=1173&picture=/from-the-chat.jpg');
  await app.byRole('img', app.t('create', 'photo_alt')).waitFor();
  await app.chooseStyle('尼西黑陶');
  await app.start();
  await app.expectResult();
});

scenario('a user who declines the privacy guidelines gets a message and is asked again the next time', async (app) => {
  await app.tap(app.t('create', 'photo_album'));
  await app.declineDialog();
  await app.expectText(app.t('errors', 'privacy_refused'));

  await app.tap(app.t('create', 'photo_album'));
  await app.chooseFile(sampleImage('photo.jpg'), () => app.confirmDialog());
  await app.byRole('img', app.t('create', 'photo_alt')).waitFor();
}, { hasPrivacyConsent: false });
