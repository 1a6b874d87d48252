"""A rendered still life: a clay pot, fruit and a cloth beside a window."""
