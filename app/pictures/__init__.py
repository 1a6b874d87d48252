"""Photos and pictures: checked uploads, stored photos, and signed URLs that expire."""
