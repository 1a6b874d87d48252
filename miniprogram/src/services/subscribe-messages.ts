/** WeChat subscribe messages: a message to the user when a job has ended. */
export const subscribeMessages = {
  /**
   * Asks the user for permission and returns the accepted templates; an empty list if WeChat cannot ask.
   * WeChat permits the call only inside a tap.
   */
  async request(templateIds: string[]): Promise<string[]> {
    if (!templateIds.length) return [];
    try {
      const choices = (await wx.requestSubscribeMessage({ tmplIds: templateIds })) as Record<string, unknown>;
      return templateIds.filter((id) => choices[id] === 'accept');
    } catch {
      return [];
    }
  },
};
