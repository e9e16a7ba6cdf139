"""What a visitor can't do; SECURITY.md says which of these stands against what."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus

from tests.harness.app import waits_for
from tests.harness.browser import Server, serving
from tests.harness.probing_session import ProbingSession, status_lines, wait_for_status
from tests.harness.visit import connection, visit

ROOT = Path(__file__).parents[3]
INSTRUMENTED = "tests.harness.instrumented_server"
SECRET = "/srv/where/the/weights/lie s3cr3t"
TILES = {"H0 bottleneck", "H1 bottleneck", "Components A | B", "Loops A | B"}
OF_TWO_HEADS = TILES - {"H0 bottleneck", "H1 bottleneck"} | {"RTD-lite", "Merge correlation"}


# --- the server's start -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ATTNTOPO_WORKERS", "1.5"),
        ("ATTNTOPO_MODELS", "../neither folder nor id"),
    ],
)
def test_a_bad_setting_is_one_line_and_no_server(name, value):
    told = subprocess.run(
        [sys.executable, "-m", "attntopo.ui.server.serve"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert told.returncode == 1
    assert told.stdout == ""
    (line,) = told.stderr.splitlines()
    assert name in line
    assert value in line


MEMORY = """
import ctypes, os, sys
from attntopo.ui.server.serve import keep_memory_to_itself
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as it is after an exec, and not after a change of user
if sys.argv[1] == "kept":
    keep_memory_to_itself()
child = os.fork()
if not child:
    try:
        open(f"/proc/{os.getppid()}/mem", "rb")
    except PermissionError:
        os._exit(13)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
SERVED = """
import ctypes
from streamlit.web import cli
from attntopo.ui.server import serve
cli.main = lambda: print("dumpable:", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
serve.main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_no_process_of_the_same_user_can_read_the_servers_memory():
    def told(*words: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)

    assert told(MEMORY, "kept").returncode == 13
    if not restricted():
        assert told(MEMORY, "not kept").returncode == 0
    assert "dumpable: 0" in told(SERVED).stdout


def restricted() -> bool:
    """Whether this system lets no process read its parent's memory anyway."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return scope.exists() and scope.read_text().strip() != "0"


# --- a public demo: downloads off -------------------------------------------------------------


HOSTILE = [
    "",
    "model=google/vit-base-patch16-224",
    "model=evil/model&model_b=evil/other&layer_b=0&head_b=0",
    "model=http://evil.invalid/model",
    "model=//evil.invalid/model",
    "model=../../../../etc/passwd",
    "model=/etc/passwd%00",
    "model=s3://evil/model",
    "a=http://evil.invalid/a.png&b=http://evil.invalid/b.png",
    "a=file:///etc/passwd",
    "a=s3://evil/a.png&b=ftp://evil.invalid/b",
    "a=../../etc/passwd&b=..%2f..%2fetc%2fpasswd",
    f"a=sha256-{'0' * 64}&b=sha256-../../etc/passwd",
    "distance=__import__('os').system('id')&layer=99999&head=-1&scale=nan&tokens=x&layout=x",
    "pick=" + "9" * 5000,
    "a=<script>alert(1)</script>&model=[x](javascript:alert(1))",
    "v=2&a=../../etc/passwd&b=<script>alert(1)</script>&model=evil/model&layer=-1&scale=nan",
    "pick=a-h1-999999&scale=0.2000000001&tab=%00&camera_a=1e9,1,1&sort=';drop&paint=1000",
    "b=private&head=mean&head=rollout&distance=euclid&tokens=all&tokens=x",
    "layer_b=3&model_b=evil/model&head_b=rollout&a=ring&b=ring&pick=pair-h0-x-1",
    "&".join(f"x{k}={k}" for k in range(1500)),
    "photo=sha256-" + "0" * 64 + "&key=" + "k" * 5000,
]


@pytest.mark.parametrize("query", HOSTILE)
def test_no_link_makes_the_server_fetch_anything_or_break(query, server, network_log):
    compare = OF_TWO_HEADS if "a=ring&b=ring" in query else TILES
    for page, tiles in (("", compare), ("shared", set())):
        visited = visit(server.address, query, page)
        assert set(visited.tiles) == tiles
        assert network_log.read_text() == ""
        for text in (b"root:x:", b"Traceback", str(ROOT).encode(), b"<script>al", b"javascript:"):
            assert text not in visited.data
        assert not any("encountered an error" in text for text in visited.said)


