/** The platform's privacy consent, without which album and camera stay shut. */
export const privacy = {
  /** Ask for it early; whether it is given. */
  agree(): Promise<boolean> {
    if (!wx.canIUse('requirePrivacyAuthorize')) return Promise.resolve(true);
    return new Promise((resolve) =>
      wx.requirePrivacyAuthorize({ success: () => resolve(true), fail: () => resolve(false) }),
    );
  },

  /** The agreement that was filed with the platform. */
  openContract(): void {
    wx.openPrivacyContract({});
  },
};
