"""How a stack of slices lies beside the mean head: one that looks like it, T1-weighted, and no other."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.codec import library
from philae.deid.pixels.head_template import EXTRA, HEAD_LEVEL, template

if TYPE_CHECKING:
    from philae.deid.pixels.mr_stack import Stack

_AROUND_MM: Final = 10.0
_BELOW_MM: Final = 150.0
"""How far below the top of the head heads are compared; necks differ, and are not in every image."""
_FINE_MM, _COARSE_MM = 4.0, 8.0
_STARTS_MM: Final = (-40.0, -20.0, 0.0, 20.0, 40.0)
"""Along the patient, from where the centres of mass meet."""
_LEAST_LIKENESS: Final = (0.35, 0.6)
"""Correlation with the template inside the head, and with the air around it; T2-weighted heads reach 0.26 inside."""
_SIZES: Final = (0.75, 1.35)
"""How large heads are beside the template, in any direction."""
_DIGITS: Final = 5
"""So that the last bits of a computation never decide about a pixel."""


class Unlike(Exception):
    """The stack is not to be compared with the template, or does not look like it."""

    def __init__(self, reason: str = "its series does not look like a T1-weighted head") -> None:
        super().__init__(reason)


def place_in_template(stack: Stack) -> NDArray[np.float64]:
    """The matrix (3 x 4) from the patient to indices of the template.

    The same stack gives the same matrix. Raises `Unlike` for what is no T1-weighted head, `MissingCodec`.
    """
    if stack.fault:
        raise Unlike(stack.fault)
    reference = _reference()
    fine, coarse = (_shrunk(_image(stack), size) for size in (_FINE_MM, _COARSE_MM))
    try:
        starts = [_rigid(reference.coarse, coarse, shift) for shift in _STARTS_MM]
        rigid = min((start for start in starts if start is not None), key=lambda start: float(start[0]))[1]
        affine = itk().AffineTransform(3)
        affine.SetCenter(rigid.GetCenter())
        affine.SetMatrix(rigid.GetMatrix())
        affine.SetTranslation(rigid.GetTranslation())
        _search(reference.coarse, coarse, affine, 2.0, 80)
        _search(reference.fine, fine, affine, 1.0, 60, share=0.5)
    except (RuntimeError, ValueError):
        raise Unlike from None
    _check(affine, fine)
    return _to_index(affine)


@cache
def brain_centre() -> NDArray[np.float64]:
    """The (x, y, z) of the template in the middle of the head without face and neck."""
    mask = _reference().coarse.mask
    middle = np.argwhere(itk().GetArrayViewFromImage(mask) > 0).mean(0)[::-1]
    known = template().to_index
    return np.asarray(known[:, :3] @ mask.TransformContinuousIndexToPhysicalPoint(middle.tolist()) + known[:, 3])


class _Compared(NamedTuple):
    image: Any
    mask: Any


class _Reference(NamedTuple):
    fine: _Compared
    coarse: _Compared


@cache
def itk() -> Any:
    """SimpleITK with one thread, which adds up in the same order every time."""
    loaded = library("SimpleITK", "SimpleITK", EXTRA)
    loaded.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    return loaded


@cache
def _reference() -> _Reference:
    known = template()
    inverse = np.asarray(np.linalg.inv(known.to_index[:, :3]), np.float64)
    origin = -inverse @ known.to_index[:, 3]
    whole = _itk_image(known.values.T, inverse.T[::-1], origin)
    face = _itk_image(known.face.T.astype(np.float32), inverse.T[::-1], origin)
    return _Reference(*(_compared(_shrunk(whole, size), _shrunk(face, size)) for size in (_FINE_MM, _COARSE_MM)))


def _compared(image: Any, face: Any) -> _Compared:
    """The head without face and neck, and a margin of air."""
    margin = [max(1, round(_AROUND_MM / spacing)) for spacing in image.GetSpacing()]
    head = itk().GetArrayFromImage(itk().BinaryDilate(image > HEAD_LEVEL, margin)) > 0
    heights = np.flatnonzero((itk().GetArrayViewFromImage(image) > HEAD_LEVEL).mean((1, 2)) > 0.02)
    head[: max(0, int(heights.max()) - round(_BELOW_MM / image.GetSpacing()[2]))] = False
    head &= itk().GetArrayViewFromImage(face) < 0.5
    mask = itk().GetImageFromArray(head.astype(np.uint8))
    mask.CopyInformation(image)
    return _Compared(image, mask)


def _image(stack: Stack) -> Any:
    return _itk_image(stack.values, stack.coarse_steps, stack.positions[0] + stack.to_middle)


def _itk_image(values: NDArray[np.float32], steps: NDArray[np.float64], origin: NDArray[np.float64]) -> Any:
    """``steps`` belong to the axes of ``values`` in their order; ITK counts them the other way round."""
    image = itk().GetImageFromArray(np.ascontiguousarray(values))
    spacing = np.linalg.norm(steps, axis=1)
    image.SetOrigin(origin.tolist())
    image.SetSpacing(spacing[::-1].tolist())
    image.SetDirection((steps / spacing[:, None])[::-1].T.ravel().tolist())
    return image


def _shrunk(image: Any, millimetres: float) -> Any:
    return itk().BinShrink(image, [max(1, round(millimetres / spacing)) for spacing in image.GetSpacing()])


def _rigid(fixed: _Compared, moving: Any, shift: float) -> tuple[float, Any] | None:
    """How unlike they are at best from this start, and the transform; None if they do not meet there."""
    meeting = itk().CenteredTransformInitializerFilter.MOMENTS
    found = itk().Euler3DTransform(
        itk().CenteredTransformInitializer(fixed.image, moving, itk().Euler3DTransform(), meeting)
    )
    x, y, z = found.GetTranslation()
    found.SetTranslation((x, y, z + shift))
    try:
        return _search(fixed, moving, found, 8.0, 40), found
    except RuntimeError:
        return None


def _search(fixed: _Compared, moving: Any, transform: Any, rate: float, steps: int, share: float = 1.0) -> float:
    """Move ``transform`` to where the correlation is largest; return what is left of unlikeness."""
    method = itk().ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsCorrelation()
    method.SetMetricFixedMask(fixed.mask)
    if share < 1:
        method.SetMetricSamplingStrategy(method.REGULAR)
        method.SetMetricSamplingPercentage(share, 7)
    method.SetInterpolator(itk().sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(rate, 0.02, steps, 0.5, 1e-7)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(transform, True)
    method.Execute(fixed.image, moving)
    return float(method.GetMetricValue())


def _check(affine: Any, moving: Any) -> None:
    """Raises `Unlike`."""
    sizes = np.linalg.svd(np.array(affine.GetMatrix()).reshape(3, 3), compute_uv=False)
    fixed = _reference().fine
    mask = itk().GetArrayViewFromImage(fixed.mask) > 0
    known = itk().GetArrayViewFromImage(fixed.image)[mask]
    found = itk().GetArrayFromImage(itk().Resample(moving, fixed.image, affine, itk().sitkLinear, 0.0))[mask]
    inside = known > HEAD_LEVEL
    likeness = (_correlation(known[inside], found[inside]), _correlation(known, found))
    is_of_a_size = _SIZES[0] <= sizes.min() and sizes.max() <= _SIZES[1]
    if not is_of_a_size or not all(map(float.__ge__, likeness, _LEAST_LIKENESS)):
        raise Unlike


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if other.std() > 0 else 0.0


def _to_index(affine: Any) -> NDArray[np.float64]:
    """``affine`` leads from the template to the patient as it was taken."""
    matrix, centre = np.array(affine.GetMatrix()).reshape(3, 3), np.array(affine.GetCenter())
    back = np.linalg.inv(matrix)
    offset = centre - back @ (centre + np.array(affine.GetTranslation()))
    known = template().to_index
    turn = known[:, :3] @ back
    return np.round(np.column_stack((turn, known[:, :3] @ offset + known[:, 3])), _DIGITS)
