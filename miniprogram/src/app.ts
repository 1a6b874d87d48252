/** The app: resumes the current job, names the tabs in the user's language, offers updates. */

import { onLanguageChange, t } from './i18n/index';
import { currentJob } from './jobs/current-job';

const TABS = ['create', 'styles', 'works', 'mine'] as const;

// There is no global error handler: WeChat logs uncaught errors and reports them to the developers. Pages show their own failures.
App({
  onLaunch() {
    currentJob.recover();
    onLanguageChange(nameTabs);
    wx.onNetworkStatusChange(({ isConnected }) => isConnected && currentJob.resume());
    offerUpdate();
  },

  onShow() {
    currentJob.resume();
    nameTabs();
  },

  onHide() {
    currentJob.pause();
  },
});

/** Sets the tab names at run time, because app.json holds them in one language only. */
function nameTabs(): void {
  TABS.forEach((tab, index) => {
    // The call fails while no tab bar is visible; `onShow` calls it again.
    wx.setTabBarItem({ index, text: t(`${tab}.title`), fail: () => undefined });
  });
}

function offerUpdate(): void {
  const update = wx.getUpdateManager();
  update.onUpdateReady(() => {
    wx.showModal({
      title: t('components.update_title'),
      content: t('components.update_text'),
      confirmText: t('components.update_now'),
      cancelText: t('components.update_later'),
      success: ({ confirm }) => confirm && update.applyUpdate(),
    });
  });
}
