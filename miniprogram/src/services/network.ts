/** The state of the network connection. */

/** Calls the listener with the current state, then at every change. Returns the function that unsubscribes it. */
export function watchNetwork(listener: (isConnected: boolean) => void): () => void {
  const onChange = ({ isConnected }: { isConnected: boolean }) => listener(isConnected);
  wx.onNetworkStatusChange(onChange);
  void wx.getNetworkType().then(({ networkType }) => listener(networkType !== 'none'));
  return () => wx.offNetworkStatusChange(onChange as never); // WeChat's types omit the parameter of the listener
}
