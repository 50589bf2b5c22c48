"""The synthetic study that the demo sends: nobody in it exists."""

from philae.demo.study import write_study

__all__ = ["write_study"]
