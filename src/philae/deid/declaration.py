"""What de-identified instances declare about themselves: a profile's default attributes, and the methods they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.deid.attributes import ATTRIBUTES, TEMPORAL_ATTRIBUTE, Identity, encode_attributes, temporal_information
from philae.deid.elements.element import PixelRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.deid.elements.element import ProfileElement
    from philae.deid.instance import Instance
    from philae.deid.keys import Keys
    from philae.deid.methods import MethodCode
    from philae.deid.profile import Project
    from philae.dicom.layout import Layout


class Declaration:
    """The default attributes of the instances of a project under the profile called ``profile_name``.

    What was done to pixels is known when it is done; Karnak tells it in advance.
    """

    def __init__(self, profile_name: str, project: Project, elements: Iterable[ProfileElement], keys: Keys) -> None:
        self._profile_name = profile_name
        self._project = project
        self._keys = keys
        self._elements = [each for each in elements if project.compat_karnak or not isinstance(each, PixelRule)]
        self.methods = _methods_of(self._elements)
        """What is done where all conditions are true."""
        self._always_acts = all(element.condition is None for element in self._elements if element.methods)
        is_silent = self._temporal_information(self.methods) is None
        self.attributes = ATTRIBUTES if is_silent else (*ATTRIBUTES, TEMPORAL_ATTRIBUTE)

    def encoded(self, instance: Instance, pseudonym: str, layout: Layout) -> tuple[bytes, ...]:
        """`attributes` with the methods of the elements whose condition is true; empty are those that do not apply.

        Raises `DeidError` as `encode_attributes` does.
        """
        methods = self.methods if self._always_acts else self._methods_for(instance)
        known = instance.context.attributes.get(methods)
        if known is None:
            identity = self._identity(pseudonym, methods)
            codecs, is_lenient = instance.context.output_codecs, self._project.compat_karnak
            known = encode_attributes(identity, codecs, layout, lenient=is_lenient)
            known += (b"",) * (len(self.attributes) - len(known))
            instance.context.attributes[methods] = known
        return known

    def _methods_for(self, instance: Instance) -> tuple[MethodCode, ...]:
        return _methods_of(element for element in self._elements if instance.holds(element.condition))

    def _identity(self, pseudonym: str, methods: tuple[MethodCode, ...]) -> Identity:
        return Identity(
            pseudonym,
            self._keys.patient_id(pseudonym),
            self._project.name,
            self._profile_name,
            methods,
            self._temporal_information(methods),
        )

    def _temporal_information(self, methods: tuple[MethodCode, ...]) -> str | None:
        return None if self._project.compat_karnak else temporal_information(methods)


def _methods_of(elements: Iterable[ProfileElement]) -> tuple[MethodCode, ...]:
    return tuple(dict.fromkeys(method for element in elements for method in element.methods))
