"""How much of a head's surface goes with the face of the template, and whether the brain does, slice by slice."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.face_figures import FaceFigures
from philae.deid.pixels.head_template import HEAD_LEVEL, indices, template
from philae.deid.pixels.registration import brain_centre, itk

if TYPE_CHECKING:
    from philae.deid.pixels.mr_stack import Stack

_TISSUE: Final = 0.2
"""Of the brightest values: what is darker is air."""
_CORE_MM: Final = 25.0
_BRAIN: Final = (0.6, 1.4)
"""Of what is usual in the middle of the brain."""
_THIN_MM: Final = 4.0
"""What joins the brain to other tissue is thinner than twice that."""
_MOVED_MM: Final = 1.0


def figures_of(stack: Stack, way: NDArray[np.float64]) -> tuple[FaceFigures, ...]:
    """One for each slice, measured on the coarse stack; ``way`` leads from the patient to the template."""
    places = indices(way, _points(stack))
    face = template().face[places]
    tissue = _largest(stack.values > _TISSUE * float(np.percentile(stack.values, 99)))
    points, moved, millimetres = _surface(stack, tissue, face, places)
    brain = _brain(stack, way)
    behind, touched = brain.sum((1, 2)), (brain & face).sum((1, 2))
    rows = zip(points, moved, millimetres, behind, touched, strict=True)
    return tuple(FaceFigures(1, int(p), int(m), float(mm), int(b), int(t)) for p, m, mm, b, t in rows)


def _points(stack: Stack) -> NDArray[np.float64]:
    """The middle of each value in the patient."""
    coarse = stack.coarse_steps
    rows, columns = (np.arange(length, dtype=np.float64)[:, None] for length in stack.values.shape[1:])
    plane = (rows * coarse[1])[:, None] + (columns * coarse[2])[None]
    return np.asarray((stack.positions + stack.to_middle)[:, None, None] + plane)


def _surface(
    stack: Stack, tissue: NDArray[np.bool_], face: NDArray[np.bool_], places: tuple[NDArray[np.int64], ...]
) -> tuple[NDArray[np.float64], ...]:
    """For each slice: points of the skin of the face, how many of them move, and by how much in all."""
    axis = int(np.abs(stack.steps[:, 1]).argmax())
    step = float(np.linalg.norm(stack.coarse_steps[axis]))
    backwards = slice(None, None, 1 if stack.steps[axis, 1] > 0 else -1)
    slices = np.broadcast_to(np.arange(len(tissue))[:, None, None], tissue.shape)
    head, gone = (np.moveaxis(array, axis, 0)[backwards] for array in (tissue, face))
    x, z, number = (np.moveaxis(array, axis, 0)[backwards] for array in (places[0], places[2], slices))
    front = head.argmax(0)[None]
    is_skin = head.any(0) & _front_of_template()[_at(x, front), _at(z, front)]
    left = head & ~gone
    depth = np.where(left.any(0), left.argmax(0) - front[0], head.sum(0)) * step
    where = _at(number, front)[is_skin]
    weights = (np.ones(len(where)), depth[is_skin] >= _MOVED_MM, depth[is_skin])
    return tuple(np.bincount(where, weight, len(tissue)).astype(np.float64) for weight in weights)


def _at(values: NDArray[np.int64], depth: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.take_along_axis(values, depth, 0)[0])


@cache
def _front_of_template() -> NDArray[np.bool_]:
    """Of each (x, z) of the template, seen from the front: whether that is face."""
    known = template()
    towards_back = slice(None, None, 1 if known.to_index[1, 1] > 0 else -1)
    head, face = ((array > level)[:, towards_back] for array, level in ((known.values, HEAD_LEVEL), (known.face, 0)))
    front = head.argmax(1)[:, None]
    return np.asarray(np.take_along_axis(face, front, 1)[:, 0] & head.any(1))


def _brain(stack: Stack, way: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The brain of this head: what is as bright as its middle and hangs together with it."""
    centre = np.linalg.solve(way[:, :3], brain_centre() - way[:, 3])
    core = np.linalg.norm(_points(stack) - centre, axis=-1) < _CORE_MM
    if not core.any():
        return np.zeros(stack.values.shape, bool)
    usual = float(np.median(stack.values[core]))
    low, high = (share * usual for share in _BRAIN)
    radius = [max(1, round(_THIN_MM / float(size))) for size in np.linalg.norm(stack.coarse_steps, axis=1)[::-1]]
    alike = _mask((stack.values > low) & (stack.values < high))
    parts = itk().GetArrayFromImage(itk().ConnectedComponent(itk().BinaryErode(alike, radius)))
    numbers = np.bincount(parts[core])
    if len(numbers) < 2:
        return np.zeros(stack.values.shape, bool)
    brain = itk().BinaryDilate(_mask(parts == 1 + numbers[1:].argmax()), radius)
    return np.asarray(itk().GetArrayFromImage(brain) > 0)


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    parts = itk().RelabelComponent(itk().ConnectedComponent(_mask(mask)))
    return np.asarray(itk().GetArrayFromImage(parts) == 1)


def _mask(values: NDArray[np.bool_]) -> Any:
    return itk().GetImageFromArray(values.astype(np.uint8))
