"""Other people's methods behind our protocol: forward passes written anew, weights theirs."""
