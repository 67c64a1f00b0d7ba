"""Serve a GGUF file over HTTP with llama.cpp's own server, in a process of its own: prints its URL, runs until killed.

It is a process of its own because two builds of llama.cpp do not belong in one.
"""

import signal
import sys

import xllamacpp


def main() -> None:
    model, api_key = sys.argv[1], sys.argv[2]
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = 4
    params.n_ctx = 4096
    # Two threads wait for one another at every layer, which takes many times as long where other processes want the cores.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.cpuparams.poll = 0  # no spinning: other tests want the cores too
    params.cpuparams_batch.poll = 0
    params.warmup = False
    params.embedding = "--embeddings" in sys.argv
    if params.embedding:
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    if api_key:
        params.api_keys = [api_key]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
