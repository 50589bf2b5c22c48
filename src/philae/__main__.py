"""``python -m philae`` is the command ``philae``."""

import sys

from philae.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
