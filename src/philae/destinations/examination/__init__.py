"""What the doctor does about any kind of destination: the way there, the kind's own steps, a trial delivery."""

from philae.destinations.examination.whole import WholeExamination, impatient

__all__ = ["WholeExamination", "impatient"]
