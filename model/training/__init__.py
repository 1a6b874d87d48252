"""How the generator is trained: pictures, losses of a step, schedule, logbook."""
