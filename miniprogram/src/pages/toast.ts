/** Shows a short message over the page. Does nothing if the text is empty. */
export function showToast(text: string): void {
  if (text) void wx.showToast({ title: text, icon: 'none' });
}
