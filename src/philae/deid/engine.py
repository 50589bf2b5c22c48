"""Compile a profile once, then plan what happens to each instance and apply the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.additions import TopLevel, additions_of
from philae.deid.attributes import DROPPED, creation
from philae.deid.contexts import Contexts
from philae.deid.declaration import Declaration
from philae.deid.elements import build_element
from philae.deid.elements.action_replace_api import ActionReplaceApi
from philae.deid.elements.element import PixelRule
from philae.deid.entries import DEFAULT_ATTRIBUTES, STRUCTURE
from philae.deid.errors import DeidError, InstanceExcluded, MissingPseudonym, Unreadable
from philae.deid.instance import Instance
from philae.deid.keys import Keys
from philae.deid.levels import Census, Level, Rules, State
from philae.deid.output import Output, planned_output
from philae.deid.pixels.codec import AS_IT_CAME, Transcoding
from philae.deid.pixels.order import PixelOrder
from philae.deid.plan import Plan, Subject
from philae.deid.requests import NO_REPLIES
from philae.deid.walk import Walk
from philae.deid.walked import Walked
from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import EXPLICIT, layout_of
from philae.dicom.pick import Picker
from philae.dicom.scan import Encoded, inflate
from philae.dicom.values import codecs_of, first_text, stripped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from philae.deid.elements.element import ProfileElement
    from philae.deid.pixels.face_survey import Fronts
    from philae.deid.profile import Profile, Project
    from philae.deid.requests import Reply, Request
    from philae.dicom.layout import Layout
    from philae.dicom.splice import Segment

_CHARACTER_SET: Final = 0x00080005
_PATIENT_ID: Final = 0x00100020
_ISSUER: Final = 0x00100021
_SUBJECT: Final = Picker((_CHARACTER_SET, _PATIENT_ID, _ISSUER))
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
        self.pixel_rules: tuple[PixelRule, ...] = tuple(
            element
            for element in self.elements
            if isinstance(element, PixelRule) and (profile.masks or not element.needs_masks)
        )
        self.asks_web_services = any(isinstance(element, ActionReplaceApi) for element in self.elements)
        self._no_order = PixelOrder(profile.masks, project.compat_karnak)
        self._additions = tuple(additions_of(self.elements))
        self.keys = Keys(project.secret, project.hash_encoding)
        self._declaration = Declaration(profile.name, project, self.elements, self.keys)
        pairs_times, is_karnak = project.pairs_times, project.compat_karnak
        self._rules = Rules(self.elements, is_karnak, pairs_times, self._declaration.attributes, DROPPED)
        self._morphing_rules = Rules(self.elements, is_karnak, pairs_times)
        self._contexts = Contexts(project, self.keys, self._rules.knowledge, self._declaration.methods)
        self._census = Census()
        self._roots: dict[tuple[bool, bytes, Layout], Level] = {}

    def requests(self, encoded: Encoded, *, pseudonym: str | None) -> tuple[Request, ...]:
        """What web services have to be asked before the instance can be planned, or morphed if ``pseudonym`` is None.

        Raises as `plan` does.
        """
        if not self.asks_web_services:
            return ()
        return tuple(self._walked(_inflated(encoded), pseudonym, None, NO_REPLIES).instance.unanswered)

    def plan(
        self, encoded: Encoded, *, pseudonym: str, now: datetime, replies: Mapping[Request, Reply] = NO_REPLIES
    ) -> Plan:
        """What de-identifying the instance means; changes nothing. ``now`` becomes its creation date and time.

        ``replies`` answer `requests`. Raises `DeidError`: no Patient ID, a blank pseudonym, a missing reply, a dataset
        that cannot be read to its end or is still deflated (see `output`), one that would have no SOP Class UID or
        SOP Instance UID.
        """
        walked = self._walked(encoded, pseudonym, now, replies)
        order = walked.pixel_order(self.pixel_rules, self._no_order) if self.pixel_rules else None
        return walked.plan(order, is_complete=True)

    def morph(self, encoded: Encoded, *, replies: Mapping[Request, Reply] = NO_REPLIES) -> Plan:
        """What the profile alone means for the instance (tag morphing): no pseudonym, no default attributes."""
        return self._walked(encoded, None, None, replies).plan(is_complete=False)

    def output(
        self,
        encoded: Encoded,
        *,
        pseudonym: str,
        now: datetime,
        replies: Mapping[Request, Reply] = NO_REPLIES,
        transcoding: Transcoding = AS_IT_CAME,
        fronts: Fronts | None = None,
    ) -> Output:
        """The plan carried out, with ranges of ``encoded.source``; nothing of an instance that it excludes.

        ``fronts`` are those of its series, where that was surveyed for faces.

        A deflated dataset is inflated for it and comes back deflated, as one segment; its plan speaks of the inflated.
        Raises as `plan` does, and `PixelFault` where pixels cannot be what the profile or ``transcoding`` wants.
        """
        plain = _inflated(encoded)
        plan = self.plan(plain, pseudonym=pseudonym, now=now, replies=replies)
        return planned_output(plain, plan, encoded.syntax, transcoding, fronts)

    def apply(
        self, encoded: Encoded, *, pseudonym: str, now: datetime, replies: Mapping[Request, Reply] = NO_REPLIES
    ) -> tuple[Plan, list[Segment]]:
        """Plan and segments of the `output` in the transfer syntax that came; new pixels are in memory as a whole."""
        output = self.output(encoded, pseudonym=pseudonym, now=now, replies=replies)
        return output.plan, [*output.segments()]

    def root(self, sop_class_uid: str) -> Level:
        """The top level of instances of a SOP class, to ask what the profile says without an instance."""
        return Level(self._rules, Census(), EXPLICIT, State(sop_class_uid), at_root=True)

    def rule_name(self, rule: int) -> str:
        """The rule behind `Cause.rule`, for people."""
        if rule >= 0:
            return self.elements[rule].name or self.elements[rule].codename
        return {DEFAULT_ATTRIBUTES: "default attributes", STRUCTURE: "dataset structure"}[rule]

    def _walked(
        self, encoded: Encoded, pseudonym: str | None, now: datetime | None, replies: Mapping[Request, Reply]
    ) -> Walked:
        if pseudonym is not None and not stripped(pseudonym):
            raise MissingPseudonym("the pseudonym is blank")
        if encoded.syntax.deflated:
            raise DeidError("the dataset is still deflated; use apply, or inflate it first")
        layout = layout_of(encoded.syntax)
        try:
            head = self._contexts.head(encoded, layout)
            level = self._root(head.sop_class_uid, layout, is_morphing=pseudonym is None)
            walked = None
            while walked is None or walked.wrote_in_vain:
                context = self._contexts.of(head, layout, level, pseudonym, writes_ascii=walked is not None)
                instance = Instance(encoded, context, replies)
                attributes = () if pseudonym is None else self._declaration.encoded(instance, pseudonym, layout)
                if now is not None:
                    attributes = (*creation(now, layout), *attributes[2:])
                walked = self._walk(Walk(instance, attributes), level)
            return walked
        except MalformedDataset as fault:
            raise Unreadable(f"the dataset cannot be read: {fault}") from fault

    def _walk(self, walk: Walk, level: Level) -> Walked:
        """Add, decide, add what was decided (spec Q15, Q16)."""
        instance = walk.instance
        top = TopLevel(instance, level.rules.set_or_dropped)
        for rule, condition, addition in self._additions:
            if instance.holds(condition):
                top.add(addition, rule, level.sop_class_uid)
        try:
            edits = walk.run(level, instance.encoded.start, instance.encoded.end, top.kept_creators)
        except InstanceExcluded as excluded:
            return Walked(instance, (), walk.watched, excluded=str(excluded))
        for rule, addition in instance.additions:
            top.add(addition, rule, level.sop_class_uid)
        return Walked(instance, top.merged(edits), walk.watched, tuple(top.warnings))

    def _root(self, sop_class_uid: bytes, layout: Layout, *, is_morphing: bool) -> Level:
        if self._census.is_full or len(self._roots) > _ROOTS_LIMIT:
            self._census = Census()
            self._roots = {}
            self._contexts.clear()
        key = (is_morphing, sop_class_uid, layout)
        level = self._roots.get(key)
        if level is None:
            rules = self._morphing_rules if is_morphing else self._rules
            uid = first_text(sop_class_uid)
            level = self._roots[key] = Level(rules, self._census, layout, State(uid), at_root=True)
        return level


def _inflated(encoded: Encoded) -> Encoded:
    try:
        return inflate(encoded)
    except MalformedDataset as fault:
        raise Unreadable(f"the dataset cannot be read: {fault}") from fault
