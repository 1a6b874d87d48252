"""The network of DualTrans: encoder, style controller, decoder and the two discriminators."""
