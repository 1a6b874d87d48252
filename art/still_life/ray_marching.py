"""Ray marching: follow rays until they reach the surface of a solid, or pass close to it.

N rays with N origins. Directions have length 1; t is the distance along a ray, in scene units.
"""

import numpy as np

from art.noise import fp32, smoothstep
from art.still_life.solids import Points, Solid, Values, nearest_solid


def march(solids: list[Solid], origins: Points, directions: Points, limit: Values) -> Values:
    """Return the t at which each ray reaches the first solid, or `limit` if it reaches none."""
    t, t_exit = _bounds(solids, origins, directions)
    result = limit.copy()
    active = np.flatnonzero((t < t_exit) & (t < limit))
    t = t[active]
    for _ in range(110):
        distance, _index = nearest_solid(solids, origins[active] + directions[active] * t[:, None])
        is_hit = distance < 0.0012 * np.maximum(t, 1)
        result[active[is_hit]] = t[is_hit]
        t = t + distance * np.float32(0.85)
        is_active = ~is_hit & (t < t_exit[active]) & (t < limit[active])
        active, t = active[is_active], t[is_active]
        if not active.size:
            break
    return result


def light_visibility(solids: list[Solid], origins: Points, directions: Points) -> Values:
    """Return the visible share (0 to 1) of a broad light.

    The closer a ray passes to a solid, the smaller the share.
    """
    t, t_exit = _bounds(solids, origins, directions)
    visible = np.ones(len(origins), dtype=np.float32)
    active = np.flatnonzero(t < t_exit)
    rng = np.random.default_rng(len(origins))
    t = np.maximum(t[active], 0.015) + rng.uniform(0, 0.05, len(active)).astype(np.float32)
    for _ in range(90):
        distance, _index = nearest_solid(solids, origins[active] + directions[active] * t[:, None])
        visible[active] = np.minimum(visible[active], 0.5 + 0.5 * distance / (0.08 * t + 0.004))
        t = t + np.clip(distance * 0.7, 0.02, 0.2)
        is_active = (visible[active] > 0) & (t < t_exit[active])
        active, t = active[is_active], t[is_active]
        if not active.size:
            break
    return smoothstep(0.0, 1.0, visible)


def _bounds(solids: list[Solid], origins: Points, directions: Points) -> tuple[Values, Values]:
    """Return the t of entering and leaving the bounding spheres, enlarged for soft shadows."""
    t_enter = np.full(len(origins), np.inf, dtype=np.float32)
    t_exit = np.full(len(origins), -np.inf, dtype=np.float32)
    for solid in solids:
        offset = origins - fp32(solid.centre)
        half = (offset * directions).sum(1)
        discriminant = half * half - (offset * offset).sum(1) + fp32((solid.radius * 1.15) ** 2)
        root = np.sqrt(np.maximum(discriminant, 0))
        is_hit = (discriminant > 0) & (root > half)
        t_enter = np.where(is_hit, np.minimum(t_enter, np.maximum(-half - root, 0)), t_enter)
        t_exit = np.where(is_hit, np.maximum(t_exit, root - half), t_exit)
    return t_enter, t_exit
