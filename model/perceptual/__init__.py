"""Networks whose features measure style and content: VGG-19, and a compact one of our own."""
