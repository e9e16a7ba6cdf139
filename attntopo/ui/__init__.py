"""The only part of the library that knows streamlit."""

import os

from threadpoolctl import threadpool_limits

# Several visitors' work shares the cores by threads of ours. Threads of BLAS besides would only
# wait for each other; torch's wait by spinning, which beside other work takes longer than the work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded
if os.environ.setdefault("OPENBLAS_NUM_THREADS", "1") == "1":  # read when SciPy is loaded
    threadpool_limits(1, user_api="blas")  # NumPy's is there already
