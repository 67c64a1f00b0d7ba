"""Servers that are not reached: each said as what it is, with the address, by every adapter."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from every_adapter import ADAPTERS, EVERY, Adapter, failed, sweep
from servers.deciding import Deciding, Given
from support import Cli

from tempkit.backends.ollama import OllamaBackend, _base_url
from tempkit.backends.urls import address
from tempkit.errors import UsageError
from tempkit.planning.experiment import parse_model


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a key and a certificate signed by itself, trusted by nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def speaking_tls(pem: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def refused(cli: Cli, adapter: Adapter, url: str) -> str:
    done = cli("run", "Say it.", "-m", adapter.typed(url), "-t", "0,1", "--logprobs", "0")
    assert done.code == 1, done.err
    (line,) = done.err.splitlines()
    assert url in line
    for nonsense in ("Operation not permitted", "Unknown error", "Errno", "b'", "Traceback"):
        assert nonsense not in line
    return line


@EVERY
def test_a_certificate_that_nobody_trusts(adapter: Adapter, cli: Cli, pem: Path) -> None:
    with speaking_tls(pem) as url:
        line = refused(cli, adapter, url)
    assert "certificate is not trusted: it is signed by itself" in line
    assert "SSL_CERT_FILE" in line
    assert "running" not in line


@EVERY
def test_a_server_without_tls(adapter: Adapter, cli: Cli) -> None:
    with adapter.serve(lambda _: adapter.ok()) as server:
        line = refused(cli, adapter, server.url.replace("http://", "https://"))
    assert "does not speak TLS there; is its address http://" in line


@EVERY
@pytest.mark.parametrize(
    ("found", "said"), [(socket.EAI_NONAME, "unknown host"), (socket.EAI_AGAIN, "cannot be looked up now")]
)
def test_an_unknown_host(
    adapter: Adapter, found: int, said: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system's resolver says it, which here is not asked: it may take longer than a server may to answer."""
    resolve = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        if host in ("nowhere.invalid", b"nowhere.invalid"):
            raise socket.gaierror(found, "as the system says it")
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    line = refused(cli, adapter, "http://nowhere.invalid")
    assert said in line
    assert "running" not in line


@EVERY
def test_a_port_where_nobody_listens(adapter: Adapter, cli: Cli) -> None:
    assert "Connection refused" in refused(cli, adapter, "http://127.0.0.1:9")


@EVERY
@pytest.mark.parametrize("host", ["a..b", ".b", f"{'a' * 64}.b", "[::1", "a b", "h:99999", "h:x"])
def test_an_address_that_is_none(adapter: Adapter, cli: Cli, host: str) -> None:
    done = cli("run", "Say it.", "-m", adapter.typed(f"http://{host}"), "-t", "0,1", "--logprobs", "0")
    assert done.code in (1, 2)
    (line,) = done.err.splitlines()
    assert line.startswith("error: ")
    assert "base_url" in line


def test_addresses_that_are_some() -> None:
    for url in (
        "http://localhost:8080/v1",
        "http://[::1]:80",
        "https://m\u00fcller.example/v1",
        "http://x_y",
    ):
        assert address("m", url, "base_url") == url


MISSING = (404, 405, 410)


@EVERY
@pytest.mark.parametrize("status", MISSING)
def test_what_is_not_there_is_told_with_its_address(adapter: Adapter, status: int) -> None:
    for content in (
        b"",
        b"<html><title>Not Found</title></html>",
        b'{"detail":"Not Found"}',
        b"nothing here",
    ):
        with adapter.serve(lambda _, content=content: Given(content, status)) as server:
            (failure,) = failed(sweep(adapter, server, ("Say it.",), (0.5,), repeat=1))
        assert f"HTTP {status}" in failure.message
        assert server.url in failure.message
        assert "b'" not in failure.message
        assert "<html" not in failure.message


def test_a_missing_v1_is_hinted_at() -> None:
    chat = ADAPTERS[0]
    with chat.serve(lambda _: Given({"detail": "Not Found"}, 404)) as server:
        model = parse_model(f"openai:m,base_url={server.url}")
        assert model.options["base_url"] == server.url
        adapter = Adapter("x", "openai:m", "", chat.said, chat.temperature)
        (failure,) = failed(sweep(adapter, server, ("Say it.",), (0.5,), repeat=1))
        assert f"base_url={server.url}/v1" in failure.message
        (failure,) = failed(sweep(chat, server, ("Say it.",), (0.5,), repeat=1))
        assert "/v1/v1" not in failure.message
        assert "a model named 'm'" in failure.message


