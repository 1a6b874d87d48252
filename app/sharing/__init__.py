"""Works that their owner shows to anybody who has the link."""
