"""Settings of the whole test suite."""

import os

from hypothesis import HealthCheck, settings

# No test asserts a duration, so hypothesis must not either: machines that run tests are shared.
# In continuous integration the examples are the same each time; developers' runs look for new ones.
settings.register_profile(
    "philae",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("philae")
