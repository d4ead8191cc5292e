"""Settings of hypothesis for this folder."""

from hypothesis import settings

# A shared machine is slow at times: how long an example takes is no promise of ours.
settings.register_profile("mapping", deadline=None)
settings.load_profile("mapping")
