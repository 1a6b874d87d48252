/** The app as a whole: brings back the work under way, names the tabs in the user's language, offers a new version. */

import { onLanguageChange, t } from './i18n/index';
import { live } from './jobs/live';

const TABS = ['create', 'styles', 'works', 'mine'] as const;

// Errors that nobody catches are left to the platform, which logs them and tells the developers; a person hears of a failure from the page they are on.
App({
  onLaunch() {
    live.recover();
    onLanguageChange(nameTabs);
    wx.onNetworkStatusChange(({ isConnected }) => isConnected && live.resume());
    offerUpdate();
  },

  onShow() {
    live.resume();
    nameTabs();
  },

  onHide() {
    live.pause();
  },
});

/** app.json can name the tabs in one language only. */
function nameTabs(): void {
  TABS.forEach((tab, index) => {
    // Refused where no tab bar is in sight; the next time that the app comes into view names them.
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
