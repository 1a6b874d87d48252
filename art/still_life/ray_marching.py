"""Walking along rays until they meet the solids of a scene, or miss them narrowly.

N rays with as many starts; lengths in units of the scene.
"""

import numpy as np

from art.noise import fp32, smoothstep
from art.still_life.solids import Points, Solid, Values, nearest


def march(solids: list[Solid], starts: Points, rays: Points, limit: Values) -> Values:
    """How far along its ray each first solid is; `limit` where there is none."""
    way, leave = _through_balls(solids, starts, rays)
    result = limit.copy()
    active = np.flatnonzero((way < leave) & (way < limit))
    way = way[active]
    for _ in range(110):
        distance, _which = nearest(solids, starts[active] + rays[active] * way[:, None])
        met = distance < 0.0012 * np.maximum(way, 1)
        result[active[met]] = way[met]
        way = way + distance * np.float32(0.85)
        going = ~met & (way < leave[active]) & (way < limit[active])
        active, way = active[going], way[going]
        if not active.size:
            break
    return result


def march_shadow(solids: list[Solid], starts: Points, rays: Points) -> Values:
    """The share of a broad light that is seen along rays: how narrowly each misses the solids."""
    way, leave = _through_balls(solids, starts, rays)
    seen = np.ones(len(starts), dtype=np.float32)
    active = np.flatnonzero(way < leave)
    chance = np.random.default_rng(len(starts))
    way = np.maximum(way[active], 0.015) + chance.uniform(0, 0.05, len(active)).astype(np.float32)
    for _ in range(90):
        distance, _which = nearest(solids, starts[active] + rays[active] * way[:, None])
        seen[active] = np.minimum(seen[active], 0.5 + 0.5 * distance / (0.08 * way + 0.004))
        way = way + np.clip(distance * 0.7, 0.02, 0.2)
        going = (seen[active] > 0) & (way < leave[active])
        active, way = active[going], way[going]
        if not active.size:
            break
    return smoothstep(0.0, 1.0, seen)


def _through_balls(solids: list[Solid], starts: Points, rays: Points) -> tuple[Values, Values]:
    """Where rays enter and leave the balls around the solids, widened for soft shadows."""
    enter = np.full(len(starts), np.inf, dtype=np.float32)
    leave = np.full(len(starts), -np.inf, dtype=np.float32)
    for solid in solids:
        to = starts - fp32(solid.centre)
        half = (to * rays).sum(1)
        root = half * half - (to * to).sum(1) + fp32((solid.radius * 1.15) ** 2)
        reach = np.sqrt(np.maximum(root, 0))
        meets = (root > 0) & (reach > half)
        enter = np.where(meets, np.minimum(enter, np.maximum(-half - reach, 0)), enter)
        leave = np.where(meets, np.maximum(leave, reach - half), leave)
    return enter, leave