@pytest.fixture(scope="module")
def server_in_trouble(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """One that may download, reaches no hub and can keep nothing, and the folder of its notes."""
    folder = tmp_path_factory.mktemp("trouble")
    (folder / "file").touch()
    with serving(
        INSTRUMENTED,
        ATTNTOPO_TEST_NETWORK_LOG=str(folder / "notes"),
        ATTNTOPO_DOWNLOADS="on",
        ATTNTOPO_CACHE=str(folder / "file" / "cache"),
        HF_ENDPOINT="http://hub.invalid",
    ) as address:
        yield address, folder


def test_the_spy_sees_what_a_server_with_downloads_fetches(server_in_trouble):
    address, folder = server_in_trouble
    visit(address, "model=google/vit-base-patch16-224")
    assert "hub.invalid" in (folder / "notes").read_text()


# --- other sites ------------------------------------------------------------------------------


def test_another_site_can_open_no_session_and_makes_the_server_ask_nobody(server, network_log):
    with pytest.raises(InvalidStatus) as refused:
        visit(server.address, origin="http://evil.invalid")
    assert refused.value.response.status_code == 403
    # Left alone, Streamlit asks a service outside for this machine's address at that moment.
    assert network_log.read_text() == ""


def answer(request: urllib.request.Request) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(request, timeout=60) as got:
            return got.status, dict(got.headers), got.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def test_an_upload_needs_the_token_that_only_this_site_can_read(server):
    _, headers, _ = answer(urllib.request.Request(f"{server.address}/_stcore/health"))
    headers = {name.lower(): value for name, value in headers.items()}
    cookie, _, attributes = headers["set-cookie"].partition(";")
    assert "SameSite=Lax" in attributes
    token = cookie.partition("=")[2]

    def put(**headers: str) -> tuple[int, str]:
        url = f"{server.address}/_stcore/upload_file/nobody/nothing"
        request = urllib.request.Request(url, b"x", headers, method="PUT")
        status, _, text = answer(request)
        return status, text

    assert put() == (403, "XSRF token missing or invalid")
    assert put(Cookie=cookie)[0] == 403
    assert put(**{"X-Xsrftoken": token})[0] == 403
    # With both it is let through, and only the session is unknown.
    status, text = put(Cookie=cookie, **{"X-Xsrftoken": token})
    assert status == 400
    assert "session" in text.lower()


@pytest.mark.parametrize("path", ["_stcore/health", "_stcore/host-config", "", "media/nothing"])
def test_another_site_may_not_read_answers(path, server):
    headers = {"Origin": "http://evil.invalid"}
    request = urllib.request.Request(f"{server.address}/{path}", headers=headers)
    _, headers, text = answer(request)
    allowed = {name.lower(): value for name, value in headers.items()}
    assert "access-control-allow-origin" not in allowed
    assert str(ROOT) not in text


def test_the_configuration_leaves_streamlits_protection_as_it_is():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["client"]["showErrorDetails"] == "none"
    protection = {
        "enableCORS", "enableXsrfProtection", "xsrfCookieSameSite", "corsAllowedOrigins",
        "enableAgentApi", "enableStaticServing",
    }  # fmt: skip
    assert not protection & set(config["server"])


@pytest.mark.parametrize("path", ["_stcore/agent/interact", "_stcore/agent/mcp"])
def test_no_program_is_served_but_browsers(path, server):
    body = {"Content-Type": "application/json"}
    status, _, text = answer(urllib.request.Request(f"{server.address}/{path}", b"{}", body))
    assert status >= 400
    assert "enableAgentApi" in text


@pytest.mark.parametrize(
    "path", ["app.py", "..%2fapp.py", "%2e%2e/app.py", "static/..%2f..%2f..%2f..%2fetc%2fpasswd",
             "media/..%2f..%2fetc%2fpasswd", "_stcore/component/..%2f..%2f..%2fetc%2fpasswd",
             ".streamlit/config.toml", "app/static/..%2f..%2frequirements.txt"]
)  # fmt: skip
def test_no_file_of_the_server_is_served(path, server):
    _, _, text = answer(urllib.request.Request(f"{server.address}/{path}"))
    for inside in ("root:x:", "import streamlit", "showErrorDetails", "torch=="):
        assert inside not in text


# --- what goes wrong --------------------------------------------------------------------------


def told_of_a_failure(address: str, failure: Path) -> list[str]:
    """What a visitor is told of what fails with a secret of the server."""
    failure.write_text(SECRET)
    try:
        seen = visit(address, "layer=7&head=2")
    finally:
        failure.unlink()
    assert seen.tiles == {}
    inside = ("s3cr3t", "/srv/where", "RuntimeError", "Traceback", str(ROOT), ", line ")
    return [text for text in inside if text.encode() in seen.data]


def test_what_nobody_foresaw_tells_a_visitor_nothing(server, failure):
    assert told_of_a_failure(server.address, failure) == []


def test_with_the_details_on_the_same_failure_tells_all(small_server, failure):
    """They are no setting of ours; so it is the same failure that tells nothing without them."""
    assert told_of_a_failure(small_server.address, failure) != []


def test_a_cache_that_cannot_be_used_is_a_sentence_without_its_place(server_in_trouble):
    address, folder = server_in_trouble
    found = visit(address)
    assert any("can't be put on this machine" in text for text in found.said)
    assert str(folder).encode() not in found.data
    assert b"Traceback" not in found.data


def test_the_server_does_not_say_where_it_lies(server):
    data = visit(server.address).data
    assert b"app.py" in data  # Streamlit names the script
    assert str(ROOT).encode() not in data
    assert sys.prefix.encode() not in data


@pytest.mark.parametrize("guarded", [True, False])
def test_no_visitor_is_told_the_state_of_the_repository(guarded, tmp_path):
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
        subprocess.run(["git", "-C", tmp_path, *who, *words], check=True, capture_output=True)

    git("init", "-b", "main")
    git("commit", "--allow-empty", "-m", "first")
    git("remote", "add", "origin", "https://github.com/owner/repository.git")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("branch", "--set-upstream-to=origin/main")
    (tmp_path / "app.py").touch()
    code = (
        "from attntopo.ui.server import streamlit_patches; streamlit_patches.begin()\n"
        if guarded
        else ""
    )
    code += "from streamlit.git_util import GitRepo\n"
    code += f"print(GitRepo({str(tmp_path / 'app.py')!r}).get_repo_info())"
    told = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert ("owner/repository" in told) is not guarded


REPLACED = (
    "net_util.get_external_ip",
    "git_util.GitRepo.get_repo_info",
    "runtime.app_session.AppSession._create_new_session_message",
    "runtime.pages_manager.calc_hash",
    "web.server.server.MemoryUploadedFileManager",
    "web.server.server.MemorySessionStorage",
    "runtime.app_session.AppSession._handle_clear_cache_request",
    "web.server.starlette.starlette_server.create_starlette_app",
)


def test_a_streamlit_without_a_name_that_is_replaced_is_refused_at_the_start():
    code = f"""
import pkgutil
from streamlit.web.server import server
from attntopo.ui.server import serve
for name in {REPLACED}:
    owner, _, last = ("streamlit." + name).rpartition(".")
    owner = pkgutil.resolve_name(owner)
    before = getattr(owner, last)
    delattr(owner, last)
    try:
        serve.main()
    except SystemExit as refusal:
        print(refusal)
    setattr(owner, last, before)
"""
    refusals = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    refused = re.findall(r"has no \S*?(\w+), which this server replaces", refusals)
    assert refused == [name.rpartition(".")[2] for name in REPLACED]


def results_now(server: Server) -> int:
    """How many results the server holds, from a log line that was written just now."""

    async def visitor() -> int:
        await wait_for_status(server.log, visitors=0)
        staying = ProbingSession(server.address)
        await staying.open("method")
        await wait_for_status(server.log, visitors=1)
        await staying.close()
        await wait_for_status(server.log, visitors=0)
        return status_lines(server.log)[-1]["results"]

    return asyncio.run(visitor())


def test_a_visitor_who_clears_the_servers_caches_breaks_nothing(server):
    def threads() -> int:
        return len(os.listdir(f"/proc/{server.process.pid}/task"))

    tiles = visit(server.address).tiles
    results, threads_before = results_now(server), threads()
    for _ in range(5):
        visit(server.address, page="method", first=BackMsg(clear_cache=True))
    # Nothing is computed again: it is the same cache.
    assert results_now(server) == results > 0
    assert visit(server.address).tiles == tiles
    # Nor begun again: of status and sweeps there is one thread each.
    waits_for(lambda: threads() <= threads_before + 4)


def test_more_visitors_come_than_files_may_be_open_by_default(server, file_limit):
    with ExitStack() as connections:
        for _ in range(60):
            connections.enter_context(connection(server.address))
        taken = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        assert set(visit(server.address).tiles) == TILES
    assert taken > file_limit


# --- what is said about all this --------------------------------------------------------------


def test_the_table_of_threats_names_tests_that_are_there():
    table = (ROOT / "SECURITY.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", table)
    assert len(named) > 20
    missing = [
        f"{path}::{test}"
        for path, test in named
        if f"def {test}(" not in (ROOT / path).read_text("utf-8")
    ]
    assert missing == []
