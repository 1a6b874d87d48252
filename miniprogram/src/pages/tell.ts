/** A few words over the page, which go by themselves; no words, nothing to tell. */
export function tell(words: string): void {
  if (words) void wx.showToast({ title: words, icon: 'none' });
}
