/** WeChat subscribe messages: a message to the user when a job has ended. */
export const subscribeMessages = {
  /**
   * Asks the user for permission and returns the templates that were accepted. Returns none if WeChat cannot ask.
   * WeChat permits the call only inside a tap.
   */
  async request(templateIds: string[]): Promise<string[]> {
    if (!templateIds.length) return [];
    try {
      const answers = (await wx.requestSubscribeMessage({ tmplIds: templateIds })) as Record<string, unknown>;
      return templateIds.filter((id) => answers[id] === 'accept');
    } catch {
      return [];
    }
  },
};