@EVERY
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_told_with_its_target_and_without_its_secrets(adapter: Adapter, status: int) -> None:
    headers = {"Location": "https://user:secret@elsewhere.example/v2?token=abc#x"}
    with adapter.serve(lambda _: Given("", status, headers)) as server:
        (failure,) = failed(sweep(adapter, server, ("Say it.",), (0.5,), repeat=1))
    assert (
        f"HTTP {status}: a redirect to https://elsewhere.example/v2, which is not followed" in failure.message
    )


@EVERY
@pytest.mark.parametrize(
    "body",
    [
        {"error": "model requires more system memory"},
        {"error": {"message": "model requires more system memory"}},
        {"message": "model requires more system memory"},
        {"detail": "model requires more system memory"},
        {"detail": [{"loc": ["x"], "msg": "model requires more system memory"}]},
        {"errors": [{"message": "model requires more system memory"}]},
        [{"error": {"message": "model requires more system memory"}}],
        "model requires more system memory",
    ],
)
def test_the_servers_words_are_kept(adapter: Adapter, body: object) -> None:
    with adapter.serve(lambda _: Given(body, 400)) as server:
        (failure,) = failed(sweep(adapter, server, ("Say it.",), (0.5,), repeat=1))
    assert failure.message.startswith("HTTP 400: model requires more system memory")


def test_a_strict_server_is_met_with_the_way_out() -> None:
    for name in ("top_k", "min_p", "repetition_penalty"):
        body = {
            "error": {"message": f"Extra inputs are not permitted: {name}", "type": "invalid_request_error"}
        }
        with ADAPTERS[0].serve(lambda _, body=body: Given(body, 400)) as server:
            (failure,) = failed(sweep(ADAPTERS[0], server, ("Say it.",), (0.5,), repeat=1))
            assert failure.message.endswith(
                f"; {name} is sent so that the server puts in no value of its own; to send nothing but OpenAI's own parameters, "
                "add ,extended_sampling=false to the model"
            )
            (failure,) = failed(
                sweep(ADAPTERS[0], server, ("Say it.",), (0.5,), repeat=1, extended_sampling=False)
            )
            assert "extended_sampling" not in failure.message


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://localhost:11434"),
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:5000", "http://127.0.0.1:5000"),
        (":5000", "http://127.0.0.1:5000"),
        ("::1", "http://[::1]:11434"),
        ("[::]:5000", "http://[::1]:5000"),
        ("example.com", "http://example.com:11434"),
        ("https://example.com", "https://example.com:443"),
        ("http://0.0.0.0:11434/", "http://127.0.0.1:11434"),
        ("http://example.com/ollama", "http://example.com:80/ollama"),
    ],
)
def test_ollamas_own_address(host: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert _base_url(parse_model("ollama:m")) == url


@pytest.mark.parametrize("host", ["a..b", "h:port", "u:p@h", "ftp://h"])
def test_an_address_of_ollamas_that_is_none(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    with pytest.raises(UsageError, match="OLLAMA_HOST"):
        _base_url(parse_model("ollama:m"))


def test_logprobs_that_never_come_are_missed_once(cli: Cli) -> None:
    def without(text: str) -> Given:
        body = ADAPTERS[0].said(text)
        del body["choices"][0]["logprobs"]
        return Given(body)

    with ADAPTERS[0].serve(lambda _: without("hello")) as server, Deciding(lambda _: Given({})):
        done = cli("run", "Say it.", "-m", ADAPTERS[0].typed(server.url), "-t", "0,1", "-n", "3")
        assert done.code == 0, done.err
        assert done.err.count("was asked for logprobs and gave none") == 1
        done = cli("run", "Say it.", "-m", ADAPTERS[0].typed(server.url), "-t", "0,1", "--logprobs", "0")
        assert "logprobs" not in done.err
    assert OllamaBackend.options is not None
