"""DualTrans: the network, its training and evaluation, and `model.inference`, its public API."""
