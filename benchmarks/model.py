"""A server of a model that costs nothing: `python -m benchmarks.model PORT FILE`. It calls lookup_user, then answers.

The first word of its answer is when that was sent, in nanoseconds of the system's monotonic clock. The tokens that it
counts are the microseconds that it took itself. The last request is in FILE.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

FILE = Path(sys.argv[2])
CALL = {"type": "function_call", "id": "fc", "call_id": "call", "name": "lookup_user", "status": "completed"}


async def respond(request: Request) -> StreamingResponse:
    began = time.monotonic_ns()
    body = await request.json()
    _keep(await request.body())
    called = body["input"][-1].get("type") == "function_call_output"
    events = _events(began, None if called else body["input"][0]["content"])
    return StreamingResponse(events, media_type="text/event-stream")


def _keep(body: bytes) -> None:
    FILE.write_bytes(body)


def _events(began: int, user_id: str | None) -> Iterator[str]:
    if user_id is None:
        place = {"item_id": "msg", "output_index": 0, "content_index": 0}
        words = [f"{time.monotonic_ns()} ", *["word "] * 40]
        for word in words:
            yield _event("response.output_text.delta", delta=word, **place)
        part = {"type": "output_text", "text": "".join(words), "annotations": []}
        item = {"type": "message", "id": "msg", "role": "assistant", "status": "completed", "content": [part]}
    else:
        item = {**CALL, "arguments": json.dumps({"user_id": user_id})}
    spent = (time.monotonic_ns() - began) // 1000
    usage = {"input_tokens": 0, "output_tokens": spent, "total_tokens": spent}
    response = {"id": "r", "object": "response", "status": "completed", "model": "m", "output": [item], "usage": usage}
    yield _event("response.completed", response=response)


def _event(type: str, **more: Any) -> str:
    return f"event: {type}\ndata: {json.dumps({'type': type, 'sequence_number': 0, **more})}\n\n"


if __name__ == "__main__":
    app = Starlette(routes=[Route("/v1/responses", respond, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
