"""DualTrans: the network, its training and its one door, `model.inference.Stylizer`."""
