"""Compile a profile once, then plan what happens to each instance and apply the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.actions import Keep
from philae.deid.attributes import ATTRIBUTES, DROPPED, Identity, creation, encode_attributes
from philae.deid.context import Context, Uids
from philae.deid.elements import build_element
from philae.deid.errors import DeidError, MissingPatientId, MissingPseudonym, Unreadable
from philae.deid.keys import Keys
from philae.deid.levels import DEFAULT_ATTRIBUTES, SOP_CLASS_UID, STRUCTURE, Census, Level, Rules
from philae.deid.plan import Plan, Subject
from philae.deid.walk import Walk
from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import layout_of
from philae.dicom.pick import Picker
from philae.dicom.scan import Encoded, deflate, inflate
from philae.dicom.splice import splice
from philae.dicom.values import ASCII, codecs_of, first_text, stripped

if TYPE_CHECKING:
    from datetime import datetime

    from philae.deid.elements.element import MethodCode, ProfileElement
    from philae.deid.profile import Profile, Project
    from philae.dicom.layout import Layout
    from philae.dicom.splice import Edit, Segment

_CHARACTER_SET: Final = 0x00080005
_PATIENT_ID: Final = 0x00100020
_ISSUER: Final = 0x00100021
_SOP_INSTANCE_UID: Final = 0x00080018
_STUDY_INSTANCE_UID: Final = 0x0020000D
_SUBJECT: Final = Picker((_CHARACTER_SET, _PATIENT_ID, _ISSUER))
_HEAD: Final = Picker((_CHARACTER_SET, SOP_CLASS_UID, _PATIENT_ID))
_CONTEXTS_LIMIT: Final = 16
_ROOTS_LIMIT: Final = 64


def compile_profile(profile: Profile, project: Project) -> CompiledProfile:
    """The profile ready to plan with. Raises `DeidError` if it holds anything that cannot be honoured."""
    return CompiledProfile(profile, project)


def patient_of(encoded: Encoded) -> Subject:
    """Patient ID and its issuer as the instance has them. Raises `Unreadable`."""
    found: dict[int, bytes] = {}
    try:
        plain = inflate(encoded)
        _SUBJECT.pick(plain.source, plain.start, plain.end, layout_of(plain.syntax), found)
    except MalformedDataset as fault:
        raise Unreadable(f"the dataset cannot be read: {fault}") from fault
    codecs = codecs_of(found.get(_CHARACTER_SET, b"").decode("latin-1"))
    return Subject(first_text(found.get(_PATIENT_ID, b""), codecs), first_text(found.get(_ISSUER, b""), codecs))


class CompiledProfile:
    """A profile in a project. Safe for many threads; what it remembers is bounded and stays in memory."""

    def __init__(self, profile: Profile, project: Project) -> None:
        self.profile = profile
        self.project = project
        self.elements: tuple[ProfileElement, ...] = tuple(build_element(spec, project) for spec in profile.elements)
        self._uids = Uids(Keys(project.secret, project.hash_encoding))
        self._rules = Rules(self.elements, project.compat_karnak, ATTRIBUTES, DROPPED)
        self._morphing_rules = Rules(self.elements, project.compat_karnak)
        self._census = Census()
        self._roots: dict[tuple[bool, bytes, Layout], Level] = {}
        self._contexts: dict[tuple[str | None, Head, Layout], Context] = {}

    def plan(self, encoded: Encoded, *, pseudonym: str, now: datetime) -> Plan:
        """What de-identifying the instance means; changes nothing. ``now`` becomes its creation date and time.

        Raises `DeidError`: no Patient ID, a blank pseudonym, a dataset that cannot be read to its end or is still
        deflated (see `apply`), or one that would have no SOP Class UID or SOP Instance UID.
        """
        if not stripped(pseudonym):
            raise MissingPseudonym("the pseudonym is blank")
        return self._plan(encoded, pseudonym, now)

    def morph(self, encoded: Encoded) -> Plan:
        """What the profile alone means for the instance (tag morphing): no pseudonym, no default attributes."""
        return self._plan(encoded, None, None)

    def apply(self, encoded: Encoded, *, pseudonym: str, now: datetime) -> tuple[Plan, list[Segment]]:
        """The plan and the de-identified dataset in the same transfer syntax, with ranges of ``encoded.source``.

        A deflated dataset is inflated for it and comes back deflated, as one segment; its plan speaks of the inflated.
        """
        if not encoded.syntax.deflated:
            plan = self.plan(encoded, pseudonym=pseudonym, now=now)
            return plan, splice(encoded, plan.edits)
        try:
            plain = inflate(encoded)
        except MalformedDataset as fault:
            raise Unreadable(f"the dataset cannot be read: {fault}") from fault
        plan = self.plan(plain, pseudonym=pseudonym, now=now)
        return plan, [deflate(plain, splice(plain, plan.edits))]

    def rule_name(self, rule: int) -> str:
        """The rule behind `Cause.rule`, for people."""
        if rule >= 0:
            return self.elements[rule].name or self.elements[rule].codename
        return {DEFAULT_ATTRIBUTES: "default attributes", STRUCTURE: "dataset structure"}[rule]

    def _plan(self, encoded: Encoded, pseudonym: str | None, now: datetime | None) -> Plan:
        if encoded.syntax.deflated:
            raise DeidError("the dataset is still deflated; use apply, or inflate it first")
        layout = layout_of(encoded.syntax)
        try:
            head = _read_head(encoded, layout)
            level = self._root(head, layout, is_morphing=pseudonym is None)
            context = self._context(head, layout, level, pseudonym)
            attributes = context.attributes
            if now is not None:
                attributes = (*creation(now, layout), *attributes[2:])
            walk = Walk(encoded.source, context, attributes)
            edits = walk.edits(level, encoded.start, encoded.end)
        except MalformedDataset as fault:
            raise Unreadable(f"the dataset cannot be read: {fault}") from fault
        return _named(edits, walk.watched, is_complete=pseudonym is not None)

    def _root(self, head: Head, layout: Layout, *, is_morphing: bool) -> Level:
        if self._census.is_full or len(self._roots) > _ROOTS_LIMIT:
            self._census = Census()
            self._roots = {}
            self._contexts = {}
        key = (is_morphing, head.sop_class_uid, layout)
        level = self._roots.get(key)
        if level is None:
            rules = self._morphing_rules if is_morphing else self._rules
            uid = first_text(head.sop_class_uid)
            level = self._roots[key] = Level(rules, self._census, layout, uid, at_root=True)
        return level

    def _context(self, head: Head, layout: Layout, level: Level, pseudonym: str | None) -> Context:
        key = (pseudonym, head, layout)
        context = self._contexts.get(key)
        if context is None:
            if len(self._contexts) >= _CONTEXTS_LIMIT:
                self._contexts = {}
            context = self._contexts[key] = self._new_context(head, layout, level, pseudonym)
        return context

    def _new_context(self, head: Head, layout: Layout, level: Level, pseudonym: str | None) -> Context:
        codecs = codecs_of(head.character_set.decode("latin-1"))
        patient_id = first_text(head.patient_id, codecs)
        if not patient_id and pseudonym is not None:
            raise MissingPatientId
        answers = level.chain(_CHARACTER_SET, "CS")
        is_kept = all(isinstance(action, Keep) for _, action in answers)
        context = Context(self._uids, patient_id, codecs, codecs if is_kept else ASCII, self.project.compat_karnak)
        if pseudonym is not None:
            context.attributes = encode_attributes(
                self._identity(pseudonym), context.output_codecs, layout, lenient=self.project.compat_karnak
            )
        return context

    def _identity(self, pseudonym: str) -> Identity:
        methods: dict[MethodCode, None] = {}
        for element in self.elements:
            if element.method is not None:
                methods[element.method] = None
        return Identity(
            pseudonym, self._uids.keys.patient_id(pseudonym), self.project.name, self.profile.name, tuple(methods)
        )


class Head(NamedTuple):
    """What planning needs before its first decision, as encoded; empty where absent."""

    character_set: bytes
    sop_class_uid: bytes
    patient_id: bytes


def _read_head(encoded: Encoded, layout: Layout) -> Head:
    found: dict[int, bytes] = {}
    _HEAD.pick(encoded.source, encoded.start, encoded.end, layout, found)
    return Head(found.get(_CHARACTER_SET, b""), found.get(SOP_CLASS_UID, b""), found.get(_PATIENT_ID, b""))


def _named(edits: tuple[Edit, ...], watched: dict[int, str], *, is_complete: bool) -> Plan:
    uids = [watched.get(tag, "") for tag in (SOP_CLASS_UID, _SOP_INSTANCE_UID, _STUDY_INSTANCE_UID)]
    if is_complete and not (uids[0] and uids[1]):
        missing = "SOP Instance UID (0008,0018)" if uids[0] else "SOP Class UID (0008,0016)"
        raise DeidError(f"the instance would go out without {missing}: it has none, or the profile takes it away")
    return Plan(edits, *uids)
