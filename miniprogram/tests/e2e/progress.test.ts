/** Jobs in progress: cancelling, leaving and returning. */

import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a queued work can be cancelled', async (app, { worker }) => {
  worker.pause();
  await app.startWork();
  await app.expectText(app.tPattern('job', 'place_next'));
  await app.cancelWork();
  await app.expectText(app.t('job', 'cancelled_title'));

  expect((await app.newestWork()).status).toBe('cancelled');
});

scenario('a running work can be cancelled', async (app, { worker }) => {
  await app.startWork('large.jpg');
  await app.waitForStatus('running');
  worker.pause();
  await app.expectRunning();
  await app.cancelWork();
  await app.confirmCancel();
  await app.expectText(app.t('job', 'cancelled_title'));
  worker.resume();

  expect((await app.newestWork()).status).toBe('cancelled');
});

scenario('the app sends no requests in the background and polls immediately when it returns', async (app, { worker }) => {
  worker.pause();
  await app.startWork();
  await app.expectText(app.tPattern('job', 'place_next'));
  await app.moveToBackground();
  await app.waitForNetworkIdle();
  const requestCount = app.requestsTo('GET', /stylizations\/stl_/).length;
  worker.resume();
  await app.waitForStatus('done');
  expect(app.requestsTo('GET', /stylizations\/stl_/)).toHaveLength(requestCount);

  await app.moveToForeground();
  await app.expectResult();
});

scenario('a work in progress is shown again after the app was closed', async (app, { worker }) => {
  worker.pause();
  await app.startWork();
  await app.expectText(app.tPattern('job', 'place_next'));
  await app.reopenApp();
  await app.tap(app.t('create', 'current_job_back'));
  await app.expectText(app.tPattern('job', 'place_next'));

  worker.resume();
  await app.expectResult();
});
