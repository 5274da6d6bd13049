"""Quality against cost, of Copydesk and its peers, on the development data: `make bench`."""

import os

# One thread, as in Copydesk's workers: CPU time would count threads that only wait for each other. Read when numpy loads,
# so it is set before any module here can load it.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
