/** Whether there is a network: told now, and whenever it comes or goes. */

/** Returns how to hear no more. */
export function watchNetwork(listener: (connected: boolean) => void): () => void {
  const heard = ({ isConnected }: { isConnected: boolean }) => listener(isConnected);
  wx.onNetworkStatusChange(heard);
  void wx.getNetworkType().then(({ networkType }) => listener(networkType !== 'none'));
  return () => wx.offNetworkStatusChange(heard as never); // its type forgets what the listener is told
}
