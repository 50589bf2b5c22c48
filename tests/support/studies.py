"""Studies of several objects that refer to each other, built by highdicom and pydicom."""

from collections.abc import Iterator
from typing import Any

import highdicom as hd
import numpy as np
from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
)

ROOT = "1.2.826.0.1.3680043.10.98."
MAKER: dict[str, Any] = {
    "manufacturer": "ACME",
    "manufacturer_model_name": "Model",
    "software_versions": "1",
    "device_serial_number": "SN",
}


def uid(number: int) -> str:
    return f"{ROOT}{number}"


def slices(sop_class: str, modality: str, series: int, count: int = 3) -> list[Dataset]:
    """Axial images of one series in the common frame of reference."""
    return [_slice(sop_class, modality, series, number) for number in range(count)]


def _slice(sop_class: str, modality: str, series: int, number: int) -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = sop_class, uid(series * 100 + number)
    image.StudyDate, image.StudyTime, image.AccessionNumber = "20240314", "101112", "ACC-1"
    image.StudyID, image.ReferringPhysicianName = "1", "Referrer^Rita"
    image.PatientName, image.PatientID = "Muster^Max", "HOSP-4711"
    image.PatientBirthDate, image.PatientSex = "19700105", "M"
    image.StudyInstanceUID, image.SeriesInstanceUID = uid(1), uid(series)
    image.FrameOfReferenceUID, image.Modality = uid(2), modality
    image.SeriesNumber, image.InstanceNumber = series, number + 1
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.ImagePositionPatient = [0, 0, float(number)]
    image.PixelSpacing, image.SliceThickness = [1, 1], 1
    image.Rows = image.Columns = 8
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
    image.RescaleIntercept, image.RescaleSlope = 0, 1
    image.PixelData = bytes(128)
    return image


def structure_set(images: list[Dataset]) -> Dataset:
    """An RT Structure Set with a contour on every image."""
    rt = Dataset()
    rt.SOPClassUID, rt.SOPInstanceUID = RTStructureSetStorage, uid(500)
    rt.PatientName, rt.PatientID = images[0].PatientName, images[0].PatientID
    rt.StudyInstanceUID, rt.SeriesInstanceUID, rt.Modality = uid(1), uid(5), "RTSTRUCT"
    rt.StructureSetLabel, rt.StructureSetDate, rt.StructureSetTime = "Contours", "20240315", "101112"
    series = Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ContourImageSequence = Sequence([_reference(image) for image in images])
    study = Dataset()
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", uid(1)
    study.RTReferencedSeriesSequence = Sequence([series])
    frame = Dataset()
    frame.FrameOfReferenceUID = uid(2)
    frame.RTReferencedStudySequence = Sequence([study])
    rt.ReferencedFrameOfReferenceSequence = Sequence([frame])
    region = Dataset()
    region.ROINumber, region.ReferencedFrameOfReferenceUID, region.ROIName = 1, uid(2), "Tumour"
    rt.StructureSetROISequence = Sequence([region])
    contours = Dataset()
    contours.ReferencedROINumber = 1
    contours.ContourSequence = Sequence([_contour(image) for image in images])
    rt.ROIContourSequence = Sequence([contours])
    return rt


def _contour(image: Dataset) -> Dataset:
    contour = Dataset()
    contour.ContourImageSequence = Sequence([_reference(image)])
    contour.ContourGeometricType, contour.NumberOfContourPoints, contour.ContourData = "POINT", 1, [0, 0, 0]
    return contour


def _reference(image: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    return reference


def segmentation(images: list[Dataset]) -> Dataset:
    segment = hd.seg.SegmentDescription(
        segment_number=1,
        segment_label="Tumour",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_uid=uid(77),
        tracking_id="Lesion 1",
    )
    return hd.seg.Segmentation(
        source_images=images, pixel_array=np.ones((len(images), 8, 8), np.uint8),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY, segment_descriptions=[segment],
        series_instance_uid=uid(6), series_number=6, sop_instance_uid=uid(600), instance_number=1, **MAKER,
    )  # fmt: skip


def report(images: list[Dataset], segments: Dataset) -> Dataset:
    """A measurement report on the images and the segmentation."""
    observer = hd.sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(name="Reader^Rita"),
    )
    group = hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(uid=uid(77), identifier="Lesion 1"),
        referenced_segment=_segment(images, segments),
        finding_type=CodedConcept("86049000", "SCT", "Neoplasm, Primary"),
        measurements=[
            hd.sr.Measurement(
                name=codes.SCT.Diameter,
                value=12.5,
                unit=codes.UCUM.Millimeter,
                referenced_images=[hd.sr.SourceImageForMeasurement.from_source_image(images[0])],
            )
        ],
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group],
        title=codes.DCM.ImagingMeasurementReport,
    )
    return hd.sr.Comprehensive3DSR(
        evidence=[*images, segments], content=content, series_number=7, series_instance_uid=uid(7),
        sop_instance_uid=uid(700), instance_number=1, manufacturer="ACME",
        requested_procedures=[],
    )  # fmt: skip


def _segment(images: list[Dataset], segments: Dataset) -> hd.sr.ReferencedSegment:
    sources = [hd.sr.SourceImageForSegmentation(image.SOPClassUID, image.SOPInstanceUID) for image in images]
    return hd.sr.ReferencedSegment(segments.SOPClassUID, segments.SOPInstanceUID, 1, source_images=sources)


def presentation_state(images: list[Dataset]) -> Dataset:
    text = hd.pr.TextObject("Lesion of Max Muster", units=hd.pr.AnnotationUnitsValues.PIXEL, anchor_point=(1.0, 1.0))
    layer = hd.pr.GraphicLayer("LAYER", order=1)
    annotation = hd.pr.GraphicAnnotation(referenced_images=images[:1], graphic_layer=layer, text_objects=[text])
    return hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=images, series_instance_uid=uid(8), series_number=8, sop_instance_uid=uid(800),
        instance_number=1, content_label="STATE", graphic_layers=[layer], graphic_annotations=[annotation], **MAKER,
    )  # fmt: skip


def key_objects(images: list[Dataset]) -> Dataset:
    content = hd.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest, referenced_objects=images[:2], description="for Max Muster"
    )
    return hd.ko.KeyObjectSelectionDocument(
        evidence=images, content=content, series_instance_uid=uid(9), series_number=9, sop_instance_uid=uid(900),
        instance_number=1, manufacturer="ACME",
    )  # fmt: skip


def study() -> Iterator[Dataset]:
    """CT and PET of one frame of reference, and what refers to them."""
    ct, pet = slices(CTImageStorage, "CT", 3), slices(PositronEmissionTomographyImageStorage, "PT", 4)
    for image, same in zip(pet, ct, strict=True):
        image.ReferencedImageSequence = Sequence([_reference(same)])
        image.SourceImageSequence = Sequence([_reference(same)])
    segments = segmentation(ct)
    yield from (*ct, *pet, structure_set(ct), segments, report(ct, segments), presentation_state(ct), key_objects(pet))
