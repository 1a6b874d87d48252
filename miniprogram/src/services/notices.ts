/** Subscribe messages: a word from WeChat when a work is done. */
export const notices = {
  /** Those of the templates to which one agrees; none where that cannot be asked. Inside a tap only. */
  async ask(templateIds: string[]): Promise<string[]> {
    if (!templateIds.length) return [];
    try {
      const answers = (await wx.requestSubscribeMessage({ tmplIds: templateIds })) as Record<string, unknown>;
      return templateIds.filter((id) => answers[id] === 'accept');
    } catch {
      return [];
    }
  },
};
