"""Under which implementation identity we write files and open and answer associations (PS3.7 D.3.3.2)."""

from typing import Final

IMPLEMENTATION_CLASS_UID: Final = "2.25.195964144912430171051062775867426099644"
IMPLEMENTATION_VERSION_NAME: Final = "PHILAE_0_1"
