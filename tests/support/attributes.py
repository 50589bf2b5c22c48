"""Attributes of small instances, as conditions and expressions read them."""

from philae.deid.instance_attributes import InstanceAttributes
from philae.dicom.standard.dictionary import tag_of, vr_of
from tests.support.trees import Tree, encoded, text


def attributes_of(tree: Tree) -> InstanceAttributes:
    """The attributes of the dataset that ``tree`` makes."""
    return InstanceAttributes(encoded(tree))


def attributes(**values: str) -> InstanceAttributes:
    """The attributes of a dataset that holds these texts, by keyword."""
    tags = {tag_of(keyword) or 0: value for keyword, value in values.items()}
    return attributes_of([text(tag, vr_of(tag) or "UN", tags[tag]) for tag in sorted(tags)])
