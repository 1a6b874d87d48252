"""The generator of DualTrans, part by part: tokens, blocks, location, style control, generator."""
